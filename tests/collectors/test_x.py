"""X: nothing is asked of it, and what its archive says is kept apart from what it does not."""

from __future__ import annotations

import json
import zipfile

import pytest
from recorded import FIXTURES, Memory, ask, expected, make_capture, read_answer

import osint
from osint.activity import ParseWarning, Post
from osint.collectors import x
from osint.errors import SourceClosedError, UnreadableCaptureError
from osint.query import AccountQuery, ThreadQuery

JANE = "https://x.com/jane_example"


def records(name, kind=Post):
    stated = expected("x")[name]
    capture = read_answer(FIXTURES / "x" / f"{name}.http", stated["url"], part=stated["part"], made="imported")
    return [record for record in x.parse(capture) if isinstance(record, kind)]


def assigned(kind, entries, url=JANE):
    body = f"window.YTD.{kind}.part0 = {json.dumps(entries)}".encode()
    return make_capture(body, url, media_type="text/javascript", part=f"member data/{kind}.js", made="imported")


@pytest.mark.parametrize(
    "query", [AccountQuery(account="@jane_example@x.com"), ThreadQuery(thread=f"{JANE}/status/1790000000000000001")]
)
def test_nothing_is_asked_of_x_and_the_refusal_names_the_way_that_is_open(query):
    """The terms forbid it until counsel has decided."""
    get = Memory("x", {})

    with pytest.raises(SourceClosedError, match=r"until counsel has decided.*archive.*legal process.*import_file"):
        ask(x, query, get)
    assert get.asked == []


def test_every_entry_is_a_row_or_a_warning():
    """Ten entries, ten rows; two of them have no instant, and each says so."""
    posts, warnings = records("tweets"), records("tweets", ParseWarning)

    assert [post.pointer for post in posts] == [f"/{number}" for number in range(10)]
    assert [warning.pointer for warning in warnings] == ["/6", "/7"]
    assert [posts[6].published, posts[6].published_raw] == [None, "Fri May 32 10:00:00 +0000 2026"]


def test_a_repost_is_told_by_its_first_words():
    """Whose it is is known, its id is not; the words of another are not this author's."""
    post = records("tweets")[1]

    assert (post.type, post.content, post.announce_of) == ("Announce", None, None)
    assert post.announce_of_account == "account:x:dawn_example@x.com"
    assert post.absent["announce_of"] == "missing"
    assert post.extra["reposted_text"] == "Has anybody seen the grey bo…"


def test_replies_and_quotations_lead_to_what_they_answer():
    """Of a post that is gone only its author is left; a quotation is an address at the end of the text, or an id."""
    posts = records("tweets")

    assert (posts[2].in_reply_to, posts[2].in_reply_to_account) == (
        "x:1780000000000000009",
        "account:x:dawn_example@x.com",
    )
    assert (posts[8].in_reply_to, posts[8].in_reply_to_account) == (None, "account:x:gone_example@x.com")
    assert [posts[4].quote_of, posts[9].quote_of] == ["x:1780000000000000011", "x:1780000000000000012"]
    assert posts[0].quote_of is None


def test_a_link_to_a_post_within_a_text_is_no_quotation():
    """X shows a quotation only for the address that ends the text."""
    link = {"url": "https://t.co/q", "expanded_url": "https://x.com/dawn_example/status/5"}
    entry = {"id_str": "9", "full_text": "see https://t.co/q there", "entities": {"urls": [link]}}

    post = next(record for record in x.parse(assigned("tweets", [{"tweet": entry}])) if isinstance(record, Post))

    assert (post.quote_of, post.links) == (None, ("https://x.com/dawn_example/status/5",))


def test_text_is_unescaped_once_and_media_are_named_by_their_best_file():
    """What X escaped is unescaped; of a film the variant with the highest rate counts."""
    posts = records("tweets")

    assert "harbour & the old mill" in posts[0].content
    assert [(each.url, each.width, each.name) for each in posts[3].attachment] == [
        ("https://pbs.twimg.com/media/AbC.jpg", 1200, "A pier"),
        ("https://video.twimg.com/AbD.mp4", 1280, None),
    ]


def test_an_archive_names_no_author_so_the_declared_address_does():
    """Without it the posts have none, and that is said."""
    (post,) = records("tweets_without_author")
    (told,) = records("tweets_without_author", ParseWarning)

    assert (post.attributed_to, post.absent["attributed_to"]) == (None, "missing")
    assert "names no account on X" in told.what


def test_a_deleted_post_is_a_tombstone_that_kept_its_text():
    """The archive says when it was deleted."""
    (post,) = records("deleted_tweets")

    assert (post.type, post.content) == ("Tombstone", "I take that back")
    assert (post.extra["former_type"], post.extra["deleted_at"]) == ("Note", "2026-05-02T09:00:00.000Z")


