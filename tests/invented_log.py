"""A log whose entries are invented: what a ledger shows to a witness, honest or not."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from osint.chain_of_custody import checkpoint
from osint.chain_of_custody.keys import FileSigner, VerifierKey
from osint.chain_of_custody.merkle import Tree, leaf_hash


def a_signer(name: str, first: int) -> FileSigner:
    return FileSigner(name, Ed25519PrivateKey.from_private_bytes(bytes(range(first, first + 32))))


@dataclass
class InventedLog:
    """Entries ``0``, ``1`` … under one origin; another ``story`` is another history from ``parted`` on."""

    size: int
    origin: str = "osint/00112233445566778899aabbccddeeff"
    signer: FileSigner = field(default_factory=lambda: a_signer("log", 32))
    story: str = ""
    parted: int = 0

    def __post_init__(self) -> None:
        texts = (f"{n}{self.story if n >= self.parted else ''}" for n in range(self.size))
        self.tree = Tree(leaf_hash(text.encode()) for text in texts)

    @property
    def vkey(self) -> str:
        return str(VerifierKey(self.origin, self.signer.public))

    def note(self, size: int | None = None) -> str:
        size = self.size if size is None else size
        return checkpoint.make(self.origin, size, self.tree.root(size), self.signer)

    def path(self, old: int, new: int) -> list[bytes]:
        return self.tree.consistency_path(old, new)
