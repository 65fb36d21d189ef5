"""Whether the load files of a production say the same of each document, and its texts what the tables say.

A review platform reads one of three load files and searches the texts, and nobody looks at the others. Who hides a
document in one of them, runs two together, gives one another file or empties its text has to do so everywhere, and in
the lists that are compared with the ledger.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass
class _Document:
    """One document as the EDRM XML file has it."""

    values: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    hashes: set[str] = field(default_factory=set)


def _edrm(path: Path, rows: Sequence[Row]) -> Iterator[str]:
    """The documents stand there in their order, with the same values and files."""
    columns = frozenset(name for row in rows[:1] for name in row) - _FREE
    read = _read_edrm(path, columns)
    due = [row["BEGBATES"] for row in rows]
    there = dict(read)
    for label in sorted({*due} ^ there.keys()):
        yield f"number {label} stands in {EDRM if label in there else DAT} alone"
    if len(read) != len(there) or [label for label, _ in read if label in {*due}] != [
        each for each in due if each in there
    ]:
        yield f"{EDRM} names a document twice, or not in the order of the numbers"
    for row in rows:
        told = there.get(row["BEGBATES"])
        wrong = [] if told is None else [name for name in columns if told.values.get(name, "") != row[name]]
        files = {below(row[name]) for name in ("NATIVEPATH", "TEXTPATH") if row[name]}
        if told and (wrong or not files <= told.files or told.hashes != {row["MD5HASH"]} - {""}):
            what = ", ".join(sorted(wrong)) or "its files"
            yield f"{EDRM} says something else of {row['BEGBATES']} than {DAT}: {what}"


def _read_edrm(path: Path, columns: Collection[str]) -> list[tuple[str, _Document]]:
    """Read what an EDRM XML file says of each document, by its number; of its values those in some columns.

    Raises:
        ValueError: It is no well-formed XML, or declares a type, with which it could name files or grow without end.
    """
    read: list[tuple[str, _Document]] = []

    def start(name: str, said: Mapping[str, str]) -> None:
        if name == "Document":
            read.append((said["DocID"], _Document()))
        elif name == "Tag" and said["TagName"] in columns:
            read[-1][1].values[said["TagName"]] = said["TagValue"]
        elif name == "ExternalFile":
            read[-1][1].files.add(f"{said['FilePath']}/{said['FileName']}")
            read[-1][1].hashes.update({said.get("Hash", "")} - {""})

    def refuse(*_: object) -> None:
        raise ValueError(f"{EDRM} declares a type of document, which no load file does")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = start, refuse
    try:
        with path.open("rb") as stream:
            parser.ParseFile(stream)
    except expat.ExpatError as error:
        raise ValueError(f"{EDRM} is no well-formed XML: {error}") from error
    return read


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
