"""Media records become tables whose columns are the same for any number of rows."""

import pandas as pd
from media_builders import FRACTION, MODEL, OFFSET, TAKEN, gps, photo

from osint.media.description import describe
from osint.media.examination import MediaRecord
from osint.media.table import COLUMNS, TAG_COLUMNS, frame, tags_frame

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


def test_every_tag_is_a_row_that_leads_back():
    """
    The long table names exhibit, directory, tag and the bytes of each value.
    """
    table = tags_frame([record(FULL, "E0001")])
    model = table[table["name"] == "Model"].iloc[0]

    assert list(table.columns) == list(TAG_COLUMNS)
    assert (model["exhibit"], model["ifd"], model["tag_id"], model["text"]) == ("E0001", "Image", 0x0110, "C-1")
    assert FULL[model["byte_start"] :][: model["byte_length"]] == b"C-1\0"


def test_every_column_is_described():
    """
    Each column has a line of description.
    """
    assert all(text and "\n" not in text for text in (COLUMNS | TAG_COLUMNS).values())
