"""The ledger as a table: what it prints, that it stays a table, and what it says of time stamps and cosignatures."""

from __future__ import annotations

import copy
import pickle
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from test_render import HOSTILE

from osint.report.custody_log import COLUMNS
from osint.views.anchoring import Anchor, Anchoring
from osint.views.ledger import PRINTED, LedgerTable, ledger_table

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PRIVATE = ("details", "performer", "authorization", "purpose", "exhibit", "sha256", "instrument", "action", "time")
EVIL = "\u202e\x1b[2J\u200b" + HOSTILE
INERT = {"p", "b", "table", "thead", "tbody", "tr", "th", "td"}


def anchor(size: int, checkpoint: int, name: str = "Notary", minutes: int = 0, *, checked: bool = True) -> Anchor:
    return Anchor(size=size, checkpoint=checkpoint, name=name, time=NOON + timedelta(minutes=minutes), checked=checked)


def log(entries: int, **cells: str) -> pd.DataFrame:
    """Return a custody log of so many entries; ``cells`` replace what stands in a column."""
    row = {name: f"{name} of this" for name in COLUMNS} | {"leaf": "ab" * 32} | cells
    rows = [row | {"entry": number, "action": cells.get("action", f"act{number % 3}")} for number in range(entries)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def table(entries: int, *, cells: dict[str, str] | None = None, **anchoring: object) -> LedgerTable:
    return ledger_table(log(entries, **(cells or {})), Anchoring(entries=entries, **anchoring))


# -- anchored and unanchored spans -------------------------------------------------------------------------------------


def test_spans_say_which_time_stamp_and_which_checkpoint_cover_the_entries():
    """
    Entries under a time stamp, entries under a checkpoint alone, and entries under none are told apart.
    """
    shown = Anchoring(entries=24, checkpoints=(10, 18, 21, 22), stamps=(anchor(21, 3),)).lines()

    assert shown == [
        "Entries 0-20 lie before 2026-06-01T12:00:00Z (time stamp of Notary over checkpoint 3; checked).",
        "Entry 21 is under checkpoint 4 but no time stamp.",
        "Entries 22-23 are under no checkpoint yet.",
    ]


def test_entries_before_a_stamp_are_bounded_by_the_earliest_one():
    """
    Each entry lies before the earliest time stamp that covers it, also when a later checkpoint was stamped earlier.
    """
    anchoring = Anchoring(
        entries=9, checkpoints=(3, 6, 9), stamps=(anchor(3, 1), anchor(6, 2, minutes=30), anchor(9, 3, minutes=20))
    )

    assert [(span.first, span.last, span.stamp.time.minute) for span in anchoring.spans()] == [(0, 2, 0), (3, 8, 20)]


def test_what_was_checked_counts_before_what_claims_to_be_earlier():
    """
    A time stamp that nobody checked does not push aside one that was.
    """
    forged = anchor(9, 2, "Notary", minutes=-999, checked=False)
    anchoring = Anchoring(entries=9, checkpoints=(6, 9), stamps=(forged, anchor(6, 1)))

    assert [(span.last, span.stamp.checked) for span in anchoring.spans()] == [(5, True), (8, False)]


def test_a_time_stamp_that_was_not_checked_is_said_to_be():
    """
    Without authorities to check with, the time is a claim, in the sentence and in the column.
    """
    shown = table(2, checkpoints=(2,), stamps=(anchor(2, 1, "", checked=False),))

    assert shown.anchoring.lines() == [
        "Entries 0-1 lie before 2026-06-01T12:00:00Z if the time stamp over checkpoint 1 holds (recorded, not "
        "checked here)."
    ]
    assert list(shown["anchored"]) == ["claimed 2026-06-01T12:00:00Z"] * 2


def test_cosignatures_are_named_with_their_witness_and_time():
    """
    Each witness is named once for a span, with its earliest cosignature and whether that was checked.
    """
    anchoring = Anchoring(
        entries=4,
        checkpoints=(2, 4),
        stamps=(anchor(2, 1),),
        cosignatures=(
            anchor(4, 2, "w1.example", minutes=5),
            anchor(2, 1, "w1.example", minutes=1),
            anchor(4, 2, "w2.example", minutes=6, checked=False),
        ),
    )

    assert anchoring.lines() == [
        "Entries 0-1 lie before 2026-06-01T12:00:00Z (time stamp of Notary over checkpoint 1; checked); "
        "cosigned by w1.example, 2026-06-01T12:01:00Z (checkpoint 1; checked); "
        "cosigned by w2.example, 2026-06-01T12:06:00Z (checkpoint 2; recorded, not checked here).",
        "Entries 2-3 are under checkpoint 2 but no time stamp; "
        "cosigned by w1.example, 2026-06-01T12:05:00Z (checkpoint 2; checked); "
        "cosigned by w2.example, 2026-06-01T12:06:00Z (checkpoint 2; recorded, not checked here).",
    ]


def test_a_cosignature_covers_nothing_after_its_checkpoint():
    """
    The entry that follows a cosigned checkpoint is not cosigned.
    """
    anchoring = Anchoring(entries=3, checkpoints=(2, 3), cosignatures=(anchor(2, 1, "w.example"),))

    assert anchoring.lines()[-1] == "Entry 2 is under checkpoint 2 but no time stamp."


@pytest.mark.parametrize("size", range(1, 12))
def test_spans_cover_every_entry_once(size):
    """
    Whatever was stamped and cosigned, the spans follow one another from the first entry to the last.
    """
    anchoring = Anchoring(
        entries=11,
        checkpoints=(2, 5, 9),
        stamps=(anchor(size, 1, minutes=size), anchor(5, 2, minutes=3)),
        cosignatures=(anchor(12 - size, 3, "w.example"),),
    )
    spans = anchoring.spans()

    assert [entry for span in spans for entry in range(span.first, span.last + 1)] == list(range(11))
    assert all(span.stamp == anchoring.stamp_over(entry) for span in spans for entry in (span.first, span.last))


def test_a_ledger_without_entries_or_checkpoints_has_nothing_anchored():
    """
    Nothing is claimed where nothing is anchored.
    """
    assert Anchoring(entries=0).lines() == []
    assert Anchoring(entries=1).lines() == ["Entry 0 is under no checkpoint yet."]


def test_a_checkpoint_over_more_entries_than_there_are_is_said():
    """
    A tail that was cut off shows in the table already, and never counts as anchored.
    """
    lines = Anchoring(entries=4, checkpoints=(6,), stamps=(anchor(6, 1),)).lines()

    assert lines[0].startswith("Entries 0-3 lie before")
    assert lines[1].startswith("A checkpoint covers 6 entries and this ledger holds 4. Entries 4-5 cannot be shown")


def test_many_spans_are_drawn_together_and_none_is_lost():
    """
    The oldest spans become one sentence that holds for each of their entries; the attribute lists them all.
    """
    stamps = tuple(anchor(number * 10, number, minutes=number) for number in range(1, 31))
    shown = table(300, checkpoints=tuple(stamp.size for stamp in stamps), stamps=stamps)
    lines = shown.anchoring.lines()

    assert len(shown.spans) == 30
    assert len(lines) == 5
    assert lines[0] == (
        "Entries 0-259 lie before 2026-06-01T12:26:00Z (time stamp of Notary over checkpoint 26; checked), in 26 "
        "spans; the attribute 'spans' of this table lists them."
    )


def test_spans_that_were_not_all_checked_are_drawn_together_without_a_time():
    """
    One sentence for many spans claims no time that holds for some of them only.
    """
    stamps = tuple(anchor(number, number, minutes=number, checked=number < 3) for number in range(1, 10))
    lines = Anchoring(entries=9, checkpoints=tuple(range(1, 10)), stamps=stamps).lines()

    assert lines[0] == "Entries 0-4 are anchored, in 5 spans; the attribute 'spans' of this table lists them."
    assert lines[1].startswith("Entry 5 lies before 2026-06-01T12:06:00Z if the time stamp over checkpoint 6 holds")


def test_a_token_is_named_by_the_start_of_its_hash():
    """
    Which file proves the time can be found from the sentence.
    """
    stamps = (replace(anchor(1, 1), token="ab" * 32), replace(anchor(2, 2, checked=False), token="cd" * 32))
    lines = Anchoring(entries=2, checkpoints=(1, 2), stamps=stamps).lines()

    assert lines[0].endswith("(time stamp of Notary over checkpoint 1; token abababababababab…; checked).")
    assert lines[1].endswith("holds (token cdcdcdcdcdcdcdcd…; recorded, not checked here).")


def test_remarks_are_printed_with_the_table():
    """
    A time stamp that was not accepted is named under the table.
    """
    shown = table(1, remarks=("A time stamp over checkpoint 1 was not accepted: wrong-imprint.",))

    assert "not accepted: wrong-imprint" in repr(shown)
    assert "not accepted: wrong-imprint" in shown._repr_html_()


# -- the table ---------------------------------------------------------------------------------------------------------


def test_a_real_custody_log_becomes_a_table_with_its_columns_and_one_more(open_case):
    """
    The columns are those of the custody log, in that order, and ``anchored``; the log itself is not changed.
    """
    logged = pd.DataFrame(open_case().ledger[list(COLUMNS)])
    made = ledger_table(logged, Anchoring(entries=len(logged), checkpoints=(1,), stamps=(anchor(1, 1),)))

    assert list(made.columns) == [*COLUMNS, "anchored"]
    assert list(logged.columns) == list(COLUMNS)
    assert list(made["anchored"].notna()) == [True] + [False] * (len(logged) - 1)


def test_it_prints_who_what_when_authority_outcome_hash_and_anchor():
    """
    The whole table prints what a court asks first, and names what it leaves out.
    """
    shown = repr(table(2, cells={"performer": "J. Smit", "details": "url: https://a.example/"}))
    headings = shown.split("\n")[1].split()

    assert headings == list(PRINTED)
    assert "J. Smit" in shown
    assert "abababababababab…" in shown
    assert "3 columns are hidden here" in shown
    assert "<p><b>Ledger of 2 entries</b></p>" in table(2)._repr_html_()


def test_what_is_missing_is_blank_and_what_is_long_is_cut():
    """
    A cell without a value prints nothing; a page of details is cut, in HTML later than in a terminal.
    """
    shown = table(1, cells={"exhibit": pd.NA, "details": "x" * 999})
    cells = [cell.text for cell in BeautifulSoup(shown._repr_html_(), "html.parser").tbody.find_all("td")]

    assert cells[PRINTED.index("exhibit")] == ""
    assert cells[PRINTED.index("details")] == "x" * 239 + "…"
    assert f" {'x' * 47}… " in repr(shown)


def test_a_filtered_table_is_still_a_ledger():
    """
    Rows that were chosen print as so many of the ledger's, with the spans of the whole ledger.
    """
    whole = table(24, checkpoints=(21, 22), stamps=(anchor(21, 1),))
    chosen = whole[whole.action == "act1"]

    assert type(chosen) is LedgerTable
    assert chosen.spans == whole.spans
    assert repr(chosen).startswith("8 of the 24 entries of the ledger\n")
    assert "Entry 21 is under checkpoint 2 but no time stamp." in repr(chosen)


@pytest.mark.parametrize(
    "derive",
    [
        lambda whole: whole.head(2),
        lambda whole: whole.sort_values("time").query("entry > 1"),
        lambda whole: whole[["entry", "leaf"]],
        lambda whole: whole.iloc[1:3].reset_index(drop=True),
        copy.deepcopy,
        lambda whole: pickle.loads(pickle.dumps(whole)),
    ],
    ids=["head", "sort and query", "columns", "slice", "deep copy", "pickle"],
)
def test_what_pandas_makes_of_it_keeps_the_anchors(derive):
    """
    The usual steps of a notebook keep the kind of table and what is anchored.
    """
    derived = derive(table(5, checkpoints=(5,), stamps=(anchor(5, 1),)))

    assert type(derived) is LedgerTable
    assert "Entries 0-4 lie before" in repr(derived)


def test_a_selection_of_columns_prints_these_columns():
    """
    Who asks for two columns sees two.
    """
    assert repr(table(1)[["entry", "instrument"]]).split("\n")[1].split() == ["entry", "instrument"]


def test_a_grouping_prints_its_groups_and_no_claim_about_entries():
    """
    A table made from the ledger names its rows, and does not pass for the ledger.
    """
    whole = table(6, checkpoints=(6,))
    counted = whole.groupby("action").count()

    assert repr(counted).startswith("From the ledger\naction  entry")
    assert re.search(r"^act1 +2 ", repr(counted), re.MULTILINE)
    for derived in (counted, whole.notna(), whole.pivot_table(index="action", values="entry", aggfunc="count")):
        assert "checkpoint" not in repr(derived)


@pytest.mark.parametrize(
    "derive", [lambda whole: whole.T, lambda whole: whole.iloc[:0], lambda whole: whole.iloc[:, :0]]
)
def test_any_shape_prints(derive):
    """
    A table that was turned, emptied or summed up prints as well.
    """
    derived = derive(table(40))

    assert "ledger" in repr(derived)
    assert derived._repr_html_().count("<th ") <= 17


def test_a_table_put_together_from_two_prints_without_anchors():
    """
    Where pandas drops what belongs to the ledger, nothing about anchors is claimed.
    """
    both = pd.concat([pd.DataFrame(table(2)), pd.DataFrame(table(2))])

    assert repr(LedgerTable(both)).startswith("From the ledger\n")


def test_a_long_table_says_how_many_rows_are_hidden():
    """
    Five rows from each end, the mark between them, and the number that is left out; pandas' own option shows all.
    """
    whole = table(500)
    shown = BeautifulSoup(whole._repr_html_(), "html.parser")
    with pd.option_context("display.max_rows", None):
        everything = BeautifulSoup(whole._repr_html_(), "html.parser")

    assert [row.td.text for row in shown.tbody.find_all("tr")] == [*"01234", "⋮", "495", "496", "497", "498", "499"]
    assert "490 of 500 rows are hidden here, after the first 5." in shown.text
    assert "490 of 500 rows are hidden here" in repr(whole)
    assert len(everything.tbody.find_all("tr")) == 500
    assert "hidden here, after" not in everything.text


def test_a_table_of_as_many_rows_as_pandas_shows_is_whole():
    """
    At the limit nothing is hidden.
    """
    assert "hidden here, after" not in repr(table(pd.get_option("display.max_rows")))


# -- hostile text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", PRIVATE)
def test_hostile_text_in_a_column_is_shown_and_is_not_markup(column):
    """
    Every column that may hold captured or typed text is shown as text, whole table and selection alike.
    """
    whole = table(2, cells={column: EVIL})
    for shown in (whole, whole[["entry", column]]):
        bundle = shown._repr_mimebundle_()

        assert set(bundle) == {"text/plain", "text/html"}
        assert_inert(bundle["text/html"])
        assert_inert(shown._repr_html_())
        for text in (bundle["text/plain"], repr(shown), str(shown)):
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b]", text)
    assert "⟨U+202E⟩" in repr(whole[["entry", column]])


def test_hostile_names_of_authorities_witnesses_groups_and_columns_are_shown():
    """
    Names from outside, and the names of rows and columns that they may become, are text too.
    """
    whole = table(
        2,
        cells={"action": EVIL},
        checkpoints=(2,),
        stamps=(anchor(2, 1, EVIL),),
        cosignatures=(anchor(2, 1, EVIL),),
        remarks=(EVIL,),
    )
    grouped = whole.groupby("action").count()
    renamed = whole.rename(columns={"details": EVIL}).rename_axis(EVIL)
    for shown in (whole, grouped, renamed, whole.T, whole.set_index("action")):
        assert_inert(shown._repr_html_())
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b]", repr(shown))


def assert_inert(markup: str) -> None:
    soup = BeautifulSoup(markup, "html.parser")
    assert {element.name for element in soup.find_all(True)} <= INERT
    assert {name for element in soup.find_all(True) for name in element.attrs} <= {"style"}
