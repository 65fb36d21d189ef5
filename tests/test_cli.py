"""The ``osint`` command: each command over a real case, its exit codes, and what reaches the terminal."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import pkgutil
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from origin import http

import osint
from osint import cli
from osint.capture.network import Network
from osint.cli import shell, start, tables
from osint.cli.command import EXIT_CODES
from osint.errors import CaseError
from osint.serve.sample_site import SampleSite

WHO = ("--investigator", "J. Smit, badge 4471")
MISSING_PERSON = (
    "--identifier", "MP-2026-0417", "--type", "missing-person report", "--purpose", "missing_person",
    "--expires", "9999-12-31", "--subject", "Jane Example",
)  # fmt: skip
ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m"


def run(*arguments: object, **environment: str) -> Result:
    """Run a command as if on a terminal: without ``color`` click itself would take escapes out."""
    return CliRunner(env=environment).invoke(cli.main, [str(argument) for argument in arguments], color=True)


def data(*arguments: object) -> object:
    result = run(*arguments, "--json")
    assert not result.exit_code, result.output
    return json.loads(result.stdout)


def commands() -> Iterator[tuple[str, click.Command]]:
    for name, command in cli.main.commands.items():
        if isinstance(command, click.Group):
            yield from ((f"{name} {each}", below) for each, below in command.commands.items())
        else:
            yield name, command


@pytest.fixture(scope="module", autouse=True)
def keys(tmp_path_factory) -> Iterator[Path]:
    """Keys of nobody, instead of those of the user who runs the tests."""
    folder = tmp_path_factory.mktemp("keys")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSINT_KEYS", str(folder))
        patch.delenv("OSINT_INVESTIGATOR", raising=False)
        yield folder


@dataclass
class Sample:
    """A collected case, and the file that leads to the servers it was collected from."""

    case: Path
    network: Path


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Iterator[Sample]:
    folder = tmp_path_factory.mktemp("sample")
    with SampleSite() as site:
        network = folder / "network.toml"
        shutil.copyfile(site.ca, folder / "authority.pem")
        hosts = [f'"{name}" = "{address}:{port}"' for name, (address, port) in site.hosts.items()]
        settings = ['ca = "authority.pem"', 'allow = ["127.0.0.1"]', "pace = 0", "[hosts]", *hosts]
        network.write_text("\n".join(settings), encoding="utf-8")
        case = folder / "case"
        scope = ("--account", "@jane@social.example", "--account", "@jane@closed.example", "--host", "news.example")
        run("case", "new", case, *WHO)
        run("authorize", case, *MISSING_PERSON, *scope, *WHO)
        run("collect", case, "mastodon", "--account", "@jane@social.example", *WHO, "--network", network)
        yield Sample(case, network)


@pytest.fixture
def copy(sample, keys, tmp_path, monkeypatch) -> Sample:
    """A copy of the case to write to, at a workstation that knows of no other copy of it."""
    monkeypatch.setenv("OSINT_KEYS", str(shutil.copytree(keys, tmp_path / "own-keys")))
    return Sample(Path(shutil.copytree(sample.case, tmp_path / "copy")), sample.network)


@pytest.fixture
def case_on(origin, tmp_path) -> Callable[..., tuple[Path, Path]]:
    """Make a case that may collect from the origin server, and a file that leads there."""

    def make() -> tuple[Path, Path]:
        network = tmp_path / "network.toml"
        network.write_text('allow = ["127.0.0.1"]\npace = 0\n', encoding="utf-8")
        run("case", "new", tmp_path / "case", *WHO)
        run("authorize", tmp_path / "case", *MISSING_PERSON, "--host", "127.0.0.1", *WHO)
        return tmp_path / "case", network

    return make


def json_feed(*items: str, following: str = "") -> bytes:
    posts = [
        {"id": text, "content_text": text, "date_published": "2026-05-01T09:00:00Z", "authors": [{"name": text}]}
        for text in items
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Feed", "items": posts}
    return http(
        json.dumps(feed | ({"next_url": following} if following else {})).encode(),
        "Content-Type: application/feed+json",
    )


# -- the commands ------------------------------------------------------------------------------------------------------


def test_help_loads_no_library_of_analysis():
    """
    Asking for help costs no second: pandas, networkx, requests and their like stay unloaded.
    """
    script = (
        "import sys; from osint.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print(sorted({'pandas', 'networkx', 'requests', 'numpy', 'lxml', 'PIL'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.endswith("[]\n")


def test_every_command_of_every_module_is_there():
    """
    A module of commands that is not taken in, or a name that hides another's, is noticed.
    """
    modules = [importlib.import_module(f"osint.cli.{each.name}") for each in pkgutil.iter_modules(cli.__path__)]
    groups = [module.commands.commands for module in modules if hasattr(module, "commands")]

    assert sorted(name for group in groups for name in group) == sorted(cli.main.commands)


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_command_and_its_options_are_documented(name, command):
    """
    Every command says what it does, short enough for the list of commands; every option says what it is.
    """
    options = [param for param in command.params if isinstance(param, click.Option)]

    assert not command.get_short_help_str(limit=63).endswith("...")
    assert all(option.help for option in options)


def test_exit_codes_are_documented():
    """
    The help lists every exit code.
    """
    text = run("--help").output

    assert all(f"{code:>3}  {meaning}" in text for code, meaning in EXIT_CODES.items())


TWINS = {
    "open_case": "case new", "authorize": "authorize", "extend": "extend", "authority": "case show",
    "collect": "collect", "resume": "resume", "interrupted": "case show", "posts": "posts", "warnings": "warnings",
    "media": "media", "rebuild": "rebuild", "log": "log", "checkpoint": "checkpoint", "verify": "verify",
    "show": "timeline", "export_link_chart": "graph", "report": "report", "export": "export",
    "association_graph": "graph", "centrality": "centrality", "communities": "communities",
    "event_timeline": "timeline",
}  # fmt: skip


def test_every_action_of_a_notebook_has_a_command():
    """
    A public method of a case, or a public function, that has no command is noticed. Closing happens by itself.
    """
    methods = {name for name in vars(osint.Case) if not name.startswith("_")} - {"close"}
    functions = {name for name in osint.__all__ if inspect.isfunction(getattr(osint, name))}

    assert methods | functions == set(TWINS)
    assert set(TWINS.values()) <= {name for name, _ in commands()}


# -- exit codes --------------------------------------------------------------------------------------------------------


def test_command_on_a_folder_without_case_makes_none(tmp_path):
    """
    A mistyped folder is an error, and no case appears in it.
    """
    result = run("posts", tmp_path / "slip")

    assert result.exit_code == 1
    assert "holds no case" in result.stderr
    assert not (tmp_path / "slip").exists()


def test_case_is_not_made_over_another(sample):
    """
    ``case new`` on a case refuses.
    """
    assert run("case", "new", sample.case, *WHO).exit_code == 1


def test_unknown_option_is_a_usage_error(sample):
    """
    What was not understood ends with 2.
    """
    assert run("posts", sample.case, "--nope").exit_code == 2


def test_writing_needs_an_investigator(sample):
    """
    Without a name and a badge nothing is written, and the message names option and variable.
    """
    result = run("rebuild", sample.case)

    assert result.exit_code == 2
    assert "--investigator" in result.stderr
    assert "OSINT_INVESTIGATOR" in result.stderr


def test_investigator_may_come_from_the_environment(copy):
    """
    OSINT_INVESTIGATOR stands for the option.
    """
    assert run("rebuild", copy.case, OSINT_INVESTIGATOR="J. Smit, badge 4471").exit_code == 0


def test_everything_missing_in_an_authorization_is_named_at_once(sample):
    """
    An empty authorization is refused with every field that it lacks.
    """
    result = run("authorize", sample.case, *WHO, "--json")
    reasons = json.loads(result.stdout)["reasons"]

    assert result.exit_code == 3
    for name in ("identifier", "type", "purpose", "expires", "subjects"):
        assert any(reason.startswith(f"{name} is missing") for reason in reasons)
        assert f"{name} is missing" in result.stderr


def test_search_outside_authority_is_refused_and_logged(copy):
    """
    The gate's refusal ends with 3, says why on stderr, prints nothing else, and is in the custody log.
    """
    result = run("collect", copy.case, "mastodon", "--account", "@dawn@social.example", *WHO)

    assert result.exit_code == 3
    assert "outside its scope" in result.stderr
    assert f"osint extend {copy.case} --account ... --exhibit ... --reason ..." in result.stderr
    assert "case.extend" not in result.stderr
    assert not result.stdout
    assert data("log", copy.case)[-1]["outcome"] == "refused"


def test_source_that_refuses_ends_with_its_run_and_its_own_code(copy):
    """
    A closed server is exit code 5; the run is printed, the reason goes to stderr.
    """
    asked = ("collect", copy.case, "mastodon", "--account", "@jane@closed.example", *WHO, "--network", copy.network)
    result = run(*asked)
    as_json = json.loads(run(*asked, "--json").stdout)

    assert result.exit_code == 5
    assert "stop reason: auth" in result.stdout
    assert "signed-in visitors only" in result.stderr
    assert "as exhibit E" not in result.stdout
    assert (as_json["error"], as_json["result"]["stop"]) == ("SourceClosedError", "auth")


def test_run_that_is_not_complete_has_a_code_of_its_own(origin, case_on):
    """
    A feed whose second page does not come keeps the first page, and still does not end with 0.
    """
    case, network = case_on()
    url = origin.serve("/feed", json_feed("one", following=f"http://127.0.0.1:{origin.port}/gone"))
    result = run("collect", case, "feed", "--url", url, *WHO, "--network", network)

    assert result.exit_code == 5
    assert "1 post," in result.stdout
    assert "Not complete" in result.stdout


def test_tampered_evidence_ends_with_every_finding(copy):
    """
    Two exhibits that were changed are two findings and exit code 4.
    """
    blobs = sorted(copy.case.glob("evidence/*/*.warc.gz"))[:2]
    for blob in blobs:
        blob.chmod(0o600)
        blob.write_bytes(blob.read_bytes() + b"x")
    result = run("verify", copy.case, "--json")

    assert result.exit_code == 4
    assert len({finding["entry"] for finding in json.loads(result.stdout)["findings"]}) == 2
    assert result.stderr.count("  - step 8") == 2


def test_edited_table_is_found(copy):
    """
    Tables are compared with what the evidence gives; a cell that was edited is a finding and exit code 4.
    """
    database = sqlite3.connect(copy.case / "working" / "tables.sqlite")
    database.execute("UPDATE records SET body = replace(body, 'Westmere', 'Eastmere')")
    database.commit()
    database.close()
    result = run("verify", copy.case)

    assert result.exit_code == 4
    assert "step 12" in result.stderr
    assert f"osint rebuild {copy.case}" in result.stderr


def test_case_is_verified_without_its_tables(copy):
    """
    Ledger and evidence verify by themselves; nothing is made of the missing folder.
    """
    shutil.rmtree(copy.case / "working")

    assert run("verify", copy.case).exit_code == 0
    assert not (copy.case / "working").exists()


def test_damaged_ledger_is_a_finding(copy):
    """
    A line that cannot be read is named by verification, not met as an error on the way to it.
    """
    database = sqlite3.connect(copy.case / "ledger.sqlite")
    for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        database.execute(f"DROP TRIGGER {name}")
    database.execute(
        "UPDATE entries SET line = CAST(replace(CAST(line AS TEXT), 'payload', 'paylaod') AS BLOB) WHERE seq = 2"
    )
    database.commit()
    database.close()
    result = run("verify", copy.case)

    assert result.exit_code == 4
    assert "step 1" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a signal reaches only whole process groups there")
def test_interrupted_run_says_how_to_go_on_and_goes_on(origin, case_on):
    """
    Ctrl+C in the middle of a run keeps what came, ends with 130 and prints the command that takes the run up again.
    """

    def interrupt(connection: socket.socket) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        connection.recv(1)

    case, network = case_on()
    second = origin.serve("/second", interrupt, json_feed("two"))
    url = origin.serve("/feed", json_feed("one", following=second))
    stopped = run("collect", case, "feed", "--url", url, *WHO, "--network", network)
    command = stopped.stdout.partition("Go on from here: osint ")[2].split()
    waiting = run("resume", case)

    assert stopped.exit_code == 130
    assert waiting.stdout.startswith(f"osint {' '.join(command)}  # feed ")
    assert run("resume", *command[1:]).exit_code == 2
    assert run(*command, *WHO, "--network", network).exit_code == 0
    assert [post["content"] for post in data("posts", case)] == ["one", "two"]
    assert "No run waits" in run("resume", case).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="a signal reaches only whole process groups there")
def test_interruption_between_two_steps_has_the_same_code(sample, monkeypatch):
    """
    Ctrl+C outside a run is 130 too, without a traceback.
    """
    monkeypatch.setattr(tables, "print_table", lambda *_: os.kill(os.getpid(), signal.SIGINT))
    result = run("posts", sample.case)

    assert result.exit_code == 130
    assert "What was preserved stays" in result.stderr


# -- what is printed ---------------------------------------------------------------------------------------------------

JSON_COMMANDS = [
    ("collectors",), ("case", "show"), ("posts",), ("posts", "--versions"), ("warnings",), ("media",), ("log",),
    ("centrality",), ("communities",), ("timeline",), ("verify",),
]  # fmt: skip


@pytest.mark.parametrize("command", JSON_COMMANDS, ids=" ".join)
def test_json_is_all_that_stdout_holds(sample, command):
    """
    With ``--json`` stdout is one JSON document.
    """
    words = 2 if command[0] == "case" else 1
    place = () if command == ("collectors",) else (sample.case,)

    assert data(*command[:words], *place, *command[words:]) is not None


def test_tables_have_the_columns_of_a_notebook(sample):
    """
    JSON carries every column of the table; an instant is RFC 3339, what is not known is null.
    """
    with osint.open_case(sample.case, investigator="J. Smit, badge 4471") as case:
        posts = case.posts()
    first = data("posts", sample.case)[0]

    assert list(first) == list(posts.columns)
    assert first["published"] == "2026-05-01T09:05:12.404Z"
    assert first["updated"] is None


def test_every_command_that_writes_prints_json(copy, tmp_path):
    """
    The commands that write report in JSON what they wrote.
    """
    lead = ("--exhibit", "E0002", "--reason", "named there", "--account", "@dawn@social.example")

    assert "@dawn@social.example" in data("extend", copy.case, *lead, *WHO)["accounts"]
    assert data("rebuild", copy.case, *WHO) == {"captures": 3}
    assert Path(data("report", copy.case)["file"]).is_file()
    assert data("checkpoint", copy.case, *WHO)["checkpoint"].startswith("osint/")
    assert all(Path(file).is_file() for file in data("graph", copy.case, "chart", *WHO)["files"])
    assert data("export", copy.case, tmp_path / "package", *WHO)["files"] > 10


def test_formats_and_relations_of_a_link_chart_are_chosen(copy):
    """
    A link chart holds only the relations asked for, in the formats asked for.
    """
    asked = ("graph", copy.case, "chart", *WHO, "--format", "graphml", "--format", "svg")
    narrow, wide = data(*asked, "--relation", "reply"), data(*asked)

    assert [Path(file).suffix for file in narrow["files"]] == [".graphml", ".svg"]
    assert 0 < narrow["edges"] < wide["edges"]


def test_added_leads_are_printed(copy):
    """
    ``extend`` says what was added, by which exhibit and why, not the whole authority.
    """
    lead = ("--exhibit", "E0002", "--reason", "named there", "--account", "@dawn@social.example")

    assert run("extend", copy.case, *lead, *WHO).stdout.splitlines() == [
        "Added to MP-2026-0417, as exhibit E0002 shows: accounts: @dawn@social.example",
        "Reason: named there",
    ]


def test_ranking_shows_those_who_lead_and_its_caveat(sample, tmp_path):
    """
    At most ten nodes, none of value 0, and what a rank does not say; the files hold all of them.
    """
    shown = run("centrality", sample.case).stdout.splitlines()
    run("centrality", sample.case, "--csv", tmp_path / "ranks.csv")
    everyone = data("centrality", sample.case)

    assert "not a finding about a person" in shown[-1]
    assert 0 < len(shown) - 3 <= 10
    assert not any(line.split()[1] == "0" for line in shown[1:-2])
    assert len(everyone) > 10
    assert len((tmp_path / "ranks.csv").read_text(encoding="utf-8").splitlines()) == len(everyone) + 1


def test_one_row_is_not_called_rows(case_on, origin):
    """
    What is counted stands in the singular where there is one.
    """
    case, network = case_on()
    run("collect", case, "feed", "--url", origin.serve("/feed", json_feed("one")), *WHO, "--network", network)

    assert run("posts", case).stdout.endswith("\n1 row\n")


def test_fingerprints_are_printed_with_who_introduced_them(sample):
    """
    What is to be compared with paper is in the summary: each key whole, with its role, its entry and the name.
    """
    keys = data("verify", sample.case)["keys"]
    lines = run("verify", sample.case).stdout.splitlines()

    assert [key["role"] for key in keys] == ["actor", "log"]
    for key in keys:
        assert f"  {key['role']} key since entry 0, J. Smit, badge 4471: {key['keyid']}" in lines


@pytest.mark.parametrize(
    ("started", "called"),
    [
        (".venv/bin/osint", ".venv/bin/osint"),
        ("{here}/.venv/bin/osint", ".venv/bin/osint"),
        ("{here}/bin/osint", "osint"),
        ("/elsewhere/my case/osint", "'/elsewhere/my case/osint'"),
        ("pytest", "osint"),
    ],
    ids=["relative", "below here", "on the path", "elsewhere", "embedded"],
)
@pytest.mark.skipif(sys.platform == "win32", reason="programs are found by their extension there")
def test_program_is_named_as_it_can_be_typed(tmp_path, monkeypatch, started, called):
    """
    A line to type next works in the shell that it is read in, also where ``osint`` is not on the path.
    """
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "osint").touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "argv", [started.format(here=tmp_path)])

    assert shell.program() == called


def test_attachments_are_preserved_only_when_asked(copy):
    """
    ``media`` alone asks nobody; with ``--fetch`` it needs an investigator, and preserves the files.
    """
    assert data("media", copy.case) == []
    assert run("media", copy.case, "--fetch", "--network", copy.network).exit_code == 2
    assert len(data("media", copy.case, "--fetch", *WHO, "--network", copy.network)) > 5


def test_tables_and_charts_can_be_written_to_files(sample, tmp_path):
    """
    ``--csv`` and ``--svg`` write a file and print where.
    """
    table, picture = tmp_path / "posts.csv", tmp_path / "time.svg"

    assert "48 rows" in run("posts", sample.case, "--csv", table).stdout
    assert table.read_text(encoding="utf-8").startswith('"id","platform"')
    assert run("timeline", sample.case, "--svg", picture).exit_code == 0
    assert picture.read_text(encoding="utf-8").startswith("<svg")


def test_captured_text_cannot_steer_the_terminal(origin, case_on):
    """
    Terminal escapes in a post are spelt out in text and stay escaped in JSON.
    """
    case, network = case_on()
    url = origin.serve("/feed", json_feed(f"hello {ESCAPES}"))
    collected = run("collect", case, "feed", "--url", url, *WHO, "--network", network)
    shown = [run(command, case) for command in ("posts", "timeline", "log", "centrality", "communities")]
    as_json = run("posts", case, "--json")

    assert "⟨U+001B⟩" in shown[0].stdout
    for result in (collected, *shown, as_json):
        assert result.exit_code == 0
        assert not set("\x1b\x07\x9b") & set(result.output)
    assert json.loads(as_json.stdout)[0]["content"] == f"hello {ESCAPES}"


def test_what_an_authorization_says_cannot_steer_the_terminal(tmp_path):
    """
    Text that was typed or pasted into a case is spelt out as well.
    """
    run("case", "new", tmp_path / "case", *WHO)
    recorded = run("authorize", tmp_path / "case", *MISSING_PERSON, "--identifier", f"MP{ESCAPES}", *WHO)
    shown = run("case", "show", tmp_path / "case")

    for result in (recorded, shown):
        assert "MP⟨U+001B⟩" in result.stdout
        assert not set("\x1b\x07\x9b") & set(result.output)


def test_error_cannot_steer_the_terminal(tmp_path):
    """
    What an error quotes is spelt out as well.
    """
    result = run("case", "show", tmp_path / "x\x1b[2J")

    assert result.exit_code == 1
    assert "\x1b" not in result.output


READING = [
    ("posts",), ("warnings",), ("media",), ("centrality",), ("communities",), ("timeline",), ("log",),
    ("case", "show"), ("resume",), ("verify",),
]  # fmt: skip


# -- custody -----------------------------------------------------------------------------------------------------------


def test_the_log_says_which_entries_are_anchored(sample):
    """
    Below the rows stand the spans under a checkpoint or a time stamp, and those under none.
    """
    shown = run("log", sample.case).stdout.splitlines()

    assert " but no time stamp." in shown[-2]
    assert shown[-1] == f"This table shows what the ledger records; osint verify {sample.case} checks it."
    assert {row["anchored"] for row in data("log", sample.case)} == {None}


def test_reading_a_case_adds_no_entry(sample):
    """
    Looking at a case from the workstation that made it leaves the ledger as it is.
    """
    before = data("log", sample.case)
    for command in READING:
        run(*command, sample.case)

    assert data("log", sample.case) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_reading_needs_no_key_and_changes_no_file(copy, tmp_path, command):
    """
    Whoever receives a case reads it with no key and no name; not one byte of it changes, and no key is made.
    """
    (copy.case / "evidence" / "ab").mkdir(exist_ok=True)
    (copy.case / "evidence" / "ab" / ("ab" * 32 + ".warc.gz")).write_bytes(b"stray: whoever works on the case logs it")
    before = contents(copy.case)
    result = run(*command, copy.case, OSINT_KEYS=str(tmp_path / "keys"))

    assert result.exit_code == (4 if command == ("verify",) else 0)
    assert contents(copy.case) == before
    assert not (tmp_path / "keys").exists()


def test_report_needs_no_key(copy, tmp_path):
    """
    The report of a case that was received names whom its ledger names, and adds no entry.
    """
    before = (copy.case / "ledger.sqlite").read_bytes()

    assert run("report", copy.case, OSINT_KEYS=str(tmp_path / "keys")).exit_code == 0
    assert "J. Smit, badge 4471" in (copy.case / "report.html").read_text(encoding="utf-8")
    assert (copy.case / "ledger.sqlite").read_bytes() == before
    assert not (tmp_path / "keys").exists()


def test_case_without_its_tables_says_how_to_make_them_again(copy):
    """
    Tables that were thrown away are not taken for empty ones, and the line that mends it can be typed.
    """
    shutil.rmtree(copy.case / "working")
    result = run("posts", copy.case)

    assert result.exit_code == 1
    assert f"osint rebuild {copy.case}" in result.stderr
    assert run("rebuild", copy.case, *WHO).exit_code == 0
    assert run("posts", copy.case).exit_code == 0


def test_second_investigator_at_one_workstation_is_named(copy):
    """
    Another person who signs with the same key appears in the log from then on; earlier entries keep the first.
    """
    run("rebuild", copy.case, "--investigator", "A. Other, badge 1")
    log = data("log", copy.case)

    assert log[0]["performer"] == "J. Smit, badge 4471"
    assert log[-1]["performer"] == "A. Other, badge 1"


def test_head_kept_elsewhere_is_compared(copy, tmp_path):
    """
    A checkpoint in a file is what ``verify`` compares with, also after a shell has turned it into UTF-16.
    """
    head, turned = tmp_path / "head.txt", tmp_path / "turned.txt"
    run("checkpoint", copy.case, "--output", head, *WHO)
    turned.write_text(head.read_text(encoding="utf-8").replace("\n", "\r\n"), encoding="utf-16", newline="")

    assert data("verify", copy.case, "--kept-head", head)["head_size"] > 0
    assert data("verify", copy.case, "--kept-head", turned)["head_size"] > 0


def test_head_of_another_history_is_found(copy, case_on, tmp_path):
    """
    A head that is not of this ledger is a finding, not a success.
    """
    other, _ = case_on()
    assert other != copy.case
    run("checkpoint", other, "--output", tmp_path / "head.txt", *WHO)

    assert run("verify", copy.case, "--kept-head", tmp_path / "head.txt").exit_code == 4


def test_head_that_is_no_text_is_an_error(sample, tmp_path):
    """
    Bytes that are no text are named as such, without a traceback.
    """
    (tmp_path / "head.txt").write_bytes(b"\xff\xfe\x00")

    assert run("verify", sample.case, "--kept-head", tmp_path / "head.txt").exit_code == 1


@pytest.fixture(scope="module")
def package(sample, keys, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    case = shutil.copytree(sample.case, folder / "case")
    run("export", case, folder / "package", *WHO, OSINT_KEYS=str(shutil.copytree(keys, folder / "keys")))
    return folder / "package"


def test_package_is_verified_from_its_own_files(package):
    """
    A package verifies without the case it was made from.
    """
    assert data("verify", package)["exhibits"] == 3


@pytest.mark.parametrize(
    ("attack", "found"),
    [
        (
            lambda folder: (folder / "data" / "report.html").write_bytes(b""),
            "data/report.html is not the file that was listed",
        ),
        (
            lambda folder: (folder / "data" / "tables" / "posts.csv").unlink(),
            "data/tables/posts.csv is listed and not there",
        ),
        (lambda folder: (folder / "extra.html").write_bytes(b""), "extra.html is there and not listed"),
    ],
    ids=["changed", "removed", "added"],
)
def test_package_with_a_file_changed_removed_or_added_is_found(package, tmp_path, attack, found):
    """
    A file that the list of hashes does not match is a finding that names it.
    """
    copied = Path(shutil.copytree(package, tmp_path / "package"))
    attack(copied)
    result = run("verify", copied)

    assert result.exit_code == 4
    assert found in result.stderr


def forge_lists(package: Path) -> None:
    """Make the lists of a bag anew, as whoever changed a file in it would."""
    payload = [path for path in (package / "data").rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in payload)
    info = (package / "bag-info.txt").read_text(encoding="utf-8")
    info = re.sub(r"Payload-Oxum: .*", f"Payload-Oxum: {size}.{len(payload)}", info)
    (package / "bag-info.txt").write_text(info, encoding="utf-8", newline="")
    tagged = [path for path in package.iterdir() if path.is_file() and path.name != "tagmanifest-sha256.txt"]
    for name, listed in (("manifest-sha256.txt", payload), ("tagmanifest-sha256.txt", tagged)):
        lines = [
            f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(package).as_posix()}\n" for path in listed
        ]
        (package / name).write_text("".join(sorted(lines, key=lambda line: line[66:])), encoding="utf-8", newline="")


def test_package_with_forged_lists_is_found_by_its_ledger(package, tmp_path):
    """
    Who changes an exhibit and every list of hashes is caught by the ledger.
    """
    copied = Path(shutil.copytree(package, tmp_path / "package"))
    blob = next(copied.glob("data/evidence/*/*.warc.gz"))
    blob.chmod(0o600)
    blob.write_bytes(b"forged")
    forge_lists(copied)
    result = run("verify", copied)

    assert result.exit_code == 4
    assert "step 8" in result.stderr
    assert "step 11" not in result.stderr


# -- the way to the network, and JupyterLab ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    ["proxy = 'http://p.example'", "pace = 'slow'", "allow = '127.0.0.1'", "hosts = {a = 'b'}", "ca = 'no.pem'", "=",
     "allow = ['everything']"],
)  # fmt: skip
def test_network_settings_that_cannot_be_meant_are_refused(tmp_path, settings):
    """
    A setting that is unknown, of the wrong type or leads nowhere ends before anything is asked.
    """
    file = tmp_path / "network.toml"
    file.write_text(settings, encoding="utf-8")

    with pytest.raises(CaseError):
        Network.read(file)


def test_network_settings_are_read(tmp_path):
    """
    Fixed addresses are split at the port, and the path of authorities starts at the file.
    """
    (tmp_path / "ca.pem").write_bytes(b"")
    file = tmp_path / "network.toml"
    file.write_text('contact = "a@b.example"\nca = "ca.pem"\n[hosts]\n"x.example" = "[::1]:443"', encoding="utf-8")
    network = Network.read(file)

    assert network.hosts == {"x.example": ("::1", 443)}
    assert network.ca == tmp_path / "ca.pem"
    assert network.contact == "a@b.example"


def test_jupyterlab_listens_on_this_machine_only(tmp_path):
    """
    JupyterLab itself reports the settings that the command gives it.
    """
    command = start.lab_command(tmp_path, ["--show-config-json"])
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(tmp_path), "JUPYTER_DATA_DIR": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    settings = json.loads(done.stdout)

    assert settings["ServerApp"]["ip"] == "127.0.0.1"
    assert settings["LabApp"]["news_url"] in (None, "None")
    assert settings["LabApp"]["extension_manager"] == "readonly"
    assert sys.platform == "win32" or settings["KernelManager"]["transport"] == "ipc"


def test_jupyterlab_does_not_offer_news(tmp_path):
    """
    JupyterLab itself reports that the plugin which asks about news is off, and other settings stay in force.
    """
    theirs = tmp_path / "theirs"
    (theirs / "labconfig").mkdir(parents=True)
    (theirs / "labconfig" / "page_config.json").write_text('{"disabledExtensions": {"x:y": true}}', encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_CONFIG_PATH", str(theirs))
        environment = start.lab_environment()
    script = "from jupyterlab_server.config import get_static_page_config as get; import json\n"
    script += "print(json.dumps(get(level='all')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)

    assert json.loads(done.stdout)["disabledExtensions"] == {
        "@jupyterlab/apputils-extension:announcements": True,
        "x:y": True,
    }


@pytest.mark.parametrize(
    ("given", "folder"),
    [((), False), ((".",), True), (("--", "--no-browser"), False), ((".", "--", "--no-browser"), True)],
)
def test_jupyterlab_gets_its_options_and_the_folder_apart(given, folder, monkeypatch):
    """
    What follows -- is JupyterLab's, with a folder before it or without.
    """
    started = []

    class Ended:
        def __init__(self, command, **_):
            started.append(command)

        def wait(self):
            return 0

    monkeypatch.setattr(start, "_is_root", lambda: False)
    monkeypatch.setattr(start, "_notebooks", lambda: Path("/notebooks"))
    monkeypatch.setattr(subprocess, "Popen", Ended)

    assert run("lab", *given).exit_code == 0
    (command,) = started
    assert ("--no-browser" in command) == ("--no-browser" in given)
    assert (f"--ServerApp.root_dir={Path().resolve()}" in command) == folder


def test_a_folder_that_is_not_there_starts_nothing(monkeypatch):
    """
    A slip of the pen is said before JupyterLab is started.
    """
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("JupyterLab was started"))

    assert run("lab", "nowhere").exit_code == 2


def test_jupyterlab_as_root_is_told_in_one_line(tmp_path, monkeypatch):
    """
    As root nothing is started until the option is given; the message holds the line to type.
    """
    monkeypatch.setattr(start, "_is_root", lambda: True)
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("JupyterLab was started"))
    result = run("lab", tmp_path)

    assert result.exit_code == 2
    assert "osint lab -- --allow-root" in result.stderr