def test_a_like_is_a_post_of_nobody_known_and_without_a_time():
    """The archive says neither whose it is nor when it was liked."""
    first, bare = records("like")

    assert (first.attributed_to, first.published, first.published_basis) == (None, None, "none")
    assert first.extra == {"liked": True, "liked_by": "account:x:jane_example@x.com"}
    assert (bare.content, bare.absent["content"]) == (None, "missing")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("account", [{"account": {"username": "dawn_example"}}]),
        ("manifest", {"userInfo": {"userName": "dawn_example"}}),
    ],
)
def test_an_archive_of_another_account_than_the_declared_one_is_told(kind, value):
    """Its lists of posts name nobody, so they stand under the declared account."""
    capture = assigned(kind, value)
    if kind == "manifest":
        body = b"window.__THAR_CONFIG = " + json.dumps(value).encode()
        capture = make_capture(body, JANE, media_type="text/javascript", part="member data/manifest.js")
    _, warning = x.parse(capture)

    assert "belongs to 'dawn_example'" in warning.what
    assert "No post and no account of it" in warning.effect


def test_a_number_that_is_null_as_text_is_read_where_it_stands_as_a_number():
    """Some archives write one of the two, some the other, some both."""
    tweet = {
        "id_str": None,
        "id": 17,
        "full_text": "a",
        "in_reply_to_status_id_str": None,
        "in_reply_to_status_id": "16",
    }
    tweet |= {"quoted_status_id_str": "", "quoted_status_id": 15, "created_at": "Sat Dec 06 18:20:30 +0000 2025"}
    (post,) = x.parse(assigned("tweets", [{"tweet": tweet}]))

    assert (post.native_id, post.in_reply_to, post.quote_of) == ("17", "x:16", "x:15")


def test_an_embedding_of_another_site_is_no_post_of_x():
    """Whatever it says of its provider."""
    told = {"url": "https://x.com.example/jane/status/1", "author_url": "", "html": "<p>a</p>"}
    capture = make_capture(json.dumps({**told, "provider_url": "https://x.com"}).encode(), JANE)

    with pytest.raises(UnreadableCaptureError, match="names no post"):
        x.parse(capture)


@pytest.mark.parametrize("kind", ["direct_messages", "direct_messages_group", "direct_message_headers"])
def test_direct_messages_are_told_and_not_read(kind):
    """They are no public posts; not a word of them reaches a record."""
    capture = assigned(kind, [{"dmConversation": {"messages": [{"messageCreate": {"text": "only for you"}}]}}])
    told = x.parse(capture)

    assert x.claims(capture)
    assert [type(record) for record in told] == [ParseWarning]
    assert "only for you" not in repr(told)


@pytest.mark.parametrize("kind", ["ad_impressions", "ip_audit", "device_token"])
def test_lists_that_hold_no_posts_are_left_to_the_import_to_name(kind):
    """They are not claimed, and refused when the officer names this collector for them."""
    capture = assigned(kind, [{}])

    assert not x.claims(capture)
    with pytest.raises(UnreadableCaptureError):
        x.parse(capture)


@pytest.mark.parametrize(
    "entry", [None, [], 7, {"tweet": 7}, {"tweet": {"id_str": "5", "entities": 7, "full_text": []}}]
)
@pytest.mark.parametrize("kind", sorted(x._READERS))
def test_an_entry_of_another_shape_is_read_or_named(kind, entry):
    """No value of another type makes the reader fail otherwise than by saying so."""
    try:
        records = x.parse(assigned(kind, [entry, entry]))
    except UnreadableCaptureError:
        return
    assert records or kind in ("profile",)


def test_an_archive_is_imported_whole(open_case, tmp_path):
    """From the ZIP to the tables: posts, a like, the account; messages and devices stay in the exhibit."""
    case = open_case(hosts=["x.com"])
    names = {"tweets": "tweets.js", "tweets_part1": "tweets-part1.js", "like": "like.js", "account": "account.js",
             "direct_messages": "direct-messages.js", "manifest": "manifest.js"}  # fmt: skip
    with zipfile.ZipFile(tmp_path / "twitter-2026-05-05.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for fixture, name in names.items():
            body = (FIXTURES / "x" / f"{fixture}.http").read_bytes().partition(b"\r\n\r\n")[2]
            archive.writestr(f"data/{name}", body)
        archive.writestr("data/device-token.js", b'window.YTD.device_token.part0 = [{"token": "s3cr3t-of-nobody"}]')
        archive.writestr("data/tweets_media/1790000000000000004-AbC.jpg", b"x")
        archive.writestr("Your archive.html", b"<html><body>Your archive</body></html>")
    said = {"role": "witness", "at": "not known", "program": "X", "came": "on a stick", "logged_in": True}

    found = case.import_file(archive.filename, osint.SavedBy(name="J. E.", as_whom="@jane", address=JANE, **said))

    posts, told = case.posts(), " ".join(case.warnings()["what"])
    assert (found.posts, found.access, found.restricted) == (13, "logged_in", True)
    assert set(posts["platform"]) == {"x"}
    assert {"member data/tweets.js /0", "member data/tweets-part1.js /0"} <= set(posts["pointer"])
    assert "conversations of direct messages" in told
    assert "data/device-token.js" in told
    assert "only for you" not in posts.to_csv() + told
    case.verify()
