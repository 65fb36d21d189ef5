"""Whether the load files of a production say the same of each document, and its texts what the tables say.

A review platform reads one of three load files and searches the texts, and nobody looks at the others. Who hides a
document in one of them, runs two together, gives one another file or empties its text has to do so everywhere, and in
the lists that are compared with the ledger.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from xml.parsers import expat

from osint.production.documents.said import PLAIN, words_of, writable
from osint.production.listed import rows as listed
from osint.production.load_files import DAT, EDRM, OPT
from osint.production.plan import Numbers
from osint.production.posts import PART_POSTS

Row = Mapping[str, str]
_POSTS = ("posts", PART_POSTS)
_FREE = frozenset({"CONFIDENTIALITY"})
"""Columns of words, which each format spells in its own way."""


def differences(data: Path, rows: Sequence[Row], numbers: Numbers, exhibits: Mapping[str, str]) -> Iterator[str]:
    """Yield where the load files differ from each other, or from the files that they name.

    Args:
        data: The payload folder.
        rows: Every document as the Concordance load file has it, by column.
        numbers: How the production numbers.
        exhibits: The item that each document stands for, by its first number.
    """
    yield from _opticon(data / OPT, rows, numbers)
    yield from _edrm(data / EDRM, rows)
    yield from _sizes(data, rows)
    yield from texts(data, {exhibits[row["BEGBATES"]]: row for row in rows})


def below(path: str) -> str:
    r"""Return the path below the payload folder that a load file spells ``.\NATIVES\DOE000001.jpg``."""
    return path.replace("\\", "/").removeprefix("./")


def _opticon(path: Path, rows: Iterable[Row], numbers: Numbers) -> Iterator[str]:
    """Each document begins on its first page, with the number of its pages; no other page begins one."""
    with path.open(encoding="ascii", newline="") as stream:
        shown = {line[0]: (line[3], line[6]) for line in csv.reader(stream, quoting=csv.QUOTE_NONE)}
    for row in rows:
        first, last = numbers.number(row["BEGBATES"]), numbers.number(row["ENDBATES"])
        count = str(last - first + 1)
        if row["PAGECOUNT"] != count:
            yield f"{DAT} says that {row['BEGBATES']} has {row['PAGECOUNT'] or 'no'} pages, and it has {count}"
        for label, due in [(first, ("Y", count)), *((each, ("", "")) for each in range(first + 1, last + 1))]:
            if shown.get(numbers.label(label), due) != due:
                yield f"{OPT} says something else of page {numbers.label(label)}: whether a document begins there"


def _edrm(path: Path, rows: Sequence[Row]) -> Iterator[str]:
    """The documents stand there in their order, with the same values and files.

    Raises:
        ValueError: It is no well-formed XML, or declares a type, with which it could name files or grow without end.
    """
    due = {row["BEGBATES"]: row for row in rows}
    read = _EdrmReader(due, frozenset(name for row in rows[:1] for name in row) - _FREE)
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = read.start, read.end
    parser.StartDoctypeDeclHandler = read.refuse
    try:
        with path.open("rb") as stream:
            parser.ParseFile(stream)
    except expat.ExpatError as error:
        raise ValueError(f"{EDRM} is no well-formed XML: {error}") from error
    there = set(read.labels)
    for label in sorted(due.keys() ^ there):
        yield f"number {label} stands in {EDRM if label in there else DAT} alone"
    if len(read.labels) != len(there) or [each for each in read.labels if each in due] != [
        each for each in due if each in there
    ]:
        yield f"{EDRM} names a document twice, or not in the order of the numbers"
    yield from read.wrong


class _EdrmReader:
    """Compares each document of an EDRM XML file as it is read, and keeps no more of it than its number."""

    def __init__(self, due: Mapping[str, Row], columns: Collection[str]) -> None:
        self.due = due
        self.columns = columns
        self.labels: list[str] = []
        self.wrong: list[str] = []
        self._begin()

    def _begin(self) -> None:
        self._values: dict[str, str] = {}
        self._files: set[str] = set()
        self._hashes: set[str] = set()
        self._within = False

    def start(self, name: str, said: Mapping[str, str]) -> None:
        if name == "Document":
            if self._within:
                raise ValueError(f"{EDRM} has a document within another, which no load file does")
            self.labels.append(said["DocID"])
            self._begin()
            self._within = True
        elif name == "Tag" and said["TagName"] in self.columns:
            self._values[said["TagName"]] = said["TagValue"]
        elif name == "ExternalFile":
            self._files.add(f"{said['FilePath']}/{said['FileName']}")
            self._hashes.update({said.get("Hash", "")} - {""})

    def end(self, name: str) -> None:
        if name != "Document":
            return
        self._within = False
        row = self.due.get(self.labels[-1])
        if row is None:
            return
        wrong = [column for column in self.columns if self._values.get(column, "") != row[column]]
        files = {below(row[column]) for column in ("NATIVEPATH", "TEXTPATH") if row[column]}
        if wrong or not files <= self._files or self._hashes != {row["MD5HASH"]} - {""}:
            what = ", ".join(sorted(wrong)) or "its files"
            self.wrong.append(f"{EDRM} says something else of {row['BEGBATES']} than {DAT}: {what}")

    @staticmethod
    def refuse(*_: object) -> None:
        raise ValueError(f"{EDRM} declares a type of document, which no load file does")


def _sizes(data: Path, rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        native = data / below(row["NATIVEPATH"])
        if row["NATIVEPATH"] and native.is_file() and row["FILESIZE"] != str(native.stat().st_size):
            yield f"{DAT} says that the file of {row['BEGBATES']} has {row['FILESIZE'] or 'no'} bytes; it has others"


def texts(data: Path, documents: Mapping[str, Row]) -> Iterator[str]:
    """Yield which text is empty, and where one lacks what the tables say of a post in its document.

    Args:
        data: The payload folder.
        documents: What the load file says of each document, by the item that it stands for.
    """
    for row in documents.values():
        text = data / below(row["TEXTPATH"])
        if row["TEXTPATH"] and text.is_file() and not text.read_bytes().strip():
            yield f"the text of {row['BEGBATES']} is empty"
    told = set[str]()
    tables = (data / "tables" / f"{name}.csv" for name in _POSTS)
    for table in (each for each in tables if each.exists()):
        posts = ((row["exhibit"], row["content"]) for row in listed(table))
        for exhibit, group in groupby(posts, key=lambda each: each[0]):
            told.add(exhibit)
            yield from _posts(data, exhibit, documents.get(exhibit), [content for _, content in group])
    for exhibit, row in documents.items():
        native = data / below(row["NATIVEPATH"])
        if exhibit not in told and native.suffix == f".{PLAIN}" and native.is_file():
            text = data / below(row["TEXTPATH"])
            if words_of(native) != (text.read_bytes() if row["TEXTPATH"] and text.is_file() else b""):
                yield f"the text of {row['BEGBATES']} is not what its file says"


def _posts(data: Path, exhibit: str, row: Row | None, contents: Sequence[str]) -> Iterator[str]:
    path = data / below(row["TEXTPATH"]) if row and row["TEXTPATH"] else None
    if path is None or not path.is_file():
        yield f"posts were read from item {exhibit}, and it has no text"
        return
    text = path.read_text(encoding="utf-8")
    missing = sum(writable(each) not in text for each in contents)
    if missing:
        yield f"the text of item {exhibit} lacks {missing} of the posts that the tables have of it"
