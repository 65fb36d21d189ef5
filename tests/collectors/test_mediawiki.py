"""MediaWiki: how a history is paged, what ends it, what is withheld, and what a page that is gone leaves behind."""

from __future__ import annotations

import dataclasses
from functools import partial

import pytest
from recorded import Changed, Memory, ask, expected, with_text
from test_collectors import captured

from osint.activity import Actor, ParseWarning, Post
from osint.collectors import mediawiki
from osint.collectors.protocol import Stop
from osint.errors import (
    RateLimitedError,
    SourceClosedError,
    SourceError,
    SourceGoneError,
    UnreadableCaptureError,
)
from osint.query import AccountQuery, UrlQuery

URLS = {name: stated["url"] for name, stated in expected("mediawiki").items()}
PAGE = UrlQuery(url=URLS["page"])


def memory(**answers):
    """A wiki in memory: what is asked for by the address of the first answer is answered by the second."""
    return Memory("mediawiki", {URLS[asked]: answer for asked, answer in answers.items()})


def posts(*captures):
    return [record for capture in captures for record in mediawiki.parse(capture) if isinstance(record, Post)]


def test_what_the_wiki_names_for_the_rest_is_handed_back_whole():
    """Two pages of revisions, then the log; only then is the history complete."""
    get = memory(page="page", revisions="part1", part2="part2", log_none="log_none")

    captures, stop = ask(mediawiki, PAGE, get)

    assert get.asked == [URLS["page"], URLS["revisions"], URLS["part2"], URLS["log_none"]]
    assert stop is Stop.EXHAUSTED
    assert [post.native_id for post in posts(*captures)] == [f"wiki.example/{number}" for number in (7, 6, 4, 2)]


@pytest.mark.parametrize(
    "answers",
    [
        {"revisions": "part1", "part2": "part2_again"},
        {"revisions": "neither_complete_nor_continued"},
    ],
)
def test_an_answer_that_is_neither_last_nor_continued_is_no_end(answers):
    """What continues it repeats, or is missing while the wiki does not say that this was all."""
    assert ask(mediawiki, PAGE, memory(page="page", **answers))[1] is Stop.ERROR


def test_what_continues_an_answer_cannot_change_the_question():
    """A server that names another action, or a body to send, is asked the same as before."""
    hostile = {"continue": {"action": "logout", "body": "x", "url": "https://other.example/"}}
    asked = []

    def get(url, /):
        asked.append(url)
        return captured("mediawiki", "part2")

    ask_wiki = partial(mediawiki._ask, get, "https://wiki.example/api.php")
    list(mediawiki._continued(PAGE, {}, (captured("mediawiki", "part1"), hostile), ask_wiki))

    assert len(asked) == 1
    assert asked[0].startswith("https://wiki.example/api.php?")
    assert "action=query" in asked[0]
    assert "logout" not in asked[0]


def test_a_period_is_asked_of_the_wiki_itself():
    """It lists newest first, so it starts at the end of the period; the run went back to its start."""
    query = UrlQuery(url=URLS["page"], since="2026-03-02", until="2026-03-03")
    period = {"lestart": "2026-03-03T23:59:59Z", "leend": "2026-03-02T00:00:00Z"}
    log = URLS["log_none"].replace(
        "&letype", "".join(f"&{k}={v.replace(':', '%3A')}" for k, v in period.items()) + "&letype"
    )
    get = Memory("mediawiki", {URLS["page"]: "page", URLS["revisions_period"]: "revisions_period", log: "log_none"})

    captures, stop = ask(mediawiki, query, get)

    assert stop is Stop.UNTIL_DATE
    assert [post.native_id for post in posts(*captures)] == ["wiki.example/6", "wiki.example/4"]


def test_a_page_that_was_moved_has_two_histories():
    """The page under its new title, and the redirect that stayed under the old one."""
    log_of_redirect = URLS["log_moved"].replace("Pier+lamp", "Old+lamp")
    get = memory(page_moved="page_moved", revisions_moved="revisions_moved", log_moved="log_moved",
                 revisions_redirect="revisions_redirect")  # fmt: skip
    get.answers[log_of_redirect] = "log_none"

    captures, stop = ask(mediawiki, UrlQuery(url=URLS["page_moved"]), get)

    assert stop is Stop.EXHAUSTED
    assert {post.extra["title"] for post in posts(*captures)} == {"Pier lamp", "Old lamp"}


def test_a_deleted_page_leaves_its_log_and_is_gone():
    """Who deleted it, when and why is in the tables before the run says that it is gone."""
    get = memory(page_missing="page_missing", revisions_missing="revisions_missing", log_missing="log_missing")
    pages = mediawiki.pages(UrlQuery(url=URLS["page_missing"]), get)
    told = [next(pages), next(pages)]

    with pytest.raises(SourceGoneError, match="who deleted"):
        next(pages)

    assert [post.type for post in posts(*told)] == ["Delete", "Create"]


def test_the_line_of_the_log_names_who_deleted():
    """Its comment is the reason; the page is named in extra."""
    deleted, created = posts(captured("mediawiki", "log_missing"))

    assert (deleted.type, deleted.author_handle, deleted.content) == (
        "Delete",
        "Harbour Keeper",
        "about a living person",
    )
    assert (created.type, created.author_handle) == ("Create", "Tomás Ejemplo")


def test_the_edits_of_an_account_come_with_their_texts_and_the_account():
    """One question for each page of them; the front page says where the interface is."""
    get = memory(edits="edits")
    get.answers["https://wiki.example/"] = "page"

    captures, stop = ask(mediawiki, AccountQuery(account="@Imke Voorbeeld@wiki.example"), get)
    records = mediawiki.parse(captures[0])

    assert (stop, len(captures)) == (Stop.EXHAUSTED, 1)
    assert [record.handle for record in records if isinstance(record, Actor)] == ["Imke Voorbeeld@wiki.example"]
    assert {post.author_handle for post in posts(*captures)} == {"Imke Voorbeeld"}


