"""IPTC-IIM: the data sets that agencies, editors and some platforms write into pictures.

Source: IPTC-NAA Information Interchange Model, version 4.2 (2014), sections 1.5 (data sets), 5 and 6 (records 1 and 2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from osint.media.blocks import Block, Reading
from osint.media.value import LONGEST_TEXT, Status, Value

READER = "osint IPTC"
MOST_DATA_SETS = 5_000
_MARK = 0x1C
_UTF_8 = b"\x1b%G"
_NAMES = {
    (1, 0): "EnvelopeRecordVersion",
    (1, 70): "DateSent",
    (1, 80): "TimeSent",
    (1, 90): "CodedCharacterSet",
    (1, 100): "UniqueObjectName",
    (2, 0): "ApplicationRecordVersion",
    (2, 5): "ObjectName",
    (2, 7): "EditStatus",
    (2, 10): "Urgency",
    (2, 15): "Category",
    (2, 20): "SupplementalCategories",
    (2, 22): "FixtureIdentifier",
    (2, 25): "Keywords",
    (2, 26): "ContentLocationCode",
    (2, 27): "ContentLocationName",
    (2, 30): "ReleaseDate",
    (2, 35): "ReleaseTime",
    (2, 40): "SpecialInstructions",
    (2, 55): "DateCreated",
    (2, 60): "TimeCreated",
    (2, 62): "DigitalCreationDate",
    (2, 63): "DigitalCreationTime",
    (2, 65): "OriginatingProgram",
    (2, 70): "ProgramVersion",
    (2, 80): "By-line",
    (2, 85): "By-lineTitle",
    (2, 90): "City",
    (2, 92): "Sub-location",
    (2, 95): "Province-State",
    (2, 100): "Country-PrimaryLocationCode",
    (2, 101): "Country-PrimaryLocationName",
    (2, 103): "OriginalTransmissionReference",
    (2, 105): "Headline",
    (2, 110): "Credit",
    (2, 115): "Source",
    (2, 116): "CopyrightNotice",
    (2, 118): "Contact",
    (2, 120): "Caption-Abstract",
    (2, 122): "Writer-Editor",
}
FACTS = {
    (2, 5): "title",
    (2, 25): "keywords",
    (2, 65): "software",
    (2, 80): "author",
    (2, 90): "place_name",
    (2, 92): "place_name",
    (2, 95): "place_name",
    (2, 101): "place_name",
    (2, 105): "title",
    (2, 116): "rights",
    (2, 120): "description",
}
CLOCKS = {"taken_local": ("2:55", "2:60"), "digitized_local": ("2:62", "2:63")}
_TIME = re.compile(r"(\d\d)(\d\d)(\d\d)(?:([+-]\d\d)(\d\d))?")


class _DataSet(NamedTuple):
    record: int
    number: int
    start: int
    length: int

    @property
    def key(self) -> tuple[int, int]:
        return self.record, self.number


def read_iptc(data: bytes, block: Block) -> Reading:
    """Return a value for each data set, and the clocks that two of them make together."""
    content = block.read(data)
    problems: list[str] = []
    found = list(_data_sets(content, block.where, problems))
    coding = _coding(content, found)
    values = [_value(block, content, each, coding) for each in found]
    return Reading(values=_with_clocks(values), problems=tuple(problems))


def _data_sets(content: bytes, where: str, problems: list[str]) -> Iterator[_DataSet]:
    at = 0
    for _ in range(MOST_DATA_SETS):
        if at + 5 > len(content) or content[at] != _MARK:
            if content[at:].strip(b"\0"):
                problems.append(f"The IPTC data in {where} breaks off at byte {at}; the rest was not read.")
            return
        record, number, length = content[at + 1], content[at + 2], int.from_bytes(content[at + 3 : at + 5], "big")
        start = at + 5
        if length & 0x8000:  # an extended data set says first how many bytes its length takes
            wide = length & 0x7FFF
            length = int.from_bytes(content[start : start + wide], "big") if wide <= 4 else len(content)
            start += wide
        if start + length > len(content):
            problems.append(f"The IPTC data set {record}:{number:02} in {where} claims more than there is.")
            return
        yield _DataSet(record, number, start, length)
        at = start + length
    problems.append(f"The IPTC data in {where} has more than {MOST_DATA_SETS} data sets; the rest was not read.")


def _coding(content: bytes, found: list[_DataSet]) -> str | None:
    """Return the coding that the envelope declares; None where it declares none that is read here."""
    declared = next((content[each.start : each.start + each.length] for each in found if each.key == (1, 90)), b"")
    return "utf-8" if declared == _UTF_8 else None


def _value(block: Block, content: bytes, each: _DataSet, coding: str | None) -> Value:
    raw = content[each.start : each.start + min(each.length, 4 * LONGEST_TEXT)]
    text, warnings = _decoded(raw, coding)
    if each.number == 0 and each.length == 2:  # the version of a record is a number
        text, warnings = str(int.from_bytes(raw, "big")), ()
    fact = FACTS.get(each.key)
    return Value(
        block="IPTC",
        group=str(each.record),
        name=_NAMES.get(each.key, f"{each.record}:{each.number:02}"),
        tag_id=f"{each.record}:{each.number:02}",
        text=text[:LONGEST_TEXT],
        fact=fact,
        value=text[:LONGEST_TEXT] if fact and text else None,
        status="read" if text or not fact else "unset",
        reader=READER,
        warnings=warnings,
        **block.cite(content, each.start, each.length),
    )


def _decoded(raw: bytes, coding: str | None) -> tuple[str, tuple[str, ...]]:
    """Return text in the declared coding; else as UTF-8 where it is that, else as Latin-1 with a warning."""
    try:
        return raw.decode("utf-8").strip("\0 "), ()
    except UnicodeDecodeError as error:
        if error.end >= len(raw) == 4 * LONGEST_TEXT:  # cut in the middle of a letter
            return raw[: error.start].decode("utf-8").strip("\0 "), ()
    if coding:
        return raw.decode(coding, "replace").strip("\0 "), ("It is not in the coding that the file declares (UTF-8).",)
    return raw.decode("latin-1").strip("\0 "), ("No coding is declared; it is shown as Latin-1.",)


def _with_clocks(values: list[Value]) -> tuple[Value, ...]:
    """Return the values; a date that a time of day belongs to states a clock, and the time its offset."""
    first = {value.tag_id: place for place, value in reversed(list(enumerate(values)))}
    changed = list(values)
    for fact, (day, time) in CLOCKS.items():
        if day not in first or time not in first:
            continue
        at, beside = first[day], first[time]
        clock, offset = _clock(values[at].text, values[beside].text), _offset(values[beside].text)
        status: Status = "read" if clock else _unset_or_impossible(values[at].text)
        changed[at] = replace(values[at], fact=fact, value=clock, status=status)
        if offset and fact == "taken_local":
            changed[beside] = replace(values[beside], fact="taken_offset", value=offset)
    return tuple(changed)


def _unset_or_impossible(day: str) -> Status:
    return "impossible" if day.strip("0 ") else "unset"


def _clock(day: str, time: str) -> str | None:
    """Return the clock; midnight is not made up where a day has no time of day: it is no clock then."""
    match = _TIME.fullmatch(time)
    if match is None:
        return None
    try:
        return datetime.strptime(day + "".join(match.groups()[:3]), "%Y%m%d%H%M%S").isoformat()  # noqa: DTZ007 - the camera's clock
    except ValueError:
        return None


def _offset(time: str) -> str | None:
    match = _TIME.fullmatch(time)
    return f"{match[4]}:{match[5]}" if match and match[4] else None
