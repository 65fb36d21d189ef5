"""Feeds: when a run is complete, whose an entry is, and hostile documents."""

from __future__ import annotations

import dataclasses

import feedparser
import pytest
from recorded import FIXTURES, Memory, ask, make_capture, read_answer

from osint.activity import Actor, ParseWarning, Post
from osint.collectors import feed
from osint.collectors.protocol import Stop
from osint.errors import SourceBlockedError, SourceError, SourceGoneError, UnreadableCaptureError
from osint.query import REPLACED, UrlQuery

FEED, PAGE_2, PAGE_3 = (f"https://log.example/feed{page}" for page in ("", "?page=2", "?page=3"))
CHAIN = {FEED: "atom_page1", PAGE_2: "atom_page2", PAGE_3: "atom_page3"}
LOG = UrlQuery(url=FEED)
TIDEWATER = "https://tidewater.example/feed/"
WORDPRESS = {
    TIDEWATER: "wordpress_page1",
    f"{TIDEWATER}?paged=2": "wordpress_page2",
    f"{TIDEWATER}?paged=3": "wordpress_past_the_end",
}
ITEM = (
    b'<rss version="2.0"><channel><title>T</title><item><guid isPermaLink="false">1</guid>'
    b"<title>t</title>%b</item></channel></rss>"
)


def posts(capture):
    return [record for record in feed.parse(capture) if isinstance(record, Post)]


def answer(name, url=FEED):
    return read_answer(FIXTURES / "feed" / f"{name}.http", url)


def test_a_plain_feed_shows_its_latest_items_only():
    """A feed that declares no further page is never called complete."""
    captures, stop = ask(feed, LOG, Memory("feed", {FEED: "rss_two_items"}))

    assert (len(captures), stop) == (1, Stop.PLATFORM_CAP)


def test_a_chain_of_declared_pages_is_followed_to_its_end():
    """Each declared page is yielded; the last, which declares none, ends the run as complete. https stays https."""
    get = Memory("feed", CHAIN)

    captures, stop = ask(feed, LOG, get)

    assert (get.asked, stop) == ([FEED, PAGE_2, PAGE_3], Stop.EXHAUSTED)
    assert [len(posts(capture)) for capture in captures] == [2, 2, 2]


def test_a_feed_that_says_it_is_complete_is_complete():
    """RFC 5005 fh:complete is the publisher's word for it."""
    assert ask(feed, LOG, Memory("feed", {FEED: "atom_complete"}))[1] == Stop.EXHAUSTED


def test_paging_stops_behind_the_period():
    """Nothing beyond the first page that lies wholly before the period is asked for."""
    get = Memory("feed", CHAIN)

    _, stop = ask(feed, dataclasses.replace(LOG, since="2026-05-05"), get)

    assert (get.asked, stop) == ([FEED, PAGE_2], Stop.UNTIL_DATE)


def test_a_next_page_on_another_host_is_not_followed():
    """The run ends as faulty, and the records say why."""
    get = Memory("feed", {FEED: "atom_next_elsewhere"})

    captures, stop = ask(feed, LOG, get)

    assert (get.asked, stop) == ([FEED], Stop.ERROR)
    assert any("other.example" in record.what for record in feed.parse(captures[0]) if isinstance(record, ParseWarning))


def test_a_next_page_that_is_the_page_itself_ends_the_run():
    """An address is asked for once."""
    get = Memory("feed", {FEED: "atom_next_is_itself"})

    _, stop = ask(feed, LOG, get)

    assert (get.asked, stop) == ([FEED], Stop.ERROR)


def test_a_page_of_known_entries_ends_the_run():
    """A server that repeats itself under ever new addresses cannot keep a run going."""
    captures, stop = ask(feed, LOG, Memory("feed", {FEED: "atom_page1", PAGE_2: "atom_page1_again"}))

    assert (len(captures), stop) == (2, Stop.ERROR)


def test_json_feed_pages_are_followed():
    """next_url of JSON Feed is a declared page."""
    first, second = "https://diary.example/feed.json", "https://diary.example/feed.json?page=2"

    captures, stop = ask(feed, UrlQuery(url=first), Memory("feed", {first: "json_feed_page1", second: "json_feed"}))

    assert (len(captures), stop) == (2, Stop.ERROR)  # the same item again


def test_the_history_of_a_wordpress_is_read_until_its_404():
    """WordPress declares no further page and has them all; its 404 says that there is no more, and is no page."""
    get = Memory("feed", WORDPRESS)

    captures, stop = ask(feed, UrlQuery(url=TIDEWATER), get)

    assert (get.asked, stop) == (list(WORDPRESS), Stop.EXHAUSTED)
    assert [[post.extra["title"] for post in posts(capture)] for capture in captures] == [
        ["Until the summer", "A correction"],
        ["Pier at dusk"],
    ]


