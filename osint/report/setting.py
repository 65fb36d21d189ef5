"""Typst in a process of its own, with limits of time and memory: what it sets holds what was captured.

The process sees one folder, the typefaces that we carry and the libraries of the interpreter; it has no network and
writes nothing: the document comes back over its standard output.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osint import sandbox
from osint.errors import ExportError

if TYPE_CHECKING:
    import typst

SECONDS, MEMORY = 300.0, 4_000_000_000
"""By the clock, and bytes of address space. A volume of 2,000 rows took 5 s and had 170 MB in use."""

_FONTS = Path(__file__).parent / "font_files"
_PACKAGE = Path(__file__).parents[2]
_WORKER = "import sys; sys.path.insert(0, sys.argv.pop(1)); from osint.report.setting import main; main()"
_REFUSED = 3


def compiler(folder: Path) -> typst.Compiler:
    """Return what sets ``main.typ`` of a folder: it sees that folder and our typefaces, and fetches nothing."""
    import typst

    nowhere = str(folder / "packages")
    return typst.Compiler(
        str(folder / "main.typ"), root=str(folder), font_paths=[str(_FONTS)], ignore_system_fonts=True,
        package_path=nowhere, package_cache_path=nowhere,
    )  # fmt: skip


def compiled(folder: Path, *, seconds: float = SECONDS, memory: int = MEMORY, **options: Any) -> bytes:
    """Return ``main.typ`` of a folder, set. ``options`` are those of ``typst.Compiler.compile``, as JSON holds them.

    Raises:
        ExportError: Typst refuses it, or it would take more time, memory or bytes than it may.
    """
    argv = [sys.executable, "-I", "-c", _WORKER, str(_PACKAGE), str(folder), json.dumps(options)]
    libraries = [Path(sys.prefix), Path(sys.base_prefix), _PACKAGE]
    made = sandbox.run_program(argv, seconds=seconds, memory=memory, read_only=[folder, *libraries])
    if made.state == "ok" and made.code == 0 and made.stdout:
        return made.stdout
    said = made.stderr.decode("utf-8", "replace").strip()[-500:]
    why = said if made.code == _REFUSED else made.detail or f"the typesetter ended with {made.code}: {said}"
    raise ExportError(f"The report could not be typeset, and nothing was written: {why}")


def main() -> None:
    """Set what the arguments name, and print it; runs in the process with limits."""
    import typst

    folder, options = Path(sys.argv[1]), json.loads(sys.argv[2])
    try:
        made = compiler(folder).compile(**options)
    except typst.TypstError as error:
        sys.stderr.write(error.message)
        sys.exit(_REFUSED)
    if not isinstance(made, bytes):
        sys.stderr.write("the typesetter gave no single file")
        sys.exit(_REFUSED)
    sys.stdout.buffer.write(made)
