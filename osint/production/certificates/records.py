"""The records that a draft is about, and why some cannot be: each ground is named, and one is enough for no draft."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from osint.chain_of_custody.digests import sha256_file
from osint.chain_of_custody.entry import Entry, Exhibit
from osint.chain_of_custody.readable import Readable
from osint.collecting.importing import ACTION as IMPORT
from osint.gate.recorded import recorded
from osint.instants import format_instant
from osint.policy.pack import Pack
from osint.policy.roster import plain
from osint.production.certificates.kinds import Kind
from osint.records import OwnPage, in_force
from osint.render import some
from osint.report.csv_tables import Sheet
from osint.report.dossier import Dossier
from osint.report.steps import read_steps

_HEADINGS = ("exhibit", "number", "SHA-256 when it was taken in", "SHA-256 computed anew", "match", "ledger entry",
             "taken in (UTC)", "how", "size in bytes")  # fmt: skip
_OWN = "own_pages"


class Taken(NamedTuple):
    """How an exhibit was taken in, as far as drafts say it.

    Attributes:
        exhibit: The exhibit.
        action: What was done.
        time: When that ended, UTC.
        purpose: Code of the purpose; None where none was stated.
        tool: Program and version, and the collector where there was one.
        environment: System, Python and way to the network, by the names of the entry: JSON.
        refs: Leaf hashes of the entries that it rests on, in hex.
    """

    exhibit: Exhibit
    action: str
    time: datetime
    purpose: str | None
    tool: str
    environment: str
    refs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What drafts are made from. That there is a dossier means that the case verified.

    Attributes:
        dossier: The case.
        ledger: Its ledger, or the copy of it in a package.
        pack: The policy pack in force.
        numbers: Returns the numbers of an exhibit in a production, in words; empty where it has none.
    """

    dossier: Dossier
    ledger: Readable
    pack: Pack
    numbers: Callable[[str], str]

    @cached_property
    def taken(self) -> dict[str, Taken]:
        """Every exhibit with how it was taken in, by its number."""
        numbers = {each.number: each for each in self.dossier.ledger.exhibits()}
        same: dict[str, str] = {}
        found = (each for each in self.ledger.entries() if each.exhibit in numbers)
        return {str(each.exhibit): _taken(numbers[str(each.exhibit)], each, same) for each in found}

    @cached_property
    def signers(self) -> dict[str, str]:
        """The persons whose keys signed entries, as they are named there, by their plain names."""
        named = (step.person for step in read_steps(self.ledger) if step.named_in is not None)
        return {plain(each): each for each in named}

    @cached_property
    def third_parties(self) -> frozenset[str]:
        """Exhibits that hold what others than the agency wrote, or were not captured as its own pages."""
        own = {each.record.account.removeprefix("@").lower() for each in in_force(recorded(self.ledger.entries()))
               if isinstance(each.record, OwnPage)}  # fmt: skip
        posts = self.dossier.tables["posts"]
        written = zip(posts["exhibits"], posts["attributed_to"].fillna(""), strict=True) if "exhibits" in posts else ()
        others = {str(each) for several, who in written for each in several if who and not _is_own(who, own)}
        return frozenset(number for number, each in self.taken.items() if each.purpose != _OWN or number in others)

    def records(self, exhibits: Sequence[str]) -> Sheet:
        """Return the list of the records: hash at collection, hash computed anew, and where it is recorded."""
        return Sheet(_HEADINGS, [self._record(self.taken[number]) for number in exhibits])

    def computed(self, exhibit: str) -> str:
        """Return the SHA-256 of the copy of an exhibit as it is now, in hex; it is read once."""
        if exhibit not in self._computed:
            path = self.dossier.blobs.path(self.taken[exhibit].exhibit.sha256)
            self._computed[exhibit] = sha256_file(path)[0]
        return self._computed[exhibit]

    @cached_property
    def _computed(self) -> dict[str, str]:
        return {}

    def _record(self, taken: Taken) -> tuple[object, ...]:
        exhibit, how = taken.exhibit, "handed in" if taken.action == IMPORT else taken.action
        now = self.computed(exhibit.number)
        match = "yes" if now == exhibit.sha256 else "NO"
        return (exhibit.number, self.numbers(exhibit.number), exhibit.sha256, now, match, exhibit.entry,
                format_instant(taken.time), how, f"{exhibit.size:,}")  # fmt: skip


def _taken(exhibit: Exhibit, entry: Entry, same: dict[str, str]) -> Taken:
    """Return how an entry took an exhibit in; ``same`` holds what was said before, so that it is held once."""
    instrument, environment = entry.payload["instrument"], entry.payload["environment"]
    said = (entry.action, " ".join(map(str, instrument.values())), json.dumps(environment))
    action, tool, environment = (same.setdefault(each, each) for each in said)
    return Taken(exhibit, action, entry.end_time, entry.purpose, tool, environment, entry.refs)


def objections(basis: Basis, kind: Kind, declarant: str, exhibits: Collection[str]) -> Iterator[str]:
    """Yield every ground on which nothing is drafted, in a sentence each."""
    if not basis.pack.words(kind.value):
        yield f"the policy {basis.pack.name} {basis.pack.version} names no law for it (values.{kind.value})"
    if plain(declarant) not in basis.signers:
        who = "; ".join(basis.signers.values()) or "nobody"
        yield f"{declarant or 'nobody'} signed no entry of this ledger, and can tell nothing of it. Who did: {who}"
    if not exhibits and kind.about != "own":
        yield "it names no exhibit"
    if strange := [each for each in exhibits if each not in basis.taken]:
        yield f"{some(strange)}: this ledger records no hash at collection, since it took in nothing of that number"
    known = [each for each in exhibits if each in basis.taken]
    there = [each for each in known if basis.dossier.blobs.holds(basis.taken[each].exhibit.sha256)]
    if gone := sorted(set(known) - set(there)):
        yield f"{some(gone)}: the copy is not there any more, so that its hash cannot be computed and compared"
    if changed := [each for each in there if basis.computed(each) != basis.taken[each].exhibit.sha256]:
        yield f"{some(changed)}: the copy is not the one whose hash was recorded when it was taken in"
    yield from _of_kind(basis, kind, known)


def _of_kind(basis: Basis, kind: Kind, exhibits: Sequence[str]) -> Iterator[str]:
    """Yield what a draft of this kind cannot be about."""
    if kind.about == "process" and (handed := [each for each in exhibits if basis.taken[each].action == IMPORT]):
        yield (
            f"{some(handed)}: it was handed in, so no process of this program made it, and no hash was taken when it "
            "was; whoever made it can say how (902-14 is about the copy since it came in)"
        )
    if kind.about == "own" and (theirs := [each for each in exhibits if each in basis.third_parties]):
        yield (
            f"{some(theirs)}: a post by somebody else is no record of the agency's own activity, and keeping it makes "
            "it none; offer it by 902-13, 902-14 or a witness, with facts on who wrote it"
        )


def _is_own(author: str, own: Collection[str]) -> bool:
    """Return whether an author is one of the agency's accounts, or a page that names nobody as its author."""
    handle = author.split(":", 2)[-1].lower()
    return handle in own or (author.startswith("account:web:") and "@" not in handle)
