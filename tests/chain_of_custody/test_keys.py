from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from agents import SoftwareToken, answering, keygen, needs_openssh, real_agent
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from key_material import signer

from osint.chain_of_custody import key_files, keys, sshsig, unlocking
from osint.chain_of_custody.keys import FileSigner
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.ssh_agent import Agent, AgentSigner, SshsigSigner
from osint.chain_of_custody.verification import verify
from osint.errors import LedgerError
from osint.store.blobs import FolderBlobs

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file modes, and no such sockets")
SECRET = b"correct horse battery staple"


def told(passphrase=SECRET):
    """An Unlock that knows the passphrase, and counts how often it is asked, and for what."""
    asked = []

    def unlock(key):
        asked.append(Path(key).name)
        return passphrase

    unlock.asked = asked
    return unlock


def nobody(key):
    raise AssertionError(f"the passphrase of {key} was asked for")


# -- making and opening ------------------------------------------------------------------------------------------------


def test_a_key_is_made_once_and_loaded_ever_after(tmp_path):
    """
    The second call gives the same key; beside each private file lies its public half.
    """
    first = keys.load_or_create(tmp_path / "keys", "actor")

    assert first.keyid == keys.load_or_create(tmp_path / "keys", "actor").keyid
    assert first.keyid != keys.load_or_create(tmp_path / "keys", "log").keyid
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == [
        "actor.key",
        "actor.pub",
        "log.key",
        "log.pub",
    ]


def test_callers_that_meet_agree_on_one_key(tmp_path):
    """
    Eight threads that ask for a new key at once all get the same one.
    """
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: keys.load_or_create(tmp_path / "keys", "actor").keyid, range(16)))

    assert len(set(found)) == 1


def test_a_process_that_was_first_wins(tmp_path, monkeypatch):
    """
    A key that appears between looking and writing is opened, never replaced.
    """
    other = Ed25519PrivateKey.generate()
    keep = key_files.keep

    def beaten(path, content):
        keep(path, key_files.encrypt(other, SECRET))
        keep(path, content)

    monkeypatch.setattr(key_files, "keep", beaten)

    assert other.public_key().public_bytes_raw() == keys.load_or_create(tmp_path, "actor", told()).public


def test_a_key_that_is_made_meanwhile_is_not_taken_for_one_in_an_agent(tmp_path, monkeypatch):
    """
    Another process writes both halves just after this one saw no private file.
    """
    exists = Path.exists

    def stale(path):
        found = exists(path)
        if path.name == "actor.key" and not found:
            monkeypatch.setattr(Path, "exists", exists)
            keys.load_or_create(tmp_path, "actor", told())
        return found

    monkeypatch.setattr(Path, "exists", stale)

    assert keys.load_or_create(tmp_path, "actor", told()).keyid == keys.load_or_create(tmp_path, "actor").keyid


@posix
def test_only_the_owner_may_read_keys(tmp_path):
    """
    Folder 0700, files 0600.
    """
    keys.load_or_create(tmp_path / "keys", "actor")

    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys" / "actor.key").stat().st_mode & 0o777 == 0o600


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_a_key_that_others_may_read_is_refused(tmp_path, mode):
    """
    A signature with a key that anyone could have copied proves nothing; though it was opened before, and encrypted.
    """
    keys.load_or_create(tmp_path, "actor")
    (tmp_path / "actor.key").chmod(mode)

    with pytest.raises(LedgerError, match="chmod 600"):
        keys.load_or_create(tmp_path, "actor")


def test_a_key_is_opened_once_in_a_session(tmp_path, fresh_session):
    """
    The second opening asks for nothing; a process that has opened no key has to ask.
    """
    made = told()
    keys.load_or_create(tmp_path, "actor", made)
    keys.load_or_create(tmp_path, "actor", nobody)
    unlocking.forget_all()
    again = told()
    keys.load_or_create(tmp_path, "actor", again)
    keys.load_or_create(tmp_path, "actor", nobody)

    assert made.asked == again.asked == ["actor.key"]


