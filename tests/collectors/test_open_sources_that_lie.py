"""Mastodon, Bluesky, ActivityPub, feeds and pages that loop, break off, or speak for somebody else."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from recorded import FIXTURES, ask, expected, make_capture, read_answer
from repositories import repository

from osint.activity import ParseWarning, Post
from osint.collectors import activitypub, bluesky, feed, mastodon, webpage
from osint.collectors.protocol import Stop
from osint.errors import RateLimitedError, SourceError
from osint.query import AccountQuery, ThreadQuery, UrlQuery

AS2 = "https://www.w3.org/ns/activitystreams"
API = "https://social.example/api/v1"
JANE = AccountQuery(account="@jane@social.example")
PROFILE = {"id": "1", "acct": "jane", "username": "jane"}
ACTOR = "https://social.example/users/jane"
STATUS = {
    "id": "9", "uri": f"{ACTOR}/statuses/9", "created_at": "2026-05-01T10:00:00Z", "account": PROFILE,
    "content": "<p>x</p>", "replies_count": 0,
}  # fmt: skip
THREAD = ThreadQuery(thread="https://social.example/@jane/9")
DID, KIT = "did:plc:janeexample0000000000000", "did:plc:kitexample00000000000000"
XRPC = "https://public.api.bsky.app/xrpc"
SKY = AccountQuery(account="@jane.example@bsky.app")
SKY_PROFILE = {"did": DID, "handle": "jane.example"}
SKY_THREAD = ThreadQuery(thread="https://bsky.app/profile/jane.example/post/1")
DATED = {"createdAt": "2026-05-01T10:00:00Z"}
FEED, PAGE = "https://log.example/feed", "https://news.example/2026/boat"


def told(value: Any, url: str = API, **more: Any):
    """An answer that is this value in JSON."""
    return make_capture(json.dumps(value).encode(), url, media_type="application/json", **more)


def leading(capture, following: str):
    """The same answer with a further page in its Link header."""
    return dataclasses.replace(capture, headers=(*capture.headers, ("Link", f'<{following}>; rel="next"')))


class InTurn:
    """A ``get`` that gives these answers one after the other, the last one for ever; ``asked`` has the addresses."""

    def __init__(self, *answers) -> None:
        self.answers, self.asked = list(answers), list[str]()

    def __call__(self, url, /, **params):
        self.asked.append(url)
        assert len(self.asked) < 60, "nobody ends this run"
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        capture = answer(len(self.asked)) if callable(answer) else answer
        return dataclasses.replace(capture, url=url, via=url, exhibit=f"E{len(self.asked):04}")


def posts(collector, capture) -> list[Post]:
    return [record for record in collector.parse(capture) if isinstance(record, Post)]


def warned(collector, capture) -> list[str]:
    return [record.what for record in collector.parse(capture) if isinstance(record, ParseWarning)]


# Mastodon ----------------------------------------------------------------------------------------------------------


def test_an_empty_page_that_names_a_next_one_is_no_end():
    """A server that filters its pages may leave one empty; the posts behind it are asked for."""
    get = InTurn(told(PROFILE), leading(told([]), f"{API}/accounts/1/statuses?max_id=3"), told([STATUS]))

    captures, stop = ask(mastodon, JANE, get)

    assert (len(captures), stop) == (3, Stop.EXHAUSTED)


def test_empty_pages_without_end_are_an_error():
    """A server cannot keep a run going with nothing."""
    get = InTurn(told(PROFILE), lambda n: leading(told([]), f"{API}/accounts/1/statuses?max_id={n}"))

    assert ask(mastodon, JANE, get)[1] == Stop.ERROR


def test_an_account_of_the_same_name_at_another_server_is_refused():
    """The authority names the account with its host."""
    with pytest.raises(SourceError, match=r"jane@other\.example"):
        ask(mastodon, JANE, InTurn(told(PROFILE | {"acct": "jane@other.example"})))


def test_a_suspended_account_is_gone_and_not_one_without_posts():
    """Its lists are empty; the profile that says why is kept."""
    captures, stop = ask(mastodon, JANE, InTurn(told(PROFILE | {"suspended": True}), told([])))

    assert (len(captures), stop) == (1, Stop.GONE)


@pytest.mark.parametrize(("status", "answer"), [(404, {"error": "Record not found"}), (401, {"error": "Log in"})])
def test_what_the_post_asked_for_answers_is_asked_for_and_named_when_it_is_withheld(status, answer):
    """The context leaves it out without a word; the server's own refusal is the exhibit that shows it."""
    around = told({"ancestors": [], "descendants": []})
    get = InTurn(told(STATUS | {"in_reply_to_id": "8"}), around, told(answer, status=status))

    captures, stop = ask(mastodon, THREAD, get)

    assert (get.asked[-1], stop) == (f"{API}/statuses/8", Stop.PLATFORM_CAP)
    assert warned(mastodon, captures[-1]) == [
        f"social.example answered {status} for the post mastodon:social.example/8."
    ]


