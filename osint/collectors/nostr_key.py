"""The keys and ids of Nostr: hex in events, ``npub1...`` or ``note1...`` for people, and the hash that an id is.

It is no collector. Source: https://github.com/nostr-protocol/nips: 01 (ids), 19 (spelling); BIP-173 (the checksum).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

HEX = re.compile(r"[0-9a-f]{64}")
_CONTROL = re.compile(r"(?<!\\)((?:\\\\)*)\\u00([01][0-9a-f])")
_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_STEPS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def key_of(name: str) -> str | None:
    """Return a public key as hex from ``npub1...`` (NIP-19, BIP-173) or hex; None when it is neither."""
    name = name.casefold()
    if HEX.fullmatch(name):
        return name
    prefix, mark, data = name.rpartition("1")
    if prefix != "npub" or not mark or not set(data) <= set(_LETTERS) or len(data) != 58:
        return None
    values = [_LETTERS.index(letter) for letter in data]
    if _polymod([*_spread(prefix), *values]) != 1:
        return None
    number = 0
    for value in values[:-6]:
        number = number << 5 | value
    return f"{number >> 4:064x}" if not number & 0xF else None  # 52 values are 260 bits, of which 256 are the key


def npub(key: str, prefix: str = "npub") -> str:
    """Return a public key, or the id of an event, as NIP-19 spells it."""
    number = int(key, 16) << 4
    values = [number >> 5 * place & 31 for place in reversed(range(52))]
    check = _polymod([*_spread(prefix), *values, 0, 0, 0, 0, 0, 0]) ^ 1
    values += [check >> 5 * place & 31 for place in reversed(range(6))]
    return f"{prefix}1" + "".join(_LETTERS[value] for value in values)


def has_its_hash(event: Mapping[str, Any]) -> bool:
    """Say whether the id is the SHA-256 of what the event says (NIP-01)."""
    said = [0, *(event.get(name) for name in ("pubkey", "created_at", "kind", "tags", "content"))]
    try:
        spelt = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        if hashlib.sha256(spelt.encode()).hexdigest() == event["id"]:
            return True
        # The standard writes most control characters as they are, and most programs escape them as JSON wants it.
        plain = _CONTROL.sub(lambda found: found[1] + chr(int(found[2], 16)), spelt)
        return bool(hashlib.sha256(plain.encode()).hexdigest() == event["id"])
    except (ValueError, RecursionError):  # half of a surrogate pair has no bytes
        return False


def _spread(prefix: str) -> list[int]:
    return [*(ord(letter) >> 5 for letter in prefix), 0, *(ord(letter) & 31 for letter in prefix)]


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, step in enumerate(_STEPS):
            check ^= step if top >> place & 1 else 0
    return check
