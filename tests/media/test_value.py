"""A value that is made quickly is the value that its constructor makes."""

from __future__ import annotations

import dataclasses
import pickle

import pytest
from media_builders import FRACTION, MAKE, MODEL, OFFSET, TAKEN, gps, jpeg_with_xmp, photo, rationals

from osint.media.description import describe
from osint.media.value import Value, changed, from_json, made_of, to_json

WHOLE = Value(
    block="EXIF", group="Image", name="Make", tag_id="0x010F", text="Exa", reader="exifread 3.5.1", fact="camera_make",
    value="Exa", byte_start=20, byte_length=4, bytes_sha256="0" * 64, warnings=("A doubt.",),
)  # fmt: skip
SHORT = {"block": "JFIF", "name": "version", "text": "1.02", "reader": "osint containers 1"}


@pytest.fixture(scope="module")
def values():
    """What a picture states in its structure, in EXIF and in XMP."""
    exif = {TAKEN: "2026:05:03 14:22:11", OFFSET: "+02:00", FRACTION: "46"}
    place = gps(day="2026:05:03", time=rationals("12 22 9"))
    picture = photo(image={MAKE: "Exa", MODEL: "C-1"}, exif=exif, gps=place)
    return describe(jpeg_with_xmp(picture, b'tiff:Make="Exa" tiff:Orientation="1"')).values


def test_what_is_left_out_has_its_default():
    """Equal, of the same hash and shown alike; also after a way through pickle."""
    quick, slow = made_of(dict(SHORT)), Value(**SHORT)

    assert (quick, hash(quick), repr(quick)) == (slow, hash(slow), repr(slow))
    assert pickle.loads(pickle.dumps(quick)) == slow


def test_a_quick_value_cannot_be_changed_either():
    """A finding stays as it was found."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        made_of(dict(SHORT)).text = "2.00"


@pytest.mark.parametrize("fields", [{"confidence": "conflict"}, {"value": None, "status": "unset"}, {}])
@pytest.mark.parametrize("value", [WHOLE, made_of(dict(SHORT))], ids=["whole", "short"])
def test_a_changed_value_is_a_replaced_one(value, fields):
    """And the value that it was made from is as before."""
    before = to_json(value)

    assert changed(value, **fields) == dataclasses.replace(value, **fields)
    assert to_json(value) == before


def test_readers_name_no_field_that_a_value_lacks(values):
    """The constructor would refuse it; every reader that makes values quickly is asked here."""
    names = {field.name for field in dataclasses.fields(Value)}

    assert {"EXIF", "XMP", "container"} <= {value.block for value in values}
    assert {name for value in values for name in vars(value)} <= names
    assert all(from_json(to_json(value)) == value for value in values)
