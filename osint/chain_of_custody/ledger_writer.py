"""Appending to a ledger: each entry is signed, placed and on the disk before the call returns.

Position, link to the entry before and exhibit number are given inside SQLite's own lock, so that writers in other
threads and processes take turns.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw

from osint.chain_of_custody import checkpoint
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.draft import NOTHING, Draft, compose
from osint.chain_of_custody.entry import Entry, format_milliseconds, new_id, seal
from osint.chain_of_custody.keys import Signer
from osint.chain_of_custody.ledger_file import note_keys
from osint.chain_of_custody.ledger_reader import LedgerReader
from osint.chain_of_custody.ledger_rows import check_authority, check_in_force, kept_note, next_exhibit, tail
from osint.chain_of_custody.merkle import leaf_hash
from osint.chain_of_custody.registry import PEOPLE, ROLES
from osint.errors import LedgerError

if TYPE_CHECKING:
    from osint.chain_of_custody.heads import HeadStore
    from osint.chain_of_custody.timestamp import Stamp, Token


class LedgerWriter(LedgerReader):
    """One ledger that takes entries; without signers, it takes none."""

    def __init__(
        self,
        path: Path,
        connect: Callable[[Path], apsw.Connection],
        signers: tuple[Signer, Signer] | None,
        clock: Callable[[], datetime],
        heads: HeadStore | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            path: The file.
            connect: Opens it, for reading or for writing.
            signers: Who signs entries, and what signs heads; None for reading only.
            clock: Present instant, with its zone.
            heads: Where this workstation remembers the heads it signed, apart from the case.
        """
        super().__init__(path, connect)
        self._signers = signers
        self._clock = clock
        self._heads = heads

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
        cosigners: Sequence[Signer] = (),
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
            cosigners: Further persons who sign this entry, in this order; :meth:`introduce` makes them known.

        Raises:
            LedgerError: Nothing was written: a field may not stand in clear, the disk is full or read-only, the
                authority is not in this ledger, a key may not sign here.
        """
        with self._file.explained():
            draft = compose(
                action,
                performer=self.signers()[0],
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
                return self._insert(database, draft, cosigners=cosigners)

    @property
    def performer(self) -> str:
        """Fingerprint of the key of the person who acts here.

        Raises:
            LedgerError: The ledger is open for reading only.
        """
        return self.signers()[0].keyid

    @property
    def is_writable(self) -> bool:
        """Whether it was opened with keys; one that was opened for reading takes no entry."""
        return self._signers is not None

    def signers(self) -> tuple[Signer, Signer]:
        """Return who signs entries here, and what signs heads.

        Raises:
            LedgerError: The ledger is open for reading only.
        """
        if self._signers is None:
            raise LedgerError(f"{self.path} was opened for reading; nothing can be appended. Open it with its keys.")
        return self._signers

    @property
    def log_key(self) -> bytes:
        """Public key that signs the checkpoints here, 32 bytes.

        Raises:
            LedgerError: The ledger is open for reading only.
        """
        return self.signers()[1].public

    def new_id(self) -> str:
        """Return a fresh UUIDv7 of the present instant, to name an entry before it is written."""
        return new_id(self._clock())

    def cut_checkpoint(self) -> str:
        """Sign the present head and keep it; the same size gives the same note again.

        Raises:
            LedgerError: The ledger is open for reading only, or cannot be written.
        """
        with self._file.explained(), self._transaction() as database:
            frontier = self._catch_up(database)
            note = kept_note(database, frontier.size)
            if note is None:
                signer = self.signers()[1]
                check_in_force(database, [signer.keyid], "log")
                note = checkpoint.make(self._origin(database), frontier.size, frontier.root(), signer)
                database.execute("INSERT INTO checkpoints VALUES (?, ?)", (frontier.size, note))
        if self._heads is not None:
            self._heads.remember(note)
        return note

    def keep_token(self, token: Token, stamp: Stamp) -> Entry:
        """Keep a time stamp that was verified, and record it in the same step; later entries name it in ``after``.

        Raises:
            LedgerError: It cannot be written.
        """
        time = format_milliseconds(stamp.time)
        items: list[dict[str, Any]] = [
            {"kind": "token", "sha256": token.sha256, "checkpoint": token.size, "time": time},
            {"kind": "request", "sha256": sha256(token.request)},
            {"kind": "chain", "sha256": sha256(token.chain)},
        ]
        private = {"authority": stamp.authority, "covers": token.covers, "verified_by": stamp.verified_by}
        values = (token.sha256, token.covers, token.size, token.document, token.request, token.reply, token.chain)
        with self._file.explained():
            draft = compose("anchor", performer=self.signers()[0], present=self._clock(), result=items, private=private)
            with self._transaction() as database:
                entry = self._insert(database, draft)
                database.execute("INSERT INTO tokens VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", values)
                return entry

    def keep_cosignature(self, size: int, line: str, *, witness: str, time: datetime) -> Entry | None:
        """Keep the line of a witness over a checkpoint, and record it in the same step; None when it is kept already.

        Raises:
            LedgerError: There is no checkpoint of that size, or it cannot be written.
        """
        item = {
            "kind": "cosignature",
            "sha256": sha256(line.encode("utf-8")),
            "checkpoint": size,
            "time": format_milliseconds(time),
        }
        with self._file.explained():
            draft = compose(
                "anchor",
                performer=self.signers()[0],
                present=self._clock(),
                result=[item],
                private={"witness": witness},
            )
            with self._transaction() as database:
                if kept_note(database, size) is None:
                    raise LedgerError(f"No checkpoint over {size} entries is kept, so no witness can have signed it.")
                if (size, line) in database.execute("SELECT size, line FROM cosignatures").fetchall():
                    return None
                entry = self._insert(database, draft)
                database.execute("INSERT INTO cosignatures VALUES (?, ?)", (size, line))
                return entry

    def _insert(
        self,
        database: apsw.Connection,
        draft: Draft,
        origin: str | None = None,
        *,
        cosigners: Sequence[Signer] = (),
    ) -> Entry:
        seq, previous = tail(database)
        number = next_exhibit(database) if draft.exhibit is not None else None
        check_authority(database, draft.fields.get("authorization"))
        after = database.execute("SELECT sha256 FROM tokens ORDER BY number DESC LIMIT 1").get
        payload = draft.placed(origin or self._origin(database), seq, previous, number, after)
        signers = [self.signers()[0], *cosigners]
        introduced = [item["key"] for item in payload["object"] if "public" in item]
        known = [signer.keyid for signer in signers if signer.keyid not in introduced]
        check_in_force(database, known, *(ROLES if payload["action"] == "key.rotate" else PEOPLE))
        line = seal(payload, signers)
        leaf = leaf_hash(line)
        database.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", (seq, line, leaf, previous, number))
        for digest, text in draft.disclosures.items():
            database.execute("INSERT INTO disclosures VALUES (?, ?, ?)", (digest, seq, text))
        note_keys(database, payload)
        self._file.acknowledged = seq, leaf
        return Entry(seq, leaf, line, payload, draft.private)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[apsw.Connection]:
        self.signers()
        with self._file.transaction() as database:
            yield database
