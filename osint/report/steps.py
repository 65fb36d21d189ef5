"""The ledger read for people: each entry with who acted, by which authority, and what it says.

Everything here is what the ledger *says*. Whether it holds is shown by verification, whose verdict stands beside it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Any

from osint.capture import clock_offset
from osint.capture.network import VIA_PROXY
from osint.chain_of_custody.entry import Entry, open_envelope
from osint.chain_of_custody.readable import Readable
from osint.chain_of_custody.registry import PEOPLE
from osint.chain_of_custody.withheld import REDACTED
from osint.report.apart import apart, joined

ERASED = "(erased)"
ERASING = frozenset({"redact", "purge"})
HANDING_OVER = frozenset({"release", "receive", "refuse"})
ANSWERS: Mapping[str, str] = {"receive": "received", "refuse": "refused"}

_COUNTED = (
    "kind", "reason", "status", "captures", "posts", "warnings", "stop", "size", "count", "entries", "checkpoint",
    "time",
)  # fmt: skip
_SAID = (
    "investigator", "network", "authorization", "leads", "exhibit", "query", "url", "attachments", "folder", "files",
    "file", "reason", "reasons", "detail",
)  # fmt: skip
_ORDERED = {"values": "private value", "exhibits": "exhibit", "files": "other file"}
_PROOFS = frozenset({"release", "receipt", "proof", "signed_document"})
_DOCUMENTS = "documents_"  # the numbers of a production, one row a document
_NAMING = ("exhibit", "exhibits")
_KEPT = "kept with the entry"
_SHOWN_OF_KEY = 16


@dataclass(frozen=True)
class Step:
    """One entry, in words.

    Attributes:
        entry: The entry.
        person: Who acted, from the newest entry that names the key; the key's fingerprint where no name is disclosed.
        named_in: Position of the entry that names the person, None where no name is disclosed.
        authority: Identifier of the authority, None where the step rests on none.
        said: What the entry records.
    """

    entry: Entry
    person: str
    named_in: int | None
    authority: str | None
    said: str


def read_steps(ledger: Readable) -> Iterator[Step]:
    """Yield each entry with who acted, by which authority, and what it says."""
    people: dict[str, tuple[str, int]] = {}
    authorities: dict[str, str] = {}
    for entry in ledger.entries():
        _note_names(entry, people)
        _note_authority(entry, authorities)
        yield _step(entry, people, authorities)


class Steps:
    """Every entry of a ledger in words, read when it is asked for: memory does not grow with the ledger.

    What is appended after it was made is not among them, however often they are read.

    Args:
        ledger: The ledger.
    """

    def __init__(self, ledger: Readable) -> None:
        self._ledger = ledger
        self._authorities: dict[str, str] = {}
        self._people: list[tuple[int, dict[str, tuple[str, int]]]] = []
        self._count = 0
        people: dict[str, tuple[str, int]] = {}
        for entry in ledger.entries():
            _note_authority(entry, self._authorities)
            if _note_names(entry, people):
                self._people.append((entry.seq, dict(people)))
            self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Step]:
        return islice(read_steps(self._ledger), self._count)

    def at(self, place: int) -> Step:
        """Return the entry at a position, as it is among all of them."""
        before = bisect_right(self._people, place, key=itemgetter(0))
        return _step(self._ledger.entry(place), self._people[before - 1][1] if before else {}, self._authorities)


def _step(entry: Entry, people: Mapping[str, tuple[str, int]], authorities: Mapping[str, str]) -> Step:
    person, named_in = people.get(entry.performer, (entry.performer, None))
    said = joined("; ", filter(None, [describe(entry), _signed_also(entry, people)]))
    return Step(entry, person, named_in, authorities.get(entry.authorization or ""), said)


def describe(entry: Entry) -> str:
    """Return what an entry records, in words: its disclosed values and what stands in clear.

    The order is that of ``_SAID``, then by name: what was asked stands before why it was refused. Each value keeps to
    itself (:mod:`osint.report.apart`).
    """
    names = [*(name for name in _SAID if name in entry.private), *sorted(entry.private.keys() - set(_SAID))]
    said = [apart(f"{name}: ", _value(name, entry.private[name])) for name in names]
    whose = " of another ledger" if came_from_elsewhere(entry) else ""
    given = [f"exhibit: {item['exhibit']}{whose}{_withheld(item)}" for item in entry.object if "exhibit" in item]
    keys = [_key(item) for item in entry.object if "key" in item]
    counted = [
        f"{name}: {item[name]}"
        for item in entry.result
        for name in _COUNTED
        if name in item and entry.action not in ERASING
    ]
    return joined("; ", [*said, *_gone(entry), *given, *keys, *counted, *_ordered(entry), *_way(entry)])


def failed_anchors(entries: Iterable[Entry]) -> str:
    """Say in a sentence how often an anchor was asked for in vain since the last one that came; empty when never."""
    failed: list[int] = []
    for entry in entries:
        if entry.action == "anchor":
            failed = [*failed, entry.seq] if entry.outcome == "failed" else []
    times = "once" if len(failed) == 1 else f"{len(failed)} times"
    return f"Since the last anchor one was asked for {times} in vain, last in entry {failed[-1]}." if failed else ""


def answers(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Return the entries that answer a release, by the leaf hash of the release in hex; the first answer counts."""
    found: dict[str, Entry] = {}
    for entry in entries:
        for leaf in entry.refs if entry.action in ANSWERS and entry.outcome == "done" else ():
            found.setdefault(leaf, entry)
    return found


