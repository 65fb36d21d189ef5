"""The table that compares readers counts what it says it counts, and asks ExifTool safely."""

import importlib.util
import json
import os
import stat
import sys
from pathlib import Path

import pytest
from media_builders import MAKE, SOFTWARE, STRANGE_NAMES, TAKEN, gps, photo

_PATH = Path(__file__).parents[2] / "benchmarks" / "compare_media.py"
_SPEC = importlib.util.spec_from_file_location("compare_media", _PATH)
compare_media = importlib.util.module_from_spec(_SPEC)
sys.modules["compare_media"] = compare_media
_SPEC.loader.exec_module(compare_media)

SERIAL = 0xA431
FULL = photo({MAKE: "Acme", SOFTWARE: "F 2"}, {TAKEN: "2026:05:03 14:22:11", SERIAL: "3105364"}, gps())
STATED = {
    "File:FileType": {"id": "FileType", "val": "JPEG"},
    "EXIF:IFD0:Make": {"id": "0x010f", "val": "Acme"},
    "EXIF:ExifIFD:DateTimeOriginal": {"id": "0x9003", "val": "2026:05:03 14:22:11"},
    "EXIF:ExifIFD:SerialNumber": {"id": "0xa431", "val": "3105364"},
    "EXIF:GPS:GPSLatitude": {"id": "0x0002", "val": 48.858222},
    "Composite:GPSLatitude": {"id": "GPSLatitude", "val": 48.858222},
    "Composite:GPSLongitude": {"id": "GPSLongitude", "val": 2.294444},
}
# A program that answers like ExifTool, keeps what it was given, and dies over files that hold the word DEADLY.
STAND_IN = f"""#!{sys.executable}
import json, pathlib, sys
lines = pathlib.Path(sys.argv[-1]).read_text().splitlines()
names = lines[lines.index("-q") + 2:]
with open(pathlib.Path(__file__).with_name("asked"), "a") as asked:
    asked.write(json.dumps(sys.argv[1:-1] + names) + "\\n")
if any(b"DEADLY" in pathlib.Path(name).read_bytes() for name in names):
    sys.exit("Out of memory!")
answer = json.loads(pathlib.Path(__file__).with_name("answer").read_text())
print(json.dumps([{{"SourceFile": name, **answer}} for name in names]))
"""


@pytest.fixture
def table(tmp_path, monkeypatch, capsys):
    """Return a function that runs the comparison over files and returns what it prints, and what ExifTool was asked."""
    program = tmp_path / "tool" / "program"
    program.parent.mkdir()
    program.write_text(STAND_IN)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def run(files, stated=STATED):
        monkeypatch.setenv("OSINT_EXIFTOOL", str(program))
        program.with_name("answer").write_text(json.dumps(stated))
        folder = tmp_path / "folder"
        folder.mkdir()
        for name, data in files.items():
            (folder / name).write_bytes(data)
        compare_media.main(folder, verbose=True)
        return capsys.readouterr().out, [
            json.loads(line) for line in program.with_name("asked").read_text().splitlines()
        ]

    return run


def row(output, name="all"):
    line = next(line for line in output.splitlines() if line.startswith(name))
    heads = [
        "writers",
        "files",
        "exiftool",
        "osint",
        "exifread",
        "pillow",
        "raised",
        "serials",
        "points",
        "cover",
        "gps",
    ]
    return dict(zip([*heads, "times"], line[14:].split(), strict=True))


def test_a_picture_on_which_all_agree(table):
    """
    All tags covered, the point and the time equal, nothing wrong.
    """
    figures = row(table({"a.jpg": FULL})[0], "JPEG")

    assert (figures["files"], figures["exiftool"], figures["osint"], figures["exifread"]) == ("1", "4", "4", "4")
    assert (figures["cover"], figures["gps"], figures["times"]) == ("100.00", "1/1", "1/1")
    assert (figures["raised"], figures["serials"], figures["points"]) == ("0", "0", "0")


def test_what_differs_is_counted_and_named(table):
    """
    A missed tag, another serial number, a point 11 km away and another time each stand in the table.
    """
    changed = {
        **STATED,
        "EXIF:ExifIFD:LensSerialNumber": {"id": "0xa435", "val": "77"},
        "EXIF:ExifIFD:SerialNumber": {"id": "0xa431", "val": "9"},
        "Composite:GPSLatitude": {"id": "GPSLatitude", "val": 48.958222},
        "EXIF:ExifIFD:DateTimeOriginal": {"id": "0x9003", "val": "2026:05:03 14:22:12"},
    }
    output, _ = table({"a.jpg": FULL}, changed)
    figures = row(output)

    assert (figures["exiftool"], figures["osint"], figures["cover"]) == ("5", "4", "80.00")
    assert (figures["serials"], figures["points"], figures["gps"], figures["times"]) == ("1", "1", "0/1", "0/1")
    assert "1 of 5 tags missed: EXIF 0xA435" in output
    assert "is false" in output


def test_a_position_that_only_we_state_is_false(table):
    """
    ExifTool states none, so ours counts as false.
    """
    silent = {key: value for key, value in STATED.items() if "GPS" not in key}

    assert row(table({"a.jpg": FULL}, silent)[0])["points"] == "1"


def test_no_chosen_name_reaches_exiftool(table):
    """
    A name with a newline or an option in it is evidence, not an argument: ExifTool sees digests alone, each once.
    """
    hostile = {"-execute\n-delete_original.jpg": FULL, "again.jpg": FULL}

    _, [asked] = table(hostile)

    assert asked[:3] == ["-config", "", "-@"]
    assert all(len(name) == 64 and set(name) <= set("0123456789abcdef") for name in asked[3:])
    assert len(asked[3:]) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="names of other systems are always characters")
@pytest.mark.parametrize("name", STRANGE_NAMES, ids=repr)
def test_a_strange_name_is_printed_on_one_line_and_steers_nothing(table, name):
    """
    A remark names the file it is about, escaped; a name that is no text ends nothing.
    """
    silent = {key: value for key, value in STATED.items() if "GPS" not in key}
    output, _ = table({os.fsdecode(name): FULL}, silent)
    (remark,) = [line for line in output.splitlines() if "is false" in line]

    assert remark.startswith("/")
    assert not set(remark) & {"\x1b", "\u202e", "\t"}
    assert output.encode()


def test_a_file_over_which_exiftool_dies_costs_no_other(table):
    """
    The process is started again for each half, down to the one file.
    """
    files = {f"{number}.jpg": FULL + bytes([number]) for number in range(4)} | {"bad.jpg": FULL + b"DEADLY"}

    output, asked = table(files)

    assert row(output)["times"] == "4/4"
    assert len(asked) > 2
    assert row(output)["files"] == "5"


def test_without_exiftool_the_table_stands_alone(tmp_path, monkeypatch, capsys):
    """
    The columns that need it are empty, and a line says so.
    """
    monkeypatch.delenv("OSINT_EXIFTOOL", raising=False)
    monkeypatch.setattr(compare_media.shutil, "which", lambda _: None)
    (tmp_path / "a.jpg").write_bytes(FULL)

    compare_media.main(tmp_path, verbose=False)
    output = capsys.readouterr().out

    assert "ExifTool was not found" in output
    assert (row(output)["cover"], row(output)["gps"]) == ("-", "-")


def test_what_a_reader_lets_out_is_counted(table, monkeypatch):
    """
    An uncaught exception is a figure of the table and ends nothing.
    """

    def broken(data):
        raise OSError("no such luck")

    monkeypatch.setitem(compare_media.READERS, "osint", broken)

    assert row(table({"a.jpg": FULL})[0])["raised"] == "1"
