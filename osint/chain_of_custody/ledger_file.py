"""The SQLite file behind a ledger: its tables, how it is opened, what its errors mean.

Write-ahead journal with ``synchronous=FULL``: one sync per commit, readers never wait. SQLite 3.7.0 to 3.51.2 can lose
data when two connections reset that journal at once, so an older library gets a rollback journal with ``EXTRA``.
"""

from __future__ import annotations

import contextlib
import os
import random
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import apsw

from osint.chain_of_custody.entry import INTRODUCING
from osint.errors import LedgerError
from osint.store.durable import sync_folder

APPLICATION_ID = 0x6F73696E
FORMAT = 2
_WAL_SAFE = (3, 51, 3)
_PATIENCE_MS = 30_000
LEVELS = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}

SCHEMA = """
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    line BLOB NOT NULL,
    leaf BLOB NOT NULL UNIQUE CHECK (length(leaf) = 32),
    prev BLOB NOT NULL UNIQUE CHECK (length(prev) = 32),
    exhibit INTEGER UNIQUE
) STRICT;
CREATE TABLE disclosures (
    digest TEXT NOT NULL,
    seq INTEGER NOT NULL REFERENCES entries (seq),
    disclosure TEXT NOT NULL,
    PRIMARY KEY (seq, digest)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TABLE keys (
    keyid TEXT NOT NULL, role TEXT NOT NULL, seq INTEGER NOT NULL REFERENCES entries (seq), ended INTEGER,
    PRIMARY KEY (keyid, role)
) STRICT;
CREATE TRIGGER entries_follow BEFORE INSERT ON entries
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), -1) + 1 FROM entries)
BEGIN SELECT RAISE(ABORT, 'an entry can only be appended'); END;
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
CREATE TRIGGER entries_last BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;
CREATE TRIGGER checkpoints_follow BEFORE INSERT ON checkpoints
WHEN NEW.size <= (SELECT max(size) FROM checkpoints)
BEGIN SELECT RAISE(ABORT, 'a checkpoint never goes back'); END;
CREATE TRIGGER checkpoints_stay BEFORE UPDATE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'a checkpoint is never changed'); END;
CREATE TRIGGER checkpoints_last BEFORE DELETE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'a checkpoint is never deleted'); END;
CREATE TRIGGER disclosures_stay BEFORE UPDATE ON disclosures
BEGIN SELECT RAISE(ABORT, 'a disclosure is erased or kept, never changed'); END;
"""
ANCHORS = """
CREATE TABLE tokens (
    number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, covers TEXT NOT NULL, size INTEGER NOT NULL,
    document BLOB NOT NULL, request BLOB NOT NULL, reply BLOB NOT NULL, chain BLOB NOT NULL
) STRICT;
CREATE TABLE cosignatures (
    size INTEGER NOT NULL REFERENCES checkpoints (size), line TEXT NOT NULL, PRIMARY KEY (size, line)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER tokens_stay BEFORE UPDATE ON tokens
BEGIN SELECT RAISE(ABORT, 'a time stamp is never changed'); END;
CREATE TRIGGER tokens_last BEFORE DELETE ON tokens
BEGIN SELECT RAISE(ABORT, 'a time stamp is never deleted'); END;
"""
"""What format 2 has beside format 1, with the column ``keys.ended``."""

_MEANINGS: Mapping[type[apsw.Error], str] = {
    apsw.FullError: "the disk is full; make room and repeat the step",
    apsw.ReadOnlyError: "the file or its folder is read-only; open the case where it can be written",
    apsw.BusyError: "another process held it for too long; see whether one hangs, then repeat the step",
    apsw.CantOpenError: "the file is not there or cannot be opened; check the path and the rights to its folder",
    apsw.NotADBError: "the file is no ledger; restore it from a kept copy",
    apsw.CorruptError: "the file is damaged; restore it from a kept copy and compare with the last checkpoint",
    apsw.ConstraintError: "the file refused a line that does not continue it; verify the ledger before going on",
    apsw.IOError: "the disk reports a fault; copy the case to another disk and verify it there",
}


