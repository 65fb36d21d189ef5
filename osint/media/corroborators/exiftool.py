"""ExifTool as a second reader: a process of its own over a list of copies, never over a name that somebody chose.

Files go to it in batches. One that ends the process takes no other with it: the batch is halved until the file stands
alone, after a time-out each file is asked by itself, and the end over that file is what is recorded of it.

Versions before 13.55 are refused: they run code out of a file (CVE-2021-22204 up to 12.23; CVE-2026-7580 up to 13.53,
with ``-ee``) or out of its name (CVE-2022-23935 before 12.38). ``-ee`` is not used in any version.

Sources: the ExifTool application documentation; https://exiftool.org/history.html.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from osint.media.blocks import Reading
from osint.media.corroborators import tool
from osint.media.corroborators.copies import Copies
from osint.media.corroborators.exiftool_values import reading_of
from osint.media.corroborators.tool import Findings, Program, Run, UnusableError
from osint.media.derivation import Derivation, file_sha256, tree_sha256
from osint.settings import setting

NAME, VARIABLE = "ExifTool", "OSINT_EXIFTOOL"
OLDEST = (13, 55)
SECONDS_TO_START, SECONDS_A_FILE = 20.0, 2.0
LIST = "files.txt"
_CONFIGURATION = ("-config", "")  # none; it has to come first
_ARGUMENTS = (
    "-json", "-G0:1:4", "-a", "-H", "-t", "-n", "-struct", "-e", "-api", "largefilesupport=1", "-api", "TimeZone=UTC",
    "--System:all",
)  # fmt: skip


def find() -> Program:
    """Return the ExifTool of this computer.

    Raises:
        UnusableError: There is none, or it is too old.
    """
    path = tool.located("exiftool", VARIABLE, setting("OSINT_EXIFTOOL"))
    command, readable = _command(path)
    version = tool.asked_for_version(command, readable, *_CONFIGURATION, "-ver")
    match = re.fullmatch(r"(\d{1,3})\.(\d{2})(?: .*)?", version)
    if match is None:
        raise UnusableError(f"The program that {VARIABLE} or the PATH names is no ExifTool that starts here.")
    if (int(match[1]), int(match[2])) < OLDEST:
        raise UnusableError(
            f"ExifTool {match[1]}.{match[2]} is not used: versions before 13.55 can be made to run code by the files "
            "that they read (CVE-2021-22204, CVE-2022-23935, CVE-2026-7580). Install a newer one."
        )
    return Program(
        name=NAME,
        version=f"{match[1]}.{match[2]}",
        command=command,
        readable=readable,
        sha256=file_sha256(path),
        libraries=_libraries(path, command),
    )


def read(program: Program, copies: Copies, clock: tool.Clock = tool.now) -> Findings:
    """Return what ExifTool reads in each of the copies."""
    asking = _Asking(program, copies, clock)
    asking.ask(sorted(copies.types))
    return Findings(readings=asking.readings, derivations=tuple(asking.runs))


class _Asking:
    """The questions about one batch of copies."""

    def __init__(self, program: Program, copies: Copies, clock: tool.Clock) -> None:
        self.program, self.copies, self.clock = program, copies, clock
        self.readings: dict[str, Reading] = {}
        self.runs: list[Derivation] = []

    def ask(self, names: Sequence[str]) -> None:
        """Ask about some files, and again, in parts, about those that got no answer."""
        if not names:
            return
        run = self._run(names)
        self.runs.append(run.derivation)
        answers: Mapping[str, tool.Answer] = run.answer or {}
        reader = self.program.reader
        self.readings |= {name: reading_of(answers[name], reader) for name in names if name in answers}
        left = [name for name in names if name not in answers]
        if len(names) == 1 and left:
            self.readings[left[0]] = Reading(problems=(f"{reader} gave no answer over this file ({run.ended}).",))
        elif left:
            size = _part(run, len(left), len(names))
            for at in range(0, len(left), size):
                self.ask(left[at : at + size])

    def _run(self, names: Sequence[str]) -> Run:
        listed = self.copies.folder / LIST
        listed.write_text("".join(f"{self.copies.path(name)}\n" for name in names), encoding="utf-8")
        return tool.run(
            self.program,
            [*_CONFIGURATION, *_ARGUMENTS, "-@", str(listed)],
            names,
            folder=self.copies.folder,
            seconds=SECONDS_TO_START + SECONDS_A_FILE * len(names),
            tidy=lambda answer: _by_file(answer, set(names)),
            clock=self.clock,
        )


def _part(run: Run, left: int, asked: int) -> int:
    """Return how many of those left to ask about at once; always fewer than were asked about."""
    if run.derivation.state == "timeout":
        return 1  # halves would wait as long again, and again
    return left if left < asked else (left + 1) // 2


def _by_file(answer: Any, names: set[str]) -> dict[str, tool.Answer]:
    """Return the answers by file, without paths and without what is of this machine or this run."""
    if not isinstance(answer, list):
        raise TypeError("a list of answers was expected")
    return {
        name: {key: value for key, value in each.items() if key != "SourceFile"}
        for each in answer
        if (name := Path(each["SourceFile"]).name) in names
    }


def _command(path: Path) -> tuple[tuple[str, ...], tuple[Path, ...]]:
    """Return how to start it, and what it has to read: as a script of perl by perl, with its modules beside it."""
    with path.open("rb") as stream:
        first = stream.readline(200)
    if not (first.startswith(b"#!") and b"perl" in first):
        return (str(path),), ()
    perl = shutil.which("perl")
    if perl is None:
        raise UnusableError("ExifTool is a script of perl here, and there is no perl on the PATH.")
    return (str(Path(perl).resolve()), str(path)), (path, path.parent / "lib")


def _libraries(path: Path, command: Sequence[str]) -> dict[str, str]:
    if len(command) == 1:
        return {}
    found = {"perl": tool.asked_for_version(command[:1], (), "-e", "print $^V")}
    modules = tree_sha256(path.parent / "lib", "**/*.p[ml]")
    return {**found, "files of lib": modules} if modules else found
