"""Films: clocks from 1904, keys, user data, places in two spellings, and boxes that lie."""

from __future__ import annotations

import struct
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from media_builders import box

from osint.media.blocks import Block
from osint.media.iso6709 import read_point
from osint.media.quicktime import MOST_BOXES, read_quicktime

BEFORE = b"ftyp and more"
SECONDS = 3_860_576_531  # 2026-05-02T14:22:11Z


def read(content: bytes, where: str):
    piece = Block(kind="quicktime", where=where, pieces=((len(BEFORE), len(content)),))
    return BEFORE + content, read_quicktime(BEFORE + content, piece)


def facts(content: bytes, where: str) -> dict:
    _, reading = read(content, where)
    assert reading.problems == ()
    return {value.fact: value.value for value in reading.values if value.fact}


def header(created: int = SECONDS, length: int = 90_000, *, wide: bool = False) -> bytes:
    layout = ">B3xQQIQ" if wide else ">B3xIIII"
    return struct.pack(layout, int(wide), created, created, 1000, length) + bytes(80)


def item(number: int, text: bytes, kind: int = 1) -> bytes:
    return (
        struct.pack(">I", 8 + len(box(b"data", b"")) + 8 + len(text))
        + struct.pack(">I", number)
        + box(b"data", struct.pack(">II", kind, 0) + text)
    )


def keys(*names: str) -> bytes:
    entries = b"".join(struct.pack(">I4s", 8 + len(name), b"mdta") + name.encode() for name in names)
    return box(b"keys", struct.pack(">II", 0, len(names)) + entries)


def meta(pairs: dict[str, bytes]) -> bytes:
    handler = box(b"hdlr", bytes(8) + b"mdta" + bytes(13))
    items = b"".join(item(number, text) for number, text in enumerate(pairs.values(), 1))
    return handler + keys(*pairs) + box(b"ilst", items)


@pytest.mark.parametrize("wide", [False, True])
def test_the_header_of_a_film_counts_from_1904(wide):
    """In 32 and in 64 bits; the length has its own unit."""
    assert facts(header(wide=wide), "moov/mvhd") == {"container_time": "2026-05-02T14:22:11Z", "duration": 90.0}


def test_a_clock_that_was_never_set_is_no_year_1904():
    """It is unset, and gives no time."""
    value = next(value for value in read(header(created=0), "moov/mvhd")[1].values if value.fact == "container_time")

    assert (value.status, value.value, value.text) == ("unset", None, "0")


def test_a_track_tells_its_clock_and_not_the_length_of_the_film():
    """That is the film's to say."""
    found = read(header(), "moov/trak 1/mdia/mdhd")[1].values

    assert [value.fact for value in found] == ["container_time", None, None]
    assert found[0].group == "moov/trak 1/mdia/mdhd"


@pytest.mark.parametrize("version", [b"", bytes(4)])
def test_keys_name_the_items_and_cite_their_bytes(version):
    """In the form of QuickTime and in that of ISO, which begins with a version."""
    content = version + meta(
        {
            "com.apple.quicktime.creationdate": b"2026-05-02T16:22:11+0200",
            "com.apple.quicktime.location.ISO6709": b"+48.8566+002.3522+035.000/",
            "com.apple.quicktime.content.identifier": b"1F0A-77",
            "com.example.unknown": "Über".encode(),
        }
    )
    data, reading = read(content, "moov/meta")
    found = {value.fact or value.name: value.value if value.fact else value.text for value in reading.values}

    assert found == {
        "taken_local": "2026-05-02T16:22:11",
        "taken_offset": "+02:00",
        "metadata_time": "2026-05-02T16:22:11+02:00",
        "latitude": 48.8566,
        "longitude": 2.3522,
        "position_step": 11.0,
        "altitude": 35.0,
        "content_id": "1F0A-77",
        "com.example.unknown": "Über",
    }
    cited = [data[value.byte_start : value.byte_start + value.byte_length] for value in reading.values]
    assert cited[0] == b"2026-05-02T16:22:11+0200"
    assert [sha256(each).hexdigest() for each in cited] == [value.bytes_sha256 for value in reading.values]


