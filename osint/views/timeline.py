"""The drawing of an event timeline: a lane for each account, a row in it for each kind of clock, a form for each grade.

Filled is what an instant can be said of (A with a light core, B); dashed is C; dotted and open is D, most often a bar,
since the zone is unknown; hatched is X, which cannot be. Kinds differ in shape and colour, so that a printer without
colours loses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pandas as pd

from osint.graph.drawing.shapes import text_width
from osint.instants import format_instant
from osint.render import shorten
from osint.timeline import GRADES, KINDS
from osint.views.timeline_lanes import (
    LANE,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Axis,
    Event,
    Lane,
    Mark,
    Row,
    axis_of,
    lanes_of,
    reach_of,
)
from osint.views.timeline_signs import FAINT, INK, RULE, colour_of, draw_bar, draw_sign, draw_words, text_of

_FOOT = 46
_SIZE = 12
_HANDLE = 32
_GRADES = {
    "A": "A: a server's clock", "B": "B: a device with its offset", "C": "C: inferred, or written by someone",
    "D": "D: zone unknown", "X": "X: cannot be",
}  # fmt: skip
_INTERVAL = "a bar: somewhere in this interval"
_FACE = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_STEPS_S = (1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600)
_STEPS_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12_000, 24_000)
_MONTH_S = 2_629_746
_TICKS = 8
_IN_TOOLTIP = 5
_LONGEST_LABEL = 28


def timeline_svg(frame: pd.DataFrame, title: str) -> bytes:
    """Draw the table of :func:`osint.event_timeline` as an SVG picture; the same table gives the same bytes.

    One lane for each account; a file is in that of the first account to show it. A point is an instant, a bar an
    interval; beside it stands the time as the source spells it, where there is room. Events of one kind and grade too
    close to be told apart are one larger mark that says how many it holds. Each mark has a tooltip with its times and
    exhibits. Past 60 accounts the rest share the last lane. Every text is escaped and the picture refers to nothing
    outside itself.
    """
    axis = axis_of(frame) if len(frame) else None
    lanes = lanes_of(frame, axis) if axis else []
    bottom = max((lane.top + lane.height for lane in lanes), default=TOP + LANE)
    height = round(bottom + _FOOT)
    body = [*_head(frame, title), *(_content(lanes, axis, bottom) if axis else _nothing())]
    root = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
    root += f'viewBox="0 0 {WIDTH} {height}" style="max-width:100%;height:auto" role="img" '
    root += f'font-family="{_FACE}" font-size="{_SIZE}">'
    named = f"<title>{text_of(title)}</title><desc>{text_of(_summary(frame))}</desc>"
    background = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    return "\n".join([root, named, background, *body, "</svg>", ""]).encode("utf-8")


# -- head -------------------------------------------------------------------------------------------------------------


def _summary(frame: pd.DataFrame) -> str:
    undated = frame.attrs.get("undated", 0)
    counted = f"{len(frame)} event{'' if len(frame) == 1 else 's'}"
    without = f", {undated} more without a time are not shown" if undated else ""
    return f"{counted}{without}. All times are UTC; beside a mark stands the time as its source spells it."


def _head(frame: pd.DataFrame, title: str) -> Iterator[str]:
    yield f'<text x="20" y="28" font-size="17" font-weight="600" fill="{INK}">{text_of(shorten(title, 100))}</text>'
    yield f'<text x="20" y="47" fill="{FAINT}">{text_of(_summary(frame))}</text>'
    x = 26.0
    for kind in _kinds(frame["kind"]):
        yield f'{draw_sign(kind, "B", (x, 72), 4.5)}<text x="{x + 11:g}" y="76" fill="{INK}">{text_of(kind)}</text>'
        x += 26 + round(text_width(kind, _SIZE))
    if (frame["start"] != frame["end"]).any():
        bar = draw_bar("D", x - 6, x + 22, 72, FAINT)
        yield f'{bar}<text x="{x + 29:g}" y="76" fill="{INK}">{_INTERVAL}</text>'
    x = 26.0
    for grade in (grade for grade in GRADES if (frame["grade"] == grade).any()):
        sign = draw_sign("camera clock", grade, (x, 98), 4.5, FAINT)
        yield f'{sign}<text x="{x + 11:g}" y="102" fill="{INK}">{_GRADES[grade]}</text>'
        x += 26 + round(text_width(_GRADES[grade], _SIZE))


def _kinds(kinds: pd.Series[str] | Sequence[str]) -> list[str]:
    """Return the kinds there are, in their order; one that is not foreseen last."""
    return sorted(set(kinds), key=lambda kind: (KINDS.index(kind) if kind in KINDS else len(KINDS), kind))


def _nothing() -> Iterator[str]:
    yield f'<text x="20" y="{TOP + 20}" fill="{FAINT}">No event states a time.</text>'


# -- lanes and axis ---------------------------------------------------------------------------------------------------


def _content(lanes: Sequence[Lane], axis: Axis, bottom: float) -> Iterator[str]:
    yield from _lane_names(lanes)
    yield from _ticks(axis, bottom)
    for lane in lanes:
        for number, row in enumerate(lane.rows):
            for mark in row.marks:
                y = lane.y(number)
                label = _label(mark[0], reach_of(mark, axis), axis, y, row) if len(mark) == 1 else ""
                yield f"<g><title>{text_of(_tooltip(mark))}</title>{_drawn(mark, axis, y)}{label}</g>"


def _lane_names(lanes: Sequence[Lane]) -> Iterator[str]:
    for lane in lanes:
        name = lane.actors[0] if len(lane.actors) == 1 else f"{len(lane.actors)} further accounts"
        short, below = _lane_label(name)
        if lane.number % 2 == 0:
            yield f'<rect x="0" y="{lane.top:g}" width="{WIDTH}" height="{lane.height:g}" fill="#f5f7fa"/>'
        y = lane.top + lane.height / 2
        yield f'<text x="20" y="{y - 2:g}" fill="{INK}"><title>{text_of(name)}</title>{text_of(short)}</text>'
        yield f'<text x="20" y="{y + 12:g}" fill="{FAINT}" font-size="10">{text_of(below)}</text>'


def _lane_label(name: str) -> tuple[str, str]:
    """Return the two lines that name a lane: handle and platform; the host moves down where the handle is long."""
    parts = name.split(":", 2)
    platform, handle = parts[1:] if parts[0] == "account" and len(parts) == 3 else ("", name)
    if len(handle) <= _HANDLE:
        return handle, shorten(platform, _HANDLE)
    user, at, host = handle.rpartition("@")
    return shorten(user or handle, _HANDLE), shorten(", ".join(filter(None, (at + host if user else "", platform))), 38)


def _ticks(axis: Axis, bottom: float) -> Iterator[str]:
    instants = _tick_instants(axis)
    clock = any(instant.second or instant.minute or instant.hour for instant in instants)
    seconds = any(instant.second for instant in instants)
    day = None
    for instant in instants:
        x = axis.x(instant)
        yield f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{bottom + 5:g}" stroke="{RULE}"/>'
        lines = [f"{instant:%H:%M:%S}" if seconds else f"{instant:%H:%M}"] if clock else []
        if instant.date() != day:
            lines.append(instant.date().isoformat())
        day = instant.date()
        for number, line in enumerate(lines):
            y = bottom + 19 + 15 * number
            yield f'<text x="{x}" y="{y:g}" text-anchor="middle" fill="{FAINT}" font-size="11">{line}</text>'
    yield f'<line x1="{LEFT}" y1="{bottom:g}" x2="{WIDTH - RIGHT}" y2="{bottom:g}" stroke="#9aa5b1"/>'


def _tick_instants(axis: Axis) -> list[datetime]:
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


# -- marks ------------------------------------------------------------------------------------------------------------


def _drawn(events: Mark, axis: Axis, y: float) -> str:
    kind, grade, x = events[0]["kind"], events[0]["grade"], axis.x(events[0]["start"])
    if events[0]["start"] != events[0]["end"]:
        return draw_bar(grade, *reach_of(events, axis), y, colour_of(kind))
    if len(events) == 1:
        return draw_sign(kind, grade, (x, y), 4.5)
    number = str(len(events)) if len(events) < 100 else "99+"
    fill = "#ffffff" if grade in ("A", "B") else INK
    inside = f'<text x="{x}" y="{y + 3:g}" text-anchor="middle" font-size="8.5" fill="{fill}">{number}</text>'
    return draw_sign(kind, "B" if grade == "A" else grade, (x, y), 7.5) + inside


def _label(event: Event, reach: tuple[float, float], axis: Axis, y: float, row: Row) -> str:
    """Return grade and time as the source spells it, in a bar or beside a mark; nothing where there is no room."""
    stated = event["stated"] if isinstance(event["stated"], str) and event["kind"] != "post" else ""
    if not stated:
        return ""
    words = shorten(f"{event['grade']} {stated}", _LONGEST_LABEL)
    words = f"‹ {words}" if event["end"] < axis.start else f"{words} ›" if event["start"] > axis.end else words
    (left, right), wide = reach, text_width(words, 9.5)
    amid = (left + right - wide) / 2
    if right - left > wide + 8 and event["start"] != event["end"] and row.free(amid, amid + wide, reach):
        return draw_words(words, (left + right) / 2, y, "middle")
    for x in (right + 3, left - 3 - wide):
        if row.free(x, x + wide):
            row.take(x, x + wide)
            return draw_words(words, x, y)
    return ""


def _tooltip(events: Sequence[Event]) -> str:
    lines = []
    for event in events[:_IN_TOOLTIP]:
        start, end = (format_instant(event[side].to_pydatetime()) for side in ("start", "end"))
        when = start if start == end else f"between {start} and {end}"
        stated = f", stated as {event['stated']}" if isinstance(event["stated"], str) else ""
        known = f"{event['kind']} ({event['basis']}), grade {event['grade']}"
        lines.append(f"{when}{stated} · {known} · {event['text']} · exhibit {event['exhibit']}")
    more = len(events) - _IN_TOOLTIP
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)
