"""Examine one file: the facts of ``description``, read in the sandbox. The file itself is never touched."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from osint import sandbox
from osint.instants import now
from osint.media import identity
from osint.media.derivation import Derivation, by_osint
from osint.media.description import MediaFacts, describe_as_json, from_json, identify, output_of
from osint.media.origin import traces
from osint.media.positions import StatedPosition, stated_positions
from osint.media.times import StatedTime, stated_times
from osint.media.value import Value
from osint.places import Place

_MEMORY = 1_500_000_000
_MAPPED_IN_ANY_CASE = 1 << 28
_BATCH = 20  # files that share a worker
_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class MediaRecord:
    """The facts of one file, the exhibit that holds it, and where it was shown.

    Attributes:
        facts: What the file states.
        exhibit: The exhibit that holds the bytes.
        url: The address they came from.
        posts: ``Post.id`` of each post that shows the file.
        name: The file's own name, where somebody handed it in.
        preserved: When the file was preserved here.
        posted: When the first of the posts was published, where that is known.
        parts: Every exhibit whose answer is a part of the file, in order; empty when it came in one.
    """

    facts: MediaFacts
    exhibit: str
    url: str | None = None
    posts: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    name: str | None = None
    preserved: datetime | None = None
    posted: datetime | None = None

    @cached_property
    def values(self) -> tuple[Value, ...]:
        """What the file states, and what its name and its address are consistent with."""
        around = traces(name=self.name, url=self.url, values=self.facts.values, now=self.preserved or now())
        return (*self.facts.values, *around)

    @cached_property
    def times(self) -> tuple[StatedTime, ...]:
        """Every time that the file, its name or its address states, and that of its capture.

        A time that two readers spell differently is there once, as the first of them spells it.
        """
        times = stated_times(self.values, preserved=self.preserved, posted=self.posted)
        told = {(time.kind, time.start, time.end, time.grade, time.basis): time for time in reversed(times)}
        return tuple(reversed(told.values()))

    @cached_property
    def positions(self) -> tuple[StatedPosition, ...]:
        """Every position that the file states."""
        return stated_positions(self.values, self.times)

    @property
    def place(self) -> Place | None:
        """The position that the file states, or None."""
        if self.facts.latitude is None or self.facts.longitude is None:
            return None
        return Place(
            latitude=self.facts.latitude,
            longitude=self.facts.longitude,
            precision_m=self.facts.position_precision_m,
            source=next((f"{each.block} GPS" for each in self.positions), "EXIF GPS"),
            exhibit=self.exhibit,
        )


class Examined(NamedTuple):
    """What a file states, and the record of how that was derived."""

    facts: MediaFacts
    derivation: Derivation


def examine(file: Path, served_type: str | None = None, *, seconds: float = 10) -> MediaFacts:
    """Return what a file states about itself. See :func:`examine_many`."""
    ((facts, _),) = examine_many([(file, served_type)], seconds=seconds)
    return facts


def examine_many(files: Iterable[tuple[Path, str | None]], *, seconds: float = 10) -> Iterator[Examined]:
    """Yield what each file states about itself, parsed in workers of the sandbox. None is held in memory here.

    Digest, size and type are taken here, without a parser, so they are there also when a worker was stopped; then
    ``warnings`` says what happened. Nothing is raised over the content of a file. Every file is hashed again after it
    was read; one that has changed says so.

    Args:
        files: Each with the type that the server stated, if any.
        seconds: Processor time for each.

    Raises:
        OsintError: No worker can be started on this computer.
    """
    left = iter(files)
    while batch := list(islice(left, _BATCH)):
        known = [_identified(file, served_type) for file, served_type in batch]
        arguments = [
            (str(file), facts.sha256, served_type) for (file, served_type), facts in zip(batch, known, strict=True)
        ]
        memory = max(_memory(facts.size) for facts in known)
        start = now()
        outcomes = sandbox.run_many(describe_as_json, arguments, seconds=seconds, memory=memory)
        for (file, _), before, outcome in zip(batch, known, outcomes, strict=True):
            facts = _with_change(_read(before, outcome), file)
            yield Examined(facts, _derivation(facts, outcome, start, seconds))


def further_digests(file: Path, algorithms: Iterable[str]) -> dict[str, str]:
    """Return further digests of a file, hex, read once; for lists of files that are kept by them.

    Args:
        file: The file.
        algorithms: As ``hashlib`` names them: ``sha3-256``, ``md5``. MD5 does not tell apart two files that somebody
            made to share it.

    Raises:
        OSError: It cannot be read.
    """
    hashes = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            for each in hashes.values():
                each.update(block)
    return {name: each.hexdigest() for name, each in hashes.items()}


def _read(known: MediaFacts, outcome: sandbox.Outcome) -> MediaFacts:
    if outcome.state == "ok":
        try:
            stated = from_json(outcome.value)
        except (ValueError, TypeError, KeyError):
            return _unread(known, "the worker's answer was not one that its reader gives", outcome)
        return dataclasses.replace(stated, sha256=known.sha256, size=known.size, isolation=outcome.isolation)
    return _unread(known, f"{outcome.state}: {outcome.detail}", outcome)


def _with_change(facts: MediaFacts, file: Path) -> MediaFacts:
    found = sandbox.changes({file: facts.sha256}).get(file)
    return facts if found is None else dataclasses.replace(facts, warnings=(*facts.warnings, found))


def _derivation(facts: MediaFacts, outcome: sandbox.Outcome, start: datetime, seconds: float) -> Derivation:
    return by_osint(
        [facts.sha256],
        output_of(facts),
        reader="osint.media.description.describe",
        isolation=outcome.isolation,
        start=start,
        end=now(),
        state=outcome.state,
        detail=outcome.detail,
        settings={"seconds": f"{seconds:g}"},
    )


def _identified(file: Path, served_type: str | None) -> MediaFacts:
    with file.open("rb") as stream:
        head = stream.read(identity.HEAD)
        stream.seek(0)
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.seek(0, os.SEEK_END)
    return identify(head, size=size, sha256=sha256, served_type=served_type)


def _memory(size: int) -> int:
    """Return the address space for a worker that maps a file of this size, in few steps: each has its own worker."""
    return _MEMORY + (0 if size <= _MAPPED_IN_ANY_CASE else 1 << size.bit_length())


def _unread(known: MediaFacts, reason: str, outcome: sandbox.Outcome) -> MediaFacts:
    sentence = f"The content was not read ({reason}). The bytes are unchanged; only digest, size and type are stated."
    return dataclasses.replace(known, warnings=(*known.warnings, sentence), isolation=outcome.isolation)
