"""Retention: a class for each exhibit, what is due, what a hold keeps, and what locks after five years."""

from __future__ import annotations

from datetime import timedelta

import pytest
from origin import NOON, http

import osint
from osint.chain_of_custody.keys import load_or_create
from osint.chain_of_custody.legal_hold import place_hold
from osint.errors import AuthorizationError, CaseError, LedgerError, PolicyError
from osint.gate.recorded import locate
from osint.policy.authorization import PURPOSES
from osint.policy.pack_text import BUILT_IN, built_in, read_pack
from osint.policy.retention import class_for, years_later

PAGE = http(b"<html><body>words enough to be a page, seen at the river</body></html>", "Content-Type: text/html")
YEAR = timedelta(days=366)
SHARED = {"reason": "shared with Eastmere", "predicate": "three thefts with one car", "reviewer": "Sgt. A. Klein"}


@pytest.fixture
def moment():
    return [NOON]


@pytest.fixture
def case(open_case, origin, moment):
    """A case with one exhibit of a missing person."""
    case = open_case(clock=lambda: moment[0], expires="2099-12-31")
    case.collect("webpage", url=origin.serve("/", PAGE))
    return case


@pytest.fixture
def order(tmp_path):
    return osint.Order(
        authority="retention schedule of Westmere", reason="its time is over", requester="J. Smit, badge 4471",
        approver=load_or_create(tmp_path / "chief", "actor"), approver_name="A. Berg, badge 12",
    )  # fmt: skip


def row(case, exhibit="E0001"):
    table = case.retention().set_index("exhibit")
    return table.loc[exhibit]


def last(case):
    return tuple(case.ledger.iloc[-1][["action", "outcome"]])


@pytest.mark.parametrize("pack", BUILT_IN)
def test_every_purpose_has_a_class_and_no_pack_can_leave_one_out(pack):
    """So that no exhibit is without one from the moment it is taken in."""
    made = built_in(pack)

    assert {class_for(made, purpose).id for purpose in PURPOSES} <= set(made.retention)
    assert all(each.citation for each in made.retention.values())


def test_a_pack_with_a_period_that_cannot_be_counted_is_refused():
    """Everything that is wrong with it is named at once."""
    head = {
        "name": "x-y", "version": "1", "title": "t", "issuer": "i", "effective": "2026-01-01", "review_due": "2027-01-01",
        "legal_effect": "none",
    }  # fmt: skip
    period = {
        "title": "t", "purposes": "", "unit": "moons", "starts": "", "trigger": "t", "disposition": "d",
        "restarts": "never", "citation": "c", "verified_on": "", "adopted_by": "",
    }  # fmt: skip
    text = "[pack]\n" + "".join(f'{name} = "{each}"\n' for name, each in head.items())
    text += "[retention.R3]\nvalue = 0\n" + "".join(f'{name} = "{each}"\n' for name, each in period.items())

    with pytest.raises(PolicyError) as refused:
        read_pack(text)

    for problem in (
        "unit moons",
        "starts nothing",
        "restarts never",
        "value is no",
        "no retention class is for the purposes",
    ):
        assert problem in str(refused.value)


def test_an_exhibit_has_the_class_of_its_purpose_until_an_act_changes_it(case):
    """The clock of a missing person starts when she was located, and not before that is said."""
    found = row(case)
    assert (found["retention"], found["state"], found["standing"].startswith("UNVERIFIED")) == ("R3", "open", True)

    case.classify("R3", since="2026-06-01", reason="she was located")
    assert (row(case)["state"], f"{row(case)['until']:%Y-%m-%d}") == ("kept", "2026-08-30")

    case.classify("R1", exhibits=["E0001"], reason="charges were filed")
    assert (row(case)["retention"], row(case)["state"]) == ("R1", "open")


def test_a_class_of_the_whole_case_is_that_of_what_comes_in_later(case, origin):
    """Nobody has to think of it again."""
    case.classify("R1", reason="charges were filed")
    case.collect("webpage", url=origin.serve("/later", PAGE))

    assert list(case.retention()["retention"]) == ["R1", "R1"]


