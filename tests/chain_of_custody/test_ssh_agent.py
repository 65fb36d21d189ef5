from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import traceback

import pytest
from agents import SoftwareToken, answering, framed, needs_openssh, real_agent, short_folder
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from osint.chain_of_custody import ssh_agent, sshsig
from osint.chain_of_custody.keys import signature_holds
from osint.chain_of_custody.secret import Secret
from osint.chain_of_custody.ssh_agent import Agent, AgentSigner, SshsigSigner
from osint.errors import LedgerError

posix = pytest.mark.skipif(sys.platform == "win32", reason="an agent listens on a pipe there, which tests cannot make")
pytestmark = posix

SEED = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = KEY.public_key().public_bytes_raw()
BLOB = sshsig.plain_blob(PUBLIC)


@pytest.fixture
def agent():
    """A real ssh-agent on a socket of its own."""
    with real_agent() as address:
        yield Agent(address)


@pytest.fixture
def patience(monkeypatch):
    """No test waits for a person."""
    monkeypatch.setattr(ssh_agent, "_PATIENCE_S", 0.2)
    monkeypatch.setattr(ssh_agent, "_PATIENCE_FOR_A_PERSON_S", 0.2)


@needs_openssh
def test_a_real_agent_signs_messages_as_they_are(agent):
    """
    The signature is the one that the key file itself gives, so a ledger does not show the difference.
    """
    agent.add(Secret(SEED), PUBLIC, "osint actor", 60)
    signer = AgentSigner("actor", PUBLIC, agent)

    assert signer.sign(b"message") == KEY.sign(b"message")
    assert signature_holds(signer.public, signer.sign(b""), b"", signer.algorithm)


@needs_openssh
def test_a_real_agent_signs_sshsig(agent):
    """
    A key that is only known as an SSH key signs as ``sshsig``.
    """
    agent.add(Secret(SEED), PUBLIC, "officer", 60)
    signer = SshsigSigner("actor", BLOB, agent)

    assert signature_holds(signer.public, signer.sign(b"message"), b"message", signer.algorithm)
    assert signer.keyid != AgentSigner("actor", PUBLIC, agent).keyid


@needs_openssh
def test_a_real_agent_lists_and_forgets(agent):
    """
    What was added is listed by its comment, by ssh-add too, and gone when removed.
    """
    agent.add(Secret(SEED), PUBLIC, "osint actor", 60)
    listed = subprocess.run(
        ["ssh-add", "-L"], env=os.environ | {"SSH_AUTH_SOCK": agent.address}, capture_output=True, text=True, check=True
    )

    assert [(identity.comment, identity.blob) for identity in agent.identities()] == [("osint actor", BLOB)]
    assert sshsig.public_line(BLOB, "osint actor") == listed.stdout
    assert agent.holds(BLOB)
    agent.remove(BLOB)
    assert agent.identities() == []
    with pytest.raises(LedgerError, match="refuses"):
        agent.remove(BLOB)


@needs_openssh
def test_a_key_that_the_agent_forgot_signs_nothing(agent):
    """
    After its time the agent refuses, and the error says how to go on.
    """
    agent.add(Secret(SEED), PUBLIC, "osint actor", 60)
    signer = AgentSigner("actor", PUBLIC, agent)
    agent.remove(BLOB)

    with pytest.raises(LedgerError, match="osint key unlock"):
        signer.sign(b"message")


def test_a_key_is_added_with_its_time_limit():
    """
    The request carries the limit, spelt as the protocol says; an agent that knows no limits refuses it.
    """
    requests = []

    def take(request):
        requests.append(request)
        return framed(b"\x06" if len(requests) == 1 else b"\x05")

    with answering(take) as address:
        Agent(address).add(Secret(SEED), PUBLIC, "osint actor", 28800)
        with pytest.raises(LedgerError, match="time limits"):
            Agent(address).add(Secret(SEED), PUBLIC, "osint actor", 28800)

    assert requests[0] == b"\x19" + sshsig.pack(b"ssh-ed25519", PUBLIC, SEED + PUBLIC, b"osint actor") + b"\x01" + (
        28800
    ).to_bytes(4, "big")


