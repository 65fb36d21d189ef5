"""POST to the hosts that give a ledger its time and its witnesses. What they answer is signed; it is no evidence.

The address guard, fixed hosts, certificate authorities, timeouts and the agency's proxy are those of every other
request, and there are no cookies or redirects: nothing here knows of any.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import Any
from urllib.parse import SplitResult, urlsplit

from osint.capture import agency_proxy
from osint.capture.network import MEBIBYTE, Network
from osint.capture.wire import Wire
from osint.chain_of_custody.exchange import Answer, Exchange
from osint.errors import CaptureError, OutOfScopeError, UnreachableError
from osint.query import without_secrets
from osint.render import visible

_LIMIT = MEBIBYTE
_SECONDS = 60.0  # a stamp or a cosignature takes less than one; waiting must not hold up collecting


class _TooLongError(CaptureError):
    stop = "length"


class _Connection(http.client.HTTPConnection):
    """A connection over the guarded socket that it is given; it never opens one. Head and body leave together."""

    def __init__(self, host: str, guarded: socket.socket) -> None:
        super().__init__(host)
        self.sock = guarded
        self._request = bytearray()

    def send(self, data: Any) -> None:
        self._request += data

    def getresponse(self) -> http.client.HTTPResponse:
        self.sock.sendall(self._request)
        return super().getresponse()


def poster(network: Network) -> Exchange:
    """Return the function that POSTs a body over a network: ``(url, body, media type)`` gives status and body.

    A redirect is an answer with its status. The function raises :class:`~osint.errors.CaptureError`: the address may
    not be reached, nothing came, the answer broke off, or it is longer than 1 MiB (``stop`` is ``length``).
    """
    return partial(_post, network)


def _post(network: Network, url: str, body: bytes, content_type: str) -> Answer:
    parts = _parts(url)
    assert parts.hostname is not None
    headers = {
        "Host": parts.netloc, "User-Agent": network.user_agent, "Accept": "*/*", "Content-Type": content_type,
        "Connection": "close",
    }  # fmt: skip
    to_proxy = bool(network.proxy) and parts.scheme == "http"
    if to_proxy:
        headers.update(agency_proxy.headers(network))
    late = threading.Event()
    try:
        with _open(network, parts) as guarded, _cut_off(guarded, min(_SECONDS, network.total_timeout), late):
            connection = _Connection(parts.hostname, guarded)
            target = parts._replace(fragment="", path=parts.path or "/")
            if not to_proxy:
                target = target._replace(scheme="", netloc="")
            connection.request("POST", target.geturl(), body, headers)
            with connection.getresponse() as response:
                if to_proxy:
                    agency_proxy.check_answer(network, response.status)
                answer = _read(response, url)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _unreachable(url, error, late) from error
    if late.is_set():
        raise _unreachable(url, TimeoutError("it still dripped in"), late)
    return answer


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.username is None and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        usable = False
    if not usable or not url.isascii():
        raise OutOfScopeError(f"{visible(url)} is not a web address in plain spelling; nothing was asked.")
    return parts


@contextmanager
def _open(network: Network, parts: SplitResult) -> Iterator[socket.socket]:
    """Connect to an address that may be reached, with TLS where the scheme says so, and close in the end."""
    from requests.utils import DEFAULT_CA_BUNDLE_PATH

    assert parts.hostname is not None
    secured = parts.scheme == "https"
    with closing(Wire(network)) as wire:
        plain = wire.connect(parts.hostname, parts.port or (443 if secured else 80), secured=secured)
    with plain:
        if not secured:
            yield plain
            return
        context = ssl.create_default_context(cafile=network.ca or DEFAULT_CA_BUNDLE_PATH)
        with context.wrap_socket(plain, server_hostname=parts.hostname) as wrapped:
            yield wrapped


def _read(response: http.client.HTTPResponse, url: str) -> Answer:
    body = response.read(_LIMIT + 1)
    if len(body) > _LIMIT:
        raise _TooLongError(f"The answer of {without_secrets(url)} is longer than {_LIMIT} bytes; it was not read.")
    if response.length:  # http.client says nothing when a body breaks off that is read up to a limit
        raise http.client.IncompleteRead(body, response.length)
    return Answer(response.status, body)


@contextmanager
def _cut_off(connection: socket.socket, seconds: float, late: threading.Event) -> Iterator[None]:
    """End the connection after some seconds, however slowly and steadily its bytes come; ``late`` says that it did."""

    def cut() -> None:
        late.set()
        with suppress(OSError):  # it is closed already
            socket.socket.shutdown(connection, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _unreachable(url: str, error: Exception, late: threading.Event) -> UnreachableError:
    if isinstance(error, ssl.SSLCertVerificationError):
        what = "its certificate cannot be verified"
    elif late.is_set() or isinstance(error, TimeoutError):
        what = "it did not answer in time"
    elif isinstance(error, (http.client.HTTPException, ValueError)):
        what = "it broke off, or is no HTTP"
    else:
        what = "no connection could be made"
    return UnreachableError(f"Nothing came back from {without_secrets(url)}: {what} ({visible(error)}).")
