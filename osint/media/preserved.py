"""The preserved files of a case: what is known of each, and working copies for whoever reads one again.

Evidence is opened for reading alone, and hashed before anything is read from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from osint.capture.read_back import copy_body
from osint.chain_of_custody.readable import Readable
from osint.errors import CaseError, EvidenceError
from osint.instants import parse_instant
from osint.media import corroborated, derivation, description
from osint.media.derivation import Derivation
from osint.media.examination import MediaRecord
from osint.media.table import frame, links_frame, values_frame
from osint.media.thumbnails import Thumbnail, is_picture, make_thumbnail, not_shown
from osint.sandbox import digests
from osint.store.blobs import Blobs
from osint.store.store import READING, Store


class PreservedFiles:
    """The files of one case that posts show."""

    def __init__(self, ledger: Readable, blobs: Blobs, store: Store) -> None:
        """Look at the files of one case."""
        self._ledger, self._blobs, self._store = ledger, blobs, store
        self._digests: dict[str, str] = {}
        self._looked_to = 0

    # -- tables --------------------------------------------------------------------------------------------------------

    def frame(self) -> pd.DataFrame:
        """Return the media table, one row a file."""
        return frame(self.records())

    def values(self) -> pd.DataFrame:
        """Return one row for each value that the files state, by every reader whose word is kept.

        ``attrs["absent"]`` says of which programs the word was recorded and is not kept any more.
        """
        table = values_frame(self.records())
        table.attrs["absent"] = list(self.absent())
        return table

    def links(self) -> pd.DataFrame:
        """Return what several files state alike."""
        posts = self._store.records("post")
        return links_frame(
            self.records(), {post["id"]: post["attributed_to"] for post in posts if post["attributed_to"]}
        )

    def records(self) -> list[MediaRecord]:
        """Return what the tables hold of each file, with the first day on which a post showed it."""
        posted: dict[str, datetime] = {}
        for post in self._store.records("post"):
            if post["published"] is not None:
                instant = parse_instant(post["published"])
                posted[post["id"]] = min(instant, posted.get(post["id"], instant))
        said = corroborated.by_exhibit(self._store.records(READING))
        return [
            corroborated.with_readings(_record(body, posted), said.get(body["exhibit"], ()))
            for body in self._store.records("media")
        ]

    def record(self, exhibit: str) -> MediaRecord:
        """Return what the tables hold of the file in an exhibit, or of which the exhibit holds a part.

        Raises:
            CaseError: It holds no file that a post shows.
        """
        for record in self.records():
            if exhibit in (record.exhibit, *record.parts):
                return record
        raise CaseError(f"Exhibit {exhibit} holds no file that was examined; case.media() lists those that do.")

    # -- what was derived ----------------------------------------------------------------------------------------------

    def derivations(self, exhibit: str) -> list[Mapping[str, Any]]:
        """Return how the file of an exhibit was read, oldest first, as the ledger records it."""
        return [
            derived
            for entry in self._ledger.entries()
            if entry.action == "transform"
            for derived in entry.private.get("derivations", ())
            if exhibit in (derived.get("exhibit"), *entry.private.get("exhibits", ()))
        ]

    def unrecorded(self, derived: Iterable[tuple[str, Derivation]]) -> list[tuple[str, Derivation]]:
        """Return those derivations, each with its exhibit, that give something else than the ledger has already."""
        known = {
            (one.get("exhibit"), *derivation.identity(one))
            for entry in self._ledger.entries()
            if entry.action == "transform"
            for one in entry.private.get("derivations", ())
        }
        return [
            (exhibit, one)
            for exhibit, one in derived
            if (exhibit, *derivation.identity(derivation.without_output(one))) not in known
        ]

    def absent(self) -> tuple[str, ...]:
        """Say of which programs the ledger records what they said of a file, and the tables do not hold it."""
        return tuple(
            f"What {program} said of {exhibit} (entry {entry}) is not in the tables: they were lost or altered since. "
            "case.rebuild() asks it again, where it is installed; so does case.corroborate()."
            for exhibit, program, entry in self.lost_words()
        )

    def vouched(self) -> dict[str, corroborated.Recorded]:
        """Return what the ledger vouches for of what programs of others said, by exhibit."""
        return corroborated.recorded(self._ledger.entries())

    def lost_words(self) -> Iterator[tuple[str, str, int]]:
        """Yield exhibit, program and entry of what the ledger vouches for and the tables do not hold."""
        recorded = self.vouched()
        kept = corroborated.digests_of(self._store.records(READING)) if recorded else {}
        there = {body["exhibit"] for body in self._store.records("media")} if recorded else set()
        for exhibit, (entry, programs) in recorded.items():
            for program, digest in programs.items():
                if exhibit in there and kept.get((exhibit, program)) != digest:
                    yield exhibit, program, entry

    # -- working copies ------------------------------------------------------------------------------------------------

    def thumbnail(self, record: MediaRecord) -> Thumbnail:
        """Return a small picture of a file, made in the sandbox of a working copy, or why there is none."""
        if not is_picture(record.facts):
            return not_shown(record.facts)
        with TemporaryDirectory(prefix="osint-media-", ignore_cleanup_errors=True) as folder:
            try:
                path = self.joined(record.parts or [record.exhibit], Path(folder))
            except KeyError:
                return Thumbnail(reason="its bytes are in a part that was merged")
            except EvidenceError as error:
                return Thumbnail(reason=str(error))
            if digests([path])[path] != record.facts.sha256:
                return Thumbnail(reason="its bytes are no longer those that were examined; verify the case")
            return make_thumbnail(path, record.facts)

    def thumbnails(self, exhibits: Iterable[str]) -> dict[str, Thumbnail]:
        """Return a small picture of the file in each of these exhibits, by its SHA-256."""
        records = {record.exhibit: record for record in self.records()}
        return {records[each].facts.sha256: self.thumbnail(records[each]) for each in exhibits}

    def working_copy(self, record: MediaRecord, folder: Path) -> Path | None:
        """Write a copy of a file below a folder for programs to read; None when a merged part holds its bytes.

        Raises:
            EvidenceError: The evidence cannot be read, or has changed.
        """
        own = folder / record.exhibit.replace("@", "-")
        own.mkdir()
        try:
            return self.joined(record.parts or [record.exhibit], own)
        except KeyError:
            return None

    def joined(self, exhibits: Sequence[str], folder: Path) -> Path:
        """Write a working copy of the file that these exhibits hold a part of each, into a folder; return its path.

        Raises:
            EvidenceError: The evidence cannot be read, or has changed.
            KeyError: The ledger knows no such exhibit.
        """
        path = folder / "file"
        with path.open("xb") as out:
            for exhibit in exhibits:
                with self._blobs.open(self._sha256(exhibit), verify=True) as blob:
                    copy_body(blob, exhibit, out)
        return path

    def size(self, exhibits: Iterable[str]) -> int:
        """Return how many bytes the evidence of these exhibits takes.

        Raises:
            EvidenceError: It is not there.
        """
        return sum(self._blobs.size(self._sha256(exhibit)) for exhibit in exhibits)

    def changed(self, exhibits: Iterable[str]) -> str | None:
        """Hash the evidence of these exhibits again; return what is wrong with it, None when it is as it was."""
        try:
            for exhibit in exhibits:
                self._blobs.open(self._sha256(exhibit), verify=True).close()
        except EvidenceError as error:
            return str(error)
        return None

    def _sha256(self, exhibit: str) -> str:
        """Return the digest under which an exhibit is stored."""
        if exhibit not in self._digests:
            for entry in self._ledger.entries(self._looked_to):
                self._looked_to = entry.seq + 1
                if entry.exhibit:
                    self._digests[entry.exhibit] = entry.result[0]["sha256"]
        return self._digests[exhibit]


def _record(body: Mapping[str, Any], posted: Mapping[str, datetime]) -> MediaRecord:
    preserved = body.get("preserved")  # an earlier release did not keep it
    return MediaRecord(
        facts=description.from_json(body["facts"]),
        exhibit=body["exhibit"],
        url=body["url"],
        posts=tuple(body["posts"]),
        parts=tuple(part["exhibit"] for part in body.get("parts", ())),
        preserved=parse_instant(preserved) if preserved else None,
        posted=min((posted[post] for post in body["posts"] if post in posted), default=None),
    )
