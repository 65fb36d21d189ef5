"""The ``osint`` command: each command over a real case, its exit codes, and what reaches the terminal."""

from __future__ import annotations

import importlib
import inspect
import json
import logging
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
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner, Result
from origin import http
from pypdf import PdfReader
from traitlets.config import Config

import osint
from osint import cli
from osint.capture.network import Network
from osint.chain_of_custody import key_files
from osint.chain_of_custody.keys import load_or_create
from osint.cli import shell, start, tables
from osint.cli.command import EXIT_CODES
from osint.errors import CaseError
from osint.report.tiles import check_tiles
from osint.serve import jupyter
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


def test_every_command_and_its_options_are_documented():
    """
    Every command says what it does, short enough for the list of commands; every option says what it is.
    """
    every = dict(commands())
    options = [(name, each) for name, one in every.items() for each in one.params if isinstance(each, click.Option)]

    assert len(options) > len(every)
    assert [name for name, one in every.items() if one.get_short_help_str(limit=63).endswith("...")] == []
    assert [(name, each.name) for name, each in options if not each.help] == []


def test_exit_codes_are_documented():
    """
    The help lists every exit code.
    """
    text = run("--help").output

    assert all(f"{code:>3}  {meaning}" in text for code, meaning in EXIT_CODES.items())


def test_help_lists_every_command_once_by_the_phase_of_an_investigation():
    """
    In the order in which they come; a command of a module that is new has its phase.
    """
    text = run("--help").output
    listed = [name for names in cli.main.phases.values() for name in names]
    headings = [line[:-1] for line in text.splitlines() if line.endswith(":") and not line.startswith(" ")]

    assert sorted(listed) == sorted(cli.main.commands)
    assert "..." not in text.partition("Begin:")[2], "a sentence is cut"
    assert [each for each in headings if each in cli.main.phases] == list(cli.main.phases)
    for name in listed:
        assert len(re.findall(rf"^  {name} ", text, re.MULTILINE)) == 1


TWINS = {
    "open_case": "case new", "authorize": "authorize", "extend": "extend", "authority": "case show", "policy": "policy show", "ratify": "ratify", "defer_ratification": "defer", "request_approval": "request-approval", "take_approval": "take-approval",
    "collect": "collect", "collect_many": "collect-many", "estimate": "estimate", "probe": "probe", "username": "username", "import_file": "import", "resume": "resume", "interrupted": "case show", "posts": "posts", "warnings": "warnings",
    "media": "media", "media_values": "media-values", "media_links": "media-links", "corroborate": "corroborate", "same_pictures": "same-pictures", "gallery": "gallery", "media_sheet": "media-sheet", "rebuild": "rebuild", "checkpoint": "checkpoint", "verify": "verify",
    "show": "chart", "thread": "thread", "overview": "overview", "pivots": "pivots", "graph": "graph", "state": "statement tie", "withdraw": "statement withdraw", "statements": "statement list", "note": "statement note", "notes": "statement notes", "mark": "mark", "marks": "marks", "due": "due", "export_table": "export-table", "use_template": "case checklist", "attach_translation": "translate", "translations": "translations", "checklist": "case checklist", "zone": "zone", "set_zone": "zone", "export_link_chart": "graph", "export_court_sheet": "court-sheet", "report": "report", "export": "export",
    "association_graph": "graph", "catalogue": "collectors", "centrality": "centrality", "communities": "communities", "measure": "measure",
    "record": "record tip", "records": "record list", "countersign": "record countersign", "draft": "record draft", "located": "located", "concerning": "timeline",
    "event_timeline": "timeline", "anchor": "anchor", "head_page": "head", "appoint_custodian": "key custodian", "revoke_key": "key revoke",
    "search": "search", "save_search": "search", "run_search": "search", "saved_searches": "saved-searches", "near_duplicates": "near-duplicates",
    "custody": "custody", "transfers": "transfer list", "backup": "backup", "restore_case": "restore",
    "merge": "merge", "parts": "parts", "ledger": "log", "find": "find", "hold": "hold place", "holds": "hold list", "lift_hold": "hold lift",
    "retention": "retention", "classify": "classify", "validate": "validate", "purge_certificate": "purge-certificate", "disclose": "disclose", "disclosures": "disclosures",
    "sunshine": "sunshine search", "decide_records": "sunshine decide", "release_records": "sunshine release", "draft_denial": "sunshine denial", "records_requests": "sunshine list", "retrieve": "retrieve",
    "notified": "notified", "private_facts": "private-facts", "mask": "mask", "mask_exhibit": "mask", "mask_view": "mask-view", "unmask": "unmask", "masks": "masks", "filing_set": "filing-set", "produce": "produce", "productions": "productions", "discard_production": "discard-production", "certificate": "certificate", "stop_sensitive": "stop-sensitive", "hand_over_stopped": "hand-over-stopped",
    "case_panel": "lab", "clean_notebook": "notebook-clean", "erasing": "redact", "export_web_archive": "web-archive", "replay": "replay", "revisit": "revisit", "watch": "watch",
}  # fmt: skip


def test_every_action_of_a_notebook_has_a_command():
    """
    A public method of a case, or a public function, that has no command is noticed. Closing happens by itself.
    """
    methods = {name for name in dir(osint.Case) if not name.startswith("_")} - {"close"}
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


@pytest.mark.parametrize(
    ("said", "typed"),
    {
        "no argument": ("case.media() lists those", "osint media cases/1 lists those"),
        "flag": ("see case.posts(versions=True)", "see osint posts cases/1 --versions"),
        "value": ("case.due(within=30)", "osint due cases/1 --within ..."),
        "no command": ("case.state(x)", "case.state(x)"),
    }.values(),
    ids=["no argument", "flag", "value", "no command"],
)
def test_what_a_message_says_in_python_is_spelt_as_it_is_typed(said, typed, monkeypatch):
    """
    Whoever works in a terminal is told a line for the terminal.
    """
    monkeypatch.setattr(shell, "program", lambda: "osint")
    assert shell.for_the_shell(Path("cases/1"), said) == typed


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


def test_an_authority_may_bound_what_is_stored(copy):
    """
    The bound is recorded with it; one that is no number of bytes is refused with its name.
    """
    recorded = run("authorize", copy.case, *MISSING_PERSON, "--max-bytes", "5000", *WHO, "--json")
    refused = run("authorize", copy.case, *MISSING_PERSON, "--max-bytes", "0", *WHO)

    assert json.loads(recorded.stdout)["max_bytes"] == 5000
    assert (refused.exit_code, "max_bytes" in refused.stderr) == (3, True)


