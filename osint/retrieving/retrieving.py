"""Retrieving items: each found, hashed again, and given with all that is known of it, or written out.

Of the evidence only what was found is read, and of the ledger only what concerns it.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from osint.chain_of_custody.entry import Entry, Exhibit, taken_in
from osint.chain_of_custody.erasure import purged_by
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.sensitive_stop import stopped
from osint.collecting.importing import restricted_exhibits
from osint.errors import EvidenceError, ExportError, LedgerError
from osint.gate import Gate
from osint.gate.standing import OF_EACH_EXHIBIT, about
from osint.instants import format_instant
from osint.phases.leaving import Leaving
from osint.phases.retention import Retention
from osint.production.plan import Earlier
from osint.report.hand_over import check_free
from osint.report.held_file import lay_out
from osint.retrieving.retrieved import Retrieved, RetrievedItem
from osint.retrieving.seeking import Seeking, source
from osint.store.blobs import FolderBlobs
from osint.store.durable import sync_folder

MOST = 100
"""So many items are hashed and shown at once; a longer list says how many there are."""
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Retrieving:
    """Looking for items in one case, as it stands now."""

    ledger: Ledger
    gate: Gate
    blobs: FolderBlobs
    seeking: Seeking
    leaving: Leaving
    retention: Retention

    def retrieve(self, by: str, kind: str = "") -> Retrieved:
        """Find items and hash each again.

        Raises:
            QueryError: What was asked for cannot be meant.
        """
        by = by.strip()
        kind = kind or self.seeking.kind(by)
        found = self.seeking.found(by, kind)
        locked = self.gate.locked(found) - stopped(self.ledger.entries_but(OF_EACH_EXHIBIT))
        shown = [number for number in found if number not in locked]
        remarks = [
            f"{len(shown):,} items were found; the first {MOST} are shown." if len(shown) > MOST else "",
            "" if found else "Nothing was found.",
        ]
        return Retrieved(
            by=f"{kind} {by}",
            items=self._items(shown[:MOST], kind),
            remarks=tuple(each for each in remarks if each),
            locked=tuple(number for number in found if number in locked),
        )

    def write(self, found: Retrieved, folder: Path) -> Retrieved:
        """Write what was found into a new folder, each copy and the file that it holds; log it as an export.

        Raises:
            AuthorizationError: Something of it may not leave. The refusal is an entry.
            ExportError: The folder is not new, or cannot be written, an item may open an account, or its bytes are not
                those that were taken in.
            SecretFoundError: A file holds a key, a password or a cookie of ours.
        """
        check_free(folder)
        numbers = [each.exhibit for each in found.items]
        target = {"folder": str(folder), "retrieved": numbers}
        message = "Nothing was written out. The refusal is in the ledger."
        self.gate.require("export", "export", message, private=target, exhibits=numbers)
        restricted = sorted(set(restricted_exhibits(self._concerning(numbers))).intersection(numbers))
        wrong = [each.exhibit for each in found.items if each.bytes != "equal"]
        if restricted or wrong or not numbers:
            why = f"{', '.join(restricted)} may open an account: case.export(...) makes a redacted copy of it. "
            bad = f"{', '.join(wrong)} is not there as it was taken in." if wrong else ""
            said = f"Nothing was written out. {why if restricted else ''}{bad}{'' if numbers else 'Nothing was found.'}"
            self.gate.log("export", outcome="refused", private={**target, "reasons": [said]})
            raise ExportError(said)
        self.gate.log("export", outcome="allowed", private=target)
        self._write(folder, numbers)
        self.gate.log("export", private=target, result=[{"kind": "items", "count": len(numbers)}])
        return replace(found, folder=folder)

    def _write(self, folder: Path, numbers: Sequence[str]) -> None:
        part = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.part")
        try:
            part.mkdir(parents=True)
            for exhibit in self._exhibits(numbers):
                self._lay_out(exhibit, part)
            self.leaving.guard().check_folder(part)
            part.rename(folder)
            sync_folder(folder.parent)
        except OSError as error:
            raise ExportError(f"The files could not be written to {folder} ({error.strerror}).") from error
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _lay_out(self, exhibit: Exhibit, part: Path) -> None:
        with (
            self.blobs.open(exhibit.sha256, verify=True) as blob,
            (part / f"{exhibit.number}.warc.gz").open("xb") as out,
        ):
            shutil.copyfileobj(blob, out, _CHUNK)
        try:
            held = lay_out(exhibit, self.blobs, part)
        except EvidenceError:  # it holds no file of its own; the copy is there
            (part / "held").unlink(missing_ok=True)
        else:
            held.path.rename(part / f"{exhibit.number}{held.ending}")

    # -- what is known of an item --------------------------------------------------------------------------------------

    def _items(self, numbers: Sequence[str], kind: str) -> tuple[RetrievedItem, ...]:
        if not numbers:
            return ()
        entries = list(about(self.ledger, numbers))
        kept = {row["exhibit"]: row for row in self.retention.rows(entries, set(numbers))}
        taken = {str(entry.exhibit): entry for entry in entries if entry.exhibit in kept}
        if taken.keys() != set(numbers):
            raise LedgerError("The ledger's columns and its entries disagree on exhibits. Verify the ledger.")
        custody, elsewhere = self._custody(taken), _elsewhere(entries)
        return tuple(
            self._item(taken[each], kind, kept[each], custody[each], elsewhere.get(each, "")) for each in numbers
        )

    def _item(
        self, entry: Entry, kind: str, kept: Mapping[str, Any], custody: Sequence[str], elsewhere: str
    ) -> RetrievedItem:
        exhibit = _exhibit(entry)
        period, state = kept["retention"], kept["state"]
        return RetrievedItem(
            exhibit=exhibit.number,
            found_by=kind,
            bytes=elsewhere or self._bytes(exhibit),
            sha256=exhibit.sha256,
            size=exhibit.size,
            entry=exhibit.entry,
            stored=entry.end_time,
            source=source(entry.private),
            retention=f"{period}, {state}" if period else state,
            until=kept["until"],
            holds=tuple(kept["holds"]),
            productions=tuple(_fates(exhibit.number, self.seeking.productions)),
            custody=tuple(custody),
        )

    def _bytes(self, exhibit: Exhibit) -> str:
        """Hash a copy again, and say whether it is equal."""
        try:
            self.blobs.open(exhibit.sha256, verify=True).close()
        except EvidenceError as error:
            return f"damaged: {error}"
        return "equal"

    def _custody(self, taken: Mapping[str, Entry]) -> dict[str, list[str]]:
        """Return the entries that took an exhibit in, name it, or refer to the entry that took it in."""
        leaves = {entry.leaf.hex(): number for number, entry in taken.items()}
        found: dict[str, list[str]] = {number: [] for number in taken}
        for entry in self._concerning(taken):
            named = {str(item["exhibit"]) for item in (*entry.object, *entry.result) if "exhibit" in item}
            named |= {leaves[leaf] for leaf in entry.refs if leaf in leaves}
            for number in named & found.keys():
                said = f"entry {entry.seq}: {entry.action} {entry.outcome}, {format_instant(entry.end_time)}"
                found[number].append(said)
        return found

    def _concerning(self, numbers: Collection[str]) -> Iterator[Entry]:
        """Yield the entries that took some exhibits in, name them, or refer to the entries that took them in."""
        leaves = {entry.leaf.hex().encode("ascii") for entry in self._taking(numbers)}
        named = {number.encode("ascii") for number in numbers}
        passing = self.ledger.index.passing()
        return self.ledger.entries_at(each.seq for each in passing if each.concerns(named, leaves))

    def _exhibits(self, numbers: Collection[str]) -> Iterator[Exhibit]:
        return map(_exhibit, self._taking(numbers))

    def _taking(self, numbers: Collection[str]) -> Iterator[Entry]:
        return self.ledger.entries_at(self.seeking.exhibits[number] for number in numbers)


def _exhibit(entry: Entry) -> Exhibit:
    taken = taken_in(entry.payload, entry.seq)
    assert taken is not None, "the ledger's column says so"
    return taken


def _elsewhere(entries: Iterable[Entry]) -> dict[str, str]:
    """Return why a copy is not opened, by exhibit."""
    entries = list(entries)
    gone = {number: f"destroyed on order, entry {entry.seq}" for entry in entries for number in purged_by(entry)}
    return {**dict.fromkeys(stopped(entries), "locked away by a sensitive stop; not opened"), **gone}


def _fates(number: str, made: Iterable[Earlier]) -> Iterator[str]:
    """Yield what became of an exhibit in each production, in words, the newest first."""
    for each in reversed(list(made)):
        if number in each.fates:
            first, last = each.labels.get(number, (0, 0))
            labels = "-".join(dict.fromkeys(map(each.numbers.label, (first, last)))) if first else "no numbers"
            fate = f"{each.fates[number]}, {labels}" if each.done else "not finished"
            yield f"production {each.number}: {fate}, to {each.to}"
