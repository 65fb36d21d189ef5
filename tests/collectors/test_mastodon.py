"""Mastodon: paging, refusals, completeness, and what the graph needs."""

from __future__ import annotations

import dataclasses

import pytest
from recorded import FIXTURES, Memory, ask, make_capture, read_answer

from osint.activity import ParseWarning, Post
from osint.collectors import mastodon
from osint.collectors.protocol import Stop
from osint.errors import (
    QueryError,
    RateLimitedError,
    SourceBlockedError,
    SourceClosedError,
    SourceError,
    SourceGoneError,
    UnreadableCaptureError,
)
from osint.query import AccountQuery, TextQuery, ThreadQuery

API = "https://social.example/api/v1"
LOOKUP, STATUSES = f"{API}/accounts/lookup?acct=jane", f"{API}/accounts/1/statuses?limit=40"
CHAIN = {
    LOOKUP: "lookup",
    STATUSES: "statuses_page1",
    f"{STATUSES}&max_id=103": "statuses_page2",
    f"{STATUSES}&max_id=101": "statuses_end",
}
JANE = AccountQuery(account="@jane@social.example")
TAG = TextQuery(tag="#harbour", host="social.example")
TAG_PAGE = f"{API}/timelines/tag/harbour?limit=40"
POST, CONTEXT = f"{API}/statuses/101", f"{API}/statuses/101/context"
THREAD = ThreadQuery(thread="https://social.example/@jane/101")


def posts(name, url=STATUSES):
    return {
        record.extra["local_id"]: record for record in mastodon.parse(answer(name, url)) if isinstance(record, Post)
    }


def answer(name, url):
    return read_answer(FIXTURES / "mastodon" / f"{name}.http", url)


def test_an_account_is_read_from_its_profile_to_its_last_page():
    """Profile and pages come in order; the empty page ends the run as complete and is not yielded."""
    get = Memory("mastodon", CHAIN)

    captures, stop = ask(mastodon, JANE, get)

    assert (list(CHAIN), Stop.EXHAUSTED) == (get.asked, stop)
    assert list(CHAIN)[:3] == [capture.url for capture in captures]


def test_paging_stops_behind_the_period():
    """The server's own dates say when the period lies behind."""
    get = Memory("mastodon", CHAIN)

    _, stop = ask(mastodon, dataclasses.replace(JANE, since="2026-05-04"), get)

    assert (list(CHAIN)[:2], Stop.UNTIL_DATE) == (get.asked, stop)


def test_one_forged_date_of_another_server_does_not_end_a_run():
    """A post dated 1999 at the end of a page would otherwise hide everything before it."""
    further = f"{API}/timelines/tag/harbour?max_id=200"
    get = Memory("mastodon", {TAG_PAGE: "tag_page_with_forged_date", further: "tag_page_end"})

    _, stop = ask(mastodon, dataclasses.replace(TAG, since="2026-05-01"), get)

    assert ([TAG_PAGE, further], Stop.EXHAUSTED) == (get.asked, stop)


def test_a_tag_is_asked_for_without_its_sign():
    """The sign would be taken for a fragment; a short page without a next one is the end."""
    get = Memory("mastodon", {TAG_PAGE: "tag_page"})

    assert ask(mastodon, TAG, get)[1] == Stop.EXHAUSTED


def test_a_next_page_on_another_host_is_not_followed():
    """The run ends as faulty, and the records say why."""
    get = Memory("mastodon", {LOOKUP: "lookup", STATUSES: "statuses_next_elsewhere"})

    captures, stop = ask(mastodon, JANE, get)

    assert (len(get.asked), stop) == (2, Stop.ERROR)
    told = [record.what for record in mastodon.parse(captures[1]) if isinstance(record, ParseWarning)]
    assert any("other.example" in what for what in told)


def test_a_cursor_that_comes_back_ends_the_run():
    """Two pages that name each other are read once each."""
    again = f"{STATUSES}&max_id=103"
    get = Memory("mastodon", {LOOKUP: "lookup", STATUSES: "statuses_page1", again: "statuses_page1"})

    captures, stop = ask(mastodon, JANE, get)

    assert ([LOOKUP, STATUSES, again], Stop.ERROR, 3) == (get.asked, stop, len(captures))


