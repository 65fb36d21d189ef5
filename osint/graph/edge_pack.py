"""Observations of edges as arrays: put in order by edge in bounded memory, and added up.

An edge keeps its observations as the bytes of one array, :data:`OBSERVATION` after the other. To add up a million of
them, or to hold them against a period, is then a few operations on whole arrays.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import IO, Any, NamedTuple

import numpy as np

from osint.errors import GraphError
from osint.graph.observations import KINDS
from osint.graph.post_rows import UNDATED

OBSERVATION = np.dtype(
    [("sight", "<u4"), ("post", "<u4"), ("published", "<i8"), ("shown", "<u4"), ("locator", "<u4"), ("label", "<u4"),
     ("via", "<u4")]
)  # fmt: skip
"""Row of a post, first row of the same post, microseconds since 1970, list of exhibits, place in the row, how the other
end is spelt, and the row that tells who is behind the post that was answered. Without a number in its table: 0."""

OWN = len(KINDS)
"""The kind of what leads from an account to itself: that a post is its own. It is no edge, and no graph shows it."""

AS_KEY = (1 << 32) - 1
"""The number of a label that is what the key of the node ends with."""

SUMMARY = np.dtype([("key", "<u8"), ("first", "<i8"), ("last", "<i8"), ("count", "<u4"), ("size", "<u4")])
"""An edge: its key, first and last instant, on how many posts it rests, and how many observations it has."""

KEYED = np.dtype([("key", "<u8"), ("told", OBSERVATION)])

NEVER = (1 << 63) - 1
"""What stands for no instant as the first one of an edge, as :data:`UNDATED` does as the last."""

_KIND_BITS, _NODE_BITS = 6, 29
_MOST_NODES = 1 << _NODE_BITS
_RUN = 200_000
_SAMPLES = 1_000
_NODE, _KIND = np.uint64(_MOST_NODES - 1), np.uint64((1 << _KIND_BITS) - 1)


class Edges(NamedTuple):
    """Edges in the order of their keys; ``starts`` says where the observations of each begin in ``told``."""

    keys: np.ndarray[Any, Any]
    starts: np.ndarray[Any, Any]
    told: np.ndarray[Any, Any]

    def summary(self) -> np.ndarray[Any, Any]:
        """Return what is known of each edge without its observations, as :data:`SUMMARY`."""
        held = np.empty(len(self.keys), dtype=SUMMARY)
        if len(held):
            held["key"], held["size"], held["count"] = self.keys, self.sizes(), self.counts()
            held["first"], held["last"] = self.period()
        return held

    def only(self, wanted: np.ndarray[Any, Any]) -> Edges:
        """Return the edges with some of their observations; one that has none is not there."""
        kept = np.add.reduceat(wanted, self.starts, dtype=np.int64) if len(self.keys) else np.zeros(0, np.int64)
        held = kept > 0
        return Edges(self.keys[held], (np.cumsum(kept) - kept)[held], self.told.compress(wanted))

    def keyed(self) -> np.ndarray[Any, Any]:
        """Return the observations, each with the key of its edge."""
        keyed = np.empty(len(self.told), dtype=KEYED)
        keyed["key"] = np.repeat(self.keys, self.sizes())
        keyed["told"] = self.told
        return keyed

    def sizes(self) -> np.ndarray[Any, Any]:
        """Return how many observations each has."""
        return np.diff(self.starts, append=len(self.told))

    def counts(self) -> np.ndarray[Any, Any]:
        """Return on how many distinct posts each rests; the posts of an edge are in order."""
        posts = self.told["post"]
        new = np.ones(len(posts), dtype=np.int64)
        new[1:] = posts[1:] != posts[:-1]
        new[self.starts] = 1
        return np.add.reduceat(new, self.starts)

    def period(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Return the first and the last instant of each, :data:`NEVER` and :data:`UNDATED` where none is dated."""
        published = self.told["published"]
        dated = np.where(published == UNDATED, NEVER, published)
        return np.minimum.reduceat(dated, self.starts), np.maximum.reduceat(published, self.starts)


def key(source: Any, target: Any, kind: Any) -> np.ndarray[Any, Any]:
    """Return one number for each edge that orders them by target, source and kind.

    Raises:
        GraphError: There are more nodes than fit.
    """
    columns = [np.asarray(column, dtype=np.uint64) for column in (source, target, kind)]
    if len(columns[0]) and max(int(column.max()) for column in columns[:2]) >= _MOST_NODES:
        raise GraphError(f"The posts show more than {_MOST_NODES} nodes; one case cannot hold them.")
    bits = np.uint64(_KIND_BITS)
    return columns[1] << np.uint64(_NODE_BITS + _KIND_BITS) | columns[0] << bits | columns[2]


