"""The head on one printed page: the code gives the note back, byte for byte."""

from __future__ import annotations

import base64
import io
import re

import pytest
import zxingcpp
from bs4 import BeautifulSoup
from papers import MADE, cosign_newest, key
from PIL import Image, ImageDraw
from pypdf import PdfReader
from scanning import decoded

from osint.errors import ExportError, LedgerError
from osint.report.head_page import head_page, head_page_pdf
from osint.report.qr import qr_runs

FINGERPRINTS = [key("actor", 0).keyid, key("log", 32).keyid]


def drawn(page: bytes) -> zxingcpp.Barcode:
    """Paint the path of the SVG in the page and read it."""
    [image] = BeautifulSoup(page, "html.parser").find_all("img")
    svg = base64.b64decode(image["src"].partition("base64,")[2]).decode()
    side = int(re.search(r'width="(\d+)"', svg)[1])
    picture = Image.new("L", (side, side), 255)
    scale = int(re.search(r"scale\((\d+)\)", svg)[1])
    x = y = 0.0
    for command, first, second in re.findall(
        r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", re.search(r' d="([^"]+)"', svg)[1]
    ):
        if command == "h":
            box = (x * scale, (y - 0.5) * scale, (x + float(first)) * scale - 1, (y + 0.5) * scale - 1)
            ImageDraw.Draw(picture).rectangle(box, fill=0)
            x += float(first)
        elif command == "M":
            x, y = float(first), float(second)
        else:
            x, y = x + float(first), y + float(second)
    [code] = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return code


@pytest.fixture
def note(worked):
    return worked.checkpoints()[-1]


def test_the_code_on_the_page_is_the_note(note):
    """
    Any reader gives the exact text, at the error level that a scratched print needs.
    """
    code = drawn(head_page(note, "2026-0417", MADE, FINGERPRINTS))

    assert code.bytes == note.encode()
    assert code.text == note
    assert code.ec_level == "M"


def test_the_code_in_the_pdf_is_the_note(note):
    """
    Drawn as bars, with the white around it that readers need.
    """
    assert decoded(head_page_pdf(note, "2026-0417", MADE, FINGERPRINTS)) == note.encode()


def test_the_code_stands_upright_in_the_white_that_readers_need(note):
    """
    Three corners have their marks, seven modules wide; four modules around are white.
    """
    modules, bars = qr_runs(note)
    far = modules - 4

    def marked(left: int, top: int) -> bool:
        frame = {(left, top, 7), (left, top + 6, 7)}
        return frame | {(left + 2, top + row, 3) for row in (2, 3, 4)} <= set(bars)

    assert marked(4, 4) and marked(far - 7, 4) and marked(4, far - 7)
    assert not marked(far - 7, far - 7)
    assert all(left >= 4 and left + length <= far and 4 <= top < far for left, top, length in bars)


def test_a_head_with_the_lines_of_witnesses_is_read_back_too(worked):
    """
    More bytes, a finer code, the same text.
    """
    for number in range(3):
        cosign_newest(worked, f"court-{number}.example")
    note = worked.cosigned(8)

    assert drawn(head_page(note, "2026-0417", MADE, [])).text == note
    assert decoded(head_page_pdf(note, "2026-0417", MADE, [])) == note.encode()


def test_the_page_says_what_it_is_and_how_it_is_kept_and_compared(note):
    """
    The note in clear, the fingerprints, the command; and it is one page.
    """
    html = BeautifulSoup(head_page(note, "2026-0417", MADE, FINGERPRINTS), "html.parser")
    reader = PdfReader(io.BytesIO(head_page_pdf(note, "2026-0417", MADE, FINGERPRINTS)))
    text = reader.pages[0].extract_text()

    assert len(reader.pages) == 1
    assert html.pre.text == note
    for line in note.split("\n")[:3]:
        assert line in text
    for said in (html.text, " ".join(text.split())):
        assert "osint verify FOLDER --kept-head head.txt" in said
        assert "8, numbered 0 to 7" in said
        assert "2026-05-02T12:00:00Z" in said
        assert all(fingerprint in said for fingerprint in FINGERPRINTS)


def test_equal_heads_give_equal_pages(note):
    """
    Printing again is no new document.
    """
    for write in (head_page, head_page_pdf):
        assert write(note, "n", MADE, FINGERPRINTS) == write(note, "n", MADE, FINGERPRINTS)


def test_a_name_that_is_markup_is_text(note):
    """
    The name of a folder runs nothing.
    """
    page = head_page(note, "<script>alert(1)</script>", MADE, []).decode()

    assert "<script" not in page


def test_what_is_no_checkpoint_is_not_printed():
    """
    A page that looks like a head and is none would be worse than no page.
    """
    for write in (head_page, head_page_pdf):
        with pytest.raises(LedgerError):
            write("not a note\n", "n", MADE, [])


def test_a_text_that_fits_no_code_is_refused():
    """
    The error says what to print instead.
    """
    with pytest.raises(ExportError, match="does not fit into one QR code"):
        qr_runs("x" * 2400)
