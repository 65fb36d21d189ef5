"""The sample site: real HTTPS servers on this machine that tell an invented story, for the demo and for tests.

    with SampleSite() as site:
        site.hosts["social.example"]    # ("127.0.0.1", 40123)
        site.ca                         # the PEM of the authority that vouches for every host

``python -m osint.serve.sample_site`` runs it until it is interrupted or terminated, and prints the ``--network`` file
that leads ``osint`` there. Nothing listens beyond loopback.
"""

from __future__ import annotations

import argparse
import gzip
import signal
import ssl
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from tempfile import TemporaryDirectory
from threading import Lock, Thread
from time import sleep
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, quote, unquote, urlencode

from osint import instants
from osint.serve.blog import blog
from osint.serve.certificates import server_context
from osint.serve.mastodon_instance import MastodonInstance, closed_instance, media_host
from osint.serve.newspaper import newspaper
from osint.serve.virtual_host import Answer, Host, Request, html_answer, moved

_LOOPBACK = "127.0.0.1"
_CHUNK = 1000
_BOTH_WAYS = 2  # socket.SHUT_RDWR


class SampleSite:
    """The servers of the sample site, running in a ``with`` block, or from :meth:`start` to :meth:`stop`.

    Attributes:
        hosts: Address and port, for HTTPS, of each host name.
        plain_hosts: Address and port, for HTTP without TLS: ``blog.example`` sends its readers on to HTTPS,
            ``news.example`` answers.
        ca: File with the certificate of the authority, as PEM; it is removed at the end.
    """

    hosts: dict[str, tuple[str, int]]
    plain_hosts: dict[str, tuple[str, int]]
    ca: Path

    def __init__(self, clock: Callable[[], datetime] = instants.now) -> None:
        """Prepare a site; ``clock`` tells the time of its Date headers and allowances."""
        self._clock = clock

    def start(self) -> Self:
        """Start the servers on free ports."""
        secure: dict[str, Host] = {
            "social.example": MastodonInstance(self._clock).answer,
            "closed.example": closed_instance,
            "media.social.example": media_host,
            "blog.example": blog,
            "news.example": newspaper,
        }
        plain: dict[str, Host] = {"blog.example": _sent_to_https, "news.example": newspaper}
        with ExitStack() as running:
            self.ca = Path(running.enter_context(TemporaryDirectory(prefix="osint-sample-site-"))) / "authority.pem"
            self.hosts = self._serve(secure, server_context(list(secure), self.ca), running)
            self.plain_hosts = self._serve(plain, None, running)
            self._running = running.pop_all()
        return self

    def stop(self) -> None:
        """Stop the servers, end what is still connected, and remove the authority's file."""
        self._running.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _serve(
        self, virtual_hosts: Mapping[str, Host], tls: ssl.SSLContext | None, running: ExitStack
    ) -> dict[str, tuple[str, int]]:
        server = _Server(virtual_hosts, self._clock, tls)
        server.start()
        running.callback(server.stop)
        return dict.fromkeys(virtual_hosts, (_LOOPBACK, server.server_port))


