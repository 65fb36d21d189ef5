"""Load files: the dialect of the platforms' own samples, hostile values that survive, readers that are not ours."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from load_file_reader import COLUMNS, faults, read_dat, read_opt
from papers_of import rows
from PIL import Image

from osint.errors import ExportError
from osint.production.load_files import write_load_files
from osint.production.load_files.dat import dat, spelt, substitutions
from osint.production.load_files.fields import FIELDS
from osint.production.load_files.opt import opt
from osint.production.plan import Document, Item, Numbers, Plan
from osint.production.release import Release

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SAMPLE = "\ufeffþControl NumberþDC4þTitleþ\r\nþA-1þDC4þone®twoþ\r\n".replace("DC4", "\x14").encode()
HOSTILE = {
    "thorn": "Þórr þ þþ",
    "registered": "Acme® ®",
    "DC4": "a\x14b\x14",
    "quotes": '"\'` ,;""',
    "line breaks": "one\r\ntwo\nthree\rfour",
    "separators": "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg",
    "right to left": "\u202eمرحبا\u202c שלום \u200f",
    "NUL": "a\x00b",
    "surrogate": "a\ud800b\udfff",
    "formula": "=1+1",
    "emoji and CJK": "🚢 你好",
    "noncharacters": "\ufffe\uffff",
    "spelt already": "⟨U+00FE⟩",
}


def plan_of(*items: Item) -> Plan:
    release = Release(decided_by="K. de Vries", authority="Rule 25.03", prefix="DOE")
    return Plan(
        number=2, to="Counsel", release=release, made=NOON, numbers=Numbers(prefix="DOE"), first=1, items=items,
        case="2026-0417", investigator="J. Smit",
    )  # fmt: skip


def item(number: int) -> Item:
    return Item(exhibit=f"E{number:04d}", sha256="ab" * 32, size=1, entry=number, stored=NOON)


def three(data: Path, about: dict[str, str] | None = None) -> tuple[Plan, list[Document]]:
    """A post of two pages with a picture, and a page that stands alone; the files are there."""
    import hashlib

    def native(name: str) -> dict[str, object]:
        content = name.encode()
        (data / name).write_bytes(content)
        return {
            "native": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(),
            "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        }  # fmt: skip

    for folder in ("NATIVES", "TEXT", "IMAGES/0001"):
        (data / folder).mkdir(parents=True)
    for number in range(1, 5):
        Image.new("1", (10, 10)).save(data / f"IMAGES/0001/DOE{number:06d}.png")
    (data / "TEXT/DOE000001.txt").write_text("x", encoding="utf-8")
    images = [f"IMAGES/0001/DOE{number:06d}.png" for number in range(1, 5)]
    head = Document(
        item=item(1), begin=1, pages=2, text="TEXT/DOE000001.txt", images=tuple(images[:2]), about=about or {},
        **native("NATIVES/DOE000001.warc.gz"),
    )  # fmt: skip
    child = Document(item=item(3), begin=3, parent=head, images=(images[2],), **native("NATIVES/DOE000003.jpg"))
    alone = Document(item=item(2), begin=4, images=(images[3],), **native("NATIVES/DOE000004.txt"))
    return plan_of(item(1), item(2), item(3)), [head, child, alone]


@pytest.fixture
def written(tmp_path):
    """The load files of three documents."""
    plan, documents = three(tmp_path)
    write_load_files(plan, documents, tmp_path)
    return tmp_path


def as_platforms_read(data: bytes) -> list[list[str]]:
    """What Python's csv makes of a DAT in the published dialect; it also reads a platform's own sample."""
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    return list(csv.reader(text, delimiter="\x14", quotechar="þ"))


def test_the_sample_of_a_platform_is_read_as_ours_is(written):
    """Byte-order mark, thorn as C3 BE, DC4, CRLF; the columns are those that were agreed on."""
    ours = (written / "DATA/production.dat").read_bytes()

    assert as_platforms_read(SAMPLE) == [["Control Number", "Title"], ["A-1", "one®two"]]
    assert read_dat(SAMPLE) == [{"Control Number": "A-1", "Title": "one\ntwo"}]
    assert ours.startswith(b"\xef\xbb\xbf\xc3\xbeBEGBATES\xc3\xbe\x14\xc3\xbeENDBATES\xc3\xbe\x14")
    assert ours.endswith(b"\xc3\xbe\r\n")
    assert ours.count(b"\n") == ours.count(b"\r\n") == 4
    assert as_platforms_read(ours)[0] == list(FIELDS) == COLUMNS
    assert "UTF-8 with a byte-order mark" in (written / "DATA/README.txt").read_text(encoding="ascii")
    assert [row["column"] for row in rows((written / "DATA/fields.csv").read_bytes())] == COLUMNS


def test_three_readers_read_the_same(written):
    """Python's csv, pandas, and one that was written for the tests."""
    data = (written / "DATA/production.dat").read_bytes()
    ours = [list(row.values()) for row in read_dat(data)]
    frame = pd.read_csv(
        written / "DATA/production.dat", sep="\x14", quotechar="þ", encoding="utf-8-sig", engine="python", dtype=str,
        keep_default_na=False,
    )  # fmt: skip

    assert as_platforms_read(data)[1:] == ours
    assert frame.to_numpy().tolist() == ours
    assert list(frame.columns) == COLUMNS


