"""Content Credentials made here: boxes and CBOR by hand, and pictures signed by an invented camera."""

import datetime
import io
import struct
import warnings

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from media_builders import box, photo

ACTIVE, OLDER = "urn:uuid:active", "urn:uuid:older"


class Tagged:
    def __init__(self, number, item):
        self.number, self.item = number, item


def cbor(item):
    """Return CBOR; enough of it for a manifest."""
    if item is None or isinstance(item, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[item]
    if isinstance(item, float):
        return b"\xfb" + struct.pack(">d", item)
    if isinstance(item, int):
        return _head(0, item) if item >= 0 else _head(1, -1 - item)
    if isinstance(item, bytes):
        return _head(2, len(item)) + item
    if isinstance(item, str):
        return _head(3, len(item.encode())) + item.encode()
    if isinstance(item, list):
        return _head(4, len(item)) + b"".join(map(cbor, item))
    if isinstance(item, dict):
        return _head(5, len(item)) + b"".join(cbor(key) + cbor(value) for key, value in item.items())
    return _head(6, item.number) + cbor(item.item)


def _head(major, number):
    for detail, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 24:
            return bytes([major << 5 | number])
        if number < 1 << 8 * size:
            return bytes([major << 5 | detail]) + number.to_bytes(size, "big")
    raise ValueError(number)


def labelled(label, *boxes, kind=b"c2ma"):
    """Return a box of boxes with a label."""
    description = kind + bytes(12) + b"\x03" + label.encode() + b"\0"
    return box(b"jumb", box(b"jumd", description) + b"".join(boxes))


def part(label, item):
    content = item if isinstance(item, bytes) else cbor(item)
    return labelled(label, box(b"cbor", content), kind=b"cbor")


def token(time=b"20260503122215Z"):
    """Return what a time stamp looks like from afar: the mark of its content, some bytes, the time."""
    return bytes.fromhex("060b2a864886f70d0109100104") + bytes(30) + b"\x18" + bytes([len(time)]) + time + bytes(9)


def cose(*tokens, name="sigTst"):
    unprotected = {name: {"tstTokens": [{"val": each} for each in tokens]}} if tokens else {}
    return Tagged(18, [b"", unprotected, None, bytes(64)])


CLAIM = {
    "claim_generator": "Invented Maker/1",
    "claim_generator_info": [{"name": "Invented Maker", "version": "1"}],
    "instanceID": "xmp:iid:1",
    "dc:title": "harbour.jpg",
    "assertions": [{"url": "self#jumbf=c2pa.assertions/c2pa.actions", "hash": bytes(32)}],
}
ACTIONS = {"actions": [{"action": "c2pa.placed", "when": "2026-05-03T12:22:11Z", "digitalSourceType": "composite"}]}
INGREDIENT = {
    "dc:title": "sky.jpg",
    "documentID": "xmp.did:sky",
    "instanceID": "xmp.iid:sky",
    "relationship": "componentOf",
}


def manifest(label, *, claim=CLAIM, assertions=(), signature=None):
    parts = [labelled("c2pa.assertions", *assertions), part("c2pa.claim", claim)]
    return labelled(label, *parts, *([part("c2pa.signature", signature)] if signature is not None else []))


def store(*manifests):
    return labelled("c2pa", *manifests, kind=b"c2pa")


# -- signed pictures --------------------------------------------------------------------------------------------------


def _name(common):
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Invented Newsroom"),
        ]
    )


def _certificate(subject, key, issuer, issuer_key, *, ca):
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=90))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(True, False, False, False, False, ca, ca, False, False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not ca:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return made.sign(issuer_key, hashes.SHA256())


def authority(name):
    """Return the certificate of an invented authority as PEM, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _certificate(name, key, name, key, ca=True).public_bytes(serialization.Encoding.PEM), key


def signed(root, root_key, name, picture=None):
    """Return a picture that a camera under this authority has signed, by the SDK's own signer."""
    import c2pa

    key = ec.generate_private_key(ec.SECP256R1())
    leaf = _certificate("Invented Camera", key, name, root_key, ca=False).public_bytes(serialization.Encoding.PEM)
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    info = c2pa.C2paSignerInfo(alg=b"es256", sign_cert=leaf + root, private_key=plain, ta_url=None)
    source = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    claim = {
        "claim_generator_info": [{"name": "Invented Maker", "version": "1"}],
        "title": "a red picture",
        "assertions": [
            {"label": "c2pa.actions", "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": source}]}}
        ],
    }
    result = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with c2pa.Signer.from_info(info) as signer, c2pa.Builder(claim) as builder:
            builder.sign(signer, "image/jpeg", io.BytesIO(picture or photo()), result)
    return result.getvalue()
