"""What is known of each node: when and by which exhibits it was seen, and what it is called.

The observations of a node say it all, and those of a hub are many. So the store keeps it beside them, of the kinds that
are asked for most, and makes it from them for any other question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import apsw
import numpy as np

from osint.graph import edge_blocks, edge_pack
from osint.graph.edge_pack import OWN, Edges
from osint.graph.edge_texts import Numbers
from osint.graph.observations import KINDS, RELATIONS
from osint.graph.post_rows import UNDATED

SCHEMA = """
CREATE TABLE seen (
    id INTEGER PRIMARY KEY, low INTEGER NOT NULL, high INTEGER NOT NULL, held BLOB NOT NULL, shown BLOB NOT NULL,
    labels BLOB NOT NULL
) STRICT;
CREATE INDEX seen_bounds ON seen (low, high);
"""

STORED_KINDS = frozenset(KINDS.index(kind) for kind in RELATIONS)
"""The numbers of the kinds of edges from which the store keeps what is known of the nodes that they lead to."""

_ROW = np.dtype(
    [("node", "<u4"), ("first", "<i8"), ("last", "<i8"), ("when", "<i8"), ("shown", "<u4"), ("labels", "<u4")]
)
_NUMBER = np.dtype("<u4")
_LOW = (1 << 32) - 1
_OWN_FIRST = 1 << 62


class Seen(NamedTuple):
    """Nodes, in order.

    Attributes:
        rows: Of each its number, its first and last instant, when a post spelt it last, and how many lists of exhibits
            show it and how many labels it has.
        shown: The lists of exhibits of all of them, in a row.
        labels: How that last post spells each; there are more where posts of one instant do.
    """

    rows: Numbers
    shown: Numbers
    labels: Numbers

    @classmethod
    def by(cls, edges: Edges, kinds: Collection[int]) -> Seen:
        """Return what observations of some kinds say of the nodes that they lead to; its own post spells one last."""
        _, target, kind = edge_pack.parted(edges.keys)
        wanted = np.flatnonzero(np.isin(kind, [*kinds]))
        new = np.diff(target[wanted], prepend=-1) > 0
        starts = np.flatnonzero(new)
        rows = np.zeros(len(starts), dtype=_ROW)
        if not len(rows):
            return cls(rows, np.empty(0, _NUMBER), np.empty(0, _NUMBER))
        first, last = edges.period()
        rows["node"] = target[wanted[starts]]
        rows["first"] = np.minimum.reduceat(first[wanted], starts)
        rows["last"] = np.maximum.reduceat(last[wanted], starts)
        place = np.full(len(edges.keys), -1)
        place[wanted] = np.cumsum(new) - 1
        owner = np.repeat(place, edges.sizes())
        is_own = np.repeat(kind == OWN, edges.sizes())
        shown = _each_once(rows["shown"], owner, edges.told["shown"], owner >= 0)
        return cls(rows, shown, _last_labels(rows, owner, edges.told, is_own))

    def of(self, nodes: Numbers) -> Seen:
        """Return what is known of some nodes, which are in order."""
        wanted = edge_pack.among(self.rows["node"], nodes)
        columns = (getattr(self, name)[np.repeat(wanted, self.rows[name])] for name in ("shown", "labels"))
        return Seen(self.rows[wanted], *columns)


def _last_labels(rows: Numbers, owner: Numbers, told: Numbers, is_own: Numbers) -> Numbers:
    """Return how the last post that spells each node does, and say in ``rows`` when that was and how many do."""
    spelt = np.flatnonzero((told["label"] > 0) & (told["via"] == 0) & (owner >= 0))
    of, published = owner[spelt], told["published"][spelt]
    when = np.where(published == UNDATED, 0, published)  # an undated post spells as of 1970
    when += _OWN_FIRST * is_own[spelt]
    latest = np.full(len(rows), UNDATED)
    np.maximum.at(latest, of, when)
    rows["when"] = latest
    return _each_once(rows["labels"], of, told["label"][spelt], when == latest[of])


def _each_once(counts: Numbers, owner: Numbers, numbers: Numbers, wanted: Numbers) -> Numbers:
    """Return the numbers of each owner once, in a row, and write down how many each has."""
    said = np.sort(owner[wanted] << 32 | numbers[wanted], kind="stable")  # they mostly are in order
    said = said[np.concatenate([[True], said[1:] != said[:-1]])[: len(said)]]
    counts[:] = np.bincount(said >> 32, minlength=len(counts))
    listed: Numbers = (said & _LOW).astype(_NUMBER)
    return listed


def keep_seen(database: apsw.Connection, edges: Edges) -> None:
    """Write what observations of the kinds that are asked for most say of nodes."""
    rows, shown, labels = Seen.by(edges, [*STORED_KINDS, OWN])
    ends = [np.concatenate([[0], np.cumsum(rows[name], dtype=np.int64)]) for name in ("shown", "labels")]
    nodes = edge_pack.ends_at(rows["node"])[0]
    edge_blocks.keep_ranges(
        database,
        "seen",
        (
            (nodes[first], nodes[end - 1], rows[first:end], *(
                column[each[first] : each[end]] for column, each in zip((shown, labels), ends, strict=True)
            ))
            for first, end in edge_blocks.cut(ends[0][:-1])
        ),
    )  # fmt: skip


def stored_seen(database: apsw.Connection, nodes: Numbers) -> Iterator[Seen]:
    """Yield what is known of some nodes, which are in order; of one there may be several parts."""
    for blocks in edge_blocks.fetched(database, "seen", "held, shown, labels", edge_pack.ends_at(nodes)):
        held, shown, labels = (b"".join(column) for column in zip(*blocks, strict=True))
        yield Seen(np.frombuffer(held, _ROW), np.frombuffer(shown, _NUMBER), np.frombuffer(labels, _NUMBER)).of(nodes)
