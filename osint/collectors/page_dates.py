"""The dates that a web page names, which of them is that of its publication, and what they leave in doubt.

Source: https://ogp.me/, https://schema.org/, HTML Living Standard 4.5.14 (time).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from osint.activity import ParseWarning
from osint.collectors.answer import warning
from osint.collectors.page_opening import (
    Page,
    attribute_of,
    declared_type,
    is_of_readers,
    one_line,
)
from osint.instants import Reading, read_instant

_DATE_METAS = ("article:published_time", "datepublished", "dc.date", "dcterms.created", "date", "pubdate")
_UPDATED_METAS = ("article:modified_time", "og:updated_time", "datemodified")
_PUBLISHED_NAMES = frozenset(["entry-date", "published", "dt-published", "post-date", "datePublished"])
_UPDATED_NAMES = frozenset(["updated", "dt-updated", "modified", "dateModified"])


@dataclass(frozen=True)
class Dated:
    """One date that a page names, and where."""

    where: str
    reading: Reading


def dates_of(page: Page, which: str) -> list[Dated]:
    """Return every date of publication (or of the last change) that the page names, the most telling first."""
    metas, key = (_DATE_METAS, "datePublished") if which == "published" else (_UPDATED_METAS, "dateModified")
    named: list[tuple[str, Any]] = [(f"meta {name}", value) for name in metas for value in page.metas.get(name, [])[:3]]
    told = [node for node in page.nodes if node is page.about or (declared_type(node) and not is_of_readers(node))]
    named += [(f"structured data {key}", node.get(key)) for node in told if node.get(key)]
    times = _times(page)
    marked = [(name, written) for name, written in times if name == f"{which} time"]
    named += [(f"time marked as {which}", written) for _, written in marked[:3]]
    unmarked = {written for name, written in times if not name}
    if which == "published" and not named and len(unmarked) == 1:
        named.append(("the only time element", unmarked.pop()))
    return [Dated(where, read_instant(text)) for where, value in named if (text := one_line(value))]


def _times(page: Page) -> list[tuple[str, str]]:
    """Return the times of the content as written, each with what it is marked as: published, updated or nothing."""
    times = []
    for element in islice(page.own("time"), 50):
        names = {*(element.get("class") or "").split(), *(element.get("itemprop") or "").split()}
        is_published = "pubdate" in element.attrib or not _PUBLISHED_NAMES.isdisjoint(names)
        mark = "published time" if is_published else "updated time" if not _UPDATED_NAMES.isdisjoint(names) else ""
        written = attribute_of(element, "datetime")
        if written:
            times.append((mark, written))
    return times


def undecided_dates(page: Page, published: Sequence[Dated]) -> Iterator[ParseWarning]:
    """Warn where a page names several times and none as that of its publication."""
    unmarked = list(dict.fromkeys(written for mark, written in _times(page) if not mark))
    if not published and len(unmarked) > 1:
        told = "; ".join(unmarked[:8])
        what = f"The page names {len(unmarked)} times and does not say which is that of its publication ({told})."
        yield warning(page.capture, "", what, "No time of publication is in the tables.")


def choose(dates: Sequence[Dated]) -> Dated | None:
    """Return the first date that is an instant, else the first."""
    return next((dated for dated in dates if dated.reading.instant), next(iter(dates), None))


def contradictions(page: Page, *fields: Sequence[Dated]) -> Iterator[ParseWarning]:
    """Warn of dates that are no instants, and of those that contradict each other."""
    for dates in fields:
        chosen = choose(dates)
        if chosen and chosen.reading.instant is None:
            effect = "The time is kept as written; it is no instant in the tables."
            yield warning(page.capture, "", f"{chosen.reading.problem} ({chosen.where}).", effect)
        instants = [dated.reading.instant for dated in dates if dated.reading.instant]
        if instants and (max(instants) - min(instants)).total_seconds() > 60:
            told = "; ".join(f"{dated.where}: {dated.reading.raw}" for dated in dates[:8])
            effect = f"The tables have the first that is an instant, {chosen.where if chosen else ''}."
            yield warning(page.capture, "", f"The page contradicts itself on its date ({told}).", effect)
