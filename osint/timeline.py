"""Posts and media on one axis of time, with their uncertainty.

A time is drawn as a point only where its zone is known. A camera clock without a zone is an interval: whatever the
zone was, the instant lies between its reading taken as UTC+14 and its reading taken as UTC-12.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pandas as pd

from osint.instants import parse_instant
from osint.media.times import SAME
from osint.render import shorten

KINDS = ("post", "camera clock", "GPS receiver", "film header", "metadata", "platform", "file name", "capture")
GRADES = ("A", "B", "C", "D", "X")
COLUMNS = {
    "start": "first instant at which the event can have happened (UTC)",
    "end": "last instant at which it can have happened (UTC); the same as start where the instant is known",
    "kind": "whose clock: post, camera clock, GPS receiver, film header, metadata, platform, file name, or capture",
    "stated": "the time as it stands there, with the zone only where one stands there",
    "grade": "A a server's clock; B a device that states its offset; C inferred, or a person or program wrote it; "
    "D zone unknown; X it cannot be",
    "basis": "what states the time, and what speaks for or against it",
    "actor": "node key of the account that published it; several are joined with a comma",
    "text": "the start of the post, or the camera as the file states it",
    "exhibit": "the exhibit that holds it",
    "source_id": "id of the post, or SHA-256 of the file",
}

_LAST = datetime.max.replace(tzinfo=UTC)
_EARLIEST, _LATEST = timedelta(hours=-14), timedelta(hours=12)
_LONGEST_TEXT = 120
_POST_GRADES = {"platform": "A", "id": "A"}  # else a person or a page states it


def event_timeline(posts: pd.DataFrame, media: pd.DataFrame | None = None, *, captures: bool = False) -> pd.DataFrame:
    """Return one row for each time that a post or a file states, ordered by start. :data:`COLUMNS` has the columns.

    A camera clock with its offset is an instant. One without is the interval [clock - 14:00, clock + 12:00] in UTC,
    which holds every zone there is. A file has a row for each of its clocks, since none of them is merged with another.

    Args:
        posts: Posts, with the columns of ``activity.Post``.
        media: Files, with the columns of ``media.table.frame``. Their actors are the authors of the posts that show
            them, own posts before those passed on, then by time. Where it has a column ``times``, with a list for each
            file of ``kind``, ``text``, ``start``, ``end``, ``grade`` and ``basis`` as of
            :class:`osint.media.times.StatedTime`, these are its times; without, or where the list is empty, those of
            the columns ``taken``, ``taken_local`` and ``gps_time`` are.
        captures: Whether our own captures of the files are events too.

    Returns:
        The table; ``attrs["undated"]`` counts the posts and files that state no time and so have no row.
    """
    dated = list(_post_events(posts))
    undated = len(posts) - len(dated)
    if media is not None:
        authors = _authors(posts)
        for row in _rows(media):
            events = [each for each in _media_events(row, authors) if captures or each["kind"] != "capture"]
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
            grade = _POST_GRADES.get(row["published_basis"], "C")
            stated = {"stated": _known(row.get("published_raw")), "grade": grade, "basis": row["published_basis"]}
            about = {**stated, "actor": actor, "text": text, "source_id": row["id"]}
            yield _event("post", row["published"], row["published"], row["exhibit"], about)


def _media_events(row: dict[str, Any], authors: dict[str, str]) -> Iterator[dict[str, Any]]:
    shown_in = set(row["posts"])
    actors = list(dict.fromkeys(author for post, author in authors.items() if post in shown_in))
    camera = " ".join(filter(None, (_known(row["camera_make"]), _known(row["camera_model"]))))
    about = {"actor": ", ".join(actors) or None, "text": camera or row["media_type"], "source_id": row["sha256"]}
    listed = row.get("times")
    times = listed if isinstance(listed, Sequence) else []
    yield from _stated_times(times, row, about)
    if all(each["kind"] == "capture" for each in times):
        yield from _column_times(row, about)


def _stated_times(
    times: Sequence[Mapping[str, Any]], row: Mapping[str, Any], about: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    for each in times:
        stated = {"stated": each["text"], "grade": each["grade"], "basis": each["basis"]}
        start, end = parse_instant(each["start"]), parse_instant(each["end"])
        yield _event(each["kind"], start, end, row["exhibit"], {**about, **stated})


def _column_times(row: Mapping[str, Any], about: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the two times that have columns of their own, where there is no list of all."""
    taken, gps = row["taken"], row["gps_time"]
    bounds = _bounds(_known(row["taken_local"]))
    spelt = "".join(filter(None, map(_known, (row["taken_local"], row["taken_offset"]))))
    shown = {**about, "stated": spelt or None}
    contradicted = bool(bounds) and pd.notna(taken) and pd.notna(gps) and abs(taken - gps) > SAME
    if pd.notna(taken) and not contradicted:
        known = {**shown, "grade": "B", "basis": "camera clock with its offset"}
        yield _event("camera clock", taken, taken, row["exhibit"], known)
    elif bounds:
        why = "its offset contradicts the GPS time" if contradicted else "zone unknown"
        unknown = {**shown, "grade": "D", "basis": f"camera clock, {why}"}
        yield _event("camera clock", *bounds, row["exhibit"], unknown)
    if pd.notna(gps):
        receiver = {**about, "stated": None, "grade": "B", "basis": "GPS receiver"}
        yield _event("GPS receiver", gps, gps, row["exhibit"], receiver)


def _event(kind: str, start: datetime, end: datetime, exhibit: str, about: dict[str, Any]) -> dict[str, Any]:
    short = {name: shorten(about[name], _LONGEST_TEXT) for name in ("text", "stated") if about[name] is not None}
    return {"start": start, "end": end, "kind": kind, "exhibit": exhibit, **about, **short}


def _bounds(local: str | None) -> tuple[datetime, datetime] | None:
    try:
        clock = datetime.fromisoformat(local or "").replace(tzinfo=UTC)
        return clock + _EARLIEST, clock + _LATEST
    except (ValueError, OverflowError):
        return None


def _known(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