def test_nothing_is_wrong_with_what_is_written(written):
    """Numbers, families, page lines, paths and hashes."""
    head, child, alone = read_dat((written / "DATA/production.dat").read_bytes())

    assert faults(written, "DOE") == []
    assert (
        (head["BEGATTACH"], head["ENDATTACH"]) == (child["BEGATTACH"], child["ENDATTACH"]) == ("DOE000001", "DOE000003")
    )
    assert (alone["BEGATTACH"], alone["ENDATTACH"]) == ("", "")
    assert (head["FILEEXT"], head["NATIVEPATH"], head["PAGECOUNT"]) == ("warc.gz", ".\\NATIVES\\DOE000001.warc.gz", "2")
    assert (head["TIMEZONE"], head["CASE_NO"], head["CUSTODIAN"], head["LEDGER_SEQ"]) == (
        "UTC",
        "2026-0417",
        "J. Smit",
        "1",
    )


def test_a_page_line_has_seven_fields_and_counts_once(written):
    """The key of a document's first page is its number; no header, no folder and box breaks."""
    assert read_opt((written / "DATA/production.opt").read_bytes()) == [
        ["DOE000001", "VOL002", ".\\IMAGES\\0001\\DOE000001.png", "Y", "", "", "2"],
        ["DOE000002", "VOL002", ".\\IMAGES\\0001\\DOE000002.png", "", "", "", ""],
        ["DOE000003", "VOL002", ".\\IMAGES\\0001\\DOE000003.png", "Y", "", "", "1"],
        ["DOE000004", "VOL002", ".\\IMAGES\\0001\\DOE000004.png", "Y", "", "", "1"],
    ]


@pytest.mark.parametrize("images", [("IMAGES/a,b.png",), ("IMAGES/ä.png",), (), ("IMAGES/a.png", "IMAGES/b.png")])
def test_what_opticon_cannot_carry_is_refused(images):
    """A comma or a letter in a path, and a document with more or fewer images than numbers."""
    with pytest.raises(ExportError):
        opt(plan_of(item(1)), [Document(item=item(1), begin=1, images=images)])


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_value_survives(tmp_path, value):
    """It is one field on one line for every reader, and the list of substitutions leads back to what it was."""
    plan, documents = three(tmp_path, {"TITLE": value, "AUTHOR_HANDLE": value})
    write_load_files(plan, documents, tmp_path)
    data = (tmp_path / "DATA/production.dat").read_bytes()
    [_, first, *_] = as_platforms_read(data)
    changed = [
        each
        for each in rows((tmp_path / "lists/substitutions.csv").read_bytes())
        if (each["number"], each["column"]) == ("DOE000001", "TITLE")
    ]

    assert len(as_platforms_read(data)) == 4
    assert faults(tmp_path, "DOE") == []
    back = first[COLUMNS.index("TITLE")].replace("®", "\n")
    for each in changed:
        at = int(each["place"])
        assert back[at:].startswith(each["written"])
        back = back[:at] + chr(int(each["code point"].removeprefix("U+"), 16)) + back[at + len(each["written"]) :]
    assert back == value.replace("\r\n", "\n").replace("\r", "\n")
    root = ET.fromstring((tmp_path / "DATA/production.xml").read_bytes())
    assert len(root.findall(".//Document")) == 3


