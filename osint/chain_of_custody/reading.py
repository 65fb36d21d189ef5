"""One stored line, looked at by itself: what can be said of it without the lines around it.

This is the costly half of verification (parsing, canonical form, signatures, disclosures) and depends on nothing but
the line, so that several processes can share it. :mod:`osint.chain_of_custody.verification_lines` joins the readings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from osint.chain_of_custody import disclosure
from osint.chain_of_custody.canonical import is_canonical
from osint.chain_of_custody.entry import (
    INTRODUCING,
    Envelope,
    Signature,
    open_envelope,
    pre_authentication,
    read_payload,
)
from osint.chain_of_custody.keys import signature_holds
from osint.chain_of_custody.ledger_rows import Record
from osint.chain_of_custody.merkle import leaf_hash
from osint.chain_of_custody.registry import RegisteredKey
from osint.chain_of_custody.withheld import TELLS
from osint.errors import LedgerError

TELLING = INTRODUCING | TELLS | {"key.revoke", "anchor", "redact", "purge", "stop", "hold", "unhold", "restore"}
"""Actions whose whole payload verification goes by; of others it keeps a few members."""

_KEPT = ("seq", "prev", "ledger", "action", "outcome", "performer", "result", "after", "end_time", "clock")


class Reading(NamedTuple):
    """What one line says, and what is wrong with it by itself.

    Attributes:
        leaf: Its leaf hash.
        error: Why it cannot be read, or nothing.
        facts: Its payload, or the members that verification needs.
        canonical: Whether the payload is spelt canonically.
        signatures: Fingerprint, and whether the signature fits; None when the key was not known here.
        unchecked: The signatures of keys not known here, and ``message``, what they sign.
        message: Empty unless there are some.
        disclosure_problems: What is wrong with the disclosures, in sentences.
        withheld: The digests without a disclosure.
        names: The investigators named in an entry that introduces keys.
    """

    leaf: bytes
    error: str = ""
    facts: Mapping[str, Any] | None = None
    canonical: bool = True
    signatures: tuple[tuple[str, bool | None], ...] = ()
    unchecked: tuple[Signature, ...] = ()
    message: bytes = b""
    disclosure_problems: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def read_record(record: Record, keys: Mapping[str, RegisteredKey]) -> Reading:
    """Look at one stored line.

    Args:
        record: The line with its end, and its disclosures.
        keys: Keys known so far by fingerprint. A fingerprint is the hash of its key, so that it does not matter when
            the key was introduced; whether it may sign here is decided elsewhere.
    """
    leaf = leaf_hash(record.line.removesuffix(b"\n"))
    try:
        envelope, payload = _open(record.line)
    except LedgerError as error:
        return Reading(leaf, error=str(error))
    message = pre_authentication(envelope.payload)
    checked = tuple((each.keyid, _holds(each, keys.get(each.keyid), message)) for each in envelope.signatures)
    unchecked = tuple(each for each, (_, holds) in zip(envelope.signatures, checked, strict=True) if holds is None)
    problems, withheld = _disclosures(payload, record)
    telling = payload["action"] in TELLING
    return Reading(
        leaf,
        facts=payload if telling else {name: payload[name] for name in _KEPT if name in payload},
        canonical=is_canonical(envelope.payload, payload),
        signatures=checked,
        unchecked=unchecked,
        message=message if unchecked else b"",
        disclosure_problems=problems,
        withheld=withheld,
        names=_names(record) if payload["action"] in INTRODUCING else (),
    )


def _open(line: bytes) -> tuple[Envelope, dict[str, Any]]:
    if not line.endswith(b"\n"):
        raise LedgerError("the line has no end; writing broke off, or its end was cut")
    envelope = open_envelope(line.removesuffix(b"\n"))
    return envelope, read_payload(envelope.payload)


def _holds(signature: Signature, key: RegisteredKey | None, message: bytes) -> bool | None:
    if key is None:
        return None
    return signature_holds(key.public, signature.signature, message, key.algorithm)


def _disclosures(payload: Mapping[str, Any], record: Record) -> tuple[tuple[str, ...], tuple[str, ...]]:
    left = Counter(payload["_sd"])
    found = (_disclosure_problem(text, left) for text in record.disclosures)
    problems = tuple(problem for problem in found if problem)
    return problems, tuple(left.elements())


def _disclosure_problem(text: str, left: Counter[str]) -> str:
    try:
        disclosure.read(text)
        digest = disclosure.digest(text)
    except LedgerError as error:
        return f"a disclosure is damaged: {error}"
    if not left[digest]:
        return "a disclosure fits no digest of the entry: it was altered, exchanged or doubled."
    left[digest] -= 1
    return ""


def _names(record: Record) -> tuple[str, ...]:
    found = []
    for text in record.disclosures:
        with suppress(LedgerError):  # a broken one is a finding already
            match disclosure.read(text):
                case "investigator", str(name):
                    found.append(name)
    return tuple(found)
