"""What can be tried of PKCS #11 without a token; tests/hardware signs with one."""

from __future__ import annotations

import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from osint.chain_of_custody import keys, pkcs11
from osint.chain_of_custody.pkcs11 import Pkcs11Signer
from osint.errors import LedgerError

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file modes and no such paths")
pytestmark = posix

MODULE = "?module-path=/usr/lib/m.so"


def nobody(key):
    raise AssertionError(f"the PIN of {key} was asked for")


@pytest.fixture
def address(tmp_path):
    """Write an address as ``actor.pkcs11``."""

    def write(text, mode=0o600):
        path = tmp_path / "actor.pkcs11"
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    return write


def test_an_address_is_taken_apart():
    """
    With percent signs where RFC 7512 has them, and a line end where an editor leaves it.
    """
    found = pkcs11.read_address(
        "pkcs11:token=My%20card;serial=0123;id=%01%02;object=actor;type=private"
        "?module-path=/usr/lib/my%20module.so&pin-source=file:/run/pin\n"
    )

    assert found == ("/usr/lib/my module.so", "My card", "0123", "actor", b"\x01\x02", "file:/run/pin")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "begins with pkcs11:"),
        ("https://token.example/", "begins with pkcs11:"),
        (f"pkcs11:token=a{MODULE}", "names the key"),
        ("pkcs11:object=a", "whole path"),
        ("pkcs11:object=a?module-path=m.so", "whole path"),
        ("pkcs11:object=a?module-path=../m.so", "whole path"),
        (f"pkcs11:object=a{MODULE}&pin-value=4711", "must not hold the PIN"),
        (f"pkcs11:object=a;slot-id=1{MODULE}", "slot-id"),
        (f"pkcs11:object=a{MODULE}&module-name=m", "module-name"),
        (f"pkcs11:object=a;object=b{MODULE}", "twice"),
        (f"pkcs11:object=a;type=cert{MODULE}", "type=private"),
    ],
)
def test_an_address_that_does_not_choose_a_key_is_refused(text, said):
    """
    Each is told what it lacks; a PIN is never repeated.
    """
    with pytest.raises(LedgerError, match=said) as refusal:
        pkcs11.read_address(text)
    assert "4711" not in str(refusal.value)


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_an_address_that_others_may_write_is_refused(tmp_path, address, mode):
    """
    It names a library that is loaded into this process.
    """
    address(f"pkcs11:object=actor{MODULE}", mode)

    with pytest.raises(LedgerError, match="written by other accounts"):
        keys.load_or_create(tmp_path, "actor", nobody)


@pytest.mark.parametrize("text", ["pkcs11:object=ä" + MODULE, "pkcs11:object=a" + MODULE + " " * 5000])
def test_a_file_that_holds_no_address_is_refused(tmp_path, address, text):
    """
    Before anything is loaded or asked.
    """
    address(text)

    with pytest.raises(LedgerError, match="no PKCS #11 address"):
        keys.load_or_create(tmp_path, "actor", nobody)


def test_an_empty_pin_is_not_tried(tmp_path, address):
    """
    It would count as a wrong one.
    """
    address(f"pkcs11:object=actor{MODULE}")

    with pytest.raises(LedgerError, match="not tried"):
        keys.load_or_create(tmp_path, "actor", lambda _: b"")


def test_the_extra_is_named_when_it_is_missing(tmp_path, address, monkeypatch):
    """
    The library is one that few need.
    """
    address(f"pkcs11:object=actor{MODULE}")
    monkeypatch.setitem(sys.modules, "pkcs11", None)

    with pytest.raises(LedgerError, match=r"osint\[pkcs11\]"):
        keys.load_or_create(tmp_path, "actor", lambda _: b"1234")


class Key:
    """A key in a token that signs something else."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.public = self.key.public_key().public_bytes_raw()

    def sign(self, message, mechanism):
        return self.key.sign(message + b"!")


def test_a_token_that_signs_something_else_is_found_out():
    """
    No signature of a token goes into the ledger before it was verified.
    """
    key = Key()

    with pytest.raises(LedgerError, match="does not hold"):
        Pkcs11Signer("actor", key.public, key, None).sign(b"message")


class Session:
    """A session whose token holds what it is given for a public key, or nothing."""

    def __init__(self, point) -> None:
        self.point = point

    def get_key(self, *_, **__):
        import pkcs11 as library

        if self.point is None:
            raise library.NoSuchKey
        return {library.Attribute.EC_POINT: self.point}


RAW = bytes(range(32))


@pytest.mark.parametrize(
    ("point", "known", "found"),
    [(b"\x04\x20" + RAW, None, RAW), (RAW, None, RAW), (None, RAW, RAW)],
    ids=["in DER", "as it is", "not in the token"],
)
def test_the_public_half_is_read_in_each_form(point, known, found):
    """
    PKCS #11 2.40 and 3.0 differ, and some tokens keep no public half at all.
    """
    address = pkcs11.read_address(f"pkcs11:object=a{MODULE}")

    assert pkcs11._public(Session(point), address, known) == found


def test_another_curve_is_refused():
    """
    Ed448 is an Edwards curve too, with 57 bytes.
    """
    with pytest.raises(LedgerError, match="another curve"):
        pkcs11._public(Session(b"\x04\x39" + bytes(57)), pkcs11.read_address(f"pkcs11:object=a{MODULE}"), None)