def test_a_class_needs_its_reason_and_an_event_that_has_happened(case):
    """The refusal is an entry; a strange exhibit or class is none."""
    with pytest.raises(AuthorizationError, match="reason is missing"):
        case.classify("R1")
    assert last(case) == ("classify", "refused")
    with pytest.raises(AuthorizationError, match="still to come"):
        case.classify("R1", since="2026-06-02", reason="acquitted")
    with pytest.raises(CaseError, match="E0009"):
        case.classify("R1", exhibits=["E0009"], reason="charged")
    with pytest.raises(CaseError, match="leave since out"):
        case.classify("R6", since="2026-05-01", reason="a tip")
    with pytest.raises(PolicyError, match="R99"):
        case.classify("R99", reason="charged")


def test_what_is_not_due_is_not_purged_by_the_schedule_but_by_a_court(case, order, moment):
    """The schedule waits for the day; an expungement does not."""
    case.classify("R6", reason="a tip without a predicate")
    with pytest.raises(AuthorizationError, match="not due by its retention class"):
        case.erasing.purge(["E0001"], order, by_schedule=True)
    assert last(case) == ("purge", "refused")
    assert any(item.get("rule") == "iv.a.2.c-schedule" for item in list(case._ledger.entries())[-1].result)

    moment[0] = NOON + timedelta(days=180)
    assert row(case)["state"] == "due"
    case.erasing.purge(["E0001"], order, by_schedule=True)
    assert row(case)["state"] == "purged"


def test_an_expungement_waits_for_no_schedule(case, order):
    """A court orders it; two persons sign."""
    case.erasing.purge(["E0001"], order)

    assert row(case)["state"] == "purged"


def test_10_a_purge_keeps_the_chain_valid_and_has_a_certificate(case, order):
    """Acceptance test 10: the payload is unreadable, the ledger verifies, and the certificate repeats nothing."""
    address = case.posts()["url"][0]
    case.erasing.purge(["E0001"], order)
    entry = next(each.seq for each in case._ledger.entries() if each.action == "purge")
    made = str(case.purge_certificate(entry))

    assert case.verify().purged == 1
    assert not case._blobs.holds(case._ledger.exhibits()[0].sha256)
    for told in ("retention schedule of Westmere", "J. Smit, badge 4471", "A. Berg, badge 12", "E0001", "class R3"):
        assert told in made
    assert address not in made
    assert case.find("seen at the river").places == ()


def test_no_certificate_is_made_of_what_is_no_erasure(case):
    """An entry of another kind certifies nothing."""
    with pytest.raises(LedgerError, match="orders no erasure"):
        case.purge_certificate(1)


def test_11_a_hold_blocks_a_purge_and_is_said(case, order):
    """Acceptance test 11: the refusal is an entry, the table names the hold."""
    number = case.hold("trial expected")

    with pytest.raises(AuthorizationError, match="legal hold"):
        case.erasing.purge(["E0001"], order)

    assert last(case) == ("purge", "refused")
    assert (row(case)["state"], row(case)["holds"]) == ("held", [number])


@pytest.mark.parametrize(
    "matching",
    [{"subject": "jane  EXAMPLE"}, {"platform": "webpage"}, {"exhibit": "E00*"}],
    ids=["subject", "platform", "exhibit"],
)
def test_11_a_hold_covers_what_it_describes_also_when_it_comes_in_later(matching, open_case, origin, order):
    """Acceptance test 11: nobody places it again for each item."""
    case = open_case(subjects=["Jane Example"])
    case.hold("trial expected", matching=matching)
    case.collect("webpage", url=origin.serve("/", PAGE))

    with pytest.raises(AuthorizationError, match="legal hold"):
        case.erasing.purge(["E0001"], order)


def test_a_hold_does_not_cover_what_its_description_leaves_out(open_case, origin, order):
    """And the ledger verifies after the purge of that."""
    case = open_case(subjects=["Jane Example"])
    case.hold("trial expected", matching={"subject": "Jane Example", "platform": "mastodon"})
    case.collect("webpage", url=origin.serve("/", PAGE))
    case.erasing.purge(["E0001"], order)

    assert case.verify().purged == 1
    assert "is in force on what it describes." in str(case.verify())


def test_a_hold_whose_description_was_erased_covers_everything(open_case, origin, order):
    """Nobody gets round it by erasing what it says."""
    case = open_case()
    case.collect("webpage", url=origin.serve("/", PAGE))
    number = case.hold("trial expected", matching={"exhibit": "E0001"})
    case.collect("webpage", url=origin.serve("/later", PAGE))
    case.erasing.redact(order, values={number: ["matching"]})

    with pytest.raises(AuthorizationError, match="legal hold"):
        case.erasing.purge(["E0002"], order)


