"""The edges of a case in one SQLite file: each with every observation that it rests on.

All of it is derived. A file that is missing, damaged, cut off or made by another release is made again from the posts.
"""

from __future__ import annotations

# ruff: noqa: S608 - what is put into a query are numbers and names of columns from here; every text is bound
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, NamedTuple

import apsw
import numpy as np
import pandas as pd

from osint.errors import GraphError
from osint.graph import edge_pack
from osint.graph.edge_blocks import SCHEMA, SIGHT, blocks, summaries
from osint.graph.edge_texts import storable
from osint.graph.entities import TextSearch
from osint.graph.observations import KINDS, File, extractor

FORMAT = 5
"""Rises whenever the tables below, or what is packed into one of their columns, change."""

OWN = len(KINDS)
"""The kind of what leads from an account to itself: that a post is its own. It is no edge, and no graph shows it."""

BATCH = 10_000
_REMEMBERED = 400_000
_CACHE_KIB = 16_384

_SCHEMA = """
CREATE TABLE made (name TEXT PRIMARY KEY, value TEXT) STRICT;
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT) STRICT;
CREATE TABLE counted (what TEXT PRIMARY KEY, numbers TEXT NOT NULL) STRICT;
CREATE TABLE nodes (id INTEGER PRIMARY KEY, key ANY NOT NULL) STRICT;
CREATE TABLE texts (id INTEGER PRIMARY KEY, text ANY NOT NULL) STRICT;
CREATE TABLE exhibits (number TEXT PRIMARY KEY, sha256 TEXT, entry INTEGER) STRICT;
CREATE TABLE shown (id INTEGER PRIMARY KEY, exhibits TEXT NOT NULL) STRICT;
"""
_INDEX = {
    table: f"CREATE UNIQUE INDEX IF NOT EXISTS {table}_by_{column} ON {table} ({column})"
    for table, column in (("nodes", "key"), ("texts", "text"), ("shown", "exhibits"))
}  # made when all is there or the first time that it is needed: to keep it in order meanwhile takes three times as long


class Updated(NamedTuple):
    """What an update did: posts read anew, posts gone, and edges written; all of them are, where anything changed."""

    read: int
    removed: int
    edges: int


