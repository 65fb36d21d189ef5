"""The pages of one document as they are handed to whoever draws them, and the form in which pages are kept."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from osint.production.documents.said import Told
from osint.production.documents.sheets import DOTS

_PICTURE, _TEXT = ".jpg", ".png"
_SHADES = 16
_GREYS = [shade for step in range(_SHADES) for shade in (step * 17,) * 3]
_TO_SHADES = [value >> 4 for value in range(256)]


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """The pages of one document, before or after they have numbers.

    Attributes:
        head: What stands above each page: names, values, and whether the letters are of one width.
        foot: What stands below each page, to the left of the number.
        note: A second line there.
        legend: A word beside the number, such as ``REDACTED``.
        posts: What is typeset; nothing for a picture and for a slip sheet.
        slip: The lines of a slip sheet; nothing for other pages.
        picture: The pixels of a picture, cut into ``sheets`` pages.
        sheets: Pages of the picture.
        begin: Its first number.
        targets: The files to write, one for each page.
    """

    head: tuple[tuple[str, str, bool], ...]
    foot: str
    note: str = ""
    legend: str = ""
    posts: tuple[Told, ...] = ()
    slip: tuple[str, ...] = ()
    picture: Path | None = None
    sheets: int = 1
    begin: int = 0
    targets: tuple[Path, ...] = field(default=())

    @property
    def ending(self) -> str:
        """The end of the names of its files."""
        return _PICTURE if self.picture else _TEXT


def as_png(page: Image.Image) -> bytes:
    """Return a page in shades of grey as PNG of four bits a pixel."""
    shades = page.convert("L").point(_TO_SHADES)
    few = Image.frombytes("P", shades.size, shades.tobytes())
    few.putpalette(_GREYS)
    stream = io.BytesIO()
    few.save(stream, "PNG", bits=4, dpi=(DOTS, DOTS), compress_level=1)  # a tenth larger, in half the time
    return stream.getvalue()
