"""The approver report."""

from __future__ import annotations

from datetime import timedelta

from records import JUNE, KLEIN, NOON, PACK, SMIT, case_of, unit_of

from osint.instants import format_instant
from osint.oversight.approvals import approver_report

URGENT = {"purpose": "missing_person", "identifier": "E", "type": "e", "emergency": "missing_child", "circumstances": "x",
          "subjects": ["Jane Example"], "expires": "2027-01-01"}  # fmt: skip


def ratified(name, minutes, **said):
    return case_of(
        name,
        (0, SMIT, "authorize", {"label": "it", "private": {"authorization": URGENT}}),
        (minutes, SMIT, "ratify", {"refs": ["it"], "second": KLEIN, "private": {"approver": KLEIN.name}, **said}),
    )


def answered(minutes, shown, **said):
    at = NOON + timedelta(minutes=minutes)
    told = {
        "approver": KLEIN.name,
        "opened": format_instant(at - timedelta(seconds=shown)),
        "answered": format_instant(at),
    }
    return minutes, SMIT, "approve", {"private": told, **said}


def row(*cases):
    (found,) = approver_report(unit_of(*cases), JUNE, PACK).as_dict()["rows"]
    return found


def test_how_soon_a_supervisor_answers_is_counted_apart():
    """Half a minute is quick, a minute is not; the quick entries are named."""
    found = row(ratified("a", 0.5), ratified("b", 1))

    assert (found["approver"], found["answers"], found["quick"], found["share quick"]) == (KLEIN.name, 2, 1, 0.5)
    assert found["quick entries"] == ("a entry 2",)
    assert found["median wait, s"] == 45


def test_an_answer_from_another_machine_counts_from_when_the_request_was_shown():
    """Not from when it was taken into the case; a refusal is an answer too."""
    found = row(case_of("a", answered(9, 20), answered(20, 300, outcome="failed")))

    assert (found["answers"], found["granted"], found["share refused"], found["quick"]) == (2, 1, 0.5, 1)
    assert found["median wait, s"] == 160


def test_five_answers_within_ten_minutes_are_a_batch():
    """Four are none."""
    assert row(case_of("a", *(answered(place * 2, 60) for place in range(5))))["in batches"] == 5
    assert row(case_of("a", *(answered(place * 2, 60) for place in range(4))))["in batches"] == 0


def test_what_one_person_wrote_alone_is_no_approval():
    """An entry ratify that bears one signature ratifies nothing."""
    alone = case_of("a", (1, SMIT, "ratify", {"second": SMIT}))

    assert approver_report(unit_of(alone), JUNE, PACK).rows == []
