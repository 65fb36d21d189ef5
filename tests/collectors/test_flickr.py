"""Flickr: how lists are sliced and counted, what the camera's clock is worth, and refusals with status 200."""

from __future__ import annotations

import dataclasses
from itertools import count

import pytest
from recorded import Changed, Memory, ask, expected
from test_collectors import captured

from osint.activity import Actor, ParseWarning, Post
from osint.collectors import flickr
from osint.collectors.protocol import Stop
from osint.errors import (
    QueryError,
    RateLimitedError,
    SourceClosedError,
    SourceError,
    SourceGoneError,
    UnreadableCaptureError,
)
from osint.query import AccountQuery, TextQuery, ThreadQuery, UrlQuery

URLS = {name: stated["url"] for name, stated in expected("flickr").items()}
JANE = AccountQuery(account="@janeex@flickr.com")
ACCOUNT = {"lookup": "lookup", "person": "person"}
PHOTO = ThreadQuery(thread="https://www.flickr.com/photos/janeex/505/")


def memory(**answers):
    """Flickr in memory: what is asked for by the address of the first answer is answered by the second."""
    return Memory("flickr", {URLS[asked]: answer for asked, answer in answers.items()})


def read(kind, *captures):
    return [record for capture in captures for record in flickr.parse(capture) if isinstance(record, kind)]


def test_an_account_is_read_until_as_many_came_as_are_counted():
    """Its number is looked up first; the account itself is in the tables."""
    captures, stop = ask(flickr, JANE, memory(**ACCOUNT, photos="photos"))

    assert stop is Stop.EXHAUSTED
    assert len(read(Post, *captures)) == 5
    assert [actor.handle for actor in read(Actor, *captures)] == ["janeex"]


def test_a_further_slice_ends_at_the_oldest_upload_that_was_seen():
    """Pages past 4,000 repeat what was shown; a slice has no such page. Two photos of one second are not lost."""
    captures, stop = ask(flickr, JANE, memory(**ACCOUNT, slice_1="slice_1", slice_2="slice_2"))

    assert stop is Stop.EXHAUSTED
    assert {post.native_id for post in read(Post, *captures)} == {"505", "504", "503", "502", "501"}


def test_more_photos_of_one_second_than_a_page_holds_are_paged():
    """The slice cannot get shorter, so its next page is asked for."""
    answers = {name: name for name in ("same_second_1", "same_second_2", "same_second_3")}

    captures, stop = ask(flickr, JANE, memory(**ACCOUNT, **answers))

    assert stop is Stop.EXHAUSTED
    assert {post.native_id for post in read(Post, *captures)} == {"503", "502", "501"}


def test_a_list_that_repeats_for_ever_is_left_and_never_complete(monkeypatch):
    """The server gives the same page whatever is asked."""
    monkeypatch.setattr(flickr, "_REPEATS_BEYOND", 1000)
    endless = dict.fromkeys(("same_second_2", "same_second_3"), "same_second_endless")
    get = memory(**ACCOUNT, same_second_1="same_second_1", **endless)

    _, stop = ask(flickr, JANE, get)

    assert stop is Stop.PLATFORM_CAP
    assert len(get.asked) == 5


def test_fewer_photos_than_are_counted_is_never_complete():
    """Flickr counts five and shows four."""
    assert ask(flickr, JANE, memory(**ACCOUNT, slice_1="slice_1", slice_2="slice_2_short"))[1] is Stop.PLATFORM_CAP


def test_a_period_is_asked_of_flickr_itself():
    """By the upload, not by the camera."""
    query = AccountQuery(account=JANE.account, since="2026-05-01T10:02:30Z", until="2026-05-01T10:05:50Z")

    captures, stop = ask(flickr, query, memory(**ACCOUNT, photos_period="photos_period"))

    assert stop is Stop.UNTIL_DATE
    assert len(read(Post, *captures)) == 3


def test_an_account_known_by_its_number_is_looked_up_by_its_address():
    """The number holds the sign that parts a name from its host."""
    url = "https://www.flickr.com/photos/41000007@N00/"
    asked = URLS["lookup"].replace("%2Fjaneex%2F", "%2F41000007%40N00%2F")
    get = memory(person="person", photos="photos")
    get.answers[asked] = "lookup"

    assert ask(flickr, UrlQuery(url=url), get)[1] is Stop.EXHAUSTED


def test_photos_under_a_tag_are_of_several_owners():
    """The tag may hold a space."""
    captures, stop = ask(flickr, TextQuery(tag="#westmere pier", host="flickr.com"), memory(tagged="tagged"))

    assert stop is Stop.EXHAUSTED
    assert {post.author_handle for post in read(Post, *captures)} == {"janeex", "kitex"}


@pytest.mark.parametrize(("comments", "stop"), [("comments", Stop.EXHAUSTED), ("comments_fewer", Stop.PLATFORM_CAP)])
def test_a_photo_comes_with_all_the_comments_that_it_counts(comments, stop):
    """It counts two."""
    captures, ended = ask(flickr, PHOTO, memory(photo="photo", comments=comments))
    photo, *answers = read(Post, *captures)

    assert ended is stop
    assert {answer.in_reply_to for answer in answers} == {photo.id}
    assert photo.replies == 2


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("fail_gone", SourceGoneError, "does not say which"),
        ("fail_private", SourceClosedError, "not shown to the public"),
        ("fail_key", SourceClosedError, "key is not accepted"),
        ("fail_unavailable", SourceError, "again later"),
        ("too_many", RateLimitedError, "429"),
        ("html_instead", UnreadableCaptureError, "not JSON"),
        ("neither", UnreadableCaptureError, "does not say"),
    ],
)
def test_each_refusal_has_its_words(answer, error, words):
    """Nearly all come with status 200."""
    with pytest.raises(error, match=words):
        ask(flickr, PHOTO, memory(photo=answer))


