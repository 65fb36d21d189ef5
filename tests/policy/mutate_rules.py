"""Take each rule of the gate out, one at a time, and see a test fail (``make test-mutation``).

A rule that is out finds nothing; its place in the table stays, so that a mere list of rules does not notice. Run alone,
this file is the command; as a plugin of pytest (``-p mutate_rules``), it takes out the rule that MUTATED_RULE names.
Exit code 0: every rule is guarded. 1: a rule survives, or the tests fail without any mutation.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from osint.policy import rules

FOLDER = Path(__file__).parent
TESTS = FOLDER / "test_gate_rules.py"
TABLES = (rules.ABOUT_THE_STEP, rules.ABOUT_THE_AUTHORITY)


def take_out(rule: str) -> None:
    """Let a rule find nothing."""
    (table,) = [table for table in TABLES if rule in table]
    table[rule] = lambda facts, pack: ()


def failing(rule: str) -> tuple[int, str]:
    """Return the exit code of the tests without a rule, and the first test that failed."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "mutate_rules", "--noconftest", str(TESTS)],
        env={**os.environ, "MUTATED_RULE": rule, "PYTHONPATH": os.pathsep.join([str(FOLDER), *sys.path])},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"^FAILED \S+::(\S+)", done.stdout, re.MULTILINE)
    return done.returncode, found[1] if found else done.stdout[-300:]


def main() -> int:
    """Try every rule; print which test notices that it is out."""
    code, said = failing("")
    if code:
        print(f"the tests fail without any mutation: {said}")
        return 1
    survivors = []
    every = [rule for table in TABLES for rule in table]
    for rule in every:
        code, said = failing(rule)
        if code != 1:  # 1: tests failed; anything else is no verdict
            survivors.append(rule)
        print(f"{rule:22} {'noticed by ' + said if code == 1 else 'SURVIVES'}", flush=True)
    print(f"{len(every)} rules, {len(survivors)} survive")
    return 1 if survivors else 0


if named := os.environ.get("MUTATED_RULE"):
    take_out(named)
if __name__ == "__main__":
    sys.exit(main())
