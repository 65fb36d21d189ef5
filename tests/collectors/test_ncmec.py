"""NCMEC: a search without a session, refusals with the status 200, feeds, and pictures that nothing fetches."""

from __future__ import annotations

import json

import pytest
from recorded import FIXTURES, Memory, ask, expected, make_capture, read_answer

from osint.activity import Post
from osint.collectors import ncmec
from osint.collectors.protocol import Stop
from osint.errors import QueryError, SourceBlockedError, SourceError, SourceGoneError
from osint.query import SearchQuery, UrlQuery

SERVLET = "https://api.missingkids.org/missingkids/servlet"
PAGE = (
    f"{SERVLET}/JSONDataServlet?action=publicSearch&search=new&searchLang=en_US&subjToSearch=child"
    "&missCountry=US&missState=CA&goToPage={}"
)
POSTER = f"{SERVLET}/JSONDataServlet?action=childDetail&orgPrefix=NCMC&caseNum=1000001&seqNum=1&caseLang=en_US"
FEED = f"{SERVLET}/XmlServlet?act=rss&LanguageCountry=en_US&orgPrefix=NCMC&state=CA"
IN_CALIFORNIA = SearchQuery(search="", host="missingkids.org", where={"missState": "CA"})


def posts(answer: str) -> dict[str, Post]:
    """The posts of a recorded answer by their native ids."""
    url = expected("ncmec")[answer]["url"]
    records = ncmec.parse(read_answer(FIXTURES / "ncmec" / f"{answer}.http", url))
    return {record.native_id: record for record in records if isinstance(record, Post)}


@pytest.mark.parametrize(
    ("answers", "stop"),
    [
        (["search_page1", "search_page2"], Stop.EXHAUSTED),
        (["search_page1", "search_same_page"], Stop.PLATFORM_CAP),
        (["count_too_low", "search_none"], Stop.PLATFORM_CAP),
        (["search_none"], Stop.EXHAUSTED),
    ],
)
def test_each_page_is_asked_with_the_whole_question(answers, stop):
    """No session is kept; a register that needs one shows its first page again, and the run is not complete."""
    get = Memory("ncmec", {PAGE.format(number): answer for number, answer in enumerate(answers, start=1)})

    captures, ended = ask(ncmec, IN_CALIFORNIA, get)

    assert (stop, len(answers)) == (ended, len(captures))
    assert get.asked == list(get.answers)


@pytest.mark.parametrize(("answer", "said"), [("error_inside", "Session expired"), ("error_without_words", "reason")])
def test_a_refusal_with_the_status_200_is_none_the_less_one(answer, said):
    """The message repeats the register's word and names the feed, which needs no session."""
    with pytest.raises(SourceError, match=said) as refused:
        ask(ncmec, IN_CALIFORNIA, Memory("ncmec", {PAGE.format(1): answer}))
    assert "act=rss" in str(refused.value)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("blocked", SourceBlockedError, "act=rss"),
        ("gone", SourceGoneError, "does not say that the person is cleared, found"),
    ],
)
def test_blocked_and_gone_are_two_things(answer, error, words):
    """A poster that was taken out does not say that the child was found."""
    address = "https://www.missingkids.org/poster/NCMC/1000001/1"

    with pytest.raises(error, match=words):
        ask(ncmec, UrlQuery(url=address), Memory("ncmec", {POSTER: answer}))


@pytest.mark.parametrize(("url", "asked", "answer", "stop"), [
    ("https://www.missingkids.org/poster/ncmc/1000001/1/screen", POSTER, "poster", Stop.EXHAUSTED),
    (FEED, FEED, "feed", Stop.PLATFORM_CAP),
])  # fmt: skip
def test_a_poster_is_whole_and_a_feed_never_says_that_it_is(url, asked, answer, stop):
    """Both are one request."""
    get = Memory("ncmec", {asked: answer})

    assert (ask(ncmec, UrlQuery(url=url), get)[1], get.asked) == (stop, [asked])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (SearchQuery(search="May Example", host="missingkids.org"), "not documented"),
        (SearchQuery(search="", host="missingkids.org", where={"lastName": "Example"}), "not searched by lastName"),
        (UrlQuery(url="https://www.missingkids.org/about"), "nothing of NCMEC"),
    ],
)
def test_what_the_register_is_not_asked_for_is_refused_before_any_request(asked, words):
    """A search that passed a name over would give every child."""
    get = Memory("ncmec", {})

    with pytest.raises(QueryError, match=words):
        ask(ncmec, asked, get)
    assert get.asked == []