def test_a_key_file_that_was_exchanged_is_asked_for_again(tmp_path, fresh_session):
    """
    What this process remembers belongs to the bytes of a file, not to its name.
    """
    keys.load_or_create(tmp_path, "actor", told())
    keys.load_or_create(tmp_path / "other", "actor", told(b"another passphrase"))
    for half in ("actor.key", "actor.pub"):
        (tmp_path / "other" / half).replace(tmp_path / half)
    unlocking.forget_all()

    with pytest.raises(LedgerError, match="does not open"):
        keys.load_or_create(tmp_path, "actor", told())


def test_a_wrong_passphrase_is_named(tmp_path, fresh_session):
    """
    The error names the file, not the passphrase.
    """
    keys.load_or_create(tmp_path, "actor", told())
    unlocking.forget_all()

    with pytest.raises(LedgerError, match=r"does not open .*actor\.key") as refusal:
        keys.load_or_create(tmp_path, "actor", told(b"wrong passphrase"))
    assert "wrong passphrase" not in str(refusal.value)


@pytest.mark.parametrize("passphrase", [b"", b"short", b"sevenup", b"with\na line end", b"\xff\xfe" * 8])
def test_a_bad_passphrase_makes_no_key(tmp_path, passphrase):
    """
    None, too short, or one that nobody can type: the key is not made.
    """
    with pytest.raises(LedgerError, match="8 characters"):
        keys.load_or_create(tmp_path / "keys", "actor", told(passphrase))
    assert not list(tmp_path.rglob("*.key"))


def test_an_empty_passphrase_opens_nothing(tmp_path, fresh_session):
    """
    It is not even tried.
    """
    keys.load_or_create(tmp_path, "actor", told())
    unlocking.forget_all()

    with pytest.raises(LedgerError, match="does not open"):
        keys.load_or_create(tmp_path, "actor", told(b""))


def pem(key, form=serialization.PrivateFormat.PKCS8) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def test_a_key_of_an_earlier_release_is_refused(tmp_path):
    """
    It lies open; the error names the command that encrypts it, and the file stays as it is.
    """
    old = put(tmp_path / "actor.pem", pem(Ed25519PrivateKey.generate()))
    before = old.read_bytes()

    with pytest.raises(LedgerError, match=r"actor\.pem is not encrypted.*osint key protect"):
        keys.load_or_create(tmp_path, "actor")
    assert before == old.read_bytes()


def test_an_open_key_beside_its_encrypted_file_is_refused(tmp_path):
    """
    As long as the open one lies there, encryption protects nothing.
    """
    keys.load_or_create(tmp_path, "actor")
    put(tmp_path / "actor.pem", pem(Ed25519PrivateKey.generate()))

    with pytest.raises(LedgerError, match="not encrypted"):
        keys.load_or_create(tmp_path, "actor")


def test_an_openssh_key_without_a_passphrase_is_refused(tmp_path):
    """
    Such as ``ssh-keygen -p`` with an empty answer leaves.
    """
    put(tmp_path / "actor.key", pem(Ed25519PrivateKey.generate(), serialization.PrivateFormat.OpenSSH))

    with pytest.raises(LedgerError, match=r"actor\.key is not encrypted.*osint key protect"):
        keys.load_or_create(tmp_path, "actor")


def openssh(key, passphrase=SECRET, rounds=1) -> bytes:
    form = serialization.PrivateFormat.OpenSSH
    encryption = form.encryption_builder().kdf_rounds(rounds).build(passphrase)
    return key.private_bytes(serialization.Encoding.PEM, form, encryption)


def damaged(change) -> bytes:
    """An encrypted key whose decoded content was changed."""
    lines = openssh(Ed25519PrivateKey.generate()).decode("ascii").splitlines()
    body = change(sshsig.base64.b64decode("".join(lines[1:-1])))
    return "\n".join([lines[0], sshsig.base64.b64encode(body).decode("ascii"), lines[-1], ""]).encode("ascii")


