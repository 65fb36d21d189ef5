"""Which nodes and edges of the store a filter leaves."""

from __future__ import annotations

# ruff: noqa: S608 - what is put into a query are numbers and names of columns from here; every text is bound
import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from osint.errors import GraphError
from osint.graph import edge_pack
from osint.graph.edge_store import OWN, EdgeStore, as_text, batches, storable
from osint.graph.observations import KINDS

if TYPE_CHECKING:
    from osint.graph.edge_filter import Filter

_CHOSEN = "DROP TABLE IF EXISTS temp.chosen; CREATE TEMP TABLE chosen (id INTEGER PRIMARY KEY);"
_MATCHING = """
DROP TABLE IF EXISTS temp.matching;
CREATE TEMP TABLE matching (
    src INTEGER, dst INTEGER, kind INTEGER, count INTEGER, first INTEGER, last INTEGER, told BLOB,
    PRIMARY KEY (dst, src, kind)
) WITHOUT ROWID;
DROP TABLE IF EXISTS temp.matching_ends;
CREATE TEMP TABLE matching_ends (
    node INTEGER, kind INTEGER, part INTEGER, first INTEGER, last INTEGER, spelt INTEGER, labels BLOB, shown BLOB,
    PRIMARY KEY (node, kind, part)
) WITHOUT ROWID;
"""
_BY_SOURCE = "CREATE INDEX temp.matching_by_source ON matching (src, kind, count)"