def swapped(keys: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the keys of the same edges, had they led the other way."""
    bits = np.uint64(_KIND_BITS), np.uint64(_NODE_BITS + _KIND_BITS)
    turned: np.ndarray[Any, Any] = (keys >> bits[0] & _NODE) << bits[1] | keys >> bits[1] << bits[0] | keys & _KIND
    return turned


def ends(keys: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return target and source of keys as one number, that orders edges as their keys do, but for their kinds."""
    return (keys >> np.uint64(_KIND_BITS)).astype(np.int64)


def ends_at(nodes: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return between which such numbers lie those of all edges to some nodes."""
    first = nodes.astype(np.int64) << _NODE_BITS
    return first, first + (_MOST_NODES - 1)


def parted(keys: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], ...]:
    """Return source, target and kind of keys."""
    shifted = (keys >> np.uint64(_KIND_BITS) & _NODE, keys >> np.uint64(_NODE_BITS + _KIND_BITS), keys & _KIND)
    return tuple(column.astype(np.int64) for column in shifted)


def added_up(keyed: np.ndarray[Any, Any]) -> Edges:
    """Return the edges that observations add up to."""
    if np.any(keyed["key"][1:] < keyed["key"][:-1]):
        keyed = keyed.take(np.argsort(keyed["key"], kind="stable"))  # quick, since it mostly is in order
    keys, sights = keyed["key"], keyed["told"]["sight"]
    new = np.concatenate(([True], keys[1:] != keys[:-1]))[: len(keys)]
    late = np.flatnonzero(~new[1:] & (sights[1:] < sights[:-1]))
    if len(late):  # only the edges that have them: to put all in order again would take three times as long
        edge = np.cumsum(new)
        mixed = np.flatnonzero(np.isin(edge, edge[late]))
        keyed = keyed.copy()
        keyed[mixed] = keyed[mixed[np.lexsort((sights[mixed], edge[mixed]))]]
    starts = np.flatnonzero(new)
    return Edges(keys[starts], starts, keyed["told"])


def within(published: np.ndarray[Any, Any], since: int | None, until: int | None) -> np.ndarray[Any, Any]:
    """Say of each instant whether it lies in a period; what is undated lies in none that has a bound."""
    inside = np.ones(len(published), dtype=bool)
    if since is not None:
        inside &= published >= since
    if until is not None:
        inside &= (published <= until) & (published != UNDATED)
    return inside


def joined(parts: Iterable[Edges]) -> Edges:
    """Return edges that follow each other as one."""
    nothing = Edges(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, OBSERVATION))
    columns = zip(*((each.keys, each.sizes(), each.told) for each in (nothing, *parts)), strict=True)
    keys, sizes, told = map(np.concatenate, columns)
    return Edges(keys, np.cumsum(sizes) - sizes, told)


def among(numbers: np.ndarray[Any, Any], others: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Say of each number whether it is one of others, which are in order; ``numpy.isin`` would sort these each time."""
    if not len(others):
        return np.zeros(len(numbers), dtype=bool)
    found: np.ndarray[Any, Any] = others[np.minimum(np.searchsorted(others, numbers), len(others) - 1)] == numbers
    return found


def different(numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return each number once, in order; ``numpy.unique`` takes several times as long."""
    ordered = np.sort(numbers)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


class Sorter:
    """Observations by edge, however many: runs of them wait in order in a file, and are merged."""

    def __init__(self, folder: str | None = None) -> None:
        """Keep runs in a folder; it is where the database is, since they may be as large."""
        self._waiting: list[np.ndarray[Any, Any]] = []
        self._count = 0
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._runs: list[tuple[int, int]] = []
        self._samples: list[np.ndarray[Any, Any]] = []

    def __enter__(self) -> Sorter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, keyed: np.ndarray[Any, Any]) -> None:
        """Take observations."""
        self._waiting.append(keyed)
        self._count += len(keyed)
        if self._count >= _RUN:
            self._set_aside()

    def edges(self) -> Iterator[Edges]:
        """Yield all edges in the order of their keys, some at a time."""
        if not self._runs:
            yield added_up(self._taken())
            return
        self._set_aside()
        yield from map(added_up, self._merged())

    def _taken(self) -> np.ndarray[Any, Any]:
        taken = np.concatenate([np.empty(0, KEYED), *self._waiting])
        self._waiting, self._count = [], 0
        return taken

    def _set_aside(self) -> None:
        run = self._taken()
        run = run.take(np.argsort(run["key"], kind="stable"))
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed in __exit__
        self._runs.append((self._file.tell(), len(run)))
        self._samples.append(run["key"][:: self._step()].copy())
        self._file.write(run.data)

    def _merged(self) -> Iterator[np.ndarray[Any, Any]]:
        """Yield what lies between bounds that all runs share."""
        bounds = self._bounds()
        places = [[0, *np.searchsorted(self._read([run])["key"], bounds).tolist(), run[1]] for run in self._runs]
        for low, high in pairwise(zip(*places, strict=True)):
            yield self._read(
                (start + first * KEYED.itemsize, end - first)
                for (start, _), first, end in zip(self._runs, low, high, strict=True)
            )

    def _bounds(self) -> np.ndarray[Any, Any]:
        """Return keys between which about as much lies as is kept in memory; an edge that has more lies alone."""
        keys = np.sort(np.concatenate(self._samples))[_RUN // self._step() :: _RUN // self._step()]
        long = keys[1:][keys[1:] == keys[:-1]]
        return different(np.concatenate([keys, long + np.uint64(1)]))

    def _step(self) -> int:
        """Return of how many keys of a run one is kept."""
        return max(_RUN // _SAMPLES, 1)

    def _read(self, parts: Iterable[tuple[int, int]]) -> np.ndarray[Any, Any]:
        """Return some parts of the file in a row, each given by its place and how many observations it has.

        Raises:
            OSError: The file ends before that, as one that was cut off does.
        """
        assert self._file is not None
        listed = [*parts]
        read = np.empty(sum(count for _, count in listed), dtype=KEYED)
        place = 0
        for start, count in listed:
            part = read[place : place + count]
            self._file.seek(start)
            given = self._file.readinto(part.data)  # type: ignore[attr-defined]
            if given != part.nbytes:  # else what lay in the memory before would be taken for observations
                raise OSError(f"a temporary file beside them gave {given} of {part.nbytes} bytes")
            place += count
        return read
