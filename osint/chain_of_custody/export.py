"""The ledger as text, for hand-over: ``ledger.jsonl``, ``disclosures.jsonl``, ``checkpoint-0001.txt`` …

What others said of a head stands beside it: ``checkpoint-0001.1.tsr``, the reply of a time-stamping authority over that
file, with ``.tsq``, the request, and ``.pem``, the certificates; ``checkpoint-0001.cosigned.txt``, the same note with
the lines of the witnesses. ``renewal-0001.txt`` is what a renewed time stamp covers, with files of its own.

The same ledger gives the same bytes. :class:`ExportedLedger` reads them back for verification, a line at a time.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from osint.chain_of_custody.canonical import strict_loads
from osint.chain_of_custody.checkpoint import parse
from osint.chain_of_custody.entry import LONGEST_LINE
from osint.chain_of_custody.ledger_rows import Record
from osint.chain_of_custody.readable import Readable
from osint.chain_of_custody.timestamp import Token
from osint.errors import ExportError, Finding, IntegrityError, LedgerError

LINES = "ledger.jsonl"
DISCLOSURES = "disclosures.jsonl"
_CHECKPOINT = re.compile(r"checkpoint-(\d{4,})\.txt\Z")
_COSIGNED = re.compile(r"checkpoint-(\d{4,})\.cosigned\.txt\Z")
_REPLY = re.compile(r"((checkpoint|renewal)-\d{4,})\.(\d+)\.tsr\Z")
_LARGEST_FILE = 16 << 20
_MOST_OF_AN_ENTRY = 25_000  # no line of 1 MiB has room for the digests of more
_MOST_STRAYS = 1000


def write_jsonl(ledger: Readable, path: Path) -> int:
    """Write the stored lines, each with its line end; return how many.

    Raises:
        ExportError: The file is there already or cannot be written.
    """
    return _write(path, (record.line for record in ledger.records()))


def write_checkpoints(ledger: Readable, folder: Path) -> list[Path]:
    """Write each checkpoint to a file of its own, byte for byte, numbered from ``checkpoint-0001.txt`` on.

    Raises:
        ExportError: A file is there already or cannot be written.
    """
    notes = ledger.checkpoints()
    paths = [folder / f"checkpoint-{number:04d}.txt" for number in range(1, len(notes) + 1)]
    for path, note in zip(paths, notes, strict=True):
        _write(path, [note.encode("utf-8")])
    return paths


def write_anchors(ledger: Readable, folder: Path, checkpoints: Sequence[Path]) -> None:
    """Write the time stamps and the cosigned notes beside the checkpoints that were written.

    Raises:
        ExportError: A file is there already or cannot be written.
    """
    notes = dict(zip(ledger.checkpoints(), checkpoints, strict=True))
    by_note = {note.encode("utf-8"): path.stem for note, path in notes.items()}
    counts: Counter[str] = Counter()
    renewals: dict[bytes, str] = {}
    for token in ledger.tokens():
        stem = by_note.get(token.document) or renewals.get(token.document)
        if stem is None:
            stem = renewals[token.document] = f"renewal-{len(renewals) + 1:04d}"
            _write(folder / f"{stem}.txt", [token.document])
        counts[stem] += 1
        for suffix, data in (("tsq", token.request), ("pem", token.chain), ("tsr", token.reply)):
            _write(folder / f"{stem}.{counts[stem]}.{suffix}", [data])
    cosigned = {size for size, _ in ledger.cosignatures()}
    for note, path in notes.items():
        size = parse(note).size
        if size in cosigned:
            _write(path.with_suffix(".cosigned.txt"), [ledger.cosigned(size).encode("utf-8")])


def write_disclosures(ledger: Readable, path: Path) -> int:
    """Write the disclosures as ``{"disclosure":"…","seq":n}``, in the order of the entries; return how many.

    They hold the personal data of the case: hand them only to whoever may read it.

    Raises:
        ExportError: The file is there already or cannot be written.
    """
    held = ((text, seq) for seq, record in enumerate(ledger.records()) for text in record.disclosures)
    spelt = (json.dumps({"disclosure": text, "seq": seq}, separators=(",", ":")) + "\n" for text, seq in held)
    return _write(path, (line.encode("ascii") for line in spelt))


def write_ledger(ledger: Readable, folder: Path, *, disclosures: bool = True) -> None:
    """Write all of a ledger into a folder, which is made when it is not there.

    Raises:
        ExportError: A file is there already or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{folder} cannot be made ({error.strerror}); nothing was written.") from error
    with ledger.unchanging():
        write_anchors(ledger, folder, write_checkpoints(ledger, folder))
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
        return [_text(path) for _, path in self._numbered(_CHECKPOINT)]

    def tokens(self) -> list[Token]:
        """Return the time stamps: those over checkpoints, then those over renewals, each by number.

        Raises:
            LedgerError: A file cannot be read, or one of a time stamp is missing.
        """
        found = []
        for stem, covers, number in sorted(self._replies(), key=lambda each: (each[1], each[0], each[2])):
            document = read_bounded(self.folder / f"{stem}.txt")
            name = self.folder / f"{stem}.{number}"
            found.append(
                Token(
                    covers=covers,
                    size=_size_of(document, covers),
                    document=document,
                    request=read_bounded(Path(f"{name}.tsq")),
                    reply=read_bounded(Path(f"{name}.tsr")),
                    chain=read_bounded(Path(f"{name}.pem")),
                )
            )
        return found

    def cosignatures(self) -> list[tuple[int, str]]:
        """Return each line that a ``.cosigned.txt`` file has beside its checkpoint, with the size of that checkpoint.

        Raises:
            LedgerError: A file cannot be read, or does not begin with the checkpoint beside it.
        """
        found: list[tuple[int, str]] = []
        plain = {number: _text(path) for number, path in self._numbered(_CHECKPOINT)}
        for number, path in self._numbered(_COSIGNED):
            text = _text(path)
            note = plain.get(number, "")
            if not note or not text.startswith(note) or not text.endswith("\n"):
                what = f"{path.name} is not the checkpoint beside it with further signatures; it was altered."
                raise IntegrityError("The ledger was not verified.", [Finding(step=14, what=what)])
            found += [(parse(note).size, line) for line in text[len(note) : -1].split("\n")]
        return found

    def records(self, start: int = 0) -> Iterator[Record]:
        """Yield each line as it stands from a position on, with the disclosures that name its position.

        A last record with an empty line holds the disclosures that belong to no line.

        Raises:
            LedgerError: A file cannot be read.
        """
        held = _Disclosures(self.folder / DISCLOSURES)
        try:
            with (self.folder / LINES).open("rb") as stream:
                for position, line in enumerate(_lines(stream)):
                    disclosures = held.of(position)
                    if position >= start:
                        yield Record(line, disclosures)
        except OSError as error:
            raise LedgerError(f"The ledger in {self.folder} cannot be read: {error}.") from error
        if strays := held.rest():
            yield Record(b"", strays)

    def _numbered(self, pattern: re.Pattern[str]) -> list[tuple[int, Path]]:
        try:
            found = [(match, path) for path in self.folder.iterdir() if (match := pattern.match(path.name))]
        except OSError as error:
            raise LedgerError(f"The ledger in {self.folder} cannot be read: {error}.") from error
        return sorted((int(match[1]), path) for match, path in found)

    def _replies(self) -> Iterator[tuple[str, str, int]]:
        for path in self.folder.iterdir():
            if match := _REPLY.match(path.name):
                yield match[1], match[2], int(match[3])


