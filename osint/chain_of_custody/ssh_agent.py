"""The client side of the SSH agent protocol, as far as signing needs it: list, sign, add for a while, remove.

An agent holds keys for a working session and signs for whoever may open its socket; the private key does not come back
out of it. It is reached over a Unix socket (``SSH_AUTH_SOCK``) or a named pipe of Windows: on this machine, never the
network. It is not trusted with more than the key: every signature it gives is verified before it is used.

Source: the SSH agent protocol (draft-ietf-sshm-ssh-agent), section 3 and 5.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket  # noqa: TID251 - the agent's Unix socket on this machine; no address of any network is ever opened here
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, NoReturn

from osint.chain_of_custody import sshsig
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.secret import Secret
from osint.chain_of_custody.sshsig import SshKey, pack
from osint.errors import LedgerError

LONGEST_MESSAGE = 256 * 1024  # OpenSSH's agent takes no more, and sends no more

_PIPE = r"\\.\pipe\openssh-ssh-agent"
_PATIENCE_S = 5.0
_PATIENCE_FOR_A_PERSON_S = 60.0  # somebody may have to confirm, or to touch a token

_FAILURE, _SUCCESS = 5, 6
_REQUEST_IDENTITIES, _IDENTITIES_ANSWER = 11, 12
_SIGN_REQUEST, _SIGN_RESPONSE = 13, 14
_REMOVE_IDENTITY, _ADD_ID_CONSTRAINED = 18, 25
_CONSTRAIN_LIFETIME = b"\x01"


class Identity(NamedTuple):
    """A key that an agent holds: its public half as SSH spells it, and the comment it was added with."""

    blob: bytes
    comment: str


@dataclass(frozen=True)
class Agent:
    """A running agent; ``address`` is the path of its socket or pipe. Each question opens a connection of its own."""

    address: str

    def identities(self) -> list[Identity]:
        """Return the keys that the agent holds.

        Raises:
            LedgerError: The agent does not answer, or answers with something else.
        """
        answer = self._ask(bytes([_REQUEST_IDENTITIES]), _IDENTITIES_ANSWER, _PATIENCE_S)
        with self._well_formed():
            reader = sshsig.Reader(answer)
            found = [
                Identity(reader.string(), reader.string().decode("utf-8", "replace")) for _ in range(reader.number())
            ]
            reader.end()
        return found

    def holds(self, blob: bytes) -> bool:
        """Return whether the agent holds a key, named by its public half as SSH spells it."""
        return any(identity.blob == blob for identity in self.identities())

    def sign(self, key: SshKey, data: bytes) -> bytes:
        """Return a signature, as SSH spells it, by a key over data. It is verified before it is returned.

        Raises:
            LedgerError: The data is too long, the agent refuses or does not answer, or its signature does not hold.
        """
        request = bytes([_SIGN_REQUEST]) + pack(key.blob, data) + bytes(4)
        if len(request) > LONGEST_MESSAGE:
            raise LedgerError(
                f"An SSH agent does not sign {len(data)} bytes at once; nothing was written. Lock the keys, and open "
                "the case with the passphrase instead."
            )
        answer = self._ask(request, _SIGN_RESPONSE, _PATIENCE_FOR_A_PERSON_S)
        with self._well_formed():
            reader = sshsig.Reader(answer)
            signature = reader.string()
            reader.end()
        if not sshsig.signature_fits(key, signature, data):
            raise LedgerError(
                f"The SSH agent {self.address} gave a signature that does not hold; nothing was written. Check which "
                "program listens there, and start a fresh agent."
            )
        return signature

    def add(self, seed: Secret, public: bytes, comment: str, lifetime_s: int) -> None:
        """Hand an Ed25519 key to the agent, which forgets it after ``lifetime_s`` seconds.

        Args:
            seed: The 32 raw bytes of the private key.
            public: The 32 raw bytes of the public key.
            comment: How the agent lists the key.
            lifetime_s: From 1 to 2**32 - 1.

        Raises:
            LedgerError: The agent does not take the key with such a limit, or does not answer.
        """
        limit = _CONSTRAIN_LIFETIME + lifetime_s.to_bytes(4, "big")
        # in one expression, so that no frame holds the private key in a variable that a traceback would show
        request = Secret(
            bytes([_ADD_ID_CONSTRAINED]) + pack(sshsig.PLAIN, public, seed + public, comment.encode("utf-8")) + limit
        )
        self._ask(request, _SUCCESS, _PATIENCE_S)

    def remove(self, blob: bytes) -> None:
        """Have the agent forget a key.

        Raises:
            LedgerError: It does not hold the key, or does not answer.
        """
        self._ask(bytes([_REMOVE_IDENTITY]) + pack(blob), _SUCCESS, _PATIENCE_S)

    def _ask(self, request: bytes, expected: int, patience_s: float) -> bytes:
        """Send one request and return the body of its answer."""
        framed = Secret(len(request).to_bytes(4, "big") + request)
        try:
            answer = _talk(self.address, framed, patience_s)
        except OSError as error:
            raise LedgerError(
                f"The SSH agent {self.address} does not answer ({error.strerror or 'no answer in time'}). Start one, "
                "or unset SSH_AUTH_SOCK."
            ) from error
        if answer[:1] == bytes([_FAILURE]):
            raise LedgerError(
                f"The SSH agent {self.address} refuses. It may be locked or have forgotten the key after its time, "
                "nobody confirmed or touched the token, or it knows no time limits: ssh-add -l shows what it holds. "
                "Unlock the keys again (osint key unlock)."
            )
        with self._well_formed():
            if answer[:1] != bytes([expected]):
                raise ValueError("an answer of another type")
        return answer[1:]

    @contextlib.contextmanager
    def _well_formed(self) -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            raise LedgerError(
                f"What listens at {self.address} does not speak the SSH agent protocol; nothing was signed."
            ) from error


@dataclass(frozen=True)
class AgentSigner:
    """An Ed25519 key of ours that an agent holds; it signs messages as they are."""

    name: str
    public: bytes
    agent: Agent
    algorithm = "ed25519"

    @cached_property
    def keyid(self) -> str:
        """The fingerprint of the public key: SHA-256 over its 32 raw bytes, 64 hex digits."""
        return sha256(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature over a message."""
        signature = self.agent.sign(sshsig.read_key(sshsig.plain_blob(self.public)), message)
        return signature[-64:]  # what stands before is the kind of key and the length, as verified

    def __reduce__(self) -> NoReturn:
        raise TypeError("A signer does not leave the process that holds it.")


