"""The Merkle tree over a ledger: roots, inclusion paths, consistency paths.

Source: RFC 9162, section 2.1; SHA-256; numbers in parentheses are the RFC's own steps. Stricter than the RFC: every
hash has 32 bytes, and consistency with an empty tree is refused because it says nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from osint.errors import LedgerError

EMPTY_ROOT = hashlib.sha256().digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the 32-byte leaf hash of one entry: SHA-256 over 0x00 and its bytes (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of an inner node: SHA-256 over 0x01 and the two hashes below it.

    Raises:
        LedgerError: One of them does not have 32 bytes.
    """
    return hashlib.sha256(b"\x01" + _hash(left) + _hash(right)).digest()


class Frontier:
    """The roots of the complete subtrees of a growing tree, the largest first: enough for the next root.

    Memory and time of a root are logarithmic in the number of leaves.
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []
        for leaf in leaves:
            self.append(leaf)

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


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the 32-byte root over leaf hashes (RFC 9162, section 2.1.1)."""
    return Frontier(leaves).root()


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the sibling hashes of one leaf, from the leaf upwards (RFC 9162, section 2.1.3.1).

    Raises:
        LedgerError: There is no leaf of that index.
    """
    if not 0 <= index < len(leaves):
        raise LedgerError(f"entry {index} lies outside a ledger of {len(leaves)} entries")
    path: list[bytes] = []
    start, end = 0, len(leaves)
    while end - start > 1:
        split = start + _largest_power_below(end - start)
        if index < split:
            path.append(root(leaves[split:end]))
            end = split
        else:
            path.append(root(leaves[start:split]))
            start = split
    return path[::-1]


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


def consistency_path(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the hashes that show the first ``old_size`` leaves unchanged in this tree (RFC 9162, section 2.1.4.1).

    Raises:
        LedgerError: The old size is 0 or larger than this tree.
    """
    if not 0 < old_size <= len(leaves):
        raise LedgerError(f"a ledger of {len(leaves)} entries has no earlier state of {old_size} entries to compare")
    return _subproof(old_size, leaves, complete=True)


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


def _subproof(old_size: int, leaves: Sequence[bytes], *, complete: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if complete else [root(leaves)]
    split = _largest_power_below(len(leaves))
    if old_size <= split:
        return [*_subproof(old_size, leaves[:split], complete=complete), root(leaves[split:])]
    return [*_subproof(old_size - split, leaves[split:], complete=False), root(leaves[:split])]


def _largest_power_below(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


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
