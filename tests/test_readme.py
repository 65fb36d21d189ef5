"""The README's session is run, and what it says it prints is what it prints."""

from __future__ import annotations

import ast
import re
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from origin import NOON

import osint
import osint.opening
from osint.serve import sample_site

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.S)


def printed_by(code: str, names: dict[str, object]) -> list[str]:
    """Run a block, statement by statement, and return what a notebook would print for each (``;`` keeps it quiet)."""
    lines = code.split("\n")
    printed = []
    for statement in ast.parse(code).body:
        source = ast.get_source_segment(code, statement)
        if isinstance(statement, ast.Expr):
            value = eval(source, names)
            quiet = lines[statement.end_lineno - 1][statement.end_col_offset :].startswith(";")
            if value is not None and not quiet:
                text = value.to_string(index=False) if isinstance(value, pd.DataFrame) else str(value)
                printed.extend(line.rstrip() for line in text.split("\n"))
        else:
            exec(source, names)
    return printed


def promised_by(code: str) -> list[str]:
    return [line[3:] for line in code.split("\n") if line.startswith("#>")]


def without_fingerprints(lines: list[str]) -> list[str]:
    """Leave out what differs from key to key."""
    return [re.sub("[0-9a-f]{64}", "<64 hex digits>", line) for line in lines]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))
    monkeypatch.setattr(osint, "open_case", partial(osint.opening.open_case, clock=lambda: NOON), raising=False)
    monkeypatch.setattr(sample_site, "SampleSite", partial(sample_site.SampleSite, clock=lambda: NOON))
    return tmp_path


def test_the_session_prints_what_the_readme_says(folder):
    """
    Twenty lines, from the authority to the hand-over, with their real output.
    """
    setup, session, _ = BLOCKS
    names: dict[str, object] = {}
    try:
        assert printed_by(setup, names) == []
        printed = printed_by(session, names)
    finally:
        names["case"].close()
        names["site"].stop()

    assert without_fingerprints(promised_by(session)) == without_fingerprints(printed)


def test_the_lines_for_a_real_instance_are_well_formed():
    """
    They are not run, since they would leave this machine; they compile.
    """
    compile(BLOCKS[2], "README.md", "exec")


def test_every_command_and_file_that_the_readme_names_is_there():
    """
    A make target or a page that went away is found here.
    """
    root = Path(__file__).parent.parent
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:^    |`)make ([a-z-]+)", README, flags=re.M)):
        assert re.search(rf"^{target}:", makefile, flags=re.M), target
    for page in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (root / page).exists(), page
