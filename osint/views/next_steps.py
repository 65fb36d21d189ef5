"""What could be run next about somebody or something, as rows with the line of code each stands for."""

from __future__ import annotations

from collections.abc import Iterable

from osint.collecting.pivots import Pivot
from osint.views.listing import Column, Listing

_COLUMNS = (
    Column(name="line", label="Line to run", whole=True),
    Column(name="covered", label="Under authority", facet=True),
    Column(name="reasons", label="Why not, or what is missing", whole=True),
    Column(name="collector", label="Collector", facet=True, printed=False),
    Column(name="reads", label="It reads", printed=False),
)
_NOTE = (
    "Nothing was asked of any host, and nothing was logged. When a line is run, the authority is checked again. A lead "
    "is added to an authority with case.extend(exhibit=..., reason=..., accounts=[...])."
)


def next_steps(entity: str, found: Iterable[Pivot]) -> Listing:
    """Return what could be run about an entity, what is covered first."""
    rows = [
        {
            "line": each.line,
            "covered": f"yes, {each.authority}" if each.authority else "no",
            "reasons": " ".join([*each.reasons, *([each.needs] if each.needs else [])]),
            "collector": each.collector,
            "reads": each.reads,
        }
        for each in found
    ]
    covered = sum(row["covered"] != "no" for row in rows)
    return Listing(
        title=f"What can be run next: {entity}",
        caption=f"{len(rows)} ways to ask, {covered} under an authority that is in force.",
        columns=_COLUMNS,
        rows=rows,
        notes=(_NOTE,),
    )
