"""Fuzz the readers of media; ``make fuzz-media`` runs it for ten minutes.

    python fuzz_media.py --seeds CORPUS                     write the malformed files as seeds
    python fuzz_media.py CORPUS [-max_total_time=600] …     fuzz; other options are atheris's
    python fuzz_media.py FILE…                              describe these files again

Where atheris is not installed, honest and malformed files are mutated by chance and described in the sandbox; one that
is not described is written to ``crash-…`` in the folder it was started from.
"""

# ruff: noqa: T201 - a program that prints

from __future__ import annotations

import hashlib
import random
import sys
import tempfile
import time
from pathlib import Path

try:
    import atheris
except ImportError:
    atheris = None

if atheris is None:
    from osint.media.description import describe, describe_as_json
else:
    atheris.enabled_hooks.add("str")
    with atheris.instrument_imports(include=["osint.media", "exifread"]):
        from osint.media.description import describe, describe_as_json

from malformed import honest, malformed, spoil

from osint import sandbox

BATCH = 200
SMALL = 65_536  # a larger seed is mutated too rarely in one place


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[0] == "--seeds":
        write_seeds(Path(arguments[1]))
    elif Path(arguments[0]).is_file():
        for name in arguments:
            print(describe(Path(name).read_bytes()).warnings)
    elif atheris is None:
        mutate(seconds_to_run(arguments))
    else:
        atheris.Setup(sys.argv, consume)
        atheris.Fuzz()


def consume(data: bytes) -> None:
    describe(data)


def write_seeds(folder: Path) -> None:
    for _, data in (*honest(), *malformed()):
        if len(data) <= SMALL:
            (folder / hashlib.sha256(data).hexdigest()).write_bytes(data)


def mutate(seconds: float) -> None:
    """Describe mutated files until the time is over, and leave with an error when one was not described."""
    seed = time.time_ns()
    drawn = random.Random(seed)
    seeds = [data for _, data in (*honest(), *malformed()) if len(data) <= SMALL]
    deadline, tried, failed = time.monotonic() + seconds, 0, 0
    while time.monotonic() < deadline:
        files = [spoil(drawn.choice(seeds), drawn) for _ in range(BATCH)]
        failed += described(files)
        tried += len(files)
    print(f"{tried} files from seed {seed}, {failed} of them not described")
    sys.exit(bool(failed))


def described(files: list[bytes]) -> int:
    """Return how many of the files were not described; each is kept."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, str(number)) for number in range(len(files))]
        for path, data in zip(paths, files, strict=True):
            path.write_bytes(data)
        asked = [(str(path), hashlib.sha256(data).hexdigest(), None) for path, data in zip(paths, files, strict=True)]
        for data, outcome in zip(files, sandbox.run_many(describe_as_json, asked), strict=True):
            if outcome.state != "ok":
                kept = Path(f"crash-{hashlib.sha256(data).hexdigest()}")
                kept.write_bytes(data)
                print(f"{kept}: {outcome.state}: {outcome.detail}")
                failed += 1
    return failed


def seconds_to_run(arguments: list[str]) -> float:
    told = [float(text.partition("=")[2]) for text in arguments if text.startswith("-max_total_time=")]
    return told[0] if told else 600


if __name__ == "__main__":
    main()
