"""What stands between a browser and the door: the proxy, its decisions and its limits. No browser is needed here."""

from __future__ import annotations

import base64
import hashlib
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from origin import NOON, http

from osint import warc
from osint.capture.browser.chromium import find_chromium
from osint.capture.browser.proxy import Proxy
from osint.capture.browser.traffic import DOCUMENT, RESOURCE, TAG, Traffic
from osint.capture.errand import Errand
from osint.capture.exchange import Capture
from osint.capture.network import Network
from osint.errors import CaptureError, EvidenceError, UnreachableError
from osint.query import make_query

ANSWERED = (("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Content-Encoding", "gzip"), ("X-Own", "kept"))


def made(url, headers, kind, network, status=200):
    """Answer every request, and remember nothing."""
    return Capture(exhibit="E0001", url=url, status=status, headers=ANSWERED, body=b"hello", collected=NOON)


def traffic(ask=made, **limits):
    return Traffic(ask, Network(**limits), lambda: datetime(2026, 6, 1, tzinfo=UTC))


def tagged(watched, kind=RESOURCE, *more):
    return [(TAG, f"{watched.token} {kind}"), *more]


class Client:
    """A program that speaks to the proxy over a socket."""

    def __init__(self, proxy):
        self.connection = socket.create_connection(("127.0.0.1", proxy.server_port), 5)

    def ask(self, text):
        self.connection.sendall(text.replace("\n", "\r\n").encode())
        return self.connection.recv(65536)

    def secure(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.connection = context.wrap_socket(self.connection, server_hostname="any.example")
        certificate = x509.load_der_x509_certificate(self.connection.getpeercert(binary_form=True))
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(hashlib.sha256(key).digest()).decode()


@pytest.fixture
def proxy(tmp_path):
    with Proxy(traffic(), tmp_path) as running:
        yield running


def test_whoever_lacks_the_token_is_refused_and_listed(proxy):
    """
    Another program of this machine cannot use the proxy, whatever it asks for.
    """
    answer = Client(proxy).ask("GET http://page.example/ HTTP/1.1\nHost: page.example\n\n")

    assert answer.startswith(b"HTTP/1.1 403")
    assert "another program" in proxy.traffic.refused[0]["reason"]
    assert proxy.traffic.exchanged == []


def test_a_tunnel_ends_in_the_proxy_under_the_key_it_names(proxy):
    """
    The browser of the visit knows the key by its hash; the request inside has the address of the tunnel.
    """
    client = Client(proxy)
    assert client.ask("CONNECT secure.example:443 HTTP/1.1\n\n").startswith(b"HTTP/1.1 200")

    assert proxy.key_hash == client.secure()
    answer = client.ask(f"GET /a HTTP/1.1\n{TAG}: {proxy.traffic.token} {RESOURCE}\n\n")
    while not answer.endswith(b"hello"):
        answer += client.connection.recv(100)

    assert [each.capture.url for each in proxy.traffic.exchanged] == ["https://secure.example/a"]
    assert b"X-Own: kept" in answer
    assert answer.endswith(b"Content-Length: 5\r\n\r\nhello")
    assert b"Set-Cookie" not in answer
    assert b"Content-Encoding" not in answer


@pytest.mark.parametrize("spoken", [b"GET /socket HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", b"SSH-2.0-x\r\n"])
def test_a_tunnel_without_tls_is_refused_and_listed(proxy, spoken):
    """
    WebSockets in the clear, and whatever else is no TLS.
    """
    client = Client(proxy)
    client.ask("CONNECT page.example:80 HTTP/1.1\n\n")
    client.connection.sendall(spoken)

    assert client.connection.recv(100) == b""
    assert [(each["method"], each["url"]) for each in proxy.traffic.refused] == [("CONNECT", "page.example:80")]


def test_the_key_is_left_nowhere(tmp_path):
    """
    The standard library reads a key from a file only; the file is gone before anything is served.
    """
    with Proxy(traffic(), tmp_path):
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", "PATCH"])
def test_only_get_is_asked(method):
    """
    A visit reads. What would send something is refused, with the token too.
    """
    watched = traffic()

    assert watched.answer(method, "http://page.example/", tagged(watched)).status == 403
    assert watched.refused[0]["reason"].startswith(f"{method} is not made")


def test_credentials_conditions_and_our_mark_are_not_passed_on():
    """
    What the browser says for itself goes on; what could name someone, or ask for a part, does not.
    """
    passed = {}
    watched = traffic(lambda url, headers, kind, network: passed.update(headers) or made(url, headers, kind, network))
    own = ("Accept", "Accept-Language", "Referer", "Sec-Fetch-Mode", "User-Agent")
    dropped = ("Cookie", "Authorization", "Proxy-Authorization", "Range", "If-None-Match", "Accept-Encoding", "Host")

    watched.answer("GET", "http://page.example/", tagged(watched, RESOURCE, *((name, "x") for name in own + dropped)))

    assert tuple(passed) == own


def test_what_a_refusal_answers_leaves_the_window_as_it_is():
    """
    A main document that may not be asked for is "no content", at which a browser stays where it is.
    """

    def refused(url, headers, kind, network):
        raise UnreachableError("no connection could be made")

    watched = traffic(refused)

    assert watched.answer("GET", "http://page.example/", tagged(watched, DOCUMENT)).status == 204
    assert watched.answer("GET", "http://page.example/a", tagged(watched)).status == 403
    assert isinstance(watched.no_document, UnreachableError)
    assert (watched.document, len(watched.refused)) == (None, 2)


def test_a_window_that_is_taken_down_stays_as_it_is():
    """
    A page that goes elsewhere just then would be another one in its image than in its text.
    """
    watched = traffic()
    watched.settled = True

    assert watched.answer("GET", "http://page.example/next", tagged(watched, DOCUMENT)).status == 204
    assert watched.answer("GET", "http://page.example/late.png", tagged(watched)).status == 200
    assert "stays as it is" in watched.refused[0]["reason"]


def test_the_main_document_is_the_newest_that_a_window_shows():
    """
    A page that offers a file is not that file, nor the redirect that led to it; a file alone is all there is.
    """
    answers = {
        "/": (200, ("Content-Type", "text/html")),
        "/away": (302, ("Location", "/saved")),
        "/file.zip": (200, ("Content-Type", "application/zip")),
        "/saved": (200, ("Content-Disposition", "attachment; filename=a.html")),
        "/nothing": (204, ("X-Own", "1")),
    }

    def answer(url, headers, kind, network):
        status, header = answers[url.removeprefix("http://page.example")]
        return replace(made(url, headers, kind, network, status), headers=(header,))

    def document(*paths):
        watched = traffic(answer)
        for path in paths:
            watched.answer("GET", f"http://page.example{path}", tagged(watched, DOCUMENT))
        return watched.document and watched.document.url.removeprefix("http://page.example")

    assert document("/", "/away", "/file.zip", "/saved", "/nothing") == "/"
    assert document("/away", "/file.zip") == "/file.zip"
    assert document("/away") is None


def test_a_tunnel_opened_in_advance_is_no_request(proxy):
    """
    Browsers open connections that they never use; nothing was asked in them.
    """
    client = Client(proxy)
    client.ask("CONNECT page.example:443 HTTP/1.1\n\n")
    client.connection.shutdown(socket.SHUT_WR)

    assert client.connection.recv(100) == b""
    assert proxy.traffic.refused == []


def test_a_full_disk_ends_the_visit():
    """
    A fault of this machine is no refusal of a page: the visit raises it, and nothing more is asked.
    """

    def full(url, headers, kind, network):
        raise EvidenceError("the disk is full")

    watched = traffic(full)
    watched.answer("GET", "http://page.example/", tagged(watched))
    watched.answer("GET", "http://page.example/", tagged(watched))

    assert isinstance(watched.failure, EvidenceError)
    assert [each["reason"] for each in watched.refused] == ["the visit was over"]


@pytest.mark.parametrize(
    ("limits", "word"),
    [({"page_requests": 2}, "requests"), ({"page_bytes": 10}, "bytes"), ({"page_seconds": 0}, "seconds")],
)
def test_each_limit_is_kept_and_said(limits, word):
    """
    What lies beyond is refused; the limit that was reached is a fact of the visit.
    """
    watched = traffic(**limits)
    watched.start()
    statuses = [watched.answer("GET", f"http://page.example/{n}", tagged(watched)).status for n in range(4)]

    assert statuses == ([403] * 4 if word == "seconds" else [200, 200, 403, 403])
    assert list(watched.reached) == [word]
    assert word in watched.reached[word]


def test_what_a_request_may_take_is_what_is_left():
    """
    One answer that drips, or never ends, cannot take more than the page has.
    """
    given = []
    watched = traffic(lambda url, headers, kind, network: given.append(network) or made(url, headers, kind, network),
                      page_seconds=2, page_bytes=12)  # fmt: skip
    watched.start()
    watched.answer("GET", "http://page.example/1", tagged(watched))
    watched.answer("GET", "http://page.example/2", tagged(watched))

    assert [network.body_limit for network in given] == [12, 7]
    assert all(network.total_timeout <= 2 and network.read_timeout <= 2 for network in given)


def test_the_list_of_refusals_is_bounded_and_the_rest_counted():
    """
    A page that asks without end fills neither memory nor exhibit.
    """
    watched = traffic()
    for number in range(600):
        watched.refuse("GET", f"http://page.example/{number}", "no")

    assert (len(watched.refused), watched.unlisted) == (500, 100)


def test_secrets_in_an_address_are_not_listed():
    """
    Keys in addresses are replaced here as everywhere.
    """
    watched = traffic()
    watched.refuse("GET", "http://page.example/?token=hush&a=1", "no")

    assert "hush" not in watched.refused[0]["url"]


def test_closing_waits_for_what_is_under_way():
    """
    Nothing is logged after the end of a visit, so that no entry comes behind the page's own.
    """
    entered, leave = threading.Event(), threading.Event()

    def slow(url, headers, kind, network):
        entered.set()
        leave.wait(5)
        return made(url, headers, kind, network)

    watched = traffic(slow)
    with ThreadPoolExecutor(2) as pool:
        pool.submit(watched.answer, "GET", "http://page.example/", tagged(watched))
        entered.wait(5)
        closing = pool.submit(watched.close)
        assert not closing.done()
        assert watched.quiet_for == 0
        leave.set()
        closing.result(5)

    assert len(watched.exchanged) == 1


def test_thirty_threads_share_one_door(open_case, loopback, origin):
    """
    Each exchange is whole, logged once and under its own number; ledger and evidence verify.
    """
    case = open_case(network=loopback)
    admission = case._gate.admit(make_query(url="http://127.0.0.1/"), "webpage/3")
    errand = Errand(search=admission.entry, standing=admission.standing)
    urls = [origin.serve(f"/{number}", http(f"answer {number}".encode() * 500)) for number in range(90)]

    def ask(url):
        return case._door.exchange(errand, admission.standing, url, headers={"X-Own": url}, paced=False)

    with ThreadPoolExecutor(30) as pool:
        captures = list(pool.map(ask, urls))

    assert [capture.body for capture in captures] == [f"answer {number}".encode() * 500 for number in range(90)]
    assert len({capture.exhibit for capture in captures}) == 90
    for known in case._ledger.exhibits():
        with case._blobs.open(known.sha256) as blob:
            parts = {record.type: (record.headers, record.read()) for record in warc.read(blob)}
        assert parts["request"][0]["warc-target-uri"].encode() in parts["request"][1]
    assert case.verify().exhibits == 90


def test_a_machine_without_chromium_is_told_what_to_install(tmp_path):
    """
    And nothing is downloaded.
    """
    with pytest.raises(CaptureError, match="apt install chromium"):
        find_chromium({"PATH": str(tmp_path)})
    with pytest.raises(CaptureError, match="OSINT_CHROMIUM names"):
        find_chromium({"PATH": str(tmp_path), "OSINT_CHROMIUM": "/nowhere/chromium"})


def test_the_environment_can_name_another_chromium(tmp_path):
    """
    Where it is not on the path, or more than one is installed.
    """
    own = tmp_path / "own-chromium"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o700)

    assert find_chromium({"PATH": "", "OSINT_CHROMIUM": str(own)}) == own


def test_a_run_without_chromium_asks_nothing_and_is_on_record(open_case, origin, monkeypatch):
    """
    The attempt is an entry, the run ends in an error, and no host was asked.
    """
    monkeypatch.setenv("OSINT_CHROMIUM", "/nowhere/chromium")
    case = open_case()
    with pytest.raises(CaptureError, match="OSINT_CHROMIUM"):
        case.collect("webpage", url=origin.serve("/", http(b"x")), render=True)

    assert origin.requests == []
    assert case.ledger.query("action == 'acquire'")["outcome"].tolist() == ["failed"]
    assert case.ledger.iloc[-1]["outcome"] == "failed"
