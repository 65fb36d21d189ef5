"""Who does what in a background check: whoever looks does not decide (General Order XLV, IV.B.6).

One person on one laptop can pretend to be two. Names, badges and keys are compared and each session is an entry, so
that it shows; no program on that laptop can prevent it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from osint import case_mark
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger

ROLES: Mapping[str, str] = {
    "screener": "plans, looks, confirms and writes the filtered copies",
    "second_reader": "reads a sample of what the screener confirmed, beside the originals",
    "decision_maker": "opens filtered copies, and nothing else",
    "counsel": "unseals an item with a second person, for counsel or equal opportunity, and decides nothing",
}
LOOKING = frozenset({"screener", "second_reader"})
"""Roles that see originals while they are worked on."""

ASSIGN, SESSION = "screen.assign", "screen.session"
_BADGE = re.compile(r"\bbadge\W*(?:(?:no|nr|num|number)\b\W*)?0*(\w+)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Held:
    """A role that a person was given, or worked in.

    Attributes:
        person: Name and badge.
        role: One of :data:`ROLES`.
        key: Fingerprint of the key of a session; empty for an assignment.
        when: When that was.
        requisition: The folder.
    """

    person: str
    role: str
    key: str
    when: datetime
    requisition: str


def held(entries: Iterable[Entry], requisition: str) -> Iterator[Held]:
    """Yield the roles that a ledger says were given or worked in; what was refused gave nobody a role."""
    for entry in entries:
        if entry.action in (ASSIGN, SESSION) and entry.outcome == "done" and "person" in entry.private:
            yield Held(
                person=entry.private["person"],
                role=entry.private["role"],
                key=entry.performer if entry.action == SESSION else "",
                when=entry.end_time,
                requisition=requisition,
            )


def held_elsewhere(folder: Path) -> list[Held]:
    """Return the roles in the other requisitions of an agency: those that lie beside this one."""
    found = list[Held]()
    for other in sorted(folder.resolve().parent.iterdir()):
        if other != folder.resolve() and case_mark.store_of(other) == case_mark.BACKGROUND:
            with Ledger.read(other / "ledger.sqlite") as ledger:
                found += held(ledger.entries(), other.name)
    return found


def conflicts(person: str, role: str, key: str, here: Iterable[Held], elsewhere: Iterable[Held]) -> list[str]:
    """Return what stands against a person in a role.

    Args:
        person: Name and badge.
        role: One of :data:`ROLES`.
        key: Fingerprint of their key; empty when they are only assigned.
        here: The roles of this requisition, in which nobody has two.
        elsewhere: Those of others in the months that count: whoever screened does not decide, nor the other way round.
    """
    found = [
        f"{each.person} is {each.role} of this requisition"
        for each in here
        if each.role != role and _is_same(person, key, each)
    ]
    found += [
        f"{each.person} was {each.role} of {each.requisition} on {each.when.date()}"
        for each in elsewhere
        if "decision_maker" in {role, each.role} and each.role != role and _is_same(person, key, each)
    ]
    return list(dict.fromkeys(found))


def is_same_person(one: str, other: str) -> bool:
    """Return whether two spellings name one person: the same letters, or the same badge."""
    badges = [match[1].casefold() for match in map(_BADGE.search, (one, other)) if match]
    return _letters(one) == _letters(other) or (len(badges) == 2 and badges[0] == badges[1])


def _is_same(person: str, key: str, each: Held) -> bool:
    return is_same_person(person, each.person) or bool(key and key == each.key)


def _letters(person: str) -> str:
    return "".join(filter(str.isalnum, person.casefold()))