@dataclass(frozen=True)
class SshsigSigner:
    """A key that exists as an SSH key only, in a FIDO token or an agent; it signs as ``sshsig``."""

    name: str
    public: bytes
    agent: Agent
    algorithm = "sshsig"

    @cached_property
    def keyid(self) -> str:
        """The fingerprint of the public key: SHA-256 over its SSH spelling, 64 hex digits."""
        return sha256(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return an SSHSIG over a message; a token asks to be touched each time."""
        signature = self.agent.sign(sshsig.read_key(self.public), sshsig.to_sign(message))
        return sshsig.envelope(self.public, signature)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A signer does not leave the process that holds it.")


def running() -> Agent | None:
    """Return the agent that the environment names, on Windows else its usual one; whether it answers is not asked."""
    named = os.environ.get("SSH_AUTH_SOCK")
    if named:
        return Agent(named)
    return Agent(_PIPE) if sys.platform == "win32" else None


def held_by(agent: Agent) -> set[bytes]:
    """Return the keys that an agent holds; one that does not answer holds none that could sign."""
    try:
        return {identity.blob for identity in agent.identities()}
    except LedgerError:
        return set()


def _talk(address: str, request: bytes, patience_s: float) -> bytes:
    """Send a framed request and return the message that comes back, without its length."""
    if sys.platform == "win32":
        return _talk_over_pipe(address, request, patience_s)
    else:  # noqa: RET505 - so that a type checker for the other platform sees which half is live
        deadline = time.monotonic() + patience_s
        with socket.socket(socket.AF_UNIX) as channel:

            def in_time() -> socket.socket:
                channel.settimeout(max(deadline - time.monotonic(), 0.001))
                return channel

            in_time().connect(address)
            in_time().sendall(request)
            return _receive(lambda size: in_time().recv(size))


def _talk_over_pipe(address: str, request: bytes, patience_s: float) -> bytes:
    """Talk to a named pipe. As a file it knows no time limit, so a thread waits for it and may be left behind."""
    answers: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()

    def talk() -> None:
        try:
            with open(address, "r+b", buffering=0) as pipe:  # noqa: PTH123 - a pipe is no path of a file system
                pipe.write(request)
                answers.put(_receive(pipe.read))
        except (OSError, LedgerError) as error:
            answers.put(error)

    threading.Thread(target=talk, daemon=True).start()
    try:
        answer = answers.get(timeout=patience_s)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _receive(read: Callable[[int], bytes]) -> bytes:
    size = int.from_bytes(_exactly(read, 4), "big")
    if not 1 <= size <= LONGEST_MESSAGE:
        raise LedgerError(
            f"The SSH agent announces an answer of {size} bytes, which is out of reason; it was not read."
        )
    return _exactly(read, size)


def _exactly(read: Callable[[int], bytes], size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        more = read(size - len(data))
        if not more:
            raise LedgerError("The SSH agent broke off in the middle of its answer.")
        data += more
    return bytes(data)
