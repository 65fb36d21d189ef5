"""A witness behind HTTP, for the machines of one office: ``POST /add-checkpoint`` and nothing else.

    with WitnessServer(witness) as server:
        server.url    # http://127.0.0.1:40123

Checkpoints and cosignatures are signed and name no person, so there is no TLS here; whoever wants to hide which ledgers
grow, or to reach the witness from outside the office, puts a reverse proxy in front.

Source: https://c2sp.org/tlog-witness@v1.0.0.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Any, ClassVar, Self

from osint.chain_of_custody.exchange import Answer
from osint.chain_of_custody.witness import LARGEST_REQUEST, Witness
from osint.errors import LedgerError

_PATH = "/add-checkpoint"
_SENDING, _BOTH_WAYS = 1, 2  # socket.SHUT_WR, socket.SHUT_RDWR
_READ_AND_DROPPED = 1 << 20
_MEDIA_TYPES = {200: "text/plain; charset=utf-8", 409: "text/x.tlog.size"}


class WitnessServer:
    """A witness that answers in a ``with`` block, from :meth:`start` to :meth:`stop`, or in :meth:`serve_forever`."""

    def __init__(
        self,
        witness: Witness,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        seconds: float = 30,
        connections: int = 64,
    ) -> None:
        """Take the port; nobody is answered yet.

        Args:
            witness: What decides.
            host: An address of this machine; loopback reaches nobody else.
            port: 0 takes a free one.
            seconds: How long a connection may last, its requests and pauses together.
            connections: How many may be open at once; more are closed unanswered.

        Raises:
            OSError: The port is taken, or the address is not one of this machine.
        """
        self._server = _Server(witness, (host, port), seconds, connections)
        # A short poll makes stopping quick and is how old connections are found; the loop is idle in between.
        self._loop = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """The submission prefix that a ledger asks at."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> Self:
        """Answer from now on, in a thread."""
        self._loop.start()
        return self

    def stop(self) -> None:
        """Stop answering; end what is still connected, and wait for it."""
        self._server.shutdown()
        self._loop.join()
        self._server.end()

    def serve_forever(self) -> None:
        """Answer until the program is interrupted (``KeyboardInterrupt`` goes on to the caller)."""
        try:
            self._server.serve_forever(0.05)
        finally:
            self._server.end()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    """One listening port: a thread for each connection, each with an end."""

    daemon_threads = True

    def __init__(self, witness: Witness, address: tuple[str, int], seconds: float, connections: int) -> None:
        self.witness = witness
        self._seconds, self._most = seconds, connections
        self._lock = Lock()
        self._open: dict[Any, tuple[Thread, float]] = {}
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without asking the name server for the name of the address, which takes seconds on some machines."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Hand a connection to a thread of its own, and remember both."""
        thread = Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        with self._lock:
            full = len(self._open) >= self._most
            if not full:
                self._open[request] = thread, monotonic()
        if full:
            self.shutdown_request(request)
        else:
            thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and forget it."""
        super().shutdown_request(request)
        with self._lock:
            self._open.pop(request, None)

    def service_actions(self) -> None:
        """End the connections that have lasted too long; called several times a second."""
        with self._lock:
            late = [request for request, (_, since) in self._open.items() if monotonic() - since > self._seconds]
        for request in late:
            _hang_up(request)

    def end(self) -> None:
        """Close the port, hang up on everyone, and wait for the threads."""
        self.server_close()
        with self._lock:
            remaining = dict(self._open)
        for request, (thread, _) in remaining.items():
            _hang_up(request)
            thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients who hung up; report everything else."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Turns one connection's requests into answers of the witness."""

    protocol_version = "HTTP/1.1"
    server_version = "osint-witness"
    sys_version = ""
    timeout: ClassVar[float] = 30
    wbufsize: ClassVar[int] = 1 << 16  # header and body leave together
    server: _Server

    def do_POST(self) -> None:
        """Hand a checkpoint to the witness."""
        if self.path != _PATH:
            self._refuse(404, f"This is a witness; it answers POST {_PATH}.")
            return
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self._refuse(411, "Say how long the request is (Content-Length).")
            return
        if len(length) > 9 or int(length) > LARGEST_REQUEST:
            self._refuse(413, f"A request has at most {LARGEST_REQUEST} bytes.")
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True  # the client hung up in the middle
            return
        self._send(self._judged(body))

    def __getattr__(self, name: str) -> Any:
        """Answer every method but POST; the server looks for a function of its name."""
        if name.startswith("do_"):
            return lambda: self._refuse(405, f"This is a witness; it answers POST {_PATH}.", Allow="POST")
        raise AttributeError(name)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep quiet about what was answered; what went wrong is told to the terminal."""

    def _judged(self, body: bytes) -> Answer:
        try:
            return self.server.witness.add_checkpoint(body)
        except LedgerError as error:
            self.log_error("%s", error)
            return Answer(500, b"The witness cannot keep the head now; nothing was cosigned. Ask again later.\n")

    def _refuse(self, status: int, why: str, **headers: str) -> None:
        """Answer what never reached the witness, and hang up: what follows may be the rest of a body.

        Some of that rest is read all the same, since closing before would take the answer away from the client.
        """
        self._send(Answer(status, f"{why}\n".encode()), Connection="close", **headers)
        self.wfile.flush()
        self.connection.shutdown(_SENDING)
        left = _READ_AND_DROPPED
        while left > 0 and (piece := self.rfile.read1(1 << 16)):
            left -= len(piece)

    def _send(self, answer: Answer, **headers: str) -> None:
        self.send_response(answer.status)
        media_type = _MEDIA_TYPES.get(answer.status, "text/plain; charset=utf-8")
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(answer.body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)


def _hang_up(request: Any) -> None:
    with suppress(OSError):  # the client may have been faster
        request.shutdown(_BOTH_WAYS)