FOREIGN = {
    "empty": b"",
    "text": b"no key",
    "EC in PKCS 8": pem(generate_private_key(SECP256R1())),
    "EC": openssh(generate_private_key(SECP256R1())),
    "no base64": b"-----BEGIN OPENSSH PRIVATE KEY-----\nA\n-----END OPENSSH PRIVATE KEY-----\n",
    "other magic": damaged(lambda body: b"x" + body[1:]),
    "cut": damaged(lambda body: body[:50]),
    "hours of bcrypt": damaged(
        lambda body: body.replace(b"\0\0\0\1\0\0\0\1\0\0\0\x33", b"\xff\0\0\1\0\0\0\1\0\0\0\x33")
    ),
    "two keys": damaged(lambda body: body.replace(b"\0\0\0\1\0\0\0\x33", b"\0\0\0\2\0\0\0\x33")),
    "a gigabyte": b"-" * (64 * 1024 + 1),
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_file_that_holds_no_ed25519_key_is_refused(tmp_path, content):
    """
    A damaged or foreign key file is named before anybody is asked, not replaced.
    """
    path = put(tmp_path / "actor.key", content)

    with pytest.raises(LedgerError, match=r"actor\.key"):
        keys.load_or_create(tmp_path, "actor", nobody)
    assert content == path.read_bytes()


def test_a_cipher_that_is_not_known_is_named(tmp_path):
    """
    The error says how OpenSSH writes the file in another one.
    """
    put(tmp_path / "actor.key", damaged(lambda body: body.replace(b"aes256-ctr", b"aes256-xyz")))

    with pytest.raises(LedgerError, match="ssh-keygen -p"):
        keys.load_or_create(tmp_path, "actor", told())


def test_a_private_half_that_was_altered_is_noticed(tmp_path, fresh_session):
    """
    The encryption carries no seal of its own: a flipped bit in the seed gives another key, which is not the public one.
    """
    seed = -144 + 4 + 4 + 4 + 11 + 4 + 32 + 4  # the encrypted part ends the file; before the seed stand six fields
    altered = damaged(lambda body: body[:seed] + bytes([body[seed] ^ 1]) + body[seed + 1 :])
    put(tmp_path / "actor.key", altered)

    with pytest.raises(LedgerError, match="altered"):
        keys.load_or_create(tmp_path, "actor", told())


def test_a_public_half_of_another_key_is_refused(tmp_path):
    """
    One of the two was exchanged; it is not for us to choose.
    """
    keys.load_or_create(tmp_path, "actor")
    keys.load_or_create(tmp_path, "log")
    (tmp_path / "log.pub").replace(tmp_path / "actor.pub")

    with pytest.raises(LedgerError, match="not the public half"):
        keys.load_or_create(tmp_path, "actor")


def test_a_public_half_that_is_missing_is_written_again(tmp_path):
    """
    A crash between the two files is repaired by the next opening.
    """
    keys.load_or_create(tmp_path, "actor")
    written = (tmp_path / "actor.pub").read_bytes()
    (tmp_path / "actor.pub").unlink()
    keys.load_or_create(tmp_path, "actor")

    assert written == (tmp_path / "actor.pub").read_bytes()


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


def test_the_key_file_is_whole_or_absent(tmp_path, monkeypatch):
    """
    Where links are unknown the key is renamed into place; no temporary file stays behind.
    """

    def no_links(*_: object) -> None:
        raise OSError(95, "not supported")

    monkeypatch.setattr(os, "link", no_links)
    keys.load_or_create(tmp_path, "actor")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["actor.key", "actor.pub"]


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    """
    Neither half a key nor a temporary file.
    """

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(key_files, "sync", full)

    with pytest.raises(LedgerError, match="No space left"):
        keys.load_or_create(tmp_path, "actor")
    assert list(tmp_path.iterdir()) == []


# -- OpenSSH reads our files, and we read its --------------------------------------------------------------------------


@needs_openssh
def test_openssh_opens_the_file_and_changes_its_passphrase(tmp_path, fresh_session):
    """
    ``ssh-keygen -y`` gives the public half; after ``ssh-keygen -p`` the new passphrase opens the key here.
    """
    made = keys.load_or_create(tmp_path, "actor", told())
    file, new = tmp_path / "actor.key", b"a new passphrase"

    shown = keygen("-y", "-P", SECRET.decode(), "-f", file)
    assert shown.stdout.split()[:2] == (tmp_path / "actor.pub").read_bytes().split()[:2]
    assert keygen("-p", "-P", SECRET.decode(), "-N", new.decode(), "-f", file).returncode == 0
    assert keygen("-y", "-P", SECRET.decode(), "-f", file).returncode != 0
    with pytest.raises(LedgerError, match="does not open"):
        keys.load_or_create(tmp_path, "actor", told(SECRET))
    assert made.keyid == keys.load_or_create(tmp_path, "actor", told(new)).keyid


@needs_openssh
@pytest.mark.parametrize("cipher", ["aes256-ctr", "aes256-cbc", "aes256-gcm@openssh.com"])
def test_a_key_that_ssh_keygen_made_is_used(tmp_path, cipher):
    """
    An officer may bring a key; whatever common cipher it is encrypted with.
    """
    made = keygen("-t", "ed25519", "-N", SECRET.decode(), "-Z", cipher, "-a", "1", "-q", "-f", tmp_path / "actor.key")
    assert made.returncode == 0, made.stderr
    found = keys.load_or_create(tmp_path, "actor", told())

    assert sshsig.read_public_line((tmp_path / "actor.key.pub").read_text(encoding="ascii")).raw == found.public


ROUNDS = """
import sys
from pathlib import Path
from osint.chain_of_custody.keys import load_or_create
load_or_create(Path(sys.argv[1]), "actor", lambda _: b"correct horse battery staple")
"""


def test_a_new_key_costs_a_guesser_many_rounds(tmp_path):
    """
    Outside this suite, whose own keys are cheap, a new file is written with 64 rounds of bcrypt and AES-256.
    """
    subprocess.run([sys.executable, "-c", ROUNDS, str(tmp_path)], check=True, timeout=60)
    lines = (tmp_path / "actor.key").read_text(encoding="ascii").splitlines()
    reader = sshsig.Reader(sshsig.base64.b64decode("".join(lines[1:-1])))
    reader.take(15)
    cipher, derivation, options = reader.string(), reader.string(), reader.string()

    assert (cipher, derivation) == (b"aes256-ctr", b"bcrypt")
    assert int.from_bytes(options[-4:], "big") >= 64


# -- keys that an agent or a token holds -------------------------------------------------------------------------------


@pytest.fixture
def agent(monkeypatch):
    with real_agent() as address:
        monkeypatch.setenv("SSH_AUTH_SOCK", address)
        yield Agent(address)


def add(agent: Agent, key: Ed25519PrivateKey) -> None:
    agent.add(unlocking.Secret(key.private_bytes_raw()), key.public_key().public_bytes_raw(), "osint", 600)


@posix
@needs_openssh
def test_a_key_file_that_an_agent_holds_needs_no_passphrase(tmp_path, agent, fresh_session):
    """
    The agent signs the messages as they are, under the same fingerprint.
    """
    made = keys.load_or_create(tmp_path, "actor", told())
    add(agent, made.key)
    unlocking.forget_all()
    found = keys.load_or_create(tmp_path, "actor", nobody)

    assert isinstance(found, AgentSigner)
    assert (made.keyid, made.algorithm) == (found.keyid, found.algorithm)
    assert made.sign(b"message") == found.sign(b"message")


@posix
@needs_openssh
def test_an_agent_that_holds_other_keys_is_passed_over(tmp_path, agent, fresh_session):
    """
    The passphrase is asked for.
    """
    keys.load_or_create(tmp_path, "actor", told())
    add(agent, Ed25519PrivateKey.generate())
    unlocking.forget_all()
    asked = told()

    assert isinstance(keys.load_or_create(tmp_path, "actor", asked), FileSigner)
    assert asked.asked == ["actor.key"]


@posix
def test_an_agent_that_does_not_answer_is_passed_over(tmp_path, monkeypatch, fresh_session):
    """
    A socket left behind by a closed session does not keep anybody from working.
    """
    keys.load_or_create(tmp_path, "actor", told())
    unlocking.forget_all()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))

    assert isinstance(keys.load_or_create(tmp_path, "actor", told()), FileSigner)