def test_what_the_post_asked_for_answers_is_a_row_when_the_server_shows_it_after_all():
    """Asked for by itself it may be there; a server that is out of patience ends the run."""
    reply, around = told(STATUS | {"in_reply_to_id": "8"}), told({"ancestors": [], "descendants": []})
    above = STATUS | {"id": "8", "uri": f"{ACTOR}/statuses/8"}

    captures, _ = ask(mastodon, THREAD, InTurn(reply, around, told(above)))

    assert [post.extra["local_id"] for post in posts(mastodon, captures[-1])] == ["8"]
    with pytest.raises(RateLimitedError):
        ask(mastodon, THREAD, InTurn(reply, around, told({}, status=429)))


def test_a_quoted_post_that_stands_bare_is_a_row():
    """Akkoma has the post itself where Mastodon has the state of the quotation."""
    quoting, quoted = posts(mastodon, told([STATUS | {"quote": STATUS | {"id": "5", "uri": "https://far.example/5"}}]))

    assert (quoting.quote_of, quoted.pointer) == ("mastodon:https://far.example/5", "/0/quote")
    assert "quote_of" not in quoting.absent


def test_an_account_without_a_name_is_not_taken_for_one_of_the_server():
    """Its dates are not the server's own word."""
    (post,) = posts(mastodon, told([STATUS | {"account": {"id": "1", "acct": None}}]))

    assert (post.attributed_to, post.published_basis) == (None, "author-claimed")


def test_a_repost_that_is_none_is_named():
    """Otherwise it would stand there as an empty post of its own."""
    assert "reblog holds what it should not." in warned(mastodon, told([STATUS | {"reblog": "9"}]))


def test_a_count_that_no_table_holds_counts_as_none():
    """One such number would make every post of the case unreadable."""
    assert [posts(mastodon, told([STATUS | {"replies_count": n}]))[0].replies for n in (7, 2**63)] == [7, None]


# Bluesky -----------------------------------------------------------------------------------------------------------


def sky(key: str = "1", did: str = DID, **more: Any) -> dict[str, Any]:
    """A post as the interface shows it."""
    post = {"uri": f"at://{did}/app.bsky.feed.post/{key}", "cid": "c", "author": {"did": did, "handle": "jane.example"}}
    return post | {"record": {"$type": "app.bsky.feed.post", "text": "hi", **DATED}, "replyCount": 0} | more


def quoting(**more: Any) -> dict[str, Any]:
    """An embed that shows Kit's post 2 with words of its own."""
    value = {"$type": "app.bsky.feed.post", "text": "what Kit said first", **DATED}
    view = {"$type": "app.bsky.embed.record#viewRecord", "uri": f"at://{KIT}/app.bsky.feed.post/2", "value": value}
    return {"$type": "app.bsky.embed.record#view", "record": view | {"author": {"did": KIT}} | more}


@pytest.mark.parametrize("cursor", [lambda _: 7, lambda n: f"c{n}"])
def test_a_cursor_that_is_none_or_leads_to_what_is_known_is_an_error(cursor):
    """The first would look like the end; the second has none."""
    get = InTurn(told(SKY_PROFILE, XRPC), lambda n: told({"feed": [{"post": sky()}], "cursor": cursor(n)}, XRPC))

    assert ask(bluesky, SKY, get)[1] == Stop.ERROR