def test_a_handle_of_a_hundred_kilobytes_is_cut_and_the_list_says_where():
    """Review platforms take no such field; the text of the document has it whole."""
    long = "þ" + "h" * 100_000
    row = {**dict.fromkeys(FIELDS, ""), "BEGBATES": "DOE000001", "AUTHOR_HANDLE": long}
    [read] = read_dat(dat([row]))

    assert len(read["AUTHOR_HANDLE"]) < 5000
    assert read["AUTHOR_HANDLE"].endswith("…")
    assert list(substitutions([row])) == [
        ("DOE000001", "AUTHOR_HANDLE", "0", "U+00FE", "⟨U+00FE⟩"),
        ("DOE000001", "AUTHOR_HANDLE", "4000", "96001 characters", "…"),
    ]
    assert spelt("plain, and \"quoted\"; 'here'") == "plain, and \"quoted\"; 'here'"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("NATIVES/DOE000003.jpg", b"jpg", b"jpe"),
        ("DATA/production.dat", b"DOE000003", b"DOE000009"),
        ("DATA/production.dat", b"\xbe2\xc3", b"\xbe3\xc3"),
        ("DATA/production.opt", b"Y,,,2", b"Y,,,1"),
        ("DATA/production.opt", b"DOE000002,VOL002,.\\IMAGES\\0001\\DOE000002.png,,,,\r\n", b""),
        ("IMAGES/0001/DOE000002.png", None, None),
        ("TEXT/DOE000001.txt", None, None),
    ],
    ids=["native", "renumbered", "page count", "opt count", "page line", "no image", "no text"],
)
def test_the_reader_of_the_tests_finds_what_is_wrong(written, name, old, new):
    """So that its silence says something."""
    path = written / name
    if old is None:
        path.unlink()
    else:
        assert old in path.read_bytes()
        path.write_bytes(path.read_bytes().replace(old, new))

    assert faults(written, "DOE")


def test_a_child_before_its_parent_is_found(written):
    """By the reader of the tests: the order of the rows is what a platform goes by."""
    plan, [head, child, alone] = three(written / "other")
    early, late = replace(child, begin=1, parent=head), replace(head, begin=2, pages=2)
    write_load_files(plan, [replace(early, parent=late), late, alone], written / "other")

    assert faults(written / "other", "DOE")


@pytest.mark.skipif(shutil.which("xmllint") is None, reason="xmllint is not installed")
def test_edrm_xml_is_well_formed_for_a_reader_of_others(written):
    """Root, batch, documents, files and the relationship of the family."""
    path = str(written / "DATA/production.xml")
    subprocess.run(["xmllint", "--noout", "--nonet", path], check=True)
    told = subprocess.run(
        ["xmllint", "--nonet", "--xpath", "count(/Root/Batch/Documents/Document/Files/File/ExternalFile)", path],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    root = ET.parse(path).getroot()
    [family] = root.findall("./Batch/Relationships/Relationship")

    assert told.stdout.strip() == "8"
    assert (root.attrib["MajorVersion"], root.attrib["MinorVersion"]) == ("1", "2")
    assert (family.attrib["ParentDocID"], family.attrib["ChildDocID"]) == ("DOE000001", "DOE000003")
    native = root.find("./Batch/Documents/Document[@DocID='DOE000003']/Files/File[@FileType='Native']/ExternalFile")
    assert (native.attrib["FilePath"], native.attrib["FileName"]) == ("NATIVES", "DOE000003.jpg")
