"""The connection recorder against a server that sends known bytes."""

from __future__ import annotations

import threading

import pytest
from origin import SHAPES, drip, http, recorded

from osint.capture.address import vetted
from osint.capture.client import ask
from osint.capture.network import Network
from osint.capture.wire import Wire
from osint.errors import AddressRefusedError, UnreachableError


def received(wire: Wire) -> bytes:
    wire.received.seek(0)
    return wire.received.read()


@pytest.mark.parametrize("shape", SHAPES)
def test_every_byte_both_ways_is_recorded(shape, origin, loopback):
    """
    What the server sent and what it received are exactly what was recorded.
    """
    wire = recorded(origin.serve("/", SHAPES[shape]), loopback)

    assert SHAPES[shape] == received(wire)
    assert origin.requests == [wire.sent.getvalue()]
    assert None is wire.truncated


@pytest.mark.parametrize("shape", ["plain", "chunked with extension and trailer", "gzip"])
def test_every_byte_is_recorded_under_tls_with_the_chain_of_that_socket(shape, start_origin, authority):
    """
    Under TLS the recorder sees the clear bytes and keeps protocol, cipher and certificates of the same socket.
    """
    origin = start_origin(authority.server("secure.example"))
    origin.serve("/", SHAPES[shape])
    network = Network(hosts={"secure.example": ("127.0.0.1", origin.port)}, ca=authority.pem, pace=0)

    wire = recorded("https://secure.example/", network)

    assert SHAPES[shape] == received(wire)
    assert wire.tls["protocol"] == "TLSv1.3"
    assert wire.tls["chain"][-1] == authority.certificate.public_bytes(_der())
    assert wire.peer == "127.0.0.1"


def _der():
    from cryptography.hazmat.primitives.serialization import Encoding

    return Encoding.DER


def test_interim_answers_are_recorded_and_not_taken_for_the_answer(origin, loopback):
    """
    A 103 before the answer is kept, and `final` says where the answer itself starts.
    """
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"

    wire = recorded(origin.serve("/", early + http(b"answer")), loopback)

    assert early + http(b"answer") == received(wire)
    assert len(early) == wire.final


@pytest.mark.parametrize(
    ("answer", "mark"),
    [
        (http(b"short", "Content-Length: 500", length=False), "disconnect"),
        (drip(http(b"reset", "Content-Length: 500", length=False), reset=True), "disconnect"),
        (http(b"5\r\nhel", "Transfer-Encoding: chunked", length=False), "disconnect"),
    ],
    ids=["short body", "reset in the body", "chunk breaks off"],
)
def test_an_answer_that_breaks_off_is_kept_and_marked(answer, mark, origin, loopback):
    """
    What came before the break is evidence; the mark says that it is not whole.
    """
    wire = recorded(origin.serve("/", answer), loopback)

    assert received(wire).startswith(b"HTTP/1.1 200 OK")
    assert mark == wire.truncated


def test_an_answer_above_the_limit_is_cut_at_the_limit(origin, loopback):
    """
    A hundred-megabyte body does not fill the disk: the record stops at the limit and says so.
    """

    def flood(connection):
        connection.sendall(http(b"", "Content-Length: 100000000", length=False))
        for _ in range(1600):
            connection.sendall(b"x" * 65536)

    network = Network(allow=("127.0.0.1",), pace=0, body_limit=1_000_000)

    wire = recorded(origin.serve("/", flood), network)

    assert (wire.truncated, wire.size) == ("length", 1_000_000)
    assert len(received(wire)) == 1_000_000


def test_an_answer_that_drips_too_long_is_cut_and_marked(origin):
    """
    A server that sends a byte now and then cannot hold a run for ever.
    """
    network = Network(allow=("127.0.0.1",), pace=0, total_timeout=0.2)
    answer = drip(http(b"", "Content-Length: 50", length=False), *[b"x"] * 20, pause=0.05)

    wire = recorded(origin.serve("/", answer), network)

    assert wire.truncated == "time"
    assert received(wire).partition(b"\r\n\r\n")[2].count(b"x") < 20, "the rest was not waited for"


def test_a_server_that_falls_silent_is_marked_as_such(origin):
    """
    When no more bytes come within the read timeout, the record says time, and what came is kept.
    """
    network = Network(allow=("127.0.0.1",), pace=0, read_timeout=0.2)
    answer = drip(http(b"part", "Content-Length: 50", length=False), pause=0.6)

    wire = recorded(origin.serve("/", answer), network)

    assert wire.truncated == "time"
    assert received(wire).endswith(b"part")


