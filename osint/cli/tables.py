"""Commands that print the tables of a case."""

from __future__ import annotations

from pathlib import Path

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read, opened_case
from osint.cli.options import CASE, CSV, NETWORK, WHO, with_params
from osint.cli.printing import print_table

commands = Commands()


@commands.command()
@with_params(CASE, CSV, click.option("--versions", is_flag=True, help="A row for each version of a post."))
def posts(case: Path, csv: Path | None, versions: bool) -> None:
    """Print the posts of CASE."""
    with case_to_read(case) as opened:
        print_table(opened.posts(versions=versions), ("published", "author_handle", "content", "exhibit"), csv)


@commands.command()
@with_params(CASE, CSV)
def warnings(case: Path, csv: Path | None) -> None:
    """Print what could not be read in CASE, and what that means."""
    with case_to_read(case) as opened:
        print_table(opened.warnings(), ("exhibit", "what", "effect"), csv)


@commands.command()
@with_params(
    CASE,
    click.option("--fetch", is_flag=True, help="Preserve the attachments of all posts first; needs --investigator."),
    CSV,
    click.option("--investigator", envvar="OSINT_INVESTIGATOR", show_envvar=True, help=WHO),
    NETWORK,
)
def media(case: Path, fetch: bool, csv: Path | None, investigator: str | None, network: Path | None) -> None:
    """Print the preserved files of CASE.

    What a file states about itself may be wrong: a clock, a position.
    """
    if fetch and not investigator:
        raise click.UsageError("--fetch writes into the case: give --investigator or set OSINT_INVESTIGATOR.")
    if investigator and fetch:
        with opened_case(case, investigator, network) as opened:
            table = opened.media(opened.posts())
    else:
        with case_to_read(case) as opened:
            table = opened.media()
    shown = ("exhibit", "media_type", "size", "taken_local", "taken_offset", "latitude", "longitude", "camera_model")
    print_table(table, shown, csv)
