"""What is not produced and why: the index of what is withheld, the disclosure schedule, and that of unused material.

None of them tells anything of what is withheld beyond that it exists, when it was stored and on which ground it stays.
"""

from __future__ import annotations

from collections.abc import Mapping

from osint.instants import format_instant
from osint.production.lists.material import ELSEWHERE, Material
from osint.production.plan import Fate, Item, Plan
from osint.report.csv_tables import Sheet

_WITHHELD = ("item", "exhibit", "fate", "ground", "cited", "decided by", "stored (UTC)", "ledger entry",
             "number of the copy or sheet that stands for it", "exculpatory")  # fmt: skip
_DISCLOSED = ("item", "exhibit", "first number", "last number", "fate", "ground", "cited", "decided by", "exculpatory",
              "in the production before")  # fmt: skip
_UNUSED = ("item", "description", "exhibit", "fate", "ground", "cited", "where it is kept", "exculpatory",
           "reviewed by (officer)", "decision (prosecutor)")  # fmt: skip


def withheld_index(material: Material) -> Sheet:
    """Return what was stored and is not produced as it is, each with its ground; nothing of what it holds."""
    held = [each for each in material.plan.items if each.fate is not Fate.PRODUCED or each.derivative]
    rows = [
        (number, item.exhibit, str(item.fate), item.ground, item.cited, _by(material.plan, item),
         format_instant(item.stored), item.entry, material.span(item.exhibit), item.exculpatory)
        for number, item in enumerate(held, 1)
    ]  # fmt: skip
    return Sheet(_WITHHELD, rows)


def disclosure_schedule(material: Material) -> Sheet:
    """Return every item ever stored, in the order of the entries, with what became of it now and the last time."""
    plan = material.plan
    before: Mapping[str, Fate] = next((each.fates for each in reversed(plan.earlier) if each.done), {})
    rows = [
        (number, item.exhibit, *material.labels(item.exhibit), str(item.fate), item.ground, item.cited,
         _by(plan, item), item.exculpatory, _before(plan, before, item.exhibit))
        for number, item in enumerate(plan.items, 1)
    ]  # fmt: skip
    return Sheet(_DISCLOSED, rows)


def unused_material(material: Material) -> Sheet:
    """Return what the prosecution does not rely on, for the profile ``uk``: without a gap, each described by itself."""
    unused = [each for each in material.plan.items if each.exhibit not in material.plan.release.used]
    rows = [
        (
            number,
            _description(material, item),
            item.exhibit,
            str(item.fate),
            item.ground,
            item.cited,
            _place(material, item),
            item.exculpatory,
            "",
            "",
        )
        for number, item in enumerate(unused, 1)
    ]
    return Sheet(_UNUSED, rows)


def _description(material: Material, item: Item) -> str:
    """Describe an item by how it came in; what is not produced never by what it holds."""
    step = material.step(item)
    how = step.entry.action if step else f"another officer ({ELSEWHERE})"
    size = "" if item.fate is Fate.SEALED else f", {item.size:,} bytes"
    what = f"{item.title}; " if item.fate is Fate.PRODUCED and item.title else ""
    return f"{item.exhibit}: {what}stored by {how} on {format_instant(item.stored)}, entry {item.entry}{size}"


def _place(material: Material, item: Item) -> str:
    places = {
        Fate.PRODUCED: f"in this production, {material.span(item.exhibit)}",
        Fate.WITHHELD: "with the agency",
        Fate.SEALED: "locked away with the agency",
        Fate.PURGED: "destroyed: see purge_certificates.csv",
    }
    return places[item.fate]


def _by(plan: Plan, item: Item) -> str:
    return next((each.by for each in plan.release.excluded if each.exhibit == item.exhibit), "")


def _before(plan: Plan, before: Mapping[str, Fate], exhibit: str) -> str:
    if not any(each.done for each in plan.earlier):
        return "this is the first"
    return str(before.get(exhibit, "not stored yet"))
