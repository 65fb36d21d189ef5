"""Destroying a blob or a file on order: overwritten, then gone, and nothing else is touched."""

from __future__ import annotations

import errno
import os
import sys

import pytest

from osint.errors import EvidenceError
from osint.store import durable
from osint.store.blobs import FolderBlobs
from osint.store.durable import destroy_file


@pytest.fixture
def blobs(tmp_path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "evidence")


def put(blobs: FolderBlobs, data: bytes) -> str:
    with blobs.temporary() as temporary:
        temporary.write_bytes(data)
        return blobs.put(temporary)


def test_a_destroyed_blob_is_gone_and_the_others_are_not(blobs):
    """
    Its folder goes when it was the only one in it; to destroy it again finds nothing.
    """
    one, other = put(blobs, b"one"), put(blobs, b"other")

    assert blobs.destroy(one)

    assert not blobs.holds(one)
    assert not blobs.path(one).parent.exists()
    assert list(blobs.digests()) == [other]
    assert not blobs.destroy(one)


def test_a_folder_with_other_blobs_stays(blobs):
    """
    Two digests may begin alike.
    """
    digest = put(blobs, b"one")
    neighbour = blobs.path(digest[:2] + "0" * 62)
    neighbour.write_bytes(b"other")

    blobs.destroy(digest)

    assert neighbour.read_bytes() == b"other"


@pytest.mark.skipif(sys.platform == "win32", reason="hard links are made otherwise there")
def test_the_bytes_are_overwritten_before_the_name_goes(tmp_path, monkeypatch):
    """
    Another name of the same file shows it: the bytes are zeros there.
    """
    monkeypatch.setattr(durable, "_OVERWRITTEN_AT_ONCE", 1000)
    path, other = tmp_path / "file", tmp_path / "other name"
    path.write_bytes(b"secret" * 1000)
    path.chmod(0o400)
    os.link(path, other)

    assert destroy_file(path)

    assert not path.exists()
    assert other.read_bytes() == bytes(6000)


def test_a_link_is_not_followed(blobs, tmp_path):
    """
    What it leads to may be somebody else's.
    """
    outside = tmp_path / "outside"
    outside.write_bytes(b"somebody else's")
    (tmp_path / "link").symlink_to(outside)

    with pytest.raises(EvidenceError, match="not followed"):
        destroy_file(tmp_path / "link")
    with pytest.raises(EvidenceError, match="not followed"):
        destroy_file(tmp_path)

    assert outside.read_bytes() == b"somebody else's"


def test_what_is_not_there_is_no_error(tmp_path):
    """
    An order that was carried out is carried out again without harm.
    """
    assert not destroy_file(tmp_path / "nothing")


@pytest.mark.parametrize("broken", ["chmod", "open", "unlink"])
def test_a_disk_that_refuses_is_an_error_that_says_what_may_be_left(tmp_path, monkeypatch, broken):
    """
    Nobody takes a file for destroyed that is still there.
    """
    path = tmp_path / "file"
    path.write_bytes(b"secret")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(type(path), broken, refuse)

    with pytest.raises(EvidenceError, match=r"read-only.*may still be there"):
        destroy_file(path)


def test_the_overwritten_bytes_reach_the_disk_before_the_name_goes(tmp_path, monkeypatch):
    """
    Otherwise a power cut could leave the old bytes on the disk, without a name.
    """
    path = tmp_path / "file"
    path.write_bytes(b"secret")
    steps = []
    monkeypatch.setattr(durable, "sync", lambda _: steps.append(("synced", path.read_bytes())))
    monkeypatch.setattr(durable, "sync_folder", lambda _: steps.append(("folder", path.exists())))

    destroy_file(path)

    assert steps == [("synced", bytes(6)), ("folder", False)]
