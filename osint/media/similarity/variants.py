"""The eight ways in which a picture can lie: as it is, turned, mirrored."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)


class Variant(NamedTuple):
    """What is done to the rows and columns of a picture, in this order."""

    mirrored: bool
    upside_down: bool
    swapped: bool


AS_IS, _LEFT, _RIGHT = "as is", "turned 90° left", "turned 90° right"
VARIANTS = {
    AS_IS: Variant(mirrored=False, upside_down=False, swapped=False),
    "mirrored": Variant(mirrored=True, upside_down=False, swapped=False),
    _LEFT: Variant(mirrored=True, upside_down=False, swapped=True),
    "turned 180°": Variant(mirrored=True, upside_down=True, swapped=False),
    _RIGHT: Variant(mirrored=False, upside_down=True, swapped=True),
    "mirrored, turned 180°": Variant(mirrored=False, upside_down=True, swapped=False),
    "mirrored, turned 90° left": Variant(mirrored=False, upside_down=False, swapped=True),
    "mirrored, turned 90° right": Variant(mirrored=True, upside_down=True, swapped=True),
}
INVERSE = {**{name: name for name in VARIANTS}, _LEFT: _RIGHT, _RIGHT: _LEFT}
"""What has to be done to come back to the picture as it was."""


def flipped(rows: NDArray[Number], variant: Variant) -> NDArray[Number]:
    """Return pixels mirrored and upside down as the variant has them; its axes are not swapped yet."""
    return rows[:: -1 if variant.upside_down else 1, :: -1 if variant.mirrored else 1]


def laid(rows: NDArray[Number], name: str) -> NDArray[Number]:
    """Return the pixels of a picture to which this was done."""
    variant = VARIANTS[name]
    return flipped(rows, variant).T if variant.swapped else flipped(rows, variant)