def _size_of(document: bytes, covers: str) -> int:
    """Return the number of entries under what was stamped: line 2 of a checkpoint, line 3 of a renewal."""
    try:
        return int(document.split(b"\n")[1 if covers == "checkpoint" else 2])
    except (ValueError, IndexError) as error:
        what = f"a time stamp lies beside a {covers} that is damaged."
        raise IntegrityError("The ledger was not verified.", [Finding(step=13, what=what)]) from error


def _text(path: Path) -> str:
    try:
        return read_bounded(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise LedgerError(f"{path.name} is damaged: it is not UTF-8.") from error


def read_bounded(path: Path, most: int = _LARGEST_FILE) -> bytes:
    """Return a file of a hand-over, which comes from elsewhere, unless it is larger than such a file can be.

    Raises:
        LedgerError: It cannot be read, or has more than ``most`` bytes.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise LedgerError(f"{path.name} cannot be read: {error.strerror}.") from error
    if len(data) > most:
        raise LedgerError(f"{path.name} is larger than anything of its kind.")
    return data


class _Disclosures:
    """The lines of a disclosures file, handed out by the position of the entry they name."""

    def __init__(self, path: Path) -> None:
        self._lines = _read_disclosures(path)
        self._next = next(self._lines, None)
        self._strays: list[str] = []
        self._more = 0

    def of(self, position: int) -> list[str]:
        found: list[str] = []
        while self._next and self._next[0] <= position:
            seq, text = self._next
            if seq == position and len(found) < _MOST_OF_AN_ENTRY:
                found.append(text)
            else:
                self._stray(text)
            self._next = next(self._lines, None)
        return found

    def rest(self) -> list[str]:
        for _, text in chain([self._next], self._lines) if self._next else ():
            self._stray(text)
        return [*self._strays, *([f"{self._more} more"] if self._more else [])]

    def _stray(self, text: str) -> None:
        if len(self._strays) < _MOST_STRAYS:
            self._strays.append(text)
        else:
            self._more += 1


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
