"""The custody log: every ledger entry in the order it was written, for a table, a spreadsheet and a reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import pandas as pd

from osint import render
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.readable import Readable
from osint.instants import format_instant
from osint.report.anchored import read_anchoring
from osint.report.csv_tables import rows_csv
from osint.report.page import page_pieces, table, table_pieces
from osint.report.steps import (
    ANSWERS,
    ERASING,
    HANDING_OVER,
    Step,
    Steps,
    answers,
    exhibits,
    failed_anchors,
    read_steps,
)

if TYPE_CHECKING:
    from osint.chain_of_custody.anchors import Anchors

COLUMNS = (
    "entry", "time", "action", "outcome", "exhibit", "details", "sha256", "performer", "authorization", "purpose",
    "instrument", "leaf",
)  # fmt: skip
COLUMNS_SHOWN = tuple(name for name in COLUMNS if name not in ("leaf", "sha256", "instrument"))
_HASHES = ("entry", "exhibit", "sha256", "leaf", "instrument")
NO_CHECKPOINT = "(no checkpoint yet)"
ANCHORED = "Anchored outside this machine"
CLAIMED = (
    "As the ledger records it. What is called checked was checked when this was made, with the authorities and "
    "witnesses that its maker goes by; a reader goes by their own."
)


def custody_frame(ledger: Readable) -> pd.DataFrame:
    """Return the custody log as a table, one row for each entry, in order.

    Columns: number, UTC time at which the step began, action, outcome, exhibit taken in, details in words, SHA-256 of
    the exhibit, the person (from the newest entry that names the key), authority, purpose, instrument, leaf hash.
    """
    return _frame(read_steps(ledger))


def custody_csv(ledger: Readable) -> Iterator[bytes]:
    """Yield the custody log as CSV some rows at a time: UTF-8, every cell quoted, cells exactly as in the ledger."""
    return rows_csv(chain([COLUMNS], map(cells, read_steps(ledger))))


def custody_html(
    ledger: Readable, title: str, verdict: str, anchors: Anchors | None = None, *, overdue: str = ""
) -> Iterator[bytes]:
    """Yield the custody log, some entries at a time, as one HTML page that needs nothing else.

    Args:
        ledger: The ledger.
        title: Title of the page.
        verdict: What verification said.
        anchors: The authorities and witnesses that time stamps and cosignatures are checked with, if any.
        overdue: The banner of an overdue review of the policy.
    """
    notes = ledger.checkpoints()
    steps = Steps(ledger)
    hashes = ("entry", "exhibit", "SHA-256 of the exhibit", "leaf hash of the entry", "instrument")
    above = (
        (render.paragraph(overdue) if overdue else "")
        + render.paragraphs(verdict)
        + render.section("Newest checkpoint; compare it with the one kept elsewhere")
        + f"<pre>{render.escape_lines((notes[-1:] or [NO_CHECKPOINT])[0])}</pre>"
        + anchored_html(ledger, steps, anchors)
        + "".join(_section(name, *found) for name, found in handed_on_and_erased(steps).items())
        + render.section("Steps")
    )
    yield from page_pieces(
        title,
        chain(
            [above],
            table_pieces(_named(steps, COLUMNS_SHOWN), COLUMNS_SHOWN),
            [render.section("Hashes and instruments")],
            table_pieces(_named(steps, _HASHES), hashes),
        ),
    )


def _named(steps: Steps, names: Sequence[str]) -> Iterator[list[str]]:
    """Yield some columns of each entry, with nothing where it says nothing."""
    places = [COLUMNS.index(name) for name in names]
    return ([row[place] or "" for place in places] for row in map(cells, steps))


def anchored(ledger: Readable, steps: Steps, anchors: Anchors | None = None) -> list[str]:
    """Return in sentences which entries someone outside this machine has signed for, and which not."""
    failed = failed_anchors(ledger.entries())
    said = read_anchoring(ledger, len(steps), anchors).lines(every_span=True)
    return [*said, *([failed] if failed else [])]


def anchored_html(ledger: Readable, steps: Steps, anchors: Anchors | None = None) -> str:
    """Return those sentences as a section of a page."""
    said = [CLAIMED, *anchored(ledger, steps, anchors)]
    return render.section(ANCHORED) + "".join(map(render.paragraph, said))


def handed_on_and_erased(steps: Steps) -> dict[str, tuple[Sequence[str], list[tuple[object, ...]]]]:
    """Return transfers, erasures and refused erasures by the title that each has in a document."""
    concerned = [step for step in steps if step.entry.action in ERASING | HANDING_OVER]
    orders = [step for step in concerned if step.entry.action in ERASING]
    return {
        "Transfers of custody": transfers(concerned),
        "Erased or purged on order": erasures(steps, [step for step in orders if step.entry.outcome == "done"]),
        "Erasures refused; nothing was destroyed": erasures(
            steps, [step for step in orders if step.entry.outcome != "done"]
        ),
    }


def transfers(steps: Iterable[Step]) -> tuple[Sequence[str], list[tuple[object, ...]]]:
    """Return headings and rows of the transfers: who gave and took which exhibits, and what came of each release."""
    kept = [step for step in steps if step.entry.action in HANDING_OVER]
    answered = answers(step.entry for step in kept)
    rows = [(*_row(step), ", ".join(exhibits(step.entry)), _answer(step.entry, answered), step.said) for step in kept]
    return ("entry", "time", "step", "outcome", "performer", "exhibits", "answer", "details"), rows


def erasures(steps: Iterable[Step], orders: Sequence[Step]) -> tuple[Sequence[str], list[tuple[object, ...]]]:
    """Return headings and rows of orders to erase: on whose authority, and which entries of all steps they concern."""
    named = {item["digest"] for step in orders for item in step.entry.object if "digest" in item}
    places = {
        digest: step.entry.seq
        for step in (steps if named else ())
        for digest in named.intersection(step.entry.payload["_sd"])
    }
    rows = [(*_row(step), step.authority or "", _concerned(step.entry, places), step.said) for step in orders]
    return ("entry", "time", "step", "outcome", "performer", "authorization", "concerns", "details"), rows


def _section(title: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    return render.section(title) + table(rows, headings) if rows else ""


def _row(step: Step) -> tuple[object, ...]:
    entry = step.entry
    return entry.seq, format_instant(entry.end_time), entry.action, entry.outcome, step.person


def _answer(entry: Entry, answered: Mapping[str, Entry]) -> str:
    if entry.action != "release" or entry.outcome != "done":
        return ""
    answer = answered.get(entry.leaf.hex())
    return f"{ANSWERS[answer.action]} in entry {answer.seq}" if answer else "none in this ledger"


def _concerned(entry: Entry, places: Mapping[str, int]) -> str:
    values = Counter(places[item["digest"]] for item in entry.object if item.get("digest") in places)
    said = [f"{count} {'value' if count == 1 else 'values'} of entry {seq}" for seq, count in sorted(values.items())]
    return "; ".join([*said, *exhibits(entry)])


def _frame(steps: Iterable[Step]) -> pd.DataFrame:
    rows = map(cells, steps)
    return pd.DataFrame(list(rows), columns=list(COLUMNS), dtype=pd.StringDtype()).astype({"entry": "int64"})


def cells(step: Step) -> tuple[str | None, ...]:
    """Return what the custody log says of one entry, in the order of :data:`COLUMNS`."""
    entry = step.entry
    taken = entry.result[0] if entry.exhibit else {}
    return (
        str(entry.seq),
        format_instant(entry.end_time),
        entry.action,
        entry.outcome,
        entry.exhibit,
        step.said,
        taken.get("sha256"),
        step.person,
        step.authority,
        entry.purpose,
        " ".join(str(value) for value in entry.payload["instrument"].values()),
        entry.leaf.hex(),
    )
