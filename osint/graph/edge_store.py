"""The edges of a case in one SQLite file: every observation, and the edges that observations add up to.

All of it is derived. A file that is missing, damaged, cut off or made by another release is made again from the posts.
"""

from __future__ import annotations

# ruff: noqa: S608 - what is put into a query are numbers and names of columns from here; every text is bound
import json
import marshal
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import apsw
import pandas as pd

from osint.errors import GraphError
from osint.graph.association import collector_paused
from osint.graph.entities import TextSearch
from osint.graph.observations import (
    COLUMNS,
    KINDS,
    File,
    Said,
    everything_said,
    extractor,
    mentions_without_account,
    post_key,
)
from osint.graph.post_rows import Row, read_rows

FORMAT = 1
"""Rises whenever the tables below change."""

_SHIFT = 1 << 62  # so that instants before 1970 are positive numbers too
_BATCH = 10_000
_REMEMBERED = 200_000
_CACHE_KIB = 65_536
PLACES = 24
"""Bits that number the observations of one sight: the id of an observation is that of its sight, and its place."""

_NEEDED = sorted({name for names in COLUMNS.values() for name in names})
_SCHEMA = """
CREATE TABLE made (name TEXT PRIMARY KEY, value TEXT) STRICT;
CREATE TABLE counted (query TEXT PRIMARY KEY, numbers TEXT NOT NULL) STRICT;
CREATE TABLE nodes (id INTEGER PRIMARY KEY, key ANY NOT NULL UNIQUE) STRICT;
CREATE TABLE posts (id INTEGER PRIMARY KEY, post ANY NOT NULL UNIQUE, digest BLOB) STRICT;
CREATE TABLE exhibits (number TEXT PRIMARY KEY, sha256 TEXT, entry INTEGER) STRICT;
CREATE TABLE shown (id INTEGER PRIMARY KEY, exhibits TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE sights (
    id INTEGER PRIMARY KEY, post INTEGER NOT NULL, author INTEGER, handle ANY, published INTEGER,
    shown INTEGER NOT NULL, exhibit TEXT, pointer ANY, head INTEGER NOT NULL, unnamed INTEGER NOT NULL
) STRICT;
CREATE TABLE observations (
    id INTEGER PRIMARY KEY, src INTEGER NOT NULL, dst INTEGER NOT NULL, kind INTEGER NOT NULL, post INTEGER NOT NULL,
    published INTEGER, shown INTEGER NOT NULL, label BLOB, locator TEXT NOT NULL,
    names INTEGER, stands_in INTEGER, via INTEGER, via_shown INTEGER
) STRICT;
CREATE TABLE edges (
    src INTEGER NOT NULL, dst INTEGER NOT NULL, kind INTEGER NOT NULL, count INTEGER NOT NULL,
    first INTEGER, last INTEGER, shown TEXT NOT NULL, via_shown TEXT, label BLOB,
    PRIMARY KEY (src, dst, kind)
) STRICT, WITHOUT ROWID;
"""
_FIRST = "CREATE INDEX sights_by_post ON sights (post);"
_INDEXES = """
CREATE INDEX sights_by_author ON sights (author, published, shown, handle);
CREATE INDEX observations_by_edge ON observations (src, dst, kind, post, published, shown, via, via_shown, label);
CREATE INDEX observations_by_name ON observations (names) WHERE names IS NOT NULL;
"""
_LAST = "CREATE INDEX edges_by_target ON edges (dst, kind, count, first, last, shown, label);"
_ADDED_UP = """
INSERT INTO edges
SELECT src, dst, kind, count(DISTINCT post), min(published), max(published),
       group_concat(DISTINCT shown), group_concat(DISTINCT via_shown), max(iif(via IS NULL, label, NULL))
FROM observations {which} GROUP BY src, dst, kind
"""
_TEMPORARY = """
CREATE TEMP TABLE seen (post INTEGER PRIMARY KEY);
CREATE TEMP TABLE altered (post INTEGER PRIMARY KEY);
CREATE TEMP TABLE touched (src INTEGER, dst INTEGER, kind INTEGER, PRIMARY KEY (src, dst, kind)) WITHOUT ROWID;
"""


