"""All that one file states, on one sheet: what is contradictory first, and for each value who read it and from where.

A value is never weighed here. What readers disagree on is marked, and both stand there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, Self

import pandas as pd

from osint import render
from osint.instants import format_instant
from osint.media import derivation
from osint.media.examination import MediaRecord
from osint.media.positions import extent
from osint.media.preserved import PreservedFiles
from osint.media.table import frame
from osint.media.thumbnails import Thumbnail
from osint.media.value import Value
from osint.timeline import event_timeline
from osint.views.document import document
from osint.views.timeline import timeline_svg
from osint.views.veiled import no_picture, veiled
from osint.views.written import write_whole

_MOST_VALUES, _MOST_VALUES_OF_A_PAGE = 400, 20_000
_DIGITS = 16
_WIDEST, _WIDEST_IN_TEXT = 500, 60
_LONGEST_WORD = 28
_HASH = "bytes SHA-256"
_VALUES = (
    "confidence", "group", "name", "tag", "text", "fact", "value", "bytes", _HASH, "status", "reader", "remarks",
)  # fmt: skip
_TIMES = ("whose", "as stated", "earliest", "latest", "grade", "basis")
_POSITIONS = ("block", "reader", "latitude", "longitude", "how far off", "grade", "basis")
_TRACES = ("consistent with", "what is seen", "says", "rule")
_DERIVATIONS = ("program", "state", "started", "isolation", "settings SHA-256", "output SHA-256")
_STRUCTURE = "container"
_NOTE = "What a file states about itself may be wrong, and whoever holds it can write it."


class _Part(NamedTuple):
    """A table of the sheet with its heading, and a line about it."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class MediaSheet:
    """One file; :meth:`save` writes it as a page that prints well.

    Attributes:
        record: What the file states, and where it came from.
        thumbnail: The small picture of it, if any.
        derivations: How its values were read, as ``derivation.to_json`` has it.
    """

    record: MediaRecord = field(repr=False)
    thumbnail: Thumbnail | None = field(default=None, repr=False)
    derivations: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, files: PreservedFiles, exhibit: str) -> Self:
        """Return the sheet of the file in an exhibit of a case.

        Raises:
            CaseError: It holds no file that was examined.
        """
        record = files.record(exhibit)
        thumbnail, read = files.thumbnail(record), files.derivations(record.exhibit)
        drawn = [derivation.without_output(thumbnail.derivation)] if thumbnail.derivation else []
        return cls(record=record, thumbnail=thumbnail, derivations=(*read, *drawn))

    @property
    def title(self) -> str:
        """What the sheet is about."""
        return f"Exhibit {self.record.exhibit}: what the file states"

    @property
    def facts(self) -> dict[str, str]:
        """The identity of the file, and where it came from."""
        record, facts = self.record, self.record.facts
        sides = f"{facts.width} × {facts.height} px as stored" if facts.width and facts.height else ""
        told = {
            "exhibit": record.exhibit,
            "parts": ", ".join(record.parts),
            "name": record.name or "",
            "SHA-256": facts.sha256,
            "size": f"{facts.size:,} bytes",
            "type": f"{facts.media_type} by its first bytes",
            "served as": facts.served_type or "",
            "picture": sides,
            "after its end": f"{facts.trailing_bytes:,} bytes" if facts.trailing_bytes else "",
            "address": record.url or "",
            "posts": ", ".join(record.posts),
            "first posted": format_instant(record.posted) if record.posted else "",
            "preserved": format_instant(record.preserved) if record.preserved else "",
            "isolation": facts.isolation,
            "small picture": f"SHA-256 {self.thumbnail.sha256}" if self.thumbnail and self.thumbnail.jpeg else "",
        }
        return {name: render.shorten(text, _WIDEST) for name, text in told.items() if text}

    @property
    def markup(self) -> str:
        """The sheet as HTML, to be put into a report."""
        return self._markup(_MOST_VALUES_OF_A_PAGE)

    def save(self, path: str | Path) -> Path:
        """Write it as one HTML file that runs nothing and asks nobody; returns the path.

        Raises:
            ExportError: It cannot be written.
        """
        return write_whole(Path(path), document(self.title, self.markup))

    def __str__(self) -> str:
        lines = [self.title, _NOTE, "", *(f"{name}: {text}" for name, text in self.facts.items())]
        if self.thumbnail is None or not self.thumbnail.jpeg:
            lines.append(no_picture(self.thumbnail))
        lines += ["", "Warnings", *(self.record.facts.warnings or ["none"])]
        for part in self._parts(_MOST_VALUES):
            rows = [[render.shorten(cell, _WIDEST_IN_TEXT) for cell in row] for row in part.rows]
            lines += ["", part.heading, render.columns([part.columns, *rows]) if rows else "none"]
            lines += [part.note] if part.note else []
        return render.visible_lines("\n".join(lines))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.bundle(str(self), self._markup(_MOST_VALUES))

    __repr__ = __str__

    def _markup(self, most: int) -> str:
        warnings = self.record.facts.warnings or ("none",)
        return "".join(
            [
                render.heading(self.title),
                render.paragraph(_NOTE),
                render.facts(self.facts),
                veiled(self.thumbnail, self.record.exhibit),
                render.heading("Warnings"),
                *(render.paragraph(render.shorten(each, 2 * _WIDEST)) for each in warnings),
                self._drawn_times(),
                *map(_section, self._parts(most)),
            ]
        )

    def _drawn_times(self) -> str:
        """Return all times on one axis: a point is an instant, a bar an interval."""
        if not self.record.times:
            return ""
        events = event_timeline(pd.DataFrame(), frame([self.record]), captures=True)
        title = f"Times that the file of {self.record.exhibit} states"
        return render.image(timeline_svg(events, title), "image/svg+xml", f"{title}; the table below lists them")

    def _parts(self, most: int) -> Iterator[_Part]:
        values = self.record.values
        read = [value for value in values if value.group != "origin" and value.block != _STRUCTURE]
        conflicts = [value for value in read if value.confidence == "conflict"]
        yield _Part("Readers disagree", _VALUES, list(map(_value, conflicts)), "" if conflicts else _NO_CONFLICT)
        yield _Part("Times, none merged with another", _TIMES, list(self._times()))
        yield _Part("Positions", _POSITIONS, list(self._positions()))
        yield _Part("Consistent with platforms", _TRACES, list(_traces(values)))
        yield _Part("Outer structure", _VALUES, [_value(each) for each in values if each.block == _STRUCTURE][:most])
        left = most
        for block, group in groupby(sorted(read, key=lambda value: value.block), key=lambda value: value.block):
            rows = list(map(_value, group))
            yield _Part(f"Values: {block}", _VALUES, rows[:left], _cut(len(rows), left))
            left = max(left - len(rows), 0)
        yield _Part("How it was read", _DERIVATIONS, list(map(_derivation, self.derivations)))

    def _times(self) -> Iterator[tuple[str, ...]]:
        for each in self.record.times:
            yield each.kind, each.text, format_instant(each.start), format_instant(each.end), each.grade, each.basis

    def _positions(self) -> Iterator[tuple[str, ...]]:
        for each in self.record.positions:
            point = f"{each.latitude:.6f}", f"{each.longitude:.6f}"
            yield each.block, each.reader, *point, extent(each.radius_m, each.error_m), each.grade, " ".join(each.basis)


