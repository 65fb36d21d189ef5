"""Tables as listings: which of their columns are printed, which narrow the rows, and how a cell is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pandas as pd

from osint.errors import CaseError
from osint.posts.normalised import words
from osint.timeline import COLUMNS as EVENT_COLUMNS
from osint.views.ledger import LedgerTable
from osint.views.listing.listing import Column, Listing, Thumb
from osint.views.moments import in_utc, in_zone, zone_of

POSTS = frozenset({"id", "content", "published", "attributed_to", "exhibit"})
"""Columns by which a table is known as one of posts."""

EVENTS = frozenset(EVENT_COLUMNS)
"""Those of the events of ``osint.event_timeline``."""

FILES = frozenset({"exhibit", "sha256", "media_type", "taken_local", "positions", "posts"})
"""Those of the table of files."""

_MOST_FACETS = 30
_MOST_PRINTED = 8
_ACCESS = {"public": "public", "logged_in": "signed in", "not_known": "not known"}
_POSTS = (
    Column(name="published", label="Published (UTC)"),
    Column(name="local", label="Local time"),
    Column(name="author", label="Author", facet=True),
    Column(name="content", label="Text, as written"),
    Column(name="marked", label="Seen", facet=True),
    Column(name="attachment", label="Files"),
    Column(name="exhibit", label="Exhibit"),
    Column(name="platform", label="Platform", facet=True, printed=False),
    Column(name="type", label="Type", facet=True, printed=False),
    Column(name="language", label="Language stated", facet=True, printed=False),
    Column(name="language_detected", label="Language, by a program", facet=True, printed=False),
    Column(name="normalised", label="Text, as it is searched", printed=False),
    Column(name="author_name", label="Author's name", printed=False),
    Column(name="attributed_to", label="Account", printed=False),
    Column(name="published_raw", label="Time, as written", printed=False),
    Column(name="updated", label="Edited (UTC), as stated", printed=False),
    Column(name="tags", label="Tags", facet=True, printed=False),
    Column(name="in_reply_to", label="Answers", printed=False),
    Column(name="announce_of", label="Passes on", printed=False),
    Column(name="links", label="Links", printed=False),
    Column(name="access", label="Who could see it", facet=True, printed=False),
    Column(name="url", label="Address", printed=False),
    Column(name="id", label="Id", printed=False),
    Column(name="exhibits", label="Every exhibit that shows it", printed=False),
    Column(name="collected", label="Captured (UTC)", printed=False),
)
_AS_THEY_STAND = (
    "platform", "type", "language", "language_detected", "attributed_to", "author_name", "published_raw", "in_reply_to",
    "announce_of", "url", "id", "exhibit",
)  # fmt: skip
_EVENTS_PRINTED = ("start", "end", "kind", "grade", "text", "exhibit")
_EVENT_FACETS = ("kind", "grade", "actor")


def listing_of(
    table: pd.DataFrame,
    title: str = "",
    *,
    zone: str = "",
    thumbs: Mapping[str, Sequence[Thumb]] | None = None,
) -> Listing:
    """Return a table as rows that one searches, narrows and sorts.

    Posts are written for a reader; the rows of other tables as they stand.

    Args:
        table: Any table of this package, or one's own.
        title: Heading.
        zone: Name of the zone whose clocks are shown beside UTC, ``America/Chicago``.
        thumbs: Small pictures by the exhibit, or id of the post, that shows them.

    Raises:
        CaseError: There is no such zone.
    """
    local = zone_of(zone)
    if set(table.columns) >= POSTS:
        return _posts(table, title or "Posts", local, thumbs or {})
    return _any(table, title or "Table", local)


def post_cells(post: Mapping[str, Any], zone: ZoneInfo | None) -> dict[str, Any]:
    """Return a row of the posts table as texts, by the names of this view's columns."""
    content = _text(post["content"])
    found = {name: _text(post.get(name)) for name in _AS_THEY_STAND}
    return {
        **found,
        "published": in_utc(post["published"]) or "not stated",
        "local": in_zone(post["published"], zone) if zone else "",
        "author": author_of(post),
        "content": content or (_text(post.get("announce_of")) and "(passes on another post)"),
        "normalised": " ".join(words(content)),
        "marked": marks_of(post),
        "attachment": [_file(each) for each in _items(post.get("attachment"))],
        "updated": in_utc(post["updated"]) if "updated" in post else "",
        "tags": [str(each["name"]) for each in _items(post.get("tag")) if each.get("type") == "Hashtag"],
        "links": [str(each) for each in _items(post.get("links"))],
        "access": _ACCESS.get(_text(post.get("access")), _text(post.get("access"))),
        "exhibits": [str(each) for each in _items(post.get("exhibits"))],
        "collected": in_utc(post["collected"]) if "collected" in post else "",
    }


