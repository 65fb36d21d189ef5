"""Files made of boxes: HEIF and AVIF, MP4 and QuickTime, JPEG 2000, JPEG XL, Canon CR3. Their outermost boxes.

Source: ISO/IEC 14496-12:2022, ISO/IEC 23008-12:2022, ISO/IEC 15444-1 annex I, ISO/IEC 18181-2, C2PA 2.2 annex A,
XMP part 3 sections 1.1.6 and 1.2.2; for CR3 the public notes of L. Laurin, as Canon publishes none.
"""

from __future__ import annotations

from collections.abc import Callable

from osint.media.containers import canon, heif, jpeg2000, jpegxl, movie
from osint.media.containers.boxes import Box, boxes
from osint.media.containers.structure import CUT_SHORT, Finder

MEDIA_TYPES = (
    "image/heic",
    "image/heif",
    "image/heic-sequence",
    "image/heif-sequence",
    "image/avif",
    "image/avif-sequence",
    "image/avci",
    "image/hej2k",
    "image/jp2",
    "image/jpx",
    "image/jxl",
    "image/x-canon-cr3",
    "video/mp4",
    "video/quicktime",
    "video/3gpp",
    "video/3gpp2",
    "video/mj2",
    "video/x-m4v",
    "audio/mp4",
)
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_MOST_LISTED = 200


def read(file: Finder) -> None:
    """Read a file made of boxes."""
    if jpegxl.read_bare(file):
        return
    names, last, directories = [], None, 0
    for box in boxes(file, file.start, file.stop):
        names.append(box.label)
        last = box
        directories += box.name == b"meta"
        if box.name == b"meta" and directories > 1:
            file.problem("The file has more than one directory of items (meta); the first one was read.")
        elif handler := _HANDLERS.get(box.name):
            file.attempt(f"the box {box.label}", handler, file, box)
    file.state("container", "boxes", ", ".join(names[:_MOST_LISTED]))
    if last is None or not last.whole:
        file.problem(CUT_SHORT)
    elif not last.open_ended:
        file.finish(last.stop)


def _brands(file: Finder, box: Box) -> None:
    major, compatible = file.slice(box.start, 4), file.slice(box.start + 8, min(box.length - 8, 400))
    brands = [compatible[at : at + 4].decode("latin-1") for at in range(0, len(compatible), 4)]
    text = f"{major.decode('latin-1')}; {', '.join(brands)}"
    file.state("container", "brands", text, group="ftyp", at=box.start, length=box.length)


def _uuid(file: Finder, box: Box) -> None:
    name, start, length = file.slice(box.start, 16), box.start + 16, box.length - 16
    if name == _XMP:
        file.add("xmp", "uuid", (start, length))
    elif name == _C2PA:
        _c2pa(file, start, box.stop)
    elif not (canon.read_preview(file, name, box) or jpeg2000.read_uuid(file, name, start, length)):
        file.state("container", "uuid box", name.hex(), at=box.start, length=16)


def _c2pa(file: Finder, start: int, stop: int) -> None:
    # Version and flags, a purpose that ends with a zero byte, and for a manifest the place of the first Merkle tree.
    purpose = file.slice(start + 4, 64).partition(b"\0")[0]
    if purpose in (b"manifest", b"original", b"update"):
        at = start + 4 + len(purpose) + 1 + 8
        file.add("c2pa", f"uuid {purpose.decode()}", (at, stop - at))
    else:
        file.state("container", "C2PA box", purpose.decode("latin-1"), at=start, length=stop - start)


def _jumbf(file: Finder, box: Box) -> None:
    head = 16 if file.slice(box.start - 16, 4) == b"\0\0\0\x01" and file.slice(box.start - 12, 4) == b"jumb" else 8
    file.add("c2pa", "jumb", (box.start - head, box.length + head))


_HANDLERS: dict[bytes, Callable[[Finder, Box], None]] = {
    b"ftyp": _brands,
    b"meta": heif.read_meta,
    b"moov": movie.read_moov,
    b"udta": movie.hand_on,
    b"uuid": _uuid,
    b"jp2h": jpeg2000.read_header,
    b"xml ": jpeg2000.read_xml,
    b"Exif": jpegxl.read_exif,
    b"brob": jpegxl.read_brotli,
    b"jxlc": jpegxl.read_codestream,
    b"jxlp": jpegxl.read_codestream,
    b"jumb": _jumbf,
}
