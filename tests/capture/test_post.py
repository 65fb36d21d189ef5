"""POST to time-stamping authorities and witnesses: guarded like every other request, and nothing is brought along."""

from __future__ import annotations

import threading

import pytest
from few import few
from origin import Authority, Origin, drip, http

from osint.capture import post
from osint.capture.network import Network
from osint.capture.post import poster
from osint.errors import AddressRefusedError, CaptureError, OutOfScopeError, UnreachableError

MEDIA = "application/timestamp-query"


def test_the_request_is_complete_and_brings_nothing_along(origin, loopback, monkeypatch):
    """
    What goes out is the body, its type, who we are and whom to write to: no cookies, passwords or accepted codings.
    """
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    network = Network(allow=("127.0.0.1",), contact="desk@agency.example")

    answer = poster(network)(origin.serve("/stamp?kind=1", http(b"reply")), b"\0question\xff", MEDIA)

    assert answer == (200, b"reply")
    (request,) = origin.requests
    head, body = request.split(b"\r\n\r\n", 1)
    line, *headers = head.decode().split("\r\n")
    fields = dict(header.split(": ", 1) for header in headers)
    agent = fields.pop("User-Agent")
    assert (body, line) == (b"\0question\xff", "POST /stamp?kind=1 HTTP/1.1")
    assert agent.startswith("osint/") and "desk@agency.example" in agent
    assert {
        "Host": f"127.0.0.1:{origin.port}",
        "Accept-Encoding": "identity",
        "Accept": "*/*",
        "Content-Type": MEDIA,
        "Content-Length": "10",
        "Connection": "close",
    } == fields


def test_a_body_of_many_pieces_arrives_whole(origin, loopback):
    """
    The server reads as many bytes as the request announces before it answers; one that did not would reset it.
    """
    question = bytes(range(256)) * 4096

    assert poster(loopback)(origin.serve("/", http(b"reply")), question, MEDIA) == (200, b"reply")
    assert origin.requests[0].endswith(b"\r\n\r\n" + question)


def test_no_cookie_comes_back_with_the_next_request(origin, loopback):
    """
    Each request has a connection of its own and remembers nothing.
    """
    exchange = poster(loopback)
    url = origin.serve("/", http(b"reply", "Set-Cookie: seen=1; Path=/"))

    for _ in range(2):
        exchange(url, b"question", MEDIA)

    assert all(b"ookie" not in request for request in origin.requests)


@pytest.mark.parametrize(
    "status", ["204 No Content", "302 Found", "307 Temporary Redirect", "409 Conflict", "500 Oops"]
)
def test_every_status_is_an_answer_and_no_redirect_is_followed(status, origin, loopback):
    """
    What a status means is for whoever asked; a Location is never gone to.
    """
    elsewhere = origin.serve("/elsewhere", http(b"other"))
    body = b"" if status.startswith("204") else b"said"

    answer = poster(loopback)(origin.serve("/", http(body, f"Location: {elsewhere}", status=status)), b"", MEDIA)

    assert (int(status[:3]), body) == answer
    assert origin.paths == ["/"]


def test_a_body_in_chunks_is_put_together(origin, loopback):
    """
    The body is what the server meant, not how it was cut.
    """
    answer = http(b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=False)

    assert poster(loopback)(origin.serve("/", answer), b"", MEDIA).body == b"hello world"


def test_a_body_until_the_connection_ends_is_taken(origin, loopback):
    """
    HTTP/1.0 says no length.
    """
    assert poster(loopback)(origin.serve("/", http(b"reply", length=False)), b"", MEDIA).body == b"reply"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "10.1.2.3", "169.254.169.254"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_address_that_is_not_public_is_not_connected_to(scheme, host, origin):
    """
    The guard looks at the address connected to, whatever name or spelling led there.
    """
    with pytest.raises(AddressRefusedError, match="not on the public network"):
        poster(Network())(f"{scheme}://{host}:{origin.port}/", b"question", MEDIA)

    assert origin.requests == []


