"""HEIF in a process of its own: its decoder, libde265, starts a thread, and a worker of the sandbox may not.

So this interpreter is run as a program of others is: no network, no other file, limits of time and memory, and threads.
A libheif in which a picture is known to run code is not used unless an administrator says so: ``OSINT_HEIF=allow``.
"""

from __future__ import annotations

import json
import pickle
import sys
import sysconfig
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from osint import sandbox
from osint.media import identity
from osint.media.similarity.decode import HEIF_TYPES
from osint.runner import importable_name
from osint.sandbox import Outcome, RefusalError
from osint.sandbox.calls import checked_answer
from osint.settings import setting

LEAST_LIBHEIF = "1.23.5"
"""The first without the advisories of August and September 2026, CVE-2026-84383 among them: code run by a picture."""

# The package is loaded by its place: to search the folder that holds it, the process would have to read that folder.
_BOOT = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
place = sys.argv[1]
spec = spec_from_file_location("osint", place + "/__init__.py", submodule_search_locations=[place])
sys.modules["osint"] = module_from_spec(spec)
spec.loader.exec_module(sys.modules["osint"])
from osint.media.similarity.heif import main
main(*sys.argv[2:])
"""


def needs_process(file: Path) -> bool:
    """Say whether the decoder of a file needs a process of its own, and is there."""
    with file.open("rb") as stream:
        return identity.sniff(stream.read(identity.HEAD)) in HEIF_TYPES and find_spec("pi_heif") is not None


def run_apart(function: Callable[..., Any], file: Path, *arguments: str | int, seconds: float, memory: int) -> Outcome:
    """Return the outcome of ``function(file, *arguments)`` over a HEIF file, as :func:`osint.sandbox.run` would."""
    ours = Path(__file__).parents[2]
    called = json.dumps([*importable_name(function), [str(file.absolute()), *arguments]])
    allowed = "allow" if setting("OSINT_HEIF") == "allow" else ""
    command = [sys.executable, "-I", "-B", "-X", "utf8", "-c", _BOOT, str(ours), called, allowed]
    libraries = {sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
    readable = [file.absolute(), ours, Path(sys.prefix), *map(Path, sorted(libraries))]
    ran = sandbox.run_program(command, seconds=seconds, memory=memory, read_only=readable)
    if ran.state != "ok":
        return Outcome(state=ran.state, detail=ran.detail, isolation=ran.isolation)
    answer = checked_answer(ran.stdout)
    if answer is None:
        detail = f"the decoder ended without an answer (exit code {ran.code})"
        return Outcome(state="killed", detail=detail, isolation=ran.isolation)
    return Outcome(**answer, isolation=ran.isolation)


def main(called: str, allowed: str) -> None:
    """Be that process: print the answer, as a worker would give it."""
    from osint.media.similarity.decode import load_heif
    from osint.sandbox.answers import answer

    module, name, arguments = json.loads(called)
    function = getattr(import_module(module), name)

    def read(*given: Any) -> Any:
        if load_heif() and not allowed:
            check_libheif(import_module("pi_heif").libheif_version())
        return function(*given)

    sys.stdout.buffer.write(answer(read, pickle.dumps(tuple(arguments))))


def check_libheif(version: str) -> None:
    """Refuse a libheif with which a picture is known to run code.

    Raises:
        RefusalError: It is one.
    """
    numbers, least = ([int(part) for part in each.split(".")] for each in (version, LEAST_LIBHEIF))
    if numbers < least:
        raise RefusalError(
            f"pi-heif carries libheif {version}, in which a picture can run code (CVE-2026-84383); "
            f"from {LEAST_LIBHEIF} on it is used. OSINT_HEIF=allow has it used in the sandbox all the same"
        )