def test_a_wordpress_without_pretty_addresses_is_read_by_the_same_number():
    """The other parameters of the address stay, and the number goes on from the one that was asked for."""
    first, second, end = (f"https://tidewater.example/?feed=rss2{page}" for page in ("", "&paged=2", "&paged=3"))
    get = Memory("feed", dict(zip((first, second, end), WORDPRESS.values(), strict=True)))

    assert ask(feed, UrlQuery(url=second), get)[1] == Stop.EXHAUSTED
    assert ask(feed, UrlQuery(url=first), get)[1] == Stop.EXHAUSTED
    assert get.asked == [second, end, first, second, end]


@pytest.mark.parametrize(
    ("asked", "via", "url", "older"),
    [
        ("http://t.example/feed/?key=7", "http://t.example/feed/?key=X", "http://t.example/feed/?key=X",
         "http://t.example/feed/?key=7&paged=2"),
        ("http://t.example/feed/?key=7", "http://t.example/feed/?key=X", "https://t.example/feed/?key=X",
         "https://t.example/feed/?key=7&paged=2"),
        ("http://t.example/?feed=rss2&key=7", "http://t.example/?feed=rss2&key=X", "http://t.example/feed/",
         "http://t.example/feed/?paged=2"),
        ("http://t.example/feed", "http://t.example/feed", "http://t.example/feed/?key=X", None),
    ],
    ids=["no redirect", "to https", "to an address without it", "to an address whose value is lost"],
)  # fmt: skip
def test_a_value_that_the_evidence_keeps_out_does_not_cut_the_history(asked, via, url, older):
    """What may be a secret is replaced in what is preserved; asked for so, WordPress would answer 404, "no more"."""
    url, via = url.replace("X", REPLACED), via.replace("X", REPLACED)
    first = dataclasses.replace(answer("wordpress_page1", url), via=via)
    end = answer("wordpress_past_the_end", "http://t.example/")
    seen = []

    _, stop = ask(feed, UrlQuery(url=asked), lambda each: seen.append(each) or (first if each == asked else end))

    assert seen == [asked, *([older] if older else [])]
    assert stop == (Stop.EXHAUSTED if older else Stop.PLATFORM_CAP)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><title>Not found</title></html>",
        b"{}",
        ITEM % b"",
        b"<rss><channel><title>Gone</title></channel></rss>",
    ],
    ids=["entries", "a web page", "JSON", "a feed with entries", "a feed of something else"],
)
def test_a_404_that_is_not_wordpress_s_own_does_not_make_its_history_complete(body):
    """Something in between may have refused the address; only WordPress knows that there is no more."""
    body = body or answer("wordpress_page2").body
    first = answer("wordpress_page1", TIDEWATER)
    end = make_capture(body, f"{TIDEWATER}?paged=2", status=404, media_type="text/html")

    assert ask(feed, UrlQuery(url=TIDEWATER), lambda url: first if url == TIDEWATER else end)[1] == Stop.PLATFORM_CAP


def test_a_wordpress_that_ignores_the_number_ends_the_run_as_faulty():
    """The same posts again are no history."""
    get = Memory("feed", {TIDEWATER: "wordpress_page1", f"{TIDEWATER}?paged=2": "wordpress_page1"})

    assert ask(feed, UrlQuery(url=TIDEWATER), get)[1] == Stop.ERROR


def test_a_wordpress_feed_of_comments_is_never_called_complete():
    """It shows the latest only, and answers 404 for a second page even where there are more comments."""
    address = "https://tidewater.example/comments/feed/"
    get = Memory("feed", {address: "wordpress_comments"})

    assert ask(feed, UrlQuery(url=address), get)[1] == Stop.PLATFORM_CAP
    assert get.asked == [address]


def test_an_empty_page_with_status_200_does_not_make_a_wordpress_complete():
    """Only the 404 is WordPress's word for the end; an empty answer may come from anything in between."""
    pages = {url: answer(name, url) for url, name in WORDPRESS.items()}
    pages[f"{TIDEWATER}?paged=3"] = dataclasses.replace(pages[f"{TIDEWATER}?paged=3"], status=200)

    captures, stop = ask(feed, UrlQuery(url=TIDEWATER), pages.__getitem__)

    assert (len(captures), stop) == (3, Stop.PLATFORM_CAP)


