"""Who signed a repository of Bluesky: the key in the DID document, and what it says of the commit."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from recorded import ask, make_capture
from repositories import DID, repository

from osint.activity import ParseWarning, Post
from osint.collectors import bluesky
from osint.collectors.did_key import document_address, judge, key_in
from osint.collectors.protocol import Stop
from osint.errors import OutOfScopeError
from osint.query import UrlQuery

REPOSITORY = f"https://pds.example/xrpc/com.atproto.sync.getRepo?did={DID}"
DIRECTORY = f"https://plc.directory/{DID}"
RECORDS = {"app.bsky.feed.post/3mkrich000001": {
    "$type": "app.bsky.feed.post", "text": "At the pier", "createdAt": "2026-05-01T10:00:00.000Z",
}}  # fmt: skip
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
MESSAGE = base64.b64decode("oWVoZWxsb2V3b3JsZA==")
# The vectors of the specification (https://atproto.com/specs/cryptography, interop-test-files): key, signature, verdict.
P256, K256 = "zDnaembgSGUhZULN2Caob4HLJPaxBh92N7rtH21TErzqf8HQo", "zQ3shqwJEJyMBsBXCWyCBpUBMqxcon9oHB7mCvx4sSpMdLJwc"
VECTORS = {
    "P-256": (P256, "2vZNsG3UKvvO/CDlrdvyZRISOFylinBh0Jupc6KcWoJWExHptCfduPleDbG3rko3YZnn9Lw0IjpixVmexJDegg", "verified"),
    "K-256": (K256, "5WpdIuEUUfVUYaozsi8G0B3cWO09cgZbIIwg1t2YKdUn/FEznOndsz/qgiYb89zwxYCbB71f7yQK5Lr7NasfoA", "verified"),
    "P-256, high s": (
        P256, "2vZNsG3UKvvO/CDlrdvyZRISOFylinBh0Jupc6KcWoKp7O4VS9giSAah8k5IUbXIW00SuOrjfEqQ9HEkN9JGzw", "does not hold",
    ),
    "K-256, high s": (
        K256, "5WpdIuEUUfVUYaozsi8G0B3cWO09cgZbIIwg1t2YKdXYA67MYxYiTMAVfdnkDCMN9S5B3vHosRe07aORmoshoQ", "does not hold",
    ),
    "P-256, as DER": (
        "zDnaeT6hL2RnTdUhAPLij1QBkhYZnmuKyM7puQLW1tkF4Zkt8",
        "MEQCIFxYelWJ9lNcAVt+jK0y/T+DC/X4ohFZ+m8f9SEItkY1AiACX7eXz5sgtaRrz/SdPR8kprnbHMQVde0T2R8yOTBweA", "does not hold",
    ),
}  # fmt: skip


def document(key: str, *, did: str = DID, kind: str = "Multikey") -> dict:
    method = {"id": f"{did}#atproto", "type": kind, "controller": did, "publicKeyMultibase": key}
    return {"@context": ["https://www.w3.org/ns/did/v1"], "id": did, "verificationMethod": [method]}


def signing(number: int):
    """A key, its spelling in a DID document, and what signs with it as the protocol wants: r and s, with a low s."""
    private = ec.derive_private_key(number, ec.SECP256K1())
    numbers = private.public_key().public_numbers()
    raw = b"\xe7\x01" + bytes([2 + numbers.y % 2]) + numbers.x.to_bytes(32, "big")

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")

    return base58(raw), sign


def base58(raw: bytes) -> str:
    spelt, number = "", int.from_bytes(raw, "big")
    while number:
        number, digit = divmod(number, 58)
        spelt = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[digit] + spelt
    return f"z{spelt}"


def collected(answers: dict, url: str = REPOSITORY):
    """The records of a run over these answers, and why it ended; what is not among them lies out of scope."""
    numbers: list[str] = []

    def get(address, /, **_):
        if address not in answers:
            raise OutOfScopeError(f"{address} is out of scope")
        numbers.append(address)
        capture = make_capture(answers[address], address)
        return type(capture)(**{**vars(capture), "exhibit": f"E{len(numbers):04}"})

    captures, stop = ask(bluesky, UrlQuery(url=url), get)
    return bluesky.parse(captures[0]), stop


@pytest.mark.parametrize(("key", "signature", "verdict"), VECTORS.values(), ids=VECTORS)
def test_the_vectors_of_the_specification_are_judged_as_it_does(key, signature, verdict):
    """Both curves; a high s, and a signature in DER, hold nowhere in the protocol."""
    found = key_in(document(key), DID)

    assert judge(MESSAGE, base64.b64decode(signature + "=="), found) == verdict
    assert judge(MESSAGE + b"x", base64.b64decode(signature + "=="), found) == "does not hold"


@pytest.mark.parametrize(
    ("kind", "key", "vector"),
    [
        ("EcdsaSecp256r1VerificationKey2019", "zxdM8dSstjrpZaRUwBmDvjGXweKuEMVN95A9oJBFjkWMh", "P-256"),
        ("EcdsaSecp256k1VerificationKey2019", "z25z9DTpsiYYJKGsWmSPJK2NFN8PcJtZig12K59UgW7q5t", "K-256"),
    ],
)
def test_a_key_in_the_older_spelling_is_the_same_key(kind, key, vector):
    """The type says the curve; the directory's own program still writes it so."""
    older, newer = key_in(document(key, kind=kind), DID), key_in(document(VECTORS[vector][0]), DID)

    assert older == newer is not None


