"""Byte by byte: what is in the evidence is what a raw socket server read and wrote, in every shape that it may take."""

from __future__ import annotations

import base64
import gzip
import json
import os
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from exchanges import Exchanges
from origin import NOON, SHAPES, drip, http

from osint.capture.network import Network
from osint.errors import CaptureError, UnreachableError

EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\nX-Twice: 1\r\nX-Twice: 2\r\n\r\n"
INTERIM = {
    "100": b"HTTP/1.1 100 Continue\r\n\r\n",
    "102 with headers": b"HTTP/1.1 102 Processing\r\nX-Step: one\r\n\r\n",
    "103 with headers": EARLY,
    "bare line feeds": b"HTTP/1.1 103 Early Hints\nLink: </a>\n\n",
    "several in a row": b"HTTP/1.1 100 Continue\r\nX-A: b\r\n\r\n" + b"HTTP/1.1 102 Processing\r\n\r\n" + EARLY * 3,
}
MORE = {
    "chunked and packed": http(
        b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed := gzip.compress(b"hello" * 40)), packed),
        "Transfer-Encoding: chunked", "Content-Encoding: gzip", length=False,
    ),
    "several trailers": http(
        b"5\r\nhello\r\n0\r\nX-One: 1\r\nX-Two: 2\r\n\r\n", "Transfer-Encoding: chunked", "Trailer: X-One, X-Two", length=False
    ),
    "chunk extensions of every kind": http(
        b'3;a\r\nabc\r\n2;b="c;d" ;e=f\r\nde\r\n0;last\r\n\r\n', "Transfer-Encoding: chunked", length=False
    ),
    "not modified with a length": http(b"", "Content-Length: 500", status="304 Not Modified", length=False),
    "until close, nothing": b"HTTP/1.1 200 OK\r\n\r\n",
    "line of 64 KB": http(b"x", "X-Big: " + "y" * 65_500),
    "line above 64 KB": http(b"kept", "X-Big: " + "y" * 70_000),
    "two hundred header lines": http(b"kept", *(f"X-{number}: {number}" for number in range(200))),
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx",
    "reason in latin-1": http(b"x", status="200 D\u2019accord".replace("\u2019", "\xb4")),
    "line without a colon": b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 1\r\n\r\nx",
    "lengths that contradict": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
    "chunk size that is no number": http(b"zz\r\nabc\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=False),
    "status line of another version": b"HTTP/2 200 OK\r\nContent-Length: 1\r\n\r\nx",
}  # fmt: skip
NO_HTTP = {
    "HTTP/0.9": b"<html>just a page, as in 1991</html>",
    "another protocol": b"SSH-2.0-nonsense\r\nmore of it\r\n" * 900,
    "zero bytes": bytes(5000),
    "two megabytes of it": b"nonsense\r\n" * 200_000,
}


@pytest.fixture
def exchanges(open_case, loopback):
    return Exchanges(open_case(network=loopback))


@pytest.fixture
def world(request, start_origin, authority, open_case):
    """A server, plain or with TLS, and a case that may ask it."""
    secured = request.param == "https"
    origin = start_origin(authority.server("shapes.example") if secured else None)
    network = Network(hosts={"shapes.example": ("127.0.0.1", origin.port)}, ca=authority.pem, pace=0, read_timeout=3)
    return origin, Exchanges(open_case(network=network)), f"{request.param}://shapes.example/"


both = pytest.mark.parametrize("world", ["http", "https"], indirect=True)


def assert_recorded(origin, exchanges, answer, interim=b""):
    """The evidence holds the bytes that the server read and wrote, and says of no byte that it is missing."""
    records = exchanges.records()
    headers, block = records.get("response") or records["resource"]
    facts = json.loads(records["metadata"][1])
    assert block == answer
    assert [records["request"][1]] == origin.requests
    assert base64.b64decode(facts["interim"] or "") == interim
    assert "warc-truncated" not in headers
    assert facts["truncated"] is None


@both
@pytest.mark.parametrize("shape", [*SHAPES, *MORE])
def test_the_evidence_holds_every_byte_of_an_answer(shape, world):
    """
    Also of one that the client gives up on: too long a line, too many of them, a size that is no number.
    """
    origin, exchanges, url = world
    answer = {**SHAPES, **MORE}[shape]
    origin.serve("/", answer)

    exchanges.ask(url)

    assert_recorded(origin, exchanges, answer)


@both
@pytest.mark.parametrize("interim", INTERIM)
def test_interim_answers_are_kept_beside_the_answer(interim, world):
    """
    However many come first, none of them is taken for the answer, and none of their bytes is lost.
    """
    origin, exchanges, url = world
    origin.serve("/", INTERIM[interim] + http(b"the answer"))

    capture = exchanges.ask(url)

    assert capture.body == b"the answer"
    assert_recorded(origin, exchanges, http(b"the answer"), INTERIM[interim])


