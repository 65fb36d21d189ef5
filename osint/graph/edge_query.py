"""From stored edges to a ``networkx.MultiDiGraph`` for one question, with a word on what it leaves out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd

from osint.graph import edge_pack
from osint.graph.association import collector_paused
from osint.graph.edge_blocks import Numbers, rows_of, texts_of
from osint.graph.edge_choice import Choice
from osint.graph.edge_filter import Filter
from osint.graph.edge_pack import AS_KEY, NEVER, Edges
from osint.graph.edge_seen import Seen
from osint.graph.edge_shown import stored_shown
from osint.graph.edge_store import EdgeStore
from osint.graph.edge_texts import as_text
from osint.graph.observations import KINDS, extractor
from osint.graph.post_rows import UNDATED

if TYPE_CHECKING:
    from osint.graph.association import Network

_LOW = (1 << 32) - 1
_SPELT = np.dtype([("owner", "<i8"), ("when", "<i8"), ("label", "<u4")])


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
        self.shown = stored_shown(store.connection)

    def network(self, *, evidence: bool) -> Network:
        known = _Known(self.choice.nodes)
        for seen in self.choice.seen():
            known.add(seen)
        network: Network = nx.MultiDiGraph()
        network.add_nodes_from(sorted(self._nodes(known)))
        edges = edge_pack.joined(self.choice.observed(self.choice.between()))
        found = self._edges(edges, evidence=evidence)
        network.add_edges_from(sorted(found, key=lambda edge: edge[:3]))  # type: ignore[arg-type]
        network.graph.update(self._account(network))
        return network

    # -- nodes -------------------------------------------------------------------------------------------------------

    def _nodes(self, seen: _Known) -> Iterator[tuple[str, dict[str, Any]]]:
        labels = self._labels(seen)
        shown = np.concatenate(seen.shown)
        exhibits = self._exhibits(shown >> 32, shown & _LOW, len(seen.nodes))
        rows = zip(self.choice.keys.values(), _instants(seen.first), _instants(seen.last), exhibits, strict=True)
        for place, (key, first, last, listed) in enumerate(rows):
            kind, platform, rest = key.split(":", 2)
            known = {"kind": kind, "label": labels.get(place, rest), "platform": platform}
            yield key, {**known, "first": first, "last": last, "exhibits": listed}

    def _labels(self, seen: _Known) -> dict[int, str]:
        """Return what nodes are called: as their own latest post says, else as the latest post that shows them does."""
        spelt = np.concatenate(seen.spelt)
        owner, label = spelt["owner"], spelt["label"]
        latest = spelt["when"] == seen.latest[owner]
        texts = self._texts(label[latest])
        ends = [key.split(":", 2)[2] for key in self.choice.keys.values()]
        found: dict[int, str] = {}
        for node, number in zip(owner[latest].tolist(), label[latest].tolist(), strict=True):
            found[node] = max(found.get(node, ""), ends[node] if number == AS_KEY else texts[number])
        return found

    # -- edges -------------------------------------------------------------------------------------------------------

    def _edges(self, edges: Edges, *, evidence: bool) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
        told, owners = edges.told, len(edges.keys)
        if not owners:
            return
        owner = np.repeat(np.arange(owners), edges.sizes())
        answered = told["via"] > 0
        named, via = _placed(told["via"][answered])
        rows, [names] = rows_of(self.choice.database, named), texts_of(self.choice.database, named, "post")
        exhibits = self._exhibits(
            np.concatenate([owner, owner[answered]]), np.concatenate([told["shown"], rows["shown"][via]]), owners
        )
        listed_via = [*map(sorted, _grouped(owner[answered], via, names, owners))]
        posts = self._posts(edges)
        observed = self._evidence(edges) if evidence else None
        held = edges.summary()
        numbers = (column.tolist() for column in (*edge_pack.parted(edges.keys), held["count"]))
        period = (_instants(held[name]) for name in ("first", "last"))
        for place, (source, target, kind, count, first, last) in enumerate(zip(*numbers, *period, strict=True)):
            known = {
                "kind": KINDS[kind],
                "basis": "observed",
                "count": count,
                "first": first,
                "last": last,
                "posts": posts[place],
                "via": listed_via[place],
                "exhibits": exhibits[place],
            }
            if observed is not None:
                known["evidence"] = observed[place]
            yield self.choice.keys[source], self.choice.keys[target], KINDS[kind], known

    def _posts(self, edges: Edges) -> list[list[str]]:
        """Return the posts of each edge."""
        numbers, place = _placed(edges.told["post"])
        [names] = texts_of(self.choice.database, numbers, "post")
        owner = np.repeat(np.arange(len(edges.keys)), edges.sizes())
        return [*map(sorted, _grouped(owner, place, names, len(edges.keys)))]

    def _evidence(self, edges: Edges) -> list[list[dict[str, Any]]]:
        read_by = [extractor(kind, self.store.search) for kind in KINDS]
        locators = self._texts(edges.told["locator"])
        exhibits = {number: known for number, *known in self.choice.database.execute("SELECT * FROM exhibits")}
        sights, places = _placed(edges.told["sight"])
        columns = texts_of(self.choice.database, sights, "exhibit", "post", "pointer")
        where = [
            (exhibit, *exhibits.get(exhibit, (None, None)), post, pointer)
            for exhibit, post, pointer in zip(*columns, strict=True)
        ]
        kinds = np.repeat(edge_pack.parted(edges.keys)[2], edges.sizes())
        told = [
            _one(*where[place], locator=locators[locator], extractor=read_by[kind])
            for place, locator, kind in zip(
                *(column.tolist() for column in (places, edges.told["locator"], kinds)), strict=True
            )
        ]
        bounds = [*edges.starts.tolist(), len(told)]
        return [
            sorted(told[start:end], key=lambda one: (one["post"], one["exhibit"] or "", one["locator"]))
            for start, end in pairwise(bounds)
        ]

    # -- the rest ----------------------------------------------------------------------------------------------------

    def _exhibits(self, owner: Numbers, shown: Numbers, owners: int) -> list[list[str]]:
        """Return the exhibits of each owner, from the lists that show it."""
        places, sizes = self.shown.of(shown)
        return _grouped(np.repeat(owner, sizes), places, self.shown.names, owners)

    def _texts(self, numbers: Numbers) -> dict[int, str]:
        query = "SELECT id, text FROM texts WHERE id IN (SELECT value FROM json_each(?))"
        found = self.choice.database.execute(query, (json.dumps(np.unique(numbers).tolist()),))
        return {number: as_text(text) for number, text in found}

    def _account(self, network: Network) -> dict[str, Any]:
        counts = dict.fromkeys(self.wanted.kinds, 0)
        for _, _, kind in network.edges(keys=True):
            counts[kind] += 1
        posts, nameless, unnamed = self.store.read(self.choice.since, self.choice.until)
        nodes, edges = self.store.totals(self.choice.kinds)
        return {
            "relations": list(self.wanted.kinds),
            "posts": posts,
            "posts_without_author": nameless,
            "mentions_without_account": unnamed if "mention" in self.wanted.kinds else 0,
            "edges_per_relation": counts,
            "hidden_nodes": nodes - network.number_of_nodes(),
            "hidden_edges": edges - sum(counts.values()),
            "filter": {
                name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self.wanted).items()
            },
        }


class _Known:
    """What is known of the nodes of a graph, put together from its parts."""

    def __init__(self, nodes: Numbers) -> None:
        self.nodes = nodes
        self.first, self.last = np.full(len(nodes), NEVER), np.full(len(nodes), UNDATED)
        self.latest = np.full(len(nodes), UNDATED)
        self.shown, self.spelt = [np.empty(0, np.int64)], [np.empty(0, _SPELT)]

    def add(self, seen: Seen) -> None:
        """Take what is known of some of the nodes."""
        rows = seen.rows
        place = np.searchsorted(self.nodes, rows["node"])
        np.minimum.at(self.first, place, rows["first"])  # there may be several rows of a node
        np.maximum.at(self.last, place, rows["last"])
        np.maximum.at(self.latest, place, rows["when"])
        self.shown.append(np.repeat(place, rows["shown"]) << 32 | seen.shown)
        spelt = np.empty(len(seen.labels), dtype=_SPELT)
        spelt["owner"], spelt["when"] = (np.repeat(each, rows["labels"]) for each in (place, rows["when"]))
        spelt["label"] = seen.labels
        self.spelt.append(spelt)


def _one(exhibit: str, sha256: str, entry: int, post: str, pointer: str, **known: str) -> dict[str, Any]:
    return {"exhibit": exhibit, "sha256": sha256, "entry": entry, "post": post, "pointer": pointer, **known}


def _placed(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """Return each number once, in order, and which of them each is; to sort them would take much longer."""
    is_there = np.zeros(numbers.max(initial=0) + 1, dtype=bool)
    is_there[numbers] = True
    place = np.cumsum(is_there, dtype=np.int32) - 1
    return np.flatnonzero(is_there), place[numbers]


def _grouped(owner: Numbers, place: Numbers, names: Numbers, owners: int) -> list[list[str]]:
    """Return for each owner the names at the given places, each once, in the order of places."""
    pairs = np.sort(owner.astype(np.int64) << 32 | place, kind="stable")  # they mostly are in order
    pairs = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])[: len(pairs)]]
    listed = names[pairs & _LOW].tolist()
    bounds = np.searchsorted(pairs >> 32, np.arange(owners + 1)).tolist()
    return [listed[start:end] for start, end in pairwise(bounds)]


def _instants(microseconds: Numbers) -> list[datetime | None]:
    """Return instants in UTC, as :func:`osint.graph.post_rows.instant` does one; none for none."""
    is_none = (microseconds == NEVER) | (microseconds == UNDATED)
    moments = pd.DatetimeIndex(np.where(is_none, 0, microseconds).view("datetime64[us]"), tz="UTC").to_pydatetime()
    moments[is_none] = None
    listed: list[datetime | None] = moments.tolist()
    return listed
