from __future__ import annotations

import hashlib

import pytest
from agents import SoftwareToken, armored, keygen, needs_openssh, unarmored
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from osint.chain_of_custody import sshsig
from osint.chain_of_custody.keys import signature_holds
from osint.errors import LedgerError

MESSAGE = b"DSSEv1 46 application/vnd.osint.custody-entry+json 2 {}"


class PlainKey:
    """An officer's own SSH key."""

    def __init__(self, seed: bytes = bytes(range(32))) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(seed)
        self.blob = sshsig.plain_blob(self.key.public_key().public_bytes_raw())

    def sign(self, data: bytes) -> bytes:
        return sshsig.pack(sshsig.PLAIN, self.key.sign(data))


def signed(key: PlainKey | SoftwareToken, message: bytes = MESSAGE) -> bytes:
    return sshsig.envelope(key.blob, key.sign(sshsig.to_sign(message)))


def spelt(key, *, magic=b"SSHSIG", version=1, namespace=sshsig.NAMESPACE, reserved=b"", algorithm=b"sha512", blob=None):
    """An SSHSIG whose signature is right for what it says, whatever that is."""
    name = algorithm.decode()
    digest = hashlib.new(name, MESSAGE).digest() if name in hashlib.algorithms_available else b""
    data = magic + sshsig.pack(namespace, reserved, algorithm, digest)
    fields = sshsig.pack(blob or key.blob, namespace, reserved, algorithm, key.sign(data))
    return magic + version.to_bytes(4, "big") + fields


@pytest.fixture(params=[PlainKey, SoftwareToken], ids=["key in an agent", "key in a token"])
def key(request):
    return request.param()


@pytest.fixture
def keygen_verifies(tmp_path):
    """Ask ssh-keygen whether a signature by a key is good, for a message, a namespace and options of the signer."""

    def ask(blob, sshsig_blob, message=MESSAGE, namespace="osint-custody-entry", allow="", *more):
        allowed, signature = tmp_path / "allowed", tmp_path / "signature"
        allowed.write_text(f"officer {allow} {sshsig.public_line(blob, '')}", encoding="ascii")
        signature.write_text(armored(sshsig_blob), encoding="ascii")
        arguments = ("-Y", "verify", "-f", allowed, "-I", "officer", "-n", namespace, "-s", signature, *more)
        return keygen(*arguments, said=message).returncode == 0

    return ask


def test_a_signature_holds_for_its_key_and_message_only(key):
    """
    Made by a key in an agent or in a token, for this message, by no other key.
    """
    made = signed(key)

    assert signature_holds(key.blob, made, MESSAGE, "sshsig")
    assert not signature_holds(key.blob, made, MESSAGE + b" ", "sshsig")
    assert not signature_holds(PlainKey(bytes(32)).blob, made, MESSAGE, "sshsig")
    assert not signature_holds(SoftwareToken().blob, made, MESSAGE, "sshsig")


def test_an_algorithm_counts_for_itself_alone(key):
    """
    An SSHSIG is no plain signature, a plain one no SSHSIG, and by an unknown algorithm nothing holds.
    """
    raw = key.key.public_key().public_bytes_raw()
    plain = key.key.sign(MESSAGE)

    assert signature_holds(raw, plain, MESSAGE)
    assert not signature_holds(raw, plain, MESSAGE, "sshsig")
    assert not signature_holds(key.blob, signed(key), MESSAGE)
    assert not signature_holds(raw, plain, MESSAGE, "none")
    assert not signature_holds(key.blob, signed(key), MESSAGE, "none")
    assert not signature_holds(raw, plain, MESSAGE, "")


@needs_openssh
def test_ssh_keygen_verifies_what_is_made_here(key, keygen_verifies):
    """
    A third party needs OpenSSH only; it refuses another message and another namespace.
    """
    made = signed(key)

    assert keygen_verifies(key.blob, made)
    assert not keygen_verifies(key.blob, made, message=MESSAGE + b" ")
    assert not keygen_verifies(key.blob, made, namespace="file")


