"""What the readers of exports share: times as platforms write them, and tables with something above their head."""

from __future__ import annotations

import codecs
import dataclasses
import re

import pytest
from recorded import make_capture
from test_collectors import captured

from osint.activity import Post
from osint.collectors import answer, exports, load
from osint.errors import UnreadableCaptureError


@pytest.mark.parametrize(
    ("written", "instant", "zone_known"),
    [
        ("Sat Dec 06 18:20:30 +0000 2025", "2025-12-06T18:20:30+00:00", True),
        ("Sat Dec 06 18:20:30 +0200 2025", "2025-12-06T16:20:30+00:00", True),
        ("Tue Mar 01 12:00:00 UTC 2022", "2022-03-01T12:00:00+00:00", True),
        ("2022-07-22 19:28:21 UTC", "2022-07-22T19:28:21+00:00", True),
        ("2022-07-22 19:28:21", "2022-07-22T19:28:21+00:00", False),
        ("2022-07-22T19:28:21.5+02:00", "2022-07-22T17:28:21.500000+00:00", True),
        ("Sat, 06 Dec 2025 18:20:30 GMT", "2025-12-06T18:20:30+00:00", True),
        ("Sat, 06 Dec 2025 18:20:30 UTC", "2025-12-06T18:20:30+00:00", True),
    ],
)
def test_a_time_is_read_as_its_platform_writes_it(written, instant, zone_known):
    """Only where the source is known to mean UTC does a time without a zone become an instant, and that is told."""
    reading = exports.dated(written, utc=True)

    assert (reading.raw, reading.instant.isoformat(), reading.zone_known) == (written, instant, zone_known)
    assert not reading.problem


def test_a_time_without_a_zone_is_no_instant_unless_the_source_means_utc():
    """It stays as it was written."""
    reading = exports.dated("2022-07-22 19:28:21")

    assert (reading.raw, reading.instant) == ("2022-07-22 19:28:21", None)
    assert "names no time zone" in reading.problem


@pytest.mark.parametrize("written", ["Sat Dec 36 18:20:30 +0000 2025", "2022-13-01 10:00:00 UTC", "yesterday"])
def test_an_impossible_time_is_repeated_as_it_was_written(written):
    """The message has the words of the file, not of what was tried."""
    assert repr(written) in exports.dated(written, utc=True).problem


@pytest.mark.parametrize(
    ("value", "instant"),
    [("1577836800", "2020-01-01"), (1577836800, "2020-01-01"), (0, None), (True, None), ("current", None), ([5], None)],
)
def test_seconds_since_1970_are_read_within_reason(value, instant):
    """What is no number says nothing of a time."""
    reading = exports.of_epoch(value)

    assert (reading and reading.instant.date().isoformat()) == instant


@pytest.mark.parametrize("value", [10**17, 1777629600000, "-5", -86400, 1777629600.5])
def test_a_number_that_is_no_such_second_stays_as_it_was_written(value):
    """Milliseconds, days before 1970, parts of a second: none is an instant, and none is "no date"."""
    reading = exports.of_epoch(value)

    assert (reading.raw, reading.instant) == (str(value), None)
    assert repr(str(value)) in exports.undated(make_capture(b"", ""), "", reading)[0].what


def tabled(body):
    return exports.table(make_capture(body, "https://a.example/"), "a table", "id", "sent_at")


def rows(body):
    return tabled(body)[0]


def test_a_table_is_found_under_what_stands_above_it():
    """Names of columns lose capitals, spaces and hyphens; a row is named by the line at which it starts."""
    body = b'Target: jane\n=====\n\n\xef\xbb\xbfnone\n"ID",Sent-At , Text\r\n1,now,"a\r\nb"\r\n\r\n2,then\r\n'

    assert rows(body) == [
        ("line 6", {"id": "1", "sent_at": "now", "text": "a\r\nb"}),
        ("line 9", {"id": "2", "sent_at": "then"}),
    ]


@pytest.mark.parametrize(
    "body", [b"", b"id,text\n1,2\n", b"x\n" * 300 + b"id,sent_at\n", b'id,sent_at\n"' + b"x" * 200_000]
)
def test_what_is_no_such_table_is_unreadable(body):
    """A head that comes too late is none; a field without an end is no field."""
    with pytest.raises(UnreadableCaptureError):
        rows(body)


