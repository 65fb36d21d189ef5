"""The programs that show web archives, as they are found on this machine. None is bundled, imported or downloaded."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from osint.errors import CaseError
from osint.settings import setting

VARIABLE = "OSINT_REPLAYWEBPAGE"
FILES = ("ui.js", "sw.js")
_PYWB = ("pywb", "wayback")
_SECONDS = 30

INSTALL = f"""Install one of them yourself; neither is part of osint, which is under another licence:

  ReplayWeb.page (AGPL-3; a package of npm, no server needed)
    npm install --global --ignore-scripts replaywebpage
    or into any folder, named by --replaywebpage FOLDER/node_modules/replaywebpage or {VARIABLE}
    Without a network: on another machine "npm pack replaywebpage" gives one .tgz. Carry it here, unpack it
    (tar xzf), and name the folder "package" that it holds.

  pywb (GPL-3; a package of Python, in an environment of its own)
    python3 -m venv pywb-environment
    pywb-environment/bin/python -m pip install pywb
    and name pywb-environment/bin/pywb by --pywb, or put it on the path.
    Without a network: on another machine of this kind "python3 -m pip download --dest wheels pywb". Carry the folder
    here, and add "--no-index --find-links wheels" to the second line.
"""


@dataclass(frozen=True)
class ReplayWebPage:
    """ReplayWeb.page: two files of script that a browser runs."""

    folder: Path

    def __str__(self) -> str:
        return "ReplayWeb.page"


@dataclass(frozen=True)
class Pywb:
    """pywb: a server that is started for the time of the replay."""

    program: Path

    def __str__(self) -> str:
        return "pywb"


Player = ReplayWebPage | Pywb


def find_player(
    *, replaywebpage: Path | None = None, pywb: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Player:
    """Return the program that is named; else ReplayWeb.page where it is installed; else pywb.

    Raises:
        CaseError: What is named is not there, or neither is installed; says how to install them.
    """
    if pywb is not None and replaywebpage is None:
        return Pywb(_named_program(pywb, environment))
    named = replaywebpage or (Path(own) if (own := setting(VARIABLE, environment)) else None)
    if named is not None:
        return ReplayWebPage(_named_folder(named))
    installed = _npm_folder(environment)
    if installed is not None and _is_complete(installed):
        return ReplayWebPage(installed)
    found = next((path for name in _PYWB if (path := shutil.which(name, path=environment.get("PATH", "")))), None)
    if found is None:
        raise CaseError(
            "Neither ReplayWeb.page nor pywb is installed here, and a whole case is shown again by one of them. "
            f"{INSTALL}\nA single exhibit needs neither: osint replay CASE EXHIBIT. Nothing was written."
        )
    return Pywb(Path(found))


def _named_folder(folder: Path) -> Path:
    if not _is_complete(folder):
        raise CaseError(
            f"{folder} is not the folder of ReplayWeb.page: it should hold {' and '.join(FILES)}. {INSTALL}"
        )
    return folder.resolve()


def _named_program(program: Path, environment: Mapping[str, str]) -> Path:
    found = shutil.which(str(program), path=environment.get("PATH", ""))
    if found is None:
        raise CaseError(f"{program} is no program. {INSTALL}")
    return Path(found).absolute()  # not resolved: a link in an environment of Python leads out of it


def _is_complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in FILES)


def _npm_folder(environment: Mapping[str, str]) -> Path | None:
    """Return where npm keeps the package when it was installed for the whole machine. npm asks nobody for that."""
    npm = shutil.which("npm", path=environment.get("PATH", ""))
    if npm is None:
        return None
    quiet = {**environment, "npm_config_update_notifier": "false", "npm_config_offline": "true"}
    try:
        done = subprocess.run(  # noqa: S603 - the program on the path of whoever asks
            [npm, "root", "--global"], env=quiet, capture_output=True, text=True, timeout=_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return Path(done.stdout.strip()) / "replaywebpage" if done.stdout.strip() else None
