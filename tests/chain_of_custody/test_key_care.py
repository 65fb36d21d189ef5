from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.chainer
import keyring.errors
import pytest
from agents import keygen, needs_openssh, real_agent
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from osint.chain_of_custody import key_care, key_files, keys, sshsig, unlocking
from osint.chain_of_custody.digests import sha256
from osint.errors import LedgerError

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file modes, and no such sockets")
pytestmark = pytest.mark.usefixtures("fresh_session")

OLD, NEW = b"correct horse battery staple", b"the new passphrase"


def told(passphrase):
    return lambda _: passphrase


def nobody(key):
    raise AssertionError(f"the passphrase of {key} was asked for")


def lying_open(path: Path, form=serialization.PrivateFormat.PKCS8) -> Ed25519PrivateKey:
    """Write a key that is not encrypted."""
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    path.chmod(0o600)
    return key


def keyid(key: Ed25519PrivateKey) -> str:
    return sha256(key.public_key().public_bytes_raw())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# -- protecting keys of earlier releases -------------------------------------------------------------------------------


def test_protecting_encrypts_every_key_that_lies_open(tmp_path):
    """
    PKCS #8 of earlier releases and OpenSSH files without a passphrase; the same keys, and no open file is left.
    """
    actor, log = (
        lying_open(tmp_path / "actor.pem"),
        lying_open(tmp_path / "log-1.key", serialization.PrivateFormat.OpenSSH),
    )
    seeds = [actor.private_bytes_raw(), log.private_bytes_raw()]
    keys.load_or_create(tmp_path, "log-2", told(OLD))

    assert key_care.protect(tmp_path, told(OLD)) == ["actor", "log-1"]
    assert keyid(actor) == keys.load_or_create(tmp_path, "actor", told(OLD)).keyid
    assert keyid(log) == keys.load_or_create(tmp_path, "log-1", told(OLD)).keyid
    assert {path.suffix for path in tmp_path.iterdir()} == {".key", ".pub"}
    assert all(key.encrypted for key in key_care.list_keys(tmp_path))
    for content in contents(tmp_path).values():
        body = sshsig.base64.b64decode("".join(content.decode("ascii").splitlines()[1:-1]))
        assert not any(seed in body for seed in seeds)


def test_protecting_takes_the_passphrase_of_the_session(tmp_path):
    """
    A new one for a folder without encrypted keys, as if they were made now; then it opens them.
    """
    made = [
        keyid(lying_open(tmp_path / "log-1.key", serialization.PrivateFormat.OpenSSH)),
        keyid(lying_open(tmp_path / "actor.pem")),
    ]

    assert key_care.protect(tmp_path) == ["actor", "log-1"]
    unlocking.forget_all()
    assert made == [keys.load_or_create(tmp_path, name).keyid for name in ("log-1", "actor")]


def test_protecting_again_changes_nothing(tmp_path):
    """
    Nobody is asked.
    """
    lying_open(tmp_path / "actor.pem")
    key_care.protect(tmp_path, told(OLD))
    before = contents(tmp_path)

    assert key_care.protect(tmp_path, nobody) == []
    assert before == contents(tmp_path)


@posix
def test_the_open_file_is_overwritten_before_it_is_removed(tmp_path):
    """
    Whoever kept it open sees nothing in it any more; likewise the file before a change of the passphrase.
    """
    lying_open(tmp_path / "actor.pem")
    lying_open(tmp_path / "log-1.key", serialization.PrivateFormat.OpenSSH)
    with (tmp_path / "actor.pem").open("rb") as actor, (tmp_path / "log-1.key").open("rb") as log:
        key_care.protect(tmp_path, told(OLD))
        assert set(actor.read()) == set(log.read()) == {0}
    with (tmp_path / "actor.key").open("rb") as actor:
        key_care.change_passphrase(tmp_path, None, told(OLD), told(NEW))
        assert set(actor.read()) == {0}


@posix
def test_a_key_that_others_could_read_is_not_made_respectable(tmp_path):
    """
    Encrypting it now does not take back the copies; the officer decides.
    """
    lying_open(tmp_path / "actor.pem")
    (tmp_path / "actor.pem").chmod(0o644)

    with pytest.raises(LedgerError, match="read by other accounts"):
        key_care.protect(tmp_path, told(OLD))
    assert list(contents(tmp_path)) == ["actor.pem"]


