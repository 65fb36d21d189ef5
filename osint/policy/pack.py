"""Policy packs: law as data. A pack holds every number, switch and citation; code holds the mechanism.

``README.md`` beside this file is the format. A pack says of each value where it comes from, when somebody read that
source (``verified_on``), and who at the agency adopted it (``adopted_by``). What nobody verified is UNVERIFIED.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from osint.errors import PolicyError
from osint.policy.approval import GROUNDS
from osint.policy.authorization import EMERGENCIES, PURPOSES
from osint.policy.roster import ROLES

BUILT_IN = ("us-mo-municipal", "us-federal", "uk", "eu-led")
DEFAULT = "us-mo-municipal"
UNVERIFIED = "UNVERIFIED"
HANDLED = ("rule", "feature", "not software", "not yet")
"""What becomes of a clause: a rule of the gate, another feature, nothing a program could do, or later work."""

_NAME = re.compile(r"[a-z][a-z0-9-]{1,39}\Z")
_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}\Z")
_HEAD = ("name", "version", "title", "issuer", "effective", "review_due", "legal_effect")
_SOURCED = ("citation", "verified_on", "adopted_by")
_PARTS: Mapping[str, Sequence[str]] = {
    "values": ("value", "unit"),
    "rules": ("clause", "checks", "refuses"),
    "purposes": ("title", "permitted", "needs", "emergencies", "approval"),
    "retention": ("title", "purposes", "value", "unit", "starts", "trigger", "disposition", "restarts"),
}
_KNOWN_WORDS: Mapping[str, Mapping[str, str]] = {
    "approval_needed_for": GROUNDS,
    **dict.fromkeys(
        (
            "roles_that_approve", "roles_that_authorize", "roles_that_disclose", "roles_that_export",
            "roles_that_purge", "roles_that_search", "roles_that_search_with_approval", "roles_that_state",
        ),
        ROLES,
    ),
}  # fmt: skip
"""Lists of a pack that hold only words which the program knows."""
_NEEDS: Mapping[str, str] = {
    "warrant": "warrant",
    "consent": "consent of the victim",
    "own_page": "register of the agency's own pages",
}
"""Records that a purpose may need, by the word of the pack, with what an authority without one calls it."""
_OF_A_PURPOSE: Mapping[str, Collection[str]] = {
    "permitted": ("yes", "no"),
    "needs": _NEEDS,
    "emergencies": EMERGENCIES,
    "approval": ("yes", "no"),
}
_CLOSED: Mapping[str, Sequence[str]] = {
    "unit": ("days", "years", "permanent"),
    "starts": ("collected", "classified", "event"),
    "restarts": ("hold", "disclosure"),
}
"""Words that a retention class may use, since the program counts by them."""


@dataclass(frozen=True, kw_only=True)
class Sourced:
    """What every value and every rule of a pack says of itself.

    Attributes:
        citation: Where it comes from: a clause, a statute, or "design choice".
        verified_on: The day on which somebody read that source; None when nobody did.
        adopted_by: Who at the agency adopted it; empty when nobody did.
    """

    citation: str
    verified_on: date | None
    adopted_by: str

    def standing(self, today: date, months: int) -> str:
        """Return in words what stands behind it: UNVERIFIED, verified too long ago, adopted by nobody."""
        verified = UNVERIFIED
        if self.verified_on:
            old = (today.year - self.verified_on.year) * 12 + today.month - self.verified_on.month > months
            verified = f"verified on {self.verified_on}" + (f", more than {months} months ago" if old else "")
        return f"{verified}; {f'adopted by {self.adopted_by}' if self.adopted_by else 'adopted by nobody yet'}"


@dataclass(frozen=True, kw_only=True)
class Value(Sourced):
    """A number, a switch or a list of words, with its unit."""

    name: str
    value: Any
    unit: str


@dataclass(frozen=True, kw_only=True)
class RuleText(Sourced):
    """What a pack says of one rule of the gate: the clause it serves, what it checks and what it refuses."""

    id: str
    clause: str
    checks: str
    refuses: str


@dataclass(frozen=True, kw_only=True)
class RetentionClass(Sourced):
    """How long one kind of record is kept, from when on, and what becomes of it then.

    Attributes:
        id: ``R1`` and so on.
        title: What kind of record it is.
        purposes: Purposes of an authority whose exhibits are of this class until somebody says otherwise.
        value: The period; without meaning where ``unit`` is ``permanent``.
        unit: ``days``, ``years`` or ``permanent``.
        starts: What starts the clock: ``collected``, ``classified``, or an ``event`` that somebody states.
        trigger: That, in words.
        disposition: What becomes of it when the period is over.
        restarts: What starts the clock anew: ``hold`` when one is lifted, ``disclosure`` when it was handed on.
    """

    id: str
    title: str
    purposes: tuple[str, ...]
    value: int
    unit: str
    starts: str
    trigger: str
    disposition: str
    restarts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Purpose(Sourced):
    """What an agency's policy says of one purpose of an authority.

    Attributes:
        id: The purpose, as an authority names it.
        title: What it is called.
        permitted: Whether the agency collects for it at all.
        needs: Records whose absence is recorded with each authority; some of ``warrant``, ``consent``, ``own_page``.
        emergencies: In which emergencies one officer may act for it alone.
        approval: Whether it is always of engagement level 2.
    """

    id: str
    title: str
    permitted: bool
    needs: tuple[str, ...]
    emergencies: tuple[str, ...]
    approval: bool

    @property
    def needed(self) -> Mapping[str, str]:
        """What it needs, by the word of the pack, in words for people."""
        return {name: _NEEDS[name] for name in self.needs}


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One clause of the order that a pack implements: what it says, and what becomes of it (:data:`HANDLED`)."""

    id: str
    says: str
    handled: str
    how: str


