"""Posts and media on one axis of time, with their uncertainty.

A time is drawn as a point only where its zone is known. A camera clock without a zone is an interval: whatever the
zone was, the instant lies between its reading taken as UTC+14 and its reading taken as UTC-12.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pandas as pd

from osint.instants import format_instant
from osint.render import escape, shorten

KINDS = ("post", "photo taken", "GPS time")
COLUMNS = {
    "start": "first instant at which the event can have happened (UTC)",
    "end": "last instant at which it can have happened (UTC); the same as start where the instant is known",
    "kind": "post, photo taken, or GPS time",
    "basis": "what states the time",
    "actor": "node key of the account that published it; several are joined with a comma",
    "text": "the start of the post, or the camera as the file states it",
    "exhibit": "the exhibit that holds it",
    "source_id": "id of the post, or SHA-256 of the file",
}

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_EARLIEST, _LATEST = timedelta(hours=-14), timedelta(hours=12)
_LONGEST_TEXT = 120


def event_timeline(posts: pd.DataFrame, media: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return one row for each time that a post or a file states, ordered by start. :data:`COLUMNS` has the columns.

    A camera clock with its offset is an instant. One without is the interval [clock - 14:00, clock + 12:00] in UTC,
    which holds every zone there is. A file can have two rows: the camera's clock and the GPS receiver's.

    Args:
        posts: Posts, with the columns of ``activity.Post``.
        media: Files, with the columns of ``media.table.frame``. Their actors are the authors of the posts that show
            them, own posts before those passed on, then by time.

    Returns:
        The table; ``attrs["undated"]`` counts the posts and files that state no time and so have no row.
    """
    dated = list(_post_events(posts))
    undated = len(posts) - len(dated)
    if media is not None:
        authors = _authors(posts)
        for row in _rows(media):
            events = list(_media_events(row, authors))
            undated += not events
            dated += events
    table = pd.DataFrame({name: pd.Series([e[name] for e in dated], dtype=_dtype(name)) for name in COLUMNS})
    table = table.sort_values(["start", "end", "kind", "source_id", "exhibit"], ignore_index=True)
    table.attrs["undated"] = undated
    return table


def _authors(posts: pd.DataFrame) -> dict[str, str]:
    """Return the author of each post: own posts before those passed on, and earlier ones first."""
    rows = [row for row in _rows(posts) if _known(row["attributed_to"])]
    rows.sort(key=lambda row: (_known(row.get("announce_of")) is not None, _moment(row["published"]), row["id"]))
    return {row["id"]: row["attributed_to"] for row in rows}


def _moment(value: Any) -> datetime:
    return _LAST if pd.isna(value) else value.to_pydatetime()


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", frame.to_dict("records"))


def _dtype(column: str) -> str:
    return "datetime64[us, UTC]" if column in ("start", "end") else "str"


