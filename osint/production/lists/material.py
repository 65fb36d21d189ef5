"""What the lists of a production are made from: the plan, the case, the ledger as it was packed, policy and roster."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from osint.capture.clock_offset import in_words
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.two_persons import names
from osint.chain_of_custody.withheld import MASK
from osint.policy.pack import Pack
from osint.policy.roster import Roster
from osint.production.plan import Document, Fate, Item, Plan
from osint.report.dossier import Dossier
from osint.report.packed import Packed
from osint.report.steps import Step, Steps, exhibits, named_in

NOT_RECORDED = "not recorded"
ELSEWHERE = "in the ledger of that part"
_PART = "@"


@dataclass(frozen=True, kw_only=True)
class Material:
    """What every list is made from.

    Attributes:
        plan: What the production holds.
        dossier: The case.
        packed: The ledger as it lies in the package.
        documents: The numbered documents, in order.
        pack: The policy pack in force.
        roster: Who works at the agency; None where it has installed no roster.
    """

    plan: Plan
    dossier: Dossier
    packed: Packed
    documents: Sequence[Document]
    pack: Pack
    roster: Roster | None = None

    @cached_property
    def steps(self) -> Steps:
        """Every entry, in words."""
        return Steps(self.packed)

    @cached_property
    def people(self) -> Mapping[str, str]:
        """The person behind each key, by fingerprint."""
        return names(self.packed.entries())

    @cached_property
    def kept_back(self) -> frozenset[str]:
        """Exhibits of which nothing is repeated, and the entries under which nothing but these came in."""
        return kept_back(self.plan, self.packed.entries())

    @cached_property
    def _numbered(self) -> Mapping[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for each in self.documents:
            first, last = found.get(each.item.exhibit, (each.begin, each.end))
            found[each.item.exhibit] = min(first, each.begin), max(last, each.end)
        return found

    @cached_property
    def _places(self) -> Mapping[bytes, int]:
        return {entry.leaf: entry.seq for entry in self.packed.entries()}

    @cached_property
    def _clocks(self) -> Mapping[str, str]:
        """What each run said of the clock in the end, by the leaf hash of the entry that allowed it."""
        said = {}
        for entry in self.packed.entries():
            if "clock_offset" in entry.private and entry.refs:
                said[entry.refs[0]] = in_words(entry.private["clock_offset"])
        return said

    def labels(self, exhibit: str) -> tuple[str, str]:
        """Return the first and the last number of an exhibit; empty texts where it has none."""
        if exhibit not in self._numbered:
            return "", ""
        first, last = self._numbered[exhibit]
        return self.plan.label(first), self.plan.label(last)

    def span(self, exhibit: str) -> str:
        """Return the numbers of an exhibit in words, ``DOE000001-DOE000003``; empty where it has none."""
        return "-".join(dict.fromkeys(filter(None, self.labels(exhibit))))

    def step(self, item: Item) -> Step | None:
        """Return the entry that stored an item, in words; None for what another officer's ledger stored."""
        return None if _PART in item.exhibit else self.steps.at(item.entry)

    def concerned(self, entry: Entry) -> list[int]:
        """Return the numbers of the entries that an entry refers to."""
        leaves = (bytes.fromhex(each) for each in entry.refs)
        return [self._places[leaf] for leaf in leaves if leaf in self._places]

    def clock(self, item: Item) -> str:
        """Return in words how far the clock was off in the run that stored an item."""
        step = self.step(item)
        refs = step.entry.refs if step else ()
        return next((self._clocks[each] for each in refs if each in self._clocks), NOT_RECORDED)

    def told(self, step: Step) -> str:
        """Return what an entry records; nothing of it where it is about nothing but what is kept back."""
        return told(step, self.kept_back)


def kept_back(plan: Plan, entries: Iterable[Entry] = ()) -> frozenset[str]:
    """Return the exhibits of which nothing is repeated: withheld or sealed, with no copy that stands for them.

    Of the entries, the leaf hashes of those under which nothing but such exhibits came in are added: what was asked
    there tells of them.
    """
    fates = (Fate.WITHHELD, Fate.SEALED)
    shut = frozenset(each.exhibit for each in plan.items if each.fate in fates and not each.derivative)
    came: dict[str, set[str | None]] = {}
    for entry in (each for each in entries if each.exhibit):
        for leaf in entry.refs:
            came.setdefault(leaf, set()).add(entry.exhibit)
    return shut.union(leaf for leaf, exhibits in came.items() if exhibits <= shut)


def told(step: Step, shut: Collection[str]) -> str:
    """Return what an entry records; nothing of it where it is about nothing but exhibits that are kept back."""
    if step.entry.action == MASK:  # who masked what and why is in the redaction log; the texts are nowhere
        return "see redaction_log.csv"
    named = {*exhibits(step.entry), *named_in(step.entry.private)}
    if (named and named <= frozenset(shut)) or step.entry.leaf.hex() in shut:
        return "not repeated here, since what it is about is not produced: see withheld_index.csv"
    return step.said
