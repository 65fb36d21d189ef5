"""What the whole suite shares: origin servers, certificates, and cases in a temporary folder."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import ssh as openssh
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from origin import AUTHORITY, NOON, Authority, Origin, listen, make_certificate

import osint
from osint.capture.network import Network
from osint.case import Case
from osint.chain_of_custody import key_files

PASSPHRASE = b"a passphrase of nobody"
# The same examples every time, and no opinion on how long one takes.
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("repeatable")
# It would also draw the constants of modules that happen to be imported, which are others in every worker.
providers._get_local_constants = lambda: providers._local_constants

OWN_TARGETS = ("servers", "faults", "hardware", "interop", "large", "browser_lab", "wheel", "exhaustive")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what has a make target of its own out of every run whose ``-m`` does not name it."""
    asked = config.getoption("markexpr")
    own = [name for name in OWN_TARGETS if name not in asked]
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in own)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


@pytest.fixture(scope="session", autouse=True)
def _unattended_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let every test make and open keys without a question, and quickly.

    The passphrase is in a file that the environment names, for this process and those that tests start. Hundreds of
    tests make fresh keys here, so bcrypt takes one round instead of its many, and one salt for all of them, so that it
    is asked once for each passphrase; processes of their own take all rounds, and salts of their own. No agent and no
    key store of whoever runs the tests is used.
    """
    salt, stretched = os.urandom(32), cache(openssh._bcrypt_kdf)
    file = tmp_path_factory.mktemp("passphrase") / "passphrase.txt"
    file.write_bytes(PASSPHRASE)
    file.chmod(0o600)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSINT_PASSPHRASE_FILE", str(file))
        patch.setenv("OSINT_SETTINGS", str(file.with_name("settings.toml")))  # there is none
        patch.setenv("OSINT_STATE", str(file.with_name("state")))  # for what is made once for several tests
        patch.setenv("OSINT_POLICY", str(file.with_name("policy")))  # there is none
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        patch.delenv("SSH_AUTH_SOCK", raising=False)
        patch.setattr(key_files, "ROUNDS", 1)
        patch.setattr(openssh, "os", SimpleNamespace(urandom=lambda length: salt[:length]))
        patch.setattr(openssh, "_bcrypt_kdf", lambda *told: stretched(*map(_frozen, told)))
        yield


def _frozen(told: object) -> object:
    return bytes(told) if isinstance(told, bytearray | memoryview) else told


@pytest.fixture(scope="session", autouse=True)
def _no_wait_for_the_disk() -> Iterator[None]:
    """Let nobody wait until bytes are on the disk: what a power cut leaves is for the tests of faults, which wait."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("fsync", "fdatasync"):
            patch.setattr(os, name, os.fstat)  # a file that is closed is an error all the same
        yield


@pytest.fixture(autouse=True)
def _own_turns(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test wait for a host that another one was put off by, and none touch the turns of whoever runs them.

    Nor does any go by the policy that is installed here.
    """
    own = tmp_path_factory.getbasetemp() / f"state-{uuid4()}"
    monkeypatch.setenv("OSINT_STATE", str(own))
    monkeypatch.setenv("OSINT_POLICY", str(own / "policy"))


@contextmanager
def origins() -> Iterator[Callable[..., Origin]]:
    """Start origin servers, plain or with a TLS context, and stop them afterwards."""
    listeners = []

    def start(context: ssl.SSLContext | None = None) -> Origin:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        origin = Origin(listener.getsockname()[1])
        threading.Thread(target=listen, args=(origin, listener, context), daemon=True).start()
        return origin

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture
def start_origin() -> Iterator[Callable[..., Origin]]:
    """Start origin servers that are stopped after the test."""
    with origins() as start:
        yield start


@pytest.fixture(scope="module")
def lasting_origin() -> Iterator[Origin]:
    """A plain origin server for what is made once for the tests of a file."""
    with origins() as start:
        yield start()


@pytest.fixture
def origin(start_origin: Callable[..., Origin]) -> Origin:
    """A plain origin server."""
    return start_origin()


@pytest.fixture
def loopback() -> Network:
    """A network that may reach the loopback address and does not pause."""
    return Network(allow=("127.0.0.1",), pace=0, read_timeout=2, connect_timeout=2)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """A throw-away certificate authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    basic = x509.BasicConstraints(ca=True, path_length=0)
    return Authority(key, make_certificate("Test authority", key, name, key, days=1, extensions=[basic]), tmp_path)


@pytest.fixture
def open_case(tmp_path: Path, loopback: Network) -> Iterator[Callable[..., Case]]:
    """Open cases with keys of their own in the test's folder, on a fixed clock, and close them afterwards."""
    opened: list[Case] = []

    def make(folder: Path | None = None, *, authorized: bool = True, **scope: object) -> Case:
        network = scope.pop("network", loopback)
        case = osint.open_case(
            folder or tmp_path / "case", investigator="J. Smit, badge 4471", network=network, keys=tmp_path / "keys",
            clock=scope.pop("clock", lambda: NOON),
        )  # fmt: skip
        opened.append(case)
        if authorized:
            case.authorize(osint.Authorization(**{**AUTHORITY, "hosts": ["127.0.0.1"], **scope}))
        return case

    yield make
    for case in opened:
        case.close()
