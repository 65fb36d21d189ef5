"""One question to a time server (SNTP): how far this machine's clock is from its own.

One datagram goes, and one comes back from the very address that was asked. The question holds a random number in the
place of our time: it tells nobody what our clock says, and an answer that does not repeat it is none. Nothing proves
who answered; it is a time server's word over a network, and the interval is widened by the error that it admits.

Source: RFC 5905, 7.3 (header), 8 (offset); RFC 4330, 5 (what a client checks), 8 (kiss-o'-death).
"""

from __future__ import annotations

import secrets
import socket
import struct
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

from osint.capture.clock_offset import Offset
from osint.capture.network import Network
from osint.capture.wire import candidates_of
from osint.errors import UnreachableError
from osint.render import visible

_CLIENT, _SERVER, _VERSION = 3, 4, 4
_UNSYNCHRONISED = 3
_FURTHEST = 15
_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
_ERA = 1 << 32  # seconds; the second era begins in 2036


def ask_time_server(network: Network, clock: Callable[[], datetime]) -> Offset:
    """Ask the time server of a network once.

    The address guard is that of every request; a proxy is no way for datagrams, and is not asked.

    Raises:
        AddressRefusedError: Its name leads to no address that may be reached.
        UnreachableError: Nothing usable came.
    """
    host, port = network.time_server_address
    addresses, port = candidates_of(host, port, network)
    nonce = secrets.token_bytes(8)
    question = bytes([_VERSION << 3 | _CLIENT]) + bytes(39) + nonce
    try:
        sent, answer, received = _exchange((addresses[0], port), question, network.connect_timeout, clock)
        least, most = _read(answer, nonce, sent, received)
    except (OSError, ValueError, OverflowError) as error:
        raise UnreachableError(f"The time server {network.time_server} told no time: {visible(error)}.") from error
    return Offset.between(f"time server {host}", least, most)


def _exchange(
    address: tuple[str, int], question: bytes, seconds: float, clock: Callable[[], datetime]
) -> tuple[datetime, bytes, datetime]:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_DGRAM)) as connection:
        connection.settimeout(seconds)
        connection.connect(address)  # from now on the system drops what others send
        sent = clock()
        connection.send(question)
        answer = connection.recv(1024)
        return sent, answer, clock()


def _read(answer: bytes, nonce: bytes, sent: datetime, received: datetime) -> tuple[timedelta, timedelta]:
    """Return the ends of the interval in which the offset lies.

    The question arrived no earlier than it was sent, and the answer left no later than it came.

    Raises:
        ValueError: It is no answer to this question, or one that a client must not go by.
    """
    if len(answer) < 48:
        raise ValueError(f"its answer has {len(answer)} bytes, and the shortest there is has 48")
    first, stratum, delay, dispersion, code, originate, arrived, left = struct.unpack("!BB2xII4s8x8s8s8s", answer[:48])
    if first & 7 != _SERVER or first >> 3 & 7 not in (3, _VERSION):
        raise ValueError("what came is not the answer of a time server")
    if originate != nonce:
        raise ValueError("what came answers another question")
    if stratum == 0:
        raise ValueError(f"it refuses to serve us ({visible(code.decode('latin-1'))})")
    if first >> 6 == _UNSYNCHRONISED or stratum > _FURTHEST or not any(left):
        raise ValueError("its own clock is not set")
    arrival, departure = _instant(arrived, received), _instant(left, received)
    error = timedelta(seconds=delay / 2**17 + dispersion / 2**16)  # half the way to its own source, and its drift
    least, most = departure - received - error, arrival - sent + error
    if departure < arrival or least > most:
        raise ValueError("its times contradict each other")
    return least, most


def _instant(stamp: bytes, near: datetime) -> datetime:
    """Return the instant of an NTP time stamp: seconds since 1900 in the era nearest to ours, and a fraction."""
    seconds, fraction = struct.unpack("!II", stamp)
    era = round(((near - _EPOCH).total_seconds() - seconds) / _ERA)
    return _EPOCH + timedelta(seconds=seconds + era * _ERA, microseconds=fraction * 1_000_000 >> 32)
