"""Where copies of what is erased may be that an erasure does not reach, with what to do about each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import purged_by
from osint.chain_of_custody.ledger import Ledger
from osint.erasing.places import Traces
from osint.instants import format_instant
from osint.parts import FOLDER as PARTS

_LEFT_THE_CASE = ("export", "backup", "release")


def left_the_case(
    folder: Path, ledger: Ledger, first: int, orders: Collection[Entry], holding: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield where something went from the first entry concerned to the order, and a sentence on what to do about it.

    What went below the case folder and is not there any more is left out.

    Args:
        folder: The case folder.
        ledger: Its ledger.
        first: Position of the first entry concerned.
        orders: The entries that order the erasure.
        holding: Numbers of exhibits that hold the text that was named.
    """
    last = min(entry.seq for entry in orders)
    digests = {str(item["digest"]) for entry in orders for item in entry.object if "digest" in item}
    concerned = {number for entry in orders for number in purged_by(entry)}.union(holding)
    refused: set[str] = set()
    for entry in ledger.entries():
        if entry.exhibit is not None and not digests.isdisjoint(entry.payload["_sd"]):
            concerned.add(entry.exhibit)
        if (entry.action, entry.outcome) == ("refuse", "done"):
            refused.update(entry.refs)
    for entry in ledger.entries(first):
        if entry.seq >= last or entry.action not in _LEFT_THE_CASE or entry.outcome not in ("done", "allowed"):
            continue
        if entry.leaf.hex() in refused or not _may_hold(entry, concerned, digests):
            continue
        to = _place_of(entry)
        if to is not None and not _is_gone(folder, to):
            yield (
                to,
                f"{entry.action} of ledger entry {entry.seq}, {format_instant(entry.end_time)}: {to}. It was made "
                "before this erasure and may hold what was erased. Delete it if it lies on this machine; ask whoever "
                "else has it to destroy it and to confirm that in writing; then hand over anew.",
            )


def copies_elsewhere(folder: Path, ledger: Ledger, entry: Entry, exhibits: Collection[str]) -> list[str]:
    """Return where copies of some exhibits went before an entry."""
    first = min(each.entry for each in ledger.exhibits() if each.number in exhibits)
    return [place for place, _ in left_the_case(folder, ledger, first, [entry], exhibits)]


def still_begun(ledger: Ledger) -> list[str]:
    """Say what productions left that were begun, and could not be destroyed."""
    from osint.report.unfinished import still_there

    return list(still_there(list(ledger.entries())))


def in_parts(left: Traces) -> list[str]:
    """Say which parts of other officers still hold what was erased; only they can erase in their ledgers."""
    held = {"/".join(place.file.split("/")[:2]) for place in left.places if place.file.startswith(f"{PARTS}/")}
    return [
        f"{folder}: the ledger of another officer, kept whole. Have the same erased in that officer's case and merge "
        "the newer package; it takes the place of this one."
        for folder in sorted(held)
    ]


def _may_hold(entry: Entry, exhibits: Collection[str], digests: Collection[str]) -> bool:
    """Return whether what left the case by an entry may hold what is erased; a release holds itself and its exhibits.

    One that expired counts: its consignment may have been carried there before.
    """
    named = {str(item["exhibit"]) for item in entry.object if "exhibit" in item}
    if entry.action != "release" or not named:
        return True
    return not named.isdisjoint(exhibits) or not set(digests).isdisjoint(entry.payload["_sd"])


def _place_of(entry: Entry) -> str | None:
    """Return where something went by an entry: a file, a folder, or the name of a person; None when it does not say."""
    names = [entry.private[name] for name in ("folder", "file", "path", "recipient") if name in entry.private]
    if not names:
        return None
    return str(names[0].get("name", "(erased)") if isinstance(names[0], dict) else names[0])


def _is_gone(folder: Path, place: str) -> bool:
    """Return whether something went below the case folder and is not there any more."""
    path = Path(place).absolute()
    return path.is_relative_to(folder.absolute()) and not path.exists()
