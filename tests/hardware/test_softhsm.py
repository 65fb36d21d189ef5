"""Keys in a PKCS #11 module that is the real thing but for the hardware."""

from __future__ import annotations

import os
import pickle
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from softhsm import PIN

from osint.chain_of_custody import key_care, keys, pkcs11, sshsig
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.verification import verify
from osint.errors import LedgerError
from osint.store.blobs import FolderBlobs

pytestmark = pytest.mark.hardware


@pytest.fixture
def address(tmp_path, module, public):
    """Write the address of a key, by default of the one that is there, as ``actor.pkcs11``."""

    def write(chosen="token=custody;object=actor", more=""):
        path = tmp_path / "actor.pkcs11"
        path.write_text(f"pkcs11:{chosen}?module-path={module}{more}\n", encoding="ascii")
        path.chmod(0o600)
        return path

    write()
    return write


def pin(given=PIN):
    """An Unlock that knows the PIN, and counts how often it is asked."""
    asked = []

    def unlock(key):
        asked.append(Path(key).name)
        return given.encode()

    unlock.asked = asked
    return unlock


def test_a_token_signs_a_ledger(tmp_path, address, public):
    """
    Entries by the key in the token; whoever verifies sees a plain Ed25519 key.
    """
    actor = keys.load_or_create(tmp_path, "actor", pin())
    log = keys.load_or_create(tmp_path, "log-1", lambda _: b"correct horse battery staple")
    with Ledger.create(tmp_path / "ledger.sqlite", actor=actor, log=log) as ledger:
        ledger.append("note", private={"text": "by a token"})
        ledger.cut_checkpoint()
        assert verify(ledger, FolderBlobs(tmp_path / "evidence")).entries == 2

    assert (actor.public, actor.keyid, actor.algorithm) == (public, sha256(public), "ed25519")
    assert sshsig.read_public_line((tmp_path / "actor.pub").read_text(encoding="ascii")).raw == public


def test_a_token_signs_heads(tmp_path, address):
    """
    The log key may live there too.
    """
    actor = keys.load_or_create(tmp_path, "other", lambda _: b"correct horse battery staple")
    log = keys.load_or_create(tmp_path, "actor", pin())
    with Ledger.create(tmp_path / "ledger.sqlite", actor=actor, log=log) as ledger:
        ledger.cut_checkpoint()
        assert verify(ledger, FolderBlobs(tmp_path / "evidence")).entries == 1


def test_the_pin_is_asked_for_once_in_a_session(tmp_path, address):
    """
    Until the keys are locked.
    """
    asked = pin()
    first = keys.load_or_create(tmp_path, "actor", asked)
    assert first is keys.load_or_create(tmp_path, "actor", asked)
    assert asked.asked == ["actor.pkcs11"]
    key_care.lock(tmp_path)
    with pytest.raises(LedgerError, match="did not sign"):
        first.sign(b"message")

    again = keys.load_or_create(tmp_path, "actor", asked)
    assert keys.signature_holds(again.public, again.sign(b"message"), b"message")
    assert len(asked.asked) == 2


def test_two_keys_of_one_token_are_used_side_by_side(tmp_path, address, make_key, public):
    """
    A login counts for the whole process.
    """
    other = make_key("second")
    first = keys.load_or_create(tmp_path, "actor", pin())
    path = tmp_path / "second.pkcs11"
    path.write_text(
        (tmp_path / "actor.pkcs11").read_text(encoding="ascii").replace("object=actor", "object=second"),
        encoding="ascii",
    )
    path.chmod(0o600)
    second = keys.load_or_create(tmp_path, "second", pin())

    assert (first.public, second.public) == (public, other)
    for signer in (first, second):
        assert keys.signature_holds(signer.public, signer.sign(b"message"), b"message")


def test_a_wrong_pin_is_tried_once(tmp_path, address):
    """
    A token locks itself after a few; the right PIN still works afterwards, and the wrong one is in no message.
    """
    wrong = pin("0000")
    with pytest.raises(LedgerError, match=r"PinIncorrect.*tried once") as refusal:
        keys.load_or_create(tmp_path, "actor", wrong)

    assert len(wrong.asked) == 1
    assert "0000" not in str(refusal.value)
    assert keys.load_or_create(tmp_path, "actor", pin()).sign(b"")


def test_no_traceback_shows_the_pin(tmp_path, address):
    """
    Not even one that prints the local variables of every frame.
    """
    unknown = "77777777"
    with pytest.raises(LedgerError) as refusal:
        keys.load_or_create(tmp_path, "actor", lambda _: unknown.encode())
    frames = []
    error = refusal.value
    while error is not None:
        found = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), capture_locals=True)
        frames += [frame for frame in found if frame.filename != __file__]
        error = error.__cause__ or error.__context__
    shown = "".join(traceback.StackSummary.from_list(frames).format())

    assert "pin = <secret>" in shown
    assert unknown not in shown


