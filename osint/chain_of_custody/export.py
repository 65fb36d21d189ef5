"""The ledger as text, for hand-over: ``ledger.jsonl``, ``disclosures.jsonl``, ``checkpoint-0001.txt`` …

The same ledger gives the same bytes. :class:`ExportedLedger` reads them back for verification, a line at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from osint.chain_of_custody.canonical import strict_loads
from osint.chain_of_custody.entry import LONGEST_LINE
from osint.chain_of_custody.ledger import Ledger, Record
from osint.errors import ExportError, LedgerError

LINES = "ledger.jsonl"
DISCLOSURES = "disclosures.jsonl"
_CHECKPOINT = re.compile(r"checkpoint-\d{4,}\.txt\Z")


def write_jsonl(ledger: Ledger, path: Path) -> int:
    """Write the stored lines, each with its line end; return how many.

    Raises:
        ExportError: The file is there already or cannot be written.
    """
    return _write(path, (record.line for record in ledger.records()))


def write_checkpoints(ledger: Ledger, folder: Path) -> list[Path]:
    """Write each checkpoint to a file of its own, byte for byte, numbered from ``checkpoint-0001.txt`` on.

    Raises:
        ExportError: A file is there already or cannot be written.
    """
    notes = ledger.checkpoints()
    paths = [folder / f"checkpoint-{number:04d}.txt" for number in range(1, len(notes) + 1)]
    for path, note in zip(paths, notes, strict=True):
        _write(path, [note.encode("utf-8")])
    return paths


def write_disclosures(ledger: Ledger, path: Path) -> int:
    """Write the disclosures as ``{"disclosure":"…","seq":n}``, in the order of the entries; return how many.

    They hold the personal data of the case: hand them only to whoever may read it.

    Raises:
        ExportError: The file is there already or cannot be written.
    """
    held = ((text, seq) for seq, record in enumerate(ledger.records()) for text in record.disclosures)
    spelt = (json.dumps({"disclosure": text, "seq": seq}, separators=(",", ":")) + "\n" for text, seq in held)
    return _write(path, (line.encode("ascii") for line in spelt))


def write_ledger(ledger: Ledger, folder: Path, *, disclosures: bool = True) -> None:
    """Write all of a ledger into a folder, which is made when it is not there.

    Raises:
        ExportError: A file is there already or cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_checkpoints(
        ledger, folder
    )  # first: an entry appended meanwhile may then lack a checkpoint, never the reverse
    if disclosures:
        write_disclosures(ledger, folder / DISCLOSURES)
    write_jsonl(ledger, folder / LINES)


class ExportedLedger:
    """A ledger written as text, to be verified without SQLite. Memory does not grow with the number of entries."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def checkpoints(self) -> list[str]:
        """Return the notes of the ``checkpoint-*.txt`` files, by number.

        Raises:
            LedgerError: A file cannot be read, or is not UTF-8.
        """
        try:
            paths = [path for path in self.folder.iterdir() if _CHECKPOINT.match(path.name)]
            paths.sort(key=lambda path: int(path.stem.rpartition("-")[2]))
            return [path.read_bytes().decode("utf-8") for path in paths]
        except (OSError, UnicodeDecodeError) as error:
            raise LedgerError(f"The checkpoints in {self.folder} cannot be read: {error}.") from error

    def records(self) -> Iterator[Record]:
        """Yield each line as it stands, with the disclosures that name its position.

        A last record with an empty line holds the disclosures that belong to no line.

        Raises:
            LedgerError: A file cannot be read.
        """
        held = _Disclosures(self.folder / DISCLOSURES)
        try:
            with (self.folder / LINES).open("rb") as stream:
                for position, line in enumerate(_lines(stream)):
                    yield Record(line, held.of(position))
        except OSError as error:
            raise LedgerError(f"The ledger in {self.folder} cannot be read: {error}.") from error
        if strays := held.rest():
            yield Record(b"", strays)


class _Disclosures:
    """The lines of a disclosures file, handed out by the position of the entry they name."""

    def __init__(self, path: Path) -> None:
        self._lines = _read_disclosures(path)
        self._next = next(self._lines, None)
        self._strays: list[str] = []

    def of(self, position: int) -> list[str]:
        found: list[str] = []
        while self._next and self._next[0] <= position:
            seq, text = self._next
            (found if seq == position else self._strays).append(text)
            self._next = next(self._lines, None)
        return found

    def rest(self) -> list[str]:
        left = [self._next, *self._lines] if self._next else []
        return [*self._strays, *(text for _, text in left)]


def _read_disclosures(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (seq, disclosure); a damaged line comes with position -1, which no entry has."""
    if not path.exists():
        return
    with path.open("rb") as stream:
        for line in _lines(stream):
            try:
                content = strict_loads(line)
            except LedgerError:
                content = None
            match content:
                case {"disclosure": str(text), "seq": int(seq)}:
                    yield seq, text
                case _:
                    yield -1, line[:80].decode("utf-8", "replace").strip()


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield lines with their ends. One that is too long is cut, which makes it fail; its rest is passed over."""
    while line := stream.readline(LONGEST_LINE + 2):
        rest = line
        while len(rest) == LONGEST_LINE + 2 and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE + 2)
        yield line


def _write(path: Path, pieces: Iterable[bytes]) -> int:
    count = 0
    try:
        with path.open("xb") as stream:
            for piece in pieces:
                stream.write(piece)
                count += 1
    except OSError as error:
        raise ExportError(f"{path} could not be written ({error.strerror}); what is there is not complete.") from error
    return count
