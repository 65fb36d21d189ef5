"""Media records as tables: one row for each file, or one row for each EXIF tag."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pandas as pd

from osint.media.examination import MediaRecord

COLUMNS = {
    "exhibit": "the exhibit that holds the file; the first one when several hold the same bytes",
    "same_bytes_in": "list of the further exhibits that hold the same bytes",
    "parts": "list of all exhibits that hold a part of the file, in order; empty when it came in one answer",
    "sha256": "SHA-256 of the file",
    "size": "length of the file in bytes",
    "media_type": "media type by the first bytes of the file",
    "served_type": "media type that the server stated",
    "url": "address the file came from",
    "posts": "list of the ids of the posts that show the file",
    "taken": "instant of capture by the camera's clock (UTC); only when the camera states its offset",
    "taken_local": "the camera's clock at capture, as it showed",
    "taken_offset": "the camera clock's offset from UTC, as the camera states it",
    "zone_known": "whether taken_local could be placed in UTC; no zone is ever guessed",
    "gps_time": "time of the GPS receiver (UTC)",
    "latitude": "degrees north (WGS 84), as the file states",
    "longitude": "degrees east (WGS 84), as the file states",
    "position_precision_m": "radius in metres that the written position can tell apart, or the receiver's stated error",
    "altitude_m": "metres above sea level, as the file states",
    "camera_make": "maker of the camera, as the file states",
    "camera_model": "model of the camera, as the file states",
    "software": "program that wrote the file, as the file states",
    "width": "pixels, as stored",
    "height": "pixels, as stored",
    "orientation": "how to turn the picture for display: the EXIF number, 1 to 8",
    "trailing_bytes": "bytes after the end of the picture",
    "exif": "all EXIF tags as a mapping from directory and name to text",
    "warnings": "list of what is unreadable, contradictory or unset, in sentences",
    "reader": "program and version that read the EXIF block",
    "isolation": "how the worker that parsed the file was limited",
}
TAG_COLUMNS = {
    "exhibit": "the exhibit that holds the file",
    "sha256": "SHA-256 of the file",
    "ifd": "the EXIF directory, as the reader names it",
    "tag_id": "the number of the tag",
    "name": "the name of the tag",
    "text": "its value as text, at most 2000 characters",
    "byte_start": "where the value lies in the file, counted from 0",
    "byte_length": "how many bytes the value takes",
    "reader": "program and version that read it",
}

_INSTANT = "datetime64[us, UTC]"
_TYPES = {
    **dict.fromkeys(COLUMNS | TAG_COLUMNS, "str"),
    **dict.fromkeys(("same_bytes_in", "parts", "posts", "exif", "warnings"), "object"),
    **dict.fromkeys(("taken", "gps_time"), _INSTANT),
    **dict.fromkeys(("latitude", "longitude", "position_precision_m", "altitude_m"), "float64"),
    **dict.fromkeys(("size", "byte_length", "tag_id"), "int64"),
    **dict.fromkeys(("width", "height", "orientation", "trailing_bytes", "byte_start"), "Int64"),
    "zone_known": "bool",
}


def frame(records: Iterable[MediaRecord]) -> pd.DataFrame:
    """Return one row for each file, ordered by exhibit. :data:`COLUMNS` says what the columns hold.

    Files with the same SHA-256 are one row: its posts are those of all of them, and ``same_bytes_in`` names the
    further exhibits.
    """
    same: defaultdict[str, list[MediaRecord]] = defaultdict(list)
    for record in sorted(records, key=lambda record: (record.exhibit, record.url or "")):
        same[record.facts.sha256].append(record)
    return _table([_row(group) for group in same.values()], COLUMNS)


def tags_frame(records: Iterable[MediaRecord]) -> pd.DataFrame:
    """Return one row for each EXIF tag, ordered by exhibit, directory and tag. See :data:`TAG_COLUMNS`."""
    rows = [
        {**vars(tag), "exhibit": record.exhibit, "sha256": record.facts.sha256, "reader": record.facts.reader}
        for record in sorted(records, key=lambda record: record.exhibit)
        for tag in record.facts.tags
    ]
    return _table(rows, TAG_COLUMNS)


def _row(group: list[MediaRecord]) -> dict[str, Any]:
    first = group[0]
    return {
        **{name: getattr(first.facts, name) for name in COLUMNS if hasattr(first.facts, name)},
        "exhibit": first.exhibit,
        "same_bytes_in": sorted({record.exhibit for record in group} - {first.exhibit}),
        "parts": list(first.parts),
        "url": first.url,
        "posts": sorted({post for record in group for post in record.posts}),
        "warnings": list(first.facts.warnings),
    }


def _table(rows: list[dict[str, Any]], columns: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=_TYPES[name]) for name in columns})
