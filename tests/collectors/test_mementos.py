"""Web archives: lists that go on, captures as they were taken in, and what is left of MySpace and Digg."""

from __future__ import annotations

import dataclasses
import json
from urllib.parse import urlencode

import pytest
from recorded import Memory, ask, make_capture

from osint.activity import ParseWarning, Post
from osint.collectors import digg, memento, myspace, web_archive
from osint.collectors.protocol import Stop
from osint.errors import QueryError, RateLimitedError, SourceGoneError, UnreadableCaptureError
from osint.query import AccountQuery, ThreadQuery, UrlQuery

LIST = (
    "https://web.archive.org/cdx/search/cdx?url={url}&matchType=exact&output=json"
    "&fl=timestamp%2Coriginal%2Cmimetype%2Cstatuscode%2Cdigest&collapse=digest&limit=1000&showResumeKey=true{more}"
)
JANE = "http://blog.example/jane"


def listed(url: str, more: str = "") -> str:
    return LIST.format(url=url.replace(":", "%3A").replace("/", "%2F"), more=more)


def taken(stamp: str, url: str = JANE) -> str:
    return f"https://web.archive.org/web/{stamp}id_/{url}"


def test_a_list_that_goes_on_is_followed_to_its_end():
    """The key of the next list is handed back; every capture is asked for once, and error answers are not."""
    get = Memory("web_archive", {
        listed(JANE): "list_more", taken("20100501120000"): "taken",
        listed(JANE, "&resumeKey=com%2Cexample%29%2F+20100501120001"): "list_last", taken("20130501120000"): "taken_without_header",
    })  # fmt: skip

    captures, stop = ask(web_archive, UrlQuery(url=JANE), get)

    assert stop is Stop.EXHAUSTED
    assert get.asked == list(get.answers)
    assert len(captures) == 4


def test_the_period_is_that_of_the_archive():
    """Since and until go by when the archive took a page in."""
    get = Memory("web_archive", {listed(JANE, "&from=20100101000000&to=20101231235959"): "list_empty"})

    _, stop = ask(web_archive, UrlQuery(url=JANE, since="2010-01-01", until="2010-12-31"), get)

    assert (stop, len(get.asked)) == (Stop.EXHAUSTED, 1)


def test_a_list_that_repeats_its_key_is_no_end():
    """The archive would be asked for ever."""
    more = "&resumeKey=com%2Cexample%29%2F+20100501120001"
    get = Memory("web_archive", {
        listed(JANE): "list_more", taken("20100501120000"): "taken", listed(JANE, more): "list_more",
    })  # fmt: skip

    captures, stop = ask(web_archive, UrlQuery(url=JANE), get)

    assert stop is Stop.ERROR
    assert len(captures) == 3


def test_when_it_was_taken_in_is_not_when_it_was_written():
    """The instant of the archive is kept apart, from its header or its address; an impossible one is none."""
    archived = []
    for name, stamp in (
        ("taken", "20100501120000"),
        ("taken_without_header", "20110501120000"),
        ("taken_impossible_instant", "20101301120000"),
    ):
        capture = Memory("web_archive", {taken(stamp): name})(taken(stamp))
        [post] = [record for record in web_archive.parse(capture) if isinstance(record, Post)]
        assert post.published is None
        assert post.absent["published"] == "missing"
        archived.append(post.extra["archived"])

    assert archived == ["2010-05-01T12:00:00Z", "2011-05-01T12:00:00Z", None]


def test_lists_in_lines_are_read_too():
    """As pywb and other archives write them."""
    capture = Memory("web_archive", {listed(JANE): "list_lines"})(listed(JANE))

    assert memento.read_list(capture) == ([memento.Listed("20100501120000", JANE, "text/html", "200")], "")


@pytest.mark.parametrize("table", [[None, [], {"": None}], [["timestamp"], [], {"key": 1}]], ids=["", "with a key"])
def test_a_list_whose_next_key_is_an_object_is_unreadable(table):
    capture = Memory("web_archive", {listed(JANE): "list_empty"})(listed(JANE))

    with pytest.raises(UnreadableCaptureError):
        memento.read_list(dataclasses.replace(capture, body=json.dumps(table).encode()))


def test_what_a_list_says_is_told_in_text_that_a_table_can_hold():
    """JSON may hold half of a surrogate pair, and no database, hash or file does."""
    lines = [["timestamp", "original", "statuscode"], ["20100501120000", "http://a\ud83d.example/", "\ud83d"]]
    capture = dataclasses.replace(
        Memory("web_archive", {listed(JANE): "list"})(listed(JANE)), body=json.dumps(lines).encode()
    )

    told = [record.what for record in web_archive.parse(capture) if isinstance(record, ParseWarning)]

    assert len(told) == 2
    assert all("\ufffd" in what for what in told)


