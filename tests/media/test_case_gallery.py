"""The pictures of a case: made of its evidence, of no other bytes, and shown to whoever may only read."""

import io
import json
import re
from base64 import b64decode
from hashlib import sha256

import pytest
from bs4 import BeautifulSoup
from drawn_pictures import scene, stored
from kept_cases import copy_case, new_case
from media_builders import gps, photo
from origin import http
from PIL import Image

from osint.errors import CaseError
from osint.reading import CaseToRead


@pytest.fixture(scope="module")
def made(tmp_path_factory, lasting_origin):
    """The folder of a case with a photo, a drawing and a film, each shown by a post."""
    folder = tmp_path_factory.mktemp("gallery")
    with new_case(folder) as case:
        collect(case, lasting_origin)
    return folder


@pytest.fixture
def case(made, open_case, tmp_path):
    """A copy of it."""
    copy_case(made, tmp_path)
    return open_case(authorized=False)


def collect(case, origin):
    served = {
        "photo.jpg": ("image/jpeg", photo({0x010F: "Acme"}, {0x9003: "2026:05:03 14:22:11"}, gps(), size=(640, 480))),
        "drawing.png": ("image/png", stored(scene(3, (800, 600)))),
        "film.mp4": ("video/mp4", b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(64)),
    }
    urls = {
        name: origin.serve(f"/{name}", http(body, f"Content-Type: {kind}")) for name, (kind, body) in served.items()
    }
    items = [{"id": f"https://jane.example/{name}", "content_text": "w", "image": url} for name, url in urls.items()]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Jane", "items": items}
    case.collect(
        "feed", url=origin.serve("/feed", http(json.dumps(feed).encode(), "Content-Type: application/feed+json"))
    )
    case.media(case.posts())


def test_the_gallery_of_a_case_shows_each_file(case):
    """
    Pictures as pictures, a film as a card that says so.
    """
    cards = {card.facts["type"].split(",")[0]: card for card in case.gallery().cards}

    assert sorted(cards) == ["image/jpeg", "image/png", "video/mp4"]
    assert Image.open(io.BytesIO(cards["image/jpeg"].thumbnail.jpeg)).size == (320, 240)
    assert cards["video/mp4"].thumbnail.reason == "a file of the type video/mp4 is not shown as a picture"
    assert "seccomp" in cards["image/png"].thumbnail.isolation or "without" in cards["image/png"].thumbnail.isolation


def test_a_gallery_of_some_posts_shows_their_files_alone(case):
    """
    And asks nobody for anything.
    """
    posts = case.posts()
    entries = len(case.ledger)

    (card,) = case.gallery(posts[posts["id"].str.endswith("photo.jpg")]).cards

    assert card.facts["posts"].endswith("photo.jpg")
    assert len(case.ledger) == entries


def test_looking_at_media_needs_no_key_and_writes_no_entry(case):
    """
    A gallery and a sheet of a case that is opened to read.
    """
    folder, exhibit, entries = case.folder, case.media()["exhibit"][0], len(case.ledger)
    case.close()

    with CaseToRead(folder) as reading:
        assert len(reading.gallery().cards) == 3
        assert exhibit in str(reading.media_sheet(exhibit))
        assert len(reading.ledger) == entries


def test_the_sheet_of_an_exhibit_has_how_it_was_read(case):
    """
    From the ledger, with the digests that a second run has to give again.
    """
    media = case.media()
    exhibit = media[media["media_type"] == "image/jpeg"]["exhibit"].iloc[0]

    sheet = case.media_sheet(exhibit)

    assert sheet.thumbnail.jpeg
    assert sheet.record.facts.camera_make == "Acme"
    read, drawn = sheet.derivations
    assert read["inputs"] == drawn["inputs"] == [sheet.record.facts.sha256]
    assert drawn["arguments"] == ["osint.media.thumbnails.make_thumbnail"]


def test_a_report_names_each_small_picture_by_its_digest_and_draws_where_the_files_say_they_are(case, tmp_path):
    """
    The digest is that of the bytes on the page.
    """
    page = BeautifulSoup(case.report(tmp_path / "report.html").read_bytes(), "html.parser")
    shown = [image["src"] for image in page.select("details > img")]
    digests = [sha256(b64decode(source.partition(",")[2])).hexdigest() for source in shown]

    assert len(digests) == 2
    for digest in digests:
        assert f"The small picture, SHA-256 {digest}, was made for this page by osint " in page.text
    assert page.find("img", alt=re.compile("^Positions that files state"))


def test_an_exhibit_that_holds_no_file_has_no_sheet(case):
    """
    The feed itself is no media file.
    """
    with pytest.raises(CaseError, match="holds no file that was examined"):
        case.media_sheet("E0001")


def test_bytes_that_are_not_those_that_were_examined_are_not_shown(case, monkeypatch):
    """
    The working copy is hashed before anyone decodes it.
    """
    from osint.media import preserved

    monkeypatch.setattr(preserved, "copy_body", lambda blob, exhibit, out: out.write(photo()))

    reasons = {card.thumbnail.reason for card in case.gallery().cards if card.facts["type"].startswith("image/")}

    assert reasons == {"its bytes are no longer those that were examined; verify the case"}
