"""Conversations that are no HTTP: NNTP, and WebSockets to relays of Nostr. What was said and what came is preserved.

Only what reads is said: the commands of NNTP that ask (:mod:`osint.capture.nntp`), and REQ and CLOSE of NIP-01
(:mod:`osint.capture.nostr_relay`); their lists are whole. Anything else is refused before a connection is opened. Name,
address, certificate, limits and time are judged as those of every other request, by the same
:class:`~osint.capture.wire.Wire`.

The exhibit holds all bytes of both directions, each as one resource, and when which of them went or came. TLS and TCP
below, and the close of a WebSocket by the server, are not in it.

Source: RFC 3977 (NNTP), RFC 6455 (WebSocket), https://github.com/nostr-protocol/nips/blob/master/01.md (NIP-01).
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import closing
from typing import IO
from urllib.parse import SplitResult, urlsplit

from osint import warc
from osint.capture.network import Network
from osint.capture.nntp import is_command, read_news
from osint.capture.nostr_relay import ask_relay, is_question
from osint.capture.preserve import Asked, facts_of, facts_of_wire, warcinfo
from osint.capture.talk import GoneError, Line, Talk
from osint.capture.websocket import BrokenFrameError
from osint.capture.wire import CutError, Wire
from osint.errors import OutOfScopeError, UnreachableError
from osint.query import without_secrets
from osint.render import visible

PORTS = {"nntp": 119, "nntps": 563, "ws": 80, "wss": 443}
_SECURED = ("nntps", "wss")


def check_said(url: str, said: Sequence[str]) -> None:
    """Refuse an address or a line that does more than read.

    Raises:
        OutOfScopeError: Nothing was asked.
    """
    scheme = urlsplit(url).scheme
    if scheme not in PORTS:
        raise OutOfScopeError(f"{visible(without_secrets(url))} is no address of a stream; nothing was asked.")
    only_reads = is_command if scheme.startswith("nntp") else is_question
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
            line = Line(connection, wire, talk, started, network.total_timeout)
            if is_news:
                read_news(line, said)
            else:
                ask_relay(line, parts, said, network.user_agent)
    except CutError as cut:
        wire.truncated = cut.reason
    except BrokenFrameError:
        wire.truncated = "unspecified"
    except (GoneError, OSError, ValueError) as error:
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
    elif isinstance(error, GoneError):
        what = "it did not answer"
    else:
        what = "no connection could be made"
    return UnreachableError(f"Nothing came back from {without_secrets(url)}: {what} ({visible(str(error))}).")


# Nostr -------------------------------------------------------------------------------------------------------------