def test_an_archive_that_answers_with_a_neighbour_is_not_taken_at_its_address():
    """pywb does so, with 200, for a capture whose file it lost: the post is of the instant that came, and it is said."""
    get = Memory("web_archive", {listed(JANE): "list_last", taken("20130501120000"): "taken"})

    [_, came], stop = ask(web_archive, UrlQuery(url=JANE), get)
    records = web_archive.parse(came)

    assert stop is Stop.PLATFORM_CAP
    assert [record.native_id for record in records if isinstance(record, Post)] == [f"{JANE}#20100501120000"]
    assert [record.what for record in records if isinstance(record, ParseWarning)] == [
        "The capture of 20130501120000 was asked for, and the archive answered with that of 20100501120000."
    ]


def test_a_capture_that_the_archive_refuses_leaves_the_run_incomplete():
    """It is in the list, and nobody has seen it."""
    get = Memory("web_archive", {listed(JANE): "list_last", taken("20130501120000"): "not_taken"})

    captures, stop = ask(web_archive, UrlQuery(url=JANE), get)

    assert ([capture.status for capture in captures], stop) == ([200, 404], Stop.PLATFORM_CAP)


def test_a_full_list_without_a_key_is_not_called_the_whole():
    """Lists in lines have no key of a next one; pywb cuts them at the number that was asked for, without a word."""
    row = b'{"timestamp": "2010%010d", "url": "http://blog.example/jane", "mime": "text/html", "status": "404"}'
    whole = {count: b"\n".join(row % number for number in range(count)) for count in (999, 1000)}

    stops = [
        ask(web_archive, UrlQuery(url=JANE), lambda address, /, *, lines=lines, **_: make_capture(lines, address))[1]
        for lines in whole.values()
    ]

    assert stops == [Stop.EXHAUSTED, Stop.PLATFORM_CAP]


def test_an_archive_that_leads_to_a_neighbour_or_another_page_is_not_taken_at_its_word():
    """A redirect leaves the address that was asked for in ``via`` alone; what came is said to be what it is."""
    redirected = dataclasses.replace(
        make_capture(b"<title>Kit</title>", taken("20110501120000", "http://blog.example/kit"), media_type="text/html"),
        via=taken("20130501120000"),
    )
    get = {listed(JANE): Memory("web_archive", {listed(JANE): "list_last"})(listed(JANE)), redirected.via: redirected}

    stop = ask(web_archive, UrlQuery(url=JANE), lambda url, /, **params: get[with_params(url, params)])[1]

    assert stop is Stop.PLATFORM_CAP
    assert told(web_archive, redirected) == [
        "The capture of 20130501120000 was asked for, and the archive answered with that of 20110501120000.",
        f"A capture of {JANE} was asked for, and the archive answered with one of http://blog.example/kit.",
        "http://blog.example/kit#20110501120000",
    ]


def test_what_a_list_names_on_another_host_is_neither_asked_for_nor_the_accounts():
    """The page of somebody else would else stand under the account's name."""
    url = listed("myspace.com/janeex")
    rows = '[["timestamp", "original", "statuscode"], ["20100501120000", "http://other.example/janeex", "200"]]'
    page = make_capture(rows.encode(), url, media_type="application/json")

    captures, stop = ask(myspace, AccountQuery(account="@janeex@myspace.com"), lambda *_, **__: page)

    assert (captures, stop) == ([page], Stop.PLATFORM_CAP)
    assert told(myspace, page) == [
        "The list names captures on other hosts than that of myspace.com/janeex: other.example."
    ]
    elsewhere = make_capture(
        b"<p>Hello", taken("20100501120000", "http://other.example/janeex"), media_type="text/html"
    )
    assert myspace.parse(elsewhere)[0].attributed_to is None


def test_an_archive_that_wants_a_pause_in_the_middle_is_not_asked_on():
    """429 of the archive itself ends the run as such; one that was taken in bears its instant and is a capture."""
    url = taken("20130501120000")
    answers = {listed(JANE): Memory("web_archive", {listed(JANE): "list_last"})(listed(JANE))}
    answers[url] = make_capture(b"slow down", url, status=429, media_type="text/plain")

    def get(asked, /, **params):
        return answers[with_params(asked, params)]

    with pytest.raises(RateLimitedError):
        ask(web_archive, UrlQuery(url=JANE), get)
    answers[url] = dataclasses.replace(answers[url], headers=(("Memento-Datetime", "Wed, 01 May 2013 12:00:00 GMT"),))
    assert ask(web_archive, UrlQuery(url=JANE), get)[1] is Stop.PLATFORM_CAP


@pytest.mark.parametrize("zone", ["", " -0000"])
def test_a_header_without_zone_is_not_read_by_the_clock_of_this_machine(zone):
    """The address says when it was, and it is UTC."""
    capture = make_capture(b"<p>Hello", taken("20100501120000"), media_type="text/html")
    header = (("Memento-Datetime", f"Sat, 01 May 2010 15:00:00{zone}"),)
    [post] = web_archive.parse(dataclasses.replace(capture, headers=(*capture.headers, *header)))

    assert post.extra["archived"] == "2010-05-01T12:00:00Z"


