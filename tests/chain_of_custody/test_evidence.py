from __future__ import annotations

import pytest
from hand_over import take_in

from osint.chain_of_custody.evidence import Evidence
from osint.chain_of_custody.verification import verify
from osint.errors import EvidenceError, IntegrityError, LedgerError
from osint.store.blobs import FolderBlobs


@pytest.fixture
def blobs(tmp_path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "evidence")


def leave_blob(blobs: FolderBlobs, data: bytes) -> str:
    with blobs.temporary() as temporary:
        temporary.write_bytes(data)
        return blobs.put(temporary)


def test_what_a_killed_run_left_is_logged_and_moved_aside(ledger, blobs):
    """
    A blob without an entry and a half-written file leave the evidence folder; the exhibit beside them stays.
    """
    kept = take_in(ledger, blobs, b"exhibit")
    left = leave_blob(blobs, b"no entry")
    (blobs.folder / ".incoming" / "half").write_bytes(b"half")
    evidence = Evidence(blobs)

    moved = evidence.quarantine(ledger, lambda stray: ledger.append("quarantine", object=[stray.item()]))

    assert [stray.reason for stray in moved] == ["unlogged", "unfinished"]
    assert [left] == [stray.sha256 for stray in moved[:1]]
    assert [kept.payload["result"][0]["sha256"]] == list(blobs.digests())
    assert blobs.leftovers() == []
    assert sorted(path.read_bytes() for path in evidence.folder.iterdir()) == [b"half", b"no entry"]
    assert [tuple(entry.action for entry in ledger.entries(2))] == [("quarantine", "quarantine")]
    assert verify(ledger, blobs).exhibits == 1


def test_a_stray_is_logged_before_it_is_moved(ledger, blobs):
    """
    When logging fails, the file is still where it was.
    """
    left = leave_blob(blobs, b"no entry")

    def refuse(_: object) -> None:
        raise LedgerError("the disk is full")

    with pytest.raises(LedgerError):
        Evidence(blobs).quarantine(ledger, refuse)
    assert blobs.holds(left)
    with pytest.raises(IntegrityError, match="named by no entry"):
        verify(ledger, blobs)


def test_the_same_leftover_twice_is_kept_twice(ledger, blobs):
    """
    Nothing in quarantine is replaced.
    """
    evidence = Evidence(blobs)
    for _ in range(3):
        leave_blob(blobs, b"no entry")
        evidence.quarantine(ledger, lambda stray: None)

    assert len(list(evidence.folder.iterdir())) == 3


def test_a_run_at_work_is_not_disturbed(ledger, blobs):
    """
    While a temporary file is open somewhere, a blob that waits for its entry is no leftover.
    """
    with blobs.temporary() as temporary:
        temporary.write_bytes(b"in flight")
        digest = blobs.put(temporary)

        assert Evidence(blobs).quarantine(ledger, pytest.fail) == ()
        assert blobs.holds(digest)


def test_a_case_without_evidence_has_nothing_to_quarantine(ledger, blobs):
    """
    The folder need not exist, and is not made.
    """
    assert Evidence(blobs).quarantine(ledger, pytest.fail) == ()
    assert not blobs.folder.exists()


def test_a_stray_that_cannot_be_moved_is_named(ledger, blobs):
    """
    The error says which file and that it is no evidence.
    """
    leave_blob(blobs, b"no entry")
    evidence = Evidence(blobs)
    evidence.folder.write_text("a file where the folder should be", encoding="utf-8")

    with pytest.raises(EvidenceError, match="no evidence"):
        evidence.quarantine(ledger, lambda stray: None)
