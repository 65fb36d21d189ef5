"""A report as PDF, typeset by Typst. What was captured is handed to it as data and read as text, never as markup.

The compiler sees one temporary folder: the layout, the texts and our own drawings. It may fetch no package, and the
typefaces are those that we carry; it runs in a process with limits. Equal input gives equal bytes.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from datetime import UTC
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from osint.errors import ExportError
from osint.report.document import (
    Block,
    Document,
    Figure,
    Heading,
    Hidden,
    Lines,
    Section,
    Table,
    Words,
    table,
    volumes,
)
from osint.report.setting import compiled, compiler
from osint.report.typefaces import FAMILIES, FIXED, Spelling
from osint.views.veiled import no_picture

__all__ = ["STANDARD", "broken", "compiler", "pdf_volumes", "picture_png"]

STANDARD = "a-3b"
_DECLARED = "This file declares itself PDF/A-3b; no validator confirmed that here."
_BLURRED = "Pictures of exhibits are blurred: report.html of the package shows them to whoever asks for them."
_LONG_WORD = re.compile(r"[^\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\uffff]{25,}")
_PIECE, _MOST_OF_A_CELL = 6, 6000
_WHOLE = 1200  # characters: a cell of so many fits on a page, whatever the width of its column
_FIGURE_MM = (40, 205)
_PAGE_MM = 174.0
_SIZE = re.compile(rb'viewBox="0 0 ([0-9.]+) ([0-9.]+)"')


def pdf_volumes(document: Document, *, most: int | None = None) -> list[bytes]:
    """Return the report as one PDF, or as several where it has many rows.

    Args:
        document: The report.
        most: So many rows stand in one volume at most; by default 2,000.

    Raises:
        ExportError: typst is not installed, or refuses to set the report.
    """
    if find_spec("typst") is None:
        raise ExportError(
            "This PDF needs typst, which is not installed, and nothing was written: pip install 'osint[typst]'. The "
            "HTML report says the same and needs nothing."
        )
    parts = volumes(document, most) if most else volumes(document)
    return [_compiled(part) for part in parts]


def picture_png(svg: bytes) -> bytes:
    """Return a drawing of ours as PNG, with the typefaces that we carry.

    Raises:
        ExportError: typst is not installed, or refuses to draw it.
    """
    page = '#set page(width: auto, height: auto, margin: 0pt)\n#image("picture.svg", width: 500pt)'
    drawn = Spelling().drawable(svg.decode()).encode()
    return _run({"main.typ": page.encode(), "picture.svg": drawn}, format="png", ppi=150)


def _compiled(document: Document) -> bytes:
    sources = _Sources()
    told = json.dumps(sources.told(document), ensure_ascii=False, sort_keys=True)
    layout = (files("osint.report") / "report.typ").read_bytes()
    given = {"main.typ": layout, "report.json": told.encode(), **sources.pictures}
    return _run(given, format="pdf", pdf_standards=[STANDARD], timestamp=int(document.made.timestamp()))


def _run(given: dict[str, bytes], **options: Any) -> bytes:
    folder = Path(tempfile.mkdtemp(prefix="osint-report-"))
    try:
        for name, content in given.items():
            (folder / name).write_bytes(content)
        return compiled(folder, **options)
    finally:
        shutil.rmtree(folder)


class _Sources:
    """What the layout reads: texts as JSON, pictures as files."""

    def __init__(self) -> None:
        self.pictures: dict[str, bytes] = {}
        self._spelling = Spelling()

    def told(self, document: Document) -> dict[str, Any]:
        """Return what report.json holds."""
        made = document.made.astimezone(UTC)
        volume = f"Volume {document.volume} of {document.volumes}" if document.volumes > 1 else ""
        blocks = [each for block in document.blocks for each in self._block(block)]
        cover = [each for block in document.cover for each in self._block(block)]
        return {
            "title": self._spelling.drawable(document.title),
            "heading": self._words(document.title),
            "running": self._words(document.title),
            "foot": self._words(f"Made {made:%Y-%m-%dT%H:%M:%SZ}"),
            "made": [made.year, made.month, made.day, made.hour, made.minute, made.second],
            "volume": volume,
            "wide": document.wide,
            "band": self._words(document.band) if document.band else [],
            "declared": self._words(_DECLARED + (f" {_BLURRED}" if _hides(document) else "")),
            "families": [name.lower() for name in FAMILIES],
            "fixed": FIXED.lower(),
            "cover": cover,
            "others": [
                {"volume": f"Volume {number} of {document.volumes}", "titles": [self._words(title) for title in titles]}
                for number, titles in enumerate(document.others, 1)
                if number != document.volume
            ],
            "blocks": [*blocks, *self._not_drawn()],
        }

    def _not_drawn(self) -> Iterator[dict[str, Any]]:
        listed = self._spelling.listed()
        if listed:
            yield from self._block(Section("Characters that are spelt"))
            yield from self._block(Words("No typeface of this file draws these; each stands as its code point."))
            yield from self._block(table(listed, ("character", "name in Unicode", "times")))

    def _block(self, block: Block) -> Iterator[dict[str, Any]]:
        match block:
            case Section(title):
                yield {"kind": "section", "words": self._words(title)}
            case Heading(title):
                yield {"kind": "heading", "words": self._words(title)}
            case Words(text):
                yield {"kind": "words", "words": self._words(text)}
            case Lines(text):
                yield {"kind": "lines", "lines": [self._words(line) for line in text.split("\n")]}
            case Table():
                yield self._table(block)
            case Figure():
                yield self._figure(block)
            case Hidden():
                yield self._hidden(block)

    def _table(self, block: Table) -> dict[str, Any]:
        widths = block.widths()
        hashes = [width == 0 for width in widths]
        rows = [
            [{"hash": is_hash, "words": [cell] if is_hash else self._words(_cut(cell)), "whole": len(cell) < _WHOLE}
             for cell, is_hash in zip(row, hashes, strict=True)]
            for row in block.rows
        ]  # fmt: skip
        headings = [self._words(heading) for heading in block.headings]
        return {"kind": "table", "headings": headings, "widths": widths, "rows": rows}

    def _figure(self, block: Figure) -> dict[str, Any]:
        svg = self._spelling.drawable(block.picture.svg.decode()).encode()
        size = _SIZE.search(svg)
        ratio = float(size[2]) / float(size[1]) if size else 0.7
        least, most = _FIGURE_MM
        return {
            "kind": "figure",
            "wide": block.wide,
            "file": self._kept(svg, "svg"),
            "alt": self._spelling.drawable(block.picture.title),
            "height": min(max(_PAGE_MM * ratio, least), most),
            "caption": self._words(block.picture.caption),
        }

    def _hidden(self, block: Hidden) -> dict[str, Any]:
        if not block.thumbnail.veiled:
            return {"kind": "words", "words": self._words(no_picture(block.thumbnail))}
        told = f"Picture of exhibit {block.exhibit}, {'made small' if block.shown else 'blurred'}"
        drawn = block.thumbnail.jpeg if block.shown else block.thumbnail.veiled
        return {
            "kind": "hidden", "file": self._kept(drawn, "jpg"), "alt": told, "wide": block.shown,
            "caption": self._words(f"{told}."),
        }  # fmt: skip

    def _kept(self, data: bytes, ending: str) -> str:
        name = f"picture-{len(self.pictures) + 1:04}.{ending}"
        self.pictures[name] = data
        return name

    def _words(self, text: str) -> list[str]:
        return broken(self._spelling.drawable(text))


def broken(text: str) -> list[str]:
    """Return text in pieces between which a line may end; most texts are one piece."""
    pieces, done = [], 0
    for word in _LONG_WORD.finditer(text):
        for place in range(word.start() + _PIECE, word.end() - 1, _PIECE):
            if unicodedata.category(text[place])[0] != "M":
                pieces.append(text[done:place])
                done = place
    return [*pieces, text[done:]]


def _hides(document: Document) -> bool:
    return any(isinstance(block, Hidden) and not block.shown for block in document.blocks)


def _cut(text: str) -> str:
    more = len(text) - _MOST_OF_A_CELL
    return text if more <= 0 else f"{text[:_MOST_OF_A_CELL]}… ({more:,} characters more)"
