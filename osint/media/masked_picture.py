"""A picture without some rectangles: decoded in the sandbox and made anew from its pixels; the original stays."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from osint import sandbox
from osint.errors import CaseError
from osint.media.description import MediaFacts
from osint.media.similarity.heif import needs_process, run_apart
from osint.media.thumbnails import MEMORY, checked, turn, upright_pixels

SIDE = 4096
"""A longer picture is made so long."""

SECONDS = 60.0
_SHOWN, _QUALITY = 1600, 85  # pixels of the longer side, and of the JPEG, of a picture to look at
_GONE = (0, 0, 0)
_BLENDED = 4  # pixels around a rectangle that hold something of it when a picture is made smaller

Box = tuple[int, int, int, int]
"""A rectangle: left, top, width, height, in pixels of the picture upright, as a viewer shows it."""


class Upright(NamedTuple):
    """A picture to be looked at, JPEG, and the width and height in pixels in which rectangles of it are named."""

    jpeg: bytes
    width: int
    height: int


def to_look_at(file: Path, facts: MediaFacts) -> Upright:
    """Return a picture in which somebody can find rectangles for :func:`without_boxes`.

    Args:
        file: A working copy.
        facts: What it states about itself, for how it is turned and how large it is.

    Raises:
        CaseError: It cannot be decoded here.
        OsintError: No worker can be started on this computer.
    """
    picture, scale = _upright(file, facts, _SHOWN)
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=_QUALITY)
    return Upright(stream.getvalue(), *_whole(picture, scale))


def without_boxes(file: Path, facts: MediaFacts, boxes: Sequence[Box]) -> bytes:
    """Return a picture as PNG, black where the rectangles are. No other byte of the file is in it.

    Args:
        file: A working copy.
        facts: What it states about itself, for how it is turned and how large it is.
        boxes: The rectangles; none to be rid of all that a file holds beside its pixels.

    Raises:
        CaseError: It cannot be decoded here, or a rectangle lies outside it.
        OsintError: No worker can be started on this computer.
    """
    picture, scale = _upright(file, facts, SIDE)
    for box in boxes:
        _destroy(picture, box, scale)
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def _upright(file: Path, facts: MediaFacts, side: int) -> tuple[Image.Image, float]:
    """Return the pixels of a picture, no side longer than so many, and how many times smaller it was made."""
    run = run_apart if needs_process(file) else sandbox.run
    told = file.absolute(), turn(facts), facts.media_type, side
    outcome = run(upright_pixels, *told, seconds=SECONDS, memory=MEMORY)
    picture = checked(outcome.value, side) if outcome.state == "ok" else None
    if picture is None:
        raise CaseError(f"The picture cannot be decoded here ({outcome.detail or outcome.state}); mask it whole.")
    return picture, max(facts.width or 0, facts.height or 0, *picture.size) / max(picture.size)


def _whole(picture: Image.Image, scale: float) -> tuple[int, int]:
    return round(picture.width * scale), round(picture.height * scale)


def _destroy(picture: Image.Image, box: Box, scale: float) -> None:
    """Paint over a rectangle of a picture that was made ``scale`` times smaller."""
    left, top, width, height = box
    whole = _whole(picture, scale)
    if min(left, top) < 0 or min(width, height) < 1 or left + width > whole[0] or top + height > whole[1]:
        raise CaseError(
            f"The rectangle {left},{top},{width},{height} lies outside the picture, which has {whole[0]} by {whole[1]} "
            "pixels."
        )
    more = _BLENDED if scale > 1 else 0
    near = (int(left / scale) - more, int(top / scale) - more)
    far = (-int(-(left + width) // scale) + more, -int(-(top + height) // scale) + more)
    picture.paste(_GONE, (max(near[0], 0), max(near[1], 0), min(far[0], picture.width), min(far[1], picture.height)))