@posix
@needs_openssh
def test_a_ledger_is_written_through_an_agent(tmp_path, agent, fresh_session):
    """
    Entries and checkpoints, with no private key in this process; whoever verifies sees no difference.
    """
    for name in ("actor", "log"):
        add(agent, keys.load_or_create(tmp_path / "keys", name, told()).key)
    unlocking.forget_all()
    actor, log = (keys.load_or_create(tmp_path / "keys", name, nobody) for name in ("actor", "log"))
    with Ledger.create(tmp_path / "ledger.sqlite", actor=actor, log=log) as ledger:
        ledger.append("note", private={"text": "through the agent"})
        ledger.cut_checkpoint()
        verified = verify(ledger, FolderBlobs(tmp_path / "evidence"))

    assert verified.entries == 2
    assert {type(actor), type(log)} == {AgentSigner}


@posix
@needs_openssh
def test_a_public_file_alone_chooses_a_key_in_the_agent(tmp_path, agent):
    """
    An officer's own SSH key, by its ``.pub`` file; it signs as sshsig.
    """
    key = Ed25519PrivateKey.generate()
    blob = sshsig.plain_blob(key.public_key().public_bytes_raw())
    (tmp_path / "actor.pub").write_text(sshsig.public_line(blob, "officer@desk.example"), encoding="ascii")
    with pytest.raises(LedgerError, match="no ssh-agent holds"):
        keys.load_or_create(tmp_path, "actor", nobody)
    add(agent, key)
    found = keys.load_or_create(tmp_path, "actor", nobody)

    assert isinstance(found, SshsigSigner)
    assert keys.signature_holds(found.public, found.sign(b"message"), b"message", found.algorithm)
    assert [path.name for path in tmp_path.iterdir()] == ["actor.pub"]


