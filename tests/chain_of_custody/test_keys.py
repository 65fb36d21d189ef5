from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from osint.chain_of_custody import keys
from osint.errors import LedgerError

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file modes")


def test_a_key_is_made_once_and_loaded_ever_after(tmp_path):
    """
    The second call gives the same key.
    """
    first = keys.load_or_create(tmp_path / "keys", "actor")

    assert first.keyid == keys.load_or_create(tmp_path / "keys", "actor").keyid
    assert first.keyid != keys.load_or_create(tmp_path / "keys", "log").keyid
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["actor.pem", "log.pem"]


def test_callers_that_meet_agree_on_one_key(tmp_path):
    """
    Eight threads that ask for a new key at once all get the same one.
    """
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: keys.load_or_create(tmp_path / "keys", "actor").keyid, range(16)))

    assert len(set(found)) == 1


@posix
def test_only_the_owner_may_read_keys(tmp_path):
    """
    Folder 0700, file 0600.
    """
    keys.load_or_create(tmp_path / "keys", "actor")

    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys" / "actor.pem").stat().st_mode & 0o777 == 0o600


@posix
def test_a_key_that_others_may_read_is_refused(tmp_path):
    """
    A signature with a key that anyone could have copied proves nothing.
    """
    keys.load_or_create(tmp_path, "actor")
    (tmp_path / "actor.pem").chmod(0o640)

    with pytest.raises(LedgerError, match="chmod 600"):
        keys.load_or_create(tmp_path, "actor")


def test_a_private_key_never_shows(actor):
    """
    Neither repr nor str of a signer holds the private key.
    """
    assert "Signer(name='actor')" == repr(actor) == str(actor)


def pem(key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.mark.parametrize(
    "content", [b"", b"no key", pem(generate_private_key(SECP256R1()))], ids=["empty", "text", "EC"]
)
def test_a_file_that_holds_no_ed25519_key_is_refused(tmp_path, content):
    """
    A damaged or foreign key file is named, not replaced.
    """
    path = tmp_path / "actor.pem"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(LedgerError, match=r"actor\.pem"):
        keys.load_or_create(tmp_path, "actor")
    assert content == path.read_bytes()


@pytest.mark.parametrize("name", ["", "../actor", "a/b", "a b", ".hidden", "a" * 65])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    """
    The name of a key stays inside the key folder.
    """
    with pytest.raises(LedgerError, match="cannot name a key"):
        keys.load_or_create(tmp_path, name)


def test_a_key_folder_that_cannot_be_made_is_explained(tmp_path):
    """
    The error says which key and what to do.
    """
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(LedgerError, match="OSINT_KEYS"):
        keys.load_or_create(tmp_path / "file", "actor")


def test_the_environment_names_the_key_folder(monkeypatch, tmp_path):
    """
    OSINT_KEYS wins over the platform's folder, which is used without it.
    """
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path))
    assert tmp_path == keys.key_folder()

    monkeypatch.delenv("OSINT_KEYS")
    assert keys.key_folder().parts[-2:] == ("osint", "keys")


def test_the_fingerprint_is_the_hash_of_the_public_key():
    """
    The public key of RFC 8032, section 7.1, TEST 1 follows from its seed, and the fingerprint from that.
    """
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    signer = keys.Signer("test", Ed25519PrivateKey.from_private_bytes(seed))

    assert signer.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert signer.keyid == "21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9"
    assert signer.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a")


@pytest.mark.parametrize(
    "text",
    [
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
    ],
)
def test_published_verifier_keys_are_read(text):
    """
    Keys of the C2SP specification, Go's sumdb and Tessera are read and written the same.
    """
    assert text == str(keys.read_verifier_key(text))


@pytest.mark.parametrize(
    "text",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "name+c74f20a3",
        "",
    ],
    ids=["too long", "other kind", "other hash", "other name", "no name", "no key", "empty"],
)
def test_bad_verifier_keys_are_refused(text):
    """
    The two bad keys of golang.org/x/mod/sumdb/note, and mistyped ones.
    """
    with pytest.raises(LedgerError):
        keys.read_verifier_key(text)


def test_the_key_file_is_whole_or_absent(tmp_path, monkeypatch):
    """
    Where links are unknown the key is renamed into place; no temporary file stays behind.
    """

    def no_links(*_: object) -> None:
        raise OSError(95, "not supported")

    monkeypatch.setattr(os, "link", no_links)
    keys.load_or_create(tmp_path, "actor")

    assert [Path("actor.pem")] == [path.relative_to(tmp_path) for path in tmp_path.iterdir()]
