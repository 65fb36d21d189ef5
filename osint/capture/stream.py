"""Conversations that are no HTTP: NNTP, and WebSockets to relays of Nostr. What was said and what came is preserved.

Only what reads is said: the commands of NNTP that ask, and REQ and CLOSE of NIP-01; the lists below are whole. Anything
else is refused before a connection is opened. Name, address, certificate, limits and time are judged as those of every
other request, by the same :class:`~osint.capture.wire.Wire`.

The exhibit holds all bytes of both directions, each as one resource, and when which of them went or came. TLS and TCP
below, and the close of a WebSocket by the server, are not in it.

Source: RFC 3977 (NNTP), RFC 6455 (WebSocket), https://github.com/nostr-protocol/nips/blob/master/01.md (NIP-01).
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import IO, Literal
from urllib.parse import SplitResult, urlsplit

from osint import warc
from osint.capture import websocket
from osint.capture.network import Network
from osint.capture.preserve import Asked, facts_of, facts_of_wire, warcinfo
from osint.capture.websocket import BrokenFrameError, Frames, Kind
from osint.capture.wire import CutError, Wire
from osint.errors import OutOfScopeError, UnreachableError
from osint.query import without_secrets
from osint.render import visible

PORTS = {"nntp": 119, "nntps": 563, "ws": 80, "wss": 443}
_SECURED = ("nntps", "wss")
_CHUNK = 1 << 16
_LONGEST_LINE, _LONGEST_TEXT = 510, 1 << 16
_MOST_CHUNKS = 100_000  # of both directions: each is a line of the exhibit, and a server may send byte by byte
_READS = re.compile(
    r"(CAPABILITIES|MODE READER|GROUP [!-~]{1,400}|X?OVER [\d-]{1,40}|HDR [!-~]{1,100} [!-~]{1,300}"
    r"|(ARTICLE|HEAD|BODY)( \d{1,18}| <[!-;=?-~]{1,248}>)?"
    r"|LIST( (ACTIVE|NEWSGROUPS|OVERVIEW\.FMT)( [!-~]{1,300})?)?)",
    re.IGNORECASE | re.ASCII,
)
_IN_LINES = frozenset({b"100", b"101", b"215", b"220", b"221", b"222", b"224", b"225", b"230", b"231"})


@dataclass(kw_only=True)
class Talk:
    """What was said, and how it ended.

    Attributes:
        protocol: ``nntp`` or ``websocket``.
        chunks: Of each piece of bytes its direction, where it starts in that direction, its length, and milliseconds
            since the connection was asked for.
        status: 200 when the server took the conversation up, else 0: it is no status of HTTP.
    """

    protocol: Literal["nntp", "websocket"]
    chunks: list[tuple[Literal["sent", "received"], int, int, int]] = field(default_factory=list)
    status: int = 0


class _GoneError(Exception):
    """The server ended the connection."""


def check_said(url: str, said: Sequence[str]) -> None:
    """Refuse an address or a line that does more than read.

    Raises:
        OutOfScopeError: Nothing was asked.
    """
    scheme = urlsplit(url).scheme
    if scheme not in PORTS:
        raise OutOfScopeError(f"{visible(without_secrets(url))} is no address of a stream; nothing was asked.")
    only_reads = _is_command if scheme.startswith("nntp") else _is_question
    for line in said:
        if not only_reads(line):
            raise OutOfScopeError(f"{visible(line[:200])!r} does more than read, or nothing that is known; not said.")


def converse(url: str, said: Sequence[str], wire: Wire, network: Network) -> Talk:
    """Say lines over a stream, wait for the answer to each, and record both directions in ``wire``.

    An answer that breaks off or reaches a limit is recorded as far as it came, with ``wire.truncated`` set.

    Args:
        url: ``nntp(s)://host[:port]/group`` or ``ws(s)://host[:port]/path``.
        said: Commands of NNTP, or texts of NIP-01.
        wire: What records.
        network: Whose rules hold.

    Raises:
        OutOfScopeError: A line does more than read.
        AddressRefusedError: The name leads to no address that may be reached.
        UnreachableError: Nothing came back.
    """
    check_said(url, said)
    parts = urlsplit(url)
    is_news = parts.scheme.startswith("nntp")
    talk = Talk(protocol="nntp" if is_news else "websocket")
    started = time.monotonic()
    wire.note_body()
    try:
        with closing(_connected(parts, wire, network)) as connection:
            line = _Line(connection, wire, talk, started, network.total_timeout)
            if is_news:
                _read_news(line, said)
            else:
                _ask_relay(line, parts, said, network.user_agent)
    except CutError as cut:
        wire.truncated = cut.reason
    except BrokenFrameError:
        wire.truncated = "unspecified"
    except (_GoneError, OSError, ValueError) as error:
        if not wire.size:
            raise _unreachable(url, error) from error
        wire.truncated = "time" if isinstance(error, TimeoutError) else "disconnect"
    return talk


def write_talk(out: IO[bytes], asked: Asked, wire: Wire, talk: Talk) -> int:
    """Write the records of a conversation to ``out``: what came, what was said, and when; return its status."""
    from requests.utils import requote_uri

    url = requote_uri(without_secrets(asked.url))
    info = warc.new_record_id()
    fields = {"WARC-Warcinfo-ID": info, **({"WARC-IP-Address": wire.peer} if wire.peer else {})}

    def write(kind: str, part: str, block: warc.Block, media: str, record_id: str, **extra: str) -> None:
        own = {} if kind == "warcinfo" else {**fields, "WARC-Target-URI": f"urn:{part}:{url}", **extra}
        warc.write_record(out, kind, block, date=asked.started, content_type=media, record_id=record_id, fields=own)

    write("warcinfo", "", warc.Block.of(warcinfo(asked)), "application/warc-fields", info)
    cut = {"WARC-Truncated": wire.truncated} if wire.truncated else {}
    wire.received.seek(0)
    received = warc.Block.of_stream(wire.received)
    write("resource", "received", received, "application/octet-stream", warc.new_record_id(), **cut)
    sent = warc.Block.of(wire.sent.getvalue())
    write("resource", "sent", sent, "application/octet-stream", warc.new_record_id())
    facts = {
        **facts_of(asked),
        **facts_of_wire(wire),
        "made": "wire",
        "protocol": talk.protocol,
        "status": talk.status,
        "chunks": talk.chunks,
        "entity_sha256": received.sha256.hex(),
    }
    block = warc.Block.of(json.dumps(facts, ensure_ascii=False, sort_keys=True).encode())
    write("metadata", "metadata", block, "application/json", warc.new_record_id())
    return talk.status


class _Line:
    """One connection, both of whose directions are recorded."""

    def __init__(self, connection: socket.socket, wire: Wire, talk: Talk, started: float, seconds: float) -> None:
        self._connection, self._wire, self._started, self._seconds = connection, wire, started, seconds
        self._spoken = 0
        self.talk = talk

    def say(self, data: bytes) -> None:
        """Send bytes. Of what fails nobody can say how much went, so it is recorded too.

        Raises:
            CutError: A limit is reached: a server that takes its time to listen is waited for no longer than another.
        """
        if time.monotonic() - self._started > self._seconds:
            raise CutError("time")
        try:
            self._connection.sendall(data)
        finally:
            self._wire.sent.write(data)
            self._note("sent", self._spoken, len(data))
            self._spoken += len(data)

    def hear(self) -> bytes:
        """Return what came next.

        Raises:
            _GoneError: The server ended the connection.
            CutError: A limit is reached.
        """
        data = self._connection.recv(_CHUNK)
        if not data:
            raise _GoneError("it ended the connection")
        before = self._wire.size
        try:
            self._wire.keep(data)
        finally:
            self._note("received", before, self._wire.size - before)
        return data

    def _note(self, direction: Literal["sent", "received"], offset: int, length: int) -> None:
        milliseconds = round((time.monotonic() - self._started) * 1000)
        self.talk.chunks.append((direction, offset, length, milliseconds))
        if len(self.talk.chunks) >= _MOST_CHUNKS:
            raise CutError("length")


def _connected(parts: SplitResult, wire: Wire, network: Network) -> socket.socket:
    from requests.utils import DEFAULT_CA_BUNDLE_PATH

    assert parts.hostname is not None
    secured = parts.scheme in _SECURED
    if network.proxy and not secured:
        raise UnreachableError(
            f"Nothing was asked of {parts.hostname}: a proxy passes on what is secured, and {parts.scheme} is not. Ask "
            f"for {parts.scheme}s://, or have the network reach it without the proxy."
        )
    plain = wire.connect(parts.hostname, parts.port or PORTS[parts.scheme], secured=secured)
    if not secured:
        return plain
    try:
        context = ssl.create_default_context(cafile=network.ca or DEFAULT_CA_BUNDLE_PATH)
        connection = context.wrap_socket(plain, server_hostname=parts.hostname)
    except BaseException:
        plain.close()
        raise
    wire.note_tls(connection)
    return connection


def _unreachable(url: str, error: Exception) -> UnreachableError:
    if isinstance(error, ssl.SSLCertVerificationError):
        what = "its certificate cannot be verified"
    elif isinstance(error, TimeoutError):
        what = "it did not answer in time"
    elif isinstance(error, _GoneError):
        what = "it did not answer"
    else:
        what = "no connection could be made"
    return UnreachableError(f"Nothing came back from {without_secrets(url)}: {what} ({visible(str(error))}).")


# NNTP --------------------------------------------------------------------------------------------------------------


def _is_command(line: str) -> bool:
    return len(line) <= _LONGEST_LINE and _READS.fullmatch(line) is not None


def _read_news(line: _Line, said: Sequence[str]) -> None:
    heard = bytearray()
    if _answer(line, heard)[:2] != b"20":
        return
    line.talk.status = 200
    for command in said:
        _check_silence(heard)
        line.say(command.encode("ascii") + b"\r\n")
        _answer(line, heard)
    _check_silence(heard)
    with suppress(_GoneError, OSError):  # all that was asked for is here
        line.say(b"QUIT\r\n")
        if _answer(line, heard) != b"205":
            raise CutError("unspecified")


def _check_silence(heard: bytearray) -> None:
    """Refuse a server that says more than it was asked: from there on nobody can tell what answers what."""
    if heard:
        raise CutError("unspecified")


def _answer(line: _Line, heard: bytearray) -> bytes:
    """Wait for the end of one answer, and return its code; what came behind it stays in ``heard``."""
    end = _wait_for(line, heard, b"\r\n", 0)
    code = bytes(heard[:3])
    if code in _IN_LINES:
        # The first line may be followed by the last at once, so its own end counts as the break before it.
        end = _wait_for(line, heard, b"\r\n.\r\n", end - 2)
    del heard[:end]
    return code


def _wait_for(line: _Line, heard: bytearray, mark: bytes, start: int) -> int:
    """Hear until ``mark`` stands behind ``start``; return where it ends."""
    while (at := heard.find(mark, start)) < 0:
        start = max(start, len(heard) - len(mark) + 1)
        heard += line.hear()
    return at + len(mark)


# Nostr -------------------------------------------------------------------------------------------------------------


def _is_question(text: str) -> bool:
    return len(text) <= _LONGEST_TEXT and _subscription(text) is not None


def _subscription(text: str) -> tuple[str, str] | None:
    """Return the verb of a message of NIP-01 that asks, and its subscription; None when it is none."""
    try:
        text.encode()  # half of a surrogate pair has no bytes
        verb, name, *filters = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    if not isinstance(name, str) or not 0 < len(name) <= 64 or not all(isinstance(each, dict) for each in filters):
        return None
    is_known = (verb == "REQ" and filters) or (verb == "CLOSE" and not filters)
    return (verb, name) if is_known else None


def _ask_relay(line: _Line, parts: SplitResult, said: Sequence[str], user_agent: str) -> None:
    frames, rest = Frames(), _open(line, parts, user_agent)
    if rest is None:
        return
    line.talk.status = 200
    messages = _messages(line, frames, rest)
    for text in said:
        line.say(_frame(Kind.TEXT, text.encode()))
        verb, name = _subscription(text) or ("", "")
        if verb == "REQ":
            _wait_for_end(messages, name)
            with suppress(OSError):  # a relay may leave first; all that was asked for is here
                line.say(_frame(Kind.TEXT, json.dumps(["CLOSE", name]).encode()))
    with suppress(OSError):
        line.say(_frame(Kind.CLOSE, (1000).to_bytes(2, "big")))


def _open(line: _Line, parts: SplitResult, user_agent: str) -> bytes | None:
    """Ask for a WebSocket; return what came behind the handshake, or None when the server opens none."""
    from requests.utils import requote_uri

    key = base64.b64encode(secrets.token_bytes(16)).decode()
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    line.say(websocket.handshake(parts.netloc, requote_uri(target), key, user_agent))
    heard, start = b"", 0
    while not start:
        heard += line.hear()
        status, headers, start = websocket.split_head(heard)
    if status != 101:
        _hear_out(line, status, headers, heard[start:])
        return None
    is_open = headers.get("upgrade", "").casefold() == "websocket"
    return heard[start:] if is_open and headers.get("sec-websocket-accept") == websocket.accept_of(key) else None


def _hear_out(line: _Line, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Hear what a server refuses with to its end: that which it names, or that of the connection."""
    named = headers.get("content-length", "")
    length = int(named) if named.isascii() and named.isdigit() and len(named) < 19 else None
    is_chunked = headers.get("transfer-encoding", "").casefold().endswith("chunked")
    if status < 200 or status in (204, 304):
        return
    came, end = len(body), body[-5:]
    while not end.endswith(b"0\r\n\r\n") if is_chunked else length is None or came < length:
        try:
            more = line.hear()
        except _GoneError:
            if is_chunked or length is not None:
                raise
            return
        came, end = came + len(more), (end + more)[-5:]


def _messages(line: _Line, frames: Frames, rest: bytes) -> Iterator[bytes]:
    """Yield each text that comes; a ping is answered, as the standard wants it."""
    while True:
        for message in frames.feed(rest):
            if message.kind is Kind.TEXT:
                yield message.payload
            elif message.kind is Kind.PING:
                line.say(_frame(Kind.PONG, message.payload))
            elif message.kind is Kind.CLOSE:
                raise _GoneError("it closed the WebSocket")
        rest = line.hear()


def _wait_for_end(messages: Iterator[bytes], name: str) -> None:
    """Hear until the relay has sent all that it stores for a subscription, or closed it."""
    for text in messages:
        try:
            verb, subscription, *_ = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            continue
        if verb in ("EOSE", "CLOSED") and subscription == name:
            return


def _frame(kind: Kind, payload: bytes) -> bytes:
    return websocket.frame(kind, payload, secrets.token_bytes(4))