def test_a_name_that_leads_inside_is_refused(origin):
    """
    A public name with a private address is refused, and another of its addresses that is allowed is taken.
    """
    answers = ["10.9.9.9"]
    network = Network(allow=("127.0.0.1",), resolver=lambda host, port: answers)
    url = origin.serve("/", http(b"reply")).replace("127.0.0.1", "tsa.example")

    with pytest.raises(AddressRefusedError, match=r"tsa\.example"):
        poster(network)(url, b"", MEDIA)

    answers.append("127.0.0.1")
    assert poster(network)(url, b"", MEDIA).body == b"reply"


def test_a_fixed_host_is_reached_at_its_address(origin):
    """
    A name that the network fixes needs no DNS and no allow list; the host is still named to the server.
    """
    origin.serve("/", http(b"reply"))
    network = Network(hosts={"tsa.example": ("127.0.0.1", origin.port)}, resolver=lambda *_: pytest.fail("asked DNS"))

    assert poster(network)("http://tsa.example", b"", MEDIA).body == b"reply"
    assert b"\r\nHost: tsa.example\r\n" in origin.requests[0]


def test_https_is_verified_against_the_authority_of_the_network(start_origin, authority):
    """
    The agency's own certificate authority is trusted where it is configured.
    """
    origin = start_origin(authority.server("tsa.example"))
    origin.serve("/", http(b"reply"))
    network = Network(hosts={"tsa.example": ("127.0.0.1", origin.port)}, ca=authority.pem)

    assert poster(network)("https://tsa.example/", b"", MEDIA).body == b"reply"


@pytest.mark.parametrize(
    ("server", "trusted"),
    [(["other.example"], True), (["tsa.example"], False), (["tsa.example", -1], True)],
    ids=["another name", "unknown authority", "expired"],
)
def test_a_certificate_that_does_not_fit_is_refused_before_anything_is_sent(
    server: list[str], trusted: bool, start_origin, authority: Authority, monkeypatch
):
    """
    A wrong name, an unknown issuer and an expired certificate end the connection.
    """
    name, *days = server
    origin: Origin = start_origin(authority.server(name, days=days[0] if days else 1))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))  # the environment has no say
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.pem))
    network = Network(
        hosts={"tsa.example": ("127.0.0.1", origin.port)}, ca=authority.pem if trusted else None, read_timeout=5
    )

    with pytest.raises(UnreachableError, match="certificate cannot be verified"):
        poster(network)("https://tsa.example/", b"question", MEDIA)

    assert origin.requests == []


