"""A key in a FIDO token: OpenSSH's own ssh-keygen, ssh-add, ssh-agent and ssh-sk-helper; only the token is software."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from agents import armored, keygen, real_agent

from osint.chain_of_custody import keys
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.verification import verify
from osint.errors import LedgerError
from osint.store.blobs import FolderBlobs

pytestmark = pytest.mark.hardware


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    """The token's provider, compiled."""
    library = tmp_path_factory.mktemp("token") / "fido_token.so"
    source = Path(__file__).with_name("fido_token.c")
    command = ["gcc", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source, "-lcrypto"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return library


@pytest.fixture
def plugged_in(token, tmp_path, monkeypatch):
    """Start an agent that may use the token, and put a key of the token's into it, as the officer would."""
    running = []

    def start(**environment):
        agent = real_agent("-P", str(token), **environment)
        monkeypatch.setenv("SSH_AUTH_SOCK", agent.__enter__())
        running.append(agent)
        made = keygen("-t", "ed25519-sk", "-w", token, "-N", "", "-q", "-f", tmp_path / "id_ed25519_sk")
        assert made.returncode == 0, made.stderr
        added = subprocess.run(
            ["ssh-add", "-S", token, tmp_path / "id_ed25519_sk"], capture_output=True, timeout=60, check=False
        )
        assert added.returncode == 0, added.stderr
        (tmp_path / "keys").mkdir()
        (tmp_path / "id_ed25519_sk.pub").replace(tmp_path / "keys" / "actor.pub")
        return tmp_path / "keys"

    yield start
    for agent in running:
        agent.__exit__(None, None, None)


def nobody(key):
    raise AssertionError(f"the passphrase of {key} was asked for")


def test_a_token_signs_a_ledger(plugged_in, tmp_path):
    """
    Its ``.pub`` file chooses it; the entries verify here, and one by one with ``ssh-keygen -Y verify``.
    """
    actor = keys.load_or_create(plugged_in(), "actor", nobody)
    log = keys.load_or_create(tmp_path / "keys", "log-1", lambda _: b"correct horse battery staple")
    with Ledger.create(tmp_path / "ledger.sqlite", actor=actor, log=log) as ledger:
        ledger.append("note", private={"text": "by a token"})
        ledger.cut_checkpoint()
        assert verify(ledger, FolderBlobs(tmp_path / "evidence")).entries == 2

    assert actor.public[4:30] == b"sk-ssh-ed25519@openssh.com"
    (tmp_path / "signature").write_text(armored(actor.sign(b"message")), encoding="ascii")
    (tmp_path / "allowed").write_text(
        f"officer {(tmp_path / 'keys' / 'actor.pub').read_text(encoding='ascii')}", encoding="ascii"
    )
    asked = (
        "-Y",
        "verify",
        "-f",
        tmp_path / "allowed",
        "-I",
        "officer",
        "-n",
        "osint-custody-entry",
        "-s",
        tmp_path / "signature",
    )
    assert keygen(*asked, said=b"message").returncode == 0
    assert keygen(*asked, said=b"another").returncode != 0


def test_a_token_that_nobody_touched_does_not_sign(plugged_in):
    """
    The real agent passes its signature on; it is refused here.
    """
    actor = keys.load_or_create(plugged_in(UNTOUCHED_TOKEN="1"), "actor", nobody)

    with pytest.raises(LedgerError, match="does not hold"):
        actor.sign(b"message")


def test_a_token_that_is_pulled_out_signs_nothing(plugged_in):
    """
    Its key is in no agent any more.
    """
    folder = plugged_in()
    actor = keys.load_or_create(folder, "actor", nobody)
    subprocess.run(["ssh-add", "-D"], check=True, capture_output=True, timeout=60, env=os.environ)

    with pytest.raises(LedgerError, match="refuses"):
        actor.sign(b"message")
    with pytest.raises(LedgerError, match="no ssh-agent holds that key"):
        keys.load_or_create(folder, "actor", nobody)
