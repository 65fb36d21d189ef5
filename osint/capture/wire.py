"""The connection recorder: what went over one socket, byte for byte, with the addresses and certificates it met.

One exchange has one connection, one session and one :class:`Wire`, so nothing can mix, no cookie can return, and the
certificate chain is that of the very socket which carried the bytes. The hook is urllib3's public
``pool_classes_by_scheme``; nothing is patched.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import time
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from osint.capture.address import vetted
from osint.capture.network import Network
from osint.errors import AddressRefusedError, UnreachableError
from osint.query import without_secrets

_CHUNK = 1 << 16
_SPOOL = 1 << 20
_WITHOUT_END = 1 << 62
_DER = 2  # the encoding of certificates, as the private interface before Python 3.13 wants it


class _CutError(Exception):
    """The answer reached a limit of ours; ``reason`` is the WARC word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Wire:
    """What one exchange put on the wire and what came back.

    Attributes:
        sent: The request bytes, complete after the request went out.
        received: A spooled stream of the answer's bytes.
        size: How many bytes were received.
        final: Where the final answer starts in them; interim answers (1xx) come before.
        truncated: ``length``, ``time``, ``disconnect`` or ``unspecified`` when the answer is not whole, else None.
        answers: Every address the name had; None when DNS was not asked.
        peer: The address connected to, or None.
        tls: Protocol, cipher and certificate chain (DER) of the socket, or None.
    """

    def __init__(self, network: Network, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare to record one exchange over ``network``; ``clock`` counts seconds."""
        self.sent = BytesIO()
        self.received: IO[bytes] = SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115 - closed by close()
        self.size = 0
        self.final = 0
        self.truncated: str | None = None
        self.answers: list[str] | None = None
        self.peer: str | None = None
        self.tls: dict[str, Any] | None = None
        self._network = network
        self._clock = clock
        self._deadline = clock() + network.total_timeout

    def close(self) -> None:
        """Forget the recorded bytes."""
        self.received.close()

    def connect(self, host: str, port: int) -> socket.socket:
        """Resolve once, and connect to the first address that may be reached and answers.

        Raises:
            AddressRefusedError: No address of the name may be reached.
            UnreachableError: The name has no address.
            OSError: No address answered.
        """
        candidates, port = self._candidates(host, port)
        failure: OSError | None = None
        for address in candidates:
            try:
                connection = socket.create_connection((address, port), self._network.connect_timeout)
            except OSError as error:
                failure = error
                continue
            connection.settimeout(self._network.read_timeout)
            self.peer = address
            return connection
        raise failure or OSError("no address answered")

    def note_tls(self, secured: Any) -> None:
        """Keep protocol, cipher and certificates of the socket; the chain where this Python can tell it."""
        self.tls = {"protocol": secured.version(), "cipher": secured.cipher()[0], "chain": _chain(secured)}

    def keep(self, data: bytes) -> None:
        """Record bytes of the answer, up to the limits.

        Raises:
            _CutError: The size or time limit is reached; what was recorded until then stays.
        """
        room = self._network.body_limit - self.size
        self.received.write(data[:room])
        self.size += min(len(data), room)
        if len(data) > room:
            raise _CutError("length")
        if self._clock() > self._deadline:
            raise _CutError("time")

    def _candidates(self, host: str, port: int) -> tuple[list[str], int]:
        """Return the addresses that may be tried, and the port. A host fixed by name is allowed by that."""
        fixed = self._network.fixed(host, port)
        if fixed:
            return [fixed[0]], fixed[1]
        try:
            self.answers = self._network.resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise UnreachableError(f"The name {host} has no address ({error}).") from error
        reachable = vetted(self.answers, self._network.allowed)
        if not reachable:
            raise AddressRefusedError(
                f"{host} leads to {', '.join(self.answers)}, which is not on the public network. Nothing was asked of "
                "it. If it is a mirror of your agency, name it in Network(allow=...)."
            )
        return reachable, port


def _chain(secured: Any) -> list[bytes]:
    # Public from Python 3.13; before that the private object has it, from 3.10 on.
    for holder in (secured, getattr(secured, "_sslobj", None)):
        getter = getattr(holder, "get_verified_chain", None)
        if getter:
            return [each if isinstance(each, bytes) else each.public_bytes(_DER) for each in getter()]
    leaf = secured.getpeercert(binary_form=True)
    return [leaf] if leaf else []


class _Tee:
    """The buffered reader of an answer, recording everything that is read from it."""

    def __init__(self, reader: Any, wire: Wire) -> None:
        self._reader, self._wire = reader, wire

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
        return self._kept(self._reader.readline(size))

    def readinto(self, buffer: Any) -> int:
        data = self.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _kept(self, data: bytes) -> bytes:
        self._wire.keep(data)
        return data


class _Response(http.client.HTTPResponse):
    """An answer whose bytes are recorded, and which takes no interim answer (RFC 9110, 15.2) for the final one."""

    wire: Wire

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp = _Tee(self.fp, self.wire)  # type: ignore[assignment]

    def _read_status(self) -> tuple[str, int, str]:
        # http.client itself skips 100 only, and would return a 103 as the answer.
        while True:
            self.wire.final = self.wire.size
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 101 < status < 200:
                return version, status, reason
            http.client.parse_headers(self.fp)


class _Connection(HTTPConnection):
    """A connection over :class:`Wire`."""

    wire: Wire

    def _new_conn(self) -> socket.socket:
        return self.wire.connect(self.host, self.port or self.default_port)

    def send(self, data: Any) -> None:
        super().send(data)
        self.wire.sent.write(data)


class _SecuredConnection(HTTPSConnection, _Connection):
    """A TLS connection over :class:`Wire`."""

    def connect(self) -> None:
        super().connect()
        self.wire.note_tls(self.sock)


class _Adapter(HTTPAdapter):
    """An adapter whose connections are recorded."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        bound = {"wire": self._wire, "response_class": type("Response", (_Response,), {"wire": self._wire})}
        plain = {"ConnectionCls": type("Connection", (_Connection,), bound)}
        secured = {"ConnectionCls": type("SecuredConnection", (_SecuredConnection,), bound)}
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("Pool", (HTTPConnectionPool,), plain),
            "https": type("SecuredPool", (HTTPSConnectionPool,), secured),
        }


