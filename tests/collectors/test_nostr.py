"""Nostr: keys, paging over seconds, what a relay refuses with, and events that are not what they say."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import FIXTURES, Memory, ask, make_capture, read_answer
from streams import server_frame

from osint.activity import ParseWarning, Post
from osint.capture.websocket import Kind
from osint.collectors import claimant, nostr, nostr_key
from osint.collectors.protocol import Stop
from osint.errors import (
    QueryError,
    RateLimitedError,
    SourceBlockedError,
    SourceClosedError,
    SourceError,
    SourceGoneError,
)
from osint.query import AccountQuery, UrlQuery

JANE, SAM = "a1" * 32, "b2" * 32
RELAY = "wss://relay.example"
ACCOUNT = AccountQuery(account=f"@{nostr_key.npub(JANE)}@relay.example")
OPEN = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
OLDEST, OLDER = 1778006580, 1778000000


def req(url=RELAY, **more):
    asked = {"kinds": [0, 1, 6, 16, 7, 5, 30023], "limit": 100, "authors": [JANE], **more}
    if asked["authors"] is None:
        del asked["authors"]
    return f"{url} {json.dumps([json.dumps(['REQ', 'osint', asked], separators=(',', ':'))])}"


def memory(answers):
    return Memory("nostr", answers)


def read(answer, **more):
    url = RELAY if not answer.startswith("file") else "https://relay.example/"
    return nostr.parse(read_answer(FIXTURES / "nostr" / f"{answer}.http", url, **more))


def posts(answer):
    return {post.type: post for post in read(answer) if isinstance(post, Post)}


@pytest.mark.parametrize(
    ("spelt", "key"),
    [
        (
            "npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg",
            "7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e",
        ),
        (
            "npub180cvv07tjdrrgpa0j7j7tmnyl2yr6yr7l8j4s3evf6u64th6gkwsyjh6w6",
            "3bf0c63fcb93463407af97a5e5ee64fa883d107ef9e558472c4eb9aaaefa459d",
        ),
    ],
)
def test_keys_are_read_and_spelt_as_the_standard_has_it(spelt, key):
    """The examples of NIP-19."""
    assert (nostr_key.key_of(spelt), nostr_key.npub(key)) == (key, spelt)
    assert nostr_key.key_of(spelt.upper()) == key


@given(st.binary(min_size=32, max_size=32), st.integers(5, 62), st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l"))
def test_a_key_with_one_wrong_letter_is_no_key(raw, place, letter):
    """The checksum finds every single error."""
    spelt = nostr_key.npub(raw.hex())

    assert nostr_key.key_of(spelt) == raw.hex()
    assert spelt[place] == letter or nostr_key.key_of(spelt[:place] + letter + spelt[place + 1 :]) is None


@pytest.mark.parametrize(
    "name", ["jane", "npub1", "nsec1" + "q" * 58, "npub1" + "b" * 58, "npub1" + "q" * 58, "a1" * 31]
)
def test_what_is_no_key_is_refused_before_anything_is_asked(name):
    """In words, with the right spelling."""
    with pytest.raises(QueryError, match="npub1"):
        ask(nostr, AccountQuery(account=f"@{name}@relay.example"), memory({}))


def test_an_account_is_read_back_until_nothing_new_comes():
    """Each page up to the second of the oldest event before, which it shows again."""
    get = memory({req(): "page", req(until=OLDEST + 1): "page_older", req(until=OLDER + 1): "page_end"})
    captures, stop = ask(nostr, ACCOUNT, get)

    assert (stop, len(captures)) == (Stop.EXHAUSTED, 2)


def test_a_page_that_does_not_show_the_oldest_event_again_may_hide_others():
    """It may go back past events that nobody sees."""
    far = req(until=1700000001)
    get = memory({req(): "page", req(until=OLDEST + 1): "page_gap", far: "page_gap"})

    assert ask(nostr, ACCOUNT, get)[1] is Stop.PLATFORM_CAP


def test_a_full_page_without_anything_new_is_no_end():
    """More events may bear that second than the relay sends at once."""
    get = memory({req(): "page", req(until=OLDEST + 1): "page"})

    assert ask(nostr, ACCOUNT, get)[1] is Stop.PLATFORM_CAP


@pytest.mark.parametrize("answer", ["page_newer"])
def test_a_relay_that_sends_newer_events_than_asked_is_told(answer):
    """It goes forward where it was asked to go back."""
    get = memory({req(): "page_older", req(until=OLDER + 1): answer})

    assert ask(nostr, ACCOUNT, get)[1] is Stop.ERROR


def test_an_empty_relay_is_complete_and_one_without_an_end_is_not():
    """EOSE is the relay's word that this is all."""
    captures, stop = ask(nostr, ACCOUNT, memory({req(): "empty"}))

    assert (stop, len(captures)) == (Stop.EXHAUSTED, 1)
    assert ask(nostr, ACCOUNT, memory({req(): "no_end"}))[1] is Stop.ERROR


