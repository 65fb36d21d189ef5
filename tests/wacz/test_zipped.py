"""The ZIP of stored entries: deterministic, and closed to everything that ZIP files smuggle."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from package_builders import pack

from osint.wacz import zipped

FILES = {"archive/a.warc.gz": b"the first", "b.json": b"", "custody/c.txt": b"the third"}
DIRECTORY = 46  # bytes of an entry in the directory before its name


def problems(data: bytes) -> tuple[str, ...]:
    try:
        zipped.read_directory(io.BytesIO(data))
    except zipped.ZipError as error:
        return error.problems
    return ()


def by_python(names: list[str], *, method: int = zipfile.ZIP_STORED, mode: int = 0o100644) -> bytes:
    """Return a ZIP as the standard library writes it, in the headers of which it goes as far as it can with ours."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = mode << 16, method
            archive.writestr(info, b"x" * 50)
    return out.getvalue()


def in_directory(data: bytes, number: int, place: int, value: bytes) -> bytes:
    """Return a ZIP with bytes of an entry's line in the directory replaced."""
    at = -1
    for _ in range(number + 1):
        at = data.index(b"PK\1\2", at + 1)
    return data[: at + place] + value + data[at + place + len(value) :]


def in_front_of(data: bytes, number: int, place: int, value: bytes) -> bytes:
    at = -1
    for _ in range(number + 1):
        at = data.index(b"PK\3\4", at + 1)
    return data[: at + place] + value + data[at + place + len(value) :]


@given(
    st.dictionaries(
        st.from_regex(r"[a-z0-9]{1,8}(/[a-z0-9]{1,8}\.[a-z]{1,3})?", fullmatch=True), st.binary(max_size=99)
    )
)
def test_the_standard_library_reads_what_is_written(files):
    """
    Names, contents and checksums, and the same bytes whenever the same files are written.
    """
    data = pack(files)

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files
    assert pack(files) == data
    assert [entry.name for entry in zipped.read_directory(io.BytesIO(data))] == list(files)


HOSTILE = {
    "a name that climbs out": (by_python(["../evil.txt"]), "no plain relative name"),
    "an absolute name": (by_python(["/etc/evil"]), "no plain relative name"),
    "a name with a drive": (by_python(["C:evil.txt"]), "no plain relative name"),
    "a name with a backslash": (pack({"a-b.txt": b""}).replace(b"a-b.txt", b"a\\b.txt"), "no plain relative name"),
    "a name with a NUL": (pack({"a-b.txt": b""}).replace(b"a-b.txt", b"a\0b.txt"), "no plain relative name"),
    "a folder": (by_python(["folder/"]), "no plain relative name"),
    "a name that turns the reading direction": (by_python(["a\u202etxt.exe"]), "no plain relative name"),
    "one name twice": (pack({"a.txt": b"1", "b.txt": b"2"}).replace(b"b.txt", b"a.txt"), "more than once"),
    "names that differ by capitals": (pack({"a.txt": b"1", "b.txt": b"2"}).replace(b"b.txt", b"A.txt"), "by capitals"),
    "a link": (by_python(["a.txt"], mode=0o120777), "is a link"),
    "a compressed entry": (by_python(["a.txt"], method=zipfile.ZIP_DEFLATED), "is compressed"),
    "an encrypted entry": (in_directory(pack(FILES), 0, 8, b"\1\0"), "is encrypted"),
    "a time": (in_directory(in_front_of(pack(FILES), 0, 10, b"\1\0"), 0, 12, b"\1\0"), "says something else"),
    "a time in the directory alone": (in_directory(pack(FILES), 0, 12, b"\1\0"), "a comment, a time"),
    "an attribute": (in_directory(pack(FILES), 0, 38, b"\0\0\xff\x81"), "a comment, a time"),
    "other sizes in front": (in_front_of(pack(FILES), 0, 18, struct.pack("<2L", 1, 1)), "than the directory"),
    "another name in front": (in_front_of(pack(FILES), 0, 30, b"archive/z"), "than the directory"),
    "entries that overlap": (in_directory(pack(FILES), 1, 42, struct.pack("<L", 0)), "overlaps what stands before"),
    "an entry that reaches into the directory": (
        in_directory(pack(FILES), 2, 20, struct.pack("<2L", 5000, 5000)), "reach into the directory",
    ),
    "bytes in front": (b"#!/bin/sh\n" + pack(FILES), "does not lie where its end says"),
    "bytes between the entries": (
        in_directory(in_directory(pack(FILES), 1, 42, struct.pack("<L", 999)), 2, 42, struct.pack("<L", 1500)),
        "has unlisted bytes before it",
    ),
    "bytes behind the end": (pack(FILES) + b"\0", "does not end as a ZIP ends"),
    "a comment": (pack(FILES)[:-2] + b"\2\0hi", "does not end as a ZIP ends"),
    "a comment of an entry": (in_directory(pack(FILES), 0, 32, b"\1\0"), "entry 1 of the directory is damaged"),
    "several disks": (pack(FILES)[:-18] + b"\1\0" + pack(FILES)[-16:], "several disks"),
    "another number of entries": (pack(FILES)[:-14] + b"\2\0\2\0" + pack(FILES)[-10:], "unlisted bytes"),
    "more entries than the directory has room for": (
        pack(FILES)[:-14] + b"\xfe\xff\xfe\xff" + pack(FILES)[-10:], "65534 entries in",
    ),
    "a ZIP64 end that is not there": (pack(FILES)[:-14] + b"\xff\xff\xff\xff" + pack(FILES)[-10:], "there is none"),
    "nothing": (b"", "too short"),
    "no ZIP": (bytes(100), "does not end as a ZIP ends"),
}  # fmt: skip


