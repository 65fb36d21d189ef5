"""Whether each number of a production stands for one document, and for the same in every list and load file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from osint.production import files, loaded
from osint.production.listed import EXHIBITS, LOAD_FILE, SCHEDULE, WITHHELD, Row, doubles, load_file, rows, spans
from osint.production.load_files.dat import spelt
from osint.production.plan import Earlier, Fate
from osint.production.stored import Stored
from osint.report.bag import MANIFEST
from osint.report.csv_tables import inert, plain

STANDS = "number of the copy or sheet that stands for it"
"""Column of the index of what is withheld."""


def numbers(data: Path, items: Mapping[str, Stored], schedule: Sequence[Row], this: Earlier,
             every: Sequence[Earlier]) -> Iterator[str]:  # fmt: skip
    """Yield where the numbers have a gap, belong to two items or productions, or stand for something else in a list.

    Args:
        data: The payload folder.
        items: Every item ever stored.
        schedule: The rows of the disclosure schedule.
        this: The production.
        every: All productions that its ledger knows.
    """
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
    yield from _confidential(data, schedule, {each.label: each.exhibit for each in listed})
    index = rows(data / WITHHELD)
    yield from _same_numbers(
        schedule, index, spans((each.exhibit, each.first, each.last) for each in listed), items, this
    )


class _Listed:
    """One line of the exhibit list."""

    def __init__(self, row: Row, this: Earlier) -> None:
        self.exhibit, self.label, self.end = row["exhibit"], row["first number"], row["last number"]
        self.first, self.last = this.numbers.number(self.label), this.numbers.number(self.end)
        self.sha256, self.entry = row["SHA-256"], row["ledger entry"]
        self.time, self.source = row["captured (UTC)"], row["address or file"]


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
    elif listed.time != item.time or (listed.source and listed.source != inert(item.source)):
        yield f"{EXHIBITS} says something else of item {listed.exhibit} than what was signed: when, or where from"


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
    exhibits = {label: each.exhibit for label, each in known.items()}
    numbered_rows = [row for row in there if row["BEGBATES"] in known]
    yield from loaded.differences(data, numbered_rows, this.numbers, exhibits)


def _confidential(data: Path, schedule: Sequence[Row], exhibits: Mapping[str, str]) -> Iterator[str]:
    """The load file has the ground of the schedule on each document."""
    due = {
        row["exhibit"]: spelt(", ".join(filter(None, map(plain, (row["ground"], row["cited"]))))) for row in schedule
    }
    for row in load_file(data):
        exhibit = exhibits.get(row["BEGBATES"], "")
        if row["CONFIDENTIALITY"] != due.get(exhibit, row["CONFIDENTIALITY"]):
            yield f"{LOAD_FILE} gives {row['BEGBATES']} another ground than {SCHEDULE} gives item {exhibit}"


def _manifest(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8") as stream:
        yield from ((line[66:].rstrip("\n"), line[:64]) for line in stream)


def _same_numbers(
    schedule: Sequence[Row],
    index: Iterable[Row],
    used: Mapping[str, tuple[int, int]],
    items: Mapping[str, Stored],
    this: Earlier,
) -> Iterator[str]:
    withheld = {row["exhibit"]: row[STANDS] for row in index}
    for row in schedule:
        number = row["exhibit"]
        said = (row["first number"], row["last number"])
        due = tuple(map(this.numbers.label, used[number])) if number in used else ("", "")
        if said != due:
            there = "-".join(filter(None, due)) or "no number"
            yield f"{SCHEDULE} gives item {number} {'-'.join(filter(None, said)) or 'no number'}; it has {there}"
        if withheld.get(number, span := "-".join(dict.fromkeys(filter(None, due)))) != span:
            yield f"{WITHHELD} gives item {number} {withheld[number] or 'no number'}; it has {span or 'no number'}"
    for number in sorted(number for number, item in items.items() if item.fate is Fate.PRODUCED):
        if number not in used:
            yield f"item {number} is produced and has no number"