def test_a_pin_may_come_from_a_file(tmp_path, address):
    """
    For an unattended machine; nobody is asked, and the file is its owner's alone.
    """
    source = tmp_path / "pin"
    source.write_text(f"{PIN}\n", encoding="ascii")
    source.chmod(0o600)
    address(more=f"&pin-source=file:{source}")
    asked = pin()

    assert keys.load_or_create(tmp_path, "actor", asked).sign(b"")
    assert asked.asked == []
    pkcs11.log_out()
    source.chmod(0o640)
    with pytest.raises(LedgerError, match="read by other accounts"):
        keys.load_or_create(tmp_path, "actor", asked)


def test_another_key_in_the_token_is_noticed(tmp_path, address, public):
    """
    A token that was exchanged, or a key that was made anew under the same label, is not taken in silence.
    """
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    (tmp_path / "actor.pub").write_text(sshsig.public_line(sshsig.plain_blob(stranger), ""), encoding="ascii")

    for _ in range(2):  # neither at the first login nor when the token is open already
        with pytest.raises(LedgerError, match="another key"):
            keys.load_or_create(tmp_path, "actor", pin())


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ("token=custody;object=nobody", "NoSuchKey"),
        ("token=nowhere;object=actor", "NoSuchToken"),
        ("serial=0;id=%01", "NoSuchToken"),
    ],
)
def test_a_key_that_is_not_there_is_named(tmp_path, address, chosen, said):
    """
    Token, key.
    """
    address(chosen)

    with pytest.raises(LedgerError, match=said):
        keys.load_or_create(tmp_path, "actor", pin())


def test_a_label_that_two_keys_carry_chooses_none(tmp_path, address, make_key):
    """
    Which of them signs is not left to chance.
    """
    make_key("twin")
    make_key("twin")
    address("token=custody;object=twin")

    with pytest.raises(LedgerError, match="MultipleObjectsReturned"):
        keys.load_or_create(tmp_path, "actor", pin())


def test_a_module_that_cannot_be_loaded_is_named(tmp_path, address):
    """
    A path that leads nowhere.
    """
    path = address()
    path.write_text("pkcs11:object=actor?module-path=/nowhere/module.so", encoding="ascii")

    with pytest.raises(LedgerError, match=r"/nowhere/module\.so"):
        keys.load_or_create(tmp_path, "actor", pin())


def test_a_long_entry_is_signed(tmp_path, address):
    """
    SoftHSM knows no limit; small tokens do, and say so.
    """
    signer = keys.load_or_create(tmp_path, "actor", pin())
    message = os.urandom(1024 * 1024)

    assert keys.signature_holds(signer.public, signer.sign(message), message)


def test_threads_take_turns(tmp_path, address):
    """
    A session signs one message at a time.
    """
    signer = keys.load_or_create(tmp_path, "actor", pin())
    messages = [os.urandom(100) for _ in range(200)]
    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(signer.sign, messages))

    assert all(keys.signature_holds(signer.public, *pair) for pair in zip(signatures, messages, strict=True))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_does_not_sign(tmp_path, address):
    """
    Sessions of a module do not survive a fork; the child is told so. Nor does a pickle carry one away.
    """
    signer = keys.load_or_create(tmp_path, "actor", pin())
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signer.sign(b"message")
        except LedgerError as error:
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)

    assert b"opened by another process" in os.read(reader, 1024)
    with pytest.raises(TypeError, match="does not leave"):
        pickle.dumps(signer)
    assert repr(signer) == "Pkcs11Signer(name='actor')"


def test_a_token_that_breaks_down_signs_nothing_and_is_opened_anew(tmp_path, address):
    """
    As when it is pulled out: an error, and the next opening logs in again.
    """
    signer = keys.load_or_create(tmp_path, "actor", pin())
    signer._session.close()
    with pytest.raises(LedgerError, match="did not sign"):
        signer.sign(b"message")
    asked = pin()

    assert keys.load_or_create(tmp_path, "actor", asked).sign(b"message")
    assert len(asked.asked) == 1


def test_the_token_is_listed(tmp_path, address, public):
    """
    Without a PIN: the fingerprint is known after the first login.
    """
    assert [(key.where, key.keyid) for key in key_care.list_keys(tmp_path)] == [("pkcs11", None)]
    keys.load_or_create(tmp_path, "actor", pin())
    assert [(key.where, key.keyid) for key in key_care.list_keys(tmp_path)] == [("pkcs11", sha256(public))]