@dataclass(frozen=True, kw_only=True)
class Pack:
    """A policy pack, read and checked.

    Attributes:
        name: Its name.
        version: Its version, numbers with points; a later one is greater.
        title: What it is called.
        issuer: Who issued it.
        effective: From which day it counts.
        review_due: The day by which it was to be reviewed.
        legal_effect: What it is and is not, in law.
        sha256: Hash of its text, and of the text it builds on.
        values: Its values by name.
        rules: What it says of each rule, by the rule's id.
        clauses: The clauses of the order that it implements.
        retention: Its retention classes by id.
        purposes: What it says of each purpose of an authority.
        signed_by: Name of the key that signed it; empty for a pack that comes with this program.
    """

    name: str
    version: str
    title: str
    issuer: str
    effective: date
    review_due: date
    legal_effect: str
    sha256: str
    values: Mapping[str, Value] = field(repr=False)
    rules: Mapping[str, RuleText] = field(repr=False)
    clauses: Sequence[Clause] = field(repr=False)
    retention: Mapping[str, RetentionClass] = field(repr=False)
    purposes: Mapping[str, Purpose] = field(repr=False)
    signed_by: str = ""

    def number(self, name: str) -> int:
        """Return a number of this pack.

        Raises:
            PolicyError: It has no such number.
        """
        found = self.values.get(name)
        if found is None or type(found.value) is not int:
            raise PolicyError(f"The policy pack {self.name} {self.version} holds no number {name!r}.")
        return found.value

    def words(self, name: str) -> tuple[str, ...]:
        """Return a list of words of this pack.

        Raises:
            PolicyError: It has no such list.
        """
        found = self.values.get(name)
        if found is None or not isinstance(found.value, list):
            raise PolicyError(f"The policy pack {self.name} {self.version} holds no list {name!r}.")
        return tuple(found.value)

    def overdue(self, today: date) -> str:
        """Return the banner of a pack whose review is overdue; empty while it is not."""
        if today <= self.review_due:
            return ""
        return (
            f"POLICY REVIEW OVERDUE since {self.review_due}: {self.name} {self.version}. "
            "It stays in force until a newer version is signed and installed."
        )

    def banner(self, today: date) -> str:
        """Return what is to be known of this pack wherever its values are shown: overdue, and what is UNVERIFIED."""
        every = (*self.values.values(), *self.rules.values(), *self.retention.values(), *self.purposes.values())
        read = sum(each.verified_on is not None for each in every)
        unread = len(every) - read
        what = f"{unread} of {len(every)} values and rules of {self.name} {self.version}"
        said = f"{what} are {UNVERIFIED}: osint policy show."
        return " ".join(filter(None, [self.overdue(today), said if unread else ""]))

    @property
    def order(self) -> tuple[int, ...]:
        """The version as numbers, to compare."""
        return tuple(map(int, self.version.split(".")))

    def __str__(self) -> str:
        return f"{self.name} {self.version} (sha256 {self.sha256[:12]})"


