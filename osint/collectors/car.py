"""A signed repository of the AT Protocol as a file: CAR version 1, DAG-CBOR blocks, and the Merkle search tree in them.

It is read strictly, and every block is hashed again: what does not have the hash that names it is left out and counted.
What is returned hangs together by hashes from the commit down. Who signed the commit is for ``did_key`` to say.

Source: https://ipld.io/specs/transport/car/carv1/, https://ipld.io/specs/codecs/dag-cbor/spec/ and
https://atproto.com/specs/repository.
"""

from __future__ import annotations

import base64
import hashlib
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from osint.collectors.text import well_formed

_LONGEST_BLOCK = 4 << 20
_DEEPEST = 64  # levels of a value; records are shallow
_DEEPEST_TREE = 200  # layers of the tree: the hash of a key has 256 bits, two for each layer
_CID = b"\x01\x71\x12\x20"  # version 1, dag-cbor, SHA-256 of 32 bytes
_CID_LENGTH = len(_CID) + 32
_RAW = b"\x01\x55\x12\x20"  # the same of bytes that are no CBOR: pictures


class CarError(ValueError):
    """A file is no such repository; the message says where it is not."""


class Link(bytes):
    """The identifier of a block (CID)."""

    def __str__(self) -> str:
        return "b" + base64.b32encode(self).decode().rstrip("=").lower()


class Kept(NamedTuple):
    """A record of a repository: ``collection/key``, its identifier, its value as JSON; None when it cannot be read."""

    path: str
    cid: str
    value: Any


@dataclass
class Repository:
    """What a file holds.

    Attributes:
        did: The account that the commit names.
        rev: Its revision.
        signed: The commit without its signature, as it was signed.
        signature: The signature of the commit; None when it has none.
        records: What the tree leads to, in the order of its keys.
        missing: Identifiers that the tree names and the file does not hold.
        altered: How many blocks do not have the hash that names them.
        unreached: How many blocks lie in the file that the commit does not lead to.
        cut: Whether the file breaks off.
    """

    did: str
    rev: str
    signed: bytes = b""
    signature: bytes | None = None
    records: list[Kept] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    altered: int = 0
    unreached: int = 0
    cut: bool = False


def read_repository(data: bytes) -> Repository:
    """Read a repository file.

    Raises:
        CarError: It is none, or its commit or its tree cannot be read.
    """
    root, start = _header(data)
    blocks, altered, cut = _blocks(data, start)
    if root not in blocks:
        raise CarError("its commit is not in it, or was altered")
    commit = decode(blocks[root])
    if not isinstance(commit, dict) or not isinstance(commit.get("data"), Link) or not _is_text(commit, "did", "rev"):
        raise CarError("its first block is no commit")
    signature = commit.get("sig") if isinstance(commit.get("sig"), bytes) else None
    read = Repository(
        did=commit["did"],
        rev=commit["rev"],
        signed=_without(blocks[root], "sig"),
        signature=signature,
        altered=altered,
        cut=cut,
    )
    reached = {root}
    before = ""
    for key, link in _walk(commit["data"], blocks, reached, read.missing, 0):
        if key <= before:
            raise CarError("the keys of its tree are not in order")
        before = key
        reached.add(link)
        if link in blocks:
            read.records.append(Kept(key, str(link), _record(blocks[link])))
        else:
            read.missing.append(str(link))
    read.unreached = len(blocks.keys() - reached)
    return read


def decode(data: bytes) -> Any:
    """Read one DAG-CBOR value; a link becomes :class:`Link`.

    Raises:
        CarError: It is not one whole value in the one spelling that DAG-CBOR allows.
    """
    value, end = _value(data, 0, 0)
    if end != len(data):
        raise CarError("bytes follow a value")
    return value


def as_json(value: Any) -> Any:
    """Return a value as the protocol spells it in JSON: ``$link`` and ``$bytes`` for what JSON lacks."""
    if isinstance(value, Link):
        return {"$link": str(value)}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode().rstrip("=")}
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return {well_formed(key): as_json(item) for key, item in value.items()} if isinstance(value, dict) else value


# The file ----------------------------------------------------------------------------------------------------------


def _header(data: bytes) -> tuple[Link, int]:
    length, start = _varint(data, 0)
    if not 0 < length <= 4096 or start + length > len(data):
        raise CarError("it has no header")
    header = decode(data[start : start + length])
    roots = header.get("roots") if isinstance(header, dict) and header.get("version") == 1 else None
    if not isinstance(roots, list) or len(roots) != 1 or not isinstance(roots[0], Link):
        raise CarError("its header names no single root")
    return roots[0], start + length


def _blocks(data: bytes, start: int) -> tuple[dict[Link, bytes], int, bool]:
    """Return the blocks that have the hash that names them, how many have not, and whether the file breaks off."""
    blocks: dict[Link, bytes] = {}
    altered = 0
    while start < len(data):
        try:
            length, place = _varint(data, start)
        except CarError:
            return blocks, altered, True
        if not _CID_LENGTH <= length <= _LONGEST_BLOCK:
            raise CarError("the length of a block is impossible")
        if place + length > len(data):
            return blocks, altered, True
        name, block = Link(data[place : place + _CID_LENGTH]), data[place + _CID_LENGTH : place + length]
        if name[:4] not in (_CID, _RAW):
            raise CarError("a block is named by another kind of hash")
        if hashlib.sha256(block).digest() == name[4:]:
            blocks[name] = block
        else:
            altered += 1
        start = place + length
    return blocks, altered, False


def _varint(data: bytes, start: int) -> tuple[int, int]:
    value = 0
    for count, byte in enumerate(data[start : start + 9]):
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, start + count + 1
    raise CarError("a length does not end")


