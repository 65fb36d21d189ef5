"""What importing costs, and what the package exports."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import osint
from osint import collectors

ROOT = Path(__file__).parents[1]

HEAVY = (
    "pandas",
    "networkx",
    "requests",
    "numpy",
    "bs4",
    "apsw",
    "cryptography",
    "lxml",
    "trafilatura",
    "feedparser",
    "click",
)


def loaded_after(code: str) -> set[str]:
    program = f"import sys\n{code}\nprint()\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(run.stdout.splitlines()[-1].split())


def test_importing_the_package_loads_nothing_heavy():
    """
    The price of pandas and networkx is paid by whoever uses them.
    """
    assert set() == loaded_after("import osint") & set(HEAVY)


def test_the_help_of_the_command_line_loads_nothing_heavy():
    """
    A detective who asks for help is not kept waiting.
    """
    code = "import osint.cli\ntry:\n    osint.cli.main(['--help'])\nexcept SystemExit:\n    pass"

    assert set() == loaded_after(code) & (set(HEAVY) - {"click"})


@pytest.mark.parametrize("name", osint.__all__)
def test_every_public_name_is_there(name):
    """
    The table of names in the package and the modules agree.
    """
    assert name == getattr(osint, name).__name__


def test_the_public_names_are_sorted_and_an_unknown_one_is_an_error():
    """
    The package lists its names, and nothing else.
    """
    assert sorted(osint.__all__) == dir(osint)
    with pytest.raises(AttributeError, match="no attribute 'scrape'"):
        osint.scrape  # noqa: B018


def test_importing_does_nothing_but_import(tmp_path):
    """
    No file, no folder, no key is made by an import.
    """
    subprocess.run(
        [sys.executable, "-c", "import osint, osint.case"],
        cwd=tmp_path,
        check=True,
        env={"OSINT_KEYS": str(tmp_path / "keys")},
    )

    assert list(tmp_path.iterdir()) == []


def test_the_layers_hold_for_every_collector():
    """A new collector is named where import-linter is told that it knows no other; the other rules take in whatever is there."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    named = {contract["name"]: contract.get("modules") or contract.get("source_modules") for contract in contracts}

    assert named["Collectors know nothing of each other"] == [f"osint.collectors.{name}" for name in collectors.names()]
    assert named["A collector has no hand on the gate, the ledger or the store"] == ["osint.collectors.*"]
    assert named["One door to the network"] == ["osint.*"]
