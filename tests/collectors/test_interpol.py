"""Interpol: slices of a register that shows 160 notices at most, names, contradictions, and whose picture is withheld."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from recorded import FIXTURES, Memory, ask, expected, make_capture, read_answer

from osint.activity import Post
from osint.collectors import interpol
from osint.collectors.protocol import Stop
from osint.errors import QueryError, SourceBlockedError, SourceError, SourceGoneError, UnreadableCaptureError
from osint.query import SearchQuery, UrlQuery

API = "https://ws-public.interpol.int/notices/v1"
DAWN = SearchQuery(search="Dawn Example", host="interpol.int")
ASKED = f"{API}/red?forename=Dawn&name=Example&resultPerPage=160&page=1"
ASKED_NAME_FIRST = f"{API}/red?name=Example&forename=Dawn&resultPerPage=160&page=1"
EVERYBODY = SearchQuery(search="", host="interpol.int")


class Notices:
    """A register of many people that answers as Interpol does: 160 at most, and page 1 again behind them.

    Attributes:
        people: Year of age (None where no date of birth is known), sex and nationalities of each.
        deaf: Whether it passes all conditions over.
        shown: How many notices a page holds.
        counts: What it counts instead of the truth, by the number of the question, the first being 1, the last -1.
        asked: What it was asked.
    """

    def __init__(self, people, *, deaf=False, shown=160, counts=None):
        self.people, self.deaf, self.shown, self.counts, self.asked = people, deaf, shown, counts or {}, []

    def __call__(self, url, /, **params):
        full = f"{url}?{urlencode(params)}"
        self.asked.append(full)
        assert len(self.asked) < 2_000
        asked = {} if self.deaf else {name: values[0] for name, values in parse_qs(urlsplit(full).query).items()}
        found = [number for number, person in enumerate(self.people) if self._fits(person, asked)]
        page = int(asked.get("page", 1))
        first = (page - 1) * self.shown
        first, page = (0, 1) if first >= min(len(found), 160) else (first, page)
        shown = [self._notice(number) for number in found[:160][first : first + self.shown]]
        last = full.endswith("resultPerPage=1&page=1")
        total = self.counts.get(-1 if last else len(self.asked), len(found))
        answer = {"total": total, "query": {"page": page}, "_embedded": {"notices": shown}}
        body = json.dumps(answer).encode()
        return make_capture(body, full, media_type="application/json")

    def _fits(self, person, asked):
        age, sex, nations = person
        return (
            asked.get("sexId", sex) == sex
            and asked.get("nationality", nations[0]) in nations
            and ("ageMin" not in asked or (age is not None and int(asked["ageMin"]) <= age <= int(asked["ageMax"])))
        )

    def _notice(self, number):
        return {"entity_id": f"2026/{number}", "name": f"EXAMPLE {number}", "nationalities": self.people[number][2]}


def found(captures) -> set[str]:
    """The ids of all posts of a run."""
    return {record.native_id for page in captures for record in interpol.parse(page) if isinstance(record, Post)}


def posts(answer: str) -> dict[str, Post]:
    """The posts of a recorded answer by their native ids."""
    url = expected("interpol")[answer]["url"]
    records = interpol.parse(read_answer(FIXTURES / "interpol" / f"{answer}.http", url))
    return {record.native_id: record for record in records if isinstance(record, Post)}


def test_a_register_above_the_cap_comes_whole_in_slices():
    """1,300 people of one age each: by ages alone, none is missing, and no question is asked twice."""
    register = Notices([(20 + number % 60, "FMU"[number % 3], ["NL"]) for number in range(1_300)])

    captures, stop = ask(interpol, EVERYBODY, register)

    assert (stop, len(found(captures))) == (Stop.EXHAUSTED, 1_300)
    assert len(set(register.asked)) == len(register.asked) < 40
    assert not any("sexId" in url for url in register.asked)


@pytest.mark.parametrize("counts", [{1: 161}, {1: 320}, {-1: 401}, {2: 250}], ids=["low", "half", "moved", "slice"])
def test_a_count_that_lies_or_moves_is_no_end(counts):
    """Of 400 people all come, whatever is counted: a count that is met early ends nothing. None is called complete."""
    register = Notices([(20 + number % 60, "F", ["NL"]) for number in range(400)], counts=counts)

    captures, stop = ask(interpol, EVERYBODY, register)

    assert (stop, len(found(captures))) == (Stop.PLATFORM_CAP, 400)


def test_an_answer_that_counts_less_than_it_shows_is_not_complete():
    """Whether there are more than it shows, nobody knows then."""
    register = Notices([(30, "F", ["NL"])] * 50, counts={1: 49})

    assert ask(interpol, EVERYBODY, register)[1] is Stop.PLATFORM_CAP


def test_the_notice_of_somebody_else_is_not_the_one_that_was_asked_for():
    """It is in the tables as what it is, with a warning, and the run is no success."""
    address = f"{API}/red/2026-7"
    get = Memory("interpol", {address: "notice"})

    [capture], stop = ask(interpol, UrlQuery(url=address), get)
    warned, post = interpol.parse(capture)

    assert (stop, post.native_id) == (Stop.ERROR, "red/2021/75051")
    assert "notice red/2026/7, and the answer is the notice red/2021/75051" in warned.what


def test_a_red_and_a_yellow_notice_of_one_number_are_two_notices():
    """Each kind has numbers of its own; a notice of another kind than the address names is another notice."""
    item = {"entity_id": "2026/1", "name": "EXAMPLE"}
    lists = [
        interpol.parse(
            make_capture(json.dumps({"total": 1, "_embedded": {"notices": [item]}}).encode(), f"{API}/{kind}")
        )
        for kind in ("red", "yellow")
    ]
    linked = {**item, "_links": {"self": {"href": f"{API}/yellow/2026-1"}}}
    warned, post = interpol.parse(make_capture(json.dumps(linked).encode(), f"{API}/red/2026-1"))

    assert [[each.id for each in records] for records in lists] == [["interpol:red/2026/1"], ["interpol:yellow/2026/1"]]
    assert "the answer is the notice yellow/2026/1" in warned.what
    assert post.extra["notice"] == "yellow"


def test_an_address_that_is_none_stops_nothing():
    """The notice is read without it."""
    item = {"entity_id": "2026/1", "name": "EXAMPLE", "_links": {"self": {"href": "http://[x"}}}
    [post] = interpol.parse(make_capture(json.dumps(item).encode(), f"{API}/red/2026-1"))

    assert (post.url, post.extra["notice"]) == (None, "red")


def test_what_is_no_list_is_not_an_empty_one():
    """Notices that stand under names are lost, and that is said."""
    listed = {"total": 1, "_embedded": {"notices": {"0": {"entity_id": "2026/1", "name": "EXAMPLE"}}}}
    [warned] = interpol.parse(make_capture(json.dumps(listed).encode(), f"{API}/red", media_type="application/json"))

    assert warned.what == "What should be the list of notices is none."


def test_one_year_above_the_cap_is_cut_by_sex_and_then_by_the_nationalities_seen():
    """500 people of one age: some have two nationalities, and count once. Of 700, one slice alone is above the cap."""
    nations = [["NL"], ["BE"], ["DE", "NL"], ["FR"], ["ES"]]
    people = [(40, "MMMF"[number % 4], nations[number % 5]) for number in range(700)]
    register, larger = Notices(people[:500]), Notices(people)

    captures, stop = ask(interpol, EVERYBODY, register)

    assert (stop, len(found(captures))) == (Stop.EXHAUSTED, 500)
    assert any("sexId=M" in url and "nationality=DE" in url for url in register.asked)
    assert ask(interpol, EVERYBODY, larger)[1] is Stop.PLATFORM_CAP


def test_who_has_no_date_of_birth_keeps_the_run_from_being_complete():
    """They are in no slice of the ages: what came is less than what was counted."""
    register = Notices([(20 + number % 60, "F", ["NL"]) for number in range(300)] + [(None, "M", ["NL"])] * 40)

    captures, stop = ask(interpol, EVERYBODY, register)

    assert stop is Stop.PLATFORM_CAP
    assert 300 <= len(found(captures)) < 340


def test_the_ages_that_were_asked_for_bound_the_slices():
    """No slice leads outside the question."""
    register = Notices([(number % 100, "F", ["NL"]) for number in range(3_000)])
    query = SearchQuery(search="", host="interpol.int", where={"ageMin": "20", "ageMax": "29"})

    captures, stop = ask(interpol, query, register)

    assert (stop, len(found(captures))) == (Stop.EXHAUSTED, 300)
    asked = [parse_qs(urlsplit(url).query) for url in register.asked]
    assert {int(each["ageMin"][0]) for each in asked} <= set(range(20, 30)) >= {int(e["ageMax"][0]) for e in asked}


def test_small_pages_are_read_up_to_the_count():
    """A register that shows 20 to a page is asked for the further ones."""
    register = Notices([(30, "F", ["NL"])] * 50, shown=20)

    captures, stop = ask(interpol, EVERYBODY, register)

    assert (stop, len(found(captures)), len(register.asked)) == (Stop.EXHAUSTED, 50, 3)


def test_a_register_that_passes_conditions_over_is_a_contradiction():
    """Women and men cannot be the same people; the run ends as faulty after few questions."""
    register = Notices([(30, "F", ["NL"])] * 400, deaf=True)

    assert ask(interpol, EVERYBODY, register)[1] is Stop.ERROR
    assert len(register.asked) < 20


def test_a_page_that_falls_back_to_the_first_ends_the_slice():
    """``page`` 1 comes instead of 2: nothing new, and the count is not met."""
    first = f"{API}/red?resultPerPage=160&page=1"
    get = Memory("interpol", {first: "list_of_two_of_three", first[:-1] + "2": "list_of_two_of_three"})

    assert ask(interpol, EVERYBODY, get)[1] is Stop.PLATFORM_CAP
    assert len(get.asked) == 2


def test_an_answer_to_another_question_ends_the_run():
    """The answer itself says that it was asked for another name."""
    other = ASKED.replace("Dawn", "Kit")

    assert ask(interpol, SearchQuery(search="Kit Example", host="interpol.int"), Memory("interpol", {
        other.replace("forename=Kit&name=Example", "name=Example&forename=Kit"): "search"}))[1] is Stop.ERROR  # fmt: skip


@pytest.mark.parametrize(
    ("search", "where", "asked"),
    [
        ("Dawn May Example", {}, "name=Example&forename=Dawn+May"),
        ("van Example, Dawn", {}, "name=van+Example&forename=Dawn"),
        ("Example", {}, "name=Example"),
        ("Dawn van Example", {"name": "van Example", "forename": "Dawn"}, "forename=Dawn&name=van+Example"),
        ("", {"nationality": "NL"}, "nationality=NL"),
    ],
)
def test_the_last_word_is_the_name_unless_somebody_says_otherwise(search, where, asked):
    """A comma, or the condition, says which word is which."""
    url = f"{API}/red?{asked}&resultPerPage=160&page=1"
    get = Memory("interpol", {url: "search_none"})

    assert ask(interpol, SearchQuery(search=search, host="interpol.int", where=where), get)[1] is Stop.EXHAUSTED


@pytest.mark.parametrize(
    ("search", "where", "words"),
    [
        ("", {"name": "Example"}, "in search too"),
        ("Dawn Example", {"name": "Example", "forename": "Kit"}, "in search too"),
        ("Dawn Example", {"name": "Example"}, "in search too"),
        ("Dawn Example", {"notice": "blue"}, "no kind of notice"),
        ("Dawn Example", {"freeText": "Dawn"}, "not searched by freeText"),
    ],
)
def test_a_name_that_the_gate_was_not_asked_about_is_refused(search, where, words):
    """A condition cannot name somebody else, or more people, than the words, which are judged."""
    get = Memory("interpol", {})

    with pytest.raises(QueryError, match=words):
        ask(interpol, SearchQuery(search=search, host="interpol.int", where=where), get)
    assert get.asked == []


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("blocked", SourceBlockedError, "I-24/7"),
        ("gone", SourceGoneError, "does not say that the person is cleared"),
        ("bad_gateway", SourceError, "502"),
    ],
)
def test_a_refusal_says_what_it_does_not_mean_and_what_to_do(answer, error, words):
    """403, 404 and 502 are three things."""
    address = "https://www.interpol.int/How-we-work/Notices/Red-Notices/View-Red-Notices#2021-75051"

    with pytest.raises(error, match=words):
        ask(interpol, UrlQuery(url=address), Memory("interpol", {f"{API}/red/2021-75051": answer}))


def test_a_page_where_json_was_due_ends_the_run():
    """It is no empty register."""
    with pytest.raises(UnreadableCaptureError):
        ask(interpol, DAWN, Memory("interpol", {ASKED_NAME_FIRST: "html_instead"}))


def test_a_missing_persons_picture_is_attached_only_where_they_were_surely_of_age():
    """The day they went missing counts, not today; without it, nobody knows."""
    assert posts("notice_yellow_of_age")["yellow/2015/1"].attachment
    for post in (*posts("yellow").values(), *posts("notice_yellow_minor_then").values()):
        assert (post.attachment, len(post.extra["pictures_withheld"])) == ((), 1)


def test_a_wanted_persons_picture_is_attached_unless_they_may_be_a_minor():
    """``2012/05`` is a child's date of birth; a date that cannot be read is no majority."""
    page = posts("awkward")

    assert [page[entity].attachment == () for entity in ("red/2020/3", "red/2020/4", "red/2021/75051")] == [
        True,
        True,
        False,
    ]


def test_a_name_stays_as_it_is_spelt_and_a_dash_is_none():
    """No forename, "-", and another script."""
    page = posts("awkward")

    assert [page[f"red/2020/{number}"].content.split("\n")[0] for number in (1, 3)] == ["EXAMPLE", "فجر مثال"]
    assert page["red/2020/2"].extra["forename"] == "-"


def test_a_height_of_zero_is_unknown():
    """The weight is known."""
    told = posts("notice")["red/2021/75051"].extra

    assert ("height" in told, told["weight"]) == (False, 71)
