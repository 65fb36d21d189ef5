"""Files of a case that are read some at a time, since many small ones share a worker of the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from osint.capture.ranges import Assembled
from osint.errors import EvidenceError
from osint.media.examination import Examined, examine_many
from osint.media.preserved import PreservedFiles

FILES_TO_A_BATCH = 20
BYTES_TO_A_BATCH = 64 << 20


class ReadFile(NamedTuple):
    """A file that was read: its answers, what the order says of it, and what it states.

    ``examined`` is None where no file came, or where its evidence is damaged: ``problem`` says so.
    """

    file: Assembled
    record: Mapping[str, Any]
    examined: Examined | None = None
    problem: str = ""


class Batches:
    """Reads files in the order in which they come, in batches, and hands each on."""

    def __init__(self, files: PreservedFiles, keep: Callable[[ReadFile], None]) -> None:
        """Read files of a case.

        Args:
            files: Where the working copies come from.
            keep: Is given each file when it was read, in order.
        """
        self._files, self._keep = files, keep
        self._waiting: list[ReadFile] = []
        self._bytes = 0

    @contextmanager
    def open(self) -> Iterator[None]:
        """Read what still waits at the end, however that comes."""
        try:
            yield
        finally:
            self._read()

    def add(self, file: Assembled, record: Mapping[str, Any]) -> None:
        """Have a file read when enough of them wait."""
        self._waiting.append(ReadFile(file, record))
        with suppress(EvidenceError):  # its turn comes, and then it is told
            self._bytes += self._files.size(part.exhibit for part in file.parts)
        if len(self._waiting) >= FILES_TO_A_BATCH or self._bytes >= BYTES_TO_A_BATCH:
            self._read()

    def _read(self) -> None:
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        with TemporaryDirectory(prefix="osint-media-", ignore_cleanup_errors=True) as folder:
            copied = [self._copied(each, Path(folder) / str(number)) for number, each in enumerate(waiting)]
            wanted = ((path, each.file.parts[0].header("Content-Type")) for each, path in copied if path)
            results = examine_many(wanted)
            for each, path in copied:
                self._keep(each._replace(examined=self._held(each, next(results))) if path else each)

    def _copied(self, each: ReadFile, folder: Path) -> tuple[ReadFile, Path | None]:
        """Return the file with its working copy; None where there is none to read."""
        if each.file.parts[0].status != 200:
            return each, None
        folder.mkdir()
        try:
            return each, self._files.joined([part.exhibit for part in each.file.parts], folder)
        except EvidenceError as error:
            return each._replace(problem=f"The file was not read: {error}"), None

    def _held(self, each: ReadFile, examined: Examined) -> Examined:
        """Hash the evidence once more; what changed while it was read is told."""
        problem = self._files.changed(part.exhibit for part in each.file.parts)
        if problem is None:
            return examined
        warnings = (*examined.facts.warnings, problem)
        return examined._replace(facts=replace(examined.facts, warnings=warnings))