@pytest.mark.parametrize(
    "url",
    ["ftp://tsa.example/", "file:///etc/hosts", "tsa.example", "http://", "http://a:b@tsa.example/", "http://[tsa/",
     "http://tsa.example:99999/", "http://tsä.example/"],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_not_asked(url):
    """
    Nothing is resolved and nothing is connected to.
    """
    network = Network(resolver=lambda *_: pytest.fail("asked DNS"))

    with pytest.raises(OutOfScopeError, match="nothing was asked"):
        poster(network)(url, b"", MEDIA)


@pytest.mark.parametrize("url", ["/a b", "/a\x01b", "/\x7f"])
def test_a_path_that_no_request_can_carry_is_refused(url, origin, loopback):
    """
    A control character or a space in the path does not become a second header.
    """
    with pytest.raises(UnreachableError):
        poster(loopback)(f"http://127.0.0.1:{origin.port}{url}", b"", MEDIA)

    assert origin.requests == []


@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_above_a_mebibyte_is_not_read_to_its_end(chunked, origin, loopback):
    """
    One byte more than the limit is too much, and says so in a word that tells it from silence; the limit is allowed.
    """

    def answer(size: int) -> bytes:
        body = bytes(size)
        if chunked:
            return http(b"%x\r\n%s\r\n0\r\n\r\n" % (size, body), "Transfer-Encoding: chunked", length=False)
        return http(body)

    assert len(poster(loopback)(origin.serve("/", answer(1 << 20)), b"", MEDIA).body) == 1 << 20
    with pytest.raises(CaptureError, match="longer than 1048576 bytes") as caught:
        poster(loopback)(origin.serve("/", answer((1 << 20) + 1)), b"", MEDIA)
    assert caught.value.stop == "length"


def test_an_answer_that_never_ends_is_left_at_the_limit(origin, loopback):
    """
    What lies beyond the limit is not waited for.
    """
    head = http(b"", "Content-Length: 1000000000", length=False)
    answer = drip(head + bytes((1 << 20) + 1), pause=3)

    with pytest.raises(CaptureError, match="longer than 1048576 bytes"):
        poster(loopback)(origin.serve("/", answer), b"", MEDIA)


@pytest.mark.parametrize(
    "answer",
    [
        http(b"short", "Content-Length: 500", length=False),
        http(b"5\r\nhel", "Transfer-Encoding: chunked", length=False),
        http(b"", "Content-Length: 5", length=False),
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
        drip(http(b"part", "Content-Length: 500", length=False), reset=True),
    ],
    ids=["short body", "chunk breaks off", "no body", "nothing", "no HTTP", "endless header", "reset"],
)
def test_an_answer_that_breaks_off_is_none(answer, origin, loopback):
    """
    Half a time stamp is never handed on as a whole one.
    """
    with pytest.raises(UnreachableError, match="Nothing came back"):
        poster(loopback)(origin.serve("/", answer), b"", MEDIA)


def test_a_host_where_nobody_listens_is_told(origin, loopback):
    """
    A refused connection is an error with the address in it, and without the secret in its query.
    """
    with pytest.raises(UnreachableError, match=r"http://127\.0\.0\.1:9/\?token=REPLACED\S*: no connection"):
        poster(loopback)("http://127.0.0.1:9/?token=s3cret", b"", MEDIA)


def test_silence_ends_at_the_read_timeout(origin):
    """
    A host that takes the request and says nothing is given up.
    """
    network = Network(allow=("127.0.0.1",), read_timeout=0.2)

    with pytest.raises(UnreachableError, match="did not answer in time"):
        poster(network)(origin.serve("/", drip(b"HTTP/1.1 200", pause=2)), b"", MEDIA)


SLOW = {
    "header": [b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 100],
    "header line": [b"HTTP/1.1 200 OK\r\nX: ", *[b"y"] * 100],
    "body": [http(b"", "Content-Length: 500", length=False), *[b"x"] * 100],
    "chunks": [http(b"", "Transfer-Encoding: chunked", length=False), *[b"1\r\nx\r\n"] * 100],
    "body until close": [http(b"", length=False), *[b"x"] * 100],
}


@pytest.mark.parametrize("secured", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("part", few(SLOW, 3))
def test_a_host_that_drips_is_cut_off(part, secured, start_origin, authority):
    """
    A byte now and then keeps within every read timeout; the whole answer has a limit of its own, at any part.
    """
    origin = start_origin(authority.server("tsa.example") if secured else None)
    finished = threading.Event()

    def answer(connection):
        drip(*SLOW[part], pause=0.05)(connection)
        finished.set()

    origin.serve("/", answer)
    network = Network(
        hosts={"tsa.example": ("127.0.0.1", origin.port)}, ca=authority.pem, read_timeout=2, total_timeout=0.3
    )

    with pytest.raises(UnreachableError, match="did not answer in time"):
        poster(network)(f"http{'s' if secured else ''}://tsa.example/", b"", MEDIA)

    assert not finished.is_set()


def test_the_whole_answer_has_a_limit_though_the_network_has_a_longer_one(origin, monkeypatch):
    """
    Captures may take minutes; what only vouches for the ledger must not hold them up so long.
    """
    monkeypatch.setattr(post, "_SECONDS", 0.2)

    with pytest.raises(UnreachableError, match="did not answer in time"):
        poster(Network(allow=("127.0.0.1",)))(origin.serve("/", drip(*SLOW["body"], pause=0.05)), b"", MEDIA)
