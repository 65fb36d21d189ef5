"""What a production costs: everything of it, beside the bare copy and hash of the same evidence.

The case is invented: text files that were handed in, each an exhibit of its own. Ours is a whole ``case.produce`` in a
process of its own, with its children: verification of the case, evidence, pages, texts, load files, lists, reader, both
lists of hashes, the last search, verification of what was written. The floor copies the evidentiary copies into another
folder of the same disk and computes the SHA-256 of each copy; what it leaves out is all the rest.

    python benchmarks/produce.py --exhibits 10000
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from measuring import figure, folder, print_figures, watched

import osint
from osint.capture.network import Network
from osint.production.documents import Pages

WHO = "J. Smit, badge 4471"
WORDS = ("blue", "car", "river", "bridge", "mill", "street", "night", "market", "ferry", "house")


def make(place: Path, exhibits: int, size: int) -> None:
    """Make a case of so many files of so many bytes each."""
    saved = osint.SavedBy(
        name="J. Smit", role="officer", at="2026-05-30T10:15:00+02:00", program="a browser", came="saved here",
        logged_in=False,
    )  # fmt: skip
    with opened(place) as case:
        expires = datetime(2099, 1, 1, tzinfo=UTC).date().isoformat()
        case.authorize(
            osint.Authorization(
                identifier="BENCH-1", type="report", purpose="missing_person", place="Westmere", expires=expires,
                hosts=("social.example",),
            )
        )  # fmt: skip
        file = place / "note.txt"
        for number in range(exhibits):
            words = " ".join(WORDS[(number * 7 + at * at) % len(WORDS)] for at in range(size // 5))
            file.write_text(f"{number}\n{words}"[:size], encoding="utf-8")
            case.import_file(file, saved)
            if number % 1000 == 999:
                print(f"made {number + 1} exhibits", flush=True)


def opened(place: Path) -> osint.Case:
    return osint.open_case(place / "case", investigator=WHO, network=Network(pace=0), keys=place / "keys")


def produce(place: Path, pages: Pages) -> None:
    release = osint.Release(
        decided_by="K. de Vries", authority="Rule 25.03", prefix="BENCH", unreviewed_acknowledged_by="K. de Vries",
        contrary_facts={"*": "none known"},
    )  # fmt: skip
    with opened(place) as case:
        print(case.produce(place / "out", to="the defence", release=release, pages=pages))


def floor(place: Path) -> float:
    """Copy the evidence and hash the copies; return the seconds of processor time."""
    began = time.process_time()
    for source in (place / "case" / "evidence").rglob("*.warc.gz"):
        target = place / "copied" / source.parent.name / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        with target.open("rb") as stream:
            hashlib.file_digest(stream, "sha256")
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--exhibits", type=int, default=10_000)
    parser.add_argument("--bytes", type=int, default=4_000)
    parser.add_argument("--pages", choices=("typeset", "slip-sheets"), default="typeset")
    parser.add_argument("--place", type=Path, help=argparse.SUPPRESS)  # of a process that this one starts
    asked = parser.parse_args()
    if asked.place:
        produce(asked.place, asked.pages)
        return
    with folder() as place:
        os.environ.update(OSINT_STATE=str(place / "state"), OSINT_POLICY=str(place / "state" / "policy"))
        (place / "passphrase").write_text("a passphrase of nobody")
        (place / "passphrase").chmod(0o600)
        os.environ["OSINT_PASSPHRASE_FILE"] = str(place / "passphrase")
        make(place, asked.exhibits, asked.bytes)
        began = time.perf_counter()
        bare_cpu = floor(place)
        bare = time.perf_counter() - began
        before = os.times()
        command = [sys.executable, __file__, "--place", str(place), "--pages", asked.pages]
        seconds, peak, said = watched(command)
        used = os.times()
        processor = sum(used[2:4]) - sum(before[2:4])
        print(said)
        size = sum(path.stat().st_size for path in (place / "out").rglob("*") if path.is_file())
        figure("produce.exhibits", asked.exhibits, "exhibits")
        figure("produce.wall", seconds, "s")
        figure("produce.processor", processor, "s")
        figure("produce.peak", peak / 1e6, "MB")
        figure("produce.size", size / 1e6, "MB")
        figure("produce.bare_wall", bare, "s")
        figure("produce.bare_processor", bare_cpu, "s")
        figure("produce.processor_an_exhibit", processor / asked.exhibits * 1e3, "ms")
        print_figures()


if __name__ == "__main__":
    main()