def test_search_outside_authority_is_refused_and_logged(copy):
    """
    The gate's refusal ends with 3, says why on stderr, prints nothing else, and is in the custody log.
    """
    result = run("collect", copy.case, "mastodon", "--account", "@dawn@social.example", *WHO)

    assert result.exit_code == 3
    assert "outside its scope" in result.stderr
    assert "On the command line: osint authorize --help" in result.stderr
    assert f"osint extend {copy.case} --account ... --exhibit ... --reason ..." in result.stderr
    assert "case.extend" not in result.stderr
    assert not result.stdout
    assert data("log", copy.case)[-1]["outcome"] == "refused"


def test_words_are_searched_and_a_kept_search_is_an_entry(copy):
    """
    A look writes nothing and needs no name; to keep and to run a search needs one. JSON says how many hits there are.
    """
    before = len(data("log", copy.case))
    looked = data("search", copy.case, "riverwalk fog", "--limit", "1")
    kept = run("search", copy.case, "plums", "--save", "fruit", *WHO)
    again = run("search", copy.case, "--saved", "fruit", *WHO)

    assert (looked["shown"], len(looked["rows"])) == (1, 1)
    assert looked["heading"].endswith(": riverwalk fog")
    assert kept.stdout == again.stdout
    assert "⟦plums⟧" in kept.stdout
    log = [entry["action"] for entry in data("log", copy.case)[before:]]
    assert [action for action in log if action.startswith("search.")] == ["search.save", "search.run", "search.run"]
    assert [each["runs"] for each in data("saved-searches", copy.case)] == [2]
    assert run("search", copy.case, '"plums').exit_code == 1
    for wrong in (["plums", "--save", "x"], [], ["plums", "--saved", "fruit"]):
        assert run("search", copy.case, *wrong).exit_code == 2
    assert run("near-duplicates", copy.case, "--similarity", "0.5").exit_code == 0


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


def test_an_address_stands_in_the_place_of_the_collector(origin, case_on):
    case, network = case_on()
    result = run("collect", case, origin.serve("/feed/", json_feed("one")), *WHO, "--network", network)

    assert result.exit_code == 0, result.output
    assert "1 post," in result.stdout


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
    assert run("verify", case).exit_code == 0
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


def test_revisit_says_what_is_different_and_its_code_whether_there_was_an_answer(origin, case_on, tmp_path):
    """
    An edit is an answer; a wall is not. The page is written where it is asked for.
    """
    case, network = case_on()
    wall = http(b"no", status="403 Forbidden")
    url = origin.serve("/feed", json_feed("the east pier"), json_feed("the west pier"), wall)
    run("collect", case, "feed", "--url", url, *WHO, "--network", network)
    edited = run("revisit", case, "E0001", "--page", tmp_path / "again.html", *WHO, "--network", network)
    walled = run("revisit", case, "E0001", "--json", *WHO, "--network", network)

    assert (edited.exit_code, walled.exit_code) == (0, 5)
    assert "outcome: edited" in edited.stdout
    assert "west pier" in (tmp_path / "again.html").read_text(encoding="utf-8")
    assert json.loads(walled.stdout)["outcome"] == "walled"
    assert run("revisit", case, "E0099", *WHO, "--network", network).exit_code == 1


def test_one_check_of_a_watch_for_the_scheduler_of_the_system(origin, case_on):
    """
    What was seen stands on stdout, and the code says whether the last check failed.
    """
    case, network = case_on()
    broken = http(b"x", status="500 Internal Server Error")
    url = origin.serve("/feed", json_feed("one"), json_feed("one", "two"), broken)
    asked = ("watch", case, "feed", "--url", url, "--every", "30m", "--times", 1, *WHO, "--network", network)
    first, second, third = run(*asked), run(*asked, "--json"), run(*asked)

    assert (first.exit_code, second.exit_code, third.exit_code) == (0, 0, 5)
    assert "check 1: 1 posts, 1 new, 0 edited" in first.stdout
    assert [check["new"] for check in json.loads(second.stdout)["checks"]] == [1]
    assert "Checks: 1, of which 1 failed." in third.stdout
    assert run(*asked[:-2], "--every", "1s").exit_code == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a signal reaches only whole process groups there")
def test_ctrl_c_ends_a_watch_while_it_waits_with_a_summary(origin, case_on):
    """
    Another process, and a real signal: the check that was made is told, and the ledger is whole.
    """
    case, network = case_on()
    url = origin.serve("/feed", json_feed("one"))
    command = ["watch", case, "feed", "--url", url, "--every", "1h", *WHO, "--network", network]
    script = "import sys; from osint.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", script, *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watch:
        first = watch.stdout.readline()  # told when the check is over, and the wait begins
        watch.send_signal(signal.SIGINT)
        rest, errors = watch.communicate(timeout=60)

    assert "check 1: 1 posts, 1 new, 0 edited" in first
    assert "Checks: 1, of which 0 failed. Posts: 1 new, 0 edited.\nEnded from the keyboard." in rest
    assert (watch.returncode, "Traceback" in errors) == (130, False)
    assert run("verify", case).exit_code == 0


# -- what is printed ---------------------------------------------------------------------------------------------------

JSON_COMMANDS = [
    ("collectors",), ("case", "show"), ("posts",), ("posts", "--versions"), ("warnings",), ("media",), ("media-values",), ("gallery",), ("log",),
    ("centrality",), ("communities",), ("timeline",), ("verify",), ("custody",), ("transfer", "list"), ("parts",),
    ("measure", "bridges"), ("measure", "bursts"), ("measure", "activity"), ("statement", "list"),
]  # fmt: skip


@pytest.mark.parametrize("command", JSON_COMMANDS, ids=" ".join)
def test_json_is_all_that_stdout_holds(sample, command):
    """
    With ``--json`` stdout is one JSON document.
    """
    words = 2 if isinstance(cli.main.commands[command[0]], click.Group) else 1
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

    assert [Path(file).name for file in narrow["files"]] == ["chart.graphml", "chart.svg", "chart-README.txt"]
    assert 0 < narrow["edges"] < wide["edges"]


