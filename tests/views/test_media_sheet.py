"""The sheet of one file: every value with its reader and bytes, contradictions first, safe whatever it states."""

from dataclasses import replace

import pytest
from hostile_media import PICTURE, TEXTS, assert_inert, record
from origin import NOON

from osint.media.derivation import by_osint, to_json
from osint.media.examination import MediaRecord
from osint.media.value import Value
from osint.views.media_sheet import MediaSheet


def derivation(**changes):
    one = by_osint(
        ["ab" * 32], {"a": 1}, reader="osint.media.description.describe", isolation="all", start=NOON, end=NOON
    )
    return to_json(replace(one, **changes))


def sheet(text="words", **changes):
    return MediaSheet(record=replace(record(text), **changes), thumbnail=PICTURE, derivations=(derivation(),))


def tables(soup):
    """Return the rows of each table by the heading before it."""
    return {
        each.find_previous("p").get_text(): [[cell.get_text() for cell in row.find_all("td")] for row in each.tbody]
        for each in soup.find_all("table")
        if each.thead
    }


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_whatever_a_file_states_its_sheet_runs_and_asks_nothing(text):
    """
    Also where the record of a derivation is hostile.
    """
    hostile = derivation(tool=text, version=text, isolation=text, detail=text)
    bundle = MediaSheet(record=record(text), thumbnail=PICTURE, derivations=(hostile,))._repr_mimebundle_()

    assert_inert(bundle["text/html"])
    assert not set(bundle["text/plain"]) & {"\x1b", "\x07", "\x9b", "\u202e", "\u200b", "\ud800", "\u2028"}


def test_what_readers_disagree_on_comes_first_and_is_marked():
    """
    Before all other tables, and again in its block.
    """
    soup = assert_inert(sheet().markup)
    found = tables(soup)

    assert next(iter(found)) == "Readers disagree"
    assert [row[0] for row in found["Readers disagree"]] == ["CONFLICT"]
    assert "CONFLICT" in [row[0] for row in found["Values: EXIF"]]


def test_a_sheet_without_conflict_says_what_that_means():
    """
    No conflict is no agreement.
    """
    one = record()
    calm = MediaRecord(facts=replace(one.facts, values=()), exhibit="E0001")

    assert "Where only one reader looked, nothing was compared." in str(MediaSheet(record=calm))


def test_every_value_stands_there_with_its_reader_and_its_bytes():
    """
    Range, digest in short with the whole in the title, status and confidence.
    """
    soup = assert_inert(sheet().markup)
    row = tables(soup)["Values: EXIF"][0]

    assert row[:7] == ["CONFLICT", "words", "words", "words", "words", "camera_make", "words"]
    assert row[7:11] == ["10-14", f"{'ab' * 8}…", "read", "words"]
    assert soup.find("td", title="ab" * 32)


def test_times_and_positions_have_grades_and_what_they_rest_on():
    """
    As tables, and the times as a picture as well.
    """
    soup = assert_inert(sheet().markup)
    found = tables(soup)

    assert ["camera clock", "2026-05-03 14:22:11", "2026-05-03T00:22:11Z", "2026-05-04T02:22:11Z", "D"] in [
        row[:5] for row in found["Times, none merged with another"]
    ]
    assert found["Positions"][0][:6] == ["EXIF", "words", "52.370000", "4.890000", "accuracy not stated", "C"]
    assert soup.find("img", alt="Times that the file of E0003 states; the table below lists them")


def test_a_trace_of_a_platform_has_its_rule_and_when_it_was_last_seen_to_hold():
    """
    It says "consistent with", and nothing more.
    """
    found = tables(assert_inert(sheet(name="IMG-20260503-WA0007.jpg", url=None).markup))
    (row, *_) = found["Consistent with platforms"]

    assert row[:2] == ["WhatsApp", "IMG-20260503-WA0007.jpg"]
    assert row[3].startswith("Rule whatsapp-name; last seen to hold: ")
    assert not [name for name in found if "origin" in name]


def test_the_picture_is_veiled():
    """
    As in a gallery.
    """
    soup = assert_inert(sheet().markup)

    assert soup.details.summary.img["alt"] == "picture of exhibit E0003, hidden until revealed"
    assert not soup.details.has_attr("open")


def test_how_it_was_read_is_on_the_sheet():
    """
    Program, state, isolation and the digests that a second run has to give again.
    """
    one = derivation()
    (row,) = tables(assert_inert(sheet().markup))["How it was read"]

    assert row[0].startswith("osint ")
    assert row[1:3] == ["ok", "2026-06-01T12:00:00Z"]
    assert row[4:] == [f"{one['settings_sha256'][:16]}…", f"{one['output_sha256'][:16]}…"]


def test_thousands_of_values_are_cut_in_a_notebook_and_said_to_be_and_are_all_on_the_page(tmp_path):
    """
    A MakerNote of a thousand values does not make the notebook slow.
    """
    many = tuple(Value(block="MakerNote", name=f"tag {n}", text="1", reader="r") for n in range(1000))
    one = record()
    large = MediaSheet(record=replace(one, facts=replace(one.facts, values=many)))
    shown = large._repr_mimebundle_()["text/html"]

    assert len(tables(assert_inert(shown))["Values: MakerNote"]) == 400
    assert "600 of 1000 are not shown here" in shown
    assert "tag 999" in large.save(tmp_path / "sheet.html").read_text(encoding="utf-8")


def test_a_saved_sheet_is_a_page_under_a_policy_that_allows_nothing_and_prints(tmp_path):
    """
    With rules for paper.
    """
    head, _, body = sheet().save(tmp_path / "sheet.html").read_text(encoding="utf-8").partition("</h1>\n")

    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in head
    assert "@media print" in head
    assert_inert(body.removesuffix("</main></body></html>\n"))
