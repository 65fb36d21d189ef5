"""Films and recordings by programs that list what is in a container: one process a file, and the facts they state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from osint.instants import format_instant, parse_instant
from osint.media.blocks import Reading
from osint.media.corroborators import tool
from osint.media.corroborators.copies import Copies
from osint.media.corroborators.tool import Findings, Program, Run
from osint.media.iso6709 import read_point
from osint.media.value import LONGEST_TEXT, Value
from osint.media.xmp_facts import clock_and_offset

SECONDS = 30.0
MOST_VALUES = 2_000
_QUICKTIME = ("video/mp4", "video/quicktime", "video/x-m4v", "video/3gpp", "video/mj2", "audio/mp4")
_TEXTS = {
    "make": "camera_make",
    "com.apple.quicktime.make": "camera_make",
    "com.android.manufacturer": "camera_make",
    "model": "camera_model",
    "com.apple.quicktime.model": "camera_model",
    "com.android.model": "camera_model",
    "com.apple.quicktime.software": "software",
    "encoder": "software",
    "com.apple.quicktime.content.identifier": "content_id",
    "title": "title",
    "com.apple.quicktime.title": "title",
    "description": "description",
    "comment": "description",
    "com.apple.quicktime.description": "description",
    "artist": "author",
    "author": "author",
    "performer": "author",
    "com.apple.quicktime.author": "author",
    "copyright": "rights",
    "com.apple.quicktime.copyright": "rights",
}
_POINTS = {"xyz", "com.apple.quicktime.location.iso6709"}  # what ffprobe calls "location" it may have rounded
_CLOCKS = {"date", "com.apple.quicktime.creationdate"}
_HEADER_CLOCK = "creation.time"  # MediaInfo's dates come from a header that it does not name
_WITHOUT_LENGTH = (
    "video/mp2t",
    "video/mpeg",
    "audio/mpeg",
    "audio/aac",
)  # streams: programs estimate how long they are
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,12})?")

Fact = dict[str, Any]


class Stated(NamedTuple):
    """One entry of such a program: the part of the file, the name, the text."""

    group: str
    name: str
    text: str

    @property
    def of_file(self) -> bool:
        """Whether it is said of the whole file and not of one track."""
        return self.group.startswith(("format", "General"))


class Lister(NamedTuple):
    """How a program that lists is asked, and how its answer is read."""

    arguments: Sequence[str]
    tidied: Callable[[Any], Any]
    stated: Callable[[Any], Iterator[Stated]]


def read(lister: Lister, program: Program, copies: Copies, clock: tool.Clock) -> Findings:
    """Ask a program about each film or recording among the copies."""
    runs = {
        name: tool.run(
            program,
            [*lister.arguments, str(copies.path(name))],
            [name],
            folder=copies.folder,
            seconds=SECONDS,
            tidy=lister.tidied,
            clock=clock,
        )
        for name in copies.of_type("video/", "audio/")
    }
    return Findings(
        readings={name: _reading(program, run, lister, copies.types[name]) for name, run in runs.items()},
        derivations=tuple(run.derivation for run in runs.values()),
    )


def _reading(program: Program, run: Run, lister: Lister, media_type: str) -> Reading:
    if run.answer is None:
        return Reading(problems=(f"{program.reader} gave no answer over this file ({run.ended}).",))
    block = "QuickTime" if media_type.startswith(_QUICKTIME) else "container"
    unsure = {"duration"} if media_type in _WITHOUT_LENGTH else set()
    values = _values(islice(lister.stated(run.answer), MOST_VALUES), program.reader, block, unsure)
    return Reading(values=tuple(values))


def _values(entries: Iterable[Stated], reader: str, block: str, unsure: set[str]) -> Iterator[Value]:
    for each in entries:
        text = each.text.strip(" \0")
        value = Value(
            block=block,
            group=each.group[:LONGEST_TEXT],
            name=each.name[:LONGEST_TEXT],
            text=text[:LONGEST_TEXT],
            reader=reader,
            status="read" if text else "unset",
        )
        facts = [fact for fact in _facts(each, text, block) if fact["fact"] not in unsure] if text else []
        yield from (replace(value, **fact) for fact in facts) if facts else (value,)


def _facts(stated: Stated, text: str, block: str) -> Sequence[Fact]:
    name = re.sub(r"[_-]", ".", stated.name).casefold()
    if name == _HEADER_CLOCK:
        return (_container_time(text),) if block == "QuickTime" else ()  # elsewhere it may be local time
    if not stated.of_file:
        return ()
    if name in _POINTS:
        return read_point(text)
    if name in _CLOCKS:
        return _clock(text)
    if name == "duration" and _NUMBER.fullmatch(text):
        return ({"fact": "duration", "value": float(text), "unit": "s"},)
    return ({"fact": _TEXTS[name], "value": text[:LONGEST_TEXT]},) if name in _TEXTS else ()


def _container_time(text: str) -> Fact:
    try:
        return {"fact": "container_time", "value": format_instant(parse_instant(text))}
    except ValueError:
        return {"fact": "container_time", "status": "impossible"}


def _clock(text: str) -> Sequence[Fact]:
    local, offset = clock_and_offset(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text))
    if local is None:
        return ()  # a year alone is usual here, and no clock
    zoned = (
        ({"fact": "taken_offset", "value": offset}, {"fact": "metadata_time", "value": local + offset})
        if offset
        else ()
    )
    return ({"fact": "taken_local", "value": local}, *zoned)
