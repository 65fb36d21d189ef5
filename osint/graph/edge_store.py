"""The edges of a case in one SQLite file: each with every observation that it rests on.

All of it is derived. A file that is missing, damaged, cut off or made by another release is made again from the posts.
"""

from __future__ import annotations

# ruff: noqa: S608 - what is put into a query are numbers and names of columns from here; every text is bound
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, NamedTuple

import apsw
import numpy as np
import pandas as pd

from osint.errors import GraphError
from osint.graph import edge_blocks, edge_pack, edge_seen, edge_shown
from osint.graph.edge_blocks import SIGHT, Numbers, blocks, summaries
from osint.graph.edge_names import Names
from osint.graph.edge_pack import OWN
from osint.graph.edge_texts import all_storable
from osint.graph.entities import TextSearch
from osint.graph.observations import KINDS, File, extractor
from osint.graph.post_columns import hashed

FORMAT = 6
"""Rises whenever the tables below, or what is packed into one of their columns, change."""

BATCH = 10_000
_CACHE_KIB = 16_384

_SCHEMA = """
CREATE TABLE made (name TEXT PRIMARY KEY, value TEXT) STRICT;
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT) STRICT;
CREATE TABLE counted (what TEXT PRIMARY KEY, numbers TEXT NOT NULL) STRICT;
CREATE TABLE nodes (id INTEGER PRIMARY KEY, key ANY NOT NULL) STRICT;
CREATE TABLE texts (id INTEGER PRIMARY KEY, text ANY NOT NULL) STRICT;
CREATE TABLE exhibits (number TEXT PRIMARY KEY, sha256 TEXT, entry INTEGER) STRICT;
"""
_INDEX = "CREATE UNIQUE INDEX IF NOT EXISTS nodes_by_key ON nodes (key)"
"""Made when all is there: to keep it in order meanwhile takes three times as long."""


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
        self._names: dict[str, Names] = {}
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
                self.connection.execute(_INDEX)
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

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def __enter__(self) -> EdgeStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ids(self, table: str, column: str, values: Sequence[str | None]) -> Numbers:
        """Return the row numbers of texts, which are kept when they are new; 0 for no text.

        Texts are told apart by keyed numbers of 64 bits.
        """
        known = self._names_in(table, column)
        is_text = np.fromiter(map(bool, values), dtype=bool, count=len(values))
        texts = np.fromiter(values, dtype=object, count=len(values))[is_text]
        names = hashed(texts, self._key)
        found = known.rows(names)
        unknown = np.flatnonzero(found == 0)
        if len(unknown):
            codes, new = pd.factorize(names[unknown])
            firsts = unknown[np.flatnonzero(np.diff(np.maximum.accumulate(codes), prepend=-1))]
            rows = np.arange(known.last + 1, known.last + 1 + len(new))
            stored: Any = zip(rows.tolist(), all_storable(texts[firsts].tolist()), strict=True)
            self.connection.executemany(f"INSERT INTO {table} (id, {column}) VALUES (?, ?)", stored)
            known.add(new, rows)
            found[unknown] = rows[codes]
        numbers = np.zeros(len(values), dtype=np.int64)
        numbers[is_text] = found
        return numbers

    def _names_in(self, table: str, column: str) -> Names:
        """Return which rows of a table hold which texts; what the file holds is read when it is first asked for."""
        if table not in self._names:
            self._key = self.state()["key"]
            self._names[table] = names = Names()
            held = self.connection.execute(f"SELECT id, {column} FROM {table}")
            while rows := list(islice(held, BATCH)):
                numbers, texts = zip(*rows, strict=True)
                names.add(hashed(texts, self._key), np.array(numbers))
        return self._names[table]

    def forget_ids(self) -> None:
        """Read anew which rows hold which texts: some of them are gone, or were given back."""
        self._names.clear()

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
        with self.connection as database:
            tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            for (name,) in tables:
                database.execute(f'DROP TABLE "{name}"')
            database.execute(_SCHEMA + edge_blocks.SCHEMA + edge_seen.SCHEMA + edge_shown.SCHEMA)
            database.executemany("INSERT INTO made VALUES (?, ?)", self._stamp().items())
            database.execute("INSERT INTO state VALUES ('key', ?)", (token_urlsafe(12),))
        self.connection.execute("VACUUM")

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
