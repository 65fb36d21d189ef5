"""Films: the header's clock, the keys of QuickTime, user data, and the location box of 3GPP.

The header counts seconds from 1904 and means UTC; several makers write local time, and 0 means that nobody set it.

Sources: ISO/IEC 14496-12:2022, 8.2.2 (mvhd), 8.3.2 (tkhd), 8.4.2 (mdhd); QuickTime File Format (Apple), "User Data
Atoms", "Metadata"; 3GPP TS 26.244, 8.10 (loci).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from osint.instants import format_instant
from osint.media.blocks import Block, Reading
from osint.media.iso6709 import read_point
from osint.media.value import LONGEST_TEXT, Value
from osint.media.xmp_facts import clock_and_offset
from osint.places import METRES_PER_DEGREE

READER = "osint QuickTime"
MOST_BOXES = 2_000
_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
_FIXED = 65_536
_TEXT_TYPES = {1: "utf-8", 2: "utf-16-be"}
_UNSIGNED_TYPES, _SIGNED_TYPE = (0, 22, 77, 78), 21
_FACTS = {
    "com.apple.quicktime.make": "camera_make",
    "com.apple.quicktime.model": "camera_model",
    "com.apple.quicktime.software": "software",
    "com.apple.quicktime.content.identifier": "content_id",
    "com.apple.quicktime.title": "title",
    "com.apple.quicktime.description": "description",
    "com.apple.quicktime.author": "author",
    "com.apple.quicktime.copyright": "rights",
    "com.android.manufacturer": "camera_make",
    "com.android.model": "camera_model",
    "©mak": "camera_make",
    "©mod": "camera_model",
    "©swr": "software",
    "©too": "software",
    "©nam": "title",
    "©des": "description",
    "©cmt": "description",
    "©aut": "author",
    "©ART": "author",
    "©cpy": "rights",
    "titl": "title",
    "dscp": "description",
    "auth": "author",
    "cprt": "rights",
}
_POINTS = {"com.apple.quicktime.location.ISO6709", "©xyz"}
_DATES = {"com.apple.quicktime.creationdate", "©day"}
_ERROR = "com.apple.quicktime.location.accuracy.horizontal"
_3GPP_TEXTS = {"titl", "dscp", "auth", "cprt", "perf", "gnre", "albm"}


class _Box(NamedTuple):
    name: bytes
    start: int
    stop: int

    @property
    def label(self) -> str:
        return self.name.decode("latin-1").strip()


class _Item(NamedTuple):
    """Something with a name and a text, and where its bytes lie in the block."""

    group: str
    name: str
    text: str
    start: int
    length: int


def read_quicktime(data: bytes, block: Block) -> Reading:
    """Return what a box of a film's header states, by the last step of ``block.where``."""
    content = block.read(data)
    reader = _READERS.get(block.where.rpartition("/")[2])
    if reader is None:
        return Reading()
    values: list[Value] = []
    problems: tuple[str, ...] = ()
    try:
        values.extend(reader(content, block))  # what was read before an error stays
    except (ValueError, IndexError) as error:
        problems = (f"The box {block.where} breaks off or contradicts itself ({error}); the rest was not read.",)
    return Reading(values=tuple(values), problems=problems)


# -- headers ----------------------------------------------------------------------------------------------------------


def _header(content: bytes, block: Block) -> Iterator[Value]:
    """Read the clocks and the length of ``mvhd`` and ``mdhd``: 32 or 64 bits by their version."""
    wide = 8 if content[0] == 1 else 4
    created, modified = (_number(content, at, wide) for at in (4, 4 + wide))
    scale = _number(content, 4 + 2 * wide, 4)
    length = _number(content, 8 + 2 * wide, wide)
    yield _instant(_value(block, content, _Item(block.where, "creation_time", str(created), 4, wide)), "container_time")
    yield _instant(_value(block, content, _Item(block.where, "modification_time", str(modified), 4 + wide, wide)), None)
    if scale and length != (1 << 8 * wide) - 1:
        seconds = round(length / scale, 3)
        fact = "duration" if block.where.endswith("mvhd") else None
        yield replace(
            _value(block, content, _Item(block.where, "duration", f"{seconds:g} s", 8 + 2 * wide, wide)),
            fact=fact,
            value=seconds if fact else None,
            unit="s",
        )


