"""An older copy of a ledger is refused where its newer head was signed."""

from __future__ import annotations

import pytest

from osint.chain_of_custody.heads import HeadStore
from osint.chain_of_custody.ledger import Ledger
from osint.errors import LedgerError


@pytest.fixture
def heads(tmp_path) -> HeadStore:
    return HeadStore(tmp_path / "heads")


@pytest.fixture
def path(tmp_path, actor, log, heads):
    """A ledger of three entries with a checkpoint, closed."""
    with Ledger.create(tmp_path / "case.sqlite", actor=actor, log=log, heads=heads) as ledger:
        ledger.append("note")
        ledger.append("note")
        ledger.cut_checkpoint()
    return ledger.path


def test_the_newest_checkpoint_is_remembered(path, actor, log, heads):
    with Ledger.open(path, actor=actor, log=log, heads=heads) as ledger:
        ledger.append("note")
        note = ledger.cut_checkpoint()

        assert heads.newest(ledger.origin) == note


def test_an_older_head_never_takes_the_place_of_a_newer_one(path, actor, log, heads):
    with Ledger.open(path, actor=actor, log=log, heads=heads) as ledger:
        first = ledger.checkpoints()[0]
        ledger.append("note")
        second = ledger.cut_checkpoint()
        heads.remember(first)

        assert heads.newest(ledger.origin) == second


def test_an_old_backup_put_in_place_of_the_ledger_is_refused(path, actor, log, heads):
    """
    Nothing is appended to it, so that no second history begins under the same name.
    """
    backup = path.read_bytes()
    with Ledger.open(path, actor=actor, log=log, heads=heads) as ledger:
        ledger.append("note")
        ledger.cut_checkpoint()
    path.write_bytes(backup)

    with pytest.raises(LedgerError, match="signed a head over 4 entries, and there are 3") as caught:
        Ledger.open(path, actor=actor, log=log, heads=heads)
    assert "osint restore" in str(caught.value)
    with Ledger.read(path) as ledger:
        assert len(ledger) == 3


def test_another_history_of_the_same_length_is_refused(path, actor, log, heads):
    """
    The backup went on elsewhere, under the same name, until it was as long.
    """
    backup = path.read_bytes()
    with Ledger.open(path, actor=actor, log=log, heads=heads) as ledger:
        ledger.append("note")
        ledger.cut_checkpoint()
    path.write_bytes(backup)
    with Ledger.open(path, actor=actor, log=log) as elsewhere:
        elsewhere.append("search", outcome="nil")
        elsewhere.append("note")

    with pytest.raises(LedgerError, match="another history"):
        Ledger.open(path, actor=actor, log=log, heads=heads)


def test_a_declared_restore_goes_on_under_a_new_name(path, actor, log, heads):
    """
    The head that was lost stays with the old name; heads under the new one cannot contradict it.
    """
    backup = path.read_bytes()
    with Ledger.open(path, actor=actor, log=log, heads=heads) as ledger:
        ledger.append("note")
        lost, old = ledger.cut_checkpoint(), ledger.origin
    path.write_bytes(backup)

    with Ledger.open(path, actor=actor, log=log) as restored:
        restored.restore(reason="the disk failed", lost=lost)
        restored.append("note")
        restored.cut_checkpoint()
        assert [name for _, name in restored.names()] == [old, restored.origin]
    with Ledger.open(path, actor=actor, log=log, heads=heads) as again:
        assert again.origin != old


def test_a_head_store_that_cannot_be_written_says_so(path, actor, log, tmp_path):
    (tmp_path / "file").write_text("in the way")

    with Ledger.open(path, actor=actor, log=log) as ledger:
        ledger.append("note")
        note = ledger.cut_checkpoint()
    with pytest.raises(LedgerError, match="cannot be read"):
        HeadStore(tmp_path / "file" / "heads").remember(note)