def test_a_narrowed_chart_says_what_it_hides(copy):
    """
    Filters reach the graph, and what they leave out is counted.
    """
    asked = ("graph", copy.case, "chart", *WHO, "--format", "csv")
    wide, narrow = data(*asked), data(*asked, "--min-count", "2")
    near = data(*asked, "--around", "account:mastodon:jane@social.example", "--max-nodes", "3", "--max-edges", "1")

    assert (wide["hidden_nodes"], wide["hidden_edges"]) == (0, 0)
    assert narrow["edges"] + narrow["hidden_edges"] == near["edges"] + near["hidden_edges"] == wide["edges"]
    assert (near["nodes"], near["nodes"] + near["hidden_nodes"], near["edges"]) == (3, wide["nodes"], 1)
    assert "Not shown: " in run(*asked, "--min-count", "2").stdout


def test_a_chart_for_a_court_takes_filters_rules_grades_and_pseudonyms(copy):
    """
    A grade, a status and a rule reach the sheet, and a victim is under a pseudonym.
    """
    jane, dawn = (f"account:mastodon:{name}@social.example" for name in ("jane", "dawn"))
    said = ("--reason", "the report", "--exhibit", "E0002", *WHO)
    graded = ("--scale", "Admiralty", "--source-grade", "B", "--information-grade", "2")
    run("statement", "describe", copy.case, jane, "--status", "victim", *graded, *said)
    run("statement", "tie", copy.case, dawn, "writes for", jane, *graded, *said)
    asked = ("court-sheet", copy.case, "sheet", *WHO, "--title", "Who names whom", "--derived")
    made = data(*asked, "coordinated_timing:seconds=9000000")
    text = "".join("".join(page.extract_text() for page in PdfReader(made["file"]).pages).split())

    assert (made["hidden_nodes"], made["hidden_edges"]) == (0, 0)
    for word in ("Whonameswhom", "PersonA", "AdmiraltysourceB", "writesfor", "coordinated_timing3"):
        assert word in text
    assert "jane@social.example" not in text
    assert "the rule co_mention takes max_df" in run(*asked, "co_mention:window=3").stderr


def test_a_chart_names_victims_only_with_a_reason(copy):
    """
    ``--unlock`` reaches the files.
    """
    jane = "account:mastodon:jane@social.example"
    run("statement", "describe", copy.case, jane, "--status", "victim", "--reason", "r", "--exhibit", "E0002", *WHO)
    asked = ("graph", copy.case, "chart", *WHO, "--format", "graphml", "--evidence", "--people")
    veiled = Path(data(*asked)["files"][0]).read_text(encoding="utf-8")
    named = Path(data(*asked, "--unlock", "asked by the court")["files"][0]).read_text(encoding="utf-8")

    assert (jane in veiled, "Person A" in veiled, jane in named) == (False, True, True)


def test_a_chart_is_written_as_an_interactive_page(copy, tmp_path):
    """
    With the graph's own counts; another ending is refused and writes nothing.
    """
    made = data("chart", copy.case, "--html", tmp_path / "chart.html", "--title", "Who names whom", *WHO)
    page = Path(made["file"]).read_text(encoding="utf-8")
    shown = json.loads(page.partition('id="data">')[2].partition("</script>")[0])

    assert (len(shown["nodes"]), len(shown["edges"])) == (made["nodes"], made["edges"])
    assert shown["title"] == "Who names whom"
    assert all("entry" in exhibit and len(exhibit["sha256"]) == 64 for exhibit in shown["exhibits"])
    assert run("chart", copy.case, "--html", tmp_path / "chart.txt", *WHO).exit_code == 1
    assert not (tmp_path / "chart.txt").exists()


def test_an_edge_is_graded_and_the_statement_is_listed(copy):
    """
    With its scale; a grade that the scale does not have is refused.
    """
    ends = ("account:mastodon:jane@social.example", "mention", "account:mastodon:dawn@social.example")
    asked = ("statement", "grade", copy.case, *ends, "--reason", "seen", "--exhibit", "E0002", *WHO, "--scale", "3x5x2")
    number = data(*asked, "--source-grade", "1")["statement"]
    [told] = data("statement", "list", copy.case)

    assert (told["entry"], told["says"], told["what"]) == (
        number, "graded", {"relation": "mention", "grade": {"scale": "3x5x2", "source": "1"}},
    )  # fmt: skip
    assert "'Z' is no grade of source" in run(*asked, "--source-grade", "Z").stderr
    assert "grades something" in run(*asked).stderr


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


def test_a_measure_takes_its_parameters_and_says_how_far_it_holds(sample, tmp_path):
    """
    Numbers are numbers, text is text; what is no parameter is refused.
    """
    shown = run("measure", sample.case, "key_players", "--with", "size=2", "--with", "goal=reach_distance").stdout
    ranks = data("measure", sample.case, "degree", "--with", "resamples=5")
    refused = run("measure", sample.case, "degree", "--with", "size=2")
    wrong = run("measure", sample.case, "degree", "--with", "size")

    assert "Method: KPP-POS, distance-weighted reach" in shown
    assert "Stability: {'resamples': 200" in shown
    assert "not a finding about a person" in shown.splitlines()[-1]
    assert {"rank", "same_rank", "top_5"} < set(ranks[0])
    assert (refused.exit_code, "degree has no parameter size" in refused.output) == (1, True)
    assert (wrong.exit_code, "is not NAME=VALUE" in wrong.output) == (2, True)


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


def test_the_files_of_a_case_are_shown_as_cards_and_one_by_one(copy, tmp_path):
    """
    ``gallery`` and ``media-sheet`` print text or write a page that runs nothing, and need no investigator.
    """
    exhibit = data("media", copy.case, "--fetch", *WHO, "--network", copy.network)[0]["exhibit"]
    for command in (("gallery",), ("media-sheet", exhibit)):
        page = tmp_path / f"{command[0]}.html"
        assert exhibit in run(command[0], copy.case, *command[1:]).stdout
        assert str(page) in run(command[0], copy.case, *command[1:], "--output", page).stdout
        assert "default-src 'none'" in page.read_text(encoding="utf-8")
    assert data("gallery", copy.case)["files"] == len(data("media", copy.case))
    assert data("media-sheet", copy.case, exhibit)["sha256"]
    assert data("media", copy.case, "--values") == data("media-values", copy.case)
    assert {row["linked"] for row in data("media-links", copy.case)} <= {True, False}
    assert len(data("same-pictures", copy.case, *WHO)) > 1
    assert len(data("corroborate", copy.case, "--by", "exiftool", *WHO)) >= len(data("media-values", copy.case))
    assert run("media-sheet", copy.case, "E0001").exit_code == 1


