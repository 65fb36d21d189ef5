"""Matrix: rooms that want a token, paging, and what edits, reactions and redactions make of a message."""

from __future__ import annotations

import pytest
from recorded import FIXTURES, Memory, ask, read_answer

from osint.activity import Post
from osint.collectors import claimant, matrix
from osint.collectors.protocol import Stop
from osint.errors import QueryError, RateLimitedError, SourceClosedError, SourceGoneError, UnreadableCaptureError
from osint.query import UrlQuery

ROOM = UrlQuery(url="https://matrix.to/#/!pier:matrix.example")
API = "https://matrix.example/_matrix/client/v3/rooms/%21pier%3Amatrix.example/messages"
FIRST, SECOND, THIRD = f"{API}?dir=b&limit=100", f"{API}?dir=b&limit=100&from=t5", f"{API}?dir=b&limit=100&from=t4"
ALIAS = "https://matrix.example/_matrix/client/v3/directory/room/%23pier%3Amatrix.example"


def memory(answers):
    return Memory("matrix", answers)


def posts(answer, url=API):
    return {
        record.native_id: record
        for record in matrix.parse(read_answer(FIXTURES / "matrix" / f"{answer}.http", url))
        if isinstance(record, Post)
    }


@pytest.mark.parametrize("answer", ["missing_token", "forbidden"])
def test_a_room_that_wants_a_token_is_closed_and_the_ways_that_are_open_are_named(answer):
    """No guest is registered; nothing more is asked."""
    get = memory({FIRST: answer})

    with pytest.raises(SourceClosedError, match=r"none is registered.*export the room"):
        ask(matrix, ROOM, get)
    assert get.asked == [FIRST]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("limited", RateLimitedError), ("not_found", SourceGoneError), ("error_200", UnreadableCaptureError),
        ("html", UnreadableCaptureError),
    ],
)  # fmt: skip
def test_other_refusals_are_told_apart(answer, error):
    """Later, not there, and what nobody understands."""
    with pytest.raises(error):
        ask(matrix, ROOM, memory({FIRST: answer}))


def test_a_room_is_read_back_until_no_older_page_is_named():
    """An empty page may name an older one, and is no end."""
    captures, stop = ask(matrix, ROOM, memory({FIRST: "page", SECOND: "page_empty_more", THIRD: "page_last"}))

    assert (stop, len(captures)) == (Stop.EXHAUSTED, 3)


def test_a_page_that_names_itself_again_is_no_end():
    """The same place twice."""
    assert ask(matrix, ROOM, memory({FIRST: "page", SECOND: "page_same"}))[1] is Stop.ERROR


def test_a_room_is_left_behind_the_period():
    """By what servers stamped."""
    query = UrlQuery(url=ROOM.url, since="2026-05-06")

    assert ask(matrix, query, memory({FIRST: "page"}))[1] is Stop.UNTIL_DATE


def test_a_room_is_looked_up_by_its_name():
    """A name that leads to no room is not an empty room."""
    query = UrlQuery(url="https://matrix.to/#/%23pier:matrix.example?via=other.example")

    assert ask(matrix, query, memory({ALIAS: "directory", FIRST: "page_empty"}))[1] is Stop.EXHAUSTED
    with pytest.raises(UnreadableCaptureError):
        ask(matrix, query, memory({ALIAS: "directory_odd"}))
    with pytest.raises(SourceGoneError):
        ask(matrix, query, memory({ALIAS: "not_found"}))


def test_a_room_whose_id_names_no_server_is_asked_of_the_one_that_the_link_names():
    """Since version 12 of rooms."""
    url = "https://matrix.example/_matrix/client/v3/rooms/%21hash/messages?dir=b&limit=100"
    for link in ("!hash?via=matrix.example", "!hash/$event?x=y&via=matrix.example&via=other.example"):
        query = UrlQuery(url=f"https://matrix.to/#/{link}")
        assert ask(matrix, query, memory({url: "page_empty"}))[1] is Stop.EXHAUSTED


@pytest.mark.parametrize(
    "url", ["https://matrix.example/", "https://matrix.to/#/!hash", "https://matrix.to/#/@jane:m.example"]
)
def test_what_is_no_room_is_refused_before_anything_is_asked(url):
    """In words, with the right spelling."""
    with pytest.raises(QueryError, match=r"matrix\.to/#/!room:server"):
        ask(matrix, UrlQuery(url=url), memory({}))


@pytest.mark.parametrize("answer", ["page", "export"])
def test_edits_of_the_writer_change_a_post_and_those_of_others_do_not(answer):
    """In the order in which they were made, though a page has the newest first; what was said before is kept."""
    post = posts(answer)["$1"]

    assert post.content == "By the church"
    assert post.extra["earlier"] == ["Seen at the pier 🐚 שלום", "Seen at the church"]
    assert post.updated
    assert post.updated > post.published


def test_an_edit_of_a_post_that_is_not_here_is_a_sight_of_it():
    """When it was written nobody can say from there."""
    post = posts("page_last")["$99"]

    assert (post.content, post.published, post.absent["published"]) == ("New words", None, "missing")


def test_answers_and_threads_are_told_apart():
    """What is named for programs without threads is no answer."""
    page = posts("page")

    assert (page["$2"].in_reply_to, page["$2"].thread_root) == ("matrix:$1", None)
    assert (page["$3"].in_reply_to, page["$3"].thread_root) == ("matrix:$1", "matrix:$1")


def test_what_was_taken_back_and_what_is_encrypted_hides_its_words():
    """Nothing is not the same as hidden."""
    page = posts("page")

    assert (page["$8"].type, page["$8"].content, page["$8"].absent["content"]) == ("Tombstone", None, "hidden")
    assert (page["$8"].extra["redacted_by"], page["$8"].extra["reason"]) == ("jane@matrix.example", "mistake")
    assert (page["$9"].type, page["$9"].extra["deletes"]) == ("Delete", "matrix:$8")
    assert (page["$10"].type, page["$10"].absent["content"]) == ("Note", "hidden")
    assert (page["$7"].type, page["$7"].content, page["$7"].extra["liked"]) == ("Like", "👍", "matrix:$1")


def test_a_time_is_the_platforms_where_its_own_server_answered():
    """The server of another writer is believed by nobody."""
    page = posts("page")

    assert (page["$1"].published_basis, page["$2"].published_basis) == ("platform", "author-claimed")


@pytest.mark.parametrize("answer", ["export", "page"])
def test_an_export_of_element_is_claimed(answer):
    """And a page that somebody saved."""
    capture = read_answer(FIXTURES / "matrix" / f"{answer}.http", "https://files.example/", made="imported")

    assert claimant(capture) == "matrix"
