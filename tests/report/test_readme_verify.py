"""The page that tells a stranger how to check a package: what it says has to come out comes out."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from osint.report.readme import SHOWS_NOT

PAGE, COLUMNS = 60, 100


def asked(bag: Path) -> dict[str, list[str]]:
    """The commands of the page with the lines that each has to print."""
    text = (bag / "README_VERIFY.txt").read_text(encoding="utf-8")
    blocks = re.findall(r"^    ((?:sha256sum|python3) .*)\n((?:    => .*\n)+)", text, re.MULTILINE)
    return {command: re.findall("=> (.*)", out) for command, out in blocks}


def run(command: str, bag: Path) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command.replace("python3", shlex.quote(sys.executable)))
    return subprocess.run(
        words, cwd=bag, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, check=False
    )


@pytest.mark.skipif(sys.platform == "win32", reason="sha256sum is none of its programs")
def test_the_four_commands_print_what_the_page_says(bag):
    """
    As typed, in the folder; head and certificate lie beside it, although no stamp asks for the certificate.
    """
    commands = asked(bag)
    assert len(commands) == 4
    (bag.parent / "head.txt").write_bytes((bag / "data" / "checkpoint-0002.txt").read_bytes())
    (bag.parent / "authority.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
    done = [run(command, bag) for command in commands]
    lists, listed, *ledgers = done

    assert [each.returncode for each in done] == [0, 0, 0, 0]
    assert all(line.endswith(": OK") for line in lists.stdout.splitlines())
    assert "WARNING" not in lists.stderr
    assert re.fullmatch(r"[0-9a-f]{64}  tagmanifest-sha256.txt\n", listed.stdout)
    for ledger, expected in zip(ledgers, list(commands.values())[2:], strict=True):
        assert [" ".join(line.split()) for line in ledger.stdout.splitlines()[-2:]] == expected


@pytest.mark.skipif(sys.platform == "win32", reason="sha256sum is none of its programs")
def test_a_changed_file_is_named_by_the_first_command(bag):
    """
    And a changed list by its own hash.
    """
    changed = bag / "data" / "custody_log.csv"
    changed.write_bytes(changed.read_bytes() + b"x")
    done = run(next(iter(asked(bag))), bag)

    assert done.returncode != 0
    assert "data/custody_log.csv: FAILED" in done.stdout
    assert "WARNING" in done.stderr


def test_it_is_one_page_and_says_what_a_pass_does_not_show(bag):
    """
    For a printer of sixty lines; who is asked, under which policy, and where what each file is stands.
    """
    text = (bag / "README_VERIFY.txt").read_text(encoding="utf-8")

    assert len(text.splitlines()) <= PAGE
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
    told = " ".join(text.split())
    for sentence in (*SHOWS_NOT, "Policy: none is recorded.", "CONTENTS.txt. Questions: J. Smit, badge 4471."):
        assert sentence in told
