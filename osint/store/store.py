"""Where derived records live. Everything in it can be made again from evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

import apsw

from osint.errors import CaseError

TABLES = 3
"""Rises whenever a reader makes other rows of the same evidence; 0 are the tables of releases that did not count."""

READING = "reading"
"""The kind of record that holds the word of a program of others: the one that evidence alone does not give again."""

Row = tuple[str, dict[str, Any]]  # the kind of a record, and the record as JSON values

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    exhibit TEXT NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (exhibit, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_by_kind ON records (kind, exhibit, position);
CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY, mark TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS marks (exhibit TEXT PRIMARY KEY, mark TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""
_MARK = "INSERT OR REPLACE INTO state VALUES (1, hex(randomblob(16)))"
_MARK_LEFT = """
DELETE FROM marks;
INSERT INTO marks SELECT exhibit, hex(randomblob(16)) FROM (SELECT DISTINCT exhibit FROM records);
"""
_EXHIBITS = """
WITH RECURSIVE known (exhibit) AS (
    SELECT min(exhibit) FROM records
    UNION ALL SELECT (SELECT min(exhibit) FROM records AS next WHERE next.exhibit > known.exhibit) FROM known
    WHERE known.exhibit IS NOT NULL
) SELECT exhibit FROM known WHERE exhibit IS NOT NULL
"""  # from one exhibit to the next, without reading what lies between them


class Store(Protocol):
    """Derived records by the exhibit they were read from."""

    def replace(self, exhibit: str, rows: Sequence[Row]) -> None:
        """Make these the records of an exhibit, in one step, instead of any it had."""
        ...

    def holds(self, exhibit: str) -> bool:
        """Say whether there is any record of an exhibit."""
        ...

    def records(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield the records of a kind by exhibit and position."""
        ...

    def values(self, kind: str, *names: str) -> Iterator[list[Any]]:
        """Yield some values of each record of a kind, in no order; None for one that is not there.

        What has to look at every record but not at all of it takes this: neither sorted nor read whole, a record takes
        a third of the time.

        Args:
            kind: The kind.
            names: At least two names: ``url``, or ``facts.sha256`` for one inside another.
        """
        ...

    def of(self, exhibit: str) -> list[Row]:
        """Return the records of an exhibit by position."""
        ...

    def at(self, exhibit: str, position: int) -> Row | None:
        """Return one record of an exhibit; None where there is none at that position."""
        ...

    def marks(self) -> dict[str, str]:
        """Return a mark of each exhibit that has records; whatever changes these gives it another one."""
        ...

    def rows(self) -> Iterator[tuple[str, int, str, str]]:
        """Yield everything as it is kept: exhibit, position, kind and body, in that order."""
        ...

    def clear(self, *, but: str = "") -> None:
        """Forget everything but records of one kind; what is put in from now on is made by this release."""
        ...

    @property
    def tables(self) -> int:
        """The :data:`TABLES` of the release that made the records."""
        ...

    @property
    def state(self) -> str:
        """A mark that every change of the records replaces with a new one; empty where nothing marks changes."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class SqliteStore:
    """A :class:`Store` in one SQLite file on a local disk."""

    def __init__(self, path: Path | None) -> None:
        """Open the file, and make it when it is not there; None keeps the records in memory only.

        Raises:
            CaseError: It cannot be opened or written.
        """
        self._path = path
        with self._named():
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _connected(path)

    def replace(self, exhibit: str, rows: Sequence[Row]) -> None:
        """Make these the records of an exhibit, in one step, instead of any it had.

        Raises:
            CaseError: The file cannot be written; the records of the exhibit are as they were.
        """
        values = [
            (exhibit, position, kind, json.dumps(body, ensure_ascii=True, sort_keys=True))
            for position, (kind, body) in enumerate(rows)
        ]
        with self._named(), self._connection:
            self._connection.execute("DELETE FROM records WHERE exhibit = ?", (exhibit,))
            self._connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?)", values)
            self._connection.execute("INSERT OR REPLACE INTO marks VALUES (?, hex(randomblob(16)))", (exhibit,))
            self._connection.execute(_MARK)

    def holds(self, exhibit: str) -> bool:
        """Say whether there is any record of an exhibit."""
        with self._named():
            found = self._connection.execute("SELECT 1 FROM records WHERE exhibit = ? LIMIT 1", (exhibit,))
            return found.fetchone() is not None

    def records(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield the records of a kind by exhibit and position."""
        query = "SELECT body FROM records WHERE kind = ? ORDER BY length(exhibit), exhibit, position"
        with self._named():
            for (body,) in self._connection.execute(query, (kind,)):
                yield json.loads(body)

    def values(self, kind: str, *names: str) -> Iterator[list[Any]]:
        """Yield some values of each record of a kind, in no order; None for one that is not there."""
        if len(names) < 2:  # of a single path SQLite gives the value, and only of several JSON, which keeps every text
            raise ValueError("values() takes at least two names")
        query = f"SELECT json_extract(body{', ?' * len(names)}) FROM records WHERE kind = ?"  # noqa: S608
        with self._named():
            for (told,) in self._connection.execute(query, (*(f"$.{name}" for name in names), kind)):
                yield json.loads(told)

    def of(self, exhibit: str) -> list[Row]:
        """Return the records of an exhibit by position."""
        query = "SELECT kind, body FROM records WHERE exhibit = ? ORDER BY position"
        with self._named():
            return [(str(kind), json.loads(str(body))) for kind, body in self._connection.execute(query, (exhibit,))]

    def at(self, exhibit: str, position: int) -> Row | None:
        """Return one record of an exhibit; None where there is none at that position."""
        query = "SELECT kind, body FROM records WHERE exhibit = ? AND position = ?"
        with self._named():
            row = self._connection.execute(query, (exhibit, position)).fetchone()
        return None if row is None else (str(row[0]), json.loads(str(row[1])))

    def marks(self) -> dict[str, str]:
        """Return a mark of each exhibit that has records; whatever changes these gives it another one.

        It is empty for what an older release wrote, until that is replaced.
        """
        known = "SELECT exhibit, mark FROM marks" if self._has("marks") else "SELECT '', ''"
        with self._named():
            marks = dict(self._connection.execute(known))
            return {str(exhibit): str(marks.get(exhibit, "")) for (exhibit,) in self._connection.execute(_EXHIBITS)}

    def rows(self) -> Iterator[tuple[str, int, str, str]]:
        """Yield everything as it is kept: exhibit, position, kind and body, in that order."""
        query = "SELECT exhibit, position, kind, body FROM records ORDER BY length(exhibit), exhibit, position"
        with self._named():
            yield from self._connection.execute(query)

    def clear(self, *, but: str = "") -> None:
        """Forget everything but records of one kind; what is put in from now on is made by this release."""
        with self._named(), self._connection:
            self._connection.execute("DELETE FROM records WHERE kind != ?", (but,))
            self._connection.execute(_MARK_LEFT)
            self._connection.execute(f"PRAGMA user_version = {TABLES}")
            self._connection.execute(_MARK)

    @property
    def tables(self) -> int:
        """The :data:`TABLES` of the release that made the records."""
        with self._named():
            return int(str(self._connection.pragma("user_version")))

    @property
    def state(self) -> str:
        """A mark that every change of the records replaces with a new one; empty where nothing marks changes."""
        if not self._has("state"):
            return ""  # of an older release, on a medium that cannot be written
        with self._named():
            return str(self._connection.execute("SELECT mark FROM state").get or "")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _has(self, table: str) -> bool:
        with self._named():
            return bool(self._connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).get)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except (apsw.Error, OSError) as error:
            raise CaseError(
                f"The working tables in {self._path or 'memory'} cannot be used ({error}). Evidence and ledger are not "
                "affected: free some space or fix the permissions, delete the folder 'working' and run case.rebuild()."
            ) from error


