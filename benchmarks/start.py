"""The first minute: what importing, asking for help, opening a case and installing cost, beside what others ask for.

    python benchmarks/start.py [--quick] [--uv PROGRAM] [--others FOLDER] [--bundle FILE.zip]

Each of msticpy, minet and auto-archiver is installed into an environment of its own with uv (kept in ``--others`` for
the next run), and measured in this same run; one that does not install is left out with the reason. The offline bundle
is packed, unless one is named, installed where there is no network, and runs the demo there. ``--quick`` leaves both
out.

CPU seconds are the least of several fresh processes, less those of an empty interpreter; walls are the least too.
Prints ratios taken in this one run, and a line ``figure NAME VALUE UNIT`` each.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
ROUNDS = 7
SEVEN = ("jupyterlab", "pandas", "networkx", "requests", "beautifulsoup4", "exifread", "pytest")
"""What the owner of this project fixed."""
HEAVY = ("pandas", "networkx", "requests")
NEW_CASE = """
import osint
case = osint.open_case("case", investigator="J. Smit, badge 4471")
case.authorize(osint.Authorization(identifier="MP-1", type="missing-person report", purpose="missing_person",
    subjects=["Jane Example"], accounts=["@jane@social.example"], expires="2999-12-31"))
print(case)
"""
OTHERS = {
    "msticpy": ("import msticpy", "import msticpy; msticpy.init_notebook(globals(), verbosity=0)", ()),
    "minet": ("import minet", "import minet.web", ("minet", "--help")),
    "auto-archiver": (
        "import auto_archiver",
        "from auto_archiver.core.orchestrator import ArchivingOrchestrator; ArchivingOrchestrator()",
        ("auto-archiver", "--help"),
    ),
}
"""By the name of the package: its bare import; what makes it ready in a notebook; its help."""

sys.path.insert(0, str(ROOT / "locks"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--uv", default=shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv"))
    parser.add_argument("--others", type=Path)
    parser.add_argument("--bundle", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        figures = ours(Path(scratch)) | packages()
        if not asked.quick:
            figures |= others(asked.uv, asked.others or Path(scratch) / "others", Path(scratch), figures)
            figures |= offline(asked.bundle, Path(scratch))
    for name, (value, unit) in figures.items():
        print(f"figure {name} {value:.3f} {unit}" if isinstance(value, float) else f"figure {name} {value} {unit}")


Figures = dict[str, tuple[float | int, str]]


def ours(scratch: Path) -> Figures:
    loaded = f"import osint, sys; sys.exit(bool({set(HEAVY)!r} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", loaded], check=True)
    bare = cpu(sys.executable, "import pandas, networkx, requests, bs4, exifread", scratch)
    rows: Figures = {
        "import_osint": (cpu(sys.executable, "import osint", scratch), "CPU-s"),
        "import_open_case": (cpu(sys.executable, "import osint; osint.open_case", scratch), "CPU-s"),
        "first_cell_new_case": (cpu(sys.executable, NEW_CASE, scratch, fresh=True), "CPU-s"),
        "first_cell_reopened_case": (cpu(sys.executable, NEW_CASE, scratch), "CPU-s"),
        "import_bare_five": (bare, "CPU-s"),
        "osint_help": (wall(scratch, str(Path(sys.executable).parent / "osint"), "--help"), "s"),
        "bare_interpreter": (wall(scratch, sys.executable, "-c", "pass"), "s"),
    }
    for name, (value, unit) in rows.items():
        print(f"{name:<28} {value:7.3f} {unit:<6} {value / bare:5.2f} of importing the bare five libraries")
    return rows


def packages() -> Figures:
    """What installing asks for, counted in the metadata of what is installed here."""
    seven = {name for each in SEVEN for name in closure(each, ())}
    core, with_ui = closure("osint", ()), closure("osint", ("ui",))
    print(f"packages: {len(seven)} of the owner's seven; {len(core)} of osint; [ui] adds {sorted(with_ui - core)}")
    return {
        "packages_of_osint": (len(core), "packages"),
        "packages_beyond_the_seven": (len(core - seven), "packages"),
        "packages_added_by_ui": (len(with_ui - core), "packages"),
    }


def closure(name: str, extras: tuple[str, ...]) -> set[str]:
    """Return the packages that one needs here, itself included, by the metadata of what is installed."""
    found: set[str] = set()
    left = [(name, frozenset(extras))]
    seen = set()
    while left:
        seen.add(each := left.pop())
        found.add(canonicalize_name(each[0]))
        for line in metadata.requires(each[0]) or ():
            needed = Requirement(line)
            wanted = not needed.marker or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *each[1]))
            below = (needed.name, frozenset(needed.extras))
            if wanted and below not in seen:
                left.append(below)
    return found


def others(uv: str | None, folder: Path, scratch: Path, before: Figures) -> Figures:
    figures: Figures = {}
    for name, (bare, ready, help_words) in OTHERS.items():
        environment = folder / name
        if reason := install(uv, name, environment):
            print(f"{name}: left out, {reason}")
            continue
        python = str(environment / "bin" / "python")
        site = next((environment / "lib").glob("python*/site-packages"))
        key = name.replace("-", "_")
        rows: Figures = {
            f"{key}_import": (cpu(python, bare, scratch), "CPU-s"),
            f"{key}_ready": (cpu(python, ready, scratch), "CPU-s"),
            f"{key}_packages": (len(list(site.glob("*.dist-info"))), "packages"),
            f"{key}_site": (round(sum(each.stat().st_size for each in site.rglob("*") if each.is_file()) / 1e6), "MB"),
        }
        if help_words:
            program, *words = help_words
            rows[f"{key}_help"] = (wall(scratch, str(environment / "bin" / program), *words), "s")
        for row, (value, unit) in rows.items():
            against = {"import": "import_osint", "ready": "first_cell_new_case", "help": "osint_help"}.get(
                row.rpartition("_")[2]
            )
            ratio = f"{value / before[against][0]:6.1f} times ours" if against else ""
            print(f"{row:<28} {value:7.3f} {unit:<8} {ratio}")
        figures |= rows
    return figures


def install(uv: str | None, name: str, environment: Path) -> str:
    """Install a package into an environment of its own; return why that failed, or an empty text."""
    if (environment / "installed").exists():
        return ""
    if not uv:
        return "uv is not here (--uv names it)"
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for words in (
        ("venv", "--clear", "--python", version, environment),
        ("pip", "install", "--python", environment, name),
    ):
        done = subprocess.run([uv, *map(str, words), "--quiet"], capture_output=True, text=True, check=False)
        if done.returncode:
            return f"uv {words[0]}: {' '.join(done.stderr.split())[:300]}"
    (environment / "installed").touch()
    return ""


def offline(bundle: Path | None, scratch: Path) -> Figures:
    """From the bundle to a demo result, with no network but loopback."""
    import wheelhouse
    import without_network

    if not sys.platform.startswith("linux"):
        print("offline install: left out, it needs the network namespaces of Linux")
        return {}
    if bundle is None:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        (scratch / "packed").mkdir()
        bundle, _further = wheelhouse.pack(wheelhouse.DESKTOPS["linux"], version, scratch / "packed", scratch)
    zipfile.ZipFile(bundle).extractall(scratch)
    script, base = scratch / bundle.stem / "install.py", str(Path(sys.base_prefix) / "bin" / "python3")
    started, used = time.perf_counter(), spent()
    subprocess.run(
        without_network.command(base, str(script), str(scratch / "here")), check=True, stdout=subprocess.DEVNULL
    )
    installed = time.perf_counter()
    demo = [str(scratch / "here" / "bin" / "osint"), "demo", str(scratch / "demo")]
    subprocess.run(without_network.command(*demo), env=lonely(scratch), check=True, capture_output=True)
    ended = time.perf_counter()
    print(f"offline: {installed - started:.1f} s to install, {ended - installed:.1f} s for the demo, which verifies")
    return {
        "offline_install_to_demo": (ended - started, "s"),
        "offline_install_to_demo_cpu": (spent() - used, "CPU-s"),
        "offline_bundle": (round(bundle.stat().st_size / 1e6), "MB"),
    }


def cpu(python: str, code: str, folder: Path, *, fresh: bool = False) -> float:
    """Return the least CPU seconds that a fresh interpreter needs for ``code``, less those of an empty one.

    It runs in a folder without anything of this project or of whoever measures; with ``fresh`` in a new one each time.
    """
    return _least(python, code, folder, fresh) - _least(python, "pass", folder, fresh)


def _least(python: str, code: str, folder: Path, fresh: bool) -> float:
    runs = []
    for _ in range(ROUNDS):
        home = Path(tempfile.mkdtemp(dir=folder)) if fresh else folder
        before = spent()
        done = subprocess.run(
            [python, "-c", code], cwd=home, env=lonely(home), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{python}: {code}\n{done.stderr}")
        runs.append(spent() - before)
    return min(runs)


def lonely(home: Path) -> dict[str, str]:
    """An environment without settings; the passphrase of the keys, which a person would type, is in a file."""
    secret = home / "passphrase"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text("a passphrase of nobody\n", encoding="utf-8")
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "OSINT_PASSPHRASE_FILE": str(secret)}


def spent() -> float:
    """CPU seconds of all processes that this one started and that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)  # os.times counts in hundredths, as much as an import takes
    return used.ru_utime + used.ru_stime


def wall(folder: Path, *command: str) -> float:
    """Return the least wall-clock seconds of a command."""
    runs = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        subprocess.run(command, cwd=folder, env=lonely(folder), check=True, capture_output=True)
        runs.append(time.perf_counter() - started)
    return min(runs)


if __name__ == "__main__":
    main()