class _Server(ThreadingHTTPServer):
    """One listening port: a thread for each connection, all of them ended by :meth:`stop`."""

    daemon_threads = True

    def __init__(
        self, virtual_hosts: Mapping[str, Host], clock: Callable[[], datetime], tls: ssl.SSLContext | None
    ) -> None:
        self.virtual_hosts = virtual_hosts
        self.clock = clock
        self._tls = tls
        self._lock = Lock()
        self._connections: dict[Any, Thread] = {}
        self._stopping = False
        super().__init__((_LOOPBACK, 0), _Handler)
        # A short poll makes stopping quick; the loop is idle between requests either way.
        self._loop = Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def server_bind(self) -> None:
        """Bind without asking the name server who 127.0.0.1 is, which takes seconds on some machines."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = _LOOPBACK, self.socket.getsockname()[1]

    def start(self) -> None:
        """Answer from now on, in a thread."""
        self._loop.start()

    def stop(self) -> None:
        """Stop answering; close every connection and wait for its thread."""
        self._stopping = True
        self.shutdown()
        self._loop.join()
        self.server_close()
        with self._lock:
            remaining = dict(self._connections)
        for connection, thread in remaining.items():
            with suppress(OSError):  # the reader may have been faster
                connection.shutdown(_BOTH_WAYS)
            thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Hand a connection to a thread of its own, and remember both."""
        thread = Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        with self._lock:
            self._connections[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and forget it."""
        super().shutdown_request(request)
        with self._lock:
            self._connections.pop(request, None)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection, after its handshake where there is TLS; a stalled handshake holds up nobody else."""
        if self._tls is None:
            super().finish_request(request, client_address)
            return
        request.settimeout(_Handler.timeout)
        with self._tls.wrap_socket(request.dup(), server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of readers who hung up or did not trust the certificate; report everything else."""
        if not self._stopping and not isinstance(sys.exception(), ssl.SSLError | ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Turns one connection's requests into answers of the virtual hosts."""

    protocol_version = "HTTP/1.1"
    server_version = "osint-sample-site"
    sys_version = ""
    timeout: ClassVar[float] = 30
    # Without these two, an answer waits 40 ms for the acknowledgement of its own header, or of the TLS tickets.
    wbufsize: ClassVar[int] = 1 << 16
    disable_nagle_algorithm: ClassVar[bool] = True
    server: _Server

    def do_GET(self) -> None:
        """Answer with the entity."""
        self._respond()

    def do_HEAD(self) -> None:
        """Answer with the header only."""
        self._respond()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the method it replaces
        """Keep quiet."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the Date header by the clock of the site."""
        instant = self.server.clock() if timestamp is None else datetime.fromtimestamp(timestamp, UTC)
        return format_datetime(instant.astimezone(UTC), usegmt=True)

    def _respond(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        host = headers.get("host", "").partition(":")[0].lower()
        respond = self.server.virtual_hosts.get(host)
        if respond is None:
            self._send(_misdirected(host), headers)
            return
        path, _, query = self.path.partition("?")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        request = Request(host=host, path=unquote(path), query=asked, headers=headers)
        self._send(respond(request), headers)

    def _send(self, answer: Answer, asked: Mapping[str, str]) -> None:
        tag = f'{"W/" if answer.weak else ""}"{sha256(answer.body).hexdigest()[:32]}"'
        validators = {"ETag": tag} if answer.status == 200 else {}
        if answer.modified and answer.status == 200:
            validators["Last-Modified"] = format_datetime(answer.modified.astimezone(UTC), usegmt=True)
        if answer.status == 200 and _unchanged(tag, answer.modified, asked):
            self._send_head(304, {**validators, "Vary": "Accept-Encoding"}, answer)
            return
        body, coding = _coded(answer, asked)
        chunked = answer.chunked and self.request_version != "HTTP/1.0"
        length = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(len(body))}
        self._send_head(answer.status, {"Content-Type": answer.media_type, **coding, **length, **validators}, answer)
        if self.command != "HEAD":
            self.wfile.write(_in_chunks(body) if chunked else body)

    def _send_head(self, status: int, headers: Mapping[str, str], answer: Answer) -> None:
        self.send_response(status)
        for name, value in (*headers.items(), *answer.headers):
            self.send_header(name, value)
        self.end_headers()


def _sent_to_https(request: Request) -> Answer:
    query = f"?{urlencode(request.query)}" if request.query else ""
    return moved(f"https://{request.host}{quote(request.path)}{query}")


def _misdirected(host: str) -> Answer:
    status, why = (421, "This server does not answer for that host.") if host else (400, "A Host header is needed.")
    return html_answer(f"<!DOCTYPE html>\n<title>{status}</title>\n<p>{why}</p>\n", status=status)


def _unchanged(tag: str, modified: datetime | None, asked: Mapping[str, str]) -> bool:
    """Say whether the reader already has this entity, RFC 9110 section 13.2.2."""
    if "if-none-match" in asked:
        known = {part.strip().removeprefix("W/") for part in asked["if-none-match"].split(",")}
        return "*" in known or tag.removeprefix("W/") in known
    if modified is None or "if-modified-since" not in asked:
        return False
    try:
        since = parsedate_to_datetime(asked["if-modified-since"])
    except ValueError:
        return False
    return modified.replace(microsecond=0) <= (since if since.tzinfo else since.replace(tzinfo=UTC))


def _coded(answer: Answer, asked: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """Return the body with the content coding that the reader accepts, and the headers that say so."""
    if not answer.compressible:
        return answer.body, {}
    if len(answer.body) < _CHUNK or "gzip" not in asked.get("accept-encoding", "").lower():
        return answer.body, {"Vary": "Accept-Encoding"}
    return gzip.compress(answer.body, mtime=0), {"Vary": "Accept-Encoding", "Content-Encoding": "gzip"}


def _in_chunks(body: bytes) -> bytes:
    pieces = [body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))


def settings(site: SampleSite) -> str:
    """Return what leads to a running site, as the file that ``osint collect --network FILE`` reads (TOML)."""
    hosts = [f'"{host}" = "{address}:{port}"' for host, (address, port) in site.hosts.items()]
    return "\n".join([f"ca = '{site.ca}'", 'allow = ["127.0.0.1"]', "pace = 0", "[hosts]", *hosts, ""])


def main() -> None:
    """Run the site until it is interrupted or terminated, and tell how to collect from it."""
    options = argparse.ArgumentParser(
        prog="python -m osint.serve.sample_site",
        description="Run the servers of an invented story on this machine, until Ctrl+C. Nothing else can reach them.",
    )
    options.add_argument("--write", type=Path, metavar="FILE", help="write the file for 'osint collect --network FILE'")
    file = options.parse_args().write
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the way out of Ctrl+C removes the authority's file
    with suppress(KeyboardInterrupt), SampleSite() as site:
        lines = [f"# https://{host}/" for host in site.hosts]
        plain = site.plain_hosts.items()
        lines += [f"# http://{host}/ without TLS: {address}:{port}" for host, (address, port) in plain]
        sys.stdout.write("\n".join([*lines, "# Stop with Ctrl+C.", settings(site)]))
        if file:
            file.write_text(settings(site), encoding="utf-8")
            sys.stdout.write(f"# written: {file}\n")
        sys.stdout.flush()
        while True:
            sleep(1)  # a wait without end would not see Ctrl+C on Windows
    sys.stdout.write("# Stopped.\n")


if __name__ == "__main__":
    main()
