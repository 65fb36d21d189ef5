"""Snapchat: nothing is asked of it; made ids, what is private, and tables under some lines of text."""

from __future__ import annotations

import json

import pytest
from recorded import FIXTURES, Memory, ask, expected, make_capture, read_answer

from osint.activity import ParseWarning, Post
from osint.collectors import snapchat
from osint.errors import SourceClosedError
from osint.query import AccountQuery

JANE = "https://www.snapchat.com/add/jane.example"


def records(name, kind=Post):
    stated = expected("snapchat")[name]
    capture = read_answer(FIXTURES / "snapchat" / f"{name}.http", stated["url"], part=stated["part"], made="imported")
    return [record for record in snapchat.parse(capture) if isinstance(record, kind)]


def test_nothing_is_asked_of_snapchat():
    """The refusal names the files."""
    get = Memory("snapchat", {})

    with pytest.raises(SourceClosedError, match=r"My Data.*legal process"):
        ask(snapchat, AccountQuery(account="@jane.example@snapchat.com"), get)
    assert get.asked == []


def test_the_same_words_twice_are_two_messages_with_two_ids():
    """Nothing in the export tells them apart but that they are there twice."""
    first, again = records("chat_history")[:2]

    assert first.native_id.removesuffix("-1") == again.native_id.removesuffix("-2")
    assert first.id != again.id


def test_a_message_has_the_same_id_wherever_it_stands_in_the_export():
    """A later export, with more before it, names it alike."""
    entry = {"From": "dawn.example", "Media Type": "TEXT", "Created": "2026-05-01 10:00:00 UTC", "Content": "a"}
    other = {**entry, "Content": "b"}
    one, two = ({"dawn.example": entries} for entries in ([entry], [other, entry]))

    ids = [[record.id for record in snapchat.parse(make_capture(json.dumps(v).encode(), JANE))] for v in (one, two)]

    assert ids[0][0] == ids[1][1]


def test_every_entry_is_a_row_or_a_warning():
    """Seven entries: six messages, one that is none; two of the six have no instant."""
    assert len(records("chat_history")) == 6
    assert [warning.pointer for warning in records("chat_history", ParseWarning)] == [
        "/dawn.example/4", "/harbour~1group/0", "/harbour~1group/1",
    ]  # fmt: skip


def test_who_sent_what_is_told_by_the_entry_or_by_its_list():
    """What the owner sent names the other one only; the owner is the account of the declared address."""
    received, sent = records("chat_history_of_2021")
    nobody = records("chat_history_without_owner")[1]

    assert (received.author_handle, sent.author_handle) == ("dawn.example@snapchat.com", "jane.example@snapchat.com")
    assert (received.content, sent.extra["to"]) == ("it's here", "dawn.example")
    assert (nobody.attributed_to, nobody.absent["attributed_to"]) == (None, "missing")


def parsed(value):
    return snapchat.parse(make_capture(json.dumps(value).encode(), JANE))


def test_the_owner_is_told_by_the_mark_of_a_sender_and_has_to_be_the_declared_account():
    """What stands there without a name is of the declared account only when the file does not name another."""
    entry = {"Media Type": "TEXT", "Created": "2026-05-01 10:00:00 UTC", "Content": "a", "IsSender": True}
    (own,) = parsed({"dawn.example": [entry]})
    *_, warning = parsed({"dawn.example": [{**entry, "From": "other.example"}]})
    *_, account = parsed({"Basic Information": {"Username": "other.example"}})

    assert own.author_handle == "jane.example@snapchat.com"
    assert ["belongs to 'other.example'" in each.what for each in (warning, account)] == [True, True]


def test_a_member_that_is_no_list_costs_no_conversation():
    """It is named; the others are read."""
    entry = {"From": "dawn.example", "Media Type": "TEXT", "Created": "2026-05-01 10:00:00 UTC", "Content": "a"}
    post, warning = parsed({"dawn.example": [entry], "version": 3})

    assert (post.content, warning.pointer) == ("a", "/version")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Latitude, Longitude: 51, -4.1234567890123456", {"latitude": "51", "longitude": "-4.1234567890123456"}),
        ("Latitude, Longitude: 0.0, 0.0", {"location": "Latitude, Longitude: 0.0, 0.0"}),
        ("at the pier", {"location": "at the pier"}),
    ],
)
def test_a_place_is_one_only_where_there_are_two_coordinates(written, told):
    """Zeros stand where none is known, and are no place in the Gulf of Guinea; other words stay."""
    entry = {"Date": "2026-05-01 10:00:00 UTC", "Media Type": "Image", "Location": written}
    (post,) = parsed({"Saved Media": [entry]})

    assert post.extra == {"media_type": "Image", **told}


def test_messages_are_marked_as_private():
    """So that no report takes them for what anyone could see."""
    private = [*records("chat_history"), *records("snap_history"), *records("return"), *records("return_of_2020")]

    assert {post.visibility for post in private} == {"direct"}
    assert {post.visibility for post in records("memories_history")} == {"private"}


def test_a_snap_and_a_memory_have_no_text_and_say_so():
    """A signed link keeps its signature out of the tables."""
    assert {post.absent["content"] for post in records("snap_history")} == {"missing"}
    memory = records("memories_history")[0]
    assert (memory.extra["latitude"], memory.extra["longitude"]) == ("52.1", "-4.25")
    body = b'{"Saved Media": [{"Date": "2026-05-01 10:00:00 UTC", "Media Type": "Image", "Download Link": "%s"}]}'
    signed = make_capture(body % b"https://app.snapchat.com/dmd/memories?uid=1&sig=s3cr3t-of-nobody", JANE)
    assert "s3cr3t" not in repr(snapchat.parse(signed))


def test_an_id_of_a_return_counts_within_its_conversation():
    """Message 1 of two conversations is two messages, and an answer leads to the one of its own."""
    first, answer, other = records("return")

    assert [first.native_id, answer.native_id, other.native_id] == ["5a5a/1", "5a5a/2", "6b6b/1"]
    assert answer.in_reply_to == first.id
    assert first.content == "seen, at the\npier"


def test_rows_of_a_return_without_ids_are_counted_not_merged():
    """Two equal rows are two messages."""
    assert len({post.id for post in records("return_of_2020")}) == 2
