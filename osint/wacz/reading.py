"""Packages of any program, read with care: their WARC records, one after the other.

Nothing is unpacked to a name of the package's choosing, and nothing in it is believed: whoever imports records checks
them. STORED and DEFLATE entries are read, manifests of WACZ 1.0, 1.1 and 1.2, WARC files of 1.0 and 1.1, packed by
record or plain. What a reader could be tricked with is refused before anything is read: names that lead elsewhere or
clash, links, encrypted entries, entries that overlap, too many of them, and content that grows beyond all measure.
"""

from __future__ import annotations

import json
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from osint import warc
from osint.wacz.form import ARCHIVE, MANIFEST

_CHUNK = 1 << 16
_SPOOL = 1 << 20
_LONGEST_LINE = 1 << 18
_LONGEST_MANIFEST = 1 << 28
_MOST_ENTRIES = 1_000_000
_MOST_HEADERS = 1000
_VERSIONS = (b"WARC/1.0", b"WARC/1.1")


class WaczError(ValueError):
    """The file is no package that is read; the message says why."""


@dataclass(frozen=True)
class OpenedWacz:
    """A package that is open for reading.

    Attributes:
        manifest: ``datapackage.json`` as it was found.
        version: Its ``wacz_version``; empty where it states none, as from 1.2 on.
        names: Every file in the package.
    """

    manifest: Mapping[str, Any]
    version: str
    names: tuple[str, ...]
    _zip: zipfile.ZipFile = field(repr=False)

    @property
    def warcs(self) -> tuple[str, ...]:
        """The WARC files, in the order of their names."""
        return tuple(sorted(name for name in self.names if name.startswith(ARCHIVE) and ".warc" in name))

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open one file; it gives no more than the package says that it holds.

        Raises:
            WaczError: There is no such file, or it is damaged.
        """
        if name not in self.names:
            raise WaczError(f"{name} is not in the package")
        try:
            with self._zip.open(name) as stream:
                yield stream
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise WaczError(f"{name} is damaged ({error})") from error

    def records(self, name: str) -> Iterator[warc.Record]:
        """Yield the records of one WARC file; the stream of a record is closed when the next one is asked for.

        Raises:
            WaczError: The file is damaged.
            warc.WarcError: A record is cut, malformed, or grows beyond 64 MiB and 200 times its length.
        """
        with self.open(name) as stream:
            yield from _records(_Bytes(stream, packed=name.endswith(".gz")))


def read_warc(stream: IO[bytes], *, packed: bool) -> Iterator[warc.Record]:
    """Yield the records of one WARC file of any program, as :meth:`OpenedWacz.records` does.

    Raises:
        warc.WarcError: A record is cut, malformed, or grows beyond 64 MiB and 200 times its length.
    """
    yield from _records(_Bytes(stream, packed=packed))


@contextmanager
def open_wacz(path: Path) -> Iterator[OpenedWacz]:
    """Open a package of any program for reading.

    Raises:
        WaczError: It is no package, or holds what no honest one does.
        OSError: The file cannot be read.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError) as error:
        raise WaczError(f"{path.name} is no ZIP ({error})") from error
    with archive:
        _refuse_hostile(archive)
        files = tuple(info.filename for info in archive.infolist() if not info.is_dir())
        opened = OpenedWacz({}, "", files, archive)
        with opened.open(MANIFEST) as stream:
            manifest = _manifest(stream.read(_LONGEST_MANIFEST))
        yield OpenedWacz(manifest, str(manifest.get("wacz_version", "")), files, archive)


def _refuse_hostile(archive: zipfile.ZipFile) -> None:
    seen: set[str] = set()
    end = 0
    infos = archive.infolist()
    if len(infos) > _MOST_ENTRIES:
        raise WaczError(f"it holds {len(infos)} files, which is more than is read")
    for info in sorted(infos, key=lambda each: each.header_offset):
        name = info.filename
        parts = name.rstrip("/").split("/")
        if info.orig_filename != name or "\\" in name or ":" in name or {"", ".", ".."} & set(parts):
            raise WaczError(f"{info.orig_filename!r} is no plain relative name")
        if name.casefold() in seen:
            raise WaczError(f"{name!r} is there more than once, or twice but for capitals")
        if stat.S_ISLNK(info.external_attr >> 16) or info.flag_bits & 1:
            raise WaczError(f"{name!r} is a link, or encrypted")
        if info.header_offset < end:
            raise WaczError(f"{name!r} overlaps the file before it")
        if info.file_size > warc.most_inflated(info.compress_size):
            raise WaczError(f"{name!r} grows beyond what is unpacked")
        seen.add(name.casefold())
        end = info.header_offset + 30 + len(name) + info.compress_size


