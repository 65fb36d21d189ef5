"""A folder as a bag: its files listed by SHA-256 in the form that archives, ``sha256sum`` and ``bagit.py`` read.

Source: RFC 8493 (BagIt 1.0). A package that was made before packages were bags has one list, over everything in it.

Reading trusts nothing: a list is read a line at a time, names are looked up among the files that are there and are
never opened as they stand in a list, and where something leads out of the folder nothing is read at all.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from osint import render
from osint.chain_of_custody.digests import sha256_file
from osint.errors import ExportError, Finding, IntegrityError

STEP = 11
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
PAYLOAD = "data"
DECLARATION = "bagit.txt"
INFO = "bag-info.txt"

_DECLARED = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)\Z", re.DOTALL)
_OXUM = re.compile(r"^Payload-Oxum: (\d{1,18})\.(\d{1,12})$", re.MULTILINE)
_ENCODED = {"%": "%25", "\n": "%0A", "\r": "%0D"}
_LONGEST_LINE = 8192
_LONGEST_TAG_FILE = 1 << 16
_DEEPEST = 32
_SHOWN = 20
_MOUNT_POINT = 0xA0000003  # the reparse tag of a Windows junction


def is_bag(folder: Path) -> bool:
    """Return whether a folder declares itself a bag."""
    return (folder / DECLARATION).is_file()


def close_bag(folder: Path, info: Iterable[tuple[str, str]]) -> None:
    """Make a bag of a folder: payload below ``data/``, every other file a tag file. Equal files give equal bytes.

    Args:
        folder: What goes into the bag; it is not changed.
        info: Names and values for ``bag-info.txt``; each value is put on one line.

    Raises:
        OSError: A file cannot be read or written.
        ExportError: Two files have names that differ in letter case alone.
    """
    payload = list(_below(folder, PAYLOAD))
    _check_case(payload)
    size = sum((folder / name).stat().st_size for name in payload)
    lines = [*info, ("Payload-Oxum", f"{size}.{len(payload)}")]
    said = "".join(f"{label}: {render.shorten(render.visible(value), 500)}\n" for label, value in lines)
    (folder / DECLARATION).write_bytes(_DECLARED)
    (folder / INFO).write_bytes(said.encode())
    _list_files(folder, MANIFEST, payload)
    tags = (path.name for path in folder.iterdir() if path.is_file() and path.name != TAG_MANIFEST)
    _list_files(folder, TAG_MANIFEST, sorted(tags))


def _check_case(names: Iterable[str]) -> None:
    """Refuse names of which a disk of Windows or macOS would keep one."""
    known: dict[str, str] = {}
    for name in names:
        other = known.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other != name:
            raise ExportError(
                f"{other} and {name} differ in letter case alone: on a disk of Windows or macOS one would take the "
                "place of the other. Nothing was written: give one of them another name, and do it again."
            )


def survey(folder: Path) -> dict[str, Path]:
    """Return the files below a folder by their names in it, in Unicode NFC. No link is followed.

    Raises:
        IntegrityError: Something there is no plain file or folder. Nothing was read.
    """
    files, strange = _survey(folder)
    if strange:
        summary = "The package was not read, for it holds what no package holds. Ask for another copy."
        raise IntegrityError(summary, strange)
    return files


def bag_findings(folder: Path, files: Mapping[str, Path]) -> list[Finding]:
    """Compare a bag with its lists: declaration, number and size of the files, both manifests, nothing else there."""
    payload = {name: path for name, path in files.items() if name.startswith(f"{PAYLOAD}/")}
    tags = {name: path for name, path in files.items() if name not in payload and name != TAG_MANIFEST}
    return [
        *_declaration_findings(folder, files),
        *_oxum_findings(folder, payload),
        *_list_findings(folder, MANIFEST, payload),
        *_list_findings(folder, TAG_MANIFEST, tags),
    ]


def flat_findings(folder: Path, files: Mapping[str, Path]) -> list[Finding]:
    """Compare a package of before with its one list, which names everything but itself."""
    return _list_findings(folder, MANIFEST, {name: path for name, path in files.items() if name != MANIFEST})


def _below(folder: Path, name: str) -> Iterator[str]:
    paths = (path.relative_to(folder).as_posix() for path in (folder / name).rglob("*") if path.is_file())
    return iter(sorted(paths))


def _list_files(folder: Path, manifest: str, names: Iterable[str]) -> None:
    with (folder / manifest).open("wb") as stream:
        for name in names:
            spelt = "".join(_ENCODED.get(char, char) for char in name)
            stream.write(f"{sha256_file(folder / name)[0]}  {spelt}\n".encode())


def _survey(folder: Path) -> tuple[dict[str, Path], list[Finding]]:
    files: dict[str, Path] = {}
    strange = _Faults()
    waiting = [(folder, "", 0)]
    while waiting:
        place, prefix, depth = waiting.pop()
        for each in _entries(place, strange):
            name = unicodedata.normalize("NFC", prefix + each.name)
            path = place / each.name
            if fault := _strangeness(each, depth) or ("is there in two spellings" if name in files else ""):
                strange.add(fault, name)
            elif each.is_dir(follow_symlinks=False):
                waiting.append((path, f"{name}/", depth + 1))
            else:
                files[name] = path
    return files, strange.findings("Nothing was read.")


def _entries(place: Path, strange: _Faults) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as found:
            return sorted(found, key=lambda each: each.name)
    except OSError as error:
        strange.add(f"cannot be read ({error.strerror})", place.name)
        return []


def _strangeness(each: os.DirEntry[str], depth: int) -> str:
    """Say why something in a package is not to be touched; empty when it is a plain file or folder."""
    try:
        found = each.stat(follow_symlinks=False)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) == _MOUNT_POINT:
        return "is a link, which may lead out of the package"
    if stat.S_ISDIR(found.st_mode):
        return f"is a folder more than {_DEEPEST} levels down" if depth >= _DEEPEST else ""
    return "" if stat.S_ISREG(found.st_mode) else "is no plain file"


def _declaration_findings(folder: Path, files: Mapping[str, Path]) -> list[Finding]:
    faults = _Faults()
    if _head(folder / DECLARATION) != _DECLARED:
        faults.add("does not declare a bag of version 1.0 in UTF-8", DECLARATION)
    if "fetch.txt" in files:
        faults.add("says that files are to be fetched from elsewhere; a package is whole", "fetch.txt")
    return faults.findings()


def _oxum_findings(folder: Path, payload: Mapping[str, Path]) -> list[Finding]:
    stated = _OXUM.findall(_head(folder / INFO).decode("utf-8", "replace"))
    size = sum(path.lstat().st_size for path in payload.values())
    faults = _Faults()
    if len(stated) != 1:
        faults.add("does not state once how many bytes and files there are (Payload-Oxum)", INFO)
    elif (int(stated[0][0]), int(stated[0][1])) != (size, len(payload)):
        what = f"states {stated[0][0]} bytes in {stated[0][1]} files, and there are {size} bytes in {len(payload)}"
        faults.add(what, INFO)
    return faults.findings()


def _head(path: Path) -> bytes:
    """Return a tag file, or as much of it as any tag file may hold; nothing when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(_LONGEST_TAG_FILE)
    except OSError:
        return b""


