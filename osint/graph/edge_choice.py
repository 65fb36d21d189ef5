"""Which nodes and edges of the store a filter leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from osint.errors import GraphError
from osint.graph import edge_pack
from osint.graph.edge_blocks import Numbers, stored_edges, summaries, targets_of
from osint.graph.edge_pack import OWN, SUMMARY, Edges
from osint.graph.edge_seen import STORED_KINDS, Seen, stored_seen
from osint.graph.edge_store import EdgeStore
from osint.graph.edge_texts import as_text, storable
from osint.graph.observations import KINDS

if TYPE_CHECKING:
    from osint.graph.edge_filter import Filter


class Choice:
    """The nodes that a filter leaves.

    Attributes:
        nodes: Their numbers, in order.
        chosen: Of every node whether it is one of them.
        keys: Their keys, by number.
        kinds: The numbers of the kinds of edges that were asked for.
    """

    def __init__(self, store: EdgeStore, wanted: Filter) -> None:
        """Choose them.

        Raises:
            GraphError: The store holds no node that ``around`` names.
        """
        self.store, self.database, self.wanted = store, store.connection, wanted
        self.since, self.until = wanted.period()
        self.kinds = [KINDS.index(kind) for kind in wanted.kinds]
        self.named = self._named()
        self.nodes = np.array(sorted(self._around() if wanted.around else self._everywhere()), dtype=np.int64)
        self.keys = self._keys(self.nodes)
        self.chosen = self._nothing(bool)
        self.chosen[self.nodes] = True

    def between(self) -> Numbers:
        """Return the keys of the edges between the nodes, in order: of too many the strongest."""
        held = [np.empty(0, dtype=SUMMARY)]
        for part in self._summaries(self.nodes):
            source, target, _ = edge_pack.parted(part["key"])
            held.append(part[self.chosen[source] & self.chosen[target]])
        edges = np.concatenate(held)
        if len(edges) > self.wanted.max_edges:
            edges = edges[np.sort(self._order(edges)[: self.wanted.max_edges])]
        return edges["key"]

    def observed(self, keys: Numbers) -> Iterator[Edges]:
        """Yield edges by their keys, which are in order, with the observations of the period."""
        ends = edge_pack.ends(keys)
        for edges in stored_edges(self.database, (ends, ends)):
            wanted = np.repeat(edge_pack.among(edges.keys, keys), edges.sizes())
            yield edges.only(wanted & self._in_period(edges))

    def seen(self) -> Iterator[Seen]:
        """Yield what is known of the nodes, from edges of the kinds to them, and what is their own, in the period."""
        if self.since is self.until is None and {*self.kinds} == STORED_KINDS:
            yield from stored_seen(self.database, self.nodes)
            return
        for edges in stored_edges(self.database, edge_pack.ends_at(self.nodes)):
            yield Seen.by(edges.only(self._in_period(edges)), [*self.kinds, OWN]).of(self.nodes)

    def _in_period(self, edges: Edges) -> Numbers:
        return edge_pack.within(edges.told["published"], self.since, self.until)

    def _order(self, edges: Numbers) -> Numbers:
        """Return edges in the order in which they stay; among equals by key, whatever numbers the store gave them."""
        place = np.empty(len(self.nodes), dtype=np.int64)
        place[sorted(range(len(self.nodes)), key=[*self.keys.values()].__getitem__)] = np.arange(len(self.nodes))
        source, target, kind = edge_pack.parted(edges["key"])
        first, second = (place[np.searchsorted(self.nodes, ends)] for ends in (source, target))
        near = np.isin(source, self.named) | np.isin(target, self.named)
        return np.lexsort((kind, second, first, -edges["count"].astype(np.int64), ~near))

    # -- which nodes -------------------------------------------------------------------------------------------------

    def _summaries(self, targets: Numbers | None = None, kinds: Sequence[int] = ()) -> Iterator[Numbers]:
        """Yield what is known of edges of the period that are strong enough, and of the kinds that were asked for."""
        asked = np.array([*self.kinds, *kinds])
        for held in self._within(targets):
            kind = edge_pack.parted(held["key"])[2]
            yield held[np.isin(kind, asked) & (held["count"] >= self.wanted.min_count)]

    def _within(self, targets: Numbers | None) -> Iterator[Numbers]:
        if self.since is None and self.until is None:
            yield from summaries(self.database, targets)
            return
        ranges = None if targets is None else edge_pack.ends_at(targets)
        for edges in stored_edges(self.database, ranges):  # added up again from what lies in the period
            yield edges.only(self._in_period(edges)).summary()

    def _everywhere(self) -> list[int]:
        strength, seen = self._nothing(np.int64), self._nothing(bool)
        for held in self._summaries(kinds=[OWN] if self.wanted.min_count == 1 else []):
            source, target, kind = edge_pack.parted(held["key"])
            seen[source] = seen[target] = True
            is_edge = kind != OWN
            np.add.at(strength, source[is_edge], held["count"][is_edge])
            is_edge &= source != target
            np.add.at(strength, target[is_edge], held["count"][is_edge])
        return self._strongest(strength, np.flatnonzero(seen), self.wanted.max_nodes)

    def _around(self) -> list[int]:
        """Return what lies within the radius, nearest first."""
        near = self.named[: self.wanted.max_nodes]
        for _ in range(self.wanted.radius):
            strength, found = self._neighbours(np.array(sorted(near)))
            room = self.wanted.max_nodes - len(near)
            near = near + self._strongest(strength, found, room)
            if not len(found) or room <= len(found):
                break
        return near

    def _named(self) -> list[int]:
        found = {
            as_text(key): node
            for key, node in self.database.executemany(
                "SELECT key, id FROM nodes WHERE key = ?", ((storable(key),) for key in self.wanted.around)
            )
        }
        missing = [key for key in self.wanted.around if key not in found]
        if missing:
            raise GraphError(f"no post shows {', '.join(missing)}; a node is named by its key, kind:namespace:key.")
        return list(found.values())

    def _neighbours(self, near: Numbers) -> tuple[Numbers, Numbers]:
        """Return how strong the edges between some nodes and each other one are, and to which there are any."""
        strength, is_near = self._nothing(np.int64), self._nothing(bool)
        is_near[near] = True
        for held in self._summaries(edge_pack.different(np.concatenate([targets_of(self.database, near), near]))):
            source, target, _ = edge_pack.parted(held["key"])
            for this, other in ((source, target), (target, source)):
                led = is_near[this]
                np.add.at(strength, other[led], held["count"][led])
        strength[near] = 0
        return strength, np.flatnonzero(strength)

    def _strongest(self, strength: Numbers, found: Numbers, room: int) -> list[int]:
        """Return the nodes with most posts; among equals the first by key, whatever numbers the store gave them."""
        if len(found) <= room:
            listed: list[int] = found.tolist()
            return listed
        counts = strength[found]
        bound = np.sort(counts)[-room] if room > 0 else counts.max() + 1
        kept: list[int] = found[counts > bound].tolist()
        tied = self._keys(found[counts == bound])
        return kept + sorted(tied, key=tied.__getitem__)[: room - len(kept)]

    def _nothing(self, dtype: Any) -> Numbers:
        return np.zeros(self.store.most_nodes() + 1, dtype=dtype)

    def _keys(self, nodes: Numbers) -> dict[int, str]:
        query = "SELECT id, key FROM nodes WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
        return {node: as_text(key) for node, key in self.database.execute(query, (json.dumps(nodes.tolist()),))}
