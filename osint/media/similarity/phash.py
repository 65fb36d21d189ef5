"""pHash, the perceptual hash of 64 bits: a wide net, whose matches need PDQ or a person to stand.

Bit for bit that of the program ImageHash 4: the lowest 8 x 8 cosine terms of 32 x 32 grey pixels, each against their
median.

Source: Zauner, *Implementation and Benchmarking of Perceptual Image Hash Functions* (2010), section 3.2.1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from osint.media.similarity.variants import VARIANTS, laid

BITS = 64
_SIDE, _TERMS = 32, 8


def phash(picture: Image.Image) -> dict[str, str]:
    """Return the hash of each variant of an RGB picture, 16 hex digits."""
    grey = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    square = np.asarray(grey, np.float64)
    return {name: _hex(_cosine_terms(laid(square, name))) for name in VARIANTS}


def _cosine_terms(square: NDArray[np.float64]) -> NDArray[np.float64]:
    across = (_MATRIX[:, :, None] * square[None, :, :]).sum(axis=1)
    return np.asarray((across[:, None, :] * _MATRIX[None, :, :]).sum(axis=2))


_MATRIX = np.cos(np.pi / (2 * _SIDE) * np.arange(_TERMS)[:, None] * (2 * np.arange(_SIDE)[None, :] + 1))


def _hex(terms: NDArray[np.float64]) -> str:
    return np.packbits(terms > np.median(terms)).tobytes().hex()
