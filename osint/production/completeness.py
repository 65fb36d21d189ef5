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
from osint.production import files, repeated
from osint.production.listed import (
    EXHIBITS,
    LOAD_FILE,
    SCHEDULE,
    SEARCH_LOG,
    UNUSED,
    WITHHELD,
    Row,
    doubles,
    load_file,
    numbered,
    rows,
    spans,
)
from osint.production.numbering import productions
from osint.production.plan import Earlier, Fate
from osint.production.stored import Stored, stored
from osint.report.bag import MANIFEST, PAYLOAD
from osint.report.packed import Packed

STEP = 15
_SHOWN = 20
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
    yield from _numbers(data, items, schedule, this, every)
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


def _numbers(data: Path, items: Mapping[str, Stored], schedule: Sequence[Row], this: Earlier,
             every: Sequence[Earlier]) -> Iterator[str]:  # fmt: skip
    """The numbers follow each other without a gap, each belongs to one item, and none to another production."""
    listed = [_Listed(row, this) for row in rows(data / EXHIBITS)]
    due = this.first
    for each in listed:
        if each.first != due or each.last < each.first:
            yield f"number {this.numbers.label(due)} is due in {EXHIBITS}, and {each.label} stands there"
        due = each.last + 1
        yield from _wrongly_listed(each, items)
    if due - 1 > this.last:
        yield f"numbers up to {this.numbers.label(due - 1)} are used, and the ledger gave out fewer"
    for other in every:
        if other.number != this.number and other.first < due and this.first <= other.last:
            yield f"production {other.number} has numbers of this one"
    yield from _load_file(data, listed, items, this)
    yield from _same_numbers(schedule, spans((each.exhibit, each.first, each.last) for each in listed), items, this)


class _Listed:
    """One line of the exhibit list."""

    def __init__(self, row: Row, this: Earlier) -> None:
        self.exhibit, self.label, self.end = row["exhibit"], row["first number"], row["last number"]
        self.first, self.last = this.numbers.number(self.label), this.numbers.number(self.end)
        self.sha256, self.entry = row["SHA-256"], row["ledger entry"]


def _wrongly_listed(listed: _Listed, items: Mapping[str, Stored]) -> Iterator[str]:
    item = items.get(listed.exhibit)
    if item is None:
        yield f"{EXHIBITS} names item {listed.exhibit}, which was never stored"
    elif item.fate in (Fate.SEALED, Fate.PURGED):
        yield f"item {listed.exhibit} is {item.fate} and has number {listed.label}"
    elif (listed.sha256 or item.fate is Fate.PRODUCED) and listed.sha256 != item.sha256:
        yield f"{EXHIBITS} gives item {listed.exhibit} the SHA-256 of something else"
    elif listed.sha256 and listed.entry != str(item.entry):
        yield f"{EXHIBITS} says that entry {listed.entry or 'none'} stored item {listed.exhibit}: it was {item.entry}"


def _load_file(data: Path, listed: Sequence[_Listed], items: Mapping[str, Stored], this: Earlier) -> Iterator[str]:
    """The load file has the documents of the exhibit list, each under the entry that stored it, with its own files."""
    known = {each.label: each for each in listed}
    there = [{name: row[name] for name in files.COLUMNS} for row in load_file(data)]
    yield from doubles(LOAD_FILE, (row["BEGBATES"] for row in there))
    for label in sorted(known.keys() ^ {row["BEGBATES"] for row in there}):
        yield f"number {label} stands in {EXHIBITS if label in known else LOAD_FILE} alone"
    documents = []
    for row in (row for row in there if row["BEGBATES"] in known):
        label, each = row["BEGBATES"], known[row["BEGBATES"]]
        item = items.get(each.exhibit)
        if row["ENDBATES"] != each.end or (item and row["LEDGER_SEQ"] != str(item.entry)):
            yield f"{LOAD_FILE} says something else of {label} than {EXHIBITS}: last number, or ledger entry"
        if item:
            documents.append(files.Shown(each.exhibit, item.sha256, item.fate, row))
    manifest = dict(_manifest(data.parent / MANIFEST))
    yield from files.named(data, documents, this.numbers, manifest)
    yield from files.natives(data, documents, manifest)


def _manifest(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8") as stream:
        yield from ((line[66:].rstrip("\n"), line[:64]) for line in stream)


def _same_numbers(
    schedule: Sequence[Row], used: Mapping[str, tuple[int, int]], items: Mapping[str, Stored], this: Earlier
) -> Iterator[str]:
    for row in schedule:
        number = row["exhibit"]
        said = (row["first number"], row["last number"])
        due = tuple(map(this.numbers.label, used[number])) if number in used else ("", "")
        if said != due:
            there = "-".join(filter(None, due)) or "no number"
            yield f"{SCHEDULE} gives item {number} {'-'.join(filter(None, said)) or 'no number'}; it has {there}"
    for number in sorted(number for number, item in items.items() if item.fate is Fate.PRODUCED):
        if number not in used:
            yield f"item {number} is produced and has no number"


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
