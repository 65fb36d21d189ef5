"""A reader of load files that shares no code with their writer: it goes by what review platforms publish of them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

COLUMNS = [
    "BEGBATES", "ENDBATES", "BEGATTACH", "ENDATTACH", "CUSTODIAN", "DOCTYPE", "TITLE", "AUTHOR_HANDLE", "PLATFORM",
    "SOURCE_URL", "FINAL_URL", "DATE_POSTED", "DATE_CAPTURED", "TIMEZONE", "COLLECTOR", "CASE_NO", "FILENAME",
    "FILEEXT", "FILESIZE", "PAGECOUNT", "MD5HASH", "SHA256HASH", "LEDGER_SEQ", "CAPTURE_QUALITY", "REDACTED",
    "CONFIDENTIALITY", "NATIVEPATH", "TEXTPATH",
]  # fmt: skip


def read_dat(data: bytes) -> list[dict[str, str]]:
    """The rows of a Concordance DAT; a value error where it is none."""
    text = data.decode("utf-8")
    if not text.startswith("\ufeff"):
        raise ValueError("no byte-order mark")
    lines = text[1:].split("\r\n")
    if lines.pop() != "" or any("\n" in line or "\r" in line for line in lines):
        raise ValueError("a line does not end in CRLF")
    head, *rows = (_fields(line) for line in lines)
    if any(len(row) != len(head) for row in rows):
        raise ValueError("a row has another number of fields than the header")
    return [dict(zip(head, row, strict=True)) for row in rows]


def _fields(line: str) -> list[str]:
    fields = line.split("\x14")
    if any(len(each) < 2 or each[0] != "\xfe" or each[-1] != "\xfe" or "\xfe" in each[1:-1] for each in fields):
        raise ValueError("a field does not stand between two qualifiers")
    return [each[1:-1].replace("\xae", "\n") for each in fields]


def read_opt(data: bytes) -> list[list[str]]:
    """The lines of an Opticon OPT; a value error where it is none."""
    lines = data.decode("ascii").split("\r\n")
    if lines.pop() != "":
        raise ValueError("a line does not end in CRLF")
    rows = [line.split(",") for line in lines]
    if any(len(row) != 7 for row in rows):
        raise ValueError("a line has not seven fields")
    return rows


def faults(data: Path, prefix: str, first: int = 1) -> list[str]:
    """What is wrong with the load files of a production, and with what they name."""
    rows = read_dat((data / "DATA/production.dat").read_bytes())
    pages = read_opt((data / "DATA/production.opt").read_bytes())
    return [*_rows(data, rows, prefix, first), *_families(rows), *_pages(data, rows, pages)]


def _rows(data: Path, rows: list[dict[str, str]], prefix: str, due: int) -> Iterator[str]:
    for row in rows:
        if list(row) != COLUMNS:
            yield "the columns are others"
        begin, end = (_number(row[name], prefix) for name in ("BEGBATES", "ENDBATES"))
        if begin != due or end < begin or end - begin + 1 != int(row["PAGECOUNT"]):
            yield f"{row['BEGBATES']}-{row['ENDBATES']} is out of order"
        due = end + 1
        for name in ("NATIVEPATH", "TEXTPATH"):
            if row[name] and not _place(data, row[name]).is_file():
                yield f"{row[name]} is not there"
        if row["NATIVEPATH"] and _place(data, row["NATIVEPATH"]).is_file():
            yield from _hashes(row, _place(data, row["NATIVEPATH"]).read_bytes())
        if row["TEXTPATH"] and _place(data, row["TEXTPATH"]).is_file():
            _place(data, row["TEXTPATH"]).read_bytes().decode("utf-8")


def _hashes(row: dict[str, str], content: bytes) -> Iterator[str]:
    made = hashlib.sha256(content).hexdigest(), hashlib.md5(content, usedforsecurity=False).hexdigest()
    if (row["SHA256HASH"], row["MD5HASH"], row["FILESIZE"]) != (*made, str(len(content))):
        yield f"{row['NATIVEPATH']} has another hash or size"


def _families(rows: list[dict[str, str]]) -> Iterator[str]:
    """Who has a family stands within it, and whoever heads one stands first in it."""
    seen: set[str] = set()
    for row in rows:
        begin, end = row["BEGATTACH"], row["ENDATTACH"]
        seen.add(row["BEGBATES"])
        if bool(begin) != bool(end) or (begin and not begin <= row["BEGBATES"] <= row["ENDBATES"] <= end):
            yield f"{row['BEGBATES']} lies outside its family"
        if begin and begin not in seen:
            yield f"{row['BEGBATES']} stands before its parent"


def _pages(data: Path, rows: list[dict[str, str]], pages: list[list[str]]) -> Iterator[str]:
    if len(pages) != sum(int(row["PAGECOUNT"]) for row in rows):
        yield "there are not as many page lines as pages"
    begins = {row["BEGBATES"]: row["PAGECOUNT"] for row in rows}
    if [page[0] for page in pages if page[3] == "Y"] != list(begins):
        yield "the documents begin elsewhere"
    for key, _, path, is_first, folder, box, count in pages:
        if count != begins.get(key, "") or (is_first, folder, box) not in (("Y", "", ""), ("", "", "")):
            yield f"{key} breaks or counts where it should not"
        if not path.startswith(".\\IMAGES\\") or not _place(data, path).is_file():
            yield f"{path} is not there"
            continue
        with Image.open(io.BytesIO(_place(data, path).read_bytes())) as picture:
            picture.load()


def _place(data: Path, path: str) -> Path:
    return data.joinpath(*path.removeprefix(".\\").split("\\"))


def _number(label: str, prefix: str) -> int:
    digits = label.removeprefix(prefix)
    if digits == label or len(digits) < 6:
        raise ValueError(f"{label} is no number")
    return int(digits)
