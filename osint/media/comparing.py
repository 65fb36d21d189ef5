"""What is derived from the preserved files of a case on demand: the word of other programs, and which look alike.

Nothing of it is kept in the tables. Each run is an entry of the ledger with the digests of what went in and came out,
so that running it again can be held against it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from osint import sandbox
from osint.gate import Gate
from osint.instants import now
from osint.media import derivation
from osint.media.agreement import agreed
from osint.media.attachments import Attachments
from osint.media.blocks import Reading
from osint.media.corroborators import CORROBORATORS, corroborate
from osint.media.corroborators.serials import confirmed_serials
from osint.media.derivation import Derivation
from osint.media.examination import MediaRecord
from osint.media.similarity.pictures import Picture, picture, same_pictures
from osint.media.similarity.pixels import hash_pictures
from osint.media.table import values_frame
from osint.media.thumbnails import is_picture
from osint.media.value import to_json

_BATCH = 100


class Comparing:
    """The files of a case, compared: with what other programs read, and with one another."""

    def __init__(self, files: Attachments, gate: Gate) -> None:
        """Work for one case."""
        self._files, self._gate = files, gate

    def corroborated(self, by: Sequence[str] = tuple(CORROBORATORS)) -> pd.DataFrame:
        """Return every value of every reader, ours and those of other programs of this computer, compared.

        Args:
            by: Which programs: ``exiftool``, ``mediainfo``, ``ffprobe``, ``c2pa``.

        Returns:
            The table of :func:`osint.media.table.values_frame`; ``attrs["absent"]`` says which programs are not here.
        """
        compared: list[MediaRecord] = []
        absent: tuple[str, ...] = ()
        for records, copies in self._batches(self._files.records()):
            found = corroborate(copies, by=by)
            absent = found.absent
            self._log("corroboration", records, found.derivations)
            compared += [_with(record, found.readings.get(record.facts.sha256, ())) for record in records]
        table = values_frame(compared)
        table.attrs["absent"] = list(absent)
        return table

    def same_pictures(self) -> pd.DataFrame:
        """Return which preserved pictures look the same; see :func:`osint.media.similarity.pictures.same_pictures`.

        ``attrs["unread"]`` says which were not decoded, and why.
        """
        pictures: list[Picture] = []
        unread: list[str] = []
        wanted = {record.facts.sha256: record for record in self._files.records() if is_picture(record.facts)}
        for records, copies in self._batches(wanted.values()):
            start = now()
            readings = list(hash_pictures(copies))
            made = [
                picture(record.facts.sha256, record.exhibit, reading.values)
                for record, reading in zip(records, readings, strict=True)
            ]
            pictures += filter(None, made)
            told_of = zip(records, readings, strict=True)
            unread += [f"{record.exhibit}: {said}" for record, reading in told_of for said in reading.problems]
            found = [list(map(to_json, reading.values)) for reading in readings]
            told = derivation.by_osint(
                [record.facts.sha256 for record in records],
                found,
                reader="osint.media.similarity.pixels.hash_picture",
                isolation=sandbox.run(len, "").isolation,
                start=start,
                end=now(),
            )
            self._log("picture-hashes", records, [told])
        table = same_pictures(pictures)
        table.attrs["unread"] = unread
        return table

    def _batches(self, records: Iterable[MediaRecord]) -> Iterator[tuple[list[MediaRecord], list[Path]]]:
        """Yield some files at a time with their working copies; those of merged parts are with their officer."""
        left = iter(records)
        while some := list(islice(left, _BATCH)):
            with TemporaryDirectory(prefix="osint-media-", ignore_cleanup_errors=True) as folder:
                copies = [(record, self._files.working_copy(record, Path(folder))) for record in some]
                here = [(record, copy) for record, copy in copies if copy is not None]
                if here:
                    yield [record for record, _ in here], [copy for _, copy in here]

    def _log(self, kind: str, records: Sequence[MediaRecord], runs: Iterable[Derivation]) -> None:
        told = [derivation.without_output(run) for run in runs]
        self._gate.log(
            "transform",
            private={"derivations": told, "exhibits": [record.exhibit for record in records]},
            result=[{"kind": kind, "captures": len(records)}],
        )


def _with(record: MediaRecord, readings: Iterable[Reading]) -> MediaRecord:
    """Return a record with the values of further readers, all compared with one another."""
    every = [*record.facts.values, *(value for reading in readings for value in reading.values)]
    facts: Any = dataclasses.replace(record.facts, values=agreed(confirmed_serials(every)))
    return dataclasses.replace(record, facts=facts)
