"""Packages of other programs are read record by record; hostile ones are refused before anything is read."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from pathlib import Path

import pytest
from package_builders import HTML, URLS, WARCS, contents, exhibit, package

from osint import warc
from osint.wacz.reading import WaczError, open_wacz

MANIFEST = b'{"profile": "data-package", "resources": []}'
PLAIN = (
    b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: <https://a.example/>\r\nWARC-Concurrent-To: <urn:1>\r\n"
    b"WARC-Concurrent-To: <urn:2>\r\nX-Folded: a\r\n b\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n"
)


def made(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write a ZIP as another program would."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in {"datapackage.json": MANIFEST, **files}.items():
            archive.writestr(name, content)
    return path


def read(path: Path, name: str) -> list[tuple[str, bytes, int]]:
    with open_wacz(path) as opened:
        return [(record.type, record.read(), record.offset) for record in opened.records(name)]


def test_a_package_of_ours_gives_its_records(tmp_path):
    """
    Every record of every WARC file, with the place where it starts, as the WARC module reads it.
    """
    path = package(tmp_path / "case.wacz")
    with open_wacz(path) as opened:
        found = {
            name: [(each.type, each.read(), each.offset) for each in opened.records(name)] for name in opened.warcs
        }
        version, names = opened.version, opened.names

    assert found == {
        f"archive/{name}": [(each.type, each.read(), each.offset) for each in warc.read(io.BytesIO(content))]
        for name, content in WARCS.items()
    }
    assert (version, set(names)) == ("1.1.1", set(contents(path)))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_stored_and_deflated_entries_are_read(tmp_path, method):
    """
    Many programs deflate what is packed already.
    """
    path = made(tmp_path / "a.wacz", {"archive/a.warc.gz": WARCS["0001.warc.gz"]}, method)

    assert read(path, "archive/a.warc.gz")[1][1] == HTML


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "1.1.1", None])
def test_manifests_of_every_version_are_read(tmp_path, version):
    """
    From 1.2 on a manifest states no version.
    """
    stated = {"wacz_version": version} if version else {}
    manifest = json.dumps({"profile": "data-package", "resources": [], **stated}).encode()
    path = made(tmp_path / "a.wacz", {"datapackage.json": manifest})

    with open_wacz(path) as opened:
        assert opened.version == (version or "")


PACKINGS = {
    "archive/a.warc": PLAIN * 2,
    "archive/b.warc.gz": gzip.compress(PLAIN) * 2,
    "archive/c.warc.gz": gzip.compress(PLAIN * 2),
}


@pytest.mark.parametrize("name", PACKINGS)
def test_warc_1_0_is_read_plain_packed_by_record_and_packed_as_a_whole(tmp_path, name):
    """
    Repeated and folded headers included; an address in angle brackets loses them.
    """
    path = made(tmp_path / "a.wacz", {name: PACKINGS[name]})
    with open_wacz(path) as opened:
        found = [(dict(record.headers), record.read(), record.offset) for record in opened.records(name)]

    starts = {
        "archive/a.warc": [0, len(PLAIN)],
        "archive/b.warc.gz": [0, len(gzip.compress(PLAIN))],
        "archive/c.warc.gz": [0, 0],
    }
    assert [offset for *_, offset in found] == starts[name]
    assert all(content == b"hello" for _, content, _ in found)
    assert found[0][0]["warc-target-uri"] == "https://a.example/"
    assert found[0][0]["warc-concurrent-to"] == "<urn:1>, <urn:2>"
    assert found[0][0]["x-folded"] == "a b"


def test_a_large_record_is_read_in_pieces_to_its_end(tmp_path):
    """
    Two megabytes that pack to little, with another record behind them in the same read.
    """
    body = HTML + bytes(range(256)) * 9000
    path = made(tmp_path / "a.wacz", {"archive/a.warc.gz": exhibit(1, URLS[0], body)}, zipfile.ZIP_STORED)

    assert [len(content) for _, content, _ in read(path, "archive/a.warc.gz")][1] == len(body)
    assert len(read(path, "archive/a.warc.gz")) == 4


BROKEN = {
    "cut": (gzip.compress(PLAIN)[:-1], "cut short"),
    "damaged": (gzip.compress(PLAIN)[:-8] + bytes(8), "not an intact gzip member"),
    "no WARC": (gzip.compress(b"hello\r\n"), "does not start with a WARC version"),
    "no length": (gzip.compress(PLAIN.replace(b"Length: 5", b"Length: x")), "says no length"),
    "too long": (gzip.compress(PLAIN.replace(b"Length: 5", b"Length: 99")), "should hold 99"),
    "too short": (gzip.compress(PLAIN.replace(b"Length: 5", b"Length: 4")), "should hold 4"),
    "no colon": (gzip.compress(PLAIN.replace(b"WARC-Type:", b"WARC-Type")), "malformed headers"),
    "endless headers": (gzip.compress(b"WARC/1.0\r\n" + b"a: b\r\n" * 2000), "malformed headers"),
    "an endless line": (gzip.compress(b"WARC/1.0\r\n" + b"a" * 600_000), "no end of its headers"),
    "a bomb": (gzip.compress(bytes(200 << 20)), "does not start|no end|grows"),
    "a bomb in a block": (
        gzip.compress(b"WARC/1.0\r\nContent-Length: 209715200\r\n\r\n" + bytes(200 << 20)), "grows beyond",
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", BROKEN.values(), ids=BROKEN)
def test_a_broken_record_is_told(tmp_path, row):
    """
    With the byte at which it starts.
    """
    content, words = row
    path = made(tmp_path / "a.wacz", {"archive/a.warc.gz": content}, zipfile.ZIP_STORED)

    with pytest.raises(warc.WarcError, match=words):
        read(path, "archive/a.warc.gz")


def hostile(path: Path, name: str, mode: int = 0o100644, again: str = "") -> bytes:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("datapackage.json", MANIFEST)
        info = zipfile.ZipInfo("placeholder")
        info.filename, info.external_attr = name, mode << 16
        archive.writestr(info, b"x" * 40)
        if again:
            archive.writestr(again, b"y" * 40)
    return path.read_bytes()


HOSTILE = {
    "a name that climbs out": (lambda path: hostile(path, "../evil.txt"), "no plain relative name"),
    "an absolute name": (lambda path: hostile(path, "/etc/evil.txt"), "no plain relative name"),
    "a name with a drive": (lambda path: hostile(path, "C:evil.txt"), "no plain relative name"),
    "a name with a backslash": (lambda path: hostile(path, "..\\evil.txt"), "no plain relative name"),
    "a name with a NUL": (lambda path: hostile(path, "a.txt").replace(b"a.txt", b"a\0txt"), "no plain relative name"),
    "names that differ by capitals": (lambda path: hostile(path, "a.txt", again="A.txt"), "is there more than once"),
    "one name twice": (
        lambda path: hostile(path, "a.txt", again="b.txt").replace(b"b.txt", b"a.txt"), "is there more than once",
    ),
    "a link": (lambda path: hostile(path, "a.txt", 0o120777), "is a link"),
    "an encrypted entry": (lambda path: encrypted(hostile(path, "a.txt")), "or encrypted"),
    "entries that overlap": (lambda path: overlapping(hostile(path, "a.txt", again="b.txt")), "overlaps"),
    "a length beyond all measure": (lambda path: swollen(hostile(path, "a.txt")), "grows beyond"),
    "no manifest": (lambda path: hostile(path, "a.txt").replace(b"datapackage.json", b"datapackage.yaml"), "is not in"),
    "a manifest that is none": (lambda path: hostile(path, "a.txt").replace(b'{"profile', b'["profile'), "damaged"),
    "no ZIP": (lambda path: b"WARC/1.1\r\n", "is no ZIP"),
    "nothing": (lambda path: b"", "is no ZIP"),
}  # fmt: skip


def overlapping(data: bytes) -> bytes:
    last = data.rindex(b"PK\1\2")
    first = struct.unpack_from("<L", data, data.index(b"PK\1\2", data.index(b"PK\1\2") + 1) + 42)
    return data[: last + 42] + struct.pack("<L", first[0] + 1) + data[last + 46 :]


def encrypted(data: bytes) -> bytes:
    last = data.rindex(b"PK\1\2")
    return data[: last + 8] + b"\1\0" + data[last + 10 :]


def swollen(data: bytes) -> bytes:
    last = data.rindex(b"PK\1\2")
    return data[: last + 24] + struct.pack("<L", 1 << 31) + data[last + 28 :]


@pytest.mark.parametrize("row", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_package_is_refused(tmp_path, row):
    """
    With the reason, and with nothing written anywhere.
    """
    forge, words = row
    path = tmp_path / "a.wacz"
    path.write_bytes(forge(path))

    with pytest.raises(WaczError, match=words), open_wacz(path):
        pass
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("data", [b"{", b"[]", b"{}", b'{"resources": {}}'])
def test_a_manifest_that_lists_no_files_is_refused(tmp_path, data):
    """
    Whatever else it is.
    """
    with (
        pytest.raises(WaczError, match=r"datapackage\.json"),
        open_wacz(made(tmp_path / "a.wacz", {"datapackage.json": data})),
    ):
        pass
