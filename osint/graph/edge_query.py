"""From stored edges to a ``networkx.MultiDiGraph`` for one question, with a word on what it leaves out."""

from __future__ import annotations

# ruff: noqa: S608 - what is put into a query are numbers and names of columns from here; every text is bound
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import networkx as nx

from osint.errors import GraphError
from osint.graph.association import collector_paused
from osint.graph.edge_store import PLACES, EdgeStore, as_text, storable, undated
from osint.graph.observations import KINDS, RELATIONS, extractor
from osint.graph.post_rows import instant, microseconds
from osint.instants import day_bounds

if TYPE_CHECKING:
    import apsw

    from osint.graph.association import Network

MAX_NODES = 5000
"""How many nodes a graph holds where nothing else is asked; a chart is unreadable long before."""


_TEMPORARY = """
DROP TABLE IF EXISTS temp.chosen;
DROP TABLE IF EXISTS temp.matching;
DROP TABLE IF EXISTS temp.kept;
CREATE TEMP TABLE chosen (id INTEGER PRIMARY KEY);
"""
_ADDED_UP = """
CREATE TEMP TABLE matching AS
SELECT src, dst, kind, count(DISTINCT post) AS count, min(published) AS first, max(published) AS last,
       group_concat(DISTINCT shown) AS shown, group_concat(DISTINCT via_shown) AS via_shown,
       max(iif(via IS NULL, label, NULL)) AS label
FROM observations WHERE {which} GROUP BY src, dst, kind;
CREATE INDEX temp.matching_by_edge ON matching (src, dst, kind);
CREATE INDEX temp.matching_by_target ON matching (dst);
"""