@needs_openssh
def test_ssh_keygen_refuses_a_signature_after_the_end_of_the_key(keygen_verifies):
    """
    A key's validity is the verifier's own list; the time it is checked at has to be given (``-Overify-time``).
    """
    key = PlainKey()
    ends = 'valid-before="20260601Z"'

    assert keygen_verifies(key.blob, signed(key), MESSAGE, "osint-custody-entry", ends, "-Overify-time=20260501Z")
    assert not keygen_verifies(key.blob, signed(key), MESSAGE, "osint-custody-entry", ends, "-Overify-time=20260701Z")


@needs_openssh
@pytest.mark.parametrize(("options", "holds"), [((), True), (("-Ohashalg=sha256",), False)], ids=["sha512", "sha256"])
def test_what_ssh_keygen_signs_holds_here(tmp_path, options, holds):
    """
    In our namespace with SHA-512, its default; with another hash it is not a form that the ledger allows.
    """
    path = tmp_path / "id_ed25519"
    keygen("-t", "ed25519", "-N", "", "-q", "-f", path)
    made = keygen("-Y", "sign", "-n", "osint-custody-entry", "-f", path, *options, said=MESSAGE)
    blob = sshsig.read_public_line(path.with_suffix(".pub").read_text(encoding="ascii")).blob

    assert made.returncode == 0, made.stderr
    assert signature_holds(blob, unarmored(made.stdout.decode("ascii")), MESSAGE, "sshsig") is holds


@needs_openssh
def test_what_ssh_keygen_signs_for_another_purpose_does_not_hold(tmp_path):
    """
    A commit or a file that the officer signed with the same key is no entry.
    """
    path = tmp_path / "id_ed25519"
    keygen("-t", "ed25519", "-N", "", "-q", "-f", path)
    blob = sshsig.read_public_line(path.with_suffix(".pub").read_text(encoding="ascii")).blob
    made = unarmored(keygen("-Y", "sign", "-n", "git", "-f", path, said=MESSAGE).stdout.decode("ascii"))

    assert not signature_holds(blob, made, MESSAGE, "sshsig")


def test_every_changed_byte_is_noticed(key):
    """
    No byte of an SSHSIG can be another one, so nobody but the holder of the key can spell a signature anew.
    """
    made = signed(key)

    for place in range(len(made)):
        changed = bytearray(made)
        changed[place] ^= 1
        assert not signature_holds(key.blob, bytes(changed), MESSAGE, "sshsig"), place


def test_a_cut_or_continued_signature_does_not_hold(key):
    """
    Every shorter one, and one with bytes after its end, inside and out.
    """
    made = signed(key)
    inner = key.sign(sshsig.to_sign(MESSAGE))

    assert not any(signature_holds(key.blob, made[:size], MESSAGE, "sshsig") for size in range(len(made)))
    assert not signature_holds(key.blob, made + b"\0", MESSAGE, "sshsig")
    assert not signature_holds(key.blob, sshsig.envelope(key.blob, inner + b"\0"), MESSAGE, "sshsig")


@pytest.mark.parametrize(
    "other",
    [
        {"magic": b"SSHSIX"},
        {"version": 2},
        {"namespace": b"file"},
        {"namespace": b""},
        {"reserved": b"x"},
        {"algorithm": b"sha256"},
    ],
    ids=str,
)
def test_a_signature_in_another_form_does_not_hold(key, other):
    """
    Correctly signed, but of another form than the one that the ledger allows.
    """
    assert signature_holds(key.blob, spelt(key), MESSAGE, "sshsig")
    assert not signature_holds(key.blob, spelt(key, **other), MESSAGE, "sshsig")


def test_a_signature_that_names_another_key_does_not_hold(key):
    """
    The key inside the SSHSIG is the one that the ledger introduced.
    """
    assert not signature_holds(key.blob, spelt(key, blob=PlainKey(bytes(32)).blob), MESSAGE, "sshsig")


