"""The pages of the search log: every entry of the ledger in its order, and those that ended without a find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osint import render
from osint.instants import format_instant
from osint.production.lists.material import told
from osint.production.reader.exhibits import to_entry, to_exhibit
from osint.production.reader.frame import Cell
from osint.production.reader.sight import Sight
from osint.report.steps import Step

HEADINGS = ("Entry", "Time (UTC)", "Step", "Outcome", "Exhibit", "What", "Who", "Authority")
WITHOUT = ("nil", "failed", "refused")
"""How an entry ends that found nothing: nothing was there, it did not work, a rule refused it."""

_SAID = 1_500


def log_rows(sight: Sight, steps: Iterable[Step]) -> Iterator[tuple[object, ...]]:
    """Yield a row for each entry, in order."""
    return (_row(sight, step, str(step.entry.seq)) for step in steps)


def without_rows(sight: Sight, steps: Iterable[Step]) -> Iterator[tuple[object, ...]]:
    """Yield a row for each entry that ended without a find, with a link to its place in the log."""
    return (_row(sight, step, Cell(to_entry(step.entry.seq))) for step in steps if step.entry.outcome in WITHOUT)


def _row(sight: Sight, step: Step, number: object) -> tuple[object, ...]:
    entry, outcome, said = step.entry, step.entry.outcome, told(step, sight.kept_back)
    more = f" … ({len(said) - _SAID:,} characters more in lists/search_log.csv)" if len(said) > _SAID else ""
    return (
        number,
        format_instant(entry.end_time),
        entry.action,
        Cell(f'<span class="held">{render.escape(outcome)}</span>') if outcome in WITHOUT else outcome,
        to_exhibit(sight, entry.exhibit) if entry.exhibit else "",
        f"{said[:_SAID]}{more}",
        step.person,
        step.authority or "",
    )
