"""A small ledger as it is handed over, damaged in every place, and what verification says to each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from faults.appender import open_or_create, ticking
from faults.outside import Outside, anchors

from osint.chain_of_custody.anchoring import Anchoring
from osint.chain_of_custody.export import ExportedLedger, write_ledger
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.verification import verify
from osint.errors import IntegrityError, LedgerError

EXHIBIT = {"sha256": "ab" * 32, "size": 3, "media": "application/warc"}


class SilentError(AssertionError):
    """Damage that verification passed over."""


class Handed:
    """A ledger of three entries, the head over them that is kept elsewhere, and what its verifier trusts."""

    def __init__(self, place: Path, *, anchored: bool = False) -> None:
        """Make it; with ``anchored`` its head is stamped and cosigned, which takes two entries more."""
        place.mkdir()
        (place / "case").mkdir()
        with open_or_create(place / "case", ticking()) as ledger:
            ledger.append("note", private={"text": "called the station"})
            ledger.append("acquire", exhibit=EXHIBIT)
            self.anchors = anchors(ledger.origin)
            if anchored:
                outside = Outside(place / "outside")
                got = Anchoring(ledger, self.anchors, outside, ledger.append, ticking()).anchor()
                assert not got.failures
            self.head = ledger.cut_checkpoint()
            write_ledger(ledger, place / "export")
        self.folder = place / "export"
        self.database = place / "case" / "ledger.sqlite"
        self.shown = shown(ExportedLedger(self.folder))

    def refused(self, ledger: Any = None) -> LedgerError | None:
        """Verify the export, or a ledger; return the error."""
        try:
            verify(ledger or ExportedLedger(self.folder), kept_head=self.head, anchors=self.anchors)
        except LedgerError as error:
            return error
        return None

    def refused_database(self) -> LedgerError | None:
        """Verify the ledger file as it lies there, and compare what it shows.

        Raises:
            SilentError: It verifies, and shows something that was not written, or not every line.
        """
        try:
            with Ledger.read(self.database) as ledger:
                error = self.refused(ledger)
                found = shown(ledger) if error is None else self.shown
        except LedgerError as refusal:
            return refusal
        # A private value or a head may be missing: verification counts what is withheld, and what no head covers.
        if found[0] != self.shown[0] or not all(
            set(some) <= set(every) for some, every in zip(found, self.shown, strict=True)
        ):
            raise SilentError("the ledger verifies, and is not the one that was written")
        return error


def shown(ledger: Any) -> tuple[Any, ...]:
    """Return all that a ledger shows: lines, disclosures, heads and what others said of them."""
    records = list(ledger.records())
    disclosed = [(seq, text) for seq, record in enumerate(records) for text in record.disclosures]
    lines = [record.line for record in records]
    return lines, disclosed, ledger.checkpoints(), ledger.tokens(), ledger.cosignatures()


def flips(path: Path, bits: Callable[[int], Iterable[int]] = lambda _: range(8)) -> Iterator[tuple[int, bytes]]:
    """Flip bits of a file one after the other; yield the place of each, and the bytes before. They come back at the end."""
    whole = path.read_bytes()
    try:
        with path.open("r+b", buffering=0) as stream:
            for offset, byte in enumerate(whole):
                for bit in bits(offset):
                    _put(stream, offset, byte ^ 1 << bit)
                    yield offset, whole
                _put(stream, offset, byte)
    finally:
        path.write_bytes(whole)


def cuts(path: Path, sizes: Callable[[int], Iterable[int]] = range) -> Iterator[int]:
    """Cut a file at each of the sizes; yield them. The file is whole again at the end."""
    whole = path.read_bytes()
    try:
        for size in sizes(len(whole)):
            path.write_bytes(whole[:size])
            yield size
    finally:
        path.write_bytes(whole)


def first_named(error: LedgerError) -> int | None:
    """Return the first entry that an error names."""
    findings = error.findings if isinstance(error, IntegrityError) else ()
    return min((finding.entry for finding in findings if finding.entry is not None), default=None)


def _put(stream: Any, offset: int, byte: int) -> None:
    stream.seek(offset)
    stream.write(bytes([byte]))