def test_a_token_that_nobody_touched_did_not_sign():
    """
    Without the flag for the presence of a person, malware may have made the signature while the token was plugged in.
    """
    assert not signature_holds((lazy := SoftwareToken(flags=0x00)).blob, signed(lazy), MESSAGE, "sshsig")
    assert not signature_holds((other := SoftwareToken(flags=0x04)).blob, signed(other), MESSAGE, "sshsig")
    assert signature_holds((verified := SoftwareToken(flags=0x05)).blob, signed(verified), MESSAGE, "sshsig")


def test_a_token_signs_for_its_application():
    """
    The same key under another application is another key.
    """
    token = SoftwareToken()
    other = sshsig.pack(sshsig.TOKEN, token.key.public_key().public_bytes_raw(), b"ssh:other")
    made = sshsig.envelope(other, token.sign(sshsig.to_sign(MESSAGE)))

    assert not signature_holds(other, made, MESSAGE, "sshsig")


def test_a_plain_signature_does_not_pass_for_one_by_a_token():
    """
    The kind inside the signature is the kind of the key.
    """
    token, plain = SoftwareToken(), PlainKey()
    made = sshsig.envelope(token.blob, sshsig.pack(sshsig.PLAIN, token.key.sign(sshsig.to_sign(MESSAGE))))
    crossed = sshsig.envelope(plain.blob, sshsig.pack(sshsig.TOKEN, plain.key.sign(sshsig.to_sign(MESSAGE))))

    assert not signature_holds(token.blob, made, MESSAGE, "sshsig")
    assert not signature_holds(plain.blob, crossed, MESSAGE, "sshsig")


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_garbage_never_holds_and_never_fails(blob, made):
    """
    A hostile ledger gets a plain no.
    """
    assert not signature_holds(blob, made, MESSAGE, "sshsig")
    assert not signature_holds(blob, made, MESSAGE, "ed25519")


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        sshsig.pack(b"ssh-rsa", bytes(32)),
        sshsig.pack(sshsig.PLAIN, bytes(31)),
        sshsig.pack(sshsig.PLAIN, bytes(32)) + b"\0",
        sshsig.pack(sshsig.PLAIN, bytes(32), b"ssh:"),
        sshsig.pack(sshsig.TOKEN, bytes(32)),
        b"\xff\xff\xff\xff" + sshsig.PLAIN,
    ],
)
def test_other_keys_are_refused(blob):
    """
    Another kind, another length, something left over, something missing.
    """
    with pytest.raises(LedgerError):
        sshsig.read_key(blob)


@needs_openssh
@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_a_public_key_of_another_kind_is_refused(tmp_path, kind):
    """
    The ledger knows Ed25519 alone.
    """
    keygen("-t", kind, "-N", "", "-q", "-f", tmp_path / "id")

    with pytest.raises(LedgerError, match="another kind"):
        sshsig.read_public_line((tmp_path / "id.pub").read_text(encoding="ascii"))


GOOD = sshsig.public_line(PlainKey().blob, "officer@desk.example")


@pytest.mark.parametrize(
    "line",
    ["", "ssh-ed25519", GOOD + GOOD, GOOD.replace("AAAA", "????"), GOOD.replace("ssh-ed25519", "ssh-rsa"), "a b\nc d"],
)
def test_a_line_that_is_no_public_key_is_refused(line):
    """
    One line, base64, and the kind that it says.
    """
    with pytest.raises(LedgerError):
        sshsig.read_public_line(line)


def test_a_public_line_is_written_as_openssh_does(key):
    """
    cryptography, which has a reader of its own, reads the line; a token's key is read back here.
    """
    line = sshsig.public_line(key.blob, "comment here")

    assert key.blob == sshsig.read_public_line(line).blob
    if isinstance(key, PlainKey):
        read = serialization.load_ssh_public_key(line.encode("ascii"))
        assert read.public_bytes_raw() == key.key.public_key().public_bytes_raw()
