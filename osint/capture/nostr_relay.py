"""What is asked of a relay of Nostr over a WebSocket: REQ and CLOSE of NIP-01, until all that it stores has come.

Source: RFC 6455 (WebSocket), https://github.com/nostr-protocol/nips/blob/master/01.md (NIP-01).
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from urllib.parse import SplitResult

from osint.capture import websocket
from osint.capture.talk import GoneError, Line
from osint.capture.websocket import Frames, Kind

_LONGEST_TEXT = 1 << 16


def is_question(text: str) -> bool:
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


def ask_relay(line: Line, parts: SplitResult, said: Sequence[str], user_agent: str) -> None:
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


def _open(line: Line, parts: SplitResult, user_agent: str) -> bytes | None:
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


def _hear_out(line: Line, status: int, headers: Mapping[str, str], body: bytes) -> None:
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
        except GoneError:
            if is_chunked or length is not None:
                raise
            return
        came, end = came + len(more), (end + more)[-5:]


def _messages(line: Line, frames: Frames, rest: bytes) -> Iterator[bytes]:
    """Yield each text that comes; a ping is answered, as the standard wants it."""
    while True:
        for message in frames.feed(rest):
            if message.kind is Kind.TEXT:
                yield message.payload
            elif message.kind is Kind.PING:
                line.say(_frame(Kind.PONG, message.payload))
            elif message.kind is Kind.CLOSE:
                raise GoneError("it closed the WebSocket")
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