def test_a_wordpress_that_declares_its_pages_is_taken_at_its_word():
    """With a plugin for RFC 5005 the chain of declared pages is whole; its last page is not asked for a number."""
    link = b'<atom:link rel="next" href="https://tidewater.example/feed/older/" /></channel>'
    first = answer("wordpress_page1", TIDEWATER)
    first = dataclasses.replace(first, body=first.body.replace(b"</channel>", link))
    seen = []

    _, stop = ask(
        feed,
        UrlQuery(url=TIDEWATER),
        lambda url: seen.append(url) or (first if url == TIDEWATER else answer("wordpress_page2", url)),
    )

    assert (seen, stop) == ([TIDEWATER, f"{TIDEWATER}older/"], Stop.EXHAUSTED)


def test_a_challenge_with_status_404_is_not_the_end_of_a_wordpress():
    """A block page in the middle of the history ends the run as blocked, whatever its status."""
    first = answer("wordpress_page1", TIDEWATER)
    block = make_capture(b"<title>Just a moment...</title>", f"{TIDEWATER}?paged=2", status=404, media_type="text/html")

    with pytest.raises(SourceBlockedError):
        ask(feed, UrlQuery(url=TIDEWATER), lambda url: first if url == TIDEWATER else block)


def test_no_other_generator_is_asked_for_numbered_pages():
    """What WordPress does is no rule for others, and a title that speaks of WordPress is no generator."""
    body = answer("wordpress_page1").body
    other = body.replace(b"https://wordpress.org/?v=6.1.9", b"Example 1").replace(b"Tidewater Notes", b"WordPress")
    asked = []

    def get(url):
        asked.append(url)
        return make_capture(other, url)

    assert ask(feed, UrlQuery(url=TIDEWATER), get)[1] == Stop.PLATFORM_CAP
    assert asked == [TIDEWATER]


def test_a_404_where_a_page_was_declared_is_a_page_that_is_gone():
    """A publisher who declares a page and does not have it has not said that there is no more."""
    gone = make_capture(b"", PAGE_2, status=404)

    with pytest.raises(SourceGoneError):
        ask(feed, LOG, lambda url: answer("atom_page1") if url == FEED else gone)


def test_the_period_ends_the_walk_through_a_wordpress():
    """Nothing behind the first page that lies wholly before the period is asked for."""
    get = Memory("feed", WORDPRESS)

    _, stop = ask(feed, UrlQuery(url=TIDEWATER, since="2026-03-01"), get)

    assert (get.asked, stop) == (list(WORDPRESS)[:2], Stop.UNTIL_DATE)


def test_a_document_is_parsed_once_for_its_ids_and_its_posts(monkeypatch):
    """Paging and reading share the work: half of the time of a large feed."""
    parsed = []
    original = feedparser.parse
    monkeypatch.setattr(feedparser, "parse", lambda *given, **named: parsed.append(1) or original(*given, **named))
    capture = make_capture(ITEM % b"<author>once</author>", FEED)

    pages = feed.pages(LOG, lambda url: capture)
    assert posts(next(pages))

    assert len(parsed) == 1


def test_a_web_page_leads_to_the_feed_on_its_own_host():
    """Of the feeds that a page declares, the first on the same host is read; another host is not asked."""
    get = Memory("feed", {"https://log.example/": "html_with_feed", FEED: "atom_complete"})

    captures, _ = ask(feed, UrlQuery(url="https://log.example/"), get)

    assert get.asked == ["https://log.example/", FEED]
    assert [capture.url for capture in captures] == [FEED]


@pytest.mark.parametrize(
    ("head", "feed_asked"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/rss">', "https://log.example/rss"),
        ('<base href="/blog/"><link rel="alternate home" type="application/rss+xml" href="rss">',
         "https://log.example/blog/rss"),
        ('<link rel="alternate" type="application/json" href="/api/7">'
         '<link rel="ALTERNATE" type="Application/Atom+XML; charset=utf-8" href="/atom">', "https://log.example/atom"),
        ('<link rel="alternate" type="application/json" href="/feed.json">', "https://log.example/feed.json"),
        ('<base href="https://elsewhere.example/"><link rel="alternate" type="application/rss+xml" href="rss">', None),
        ('<link rel="stylesheet" type="application/rss+xml" href="/rss">', None),
        ("", None),
    ],
    ids=["plain", "base", "an interface for programs first", "JSON Feed", "base elsewhere", "no alternate", "none"],
)  # fmt: skip
@pytest.mark.parametrize("doctype", ["<!DOCTYPE html>\n", "", '<?xml version="1.0" encoding="utf-8"?>\n'])
def test_a_feed_is_found_where_a_browser_would_find_it(doctype, head, feed_asked):
    """Of what a page offers as its alternate, the first feed on its host; a JSON document only when nothing else."""
    html = f"{doctype}<html><head>{head}</head><body><p>Hello</p></body></html>".encode()
    page = make_capture(html, "https://log.example/", media_type="application/xhtml+xml")
    asked = []

    def get(url):
        asked.append(url)
        return page if url == page.url else dataclasses.replace(answer("rss_two_items"), url=url)

    try:
        ask(feed, UrlQuery(url=page.url), get)
    except UnreadableCaptureError:
        assert feed_asked is None

    assert [page.url, *([feed_asked] if feed_asked else [])] == asked


