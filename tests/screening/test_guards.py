"""Guards of background checks, each by the act that it alone stops."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from checks import CHIEF, NAME, PARAPHRASE, PLAN, READER, SCREENER, Agency
from origin import NOON
from test_filtered_copy import copy_of, item, related

import osint
from osint.errors import CaseError, ExportError, RoleConflictError, UniformityError
from osint.screening.plan import Step
from osint.screening.requisition import Consent
from osint.screening.review import Confirmed, problems
from osint.screening.roles import Held, conflicts

CONSENT = Consent(signed="2026-05-20", document="HR-7")
SAVED = osint.SavedBy(
    name="R. Roe", role="screener", at="2026-05-25T10:00:00Z", program="a browser", came="own", logged_in=False
)


def test_what_screens_is_refused_to_every_other_role(agency: Agency):
    """And what only others may is refused to whoever screens; each refusal is an entry."""
    with agency.begun() as opened:
        one = opened.add_candidate(NAME, {}, CONSENT)
        with pytest.raises(RoleConflictError, match="second_reader"):
            opened.second_read(one, "web:1", agrees=True, note="x")
    with agency.open(person=READER, role="second_reader") as reading:
        acts = {
            "freeze": lambda: reading.freeze(PLAN),
            "assign": lambda: reading.assign("decision_maker", "N. N., badge 40"),
            "add": lambda: reading.add_candidate(NAME, {}, CONSENT),
            "collect": lambda: reading.collect(one, "blog"),
            "import": lambda: reading.import_file(one, "blog", agency.root / "none", SAVED),
            "deviate": lambda: reading.deviate(one, "blog", "why"),
            "confirm": lambda: reading.confirm(one, "web:1", Confirmed()),
            "finish": lambda: reading.finish(one, 1),
            "respond": lambda: reading.respond(one, "asked"),
            "release": lambda: reading.release(one),
        }
        for name, act in acts.items():
            try:
                act()
            except RoleConflictError as error:
                assert "This is for screener" in str(error), name
            else:
                pytest.fail(name)
    assert agency.refusals() == ["view"] * (1 + len(acts))


def test_there_are_four_roles_and_whoever_screens_makes_the_requisition(agency: Agency):
    """Neither another role, nor another first person."""
    with pytest.raises(CaseError, match="no role 'chief'"):
        agency.open(role="chief")
    with pytest.raises(CaseError, match="whoever screens makes it"):
        agency.open(person=CHIEF, role="decision_maker")
    with agency.open() as opened:
        with pytest.raises(CaseError, match="no role 'chief'"):
            opened.assign("chief", CHIEF)
        with pytest.raises(UniformityError, match="criteria"):
            opened.freeze(replace(PLAN, criteria={}))
        opened.freeze(PLAN)


def test_only_looking_and_deciding_exclude_each_other_elsewhere():
    """A second reader there may screen here; the same key is the same person; twice the same role is no conflict."""
    there = Held(person=READER, role="second_reader", key="", when=NOON - dt.timedelta(days=9), requisition="BG-0")
    here = Held(person=SCREENER, role="screener", key="k1", when=NOON, requisition="BG-1")

    assert conflicts(READER, "screener", "", [], [there]) == []
    assert conflicts(READER, "decision_maker", "", [], [there])
    assert conflicts(SCREENER, "screener", "k1", [here], []) == []
    assert conflicts("Somebody Else", "second_reader", "k1", [here], [])
    assert conflicts("Somebody Else", "second_reader", "", [here], []) == []


PLANS = {
    "an id with a blank": ({"steps": (replace(PLAN.steps[0], id="the blog"),)}, "an id is small letters"),
    "one id twice": ({"steps": (PLAN.steps[0], PLAN.steps[0])}, "an id of its own"),
    "a brace": ({"steps": (replace(PLAN.steps[0], ask={"url": "{blog"}),)}, "a brace"),
    "a criterion without words": ({"criteria": {"honesty": " "}}, "code = meaning"),
    "half a minute": ({"minutes": 0.5}, "minutes is a whole number"),
    "true days": ({"look_back_days": True}, "look_back_days is a whole number"),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_has_no(name: str):
    """Each is named alone."""
    changed, message = PLANS[name]
    with pytest.raises(UniformityError, match=message):
        replace(PLAN, **changed).check()


DECISIONS = {
    "no paraphrase": (related(paraphrase=" "), "paraphrase is missing"),
    "an empty identifier": (related(identifiers=("by name", " ")), "2 independent identifiers"),
    "an empty stretch": (related(remove={" ": "religion"}), "does not stand in the item"),
    "a paraphrase of nothing": (Confirmed(paraphrase=PARAPHRASE), "left out whole"),
    "an excerpt of nothing": (Confirmed(excerpt=True), "left out whole"),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_has_no(name: str):
    """Each is named alone; without it nothing stands against the decision."""
    said, message = DECISIONS[name]

    found = problems(item(1, "Nobody checks."), said, {"honesty": "it"}, (), "2016-01-01")
    assert any(message in each for each in found), found
    assert not problems(item(1, "Nobody checks."), related(), {"honesty": "it"}, (), "2016-01-01")


@pytest.mark.parametrize("leading", ["E0000", "web:0", "religion", "jo@pier.example", "ab" * 32])
def test_the_last_look_stops_what_leads_back(leading: str):
    """Numbers of exhibits, ids of items, categories by name, what the candidate stated, hashes."""
    with pytest.raises(ExportError, match="No copy was written"):
        copy_of(
            {"web:0": related(paraphrase=f"States something, see {leading}.")},
            ["x"],
            stated={"mail": "jo@pier.example"},
        )


def test_items_stand_in_the_order_of_their_letters(monkeypatch: pytest.MonkeyPatch):
    """Not in that in which they were found or confirmed."""
    letters = iter(("ZZZZZZ", "BBBBBB"))
    monkeypatch.setattr("osint.screening.releasing.alias", lambda: next(letters))

    text = copy_of(
        {"web:0": related(paraphrase="The former."), "web:1": related(paraphrase="The latter.")}, ["x", "y"]
    )["copy.txt"].decode()
    assert text.index("The latter.") < text.index("The former.")


def test_a_second_reader_says_why_and_a_deviation_too(agency: Agency):
    """Nothing said is nothing read; a step of the plan is not added, nor an unknown one left out."""
    one = agency.finished()
    with agency.open(person=READER, role="second_reader") as reading:
        (drawn,) = reading.sample(one)
        with pytest.raises(ExportError, match="nothing is said"):
            reading.second_read(one, drawn, agrees=True, note=" ")
    with agency.open() as opened:
        with pytest.raises(ExportError, match="no filtered copy"):
            opened.read(one)
        assert opened.copies() == []
        other = opened.add_candidate("Another Invented", {"blog": agency.blog}, CONSENT)
        for step in (PLAN.steps[0], "unknown"):
            with pytest.raises(UniformityError, match="leaves out a step of the plan or adds a new one"):
                opened.deviate(other, step, "why")
        opened.deviate(other, Step(id="more", collector="feed", ask={"url": "{blog}"}), "asked for")
        asked = [entry.private["query"] for entry in opened._store.entries if entry.action == "search"]
    assert {query["since"] for query in asked} == {"2016-06-03"}