def test_a_row_that_does_not_fit_the_head_is_read_and_told():
    """A comma that nobody quoted moves every value behind it to another name."""
    found, told = tabled(b"id,sent_at,text\n1,now,a\n2,now,a, b\n3,now\n")

    assert [row["id"] for _, row in found] == ["1", "2", "3"]
    assert [(each.pointer, each.what) for each in told] == [
        ("line 3", "This row has 4 cells under 3 columns."),
        ("line 4", "This row has 2 cells under 3 columns."),
    ]


def test_a_quotation_mark_that_is_never_closed_is_told():
    """It swallows all rows behind it, and a table that breaks off within a text ends so."""
    found, told = tabled(b'id,sent_at,text\n1,now,a\n2,now,"it goes on\n3,now,b\n')

    assert [row["text"] for _, row in found] == ["a", "it goes on\n3,now,b\n"]
    assert ["never closed" in each.what for each in told] == [True]
    assert tabled(b'id,sent_at,text\n1,now,"a"')[1] == []


@pytest.mark.parametrize(("declared", "named", "number"), [("jane", "dawn", 1), ("jane", "Jane", 0), (None, "dawn", 0)])
def test_a_file_of_another_account_than_the_declared_one_is_told(declared, named, number):
    """Posts that name no author were given to the declared account."""
    told = exports.of_another(make_capture(b"", ""), declared, named)

    assert len(told) == number
    assert all("No post and no account of it" in each.effect for each in told)


def test_scripts_without_an_end_are_passed_in_one_go(monkeypatch):
    """A page of start tags alone is looked through once, not once from each."""
    looked = []

    class End:
        def search(self, page, start):
            looked.append(start)
            return re.compile("</SCRIPT").search(page, start)

    monkeypatch.setattr(exports, "_END_OF_SCRIPT", End())
    tag = re.compile("<script>")

    assert list(exports.script_in("<script>" * 50, tag)) == []
    assert len(looked) == 1
    monkeypatch.undo()
    assert list(exports.script_in("<script>a</SCRIPT><script>b</script><script>c", tag)) == ["a", "b"]


@pytest.mark.parametrize(
    ("collector", "answer"),
    [("facebook", "posts"), ("facebook", "messages"), ("instagram", "stories"), ("threads", "posts"),
     ("tiktok", "export"), ("x", "oembed"), ("reddit", "thread"), ("reddit", "posts_csv")],
)  # fmt: skip
def test_a_file_that_an_editor_put_a_mark_before_is_claimed_all_the_same(collector, answer):
    """Some programs write the mark of UTF-8 when they save a file again."""
    capture = captured(collector, answer)

    assert load(collector).claims(dataclasses.replace(capture, body=codecs.BOM_UTF8 + capture.body))


def test_each_record_is_compared_once_however_often_its_id_comes_again(monkeypatch):
    """A file may give one id to thousands of posts; each against each would take hours."""
    capture, compared = captured("x", "tweets"), []
    posts = [record for record in load("x").parse(capture) if isinstance(record, Post)][:1]
    said = answer._said
    monkeypatch.setattr(answer, "_said", lambda record: compared.append(record) or said(record))
    same = [dataclasses.replace(posts[0], content=str(number % 50), pointer=f"/{number}") for number in range(100)]

    kept = answer.keep_first(same)

    assert (len(kept), len(compared)) == (50 + 49, 100)
    assert [post.pointer for post in kept if isinstance(post, Post)] == [f"/{number}" for number in range(50)]


def test_lists_that_nobody_reads_are_named():
    """So are known ones in another shape; numbers and names beside them are no posts."""
    value = {"read": [1], "new": [1], "odd": {"a": 1}, "known": {"b": 2}, "cover": {"c": 3}, "empty": [], "name": "x"}
    (told,) = exports.other_members(value, ("read", "known"), make_capture(b"", ""), "cover")

    assert told.what == "Members of this file that are not read: known, new, odd."


def test_an_id_that_is_made_follows_from_what_was_said():
    """The same entry has the same id in every export."""
    assert exports.made_id("a", None, 1) == exports.made_id("a", None, 1) != exports.made_id("a", None, 2)
    assert exports.made_id("a", "b") != exports.made_id("ab", "")


def test_a_name_is_found_on_the_host_itself_only():
    """A look-alike names nobody."""
    assert exports.name_in("https://x.com/jane", ("x.com",), r"/(\w+)") == "jane"
    assert exports.name_in("https://x.com.example/jane", ("x.com",), r"/(\w+)") is None
    assert exports.name_in("http://[::1/jane", ("x.com",), r"/(\w+)") is None
