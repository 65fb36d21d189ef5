from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from osint.errors import EvidenceError
from osint.store.blobs import FolderBlobs
from osint.store.durable import link_once

DIGEST = sha256(b"evidence").hexdigest()


@pytest.fixture
def blobs(tmp_path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "evidence")


def put(blobs: FolderBlobs, data: bytes = b"evidence") -> str:
    with blobs.temporary() as temporary:
        temporary.write_bytes(data)
        return blobs.put(temporary)


def refuse(number: int):
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_blob_is_kept_under_its_hash_and_read_back(blobs):
    """
    The digest is that of the bytes; place, size and content follow from it.
    """
    digest = put(blobs)

    assert digest == DIGEST
    assert (blobs.folder / DIGEST[:2] / f"{DIGEST}.warc.gz").read_bytes() == b"evidence"
    assert (blobs.holds(digest), blobs.size(digest), list(blobs.digests())) == (True, 8, [DIGEST])
    with blobs.open(digest, verify=True) as stream:
        assert stream.read() == b"evidence"
    assert blobs.leftovers() == []


def test_the_suffix_is_that_of_the_store(tmp_path):
    """
    A store of another kind of file names them otherwise, and does not take the others for its own.
    """
    put(FolderBlobs(tmp_path))
    other = FolderBlobs(tmp_path, suffix=".tsr")
    put(other, b"token")

    assert list(other.digests()) == [sha256(b"token").hexdigest()]
    assert list(other.strangers()) == [f"{DIGEST[:2]}/{DIGEST}.warc.gz"]


def test_the_same_bytes_twice_are_one_blob(blobs):
    """
    The second put compares and leaves the first as it is.
    """
    inode = blobs.path(put(blobs)).stat().st_ino

    assert put(blobs) == DIGEST
    assert blobs.path(DIGEST).stat().st_ino == inode
    assert blobs.leftovers() == []


def overwrite(blobs: FolderBlobs, data: bytes) -> None:
    blobs.path(DIGEST).chmod(stat.S_IRUSR | stat.S_IWUSR)
    blobs.path(DIGEST).write_bytes(data)


def test_a_blob_is_never_overwritten_even_by_the_bytes_it_should_hold(blobs):
    """
    Where a file of that name holds something else, put fails and the file stays as found.
    """
    put(blobs)
    overwrite(blobs, b"tampered")

    with pytest.raises(EvidenceError, match="changed after it was stored"):
        put(blobs)
    assert blobs.path(DIGEST).read_bytes() == b"tampered"


def test_a_blob_is_read_only(blobs):
    """
    Nobody may write to it, the owner included.
    """
    put(blobs)

    assert not blobs.path(DIGEST).stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)


def test_a_changed_blob_is_found_on_request(blobs):
    """
    Reading with ``verify`` refuses altered bytes; without it, it does not look.
    """
    put(blobs)
    overwrite(blobs, b"tampered")

    with pytest.raises(EvidenceError, match="changed after it was stored"):
        blobs.open(DIGEST, verify=True)
    with blobs.open(DIGEST) as stream:
        assert stream.read() == b"tampered"


def test_what_is_not_put_is_removed(blobs):
    """
    A capture that fails leaves no file, and no blob.
    """
    with pytest.raises(ValueError, match="failed"), blobs.temporary() as temporary:
        temporary.write_bytes(b"half")
        raise ValueError("failed")

    assert (blobs.leftovers(), list(blobs.digests())) == ([], [])


def test_leftovers_of_a_killed_run_are_listed_and_are_no_blobs(blobs):
    """
    A half-written file is never visible as evidence.
    """
    put(blobs)
    left = blobs.folder / ".incoming" / "half"
    left.write_bytes(b"half")

    assert blobs.leftovers() == [left]
    assert list(blobs.digests()) == [DIGEST]
    assert list(blobs.strangers()) == []


def test_files_that_are_no_blobs_are_named(blobs):
    """
    A file in the wrong folder, with another name, or a link is listed, and is no blob.
    """
    put(blobs)
    (blobs.folder / "notes.txt").write_bytes(b"")
    (blobs.folder / "00").mkdir()
    (blobs.folder / "00" / f"{DIGEST}.warc.gz").write_bytes(b"evidence")

    assert list(blobs.strangers()) == [f"00/{DIGEST}.warc.gz", "notes.txt"]
    assert list(blobs.digests()) == [DIGEST]


@pytest.mark.skipif(sys.platform == "win32", reason="needs the right to make links")
def test_a_symbolic_link_is_no_blob(blobs, tmp_path):
    """
    What lies outside the folder can change unseen, so a link to it is a stranger.
    """
    (tmp_path / "outside").write_bytes(b"evidence")
    place = blobs.path(DIGEST)
    place.parent.mkdir(parents=True)
    place.symlink_to(tmp_path / "outside")

    assert list(blobs.digests()) == []
    assert list(blobs.strangers()) == [f"{DIGEST[:2]}/{DIGEST}.warc.gz"]


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", DIGEST.upper(), DIGEST[:-1], DIGEST + "\n"])
def test_a_name_that_is_no_hash_leads_nowhere(blobs, digest):
    """
    Only 64 lower-case hex digits name a blob.
    """
    with pytest.raises(EvidenceError, match="no SHA-256"):
        blobs.open(digest)


