"""The report as HTML, PDF and DOCX: one text in three forms, equal bytes, and hostile text that stays text."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import docx
import pytest
from PIL import Image
from pypdf import PdfReader
from reportlab.pdfbase.ttfonts import TTFontFace
from test_render import HOSTILE

from osint import render
from osint.errors import ExportError, SecretFoundError
from osint.media.thumbnails import Thumbnail
from osint.report import typeset, word
from osint.report.case_report import case_document
from osint.report.document import (
    Document,
    Figure,
    Heading,
    Hidden,
    Lines,
    Section,
    Table,
    Words,
    volumes,
    with_pictures,
)
from osint.report.html_report import html_report
from osint.report.leaks import Guard
from osint.report.setting import compiled
from osint.report.typefaces import FOLDER, Spelling, covered
from osint.report.typeset import pdf_volumes
from osint.report.word import docx_report
from osint.report.writing import report_format, write_report
from osint.views.picture import Picture

MADE = datetime(2026, 6, 1, 12, 30, 5, 250_000, tzinfo=UTC)
TYPST = (
    '#panic("x")', '#read("/etc/passwd")', '#import "@preview/cetz:0.3.0"', "#{", "*b* _i_ `r` $x$ = h", "// c",
    "\\u{41} \\", "@label <label>", '")', "#sys.inputs", "]#[",
)  # fmt: skip
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100"><text x="5" y="20">drawn</text></svg>'
NEVER = re.compile(r"\b(authentic|proves|guilty|complied|violated|member of)\b", re.IGNORECASE)


def document(*blocks, **more):
    return Document(**{"title": "Case report: x", "made": MADE, "cover": [Words("cover")], "blocks": blocks, **more})


def pages(pdf):
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def jpeg(colour, size):
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "JPEG")
    return stream.getvalue()


def squeezed(text):
    return re.sub(r"\s+", "", text)


def texts(blocks):
    for block in blocks:
        match block:
            case Section(text) | Heading(text) | Words(text) | Lines(text):
                yield text
            case Table(rows, headings):
                yield from headings
                yield from (cell for row in rows for cell in row)
            case Figure(picture):
                yield picture.caption


def in_every_place(text):
    rows = Table([(text, "b")], (text, "b"))
    return [Section(text), Heading(text), Words(text), Lines(text), rows]


def test_hostile_text_is_text_in_every_form():
    """
    Markup of the typesetter, of HTML and of XML is read by nobody: it stands in the page as it was captured.
    """
    hostile = [*TYPST, *HOSTILE]
    figure = Figure(Picture(title=" ".join(TYPST), caption=" ".join(TYPST), svg=SVG))
    blocks = (block for text in hostile for block in in_every_place(text))
    made = document(*blocks, figure, title=" ".join(TYPST))
    [pdf] = pdf_volumes(made)
    paper = docx.Document(io.BytesIO(docx_report(made)))
    printed = squeezed("".join(pages(pdf)))
    words = [each.text for each in paper.paragraphs]
    words += [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    filed = [squeezed(each) for each in words]

    assert "<script" not in html_report(made).decode()
    for text in hostile:
        drawn = squeezed(Spelling().drawable(text))
        if drawn.isascii():  # a reader of the text layer may turn other scripts around
            assert printed.count(drawn) >= 7  # five places, a table having two, and the contents
        assert filed.count(squeezed(render.visible_lines(text))) >= 6


def test_all_forms_say_the_same(gathered):
    """
    Every text of the report is in the page, in the PDF and in the DOCX.
    """
    made = case_document(gathered)
    page = squeezed(re.sub("<[^>]*>", "", html_report(made).decode()))
    [pdf] = pdf_volumes(made)
    paper = docx.Document(io.BytesIO(docx_report(made)))
    printed = squeezed("".join(re.sub(r"Case report: \S+\n|Made \S+page \d+ of \d+", "", text) for text in pages(pdf)))
    filed = squeezed("".join(each.text for each in paper.element.iter() if each.tag.endswith("}t") and each.text))

    said = [squeezed(text) for text in texts([*made.cover, *made.blocks]) if len(text) < 400]
    assert len(said) > 100
    for text in said:
        assert squeezed(render.escape_lines(text)) in page
        assert text in printed
        assert text in filed


def test_it_is_whole_and_claims_no_more_than_it_may(gathered):
    """
    Method, nil results, refusals, limits and how to check it are in it; words that judge are not.
    """
    blocks = case_document(gathered).blocks
    sections = [block.title for block in blocks if isinstance(block, Section)]
    said = "\n".join(texts(blocks))

    assert sections[:5] == [
        "Verification", "Legal authority", "Method", "What was searched, and how far it reaches", "Exhibits (2)",
    ]  # fmt: skip
    assert sections[-2:] == ["Limits", "How to check this report"]
    assert "Searched, and nothing found: 1" in said
    assert "Refused steps: 1" in said
    assert gathered.ledger.checkpoints()[-1].rstrip("\n") in said
    for exhibit in gathered.ledger.exhibits():
        assert exhibit.sha256 in said
    assert not NEVER.search(said)
    assert NEVER.search("It proves that.")


def test_equal_input_gives_equal_bytes(gathered, monkeypatch):
    """
    Of a PDF and a DOCX too, whatever the clock says meanwhile.
    """
    made = case_document(gathered)
    first = pdf_volumes(made), docx_report(made)
    monkeypatch.setattr(zipfile.time, "localtime", lambda *_: (2031, 1, 1, 0, 0, 0, 0, 1, 0))

    assert (pdf_volumes(made), docx_report(made)) == first


def test_a_long_report_comes_in_volumes():
    """
    No volume has more rows than it may; none is lost or moved; headings stand again; each volume names the others.
    """
    rows = [(f"row {number}", "b") for number in range(12)]
    made = document(Section("First"), Words("w"), Section("Second"), Table(rows, ("one", "two")), Section("Third"))

    parts = volumes(made, 5)
    printed = ["\n".join(pages(pdf)) for pdf in pdf_volumes(made, most=5)]

    tables = [[block for block in part.blocks if isinstance(block, Table)] for part in parts]
    assert [row for part in tables for table in part for row in table.rows] == rows
    assert [sum(len(table.rows) for table in part) for part in tables] == [5, 5, 2]
    assert all(table.headings == ("one", "two") for part in tables for table in part)
    assert [block.title for block in parts[1].blocks if isinstance(block, Section)] == ["Second, continued"]
    assert "Volume 2 of 3" in printed[0]
    assert "Volume 2 of 3" in printed[1]
    assert "row 6" in printed[1]
    assert "row 6" not in printed[0]
    assert re.search(r"page 1 of \d", printed[2])


SCRIPTS = {
    "arabic": "مرحبا", "hebrew": "שלום", "cyrillic": "Привет", "han": "世界", "kana": "ひらがな", "hangul": "한국어",
    "thai": "สวัสดี", "devanagari": "नमस्ते", "georgian": "გამარჯობა", "emoji": "😀👍🏽❤️",
}  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_letters_are_printed(script):
    """
    The carried typefaces draw them; nothing is spelt, nothing is a box.
    """
    [pdf] = pdf_volumes(document(Words(SCRIPTS[script])))

    text = "\n".join(pages(pdf))
    assert "U+" not in text
    assert set(SCRIPTS[script]) - {"\ufe0f"} <= set(text)


def test_what_no_typeface_draws_is_spelt_and_listed():
    """
    By its code point where it stands, and by name at the end.
    """
    text = " ".join(" ".join(pages(pdf_volumes(document(Words("a \U00012000 b \U00012000 x\u0b3e")))[0])).split())

    assert "a ⟨U+12000⟩ b ⟨U+12000⟩ x⟨U+0B3E⟩" in text
    assert "U+12000 CUNEIFORM SIGN A 2" in text
    assert "U+0B3E ORIYA VOWEL SIGN AA 1" in text


@pytest.mark.parametrize("name", ["NotoSans-Regular", "NotoSansArabic-Regular", "HangulSubset", "NotoEmoji-Regular"])
def test_the_characters_of_a_typeface_are_those_that_another_reader_finds(name):
    """
    Our reader of the table of characters against that of reportlab.
    """
    font = (FOLDER / f"{name}.ttf").read_bytes()
    other = {code for code, glyph in TTFontFace(io.BytesIO(font)).charToGlyph.items() if glyph}

    assert {ord(char) for char in covered(font)} | {0xA0} == other | {0xA0}  # reportlab adds a no-break space


def test_the_pdf_declares_what_it_is():
    """
    PDF/A-3b by its metadata, its date, its language, tags, and a text for each picture.
    """
    drawing = Figure(Picture(title="A chart", caption="what it shows", svg=SVG))
    [pdf] = pdf_volumes(document(drawing, Section("s"), Table([("a", "b")], ("one", "two"))))
    root = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    told = root["/Metadata"].get_data().decode()

    assert "<pdfaid:part>3</pdfaid:part>" in told
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in told
    assert "2026-06-01T12:30:05" in told
    assert root["/Lang"].startswith("en")
    assert root["/MarkInfo"]["/Marked"]
    assert "no validator confirmed" in "".join(pages(pdf)).replace("\n", " ")


def test_the_docx_has_headings_header_rows_and_texts_for_pictures():
    """
    What a screen reader and Word's navigation go by.
    """
    figure = Figure(Picture(title="A chart", caption="what it shows", svg=SVG))
    hidden = Hidden(Thumbnail(reason="none was made"), "E0001")
    paper = docx.Document(
        io.BytesIO(docx_report(document(Section("s"), Table([("a", "b")], ("1", "2")), figure, hidden)))
    )

    [table] = paper.tables
    body = paper.element.xml
    assert [each.text for each in paper.paragraphs if each.style.name == "Heading 1"] == ["s"]
    assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
    assert 'descr="A chart"' in body
    assert 'w:val="en-US"' in paper.styles["Normal"].element.xml
    assert "No picture is shown (none was made)." in [each.text for each in paper.paragraphs]
    assert paper.core_properties.created.replace(tzinfo=UTC) == MADE.replace(microsecond=0)


def test_a_letterhead_stays_and_what_is_none_is_refused(tmp_path):
    """
    Header and page set-up of the agency's own document.
    """
    own = docx.Document()
    own.sections[0].header.paragraphs[0].text = "Sheriff of Example County"
    own.save(tmp_path / "own.docx")
    (tmp_path / "none.docx").write_bytes(b"PK\x03\x04 no")

    made = docx.Document(io.BytesIO(docx_report(document(Words("w")), tmp_path / "own.docx")))

    assert made.sections[0].header.paragraphs[0].text == "Sheriff of Example County"
    with pytest.raises(ExportError, match="no DOCX"):
        docx_report(document(), tmp_path / "none.docx")


def test_a_secret_in_a_letterhead_is_found(gathered, tmp_path):
    """
    In a header, where Word cut the word in two; nothing is written.
    """
    own, secret = docx.Document(), "k" * 12 + "-0417-token"
    header = own.sections[0].header.paragraphs[0]
    header.add_run(secret[:9])
    header.add_run(secret[9:])
    own.save(tmp_path / "own.docx")

    with pytest.raises(SecretFoundError):
        write_report(gathered, tmp_path / "a.docx", "docx", Guard({secret}, {}), tmp_path / "own.docx")

    assert not (tmp_path / "a.docx").exists()


@pytest.mark.parametrize(("pictures", "held"), [("blurred", {"veil"}), ("shown", {"clear"}), ("none", set())])
def test_pictures_are_blurred_shown_or_left_out(pictures, held):
    """
    In PDF and DOCX the one or the other is there; a page can reveal what is blurred, and holds it then.
    """
    veil, clear = jpeg((10, 10, 10), (20, 10)), jpeg((200, 10, 10), (40, 20))
    made = with_pictures(document(Hidden(Thumbnail(jpeg=clear, veiled=veil), "E0001")), pictures)
    [pdf] = pdf_volumes(made)
    sizes = {"veil": (20, 10), "clear": (40, 20)}
    printed = {image.image.size for page in PdfReader(io.BytesIO(pdf)).pages for image in page.images}
    with zipfile.ZipFile(io.BytesIO(docx_report(made))) as package:
        filed = [package.read(name) for name in package.namelist() if name.endswith(".jpg")]
    page = html_report(made).decode()

    assert printed == {sizes[each] for each in held}
    assert filed == [{"veil": veil, "clear": clear}[each] for each in held]
    assert ("<details" in page, "data:image/jpeg" in page) == (pictures == "blurred", pictures != "none")
    assert ("are blurred" in pages(pdf)[0]) == (pictures == "blurred")
    with pytest.raises(ExportError, match="blurred, shown, none"):
        with_pictures(made, "clear")


def test_a_wide_chart_has_a_page_of_its_own_in_landscape():
    """
    Before and after it the pages stand upright.
    """
    picture = Picture(title="A chart", caption="what it shows", svg=SVG)
    made = document(Words("before"), Figure(picture, wide=True), Words("after"))
    [pdf] = pdf_volumes(made)
    turned = [page.mediabox.width > page.mediabox.height for page in PdfReader(io.BytesIO(pdf)).pages]
    paper = docx.Document(io.BytesIO(docx_report(made)))

    assert turned == [False, True, False]
    assert "what it shows" in pages(pdf)[1]
    assert [section.page_width > section.page_height for section in paper.sections] == turned
    assert paper.inline_shapes[0].width > paper.sections[0].page_width


def test_a_report_that_would_take_too_much_is_ended(tmp_path):
    """
    At its limit of time, and of memory; with a sentence and no file.
    """
    (tmp_path / "main.typ").write_text(
        "#for a in range(100000) { for b in range(100000) { let c = a } }", encoding="utf-8"
    )
    with pytest.raises(ExportError, match=r"stopped after 0\.3 s"):
        compiled(tmp_path, seconds=0.3, format="pdf")
    (tmp_path / "main.typ").write_text('#let s = "x" * 100000000\n#(s * 1000)', encoding="utf-8")
    with pytest.raises(ExportError, match="could not be typeset"):
        compiled(tmp_path, memory=1_000_000_000, format="pdf")


@pytest.mark.parametrize("form", ["html", "pdf", "docx"])
def test_a_secret_is_found_in_every_form(gathered, tmp_path, form):
    """
    The forms that are compressed are searched as well; nothing is written.
    """
    secret = "k" * 12 + "-0417-token"
    path = tmp_path / f"report.{form}"

    with pytest.raises(SecretFoundError):
        write_report(replace(gathered, investigator=secret), path, form, Guard({secret}, {}))

    assert not path.exists()
    assert write_report(gathered, path, form, Guard({secret}, {})) == path
    assert path.stat().st_size > 5000


def test_the_form_is_what_was_asked_for_or_what_the_ending_says(gathered, tmp_path):
    """
    An unknown one is refused, and a letterhead where none is taken.
    """
    assert report_format(tmp_path / "a.PDF") == "pdf"
    assert report_format(tmp_path / "a.pdf", "html") == "html"
    assert report_format(None) == report_format(tmp_path / "a.htm") == "html"
    with pytest.raises(ExportError, match="unknown form"):
        report_format(None, "odt")
    with pytest.raises(ExportError, match="takes a letterhead"):
        write_report(gathered, tmp_path / "a.pdf", "pdf", Guard(set(), {}), tmp_path / "own.docx")


@pytest.mark.parametrize(("make", "module"), [(pdf_volumes, typeset), (docx_report, word)], ids=["pdf", "docx"])
def test_without_its_library_a_form_is_refused_with_what_to_install(make, module, monkeypatch):
    """
    In a sentence, before anything is written.
    """
    monkeypatch.setattr(module, "find_spec", lambda _: None)

    with pytest.raises(ExportError, match="pip install"):
        make(document())
