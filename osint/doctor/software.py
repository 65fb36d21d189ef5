"""What is installed: this package and what it needs, JupyterLab's settings, fonts, programs of others, extras."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from osint.doctor.check import Check

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_NAMED = ("jupyterlab", "jupyter-server")
"""Shown by themselves, since lower versions had holes through which a captured page could run script."""

ADDS = {
    "report": "the custody log, the page with the head and court sheets as PDF, the report as DOCX",
    "typst": "the report as PDF",
    "keyring": "passphrases and keys of interfaces in the desktop's own key store",
    "identity": "how alike two names are spelt, and sound",
    "xlsx": "tables of targets that are spreadsheets",
    "pkcs11": "keys in a smart card or hardware module",
    "heif": "pictures of HEIC files, decoded",
    "jxl": "what JPEG XL files state",
    "ui": "the case panel and the interactive link chart in JupyterLab",
    "language": "the language of each post, guessed",
    "graph": "betweenness and communities of networks of many thousand nodes",
    "browser": "pages that scripts make (with Chromium)",
    "c2pa": "Content Credentials, checked",
}
"""What each extra of the package adds."""

_LETTERS = {
    "Latin": "é", "Greek": "Ω", "Cyrillic": "Ж", "Georgian": "ა", "Arabic": "س", "Hebrew": "ש", "Devanagari": "अ",
    "Bengali": "ক", "Tamil": "க", "Thai": "ก", "Khmer": "ក", "Chinese": "世", "Japanese": "あ", "Korean": "한",
}  # fmt: skip


def versions() -> Iterator[Check]:
    """Python, the package, and whether everything it needs is there in a version that will do."""
    yield Check("osint", "ok", metadata.version("osint"))
    python = (
        f"{platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}"
    )
    yield Check("Python", "ok" if sys.version_info >= (3, 11) else "fault", python)
    needed = [each for each in _requirements() if each.marker is None or each.marker.evaluate({"extra": ""})]
    for each in needed:
        if each.name in _NAMED:
            yield _held(each)
    others = [_held(each) for each in needed if each.name not in _NAMED]
    unfit = [each for each in others if each.state == "fault"]
    yield from unfit
    yield Check("other packages", "ok", f"{len(others) - len(unfit)} of {len(others)} that it needs, as it needs them")


def _requirements() -> list[Requirement]:
    from packaging.requirements import Requirement

    return [Requirement(each) for each in metadata.requires("osint") or ()]


def _held(needed: Requirement) -> Check:
    found, advice = _version(needed.name), f"Needed: {needed.name}{needed.specifier}. Install it again."
    if found is None:
        return Check(needed.name, "fault", "not installed", advice)
    fits = needed.specifier.contains(found, prereleases=True)
    return Check(needed.name, "ok" if fits else "fault", found, "" if fits else advice)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def jupyter() -> Iterator[Check]:
    """Whether a plain ``jupyter lab`` takes the settings that come with this package."""
    from jupyter_core.paths import jupyter_config_path

    places = [Path(each) for each in jupyter_config_path()]
    if any((place / "jupyter_server_config.d" / "osint.json").is_file() for place in places):
        yield Check(
            "Jupyter", "ok", "no news, no update checks; kernels are not reachable over TCP where the system allows"
        )
        return
    advice = "'osint lab' sets that itself; or install osint into the environment of JupyterLab."
    yield Check("Jupyter", "note", "a plain 'jupyter lab' would ask for news and speak TCP to its kernels", advice)


def fonts() -> Iterator[Check]:
    """Which scripts a PDF draws here; the others are spelt by code point in it."""
    if _version("reportlab") is None or _version("uharfbuzz") is None:
        yield Check("fonts", "note", "no PDF without the extra osint[report]", "HTML pages show every script.")
        return
    from osint.report.fonts import TEXT, Letters

    letters = Letters()
    drawn = [script for script, char in _LETTERS.items() if letters.spelt(char, TEXT) == char]
    spelt = [script for script in _LETTERS if script not in drawn]
    advice = f"In a PDF spelt by code point: {', '.join(spelt)}. HTML pages show them." if spelt else ""
    yield Check("fonts", "note" if spelt else "ok", f"a PDF draws {', '.join(drawn)}", advice)


def programs() -> Iterator[Check]:
    """Programs of others that are used where they are: none of them is needed."""
    from osint.capture.browser.chromium import installed_chromium
    from osint.media.similarity.films import ffmpeg

    yield _place("Chromium", installed_chromium(), "Pages that scripts make, and full replay, need it.")
    for name, found in _readers().items():
        yield _reader(name, found)
    yield _place("ffmpeg", ffmpeg(), "Without it films are not compared.")
    if sys.platform == "linux":
        bwrap = shutil.which("bwrap")
        yield _place("bubblewrap", Path(bwrap) if bwrap else None, "One more wall around hostile files.")


def _readers() -> dict[str, Callable[[], str]]:
    from osint.media.corroborators import exiftool, ffprobe, mediainfo

    return {
        "ExifTool": lambda: exiftool.find().version,
        "MediaInfo": lambda: mediainfo.find().version,
        "ffprobe": lambda: ffprobe.find().version,
    }


def _reader(name: str, found: Callable[[], str]) -> Check:
    from osint.media.corroborators.tool import UnusableError

    try:
        return Check(name, "ok", found())
    except UnusableError as error:
        return Check(name, "note", "not used", str(error))


def _place(name: str, path: Path | None, missed: str) -> Check:
    return Check(name, "ok", str(path)) if path else Check(name, "note", "not here", missed)


def extras() -> Iterator[Check]:
    """Each extra of the package: complete, or what it would add."""
    for extra in metadata.metadata("osint").get_all("Provides-Extra") or ():
        needed = [each for each in _requirements() if each.marker and each.marker.evaluate({"extra": extra})]
        asked = [each for each in needed if not each.marker or not each.marker.evaluate({"extra": ""})]
        missing = [each.name for each in asked if _held(each).state == "fault"]
        advice = f"It adds {ADDS[extra]}: pip install 'osint[{extra}]'" if missing else ""
        found = (
            f"missing: {', '.join(missing)}"
            if missing
            else ", ".join(f"{each.name} {_version(each.name)}" for each in asked)
        )
        yield Check(f"osint[{extra}]", "note" if missing else "ok", found, advice)