def _manifest(data: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise WaczError(f"{MANIFEST} is no JSON document") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("resources"), list):
        raise WaczError(f"{MANIFEST} lists no files")
    return manifest


class _Bytes:
    """The content of a WARC file, unpacked where it is packed, with the place in the file where it comes from."""

    def __init__(self, stream: IO[bytes], *, packed: bool) -> None:
        self._stream, self._packed = stream, packed
        self._gunzip: zlib._Decompress | None = None
        self._buffer = self._rest = b""
        self._taken = self._given = self._member = 0

    def has_more(self) -> bool:
        return bool(self._buffer) or self._fill()

    @property
    def offset(self) -> int:
        """Where the gzip member that is being read starts, or the next byte of a plain file."""
        return self._member if self._packed else self._taken - len(self._buffer)

    def line(self) -> bytes:
        while b"\n" not in self._buffer and len(self._buffer) < _LONGEST_LINE and self._fill():
            pass
        line, feed, self._buffer = self._buffer.partition(b"\n")
        if not feed:
            raise warc.WarcError(f"the record at byte {self.offset} has no end of its headers")
        return line.rstrip(b"\r")

    def some(self, most: int) -> bytes:
        """Return up to so many bytes, none at the end."""
        self.has_more()
        data, self._buffer = self._buffer[:most], self._buffer[most:]
        return data

    def _fill(self) -> bool:
        data = self._unpack() if self._packed else self._stream.read(_CHUNK)
        self._taken += 0 if self._packed else len(data)
        self._buffer += data
        return bool(data)

    def _unpack(self) -> bytes:
        """Return the next unpacked bytes, none behind the last member."""
        unpacked = b""
        while not unpacked:
            data = self._rest or self._stream.read(_CHUNK)
            if self._gunzip is None:
                if not data:
                    return b""
                self._gunzip, self._member = zlib.decompressobj(31), self._taken
            try:
                unpacked = self._gunzip.decompress(data, _CHUNK)
            except zlib.error as error:
                raise warc.WarcError(f"the record at byte {self._member} is not an intact gzip member") from error
            at_end = self._gunzip.eof
            if not (data or unpacked or at_end):
                raise warc.WarcError(f"the record at byte {self._member} is cut short")
            self._rest = self._gunzip.unused_data if at_end else self._gunzip.unconsumed_tail
            self._gunzip = None if at_end else self._gunzip
            self._taken += len(data) - len(self._rest)
            self._given += len(unpacked)
            if self._given > warc.most_inflated(self._taken):
                raise warc.WarcError(f"the record at byte {self._member} grows beyond what is unpacked")
        return unpacked


def _records(content: _Bytes) -> Iterator[warc.Record]:
    while content.has_more():
        offset = content.offset
        headers = _headers(content, offset)
        length = headers.get("content-length", "")
        if not length.isdecimal() or len(length) > 18:
            raise warc.WarcError(f"the record at byte {offset} says no length")
        with SpooledTemporaryFile(max_size=_SPOOL) as block:
            left = int(length)
            while left and (data := content.some(left)):
                left -= block.write(data)
            if left or content.line() or content.line():
                raise warc.WarcError(f"the record at byte {offset} should hold {length} bytes and does not")
            block.seek(0)
            yield warc.Record(headers, block, int(length), offset)


def _headers(content: _Bytes, offset: int) -> dict[str, str]:
    """Read the headers; a repeated one, which the standard allows for some, is joined by commas."""
    if content.line() not in _VERSIONS:
        raise warc.WarcError(f"the record at byte {offset} does not start with a WARC version that is read")
    headers: dict[str, str] = {}
    name = ""
    for _ in range(_MOST_HEADERS):
        line = content.line().decode("utf-8", "replace")
        if not line:
            return headers
        if line[0] in " \t" and name:
            headers[name] += f" {line.strip()}"
            continue
        name, colon, value = line.partition(":")
        name, value = name.strip().casefold(), value.strip()
        if not colon:
            break
        if name == "warc-target-uri":
            value = value.removeprefix("<").removesuffix(">")  # as WARC 1.0 was read by some
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    raise warc.WarcError(f"the record at byte {offset} has malformed headers")
