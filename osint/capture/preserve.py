"""One exchange is one blob: warcinfo, answer, request and metadata in one ``.warc.gz``, before anyone parses it.

A page that a browser rendered is one blob too: warcinfo, resources and metadata. Its resources bear the names that
Browsertrix gives them, ``urn:dom:URL`` and so on, and its metadata says ``"made": "rendered"``; an exchange's says
``"wire"``.

A conversation over a stream that is no HTTP is one blob as well: what came and what was said, ``urn:received:URL`` and
``urn:sent:URL``, and metadata that says its ``protocol`` (:mod:`osint.capture.stream`).

A file that was handed in is one blob as well: warcinfo, the file as one resource, and metadata with the declaration of
who saved it and ``"made": "imported"``. The block digest of the resource is the SHA-256 of the file.
"""

from __future__ import annotations

import base64
import json
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import IO, Any

from osint import warc
from osint.capture.entity import ENTITY_LIMIT, is_chunked, pour_entity
from osint.capture.secrets import without_secret_lines
from osint.capture.wire import Wire
from osint.instants import format_instant
from osint.query import without_secrets
from osint.window import window

CUT = "The answer was cut"
RENDERED_TYPE = "text/html; charset=utf-8"
ORIGINAL = "original"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What surrounds one exchange and goes into its records.

    Attributes:
        url: The address asked, as it was sent.
        via: The address first asked for, when redirects led here; otherwise equal to ``url``.
        started: Instant at which the request started.
        ended: Instant at which the last byte was recorded.
        entry: Identifier of the ledger entry that will name this exchange.
        case: Identifier of the ledger, which names the case without personal data.
        authorization: Leaf hash of the entry that holds the authority, hex.
        network: What differs from the plain public internet.
        unpacked: Bytes to which the answer is unpacked for its hash; None for a media file.
        continues: The exhibit that broke off and whose rest is asked for, or nothing.
    """

    url: str
    via: str
    started: datetime
    ended: datetime
    entry: str
    case: str
    authorization: str
    network: Mapping[str, Any]
    software: str
    unpacked: int | None = ENTITY_LIMIT
    continues: str = ""


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """What surrounds a file that was handed in, and goes into its records.

    Attributes:
        taken_in: Instant of the import.
        entry: Identifier of the ledger entry that will name it.
        case: Identifier of the ledger, which names the case without personal data.
        authorization: Leaf hash of the entry that holds the authority, hex.
        media_type: What the file is, by its content.
        told: What else is known of it, as JSON values: the declaration, its name.
    """

    taken_in: datetime
    entry: str
    case: str
    authorization: str
    media_type: str
    told: Mapping[str, Any]
    software: str


def write_exchange(out: IO[bytes], asked: Asked, wire: Wire) -> int:
    """Write the four records of an exchange to ``out``; return the status of the answer, 0 when it is no HTTP.

    A request's secrets are replaced before the request is written, and its digest is that of what is written; the
    answer is written byte for byte. ``WARC-Payload-Digest`` is left out under a transfer coding, where the readers
    in use disagree with the standard about what it covers; the metadata carries the entity's hash in any case.
    """
    from requests.utils import requote_uri

    info, request, answer, metadata = (warc.new_record_id() for _ in range(4))
    fields = {
        "WARC-Target-URI": requote_uri(without_secrets(asked.url)),
        "WARC-Warcinfo-ID": info,
        "WARC-Protocol": "http/1.1",
    }
    if wire.peer:
        fields["WARC-IP-Address"] = wire.peer

    def write(kind: str, block: warc.Block, content_type: str, record_id: str, **extra: str) -> None:
        own = {} if kind == "warcinfo" else {**fields, **extra}
        warc.write_record(
            out, kind, block, date=asked.started, content_type=content_type, record_id=record_id, fields=own
        )

    write("warcinfo", warc.Block.of(warcinfo(asked)), "application/warc-fields", info)
    status, entity_facts = _write_answer(write, wire, answer, asked.unpacked)
    sent, replaced = without_secret_lines(wire.sent.getvalue())
    write("request", warc.Block.of(sent), "application/http;msgtype=request", request, **{"WARC-Concurrent-To": answer})
    facts = {**facts_of(asked), **facts_of_wire(wire), **entity_facts, "made": "wire", "replaced_in_request": replaced}
    block = warc.Block.of(json.dumps(facts, ensure_ascii=False, sort_keys=True).encode())
    # Under the address of the page, pywb would show the metadata in its place.
    named = {"WARC-Concurrent-To": answer, "WARC-Target-URI": f"urn:metadata:{fields['WARC-Target-URI']}"}
    write("metadata", block, "application/json", metadata, **named)
    return status


def write_import(out: IO[bytes], handed: HandedIn, original: warc.Block) -> None:
    """Write the three records of a file that was handed in; the file itself goes in byte for byte."""
    info = warc.new_record_id()
    digest = original.sha256.hex()
    facts = {
        **handed.told,
        "made": "imported",
        "started": format_instant(handed.taken_in),
        "ledger_entry": handed.entry,
        "authorization": handed.authorization,
        "file_sha256": digest,
        "file_size": original.length,
        "media_type": handed.media_type,
    }

    def write(kind: str, block: warc.Block, media: str, record_id: str, **fields: str) -> None:
        warc.write_record(
            out, kind, block, date=handed.taken_in, content_type=media, record_id=record_id, fields=fields
        )

    write("warcinfo", warc.Block.of(warcinfo(handed)), "application/warc-fields", info)
    named = {"WARC-Warcinfo-ID": info, "WARC-Target-URI": f"urn:{ORIGINAL}:{digest}"}
    write("resource", original, handed.media_type, warc.new_record_id(), **named)
    block = warc.Block.of(json.dumps(facts, ensure_ascii=False, sort_keys=True).encode())
    write("metadata", block, "application/json", warc.new_record_id(), **named)


def _write_answer(write: Any, wire: Wire, record_id: str, unpacked: int | None) -> tuple[int, dict[str, Any]]:
    extra = {"WARC-Truncated": wire.truncated} if wire.truncated else {}
    content = window(wire.received, wire.final, wire.size - wire.final)  # interim answers come before it
    entity = pour_entity(content, lambda _: None, unpacked)
    if not entity.status:
        content.seek(0)
        write("resource", warc.Block.of_stream(content), "application/octet-stream", record_id, **extra)
        return 0, {"entity_sha256": None, "interim": _interim(wire)}
    if not is_chunked(entity.headers):
        content.seek(warc.payload_offset(content))
        extra["WARC-Payload-Digest"] = warc.digest_text(warc.Block.of_stream(content).sha256)
    content.seek(0)
    write("response", warc.Block.of_stream(content), "application/http;msgtype=response", record_id, **extra)
    return entity.status, {"entity_sha256": entity.sha256, "interim": _interim(wire)}


def _interim(wire: Wire) -> str | None:
    wire.received.seek(0)
    interim = wire.received.read(wire.final)
    return base64.b64encode(interim).decode() if interim else None


def facts_of(asked: Asked) -> dict[str, Any]:
    """Return what the metadata of every exhibit says of how it came about, as JSON values."""
    return {
        "url": without_secrets(asked.url),
        "via": without_secrets(asked.via),
        "started": format_instant(asked.started),
        "ended": format_instant(asked.ended),
        "ledger_entry": asked.entry,
        "authorization": asked.authorization,
        "network": dict(asked.network),
        **({"continues": asked.continues} if asked.continues else {}),
    }


def facts_of_wire(wire: Wire) -> dict[str, Any]:
    """Return what the metadata says of the connection that an exhibit came over, as JSON values."""
    tls = wire.tls and {**wire.tls, "chain": [base64.b64encode(each).decode() for each in wire.tls["chain"]]}
    facts = {
        "dns_answers": wire.answers if wire.answers is not None else "not observed",
        "peer": wire.peer,
        "tls": tls,
        "truncated": wire.truncated,
    }
    return facts if wire.proxy is None else {**facts, **_through(wire.proxy, tls)}


def _through(proxy: str, tls: Mapping[str, Any] | None) -> dict[str, Any]:
    """Say what a proxy hides. Whether it ended TLS itself is not told from here, and not guessed."""
    return {
        "via_proxy": proxy,
        "peer": f"not observed (proxy {proxy})",
        "tls": tls and {**tls, "seen": f"through the proxy {proxy}; certificates and cipher may be its own"},
        "answer": "as it came from the proxy" + ("" if tls else "; it may have changed it, or be its author"),
    }


def software() -> str:
    """Return what names this tool in an exhibit: its version, that of Python, and the platform."""
    return f"osint/{version('osint')} python/{sys.version_info.major}.{sys.version_info.minor} {sys.platform}"


def warcinfo(asked: Asked | HandedIn) -> bytes:
    """Name the tool and the case; the nonce makes the hash of the blob impossible to guess from its content."""
    lines = {
        "software": asked.software,
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": asked.case,
        "nonce": secrets.token_hex(16),
    }
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode()
