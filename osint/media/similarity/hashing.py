"""The values that stand for the pixels of one file. This runs in a worker of the sandbox, and nowhere else."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL import Image

from osint.media import identity
from osint.media.containers import read_structure
from osint.media.similarity.decode import READER, RECIPE, decode, made_small, pixels_sha256
from osint.media.similarity.names import PDQ, PHASH, PIXELS, QUALITY, named
from osint.media.similarity.pdq import pdq
from osint.media.similarity.phash import phash
from osint.media.similarity.thumbnails import compare, thumbnails
from osint.media.similarity.variants import AS_IS
from osint.media.value import Value, to_json


def read_pixels(file: str) -> dict[str, Any]:
    """Return the values and problems of a picture in JSON values.

    Raises:
        RefusalError: Nothing of it can be decoded.
    """
    with Path(file).open("rb") as stream:
        picture, problems = decode(stream)
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    small = made_small(picture)
    values = list(_values(picture, small))
    del picture
    structure = read_structure(cast("bytes", data), identity.sniff(data[: identity.HEAD]))
    against = compare(small, thumbnails(cast("bytes", data), structure))
    return {
        "values": [to_json(value) for value in (*values, *against.values)],
        "problems": [*problems, *against.problems],
    }


def hash_frames(pixels: bytes, side: int) -> list[tuple[str, int]]:
    """Return PDQ and its quality of each frame of a film: squares of RGB pixels, one after the other."""
    frames = np.frombuffer(pixels, np.uint8).reshape(-1, side, side, 3)
    hashed = (pdq(frame) for frame in frames)
    return [(each.hashes[AS_IS], each.quality) for each in hashed]


def _values(picture: Image.Image, small: Image.Image) -> Iterator[Value]:
    hashed, wide = pdq(np.asarray(small)), phash(small)
    for variant, digits in hashed.hashes.items():
        yield _value(named(PDQ, variant), digits)
    yield _value(QUALITY, hashed.quality)
    for variant, digits in wide.items():
        yield _value(named(PHASH, variant), digits)
    yield _value(PIXELS, pixels_sha256(picture))
    yield _value("width", picture.width, fact="width")
    yield _value("height", picture.height, fact="height")


def _value(name: str, value: str | int, fact: str | None = None) -> Value:
    return Value(block="pixels", group=RECIPE, name=name, text=str(value), value=value, fact=fact, reader=READER)