def _connected(path: Path | None) -> apsw.Connection:
    """Open the tables; on media that cannot be written, as a file that nobody changes."""
    try:
        connection = apsw.Connection(":memory:" if path is None else str(path))
        connection.set_busy_timeout(10_000)
        connection.execute("PRAGMA journal_mode = WAL")
        with connection:
            if not connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()[0][0]:
                connection.execute(f"PRAGMA user_version = {TABLES}")
            connection.execute(_SCHEMA)
    except (apsw.CantOpenError, apsw.ReadOnlyError):
        journal = path.with_name(path.name + "-wal") if path is not None else None
        if path is None or not path.is_file() or (journal is not None and journal.exists() and journal.stat().st_size):
            raise
        address = path.resolve().as_uri() + "?mode=ro&immutable=1"
        return apsw.Connection(address, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    return connection


def differences(one: Store, other: Store) -> list[str]:
    """Return the exhibits of which two stores do not hold the same, by number."""
    digests = _digests(one), _digests(other)
    differing = {exhibit for exhibit, _ in digests[0].items() ^ digests[1].items()}
    return sorted(differing, key=lambda exhibit: (len(exhibit), exhibit))


def _digests(store: Store) -> dict[str, str]:
    """Return a digest of what a store holds of each exhibit."""
    return {
        exhibit: sha256(json.dumps(list(rows)).encode()).hexdigest()
        for exhibit, rows in groupby(store.rows(), key=itemgetter(0))
    }
