"""The ledger of one case on one workstation: an append-only SQLite file.

Evidence is the ``line`` of each entry, the checkpoints and the disclosures; every other column is an index over them
that verification does not read. ``README.md`` beside this file is the format.

A commit is on the disk before ``append`` returns. Writers in other threads and processes take turns by SQLite's own
lock; position, link to the entry before and exhibit number are given inside it.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import apsw

from osint.chain_of_custody import checkpoint
from osint.chain_of_custody.checkpoint import Checkpoint
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.draft import NOTHING, Draft, compose, key_item
from osint.chain_of_custody.entry import (
    NO_ENTRY,
    Entry,
    Exhibit,
    format_milliseconds,
    new_id,
    parse,
    restored_head,
    seal,
    taken_in,
)
from osint.chain_of_custody.keys import Signer, check_roles
from osint.chain_of_custody.ledger_connection import LedgerConnection
from osint.chain_of_custody.ledger_file import (
    ANCHORS,
    APPLICATION_ID,
    FORMAT,
    LEVELS,
    SCHEMA,
    connect_to_create,
    connect_to_read,
    connect_to_write,
    is_made,
    note_keys,
    sync_log,
    sync_name,
    typed,
    upgrade,
)
from osint.chain_of_custody.ledger_import import write_exported
from osint.chain_of_custody.ledger_index import LedgerIndex
from osint.chain_of_custody.merkle import Frontier, Tree, leaf_hash
from osint.chain_of_custody.registry import PEOPLE, ROLES
from osint.errors import LedgerError
from osint.instants import now

if TYPE_CHECKING:
    from osint.chain_of_custody.export import ExportedLedger
    from osint.chain_of_custody.heads import HeadStore
    from osint.chain_of_custody.timestamp import Stamp, Token

_PAGE = 256
_parsed = lru_cache(maxsize=16384)(parse)  # every decision reads the ledger; only what stands in it can be found here


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
        heads: HeadStore | None = None,
    ) -> None:
        self.path = path
        self._file = LedgerConnection(path, connect, self._forget)
        self._signers = signers
        self._clock = clock
        self._heads = heads
        self._frontier = Frontier()
        self.index = LedgerIndex(self._file)
        self._named: tuple[int, str] | None = None

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
        ledger = cls(Path(path), connect_to_create, _two_keys(actor, log), clock, heads)
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
        ledger = cls(Path(path), connect_to_write, _two_keys(actor, log), clock, heads)
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

    def in_force(self, keyid: str) -> bool:
        """Return whether a key is a person's here, and has not been ended."""
        with self._file.reading() as database:
            if self._format(database) < FORMAT:
                known = "SELECT count(*) FROM keys WHERE keyid = ? AND role = 'actor'"
                return bool(database.execute(known, (keyid,)).get)
            known = "SELECT count(*) FROM keys WHERE keyid = ? AND role IN ('actor', 'custodian') AND ended IS NULL"
            return bool(database.execute(known, (keyid,)).get)

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

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """Yield the entries from a position on, with what their stored disclosures say.

        Raises:
            LedgerError: An entry is damaged.
        """
        for place, record in enumerate(self.records(start), start):
            yield _parsed(record.line[:-1], place, tuple(record.disclosures))

    def entries_but(self, actions: Collection[str]) -> Iterator[Entry]:
        """Yield the entries but those of some actions; these are passed over and not judged.

        Raises:
            LedgerError: An entry that is yielded is damaged.
        """
        return self.entries_at(self.index.but(actions))

    def entries_at(self, places: Iterable[int]) -> Iterator[Entry]:
        """Yield the entries at some positions, in the order of these.

        Raises:
            LedgerError: There is no such entry, or it is damaged.
        """
        rest = iter(places)
        while chunk := list(islice(rest, _PAGE)):
            found = self._at(chunk)
            for place in chunk:
                if place not in found:
                    raise LedgerError(f"There is no ledger entry {place}; the ledger holds {len(self)} entries.")
                yield _parsed(found[place].line[:-1], place, tuple(found[place].disclosures))

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
        with self._file.reading() as database:
            return int(database.execute("SELECT coalesce(max(seq), -1) + 1 FROM entries").get)

    @property
    def origin(self) -> str:
        """Name of this ledger, drawn at random: ``osint/`` and 32 hex digits. A declared restore draws a new one."""
        with self._file.reading() as database:
            return self._origin(database)

    def names(self) -> list[tuple[int, str]]:
        """Return every name it has borne, with the entry from which it did."""
        restores = (entry for entry in self.entries() if entry.action in ("open", "restore"))
        return [(entry.seq, str(entry.payload["ledger"])) for entry in restores]

    def root(self) -> bytes:
        """Return the 32-byte Merkle root over all entries."""
        with self._file.reading() as database:
            return self._catch_up(database).root()

    # -- keys ---------------------------------------------------------------------------------------------------------

    def introduce(
        self,
        signer: Signer,
        role: str = "actor",
        *,
        basis: str = "introduced",
        private: Mapping[str, Any] = NOTHING,
        cosigners: Sequence[Signer] = (),
    ) -> Entry | None:
        """Make another person's key known; that key signs the entry too. A key already known gives no entry.

        Args:
            signer: The key; it signs to show that someone holds it.
            role: ``actor``, or ``custodian`` for who may vouch for the successor of a lost key.
            basis: ``introduced``, ``appointed`` (a custodian) or ``recovered`` (a successor; a custodian cosigns).
            private: Who that is, such as ``{"investigator": "A. Berg, badge 12"}``.
            cosigners: Further persons who sign.

        Raises:
            LedgerError: The key is a log key, was ended before, or the entry cannot be written.
        """
        item = key_item(signer, role, basis)
        with self._file.explained():
            draft = compose(
                "key.add", performer=self.signers()[0], present=self._clock(), object=[item], private=private
            )
            with self._transaction() as database:
                if not self._unknown(database, [item]):
                    return None
                return self._insert(database, draft, cosigners=[signer, *cosigners])

    def rotate(self, new: Signer, role: str, *, private: Mapping[str, Any] = NOTHING) -> Entry:
        """Replace this ledger's actor or log key by a new one; both sign, and the old one signs nothing after this.

        Args:
            new: The new key.
            role: ``actor`` or ``log``.
            private: Whatever else is to be recorded, such as the reason in words.

        Raises:
            LedgerError: The new key is known already, or the entry cannot be written.
        """
        actor, log = self.signers()
        old = actor if role == "actor" else log
        after = _two_keys(*((new, log) if role == "actor" else (actor, new)))
        items = [{"key": old.keyid, "role": role}, key_item(new, role, "rotated")]
        with self._file.explained():
            draft = compose("key.rotate", performer=actor, present=self._clock(), object=items, private=private)
            with self._transaction() as database:
                entry = self._insert(database, draft, cosigners=[new] if role == "actor" else [log, new])
        self._signers = after
        return entry

    def revoke(
        self,
        keyid: str,
        role: str,
        *,
        reason: str,
        since: int,
        private: Mapping[str, Any] = NOTHING,
        cosigners: Sequence[Signer] = (),
    ) -> Entry:
        """End a key. It signs nothing after this; what it signed from ``since`` on is disputed, and stands.

        Args:
            keyid: Fingerprint of the key.
            role: ``actor``, ``custodian`` or ``log``.
            reason: ``lost``, ``stolen``, ``forgotten``, ``departed`` or ``retired``.
            since: Sequence number of the first entry from which it may have been in other hands.
            private: Whatever else is to be recorded.
            cosigners: Further persons who sign.

        Raises:
            LedgerError: The ledger does not know the key, or the entry cannot be written.
        """
        item = {"key": keyid, "role": role, "reason": reason, "since": since}
        return self.append("key.revoke", object=[item], private=private, cosigners=cosigners)

    # -- heads and what others say of them ---------------------------------------------------------------------------

    def head(self) -> Checkpoint:
        """Return the present head, unsigned."""
        with self._file.reading() as database:
            frontier = self._catch_up(database)
            return Checkpoint(self._origin(database), frontier.size, frontier.root())

    def cut_checkpoint(self) -> str:
        """Sign the present head and keep it; the same size gives the same note again.

        Raises:
            LedgerError: The ledger is open for reading only, or cannot be written.
        """
        with self._file.explained(), self._transaction() as database:
            frontier = self._catch_up(database)
            note = self._kept_note(database, frontier.size)
            if note is None:
                signer = self.signers()[1]
                self._check_in_force(database, [signer.keyid], "log")
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

    def tokens(self) -> list[Token]:
        """Return the time stamps, the oldest first."""
        from osint.chain_of_custody.timestamp import Token

        with self._file.reading() as database:
            if self._format(database) < FORMAT:
                return []
            rows = database.execute("SELECT covers, size, document, request, reply, chain FROM tokens ORDER BY number")
            names = ("covers", "size", "document", "request", "reply", "chain")
            kinds = (str, int, bytes, bytes, bytes, bytes)
            return [Token(**dict(zip(names, row, strict=True))) for row in typed(rows, *kinds)]

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
                if self._kept_note(database, size) is None:
                    raise LedgerError(f"No checkpoint over {size} entries is kept, so no witness can have signed it.")
                if (size, line) in database.execute("SELECT size, line FROM cosignatures").fetchall():
                    return None
                entry = self._insert(database, draft)
                database.execute("INSERT INTO cosignatures VALUES (?, ?)", (size, line))
                return entry

    def cosignatures(self) -> list[tuple[int, str]]:
        """Return the line of each witness with the size of its checkpoint."""
        with self._file.reading() as database:
            if self._format(database) < FORMAT:
                return []
            rows = database.execute("SELECT size, line FROM cosignatures ORDER BY size, line")
            return [(size, line) for size, line in typed(rows, int, str)]

    def cosigned(self, size: int) -> str:
        """Return the checkpoint over so many entries with the lines of the witnesses below.

        Raises:
            LedgerError: There is none.
        """
        with self._file.reading() as database:
            note = self._kept_note(database, size)
        if note is None:
            raise LedgerError(f"No checkpoint over {size} entries is kept.")
        return note + "".join(f"{line}\n" for of, line in self.cosignatures() if of == size)

    def tree(self) -> Tree:
        """Return the tree over all entries, for proofs. It holds 64 bytes for each entry."""
        tree = Tree()
        with self._file.reading() as database:
            for (line,) in typed(database.execute("SELECT line FROM entries ORDER BY seq"), bytes):
                tree.append(leaf_hash(line))
        return tree

    def checkpoints(self) -> list[str]:
        """Return every checkpoint cut, the oldest first."""
        with self._file.reading() as database:
            rows = database.execute("SELECT note FROM checkpoints ORDER BY size")
            return [note for (note,) in typed(rows, str)]

    def exhibits(self) -> list[Exhibit]:
        """Return what was taken in, by exhibit number."""
        rows: list[tuple[Any, ...]]
        with self._file.reading() as database:
            query = "SELECT seq, line FROM entries WHERE exhibit > 0 ORDER BY exhibit"
            rows = list(typed(database.execute(query), int, bytes))
        taken = (taken_in(parse(line, seq).payload, seq) for seq, line in rows)
        return [exhibit for exhibit in taken if exhibit is not None]

    def records(self, start: int = 0) -> Iterator[Record]:
        """Yield the stored lines from a position on, with their line ends and disclosures; read a page at a time."""
        while page := self._page(start):
            yield from page
            start += len(page)

    @contextlib.contextmanager
    def unchanging(self) -> Iterator[None]:
        """See the ledger as it is now, for several steps of reading, whatever other processes append meanwhile."""
        with self._file.unchanging():
            yield

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
            _parsed.cache_clear()  # what is destroyed is not kept in memory either
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

    @classmethod
    def take_over(cls, path: Path, source: ExportedLedger) -> Self:
        """Make a ledger file from an exported ledger, to be read: the lines as they are, nothing signed.

        Verify the export first. The file appears whole or not at all.

        Raises:
            LedgerError: The export cannot be read, or the file is there already or cannot be written.
        """
        write_exported(path, source)
        return cls.read(path)

    @property
    def durability(self) -> str:
        """How commits reach the disk: SQLite's version, journal and synchronous mode."""
        with self._file.reading() as database:
            journal, level = database.pragma("journal_mode"), database.pragma("synchronous")
        return f"SQLite {apsw.sqlite_lib_version()}, journal {journal}, synchronous {LEVELS[level]}"

    def close(self) -> None:
        """Close the file. Iterators still running fail afterwards."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _insert(
        self,
        database: apsw.Connection,
        draft: Draft,
        origin: str | None = None,
        *,
        cosigners: Sequence[Signer] = (),
    ) -> Entry:
        seq, previous = self._tail(database)
        number = self._next_exhibit(database) if draft.exhibit is not None else None
        self._check_authority(database, draft.fields.get("authorization"))
        after = database.execute("SELECT sha256 FROM tokens ORDER BY number DESC LIMIT 1").get
        payload = draft.placed(origin or self._origin(database), seq, previous, number, after)
        signers = [self.signers()[0], *cosigners]
        introduced = [item["key"] for item in payload["object"] if "public" in item]
        known = [signer.keyid for signer in signers if signer.keyid not in introduced]
        self._check_in_force(database, known, *(ROLES if payload["action"] == "key.rotate" else PEOPLE))
        line = seal(payload, signers)
        leaf = leaf_hash(line)
        database.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", (seq, line, leaf, previous, number))
        for digest, text in draft.disclosures.items():
            database.execute("INSERT INTO disclosures VALUES (?, ?, ?)", (digest, seq, text))
        note_keys(database, payload)
        self._file.acknowledged = seq, leaf
        return Entry(seq, leaf, line, payload, draft.private)

    def _check_in_force(self, database: apsw.Connection, keyids: Sequence[str], *roles: str) -> None:
        """Check that the ledger knows each key in one of the roles, and has not ended it."""
        for keyid in dict.fromkeys(keyids):
            known = database.execute("SELECT role, ended FROM keys WHERE keyid = ?", (keyid,))
            ends = [ended for role, ended in known if role in roles]
            if None in ends:
                continue
            problem = f"entry {ends[0]} rotated or revoked it" if ends else "no entry introduces it"
            raise LedgerError(
                f"Nothing was written: the key {keyid} may not sign here, {problem}. Sign with a key that is in force; "
                "a custodian can introduce a successor."
            )

    def _origin(self, database: apsw.Connection) -> str:
        """Return the name that the newest entry bears; it changes with a declared restore only."""
        version = database.pragma("data_version")
        if self._named is None or self._named[0] != version:
            line = database.execute("SELECT line FROM entries ORDER BY seq DESC LIMIT 1").get
            self._named = version, str(parse(line, 0).payload["ledger"])
        return self._named[1]

    def _kept_note(self, database: apsw.Connection, size: int) -> str | None:
        kept = database.execute("SELECT note FROM checkpoints WHERE size = ?", (size,)).get
        return None if kept is None else str(kept)

    def _tail(self, database: apsw.Connection) -> tuple[int, bytes]:
        """Return the next position, and the leaf hash it continues: computed from the line, not read from the index."""
        rows = database.execute("SELECT seq, line FROM entries ORDER BY seq DESC LIMIT 1")
        row = next(typed(rows, int, bytes), None)
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

    def _introduce_own(self, performer: Mapping[str, Any], custodian: Signer | None) -> None:
        actor, log = self.signers()
        basis = "recovered" if custodian is not None else "introduced"
        wanted = [key_item(actor, "actor", basis), key_item(log, "log", basis)]
        with self._file.reading() as database:
            if not self._unknown(database, wanted):
                self._check_in_force(database, [actor.keyid], *PEOPLE)
                self._check_in_force(database, [log.keyid], "log")
                return
        cosigners = [custodian] if custodian is not None else []
        with self._file.explained(), self._transaction() as database:
            items = self._unknown(database, wanted)  # another process may have been first
            if items:
                draft = compose("key.add", performer=actor, present=self._clock(), object=items, private=performer)
                self._insert(database, draft, cosigners=cosigners)

    def _unknown(self, database: apsw.Connection, items: list[dict[str, str]]) -> list[dict[str, str]]:
        known = {(str(keyid), str(role)) for keyid, role in database.execute("SELECT keyid, role FROM keys")}
        return [item for item in items if (item["key"], item["role"]) not in known]

    def _catch_up(self, database: apsw.Connection) -> Frontier:
        lines = database.execute("SELECT line FROM entries WHERE seq >= ? ORDER BY seq", (self._frontier.size,))
        for (line,) in typed(lines, bytes):
            self._frontier.append(leaf_hash(line))
        return self._frontier

    def _at(self, places: Sequence[int]) -> dict[int, Record]:
        marks = ", ".join("?" * len(places))
        held: dict[int, list[str]] = {}
        with self._file.reading() as database:
            lines = database.execute(f"SELECT seq, line FROM entries WHERE seq IN ({marks})", tuple(places))  # noqa: S608
            rows = list(typed(lines, int, bytes))
            query = f"SELECT seq, disclosure FROM disclosures WHERE seq IN ({marks}) ORDER BY seq, digest"  # noqa: S608
            for seq, text in typed(database.execute(query, tuple(places)), int, str):
                held.setdefault(seq, []).append(text)
        return {seq: Record(line + b"\n", held.get(seq, ())) for seq, line in rows}

    def _page(self, start: int) -> list[Record]:
        rows: list[tuple[Any, ...]]
        held: dict[int, list[str]] = {}
        lines = "SELECT line FROM entries WHERE seq >= ? ORDER BY seq LIMIT ?"
        with self._file.reading() as database:
            rows = list(typed(database.execute(lines, (start, _PAGE)), bytes))
            query = "SELECT seq, disclosure FROM disclosures WHERE seq >= ? AND seq < ? ORDER BY seq, digest"
            for seq, text in typed(database.execute(query, (start, start + len(rows))), int, str):
                held.setdefault(seq, []).append(text)
        return [Record(line + b"\n", held.get(seq, ())) for seq, (line,) in enumerate(rows, start)]

    def _check_format(self) -> int:
        with self._file.reading() as database:
            application, version = database.pragma("application_id"), self._format(database)
        if application != APPLICATION_ID:
            raise LedgerError(f"{self.path} is no ledger. Check the path, or restore the ledger from a kept copy.")
        if version > FORMAT:
            raise LedgerError(
                f"{self.path} was written by a newer release (format {version}). Open it with that release."
            )
        return version

    @staticmethod
    def _format(database: apsw.Connection) -> int:
        return int(database.pragma("user_version"))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[apsw.Connection]:
        self.signers()
        with self._file.transaction() as database:
            yield database

    def _forget(self) -> None:
        """Forget what was read, which a failing disk may have shown otherwise than it is."""
        self._frontier, self._named = Frontier(), None
        self.index.forget()


def _two_keys(actor: Signer, log: Signer) -> tuple[Signer, Signer]:
    check_roles(actor=actor, log=log)
    return actor, log
