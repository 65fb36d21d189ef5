"""What joins files, and what must not: strangers' cameras above all."""

from __future__ import annotations

import pytest

from osint.media.links import MOST_ACCOUNTS, StatedBy, links
from osint.media.value import Value


def value(fact: str, found: str, confidence: str = "agreed", **more) -> Value:
    return Value(block="EXIF", name=fact, text=found, fact=fact, value=found, reader="exifread 3.5.1",
                 confidence=confidence, **more)  # fmt: skip


def photo(
    name: str, serial: str, make: str = "NIKON CORPORATION", model: str = "NIKON D300", account: str = "", **more
):
    values = (value("camera_make", make), value("camera_model", model), value("camera_serial", serial, **more))
    return StatedBy(name, values, frozenset([account] if account else []))


def test_files_that_state_one_camera_are_linked_with_what_it_rests_on():
    """The maker and the model belong to the number."""
    ((link,), refused) = links([photo("a", "3105364"), photo("b", " 3105364 ")])

    assert (link.kind, link.files, link.strength, refused) == ("camera", ("a", "b"), "strong", ())
    assert link.key == "NIKON CORPORATION NIKON D300 3105364"
    assert link.readers == ("exifread 3.5.1",)


@pytest.mark.parametrize(
    ("serial", "make", "why"),
    [
        ("00STANDA", "NIKON CORPORATION", "where there is no number"),
        ("0000000", "NIKON CORPORATION", "where there is no number"),
        ("12345678", "NIKON CORPORATION", "where there is no number"),
        ("none", "Exa", "where there is no number"),
        ("31AB364", "NIKON CORPORATION", "not the form in which this maker"),
        ("3105", "Exa", "not the form in which this maker"),
    ],
)
def test_a_number_that_is_none_joins_nobody_and_is_told(serial, make, why):
    """Three different cameras once came back with the same default."""
    found, (refused,) = links([photo("a", serial, make), photo("b", serial, make)])

    assert found == ()
    assert (why in refused.reason, refused.files) == (True, ("a", "b"))


@pytest.mark.parametrize("confidence", ["one reader", "conflict"])
def test_one_reader_alone_links_nothing(confidence):
    """Also when the other file was read by two."""
    found, (refused,) = links([photo("a", "3105364"), photo("b", "3105364", confidence=confidence)])

    assert (found, "two must agree" in refused.reason) == ((), True)


def test_the_same_number_of_another_model_is_another_camera():
    """Makers count anew for each."""
    assert links([photo("a", "3105364"), photo("b", "3105364", model="NIKON D5300")]) == ((), ())


def test_what_more_accounts_share_than_could_share_a_camera_is_a_default():
    """Whatever it looks like."""
    many = [photo(f"f{number}", "3105364", account=f"@a{number}@x") for number in range(MOST_ACCOUNTS + 1)]
    found, (refused,) = links(many)
    ((link,), _) = links(many[:-1])

    assert (found, f"{MOST_ACCOUNTS + 1} accounts" in refused.reason, len(link.files)) == ((), True, MOST_ACCOUNTS)


@pytest.mark.parametrize("status", ["unset", "impossible", "unreadable"])
def test_what_is_not_there_links_nothing(status):
    """An unset field is no number."""
    assert links([photo("a", "3105364", status=status), photo("b", "3105364", status=status)]) == ((), ())


def test_documents_and_live_photos_are_linked_by_their_ids():
    """Made by programs, so one reader is enough; what has no form of an id is told."""
    files = [
        StatedBy("still", [value("content_id", "1F0A77C2-0001", "one reader")]),
        StatedBy("film", [value("content_id", "1F0A77C2-0001", "one reader")]),
        StatedBy("x", [value("image_id", "00000000000000000000000000000000")]),
        StatedBy("y", [value("image_id", "00000000000000000000000000000000")]),
    ]
    (link,), (refused,) = links(files)

    assert (link.kind, link.files) == ("live photo", ("film", "still"))
    assert (refused.kind, refused.reason) == ("image id", "It has not the form of an id.")


def test_a_derivation_leads_from_the_source_to_what_was_made_from_it():
    """And never from a file to itself."""
    source = StatedBy("source", [value("document_id", "xmp.did:aaaa-1111")])
    derived = StatedBy(
        "derived", [value("document_id", "xmp.did:bbbb-2222"), value("derived_from_id", "xmp.did:aaaa-1111")]
    )
    own = StatedBy("own", [value("document_id", "xmp.did:cccc-3333"), value("derived_from_id", "xmp.did:cccc-3333")])
    (link,), refused = links([derived, source, own])

    assert (link.kind, link.files, refused) == ("derivation", ("source", "derived"), ())
