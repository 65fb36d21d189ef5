"""Verifying again costs what came since: the note that a verification leaves, and what it cannot be made to hide."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.trusted import TrustedHead
from osint.chain_of_custody.verification import verify
from osint.errors import IntegrityError, LedgerError
from osint.runner import make_runner

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Counting:
    """A ledger that counts the lines read from it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self.read = ledger, 0

    def __getattr__(self, name: str):
        return getattr(self._ledger, name)

    def records(self, start: int = 0):
        for record in self._ledger.records(start):
            self.read += 1
            yield record


def grown(ledger: Ledger, count: int) -> None:
    for number in range(count):
        ledger.append("note", private={"text": f"note {number}"})
    ledger.cut_checkpoint()


def test_only_new_entries_are_read_again_and_the_result_is_the_same(ledger):
    """
    Thirty entries verified before, five since: six lines are read (the last old one is compared).
    """
    grown(ledger, 29)
    first = verify(ledger, present=NOON)
    grown(ledger, 5)
    counting = Counting(ledger)
    second = verify(counting, since=first.trusted)

    assert counting.read == 6
    assert (second.entries, second.root, second.checkpoints) == (35, verify(ledger).root, 2)
    assert second.trusted == verify(ledger).trusted
    assert any("Entries 0-29 were verified on 2026-06-01T12:00:00Z" in each for each in second.not_covered())


def test_the_note_survives_being_written_down(ledger):
    grown(ledger, 6)
    trusted = verify(ledger, present=NOON).trusted

    assert TrustedHead.from_json(trusted.to_json()) == trusted
    assert TrustedHead.from_json(trusted.to_json()).verified == NOON


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format":"osint-trusted-head/v1"}', "null"])
def test_a_damaged_note_is_no_reason_to_trust_anything(text):
    with pytest.raises(LedgerError, match="Verify from the beginning"):
        TrustedHead.from_json(text)


def test_a_note_with_too_few_subtrees_is_refused(ledger):
    grown(ledger, 6)
    text = verify(ledger).trusted.to_json().replace('"size": 7', '"size": 8')

    with pytest.raises(LedgerError, match="is damaged"):
        TrustedHead.from_json(text)


def test_a_ledger_that_went_back_is_found(ledger, actor, log, tmp_path):
    """
    Verified with nine entries, then an older copy is put there: it has another entry where the note ends, or none.
    """
    grown(ledger, 4)
    ledger.close()
    older = ledger.path.read_bytes()
    with Ledger.open(ledger.path, actor=actor, log=log) as today:
        grown(today, 4)
        trusted = verify(today, present=NOON).trusted
    ledger.path.write_bytes(older)
    with Ledger.open(ledger.path, actor=actor, log=log) as yesterday:
        with pytest.raises(IntegrityError, match="entry 8 is not the one that was verified"):
            verify(yesterday, since=trusted)
        grown(yesterday, 6)
        with pytest.raises(IntegrityError, match="entry 8 is not the one that was verified"):
            verify(yesterday, since=trusted)


def test_an_attack_on_a_new_entry_is_found(ledger):
    grown(ledger, 4)
    trusted = verify(ledger).trusted
    grown(ledger, 4)
    database = ledger._file.open()
    database.execute(
        "DROP TRIGGER entries_stay; UPDATE entries SET line = (SELECT line FROM entries WHERE seq = 6) WHERE seq = 7"
    )

    with pytest.raises(IntegrityError) as caught:
        verify(ledger, since=trusted)
    assert min(finding.entry for finding in caught.value.findings if finding.step == 2) == 7


@pytest.mark.exhaustive
def test_several_processes_find_the_same(ledger):
    """
    Work shared among processes gives the same verdict, and the same finding at the same entry.
    """
    grown(ledger, 400)
    shared = make_runner(2)

    assert verify(ledger, runner=shared).trusted == verify(ledger).trusted
    ledger._file.open().execute("DROP TRIGGER entries_stay; UPDATE entries SET line = x'7b7d' WHERE seq = 333")
    found = []
    for runner in (None, shared):
        with pytest.raises(IntegrityError) as caught:
            verify(ledger, runner=runner)
        found.append(caught.value.findings)
    assert found[0] == found[1]
    assert (found[0][0].step, found[0][0].entry) == (1, 333)
