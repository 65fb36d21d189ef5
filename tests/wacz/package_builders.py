"""Small invented packages, and tools to take one apart and to forge it."""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from osint import warc
from osint.wacz import cdxj, zipped
from osint.wacz.form import DIGEST, IDX, INDEX, MANIFEST, members
from osint.wacz.package import Page, write_wacz
from osint.wacz.signing import AnonymousSigner
from osint.window import window

NOON = datetime(2026, 6, 1, 12, 0, 0, 250_000, tzinfo=UTC)
MADE = datetime(2026, 6, 2, 8, 30, tzinfo=UTC)
SOFTWARE = "osint 0.0.0"
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 25\r\n\r\n<p>Nobody was here.</p>\r\n"
CHUNKED = (
    b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ngone\n\r\n0\r\n\r\n"
)


def signer(secret: int = 7) -> AnonymousSigner:
    return AnonymousSigner(ec.derive_private_key(secret, ec.SECP384R1()))


def exhibit(number: int, url: str, answer: bytes = HTML, *, kind: str = "response", date: datetime = NOON) -> bytes:
    """Return the WARC file of one exchange, as the capture writes it: warcinfo, answer, request, metadata."""
    out = io.BytesIO()

    def write(place: int, record_type: str, block: bytes, content_type: str, **fields: str) -> None:
        warc.write_record(
            out, record_type, warc.Block.of(block), date=date, content_type=content_type,
            record_id=f"<urn:uuid:00000000-0000-4000-8000-{number:08d}{place:04d}>", fields=fields,
        )  # fmt: skip

    target = {"WARC-Target-URI": url, "WARC-IP-Address": "192.0.2.7"}
    write(0, "warcinfo", f"software: {SOFTWARE}\r\nnonce: {number}\r\n".encode(), "application/warc-fields")
    if kind == "resource":
        write(1, kind, answer, "application/octet-stream", **target)
    else:
        payload = {}
        if b"chunked" not in answer:
            body = answer[warc.payload_offset(io.BytesIO(answer)) :]
            payload = {"WARC-Payload-Digest": warc.digest_text(hashlib.sha256(body).digest())}
        write(1, kind, answer, "application/http;msgtype=response", **target, **payload)
    host = url.split("/")[2] if "//" in url else "a.example"
    write(
        2, "request", f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(), "application/http;msgtype=request", **target
    )
    write(3, "metadata", json.dumps({"entry": number}).encode(), "application/json", **target)
    return out.getvalue()


URLS = ["https://www.a.example/", "https://a.example/B/?b=2&a=1", "https://b.example/gone"]
WARCS = {
    "0001.warc.gz": exhibit(1, URLS[0]),
    "0002.warc.gz": exhibit(2, URLS[1], date=NOON + timedelta(seconds=1)),
    "0003.warc.gz": exhibit(3, URLS[2], CHUNKED),
}
PAGES = [
    Page("1", URLS[0], NOON, "Nobody's page", "Nobody was here."),
    Page("2", URLS[1], NOON + timedelta(seconds=1)),
]
EXTRA = {"custody/ledger.jsonl": b'{"entry":0}\n', "custody/README.txt": b"Read me.\n"}


def package(path: Path, **changes: Any) -> Path:
    """Write a package of three exhibits; ``changes`` are arguments of ``write_wacz``."""
    arguments = {"warcs": WARCS, "pages": PAGES, "extra": EXTRA, "created": MADE, "software": SOFTWARE, **changes}
    write_wacz(path, **arguments)
    return path


def contents(path: Path) -> dict[str, bytes]:
    """Return every file of a package."""
    with path.open("rb") as file:
        return {each.name: window(file, each.start, each.size).read() for each in zipped.read_directory(file)}


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a ZIP of the form that this program writes."""
    out = io.BytesIO()
    writer = zipped.Writer(out)
    for name, content in files.items():
        writer.add(name, io.BytesIO(content), len(content))
    writer.close()
    return out.getvalue()


def relisted(files: Mapping[str, bytes], *, sign: bool = False) -> dict[str, bytes]:
    """Return the files with a manifest and digest made anew, as whoever alters a package would make them."""
    manifest = json.loads(files[MANIFEST])
    plain = {name: content for name, content in files.items() if name not in (MANIFEST, DIGEST)}
    manifest["resources"] = [
        {"name": name.replace("/", "-").lower(), "path": name, "hash": sha256(content), "bytes": len(content)}
        for name, content in plain.items()
    ]
    return remanifested({**plain, MANIFEST: b"", DIGEST: files[DIGEST]}, manifest, sign=sign)


def remanifested(files: Mapping[str, bytes], manifest: Mapping[str, Any], *, sign: bool = False) -> dict[str, bytes]:
    data = f"{json.dumps(manifest, indent=2)}\n".encode()
    document: dict[str, Any] = {"path": MANIFEST, "hash": sha256(data)}
    if sign:
        document["signedData"] = signer(8).sign(sha256(data), manifest["created"], manifest["software"])
    return {**files, MANIFEST: data, DIGEST: f"{json.dumps(document, indent=2)}\n".encode()}


def reindexed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files with the index that their WARC files give."""
    with cdxj.Sorter() as lines:
        for name, content in files.items():
            if name.startswith("archive/"):
                for record in members(io.BytesIO(content)):
                    if line := cdxj.index_line(record, name.removeprefix("archive/")):
                        lines.add(line)
        packed = io.BytesIO()
        idx = cdxj.write_index(lines, packed, "index.cdx.gz")
    return {**files, INDEX: packed.getvalue(), IDX: idx}


def rewritten(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return a WARC file whose second record was unpacked, changed and packed again."""
    cuts = [record.offset for record in warc.read(io.BytesIO(content))]
    member = change(zlib.decompress(content[cuts[1] : cuts[2]], 31))
    gzip = zlib.compressobj(6, zlib.DEFLATED, 31)
    return content[: cuts[1]] + gzip.compress(member) + gzip.flush() + content[cuts[2] :]


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
