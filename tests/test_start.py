"""What the first cell of a notebook loads: a case is opened, authorized and shown before anything else is paid for."""

from __future__ import annotations

import os
import subprocess
import sys

from osint.chain_of_custody.ledger import Ledger

CELL = """
import sys
from osint.chain_of_custody import key_files
key_files.ROUNDS = 1  # the price of a guess is not what is looked at here
import osint
for _ in range(2):  # a new case, then the case that is there
    case = osint.open_case("case", investigator="J. Smit, badge 4471")
    case.authorize(osint.Authorization(identifier="MP-1", type="missing-person report", purpose="missing_person",
        subjects=["Jane Example"], accounts=["@jane@social.example"], expires="2999-12-31"))
    print(case)
    case.close()
print()
print(*sys.modules)
"""
LATER = {
    "asking a host": {"requests", "urllib3", "charset_normalizer", "osint.capture.client"},
    "reading what came": {"lxml", "bs4", "osint.collectors.exports", "osint.collecting.importing"},
    "tables and graphs": {"pandas", "numpy", "networkx", "osint.phases.marking", "osint.graph.statements"},
    "showing progress": {"tqdm"},
    "checking time stamps": {"cryptography.x509", "rfc3161_client"},
    "verifying": {"osint.chain_of_custody.verification", "osint.runner", "multiprocessing", "concurrent.futures"},
    "looking into hostile files": {"osint.sandbox"},
    "handing over": {"osint.phases.transfers", "osint.report.hand_over", "osint.production.produce"},
}  # fmt: skip
"""What a step that comes later needs, and the first cell does not."""


def test_the_first_cell_loads_nothing_that_only_a_later_step_needs(tmp_path):
    """
    Whoever opens a case, new or old, gives it its authority and looks at it waits for no step that was not asked for.
    """
    passphrase = tmp_path / "passphrase"
    passphrase.touch(mode=0o600)
    passphrase.write_text("a passphrase of nobody\n", encoding="ascii")
    settings = {"HOME": str(tmp_path), "OSINT_KEYS": str(tmp_path / "keys"), "OSINT_PASSPHRASE_FILE": str(passphrase)}

    run = subprocess.run(
        [sys.executable, "-c", CELL],
        cwd=tmp_path,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(run.stdout.splitlines()[-1].split())
    assert "osint.case" in loaded
    assert {step: loaded & modules for step, modules in LATER.items() if loaded & modules} == {}


def test_a_case_is_opened_without_going_through_its_whole_ledger(open_case, monkeypatch):
    """
    What opening has to know is asked of the entries that tell it, so that a large case opens as a small one.
    """
    open_case().close()
    passes = []
    whole = Ledger.entries
    monkeypatch.setattr(Ledger, "entries", lambda ledger, start=0: passes.append(start) or whole(ledger, start))

    open_case(authorized=False)

    assert passes == []
