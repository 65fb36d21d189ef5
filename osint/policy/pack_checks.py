"""What is wrong with a policy pack, as its TOML states it: each fault in a sentence, all of them at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from osint.policy.approval import GROUNDS
from osint.policy.authorization import EMERGENCIES, PURPOSES
from osint.policy.pack import HANDLED, NEEDS, OPENNESS, RECORD_CLASSES
from osint.policy.roster import ROLES

HEAD = ("name", "version", "title", "issuer", "effective", "review_due", "legal_effect")
"""What a pack says of itself."""
PARTS: Mapping[str, Sequence[str]] = {
    "values": ("value", "unit"),
    "rules": ("clause", "checks", "refuses"),
    "purposes": ("title", "permitted", "needs", "emergencies", "approval"),
    "retention": ("title", "purposes", "value", "unit", "starts", "trigger", "disposition", "restarts"),
    "open_records": ("title", "value", "unit", "office_closes", "extension", "classes"),
    "record_grounds": ("law", "says"),
}
"""The parts of a pack, and what each of their entries states beside its source."""
_NAME = re.compile(r"[a-z][a-z0-9-]{1,39}\Z")
_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}\Z")
_SOURCED = ("citation", "verified_on", "adopted_by")
_EXTENSIBLE = ("open_records", "record_grounds")
"""Parts to which a pack adds entries of its own: the law of another state."""
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
_OF_A_PURPOSE: Mapping[str, Collection[str]] = {
    "permitted": ("yes", "no"),
    "needs": NEEDS,
    "emergencies": EMERGENCIES,
    "approval": ("yes", "no"),
}
_CLOSED: Mapping[str, Sequence[str]] = {
    "unit": ("days", "years", "permanent"),
    "starts": ("collected", "classified", "event"),
    "restarts": ("hold", "disclosure"),
}
"""Words that a retention class may use, since the program counts by them."""
_CLOCK = re.compile(r"(([01]\d|2[0-3]):[0-5]\d)?\Z")
_COUNTED = ("business days", "calendar days")


def faults(plain: Mapping[str, Any], merged: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a pack, in sentences.

    Args:
        plain: The pack as its own text states it.
        merged: Its parts, with what it takes over from the common text.
        base: The common text.
    """
    yield from _head_problems(plain)
    yield from _part_problems(merged, base, plain)


def table(plain: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a table of what TOML states; an empty one where something else stands, which is a fault by itself."""
    found = plain.get(name, {})
    return found if isinstance(found, dict) else {}


def classes_said(said: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a law of open records says of each class: ``arrest: open``."""
    return tuple(each.strip() for each in str(said.get("classes", "")).split(";") if each.strip())


def listed(text: str) -> tuple[str, ...]:
    """Return the words between the commas of a text."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _head_problems(plain: Mapping[str, Any]) -> Iterator[str]:
    head = table(plain, "pack")
    if strange := plain.keys() - {"pack", *PARTS, "clause"}:
        yield f"{', '.join(sorted(strange))} is nothing that a pack has: pack, {', '.join(PARTS)}, clause"
    for name in HEAD:
        if not isinstance(head.get(name), str) or not head[name].strip():
            yield f"pack.{name} is missing: a text"
    if strange := head.keys() - set(HEAD):
        yield f"pack.{', '.join(sorted(strange))} is nothing that a pack says of itself"
    if not _NAME.match(str(head.get("name"))):
        yield "pack.name is small letters, digits and hyphens, as us-mo-municipal"
    if not _VERSION.match(str(head.get("version"))):
        yield "pack.version is numbers with points, as 2026.1"
    for name in ("effective", "review_due"):
        if head.get(name) and not _is_day(head[name]):
            yield f"pack.{name} {head[name]!r} is no day, as 2026-12-31"


def _part_problems(merged: Mapping[str, Any], base: Mapping[str, Any], plain: Mapping[str, Any]) -> Iterator[str]:
    for part, names in PARTS.items():
        for name, said in merged[part].items():
            yield from _entry_problems(f"{part}.{name}", said, names)
        if part not in _EXTENSIBLE and (strange := table(plain, part).keys() - base[part].keys()):
            yield f"{part}.{', '.join(sorted(strange))} is nothing that this program reads; a newer release may"
    for name, said in merged["values"].items():
        kind = type(table(base, "values").get(name, {}).get("value"))
        if isinstance(said, dict) and name in base["values"] and type(said.get("value")) is not kind:
            yield f"values.{name}.value is not of the kind {kind.__name__}"
    yield from _word_problems(merged)
    for name, said in merged["retention"].items():
        yield from _period_problems(f"retention.{name}", said)
    yield from _open_record_problems(merged)
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
        words = table(merged["values"], name).get("value")
        if isinstance(words, list) and (strange := [str(each) for each in words if each not in known]):
            yield f"values.{name}: {', '.join(strange)} is none of {', '.join(known)}"
    for name, said in merged["purposes"].items():
        yield from _purpose_problems(f"purposes.{name}", said if isinstance(said, dict) else {})


def _purpose_problems(place: str, said: Mapping[str, Any]) -> Iterator[str]:
    for name, words in _OF_A_PURPOSE.items():
        told = listed(str(said.get(name, "")))
        if not set(told) <= set(words) or (name in ("permitted", "approval") and len(told) != 1):
            yield f"{place}.{name} {', '.join(told) or 'nothing'} is none of {', '.join(words)}"


def _purposes(said: Mapping[str, Any]) -> tuple[str, ...]:
    return listed(str(said.get("purposes", "")))


def _period_problems(place: str, said: Any) -> Iterator[str]:
    said = said if isinstance(said, dict) else {}
    for name, words in _CLOSED.items():
        told = listed(str(said.get(name, "")))
        if not set(told) <= set(words) or (name != "restarts" and len(told) != 1):
            yield f"{place}.{name} {', '.join(told) or 'nothing'} is none of {', '.join(words)}"
    if type(said.get("value")) is not int or said["value"] < (said.get("unit") != "permanent"):
        yield f"{place}.value is no whole number of days or years"


def _open_record_problems(merged: Mapping[str, Any]) -> Iterator[str]:
    laws = merged["open_records"]
    for name, said in laws.items():
        place, told = f"open_records.{name}", said if isinstance(said, dict) else {}
        if type(told.get("value")) is not int or told["value"] < 1 or told.get("unit") not in _COUNTED:
            yield f"{place} counts a whole number of {' or '.join(_COUNTED)}"
        if not _CLOCK.match(str(told.get("office_closes", ""))):
            yield f"{place}.office_closes is an hour, as 17:00, or empty"
        classes = classes_said(told)
        if [each.partition(":")[0] for each in classes] != list(RECORD_CLASSES) or not all(
            map(OPENNESS.match, classes)
        ):
            yield (
                f"{place}.classes says of each of {', '.join(RECORD_CLASSES)}, in this order: open, closed, decided, "
                "if charged within 30 days, or if inactive, or after 10 years"
            )
    for name, said in merged["record_grounds"].items():
        law = said.get("law") if isinstance(said, dict) else None
        if law not in laws or not name.startswith(f"{law}."):
            yield f"record_grounds.{name}: law is one of {', '.join(laws)}, and the name begins with it and a point"
    chosen = table(merged["values"], "records_law").get("value")
    if isinstance(chosen, list) and (strange := [str(each) for each in chosen if each not in laws]):
        yield f"values.records_law: {', '.join(strange)} is none of {', '.join(laws)}"


def _is_day(text: Any) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except (TypeError, ValueError):
        return False
