"""Tokens without hardware: SoftHSM behind PKCS #11, and a FIDO token in software behind a real ssh-agent.

They run only when ``-m`` names the marker ``hardware`` (``make test-hardware``). Then something that is not installed is
an error, never a skipped test.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from softhsm import EDWARDS25519, MODULES, PIN

from osint.chain_of_custody import unlocking


@pytest.fixture(autouse=True)
def _fresh_session() -> Iterator[None]:
    """This process has opened no key and no token yet, and afterwards knows none."""
    from osint.chain_of_custody import pkcs11

    unlocking.forget_all()
    yield
    unlocking.forget_all()
    pkcs11.log_out()


@pytest.fixture(scope="session")
def module() -> str:
    """The PKCS #11 module of SoftHSM."""
    return next(path for path in MODULES if Path(path).exists())


@pytest.fixture(scope="session")
def softhsm(module: str) -> Iterator[Callable[[str], None]]:
    """SoftHSM with tokens in a folder of its own; call it with a label to initialise a token under its PIN."""
    folder = Path(tempfile.mkdtemp(prefix="osint-hsm-"))
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n", encoding="ascii"
    )

    def initialise(label: str) -> None:
        command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", PIN]
        subprocess.run(command, check=True, capture_output=True, timeout=60)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        initialise("custody")
        yield initialise
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def make_key(softhsm: Callable[[str], None], module: str) -> Callable[..., bytes]:
    """Make a key pair inside the token; return the 32 raw bytes of its public half."""
    import pkcs11

    def make(label: str) -> bytes:
        curve = {pkcs11.Attribute.EC_PARAMS: EDWARDS25519}
        with pkcs11.lib(module).get_token(token_label="custody").open(rw=True, user_pin=PIN) as session:
            domain = session.create_domain_parameters(pkcs11.KeyType.EC_EDWARDS, curve, local=True)
            public, _ = domain.generate_keypair(
                mechanism=pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN, label=label, store=True
            )
            return bytes(public[pkcs11.Attribute.EC_POINT])[-32:]

    return make


@pytest.fixture(scope="session")
def public(make_key: Callable[..., bytes]) -> bytes:
    """The public half of the key ``actor`` in the token ``custody``."""
    return make_key("actor")
