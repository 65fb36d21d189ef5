"""Pages in a real browser: what is preserved, what is refused, and what a page cannot do. Chromium runs on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fastwarc.warc import ArchiveIterator as FastIterator
from origin import AUTHORITY, Authority, Origin, drip, http, listen, make_certificate
from PIL import Image
from warcio.archiveiterator import ArchiveIterator

import osint
from osint import warc
from osint.capture.browser import window
from osint.capture.browser.chromium import find_chromium
from osint.capture.network import Network
from osint.capture.read_back import read_capture
from osint.collectors import webpage
from osint.collectors.protocol import Stop
from osint.errors import AddressRefusedError, CaptureError, SourceBlockedError, SourceGoneError

try:
    find_chromium()
    LACKING = ""
except CaptureError as error:
    LACKING = str(error)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(LACKING), reason=LACKING)]

HTML = "Content-Type: text/html; charset=utf-8"
SHELL = (
    "<html><head><title>App</title></head><body><noscript>You need to enable JavaScript.</noscript>"
    '<div id="root"></div><script src="/app.js"></script></body></html>'
)
STORY = "A grey boat lay at the east pier on Friday morning, and nobody seems to know whose it is."
PIXEL = bytes(range(256)) * 4
APP = """
document.cookie = 'own=1';
const attempt = (make) => { try { const made = make(); if (made && made.catch) made.catch(() => 0); } catch (e) {} };
const load = (url, more) => attempt(() => fetch(url, more));
fetch('/story.json').then(answer => answer.json()).then(story => {
  document.getElementById('root').innerHTML = '<article><h1>Pier</h1><p>' + story.text + '</p></article>';
});
for (const url of ['/pixel.png', '/moved.png', 'https://secure.example/pixel.png', 'https://untrusted.example/x.png']) {
  const image = new Image(); image.src = url; document.body.append(image);
}
load('/comment', {method: 'POST', body: 'something'});
load('/head', {method: 'HEAD'});
attempt(() => navigator.sendBeacon('/beacon', 'something'));
attempt(() => new WebSocket('ws://page.example/socket'));
attempt(() => new WebSocket('wss://secure.example/socket'));
load('http://127.0.0.1:VICTIM/api/kernels');
load('http://localhost:VICTIM/api/kernels');
load('http://169.254.169.254/latest/meta-data/');
load('http://rebound.example/');
load('/hop', {headers: {'X-Osint-Asked-By': 'guessed resource'}});
attempt(() => window.open('/popup'));
attempt(() => {
  const peer = new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:UDP'}]});
  peer.createDataChannel('x'); peer.createOffer().then(offer => peer.setLocalDescription(offer));
});
setTimeout(() => { location.href = 'http://elsewhere.example/next'; }, 100);
"""


class World:
    """Servers for one case, and the machine that no page may reach."""

    def __init__(self, folder):
        self.listeners, self.folder = [], folder
        self.page, self.victim = self.serve(), self.serve()
        self.authority = throw_away_authority(folder / "trusted")
        self.secure = self.serve(self.authority.server("secure.example"))
        self.untrusted = self.serve(throw_away_authority(folder / "other").server("untrusted.example"))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.udp.setblocking(False)
        self.network = Network(
            hosts={
                "page.example": ("127.0.0.1", self.page.port),
                "elsewhere.example": ("127.0.0.1", self.victim.port),
                "secure.example": ("127.0.0.1", self.secure.port),
                "untrusted.example": ("127.0.0.1", self.untrusted.port),
            },
            ca=self.authority.pem,
            pace=0,
            read_timeout=5,
            resolver=lambda host, port: ["127.0.0.1"] if host in ("rebound.example", "localhost") else [host],
        )

    def serve(self, context=None):
        listener = socket.create_server(("127.0.0.1", 0))
        self.listeners.append(listener)
        origin = Origin(listener.getsockname()[1])
        threading.Thread(target=listen, args=(origin, listener, context), daemon=True).start()
        return origin

    def case(self, *, hosts=("page.example", "secure.example"), **narrowed):
        network = replace(self.network, **narrowed)
        case = osint.open_case(
            self.folder / "case", investigator="J. Smit, badge 4471", network=network, keys=self.folder / "keys"
        )
        case.authorize(osint.Authorization(**{**AUTHORITY, "expires": "2099-12-31", "hosts": list(hosts)}))
        return case

    def close(self):
        for listener in self.listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.udp.close()


def throw_away_authority(folder):
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    basic = x509.BasicConstraints(ca=True, path_length=0)
    return Authority(key, make_certificate("Test authority", key, name, key, days=1, extensions=[basic]), folder)


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.close()


def records(case, exhibit):
    """Return the records of an exhibit by their names: the type, or the part of a page."""
    known = next(each for each in case._ledger.exhibits() if each.number == exhibit)
    with case._blobs.open(known.sha256) as blob:
        return {
            record.headers.get("warc-target-uri", "").split(":")[1] if record.type == "resource" else record.type: (
                record.headers,
                record.read(),
            )
            for record in warc.read(blob)
        }


def pageinfo(case, exhibit):
    return json.loads(records(case, exhibit)["pageinfo"][1])


class Seen:
    """One visit to a page that tries everything, and the same page as the server sends it."""

    def __init__(self, world):
        self.world = world
        script = APP.replace("VICTIM", str(world.victim.port)).replace("UDP", str(world.udp.getsockname()[1]))
        world.page.serve("/", http(SHELL.encode(), HTML, "Set-Cookie: served=1"))
        world.page.serve("/app.js", http(script.encode(), "Content-Type: text/javascript"))
        world.page.serve("/story.json", http(json.dumps({"text": STORY}).encode(), "Content-Type: application/json"))
        world.page.serve("/pixel.png", http(PIXEL, "Content-Type: image/png"))
        world.page.serve("/moved.png", http(b"", "Location: http://10.0.0.8/secret.png", status="302 Found"))
        world.page.serve("/hop", http(b"", "Location: /landed", status="302 Found"))
        world.page.serve("/landed", http(b"landed"))
        world.secure.serve("/pixel.png", http(PIXEL, "Content-Type: image/png"))
        self.case = world.case()
        self.plain = self.case.collect("webpage", url="http://page.example/")
        self.plain_posts = self.case.posts(versions=True)
        self.asked_before = len(world.page.requests)
        self.rendered = self.case.collect("webpage", url="http://page.example/", render=True)
        self.exhibit = self.case._ledger.exhibits()[-1].number
        self.info = pageinfo(self.case, self.exhibit)

    @property
    def refused(self):
        return {(each["method"], each["url"]): each["reason"] for each in self.info["refused"]}

    def exchange(self, path):
        return next(each for each in self.info["exchanges"] if each["url"].endswith(path))


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("seen"))
    made = Seen(world)
    yield made
    made.case.close()
    world.close()


def test_a_page_that_scripts_build_is_a_shell_without_a_browser_and_full_with_one(seen):
    """
    The words that a script put there are the text of the post; without a browser the row says what is missing.
    """
    posts = seen.case.posts(versions=True).set_index("exhibit")

    assert (seen.rendered.stop, seen.rendered.posts, seen.rendered.warnings) == (Stop.EXHAUSTED, 1, 0)
    assert seen.plain_posts["capture_quality"].tolist() == ["shell"]
    assert posts.loc[seen.exhibit, "capture_quality"] == "full"
    assert posts["capture_minimum_met"].tolist() == [False, True]
    assert STORY in posts.loc[seen.exhibit, "content"]


def test_what_the_page_loaded_is_preserved_byte_for_byte_as_exhibits_of_its_own(seen):
    """
    The block of each response is what its server sent, over TLS too; the request names whoever asks.
    """
    image, secure = (
        records(seen.case, seen.exchange(path)["exhibit"]) for path in ("e/pixel.png", "secure.example/pixel.png")
    )

    assert image["response"][1] == http(PIXEL, "Content-Type: image/png") == secure["response"][1]
    assert json.loads(secure["metadata"][1])["tls"]["protocol"] == "TLSv1.3"
    assert b"lawful open-source research" in image["request"][1]
    assert b"Chrome/" in image["request"][1]
    assert {each["exhibit"] for each in seen.info["exchanges"]} <= {
        each.number for each in seen.case._ledger.exhibits()
    }


def test_the_exhibit_holds_image_print_document_and_text(seen):
    """
    One blob of resources, right for two readers that share no code with the writer, and its metadata says how it was made.
    """
    parts = records(seen.case, seen.exhibit)
    known = seen.case._ledger.exhibits()[-1]

    assert list(parts) == ["warcinfo", "fullPage", "view", "pdf", "dom", "text", "pageinfo", "metadata"]
    assert parts["dom"][0]["warc-target-uri"] == "urn:dom:http://page.example/"
    assert parts["fullPage"][1][:4] == b"\x89PNG"
    assert parts["pdf"][1][:5] == b"%PDF-"
    assert STORY in parts["dom"][1].decode()
    assert STORY in parts["text"][1].decode()
    assert json.loads(parts["metadata"][1])["made"] == "rendered"
    with seen.case._blobs.open(known.sha256) as blob:
        for record in ArchiveIterator(blob, check_digests=True):
            record.raw_stream.read()
            assert record.digest_checker.passed
        blob.seek(0)
        assert all(record.verify_block_digest() for record in FastIterator(blob, parse_http=False))


def test_the_record_of_the_visit_says_how_it_was_made(seen):
    """
    Browser, flags, sandbox, what was done and when: a reader can repeat it.
    """
    assert seen.info["browser"]["product"].startswith("Chrome/")
    assert ("--no-sandbox" in seen.info["browser"]["command_line"]) == seen.info["browser"]["sandbox"].startswith("off")
    assert seen.info["main_document"] == seen.exchange("page.example/")["exhibit"]
    assert all(action["at"].endswith("Z") for action in seen.info["actions"])
    assert {"take dom", "take fullPage", "take pdf"} <= {action["did"] for action in seen.info["actions"]}
    assert (seen.info["limits_reached"], seen.info["not_made"]) == ([], {})


@pytest.mark.parametrize(
    ("method", "url", "reason"),
    [
        ("POST", "http://page.example/comment", "sends nothing"),
        ("POST", "http://page.example/beacon", "sends nothing"),
        ("HEAD", "http://page.example/head", "reads with GET"),
        ("CONNECT", "page.example:80", "WebSocket"),
        ("GET", "https://secure.example/socket", "WebSocket"),
        ("GET", "http://127.0.0.1:VICTIM/api/kernels", "not on the public network"),
        ("GET", "http://localhost:VICTIM/api/kernels", "not on the public network"),
        ("GET", "http://169.254.169.254/latest/meta-data/", "not on the public network"),
        ("GET", "http://rebound.example/", "not on the public network"),
        ("GET", "http://10.0.0.8/secret.png", "not on the public network"),
        ("GET", "http://elsewhere.example/next", "not under authority"),
        ("GET", "http://page.example/popup", "the page did not ask for it"),
        ("GET", "https://untrusted.example/x.png", "certificate cannot be verified"),
    ],
)
def test_what_no_page_may_do_is_refused_and_listed(seen, method, url, reason):
    """
    It is in the record of the visit with its reason, and no server saw it.
    """
    path = url.rpartition("/")[2]
    servers = (seen.world.page, seen.world.secure, seen.world.untrusted)

    assert reason in seen.refused[method, url.replace("VICTIM", str(seen.world.victim.port))]
    assert not [asked for server in servers for asked in server.paths if path and asked == f"/{path}"]


def test_neither_this_machine_nor_a_page_out_of_scope_is_reached(seen):
    """
    Not by a request, not by a name that leads here, not by a datagram.
    """
    assert seen.world.victim.requests == []
    with pytest.raises(BlockingIOError):
        seen.world.udp.recv(1)


def test_addresses_that_are_refused_are_in_the_ledger(seen):
    """
    The guard that refuses them is the one of every request, and it logs them as attempts.
    """
    failed = seen.case.ledger.query("action == 'acquire' and outcome == 'failed'")["details"]

    for address in ("127.0.0.1", "169.254.169.254", "rebound.example", "10.0.0.8"):
        assert any(f"url: http://{address}" in each and "AddressRefusedError" in each for each in failed)


def test_the_browsers_own_traffic_goes_nowhere(seen):
    """
    Every exchange is one that the page led to; whatever else the browser asked for is listed.
    """
    hosts = {each["url"].split("/")[2] for each in seen.info["exchanges"]}
    others = [url for (_, url), reason in seen.refused.items() if "the page did not ask" in reason]

    assert hosts == {"page.example", "secure.example"}
    assert any("google" in url for url in others)


def test_no_cookie_is_sent_back_and_no_mark_of_ours_leaves(seen):
    """
    The cookie stays in the evidence; neither it nor one that a script set comes back, and no server sees our token.
    """
    sent = [request.lower() for server in (seen.world.page, seen.world.secure) for request in server.requests]
    document = records(seen.case, seen.info["main_document"])

    assert len(seen.world.page.requests) > seen.asked_before + 3
    assert not [request for request in sent if b"\r\ncookie:" in request or b"x-osint" in request]
    assert b"Set-Cookie: served=1" in document["response"][1]
    assert seen.info["exchanges"][0]["kind"] == "document"


def test_a_redirect_keeps_the_pages_mark_and_a_guessed_one_is_overwritten(seen):
    """
    Each hop is an exhibit. A header of the page by the name of our mark is replaced, and so helps nobody.
    """
    assert [seen.exchange(path)["status"] for path in ("/hop", "/landed")] == [302, 200]


def test_what_a_page_asks_for_belongs_to_the_visit_and_the_page_to_the_run(seen):
    """
    So that the page's own exhibit is all that going on or reading again needs.
    """
    entries = list(seen.case._ledger.entries())
    visit = next(entry for entry in entries if entry.action == "render")
    parts = [entry for entry in entries if entry.action == "acquire" and visit.leaf.hex() in entry.refs]
    page = next(entry for entry in entries if entry.exhibit == seen.exhibit)

    assert visit.outcome == "allowed"
    assert {entry.exhibit for entry in parts if entry.exhibit} == {each["exhibit"] for each in seen.info["exchanges"]}
    assert page.refs == visit.refs
    assert seen.rendered.captures == 1


def test_the_case_verifies_and_is_read_again_without_a_browser(seen, monkeypatch):
    """
    The tables made again from evidence alone are those of the visit.
    """
    monkeypatch.setenv("PATH", "")
    before = seen.case.posts(versions=True)

    assert seen.case.rebuild() == 2
    assert seen.case.posts(versions=True).equals(before)
    assert seen.case.verify().exhibits == len(seen.case._ledger.exhibits())


def test_a_secure_page_cannot_install_anything_or_leave_by_another_way(world):
    """
    No service worker is fetched, no datagram of WebTransport arrives, and the page itself is read; in a notebook too,
    where a loop runs already.
    """
    script = (
        "<script>navigator.serviceWorker.register('/worker.js').catch(() => 0);"
        f"try {{ new WebTransport('https://127.0.0.1:{world.udp.getsockname()[1]}/').ready.catch(() => 0); }} catch (e) {{}}"
        f"document.write('<p>{STORY}</p>');</script>"
    )
    world.secure.serve("/", http(f"<html><body>{script}</body></html>".encode(), HTML))
    with world.case() as case:

        async def in_a_notebook():
            return case.collect("webpage", url="https://secure.example/", render=True)

        asyncio.run(in_a_notebook())

        assert STORY in case.posts()["content"][0]
    assert "/worker.js" not in world.secure.paths
    with pytest.raises(BlockingIOError):
        world.udp.recv(1)


def collected(case, url="http://page.example/"):
    """Collect a page in a browser: what came of it, whether or not the source refused, and its newest exhibit."""
    found = case.collect("webpage", url=url, render=True)
    return found, case._ledger.exhibits()[-1].number


@pytest.mark.exhaustive
def test_a_page_that_never_ends_is_partial_and_says_why(world):
    """
    What was there when the time was up is preserved; the run does not say that it is complete.
    """
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nContent-Length: 90000\r\n\r\n"
    world.page.serve("/slow.js", drip(head, *[b" " * 100] * 40, pause=0.1))
    body = f"<html><body><article><p>{STORY}</p></article><script src=/slow.js></script></body></html>"
    world.page.serve("/", http(body.encode(), HTML))
    with world.case(page_seconds=1.5) as case:
        found, exhibit = collected(case)
        post = case.posts().iloc[0]

        assert found.stop is Stop.ERROR
        assert (post["capture_quality"], STORY in post["content"]) == ("partial", True)
        assert "limit of 1.5 seconds" in post["extra"]["capture"]["reason"]
        assert pageinfo(case, exhibit)["limits_reached"]
        assert any("limit of 1.5 seconds" in what for what in case.warnings()["what"])
        case.verify()


@pytest.mark.exhaustive
def test_a_page_that_asks_for_too_much_is_partial_and_says_why(world):
    """
    The requests beyond the limit are refused and listed, and never made.
    """
    images = "".join(f"<img src=/{number}.png>" for number in range(20))
    world.page.serve("/", http(f"<html><body><p>{STORY}</p>{images}</body></html>".encode(), HTML))
    with world.case(page_requests=5) as case:
        _, exhibit = collected(case)
        info = pageinfo(case, exhibit)

        assert case.posts()["capture_quality"].tolist() == ["partial"]
        assert len(info["exchanges"]) == 5 == len(world.page.requests)
        assert sum("limit of 5 requests" in each["reason"] for each in info["refused"]) == 16
        case.verify()


@pytest.mark.exhaustive
def test_a_page_that_loads_itself_again_and_again_is_taken_down_as_it_stands(world):
    """
    It is never still, so the time is up in the end, and the page is called partial.
    """
    script = "setInterval(() => location.reload(), 100)"
    body = f"<html><body><p>{STORY}</p><script>{script}</script></body></html>"
    world.page.serve("/", http(body.encode(), HTML))
    with world.case(page_seconds=2) as case:
        found, exhibit = collected(case)

        assert (found.stop, STORY in case.posts()["content"][0]) == (Stop.ERROR, True)
        assert sum(each["kind"] == "document" for each in pageinfo(case, exhibit)["exchanges"]) > 2
        case.verify()


@pytest.mark.exhaustive
def test_a_page_that_hangs_gives_no_document_and_the_run_goes_on(world, monkeypatch):
    """
    Nothing a page does holds the officer up for ever; what it asked for is preserved.
    """
    monkeypatch.setattr(window, "_ANSWER", 1.0)
    world.page.serve("/", http(b"<html><body>x<script>for (;;) {}</script></body></html>", HTML))
    with world.case(page_seconds=1.0) as case:
        found, exhibit = collected(case)

        assert (found.stop, found.posts) == (Stop.ERROR, 0)
        assert records(case, exhibit)["dom"][1] == b""
        assert "did not answer" in pageinfo(case, exhibit)["not_made"]["dom"]
        case.verify()


@pytest.mark.exhaustive
def test_a_long_page_is_scrolled_and_its_image_ends_where_it_says(world):
    """
    What shows only on the way down is loaded; an image of a part of the page does not meet the minimum.
    """
    script = "addEventListener('scroll', () => { if (scrollY > 9000) document.title = 'seen'; });"
    body = f"<html><head><title>unseen</title></head><body><p>{STORY}</p><div style='height:18000px'></div><script>{script}</script></body></html>"
    world.page.serve("/", http(body.encode(), HTML))
    with world.case() as case:
        _, exhibit = collected(case)
        info, parts = pageinfo(case, exhibit), records(case, exhibit)

        assert info["title"] == "seen"
        assert any(action["did"].startswith("scroll down") for action in info["actions"])
        image = Image.open(io.BytesIO(parts["fullPage"][1]))
        assert (image.size, info["picture"]) == ((1280, window.HIGHEST), "part")
        assert case.posts()["capture_minimum_met"].tolist() == [False]
        assert case.posts()["extra"][0]["capture"]["missing"] == ["the lower part of the image"]


@pytest.mark.exhaustive
def test_a_page_that_is_gone_and_one_that_is_a_wall_end_as_without_a_browser(world):
    """
    Status and headers are those of the main document, the text is that of the window: a challenge is known by either.
    """
    world.page.serve("/gone", http(b"<html><body>not here</body></html>", HTML, status="410 Gone"))
    script = "document.title = 'Just a moment...'; document.body.innerHTML = '<p>Checking.</p>'"
    world.page.serve("/wall", http(f"<html><body><script>{script}</script></body></html>".encode(), HTML))
    with world.case() as case:
        with pytest.raises(SourceGoneError, match="answered 410"):
            collected(case, "http://page.example/gone")
        with pytest.raises(SourceBlockedError, match="challenge"):
            collected(case, "http://page.example/wall")
        case.verify()


@pytest.mark.parametrize(
    ("answer", "image", "missing"),
    [
        pytest.param(
            http(b"PK", "Content-Type: application/zip"),
            "none",
            ["the HTML source", "an image of the page"],
            marks=pytest.mark.exhaustive,
        ),
        (http(b"\x89PNG\r\n\x1a\n", "Content-Type: image/png"), "whole", []),
    ],
    ids=["a download", "a picture"],
)
def test_what_is_no_page_is_not_taken_for_one(world, answer, image, missing):
    """
    The file is an exhibit; what the browser shows in its place is not the page, and is not called full.
    """
    world.page.serve("/", answer)
    with world.case() as case:
        _, exhibit = collected(case)
        with case._blobs.open(case._ledger.exhibits()[-1].sha256) as blob:
            judged = webpage.quality(read_capture(blob, exhibit))

        assert (pageinfo(case, exhibit)["picture"], judged.word, list(judged.missing)) == (image, "partial", missing)
        assert "no page; the file is exhibit E0001" in judged.reason
        case.verify()


def test_a_page_that_leads_to_a_private_address_is_refused_as_without_a_browser(world):
    """
    The redirect is an exhibit, the next hop an attempt that failed, and the run says why.
    """
    world.page.serve("/", http(b"", "Location: http://192.168.0.1/admin", status="302 Found"))
    with world.case(hosts=["page.example", "192.168.0.1"]) as case:
        with pytest.raises(AddressRefusedError, match=r"192\.168\.0\.1"):
            collected(case)
        outcomes = case.ledger.query("action in ('render', 'acquire', 'conclude')")[["action", "outcome"]]

        assert list(map(tuple, outcomes.to_numpy())) == [
            ("render", "allowed"), ("acquire", "done"), ("acquire", "failed"), ("acquire", "failed"), ("conclude", "failed"),
        ]  # fmt: skip
        case.verify()


@pytest.mark.exhaustive
def test_an_interruption_ends_the_visit_and_the_run_can_go_on(world):
    """
    Control-C: the browser is gone, what came is preserved, the entry says so, and the run can be resumed.
    """
    interrupt = threading.Event()

    def press(connection):
        script = b""
        if not interrupt.is_set():
            interrupt.set()
            os.kill(os.getpid(), signal.SIGINT)
            script = b"setInterval(() => fetch('/poll'), 200)"  # a page that is never still
        connection.sendall(http(script, "Content-Type: text/javascript"))

    body = f"<html><body><p>{STORY}</p><script src=/x.js></script></body></html>"
    world.page.serve("/", http(body.encode(), HTML))
    world.page.serve("/x.js", press)
    with world.case() as case:
        cut = case.collect("webpage", url="http://page.example/", render=True)
        assert (cut.stop, cut.posts) == (Stop.CANCELLED, 0)
        assert world.page.paths.count("/poll") < 15  # it did not go on until the page would have been taken down
        case.verify()
        resumed = case.resume(cut.run)

        assert (resumed.stop, resumed.posts) == (Stop.EXHAUSTED, 1)
        case.verify()


@pytest.mark.exhaustive
def test_a_kill_in_the_middle_leaves_a_case_that_verifies_and_goes_on(world):
    """
    The exhibits that were logged stand; the run has no ending, and is resumed with a fresh visit.
    """
    started = threading.Event()

    def kill(connection):
        if not started.is_set():
            started.set()
            child.send_signal(signal.SIGKILL)
            return
        connection.sendall(http(b"", "Content-Type: text/javascript"))

    world.page.serve("/", http(f"<html><body><p>{STORY}</p><script src=/x.js></script></body></html>".encode(), HTML))
    world.page.serve("/x.js", kill)
    world.case().close()
    code = f"""
        import osint
        from osint.capture.network import Network
        from osint.chain_of_custody import key_files
        key_files.ROUNDS = 1
        from pathlib import Path
        network = Network(hosts={{"page.example": ("127.0.0.1", {world.page.port})}}, pace=0)
        case = osint.open_case({str(world.folder / "case")!r}, investigator="J. Smit, badge 4471", network=network,
                               keys=Path({str(world.folder / "keys")!r}))
        case.collect("webpage", url="http://page.example/", render=True)
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)])
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(60)

    with world.case() as case:
        assert child.returncode == -signal.SIGKILL
        assert case.verify().exhibits == 1
        (waiting,) = case.interrupted()
        assert waiting.query == "url=http://page.example/ render=True"
        assert case.resume(waiting.id).posts == 1
        assert case.verify().exhibits == 4
