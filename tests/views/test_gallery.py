"""Cards of media: blurred until revealed, safe whatever a file states, and a page at a time."""

import base64

import pytest
from hostile_media import PICTURE, TEXTS, assert_inert, record

from osint.media.table import frame
from osint.media.thumbnails import Thumbnail
from osint.views.gallery import MOST, gallery, page_of


def shown(*records, **options):
    thumbnails = {each.facts.sha256: PICTURE for each in records}
    return gallery(frame(records), thumbnails, **options)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_whatever_a_file_states_a_card_runs_and_asks_nothing(text):
    """
    In HTML only elements and attributes of ours; in text no escape code.
    """
    bundle = shown(record(text, exhibit=text or "E0001"))._repr_mimebundle_()

    assert_inert(bundle["text/html"])
    assert not set(bundle["text/plain"]) & {"\x1b", "\x07", "\x9b", "\u202e", "\u200b", "\ud800", "\u2028"}


def test_a_picture_is_behind_a_fold_that_is_closed():
    """
    What is outside the fold's content is the blurred one; no style is needed to hide the other.
    """
    soup = assert_inert(shown(record())._repr_mimebundle_()["text/html"])
    fold = next(each for each in soup.find_all("details") if each.find("img"))
    hidden, revealed = fold.summary.img, fold.find_all("img", recursive=False)

    assert not fold.has_attr("open")
    assert base64.b64decode(hidden["src"].partition(",")[2]) == PICTURE.veiled
    assert [base64.b64decode(each["src"].partition(",")[2]) for each in revealed] == [PICTURE.jpeg]
    assert len(soup.find_all("img")) == 2


def test_a_picture_is_named_for_those_who_do_not_see_it():
    """
    The fold says what it does, the pictures say whose they are, and the cells of a card have headings.
    """
    soup = assert_inert(shown(record())._repr_mimebundle_()["text/html"])

    assert soup.summary.get_text() == "Reveal or hide the picture of E0003"
    assert [each["alt"] for each in soup.find_all("img")] == [
        "picture of exhibit E0003, hidden until revealed", "picture of exhibit E0003, made small",
    ]  # fmt: skip
    assert [each.get_text() for each in soup.find_all("th")][:2] == ["SHA-256", "type"]


def test_a_card_says_what_the_file_states_with_its_grades():
    """
    Exhibit, digest, clock, position, warnings, posts; the whole digest in the title.
    """
    one = record("words")
    soup = assert_inert(shown(one)._repr_mimebundle_()["text/html"])
    cells = {each.th.get_text(): each.td.get_text() for each in soup.find_all("tr")}

    assert cells["SHA-256"] == f"{one.facts.sha256[:16]}…"
    assert soup.find("span", title=True)["title"] == one.facts.sha256
    assert cells["camera clock"] == "words words, grade D"
    assert cells["position"] == "52.370000, 4.890000, spelled to 31 m; accuracy not stated, grade C"
    assert cells["posts"] == "words"
    assert "2 warnings" in soup.get_text()
    assert one.facts.sha256 in str(shown(one))


def test_a_file_without_a_picture_says_why():
    """
    In both forms, with the reason escaped.
    """
    one = record("words")
    told = gallery(frame([one]), {one.facts.sha256: Thumbnail(reason="refused: <b>too large</b>")})
    never = gallery(frame([one]), {})

    soup = assert_inert(told._repr_mimebundle_()["text/html"])
    assert not soup.find_all("img")
    assert "No picture is shown (refused: <b>too large</b>)." in soup.get_text()
    assert "No picture is shown (refused: <b>too large</b>)." in str(told)
    [ground] = [each["style"] for each in soup.find_all(style=True) if "background" in each["style"]]
    assert ";color:#1b1f24" in ground  # else a dark notebook writes white on light grey
    assert "none was made" in str(never)


def test_more_files_than_a_page_holds_are_said_to_be_there():
    """
    60 a page, and a sentence that says how to see the next.
    """
    records = [record("words", exhibit=f"E{number:04}", number=number) for number in range(1, MOST + 12)]
    first, second, past = (shown(*records, page=page) for page in (1, 2, 3))

    assert [len(each.cards) for each in (first, second, past)] == [MOST, 11, 0]
    assert (
        first.title == "Files 1 to 60 of 71, 60 to a page. page=2 shows the next. Pictures are blurred until revealed."
    )
    assert second.title == "Files 61 to 71 of 71, 60 to a page. Pictures are blurred until revealed."
    assert past.title == "No file on page 3; 71 files in all."
    assert second.cards[0].exhibit == "E0061"
    assert next(iter(page_of(frame(records), 2)["exhibit"])) == "E0061"


def test_a_saved_gallery_is_a_page_under_a_policy_that_allows_nothing(tmp_path):
    """
    It asks nobody and runs nothing even if a hostile string got through.
    """
    page = shown(record()).save(tmp_path / "gallery.html").read_text(encoding="utf-8")
    head, _, body = page.partition("</h1>\n")

    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in head
    assert_inert(body.removesuffix("</main></body></html>\n"))
