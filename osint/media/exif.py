"""EXIF tags by exifread, with the place of each value in the file, and beside it by the survey of this package.

exifread is asked first. Where it is silent, the survey answers; where a tag ties a picture to a camera, a time or a
place, the survey answers too, so that two readers can agree or differ. MakerNotes stay closed here; see ``makernote``.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from osint.media import tiff, tiff_values
from osint.media.blocks import Block, Reading
from osint.media.exif_facts import ASKED_TWICE, RULES, Fact, Key, Rule, Tags, position_step
from osint.media.exif_names import tag_name
from osint.media.exif_reader import READER, ExifreadTags, collected_warnings, printed, tags_of
from osint.media.tiff import Entry, Survey
from osint.media.value import Value, made_of

SURVEY_READER = "osint tiff"

_ROOTS = {"CMT2": "EXIF", "CMT3": "MakerNote", "CMT4": "GPS"}  # CR3 keeps these directories in blocks of their own
_UNREADABLE = Fact(
    None,
    status="unreadable",
    warnings=("Its value would lie outside the block, or claims bytes that other tags hold.",),
)


class _Row(NamedTuple):
    """An entry, its directory and number, and what exifread made of it: None where it is silent."""

    entry: Entry
    key: Key
    found: Any


@dataclass(frozen=True)
class Exif:
    """The tags of one EXIF block, by directory and number, and what was wrong with it."""

    block: Block | None = None
    survey: Survey = field(default_factory=lambda: Survey(b""))
    rows: tuple[_Row, ...] = ()
    problems: tuple[str, ...] = ()

    @cached_property
    def tags(self) -> Mapping[Key, _Row]:
        """The tags that can be read, by directory and number; where one stands twice in a directory, the last."""
        return {row.key: row for row in self.rows if row.entry.fits}

    def text(self, ifd: str, tag_id: int) -> str | None:
        """Return the value as text without the blanks around it; None when absent or blank."""
        row = self.tags.get((ifd, tag_id))
        return (self._text(row).strip(" \0\t\r\n") or None) if row else None

    def integer(self, ifd: str, tag_id: int) -> int | None:
        """Return an unsigned number of at most four bytes, or None when absent or of another size."""
        return self._own.integer(ifd, tag_id)

    def rationals(self, ifd: str, tag_id: int) -> tuple[tuple[int, int], ...]:
        """Return rationals as written, not reduced; empty when absent or of another type."""
        return self._own.rationals(ifd, tag_id)

    def signed(self, ifd: str, tag_id: int) -> bool:
        """Say whether these are signed rationals."""
        return self._own.signed(ifd, tag_id)

    def fact(self, ifd: str, tag_id: int) -> Fact | None:
        """Return what a tag states by the rule of all readers; None when it is absent, or states nothing."""
        key = (ifd, tag_id)
        return RULES[key](self, key) if key in self.tags else None

    @cached_property
    def reading(self) -> Reading:
        """All tags as values, with the facts that they state."""
        return Reading(values=tuple(self._values()), problems=self.problems)

    @cached_property
    def _own(self) -> _Surveyed:
        return _Surveyed(self.survey, {row.key: row.entry for row in self.rows if row.entry.fits})

    @cached_property
    def _exifread(self) -> ExifreadTags:
        return ExifreadTags({row.key: row.found for row in self.rows if row.found is not None})

    def _text(self, row: _Row) -> str:
        return self._own.written(row.entry) if row.found is None else printed(row.found)

    def _values(self) -> Iterator[Value]:
        block, content, own = self.block, self.survey.block, self._own
        for row in self.rows:
            entry, key, found = row
            named = _named(*key, entry.type, entry.count)
            if not entry.fits:
                yield _value(named, "", SURVEY_READER, _UNREADABLE)
                continue
            cited = block.cite(content, entry.start, entry.size) if block is not None else {}
            rule = RULES.get(key)
            if rule is not None:
                yield from self._stated(row, rule, {**named, **cited})
                continue
            text, reader = (own.written(entry), SURVEY_READER) if found is None else (printed(found), READER)
            fields = {**named, **cited, "text": text, "reader": reader}
            if not text.strip(" \0"):
                fields["status"] = "unset"
            yield made_of(fields)

    def _stated(self, row: _Row, rule: Rule, named: Mapping[str, Any]) -> Iterator[Value]:
        """Yield what a tag states by exifread, and by our own survey where that is asked as well."""
        entry, key, found = row
        ours = self._own.having(key, entry)
        own = rule(ours, key)
        if found is not None:
            theirs = self._exifread.having(key, found)
            yield _value(named, printed(found), READER, rule(theirs, key))
        if found is None or (own and own.fact in ASKED_TWICE):
            text = ours.written(entry)
            yield _value(named, text, SURVEY_READER, own)
            if step := position_step(ours, key):  # exifread reduces fractions, and their spelling is lost
                yield _value(named, text, SURVEY_READER, step)


@lru_cache(4096)
def _named(group: str, tag: int, kind: int, count: int) -> dict[str, Any]:
    """Return what all values of such a tag have in common, as fields; not to be changed."""
    form = f"{tiff.TYPE_NAMES.get(kind, f'type {kind}')} × {count}"
    return {"block": "EXIF", "group": group, "name": tag_name(group, tag), "tag_id": f"0x{tag:04X}", "form": form}


def _value(named: Mapping[str, Any], text: str, reader: str, fact: Fact | None) -> Value:
    fields = {**named, "text": text, "reader": reader}
    if fact is not None:
        fields["fact"], fields["value"], fields["unit"], fields["status"], fields["warnings"] = fact
    elif not text.strip(" \0"):
        fields["status"] = "unset"
    return made_of(fields)


class _Surveyed(Tags):
    """The tags as the survey of this package reads them."""

    def __init__(self, survey: Survey, entries: MutableMapping[Key, Entry]) -> None:
        self.survey, self.entries = survey, entries
        self._written: dict[int, str] = {}

    def written(self, entry: Entry) -> str:
        """Return the value of an entry as text; asked again, the same."""
        found = self._written.get(entry.at)
        if found is None:
            found = self._written[entry.at] = tiff_values.text(self.survey, entry)
        return found

    def having(self, key: Key, entry: Entry) -> _Surveyed:
        """Return these tags with this one where the same stands again in its directory."""
        same = self.entries.get(key) is entry
        return self if same else _Surveyed(self.survey, ChainMap({key: entry}, self.entries))

    def text(self, group: str, tag: int) -> str | None:
        entry = self.entries.get((group, tag))
        return (self.written(entry).strip(" \0\t\r\n") or None) if entry else None

    def integer(self, group: str, tag: int) -> int | None:
        entry = self.entries.get((group, tag))
        if entry is None or entry.size not in (1, 2, 4):
            return None
        return tiff.number(self.survey, entry.start, entry.size)

    def rationals(self, group: str, tag: int) -> tuple[tuple[int, int], ...]:
        entry = self.entries.get((group, tag))
        return tiff_values.rationals(self.survey, entry) if entry else ()

    def signed(self, group: str, tag: int) -> bool:
        entry = self.entries.get((group, tag))
        return entry is not None and entry.type == tiff.SIGNED_RATIONAL


def read_exif(data: bytes, block: Block) -> Reading:
    """Read the EXIF tags of a block as values; what is wrong comes back as problems."""
    return open_exif(data, block).reading


def open_exif(data: bytes, block: Block) -> Exif:
    """Read the EXIF tags of a block, to be asked one by one or taken as a ``reading``."""
    root = _ROOTS.get(block.where.rpartition("/")[2], "Image")
    survey = tiff.survey(block.read(data), root)
    if survey.refused:
        return Exif(problems=(f"The EXIF block was not read: {survey.refused}.",))
    with collected_warnings() as warnings:
        found = tags_of(survey, warnings) if root != "MakerNote" else {}
    keys = [(each.group, each.tag) for each in survey.entries]
    theirs = [found.get((each.tag, each.start)) for each in survey.entries]
    return Exif(block, survey, tuple(map(_Row, survey.entries, keys, theirs)), (*survey.problems, *warnings))
