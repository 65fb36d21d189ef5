"""HEIF in a process of its own: its decoder, libde265, starts a thread, and a worker of the sandbox may not.

So this interpreter is run as a program of others is: no network, no other file, limits of time and memory, and threads.
"""

from __future__ import annotations

import pickle
import sys
import sysconfig
from pathlib import Path

from osint import sandbox
from osint.sandbox import Outcome
from osint.sandbox.calls import checked_answer

# The package is loaded by its place: to search the folder that holds it, the process would have to read that folder.
_BOOT = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
place = sys.argv[1]
spec = spec_from_file_location("osint", place + "/__init__.py", submodule_search_locations=[place])
sys.modules["osint"] = module_from_spec(spec)
spec.loader.exec_module(sys.modules["osint"])
from osint.media.similarity.heif import main
main(sys.argv[2])
"""


def run_apart(file: Path, *, seconds: float, memory: int) -> Outcome:
    """Return the outcome of ``hashing.read_pixels`` over a HEIF file."""
    ours = Path(__file__).parents[2]
    command = [sys.executable, "-I", "-B", "-X", "utf8", "-c", _BOOT, str(ours), str(file.absolute())]
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


def main(file: str) -> None:
    """Be that process: print the answer, as a worker would give it."""
    from osint.media.similarity.decode import load_heif
    from osint.media.similarity.hashing import read_pixels
    from osint.sandbox.answers import answer

    load_heif()
    sys.stdout.buffer.write(answer(read_pixels, pickle.dumps((file,))))
