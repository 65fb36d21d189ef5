"""The personnel index: every key and every person that the ledger names as having acted, for the prosecutor's checks.

It holds no sanctions and no findings on anybody; whether there are any, the prosecutor looks up (Giglio v. U.S.).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from osint.chain_of_custody.entry import Entry
from osint.policy.roster import plain
from osint.production.lists.exhibits import trained
from osint.production.lists.material import Material
from osint.report.csv_tables import Sheet

_HEADINGS = (
    "person", "keys", "appears as", "roles on the roster", "entries signed", "first entry", "last entry",
    "what they did", "exhibits stored", "position designated since", "training counts until", "screening counts until",
    "checked by the prosecutor",
)  # fmt: skip
_PARTS: Mapping[str, str] = {
    "investigator": "works on the case",
    "by": "stated something",
    "requester": "asked for an order",
    "approver": "approved",
    "counsel": "counsel who reviewed",
    "sender": "released exhibits",
    "recipient": "received",
    "translator": "translated",
    "declaration": "saved what was handed in",
    "decided_by": "decided as prosecutor",
    "unreviewed_acknowledged_by": "acknowledged as prosecutor",
    "administered_by": "runs a page of the agency",
    "supervisor": "supervised",
    "reviewer": "reviewed",
}
"""Private members of an entry that name a person, with what that person did."""


@dataclass
class _Known:
    """What is known of one person."""

    name: str
    keys: dict[str, None] = field(default_factory=dict)
    parts: dict[str, None] = field(default_factory=dict)
    signed: list[int] = field(default_factory=list)
    named: list[int] = field(default_factory=list)
    actions: dict[str, int] = field(default_factory=dict)
    stored: int = 0


def personnel_index(material: Material) -> Sheet:
    """Return one row for each person, and one for each key whose holder nobody named, by first appearance."""
    known: dict[str, _Known] = {}
    for entry in material.packed.entries():
        _note_signers(material, entry, known)
        for name, part in _people(entry.private):
            person = known.setdefault(plain(name), _Known(name))
            person.parts[part] = None
            person.named.append(entry.seq)
    return Sheet(_HEADINGS, [_row(material, each) for each in known.values()])


def _note_signers(material: Material, entry: Entry, known: dict[str, _Known]) -> None:
    introduced = [(str(item["key"]), str(item.get("role", ""))) for item in entry.object if "public" in item]
    for key, part in [*((key, "signed") for key in entry.signers), *introduced]:
        name = material.people.get(key, "")
        if not name and part == "log":
            name = "the log of this workstation, which signs heads and is no person"
        person = known.setdefault(plain(name) or key, _Known(name or "(no name is disclosed for this key)"))
        person.keys[key] = None
        person.parts[f"key: {part}" if part != "signed" else part] = None
        person.named.append(entry.seq)
        if part == "signed":
            person.signed.append(entry.seq)
            person.actions[entry.action] = person.actions.get(entry.action, 0) + 1
            person.stored += bool(entry.exhibit) and key == entry.performer


def _people(value: Any) -> Iterator[tuple[str, str]]:
    """Yield each person whom the private values of an entry name, with what they did."""
    if isinstance(value, list):
        for each in value:
            yield from _people(each)
    for name, each in value.items() if isinstance(value, Mapping) else ():
        told = each.get("name") if isinstance(each, Mapping) else each
        if name in _PARTS and isinstance(told, str) and plain(told):
            yield told, _PARTS[name]
        yield from _people(each)


def _row(material: Material, person: _Known) -> tuple[object, ...]:
    key = next(iter(person.keys), "")
    on_roster = material.roster and (material.roster.holder(key) or material.roster.named(person.name))
    return (
        person.name,
        " ".join(person.keys),
        "; ".join(person.parts),
        ", ".join(on_roster.roles) if on_roster else "",
        len(person.signed),
        min(person.named),
        max(person.named),
        ", ".join(f"{action} {count}" for action, count in person.actions.items()),
        person.stored,
        *trained(material, key, person.name),
        "",
    )
