"""Which key may sign what, by position in the ledger: the entries introduce keys, replace them and revoke them.

Validity counts by tree index and never by a clock. A key that was rotated or revoked signs nothing after that entry; a
revocation may say since which entry the key was no longer safe, and those entries are then *disputed*: they stand, and
whoever relies on them has to look for other support.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.entry import INTRODUCING

PEOPLE = ("actor", "custodian")
ROLES = (*PEOPLE, "log")


@dataclass(frozen=True, kw_only=True)
class RegisteredKey:
    """A public key as the ledger introduces it.

    Attributes:
        keyid: Fingerprint: hex SHA-256 of ``public``. Compare it with the one on paper.
        role: ``actor``, ``custodian`` or ``log``.
        public: 32 raw bytes, or an SSH public key blob where ``algorithm`` is ``sshsig``.
        algorithm: ``ed25519`` or ``sshsig``.
        basis: ``opened``, ``introduced``, ``rotated``, ``recovered`` or ``appointed``.
        entry: Sequence number of the entry that introduces it.
        ended: Entry that rotated or revoked it; None while it may sign.
        reason: Why it ended.
        disputed_from: First entry that the revocation puts in doubt, or None.
    """

    keyid: str
    role: str
    public: bytes
    entry: int
    algorithm: str = "ed25519"
    basis: str = "introduced"
    ended: int | None = None
    reason: str = ""
    disputed_from: int | None = None

    def may_sign_entry(self, place: int) -> bool:
        """Return whether it may sign the entry at a position; the one that ends it, it may."""
        return self.entry <= place and (self.ended is None or place <= self.ended)

    def may_sign_head(self, size: int) -> bool:
        """Return whether it may sign a checkpoint over so many entries."""
        return self.entry < size and (self.ended is None or size <= self.ended)


class Registry:
    """The keys of a ledger, as its entries make them known one after the other.

    ``known`` holds them by fingerprint, ended ones too: what it takes to see whether a signature fits.
    """

    def __init__(self, keys: Collection[RegisteredKey] = ()) -> None:
        self._keys = {(key.keyid, key.role): key for key in keys}
        self.known = {key.keyid: key for key in keys}

    def __iter__(self) -> Iterator[RegisteredKey]:
        return iter(self._keys.values())

    def person(self, keyid: str) -> RegisteredKey | None:
        """Return the key of a person, an actor or a custodian."""
        return next((self._keys[keyid, role] for role in PEOPLE if (keyid, role) in self._keys), None)

    def any(self, keyid: str) -> RegisteredKey | None:
        """Return the key in whatever role it was introduced."""
        return next((self._keys[keyid, role] for role in ROLES if (keyid, role) in self._keys), None)

    def logs(self) -> list[RegisteredKey]:
        """Return the log keys, the oldest first."""
        return [key for key in self if key.role == "log"]

    def take(
        self, payload: Mapping[str, Any], place: int, signers: Collection[str], allowed: Collection[str] | None = None
    ) -> list[str]:
        """Learn what an entry says about keys; return what is wrong with it, in sentences.

        Args:
            payload: Of the entry; ``object`` and ``action`` are looked at.
            place: Its position.
            signers: Fingerprints in whose names it is signed.
            allowed: The keys that may be introduced, as known from elsewhere; None allows all.
        """
        if payload["action"] == "key.revoke":
            return [problem for item in payload["object"] if (problem := self._revoke(item, place))]
        if payload["action"] not in INTRODUCING:
            return []
        items = payload["object"]
        introduced = [item for item in items if "public" in item]
        problems = [problem for item in introduced if (problem := self._introduce(item, place, signers, allowed))]
        replaced = [item for item in items if "public" not in item]
        if payload["action"] == "key.rotate":
            if len(replaced) != 1 or len(introduced) != 1:
                return [*problems, "it rotates a key without naming exactly one old and one new key."]
            problems += [problem for item in replaced if (problem := self._rotate(item, introduced[0], place, signers))]
        return problems

    def _introduce(
        self, item: Mapping[str, Any], place: int, signers: Collection[str], allowed: Collection[str] | None
    ) -> str:
        key = _read_key(item, place)
        if key is None:
            return "it introduces a key whose fingerprint does not fit."
        problem = self._objection(key, place, signers, allowed)
        if not problem:
            self._keys.setdefault((key.keyid, key.role), key)
            self.known.setdefault(key.keyid, key)
        return problem

    def _objection(
        self, key: RegisteredKey, place: int, signers: Collection[str], allowed: Collection[str] | None
    ) -> str:
        if allowed is not None and key.keyid not in allowed:
            return f"it introduces the {key.role} key {key.keyid}, which is none of the fingerprints given."
        known = self._keys.get((key.keyid, key.role))
        if known is not None and known.ended is not None:
            return f"it introduces a key again that entry {known.ended} had ended."
        other = self.any(key.keyid)
        if other is not None and (other.role == "log") != (key.role == "log"):
            return f"it introduces the {other.role} key as a {key.role} key too; one key must not have both powers."
        if key.role != "log" and key.keyid not in signers:
            return f"it introduces a {key.role} key that did not sign it, so nobody has shown to hold that key."
        if key.basis == "recovered" and not any(self._is_custodian(keyid, place) for keyid in signers):
            return "it introduces a key by recovery, and no custodian signed it."
        return ""

    def _rotate(self, item: Mapping[str, Any], new: Mapping[str, Any], place: int, signers: Collection[str]) -> str:
        key = self._keys.get((str(item.get("key")), str(item.get("role"))))
        if key is None or key.ended is not None or new.get("role") != key.role:
            return "it replaces a key that is not in force in that role."
        if key.keyid not in signers or new.get("key") not in signers:
            return "it replaces a key, and the old and the new one did not both sign it."
        self._keys[key.keyid, key.role] = replace(key, ended=place, reason="rotated")
        return ""

    def _revoke(self, item: Mapping[str, Any], place: int) -> str:
        key = self._keys.get((str(item.get("key")), str(item.get("role"))))
        since = item.get("since")
        if key is None or type(since) is not int or not isinstance(item.get("reason"), str):
            return "it revokes a key that no entry introduces, or does not say why and since when."
        if key.disputed_from is not None:  # a later statement takes no doubt back
            since = min(since, key.disputed_from)
        ended = place if key.ended is None else key.ended
        self._keys[key.keyid, key.role] = replace(key, ended=ended, reason=item["reason"], disputed_from=since)
        return ""

    def _is_custodian(self, keyid: str, place: int) -> bool:
        key = self._keys.get((keyid, "custodian"))
        return key is not None and key.entry < place and key.may_sign_entry(place)


def _read_key(item: Mapping[str, Any], entry: int) -> RegisteredKey | None:
    algorithm = item.get("algorithm", "ed25519")
    match item:
        case {"key": str(keyid), "public": str(encoded), "role": str(role), "basis": str(basis)}:
            try:
                public = base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError):
                return None
            fits = sha256(public) == keyid and role in ROLES and algorithm in ("ed25519", "sshsig")
            # A fingerprint stands for one way of signing: what has 32 bytes is no key of SSH.
            if not fits or (algorithm == "ed25519") != (len(public) == 32):
                return None
            return RegisteredKey(keyid=keyid, role=role, public=public, entry=entry, algorithm=algorithm, basis=basis)
    return None
