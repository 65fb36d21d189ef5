"""FBI Wanted: a list that moves while it is read, a count that lies, refusals, and pictures that nothing fetches."""

from __future__ import annotations

import dataclasses
import json
from urllib.parse import urlencode

import pytest
from recorded import FIXTURES, Memory, ask, expected, make_capture, read_answer

from osint.activity import Post
from osint.collectors import fbi_wanted
from osint.collectors.protocol import Stop
from osint.errors import QueryError, SourceBlockedError, SourceGoneError, UnreadableCaptureError
from osint.query import SearchQuery, UrlQuery

LIST = "https://api.fbi.gov/wanted/v1/list?pageSize=50&page={}&sort_on=modified&sort_order={}"
DESC = [LIST.format(number, "desc") for number in (1, 2, 3)]
ASC = [LIST.format(number, "asc") for number in (1, 2, 3)]
NOTICE = "https://api.fbi.gov/@wanted-person/aaaaaaaa0000400080000000aaaaaaaa"
ALL = SearchQuery(search="", host="fbi.gov")


def posts(answer: str) -> dict[str, Post]:
    """The posts of a recorded answer by their titles."""
    url = expected("fbi_wanted")[answer]["url"]
    records = fbi_wanted.parse(read_answer(FIXTURES / "fbi_wanted" / f"{answer}.http", url))
    return {record.extra["title"]: record for record in records if isinstance(record, Post)}


@pytest.mark.parametrize(
    ("answers", "stop"),
    [
        ({DESC[0]: "list_page1", DESC[1]: "list_page2"}, Stop.EXHAUSTED),
        ({DESC[0]: "list_none"}, Stop.EXHAUSTED),
        ({DESC[0]: "list_page1", DESC[1]: "list_page1"}, Stop.ERROR),
    ],
)
def test_the_list_is_read_until_as_many_came_as_it_counts(answers, stop):
    """Every page once; a page that comes again under another number is a contradiction, no end."""
    get = Memory("fbi_wanted", answers)

    captures, ended = ask(fbi_wanted, ALL, get)

    assert (len(answers), stop, list(answers)) == (len(captures), ended, get.asked)


class Moving:
    """A list whose answers are given as what they count and the uids that they show, in the order they are asked for.

    Attributes:
        asked: How many were asked for.
    """

    def __init__(self, *answers):
        self.answers, self.asked = answers, 0

    def __call__(self, url, /, **params):
        total, uids = self.answers[self.asked]
        self.asked += 1
        items = [{"uid": uid, "title": uid, "poster_classification": "default"} for uid in uids]
        body = json.dumps({"total": total, "page": params["page"], "items": items}).encode()
        return make_capture(body, f"{url}?{urlencode(params)}", media_type="application/json")


@pytest.mark.parametrize(
    ("answers", "stop"),
    [
        ([(3, "ab"), (3, "b"), (3, "cb")], Stop.EXHAUSTED),
        ([(3, "ab"), (4, "cb"), (4, ""), (4, "dc"), (4, "ab")], Stop.EXHAUSTED),
        ([(4, "ab"), (3, "d"), (3, ""), (3, "dc"), (3, "b")], Stop.EXHAUSTED),
        ([(4, "ab"), (3, "d"), (3, ""), (3, "dc"), (3, "")], Stop.PLATFORM_CAP),
        ([(1, "ab"), (1, "c"), (1, ""), (1, "cb"), (1, "a"), (1, "")], Stop.PLATFORM_CAP),
        ([(9, "ab"), (9, "cd"), (9, "ab")], Stop.ERROR),
    ],
    ids=["moved", "added", "removed", "removed and lacking", "counted too low", "in a circle"],
)
def test_a_list_that_changes_while_it_is_read_is_complete_only_by_a_count_that_stands(answers, stop):
    """Repeats count once. What lacks stands at the other end; after a count that moved that end is read by itself."""
    get = Moving(*answers)

    assert (ask(fbi_wanted, ALL, get)[1], get.asked) == (stop, len(answers))


def test_the_notice_of_somebody_else_is_not_the_one_that_was_asked_for():
    """It is in the tables as what it is, with a warning; a uid with hyphens is the same uid."""
    address = NOTICE.replace("aaaaaaaa0", "bbbbbbbb0")
    [capture], stop = ask(fbi_wanted, UrlQuery(url=address), Memory("fbi_wanted", {address: "notice"}))
    hyphens = NOTICE.replace("aaaaaaaa0000400080000000", "aaaaaaaa-0000-4000-8000-0000")

    warned, post = fbi_wanted.parse(capture)

    assert (stop, post.native_id) == (Stop.ERROR, "aaaaaaaa0000400080000000aaaaaaaa")
    assert "bbbbbbbb0000400080000000aaaaaaaa, and the answer is the notice aaaaaaaa" in warned.what
    assert ask(fbi_wanted, UrlQuery(url=hyphens), Memory("fbi_wanted", {hyphens: "notice"}))[1] is Stop.EXHAUSTED


def test_a_time_that_is_no_text_is_said_to_be_lost_and_one_without_zone_is_kept():
    """A number may be seconds or milliseconds; a change without zone stays in the row as it is written."""
    item = {"uid": "a" * 8, "title": "KIT EXAMPLE", "publication": 1767225600, "modified": "2026-04-30T14:03:35"}
    post, warned = fbi_wanted.parse(make_capture(json.dumps(item).encode(), NOTICE[:-32] + "a" * 8))

    assert (post.published, post.updated, post.extra["modified"]) == (None, None, "2026-04-30T14:03:35")
    assert warned.what == "Its publication is no time as the register writes it: 1767225600."


