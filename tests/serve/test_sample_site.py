"""The servers: TLS, hosts, HTTP manners, starting and stopping."""

from __future__ import annotations

import gc
import gzip
import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import tomllib
import warnings
from datetime import UTC, datetime

import pytest
from cryptography import x509

from osint.capture.network import Network
from osint.serve import sample_site
from osint.serve.sample_site import SampleSite

FRONT_PAGES = {
    "https://social.example/api/v2/instance": 200,
    "https://closed.example/api/v2/instance": 200,
    "https://media.social.example/robots.txt": 200,
    "https://blog.example/": 200,
    "https://news.example/": 200,
    "http://news.example/": 200,
}
KINDS_OF_PAGES = [
    "https://social.example/api/v2/instance",
    "https://social.example/api/v1/timelines/public?limit=40",
    "https://social.example/api/v1/accounts/lookup?acct=nobody",
    "https://closed.example/api/v1/timelines/public",
    "https://blog.example/feed/",
    "https://blog.example/feed/atom/",
    "https://blog.example/feed.json?paged=2",
    "https://news.example/missing-jane-example",
    "https://news.example/photographs/bicycle-boathouse.jpg",
    "https://news.example/gone",
]


@pytest.mark.parametrize(("url", "status"), FRONT_PAGES.items())
def test_every_host_answers(get, url, status):
    """
    Each host answers, over TLS that verifies with the authority of the site and nothing else.
    """
    assert status == get(url).status


def test_certificate_is_not_valid_for_another_name(connected, site):
    """
    A reader who expects a host that the site does not have refuses the certificate.
    """
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        connected(site, "social.example", verified_as="other.example")


def test_certificate_is_not_trusted_by_the_system(site):
    """
    Without the authority's file the certificate is worth nothing.
    """
    context = ssl.create_default_context()
    with (
        socket.create_connection(site.hosts["social.example"], timeout=10) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        context.wrap_socket(plain, server_hostname="social.example")


def test_authority_vouches_for_example_names_only(site):
    """
    The authority is constrained to names under .example, in case its file stays trusted somewhere.
    """
    authority = x509.load_pem_x509_certificate(site.ca.read_bytes())

    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints)

    assert constraints.critical
    assert [x509.DNSName("example")] == constraints.value.permitted_subtrees


def test_private_keys_are_not_left_on_disk(site):
    """
    The folder of the authority holds its certificate and nothing else.
    """
    assert [site.ca] == list(site.ca.parent.iterdir())
    assert b"PRIVATE" not in site.ca.read_bytes()


def test_only_loopback_listens(site):
    """
    Every host, with TLS and without, listens on 127.0.0.1.
    """
    assert {"127.0.0.1"} == {address for address, _ in [*site.hosts.values(), *site.plain_hosts.values()]}


@pytest.mark.parametrize("host", ["other.example", "127.0.0.1", "social.example.other.example"])
def test_unknown_host_is_misdirected(get, host):
    """
    A Host header that names no virtual host is answered with 421.
    """
    assert get("https://social.example/", Host=host).status == 421


def test_social_host_is_not_served_without_tls(get):
    """
    The Mastodon instance answers over TLS only.
    """
    assert get("http://news.example/", Host="social.example").status == 421


def test_host_with_port_and_capitals_is_the_same_host(get):
    """
    The port and the letter case of a Host header do not matter.
    """
    assert get("https://social.example/api/v2/instance", Host="Social.Example:443").status == 200


@pytest.mark.parametrize("host", ["social.example", "media.social.example", "blog.example", "news.example"])
@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "/photographs/../../sample_data.toml",
        "/photographs/..%5c..%5csample_data.toml",
        "/wp-content/uploads/2026/05/../../../../sample_site.py",
        "/media_attachments/files/%00.jpg",
        "/%ff%fe",
        "//etc/passwd",
    ],
)
def test_path_traversal_finds_nothing(get, host, path):
    """
    A path that climbs out of the site is a page that does not exist.
    """
    assert get(f"https://{host}{path}").status == 404


def test_header_injection_through_a_redirect_stays_in_the_address(get):
    """
    A line break in a path does not become a header line of the redirect.
    """
    answer = get("http://blog.example/a%0d%0aSet-Cookie:%20x=1")

    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Location"] == "https://blog.example/a%0D%0ASet-Cookie%3A%20x%3D1"


def test_plain_http_leads_to_https(get):
    """
    One host sends readers without TLS on to the same address with TLS.
    """
    answer = get("http://blog.example/feed/?paged=2")

    assert (answer.status, answer.headers["Location"]) == (301, "https://blog.example/feed/?paged=2")