def test_a_web_page_without_a_feed_is_no_feed():
    """HTML where a feed was expected is said to be unreadable."""
    with pytest.raises(UnreadableCaptureError, match="nothing of a feed"):
        ask(feed, LOG, Memory("feed", {FEED: "hostile_html_instead"}))


@pytest.mark.parametrize(("status", "error"), [(404, SourceGoneError), (410, SourceGoneError), (500, SourceError)])
def test_a_refusal_is_no_empty_feed(status, error):
    """The status of a refusal decides, whatever the body holds."""
    refused = dataclasses.replace(answer("rss_two_items"), status=status)

    with pytest.raises(error, match="E0001"):
        ask(feed, LOG, lambda url: refused)


def test_a_feed_is_one_node_on_each_of_its_pages():
    """Page numbers do not make another feed; other parameters do."""
    body = ITEM % b""
    keys = [
        next(r.id for r in feed.parse(make_capture(body, f"https://f.example/feed?{query}")) if isinstance(r, Actor))
        for query in ("channel=a", "channel=a&paged=2", "channel=b")
    ]

    assert keys == ["account:feed:f.example/feed?channel=a"] * 2 + ["account:feed:f.example/feed?channel=b"]


def test_an_entry_without_an_author_belongs_to_the_feed():
    """No author is made up: the node is the feed's own."""
    with_author, without = posts(answer("rss_two_items", "https://blog.example/feed"))

    assert with_author.attributed_to == "account:feed:jane example@blog.example"
    assert without.attributed_to == "account:feed:blog.example"


def test_a_number_for_a_guid_means_nothing_outside_its_host():
    """Item 1 of one site is not item 1 of another."""
    body = ITEM % b""

    here, there = (posts(make_capture(body, f"https://{host}/feed"))[0] for host in ("a.example", "b.example"))

    assert (here.native_id, there.native_id) == ("1", "1")
    assert here.id != there.id


def test_an_entry_with_neither_guid_nor_link_is_known_by_what_it_says():
    """The same words give the same id, other words another."""
    xml = b"<rss version='2.0'><channel><item><title>%b</title></item></channel></rss>"
    first, again, other = (posts(make_capture(xml % title, FEED))[0].id for title in (b"a", b"a", b"b"))

    assert first == again != other


def test_a_date_without_a_zone_is_kept_as_written():
    """feedparser would call it UTC; it is no instant."""
    [post] = posts(answer("hostile_naive_date"))

    assert (post.published, post.published_raw, post.published_zone_known) == (None, "2026-05-01T10:00:00", False)


@pytest.mark.parametrize("attack", ["hostile_billion_laughs", "hostile_external_entity"])
def test_entities_of_a_feed_are_not_expanded(attack):
    """Neither gigabytes of laughter nor the content of a local file get into a record."""
    [post] = posts(answer(attack))

    assert "&" in post.content
    assert len(post.content) < 30


def test_the_bytes_of_a_feed_are_never_taken_for_a_file_name(tmp_path, monkeypatch):
    """feedparser opens a file when it is handed the file's name as bytes; it is handed a stream."""
    (tmp_path / "secret.xml").write_bytes(ITEM % b"")
    monkeypatch.chdir(tmp_path)
    assert feedparser.parse(b"secret.xml").entries

    with pytest.raises(UnreadableCaptureError):
        feed.parse(make_capture(b"secret.xml", FEED))


def test_script_in_a_feed_is_no_text_and_no_link():
    """Script is not what a reader reads, and its addresses are not where a post leads. The markup itself is kept."""
    [post] = posts(answer("hostile_script_in_content"))

    assert (post.content, post.links) == ("Hello\nx", ())
    assert "<script>" in post.content_html


@pytest.mark.parametrize(
    "body",
    [
        ITEM % (b"<description>" + b"a" * 10_000_000 + b"</description>"),
        b"<rss>" + b"<a>" * 100_000,
        b"<?xml version='1.0'?>" + b"\n" * 100_000 + ITEM % b"",
        b'{"items":' + b"[" * 1_000_000,
    ],
    ids=["10 MB in one line", "nested 100,000 deep", "100,000 line ends in the head", "JSON nested a million deep"],
)
def test_a_document_made_to_exhaust_the_parser_ends_soon(body):
    """It is read or refused in seconds; unguarded, each but the first takes minutes or the whole stack."""
    try:
        assert posts(make_capture(body, FEED))
    except UnreadableCaptureError as refused:
        assert "nested" in refused.reason