def test_a_thread_that_does_not_count_its_replies_is_not_complete():
    """No count is not a count of none."""
    node = {"$type": "app.bsky.feed.defs#threadViewPost", "post": sky(replyCount=None), "replies": []}

    assert ask(bluesky, SKY_THREAD, InTurn(told({"thread": node}, XRPC)))[1] == Stop.PLATFORM_CAP


def test_another_post_of_the_same_author_is_refused():
    """The authority names the post."""
    node = {"$type": "app.bsky.feed.defs#threadViewPost", "post": sky("77"), "replies": []}

    with pytest.raises(SourceError, match="post/77"):
        ask(bluesky, SKY_THREAD, InTurn(told({"thread": node}, XRPC)))


def test_the_repository_of_another_account_is_refused():
    """A server that hands out the wrong one is not believed."""
    url = f"https://pds.example/xrpc/com.atproto.sync.getRepo?did={KIT}"
    answer = read_answer(FIXTURES / "bluesky" / "repository.http", expected("bluesky")["repository"]["url"])

    with pytest.raises(SourceError, match=DID):
        ask(bluesky, UrlQuery(url=url), InTurn(answer))


@pytest.mark.parametrize("author", [{"did": KIT, "handle": "kit.example"}, {"displayName": "Kit"}])
def test_the_handle_of_another_account_is_not_written_beside_a_post(author):
    """The address of the record says whose it is."""
    capture = told({"posts": [sky(author=author)]}, XRPC)

    (post,) = posts(bluesky, capture)

    assert (post.attributed_to, post.author_handle) == (f"account:bluesky:{DID}", None)
    assert any("another author" in what for what in warned(bluesky, capture))


def test_a_saved_list_of_likes_is_no_list_of_empty_posts():
    """What it is stands in the address of the record."""
    like = {"uri": f"at://{DID}/app.bsky.feed.like/3", "cid": "c", "value": {"$type": "app.bsky.feed.like", **DATED}}
    other = {"uri": f"at://{DID}/app.bsky.graph.list/4", "cid": "c", "value": {"$type": "app.bsky.graph.list"}}
    capture = told({"records": [like, other]}, XRPC)

    assert [(post.type, post.pointer) for post in posts(bluesky, capture)] == [("Like", "/records/0")]
    assert len(warned(bluesky, capture)) == 2  # a like of nothing, and what is no post


def test_a_quotation_without_a_post_makes_no_post_up():
    """Neither one without an address nor one without words becomes a row."""
    for broken in ({"uri": "at://x/app.bsky.feed.post/1"}, {"value": None}):
        capture = told({"posts": [sky(embed=quoting(**broken))]}, XRPC)

        assert len(posts(bluesky, capture)) == 1
        assert any("quotes is no post" in what for what in warned(bluesky, capture))


def test_a_quotation_that_says_something_else_than_the_post_is_kept():
    """Of an altered or a withheld post the quotation may be all there is."""
    withheld = {"$type": "app.bsky.feed.defs#blockedPost", "uri": f"at://{KIT}/app.bsky.feed.post/2", "blocked": True}
    node = {"$type": "app.bsky.feed.defs#threadViewPost", "post": sky(embed=quoting()), "replies": [withheld]}
    altered = told({"posts": [sky(embed=quoting()), sky("2", KIT)]}, XRPC)

    for capture in (told({"thread": node}, XRPC), altered):
        assert "what Kit said first" in [post.content for post in posts(bluesky, capture)]


def test_a_record_does_not_speak_for_the_interface():
    """An author may write any field; those with a name of the interface's own are kept apart."""
    forged = {"$type": "app.bsky.feed.post", "text": "hi", **DATED, "indexedAt": "2020-01-01T00:00:00Z", "blobs": [1]}

    (post,) = posts(bluesky, told({"posts": [sky(record=forged)]}, XRPC))

    assert post.extra["record"] == {"indexedAt": "2020-01-01T00:00:00Z", "blobs": [1]}
    assert not {"indexedAt", "blobs"} & post.extra.keys()


def test_an_act_without_a_date_says_so():
    """As a post without one does."""
    like = {"$type": "app.bsky.feed.like", "subject": {"uri": f"at://{KIT}/app.bsky.feed.post/2"}}
    capture = make_capture(repository({"app.bsky.feed.like/3": like}), XRPC)

    assert posts(bluesky, capture)[0].absent["published"] == "missing"
    assert "The post has no date." in warned(bluesky, capture)