@both
@pytest.mark.parametrize("shape", NO_HTTP)
def test_what_is_no_http_is_kept_to_its_end(shape, world):
    """
    The record is a resource then, and the reader is told what it is not.
    """
    origin, exchanges, url = world
    origin.serve("/", NO_HTTP[shape])

    capture = exchanges.ask(url)

    assert capture.problems == ("The bytes are not an HTTP answer.",)
    assert_recorded(origin, exchanges, NO_HTTP[shape])
    assert exchanges.records()["resource"][0]["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("answer", "kept", "mark"),
    [
        (http(b"short", "Content-Length: 500", length=False), None, "disconnect"),
        (drip(http(b"reset", "Content-Length: 500", length=False), pause=0.1, reset=True), None, "disconnect"),
        (http(b"5\r\nhel", "Transfer-Encoding: chunked", length=False), None, "disconnect"),
        (http(b"5\r\nhello\r\n", "Transfer-Encoding: chunked", length=False), None, "disconnect"),
        (b"HTTP/1.1 200 OK\r\nX-Half: of a li", None, "disconnect"),
        (b"HTTP/1.1 200 OK\r\nX-Whole: line\r\n", None, "disconnect"),
        (drip(b"HTTP/1.1 200 OK\r\nX-Half: of a li", pause=0.1, reset=True), b"HTTP/1.1 200 OK\r\nX-Half: of a li", "disconnect"),
        (EARLY, EARLY, "disconnect"),
        (drip(b"HTTP/1.1 200 OK\r\nX-Half: of a li", pause=1.0), b"HTTP/1.1 200 OK\r\nX-Half: of a li", "time"),
        (drip(http(b"", "Content-Length: 50", length=False), *[b"x"] * 20, pause=0.1), None, "time"),
        (drip(*[b"HTTP/1.1 102 Processing\r\n\r\n"] * 20, pause=0.1), None, "time"),
        (b"HTTP/1.1 102 Processing\r\n\r\n" * 50_000, None, "length"),
        (drip(b"nonsense", *[b"x"] * 20, pause=0.1), None, "time"),
        (http(b"y" * 300_000), None, "length"),
        (b"nonsense" * 40_000, None, "length"),
    ],
    ids=[
        "short body", "reset in the body", "chunk breaks off", "last chunk missing", "head breaks off in a line",
        "head breaks off after a line", "reset in the head", "nothing but an interim answer", "silence in the head",
        "slow drip", "interim answers without end", "interim answers at once", "nonsense without end", "large", "large nonsense",
    ],
)  # fmt: skip
def test_what_is_missing_is_marked_in_the_record(answer, kept, mark, open_case, origin, loopback):
    """
    WARC-Truncated says how the answer ended, and everything that came until then is there.
    """
    seconds = 0.4 if mark == "time" else 20
    network = replace(loopback, total_timeout=seconds, read_timeout=seconds, body_limit=200_000)
    exchanges = Exchanges(open_case(network=network))

    capture = exchanges.ask(origin.serve("/", answer))

    records = exchanges.records()
    headers, block = records.get("response") or records["resource"]
    interim = base64.b64decode(json.loads(records["metadata"][1])["interim"] or "")
    assert headers["warc-truncated"] == mark
    assert f"The answer was cut ({mark})." in capture.problems
    whole = kept or (answer if isinstance(answer, bytes) else b"")
    assert interim + block == whole[:200_000] or not whole
    assert interim + block


def test_a_reset_body_is_kept_as_far_as_it_came(exchanges, origin):
    """
    Bytes that were here before the connection broke are evidence.
    """
    sent = http(b"as far as this", "Content-Length: 500", length=False)

    exchanges.ask(origin.serve("/", drip(sent, pause=0.2, reset=True)))

    assert exchanges.records()["response"][1] == sent


def test_the_date_of_the_records_is_the_start_of_the_request(open_case, loopback, origin):
    """
    It is read from the clock before the first byte goes, however long the answer takes.
    """
    ticks = [NOON]

    def clock():
        ticks.append(ticks[-1] + timedelta(seconds=1))
        return ticks[-1]

    seen = []
    answer = http(b"here")

    def speak(connection):
        seen.append(ticks[-1])
        clock()
        connection.sendall(answer)

    exchanges = Exchanges(open_case(network=loopback, clock=clock))
    exchanges.ask(origin.serve("/", speak))

    dates = {headers["warc-date"] for headers, _ in exchanges.records().values()}
    assert dates == {seen[0].isoformat(timespec="microseconds").replace("+00:00", "Z")}


@pytest.mark.parametrize("fault", ["refused", "no such name", "certificate"])
def test_a_request_that_failed_is_an_entry_with_its_reason(fault, open_case, start_origin, authority, free_port):
    """
    A refused connection, a name without an address and a certificate that does not hold are told apart in the ledger.
    """
    origin = start_origin(authority.server("other.example"))
    network = Network(
        hosts={"refused.example": ("127.0.0.1", free_port), "secure.example": ("127.0.0.1", origin.port)},
        ca=authority.pem, pace=0, resolver=_no_such_name,
    )  # fmt: skip
    url, words = {
        "refused": ("http://refused.example/", "no connection could be made"),
        "no such name": ("http://nowhere.example/", "The name nowhere.example has no address"),
        "certificate": ("https://secure.example/", "its certificate cannot be verified"),
    }[fault]
    exchanges = Exchanges(open_case(network=network))

    with pytest.raises(UnreachableError, match=words):
        exchanges.ask(url)

    (error,) = exchanges.failures()
    assert words in error
    assert exchanges.case._ledger.exhibits() == []
    assert origin.requests == []


