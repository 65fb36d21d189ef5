"""The ledger of one case on one workstation: an append-only SQLite file.

Evidence is the ``line`` of each entry, the checkpoints and the disclosures; every other column is an index over them
that verification does not read. ``README.md`` beside this file is the format.

A commit is on the disk before ``append`` returns. Writers in other threads and processes take turns by SQLite's own
lock; position, link to the entry before and exhibit number are given inside it.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import apsw

from osint.chain_of_custody import checkpoint
from osint.chain_of_custody.draft import NOTHING, Draft, compose, key_item
from osint.chain_of_custody.entry import INTRODUCING, NO_ENTRY, Entry, Exhibit, new_id, parse, seal, taken_in
from osint.chain_of_custody.keys import Signer
from osint.chain_of_custody.ledger_file import (
    APPLICATION_ID,
    FORMAT,
    LEVELS,
    SCHEMA,
    connect_to_create,
    connect_to_read,
    connect_to_write,
    explained,
    is_fault,
)
from osint.chain_of_custody.merkle import Frontier, leaf_hash
from osint.errors import LedgerError
from osint.instants import now
from osint.store.blobs import sync_folder

_PAGE = 256


class Record(NamedTuple):
    """One stored line, with its line end, and the disclosures stored for it."""

    line: bytes
    disclosures: Sequence[str]


class Ledger:
    """One ledger, opened for writing by :meth:`create` or :meth:`open`, or for reading by :meth:`read`."""

    def __init__(
        self,
        path: Path,
        connect: Callable[[Path], apsw.Connection],
        signers: tuple[Signer, Signer] | None,
        clock: Callable[[], datetime],
    ) -> None:
        self.path = path
        self._connect = connect
        self._signers = signers
        self._clock = clock
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._frontier = Frontier()
        self._acknowledged: tuple[int, bytes] | None = None
        self._database: apsw.Connection | None = None
        self._closed = False

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        actor: Signer,
        log: Signer,
        performer: Mapping[str, Any] = NOTHING,
        clock: Callable[[], datetime] = now,
    ) -> Self:
        """Make a ledger; its first entry, ``open``, introduces both keys.

        Args:
            path: A file that is not there yet, on a local disk.
            actor: Key of the person who acts; signs every entry.
            log: Another key; signs the checkpoints.
            performer: Who acts, in private values, such as ``{"investigator": "J. Smit, badge 4471"}``.
            clock: Present instant, with its zone.

        Raises:
            LedgerError: The file is there already, or cannot be made.
        """
        ledger = cls(Path(path), connect_to_create, _two_keys(actor, log), clock)
        keys = [key_item(actor, "actor", "opened"), key_item(log, "log", "opened")]
        draft = compose("open", performer=actor, present=clock(), object=keys, private=performer)
        if ledger.path.exists() and ledger.path.stat().st_size:
            raise LedgerError(f"{path} is there already. A ledger is never made twice; open it instead.")
        with ledger._explained():
            with ledger._transaction() as database:
                if database.execute("SELECT count(*) FROM sqlite_schema").get:
                    raise LedgerError(f"{path} was made by another process just now. Open it instead.")
                database.execute(SCHEMA)
                database.execute(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}")
                ledger._insert(database, draft, f"osint/{uuid.uuid4().hex}")
            sync_folder(ledger.path.parent)
        ledger._connect = connect_to_write
        return ledger

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        actor: Signer,
        log: Signer,
        performer: Mapping[str, Any] = NOTHING,
        clock: Callable[[], datetime] = now,
    ) -> Self:
        """Open a ledger to continue it. A key that it does not know yet is introduced by an entry ``key.add``.

        That entry is signed by the actor's key, a new one included: it shows possession, not permission. Whoever
        verifies compares the fingerprints with those on paper.

        Raises:
            LedgerError: There is no such ledger, it was made by a newer release, or it cannot be written.
        """
        ledger = cls(Path(path), connect_to_write, _two_keys(actor, log), clock)
        ledger._check_format()
        ledger._introduce(performer)
        return ledger

    @classmethod
    def read(cls, path: Path) -> Self:
        """Open a ledger for reading, from read-only media too.

        Raises:
            LedgerError: There is no such ledger, or it was made by a newer release.
        """
        ledger = cls(Path(path), connect_to_read, None, now)
        ledger._check_format()
        return ledger

    def append(
        self,
        action: str,
        *,
        outcome: str = "done",
        private: Mapping[str, Any] = NOTHING,
        object: Iterable[Mapping[str, Any]] = (),  # noqa: A002 - the standard's word
        result: Iterable[Mapping[str, Any]] = (),
        authorization: str | None = None,
        purpose: str | None = None,
        refs: Iterable[str] = (),
        collector: str | None = None,
        network: str | None = None,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        exhibit: Mapping[str, Any] | None = None,
        id: str | None = None,  # noqa: A002 - the standard's word
    ) -> Entry:
        """Append one signed entry; when this returns, it is on the disk.

        Args:
            action: What was done: ``authorize``, ``capture``, ``key.add`` …
            outcome: ``done``, ``allowed``, ``refused``, ``failed`` or ``nil`` (searched, found nothing).
            private: Whatever could name a person: addresses, queries, names, identifiers of an authority, hashes of
                content. Each value becomes a salted disclosure. JSON without floats.
            object: What it was done to; only members of ``clear_fields.ITEM``.
            result: What came of it; likewise. Exhibit numbers stand here only for the exhibit taken in.
            authorization: Hex leaf hash of this ledger's entry that records the authority.
            purpose: Code of the purpose, such as ``missing_person``.
            refs: Hex leaf hashes of entries that this one concerns, corrects or answers.
            collector: Name of the collector, or ``name/version``.
            network: How the network was reached, such as ``direct``.
            start_time: When it began, with a zone; the clock's instant when not given.
            end_time: When it ended; the clock's instant when not given.
            exhibit: ``sha256``, ``size`` and ``media`` of a stored evidentiary copy; the next number is given to it.
            id: From :meth:`new_id`; drawn here when not given.

        Raises:
            LedgerError: Nothing was written: a field may not stand in clear, the disk is full or read-only, the
                authority is not in this ledger.
        """
        with self._explained():
            draft = compose(
                action,
                performer=self._signing()[0],
                present=self._clock(),
                outcome=outcome,
                private=private,
                object=object,
                result=result,
                authorization=authorization,
                purpose=purpose,
                refs=refs,
                collector=collector,
                network=network,
                start_time=start_time,
                end_time=end_time,
                exhibit=exhibit,
                id=id,
            )
            with self._transaction() as database:
                return self._insert(database, draft)

    def new_id(self) -> str:
        """Return a fresh UUIDv7 of the present instant, to name an entry before it is written."""
        return new_id(self._clock())

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """Yield the entries from a position on, with what their stored disclosures say.

        Raises:
            LedgerError: An entry is damaged.
        """
        for place, record in enumerate(self.records(start), start):
            yield parse(record.line[:-1], place, record.disclosures)

    def entry(self, seq: int) -> Entry:
        """Return one entry.

        Raises:
            LedgerError: There is no such entry, or it is damaged.
        """
        found = next(self.entries(seq), None) if seq >= 0 else None
        if found is None:
            raise LedgerError(f"There is no ledger entry {seq}; the ledger holds {len(self)} entries.")
        return found

    def __len__(self) -> int:
        with self._reading() as database:
            return int(database.execute("SELECT coalesce(max(seq), -1) + 1 FROM entries").get)

    @functools.cached_property
    def origin(self) -> str:
        """Name of this ledger, drawn at random: ``osint/`` and 32 hex digits."""
        return str(self.entry(0).payload["ledger"])

    def root(self) -> bytes:
        """Return the 32-byte Merkle root over all entries."""
        with self._reading() as database:
            return self._catch_up(database).root()

    def cut_checkpoint(self) -> str:
        """Sign the present head and keep it; the same size gives the same note again.

        Raises:
            LedgerError: The ledger is open for reading only, or cannot be written.
        """
        origin = self.origin
        with self._explained(), self._transaction() as database:
            frontier = self._catch_up(database)
            kept = database.execute("SELECT note FROM checkpoints WHERE size = ?", (frontier.size,)).get
            if kept is not None:
                return str(kept)
            note = checkpoint.make(origin, frontier.size, frontier.root(), self._signing()[1])
            database.execute("INSERT INTO checkpoints VALUES (?, ?)", (frontier.size, note))
            return note

    def checkpoints(self) -> list[str]:
        """Return every checkpoint cut, the oldest first."""
        with self._reading() as database:
            return [str(note) for (note,) in database.execute("SELECT note FROM checkpoints ORDER BY size")]

    def exhibits(self) -> list[Exhibit]:
        """Return what was taken in, by exhibit number."""
        rows: list[tuple[Any, ...]]
        with self._reading() as database:
            rows = database.execute("SELECT seq, line FROM entries WHERE exhibit > 0 ORDER BY exhibit").fetchall()
        taken = (taken_in(parse(line, seq).payload, seq) for seq, line in rows)
        return [exhibit for exhibit in taken if exhibit is not None]

    def records(self, start: int = 0) -> Iterator[Record]:
        """Yield the stored lines from a position on, with their line ends and disclosures; read a page at a time."""
        while page := self._page(start):
            yield from page
            start += len(page)

    @property
    def durability(self) -> str:
        """How commits reach the disk: SQLite's version, journal and synchronous mode."""
        with self._reading() as database:
            journal, level = database.pragma("journal_mode"), database.pragma("synchronous")
        return f"SQLite {apsw.sqlite_lib_version()}, journal {journal}, synchronous {LEVELS[level]}"

    def close(self) -> None:
        """Close the file. Iterators still running fail afterwards."""
        with self._lock:
            self._closed = True
            self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _insert(self, database: apsw.Connection, draft: Draft, origin: str | None = None) -> Entry:
        seq, previous = self._tail(database)
        number = self._next_exhibit(database) if draft.exhibit is not None else None
        self._check_authority(database, draft.fields.get("authorization"))
        payload = draft.placed(origin or self.origin, seq, previous, number)
        line = seal(payload, self._signing()[:1])
        leaf = leaf_hash(line)
        database.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", (seq, line, leaf, previous, number))
        for digest, text in draft.disclosures.items():
            database.execute("INSERT INTO disclosures VALUES (?, ?, ?)", (digest, seq, text))
        for item in payload["object"] if payload["action"] in INTRODUCING else ():
            database.execute("INSERT INTO keys VALUES (?, ?, ?)", (item["key"], item["role"], seq))
        return Entry(seq, leaf, line, payload, draft.private)

    def _tail(self, database: apsw.Connection) -> tuple[int, bytes]:
        """Return the next position, and the leaf hash it continues: computed from the line, not read from the index."""
        row = database.execute("SELECT seq, line FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
        return (row[0] + 1, leaf_hash(row[1])) if row else (0, bytes.fromhex(NO_ENTRY))

    def _next_exhibit(self, database: apsw.Connection) -> int:
        return int(database.execute("SELECT coalesce(max(exhibit), 0) + 1 FROM entries").get)

    def _check_authority(self, database: apsw.Connection, leaf: str | None) -> None:
        if leaf is None:
            return
        if not database.execute("SELECT count(*) FROM entries WHERE leaf = ?", (bytes.fromhex(leaf),)).get:
            raise LedgerError(
                f"The ledger entry was not written: the authority it relies on, {leaf}, is not in the ledger."
            )

    def _introduce(self, performer: Mapping[str, Any]) -> None:
        actor, log = self._signing()
        wanted = [key_item(actor, "actor", "introduced"), key_item(log, "log", "introduced")]
        with self._reading() as database:
            if not self._unknown(database, wanted):
                return
        with self._explained(), self._transaction() as database:
            items = self._unknown(database, wanted)  # another process may have been first
            if items:
                draft = compose("key.add", performer=actor, present=self._clock(), object=items, private=performer)
                self._insert(database, draft)

    def _unknown(self, database: apsw.Connection, items: list[dict[str, str]]) -> list[dict[str, str]]:
        known = {(str(keyid), str(role)) for keyid, role in database.execute("SELECT keyid, role FROM keys")}
        return [item for item in items if (item["key"], item["role"]) not in known]

    def _catch_up(self, database: apsw.Connection) -> Frontier:
        lines = database.execute("SELECT line FROM entries WHERE seq >= ? ORDER BY seq", (self._frontier.size,))
        for (line,) in lines:
            self._frontier.append(leaf_hash(line))
        return self._frontier

    def _page(self, start: int) -> list[Record]:
        rows: list[tuple[Any, ...]]
        held: dict[int, list[str]] = {}
        lines = "SELECT line FROM entries WHERE seq >= ? ORDER BY seq LIMIT ?"
        with self._reading() as database:
            rows = database.execute(lines, (start, _PAGE)).fetchall()
            query = "SELECT seq, disclosure FROM disclosures WHERE seq >= ? AND seq < ? ORDER BY seq, digest"
            for seq, text in database.execute(query, (start, start + len(rows))):
                held.setdefault(seq, []).append(text)
        return [Record(line + b"\n", held.get(seq, ())) for seq, (line,) in enumerate(rows, start)]

    def _check_format(self) -> None:
        with self._reading() as database:
            application, version = database.pragma("application_id"), database.pragma("user_version")
        if application != APPLICATION_ID:
            raise LedgerError(f"{self.path} is no ledger. Check the path, or restore the ledger from a kept copy.")
        if version > FORMAT:
            raise LedgerError(
                f"{self.path} was written by a newer release (format {version}). Open it with that release."
            )

    def _signing(self) -> tuple[Signer, Signer]:
        if self._signers is None:
            raise LedgerError(f"{self.path} was opened for reading; nothing can be appended. Open it with its keys.")
        return self._signers

    @contextlib.contextmanager
    def _reading(self) -> Iterator[apsw.Connection]:
        with self._lock, self._explained():
            yield self._open_database()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[apsw.Connection]:
        self._signing()
        with self._lock:
            database = self._open_database()
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                seq, leaf = self._tail(database)
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise
            self._acknowledged = (seq - 1, leaf)

    def _open_database(self) -> apsw.Connection:
        if self._closed:
            raise LedgerError(f"{self.path} has been closed. Open it again.")
        if os.getpid() != self._process:
            raise LedgerError(
                f"{self.path} was opened by another process, and SQLite forbids to share it. Open it again."
            )
        if self._database is None:
            self._database = self._connect(self.path)
            self._check_acknowledged(self._database)
        return self._database

    def _check_acknowledged(self, database: apsw.Connection) -> None:
        """After a fault of the disk: what was reported as written must still be there."""
        if self._acknowledged is None:
            return
        seq, leaf = self._acknowledged
        row = database.execute("SELECT line FROM entries WHERE seq = ?", (seq,)).fetchone()
        if row is None or leaf_hash(row[0]) != leaf:
            raise LedgerError(
                f"The disk lost ledger entry {seq}, which it had reported as written. Stop collecting to this disk, "
                "restore the ledger from a kept copy and compare with the last checkpoint."
            )

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        with explained(self.path):
            try:
                yield
            except apsw.Error as error:
                if is_fault(error):
                    self._drop()
                raise

    def _drop(self) -> None:
        database, self._database = self._database, None
        self._frontier = Frontier()
        if database is not None:
            with contextlib.suppress(apsw.Error):  # a failing disk fails here too; nothing is pending any more
                database.close(True)


def _two_keys(actor: Signer, log: Signer) -> tuple[Signer, Signer]:
    if actor.keyid == log.keyid:
        raise LedgerError("The key that signs entries also signs checkpoints here. Use two keys: one person, one log.")
    return actor, log