def test_every_kind_of_record_of_a_repository_is_counted():
    """Forty kinds are named, and how many more there are."""
    kinds = {f"example.kind{number:02}/1": {"$type": f"example.kind{number:02}"} for number in range(43)}

    (told_of,) = [what for what in warned(bluesky, make_capture(repository(kinds), XRPC)) if "also holds" in what]

    assert told_of.endswith("1 example.kind39, and 3 kinds more.")


# ActivityPub -------------------------------------------------------------------------------------------------------


def note(number: int = 1, **more: Any) -> dict[str, Any]:
    """A post of Jane's."""
    said = {"@context": AS2, "id": f"{ACTOR}/statuses/{number}", "type": "Note", "attributedTo": ACTOR, "content": "x"}
    return said | {"published": "2026-05-01T10:00:00Z"} | more


def created(inner: Any) -> Any:
    """A page of Jane's outbox with one activity."""
    activity = {"id": f"{ACTOR}/1/activity", "type": "Create", "actor": ACTOR, "object": inner}
    return told({"@context": AS2, "type": "OrderedCollectionPage", "id": ACTOR, "orderedItems": [activity]}, ACTOR)


BOB = "https://far.example/users/bob"


@pytest.mark.parametrize(
    ("capture", "words"),
    [
        (told(note(attributedTo=BOB), f"{ACTOR}/statuses/1"), "names an author on another host"),
        (created(note(id=f"{BOB}/statuses/3", attributedTo=BOB)), "cannot speak for that one"),
        (created(note(attributedTo=f"{ACTOR}2")), "and it names https://social.example/users/jane2 as its author"),
        (created(f"{ACTOR}/statuses/4"), "It names https://social.example/users/jane/statuses/4"),
    ],
)
def test_who_speaks_for_another_is_named(capture, words):
    """A host can speak for its own posts and accounts, and an actor for its own."""
    assert any(words in what for what in warned(activitypub, capture))


def test_words_by_language_alone_are_words():
    """Otherwise the post would be there and say nothing."""
    silent = {name: value for name, value in note().items() if name != "content"}
    (post,) = posts(activitypub, told(silent | {"contentMap": {"nl": "hallo", "en": "hello"}}, ACTOR))

    assert (post.content, post.extra["contentMap"]) == ("hallo", {"nl": "hallo", "en": "hello"})


@pytest.mark.parametrize(
    "answers",
    [
        [
            {"type": "Collection", "first": f"{ACTOR}/outbox?page=1"},
            {"type": "CollectionPage", "items": [note(1)], "next": f"{ACTOR}/outbox?page=2"},
            {"type": "CollectionPage", "items": [note(2)], "next": f"{ACTOR}/outbox?page=1"},
        ],
        [{"type": "Collection", "totalItems": 3, "items": [note(1), note(1), note(1)]}],
    ],
)
def test_pages_that_lead_back_and_items_that_repeat_are_not_the_whole(answers):
    """Neither is an end that the source declared."""
    get = InTurn(*(told({"@context": AS2, **answer}) for answer in answers))

    assert ask(activitypub, UrlQuery(url=f"{ACTOR}/outbox"), get)[1] == Stop.PLATFORM_CAP


# Feeds -------------------------------------------------------------------------------------------------------------


def rss(items: str, head: str = "") -> Any:
    """An RSS feed."""
    spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:fh="http://purl.org/syndication/history/1.0"'
    text = f'<rss version="2.0" {spaces}><channel><title>T</title><link>{FEED}</link>{head}{items}</channel></rss>'
    return make_capture(text.encode(), FEED, media_type="application/rss+xml")


def atom(entries: str, number: int = 2) -> Any:
    """An Atom feed that names a further page."""
    text = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><id>u:1</id><author><name>Owner</name></author>'
        f'<link rel="next" href="{FEED}?page={number}"/>{entries}</feed>'
    )
    return make_capture(text.encode(), FEED, media_type="application/atom+xml")


ENTRY = "<entry><id>u:2</id><title>t</title></entry>"


def json_feed(number: int, following: Any) -> Any:
    return told({"version": "https://jsonfeed.org/version/1.1", "items": [{"id": str(number)}], "next_url": following})


