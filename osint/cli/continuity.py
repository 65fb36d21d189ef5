"""Commands for copies of a case, its way back, and work on several machines."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read, ledger_to_read, opened_case
from osint.cli.options import BY_SETTING, CASE, CSV, NEW, WRITER, fingerprint, many, with_params
from osint.cli.printing import print_result, print_table
from osint.cli.shell import for_the_shell, program

commands = Commands()

_NOT_COMPARED = (
    "Nobody compared the keys that signed the package: whoever made it could have used keys of their own. Ask the "
    "other officer for their fingerprints on another way, and merge it again with --fingerprint."
)
_BACKUP = click.argument("backup", type=click.Path(path_type=Path))


@commands.command()
@with_params(CASE, NEW, click.option("--kept-by", default="", help="Who keeps it, of the agency."), WRITER)
def backup(case: Path, folder: Path, kept_by: str, investigator: str) -> None:
    """Copy CASE, which may be in use, and verify the copy.

    FOLDER must be new, and is better on another disk.
    """
    with opened_case(case, investigator) as opened:
        made = opened.backup(folder, kept_by=kept_by)
    print_result(str(made), made)


@commands.command()
@with_params(
    _BACKUP,
    click.argument("folder", required=False, type=click.Path(path_type=Path)),
    click.option("--reason", help="Why the case is restored; it goes into the ledger."),
    click.option("--drill", is_flag=True, help="Only check that BACKUP could be restored; nothing is written."),
    click.option("--investigator", help="Who restores it.", **BY_SETTING),
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
    from osint.opening import restore_case

    with restore_case(backup, folder, investigator=investigator, reason=reason) as case:
        restores = case.verify().restores
        print_result(
            "\n".join([for_the_shell(folder, str(case)), *_told_of_restore(folder, restores[-1])]),
            {"folder": folder, "restored_at": restores},
        )


def _told_of_restore(folder: Path, place: int) -> list[str]:
    """Say what a restore lost, what the ledger is called now, and who has to know; ``place`` is its entry."""
    from osint.chain_of_custody.checkpoint import parse

    with ledger_to_read(folder) as ledger:
        name, lost = ledger.origin, ledger.entry(place).private.get("lost_head")
    known = parse(lost).size if lost else 0
    missing = (
        f"Lost: entries {place} to {known - 1}, written after the backup."
        if known > place
        else "Lost: whatever was written after the backup. This workstation knows of no such entry."
    )
    return [
        f"The backup ends with entry {place - 1}. {missing}",
        f"The ledger is called {name} from here on. Witnesses know the old name only; enrol the case with each anew: "
        f"{program()} witness request {shlex.quote(str(folder))} prints its verifier key.",
    ]


@commands.command()
@with_params(
    CASE,
    click.argument("package", type=click.Path(path_type=Path)),
    many(
        "--fingerprint",
        "fingerprints",
        text="A key that may have signed it, as the other officer told you.",
        kind=fingerprint,
    ),
    WRITER,
)
def merge(case: Path, package: Path, fingerprints: tuple[str, ...], investigator: str) -> None:
    """Take over what another officer exported of CASE.

    Their ledger is kept whole; their exhibits bear its name.
    """
    with opened_case(case, investigator) as opened:
        table = opened.merge(package, fingerprints=set(fingerprints) or None)
    notes = [] if fingerprints else [_NOT_COMPARED]
    print_table(table, ("label", "officers", "entries", "exhibits"), None, notes)


@commands.command()
@with_params(CASE, CSV)
def parts(case: Path, csv: Path | None) -> None:
    """Print the parts of CASE that others collected."""
    with case_to_read(case) as opened:
        print_table(opened.parts(), ("label", "officers", "entries", "exhibits", "ledger"), csv)
