"""What was ever stored, and what became of it, as the ledger and the files in a package show: no list is believed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import purged_by
from osint.chain_of_custody.sensitive_stop import stopped_by
from osint.chain_of_custody.withheld import FOLDER as REDACTED
from osint.instants import format_instant
from osint.parts import FOLDER as PARTS
from osint.production.items import source_of
from osint.production.plan import Fate
from osint.report.hand_over import EVIDENCE
from osint.report.packed import Packed


@dataclass(frozen=True)
class Stored:
    """One item as the ledger and the files in the package show it."""

    fate: Fate | None
    entry: int
    sha256: str
    time: str
    source: str


def stored(data: Path, packed: Packed) -> dict[str, Stored]:
    """Return every item ever stored, with the fate that the files in a payload show; None where nothing shows any."""
    found = dict(_stored(data, packed, ""))
    for folder in sorted(data.glob(f"{PARTS}/*")):
        merged = _merged(packed.entries(), folder.name)
        found |= dict(_stored(folder, Packed(folder), f"@{folder.name}", merged))
    return found


def _merged(entries: Iterable[Entry], label: str) -> int:
    """Return the position of the newest entry that merged a part."""
    origins = ((entry.seq, str(item.get("origin", ""))) for entry in entries for item in entry.object
               if (entry.action, entry.outcome) == ("merge", "done"))  # fmt: skip
    return max((seq for seq, origin in origins if origin.startswith(f"osint/{label}")), default=-1)


def _stored(data: Path, packed: Packed, label: str, by: int | None = None) -> Iterator[tuple[str, Stored]]:
    purged = {number for entry in packed.entries() for number in purged_by(entry)}
    stopped = {number for entry in packed.entries() for number in stopped_by(entry)}
    evidence = {path.name[:64] for path in (data / EVIDENCE).rglob("*")}
    for entry in packed.entries():
        for item in entry.result:
            if "exhibit" not in item:
                continue
            number, sha256 = str(item["exhibit"]), str(item["sha256"])
            there = sha256 in evidence
            copy = (data / REDACTED / f"{number}.json").is_file()
            signs = {
                Fate.PURGED: number in purged,
                Fate.SEALED: number in stopped and number not in purged,
                Fate.WITHHELD: copy,
                Fate.PRODUCED: there and not copy,
            }
            shown = [fate for fate, shows in signs.items() if shows]
            yield (
                f"{number}{label}",
                Stored(
                    fate=shown[0] if len(shown) == 1 else None,
                    entry=entry.seq if by is None else by,
                    sha256=sha256,
                    time=format_instant(entry.end_time),
                    source=source_of(entry),
                ),
            )
