"""A report as one HTML file for a reader who has nothing but a browser. Every captured string in it is escaped."""

from __future__ import annotations

from collections.abc import Iterable

from osint import render
from osint.report.document import Block, Document, Figure, Heading, Hidden, Lines, Section, Table, Words
from osint.report.page import band, page, table
from osint.views.veiled import veiled


def html_report(document: Document) -> bytes:
    """Return the report as a page that can load nothing."""
    titles = [block.title for block in document.blocks if isinstance(block, Section)]
    contents = "".join(f'<li><a href="#part-{n}">{render.escape(title)}</a></li>' for n, title in enumerate(titles, 1))
    listed = f'<nav aria-label="Contents"><ol>{contents}</ol></nav>' if titles else ""
    top = band(document.band) + _markup(document.cover) + listed
    return page(document.title, top + "<main>" + _markup(document.blocks) + "</main>")


def _markup(blocks: Iterable[Block]) -> str:
    made, sections = [], 0
    for block in blocks:
        if isinstance(block, Section):
            sections += 1
            made.append(f'<h2 id="part-{sections}">{render.escape(block.title)}</h2>')
        else:
            made.append(_one(block))
    return "\n".join(made)


def _one(block: Heading | Words | Lines | Table | Figure | Hidden) -> str:
    match block:
        case Heading(title):
            return f"<h3>{render.escape(title)}</h3>"
        case Words(text):
            return render.paragraph(text)
        case Lines(text):
            return f"<pre>{render.escape_lines(text)}</pre>"
        case Table(rows, headings):
            return table(rows, headings)
        case Figure(picture):
            drawn = render.image(picture.svg, "image/svg+xml", picture.title)
            return f"<figure>{drawn}<figcaption>{render.escape(picture.caption)}</figcaption></figure>"
        case Hidden(thumbnail, exhibit, shown):
            told = f"picture of exhibit {exhibit}, made small"
            at_once = shown and thumbnail.jpeg
            return render.image(thumbnail.jpeg, "image/jpeg", told) if at_once else veiled(thumbnail, exhibit)
