"""The command that writes what is filed with a court twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from osint.cli.command import Commands
from osint.cli.opening import opened_case
from osint.cli.options import CASE, FILE, WRITER, many, with_params
from osint.cli.printing import print_result

commands = Commands()


@commands.command("filing-set")
@with_params(
    CASE,
    click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="A new folder."),
    many("--exhibit", "exhibits", text="An exhibit that is filed, E0003."),
    click.option("--document", "documents", multiple=True, type=FILE, help="A file that is no exhibit. (repeatable)"),
    click.option("--redactions", type=FILE, help="A CSV: kind,reason,text,exhibit,page,boxes,shown."),
    many("--stays", "stays", text="A text that is proposed to be taken out and stays."),
    WRITER,
)
def filing_set(case: Path, folder: Path, redactions: Path | None, investigator: str, **what: Any) -> None:
    """Write exhibits of CASE for a court: redacted, and to be sealed.

    What is taken out, of which kind it is, and why, stands in the CSV; the last search refuses what is still there.
    """
    from osint.production.filing.table import read_redactions

    decided = read_redactions(redactions) if redactions else ()
    with opened_case(case, investigator) as opened:
        written = opened.filing_set(folder, redactions=decided, **what)
    print_result(str(written), written)
