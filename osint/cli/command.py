"""What every command is: it takes ``--json``, and ends with a sentence and an exit code instead of a traceback."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from osint import render
from osint.cli.printing import AS_JSON, ZONE, print_result, run_facts, run_text, wants_json
from osint.cli.shell import for_the_shell, program
from osint.errors import (
    AuthorizationError,
    CaptureError,
    ConsentError,
    IntegrityError,
    OsintError,
    PurposeLimitError,
    RoleConflictError,
    SourceError,
    UniformityError,
    UnreachableError,
)

EXIT_CODES = {
    0: "done",
    1: "an error; the message says what to do",
    2: "the command was not understood",
    3: "refused: no authority, or one that does not cover this; the refusal is in the ledger",
    4: "verification failed; every finding is printed",
    5: "the source refused, or the run ended before it was complete",
    130: "interrupted from the keyboard; what was preserved stays, and the run can go on",
}
_CODE_OF: tuple[tuple[type[OsintError], int], ...] = (
    (AuthorizationError, 3),
    (IntegrityError, 4),
    (SourceError, 5),
    (CaptureError, 5),
    (OsintError, 1),
)
_OF_SCREENING = (PurposeLimitError, RoleConflictError, ConsentError, UniformityError)
"""Refusals that no authority helps against."""
_NO_ANSWER = "That nobody answered is in the ledger, and says nothing about what is there."
_WHOLE = 120  # letters of the sentence that a command has in the list of all
_AUTHORITY = re.compile(r"authori[tz]|extend", re.IGNORECASE)


class Command(click.Command):
    """A command with ``--json``; its errors are sentences and exit codes instead of tracebacks."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params.append(
            click.Option(
                ["--json"],
                is_flag=True,
                expose_value=False,
                callback=lambda context, _, value: context.meta.update({AS_JSON: value}),
                help="Print the result as JSON.",
            )
        )
        if any(each.name == "csv" for each in self.params):
            self.params.append(
                click.Option(
                    ["--zone"],
                    expose_value=False,
                    callback=lambda context, _, value: context.meta.update({ZONE: value}),
                    help="Show local time beside UTC: America/Chicago. By default that of the case, as text.",
                )
            )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[AS_JSON] = "--json" in args  # a setting that cannot be read ends it before the options are known
        try:
            return super().parse_args(ctx, args)
        except OsintError as error:
            print_error(error, ctx.params)
            ctx.exit(1)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OsintError as error:
            print_error(error, ctx.params)
            ctx.exit(next(code for kind, code in _CODE_OF if isinstance(error, kind)))
        except KeyboardInterrupt:
            print_interruption(ctx.params)
            ctx.exit(130)


class Commands(click.Group):
    command_class = Command
    group_class = type


class PhasedCommands(Commands):
    """All commands; help lists them by the phase of an investigation.

    Attributes:
        phases: Names of commands, by their phase, in the order of an investigation.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.phases: dict[str, list[str]] = {}

    def add_phase(self, phase: str, groups: Iterable[click.Group]) -> None:
        """Take in the commands of some groups."""
        added = {name: command for group in groups for name, command in group.commands.items()}
        self.commands.update(added)
        self.phases[phase] = sorted(added)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a list for each phase, all of them in line; what is too long for a line goes on in the next."""
        del ctx  # every command is shown wherever it is asked from
        longest = max(map(len, self.commands))
        for phase, names in self.phases.items():
            with formatter.section(phase):
                rows = [(name.ljust(longest), self.commands[name].get_short_help_str(_WHOLE)) for name in names]
                formatter.write_dl(rows)


def print_error(error: OsintError, parameters: Mapping[str, Any]) -> None:
    """Tell an error on stderr; what the run had collected, and with ``--json`` the error as well, on stdout."""
    said: dict[str, Any] = {"error": type(error).__name__, "message": str(error)}
    said |= {name: getattr(error, name) for name in ("reasons", "findings") if hasattr(error, name)}
    case = parameters.get("case") or parameters.get("folder") or Path("CASE")
    if error.result is not None:
        said["result"] = run_facts(error.result)
        print_result(run_text(case, replace(error.result, detail="")), said)  # the detail is the error, told on stderr
    elif wants_json():
        print_result("", said)
    click.echo(render.visible_lines(for_the_shell(case, str(error))), err=True)
    if isinstance(error, UnreachableError):
        click.echo(f"{_NO_ANSWER} What this computer sees of its network: {program()} doctor", err=True)
    is_refusal = isinstance(error, AuthorizationError) and not isinstance(error, _OF_SCREENING)
    needs_authority = is_refusal and _AUTHORITY.search(str(error))  # others say themselves what is missing
    is_locked = "ratifie" in str(error)  # an authority more opens nothing that waits for a supervisor
    if needs_authority and not is_locked and "approver_name" not in parameters:  # two persons need no authority
        click.echo(f"On the command line: {program()} authorize --help, {program()} extend --help", err=True)


def print_interruption(parameters: Mapping[str, Any]) -> None:
    case = parameters.get("case")
    where = f" Runs that can go on: {program()} resume {case}" if case else ""
    click.echo(f"Interrupted. What was preserved stays.{where}", err=True)
