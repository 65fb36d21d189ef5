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
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from osint import warc
from osint.capture.entity import ENTITY_LIMIT, Poured, is_chunked, pour_entity
from osint.capture.exchange import Capture
from osint.capture.secrets import without_secret_lines
from osint.capture.wire import Wire
from osint.errors import EvidenceError
from osint.instants import format_instant, parse_instant
from osint.query import without_secrets
from osint.window import window

CUT = "The answer was cut"
RENDERED_TYPE = "text/html; charset=utf-8"
ORIGINAL = "original"
_CHUNK = 1 << 16


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


@contextmanager
def open_import(blob: IO[bytes], exhibit: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Lay a file that was handed in out in a temporary folder, under a name of ours; yield it and its metadata.

    Raises:
        EvidenceError: The blob holds no such file.
    """
    with TemporaryDirectory(prefix="osint-import-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / ORIGINAL
        with path.open("xb") as out:
            facts = copy_import(blob, exhibit, out)
        yield path, facts


def copy_import(blob: IO[bytes], exhibit: str, out: IO[bytes]) -> Mapping[str, Any]:
    """Write a file that was handed in to ``out``, and return its metadata.

    Raises:
        EvidenceError: The blob holds no such file.
    """
    try:
        return _copy_import(blob, out)
    except (warc.WarcError, KeyError, ValueError) as error:
        raise EvidenceError(
            f"Exhibit {exhibit} is no file that was handed in ({error}). Run case.verify() to see whether its bytes "
            "changed, and compare with a copy that was handed over."
        ) from error


def _copy_import(blob: IO[bytes], out: IO[bytes]) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = {}
    is_there = False
    for record in warc.read(blob):
        if (part := _part(record)) == ORIGINAL:
            record.block.seek(0)
            shutil.copyfileobj(record.block, out)
            is_there = True
        elif part == "metadata":
            facts = json.loads(record.read())
    if facts["made"] != "imported" or not is_there:
        raise ValueError("it was captured here")
    return facts


def read_capture(blob: IO[bytes], exhibit: str) -> Capture:
    """Make a capture from the evidentiary copy of one exchange or one rendered page, and from nothing else.

    A body is read up to ``entity.ENTITY_LIMIT``, and says so when there is more. A file that was handed in gives a
    capture without a body, which says so: :func:`open_import` lays the file out.

    Raises:
        EvidenceError: The blob is neither.
    """
    body = BytesIO()
    capture = _read(blob, exhibit, body.write, ENTITY_LIMIT)
    return replace(capture, body=body.getvalue())


def read_head(blob: IO[bytes], exhibit: str) -> Capture:
    """Make a capture as :func:`read_capture` does, of any length and without its body; its length is counted.

    Raises:
        EvidenceError: The blob is neither an exchange nor a rendered page.
    """
    return _read(blob, exhibit, lambda _: None)


def copy_body(blob: IO[bytes], exhibit: str, out: IO[bytes]) -> Capture:
    """Write the body of a capture to ``out``, of any length, and return the capture without it.

    Raises:
        EvidenceError: The blob is neither an exchange nor a rendered page.
    """
    return _read(blob, exhibit, out.write)


def hash_body(blob: IO[bytes], exhibit: str) -> str:
    """Return the SHA-256 of the body of a capture, of any length, hex.

    Raises:
        EvidenceError: The blob is neither an exchange nor a rendered page.
    """
    digest = sha256()
    _read(blob, exhibit, digest.update)
    return digest.hexdigest()


def _read(blob: IO[bytes], exhibit: str, out: Callable[[bytes], object], most: int | None = None) -> Capture:
    found: dict[str, Any] = {}
    try:
        for record in warc.read(blob):
            part = _part(record)
            if part == "metadata":
                found["facts"] = json.loads(record.read())
            elif part == "dom":
                out(record.read())
            elif part == "received":
                found["length"] = _pour_stream(record.block, out, most)
            elif part in ("response", "resource"):
                found["entity"] = pour_entity(record.block, out, most)
        facts = found["facts"]
        if facts.get("made") == "rendered":
            return _rendered(facts, exhibit)
        if facts.get("made") == "imported":
            return _imported(facts, exhibit)
        if "protocol" in facts:
            return _spoken(facts, exhibit, found["length"], most)
        return _answered(facts, exhibit, found["entity"])
    except (warc.WarcError, KeyError, ValueError) as error:
        raise EvidenceError(
            f"Exhibit {exhibit} is neither an exchange nor a rendered page ({error}). Run case.verify() to see whether "
            "its bytes changed, and compare with a copy that was handed over."
        ) from error
    except OSError as error:
        raise EvidenceError(
            f"Exhibit {exhibit} could not be unpacked to be read ({error.strerror}). It is stored and logged, and "
            "nothing of it is lost: make room in the temporary folder, and make the tables again with case.rebuild()."
        ) from error


def _part(record: warc.Record) -> str:
    """Return what a record is: its type, or the part of a rendered page that its ``urn:`` names."""
    scheme, _, rest = record.headers.get("warc-target-uri", "").partition(":")
    return rest.partition(":")[0] if record.type == "resource" and scheme == "urn" else record.type


def _answered(facts: Mapping[str, Any], exhibit: str, entity: Poured) -> Capture:
    """Return an HTTP exchange: what the server answered."""
    cut = [f"{CUT} ({facts['truncated']})."] if facts["truncated"] else []
    return Capture(
        exhibit=exhibit,
        url=facts["url"],
        via=facts["via"],
        status=entity.status,
        headers=entity.headers,
        body=b"",
        collected=parse_instant(facts["started"]),
        problems=(*cut, *entity.problems),
        length=entity.length,
        continues=facts.get("continues", ""),
    )


def _rendered(facts: Mapping[str, Any], exhibit: str) -> Capture:
    """Return a rendered page: the document as it stood, and the head of the answer it was made of."""
    return Capture(
        exhibit=exhibit,
        url=facts["url"],
        via=facts["via"],
        status=facts["status"],
        headers=(*((name, value) for name, value in facts["headers"]), ("Content-Type", RENDERED_TYPE)),
        body=b"",
        collected=parse_instant(facts["started"]),
        problems=tuple(facts["problems"]),
        made="rendered",
        picture=facts["picture"],
    )


def _imported(facts: Mapping[str, Any], exhibit: str) -> Capture:
    return Capture(
        exhibit=exhibit,
        url=facts["declaration"]["address"],
        status=200,
        headers=(("Content-Type", facts["media_type"]),),
        body=b"",
        collected=parse_instant(facts["started"]),
        problems=("It is a file that was handed in, and is read part by part.",),
        made="imported",
    )


def _spoken(facts: Mapping[str, Any], exhibit: str, length: int, most: int | None) -> Capture:
    """Return what came over a stream that is no HTTP; its first bytes say what it is."""
    problems = [f"{CUT} ({facts['truncated']})."] if facts["truncated"] else []
    if most is not None and length > most:
        problems.append(f"It has more than {most} bytes; the others were not read.")
    return Capture(
        exhibit=exhibit,
        url=facts["url"],
        via=facts["via"],
        status=facts["status"],
        headers=(),
        body=b"",
        collected=parse_instant(facts["started"]),
        problems=tuple(problems),
        length=length,
    )


def _pour_stream(block: IO[bytes], out: Callable[[bytes], object], most: int | None) -> int:
    """Hand on what came over a stream, up to ``most`` bytes; return how many there are."""
    block.seek(0)
    length = 0
    while piece := block.read(_CHUNK):
        out(piece if most is None else piece[: max(0, most - length)])
        length += len(piece)
    return length


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
