"""What an entry may hold in clear, for ever: codes, counts, hashes of random-salted bytes, and never a person.

Everything else is a private value and travels as a salted disclosure. A ledger cannot be corrected afterwards, so the
writer refuses what is not listed here; a new clear field is added to this table, in the open, or goes to ``private``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from osint.errors import LedgerError

Shape = Callable[[Any], bool]


def _text(pattern: str) -> Shape:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _one_of(*words: str) -> Shape:
    return lambda value: isinstance(value, str) and value in words


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**53


WORD = _text(r"(?=.{1,40}\Z)[a-z][a-z0-9]*([._-][a-z0-9]+)*")
HASH = _text(r"[0-9a-f]{64}")
VERSION = _text(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,39}")
UUID = _text(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
EXHIBIT = _text(r"E\d{4,12}")
UNNAMED = "E0000"  # no exhibit has it: it stands for what a legal hold describes
INSTANT = _text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

ITEM: Mapping[str, Shape] = {
    "actors": _count,
    "algorithm": _one_of("ed25519", "sshsig"),
    "basis": _one_of("opened", "introduced", "rotated", "recovered", "appointed"),
    "captures": _count,
    "checkpoint": _count,
    "collector": WORD,
    "count": _count,
    "digest": _text(r"[A-Za-z0-9_-]{43}"),
    "entries": _count,
    "exhibit": EXHIBIT,
    "exhibits": _count,
    "format": WORD,
    "id": UUID,
    "key": HASH,
    "kind": WORD,
    "leaf": HASH,
    "media": _text(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,99}"),
    "method": _one_of("GET", "HEAD", "POST"),
    "origin": _text(r"osint/[0-9a-f]{32}"),
    "pages": _count,
    "policy": VERSION,
    "posts": _count,
    "public": _text(r"(?=.{44,400}\Z)([A-Za-z0-9+/]{4})+([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"),
    "reason": WORD,
    "retention": WORD,
    "role": _one_of("actor", "log", "custodian"),
    "root": _text(r"[A-Za-z0-9+/]{43}="),
    "rule": WORD,
    "sha256": HASH,
    "since": _count,
    "size": _count,
    "status": lambda value: type(value) is int and 100 <= value <= 599,
    "stop": WORD,
    "time": INSTANT,
    "version": VERSION,
    "warnings": _count,
}
"""Members of one item of ``object`` or ``result``, with the shape of their values."""

HASHED_KINDS = frozenset(
    {"chain", "checkpoint", "cosignature", "package", "part", "policy", "quarantined", "request", "token"}
)
"""Kinds of item whose bytes hold no personal data, or hold it beside random bytes, so that a hash tells nothing."""

INSTRUMENT: Mapping[str, Shape] = {
    "name": WORD,
    "version": VERSION,
    "collector": _text(r"[a-z][a-z0-9_-]{0,39}(/[0-9A-Za-z.+_-]{1,40})?"),
}
ENVIRONMENT: Mapping[str, Shape] = {
    "python": VERSION,
    "platform": _text(r"[0-9A-Za-z._+-]{1,100}"),
    "network": _text(r"[a-z][0-9a-z.:_+-]{0,99}"),
}
SINGLE: Mapping[str, Shape] = {
    "id": UUID,
    "action": _text(r"(?=.{1,40}\Z)[a-z]+([._-][a-z]+)*"),
    "outcome": _one_of("done", "allowed", "refused", "failed", "nil"),
    "authorization": HASH,
    "purpose": _text(r"[a-z]+(_[a-z]+)*"),
}


def check_clear(fields: Mapping[str, Any]) -> None:
    """Refuse an entry whose clear part could name a person.

    Args:
        fields: The payload's members by name; those that the ledger itself fills in are not looked at.

    Raises:
        LedgerError: A member is not listed above, or its value does not have the listed shape. The message names the
            member and not the value.
    """
    for name, shape in SINGLE.items():
        if name in fields and not shape(fields[name]):
            raise _refused(name)
    _check_members("instrument", fields["instrument"], INSTRUMENT)
    _check_members("environment", fields["environment"], ENVIRONMENT)
    for place in ("object", "result"):
        for item in fields[place]:
            _check_members(place, item, ITEM)
            _check_hash(place, item)
    if not all(HASH(leaf) for leaf in fields["refs"]):
        raise _refused("refs")


def _check_members(place: str, members: Mapping[str, Any], shapes: Mapping[str, Shape]) -> None:
    for name, value in members.items():
        if name not in shapes or not shapes[name](value):
            raise _refused(f"{place}.{name}")


def _check_hash(place: str, item: Mapping[str, Any]) -> None:
    if "sha256" in item and "exhibit" not in item and item.get("kind") not in HASHED_KINDS:
        raise LedgerError(
            f"The ledger entry was not written: {place}.sha256 stands in clear without the number of an exhibit. An "
            "unsalted hash of personal data can be guessed back; pass it in `private`."
        )


def _refused(member: str) -> LedgerError:
    return LedgerError(
        f"The ledger entry was not written: {member!r} is not among the fields and shapes that may stand in clear. "
        "What could name a person goes into `private`, where it can be erased later."
    )