def test_an_open_key_is_not_removed_for_another_one(tmp_path):
    """
    An encrypted file of the same name that holds another key, or has another passphrase, is no replacement.
    """
    keys.load_or_create(tmp_path, "actor", told(OLD))
    lying_open(tmp_path / "actor.pem")
    before = contents(tmp_path)

    for passphrase in (OLD, NEW):
        with pytest.raises(LedgerError, match="does not hold the key"):
            key_care.protect(tmp_path, told(passphrase))
    assert before == contents(tmp_path)


def test_a_bad_passphrase_protects_nothing(tmp_path):
    """
    The open file stays as it is.
    """
    lying_open(tmp_path / "actor.pem")
    before = contents(tmp_path)

    with pytest.raises(LedgerError, match="8 characters"):
        key_care.protect(tmp_path, told(b"short"))
    assert before == contents(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no key"])
def test_a_file_that_is_no_key_is_left_alone(tmp_path, content):
    """
    It may be something else.
    """
    (tmp_path / "actor.pem").write_bytes(content)
    (tmp_path / "actor.pem").chmod(0o600)

    with pytest.raises(LedgerError, match="left as it is"):
        key_care.protect(tmp_path, told(OLD))
    assert contents(tmp_path) == {"actor.pem": content}


class Killed(BaseException):
    """The process ends here."""


def killed_at(step: int, patch: pytest.MonkeyPatch) -> list[str]:
    """End the process, as it were, instead of the given call that changes the disk; return the calls until then."""
    done: list[str] = []

    def counted(name, call):
        def perform(*arguments, **named):
            if len(done) == step:
                raise Killed
            done.append(name)
            return call(*arguments, **named)

        return perform

    for name in ("open", "link", "fsync", "fdatasync", "replace", "unlink"):
        if hasattr(os, name):
            patch.setattr(os, name, counted(name, getattr(os, name)))
    patch.setattr(Path, "unlink", counted("unlink", Path.unlink))
    patch.setattr(Path, "replace", counted("replace", Path.replace))
    return done


def interrupted_everywhere(prepare, act, check) -> int:
    """Run an action on fresh folders, ended before its first change of the disk, its second, and so on; check each."""
    for step in range(200):
        folder, facts = prepare(step)
        unlocking.forget_all()
        with pytest.MonkeyPatch.context() as patch:
            killed_at(step, patch)
            try:
                act(folder)
                ended = False
            except Killed:
                ended = True
        unlocking.forget_all()
        check(folder, facts)
        if not ended:
            return step
    raise AssertionError("the action never came to its end")


@pytest.mark.parametrize("form", ["pem", "key"])
def test_protecting_survives_a_kill_at_any_step(tmp_path, form):
    """
    The key is never lost: the open file or the encrypted one is whole, and protecting again comes to its end.
    """

    def prepare(step):
        folder = tmp_path / str(step)
        folder.mkdir()
        style = serialization.PrivateFormat.PKCS8 if form == "pem" else serialization.PrivateFormat.OpenSSH
        return folder, keyid(lying_open(folder / f"actor.{form}", style))

    def check(folder, expected):
        key_care.protect(folder, told(OLD))
        assert expected == keys.load_or_create(folder, "actor", told(OLD)).keyid
        assert sorted(path.name for path in folder.iterdir() if path.suffix) == ["actor.key", "actor.pub"]

    assert interrupted_everywhere(prepare, lambda folder: key_care.protect(folder, told(OLD)), check) > 5


def test_changing_the_passphrase_survives_a_kill_at_any_step(tmp_path):
    """
    The old passphrase opens the key, or the new one; never none.
    """

    def prepare(step):
        return tmp_path / str(step), keys.load_or_create(tmp_path / str(step), "actor", told(OLD)).keyid

    def check(folder, expected):
        file = key_files.read(folder / "actor.key")
        found = key_files.decrypt(file, OLD) or key_files.decrypt(file, NEW)
        assert expected == keyid(found)

    change = lambda folder: key_care.change_passphrase(folder, "actor", told(OLD), told(NEW))  # noqa: E731
    assert interrupted_everywhere(prepare, change, check) > 3


def test_a_file_that_does_not_read_back_replaces_nothing(tmp_path, monkeypatch):
    """
    A disk that keeps something else than was written costs no key.
    """
    open_key = lying_open(tmp_path / "actor.pem")
    keys.load_or_create(tmp_path, "log", told(OLD))
    before = contents(tmp_path)
    encrypt = key_files.encrypt
    monkeypatch.setattr(key_files, "encrypt", lambda _, passphrase: encrypt(Ed25519PrivateKey.generate(), passphrase))

    with pytest.raises(LedgerError, match="does not hold the key"):
        key_care.protect(tmp_path, told(OLD))
    with pytest.raises(LedgerError, match="does not hold the key"):
        key_care.change_passphrase(tmp_path, "log", told(OLD), told(NEW))
    assert {name: before[name] for name in ("actor.pem", "log.key")}.items() <= contents(tmp_path).items()
    assert keyid(open_key) == keyid(key_files.read_unencrypted(tmp_path / "actor.pem"))


# -- changing the passphrase -------------------------------------------------------------------------------------------


def test_one_passphrase_is_changed_for_all_keys(tmp_path):
    """
    The old one opens none of them afterwards.
    """
    made = [keys.load_or_create(tmp_path, name, told(OLD)).keyid for name in ("actor", "log-1")]
    asked = []

    assert key_care.change_passphrase(tmp_path, None, told(OLD), lambda key: asked.append(key) or NEW) == [
        "actor",
        "log-1",
    ]
    assert len(asked) == 1
    unlocking.forget_all()
    for name in ("actor", "log-1"):
        with pytest.raises(LedgerError, match="does not open"):
            keys.load_or_create(tmp_path, name, told(OLD))
    assert made == [keys.load_or_create(tmp_path, name, told(NEW)).keyid for name in ("actor", "log-1")]


def test_one_key_may_get_a_passphrase_of_its_own(tmp_path):
    """
    The others keep theirs.
    """
    for name in ("actor", "log-1"):
        keys.load_or_create(tmp_path, name, told(OLD))

    assert key_care.change_passphrase(tmp_path, "actor", told(OLD), told(NEW)) == ["actor"]
    assert key_files.decrypt(key_files.read(tmp_path / "actor.key"), NEW)
    assert key_files.decrypt(key_files.read(tmp_path / "log-1.key"), OLD)


def test_a_wrong_or_bad_passphrase_changes_nothing(tmp_path):
    """
    The wrong old one, a new one that is too short, no key to change.
    """
    keys.load_or_create(tmp_path, "actor", told(OLD))
    unlocking.forget_all()
    before = contents(tmp_path)

    with pytest.raises(LedgerError, match="does not open"):
        key_care.change_passphrase(tmp_path, None, told(NEW), told(NEW))
    with pytest.raises(LedgerError, match="8 characters"):
        key_care.change_passphrase(tmp_path, None, told(OLD), told(b"short"))
    with pytest.raises(LedgerError, match="No such file"):
        key_care.change_passphrase(tmp_path, "log", told(OLD), told(NEW))
    with pytest.raises(LedgerError, match="holds no private key file"):
        key_care.change_passphrase(tmp_path / "elsewhere", None, told(OLD), told(NEW))
    assert before == contents(tmp_path)


# -- a working session in the agent ------------------------------------------------------------------------------------


@pytest.fixture
def agent(monkeypatch):
    with real_agent() as address:
        monkeypatch.setenv("SSH_AUTH_SOCK", address)
        yield address


@posix
@needs_openssh
def test_a_session_is_unlocked_once_and_locked_again(tmp_path, agent):
    """
    Every program of this user signs through the agent in between; after locking, nobody does.
    """
    for name in ("actor", "log-1"):
        keys.load_or_create(tmp_path, name, told(OLD))
    unlocking.forget_all()

    assert key_care.unlock(tmp_path, 600, told(OLD)) == ["actor", "log-1"]
    unlocking.forget_all()
    keys.load_or_create(tmp_path, "actor", nobody)
    assert [key.in_agent for key in key_care.list_keys(tmp_path)] == [True, True]
    assert key_care.lock(tmp_path) == ["actor", "log-1"]
    assert [key.in_agent for key in key_care.list_keys(tmp_path)] == [False, False]
    with pytest.raises(AssertionError, match="was asked for"):
        keys.load_or_create(tmp_path, "actor", nobody)
    assert key_care.lock(tmp_path) == []


@posix
@needs_openssh
def test_the_agent_forgets_the_keys_after_their_time(tmp_path, agent):
    """
    ssh-add shows the limit by not showing the key any more; a second is the shortest session.
    """
    keys.load_or_create(tmp_path, "actor", told(OLD))
    key_care.unlock(tmp_path, 1, told(OLD))
    blob = sshsig.plain_blob(key_files.read(tmp_path / "actor.key").public)
    listing = ["ssh-add", "-L"]
    for _ in range(600):
        listed = subprocess.run(listing, capture_output=True, check=False, timeout=10)
        if listed.returncode == 1:
            break
        subprocess.run(["sleep", "0.1"], check=True)

    assert listed.returncode == 1, "the agent still holds the key"
    assert blob


@posix
@needs_openssh
def test_locking_leaves_other_keys_in_the_agent(tmp_path, agent):
    """
    The officer's login keys are none of our business.
    """
    keygen("-t", "ed25519", "-N", "", "-q", "-f", tmp_path / "id_ed25519")
    subprocess.run(["ssh-add", "-q", tmp_path / "id_ed25519"], check=True, timeout=10, capture_output=True)
    keys.load_or_create(tmp_path / "keys", "actor", told(OLD))
    key_care.unlock(tmp_path / "keys", 600, told(OLD))
    key_care.lock(tmp_path / "keys")
    left = subprocess.run(["ssh-add", "-L"], check=True, timeout=10, capture_output=True, text=True).stdout

    assert [(tmp_path / "id_ed25519.pub").read_text(encoding="ascii").split()[1]] == [
        line.split()[1] for line in left.splitlines()
    ]


def test_locking_without_an_agent_forgets_what_this_process_knows(tmp_path):
    """
    The next opening asks again.
    """
    keys.load_or_create(tmp_path, "actor", told(OLD))
    assert key_care.lock(tmp_path) == []

    with pytest.raises(AssertionError, match="was asked for"):
        keys.load_or_create(tmp_path, "actor", nobody)


def test_unlocking_needs_an_agent(tmp_path):
    """
    The error says how to start one.
    """
    with pytest.raises(LedgerError, match="ssh-agent"):
        key_care.unlock(tmp_path, 600, nobody)


@pytest.mark.parametrize("seconds", [0, -1, 24 * 3600 + 1])
def test_a_session_has_an_end(tmp_path, seconds):
    """
    A key that stays unlocked for ever is not locked.
    """
    with pytest.raises(LedgerError, match="from a second to a day"):
        key_care.unlock(tmp_path, seconds, nobody)


# -- the desktop's own key store ---------------------------------------------------------------------------------------


class KeyStore(keyring.backend.KeyringBackend):
    """A key store in memory, with the faults that real ones have."""

    priority = 1

    def __init__(self, *, refuses=False, forgets=False) -> None:
        self.held = {}
        self.refuses = refuses
        self.forgets = forgets

    def get_password(self, service, username):
        if self.refuses:
            raise keyring.errors.KeyringLocked("locked")
        return self.held.get((service, username))

    def set_password(self, service, username, password):
        if self.refuses:
            raise keyring.errors.PasswordSetError("locked")
        if not self.forgets:
            self.held[service, username] = password

    def delete_password(self, service, username):
        del self.held[service, username]


@pytest.fixture
def key_store():
    """Put a key store in the place of the desktop's."""
    before = keyring.get_keyring()

    def put(store=None):
        store = store or KeyStore()
        keyring.set_keyring(store)
        return store

    yield put
    keyring.set_keyring(before)


@pytest.fixture
def no_file(monkeypatch):
    monkeypatch.delenv("OSINT_PASSPHRASE_FILE")


def test_a_remembered_passphrase_opens_the_keys(tmp_path, key_store, no_file):
    """
    Until it is forgotten.
    """
    store = key_store()
    keys.load_or_create(tmp_path, "actor", told(OLD))
    key_care.remember(tmp_path, told(OLD))
    unlocking.forget_all()
    keys.load_or_create(tmp_path, "actor")
    keys.load_or_create(tmp_path, "log-1")

    assert store.held == {("osint keys", str(tmp_path.resolve())): OLD.decode()}
    assert key_care.forget(tmp_path) is True
    assert key_care.forget(tmp_path) is False
    unlocking.forget_all()
    with pytest.raises(LedgerError, match="nothing is stored"):
        keys.load_or_create(tmp_path, "actor")


def test_a_passphrase_that_does_not_open_every_key_is_not_kept(tmp_path, key_store):
    """
    It would lead to a question in the middle of a run.
    """
    store = key_store()
    keys.load_or_create(tmp_path, "actor", told(OLD))
    keys.load_or_create(tmp_path, "log-1", told(NEW))

    with pytest.raises(LedgerError, match=r"does not open .*log-1\.key"):
        key_care.remember(tmp_path, told(OLD))
    with pytest.raises(LedgerError, match="holds no private key file"):
        key_care.remember(tmp_path / "elsewhere", told(OLD))
    assert store.held == {}


@pytest.mark.parametrize("store", [KeyStore(forgets=True), KeyStore(refuses=True)], ids=["forgets", "locked"])
def test_a_key_store_that_does_not_keep_is_noticed(tmp_path, key_store, store, no_file):
    """
    What was said to be kept is read back; what cannot be read is told among the ways that did not work.
    """
    key_store(store)
    keys.load_or_create(tmp_path, "actor", told(OLD))

    with pytest.raises(LedgerError, match="did not keep"):
        key_care.remember(tmp_path, told(OLD))
    unlocking.forget_all()
    with pytest.raises(LedgerError, match=r"nothing is stored|does not answer: KeyringLocked"):
        keys.load_or_create(tmp_path, "actor")


def test_forgetting_says_when_the_key_store_does_not_answer(tmp_path, key_store):
    """
    Then the passphrase may still be there.
    """
    key_store(KeyStore(refuses=True))

    with pytest.raises(LedgerError, match="does not answer"):
        key_care.forget(tmp_path)


def test_a_key_store_that_writes_it_down_for_all_is_refused(tmp_path, key_store):
    """
    Plain files of keyrings.alt, also behind keyring's chain of stores.
    """
    plain = type("PlaintextKeyring", (KeyStore,), {"__module__": "keyrings.alt.file"})()
    chain = type("Chain", (KeyStore,), {"backends": [plain]})()
    keys.load_or_create(tmp_path, "actor", told(OLD))

    for store in (plain, chain):
        key_store(store)
        with pytest.raises(LedgerError, match="anyone can read"):
            key_care.remember(tmp_path, told(OLD))
    assert plain.held == chain.held == {}


def test_the_extra_is_named_when_it_is_missing(tmp_path, monkeypatch, no_file):
    """
    Without keyring the other ways remain.
    """
    keys.load_or_create(tmp_path, "actor", told(OLD))
    monkeypatch.setitem(sys.modules, "keyring", None)

    with pytest.raises(LedgerError, match=r"osint\[keyring\]"):
        key_care.remember(tmp_path, told(OLD))
    unlocking.forget_all()
    with pytest.raises(LedgerError, match=r"osint\[keyring\] is not installed"):
        keys.load_or_create(tmp_path, "actor")


# -- what lies in the folder -------------------------------------------------------------------------------------------


def test_keys_are_listed_by_where_they_are_kept(tmp_path):
    """
    In a file, open or encrypted, in an agent, in a token; nobody is asked, and nothing is decrypted.
    """
    made = keys.load_or_create(tmp_path, "actor", told(OLD))
    old = lying_open(tmp_path / "log-old.pem")
    bare = lying_open(tmp_path / "log-bare.key", serialization.PrivateFormat.OpenSSH)
    blob = sshsig.plain_blob(old.public_key().public_bytes_raw())
    (tmp_path / "hardware.pub").write_text(sshsig.public_line(blob, ""), encoding="ascii")
    (tmp_path / "card.pkcs11").write_text("pkcs11:object=a?module-path=/m.so", encoding="ascii")
    (tmp_path / "notes.txt").write_text("", encoding="ascii")
    (tmp_path / "not a name.pub").write_text("", encoding="ascii")
    unlocking.forget_all()
    found = {key.name: (key.where, key.algorithm, key.encrypted, key.keyid) for key in key_care.list_keys(tmp_path)}

    assert found == {
        "actor": ("file", "ed25519", True, made.keyid),
        "card": ("pkcs11", "ed25519", True, None),
        "hardware": ("agent", "sshsig", True, sha256(blob)),
        "log-bare": ("file", "ed25519", False, keyid(bare)),
        "log-old": ("file", "ed25519", False, keyid(old)),
    }
    assert not any(key.in_agent for key in key_care.list_keys(tmp_path))


def test_a_folder_without_keys_has_none(tmp_path):
    """
    One that is not there either.
    """
    assert key_care.list_keys(tmp_path) == key_care.list_keys(tmp_path / "elsewhere") == []
