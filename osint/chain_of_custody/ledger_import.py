"""A ledger file made of an exported ledger, to be read: the lines as they are, nothing signed."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw

from osint.chain_of_custody import checkpoint, disclosure
from osint.chain_of_custody.entry import read_verified, taken_in
from osint.chain_of_custody.ledger_file import (
    ANCHORS,
    APPLICATION_ID,
    FORMAT,
    SCHEMA,
    connect_to_create,
    disk_fault,
    explained,
    note_keys,
)
from osint.chain_of_custody.ledger_rows import Record
from osint.chain_of_custody.merkle import leaf_hash
from osint.errors import LedgerError
from osint.store.durable import sync, sync_folder

if TYPE_CHECKING:
    from osint.chain_of_custody.export import ExportedLedger

_AT_ONCE = 1000


def write_exported(path: Path, source: ExportedLedger) -> None:
    """Write the file, whole or not at all. Verify the export first.

    Raises:
        LedgerError: The export cannot be read, or the file is there already or cannot be written.
    """
    if path.exists():
        raise LedgerError(f"{path} is there already. A ledger is never written over.")
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with explained(path), contextlib.closing(connect_to_create(part)) as database:
        # One sync before it gets its name; what broke off until then is no file of anybody's.
        database.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE")
        database.execute(SCHEMA + ANCHORS)
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}")
        records = enumerate(source.records())
        while some := list(itertools.islice(records, _AT_ONCE)):
            with database:
                _insert(database, some)
        with database:
            for note in source.checkpoints():
                database.execute("INSERT INTO checkpoints VALUES (?, ?)", (checkpoint.parse(note).size, note))
            for token in source.tokens():
                values = (token.covers, token.size, token.document, token.request, token.reply, token.chain)
                database.execute("INSERT INTO tokens VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", (token.sha256, *values))
            database.executemany("INSERT INTO cosignatures VALUES (?, ?)", source.cosignatures())
    with explained(path), disk_fault(), part.open("r+b") as written:
        sync(written.fileno())
        part.replace(path)
        sync_folder(path.parent)


def _insert(database: apsw.Connection, records: Sequence[tuple[int, Record]]) -> None:
    if any(not record.line for _, record in records):
        raise LedgerError("The exported ledger holds disclosures that belong to no entry; verify it first.")
    try:
        rows = [_row(place, record.line.removesuffix(b"\n")) for place, record in records]
        database.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", (row for row, _ in rows))
        texts = ((disclosure.digest(text), place, text) for place, record in records for text in record.disclosures)
        database.executemany("INSERT INTO disclosures VALUES (?, ?, ?)", texts)
        for _, payload in rows:
            note_keys(database, payload)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise LedgerError(
            f"A line of the exported ledger cannot be taken over ({error!r}): it was altered after it was verified, or "
            "never verified. Nothing was made of it; verify the export."
        ) from error


def _row(place: int, line: bytes) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the row of a line that was verified, and what it says."""
    payload = read_verified(line)
    taken = taken_in(payload, place)
    number = int(taken.number.removeprefix("E")) if taken is not None else None
    return (place, line, leaf_hash(line), bytes.fromhex(payload["prev"]), number), payload
