"""PDQ, the perceptual hash of 256 bits, in numpy: bit for bit what Meta's reference computes through pdqhash.

The library has no wheel for Linux. Every sum is taken in the reference's order and in single precision, since another
order would round differently and a bit next to the median would change. No routine of linear algebra is called: these
start threads, which a worker of the sandbox may not.

Source: *The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm* (Meta, 2019), sections 3 and 4;
github.com/facebook/ThreatExchange, pdq/cpp (BSD), revision baefb4ed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from osint.media.similarity.variants import AS_IS, VARIANTS, flipped

BITS = 256
SIDE = 64
SMALLEST = 5
"""A picture of fewer pixels on a side has no hash: quality 0, all bits clear."""

_TERMS = 16
_PASSES = 2
_LUMA = (0.299, 0.587, 0.114)  # of Rec. 601; summed in double precision, as by pdqhash

Floats = NDArray[np.float32]


class Hashed(NamedTuple):
    """The hash of each variant, 64 hex digits, and the quality, 0 to 100: how much there is to see."""

    hashes: dict[str, str]
    quality: int


def pdq(rgb: NDArray[np.uint8]) -> Hashed:
    """Return PDQ of a picture and of the same turned and mirrored, each as if it had been laid so first.

    The reference can guess the seven others from the terms of one, and is up to 22 bits off by it: the box of an even
    width lies to one side of its centre. So each flip is made small by itself; to swap the axes changes no such thing.

    Args:
        rgb: Rows, columns, three colours. The caller has made it small, see ``decode.RECIPE``.
    """
    if min(rgb.shape[:2]) < SMALLEST:
        return Hashed(dict.fromkeys(VARIANTS, "0" * (BITS // 4)), 0)
    luma = _luma(rgb)
    flips = list(dict.fromkeys(variant._replace(swapped=False) for variant in VARIANTS.values()))
    squares = dict(zip(flips, _downsampled(np.stack([flipped(luma, flip) for flip in flips])), strict=True))
    hashes = {}
    for name, variant in VARIANTS.items():
        square = squares[variant._replace(swapped=False)]
        hashes[name] = _hex(_cosine_terms(square.T if variant.swapped else square))
    return Hashed(hashes, _quality(squares[VARIANTS[AS_IS]]))


def _luma(rgb: NDArray[np.uint8]) -> Floats:
    red, green, blue = (rgb[:, :, index] * weight for index, weight in enumerate(_LUMA))
    return np.asarray(red + green + blue, np.float32)


def _downsampled(lumas: Floats) -> Floats:
    """Return pictures of one size, one behind the other, as squares."""
    rows, columns = lumas.shape[1:]
    if (rows, columns) == (SIDE, SIDE):
        return lumas
    for _ in range(_PASSES):
        lumas = _blurred(np.ascontiguousarray(lumas.transpose(2, 0, 1)), _window(columns)).transpose(1, 2, 0)
        lumas = _blurred(np.ascontiguousarray(lumas.transpose(1, 0, 2)), _window(rows)).transpose(1, 0, 2)
    return lumas[:, _centres(rows)][:, :, _centres(columns)]


def _window(length: int) -> int:
    """Return the width of the box: of two passes, each takes half of what one of the 64 stands for."""
    return (length + 2 * SIDE - 1) // (2 * SIDE)


def _centres(length: int) -> NDArray[np.intp]:
    return ((np.arange(SIDE) + 0.5) * length / SIDE).astype(np.intp)


def _blurred(lines: Floats, window: int) -> Floats:
    """Return the moving mean along the first axis; at the ends, of the part of the box that lies inside.

    One running sum, to which a line is added before one is subtracted: the rounding depends on it.
    """
    length, ahead = len(lines), (window + 2) // 2 - 1
    means = np.empty_like(lines)
    sums = np.zeros_like(lines[0])
    for entering in range(length + ahead):
        if entering < length:
            sums += lines[entering]
        if entering >= window:
            sums -= lines[entering - window]
        if entering >= ahead:
            inside = min(entering, length - 1) - max(entering - window, -1)
            np.divide(sums, np.float32(inside), out=means[entering - ahead])
    return means


def _quality(square: Floats) -> int:
    """Return how much of the square is slope, in the steps that the reference counts."""
    slopes = (np.diff(square, axis=0), np.diff(square, axis=1))
    counted = sum(int(np.abs((-slope * np.float32(100) / np.float32(255)).astype(np.int32)).sum()) for slope in slopes)
    return min(counted // 90, 100)


def _matrix() -> Floats:
    frequency, place = np.arange(1, _TERMS + 1)[:, None], np.arange(SIDE)[None, :]
    scale = np.float64(np.float32(np.sqrt(2.0 / SIDE)))
    terms = np.cos(np.pi / 2 / SIDE * frequency * (2 * place + 1))
    return np.asarray(scale * terms, np.float32)


_MATRIX = _matrix()


def _cosine_terms(square: Floats) -> Floats:
    """Return the terms 1 to 16 of both directions, each sum in the order of the pixels."""
    across = np.zeros((_TERMS, SIDE), np.float32)
    for place in range(SIDE):
        across += _MATRIX[:, place, None] * square[None, place, :]
    terms = np.zeros((_TERMS, _TERMS), np.float32)
    for place in range(SIDE):
        terms += across[:, place, None] * _MATRIX[None, :, place]
    return terms


def _hex(terms: NDArray[Any]) -> str:
    """Return the bits of the terms above the median, of an even number the lower one, as the reference spells them."""
    flat = terms.ravel()
    bits = flat > np.partition(flat, BITS // 2 - 1)[BITS // 2 - 1]
    return np.packbits(bits[::-1]).tobytes().hex()
