"""How something was derived from files: by which program, in which version, with which arguments, and what came out.

The record lets others run the same again. Its output is canonical JSON without dates of files, paths or names of this
machine, so that the same bytes and the same program give the same digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from osint.chain_of_custody.canonical import canonical
from osint.chain_of_custody.digests import sha256_file
from osint.instants import format_instant, parse_instant

OURS = "osint"
_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """One run of one program over one or more files.

    Attributes:
        inputs: SHA-256 of each file, sorted.
        tool: The program.
        version: Its version, as it states it.
        tool_sha256: SHA-256 of its file; of an installed Python package, of the list of its files; None when unknown.
        arguments: Its arguments, without paths of this machine: a file is called by its SHA-256.
        libraries: What else the result may hang on: name and version, or name and SHA-256.
        settings: What it was told beside its arguments, and its limits.
        isolation: The layers that were around it; see ``sandbox.Outcome``.
        start: When it was started, by the clock of this computer.
        end: When it had ended.
        state: ``ok``, ``refused``, ``timeout``, ``killed`` or ``raised``, as of ``sandbox.Outcome``.
        detail: Why, in words, unless ``ok``.
        answer_sha256: SHA-256 of what it printed, byte for byte.
        stderr_sha256: SHA-256 of its complaints.
        output: What it found, as canonical JSON with numbers as text; None when it gave nothing that can be read.
    """

    inputs: tuple[str, ...]
    tool: str
    version: str
    tool_sha256: str | None
    arguments: tuple[str, ...] = ()
    libraries: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    isolation: str
    start: datetime
    end: datetime
    state: str
    detail: str = ""
    answer_sha256: str = _EMPTY
    stderr_sha256: str = _EMPTY
    output: str | None = None

    @property
    def settings_sha256(self) -> str:
        """SHA-256 of arguments and settings: equal for two runs that were told the same."""
        told = {"arguments": list(self.arguments), "settings": dict(self.settings)}
        return hashlib.sha256(canonical(told, nfc=False)).hexdigest()

    @property
    def output_sha256(self) -> str | None:
        """SHA-256 of the output; None when there is none."""
        return None if self.output is None else hashlib.sha256(self.output.encode()).hexdigest()


def to_json(derivation: Derivation) -> dict[str, Any]:
    """Return a record as JSON values; ``from_json(to_json(derivation)) == derivation``."""
    return {
        **vars(derivation),
        "inputs": list(derivation.inputs),
        "arguments": list(derivation.arguments),
        "libraries": dict(derivation.libraries),
        "settings": dict(derivation.settings),
        "settings_sha256": derivation.settings_sha256,
        "start": format_instant(derivation.start),
        "end": format_instant(derivation.end),
        "output_sha256": derivation.output_sha256,
    }


def without_output(derivation: Derivation) -> dict[str, Any]:
    """Return a record as JSON values without what was found: its digest tells whether a second run gives the same."""
    return {name: each for name, each in to_json(derivation).items() if name != "output"}


def identity(values: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what two runs have in common that did the same and gave the same; of a record in JSON values."""
    return tuple(
        tuple(each) if isinstance(each := values.get(name), list) else each
        for name in ("inputs", "tool", "version", "tool_sha256", "settings_sha256", "state", "output_sha256")
    )


def from_json(values: Mapping[str, Any]) -> Derivation:
    """Return the record that :func:`to_json` wrote.

    Raises:
        ValueError, TypeError, KeyError: These are not the fields of a record, or its digests are those of another.
    """
    stated = {name: value for name, value in values.items() if name not in ("settings_sha256", "output_sha256")}
    instants = {name: parse_instant(values[name]) for name in ("start", "end")}
    lists = {name: tuple(values[name]) for name in ("inputs", "arguments")}
    read = Derivation(**{**stated, **instants, **lists})
    if (read.settings_sha256, read.output_sha256) != (values["settings_sha256"], values["output_sha256"]):
        raise ValueError("the digests of this derivation are not those of its settings and its output")
    return read


def by_osint(
    inputs: Iterable[str],
    output: Any,
    *,
    reader: str,
    isolation: str,
    start: datetime,
    end: datetime,
    state: str = "ok",
    detail: str = "",
    settings: Mapping[str, str] | None = None,
    libraries: Mapping[str, str] | None = None,
) -> Derivation:
    """Return the record of a reader of this package.

    Args:
        inputs: SHA-256 of each file.
        output: What it found, in JSON values; floats become text.
        reader: The function, ``osint.media.description.describe``.
        isolation: Where it ran.
        start: When it began.
        end: When it had ended.
        state: How it ended.
        detail: The same in words.
        settings: Its limits and what else it was told.
        libraries: What else its result may hang on, by name and version; exifread where nothing is said.
    """
    return Derivation(
        inputs=tuple(sorted(inputs)),
        tool=OURS,
        version=metadata.version(OURS),
        tool_sha256=_our_files(),
        arguments=(reader,),
        libraries={"exifread": metadata.version("exifread")} if libraries is None else libraries,
        settings=settings or {},
        isolation=isolation,
        start=start,
        end=end,
        state=state,
        detail=detail,
        output=None if output is None else spelt(output),
    )


def spelt(output: Any) -> str:
    """Return JSON values as canonical JSON: sorted, numbers that are not whole as text, no half of a letter.

    Raises:
        LedgerError: They are nested more than 100 deep, or are no JSON values.
    """
    return canonical(_plain(output), nfc=False).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict | Mapping):
        return {_plain(str(name)): _plain(each) for name, each in value.items()}
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def tree_sha256(folder: Path, pattern: str = "**/*") -> str | None:
    """Return the SHA-256 of a list as ``sha256sum`` prints it, of the files of a folder by path; None of an empty one.

    To check: ``cd FOLDER; find . -type f | sed 's,^[.]/,,' | LC_ALL=C sort | xargs sha256sum | sha256sum``.
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.glob(pattern) if path.is_file())
    lines = "".join(f"{sha256_file(folder / name)[0]}  {name}\n" for name in names)
    return hashlib.sha256(lines.encode()).hexdigest() if lines else None


def file_sha256(file: Path) -> str | None:
    """Return the SHA-256 of a file; None when it cannot be read."""
    try:
        return sha256_file(file)[0]
    except OSError:
        return None


def record_sha256(package: str) -> str | None:
    """Return the SHA-256 of the list of files that a Python package was installed with; None without one."""
    record = metadata.distribution(package).read_text("RECORD")
    return hashlib.sha256(record.encode()).hexdigest() if record else None


@cache
def _our_files() -> str | None:
    return tree_sha256(Path(__file__).parent, "**/*.py")  # an editable install lists none of them