class EdgeStore:
    """Observations and edges of a case. Close it, or use it in a ``with`` block."""

    def __init__(self, path: Path | None, search: TextSearch | None = None, *, posts_as_nodes: bool = False) -> None:
        """Open the file, and make it where it is not there or cannot be used; None keeps all in memory.

        Args:
            path: A file of its own, on a local disk.
            search: What texts are searched for. A file made with another one is made again at the next update.
            posts_as_nodes: Keep an edge from each account to each of its posts too.

        Raises:
            GraphError: It cannot be opened or written.
        """
        self.search = search or TextSearch()
        self.path = path
        self.numbers: dict[str, dict[Any, int]] = {"nodes": {}, "texts": {}, "shown": {}}
        self._is_whole: set[str] = set()
        with self.explained():
            self.connection = self._opened(path)
            made = self._made()
            self.posts_as_nodes = posts_as_nodes or "authored" in made  # what is there already does no harm
            if self._stamp() != made:
                self._begin_anew()

    def update(  # type: ignore[return]
        self,
        posts: pd.DataFrame | Iterable[pd.DataFrame],
        *,
        files: Mapping[str, Sequence[File]] | None = None,
        exhibits: Mapping[str, tuple[str, int]] | None = None,
    ) -> Updated:
        """Make the store say what these posts say, all of them and no other.

        A post that is stored already, and was not altered since, is not read again. Either all of it happens or
        nothing.

        Args:
            posts: The posts table, or its parts one after the other; all rows of a post are in one part.
            files: The preserved files that each post shows, by the id of the post.
            exhibits: SHA-256 and ledger entry of each exhibit, by its number.

        Raises:
            GraphError: As for :func:`osint.association_graph`; or the file cannot be written.
        """
        from osint.graph.edge_update import Update

        parts = _parts(posts) if isinstance(posts, pd.DataFrame) else posts
        try:
            with self.explained(), self.connection:
                updated = Update(self, files or {}).run(parts, exhibits or {})
                for index in _INDEX.values():
                    self.connection.execute(index)
                return updated
        except BaseException:
            self.forget_ids()
            raise

    def state(self) -> dict[str, str]:
        """Return what was kept beside the edges: of which tables they are, for one."""
        with self.explained():
            return dict(self.connection.execute("SELECT name, value FROM state"))

    def keep_state(self, **known: str) -> None:
        """Keep short texts beside the edges; the next update forgets all but the key of its fingerprints."""
        with self.explained():
            self.connection.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", known.items())

    def totals(self, kinds: Sequence[int]) -> tuple[int, ...]:
        """Return how many nodes and edges of some kinds, by their numbers, there are."""
        return self._counted(f"totals {sorted(kinds)}", lambda: self._totals(kinds))

    def read(self, since: int | None = None, until: int | None = None) -> tuple[int, ...]:
        """Return how many posts of a period there are, of these without author, and mentions without account.

        Args:
            since: First microsecond since 1970; undated posts lie in no period with a bound.
            until: Last such microsecond.
        """
        return self._counted(f"read {since} {until}", lambda: self._read(since, until))

    def _totals(self, kinds: Sequence[int]) -> tuple[int, ...]:
        nodes, edges = np.zeros(self.most_nodes() + 1, dtype=bool), 0
        for held in summaries(self.connection):
            _, target, kind = edge_pack.parted(held["key"])
            wanted = np.isin(kind, kinds)
            nodes[target[wanted | (kind == OWN)]] = True
            edges += int(np.count_nonzero(wanted))
        return int(np.count_nonzero(nodes)), edges

    def _read(self, since: int | None, until: int | None) -> tuple[int, ...]:
        posts = nameless = unnamed = 0
        for _, held, _ in blocks(self.connection, "sights", SIGHT):
            wanted = held[(held["post"] > 0) & edge_pack.within(held["published"], since, until)]
            posts += len(edge_pack.different(wanted["post"]))
            nameless += len(edge_pack.different(wanted["post"][wanted["author"] == 0]))
            unnamed += int(wanted["unnamed"].sum())
        return posts, nameless, unnamed

    def most_nodes(self) -> int:
        """Return the greatest number of a node."""
        return int(self.connection.execute("SELECT coalesce(max(id), 0) FROM nodes").get)

    def _counted(self, what: str, count: Callable[[], tuple[int, ...]]) -> tuple[int, ...]:
        """Return what was counted; it is counted once, and again after an update."""
        known = self.connection.execute("SELECT numbers FROM counted WHERE what = ?", (what,)).get
        if known is None:
            known = json.dumps(count())
            self.connection.execute("INSERT INTO counted VALUES (?, ?)", (what, known))
        return tuple(json.loads(known))

    def clear(self) -> None:
        """Forget everything."""
        with self.explained():
            self._begin_anew()

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def __enter__(self) -> EdgeStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ids(self, table: str, column: str, values: Sequence[str | None]) -> list[int]:
        """Return the row numbers of texts, which are kept when they are new; 0 for no text.

        The first ones are remembered, among which are those that most posts name; others are looked up.
        """
        known = self.numbers[table]
        numbers: list[Any] = [*map(known.get, values)]
        if None not in numbers:
            return numbers
        new = dict.fromkeys(value for value, number in zip(values, numbers, strict=True) if value and not number)
        kept = self._kept(table, column, [*new]) if new else {}
        if len(known) + len(kept) <= _REMEMBERED:
            known.update(kept)
        else:
            self._is_whole.discard(table)
        return [number or kept.get(value, 0) for value, number in zip(values, numbers, strict=True)]

    def _kept(self, table: str, column: str, new: Sequence[str | None]) -> dict[str | None, int]:
        """Return the row numbers of texts that are not remembered, and keep those that are not there."""
        known = self.numbers[table]
        if table in self._is_whole:  # what is not remembered is not there: no need to look
            numbers = range(len(known) + 1, len(known) + len(new) + 1)
            rows: Any = zip(numbers, map(storable, new), strict=True)
            self.connection.executemany(f"INSERT INTO {table} (id, {column}) VALUES (?, ?)", rows)
            return dict(zip(new, numbers, strict=True))
        self.connection.execute(_INDEX[table])
        query = f"SELECT (SELECT id FROM {table} WHERE {column} = ?)"
        found: list[Any] = self.connection.executemany(query, ((storable(value),) for value in new)).fetchall()
        kept: dict[str | None, int] = {value: number for value, (number,) in zip(new, found, strict=True) if number}
        missing = [value for value in new if value not in kept]
        query = f"INSERT INTO {table} ({column}) VALUES (?) RETURNING id"
        added: Any = self.connection.executemany(query, ((storable(value),) for value in missing))
        return kept | {value: number for value, (number,) in zip(missing, added, strict=True)}

    def forget_ids(self) -> None:
        """Look row numbers up again: some of them are gone, or were given back."""
        self._is_whole.clear()
        for each in self.numbers.values():
            each.clear()

    def _opened(self, path: Path | None) -> apsw.Connection:
        if path is None:
            return _connected(":memory:")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _connected(str(path))
        except (apsw.NotADBError, apsw.CorruptError):  # derived: it is made again
            path.unlink()
            return _connected(str(path))
        except (apsw.CantOpenError, apsw.ReadOnlyError):  # a case on a medium that cannot be written
            return _connected(":memory:")

    def _stamp(self) -> dict[str, str]:
        """Return what a file has to have been made by, so that it says what this release would say."""
        kinds = KINDS if self.posts_as_nodes else [kind for kind in KINDS if kind != "authored"]
        return {"format": str(FORMAT)} | {kind: extractor(kind, self.search) for kind in kinds}

    def _made(self) -> dict[str, str]:
        if not self.connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'made'").get:
            return {}
        return dict(self.connection.execute("SELECT name, value FROM made"))

    def _begin_anew(self) -> None:
        self.forget_ids()
        with self.connection as database:
            tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            for (name,) in tables:
                database.execute(f'DROP TABLE "{name}"')
            database.execute(_SCHEMA + SCHEMA)
            database.executemany("INSERT INTO made VALUES (?, ?)", self._stamp().items())
            database.execute("INSERT INTO state VALUES ('key', ?)", (token_urlsafe(12),))
        self.connection.execute("VACUUM")
        self._is_whole.update(self.numbers)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Say what a fault of the file means."""
        try:
            yield
        except (apsw.Error, OSError) as error:
            raise GraphError(
                f"The edges in {self.path or 'memory'} cannot be used ({error}). Evidence, ledger and tables are not "
                "affected: free some space or fix the permissions, or delete the file; it is made again."
            ) from error


def _connected(path: str) -> apsw.Connection:
    connection = apsw.Connection(path)
    connection.set_busy_timeout(10_000)
    connection.execute("PRAGMA page_size = 16384")  # what is stored are long blocks; of a file that is there it stays
    # A rollback journal and not a log beside the file: what is appended to a new file needs no journal at all.
    connection.execute(f"PRAGMA journal_mode = DELETE; PRAGMA cache_size = -{_CACHE_KIB}; PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA temp_store = FILE; PRAGMA secure_delete = ON")
    return connection


def _parts(posts: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield a table in parts; rows of one post, wherever they are, come in one part."""
    if posts["id"].is_unique:
        for start in range(0, max(len(posts), 1), BATCH):
            yield posts.iloc[start : start + BATCH]
    else:
        yield posts
