"""One entry of the ledger: a DSSE envelope on one line, around the canonical bytes of what was done.

The format is described field by field in ``README.md`` beside this file. Sources: DSSE 1.0 (envelope,
pre-authentication encoding), RFC 8785 (payload), RFC 9162 (leaf), RFC 9562 (UUIDv7).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from osint.chain_of_custody import disclosure
from osint.chain_of_custody.canonical import canonical, strict_loads
from osint.chain_of_custody.keys import Signer
from osint.chain_of_custody.merkle import leaf_hash
from osint.errors import LedgerError
from osint.instants import parse_instant

VERSION = 1
PAYLOAD_TYPE = "application/vnd.osint.custody-entry+json"
_LINE = b'{"payload":"%b","payloadType":"' + PAYLOAD_TYPE.encode("ascii") + b'","signatures":[%b]}'
LONGEST_LINE = 1 << 20
NO_ENTRY = "0" * 64
INTRODUCING = frozenset({"open", "key.add", "key.rotate"})
"""Actions whose ``object`` introduces public keys."""

_SPELT = re.compile(
    rb'\{"payload":"([^"]+)","payloadType":"' + re.escape(PAYLOAD_TYPE.encode("ascii")) + rb'","signatures":\[(.+)\]\}'
)
_SIGNATURE = re.compile(rb'\{"keyid":"([0-9a-f]{64})","sig":"([^"]*)"\}')
_HEX = re.compile(r"[0-9a-f]{64}\Z")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")


class Signature(NamedTuple):
    """One signature of an envelope: the fingerprint of the key, and 64 bytes."""

    keyid: str
    signature: bytes


class Envelope(NamedTuple):
    """What one line holds: the payload's bytes and the signatures over :func:`pre_authentication`."""

    payload: bytes
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class Exhibit:
    """One evidentiary copy as its entry records it.

    Attributes:
        number: ``E0001``.
        sha256: Hex SHA-256 of the stored bytes.
        size: Bytes.
        media: Media type of the stored bytes.
        entry: Sequence number of the entry that took it in.
    """

    number: str
    sha256: str
    size: int
    media: str
    entry: int


