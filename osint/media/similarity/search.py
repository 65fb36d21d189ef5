"""Which hashes lie near each other: exactly, every pair and no other, so that a search that finds none says something.

Multi-index hashing: a hash is cut into bands of 16 bits. Of two hashes that differ in at most r bits, some band differs
in at most r // bands, so only hashes that agree so far in a band are compared. An approximate index is faster and
misses pairs for reasons that nobody can name; there is none here.

Source: Norouzi, Punjani and Fleet, *Fast Search in Hamming Space with Multi-Index Hashing* (2012).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_BAND = 16
_MOST_FLIPS = 2  # 137 values of a band; with three it is 697, and comparing all is no slower
_AT_ONCE = 1 << 21
_ROWS_AT_ONCE = 1 << 8

Packed = NDArray[np.uint64]
Indices = NDArray[np.intp]


class Pairs(NamedTuple):
    """Positions of hashes that lie near each other, and by how many bits they differ, in order of the positions."""

    first: Indices
    second: Indices
    bits: NDArray[np.intp]


def distance(one: str, other: str) -> int:
    """Return by how many bits two hashes differ, given in hex."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def near(hashes: Sequence[str], queries: Sequence[str] | None = None, *, radius: int = 31) -> Pairs:
    """Return every pair of hashes that differ in at most ``radius`` bits.

    Args:
        hashes: In hex, all of one length, a multiple of 64 bits.
        queries: What is looked for; ``first`` counts in these and ``second`` in ``hashes``. When None, the hashes are
            compared with each other, and each pair stands once, with ``first < second``.
        radius: Bits.

    Raises:
        ValueError: The hashes are not all of one such length.
    """
    right = packed(hashes)
    left = right if queries is None else packed(queries)
    if not len(left) or not len(right):
        return _sorted_pairs([])
    if left.shape != (len(left), right.shape[1]):
        raise ValueError("Hashes of different lengths cannot be compared.")
    flips = radius // (right.shape[1] * 64 // _BAND)
    search = _by_bands if flips <= _MOST_FLIPS else _by_all
    return _sorted_pairs(list(search(left, right, radius, queries is None)))


def packed(hashes: Sequence[str]) -> Packed:
    """Return hashes given in hex as rows of 64-bit words.

    Raises:
        ValueError: They are not all of one length, a multiple of 16 digits.
    """
    if len({len(each) for each in hashes}) > 1 or (hashes and (not hashes[0] or len(hashes[0]) % 16)):
        raise ValueError("Hashes are compared that are all of one length, a multiple of 16 hex digits.")
    words = len(hashes[0]) // 16 if hashes else 1
    return np.frombuffer(bytes.fromhex("".join(hashes)), np.uint64).reshape(len(hashes), words)


def _sorted_pairs(found: Sequence[Pairs]) -> Pairs:
    """Put parts of a search together: each pair once, in order."""
    if not found:
        return Pairs(*(np.zeros(0, np.intp) for _ in Pairs._fields))
    first, second, bits = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((second, first))
    first, second, bits = first[order], second[order], bits[order]
    new = np.ones(len(first), bool)
    new[1:] = (np.diff(first) != 0) | (np.diff(second) != 0)
    return Pairs(first[new], second[new], bits[new].astype(np.intp))


def _by_all(left: Packed, right: Packed, radius: int, itself: bool) -> Iterator[Pairs]:
    """Compare each with each."""
    for start in range(0, len(left), _ROWS_AT_ONCE):
        rows = left[start : start + _ROWS_AT_ONCE]
        bits = np.zeros((len(rows), len(right)), np.uint16)
        for word in range(left.shape[1]):
            bits += np.bitwise_count(rows[:, None, word] ^ right[None, :, word])
        at, second = np.nonzero(bits <= radius)
        pairs = Pairs(at + start, second, bits[at, second].astype(np.intp))
        yield _of(pairs, pairs.first < pairs.second) if itself else pairs


def _by_bands(left: Packed, right: Packed, radius: int, itself: bool) -> Iterator[Pairs]:
    """Compare those that agree in a band, but for so many bits that no near pair is left out."""
    bands_left, bands_right = left.view(np.uint16), right.view(np.uint16)
    everyone = np.arange(len(left))
    for band in range(bands_left.shape[1]):
        buckets = _Buckets(bands_right[:, band])
        for mask in _masks(radius // bands_left.shape[1]):
            asked = bands_left[:, band] ^ mask
            # Of two that differ by the mask, one has its highest bit set: to ask for that one finds the pair once.
            asking = np.flatnonzero(asked & _highest(mask)) if itself and mask else everyone
            for first, second in buckets.candidates(asking, asked[asking]):
                pairs = _close(left, right, first, second, radius)
                yield _one_way(pairs, mask) if itself else pairs


def _masks(flips: int) -> list[np.uint16]:
    """Return all values of a band with at most so many bits set."""
    chosen = (bits for many in range(flips + 1) for bits in combinations(range(_BAND), many))
    return [np.uint16(sum(1 << bit for bit in bits)) for bits in chosen]


def _highest(mask: np.uint16) -> np.uint16:
    return np.uint16(1 << (int(mask).bit_length() - 1))


class _Buckets:
    """Positions of hashes by the value of one of their bands."""

    def __init__(self, band: NDArray[np.uint16]) -> None:
        self.order = np.argsort(band, kind="stable")
        self.counts = np.bincount(band, minlength=1 << _BAND)
        self.starts = np.cumsum(self.counts) - self.counts

    def candidates(self, asking: Indices, asked: NDArray[np.uint16]) -> Iterator[tuple[Indices, Indices]]:
        """Yield, a bounded number at once, who asks and what lies in the bucket that is asked for."""
        counts, starts = self.counts[asked], self.starts[asked]
        ends = np.cumsum(counts)
        done = 0
        while done < len(asking):
            before = int(ends[done] - counts[done])
            stop = max(int(np.searchsorted(ends, before + _AT_ONCE, "right")), done + 1)
            many = counts[done:stop]
            places = np.arange(before, int(ends[stop - 1])) + np.repeat(
                starts[done:stop] - ends[done:stop] + many, many
            )
            yield np.repeat(asking[done:stop], many), self.order[places]
            done = stop


def _close(left: Packed, right: Packed, first: Indices, second: Indices, radius: int) -> Pairs:
    """Return the candidates that are near; word by word, because the first two words rule out nearly all of them."""
    pairs = Pairs(first, second, np.zeros(len(first), np.intp))
    for word in range(left.shape[1]):
        bits = pairs.bits + np.bitwise_count(left[pairs.first, word] ^ right[pairs.second, word])
        pairs = _of(pairs._replace(bits=bits), bits <= radius)
    return pairs


def _one_way(pairs: Pairs, mask: np.uint16) -> Pairs:
    """Return pairs of a list with itself with the smaller position first, and none of an item with itself."""
    if not mask:
        return _of(pairs, pairs.first < pairs.second)
    return Pairs(np.minimum(pairs.first, pairs.second), np.maximum(pairs.first, pairs.second), pairs.bits)


def _of(pairs: Pairs, kept: NDArray[np.bool]) -> Pairs:
    return Pairs(pairs.first[kept], pairs.second[kept], pairs.bits[kept])
