"""Every attack of this folder: what the package itself finds, and that ``verify_case.py`` comes to the same verdict.

An attack is a module. Its docstring tells it in plain words, ``commit`` commits it, and these say what has to be found:

============== =======================================================================================================
``STEP``       the step of verification that finds it
``ENTRY``      the entry that is named, or None when none can be
``SAYS``       words of the finding
``OWN``        step and entry in ``verify_case.py``, where they differ
``RELISTED``   whether the attacker makes the lists of hashes fit afterwards, which anybody can; True unless it says so
``KEPT_HEAD``  it is seen only by somebody who kept a head over so many entries
``ANCHORS``    it is seen only by somebody who knows the time-stamping authority
``NAMED``      in the place of the first three: it is no fault, and named in these words
``also``       what has to hold besides
============== =======================================================================================================
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from few import few

from osint.chain_of_custody import verification
from osint.runner import make_runner

ATTACKS = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if "\ndef commit(" in path.read_text("utf-8"))
LINKS = pytest.mark.skipif(sys.platform == "win32", reason="making links takes a right there")


def load(name: str) -> ModuleType:
    return importlib.import_module(f"tampered.{name}")


def committed(name: str, sample, case) -> dict[str, object]:
    """Commit an attack; return what whoever verifies holds in hand against it."""
    attack = load(name)
    attack.commit(case)
    if getattr(attack, "RELISTED", True):
        case.relist()
    kept = getattr(attack, "KEPT_HEAD", None)
    held = {"kept_head": sample.head(kept)} if kept else {}
    return held | ({"anchors": case.anchors} if getattr(attack, "ANCHORS", False) else {})


def own(verify_case, case, held):
    return verify_case(
        case.folder, kept_head=held.get("kept_head"), authorities=[case.tsa] if "anchors" in held else []
    )


CAUGHT = [name for name in ATTACKS if not hasattr(load(name), "NAMED")]
SEEN_WITH_HELP = [name for name in CAUGHT if hasattr(load(name), "KEPT_HEAD") or hasattr(load(name), "ANCHORS")]

TWO_IN_ONE_NAME = ["signature_added_that_does_not_fit", "signature_hidden_before_the_true_one"]


def test_the_sample_verifies(case, verify_case):
    """
    Nothing is wrong with the package that all attacks start from, by either program, with head and authority at hand.
    """
    held = {"kept_head": case.head(23), "anchors": case.anchors}

    assert case.findings(**held) == []
    assert own(verify_case, case, held).code == 0


@pytest.mark.parametrize("name", [pytest.param(each, marks=LINKS if "link" in each else ()) for each in CAUGHT])
def test_an_attack_is_caught(name, sample, case, verify_case):
    """
    The attack is found at its step and entry, in its words; the verifier of the other side finds it there, too.
    """
    attack = load(name)
    held = committed(name, sample, case)

    found = [(each.step, each.entry) for each in case.findings(**held) if attack.SAYS in each.what]
    assert (attack.STEP, attack.ENTRY) in found
    verdict = own(verify_case, case, held)
    step, entry = getattr(attack, "OWN", (attack.STEP, -1 if attack.ENTRY is None else attack.ENTRY))
    place = f"step {step}, entry {entry}: " if entry >= 0 else f"step {step}: "
    assert re.search(f"^{place}", verdict.said, re.MULTILINE), verdict.said
    assert verdict.code == 1


@pytest.mark.parametrize("name", SEEN_WITH_HELP)
def test_what_takes_help_to_see_cannot_be_seen_without(name, sample, case, verify_case, tmp_path):
    """
    Without the head that was kept, or the authority's certificate, both verify what was forged: no ledger shows more.
    """
    committed(name, sample, case)

    assert case.findings() == []
    assert verify_case(case.folder).code == 0
    if hasattr(load(name), "also"):
        load(name).also(sample, case, tmp_path / "witness")


@pytest.mark.parametrize("name", [*TWO_IN_ONE_NAME, *few([each for each in ATTACKS if each not in TWO_IN_ONE_NAME], 8)])
def test_work_that_is_shared_finds_the_same(name, sample, case, monkeypatch):
    """
    Above some thousand entries others read the lines, who know no key that came later: each finding is there, once.
    """
    held = committed(name, sample, case)
    alone = case.findings(**held)

    monkeypatch.setattr(verification, "_BEFORE_SHARING", 0)
    monkeypatch.setattr(verification, "_SHARED", 5)

    assert case.findings(**held, runner=make_runner(1)) == alone


def test_a_clock_that_was_set_back_is_named_and_no_fault(sample, case, verify_case):
    """
    What proves nothing is said, so that somebody can ask.
    """
    committed("clock_set_back", sample, case)

    assert any(load("clock_set_back").NAMED in each for each in case.verified().noticed())
    assert verify_case(case.folder).code == 0


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_told_in_plain_words(name):
    """
    Each module begins with a sentence that says what is done.
    """
    first = (load(name).__doc__ or "").strip().split("\n")[0]

    assert first.endswith(".")
    assert len(first.split()) > 5