@pytest.mark.parametrize(
    ("signer", "stated", "verdict"),
    [(7, 7, "verified"), (7, 8, "does not hold"), (None, 7, "does not hold"), (7, None, "key not known")],
    ids=["own key", "another's key", "no such signature", "no document"],
)
def test_each_post_says_whether_its_account_signed_it(signer, stated, verdict):
    """The rows are there in any case; the exhibit that holds the key is named, and whatever is not proven is a warning."""
    signed = {"sign": signing(signer)[1]} if signer else {}
    answers = {REPOSITORY: repository(RECORDS, **signed)}
    answers |= {DIRECTORY: json.dumps(document(signing(stated)[0])).encode()} if stated else {}

    records, stop = collected(answers)

    [post] = [record for record in records if isinstance(record, Post)]
    assert post.extra["signature"] == {"verdict": verdict, "key": "E0002" if stated else None}
    assert any(verdict in record.what for record in records if isinstance(record, ParseWarning)) == (
        verdict != "verified"
    )
    assert stop is Stop.EXHAUSTED


def test_a_commit_that_was_altered_after_it_was_signed_does_not_hold():
    """Its revision is another one, and every hash fits: the signature alone tells."""
    key, sign = signing(7)
    altered = repository(RECORDS, sign=lambda data: sign(data.replace(b"3mlexamplerev", b"3mlexamplerew")))

    [post] = [each for each in collected({REPOSITORY: altered, DIRECTORY: json.dumps(document(key)).encode()})[0]
              if isinstance(each, Post)]  # fmt: skip

    assert post.extra["signature"]["verdict"] == "does not hold"


@pytest.mark.parametrize(
    "told",
    [
        {**document(P256), "id": "did:plc:dawnexample000000000000"}, document(P256, kind="JsonWebKey2020"),
        document(P256[:-1]), document("z" + "1" * 400), document("zDnae0"), {"id": DID}, [], None,
    ],
    ids=["of another", "another kind", "cut", "endless", "no letter", "no key", "a list", "nothing"],
)  # fmt: skip
def test_a_document_that_states_no_such_key_makes_none_known(told):
    """Neither somebody else's key nor one that cannot be read is the account's."""
    assert key_in(told, DID) is None
    records, _ = collected({REPOSITORY: repository(RECORDS), DIRECTORY: json.dumps(told).encode()})
    assert {each.extra["signature"]["verdict"] for each in records if isinstance(each, Post)} == {"key not known"}


@pytest.mark.parametrize(
    ("did", "address"),
    [
        (DID, DIRECTORY),
        ("did:web:jane.example", "https://jane.example/.well-known/did.json"),
        ("did:web:jane.example:users:jane", None),
        ("did:web:localhost", None),
        ("did:key:zDnaeT6", None),
        ("did:plc:../evil", None),
    ],
)
def test_the_document_lies_where_the_method_of_the_did_says(did, address):
    """With the directory, or at the host itself; no other method is the protocol's."""
    assert document_address(did) == address
