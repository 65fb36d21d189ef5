"""IPTC data sets and colour profiles: exact bytes, codings that are not declared, and what breaks off."""

from __future__ import annotations

import io
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageCms

from osint.media.blocks import Block
from osint.media.icc import read_icc
from osint.media.iptc import MOST_DATA_SETS, read_iptc

BEFORE = b"what comes before"


def data_set(record: int, number: int, value: bytes, *, extended: bool = False) -> bytes:
    length = b"\x80\x04" + len(value).to_bytes(4, "big") if extended else len(value).to_bytes(2, "big")
    return bytes([0x1C, record, number]) + length + value


def block(kind, content: bytes) -> Block:
    return Block(kind=kind, where="APP13", pieces=((len(BEFORE), len(content)),))


def iptc(*sets: bytes):
    content = b"".join(sets)
    return BEFORE + content, read_iptc(BEFORE + content, block("iptc", content))


def test_each_data_set_is_a_value_with_its_bytes():
    """Also an extended one; a keyword is one value each."""
    data, reading = iptc(
        data_set(2, 25, b"one"), data_set(2, 25, b"two", extended=True), data_set(2, 40, b"FBMD01000a9f")
    )

    assert [(value.tag_id, value.name, value.fact, value.text) for value in reading.values] == [
        ("2:25", "Keywords", "keywords", "one"),
        ("2:25", "Keywords", "keywords", "two"),
        ("2:40", "SpecialInstructions", None, "FBMD01000a9f"),
    ]
    for value in reading.values:
        cited = data[value.byte_start : value.byte_start + value.byte_length]
        assert (cited.decode(), sha256(cited).hexdigest()) == (value.text, value.bytes_sha256)


def test_a_day_and_a_time_make_a_clock_with_its_offset():
    """One without the other makes none, and midnight is not made up."""
    day, time = data_set(2, 55, b"20260503"), data_set(2, 60, b"142211+0200")
    facts = {value.fact: value.value for value in iptc(day, time)[1].values}

    assert facts == {"taken_local": "2026-05-03T14:22:11", "taken_offset": "+02:00"}
    assert [value.fact for value in iptc(day)[1].values] == [None]


def test_an_empty_data_set_is_unset():
    """It states no title."""
    (value,) = iptc(data_set(2, 5, b""))[1].values

    assert (value.fact, value.value, value.status) == ("title", None, "unset")


@pytest.mark.parametrize(("day", "status"), [(b"00000000", "unset"), (b"20261399", "impossible")])
def test_a_day_that_cannot_be_is_told_apart_from_one_that_was_not_set(day, status):
    """Neither is a clock."""
    value = iptc(data_set(2, 55, day), data_set(2, 60, b"142211"))[1].values[0]

    assert (value.status, value.value) == (status, None)


@pytest.mark.parametrize(
    ("raw", "declared", "text", "warned"),
    [
        ("Köln".encode(), True, "Köln", False),
        ("Köln".encode(), False, "Köln", False),
        ("Köln".encode("latin-1"), False, "Köln", True),
        ("Köln".encode("latin-1"), True, "K\ufffdln", True),
    ],
)
def test_a_coding_that_is_not_declared_is_told(raw, declared, text, warned):
    """It is shown, and nobody claims to know it."""
    envelope = [data_set(1, 90, b"\x1b%G")] if declared else []
    value = iptc(*envelope, data_set(2, 90, raw))[1].values[-1]

    assert (value.text, bool(value.warnings)) == (text, warned)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (data_set(2, 25, b"one") + b"garbage", "breaks off at byte 8"),
        (data_set(2, 25, b"one") + b"\x1c\x02\x19\x7f\xff", "claims more than there is"),
        (data_set(2, 25, b"one") + b"\x1c\x02\x19\xff\xff" + b"1" * 9, "claims more than there is"),
        (data_set(2, 25, b"") * (MOST_DATA_SETS + 1), f"more than {MOST_DATA_SETS}"),
    ],
)
def test_what_breaks_off_keeps_what_came_before_it(content, why):
    """And is a problem."""
    reading = iptc(content)[1]

    assert reading.values[0].fact == "keywords"
    assert [why in problem for problem in reading.problems] == [True]


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_of_iptc_raise(content):
    """Whatever stands there."""
    _, reading = iptc(data_set(2, 25, b"x"), content)

    assert reading.values


MADE = bytes.fromhex("07EA 0007 0008 0009 000A 000B")
"""dateTimeNumber at byte 24 (ICC.1 section 7.2.1); lcms writes the present second there."""


def fixed_profile() -> bytes:
    made_now = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made_now[:24] + MADE + made_now[36:]


PROFILE = fixed_profile()


def icc(content: bytes):
    return read_icc(BEFORE + content, block("icc", content))


def test_a_profile_names_itself_and_cites_its_bytes():
    """As the library that made it spells it."""
    reading = icc(PROFILE)
    values = {value.name: value for value in reading.values}
    expected = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(PROFILE))).strip()

    assert (values["description"].fact, values["description"].value) == ("profile", expected)
    assert (values["colour space"].text, values["class"].text) == ("RGB", "mntr")
    assert values["colour space"].byte_start == len(BEFORE) + 16
    assert values["profile made"].fact is None
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "is none"), (PROFILE[:100], "is none"), (PROFILE[:-20], "is cut short")],
    ids=["empty", "a part of the header", "without its end"],
)
def test_what_is_no_profile_is_a_problem(content, why):
    """And never an exception."""
    assert [why in problem for problem in icc(content).problems] == [True]


@given(st.integers(0, len(PROFILE) - 1), st.binary(min_size=1, max_size=8))
def test_no_mutation_makes_the_reader_of_profiles_raise(at, put):
    """Whatever stands there."""
    assert icc(PROFILE[:at] + put + PROFILE[at + len(put) :]) is not None
