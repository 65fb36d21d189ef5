"""What joins files, and what must not: strangers' cameras above all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from osint.media.journeys import impossible_journeys
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


def placed(name, latitude, gps_time, longitude=2.3522, grade="read"):
    one = photo(name, "3105364")
    where = [("latitude", latitude), ("longitude", longitude), ("gps_time", gps_time)]
    values = (replace(value(fact, str(found)), value=found, status=grade) for fact, found in where)
    return one._replace(values=(*one.values, *values))


def test_a_camera_that_cannot_have_been_at_both_places_is_told():
    """The link stays, in doubt: two accounts with one number, and 390 km in ten minutes."""
    paris, lyon = placed("a", 48.8566, "2026-05-03T12:00:00Z"), placed("b", 45.764, "2026-05-03T12:10:00Z")

    ((link,), _) = links([lyon, paris])

    assert (link.kind, link.strength) == ("camera", "medium")
    assert "Between 2026-05-03T12:00:00Z and 2026-05-03T12:10:00Z it would have moved at 5" in link.sentence


def test_a_camera_without_a_receivers_time_is_placed_by_a_clock_of_a_known_zone():
    """With its offset the clock names an instant; without, it names none."""
    clock = value("taken_local", "2026-05-03T14:10:00")
    lyon = placed("b", 45.764, "soon")
    known = lyon._replace(values=(*lyon.values, clock, value("taken_offset", "+02:00")))
    # Ten minutes after the other picture, if this were the clock of Kiribati.
    unknown = lyon._replace(values=(*lyon.values, value("taken_local", "2026-05-04T02:10:00")))

    paris = placed("a", 48.8566, "2026-05-03T12:00:00Z")

    assert ["moved" in links([paris, each])[0][0].sentence for each in (known, unknown)] == [True, False]


def test_a_time_that_cannot_be_is_no_stop_of_a_journey():
    """Two files of a model that was not sold yet, by their own receivers."""
    owner = (value("camera_make", "Apple"), value("camera_model", "iPhone 15"))
    stops = [placed(name, place, "2010-05-03T12:00:00Z") for name, place in (("a", 48.8566), ("b", 45.764))]
    stops = [each._replace(values=(*owner, *each.values[2:])) for each in stops]

    assert impossible_journeys(each.values for each in stops) == ()
    assert len(impossible_journeys(each.values[2:] for each in stops)) == 1


@pytest.mark.parametrize(
    "other",
    [
        placed("b", 45.764, "2026-05-03T14:10:00Z"),
        placed("b", 0.0, "2026-05-03T12:10:00Z", longitude=0.0),
        placed("b", 45.764, "soon"),
        placed("b", 45.764, "2026-05-03T12:10:00Z", grade="impossible"),
    ],
    ids=["two hours", "no place", "no instant", "not read"],
)
def test_a_journey_that_could_be_leaves_the_link_as_it_was(other):
    """A file without an instant or a place of its own speaks against nothing."""
    ((link,), _) = links([placed("a", 48.8566, "2026-05-03T12:00:00Z"), other])

    assert (link.strength, "moved" in link.sentence) == ("strong", False)


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


@pytest.mark.parametrize("owner", [{"make": ""}, {"model": ""}])
def test_a_number_of_a_camera_that_is_not_named_joins_nobody(owner):
    """
    Without maker and model the same number is that of many cameras.
    """
    found, (refused,) = links([photo("a", "3105364", **owner), photo("b", "3105364", **owner)])

    assert (found, "do not name whose number it is" in refused.reason) == ((), True)


def test_lenses_of_two_makers_with_one_number_are_two_lenses():
    """
    A lens without a maker of its own is that of the camera's.
    """
    lens = [
        StatedBy(name, (value("camera_make", make), value("lens_serial", "3105364")))
        for name, make in (("a", "Canon"), ("b", "Exa"), ("c", "Exa"))
    ]

    ((link,), refused) = links(lens)
    assert (link.kind, link.files, refused) == ("lens", ("b", "c"), ())


def edited(name, document, source, account=""):
    ids = (value("document_id", document), value("derived_from_id", source))
    return StatedBy(name, ids, frozenset([account] if account else []))


def test_renditions_of_one_document_were_not_made_from_each_other():
    """
    Each names the document that it is itself, which made two files the source of one another.
    """
    found, refused = links([edited(name, "xmp.did:4f81a2c9", "xmp.did:4f81a2c9") for name in "ab"])

    assert ([link.kind for link in found], refused) == (["document"], ())


def test_of_several_files_that_bear_an_id_none_is_called_the_source():
    """
    The link is weaker and says so; where as many share it as share a default, there is none.
    """
    made = edited("z", "xmp.did:00000bb7", "xmp.did:4f81a2c9")
    sources = [edited(f"{n}", "xmp.did:4f81a2c9", "", f"account:{n}") for n in range(MOST_ACCOUNTS + 1)]

    few = [link for link in links([made, *sources[:2]])[0] if link.kind == "derivation"]
    found, refused = links([made, *sources])

    assert [(link.files, link.strength) for link in few] == [(("0", "z"), "medium"), (("1", "z"), "medium")]
    assert "it cannot be told which" in few[0].sentence
    assert (found, {"document", "derivation"}) == ((), {each.kind for each in refused})
