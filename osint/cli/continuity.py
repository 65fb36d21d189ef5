"""Commands for copies of a case, its way back, and work on several machines."""

from __future__ import annotations

from pathlib import Path

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read, opened_case
from osint.cli.options import CASE, CSV, NEW, WRITER, many, with_params
from osint.cli.printing import print_result, print_table

commands = Commands()

_BACKUP = click.argument("backup", type=click.Path(path_type=Path))


@commands.command()
@with_params(CASE, NEW, WRITER)
def backup(case: Path, folder: Path, investigator: str) -> None:
    """Copy CASE, which may be in use, and verify the copy.

    FOLDER must be new, and is better on another disk.
    """
    with opened_case(case, investigator) as opened:
        made = opened.backup(folder)
    print_result(str(made), made)


@commands.command()
@with_params(
    _BACKUP,
    click.argument("folder", required=False, type=click.Path(path_type=Path)),
    click.option("--reason", help="Why the case is restored; it goes into the ledger."),
    click.option("--drill", is_flag=True, help="Only check that BACKUP could be restored; nothing is written."),
    click.option("--investigator", envvar="OSINT_INVESTIGATOR", show_envvar=True, help="Who restores it."),
)
def restore(backup: Path, folder: Path | None, reason: str | None, drill: bool, investigator: str | None) -> None:
    """Make a case of BACKUP in FOLDER, and declare so in its ledger.

    What was written after the backup is lost, and verification says so from then on.
    """
    from osint import warc
    from osint.chain_of_custody.backup import check_backup

    if drill:
        verified = check_backup(backup, warc.check)
        print_result(f"{backup} can be restored.\n{verified}", verified)
        return
    if folder is None or not reason or not investigator:
        raise click.UsageError("Give the new FOLDER, --reason and --investigator; or --drill to check the backup only.")
    from osint.case import restore_case

    with restore_case(backup, folder, investigator=investigator, reason=reason) as case:
        print_result(str(case), {"folder": folder, "restored_at": case.verify().restores})


@commands.command()
@with_params(
    CASE,
    click.argument("package", type=click.Path(path_type=Path)),
    many("--fingerprint", "fingerprints", text="A key that may have signed it, as the other officer told you."),
    WRITER,
)
def merge(case: Path, package: Path, fingerprints: tuple[str, ...], investigator: str) -> None:
    """Take over what another officer exported of CASE.

    Their ledger is kept whole; their exhibits bear its name.
    """
    with opened_case(case, investigator) as opened:
        table = opened.merge(package, fingerprints=set(fingerprints) or None)
    print_table(table, ("label", "officers", "entries", "exhibits"), None)


@commands.command()
@with_params(CASE, CSV)
def parts(case: Path, csv: Path | None) -> None:
    """Print the parts of CASE that others collected."""
    with case_to_read(case) as opened:
        print_table(opened.parts(), ("label", "officers", "entries", "exhibits", "ledger"), csv)
