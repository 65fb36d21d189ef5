"""A report as DOCX, for agencies that file and annotate documents. Equal input gives equal bytes.

Headings are headings, tables repeat their header row, pictures have a text that stands for them. Captured text is put
in as text; characters that hide or reorder text are spelt, as everywhere.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osint import render
from osint.errors import ExportError
from osint.report.document import Block, Document, Figure, Heading, Hidden, Lines, Section, Table, Words
from osint.report.typeset import picture_png
from osint.views.veiled import no_picture

if TYPE_CHECKING:
    from docx.document import Document as Paper

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_SMALL, _TINY = 7.5, 5.5
_TALLEST = 0.85  # of the height of a page: below a picture stands what it shows
_DIGEST = 220.0
"""Points. So wide is a SHA-256 in the smaller size."""


def docx_report(document: Document, letterhead: Path | None = None) -> bytes:
    """Return the report as a DOCX.

    Args:
        document: The report.
        letterhead: A DOCX of the agency whose page set-up, header, footer and styles it takes; text in it stays first.

    Raises:
        ExportError: python-docx is not installed, or the letterhead is no DOCX.
    """
    if find_spec("docx") is None:
        raise ExportError(
            "A DOCX needs python-docx, which is not installed, and nothing was written: pip install 'osint[report]'."
        )
    paper = _opened(letterhead)
    _describe(paper, document)
    if document.band:
        paper.sections[0].header.add_paragraph().add_run(_text(document.band)).bold = True
    paper.add_heading(_text(document.title), 0)
    for block in (*document.cover, *document.blocks):
        _add(paper, block)
    written = io.BytesIO()
    paper.save(written)
    return _dated(written.getvalue())


def _opened(letterhead: Path | None) -> Paper:
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    if letterhead is None:
        return _on_a4(docx.Document())
    try:
        return docx.Document(str(letterhead))
    except (PackageNotFoundError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ExportError(f"{letterhead} is no DOCX that can serve as a letterhead. Nothing was written.") from error


def _on_a4(paper: Paper) -> Paper:
    from docx.shared import Mm, Pt

    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(18)
    normal: Any = paper.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(9.5)
    normal.paragraph_format.space_after = Pt(4)
    return paper


def _describe(paper: Paper, document: Document) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = document.made.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    about = paper.core_properties
    about.title, about.author, about.last_modified_by = _text(document.title)[:255], "osint", "osint"
    about.created = about.modified = made
    about.revision, about.language = 1, "en"
    style: Any = paper.styles["Normal"].element
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    style.get_or_add_rPr().append(language)


def _add(paper: Paper, block: Block) -> None:
    match block:
        case Section(title):
            paper.add_heading(_text(title), 1)
        case Heading(title):
            paper.add_heading(_text(title), 2)
        case Words(text):
            paper.add_paragraph(_text(text))
        case Lines(text):
            _write(paper.add_paragraph(), text, _SMALL, "Courier New")
        case Table():
            _add_table(paper, block)
        case Figure(picture, wide):
            drawn = picture_png(picture.svg) if find_spec("typst") else b""
            with _turned(paper) if wide and drawn else nullcontext():
                _add_picture(paper, drawn, picture.title, picture.caption, 1.0)
        case Hidden(thumbnail, exhibit, shown):
            how = "made small" if shown else "blurred"
            told = f"Picture of exhibit {exhibit}, {how}" if thumbnail.veiled else no_picture(thumbnail)
            _add_picture(paper, thumbnail.jpeg if shown else thumbnail.veiled, told, told, 0.46 if shown else 0.22)


def _add_table(paper: Paper, block: Table) -> None:
    from docx.oxml import OxmlElement

    rows = [*([block.headings] if block.headings else []), *block.rows]
    widths = block.widths()
    made = paper.add_table(len(rows), len(rows[0]))
    made.autofit = False
    places = _places(paper, widths)
    for column, place in zip(made.columns, places, strict=True):
        column._gridCol.w = place
    if "Table Grid" in [style.name for style in paper.styles]:
        made.style = paper.styles["Table Grid"]
    for number, (row, cells) in enumerate(zip(made.rows, rows, strict=True)):
        properties: Any = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if block.headings and number == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for column, (cell, text) in enumerate(zip(row._tr.tc_lst, cells, strict=True)):
            is_head = number == 0 if block.headings else column == 0
            cell.width = places[column]
            _fill(cell, text, _SMALL if widths[column] or is_head else _TINY, bold=is_head)
    paper.add_paragraph()


def _places(paper: Paper, widths: Sequence[float]) -> list[Any]:
    """Return the width of each column; one of digests, whose share is 0, is as wide as these are."""
    from docx.shared import Emu, Pt

    fixed = [int(Pt(_DIGEST)) if not width else 0 for width in widths]
    unit = (_room(paper) - sum(fixed)) / (sum(widths) or 1)
    return [Emu(given or int(width * unit)) for width, given in zip(widths, fixed, strict=True)]


def _room(paper: Paper) -> int:
    section: Any = paper.sections[-1]
    return int(section.page_width - section.left_margin - section.right_margin)


def _height(paper: Paper) -> int:
    section: Any = paper.sections[-1]
    return int(section.page_height - section.top_margin - section.bottom_margin)


@contextmanager
def _turned(paper: Paper) -> Iterator[None]:
    """Put what follows on a page of its own, in landscape."""
    _turn(paper)
    yield
    _turn(paper)


def _turn(paper: Paper) -> None:
    from docx.enum.section import WD_ORIENT, WD_SECTION

    section = paper.add_section(WD_SECTION.NEW_PAGE)
    section.page_width, section.page_height = section.page_height, section.page_width
    upright = section.orientation == WD_ORIENT.PORTRAIT
    section.orientation = WD_ORIENT.LANDSCAPE if upright else WD_ORIENT.PORTRAIT


def _fill(cell: Any, text: str, size: float, *, bold: bool) -> None:
    """Write a cell; through its element, which is a hundred times as quick as through the table."""
    from docx.text.paragraph import Paragraph

    _write(Paragraph(cell.p_lst[0], cell), text, size, bold=bold)


def _write(paragraph: Any, text: str, size: float, font: str = "", *, bold: bool = False) -> None:
    from docx.shared import Pt

    run = paragraph.add_run(_text(text))
    run.font.size = Pt(size)
    if bold:
        run.bold = True
    if font:
        run.font.name = font


def _add_picture(paper: Paper, data: bytes, alt: str, caption: str, share: float) -> None:
    if data:
        shape = paper.add_picture(io.BytesIO(data), width=int(_room(paper) * share))
        if shape.height > (most := int(_height(paper) * _TALLEST)):
            shape.width, shape.height = int(shape.width * most / shape.height), most
        shape._inline.docPr.set("descr", _text(alt))
    elif caption != alt:
        caption = f"{caption} (The drawing is in report.html: without the extra 'typst' it cannot stand here.)"
    paper.add_paragraph(_text(caption))


def _text(text: str) -> str:
    return render.visible_lines(text)


def _dated(package: bytes) -> bytes:
    """Return a package of which no member bears the time of this minute."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in _in_order(old.namelist()):
            new.writestr(zipfile.ZipInfo(name, _ZIP_TIME), old.read(name), zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _in_order(names: Iterable[str]) -> list[str]:
    """Return the names by alphabet, the list of types first, where readers look for it."""
    return sorted(names, key=lambda name: (name != "[Content_Types].xml", name))
