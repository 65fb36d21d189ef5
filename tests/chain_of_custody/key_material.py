"""Keys that are the same in every run; they sign nothing outside the tests."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from osint.chain_of_custody.keys import FileSigner


def signer(name: str, first: int) -> FileSigner:
    """A key whose 32 private bytes count up from a number."""
    return FileSigner(name, Ed25519PrivateKey.from_private_bytes(bytes(range(first, first + 32))))
