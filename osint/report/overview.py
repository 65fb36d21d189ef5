"""A case at a glance: its authority and leads, what was collected, what is open, what others vouch for, what is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from osint import render
from osint.instants import format_instant
from osint.policy.facts import Standing
from osint.views.document import document
from osint.views.listing import Column, Listing
from osint.views.moments import in_utc, in_zone, zone_of
from osint.views.picture import Leave
from osint.views.written import write_whole

if TYPE_CHECKING:
    from osint.views.ledger import LedgerTable

_MOST = 12
_LEADS = ("subjects", "accounts", "hosts", "urls", "tags", "terms")
_OF_THE_LOG = ("time", "details", "entry", "performer", "action")
_COLUMNS = (
    Column(name="exhibit", label="Exhibit"),
    Column(name="time", label="Taken in (UTC)"),
    Column(name="local", label="Local time"),
    Column(name="platform", label="Platform", facet=True),
    Column(name="posts", label="Posts", number=True),
    Column(name="warnings", label="Warnings", number=True),
    Column(name="details", label="What it is"),
    Column(name="entry", label="Ledger entry", number=True, printed=False),
    Column(name="performer", label="Who", facet=True, printed=False),
    Column(name="action", label="How", facet=True, printed=False),
)


@dataclass(frozen=True)
class Section:
    """A part of it: a heading, sentences, and rows under headings of their own."""

    heading: str
    told: Sequence[str] = ()
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, kw_only=True)
class Overview:
    """A case at a glance; :meth:`save` writes it as a page for any browser, :meth:`widget` shows its exhibits.

    Attributes:
        title: Name of the case.
        sections: Its parts.
        exhibits: One row an exhibit, to be searched, narrowed and sorted.
        leave: Lets a file leave the case, and logs it.
    """

    title: str
    sections: tuple[Section, ...] = field(repr=False)
    exhibits: Listing = field(repr=False)
    leave: Leave | None = field(default=None, repr=False, compare=False)

    def widget(self) -> Any:
        """Return the exhibits as a widget of JupyterLab.

        Raises:
            CaseError: The extra ``ui`` is not installed.
        """
        return self.exhibits.widget()

    def save(self, path: str | Path) -> Path:
        """Write it as one HTML file that runs nothing and asks nobody; returns the path. It is logged.

        Raises:
            ExportError: It cannot be written.
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
        """
        path, page = Path(path), document(self.title, self._markup("h2"))
        if self.leave:
            self.leave(path.name, page)
        return write_whole(path, page)

    def __str__(self) -> str:
        lines = [self.title]
        for part in self.sections:
            rows = [render.columns([part.headings, *part.rows] if part.headings else part.rows)] if part.rows else []
            lines += ["", part.heading, *part.told, *rows]
        return render.visible_lines("\n".join(lines))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.bundle(str(self), render.heading(self.title) + self._markup())

    __repr__ = __str__

    def _markup(self, level: str = "") -> str:
        return "".join(
            (render.section(part.heading) if level else render.heading(part.heading))
            + "".join(map(render.paragraph, part.told))
            + (render.table(part.rows, part.headings) if part.rows else "")
            for part in self.sections
        )


def overview(
    name: str,
    *,
    standing: Sequence[Standing],
    present: datetime,
    posts: pd.DataFrame,
    warnings: pd.DataFrame,
    due: pd.DataFrame,
    log: LedgerTable,
    zone: str = "",
    leave: Leave | None = None,
) -> Overview:
    """Return a case at a glance.

    Args:
        name: Of the case.
        standing: Its authorities, oldest first.
        present: The present instant.
        posts: Its posts table.
        warnings: What could not be read.
        due: What is due.
        log: Its custody log.
        zone: Name of the zone whose clocks are shown beside UTC.
        leave: See :class:`osint.views.picture.Picture`.

    Raises:
        CaseError: There is no such zone.
    """
    exhibits = _exhibits(posts, warnings, log, zone)
    sections = (_authority(standing, present), _leads(standing), _due(due, zone), _collected(posts, exhibits),
                _warnings(warnings), _verification(log))  # fmt: skip
    return Overview(title=f"Case {name}", sections=sections, exhibits=exhibits, leave=leave)


def _authority(standing: Sequence[Standing], present: datetime) -> Section:
    if not standing:
        return Section("Authority", ["None is recorded: case.authorize(osint.Authorization(...))."])
    rows = [_of(each, present) for each in reversed(standing)]
    return Section("Authority", (), ("identifier", "type", "purpose", "expires", "approver", "state"), rows)


def _of(each: Standing, present: datetime) -> list[str]:
    told = each.authorization
    over = (
        "locked: not ratified in time" if each.is_locked(present)
        else "the person was located" if each.located
        else "expired" if present > told.expiry
        else "to be ratified" if not each.is_ratified
        else "in force"
    )  # fmt: skip
    approver = told.approver or "not stated"
    return [told.identifier, told.type, told.purpose, format_instant(told.expiry), approver, over]


def _leads(standing: Sequence[Standing]) -> Section:
    if not standing:
        return Section("Whom and where", ["Nothing yet."])
    newest = standing[-1].authorization
    rows = [[name, ", ".join(getattr(newest, name))] for name in _LEADS if getattr(newest, name)]
    period = f"{newest.since or 'any day'} to {newest.until or 'any day'}"
    return Section("Whom and where, by the newest authority", (), (), [*rows, ["period", period]])


def _due(due: pd.DataFrame, zone: str) -> Section:
    if due.empty:
        return Section("Due", ["Nothing is due within 30 days."])
    local = zone_of(zone)
    rows = [
        [row["state"], _time(row["due"], local), render.shorten(str(row["says"]), 160), str(row["run"])]
        for row in due.head(_MOST).to_dict("records")
    ]
    more = len(due) - _MOST
    told = [f"{more} further things are due: case.due()."] if more > 0 else []
    return Section("Due", told, ("state", "by", "what", "run"), rows)


def _time(value: Any, local: Any) -> str:
    return " · ".join(filter(None, (in_utc(value), in_zone(value, local) if local else "")))


def _collected(posts: pd.DataFrame, exhibits: Listing) -> Section:
    counted = f"{len(exhibits.rows):,} exhibits, {len(posts):,} posts."
    if posts.empty:
        return Section("Collected", [counted])
    rows = [
        [str(platform), f"{_exhibit_count(own):,}", f"{len(own):,}", *map(_day, (times.min(), times.max()))]
        for platform, own in posts.groupby("platform")
        for times in [own["published"]]
    ]
    return Section("Collected", [counted], ("platform", "exhibits", "posts", "first", "last (UTC)"), rows)


def _exhibit_count(posts: pd.DataFrame) -> int:
    return len({exhibit for exhibits in posts["exhibits"] for exhibit in exhibits})


def _day(value: Any) -> str:
    return "not stated" if pd.isna(value) else in_utc(value)[:10]


def _warnings(warnings: pd.DataFrame) -> Section:
    if warnings.empty:
        return Section("Warnings", ["Everything that was taken in could be read."])
    counts = warnings.groupby(["what", "effect"]).agg(number=("exhibit", "size"), first=("exhibit", "first"))
    rows = [
        [render.shorten(str(row[name]), 160) for name in ("number", "what", "effect", "first")]
        for row in counts.sort_values("number", ascending=False).reset_index().head(_MOST).to_dict("records")
    ]
    told = [f"{len(warnings):,} {'warning' if len(warnings) == 1 else 'warnings'}; case.warnings() lists them."]
    return Section("Warnings", told, ("times", "what", "effect", "first in"), rows)


def _verification(log: LedgerTable) -> Section:
    told = log.anchoring.lines() if log.anchoring else []
    return Section("What others vouch for", [*told, "This is what the ledger records; case.verify() checks it."])


def _exhibits(posts: pd.DataFrame, warnings: pd.DataFrame, log: LedgerTable, zone: str) -> Listing:
    local = zone_of(zone)
    platforms, counts = _by_exhibit(posts)
    warned: Mapping[Any, int] = warnings["exhibit"].value_counts().to_dict()
    rows = []
    for row in _taken_in(log):
        number = str(row["exhibit"])
        told = {name: "" if pd.isna(row[name]) else str(row[name]) for name in _OF_THE_LOG}
        rows.append(
            {
                **told,
                "exhibit": number,
                "local": in_zone(pd.Timestamp(row["time"]), local) if local else "",
                "platform": sorted(platforms.get(number, ())),
                "posts": str(counts.get(number, 0)),
                "warnings": str(warned.get(number, 0)),
            }
        )
    return Listing(title="Exhibits", caption=f"{len(rows):,} exhibits.", columns=_COLUMNS, rows=rows)


def _taken_in(log: LedgerTable) -> Iterator[Mapping[Any, Any]]:
    """Yield the entries that took an exhibit in: the first that names each one as its result."""
    named = pd.DataFrame(log)
    yield from named[named["exhibit"].notna()].drop_duplicates("exhibit").to_dict("records")


def _by_exhibit(posts: pd.DataFrame) -> tuple[dict[str, set[str]], dict[str, int]]:
    platforms: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    for exhibits, platform in zip(posts["exhibits"], posts["platform"], strict=True):
        for exhibit in exhibits:
            platforms.setdefault(exhibit, set()).add(str(platform))
            counts[exhibit] = counts.get(exhibit, 0) + 1
    return platforms, counts
