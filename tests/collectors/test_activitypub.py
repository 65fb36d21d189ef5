"""ActivityPub: a conversation on one host, its holes, refusals, and what an export keeps."""

from __future__ import annotations

import pytest
from recorded import FIXTURES as ROOT
from recorded import Memory, ask, expected, make_capture, read_answer

from osint.activity import ParseWarning, Post
from osint.collectors import activitypub, claimant, mastodon
from osint.collectors.protocol import Stop
from osint.errors import (
    QueryError,
    RateLimitedError,
    SourceBlockedError,
    SourceClosedError,
    SourceGoneError,
    UnreadableCaptureError,
)
from osint.query import AccountQuery, ThreadQuery, UrlQuery

FIXTURES = ROOT / "activitypub"
JANE, KIT = "https://social.example/users/jane", "https://social.example/users/kit"
POST, SELF_REPLY, REPLY = f"{JANE}/statuses/101", f"{JANE}/statuses/102", f"{KIT}/statuses/110"
OTHERS = f"{POST}/replies?only_other_accounts=true&page=true"
OTHERS_END = f"{POST}/replies?only_other_accounts=true&min_id=110&page=true"
CHAIN = {
    POST: "note",
    SELF_REPLY: "note_self_reply",
    OTHERS: "replies_page1",
    REPLY: "reply",
    OTHERS_END: "replies_end",
}
THREAD = ThreadQuery(thread=POST)
OUTBOX = f"{JANE}/outbox"


class Answers(Memory):
    """A run that never ends is a failure, and not a test that hangs."""

    def __call__(self, url, /, **more):
        assert len(self.asked) < 50
        return super().__call__(url, **more)


def conversation(**changed):
    """Ask for the thread, with some of the answers changed: what was asked, the captures, and why it stopped."""
    named = {"post": POST, "others": OTHERS, "reply": REPLY}
    get = Answers("activitypub", CHAIN | {named[name]: answer for name, answer in changed.items()})
    captures, stop = ask(activitypub, THREAD, get)
    return get.asked, captures, stop


def read(name, **more):
    stated = expected("activitypub")[name]
    more = {"part": stated["part"], "made": "imported"} | more if "part" in stated else more
    return activitypub.parse(read_answer(FIXTURES / f"{name}.http", stated["url"], **more))


def posts(name):
    return [record for record in read(name) if isinstance(record, Post)]


def told(records):
    return [record.what for record in records if isinstance(record, ParseWarning)]


def test_a_conversation_is_followed_page_by_page_on_its_host():
    """The post, the answers that its lists name, and the answers to those; each address once."""
    asked, captures, stop = conversation()

    assert (sorted(CHAIN), Stop.EXHAUSTED) == (sorted(asked), stop)
    assert asked == [capture.url for capture in captures]


def test_every_request_asks_for_activitystreams():
    """Without the media type a server answers with its web page."""
    accepted = []
    memory = Answers("activitypub", CHAIN)

    def get(url, *, accept="", **more):
        accepted.append(accept)
        return memory(url, **more)

    ask(activitypub, THREAD, get)

    assert set(accepted) == {"application/activity+json"}


def test_a_conversation_begins_with_what_the_post_answers():
    """From an answer the way leads up to the post on the same host, and from there to the rest."""
    get = Answers("activitypub", CHAIN)

    _, stop = ask(activitypub, ThreadQuery(thread=REPLY), get)

    assert (sorted(CHAIN), Stop.EXHAUSTED) == (sorted(get.asked), stop)


@pytest.mark.parametrize(
    "changed",
    [
        {"others": "replies_next_elsewhere"},
        {"others": "replies_with_a_foreign_answer"},
        {"reply": "missing"},
        {"reply": "reply_to_elsewhere"},
        {"post": "note_without_replies"},
        {"post": "note_whose_total_lies"},
    ],
)
def test_a_hole_leaves_the_conversation_open(changed):
    """What lies elsewhere, is gone, is not said or is only counted keeps a run from being complete."""
    assert conversation(**changed)[2] == Stop.PLATFORM_CAP


def test_what_a_post_answers_elsewhere_is_named():
    """A missing parent is a warning with its address, and its author is known by the form of the address."""
    records = read("reply_to_elsewhere")

    [hole] = told(records)
    assert "https://far.example/users/dawn/statuses/77" in hole
    assert records[0].in_reply_to_account == "account:mastodon:dawn@far.example"


def test_an_answer_that_is_gone_is_a_warning_with_its_address():
    """The run goes on, and the hole stands in the tables."""
    _, captures, _ = conversation(reply="missing")

    holes = [what for capture in captures for what in told(activitypub.parse(capture)) if "404" in what]
    assert [f"social.example answered 404 for {REPLY}."] == holes


def test_an_answer_that_was_deleted_is_a_tombstone():
    """410 with a Tombstone says more than 410."""
    _, captures, _ = conversation(reply="deleted")

    assert "Tombstone" in [r.type for c in captures for r in activitypub.parse(c) if isinstance(r, Post)]


def test_a_list_that_names_itself_as_its_next_page_is_read_once():
    """A cursor that comes back keeps nobody running, and is no end that the source declared."""
    memory = Answers("activitypub", CHAIN | {OTHERS: "replies_that_repeat"})

    def get(url, **more):
        assert url not in memory.asked
        return memory(url, **more)

    assert ask(activitypub, THREAD, get)[1] == Stop.PLATFORM_CAP


