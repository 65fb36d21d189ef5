"""DokuWiki: how the list of revisions is paged, which texts are whose, and what is withheld."""

from __future__ import annotations

import pytest
from recorded import Changed, Memory, ask, expected
from test_collectors import captured

from osint.activity import Post
from osint.collectors import dokuwiki
from osint.collectors.protocol import Stop
from osint.errors import SourceClosedError, SourceError, SourceGoneError
from osint.query import UrlQuery

URLS = {name: stated["url"] for name, stated in expected("dokuwiki").items()}
PIER = UrlQuery(url="https://wiki.example/doku.php?id=harbour:pier")
PIER_ANSWERS = {name: name for name in ("list_1", "list_2", "text_0", "text_1", "text_2", "text_3", "text_4")}
SMALL = UrlQuery(url="https://wiki.example/doku.php?id=a")
SMALL_LIST = "https://wiki.example/doku.php?id=a&do=revisions"


def memory(**answers):
    """A wiki in memory: what is asked for by the address of the first answer is answered by the second."""
    return Memory("dokuwiki", {URLS[asked]: answer for asked, answer in answers.items()})


def posts(*captures):
    return [record for capture in captures for record in dokuwiki.parse(capture) if isinstance(record, Post)]


def test_the_list_is_read_to_its_end_and_each_text_asked_for():
    """Five revisions on two pages of the list, then five texts, the oldest first."""
    get = memory(**PIER_ANSWERS)

    captures, stop = ask(dokuwiki, PIER, get)
    rows = posts(*captures)

    assert stop is Stop.EXHAUSTED
    texts = [post for post in rows if post.type == "Page"]
    assert {f"{post.native_id}/change" for post in texts} == {post.native_id for post in rows if post.type == "Update"}
    assert len(texts) == 5
    assert texts == sorted(texts, key=lambda post: post.published)


def test_each_line_says_who_changed_the_page_and_why():
    """Its text is another row, with the same number."""
    newest, minor, visitor = posts(captured("dokuwiki", "list_1"))

    assert (newest.author_handle, newest.content) == ("imke", "переклад")
    assert minor.extra["minor"] is True
    assert (visitor.author_handle, visitor.extra["visitor"]) == ("198.51.100.7", True)
    assert visitor.native_id.removesuffix("/change") in {
        post.native_id for post in posts(*(captured("dokuwiki", f"text_{n}") for n in range(5)))
    }


def test_a_deletion_holds_no_text():
    """DokuWiki would export the deleted text under the number of the deletion; it is not asked for."""
    get = memory(list_deleted="list_deleted", text_deleted="text_deleted")

    captures, stop = ask(dokuwiki, UrlQuery(url="https://wiki.example/doku.php?id=rumour"), get)
    deleted, written, text = posts(*captures)

    assert stop is Stop.EXHAUSTED
    assert (deleted.type, written.type, text.type) == ("Delete", "Update", "Page")
    assert text.content == "A rumour about a person."
    assert URLS["text_under_the_deletion"] not in get.asked


def test_a_deletion_that_was_undone_holds_no_text_either():
    """The list does not mark it: its text repeats the one before, and the page shrank."""
    get = memory(list_undone="list_undone", undone_1="undone_1", undone_2="undone_2", undone_3="undone_3")

    captures, stop = ask(dokuwiki, SMALL, get)
    texts = [post.native_id for post in posts(*captures) if post.type == "Page"]

    assert stop is Stop.EXHAUSTED
    assert texts == ["wiki.example/a@1772438500", "wiki.example/a@1772438700"]
    assert URLS["undone_2"] in get.asked


def test_a_period_asks_for_its_texts_and_the_one_before():
    """What is behind it is neither listed further nor asked for."""
    get = memory(list_undone="list_undone", undone_2="undone_2", undone_3="undone_3")

    _, stop = ask(dokuwiki, UrlQuery(url=SMALL.url, since="2026-03-02T08:05:00Z"), get)

    assert stop is Stop.UNTIL_DATE
    assert get.asked == [SMALL_LIST, URLS["undone_2"], URLS["undone_3"]]


