"""The open file of a ledger: one connection for one process, reading and writing in turn, dropped after a fault."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw

from osint.chain_of_custody.ledger_file import explained, is_fault
from osint.chain_of_custody.merkle import leaf_hash
from osint.errors import LedgerError


class LedgerConnection:
    """Opens the file of a ledger when it is first needed, and again after a fault of the disk.

    ``acknowledged`` is the newest entry that was reported as written, and its leaf hash: after a fault it must still
    be there.
    """

    def __init__(self, path: Path, connect: Callable[[Path], apsw.Connection], forget: Callable[[], None]) -> None:
        """Open nothing yet.

        Args:
            path: The file.
            connect: Opens it, for reading or for writing.
            forget: Is called when the connection was dropped: nothing read before counts any more.
        """
        self.path = path
        self.connect = connect
        self.lock = threading.RLock()
        self.acknowledged: tuple[int, bytes] | None = None
        self._forget = forget
        self._process = os.getpid()
        self._database: apsw.Connection | None = None
        self._closed = False

    @contextlib.contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """Give the connection, alone; faults become errors that say what they mean."""
        with self.lock, self.explained():
            yield self.open()

    @contextlib.contextmanager
    def unchanging(self) -> Iterator[None]:
        """Have every step of reading see the same state, whatever other processes append meanwhile."""
        with self.reading() as database:
            database.execute("BEGIN")
            try:
                yield
            finally:
                if database.in_transaction:
                    database.execute("COMMIT")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[apsw.Connection]:
        """Give the connection with the right to write: all of it is committed, or nothing."""
        with self.lock:
            database = self.open()
            database.execute("BEGIN IMMEDIATE")
            acknowledged = self.acknowledged
            try:
                yield database
                database.execute("COMMIT")
            except BaseException:
                self.acknowledged = acknowledged
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise

    def open(self) -> apsw.Connection:
        """Return the connection.

        Raises:
            LedgerError: It was closed, belongs to another process, or the disk lost what it had reported as written.
        """
        if self._closed:
            raise LedgerError(f"{self.path} has been closed. Open it again.")
        if os.getpid() != self._process:
            raise LedgerError(
                f"{self.path} was opened by another process, and SQLite forbids to share it. Open it again."
            )
        if self._database is None:
            database = self.connect(self.path)
            try:
                self._check_acknowledged(database)
            except BaseException:
                database.close(True)
                raise
            self._database = database
        return self._database

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Say what a fault of SQLite means; after one of the disk, drop the connection."""
        with explained(self.path):
            try:
                yield
            except apsw.Error as error:
                if is_fault(error):
                    self.drop()
                raise

    def drop(self) -> None:
        """Let go of the connection; the next use opens another."""
        database, self._database = self._database, None
        self._forget()
        if database is not None:
            with contextlib.suppress(apsw.Error):  # a failing disk fails here too; nothing is pending any more
                database.close(True)

    def close(self) -> None:
        """Close the file for good."""
        with self.lock:
            self._closed = True
            self.drop()

    def _check_acknowledged(self, database: apsw.Connection) -> None:
        if self.acknowledged is None:
            return
        seq, leaf = self.acknowledged
        row = database.execute("SELECT line FROM entries WHERE seq = ?", (seq,)).fetchone()
        if row is None or leaf_hash(row[0]) != leaf:
            raise LedgerError(
                f"The disk lost ledger entry {seq}, which it had reported as written. Stop collecting to this disk, "
                "restore the ledger from a kept copy and compare with the last checkpoint."
            )
