"""What the readers of exports share: tables with something above their head, and whose file it is."""

from __future__ import annotations

import codecs
import dataclasses
import re

import pytest
from recorded import make_capture
from test_collectors import captured

from osint.activity import Post
from osint.collectors import answer, exports, load
from osint.collectors.addresses import name_in
from osint.errors import UnreadableCaptureError


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
    assert name_in("https://x.com/jane", ("x.com",), r"/(\w+)") == "jane"
    assert name_in("https://x.com.example/jane", ("x.com",), r"/(\w+)") is None
    assert name_in("http://[::1/jane", ("x.com",), r"/(\w+)") is None
