"""What a signature over a package proves, and every way in which one does not hold."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from package_builders import MADE, SOFTWARE, contents, package, signer
from tsa import DER, StampingAuthority

from osint.chain_of_custody.timestamp_format import Imprint, write_request
from osint.errors import IntegrityError
from osint.wacz.check import check_wacz
from osint.wacz.form import DIGEST
from osint.wacz.signing import AnonymousSigner, DomainSigner, SignatureError, verify_signature

HASH = "sha256:" + "0" * 64
CREATED = "2026-06-02T08:30:00Z"
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
DOMAIN = "archive.police.example"


def certificates(domain: str = DOMAIN, *, since: datetime = MADE) -> tuple[ec.EllipticCurvePrivateKey, list[bytes]]:
    """Return the key of a domain and its chain: a certificate under an authority of its own."""
    root_key, key = (ec.derive_private_key(secret, ec.SECP256R1()) for secret in (41, 42))
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Invented authority")])

    def issue(name: x509.Name, public: ec.EllipticCurvePublicKey, *, ca: bool) -> bytes:
        builder = (
            x509.CertificateBuilder().subject_name(name).issuer_name(authority).public_key(public)
            .serial_number(7 + ca).not_valid_before(since).not_valid_after(since + timedelta(days=6))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
        )  # fmt: skip
        return builder.sign(root_key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(DER)

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, domain)])
    return key, [issue(subject, key.public_key(), ca=False), issue(authority, root_key.public_key(), ca=True)]


@pytest.fixture(scope="module")
def domain_signer(tmp_path_factory) -> DomainSigner:
    return make_signer(tmp_path_factory.mktemp("tsa"))


def make_signer(folder, stamped: datetime = MADE + timedelta(minutes=2), secret: int = 1) -> DomainSigner:
    authority = StampingAuthority.create(folder, secret)

    def stamp(data: bytes) -> tuple[bytes, list[bytes]]:
        digest = hashes.Hash(hashes.SHA256())
        digest.update(data)
        request = write_request(Imprint("sha256", digest.finalize()), "1.3.6.1.4.1.99999.1", 5)
        chain = [authority.signer.der, authority.root.der]
        return authority.reply(request, stamped, certificates=sorted(chain, key=lambda each: (len(each), each))), chain

    key, chain = certificates()
    return DomainSigner(key, DOMAIN, chain, stamp)


def test_an_anonymous_signature_names_its_key_and_is_the_same_each_time():
    """
    Deterministic ECDSA, so that a package can be made again byte for byte.
    """
    signed = signer().sign(HASH, CREATED, SOFTWARE)
    found = verify_signature(signed, HASH, CREATED)

    assert signed == signer().sign(HASH, CREATED, SOFTWARE)
    assert (found.form, len(found.signer), found.stamped) == ("anonymous", 64, None)
    assert len(base64.b64decode(signed["signature"])) == 96


def test_a_domain_signature_names_domain_time_and_roots(domain_signer):
    """
    Whether the roots are to be trusted is left to whoever reads, and said.
    """
    found = verify_signature(domain_signer.sign(HASH, CREATED, SOFTWARE), HASH, CREATED)

    assert (found.form, found.signer, found.stamped) == ("domain", DOMAIN, MADE + timedelta(minutes=2))
    assert [len(root) for root in found.roots] == [64, 64]
    assert all(root in found.proves for root in found.roots)


def test_a_package_carries_a_domain_signature(tmp_path, domain_signer):
    """
    Certificates with an empty line between them, as ReplayWeb.page splits them.
    """
    path = package(tmp_path / "case.wacz", signer=domain_signer)
    signed = json.loads(contents(path)[DIGEST])["signedData"]
    checked = check_wacz(path)

    assert checked.signature is not None
    assert checked.signature.signer == DOMAIN
    assert len(signed["domainCert"].split("\n\n")) == 2


ALTERED = {
    "hash": ("sha256:" + "1" * 64, "is over"),
    "created": ("2026-06-02T08:31:00Z", "says it was made"),
    "version": ("0.2.0", "has the form 0.2.0"),
    "signature": (base64.b64encode(bytes(96)).decode(), "not one by its key"),
    "publicKey": ("AAAA", "cannot be read"),
    "software": (7, "no text"),
    "note": ("more", "neither of the two forms"),
}


@pytest.mark.parametrize("field", ALTERED)
def test_an_anonymous_signature_with_another_field_does_not_hold(field):
    """
    One field at a time, and one more than there may be.
    """
    value, words = ALTERED[field]

    with pytest.raises(SignatureError, match=words):
        verify_signature({**signer().sign(HASH, CREATED, SOFTWARE), field: value}, HASH, CREATED)


def test_fields_of_two_forms_are_neither(domain_signer):
    """
    A time stamp beside an anonymous signature is not conformant, and a signature without its key is none.
    """
    signed, domain = signer().sign(HASH, CREATED, SOFTWARE), domain_signer.sign(HASH, CREATED, SOFTWARE)
    without = {name: value for name, value in signed.items() if name != "publicKey"}

    for mixed in ({**signed, "timeSignature": domain["timeSignature"]}, without):
        with pytest.raises(SignatureError, match="neither of the two forms"):
            verify_signature(mixed, HASH, CREATED)


@pytest.mark.parametrize("words", ["not base64", "not the length", "not one of P-384"])
def test_a_signature_of_another_spelling_does_not_hold(words):
    """
    Another curve, another length, another alphabet.
    """
    signed = signer().sign(HASH, CREATED, SOFTWARE)
    small = ec.derive_private_key(7, ec.SECP256R1())
    other = base64.b64encode(small.public_key().public_bytes(DER, SPKI)).decode()
    changes = {
        "not base64": {"signature": "%%%"},
        "not the length": {"signature": "AAAA"},
        "not one of P-384": {"publicKey": other},
    }

    with pytest.raises(SignatureError, match=words):
        verify_signature({**signed, **changes[words]}, HASH, CREATED)
    with pytest.raises(SignatureError, match="P-384"):
        AnonymousSigner(small).sign(HASH, CREATED, SOFTWARE)


def test_a_domain_signature_with_anothers_parts_does_not_hold(tmp_path, domain_signer):
    """
    Domain, certificates, signature, time stamp and authority each have to be those of this signature.
    """
    signed = domain_signer.sign(HASH, CREATED, SOFTWARE)
    other = make_signer(tmp_path, secret=5).sign("sha256:" + "1" * 64, CREATED, SOFTWARE)
    reversed_chain = "\n\n".join(reversed(signed["domainCert"].split("\n\n")))
    changes = {
        "not one for": {"domain": "another.example"},
        "each issued by the next": {"domainCert": reversed_chain},
        "domainCert is no chain": {"domainCert": "none"},
        "not one by its key": {"signature": other["signature"]},
        "the time stamp of the signature does not hold": {"timeSignature": other["timeSignature"]},
        "time stamp of the signature does not": {"timestampCert": other["timestampCert"]},
        "time stamp of the": {"timeSignature": "AAAA"},
        "is not one by": {"crossSignedCert": other["timestampCert"]},
    }
    for words, change in changes.items():
        with pytest.raises(SignatureError, match=words):
            verify_signature({**signed, **change}, HASH, CREATED)


@pytest.mark.parametrize("minutes", [-1, 11])
def test_a_time_stamp_before_the_signature_or_long_after_does_not_hold(tmp_path, minutes):
    """
    The specification gives ten minutes.
    """
    signed = make_signer(tmp_path, MADE + timedelta(minutes=minutes)).sign(HASH, CREATED, SOFTWARE)

    with pytest.raises(SignatureError, match="and its time stamp"):
        verify_signature(signed, HASH, CREATED)


def test_a_certificate_that_was_not_valid_then_does_not_hold(tmp_path, domain_signer):
    """
    It was issued a day later.
    """
    key, chain = certificates(since=MADE + timedelta(days=1))
    signed = DomainSigner(key, DOMAIN, chain, domain_signer.stamp).sign(HASH, CREATED, SOFTWARE)

    with pytest.raises(SignatureError, match="not valid when it was made"):
        verify_signature(signed, HASH, CREATED)


def test_a_package_whose_signature_does_not_hold_is_not_written(tmp_path, domain_signer):
    """
    The check before the rename is that of every reader.
    """
    wrong = DomainSigner(ec.derive_private_key(99, ec.SECP256R1()), DOMAIN, domain_signer.chain, domain_signer.stamp)

    with pytest.raises(IntegrityError, match="not one by its key"):
        package(tmp_path / "case.wacz", signer=wrong)
    assert list(tmp_path.iterdir()) == []
