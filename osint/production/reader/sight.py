"""What a production shows, gathered once for all pages: documents and custody by exhibit, and where each stands."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pandas as pd

from osint.chain_of_custody.entry import Entry
from osint.instants import format_instant
from osint.production.lists.material import kept_back, told
from osint.production.plan import Document, Fate, Item, Plan
from osint.production.posts import every_post
from osint.production.reader.sheets import Part, lay_out
from osint.report.steps import Step, came_from_elsewhere, read_steps

if TYPE_CHECKING:
    from osint.chain_of_custody.readable import Readable
    from osint.report.dossier import Dossier

SAID = 300
"""Characters that the custody of one exhibit gives of an entry; the search log gives more."""

_AT_ONCE = 5_000


class Custody(NamedTuple):
    """One entry as the custody of an exhibit shows it."""

    entry: int
    time: str
    action: str
    outcome: str
    person: str
    said: str


@dataclass(frozen=True)
class Sight:
    """What the pages are made from.

    Attributes:
        plan: What was decided.
        posts: The posts table.
        documents: The documents of each exhibit.
        custody: The entries that name each exhibit.
        again: By exhibit, how many of the posts that it shows are printed at another, by that one's number.
        parts: The parts of the pages of exhibits, in order.
        kept_back: The exhibits of which nothing is repeated.
    """

    plan: Plan
    posts: pd.DataFrame
    documents: Mapping[str, Sequence[Document]]
    custody: Mapping[str, Sequence[Custody]]
    again: Mapping[str, Mapping[str, int]]
    parts: Sequence[Part]
    kept_back: frozenset[str]

    def sheet(self, exhibit: str) -> int | None:
        """Return the page on which an exhibit begins; None where it is none of this production."""
        return self._places.get(exhibit)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {each.exhibit: each.sheet for each in reversed(self.parts)}

    def pieces(self) -> Iterator[tuple[Part, Item, list[dict[str, Any]]]]:
        """Yield each part with its item and its posts, a part at a time."""
        items = {each.exhibit: each for each in self.plan.items}
        grouped = groupby(self._rows(items), key=lambda row: str(row["exhibit"]))
        exhibit, rows = next(grouped, ("", iter(())))
        for part in self.parts:
            if part.posts and part.exhibit != exhibit:
                exhibit, rows = next(grouped)
            yield part, items[part.exhibit], [next(rows) for _ in range(part.posts)]

    def _rows(self, items: Mapping[str, Item]) -> Iterator[dict[str, Any]]:
        """Yield the posts that are shown, in the order of the exhibits, few at a time."""
        if "exhibit" not in self.posts:
            return
        rank = {exhibit: place for place, exhibit in enumerate(items) if is_shown(items[exhibit])}
        places = self.posts["exhibit"].map(rank)
        order = places[places.notna()].sort_values(kind="stable").index
        for start in range(0, len(order), _AT_ONCE):
            yield from cast("list[dict[str, Any]]", self.posts.loc[order[start : start + _AT_ONCE]].to_dict("records"))


def is_shown(item: Item) -> bool:
    """Return whether the pages tell what an item holds: it is produced, or a redacted copy stands for it."""
    return item.fate is Fate.PRODUCED or item.derivative


def gather(plan: Plan, dossier: Dossier, ledger: Readable, documents: Iterable[Document]) -> Sight:
    """Gather what the pages are made from.

    Args:
        plan: What was decided.
        dossier: The case; of its tables the posts, masked where they have to be.
        ledger: The ledger as it lies in the package.
        documents: What was written for each item.
    """
    posts = every_post(dossier.tables).reset_index(drop=True)
    shown = {each.exhibit for each in plan.items if is_shown(each)}
    counts = Counter(str(each) for each in posts.get("exhibit", ()) if each in shown)
    held: dict[str, list[Document]] = defaultdict(list)
    for each in documents:
        held[each.item.exhibit].append(each)
    return Sight(
        plan=plan,
        posts=posts,
        documents=held,
        custody=custody_of(read_steps(ledger), plan),
        kept_back=kept_back(plan, ledger.entries()),
        again=_again(posts, shown),
        parts=lay_out((each.exhibit for each in plan.items), counts),
    )


def custody_of(steps: Iterable[Step], plan: Plan) -> dict[str, list[Custody]]:
    """Return the entries that name each exhibit, by its number or by the entry that stored it, in their order.

    What an entry says of nothing but exhibits that are kept back is left out.
    """
    known = {each.exhibit for each in plan.items}
    shut, stored = kept_back(plan), defaultdict(list)
    for each in plan.items:
        stored[each.entry].append(each.exhibit)
    leaves: dict[str, list[str]] = {}
    found: dict[str, list[Custody]] = defaultdict(list)
    for step in steps:
        entry = step.entry
        if entry.seq in stored:
            leaves[entry.leaf.hex()] = stored[entry.seq]
        named = chain(stored.get(entry.seq, ()), _numbers(entry), *(leaves.get(each, ()) for each in entry.refs))
        line = _line(step, shut)
        for exhibit in dict.fromkeys(each for each in named if each in known):
            found[exhibit].append(line)
    return found


def _line(step: Step, shut: Collection[str]) -> Custody:
    entry, said = step.entry, told(step, shut)
    short = said if len(said) <= SAID else f"{said[:SAID]}…"
    return Custody(entry.seq, format_instant(entry.end_time), entry.action, entry.outcome, step.person, short)


def _numbers(entry: Entry) -> Iterator[str]:
    """Yield every text of an entry that stands by itself; those that are numbers of exhibits name them."""
    if not came_from_elsewhere(entry):
        yield from _texts([*entry.object, entry.private])
    yield from _texts(list(entry.result))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | Mapping):
        for name, each in value.items():
            yield name
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _again(posts: pd.DataFrame, shown: set[str]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    if {"exhibit", "exhibits"} <= set(posts.columns):
        for first, every in zip(posts["exhibit"], posts["exhibits"], strict=True):
            for exhibit in set(every) - {first} if isinstance(every, list | tuple) and first in shown else ():
                if exhibit in shown:
                    found[exhibit][str(first)] += 1
    return found