def exhibits(entry: Entry) -> list[str]:
    """Return the numbers of this ledger's exhibits that an entry concerns, each once."""
    items = [*(() if came_from_elsewhere(entry) else entry.object), *entry.result]
    return list(dict.fromkeys(str(item["exhibit"]) for item in items if "exhibit" in item))


def named_in(private: Any) -> Iterator[str]:
    """Yield the numbers of the exhibits that the private values of an entry name."""
    if isinstance(private, Mapping):
        for name, each in private.items():
            if name in _NAMING:
                yield from ([each] if isinstance(each, str) else map(str, each))
            else:
                yield from named_in(each)
    elif isinstance(private, list | tuple):
        for each in private:
            yield from named_in(each)


def came_from_elsewhere(entry: Entry) -> bool:
    """Return whether an entry takes in what another ledger released; its objects are numbered as there."""
    return entry.action == "receive" and entry.exhibit is not None


def names_holder(entry: Entry, item: Mapping[str, Any]) -> bool:
    """Return whether an entry names the person who holds a key that it introduces by one of its items."""
    return "investigator" in entry.private and item.get("role") in PEOPLE


def _note_authority(entry: Entry, authorities: dict[str, str]) -> None:
    if entry.action == "authorize":
        authorities[entry.leaf.hex()] = entry.private.get("authorization", {}).get("identifier", ERASED)


def _note_names(entry: Entry, people: dict[str, tuple[str, int]]) -> bool:
    """Note who holds which key, as an entry says it; return whether it says so."""
    made = [item for item in entry.object if "public" in item]
    keys = [item["key"] for item in made if names_holder(entry, item)]
    if "investigator" in entry.private:
        people.update(
            dict.fromkeys(keys if made else [entry.performer], (str(entry.private["investigator"]), entry.seq))
        )
    elif entry.action == "key.rotate" and entry.performer in people:
        own = (item["key"] for item in made if item.get("role") in PEOPLE)
        people.update(dict.fromkeys(own, people[entry.performer]))
    else:
        return False
    return True


def _signed_also(entry: Entry, people: Mapping[str, tuple[str, int]]) -> str:
    if entry.line.count(b'"keyid"') < 2:
        return ""
    others = [key for key, _ in open_envelope(entry.line).signatures if key != entry.performer]
    return apart("signed also by: ", joined(", ", (people[key][0] if key in people else _short(key) for key in others)))


def _gone(entry: Entry) -> list[str]:
    missing = len(entry.payload["_sd"]) - len(entry.private)
    if missing <= 0:
        return []
    return [f"({missing} {'value' if missing == 1 else 'values'} erased)"] if entry.private else [ERASED]


def _ordered(entry: Entry) -> list[str]:
    """Say in words how much an order to erase was about."""
    if entry.action not in ERASING:
        return []
    counts = [(_ORDERED[item["kind"]], item["count"]) for item in entry.result if item.get("kind") in _ORDERED]
    named = [f"{count} {noun}{'' if count == 1 else 's'}" for noun, count in counts if count]
    went = "destroyed" if entry.outcome == "done" else "not destroyed"
    return [f"{went}: {', '.join(named)}"] if named else []


def _key(item: Mapping[str, Any]) -> str:
    words = f"{item.get('role', item.get('kind', 'signing'))} key {_short(item['key'])}"
    until = [f"until {item['time']}"] if "time" in item else []
    return " ".join([words, *(str(item[name]) for name in ("basis", "reason") if name in item), *until])


def _short(fingerprint: str) -> str:
    return f"{fingerprint[:_SHOWN_OF_KEY]}…"


def _withheld(item: Mapping[str, Any]) -> str:
    """Say that an exhibit did not leave, and what did in its place."""
    if item.get("kind") != REDACTED:
        return ""
    return f" withheld; a redacted derivative stands for it (map {_short(item['sha256'])})"


def _way(entry: Entry) -> list[str]:
    """Say which proxy made the request of an entry."""
    way = str(entry.payload["environment"].get("network", ""))
    asked = entry.action in ("acquire", "render")
    return [f"via proxy: {way.removeprefix(VIA_PROXY)}"] if asked and way.startswith(VIA_PROXY) else []


def _value(name: str, value: Any) -> str:
    if name in _PROOFS or name.startswith(_DOCUMENTS):
        return _KEPT
    return clock_offset.in_words(value) if name == "clock_offset" and isinstance(value, dict) else _words(value)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return joined(", ", (apart(f"{name}=", _words(each)) for name, each in value.items()))
    if isinstance(value, list):
        return joined(", ", map(_words, value))
    return str(value)
