"""Posts, answers and edges of the store as blocks: some thousand rows in each, and a column the bytes of one array.

A row of the database for each post and each edge would take most of the time that there is.
"""

from __future__ import annotations

# ruff: noqa: S608 - what is put into a query are names of tables and columns from here
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import Any, NamedTuple, TypeAlias

import apsw
import numpy as np

from osint.graph import edge_pack
from osint.graph.edge_pack import OBSERVATION, SUMMARY, Edges
from osint.graph.edge_texts import Texts

Numbers: TypeAlias = "np.ndarray[Any, Any]"

Ranges: TypeAlias = tuple[Numbers, Numbers]
"""First and last of what is asked for, as :func:`osint.graph.edge_pack.ends` says them."""

SIGHT = np.dtype(
    [("name", "<u8"), ("fingerprint", "<u8"), ("published", "<i8"), ("post", "<u4"), ("author", "<u4"),
     ("shown", "<u4"), ("unnamed", "<u4"), ("head", "?")]
)  # fmt: skip
"""A row of the posts table: keyed numbers of the post's id and of all that is read of it, microseconds since 1970, the
first row of the same post (0: it was taken out), author, list of exhibits, mentions without account, and whether it is
the last row of its post."""

ANSWER = np.dtype(
    [("name", "<u8"), ("published", "<i8"), ("sight", "<u4"), ("locator", "<u4"), ("post", "<u4"), ("shown", "<u4"),
     ("src", "<u4"), ("kind", "<u4")]
)  # fmt: skip
"""An observation whose other end is a post that it only names; ``name`` is the number of that post's id."""

SCHEMA = """
CREATE TABLE sights (
    id INTEGER PRIMARY KEY, held BLOB NOT NULL, post BLOB NOT NULL, exhibit BLOB NOT NULL, pointer BLOB NOT NULL
) STRICT;
CREATE TABLE answers (id INTEGER PRIMARY KEY, held BLOB NOT NULL, name BLOB NOT NULL, key BLOB NOT NULL) STRICT;
CREATE TABLE edges (
    id INTEGER PRIMARY KEY, low INTEGER NOT NULL, high INTEGER NOT NULL, held BLOB NOT NULL, told BLOB NOT NULL
) STRICT;
CREATE TABLE sources (id INTEGER PRIMARY KEY, low INTEGER NOT NULL, high INTEGER NOT NULL, held BLOB NOT NULL) STRICT;
CREATE INDEX edges_bounds ON edges (low, high);
CREATE INDEX sources_bounds ON sources (low, high);
"""

_ROWS = 2_000
_TOGETHER = 100


class Block(NamedTuple):
    """Rows of a table, and beside them columns of texts; ``id`` is its key in the database, 0 for the next one."""

    id: int
    held: Numbers
    texts: tuple[Texts, ...]


def keep_block(database: apsw.Connection, table: str, block: Block) -> None:
    """Write a block."""
    columns = (block.id or None, block.held.tobytes(), *(each.stored for each in block.texts))
    database.execute(f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(columns))})", columns)


def blocks(
    database: apsw.Connection, table: str, dtype: np.dtype[Any], *texts: str, block: int | None = None
) -> Iterator[Block]:
    """Yield the blocks of a table in the order they were written, or one, with some of their columns of texts."""
    query = f"SELECT {', '.join(('id', 'held', *texts))} FROM {table}"
    chosen = (query, ()) if block is None else (f"{query} WHERE id = ?", (block,))
    for number, held, *columns in database.execute(*chosen):
        yield Block(number, np.frombuffer(held, dtype=dtype), tuple(map(Texts, columns)))


def rows_of(database: apsw.Connection, sights: Numbers) -> Numbers:
    """Return some rows of posts by their numbers, which are in order."""
    held = (np.frombuffer(stored, SIGHT)[places] for (stored,), places in _holding(database, sights, "held"))
    return np.concatenate([np.empty(0, SIGHT), *held])


def texts_of(database: apsw.Connection, sights: Numbers, *columns: str) -> list[Numbers]:
    """Return columns of texts of some rows of posts by their numbers, which are in order."""
    found: list[list[str | None]] = [[] for _ in columns]
    for stored, places in _holding(database, sights, *columns):
        for texts, each in zip(found, stored, strict=True):
            texts.extend(Texts(each).at(places))
    return [np.array(texts, dtype=object) for texts in found]


