"""A server that counts what reaches it, over TCP and UDP, and a page that tries every way there is to reach it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

NAME = "counted.example"


@dataclass
class Counter:
    """What reached one port of 127.0.0.1: first lines of requests, other connections, datagrams."""

    port: int
    seen: list[str] = field(default_factory=list)

    @property
    def ways(self) -> set[str]:
        """The ways of :func:`hostile_page` that led here."""
        return {line.split("/way-")[1].split()[0].split("?")[0] for line in self.seen if "/way-" in line} | (
            {"rtc"} if "datagram" in self.seen else set()
        )


@contextmanager
def counting() -> Iterator[Counter]:
    """Count on one port, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        counter = Counter(listener.getsockname()[1])
        datagrams.bind(("127.0.0.1", counter.port))
        for take in (_connections, _datagrams):
            server = listener if take is _connections else datagrams
            threading.Thread(target=take, args=(server, counter), daemon=True).start()
        yield counter
        listener.shutdown(socket.SHUT_RDWR)
        datagrams.sendto(b"end", ("127.0.0.1", counter.port))


def _connections(listener: socket.socket, counter: Counter) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(connection, counter), daemon=True).start()


def _answer(connection: socket.socket, counter: Counter) -> None:
    with connection:
        connection.settimeout(3)
        try:
            request = connection.recv(65536)
            counter.seen.append(request.split(b"\r\n")[0].decode("latin-1") or "connection")
            connection.sendall(
                b"HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n"
            )
        except OSError:
            counter.seen.append("connection")


def _datagrams(server: socket.socket, counter: Counter) -> None:
    while True:
        try:
            if server.recv(65536) == b"end":
                return
            counter.seen.append("datagram")
        except OSError:
            return


def hostile_page(port: int) -> str:
    """Return a page that reports to a port by every way of a browser, under a name and under the address.

    It says "Seen at the pier." at once, and "The script ran." when its script did.
    """
    return _PAGE.replace("NAME", f"{NAME}:{port}").replace("ADDRESS", f"127.0.0.1:{port}")


_PAGE = """<!doctype html><html><head><title>Pier</title>
<link rel="stylesheet" href="http://ADDRESS/way-stylesheet"><link rel="prefetch" href="http://ADDRESS/way-prefetch">
<link rel="preconnect" href="http://ADDRESS"><link rel="dns-prefetch" href="//NAME">
<style>@import url(http://NAME/way-import); body { background: url(http://ADDRESS/way-background) }</style></head>
<body onload="document.getElementById('said').textContent += ' The script ran.'; window.__ran = 1">
<p id="said">Seen at the pier.</p>
<img src="http://ADDRESS/way-img"><img src="http://NAME/way-img-name" onerror="window.__ran = 2">
<svg onload="window.__ran = 3"><image href="http://ADDRESS/way-svg"/></svg>
<iframe src="http://ADDRESS/way-iframe"></iframe>
<iframe srcdoc="<meta http-equiv=refresh content='0;url=http://ADDRESS/way-refresh'>"></iframe>
<iframe srcdoc="<script>fetch('http://ADDRESS/way-srcdoc', {mode: 'no-cors'})</script>"></iframe>
<iframe src="data:text/html,<script>fetch('http://ADDRESS/way-data', {mode: 'no-cors'})</script>"></iframe>
<iframe name="sink"></iframe>
<form id="form" method="post" target="sink" action="http://ADDRESS/way-form"><input name="a" value="b"></form>
<a id="ping" ping="http://ADDRESS/way-ping" href="#here">.</a>
<a id="javascript" href="javascript:void fetch('http://ADDRESS/way-javascript')">.</a>
<video src="http://ADDRESS/way-video"></video><object data="http://ADDRESS/way-object"></object>
<script>
const tries = [
  () => fetch('http://ADDRESS/way-fetch', {mode: 'no-cors'}),
  () => fetch('http://NAME/way-fetch-name', {mode: 'no-cors'}),
  () => { const x = new XMLHttpRequest(); x.open('GET', 'http://ADDRESS/way-xhr'); x.send() },
  () => navigator.sendBeacon('http://ADDRESS/way-beacon', 'x'),
  () => new WebSocket('ws://ADDRESS/way-websocket'),
  () => new EventSource('http://ADDRESS/way-eventsource'),
  () => document.getElementById('form').submit(),
  () => document.getElementById('ping').click(),
  () => document.getElementById('javascript').click(),
  () => new Function("return import('http://ADDRESS/way-dynamic')")(),
  () => new Worker(URL.createObjectURL(new Blob(["fetch('http://ADDRESS/way-worker', {mode: 'no-cors'})"]))),
  () => { const f = document.body.appendChild(document.createElement('iframe'));
          f.contentWindow.fetch('http://ADDRESS/way-fresh', {mode: 'no-cors'}) },
  () => { const p = new RTCPeerConnection({iceServers: [{urls: 'stun:ADDRESS'}]}); p.createDataChannel('x');
          p.createOffer().then(offer => p.setLocalDescription(offer)) },
];
for (const each of tries) { try { Promise.resolve(each()).catch(() => 0) } catch (error) {} }
setTimeout(() => { try { window.open('http://ADDRESS/way-window') } catch (error) {} }, 4000);
setTimeout(() => { try { top.location = 'http://ADDRESS/way-top' } catch (error) {} }, 6000);
</script></body></html>
"""