def _track(content: bytes, block: Block) -> Iterator[Value]:
    """Read from ``tkhd`` how the picture is to be turned: the four numbers of its matrix that turn."""
    wide = 8 if content[0] == 1 else 4
    at = 4 + 2 * wide + 4 + 4 + wide + 16
    a, b, c, d = (_number(content, at + step, 4, signed=True) // _FIXED for step in (0, 4, 12, 16))
    turns = {(1, 0, 0, 1): 0, (0, 1, -1, 0): 90, (-1, 0, 0, -1): 180, (0, -1, 1, 0): 270}
    turn = turns.get((a, b, c, d))
    text = "turned or mirrored in another way" if turn is None else f"turn by {turn} degrees"
    yield _value(block, content, _Item(block.where, "matrix", text, at, 36))


def _instant(bare: Value, fact: str | None) -> Value:
    """Return the value with the instant that its seconds mean."""
    if bare.text == "0":
        return replace(bare, fact=fact, status="unset", warnings=("The clock was never set; 0 is no year 1904.",))
    try:
        instant = format_instant(_EPOCH + timedelta(seconds=int(bare.text)))
    except OverflowError:
        return replace(bare, fact=fact, status="impossible")
    return replace(bare, text=instant, fact=fact, value=instant if fact else None)


# -- user data and keys -----------------------------------------------------------------------------------------------


def _user_data(content: bytes, block: Block) -> Iterator[Value]:
    for box in _boxes(content, 0, len(content)):
        if box.label == "meta":
            yield from _stated(block, content, _meta_items(content, box.start, box.stop, block.where))
        elif box.label == "loci":
            yield from _loci(content, box, block)
        elif box.name[:1] == b"\xa9":
            yield from _stated(block, content, _international(content, box, block.where))
        elif box.label in _3GPP_TEXTS and box.stop - box.start > 6:
            text = _string(content, box.start + 6, box.stop)[0]
            yield from _stated(block, content, [_Item(block.where, box.label, text, box.start, box.stop - box.start)])


def _meta(content: bytes, block: Block) -> Iterator[Value]:
    yield from _stated(block, content, _meta_items(content, 0, len(content), block.where))


def _international(content: bytes, box: _Box, where: str) -> Iterator[_Item]:
    """Yield the texts of a box whose name begins with ©: length, language, text, and again."""
    at = box.start
    while at + 4 <= box.stop:
        length = _number(content, at, 2)
        if at + 4 + length > box.stop:
            return
        raw = content[at + 4 : at + 4 + length]
        text = raw.decode("utf-8", "replace") if _is_utf_8(raw) else raw.decode("mac-roman")
        if length:
            yield _Item(where, box.label, text.strip("\0"), at + 4, length)
        at += 4 + length


def _meta_items(content: bytes, start: int, stop: int, where: str) -> Iterator[_Item]:
    """Yield the items of a metadata box; that of QuickTime begins with its boxes, that of ISO with a version."""
    first = start if content[start + 4 : start + 8] in (b"hdlr", b"keys", b"ilst") else start + 4
    inner = {box.name: box for box in _boxes(content, first, stop)}
    keys = list(_keys(content, inner[b"keys"])) if b"keys" in inner else []
    if b"ilst" not in inner:
        return
    for item in _boxes(content, inner[b"ilst"].start, inner[b"ilst"].stop):
        number = int.from_bytes(item.name, "big")
        name = keys[number - 1] if 0 < number <= len(keys) else item.label
        for data in _boxes(content, item.start, item.stop):
            if data.name == b"data" and data.stop - data.start >= 8:
                kind, raw = _number(content, data.start, 4) & 0xFFFFFF, content[data.start + 8 : data.stop]
                yield _Item(f"{where}/ilst", name, _text(kind, raw), data.start + 8, len(raw))


def _keys(content: bytes, box: _Box) -> Iterator[str]:
    at = box.start + 8
    for _ in range(min(_number(content, box.start + 4, 4), MOST_BOXES)):
        length = _number(content, at, 4)
        if length < 8 or at + length > box.stop:
            return
        yield content[at + 8 : at + length].decode("utf-8", "replace")
        at += length


def _text(kind: int, raw: bytes) -> str:
    if kind in _TEXT_TYPES:
        return raw[: 4 * LONGEST_TEXT].decode(_TEXT_TYPES[kind], "replace")
    if len(raw) <= 8 and (kind in _UNSIGNED_TYPES or kind == _SIGNED_TYPE):
        return str(int.from_bytes(raw, "big", signed=kind == _SIGNED_TYPE))
    return f"{len(raw)} bytes of type {kind}"


def _loci(content: bytes, box: _Box, block: Block) -> Iterator[Value]:
    """Read the place of 3GPP: name, role, longitude, latitude, altitude as fixed-point numbers."""
    name, at = _string(content, box.start + 6, box.stop)
    if at + 13 > box.stop:
        raise ValueError("its location ends where more is announced")
    longitude, latitude, altitude = (_number(content, at + 1 + step, 4, signed=True) / _FIXED for step in (0, 4, 8))
    bare = _value(block, content, _Item(f"{block.where}/loci", "loci", f"{latitude:+f}{longitude:+f}", at + 1, 12))
    step = float(f"{METRES_PER_DEGREE / _FIXED:.2g}")
    for fact, number in (("latitude", latitude), ("longitude", longitude)):
        yield replace(bare, fact=fact, value=number, unit="degrees")
    yield replace(bare, fact="altitude", value=altitude, unit="m")
    yield replace(bare, fact="position_step", value=step, unit="m")
    if name:
        yield replace(bare, name="loci name", text=name[:LONGEST_TEXT], fact="place_name", value=name[:LONGEST_TEXT])


# -- facts ------------------------------------------------------------------------------------------------------------


def _stated(block: Block, content: bytes, items: Any) -> Iterator[Value]:
    for item in items:
        bare = _value(block, content, item)
        facts = _facts(item.name, item.text.strip())
        yield from (replace(bare, **fact) for fact in facts) if facts else (bare,)


def _facts(name: str, text: str) -> tuple[dict[str, Any], ...]:
    if name in _POINTS:
        return read_point(text)
    if name in _DATES:
        local, offset = clock_and_offset(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text))
        if local is None:
            return ()  # a year alone is usual here, and no clock
        clock = {"fact": "taken_local", "value": local}
        stated = {"fact": "taken_offset", "value": offset}
        return (clock, stated, {"fact": "metadata_time", "value": local + offset}) if offset else (clock,)
    if name == _ERROR:
        number = re.fullmatch(r"\d{1,9}(\.\d{1,12})?", text)
        return ({"fact": "position_error", "value": float(text), "unit": "m"},) if number else ()
    return ({"fact": _FACTS[name], "value": text},) if name in _FACTS and text else ()