def test_a_public_file_alone_without_an_agent_makes_no_key(tmp_path):
    """
    A lost private file is not replaced by a fresh key in silence.
    """
    blob = sshsig.plain_blob(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    (tmp_path / "actor.pub").write_text(sshsig.public_line(blob, ""), encoding="ascii")

    with pytest.raises(LedgerError, match="without a private key"):
        keys.load_or_create(tmp_path, "actor", nobody)
    assert [path.name for path in tmp_path.iterdir()] == ["actor.pub"]


@posix
def test_a_token_writes_a_ledger(tmp_path, monkeypatch, log):
    """
    Entries by ``sk-ssh-ed25519@openssh.com``; the ledger carries the SSH spelling of the key, and verifies.
    """
    token = SoftwareToken()
    (tmp_path / "actor.pub").write_text(sshsig.public_line(token.blob, "token"), encoding="ascii")
    with answering(token.answer) as address:
        monkeypatch.setenv("SSH_AUTH_SOCK", address)
        actor = keys.load_or_create(tmp_path, "actor", nobody)
        with Ledger.create(tmp_path / "ledger.sqlite", actor=actor, log=log) as ledger:
            ledger.append("note", private={"text": "by a token"})
            ledger.cut_checkpoint()
            assert verify(ledger, FolderBlobs(tmp_path / "evidence")).entries == 2
    assert token.counter == 2


@pytest.mark.parametrize("text", [b"", b"\xff\xfes", b"ssh-rsa AAAA", b"ssh-ed25519 AAAA\nssh-ed25519 AAAA\n"])
def test_a_public_file_that_cannot_sign_is_named(tmp_path, text):
    """
    Whatever lies there instead of a public key.
    """
    (tmp_path / "actor.pub").write_bytes(text)

    with pytest.raises(LedgerError, match=r"actor\.pub"):
        keys.load_or_create(tmp_path, "actor", nobody)


def test_a_file_and_a_token_cannot_both_be_the_key(tmp_path):
    """
    Which one signs is not left to chance.
    """
    keys.load_or_create(tmp_path, "actor")
    (tmp_path / "actor.pkcs11").write_text("pkcs11:object=actor?module-path=/m.so", encoding="ascii")

    with pytest.raises(LedgerError, match="both claim"):
        keys.load_or_create(tmp_path, "actor")


# -- roles -------------------------------------------------------------------------------------------------------------


def test_every_role_has_a_key_of_its_own(actor, log):
    """
    Three roles, three keys.
    """
    keys.check_roles(actor=actor, log=log, witness=signer("witness", 64))
    for roles in ({"actor": actor, "log": actor}, {"log": log, "witness": log}, {"actor": actor, "witness": actor}):
        with pytest.raises(LedgerError, match="Use two keys"):
            keys.check_roles(**roles)


def test_a_key_does_not_hide_behind_another_spelling(actor):
    """
    As an SSH key it has another fingerprint, and is the same key.
    """
    spelt = SshsigSigner("actor", sshsig.plain_blob(actor.public), Agent("nowhere"))
    assert spelt.keyid != actor.keyid

    with pytest.raises(LedgerError, match="Use two keys"):
        keys.check_roles(actor=spelt, log=actor)


@pytest.mark.parametrize("role", ["log", "witness"])
def test_an_ssh_key_signs_no_notes(actor, role):
    """
    A checkpoint and a cosignature are plain Ed25519 by their standards.
    """
    spelt = SshsigSigner("other", sshsig.plain_blob(signer("other", 64).public), Agent("nowhere"))

    with pytest.raises(LedgerError, match="which an SSH key cannot"):
        keys.check_roles(**{"actor": actor, role: spelt})


# -- nothing shows -----------------------------------------------------------------------------------------------------


def test_a_private_key_never_shows(actor):
    """
    Neither repr nor str of a signer holds the private key, and it goes into no other process.
    """
    assert "FileSigner(name='actor')" == repr(actor) == str(actor)
    with pytest.raises(TypeError, match="does not leave"):
        pickle.dumps(actor)
    with pytest.raises(TypeError, match="does not leave"):
        copy.deepcopy(actor)


def spellings(secret: bytes) -> list[bytes]:
    """How a secret could stand in a file or a text."""
    base64 = sshsig.base64
    return [
        secret, secret.hex().encode(), base64.b64encode(secret)[:-4], base64.urlsafe_b64encode(secret)[:-4], repr(secret)[2:-1].encode(),
        base64.b64encode(b"x" + secret)[4:-4], base64.b64encode(b"xx" + secret)[4:-4],
    ]  # fmt: skip


def shown_by(error: BaseException | None) -> str:
    """All that a traceback with local variables could show of an error and those behind it, but for the test's own."""
    if error is None:
        return ""
    frames = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), capture_locals=True)
    others = "".join(frames.format_frame_summary(frame) for frame in frames if frame.filename != __file__)
    return f"{error!r}\n{others}{shown_by(error.__cause__)}{shown_by(error.__context__)}"


