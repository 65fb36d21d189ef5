"""What one exchange puts on the wire and what comes back, byte for byte, with the addresses and certificates it met."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Protocol

from osint.capture import agency_proxy
from osint.capture.address import vetted
from osint.capture.network import Network
from osint.errors import AddressRefusedError, NoRoomError, UnreachableError

_CHUNK = 1 << 16
_SPOOL = 1 << 20
_HEADS = 1 << 20  # of one exchange: a server may send interim answers without end
_DER = 2  # the encoding of certificates, as the private interface before Python 3.13 wants it


class Reader(Protocol):
    """What an answer is read from."""

    def read1(self, size: int = -1) -> bytes:
        """Return some bytes, none at the end."""
        ...

    def hang_up(self) -> None:
        """End the connection."""
        ...


class CutError(Exception):
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
        final: Where the final answer starts in them; interim answers (1xx) come before. Where nothing came after the
            last of those, it stands for the answer.
        truncated: ``length``, ``time``, ``disconnect`` or ``unspecified`` when the answer is not whole, else None.
        answers: Every address the name had; None when DNS was not asked.
        peer: The address connected to; None when there was none, or when a proxy made the connection.
        tls: Protocol, cipher and certificate chain (DER) of the socket, or None.
        proxy: ``host:port`` of the proxy that made the connection to the host, or None.
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
        self.proxy: str | None = None
        self._reader: Reader | None = None
        self._before_final = 0
        self._in_head = True
        self._network = network
        self._clock = clock
        self._deadline = clock() + network.total_timeout

    def close(self) -> None:
        """Forget the recorded bytes."""
        self.received.close()

    def connect(self, host: str, port: int, *, secured: bool) -> socket.socket:
        """Resolve once, and connect to the first address that may be reached and answers.

        Where the network has a proxy, this connects to that; ``secured`` asks it for a tunnel to the host.

        Raises:
            AddressRefusedError: No address of the name may be reached.
            UnreachableError: The name has no address, or the proxy leads nowhere.
            OSError: No address answered.
        """
        if self._network.proxy:
            connection = agency_proxy.connect(self._network, host, port, tunnel=secured, left=self._seconds_left)
            self.proxy = self._network.proxy_name
            return connection
        candidates, port = candidates_of(host, port, self._network, self)
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

    def note_start(self) -> None:
        """Note that an answer starts here, the final one as far as is known."""
        self._before_final, self.final = self.final, self.size

    def note_body(self) -> None:
        """Note that the heads are over, and with them their limit."""
        self._in_head = False

    def read_from(self, reader: Reader) -> None:
        """Remember where the answer comes from."""
        self._reader = reader

    def read_rest(self) -> None:
        """Record what still comes, to the end of the connection, without understanding it."""
        self.note_body()
        while self._reader is not None and self._reader.read1(_CHUNK):
            pass

    def hang_up(self) -> None:
        """End the connection."""
        if self.final == self.size:
            self.final = self._before_final
        if self._reader is not None:
            self._reader.hang_up()

    def note_tls(self, secured: Any) -> None:
        """Keep protocol, cipher and certificates of the socket; the chain where this Python can tell it."""
        self.tls = {"protocol": secured.version(), "cipher": secured.cipher()[0], "chain": _chain(secured)}

    def keep(self, data: bytes) -> None:
        """Record bytes of the answer, up to the limits.

        Raises:
            CutError: The size or time limit is reached; what was recorded until then stays.
        """
        limit = self._network.body_limit
        room = (min(limit, _HEADS) if self._in_head else limit) - self.size
        try:
            self.received.write(data[:room])
        except OSError as error:  # which is no fault of the connection
            raise NoRoomError(
                f"The answer could not be recorded ({error.strerror}); {self.size} bytes had come, and they are no "
                "evidence. What was collected before stays. Make room in the temporary folder, and collect again."
            ) from error
        self.size += min(len(data), room)
        if len(data) > room:
            raise CutError("length")
        if self._clock() > self._deadline:
            raise CutError("time")

    def _seconds_left(self) -> float:
        return self._deadline - self._clock()


def candidates_of(host: str, port: int, network: Network, wire: Wire | None = None) -> tuple[list[str], int]:
    """Return the addresses that may be tried, and the port. A host fixed by name is allowed by that.

    Args:
        host: The name, or an address.
        port: The port.
        network: Whose rules hold.
        wire: Where every address that the name has is noted.

    Raises:
        AddressRefusedError: No address of the name may be reached.
        UnreachableError: The name has no address.
    """
    fixed = network.fixed(host, port)
    if fixed:
        return [fixed[0]], fixed[1]
    try:
        answers = network.resolver(host, port)
    except (OSError, UnicodeError) as error:
        raise UnreachableError(f"The name {host} has no address ({error}).") from error
    if wire is not None:
        wire.answers = answers
    reachable = vetted(answers, network.allowed)
    if not reachable:
        raise AddressRefusedError(
            f"{host} leads to {', '.join(answers)}, which is not on the public network. Nothing was asked of "
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
