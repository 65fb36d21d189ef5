"""Whether the lists of a production repeat the ledger rightly: steps, refusals, grounds, reviews, changes, page one.

The search log and the schedule say what became of everything; a person reads the other lists instead. What these have
in common with the signed entries is read from the entries again. Only what any release writes alike is compared: words
that explain an entry are not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import is_order, purged_by
from osint.chain_of_custody.withheld import FOLDER, MASK, MASKED
from osint.instants import format_instant
from osint.production.changes import CHANGES, changed
from osint.production.listed import Row
from osint.production.numbering import exhibits_of
from osint.production.plan import Earlier, Fate
from osint.report.csv_tables import inert
from osint.report.custody_log import COLUMNS, cells
from osint.report.packed import Packed
from osint.report.steps import Step, Steps, exhibits

REFUSALS, NIL_AND_FAILED = "lists/refusals.csv", "lists/nil_and_failed.csv"
PERSONNEL = "lists/personnel_index.csv"
REDACTIONS, PURGED = "lists/redaction_log.csv", "lists/purge_certificates.csv"
CUSTODY = "custody_log.csv"
FRONT = "index.html"
_SAID_OF_LEFT_OUT = (("ground", "ground"), ("cited", "cited"), ("decided by", "by"))
_EXPLAINED = frozenset({"details", "instrument"})
_SAID_TWICE = ("fate", "ground", "cited", "decided by", "exculpatory")

Rows = Callable[[str], Iterator[Row]]
"""Reads a list of the payload by its name, a row at a time."""


def steps(packed: Packed, rows: Rows, search_log: str) -> Iterator[str]:
    """Compare the search log, the refusals and what found nothing with the entries."""
    every = Steps(packed)
    places = {str(place): place for place in range(len(every))}
    for name, outcomes in ((search_log, ()), (REFUSALS, ("refused",)), (NIL_AND_FAILED, ("nil", "failed"))):
        due = [str(each.seq) for each in packed.entries() if each.outcome in outcomes] if outcomes else []
        if outcomes:
            for place, _ in sorted(_odd((row["entry"] for row in rows(name)), due), key=lambda each: each[0]):
                yield f"{name} does not name entry {place} as often as the ledger"
        for row in rows(name):
            if row["entry"] in places:
                yield from _otherwise(name, row, _step(every.at(places[row["entry"]])), f"entry {row['entry']}")


def _odd(given: Iterable[str], due: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield what two lists do not hold equally often."""
    counted, expected = Counter(list(given)), Counter(list(due))
    yield from ((each, counted[each]) for each in counted.keys() | expected if counted[each] != expected[each])


def _step(step: Step) -> dict[str, str]:
    entry = step.entry
    return {
        "time (UTC)": format_instant(entry.end_time), "action": entry.action, "outcome": entry.outcome,
        "person": step.person, "authority": step.authority or "", "purpose": entry.purpose or "",
        "exhibits": " ".join(exhibits(entry)),
    }  # fmt: skip


def _otherwise(where: str, row: Row, due: Mapping[str, str], what: str) -> Iterator[str]:
    wrong = [name for name, value in due.items() if name in row and row[name] != inert(value)]
    if wrong:
        yield f"{where} says something else of {what} than what was signed: {', '.join(wrong)}"


def grounds(schedule: Sequence[Row], withheld: Sequence[Row], index: str, where: str, plan: Entry) -> Iterator[str]:
    """Compare who left out what on which ground with what was signed, and what two lists say of the same."""
    release = plan.private.get("release", {})
    acts = {str(act["exhibit"]): act for act in release.get("excluded", ())}
    said = {row["exhibit"]: row for row in schedule}
    for row in schedule:
        act = acts.get(row["exhibit"])
        if act is not None:
            due = {column: str(act.get(name, "")) for column, name in _SAID_OF_LEFT_OUT}
            yield from _otherwise(where, row, due, f"item {row['exhibit']}")
    for row in (row for row in withheld if row["exhibit"] in said):
        if any(row[name] != said[row["exhibit"]][name] for name in _SAID_TWICE):
            yield f"{index} says something else of item {row['exhibit']} than {where}"


