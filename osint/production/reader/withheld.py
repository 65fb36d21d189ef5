"""The pages of what is not produced: each with its fate and its ground, and nothing of what it holds."""

from __future__ import annotations

from collections.abc import Iterator

from osint.instants import format_instant
from osint.production.plan import Fate, Item
from osint.production.reader.exhibits import to_entry, to_exhibit
from osint.production.reader.frame import Cell
from osint.production.reader.sight import Sight

WITHHELD_HEADINGS = ("Exhibit", "Fate", "Ground", "Rule or statute", "In its place", "Stored (UTC)", "Entry")


def withheld_rows(sight: Sight) -> Iterator[tuple[object, ...]]:
    """Yield a row for each item that is withheld, sealed or purged, in the order in which they were stored."""
    for item in sight.plan.items:
        if item.fate is not Fate.PRODUCED:
            yield (
                to_exhibit(sight, item.exhibit),
                str(item.fate),
                item.ground,
                item.cited,
                _instead(sight, item),
                format_instant(item.stored),
                Cell(to_entry(item.entry)),
            )


def _instead(sight: Sight, item: Item) -> str:
    what = "a redacted copy" if item.derivative else "a slip sheet"
    numbers = [sight.plan.label(each.begin) for each in sight.documents.get(item.exhibit, ())]
    return f"{what}: {numbers[0]}" if numbers else "nothing"
