"""The origin of a replay: one port on 127.0.0.1, a path that nobody can guess, and headers that allow it only itself.

Whoever does not know the path gets nothing, so that other accounts of this machine see no evidence. A name that was
made to lead here (DNS rebinding) is told apart by ``Host``. No answer may be read by another origin.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from socketserver import TCPServer
from threading import Thread
from typing import IO, Any, ClassVar

from osint.serve.replay.players import FILES

POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:; style-src 'self' "
    "'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; connect-src "
    "'self' data: blob:; frame-src 'self' blob: data:; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
"""Content Security Policy of the player's own pages and of its service worker: nobody but this origin."""

STRICT = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_PIECE = 1 << 16
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_START = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Replay</title><style>
html, body {{ margin: 0; height: 100%; overflow: hidden }} replay-web-page {{ display: block; height: 100% }}
</style><script src="replay/ui.js"></script></head><body>
<replay-web-page source="/{token}/case.wacz" replayBase="/{token}/replay/" embed="full" noWebWorker></replay-web-page>
</body></html>
"""
_FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8"><script src="ui.js"></script></head>
<body><replay-app-main></replay-app-main></body></html>
"""
"""What the service worker answers for the frame, for when the frame is faster than the worker."""


@dataclass(frozen=True)
class Answer:
    """What a site answers: a status, a body that can be sought, and headers beside the strict ones."""

    status: int
    body: IO[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)


NOTHING = Answer(404, BytesIO(b"Nothing is here.\n"), {"Content-Type": "text/plain"})

Find = Callable[[str, Mapping[str, str]], Answer]
"""Answers a path, for the headers of the request."""


@dataclass(frozen=True)
class ReplaySite:
    """A site that answers.

    Attributes:
        port: Its port on 127.0.0.1.
        url: Where it starts; whoever has it can look.
    """

    port: int
    url: str


def new_token() -> str:
    """Return a name that nobody can guess."""
    return secrets.token_urlsafe(24).replace("-", "0").replace("_", "1")


@contextmanager
def serve(find: Find, start: str) -> Iterator[ReplaySite]:
    """Answer on a free port of 127.0.0.1 until the block ends."""
    server = _Server(find)
    loop = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    loop.start()
    try:
        yield ReplaySite(server.server_port, f"http://127.0.0.1:{server.server_port}{start}")
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def replayweb_site(folder: Path, archive: Path) -> Iterator[ReplaySite]:
    """Serve ReplayWeb.page from its folder, and the one web archive."""
    token = new_token()
    pages = {f"/{token}/": _START.format(token=token).encode(), f"/{token}/replay/": _FRAME.encode()}
    scripts = {f"/{token}/replay/{name}": folder / name for name in FILES}

    def find(path: str, _: Mapping[str, str]) -> Answer:
        path = path.partition("?")[0]
        if path in pages:
            return Answer(200, BytesIO(pages[path]), {"Content-Type": "text/html; charset=utf-8"})
        if path in scripts:
            return Answer(200, scripts[path].open("rb"), {"Content-Type": "text/javascript; charset=utf-8"})
        if path == f"/{token}/case.wacz":
            return Answer(200, archive.open("rb"), {"Content-Type": "application/wacz", "Accept-Ranges": "bytes"})
        return NOTHING

    with serve(find, f"/{token}/") as site:
        yield site


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a browser keeps connections open; they end with the process

    def __init__(self, find: Find) -> None:
        self.find = find
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        """Bind without asking the name server for the name of the address, which takes seconds on some machines."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that hung up; what it did not get it asks for again."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "osint-replay"
    sys_version = ""
    timeout: ClassVar[float] = 60
    server: _Server

    def do_GET(self) -> None:
        """Answer what this origin holds, to whoever asked for it by its address and knows the path."""
        own = f"127.0.0.1:{self.server.server_port}"
        found = self.server.find(self.path, dict(self.headers)) if self.headers.get_all("Host") == [own] else NOTHING
        try:
            self._send(found)
        finally:
            if found is not NOTHING:
                found.body.close()

    do_HEAD = do_GET  # noqa: N815 - http.server looks for this name

    def log_message(self, *_: Any) -> None:
        """Keep quiet: what is looked at is nobody's business."""

    def _send(self, answer: Answer) -> None:
        body = answer.body
        size = body.seek(0, 2)
        first, length, status = 0, size, answer.status
        extra = dict(answer.headers)
        if "Accept-Ranges" in extra and (asked := self.headers.get("Range")):
            first, length = part_of(asked, size)
            status = 206 if length else 416
            extra["Content-Range"] = f"bytes {first}-{first + length - 1}/{size}" if length else f"bytes */{size}"
        self.send_response(status)
        for name, value in {**STRICT, **extra, "Content-Length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            body.seek(first)
            while length and (piece := body.read(min(_PIECE, length))):
                self.wfile.write(piece)
                length -= len(piece)


def part_of(asked: str, size: int) -> tuple[int, int]:
    """Return where a range (RFC 9110, 14.1.2) starts and how long it is; of length 0 where there is none such.

    A suffix longer than the file is all of it. What is no single range of bytes is no range at all.
    """
    match = _RANGE.fullmatch(asked.strip())
    if match is None or match.groups() == ("", ""):
        return 0, 0
    if not match[1]:
        length = min(int(match[2]), size)
        return size - length, length
    first, last = int(match[1]), min(int(match[2] or size), size - 1)
    return first, max(0, last - first + 1)
