"""Every item that a case ever stored, with what becomes of it, told from the ledger and from what people said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from osint import parts
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import purged_by
from osint.chain_of_custody.readable import Readable
from osint.chain_of_custody.sensitive_stop import stopped_by
from osint.collecting.importing import restricted_exhibits
from osint.production.plan import Fate, Item
from osint.production.posts import every_post
from osint.production.release import Excluded
from osint.report.dossier import Dossier

Said = tuple[Fate, str, str, bool]
"""Fate, ground, what the ground rests on, and whether a redacted copy stands for it."""

_STOPPED = "locked away by a sensitive stop: it goes to the designated unit alone"
_STOPPED_BY = "18 U.S.C. 2252A, 3509(m)"
_RESTRICTED = "may open somebody's account; a redacted copy stands for it"
_MASKED = "tells private facts that an officer masked; a copy without them stands for it"


@dataclass(frozen=True, kw_only=True)
class Leaves:
    """In what form exhibits leave.

    Attributes:
        excluded: What a prosecutor moves to a schedule.
        masked: Exhibits for which a copy without private facts stands.
        originals: Restricted exhibits that leave as they are: all, or those named.
    """

    excluded: Collection[Excluded] = ()
    masked: Collection[str] = ()
    originals: Collection[str] | bool = False

    def withheld(self, ledger: Readable, label: str = "") -> dict[str, Said]:
        """Return what is said of each exhibit of a ledger that does not leave as it is; a part has no acts on it."""
        restricted = restricted_exhibits(ledger.entries())
        going = frozenset(restricted if self.originals is True else self.originals or ())
        sealed = [each for each in restricted if f"{each}{label}" not in going and each not in going]
        said: dict[str, Said] = dict.fromkeys(sealed, (Fate.WITHHELD, _RESTRICTED, "", True))
        if not label:
            said |= dict.fromkeys(self.masked, (Fate.WITHHELD, _MASKED, "", True))
            said |= {each.exhibit: (Fate.WITHHELD, each.ground, each.cited, False) for each in self.excluded}
        return said


def items(dossier: Dossier, leaves: Leaves, marks: pd.DataFrame | None = None) -> tuple[Item, ...]:
    """Return every item ever stored, those of merged parts after those of the case, each in the order of its ledger.

    Args:
        dossier: The case as it may leave.
        leaves: In what form exhibits leave.
        marks: All marks of the case: those on what does not leave are missing in what may.
    """
    reviewed = _reviewed(dossier.tables["marks"] if marks is None else marks)
    read = _read(dossier)
    found = list(_of(dossier.ledger, leaves))
    merges = merged(dossier.ledger.entries())
    for part in parts.parts(dossier.folder):
        with part.ledger() as ledger:
            theirs = _of(ledger, leaves, f"@{part.label}")
            found += [replace(each, entry=merges[part.label], part_entry=each.entry) for each in theirs]
    return tuple(_described(item, reviewed, read) for item in found)


def merged(entries: Iterable[Entry]) -> dict[str, int]:
    """Return the position of the newest entry that merged each part, by its label."""
    found: dict[str, int] = {}
    for entry in entries:
        if (entry.action, entry.outcome) == ("merge", "done"):
            found |= {str(item["origin"])[6:14]: entry.seq for item in entry.object if "origin" in item}
    return found


def _of(ledger: Readable, leaves: Leaves, label: str = "") -> Iterator[Item]:
    """Yield the items of one ledger."""
    stored = {entry.seq: (entry.end_time, source_of(entry)) for entry in ledger.entries() if entry.exhibit}
    withheld, gone = leaves.withheld(ledger, label), dict(_gone(ledger.entries()))
    for each in ledger.exhibits():
        when, source = stored[each.entry]
        said: Said = gone.get(each.number) or withheld.get(each.number) or (Fate.PRODUCED, "", "", False)
        fate, ground, cited, derivative = said
        tells = fate in (Fate.PRODUCED, Fate.WITHHELD)
        yield Item(
            exhibit=f"{each.number}{label}",
            sha256=each.sha256 if tells else "",
            size=each.size if tells else 0,
            entry=each.entry,
            stored=when,
            source=source if tells else "",
            media_type=each.media if tells else "",
            fate=fate,
            ground=ground,
            cited=cited,
            derivative=derivative,
        )


def _gone(entries: Iterable[Entry]) -> Iterator[tuple[str, Said]]:
    """Yield what nobody can produce; the newest entry about an exhibit counts."""
    for entry in entries:
        for number in stopped_by(entry):
            yield number, (Fate.SEALED, f"{_STOPPED} (entry {entry.seq})", _STOPPED_BY, False)
        for number in purged_by(entry):
            authority = str(entry.private.get("authority", ""))
            yield number, (Fate.PURGED, f"destroyed on order (entry {entry.seq})", authority, False)


def source_of(entry: Entry) -> str:
    """Return the address that an entry asked, or the name of the file that it took in; empty where neither is told."""
    said = entry.private
    declared = said.get("declaration")
    address = declared.get("address", "") if isinstance(declared, Mapping) else ""
    return str(said.get("url") or address or said.get("file") or "")


class _Read:
    """What was read of the exhibits: media types, titles, quality of the captures."""

    def __init__(self) -> None:
        self.media: dict[str, str] = {}
        self.title: dict[str, str] = {}
        self.quality: dict[str, set[str]] = {}


def _read(dossier: Dossier) -> _Read:
    read = _Read()
    for file in dossier.files:
        read.media[file.exhibit] = file.facts.media_type
    posts = every_post(dossier.tables)
    for exhibit, kind, quality in zip(posts["exhibit"], posts["type"], posts["capture_quality"], strict=True):
        if not pd.isna(quality):
            read.quality.setdefault(str(exhibit), set()).add(str(quality))
        if not pd.isna(kind):
            read.title.setdefault(str(exhibit), str(kind))
    return read


def _described(item: Item, reviewed: Mapping[str, bool], read: _Read) -> Item:
    """Return an item with what people said of it, and what it is in words."""
    said = reviewed.get(item.exhibit)
    mark: Literal["yes", "no", "unreviewed"] = "unreviewed" if said is None else "yes" if said else "no"
    if not item.sha256:
        return replace(item, exculpatory=mark)
    return replace(
        item,
        exculpatory=mark,
        media_type=read.media.get(item.exhibit, item.media_type),
        title=_title(item, read),
        quality=", ".join(sorted(read.quality.get(item.exhibit, ()))),
    )


def _title(item: Item, read: _Read) -> str:
    kind = read.media.get(item.exhibit) or read.title.get(item.exhibit, "").lower() or "capture"
    return f"{kind} from {item.source}" if item.source else kind


def _reviewed(marks: pd.DataFrame) -> dict[str, bool]:
    """Return what was said of the exculpatory value of exhibits.

    One post that may speak for somebody speaks for its exhibit; one that does not says nothing of the others in it.
    """
    found: dict[str, bool] = {}
    for exhibit, post, said in zip(marks["exhibit"], marks["post"], marks["exculpatory"], strict=True):
        if not pd.isna(said) and (said or pd.isna(post)):
            found[str(exhibit)] = found.get(str(exhibit), False) or bool(said)
    return found
