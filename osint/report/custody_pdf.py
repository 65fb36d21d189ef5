"""The custody log on paper: every entry with its hashes, and on every page the head that it can be compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from osint import render
from osint.chain_of_custody import checkpoint
from osint.chain_of_custody.readable import Readable
from osint.instants import format_instant
from osint.report.apart import apart, joined
from osint.report.custody_log import ANCHORED, CLAIMED, NO_CHECKPOINT, anchored, handed_on_and_erased
from osint.report.fonts import BOLD, MONO
from osint.report.pdf import Line, Pages
from osint.report.qr import qr_runs
from osint.report.steps import Step, Steps, names_holder

if TYPE_CHECKING:
    from osint.chain_of_custody.anchors import Anchors

_CODE_WIDTH = 140
_SPELT = (
    "A character that no font here draws and one that hides or reorders text is spelt by its code point, in braces "
    "after a backslash and the letter u. Each value keeps to itself: letters from right to left in one do not move "
    "those beside it."
)


def custody_log_pdf(
    ledger: Readable, title: str, verdict: str, made: datetime, anchors: Anchors | None = None, *, overdue: str = ""
) -> bytes:
    """Return the custody log as PDF. Its text can be searched and copied; equal input gives equal bytes.

    Args:
        ledger: The ledger.
        title: Title of the document.
        verdict: What verification said.
        made: The instant that the document states as its own.
        anchors: The authorities and witnesses that time stamps and cosignatures are checked with, if any.
        overdue: The banner of an overdue review of the policy.

    Raises:
        ExportError: The extra ``report`` is not installed.
    """
    notes = ledger.checkpoints()
    steps = Steps(ledger)
    pages = Pages(title, made)
    if notes:
        pages.code(qr_runs(notes[-1]), _CODE_WIDTH)
    named = ledger.entry(len(steps) - 1).payload["ledger"]
    pages.paragraph(f"Made {format_instant(made.replace(microsecond=0))} from ledger {named}", grey=True)
    if overdue:
        pages.paragraph(overdue)
    _add_state(pages, ledger, steps, verdict, anchors)
    for name, (headings, rows) in handed_on_and_erased(steps).items():
        _add_rows(pages, name, headings, rows)
    pages.heading(f"Steps ({len(steps)})")
    pages.paragraph("Times are those of the recording machine's clock, in UTC.", grey=True)
    pages.many(lambda: (list(_step(pages, step)) for step in steps))
    pages.heading("Characters")
    pages.paragraph(_SPELT)
    return pages.finish(_foot(notes, title))


def _add_state(pages: Pages, ledger: Readable, steps: Steps, verdict: str, anchors: Anchors | None) -> None:
    notes = ledger.checkpoints()
    pages.heading("Verification")
    pages.paragraph(verdict, size=8)
    pages.heading("Newest checkpoint; compare it with the one kept elsewhere")
    pages.paragraph(notes[-1].removesuffix("\n") if notes else NO_CHECKPOINT, role=MONO, size=7)
    pages.heading(ANCHORED)
    pages.paragraph(CLAIMED, grey=True)
    for said in anchored(ledger, steps, anchors):
        pages.paragraph(said)
    pages.heading("Keys that the ledger introduces")
    introduced = ((each, item) for each in ledger.entries() for item in each.object if "public" in item)
    for entry, item in introduced:
        holder = [", ", entry.private["investigator"]] if names_holder(entry, item) else []
        said = apart(f"{item['role']} key, {item['basis']} in entry {entry.seq}", *holder)
        pages.together([*pages.lines(said), *pages.lines(item["key"], role=MONO, size=7, indent=12)])


def _add_rows(pages: Pages, name: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if not rows:
        return
    pages.heading(name)
    for row in rows:
        named = ((heading, value) for heading, value in zip(headings, row, strict=True) if value != "")
        pages.paragraph(joined("; ", (apart(f"{heading}: ", value) for heading, value in named)))


def _step(pages: Pages, step: Step) -> Iterator[Line]:
    entry = step.entry
    taken = entry.result[0] if entry.exhibit else {}
    facts = {
        "by": step.person,
        "authority": step.authority,
        "purpose": entry.purpose,
        "with": " ".join(map(str, entry.payload["instrument"].values())),
    }
    hashes = {"leaf hash": entry.leaf.hex(), "SHA-256": taken.get("sha256")}
    number = f" → {entry.exhibit}" if entry.exhibit else ""
    yield pages.rule()
    head = f"{entry.seq}   {entry.action}, {entry.outcome}{number}   {format_instant(entry.end_time)}"
    yield from pages.lines(head, role=BOLD)
    said = joined("; ", (apart(f"{name} ", value) for name, value in facts.items() if value))
    yield from pages.lines(said, indent=14, size=8)
    if step.said:
        yield from pages.lines(step.said, indent=14, size=8)
    for name, value in hashes.items():
        if value:
            yield from pages.lines(f"{name:<11}{value}", role=MONO, size=6.8, indent=14, grey=True)


def _foot(notes: Sequence[str], title: str) -> list[str]:
    title = render.shorten(title, 80)
    if not notes:
        return [title, "no checkpoint yet: nothing on this page can be compared with a head"]
    head = checkpoint.parse(notes[-1])
    return [head.origin, f"{head.size} entries, root {head.text.split(chr(10))[2]}", title]
