"""The client: one request over a connection that records what it sends and what comes back.

One exchange has one connection, one session and one :class:`~osint.capture.wire.Wire`, so nothing can mix, no cookie
can return, and the certificate chain is that of the very socket which carried the bytes. The hook is urllib3's public
``pool_classes_by_scheme``; nothing is patched.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterator, Mapping
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import urldefragauth
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, InvalidChunkLength, InvalidHeader

from osint.capture import agency_proxy
from osint.capture.network import Network
from osint.capture.wire import CutError, Wire
from osint.errors import UnreachableError
from osint.query import without_secrets

_CHUNK = 1 << 16
_WITHOUT_END = 1 << 62
_NONSENSE = (
    http.client.BadStatusLine, http.client.LineTooLong, http.client.UnknownProtocol, InvalidChunkLength, InvalidHeader,
)  # fmt: skip


class _Tee:
    """The buffered reader of an answer, recording everything that is read from it."""

    def __init__(self, reader: Any, wire: Wire) -> None:
        self._reader, self._wire = reader, wire
        self.line = b""
        wire.read_from(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def read(self, size: int | None = -1) -> bytes:
        # In pieces, so that a limit holds before the whole is in memory.
        left = _WITHOUT_END if size is None or size < 0 else size
        pieces = []
        while left and (piece := self.read1(min(left, _CHUNK))):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def read1(self, size: int = -1) -> bytes:
        return self._kept(self._reader.read1(size))

    def readline(self, size: int = -1) -> bytes:
        # Whatever is there is recorded at once: a line that never comes to its end is evidence too.
        left = _WITHOUT_END if size < 0 else size
        line = bytearray()
        while left > len(line) and not line.endswith(b"\n") and (ready := self._reader.peek(1)):
            line += self.read1(min(ready.find(b"\n") + 1 or len(ready), left - len(line)))
        self.line = bytes(line)
        return self.line

    def readinto(self, buffer: Any) -> int:
        data = self.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        # Left open: where the client gives up on an answer that it does not understand, the rest of it is evidence.
        pass

    def flush(self) -> None:
        pass

    def hang_up(self) -> None:
        self._reader.close()

    def _kept(self, data: bytes) -> bytes:
        self._wire.keep(data)
        return data


class _Response(http.client.HTTPResponse):
    """An answer whose bytes are recorded, and which takes no interim answer (RFC 9110, 15.2) for the final one."""

    def __init__(self, *args: Any, wire: Wire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wire = wire
        self.fp = _Tee(self.fp, wire)  # type: ignore[assignment]

    def begin(self) -> None:
        head = self.fp
        super().begin()
        self.wire.note_body()
        # http.client takes the end of the connection for the end of the headers too.
        if isinstance(head, _Tee) and head.line not in (b"\r\n", b"\n"):
            self.wire.truncated = "disconnect"

    def _read_status(self) -> tuple[str, int, str]:
        # http.client itself skips 100 only, and would return a 103 as the answer.
        while True:
            self.wire.note_start()
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 101 < status < 200:
                return version, status, reason
            http.client.parse_headers(self.fp)


class _Connection(HTTPConnection):
    """A connection over :class:`Wire`."""

    secured = False

    def __init__(self, *args: Any, wire: Wire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wire = wire
        self.response_class = partial(_Response, wire=wire)  # type: ignore[assignment]

    def _new_conn(self) -> socket.socket:
        return self.wire.connect(self.host, self.port or self.default_port, secured=self.secured)

    def send(self, data: Any) -> None:
        super().send(data)
        self.wire.sent.write(data)


class _SecuredConnection(_Connection, HTTPSConnection):
    """A TLS connection over :class:`Wire`."""

    secured = True

    def connect(self) -> None:
        super().connect()
        self.wire.note_tls(self.sock)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecuredPool(HTTPSConnectionPool):
    ConnectionCls = _SecuredConnection


class _Adapter(HTTPAdapter):
    """An adapter whose connections are recorded."""

    def __init__(self, wire: Wire, *, whole_address: bool) -> None:
        self._wire, self._whole_address = wire, whole_address
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": partial(_Pool, wire=self._wire),
            "https": partial(_SecuredPool, wire=self._wire),
        }

    def request_url(self, request: requests.PreparedRequest, proxies: Mapping[str, str] | None) -> str:
        if self._whole_address:  # RFC 9112, 3.2.2: a proxy is told where to
            return str(urldefragauth(request.url or ""))
        return str(super().request_url(request, proxies))


def ask(
    url: str,
    wire: Wire,
    network: Network,
    user_agent: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> None:
    """Ask for one address once, without following anything, and record the exchange in ``wire``.

    ``headers`` are sent besides, or in place of ours of the same name. With a ``body`` it is posted.

    An answer that breaks off or reaches a limit is recorded as far as it came, with ``wire.truncated`` set.

    Raises:
        AddressRefusedError: The name leads to no address that may be reached.
        UnreachableError: Nothing came back; says whether name, connection, certificate, time or proxy failed.
    """
    to_proxy = bool(network.proxy) and urlsplit(url).scheme == "http"
    with requests.Session() as session:
        session.trust_env = False  # else .netrc passwords, proxies and CA bundles of the environment are used
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # requests would read Location, and the body behind it, before this returns; following is the door's.
        session.get_redirect_target = lambda _: None  # type: ignore[assignment, method-assign]
        session.verify = str(network.ca) if network.ca else True
        session.headers = requests.structures.CaseInsensitiveDict(
            {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate", "Connection": "close"}
        )
        session.headers.update(headers or {})
        if to_proxy:
            session.headers.update(agency_proxy.headers(network))
        adapter = _Adapter(wire, whole_address=to_proxy)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        try:
            timeouts = (network.connect_timeout, network.read_timeout)
            method = "GET" if body is None else "POST"
            answer = session.request(method, url, data=body, stream=True, allow_redirects=False, timeout=timeouts)
            with contextlib.closing(answer):
                if to_proxy:
                    agency_proxy.check_answer(network, answer.status_code)
                for _ in answer.raw.stream(_CHUNK, decode_content=False):
                    pass
        except CutError as cut:
            wire.truncated = cut.reason
        except (requests.RequestException, http.client.HTTPException, OSError, HTTPError, ValueError) as error:
            _judge(error, wire, url)
        finally:
            wire.hang_up()


def _judge(error: Exception, wire: Wire, url: str) -> None:
    """Tell an answer that broke off, or that nobody understands, from no answer at all."""
    if wire.size:
        wire.truncated = _cut(error, wire)
        return
    kinds = {
        requests.exceptions.SSLError: "its certificate cannot be verified",
        requests.exceptions.Timeout: "it did not answer in time",
        requests.exceptions.ConnectionError: "no connection could be made",
        requests.exceptions.InvalidURL: "the address is not a valid one",
    }
    what = next((words for kind, words in kinds.items() if isinstance(error, kind)), "it did not answer")
    raise UnreachableError(f"Nothing came back from {without_secrets(url)}: {what} ({_innermost(error)}).") from error


def _cut(error: Exception, wire: Wire) -> str | None:
    """Return the WARC word for what is missing; None when all came, though the client cannot make sense of it."""
    if "timed out" in str(error):
        return "time"
    if not any(map(_is_nonsense, _causes(error))):
        return "disconnect"
    try:
        wire.read_rest()
    except CutError as cut:
        return cut.reason
    except TimeoutError:
        return "time"
    except OSError:
        return "disconnect"
    return wire.truncated


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_nonsense(error: BaseException) -> bool:
    """Say whether an error is about what came, and not about its end."""
    if isinstance(error, http.client.RemoteDisconnected):
        return False
    return type(error) is http.client.HTTPException or isinstance(error, _NONSENSE)


def _innermost(error: BaseException) -> str:
    reason = getattr(error, "reason", None) or (error.args[0] if error.args else None)
    return _innermost(reason) if isinstance(reason, BaseException) else f"{error}"
