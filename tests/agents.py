"""SSH agents for tests: the real one on a socket of its own, one that answers what it is told, and a software token."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from osint.chain_of_custody import sshsig

needs_openssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH is not installed")


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a short name: the path of a Unix socket holds about a hundred characters."""
    folder = Path(tempfile.mkdtemp(prefix="ag"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def real_agent(*options: str, **environment: str) -> Iterator[str]:
    """Start ssh-agent, and yield the path of its socket."""
    with short_folder() as folder:
        address = folder / "agent"
        command = ["ssh-agent", "-D", "-a", str(address), *options]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | environment) as process:
            try:
                while not _listens(address):
                    assert process.poll() is None, "ssh-agent ended at once"
                    time.sleep(0.01)
                yield str(address)
            finally:
                process.terminate()


def _listens(address: Path) -> bool:
    """Say whether somebody answers there; between the making of a socket and the listening, its file is there too."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(address)) == 0


@contextmanager
def answering(answer: Callable[[bytes], bytes | Iterable[bytes]]) -> Iterator[str]:
    """Listen like an agent; ``answer`` gets each request without its length and returns the bytes to send back."""
    with short_folder() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "agent"))
        listener.listen()

        def serve() -> None:
            while True:
                try:
                    connection = listener.accept()[0]
                except OSError:
                    return
                with connection, connection.makefile("rb") as stream:
                    request = stream.read(int.from_bytes(stream.read(4), "big"))
                    said = answer(request)
                    with suppress(OSError):  # the client may have had enough
                        for part in [said] if isinstance(said, bytes) else said:
                            connection.sendall(part)

        threading.Thread(target=serve, daemon=True).start()
        yield str(folder / "agent")
        listener.shutdown(socket.SHUT_RDWR)


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(4, "big") + message


class SoftwareToken:
    """What a FIDO token does for ``sk-ssh-ed25519@openssh.com``, without the token: PROTOCOL.u2f, in a few lines."""

    def __init__(self, flags: int = 0x01, application: bytes = b"ssh:") -> None:
        self.key = Ed25519PrivateKey.generate()
        self.flags = flags
        self.application = application
        self.counter = 0
        self.blob = sshsig.pack(sshsig.TOKEN, self.key.public_key().public_bytes_raw(), application)

    def sign(self, data: bytes) -> bytes:
        self.counter += 1
        tail = bytes([self.flags]) + self.counter.to_bytes(4, "big")
        signed = hashlib.sha256(self.application).digest() + tail + hashlib.sha256(data).digest()
        return sshsig.pack(sshsig.TOKEN, self.key.sign(signed)) + tail

    def answer(self, request: bytes) -> bytes:
        """Play the agent that holds the token."""
        if request[0] == 11:
            return framed(b"\x0c" + bytes([0, 0, 0, 1]) + sshsig.pack(self.blob, b"token"))
        reader = sshsig.Reader(request[1:])
        blob, data = reader.string(), reader.string()
        return framed(b"\x0e" + sshsig.pack(self.sign(data))) if blob == self.blob else framed(b"\x05")


def armored(blob: bytes) -> str:
    lines = textwrap.wrap(base64.b64encode(blob).decode("ascii"), 70)
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""])


def unarmored(text: str) -> bytes:
    return base64.b64decode("".join(text.strip().splitlines()[1:-1]))


def keygen(*arguments: object, said: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = ["ssh-keygen", *map(str, arguments)]
    return subprocess.run(command, input=said, capture_output=True, check=False, timeout=60)
