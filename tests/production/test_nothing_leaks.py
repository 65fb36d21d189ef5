"""A production searched by other code than the product's: nothing masked, left out, stopped or destroyed is in a file."""

from __future__ import annotations

import io
import shutil

import pytest
from every_spelling import holding
from origin import NOON, http
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from produced import hand_in, produce, purge
from pypdf import PdfWriter
from reportlab.pdfgen.canvas import Canvas

import osint
from osint.erasing.traces import find
from osint.errors import ExportError
from osint.media.description import to_json
from osint.media.examination import examine
from osint.report.pdf import Pages
from osint.report.quoted import Quoted

HOME, PHONE = "12 Mill Street", "(417) 555-0182"
LEFT_OUT = "the boathouse key lies under the third stone"
REMARK, OF_BOTH = "an officer thought so", "a remark on what leaves, too"
STOPPED, PURGED = "words of note 5", "words of note 6"
TELLING = http(
    b"<html><head><title>Call (417) 555-0182</title><meta name='author' content='Owner of 12 Mill Street'></head><body>"
    b"<p>Seen at the river. She lives at 12 <b>Mill</b>&nbsp;Street, the blue car came back; call (417)\n555-0182</p>"
    b"<img src='/12%20mill%20street.png' alt='12 Mill Street'><a href='/map?at=12+Mill+Street'>map</a></body></html>",
    "Content-Type: text/html; charset=utf-8",
)
PLAIN = http(b"<html><body><p>words enough to be a page, a blue car</p></body></html>", "Content-Type: text/html")
SEALED = http(f"<html><body><p>She wrote: {LEFT_OUT}.</p></body></html>".encode(), "Content-Type: text/html")
TO = osint.Disclosure(
    recipient="Det. R. Roe", agency="Eastmere PD", reason="the same car was seen there", right="mutual aid agreement 4",
    permission="Chief A. Berg, letter 12 of 1 June 2026",
)  # fmt: skip
POPPLER = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="Poppler is not here")
SAVED = osint.SavedBy(
    name="J. Smit", role="officer", at="2026-05-30T10:15:00+02:00", program="a camera", came="saved here", logged_in=False,
)  # fmt: skip


def png(text):
    facts, stream = PngInfo(), io.BytesIO()
    facts.add_itxt("XML:com.adobe.xmp", text, zip=True)
    Image.new("1", (1, 1)).save(stream, "PNG", pnginfo=facts)
    return stream.getvalue()


def packed(text):
    """A PDF of ours: its streams are packed, and spelt in ASCII."""
    pages = Pages("A title", NOON)
    pages.paragraph(text)
    return pages.finish([])


def drawn(text):
    """A PDF that draws each letter by itself."""
    stream = io.BytesIO()
    canvas = Canvas(stream)
    canvas.setFont("Courier", 10)
    for place, letter in enumerate(text):
        canvas.drawString(40 + 6 * place, 700, letter)
    canvas.save()
    return stream.getvalue()


def plant(case, origin, folder):
    """Put what must not leave everywhere a value can come through."""
    case.collect("webpage", url=origin.serve("/a?ring=%28417%29%20555-0182", TELLING))  # E0001
    facts = PngInfo()
    facts.add_text("Comment", HOME)
    facts.add_text("Description", HOME, zip=True)
    exif = Image.Exif()
    exif[0x010E] = HOME
    Image.new("RGB", (40, 30), (9, 99, 9)).save(folder / f"{HOME}.png", pnginfo=facts, exif=exif)
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/Title": HOME})
    writer.write(folder / "print.pdf")
    case.import_file(folder / f"{HOME}.png", SAVED)  # E0002
    case.import_file(folder / "print.pdf", SAVED)  # E0003
    case.collect("webpage", url=origin.serve("/c", SEALED))  # E0004
    hand_in(case, folder, 5, 6)
    case.collect("webpage", url=origin.serve("/b", PLAIN))  # E0007
    case.mark("E0007", note=f"the car stood at {HOME}")
    case.note(f"ask at {HOME}", exhibits=["E0007"])
    case.save_search(f"who wrote of {HOME}", f'"{HOME}"')
    case.attach_translation("E0007", f"Vu à {HOME}.", language="fr", translator="T. Roe")
    for exhibit in ("E0004", "E0005"):
        case.mark(exhibit, tags=[REMARK], note=f"{REMARK} in a mark")
        case.note(f"{REMARK} in a note", exhibits=[exhibit])
        case.attach_translation(exhibit, f"{REMARK} traduit", language="fr", translator="T. Roe")
    case.note(f"{OF_BOTH}", exhibits=["E0004", "E0007"])
    case.stop_sensitive("E0005")
    purge(case, folder / "second", "E0006")
    (case.folder / "charts").mkdir()
    (case.folder / "charts" / "drawn.svg").write_text(f"<svg><text>{HOME}</text></svg>", encoding="utf-8")


