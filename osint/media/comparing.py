"""What is derived from the preserved files of a case on demand: the word of other programs, and which look alike.

Each run is an entry of the ledger with the digests of what went in and came out, so that running it again can be held
against it. What the programs said is kept in the tables; which pictures look alike is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from osint.gate import Gate
from osint.instants import now
from osint.media import corroborated, derivation
from osint.media.corroborated import Recorded
from osint.media.corroborators import CORROBORATORS, corroborate
from osint.media.examination import MediaRecord
from osint.media.preserved import PreservedFiles
from osint.media.similarity.decode import libraries
from osint.media.similarity.pictures import Picture, picture, same_pictures
from osint.media.similarity.pixels import MEMORY, SECONDS, hash_pictures
from osint.media.thumbnails import is_picture
from osint.media.value import to_json
from osint.store.store import READING, Row, Store

_BATCH = 100


class Comparing:
    """The files of a case, compared: with what other programs read, and with one another."""

    def __init__(self, files: PreservedFiles, gate: Gate, store: Store) -> None:
        """Work for one case."""
        self._files, self._gate, self._store = files, gate, store

    def corroborated(self, by: Sequence[str] = tuple(CORROBORATORS)) -> pd.DataFrame:
        """Ask programs of this computer about the files, keep what they say, and return every value of every reader.

        Args:
            by: Which programs: ``exiftool``, ``mediainfo``, ``ffprobe``, ``c2pa``.

        Returns:
            The table of :func:`osint.media.table.values_frame`; ``attrs["absent"]`` says which programs are not here,
            and of which an earlier word was lost.
        """
        absent = self._ask(self._files.records(), by)
        table = self._files.values()
        table.attrs["absent"] = [*absent, *table.attrs["absent"]]
        return table

    def ask_again(self) -> tuple[str, ...]:
        """Ask again for what the ledger vouches for and the tables do not hold; return which programs are not here."""
        lost: defaultdict[str, set[str]] = defaultdict(set)
        for exhibit, program, _ in self._files.lost_words():
            lost[program].add(exhibit)
        records = self._files.records() if lost else []
        absent = (
            self._ask([each for each in records if each.exhibit in exhibits], [program])
            for program, exhibits in sorted(lost.items())
            if program in CORROBORATORS
        )
        return tuple(sentence for each in absent for sentence in each)

    def _ask(self, asked: Iterable[MediaRecord], by: Sequence[str]) -> tuple[str, ...]:
        """Ask programs about files, log it, then keep what they say; return which programs are not here."""
        absent: tuple[str, ...] = ()
        known = self._files.vouched()
        for records, copies in self._batches(asked):
            found = corroborate(copies, by=by, ours=True)
            absent = found.absent
            if not found.asked:
                break
            rows = {}
            for record in records:
                said = corroborated.rows(record.exhibit, found.readings.get(record.facts.sha256, ()))
                rows[record.exhibit] = self._rows(record.exhibit, said, found.asked, known.get(record.exhibit))
            readings = {exhibit: corroborated.digests(made) for exhibit, made in rows.items()}
            runs = map(derivation.without_output, found.derivations)
            self._log("corroboration", list(rows), runs, readings=readings)
            for exhibit, made in rows.items():
                self._store.replace(exhibit, made)
        return absent

    def _rows(self, exhibit: str, said: Iterable[Row], asked: Collection[str], known: Recorded | None) -> list[Row]:
        """Return the records of an exhibit, with what was said now instead of what the same programs said before."""
        before = self._store.of(exhibit)
        kept = [row for row in corroborated.vouched(before, known) if row[1]["program"] not in asked]
        words = sorted([*kept, *said], key=lambda row: str(row[1]["program"]))
        return [*(row for row in before if row[0] != READING), *words]

    def same_pictures(self) -> pd.DataFrame:
        """Return which preserved pictures look the same; see :func:`osint.media.similarity.pictures.same_pictures`.

        ``attrs["unread"]`` says which were not decoded, and why.
        """
        pictures: list[Picture] = []
        unread: list[str] = []
        wanted = {record.facts.sha256: record for record in self._files.records() if is_picture(record.facts)}
        for records, copies in self._batches(wanted.values()):
            told = []
            start = now()
            for record, reading in zip(records, hash_pictures(copies), strict=True):
                pictures += filter(None, [picture(record.facts.sha256, record.exhibit, reading.values)])
                unread += [f"{record.exhibit}: {said}" for said in reading.problems]
                run = derivation.by_osint(
                    [record.facts.sha256],
                    list(map(to_json, reading.values)),
                    reader="osint.media.similarity.pixels.hash_picture",
                    libraries=libraries(),
                    settings={"seconds": f"{SECONDS:g}", "memory": str(MEMORY)},
                    isolation=reading.isolation,
                    start=start,
                    end=(start := now()),
                    state=reading.state,
                    detail=reading.detail,
                )
                told.append({"exhibit": record.exhibit, **derivation.without_output(run)})
            self._log("picture-hashes", [record.exhibit for record in records], told)
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

    def _log(self, kind: str, exhibits: Sequence[str], runs: Iterable[dict[str, Any]], **private: Any) -> None:
        self._gate.log(
            "transform",
            private={"derivations": list(runs), "exhibits": list(exhibits), **private},
            result=[{"kind": kind, "captures": len(exhibits)}],
        )
