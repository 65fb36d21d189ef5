"""NamUs: a search that is posted, cases of three registers, and whose picture is withheld."""

from __future__ import annotations

import json

import pytest
from recorded import FIXTURES, Memory, ask, expected, make_capture, read_answer

from osint.activity import Post
from osint.collectors import namus
from osint.collectors.protocol import Stop
from osint.errors import QueryError, SourceBlockedError, SourceGoneError, UnreadableCaptureError
from osint.query import SearchQuery, UrlQuery

API = "https://www.namus.gov/api/CaseSets/NamUs"
IN_CALIFORNIA = {"stateOfLastContact": "California"}


def searched(skip: int, *predicates: dict, case_set: str = "MissingPersons") -> str:
    """The address and the body of one page of a search, as ``Memory`` writes them down."""
    fields = [*namus._SHARED, *namus._FIELDS[case_set]]
    body = {"take": 100, "skip": skip, "projections": fields, "predicates": list(predicates)}
    return f"{API}/{case_set}/Search {json.dumps(body, sort_keys=True)}"


def query(search: str = "", host: str = "namus.gov", **where: str) -> SearchQuery:
    return SearchQuery(search=search, host=host, where=where)


def posts(answer: str) -> dict[str, Post]:
    """The posts of a recorded answer by their native ids."""
    url = expected("namus")[answer]["url"]
    records = namus.parse(read_answer(FIXTURES / "namus" / f"{answer}.http", url))
    return {record.native_id: record for record in records if isinstance(record, Post)}


def test_a_search_is_posted_and_read_until_as_many_came_as_it_counts():
    """The next page skips what came, repeats included; a repeat counts once."""
    state = {"field": "stateOfLastContact", "operator": "IsIn", "values": ["California"]}
    pages = {searched(0, state): "search_page1", searched(2, state): "search_page2"}
    get = Memory("namus", pages)

    captures, stop = ask(namus, query(**IN_CALIFORNIA), get)

    assert (stop, len(captures), get.asked) == (Stop.EXHAUSTED, 2, list(pages))


@pytest.mark.parametrize("second", ["search_empty", "search_page1"])
def test_a_page_that_brings_nothing_new_before_the_count_is_met_is_no_end(second):
    """Empty, or the first page again."""
    get = Memory("namus", {searched(0): "search_page1", searched(2): second})

    assert ask(namus, query(), get)[1] is Stop.PLATFORM_CAP


@pytest.mark.parametrize(
    ("answers", "stop"),
    [
        ([(3, [1, 2]), (3, [3])], Stop.EXHAUSTED),
        ([(3, [1, 2]), (2, [3]), (2, [])], Stop.PLATFORM_CAP),
        ([(1, [1, 2]), (1, [3]), (1, [])], Stop.PLATFORM_CAP),
    ],
    ids=["steady", "moved", "too low"],
)
def test_a_count_that_lies_or_moves_is_no_end(answers, stop):
    """All that is shown is read; complete is the search only by a count that stands."""
    left = iter(answers)

    def get(url, /, body):
        count, numbers = next(left)
        answer = {"count": count, "results": [{"namus2Number": number} for number in numbers]}
        return make_capture(json.dumps(answer).encode(), url, media_type="application/json")

    assert (ask(namus, query(), get)[1], list(left)) == (stop, [])


def test_the_case_of_somebody_else_is_not_the_one_that_was_asked_for():
    """It is in the tables under its own number, with a warning."""
    asked = f"{API}/MissingPersons/Cases/7"

    [capture], stop = ask(namus, UrlQuery(url=asked), Memory("namus", {asked: "case"}))

    assert stop is Stop.ERROR
    assert [getattr(each, "native_id", None) or each.what for each in namus.parse(capture)] == [
        "The address is that of the notice 7, and the answer is the notice 101.", "MP101",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cases", "case_set", "answer", "stop"),
    [
        ("missing", "MissingPersons", "search_none", Stop.EXHAUSTED),
        ("unidentified", "UnidentifiedPersons", "unidentified", Stop.EXHAUSTED),
        ("unclaimed", "UnclaimedPersons", "unclaimed", Stop.EXHAUSTED),
    ],
)
def test_each_of_the_three_registers_is_asked_for_its_own_fields(cases, case_set, answer, stop):
    """``cases`` says which; it is no field."""
    get = Memory("namus", {searched(0, case_set=case_set): answer})

    assert ask(namus, query(cases=cases), get)[1] is stop


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (query("Dawn Example"), "not documented"),
        (query(lastName="Example"), "not searched by lastName"),
        (query(cases="wanted"), "no register of NamUs"),
        (query(host="namus.example"), "host='namus.gov'"),
        (UrlQuery(url="https://www.namus.gov/about"), "no case of NamUs"),
    ],
)
def test_what_the_register_is_not_asked_for_is_refused_before_any_request(asked, words):
    """A condition that it passed over would give everybody."""
    get = Memory("namus", {})

    with pytest.raises(QueryError, match=words):
        ask(namus, asked, get)
    assert get.asked == []


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("blocked", SourceBlockedError, "import that file"),
        ("gone", SourceGoneError, "does not say that the person is cleared, found or dead"),
    ],
)
def test_a_refusal_says_what_it_does_not_mean_and_what_to_do(answer, error, words):
    """A case that is gone says nothing of the person."""
    address = "https://www.namus.gov/MissingPersons/Case#/101"

    with pytest.raises(error, match=words):
        ask(namus, UrlQuery(url=address), Memory("namus", {f"{API}/MissingPersons/Cases/101": answer}))


@pytest.mark.parametrize("answer", ["html_instead", "error_inside"])
def test_an_answer_that_is_no_list_ends_the_run(answer):
    """A page where JSON was due, and an error with the status 200."""
    with pytest.raises(UnreadableCaptureError):
        ask(namus, query(), Memory("namus", {searched(0): answer}))


@pytest.mark.parametrize("address", ["https://namus.nij.ojp.gov/case/MP101", f"{API}/MissingPersons/Cases/101/"])
def test_a_case_is_asked_for_at_the_interface(address):
    """Whichever address the officer has."""
    get = Memory("namus", {f"{API}/MissingPersons/Cases/101": "case"})

    assert ask(namus, UrlQuery(url=address), get)[1] is Stop.EXHAUSTED


def test_pictures_are_attached_only_where_the_case_says_that_the_person_was_of_age():
    """Nine years, no age, and an estimate from 0 are none; 25 and an estimate from 30 are."""
    attached = {
        name
        for page in ("search_page1", "search_page2", "unidentified")
        for name, post in posts(page).items()
        if post.attachment
    }

    assert attached == {"MP101", "UP7"}
    assert posts("search_page1")["MP102"].extra["pictures_withheld"]


def test_a_case_that_is_resolved_says_so_first():
    """The register's flag opens the text; names stay in it as they are spelt."""
    assert posts("case")["MP101"].content.startswith("Status: resolved\nDawn Example\n")
    assert posts("awkward")["MP104"].content.startswith("فجر مثال")


def test_a_saved_case_is_told_by_its_fields_where_its_address_says_nothing():
    """Last contact is what only missing persons have."""
    assert set(posts("case_saved")) == {"MP101"}
