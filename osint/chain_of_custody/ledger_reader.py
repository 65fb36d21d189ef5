"""A ledger as it is read: its entries, its heads, and what others said of these.

``Ledger.read`` opens one; what needs keys is in :mod:`osint.chain_of_custody.ledger_writer`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import apsw

from osint.chain_of_custody import disclosure
from osint.chain_of_custody.checkpoint import Checkpoint
from osint.chain_of_custody.entry import Entry, Exhibit, parse, read_verified, taken_in
from osint.chain_of_custody.ledger_connection import LedgerConnection
from osint.chain_of_custody.ledger_file import APPLICATION_ID, FORMAT, LEVELS, typed
from osint.chain_of_custody.ledger_index import LedgerIndex
from osint.chain_of_custody.ledger_rows import Record, format_of, kept_note, leaves_at, records_at, records_from
from osint.chain_of_custody.merkle import Frontier, Tree, leaf_hash
from osint.errors import LedgerError

if TYPE_CHECKING:
    from osint.chain_of_custody.timestamp import Token

_PAGE = 256
_sound: set[bytes] = set()
"""Leaf hashes of the lines that this process read strictly; the same bytes need not be judged again."""


def _read(line: bytes, place: int, disclosures: Sequence[str] = ()) -> Entry:
    """Read a stored line; strictly where these bytes were not read before, which takes three times as long."""
    leaf = leaf_hash(line)
    if leaf not in _sound:
        entry = parse(line, place, disclosures)
        _sound.add(leaf)
        return entry
    payload = read_verified(line)
    try:
        return Entry(payload["seq"], leaf, line, payload, dict(map(disclosure.read, disclosures)))
    except LedgerError:
        return parse(line, place, disclosures)  # says where the damage is


parsed = lru_cache(maxsize=4096)(_read)  # every decision reads the ledger; a parsed entry takes 9 kB, and of a large
# ledger that is read from one end to the other none would be found again


@lru_cache(maxsize=4096)
def _compared(line: bytes, place: int, disclosures: tuple[str, ...], leaf: bytes) -> Entry:
    """Read a stored line that is to be as it was written: by its hash as noted then, and by the digests in it."""
    entry = parsed(line, place, disclosures)
    if entry.leaf != leaf:
        what = "its bytes are not those that were written"
    elif not set(map(disclosure.digest, disclosures)).issubset(entry.payload["_sd"]):
        what = "a private value of it is not the one that was written"
    else:
        return entry
    raise LedgerError(
        f"Ledger entry {place} cannot be relied on: {what}. The ledger file was damaged or altered, and nothing was "
        "done; verify it, and compare with the copy deposited with the last checkpoint."
    )


def forget_parsed() -> None:
    """Forget every entry that was read, private values and all."""
    parsed.cache_clear()
    _compared.cache_clear()


class LedgerReader:
    """One ledger, for reading."""

    def __init__(self, path: Path, connect: Callable[[Path], apsw.Connection]) -> None:
        """Open nothing yet.

        Args:
            path: The file.
            connect: Opens it, for reading or for writing.
        """
        self.path = path
        self._file = LedgerConnection(path, connect, self._forget)
        self._frontier = Frontier()
        self.index = LedgerIndex(self._file)
        self._named: tuple[int, str] | None = None

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """Yield the entries from a position on, with what their stored disclosures say.

        Raises:
            LedgerError: An entry is damaged.
        """
        for place, record in enumerate(self.records(start), start):
            yield parsed(record.line[:-1], place, tuple(record.disclosures))

    def entries_but(self, actions: Collection[str]) -> Iterator[Entry]:
        """Yield the entries but those of some actions; these are passed over and not judged.

        Raises:
            LedgerError: An entry that is yielded is damaged, as for :meth:`entries_at`.
        """
        return self.entries_at(self.index.but(actions))

    def entries_at(self, places: Iterable[int]) -> Iterator[Entry]:
        """Yield the entries at some positions, in the order of these.

        Decisions rest on them, so that their bytes are compared with the leaf hash noted when they were written, and
        their private values with the digests in them. Whoever alters the ledger can alter that note, too: only
        verification shows who signed what.

        Raises:
            LedgerError: There is no such entry, or it is damaged.
        """
        rest = iter(places)
        while chunk := list(islice(rest, _PAGE)):
            with self._file.reading() as database:
                found = records_at(database, chunk)
                leaves = leaves_at(database, chunk)
            for place in chunk:
                if place not in found:
                    raise LedgerError(f"There is no ledger entry {place}; the ledger holds {len(self)} entries.")
                yield _compared(found[place].line[:-1], place, tuple(found[place].disclosures), leaves[place])

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

    def records(self, start: int = 0) -> Iterator[Record]:
        """Yield the stored lines from a position on, with their line ends and disclosures; read a page at a time."""
        while True:
            with self._file.reading() as database:
                page = records_from(database, start, _PAGE)
            if not page:
                return
            yield from page
            start += len(page)

    def exhibits(self) -> list[Exhibit]:
        """Return what was taken in, by exhibit number."""
        rows: list[tuple[Any, ...]]
        with self._file.reading() as database:
            query = "SELECT seq, line FROM entries WHERE exhibit > 0 ORDER BY exhibit"
            rows = list(typed(database.execute(query), int, bytes))
        taken = (taken_in(_read(line, seq).payload, seq) for seq, line in rows)
        return [exhibit for exhibit in taken if exhibit is not None]

    @property
    def origin(self) -> str:
        """Name of this ledger, drawn at random: ``osint/`` and 32 hex digits. A declared restore draws a new one."""
        with self._file.reading() as database:
            return self._origin(database)

    def names(self) -> list[tuple[int, str]]:
        """Return every name it has borne, with the entry from which it did."""
        named = self.entries_at(self.index.of({"open", "restore"}))
        return [(entry.seq, str(entry.payload["ledger"])) for entry in named]

    def head(self) -> Checkpoint:
        """Return the present head, unsigned."""
        with self._file.reading() as database:
            frontier = self._catch_up(database)
            return Checkpoint(self._origin(database), frontier.size, frontier.root())

    def root(self) -> bytes:
        """Return the 32-byte Merkle root over all entries."""
        with self._file.reading() as database:
            return self._catch_up(database).root()

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

    def cosigned(self, size: int) -> str:
        """Return the checkpoint over so many entries with the lines of the witnesses below.

        Raises:
            LedgerError: There is none.
        """
        with self._file.reading() as database:
            note = kept_note(database, size)
        if note is None:
            raise LedgerError(f"No checkpoint over {size} entries is kept.")
        return note + "".join(f"{line}\n" for of, line in self.cosignatures() if of == size)

    def cosignatures(self) -> list[tuple[int, str]]:
        """Return the line of each witness with the size of its checkpoint."""
        with self._file.reading() as database:
            if format_of(database) < FORMAT:
                return []
            rows = database.execute("SELECT size, line FROM cosignatures ORDER BY size, line")
            return [(size, line) for size, line in typed(rows, int, str)]

    def tokens(self) -> list[Token]:
        """Return the time stamps, the oldest first."""
        from osint.chain_of_custody.timestamp import Token

        with self._file.reading() as database:
            if format_of(database) < FORMAT:
                return []
            rows = database.execute("SELECT covers, size, document, request, reply, chain FROM tokens ORDER BY number")
            names = ("covers", "size", "document", "request", "reply", "chain")
            kinds = (str, int, bytes, bytes, bytes, bytes)
            return [Token(**dict(zip(names, row, strict=True))) for row in typed(rows, *kinds)]

    @contextlib.contextmanager
    def unchanging(self) -> Iterator[None]:
        """See the ledger as it is now, for several steps of reading, whatever other processes append meanwhile."""
        with self._file.unchanging():
            yield

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

    def _check_format(self) -> int:
        with self._file.reading() as database:
            application, version = database.pragma("application_id"), format_of(database)
        if application != APPLICATION_ID:
            raise LedgerError(f"{self.path} is no ledger. Check the path, or restore the ledger from a kept copy.")
        if version > FORMAT:
            raise LedgerError(
                f"{self.path} was written by a newer release (format {version}). Open it with that release."
            )
        return version

    def _origin(self, database: apsw.Connection) -> str:
        """Return the name that the newest entry bears; it changes with a declared restore only."""
        version = database.pragma("data_version")
        if self._named is None or self._named[0] != version:
            rows = database.execute("SELECT seq, line FROM entries ORDER BY seq DESC LIMIT 1")
            place, line = next(typed(rows, int, bytes))
            self._named = version, str(parse(line, place).payload["ledger"])
        return self._named[1]

    def _catch_up(self, database: apsw.Connection) -> Frontier:
        lines = database.execute("SELECT line FROM entries WHERE seq >= ? ORDER BY seq", (self._frontier.size,))
        for (line,) in typed(lines, bytes):
            self._frontier.append(leaf_hash(line))
        return self._frontier

    def _forget(self) -> None:
        """Forget what was read, which a failing disk may have shown otherwise than it is."""
        self._frontier, self._named = Frontier(), None
        self.index.forget()
