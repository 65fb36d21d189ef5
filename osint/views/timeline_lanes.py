"""The lanes of an event timeline: whose each is, what stands in its rows, and where on the axis a mark goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pandas as pd

from osint.timeline import KINDS

WIDTH, LEFT, RIGHT, TOP, LANE = 1000, 240, 24, 126, 38
"""Pixels of the picture, of its margins, of the least height of a lane."""

_ROW = 18
_BEGIN = LEFT + 8  # a mark at the first instant keeps clear of the names
_MOST_LANES = 60
_MOST_ROWS = 4  # of one kind and grade in a lane; what overlaps further shares the last
_NEAR = 14  # pixels; events of one row and grade this close to the first of them are one mark
_NARROWEST = 8
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

Event = dict[str, Any]
Mark = list[Event]
"""Events that are drawn as one."""


class Row:
    """One row of a lane, and what of it is covered."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self._taken: list[tuple[float, float]] = []

    def take(self, left: float, right: float) -> None:
        self._taken.append((left, right))

    def free(self, left: float, right: float, own: tuple[float, float] | None = None) -> bool:
        """Say whether nothing is there, but for a mark itself."""
        inside = left >= LEFT - 6 and right <= WIDTH - 4
        return inside and all(right <= start or left >= end for start, end in self._taken if (start, end) != own)


@dataclass(frozen=True)
class Lane:
    """One account's part of the picture, or that of all past the last."""

    number: int
    actors: tuple[str, ...]
    top: float
    rows: tuple[Row, ...]

    @property
    def height(self) -> float:
        return max(LANE, _ROW * len(self.rows) + 6)

    def y(self, row: int) -> float:
        return self.top + (self.height - _ROW * len(self.rows)) / 2 + _ROW * row + _ROW / 2


@dataclass(frozen=True)
class Axis:
    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()

    def x(self, instant: datetime) -> float:
        """Return where an instant is; one beyond the axis, which only a time that cannot be is, is at its end."""
        share = (instant - self.start).total_seconds() / self.seconds
        return round(_BEGIN + min(max(share, 0.0), 1.0) * (WIDTH - _BEGIN - RIGHT), 1)


def axis_of(frame: pd.DataFrame) -> Axis:
    """Return the axis of all times that can be; those that cannot do not stretch it, unless there are no others."""
    possible = frame[frame["grade"] != "X"]
    shown = possible if len(possible) else frame
    first, last = shown["start"].min().to_pydatetime(), shown["end"].max().to_pydatetime()
    margin = max((last - first) * 0.02, timedelta(seconds=2))
    # A source may claim the year 1 or 9999, past which there is no margin.
    return Axis(first - min(margin, first - _FIRST), last + min(margin, _LAST - last))


def lanes_of(frame: pd.DataFrame, axis: Axis) -> list[Lane]:
    """Give the accounts lanes in the order of their first event; those past the last lane share it."""
    actors = list(dict.fromkeys(_actor(value) for value in frame["actor"]))
    numbers = {actor: min(index, _MOST_LANES - 1) for index, actor in enumerate(actors)}
    marks = _marks(frame, numbers, axis)
    made: list[Lane] = []
    for number in range(min(len(actors), _MOST_LANES)):
        top = made[-1].top + made[-1].height if made else float(TOP)
        own = tuple(actor for actor in actors if numbers[actor] == number)
        made.append(Lane(number, own, top, tuple(_rows(marks.get(number, []), axis))))
    return made


def _rows(marks: Sequence[Mark], axis: Axis) -> Iterator[Row]:
    """Put the marks of a lane into rows: one for each kind and grade, more where they overlap."""
    alike: dict[tuple[Any, ...], list[Row]] = {}
    for mark in marks:
        rows, reach = alike.setdefault(_sort(mark[0]), []), reach_of(mark, axis)
        row = next((row for row in rows if row.free(*reach)), None)
        if row is None:
            if len(rows) < _MOST_ROWS:
                rows.append(Row())
            row = rows[-1]
        row.marks.append(mark)
        row.take(*reach)
    return (row for sort in sorted(alike) for row in alike[sort])


def _marks(frame: pd.DataFrame, lanes: Mapping[str, int], axis: Axis) -> dict[int, list[Mark]]:
    """Gather the events of one lane, kind and grade that the picture cannot tell apart, by lane."""
    marks: dict[int, list[Mark]] = {}
    latest: dict[tuple[Any, ...], Mark] = {}
    for event in cast("list[Event]", frame.to_dict("records")):
        lane = lanes[_actor(event["actor"])]
        group = (lane, *_sort(event))
        if group in latest and all(
            abs(axis.x(event[side]) - axis.x(latest[group][0][side])) <= _NEAR for side in ("start", "end")
        ):
            latest[group].append(event)
        else:
            latest[group] = [event]
            marks.setdefault(lane, []).append(latest[group])
    return marks


def _sort(event: Event) -> tuple[Any, ...]:
    """Return what events have in common that share a row."""
    order = KINDS.index(event["kind"]) if event["kind"] in KINDS else len(KINDS)
    return order, event["kind"], event["grade"], event["start"] != event["end"]


def _actor(value: Any) -> str:
    """Return whose lane an event is in: a file that several accounts show is in that of the first to show it."""
    return (value if isinstance(value, str) and value else "no account").partition(", account:")[0]


def reach_of(events: Mark, axis: Axis) -> tuple[float, float]:
    """Return from where to where a mark goes."""
    left = axis.x(events[0]["start"])
    if events[0]["start"] != events[0]["end"]:
        return left, max(*(axis.x(event["end"]) for event in events), left + _NARROWEST)
    return left - _NEAR / 2, left + _NEAR / 2
