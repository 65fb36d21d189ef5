"""Readers that agree, readers that differ, and what a file states in two ways."""

from __future__ import annotations

import pytest

from osint.media.agreement import agreed, disagreements
from osint.media.value import Value


def value(fact: str, reader: str, found: str | float | None, block: str = "EXIF", **more) -> Value:
    return Value(block=block, name=fact, text=str(found), fact=fact, value=found, reader=reader, **more)


def confidence(*values: Value) -> set[str]:
    return {each.confidence for each in agreed(values)}


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (48.8566, 48.856600001, "agreed"),
        (48.8566, 48.8567, "conflict"),
        ("Exa  Cam 1 ", "Exa Cam 1", "agreed"),
        ("2026-05-03T14:22:11", "2026-05-03T14:22:11.46", "agreed"),
        ("2026-05-03T14:22:11.47", "2026-05-03T14:22:11.46", "conflict"),
        ("00STANDA", "3105364", "conflict"),
    ],
)
def test_two_readers_agree_or_are_in_conflict(ours, theirs, expected):
    """A coordinate within a metre and text but for its blanks are the same."""
    fact = "latitude" if isinstance(ours, float) else "taken_local" if ":" in ours else "camera_serial"
    values = (value(fact, "exifread 3.5.1", ours), value(fact, "ExifTool 13.58", theirs))

    assert confidence(*values) == {expected}
    assert bool(disagreements(values)) == (expected == "conflict")


def test_one_reader_that_says_it_twice_is_still_one():
    """Also in another version."""
    values = (value("camera_make", "exifread 3.5.1", "Exa"), value("camera_make", "exifread 3.6", "Exa"))

    assert confidence(*values) == {"one reader"}


def test_what_is_unset_or_was_not_understood_contradicts_nobody():
    """A reader that is silent is no witness."""
    values = (
        value("taken_local", "exifread 3.5.1", "2026-05-03T14:22:11"),
        value("taken_local", "ExifTool 13.58", None),
        value("taken_local", "MediaInfo 25", "1904-01-01T00:00:00", status="unset"),
    )

    assert confidence(*values) == {"one reader"}
    assert disagreements(values) == ()


def test_a_conflict_names_every_reader_and_value():
    """Nothing is chosen in silence."""
    values = (value("latitude", "exifread 3.5.1", 48.0), value("latitude", "ExifTool 13.58", 49.0))

    (sentence,) = disagreements(values)

    assert all(part in sentence for part in ("exifread 3.5.1", "48.0", "ExifTool 13.58", "49.0"))


def test_blocks_that_differ_are_told_and_are_no_conflict_of_readers():
    """A program may have changed XMP alone."""
    values = (
        value("taken_local", "exifread 3.5.1", "2026-05-03T14:22:11"),
        value("taken_local", "osint XMP", "2026-05-04T09:00:00", block="XMP"),
    )

    assert confidence(*values) == {"one reader"}
    (sentence,) = disagreements(values)
    assert sentence.startswith("The file states taken_local in more than one way: EXIF ")


def test_several_keywords_are_compared_as_a_whole():
    """One that only one reader found is a conflict; several from one block are none."""
    ours = [value("keywords", "osint IPTC", word, block="IPTC") for word in ("a", "b")]
    theirs = [value("keywords", "ExifTool 13.58", word, block="IPTC") for word in ("b", "a")]

    assert confidence(*ours, *theirs) == {"agreed"}
    assert confidence(*ours, *theirs[:1]) == {"conflict"}


def test_several_values_that_all_readers_found_are_agreed():
    """A block may rightly hold two titles; that is no conflict of its readers."""
    both = [value("title", reader, found) for reader in ("osint IPTC", "ExifTool 13.58") for found in ("one", "two")]

    assert confidence(*both) == {"agreed"}
    assert confidence(*both[:3]) == {"conflict"}


def test_of_two_values_in_one_block_the_first_stands_for_it():
    """That is the one which the wide table shows beside the other block's."""
    values = [value("camera_make", "osint tiff", found) for found in ("Exa", "Other")]
    elsewhere = value("camera_make", "osint XMP", "Exa", block="XMP")

    assert not any("more than one way" in sentence for sentence in disagreements([*values, elsewhere]))
    assert any("more than one way" in sentence for sentence in disagreements([*values[::-1], elsewhere]))


def test_what_one_reader_reads_and_another_says_cannot_be_is_a_conflict():
    """
    Both looked; the sentence names both.
    """
    values = value("latitude", "exifread 3.5.1", 48.8566), value("latitude", "osint tiff", None, status="impossible")

    assert confidence(*values) == {"conflict"}
    (sentence,) = disagreements(values)
    assert "exifread 3.5.1 '48.8566'; osint tiff 'None', which cannot be" in sentence