class Updated(NamedTuple):
    """What an update did: posts read anew, posts gone, edges added up again."""

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
        self._path = path
        self.numbers: dict[str, dict[str, int]] = {"nodes": {}, "posts": {}, "shown": {}}
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
        parts = _parts(posts) if isinstance(posts, pd.DataFrame) else posts
        with self.explained(), self.connection:
            return _Update(self, files or {}).run(parts, exhibits or {})

    def totals(self, kinds: str) -> tuple[int, ...]:
        """Return how many nodes and edges of some kinds there are; kinds by number, with commas."""
        return self._counted(
            f"SELECT (SELECT count(*) FROM (SELECT src FROM edges WHERE kind IN ({kinds}) UNION "
            f"SELECT dst FROM edges WHERE kind IN ({kinds}) UNION SELECT author FROM sights WHERE author NOT NULL)), "
            f"(SELECT count(*) FROM edges WHERE kind IN ({kinds}))"
        )

    def read(self, when: str = "1") -> tuple[int, ...]:
        """Return how many posts there are, of these without author, and mentions without account."""
        return self._counted(
            "SELECT count(DISTINCT post), count(DISTINCT iif(author IS NULL, post, NULL)), coalesce(sum(unnamed), 0) "
            f"FROM sights WHERE {when}"
        )

    def _counted(self, query: str) -> tuple[int, ...]:
        """Return what a query counts; it counts once, and again after an update."""
        known = self.connection.execute("SELECT numbers FROM counted WHERE query = ?", (query,)).get
        if known is None:
            (row,) = self.connection.execute(query).fetchall()
            known = json.dumps(row)
            self.connection.execute("INSERT INTO counted VALUES (?, ?)", (query, known))
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

    def ids(self, table: str, column: str, values: Collection[str]) -> dict[str, int]:
        """Return the row numbers of texts, which are kept when they are new."""
        known = self.numbers[table]
        if len(known) > _REMEMBERED:
            known.clear()
        new = [value for value in values if value not in known]
        query = f"INSERT INTO {table} ({column}) VALUES (?) ON CONFLICT DO UPDATE SET id = id RETURNING id"
        found = self.connection.executemany(query, ((storable(value),) for value in new))
        for value, (number,) in zip(new, found, strict=True):
            known[value] = number
        return known

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
        for each in self.numbers.values():
            each.clear()
        with self.connection as database:
            tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            for (name,) in tables:
                database.execute(f'DROP TABLE "{name}"')
            database.execute(_SCHEMA + _FIRST + _INDEXES + _LAST)
            database.executemany("INSERT INTO made VALUES (?, ?)", self._stamp().items())
        self.connection.execute("VACUUM")

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Say what a fault of the file means."""
        try:
            yield
        except (apsw.Error, OSError) as error:
            raise GraphError(
                f"The edges in {self._path or 'memory'} cannot be used ({error}). Evidence, ledger and tables are not "
                "affected: free some space or fix the permissions, or delete the file; it is made again."
            ) from error


class _Update:
    """One update, inside one transaction."""

    def __init__(self, store: EdgeStore, files: Mapping[str, Sequence[File]]) -> None:
        self.store, self.files, self.database = store, files, store.connection
        self.is_first = not self.database.execute("SELECT 1 FROM sights LIMIT 1").get
        self.kinds = {kind: number for number, kind in enumerate(KINDS)}
        self.read = self.removed = 0
        self.forgot = False
        self.sight = self.database.execute("SELECT coalesce(max(id), 0) FROM sights").get

    def run(self, parts: Iterable[pd.DataFrame], exhibits: Mapping[str, tuple[str, int]]) -> Updated:
        self._prepare()
        for part in parts:
            with collector_paused():  # for one part: tables leave cycles behind, which would add up
                self._take(read_rows(part, _NEEDED))
        if not self.is_first:
            self._remove_unseen()
        self._name_authors()
        self._keep_exhibits(exhibits)
        self.database.execute("DELETE FROM counted")
        return Updated(self.read, self.removed, self._add_up())

    def _prepare(self) -> None:
        self.database.execute("DROP TABLE IF EXISTS seen; DROP TABLE IF EXISTS altered; DROP TABLE IF EXISTS touched")
        self.database.execute(_TEMPORARY)
        if self.is_first:  # to sort once is cheaper than to keep everything sorted while it grows
            indexes = self.database.execute("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE INDEX%'").fetchall()
            for (name,) in indexes:
                self.database.execute(f"DROP INDEX {name}")

    def _take(self, rows: list[Row]) -> None:
        rows.sort(key=Row.order)
        ids = self.store.ids("posts", "post", {row.id for row in rows})
        posts = [(ids[post], list(group)) for post, group in groupby(rows, key=lambda row: row.id)]
        digests = {number: self._digest(group) for number, group in posts}
        self.database.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((number,) for number in digests))
        if not self.is_first:
            listed = json.dumps(list(digests))
            query = "SELECT id, digest FROM posts WHERE id IN (SELECT value FROM json_each(?))"
            known = dict(self.database.execute(query, (listed,)))
            posts = [(number, group) for number, group in posts if known[number] != digests[number]]
            self._forget(number for number, _ in posts)
        self.read += len(posts)
        kept = ((digests[each], each) for each, _ in posts)
        self.database.executemany("UPDATE posts SET digest = ? WHERE id = ?", kept)
        self.database.executemany("INSERT INTO altered VALUES (?)", ((number,) for number, _ in posts))
        self._keep(posts)

    def _digest(self, rows: list[Row]) -> bytes:
        """Return a digest of all that is read of a post; another one only means that the post is read again."""
        told: list[Any] = [(*row[:6], sorted(row.exhibits), *row[7:]) for row in rows]
        told.append(self.files.get(rows[0].id))
        try:
            written = marshal.dumps(told, 2)  # a later form depends on which values are shared
        except ValueError:  # a value of a kind that JSON does not have, as a table of one's own may hold
            written = repr(told).encode("utf-8", "surrogatepass")
        return blake2b(written, digest_size=16).digest()

    def _keep(self, posts: list[tuple[int, list[Row]]]) -> None:
        """Keep the rows of posts and what they say; one statement for each table."""
        said = [
            (number, row, row is group[-1], self._said(row) if row.author is not None else ())
            for number, group in posts
            for row in group
        ]
        nodes = self.store.ids("nodes", "key", _nodes(said))
        named = self.store.ids("posts", "post", {each.names for *_, all_ in said for each in all_ if each.names})
        files = {_shown(row, each) for _, row, _, all_ in said for each in all_ if each.exhibit}
        shown = self.store.ids("shown", "exhibits", files.union(_shown(row) for _, row, *_ in said))
        sights, observations = [], []
        for number, row, is_head, all_ in said:
            self.sight += 1
            author, seen = nodes[row.author] if row.author is not None else None, shown[_shown(row)]
            sights.append(
                (self.sight, number, author, storable(row.handle), row.published, seen, row.exhibit,
                 storable(row.pointer), is_head, mentions_without_account(row))
            )  # fmt: skip
            for place, each in enumerate(all_, self.sight << PLACES):
                end = nodes[each.key]
                observations.append(
                    (place, author, end, self.kinds[each.kind], number, row.published,
                     shown[_shown(row, each)] if each.exhibit else seen, dated(each.label, row.published), each.locator,
                     named[each.names] if each.names else None, end if each.names else None)
                )  # fmt: skip
        self.database.executemany("INSERT INTO sights VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", sights)
        self.database.executemany(
            "INSERT INTO observations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)", observations
        )

    def _said(self, row: Row) -> list[Said]:
        """Return what a post says."""
        said = list(everything_said(row, self.files.get(row.id, ()), self.store.search))
        if self.store.posts_as_nodes:
            said.append(Said("authored", post_key(row.id, row.platform), row.id, "/id"))
        return said

    def _forget(self, posts: Iterable[int]) -> None:
        """Take out what is stored of posts, and mark the edges that rested on it."""
        for number in posts:
            for sight in self._numbers("SELECT id FROM sights WHERE post = ?", number):
                places = sight << PLACES, sight + 1 << PLACES
                self.database.execute(
                    "INSERT OR IGNORE INTO touched SELECT src, dst, kind FROM observations WHERE id >= ? AND id < ?",
                    places,
                )
                self.database.execute("DELETE FROM observations WHERE id >= ? AND id < ?", places)
                self.forgot = True
            self.database.execute("DELETE FROM sights WHERE post = ?", (number,))

    def _numbers(self, query: str, *values: int) -> list[int]:
        return [int(number) for (number,) in self.database.execute(query, values)]

    def _remove_unseen(self) -> None:
        gone = self._numbers("SELECT id FROM posts WHERE digest IS NOT NULL AND id NOT IN (SELECT post FROM seen)")
        self.removed = len(gone)
        self._forget(gone)
        self.database.executemany("UPDATE posts SET digest = NULL WHERE id = ?", ((number,) for number in gone))
        self.database.executemany("INSERT OR IGNORE INTO altered VALUES (?)", ((number,) for number in gone))

    def _name_authors(self) -> None:
        """Let the post that an observation names stand for its author, where the posts tell it."""
        if self.is_first:
            self.database.execute(_FIRST)
        else:
            self._touch_named()
            self.database.execute(
                "UPDATE observations SET dst = stands_in, via = NULL, via_shown = NULL "
                "WHERE names IN (SELECT post FROM altered)"
            )
        self.database.execute(
            "UPDATE observations SET dst = head.author, via = names, via_shown = head.shown FROM sights AS head "
            "WHERE head.post = names AND head.head AND head.author IS NOT NULL"
            + ("" if self.is_first else " AND names IN (SELECT post FROM altered)")
        )
        if not self.is_first:
            self._touch_named()
            self.database.execute(
                "INSERT OR IGNORE INTO touched SELECT src, dst, kind FROM observations "
                f"WHERE id >> {PLACES} IN (SELECT id FROM sights WHERE post IN (SELECT post FROM altered))"
            )

    def _touch_named(self) -> None:
        self.database.execute(
            "INSERT OR IGNORE INTO touched SELECT src, dst, kind FROM observations "
            "WHERE names IN (SELECT post FROM altered)"
        )

    def _keep_exhibits(self, exhibits: Mapping[str, tuple[str, int]]) -> None:
        self.database.executemany(
            "INSERT OR REPLACE INTO exhibits VALUES (?, ?, ?)", ((number, *known) for number, known in exhibits.items())
        )

    def _add_up(self) -> int:
        before = self.database.total_changes()
        if self.is_first:
            self.database.execute(_INDEXES)
            self.database.execute(_ADDED_UP.format(which=""))
            self.database.execute(_LAST)
        else:
            touched = "(src, dst, kind) IN (SELECT src, dst, kind FROM touched)"
            self.database.execute(f"DELETE FROM edges WHERE {touched}")
            before = self.database.total_changes()
            self.database.execute(_ADDED_UP.format(which=f"WHERE {touched}"))
        added = self.database.total_changes() - before
        if self.forgot:
            self._forget_names()
        return added

    def _forget_names(self) -> None:
        """Drop the nodes and posts that nothing rests on any more: their names are personal data."""
        self.database.execute(
            "DELETE FROM nodes WHERE id NOT IN (SELECT src FROM observations UNION SELECT dst FROM observations UNION "
            "SELECT stands_in FROM observations WHERE stands_in NOT NULL UNION "
            "SELECT author FROM sights WHERE author NOT NULL)"
        )
        self.database.execute(
            "DELETE FROM posts WHERE digest IS NULL AND id NOT IN (SELECT names FROM observations WHERE names NOT NULL)"
        )
        for known in (self.store.numbers["nodes"], self.store.numbers["posts"]):
            known.clear()


def storable(text: str | None) -> str | bytes | None:
    """Return a text as SQLite can hold it: one with half of a surrogate pair is no Unicode, and is kept as bytes."""
    if text is None or text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def dated(label: str | None, published: int | None) -> bytes | None:
    """Return how a node was spelt in a form of which the greatest is the latest; undated posts count as of 1970."""
    return label and b"%020d" % ((published or 0) + _SHIFT) + label.encode("utf-8", "surrogatepass")  # type: ignore[return-value]


def undated(stored: bytes) -> tuple[int, str]:
    """Return the time and the spelling that :func:`dated` put together."""
    return int(stored[:20]) - _SHIFT, stored[20:].decode("utf-8", "surrogatepass")


def as_text(stored: Any) -> str:
    """Return the text that :func:`storable` made storable."""
    return stored.decode("utf-8", "surrogatepass") if isinstance(stored, bytes) else stored


def _connected(path: str) -> apsw.Connection:
    connection = apsw.Connection(path)
    connection.set_busy_timeout(10_000)
    # A rollback journal and not a log beside the file: what is appended to a new file needs no journal at all.
    connection.execute(f"PRAGMA journal_mode = DELETE; PRAGMA cache_size = -{_CACHE_KIB}; PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA temp_store = FILE; PRAGMA secure_delete = ON")
    return connection


def _parts(posts: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield a table in parts; rows of one post, wherever they are, come in one part."""
    if posts["id"].is_unique:
        for start in range(0, max(len(posts), 1), _BATCH):
            yield posts.iloc[start : start + _BATCH]
    else:
        yield posts


def _nodes(said: Iterable[tuple[int, Row, bool, Sequence[Said]]]) -> set[str]:
    ends = {each.key for *_, all_ in said for each in all_}
    return ends | {row.author for _, row, *_ in said if row.author is not None}


def _shown(row: Row, said: Said | None = None) -> str:
    return _spelt(row.exhibits if said is None or said.exhibit is None else row.exhibits | {said.exhibit})


@lru_cache(1024)
def _spelt(exhibits: frozenset[str]) -> str:
    """Return exhibits as one text: most posts share theirs with many others."""
    return json.dumps(sorted(exhibits))
