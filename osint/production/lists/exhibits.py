"""The exhibit list, and what a witness needs to lay the foundation of each exhibit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from osint.instants import format_instant
from osint.policy.pack import Pack
from osint.production.lists.material import ELSEWHERE, NOT_RECORDED, Material
from osint.production.plan import Document, Item
from osint.production.posts import every_post
from osint.report.csv_tables import Sheet
from osint.report.steps import Step

_HEADINGS = (
    "exhibit", "first number", "last number", "description", "address or file", "captured (UTC)", "captured by",
    "SHA-256", "ledger entry", "ways to a foundation", "sponsoring witness", "authorship proof needed", "redactions",
    "capture quality", "exculpatory",
)  # fmt: skip
_AIDS = (
    "exhibit", "first number", "capture quality", "clock of the machine", "operator", "position designated since",
    "training counts until", "screening counts until", "tool", "Python", "system", "way to the network",
)  # fmt: skip
_WAYS = (
    ("captured", "for what was captured"),
    ("handed_in", "for a file that was handed in"),
    ("authorship", "for who wrote it"),
)
_HANDED_IN = ("import", "receive")


def exhibit_list(material: Material) -> Sheet:
    """Return one row for each numbered document, in the order of the numbers; the witness is left blank."""
    authored = authored_exhibits(material)
    return Sheet(_HEADINGS, [_row(material, each, each.item.exhibit in authored) for each in material.documents])


def foundation_aids(material: Material) -> Sheet:
    """Return for each exhibit that is numbered what the ledger and the roster know of tool, clock and operator."""
    told = (each.item for each in material.documents if each.item.exhibit not in material.kept_back)
    pairs = ((item, material.step(item)) for item in dict.fromkeys(told))
    return Sheet(_AIDS, [_aids(material, item, step) for item, step in pairs if step])


def authored_exhibits(material: Material) -> frozenset[str]:
    """Return the exhibits from which posts by an account were read: whoever offers them shows who wrote them."""
    posts = every_post(material.dossier.tables)
    if "attributed_to" not in posts:
        return frozenset()
    written = posts[posts["attributed_to"].notna()]
    return frozenset(str(each) for several in written["exhibits"] for each in several)


def ways(pack: Pack, action: str, *, authored: bool) -> str:
    """Return the ways to a foundation that the policy pack names for what an action stored."""
    named = [*pack.words("foundation_handed_in" if action in _HANDED_IN else "foundation_captured")]
    named += pack.words("foundation_authorship") if authored else ()
    return "; ".join(named) or "the policy names none: counsel does"


def standing_of_ways(pack: Pack, today: date) -> list[str]:
    """Return for each list of ways in words where it comes from, and what stands behind it."""
    months = pack.number("verified_months")
    values = [(what, pack.values[f"foundation_{name}"]) for name, what in _WAYS]
    return [f"Ways to a foundation, {what}: {each.citation} [{each.standing(today, months)}]" for what, each in values]


def _row(material: Material, document: Document, authored: bool) -> tuple[object, ...]:
    item, step = document.item, material.step(document.item)
    if item.exhibit in material.kept_back:
        numbers = map(material.plan.label, (document.begin, document.end))
        told = (item.exhibit, *numbers, f"{item.fate}: see withheld_index.csv", "", format_instant(item.stored))
        return *told, *("",) * (len(_HEADINGS) - len(told))
    return (
        item.exhibit,
        material.plan.label(document.begin),
        material.plan.label(document.end),
        item.title,
        item.source,
        format_instant(item.stored),
        step.person if step else ELSEWHERE,
        item.sha256,
        item.entry,
        ways(material.pack, step.entry.action, authored=authored) if step else ELSEWHERE,
        "",
        "yes" if authored else "no post was read from it",
        "yes: see redaction_log.csv" if document.redacted else "none",
        item.quality or NOT_RECORDED,
        item.exculpatory,
    )


def _aids(material: Material, item: Item, step: Step) -> tuple[object, ...]:
    environment: Mapping[str, Any] = step.entry.payload["environment"]
    tool = " ".join(map(str, step.entry.payload["instrument"].values()))
    asked = [environment.get(name, NOT_RECORDED) for name in ("python", "platform", "network")]
    begin, _ = material.labels(item.exhibit)
    clock = material.clock(item)
    return (
        item.exhibit,
        begin,
        item.quality or NOT_RECORDED,
        clock,
        step.person,
        *trained(material, step.entry.performer, step.person),
        tool,
        *asked,
    )


def trained(material: Material, key: str, name: str) -> tuple[str, str, str]:
    """Return since when a person's position is designated, until when training and screening count, by the roster."""
    roster = material.roster
    person = (roster.holder(key) or roster.named(name)) if roster else None
    if person is None:
        return ("not on the roster",) * 3 if roster else ("no roster is installed",) * 3
    days = (person.sensitive_position_since, person.training_valid_until, person.screening_valid_until)
    since, training, screening = (str(day or "the roster does not state it") for day in days)
    return since, training, screening
