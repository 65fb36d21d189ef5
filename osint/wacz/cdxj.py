"""The index of a package: one CDXJ line for each record that a replayer may show.

A line is the SURT key, the second as 14 digits, and JSON: url, mime, status, digest, length, offset, filename. It is
byte for byte the line of ``cdxj-indexer --records response,revisit,resource``. warcio.js gives the same facts, leaves
the name of the hash out of a digest and makes plainer keys of addresses with a trailing slash or repeated slashes.

- response: mime and status are those of the HTTP head; the body is never read, whatever its coding.
- revisit: mime is ``warc/revisit``, the status that of the HTTP head.
- resource: mime is the record's content type; there is no status. One of type ``application/warc-fields`` has no line.
- request and warcinfo have no line. Nor has metadata, though both programs index ours: it has the address and the
  second of its answer, and pywb shows the JSON in place of the page when both are indexed.

A digest stands in a line where the record states one for its payload, and nowhere else; cdxj-indexer computes a SHA-1
for records without.

The lines lie sorted in gzip members of 300 (``index.cdx.gz``); ``index.idx`` has the first key of each, its place and
its SHA-256. pywb calls this ZipNum.

Source: https://specs.webrecorder.net/cdxj/0.1.0/
"""

from __future__ import annotations

import hashlib
import heapq
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import islice
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self

from osint import warc
from osint.wacz.surt import surt

LINES_IN_A_BLOCK = 300
_FORMAT = "cdxj-gzip-1.0"
_IN_MEMORY = 100_000
_LONGEST_HEAD = 1 << 18
_LONGEST_BLOCK = 1 << 26
_SHOWN = ("response", "revisit", "resource")


class CdxjError(ValueError):
    """The bytes are no index of this form; the message says where and why."""


def timestamp(date: str) -> str:
    """Return the second of a ``WARC-Date`` as 14 digits; fractions are dropped, not rounded."""
    return re.sub(r"\D", "", date)[:14].ljust(14, "0")


def timestamp_of(instant: datetime) -> str:
    """Return the second of an instant as 14 digits of UTC."""
    return instant.strftime("%Y%m%d%H%M%S")


def index_line(record: warc.Record, filename: str) -> str | None:
    """Return the line of a record, with its line end, or None for a record that has none.

    Args:
        record: The record; its block is read as far as the end of the HTTP head.
        filename: Name of its file, without folders.
    """
    content_type = record.headers.get("content-type", "")
    if record.type not in _SHOWN or (record.type == "resource" and content_type == "application/warc-fields"):
        return None
    url = record.headers.get("warc-target-uri", "")
    status, mime = _http_facts(record) if record.type != "resource" else ("", content_type)
    fields = {
        "url": url,
        "mime": "warc/revisit" if record.type == "revisit" else re.split(r"[;\s]", mime, maxsplit=1)[0],
        "status": status,
        "digest": record.headers.get("warc-payload-digest", ""),
        "length": str(record.packed),
        "offset": str(record.offset),
        "filename": filename,
    }
    told = json.dumps({name: value for name, value in fields.items() if value})
    return f"{surt(url)} {timestamp(record.headers.get('warc-date', ''))} {told}\n"


class Sorter:
    """Sorts lines, of which there may be more than fit in memory, and drops repetitions."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._runs: list[IO[str]] = []
        self._files = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def add(self, line: str) -> None:
        """Take one line in."""
        self._lines.append(line)
        if len(self._lines) == _IN_MEMORY:
            self._spill()

    def __iter__(self) -> Iterator[str]:
        """Yield the lines in the order of their characters, each once."""
        for run in self._runs:
            run.seek(0)
        last = None
        for line in heapq.merge(sorted(self._lines), *self._runs):
            if line != last:
                yield line
            last = line

    def _spill(self) -> None:
        run = self._files.enter_context(TemporaryFile("w+", encoding="utf-8", newline="\n"))  # noqa: SIM115 - closed with the others
        run.writelines(sorted(self._lines))
        self._runs.append(run)
        self._lines = []


def write_index(lines: Iterable[str], out: IO[bytes], name: str) -> bytes:
    """Write sorted lines to ``out`` as gzip members; return the content of the ``.idx`` beside it.

    Args:
        lines: From :class:`Sorter`.
        out: A binary stream.
        name: The name that ``out`` will have, without folders.
    """
    index = [f"!meta 0 {json.dumps({'format': _FORMAT, 'filename': name})}\n"]
    offset, rest = 0, iter(lines)
    while block := list(islice(rest, LINES_IN_A_BLOCK)):
        gzip = zlib.compressobj(6, zlib.DEFLATED, 31)
        packed = gzip.compress("".join(block).encode()) + gzip.flush()
        out.write(packed)
        index.append(_block_line(block[0], offset, packed))
        offset += len(packed)
    return "".join(index).encode()


def read_index(packed: IO[bytes], index: bytes, name: str) -> Iterator[str]:
    """Yield the lines of an index, each block as its ``.idx`` describes it.

    Raises:
        CdxjError: The two do not fit each other, or are not what :func:`write_index` writes.
    """
    head, *blocks = _lines(index.decode("utf-8", "replace"))
    if head != f"!meta 0 {json.dumps({'format': _FORMAT, 'filename': name})}\n":
        raise CdxjError("the first line of the .idx does not say what the index is")
    offset = 0
    for number, line in enumerate(blocks):
        found = re.search(r'"length": (\d{1,9})\b', line)
        data = packed.read(int(found[1])) if found else b""
        lines = _inflate(data, number)
        if line != _block_line(lines[0], offset, data):
            raise CdxjError(f"line {number + 1} of the .idx does not describe block {number} of the index")
        yield from lines
        offset += len(data)
    if packed.read(1):
        raise CdxjError("the index goes on behind the last block of the .idx")


def _inflate(data: bytes, number: int) -> list[str]:
    gunzip = zlib.decompressobj(31)
    try:
        text = gunzip.decompress(data, _LONGEST_BLOCK).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise CdxjError(f"block {number} of the index is damaged") from error
    if not gunzip.eof or gunzip.unused_data or not text.endswith("\n"):
        raise CdxjError(f"block {number} of the index is cut, too large, or no block")
    return _lines(text)


def _lines(text: str) -> list[str]:
    """Split at line feeds and nothing else; what stands behind the last is a line too."""
    return re.findall(r"[^\n]*\n|[^\n]+\Z", text) or [""]


def _block_line(first: str, offset: int, packed: bytes) -> str:
    place = {"offset": offset, "length": len(packed), "digest": f"sha256:{hashlib.sha256(packed).hexdigest()}"}
    return f"{first.partition('{')[0].strip()} {json.dumps(place)}\n"


def _http_facts(record: warc.Record) -> tuple[str, str]:
    """Return status and content type of an HTTP message: those of its head, the first where one is repeated."""
    end = warc.payload_offset(record.block) or _LONGEST_HEAD
    lines = record.block.read(end).splitlines()
    record.block.seek(0)
    first = lines[0].decode("latin-1").split(" ") if lines else []
    status = first[1] if len(first) > 1 else ""
    for line in lines[1:]:
        name, colon, value = line.decode("latin-1").partition(":")
        if not line:
            break
        if colon and name.strip(" \t").casefold() == "content-type":
            return status, value.strip()
    return status, ""