@dataclass(frozen=True)
class Entry:
    """One entry, read from its stored line.

    Attributes:
        seq: Position in the ledger, counted from 0.
        leaf: Leaf hash, 32 bytes.
        line: The stored bytes without the line end.
        payload: The clear part, by the names of the format.
        private: What the stored disclosures of the entry say, by name; erased ones are missing.
    """

    seq: int
    leaf: bytes
    line: bytes = field(repr=False)
    payload: Mapping[str, Any] = field(repr=False)
    private: Mapping[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        """The entry's UUIDv7."""
        return str(self.payload["id"])

    @property
    def action(self) -> str:
        """What was done."""
        return str(self.payload["action"])

    @property
    def outcome(self) -> str:
        """How it ended: done, allowed, refused, failed or nil."""
        return str(self.payload["outcome"])

    @property
    def performer(self) -> str:
        """Fingerprint of the key of the person who acted."""
        return str(self.payload["performer"]["key"])

    @property
    def start_time(self) -> datetime:
        """When the action began, by the recording machine's clock."""
        return parse_instant(self.payload["start_time"])

    @property
    def end_time(self) -> datetime:
        """When the action ended, by the recording machine's clock."""
        return parse_instant(self.payload["end_time"])

    @property
    def after(self) -> str | None:
        """SHA-256 of the newest time stamp held when the entry was written, in hex: it is later than that."""
        return self.payload.get("after")

    @property
    def signers(self) -> tuple[str, ...]:
        """Fingerprints of the keys in whose names it is signed; whether the signatures fit, verification says."""
        return tuple(keyid for keyid, _ in open_envelope(self.line).signatures)

    @property
    def authorization(self) -> str | None:
        """Leaf hash of the entry that records the authority, in hex."""
        return self.payload.get("authorization")

    @property
    def purpose(self) -> str | None:
        """Code of the purpose."""
        return self.payload.get("purpose")

    @property
    def refs(self) -> tuple[str, ...]:
        """Leaf hashes of the entries that this one concerns, in hex."""
        return tuple(self.payload["refs"])

    @property
    def result(self) -> tuple[Mapping[str, Any], ...]:
        """What came of it; the exhibit taken in stands first."""
        return tuple(self.payload["result"])

    @property
    def object(self) -> tuple[Mapping[str, Any], ...]:
        """What it was done to, as far as that stands in clear."""
        return tuple(self.payload["object"])

    @property
    def exhibit(self) -> str | None:
        """Number of the exhibit that this entry took in, or None."""
        taken = taken_in(self.payload, self.seq)
        return taken.number if taken else None


def new_id(instant: datetime, random: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Return a UUIDv7 of an instant: 48 bits of Unix milliseconds, 74 random bits (RFC 9562, section 5.7)."""
    milliseconds = int(instant.timestamp() * 1000)
    value = milliseconds << 80 | int.from_bytes(random(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return str(uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62))


def format_milliseconds(instant: datetime) -> str:
    """Spell an instant as RFC 3339 in UTC with exactly three fractional digits.

    Raises:
        LedgerError: The time is naive.
    """
    if instant.tzinfo is None:
        raise LedgerError("A time without a zone is not an instant; the ledger entry was not written.")
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def pre_authentication(payload: bytes) -> bytes:
    """Return what is signed: DSSE's ``DSSEv1 SP len SP type SP len SP body``."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode("ascii"), len(payload), payload)


def seal(payload: Mapping[str, Any], signers: Sequence[Signer]) -> bytes:
    """Return the line of an entry, without its line end: canonical payload, signed by each signer in turn.

    Raises:
        LedgerError: The payload has no canonical spelling, or the line would be longer than 1 MiB.
    """
    body = canonical(dict(payload))
    message = pre_authentication(body)
    line = _spell(Envelope(body, tuple(Signature(signer.keyid, signer.sign(message)) for signer in signers)))
    if len(line) > LONGEST_LINE:
        raise LedgerError(f"A ledger entry of {len(line)} bytes was not written: an entry has at most 1 MiB.")
    return line


def open_envelope(line: bytes) -> Envelope:
    """Read the envelope of one line, without judging its signatures.

    Raises:
        LedgerError: The line is not an envelope in the one spelling that the format allows.
    """
    if len(line) > LONGEST_LINE:
        raise LedgerError("the line is longer than 1 MiB")
    if spelt := _read_spelt(line):
        return spelt
    match strict_loads(line):  # says what is wrong
        case {"payload": str(payload), "signatures": [*signatures]} if signatures:
            envelope = Envelope(_from_base64(payload), tuple(map(_read_signature, signatures)))
        case _:
            raise LedgerError("the line is not a signed envelope")
    if _spell(envelope) != line:
        raise LedgerError(
            "the line is spelt in other bytes than the format allows (type, spaces, order, escapes, line end)"
        )
    return envelope


def read_payload(body: bytes) -> dict[str, Any]:
    """Read the payload of an entry: every required member there, of its type; unknown members are kept.

    Raises:
        LedgerError: It is not the payload of an entry of this version.
    """
    payload = strict_loads(body)
    if not isinstance(payload, dict):
        raise LedgerError("the payload is not an object")
    if type(payload.get("v")) is not int or payload["v"] != VERSION:
        raise LedgerError("the payload is of a version that this release does not know")
    for name, holds in _MEMBERS.items():
        if name not in payload or not holds(payload[name]):
            raise LedgerError(f"the member {name!r} is missing or malformed")
    if "after" in payload and not _is_hash(payload["after"]):
        raise LedgerError("the member 'after' is malformed")
    return payload


def parse(line: bytes, place: int, disclosures: Iterable[str] = ()) -> Entry:
    """Read one stored line, strictly. Signature and chain are the business of ``verification``.

    Args:
        line: The bytes without the line end.
        place: Where the line stands, counted from 0; it is named in the error.
        disclosures: The stored disclosures that belong to the entry.

    Raises:
        LedgerError: The line is damaged.
    """
    try:
        payload = read_payload(open_envelope(line).payload)
        private = dict(map(disclosure.read, disclosures))
    except LedgerError as error:
        raise LedgerError(
            f"Ledger entry {place} cannot be read: {error}. The ledger file was damaged or altered; verify it, and "
            "compare with the copy deposited with the last checkpoint."
        ) from error
    return Entry(payload["seq"], leaf_hash(line), line, payload, private)


def read_verified(line: bytes) -> dict[str, Any]:
    """Return the payload of a line that was verified. Nothing is judged again, which takes a third of the time.

    Raises:
        ValueError, LookupError, TypeError: It is no line of a ledger.
    """
    return dict(json.loads(binascii.a2b_base64(line.split(b'"', 4)[3])))


def taken_in(payload: Mapping[str, Any], seq: int) -> Exhibit | None:
    """Return the exhibit that an entry took in: the one item of ``result`` that has a number, or None."""
    for item in payload["result"]:
        if "exhibit" in item:
            return Exhibit(item["exhibit"], item["sha256"], item["size"], item["media"], seq)
    return None


def restored_head(size: int, root: bytes) -> dict[str, Any]:
    """Return the item by which an entry ``restore`` names the head that the ledger was taken back to."""
    return {"kind": "checkpoint", "entries": size, "root": base64.b64encode(root).decode("ascii")}


def _spell(envelope: Envelope) -> bytes:
    signatures = b",".join(
        b'{"keyid":"%b","sig":"%b"}' % (keyid.encode("ascii"), base64.b64encode(signature))
        for keyid, signature in envelope.signatures
    )
    return _LINE % (base64.b64encode(envelope.payload), signatures)


def _read_spelt(line: bytes) -> Envelope | None:
    """Read an envelope in the one spelling, which needs no JSON; None when it is in no such spelling."""
    match = _SPELT.fullmatch(line)
    try:
        found = _SIGNATURE.findall(match[2]) if match else ()
        signatures = tuple(Signature(keyid.decode("ascii"), binascii.a2b_base64(sig)) for keyid, sig in found)
        envelope = Envelope(binascii.a2b_base64(match[1]) if match else b"", signatures)
    except binascii.Error:
        return None
    return envelope if signatures and _spell(envelope) == line else None


def _read_signature(value: Any) -> Signature:
    match value:
        case {"keyid": str(keyid), "sig": str(encoded)} if _HEX.match(keyid):
            return Signature(keyid, _from_base64(encoded))
    raise LedgerError("a signature is malformed")


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise LedgerError("the line holds damaged base64") from error


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and _HEX.match(value) is not None


def _is_instant(value: Any) -> bool:
    if not isinstance(value, str) or not _INSTANT.match(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_result(value: Any) -> bool:
    return _is_items(value) and all(map(_is_result_item, value)) and sum("exhibit" in item for item in value) <= 1


def _is_items(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_object, value))


def _is_result_item(item: dict[str, Any]) -> bool:
    if "exhibit" not in item:
        return True
    size = item.get("size")
    named = isinstance(item["exhibit"], str) and isinstance(item.get("media"), str)
    return named and _is_hash(item.get("sha256")) and type(size) is int and size >= 0


_MEMBERS: Mapping[str, Callable[[Any], bool]] = {
    "ledger": _is_text,
    "seq": lambda value: type(value) is int and value >= 0,
    "prev": _is_hash,
    "id": _is_text,
    "action": _is_text,
    "outcome": _is_text,
    "start_time": _is_instant,
    "end_time": _is_instant,
    "clock": _is_object,
    "performer": lambda value: _is_object(value) and _is_hash(value.get("key")),
    "instrument": _is_object,
    "environment": _is_object,
    "object": _is_items,
    "result": _is_result,
    "refs": lambda value: isinstance(value, list) and all(map(_is_hash, value)),
    "_sd": lambda value: isinstance(value, list) and all(map(_is_text, value)),
    "_sd_alg": lambda value: value == "sha-256",
}