def test_the_button_of_the_list_is_not_followed_since_it_skips_a_revision():
    """The first page shows three of five and its button leads to the fifth; the fourth is asked for."""
    get = memory(**PIER_ANSWERS)

    ask(dokuwiki, PIER, get)

    assert b'name="first" value="3"' in captured("dokuwiki", "list_1").body
    assert get.asked[1].endswith("&first=1")


@pytest.mark.parametrize("second", ["list_repeats", "list_with_a_gap"])
def test_a_list_that_repeats_or_leaves_a_gap_is_no_end(second):
    """The next page has to hold the last line of this one, and another."""
    get = Memory("dokuwiki", {SMALL_LIST: "list_repeats", f"{SMALL_LIST}&first=1": second})
    get.answers["https://wiki.example/doku.php?id=a&rev=1772437500&do=export_raw"] = "text_1"
    get.answers["https://wiki.example/doku.php?id=a&rev=1772438400&do=export_raw"] = "text_0"

    assert ask(dokuwiki, SMALL, get)[1] is Stop.ERROR


def test_a_revision_without_its_text_is_never_complete():
    """The list names it, and what is exported is a page that says so."""
    get = memory(list_deleted="list_deleted")
    get.answers[URLS["text_deleted"]] = "no_text"

    assert ask(dokuwiki, UrlQuery(url="https://wiki.example/doku.php?id=rumour"), get)[1] is Stop.PLATFORM_CAP


def test_a_wiki_without_lists_still_gives_the_present_text():
    """And the run is not called complete."""
    get = Memory("dokuwiki", {SMALL_LIST: "list_switched_off"})
    get.answers["https://wiki.example/doku.php?id=a&do=export_raw"] = "present"

    captures, stop = ask(dokuwiki, SMALL, get)

    assert (stop, len(captures)) == (Stop.PLATFORM_CAP, 1)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("denied", SourceClosedError, "members only"),
        ("denied_by_script", SourceClosedError, "members only"),
        ("denied_by_class", SourceClosedError, "members only"),
        ("no_dokuwiki", SourceError, "`webpage`"),
        ("list_none", SourceGoneError, "lists no revision"),
    ],
)
def test_each_refusal_has_its_words(answer, error, words):
    """All of them come with status 200."""
    with pytest.raises(error, match=words):
        ask(dokuwiki, SMALL, Memory("dokuwiki", {SMALL_LIST: answer}))


def test_neither_list_nor_text_is_gone():
    """A wiki without lists answers with a page where the text should be."""
    get = Memory("dokuwiki", {SMALL_LIST: "list_switched_off"})
    get.answers["https://wiki.example/doku.php?id=a&do=export_raw"] = "no_text"

    with pytest.raises(SourceGoneError, match="neither"):
        ask(dokuwiki, SMALL, get)


def test_lines_without_number_or_author_are_kept_or_named():
    """An older wiki gives its present revision no number; what changed outside the wiki has no author."""
    current, outside, odd = posts(captured("dokuwiki", "list_awkward"))

    assert (current.published, current.published_raw) == (None, "2026/03/02 08:00")
    assert outside.absent["attributed_to"] == "missing"
    assert (odd.author_handle, odd.content) == ("Kit & Co", "نص <b>")


def test_a_line_that_names_no_revision_leaves_a_text_unasked():
    """Older wikis give the present revision no number; a run without its text is not complete."""
    answers = {URLS[name]: name for name in ("list_deleted", "text_deleted")}
    line = (
        '<form id="page__revisions"',
        '<form id="page__revisions"><ul><li><span class="date">2026/03/02</span></li></ul',
    )
    get = Changed("dokuwiki", answers, ("list_deleted", *line))

    assert ask(dokuwiki, UrlQuery(url="https://wiki.example/doku.php?id=rumour"), get)[1] is Stop.PLATFORM_CAP