def _list_findings(folder: Path, manifest: str, files: Mapping[str, Path]) -> list[Finding]:
    """Compare files with the list that is to name them all; the list need not be well-meant."""
    faults = _Faults()
    listed: dict[str, str] = {}
    try:
        for number, line in _numbered(folder / manifest):
            _take(line, f"line {number} of {manifest}", files, listed, faults)
    except OSError as error:
        faults.add(f"cannot be read ({error.strerror or 'it is not there'})", manifest)
        return faults.findings()
    for name, path in sorted(files.items()):
        if name not in listed:
            faults.add("is there and not listed", name)
        elif fault := _difference(path, listed[name]):
            faults.add(fault, name)
    return faults.findings()


def _take(line: bytes, place: str, files: Mapping[str, Path], listed: dict[str, str], faults: _Faults) -> None:
    """Read one line of a list. What it names is kept only if such a file is there, so memory has a bound."""
    if fault := _misspelt(line):
        faults.add(fault, place)
        return
    found = _LINE.match(line.decode()[:-1])
    if found is None:
        faults.add("is not a SHA-256, two spaces and a name", place)
        return
    name = unicodedata.normalize("NFC", _decoded(found[2]))
    if not _is_inside(name):
        faults.add("names something outside the package", place)
    elif name in listed:
        faults.add("is listed twice", name)
    elif name not in files:
        faults.add("is listed and not there", name)
    else:
        listed[name] = found[1]


def _misspelt(line: bytes) -> str:
    if not line.endswith(b"\n"):
        return f"has no end, or more than {_LONGEST_LINE} bytes"
    if line.startswith(b"\xef\xbb\xbf") or b"\r" in line:
        return "has a byte-order mark or a carriage return; some program wrote it again"
    try:
        line.decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    return ""


def _decoded(name: str) -> str:
    return re.sub("%(25|0[AaDd])", lambda found: chr(int(found[1], 16)), name)


def _is_inside(name: str) -> bool:
    return not name.startswith("~") and all(part not in ("", ".", "..") for part in re.split(r"[/\\]", name))


def _difference(path: Path, digest: str) -> str:
    try:
        return "" if sha256_file(path)[0] == digest else "is not the file that was listed"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _numbered(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file with their numbers; one that is too long is cut, and its rest passed over."""
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(_LONGEST_LINE):
            number += 1
            rest = line
            while len(rest) == _LONGEST_LINE and not rest.endswith(b"\n"):
                rest = stream.readline(_LONGEST_LINE)
            yield number, line


class _Faults:
    """Faults by kind, each with the names it concerns: the first ones in full, the rest as a number."""

    def __init__(self) -> None:
        self._named: dict[str, list[str]] = {}
        self._more: dict[str, int] = {}

    def add(self, what: str, name: str) -> None:
        named = self._named.setdefault(what, [])
        if len(named) < _SHOWN:
            named.append(render.shorten(render.visible(name), 200))
        else:
            self._more[what] = self._more.get(what, 0) + 1

    def findings(self, advice: str = "Do not rely on it; compare with another copy of the package.") -> list[Finding]:
        said = [f"{name} {what}. {advice}" for what, names in self._named.items() for name in sorted(names)]
        rest = [f"{count} more files or lines: each {what}. {advice}" for what, count in self._more.items()]
        return [Finding(step=STEP, what=what) for what in said + rest]
