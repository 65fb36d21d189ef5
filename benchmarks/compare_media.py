"""What this package reads from a folder of files, beside ExifTool, exifread alone and Pillow.

Files are taken by their content: each is copied once under its SHA-256, and no reader sees a name that
somebody chose. ExifTool gets these names in list files, a few hundred to a process; a process that dies is asked again
for half of its files, so one file costs no other. It is found as ``exiftool`` on the PATH, or by the environment
variable OSINT_EXIFTOOL; without it the table has no column to compare with.

An EXIF tag counts once for its directory and number, MakerNotes apart. A point is false where a position is stated
that ExifTool does not state, or one more than 50 m from it; a serial number is wrong where ExifTool finds no such one
in the file. The point 0, 0 is no position: receivers without a fix write it. Percentages are of what ExifTool finds.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import io
import json
import logging
import math
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import exifread
from PIL import Image

from osint.media.containers import read_structure
from osint.media.exif import read_exif
from osint.media.identity import HEAD, sniff
from osint.media.value import Value
from osint.render import shorten, visible

Tag = tuple[str, int]

FILES_TO_A_PROCESS = 300
LARGEST_FILE = 200 << 20
SAME_PLACE_M = 50
LONGEST_REMARK = 1000
_ARGUMENTS = ["-j", "-a", "-H", "-n", "-G0:1:4", "-api", "LargeFileSupport=1", "-q", "-q"]
_DIRECTORIES = {"IFD0": "Image", "IFD1": "Thumbnail", "ExifIFD": "EXIF", "InteropIFD": "Interoperability"}
_DIRECTORIES |= {"ExifOffset": "EXIF", "GPSInfo": "GPS"}  # so it names those of BigTIFF
_PILLOW = {0x8769: "EXIF", 0x8825: "GPS", 0xA005: "Interoperability"}


@dataclass
class Found:
    """What one reader found in one file."""

    tags: set[Tag] = field(default_factory=set)
    serials: set[str] = field(default_factory=set)
    writer: tuple[str, str] = ("", "")
    point: tuple[float, float] | None = None
    taken: str = ""
    kind: str = ""
    error: str = ""


# -- the readers ------------------------------------------------------------------------------------------------------


def by_osint(data: bytes) -> Found:
    blocks = [block for block in read_structure(data, sniff(data[:HEAD])).blocks if block.kind == "exif"]
    readings = [read_exif(data, block) for block in blocks]
    values = [value for reading in readings for value in reading.values]
    found = Found(tags={_tag(value) for value in values if value.status != "unreadable"})
    found.serials = {str(value.value) for value in values if value.fact in SERIALS and value.value}
    found.writer = (_stated(values, "camera_make"), _stated(values, "software"))
    found.taken = _stated(values, "taken_local")[:19]
    latitude, longitude = _stated(values, "latitude"), _stated(values, "longitude")
    found.point = (float(latitude), float(longitude)) if latitude and longitude else None
    return found


SERIALS = ("camera_serial", "lens_serial")


def _tag(value: Value) -> Tag:
    return _directory(value.group), int(value.tag_id, 16)


def _directory(name: str) -> str:
    name = name.partition(" of ")[0]
    return "SubIFD" if "SubIFD" in name else name


def _stated(values: Sequence[Value], fact: str) -> str:
    return next((str(value.value) for value in values if value.fact == fact and value.value is not None), "")


def by_exifread(data: bytes) -> Found:
    found = Found()
    for name, tag in exifread.process_file(io.BytesIO(data), details=False, extract_thumbnail=False).items():
        if isinstance(tag, bytes) or (not tag.values and tag.field_length):
            continue
        directory = name.partition(" Tag 0x")[0] if " Tag 0x" in name else name.rpartition(" ")[0]
        found.tags.add((_directory(directory), tag.tag))
    return found


def with_heif() -> str:
    """Teach Pillow to open HEIF, if a plug-in for that is installed; return what reads then."""
    with suppress(ImportError):
        importlib.import_module("pi_heif").register_heif_opener()
        return "Pillow with pi-heif"
    return "Pillow"


def by_pillow(data: bytes) -> Found:
    with Image.open(io.BytesIO(data)) as image:
        exif = image.getexif()
        tags = {("Image", number) for number in exif}
        for pointer, name in _PILLOW.items():
            tags |= {(name, number) for number in exif.get_ifd(pointer)}
        tags |= {("Thumbnail", number) for number in exif.get_ifd(1)}
    return Found(tags=tags)


def safely(reader: Callable[[bytes], Found], data: bytes) -> Found:
    try:
        return reader(data)
    except Exception as error:  # noqa: BLE001 - what a reader lets out is what is counted
        return Found(error=f"{type(error).__name__}: {error}"[:120])


# -- ExifTool ---------------------------------------------------------------------------------------------------------


def exiftool() -> str | None:
    return os.environ.get("OSINT_EXIFTOOL") or shutil.which("exiftool")


def by_exiftool(program: str, folder: Path, names: Sequence[str]) -> Iterator[tuple[str, Found]]:
    """Yield what ExifTool finds in each file; a file over which it dies is found to hold nothing."""
    for at in range(0, len(names), FILES_TO_A_PROCESS):
        yield from _asked(program, folder, names[at : at + FILES_TO_A_PROCESS])


def _asked(program: str, folder: Path, names: Sequence[str]) -> Iterator[tuple[str, Found]]:
    answer = _run(program, folder, names)
    if answer is not None:
        for each in answer:
            yield Path(each["SourceFile"]).name, _oracle(each)
    elif len(names) == 1:
        yield names[0], Found(error="ExifTool died over this file")
    else:
        yield from _asked(program, folder, names[: len(names) // 2])
        yield from _asked(program, folder, names[len(names) // 2 :])


def _run(program: str, folder: Path, names: Sequence[str]) -> list[dict[str, Any]] | None:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join([*_ARGUMENTS, *names]) + "\n")
        listed.flush()
        command = [program, "-config", "", "-@", listed.name]
        try:
            ran = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=900)
            answer: list[dict[str, Any]] = json.loads(ran.stdout.decode("utf-8", "replace") or "[]")
        except (subprocess.TimeoutExpired, ValueError):
            return None
    return answer if len(answer) == len(names) else None


def _oracle(answer: dict[str, Any]) -> Found:
    found = Found()
    plain: dict[str, Any] = {}
    for key, stated in answer.items():
        groups, name, value = key.split(":")[:-1], key.split(":")[-1], stated
        if isinstance(stated, dict):
            value = stated.get("val")
        plain.setdefault(f"{groups[0] if groups else ''}:{name}", value)
        if name.endswith("SerialNumber") or "Serial" in name:
            found.serials.add(str(value).strip())
        if groups[:1] == ["EXIF"] and str(stated.get("id", "")).startswith("0x"):
            found.tags.add((_oracle_directory(groups[1]), int(stated["id"], 16)))
    found.kind = str(plain.get("File:FileType", ""))
    found.writer = (str(plain.get("EXIF:Make", "")), str(plain.get("EXIF:Software", "")))
    found.taken = str(plain.get("EXIF:DateTimeOriginal", ""))[:19]
    latitude, longitude = plain.get("Composite:GPSLatitude"), plain.get("Composite:GPSLongitude")
    is_point = isinstance(latitude, int | float) and isinstance(longitude, int | float) and (latitude or longitude)
    if is_point and "EXIF:GPSLatitude" in plain:
        found.point = (float(latitude), float(longitude))
    return found


def _oracle_directory(name: str) -> str:
    if name.startswith("IFD") and name not in _DIRECTORIES:
        return f"IFD {name[3:]}"
    return "SubIFD" if name.startswith("SubIFD") else _DIRECTORIES.get(name, name)


# -- the table --------------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """The figures of one format."""

    counts: Counter[str] = field(default_factory=Counter)
    writers: set[tuple[str, str]] = field(default_factory=set)


def compare(oracle: Found | None, found: dict[str, Found], row: Row) -> Iterator[str]:
    """Add one file to the figures of its format; yield a sentence for each thing that wants to be looked at."""
    count, ours = row.counts, found["osint"]
    count["files"] += 1
    row.writers.add(oracle.writer if oracle else ours.writer)
    for reader, each in found.items():
        count[f"errors {reader}"] += bool(each.error)
        count[f"tags {reader}"] += len(each.tags & oracle.tags if oracle else each.tags)
    if ours.error:
        yield f"raised {ours.error}"
    if oracle is None:
        return
    count["tags exiftool"] += len(oracle.tags)
    count["errors exiftool"] += bool(oracle.error)
    missed = sorted(oracle.tags - ours.tags)
    if missed:
        named = ", ".join(f"{name} 0x{tag:04X}" for name, tag in missed[:8])
        yield f"{len(missed)} of {len(oracle.tags)} tags missed: {named}"
    wrong = {serial for serial in ours.serials if not any(serial in each for each in oracle.serials)}
    count["wrong serials"] += len(wrong)
    if wrong:
        yield f"serial numbers that ExifTool does not find: {sorted(wrong)!r}"
    yield from _points(oracle, ours, count)
    yield from _times(oracle, ours, count)


def _points(oracle: Found, ours: Found, count: Counter[str]) -> Iterator[str]:
    count["points"] += oracle.point is not None
    if ours.point is None:
        if oracle.point is not None:
            yield f"the position {oracle.point} is not stated"
    elif oracle.point is None or metres(oracle.point, ours.point) > SAME_PLACE_M:
        count["false points"] += 1
        yield f"the position {ours.point} is false: ExifTool has {oracle.point}"
    else:
        count["points equal"] += 1


def _times(oracle: Found, ours: Found, count: Counter[str]) -> Iterator[str]:
    theirs = "".join(filter(str.isdigit, oracle.taken))
    if len(theirs) != 14 or not theirs.strip("0"):
        return
    count["times"] += 1
    if theirs == "".join(filter(str.isdigit, ours.taken)):
        count["times equal"] += 1
    else:
        yield f"the capture time is {oracle.taken!r} by ExifTool, {ours.taken!r} here"


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    north = math.radians(other[0] - one[0])
    east = math.radians(other[1] - one[1]) * math.cos(math.radians((one[0] + other[0]) / 2))
    return 6_371_000 * math.hypot(north, east)


_COLUMNS = (
    ("files", "files"), ("tags exiftool", "ExifTool"), ("tags osint", "ours"), ("tags exifread", "exifread"),
    ("tags pillow", "Pillow"), ("errors osint", "raised"), ("wrong serials", "serials-"), ("false points", "points-"),
)  # fmt: skip


def show(rows: dict[str, Row], *, compared: bool) -> None:
    heads = ["format", "writers", *(head for _, head in _COLUMNS), "cover %", "GPS =", "time ="]
    print(f"{heads[0]:14}" + "".join(f"{head:>10}" for head in heads[1:]))
    total = Row()
    for row in rows.values():
        total.counts.update(row.counts)
        total.writers |= row.writers
    for name, row in [*sorted(rows.items(), key=lambda each: -each[1].counts["files"]), ("all", total)]:
        count = row.counts
        coverage = f"{100 * count['tags osint'] / count['tags exiftool']:.2f}" if count["tags exiftool"] else "-"
        same = [f"{count[f'{what} equal']}/{count[what]}" if compared else "-" for what in ("points", "times")]
        cells = [len(row.writers), *(count[key] for key, _ in _COLUMNS), coverage, *same]
        print(f"{name[:14]:14}" + "".join(f"{cell:>10}" for cell in cells))


# -- the files --------------------------------------------------------------------------------------------------------


def gathered(folder: Path, store: Path) -> dict[str, Path]:
    """Put each file of a folder into a store under its SHA-256; return where each came from."""
    sources: dict[str, Path] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        if ".git" in path.parts or not 0 < path.stat().st_size <= LARGEST_FILE:
            continue
        data = path.read_bytes()
        if sniff(data[:HEAD]).startswith("text/"):
            continue
        name = hashlib.sha256(data).hexdigest()
        if name not in sources:
            (store / name).write_bytes(data)
            sources[name] = path
    return sources


def main(folder: Path, *, verbose: bool) -> None:
    with tempfile.TemporaryDirectory() as made:
        store = Path(made)
        pillow = with_heif()
        sources = gathered(folder, store)
        program = exiftool()
        oracle = dict(by_exiftool(program, store, sorted(sources))) if program else {}
        rows: dict[str, Row] = defaultdict(Row)
        spent = dict.fromkeys(READERS, 0.0)
        remarks = []
        for name, source in sources.items():
            data, found = (store / name).read_bytes(), {}
            for reader, read in READERS.items():
                before = time.process_time()
                found[reader] = safely(read, data)
                spent[reader] += time.process_time() - before
            kind = (oracle[name].kind if program else "") or sniff(data[:HEAD]).rpartition("/")[2]
            remarks += [f"{source}: {each}" for each in compare(oracle.get(name), found, rows[kind])]
    show(rows, compared=bool(program))
    print("" if program else "ExifTool was not found; there is nothing to compare with.")
    print(f"exifread {exifread.__version__}; {pillow}; only tags that ExifTool finds too are counted.")
    print("; ".join(f"{reader}: {len(sources) / max(spent[reader], 1e-9):.0f} files/s" for reader in READERS))
    if verbose:
        print("\n".join(visible(shorten(each, LONGEST_REMARK)) for each in remarks))  # names and texts are hostile


READERS: dict[str, Callable[[bytes], Found]] = {"osint": by_osint, "exifread": by_exifread, "pillow": by_pillow}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--verbose", action="store_true", help="name each file that wants to be looked at")
    arguments = parser.parse_args()
    logging.disable()  # what the other readers say of damaged files
    warnings.simplefilter("ignore")
    main(arguments.folder, verbose=arguments.verbose)
