"""The custody log on paper: every entry with its hashes, and on every page the head that it can be compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from osint import render
from osint.chain_of_custody import checkpoint
from osint.instants import format_instant
from osint.report.custody_log import ANCHORED, CLAIMED, NO_CHECKPOINT, anchored, handed_on_and_erased
from osint.report.fonts import BOLD, MONO
from osint.report.pdf import Line, Pages
from osint.report.qr import qr_runs
from osint.report.steps import Readable, Step, names_holder, read_steps

if TYPE_CHECKING:
    from osint.chain_of_custody.anchors import Anchors

_CODE_WIDTH = 140
_SPELT = (
    "A character that no font here draws, one that hides or reorders text, and one of a script that joins its letters "
    "or runs from right to left is spelt by its code point, as \\u{645}. The HTML page of this log shows the letters."
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
    steps = list(read_steps(ledger))
    pages = Pages(title, made)
    if notes:
        pages.code(qr_runs(notes[-1]), _CODE_WIDTH)
    pages.paragraph(
        f"Made {format_instant(made.replace(microsecond=0))} from ledger {steps[-1].entry.payload['ledger']}", grey=True
    )
    if overdue:
        pages.paragraph(overdue)
    _add_state(pages, ledger, steps, verdict, anchors)
    for name, (headings, rows) in handed_on_and_erased(steps).items():
        _add_rows(pages, name, headings, rows)
    pages.heading(f"Steps ({len(steps)})")
    pages.paragraph("Times are those of the recording machine's clock, in UTC.", grey=True)
    for step in steps:
        pages.together(list(_step(pages, step)))
    pages.heading("Characters")
    pages.paragraph(_SPELT)
    return pages.finish(_foot(notes, title))


def _add_state(pages: Pages, ledger: Readable, steps: Sequence[Step], verdict: str, anchors: Anchors | None) -> None:
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
    for entry, item in ((step.entry, item) for step in steps for item in step.entry.object if "public" in item):
        holder = f", {entry.private['investigator']}" if names_holder(entry, item) else ""
        said = f"{item['role']} key, {item['basis']} in entry {entry.seq}{holder}"
        pages.together([*pages.lines(said), *pages.lines(item["key"], role=MONO, size=7, indent=12)])


def _add_rows(pages: Pages, name: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if not rows:
        return
    pages.heading(name)
    for row in rows:
        said = "; ".join(f"{heading}: {value}" for heading, value in zip(headings, row, strict=True) if value != "")
        pages.paragraph(said)


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
    yield from pages.lines("; ".join(f"{name} {value}" for name, value in facts.items() if value), indent=14, size=8)
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