def test_moved_page_names_its_new_address(get):
    """
    The feed without its final slash has moved for good.
    """
    answer = get("https://blog.example/feed")

    assert (answer.status, answer.headers["Location"]) == (301, "https://blog.example/feed/")


def test_gzip_only_for_those_who_accept_it(get):
    """
    The same entity comes coded or as it is, and says so.
    """
    url = "https://social.example/api/v1/timelines/public"
    plain, coded = get(url, Accept_Encoding="identity"), get(url, Accept_Encoding="gzip, deflate")

    assert "Content-Encoding" not in plain.headers
    assert coded.headers["Content-Encoding"] == "gzip"
    assert plain.body == gzip.decompress(coded.body)
    assert plain.headers["Vary"] == "Accept-Encoding"


def test_photographs_are_not_compressed(get):
    """
    A JPEG is sent as it is, whatever the reader accepts.
    """
    answer = get("https://news.example/photographs/bicycle-boathouse.jpg", Accept_Encoding="gzip")

    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("url", ["https://blog.example/", "https://news.example/missing-jane-example"])
def test_some_pages_come_in_chunks(get, url):
    """
    A chunked page has no length, and is whole when put together.
    """
    answer = get(url)

    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in answer.headers
    assert answer.body.endswith(b"</html>\n")


def test_chunked_and_gzip_together(get):
    """
    The codings are applied in the right order: gzip first, then chunks.
    """
    answer = get("https://blog.example/", Accept_Encoding="gzip")

    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert gzip.decompress(answer.body).startswith(b"<!DOCTYPE html>")


def test_unchanged_entity_is_not_sent_again(get):
    """
    The entity tag of an answer turns the next one into 304 without a body.
    """
    url = "https://blog.example/feed/"
    first = get(url)

    again = get(url, If_None_Match=first.headers["ETag"])

    assert (again.status, again.body) == (304, b"")
    assert first.headers["ETag"] == again.headers["ETag"]


def test_unmodified_entity_is_not_sent_again(get):
    """
    So does the date of the last change; an earlier date, and one that is none, do not.
    """
    url = "https://blog.example/feed/"
    modified = get(url).headers["Last-Modified"]

    statuses = [get(url, If_Modified_Since=since).status for since in (modified, "Fri, 01 May 2026 00:00:00 GMT", "x")]

    assert statuses == [304, 200, 200]


def test_head_has_the_headers_and_no_body(get):
    """
    HEAD answers like GET, without the entity.
    """
    url = "https://social.example/api/v2/instance"
    whole, head = get(url), get(url, method="HEAD")

    assert head.body == b""
    assert whole.headers["Content-Length"] == head.headers["Content-Length"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_written(get, method):
    """
    Methods that write are not implemented.
    """
    assert get("https://social.example/api/v1/statuses", method=method).status == 501


def test_one_connection_carries_many_requests(connected, site):
    """
    Connections are kept alive, as HTTP/1.1 readers expect.
    """
    connection = connected(site, "social.example")
    try:
        bodies = set()
        for _ in range(3):
            connection.request("GET", "/api/v2/instance")
            bodies.add(connection.getresponse().read())

        assert len(bodies) == 1
    finally:
        connection.close()


def test_first_reader_of_a_hashtag_is_asked_to_wait(fetch, fresh_site):
    """
    The first request for one hashtag gets 429 and a second to wait; the next one, and other hashtags, do not.
    """
    url = "https://social.example/api/v1/timelines/tag/MissingJane"
    other = fetch(fresh_site, "https://social.example/api/v1/timelines/tag/westmere")
    first, second = fetch(fresh_site, url), fetch(fresh_site, url)

    assert [other.status, first.status, second.status] == [200, 429, 200]
    assert first.headers["Retry-After"] == "1"
    assert first.json == {"error": "Too many requests"}
    assert first.headers["X-RateLimit-Remaining"] == "0"


def test_allowance_is_counted_down(fetch, fresh_site):
    """
    Every answer of the interface says how many requests are left, and until when.
    """
    answers = [fetch(fresh_site, "https://social.example/api/v2/instance") for _ in range(3)]

    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["299", "298", "297"]
    assert {"300"} == {answer.headers["X-RateLimit-Limit"] for answer in answers}
    assert datetime.fromisoformat(answers[0].headers["X-RateLimit-Reset"]) > datetime.now(UTC)


@pytest.mark.parametrize("url", KINDS_OF_PAGES)
def test_two_sites_serve_the_same(fetch, url):
    """
    Two sites whose clocks agree send the same bytes and the same headers for the same address.
    """
    noon = datetime(2026, 11, 1, 12, tzinfo=UTC)
    with SampleSite(clock=lambda: noon) as one, SampleSite(clock=lambda: noon) as other:
        assert fetch(one, url) == fetch(other, url)


def test_clock_moves_only_the_date_and_the_allowance(fetch, fresh_site):
    """
    What differs between two moments is the Date header and the time of the next allowance.
    """
    later = datetime(2027, 1, 1, tzinfo=UTC)
    url = "https://social.example/api/v2/instance"
    with SampleSite(clock=lambda: later) as other:
        now, then = fetch(fresh_site, url), fetch(other, url)

    assert {"Date", "X-RateLimit-Reset"} == {name for name in now.headers if now.headers[name] != then.headers[name]}
    assert then.headers["Date"] == "Fri, 01 Jan 2027 00:00:00 GMT"


def test_site_starts_quickly():
    """
    A site is up in less than half a second: nothing is drawn before it is asked for.
    """
    start = time.perf_counter()
    with SampleSite():
        took = time.perf_counter() - start

    assert took < 0.5


def test_closed_site_leaves_nothing_behind(connected):
    """
    At the end the authority's file, the threads and the sockets are gone, even with a reader still connected.
    """
    before = threading.active_count()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with SampleSite() as running:
            reader = connected(running, "social.example")
            reader.request("GET", "/api/v2/instance")
            reader.getresponse().read()
            folder, address = running.ca.parent, running.hosts["social.example"]
        gc.collect()
    reader.close()

    assert before == threading.active_count()
    assert not folder.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=10)


