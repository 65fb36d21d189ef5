"""How far this machine's clock is off: what servers say of it in passing, what a time server says, and what a liar may."""

from __future__ import annotations

import socket
import struct
import threading
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from origin import NOON, after_the_wait, http

from osint.capture import clock_offset
from osint.capture.clock_offset import Offset
from osint.capture.exchange import Capture
from osint.capture.network import Network
from osint.capture.time_server import ask_time_server
from osint.collectors.protocol import Stop
from osint.errors import UnreachableError

SINCE_1900 = 2_208_988_800
DATE = "Date: Mon, 01 Jun 2026 12:00:00 GMT"


def page(*headers: str) -> bytes:
    return http(b"<title>Pier</title><p>A grey boat lay at the pier.</p>", "Content-Type: text/html", *headers)


def answered(*headers: tuple[str, str]) -> Capture:
    return Capture(
        exhibit="E0001", url="https://Pier.example:8443/a", status=200, headers=headers, body=b"", collected=NOON
    )


def said(case, action="conclude"):
    return [entry.private for entry in case._ledger.entries() if entry.action == action]


# -- Date headers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "took", "least", "most"),
    [
        (0, 0, 0, 1000),
        (0, 250, -250, 1000),
        (90_000, 0, -90_000, -89_000),
        (-90_000, 40, 89_960, 91_000),
        (1, 2, -3, 999),
    ],
)
def test_a_date_header_gives_an_interval(ours, took, least, most):
    """
    From the date less the end of the answer, to the date and its second less the start of the request.
    """
    started = NOON + timedelta(milliseconds=ours)
    ended = started + timedelta(milliseconds=took)

    offset = clock_offset.from_answer(answered(("date", format_datetime(NOON, usegmt=True))), started, ended)

    assert offset == ("Date header of pier.example", least, most)


def test_parts_of_a_millisecond_widen_the_interval():
    """
    The interval holds the offset for certain, so it is rounded outwards.
    """
    started, ended = NOON + timedelta(microseconds=100), NOON + timedelta(microseconds=300)

    offset = clock_offset.from_answer(answered(("Date", format_datetime(NOON, usegmt=True))), started, ended)

    assert offset[1:] == (-1, 1000)


@pytest.mark.parametrize(
    "date",
    [
        "Monday, 01-Jun-26 12:00:00 GMT", "Mon Jun  1 12:00:00 2026", "Mon, 01 Jun 2026 14:00:00 +0200",
        "Mon, 01 Jun 2026 12:00:00 -0000",
    ],
)  # fmt: skip
def test_the_old_spellings_of_a_date_are_read(date):
    """
    RFC 9110 has a recipient take all three forms.
    """
    assert clock_offset.from_answer(answered(("Date", date)), NOON, NOON)[1:] == (0, 1000)


@pytest.mark.parametrize(
    "headers",
    [
        [], [("Date", "")], [("Date", "yesterday")], [("Date", "Mon, 01 Jun 99999 12:00:00 GMT")],
        [("Date", "Mon, 32 Jun 2026 12:00:00 GMT")], [("Date", "Fri, 31 Dec 9999 23:59:59 GMT")],
        [("Date", "Mon, 01 Jun 2026 12:00:00 GMT"), ("Age", "40")],
        [("Date", "Mon, 01 Jun 2026 12:00:00 GMT"), ("Age", "nonsense")],
    ],
)  # fmt: skip
def test_what_tells_no_present_time_gives_nothing(headers):
    """
    No date, none that is one, and one that a cache kept.
    """
    assert clock_offset.from_answer(answered(*headers), NOON, NOON) is None


def test_the_narrowest_answer_counts_and_the_others_are_counted():
    """
    A reader sees how many answers there were, and how many of them can be right together.
    """
    wide, narrow, liar = (
        Offset("Date header of a.example", -9000, 1000),
        Offset("Date header of b.example", -10, 1000),
        (Offset("Date header of c.example", 80_000, 81_100)),
    )

    assert clock_offset.conclusion([wide, None, liar, narrow]) == {
        "source": "Date header of b.example", "from_ms": -10, "to_ms": 1000, "answers": 3, "agree": 2,
    }  # fmt: skip
    asked = Offset("time server time.example", 3, 7)
    assert clock_offset.conclusion([wide, liar], asked)["source"] == "time server time.example"


