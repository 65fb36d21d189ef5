"""Media records become tables whose columns are the same for any number of rows."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import pandas as pd
from media_builders import FRACTION, MAKE, MODEL, OFFSET, TAKEN, gps, photo

from osint.media.description import describe
from osint.media.examination import MediaRecord
from osint.media.table import COLUMNS, LINK_COLUMNS, VALUE_COLUMNS, frame, links_frame, values_frame

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
FULL = photo(
    image={MODEL: "C-1"},
    exif={TAKEN: "2026:05:03 14:22:11", OFFSET: "+02:00", FRACTION: "5"},
    gps=gps("48 30 0", "2 15 0"),
)


def record(data, exhibit, *posts):
    return MediaRecord(facts=describe(data), exhibit=exhibit, url=f"https://media.example/{exhibit}", posts=posts)


def test_a_file_is_a_row():
    """
    The facts of a file stand in its row, instants in UTC.
    """
    row = frame([record(FULL, "E0002", "p:1")]).iloc[0]

    assert (row["exhibit"], row["url"], row["posts"]) == ("E0002", "https://media.example/E0002", ["p:1"])
    assert row["taken"] == pd.Timestamp("2026-05-03T12:22:11.5Z")
    assert (row["latitude"], row["longitude"], row["zone_known"]) == (48.5, 2.25, True)
    assert row["exif"]["Image Model"] == "C-1"


def test_rows_are_ordered_by_exhibit():
    """
    The order of the records changes nothing.
    """
    records = [record(photo(form=form), f"E000{number}") for number, form in enumerate(["JPEG", "PNG", "GIF"])]

    pd.testing.assert_frame_equal(frame(records), frame(reversed(records)))
    assert list(frame(reversed(records))["exhibit"]) == ["E0000", "E0001", "E0002"]


def test_the_same_bytes_are_one_row():
    """
    A file captured twice is one file: its posts are gathered and its other exhibit is named.
    """
    table = frame([record(FULL, "E0009", "p:2"), record(FULL, "E0003", "p:1", "p:2")])

    assert len(table) == 1
    assert (table.at[0, "exhibit"], table.at[0, "same_bytes_in"]) == ("E0003", ["E0009"])
    assert table.at[0, "posts"] == ["p:1", "p:2"]


def test_an_empty_table_has_the_columns_and_types_of_a_full_one():
    """
    Work on a table does not depend on whether it has rows.
    """
    assert list(frame([]).columns) == list(COLUMNS)
    pd.testing.assert_series_equal(frame([]).dtypes, frame([record(FULL, "E0001")]).dtypes)
    assert str(frame([]).dtypes["taken"]) == "datetime64[us, UTC]"


def test_a_file_without_facts_has_empty_cells():
    """
    What the file does not state is missing, never a default.
    """
    row = frame([record(b"text", "E0001")]).iloc[0]

    assert row[["taken", "taken_local", "latitude", "width", "orientation", "reader", "camera_make"]].isna().all()
    assert (row["exif"], row["warnings"], row["zone_known"]) == ({}, [], False)


def test_every_value_is_a_row_that_leads_back():
    """
    The long table names exhibit, block, field and the bytes of each value, and who read it.
    """
    table = values_frame([record(FULL, "E0001")])
    models = table[table["name"] == "Model"]
    model = models.iloc[0]

    assert list(table.columns) == list(VALUE_COLUMNS)
    assert (model["exhibit"], model["block"], model["group"], model["tag_id"]) == ("E0001", "EXIF", "Image", "0x0110")
    assert (model["text"], model["fact"], model["value"]) == ("C-1", "camera_model", "C-1")
    assert FULL[model["byte_start"] :][: model["byte_length"]] == b"C-1\0"
    assert sha256(b"C-1\0").hexdigest() == model["bytes_sha256"]
    assert (len(set(models["reader"])), set(models["confidence"])) == (2, {"agreed"})


def test_a_row_shows_the_grades_and_all_times_and_positions_beside_them():
    """
    As lists of mappings, so that a table can be written and read again.
    """
    row = frame([record(FULL, "E0001")]).iloc[0]

    assert (row["taken_grade"], row["taken_earliest"]) == ("B", pd.Timestamp("2026-05-03T12:22:11.5Z"))
    assert [time["kind"] for time in row["times"]] == ["camera clock"]
    assert (row["position_grade"], row["position_source"]) == ("C", "EXIF")
    assert pd.isna(row["position_error_m"])
    assert {place["block"] for place in row["positions"]} == {"EXIF"}
    json.dumps([row["times"], row["positions"]])


def test_what_a_name_is_consistent_with_stands_beside_what_the_file_states():
    """
    Graded lower than what the file says, and never mixed with it.
    """
    named = MediaRecord(facts=describe(FULL), exhibit="E0001", name="IMG-20260503-WA0007.jpg", preserved=NOON)
    marks = values_frame([named]).query("block == 'name'")

    assert list(marks["fact"]) == ["platform_mark", "name_local"]
    assert [time["kind"] for time in frame([named]).iloc[0]["times"]] == ["camera clock", "file name", "capture"]


def test_what_files_share_leads_back_to_their_exhibits():
    """
    With the accounts that show them: what too many share is told, and links nobody.
    """
    body = {0xA431: "3105364"}
    photos = [photo(image={MAKE: "NIKON", MODEL: "D300"}, exif=body, size=(64 + number, 48)) for number in range(10)]
    records = [record(data, f"E{number:04}", f"p:{number}") for number, data in enumerate(photos)]
    table = links_frame(records, {f"p:{number}": "account:x" for number in range(10)})
    many = links_frame(records, {f"p:{number}": f"account:{number}" for number in range(10)})

    assert (list(table["kind"]), list(table["linked"]), len(table.at[0, "exhibits"])) == (["camera"], [True], 10)
    assert (list(many["linked"]), "10 accounts share it" in many.at[0, "sentence"]) == ([False], True)
    assert list(links_frame([], {}).columns) == list(LINK_COLUMNS)


def test_every_column_is_described():
    """
    Each column has a line of description.
    """
    assert all(text and "\n" not in text for text in (COLUMNS | VALUE_COLUMNS | LINK_COLUMNS).values())


def test_a_name_that_the_bytes_contradict_is_named_in_the_warnings():
    """
    Of every address and every name that a file came with; one that fits, or has no ending, says nothing.
    """
    facts = describe(photo(form="PNG"))
    names = ("a.example/1/real.png", "a.example/1/holiday%20one.jpg?size=large", "a.example/photo")
    records = [
        *(
            MediaRecord(facts=facts, exhibit=f"E000{number}", url=f"https://{each}")
            for number, each in enumerate(names)
        ),
        MediaRecord(facts=facts, exhibit="E0009", name="IMG_1.HEIC"),
    ]

    assert [each for each in frame(records).at[0, "warnings"] if "named" in each] == [
        "It is named holiday one.jpg; its first bytes are those of image/png.",
        "It is named IMG_1.HEIC; its first bytes are those of image/png.",
    ]
