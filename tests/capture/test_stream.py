"""Conversations over streams: what may be said, what is preserved of both directions, and how they end."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import socket
import struct
import time
from functools import partial

import pytest
from exchanges import Exchanges
from streams import News, listening, opened, relay, said_in, server_frame, text_frame

from osint import warc
from osint.capture import stream, talk, websocket
from osint.capture.errand import Errand
from osint.capture.network import Network
from osint.capture.preserved import preserved, usable
from osint.capture.stream import check_said
from osint.capture.websocket import Kind, accept_of, texts
from osint.errors import CaptureError, OutOfScopeError, UnreachableError

OVERVIEW = b"224 overview follows\r\n1\tSeen at the pier\r\n..two dots\r\n.\r\n"
REQ = json.dumps(["REQ", "osint", {"limit": 2}])


@pytest.fixture
def news():
    """A server with one group."""
    server = News(0, {"GROUP local.westmere": b"211 1 1 1 local.westmere\r\n", "OVER 1-1": OVERVIEW})
    with listening(server.speak) as port:
        server.port = port
        yield server


@pytest.fixture
def case(open_case):
    return Exchanges(open_case(hosts=["127.0.0.1", "localhost"]))


def say(case, url, *lines):
    return case.case._door.converse(case.errand, url, lines)


def facts(case, exhibit="E0001"):
    return json.loads(case.records(exhibit)["metadata"][1])


def resources(case, exhibit="E0001"):
    (sha256,) = [each.sha256 for each in case.case._ledger.exhibits() if each.number == exhibit]
    with case.case._blobs.open(sha256) as blob:
        found = list(warc.read(io.BytesIO(blob.read())))
        return {r.headers["warc-target-uri"].split(":")[1]: r.read() for r in found if r.type == "resource"}


# -- NNTP --------------------------------------------------------------------------------------------------------------


def test_a_conversation_with_a_newsgroup_is_preserved_in_both_directions(case, news):
    """All bytes that came are the capture; what was said and when stand beside them, and warcio finds every digest."""
    url = f"nntp://127.0.0.1:{news.port}/local.westmere"
    capture = say(case, url, "GROUP local.westmere", "OVER 1-1")

    came = b"200 welcome\r\n211 1 1 1 local.westmere\r\n" + OVERVIEW + b"205 bye\r\n"
    assert (capture.body, capture.url, capture.status, capture.problems) == (came, url, 200, ())
    assert resources(case) == {"received": came, "sent": b"GROUP local.westmere\r\nOVER 1-1\r\nQUIT\r\n"}
    assert news.heard == ["GROUP local.westmere", "OVER 1-1", "QUIT"]
    told = facts(case)
    for direction, whole in resources(case).items():
        chunks = [chunk for chunk in told["chunks"] if chunk[0] == direction]
        assert [at for _, at, _, _ in chunks] == [sum(c[2] for c in chunks[:n]) for n in range(len(chunks))]
        assert sum(length for _, _, length, _ in chunks) == len(whole)
    assert (told["protocol"], told["peer"], told["truncated"]) == ("nntp", "127.0.0.1", None)
    case.case.verify()


def test_what_was_said_stands_in_the_ledger(case, news):
    """Beside the address, which says nothing of it."""
    say(case, f"nntp://127.0.0.1:{news.port}/", "LIST ACTIVE")

    entry = next(each for each in case.case._ledger.entries() if each.exhibit)
    assert entry.private["say"] == ["LIST ACTIVE"]


@pytest.mark.parametrize(
    "line",
    [
        "POST", "IHAVE <a@b>", "AUTHINFO USER jane", "TAKETHIS <a@b>", "STARTTLS", "XFOO", "", "GROUP a\r\nPOST",
        "GROUP a\nPOST", "GROUP " + "a" * 600, "QUIT\r\n", "ARTICLE <a@b>\r\nPOST", "GROUP gr\xfcn",
        "OVER \u0661-\u0662", "LI\u017fT",
    ],
)  # fmt: skip
def test_a_command_that_does_more_than_read_is_not_said(line, case, news):
    """No connection is opened, and the attempt is an entry."""
    with pytest.raises(OutOfScopeError, match="more than read"):
        say(case, f"nntp://127.0.0.1:{news.port}/local.westmere", line)

    assert (news.heard, len(case.failures())) == ([], 1)


@pytest.mark.parametrize(
    "line", ["CAPABILITIES", "mode reader", "XOVER 1-", "HDR Subject 1-5", "ARTICLE <a.b@c.example>"]
)
def test_commands_that_read_may_be_said(line):
    """In any letter case."""
    check_said("nntps://news.example/", [line])


def test_a_server_that_refuses_is_preserved_and_asked_nothing(case):
    """What it said is evidence; the status says that no conversation took place."""
    server = News(0, {}, greeting=b"502 not for you\r\n")
    with listening(server.speak) as port:
        capture = say(case, f"nntp://127.0.0.1:{port}/local.westmere", "GROUP local.westmere")

    assert (capture.status, capture.body, server.heard) == (0, b"502 not for you\r\n", [])


def test_an_answer_that_breaks_off_is_kept_and_marked(case):
    """As far as it came."""
    server = News(0, {"OVER 1-1": OVERVIEW[:40]})
    with listening(server.speak) as port:
        capture = say(case, f"nntp://127.0.0.1:{port}/local.westmere", "OVER 1-1")

    assert capture.body == b"200 welcome\r\n" + OVERVIEW[:40]
    assert capture.problems == ("The answer was cut (disconnect).",)


def test_a_limit_holds_and_is_marked(open_case, news, loopback):
    """In bytes."""
    case = Exchanges(open_case(hosts=["127.0.0.1"], network=dataclasses.replace(loopback, body_limit=50)))
    capture = say(case, f"nntp://127.0.0.1:{news.port}/", "GROUP local.westmere", "OVER 1-1")

    assert (len(capture.body), capture.problems) == (50, ("The answer was cut (length).",))


def test_a_server_that_falls_silent_is_left_and_that_is_marked(case):
    """Within the time that a read may take."""
    with listening(
        lambda connection: (connection.sendall(b"200 hello\r\n"), connection.recv(99), connection.recv(99))
    ) as port:
        case.case._door._network = dataclasses.replace(case.case._door.network, read_timeout=0.2)
        capture = say(case, f"nntp://127.0.0.1:{port}/", "CAPABILITIES")

    assert capture.problems == ("The answer was cut (time).",)


@pytest.mark.parametrize(
    ("answers", "greeting"),
    [
        ({"GROUP a": b"211 0 0 0 a\r\n423 no\r\n", "ARTICLE 2": b"220 2 <b@c>\r\n\r\n.\r\n"}, b"200 welcome\r\n"),
        ({"GROUP a": b"211 0 0 0 a\r\n"}, b"200 welcome\r\n423 no\r\n"),
        ({"GROUP a": b"", "ARTICLE 2": b"423 no\r\n423 no\r\n"}, b"200 welcome\r\n"),
    ],
)
def test_a_server_that_answers_more_than_it_was_asked_is_left_and_that_is_marked(answers, greeting, case):
    """Else the last answer would be taken for one before it, and the rest be left behind without a word."""

    def speak(connection):
        connection.sendall(greeting)
        while command := connection.recv(65536).decode().strip():
            connection.sendall(answers.get(command, b"205 bye\r\n"))

    lines = ["GROUP a", "ARTICLE 2"] if answers["GROUP a"] else ["ARTICLE 2"]
    with listening(speak) as port:
        capture = say(case, f"nntp://127.0.0.1:{port}/a", *lines)

    assert capture.problems == ("The answer was cut (unspecified).",)


def test_a_server_that_leaves_before_the_goodbye_has_answered_all_the_same(case):
    """What was asked for is here, and nothing of it is cut."""

    def speak(connection):
        connection.sendall(b"200 welcome\r\n")
        connection.recv(65536)
        connection.sendall(b"211 0 0 0 a\r\n")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.recv(65536)  # and then the connection is reset

    with listening(speak) as port:
        capture = say(case, f"nntp://127.0.0.1:{port}/a", "GROUP a")

    assert (capture.body, capture.problems) == (b"200 welcome\r\n211 0 0 0 a\r\n", ())


@pytest.mark.parametrize("answer", [b"x", b"224 overview\r\n" + b"x\r\n..\r\n"])
def test_an_answer_without_an_end_is_cut_at_the_limit(answer, open_case, loopback):
    """A line that never ends, and lines that never do."""

    def speak(connection):
        connection.sendall(b"200 welcome\r\n")
        connection.recv(65536)
        while True:
            connection.sendall(answer + b"x" * 60_000)

    case = Exchanges(open_case(hosts=["127.0.0.1"], network=dataclasses.replace(loopback, body_limit=1 << 20)))
    with listening(speak) as port:
        capture = say(case, f"nntp://127.0.0.1:{port}/", "OVER 1-1")

    assert (len(capture.body), capture.problems) == (1 << 20, ("The answer was cut (length).",))


def test_no_answer_at_all_is_an_entry(case):
    """Of the same weight as an answer."""
    with listening(lambda connection: None) as port, pytest.raises(UnreachableError, match="did not answer"):
        say(case, f"nntp://127.0.0.1:{port}/", "CAPABILITIES")

    assert len(case.failures()) == 1


def test_a_private_address_is_refused(open_case, news):
    """The guard is that of every other request."""
    case = Exchanges(open_case(hosts=["127.0.0.1"], network=Network(pace=0)))
    with pytest.raises(CaptureError, match="not on the public network"):
        say(case, f"nntp://127.0.0.1:{news.port}/", "CAPABILITIES")

    assert news.heard == []


def test_another_host_than_the_one_under_authority_is_refused(case, news):
    """The scope is that of every other request."""
    errand = dataclasses.replace(case.errand, in_scope=lambda url: "localhost" in url)
    with pytest.raises(OutOfScopeError, match="not under authority"):
        case.case._door.converse(errand, f"nntp://127.0.0.1:{news.port}/", ["CAPABILITIES"])

    assert news.heard == []


def test_a_stream_is_not_asked_as_a_web_address_nor_the_other_way_round(case, news):
    """Each has its own way."""
    with pytest.raises(OutOfScopeError, match="not a public web address"):
        case.ask(f"nntp://127.0.0.1:{news.port}/")
    with pytest.raises(OutOfScopeError):
        say(case, f"http://127.0.0.1:{news.port}/", "CAPABILITIES")
    with pytest.raises(OutOfScopeError):
        say(case, f"ws://127.0.0.1:{news.port}/", "CAPABILITIES")


def test_tls_is_verified_and_its_certificates_are_kept(open_case, authority, loopback):
    """By the same rules, against the authority that the network names."""
    server = News(0, {"CAPABILITIES": b"101 these\r\nVERSION 2\r\n.\r\n"})
    context = authority.server("127.0.0.1")
    with listening(lambda connection: server.speak(context.wrap_socket(connection, server_side=True))) as port:
        url = f"nntps://127.0.0.1:{port}/"
        trusting = Exchanges(open_case(hosts=["127.0.0.1"], network=dataclasses.replace(loopback, ca=authority.pem)))
        capture = say(trusting, url, "CAPABILITIES")
        trusting.case._door._network = loopback
        with pytest.raises(UnreachableError, match="certificate"):
            say(trusting, url, "CAPABILITIES")

    assert b"VERSION 2" in capture.body
    assert facts(trusting)["tls"]["chain"]


def test_an_earlier_conversation_is_answered_from_evidence_and_from_nothing_else(case, news):
    """Going on with a run, and reading it again with the network off."""
    url = f"nntp://127.0.0.1:{news.port}/"
    first = say(case, url, "GROUP local.westmere")
    replay = partial(preserved, list(case.case._ledger.entries()), [case.errand.search.leaf.hex()])
    assert [known.status for known in usable(replay(), case.case._door.read)] == [200]
    offline = Errand(search=case.errand.search, standing=None, replay=replay())

    assert case.case._door.converse(offline, url, ["GROUP local.westmere"]) == first
    with pytest.raises(CaptureError, match="No exhibit"):
        case.case._door.converse(offline, url, ["OVER 1-1"])
    assert news.heard == ["GROUP local.westmere", "QUIT"]


def test_an_unsecured_stream_does_not_go_to_a_proxy_in_clear(open_case, news, loopback):
    """The proxy speaks HTTP; it would take the commands for nonsense, or for a request."""
    network = dataclasses.replace(loopback, proxy=f"http://127.0.0.1:{news.port}")
    case = Exchanges(open_case(hosts=["127.0.0.1"], network=network))
    with pytest.raises(UnreachableError, match="nntps://"):
        say(case, f"nntp://127.0.0.1:{news.port}/", "CAPABILITIES")

    assert news.heard == []


# -- WebSocket ---------------------------------------------------------------------------------------------------------


def test_a_relay_is_heard_to_the_end_of_what_it_stores(case):
    """Then the subscription is closed; a ping is answered on the way."""
    asked, pieces = [], text_frame("EVENT", "osint", {"id": "1"})
    with listening(relay(server_frame(Kind.PING, b"are you there") + pieces, asked=asked)) as port:
        capture = say(case, f"ws://127.0.0.1:{port}/feed?x=1", REQ)

    found, problem = texts(capture.body)
    assert ([json.loads(text)[0] for text in found], problem) == (["EVENT", "EOSE"], "")
    assert asked == [["REQ", "osint", {"limit": 2}], ["CLOSE", "osint"]]
    assert resources(case)["sent"].startswith(b"GET /feed?x=1 HTTP/1.1\r\n")
    said = list(said_in(resources(case)["sent"].partition(b"\r\n\r\n")[2]))
    assert [kind for kind, _ in said] == [Kind.TEXT, Kind.PONG, Kind.TEXT, Kind.CLOSE]
    assert said[1][1] == b"are you there"
    assert (capture.status, facts(case)["protocol"]) == (200, "websocket")


@pytest.mark.parametrize(
    "text",
    [
        '["EVENT", {"id": "1"}]', '["AUTH", {}]', '["REQ", "a"]', '["REQ", 1, {}]', "[]", "{}", "null", "REQ", '["REQ", "", {}]',
        '["REQ", "a", []]', '["CLOSE", "a", {}]', "[" * 60_000, '["COUNT", "a", {}]',
        json.dumps(["REQ", "a", {"x": "y" * 70_000}]), '["REQ", "a", {"x": "\ud800"}]',
    ],
)  # fmt: skip
def test_a_text_that_does_more_than_ask_is_not_said(text):
    """Nothing is published, and nobody signs in."""
    with pytest.raises(OutOfScopeError):
        check_said("wss://relay.example/", [text])


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\nnot you",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ],
)
def test_a_server_that_opens_no_websocket_is_preserved_and_asked_nothing(answer, case):
    """Its refusal is evidence."""
    heard = []

    def speak(connection):
        heard.append(connection.recv(65536))
        connection.sendall(answer)
        heard.append(connection.recv(65536))

    with listening(speak) as port:
        capture = say(case, f"ws://127.0.0.1:{port}/", REQ)

    assert (capture.status, capture.body) == (0, answer)
    assert heard[1:] in ([], [b""])


@pytest.mark.parametrize(
    ("head", "pieces", "problems"),
    [
        (b"Content-Length: 11", [b"not ", b"for you"], ()),
        (b"Transfer-Encoding: chunked", [b"4\r\nnot \r\n", b"0\r\n", b"\r\n"], ()),
        (b"Connection: close", [b"not ", b"for you"], ()),
        (b"Content-Length: 99", [b"not ", b"for you"], ("The answer was cut (disconnect).",)),
        (b"Transfer-Encoding: chunked", [b"4\r\nnot \r\n"], ("The answer was cut (disconnect).",)),
    ],
)
def test_the_page_with_which_a_relay_refuses_is_kept_to_its_end(head, pieces, problems, case):
    """It says why, or where the relay went; one that breaks off is marked."""
    refusal = b"HTTP/1.1 301 Moved\r\nLocation: wss://other.example/\r\n" + head + b"\r\n\r\n"
    asked = []

    def speak(connection):
        asked.append(connection.recv(65536))
        for piece in (refusal, *pieces):
            connection.sendall(piece)
            time.sleep(0.01)

    with listening(speak) as port:
        capture = say(case, f"ws://127.0.0.1:{port}/", REQ)

    assert (capture.status, capture.body, capture.problems) == (0, refusal + b"".join(pieces), problems)
    assert len(asked) == 1


def test_a_relay_that_leaves_behind_its_last_event_has_answered_all_the_same(case):
    """It resets the connection, and nothing of its answer is cut."""

    def speak(connection):
        opened(connection)
        connection.recv(65536)
        connection.sendall(text_frame("EOSE", "osint"))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with listening(speak) as port:
        talks = [say(case, f"ws://127.0.0.1:{port}/", REQ).problems for _ in range(3)]

    assert talks == [(), (), ()]


@pytest.mark.parametrize("kind", [Kind.PING, Kind.PONG, Kind.TEXT])
def test_a_relay_that_sends_small_frames_without_end_is_left(kind, case, monkeypatch):
    """Each may cost us an answer, a line of the exhibit, and a look at it years later."""
    monkeypatch.setattr(talk, "_MOST_CHUNKS", 60)
    monkeypatch.setattr(websocket, "_MOST_MESSAGES", 60)

    def speak(connection):
        opened(connection)
        while True:
            connection.sendall(server_frame(kind, b"") * 20)

    with listening(speak) as port:
        capture = say(case, f"ws://127.0.0.1:{port}/", REQ)

    assert capture.problems[0].startswith("The answer was cut")
    assert len(facts(case)["chunks"]) <= 60


def test_a_server_that_sends_byte_by_byte_fills_no_exhibit_with_its_times(case, monkeypatch):
    """What came until then stays."""
    monkeypatch.setattr(talk, "_MOST_CHUNKS", 10)

    def speak(connection):
        connection.sendall(b"200 welcome\r\n")
        connection.recv(65536)
        while True:
            connection.sendall(b"2")
            time.sleep(0.001)

    with listening(speak) as port:
        capture = say(case, f"nntp://127.0.0.1:{port}/", "CAPABILITIES")

    assert (len(facts(case)["chunks"]), capture.problems) == (10, ("The answer was cut (length).",))


def test_a_server_that_does_not_listen_is_waited_for_no_longer_than_any(case, monkeypatch):
    """It asks to be answered, and the time for the whole is over."""
    frames = server_frame(Kind.PING, b"p") * 50
    seconds = iter([0.0] * 8)
    monkeypatch.setattr(stream.time, "monotonic", lambda: next(seconds, 1000.0))
    with listening(relay(frames)) as port:
        capture = say(case, f"ws://127.0.0.1:{port}/", REQ)

    assert capture.problems == ("The answer was cut (time).",)


def test_the_right_word_under_the_wrong_protocol_opens_nothing(case):
    """The answer to the key is right, and the server does not say what it changes to."""
    asked = []

    def speak(connection):
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", connection.recv(65536))[1].decode()
        connection.sendall(f"HTTP/1.1 101 x\r\nSec-WebSocket-Accept: {accept_of(key)}\r\n\r\n".encode())
        asked.append(connection.recv(65536))

    with listening(speak) as port:
        capture = say(case, f"ws://127.0.0.1:{port}/", REQ)

    assert (capture.status, resources(case)["sent"].count(b"\r\n\r\n")) == (0, 1)
    assert resources(case)["sent"].endswith(b"\r\n\r\n")
    assert asked in ([], [b""])


@pytest.mark.parametrize(
    ("sent", "reason"),
    [(b"\xc1\x00", "unspecified"), (server_frame(Kind.CLOSE, b""), "disconnect"), (b"\x81", "disconnect")],
)
def test_a_relay_that_breaks_off_or_the_rules_is_kept_as_far_as_it_came(sent, reason, case):
    """And the exhibit says how."""

    def speak(connection):
        opened(connection)
        connection.sendall(text_frame("EVENT", "osint", {"id": "1"}) + sent)
        connection.shutdown(1)
        connection.recv(65536)

    with listening(speak) as port:
        capture = say(case, f"ws://127.0.0.1:{port}/", REQ)

    assert capture.problems == (f"The answer was cut ({reason}).",)
    assert [json.loads(text)[0] for text in texts(capture.body)[0]] == ["EVENT"]