@pytest.mark.parametrize("answer", [name for name, said in expected("ncmec").items() if said.get("posts")])
def test_no_picture_of_a_child_is_ever_an_attachment(answer):
    """Attachments are what a case fetches next."""
    assert all(post.attachment == () for post in posts(answer).values())


def test_a_picture_is_named_where_it_lies():
    """An officer may collect it by its address."""
    for answer in ("search_page1", "poster", "feed"):
        named = posts(answer)["NCMC/1000001/1"].extra["pictures_withheld"]
        assert named == ["https://api.missingkids.org/photographs/NCMC1000001c1t.jpg"]


def test_two_children_of_one_case_are_two():
    """The number of the case and the sequence make the id; number and text give the same."""
    assert set(posts("awkward")) == {"NCMC/1000001/1", "NCMC/1000001/2"}


def test_the_same_poster_has_one_id_in_search_feed_and_poster():
    """So the three join."""
    assert "NCMC/1000001/1" in posts("search_page1").keys() & posts("feed").keys() & posts("poster").keys()


def test_the_day_somebody_went_missing_is_no_publication():
    """The feed states one with its zone; a search states none."""
    searched, fed = posts("search_page1")["NCMC/1000001/1"], posts("feed")["NCMC/1000001/1"]

    assert (searched.published, searched.absent["published"]) == (None, "missing")
    assert fed.published.isoformat() == "2026-05-01T04:00:00+00:00"


def test_entities_of_a_feed_are_not_expanded_and_no_file_is_read():
    """Nothing of this machine, and nothing that grows, gets into a row."""
    [post] = posts("feed_of_entities").values()

    assert post.extra["title"] == "\ufffd&b;&f;"


def test_a_feed_in_another_encoding_keeps_names_and_what_stands_in_markup():
    """The declaration names the encoding that the text no longer has; a description may hold elements."""
    body = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><rss><channel><item><title>Zoë Exämple</title><link>'
        "https://www.missingkids.org/poster/NCMC/1000001/1</link><description>Seen <b>at the pier</b> in red"
        "</description></item></channel></rss>"
    ).encode("latin-1")

    [post] = ncmec.parse(make_capture(body, FEED, media_type="text/xml"))

    assert post.content == "Zoë Exämple\nSeen at the pier in red"


def test_every_address_of_a_picture_is_named_and_none_attached():
    """Pictures that show the child as it may look now too; what is no address stays as it is."""
    child = {"orgPrefix": "NCMC", "caseNumber": 1000001, "photos": ["/a.jpg"], "ageProgressedPhotos": ["/b.jpg"]}
    unread = {**child, "photos": [{"file": "/c.jpg"}]}
    first, second = (
        ncmec.parse(make_capture(json.dumps({"childBean": each}).encode(), POSTER))[0] for each in (child, unread)
    )

    assert [url.rpartition("/")[2] for url in first.extra["pictures_withheld"]] == ["a.jpg", "b.jpg"]
    assert (first.attachment, second.extra["photos"]) == ((), [{"file": "/c.jpg"}])


def test_the_poster_of_another_child_is_not_the_one_that_was_asked_for():
    """It is in the tables under its own number, with a warning."""
    asked = POSTER.replace("1000001", "1000009")
    address = "https://www.missingkids.org/poster/NCMC/1000009/1"

    [capture], stop = ask(ncmec, UrlQuery(url=address), Memory("ncmec", {asked: "poster"}))
    warned, post = ncmec.parse(capture)

    assert (stop, post.native_id) == (Stop.ERROR, "NCMC/1000001/1")
    assert "NCMC/1000009/1, and the answer is the notice NCMC/1000001/1" in warned.what