def test_the_period_is_asked_of_the_relay():
    """In seconds; what came before is not said to be absent."""
    query = AccountQuery(account=ACCOUNT.account, since="2026-05-01", until="2026-05-31")
    get = memory({req(since=1777593600, until=1780271999): "empty"})

    assert ask(nostr, query, get)[1] is Stop.UNTIL_DATE


def test_everybody_on_a_relay_may_be_asked_for():
    """Then no author is named, and none is a stranger."""
    get = memory({req(authors=None): "everybody", req(authors=None, until=1778006582): "everybody"})

    assert ask(nostr, UrlQuery(url=RELAY), get)[1] is Stop.EXHAUSTED


def test_events_of_others_than_were_asked_for_are_not_read():
    """The authority names the account."""
    with pytest.raises(SourceError, match="others than were asked for"):
        ask(nostr, ACCOUNT, memory({req(): "everybody"}))


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("closed_auth", SourceClosedError, "signed-in"),
        ("closed_rate", RateLimitedError, "later"),
        ("closed_blocked", SourceBlockedError, "not you"),
        ("notice", SourceError, "bad req"),
        ("refused", SourceBlockedError, "answered 403"),
    ],
)
def test_the_refusals_of_a_relay_are_told_apart(answer, error, words):
    """By the first word of what it says."""
    with pytest.raises(error, match=words):
        ask(nostr, ACCOUNT, memory({req(): answer}))


class Relay:
    """A relay that answers each question with the next of these lists of messages, and at last with the same."""

    def __init__(self, *answers, head=OPEN, status=200):
        self.answers, self.head, self.status, self.asked = list(answers), head, status, []

    def __call__(self, url, *, say=()):
        self.asked.append(say)
        messages = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        sent = (each if isinstance(each, bytes) else json.dumps(each).encode() for each in messages)
        return make_capture(
            self.head + b"".join(server_frame(Kind.TEXT, each) for each in sent), url, status=self.status
        )


def made(number, at, content="Seen", **more):
    event = {"pubkey": JANE, "created_at": at, "kind": 1, "tags": [], "content": content, "sig": "", **more}
    return {"id": f"{number:064x}", **event}


def sent(*events):
    return [*(["EVENT", "osint", event] for event in events), ["EOSE", "osint"]]


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        ("401 x", SourceClosedError, "signed-in"),
        ("404 x", SourceGoneError, "404"),
        ("429 x", RateLimitedError, "later"),
        ("503 x", SourceError, "later"),
        ("200 x", SourceBlockedError, "status 200"),
        (
            "301 x\r\nLocation: wss://new.example/",
            SourceError,
            r"'wss://new\.example/'\), which was not asked.*by name",
        ),
    ],
)
def test_the_refusals_of_a_server_that_opens_no_websocket_are_told_apart(status, error, words):
    """Closed, gone, later, moved, and no relay at all."""
    get = Relay([], head=f"HTTP/1.1 {status}\r\n\r\n".encode(), status=0)
    with pytest.raises(error, match=words) as refused:
        ask(nostr, ACCOUNT, get)
    assert type(refused.value) is error
    assert "E0001" in str(refused.value)


@pytest.mark.parametrize("words", [["NOTICE", "too many, some left out"], ["CLOSED", "osint", "error: busy"]])
def test_a_relay_that_adds_words_of_its_own_is_not_complete_and_the_words_are_told(words):
    """Nobody can say what they mean for what it sent."""
    captures, stop = ask(nostr, ACCOUNT, Relay([words, *sent()]))

    assert stop is Stop.PLATFORM_CAP
    assert [record.what for record in nostr.parse(captures[0])] == [f"The relay says {words[-1]!r}."]


def test_what_comes_under_another_subscription_is_neither_an_event_nor_an_end():
    """It was not asked for, and is counted."""
    captures, stop = ask(nostr, ACCOUNT, Relay([["EVENT", "other", made(1, 1000)], ["EOSE", "other"]]))

    assert stop is Stop.ERROR
    (warned,) = nostr.parse(captures[0])
    assert warned.what == "1 of the relay's events have not the parts of an event."