def test_user_data_of_quicktime_and_of_3gpp():
    """Text with a language, and the place as fixed-point numbers."""
    international = box(b"\xa9xyz", struct.pack(">HH", 18, 0x15C7) + b"+48.8566+002.3522/")
    place = b"Quai\0\0" + struct.pack(">iii", int(2.3522 * 65536), int(48.8566 * 65536), 35 * 65536) + b"earth\0\0"
    content = international + box(b"loci", bytes(4) + b"\x15\xc7" + place)
    _, reading = read(content, "moov/udta")
    latitudes = [value.value for value in reading.values if value.fact == "latitude"]

    assert latitudes == [48.8566, pytest.approx(48.8566, abs=1e-4)]
    assert ("place_name", "Quai") in [(value.fact, value.value) for value in reading.values]
    assert ("position_step", 1.7) in [(value.fact, value.value) for value in reading.values]


@pytest.mark.parametrize(
    ("text", "latitude", "longitude", "step"),
    [
        ("+48.8566+002.3522/", 48.8566, 2.3522, 11.0),
        ("-4851.396-00221.132/", -48.8566, -2.3522, 1.9),
        ("+485123.8+0022107.9/", 48.856611, 2.352194, 3.1),
        ("+27.5916+086.5640+8850CRSWGS_84/", 27.5916, 86.564, 11.0),
    ],
)
def test_points_in_degrees_minutes_and_seconds(text, latitude, longitude, step):
    """The step says how far the spelling can tell points apart."""
    found = {fact["fact"]: fact["value"] for fact in read_point(text)}

    assert found["latitude"] == pytest.approx(latitude, abs=1e-6)
    assert found["longitude"] == pytest.approx(longitude, abs=1e-6)
    assert found["position_step"] == step


@pytest.mark.parametrize(
    "text", ["", "here", "+91.0+002.0/", "+4861.0+00221.0/", "+48.8+02.3/", "+48.8566/", "+" * 4000]
)
def test_what_is_no_point_is_impossible_and_has_no_value(text):
    """Nothing is repaired."""
    assert read_point(text) == ({"fact": "latitude", "value": None, "status": "impossible"},)


@pytest.mark.parametrize(
    ("matrix", "text"),
    [((1, 0, 0, 1), "turn by 0"), ((0, 1, -1, 0), "turn by 90"), ((-1, 0, 0, 1), "another way")],
)
def test_a_track_says_how_it_is_turned(matrix, text):
    """Mirrored is no turn."""
    a, b, c, d = (number * 65536 for number in matrix)
    content = bytes(4 + 8 + 4 + 4 + 4 + 16) + struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30) + bytes(8)

    (value,) = read(content, "moov/trak 1/tkhd")[1].values
    assert text in value.text


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (header()[:10], "moov/mvhd"),
        (bytes(30), "moov/trak 1/tkhd"),
        (box(b"loci", bytes(6) + b"Quai\0\0\0"), "moov/udta"),
        (box(b"free", b"") * (MOST_BOXES + 1), "moov/udta"),
    ],
)
def test_a_box_that_lies_is_a_problem(content, where):
    """And no exception."""
    assert len(read(content, where)[1].problems) == 1


def test_what_was_read_before_a_break_stays():
    """A film that is cut short still says what it says."""
    _, reading = read(box(b"\xa9nam", struct.pack(">HH", 1, 0) + b"x") + box(b"loci", bytes(8)), "moov/udta")

    assert ([value.fact for value in reading.values], len(reading.problems)) == (["title"], 1)


WHOLE = meta({"com.apple.quicktime.make": b"Exa", "com.apple.quicktime.location.ISO6709": b"+48.8566+002.3522/"})


@given(
    st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8), st.sampled_from(["meta", "udta", "mvhd", "tkhd"])
)
def test_no_mutation_raises_or_cites_bytes_outside(at, put, name):
    """Whatever stands there."""
    content = WHOLE[:at] + put + WHOLE[at + len(put) :]
    data, reading = read(content, f"moov/{name}")

    assert all(len(BEFORE) <= value.byte_start <= len(data) - value.byte_length for value in reading.values)