def post_columns(rows: Sequence[Mapping[str, Any]], zone: ZoneInfo | None) -> tuple[Column, ...]:
    """Return the columns of posts that any of these rows fills."""
    filled = [column for column in _POSTS if any(row.get(column.name) for row in rows)]
    return tuple(
        replace(column, label=f"Local time ({zone})") if column.name == "local" else column for column in filled
    )


def author_of(post: Mapping[str, Any]) -> str:
    """Return who wrote a post: the account by its key, or the handle as it was shown, or that nobody is named."""
    account = _text(post.get("attributed_to")).split(":", 2)[-1]
    return account or _text(post.get("author_handle")) or "not stated"


def marks_of(post: Mapping[str, Any]) -> list[str]:
    """Return what was seen of a post's fate: ``deleted``, ``edited``, in words."""
    versions = post.get("versions")
    several = not pd.isna(versions) and int(versions) > 1 if versions is not None else False
    marks = ["deleted"] if _text(post.get("type")) == "Tombstone" else []
    marks += [f"edited: {int(cast('int', versions))} versions"] if several else []
    if not several and _text(post.get("updated")):
        marks.append("edited, as its source states")
    return marks


def _posts(table: pd.DataFrame, title: str, zone: ZoneInfo | None, thumbs: Mapping[str, Sequence[Thumb]]) -> Listing:
    posts = cast("list[dict[str, Any]]", table.to_dict("records"))
    rows = [post_cells(post, zone) for post in posts]
    shown = {
        at: tuple(each for name in (row["id"], row["exhibit"]) for each in thumbs.get(name, ()))
        for at, row in enumerate(rows)
    }
    return Listing(
        title=title,
        caption=f"{_count(len(rows), 'post')}{_span(table['published'])}.{_clock(zone)}",
        columns=post_columns(rows, zone),
        rows=rows,
        thumbs={at: each for at, each in shown.items() if each},
    )


def _any(table: pd.DataFrame, title: str, zone: ZoneInfo | None) -> Listing:
    frame = pd.DataFrame(table)
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise CaseError("Two columns of this table have one name, so its rows cannot be listed.")
    cells = {name: _written(frame.iloc[:, at]) for at, name in enumerate(names)}
    times = {name for at, name in enumerate(names) if isinstance(frame.dtypes.iloc[at], pd.DatetimeTZDtype)}
    local = {
        f"{name}, local": [in_zone(each, zone) for each in frame[name]] for name in names if zone and name in times
    }
    is_events = set(names) >= EVENTS
    first = list(_EVENTS_PRINTED) if is_events else [name for name in names if any(cells[name])][:_MOST_PRINTED]
    printed = [each for name in first for each in (name, f"{name}, local") if name == each or each in local]
    cells |= local
    order = [*printed, *[name for name in cells if name not in printed]]
    columns = tuple(
        Column(
            name=name,
            label=f"{name} ({zone if name in local else 'UTC'})" if name in times or name in local else name,
            facet=name in _EVENT_FACETS if is_events else name not in times and _is_facet(cells[name]),
            printed=name in printed,
            number=name in frame and pd.api.types.is_numeric_dtype(frame[name]),
        )
        for name in order
        if any(cells[name])
    )
    rows = [dict(zip(cells, values, strict=True)) for values in zip(*cells.values(), strict=True)] if cells else []
    notes = tuple(table.anchored_lines()) if isinstance(table, LedgerTable) else ()
    return Listing(
        title=title, caption=f"{_count(len(frame), 'row')}.{_clock(zone)}", columns=columns, rows=rows, notes=notes
    )


def _written(column: pd.Series[Any]) -> list[Any]:
    write: Callable[[Any], Any] = in_utc if isinstance(column.dtype, pd.DatetimeTZDtype) else _cell
    return [write(value) for value in column]


def _cell(value: Any) -> Any:
    return [str(each) for each in value] if isinstance(value, list | tuple) else _text(value)


def _is_facet(cells: Sequence[Any]) -> bool:
    """Say whether a column has few enough values, each of them often enough, to narrow the rows by."""
    if not all(isinstance(cell, str) and len(cell) < 80 for cell in cells):
        return False
    return 1 < len(set(cells)) <= min(_MOST_FACETS, max(len(cells) // 2, 2))


def _file(attachment: Mapping[str, Any]) -> str:
    told = (attachment.get("media_type") or "file", attachment.get("name"))
    return ": ".join(str(each) for each in told if each)


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _text(value: Any) -> str:
    if isinstance(value, list | tuple | dict | set):
        return str(value)
    return "" if value is None or pd.isna(value) else str(value)


def _span(published: pd.Series[Any]) -> str:
    known = published.dropna()
    if known.empty:
        return ""
    first, last = known.min().date().isoformat(), known.max().date().isoformat()
    return f", {first}" if first == last else f", {first} to {last}"


def _clock(zone: ZoneInfo | None) -> str:
    return f" Times in UTC and of {zone}." if zone else " Times in UTC."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
