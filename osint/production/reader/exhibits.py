"""The pages of exhibits: the list of all, and each with its facts, files, posts and custody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from osint import render
from osint.instants import format_instant
from osint.parts import FOLDER as PARTS
from osint.production.plan import Document, Fate, Item, Plan
from osint.production.reader.frame import Cell, facts, file_of, fold, link, table, to_file
from osint.production.reader.media import native_of, seen
from osint.production.reader.sheets import Part
from osint.production.reader.sight import Custody, Sight, is_shown
from osint.report.hand_over import EVIDENCE
from osint.views.listing.frames import post_cells

EXHIBITS = "exhibits"
LOG = "log"
LOGGED = 200
"""Entries on one page of the search log."""

LONGEST_TEXT = 4_000
"""Characters of a post that a page shows; all of it stands in the text of the document."""

_OPEN_CUSTODY = 12  # more entries than that are folded
_NAMED = 20
_NOT_PRODUCED = {
    Fate.WITHHELD: "Withheld", Fate.SEALED: "Sealed: listed, and nothing of it is told", Fate.PURGED: "Purged on order",
}  # fmt: skip
_WIDEST = 160


def to_exhibit(sight: Sight, exhibit: str, *, at_top: bool = False) -> Cell:
    """Return the number of an exhibit as a link to its page; as it is where there is none."""
    sheet = sight.sheet(exhibit)
    if sheet is None:
        return Cell(render.escape(exhibit))
    return Cell(link(f"{file_of(EXHIBITS, sheet)}#{exhibit}", exhibit, at_top=at_top))


def to_entry(entry: int) -> str:
    """Return a link to an entry in the search log."""
    return link(f"{file_of(LOG, entry // LOGGED + 1)}#entry-{entry}", entry)


def numbers_of(documents: Sequence[Document], plan: Plan) -> str:
    """Return the first and last number of documents that belong to one exhibit; empty when there are none."""
    if not documents:
        return ""
    begin, end = min(each.begin for each in documents), max(each.end for each in documents)
    return plan.label(begin) if begin == end else f"{plan.label(begin)} – {plan.label(end)}"


def list_rows(sight: Sight) -> Iterator[tuple[object, ...]]:
    """Yield a row for each item ever stored: number, numbers, fate, what it is, from where, when."""
    for item in sight.plan.items:
        yield (
            to_exhibit(sight, item.exhibit),
            numbers_of(sight.documents.get(item.exhibit, ()), sight.plan),
            Cell(_fate(item)),
            render.shorten(item.title, _WIDEST) if is_shown(item) else "",
            render.shorten(item.source, _WIDEST) if is_shown(item) else "",
            format_instant(item.stored),
        )


LIST_HEADINGS = ("Exhibit", "Numbers", "Fate", "What it is", "Address or file", "Stored (UTC)")


def exhibit(sight: Sight, part: Part, item: Item, posts: Sequence[Mapping[str, Any]]) -> str:
    """Return what a page says of one exhibit, or the further posts of one that began on a page before."""
    if part.number > 1:
        whole = to_exhibit(sight, item.exhibit).markup
        said = f"Part {part.number} of {part.of}: posts {part.first + 1} to {part.first + part.posts}. It begins at "
        return (
            f"<article><h2>{render.escape(item.exhibit)}, continued</h2><p>{render.escape(said)}{whole}.</p>"
            f"{_posts(part, posts)}</article>"
        )
    documents = sight.documents.get(item.exhibit, ())
    numbers = f' <span class="numbers">{render.escape(numbers_of(documents, sight.plan))}</span>' if documents else ""
    body = _produced(sight, part, item, documents, posts) if is_shown(item) else _held(sight, item, documents)
    return (
        f'<article id="{render.escape(item.exhibit)}"><h2>{render.escape(item.exhibit)}{numbers}</h2>'
        f"{body}{_custody(item, sight.custody.get(item.exhibit, ()))}</article>"
    )


def _produced(
    sight: Sight, part: Part, item: Item, documents: Sequence[Document], posts: Sequence[Mapping[str, Any]]
) -> str:
    stands = "A redacted copy stands for it: " if item.fate is not Fate.PRODUCED else ""
    told = facts(
        [
            ("What it is", item.title),
            ("Address or file", item.source),
            ("Fate", f"{stands}{_reason(item)}" if stands else ""),
            ("Stored (UTC)", f"{format_instant(item.stored)}, {item.size:,} bytes"),
            ("Type", item.media_type),
            ("Evidentiary copy", _copy(item)),
            ("Exculpatory", _EXCULPATORY[item.exculpatory]),
            ("Capture quality", item.quality),
        ]
    )
    shown = "".join(seen(each, sight.plan) for each in documents)
    return told + _files(sight, documents) + shown + _posts(part, posts) + _again(sight, item)


_EXCULPATORY = {
    "yes": Cell('<span class="held">marked as exculpatory</span>'), "no": "reviewed, not marked",
    "unreviewed": "not yet reviewed",
}  # fmt: skip


def _copy(item: Item) -> Cell:
    """Return the hash of the stored bytes, which is the name of the file where it is in the package."""
    shown = f'<span class="hash">SHA-256 {render.escape(item.sha256)}</span>' if item.sha256 else ""
    if item.fate is not Fate.PRODUCED or not item.sha256:
        return Cell(shown)
    _, _, part = item.exhibit.partition("@")
    place = f"{PARTS}/{part}/{EVIDENCE}" if part else EVIDENCE
    return Cell(f"{shown} {link(to_file(f'{place}/{item.sha256[:2]}/{item.sha256}.warc.gz'), 'file')}")


def _held(sight: Sight, item: Item, documents: Sequence[Document]) -> str:
    """Say why an item is not produced; the slip sheet that stands for it is all that there is to see."""
    said = f'<span class="held">{render.escape(_NOT_PRODUCED[item.fate])}.</span> {render.escape(_reason(item))}'
    return f"<p>{said}</p>{_files(sight, documents)}{''.join(seen(each, sight.plan) for each in documents)}"


def _reason(item: Item) -> str:
    return "; ".join(filter(None, [item.ground, item.cited]))


def _fate(item: Item) -> str:
    said = f"{item.fate}, redacted copy" if item.derivative and item.fate is not Fate.PRODUCED else str(item.fate)
    return said if item.fate is Fate.PRODUCED else f'<span class="held">{render.escape(said)}</span>'


def _files(sight: Sight, documents: Sequence[Document]) -> str:
    rows = [
        (
            numbers_of([each], sight.plan),
            Cell(native_of(each)),
            Cell(link(to_file(each.text), "text") if each.text else ""),
            Cell(_attached(sight, each)),
            "redacted" if each.redacted else "",
        )
        for each in documents
    ]
    return table("Documents", ("Numbers", "Native file", "Words", "Attached to", "Redacted"), rows) if rows else ""


def _attached(sight: Sight, document: Document) -> str:
    if document.parent is None:
        return ""
    exhibit, label = document.parent.item.exhibit, render.escape(sight.plan.label(document.parent.begin))
    return label if exhibit == document.item.exhibit else f"{label} ({to_exhibit(sight, exhibit).markup})"


def _posts(part: Part, posts: Sequence[Mapping[str, Any]]) -> str:
    shown = "".join(_post(part, part.first + place, post_cells(row, None)) for place, row in enumerate(posts))
    return f"<h3>Posts and text, as captured</h3>{shown}" if shown else ""


def _post(part: Part, place: int, post: Mapping[str, Any]) -> str:
    text = post["content"]
    more = f" … ({len(text) - LONGEST_TEXT:,} characters more in the text of the document)"
    shown = render.escape_lines(text[:LONGEST_TEXT]) + (render.escape(more) if len(text) > LONGEST_TEXT else "")
    by = ", ".join(filter(None, [post["author"], post["author_name"], post["published"], *post["marked"]]))
    told = [*post["attachment"], post["in_reply_to"] and f"answers {post['in_reply_to']}", post["url"]]
    said = "".join(f'<p class="by" dir="auto">{render.escape(each)}</p>' for each in told if each)
    return (
        f'<div class="post" id="{render.escape(part.exhibit)}-{place + 1}"><p class="by" dir="auto">'
        f'{render.escape(by)}</p><p dir="auto">{shown}</p>{said}</div>'
    )


def _again(sight: Sight, item: Item) -> str:
    again = sight.again.get(item.exhibit, {})
    if not again:
        return ""
    first = ", ".join(
        f"{to_exhibit(sight, number).markup} ({times})" for number, times in islice(again.items(), _NAMED)
    )
    more = f" and {len(again) - _NAMED} more exhibits" if len(again) > _NAMED else ""
    return f"<p>It also shows posts that were seen before, and are printed there: {first}{more}.</p>"


def _custody(item: Item, custody: Sequence[Custody]) -> str:
    rows = [(Cell(to_entry(each.entry)), *each[1:]) for each in custody]
    shown = table(f"Custody of {item.exhibit}", ("Entry", "Time (UTC)", "Step", "Outcome", "Who", "What"), rows)
    if len(rows) > _OPEN_CUSTODY:
        shown = fold(f"{len(rows)} entries of the ledger name it", shown)
    return f"<h3>Custody</h3>{shown}"
