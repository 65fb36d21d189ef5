"""The custody log on paper: every hash can be searched, every page is numbered, and no letter is a box."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import pytest
from papers import MADE, WHO, cosign_newest, hand_on, redact
from pypdf import PdfReader
from scanning import decoded

from osint.errors import ExportError
from osint.report import fonts
from osint.report.custody_pdf import custody_log_pdf
from osint.report.fonts import TEXT, Letters
from osint.report.pdf import Pages
from osint.store.blobs import FolderBlobs

VERDICT = "Verified: 8 entries\n  actor key since entry 0: " + "ab" * 32 + "\n  not covered: what came after."


def read(data: bytes) -> list[str]:
    """Return the text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def printed(ledger) -> bytes:
    return custody_log_pdf(ledger, "Custody log: 2026-0417", VERDICT, MADE)


def test_every_hash_can_be_searched(worked):
    """
    Leaf hashes, hashes of exhibits, fingerprints: in one piece in the text layer, in the order of the ledger.
    """
    text = "\n".join(read(printed(worked)))

    places = [text.index(entry.leaf.hex()) for entry in worked.entries()]
    assert places == sorted(places)
    for exhibit in worked.exhibits():
        assert exhibit.sha256 in text
    for item in worked.entry(0).object:
        assert item["key"] in text
    assert "ab" * 32 in text


def test_every_page_has_its_number_and_the_head(worked):
    """
    Page x of y, and at the foot origin, size and root of the newest checkpoint.
    """
    for number in range(40):
        worked.append("note", private={"text": f"note {number}"})
    worked.cut_checkpoint()
    pages = read(printed(worked))
    origin, size, root = worked.checkpoints()[-1].split("\n")[:3]

    assert len(pages) > 2
    for number, text in enumerate(pages, 1):
        assert f"page {number} of {len(pages)}" in text
        assert origin in text
        assert f"{size} entries, root {root}" in text


def test_the_code_on_the_first_page_is_the_head(worked):
    """
    Read back from the drawing: the exact bytes of the newest checkpoint, signature and all.
    """
    assert decoded(printed(worked)) == worked.checkpoints()[-1].encode()


def test_it_says_what_was_verified_who_signs_and_what_is_anchored(worked):
    """
    Verdict, keys with their holders, anchored and unanchored entries, transfers and erasures.
    """
    cosign_newest(worked)
    hand_on(worked, FolderBlobs(worked.path.parent / "evidence"))
    redact(worked, worked.entry(6))
    worked.append("purge", outcome="refused", private={"reasons": ["a hold"]})
    text = " ".join("\n".join(read(printed(worked))).split())

    assert "Erasures refused; nothing was destroyed" in text
    assert "not covered: what came after." in text
    assert f"actor key, opened in entry 0, {WHO}" in text
    assert "actor key, introduced in entry 10, K. de Vries, prosecutor" in text
    assert re.search(r"log key, opened in entry 0 [0-9a-f]{64}", text)
    assert "cosigned by court.example" in text
    assert "answer: received in entry 11" in text
    assert "concerns: 1 value of entry 6" in text


def test_a_ledger_without_checkpoint_is_printed_and_says_so(worked, monkeypatch):
    """
    There is no code, and the foot claims nothing.
    """
    monkeypatch.setattr(type(worked), "checkpoints", lambda _: [])
    pages = read(printed(worked))

    assert all("no checkpoint yet" in text for text in pages)


def test_equal_ledgers_give_equal_bytes_in_another_process_too(tmp_path):
    """
    Nothing of the clock, the machine or the order of a dictionary is in it.
    """
    code = (
        "import sys; from datetime import UTC, datetime; from osint.report.pdf import Pages\n"
        "pages = Pages('Ω title', datetime(2026, 5, 2, tzinfo=UTC)); pages.paragraph('Ελένη and Дарья ' * 40)\n"
        "sys.stdout.buffer.write(pages.finish(['foot']))"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    )

    assert first == second
    assert first.startswith(b"%PDF")


def test_it_states_the_instant_it_was_made_at(worked):
    """
    Not the clock of whoever exports, and not the year 2000 of the library.
    """
    assert PdfReader(io.BytesIO(printed(worked))).metadata.creation_date == MADE


def test_every_font_is_inside(worked):
    """
    The page looks the same on a machine that has none of them.
    """
    fonts_used = {
        font.get_object()["/FontDescriptor"].get_object()["/FontFile2"].get_object() is not None
        for page in PdfReader(io.BytesIO(printed(worked))).pages
        for font in page["/Resources"]["/Font"].values()
    }

    assert fonts_used == {True}


SPELT = {
    "a character that reorders": ("a\u202eb", "a\\u{202E}b"),
    "a character that hides": ("a\u200bb", "a\\u{200B}b"),
    "a control character": ("a\x1bb", "a\\u{1B}b"),
    "a letter without ink": ("a\u3164", "a\\u{3164}"),
    "a sign without its letter": ("\u0301x", "\\u{301}x"),
    "what looks as if it were spelt": ("C:\\u{41}", "C:\\u{5C}u{41}"),
}


@pytest.mark.parametrize(("text", "spelt"), SPELT.values(), ids=SPELT.keys())
def test_what_would_come_out_wrong_is_spelt_by_code_point(text, spelt, monkeypatch):
    """
    What hides or reorders others, or has nothing to stand on, is not drawn but said, in whatever font.
    """
    monkeypatch.setattr(fonts, "_draws", lambda font, char: True)

    assert "".join(drawn for _, drawn in Letters().runs(text, TEXT)) == spelt


