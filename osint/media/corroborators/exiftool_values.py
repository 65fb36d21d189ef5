"""ExifTool's answers in the words of ``value.FACTS``, with the names and numbers that the readers of this package use.

ExifTool works values out before it prints them: a position is one decimal number, an XMP date has colons. What is said
here undoes that as far as a comparison needs it. The rules by which a tag states a fact are those of our own readers,
so that a difference is one in reading and not in meaning.

Source: ExifTool's tag names documentation, https://exiftool.org/TagNames/.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from osint.media.blocks import Reading
from osint.media.corroborators import exiftool_film, exiftool_xmp
from osint.media.corroborators.exiftool_exif import exif_values
from osint.media.corroborators.exiftool_tags import Told, bare, told_of
from osint.media.corroborators.spelling import clock_of, is_unset
from osint.media.iptc import CLOCKS as _IPTC_CLOCKS
from osint.media.iptc import FACTS as _IPTC_FACTS
from osint.media.value import LONGEST_TEXT, Value, changed

MOST_VALUES = 5_000
_MOST_PROBLEMS = 20
_IPTC_RECORDS = {
    "EnvelopeRecord": 1, "ApplicationRecord": 2, "NewsPhoto": 3, "PreObjectData": 7, "ObjectData": 8,
    "PostObjectData": 9,
}  # fmt: skip
_CONTAINERS = {"File", "PNG", "GIF", "RIFF", "BMP", "Photoshop", "Jpeg2000"}
_COMPLAINTS = ("Warning", "Error")
_NOT_USED = "The ExtractEmbedded option"
_SIZES = {"ImageWidth": "width", "ImageHeight": "height"}
_TEXTS = {
    "PNG::TextualData": {
        "Title": "title",
        "Author": "author",
        "Description": "description",
        "Copyright": "rights",
        "Software": "software",
    },
    "PDF::Info": {
        "Title": "title",
        "Author": "author",
        "Subject": "description",
        "Keywords": "keywords",
        "Creator": "software",
        "Producer": "software",
    },
}
_MAKER_FACTS = {
    "SerialNumber": "camera_serial",
    "LensSerialNumber": "lens_serial",
    "ContentIdentifier": "content_id",
    "PhotoIdentifier": "image_id",
    "ImageUniqueID": "image_id",
    "OwnerName": "author",
}


def reading_of(answer: Mapping[str, Any], reader: str) -> Reading:
    """Return the values that an answer about one file holds; what it complains of are problems."""
    told = [each for key, stated in answer.items() if (each := told_of(key, stated))]
    complaints = [
        each.text
        for each in told
        if each.family == "ExifTool" and each.name in _COMPLAINTS and _NOT_USED not in each.text
    ]
    problems = [f"{reader}: {text[:300]}." for text in complaints[:_MOST_PROBLEMS]]
    rows: dict[str, list[Told]] = {}
    for each in told:
        rows.setdefault(each.family, []).append(each)
    rows.pop("ExifTool", None)
    found = chain.from_iterable(_KINDS.get(family, _others)(group, reader) for family, group in rows.items())
    values = tuple(islice(found, MOST_VALUES))
    if next(found, None) is not None:
        problems.append(f"{reader} gave more than {MOST_VALUES} values; the rest is left out.")
    return Reading(values=values, problems=tuple(problems))


def _iptc(rows: Sequence[Told], reader: str) -> list[Value]:
    values: list[Value] = []
    for each in rows:
        record = _IPTC_RECORDS.get(each.table.rpartition("::")[2])
        if record is None or not re.fullmatch(r"0x[0-9a-fA-F]{1,4}", each.number):
            values.append(bare(each, reader))
            continue
        data_set = int(each.number, 16)
        fact = _IPTC_FACTS.get((record, data_set))
        for item in each.value if isinstance(each.value, list) else [each.value]:
            value = bare(each._replace(value=item), reader, group=str(record), tag_id=f"{record}:{data_set:02}")
            values.append(changed(value, fact=fact, value=value.text.strip("\0 ")) if fact else value)
    return _with_clocks(values)


def _with_clocks(values: list[Value]) -> list[Value]:
    """Join a date and the time of day beside it, as the reader of this package does."""
    first = {value.tag_id: at for at, value in reversed(list(enumerate(values)))}
    for fact, (day, time) in _IPTC_CLOCKS.items():
        if day not in first or time not in first:
            continue
        at, beside = first[day], first[time]
        local, offset = clock_of(f"{values[at].text} {values[beside].text}")
        status: Any = "read" if local else "unset" if is_unset(values[at].text) else "impossible"
        values[at] = changed(values[at], fact=fact, value=local, status=status)
        if offset and fact == "taken_local":
            values[beside] = changed(values[beside], fact="taken_offset", value=offset)
    return values


def _xmp(rows: Sequence[Told], reader: str) -> Iterator[Value]:
    for each in rows:
        for group, path, text, facts in exiftool_xmp.properties(each.group, each.number, each.value):
            value = bare(
                each._replace(value=text), reader, group=group[:LONGEST_TEXT], name=path[:LONGEST_TEXT], tag_id=""
            )
            yield from (changed(value, **fact) for fact in facts) if facts else (value,)


def _others(rows: Sequence[Told], reader: str) -> Iterator[Value]:
    for each in rows:
        value = bare(each, reader)
        fact = _other_fact(each)
        text = value.text.strip(" \0")
        if fact in ("width", "height"):
            yield (
                changed(value, block="container", fact=fact, value=int(text), unit="pixels")
                if text.isdecimal()
                else value
            )
        elif fact and text:
            yield changed(value, fact=fact, value=text)
        else:
            yield value


def _other_fact(told: Told) -> str | None:
    if told.table in _TEXTS:
        return _TEXTS[told.table].get(told.number)
    if told.family in _CONTAINERS:
        return _SIZES.get(told.name)
    if told.family == "MakerNotes":
        return _MAKER_FACTS.get(told.name)
    return "profile" if told.family == "ICC_Profile" and told.name == "ProfileDescription" else None


_KINDS: Mapping[str, Callable[[Sequence[Told], str], Iterable[Value]]] = {
    "EXIF": exif_values,
    "IPTC": _iptc,
    "XMP": _xmp,
    "QuickTime": exiftool_film.film_values,
}
