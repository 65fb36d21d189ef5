"""What programs read of the ``osint`` command: one JSON document, one table of exit codes, completion."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from osint import cli
from osint.cli.command import EXIT_CODES, Command

ROOT = Path(__file__).parents[1]
OWN_TESTS = {"demo", "lab", "witness serve"}
"""They run for long: each has tests of its own, and ``lab`` hands its output on to JupyterLab."""


def commands() -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in cli.main.commands.items():
        below = command.commands if isinstance(command, click.Group) else {}
        found |= {f"{name} {each}": one for each, one in below.items()} or {name: command}
    return found


def given(param: click.Parameter) -> list[str]:
    """Return a word for each value that a command has to be given; no path leads anywhere."""
    words = param.nargs if param.nargs > 0 else 1
    kinds = param.type.types if isinstance(param.type, click.Tuple) else [param.type] * words
    values = [each.choices[0] if isinstance(each, click.Choice) else _of(each) for each in kinds]
    return [param.opts[-1], *values] if isinstance(param, click.Option) else values


def _of(kind: click.ParamType) -> str:
    return {"integer": "1", "integer range": "1", "float": "1", "boolean": "1"}.get(kind.name, "nowhere")


@pytest.mark.parametrize("name", [name for name in commands() if name not in OWN_TESTS])
def test_json_is_all_that_any_command_writes_to_stdout(name, tmp_path, monkeypatch):
    """
    Each command is started with everything it has to be given, most of which is not there: a result or an error, stdout
    is one document. A command that is told what it does not understand (2) writes nothing there.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("OSINT_SETTINGS", str(tmp_path / "settings.toml"))
    command = commands()[name]
    words = [word for param in command.params if param.required for word in given(param)]
    done = CliRunner().invoke(cli.main, [*name.split(), *words, "--json"])

    assert done.exit_code in EXIT_CODES, (done.exception, done.output)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    if done.exit_code == 2:
        assert done.stdout == ""
    else:
        json.loads(done.stdout)
        assert done.stdout.isascii()


def test_every_command_takes_json_by_the_one_mechanism():
    """
    But for the one that starts JupyterLab.
    """
    assert [name for name, command in commands().items() if not isinstance(command, Command)] == ["lab"]


def test_one_function_writes_results():
    """
    Whatever else a command says goes to stderr; ``watch`` alone tells each check as it comes, and not with ``--json``.
    """
    writers = set()
    for path in sorted((ROOT / "osint" / "cli").glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            calls = ast.walk(function) if isinstance(function, ast.FunctionDef) else ()
            for call in calls:
                if isinstance(call, ast.Call) and ast.unparse(call.func) in ("click.echo", "print", "sys.stdout.write"):
                    aside = any(word.arg == "err" for word in call.keywords)
                    writers |= set() if aside else {f"{path.stem}.{function.name}"}

    assert writers == {"printing.print_result", "collecting.watch"}


def test_the_table_of_exit_codes_is_that_of_the_program():
    """
    The administrator reads each code, and no other.
    """
    page = (ROOT / "docs" / "administrator.md").read_text(encoding="utf-8")
    table = page.partition("| exit code |")[2].partition("\n\n")[0]

    assert {int(code): said for code, said in re.findall(r"^\| (\d+) \| (.+) \|$", table, re.MULTILINE)} == EXIT_CODES


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_shell_is_told_how_to_complete(shell):
    """
    The lines call the program back; where the shell is here, it understands them.
    """
    lines = CliRunner().invoke(cli.main, ["completion", shell]).stdout

    assert "_OSINT_COMPLETE" in lines
    if shell != "powershell" and shutil.which(shell):
        subprocess.run([shell, "-n"], input=lines, text=True, check=True)


def test_the_program_answers_a_shell_that_completes():
    """
    As bash asks, in a process of its own: a command, and an option of one.
    """
    program = "from osint.cli import main; main(prog_name='osint')"
    answers = [
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"_OSINT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": at},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for words, at in (("osint transf", "1"), ("osint posts --cs", "2"))
    ]

    assert answers == ["plain,transfer\n", "plain,--csv\n"]
