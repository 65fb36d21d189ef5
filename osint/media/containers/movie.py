"""MP4, QuickTime and 3GPP films: the boxes of the header that hold metadata, handed on as they are.

Source: ISO/IEC 14496-12:2022 section 8; QuickTime File Format Specification (Apple); 3GPP TS 26.244.
"""

from __future__ import annotations

from osint.media.containers import canon
from osint.media.containers.boxes import Box, boxes, inside
from osint.media.containers.structure import Finder

_MOST_TRACKS = 64
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def read_moov(file: Finder, moov: Box) -> None:
    """Hand on the header, the user data and the keys of the film and of its tracks."""
    tracks = 0
    for box in boxes(file, moov.start, moov.stop):
        if box.name == b"trak":
            tracks += 1
            if tracks <= _MOST_TRACKS:
                _track(file, box, f"moov/trak {tracks}")
        elif box.name in (b"mvhd", b"meta"):
            hand_on(file, box, "moov/")
        elif box.name == b"udta":
            _user_data(file, box, "moov/")
        elif box.name == b"uuid":
            _uuid(file, box)
    if tracks > _MOST_TRACKS:
        file.problem(f"The film has {tracks} tracks; the first {_MOST_TRACKS} were read.")


def hand_on(file: Finder, box: Box, path: str = "") -> None:
    """Hand on the content of a box for the reader of QuickTime metadata."""
    if not box.whole:
        file.problem(f"The box {path}{box.label} is cut short; what there is was read.")
    if box.length:  # an empty list of user data is common, and says nothing
        file.add("quicktime", path + box.label, (box.start, box.length))


def _user_data(file: Finder, box: Box, path: str) -> None:
    hand_on(file, box, path)
    for inner in boxes(file, box.start, box.stop):
        if inner.name == b"XMP_":
            file.add("xmp", f"{path}udta/XMP_", (inner.start, inner.length))


def _uuid(file: Finder, box: Box) -> None:
    name = file.slice(box.start, 16)
    if name == canon.HEADER:
        canon.read_header(file, box.start + 16, box.stop)
    elif name == _XMP:
        file.add("xmp", "moov/uuid", (box.start + 16, box.length - 16))


def _track(file: Finder, track: Box, path: str) -> None:
    for box in boxes(file, track.start, track.stop):
        if box.name in (b"tkhd", b"meta"):
            hand_on(file, box, f"{path}/")
        elif box.name == b"udta":
            _user_data(file, box, f"{path}/")
        elif box.name == b"mdia":
            _media(file, box, path)


def _media(file: Finder, media: Box, path: str) -> None:
    header, handler = inside(file, media, b"mdhd"), inside(file, media, b"hdlr")
    if header:
        hand_on(file, header, f"{path}/mdia/")
    kind = file.slice(handler.start + 8, 4) if handler else b""
    table = inside(file, media, b"minf", b"stbl", b"stsd")
    coding = file.slice(table.start + 12, 4) if table else b""
    text = f"{kind.decode('latin-1')} {coding.decode('latin-1')}".strip()
    file.state("container", path.rpartition("/")[2], text, group="moov")
    if kind == b"vide" and table and table.length >= 44:
        file.size(*file.unpack(">HH", table.start + 40))
