"""The search log: every entry of the ledger once, in order; and what was refused, found nothing, or failed."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from osint.instants import format_instant
from osint.production.lists.material import Material
from osint.report.csv_tables import Sheet
from osint.report.steps import Step, exhibits

_HEADINGS = (
    "entry", "time (UTC)", "clock of the machine", "action", "outcome", "person", "authority", "purpose", "exhibits",
    "numbers", "what it records", "concerns entries", "tool", "leaf hash",
)  # fmt: skip
_SHORT = ("entry", "time (UTC)", "action", "outcome", "person", "authority", "what it records", "concerns entries",
          "what was asked")  # fmt: skip


def search_log(material: Material) -> Sheet:
    """Return every entry of the ledger exactly once, in order: what was allowed, refused, found or not, and done."""
    return Sheet(_HEADINGS, (_row(material, step) for step in material.steps))


def nil_and_failed(material: Material) -> Sheet:
    """Return what found nothing, and what failed; with what had been asked."""
    return _of(material, ("nil", "failed"))


def refusals(material: Material) -> Sheet:
    """Return what was refused, and on which grounds."""
    return _of(material, ("refused",))


def _row(material: Material, step: Step) -> tuple[object, ...]:
    entry = step.entry
    concerned, instrument = exhibits(entry), entry.payload["instrument"]
    return (
        entry.seq,
        format_instant(entry.end_time),
        f"UTC{entry.payload['clock'].get('zone', '')}",
        entry.action,
        entry.outcome,
        step.person,
        step.authority or "",
        entry.purpose or "",
        " ".join(concerned),
        " ".join(filter(None, map(material.span, concerned))),
        material.told(step),
        " ".join(map(str, material.concerned(entry))),
        " ".join(map(str, instrument.values())),
        entry.leaf.hex(),
    )


def _of(material: Material, outcomes: Collection[str]) -> Sheet:
    return Sheet(_SHORT, _short(material, outcomes))


def _short(material: Material, outcomes: Collection[str]) -> Iterator[tuple[object, ...]]:
    for step in (each for each in material.steps if each.entry.outcome in outcomes):
        entry, concerned = step.entry, material.concerned(step.entry)
        asked = "; ".join(material.told(material.steps.at(place)) for place in concerned)
        yield (entry.seq, format_instant(entry.end_time), entry.action, entry.outcome, step.person,
               step.authority or "", material.told(step), " ".join(map(str, concerned)), asked)  # fmt: skip
