"""From stored edges to a ``networkx.MultiDiGraph`` for one question, with a word on what it leaves out."""

from __future__ import annotations

# ruff: noqa: S608 - what is put into a query are numbers and names of columns from here; every text is bound
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import networkx as nx
import numpy as np

from osint.graph import edge_pack
from osint.graph.association import collector_paused
from osint.graph.edge_choice import Choice
from osint.graph.edge_filter import Filter
from osint.graph.edge_pack import NEVER, NUMBER, UNDATED, Edges, different
from osint.graph.edge_store import OWN, EdgeStore, as_text
from osint.graph.observations import KINDS, extractor
from osint.graph.post_rows import instant

if TYPE_CHECKING:
    from osint.graph.association import Network

Numbers: TypeAlias = "np.ndarray[Any, Any]"

_LOW = (1 << 32) - 1
_KEPT = """
DROP TABLE IF EXISTS temp.kept;
CREATE TEMP TABLE kept (src INTEGER, dst INTEGER, kind INTEGER, PRIMARY KEY (src, dst, kind)) WITHOUT ROWID;
"""


def materialise(store: EdgeStore, wanted: Filter | None = None, *, evidence: bool = False) -> Network:
    """Return what a store holds for a filter, as :func:`osint.association_graph` would of the same posts.

    Nodes and edges have the attributes that it gives them, from all posts of the period. In graph attributes,
    ``hidden_nodes`` and ``hidden_edges`` say how many of the same kinds the whole store holds beside these, and
    ``filter`` what was asked. Who is behind an answered post, posts outside the period tell too.

    Args:
        store: The edges of a case.
        wanted: What to show; by default everything of :data:`osint.graph.observations.RELATIONS`, up to 5000 nodes and
            20,000 edges.
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
        self.choice = Choice(store, wanted)

    def network(self, *, evidence: bool) -> Network:
        network: Network = nx.MultiDiGraph()
        network.add_nodes_from(sorted(self._nodes()))
        edges = sorted(self._edges(evidence=evidence), key=lambda edge: edge[:3])
        network.add_edges_from(edges)  # type: ignore[arg-type]
        network.graph.update(self._account(network))
        return network

    # -- nodes -------------------------------------------------------------------------------------------------------

    def _nodes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        rows = self._rows(
            f"SELECT node, kind, first, last, spelt, labels, shown FROM chosen CROSS JOIN {self.choice.ends} "
            f"ON node = chosen.id WHERE kind IN ({self.choice.kinds}, {OWN})"
        )
        keys, labels = self.choice.keys, self._labels(rows)
        place = {node: number for number, node in enumerate(keys)}
        owner, shown = _flat([place[row[0]] for row in rows], [row[6] for row in rows])
        exhibits = self._exhibits(owner, shown, len(keys))
        first, last = dict.fromkeys(keys, NEVER), dict.fromkeys(keys, UNDATED)
        for node, _, begins, ends, *_ in rows:
            first[node], last[node] = min(first[node], begins), max(last[node], ends)
        for node, key in keys.items():
            kind, platform, rest = key.split(":", 2)
            known = {"kind": kind, "label": labels.get(node, rest), "platform": platform}
            period = {"first": _instant(first[node]), "last": _instant(last[node])}
            yield key, {**known, **period, "exhibits": exhibits[place[node]]}

    def _labels(self, rows: Sequence[Any]) -> dict[int, str]:
        """Return what nodes are called: as their own latest post says, else as the latest post that shows them does."""
        latest: dict[int, tuple[bool, int]] = {}
        for node, kind, *_, spelt, labels, _ in rows:
            if labels:
                latest[node] = max(latest.get(node, (False, UNDATED)), (kind == OWN, spelt))
        held = [(node, labels) for node, kind, *_, spelt, labels, _ in rows if latest.get(node) == (kind == OWN, spelt)]
        owner, numbers = _flat([node for node, _ in held], [labels for _, labels in held])
        texts = self._texts(numbers)
        found: dict[int, str] = {}
        for node, number in zip(owner.tolist(), numbers.tolist(), strict=True):
            found[node] = max(found.get(node, ""), texts[number])
        return found

    # -- edges -------------------------------------------------------------------------------------------------------

    def _edges(self, *, evidence: bool) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
        self.choice.database.execute(_KEPT)
        self.choice.database.executemany("INSERT INTO kept VALUES (?, ?, ?)", self.choice.between().tolist())
        edges = edge_pack.added_up(
            edge_pack.unpacked(
                self._rows(
                    f"SELECT e.src, e.dst, e.kind, e.told FROM kept CROSS JOIN {self.choice.edges} AS e "
                    "ON (e.src, e.dst, e.kind) = (kept.src, kept.dst, kept.kind)"
                )
            )
        )
        if not len(edges.keys):
            return
        owner = np.repeat(np.arange(len(edges.keys)), edges.sizes())
        posts = self._posts(owner, edges.told["post"], len(edges.keys))
        answered = edges.told["via"] > 0
        named = edges.told["via"][answered]
        via = self._posts(owner[answered], named, len(edges.keys))
        shown = dict(self._listed("SELECT id, shown FROM sights WHERE id", np.unique(named)))
        shown_by_via = np.array([shown[each] for each in named.tolist()], dtype=np.int64)
        exhibits = self._exhibits(
            np.concatenate([owner, owner[answered]]),
            np.concatenate([edges.told["shown"], shown_by_via]),
            len(edges.keys),
        )
        observed = self._evidence(edges) if evidence else None
        columns = (*edge_pack.parted(edges.keys), edges.counts(), *edges.period())
        for place, (source, target, kind, count, first, last) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        ):
            known = {
                "kind": KINDS[kind],
                "basis": "observed",
                "count": count,
                "first": _instant(first),
                "last": _instant(last),
                "posts": posts[place],
                "via": via[place],
                "exhibits": exhibits[place],
            }
            if observed is not None:
                known["evidence"] = observed[place]
            yield self.choice.keys[source], self.choice.keys[target], KINDS[kind], known

    def _posts(self, owner: Numbers, rows: Numbers, owners: int) -> list[list[str]]:
        """Return the posts of each owner, from rows of which no two are of one post."""
        numbers, place = np.unique(rows, return_inverse=True)
        posts = dict(self._listed("SELECT id, post FROM sights WHERE id", numbers))
        names = [as_text(posts[each]) for each in numbers.tolist()]
        order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
        rank = np.empty(len(names), dtype=np.int64)
        rank[order] = np.arange(len(names))
        return _grouped(owner, rank[place], np.array(names, dtype=object)[order], owners)

    def _evidence(self, edges: Edges) -> list[list[dict[str, Any]]]:
        read_by = [extractor(kind, self.store.search) for kind in KINDS]
        locators = self._texts(edges.told["locator"])
        where = {
            number: (exhibit, sha256, entry, as_text(post), as_text(pointer))
            for number, exhibit, sha256, entry, post, pointer in self._listed(
                "SELECT id, exhibit, sha256, entry, post, pointer FROM sights "
                "LEFT JOIN exhibits ON number = exhibit WHERE id",
                np.unique(edges.told["sight"]),
            )
        }
        kinds = np.repeat(edge_pack.parted(edges.keys)[2], edges.sizes())
        columns = (edges.told["sight"], edges.told["locator"], kinds)
        told = [
            _one(*where[sight], locator=locators[locator], extractor=read_by[kind])
            for sight, locator, kind in zip(*(column.tolist() for column in columns), strict=True)
        ]
        bounds = [*edges.starts.tolist(), len(told)]
        return [
            sorted(told[start:end], key=lambda one: (one["post"], one["exhibit"] or "", one["locator"]))
            for start, end in pairwise(bounds)
        ]

    # -- the rest ----------------------------------------------------------------------------------------------------

    def _exhibits(self, owner: Numbers, shown: Numbers, owners: int) -> list[list[str]]:
        """Return the exhibits of each owner, from the lists that show it."""
        pairs = different(owner.astype(np.int64) << 32 | shown)
        owner, shown = pairs >> 32, pairs & _LOW
        lists, place = np.unique(shown, return_inverse=True)
        known = {
            number: json.loads(text) for number, text in self._listed("SELECT id, exhibits FROM shown WHERE id", lists)
        }
        numbers = [known[each] for each in lists.tolist()]
        names, rank = np.unique(np.array([one for each in numbers for one in each], object), return_inverse=True)
        sizes = np.array([len(each) for each in numbers], dtype=np.int64)
        starts = np.cumsum(sizes) - sizes
        repeated, of = sizes[place], np.repeat(np.arange(len(place)), sizes[place])
        within = np.arange(len(of)) - np.repeat(np.cumsum(repeated) - repeated, repeated)
        return _grouped(owner[of], rank[starts[place][of] + within], names, owners)

    def _texts(self, numbers: Numbers) -> dict[int, str]:
        found = self._listed("SELECT id, text FROM texts WHERE id", np.unique(numbers))
        return {number: as_text(text) for number, text in found}

    def _account(self, network: Network) -> dict[str, Any]:
        counts = dict.fromkeys(self.wanted.kinds, 0)
        for _, _, kind in network.edges(keys=True):
            counts[kind] += 1
        posts, nameless, unnamed = self.store.read(self.choice.published())
        nodes, edges = self.store.totals(self.choice.kinds)
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

    def _listed(self, query: str, numbers: Numbers) -> Iterable[Any]:
        """Return the rows of a query that ends with the column that is to be one of these numbers."""
        return self.choice.database.execute(
            f"{query} IN (SELECT value FROM json_each(?))", (json.dumps(numbers.tolist()),)
        )

    def _rows(self, query: str) -> Sequence[Any]:
        return self.choice.database.execute(query).fetchall()


def _one(exhibit: str, sha256: str, entry: int, post: str, pointer: str, **known: str) -> dict[str, Any]:
    return {"exhibit": exhibit, "sha256": sha256, "entry": entry, "post": post, "pointer": pointer, **known}


def _grouped(owner: Numbers, rank: Numbers, names: Numbers, owners: int) -> list[list[str]]:
    """Return for each owner the names of the given ranks, each once, in order."""
    pairs = different(owner.astype(np.int64) << 32 | rank)
    listed = names[pairs & _LOW].tolist()
    bounds = np.searchsorted(pairs >> 32, np.arange(owners + 1)).tolist()
    return [listed[start:end] for start, end in pairwise(bounds)]


def _flat(owners: Sequence[int], packed: Sequence[bytes]) -> tuple[Numbers, Numbers]:
    """Return packed numbers one after the other, and beside each whose it is."""
    sizes = [len(each) // NUMBER.itemsize for each in packed]
    return np.repeat(np.array(owners, dtype=np.int64), sizes), np.frombuffer(b"".join(packed), dtype=NUMBER)


def _instant(microseconds: int) -> Any:
    return None if microseconds in (NEVER, UNDATED) else instant(microseconds)
