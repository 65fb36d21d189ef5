"""MediaInfo as a second reader of films, by its command line program.

Not by ``pymediainfo``: that would load a library of C++ into a process of ours, and needs a package more; the program
runs in one of its own, behind the same limits as every other.

Source: MediaInfo's command line help; https://mediaarea.net/mediainfo/mediainfo_2_0.xsd for the names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from osint.media.corroborators import film, tool
from osint.media.corroborators.copies import Copies
from osint.media.corroborators.film import Lister, Stated
from osint.media.corroborators.tool import Findings, Program, UnusableError
from osint.settings import setting

NAME, VARIABLE = "MediaInfo", "OSINT_MEDIAINFO"
_ARGUMENTS = ("--Output=JSON",)
_OF_THE_FILE = {  # its name, and the dates that the copy has
    "CompleteName", "FolderName", "FileName", "FileNameExtension", "FileExtension", "FileExtension_Invalid",
    "File_Created_Date", "File_Created_Date_Local", "File_Modified_Date", "File_Modified_Date_Local",
}  # fmt: skip


def find() -> Program:
    """Return the MediaInfo of this computer.

    Raises:
        UnusableError: There is none.
    """
    path = tool.located("mediainfo", VARIABLE, setting("OSINT_MEDIAINFO"))
    match = re.search(r"MediaInfoLib - v(\d[\d.]{0,20})", tool.asked_for_version([str(path)], (path,), "--Version"))
    if match is None:
        raise UnusableError(f"The program that {VARIABLE} or the PATH names is no MediaInfo that starts here.")
    return tool.program(NAME, match[1], path, readable=(path,))


def read(program: Program, copies: Copies, clock: tool.Clock = tool.now) -> Findings:
    """Return what MediaInfo reads in each film or recording among the copies."""
    return film.read(Lister(_ARGUMENTS, _tidied, _stated), program, copies, clock)


def _tidied(answer: Any) -> Any:
    return {"tracks": [_without_file(dict(track)) for track in answer["media"]["track"]]}


def _without_file(part: Any) -> Any:
    if not isinstance(part, Mapping):
        return part
    return {name: _without_file(value) for name, value in part.items() if name not in _OF_THE_FILE}


def _stated(answer: Any) -> Iterator[Stated]:
    for number, track in enumerate(answer["tracks"]):
        group = f"{track.get('@type', 'track')} {number}"
        for name, value in track.items():
            if name == "extra" and isinstance(value, Mapping):
                yield from (Stated(f"{group} extra", str(key), str(each)) for key, each in value.items())
            elif isinstance(value, str):
                yield Stated(group, name, value)
