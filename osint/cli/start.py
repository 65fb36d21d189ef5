"""Commands to begin with: the sample investigation, and JupyterLab on the notebooks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from osint import render
from osint.cli.command import Commands
from osint.cli.printing import print_result
from osint.cli.shell import program

commands = Commands()

_PACKAGE = Path(__file__).parent.parent
_START = "00_start.ipynb"


@commands.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def demo(folder: Path | None) -> None:
    """Run a whole sample investigation, without the internet.

    By default FOLDER is the next free of demo-case, demo-case-2, ... Beside it appear FOLDER-kept, with the signing
    keys and the head of the ledger that are kept apart from a case, and FOLDER-hand-over, the package.
    """
    from tqdm import tqdm

    from osint.serve.demo import run_demo

    result = run_demo(folder, lambda line: tqdm.write(render.visible_lines(line), file=sys.stderr), program())
    print_result(str(result), result)


@commands.command(cls=click.Command)
@click.argument("jupyter", nargs=-1, type=click.UNPROCESSED, metavar="[FOLDER] [-- OPTIONS OF JUPYTERLAB]")
def lab(jupyter: tuple[str, ...]) -> None:
    """Start JupyterLab on the notebooks, for this machine only.

    The start notebook opens by itself. JupyterLab does not ask the internet for news or updates, nor whether it may,
    and no other account of this machine reaches its kernels (on Windows they speak TCP on 127.0.0.1). By default
    FOLDER is 'notebooks' here or in the checkout, else a copy of the installed notebooks in 'osint-notebooks', for you
    to write in. What follows -- goes to JupyterLab: osint lab . -- --no-browser
    """
    folder = None
    if jupyter and not jupyter[0].startswith("-"):
        folder, jupyter = Path(jupyter[0]), jupyter[1:]
        if not folder.is_dir():
            raise click.UsageError(f"There is no folder {folder}.")
    if _is_root() and not any(option.startswith("--allow-root") for option in jupyter):
        raise click.UsageError(f"JupyterLab does not run as root unless told to: {program()} lab -- --allow-root")
    command = lab_command(folder or _notebooks(), jupyter)
    process = subprocess.Popen(command, env=lab_environment())  # noqa: S603 - this interpreter
    while True:
        try:
            sys.exit(process.wait())
        except KeyboardInterrupt:
            continue  # JupyterLab got it too, and asks before it ends


def lab_command(folder: Path, more: Iterable[str] = ()) -> list[str]:
    """Return the command line that starts JupyterLab in a folder."""
    settings = [f"--ServerApp.root_dir={folder.resolve()}", "--ServerApp.ip=127.0.0.1"]
    if (folder / _START).is_file():
        settings.append(f"--LabApp.default_url=/lab/tree/{_START}")
    return [sys.executable, "-m", "jupyterlab", *settings, *more]


def lab_environment() -> dict[str, str]:
    """Return the environment for JupyterLab: beside this user's own settings, those that come with this package.

    The wheel puts them where a plain ``jupyter lab`` of the same environment finds them; this way they hold in any.
    """
    ours = _PACKAGE / "serve" / "jupyter"
    theirs = os.environ.get("JUPYTER_CONFIG_PATH")
    return os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join([str(ours), *([theirs] if theirs else [])])}


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _notebooks() -> Path:
    """Return the notebooks of this folder or of a checkout, else a copy of those that were installed, to write in."""
    here, checkout, copy = Path("notebooks"), _PACKAGE.parent / "notebooks", Path("osint-notebooks")
    installed = Path(sys.prefix) / "share" / "osint" / "notebooks"
    if not here.is_dir() and not checkout.is_dir() and installed.is_dir():
        if not copy.exists():
            shutil.copytree(installed, copy)
        return copy
    return next((folder for folder in (here, checkout) if folder.is_dir()), Path())
