"""What is derived from a case's files on demand: the word of other programs, and which pictures look the same."""

from __future__ import annotations

import json
from types import SimpleNamespace

import apsw
import pytest
from drawn_pictures import scene, stored
from kept_cases import copy_case, new_case
from media_builders import MAKE, MODEL, photo
from media_programs import exiftool, posix_only
from origin import http

from osint.errors import IntegrityError
from osint.media.blocks import Reading
from osint.media.corroborated import digest, recorded, with_readings
from osint.media.description import MediaFacts
from osint.media.examination import MediaRecord
from osint.media.value import Value


@pytest.fixture
def shown(open_case, origin):
    """A case whose posts show these files."""
    return lambda *files: show(open_case(), origin, *files)


def show(case, origin, *files: bytes):
    """Have a case collect posts that show these files, and return it."""
    items = [
        {
            "id": f"https://jane.example/{number}",
            "content_text": "words",
            "image": origin.serve(f"/{number}.jpg", http(data, "Content-Type: image/jpeg")),
        }
        for number, data in enumerate(files)
    ]
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Jane", "items": items}).encode()
    case.collect("feed", url=origin.serve("/feed", http(body, "Content-Type: application/feed+json")))
    case.media(case.posts())
    return case


def jpeg(number: int, **options) -> bytes:
    return stored(scene(number, (400, 300)), "JPEG", **options)


def runs(case, kind: str) -> list:
    return [
        entry for entry in case._ledger.entries() if entry.action == "transform" and entry.result[0]["kind"] == kind
    ]


def test_pictures_that_look_the_same_are_found_and_the_run_is_an_entry(shown):
    """A picture that was saved again looks the same, and a stranger does not."""
    case = shown(jpeg(1, quality=95), jpeg(1, quality=40), jpeg(2, quality=95))
    table = case.same_pictures()
    alike = table[table["medoid"].notna()]

    assert (sorted(alike["exhibit"]), len(table)) == (["E0002", "E0003"], 3)
    (entry,) = runs(case, "picture-hashes")
    assert len(entry.private["exhibits"]) == 3
    assert entry.private["derivations"][0]["state"] == "ok"
    case.same_pictures()
    digests = {each.private["derivations"][0]["output_sha256"] for each in runs(case, "picture-hashes")}
    assert len(digests) == 1
    case.verify()


def test_what_is_not_decoded_is_named(shown):
    """With its exhibit; the others go on."""
    case = shown(jpeg(1), b"\xff\xd8\xff broken")
    table = case.same_pictures()

    assert len(table) == 1
    assert [said.partition(":")[0] for said in table.attrs["unread"]] == ["E0003"]


def test_the_word_of_other_programs_stands_beside_ours(shown, monkeypatch, tmp_path):
    """Where none is installed ours stands alone, and the table says what is missing."""
    for name in ("OSINT_EXIFTOOL", "OSINT_MEDIAINFO", "OSINT_FFPROBE"):
        monkeypatch.setenv(name, str(tmp_path / "nothing-here"))
    case = shown(photo(image={MAKE: "Exa", MODEL: "C-1"}))
    table = case.corroborate(by=["exiftool", "mediainfo", "ffprobe"])
    model = table[table["fact"] == "camera_model"]

    assert (set(model["value"]), set(model["confidence"])) == ({"C-1"}, {"agreed"})
    assert len(table.attrs["absent"]) == 3
    assert runs(case, "corroboration") == []  # nothing ran
    case.verify()


# -- what they say is kept ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def asked_once(tmp_path_factory, lasting_origin):
    """The folder of a case with a photo by "Exa", which another program called that of "Acme"."""
    folder = tmp_path_factory.mktemp("corroborated")
    with new_case(folder) as case, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSINT_EXIFTOOL", str(exiftool(folder)))
        show(case, lasting_origin, photo(image={MAKE: "Exa", MODEL: "C-1"})).corroborate(by=["exiftool"])
    return folder


@pytest.fixture
def corroborated(asked_once, open_case, tmp_path, monkeypatch):
    """A copy of it, where that program is not installed."""
    copy_case(asked_once, tmp_path)
    monkeypatch.setenv("OSINT_EXIFTOOL", str(tmp_path / "nothing-here"))
    return open_case(authorized=False)


def makes(table) -> dict[str, str]:
    """Return who is said to have made the camera, by reader."""
    found = table[table["fact"] == "camera_make"]
    return dict(zip(found["reader"].str.partition(" ")[0], found["value"], strict=True))


OURS = {"exifread": "Exa", "osint": "Exa"}
BOTH = {**OURS, "ExifTool": "Acme"}


def alter(case, change: str) -> None:
    with apsw.Connection(str(case.folder / "working" / "tables.sqlite")) as tables:
        tables.execute(change)


@posix_only
def test_what_another_program_said_is_there_after_reopening_and_rebuilding(corroborated, open_case):
    """
    Without the program: in the values, on the sheet, in the report and in the package; the ledger vouches for it.
    """
    folder = corroborated.folder
    corroborated.close()
    case = open_case(folder, authorized=False)

    assert makes(case.media_values()) == BOTH
    case.verify()
    entries = len(case.ledger)
    case.rebuild()

    assert makes(case.media_values()) == BOTH
    assert case.media_values().attrs["absent"] == []
    assert not [entry for entry in case._ledger.entries(entries) if entry.result[0]["kind"] == "corroboration"]
    assert "Readers disagree on the camera_make in EXIF" in " ".join(case.media()["warnings"][0])
    report = case.report().read_text(encoding="utf-8").rpartition("What the files state</h")[2]
    assert report.index(">Readers disagree</") < report.index("Acme") < report.index(">Device</")
    assert "CONFLICT" in str(case.media_sheet("E0002"))
    case.verify()


