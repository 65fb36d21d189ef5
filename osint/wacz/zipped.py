"""A ZIP of stored entries, whose every byte follows from the names and contents.

No compression, no comment, no times, no gap: :func:`read_directory` writes the headers that there should be once more
and compares, so that a ZIP with anything hidden beside or between its entries is refused, and one that two readers
would read differently is no ZIP of this form.

Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (6.3.10), sections 4.3 to 4.5.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import IO, Protocol

from osint.window import window

_CHUNK = 1 << 16
_MOST_ENTRIES = 1_000_000
_LONGEST_DIRECTORY = 1 << 28
_SMALL, _FEW = 0xFFFFFFFF, 0xFFFF
_DAY = 0x21  # 1 January 1980, the first that the format can name
_PLAIN_FILE = (stat.S_IFREG | 0o644) << 16
_UNIX = 3
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*\Z")

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")


class ZipError(ValueError):
    """The bytes are no ZIP of this form; ``problems`` says all that was found."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Entry:
    """One file in the ZIP: its name, length, CRC-32, and where its header starts."""

    name: str
    size: int
    crc: int
    offset: int

    @property
    def start(self) -> int:
        """Where its bytes start."""
        return self.offset + len(_local(self))

    @property
    def end(self) -> int:
        """Where its bytes end and the next header starts."""
        return self.start + self.size


class Readable(Protocol):
    """What an entry is copied from."""

    def read(self, size: int = ..., /) -> bytes:
        """Return up to so many bytes, none at the end."""
        ...


def is_safe_name(name: str) -> bool:
    """Return whether a name is relative, leads nowhere else, and is spelt alike on every system."""
    return _NAME.match(name) is not None and not any(part.endswith(".") for part in name.split("/"))


