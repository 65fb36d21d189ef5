"""A program of others that corroborates: where it is, which one it is, and one run of it with its record."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from osint import sandbox
from osint.errors import LedgerError
from osint.media.blocks import Reading
from osint.media.derivation import Derivation, file_sha256, spelt

MEMORY = 1_500_000_000
_START_SECONDS = 20.0

Answer = dict[str, Any]
Clock = Callable[[], datetime]


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program that was found and may be used.

    Attributes:
        name: What it calls itself.
        version: As it states it.
        command: How it is started: itself, or the interpreter and the script.
        readable: What it has to open beside the files in question.
        sha256: Of its file.
        libraries: What else its answers may hang on.
    """

    name: str
    version: str
    command: tuple[str, ...]
    readable: tuple[Path, ...] = ()
    sha256: str | None = None
    libraries: Mapping[str, str] = field(default_factory=dict)

    @property
    def reader(self) -> str:
        """Its name as it stands beside each value."""
        return f"{self.name} {self.version}"


class UnusableError(Exception):
    """A corroborator is not here or must not be used; the message says why, in a sentence."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What one corroborator made of some files: a reading of each by its SHA-256, and the record of each run."""

    readings: Mapping[str, Reading] = field(default_factory=dict)
    derivations: tuple[Derivation, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of a program: its answer as JSON, None when it gave none that can be read, and its record."""

    answer: Any
    derivation: Derivation

    @property
    def ended(self) -> str:
        """How it ended, in words."""
        return f"{self.derivation.state}: {self.derivation.detail or 'its answer cannot be read'}"


def located(name: str, variable: str, stated: str | None) -> Path:
    """Return the program that an environment variable states, else the one of this name on the path.

    Raises:
        UnusableError: There is none.
    """
    found = stated or shutil.which(name)
    if not found:
        raise UnusableError(f"{name} is not on this computer (not on the PATH, and {variable} names none).")
    path = Path(found).resolve()
    if not path.is_file():
        raise UnusableError(f"The file that {variable} names for {name} does not exist.")
    return path


def asked_for_version(command: Sequence[str], readable: Sequence[Path], *arguments: str) -> str:
    """Return what a program prints of its version; empty when it does not start."""
    outcome = sandbox.run_program([*command, *arguments], seconds=_START_SECONDS, memory=MEMORY, read_only=readable)
    return outcome.stdout[:4096].decode("utf-8", "replace").strip() if outcome.state == "ok" else ""


def run(
    program: Program,
    arguments: Sequence[str],
    inputs: Sequence[str],
    *,
    folder: Path,
    seconds: float,
    tidy: Callable[[Any], Any],
    clock: Clock = now,
) -> Run:
    """Run a program over copies in a folder, and record it.

    Args:
        program: Which.
        arguments: Its arguments; the folder's path is left out of the record.
        inputs: SHA-256 of each file in question.
        folder: Where the copies are; with what the program itself needs, all that it may read.
        seconds: How long it may take.
        tidy: Takes what is of this machine or this day out of the answer.
        clock: The time of this computer.
    """
    start = clock()
    outcome = sandbox.run_program(
        [*program.command, *arguments], seconds=seconds, memory=MEMORY, read_only=(*program.readable, folder)
    )
    end = clock()
    answer, output = _read(outcome.stdout, tidy) if outcome.state == "ok" else (None, None)
    prefix = f"{folder}{os.sep}"
    return Run(
        answer=answer,
        derivation=Derivation(
            inputs=tuple(sorted(inputs)),
            tool=program.name,
            version=program.version,
            tool_sha256=program.sha256,
            arguments=tuple(each.replace(prefix, "") for each in arguments),
            libraries=program.libraries,
            settings={"seconds": f"{seconds:g}", "memory": str(MEMORY)},
            isolation=outcome.isolation,
            start=start,
            end=end,
            state=outcome.state,
            detail=outcome.detail,
            answer_sha256=hashlib.sha256(outcome.stdout).hexdigest(),
            stderr_sha256=hashlib.sha256(outcome.stderr).hexdigest(),
            output=output,
        ),
    )


def _read(printed: bytes, tidy: Callable[[Any], Any]) -> tuple[Any, str | None]:
    """Return JSON with its numbers as they are spelt, and its canonical form; bytes that are no UTF-8 are replaced."""
    try:
        answer = tidy(json.loads(printed.decode("utf-8", "replace"), parse_float=str, parse_int=str))
        return answer, spelt(answer)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, LedgerError):
        return None, None


def program(name: str, version: str, path: Path, **more: Any) -> Program:
    """Return a program that is one file."""
    return Program(name=name, version=version, command=(str(path),), sha256=file_sha256(path), **more)