def test_no_file_of_a_production_holds_what_must_not_leave(open_case, origin, tmp_path):
    """Planted in text, markup, author, address, file name, metadata, alt text, note, mark, search and chart."""
    case = open_case()
    plant(case, origin, tmp_path)
    case.mask([HOME, PHONE], reason="of no concern to the charge")
    produce(case, tmp_path / "out", "E0004")

    hidden = (HOME, PHONE, LEFT_OUT, STOPPED, PURGED, REMARK)
    assert sorted(set(holding(tmp_path / "out", *hidden))) == []
    assert list(holding(tmp_path / "out", OF_BOTH))


def test_marks_on_what_is_stopped_do_not_leave_where_nothing_else_is_masked(every_fate, tmp_path):
    """
    A remark on a stopped exhibit may say what it shows.
    """
    told = sorted(set(holding(produce(every_fate, tmp_path / "out").folder, "seen on the third")))

    assert told == []


def test_what_stays_behind_is_not_quoted_by_what_leaves(open_case, origin, tmp_path):
    """
    A note repeats what an exhibit says of which no word leaves: where, is said, and it goes once it is masked.

    The address of another page that leaves, to which it links, is no secret.
    """
    case = open_case()
    leaving = origin.serve("/2026/05/10/the-running-club", PLAIN)
    for address in (origin.serve("/c", SEALED.replace(b"</p>", f" {leaving}</p>".encode(), 1)), leaving):
        case.collect("webpage", url=address)
    case.mask_exhibit("E0001", reason="it is about somebody else")
    case.note("he told us that The boathouse key\nlies under the third stone", exhibits=["E0002"])
    with pytest.raises(ExportError, match=r"what stays behind is quoted in .*custody_log\.csv \(E0001\)") as refused:
        case.disclose(tmp_path / "out", TO)
    assert ("boathouse" in str(refused.value), (tmp_path / "out").exists()) == (False, False)

    case.mask(LEFT_OUT, reason="as decided by the prosecutor")
    case.disclose(tmp_path / "out", TO)
    assert list(holding(tmp_path / "out", LEFT_OUT, LEFT_OUT.capitalize())) == []


def test_words_in_a_file_that_stays_behind_are_not_quoted_either(open_case, tmp_path):
    """A comment in the metadata of a picture stands in the tables; what a picture that leaves says, too, is no secret."""
    case = open_case()
    hand_in(case, tmp_path, 1, 2)
    for number, comment in enumerate(("the ferry leaves pier nine at dusk", "leaves pier nine at noon"), 1):
        told = PngInfo()
        told.add_text("Comment", comment)
        Image.new("RGB", (8, 8)).save(tmp_path / f"{number}.png", pnginfo=told)
        facts = to_json(examine(tmp_path / f"{number}.png"))
        case._tables.store.replace(f"E000{number}", [("media", {"exhibit": f"E000{number}", "facts": facts})])
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "notes.csv").write_text("he said: The ferry leaves pier nine, at dusk", encoding="utf-8")

    def quoted(exhibit):
        return case._masking.also_whole(case._masking.masked(), [exhibit]).quoted

    quoted("E0002").check_folder(tmp_path / "made")
    with pytest.raises(ExportError, match=r"notes\.csv \(E0001\)"):
        quoted("E0001").check_folder(tmp_path / "made")


def test_what_leaves_says_too_is_no_secret_and_what_exhibits_say_themselves_is_not_looked_at(tmp_path):
    """Else a repost of the same words, or the capture of an exhibit that leaves, would stop every package."""
    told = "the boathouse key lies under the third stone by the river"
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "a.txt").write_text(told, encoding="utf-8")
    Quoted([("E0001", told)], []).check_folder(tmp_path)
    (tmp_path / "b.html").write_text("under the <b>third</b>\nstone by the river", encoding="utf-8")
    Quoted([("E0001", told)], ["under the third stone by the river"]).check_folder(tmp_path)
    with pytest.raises(ExportError, match=r"b\.html \(E0001\)"):
        Quoted([("E0001", told)], ["lies under the third stone"]).check_folder(tmp_path)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"said,by\r\n12 Mill\r\nStreet,Roe", id="over two lines"),
        pytest.param("\u00fe12 Mill\u00aeStreet\u00fe".encode(), id="with the line mark of a load file"),
        pytest.param("12 Mill\u00a0Street".encode(), id="with a no-break space"),
        pytest.param(png(HOME), id="in the packed text of a PNG"),
        pytest.param(packed(HOME), id="in a packed stream of a PDF"),
        pytest.param(drawn(HOME), id="in a PDF that draws letter after letter", marks=POPPLER),
    ],
)
def test_the_search_of_a_package_looks_into_what_a_production_is_made_of(tmp_path, data):
    """It names the file; another text is found nowhere."""
    (tmp_path / "file.bin").write_bytes(data)

    assert {each.file for each in find(tmp_path, [HOME]).places} == {"file.bin"}
    assert find(tmp_path, ["14 Hill Street"]).places == ()
