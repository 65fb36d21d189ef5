"""The lock files: names, versions and hashes, and a wheel for every desktop."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).parent.parent
LOCKS = ROOT / "locks"
PIN = re.compile(r"([A-Za-z0-9._-]+)==(\S+)(?: ; (.+?))? \\$")
DESKTOPS = {
    "linux": r"any|manylinux.*_x86_64",
    "windows": r"any|win_amd64",
    "mac": r"any|macosx_.*_(arm64|universal2)",
}
ONLY_ON = {"appnope": {"mac"}, "pywinpty": {"windows"}, "ptyprocess": {"linux", "mac"}, "terminado": set(DESKTOPS)}


def pins(name: str) -> dict[str, str]:
    lines = (LOCKS / name).read_text(encoding="utf-8").splitlines()
    return {match[1]: match[2] for line in lines if (match := PIN.match(line))}


def wheels() -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in (LOCKS / "wheels.txt").read_text(encoding="utf-8").splitlines():
        name, _, wheel = line.split()
        found[name].append(wheel)
    return found


def fits(wheel: str, desktop: str) -> bool:
    """Say whether a wheel serves CPython 3.11 on a desktop."""
    _, _, _, tags = parse_wheel_filename(wheel)
    return any(
        re.fullmatch(DESKTOPS[desktop], tag.platform)
        and (tag.interpreter in ("py3", "cp311") or (tag.abi == "abi3" and int(tag.interpreter[3:]) <= 11))
        for tag in tags
    )


@pytest.mark.parametrize("name", ["core.txt", "dev.txt"])
def test_every_pin_has_hashes_and_no_line_names_a_host(name):
    """
    A lock file says what, never where from.
    """
    text = (LOCKS / name).read_text(encoding="utf-8")

    assert len(pins(name)) > 50
    assert "://" not in text
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in block, block


def test_the_locks_hold_every_dependency_of_the_project():
    """
    A dependency added without a lock is found here, and a lock outside its range too.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    dev = [each for each in project["dependency-groups"]["dev"] if isinstance(each, str)]
    for lock, needed in (("core.txt", project["project"]["dependencies"]), ("dev.txt", dev)):
        held = {canonicalize_name(name): version for name, version in pins(lock).items()}
        for requirement in map(Requirement, needed):
            assert requirement.specifier.contains(held[canonicalize_name(requirement.name)]), requirement


def test_pandas_has_no_upper_pin():
    """
    An upper pin would block others who share the environment.
    """
    assert '"pandas>=3"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("desktop", DESKTOPS)
def test_every_core_package_has_a_wheel_for_every_desktop(desktop):
    """
    Nothing is compiled on a police machine.
    """
    have = wheels()
    missing = [
        name
        for name in pins("core.txt")
        if desktop in ONLY_ON.get(name, set(DESKTOPS)) and not any(fits(wheel, desktop) for wheel in have.get(name, []))
    ]

    assert missing == []


def test_what_an_old_pip_would_miss_is_asked_for_by_name():
    """
    justext imports ``lxml.html.clean`` by the extra ``lxml[html_clean]``, which the pip of Debian 12 does not find.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert "lxml-html-clean" in {Requirement(each).name for each in project["project"]["dependencies"]}
