"""MakerNotes by exifread, behind a guard: leads, never facts.

A MakerNote has no specification. exifread 3.5.1 finds its strings from a base that is wrong for some makers: of Apple's
identifiers it drops the first bytes, of Nikon's strings it misreads about a third, since it does not heed the byte
order inside the note; three Nikons of three owners all come back with the serial number ``00STANDA``. So no value here
states a fact. A serial number that ties cameras together needs a second, independent reader that says the same.

The guard: exifread is shown the first bytes of the note and not its length, which alone could keep it busy for hours
(exifread issue 182); the directory has to lie where exifread will look for it, within the limits below; of its
entries, those that lead out of the block are patched out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from osint.media import tiff, tiff_values
from osint.media.blocks import Block, Reading
from osint.media.exif_reader import READER, collected_warnings, printed, process
from osint.media.tiff import MAKER_NOTE, TYPE_SIZES, Entry, Survey
from osint.media.value import Value

MOST_NOTE_ENTRIES = 512
MOST_NOTE_VALUES = 20_000  # exifread reads each by itself, in about four microseconds
MOST_NOTE_TEXT = 65_536

_MAKE = 0x010F
_SHOWN = 64  # more than exifread looks at to tell the kinds of a note apart
_CANON_CAMERA_INFO, _LONGEST_ARRAY_READ = 0x000D, 999


class _Directory(NamedTuple):
    """Where exifread will look for the directory of a note."""

    at: int
    base: int
    order: str
    shift: int = 0  # what it adds to a position that stands in the directory


def read_makernotes(data: bytes, block: Block) -> Reading:
    """Read the MakerNote of an EXIF block as far as exifread knows its maker and the guard lets it pass."""
    survey = tiff.survey(block.read(data))
    notes = [entry for entry in survey.entries if (entry.group, entry.tag) == ("EXIF", MAKER_NOTE)]
    maker = _maker(survey)
    if survey.refused or survey.layout is not tiff.CLASSIC or not notes or not maker:
        return Reading()
    directory = _directory(survey, notes[-1], maker)
    if directory is None:
        return Reading(
            problems=(f"The MakerNote was not opened: {READER} opens none of the maker {maker.strip()[:40]!r}.",)
        )
    if refusal := _guard(survey, notes[-1], directory):
        return Reading(problems=(f"The MakerNote was not opened: {refusal}.",))
    with collected_warnings() as warnings:
        found = process(survey.readable, warnings)
    return Reading(values=tuple(_values(found, survey, block, maker, directory)), problems=tuple(warnings))


def _maker(survey: Survey) -> str:
    makes = [entry for entry in survey.entries if (entry.group, entry.tag) == ("Image", _MAKE) and entry.fits]
    return tiff_values.text(survey, makes[-1]) if makes else ""


def _directory(survey: Survey, note: Entry, maker: str) -> _Directory | None:
    # The order of these questions, and their spelling, is that of exifread.
    start, head = note.start, bytes(survey.block[note.start : note.start + 14])
    plain = _Directory(start, 0, survey.order)
    if "NIKON" in maker:
        return _nikon(plain, head)
    if maker.startswith("OLYMPUS"):
        return plain._replace(at=start + 8)
    if "CASIO" in maker or "Casio" in maker or "SONY" in maker or maker == "Canon":
        return plain
    if maker == "FUJIFILM":
        return _Directory(start + 12, start, "<")
    if maker == "Apple" and head[:10] == b"Apple iOS\0":
        return _Directory(start + 14, start + 14, survey.order)
    return _Directory(start, start, "<") if maker == "DJI" else None


def _nikon(plain: _Directory, head: bytes) -> _Directory:
    if head[:7] == b"Nikon\0\1":
        return plain._replace(at=plain.at + 8)
    if head[:7] == b"Nikon\0\2":
        return plain._replace(at=plain.at + 18, shift=plain.at + 10)
    return plain


def _guard(survey: Survey, note: Entry, directory: _Directory) -> str:
    """Make the copy for exifread safe to read, or say why it is not."""
    count = int.from_bytes(survey.block[directory.at : directory.at + 2], _byteorder(directory))
    end = directory.at + 2 + 12 * count
    if not 0 < count <= MOST_NOTE_ENTRIES or end > min(note.start + note.size, len(survey.block)):
        return f"where {READER} looks for its directory there is none that fits"
    values = text = 0
    shift = directory.base + directory.shift
    for at in range(directory.at + 2, end, 12):
        tag, kind, amount, inline = struct.unpack_from(f"{directory.order}HHI4s", survey.block, at)
        size = amount * TYPE_SIZES.get(kind, 0)
        start = at + 8 if size <= 4 else shift + int.from_bytes(inline, _byteorder(directory))
        if start + size > len(survey.block):
            survey.patches[at + 2] = b"\0\0"
        elif kind in tiff.TEXTS:
            text += size
        elif amount <= _LONGEST_ARRAY_READ or tag == _CANON_CAMERA_INFO:
            values += amount
    if values > MOST_NOTE_VALUES or text > MOST_NOTE_TEXT:
        return "its directory announces more values than a camera writes"
    del survey.patches[note.at + 2]
    survey.patches[note.at + 4] = struct.pack(f"{survey.order}I", min(note.count, _SHOWN))
    return ""


def _byteorder(directory: _Directory) -> Any:
    return "little" if directory.order == "<" else "big"


def _values(found: Any, survey: Survey, block: Block, maker: str, directory: _Directory) -> Iterator[Value]:
    for key, tag in found.items():
        if not key.startswith("MakerNote "):
            continue
        text = printed(tag)
        numbered = bool(tag.field_length)  # parts of Canon's arrays come without a number and a place of their own
        cited: dict[str, Any] = {}
        if numbered:
            cited |= block.cite(survey.block, directory.base + tag.field_offset, tag.field_length)
        yield Value(
            block="MakerNote",
            group=maker,
            name=key.removeprefix("MakerNote ").strip(),
            tag_id=f"0x{tag.tag:04X}" if numbered else "",
            text=text,
            reader=READER,
            status="read" if text.strip(" \0") else "unset",
            **cited,
        )