def test_a_message_that_is_no_json_is_counted():
    """It may have been an event."""
    captures, _ = ask(nostr, ACCOUNT, Relay([b'["EVENT","osint",{"id"', *sent(made(1, 1000))]))
    warned = {record.what for record in nostr.parse(captures[0]) if isinstance(record, ParseWarning)}

    assert "1 of the relay's messages cannot be read." in warned


def test_a_relay_that_has_new_events_of_one_second_for_ever_is_left():
    """It answers the same question each time in another way."""
    get = Relay(*(sent(made(number, 1000), made(number + 1, 1000)) for number in range(1, 30)))

    assert (ask(nostr, ACCOUNT, get)[1], len(get.asked)) == (Stop.ERROR, 4)


@pytest.mark.parametrize("content", ["bell \x1b", "slash \\u001b and \x1b\x1b", "\x00"])
@pytest.mark.parametrize("is_escaped", [True, False])
def test_an_event_with_control_characters_is_not_called_altered(content, is_escaped):
    """The standard hashes them as they are, and many programs hash their escapes."""
    inner = json.dumps(content)[1:-1] if is_escaped else content.replace("\\", "\\\\")
    spelt = f'[0,"{JANE}",1000,1,[],"{inner}"]'
    event = made(1, 1000, content) | {"id": hashlib.sha256(spelt.encode()).hexdigest()}

    assert [post.extra["id_matches"] for post in nostr.parse(Relay(sent(event))(RELAY))] == [True]


def test_a_deletion_that_was_made_up_deletes_nothing():
    """Its id is not the hash of what it says."""
    deletion = made(2, 1001, "", kind=5, tags=[["e", f"{1:064x}"]])
    records = nostr.parse(Relay(sent(made(1, 1000), deletion))(RELAY))

    assert [post.extra.get("deleted_by") for post in records if isinstance(post, Post)] == [None, None]


@pytest.mark.parametrize("end", ["\u2028", "\x85", "\u2029"])
def test_an_event_in_a_file_that_holds_an_odd_end_of_a_line_is_one_event(end):
    """Only a line feed ends a line of JSON."""
    line = json.dumps(made(1, 1000, f"one{end}"), ensure_ascii=False)
    records = nostr.parse(make_capture(f"{line}\r\n{line}\r\n".encode(), RELAY, made="imported"))

    assert {post.content for post in records if isinstance(post, Post)} == {f"one{end}"}


def test_each_kind_of_event_is_what_it_is():
    """A repost, a reaction, an article, a quote, a deletion and what it deleted."""
    page = posts("page")
    (note,) = [
        post for post in read("page") if isinstance(post, Post) and post.content and post.content.startswith("Seen")
    ]

    assert page["Announce"].announce_of == note.id
    assert page["Announce"].content is None
    assert page["Like"].extra["liked"] == note.id
    assert page["Article"].extra["title"] == "About the pier"
    (quote,) = [post for post in read("page") if isinstance(post, Post) and post.quote_of]
    assert quote.quote_of == note.id
    (regretted,) = [post for post in read("page") if isinstance(post, Post) and post.content == "Regretted"]
    assert regretted.extra["deleted_by"] == page["Delete"].id
    assert "deleted_by" not in note.extra


def test_a_reply_of_an_old_client_is_told_by_places():
    """The first event that it points to is the root, the last the one answered."""
    (reply,) = [post for post in read("page") if isinstance(post, Post) and post.content == "Old spelling"]
    (note,) = [
        post for post in read("page") if isinstance(post, Post) and post.content and post.content.startswith("Seen")
    ]

    assert (reply.thread_root, reply.in_reply_to) == ("nostr:" + "dd" * 32, note.id)


def test_an_altered_event_says_so_wherever_it_goes():
    """In its row; a whole one says that its hash fits, and that its signature was not checked."""
    (altered,) = posts("altered").values()

    assert (altered.extra["id_matches"], altered.extra["signature"]) == (False, "not checked")
    assert all(post.extra["id_matches"] for post in posts("page").values())


@pytest.mark.parametrize("answer", ["file_lines", "file_list"])
def test_a_file_of_events_is_claimed(answer):
    """As lines, or as one list."""
    capture = read_answer(FIXTURES / "nostr" / f"{answer}.http", "https://relay.example/", made="imported")

    assert claimant(capture) == "nostr"
