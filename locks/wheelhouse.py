"""Pack what a machine without a network needs to install this package: wheels, a lock with hashes, an install script.

    python locks/wheelhouse.py [--desktop linux] [--python 3.11] [--output dist]

Writes two ZIP files for each desktop: the wheels that ``locks/bundle.txt`` pins for it, and those that
``locks/further.txt`` adds, to be unpacked over the first where somebody wants them. The wheels come from the package
index that pip is set to use; whatever it sends has the hash in the lock, or nothing is written. Equal input gives equal
bytes, so a bundle that came another way can be compared by its SHA-256.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.utils import parse_wheel_filename

HERE = Path(__file__).parent
ROOT = HERE.parent
LIMIT = 130_000_000
_PIN = re.compile(
    r"(?P<pin>[A-Za-z0-9._-]+==\S+?)(?: ; (?P<marker>.+?))? \\\n(?P<hashes>(?:    --hash=\S+(?: \\)?\n)+)"
)


@dataclass(frozen=True)
class Desktop:
    """One kind of machine: what Python calls it there, and which wheels it takes, by pip's names."""

    system: str
    machine: str
    sys_platform: str
    os_name: str
    tags: tuple[str, ...]


DESKTOPS = {
    "linux": Desktop(
        "Linux", "x86_64", "linux", "posix",
        (*(f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)), "manylinux2014_x86_64", "manylinux1_x86_64"),
    ),
    "windows": Desktop("Windows", "AMD64", "win32", "nt", ("win_amd64",)),
    "mac": Desktop("Darwin", "arm64", "darwin", "posix", ("macosx_14_0_arm64", "macosx_14_0_universal2")),
}  # fmt: skip
"""Linux with a C library of 2018 or later (Debian 10, RHEL 8); Windows 10 and 11; macOS 14 on Apple's processors."""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Pack a bundle for machines without a network.")
    parser.add_argument("--desktop", action="append", choices=sorted(DESKTOPS), help="one of them; all by default")
    parser.add_argument("--python", default="3.11", help="the Python of those machines: 3.11, 3.12, 3.13")
    parser.add_argument("--output", type=Path, default=ROOT / "dist")
    asked = parser.parse_args(arguments)
    for name in asked.desktop or DESKTOPS:
        with tempfile.TemporaryDirectory() as scratch:
            paths = pack(DESKTOPS[name], asked.python, Path(scratch), asked.output)
        for path in paths:
            size = path.stat().st_size
            print(f"{path}  {size / 1e6:.1f} MB  SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}")
            if size > LIMIT:
                raise SystemExit(f"{path.name} is larger than {LIMIT / 1e6:.0f} MB.")


def pack(desktop: Desktop, python: str, scratch: Path, output: Path) -> tuple[Path, Path]:
    """Write the bundle for one desktop and one version of Python, and that of further extras; return their paths."""
    further = scratch / "further"
    scratch = scratch / "bundle"
    wheels = scratch / "wheels"
    own = build(wheels)
    lock = requirements((HERE / "bundle.txt").read_text(encoding="utf-8"), desktop, python)
    (scratch / "requirements.txt").write_text(lock, encoding="utf-8")
    _download(scratch / "requirements.txt", wheels, desktop, python)
    version = str(parse_wheel_filename(own.name)[1])
    whole = f"{lock}osint=={version} \\\n    --hash=sha256:{hashlib.sha256(own.read_bytes()).hexdigest()}\n"
    (scratch / "requirements.txt").write_text(whole, encoding="utf-8")
    made_for = {"osint": version, "python": python, "system": desktop.system, "machine": desktop.machine}
    (scratch / "bundle.json").write_text(json.dumps(made_for, indent=2) + "\n", encoding="utf-8")
    shutil.copy(HERE / "install.py", scratch)
    shutil.copy(ROOT / "LICENSE", scratch)
    shutil.copy(ROOT / "docs" / "third-party.md", scratch)
    name = f"osint-{version}-{desktop.system}-{desktop.machine}-python{python}".lower()
    output.mkdir(parents=True, exist_ok=True)
    (further / "wheels").mkdir(parents=True)
    more = requirements((HERE / "further.txt").read_text(encoding="utf-8"), desktop, python, beside=lock)
    (further / "requirements-further.txt").write_text(more, encoding="utf-8")
    _download(further / "requirements-further.txt", further / "wheels", desktop, python)
    return _zip(scratch, output / f"{name}.zip", name), _zip(further, output / f"{name}-further.zip", name)


def requirements(lock: str, desktop: Desktop, python: str, beside: str = "") -> str:
    """Return the pins of a lock that hold on a desktop, without their conditions: pip would judge by this machine.

    Those of the lock ``beside`` it are left out.
    """
    there = {
        "sys_platform": desktop.sys_platform,
        "os_name": desktop.os_name,
        "platform_system": desktop.system,
        "platform_machine": desktop.machine,
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "python_version": python,
        "python_full_version": f"{python}.0",
    }
    return "".join(
        f"{each['pin']} \\\n{each['hashes']}"
        for each in _PIN.finditer(lock)
        if (not each["marker"] or Marker(each["marker"]).evaluate(there)) and f"{each['pin']} \\\n" not in beside
    )


def build(folder: Path) -> Path:
    """Build the wheel of this checkout into a folder, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    _run("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    (wheel,) = folder.glob("osint-*.whl")
    return wheel


def _download(lock: Path, wheels: Path, desktop: Desktop, python: str) -> None:
    abi = f"cp{python.replace('.', '')}"
    takes = [word for tag in desktop.tags for word in ("--platform", tag)]
    takes += ["--python-version", python, "--implementation", "cp", "--abi", abi, "--abi", "abi3", "--abi", "none"]
    _run(
        "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:",
        "--require-hashes", *takes, "--dest", str(wheels), "--requirement", str(lock),
    )  # fmt: skip


def _zip(folder: Path, path: Path, name: str) -> Path:
    """Pack a folder under a name. Wheels are compressed already, and times would make every bundle another."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            entry = zipfile.ZipInfo(f"{name}/{file.relative_to(folder).as_posix()}")
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes())
    return path


def _run(*arguments: str, cwd: Path | None = None) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=cwd, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{done.stdout}{done.stderr}\n{' '.join(arguments[:3])} failed; nothing was packed.")


if __name__ == "__main__":
    main()
