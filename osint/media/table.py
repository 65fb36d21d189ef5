"""Media records as tables: one row for each file, or one row for each value that it states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import pandas as pd

from osint.instants import format_instant
from osint.media.examination import MediaRecord
from osint.media.identity import extension_agrees
from osint.media.links import StatedBy, links
from osint.render import shorten

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
    "taken_earliest": "first instant that the camera's clock can mean (UTC)",
    "taken_latest": "last instant that it can mean (UTC); the same where the instant is known",
    "taken_grade": "how far that can be trusted: B, C, D, or X for what cannot be (see Times)",
    "zone_known": "whether taken_local could be placed in UTC; no zone is ever guessed",
    "gps_time": "time of the GPS receiver (UTC)",
    "latitude": "degrees north (WGS 84), as the file states",
    "longitude": "degrees east (WGS 84), as the file states",
    "position_precision_m": "radius in metres that the written position can tell apart, or the stated error if larger",
    "position_error_m": "how far off the position is by the file's own word, in metres; empty where it states nothing",
    "position_grade": "how far the position can be used: B, C, D, or X for what is none (see Positions)",
    "position_source": "the block of the file that states it, EXIF, QuickTime or XMP",
    "altitude_m": "metres above sea level, as the file states",
    "camera_make": "maker of the camera, as the file states",
    "camera_model": "model of the camera, as the file states",
    "software": "program that wrote the file, as the file states",
    "width": "pixels, as stored",
    "height": "pixels, as stored",
    "orientation": "how to turn the picture for display: the EXIF number, 1 to 8",
    "trailing_bytes": "bytes after the end of the picture",
    "times": "list of all times that the file, its name and its address state: kind, text, start, end, grade, basis",
    "positions": "list of all positions that it states: block, latitude, longitude, radius_m, error_m, grade, basis",
    "exif": "all EXIF tags as a mapping from directory and name to text",
    "warnings": "list of what is unreadable, contradictory or unset, in sentences",
    "reader": "program and version that read the EXIF block",
    "isolation": "how the worker that parsed the file was limited",
}
VALUE_COLUMNS = {
    "exhibit": "the exhibit that holds the file",
    "sha256": "SHA-256 of the file",
    "block": "the kind of metadata: EXIF, MakerNote, XMP, IPTC, ICC, QuickTime, C2PA, container, pixels, name, address",
    "group": "the part of that: the EXIF directory, the XMP prefix, the box",
    "name": "the name of the field there",
    "tag_id": "its number or code there",
    "form": "the type and the number of its parts there, `RATIONAL × 3`; empty where a block knows no types",
    "fact": "what it is about, in words that all readers share (osint.media.value.FACTS)",
    "value": "the value in the form of its fact, to be compared between readers",
    "unit": "the unit of the value",
    "text": "what stands there, as the reader prints it, at most 2000 characters",
    "byte_start": "where its bytes lie in the file, counted from 0; empty when they lie in no one place",
    "byte_length": "how many bytes it takes",
    "bytes_sha256": "SHA-256 of these bytes",
    "reader": "program and version that read it",
    "status": "read, unset, impossible or unreadable",
    "confidence": "whether independent readers gave the same: agreed, one reader, or conflict",
    "warnings": "list of what speaks against it, in sentences",
}

LINK_COLUMNS = {
    "kind": "what they share: camera, lens, document, derivation, live photo or image id",
    "key": "what it is, as it is compared",
    "linked": "whether it links them; where it does not, the sentence says why",
    "strength": "strong or medium; a lead for a person to look at in either case",
    "exhibits": "list of the exhibits that state it; of a derivation the source first",
    "files": "list of the SHA-256 of the files",
    "readers": "list of the programs that read it",
    "sentence": "what the link rests on, or why there is none",
}

_OF_A_VALUE = [name for name in VALUE_COLUMNS if name not in ("exhibit", "sha256")]
_INSTANT = "datetime64[us, UTC]"
_TYPES = {
    **dict.fromkeys(COLUMNS | VALUE_COLUMNS | LINK_COLUMNS, "str"),
    **dict.fromkeys(("same_bytes_in", "parts", "posts", "exif", "times", "positions", "warnings", "value"), "object"),
    **dict.fromkeys(("taken", "taken_earliest", "taken_latest", "gps_time"), _INSTANT),
    **dict.fromkeys(("latitude", "longitude", "position_precision_m", "position_error_m", "altitude_m"), "float64"),
    **dict.fromkeys(("width", "height", "orientation", "trailing_bytes", "byte_start", "byte_length"), "Int64"),
    **dict.fromkeys(("exhibits", "files", "readers"), "object"),
    "size": "int64",
    **dict.fromkeys(("zone_known", "linked"), "bool"),
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


def values_frame(records: Iterable[MediaRecord]) -> pd.DataFrame:
    """Return one row for each value, by exhibit and in the order in which the readers found them.

    :data:`VALUE_COLUMNS` says what the columns hold.
    """
    rows = [
        {name: getattr(value, name) for name in _OF_A_VALUE}
        | {"exhibit": record.exhibit, "sha256": record.facts.sha256, "warnings": list(value.warnings)}
        for record in sorted(records, key=lambda record: record.exhibit)
        for value in record.values
    ]
    return _table(rows, VALUE_COLUMNS)


def links_frame(records: Iterable[MediaRecord], authors: Mapping[str, str]) -> pd.DataFrame:
    """Return one row for what files share, whether it links them or not. :data:`LINK_COLUMNS` has the columns.

    Args:
        records: The files.
        authors: The account that published each post, by the id of the post.
    """
    exhibits: defaultdict[str, list[str]] = defaultdict(list)
    stated: dict[str, StatedBy] = {}
    for record in sorted(records, key=lambda record: record.exhibit):
        sha256 = record.facts.sha256
        exhibits[sha256].append(record.exhibit)
        before = stated[sha256].accounts if sha256 in stated else frozenset[str]()
        shown_by = frozenset(authors[post] for post in record.posts if post in authors)
        stated[sha256] = StatedBy(sha256, record.values, before | shown_by)
    found, refused = links(stated.values())
    rows = [{**vars(link), "linked": True, "readers": list(link.readers)} for link in found]
    rows += [
        {**vars(other), "linked": False, "strength": None, "readers": [], "sentence": other.reason} for other in refused
    ]
    for row in rows:
        row["exhibits"] = [exhibit for sha256 in row["files"] for exhibit in exhibits[sha256]]
        row["files"] = list(row["files"])
    return _table(rows, LINK_COLUMNS)


def camera_name(make: Any, model: Any) -> str:
    """Return maker and model in words; some makers begin the model with their own name."""
    named = [str(each) for each in (make, model) if not pd.isna(each)]
    return named[-1] if len(named) > 1 and named[1].casefold().startswith(named[0].casefold()) else " ".join(named)


def _row(group: list[MediaRecord]) -> dict[str, Any]:
    first = group[0]
    return {
        **{name: getattr(first.facts, name) for name in COLUMNS if hasattr(first.facts, name)},
        **_clock(first),
        **_place(first),
        "exhibit": first.exhibit,
        "same_bytes_in": sorted({record.exhibit for record in group} - {first.exhibit}),
        "parts": list(first.parts),
        "url": first.url,
        "posts": sorted({post for record in group for post in record.posts}),
        "warnings": [*first.facts.warnings, *_other_names(group)],
    }


def _other_names(group: list[MediaRecord]) -> Iterator[str]:
    """Yield what contradicts the bytes of a file: the ends of the names that its addresses and its owners give it."""
    media_type = group[0].facts.media_type
    named = (record.name or unquote(urlsplit(record.url or "").path).rpartition("/")[2] for record in group)
    for name in dict.fromkeys(named):
        if not extension_agrees(name, media_type):
            yield f"It is named {shorten(name, 80)}; its first bytes are those of {media_type}."


def _clock(record: MediaRecord) -> dict[str, Any]:
    """Return what the record says of the camera's clock, and all times beside it."""
    clock = next((time for time in record.times if time.kind == "camera clock"), None)
    return {
        "taken_earliest": clock.start if clock else None,
        "taken_latest": clock.end if clock else None,
        "taken_grade": clock.grade if clock else None,
        "times": [
            {**vars(time), "start": format_instant(time.start), "end": format_instant(time.end)}
            for time in record.times
        ],
    }


def _place(record: MediaRecord) -> dict[str, Any]:
    """Return the grade of the position that the row shows, and all positions beside it."""
    point = record.facts.latitude, record.facts.longitude
    shown = next((each for each in record.positions if (each.latitude, each.longitude) == point), None)
    return {
        "position_grade": shown.grade if shown else None,
        "position_source": shown.block if shown else None,
        "position_error_m": shown.error_m if shown else None,
        "positions": [{**vars(each), "basis": list(each.basis)} for each in record.positions],
    }


def _table(rows: list[dict[str, Any]], columns: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=_TYPES[name]) for name in columns})
