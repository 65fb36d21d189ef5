"""The key of an account of the AT Protocol, as its DID document states it, and what it says of a signed commit.

It is no collector. A document states the key of today: what was signed before a key was changed does not hold under it.

Source: https://atproto.com/specs/did, https://atproto.com/specs/cryptography and https://atproto.com/specs/repository
(commit objects: SHA-256 over the commit without ``sig``, ECDSA over secp256k1 or P-256, r and s side by side, low s).
"""

from __future__ import annotations

import re
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from osint.collectors.json_values import objects, text

Verdict = Literal["verified", "does not hold", "key not known"]

DIRECTORY = "plc.directory"
_WEB = re.compile(r"did:web:(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
_PLC = re.compile(r"did:plc:[a-z0-9]{1,64}")
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_LONGEST_KEY = 200  # letters
_HALF = 32  # bytes of r, and of s
_CURVES = {b"\xe7\x01": ec.SECP256K1(), b"\x80\x24": ec.SECP256R1()}  # multicodec secp256k1-pub, p256-pub
_OLDER = {  # types that say the curve, so that the point stands alone; documents of before 2024 have them
    "EcdsaSecp256k1VerificationKey2019": ec.SECP256K1(), "EcdsaSecp256r1VerificationKey2019": ec.SECP256R1(),
}  # fmt: skip
_LOW = {
    "secp256k1": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141 // 2,
    "secp256r1": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551 // 2,
}


def document_address(did: str) -> str | None:
    """Return where the document of a DID lies: with the directory, or at the host that it names; None when nowhere."""
    if _PLC.fullmatch(did):
        return f"https://{DIRECTORY}/{did}"
    named = _WEB.fullmatch(did)
    return f"https://{named['host'].lower()}/.well-known/did.json" if named else None


def key_in(document: Any, did: str) -> ec.EllipticCurvePublicKey | None:
    """Return the key that signs the repository of an account; None where the document states none that is known."""
    if not isinstance(document, dict) or document.get("id") != did:
        return None
    for method in objects(document.get("verificationMethod")):
        if method.get("id") in ("#atproto", f"{did}#atproto"):
            return _key(text(method.get("type")) or "", text(method.get("publicKeyMultibase")) or "")
    return None


def judge(signed: bytes, signature: bytes | None, key: ec.EllipticCurvePublicKey) -> Verdict:
    """Say whether a signature holds over what was signed."""
    if signature is None or len(signature) != 2 * _HALF:
        return "does not hold"
    r, s = int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")
    if s > _LOW[key.curve.name]:
        return "does not hold"
    try:
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return "does not hold"
    return "verified"


def _key(kind: str, multibase: str) -> ec.EllipticCurvePublicKey | None:
    raw = _base58(multibase[1:]) if multibase.startswith("z") else b""
    curve, point = (_CURVES.get(raw[:2]), raw[2:]) if kind == "Multikey" else (_OLDER.get(kind), raw)
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, point) if curve else None
    except ValueError:  # no point of that curve
        return None


def _base58(spelt: str) -> bytes:
    """Return what base58btc spells; nothing for what it does not. Keys do not begin with a zero byte."""
    if len(spelt) > _LONGEST_KEY or not set(spelt) <= set(_BASE58):
        return b""
    number = 0
    for letter in spelt:
        number = number * 58 + _BASE58.index(letter)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
