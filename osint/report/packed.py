"""The ledger as it lies in a package: what the documents of the package are made from."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from osint.chain_of_custody import checkpoint, disclosure
from osint.chain_of_custody.entry import Entry, Exhibit, parse, read_verified, taken_in
from osint.chain_of_custody.export import LINES, ExportedLedger
from osint.chain_of_custody.merkle import leaf_hash


class Packed(ExportedLedger):
    """The ledger as it was copied into a package, whatever is appended to that of the case meanwhile.

    It is read strictly once. After that an entry is read from the file whenever it is asked for: parsed entries take
    ten times the memory of their lines, and only the disclosures and the places of the lines are kept.

    Raises:
        LedgerError: A line is damaged, or a disclosure belongs to none.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._starts = array("Q", [0])
        self._held: list[Sequence[str]] = []
        for place, record in enumerate(self.records()):
            parse(record.line.removesuffix(b"\n"), place, record.disclosures)
            self._starts.append(self._starts[-1] + len(record.line))
            self._held.append(tuple(record.disclosures))

    def __len__(self) -> int:
        return len(self._held)

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """Yield the entries from a position on, with what their disclosures say."""
        with (self.folder / LINES).open("rb") as stream:
            stream.seek(self._starts[start])
            for place in range(start, len(self)):
                yield self._read(stream.readline(), place)

    def entry(self, seq: int) -> Entry:
        """Return one entry.

        Raises:
            IndexError: There is none at that position.
        """
        return next(self.entries(range(len(self))[seq]))

    @property
    def last(self) -> Entry:
        """The newest entry."""
        return self.entry(-1)

    @property
    def origin(self) -> str:
        """Its name, as the newest entry bears it."""
        return str(self.last.payload["ledger"])

    def exhibits(self) -> list[Exhibit]:
        """Return what was taken in, by exhibit number."""
        taken = (taken_in(entry.payload, entry.seq) for entry in self.entries())
        return sorted(filter(None, taken), key=lambda each: int(each.number[1:]))

    def cosigned(self, size: int) -> str:
        """Return the checkpoint over so many entries with the lines of the witnesses below."""
        note = next(note for note in self.checkpoints() if checkpoint.parse(note).size == size)
        return note + "".join(f"{line}\n" for of, line in self.cosignatures() if of == size)

    def unchanging(self) -> AbstractContextManager[None]:
        """A copy stays as it is."""
        return nullcontext()

    def _read(self, line: bytes, place: int) -> Entry:
        line = line.removesuffix(b"\n")
        payload, private = read_verified(line), dict(map(disclosure.read, self._held[place]))
        return Entry(payload["seq"], leaf_hash(line), line, payload, private)
