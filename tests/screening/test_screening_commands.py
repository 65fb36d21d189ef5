"""The ``osint screening`` commands: a whole check on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from origin import Origin, http

from osint import cli

PLAN = """
look_back_days = 3650
minutes = 60
[criteria]
honesty = "Statements on honesty in official duties"
[[steps]]
id = "blog"
collector = "feed"
ask = { url = "{blog}" }
"""
FEED = (
    b'<rss version="2.0"><channel><title>A blog</title><item><guid>tag:1</guid><description>I lied. We pray at the mosque.'
    b"</description><pubDate>Mon, 04 May 2026 10:00:00 GMT</pubDate></item></channel></rss>"
)


def run(person: str, name: str, folder: Path, *arguments: object) -> Result:
    keys = folder.parents[1] / person[0]
    words = ["screening", name, *map(str, (folder, *arguments)), "--investigator", person, "--json"]
    return CliRunner(env={"OSINT_KEYS": str(keys)}).invoke(cli.main, words)


def test_a_check_from_the_plan_to_the_copy(tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch):
    """Each command does its part; whoever decides reads the copy and is refused the rest with exit code 3."""
    folder = tmp_path / "checks" / "BG-1"
    (tmp_path / "plan.toml").write_text(PLAN)
    (tmp_path / "network.toml").write_text('allow = ["127.0.0.1"]\npace = 0\n')
    blog = origin.serve("/feed", http(FEED, "Content-Type: application/rss+xml"))

    def done(name: str, *arguments: object, by: str = "R. Roe, badge 11") -> object:
        result = run(by, name, folder, *arguments)
        assert not result.exit_code, (name, result.output)
        return json.loads(result.stdout)

    assert run("R. Roe, badge 11", "items", folder, "C-ABCDEF").exit_code == 1
    done("new")
    done("assign", "second_reader", "P. Poe, badge 12")
    done("assign", "decision_maker", "C. Chief, badge 1")
    done("plan", tmp_path / "plan.toml")
    one = done(
        "candidate", "Jordan Invented", "--stated", f"blog={blog}", "--consent", "HR-7", "--signed", "2026-05-20"
    )["candidate"]
    assert run("R. Roe, badge 11", "collect", folder, one, "elsewhere").exit_code == 3
    assert done("collect", one, "blog", "--network", tmp_path / "network.toml")["posts"] == 1
    (item,) = done("items", one)
    assert {each["category"] for field in item["fields"] for each in field["proposals"]} >= {"religion"}
    done(
        "confirm", one, item["id"], "--criterion", "honesty", "--paraphrase", "States that a record was false.",
        "--remove", "mosque=religion", "--remove", "pray=religion", "--identifier", "stated", "--identifier", "employer",
    )  # fmt: skip
    assert done("finish", one, "--minutes", 20)["sample"] == [item["id"]]
    done("second-read", one, item["id"], "--agree", "--note", "as the original says", by="P. Poe, badge 12")
    done("respond", one, "--said", "asked by letter")
    assert {Path(each).name for each in done("release", one)["files"]} >= {"copy.html", "copy.txt"}

    assert done("read", by="C. Chief, badge 1") == [one]
    assert "States that a record was false." in done("read", one, by="C. Chief, badge 1")["copy"]
    assert run("C. Chief, badge 1", "items", folder, one).exit_code == 3
    done("assign", "counsel", "E. Officer, badge 30")
    opened = done(
        "unseal", one, item["id"], "--authority", "complaint 12", "--reason", "asked by the EEOC",
        "--approver-keys", folder.parents[1] / "R" / "screening", "--approver", "R. Roe, badge 11",
        by="E. Officer, badge 30",
    )  # fmt: skip
    assert (opened["id"], opened["decided"]["criterion"]) == (item["id"], "honesty")
    assert run("R. Roe, badge 11", "items", folder, one).exit_code == 3
    assert done("uniformity")[0]["deviates"] is False
    assert done("verify")["entries"] > 20
    assert len(json.loads(CliRunner().invoke(cli.main, ["screening", "rates", "--json"]).stdout)) == 14
