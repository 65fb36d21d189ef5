"""The command that drafts what a person signs about exhibits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from osint.cli.command import Commands
from osint.cli.opening import opened_case
from osint.cli.options import CASE, WRITER, many, with_params
from osint.cli.printing import print_result

commands = Commands()


@commands.command()
@with_params(
    CASE,
    click.argument("kind"),
    many("--exhibit", "exhibits", text="An exhibit that it is about, E0003."),
    click.option("--declarant", default="", help="Who is to sign, by name and badge; by default --investigator."),
    click.option("--trial", default="", help="For 490-692: the day on which the trial begins, 2026-11-30."),
    click.option("--to", default="", help="For notice: whom it is for."),
    click.option("--court", default="", help="Court and number of the matter."),
    WRITER,
)
def certificate(case: Path, kind: str, investigator: str, **said: Any) -> None:
    """Draft a certification, affidavit or notice for CASE.

    KIND is 902-13, 902-14, 902-11, 490-692 or notice. DRAFT stands on every page; a person reads, changes and signs it.
    """
    with opened_case(case, investigator) as opened:
        files = opened.certificate(kind, **said)
    print_result("\n".join(map(str, files)), {"files": files})
