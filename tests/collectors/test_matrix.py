"""Matrix: rooms that want a token, paging, and what edits, reactions and redactions make of a message."""

from __future__ import annotations

import dataclasses
import json

import pytest
from recorded import FIXTURES, Memory, ask, make_capture, read_answer

from osint.activity import ParseWarning, Post
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


class Pages:
    """A server that makes a page of messages for each question."""

    def __init__(self, *pages):
        self.pages, self.asked = list(pages), 0

    def __call__(self, url, **params):
        self.asked += 1
        chunk = self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]
        return make_capture(json.dumps({"chunk": chunk, "end": f"t{self.asked}"}).encode(), url)


def event(number, sender, at):
    return {"event_id": f"${number}", "sender": sender, "type": "m.room.message", "origin_server_ts": at}


def test_the_period_is_not_left_because_another_server_claims_old_times():
    """Whoever runs one writes what it likes; the server that answers would have more."""
    query = UrlQuery(url=ROOM.url, since="2026-05-06")
    forged = [event(1, "@eve:other.example", 1000)]
    own = [event(2, "@eve:other.example", 1000), event(3, "@jane:matrix.example", 1000)]
    get = Pages(forged, own)

    assert (ask(matrix, query, get)[1], get.asked) == (Stop.UNTIL_DATE, 2)


def test_a_server_that_goes_in_a_circle_or_names_empty_pages_without_end_is_left():
    """Each page names a place that it did not name before."""
    circle, empty = Pages([event(1, "@jane:matrix.example", 1000)]), Pages([])

    assert (ask(matrix, ROOM, circle)[1], circle.asked) == (Stop.ERROR, 2)
    assert (ask(matrix, ROOM, empty)[1], empty.asked) == (Stop.PLATFORM_CAP, 50)


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


def test_an_edit_of_a_post_that_is_not_here_is_not_taken_for_that_post():
    """Anybody may send one, and whose the post is stands elsewhere; a time that is no number is none."""
    page = posts("page_last")

    assert "$99" not in page
    assert (page["$14"].type, page["$14"].content, page["$14"].extra["updates"]) == (
        "Update",
        "New words",
        "matrix:$99",
    )
    assert (page["$15"].published, page["$15"].published_basis) == (None, "none")


def changed(answer, number, **more):
    """The posts of a recorded page one of whose events is another; and what is warned of."""
    capture = read_answer(FIXTURES / "matrix" / f"{answer}.http", API)
    value = json.loads(capture.body)
    value["chunk"][number] |= more
    records = matrix.parse(dataclasses.replace(capture, body=json.dumps(value).encode()))
    found = {record.native_id: record for record in records if isinstance(record, Post)}
    return found, [record.what for record in records if isinstance(record, ParseWarning)]


def test_accounts_that_differ_in_capitals_alone_are_two():
    """Matrix still knows old ones, and an edit by the one is none by the other."""
    page, warned = changed("page", 8, sender="@JANE:Matrix.example")

    assert page["$1"].attributed_to == "account:matrix:jane@matrix.example"
    assert page["$2"].attributed_to == "account:matrix:Sam@other.example"
    assert page["$1"].extra["earlier"] == ["Seen at the pier 🐚 שלום"]
    assert warned.count("An edit of $1 is not by its writer, or of what was taken back.") == 2


def test_an_edit_without_new_words_takes_no_words_away():
    """It is malformed, and a warning says so."""
    relation = {"rel_type": "m.replace", "event_id": "$1"}
    page, warned = changed("page", 8, content={"body": "*", "m.relates_to": relation})

    assert page["$1"].content == "Seen at the church"
    assert "An edit of $1 has no new words, or is of no message." in warned


def test_an_event_of_another_room_is_of_that_room():
    """Each names its own."""
    page, _ = changed("page", 2, room_id="!church:matrix.example")

    assert page["$11"].extra["room"] == "!church:matrix.example"
    assert page["$10"].extra["room"] == "!pier:matrix.example"


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
