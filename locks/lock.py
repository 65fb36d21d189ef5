"""Write the lock files: names, versions and hashes, and nothing that names where they came from.

    python locks/lock.py

Needs uv on the path. Writes ``core.txt`` (what ``make demo`` installs), ``dev.txt`` (what ``make test`` installs),
``bundle.txt`` (what ``make wheelhouse`` packs: the core and the extras that an office wants) and ``wheels.txt`` (the
wheels that exist for each package of core and bundle, which a test reads to see that every desktop has one).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
BUNDLED = ("report", "ui", "keyring", "xlsx")
"""The extras in the offline bundle: what fits into 130 MB beside the core, and needs no program of others."""

FURTHER = ("typst", "identity", "heif", "jxl", "language", "pkcs11")
"""More of them, in a second ZIP file that is unpacked over the first. ``browser`` needs a Chromium besides; for
``graph`` and ``c2pa``, not every desktop has a wheel of the version that was tested."""


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, work / name)
        _uv(work, "lock", "--quiet")
        core = _export(work, "--no-default-groups", "--group", "build")
        bundle = _export(work, "--no-default-groups", *(f"--extra={extra}" for extra in BUNDLED))
        every = _export(work, "--no-default-groups", *(f"--extra={extra}" for extra in BUNDLED + FURTHER))
        (HERE / "core.txt").write_text(core, encoding="utf-8")
        (HERE / "bundle.txt").write_text(bundle, encoding="utf-8")
        (HERE / "further.txt").write_text(_without(every, bundle), encoding="utf-8")
        (HERE / "dev.txt").write_text(_export(work, "--group", "dev"), encoding="utf-8")
        lock = tomllib.loads((work / "uv.lock").read_text(encoding="utf-8"))
    names = {line.partition("==")[0] for line in (core + bundle).splitlines() if "==" in line}
    wheels = [
        f"{package['name']} {package['version']} {wheel['url'].rpartition('/')[2]}\n"
        for package in lock["package"]
        if package["name"] in names
        for wheel in package.get("wheels", [])
    ]
    (HERE / "wheels.txt").write_text("".join(sorted(wheels)), encoding="utf-8")


def _without(every: str, bundle: str) -> str:
    """Return the pins of one lock that another does not hold."""
    pins = re.findall(r"^(?:[^\s#].* \\\n(?:    --hash=.+\n)+)", every, re.MULTILINE)
    return "".join(pin for pin in pins if pin not in bundle)


def _export(work: Path, *options: str) -> str:
    form = ("--format", "requirements-txt", "--no-emit-project", "--no-header", "--no-annotate", "--quiet")
    return _uv(work, "export", *form, *options)


def _uv(work: Path, *arguments: str) -> str:
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}") or shutil.which("uv") or "uv"
    return subprocess.run([uv, *arguments], cwd=work, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
