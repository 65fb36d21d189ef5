"""ffprobe as a second reader of films: it lists the streams and decodes nothing, with no protocol but that of files.

Source: ffprobe documentation, https://ffmpeg.org/ffprobe.html.
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

NAME, VARIABLE = "ffprobe", "OSINT_FFPROBE"
_ARGUMENTS = (
    "-v", "error", "-protocol_whitelist", "file", "-print_format", "json", "-show_format", "-show_streams",
)  # fmt: skip


def find() -> Program:
    """Return the ffprobe of this computer.

    Raises:
        UnusableError: There is none.
    """
    path = tool.located("ffprobe", VARIABLE, setting("OSINT_FFPROBE"))
    match = re.match(r"ffprobe version (\S{1,60})", tool.asked_for_version([str(path)], (path,), "-version"))
    if match is None:
        raise UnusableError(f"The program that {VARIABLE} or the PATH names is no ffprobe that starts here.")
    return tool.program(NAME, match[1], path, readable=(path,))


def read(program: Program, copies: Copies, clock: tool.Clock = tool.now) -> Findings:
    """Return what ffprobe reads in each film or recording among the copies."""
    return film.read(Lister(_ARGUMENTS, _tidied, _stated), program, copies, clock)


def _tidied(answer: Any) -> Any:
    """Leave the path out."""
    file = {name: value for name, value in answer.get("format", {}).items() if name != "filename"}
    return {"format": file, "streams": [dict(each) for each in answer.get("streams", [])]}


def _stated(answer: Any) -> Iterator[Stated]:
    yield from _part("format", answer["format"])
    for number, stream in enumerate(answer["streams"]):
        yield from _part(f"{stream.get('codec_type', 'unknown')} stream {number}", stream)


def _part(group: str, part: Mapping[str, Any]) -> Iterator[Stated]:
    for name, value in part.items():
        if name == "tags" and isinstance(value, Mapping):
            yield from (Stated(f"{group} tags", str(key), str(each)) for key, each in value.items())
        elif isinstance(value, str):
            yield Stated(group, name, value)