@cache
def built_in(name: str) -> Pack:
    """Return a pack that comes with this program.

    Raises:
        PolicyError: There is none of this name.
    """
    if name not in BUILT_IN:
        raise PolicyError(f"There is no policy pack {name!r}; this program comes with {', '.join(BUILT_IN)}.")
    return read_pack(_text(name))


def read_pack(text: str, *, signed_by: str = "") -> Pack:
    """Read and check a pack.

    Args:
        text: The pack, TOML.
        signed_by: Name of the key whose signature over this text was verified.

    Raises:
        PolicyError: It is no TOML, or something in it is missing or wrong; names everything at once.
    """
    plain = _parsed(text)
    common = _text("common")
    base = _parsed(common)
    inherited = base if _table(plain, "pack").get("name") == DEFAULT else _unread(base)
    merged = {part: {**inherited.get(part, {}), **_table(plain, part)} for part in _PARTS}
    problems = [*_head_problems(plain), *_problems(merged, base, plain)]
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise PolicyError(f"This is no policy pack that could be used; nothing was installed:\n{listed}")
    head = plain["pack"]
    dates = {name: date.fromisoformat(head[name]) for name in ("effective", "review_due")}
    return Pack(
        **{**{name: head[name] for name in _HEAD}, **dates},
        sha256=hashlib.sha256(f"{text}\n{common}".encode()).hexdigest(),
        values={name: Value(name=name, **_sourced(each, "value", "unit")) for name, each in merged["values"].items()},
        rules={
            rule: RuleText(id=rule, **_sourced(each, "clause", "checks", "refuses"))
            for rule, each in merged["rules"].items()
        },
        clauses=tuple(Clause(**each) for each in plain.get("clause", [])),
        retention={name: _retention_class(name, each) for name, each in merged["retention"].items()},
        purposes={name: _purpose(name, each) for name, each in merged["purposes"].items()},
        signed_by=signed_by,
    )


def _text(name: str) -> str:
    return resources.files("osint.policy").joinpath("packs", f"{name}.toml").read_text(encoding="utf-8")


