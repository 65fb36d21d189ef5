"""The numbers of productions, as the ledger gives them out.

A production reserves a quantity of numbers with the entry that plans it. Which ones, follows from the order of the
entries, which the ledger keeps for all processes at once: two that plan at the same time never get the same. A number
is given out once. What a production did not use of its own goes to the next one only when it was finished, and nobody
had reserved more meanwhile; after a build that was killed or failed the count goes on behind all that it reserved.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.sensitive_stop import withdrawn_by
from osint.chain_of_custody.withheld import PRODUCE
from osint.production.plan import Earlier, Fate, Numbers

NUMBERS = "numbers"
_PART = 10_000  # items of one private value: a line of the ledger's export holds 1 MiB
_LOST = "numbers-lost"
_COUNTED = ((PRODUCE, "allowed"), ("restore", "done"))
_EXHIBIT = re.compile(r"E(\d+)(@[0-9a-f]+)?")


@dataclass
class _Reserved:
    """One production while the entries pass by."""

    made: Earlier
    end: int
    gone: set[str] = field(default_factory=set)


def productions(entries: Iterable[Entry]) -> list[Earlier]:
    """Return the productions that the ledger knows, finished or not, the oldest first."""
    known: dict[str, _Reserved] = {}
    cursor = 1
    for entry in entries:
        of = next((known[leaf] for leaf in entry.refs if leaf in known), None)
        for each in known.values():
            each.gone.update(withdrawn_by(entry))
        if entry.action != PRODUCE or entry.outcome not in ("allowed", "done", "failed"):
            continue
        count = _count(entry)
        if entry.outcome == "allowed":
            if of is None:
                cursor = max(cursor, _behind(entry) + 1)
                of = known[entry.leaf.hex()] = _Reserved(_planned(entry, len(known) + 1, cursor), cursor)
            of.end = cursor = cursor + count
            of.made = replace(of.made, last=of.end - 1)
        elif of is not None:
            cursor = of.made.first + count if cursor == of.end else cursor
            of.made = _ended(of.made, entry, count)
    return [replace(each.made, withdrawn=_withdrawn(each)) for each in known.values()]


def reservation(numbers: int, behind: int | None = None) -> list[dict[str, Any]]:
    """Return how an entry says how many numbers it reserves, or used; and behind which, where a restore lost some."""
    return [{"kind": NUMBERS, "count": numbers}, *([] if behind is None else [{"kind": _LOST, "count": behind}])]


def may_be_lost(entries: Iterable[Entry]) -> bool:
    """Whether the case was restored since the last production was planned, so that others may be lost."""
    newest = (entry.action for entry in entries if (entry.action, entry.outcome) in _COUNTED)
    return next(iter(deque(newest, maxlen=1)), "") == "restore"


def documents_said(documents: Iterable[tuple[str, int, int]]) -> dict[str, list[list[Any]]]:
    """Return how the entry of a finished production says which item has which numbers: exhibit, first, last."""
    rows = [list(each) for each in documents]
    return {f"documents_{at // _PART + 1:04d}": rows[at : at + _PART] for at in range(0, len(rows), _PART)}


def spans(exhibits: Iterable[str]) -> list[str]:
    """Return exhibits with those that follow each other drawn together: ``E0001-E0003``."""
    numbered = ((_EXHIBIT.fullmatch(each), place) for place, each in enumerate(exhibits))
    rows = [(int(found[1]), found[2] or "", place) for found, place in numbered if found]
    runs = (list(run) for _, run in groupby(rows, key=lambda row: (row[0] - row[2], row[1])))
    return [_run(run[0][0], run[-1][0], run[0][1]) for run in runs]


def exhibits_of(said: Iterable[str]) -> Iterator[str]:
    """Yield the exhibits that :func:`spans` drew together."""
    for each in said:
        first, _, last = each.partition("-")
        begin, end = _EXHIBIT.fullmatch(first), _EXHIBIT.fullmatch(last or first)
        if begin and end:
            yield from (f"E{number:04d}{begin[2] or ''}" for number in range(int(begin[1]), int(end[1]) + 1))


def _run(first: int, last: int, label: str) -> str:
    return f"E{first:04d}{label}" + (f"-E{last:04d}{label}" if last > first else "")


def _planned(entry: Entry, number: int, first: int) -> Earlier:
    said = entry.private
    release = said.get("release")
    prefix = str(release.get("prefix", "")) if isinstance(release, Mapping) else ""
    return Earlier(
        number=number,
        entry=entry.seq,
        made=entry.end_time,
        to=str(said.get("recipient", "")),
        numbers=Numbers(prefix=prefix or "ERASED"),
        first=first,
        last=first - 1,
        done=False,
        fates=dict(_fates(said.get("fates"))),
        grounds=dict(_grounds(release)),
    )


def _ended(made: Earlier, entry: Entry, count: int) -> Earlier:
    """Return a production with what the entry of its end says; of a failed one, what it may have used stays used."""
    if entry.outcome == "failed":
        return replace(made, last=made.first + count - 1)
    package = next((str(item["sha256"]) for item in entry.result if item.get("kind") == "package"), "")
    return replace(made, last=made.first + count - 1, done=True, package=package, labels=dict(_labels(entry.private)))


def _count(entry: Entry, kind: str = NUMBERS) -> int:
    return next((int(item["count"]) for item in entry.result if item.get("kind") == kind), 0)


def _behind(entry: Entry) -> int:
    """Return the number behind which those of a production begin at least: what was lost may have borne it."""
    return _count(entry, _LOST)


def _fates(said: Any) -> Iterator[tuple[str, Fate]]:
    for name, drawn in said.items() if isinstance(said, Mapping) else ():
        yield from ((exhibit, Fate(name)) for exhibit in exhibits_of(drawn))


def _grounds(release: Any) -> Iterator[tuple[str, str]]:
    for act in release.get("excluded", ()) if isinstance(release, Mapping) else ():
        yield str(act["exhibit"]), f"{act['ground']}, {act['cited']}"


def _labels(private: Mapping[str, Any]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the first and the last number of each item, over all documents that stand for parts of it."""
    parts = sorted(name for name in private if name.startswith("documents_"))
    found: dict[str, tuple[int, int]] = {}
    for exhibit, first, last in (row for name in parts for row in private[name]):
        low, high = found.get(str(exhibit), (int(first), int(last)))
        found[str(exhibit)] = min(low, int(first)), max(high, int(last))
    yield from found.items()


def _withdrawn(reserved: _Reserved) -> tuple[str, ...]:
    produced = (number for number, fate in reserved.made.fates.items() if fate is Fate.PRODUCED)
    return tuple(number for number in produced if number in reserved.gone)