def test_the_same_posts_under_ever_new_cursors_end_the_run():
    """A server cannot keep a run going by inventing cursors."""
    asked = []

    def get(url, **_):
        asked.append(url)
        assert len(asked) < 9
        answer = read_answer(FIXTURES / "mastodon" / f"{'lookup' if len(asked) == 1 else 'tag_page'}.http", url)
        return dataclasses.replace(answer, headers=(("Link", f'<{STATUSES}&max_id={len(asked)}>; rel="next"'),))

    assert ask(mastodon, JANE, get)[1] == Stop.ERROR


def test_a_full_page_that_names_no_next_one_is_no_declared_end():
    """A proxy that drops the Link header does not make a run complete."""
    get = Memory("mastodon", {LOOKUP: "lookup", STATUSES: "statuses_full_page_without_link"})

    assert ask(mastodon, JANE, get)[1] == Stop.PLATFORM_CAP


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("refused_sign_in", SourceClosedError),
        ("refused_unauthorized", SourceClosedError),
        ("gone", SourceGoneError),
        ("hostile_challenge", SourceBlockedError),
        ("hostile_html_instead", UnreadableCaptureError),
        ("hostile_empty", UnreadableCaptureError),
    ],
)
def test_a_refusal_is_told_apart_from_an_empty_account(answer, error):
    """Closed, gone, blocked and unreadable are four things, and none of them is "no posts"."""
    with pytest.raises(error, match="E0001"):
        ask(mastodon, JANE, Memory("mastodon", {LOOKUP: answer}))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, SourceBlockedError),
        (422, SourceError),
        (429, RateLimitedError),
        (451, SourceBlockedError),
        (503, SourceError),
    ],
)
def test_a_status_without_a_reason_is_not_given_one(status, error):
    """What the server did not say is not put into its mouth."""
    refused = make_capture(b'{"error":"no"}', LOOKUP, status=status, media_type="application/json")

    with pytest.raises(error):
        ask(mastodon, JANE, lambda url, **_: refused)


def test_an_account_id_made_of_path_steps_stays_in_its_place():
    """An id of the server's choosing cannot lead the next request elsewhere."""
    asked = []

    def get(url, **_):
        asked.append(url)
        return make_capture(b'{"id":"../../x?y","acct":"jane"}' if len(asked) == 1 else b"[]", url)

    ask(mastodon, JANE, get)

    assert f"{API}/accounts/..%2F..%2Fx%3Fy/statuses" == asked[1]


@pytest.mark.parametrize(
    "address",
    [
        "https://social.example/@jane/101",
        "https://social.example/users/jane/statuses/101",
        "https://social.example/@jane@social.example/101/",
        "https://social.example/web/statuses/101",
        "https://social.example/@jane/statuses/101",
    ],
)
def test_a_thread_is_found_by_each_spelling_of_its_address(address):
    """The post and its context are asked for; a whole thread at its own server is complete."""
    get = Memory("mastodon", {POST: "status", CONTEXT: "context"})

    captures, stop = ask(mastodon, ThreadQuery(thread=address), get)

    assert (get.asked, len(captures), stop) == ([POST, CONTEXT], 2, Stop.EXHAUSTED)


def test_an_address_that_is_no_post_is_refused_before_any_request():
    """The message shows how to write it."""
    get = Memory("mastodon", {})

    with pytest.raises(QueryError, match="https://host/@name/number"):
        ask(mastodon, ThreadQuery(thread="https://social.example/about"), get)
    assert get.asked == []


@pytest.mark.parametrize(
    ("author", "status", "context"),
    [
        ("dawn@far.example", "status_remote", "context"),
        ("jane", "status", "context_empty"),
        ("jane", "status", "context_with_a_hole"),
    ],
)
def test_a_thread_that_may_be_partial_is_not_called_complete(author, status, context):
    """A post of another server, or fewer direct replies shown than counted, leave the thread open."""
    thread = ThreadQuery(thread=f"https://social.example/@{author}/101")

    assert ask(mastodon, thread, Memory("mastodon", {POST: status, CONTEXT: context}))[1] == Stop.PLATFORM_CAP