def test_a_missing_blob_is_explained(blobs):
    """
    The error says which file and where to look.
    """
    with pytest.raises(EvidenceError, match="kept copies"):
        blobs.open(DIGEST)
    with pytest.raises(EvidenceError, match="kept copies"):
        blobs.size(DIGEST)
    assert not blobs.holds(DIGEST)


@pytest.mark.parametrize(
    "number, meaning",
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only"), (errno.EACCES, "may not write"), (errno.EIO, "fault")],
)
@pytest.mark.parametrize("call", ["osint.store.blobs.sync", "os.link", "osint.store.blobs.sync_folder", "os.open"])
def test_a_disk_that_refuses_leaves_no_half_blob(blobs, monkeypatch, number, meaning, call):
    """
    Whichever step fails, the error says why, no temporary file stays, and what is visible is whole.
    """
    put(blobs, b"before")
    with monkeypatch.context() as broken, pytest.raises(EvidenceError, match=meaning):
        broken.setattr(call, refuse(number))
        put(blobs)

    assert blobs.leftovers() == []
    for digest in blobs.digests():
        blobs.open(digest, verify=True).close()
    assert put(blobs) == DIGEST


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP])
def test_without_hard_links_a_blob_is_renamed_and_the_weaker_promise_named(blobs, monkeypatch, number):
    """
    A disk without links still keeps blobs once, and says that it checks instead of refusing.
    """
    monkeypatch.setattr(os, "link", refuse(number))

    assert put(blobs) == DIGEST == put(blobs)
    assert "no hard links" in blobs.durability
    with blobs.open(DIGEST, verify=True) as stream:
        assert stream.read() == b"evidence"


def test_without_hard_links_nothing_is_replaced_either(monkeypatch, tmp_path):
    """
    A taken name is refused by either way.
    """
    (tmp_path / "new").write_bytes(b"new")
    (tmp_path / "old").write_bytes(b"old")

    with pytest.raises(FileExistsError):
        link_once(tmp_path / "new", tmp_path / "old")
    monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    with pytest.raises(FileExistsError):
        link_once(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old").read_bytes() == b"old"


def test_a_platform_that_cannot_sync_folders_is_named(blobs, monkeypatch):
    """
    The weaker guarantee is stated, not hidden.
    """
    monkeypatch.setattr("osint.store.blobs.sync_folder", lambda _: False)
    put(blobs)

    assert blobs.durability == "bytes synced; this platform cannot sync a folder"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot sync a folder")
def test_the_folders_are_synced_where_that_is_possible(blobs):
    """
    On this platform the full promise holds.
    """
    put(blobs)

    assert blobs.durability == "bytes and folders synced"


def test_the_bytes_are_synced_before_the_blob_appears(blobs, monkeypatch):
    """
    Sync, then link, then the folders: the order that a power failure cannot turn into a half blob. The name of the
    evidence folder itself is synced once.
    """
    order: list[str] = []
    monkeypatch.setattr("osint.store.blobs.sync", lambda _: order.append("bytes"))
    monkeypatch.setattr("osint.store.blobs.sync_folder", lambda folder: bool(order.append(folder.name)) or True)
    link = os.link
    monkeypatch.setattr(os, "link", lambda *names: (order.append("link"), link(*names)))

    put(blobs)
    put(blobs, b"more")

    assert order[:5] == ["bytes", "link", DIGEST[:2], "evidence", blobs.folder.parent.name]
    assert order[5:] == ["bytes", "link", sha256(b"more").hexdigest()[:2], "evidence"]


def test_threads_that_meet_store_one_blob(blobs):
    """
    Eight writers with the same bytes: one blob, no error.
    """
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: put(blobs), range(32))) == {DIGEST}
    assert list(blobs.digests()) == [DIGEST]


def test_an_idle_folder_is_told_from_a_busy_one(blobs):
    """
    While a temporary file is open the folder is busy, and afterwards it is not.
    """
    with blobs.idle() as idle:
        assert idle
    with blobs.temporary():
        with blobs.idle() as idle:
            assert not idle
        with blobs.temporary():
            pass
    with blobs.idle() as idle:
        assert idle


def test_a_killed_process_does_not_keep_the_folder_busy(blobs):
    """
    The lock ends with the process that held it.
    """
    code = (
        "import sys; from pathlib import Path; from osint.store.blobs import FolderBlobs\n"
        "with FolderBlobs(Path(sys.argv[1])).temporary(): print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(blobs.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with blobs.idle() as idle:
            assert not idle
        other.kill()
        other.wait()

    with blobs.idle() as idle:
        assert idle
    assert len(blobs.leftovers()) == 1
