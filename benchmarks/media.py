"""What reading media costs: our layers beside exifread and ExifTool, MakerNotes apart; isolation, hashing, growth.

``--dir FOLDER`` takes a folder of real pictures, which is what the ratios are about; without one the bench draws its
own, whose MakerNotes are small. ExifTool is found on the path or by OSINT_EXIFTOOL. Times are CPU times of one core,
those of workers and of ExifTool included.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import logging
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import exifread
from measuring import figure, print_figures, ratios, report, turns

from osint import sandbox
from osint.media import identity
from osint.media.containers import read_structure
from osint.media.description import describe, describe_as_json, mapped

sys.path.append(str(Path(__file__).parents[1] / "tests" / "media"))
ROUNDS, EXIFTOOL_ROUNDS, MOST_FILES = 5, 3, 400
_PICTURES = {
    ".jpg",
    ".jpeg",
    ".tif",
    ".tiff",
    ".png",
    ".webp",
    ".heic",
    ".heif",
    ".avif",
    ".dng",
    ".nef",
    ".cr2",
    ".arw",
}
_READY = b"{ready}\n"
_PRINT_PEAK = "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
_KNOWN = "0" * 64  # a digest that a caller knows already, as that of an exhibit


def spent(work: Callable[[], object]) -> float:
    """Return the CPU seconds of this process and of those that it started and that have ended."""
    before = _used()
    work()
    return _used() - before


def beside(name: str, values: list[float], what: str) -> None:
    """Print a figure that has no goal."""
    print(f"{name:34} {statistics.median(values):7.2f} ({min(values):.2f} to {max(values):.2f}); {what}", flush=True)
    figure(name, statistics.median(values), "ratio")


def _used() -> float:
    told = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in told)


def drawn(folder: Path) -> Iterator[Path]:
    """Draw pictures with the tags that a camera writes."""
    from media_builders import MAKE, MODEL, OFFSET, TAKEN, gps, photo

    for number in range(MOST_FILES):
        exif = {TAKEN: "2026:05:03 14:22:11", OFFSET: "+02:00", 0x927C: b"EXA\0" + bytes(2000)}
        path = folder / f"{number:04}.jpg"
        path.write_bytes(photo(image={MAKE: "Exa", MODEL: f"C-{number}"}, exif=exif, gps=gps(), size=(640, 480)))
        yield path


def found(folder: Path) -> list[Path]:
    every = sorted(path for path in folder.rglob("*") if path.suffix.casefold() in _PICTURES and path.is_file())
    return every[:: max(1, len(every) // MOST_FILES)][:MOST_FILES]


def bench_layers(files: list[Path]) -> None:
    """Our own layers, in this process, beside exifread alone with and without MakerNotes.

    The floor is what nobody can leave out who finds the blocks by the structure and has EXIF read by exifread.
    """
    read = [file.read_bytes() for file in files]

    def ours(*, makernotes: bool) -> Callable[[], object]:
        return lambda: _each(read, lambda data: describe(data, sha256=_KNOWN, makernotes=makernotes))

    def theirs(*, details: bool) -> Callable[[], object]:
        return lambda: _each(read, lambda data: _exifread(data, details))

    layers, notes, detailed, plain, floor = turns(
        ROUNDS,
        lambda: spent(ours(makernotes=False)),
        lambda: spent(ours(makernotes=True)),
        lambda: spent(theirs(details=True)),
        lambda: spent(theirs(details=False)),
        lambda: spent(lambda: _each(read, _floor)),
    )
    each = statistics.median(layers) / len(files) * 1000
    report("layers_over_exifread_details", ratios(detailed, layers), ">= 5", f"{each:.2f} ms a file, no MakerNotes")
    beside("layers_over_exifread_plain", ratios(plain, layers), "exifread with details=False: EXIF of fewer formats")
    beside("floor_over_exifread_details", ratios(detailed, floor), "structure, and exifread on the EXIF block: no more")
    beside("makernotes_over_layers", ratios(notes, layers), "the same with MakerNotes opened")
    figure("layers_rate", len(files) / statistics.median(layers), "files/CPU-s")


def _each(items: Iterable[Any], work: Callable[[Any], object]) -> None:
    """Do the work for each and keep nothing of it, as a batch does that hands on each result."""
    for item in items:
        work(item)


def _floor(data: bytes) -> object:
    block = read_structure(data, identity.sniff(data[: identity.HEAD])).first("exif")
    return None if block is None else _exifread(block.read(data), details=False)


def _exifread(data: bytes, details: bool) -> object:
    try:
        return exifread.process_file(io.BytesIO(data), details=details)
    except Exception:  # noqa: BLE001 - what it raises is part of what it costs
        return None


def bench_isolation(files: list[Path]) -> None:
    """The same layers in workers of the sandbox, twenty files to a worker and one."""
    arguments = [(str(file), _KNOWN, None) for file in files]
    bare, many, one = turns(
        ROUNDS,
        lambda: spent(lambda: [describe_as_json(*each) for each in arguments]),
        lambda: _isolated(arguments, 20),
        lambda: _isolated(arguments, 1),
    )
    report("isolation_20_over_parse", ratios(many, bare), "<= 2", f"{sandbox.run(len, 'x').isolation}")
    beside("isolation_1_over_parse", ratios(one, bare), "one file to a worker")


def _isolated(arguments: list[tuple[str, str, None]], per_child: int) -> float:
    from osint.sandbox.calls import close_idle

    before = _used()
    outcomes = list(sandbox.run_many(describe_as_json, arguments, per_child=per_child))
    close_idle()  # its processor time counts when it has ended
    assert {outcome.state for outcome in outcomes} <= {"ok", "timeout"}
    return _used() - before


def bench_exiftool(files: list[Path]) -> None:
    """ExifTool in one session and in one batch, over the same files.

    Our corroborator is given working copies, as a case gives it; it makes a digest of each, which ExifTool does not.

    It opens MakerNotes unless it is told -fast2, which leaves out what follows the picture as well.
    """
    tool = exiftool()
    if tool is None:
        print("ExifTool: not installed here; OSINT_EXIFTOOL names it")
        return
    with tempfile.TemporaryDirectory() as folder:
        copies = [Path(shutil.copyfile(file, Path(folder) / f"{at:04}")) for at, file in enumerate(files)]
        _beside_exiftool(tool, copies)


def _beside_exiftool(tool: list[str], files: list[Path]) -> None:
    names = [str(file) for file in files]
    ours, session, fast, batch, copied, alone = turns(
        EXIFTOOL_ROUNDS,
        lambda: spent(lambda: _each(names, lambda name: describe(mapped(name), sha256=_KNOWN, makernotes=False))),
        lambda: spent(lambda: _stay_open(tool, names)),
        lambda: spent(lambda: _stay_open(tool, names, "-fast2\n")),
        lambda: spent(lambda: _through_osint(files, ours=True)),
        lambda: spent(lambda: _through_osint(files, ours=False)),
        lambda: spent(lambda: _list_file(tool, names)),
    )
    report("layers_over_exiftool_session", ratios(session, ours), ">= 10", "stay_open, -json -n")
    beside("layers_over_exiftool_fast2", ratios(fast, ours), "stay_open, -fast2: without MakerNotes and trailers")
    report("exiftool_batch_over_its_own", ratios(alone, batch), ">= 0.9", "our corroborator beside one list file")
    beside("exiftool_copied_over_its_own", ratios(alone, copied), "the same over files of others, copied first")


def exiftool() -> list[str] | None:
    named = os.environ.get("OSINT_EXIFTOOL") or shutil.which("exiftool")
    return None if named is None else ["perl", named] if named.endswith(".pl") or "vendored" in named else [named]


def _stay_open(tool: list[str], names: list[str], option: str = "") -> None:
    with subprocess.Popen(
        [*tool, "-stay_open", "True", "-@", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin
        assert process.stdout
        for name in names:
            process.stdin.write(f"{option}-json\n-n\n-G0:1\n{name}\n-execute\n".encode())
            process.stdin.flush()
            while process.stdout.readline() != _READY:
                continue
        process.stdin.write(b"-stay_open\nFalse\n")


def _list_file(tool: list[str], names: list[str]) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(names))
        file.flush()
        done = subprocess.run([*tool, "-json", "-n", "-G0:1", "-@", file.name], capture_output=True, check=False)
    assert json.loads(done.stdout)


def _through_osint(files: list[Path], *, ours: bool) -> None:
    from osint.media.corroborators import corroborate

    assert corroborate(files, by=["exiftool"], ours=ours).readings


def bench_hashing(files: list[Path]) -> None:
    """SHA-256, SHA3-256 and MD5 in one pass, beside the slowest of them alone."""
    data = memoryview(b"".join(file.read_bytes() for file in files)[: 256 * 2**20])
    block = 1 << 20

    def one_pass() -> None:
        every = [hashlib.new(name) for name in ("sha256", "sha3_256", "md5")]
        for at in range(0, len(data), block):
            for each in every:
                each.update(data[at : at + block])

    together, apart = turns(
        3,
        lambda: spent(one_pass),
        lambda: sum(spent(lambda name=name: hashlib.new(name, data)) for name in ("sha256", "sha3_256", "md5")),
    )
    report("one_pass_over_three", ratios(apart, together), ">= 0.9", f"{len(data) / 2**20:.0f} MiB, CPU of all three")


def bench_growth(files: list[Path]) -> None:
    """Ten times the files take ten times the time, in the same memory."""
    few = files[: max(len(files) // 10, 1)]
    short, long = turns(3, lambda: _described(few), lambda: _described(files))
    per_file = [b / len(files) / (a / len(few)) for a, b in zip(short, long, strict=True)]
    print(f"growth: {statistics.median(per_file):.2f} of the time a file at ten times the files (the files differ)")
    figure("growth", statistics.median(per_file), "ratio")
    figure("growth-of-memory", _peak(files) / _peak(few), "ratio")


def _described(files: list[Path]) -> float:
    return spent(lambda: _each(files, lambda file: describe(mapped(str(file)))))


def _peak(files: list[Path]) -> float:
    """Return the most memory, in MB, of a process of its own that describes files; this one holds all of them."""
    work = "[describe_as_json(each, '', None) and None for each in sys.stdin.read().split(chr(0))]"
    code = f"import resource, sys; from osint.media.description import describe_as_json; {work}; {_PRINT_PEAK}"
    done = subprocess.run(
        [sys.executable, "-c", code], input="\0".join(map(str, files)), capture_output=True, text=True, check=True
    )
    peak = int(done.stdout) / 1024
    print(f"memory: {peak:.0f} MB at most over {len(files)} files, the mapped file included")
    return peak


@contextmanager
def pictures(folder: str) -> Iterator[list[Path]]:
    if folder:
        yield found(Path(folder))
        return
    with tempfile.TemporaryDirectory() as drawn_in:
        yield list(drawn(Path(drawn_in)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", default="", help="a folder of real pictures; without it the bench draws its own")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with pictures(asked.dir) as files:
        print(f"{len(files)} files, {sum(file.stat().st_size for file in files) / 2**20:.0f} MiB")
        for bench in (bench_layers, bench_isolation, bench_exiftool, bench_hashing, bench_growth):
            bench(files)
    print_figures()


if __name__ == "__main__":
    main()
