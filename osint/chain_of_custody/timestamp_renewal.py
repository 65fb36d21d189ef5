"""Time stamps that are stamped again before they age, in the manner of RFC 4998.

A token ages with its authority's certificate and with its hash. Before that it is renewed: a renewal document names the
token and hashes the ledger again, and is stamped itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from osint.errors import LedgerError

if TYPE_CHECKING:
    from osint.chain_of_custody.timestamp import Stamp, Token

_RENEWAL = "osint-renewal/v1"
_SIZE = re.compile(r"(0|[1-9]\d{0,15})\Z", re.ASCII)
_SHA512 = re.compile(r"[0-9a-f]{128}\Z")


class Renewal(NamedTuple):
    """A renewal document: which ledger, how many entries, SHA-512 of their lines and of each reply renewed (hex)."""

    origin: str
    size: int
    lines: str
    replies: tuple[str, ...]


def renewal_text(origin: str, size: int, sha512_of_lines: str, tokens: Sequence[Token]) -> bytes:
    """Return the document that renews tokens.

    Args:
        origin: Which ledger.
        size: Number of its entries at the time of renewal.
        sha512_of_lines: SHA-512 over the first ``size`` lines of the exported ledger, line ends included, hex.
        tokens: The tokens to renew, at least one.

    Raises:
        LedgerError: These make no renewal document.
    """
    replies = tuple(_sha512(token.reply) for token in tokens)
    text = "".join(f"{line}\n" for line in (_RENEWAL, origin, size, sha512_of_lines, *replies)).encode("utf-8")
    if read_renewal(text) != Renewal(origin, size, sha512_of_lines, replies):
        raise LedgerError("A renewal names one ledger, its size, the SHA-512 of its lines, and at least one token.")
    return text


def read_renewal(document: bytes) -> Renewal:
    """Read a renewal document.

    Raises:
        LedgerError: It is none.
    """
    try:
        head, origin, size, lines, *replies, end = document.decode("utf-8").split("\n")
    except ValueError as error:
        raise LedgerError("A renewal document is text of at least five lines. This is not.") from error
    hashes = (lines, *replies)
    if head != _RENEWAL or not origin or not _SIZE.match(size) or not replies or end:
        raise LedgerError(f"A renewal document starts with {_RENEWAL}, origin and size. This does not.")
    if not all(map(_SHA512.match, hashes)) or len(set(replies)) < len(replies):
        raise LedgerError("A renewal document names each token once, by the SHA-512 of its reply. This does not.")
    return Renewal(origin, int(size), lines, tuple(replies))


def renewed(token: Token, renewals: Iterable[Token]) -> bool:
    """Say whether one of the renewals names the token. They are verified by whoever asks.

    Raises:
        LedgerError: A renewal's document is none.
    """
    digest = _sha512(token.reply)
    return any(each.covers == "renewal" and digest in read_renewal(each.document).replies for each in renewals)


def due(
    stamps: Iterable[Stamp], present: datetime, margin: timedelta, aged: Mapping[str, datetime] | None = None
) -> list[Stamp]:
    """Return the stamps that must be renewed now. Leave out those whose token is :func:`renewed`.

    Args:
        stamps: Verified stamps.
        present: The instant.
        margin: How long before its end a token is renewed.
        aged: From when on a hash is no longer relied on, by its name, such as ``sha256``.
    """
    return [each for each in stamps if _end(each, aged) - margin <= present]


def lapsed(
    held: Iterable[tuple[Token, Stamp]], present: datetime, aged: Mapping[str, datetime] | None = None
) -> list[Token]:
    """Return the tokens that were good once and are no longer: their end is past, and no renewal came in time.

    A renewal counts when it was stamped before the end of what it renews and has not lapsed itself (RFC 4998, 5.3).

    Args:
        held: Every token of the ledger with its verified stamp, renewals among them.
        present: The instant.
        aged: From when on a hash is no longer relied on, by its name.

    Raises:
        LedgerError: A renewal's document is none.
    """
    first_renewal: dict[str, datetime] = {}
    gone = []
    for token, stamp in sorted(held, key=lambda pair: pair[1].time, reverse=True):
        end = _end(stamp, aged)
        carried = first_renewal.get(_sha512(token.reply))
        if end < present and (carried is None or carried > end):
            gone.append(token)
        elif token.covers == "renewal":  # newest first, so that an earlier renewal takes the place of a later one
            first_renewal.update(dict.fromkeys(read_renewal(token.document).replies, stamp.time))
    return gone


def _end(stamp: Stamp, aged: Mapping[str, datetime] | None) -> datetime:
    return min(stamp.valid_until, (aged or {}).get(stamp.algorithm, stamp.valid_until))


def _sha512(data: bytes) -> str:
    return hashlib.sha512(data).hexdigest()
