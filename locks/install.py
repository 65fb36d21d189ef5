"""Install osint from this folder, on a machine without a network.

    python install.py [FOLDER]

Makes a virtual environment in FOLDER (by default ``osint-environment`` here) and installs into it what lies in
``wheels``, each file checked against the SHA-256 in ``requirements.txt``; where the ZIP file of further extras was
unpacked over this folder before, those too. No index is asked, and nothing outside FOLDER is changed. It needs the
Python that the bundle was made for, with its ``venv`` module (on Debian the package python3-venv), and nothing else.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "osint-environment").absolute()
    bundle = json.loads((HERE / "bundle.json").read_text(encoding="utf-8"))
    if fault := unfit(bundle, platform.python_version(), platform.system(), platform.machine()):
        raise SystemExit(f"{fault} Nothing was changed.")
    if folder.exists():
        raise SystemExit(f"{folder} is there already. Nothing was changed. Name another folder: install.py FOLDER")
    print(f"Making {folder}", flush=True)
    try:
        venv.create(folder, with_pip=True)
    except subprocess.CalledProcessError as error:
        raise SystemExit(
            f"No virtual environment could be made in {folder}: {error}. On Debian and Ubuntu: apt install python3-venv"
        ) from error
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = programs / ("python.exe" if sys.platform == "win32" else "python")
    print("Installing, each file checked against its SHA-256; this takes a minute", flush=True)
    # --no-compile: Python compiles what is used when it is first used, a few files of many thousand.
    # -I and --isolated: neither a pip.conf nor a variable of this machine leads to an index, or to other packages.
    pip = [
        str(python),
        "-I",
        "-m",
        "pip",
        "--isolated",
        "--quiet",
        "--disable-pip-version-check",
        "install",
        "--no-compile",
    ]
    wheels = ["--no-index", "--find-links", str(HERE / "wheels"), "--no-deps", "--only-binary", ":all:"]
    locks = sorted(HERE.glob("requirements*.txt"))  # with that of the further extras, where they were unpacked here
    lock = ["--require-hashes", *(word for each in locks for word in ("--requirement", str(each)))]
    if code := subprocess.run([*pip, *wheels, *lock], check=False).returncode:
        raise SystemExit(f"The installation failed with {code}; what it says stands above. Delete {folder}.")
    print(f"Installed osint {bundle['osint']}. Next:")
    for command in ("doctor", "demo", "lab"):
        print(f"  {programs / 'osint'} {command}")


def unfit(bundle: dict[str, str], python: str, system: str, machine: str) -> str:
    """Return why a bundle cannot be installed here; an empty text when it can.

    Args:
        bundle: What it was made for: ``python``, ``system``, ``machine``.
        python: The version of the Python that runs.
        system: As ``platform.system()`` says.
        machine: As ``platform.machine()`` says.
    """
    if (bundle["system"], bundle["machine"]) != (system, machine):
        return f"This bundle is for {bundle['system']} on {bundle['machine']}, and this is {system} on {machine}."
    if python.split(".")[:2] != bundle["python"].split("."):
        return (
            f"This bundle is for Python {bundle['python']}, and this is Python {python}. Run install.py with that one "
            f"(on Windows: py -{bundle['python']} install.py), or have a bundle made for yours: make wheelhouse "
            f'ARGS="--python {".".join(python.split(".")[:2])}".'
        )
    return ""


if __name__ == "__main__":
    main()
