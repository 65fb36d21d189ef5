"""A PDF without some words: its pages drawn by Poppler, painted over, and bound again as pictures; nothing else stays.

The drawing holds what a page shows. Text layer, attachments, metadata, forms, scripts and whatever lies under or beside
the page stay behind with the file. Where a word stands is read from its text layer; what has none is named, and takes
rectangles.
"""

from __future__ import annotations

import html
import io
import re
import shutil
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import Image

from osint import sandbox
from osint.errors import ExportError
from osint.media.masked_picture import Box
from osint.production.filing.rules import Identifier, Removal

DPI = 150
"""Dots per inch of the drawn pages, in which rectangles are counted."""

PAGES = 100
"""A longer PDF is divided first: each page is a picture in memory."""

_MEMORY, _SECONDS = 2 << 30, 60.0
_POINTS = DPI / 72
_AROUND = 3  # dots around a word: what its letters reach beyond the box that the font states
_BLACK, _STILL_BLACK = (0, 0, 0), 60
_AT_ONCE = 8
_PNG = b"\x89PNG\r\n\x1a\n"
_PAGE = re.compile(r"<page\b[^>]*>(.*?)</page>", re.DOTALL)
_WORD = re.compile(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>', re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class RedactedPdf:
    """A PDF that was made anew.

    Attributes:
        content: Its bytes.
        found: What was painted over, with the page.
        wordless: Pages without a text layer.
        text: What its text layer says otherwise, page after page.
    """

    content: bytes
    found: tuple[tuple[Identifier, int], ...]
    wordless: tuple[int, ...]
    text: str


@dataclass(frozen=True)
class _Words:
    """The words of a page, joined by blanks, and the rectangle of each, in dots."""

    text: str
    places: Sequence[tuple[int, int, tuple[float, float, float, float]]]

    def boxes(self, start: int, end: int) -> Iterator[Box]:
        for begins, ends, (left, top, right, bottom) in self.places:
            if begins < end and start < ends:
                x, y = int(left) - _AROUND, int(top) - _AROUND
                yield max(x, 0), max(y, 0), int(right - x) + 1 + _AROUND, int(bottom - y) + 1 + _AROUND


def redacted_pdf(path: Path, removal: Removal, boxes: Mapping[int, Sequence[Box]], made: datetime) -> RedactedPdf:
    """Return a PDF without what is to be taken out of it.

    Args:
        path: A working copy.
        removal: The texts.
        boxes: Rectangles by page, counted from 1: left, top, width, height in dots of :data:`DPI`.
        made: The instant that it states as its own.

    Raises:
        ExportError: Poppler is not installed or cannot read it, it has more than :data:`PAGES` pages, a text stands in
            it where no rectangle of its words is known, a rectangle lies outside its page, or what was painted over is
            not black in what was written.
    """
    pages = _words(path)
    if strange := sorted(number for number in boxes if not 1 <= number <= len(pages)):
        raise ExportError(f"Nothing was written: the PDF has {len(pages)} pages and no page {strange[0]}.")
    _check_all_located(removal, [words.text for words in pages], path)
    found, painted = list[tuple[Identifier, int]](), list[list[Box]]()
    for number, words in enumerate(pages, 1):
        hits = list(removal.spans(words.text))
        found += ((identifier, number) for identifier, _, _ in hits)
        painted.append([*boxes.get(number, ()), *(box for _, start, end in hits for box in words.boxes(start, end))])
    drawn = list(_drawn(len(pages), path=path))
    for number, (page, over) in enumerate(zip(drawn, painted, strict=True), 1):
        for box in over:
            _paint(page, box, number)
    content = _bound(drawn, made)
    _check_painted(content, painted)
    left = [removal.without(words.text) for words in pages]
    wordless = tuple(number for number, words in enumerate(pages, 1) if not words.text.strip())
    return RedactedPdf(content=content, found=tuple(found), wordless=wordless, text="\n\n".join(left))


def poppler(name: str) -> str:
    """Return the path of a program of Poppler.

    Raises:
        ExportError: It is not installed.
    """
    found = shutil.which(name)
    if found is None:
        raise ExportError(
            f"Nothing was written: a PDF is redacted with {name} of Poppler, which is not installed here. Install "
            "poppler-utils, or print the pages as pictures (PNG), import these, and redact them with rectangles."
        )
    return found


def _run(program: str, *arguments: str, path: Path | None = None, stdin: bytes | None = None) -> bytes:
    readable = [path.absolute()] if path else []
    told = [poppler(program), *arguments, str(readable[0]) if readable else "-"]
    told += ["-"] if program == "pdftotext" else []
    ran = sandbox.run_program(told, seconds=_SECONDS, memory=_MEMORY, read_only=readable, stdin=stdin)
    if ran.state != "ok" or ran.code:
        why = ran.detail or f"{program} ended with {ran.code}"
        raise ExportError(f"Nothing was written: the PDF cannot be read ({why}). Repair it, or use pictures of it.")
    return ran.stdout


def _words(path: Path) -> list[_Words]:
    """Return the words of each page, where its text layer says that they stand."""
    laid = _run("pdftotext", "-bbox", path=path).decode("utf-8", "replace")
    pages = [_page_words(page) for page in _PAGE.findall(laid)]
    if not 0 < len(pages) <= PAGES:
        raise ExportError(f"Nothing was written: the PDF has {len(pages)} pages; one of 1 to {PAGES} is redacted.")
    return pages


def _page_words(page: str) -> _Words:
    text, places = "", []
    for *sides, word in _WORD.findall(page):
        spelt = _plain(html.unescape(word))
        left, top, right, bottom = (float(side) * _POINTS for side in sides)
        places.append((len(text), len(text) + len(spelt), (left, top, right, bottom)))
        text += f"{spelt} "
    return _Words(text, places)


def _plain(text: str) -> str:
    """Return text of a PDF with its ligatures as letters, and without marks that nobody sees, such as soft hyphens."""
    letters = unicodedata.normalize("NFKC", text)
    return "".join(each for each in letters if unicodedata.category(each) != "Cf")


def _check_all_located(removal: Removal, located: Sequence[str], path: Path) -> None:
    """Refuse a page in whose text more is found than among its words: nobody would know where to paint."""
    flowing = _run("pdftotext", path=path).decode("utf-8", "replace").split("\f")
    for number, (words, page) in enumerate(zip(located, flowing, strict=False), 1):
        if len(removal.found(_plain(page))) > len(removal.found(words)):
            raise ExportError(
                f"Nothing was written: something that is to be taken out stands on page {number} of the PDF where its "
                "letters cannot be placed. Import pictures of the pages (PNG), and redact these with rectangles."
            )


def _drawn(pages: int, **file: Any) -> Iterator[Image.Image]:
    """Yield the drawn pages, a few from each run of the program, whose output is limited."""
    for first in range(1, pages + 1, _AT_ONCE):
        told = ("-f", str(first), "-l", str(min(first + _AT_ONCE - 1, pages)), "-r", str(DPI), "-png")
        for drawn in _run("pdftoppm", *told, **file).split(_PNG)[1:]:
            yield Image.open(io.BytesIO(_PNG + drawn), formats=["PNG"]).convert("RGB")


def _paint(page: Image.Image, box: Box, number: int) -> None:
    left, top, width, height = box
    if min(left, top) < 0 or min(width, height) < 1 or left >= page.width or top >= page.height:
        raise ExportError(
            f"Nothing was written: the rectangle {left},{top},{width},{height} lies outside page {number}, which has "
            f"{page.width} by {page.height} dots at {DPI} dots per inch."
        )
    page.paste(_BLACK, (left, top, min(left + width, page.width), min(top + height, page.height)))


def _bound(pages: Sequence[Image.Image], made: datetime) -> bytes:
    stream, when = io.BytesIO(), made.utctimetuple()
    pages[0].save(
        stream, "PDF", save_all=True, append_images=list(pages[1:]), resolution=DPI, title="", quality=90,
        creationDate=when, modDate=when,
    )  # fmt: skip
    return stream.getvalue()


def _check_painted(content: bytes, painted: Sequence[Sequence[Box]]) -> None:
    """Draw what was written and look: no text layer, and nothing but black in each rectangle."""
    if _run("pdftotext", stdin=content).strip():
        raise ExportError("Nothing was written: the redacted PDF still has a text layer. This is a fault to report.")
    for number, (page, boxes) in enumerate(zip(_drawn(len(painted), stdin=content), painted, strict=True), 1):
        if not all(_is_black(page, box) for box in boxes):
            raise ExportError(
                f"Nothing was written: page {number} of the redacted PDF shows something in a rectangle that was "
                "painted over. This is a fault to report."
            )


def _is_black(page: Image.Image, box: Box) -> bool:
    left, top, width, height = box
    inside = (left + 1, top + 1, min(left + width, page.width) - 1, min(top + height, page.height) - 1)
    if inside[0] >= inside[2] or inside[1] >= inside[3]:
        return True
    return max(page.crop(inside).convert("L").tobytes()) <= _STILL_BLACK
