"""Whether a production says of every item and of every entry what became of it, judged from the package alone.

Nothing here knows the plan that it was written from. What was stored, stopped and destroyed is read from the ledger in
the package; what leaves, from the files that are there; what is claimed, from the lists and from the entry that was
signed before a number was used. All of them have to say the same:

    items ever stored = produced + withheld + sealed + purged

and every entry stands in the search log once. What they say differently is named.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.export import LINES
from osint.chain_of_custody.withheld import PRODUCE
from osint.errors import Finding, OsintError
from osint.production import repeated, stamped
from osint.production.listed import (
    LOAD_FILE,
    SCHEDULE,
    SEARCH_LOG,
    UNUSED,
    WITHHELD,
    Row,
    doubles,
    numbered,
    rows,
    spans,
)
from osint.production.numbering import productions
from osint.production.plan import Earlier, Fate
from osint.production.stored import Stored, stored
from osint.report.bag import PAYLOAD
from osint.report.packed import Packed

STEP = 15
_SHOWN = 20
_PAPERS = (
    "lists/attribution_worksheet.html", "lists/exhibit_list.html", "lists/foundation_aids.csv",
    "lists/substitutions.csv", "lists/tool_validation.txt", "DATA/README.txt", "DATA/fields.csv", "report.html",
    "custody_log.html", "reader/search.html",
)  # fmt: skip
"""What every production holds besides that is compared with nothing."""
_UNPLANNED = (
    f"{LOAD_FILE} is there, and the ledger plans no production. Its end may have been cut; ask for a head of it that "
    "was kept elsewhere, and do not rely on the package."
)


def planned_in(entries: Iterable[Entry]) -> Entry | None:
    """Return the entry that planned the production which a ledger was packed for; None where it is no production.

    The newest entry by which something might leave says so: it refers to that plan.
    """
    plans: dict[str, Entry] = {}
    leaving: Entry | None = None
    for entry in entries:
        if (entry.action, entry.outcome) == (PRODUCE, "allowed"):
            plans[entry.leaf.hex()] = entry
        elif (entry.action, entry.outcome) == ("export", "allowed"):
            leaving = entry
    return next((plans[leaf] for leaf in leaving.refs if leaf in plans), None) if leaving else None


def findings(folder: Path) -> list[Finding]:
    """Return where a production does not account for every item and every entry; nothing for any other package."""
    data = folder / PAYLOAD
    try:
        packed = Packed(data) if (data / LINES).is_file() else None
        plan = planned_in(packed.entries()) if packed else None
        if packed is None or plan is None:
            return [Finding(step=STEP, what=_UNPLANNED)] if (data / LOAD_FILE).exists() else []
        items, every = stored(data, packed), productions(packed.entries())
        this = next(each for each in every if each.entry == plan.seq)
        said = [
            *_differences(data, packed, items, this, every),
            *_repeated(data, packed, plan, this),
            *_unused(data, items, plan),
        ]
    except (OSError, OsintError, csv.Error, LookupError, TypeError, ValueError) as error:
        said = [f"the production cannot be read ({type(error).__name__}: {error})"]
    shown = [*said[:_SHOWN], *([f"{len(said) - _SHOWN} more differences"] if len(said) > _SHOWN else [])]
    return [Finding(step=STEP, what=f"{each}. Do not rely on it; ask for the production again.") for each in shown]


def equation_of(folder: Path) -> str:
    """Return the equation of a production with its numbers, as its files show them; nothing for any other package."""
    data = folder / PAYLOAD
    packed = Packed(data) if (data / LINES).is_file() else None
    if packed is None or planned_in(packed.entries()) is None:
        return ""
    counts = Counter(each.fate for each in stored(data, packed).values())
    sides = " + ".join(f"{each} {counts[each]}" for each in Fate)
    return f"items ever stored {sum(counts.values())} = {sides}"


def _differences(
    data: Path, packed: Packed, items: Mapping[str, Stored], this: Earlier, every: Sequence[Earlier]
) -> Iterator[str]:
    for number, item in items.items():
        if item.fate is None:
            yield f"item {number} is neither produced, withheld, sealed nor purged, or several of these at once"
    yield from _claims("the signed plan", {name: str(fate) for name, fate in this.fates.items()}, items)
    schedule = list(rows(data / SCHEDULE))
    yield from doubles(SCHEDULE, (row["exhibit"] for row in schedule))
    yield from _claims(SCHEDULE, {row["exhibit"]: row["fate"] for row in schedule}, items)
    yield from _index(data, items)
    yield from stamped.numbers(data, items, schedule, this, every)
    yield from _log(data, packed)


def _repeated(data: Path, packed: Packed, plan: Entry, this: Earlier) -> Iterator[str]:
    """What a person reads of all this has to be what was signed."""

    def named(name: str) -> Iterator[Row]:
        return rows(data / name)

    schedule = list(named(SCHEDULE))
    yield from repeated.steps(packed, named, SEARCH_LOG)
    yield from repeated.grounds(schedule, list(named(WITHHELD)), WITHHELD, SCHEDULE, plan)
    yield from repeated.reviews(schedule, SCHEDULE, plan)
    yield from repeated.people(packed, named)
    yield from repeated.custody(packed, named)
    yield from repeated.taken_out(packed, named)
    yield from (f"{name} is not there" for name in _PAPERS if not (data / name).is_file())
    fates = {row["exhibit"]: Fate(row["fate"]) for row in schedule}
    known = productions(each for each in packed.entries() if each.seq <= plan.seq)
    before = [each for each in known if each.number < this.number]
    yield from repeated.since(fates, spans(numbered(data, this.numbers)), this, before, named)
    yield from repeated.page_one(data.parent, schedule)


def _claims(where: str, claimed: Mapping[str, str], items: Mapping[str, Stored]) -> Iterator[str]:
    for number in sorted(items.keys() - claimed.keys()):
        yield f"item {number} was stored and {where} does not name it"
    for number in sorted(claimed.keys() - items.keys()):
        yield f"{where} names item {number}, which was never stored"
    for number in sorted(items.keys() & claimed.keys()):
        fate = items[number].fate
        if fate is not None and claimed[number] != fate:
            yield f"{where} says that item {number} is {claimed[number] or 'nothing'}, and it is {fate}"


def _index(data: Path, items: Mapping[str, Stored]) -> Iterator[str]:
    """The index of what is withheld names exactly what is not produced."""
    index = list(rows(data / WITHHELD))
    yield from doubles(WITHHELD, (row["exhibit"] for row in index))
    named = {row["exhibit"] for row in index}
    due = {number for number, item in items.items() if item.fate is not Fate.PRODUCED}
    for number in sorted(due ^ named):
        yield f"{WITHHELD} {'does not name' if number in due else 'names'} item {number}"
    for row in index:
        if not row["ground"].strip():
            yield f"{WITHHELD} names item {row['exhibit']} without a ground"


def _log(data: Path, packed: Packed) -> Iterator[str]:
    """The search log has every entry once, in order, each with its own leaf hash."""
    shown = [(row["entry"], row["leaf hash"]) for row in rows(data / SEARCH_LOG)]
    counted = Counter(place for place, _ in shown)
    due = {str(entry.seq): entry.leaf.hex() for entry in packed.entries()}
    for place, count in sorted((Counter(due.keys()) - counted).items(), key=lambda each: int(each[0])):
        yield f"entry {place} is missing in {SEARCH_LOG}{' so often' if count > 1 else ''}"
    for place in sorted((counted - Counter(due.keys())).keys()):
        yield f"entry {place} stands in {SEARCH_LOG} {'twice' if place in due else 'and not in the ledger'}"
    for place, leaf in shown:
        if due.get(place, leaf) != leaf:
            yield f"{SEARCH_LOG} shows another entry as entry {place}"
    if [place for place, _ in shown] != list(due) and counted == Counter(due.keys()):
        yield f"the entries in {SEARCH_LOG} are not in their order"


def _unused(data: Path, items: Mapping[str, Stored], plan: Entry) -> Iterator[str]:
    """The schedule of unused material has each item once that the prosecution does not rely on, without a gap."""
    release = plan.private.get("release", {})
    if release.get("profile") != "uk":
        return
    unused = list(rows(data / UNUSED))
    yield from doubles(UNUSED, (row["exhibit"] for row in unused))
    due = items.keys() - set(release.get("used", ()))
    for number in sorted(due ^ {row["exhibit"] for row in unused}):
        yield f"{UNUSED} {'does not name' if number in due else 'names'} item {number}"
    if [row["item"] for row in unused] != [str(number) for number in range(1, len(unused) + 1)]:
        yield f"the numbers in {UNUSED} do not follow each other"
    for row in unused:
        if not row["description"].strip():
            yield f"{UNUSED} does not describe item {row['exhibit']}"
