"""What of a case a graph is to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from osint.errors import GraphError
from osint.graph.observations import KINDS, RELATIONS
from osint.graph.post_rows import microseconds
from osint.instants import day_bounds

MAX_NODES = 5000
"""How many nodes a graph holds where nothing else is asked; a chart is unreadable long before."""

MAX_EDGES = 20_000
"""How many edges it holds then."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What of a case a graph is to show.

    Attributes:
        kinds: Some of :data:`osint.graph.observations.KINDS`.
        since: First day in UTC, or instant, on which a supporting post was published; undated posts do not count then.
        until: Last such day or instant.
        min_count: How many distinct posts an edge rests on at least. Nodes that keep no edge then are left out.
        around: Keys of nodes: only what lies within ``radius`` edges of one of them, whatever the direction.
        radius: See there.
        max_nodes: How many nodes there may be. Those nearest to ``around`` stay, of these and otherwise those on whose
            edges most posts rest.
        max_edges: How many edges there may be between them: those at a node of ``around`` stay, then those on which
            most posts rest.
    """

    kinds: Sequence[str] = RELATIONS
    since: str | None = None
    until: str | None = None
    min_count: int = 1
    around: Sequence[str] = ()
    radius: int = 1
    max_nodes: int = MAX_NODES
    max_edges: int = MAX_EDGES

    def __post_init__(self) -> None:
        """Refuse a filter that cannot be meant.

        Raises:
            GraphError: A kind is unknown, the period is unreadable, or a number is too small.
        """
        for name in ("kinds", "around"):
            given = getattr(self, name)
            object.__setattr__(self, name, (given,) if isinstance(given, str) else tuple(dict.fromkeys(given)))
        unknown = [kind for kind in self.kinds if kind not in KINDS]
        if unknown:
            raise GraphError(f"unknown relation {', '.join(map(repr, unknown))}; known relations: {', '.join(KINDS)}")
        object.__setattr__(self, "kinds", tuple(kind for kind in KINDS if kind in self.kinds))
        if min(self.min_count, self.radius, self.max_nodes, self.max_edges) < 1:
            raise GraphError("min_count, radius, max_nodes and max_edges are at least 1.")
        self.period()

    def period(self) -> tuple[int | None, int | None]:
        """Return the first microsecond of the period and the last; None where it has no such bound."""
        try:
            since, until = day_bounds(self.since, self.until)
        except ValueError as error:
            raise GraphError(f"The period cannot be read: {error}.") from error
        return (microseconds(since) if since else None), (microseconds(until) if until else None)