def gone(*_: object) -> None:
    raise OSError(5, "Input/output error")


FAULTS = {
    "wrong passphrase": ("actor", key_files, "ROUNDS", 1, b"another passphrase"),
    "too short for a new key": ("log", key_files, "ROUNDS", 1, b"7 chars"),
    "disk, new key": ("log", key_files, "sync_folder", gone, SECRET),
    "disk, opened key": ("actor", key_files, "write_public", gone, SECRET),
    "damaged inside": ("actor", key_files.serialization, "load_ssh_private_key", lambda *_: int("x"), SECRET),
    "altered": (
        "actor",
        key_files.serialization,
        "load_ssh_private_key",
        lambda *_: Ed25519PrivateKey.generate(),
        SECRET,
    ),
}


@pytest.mark.parametrize(("name", "module", "part", "replaced", "passphrase"), FAULTS.values(), ids=FAULTS.keys())
def test_no_traceback_shows_a_secret(tmp_path, monkeypatch, fresh_session, name, module, part, replaced, passphrase):
    """
    Not even one that prints the local variables of every frame, as a notebook can be told to.
    """
    seed = keys.load_or_create(tmp_path, "actor", told()).key.private_bytes_raw()
    (tmp_path / "actor.pub").unlink()
    unlocking.forget_all()
    monkeypatch.setattr(module, part, replaced)
    with pytest.raises(LedgerError) as refusal:
        keys.load_or_create(tmp_path, name, lambda _: passphrase)
    shown = shown_by(refusal.value)

    assert "passphrase = <secret>" in shown or "key = <" in shown
    for secret in (seed, passphrase):
        assert not any(spelling in shown.encode() for spelling in spellings(secret))


