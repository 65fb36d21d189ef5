"""The page of twelve tasks is done as it stands there, in a notebook's words and in a terminal's."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

import osint
from osint import opening
from osint.capture.network import Network
from osint.cli import main
from osint.serve import sample_site
from osint.serve.sample_site import SampleSite
from osint.settings import FILE_VARIABLE

PAGE = (Path(__file__).parents[1] / "docs" / "tasks.md").read_text(encoding="utf-8")
TITLES = (
    "A first case", "Nothing found, and on record", "A refusal, understood", "A list of targets",
    "From an edge back to its bytes", "A chart for a colleague", "Where a photograph was taken", "What changed since",
    "Hand over", "Check it as the defence", "Restore", "What is due",
)  # fmt: skip
DAY = datetime(2026, 11, 22, 9, tzinfo=UTC)


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def lines(kind: str) -> list[tuple[list[str], int]]:
    """Return each line to type as words, with the exit code that the page promises."""
    typed = "".join(blocks(kind)).replace("\\\n", " ").splitlines()
    return [
        (shlex.split(line, comments=True), int((re.findall(r"# ends with (\d)", line) or ["0"])[0])) for line in typed
    ]


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Iterator[SampleSite]:
    """A folder with the list of targets, keys and settings of nobody, and the practice servers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "settings.toml"))
    monkeypatch.delenv("OSINT_INVESTIGATOR", raising=False)
    Path("targets.csv").write_text(*blocks("csv targets.csv"), encoding="utf-8")
    with SampleSite() as site:
        Path("sample.toml").write_text(sample_site.settings(site), encoding="utf-8")
        yield site


def test_the_page_names_all_twelve_in_order():
    """Nothing is left out, and the tests below do what it says."""
    assert re.findall(r"^## \d+\. (.+)$", PAGE, re.MULTILINE) == list(TITLES)


def test_the_tasks_in_a_notebook(desk, monkeypatch):
    """Each line runs, the refusal is understood, and a stranger verifies what was handed over."""
    network = Network(hosts=desk.hosts, ca=desk.ca, pace=0)
    practice = partial(opening.open_case, network=network, clock=lambda: DAY)
    monkeypatch.setattr(osint, "open_case", practice, raising=False)
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(compile(block, "docs/tasks.md", "exec"), names)

    assert {path.name for path in Path().glob("*.html")} == {"exhibit.html", "chart.html", "again.html"}
    shutil.copy("hand-over/2026-0417/verify_case.py", ".")
    (alone, _), (ours, _) = lines("sh defence")
    stranger = subprocess.run([sys.executable, *alone[1:]], capture_output=True, text=True, timeout=120, check=False)
    assert (stranger.returncode, CliRunner().invoke(main, ours[1:]).exit_code) == (0, 0), stranger.stdout


def test_the_tasks_in_a_terminal(desk):
    """Each line ends as the page says."""
    for words, code in [*lines("sh setup"), *lines("sh")]:
        done = CliRunner().invoke(main, words[1:])
        assert (words[0], done.exit_code) == ("osint", code), f"{shlex.join(words)}\n{done.output}"
    assert Path("cases/restored").is_dir()
    assert [CliRunner().invoke(main, words[1:]).exit_code for words, _ in lines("sh defence")[1:]] == [0]