def test_a_boost_is_an_announce_beside_the_post_it_passes_on():
    """The edge has both ends: the booster's own record, and the boosted post with its author and its older date."""
    page = posts("statuses_page1")
    boost, boosted = page["104"], page["50"]

    assert ("Announce", boosted.id, "account:mastodon:dawn@far.example") == (
        boost.type,
        boost.announce_of,
        boost.announce_of_account,
    )
    assert (boosted.pointer, boosted.published_basis) == ("/1/reblog", "author-claimed")
    assert (boost.content, boost.tag) == (None, ())


def test_a_reply_names_its_parent_by_uri_when_the_parent_is_in_the_exhibit():
    """Inside one exhibit the parent's id is the one that every server uses."""
    page = posts("statuses_page2")

    assert (page["101"].id, page["101"].attributed_to) == (page["102"].in_reply_to, page["102"].in_reply_to_account)


def test_a_reply_to_an_absent_post_keeps_what_the_server_knows_of_it():
    """The local id stays joinable, and a mention tells whose post it is."""
    reply = posts("statuses_page1")["103"]

    assert (reply.in_reply_to, reply.extra["in_reply_to_local_id"]) == ("mastodon:social.example/77", "77")
    assert reply.in_reply_to_account == "account:mastodon:dawn@far.example"


def test_the_author_of_an_absent_post_is_missing_not_none():
    """None alone would mean that the post answers nobody."""
    [reply] = [
        post
        for post in mastodon.parse(
            make_capture(
                b'[{"id":"2","account":{"acct":"kit"},"in_reply_to_id":"1","in_reply_to_account_id":"9"}]', STATUSES
            )
        )
        if isinstance(post, Post)
    ]

    assert (reply.in_reply_to_account, reply.absent["in_reply_to_account"]) == (None, "missing")


def test_the_root_of_a_thread_is_its_first_post():
    """Ancestors name it; without them it is missing, not made up."""
    assert posts("context_with_root")["90"].id == posts("context_with_root")["110"].thread_root
    assert posts("context")["110"].absent["thread_root"] == "missing"


def test_a_post_that_is_answered_and_not_there_is_named():
    """The server leaves a deleted or withheld post out of a thread; its id stands in what answers it."""
    told = [r.what for r in mastodon.parse(answer("context_with_a_hole", CONTEXT)) if isinstance(r, ParseWarning)]

    assert told == ["mastodon:social.example/109 is answered here and is not in this answer."]


def test_the_post_that_was_asked_for_is_no_hole_in_its_thread():
    """It is an answer of its own."""
    assert not [r for r in mastodon.parse(answer("context", CONTEXT)) if isinstance(r, ParseWarning)]


def test_hidden_counts_are_not_zero_and_not_missing():
    """Null and negative counts are withheld; a count without a key is not offered."""
    page = posts("counts_hidden")

    assert (page["1"].replies, page["1"].absent["replies"]) == (None, "hidden")
    assert (page["1"].announces, page["1"].absent["announces"]) == (None, "hidden")
    assert (page["2"].likes, page["2"].absent["likes"]) == (None, "missing")


def test_a_withheld_quotation_is_hidden():
    """The server says that there is one and does not show it."""
    post = posts("quote_withheld")["1"]

    assert (post.quote_of, post.absent["quote_of"], post.extra["quote_state"]) == (None, "hidden", "revoked")


def test_a_list_that_breaks_off_keeps_its_whole_posts():
    """Two whole posts of three are read, a warning counts them, and the run goes on."""
    assert {"105", "104", "50"} == set(posts("hostile_truncated"))
    get = Memory("mastodon", CHAIN | {STATUSES: "hostile_truncated"})
    assert (ask(mastodon, JANE, get)[1], len(get.asked)) == (Stop.ERROR, 4)


def test_links_are_neither_mentions_nor_hashtags():
    """A link edge means a link."""
    assert posts("statuses_page1")["105"].links == ("https://news.example/pier",)


@pytest.mark.parametrize("body", [b"[" * 1_000_000, b'{"a":' * 100_000, b'["' + b"a" * 10_000_000])
def test_json_made_to_exhaust_the_parser_is_refused(body):
    """Nesting that would end the interpreter, and ten megabytes of one text, are unreadable."""
    with pytest.raises(UnreadableCaptureError):
        mastodon.parse(make_capture(body, STATUSES))
