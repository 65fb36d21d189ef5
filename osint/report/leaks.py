"""The last look before something leaves: no byte of it may hold a secret that this process knows, or one that was sent.

Known secrets are looked for in every spelling (:mod:`osint.chain_of_custody.spellings`), also in what is packed. The
requests in the exhibits are read besides: a credential line with any value but the marker is a fault of the capture,
whatever the value. What is found is named by exhibit and line; the value stands in no message.
"""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, cast

from osint import warc
from osint.capture.entity import read_entity
from osint.capture.secrets import secret_lines, secret_values
from osint.chain_of_custody.spellings import Sought
from osint.errors import SecretFoundError

Opener = Callable[[], IO[bytes]]
_CHUNK = 1 << 20
_IN_MEMORY = 64 << 20
_SHORTEST = 8  # bytes; a shorter one stands in other words by chance
_NOWHERE: Mapping[str, str] = {}
_KNOWN = "a secret that this workstation is configured with or was given"


class Guard:
    """What looks at everything that leaves. It shows nothing of what it looks for."""

    def __init__(self, known: Collection[str] = (), exhibits: Mapping[str, str] = _NOWHERE) -> None:
        """Look for these values.

        Args:
            known: The secrets that this process knows; those of fewer than eight bytes are not looked for.
            exhibits: Numbers of exhibits by their SHA-256, to name them by.
        """
        long_enough = {value for value in known if len(value.strip().encode("utf-8", "replace")) >= _SHORTEST}
        self._sought = Sought(sorted(long_enough))
        self._exhibits = exhibits

    def check_folder(self, folder: Path) -> None:
        """Look at every file of a package.

        Raises:
            SecretFoundError: One holds a secret.
        """
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            self._check(path.relative_to(folder).as_posix(), partial(_open, path))

    def check_archive(self, path: Path) -> None:
        """Look at every file of a web archive, and of the archive as it lies there.

        Raises:
            SecretFoundError: One holds a secret.
        """
        self._check(path.name, partial(_open, path))
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                self._check(name, partial(_member, archive, name))

    def check_files(self, paths: Iterable[Path]) -> None:
        """Look at files that were just written; when one holds a secret, all of them are removed.

        Raises:
            SecretFoundError: One holds a secret.
        """
        paths = list(paths)
        try:
            for path in paths:
                self._check(path.name, partial(_open, path))
        except SecretFoundError:
            for path in paths:
                path.unlink(missing_ok=True)
            raise

    def check_bytes(self, name: str, data: bytes) -> None:
        """Look at a document.

        Raises:
            SecretFoundError: It holds a secret.
        """
        if self._holds([data]):
            raise _refusal(name, _KNOWN)

    def _check(self, name: str, opener: Opener) -> None:
        place = self._place(name)
        if self._holds([name.encode("utf-8", "surrogatepass")]):
            raise _refusal("the name of a file", _KNOWN)
        if self._sought:
            with opener() as stream:
                self._refuse_known(place, _chunks(stream))
            if name.endswith(".gz"):
                with opener() as packed, gzip.open(packed) as stream:
                    self._refuse_known(place, _chunks(cast("IO[bytes]", stream)))
        if name.endswith(".warc.gz"):
            with opener() as stream:
                self._check_records(place, stream)

    def _check_records(self, place: str, stream: IO[bytes]) -> None:
        for record in warc.read(stream):
            if lines := _credential_lines(record):
                raise _refusal(f"{place}, {record.type} record", f"the credential line {lines[0]!r} with its value")
            if self._sought and record.type == "response" and record.length <= _IN_MEMORY:
                record.block.seek(0)
                self._refuse_known(f"{place}, body of the answer", [read_entity(record.block).body])

    def _refuse_known(self, place: str, chunks: Iterable[bytes]) -> None:
        if self._holds(chunks):
            raise _refusal(place, _KNOWN)

    def _holds(self, chunks: Iterable[bytes]) -> bool:
        tail = b""
        for chunk in chunks if self._sought else ():
            window = tail + chunk
            if self._sought.spellings(window):
                return True
            tail = window[-self._sought.overlap :]
        return False

    def _place(self, name: str) -> str:
        stem = name.rpartition("/")[2].removesuffix(".warc.gz")
        number = self._exhibits.get(stem, stem if stem in self._exhibits.values() else "")
        return f"exhibit {number}" if number else name


def _credential_lines(record: warc.Record) -> list[str]:
    """Return the names of what a record of ours holds that can carry a key: no value but the marker belongs there."""
    found = ["WARC-Target-URI"] if secret_values(record.headers.get("warc-target-uri", "")) else []
    if record.type == "request":
        found += secret_lines(record.read())
    elif record.type == "metadata":
        found += [name for name, value in _facts(record) if secret_values(value)]
    return found


def _facts(record: warc.Record) -> Iterator[tuple[str, str]]:
    try:
        facts = json.loads(record.read())
    except ValueError:
        return
    for name in ("url", "via"):
        if isinstance(facts, dict) and isinstance(facts.get(name), str):
            yield name, facts[name]


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    try:
        while chunk := stream.read(_CHUNK):
            yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile):  # damage is a finding of verification; its bytes were searched
        return


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    return archive.open(name)


def _refusal(place: str, what: str) -> SecretFoundError:
    return SecretFoundError(
        f"Nothing was handed over, and nothing half written was left: {place} holds {what}. It is not shown here. Have "
        "the key or password changed, so that it opens nothing any more; until then, purge the exhibit by order, or "
        "hand nothing over. What a server sent back is stored as it came; all else is a fault of the capture to report."
    )