def test_a_count_that_is_never_reached_is_no_complete_run():
    """Both ends were read, and one notice of those counted did not come."""
    lacking = {DESC[0]: "list_page1", DESC[1]: "list_moved", DESC[2]: "list_past_end"}
    lacking |= {ASC[0]: "list_other_end_lacking", ASC[1]: "list_other_end_rest", ASC[2]: "list_past_end"}

    assert ask(fbi_wanted, ALL, Memory("fbi_wanted", lacking))[1] is Stop.PLATFORM_CAP


def test_a_list_that_does_not_count_is_no_complete_run():
    """An empty page ends it, and nobody said that this was all."""
    silent = {DESC[0]: "list_without_count", DESC[1]: "list_empty", ASC[0]: "list_without_count", ASC[1]: "list_empty"}

    assert ask(fbi_wanted, ALL, Memory("fbi_wanted", silent))[1] is Stop.PLATFORM_CAP


def test_the_words_and_conditions_of_a_search_reach_the_register():
    """The words are asked as the title; a condition is handed on as it is."""
    query = SearchQuery(search=" Dawn Example ", host="www.fbi.gov", where={"status": "captured"})
    url = DESC[0] + "&status=captured&title=Dawn+Example"

    assert ask(fbi_wanted, query, Memory("fbi_wanted", {url: "list_none"}))[1] is Stop.EXHAUSTED


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (dataclasses.replace(ALL, host="fbi.example"), "host='fbi.gov'"),
        (dataclasses.replace(ALL, where={"title": "Dawn Example"}), "not searched by title"),
        (UrlQuery(url="https://www.fbi.gov/news"), "no notice of the FBI"),
    ],
)
def test_what_the_register_is_not_asked_for_is_refused_before_any_request(query, words):
    """A name in a condition would pass by the gate, which judges the words only."""
    get = Memory("fbi_wanted", {})

    with pytest.raises(QueryError, match=words):
        ask(fbi_wanted, query, get)
    assert get.asked == []


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("blocked", SourceBlockedError, "save the JSON"),
        ("gone", SourceGoneError, "does not say that the person is cleared"),
    ],
)
def test_a_refusal_says_what_it_does_not_mean_and_what_to_do(answer, error, words):
    """403 names the way by hand; 404 clears nobody."""
    with pytest.raises(error, match=words):
        ask(fbi_wanted, UrlQuery(url=NOTICE), Memory("fbi_wanted", {NOTICE: answer}))


@pytest.mark.parametrize("answer", ["html_instead", "error_inside"])
def test_an_answer_that_is_no_list_ends_the_run(answer):
    """A page where JSON was due, and an error with the status 200."""
    with pytest.raises(UnreadableCaptureError):
        ask(fbi_wanted, ALL, Memory("fbi_wanted", {DESC[0]: answer}))


def test_one_notice_is_one_request():
    """Its address is asked as it is written."""
    get = Memory("fbi_wanted", {NOTICE: "notice"})

    assert (ask(fbi_wanted, UrlQuery(url=NOTICE), get)[1], get.asked) == (Stop.EXHAUSTED, [NOTICE])


def test_a_status_opens_the_text_and_na_does_not():
    """The register's own word, unchanged; "na" says that there is none."""
    page = posts("list_page1")

    assert page["KIT EXAMPLE"].content.startswith("Status: captured\nKIT EXAMPLE")
    assert (page["DAWN EXAMPLE"].content[:12], page["DAWN EXAMPLE"].extra["status"]) == ("DAWN EXAMPLE", "na")


def test_pictures_of_who_may_be_a_minor_are_named_and_not_attached():
    """A child's are withheld; those of a missing person whose age is stated, and of a wanted one, are attached."""
    child, grown, wanted = posts("list_page2"), posts("list_without_count"), posts("list_page1")

    assert child["MAY EXAMPLE"].attachment == ()
    assert child["MAY EXAMPLE"].extra["pictures_withheld"] == [
        "https://www.fbi.gov/wanted/kidnap/may-example/@@images/image"
    ]
    for shown in (grown["EVE EXAMPLE"], wanted["DAWN EXAMPLE"]):
        assert (len(shown.attachment), "pictures_withheld" in shown.extra) == (1, False)


@pytest.mark.parametrize("more", [{}, {"age_min": 17}])
def test_an_age_that_is_not_stated_is_no_majority(more):
    """A missing person without an age, or below it, may be a minor."""
    missing = {"poster_classification": "missing", "age_min": None, "age_max": None}

    assert fbi_wanted._may_be_minor(missing | more)
    assert not fbi_wanted._may_be_minor(missing | {"age_min": 18})


def test_a_wanted_person_below_the_age_is_a_minor_too():
    """Whatever the poster is; of a wanted person without an age nobody says so."""
    assert fbi_wanted._may_be_minor({"poster_classification": "default", "age_min": 16, "age_max": 17})
    assert not fbi_wanted._may_be_minor({"poster_classification": "default", "age_min": None, "age_max": None})


def test_a_publication_without_zone_is_no_instant_and_a_change_with_one_is():
    """Both stay as the source spelt them."""
    post = posts("list_page1")["DAWN EXAMPLE"]

    assert (post.published, post.published_raw) == (None, "2020-01-22T10:00:00")
    assert post.updated.isoformat() == "2026-04-30T14:03:35+00:00"


def test_a_page_of_the_site_is_read_without_its_form():
    """Class names tell the parts; the field for a tip is none."""
    [post] = posts("site_page").values()

    assert (post.extra["description"]["Hair"], post.native_id) == ("Black", "/wanted/murders/dawn-example")
    assert "tip" not in post.content.casefold()
