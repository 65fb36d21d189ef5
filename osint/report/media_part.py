"""The files of a case in its report: of each what is disputed first, then its times, places, device, and who read it.

Nothing is weighed here. A reader of the report sees each value with its reader and its bytes, and can run it again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from osint import render
from osint.instants import format_instant
from osint.media.examination import MediaRecord
from osint.media.positions import by_point, extent
from osint.media.preserved import PreservedFiles
from osint.media.thumbnails import Thumbnail
from osint.media.value import Value
from osint.report.document import Block, Figure, Heading, Hidden, Section, Words, table
from osint.report.dossier import Dossier
from osint.store.store import SqliteStore
from osint.views.map import draw_map, places_table

MOST_FILES = 60
"""So many files are shown in full; pictures make a report heavy."""

MOST_VALUES = 40
"""So many values of each file stand in the report."""

_WIDEST = 200
_DIGITS, _DECIMALS = 16, 6
_DEVICE = ("camera_make", "camera_model", "camera_serial", "lens_make", "lens_model", "lens_serial", "software")
_COLUMNS = ("about", "value", "as it stands there", "where", "bytes", "read by", "readers", "remarks")
_TIMES = ("whose", "as stated", "earliest (UTC)", "latest (UTC)", "grade", "basis")
_POSITIONS = ("position", "how far off", "grade", "block", "read by", "basis")
_TRACES = ("platform", "what is seen", "rule")
_NOTE = (
    "A file states this about itself, and whoever holds it can write it. Grades: A the clock of a server, B a device "
    "that states its offset or a receiver its error, C inferred or written by a program, D zone or datum unknown or "
    "contradicted, X what cannot be. The words 'consistent with' name what a file looks like, not where it came from."
)


def files_in_full(dossier: Dossier) -> Iterator[Block]:
    """Yield the files that state anything, each on a sheet of its own, and a map of the positions."""
    told = [record for record in _once(dossier.files) if any(value.fact for value in record.values)]
    if not told:
        return
    files = PreservedFiles(dossier.ledger, dossier.blobs, SqliteStore(None))
    yield Section("What the files state")
    yield Words(_NOTE)
    places = places_table(dossier.tables["media"])
    if not places.empty:
        yield Figure(draw_map(places, f"Positions that files state: {dossier.name}"))
    for record in told[:MOST_FILES]:
        yield from _sheet(record, files.thumbnail(record))
    if (rest := len(told) - MOST_FILES) > 0:
        yield Words(
            f"{rest} more files state something; the media table lists them, and case.media_sheet() shows each."
        )


def _once(records: Iterable[MediaRecord]) -> list[MediaRecord]:
    """Return one record for each content, the first exhibit of it, in order."""
    first: dict[str, MediaRecord] = {}
    for record in records:
        first.setdefault(record.facts.sha256, record)
    return list(first.values())


def _sheet(record: MediaRecord, thumbnail: Thumbnail) -> Iterator[Block]:
    facts = [value for value in record.values if value.fact and value.group != "origin"]
    disputed = [value for value in facts if value.confidence == "conflict"]
    settled = [value for value in facts if value.confidence != "conflict"]
    device = _alike(value for value in settled if value.fact in _DEVICE)
    other = _alike(value for value in settled if value.fact not in _DEVICE)
    parts = (
        ("Readers disagree", _COLUMNS, (_value([value]) for value in disputed)),
        ("Times, none merged with another", _TIMES, _times(record)),
        ("Positions", _POSITIONS, _positions(record)),
        ("Device", _COLUMNS, map(_value, device)),
        ("Consistent with", _TRACES, _traces(record.values)),
        ("Further values", _COLUMNS, map(_value, other[:MOST_VALUES])),
    )
    yield Heading(f"Exhibit {record.exhibit}, SHA-256 {record.facts.sha256}")
    yield Hidden(thumbnail, record.exhibit)
    yield from _said(_read(thumbnail))
    for heading, columns, rows in parts:
        if made := list(rows):
            yield Heading(heading)
            yield table(made, columns)
    yield from _said(_left_out(record, len(other)))


def _said(text: str) -> Iterator[Block]:
    if text:
        yield Words(text)


def _times(record: MediaRecord) -> Iterator[tuple[str, ...]]:
    for each in record.times:
        start, end = format_instant(each.start), format_instant(each.end)
        yield each.kind, _short(each.text), start, end, each.grade, each.basis


def _positions(record: MediaRecord) -> Iterator[tuple[str, ...]]:
    for each in by_point(record.positions):
        point = f"{each.latitude:.6f}, {each.longitude:.6f}"
        yield point, extent(each.radius_m, each.error_m), each.grade, each.block, each.reader, " ".join(each.basis)


def _alike(values: Iterable[Value]) -> list[list[Value]]:
    """Return the values, those together that several readers give alike for one fact in one block."""
    together: defaultdict[tuple[object, ...], list[Value]] = defaultdict(list)
    for number, value in enumerate(values):
        plain = round(value.value, _DECIMALS) if isinstance(value.value, float) else value.value
        alone = None if value.confidence == "agreed" else number
        together[alone, value.fact, value.block, plain].append(value)
    return list(together.values())


def _traces(values: Iterable[Value]) -> Iterator[tuple[str, ...]]:
    for value in values:
        if value.group == "origin" and value.fact == "platform_mark":
            yield str(value.value or ""), _short(value.text), " ".join(value.warnings)


def _value(alike: Sequence[Value]) -> tuple[str, ...]:
    """Return one value with where it stands and who read it: as the first spells it who cites its bytes."""
    value = next((each for each in alike if each.byte_start is not None), alike[0])
    known = "" if value.value is None else f"{value.value} {value.unit or ''}".strip()
    where = " ".join(filter(None, (value.block, value.group, value.name, value.tag_id)))
    remarks = [*([value.status] if value.status != "read" else []), *value.warnings]
    return (
        (value.fact or "").replace("_", " "),
        _short(known),
        _short(value.text),
        _short(where),
        _bytes(value),
        ", ".join(dict.fromkeys(each.reader for each in alike)),
        value.confidence,
        " ".join(remarks),
    )


def _bytes(value: Value) -> str:
    if value.byte_start is None:
        return ""
    digest = f", SHA-256 {value.bytes_sha256[:_DIGITS]}…" if value.bytes_sha256 else ""
    return f"{value.byte_start}-{value.byte_start + (value.byte_length or 0)}{digest}"


def _read(thumbnail: Thumbnail) -> str:
    made = thumbnail.derivation
    if made is None or not thumbnail.jpeg:
        return ""
    libraries = ", ".join(f"{name} {version}" for name, version in sorted(made.libraries.items()))
    program = f"{made.tool} {made.version} with {libraries}; {made.isolation}"
    return f"The small picture, SHA-256 {thumbnail.sha256}, was made for this page by {program}."


def _left_out(record: MediaRecord, other: int) -> str:
    left = len([value for value in record.values if not value.fact]) + max(other - MOST_VALUES, 0)
    where = "in tables/media_values.csv of a package, and on case.media_sheet()"
    return f"{left} further values are {where}." if left else ""


def _short(text: str) -> str:
    return render.shorten(text, _WIDEST)
