"""The handbook's page on checking a package: it prints the file that is shipped, and its lines do what it says."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

import osint.chain_of_custody

HANDBOOK = Path(__file__).parents[2] / "docs" / "handbook"
PAGE = (HANDBOOK / "verify-a-case.md").read_text(encoding="utf-8")
CUSTODY = Path(osint.chain_of_custody.__file__).parent
HINT = "verify_case.py has changed since it was printed; print it again: python docs/handbook/refresh.py"


def block(kind: str, page: str = PAGE) -> str:
    (text,) = re.findall(rf"^```{kind}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return text


def typed(lines: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", lines], cwd=folder, capture_output=True, text=True, timeout=120, check=False, encoding="utf-8"
    )


def needs(*tools: str) -> pytest.MarkDecorator:
    missing = [tool for tool in tools if not shutil.which(tool)]
    return pytest.mark.skipif(bool(missing), reason=f"this machine lacks {missing}")


def test_the_file_is_printed_byte_for_byte():
    """
    What an expert reads on the page is what lies in a package.
    """
    assert block("python").encode() == (CUSTODY / "verify_case.py").read_bytes(), HINT


def test_printing_it_again_changes_what_stands_between_the_marks_alone():
    """
    Whatever the file says, and as often as it is done.
    """
    refreshed = runpy.run_path(str(HANDBOOK / "refresh.py"))["refreshed"]
    other = refreshed(PAGE, "print('another')\n")

    assert block("python", other) == "print('another')\n"
    assert refreshed(other, block("python")) == PAGE


def test_the_hashes_are_compared_by_the_same_lines_as_in_the_format():
    """
    The lines for PowerShell, which no test here can run, differ nowhere.
    """
    format_page = (CUSTODY / "README.md").read_text(encoding="utf-8")

    assert block("powershell").startswith(block("powershell", format_page))


@needs("sh", "python3", "openssl")
def test_the_table_says_what_the_file_prints_and_how_it_ends(bag, tmp_path):
    """
    A package as it is, with the head that was kept, with another head, and with a file changed in it.
    """
    known = dict(re.findall(r"^\| `(.+?)` \| (\d) \|", PAGE, re.MULTILINE))
    shutil.copytree(bag, tmp_path / "hand-over")
    (tmp_path / "verify_case.py").write_text(block("python"), encoding="utf-8", newline="")
    head = (bag / "data" / "checkpoint-0002.txt").read_text(encoding="utf-8")
    first, second = block("sh verifier").splitlines()
    second = second.removesuffix(" --root authority.pem")
    assert second.endswith("head.txt")

    (tmp_path / "head.txt").write_text(head, encoding="utf-8")
    good = [typed(line, tmp_path) for line in (first, second)]
    (tmp_path / "head.txt").write_text(head.replace("\n8\n", "\n7\n"), encoding="utf-8")
    other_history = typed(second, tmp_path)
    (tmp_path / "hand-over" / "data" / "report.html").write_bytes(b"another")
    changed = typed(first, tmp_path)

    ended = [(each.returncode, each.stdout.splitlines()[-1]) for each in (*good, other_history, changed)]
    assert [known[last] for _, last in ended] == ["0", "0", "1", "1"] == [str(code) for code, _ in ended]
    assert "step 10" in other_history.stdout
    assert "step 11" in changed.stdout


@needs("sh", "sed", "jq", "sha256sum", "tr")
def test_an_entry_and_its_leaf_hash_are_found_by_hand(own_bag, worked):
    """
    The fourth line is entry 3, and its hash is the one that the custody log prints.
    """
    entry = typed(block("sh entry"), own_bag / "data")
    leaf = typed(block("sh leaf"), own_bag / "data")

    assert json.loads(entry.stdout) == worked.entry(3).payload
    assert leaf.stdout.split()[0] == worked.entry(3).leaf.hex()
