"""Posts and media on one axis: instants as instants, unknown zones as intervals, nothing lost in silence."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from osint.graph.drawing.shapes import text_width
from osint.media.description import MediaFacts
from osint.media.examination import MediaRecord
from osint.media.table import frame
from osint.timeline import COLUMNS, GRADES, KINDS, event_timeline
from osint.views.timeline import timeline_svg

JANE, DAWN = "account:mastodon:jane@social.example", "account:mastodon:dawn@social.example"
NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def posts(*rows):
    """Return posts; a row is (account, instant or None) or (account, instant or None, content)."""
    columns = ["id", "attributed_to", "author_handle", "content", "url", "exhibit", "published_basis", "published"]
    values = [
        (f"mastodon:{number}", account, None, content[0] if content else "words", None, f"E{number:04}", "platform", at)
        for number, (account, at, *content) in enumerate(rows)
    ]
    table = pd.DataFrame(values, columns=columns)
    return table.assign(published=pd.Series(list(table["published"]), dtype="datetime64[us, UTC]"))


def media(*facts, shown_in=("mastodon:0",)):
    records = [
        MediaRecord(
            facts=MediaFacts(sha256=f"{number:064x}", size=1, media_type="image/jpeg", **each),
            exhibit=f"E9{number:02}",
            posts=shown_in,
        )
        for number, each in enumerate(facts)
    ]
    return frame(records)


def drawn(table, title="Case"):
    return ElementTree.fromstring(timeline_svg(table, title))


def texts(root):
    """Return what is written in the picture, without the tooltips."""
    return [(e.text or "") + "".join(child.tail or "" for child in e) for e in root.iter(f"{SVG}text")]


def test_a_post_is_an_instant():
    """
    A post has one row whose interval is its instant, with account, basis and exhibit.
    """
    row = event_timeline(posts((JANE, NOON, "I am\nhere"))).iloc[0]

    assert (row["start"], row["end"]) == (NOON, NOON)
    assert (row["kind"], row["basis"], row["actor"], row["text"]) == ("post", "platform", JANE, "I am here")
    assert (row["exhibit"], row["source_id"]) == ("E0000", "mastodon:0")


def test_a_camera_clock_without_a_zone_is_an_interval():
    """
    14:22:11 on a clock of unknown zone lies between 00:22:11 UTC of that day and 02:22:11 UTC of the next.
    """
    table = event_timeline(posts((JANE, None)), media({"taken_local": "2026-05-03T14:22:11"}))

    assert table.at[0, "start"] == pd.Timestamp("2026-05-03T00:22:11Z")
    assert table.at[0, "end"] == pd.Timestamp("2026-05-04T02:22:11Z")
    assert table.at[0, "basis"] == "camera clock, zone unknown"


@given(st.integers(-12 * 4, 14 * 4), st.integers(0, 4_000_000_000))
@settings(max_examples=50, deadline=None)
def test_the_interval_holds_the_instant_whatever_the_zone(quarters, seconds):
    """
    For every offset there is, the true instant lies inside the interval drawn for its local reading.
    """
    instant = datetime.fromtimestamp(seconds, UTC)
    local = (instant + timedelta(minutes=15 * quarters)).replace(tzinfo=None).isoformat()

    row = event_timeline(posts(), media({"taken_local": local})).iloc[0]

    assert row["start"] <= instant <= row["end"]


def stated(kind, grade, start, end=None, text="as it stands there"):
    """Return one time as the column ``times`` of the table of files has it."""
    return {"kind": kind, "text": text, "start": start, "end": end or start, "grade": grade, "basis": "Why."}


def with_times(*times, shown_in=("mastodon:0",)):
    return media({}, shown_in=shown_in).assign(times=[list(times)])


NINE, TEN = "2026-05-03T09:00:00Z", "2026-05-03T10:00:00Z"


def test_every_time_that_a_file_states_is_an_event_with_its_grade():
    """
    The list of times gives the rows, each with its kind, grade, spelling and basis; the columns beside it none.
    """
    files = with_times(
        stated("camera clock", "C", NINE), stated("film header", "D", NINE, TEN), stated("platform", "A", TEN)
    )
    files["gps_time"] = NOON

    table = event_timeline(posts(), files)

    assert [tuple(row) for row in table[["kind", "grade"]].itertuples(index=False)] == [
        ("camera clock", "C"), ("film header", "D"), ("platform", "A"),
    ]  # fmt: skip
    assert set(table["basis"]) == {"Why."} and set(table["stated"]) == {"as it stands there"}
    assert (table.at[1, "start"], table.at[1, "end"]) == (pd.Timestamp(NINE), pd.Timestamp(TEN))


def test_our_own_captures_are_events_only_when_asked_for():
    """
    They say when we looked, which is no event of the case; a file with nothing else is without a time.
    """
    files = with_times(stated("capture", "A", TEN))

    without, asked = event_timeline(posts(), files), event_timeline(posts(), files, captures=True)

    assert (len(without), without.attrs["undated"]) == (0, 1)
    assert (list(asked["kind"]), asked.attrs["undated"]) == (["capture"], 0)


@pytest.mark.parametrize(
    ("facts", "grade", "said"),
    [
        (
            {"taken": NOON, "taken_local": "2026-05-03T14:00:00", "taken_offset": "+02:00"},
            "B",
            "2026-05-03T14:00:00+02:00",
        ),
        ({"taken_local": "2026-05-03T14:00:00"}, "D", "2026-05-03T14:00:00"),
        (
            {"taken": NOON, "taken_local": "2026-05-03T14:00:00", "gps_time": NOON + timedelta(hours=3)},
            "D",
            "2026-05-03T14:00:00",
        ),
    ],
)
def test_without_the_list_of_times_the_columns_are_graded(facts, grade, said):
    """
    An offset with nothing against it is B; no zone, or one that the GPS time contradicts, is D and a bar.
    """
    table = event_timeline(posts(), media(facts))
    row = table[table["kind"] == "camera clock"].iloc[0]

    assert (row["grade"], row["stated"]) == (grade, said)
    assert (row["start"] == row["end"]) == (grade == "B")


@pytest.mark.parametrize(("basis", "grade"), [("platform", "A"), ("id", "A"), ("author-claimed", "C"), ("page", "C")])
def test_a_post_is_graded_by_whose_clock_it_is(basis, grade):
    """
    A server's clock is A; what an author or a page states is C.
    """
    table = event_timeline(posts((JANE, NOON)).assign(published_basis=basis))

    assert table.at[0, "grade"] == grade


def test_nothing_says_who_took_a_picture_or_when():
    """
    A clock shows a time; that the picture was taken then is not said anywhere, in no column and on no picture.
    """
    table = event_timeline(posts((JANE, NOON)), media({"taken_local": "2026-05-03T14:22:11", "gps_time": NOON}))

    said = " ".join([*COLUMNS, *COLUMNS.values(), table.to_csv(), timeline_svg(table, "Case").decode()])
    assert not re.search(r"\btaken\b|authentic|\bfake\b|\boriginal\b", said)


def signs_of(table):
    """Return for each mark of the picture its shapes."""
    return [[child for child in group if child.tag != f"{SVG}title"] for group in drawn(table).iter(f"{SVG}g")]


@pytest.mark.parametrize("end", [None, TEN])
def test_each_grade_looks_different(end):
    """
    Points and bars alike: dashed is C, dotted D, hatched X, and no two of them are drawn the same but a bar's A and B.
    """
    looks = {}
    for grade in "ABCDX":
        ((first, *more),) = signs_of(event_timeline(posts(), with_times(stated("camera clock", grade, NINE, end))))
        hatched = any(shape.tag == f"{SVG}path" for shape in more)
        core = any(shape.tag == f"{SVG}rect" for shape in more)
        looks[grade] = (first.get("stroke-dasharray"), hatched, core, first.get("fill"), first.get("fill-opacity"))

    assert [looks[grade][0] for grade in "ABCDX"] == [None, None, "3 2", "1.2 2", None]
    assert [grade for grade in looks if looks[grade][1]] == ["X"]
    assert len(set(looks.values())) == (4 if end else 5)


def test_the_time_as_it_stands_in_the_file_is_beside_its_mark():
    """
    A local time in its bar, beside an axis in UTC.
    """
    files = with_times(
        stated("camera clock", "D", "2026-05-03T00:22:11Z", "2026-05-04T02:22:11Z", "2026-05-03T14:22:11")
    )

    assert "D 2026-05-03T14:22:11" in texts(drawn(event_timeline(posts(), files)))


def test_a_time_that_cannot_be_does_not_stretch_the_axis():
    """
    It stands at the end of the axis, and an arrow says that it lies beyond.
    """
    files = with_times(stated("camera clock", "X", "1980-01-01T00:00:00Z", text="1980"), stated("metadata", "C", TEN))
    root = drawn(event_timeline(posts((JANE, NOON)), files))

    assert "‹ X 1980" in texts(root)
    assert not any(text.startswith("19") for text in texts(root))


def test_bars_that_overlap_stand_in_rows_of_their_own():
    """
    Two unknown zones of one day are two bars, one above the other.
    """
    files = with_times(
        stated("camera clock", "D", "2026-05-03T00:00:00Z", "2026-05-04T02:00:00Z"),
        stated("camera clock", "D", "2026-05-03T12:00:00Z", "2026-05-04T14:00:00Z"),
    )
    (one,), (other,) = (
        [shape for shape in sign if shape.tag == f"{SVG}rect"] for sign in signs_of(event_timeline(posts(), files))
    )

    assert abs(float(one.get("y")) - float(other.get("y"))) >= float(one.get("height"))


def test_a_camera_clock_with_its_offset_is_an_instant():
    """
    A stated offset gives a point, and the GPS clock a row of its own.
    """
    facts = {"taken": NOON, "taken_local": "2026-05-03T14:00:00", "gps_time": NOON + timedelta(seconds=5)}

    table = event_timeline(posts((JANE, None)), media(facts))

    assert list(table["kind"]) == ["camera clock", "GPS receiver"]
    assert (table["start"] == table["end"]).all()


def test_a_file_belongs_to_the_accounts_that_show_it():
    """
    The actors of a file are the authors of its posts; an unknown post adds none.
    """
    table = event_timeline(
        posts((JANE, None), (DAWN, None)), media({"gps_time": NOON}, shown_in=("mastodon:0", "mastodon:1", "gone"))
    )

    assert table.at[0, "actor"] == f"{JANE}, {DAWN}"


def test_a_file_is_in_the_lane_of_the_first_account_to_show_it():
    """
    Who passes a photo on, even earlier by the clock, makes no lane of joint actors and does not become its author.
    """
    shown = posts((DAWN, NOON - timedelta(hours=1)), (DAWN, NOON + timedelta(hours=1)), (JANE, NOON))
    shown = shown.assign(announce_of=["mastodon:2", None, None])
    table = event_timeline(shown, media({"gps_time": NOON}, shown_in=("mastodon:0", "mastodon:1", "mastodon:2")))
    lanes = [text for text in texts(drawn(table)) if "@" in text]

    assert table.loc[table["kind"] == "GPS receiver", "actor"].item() == f"{JANE}, {DAWN}"
    assert sorted(lanes) == ["dawn@social.example", "jane@social.example"]


def test_a_long_handle_stays_readable():
    """
    The name stands whole on the first line of its lane, the host below.
    """
    root = drawn(event_timeline(posts(("account:feed:Petra Noteworthy-Longname@blog.of.a.town.example", NOON))))

    assert {"Petra Noteworthy-Longname", "@blog.of.a.town.example, feed"} <= set(texts(root))


def test_what_has_no_time_is_counted():
    """
    Posts and files that state no time are not drawn, and not lost.
    """
    table = event_timeline(posts((JANE, None), (JANE, NOON)), media({}, {"taken_local": "soon"}, {"gps_time": NOON}))

    assert (len(table), table.attrs["undated"]) == (2, 3)


def test_the_order_of_the_rows_changes_nothing():
    """
    The table is ordered by time, then by what tells equal times apart.
    """
    given_posts = posts((JANE, NOON), (DAWN, NOON), (JANE, NOON - timedelta(hours=1)))

    there, back = event_timeline(given_posts), event_timeline(given_posts.iloc[::-1])

    pd.testing.assert_frame_equal(there, back)
    assert list(there["source_id"]) == ["mastodon:2", "mastodon:0", "mastodon:1"]


def test_an_empty_table_has_the_columns_and_types_of_a_full_one():
    """
    No events give no rows, not another table.
    """
    empty, full = event_timeline(posts()), event_timeline(posts((JANE, NOON)))

    assert list(empty.columns) == list(COLUMNS)
    pd.testing.assert_series_equal(empty.dtypes, full.dtypes)


def test_each_account_has_a_lane_and_each_event_a_mark_with_its_exhibit():
    """
    The picture names accounts and platforms, and every mark leads back to its exhibit.
    """
    root = drawn(event_timeline(posts((JANE, NOON), (DAWN, NOON + timedelta(days=2)))), "Case 2026-0417")
    tooltips = [title.text for title in root.iter(f"{SVG}title")]

    assert {"Case 2026-0417", "jane@social.example", "dawn@social.example", "mastodon"} <= set(texts(root))
    assert "2026-05-03T12:00:00Z · post (platform), grade A · words · exhibit E0000" in tooltips
    assert any("exhibit E0001" in tooltip for tooltip in tooltips)


def test_an_interval_is_a_bar_and_says_so():
    """
    An uncertain time is never a point, and the legend explains the bar.
    """
    root = drawn(event_timeline(posts((JANE, None)), media({"taken_local": "2026-05-03T14:22:11"})))
    tips = [tip.text or "" for tip in root.iter(f"{SVG}title")]

    assert any("somewhere in this interval" in text for text in texts(root))
    assert any("between 2026-05-03T00:22:11Z and 2026-05-04T02:22:11Z" in tip for tip in tips)


def test_the_words_of_the_legend_keep_apart():
    """
    With every kind and grade there is, in the wide typeface that a desktop without Helvetica takes.
    """
    table = pd.DataFrame(
        {"start": NOON, "end": NOON + timedelta(hours=at), "kind": kind, "grade": GRADES[at % len(GRADES)], "actor": JANE, "text": "",
         "basis": "", "stated": "", "exhibit": "E0000"} for at, kind in enumerate(KINDS)
    )  # fmt: skip
    legend = [each for each in drawn(table).iter(f"{SVG}text") if each.get("y") in ("76", "102")]

    assert len(legend) == len(KINDS) + len(GRADES) + 1
    for each, following in pairwise(legend):
        end = float(each.get("x")) + text_width(each.text, 12)
        assert end <= (float(following.get("x")) - 17 if following.get("y") == each.get("y") else 990), each.text


def test_an_interval_too_short_to_see_is_still_a_bar():
    """
    On an axis of years an interval of a day keeps its shape.
    """
    table = event_timeline(
        posts((JANE, NOON), (JANE, NOON + timedelta(days=4000))), media({"taken_local": "2027-05-03T14:22:11"})
    )
    group = next(g for g in drawn(table).iter(f"{SVG}g") if "camera clock" in (g[0].text or ""))

    assert (group[1].tag, float(group[1].get("width"))) == (f"{SVG}rect", 8.0)


def test_events_too_close_to_tell_apart_are_one_mark_with_their_number():
    """
    Ten posts within a second of a year are one mark that says 10 and names the first exhibits.
    """
    burst = [(JANE, NOON + timedelta(milliseconds=number)) for number in range(10)]
    root = drawn(event_timeline(posts(*burst, (JANE, NOON + timedelta(days=365)))))

    assert "10" in texts(root)
    assert any("and 5 more" in (title.text or "") for title in root.iter(f"{SVG}title"))


def test_posts_without_a_time_are_mentioned():
    """
    The picture says how many events it does not show.
    """
    assert any(
        "1 more without a time" in text for text in texts(drawn(event_timeline(posts((JANE, NOON), (JANE, None)))))
    )


def test_no_events_are_a_picture_that_says_so():
    """
    An empty table is drawn without an axis.
    """
    assert "No event states a time." in texts(drawn(event_timeline(posts())))


def test_many_accounts_share_the_last_lane():
    """
    The picture stays of bounded height.
    """
    rows = [(f"account:mastodon:a{number}@social.example", NOON + timedelta(hours=number)) for number in range(100)]

    root = drawn(event_timeline(posts(*rows)))

    assert "41 further accounts" in texts(root)
    assert float(root.get("height")) < 2500


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '"/><image href="https://evil.example/x"/>',
        "a\u202eb\x00\x1b[2J\ufffe\uffff",
        "\ud800",
    ],
)
def test_hostile_text_is_text(hostile):
    """
    Markup, control and reordering characters in a post, an account or a title are shown, not obeyed.
    """
    files = with_times(stated("camera clock", "C", NINE, text=hostile), stated(hostile, hostile, TEN, text=hostile))
    picture = timeline_svg(event_timeline(posts((f"account:x:{hostile}", NOON, hostile)), files), hostile)
    root = ElementTree.fromstring(picture)

    allowed = {
        f"{SVG}{name}" for name in ("svg", "rect", "text", "title", "desc", "line", "g", "circle", "path", "polygon")
    }
    assert {element.tag for element in root.iter()} <= allowed
    assert not re.search("[\u202e\x00\x1b]", picture.decode())


def test_the_picture_is_named_and_described():
    """
    For who hears it instead of seeing it.
    """
    root = drawn(event_timeline(posts((JANE, NOON), (JANE, None))), "Case 2026-0417")

    assert (root.get("role"), root[0].tag, root[0].text) == ("img", f"{SVG}title", "Case 2026-0417")
    assert (root[1].tag, root[1].text.split(".")[0]) == (f"{SVG}desc", "1 event, 1 more without a time are not shown")


def test_the_picture_refers_to_nothing_outside_itself():
    """
    No address, style sheet or script: the picture shows on a machine without a network.
    """
    picture = timeline_svg(event_timeline(posts((JANE, NOON))), "Case").decode()

    assert re.findall(r"https?://[^\"]+", picture) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"href|url\(|<style|<script|@import|@font", picture)


def test_the_same_table_gives_the_same_bytes():
    """
    A drawing can be made again and compared.
    """
    table = event_timeline(posts((JANE, NOON), (DAWN, NOON + timedelta(hours=3))), media({"gps_time": NOON}))

    assert timeline_svg(table, "Case") == timeline_svg(table.copy(), "Case")


@example([datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_span_of_time_has_an_axis(instants):
    """
    From a second to the years 1 to 9999: marks lie inside the picture and the ticks are few.
    """
    root = drawn(event_timeline(posts(*((JANE, instant) for instant in instants))))
    marks = [float(circle.get("cx")) for mark in root.iter(f"{SVG}g") for circle in mark.iter(f"{SVG}circle")]

    assert all(240 <= x <= 976 for x in marks)
    assert len(list(root.iter(f"{SVG}line"))) <= 12