@pytest.mark.parametrize(("heard", "reason"), [([], "nothing answered"), ([None, None], "no answer of this run told")])
def test_what_nobody_told_is_unknown_with_the_reason(heard, reason):
    """
    An absent comparison is never a clock that is right.
    """
    told = clock_offset.conclusion(heard)

    assert list(told) == ["unknown"]
    assert told["unknown"].startswith(reason)
    assert clock_offset.in_words(told).startswith("unknown, since")
    assert clock_offset.warning(told) == ""


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [
        (-200, 800, "between 0.200 s ahead and 0.800 s behind"), (0, 1000, "between exact and 1.000 s behind"),
        (-61_000, -60_000, "between 61.000 s ahead and 60.000 s ahead"),
    ],
)  # fmt: skip
def test_an_offset_is_said_in_words(least, most, words):
    """
    What is added to our clock is by how much it was behind.
    """
    assert words in clock_offset.in_words({"source": "Date header of a.example", "from_ms": least, "to_ms": most})


@pytest.mark.parametrize(
    ("least", "most", "warns"),
    [(5001, 6001, True), (-6001, -5001, True), (5000, 9000, False), (-90_000, 90_000, False)],
)
def test_only_a_clock_that_is_off_for_certain_is_warned_of(least, most, warns):
    """
    An interval that holds a right clock is no ground to doubt it.
    """
    assert bool(clock_offset.warning({"source": "x", "from_ms": least, "to_ms": most})) is warns


# -- in a run --------------------------------------------------------------------------------------------------------


def test_a_run_concludes_with_what_it_heard_of_the_clock(open_case, origin):
    """
    The interval is a private value of `conclude`, in whole milliseconds, and stands in the custody log in words.
    """
    case = open_case(urls=[url := origin.serve("/", page(DATE))])

    result = case.collect("webpage", url=url)

    assert [private["clock_offset"] for private in said(case)] == [
        {"source": "Date header of 127.0.0.1", "from_ms": 0, "to_ms": 1000, "answers": 1, "agree": 1}
    ]
    (details,) = case.ledger.query("action == 'conclude'")["details"]
    assert "clock_offset: this machine's clock was between exact and 1.000 s behind, by the Date header of" in details
    assert "clock" not in str(result)


def test_a_wrong_clock_is_said_in_the_result(open_case, origin):
    """
    The investigator reads it before the next run, and not in court.
    """
    case = open_case(urls=[url := origin.serve("/", page("Date: Mon, 01 Jun 2026 12:01:00 GMT"))])

    result = case.collect("webpage", url=url)

    assert "The clock of this machine seems wrong: it was between 60.000 s behind and 61.000 s behind" in str(result)


def test_a_run_whose_answers_tell_no_time_says_so(open_case, origin):
    """
    Unknown, with the reason.
    """
    case = open_case(urls=[url := origin.serve("/", page())])

    case.collect("webpage", url=url)

    assert said(case)[0]["clock_offset"] == {"unknown": "no answer of this run told a present time"}


