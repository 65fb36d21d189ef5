"""The frames of a film: taken out by ffmpeg as a process of its own, and hashed by PDQ each, as vPDQ does.

A decoder of films is a large program with many faults. It is never loaded into a process of ours: where this computer
has an ffmpeg (5.1 or newer), ``sandbox.run_program`` runs it over the one file and without a network. It reads no
playlists and no other form that names further files.

Source: github.com/facebook/ThreatExchange, vpdq (BSD); the text of a value is a line of its files.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from osint import sandbox
from osint.media.blocks import Reading
from osint.media.similarity.hashing import hash_frames
from osint.media.similarity.names import FRAME
from osint.media.similarity.pdq import SIDE
from osint.media.value import Value
from osint.sandbox import ProgramOutcome
from osint.settings import setting

RECIPE = "a frame a second and the key frames, turned as the film says, RGB, area filter to 64x64"
MOST_FRAMES = 5000  # of a frame a second, more than an hour; they fit into what a program may print
SECONDS = 300.0
MEMORY = 4_000_000_000
HASHING_SECONDS = 60.0

_FORMS = "mov,matroska,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,gif,h264,hevc,m4v,obu,ivf,mjpeg,apng,webp_anim,swf,rm,dv"
_FILTER = (
    "select='isnan(prev_selected_t)+gte(t-prev_selected_t,1)+key',"
    f"scale={SIDE}:{SIDE}:flags=area,format=rgb24,showinfo=checksum=0"
)
_FRAME_SIZE = SIDE * SIDE * 3
_VERSION = re.compile(r"\Affmpeg version (\S{1,60})")
_SHOWN = re.compile(
    r"^\[Parsed_showinfo_\d+ @ 0x[0-9a-f]+\] n: *(\d+) .{0,200}?pts_time:(-?\d+(?:\.\d+)?)\s", re.MULTILINE
)
_NO_FFMPEG = (
    "No frame was taken from this film, and it is compared with no other: this computer has no ffmpeg. Install it, or "
    "name its path in the environment variable OSINT_FFMPEG, and hash the film again."
)


def ffmpeg() -> Path | None:
    """Return the path of ffmpeg on this computer, by OSINT_FFMPEG or the PATH; None when there is none."""
    found = shutil.which(setting("OSINT_FFMPEG") or "ffmpeg")
    return Path(found).resolve() if found else None


def hash_film(file: Path, *, seconds: float = SECONDS, memory: int = MEMORY) -> Reading:
    """Return PDQ of the frames of a film, one value a frame.

    What was not decoded, and why, is a problem; nothing is raised over the content of a file.

    Raises:
        OsintError: No worker can be started on this computer.
    """
    program = ffmpeg()
    if program is None:
        return Reading(problems=(_NO_FFMPEG,))
    outcome = sandbox.run_program(arguments(program, file), seconds=seconds, memory=memory, read_only=[file.absolute()])
    pixels = outcome.stdout[: len(outcome.stdout) // _FRAME_SIZE * _FRAME_SIZE]
    problems = _problems(outcome, len(pixels) // _FRAME_SIZE)
    if not pixels:
        return Reading(problems=problems)
    hashed = sandbox.run(hash_frames, pixels, SIDE, seconds=HASHING_SECONDS)
    if hashed.state != "ok":
        reason = f"The frames of this film were not hashed ({hashed.state}: {hashed.detail})."
        return Reading(problems=(*problems, reason))
    return Reading(values=_values(outcome, hashed.value), problems=problems)


def arguments(program: Path, file: Path) -> list[str]:
    """Return the command that prints the frames of a film as squares of RGB pixels, one after the other."""
    opened = [
        "-protocol_whitelist",
        "file",
        "-format_whitelist",
        _FORMS,
        "-threads",
        "1",
        "-i",
        f"file:{file.absolute()}",
    ]
    kept = ["-map", "0:v:0", "-an", "-sn", "-dn", "-vf", _FILTER, "-fps_mode", "passthrough"]
    printed = ["-frames:v", str(MOST_FRAMES), "-threads", "1", "-f", "rawvideo", "pipe:1"]
    return [str(program), "-nostdin", "-nostats", "-loglevel", "info", *opened, *kept, *printed]


def _problems(outcome: ProgramOutcome, frames: int) -> tuple[str, ...]:
    if outcome.state != "ok":
        return (f"ffmpeg was ended before it had read the whole film ({outcome.state}: {outcome.detail}); "
                f"it gave {frames} frames.",)  # fmt: skip
    if outcome.code:
        return (f"ffmpeg could not read the film to its end (exit code {outcome.code}); it gave {frames} frames.",)
    if not frames:
        return ("ffmpeg found no frame in this film.",)
    if frames == MOST_FRAMES:
        return (f"Only the first {MOST_FRAMES} frames were hashed.",)
    return ()


def _values(outcome: ProgramOutcome, hashed: list[list[str | int]]) -> tuple[Value, ...]:
    said = outcome.stderr.decode("utf-8", "replace")
    version = _VERSION.match(said)
    reader = f"ffmpeg {version[1] if version else 'of unknown version'} and osint similarity 1"
    times = _times(said, len(hashed))
    return tuple(
        Value(
            block="pixels",
            group=RECIPE,
            name=FRAME,
            text=f"{number},{quality},{digits},{times[number]}",
            value=digits,
            reader=reader,
        )
        for number, (digits, quality) in enumerate(hashed)
    )


def _times(said: str, count: int) -> list[str]:
    """Return the second of each frame as ffmpeg prints it; nothing for any where it did not print one for each."""
    shown = _SHOWN.findall(said)
    if [number for number, _ in shown[:count]] != [str(number) for number in range(count)]:
        return [""] * count
    return [second for _, second in shown[:count]]
