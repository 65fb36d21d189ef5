"""Threads: the export that comes with Instagram's, and cards that name their own address."""

from __future__ import annotations

import json

import pytest
from recorded import FIXTURES, Memory, ask, expected, make_capture, read_answer

from osint.activity import ParseWarning, Post
from osint.collectors import claimant, threads
from osint.collectors.protocol import Stop
from osint.errors import QueryError, SourceClosedError, SourceError, SourceGoneError
from osint.posts.id_time import time_in_id
from osint.query import AccountQuery, UrlQuery

JANE, PROFILE = AccountQuery(account="@jane.example@threads.net"), "https://www.threads.com/@jane.example"
POST = UrlQuery(url=f"{PROFILE}/post/DZZSfMqu6WY")


def captured(name):
    stated = expected("threads")[name]
    more = {"part": stated["part"], "made": "imported"} if "part" in stated else {}
    return read_answer(FIXTURES / "threads" / f"{name}.http", stated["url"], **more)


def records(name, kind=Post):
    return [record for record in threads.parse(captured(name)) if isinstance(record, kind)]


def test_an_answer_is_marked_and_does_not_name_what_it_answers():
    """The export says no more than that it is one."""
    answer, album, _ = records("posts")

    assert (answer.extra["is_reply"], answer.absent["in_reply_to"]) == (True, "missing")
    assert (album.extra["is_reply"], "in_reply_to" in album.absent) == (False, False)


def test_every_entry_is_a_row_or_a_warning():
    """Five entries: three posts, of which one has no date; two that are none."""
    assert len(records("posts")) == 3
    assert [warning.pointer[-2:] for warning in records("posts", ParseWarning)] == ["/2", "/3", "/4"]


def exported(value):
    return threads.parse(make_capture(json.dumps(value).encode(), PROFILE, media_type="application/json"))


def test_every_title_of_a_post_with_several_pictures_is_kept():
    """The first is its text."""
    media = [{"title": title, "creation_timestamp": 1777629600} for title in ("one", "two", "one")]
    (post,) = exported({"text_post_app_text_posts": [{"media": media}]})

    assert (post.content, post.extra["titles"]) == ("one", ["two"])


def test_a_profile_of_another_account_and_a_list_that_is_not_known_are_told():
    """The posts beside the profile name nobody and were given to the declared account."""
    user = {"string_map_data": {"Username": {"value": "dawn.example"}}}
    whose, _ = exported({"text_post_app_profile": [user]})
    *_, unread = exported({"text_post_app_text_posts": [], "text_post_app_reposts": [{"a": 1}]})

    assert "belongs to 'dawn.example'" in whose.what
    assert "text_post_app_reposts" in unread.what


def test_an_address_of_instagram_names_the_same_account():
    """The export is one of both."""
    capture = captured("posts_under_the_address_of_instagram")

    assert claimant(capture) == "threads"
    assert threads.parse(capture)[0].author_handle == "jane.example@threads.net"
    assert records("posts_without_owner")[0].absent["attributed_to"] == "missing"


@pytest.mark.parametrize(("query", "asked", "answer"), [(JANE, PROFILE, "page_profile"), (POST, POST.url, "page_post")])
def test_a_card_is_one_page_that_shows_part_only(query, asked, answer):
    """Answers load by script."""
    captures, stop = ask(threads, query, Memory("threads", {asked: answer}))

    (record,) = threads.parse(captures[0])
    handle = record.author_handle if isinstance(record, Post) else record.handle
    assert (stop, handle) == (Stop.PLATFORM_CAP, "jane.example@threads.net")


def test_the_code_of_a_post_tells_its_time_and_a_made_id_does_not():
    """It is Instagram's."""
    assert time_in_id("threads", records("page_post")[0].native_id).year >= 2024
    assert {time_in_id("threads", post.native_id) for post in records("posts")} == {None}


@pytest.mark.parametrize(
    ("query", "asked", "answer", "error", "said"),
    [
        (JANE, PROFILE, "page_not_found", SourceGoneError, "404"),
        (JANE, PROFILE, "page_profile_of_another", SourceError, "that of dawn.example"),
        (POST, POST.url, "page_profile", SourceError, "DZZSfMqu6WY was asked for"),
    ],
)
def test_a_page_without_what_was_asked_is_never_an_empty_result(query, asked, answer, error, said):
    """A post that leads to the profile is not the post."""
    with pytest.raises(error, match=said):
        ask(threads, query, Memory("threads", {asked: answer}))


def test_a_sign_in_is_not_passed():
    """It says nothing of the account."""
    with pytest.raises(SourceClosedError, match="asks to sign in"):
        ask(threads, JANE, lambda *_, **__: captured("page_sign_in"))


def test_an_account_of_another_host_is_refused():
    """Nothing is asked."""
    with pytest.raises(QueryError, match=r"@name@threads\.net"):
        ask(threads, AccountQuery(account="@jane@threads.net.example"), Memory("threads", {}))