def test_a_run_that_nobody_answered_says_so(open_case, loopback):
    """
    A refused connection tells no time.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    case = open_case(urls=[url])

    with pytest.raises(UnreachableError):
        case.collect("webpage", url=url)

    assert said(case)[0]["clock_offset"] == {"unknown": "nothing answered in this run"}


def test_evidence_of_an_earlier_run_tells_nothing_of_the_clock_now(open_case, origin):
    """
    What a resumed run answers from evidence was heard then.
    """
    url = origin.serve("/", http(b"", DATE, "Location: /b", status="302 Found"))
    origin.serve("/b", http(b"", "Retry-After: 9999", status="429 Too Many Requests"), page())
    case = open_case(urls=[url, f"{url}b"])
    with pytest.raises(Exception, match="9999"):
        case.collect("webpage", url=url)

    (waiting,) = [run for run in case._collection.runs() if run.may_go_on]
    after_the_wait(case).resume(waiting.id)

    first, second = said(case)
    assert first["clock_offset"]["source"] == "Date header of 127.0.0.1"
    assert second["clock_offset"] == {"unknown": "no answer of this run told a present time"}


# -- a time server ---------------------------------------------------------------------------------------------------


class TimeServer:
    """A time server on 127.0.0.1 that answers each question with what a function makes of it."""

    def __init__(self, answer):
        self.questions: list[bytes] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._answer = answer
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def name(self):
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def network(self, **settings):
        return Network(
            time_server=self.name, **{"allow": ("127.0.0.1",), "connect_timeout": 0.5, "pace": 0, **settings}
        )

    def _serve(self):
        while True:
            try:
                question, self.client = self._socket.recvfrom(1024)
            except OSError:
                return
            self.questions.append(question)
            for each in self._answer(question):
                self._socket.sendto(each, self.client)

    def close(self):
        self._socket.close()


@pytest.fixture
def time_server():
    started = []

    def start(answer):
        started.append(TimeServer(answer))
        return started[-1]

    yield start
    for server in started:
        server.close()


def stamp(instant: datetime) -> bytes:
    seconds = (instant - NOON).total_seconds() + NOON.timestamp() + SINCE_1900
    return struct.pack("!II", int(seconds) % (1 << 32), int(seconds % 1 * (1 << 32)))


def packet(
    question,
    *,
    at=NOON,
    left=None,
    leap=0,
    version=4,
    mode=4,
    stratum=2,
    delay=0,
    dispersion=0,
    code=b"GPS\0",
    own=None,
):
    first = leap << 6 | version << 3 | mode
    times = [stamp(at), own or question[40:48], stamp(at), stamp(left or at)]
    return struct.pack("!BBbbII4s", first, stratum, 0, -20, delay, dispersion, code) + b"".join(times)


def test_a_time_server_gives_an_interval(time_server):
    """
    From when the answer left less when it came, to when the question arrived less when it went.
    """
    server = time_server(lambda question: [packet(question, at=NOON + timedelta(seconds=3))])
    instants = iter([NOON, NOON + timedelta(milliseconds=80)])

    offset = ask_time_server(server.network(), lambda: next(instants))

    assert offset == ("time server 127.0.0.1", 2920, 3000)


def test_the_error_that_a_server_admits_widens_the_interval(time_server):
    """
    Half its root delay and its root dispersion, in 16.16 seconds.
    """
    server = time_server(lambda question: [packet(question, delay=1 << 15, dispersion=1 << 14)])

    assert ask_time_server(server.network(), lambda: NOON)[1:] == (-500, 500)


def test_the_question_tells_nobody_what_our_clock_says(time_server):
    """
    Client mode, version 4, and a random number in the place of our time, another one each time.
    """
    server = time_server(lambda question: [packet(question)])

    for _ in range(2):
        ask_time_server(server.network(), lambda: NOON)

    one, other = server.questions
    assert one[:40] == other[:40] == bytes([0x23]) + bytes(39)
    assert len(one) == 48
    assert one[40:] != other[40:]


def test_the_era_that_begins_in_2036_is_understood(time_server):
    """
    The seconds of the protocol start again at nought on 7 February 2036.
    """
    later = datetime(2040, 1, 1, tzinfo=NOON.tzinfo)
    server = time_server(lambda question: [packet(question, at=later)])

    assert ask_time_server(server.network(), lambda: later)[1:] == (0, 0)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda question: [packet(question)[:47]], "has 47 bytes"),
        (lambda _: [b""], "has 0 bytes"),
        (lambda question: [packet(question, mode=3)], "not the answer of a time server"),
        (lambda question: [packet(question, mode=5)], "not the answer of a time server"),
        (lambda question: [packet(question, version=2)], "not the answer of a time server"),
        (lambda question: [packet(question, own=bytes(8))], "another question"),
        (lambda question: [packet(question, own=stamp(NOON))], "another question"),
        (lambda question: [packet(question, stratum=0, code=b"RATE")], r"refuses to serve us \(RATE\)"),
        (lambda question: [packet(question, stratum=0, code=b"\x1b[2J")], "refuses to serve us"),
        (lambda question: [packet(question, stratum=16)], "own clock is not set"),
        (lambda question: [packet(question, leap=3)], "own clock is not set"),
        (lambda question: [packet(question)[:40] + bytes(8)], "own clock is not set"),
        (lambda question: [packet(question, left=NOON - timedelta(seconds=1))], "contradict each other"),
        (lambda question: [packet(question, left=NOON + timedelta(seconds=9))], "contradict each other"),
        (lambda _: [], "timed out"),
    ],
    ids=[
        "short", "empty", "client mode", "broadcast", "version 2", "no nonce", "guessed nonce", "kiss of death",
        "hostile kiss", "stratum 16", "not synchronised", "no time", "left before it came", "slower than the way",
        "silence",
    ],
)  # fmt: skip
def test_an_answer_that_a_client_must_not_go_by_is_refused(answer, words, time_server):
    """
    Each with its reason; nothing of it sets or judges a clock.
    """
    server = time_server(answer)

    with pytest.raises(UnreachableError, match=words) as raised:
        ask_time_server(server.network(), lambda: NOON)

    assert "\x1b" not in str(raised.value)


def test_nobody_but_the_server_that_was_asked_can_answer(time_server):
    """
    A datagram from another port is dropped, even with the right number in it.
    """

    def answer(question):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(packet(question, at=NOON + timedelta(days=9)), server.client)
        return [packet(question)]

    server = time_server(answer)

    assert ask_time_server(server.network(), lambda: NOON)[1:] == (0, 0)


def test_a_run_asks_the_time_server_once_and_logs_it(time_server, open_case, origin):
    """
    The question is an entry of its own, under the authority of the run; its answer stands before any header.
    """
    server = time_server(lambda question: [packet(question, at=NOON + timedelta(milliseconds=40))])
    case = open_case(urls=[url := origin.serve("/", page(DATE))], network=server.network())

    case.collect("webpage", url=url)

    assert len(server.questions) == 1
    (asked,) = [entry for entry in case._ledger.entries() if entry.action == "clock"]
    (search,) = [entry for entry in case._ledger.entries() if entry.action == "search"]
    assert (asked.outcome, asked.refs, asked.authorization) == ("done", (search.leaf.hex(),), search.authorization)
    assert asked.private["time_server"] == server.name
    own = {"source": "time server 127.0.0.1", "from_ms": 39, "to_ms": 40}
    assert asked.private["clock_offset"] == own
    assert said(case)[0]["clock_offset"] == {**own, "answers": 1, "agree": 1}
    assert case.verify()


def test_a_time_server_that_fails_is_an_entry_and_the_headers_count(time_server, open_case, origin):
    """
    The run goes on, and the offset is what its answers told.
    """
    server = time_server(lambda question: [packet(question, stratum=0, code=b"DENY")])
    case = open_case(urls=[url := origin.serve("/", page(DATE))], network=server.network())

    result = case.collect("webpage", url=url)

    assert result.stop is Stop.EXHAUSTED
    (asked,) = [entry for entry in case._ledger.entries() if entry.action == "clock"]
    assert asked.outcome == "failed"
    assert "DENY" in asked.private["error"]
    assert said(case)[0]["clock_offset"]["source"] == "Date header of 127.0.0.1"


def test_a_cancelled_run_waits_for_no_time_server(time_server, open_case, origin, monkeypatch):
    """
    Whoever presses Ctrl-C gets the prompt back.
    """
    server = time_server(lambda question: [packet(question)])
    case = open_case(urls=[url := origin.serve("/", page(DATE))], network=server.network())

    def cancel(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(case._door, "get", cancel)
    case.collect("webpage", url=url)

    assert server.questions == []
    assert said(case)[0]["clock_offset"] == {"unknown": "nothing answered in this run"}


def test_no_time_server_is_asked_unless_one_is_named(open_case, origin):
    """
    Nobody outside learns of a run by default.
    """
    case = open_case(urls=[url := origin.serve("/", page(DATE))])

    case.collect("webpage", url=url)

    assert said(case, "clock") == []


def test_attachments_conclude_with_the_clock_too(open_case, origin):
    """
    An order of attachments is a run.
    """
    picture = origin.serve("/boat.png", http(bytes(64), "Content-Type: image/png", DATE))
    feed = f"<rss version='2.0'><channel><item><guid>1</guid><title>Boat</title><enclosure url='{picture}'/></item></channel></rss>"
    case = open_case(urls=[url := origin.serve("/feed", http(feed.encode(), "Content-Type: application/rss+xml"))])
    case.collect("feed", url=url)

    case.media(case.posts())

    of_the_feed, of_the_picture = said(case)
    assert list(of_the_feed["clock_offset"]) == ["unknown"]
    assert of_the_picture["clock_offset"]["source"] == "Date header of 127.0.0.1"