def test_reader_that_never_speaks_does_not_hold_up_the_end(fetch):
    """
    A connection without even a handshake is closed with the site, and holds up no other reader.
    """
    with SampleSite() as running:
        silent = socket.create_connection(running.hosts["blog.example"], timeout=10)
        assert fetch(running, "https://blog.example/").status == 200
    with silent:
        assert silent.recv(1) == b""


def test_reader_that_speaks_no_tls_is_dropped_in_silence(fetch, site, capfd):
    """
    Plain text sent to the TLS port ends that connection and prints no traceback.
    """
    with socket.create_connection(site.hosts["blog.example"], timeout=10) as rude:
        rude.sendall(b"GET / HTTP/1.1\r\nHost: blog.example\r\n\r\n")
        rude.settimeout(10)
        while rude.recv(1000):
            pass

    assert fetch(site, "https://blog.example/").status == 200
    assert "Traceback" not in capfd.readouterr().err


def test_http_1_0_reader_gets_no_chunks(connected, site):
    """
    A reader of HTTP/1.0 gets the page with its length.
    """
    connection = connected(site, "blog.example")
    try:
        connection.sock.sendall(b"GET / HTTP/1.0\r\nHost: blog.example\r\n\r\n")
        answer = http.client.HTTPResponse(connection.sock)
        answer.begin()

        assert answer.getheader("Transfer-Encoding") is None
        assert int(answer.getheader("Content-Length") or 0) == len(answer.read())
        answer.close()
    finally:
        connection.close()


@pytest.mark.skipif(sys.platform == "win32", reason="no program can be asked to end there")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_program_writes_the_way_to_it_and_leaves_nothing_behind(tmp_path, how):
    """
    What it prints is the file that it writes, one that ``osint collect`` reads; its temporary folder goes with it.
    """
    file = tmp_path / "network.toml"
    command = [sys.executable, "-m", "osint.serve.sample_site", "--write", str(file)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"TMPDIR": str(tmp_path)}
    ) as process:
        printed = "".join(iter(process.stdout.readline, f"# written: {file}\n"))
        network = Network.read(file)
        process.send_signal(how)
        end, said = process.communicate(timeout=20)

    assert tomllib.loads(printed) == tomllib.loads(file.read_text(encoding="utf-8"))
    assert network.hosts["social.example"][0] == "127.0.0.1"
    assert (process.returncode, end, said) == (0, "# Stopped.\n", "")
    assert list(tmp_path.iterdir()) == [file]


def test_program_explains_itself(capsys, monkeypatch):
    """
    ``--help`` starts no server.
    """
    monkeypatch.setattr(sys, "argv", ["sample_site", "--help"])
    monkeypatch.setattr(SampleSite, "start", lambda _: pytest.fail("a server was started"))

    with pytest.raises(SystemExit, match=r"^0$"):
        sample_site.main()

    assert "--network FILE" in capsys.readouterr().out