def _unread(base: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the common text as any other policy inherits it: nobody read its sources for that one."""
    return {
        part: {
            name: {**said, "verified_on": "", "citation": f"common text of this program: {said['citation']}"}
            for name, said in entries.items()
        }
        for part, entries in base.items()
    }


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"This policy pack is no TOML: {error}. Nothing was installed.") from error


def _table(plain: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = plain.get(name, {})
    return found if isinstance(found, dict) else {}


def _retention_class(name: str, said: Mapping[str, Any]) -> RetentionClass:
    lists = {each: _listed(said[each]) for each in ("purposes", "restarts")}
    return RetentionClass(id=name, **{**_sourced(said, *_PARTS["retention"]), **lists})


def _purpose(name: str, said: Mapping[str, Any]) -> Purpose:
    lists = {each: _listed(said[each]) for each in ("needs", "emergencies")}
    answers = {each: said[each] == "yes" for each in ("permitted", "approval")}
    return Purpose(id=name, **{**_sourced(said, *_PARTS["purposes"]), **lists, **answers})


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _sourced(said: Mapping[str, Any], *names: str) -> dict[str, Any]:
    verified = said["verified_on"]
    return {
        **{name: said[name] for name in names},
        "citation": said["citation"],
        "verified_on": date.fromisoformat(verified) if verified else None,
        "adopted_by": said["adopted_by"],
    }


# -- what is wrong with a pack -----------------------------------------------------------------------------------------


def _head_problems(plain: Mapping[str, Any]) -> Iterator[str]:
    head = _table(plain, "pack")
    if strange := plain.keys() - {"pack", *_PARTS, "clause"}:
        yield f"{', '.join(sorted(strange))} is nothing that a pack has: pack, {', '.join(_PARTS)}, clause"
    for name in _HEAD:
        if not isinstance(head.get(name), str) or not head[name].strip():
            yield f"pack.{name} is missing: a text"
    if strange := head.keys() - set(_HEAD):
        yield f"pack.{', '.join(sorted(strange))} is nothing that a pack says of itself"
    if not _NAME.match(str(head.get("name"))):
        yield "pack.name is small letters, digits and hyphens, as us-mo-municipal"
    if not _VERSION.match(str(head.get("version"))):
        yield "pack.version is numbers with points, as 2026.1"
    for name in ("effective", "review_due"):
        if head.get(name) and not _is_day(head[name]):
            yield f"pack.{name} {head[name]!r} is no day, as 2026-12-31"


def _problems(merged: Mapping[str, Any], base: Mapping[str, Any], plain: Mapping[str, Any]) -> Iterator[str]:
    for part, names in _PARTS.items():
        for name, said in merged[part].items():
            yield from _entry_problems(f"{part}.{name}", said, names)
        if strange := _table(plain, part).keys() - base[part].keys():
            yield f"{part}.{', '.join(sorted(strange))} is nothing that this program reads; a newer release may"
    for name, said in merged["values"].items():
        kind = type(_table(base, "values").get(name, {}).get("value"))
        if isinstance(said, dict) and name in base["values"] and type(said.get("value")) is not kind:
            yield f"values.{name}.value is not of the kind {kind.__name__}"
    yield from _word_problems(merged)
    for name, said in merged["retention"].items():
        yield from _period_problems(f"retention.{name}", said)
    covered = {each for said in merged["retention"].values() if isinstance(said, dict) for each in _purposes(said)}
    if missed := sorted(PURPOSES.keys() - covered):
        yield f"no retention class is for the purposes {', '.join(missed)}"
    for place, clause in enumerate(plain.get("clause", [])):
        if not isinstance(clause, dict) or clause.keys() != {"id", "says", "handled", "how"}:
            yield f"clause {place + 1} has id, says, handled and how, and nothing else"
        elif clause["handled"] not in HANDLED or not clause["how"]:
            yield f"clause {clause['id']}: handled is one of {', '.join(HANDLED)}, and how says more"


def _entry_problems(place: str, said: Any, names: Sequence[str]) -> Iterator[str]:
    if not isinstance(said, dict):
        yield f"{place} is a table with {', '.join((*names, *_SOURCED))}"
        return
    for name in (*names, *_SOURCED):
        if name not in said:
            yield f"{place}.{name} is missing"
        elif name != "value" and not isinstance(said[name], str):
            yield f"{place}.{name} is no text"
    if strange := said.keys() - {*names, *_SOURCED}:
        yield f"{place}.{', '.join(sorted(strange))} is nothing that stands there"
    if not str(said.get("citation", "")).strip():
        yield f"{place}.citation is empty: say where it comes from, or 'design choice'"
    if said.get("verified_on") and not _is_day(said["verified_on"]):
        yield f"{place}.verified_on {said['verified_on']!r} is no day; leave it empty where nobody verified it"


def _word_problems(merged: Mapping[str, Any]) -> Iterator[str]:
    for name, known in _KNOWN_WORDS.items():
        words = _table(merged["values"], name).get("value")
        if isinstance(words, list) and (strange := [str(each) for each in words if each not in known]):
            yield f"values.{name}: {', '.join(strange)} is none of {', '.join(known)}"
    for name, said in merged["purposes"].items():
        yield from _purpose_problems(f"purposes.{name}", said if isinstance(said, dict) else {})


def _purpose_problems(place: str, said: Mapping[str, Any]) -> Iterator[str]:
    for name, words in _OF_A_PURPOSE.items():
        told = _listed(str(said.get(name, "")))
        if not set(told) <= set(words) or (name in ("permitted", "approval") and len(told) != 1):
            yield f"{place}.{name} {', '.join(told) or 'nothing'} is none of {', '.join(words)}"


def _purposes(said: Mapping[str, Any]) -> tuple[str, ...]:
    return _listed(str(said.get("purposes", "")))


def _period_problems(place: str, said: Any) -> Iterator[str]:
    said = said if isinstance(said, dict) else {}
    for name, words in _CLOSED.items():
        told = _listed(str(said.get(name, "")))
        if not set(told) <= set(words) or (name != "restarts" and len(told) != 1):
            yield f"{place}.{name} {', '.join(told) or 'nothing'} is none of {', '.join(words)}"
    if type(said.get("value")) is not int or said["value"] < (said.get("unit") != "permanent"):
        yield f"{place}.value is no whole number of days or years"


def _is_day(text: Any) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except (TypeError, ValueError):
        return False
