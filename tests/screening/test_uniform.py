"""Alike for all, attacked: what is done after the end, added under another name, older than the plan, or saved by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from checks import IDENTIFIERS, NAME, PARAPHRASE, PLAN, Agency, decision

import osint
from osint.errors import ConsentError, ExportError, UniformityError
from osint.screening.plan import Step
from osint.screening.records import Candidate, Deviation, Records, read_records, uniformity
from osint.screening.requisition import Consent
from osint.screening.review import Confirmed, Item, problems
from osint.screening.roles import is_same_person

CONSENT = Consent(signed="2026-05-20", document="HR-7")
FURTHER = Step(id="third", collector="feed", ask={"url": "{third}"})


def test_after_the_end_nothing_comes_in_that_nobody_confirms_and_the_sample_is_drawn_once(agency: Agency):
    """Neither a step nor a deviation, and a second end would draw until the sample suits."""
    one = agency.finished()
    with agency.open() as opened:
        drawn = opened.sample(one)
        with pytest.raises(UniformityError, match="is finished"):
            opened.deviate(one, FURTHER, "found later")
        with pytest.raises(UniformityError, match="is finished"):
            opened.collect(one, "third")
        with pytest.raises(UniformityError, match="drawn once"):
            opened.finish(one, 45)
        assert opened.sample(one) == drawn

    assert agency.refusals() == ["screen.step", "screen.step", "screen.finish"]


def test_a_step_that_no_plan_may_have_is_not_added_as_a_deviation(agency: Agency):
    """Nobody is looked for by a protected class, whatever the reason; nor for longer than no time at all."""
    opened, one = agency.looked_at()
    with opened:
        for ask, message in (
            ({"search": "{name} mosque"}, "protected class"),
            ({"url": "https://a.example/"}, "nothing"),
        ):
            with pytest.raises(UniformityError, match=message):
                opened.deviate(one, replace(FURTHER, ask=ask), "counsel asked for it")
        for item in opened.items(one):
            opened.confirm(one, item.id, Confirmed())
        with pytest.raises(UniformityError, match="from 0"):
            opened.finish(one, -1)

    assert agency.refusals() == ["screen.deviate", "screen.deviate", "screen.finish"]


def test_what_is_older_than_the_plan_looks_back_bears_on_nothing():
    """A saved file holds all years, and a source may answer with more than was asked."""
    item = Item(id="web:1", exhibit="E0001", fields=(), posted=dt.date(2016, 6, 3))
    said = Confirmed(criterion="honesty", paraphrase=PARAPHRASE, identifiers=IDENTIFIERS)

    assert problems(item, said, PLAN.criteria, (), "2016-06-03") == []
    (problem,) = problems(item, said, PLAN.criteria, (), "2016-06-04")
    assert "published on 2016-06-03, and the plan looks back to 2016-06-04 for everybody" in problem
    assert problems(item, Confirmed(), PLAN.criteria, (), "2016-06-04") == []
    assert problems(replace(item, posted=None), said, PLAN.criteria, (), "2016-06-04") == []


def test_a_step_that_was_taken_by_a_saved_file_is_a_deviation_that_shows(agency: Agency, tmp_path: Path):
    """Others were asked by a collector: whoever compares the candidates sees it."""
    saved = tmp_path / "page.html"
    saved.write_text("<html><body>Nothing here.</body></html>", encoding="utf-8")
    declared = osint.SavedBy(
        name="R. Roe", role="screener", at="2026-05-25T10:00:00Z", program="a browser", came="own", logged_in=False
    )
    with agency.begun() as opened:
        one = opened.add_candidate(NAME, {"blog": agency.blog}, CONSENT)
        opened.import_file(one, "blog", saved, declared)
        for step in ("blog", "unknown"):
            with pytest.raises(UniformityError, match="Nothing was asked"):
                opened.import_file(one, step, saved, declared)
        opened.collect(one, "second-blog")
        row = opened.uniformity().iloc[0]

    assert (row.imported, row.missing, row.deviates) == (["blog"], [], True)


def test_a_consent_without_a_day_is_none(agency: Agency):
    """Words in its place are no day; today is one."""
    with agency.begun() as opened:
        for signed, document in (("in May", "HR-7"), ("2026-05-20", " ")):
            with pytest.raises(ConsentError, match="no consent with its day"):
                opened.add_candidate(NAME, {"blog": agency.blog}, Consent(signed=signed, document=document))
        assert opened.add_candidate(NAME, {"blog": agency.blog}, Consent(signed="2026-06-01", document="HR-7"))


def test_an_answer_says_how_the_candidate_was_asked(agency: Agency):
    """Nothing said is no answer; told of it is nothing that was removed, though no machine proposes it."""
    one = agency.finished(remove={**decision("").remove, "Nobody": "religion"})
    with agency.open() as opened:
        with pytest.raises(ExportError, match="said is missing"):
            opened.respond(one, " ")
        with pytest.raises(ExportError, match="repeats 'Nobody'"):
            opened.respond(one, "by letter", paraphrase="Says that nobody checked.")


TREATED = {
    "as all others": ({}, False),
    "with a reason": ({"deviations": [Deviation(step="blog", reason="it is down")]}, True),
    "without a step": ({"steps": {"blog": "done"}}, True),
    "with a further step": ({"steps": {"blog": "done", "second-blog": "nil", "third": "done"}}, True),
    "for longer": ({"minutes": 61}, True),
    "by a file": ({"imported": ["blog"]}, True),
}


@pytest.mark.parametrize("name", TREATED)
def test_a_candidate_who_was_treated_otherwise_is_marked(name: str):
    """Whatever it is, each alone."""
    changed, deviates = TREATED[name]
    told = {"steps": {"blog": "done", "second-blog": "nil"}, "minutes": 60, **changed}
    one = Candidate(alias="BCDFGH", name=NAME, stated={}, consented=dt.date(2026, 5, 20), **told)

    (row,) = uniformity(Records(plan=PLAN, candidates={one.alias: one})).to_dict("records")
    assert row["deviates"] is deviates


def test_what_was_erased_says_nothing_of_anybody():
    """An entry without its words, and a step of a candidate whose own entry was erased."""
    step = {"candidate": "BCDFGH", "step": "blog", "exhibits": [], "by": "R. Roe"}
    entries = [
        SimpleNamespace(action="screen.plan", outcome="done", private={}),
        SimpleNamespace(action="screen.candidate", outcome="done", private={}),
        SimpleNamespace(action="screen.step", outcome="done", private=step),
    ]

    assert read_records(entries) == Records()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("R. Roe, badge 11", "Rosa Roe (Badge #11)", True),
        ("R. Roe, badge no. 11", "Rosa Roe, badge 0011", True),
        ("R. Roe, badge no. 11", "P. Poe, badge no. 12", False),
        ("R. Roe", "r roe", True),
        ("R. Roe, badge 11", "P. Poe", False),
    ],
)
def test_a_person_is_known_by_letters_or_badge(one: str, other: str, same: bool):
    """However the badge is written."""
    assert is_same_person(one, other) is same
