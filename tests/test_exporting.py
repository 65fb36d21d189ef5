"""Tables for Excel: a text is a text, an instant stands twice, and what leaves is an entry without a secret."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from origin import http

from osint import cli
from osint.errors import AuthorizationError, CaseError, ExportError, SecretFoundError
from osint.phases.exporting import table_workbook
from osint.phases.local_time import with_local
from osint.report.leaks import Guard

FORMULA = '=HYPERLINK("https://a.example","x")'
FEED = b"""<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>=1+1</title><link>https://a.example/1</link>
<description>=1+1 seen at the river</description><pubDate>Mon, 01 Jun 2026 10:00:00 GMT</pubDate></item></channel></rss>"""


@pytest.fixture
def case(open_case, origin):
    """A case with one post."""
    case = open_case(expires="2099-12-31")
    case.collect("feed", url=origin.serve("/feed", http(FEED, "Content-Type: application/rss+xml")))
    return case


def opened(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def cells(sheet):
    heads, *rows = sheet.iter_rows()
    return [dict(zip([head.value for head in heads], row, strict=True)) for row in rows]


def frame():
    return pd.DataFrame(
        {
            "id": pd.Series(["007", FORMULA, "+44 20 7946 0000", "#N/A"], dtype="string"),
            "when": pd.to_datetime(["2026-01-15T12:00:00.5Z", None, "2026-07-15T12:00:00Z", None], format="ISO8601"),
            "count": pd.Series([1, None, 2**60, 3], dtype="Int64"),
            "exhibits": [["E0001", "E0002"], [], ["E0003"], []],
        }
    )


def test_no_cell_is_a_formula_and_ids_keep_their_zeros():
    """Whatever a post says, a spreadsheet computes none of it."""
    rows = cells(opened(table_workbook(frame(), {"case": FORMULA}))["Table"])

    assert [row["id"].value for row in rows] == ["007", FORMULA, "+44 20 7946 0000", "#N/A"]
    assert {row["id"].data_type for row in rows} == {"s"}
    assert {row["id"].number_format for row in rows} == {"@"}
    assert rows[0]["exhibits"].value == "E0001, E0002"
    assert (rows[0]["count"].value, rows[2]["count"].value) == (1, str(2**60))
    assert opened(table_workbook(frame(), {"case": FORMULA}))["About"]["B2"].data_type == "s"


def test_an_instant_stands_as_text_with_its_zone_as_a_date_and_by_the_clocks_of_the_zone():
    """Winter and summer each with their own offset."""
    rows = cells(opened(table_workbook(frame(), {}, "America/Chicago"))["Table"])

    assert rows[0]["when"].value == "2026-01-15T12:00:00.500Z"
    assert rows[0]["when (date, UTC)"].value == datetime(2026, 1, 15, 12, 0, 0, 500_000)
    assert rows[0]["when (America/Chicago)"].value == "2026-01-15 06:00:00 -06:00 CST"
    assert rows[2]["when (America/Chicago)"].value == "2026-07-15 07:00:00 -05:00 CDT"
    assert [rows[1][name].value for name in rows[1] if name.startswith("when")] == [None] * 3


def test_hidden_characters_are_spelt_and_long_texts_cut_with_a_word_about_it():
    """Excel refuses the ones and breaks on the others."""
    table = pd.DataFrame({"content": pd.Series(["a\x00b\u202ec\nd", "x" * 40_000], dtype="string")})
    rows = cells(opened(table_workbook(table, {}))["Table"])

    assert rows[0]["content"].value == "a⟨U+0000⟩b⟨U+202E⟩c\nd"
    assert "40,000 characters in all" in rows[1]["content"].value


def test_equal_tables_give_equal_bytes_and_headings_stay_in_sight():
    """No date of the making is in the file but the one that is stated."""
    made = table_workbook(frame(), {"case": "x"})

    assert made == table_workbook(frame(), {"case": "x"})
    assert opened(made)["Table"].freeze_panes == "A2"


def test_a_table_says_where_it_comes_from_and_its_leaving_is_an_entry(case, tmp_path):
    """Case, head, exhibits and filter stand on the second sheet."""
    case.set_zone("America/Chicago")
    head = len(case.ledger)
    path = case.export_table(case.posts(), tmp_path / "posts.xlsx", title="all posts")

    about = {row["what"].value: row["value"].value for row in cells(opened(path.read_bytes())["About"])}
    assert (about["table"], about["rows"], about["exhibits"]) == ("all posts", "1", "1")
    assert about["newest head"].startswith(f"{head} entries, root ")
    assert about["zone beside UTC"] == "America/Chicago"
    entry = case.ledger.iloc[-1]
    assert (entry["action"], entry["outcome"]) == ("export", "done")
    assert case.verify()


def test_csv_holds_every_cell_as_it_is_with_a_second_file_about_it(case, tmp_path):
    """So that a program reads the very text."""
    path = case.export_table(case.posts(), tmp_path / "posts.csv", title="all posts")

    (row,) = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
    assert row["content"].startswith("=1+1")
    assert '"table","all posts"' in (tmp_path / "posts.about.csv").read_text(encoding="utf-8")


def test_no_other_ending_is_written(case, tmp_path):
    """The message names those there are."""
    with pytest.raises(ExportError, match=r"\.xlsx nor \.csv"):
        case.export_table(case.posts(), tmp_path / "posts.ods")
    assert list(tmp_path.glob("posts*")) == []


def test_a_table_with_a_secret_is_not_written(case, tmp_path, monkeypatch):
    """As with everything that leaves."""
    monkeypatch.setattr(type(case._leaving), "guard", lambda _: Guard({"1+1 seen at the river"}))

    with pytest.raises(SecretFoundError):
        case.export_table(case.posts(), tmp_path / "posts.csv")
    assert list(tmp_path.glob("posts*")) == []


def test_a_table_that_was_made_before_a_stop_does_not_leave_after_it(case, tmp_path):
    """Its exhibits are locked now."""
    table = case.posts()
    case.stop_sensitive("E0001")

    with pytest.raises(AuthorizationError):
        case.export_table(table, tmp_path / "posts.csv")
    assert list(tmp_path.glob("posts*")) == []


def test_the_zone_of_a_case_is_the_newest_recorded_one(case):
    """A name that is none is refused, and UTC is never taken away."""
    assert case.zone == ""
    case.set_zone("Europe/Berlin")
    case.set_zone("America/Chicago")
    assert case.zone == "America/Chicago"
    for wrong in ("Mars/Olympus", ""):
        with pytest.raises(CaseError):
            case.set_zone(wrong)
    assert [str(name) for name in with_local(case.posts()[["published"]], case.zone).columns] == [
        "published", "published (America/Chicago)",
    ]  # fmt: skip


def test_commands_show_local_time_beside_utc_and_machines_get_it_on_request_only(case):
    """A program that reads CSV or JSON meets no column that somebody's zone brought in."""
    case.set_zone("America/Chicago")

    def told(*options):
        return CliRunner().invoke(cli.main, ["posts", str(case.folder), *options]).stdout

    assert "2026-06-01T10:00:00Z  2026-06-01 05:00:00 -05:00 CDT" in told()
    assert "2026-06-01 12:00:00 +02:00 CEST" in told("--zone", "Europe/Berlin")
    assert "Chicago" not in told("--json")
    assert "published (Europe/Berlin)" in told("--json", "--zone", "Europe/Berlin")
