"""Packages made to harm whoever verifies them. Their makers sign what they can, with keys of their own."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path

from faults.outside import KEYS

from osint.chain_of_custody.entry import PAYLOAD_TYPE, open_envelope, pre_authentication
from osint.report.bag import MANIFEST

GIGABYTE = 1 << 30

Change = Callable[[Path], object]


def sign_again(line: bytes, old: bytes, new: bytes) -> bytes:
    """Change the payload of a line, and sign it: whoever makes a hostile package holds keys of his own."""
    body = open_envelope(line).payload.replace(old, new)
    assert body != open_envelope(line).payload
    actor = KEYS["actor"]
    signature = {"keyid": actor.keyid, "sig": base64.b64encode(actor.sign(pre_authentication(body))).decode()}
    content = {"payload": base64.b64encode(body).decode(), "payloadType": PAYLOAD_TYPE, "signatures": [signature]}
    return json.dumps(content, separators=(",", ":")).encode()


def last(old: bytes, new: bytes) -> Change:
    """Return what changes the payload of the last entry."""

    def change(bag: Path) -> None:
        path = bag / "data" / "ledger.jsonl"
        *lines, line = path.read_bytes().splitlines()
        path.write_bytes(b"\n".join([*lines, sign_again(line, old, new), b""]))

    return change


def whole(change: Callable[[bytes], bytes], name: str = "ledger.jsonl") -> Change:
    """Return what changes the bytes of a file."""
    return lambda bag: (bag / "data" / name).write_bytes(change((bag / "data" / name).read_bytes()))


def sparse(name: str) -> Change:
    """Return what makes a file 1 GB large, with nothing in it but zeros."""

    def change(bag: Path) -> None:
        with (bag / "data" / name).open("ab") as stream:
            stream.truncate(GIGABYTE)

    return change


def exhibit(packed: Callable[[], bytes]) -> Change:
    """Return what puts other bytes in the place of the exhibit, with a signed entry about them."""

    def change(bag: Path) -> None:
        data = packed()
        digest = hashlib.sha256(data).hexdigest()
        place = bag / "data" / "evidence" / digest[:2] / f"{digest}.warc.gz"
        place.parent.mkdir(parents=True)
        place.write_bytes(data)
        last(b"ab" * 32, digest.encode())(bag)
        last(b'"size":3', b'"size":%d' % len(data))(bag)

    return change


def packed_zeros(size: int) -> bytes:
    """Return so many zeros as one gzip member."""
    packer, block = zlib.compressobj(9, zlib.DEFLATED, 31), bytes(16 << 20)
    return b"".join([*(packer.compress(block) for _ in range(size // len(block))), packer.flush()])


def linked(name: str, target: str) -> Change:
    """Return what puts a link in the place of a file."""

    def change(bag: Path) -> None:
        (bag / "data" / name).unlink(missing_ok=True)
        (bag / "data" / name).symlink_to(target)

    return change


def listed(line: bytes) -> Change:
    """Return what adds a line to the list of hashes."""

    def change(bag: Path) -> None:
        with (bag / MANIFEST).open("ab") as stream:
            stream.write(line)

    return change


ZEROS = b"0" * 64
SIGNED: dict[str, Change] = {
    "a member twice in the payload": last(b'{"_sd"', b'{"_sd":[],"_sd"'),
    "a member twice in the envelope": whole(lambda data: data.replace(b'{"payload":', b'{"payload":"","payload":')),
    "seq as a float": last(b'"seq":2', b'"seq":2.0'),
    "seq with an exponent": last(b'"seq":2', b'"seq":2e0'),
    "seq as a truth value": last(b'"seq":2', b'"seq":true'),
    "seq with 5000 digits": last(b'"seq":2', b'"seq":' + b"2" * 5000),
    "seq beyond every number": last(b'"seq":2', b'"seq":1e999'),
    "seq that is not a number": last(b'"seq":2', b'"seq":NaN'),
    "half a surrogate pair": last(b'"outcome":"done"', b'"outcome":"\\ud800"'),
    "a payload that is not UTF-8": last(b'"outcome":"done"', b'"outcome":"\xff"'),
    "a payload nested 100,000 deep": last(b'"refs":[]', b'"refs":' + b"[" * 100_000 + b"]" * 100_000),
    "an escape where none is due": last(b'"outcome":"done"', b'"outcome":"d\\u006fne"'),
    "a byte-order mark": whole(lambda data: b"\xef\xbb\xbf" + data),
    "carriage returns": whole(lambda data: data.replace(b"\n", b"\r\n")),
    "lines that are not UTF-8": whole(lambda data: data.replace(b"payload", b"p\xffyload")),
    "an exhibit that is cut": exhibit(lambda: packed_zeros(16 << 20)[:-9]),
    "an exhibit that is not packed": exhibit(lambda: b"not packed at all"),
    "a line of zeros": whole(lambda data: data + b"\0" * 5000 + b"\n"),
}
LARGE: dict[str, Change] = {
    "a line of 1 GB": sparse("ledger.jsonl"),
    "a disclosure of 1 GB": sparse("disclosures.jsonl"),
    "a checkpoint of 1 GB": sparse("checkpoint-0001.txt"),
    "a time stamp of 1 GB": sparse("checkpoint-0001.1.tsr"),
    "ten million disclosures of nothing": whole(lambda data: data + b"x\n" * 10_000_000, "disclosures.jsonl"),
    "two million empty lines": whole(lambda data: data + b"\n" * 2_000_000),
    "an exhibit that unpacks to 1 GB": exhibit(lambda: packed_zeros(GIGABYTE)),
}
LARGE_LIST: dict[str, Change] = {
    "a list with a line of 1 GB": lambda bag: os.truncate(bag / MANIFEST, GIGABYTE),
}
LEADING_OUT: dict[str, Change] = {
    "a list that leads out": listed(ZEROS + b"  ../../../../etc/passwd\n"),
    "a list that leads out by an absolute path": listed(ZEROS + b"  /etc/passwd\n"),
    "a list that leads out behind a folder": listed(ZEROS + b"  data/../../outside\n"),
    "a list that is not UTF-8": listed(ZEROS + b"  data/\xff\n"),
    "a link for the ledger": linked("ledger.jsonl", "/etc/passwd"),
    "a link to a device without end": linked("ledger.jsonl", "/dev/zero"),
    "a link for the evidence": linked("evidence", "/etc"),
    "a link that leads to itself": linked("loop", "loop"),
    "a pipe that never gives anything": lambda bag: os.mkfifo(bag / "data" / "checkpoint-0002.txt"),
}