@posix_only
def test_a_word_that_was_altered_is_found_and_asked_again(corroborated, tmp_path, monkeypatch):
    """
    Verification names the exhibit. A rebuild does not take it over; where the program is here, it is asked again.
    """
    case = corroborated
    alter(case, "UPDATE records SET body = replace(body, 'Acme', 'Evil') WHERE kind = 'reading'")

    with pytest.raises(IntegrityError, match="E0002"):
        case.verify()
    assert "exiftool said of E0002" in case.media_values().attrs["absent"][0]
    case.rebuild()
    assert makes(case.media_values()) == OURS
    assert "exiftool said of E0002" in case.media_values().attrs["absent"][0]
    case.verify()
    monkeypatch.setenv("OSINT_EXIFTOOL", str(exiftool(tmp_path)))
    case.rebuild()

    assert makes(case.media_values()) == BOTH
    assert case.media_values().attrs["absent"] == []
    first, again = runs(case, "corroboration")
    outputs = [entry.private["derivations"][0]["output_sha256"] for entry in (first, again)]
    assert outputs[0] == outputs[1] is not None
    case.verify()


@posix_only
def test_a_word_that_the_ledger_does_not_vouch_for_is_found(corroborated):
    """
    Whoever puts one into the tables by hand is found out, and a rebuild drops it.
    """
    case = corroborated
    alter(
        case,
        "INSERT INTO records SELECT exhibit, position + 1, kind, replace(body, 'exiftool', 'mediainfo') FROM records "
        "WHERE kind = 'reading'",
    )
    with pytest.raises(IntegrityError, match="E0002"):
        case.verify()
    case.rebuild()

    assert makes(case.media_values()) == BOTH
    case.verify()


@posix_only
def test_asking_one_program_again_leaves_the_word_of_the_other(corroborated, tmp_path, monkeypatch):
    """
    The newest entry says all that is kept of a file.
    """
    case = corroborated
    monkeypatch.setenv("OSINT_EXIFTOOL", str(exiftool(tmp_path)))
    monkeypatch.setenv("OSINT_MEDIAINFO", str(tmp_path / "nothing-here"))
    assert len(case.corroborate(by=["mediainfo"]).attrs["absent"]) == 1
    assert makes(case.media_values()) == BOTH
    case.corroborate(by=["exiftool", "mediainfo"])

    assert makes(case.media_values()) == BOTH
    assert list(runs(case, "corroboration")[-1].private["readings"]["E0002"]) == ["exiftool"]
    case.verify()


def test_each_picture_that_was_hashed_has_its_own_record(shown):
    """
    With where it was decoded and how that ended; what was refused is recorded, too.
    """
    case = shown(jpeg(1), b"\xff\xd8\xff broken")
    case.same_pictures()
    good, bad = runs(case, "picture-hashes")[0].private["derivations"]

    assert ([good["state"], bad["state"]], [good["exhibit"], bad["exhibit"]]) == (["ok", "refused"], ["E0002", "E0003"])
    assert good["isolation"].startswith(("rlimits", "process only"))
    assert "Pillow" in good["libraries"]


def test_the_newest_entry_on_a_file_says_all_that_is_kept_of_it():
    """
    A program that was asked again in another version said something else; of other files nothing changed.
    """
    told = [{"E0002": {"ExifTool": "aa"}, "E0003": {"ExifTool": "bb"}}, {"E0002": {"ExifTool": "cc"}}]
    entries = [
        SimpleNamespace(seq=seq, action="transform", private={"readings": each}) for seq, each in enumerate(told, 7)
    ]

    assert recorded(entries) == {"E0002": (8, {"ExifTool": "cc"}), "E0003": (7, {"ExifTool": "bb"})}


def test_a_number_in_a_makernote_that_another_program_reads_there_becomes_a_statement():
    """
    It may then link cameras; alone it states nothing.
    """
    note = {"block": "MakerNote", "name": "SerialNumber", "tag_id": "0x001D", "text": "3105364"}
    ours = Value(**note, reader="exifread 3.5.1")
    theirs = Value(**note, reader="ExifTool 13.58", fact="camera_serial", value="3105364")
    facts = MediaFacts(sha256="a" * 64, size=7, media_type="image/jpeg", values=(ours,))
    record = MediaRecord(facts=facts, exhibit="E0002")

    read = with_readings(record, [Reading(values=(theirs,), problems=("A problem.",))])

    assert [(each.fact, each.confidence) for each in read.facts.values] == [("camera_serial", "agreed")] * 2
    assert read.facts.warnings == ("A problem.",)
    assert with_readings(record, []) is record


@pytest.mark.parametrize("other", [{"values": [{"text": "b"}]}, {"problems": []}])
def test_what_the_ledger_vouches_for_are_the_values_and_the_problems(other):
    """
    Each of them changes the digest; nothing beside them does.
    """
    body = {"exhibit": "E0002", "values": [{"text": "a"}], "problems": ["It gave no answer."]}

    assert digest(body | other) != digest(body) == digest(body | {"exhibit": "E0003"})
