"""What is derived from a case's files on demand: the word of other programs, and which pictures look the same."""

from __future__ import annotations

import io
import json

import pytest
from drawn_pictures import scene
from media_builders import MAKE, MODEL, photo
from origin import http


@pytest.fixture
def shown(open_case, origin):
    """A case whose posts show these files."""

    def shown(*files: bytes):
        items = [
            {
                "id": f"https://jane.example/{number}",
                "content_text": "words",
                "image": origin.serve(f"/{number}.jpg", http(data, "Content-Type: image/jpeg")),
            }
            for number, data in enumerate(files)
        ]
        body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Jane", "items": items}).encode()
        case = open_case()
        case.collect("feed", url=origin.serve("/feed", http(body, "Content-Type: application/feed+json")))
        case.media(case.posts())
        return case

    return shown


def jpeg(number: int, **options) -> bytes:
    stream = io.BytesIO()
    scene(number).save(stream, "JPEG", **options)
    return stream.getvalue()


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
    assert runs(case, "corroboration")[0].private["exhibits"] == ["E0002"]
    case.verify()
