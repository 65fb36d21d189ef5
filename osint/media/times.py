"""The times that a file states, each kept for itself, as an interval in UTC with a grade. None is merged with another.

Grades: **A** the clock of a platform's own server, or of our capture. **B** a device states its offset from UTC, and
nothing in the file contradicts it; or the clock of a GPS receiver. **C** the offset was inferred, or a program could
have written the time later. **D** the zone is unknown: whatever it was, the instant lies in the interval; or it was
inferred from a time of day alone. **X** the time cannot be: after our capture, after the post that shows the file, or
before the camera's model was sold.

No grade says that a clock was right. The zone of whoever examines is never used.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Literal

from osint.instants import format_instant, parse_instant
from osint.media.time_words import IN_NAME, uploaded, with_zone, words
from osint.media.value import Value

Grade = Literal["A", "B", "C", "D", "X"]

FARTHEST_WEST, FARTHEST_EAST = timedelta(hours=-12), timedelta(hours=14)
SAME = timedelta(minutes=10)
_QUARTER, _RESIDUE, _SLACK = timedelta(minutes=15), timedelta(seconds=120), timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class StatedTime:
    """One time that a file, its name or its address states.

    Attributes:
        kind: ``camera clock``, ``GPS receiver``, ``film header``, ``metadata``, ``platform``, ``file name``,
            ``capture``.
        text: What is stated, in words and figures; how it is spelt there is in its :class:`~osint.media.value.Value`.
        start: The first instant that it can mean, UTC.
        end: The last instant that it can mean, UTC; the same as start where the instant is known.
        grade: How far it can be trusted, by the rules of this module.
        basis: What the interval and the grade rest on, in a sentence.
    """

    kind: str
    text: str
    start: datetime
    end: datetime
    grade: Grade
    basis: str


def stated_times(
    values: Iterable[Value], *, preserved: datetime | None = None, posted: datetime | None = None
) -> tuple[StatedTime, ...]:
    """Return every time that the values state, in the order of :class:`StatedTime`'s kinds.

    Args:
        values: What the readers found.
        preserved: When we preserved the file.
        posted: When the first post that shows it was published.
    """
    values = [value for value in values if value.fact and value.status == "read" and value.value is not None]
    launch = _launch(values)
    return tuple(
        _possible(each, preserved, posted, launch) for read in _KINDS for each in dict.fromkeys(read(values))
    ) + (_capture(preserved) if preserved else ())


def inferred_offset(local: datetime, gps: datetime) -> timedelta | None:
    """Return the offset from UTC that a camera's clock had by the GPS receiver's: a quarter of an hour, within 120 s.

    Args:
        local: The camera's clock, without zone.
        gps: The receiver's, UTC.

    Returns:
        The offset; None when no zone there is explains the distance.
    """
    apart = local.replace(tzinfo=UTC) - gps
    rounded = round(apart / _QUARTER) * _QUARTER
    return rounded if abs(apart - rounded) <= _RESIDUE and FARTHEST_WEST <= rounded <= FARTHEST_EAST else None


# -- kinds ------------------------------------------------------------------------------------------------------------


def _camera(values: Sequence[Value]) -> Iterator[StatedTime]:
    gps = list(dict.fromkeys(instant for _, instant in _instants(values, "gps_time")))
    for value in _of(values, "taken_local"):
        clock = _clock(value)
        if clock is None:
            continue
        offsets = _offsets(values, clock)
        if len(offsets) > 1:
            basis = f"The file states more than one offset for this clock: {', '.join(map(str, offsets))}."
            yield _unknown_zone("camera clock", words(clock), clock, basis)
        elif offsets:
            yield _with_offset(clock, offsets[0], gps)
        elif not gps and (guided := _by_time_of_day(values, clock)):
            yield guided
        else:
            yield _without_offset(clock, gps)


def _offsets(values: Sequence[Value], clock: datetime) -> list[timezone]:
    """Return each offset that is stated for this clock: in a block that shows the same, or shows none."""
    clocks: dict[str, set[datetime | None]] = {}
    for value in _of(values, "taken_local"):
        shown = _clock(value)
        clocks.setdefault(value.block, set()).add(shown and shown.replace(microsecond=0))
    own = clock.replace(microsecond=0)
    stated = (each for each in _of(values, "taken_offset") if own in clocks.get(each.block, {own}))
    return list(dict.fromkeys(filter(None, map(_offset, stated))))


def _with_offset(clock: datetime, stated: timezone, gps: Sequence[datetime]) -> StatedTime:
    instant = clock.replace(tzinfo=stated).astimezone(UTC)
    other = next((each for each in gps if abs(instant - each) > SAME), None)
    if other is not None:
        basis = f"The file states the offset {stated}, but the GPS time ({format_instant(other)}) contradicts it."
        return _unknown_zone("camera clock", words(clock), clock, basis)
    minutes = SAME.seconds // 60
    beside = f"and the GPS time is the same to within {minutes} minutes" if gps else "and no GPS time stands beside it"
    return _point("camera clock", words(clock), instant, "B", f"The file states the offset {stated}, {beside}.")


def _without_offset(clock: datetime, gps: Sequence[datetime]) -> StatedTime:
    inferred = {inferred_offset(clock, each) for each in gps}
    offset = inferred.pop() if len(inferred) == 1 else None
    if offset is not None:
        zone = timezone(offset)
        basis = f"The file states no offset; the GPS time beside it fits {zone} to within {_RESIDUE.seconds} s."
        return _point("camera clock", words(clock), clock.replace(tzinfo=zone).astimezone(UTC), "C", basis)
    differ = " It states GPS times that lead to different ones." if inferred else ""
    basis = f"The file states no offset from UTC for this clock.{differ}"
    return _unknown_zone("camera clock", words(clock), clock, basis)


def _by_time_of_day(values: Sequence[Value], clock: datetime) -> StatedTime | None:
    """Infer the offset from a GPS time without a day, if only one zone there is explains it."""
    for each in _of(values, "gps_time_of_day"):
        try:
            gps = datetime.combine(clock.date(), time.fromisoformat(str(each.value)), UTC)
        except ValueError:
            continue
        days = (gps + timedelta(days=more) for more in (-1, 0, 1))
        offsets = {offset for day in days if (offset := inferred_offset(clock, day)) is not None}
        if len(offsets) == 1:
            zone = timezone(offsets.pop())
            basis = f"The file states no offset; the GPS time of day, without its day, fits {zone} and no other."
            return _point("camera clock", words(clock), clock.replace(tzinfo=zone).astimezone(UTC), "D", basis)
    return None


def _receiver(values: Sequence[Value]) -> Iterator[StatedTime]:
    for _, instant in _instants(values, "gps_time"):
        basis = "The clock of the GPS receiver is UTC. A fix may be older than the picture."
        yield _point("GPS receiver", f"GPS {words(instant)}", instant, "B", basis)


def _film(values: Sequence[Value]) -> Iterator[StatedTime]:
    zoned = [instant for _, instant in _instants(values, "metadata_time", "QuickTime")]
    for _, instant in _instants(values, "container_time"):
        near = [each for each in zoned if abs(each - instant) <= SAME]
        if near:
            basis = "A key of the film states a time with its offset, and the two lie within 10 minutes."
            yield _point("film header", words(instant), instant, "B", basis)
            continue
        basis = "The header means UTC by its specification, but some makers write local time."
        clock = instant.replace(tzinfo=None)
        yield _unknown_zone("film header", f"{words(clock)}, meant as UTC", clock, basis)


def _metadata(values: Sequence[Value]) -> Iterator[StatedTime]:
    for value, instant in _instants(values, "metadata_time"):
        if value.block == "QuickTime":
            text, basis = with_zone(value, instant), "A key of the film states the time with its offset."
            yield _point("metadata", text, instant, "B", basis)
        elif value.block == "name":
            basis = "The name gives an instant; anyone can rename a file."
            yield _point("file name", f"{words(instant)}{IN_NAME}", instant, "C", basis)
        else:
            basis = f"{value.block} states the time with its offset; a program may have written it later."
            yield _point("metadata", with_zone(value, instant), instant, "C", basis)


def _platform(values: Sequence[Value]) -> Iterator[StatedTime]:
    for value, instant in _instants(values, "platform_time"):
        text = uploaded(values, value, instant)
        if value.block == "address":
            yield _point("platform", text, instant, "A", "The platform's server put the time into the address.")
        else:
            basis = "A platform puts the time into such names; anyone can rename a file."
            yield _point("file name", text, instant, "C", basis)
    for value, instant in _instants(values, "server_time"):
        basis = "Servers of this kind put the time into the address; whoever runs one can write another."
        yield _point("platform", uploaded(values, value, instant), instant, "C", basis)


def _name(values: Sequence[Value]) -> Iterator[StatedTime]:
    for value in _of(values, "name_local"):
        clock = _clock(value)
        if clock is not None:
            length = timedelta(days=1) if "T" not in str(value.value) else timedelta()
            basis = "The name gives a clock without zone; anyone can rename a file."
            text = str(clock.date()) if length else words(clock)
            yield _unknown_zone("file name", f"{text}{IN_NAME}", clock, basis, length)


_KINDS: Sequence[Callable[[Sequence[Value]], Iterator[StatedTime]]] = (
    _camera, _receiver, _film, _metadata, _platform, _name,
)  # fmt: skip


# -- judgement --------------------------------------------------------------------------------------------------------


def _possible(
    stated: StatedTime, preserved: datetime | None, posted: datetime | None, launch: tuple[str, datetime] | None
) -> StatedTime:
    """Grade a time X that cannot be, and say why."""
    reasons = []
    if preserved is not None and stated.start > preserved + _SLACK:
        reasons.append("It lies after our own capture of the file.")
    if posted is not None and stated.start > posted + _SLACK:
        reasons.append("It lies after the post that shows the file.")
    if launch is not None and stated.kind in ("camera clock", "GPS receiver") and stated.end < launch[1]:
        reasons.append(f"The {launch[0]} was not sold before {launch[1].date()}.")
    return replace(stated, grade="X", basis=" ".join([*reasons, stated.basis])) if reasons else stated


def _capture(preserved: datetime) -> tuple[StatedTime, ...]:
    text = format_instant(preserved)
    basis = "Our own clock when the file was preserved; the ledger has its offset."
    return (StatedTime(kind="capture", text=text, start=preserved, end=preserved, grade="A", basis=basis),)


def _launch(values: Sequence[Value]) -> tuple[str, datetime] | None:
    """Return the model that the file names and the day before which it was not sold, where that is known."""
    make, model = (next((str(each.value).strip() for each in _of(values, fact)), "") for fact in _MAKE_AND_MODEL)
    day = _launches().get(make.casefold(), {}).get(model.casefold())
    # The first midnight of that day anywhere on earth.
    return None if day is None else (model, datetime(day.year, day.month, day.day, tzinfo=UTC) - FARTHEST_EAST)


_MAKE_AND_MODEL = ("camera_make", "camera_model")


@cache
def _launches() -> Mapping[str, Mapping[str, date]]:
    text = files("osint.media").joinpath("model_launches.toml").read_text(encoding="utf-8")
    makers = {maker: models for maker, models in tomllib.loads(text).items() if isinstance(models, dict)}
    return {
        maker.casefold(): {model.casefold(): day for model, day in models.items()} for maker, models in makers.items()
    }


# -- values -----------------------------------------------------------------------------------------------------------


def _of(values: Iterable[Value], fact: str) -> list[Value]:
    return [value for value in values if value.fact == fact]


def _instants(values: Iterable[Value], fact: str, block: str = "") -> Iterator[tuple[Value, datetime]]:
    for value in _of(values, fact):
        try:
            if not block or value.block == block:
                yield value, parse_instant(str(value.value))
        except ValueError:  # a reader of somebody else gave no instant; the value stands in the table
            continue


def _clock(value: Value) -> datetime | None:
    """Return a clock without zone; None when the text is none, or so early or late that no zone can be applied."""
    try:
        clock = datetime.fromisoformat(str(value.value)).replace(tzinfo=None)
    except ValueError:
        return None
    return clock if 1 < clock.year < 9999 else None


def _offset(value: Value) -> timezone | None:
    try:
        read = datetime.strptime(str(value.value), "%z").tzinfo
    except ValueError:
        return None
    return read if isinstance(read, timezone) else None


def _point(kind: str, text: str, instant: datetime, grade: Grade, basis: str) -> StatedTime:
    return StatedTime(kind=kind, text=text, start=instant, end=instant, grade=grade, basis=basis)


def _unknown_zone(kind: str, text: str, clock: datetime, basis: str, length: timedelta = timedelta()) -> StatedTime:
    start = clock.replace(tzinfo=UTC)
    return StatedTime(
        kind=kind,
        text=text,
        start=start - FARTHEST_EAST,
        end=start + length - FARTHEST_WEST,
        grade="D",
        basis=basis,
    )