def test_the_search_above_finds_what_is_there():
    """
    A secret in a local variable of another file is seen, in whatever error it hides.
    """
    with pytest.raises(ValueError, match="digit") as refusal:
        sshsig.base64.b16decode(SECRET)

    assert any(spelling in shown_by(refusal.value).encode() for spelling in spellings(SECRET))


def test_no_secret_is_in_a_case_or_what_leaves_it(open_case, tmp_path, caplog):
    """
    Raw bytes of the whole case folder, of the package, and of what was logged: neither the keys nor the passphrase.
    """
    case = open_case()
    folder = tmp_path / "case"
    case.export(tmp_path / "package")
    signers = [keys.load_or_create(tmp_path / "keys", path.stem) for path in (tmp_path / "keys").glob("*.key")]
    secrets = [unlocking.session_passphrase(str(tmp_path / "keys" / "actor.key"))]
    secrets += [each.key.private_bytes_raw() for each in signers]
    written = [path.read_bytes() for path in (*folder.rglob("*"), *(tmp_path / "package").rglob("*")) if path.is_file()]
    written += [caplog.text.encode(), repr(case).encode(), repr(vars(case)).encode()]

    assert len(signers) == 2
    assert any(b"J. Smit" in content for content in written)
    for secret in secrets:
        assert not any(spelling in content for content in written for spelling in spellings(bytes(secret)))


# -- public halves -----------------------------------------------------------------------------------------------------


def test_a_fingerprint_is_read_as_people_write_it_down(actor):
    """
    Read out over the telephone it comes in groups, or in capitals.
    """
    groups = " ".join(actor.keyid[start : start + 4] for start in range(0, 64, 4))

    assert {keys.read_fingerprint(text) for text in (actor.keyid, groups, groups.upper(), f" {groups}\n")} == {
        actor.keyid
    }


@pytest.mark.parametrize("text", ["", "abc", "0" * 63, "0" * 65, "g" * 64, "SHA256:" + "0" * 57, "٠" * 64])
def test_what_is_no_fingerprint_is_named(text):
    with pytest.raises(LedgerError, match="is not a fingerprint"):
        keys.read_fingerprint(text)


def test_the_fingerprint_is_the_hash_of_the_public_key():
    """
    The public key of RFC 8032, section 7.1, TEST 1 follows from its seed, and the fingerprint from that.
    """
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    test = FileSigner("test", Ed25519PrivateKey.from_private_bytes(seed))

    assert test.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert test.keyid == "21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9"
    assert test.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a")


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