def test_tables_and_charts_can_be_written_to_files(sample, tmp_path):
    """
    ``--csv`` and ``--svg`` write a file and print where.
    """
    table, picture = tmp_path / "posts.csv", tmp_path / "time.svg"

    assert "48 rows" in run("posts", sample.case, "--csv", table).stdout
    assert table.read_text(encoding="utf-8").startswith('"id","platform"')
    before = run("log", sample.case).stdout
    assert run("timeline", sample.case, "--svg", picture).exit_code == 2
    assert run("timeline", sample.case, "--svg", picture, *WHO).exit_code == 0
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    assert "time.svg" in run("log", sample.case).stdout.removeprefix(before)  # a picture that leaves is an entry


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
    ("posts",), ("warnings",), ("media",), ("media-values",), ("gallery",), ("centrality",), ("communities",), ("timeline",), ("log",),
    ("case", "show"), ("resume",), ("verify",), ("custody",), ("transfer", "list"), ("parts",),
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


# -- from hand to hand -------------------------------------------------------------------------------------------------

TERMS = ("--place", "Westmere, room 4", "--condition", "sealed, unharmed")
KLEIN = "R. Klein; evidence custodian; +00 555 0102"


@dataclass
class Officer:
    """Somebody with keys of their own, at this machine or another one."""

    keys: Path

    def run(self, *arguments: object) -> Result:
        return run(*arguments, *WHO, OSINT_KEYS=str(self.keys))

    def case(self, folder: Path) -> Path:
        assert self.run("case", "new", folder).exit_code == 0
        return folder

    @property
    def fingerprint(self) -> str:
        return load_or_create(self.keys, "actor").keyid


@pytest.fixture
def klein(tmp_path) -> Officer:
    return Officer(tmp_path / "keys of R. Klein")


def fingerprints(case: Path) -> list[str]:
    """Return what one side tells the other on another way: the options with the keys of a case."""
    return [word for key in data("verify", case)["keys"] for word in ("--fingerprint", key["keyid"])]


def release(case: Path, to: Officer, *more: object) -> Result:
    return run(
        "transfer", "release", case, "--exhibit", "E0001", "--exhibit", "E0002", "--sender",
        "J. Smit; badge 4471; +00 555 0101", "--recipient", KLEIN, "--recipient-key", to.fingerprint, "--purpose",
        "trial preparation", *TERMS, *WHO, *more,
    )  # fmt: skip


def released(case: Path, to: Officer) -> int:
    """Release two exhibits and return the number of the entry."""
    return json.loads(release(case, to, "--json").stdout)["release"]


def test_what_was_only_offered_stays_with_the_sender(copy, klein):
    """
    A release names who may receive; the table says that the sender still holds.
    """
    said = release(copy.case, klein, "--medium", "USB stick 7", "--seal", "S-1").stdout
    held = data("custody", copy.case)

    assert re.fullmatch("Released as entry [0-9]+: E0001, E0002\n", said)
    assert [row["state"] for row in held] == ["released", "released", "held"]
    assert held[0]["held_by"] == "J. Smit, badge 4471"
    assert held[0]["offered_to"] == "R. Klein"
    assert "E0001, E0002, open" in run("transfer", "list", copy.case).stdout


def test_exhibits_are_received_at_this_machine(copy, klein):
    """
    Both sign one entry, and the table names every hand; the ledger verifies.
    """
    number = released(copy.case, klein)
    done = run("transfer", "receive", copy.case, number, "--recipient-keys", klein.keys, *TERMS, *WHO)
    first, *_ = data("custody", copy.case)

    assert done.stdout == "Received: E0001, E0002\n"
    assert first["held_by"] == "R. Klein"
    assert [hand["name"] for hand in first["hands"]] == ["J. Smit, badge 4471", "R. Klein"]
    assert "received" in run("transfer", "list", copy.case).stdout
    assert run("verify", copy.case).exit_code == 0


def test_only_the_key_that_was_named_receives(copy, klein, tmp_path):
    """
    The keys of somebody else receive nothing, and the release stays open.
    """
    number = released(copy.case, klein)
    other = Officer(tmp_path / "other keys")
    assert other.fingerprint != klein.fingerprint
    done = run("transfer", "receive", copy.case, number, "--recipient-keys", other.keys, *TERMS, *WHO)

    assert done.exit_code == 1
    assert data("transfer", "list", copy.case)[0]["state"] == "open"


def test_exhibit_that_was_altered_is_not_received(copy, klein):
    """
    Every hash is computed anew before anything is signed for.
    """
    number = released(copy.case, klein)
    digest = next(row["sha256"] for row in data("custody", copy.case) if row["exhibit"] == "E0002")
    blob = next(copy.case.rglob(f"{digest}.warc.gz"))
    blob.chmod(0o600)
    blob.write_bytes(blob.read_bytes() + b"x")
    done = run("transfer", "receive", copy.case, number, "--recipient-keys", klein.keys, *TERMS, *WHO)

    assert done.exit_code == 1
    assert "E0002" in done.stderr
    assert data("transfer", "list", copy.case)[0]["state"] == "open"
    assert data("log", copy.case)[-1]["outcome"] == "failed"


def test_exhibits_are_refused_with_a_reason(copy, klein):
    """
    A refusal is signed by both, the sender goes on holding, and nothing can be received afterwards.
    """
    number = released(copy.case, klein)
    refuse = ("transfer", "refuse", copy.case, number, "--recipient-keys", klein.keys, "--reason", "seal broken", *WHO)
    done, again = run(*refuse), run(*refuse)

    assert done.stdout == "Refused: E0001, E0002\n"
    assert again.exit_code == 1
    assert data("custody", copy.case)[0]["held_by"] == "J. Smit, badge 4471"
    assert data("transfer", "list", copy.case)[0]["said"] == {"reason": "seal broken"}


def test_end_of_a_release_that_cannot_be_read_releases_nothing(copy, klein):
    """
    A date as offices write it is an error that says how to write it; a day counts to its end.
    """
    refused = release(copy.case, klein, "--expires", "31/12/2030")
    assert refused.exit_code == 1
    assert "write it as 2030-12-31 or 2030-12-31T17:00:00Z" in refused.stderr
    assert data("transfer", "list", copy.case) == []

    assert release(copy.case, klein, "--expires", "9998-12-31").exit_code == 0
    assert data("transfer", "list", copy.case)[0]["expires"] == "9998-12-31T23:59:59.999Z"