@pytest.mark.parametrize("row", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_zip_is_refused_with_the_reason(row):
    """
    Nothing is read from it and nothing is unpacked.
    """
    data, words = row

    assert any(words in problem for problem in problems(data)), problems(data)


def test_a_zip64_end_that_lies_is_refused():
    """
    A ZIP64 end where none is needed, or with other numbers than the entries give.
    """
    data = pack(FILES)
    place, length = data.index(b"PK\1\2"), len(data) - 22 - data.index(b"PK\1\2")
    for count, size, start in ((3, length, place), (3, length, 1 << 40), (1 << 40, length, place), (3, 1 << 62, place)):
        end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start)
        locator = struct.pack("<4sLQL", b"PK\6\7", 0, place + length, 1)
        end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)

        assert problems(data[:-22] + end64 + locator + end)


def test_a_zip64_field_that_lies_is_refused():
    """
    A length that the directory hides in an extra field is read, and compared with the header in front.
    """
    data = pack({"a.txt": b"abc"})
    extra = struct.pack("<2H2Q", 1, 16, 1 << 40, 1 << 40)
    line = bytearray(data[data.index(b"PK\1\2") : -22])
    line[20:28], line[30:32] = b"\xff" * 8, struct.pack("<H", len(extra))
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(line) + len(extra), data.index(b"PK\1\2"), 0)

    assert any("reach into" in each for each in problems(data[: data.index(b"PK\1\2")] + bytes(line) + extra + end))


MANY_ZEROS = bytes(1 << 26)


class Zeros:
    """So many zero bytes; the same ones again and again."""

    def __init__(self, left: int) -> None:
        self.left = left

    def read(self, size: int = -1, /) -> bytes:
        data = MANY_ZEROS if size >= len(MANY_ZEROS) and self.left >= len(MANY_ZEROS) else bytes(min(size, self.left))
        self.left -= len(data)
        return data


class Holes(io.RawIOBase):
    """A file in memory that keeps no zero bytes, so that a ZIP of many gigabytes fits."""

    def __init__(self) -> None:
        self.pieces: dict[int, bytes] = {}
        self.at = self.size = 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.at = offset + (self.size if whence == io.SEEK_END else 0)
        return self.at

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if data is not MANY_ZEROS:
            self.pieces[self.at] = bytes(data)
        self.at += len(data)
        self.size = max(self.size, self.at)
        return len(data)

    def read(self, size: int = -1) -> bytes:
        end = self.size if size < 0 else min(self.size, self.at + size)
        data = bytearray(max(0, end - self.at))
        for start, piece in self.pieces.items():
            first, last = max(start, self.at), min(start + len(piece), end)
            if first < last:
                data[first - self.at : last - self.at] = piece[first - start : last - start]
        self.at = end
        return bytes(data)


@pytest.fixture
def cheap_crc(monkeypatch):
    """Gigabytes of zeros are counted here, not summed."""
    monkeypatch.setattr(zipped, "_CHUNK", len(MANY_ZEROS))
    monkeypatch.setattr(zipped.zlib, "crc32", lambda data, crc=0: crc)


def test_entries_beyond_four_gigabytes_are_zip64(cheap_crc):
    """
    A length and a place that need 64 bits are found again, by this reader and by the standard library.
    """
    out = Holes()
    writer = zipped.Writer(out)  # type: ignore[arg-type]
    writer.add("archive/large.warc.gz", Zeros(5 << 30), 5 << 30)
    writer.add("b.json", io.BytesIO(b"{}"), 2)
    writer.close()

    entries = zipped.read_directory(out)  # type: ignore[arg-type]

    assert [(entry.size, entry.offset >> 30) for entry in entries] == [(5 << 30, 0), (2, 5)]
    with zipfile.ZipFile(Seekable(out)) as archive:
        assert [each.file_size for each in archive.infolist()] == [5 << 30, 2]


def Seekable(out: Holes) -> IO[bytes]:
    out.seekable = lambda: True  # type: ignore[method-assign]
    out.tell = lambda: out.at  # type: ignore[method-assign]
    return out  # type: ignore[return-value]


def test_more_than_65535_entries_are_zip64():
    """
    As many exhibits as a case may have.
    """
    files = {f"archive/{number:05d}.warc.gz": b"" for number in range(66_000)}
    data = pack(files)

    assert len(zipped.read_directory(io.BytesIO(data))) == 66_000
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert len(archive.namelist()) == 66_000


@pytest.mark.parametrize("name", ["", "/a", "a/", "../a", "a/../b", "a//b", "a b", "ä", "a\\b", "-a", ".a", "a."])
def test_a_name_that_systems_read_differently_is_not_written(name):
    """
    Nor one that is there already, whatever its capitals.
    """
    with pytest.raises(zipped.ZipError):
        pack({name: b""})
    with pytest.raises(zipped.ZipError):
        pack({"a.txt": b"", "A.txt": b""})


@pytest.mark.parametrize("size", [2, 4])
def test_a_source_of_another_length_than_announced_is_refused(size):
    """
    A file that grows or shrinks while it is copied makes no package.
    """
    with pytest.raises(zipped.ZipError, match="another number"):
        zipped.Writer(io.BytesIO()).add("a.txt", io.BytesIO(b"abc"), size)
