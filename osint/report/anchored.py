"""What of a ledger is anchored outside: time stamps and cosignatures, as whoever looks can check them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from osint.chain_of_custody.checkpoint import parse, read_note
from osint.chain_of_custody.readable import Readable
from osint.chain_of_custody.timestamp import Token, check, claimed_time
from osint.errors import LedgerError, TimestampError, WitnessError
from osint.instants import format_instant
from osint.views.anchoring import Anchor, Anchoring

if TYPE_CHECKING:
    from osint.chain_of_custody.anchors import Anchors
    from osint.chain_of_custody.cosignature import Cosignature


def read_anchoring(ledger: Readable, entries: int, anchors: Anchors | None = None) -> Anchoring:
    """Return what of a ledger is anchored. What does not hold is left out and named; verification says all of it.

    Args:
        ledger: The ledger.
        entries: Number of its entries.
        anchors: The authorities and witnesses whom the reader trusts; without them, times are shown as claims.
    """
    reader = _Reader(ledger.checkpoints(), anchors)
    for token in ledger.tokens():
        reader.take_token(token)
    for size, line in ledger.cosignatures():
        reader.take_cosignature(size, line)
    return Anchoring(
        entries=entries,
        checkpoints=tuple(reader.sizes),
        stamps=tuple(reader.stamps),
        cosignatures=tuple(reader.cosignatures),
        remarks=(*reader.remarks, *reader.quorum()),
    )


class _Reader:
    """Sorts time stamps and cosignatures into those that hold, those that are claims, and those that are neither."""

    def __init__(self, notes: Sequence[str], anchors: Anchors | None) -> None:
        self.sizes = [_size(note) for note in notes]
        self.stamps: list[Anchor] = []
        self.cosignatures: list[Anchor] = []
        self.remarks: list[str] = []
        self._notes = notes
        self._authorities = anchors.timestamps if anchors else ()
        self._witnesses = anchors.witnesses if anchors else None

    def take_token(self, token: Token) -> None:
        """Judge a time stamp."""
        what = f"A time stamp over {_entries(token.size)}"
        try:
            if self._authorities:
                stamp = check(token, self._authorities)
                name, time = stamp.authority, stamp.time
            else:
                name, time = "", claimed_time(token)
        except TimestampError as error:
            self.remarks.append(f"{what} was not accepted ({error.reason}). It counts for nothing here.")
            return
        if token.covers == "renewal":
            by = f"by {name}" if name else "as it claims"
            self.remarks.append(f"Time stamps over the first {_entries(token.size)} were renewed {by}, {_said(time)}.")
        elif token.document in (note.encode("utf-8") for note in self._notes):
            number = self._number(token.size)
            self.stamps.append(
                Anchor(
                    size=token.size,
                    checkpoint=number,
                    name=name,
                    time=time,
                    checked=bool(self._authorities),
                    token=token.sha256,
                )
            )
        else:
            self.remarks.append(f"{what} is over no checkpoint of this ledger. It counts for nothing here.")

    def take_cosignature(self, size: int, line: str) -> None:
        """Judge a line of a witness over the checkpoint of a size."""
        what = f"A cosignature over {_entries(size)}"
        if size not in self.sizes:
            self.remarks.append(f"{what} is over no checkpoint of this ledger. It counts for nothing here.")
            return
        number = self._number(size)
        try:
            known = self._known(f"{self._notes[number - 1]}{line}\n")
            name, time = known or _claimed(line)
        except (LedgerError, ValueError, OverflowError, OSError) as error:
            reason = error.reason if isinstance(error, WitnessError) else "malformed"
            self.remarks.append(f"{what} was not accepted ({reason}). It counts for nothing here.")
            return
        self.cosignatures.append(Anchor(size=size, checkpoint=number, name=name, time=time, checked=known is not None))

    def quorum(self) -> Iterator[str]:
        """Say how far enough of the reader's witnesses have cosigned."""
        if self._witnesses is None:
            return
        by_size: dict[int, set[str]] = {}
        for each in self.cosignatures:
            if each.checked:
                by_size.setdefault(each.size, set()).add(each.name)
        enough = [size for size, names in by_size.items() if self._witnesses.satisfied(names)]
        if enough:
            yield f"Enough witnesses cosigned the first {_entries(max(enough))}: {self._witnesses.rule}."

    def _known(self, note: str) -> tuple[str, datetime] | None:
        """Return name and time of the one cosignature below a checkpoint when it is of a witness of the reader."""
        found: dict[str, Cosignature] = self._witnesses.cosignatures(note) if self._witnesses else {}
        return next(((name, each.time) for name, each in found.items()), None)

    def _number(self, size: int) -> int:
        return self.sizes.index(size) + 1


def _size(note: str) -> int:
    try:
        return parse(note).size
    except LedgerError:  # verification names it; here it covers nothing
        return 0


def _claimed(line: str) -> tuple[str, datetime]:
    """Read who a cosignature says it is of, and its time.

    Raises:
        LedgerError: It is no signature line.
        ValueError: It carries no possible time. Also OverflowError and OSError, as the platform has it.
    """
    [signature] = read_note(f"any text\n\n{line}\n").signatures
    return signature.name, datetime.fromtimestamp(int.from_bytes(signature.signature[:8], "big"), UTC)


def _said(time: datetime) -> str:
    return format_instant(time)


def _entries(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"
