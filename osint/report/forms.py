"""A document in the forms that this machine can write: HTML, PDF, DOCX, plain text."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from importlib.util import find_spec

from osint import render
from osint.report.document import Block, Document, Figure, Heading, Hidden, Lines, Section, Table, Words
from osint.report.html_report import html_report
from osint.report.typeset import pdf_volumes
from osint.report.word import docx_report


def forms(
    name: str, document: Document, kinds: Collection[str], *, most: int | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield a document by file name, a file at a time: HTML always; of the other kinds those that can be made here.

    Args:
        name: Of the files, without ending, below the folder they go into.
        document: What they say.
        kinds: ``pdf`` to print and file, needs the extra ``typst``; ``docx`` to fill in, needs the extra ``report``.
        most: Rows in one volume of a PDF, as for :func:`osint.report.typeset.pdf_volumes`.
    """
    yield f"{name}.html", html_report(document)
    if "pdf" in kinds and find_spec("typst"):
        for number, pdf in enumerate(pdf_volumes(document, most=most), 1):
            yield f"{name}-{number}.pdf" if number > 1 else f"{name}.pdf", pdf
    if "docx" in kinds and find_spec("docx"):
        yield f"{name}.docx", docx_report(document)


def text_form(document: Document) -> bytes:
    """Return a document as plain text, in UTF-8."""
    parts = [document.band, document.title, *map(_as_text, (*document.cover, *document.blocks))]
    return ("\n\n".join(filter(None, parts)) + "\n").encode("utf-8", "surrogatepass")


def _as_text(block: Block) -> str:
    match block:
        case Section(title) | Heading(title):
            return f"{title}\n{'-' * len(title)}"
        case Words(text) | Lines(text):
            return render.visible_lines(text)
        case Table(rows, headings):
            return render.columns([headings, *rows] if headings else rows)
        case Figure(picture):
            return render.visible_lines(picture.caption)
        case Hidden(exhibit=exhibit):
            return f"(a picture of exhibit {exhibit})"
