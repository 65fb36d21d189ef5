"""Finding entries without parsing them: by action, by exhibit, by what they name.

A large ledger is mostly entries that took exhibits in. To parse one strictly takes a hundred times as long as to find
a word in it, and a parsed one takes ten times its bytes in memory. What is sought here is spelt in one way, since the
clear part is canonical (RFC 8785) and its names and codes are ASCII. An entry that is passed over is not judged: that
is the business of ``verification``.
"""

from __future__ import annotations

import binascii
import re
from array import array
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from osint.chain_of_custody import disclosure
from osint.chain_of_custody.ledger_connection import LedgerConnection
from osint.chain_of_custody.ledger_file import typed
from osint.errors import LedgerError
from osint.instants import parse_instant

_PAGE = 256

_ACTION = re.compile(rb'"action":"([a-z0-9._-]+)"')
_END = re.compile(rb'"end_time":"([0-9TZ:.-]{24})"')  # it is UTC with milliseconds, so that its order is that of time
_EXHIBIT = re.compile(rb'"exhibit":"(E[0-9]+)"')
_COPY = re.compile(rb'\{"exhibit":"(E[0-9]+)",[^{}]*"sha256":"([0-9a-f]{64})"')
_REFS = re.compile(rb'"refs":\[([^\]]*)\]')


class Passing(NamedTuple):
    """One entry as it passes by.

    Attributes:
        seq: Its position, counted from 0.
        exhibit: The exhibit that it took in, or None.
        body: Its payload: JSON in canonical bytes.
    """

    seq: int
    exhibit: str | None
    body: bytes

    @property
    def sha256(self) -> str:
        """Hash of the copy that it took in, hex; empty where it took in none."""
        copies = (sha256 for number, sha256 in _COPY.findall(self.body) if number.decode("ascii") == self.exhibit)
        return str(next(copies, b"").decode("ascii"))

    def ends_between(self, since: datetime, until: datetime) -> bool:
        """Return whether it ended within a span, both ends included."""
        found = _END.search(self.body)
        return found is not None and since <= parse_instant(found[1].decode("ascii")) <= until

    def concerns(self, exhibits: Collection[bytes], leaves: Collection[bytes]) -> bool:
        """Return whether it names one of some exhibits, or refers to one of some entries by its leaf hash, in hex."""
        refs = _REFS.search(self.body)
        return not {*_EXHIBIT.findall(self.body)}.isdisjoint(exhibits) or (
            refs is not None and not {*refs[1].replace(b'"', b"").split(b",")}.isdisjoint(leaves)
        )


class LedgerIndex:
    """What is known of the entries of one ledger without parsing them.

    The actions are read once, and read on from there; all else is asked of the file's own columns.
    """

    def __init__(self, file: LedgerConnection) -> None:
        self._file = file
        self.forget()

    def forget(self) -> None:
        """Forget what was read."""
        self._size, self._newest = 0, b""
        self._of: dict[bytes, array[int]] = {}

    def but(self, actions: Collection[str]) -> Iterator[int]:
        """Yield the positions of the entries that are of none of some actions, in order.

        One whose action cannot be made out is among them.

        Raises:
            LedgerError: A line holds no payload.
        """
        self._read_on()
        passed_over = {each.encode("ascii") for each in actions}
        return merge(*(places[:] for action, places in self._of.items() if action not in passed_over))

    def of(self, actions: Collection[str]) -> Iterator[int]:
        """Yield the positions of the entries that are of some actions, in order.

        Raises:
            LedgerError: A line holds no payload.
        """
        self._read_on()
        return merge(*(self._of.get(each.encode("ascii"), array("q"))[:] for each in actions))

    def newest_end(self) -> datetime | None:
        """Return when the entry ended that ended last, by the recording machines' clocks; None where there is none.

        Raises:
            LedgerError: A line holds no payload.
        """
        self._read_on()
        return parse_instant(self._newest.decode("ascii")) if self._newest else None

    def passing(self) -> Iterator[Passing]:
        """Yield the clear part of every entry, unparsed and unjudged; read a page at a time.

        Raises:
            LedgerError: A line holds no payload.
        """
        start, query = 0, "SELECT seq, coalesce(exhibit, 0), line FROM entries WHERE seq >= ? ORDER BY seq LIMIT ?"
        while True:
            with self._file.reading() as database:
                rows = list(typed(database.execute(query, (start, _PAGE)), int, int, bytes))
            yield from (Passing(seq, _number(held) if held else None, _payload(line, seq)) for seq, held, line in rows)
            if not rows:
                return
            start = rows[-1][0] + 1

    def exhibits(self) -> dict[str, int]:
        """Return the position of the entry that took each exhibit in, in the order of their numbers."""
        query = "SELECT exhibit, seq FROM entries WHERE exhibit > 0 ORDER BY exhibit"
        with self._file.reading() as database:
            return {_number(held): seq for held, seq in typed(database.execute(query), int, int)}

    def places(self, leaves: Iterable[str]) -> list[int]:
        """Return the positions of the entries with some leaf hashes, hex, as far as they are here."""
        query = "SELECT seq FROM entries WHERE leaf = ?"
        with self._file.reading() as database:
            return [seq for leaf in leaves for (seq,) in typed(database.execute(query, (bytes.fromhex(leaf),)), int)]

    def said(self, names: Collection[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each exhibit with those private values of its entry that bear some names, as far as they are there.

        Raises:
            LedgerError: A disclosure is damaged.
        """
        query = (
            "SELECT exhibit, disclosure FROM entries JOIN disclosures USING (seq) WHERE exhibit >= ? AND exhibit < ? "
            "ORDER BY exhibit"
        )
        with self._file.reading() as database:
            end = int(database.execute("SELECT coalesce(max(exhibit), 0) FROM entries").get)
        for start in range(1, end + 1, _PAGE):
            with self._file.reading() as database:
                rows = list(typed(database.execute(query, (start, start + _PAGE)), int, str))
            for held, of in groupby(rows, key=itemgetter(0)):
                yield _number(held), dict(disclosure.read(text) for _, text in of if disclosure.name_of(text) in names)

    def _read_on(self) -> None:
        with self._file.reading() as database:
            lines = database.execute("SELECT line FROM entries WHERE seq >= ? ORDER BY seq", (self._size,))
            for (line,) in typed(lines, bytes):
                body = _payload(line, self._size)
                action, end = _ACTION.search(body), _END.search(body)
                self._of.setdefault(action[1] if action else b"", array("q")).append(self._size)
                self._newest = max(self._newest, end[1]) if end else self._newest
                self._size += 1


def _number(exhibit: int) -> str:
    return f"E{exhibit:04d}"


def _payload(line: bytes, place: int) -> bytes:
    """Return the payload that a line holds, unjudged.

    Raises:
        LedgerError: The line holds none.
    """
    try:
        return binascii.a2b_base64(line.split(b'"', 4)[3])
    except (IndexError, binascii.Error) as error:
        raise LedgerError(
            f"Ledger entry {place} cannot be read: the line is not a signed envelope. Verify the ledger, and compare "
            "with the copy deposited with the last checkpoint."
        ) from error
