"""Repositories of the AT Protocol as files, made the way its specification says; and ways to spoil them."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from osint.collectors.car import Link

DID = "did:plc:janeexample0000000000000"


def encode(value: Any) -> bytes:
    """Spell a value in DAG-CBOR."""
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, Link):
        return b"\xd8\x2a" + _head(2, len(value) + 1) + b"\x00" + value
    if isinstance(value, (bytes, str)):
        raw = value if isinstance(value, bytes) else value.encode()
        return _head(2 if isinstance(value, bytes) else 3, len(raw)) + raw
    if isinstance(value, Mapping):
        ordered = sorted(value.items(), key=lambda pair: (len(pair[0].encode()), pair[0].encode()))
        return _head(5, len(value)) + b"".join(encode(name) + encode(item) for name, item in ordered)
    return _head(4, len(value)) + b"".join(map(encode, value))


def link_to(block: bytes) -> Link:
    """The identifier of a block."""
    return Link(b"\x01\x71\x12\x20" + hashlib.sha256(block).digest())


def repository(
    records: Mapping[str, Any],
    *,
    did: str = DID,
    without: Iterable[str] = (),
    extra: bytes = b"",
    sign: Callable[[bytes], bytes] = lambda _: b"\x07" * 64,
) -> bytes:
    """A file with these records by path; ``without`` leaves the blocks of some paths out, ``extra`` adds a block."""
    named = {path: encode(value) for path, value in records.items()}
    blocks: dict[Link, bytes] = {}
    keys = sorted((path.encode(), link_to(block)) for path, block in named.items())
    root = _node(keys, max((_layer(key) for key, _ in keys), default=0), blocks)
    unsigned = {"did": did, "version": 3, "data": root, "rev": "3mlexamplerev", "prev": None}
    commit = encode({**unsigned, "sig": sign(encode(unsigned))})
    kept = [block for path, block in named.items() if path not in set(without)]
    parts = [commit, *blocks.values(), *kept, *([extra] if extra else [])]
    header = encode({"roots": [link_to(commit)], "version": 1})
    return _varint(len(header)) + header + b"".join(_varint(36 + len(each)) + link_to(each) + each for each in parts)


def _node(keys: list[tuple[bytes, Link]], layer: int, blocks: dict[Link, bytes]) -> Link:
    """Add the node over sorted keys to the blocks; what lies between two keys of its layer goes into a node below."""
    groups: list[list[tuple[bytes, Link]]] = [[]]
    own: list[tuple[bytes, Link]] = []
    for key, link in keys:
        if _layer(key) == layer:
            own.append((key, link))
            groups.append([])
        else:
            groups[-1].append((key, link))
    below = [_node(group, layer - 1, blocks) if group else None for group in groups]
    entries, before = [], b""
    for (key, link), tree in zip(own, below[1:], strict=True):
        shared = next(
            (n for n, (a, b) in enumerate(zip(before, key, strict=False)) if a != b), min(len(before), len(key))
        )
        entries.append({"p": shared, "k": key[shared:], "v": link, "t": tree})
        before = key
    block = encode({"l": below[0], "e": entries})
    blocks[link_to(block)] = block
    return link_to(block)


def _layer(key: bytes) -> int:
    bits = f"{int.from_bytes(hashlib.sha256(key).digest(), 'big'):0256b}"
    return (len(bits) - len(bits.lstrip("0"))) // 2


def _varint(number: int) -> bytes:
    spelt = b""
    while number > 0x7F:
        spelt += bytes([number & 0x7F | 0x80])
        number >>= 7
    return spelt + bytes([number])


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    size = next(size for size in (1, 2, 4, 8) if number < 1 << 8 * size)
    return bytes([kind << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size]]) + number.to_bytes(size, "big")
