"""Commands that print the tables of a case."""

from __future__ import annotations

from pathlib import Path

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read
from osint.cli.options import CASE, CSV, MARKED, with_params
from osint.cli.printing import print_table

commands = Commands()


@commands.command()
@with_params(
    CASE,
    CSV,
    click.option("--versions", is_flag=True, help="A row for each version of a post."),
    click.option("--languages", is_flag=True, help="Say which language a program takes each text for."),
    click.option("--translated", is_flag=True, help="Show attached translations behind the originals."),
    MARKED,
)
def posts(case: Path, *, csv: Path | None, versions: bool, languages: bool, translated: bool, marked: str) -> None:
    """Print the posts of CASE."""
    derived = ["translation (derived)"] if translated else []
    guessed = ["language_detected"] if languages else []
    shown = ("published", "author_handle", *guessed, "content", *derived, "exhibit")
    with case_to_read(case) as opened:
        table = opened.posts(versions=versions, languages=languages, marked=marked, translated=translated)
        print_table(table, shown, csv)


@commands.command()
@with_params(CASE, CSV)
def warnings(case: Path, csv: Path | None) -> None:
    """Print what could not be read in CASE, and what that means."""
    with case_to_read(case) as opened:
        print_table(opened.warnings(), ("exhibit", "what", "effect"), csv)
