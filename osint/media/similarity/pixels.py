"""Hash the pixels of one picture in the sandbox. Nothing of the file is decoded in this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from osint import sandbox
from osint.media.blocks import Reading
from osint.media.similarity.hashing import read_pixels
from osint.media.similarity.heif import needs_process, run_apart
from osint.media.value import from_json
from osint.sandbox import Outcome

SECONDS = 20.0
MEMORY = 2_500_000_000


@dataclass(frozen=True, kw_only=True)
class Hashed(Reading):
    """What was read from the pixels of a file, where, and how that ended; see ``sandbox.Outcome``."""

    isolation: str
    state: str
    detail: str = ""


def hash_picture(file: Path, *, seconds: float = SECONDS, memory: int = MEMORY) -> Hashed:
    """Return the perceptual hashes of a picture, and how far its thumbnails are from it.

    What was not decoded, and why, is a problem; nothing is raised over the content of a file.

    Raises:
        OsintError: No worker can be started on this computer.
    """
    (reading,) = hash_pictures([file], seconds=seconds, memory=memory)
    return reading


def hash_pictures(
    files: Iterable[Path], *, seconds: float = SECONDS, memory: int = MEMORY, per_child: int = 20
) -> Iterator[Hashed]:
    """Yield :func:`hash_picture` of each file, in order; ``per_child`` files share a worker."""
    for apart, some in groupby((file.absolute() for file in files), needs_process):
        if apart:
            yield from (_reading(run_apart(read_pixels, file, seconds=seconds, memory=memory)) for file in some)
        else:
            arguments = ((str(file),) for file in some)
            outcomes = sandbox.run_many(read_pixels, arguments, seconds=seconds, memory=memory, per_child=per_child)
            yield from map(_reading, outcomes)


def _reading(outcome: Outcome) -> Hashed:
    hashed = partial(Hashed, isolation=outcome.isolation, state=outcome.state, detail=outcome.detail)
    if outcome.state != "ok":
        return hashed(problems=(_not_hashed(f"{outcome.state}: {outcome.detail}"),))
    try:
        values = tuple(from_json(each) for each in outcome.value["values"])
        problems = tuple(str(each) for each in outcome.value["problems"])
    except (ValueError, TypeError, KeyError):
        return hashed(problems=(_not_hashed("the worker's answer was not one that its reader gives"),))
    return hashed(values=values, problems=problems)


def _not_hashed(reason: str) -> str:
    return f"The pixels were not hashed ({reason}). The picture is compared with no other; the bytes are unchanged."
