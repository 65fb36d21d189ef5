"""The Merkle tree over a ledger: roots, inclusion paths, consistency paths.

Source: RFC 9162, section 2.1; SHA-256; numbers in parentheses are the RFC's own steps. Stricter than the RFC: every
hash has 32 bytes, and consistency with an empty tree is refused because it says nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Self

from osint.errors import LedgerError

EMPTY_ROOT = hashlib.sha256().digest()
_BLOCK = 1 << 14  # leaves taken in at once, so that a long iterable needs no second copy of itself


def leaf_hash(data: bytes) -> bytes:
    """Return the 32-byte leaf hash of one entry: SHA-256 over 0x00 and its bytes (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of an inner node: SHA-256 over 0x01 and the two hashes below it.

    Raises:
        LedgerError: One of them does not have 32 bytes.
    """
    return hashlib.sha256(b"\x01" + _hash(left) + _hash(right)).digest()


def read_hash(line: str) -> bytes:
    """Read one SHA-256 hash in base64, in its one usual spelling, as the C2SP formats write it.

    Raises:
        LedgerError: It is none.
    """
    try:
        node = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise LedgerError("A line of the proof is not base64.") from error
    if len(node) != 32 or base64.b64encode(node).decode("ascii") != line:
        raise LedgerError("A line of the proof is no SHA-256 hash in its usual spelling.")
    return node


class Frontier:
    """The roots of the complete subtrees of a growing tree, the largest first: enough for the next root.

    Memory and time of a root are logarithmic in the number of leaves.
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []
        for leaf in leaves:
            self.append(leaf)

    @classmethod
    def resumed(cls, size: int, subtrees: Sequence[bytes]) -> Self:
        """Return the frontier of a tree from its size and :attr:`subtrees`, as they were noted down."""
        frontier = cls()
        frontier.size, frontier._subtrees = size, list(subtrees)
        return frontier

    @property
    def subtrees(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees, the largest first: with the size, all there is to know."""
        return tuple(self._subtrees)

    def append(self, leaf: bytes) -> None:
        """Add one 32-byte leaf hash."""
        node, size = _hash(leaf), self.size
        while size & 1:  # a complete subtree of this height is waiting for its right-hand twin
            node, size = node_hash(self._subtrees.pop(), node), size >> 1
        self._subtrees.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the 32-byte root over all leaves so far."""
        if not self._subtrees:
            return EMPTY_ROOT
        computed = self._subtrees[-1]
        for left in reversed(self._subtrees[:-1]):
            computed = node_hash(left, computed)
        return computed


class Tree:
    """All hashes of a growing tree, so that a proof for any of its sizes costs a logarithmic number of steps.

    Every node over a complete subtree is kept: 32 bytes each, two for each leaf, in one flat array per level. The few
    nodes at the right edge of a size that is no power of two are computed when they are asked for.
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels = [bytearray()]
        self.extend(leaves)

    def __len__(self) -> int:
        return len(self._levels[0]) // 32

    def append(self, leaf: bytes) -> None:
        """Add one 32-byte leaf hash."""
        self._take_in(_hash(leaf))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes, 32 bytes each, in order.

        Raises:
            LedgerError: One of them does not have 32 bytes. Some of those before it are in the tree.
        """
        rest = iter(leaves)
        while block := b"".join(map(_hash, islice(rest, _BLOCK))):
            self._take_in(block)

    def root(self, size: int | None = None) -> bytes:
        """Return the 32-byte root over the first ``size`` leaves, or over all.

        Raises:
            LedgerError: The tree has fewer leaves.
        """
        size = self._within(size)
        return self._node((size - 1).bit_length(), 0, size) if size else EMPTY_ROOT

    def inclusion_path(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the sibling hashes of one leaf among the first ``size``, from the leaf upwards.

        Raises:
            LedgerError: There is no leaf of that index, or the tree has fewer leaves.

        Source: RFC 9162, section 2.1.3.1.
        """
        size = self._within(size)
        if not 0 <= index < size:
            raise LedgerError(f"entry {index} lies outside a ledger of {size} entries")
        return self._siblings(0, index, size)

    def consistency_path(self, old_size: int, new_size: int | None = None) -> list[bytes]:
        """Return the hashes that show the first ``old_size`` leaves unchanged among the first ``new_size``.

        Raises:
            LedgerError: The old size is 0 or larger than the new one, or the tree has fewer leaves.

        Source: RFC 9162, section 2.1.4.1.
        """
        new_size = self._within(new_size)
        if not 0 < old_size <= new_size:
            raise LedgerError(f"a ledger of {new_size} entries has no earlier state of {old_size} entries to compare")
        if old_size == new_size:
            return []
        level, node = 0, old_size - 1
        while node & 1:  # up to the largest complete subtree that ends where the old tree ends
            level, node = level + 1, node >> 1
        # Where that subtree is the whole old tree, its root is known to whoever checks.
        start = [self._node(level, node, new_size)] if node else []
        return start + self._siblings(level, node, new_size)

    def _take_in(self, nodes: bytes) -> None:
        """Add nodes at the lowest level, and on each level above those that they complete."""
        level, sha256 = 0, hashlib.sha256
        while nodes:
            if level == len(self._levels):
                self._levels.append(bytearray())
            below = self._levels[level]
            below += nodes
            done = len(self._levels[level + 1]) * 2 if level + 1 < len(self._levels) else 0
            pairs = bytes(below[done : len(below) // 64 * 64])
            nodes = b"".join(sha256(b"\x01" + pairs[at : at + 64]).digest() for at in range(0, len(pairs), 64))
            level += 1

    def _node(self, level: int, index: int, size: int) -> bytes:
        """Return the hash of a node of the tree over the first ``size`` leaves, which must reach below that node."""
        if (index + 1) << level <= size:
            return bytes(self._levels[level][index * 32 : index * 32 + 32])
        left, right = 2 * index, 2 * index + 1
        if right << (level - 1) >= size:
            return self._node(level - 1, left, size)
        return node_hash(self._node(level - 1, left, size), self._node(level - 1, right, size))

    def _siblings(self, level: int, node: int, size: int) -> list[bytes]:
        """Return the hashes beside the way from a node to the root of the first ``size`` leaves."""
        path, last = [], (size - 1) >> level
        while last:
            if node ^ 1 <= last:
                path.append(self._node(level, node ^ 1, size))
            level, node, last = level + 1, node >> 1, last >> 1
        return path

    def _within(self, size: int | None) -> int:
        if size is None:
            return len(self)
        if not 0 <= size <= len(self):
            raise LedgerError(f"a ledger of {len(self)} entries has no state of {size} entries")
        return size


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the 32-byte root over leaf hashes (RFC 9162, section 2.1.1)."""
    return Frontier(leaves).root()


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Recompute the ledger root that one entry's inclusion path leads to.

    Args:
        leaf: Leaf hash of the entry: 32 bytes, SHA-256 over 0x00 and the entry.
        index: Position of the entry in the ledger, counted from 0.
        size: Entries in the ledger when the path was made; ``index < size``.
        path: Sibling hashes from the leaf upwards, 32 bytes each.

    Returns:
        The 32-byte root. Comparing it with a trusted checkpoint is the caller's step (5).

    Raises:
        LedgerError: The path is too short or too long for this index and size, or a hash does not have 32 bytes.

    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:  # (1)
        raise LedgerError(f"entry {index} lies outside a ledger of {size} entries")
    first, last, computed = index, size - 1, _hash(leaf)  # (2), (3)
    for sibling in path:  # (4)
        if last == 0:  # (4.1)
            raise LedgerError(f"the inclusion path of entry {index} is too long for a ledger of {size} entries")
        if first & 1 or first == last:  # (4.2)
            computed = node_hash(sibling, computed)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        first, last = first >> 1, last >> 1  # (4.3)
    if last:  # (5)
        raise LedgerError(f"the inclusion path of entry {index} is too short for a ledger of {size} entries")
    return computed


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    """Check that a ledger of ``new_size`` entries continues one of ``old_size`` entries.

    Args:
        old_size: Entries under the old root; at least 1.
        new_size: Entries under the new root; at least ``old_size``.
        old_root: 32 bytes.
        new_root: 32 bytes.
        path: The consistency path, 32 bytes each; empty when the sizes are equal.

    Raises:
        LedgerError: It does not: an entry before ``old_size`` changed, or the path fits other sizes.

    Source: RFC 9162, section 2.1.4.2.
    """
    if not 0 < old_size <= new_size:
        raise LedgerError(f"a ledger of {new_size} entries cannot continue one of {old_size} entries")
    _hash(old_root), _hash(new_root)
    if old_size == new_size:
        _expect(not path and old_root == new_root, old_size, new_size)
        return
    _expect(bool(path), old_size, new_size)  # (1)
    hashes = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)  # (2)
    first, last = old_size - 1, new_size - 1  # (3)
    while first & 1:  # (4)
        first, last = first >> 1, last >> 1
    old = new = _hash(hashes[0])  # (5)
    for sibling in hashes[1:]:  # (6)
        _expect(last != 0, old_size, new_size)  # (6.1)
        if first & 1 or first == last:  # (6.2)
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        first, last = first >> 1, last >> 1  # (6.3)
    _expect(old == old_root and new == new_root and last == 0, old_size, new_size)  # (7)


def _expect(holds: bool, old_size: int, new_size: int) -> None:
    if not holds:
        raise LedgerError(
            f"the ledger of {new_size} entries does not continue the one of {old_size} entries: "
            f"something before entry {old_size} was changed or removed, or the proof belongs to other sizes"
        )


def _hash(value: bytes) -> bytes:
    if len(value) != 32:
        raise LedgerError(f"a hash of {len(value)} bytes stands where SHA-256 gives 32")
    return value
