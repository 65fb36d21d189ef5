"""What is locked, unratified, unlogged or expired is looked for when a rule asks, and then whatever the step is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from origin import AUTHORITY, NOON

import osint
from osint.errors import AuthorizationError
from osint.gate.when_asked import WhenAsked
from osint.policy import rules
from osint.policy.facts import STEPS, Facts, concerned, refuse
from osint.policy.pack_text import DEFAULT, built_in

SAVED = osint.SavedBy(
    name="J. Smit", role="officer", at="2026-05-30T10:15:00+02:00", program="a browser", came="saved here", logged_in=False,
)  # fmt: skip
URGENT = {"emergency": "threat_to_life", "circumstances": "a shot was heard", "expires": ""}
PACK = built_in(DEFAULT)


@pytest.fixture
def urgent(open_case, tmp_path):
    """A case with one exhibit of an emergency that nobody ratified, and its clock."""
    present = [NOON]
    case = open_case(authorized=False, clock=lambda: present[0])
    case.authorize(osint.Authorization(**{**AUTHORITY, **URGENT}))
    (tmp_path / "note.txt").write_text("a note", encoding="utf-8")
    case.import_file(tmp_path / "note.txt", SAVED)
    return case, present


def test_a_rule_is_told_of_what_is_locked_or_unratified_whatever_the_step_is(urgent):
    """
    No list says for which steps the gate looks, which a new rule could be forgotten in.
    """
    case, present = urgent
    present[0] += timedelta(days=3)

    told = [case._gate.facts(step) for step in STEPS]

    assert {(*facts.locked, *facts.unratified) for facts in told} == {("E0001", "E0001")}


def test_a_rule_of_a_later_day_that_asks_before_a_file_is_taken_in_refuses_it(urgent, tmp_path, monkeypatch):
    """
    To take a file in asks for none of it today.
    """
    case, _ = urgent

    def nothing_more(facts, _):
        if facts.step == "import" and concerned(facts, facts.unratified):
            yield refuse("ratify what came in before")

    monkeypatch.setitem(rules.ABOUT_THE_STEP, "II", nothing_more)

    with pytest.raises(AuthorizationError, match="ratify what came in before"):
        case.import_file(tmp_path / "note.txt", SAVED)


@pytest.mark.parametrize("step", ["import", "collect", "preserve", "extend", "record"])
def test_a_step_that_takes_something_in_asks_for_none_of_it(step):
    """
    Else each file would cost a look at the whole ledger.
    """
    unasked = WhenAsked(lambda: pytest.fail("somebody asked"))

    rules.decide(
        Facts(now=NOON, step=step, locked=unasked, unratified=unasked, unlogged=unasked, expired=unasked), PACK
    )


def test_it_is_looked_for_once():
    """
    Several rules may ask; a set that is asked twice is the same.
    """
    looked = []
    asked = WhenAsked(lambda: looked.append(1) or frozenset({"E0001"}))

    assert (len(asked), "E0001" in asked, list(asked), asked & {"E0001", "E0002"}) == (1, True, ["E0001"], {"E0001"})
    assert looked == [1]
    assert (len(WhenAsked(frozenset)), len(WhenAsked(lambda: frozenset({"E0001", "E0002"})))) == (0, 2)


def test_what_is_locked_among_some_exhibits_is_what_is_locked_of_them_all(urgent, tmp_path):
    """
    To show a few takes no look at the others: one of the emergency, one that is free, one that was stopped.
    """
    case, present = urgent
    case.authorize(osint.Authorization(**AUTHORITY))
    for number in (2, 3):
        (tmp_path / "note.txt").write_text(f"note {number}", encoding="utf-8")
        case.import_file(tmp_path / "note.txt", SAVED)
    case._ledger.append("stop", object=[{"kind": "exhibit", "exhibit": "E0003"}])
    present[0] += timedelta(days=3)

    assert case._gate.locked() == {"E0001", "E0003"}
    for some in (["E0001"], ["E0002"], ["E0003"], ["E0001", "E0002", "E0003"]):
        assert case._gate.locked(some) & {*some} == {"E0001", "E0003"} & {*some}


def test_what_nobody_decided_is_not_released_into_other_hands(urgent):
    """
    A change of custody is refused as an export is.
    """
    case, _ = urgent
    kept = case._ledger.exhibits()[0]
    case._ledger.append("acquire", exhibit={"sha256": kept.sha256, "size": kept.size, "media": kept.media})

    assert "II-unlogged" in case._gate.decide("release", exhibits=["E0002"]).rules


def test_intelligence_by_its_purpose_is_locked_when_its_time_is_over_though_nobody_classified_it(open_case, tmp_path):
    """
    A pack may keep all of a purpose as criminal intelligence.
    """
    present = [NOON]
    case = open_case(clock=lambda: present[0], expires="2040-12-31")
    (tmp_path / "note.txt").write_text("a note", encoding="utf-8")
    case.import_file(tmp_path / "note.txt", SAVED)
    shared = case._gate.pack.retention["R5"]
    classes = {
        name: replace(each, purposes=tuple({*each.purposes} - {"missing_person"}))
        for name, each in case._gate.pack.retention.items()
    }
    taken = replace(shared, purposes=("missing_person",), starts="collected")
    case._gate.pack = replace(case._gate.pack, retention={**classes, "R5": taken})
    present[0] += timedelta(days=366 * 6)

    assert case._gate.locked() == case._gate.locked(["E0001"]) == {"E0001"}
    assert "IV.A.2.c-expired" in case._gate.decide("view").rules