_NO_CONFLICT = "No two readers gave different values for one fact. Where only one reader looked, nothing was compared."


def _cut(rows: int, left: int) -> str:
    if rows <= left:
        return ""
    return (
        f"{rows - left} of {rows} are not shown here; save() writes a page with all, and case.media_values() has them."
    )


def _value(value: Value) -> tuple[str, ...]:
    place = "" if value.byte_start is None else f"{value.byte_start}-{value.byte_start + (value.byte_length or 0)}"
    known = "" if value.value is None else f"{value.value} {value.unit or ''}".strip()
    return (
        "CONFLICT" if value.confidence == "conflict" else value.confidence,
        value.group,
        value.name,
        f"{value.tag_id} {value.form}".strip(),
        render.shorten(value.text, _WIDEST),
        value.fact or "",
        render.shorten(known, _WIDEST),
        place,
        value.bytes_sha256 or "",
        value.status,
        value.reader,
        " ".join(value.warnings),
    )


def _traces(values: Iterable[Value]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each rule that fits, with the day on which it was last seen to hold."""
    for value in values:
        if value.group == "origin" and value.fact == "platform_mark":
            says, *seen = value.warnings or ("",)
            yield str(value.value or ""), render.shorten(value.text, _WIDEST), says, " ".join(seen) or value.name


def _derivation(one: Mapping[str, Any]) -> tuple[str, ...]:
    program = " ".join(map(str, [one["tool"], one["version"], *one["arguments"]]))
    state = f"{one['state']}: {one['detail']}" if one["detail"] else str(one["state"])
    hashes = str(one["settings_sha256"]), str(one["output_sha256"] or "")
    return program, state, str(one["start"]), str(one["isolation"]), *hashes


def _section(part: _Part) -> str:
    heading = render.heading(part.heading)
    note = render.paragraph(part.note) if part.note else ""
    if not part.rows:
        return heading + (note or render.paragraph("none"))
    hashes = {place for place, name in enumerate(part.columns) if name.endswith("SHA-256")}
    head = "".join(f'<th style="{_CELL}">{render.escape(name)}</th>' for name in part.columns)
    body = "".join(f"<tr>{''.join(_cells(row, hashes))}</tr>" for row in part.rows)
    return f"{heading}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


_CELL = "text-align:left;vertical-align:top;padding:2px 8px"
_MARKED = f"{_CELL};background-color:#ffe3e0;color:#1b1f24;font-weight:bold"


def _cells(row: Sequence[str], hashes: set[int]) -> Iterator[str]:
    for place, cell in enumerate(row):
        style = _MARKED if cell == "CONFLICT" else _CELL
        if place in hashes and cell:
            yield f'<td style="{style}" title="{render.escape(cell)}">{render.escape(cell[:_DIGITS])}…</td>'
            continue
        if max(map(len, render.visible(cell).split()), default=0) > _LONGEST_WORD:
            style += ";overflow-wrap:anywhere;min-width:12em"  # words are broken only where one would not fit a page
        elif len(cell) <= _LONGEST_WORD:
            style += ";white-space:nowrap"  # a browser breaks after the hyphens of a date
        yield f'<td style="{style}">{render.escape(cell)}</td>'
