"""Whether the files of a production are those of its load files, and its natives those of the evidence beside them.

A native is what a reviewer opens and relies on. It is the evidentiary copy itself, what that holds, or the redacted
copy that stands for it; which, is found out by reading the evidence again.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from osint.capture.read_back import copy_body, copy_import
from osint.chain_of_custody.withheld import FOLDER as REDACTED
from osint.errors import EvidenceError
from osint.parts import FOLDER as PARTS
from osint.production.documents import IMAGES, NATIVES, TEXT
from osint.production.load_files import DAT, OPT
from osint.production.plan import Fate, Numbers
from osint.report.bag import PAYLOAD
from osint.report.hand_over import EVIDENCE
from osint.store.blobs import FolderBlobs

_FOLDERS = tuple(f"{PAYLOAD}/{each}/".casefold() for each in (NATIVES, IMAGES, TEXT))
_MEDIA = "tables/media.csv"
COLUMNS = ("BEGBATES", "ENDBATES", "LEDGER_SEQ", "NATIVEPATH", "TEXTPATH", "SHA256HASH", "MD5HASH", "FILESIZE",
           "PAGECOUNT", "CONFIDENTIALITY", "REDACTED")  # fmt: skip
"""What is read of a load file."""

Row = Mapping[str, str]


@dataclass(frozen=True)
class Shown:
    """A document as the load file has it.

    Attributes:
        exhibit: The item that it stands for, by the exhibit list.
        sha256: Hex SHA-256 of the exhibit, by the ledger.
        fate: What became of it, by the files.
        row: Its row of the load file.
    """

    exhibit: str
    sha256: str
    fate: Fate | None
    row: Row

    @property
    def native(self) -> str:
        """Path of its native in the package; empty where the load file names none."""
        return in_package(self.row["NATIVEPATH"])


def in_package(path: str) -> str:
    r"""Return the path in a package that a load file spells ``.\NATIVES\DOE000001.jpg``; nothing for no path."""
    plain = path.replace("\\", "/").removeprefix("./")
    return f"{PAYLOAD}/{plain}" if plain else ""


def named(data: Path, documents: Sequence[Shown], numbers: Numbers, listed: Mapping[str, str]) -> Iterator[str]:
    """Compare the files that are there with those that the load files name.

    Args:
        data: The payload folder.
        documents: The documents.
        numbers: How the production numbers.
        listed: SHA-256 of each file of the payload by its name, from the list of hashes.
    """
    pages = dict(_pages(data))
    due = [numbers.label(number) for each in documents for number in _span(each.row, numbers)]
    for label in sorted(pages.keys() ^ set(due)):
        yield f"{OPT} {'has no page' if label in due else 'has a page'} {label}"
    names = {each.native for each in documents} | {in_package(each.row["TEXTPATH"]) for each in documents}
    wanted = {*names, *pages.values()} - {""}
    there = {name for name in listed if name.casefold().startswith(_FOLDERS)}
    for name in sorted(wanted - there):
        yield f"{name} is named in a load file and is not there"
    for name in sorted(there - wanted):
        yield f"{name} is there and no load file names it"
    for label, name in pages.items():
        if PurePosixPath(name).stem != label:
            yield f"{OPT} gives page {label} the file of another: {name}"


def _pages(data: Path) -> Iterator[tuple[str, str]]:
    with (data / OPT).open(encoding="ascii", newline="") as stream:
        for row in csv.reader(stream, quoting=csv.QUOTE_NONE):
            yield row[0], in_package(row[2])


def _span(row: Row, numbers: Numbers) -> range:
    return range(numbers.number(row["BEGBATES"]), numbers.number(row["ENDBATES"]) + 1)


def natives(data: Path, documents: Sequence[Shown], listed: Mapping[str, str]) -> Iterator[str]:
    """Compare each native with the evidence, or with the redacted copy that stands for it.

    Args:
        data: The payload folder.
        documents: The documents.
        listed: As for :func:`named`.
    """
    known = {each.exhibit: each.sha256 for each in documents if each.fate is Fate.PRODUCED}
    joined = _joined(data)
    for each in documents:
        label, file = each.row["BEGBATES"], listed.get(each.native, "")
        if each.native and file != each.row["SHA256HASH"]:
            yield f"the file of {label} is not there, or not the one that {DAT} gives the SHA-256 of"
        elif each.fate is Fate.PRODUCED and not each.native:
            yield f"{label} stands for item {each.exhibit}, which is produced, and has no file"
        elif each.fate is Fate.PRODUCED and not _is_held(data, each, file, joined.get(each.exhibit, ()), known):
            yield f"the file of {label} is not what item {each.exhibit} holds"
        elif each.fate is Fate.WITHHELD and each.native and file not in _copies(each.exhibit, listed):
            yield f"the file of {label} is not the redacted copy that stands for item {each.exhibit}"


def _copies(exhibit: str, listed: Mapping[str, str]) -> set[str]:
    start = f"{PAYLOAD}/{REDACTED}/{exhibit}."
    return {digest for name, digest in listed.items() if name.startswith(start)}


def _is_held(data: Path, document: Shown, file: str, parts: Sequence[str], known: Mapping[str, str]) -> bool:
    """Whether a file is the evidentiary copy of an exhibit, what it holds, or what several together hold."""
    if file == document.sha256:
        return True
    number, _, part = document.exhibit.partition("@")
    blobs = FolderBlobs((data / PARTS / part if part else data) / EVIDENCE)
    several = [(each, known[each]) for each in parts if each in known]
    return file in _held(blobs, [(number, document.sha256)]) or (bool(several) and file in _held(blobs, several))


def _held(blobs: FolderBlobs, several: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield the SHA-256 of what exhibits hold one behind the other; nothing where one cannot be read."""
    whole = _Digest()
    try:
        for exhibit, sha256 in several:
            with blobs.open(sha256) as blob:
                capture = copy_body(blob, exhibit, whole)  # type: ignore[arg-type]
            if capture.made == "imported":
                with blobs.open(sha256) as blob:
                    copy_import(blob, exhibit, whole)  # type: ignore[arg-type]
                break
    except EvidenceError:
        return
    yield whole.hexdigest()


class _Digest:
    """A file of which nothing is kept but its SHA-256."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return len(data)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _joined(data: Path) -> dict[str, list[str]]:
    """Return the exhibits in which a file came that several answers hold, by the first of them."""
    with (data / _MEDIA).open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        told = ((row["exhibit"], json.loads(row.get("parts") or "[]")) for row in rows)
        return {exhibit: [str(each) for each in parts] for exhibit, parts in told if parts}