SPELLINGS = [
    "127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "0", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254",
    "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "[fd00::1]", "[fe80::1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]", "[fec0::1]", "[3fff::1]", "192.88.99.1", "[2001:db8::5efe:7f00:1]", "[2600::5efe:127.0.0.1]", "224.0.0.1", "255.255.255.255",
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_a_private_address_is_connected_to(spelling):
    """
    Whatever the spelling, an address that is not public is refused before a socket is opened.
    """
    with pytest.raises(AddressRefusedError, match="not on the public network"):
        recorded(f"http://{spelling}/latest/meta-data", Network(pace=0))


def test_a_resolver_that_changes_its_mind_cannot_lead_inside(monkeypatch):
    """
    The name is resolved once, and only a vetted answer is ever connected to.
    """
    answers = [["127.0.0.1", "203.0.113.9", "8.8.8.8"], ["127.0.0.1"]]
    tried = []

    def connect(address, timeout):
        tried.append(address[0])
        raise OSError("no route in this test")

    monkeypatch.setattr("osint.capture.wire.socket.create_connection", connect)
    network = Network(pace=0, resolver=lambda host, port: answers.pop(0))
    wire = Wire(network)

    with pytest.raises(UnreachableError):
        ask("http://rebind.example/", wire, network, "osint-test")

    assert wire.answers == ["127.0.0.1", "203.0.113.9", "8.8.8.8"]
    assert tried == ["8.8.8.8"]
    assert len(answers) == 1


def test_an_expired_certificate_is_an_error_and_nothing_is_asked(start_origin, authority):
    """
    Verification is never switched off: an expired certificate ends the attempt with the reason.
    """
    origin = start_origin(authority.server("old.example", days=-1))
    network = Network(hosts={"old.example": ("127.0.0.1", origin.port)}, ca=authority.pem, pace=0)

    with pytest.raises(UnreachableError, match=r"certificate cannot be verified.*expired"):
        recorded("https://old.example/", network)

    assert origin.requests == []


def test_a_certificate_for_another_name_is_an_error(start_origin, authority):
    """
    The certificate must be for the host that was asked.
    """
    origin = start_origin(authority.server("other.example"))
    network = Network(hosts={"a.example": ("127.0.0.1", origin.port)}, ca=authority.pem, pace=0)

    with pytest.raises(UnreachableError, match="certificate cannot be verified"):
        recorded("https://a.example/", network)


@pytest.mark.parametrize(
    ("url", "words"),
    [("http://nowhere.invalid/", "has no address"), ("http://127.0.0.1:9/", "no connection could be made")],
)
def test_no_answer_says_what_failed(url, words, loopback):
    """
    A name without an address and a refused connection are told apart.
    """

    def resolve(host, port):
        if host == "nowhere.invalid":
            raise OSError("Name or service not known")
        return [host]

    network = Network(allow=("127.0.0.1",), pace=0, resolver=resolve)

    with pytest.raises(UnreachableError, match=words):
        recorded(url, network)


def test_nothing_of_the_environment_reaches_the_server(origin, loopback, monkeypatch, tmp_path):
    """
    Passwords in .netrc, proxies and CA bundles of the environment are not used.
    """
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login officer password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nothing.pem"))

    wire = recorded(origin.serve("/", http(b"ok")), loopback)

    assert b"authorization" not in wire.sent.getvalue().lower()
    assert len(origin.requests) == 1


def test_a_cookie_is_never_sent_back(origin, loopback):
    """
    A server that sets a cookie does not see it again.
    """
    url = origin.serve("/", http(b"one", "Set-Cookie: track=1; Path=/"))

    recorded(url, loopback)
    recorded(url, loopback)

    assert all(b"cookie" not in request.lower() for request in origin.requests)


def test_threads_never_mix_their_records(origin, loopback):
    """
    Thirty exchanges in parallel are recorded each whole and apart.
    """
    bodies = [f"body {number} ".encode() * 500 for number in range(30)]
    urls = [origin.serve(f"/{number}", http(body)) for number, body in enumerate(bodies)]
    wires: dict[int, bytes] = {}

    def one(number: int) -> None:
        wires[number] = received(recorded(urls[number], loopback))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {number: http(body) for number, body in enumerate(bodies)} == wires


def test_bytes_that_are_no_answer_at_all_are_kept(origin, loopback):
    """
    Whatever a server sends instead of HTTP is recorded to its end. Nothing is cut off there, so nothing says so.
    """
    wire = recorded(origin.serve("/", b"SSH-2.0-nonsense\r\n"), loopback)

    assert received(wire) == b"SSH-2.0-nonsense\r\n"
    assert wire.truncated is None


@pytest.mark.parametrize("address", ["8.8.8.8", "2600::1", "64:ff9b::808:808"])
def test_public_addresses_are_let_through(address):
    """
    Those of DNS64 too: on a network without IPv4 every old site has one.
    """
    assert vetted([address], ()) == [address]