def test_person_without_title_and_contact_is_not_named(copy, klein):
    """
    Half a person is a usage error with an example.
    """
    result = run(
        "transfer", "release", copy.case, "--exhibit", "E0001", "--sender", "J. Smit", "--recipient", KLEIN,
        "--recipient-key", klein.fingerprint, "--purpose", "trial", *TERMS, *WHO,
    )  # fmt: skip

    assert result.exit_code == 2
    assert "Name; title; contact" in result.stderr


def test_release_that_is_not_there_is_named(copy, klein):
    """
    A wrong number is an error that lists the releases.
    """
    released(copy.case, klein)
    result = run("transfer", "receive", copy.case, 1, "--recipient-keys", klein.keys, *TERMS, *WHO)

    assert result.exit_code == 1
    assert "entry 1 is no release" in result.stderr


def test_exhibits_pass_from_one_case_to_another_and_the_receipt_comes_back(copy, klein, tmp_path):
    """
    Consigned, taken in under keys learnt on another way, acknowledged: each ledger says who holds what.
    """
    number = released(copy.case, klein)
    there, parcel, back = klein.case(tmp_path / "there"), tmp_path / "parcel", tmp_path / "receipt"
    ours = fingerprints(copy.case)
    consigned = run("transfer", "consign", copy.case, number, parcel, *WHO)
    taken = klein.run("transfer", "take-in", there, parcel, *ours, *TERMS)
    receipt = klein.run("transfer", "receipt", there, "E0001", back)
    theirs = fingerprints(there)
    before = data("custody", copy.case)[0]
    done = run("transfer", "acknowledge", copy.case, back, *theirs, *WHO)
    after = data("custody", copy.case)[0]

    assert str(parcel) in consigned.stdout
    assert all("your actor key and the log key of this case" in each.stdout for each in (consigned, receipt))
    assert taken.stdout == "Received as E0001, E0002\n"
    assert str(back) in receipt.stdout
    assert done.stdout == "Passed on: E0001, E0002\n"
    assert (before["held_by"], after["held_by"]) == ("J. Smit, badge 4471", "R. Klein")
    assert [row["held_by"] for row in data("custody", there)] == ["R. Klein", "R. Klein"]
    assert run("verify", copy.case).exit_code == 0
    assert run("verify", there).exit_code == 0


def test_consignment_of_unknown_keys_is_not_taken_in(copy, klein, tmp_path):
    """
    Without the sender's fingerprints, or with others, nothing is received.
    """
    number = released(copy.case, klein)
    there, parcel = klein.case(tmp_path / "there"), tmp_path / "parcel"
    run("transfer", "consign", copy.case, number, parcel, *WHO)

    without = klein.run("transfer", "take-in", there, parcel, *TERMS)
    assert without.exit_code == 1
    assert "Both are needed, their actor key and the log key of their case" in without.stderr
    assert klein.run("transfer", "take-in", there, parcel, *fingerprints(there), *TERMS).exit_code == 1
    assert data("custody", there) == []


def test_receipt_of_unknown_keys_is_not_acknowledged(copy, klein, tmp_path):
    """
    A receipt whose keys the recipient did not tell passes nothing on.
    """
    number = released(copy.case, klein)
    there, parcel, back = klein.case(tmp_path / "there"), tmp_path / "parcel", tmp_path / "receipt"
    run("transfer", "consign", copy.case, number, parcel, *WHO)
    klein.run("transfer", "take-in", there, parcel, *fingerprints(copy.case), *TERMS)
    klein.run("transfer", "receipt", there, "E0001", back)
    result = run("transfer", "acknowledge", copy.case, back, *fingerprints(copy.case), *WHO)

    assert result.exit_code == 1
    assert data("custody", copy.case)[0]["state"] == "released"


# -- copies, and several machines --------------------------------------------------------------------------------------


def test_backup_is_verified_and_a_drill_writes_nothing(copy, tmp_path):
    """
    A drill shows that a backup could be restored, and leaves every byte of it as it was.
    """
    made = run("backup", copy.case, tmp_path / "backup", *WHO)
    before = contents(tmp_path / "backup")
    drill = run("restore", tmp_path / "backup", "--drill")

    assert made.stdout.startswith(f"Backup in {tmp_path / 'backup'}\nVerified: ")
    assert drill.stdout.startswith(f"{tmp_path / 'backup'} can be restored.\nVerified: ")
    assert contents(tmp_path / "backup") == before
    assert run("backup", copy.case, tmp_path / "backup", *WHO).exit_code == 1


def test_drill_finds_a_backup_that_rotted(copy, tmp_path):
    """
    One changed byte in a backup is a finding of the drill.
    """
    run("backup", copy.case, tmp_path / "backup", *WHO)
    blob = next((tmp_path / "backup").rglob("*.warc.gz"))
    blob.chmod(0o600)
    blob.write_bytes(blob.read_bytes()[:-1] + b"x")
    result = run("restore", tmp_path / "backup", "--drill")

    assert result.exit_code == 4
    assert "step 8" in result.stderr


def test_restored_case_says_so_and_goes_on(copy, tmp_path):
    """
    The entry names the reason, verification notices it, and the tables are there again.
    """
    run("backup", copy.case, tmp_path / "backup", *WHO)
    again = tmp_path / "again"
    restore = ("restore", tmp_path / "backup", again)
    assert run(*restore, *WHO).exit_code == 2
    assert not again.exists()
    done = run(*restore, "--reason", "the disk failed on 3 May", *WHO)
    entry = next(row for row in data("log", again) if row["action"] == "restore")

    assert done.exit_code == 0
    assert "the disk failed on 3 May" in entry["details"]
    assert "restored from a backup" in run("verify", again).stdout
    assert len(data("posts", again)) == len(data("posts", copy.case))
    assert run("rebuild", again, *WHO).exit_code == 0


