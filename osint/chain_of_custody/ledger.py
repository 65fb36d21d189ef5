"""The ledger of one case on one workstation: an append-only SQLite file.

Evidence is the ``line`` of each entry, the checkpoints and the disclosures; every other column is an index over them
that verification does not read. ``README.md`` beside this file is the format.

A commit is on the disk before ``append`` returns. Writers in other threads and processes take turns by SQLite's own
lock; position, link to the entry before and exhibit number are given inside it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from osint.chain_of_custody.draft import NOTHING, compose, key_item
from osint.chain_of_custody.entry import Entry, restored_head
from osint.chain_of_custody.keys import Signer
from osint.chain_of_custody.ledger_file import (
    ANCHORS,
    APPLICATION_ID,
    FORMAT,
    SCHEMA,
    connect_to_create,
    connect_to_read,
    connect_to_write,
    is_made,
    sync_log,
    sync_name,
    upgrade,
)
from osint.chain_of_custody.ledger_import import write_exported
from osint.chain_of_custody.ledger_keys import LedgerKeys, two_keys
from osint.chain_of_custody.ledger_reader import forget_parsed
from osint.errors import LedgerError
from osint.instants import now

if TYPE_CHECKING:
    from osint.chain_of_custody.export import ExportedLedger
    from osint.chain_of_custody.heads import HeadStore


class Ledger(LedgerKeys):
    """One ledger, opened for writing by :meth:`create` or :meth:`open`, or for reading by :meth:`read`."""

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        actor: Signer,
        log: Signer,
        performer: Mapping[str, Any] = NOTHING,
        clock: Callable[[], datetime] = now,
        heads: HeadStore | None = None,
    ) -> Self:
        """Make a ledger; its first entry, ``open``, introduces both keys.

        Args:
            path: A file that is not there yet, on a local disk.
            actor: Key of the person who acts; signs every entry.
            log: Another key; signs the checkpoints.
            performer: Who acts, in private values, such as ``{"investigator": "J. Smit, badge 4471"}``.
            clock: Present instant, with its zone.
            heads: Where this workstation remembers the heads it signed, apart from the case.

        Raises:
            LedgerError: The file is there already, or cannot be made.
        """
        ledger = cls(Path(path), connect_to_create, two_keys(actor, log), clock, heads)
        keys = [key_item(actor, "actor", "opened"), key_item(log, "log", "opened")]
        draft = compose("open", performer=actor, present=clock(), object=keys, private=performer)
        with ledger._file.explained():
            if is_made(ledger.path):
                raise LedgerError(f"{path} is there already. A ledger is never made twice; open it instead.")
            with ledger._transaction() as database:
                if database.execute("SELECT count(*) FROM sqlite_schema").get:
                    raise LedgerError(f"{path} was made by another process just now. Open it instead.")
                database.execute(SCHEMA)
                database.execute(ANCHORS)
                database.execute(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}")
                ledger._insert(database, draft, f"osint/{uuid.uuid4().hex}")
            sync_name(ledger.path)
        ledger._file.connect = connect_to_write
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
        heads: HeadStore | None = None,
        custodian: Signer | None = None,
    ) -> Self:
        """Open a ledger to continue it. A key that it does not know yet is introduced by an entry ``key.add``.

        That entry is signed by the actor's key, a new one included: it shows possession, not permission. Whoever
        verifies compares the fingerprints with those on paper. A ledger of an earlier format is upgraded; its file is
        copied first, and its entries are not touched.

        Args:
            path: The ledger.
            actor: Key of the person who acts.
            log: Key for the checkpoints.
            performer: Who acts, in private values; recorded with a key that is new.
            clock: Present instant, with its zone.
            heads: Where this workstation remembers the heads it signed, apart from the case.
            custodian: Vouches for the keys that are new, as successors of keys that were lost.

        Raises:
            LedgerError: There is no such ledger, it was made by a newer release, it cannot be written, a key was
                rotated or revoked in it, or it holds less than this workstation has signed already.
        """
        ledger = cls(Path(path), connect_to_write, two_keys(actor, log), clock, heads)
        if ledger._check_format() < FORMAT:
            with ledger._file.reading() as database:
                upgrade(database, ledger.path)
        if heads is not None:
            heads.check(ledger)
        ledger._introduce_own(performer, custodian)
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

    @classmethod
    def take_over(cls, path: Path, source: ExportedLedger) -> Self:
        """Make a ledger file from an exported ledger, to be read: the lines as they are, nothing signed.

        Verify the export first. The file appears whole or not at all.

        Raises:
            LedgerError: The export cannot be read, or the file is there already or cannot be written.
        """
        write_exported(path, source)
        return cls.read(path)

    def restore(self, *, reason: str, lost: str | None = None, private: Mapping[str, Any] = NOTHING) -> Entry:
        """Declare that this ledger was restored from a backup, and go on under a new name.

        The heads signed under the old name may cover entries that are not here any more; under the new name no head
        can contradict them.

        Args:
            reason: Why, in words.
            lost: The newest head known under the old name, when it covers more than is here: a checkpoint.
            private: Whatever else is to be recorded.

        Raises:
            LedgerError: It cannot be written.
        """
        said = {**private, "reason": reason, **({"lost_head": lost} if lost is not None else {})}
        with self._file.explained(), self._transaction() as database:
            frontier = self._catch_up(database)
            draft = compose(
                "restore",
                performer=self.signers()[0],
                present=self._clock(),
                object=[restored_head(frontier.size, frontier.root())],
                private=said,
            )
            self._named = None
            return self._insert(database, draft, f"osint/{uuid.uuid4().hex}")

    def erase(self, digests: Collection[str]) -> int:
        """Destroy disclosures: their rows, the free pages and the write-ahead log; return how many there were.

        What erased them must be in the ledger before: this writes no entry. An interrupted call is repeated.

        Raises:
            LedgerError: Another process has the ledger open, so that its log cannot be emptied; or it cannot be
                written. The rows may be gone then, and not yet every trace of them: close the others and repeat.
        """
        with self._file.explained(), self._file.lock:
            with self._transaction() as database:
                before = database.total_changes()
                database.executemany("DELETE FROM disclosures WHERE digest = ?", [(digest,) for digest in digests])
                erased = int(database.total_changes() - before)
            forget_parsed()  # what is destroyed is not kept in memory either
            database.pragma("temp_store", "memory")
            database.execute("VACUUM")  # a page that was rebalanced may hold the old bytes in its gap
            busy, _, _ = next(database.execute("PRAGMA wal_checkpoint(TRUNCATE)"))
            if busy:
                raise LedgerError(
                    f"{self.path} is open elsewhere, so that traces of what was erased may be left in its log. Close "
                    "the other notebooks and programs and repeat the step."
                )
            sync_log(self.path)
            return erased
