"""The real ExifTool beside our readers (``make test-interop``): the same facts, names that change nothing."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "media"))

from container_builders import film
from media_builders import MAKE, MODEL, OFFSET, SOFTWARE, TAKEN, box, gps, photo

from osint.media.agreement import agreed
from osint.media.containers import read_structure
from osint.media.corroborators import corroborate
from osint.media.corroborators.copies import FILES_TO_A_BATCH
from osint.media.exif import read_exif
from osint.media.identity import HEAD, sniff
from osint.media.quicktime import read_quicktime
from osint.media.xmp import read_xmp

pytestmark = pytest.mark.interop

PROGRAM = (
    Path(__file__).parents[2] / ".venv" / "interop-node" / "node_modules" / "exiftool-vendored.pl" / "bin" / "exiftool"
)
READERS = {"exif": read_exif, "xmp": read_xmp, "quicktime": read_quicktime}
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    b'xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmp:CreateDate="2026-05-03T14:22:11+02:00" '
    b'xmpMM:DocumentID="xmp.did:1234"><dc:subject><rdf:Bag><rdf:li>harbour</rdf:li><rdf:li>night</rdf:li></rdf:Bag>'
    b"</dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"
)
HOSTILE_NAMES = ["two\nlines.jpg", "-execute", "ls|", "https:example.example", "\u202egpj.exe", "%d%f", "@list"]


@pytest.fixture(autouse=True)
def _program(monkeypatch):
    assert PROGRAM.is_file(), "sh tests/interop/install.sh installs it"
    monkeypatch.setenv("OSINT_EXIFTOOL", str(PROGRAM))


def picture():
    tags = {MAKE: "Acme", MODEL: "Model 5", SOFTWARE: "1.10"}
    data = photo(
        tags, {TAKEN: "2026:05:03 14:22:11", OFFSET: "+02:00"}, gps(altitude=35.5, below=b"\1", day="2026:05:03")
    )
    content = b"http://ns.adobe.com/xap/1.0/\0" + XMP
    return data[:2] + b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content + data[2:]


def movie():
    seconds = 3_860_000_000
    header = (
        bytes(4) + seconds.to_bytes(4, "big") * 2 + (600).to_bytes(4, "big") + (2401).to_bytes(4, "big") + bytes(80)
    )
    point = b"+48.8566+002.3522+035.000/"
    place = box("©xyz".encode("latin-1"), len(point).to_bytes(2, "big") + b"\x15\xc7" + point)
    return film(box(b"moov", box(b"mvhd", header) + box(b"udta", place)), brand=b"qt  ")


def judged(folder, content, name="file"):
    (folder / name).write_bytes(content)
    found = corroborate([folder / name], by=["exiftool"])
    ((reading,),) = found.readings.values()
    blocks = read_structure(content, sniff(content[:HEAD])).blocks
    ours = [value for each in blocks if each.kind in READERS for value in READERS[each.kind](content, each).values]
    return agreed([*ours, *reading.values]), found


@pytest.mark.parametrize("content", [picture(), movie()], ids=["picture", "film"])
def test_every_fact_of_ours_is_agreed(tmp_path, content):
    """
    Camera, clocks, place, ids, keywords: what we read, ExifTool reads. Only how finely a place is spelt is ours alone.
    """
    values, found = judged(tmp_path, content)

    facts = {
        (value.block, value.fact): value.confidence for value in values if value.fact and value.block != "container"
    }
    alone = {key for key, confidence in facts.items() if confidence != "agreed"}
    assert {fact for _, fact in alone} <= {"position_step"}
    assert len(facts) - len(alone) >= 4
    assert found.derivations[0].state == "ok"


def test_names_change_nothing(tmp_path):
    """
    A list of lines, options, a pipe, an address: the same output as under a plain name.
    """
    plain = judged(tmp_path, picture())[1].derivations

    for name in HOSTILE_NAMES:
        assert [run.output for run in judged(tmp_path, picture(), name)[1].derivations] == [run.output for run in plain]


def test_again_gives_the_same_output(tmp_path):
    """
    Another folder, another second: the same digest, and the record says by which ExifTool.
    """
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (first,), (second,) = (judged(tmp_path / each, picture())[1].derivations for each in "ab")

    assert first.output_sha256 == second.output_sha256
    assert tuple(map(int, first.version.split("."))) >= (13, 55)
    assert first.libraries["perl"].startswith("v5")
    assert len(first.libraries["files of lib"]) == 64


def test_a_batch_with_damaged_files_loses_none(tmp_path):
    """
    Cut off, empty, garbage, many: each gets a reading, in as few processes as there are batches.
    """
    data = picture()
    contents = {data[:length] for length in range(0, len(data), 40)} | {bytes([n]) * 99 for n in range(256)}
    files = []
    for number, content in enumerate(contents):
        files.append(tmp_path / str(number))
        files[-1].write_bytes(content)

    found = corroborate(files, by=["exiftool"])

    assert len(found.readings) == len(contents)
    assert len(found.derivations) == -(-len(contents) // FILES_TO_A_BATCH)
    assert {run.state for run in found.derivations} == {"ok"}


def test_exiftool_runs_by_its_own_name_too(tmp_path, monkeypatch):
    """
    On the PATH, where no variable names it.
    """
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "exiftool").symlink_to(PROGRAM)
    monkeypatch.delenv("OSINT_EXIFTOOL")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{Path(shutil.which('perl')).parent}")

    assert judged(tmp_path, picture())[1].absent == ()
