"""What a message says in Python, spelt as it is typed into the shell that it is read in."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

LEADS = ("accounts", "hosts", "urls", "tags", "terms")
_PYTHON = re.compile(
    r"case\.(anchor|authorize|checkpoint|collect|decide_records|due|extend|mark|media|posts|rebuild|resume|retention|"
    r"verify|warnings)"
    r"\(((?:[^()]|\([^()]*\))*)\)"
)
_OTHERWISE = {"decide_records": "sunshine decide"}


def program() -> str:
    """Return how the running program is called from here: ``osint``, or its path where the shell does not find it."""
    started = Path(sys.argv[0])
    found = shutil.which("osint")
    if started.stem != "osint" or (found and Path(found).resolve() == started.resolve()):
        return "osint"
    near = started.is_relative_to(Path.cwd())
    return shlex.quote(str(started.relative_to(Path.cwd()) if near else started))


def for_the_shell(case: Path, text: str) -> str:
    """Spell what a message says in Python as it is typed here."""
    return _PYTHON.sub(lambda call: _spelt(case, call[1], call[2]), text)


def _spelt(case: Path, action: str, arguments: str) -> str:
    """Return a call of a method of a case as a command line."""
    if action == "authorize":
        arguments = "identifier=, type=, purpose=, expires=, ..."
    run = re.fullmatch(r"'([^']+)'", arguments)
    options = [
        f"--{name.removesuffix('s') if name in LEADS else name}{'' if flag else ' ...'}"
        for name, flag in re.findall(r"(\w+)=(True)?", arguments)
    ]
    command = _OTHERWISE.get(action, action)
    return " ".join([program(), command, shlex.quote(str(case)), *([run[1]] if run else options)])