def test_ever_new_cursors_end_with_the_cap():
    """A server cannot keep a run going by inventing pages."""
    asked = []

    def get(url, **_):
        asked.append(url)
        assert len(asked) < 300
        body = f'{{"@context":"https://www.w3.org/ns/activitystreams","type":"CollectionPage","next":"{JANE}/{len(asked)}"}}'
        return make_capture(body.encode(), url)

    assert ask(activitypub, THREAD, get)[1] == Stop.PLATFORM_CAP


def test_a_server_that_slows_us_down_ends_the_run():
    """429 in the middle is no hole but a reason to come back."""
    memory = Answers("activitypub", CHAIN)

    def get(url, **more):
        return make_capture(b"", url, status=429) if url == REPLY else memory(url, **more)

    with pytest.raises(RateLimitedError):
        ask(activitypub, THREAD, get)


@pytest.mark.parametrize("answer", ["refused_unsigned", "refused_signature"])
def test_a_server_that_wants_signed_requests_is_closed(answer):
    """The message says why, and that we sign none."""
    with pytest.raises(SourceClosedError, match=r"signed with the key of an account.*E0001"):
        conversation(post=answer)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("missing", SourceGoneError),
        ("refused_other", SourceBlockedError),
        ("refused_in_200", UnreadableCaptureError),
        ("html_instead", UnreadableCaptureError),
        ("empty", UnreadableCaptureError),
        ("cut", UnreadableCaptureError),
    ],
)
def test_a_refusal_is_told_apart_from_a_post_without_answers(answer, error):
    """Gone, blocked and unreadable are three things."""
    with pytest.raises(error, match="E0001"):
        conversation(post=answer)


def test_a_deleted_post_ends_as_gone_and_stays_as_a_tombstone():
    """The server itself says that there was a post."""
    asked, captures, stop = conversation(post="deleted")

    assert (asked, stop) == ([POST], Stop.GONE)
    assert [record.type for record in activitypub.parse(captures[0])] == ["Tombstone"]


def test_a_list_is_read_page_by_page_without_the_conversations_of_its_posts():
    """url= of an outbox asks for its pages and for nothing else."""
    pages = {OUTBOX: "outbox_first", f"{OUTBOX}?page=true": "outbox_page1"}
    get = Answers("activitypub", pages | {f"{OUTBOX}?max_id=201&page=true": "outbox_end"})

    assert (ask(activitypub, UrlQuery(url=OUTBOX), get)[1], len(get.asked)) == (Stop.EXHAUSTED, 3)


def test_another_question_is_refused():
    """Accounts are asked for by the collector mastodon."""
    with pytest.raises(QueryError, match="thread=ADDRESS"):
        ask(activitypub, AccountQuery(account="@jane@social.example"), Answers("activitypub", {}))


def test_a_post_has_the_id_and_the_author_that_mastodon_gives_it():
    """The same post by both ways is one row of one account."""
    [ours] = posts("note")
    theirs = next(
        record
        for record in mastodon.parse(read_answer(ROOT / "mastodon" / "status.http", "https://social.example/api/v1/x"))
        if isinstance(record, Post)
    )

    assert (ours.id, ours.attributed_to, ours.platform) == (theirs.id, theirs.attributed_to, theirs.platform)


def test_a_boost_is_an_announce_beside_the_post_it_passes_on():
    """Both ends of the edge; the date of the post passed on is its own server's claim."""
    boost, boosted = posts("announce")

    assert ("Announce", boosted.id, boosted.attributed_to) == (
        boost.type,
        boost.announce_of,
        boost.announce_of_account,
    )
    assert (boosted.pointer, boosted.published_basis) == ("/object", "author-claimed")


def test_an_export_keeps_who_each_post_was_for():
    """Mastodon's four words, from the addresses in to and cc."""
    visible = {post.native_id.rpartition("/")[2]: post.visibility for post in posts("outbox")}

    assert tuple(visible[n] for n in ("201", "202", "203", "204")) == ("public", "unlisted", "private", "direct")


def test_an_export_says_what_was_deleted_and_what_was_liked():
    """A deletion is a Tombstone, a like a row without words."""
    kinds = {post.native_id: post.type for post in posts("outbox")}

    assert (kinds[f"{JANE}/statuses/200"], kinds[f"{JANE}#likes/9"]) == ("Tombstone", "Like")


@pytest.mark.parametrize("name", ["outbox", "likes", "actor", "bookmarks_empty", "note", "video"])
def test_a_file_of_activitystreams_is_read_here(name):
    """The vocabulary that it names decides, not the name of the file."""
    stated = expected("activitypub")[name]

    assert claimant(read_answer(FIXTURES / f"{name}.http", stated["url"], part="member x.json")) == "activitypub"


def test_a_number_is_no_name():
    """Where a server has numbers for names, the author is the address; a mention still tells the name."""
    [post] = posts("note_by_number")

    assert (post.attributed_to, post.author_handle) == ("account:mastodon:https://cat.example/users/9zyxwvutsr", None)
    assert post.tag[0].account == "account:mastodon:mio@cat.example"


def test_an_object_inside_objects_without_end_is_a_warning():
    """Activities may be wrapped into one another by whoever likes to."""
    body = b'{"@context":"https://www.w3.org/ns/activitystreams","id":"a","type":"Create","object":'
    nested = body * 40 + b"null" + b"}" * 40

    assert "This is nested too deep." in told(activitypub.parse(make_capture(nested, POST)))