def cut(capture, characters: int):
    return dataclasses.replace(capture, body=capture.body[:-characters])


@pytest.mark.parametrize(
    ("answers", "stop"),
    [
        ([cut(rss("<item><guid>1</guid></item><item><guid>2</guid></item>", "<fh:complete/>"), 30)], Stop.PLATFORM_CAP),
        ([atom(ENTRY), cut(rss("<item><guid>1</guid></item>"), 5)], Stop.PLATFORM_CAP),
        ([lambda n: atom("", n)], Stop.ERROR),
        ([json_feed(1, f"{FEED}?page=2"), json_feed(2, 7)], Stop.ERROR),
    ],
)
def test_a_feed_that_breaks_off_or_leads_nowhere_is_not_complete(answers, stop):
    """What lies beyond the break may be more entries, or the way to more."""
    assert ask(feed, UrlQuery(url=FEED), InTurn(*answers))[1] == stop


def test_a_next_page_that_is_no_address_is_named():
    """Otherwise the page would look like the last one."""
    assert warned(feed, json_feed(1, 7)) == ["What the feed names as its next page is no address (7)."]


@pytest.mark.parametrize(
    ("capture", "author"),
    [
        (rss("<item><author>jane@blog.museum (Jane Doe)</author></item>"), "Jane Doe"),
        (rss("<item><author>jane@blog.museum</author></item>"), "jane@blog.museum"),
        (rss("<item><author>jane@blog.museum</author><dc:creator>Jane</dc:creator></item>"), "Jane"),
        (rss("<item><title>t</title></item>", "<managingEditor>ed@log.example (Ed)</managingEditor>"), "T"),
        (atom(ENTRY), "Owner"),
        (atom(ENTRY.replace("</id>", "</id><source><author><name>Jane</name></author></source>")), "Jane"),
    ],
)
def test_an_entry_is_ascribed_to_whom_it_names(capture, author):
    """Not to a piece of an address, nor to an editor, nor to whoever took it over from another feed."""
    assert [post.author_name for post in posts(feed, capture)] == [author]


def test_every_author_of_an_entry_is_kept_and_where_it_came_from():
    """The first is the author; the others stand in ``extra``."""
    (post,) = posts(feed, rss(
        '<item><dc:creator>Jane</dc:creator><dc:creator>Kit</dc:creator>'
        '<source url="https://far.example/rss">Far</source></item>'
    ))  # fmt: skip
    item = {"id": "1", "authors": [{"name": "Jane"}, {"name": "Kit"}]}
    (other,) = posts(feed, told({"version": "https://jsonfeed.org/version/1.1", "items": [item]}))

    assert (post.author_name, post.extra["authors"], other.extra["authors"]) == (
        "Jane",
        ["Jane", "Kit"],
        ["Jane", "Kit"],
    )
    assert post.extra["source"] == {"title": "Far", "href": "https://far.example/rss"}


# Pages -------------------------------------------------------------------------------------------------------------


def page(head: str, **more: Any):
    """A page with a sentence."""
    text = f"<html><head>{head}</head><body><h1>A boat</h1><p>It was found.</p></body></html>"
    return dataclasses.replace(make_capture(text.encode(), PAGE, media_type="text/html; charset=utf-8"), **more)


def test_the_maker_of_a_picture_is_not_the_author_of_the_page():
    """Many pages describe their picture before themselves."""
    graph = [{"@type": "ImageObject", "creator": "Bob"}, {"@type": "NewsArticle", "author": "Jane"}]
    (post,) = posts(webpage, page(f'<script type="application/ld+json">{json.dumps({"@graph": graph})}</script>'))

    assert (post.type, post.author_name) == ("Article", "Jane")


@pytest.mark.parametrize(
    ("asked", "is_named"),
    [("https://news.example/2026/gone", True), ("http://www.news.example/2026/boat/", False), (PAGE, False)],
)
def test_a_page_that_the_server_led_to_is_not_taken_for_the_one_asked_for(asked, is_named):
    """Many lead from what is gone to their first page; a change of the scheme or of the spelling is none."""
    assert any("the server led from there" in what for what in warned(webpage, page("", via=asked))) == is_named