def journal_for(version: tuple[int, ...]) -> str:
    """Return the journal mode for a SQLite version: write-ahead only where its reset fault is mended."""
    return "wal" if version >= _WAL_SAFE else "delete"


def sync_log(path: Path) -> None:
    """Have it reach the disk that the write-ahead log was emptied; SQLite cuts the file and does not sync it.

    Raises:
        apsw.IOError: The disk refuses.
    """
    log = path.with_name(path.name + "-wal")
    # An older SQLite keeps none. SQLite's locks lie on the other two files, so that closing this one is safe.
    with disk_fault(), contextlib.suppress(FileNotFoundError), log.open("r+b") as stream:
        os.fsync(stream.fileno())


def is_made(path: Path) -> bool:
    """Return whether a ledger, or anything else that must not be written over, is there.

    A kill or a power failure while a ledger is made leaves an empty file, or a database without a table.

    Raises:
        LedgerError: The disk does not say.
    """
    try:
        if not path.exists() or (path.is_file() and not path.stat().st_size):
            return False
    except OSError as error:
        raise LedgerError(f"The ledger {path} cannot be looked for: {error.strerror}. Nothing was written.") from error
    try:
        with contextlib.closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as database:
            database.set_busy_timeout(_PATIENCE_MS)
            return bool(database.execute("SELECT count(*) FROM sqlite_schema").get or database.pragma("application_id"))
    except apsw.Error:
        return True


def sync_name(path: Path) -> None:
    """Have the names of a ledger and its log reach the disk.

    SQLite does so when it makes its log, and says nothing when that fails.

    Raises:
        apsw.IOError: The disk refuses.
    """
    with disk_fault():
        sync_folder(path.parent)


@contextlib.contextmanager
def disk_fault() -> Iterator[None]:
    """Turn an error of the operating system into the one that SQLite has for a fault of the disk."""
    try:
        yield
    except OSError as error:
        raise apsw.IOError(str(error)) from error


class _Turn:
    """Waits for other writers. Whoever waits sleeps for as long as some entries take: waking more often, the waiting
    take the processor from the one who writes; sleeping as SQLite does, up to a tenth of a second, they let it idle.
    """

    def __init__(self) -> None:
        self._until = 0.0

    def __call__(self, attempts: int) -> bool:
        if not attempts:
            self._until = time.monotonic() + _PATIENCE_MS / 1000
        time.sleep(random.uniform(0.004, 0.01) * min(attempts + 1, 4))  # noqa: S311 - so that they do not ask in step
        return time.monotonic() < self._until


def connect_to_create(path: Path) -> apsw.Connection:
    return connect_to_write(path, apsw.SQLITE_OPEN_CREATE)


def connect_to_write(path: Path, create: int = 0) -> apsw.Connection:
    database = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE | create)
    if database.readonly("main"):  # SQLite settles for reading when it is refused more
        database.close(True)
        raise apsw.ReadOnlyError(f"{path} was opened for reading only")
    database.set_busy_handler(_Turn())
    journal = database.pragma("journal_mode", journal_for(tuple(map(int, apsw.sqlite_lib_version().split(".")))))
    database.pragma("synchronous", "full" if journal == "wal" else "extra")
    database.pragma("fullfsync", True)  # macOS keeps synced bytes in the drive's cache otherwise
    database.pragma("secure_delete", True)  # an erased disclosure is overwritten
    database.pragma("foreign_keys", True)
    try:
        sync_name(path)
    except apsw.IOError:
        database.close(True)
        raise
    return database


@disk_fault()
def connect_to_read(path: Path) -> apsw.Connection:
    """Open read-only, and leave no file behind.

    Without a write-ahead log nobody is writing, and the file is opened as one that nobody changes: SQLite would
    otherwise make its side files and leave them there. What a writer does meanwhile goes into a log of its own.
    """
    address = path.resolve().as_uri() + "?mode=ro"
    journal = path.with_name(path.name + "-wal")
    if path.is_file() and not journal.exists():
        return _probed(address + "&immutable=1")
    try:
        return _probed(address)
    except (apsw.CantOpenError, apsw.ReadOnlyError):
        if not path.is_file() or journal.stat().st_size:
            raise
        return _probed(address + "&immutable=1")