def _post_events(posts: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in _rows(posts):
        if pd.notna(row["published"]):
            text = _known(row["content"]) or _known(row["url"]) or ""
            actor = _known(row["attributed_to"]) or _known(row["author_handle"])
            about = {"basis": row["published_basis"], "actor": actor, "text": text, "source_id": row["id"]}
            yield _event("post", row["published"], row["published"], row["exhibit"], about)


def _media_events(row: dict[str, Any], authors: dict[str, str]) -> Iterator[dict[str, Any]]:
    shown_in = set(row["posts"])
    actors = list(dict.fromkeys(author for post, author in authors.items() if post in shown_in))
    camera = " ".join(filter(None, (_known(row["camera_make"]), _known(row["camera_model"]))))
    about = {"actor": ", ".join(actors) or None, "text": camera or row["media_type"], "source_id": row["sha256"]}
    if pd.notna(row["taken"]):
        known = {**about, "basis": "camera clock with its offset"}
        yield _event("photo taken", row["taken"], row["taken"], row["exhibit"], known)
    elif bounds := _bounds(_known(row["taken_local"])):
        unknown = {**about, "basis": "camera clock, zone unknown"}
        yield _event("photo taken", *bounds, row["exhibit"], unknown)
    if pd.notna(row["gps_time"]):
        receiver = {**about, "basis": "GPS receiver"}
        yield _event("GPS time", row["gps_time"], row["gps_time"], row["exhibit"], receiver)


def _event(kind: str, start: datetime, end: datetime, exhibit: str, about: dict[str, Any]) -> dict[str, Any]:
    text = shorten(str(about["text"]), _LONGEST_TEXT)
    return {"start": start, "end": end, "kind": kind, "exhibit": exhibit, **about, "text": text}


def _bounds(local: str | None) -> tuple[datetime, datetime] | None:
    try:
        clock = datetime.fromisoformat(local or "").replace(tzinfo=UTC)
        return clock + _EARLIEST, clock + _LATEST
    except (ValueError, OverflowError):
        return None


def _known(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


# Drawing

_WIDTH, _LEFT, _RIGHT, _TOP, _LANE, _FOOT = 1000, 240, 24, 92, 38, 46
_OFFSETS = {"post": -10.0, "photo taken": 0.0, "GPS time": 10.0}
_MOST_LANES = 60
_HANDLE = 32
_NEAR = 14  # pixels; events of one kind and lane this close to the first of them are one mark
_NARROWEST = 8
_COLOURS = {"post": "#0072b2", "photo taken": "#d55e00", "GPS time": "#007f5f"}  # told apart also by the colour-blind
_INTERVAL = "somewhere in this interval: the camera names no time zone"
_FONT = "font-family=\"'Segoe UI', 'Helvetica Neue', Helvetica, Arial, sans-serif\""
_INK, _FAINT, _RULE = "#1f2933", "#616e7c", "#e4e7eb"
_STEPS_S = (1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600)
_STEPS_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12_000, 24_000)
_MONTH_S = 2_629_746
_TICKS = 8
_IN_TOOLTIP = 5


@dataclass(frozen=True)
class _Axis:
    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()

    def x(self, instant: datetime) -> float:
        share = (instant - self.start).total_seconds() / self.seconds
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def timeline_svg(frame: pd.DataFrame, title: str) -> bytes:
    """Draw the table of :func:`event_timeline` as an SVG picture; the same table gives the same bytes.

    One lane for each account; a file is in that of the first account to show it. A point is an instant, a bar an
    interval; events too close to be told apart are one larger mark that says how many it holds. Each mark has a tooltip
    with its times and exhibits. Past 60 accounts the rest share the last lane. Every text is escaped and the picture
    refers to nothing outside itself.
    """
    lanes = _lanes(frame)
    height = _TOP + _LANE * max(len(set(lanes.values())), 1) + _FOOT
    body = [*_head(frame, title), *(_content(frame, lanes, height) if len(frame) else _nothing())]
    root = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
    root += f'viewBox="0 0 {_WIDTH} {height}" style="max-width:100%;height:auto" role="img" '
    root += f'aria-label="{_text(title)}" {_FONT} font-size="12">'
    background = f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
    return "\n".join([root, background, *body, "</svg>", ""]).encode("utf-8")


def _lanes(frame: pd.DataFrame) -> dict[str, int]:
    """Number the accounts in the order of their first event; those past the last lane share it."""
    actors = list(dict.fromkeys(_actor(value) for value in frame["actor"]))
    return {actor: min(index, _MOST_LANES - 1) for index, actor in enumerate(actors)}


def _actor(value: Any) -> str:
    """Return whose lane an event is in: a file that several accounts show is in that of the first to show it."""
    return (_known(value) or "no account").partition(", account:")[0]


def _head(frame: pd.DataFrame, title: str) -> Iterator[str]:
    undated = frame.attrs.get("undated", 0)
    counted = f"{len(frame)} event{'' if len(frame) == 1 else 's'}"
    without = f", {undated} more without a time are not shown" if undated else ""
    yield f'<text x="20" y="28" font-size="17" font-weight="600" fill="{_INK}">{_text(shorten(title, 100))}</text>'
    yield f'<text x="20" y="47" fill="{_FAINT}">{counted}{without}. All times are UTC.</text>'
    x = _LEFT
    for kind in sorted(set(frame["kind"]), key=KINDS.index):
        yield f'{_mark(kind, x, 68, 4.5)}<text x="{x + 12}" y="72" fill="{_INK}">{kind}</text>'
        x += 44 + 7 * len(kind)
    if (frame["start"] != frame["end"]).any():
        yield f'{_bar("photo taken", x - 4, x + 22, 68)}<text x="{x + 32}" y="72" fill="{_INK}">{_INTERVAL}</text>'


def _nothing() -> Iterator[str]:
    yield f'<text x="20" y="{_TOP + 20}" fill="{_FAINT}">No event states a time.</text>'


def _content(frame: pd.DataFrame, lanes: dict[str, int], height: int) -> Iterator[str]:
    axis = _axis(frame)
    bottom = height - _FOOT
    yield from _lane_names(lanes)
    yield from _ticks(axis, bottom)
    for events in _marks(frame, lanes, axis):
        lane, kind = lanes[_actor(events[0]["actor"])], events[0]["kind"]
        drawn = _drawn(kind, events, axis, _TOP + _LANE * lane + _LANE / 2 + _OFFSETS[kind])
        yield f"<g><title>{_text(_tooltip(events))}</title>{drawn}</g>"


def _axis(frame: pd.DataFrame) -> _Axis:
    first, last = frame["start"].min().to_pydatetime(), frame["end"].max().to_pydatetime()
    margin = max((last - first) * 0.02, timedelta(seconds=2))
    # A source may claim the year 1 or 9999, past which there is no margin.
    return _Axis(first - min(margin, first - _FIRST), last + min(margin, _LAST - last))


def _lane_names(lanes: dict[str, int]) -> Iterator[str]:
    shared = sum(lane == _MOST_LANES - 1 for lane in lanes.values())
    for actor, lane in list(lanes.items())[:_MOST_LANES]:
        y = _TOP + _LANE * lane
        name = f"{shared} further accounts" if lane == _MOST_LANES - 1 and shared > 1 else actor
        short, below = _lane_label(name)
        if lane % 2 == 0:
            yield f'<rect x="0" y="{y}" width="{_WIDTH}" height="{_LANE}" fill="#f5f7fa"/>'
        yield f'<text x="20" y="{y + 17}" fill="{_INK}"><title>{_text(name)}</title>{_text(short)}</text>'
        yield f'<text x="20" y="{y + 31}" fill="{_FAINT}" font-size="10">{_text(below)}</text>'


def _lane_label(name: str) -> tuple[str, str]:
    """Return the two lines that name a lane: handle and platform; the host moves down where the handle is long."""
    parts = name.split(":", 2)
    platform, handle = parts[1:] if parts[0] == "account" and len(parts) == 3 else ("", name)
    if len(handle) <= _HANDLE:
        return handle, shorten(platform, _HANDLE)
    user, at, host = handle.rpartition("@")
    return shorten(user or handle, _HANDLE), shorten(", ".join(filter(None, (at + host if user else "", platform))), 38)


def _ticks(axis: _Axis, bottom: int) -> Iterator[str]:
    instants = _tick_instants(axis)
    clock = any(instant.second or instant.minute or instant.hour for instant in instants)
    seconds = any(instant.second for instant in instants)
    day = None
    for instant in instants:
        x = axis.x(instant)
        yield f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{bottom + 5}" stroke="{_RULE}"/>'
        lines = [f"{instant:%H:%M:%S}" if seconds else f"{instant:%H:%M}"] if clock else []
        if instant.date() != day:
            lines.append(instant.date().isoformat())
        day = instant.date()
        for number, line in enumerate(lines):
            y = bottom + 19 + 15 * number
            yield f'<text x="{x}" y="{y}" text-anchor="middle" fill="{_FAINT}" font-size="11">{line}</text>'
    yield f'<line x1="{_LEFT}" y1="{bottom}" x2="{_WIDTH - _RIGHT}" y2="{bottom}" stroke="#9aa5b1"/>'


def _tick_instants(axis: _Axis) -> list[datetime]:
    step = next((step for step in _STEPS_S if axis.seconds / step <= _TICKS), None)
    if step is not None:
        first = datetime(axis.start.year, axis.start.month, axis.start.day, tzinfo=UTC)
        skipped = math.ceil((axis.start - first).total_seconds() / step)
        count = int((axis.end - first).total_seconds() // step) - skipped + 1
        return [first + timedelta(seconds=step * (skipped + index)) for index in range(count)]
    months = next(step for step in _STEPS_MONTHS if axis.seconds / (step * _MONTH_S) <= _TICKS)
    numbers = range(
        axis.start.year * 12 + axis.start.month, axis.end.year * 12 + axis.end.month
    )  # January of year 1 is 12
    return [datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC) for number in numbers if number % months == 0]


_Event = dict[str, Any]


def _marks(frame: pd.DataFrame, lanes: dict[str, int], axis: _Axis) -> list[list[_Event]]:
    """Gather the events of one lane and kind that the picture cannot tell apart."""
    marks: list[list[_Event]] = []
    latest: dict[tuple[Any, ...], list[_Event]] = {}
    for event in _rows(frame):
        group = (lanes[_actor(event["actor"])], event["kind"], event["start"] == event["end"])
        if group in latest and all(
            abs(axis.x(event[side]) - axis.x(latest[group][0][side])) <= _NEAR for side in ("start", "end")
        ):
            latest[group].append(event)
        else:
            latest[group] = [event]
            marks.append(latest[group])
    return marks


def _drawn(kind: str, events: Sequence[_Event], axis: _Axis, y: float) -> str:
    x = axis.x(events[0]["start"])
    if events[0]["start"] != events[0]["end"]:
        right = max(axis.x(event["end"]) for event in events)
        return _bar(kind, x, max(right, x + _NARROWEST), y)
    if len(events) == 1:
        return _mark(kind, x, y, 4.5)
    label = str(len(events)) if len(events) < 100 else "99+"
    inside = f'<text x="{x}" y="{y + 3}" text-anchor="middle" font-size="8.5" fill="#ffffff">{label}</text>'
    return _mark(kind, x, y, 7) + inside


def _bar(kind: str, left: float, right: float, y: float) -> str:
    box = f'x="{left}" y="{y - 4}" width="{round(right - left, 1)}" height="8" rx="4"'
    return f'<rect {box} fill="{_COLOURS[kind]}" fill-opacity="0.3" stroke="{_COLOURS[kind]}"/>'


def _mark(kind: str, x: float, y: float, size: float) -> str:
    paint = f'fill="{_COLOURS[kind]}" stroke="#ffffff"'
    if kind == "post":
        return f'<circle cx="{x}" cy="{y}" r="{size}" {paint}/>'
    if kind == "photo taken":
        return f'<rect x="{x - size}" y="{y - size}" width="{2 * size}" height="{2 * size}" rx="1.5" {paint}/>'
    return f'<path d="M{x} {y - size - 1}l{size + 1} {2 * size}h{-2 * size - 2}z" {paint}/>'


def _tooltip(events: Sequence[_Event]) -> str:
    lines = []
    for event in events[:_IN_TOOLTIP]:
        start, end = (format_instant(event[side].to_pydatetime()) for side in ("start", "end"))
        when = start if start == end else f"between {start} and {end}"
        lines.append(f"{when} · {event['kind']} ({event['basis']}) · {event['text']} · exhibit {event['exhibit']}")
    more = len(events) - _IN_TOOLTIP
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)


def _text(value: str) -> str:
    return escape(value).replace("\ufffe", "").replace("\uffff", "")  # which XML does not know
