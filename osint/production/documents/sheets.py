"""The sheet that page images are drawn on: its size, its margins, and how a picture fits between them."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from osint import sandbox
from osint.media.description import MediaFacts
from osint.media.similarity.heif import needs_process, run_apart
from osint.media.thumbnails import MEMORY, checked, turn, upright_pixels
from osint.production.plan import Numbers

DOTS = 150
"""Pixels to the inch."""

LETTER, A4 = (215.9, 279.4), (210.0, 297.0)
MARGINS: Mapping[str, float] = {"top": 34.0, "bottom": 24.0, "side": 18.0}
"""Millimetres; head and foot stand in them."""

_SECONDS = 60.0
_LONGEST = 20_000  # pixels: so long a picture of a web page is not made smaller than the width of the sheet asks
_PNG_SIZE = struct.Struct(">8x8xII")


def pixels(millimetres: float) -> int:
    """Return a length in pixels."""
    return round(millimetres * DOTS / 25.4)


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the pages of a production look.

    Attributes:
        numbers: How it numbers.
        paper: Width and height in millimetres.
    """

    numbers: Numbers
    paper: tuple[float, float] = LETTER

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a sheet in pixels."""
        return pixels(self.paper[0]), pixels(self.paper[1])

    @property
    def box(self) -> tuple[int, int]:
        """Width and height in pixels of what stands between the margins."""
        width, height = self.paper
        return pixels(width - 2 * MARGINS["side"]), pixels(height - MARGINS["top"] - MARGINS["bottom"])


@dataclass(frozen=True)
class Shown:
    """The pixels of a picture as they fit on sheets, or why there are none."""

    path: Path | None = None
    sheets: int = 1
    reason: str = ""


def shown(file: Path, facts: MediaFacts, look: Look, target: Path) -> Shown:
    """Write the pixels of a picture, upright, whole and never enlarged, as they fit on one sheet.

    It is decoded in the sandbox. Nothing is raised over the content of a file.

    Args:
        file: A working copy.
        facts: What it states about itself, for how it is turned.
        look: The sheet.
        target: The file to write: PPM.

    Raises:
        OsintError: No worker can be started on this computer.
    """
    picture, reason = _decoded(file, turn(facts), facts.media_type, max(look.box))
    if picture is None:
        return Shown(reason=reason)
    picture.thumbnail(look.box, Image.Resampling.LANCZOS)
    picture.save(target, "PPM")
    return Shown(target)


def shown_page(file: Path, look: Look, target: Path) -> Shown:
    """Write the image of a whole web page, as wide as it is or as the sheet, over as many sheets as it is long.

    Args:
        file: A PNG that a browser made.
        look: The sheet.
        target: The file to write: PPM.

    Raises:
        OsintError: No worker can be started on this computer.
    """
    with file.open("rb") as stream:
        head = stream.read(_PNG_SIZE.size)
    width, height = _PNG_SIZE.unpack(head) if len(head) == _PNG_SIZE.size else (1, 1)
    scale = min(1.0, look.box[0] / max(1, width))
    side = min(_LONGEST, max(1, math.ceil(max(width, height) * scale)))
    picture, reason = _decoded(file, 1, "image/png", side)
    if picture is None:
        return Shown(reason=reason)
    if picture.width > look.box[0]:
        picture.thumbnail((look.box[0], _LONGEST), Image.Resampling.LANCZOS)
    picture.save(target, "PPM")
    return Shown(target, math.ceil(picture.height / look.box[1]))


def _decoded(file: Path, orientation: int, media_type: str, side: int) -> tuple[Image.Image | None, str]:
    # A worker of its own for each: a picture that takes its worker over can change no other's.
    run = run_apart if needs_process(file) else sandbox.run
    outcome = run(upright_pixels, file.absolute(), orientation, media_type, side, seconds=_SECONDS, memory=MEMORY)
    picture = checked(outcome.value, side) if outcome.state == "ok" else None
    if picture is None:
        return None, outcome.detail or "the decoder's answer was not one that it gives"
    return picture, ""
