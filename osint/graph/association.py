"""Posts to an association graph: who named, answered, passed on or linked to what, and which exhibits show it.

An edge states only what posts say ("this account mentioned that account"). It is never a membership, a friendship or a
degree of suspicion. One edge stands for all posts that support it, and names them and their exhibits.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx as nx
import pandas as pd

from osint.errors import GraphError
from osint.graph.observations import COLUMNS, RELATIONS, Said, mentions_without_account, said_in
from osint.graph.post_rows import Row, instant, read_rows

if TYPE_CHECKING:
    from typing import TypeAlias

    Network: TypeAlias = "nx.MultiDiGraph[str]"


def association_graph(posts: pd.DataFrame, relations: Sequence[str] = RELATIONS) -> Network:
    """Return the graph of who mentioned, answered, passed on, quoted or linked to what, by the given posts.

    Nodes are ``kind:namespace:key``: accounts (``account:mastodon:jane@social.example``), posts whose author is not
    known (``post:mastodon:17``), web addresses (``url:web:https://news.example/``) and hashtags
    (``hashtag:mastodon:missing``). Every author of a post is a node, tied or not. Node attributes: ``kind``,
    ``label``, ``platform``, ``first`` and ``last`` (instants in UTC of the earliest and latest dated post that shows
    the node, or None) and ``exhibits``.

    There is at most one edge per source, target and relation; the relation is the edge's key. Edge attributes:

    - ``kind``: the relation; ``basis``: ``"observed"``, since the posts themselves say it;
    - ``count`` and ``posts``: the number of distinct supporting posts, and their ids, sorted;
    - ``first``, ``last``: instants in UTC of the earliest and the latest of them, or None;
    - ``via``: ids of posts that do not make the tie but tell whose post was answered, quoted or passed on;
    - ``exhibits``: numbers of every exhibit that shows ``posts`` or ``via``, sorted, never empty.

    A post that answers itself or its own author gives a self-loop. A post of type Announce says only that its author
    passed something on: mentions and links in it belong to the original. Graph attributes count what made no edge:
    ``posts`` read, ``posts_without_author``, ``mentions_without_account``, the ``relations`` asked and
    ``edges_per_relation``. The result does not depend on the order of the rows.

    Args:
        posts: One row per post, as ``case.posts()`` returns it.
        relations: Some of ``mention``, ``reply``, ``announce``, ``quote``, ``link``, ``hashtag``.

    Raises:
        GraphError: A relation is unknown, a column is missing or of the wrong type, or a post names no exhibit.
    """
    asked = _known_relations(relations)
    with collector_paused():
        rows = read_rows(posts, [column for relation in asked for column in COLUMNS[relation]])
        return _Builder(rows).build(asked)


class _Target(NamedTuple):
    """One end of an edge. ``via`` is the post that tells who is behind the post answered or passed on."""

    key: str
    label: str | None = None
    via: Row | None = None


@dataclass(slots=True)
class _Sightings:
    """What the posts that show one node or one edge add up to."""

    posts: set[str] = field(default_factory=set)
    via: set[str] = field(default_factory=set)
    exhibits: set[str] = field(default_factory=set)
    first: int | None = None
    last: int | None = None

    def add(self, row: Row) -> None:
        self.posts.add(row.id)
        self.exhibits |= row.exhibits
        if row.published is not None:
            self.first = row.published if self.first is None else min(self.first, row.published)
            self.last = row.published if self.last is None else max(self.last, row.published)

    def period(self) -> dict[str, datetime | None]:
        return {"first": instant(self.first), "last": instant(self.last)}


class _Builder:
    """Collects sightings of nodes and edges, then writes them in one fixed order."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = sorted(rows, key=Row.order)
        self.by_id = {row.id: row for row in self.rows}
        self.nodes: dict[str, _Sightings] = {}
        self.labels: dict[str, tuple[int, int, str]] = {}
        self.edges: dict[tuple[str, str, str], _Sightings] = {}
        self.mentions_without_account = 0

    def build(self, relations: Sequence[str]) -> Network:
        for row in self.rows:
            if row.author is not None:
                self._see_node(row, _Target(row.author, row.handle))
                for relation in relations:
                    self._see_edges(row, row.author, relation)
        return self._network(relations)

    def _see_edges(self, row: Row, author: str, relation: str) -> None:
        if relation == "mention":
            self.mentions_without_account += mentions_without_account(row)
        for target in map(self._target, said_in(row, relation)):
            self._see_node(row, target)
            edge = self.edges.setdefault((author, target.key, relation), _Sightings())
            edge.add(row)
            if target.via is not None:
                edge.via.add(target.via.id)
                edge.exhibits |= target.via.exhibits

    def _target(self, said: Said) -> _Target:
        """Return the other end: of a post that is only named its author, where another row tells it."""
        original = self.by_id.get(said.names) if said.names else None
        if original is not None and original.author is not None:
            return _Target(original.author, via=original)
        return _Target(said.key, said.label)

    def _see_node(self, row: Row, target: _Target) -> None:
        self.nodes.setdefault(target.key, _Sightings()).add(row)
        if target.label:
            # Its own post says best what an account is called; after that the latest post does.
            rank = (int(target.key == row.author), row.published or 0, target.label)
            self.labels[target.key] = max(self.labels.get(target.key, rank), rank)

    def _network(self, relations: Sequence[str]) -> Network:
        network: Network = nx.MultiDiGraph()
        for key, seen in sorted(self.nodes.items()):
            kind, platform, rest = key.split(":", 2)
            label = self.labels[key][2] if key in self.labels else rest
            network.add_node(
                key, kind=kind, label=label, platform=platform, **seen.period(), exhibits=sorted(seen.exhibits)
            )
        for (source, target, kind), seen in sorted(self.edges.items()):
            network.add_edge(source, target, key=kind, **_edge_attributes(kind, seen))
        network.graph.update(self._account(relations))
        return network

    def _account(self, relations: Sequence[str]) -> dict[str, Any]:
        counts = dict.fromkeys(relations, 0)
        for _, _, kind in self.edges:
            counts[kind] += 1
        return {
            "relations": list(relations),
            "posts": len(self.by_id),
            "posts_without_author": len({row.id for row in self.rows if row.author is None}),
            "mentions_without_account": self.mentions_without_account,
            "edges_per_relation": counts,
        }


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the cyclic garbage collector: it finds nothing while a graph grows, and takes half of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _edge_attributes(kind: str, seen: _Sightings) -> dict[str, Any]:
    return {
        "kind": kind,
        "basis": "observed",
        "count": len(seen.posts),
        **seen.period(),
        "posts": sorted(seen.posts),
        "via": sorted(seen.via),
        "exhibits": sorted(seen.exhibits),
    }


def _known_relations(relations: Sequence[str]) -> list[str]:
    asked = [relations] if isinstance(relations, str) else list(dict.fromkeys(relations))
    unknown = [name for name in asked if name not in RELATIONS]
    if unknown:
        raise GraphError(f"unknown relation {', '.join(map(repr, unknown))}; known relations: {', '.join(RELATIONS)}")
    return [name for name in RELATIONS if name in asked]