def test_a_token_behind_an_agent_signs_sshsig():
    """
    ``sk-ssh-ed25519@openssh.com``: flags and counter come along and are verified.
    """
    token = SoftwareToken()
    with answering(token.answer) as address:
        signer = SshsigSigner("actor", token.blob, Agent(address))

        assert signature_holds(signer.public, signer.sign(b"message"), b"message", "sshsig")
        assert signature_holds(signer.public, signer.sign(b"message"), b"message", "sshsig")
    assert token.counter == 2


def test_a_token_that_nobody_touched_is_refused_when_it_signs():
    """
    Not only whoever verifies the ledger, the writer too notices.
    """
    token = SoftwareToken(flags=0)
    with answering(token.answer) as address, pytest.raises(LedgerError, match="does not hold"):
        SshsigSigner("actor", token.blob, Agent(address)).sign(b"message")


OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
HOSTILE = {
    "nothing": b"",
    "half a length": b"\0\0",
    "a length without a body": framed(bytes(8))[:8],
    "an empty message": framed(b""),
    "four gigabytes": b"\xff\xff\xff\xff",
    "more than an agent sends": (256 * 1024 + 1).to_bytes(4, "big") + bytes(100),
    "a list that is longer than any agent's": framed(b"\x0c\0\0\0\1" + sshsig.pack(BLOB, bytes(256 * 1024))),
    "another type": framed(b"\x63"),
    "another type around a good signature": framed(
        b"\x63" + sshsig.pack(sshsig.pack(sshsig.PLAIN, KEY.sign(b"message")))
    ),
    "another type around an empty list": framed(b"\x63\0\0\0\0"),
    "success": framed(b"\x06"),
    "an endless list": framed(b"\x0c\xff\xff\xff\xff"),
    "a cut list": framed(b"\x0c\0\0\0\2" + sshsig.pack(BLOB, b"one")),
    "a continued list": framed(b"\x0c\0\0\0\1" + sshsig.pack(BLOB, b"one") + b"\0"),
    "a cut signature": framed(b"\x0e\0\0\0\x53"),
    "a continued signature": framed(b"\x0e" + sshsig.pack(sshsig.pack(sshsig.PLAIN, KEY.sign(b"message"))) + b"\0"),
    "a signature of something else": framed(b"\x0e" + sshsig.pack(sshsig.pack(sshsig.PLAIN, KEY.sign(b"other")))),
    "a signature by another key": framed(b"\x0e" + sshsig.pack(sshsig.pack(sshsig.PLAIN, OTHER.sign(b"message")))),
    "a refusal": framed(b"\x05"),
    "a web server": b"HTTP/1.1 400 Bad Request\r\n\r\n",
}


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_agent_gets_no_signature_into_the_ledger(answer, patience):
    """
    Whatever it answers, signing and listing end in an error that can be read.
    """
    with answering(lambda _: answer) as address:
        with pytest.raises(LedgerError, match="agent"):
            AgentSigner("actor", PUBLIC, Agent(address)).sign(b"message")
        with pytest.raises(LedgerError, match="agent"):
            Agent(address).identities()
        assert ssh_agent.held_by(Agent(address)) == set()


def test_a_good_answer_is_taken(patience):
    """
    The one above would notice if nothing were ever taken.
    """
    with answering(lambda _: framed(b"\x0e" + sshsig.pack(sshsig.pack(sshsig.PLAIN, KEY.sign(b"message"))))) as address:
        assert AgentSigner("actor", PUBLIC, Agent(address)).sign(b"message") == KEY.sign(b"message")


def test_an_agent_that_stays_silent_is_not_waited_for(patience):
    """
    It took the request, and never answers.
    """
    done = threading.Event()
    with answering(lambda _: [b"" for _ in [done.wait(30)]]) as address:
        with pytest.raises(LedgerError, match="no answer in time"):
            Agent(address).identities()
        done.set()


