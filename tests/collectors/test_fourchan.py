"""4chan: threads and boards, pruning, quotes, and pictures that nothing fetches."""

from __future__ import annotations

import dataclasses
import json

import pytest
from recorded import FIXTURES, Memory, ask, read_answer

from osint.activity import Post
from osint.collectors import fourchan
from osint.collectors.protocol import Stop
from osint.errors import QueryError, SourceBlockedError, SourceError, SourceGoneError, UnreadableCaptureError
from osint.query import ThreadQuery, UrlQuery

THREAD = ThreadQuery(thread="https://boards.4chan.org/b/thread/1001/harbour-pier")
ANSWER = "https://a.4cdn.org/b/thread/1001.json"


def posts(answer: str, url: str = ANSWER) -> dict[str, Post]:
    """The posts of a recorded answer by their native ids."""
    records = fourchan.parse(read_answer(FIXTURES / "fourchan" / f"{answer}.http", url))
    return {record.native_id: record for record in records if isinstance(record, Post)}


@pytest.mark.parametrize(("answer", "stop"), [("thread", Stop.EXHAUSTED), ("thread_archived_fewer", Stop.PLATFORM_CAP)])
def test_a_thread_is_complete_when_as_many_replies_came_as_it_counts(answer, stop):
    """One request, to the host that answers for the boards; a count above what came is no end."""
    get = Memory("fourchan", {ANSWER: answer})

    captures, ended = ask(fourchan, THREAD, get)

    assert (1, stop, [ANSWER]) == (len(captures), ended, get.asked)


def changed(**more):
    """A ``get`` that answers with the recorded thread, its posts changed."""

    def get(url, **_):
        capture = read_answer(FIXTURES / "fourchan" / "thread.http", url)
        value = json.loads(capture.body)
        for number, change in more.items():
            value["posts"][int(number[1:])] |= change
        return dataclasses.replace(capture, body=json.dumps(value).encode())

    return get


@pytest.mark.parametrize(
    "change",
    [
        {"p3": {"no": 1002}},
        {"p3": {"resto": 905}},
        {"p0": {"replies": True}},
        {"p3": {"no": [1]}},
        {"p3": {"no": None}},
    ],
)
def test_a_thread_whose_replies_do_not_make_up_its_count_is_not_complete(change):
    """One twice, one of another thread, a count that is none, a reply without number."""
    assert ask(fourchan, THREAD, changed(**change))[1] is Stop.PLATFORM_CAP


@pytest.mark.parametrize("change", [{"no": 1005}, {"no": 1002, "resto": 1000}, {"no": None}])
def test_another_thread_than_was_asked_for_is_not_read(change):
    """It would be taken for the one under authority."""
    with pytest.raises(SourceError, match=r"asked for thread 1001.*E0001"):
        ask(fourchan, THREAD, changed(p0=change))


def test_the_same_thread_is_asked_for_no_sooner_than_its_operator_wants():
    """Once in ten seconds; a run asks for one address, so the pace of the host holds it for every process."""
    captures, _ = ask(fourchan, THREAD, Memory("fourchan", {ANSWER: "thread"}))

    assert len(captures) == 1
    assert fourchan.MANIFEST.pace >= 10


@pytest.mark.parametrize(
    ("url", "asked", "answer"),
    [
        ("https://boards.4chan.org/b/", "https://a.4cdn.org/b/catalog.json", "catalog"),
        ("https://boards.4chan.org/b/catalog", "https://a.4cdn.org/b/catalog.json", "catalog_empty"),
        ("https://boards.4chan.org/b/archive", "https://a.4cdn.org/b/archive.json", "archive"),
    ],
)
def test_a_board_is_never_complete(url, asked, answer):
    """Its catalog holds the first posts and the newest replies, its archive numbers only."""
    get = Memory("fourchan", {asked: answer})

    captures, stop = ask(fourchan, UrlQuery(url=url), get)

    assert (1, Stop.PLATFORM_CAP, [asked]) == (len(captures), stop, get.asked)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("thread_pruned", SourceGoneError, "pruned is normal"),
        ("thread_blocked", SourceBlockedError, "challenge"),
        ("thread_html_for_json", UnreadableCaptureError, "not JSON"),
    ],
)
def test_what_is_no_thread_is_told_apart(answer, error, words):
    """Pruned, blocked, and a page where JSON was due."""
    with pytest.raises(error, match=words):
        ask(fourchan, THREAD, Memory("fourchan", {ANSWER: answer}))


def test_a_board_that_is_not_there_is_not_called_pruned():
    """Threads are pruned; boards are not."""
    with pytest.raises(SourceGoneError, match="Check the spelling"):
        board = UrlQuery(url="https://boards.4chan.org/nowhere/")
        ask(fourchan, board, Memory("fourchan", {"https://a.4cdn.org/nowhere/catalog.json": "thread_pruned"}))


@pytest.mark.parametrize("query", [ThreadQuery(thread="https://boards.4chan.org.example/b/thread/1"),
                                   UrlQuery(url="https://boards.4chan.org/"),
                                   UrlQuery(url="https://a.4cdn.org/boards.json"),
                                   UrlQuery(url="https://boards.4chan.org/b/thread/1001")])  # fmt: skip
def test_an_address_of_another_kind_is_refused_before_anything_is_asked(query):
    """Nothing is guessed from an address that is neither a thread nor a board."""
    get = Memory("fourchan", {})

    with pytest.raises(QueryError, match="no thread or board"):
        ask(fourchan, query, get)
    assert get.asked == []


def test_a_reply_answers_what_it_quotes_first_on_its_board():
    """Without a quote it answers the thread; quotes of other threads and boards, and dead ones, stay in extra."""
    read = posts("thread")

    assert read["b/1001"].in_reply_to is None
    assert [read[f"b/{n}"].in_reply_to for n in (1002, 1003, 1004)] == ["4chan:b/1001", "4chan:b/1002", "4chan:b/1001"]
    assert {post.thread_root for post in read.values()} == {"4chan:b/1001"}
    assert read["b/1003"].extra["quotes"] == ["b/1002", "b/905", "g/78"]
    assert read["b/1003"].extra["quotes_gone"] == ["b/999"]


def test_a_tripcode_is_an_account_with_its_letter_case():
    """Who has none is hidden, not nobody; "!Ab" and "!ab" are two secrets, so they are two accounts."""
    read = posts("thread")

    assert read["b/1002"].attributed_to == "account:4chan:!Ab1Cd2Ef3G"
    assert (read["b/1001"].attributed_to, read["b/1001"].absent["attributed_to"]) == (None, "hidden")


@pytest.mark.parametrize("answer", ["thread", "catalog", "index"])
def test_no_picture_is_an_attachment(answer):
    """A case fetches attachments. Here their address and hash are named where nothing fetches them."""
    read = posts(answer, f"https://a.4cdn.org/b/{answer}.json")

    assert all(post.attachment == () for post in read.values())
    assert read["b/1001"].extra["image"]["address"] == "https://i.4cdn.org/b/1777629600123.jpg"
    assert read["b/1001"].extra["image"]["md5_hex"] == "d41d8cd98f00b204e9800998ecf8427e"
    assert "address" not in read["b/1004"].extra["image"]


def test_a_file_is_read_only_under_an_address_of_the_site():
    """A number needs its board, and the board stands in the address alone."""
    with pytest.raises(UnreadableCaptureError, match="names no board"):
        posts("elsewhere", "https://blog.example/b/thread/1001.json")
