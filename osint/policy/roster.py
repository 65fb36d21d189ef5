"""The roster of an agency: who works here, in which roles, and until when their training and screening count.

A roster is TOML, signed as a policy pack is::

    [roster]
    agency = "Westmere Police"
    serial = 3                                    # a later roster has a greater one
    effective = "2026-11-01"

    [[person]]
    name = "J. Smit"
    badge = "4471"
    roles = ["investigator"]
    keys = ["3f0a…c2"]                            # fingerprints; whoever approves needs one
    sensitive_position_since = "2024-02-01"       # General Order XLV, IV.B.7
    training_valid_until = "2027-02-01"
    screening_valid_until = "2029-02-01"

Roles on one laptop are evidence, not a wall: nobody can be kept from typing another name there.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from osint.errors import PolicyError
from osint.policy.words import folded

ROLES: Mapping[str, str] = {
    "investigator": "records authorities, collects, states, exports inside the case team",
    "analyst": "states and draws; collects with a supervisor's approval",
    "supervisor": "records authorities, approves, ratifies",
    "records_custodian": "purges, answers requests for records",
    "prosecutor": "reads, grades, releases",
    "screener": "looks for a background check, and decides nothing",
    "decision_maker": "sees the filtered copy of a background check, and nothing else",
    "auditor": "reads samples and reports",
}
_DAYS = ("sensitive_position_since", "training_valid_until", "screening_valid_until")
_WORD = re.compile(r"[^\W_]+")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person of the roster.

    Attributes:
        name: As it stands on the badge.
        badge: Its number.
        roles: Some of :data:`ROLES`.
        keys: Fingerprints of their keys, hex. Where some are stated, they work with no other.
        sensitive_position_since: Since when their position is designated as sensitive; None when it is not.
        training_valid_until: The last day on which their training counts; None when nobody stated it.
        screening_valid_until: The last day on which their screening counts; likewise.
    """

    name: str
    badge: str
    roles: tuple[str, ...]
    keys: tuple[str, ...] = ()
    sensitive_position_since: date | None = None
    training_valid_until: date | None = None
    screening_valid_until: date | None = None

    def __str__(self) -> str:
        return f"{self.name}, badge {self.badge}"

    def lapses(self, today: date) -> list[str]:
        """Return what keeps them from searching today, in words."""
        since, found = self.sensitive_position_since, []
        if since is None or since > today:
            found.append(f"the roster designates no sensitive position for {self} (IV.B.7)")
        for name, until in {"training": self.training_valid_until, "screening": self.screening_valid_until}.items():
            if until is None:
                found.append(f"the roster states no {name} of {self}")
            elif today > until:
                found.append(f"the {name} of {self} lapsed on {until}")
        return found


@dataclass(frozen=True, kw_only=True)
class Roster:
    """A roster, read and checked.

    Attributes:
        agency: Whose it is.
        serial: Its number; a later one is greater.
        effective: From which day it counts.
        people: Everyone on it.
        sha256: Hash of its text.
        signed_by: Name of the key that signed it.
    """

    agency: str
    serial: int
    effective: date
    people: Sequence[Person]
    sha256: str
    signed_by: str = ""

    def named(self, text: str) -> Person | None:
        """Return the person whom a text names with name and badge, ``J. Smit, badge 4471``; None when it names none."""
        return next((each for each in self.people if plain(str(each)) == plain(text)), None)

    def named_in(self, text: str, role: str) -> Person | None:
        """Return somebody in a role whom a text names, with or without the badge; None when it names none of them."""
        told = _in_words(text)
        return next((each for each in self.people if role in each.roles and _in_words(each.name) in told), None)

    def holder(self, key: str) -> Person | None:
        """Return the person whose key has this fingerprint."""
        return next((each for each in self.people if key in each.keys), None)

    def staff_among(self, subjects: Sequence[str]) -> list[Person]:
        """Return those on the roster whom an authority is about, by their name, with or without the badge."""
        wanted = {plain(each) for each in subjects}
        return [each for each in self.people if wanted & {plain(each.name), plain(str(each))}]

    def __str__(self) -> str:
        return f"roster {self.serial} of {self.agency} (sha256 {self.sha256[:12]})"