def test_a_page_whose_name_is_index_is_no_list():
    """Neither one that was taken in nor one of Digg that still stands."""
    capture = make_capture(b"<p>Hello", taken("20100501120000", "http://blog.example/index"), media_type="text/html")
    card = Memory("digg", {"https://digg.com/story-index": "card"})("https://digg.com/story-index")

    assert told(web_archive, capture) == ["http://blog.example/index#20100501120000"]
    assert isinstance(digg.parse(card)[-1], Post)


@pytest.mark.parametrize(
    ("said", "native_id", "author", "warnings"),
    [
        ("https://other.example/kit", "https://myspace.com/janeex", "account:myspace:janeex", 1),
        ("https://myspace.com/kit", "https://myspace.com/kit", "account:myspace:kit", 1),
        ("https://www.myspace.com/JaneEx", "https://www.myspace.com/JaneEx", "account:myspace:janeex", 0),
    ],
)
def test_a_page_that_says_to_be_another_is_not_the_accounts_page(said, native_id, author, warnings):
    """What another host's address says is not believed; another page of the platform is that other's."""
    markup = f'<meta property="og:url" content="{said}"><meta property="og:title" content="Page">'.encode()
    *warned, post = myspace.parse(make_capture(markup, "https://myspace.com/janeex", media_type="text/html"))

    assert (post.native_id, post.attributed_to, len(warned)) == (native_id, author, warnings)


@pytest.mark.parametrize(
    ("collector", "query"),
    [
        (digg, ThreadQuery(thread="https://other.example/story")),
        (digg, UrlQuery(url="https://digg.com.example/story")),
        (myspace, AccountQuery(account="@janeex@other.example")),
    ],
)
def test_what_lies_on_another_host_is_not_asked_for_under_the_platforms_name(collector, query):
    """Its posts would be the platform's."""
    with pytest.raises(QueryError, match=query.host):
        ask(collector, query, Memory(collector.MANIFEST.name, {}))


def with_params(url: str, params: dict) -> str:
    return f"{url}?{urlencode(params)}" if params else url


def told(collector, capture) -> list[str]:
    """What the warnings of a capture say, and the ids of its posts."""
    return [each.native_id if isinstance(each, Post) else each.what for each in collector.parse(capture)]


def test_a_profile_of_myspace_is_what_archives_hold_of_it():
    """Under the account's name, marked as archival."""
    url = "https://myspace.com/janeex"
    get = Memory("myspace", {
        listed("myspace.com/janeex"): "list_more", taken("20100501120000", url): "taken",
        listed("myspace.com/janeex", "&resumeKey=com%2Cexample%29%2F+20100501120001"): "list_empty",
    })  # fmt: skip

    captures, stop = ask(myspace, AccountQuery(account="@janeex@myspace.com"), get)
    posts = [record for capture in captures for record in myspace.parse(capture) if isinstance(record, Post)]

    assert stop is Stop.EXHAUSTED
    assert [(post.attributed_to, post.extra["coverage"]) for post in posts] == [("account:myspace:janeex", "archival")]


def test_a_page_of_myspace_is_asked_of_the_archive_and_of_nobody_else():
    """MySpace's terms forbid to ask for its own pages by a program."""
    url = "https://myspace.com/janeex"
    get = Memory("myspace", {listed(url): "list_last", taken("20130501120000", url): "taken_without_header"})

    captures, stop = ask(myspace, UrlQuery(url=url), get)

    assert (stop, get.asked) == (Stop.EXHAUSTED, list(get.answers))
    assert [post.extra["coverage"] for post in myspace.parse(captures[1])] == ["archival"]


def test_a_page_that_still_stands_gives_its_card_and_is_never_complete():
    """It is the platform's summary, and says partial."""
    url = "https://digg.com/story/westmere"
    captures, stop = ask(digg, UrlQuery(url=url), Memory("digg", {url: "card"}))
    [post] = [record for record in digg.parse(captures[0]) if isinstance(record, Post)]

    assert stop is Stop.PLATFORM_CAP
    assert post.extra["coverage"] == "partial"
    assert post.attachment[0].url.endswith("/img/jane.jpg")


def test_a_story_that_is_gone_leads_to_the_archives():
    """The error says how; asked as a thread, the archive is asked."""
    url = "https://digg.com/story/westmere"
    with pytest.raises(SourceGoneError, match="thread="):
        ask(digg, UrlQuery(url=url), Memory("digg", {url: "not_taken"}))
    get = Memory("digg", {listed(url): "list_lines", taken("20100501120000", url): "taken"})

    captures, stop = ask(digg, ThreadQuery(thread=url), get)

    assert (stop, len(captures)) == (Stop.EXHAUSTED, 2)