@pytest.mark.parametrize(
    ("answer", "error"), [("lookup_none", SourceGoneError), ("lookup_empty", UnreadableCaptureError)]
)
def test_an_account_that_is_not_found_is_no_empty_account(answer, error):
    """Nothing else is asked."""
    with pytest.raises(error):
        ask(flickr, JANE, memory(lookup=answer))


@pytest.mark.parametrize(
    "query", [AccountQuery(account="@janeex@flickr.example"), ThreadQuery(thread="https://www.flickr.com/explore")]
)
def test_what_is_of_another_host_or_no_photo_is_refused_before_anything_is_asked(query):
    """In words, with the right spelling."""
    with pytest.raises(QueryError, match="write it as"):
        ask(flickr, query, Memory("flickr", {}))


def test_the_clock_of_the_camera_is_never_an_instant():
    """It names no zone; how exact it is, and whether it is known at all, stands beside it."""
    known, unknown, *_ = read(Post, captured("flickr", "photos"))

    assert known.published.isoformat() == "2026-05-01T10:06:40+00:00"
    assert known.extra["taken"] == {"local": "2026-05-01 07:12:00", "granularity": 0, "unknown": False}
    assert unknown.extra["taken"] == {"local": "2026-05-01 00:00:00", "granularity": 4, "unknown": True}


def test_an_accuracy_of_nothing_is_no_place():
    """Flickr then gives 0, 0, a place in the sea."""
    placed, unplaced, *_ = read(Post, captured("flickr", "photos"))

    assert (placed.extra["place"]["latitude"], placed.extra["place"]["accuracy"]) == ("54.5", "16")
    assert "place" not in unplaced.extra


def test_a_photo_reads_the_same_in_a_list_and_by_itself():
    """Id, author, instant, place and camera's clock."""
    listed, alone = read(Post, captured("flickr", "photos"))[0], read(Post, captured("flickr", "photo"))[0]

    for name in ("id", "url", "attributed_to", "author_handle", "published", "visibility"):
        assert getattr(listed, name) == getattr(alone, name)
    assert listed.extra["taken"] == alone.extra["taken"]
    assert [tag.name for tag in alone.tag] == ["Pier"]


def test_awkward_photos_and_comments_are_kept_or_named():
    """No date, no owner, no id, and a comment of nobody."""
    undated, ownerless = read(Post, captured("flickr", "awkward"))
    (nobody,) = read(Post, captured("flickr", "comments_awkward"))

    assert undated.published is None
    assert (ownerless.attributed_to, ownerless.visibility) == (None, "not public")
    assert nobody.absent["attributed_to"] == "missing"
    assert len(read(ParseWarning, captured("flickr", "person_without_number"))) == 1


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        (1, SourceError, "nothing can be said"),
        (2, SourceGoneError, "there is none"),
        (5, SourceGoneError, "there is none"),
        (4, SourceClosedError, "not shown to the public"),
        (105, SourceError, "again later"),
    ],
)
def test_the_numbers_of_refusals_are_those_of_what_was_asked(code, error, words):
    """Where photos are looked for, 1 is too many tags, 2 an unknown user and 5 a deleted one."""
    answers = {URLS[name]: answer for name, answer in {**ACCOUNT, "photos": "fail_gone"}.items()}
    get = Changed("flickr", answers, ("fail_gone", '"code": 1', f'"code": {code}'))

    with pytest.raises(error, match=words) as refused:
        ask(flickr, JANE, get)
    assert type(refused.value) is error


def test_a_list_that_heeds_no_bound_is_left():
    """It gives its pages by number, whatever the bound; going back and forth between two of them has no end."""
    pages = {1: '"dateupload": "1777629600"', 2: '"dateupload": "1777629500"'}
    get, asked = memory(**ACCOUNT), count()

    def endless(url, /, **more):
        if more.get("method") != "flickr.photos.search":
            return get(url, **more)
        assert next(asked) < 100
        photo = f'{{"id": "{500 - more["page"]}", "owner": "1@N00", {pages.get(more["page"], pages[2])}}}'
        body = f'{{"stat": "ok", "photos": {{"pages": 9, "total": "999", "photo": [{photo}]}}}}'
        return dataclasses.replace(captured("flickr", "photos"), body=body.encode())

    assert ask(flickr, JANE, endless)[1] is Stop.PLATFORM_CAP


def test_an_answer_that_is_handed_to_a_function_is_read_alike():
    """So Flickr writes its JSON for whoever asks for it in a browser."""
    plain = captured("flickr", "photos")
    wrapped = dataclasses.replace(plain, body=b"jsonFlickrApi(" + plain.body + b")")

    assert flickr.claims(wrapped)
    assert flickr.parse(wrapped) == flickr.parse(plain)
