"""A report as one HTML file for a reader who has nothing but a browser. Every captured string in it is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from osint import render
from osint.report.document import Block, Document, Figure, Heading, Hidden, Lines, Section, Table, Words
from osint.report.page import band, page_pieces, table_pieces
from osint.views.veiled import veiled


def html_report(document: Document) -> bytes:
    """Return the report as a page that can load nothing."""
    return b"".join(html_pieces(document))


def html_pieces(document: Document) -> Iterator[bytes]:
    """Yield that page some at a time, for a report that is too long to be held as a whole."""
    titles = [block.title for block in document.blocks if isinstance(block, Section)]
    contents = "".join(f'<li><a href="#part-{n}">{render.escape(title)}</a></li>' for n, title in enumerate(titles, 1))
    listed = f'<nav aria-label="Contents"><ol>{contents}</ol></nav>' if titles else ""
    top = band(document.band) + _markup(document.cover) + listed
    yield from page_pieces(document.title, chain([top, "<main>"], _pieces(document.blocks), ["</main>"]))


def _markup(blocks: Iterable[Block]) -> str:
    return "".join(_pieces(blocks))


def _pieces(blocks: Iterable[Block]) -> Iterator[str]:
    sections = 0
    for number, block in enumerate(blocks):
        if number:
            yield "\n"
        if isinstance(block, Section):
            sections += 1
            yield f'<h2 id="part-{sections}">{render.escape(block.title)}</h2>'
        elif isinstance(block, Table):
            yield from table_pieces(block.rows, block.headings)
        else:
            yield _one(block)


def _one(block: Heading | Words | Lines | Figure | Hidden) -> str:
    match block:
        case Heading(title):
            return f"<h3>{render.escape(title)}</h3>"
        case Words(text):
            return render.paragraph(text)
        case Lines(text):
            return f"<pre>{render.escape_lines(text)}</pre>"
        case Figure(picture):
            drawn = render.image(picture.svg, "image/svg+xml", picture.title)
            return f"<figure>{drawn}<figcaption>{render.escape(picture.caption)}</figcaption></figure>"
        case Hidden(thumbnail, exhibit, shown):
            told = f"picture of exhibit {exhibit}, made small"
            at_once = shown and thumbnail.jpeg
            return render.image(thumbnail.jpeg, "image/jpeg", told) if at_once else veiled(thumbnail, exhibit)