_KEPT = """
CREATE TEMP TABLE kept AS
SELECT e.* FROM chosen AS source CROSS JOIN {edges} AS e ON e.src = source.id
WHERE {counts} AND +e.dst IN (SELECT id FROM chosen)
"""


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
    """

    kinds: Sequence[str] = RELATIONS
    since: str | None = None
    until: str | None = None
    min_count: int = 1
    around: Sequence[str] = ()
    radius: int = 1
    max_nodes: int = MAX_NODES

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
        if min(self.min_count, self.radius, self.max_nodes) < 1:
            raise GraphError("min_count, radius and max_nodes are at least 1.")
        self.period()

    def period(self) -> tuple[int | None, int | None]:
        """Return the first microsecond of the period and the last; None where it has no such bound."""
        try:
            since, until = day_bounds(self.since, self.until)
        except ValueError as error:
            raise GraphError(f"The period cannot be read: {error}.") from error
        return (microseconds(since) if since else None), (microseconds(until) if until else None)


def materialise(store: EdgeStore, wanted: Filter | None = None, *, evidence: bool = False) -> Network:
    """Return what a store holds for a filter, as :func:`osint.association_graph` would of the same posts.

    Nodes and edges have the attributes that it gives them, from all posts of the period. In graph attributes,
    ``hidden_nodes`` and ``hidden_edges`` say how many of the same kinds the whole store holds beside these, and
    ``filter`` what was asked. Who is behind an answered post, posts outside the period tell too.

    Args:
        store: The edges of a case.
        wanted: What to show; by default everything of :data:`osint.graph.observations.RELATIONS`, up to 5000 nodes.
        evidence: Give each edge an ``evidence`` attribute too, one mapping for each observation: ``exhibit``,
            ``sha256`` and ledger ``entry``, ``post``, ``pointer`` to it in the exhibit, ``locator`` in its row of the
            posts table, ``extractor``.

    Raises:
        GraphError: The store cannot be read, or holds no node that ``around`` names.
    """
    with store.explained(), collector_paused():
        return _Query(store, wanted or Filter()).network(evidence=evidence)


class _Query:
    def __init__(self, store: EdgeStore, wanted: Filter) -> None:
        self.store, self.wanted = store, wanted
        self.database: apsw.Connection = store.connection
        self.kinds = ",".join(str(KINDS.index(kind)) for kind in wanted.kinds) or "NULL"
        since, until = wanted.period()
        bounds = ((">=", since), ("<=", until))
        self.bounds = [f"published {sign} {bound}" for sign, bound in bounds if bound is not None]
        self.when = self._within("")
        self.edges = "matching" if self.bounds else "edges"

    def network(self, *, evidence: bool) -> Network:
        self.database.execute(_TEMPORARY)
        if self.edges == "matching":
            self.database.execute(_ADDED_UP.format(which=f"kind IN ({self.kinds}) AND {self.when}"))
        chosen = self._chosen()
        self.database.executemany("INSERT INTO chosen VALUES (?)", ((node,) for node in chosen))
        self.database.execute(_KEPT.format(edges=self.edges, counts=self._counts))
        self.shown: dict[int, list[str]] = _Lists(partial(self._rows, "SELECT exhibits FROM shown WHERE id = ?"))
        self.keys = self._keys()
        network: Network = nx.MultiDiGraph()
        network.add_nodes_from(sorted(self._nodes()))
        edges = sorted(self._edges(evidence=evidence), key=lambda edge: edge[:3])
        network.add_edges_from(edges)  # type: ignore[arg-type]
        network.graph.update(self._account(network))
        return network

    def _within(self, table: str) -> str:
        """Return the condition that a row of a table lies in the period."""
        return " AND ".join(f"{table}.{bound}".lstrip(".") for bound in self.bounds) or "1"

    # -- which nodes -------------------------------------------------------------------------------------------------

    def _chosen(self) -> list[int]:
        """Return the nodes to show."""
        if self.wanted.around:
            return self._around()
        strength = dict(self._rows(
            f"SELECT node, sum(count) FROM (SELECT src AS node, count FROM {self.edges} WHERE {self._counts} "
            f"UNION ALL SELECT dst, count FROM {self.edges} WHERE {self._counts} AND dst <> src) GROUP BY node"
        ))  # fmt: skip
        if self.wanted.min_count == 1:
            authors = self._rows(f"SELECT DISTINCT author FROM sights WHERE author NOT NULL AND {self.when}")
            strength |= {node: strength.get(node, 0) for (node,) in authors}
        return self._strongest(strength, self.wanted.max_nodes)

    def _around(self) -> list[int]:
        """Return what lies within the radius, nearest first."""
        near = self._named()
        for _ in range(self.wanted.radius):
            strength = self._neighbours(near)
            room = self.wanted.max_nodes - len(near)
            near += self._strongest(strength, room)
            if not strength or room <= len(strength):
                break
        return near

    def _named(self) -> list[int]:
        found = dict(self._rows(
            "SELECT key, id FROM nodes WHERE key IN (SELECT value FROM json_each(?))", json.dumps(self.wanted.around)
        ))  # fmt: skip
        missing = [key for key in self.wanted.around if storable(key) not in found]
        if missing:
            raise GraphError(f"no post shows {', '.join(missing)}; a node is named by its key, kind:namespace:key.")
        return list(found.values())[: self.wanted.max_nodes]

    def _neighbours(self, near: Collection[int]) -> dict[int, int]:
        """Return the nodes next to these, with the number of posts of the edges that lead there."""
        listed, known = json.dumps(list(near)), set(near)
        found: defaultdict[int, int] = defaultdict(int)
        for this, other in (("src", "dst"), ("dst", "src")):
            for node, count in self._rows(
                f"SELECT {other}, sum(count) FROM {self.edges} WHERE {this} IN (SELECT value FROM json_each(?)) "
                f"AND {self._counts} GROUP BY {other}", listed,
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

    @property
    def _counts(self) -> str:
        return f"kind IN ({self.kinds}) AND count >= {int(self.wanted.min_count)}"

    # -- nodes -------------------------------------------------------------------------------------------------------

    def _keys(self) -> dict[int, str]:
        found = self._rows("SELECT id, key FROM nodes WHERE id IN (SELECT id FROM chosen)")
        return {node: as_text(key) for node, key in found}

    def _nodes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        seen: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
        own = (
            "SELECT author, min(published), max(published), group_concat(DISTINCT shown) "
            f"FROM chosen CROSS JOIN sights ON author = chosen.id WHERE {self.when} GROUP BY author"
        )
        shown_to = (
            "SELECT dst, min(first), max(last), group_concat(DISTINCT shown) "
            f"FROM chosen CROSS JOIN {self.edges} ON dst = chosen.id WHERE kind IN ({self.kinds}) GROUP BY dst"
        )
        for node, *sighting in chain(self._rows(own), self._rows(shown_to)):
            seen[node].append(tuple(sighting))
        labels = self._labels()
        for node, key in self.keys.items():
            kind, platform, rest = key.split(":", 2)
            first = min((each[0] for each in seen[node] if each[0] is not None), default=None)
            last = max((each[1] for each in seen[node] if each[1] is not None), default=None)
            yield (
                key,
                {
                    "kind": kind,
                    "label": labels.get(node, rest),
                    "platform": platform,
                    "first": instant(first),
                    "last": instant(last),
                    "exhibits": self._exhibits(*(each[2] for each in seen[node])),
                },
            )

    def _labels(self) -> dict[int, str]:
        """Return what nodes are called: as their own latest post says, else as the latest post that shows them does."""
        best: dict[int, tuple[bool, int, str]] = {}
        own = (
            "SELECT author, max(coalesce(published, 0)), handle FROM chosen CROSS JOIN sights ON author = chosen.id "
            f"WHERE handle <> '' AND {self.when} GROUP BY author, handle"
        )
        others = (
            f"SELECT dst, max(label) FROM chosen CROSS JOIN {self.edges} ON dst = chosen.id "
            f"WHERE kind IN ({self.kinds}) AND label NOT NULL GROUP BY dst"
        )
        for node, published, handle in self._rows(own):
            rank = True, published or 0, as_text(handle)
            best[node] = max(best.get(node, rank), rank)
        for node, label in self._rows(others):
            best.setdefault(node, (False, *undated(label)))
        return {node: rank[2] for node, rank in best.items()}

    # -- edges -------------------------------------------------------------------------------------------------------

    def _edges(self, *, evidence: bool) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
        posts, via = self._posts("post"), self._posts("via")
        shown = self._evidence() if evidence else {}
        for source, target, number, count, first, last, exhibits, via_exhibits, _ in self._rows("SELECT * FROM kept"):
            edge = source, target, number
            known = {
                "kind": KINDS[number],
                "basis": "observed",
                "count": count,
                "first": instant(first),
                "last": instant(last),
                "posts": sorted(posts[edge]),
                "via": sorted(via.get(edge, ())),
                "exhibits": self._exhibits(exhibits, via_exhibits),
            }
            if evidence:
                known["evidence"] = shown[edge]
            yield self.keys[source], self.keys[target], KINDS[number], known

    def _posts(self, column: str) -> dict[tuple[int, int, int], set[str]]:
        found: defaultdict[tuple[int, int, int], set[str]] = defaultdict(set)
        joined = f"JOIN posts AS p ON p.id = o.{column}"
        for *edge, post in self._of_edges("SELECT DISTINCT o.src, o.dst, o.kind, p.post", joined):
            found[tuple(edge)].add(as_text(post))
        return found

    def _evidence(self) -> dict[tuple[int, int, int], list[dict[str, Any]]]:
        found: defaultdict[tuple[int, int, int], list[dict[str, Any]]] = defaultdict(list)
        read_by = {number: extractor(kind, self.store.search) for number, kind in enumerate(KINDS)}
        what = "SELECT o.src, o.dst, o.kind, p.post, s.exhibit, x.sha256, x.entry, s.pointer, o.locator"
        joined = (
            f"JOIN posts AS p ON p.id = o.post JOIN sights AS s ON s.id = o.id >> {PLACES} "
            "LEFT JOIN exhibits AS x ON x.number = s.exhibit"
        )
        for source, target, kind, post, exhibit, sha256, entry, pointer, locator in self._of_edges(what, joined):
            found[source, target, kind].append(
                {"exhibit": exhibit, "sha256": sha256, "entry": entry, "post": as_text(post),
                 "pointer": as_text(pointer), "locator": locator, "extractor": read_by[kind]}
            )  # fmt: skip
        for each in found.values():
            each.sort(key=lambda one: (one["post"], one["exhibit"] or "", one["locator"]))
        return found

    def _of_edges(self, what: str, joined: str) -> Iterator[Any]:
        return self._rows(
            f"{what} FROM kept CROSS JOIN observations AS o "
            f"ON (o.src, o.dst, o.kind) = (kept.src, kept.dst, kept.kind) {joined} WHERE {self._within('o')}"
        )

    # -- the rest ----------------------------------------------------------------------------------------------------

    def _exhibits(self, *lists: str | None) -> list[str]:
        numbers = {int(number) for each in lists if each for number in set(each.split(","))}
        return sorted({exhibit for number in numbers for exhibit in self.shown[number]})

    def _account(self, network: Network) -> dict[str, Any]:
        counts = dict.fromkeys(self.wanted.kinds, 0)
        for _, _, kind in network.edges(keys=True):
            counts[kind] += 1
        posts, nameless, unnamed = self.store.read(self.when)
        nodes, edges = self.store.totals(self.kinds)
        return {
            "relations": list(self.wanted.kinds),
            "posts": posts,
            "posts_without_author": nameless,
            "mentions_without_account": unnamed if "mention" in self.wanted.kinds else 0,
            "edges_per_relation": counts,
            "hidden_nodes": nodes - network.number_of_nodes(),
            "hidden_edges": edges - network.number_of_edges(),
            "filter": {
                name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self.wanted).items()
            },
        }

    def _rows(self, query: str, *values: Any) -> Iterator[Any]:
        return iter(self.database.execute(query, values))


class _Lists(dict[int, list[str]]):
    """The exhibits of each list, looked up when they are asked for."""

    def __init__(self, look_up: Any) -> None:
        super().__init__()
        self._look_up = look_up

    def __missing__(self, number: int) -> list[str]:
        ((exhibits,),) = self._look_up(number)
        self[number] = json.loads(exhibits)
        return self[number]