@dataclass(frozen=True, kw_only=True)
class Session:
    """Who works on a case now, and as what.

    Attributes:
        person: Name and badge, as they were given.
        role: One of :data:`ROLES`.
        key: Fingerprint of the key that signs.
        roster: The roster in force; None where the agency has installed none.
    """

    person: str
    role: str
    key: str = ""
    roster: Roster | None = None

    @property
    def on_roster(self) -> Person | None:
        """The person on the roster: by the key where it is known there, else by name and badge."""
        if self.roster is None:
            return None
        return self.roster.holder(self.key) or self.roster.named(self.person)

    def is_named_in(self, text: str) -> bool:
        """Return whether a text names whoever works here, with or without the badge."""
        names = {self.person.partition(",")[0], *([self.on_roster.name] if self.on_roster else [])}
        return any(_in_words(name) in _in_words(text) for name in names if plain(name))

    def is_person(self, name: str, key: str) -> bool:
        """Return whether a name and a key are those of whoever works here: the same key, or the same person."""
        return (bool(key) and key == self.key) or same_person(self.roster, (self.person, self.key), (name, key))


def same_person(roster: Roster | None, one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Return whether two names with their keys are one person: by key, by name, or by their place on the roster."""
    if plain(one[0]) == plain(other[0]) != "" or (one[1] and one[1] == other[1]):
        return True
    places = [
        {id(each) for each in (roster.holder(key), roster.named(name)) if each} if roster else set()
        for name, key in (one, other)
    ]
    return bool(places[0] & places[1])


def plain(text: str) -> str:
    """Return a name as it is compared: letters and digits only, in one case, whichever alphabet imitates them."""
    return "".join(filter(str.isalnum, folded(text)))


def _in_words(text: str) -> str:
    return f" {' '.join(_WORD.findall(folded(text)))} "


def read_roster(text: str, *, signed_by: str = "") -> Roster:
    """Read and check a roster.

    Args:
        text: The roster, TOML.
        signed_by: Name of the key whose signature over this text was verified.

    Raises:
        PolicyError: It is no TOML, or something in it is missing or wrong; names everything at once.
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"This roster is no TOML: {error}. Nothing was installed.") from error
    problems = [*_head_problems(said), *_people_problems(said.get("person"))]
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise PolicyError(f"This is no roster that could be used; nothing was installed:\n{listed}")
    head = said["roster"]
    return Roster(
        agency=head["agency"],
        serial=head["serial"],
        effective=date.fromisoformat(head["effective"]),
        people=tuple(map(_person, said["person"])),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        signed_by=signed_by,
    )


def _person(said: Mapping[str, Any]) -> Person:
    days = {name: date.fromisoformat(said[name]) for name in _DAYS if said.get(name)}
    return Person(
        name=said["name"], badge=said["badge"], roles=tuple(said["roles"]), keys=tuple(said.get("keys", ())), **days
    )


def _head_problems(said: Mapping[str, Any]) -> Iterator[str]:
    head = said.get("roster") if isinstance(said.get("roster"), dict) else {}
    assert isinstance(head, dict)
    if strange := said.keys() - {"roster", "person"}:
        yield f"{', '.join(sorted(strange))} is nothing that a roster has: roster, person"
    if strange := head.keys() - {"agency", "serial", "effective"}:
        yield f"roster.{', '.join(sorted(strange))} is nothing that a roster says of itself"
    if not _is_text(head.get("agency")):
        yield "roster.agency is missing: a text"
    if type(head.get("serial")) is not int or head["serial"] < 1:
        yield "roster.serial is a whole number above 0"
    if not _is_day(head.get("effective")):
        yield "roster.effective is no day, as 2026-12-31"


def _people_problems(people: Any) -> Iterator[str]:
    if not isinstance(people, list) or not people or not all(isinstance(each, dict) for each in people):
        yield "person is missing: one [[person]] for everyone who works with this program"
        return
    for place, said in enumerate(people, 1):
        yield from (f"person {place}: {problem}" for problem in _person_problems(said))
    for name in ("badge", "keys"):
        every = [each for said in people for each in _listed(said.get(name))]
        if twice := sorted({str(each) for each in every if every.count(each) > 1}):
            yield f"{name} {', '.join(twice)} stands there for two persons"


def _person_problems(said: Mapping[str, Any]) -> Iterator[str]:
    if strange := said.keys() - {"name", "badge", "roles", "keys", *_DAYS}:
        yield f"{', '.join(sorted(strange))} is nothing that stands there"
    for name in ("name", "badge"):
        if not _is_text(said.get(name)):
            yield f"{name} is missing: a text"
    roles, keys = _listed(said.get("roles")), _listed(said.get("keys"))
    if not roles or not all(each in ROLES for each in roles):
        yield f"roles are some of {', '.join(ROLES)}"
    if not all(isinstance(each, str) and _FINGERPRINT.match(each) for each in keys):
        yield "keys are fingerprints, 64 hex digits each"
    for name in _DAYS:
        if said.get(name) and not _is_day(said[name]):
            yield f"{name} {said[name]!r} is no day, as 2026-12-31"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_day(text: Any) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except (TypeError, ValueError):
        return False
