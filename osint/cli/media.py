"""Commands that show what media files state about themselves, in a case and without one."""

from __future__ import annotations

from pathlib import Path

import click

from osint.cli.command import Commands
from osint.cli.media_files import VALUES, facts_of, print_files
from osint.cli.opening import case_to_read, ledger_path, opened_case
from osint.cli.options import BY_SETTING, CASE, CSV, FILE, MARKED, NETWORK, WHO, WRITER, with_params
from osint.cli.printing import plain, print_result, print_table

commands = Commands()

_TABLE = ("exhibit", "media_type", "size", "taken_local", "taken_offset", "latitude", "longitude", "camera_model")
_LINKS = ("kind", "key", "linked", "strength", "exhibits", "sentence")
_ALIKE = ("medoid", "exhibit", "distance", "variant", "quality", "files")
_OUTPUT = click.option("--output", type=FILE, help="Write a page for any browser; it runs nothing and asks nobody.")


@commands.command()
@with_params(
    click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)),
    click.option("--values", is_flag=True, help="Print every value, with its bytes and its reader."),
    click.option(
        "--digest", multiple=True, type=click.Choice(("sha3-256", "md5")), help="A further digest of each file."
    ),
    click.option("--fetch", is_flag=True, help="Preserve the attachments of all posts first; needs --investigator."),
    MARKED,
    CSV,
    click.option("--investigator", help=WHO, **BY_SETTING),
    NETWORK,
)
def media(
    paths: tuple[Path, ...],
    *,
    values: bool,
    digest: tuple[str, ...],
    fetch: bool,
    marked: str,
    csv: Path | None,
    investigator: str | None,
    network: Path | None,
) -> None:
    """Print what the files of a case, or any others, state.

    PATH is one case, or any files and folders; of a folder all files are examined, in order. Files are read in the
    sandbox, hashed before and after, and never written to; no ledger is kept. Symbolic links are named and not
    followed. Write -- before names that begin with a dash. With --json there is an object for each file.

    What a file states about itself may be wrong: a clock, a position. The exit code is 0 when all files were read, 1
    when one was not, and 2 when the command was not understood.
    """
    if len(paths) == 1 and ledger_path(paths[0]).is_file():
        if digest:
            raise click.UsageError("--digest is for files, not for a case: its tables have SHA-256.")
        if values and marked:
            raise click.UsageError("--marked is for the table of files; leave --values out.")
        _of_case(paths[0], investigator if fetch else None, network, csv, fetch=fetch, values=values, marked=marked)
        return
    if marked:
        raise click.UsageError("--marked is for the files of a case: name one case.")
    if fetch:
        raise click.UsageError("--fetch preserves the attachments of a case: name one case.")
    print_files(paths, csv, digest, values=values)


@commands.command("media-values")
@with_params(CASE, CSV)
def media_values(case: Path, csv: Path | None) -> None:
    """Print every value that the preserved files of CASE state."""
    with case_to_read(case) as opened:
        print_table(opened.media_values(), VALUES, csv)


@commands.command("media-links")
@with_params(CASE, CSV)
def media_links(case: Path, csv: Path | None) -> None:
    """Print what several files of CASE state alike.

    One camera, lens or document; and what links nobody in spite of that, with the reason.
    """
    with case_to_read(case) as opened:
        print_table(opened.media_links(), _LINKS, csv)


@commands.command()
@with_params(
    CASE,
    click.option("--by", multiple=True, help="exiftool, mediainfo, ffprobe or c2pa; all that are here by default."),
    CSV,
    WRITER,
)
def corroborate(case: Path, by: tuple[str, ...], csv: Path | None, investigator: str) -> None:
    """Ask other programs about the preserved files of CASE.

    Prints every value of every reader. Where readers differ, each stands and "confidence" says conflict. The run is an
    entry of the ledger.
    """
    with opened_case(case, investigator, None) as opened:
        table = opened.corroborate(by or None)
        print_table(table, VALUES, csv)
        for sentence in table.attrs["absent"]:
            click.echo(plain(sentence), err=True)


@commands.command("same-pictures")
@with_params(CASE, CSV, WRITER)
def same_pictures(case: Path, csv: Path | None, investigator: str) -> None:
    """Print which preserved pictures of CASE look the same.

    Mirrored and turned ones too. A match is a lead for a person to look at. The run is an entry of the ledger.
    """
    with opened_case(case, investigator, None) as opened:
        table = opened.same_pictures()
        print_table(table, _ALIKE, csv)
        for sentence in table.attrs["unread"]:
            click.echo(plain(sentence), err=True)


@commands.command()
@with_params(CASE, _OUTPUT, click.option("--page", type=click.IntRange(1), default=1, help="Which 60 files."))
def gallery(case: Path, output: Path | None, page: int) -> None:
    """Show the preserved files of CASE as cards.

    With --output each picture is on the page, blurred until it is revealed; without, the cards are printed as text.
    """
    with case_to_read(case) as opened:
        shown = opened.gallery(page=page)
    where = f"\nas a page: {shown.save(output)}" if output else ""
    cards = [
        {"exhibit": each.exhibit, "sha256": each.sha256, "warnings": each.warnings, **each.facts}
        for each in shown.cards
    ]
    print_result(f"{shown.title if output else shown}{where}", {"files": shown.files, "page": page, "cards": cards})


@commands.command("media-sheet")
@with_params(CASE, click.argument("exhibit"), _OUTPUT)
def media_sheet(case: Path, exhibit: str, output: Path | None) -> None:
    """Show all that the file in EXHIBIT of CASE states."""
    with case_to_read(case) as opened:
        sheet = opened.media_sheet(exhibit)
    text = f"{sheet.title}\nas a page: {sheet.save(output)}" if output else str(sheet)
    print_result(text, facts_of(Path(sheet.record.exhibit), sheet.record) | {"derivations": list(sheet.derivations)})


def _of_case(
    case: Path,
    investigator: str | None,
    network: Path | None,
    csv: Path | None,
    *,
    fetch: bool,
    values: bool,
    marked: str,
) -> None:
    if fetch and not investigator:
        raise click.UsageError("--fetch writes into the case: give --investigator or set OSINT_INVESTIGATOR.")
    if investigator:
        with opened_case(case, investigator, network) as opened:
            table = opened.media(opened.posts(), marked=marked)
            table = opened.media_values() if values else table
    else:
        with case_to_read(case) as opened:
            table = opened.media_values() if values else opened.media(marked=marked)
    print_table(table, VALUES if values else _TABLE, csv)