def ask(url: str, wire: Wire, network: Network, user_agent: str, headers: Mapping[str, str] | None = None) -> None:
    """Ask for one address once, without following anything, and record the exchange in ``wire``.

    ``headers`` are sent besides, or in place of ours of the same name.

    An answer that breaks off or reaches a limit is recorded as far as it came, with ``wire.truncated`` set.

    Raises:
        AddressRefusedError: The name leads to no address that may be reached.
        UnreachableError: Nothing came back; says whether name, connection, certificate or time failed.
    """
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
        adapter = _Adapter(wire)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        try:
            timeouts = (network.connect_timeout, network.read_timeout)
            answer = session.get(url, stream=True, allow_redirects=False, timeout=timeouts)
            with contextlib.closing(answer):
                for _ in answer.raw.stream(_CHUNK, decode_content=False):
                    pass
        except _CutError as cut:
            wire.truncated = cut.reason
        except (requests.RequestException, http.client.HTTPException, OSError, HTTPError, ValueError) as error:
            _judge(error, wire, url)


def _judge(error: Exception, wire: Wire, url: str) -> None:
    """Tell an answer that broke off from no answer at all."""
    if wire.size:
        wire.truncated = "time" if "timed out" in str(error) else "disconnect"
        return
    kinds = {
        requests.exceptions.SSLError: "its certificate cannot be verified",
        requests.exceptions.Timeout: "it did not answer in time",
        requests.exceptions.ConnectionError: "no connection could be made",
        requests.exceptions.InvalidURL: "the address is not a valid one",
    }
    what = next((words for kind, words in kinds.items() if isinstance(error, kind)), "it did not answer")
    raise UnreachableError(f"Nothing came back from {without_secrets(url)}: {what} ({_innermost(error)}).") from error


def _innermost(error: BaseException) -> str:
    reason = getattr(error, "reason", None) or (error.args[0] if error.args else None)
    return _innermost(reason) if isinstance(reason, BaseException) else f"{error}"