def reviews(schedule: Sequence[Row], where: str, plan: Entry) -> Iterator[str]:
    """Compare what is said of exculpatory value with the plan that was signed."""
    signed = {number: word for word, drawn in plan.private.get("reviews", {}).items() for number in exhibits_of(drawn)}
    for row in schedule:
        said, due = row["exculpatory"], signed.get(row["exhibit"], "unreviewed")
        if said != due:
            told = f"{where} says {said or 'nothing'} of the exculpatory value of item {row['exhibit']}"
            yield f"{told}, and the signed plan says {due}"


def people(packed: Packed, rows: Rows) -> Iterator[str]:
    """The index of persons has every key that signed an entry, with how many it signed."""
    signed = Counter(key for each in packed.entries() for key in each.signers)
    told: Counter[str] = Counter()
    for row in rows(PERSONNEL):
        keys = [key for key in signed if key in row["keys"]]
        told.update(keys)
        if keys and row["entries signed"] != str(sum(signed[key] for key in keys)):
            yield f"{PERSONNEL} gives {', '.join(keys)} another number of entries"
    for key in sorted(signed):
        if told[key] != 1:
            yield f"{PERSONNEL} names the key {key} {told[key]} times"


def custody(packed: Packed, rows: Rows) -> Iterator[str]:
    """Compare the custody log with the entries, but for the words that explain them."""
    listed = rows(CUSTODY)
    for step, row in zip_longest(Steps(packed), listed):
        if step is None or row is None:
            yield f"{CUSTODY} has {'more' if step is None else 'fewer'} rows than the ledger has entries"
            return
        due = dict(zip(COLUMNS, cells(step), strict=True))
        wrong = [name for name in COLUMNS if name not in _EXPLAINED and row.get(name) != (due[name] or "")]
        if wrong:
            yield f"{CUSTODY} says something else of entry {step.entry.seq} than what was signed: {', '.join(wrong)}"


def taken_out(packed: Packed, rows: Rows) -> Iterator[str]:
    """The redaction log has every mask, copy and order to destroy values; the list of what was purged, each exhibit."""
    masked, purged = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for entry in packed.entries():
        if (entry.action, entry.outcome) == (MASK, "done"):
            masked.update((str(entry.seq), str(item["exhibit"])) for item in entry.object if item.get("kind") == MASKED)
        elif entry.action == "redact" and is_order(entry):
            masked[str(entry.seq), ""] += 1
        elif entry.action == "purge" and is_order(entry):
            purged.update((str(entry.seq), number) for number in purged_by(entry))
    masked.update(("", path.stem) for path in (packed.folder / FOLDER).glob("*.json"))
    for name, due in ((REDACTIONS, masked), (PURGED, purged)):
        listed = Counter((row["ledger entry"], row["exhibit"]) for row in rows(name))
        for place, exhibit in sorted((listed - due) + (due - listed)):
            what = " ".join(filter(None, (place and f"entry {place}", exhibit and f"item {exhibit}")))
            yield f"{name} does not name {what} as often as the ledger and the copies beside it"


def since(
    fates: Mapping[str, Fate], spans: Mapping[str, tuple[int, int]], this: Earlier, before: Sequence[Earlier],
    rows: Rows,
) -> Iterator[str]:  # fmt: skip
    """Compare the list of changes with what the ledger says of the productions before this one."""
    due = {row[0]: row[:-1] for row in changed(fates, this.grounds, spans, this.numbers, before)}
    listed = list(rows(CHANGES))
    for place, _ in sorted(_odd((row["exhibit"] for row in listed), due)):
        yield f"{CHANGES} does not name item {place} once"
    for row in listed:
        if row["exhibit"] in due and tuple(row.values())[:-1] != due[row["exhibit"]]:
            yield f"{CHANGES} says something else of item {row['exhibit']} than the productions before and this one"


def page_one(folder: Path, schedule: Sequence[Row]) -> Iterator[str]:
    """The first page counts what the schedule lists."""
    fates, reviewed_as = Counter(row["fate"] for row in schedule), Counter(row["exculpatory"] for row in schedule)
    parts = " + ".join(f"{fates[each]:,}" for each in Fate)
    due = (
        f"{len(schedule):,} items were ever stored in this case: {parts} (produced, withheld, sealed, purged).",
        f"Not yet reviewed for exculpatory value: {reviewed_as['unreviewed']:,}.",
        f"Marked as exculpatory: {reviewed_as['yes']:,}",
    )
    text = (folder / FRONT).read_text(encoding="utf-8")
    for each in due:
        if not re.search(rf"{re.escape(each)}(?![\d,])", text):
            yield f"{FRONT} does not say what the lists say: {each}"