@pytest.mark.parametrize("later", [0, 2])
def test_restore_says_what_is_lost_and_what_the_ledger_is_called_now(copy, tmp_path, later):
    """
    Which entries are gone, as far as this workstation knows; and that witnesses know the old name only.
    """
    run("backup", copy.case, tmp_path / "backup", *WHO)
    last = len(data("log", copy.case)) - 1
    for _ in range(later):
        assert run("rebuild", copy.case, *WHO).exit_code == 0
    again = tmp_path / "again"
    done = run("restore", tmp_path / "backup", again, "--reason", "the disk failed on 3 May", *WHO)
    name = data("checkpoint", again, *WHO)["checkpoint"].split("\n")[0]
    lost = f"entries {last + 1} to {last + 2}, written after" if later else "This workstation knows of no such entry."

    assert f"The backup ends with entry {last}. Lost: " in done.stdout
    assert lost in done.stdout
    assert f"The ledger is called {name} from here on." in done.stdout
    assert f"witness request {again} prints its verifier key" in done.stdout


@pytest.fixture
def colleague(sample, klein, tmp_path) -> tuple[Path, Path]:
    """The case of another officer on the same matter, and what they exported."""
    case = klein.case(tmp_path / "of a colleague")
    klein.run("authorize", case, *MISSING_PERSON, "--host", "news.example")
    url = "https://news.example/missing-jane-example"
    assert klein.run("collect", case, "webpage", "--url", url, "--network", sample.network).exit_code == 0
    assert klein.run("export", case, tmp_path / "package").exit_code == 0
    return case, tmp_path / "package"


def test_what_a_colleague_exported_is_merged_whole(copy, colleague):
    """
    Their ledger stays theirs, their exhibits bear its name, and their posts stand in the tables.
    """
    case, package = colleague
    assert data("parts", copy.case) == []
    unasked = run("merge", copy.case, package, *WHO)
    done = run("merge", copy.case, package, *fingerprints(case), *WHO)
    (part,) = data("parts", copy.case)

    assert done.exit_code == 0
    assert "Nobody compared the keys" in unasked.stdout
    assert "Nobody compared the keys" not in done.stdout
    assert part["exhibits"] == 1
    assert part["label"] in done.stdout
    assert f"E0001@{part['label']}" in {post["exhibit"] for post in data("posts", copy.case)}
    assert run("verify", copy.case).exit_code == 0


def test_package_of_other_keys_is_not_merged(copy, colleague):
    """
    With the fingerprints of somebody else nothing is taken over.
    """
    _, package = colleague

    assert run("merge", copy.case, package, *fingerprints(copy.case), *WHO).exit_code == 4
    assert data("parts", copy.case) == []


def test_case_is_not_merged_with_itself(copy, tmp_path):
    """
    A package of the same ledger adds nothing, and the message says so.
    """
    run("export", copy.case, tmp_path / "package", *WHO)
    result = run("merge", copy.case, tmp_path / "package", *WHO)

    assert result.exit_code == 1
    assert "nothing to merge" in result.stderr


# -- keys --------------------------------------------------------------------------------------------------------------


def test_keys_are_listed_with_their_fingerprints(klein):
    """
    What an officer reads to somebody over the telephone; nothing is decrypted for it.
    """
    shown = run("key", "list", "--keys", klein.keys)
    assert "opening a case makes them" in shown.stdout

    fingerprint = klein.fingerprint
    assert run("key", "list", OSINT_KEYS=str(klein.keys)).stdout == f"actor: {fingerprint}, file, encrypted\n"


def test_clerk_without_a_case_makes_a_key(tmp_path):
    """
    To whom exhibits are to be released, tells a fingerprint first; made twice it is the same key.
    """
    made = [run("key", "new", "--keys", tmp_path / "clerk").stdout for _ in range(2)]

    assert set(made) == {f"actor: {Officer(tmp_path / 'clerk').fingerprint}\n"}


