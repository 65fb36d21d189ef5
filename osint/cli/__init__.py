"""The ``osint`` command: a twin for every action of a notebook, over the same functions.

A result goes to stdout, as text or with ``--json`` as one JSON document; progress and errors go to stderr. Libraries
are imported inside the commands that need them: ``osint --help`` loads none of pandas, networkx and requests.
"""

from __future__ import annotations

import io
import sys

import click

from osint.cli import (
    analysis,
    anchoring,
    approval,
    case,
    collecting,
    continuity,
    custody,
    daily,
    erasing,
    keys,
    media,
    notebook,
    oversight,
    policy,
    proof,
    records,
    retention,
    screening,
    searching,
    start,
    statements,
    tables,
    views,
    workstation,
)
from osint.cli.command import EXIT_CODES, Commands

_EPILOG = "\n\n".join(
    (
        "Every command but 'lab' takes --json: stdout then holds one JSON document and nothing else, also when the "
        "command fails (except with 2 and 130). Progress and errors go to stderr.",
        "\b\nExit codes:\n" + "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items()),
    )
)


@click.group(cls=Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="osint")
def main() -> None:
    """Lawful investigative open-source research, with a chain of custody that others can check.

    A case is a folder and the first argument of most commands. 'osint demo' shows a whole investigation on invented
    people, without the network.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an old code page must not end a run


for _module in (
    case,
    collecting,
    tables,
    views,
    searching,
    media,
    analysis,
    proof,
    anchoring,
    custody,
    erasing,
    continuity,
    keys,
    policy,
    approval,
    screening,
    oversight,
    records,
    retention,
    statements,
    daily,
    start,
    workstation,
    notebook,
):
    main.commands.update(_module.commands.commands)
