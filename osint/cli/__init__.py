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
    certifying,
    collecting,
    continuity,
    custodian,
    custody,
    daily,
    erasing,
    filing,
    keys,
    media,
    notebook,
    oversight,
    policy,
    production,
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
from osint.cli.command import EXIT_CODES, PhasedCommands

_EPILOG = "\n\n".join(
    (
        "Every command but 'lab' takes --json: stdout then holds one JSON document and nothing else, also when the "
        "command fails (except with 2 and 130). Progress and errors go to stderr.",
        "\b\nExit codes:\n" + "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items()),
    )
)


@click.group(cls=PhasedCommands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="osint")
def main() -> None:
    """Lawful investigative open-source research, with a chain of custody that others can check.

    A case is a folder and the first argument of most commands. 'osint demo' shows a whole investigation on invented
    people, without the network.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an old code page must not end a run


_PHASES = {
    "Begin": (start, workstation, notebook),
    "Open a case, record authority": (case, policy, approval),
    "Collect": (collecting,),
    "Look and search": (views, tables, searching, media),
    "Time and associations": (analysis,),
    "Mark, state and record": (daily, statements, records),
    "Custody and verification": (proof, anchoring, custody, continuity, keys),
    "Mask, disclose, produce": (retention, filing, production, certifying, custodian),
    "Hold and erase": (erasing,),
    "Units and background checks": (oversight, screening),
}
for _phase, _modules in _PHASES.items():
    main.add_phase(_phase, [_module.commands for _module in _modules])
