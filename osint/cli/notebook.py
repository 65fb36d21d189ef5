"""The command that makes a copy of a notebook which can be shared."""

from __future__ import annotations

from pathlib import Path

import click

from osint.cli.command import Commands
from osint.cli.options import FILE, with_params
from osint.cli.printing import print_result

commands = Commands()


@commands.command("notebook-clean")
@with_params(click.argument("files", type=FILE, nargs=-1, required=True))
def notebook_clean(files: tuple[Path, ...]) -> None:
    """Copy notebooks without what was captured.

    Beside each of FILES appears NAME-clean.ipynb: code and own words as they are, and the numbers of exhibits in place
    of outputs. What nobody can tell to be harmless is taken out too, and a line says so.
    """
    from osint.notebook.cleaning import clean_notebook

    made = [clean_notebook(each) for each in files]
    print_result("\n".join(map(str, made)), made)
