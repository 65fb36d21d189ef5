"""Commands about productions: what a prosecutor hands to the other side, and what was handed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read, opened_case
from osint.cli.options import CASE, CSV, FILE, NEW, WRITER, many, with_params
from osint.cli.printing import print_result, print_table

commands = Commands()


@commands.command()
@with_params(
    CASE,
    NEW,
    click.option("--recipient", "to", required=True, help="Who receives it."),
    click.option("--release", "decided", required=True, type=FILE, help="The prosecutor's decision, a TOML file."),
    click.option(
        "--pages",
        default="typeset",
        type=click.Choice(["typeset", "slip-sheets"]),
        help="Draw the pages, or give each document a slip sheet.",
    ),
    many("--restricted", "include_restricted", text="A restricted exhibit that leaves as it is, E0004."),
    WRITER,
)
def produce(case: Path, folder: Path, decided: Path, investigator: str, **said: Any) -> None:
    """Write what a prosecutor produces to the other side.

    FOLDER must be new. Every item that CASE ever stored is produced, withheld, sealed or destroyed, and the package
    says which. The same command takes up a run that was killed.
    """
    from osint.production.release import Release

    release = Release.read(decided)
    with opened_case(case, investigator) as opened:
        made = opened.produce(folder, release=release, **said)
    print_result(str(made), made)


@commands.command()
@with_params(CASE, NEW, WRITER)
def discard_production(case: Path, folder: Path, investigator: str) -> None:
    """Destroy what a production left that was begun and not finished.

    FOLDER is where it was to be written. The ledger says that it ended, and its numbers stay used.
    """
    with opened_case(case, investigator) as opened:
        opened.discard_production(folder)
    said = f"What the production to {folder} left is destroyed, and the ledger says that it ended."
    print_result(said, {"folder": str(folder)})


@commands.command()
@with_params(CASE, CSV)
def productions(case: Path, csv: Path | None) -> None:
    """Print what was produced of CASE to whom, with which numbers."""
    with case_to_read(case) as opened:
        print_table(opened.productions(), ("number", "when", "to", "state", "first", "last", "withdrawn"), csv)
