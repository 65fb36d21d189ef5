"""Letters that join, stack or run from right to left, in a PDF: the glyphs of HarfBuzz, and text that a search finds."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys

import pytest
import uharfbuzz
from papers import MADE
from pypdf import PdfReader
from reportlab.pdfbase.pdfmetrics import getFont

from osint.errors import ExportError
from osint.report import glyphs
from osint.report.apart import Apart, apart, joined
from osint.report.custody_pdf import _step
from osint.report.fonts import TEXT, Letters
from osint.report.pdf import Pages
from osint.report.sheet import Sheet
from osint.report.steps import read_steps
from osint.report.typefaces import FOLDER

HASH = "9f86d081884c7d659a2feaa0c55ad015"
LEFTWARDS = {
    "Arabic": "مهربان",
    "Arabic, a ligature": "صلاح",
    "Arabic, with vowels": "مُحَمَّد",
    "Hebrew": "דנה",
    "Hebrew, pointed": "שָׁלוֹם",
    "Hebrew, a letter drawn left of its place": "אֱלֹהִים",
}
WORDS = LEFTWARDS | {
    "Hindi": "हिन्दी",
    "Bengali": "কোলকাতা",
    "Tamil": "கொடி",
    "Telugu": "స్త్రీ",
    "Gujarati": "ગુજરાતી",
    "Punjabi": "ਪੰਜਾਬੀ",
    "Kannada": "ಕನ್ನಡ",
    "Malayalam": "മലയാളം",
    "Sinhala": "සිංහල",
    "Thai": "น้ำใจที่",
    "Lao": "ນ້ຳ",
    "Khmer": "ភាសាខ្មែរ",
    "Burmese": "မြန်မာ",
}


def printed(*texts: str) -> bytes:
    pages = Pages("Custody log", MADE)
    for text in texts:
        pages.paragraph(text)
    return pages.finish(["foot"])


def told(text: str) -> list[str]:
    """Return what is drawn, a piece for each run, from left to right: of glyphs the letters that they stand for."""
    return [
        "".join(each.text for each in getattr(drawn, "glyphs", ())) or drawn for _, drawn in Letters().runs(text, TEXT)
    ]


def by_harfbuzz(word: str, typeface: str) -> list[tuple[int, int]]:
    """Return number and advance of each glyph as HarfBuzz gives them."""
    buffer = uharfbuzz.Buffer()
    buffer.add_str(word)
    buffer.guess_segment_properties()
    blob = uharfbuzz.Blob.from_file_path(str(FOLDER / f"{typeface}.ttf"))
    uharfbuzz.shape(uharfbuzz.Font(uharfbuzz.Face(blob)), buffer)
    return [(info.codepoint, at.x_advance) for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)]


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS.keys())
def test_the_glyphs_drawn_are_those_of_harfbuzz(word):
    """
    Forms, ligatures and signs, none lost, and the word as wide as they are together.
    """
    [(font, drawn)] = Letters().runs(word, TEXT)
    expected = by_harfbuzz(word, font.removeprefix("osint-glyphs-"))
    inked = [each.number for each in drawn.glyphs if each.number != getFont(font)._shaper.get_nominal_glyph(0)]

    assert sorted(inked) == sorted(number for number, _ in expected)
    assert sum(each.advance for each in drawn.glyphs) == sum(advance for _, advance in expected)


def test_letters_take_the_form_of_their_place():
    """
    The same letter at the beginning, in the middle and at the end of a word is three glyphs, and found as one letter.
    """
    [(_, drawn)] = Letters().runs("ههه", TEXT)

    assert len({each.number for each in drawn.glyphs}) == 3
    assert {each.text for each in drawn.glyphs} == {"ه"}


def test_the_space_between_two_words_is_that_of_their_typeface():
    """
    And a sentence is one piece.
    """
    assert told("דנה שלום") == ["םולש הנד"]


@pytest.mark.parametrize("word", [word for script, word in WORDS.items() if script != "Burmese"])
def test_a_search_finds_the_letters_beside_a_hash(word):
    """
    Read back by a program that knows the font's map of glyphs to text and nothing of marked text.
    """
    text = PdfReader(io.BytesIO(printed(apart("by ", word, f"; SHA-256 {HASH}")))).pages[0].extract_text()

    assert f"by {word}" in text
    assert f"SHA-256 {HASH}" in text


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="Poppler is not installed")
@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS.keys())
def test_poppler_finds_the_letters_in_the_order_in_which_they_are_read(word, tmp_path):
    """
    It turns what runs from right to left round by itself, and puts marks of its own around it.
    """
    (tmp_path / "log.pdf").write_bytes(printed(apart("by ", word, f"; SHA-256 {HASH} and more")))
    done = subprocess.run(["pdftotext", tmp_path / "log.pdf", "-"], capture_output=True, check=True, encoding="utf-8")
    text = re.sub("[\u202a-\u202e]", "", done.stdout)

    assert word in text
    assert HASH in text


def test_what_is_drawn_from_left_to_right_is_marked_with_its_text():
    """
    A vowel that is drawn before its letter, or around it, is found behind it.
    """
    content = PdfReader(io.BytesIO(printed("কো"))).pages[0].get_contents().get_data()

    assert b"/Span <</ActualText <FEFF" + "কো".encode("utf-16-be").hex().encode() + b">>> BDC" in content
    assert content.count(b"BDC") == content.count(b"EMC") == 1


@pytest.mark.parametrize("word", LEFTWARDS.values(), ids=LEFTWARDS.keys())
def test_from_right_to_left_no_glyph_stands_for_two_letters(word):
    """
    Whoever turns the run round letter by letter has the word, and no letter hangs on a sign that was moved.
    """
    [(_, drawn)] = Letters().runs(word, TEXT)

    assert "".join(each.text for each in reversed(drawn.glyphs)) == word
    assert max(len(each.text) for each in drawn.glyphs) == 1


def test_what_carries_text_stands_where_the_letter_is_drawn():
    """
    Right of it, programs that read a PDF take it for a word of its own.
    """
    [(_, drawn)] = Letters().runs("אֱלֹהִים", TEXT)
    *_, carrier, letter, sign = drawn.glyphs

    assert [each.text for each in (carrier, letter, sign)] == ["\u05b1", "א", ""]
    assert carrier.right == letter.right < 0 < sign.right


@pytest.mark.parametrize("typeface", ["NotoSansArabic-Regular", "NotoSansHebrew-Regular"])
def test_the_glyph_that_only_carries_text_draws_nothing(typeface):
    """
    It has neither ink nor width, unlike that of a joiner.
    """
    font = glyphs.GlyphFont("tried", str(FOLDER / f"{typeface}.ttf"))
    blank = font._shaper.get_nominal_glyph(glyphs._WITHOUT_INK)

    assert blank
    assert font.face.glyphPos[blank] == font.face.glyphPos[blank + 1]
    assert font._width(blank) == 0


def test_equal_text_gives_equal_bytes_whatever_was_drawn_before():
    """
    In this process after other words, and in another with another order of sets and another language.
    """
    texts = [f"{word} {HASH} (12)" for word in (*LEFTWARDS.values(), WORDS["Khmer"])]
    first = printed(*texts)
    printed(*reversed(texts), "ملحق")
    code = f"import sys; sys.path[:0] = {sys.path!r}; from test_shaped_letters import printed\n"
    code += f"sys.stdout.buffer.write(printed(*{texts!r}))"
    environment = {"PYTHONHASHSEED": "7", "LANG": "ur_PK.UTF-8", "PYTHONIOENCODING": "utf-8"}
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)

    assert printed(*texts) == first
    assert other.stdout == first


def test_letters_do_not_depend_on_the_language_of_the_desktop(monkeypatch):
    """
    HarfBuzz would take it from there where nobody states one, and a typeface may have other forms for it.
    """
    stated = []
    shape = uharfbuzz.shape
    monkeypatch.setattr(uharfbuzz, "shape", lambda font, buffer: (stated.append(buffer.language), shape(font, buffer)))
    Letters().runs("مهربان", TEXT)

    assert stated == ["und"]


def test_what_reorders_is_spelt_and_not_obeyed():
    """
    Also between letters that run from right to left, where its spelling is read from left to right.
    """
    assert told("אב\u202eגד") == ["דג", "\\u{202E}", "בא"]
    assert told("אב\u2067גד\u2069") == ["\\u{2069}", "דג", "\\u{2067}", "בא"]
    assert told("אב\\u{41}") == ["\\u{5C}u{41}", "בא"]
    assert told("אב\u0710") == ["\\u{710}", "בא"]


def test_brackets_digits_and_names_stand_as_the_standard_puts_them():
    """
    Brackets open to the side from which one reads; digits and Latin letters run from left to right.
    """
    drawn = Letters().runs("דנה (dana) 12", TEXT)
    opening, closing = (
        each for _, run in drawn for each in getattr(run, "glyphs", ()) if each.text in "()" and each.text
    )
    as_drawn = glyphs.GlyphFont("tried", str(FOLDER / "NotoSans-Regular.ttf"))._shaper.get_nominal_glyph

    assert "".join(told("דנה (dana) 12")) == "12 )dana( הנד"
    assert (opening.text, opening.number) == (")", as_drawn(ord("(")))
    assert (closing.text, closing.number) == ("(", as_drawn(ord(")")))


def test_the_first_strong_letter_gives_the_direction():
    """
    A name from right to left in an English line leaves the line as it is.
    """
    assert "".join(told("דנה, osint")) == "osint ,הנד"
    assert "".join(told("osint, דנה")) == "osint, הנד"


def test_values_keep_to_themselves():
    """
    What a hostile name holds does not move the values beside it; without parts it would.
    """
    listed = ["אב", "12", "גד"]

    assert "".join(told(joined(", ", listed))) == "בא, 12, דג"
    assert "".join(told(", ".join(listed))) == "דג ,12 ,בא"
    assert "".join(told(apart("by ", "אב", "34", "גד", "; entry 5"))) == "by בא34דג; entry 5"
    assert told(apart("אב", "גד")) == ["בא", "דג"]
    assert joined(", ", [apart("a: ", "1"), "2"]).ends == (3, 4, 6, 7)
    assert joined("; ", []) == ""


def test_a_name_from_right_to_left_moves_nothing_of_its_entry(worked):
    """
    Not the facts beside it, not the values in one list with it, and no number; what would do so is spelt.
    """
    worked.append("configure", private={"investigator": "דנה 12", "files": ["דנה", "34", "מרים", "\u202edana"]})
    *_, step = read_steps(worked)
    said = " ".join("".join(told(line.text)) for line in _step(Pages("t", MADE), step))

    assert "by 12 הנד; with osint " in said
    assert "investigator: 12 הנד; files: הנד, 34, םירמ, \\u{202E}dana" in said


def test_each_line_of_a_paragraph_keeps_its_direction():
    """
    A line that begins with a Latin word within a Hebrew text goes on from right to left.
    """
    text = "דנה abc " * 40
    lines = list(Letters().broken(text, TEXT, 10, 103))

    assert len(lines) > 5
    for line in lines:
        shown = "".join(told(line)).split()
        assert [word if word == "abc" else word[::-1] for word in reversed(shown)] == line.split()
    assert any(line.startswith("abc ") for line in lines)


def test_each_line_of_a_value_has_its_own_direction():
    """
    As paragraphs have.
    """
    lines = list(Letters().broken(apart("", "דנה, 1\nosint, דנה\n\n"), TEXT, 10, 500))

    assert ["".join(told(line)) for line in lines] == ["1 ,הנד", "osint, הנד", "", ""]


@pytest.mark.parametrize(
    ("text", "left_out"),
    [("ب" + "\u064e" * 6, 2), ("က" + "\u102d" * 9, 3), ("မြန်မာ", 0), ("مُحَمَّدٌ", 0), ("שָׁ", 0)],
    ids=["a pile", "one upon the other", "Burmese", "Arabic", "Hebrew"],
)
def test_signs_that_would_climb_over_other_lines_are_spelt(text, left_out):
    """
    A letter keeps as many as words have.
    """
    assert Letters().spelt(text).count("\\u{") == left_out


def test_a_cut_parts_no_letter_from_its_signs_and_no_value_from_its_place():
    """
    The ellipsis stands where the reading ends.
    """
    letters = Letters()

    assert letters.cut("กี่กี่กี่", 5) == "กี่…"
    assert "".join(told(letters.cut(apart("7  ", "אבגדה"), 6))) == "7  …בא"
    assert isinstance(letters.cut(apart("7  ", "אבגדה"), 6), Apart)


@pytest.mark.parametrize("text", ["مهربان" * 60, "ه" * 400, "ភាសាខ្មែរ" * 40, "กี่" * 300, "دانا " * 90, "שָׁלוֹם" * 50])
def test_no_line_is_wider_than_the_page_and_no_letter_is_lost(text):
    """
    A word without spaces is broken between letters, each with its signs; some are wider in a word than by themselves.
    """
    letters = Letters()
    lines = list(letters.broken(text, TEXT, 9, 200))

    assert max(letters.width(line, TEXT, 9) for line in lines) <= 200
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert len(lines) > 2


def test_a_line_narrower_than_a_letter_holds_one():
    """
    Whatever was begun before stays on its own line.
    """
    assert list(Letters().broken("กี่น้ำ", TEXT, 9, 1)) == ["กี่", "น้", "ำ"]
    assert list(Letters().broken("a دانا", TEXT, 9, 8)) == ["a ", "دا", "نا"]


@pytest.mark.parametrize("document", [lambda: Pages("t", MADE), lambda: Sheet("t", "A4", MADE)], ids=["pages", "sheet"])
def test_without_the_program_that_shapes_there_is_no_pdf(document, monkeypatch):
    """
    One that spelt what another machine draws would be another document.
    """
    monkeypatch.setattr("osint.report.pdf.find_spec", lambda name: None if name == "uharfbuzz" else object())

    with pytest.raises(ExportError, match=r"uharfbuzz.*pip install 'osint\[report\]'"):
        document()


@pytest.mark.parametrize("pair", ["(א)", "(א) " * 100 + "(א)" * 100], ids=["no space", "words of 300"])
def test_a_hostile_line_is_not_shaped_again_and_again(pair, monkeypatch):
    """
    To shape each line anew until it fits shapes each letter ten times; 90,000 brackets took 20 s of processor time.
    """
    shaped = []
    shape = glyphs.GlyphFont.shaped

    def counted(font, text, *, leftwards):
        shaped.append(len(text))
        return shape(font, text, leftwards=leftwards)

    monkeypatch.setattr(glyphs.GlyphFont, "shaped", counted)
    text = pair * (9000 // len(pair))

    lines = list(Pages("Custody log", MADE).lines(text))

    assert "".join(line.text for line in lines).replace(" ", "") == text.replace(" ", "")
    assert sum(shaped) < 3 * len(text)


def test_a_long_line_fits_the_page_as_a_short_one_does():
    """
    Letters of a long text count as wide as they are alone; in Arabic with vowels they are wider together.
    """
    for word in WORDS.values():
        letters, room = Letters(), 487.0
        lines = list(letters.broken(word * (2000 // len(word)), TEXT, 8.5, room))

        assert "".join(lines) == word * (2000 // len(word))
        assert max(letters.width(line, TEXT, 8.5) for line in lines) <= room