def test_an_agent_that_never_comes_to_its_end_is_not_waited_for(patience):
    """
    It sends a byte now and then; the time is that of the whole answer, not of each byte.
    """
    done = threading.Event()

    def drip(_):
        yield (200_000).to_bytes(4, "big")
        while not done.wait(0.05):
            yield b"\0"

    with answering(drip) as address:
        with pytest.raises(LedgerError, match="no answer in time"):
            Agent(address).identities()
        done.set()


def test_an_agent_that_is_not_there_is_named():
    """
    A socket that a closed session left behind.
    """
    with short_folder() as folder, pytest.raises(LedgerError, match="does not answer"):
        Agent(str(folder / "gone")).identities()


def test_a_message_that_is_too_long_is_not_sent():
    """
    OpenSSH's agent takes 256 KiB; an SSHSIG, which hashes first, has no such limit.
    """
    token = SoftwareToken()
    with pytest.raises(LedgerError, match="passphrase instead"):
        AgentSigner("actor", PUBLIC, Agent("nowhere")).sign(bytes(256 * 1024))
    with answering(token.answer) as address:
        long = bytes(1024 * 1024)
        assert signature_holds(token.blob, SshsigSigner("actor", token.blob, Agent(address)).sign(long), long, "sshsig")


def test_the_environment_names_the_agent(monkeypatch):
    """
    ``SSH_AUTH_SOCK``, and without it none; a path that is set but empty is none.
    """
    monkeypatch.setenv("SSH_AUTH_SOCK", "some/socket")
    assert ssh_agent.running() == Agent("some/socket")
    monkeypatch.setenv("SSH_AUTH_SOCK", "")
    assert ssh_agent.running() is None
    monkeypatch.delenv("SSH_AUTH_SOCK")
    assert ssh_agent.running() is None


def test_signers_are_not_pickled():
    """
    A worker process gets no power to sign.
    """
    for signer in (AgentSigner("actor", PUBLIC, Agent("a")), SshsigSigner("actor", BLOB, Agent("a"))):
        with pytest.raises(TypeError, match="does not leave"):
            pickle.dumps(signer)


def test_a_private_key_on_its_way_to_the_agent_is_in_no_traceback(patience):
    """
    Not even in one that prints the local variables of every frame.
    """
    with answering(lambda _: b"") as address:
        try:
            Agent(address).add(Secret(SEED), PUBLIC, "osint actor", 60)
        except LedgerError as error:
            told = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())

    assert "request = <secret>" in told
    assert repr(SEED)[2:-1] not in told
    assert SEED.hex() not in told


@pytest.fixture
def pipe():
    """A terminal in raw mode: the one file of this system that, like a named pipe, is read and written at once."""
    import tty

    ours, theirs = os.openpty()
    tty.setraw(theirs)
    yield ours, os.ttyname(theirs)
    os.close(ours)
    os.close(theirs)


def test_a_pipe_is_spoken_to_as_a_file(pipe):
    """
    What Windows offers instead of a socket; here its protocol is tried, not Windows itself.
    """
    ours, name = pipe
    asked = framed(b"\x0b")
    answer = b"\x0c\0\0\0\1" + sshsig.pack(BLOB, b"one")
    heard = []

    def serve():
        heard.append(os.read(ours, len(asked)))
        os.write(ours, framed(answer))

    thread = threading.Thread(target=serve)
    thread.start()
    assert answer == ssh_agent._talk_over_pipe(name, asked, 5)
    thread.join()
    assert heard == [asked]


def test_a_pipe_that_stays_silent_is_not_waited_for(pipe):
    """
    A file knows no time limit; the thread that waits is left behind.
    """
    with pytest.raises(TimeoutError):
        ssh_agent._talk_over_pipe(pipe[1], framed(b"\x0b"), 0.2)
    os.write(pipe[0], framed(b"\x05"))  # lets that thread end


def test_a_pipe_that_is_not_there_is_an_error():
    """
    The service is not running.
    """
    with pytest.raises(FileNotFoundError):
        ssh_agent._talk_over_pipe("no/such/pipe", framed(b"\x0b"), 5)
