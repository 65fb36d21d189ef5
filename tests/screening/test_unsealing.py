"""Originals after a copy is released: sealed, and opened one by one by two named persons who do not decide."""

from __future__ import annotations

import pytest
from checks import CHIEF, READER, SCREENER, Agency

from osint.chain_of_custody.two_persons import approver_from
from osint.errors import AuthorizationError, CaseError, RoleConflictError
from osint.screening.requisition import Requisition

COUNSEL = "E. Officer, badge 30"


def counselled(agency: Agency) -> str:
    one, _ = agency.released()
    with agency.open() as opened:
        opened.assign("counsel", COUNSEL)
    return one


def unseal(agency: Agency, opened: Requisition, one: str, item: str, **changed: str):
    said = {
        "second": READER,
        "approver_name": READER,
        "authority": "complaint 12",
        "reason": "asked by the EEOC",
        **changed,
    }
    key = approver_from(agency.root / "keys" / "".join(filter(str.isalnum, said.pop("second"))))
    return opened.unseal(one, item, approver=key, **said)


def items_of(agency: Agency) -> list[str]:
    with agency.open() as opened:
        (one,) = opened._store.told.candidates.values()
        return sorted(one.confirmed)


def test_a_released_copy_seals_the_items_until_there_is_an_objection(agency: Agency):
    """Each time they were shown is an entry; afterwards neither the screener nor the reader sees them alone."""
    one, _ = agency.released()

    for person, role in ((SCREENER, "screener"), (READER, "second_reader")):
        with agency.open(person=person, role=role) as opened, pytest.raises(AuthorizationError, match="sealed"):
            opened.items(one)
    with agency.open(person=READER, role="second_reader") as reading:
        reading.second_read(one, reading.sample(one)[0], agrees=False, note="look again")
        assert len(reading.items(one)) == 2
        views = [entry for entry in reading._store.entries if entry.action == "screen.view"]
    assert [entry.outcome for entry in views] == ["done", "refused", "refused", "done"]
    assert views[-1].private["candidate"] == one


def test_counsel_unseals_one_item_with_somebody_who_looked_and_both_sign(agency: Agency):
    """What was found, what was decided, and an entry with both names, the reason and two signatures."""
    one = counselled(agency)
    every = items_of(agency)

    with agency.open(person=COUNSEL, role="counsel") as opened:
        shown = [unseal(agency, opened, one, name) for name in every]
        entries = [entry for entry in opened._store.entries if entry.action == "screen.unseal"]
        assert opened.verify().entries
        assert len(opened.uniformity()) == 1

    assert {item.content for item, _ in shown} == {"I lied on my timesheet. We pray at the mosque every Friday. Nobody checks.",
                                                   "Cleaned the gutters with my husband."}  # fmt: skip
    assert {"mosque" in decided.remove for _, decided in shown} == {True, False}
    assert [len(set(entry.signers)) for entry in entries] == [2, 2]
    told = {"requester": COUNSEL, "approver": READER, "authority": "complaint 12", "reason": "asked by the EEOC"}
    assert dict(entries[0].private) | told | {"candidate": one, "item": every[0]} == dict(entries[0].private)


REFUSED: dict[str, dict[str, str]] = {
    "no reason": {"reason": " "},
    "no authority": {"authority": ""},
    "another name": {"approver_name": CHIEF},
    "the name of another who looked": {"approver_name": SCREENER},
    "who decides": {"second": CHIEF, "approver_name": CHIEF},
    "the key of who decides": {"second": CHIEF, "approver_name": READER},
    "alone": {"second": COUNSEL, "approver_name": COUNSEL},
    "one key": {"second": COUNSEL, "approver_name": READER},
}


def test_nothing_is_unsealed_by_less_than_two_who_may(agency: Agency):
    """A reason, an authority, a second person who looked, with the key of that person; the refusal is an entry."""
    one = counselled(agency)
    every = items_of(agency)
    agency.open(person=CHIEF, role="decision_maker").close()

    with agency.open(person=COUNSEL, role="counsel") as opened:
        for name, changed in REFUSED.items():
            try:
                unseal(agency, opened, one, every[0], **changed)
            except RoleConflictError as error:
                assert "Nothing was unsealed" in str(error), name
                is_named = any("is one who looked here" in each for each in error.reasons)
                assert is_named == (name not in ("no reason", "no authority")), name
            else:
                pytest.fail(name)
        entries = [entry for entry in opened._store.entries if entry.action == "screen.unseal"]

    assert [(entry.outcome, entry.private["candidate"]) for entry in entries] == [("refused", one)] * len(REFUSED)


def test_nobody_else_unseals_and_counsel_does_nothing_else(agency: Agency):
    """Whoever decides never; whoever decides is not made counsel, nor counsel the one who decides."""
    one = counselled(agency)
    (item, *_) = items_of(agency)
    for person, role in ((CHIEF, "decision_maker"), (SCREENER, "screener"), (READER, "second_reader")):
        with agency.open(person=person, role=role) as opened, pytest.raises(RoleConflictError):
            unseal(agency, opened, one, item)
    with agency.open() as opened:
        for role, person in (("counsel", CHIEF), ("decision_maker", COUNSEL)):
            with pytest.raises(RoleConflictError, match=r"IV\.B\.6"):
                opened.assign(role, person)
    with agency.open(person=COUNSEL, role="counsel") as opened:
        for act in (lambda: opened.items(one), lambda: opened.release(one), lambda: opened.sample(one)):
            with pytest.raises(RoleConflictError):
                act()
        with pytest.raises(CaseError, match="no item"):
            unseal(agency, opened, one, "web:other")
        assert not [
            entry for entry in opened._store.entries if (entry.action, entry.outcome) == ("screen.unseal", "done")
        ]