class Choice:
    """The nodes that a filter leaves, in ``temp.chosen``, and the tables that hold edges and their ends."""

    def __init__(self, store: EdgeStore, wanted: Filter) -> None:
        """Choose them.

        Raises:
            GraphError: The store holds no node that ``around`` names.
        """
        self.store, self.database, self.wanted = store, store.connection, wanted
        self.since, self.until = wanted.period()
        self.kinds = ",".join(str(KINDS.index(kind)) for kind in wanted.kinds) or "NULL"
        self.counts = f"kind IN ({self.kinds}) AND count >= {int(wanted.min_count)}"
        self.edges, self.ends = "edges", "ends"
        if self.since is not None or self.until is not None:
            self._keep_period()
        nodes = self._around() if wanted.around else self._everywhere()
        self.database.execute(_CHOSEN)
        self.database.executemany("INSERT INTO chosen VALUES (?)", ((node,) for node in nodes))
        self.keys = {node: as_text(key) for node, key in self._rows("SELECT id, key FROM nodes JOIN chosen USING (id)")}

    def between(self) -> np.ndarray[Any, Any]:
        """Return source, target and kind of the edges between the nodes, a row each: of too many the strongest."""
        found = self._rows(
            f"SELECT e.src, e.dst, e.kind, e.count FROM chosen CROSS JOIN {self.edges} AS e ON e.src = chosen.id "
            f"WHERE {self.counts} AND +e.dst IN (SELECT id FROM chosen)"
        )
        edges = np.array(list(found), dtype=np.int64).reshape(-1, 4)
        if len(edges) > self.wanted.max_edges:
            edges = edges[self._order(edges)[: self.wanted.max_edges]]
        return edges[:, :3]

    def _order(self, edges: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return edges in the order in which they stay; among equals by key, whatever numbers the store gave them."""
        nodes = np.array(sorted(self.keys, key=self.keys.__getitem__))
        place = np.empty(nodes.max() + 1, dtype=np.int64)
        place[nodes] = np.arange(len(nodes))
        named = (
            np.isin(edges[:, :2], list(self._named())).any(axis=1)
            if self.wanted.around
            else np.zeros(len(edges), dtype=bool)
        )
        return np.lexsort((edges[:, 2], place[edges[:, 1]], place[edges[:, 0]], -edges[:, 3], ~named))

    # -- the period --------------------------------------------------------------------------------------------------

    def within(self, published: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Say of each instant whether it lies in the period; what is undated lies in none that has a bound."""
        inside = np.ones(len(published), dtype=bool)
        if self.since is not None:
            inside &= published >= self.since
        if self.until is not None:
            inside &= (published <= self.until) & (published != edge_pack.UNDATED)
        return inside

    def published(self) -> str:
        """Return the condition that a row of a table lies in the period."""
        bounds = ((">=", self.since), ("<=", self.until))
        dated = [f"published {sign} {bound}" for sign, bound in bounds if bound is not None]
        return " AND ".join([*dated, f"published <> {edge_pack.UNDATED}"]) if dated else "1"

    def _keep_period(self) -> None:
        """Add up again what lies in the period, from the edges that reach into it."""
        self.database.execute(_MATCHING)
        reach = [f"last >= {self.since}"] * (self.since is not None) + [f"first <= {self.until}"] * (
            self.until is not None
        )
        found = self.database.execute(
            f"SELECT src, dst, kind, told FROM edges WHERE kind IN ({self.kinds}, {OWN}) AND {' AND '.join(reach)}"
        )
        for part, rows in enumerate(batches(found)):
            keyed = edge_pack.unpacked(rows)
            edges = edge_pack.added_up(keyed[self.within(keyed["told"]["published"])])
            self.database.executemany("INSERT INTO matching VALUES (?, ?, ?, ?, ?, ?, ?)", edges.rows())
            self.store.keep_ends("matching_ends", part, edges)
        self.database.execute(_BY_SOURCE)
        self.edges, self.ends = "matching", "matching_ends"

    # -- which nodes -------------------------------------------------------------------------------------------------

    def _everywhere(self) -> list[int]:
        strength: defaultdict[int, int] = defaultdict(int)
        for end in ("src", "dst"):
            for node, count in self._rows(
                f"SELECT {end}, sum(count) FROM {self.edges} WHERE {self.counts} "
                f"AND {'1' if end == 'src' else 'dst <> src'} GROUP BY {end}"
            ):
                strength[node] += count
        if self.wanted.min_count == 1:
            for (node,) in self._rows(f"SELECT dst FROM {self.edges} WHERE kind = {OWN}"):
                strength[node] += 0
        return self._strongest(strength, self.wanted.max_nodes)

    def _around(self) -> list[int]:
        """Return what lies within the radius, nearest first."""
        near = list(self._named())[: self.wanted.max_nodes]
        for _ in range(self.wanted.radius):
            strength = self._neighbours(near)
            room = self.wanted.max_nodes - len(near)
            near += self._strongest(strength, room)
            if not strength or room <= len(strength):
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

    def _neighbours(self, near: Collection[int]) -> dict[int, int]:
        """Return the nodes next to these, with the number of posts of the edges that lead there."""
        listed, known = json.dumps(list(near)), set(near)
        found: defaultdict[int, int] = defaultdict(int)
        for this, other in (("src", "dst"), ("dst", "src")):
            for node, count in self._rows(
                f"SELECT {other}, sum(count) FROM {self.edges} WHERE {this} IN (SELECT value FROM json_each(?)) "
                f"AND {self.counts} GROUP BY {other}", listed,
            ):  # fmt: skip
                found[node] += count
        return {node: count for node, count in found.items() if node not in known}

    def _strongest(self, strength: dict[int, int], room: int) -> list[int]:
        """Return the nodes with most posts; among equals the first by key, whatever numbers the store gave them."""
        if len(strength) <= room:
            return list(strength)
        ranked = sorted(strength.values(), reverse=True)
        bound = ranked[room - 1] if room > 0 else ranked[0] + 1
        kept = [node for node, count in strength.items() if count > bound]
        tied = json.dumps([node for node, count in strength.items() if count == bound])
        keys = self._rows("SELECT key, id FROM nodes WHERE id IN (SELECT value FROM json_each(?))", tied)
        return kept + [node for _, node in sorted((as_text(key), node) for key, node in keys)][: room - len(kept)]

    def _rows(self, query: str, *values: Any) -> Iterator[Any]:
        return iter(self.database.execute(query, values))