# -- bytes ------------------------------------------------------------------------------------------------------------


def _value(block: Block, content: bytes, item: _Item) -> Value:
    return Value(
        block="QuickTime",
        group=item.group,
        name=item.name[:LONGEST_TEXT],
        text=item.text[:LONGEST_TEXT],
        reader=READER,
        **block.cite(content, item.start, item.length),
    )


def _boxes(content: bytes, start: int, stop: int) -> Iterator[_Box]:
    for _ in range(MOST_BOXES):
        if start + 8 > stop:
            return
        length = _number(content, start, 4)
        if length < 8 or start + length > stop:
            return  # a list of user data ends with a zero
        yield _Box(content[start + 4 : start + 8], start + 8, start + length)
        start += length
    raise ValueError(f"it holds more than {MOST_BOXES} boxes")


def _number(content: bytes, at: int, size: int, *, signed: bool = False) -> int:
    if at + size > len(content):
        raise ValueError("it ends where more is announced")
    return int.from_bytes(content[at : at + size], "big", signed=signed)


def _string(content: bytes, at: int, stop: int) -> tuple[str, int]:
    """Return a text that ends with a zero, in UTF-16 where a byte order mark says so, and where it ends."""
    if content[at : at + 2] == b"\xfe\xff":
        end = at + 2
        while end + 2 <= stop and content[end : end + 2] != b"\0\0":
            end += 2
        return content[at + 2 : end].decode("utf-16-be", "replace"), end + 2
    end = content.find(b"\0", at, stop)
    end = stop if end < 0 else end
    return content[at:end].decode("utf-8", "replace"), end + 1


def _is_utf_8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


_READERS = {"mvhd": _header, "mdhd": _header, "tkhd": _track, "udta": _user_data, "meta": _meta}