# The tree ----------------------------------------------------------------------------------------------------------


def _walk(
    name: Link, blocks: dict[Link, bytes], reached: set[Link], missing: list[str], depth: int
) -> Iterator[tuple[str, Link]]:
    """Yield the keys and links of a tree in order. A node that is met twice would make a file endless."""
    if name not in blocks:
        missing.append(str(name))
        return
    if name in reached or depth > _DEEPEST_TREE:
        raise CarError("its tree leads back into itself, or is too deep")
    reached.add(name)
    node = decode(blocks[name])
    if not isinstance(node, dict) or not isinstance(node.get("e"), list):
        raise CarError("a node of its tree is none")
    if isinstance(node.get("l"), Link):
        yield from _walk(node["l"], blocks, reached, missing, depth + 1)
    before = b""
    for entry in node["e"]:
        before, link = _entry(entry, before)
        yield _key(before), link
        if isinstance(entry.get("t"), Link):
            yield from _walk(entry["t"], blocks, reached, missing, depth + 1)


def _entry(entry: Any, before: bytes) -> tuple[bytes, Link]:
    """Return the key and the link of an entry; a key is spelt as what it adds to the one before."""
    shared, rest, link = (entry.get(name) for name in ("p", "k", "v")) if isinstance(entry, dict) else (None,) * 3
    if type(shared) is not int or not isinstance(rest, bytes) or not isinstance(link, Link):
        raise CarError("an entry of its tree is none")
    if not 0 <= shared <= len(before) or shared + len(rest) > 1024:
        raise CarError("a key of its tree is impossible")
    return before[:shared] + rest, link


def _key(raw: bytes) -> str:
    try:
        return well_formed(raw.decode("ascii"))
    except UnicodeDecodeError as error:
        raise CarError("a key of its tree is not text") from error


def _record(block: bytes) -> Any:
    try:
        return as_json(decode(block))
    except CarError:
        return None


def _without(block: bytes, name: str) -> bytes:
    """Return a short map, which a block was read as, without one of its entries; all else stays byte by byte."""
    count, place = _number(block, 1, block[0] & 0x1F)
    kept: list[bytes] = []
    for _ in range(count):
        start = place
        key, place = _value(block, place, 1)
        _, place = _value(block, place, 1)
        if key != name:
            kept.append(block[start:place])
    return bytes([0xA0 | len(kept)]) + b"".join(kept) if len(kept) < 24 else b""


def _is_text(value: dict[str, Any], *names: str) -> bool:
    return all(isinstance(value.get(name), str) for name in names)


# DAG-CBOR ----------------------------------------------------------------------------------------------------------


def _value(data: bytes, place: int, depth: int) -> tuple[Any, int]:
    if depth > _DEEPEST:
        raise CarError("a value is nested too deep")
    if place >= len(data):
        raise CarError("a value breaks off")
    kind, short = data[place] >> 5, data[place] & 0x1F
    if kind == 7:
        return _simple(data, place, short)
    number, place = _number(data, place + 1, short)
    if kind < 2:
        return (-1 - number if kind else number), place
    if kind in (2, 3):
        return _string(data, place, number, is_text=kind == 3)
    if kind == 4:
        return _list(data, place, number, depth)
    if kind == 5:
        return _map(data, place, number, depth)
    return _link(data, place, number, depth)


def _number(data: bytes, place: int, short: int) -> tuple[int, int]:
    if short < 24:
        return short, place
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(short)
    if size is None or place + size > len(data):
        raise CarError("a length is not definite, or breaks off")
    number = int.from_bytes(data[place : place + size], "big")
    if number < (24 if size == 1 else 1 << (4 * size)):
        raise CarError("a number is not in its shortest spelling")
    return number, place + size


def _string(data: bytes, place: int, length: int, *, is_text: bool) -> tuple[str | bytes, int]:
    if place + length > len(data):
        raise CarError("a text breaks off")
    raw = data[place : place + length]
    try:
        return (raw.decode() if is_text else raw), place + length
    except UnicodeDecodeError as error:
        raise CarError("a text is not UTF-8") from error


def _list(data: bytes, place: int, count: int, depth: int) -> tuple[list[Any], int]:
    items: list[Any] = []
    for _ in range(_possible(count, data, place)):
        item, place = _value(data, place, depth + 1)
        items.append(item)
    return items, place


def _map(data: bytes, place: int, count: int, depth: int) -> tuple[dict[str, Any], int]:
    read: dict[str, Any] = {}
    for _ in range(_possible(count, data, place)):
        key, place = _value(data, place, depth + 1)
        if not isinstance(key, str) or key in read:
            raise CarError("a key is no text, or stands twice")
        read[key], place = _value(data, place, depth + 1)
    return read, place


def _possible(count: int, data: bytes, place: int) -> int:
    if count > len(data) - place:
        raise CarError("a list says to be longer than the file")
    return count


def _link(data: bytes, place: int, tag: int, depth: int) -> tuple[Link, int]:
    value, end = _value(data, place, depth + 1) if tag == 42 else (None, place)
    if type(value) is not bytes or len(value) != 1 + _CID_LENGTH or value[0]:
        raise CarError("a tag is no link")
    return Link(value[1:]), end


def _simple(data: bytes, place: int, short: int) -> tuple[bool | float | None, int]:
    if short in (20, 21, 22):
        return {20: False, 21: True, 22: None}[short], place + 1
    if short != 27 or place + 9 > len(data):
        raise CarError("a simple value is none that is allowed")
    number: float = struct.unpack(">d", data[place + 1 : place + 9])[0]
    if not math.isfinite(number):
        raise CarError("a number is not finite")
    return number, place + 9