def _no_such_name(host, port):
    raise OSError("Name or service not known")


@pytest.fixture
def free_port():
    """A port that nobody listens on."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return int(port)


def test_open_answers_never_mix(open_case, loopback, start_origin):
    """
    Two answers come in turns, piece by piece, while both requests are under way; each exhibit holds its own alone.
    """
    first, second = start_origin(), start_origin()
    turns = [threading.Semaphore(1), threading.Semaphore(0)]

    def answer(own, letter):
        def speak(connection):
            connection.sendall(http(b"", "Content-Length: 4000", length=False))
            for _ in range(40):
                turns[own].acquire(timeout=5)
                connection.sendall(letter * 100)
                turns[1 - own].release()

        return speak

    exchanges = Exchanges(open_case(network=loopback))
    urls = [first.serve("/a", answer(0, b"A")), second.serve("/b", answer(1, b"B"))]
    _all_at_once(exchanges, urls)

    bodies = {exchanges.records(number)["response"][1].partition(b"\r\n\r\n")[2] for number in ("E0001", "E0002")}
    assert bodies == {b"A" * 4000, b"B" * 4000}


def test_thirty_threads_preserve_thirty_answers(exchanges, origin):
    """
    Each exhibit holds the request and the answer of one address, and no other byte.
    """
    answers = {f"/{number}": http(f"answer {number} ".encode() * 3000) for number in range(30)}

    _all_at_once(exchanges, [origin.serve(path, answer) for path, answer in answers.items()])

    found = {}
    for number in range(1, 31):
        records = exchanges.records(f"E{number:04d}")
        found[records["request"][1].split(b" ")[1].decode()] = records["response"][1]
    assert found == answers


def _all_at_once(exchanges, urls):
    threads = [threading.Thread(target=exchanges.ask, args=(url,)) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_bytes_after_an_answer_reach_no_other_case(open_case, loopback, origin, tmp_path):
    """
    A server that sends more than it announced, and keeps the line open, cannot slip an answer to the next request.
    """
    slipped = http(b"slipped in")

    def speak(connection):
        connection.sendall(http(b"first") + slipped)
        connection.recv(1)  # until the other side hangs up

    url = origin.serve("/", speak, http(b"second"))
    one = Exchanges(open_case(tmp_path / "one", network=loopback))
    other = Exchanges(open_case(tmp_path / "other", network=loopback))

    one.ask(url)
    other.ask(url)

    assert one.records()["response"][1] == http(b"first")
    assert other.records()["response"][1] == http(b"second")
    assert len(origin.requests) == 2


_IMPORTED_LATE = """
import sys
FIRST
from osint.capture.network import Network
from osint.capture.client import ask
from osint.capture.wire import Wire
network = Network(allow=("127.0.0.1",), pace=0)
wire = Wire(network)
ask(sys.argv[1], wire, network, "osint-test")
wire.received.seek(0)
sys.stdout.buffer.write(wire.sent.getvalue() + wire.received.read())
"""


def test_the_order_of_imports_changes_nothing(origin):
    """
    Whether requests and urllib3 were imported before this package or after it, the same bytes are recorded.
    """
    answer = http(b"hello", "X-Name: value")
    url = origin.serve("/", answer)
    recorded = []
    for first in ("import requests, urllib3, http.client; requests.Session().close()", "import osint"):
        code = textwrap.dedent(_IMPORTED_LATE).replace("FIRST", first)
        done = subprocess.run([sys.executable, "-c", code, url], capture_output=True, timeout=60, check=True)
        recorded.append(done.stdout)

    assert recorded == [request + answer for request in origin.requests]
    assert len(set(recorded)) == 1


def test_proxies_passwords_and_authorities_of_the_environment_are_not_used(
    open_case, start_origin, authority, tmp_path, monkeypatch
):
    """
    Not for HTTPS either: a CA bundle of the environment neither adds an authority nor takes one away.
    """
    (tmp_path / ".netrc").write_text("default login officer password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")
    for name in ("HOME", "NETRC"):
        monkeypatch.setenv(name, os.fspath(tmp_path / (".netrc" if name == "NETRC" else "")))
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, os.fspath(authority.pem))
    origin = start_origin(authority.server("secure.example"))
    origin.serve("/", http(b"ok"))
    network = Network(hosts={"secure.example": ("127.0.0.1", origin.port)}, pace=0)

    with pytest.raises(CaptureError, match="certificate cannot be verified"):
        Exchanges(open_case(tmp_path / "public", network=network)).ask("https://secure.example/")
    assert origin.requests == []
    named = Exchanges(open_case(tmp_path / "named", network=replace(network, ca=authority.pem)))
    named.ask("https://secure.example/")

    assert [b"authorization" in request.lower() for request in origin.requests] == [False]
