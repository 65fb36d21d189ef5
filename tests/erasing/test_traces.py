"""The search through the raw bytes of a folder: everything is looked through, within limits, and nothing is written."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
import zlib

import apsw
import pytest
from origin import http

from osint.erasing import database_bytes, traces
from osint.erasing import packed as packing
from osint.erasing.traces import files_holding, find
from osint.errors import CaseError, OsintError

JANE = "@jane@social.example"
SECRET = b"by " + JANE.encode() + b" today"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "folder"
    made.mkdir()
    return made


def packed(*members: tuple[str, bytes], **options) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def warc(block: bytes, kind: str = "response") -> bytes:
    return b"WARC/1.1\r\nWARC-Type: %s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (kind.encode(), len(block), block)


CHUNKED = b"8\r\nby @jane\r\nf\r\n@social.example\r\n0\r\n\r\n"
CONTENTS = {
    "text": SECRET,
    "gzip": gzip.compress(SECRET, mtime=0),
    "the second gzip member": gzip.compress(b"first", mtime=0) + gzip.compress(SECRET),
    "gzip in gzip": gzip.compress(gzip.compress(SECRET), mtime=0),
    "zip": packed(("a/b.txt", b"nothing"), ("c.txt", SECRET)),
    "zip in zip in gzip": gzip.compress(packed(("inner.zip", packed(("c.txt", SECRET))))),
    "a name in a zip": packed((f"{JANE}.txt", b"nothing")),
    "WARC in a zip": packed(("archive/data.warc.gz", gzip.compress(warc(http(SECRET))))),
    "a chunked body": gzip.compress(warc(http(CHUNKED, "Transfer-Encoding: chunked", length=False))),
    "a chunked body in plain WARC": warc(b"no HTTP", "metadata")
    + warc(http(CHUNKED, "Transfer-Encoding: chunked", length=False)),
    "a gzip body": gzip.compress(warc(http(gzip.compress(SECRET, mtime=0), "Content-Encoding: gzip"))),
    "a zip as body": gzip.compress(warc(http(packed(("c.txt", SECRET))))),
    "a zip as resource": gzip.compress(warc(packed(("c.txt", SECRET)), "resource")),
    "a PDF stream": b"%PDF-1.7\n1 0 obj <<>> stream\r\n" + zlib.compress(SECRET) + b"\nendstream endobj",
    "base64 in gzip": gzip.compress(b"data:text/plain;base64," + base64.b64encode(b"." + SECRET), mtime=0),
    "UTF-16 in zip": packed(("c.txt", JANE.encode("utf-16-le"))),
    "JSON in gzip": gzip.compress(json.dumps({"by": "\u00e9" + JANE.replace("@", "\u0040")}).encode()),
}


@pytest.mark.parametrize("data", CONTENTS.values(), ids=CONTENTS)
def test_what_is_packed_is_looked_through(folder, data):
    """
    Whatever it is packed in, however often.
    """
    (folder / "file.bin").write_bytes(data)

    found = find(folder, [JANE])

    assert {place.file for place in found.places} == {"file.bin"}
    assert "found in 1 place; 1 files were looked through" in str(found)


@pytest.mark.parametrize("data", CONTENTS.values(), ids=CONTENTS)
def test_another_text_is_found_nowhere(folder, data):
    """
    The search for it goes through the same bytes.
    """
    (folder / "file.bin").write_bytes(data)

    assert find(folder, ["@dawn@social.example"]).places == ()


def test_the_place_is_said_in_words_and_the_text_is_not(folder):
    """
    What is printed into a notebook would be saved there.
    """
    (folder / f"{JANE} notes.zip").write_bytes(packed((f"{JANE}.txt", SECRET)))

    said = str(find(folder, [JANE])) + str(find(folder, [JANE]).places) + str(find(folder, [JANE])._repr_mimebundle_())

    assert "in its name" in said
    assert "member" in said
    assert "jane@social.example" not in said


def test_a_text_across_the_borders_of_what_is_read_is_found(folder, monkeypatch):
    """
    Pieces overlap, in files and in what is unpacked.
    """
    monkeypatch.setattr(packing, "CHUNK", 4096)
    for offset in (4080, 4090, 8185):
        data = os.urandom(offset) + JANE.encode("utf-16-le") + os.urandom(5000)
        (folder / "plain").write_bytes(data)
        (folder / "packed.gz").write_bytes(gzip.compress(data, 0, mtime=0))

        assert {place.file for place in find(folder, [JANE]).places} == {"plain", "packed.gz"}


def test_names_of_folders_files_and_link_targets_are_looked_at(folder):
    """
    A name tells as much as content; links are not followed.
    """
    outside = folder.parent / f"{JANE}.txt"
    outside.write_bytes(b"elsewhere")
    (folder / "about jane@social.example").mkdir()
    (folder / "link").symlink_to(outside)

    found = find(folder, [JANE])

    assert {place.file for place in found.places} == {"about […]", "link"}
    assert files_holding(folder, [JANE], lambda _: True) == {"about jane@social.example", "link"}
    assert [(place.file, place.how) for place in found.unread] == [("link", "a link, which is not followed")]
    assert find(folder, ["elsewhere"]).places == ()


def test_the_name_of_the_folder_itself_is_looked_at(tmp_path):
    """
    A case is often named after someone.
    """
    (tmp_path / "jane@social.example").mkdir()

    assert "rename it" in str(find(tmp_path / "jane@social.example", [JANE]))


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_free_pages_and_logs_of_a_database_are_looked_through(folder, journal):
    """
    A deleted row is in the file as long as nothing is written over it.
    """
    path = folder / "some.sqlite"
    database = apsw.Connection(str(path))
    database.pragma("journal_mode", journal)
    database.execute("CREATE TABLE t (body TEXT)")
    database.execute("INSERT INTO t VALUES (?)", (f"{JANE} and more",))
    database.execute("DELETE FROM t")

    assert find(folder, [JANE]).places

    database.pragma("secure_delete", True)
    database.execute("VACUUM")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert find(folder, [JANE]).places == ()
    database.close()


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_text_that_goes_on_in_the_next_page_of_a_database_is_found(folder, journal):
    """
    A long value is cut every page, four bytes apart; in a log, with a head before each page.
    """
    path = folder / "some.sqlite"
    database = apsw.Connection(str(path))
    database.pragma("page_size", 512)
    database.pragma("journal_mode", journal)
    database.execute("CREATE TABLE t (body BLOB)")
    filler = b"." * 30_000
    for shift in range(0, 508, 8):
        start = 10_000 + shift
        database.execute("INSERT INTO t VALUES (?)", (filler[:start] + SECRET + filler[start:],))
        if b"jane@social.example" not in path.read_bytes() + _log_of(path):
            break
        database.execute("DELETE FROM t")
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    else:
        pytest.fail("the text was never cut")

    assert {place.file.partition("-")[0] for place in find(folder, [JANE]).places} == {"some.sqlite"}
    database.close()


def _log_of(path) -> bytes:
    log = path.with_name(path.name + "-wal")
    return log.read_bytes() if log.exists() else b""


WRITER = """
import sys, apsw
try:
    apsw.Connection(sys.argv[1], flags=apsw.SQLITE_OPEN_READWRITE).execute("BEGIN IMMEDIATE")
    print("began")