def test_a_description_that_describes_nothing_is_refused(case):
    """A misspelt one would hold nothing."""
    with pytest.raises(LedgerError, match="colour"):
        place_hold(case._ledger, "trial expected", matching={"colour": "blue"})
    with pytest.raises(LedgerError, match="subject"):
        place_hold(case._ledger, "trial expected", matching={"subject": " "})


def test_the_clock_starts_anew_when_a_hold_is_lifted_and_never_goes_back(case, order, moment):
    """A record does not become due while, or because, it was held."""
    case.classify("R6", reason="a tip without a predicate")
    number = case.hold("trial expected")
    moment[0] = NOON + timedelta(days=200)
    case.lift_hold(number, order)

    assert (row(case)["state"], row(case)["until"].to_pydatetime()) == ("kept", moment[0] + timedelta(days=180))


def test_12_intelligence_locks_at_five_years_unless_two_persons_validate_it(case, order, moment, tmp_path):
    """Acceptance test 12: on the day it is neither shown nor exported, stays, and can be purged only."""
    case.classify("R5", exhibits=["E0001"], **SHARED)
    moment[0] = years_later(NOON, 5) - timedelta(seconds=1)
    assert (row(case)["state"], len(case.posts())) == ("kept", 1)

    moment[0] += timedelta(seconds=1)
    assert row(case)["state"] == "locked"
    assert case.posts().empty
    assert (case._gate.locked(), case._gate.locked(["E0001"]), case._gate.locked([])) == ({"E0001"}, {"E0001"}, set())
    assert case.retrieve("E0001").locked == ("E0001",)
    for step in (
        lambda: case.replay("E0001"),
        lambda: case.export(tmp_path / "package"),
        lambda: case.validate(["E0001"], order),
        lambda: case.classify("R1", reason="charged"),
    ):
        with pytest.raises(AuthorizationError, match="its time is over"):
            step()
    assert case.verify().exhibits == 1

    case.erasing.purge(["E0001"], order, by_schedule=True)
    assert row(case)["state"] == "purged"


def test_validation_in_time_gives_five_years_more(case, order, moment):
    """Both sign; to classify again gives nothing."""
    case.classify("R5", exhibits=["E0001"], **SHARED)
    moment[0] = NOON + YEAR
    case.classify("R2", reason="a slip", reviewer="Sgt. A. Klein")
    case.classify("R5", exhibits=["E0001"], **SHARED)
    assert row(case)["until"].to_pydatetime() == years_later(NOON, 5)

    case.validate(["E0001"], order)
    assert row(case)["until"].to_pydatetime() == years_later(moment[0], 5)


def test_only_intelligence_is_validated_and_by_two(case, order):
    """An ordinary case file is not under that regulation; the refusals are entries."""
    with pytest.raises(AuthorizationError, match="kept as criminal intelligence"):
        case.validate(["E0001"], order)
    case.classify("R5", exhibits=["E0001"], **SHARED)
    alone = osint.Order(**{**vars(order), "approver_name": "J. Smit, badge 4471"})
    with pytest.raises(AuthorizationError, match="one person"):
        case.validate(["E0001"], alone)

    assert last(case) == ("validate", "refused")


def test_intelligence_needs_its_predicate_and_a_reviewer(case):
    """Both are named at once."""
    with pytest.raises(AuthorizationError) as refused:
        case.classify("R5", exhibits=["E0001"], reason="shared")

    assert [ground.partition(" is missing")[0] for ground in refused.value.reasons] == ["predicate", "reviewer"]


def test_a_leap_day_has_its_day_five_years_later():
    """The day after, where the year has no such day."""
    assert f"{years_later(NOON.replace(year=2028, month=2, day=29), 5):%Y-%m-%d}" == "2033-03-01"


def test_the_clock_of_a_missing_person_starts_when_she_was_located(case):
    """Nobody has to say it twice."""
    locate(case._gate, case._ledger, "", "seen by Officer Berg at home")

    assert (row(case)["state"], f"{row(case)['until']:%Y-%m-%d}") == ("kept", "2026-08-30")