class Writer:
    """Writes entries one after the other to a file that can be read and sought."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._names: set[str] = set()
        self.entries: list[Entry] = []

    def add(self, name: str, source: Readable, size: int) -> IO[bytes]:
        """Copy ``size`` bytes from ``source`` into a new entry; return what was written, to be read from there.

        Raises:
            ZipError: The source holds fewer or more bytes, or the name cannot be used or is used already.
        """
        if not is_safe_name(name) or name.casefold() in self._names:
            raise ZipError([f"{name!r} cannot name an entry: it is used already, or is no plain relative name"])
        self._names.add(name.casefold())
        entry = Entry(name, size, 0, self.entries[-1].end if self.entries else 0)
        self._out.seek(entry.start)
        entry = replace(entry, crc=self._copy(source, entry))
        self._out.seek(entry.offset)
        self._out.write(_local(entry))
        self.entries.append(entry)
        return window(self._out, entry.start, entry.size)

    def close(self) -> None:
        """Write the directory behind the last entry."""
        self._out.seek(self.entries[-1].end if self.entries else 0)
        self._out.write(_directory(self.entries))

    def _copy(self, source: Readable, entry: Entry) -> int:
        crc, left = 0, entry.size
        while left >= 0 and (chunk := source.read(min(_CHUNK, left + 1))):
            left -= len(chunk)
            crc = zlib.crc32(chunk, crc)
            self._out.write(chunk)
        if left:
            raise ZipError([f"{entry.name} should hold {entry.size} bytes, and its source gave another number"])
        return crc


def read_directory(file: IO[bytes]) -> list[Entry]:
    """Return the entries of a ZIP that is, but for the contents of its entries, what :class:`Writer` writes.

    The contents are not read; their CRC-32 is the reader's to compare.

    Raises:
        ZipError: It is not; every problem found is in it.
    """
    size = file.seek(0, io.SEEK_END)
    place, length, count = _find_directory(file, size)
    file.seek(place)
    entries, problems = _parse_directory(file.read(length), count)
    problems += _names_problems([entry.name for entry in entries])
    problems += _place_problems(file, entries, place)
    if not problems:
        file.seek(place)
        if file.read() != _directory(entries):
            problems.append(
                "the directory, or what stands behind it, is not what these entries give: a comment, a time, an "
                "attribute or a number was changed, or bytes were added"
            )
    if problems:
        raise ZipError(problems)
    return entries


def _find_directory(file: IO[bytes], size: int) -> tuple[int, int, int]:
    """Read the end of the file: (place of the directory, its length, number of entries)."""
    if size < _END.size:
        raise ZipError(["it is too short to be a ZIP"])
    file.seek(size - _END.size)
    mark, disk, first, here, count, length, place, comment = _END.unpack(file.read(_END.size))
    if mark != b"PK\5\6" or comment:
        raise ZipError(["it does not end as a ZIP ends: it is cut, or bytes or a comment stand behind its end"])
    ends = _END.size
    if count == _FEW or _SMALL in (length, place):
        ends += _LOCATOR.size + _END64.size
        if size < ends:
            raise ZipError(["it says that it has a ZIP64 end and is too short to have one"])
        file.seek(size - ends)
        mark, _, _, _, disk, first, here, count, length, place = _END64.unpack(file.read(_END64.size))
        if mark != b"PK\6\6":
            raise ZipError(["it says that it has a ZIP64 end, and there is none"])
    if disk or first or here != count:
        raise ZipError(["it says that it is one of several disks"])
    if count > _MOST_ENTRIES or length > _LONGEST_DIRECTORY or length < count * _CENTRAL.size:
        raise ZipError([f"its directory says {count} entries in {length} bytes, which is not read"])
    if place + length + ends != size:
        raise ZipError(["its directory does not lie where its end says: bytes were put in front, between or behind"])
    return place, length, count


def _parse_directory(data: bytes, count: int) -> tuple[list[Entry], list[str]]:
    entries: list[Entry] = []
    problems: list[str] = []
    at = 0
    for number in range(count):
        if data[at : at + 4] != b"PK\1\2" or at + _CENTRAL.size > len(data):
            raise ZipError([f"entry {number} of the directory is damaged", *problems])
        fields = _CENTRAL.unpack_from(data, at)
        flags, method, crc, packed, size, lengths = fields[3], fields[4], *fields[7:10], fields[10:13]
        attributes, offset = fields[15:17]
        start = at + _CENTRAL.size
        name = data[start : start + lengths[0]].decode("utf-8", "backslashreplace")
        extra = data[start + lengths[0] : start + lengths[0] + lengths[1]]
        at = start + sum(lengths)
        size, packed, offset = _widen(extra, size, packed, offset)
        if flags & 1:
            problems.append(f"{name!r} is encrypted")
        if method or packed != size:
            problems.append(f"{name!r} is compressed, and entries are stored as they are")
        if stat.S_ISLNK(attributes >> 16):
            problems.append(f"{name!r} is a link")
        entries.append(Entry(name, size, crc, offset))
    return entries, problems


def _widen(extra: bytes, *numbers: int) -> list[int]:
    """Take from a ZIP64 field the numbers that do not fit where they belong."""
    held = max(0, len(extra) - 4) // 8
    wide = iter(struct.unpack_from(f"<{held}Q", extra, 4) if held else ())
    return [next(wide, number) if number == _SMALL else number for number in numbers]


def _names_problems(names: Sequence[str]) -> list[str]:
    problems = [f"{name!r} is no plain relative name" for name in names if not is_safe_name(name)]
    seen: dict[str, str] = {}
    for name in names:
        first = seen.get(name.casefold())
        if first == name:
            problems.append(f"{name!r} is there more than once")
        elif first is not None:
            problems.append(f"{name!r} and {first!r} differ by capitals alone")
        seen[name.casefold()] = name
    return problems


def _place_problems(file: IO[bytes], entries: Sequence[Entry], end: int) -> list[str]:
    """Compare each header with the directory; the entries must follow each other with nothing between."""
    problems, expected = [], 0
    for entry in entries:
        header = _local(entry)
        if entry.offset != expected:
            what = "overlaps what stands before it" if entry.offset < expected else "has unlisted bytes before it"
            problems.append(f"{entry.name!r} {what}")
        elif entry.end > end:
            problems.append(f"{entry.name!r} says {entry.size} bytes, which reach into the directory")
        else:
            file.seek(entry.offset)
            if file.read(len(header)) != header:
                problems.append(f"the header in front of {entry.name!r} says something else than the directory")
        if problems:
            return problems
        expected = entry.end
    return problems if expected == end else ["there are unlisted bytes before the directory"]


def _local(entry: Entry) -> bytes:
    name = entry.name.encode("ascii", "replace")
    wide = entry.size >= _SMALL
    extra = struct.pack("<2H2Q", 1, 16, entry.size, entry.size) if wide else b""
    size = _SMALL if wide else entry.size
    version = 45 if wide else 20
    head = (b"PK\3\4", version, 0, 0, 0, _DAY, entry.crc, size, size, len(name), len(extra))
    return _LOCAL.pack(*head) + name + extra


def _central(entry: Entry) -> bytes:
    name = entry.name.encode("ascii", "replace")
    wide = [entry.size] * 2 if entry.size >= _SMALL else []
    wide += [entry.offset] if entry.offset >= _SMALL else []
    extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    size, offset = min(entry.size, _SMALL), min(entry.offset, _SMALL)
    version = 45 if wide else 20
    made_by = _UNIX << 8 | version
    head = (b"PK\1\2", made_by, version, 0, 0, 0, _DAY, entry.crc, size, size, len(name), len(extra))
    return _CENTRAL.pack(*head, 0, 0, 0, _PLAIN_FILE, offset) + name + extra


def _directory(entries: Sequence[Entry]) -> bytes:
    """Return all that stands behind the last entry."""
    listing = b"".join(map(_central, entries))
    count, length, place = len(entries), len(listing), entries[-1].end if entries else 0
    wide = b""
    if count >= _FEW or length >= _SMALL or place >= _SMALL:
        wide = _END64.pack(b"PK\6\6", _END64.size - 12, _UNIX << 8 | 45, 45, 0, 0, count, count, length, place)
        wide += _LOCATOR.pack(b"PK\6\7", 0, place + length, 1)
    few, short, near = min(count, _FEW), min(length, _SMALL), min(place, _SMALL)
    return listing + wide + _END.pack(b"PK\5\6", 0, 0, few, few, short, near, 0)
