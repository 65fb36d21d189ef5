"""Programs of others that read the same files: each is optional, runs as a process of its own, and decides nothing.

What they find are values in the words of ``osint.media.value``, to be compared with those of our readers by
``agreement``. Which program said it stands beside each value; what was run, and how, in its ``Derivation``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from osint.media.blocks import Reading
from osint.media.corroborators import c2pa_sdk, exiftool, ffprobe, mediainfo, tool
from osint.media.corroborators.copies import Copies, batches, working_copies
from osint.media.corroborators.tool import Findings, UnusableError
from osint.media.derivation import Derivation


class _Corroborator(NamedTuple):
    find: Callable[[], Any]
    read: Callable[[Any, Copies, tool.Clock], Findings]


CORROBORATORS: Mapping[str, _Corroborator] = {
    "exiftool": _Corroborator(exiftool.find, exiftool.read),
    "mediainfo": _Corroborator(mediainfo.find, mediainfo.read),
    "ffprobe": _Corroborator(ffprobe.find, ffprobe.read),
    "c2pa": _Corroborator(c2pa_sdk.find, c2pa_sdk.read),
}


@dataclass(frozen=True, kw_only=True)
class Said(Reading):
    """What one program, of ``CORROBORATORS``, made of one file."""

    program: str


@dataclass(frozen=True, kw_only=True)
class Corroboration:
    """What the programs of others made of some files.

    Attributes:
        readings: Of each file, by SHA-256: one reading for each program that looked at it.
        derivations: The record of each run.
        absent: Why a program was not asked, in sentences.
        asked: The programs that were asked.
    """

    readings: Mapping[str, tuple[Said, ...]]
    derivations: tuple[Derivation, ...]
    absent: tuple[str, ...]
    asked: tuple[str, ...]


def corroborate(
    files: Iterable[Path],
    *,
    by: Sequence[str] = tuple(CORROBORATORS),
    ours: bool = False,
    clock: tool.Clock = tool.now,
) -> Corroboration:
    """Ask the programs of this computer about some files. Nothing is raised over their content, or for want of one.

    Args:
        files: The files; each content is asked about once. They are opened for reading, and copies are handed on.
        by: Which programs, of ``CORROBORATORS``.
        ours: The files are working copies that the caller made and will remove: they are handed on as they are, under
            a name that nobody chose.
        clock: The time of this computer, for the records.
    """
    found, absent = _found(by)
    readings: defaultdict[str, list[Said]] = defaultdict(list)
    derivations: list[Derivation] = []
    for batch in batches(files) if found else ():
        with working_copies(batch, ours=ours) as copies:
            for name, program in found.items():
                findings = CORROBORATORS[name].read(program, copies, clock)
                derivations += findings.derivations
                for sha256, reading in findings.readings.items():
                    said = Said(program=name, values=reading.values, problems=reading.problems)
                    readings[sha256].append(said)
    return Corroboration(
        readings={sha256: tuple(each) for sha256, each in sorted(readings.items())},
        derivations=tuple(derivations),
        absent=tuple(absent),
        asked=tuple(found),
    )


def _found(names: Iterable[str]) -> tuple[dict[str, Any], list[str]]:
    found: dict[str, Any] = {}
    absent: list[str] = []
    for name in names:
        try:
            found[name] = CORROBORATORS[name].find()
        except UnusableError as reason:
            absent.append(str(reason))
    return found, absent