def _probed(address: str) -> apsw.Connection:
    database = apsw.Connection(address, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    try:
        database.set_busy_timeout(_PATIENCE_MS)
        database.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except apsw.Error:
        database.close(True)
        raise
    return database


def upgrade(database: apsw.Connection, path: Path) -> None:
    """Give a ledger of format 1 the tables of format 2. Entries are not touched; the old file is copied first.

    The copy is ``ledger.sqlite.format-1`` beside it, for the release that made it.

    Raises:
        apsw.Error: Nothing was changed.
    """
    with disk_fault():
        _keep_copy(database, path.with_name(f"{path.name}.format-1"))
    database.execute("BEGIN IMMEDIATE")
    try:
        if database.pragma("user_version") == 1:  # another process may have been first
            database.execute(ANCHORS)
            database.execute("ALTER TABLE keys ADD COLUMN ended INTEGER; PRAGMA user_version = 2")
        database.execute("COMMIT")
    except BaseException:
        database.execute("ROLLBACK")
        raise


def _keep_copy(database: apsw.Connection, kept: Path) -> None:
    if kept.exists():
        return
    part = kept.with_name(kept.name + ".part")
    part.unlink(missing_ok=True)
    with contextlib.closing(apsw.Connection(str(part))) as copy:
        with copy.backup("main", database, "main") as backup:
            backup.step()
        copy.pragma("journal_mode", "delete")
    part.replace(kept)
    sync_folder(kept.parent)


def typed(rows: Iterable[tuple[Any, ...]], *kinds: type) -> Iterator[tuple[Any, ...]]:
    """Yield rows whose values are of these types, as the tables demand; a damaged page may hold others.

    Raises:
        apsw.CorruptError: A value is of another type.
    """
    for row in rows:
        if tuple(map(type, row)) != kinds:
            raise apsw.CorruptError("a row holds what its table does not allow")
        yield row


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into one that says what happened, what it means and what to do."""
    try:
        yield
    except UnicodeDecodeError as error:  # how apsw tells of text that a damaged page holds
        raise LedgerError(f"The ledger {path} cannot be used: {_MEANINGS[apsw.CorruptError]}.") from error
    except apsw.Error as error:
        meaning = next((text for kind, text in _MEANINGS.items() if isinstance(error, kind)), str(error))
        # A failed sync leaves open whether the commit reached the disk: after a fault it can show up all the same.
        step = (
            "the next look into the ledger shows whether this step was"
            if is_fault(error)
            else "nothing of this step was"
        )
        raise LedgerError(
            f"The ledger {path} cannot be used: {meaning}. Entries reported as written before stand; {step} recorded."
        ) from error


def is_fault(error: apsw.Error) -> bool:
    """Return whether an error is one after which the same handle may report success wrongly."""
    return isinstance(error, (apsw.IOError, apsw.CorruptError, apsw.NotADBError))


def note_keys(database: apsw.Connection, payload: Mapping[str, Any]) -> None:
    """Keep the index over the keys up to date with an entry.

    Raises:
        LedgerError: It ends a key that no entry introduces.
    """
    action, seq = payload["action"], payload["seq"]
    if action not in INTRODUCING and action != "key.revoke":
        return
    for item in payload["object"]:
        named = (item["key"], item["role"])
        if "public" in item:
            database.execute("INSERT INTO keys VALUES (?, ?, ?, NULL)", (*named, seq))
            continue
        ends = "UPDATE keys SET ended = coalesce(ended, ?) WHERE keyid = ? AND role = ?"
        database.execute(ends, (seq, *named))
        if not database.changes():
            raise LedgerError(f"Nothing was written: no entry introduces the {item['role']} key {item['key']}.")