def test_letters_with_marks_are_letters():
    """
    A composed letter is drawn, whichever way it was written.
    """
    assert "".join(drawn for _, drawn in Letters().runs("Zoe\u0308", TEXT)) == "Zoë"


def test_no_character_is_drawn_by_a_font_that_lacks_it():
    """
    Each piece of text is in the font that it is drawn with; what none has is spelt.
    """
    from reportlab.pdfbase.pdfmetrics import getFont

    text = "Ελένη Дарья 山田太郎 한국어 😀 Zoë გიორგი Հայկ ꙮ"
    for font, drawn in Letters().runs(text, TEXT):
        assert not {ord(char) for char in drawn} - getFont(font).face.charToGlyph.keys()
    assert Letters().spelt(text) == text
    assert Letters(wide=()).spelt("Zoë 山 a") == "Zoë \\u{5C71} a"
    assert Letters(shaped=()).spelt("ไท دانا ܐ") == "\\u{E44}\\u{E17} \\u{62F}\\u{627}\\u{646}\\u{627} \\u{710}"


NAMES = {
    "Latin": ("Łukasz Nguyễn Çağrı", "Łukasz Nguyễn Çağrı"),
    "Greek": ("Ελένη Παπαδοπούλου", "Ελένη Παπαδοπούλου"),
    "Cyrillic": ("Дарья Ковальчук", "Дарья Ковальчук"),
    "Georgian": ("გიორგი", "გიორგი"),
    "Thai": ("นวลจันทร์", "นวลจันทร์"),
    "Hindi": ("प्रिया", "प्रिया"),
    "Chinese": ("山田", "山田"),
    "Korean": ("한국어", "한국어"),
}


def test_names_are_in_the_text_layer_alike_on_every_desktop(worked):
    """
    Drawn, and found by a search.
    """
    for name, _ in NAMES.values():
        worked.append("configure", private={"investigator": name})
    text = " ".join("\n".join(read(printed(worked))).split())

    for script, (_, printed_as) in NAMES.items():
        assert f"by {printed_as}; with" in text, script
        assert f"investigator: {printed_as} leaf hash" in text, script
    assert "in braces after a backslash and the letter u" in text
    assert "\\u{5C}" not in text


def test_a_wider_font_is_found_for_what_the_first_lacks():
    """
    A piece of text changes its font where it has to, and back.
    """
    assert Letters().runs("a 山 b", TEXT) == [
        ("osint-NotoSans-Regular", "a "), ("osint-DroidSansFallbackFull", "山"), ("osint-NotoSans-Regular", " b"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["word " * 300, "x" * 2000, "short " + "y" * 700 + " tail", "", "  a  b", "\n\n", "ш" * 300],
)  # fmt: skip
def test_no_line_is_wider_than_the_page_and_nothing_is_lost(text):
    """
    Text is broken at spaces, and inside words that are wider than a line.
    """
    pages = Pages("t", MADE)
    lines = list(pages.lines(text))
    letters = Letters()

    assert max(letters.width(line.text, line.role, line.size) for line in lines) <= 595 - 2 * 54
    assert re.sub(r"\s", "", "".join(line.text for line in lines)) == re.sub(r"\s", "", text)


def test_an_entry_stays_on_one_page_and_one_longer_than_a_page_goes_on():
    """
    No line is left out at the foot.
    """
    pages = Pages("t", MADE)
    for number in range(30):
        pages.together([*pages.lines(f"first {number}"), *pages.lines("middle\n" * 6), *pages.lines(f"last {number}")])
    pages.together(list(pages.lines("\n".join(f"row {number}" for number in range(200)))))
    text = read(pages.finish([]))

    for number in range(30):
        [place] = [page for page, said in enumerate(text) if f"first {number}\n" in said + "\n"]
        assert f"last {number}" in text[place]
    assert all(f"row {number}" in "\n".join(text) for number in range(200))


def test_nothing_is_drawn_where_a_letter_sheet_ends():
    """
    Fifty points at either end are white, so that a printer with the other paper cuts nothing off.
    """
    pages = Pages("t", MADE)
    pages.paragraph("line\n" * 200)
    places = []
    for page in PdfReader(io.BytesIO(pages.finish(["one", "two", "three"]))).pages:
        page.extract_text(visitor_text=lambda text, _, matrix, *__: places.append((matrix[5], text.strip())))
    written = [place for place, text in places if text == "line"]
    foot = [place for place, text in places if text and text not in ("line", "t")]

    assert min(foot) > 50
    assert min(written) > max(foot) + 9
    assert max(written) < 842 - 50


def test_without_the_extra_the_error_names_it(worked, monkeypatch):
    """
    And says what holds the same without it.
    """
    monkeypatch.setattr("osint.report.pdf.pdf_is_installed", lambda: False)

    with pytest.raises(ExportError, match=r"pip install 'osint\[report\]'"):
        printed(worked)


def test_nothing_of_the_extra_is_loaded_before_it_is_used():
    """
    The rest of the package works without it.
    """
    code = "import sys, osint.report.hand_over; print([name for name in sys.modules if name.startswith(('reportlab', 'uharfbuzz'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
