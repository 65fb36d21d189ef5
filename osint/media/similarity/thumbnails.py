"""The small pictures inside a file against the picture: how many bits of a perceptual hash they differ by.

A program that changes a picture may leave the thumbnail of before in its place, and a camera may write both from
different frames. Among camera files about one in ten differs, most of them for a thumbnail that lies turned; so all
eight ways to lie are tried, and what is left is a lead to look at both, and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from osint.media import identity, tiff
from osint.media.blocks import Block, Reading
from osint.media.containers import Structure
from osint.media.similarity.decode import READER, decode_bytes, made_small
from osint.media.similarity.phash import BITS, phash
from osint.media.similarity.search import distance
from osint.media.similarity.variants import AS_IS
from osint.media.value import Value
from osint.sandbox.outcome import RefusalError

ALIKE = 10
"""Up to so many of 64 bits a thumbnail differs by what scaling and compressing do."""

MOST_THUMBNAILS = 8
LARGEST_THUMBNAIL = 16 << 20
LEAD = "A lead to look at both: cameras and programs may write a thumbnail from another frame or leave an earlier one."

_JPEG_START, _JPEG_LENGTH = 0x0201, 0x0202
_DARK = 40


class Thumbnail(NamedTuple):
    """A small picture inside a file: where it stands, its bytes, and the fields of a ``Value`` that cite them."""

    where: str
    data: bytes
    cited: dict[str, Any]


def thumbnails(data: bytes, structure: Structure) -> Iterator[Thumbnail]:
    """Yield the small pictures that a file holds: blocks of its container, and those of its EXIF directories."""
    for block in structure.blocks:
        if block.kind == "thumbnail":
            content = block.read(data)
            yield Thumbnail(block.where, content, block.cite(content, 0, len(content)))
        elif block.kind == "exif":
            yield from _in_exif(data, block)


def _in_exif(data: bytes, block: Block) -> Iterator[Thumbnail]:
    content = block.read(data)
    survey = tiff.survey(content)
    if survey.refused:
        return
    stated: dict[str, dict[int, int]] = {}
    for entry in survey.entries:
        if entry.tag in (_JPEG_START, _JPEG_LENGTH) and entry.fits and entry.size in (2, 4):
            stated.setdefault(entry.group, {})[entry.tag] = tiff.number(survey, entry.start, entry.size)
    for group, numbers in stated.items():
        start, length = numbers.get(_JPEG_START, 0), numbers.get(_JPEG_LENGTH, 0)
        if start and length and start + length <= len(content):
            yield Thumbnail(f"EXIF {group}", content[start : start + length], block.cite(content, start, length))


def compare(picture: Image.Image, found: Iterator[Thumbnail]) -> Reading:
    """Return for each thumbnail how far it is from the picture, which is decoded and small already."""
    values, problems = [], []
    for number, thumbnail in enumerate(found):
        if number == MOST_THUMBNAILS:
            problems.append(f"The file holds more than {MOST_THUMBNAILS} thumbnails; the rest was not compared.")
            break
        try:
            small = _decoded(thumbnail.data)
        except RefusalError as refusal:
            problems.append(f"The thumbnail in {thumbnail.where} was not compared with the picture: {refusal}.")
            continue
        values.append(_value(thumbnail, *difference(picture, small)))
    return Reading(values=tuple(values), problems=tuple(problems))


def _decoded(data: bytes) -> Image.Image:
    if len(data) > LARGEST_THUMBNAIL:
        raise RefusalError(f"it has more than {LARGEST_THUMBNAIL} bytes")
    if not identity.sniff(data[: identity.HEAD]).startswith("image/"):
        raise RefusalError("it is the bare stream of a codec, which is not decoded by itself")
    return made_small(decode_bytes(data))


def difference(picture: Image.Image, thumbnail: Image.Image) -> tuple[int, str]:
    """Return by how many of 64 bits they differ at least, and how the thumbnail lies then.

    The bars that fill a thumbnail of another shape are cut off, for a picture that lies as stored and one turned.
    """
    ways = phash(picture)
    shapes = (picture.size, picture.size[::-1])
    hashes = [phash(without_bars(thumbnail, shape))[AS_IS] for shape in shapes]
    return min(
        ((distance(way, each), name) for name, way in ways.items() for each in hashes), key=lambda found: found[0]
    )


def without_bars(thumbnail: Image.Image, shape: tuple[int, int]) -> Image.Image:
    """Return the middle of a thumbnail in the shape of the picture, if all around it is dark; else the thumbnail."""
    width, height = thumbnail.size
    across = min(width, round(height * shape[0] / shape[1]))
    down = min(height, round(width * shape[1] / shape[0]))
    if not across or not down or (width - across < 2 and height - down < 2):
        return thumbnail
    left, top = (width - across) // 2, (height - down) // 2
    around = np.asarray(thumbnail.convert("L")).copy()
    around[max(top - 1, 0) : top + down + 1, max(left - 1, 0) : left + across + 1] = 0
    if np.count_nonzero(around > _DARK):
        return thumbnail
    return thumbnail.crop((left, top, left + across, top + down))


def _value(thumbnail: Thumbnail, bits: int, variant: str) -> Value:
    return Value(
        block="pixels",
        group=thumbnail.where,
        name="thumbnail against the picture" if variant == AS_IS else f"thumbnail against the picture, {variant}",
        text=f"differs in content from the picture by {bits} of {BITS} bits",
        value=bits,
        unit=f"bits of {BITS}",
        reader=READER,
        warnings=(LEAD,) if bits > ALIKE else (),
        **thumbnail.cited,
    )
