"""The posts table."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from osint.activity import Attachment, ParseWarning, Post, Tag, from_json, kind_of, to_json
from osint.posts.frame import COLUMNS, posts_frame, warnings_frame

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def post(native_id: str = "1", exhibit: str = "E0001", **fields) -> Post:
    given = {
        "id": f"mastodon:{native_id}", "platform": "mastodon", "native_id": native_id, "type": "Note", "exhibit": exhibit,
        "pointer": "/0", "collector": "mastodon/1", "collected": NOON, "published": NOON, "content": "words",
    }  # fmt: skip
    return Post(**{**given, **fields})


def test_an_empty_table_has_all_its_columns():
    """
    So that what works on posts works on none.
    """
    frame = posts_frame([])

    assert list(COLUMNS) == list(frame.columns)
    assert {name: str(frame[name].dtype) for name in COLUMNS} == {
        name: str(posts_frame([post()])[name].dtype) for name in COLUMNS
    }


def test_one_row_a_post_with_every_exhibit_that_shows_it():
    """
    Seen three times, it is one row, and no sight of it is lost.
    """
    later = NOON + timedelta(hours=1)

    frame = posts_frame([post(exhibit="E0009", collected=later), post(), post(exhibit="E0010", collected=later)])

    assert (
        len(frame), frame.exhibit[0], frame.exhibits[0], frame.versions[0],
    ) == (1, "E0001", ["E0001", "E0009", "E0010"], 1)  # fmt: skip


def test_what_the_exhibit_of_a_page_is_worth_has_columns_of_its_own():
    """
    A post of a source that says nothing of it has neither word.
    """
    page = post("1", extra={"capture": {"quality": "shell", "minimum_met": False}})
    frame = posts_frame([page, post("2")]).set_index("id")

    assert tuple(frame.loc["mastodon:1", ["capture_quality", "capture_minimum_met"]]) == ("shell", False)
    assert frame.loc["mastodon:2", ["capture_quality", "capture_minimum_met"]].isna().all()


@pytest.mark.parametrize(
    ("extra", "access"),
    [
        ({}, "public"),
        ({"import": {"access": "public"}}, "public"),
        ({"import": {"access": "logged_in"}}, "logged_in"),
        ({"import": {"access": "not_known"}}, "not_known"),
        ({"import": "whatever a server may send"}, "public"),
        ({"import": {"access": ["logged_in"]}}, "public"),
    ],
)
def test_who_could_see_a_post_has_a_column_of_its_own(extra, access):
    """
    What was saved signed in says so; the word is one of three, whatever else is in there.
    """
    assert list(posts_frame([post(extra=extra)])["access"]) == [access]


def test_an_edited_post_shows_its_newest_version_and_keeps_the_others():
    """
    The row says how many versions there are; versions=True shows each with the exhibit that has it.
    """
    sights = [post(), post(exhibit="E0002", collected=NOON + timedelta(hours=1), content="other words")]

    assert tuple(posts_frame(sights).loc[0, ["content", "exhibit", "versions"]]) == ("other words", "E0002", 2)
    assert list(posts_frame(sights, versions=True)["content"]) == ["words", "other words"]


def test_the_order_does_not_depend_on_the_order_of_the_records():
    """
    The same records in any order give the same frame, undated posts last.
    """
    records = [post("1"), post("2", published=None), post("3", published=NOON - timedelta(days=1)), post("1", "E0002")]
    frames = [posts_frame(order) for order in itertools.permutations(records)]

    assert list(frames[0]["id"]) == ["mastodon:3", "mastodon:1", "mastodon:2"]
    for frame in frames[1:]:
        pd.testing.assert_frame_equal(frames[0], frame)


def test_ids_stay_text_and_instants_stay_exact():
    """
    A long number is not rounded, and microseconds are not cut.
    """
    exact = NOON + timedelta(microseconds=123457)
    frame = posts_frame([post("109999999999999999999", published=exact)])

    assert frame.native_id[0] == "109999999999999999999"
    assert pd.Timestamp(exact) == frame.published[0]


def test_missing_hidden_and_none_are_told_apart():
    """
    An empty cell means none, unless `absent` says missing or hidden.
    """
    frame = posts_frame([post(absent={"likes": "hidden", "language": "missing"})])

    assert frame.absent[0] == {"likes": "hidden", "language": "missing"}
    assert pd.isna(frame.likes[0])
    assert pd.isna(frame.updated[0])


@pytest.mark.parametrize(
    "record",
    [
        post(tag=(Tag(type="Mention", name="dawn", account="account:mastodon:dawn@social.example"),),
             attachment=(Attachment(url="https://a.example/x.jpg", width=3),), links=("https://b.example/",),
             updated=NOON, extra={"poll": [1, None, {"a": "b"}]}, absent={"likes": "hidden"}),
        ParseWarning(exhibit="E0001", pointer="/0", what="odd", effect="none"),
    ],
)  # fmt: skip
def test_a_record_survives_the_store(record):
    """
    JSON and back gives an equal record.
    """
    import json

    assert record == from_json(kind_of(record), json.loads(json.dumps(to_json(record))))


def test_warnings_have_their_columns_even_when_there_are_none():
    """
    An empty table of warnings is a table.
    """
    assert list(warnings_frame([]).columns) == ["exhibit", "pointer", "what", "effect"]


JANE = "https://jane.example/1"


def sights_from(*servers: str, native_id: str = JANE) -> tuple[list[Post], dict[str, str]]:
    """One sight a server, an hour apart, each with words of its own."""
    shown = {f"E{number:04}": server for number, server in enumerate(servers, 1)}
    posts = [
        post(native_id, exhibit, content=f"{server}, {number}", collected=NOON + timedelta(hours=number))
        for number, (exhibit, server) in enumerate(shown.items(), 1)
    ]
    return posts, shown


@pytest.mark.parametrize(
    ("servers", "native_id", "shown"),
    [
        (("a.example", "evil.example"), "1", "a.example, 1"),
        (("127.0.0.1:8001", "127.0.0.1:8002"), JANE, "127.0.0.1:8001, 1"),
        (("evil.example", "jane.example"), JANE, "jane.example, 2"),
        (("jane.example", "evil.example", "www.jane.example"), JANE, "www.jane.example, 3"),
        (("a.example", "evil.example", "a.example", "evil.example"), "1", "a.example, 3"),
    ],
    ids=["the first one", "another port", "the id's own", "with www", "newest of its own"],
)
def test_another_server_that_reuses_an_id_does_not_replace_what_a_post_says(servers, native_id, shown):
    """
    The row is the newest version of the server that the id names, else of the first; the others are counted and named.
    """
    sights, servers_of = sights_from(*servers, native_id=native_id)

    frame = posts_frame(sights, servers=servers_of)

    assert (frame.content[0], frame.versions[0]) == (shown, len(servers))
    assert {server.removeprefix("www.") for server in servers} == set(frame.servers[0])
    assert shown.partition(",")[0].removeprefix("www.") == frame.servers[0][0]


def test_every_version_of_every_server_has_its_row():
    """
    What another server showed is kept, with the exhibit that has it.
    """
    sights, servers_of = sights_from("jane.example", "evil.example")

    frame = posts_frame(sights, versions=True, servers=servers_of)

    assert list(zip(frame.content, frame.exhibit, strict=True)) == [
        ("jane.example, 1", "E0001"),
        ("evil.example, 2", "E0002"),
    ]