except apsw.BusyError:
    print("busy")
"""


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_looking_through_a_database_takes_no_lock_away_from_whoever_writes_to_it(folder, journal):
    """
    Closing a file drops all locks that the same process holds on it; another writer could then come in between.
    """
    path = folder / "some.sqlite"
    database = apsw.Connection(str(path))
    database.pragma("journal_mode", journal)
    database.execute("CREATE TABLE t (body TEXT)")
    database.execute("BEGIN IMMEDIATE")

    find(folder, [JANE])

    run = subprocess.run([sys.executable, "-c", WRITER, str(path)], capture_output=True, text=True, check=True)
    assert run.stdout == "busy\n"
    database.execute("ROLLBACK")
    database.close()


def test_a_bomb_is_not_looked_through_to_its_end(folder, monkeypatch):
    """
    What unpacks to hundreds of times its size costs no more than a limit; the result says so, and goes on.
    """
    monkeypatch.setattr(traces, "_UNPACKED_AT_LEAST", 4 << 20)
    (folder / "a.gz").write_bytes(gzip.compress(bytes(64 << 20), mtime=0))
    (folder / "b.zip").write_bytes(packed(("zeros", bytes(64 << 20)), ("c.txt", SECRET)))
    (folder / "c.txt").write_bytes(SECRET)

    found = find(folder, [JANE])

    assert [place.file for place in found.unread] == ["a.gz", "b.zip"]
    assert all("not looked through to the end" in place.how for place in found.unread)
    assert {place.file for place in found.places} == {"c.txt"}


def test_what_is_packed_too_deeply_is_said(folder):
    """
    A file that unpacks to itself has no end.
    """
    data = SECRET
    for _ in range(20):
        data = gzip.compress(data, mtime=0)
    (folder / "deep.gz").write_bytes(data)

    found = find(folder, [JANE])

    assert found.places == ()
    assert "packed too deeply" in str(found)


def test_a_large_packed_body_is_searched_as_it_passes_and_said_not_to_be_decoded(folder, monkeypatch):
    """
    Only what fits into memory is opened again; nothing is written to a temporary file.
    """
    monkeypatch.setattr(traces, "_IN_MEMORY", 1 << 16)
    monkeypatch.setattr(packing, "CHUNK", 1 << 12)
    plain = warc(http(os.urandom(1 << 17) + SECRET))
    coded = warc(http(gzip.compress(base64.b64encode(os.urandom(1 << 17)) + SECRET), "Content-Encoding: gzip"))
    (folder / "coded.warc.gz").write_bytes(gzip.compress(coded, mtime=0))
    (folder / "coded.warc").write_bytes(coded)
    (folder / "plain.warc.gz").write_bytes(gzip.compress(plain, mtime=0))

    found = find(folder, [JANE])

    assert {place.file for place in found.places} == {"plain.warc.gz"}
    assert {place.file for place in found.unread} == {"coded.warc.gz", "coded.warc"}


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.bz2", bz2.compress(SECRET), "packed in a way"),
        ("a.pdf", b"%PDF-1.7\n", "can draw text"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "picture"),
        ("a.gz", gzip.compress(SECRET, mtime=0)[:-9], "damaged"),
        ("a.zip", packed(("c.txt", SECRET))[:-30], "damaged"),
        ("a.warc.gz", gzip.compress(warc(http(b"x" + SECRET, "Content-Encoding: br"))), "not unpacked"),
    ],
)
def test_what_cannot_be_looked_through_is_said(folder, name, data, said):
    """
    Nobody takes silence for absence.
    """
    (folder / name).write_bytes(data)

    assert said in str(find(folder, [JANE]))
    assert [place.file for place in find(folder, [JANE]).unread] == [name]


def test_an_encrypted_member_is_said(folder):
    """
    The others are looked through.
    """
    data = bytearray(packed(("c.txt", b"nothing"), ("d.txt", SECRET)))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1  # as the directory says of the first member
    (folder / "a.zip").write_bytes(bytes(data))

    found = find(folder, [JANE])

    assert "member c.txt: it is encrypted" in str(found)
    assert [place.inside for place in found.places] == [", member d.txt"]


def test_an_unreadable_file_is_said(folder, monkeypatch):
    """
    One that the disk or the rights refuse.
    """
    (folder / "a.txt").write_bytes(SECRET)
    monkeypatch.setattr(packing, "chunks", lambda _: (_ for _ in ()).throw(PermissionError(13, "refused")))

    assert "cannot be read (PermissionError)" in str(find(folder, [JANE]))


@pytest.mark.parametrize("cat", [database_bytes._CAT, None], ids=["cat", "Python"])
def test_a_database_is_read_in_another_process(folder, monkeypatch, cat):
    """
    By the platform's own program, and by a Python where it has none.
    """
    (folder / "some.sqlite").write_bytes(SECRET)
    monkeypatch.setattr(database_bytes, "_CAT", cat)

    assert [place.file for place in find(folder, [JANE]).places] == ["some.sqlite"]


@pytest.mark.parametrize("cat", [shutil.which("false"), None], ids=["cat", "Python"])
def test_a_database_that_cannot_be_read_to_its_end_is_said(folder, monkeypatch, cat):
    """
    What the other process could not read was not looked through.
    """
    (folder / "some.sqlite").write_bytes(SECRET)
    monkeypatch.setattr(database_bytes, "_CAT", cat)
    monkeypatch.setattr(database_bytes, "_PIPED", "raise SystemExit(3)")

    assert "some.sqlite: it cannot be read" in str(find(folder, [JANE]))


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    """
    A slip of the pen is no proof that nothing is left; nor is a text of three letters.
    """
    with pytest.raises(CaseError, match="no folder"):
        find(tmp_path / "slip", [JANE])
    with pytest.raises(OsintError, match="by chance"):
        find(tmp_path, ["abc"])
