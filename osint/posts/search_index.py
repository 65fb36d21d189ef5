"""The words of a case in one SQLite file, with FTS5 over their normalised spelling.

All of it is derived and nothing of it is shown: an answer names the places of a hit, and what stands there comes from
the working tables. A number orders the documents by the second in which they were published, so that the newest hits,
and a period, need no table beside the index.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from osint.errors import CaseError
from osint.posts.normalised import RECIPE, normalised, words
from osint.posts.search_query import Asked

FORMAT = 2
"""Rises whenever the tables below change, or what is put into them."""

BETWEEN = "␞"
"""Stands between two fields of a document, so that no phrase begins in one and ends in the other."""

COUNTED_TO = 10_000
_BATCH = 20_000
_CACHE_KIB = 65_536
_TIES = 24  # bits for documents of one second
_LAST = (1 << 63) - 1
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_SCHEMA = """
CREATE TABLE made (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE state (id INTEGER PRIMARY KEY, mark TEXT NOT NULL) STRICT;
CREATE TABLE exhibits (id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, mark TEXT NOT NULL) STRICT;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, text TEXT NOT NULL, author TEXT NOT NULL, facets TEXT NOT NULL
) STRICT;
CREATE TABLE places (
    document INTEGER NOT NULL, exhibit INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (document, exhibit, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX places_by_exhibit ON places (exhibit);
CREATE VIRTUAL TABLE words USING fts5(
    text, author, facets, content = 'documents', content_rowid = 'id', tokenize = 'ascii'
);
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
"""
_FIND = "SELECT rowid, NULL FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT ?"
_RANK = (
    "SELECT rowid, rank FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ? "
    "AND rank MATCH 'bm25(1.0, 0.0, 0.0)' ORDER BY rank LIMIT ?"
)
_COUNT = "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ? LIMIT ?)"
_PLACES = (
    "SELECT exhibits.number, places.position FROM places CROSS JOIN exhibits ON exhibits.id = places.exhibit "
    "WHERE places.document = ?"
)


class Document(NamedTuple):
    """What is searched as one: a post in one version, a profile, what a file states, what an analyst said.

    Attributes:
        kind: What it is, one word: ``post``.
        id: What it is a version of.
        platform: The source's name; empty where there is none.
        published: When, or None; documents without an instant are the last.
        author: Account, handle and name of whoever wrote it; each is found whole or by one of its words.
        fields: Its texts by the name of their place.
    """

    kind: str
    id: str
    platform: str
    published: datetime | None
    author: tuple[str, ...]
    fields: Mapping[str, str]

    def key(self) -> bytes:
        """Return 16 bytes that are the same for equal documents, and for no others."""
        told = [self.kind, self.id, self.platform, str(self.published), self.author, list(self.fields.items())]
        return blake2b(json.dumps(told).encode(), digest_size=16).digest()

    def row(self) -> tuple[str, str, str]:
        """Return the normalised texts, author and facets."""
        text = f" {BETWEEN} ".join(map(normalised, self.fields.values()))
        told = [words(each) for each in self.author]
        names = dict.fromkeys([*map("".join, told), *(word for each in told for word in each)])
        return text, " ".join(names), f"{_facet('kind', self.kind)} {_facet('on', self.platform)}"


class Place(NamedTuple):
    """Where a document was seen: which exhibit, and which of its records, counted from 0."""

    exhibit: str
    position: int


@dataclass(frozen=True)
class Hit:
    """A document that fits, and everywhere that it was seen, first exhibit first."""

    number: int
    places: tuple[Place, ...]
    score: float | None = None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked of the index.

    Attributes:
        asked: The words.
        author: Account, handle or name of whoever wrote it, whole, or one word of it.
        platform: The source's name.
        kind: What it is.
        since: First instant; what has none does not count then.
        until: Last instant.
    """

    asked: Asked
    author: str = ""
    platform: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    expression: str = field(init=False)

    def __post_init__(self) -> None:
        """Write it as FTS5 has it."""
        parts = [f"{{text}} : {self.asked.expression()}"]
        parts += [f'{{author}} : "{"".join(words(self.author))}"'] if self.author else []
        facets = [_facet(what, name) for what, name in (("kind", self.kind), ("on", self.platform)) if name]
        parts += [f'{{facets}} : "{facet}"' for facet in facets]
        object.__setattr__(self, "expression", " AND ".join(f"({part})" for part in parts))

    @property
    def numbers(self) -> tuple[int, int]:
        """First and last number of a document of that period."""
        first = _number(self.since) if self.since else 1 << _TIES if self.until else 0
        return first, (_number(self.until) | (1 << _TIES) - 1) if self.until else _LAST


class SearchIndex:
    """The words of a case. Close it, or use it in a ``with`` block."""

    def __init__(self, path: Path | None) -> None:
        """Open the file, and make it where it is not there or was made by another release; None keeps it in memory.

        Raises:
            CaseError: It cannot be opened or written.
        """
        self._path = path
        with self._named():
            self._connection = _opened(path)
            if self._made() != _stamp():
                self._begin_anew()

    @property
    def state(self) -> str:
        """The mark of the tables that the words are of; empty while an update is under way, or was cut off."""
        with self._named():
            return str(self._connection.execute("SELECT mark FROM state").get or "")

    def update(
        self, state: str, marks: Mapping[str, str], read: Callable[[str], Iterable[tuple[int, Document]]]
    ) -> int:
        """Make the index say what the exhibits say, and no others; only what has another mark is read.

        Each exhibit counts with its mark at once, so that what was cut off goes on with the next one.

        Args:
            state: A mark of all of it.
            marks: The mark of each exhibit.
            read: Returns the documents of an exhibit with their positions.

        Returns:
            How many documents are new.
        """
        with self._named():
            self._connection.execute("DELETE FROM state")
            known = dict(self._connection.execute("SELECT number, mark FROM exhibits"))
            gone = [number for number, mark in known.items() if marks.get(number) != mark]
            orphans = self._forget(gone)
            added = 0
            batch: list[tuple[str, int, Document]] = []
            marked: list[str] = []
            for number in [each for each, mark in marks.items() if known.get(each) != mark]:
                batch += [(number, position, document) for position, document in read(number)]
                marked.append(number)
                if len(batch) >= _BATCH:
                    added += self._add(batch, marked, marks)
                    batch, marked = [], []
            added += self._add(batch, marked, marks)
            self._drop(orphans)
            self._connection.execute("INSERT OR REPLACE INTO state VALUES (1, ?)", (state,))
            if gone:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return added

    def search(self, wanted: Wanted, limit: int, *, ranked: bool = False) -> list[Hit]:
        """Return what fits, the newest first, to the second; ``ranked``, what fits best first."""
        with self._named():
            values = (wanted.expression, *wanted.numbers, limit)
            rows: list[Any] = self._connection.execute(_RANK if ranked else _FIND, values).fetchall()
            return [Hit(int(number), self._places(number), None if score is None else -score) for number, score in rows]

    def count(self, wanted: Wanted, *, undated: bool = False) -> int:
        """Return how much fits, or how much without an instant would; it is not counted further than to 10,001."""
        numbers = (0, (1 << _TIES) - 1) if undated else wanted.numbers
        with self._named():
            return int(self._connection.execute(_COUNT, (wanted.expression, *numbers, COUNTED_TO + 1)).get)

    def clear(self) -> None:
        """Forget everything."""
        with self._named():
            self._begin_anew()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> SearchIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _places(self, number: int) -> tuple[Place, ...]:
        places = [Place(str(exhibit), int(at)) for exhibit, at in self._connection.execute(_PLACES, (number,))]
        return tuple(sorted(places, key=lambda place: (len(place.exhibit), place)))

    def _forget(self, exhibits: Collection[str]) -> set[int]:
        """Forget where exhibits show documents; return these, which may be shown by no other."""
        orphans: set[int] = set()
        with self._connection as database:
            for number in exhibits:
                this = "(SELECT id FROM exhibits WHERE number = ?)"
                query = f"DELETE FROM places WHERE exhibit = {this} RETURNING document"  # noqa: S608
                orphans.update(document for (document,) in database.execute(query, (number,)))
                database.execute("DELETE FROM exhibits WHERE number = ?", (number,))
        return orphans

    def _drop(self, documents: Iterable[int]) -> None:
        """Take documents out that nothing shows any more; their words are overwritten."""
        with self._connection as database:
            for number in sorted(documents):
                if database.execute("SELECT 1 FROM places WHERE document = ? LIMIT 1", (number,)).get:
                    continue
                old = "SELECT 'delete', id, text, author, facets FROM documents WHERE id = ?"
                database.execute(f"INSERT INTO words (words, rowid, text, author, facets) {old}", (number,))
                database.execute("DELETE FROM documents WHERE id = ?", (number,))

    def _add(self, batch: list[tuple[str, int, Document]], exhibits: list[str], marks: Mapping[str, str]) -> int:
        """Put in what exhibits show, those of the lowest number first, as FTS5 takes them best."""
        with self._connection as database:
            ids: dict[str, int] = {}
            for number in exhibits:
                query = "INSERT INTO exhibits (number, mark) VALUES (?, ?) RETURNING id"
                ids[number] = int(database.execute(query, (number, marks[number])).get)
            documents, new = self._numbered(batch)
            numbers = sorted(new)
            rows = [(number, *new[number][1].row()) for number in numbers]
            keys = ((number, new[number][0], *row[1:]) for number, row in zip(numbers, rows, strict=True))
            database.executemany("INSERT INTO documents VALUES (?, ?, ?, ?, ?)", keys)
            database.executemany("INSERT INTO words (rowid, text, author, facets) VALUES (?, ?, ?, ?)", rows)
            seen = ((document, ids[one], at) for document, (one, at, _) in zip(documents, batch, strict=True))
            database.executemany("INSERT OR IGNORE INTO places VALUES (?, ?, ?)", sorted(seen))
        return len(new)

    def _numbered(self, batch: list[tuple[str, int, Document]]) -> tuple[list[int], dict[int, tuple[bytes, Document]]]:
        """Return the number of each document, and which of them are new."""
        known: dict[bytes, int] = {}
        new: dict[int, tuple[bytes, Document]] = {}
        documents = []
        for _, _, document in batch:
            key = document.key()
            if key not in known:
                query = "SELECT id FROM documents WHERE key = ?"
                found = self._connection.execute(query, (key,)).get
                known[key] = found if found is not None else self._free(document, key, new)
                if found is None:
                    new[known[key]] = (key, document)
            documents.append(known[key])
        return documents, new

    def _free(self, document: Document, key: bytes, taken: Collection[int]) -> int:
        """Return a number that no document has: after its second, its key decides, so that it is always the same."""
        second = _number(document.published) if document.published else 0
        tie = int.from_bytes(key[:4], "big") % (1 << _TIES)
        query = "SELECT 1 FROM documents WHERE id = ?"
        while (number := second | tie) in taken or self._connection.execute(query, (number,)).get:
            tie = (tie + 1) % (1 << _TIES)
        return number

    def _made(self) -> dict[str, str]:
        if not self._connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'made'").get:
            return {}
        return dict(self._connection.execute("SELECT name, value FROM made"))

    def _begin_anew(self) -> None:
        with self._connection as database:
            tables = database.execute("SELECT name, type FROM pragma_table_list WHERE schema = 'main'").fetchall()
            own = [name for name, kind in tables if kind != "shadow" and not str(name).startswith("sqlite_")]
            for name in own:
                database.execute(f'DROP TABLE "{name}"')
            database.execute(_SCHEMA)
            database.executemany("INSERT INTO made VALUES (?, ?)", _stamp().items())

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except (apsw.Error, OSError) as error:
            raise CaseError(
                f"The search index in {self._path or 'memory'} cannot be used ({error}). Evidence, ledger and "
                "tables are not affected: free some space or fix the permissions, and run case.rebuild(), which makes "
                "it again."
            ) from error


@lru_cache(maxsize=1024)
def _facet(what: str, name: str) -> str:
    return what + "".join(words(name))


def _number(instant: datetime) -> int:
    """Return the lowest number of a document of that second."""
    return ((instant - _BEGINNING) // _SECOND + 1) << _TIES


def _stamp() -> dict[str, str]:
    """Return what a file has to have been made by, so that it says what this release would say."""
    return {"format": str(FORMAT), "normalised": RECIPE}


def _opened(path: Path | None) -> apsw.Connection:
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


def _connected(name: str) -> apsw.Connection:
    connection = apsw.Connection(name)
    connection.set_busy_timeout(10_000)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    return connection
