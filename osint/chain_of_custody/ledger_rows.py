"""What is asked of the tables of a ledger: its stored lines, the next place in it, and the keys in force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import apsw

from osint.chain_of_custody.entry import NO_ENTRY
from osint.chain_of_custody.ledger_file import typed
from osint.chain_of_custody.merkle import leaf_hash
from osint.errors import LedgerError


class Record(NamedTuple):
    """One stored line, with its line end, and the disclosures stored for it."""

    line: bytes
    disclosures: Sequence[str]


def format_of(database: apsw.Connection) -> int:
    """Return the number of the format that the file is in."""
    return int(database.pragma("user_version"))


def records_from(database: apsw.Connection, start: int, most: int) -> list[Record]:
    """Return so many records at most from a position on."""
    rows: list[tuple[Any, ...]]
    held: dict[int, list[str]] = {}
    lines = "SELECT line FROM entries WHERE seq >= ? ORDER BY seq LIMIT ?"
    rows = list(typed(database.execute(lines, (start, most)), bytes))
    query = "SELECT seq, disclosure FROM disclosures WHERE seq >= ? AND seq < ? ORDER BY seq, digest"
    for seq, text in typed(database.execute(query, (start, start + len(rows))), int, str):
        held.setdefault(seq, []).append(text)
    return [Record(line + b"\n", held.get(seq, ())) for seq, (line,) in enumerate(rows, start)]


def records_at(database: apsw.Connection, places: Sequence[int]) -> dict[int, Record]:
    """Return the records at some positions, as far as they are there."""
    marks = ", ".join("?" * len(places))
    held: dict[int, list[str]] = {}
    lines = database.execute(f"SELECT seq, line FROM entries WHERE seq IN ({marks})", tuple(places))  # noqa: S608
    rows = list(typed(lines, int, bytes))
    query = f"SELECT seq, disclosure FROM disclosures WHERE seq IN ({marks}) ORDER BY seq, digest"  # noqa: S608
    for seq, text in typed(database.execute(query, tuple(places)), int, str):
        held.setdefault(seq, []).append(text)
    return {seq: Record(line + b"\n", held.get(seq, ())) for seq, line in rows}


def leaves_at(database: apsw.Connection, places: Sequence[int]) -> dict[int, bytes]:
    """Return the leaf hashes that were noted for the entries at some positions when they were written."""
    marks = ", ".join("?" * len(places))
    rows = database.execute(f"SELECT seq, leaf FROM entries WHERE seq IN ({marks})", tuple(places))  # noqa: S608
    return dict(typed(rows, int, bytes))


def tail(database: apsw.Connection) -> tuple[int, bytes]:
    """Return the next position, and the leaf hash it continues: computed from the line, not read from the index."""
    rows = database.execute("SELECT seq, line FROM entries ORDER BY seq DESC LIMIT 1")
    row = next(typed(rows, int, bytes), None)
    return (row[0] + 1, leaf_hash(row[1])) if row else (0, bytes.fromhex(NO_ENTRY))


def next_exhibit(database: apsw.Connection) -> int:
    """Return the number that the next exhibit gets."""
    return int(database.execute("SELECT coalesce(max(exhibit), 0) + 1 FROM entries").get)


def kept_note(database: apsw.Connection, size: int) -> str | None:
    """Return the checkpoint that is kept over so many entries, or None."""
    kept = database.execute("SELECT note FROM checkpoints WHERE size = ?", (size,)).get
    return None if kept is None else str(kept)


def check_authority(database: apsw.Connection, leaf: str | None) -> None:
    """Check that the entry that records an authority is here.

    Args:
        database: The open file.
        leaf: Its leaf hash, hex; None where an entry rests on none.

    Raises:
        LedgerError: It is not.
    """
    if leaf is None:
        return
    if not database.execute("SELECT count(*) FROM entries WHERE leaf = ?", (bytes.fromhex(leaf),)).get:
        raise LedgerError(
            f"The ledger entry was not written: the authority it relies on, {leaf}, is not in the ledger."
        )


def check_in_force(database: apsw.Connection, keyids: Sequence[str], *roles: str) -> None:
    """Check that the ledger knows each key in one of the roles, and has not ended it.

    Raises:
        LedgerError: It does not, or has.
    """
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


def unknown_keys(database: apsw.Connection, items: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return those items that introduce a key in a role in which the ledger does not know it."""
    known = {(str(keyid), str(role)) for keyid, role in database.execute("SELECT keyid, role FROM keys")}
    return [item for item in items if (item["key"], item["role"]) not in known]
