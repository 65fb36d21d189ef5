"""Addresses of cryptocurrency wallets whose own checksum holds.

An Ethereum address in letters of one case has no checksum, so it is not taken: any forty hex digits would be one.

References:
    Base58Check: https://en.bitcoin.it/wiki/Base58Check_encoding
    Bech32 and Bech32m: BIP 173, BIP 350
    Checksum of Ethereum addresses: EIP-55; Keccak-f[1600]: https://keccak.team/keccak_specs_summary.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VERSIONS = {0x00: "bitcoin", 0x05: "bitcoin", 0x30: "litecoin", 0x32: "litecoin", 0x1E: "dogecoin", 0x41: "tron"}
_PREFIXES = {"bc": "bitcoin", "ltc": "litecoin"}
_CANDIDATE = re.compile(
    rf"(?<![0-9A-Za-z])(?:0x[0-9A-Fa-f]{{40}}|(?:bc|ltc)1[{_BECH32}]{{11,71}}|(?:BC|LTC)1[{_BECH32.upper()}]{{11,71}}"
    rf"|[13LMDT][{_BASE58}]{{25,34}})(?![0-9A-Za-z])"
)


def wallets_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the node key of each wallet in a text with its first and last character."""
    for match in _CANDIDATE.finditer(text):
        key = wallet_key(match[0])
        if key:
            yield key, *match.span()


def wallet_key(address: str) -> str | None:
    """Return the node key of an address, ``wallet:bitcoin:bc1q...``; None where its checksum does not hold."""
    if address.startswith("0x"):
        return f"wallet:ethereum:{address}" if _is_ethereum(address[2:]) else None
    prefix = address.lower().partition("1")[0]
    if prefix in _PREFIXES:
        return f"wallet:{_PREFIXES[prefix]}:{address.lower()}" if _is_segwit(address.lower(), prefix) else None
    currency = _VERSIONS.get(_base58_version(address))
    return f"wallet:{currency}:{address}" if currency else None


def _base58_version(address: str) -> int:
    """Return the version byte of a Base58Check address, -1 where the checksum or the length is wrong."""
    number = 0
    for letter in address:
        place = _BASE58.find(letter)
        if place < 0:
            return -1
        number = number * 58 + place
    zeros = len(address) - len(address.lstrip("1"))
    raw = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    whole = len(raw) == 25 and sha256(sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:]
    return raw[0] if whole else -1


def _is_segwit(address: str, prefix: str) -> bool:
    data = [_BECH32.find(letter) for letter in address[len(prefix) + 1 :]]
    if min(data) < 0 or len(data) < 8 or data[0] > 16:
        return False
    expanded = [*(ord(letter) >> 5 for letter in prefix), 0, *(ord(letter) & 31 for letter in prefix)]
    program = (len(data) - 7) * 5 // 8
    if not (program in (20, 32) if data[0] == 0 else 2 <= program <= 40):
        return False
    return _polymod([*expanded, *data]) == (1 if data[0] == 0 else 0x2BC830A3)


def _polymod(values: list[int]) -> int:
    generators = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(generators):
            check ^= generator if top >> bit & 1 else 0
    return check


def _is_ethereum(digits: str) -> bool:
    if digits in (digits.lower(), digits.upper()):
        return False
    nibbles = keccak256(digits.lower().encode("ascii")).hex()
    return all(
        not letter.isalpha() or letter.isupper() == (nibble >= "8")
        for letter, nibble in zip(digits, nibbles, strict=False)
    )


def keccak256(data: bytes) -> bytes:
    """Return the digest that Ethereum uses; SHA3-256, which Python has, pads otherwise."""
    rate = 136
    padded = bytearray(data) + bytes(rate - len(data) % rate)
    padded[len(data)] ^= 0x01
    padded[-1] ^= 0x80
    state = [0] * 25
    for start in range(0, len(padded), rate):
        for lane in range(rate // 8):
            state[lane] ^= int.from_bytes(padded[start + 8 * lane : start + 8 * lane + 8], "little")
        state = _permuted(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


def _permuted(a: list[int]) -> list[int]:
    """Keccak-f[1600] on the lanes ``a[x + 5 * y]``."""
    register = 1
    for _ in range(24):
        column = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        parity = [column[x - 1] ^ _turned(column[(x + 1) % 5], 1) for x in range(5)]
        a = [lane ^ parity[place % 5] for place, lane in enumerate(a)]
        x, y, current = 1, 0, a[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, a[x + 5 * y] = a[x + 5 * y], _turned(current, (step + 1) * (step + 2) // 2)
        a = [
            a[place] ^ (~a[5 * (place // 5) + (place + 1) % 5] & a[5 * (place // 5) + (place + 2) % 5])
            for place in range(25)
        ]
        for power in range(7):
            register = (register << 1) ^ ((register >> 7) * 0x171)
            if register & 2:
                a[0] ^= 1 << ((1 << power) - 1)
    return a


def _turned(lane: int, by: int) -> int:
    by %= 64
    return (lane << by | lane >> 64 - by) & 0xFFFFFFFFFFFFFFFF