def secret_file(path: Path, first_line: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(first_line + b"\n")
    path.chmod(mode)
    return path


def opens(folder: Path, passphrase: bytes) -> bool:
    return key_files.decrypt(key_files.read(folder / "actor.key"), passphrase) is not None


def test_passphrase_is_changed_to_the_one_in_a_file(klein, tmp_path, monkeypatch):
    """
    With nobody to type it. The old passphrase opens the key no more, and the key is the same.
    """
    old = secret_file(tmp_path / "old.txt", b"the old passphrase")
    new = secret_file(tmp_path / "new.txt", b"the new passphrase")
    monkeypatch.setenv("OSINT_PASSPHRASE_FILE", str(old))
    before = klein.fingerprint
    done = run("key", "passphrase", "--keys", klein.keys, "--new-passphrase-file", new)

    assert done.stdout == "1 key encrypted anew.\n"
    assert (opens(klein.keys, b"the new passphrase"), opens(klein.keys, b"the old passphrase")) == (True, False)
    assert data("key", "list", "--keys", klein.keys)[0]["keyid"] == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such mode")
def test_passphrase_that_others_can_read_is_not_taken(klein, tmp_path, monkeypatch):
    """
    The key stays under the old one.
    """
    monkeypatch.setenv("OSINT_PASSPHRASE_FILE", str(secret_file(tmp_path / "old.txt", b"the old passphrase")))
    assert klein.fingerprint
    file = secret_file(tmp_path / "new.txt", b"the new passphrase", 0o644)
    done = run("key", "passphrase", "--keys", klein.keys, "--new-passphrase-file", file)

    assert done.exit_code == 1
    assert "can be read by other accounts" in done.stderr
    assert opens(klein.keys, b"the old passphrase")


def test_custodian_lets_a_new_officer_go_on(copy, klein, tmp_path):
    """
    A key that opens the case with the custodian's beside it is recorded as recovered, not as one that came by itself.
    """
    clerk = Officer(tmp_path / "keys of the clerk")
    appointed = ("key", "custodian", copy.case, "--custodian-keys", clerk.keys, "--name", "E. Clerk, evidence clerk")
    assert clerk.fingerprint in run(*appointed, *WHO).stdout
    done = klein.run("key", "recover", copy.case, "--custodian-keys", clerk.keys)
    keys = {key["keyid"]: key for key in data("verify", copy.case)["keys"]}

    assert done.exit_code == 0
    assert keys[clerk.fingerprint]["role"] == "custodian"
    assert keys[klein.fingerprint]["basis"] == "recovered"


def test_revoked_key_signs_nothing_more_and_leaves_disputed_entries(copy, klein):
    """
    The entries since the number given are named by verification; they stand, and another key goes on.
    """
    key = next(each["keyid"] for each in data("verify", copy.case)["keys"] if each["role"] == "actor")
    done = run("key", "revoke", copy.case, key, "--reason", "stolen", "--since", 3, *WHO)
    entries = len(data("log", copy.case))

    assert done.stdout == f"Ended: actor key {key}\n"
    assert run("rebuild", copy.case, *WHO).exit_code == 1
    assert len(data("log", copy.case)) == entries
    assert klein.run("rebuild", copy.case).exit_code == 0
    assert any("unsafe from entry 3 on" in said for said in data("verify", copy.case)["noticed"])


def test_fingerprint_is_taken_as_it_was_written_down(copy, klein):
    """
    In capitals and in groups of four, wherever a person types one.
    """

    def written(key: str) -> str:
        return " ".join(key.upper()[start : start + 4] for start in range(0, 64, 4))

    keys = [written(each) for each in fingerprints(copy.case)[1::2]]
    assert run("verify", copy.case, *(word for key in keys for word in ("--fingerprint", key))).exit_code == 0
    release(copy.case, klein, "--recipient-key", written(klein.fingerprint))
    assert data("transfer", "list", copy.case)[0]["recipient_key"] == klein.fingerprint
    end = ("--reason", "retired", "--since", 0, *WHO)
    assert run("key", "revoke", copy.case, written(klein.fingerprint), *end).exit_code == 1
    key = next(each["keyid"] for each in data("verify", copy.case)["keys"] if each["role"] == "actor")
    assert run("key", "revoke", copy.case, written(key), *end).stdout == f"Ended: actor key {key}\n"


@pytest.mark.parametrize(
    "command",
    [
        ("verify", "CASE", "--fingerprint", "abc"),
        ("key", "revoke", "CASE", "abc", "--reason", "lost", "--since", "0", *WHO),
        ("merge", "CASE", "package", "--fingerprint", "abc", *WHO),
        ("transfer", "take-in", "CASE", ".", "--fingerprint", "abc", *TERMS, *WHO),
        ("transfer", "acknowledge", "CASE", ".", "--fingerprint", "abc", *WHO),
        ("transfer", "release", "CASE", "--recipient-key", "abc", *TERMS, *WHO),
    ],
)
def test_mistyped_fingerprint_is_called_so(sample, command):
    """
    It is the fingerprint that is at fault, not the case.
    """
    result = run(*(sample.case if word == "CASE" else word for word in command))

    assert result.exit_code == 2
    assert "is not a fingerprint" in " ".join(result.stderr.split())


def test_key_that_the_ledger_does_not_know_is_not_revoked(copy):
    """
    A mistyped fingerprint ends nothing.
    """
    before = data("log", copy.case)
    result = run("key", "revoke", copy.case, "0" * 64, "--reason", "lost", "--since", 0, *WHO)

    assert result.exit_code == 1
    assert data("log", copy.case) == before


# -- erasing -----------------------------------------------------------------------------------------------------------

JANE = "@jane@social.example"


def order(by: Officer) -> tuple[object, ...]:
    assert by.fingerprint
    return (
        "--authority", "Circuit Court, order 26-1184", "--reason", "the record was expunged",
        "--approver", "A. Berg, badge 12", "--approver-keys", by.keys, *WHO,
    )  # fmt: skip


def test_a_text_is_searched_for_and_never_repeated(sample):
    """
    Places are printed, not the text; a text that is nowhere is said to be nowhere.
    """
    found = run("find", sample.case, JANE)

    assert "The text was found in" in found.stdout
    assert JANE not in found.stdout
    assert "E0001" in found.stdout
    assert "found nowhere" in run("find", sample.case, "nobody at all, 0417").stdout


def test_hold_stops_an_erasure_until_two_persons_lift_it(copy, klein):
    """
    Under a hold nothing goes, the refusal is an entry with exit code 3; once lifted by two, the values go.
    """
    hold = data("hold", "place", copy.case, "--reason", "trial expected", *WHO)["hold"]
    redact = ("redact", copy.case, "--containing", JANE, *order(klein))
    refused = run(*redact)
    assert "authorize --help" not in refused.stderr
    assert (refused.exit_code, data("log", copy.case)[-1]["outcome"]) == (3, "refused")
    assert any(JANE in row["details"] for row in data("log", copy.case))

    assert run("hold", "lift", copy.case, hold, *order(klein)).exit_code == 0
    assert data("redact", copy.case, "--containing", JANE, *order(klein))["values"] > 0
    assert not any(JANE in row["details"] for row in data("log", copy.case))
    assert data("verify", copy.case)["erased"] > 0


def test_one_person_erases_nothing(copy, keys):
    """
    A second key of the same name is no second person.
    """
    alone = [*order(Officer(keys))]
    alone[alone.index("A. Berg, badge 12")] = "J. Smit, badge 4471"
    result = run("redact", copy.case, "--containing", JANE, *alone)

    assert result.exit_code == 3
    assert any(JANE in row["details"] for row in data("log", copy.case))


def test_purged_exhibit_is_gone_and_the_ledger_says_so(copy, klein):
    """
    Its bytes are destroyed, no other exhibit is touched, and verification counts it.
    """
    digests = {row["exhibit"]: row["sha256"] for row in data("custody", copy.case)}
    done = run("purge", copy.case, "--exhibit", "E0002", *order(klein))

    assert done.stdout.startswith("Erased by order of ledger entry ")
    assert not list(copy.case.rglob(f"{digests['E0002']}*"))
    assert list(copy.case.rglob(f"{digests['E0001']}*"))
    assert data("verify", copy.case)["purged"] == 1
    assert [row["state"] for row in data("custody", copy.case)] == ["held", "destroyed", "held"]


# -- the ledger for those who watch logs -------------------------------------------------------------------------------


def test_ledger_is_written_as_a_tiled_log(sample, tmp_path):
    """
    Its tiles give the head of the case, no key is needed, nothing private is in them, and the case stays as it is.
    """
    before = contents(sample.case)
    written = run("tiles", sample.case, tmp_path / "tiles", OSINT_KEYS=str(tmp_path / "keys"))
    again = run("tiles", sample.case, tmp_path / "tiles")
    tiles = contents(tmp_path / "tiles")

    head = check_tiles(tmp_path / "tiles")
    assert written.stdout == f"Tiled log {head.origin}, size {head.size}: {tmp_path / 'tiles'}\n"
    assert head.size == len(data("log", sample.case))
    assert any(name.startswith("tile/entries/") for name in tiles)
    assert not any(b"social.example" in each or b"Smit" in each for each in tiles.values())
    assert (again.exit_code, "is there already" in again.stderr) == (1, True)
    assert contents(tmp_path / "tiles") == tiles
    assert contents(sample.case) == before
    assert not (tmp_path / "keys").exists()


def test_entries_can_be_left_out_of_a_tiled_log(sample, tmp_path):
    """
    The hashes alone still give the head.
    """
    facts = data("tiles", sample.case, tmp_path / "tiles", "--hashes-only")
    head = check_tiles(tmp_path / "tiles")

    assert facts == {
        "folder": str(tmp_path / "tiles"), "origin": head.origin, "size": head.size, "root": head.root.hex()
    }  # fmt: skip
    assert not (tmp_path / "tiles" / "tile" / "entries").exists()


def test_custody_of_a_purged_exhibit_has_ended(copy, klein):
    """
    Nobody holds what was destroyed; the last hand ends with the entry of the order.
    """
    assert run("purge", copy.case, "--exhibit", "E0001", *order(klein)).exit_code == 0
    gone, kept = data("custody", copy.case)[:2]
    when = next(row["time"] for row in data("log", copy.case) if row["action"] == "purge")

    assert (gone["state"], gone["held_by"], gone["since"]) == ("destroyed", None, when)
    assert gone["hands"][-1]["until"] == when
    assert (kept["held_by"], kept["hands"][-1]["until"]) == ("J. Smit, badge 4471", None)


def test_purging_ends_no_custody_of_a_copy_elsewhere(copy, klein, tmp_path):
    """
    The laboratory still holds what it took into a case of its own.
    """
    number = released(copy.case, klein)
    there, parcel, back = klein.case(tmp_path / "there"), tmp_path / "parcel", tmp_path / "receipt"
    run("transfer", "consign", copy.case, number, parcel, *WHO)
    klein.run("transfer", "take-in", there, parcel, *fingerprints(copy.case), *TERMS)
    klein.run("transfer", "receipt", there, "E0001", back)
    assert run("transfer", "acknowledge", copy.case, back, *fingerprints(there), *WHO).exit_code == 0
    chief = Officer(tmp_path / "keys of the chief")
    assert run("purge", copy.case, "--exhibit", "E0001", *order(chief)).exit_code == 0
    gone, *_ = data("custody", copy.case)

    assert (gone["state"], gone["held_by"], gone["hands"][-1]["until"]) == ("destroyed", "R. Klein", None)


# -- who vouches -------------------------------------------------------------------------------------------------------


def test_witness_prints_its_own_key_when_it_enrolls_a_case(copy, tmp_path):
    """
    The line that an administrator copies into the policy.
    """
    log = data("witness", "request", copy.case, *WHO)["verifier_key"]
    enroll = ("witness", "enroll", tmp_path / "witness", log, "--name", "court.example")
    shown = run(*enroll).stdout

    assert data(*enroll)["witness"] in shown.split("\n")
    assert "court.example+" in shown


def test_anchoring_without_anybody_named_says_where_to_name_them(copy):
    """
    No authority and no witness: the message names the variable.
    """
    result = run("anchor", copy.case, *WHO)

    assert result.exit_code == 1
    assert "OSINT_ANCHORS" in result.stderr


def test_head_is_printed_on_one_page(copy, tmp_path):
    """
    The page holds the signed head as text, and the PDF is one.
    """
    for name in ("head.html", "head.pdf"):
        assert run("head", copy.case, "--output", tmp_path / name, *WHO).exit_code == 0
    head = data("checkpoint", copy.case, *WHO)["checkpoint"]

    assert head.split("\n")[0] in (tmp_path / "head.html").read_text(encoding="utf-8")
    assert (tmp_path / "head.pdf").read_bytes().startswith(b"%PDF-")


def test_head_is_not_written_into_a_file_of_another_kind(copy, tmp_path):
    """
    HTML in a file that is not called so prints as source text.
    """
    result = run("head", copy.case, "--output", tmp_path / "head.txt2", *WHO)

    assert result.exit_code == 2
    assert "head.txt2 is neither" in result.stderr
    assert not (tmp_path / "head.txt2").exists()


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
    JupyterLab itself reports the settings that the command gives it, and those in the files of the package.
    """
    (tmp_path / "00_start.ipynb").touch()
    command = start.lab_command(tmp_path, ["--show-config-json"])
    environment = start.lab_environment() | {"JUPYTER_CONFIG_DIR": str(tmp_path), "JUPYTER_DATA_DIR": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    settings = json.loads(done.stdout)

    assert settings["ServerApp"]["ip"] == "127.0.0.1"
    assert settings["LabApp"]["default_url"] == "/lab/tree/00_start.ipynb"
    assert settings["LabApp"]["news_url"] is None
    assert settings["LabApp"]["check_for_updates_class"] == "jupyterlab.NeverCheckForUpdate"
    assert settings["LabApp"]["extension_manager"] == "readonly"


@pytest.mark.parametrize(
    ("system", "folder", "given", "used"),
    [
        ("Linux", "/home/jan/run", {}, "ipc"),
        ("Linux", f"/home/{'j' * 60}/run", {}, None),
        ("Windows", "run", {}, None),
        ("Linux", "/home/jan/run", {"transport": "tcp"}, "tcp"),
    ],
    ids=["reachable by nobody", "path too long for a socket", "Windows", "chosen by the user"],
)
def test_kernels_are_out_of_reach_where_the_platform_allows(system, folder, given, used, monkeypatch, caplog):
    """
    The files that come with the package have JupyterLab's server load what decides it; a user's own choice stays.
    """
    named = json.loads((Path(jupyter.__file__).parent / "jupyter_server_config.d" / "osint.json").read_text("utf-8"))
    log = logging.getLogger("server")
    server = SimpleNamespace(config=Config({"KernelManager": given}), runtime_dir=folder, log=log)
    monkeypatch.setattr(jupyter.platform, "system", lambda: system)
    jupyter._link_jupyter_server_extension(server)

    assert named == {"ServerApp": {"jpserver_extensions": {jupyter.__name__: True}}}
    assert server.config.KernelManager.get("transport") == used
    assert ("JUPYTER_RUNTIME_DIR" in caplog.text) == (len(folder) > 53)


@pytest.mark.exhaustive
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
