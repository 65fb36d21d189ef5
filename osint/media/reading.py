"""Every block of a file to its reader, one after the other, in this process: run it in the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from osint.media.blocks import Block, Kind, Reading
from osint.media.c2pa import read_c2pa
from osint.media.containers import Structure
from osint.media.exif import Exif, read_exif
from osint.media.icc import read_icc
from osint.media.iptc import read_iptc
from osint.media.makernote import read_makernotes
from osint.media.quicktime import read_quicktime
from osint.media.value import Value, changed
from osint.media.xmp import read_xmp

MOST_VALUES = 20_000
_Reader = Callable[[bytes, Block], Reading]


def _read_part(data: bytes, block: Block) -> Reading:
    """Read the EXIF of a picture inside a document: once each tag, under the picture's name, no fact of the file."""
    reading = read_exif(data, block)
    part = block.where.rpartition("/")[0]
    told: dict[tuple[object, ...], Value] = {}
    for each in reading.values:
        plain = changed(each, group=f"{part}/{each.group}", fact=None, value=None, unit=None)
        told.setdefault((each.group, each.tag_id, each.byte_start), plain)
    return Reading(values=tuple(told.values()), problems=tuple(f"In {part}: {said}" for said in reading.problems))


_READERS: Mapping[Kind, _Reader] = {
    "exif-part": _read_part,
    "geotiff": read_exif,
    "xmp": read_xmp,
    "xmp-extended": read_xmp,
    "iptc": read_iptc,
    "icc": read_icc,
    "quicktime": read_quicktime,
    "c2pa": read_c2pa,
}


def read_blocks(data: bytes, structure: Structure, exif: Exif, *, makernotes: bool = True) -> Reading:
    """Return what all readers make of the blocks of a file, in the order of the blocks, within a bound on the whole.

    Args:
        data: The file.
        structure: What its container shows.
        exif: Its first EXIF block, opened.
        makernotes: Whether to open the MakerNotes of EXIF blocks as well.
    """
    values = list(structure.values)
    problems: list[str] = []
    for reading in _readings(data, structure, exif, makernotes):
        values += reading.values
        problems += reading.problems
        if len(values) > MOST_VALUES:
            problems.append(f"The file states more than {MOST_VALUES} values; the rest was left out.")
            break
    return Reading(values=tuple(values[:MOST_VALUES]), problems=tuple(dict.fromkeys(problems)))


def _readings(data: bytes, structure: Structure, exif: Exif, makernotes: bool) -> Iterator[Reading]:
    for block in structure.blocks:
        if block.kind == "exif":
            yield exif.reading if block is exif.block else read_exif(data, block)
            if makernotes:
                yield read_makernotes(data, block)
        elif read := _READERS.get(block.kind):
            yield read(data, block)