def test_a_list_of_contributions_is_the_account_in_whatever_language():
    """The page says itself whose it is."""
    get = memory(page_contributions="page_contributions", edits="edits")

    assert ask(mediawiki, UrlQuery(url=URLS["page_contributions"]), get)[1] is Stop.EXHAUSTED


def test_an_account_that_the_wiki_does_not_know_is_gone_and_not_empty():
    """A renamed or hidden one looks the same."""
    get = memory(edits_nobody="edits_nobody")
    get.answers["https://wiki.example/"] = "page"

    with pytest.raises(SourceGoneError, match="capitals"):
        ask(mediawiki, AccountQuery(account="@Nobody Real@wiki.example"), get)


def test_a_visitor_without_an_account_is_known_by_the_edits():
    """The address is no account of the wiki, and has edits all the same."""
    get = memory(edits_of_address="edits_of_address")
    get.answers["https://wiki.example/"] = "page"

    captures, stop = ask(mediawiki, AccountQuery(account="@198.51.100.7@wiki.example"), get)

    assert stop is Stop.EXHAUSTED
    assert [post.extra.get("anon") for post in posts(*captures)] == [True, True]


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("maxlag", RateLimitedError, "come back in 5 seconds"),
        ("ratelimited", RateLimitedError, "in some seconds"),
        ("members_only", SourceClosedError, "members only"),
        ("other_error", SourceError, "internal_api_error"),
        ("unavailable", SourceError, "503"),
        ("html_instead", UnreadableCaptureError, "not JSON"),
        ("revisions_invalid", SourceError, "for no title"),
    ],
)
def test_each_refusal_has_its_words(answer, error, words):
    """Most of them come with status 200."""
    with pytest.raises(error, match=words):
        ask(mediawiki, PAGE, memory(page="page", revisions=answer))


@pytest.mark.parametrize(("page", "words"), [("page_of_another", "webpage"), ("page_special", "has no revisions")])
def test_what_is_no_page_of_a_wiki_is_said_to_be_none(page, words):
    """The error names the collector that reads it."""
    with pytest.raises(SourceError, match=words):
        ask(mediawiki, UrlQuery(url=URLS[page]), memory(**{page: page}))


def test_an_interface_on_another_host_is_not_asked():
    """It is looked for where MediaWiki has it, on the host that answered."""
    get = memory(page="page_elsewhere", revisions="revisions", log_none="log_none")

    assert ask(mediawiki, PAGE, get)[1] is Stop.EXHAUSTED
    assert all(url.startswith("https://wiki.example/") for url in get.asked)


def test_what_the_wiki_withholds_is_hidden_and_not_empty():
    """A withheld text makes a Tombstone; a withheld author leaves the text."""
    newest, older = posts(captured("mediawiki", "revisions_withheld"))

    assert (newest.type, newest.attributed_to, newest.absent["attributed_to"]) == ("Page", None, "hidden")
    assert (older.type, older.content, older.absent["content"]) == ("Tombstone", None, "hidden")


def test_an_edit_is_no_answer_to_the_one_before():
    """All revisions of a page share its name as their thread, and nobody is said to have answered anybody."""
    history = posts(captured("mediawiki", "revisions"))

    assert {post.in_reply_to for post in history} == {None}
    assert {post.thread_root for post in history} == {"mediawiki:wiki.example/page/2"}
    assert [post.extra.get("parent") for post in history] == ["6", "4", "2", None]


def test_a_temporary_account_and_other_awkward_revisions_are_kept():
    """A name that the wiki made up is marked; a hidden comment, an unreadable date and a missing text lose no row."""
    old, temporary, hidden, undated, textless = posts(captured("mediawiki", "awkward"))

    assert old.content == "As wikis before 1.32 give it."
    assert (temporary.extra["temporary"], temporary.content) == (True, "مرحبا \U0001f9ca")
    assert (hidden.type, hidden.extra["commenthidden"], hidden.extra["suppressed"]) == ("Tombstone", True, True)
    assert (undated.published, undated.published_raw) == (None, "yesterday")
    assert textless.absent["content"] == "missing"


def test_wikis_in_other_folders_of_a_host_are_told_apart():
    """Numbers of revisions are each wiki's own; the two customary folders are the same wiki."""
    places = {
        "https://wiki.example/w/api.php": "wiki.example", "https://wiki.example/api.php": "wiki.example",
        "https://wiki.example/other/api.php?x=1": "wiki.example/other",
    }  # fmt: skip

    for url, place in places.items():
        newest, *_ = posts(dataclasses.replace(captured("mediawiki", "revisions"), url=url))
        assert newest.native_id == f"{place}/7"


def test_what_its_writers_put_into_a_page_does_not_say_which_page_it_is():
    """Quotation marks stand in a text as they are; anyone who may edit could have another history collected."""
    answers = {URLS[name]: name for name in ("page", "revisions", "log_none")}
    get = Changed("mediawiki", answers, ("page", '<a id="top">', '"wgPageName":"Victim" <a id="top">'))

    assert ask(mediawiki, PAGE, get)[1] is Stop.EXHAUSTED


def test_revisions_that_are_no_list_are_named():
    """The page is there, and nothing of it is in the tables."""
    records = mediawiki.parse(
        with_text(captured("mediawiki", "revisions"), '"revisions":[', '"revisions":5,"others":[')
    )

    assert [record.what for record in records if isinstance(record, ParseWarning)] == ["Its revisions are no list."]
