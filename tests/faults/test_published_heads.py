"""A head that has left the machine binds it, whatever happens then: a crash, a loss of power, an old copy (F8, F9)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from faults.acknowledged import published, reopen_case
from faults.appender import open_or_create, ticking
from faults.disk import Chance, chances, moments, read_tree, write_tree
from faults.outside import KEYS, Outside, anchors
from faults.situations import ANCHORED
from faults.system_calls import RECORDING, disk_steps

from osint.chain_of_custody import checkpoint
from osint.chain_of_custody.anchoring import Anchoring
from osint.chain_of_custody.exchange import Answer
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.verification import verify
from osint.errors import IntegrityError, LedgerError

pytestmark = pytest.mark.faults

ASKED = 4  # two heads, each stamped and cosigned


class Interrupting(Outside):
    """Other parties that remember everything, and lose one asker: before they hear it, or before it hears them."""

    def __init__(self, folder: Path, at: int, *, heard: bool) -> None:
        super().__init__(folder)
        self.asked = 0
        self.lose: Any = None
        self._at, self._heard = at, heard

    def __call__(self, url: str, body: bytes, content_type: str = "") -> Answer:
        self.asked += 1
        answer = super().__call__(url, body) if self.asked != self._at or self._heard else Answer(500, b"")
        if self.asked == self._at:
            self.lose()
        return answer


def anchor_again(case: Path, outside: Outside) -> None:
    """Go on after the fault: the same witness must cosign, and have seen one history only."""
    with open_or_create(case, ticking()) as ledger:
        trusted = anchors(ledger.origin)
        got = Anchoring(ledger, trusted, outside, ledger.append, ticking()).anchor()
        assert not got.failures, got.failures
        assert outside.witness.forks(ledger.origin) == []
        sizes = [checkpoint.parse(note) for note in outside.witness.heads(ledger.origin)]
        roots = {head.size: head.root for head in map(checkpoint.parse, ledger.checkpoints())}
        assert all(roots[head.size] == head.root for head in sizes)
        verify(ledger, anchors=trusted)


@pytest.mark.parametrize("heard", [False, True], ids=["before it is heard", "before it hears"])
@pytest.mark.parametrize("at", range(1, ASKED + 1))
def test_a_crash_while_others_are_asked_forks_nothing(workers, ram, at, heard):
    """
    The head is cut before anyone sees it; after the crash the same head is shown again, or one that continues it.
    """
    case = ANCHORED.lay_out(workers, ram)
    outside = Interrupting(ram / "outside", at, heard=heard)
    with workers.start(case, ANCHORED.steps) as worker:
        outside.lose = worker.kill
        worker.go()
        said = list(worker.said(outside))

    assert said[-1].get("step") != "end"
    reopen_case(case, said)
    anchor_again(case, outside)


def test_a_loss_of_power_while_others_are_asked_forks_nothing(workers, ram, figures):
    """
    After every prefix of stamping and cosigning: what the disk forgot, the witness remembers, and both agree.
    """
    case, kept = ANCHORED.lay_out(workers, ram), []
    before = read_tree(case.parent)

    class Remembering(Outside):
        def __call__(self, url: str, body: bytes, content_type: str = "") -> Answer:
            answer = super().__call__(url, body)
            kept.append(read_tree(ram / "outside"))
            return answer

    run = workers.run(case, ANCHORED.steps, *RECORDING, outside=Remembering(ram / "outside"))
    assert run.ended and len(kept) == ASKED
    nobody = read_tree(Outside(ram / "nobody") and ram / "nobody")
    for number, disk, said in moments(before, disk_steps(run.calls, case.parent, before)):
        for name, chance in {"nothing": Chance(), "drawn": chances(number, 1)["drawn 0"]}.items():
            for each in ("state", "others"):
                shutil.rmtree(ram / each, ignore_errors=True)
            write_tree(ram / "state", disk.after(chance))
            write_tree(ram / "others", [nobody, *kept][sum("ask" in each for each in said)])
            figures["states"] += 1
            try:
                reopen_case(ram / "state" / "case", said)
                anchor_again(ram / "state" / "case", Outside(ram / "others"))
            except (AssertionError, LedgerError) as error:
                pytest.fail(f"after step {number}, {name}: {error}")


@pytest.fixture
def rolled_back(ram):
    """A case that was put back to an older copy after two more heads were published."""
    case, outside = ram / "case", Outside(ram / "outside")
    case.mkdir()
    said: list[dict[str, Any]] = []
    with open_or_create(case, ticking()) as ledger:
        ledger.append("note")
        anchoring = Anchoring(ledger, anchors(ledger.origin), outside, ledger.append, ticking())
        anchoring.anchor()
    shutil.copy(case / "ledger.sqlite", ram / "old copy")
    with open_or_create(case, ticking()) as ledger:
        ledger.append("note", private={"text": "this will be gone"})
        Anchoring(ledger, anchors(ledger.origin), outside, ledger.append, ticking()).anchor()
        said.append({"step": "checkpoint", "note": ledger.cut_checkpoint()})
    shutil.copy(ram / "old copy", case / "ledger.sqlite")
    return case, outside, said


def test_this_workstation_refuses_to_continue_an_old_copy(rolled_back):
    """
    It signed more than is there, and says how much.
    """
    case, _, _ = rolled_back

    with pytest.raises(LedgerError, match="went back"):
        open_or_create(case, ticking())


def test_another_workstation_cannot_have_the_old_copy_vouched_for(rolled_back):
    """
    Without the memory of this one it can append; the witness has seen more and does not cosign, and the head kept
    elsewhere does not fit.
    """
    case, outside, said = rolled_back
    with Ledger.open(case / "ledger.sqlite", clock=ticking(), **KEYS) as ledger:
        ledger.append("note", private={"text": "another history"})
        trusted = anchors(ledger.origin)
        got = Anchoring(ledger, trusted, outside, ledger.append, ticking()).anchor()

        assert got.witnesses == ()
        assert len(got.failures) == 1
        with pytest.raises(IntegrityError, match="kept elsewhere"):
            verify(ledger, kept_head=published(said)[-1])