def _holding(database: apsw.Connection, sights: Numbers, *columns: str) -> Iterator[tuple[Any, Numbers]]:
    """Yield columns of the blocks that hold some rows of posts, and which of their rows these are."""
    firsts = np.array([*(number for (number,) in database.execute("SELECT id FROM sights")), 1 << 40])
    bounds = np.searchsorted(sights, firsts)
    query = f"SELECT {', '.join(columns)} FROM sights WHERE id = ?"
    for first, (start, end) in zip(firsts.tolist(), pairwise(bounds.tolist()), strict=False):
        if start < end:
            yield database.execute(query, (first,)).fetchone(), sights[start:end].astype(np.int64) - first


def keep_edges(database: apsw.Connection, edges: Edges) -> None:
    """Write edges, in the order of their keys; those that lead from a node are found by ``sources``."""
    summary, told, ends = edges.summary(), edges.told, edge_pack.ends(edges.keys)
    starts = [*edges.starts.tolist(), len(told)]
    keep_ranges(
        database,
        "edges",
        (
            (ends[first], ends[end - 1], summary[first:end], told[starts[first] : starts[end]])
            for first, end in cut(edges.starts)
        ),
    )
    swapped = np.sort(edge_pack.swapped(edges.keys))
    ends = edge_pack.ends(swapped)
    rows = ((ends[first], ends[end - 1], swapped[first:end]) for first, end in cut(np.arange(len(swapped))))
    keep_ranges(database, "sources", rows)


def keep_ranges(database: apsw.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write blocks that are found by the first and last of what they hold, which come before their columns."""
    stored = ((int(low), int(high), *(column.tobytes() for column in columns)) for low, high, *columns in rows)
    count = len(database.execute(f"PRAGMA table_info({table})").fetchall())
    database.executemany(f"INSERT INTO {table} VALUES (NULL{', ?' * (count - 1)})", stored)


def stored_edges(database: apsw.Connection, ranges: Ranges | None = None) -> Iterator[Edges]:
    """Yield the edges in some ranges, or all, with their observations; and others that lie beside them."""
    for rows in fetched(database, "edges", "held, told", ranges):
        held = np.frombuffer(b"".join(held for held, _ in rows), dtype=SUMMARY)
        told = np.frombuffer(b"".join(told for _, told in rows), dtype=OBSERVATION)
        yield Edges(held["key"], np.cumsum(held["size"], dtype=np.int64) - held["size"], told)


def summaries(database: apsw.Connection, targets: Numbers | None = None) -> Iterator[Numbers]:
    """Yield :data:`SUMMARY` of the edges to some nodes, or all; and of others that lie beside them."""
    for rows in fetched(database, "edges", "held", None if targets is None else edge_pack.ends_at(targets)):
        yield np.frombuffer(b"".join(held for (held,) in rows), dtype=SUMMARY)


def targets_of(database: apsw.Connection, sources: Numbers) -> Numbers:
    """Return to which nodes edges lead from some nodes, each once, in order."""
    found = [np.empty(0, dtype=np.int64)]
    for rows in fetched(database, "sources", "held", edge_pack.ends_at(sources)):
        target, source, _ = edge_pack.parted(np.frombuffer(b"".join(held for (held,) in rows), dtype=np.uint64))
        found.append(target[edge_pack.among(source, sources)])
    return edge_pack.different(np.concatenate(found))


def fetched(database: apsw.Connection, table: str, columns: str, ranges: Ranges | None) -> Iterator[list[Any]]:
    """Yield blocks, some at a time, that may hold something in some ranges, which are in order, or all."""
    found = database.execute(f"SELECT id, low, high FROM {table} ORDER BY low, high, id").fetchall()
    bounds = np.array(found, dtype=np.int64).reshape(-1, 3)
    if ranges is not None:
        lows, highs = ranges
        bounds = bounds[np.searchsorted(highs, bounds[:, 1]) < np.searchsorted(lows, bounds[:, 2], side="right")]
    query = f"SELECT {columns} FROM {table} WHERE id = ?"
    rows: Any = database.executemany(query, ((number,) for number in bounds[:, 0].tolist()))
    while together := list(islice(rows, _TOGETHER)):
        yield together


def cut(starts: Numbers) -> Iterator[tuple[int, int]]:
    """Yield first and end of each block of what has so many rows before it."""
    bounds = np.flatnonzero(np.diff(starts // _ROWS, prepend=-1, append=-1)).tolist() if len(starts) else []
    return pairwise(bounds)
