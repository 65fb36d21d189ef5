"""The outlines of land and the borders that maps are drawn on: Natural Earth, in the form of ``world-atlas``.

The files hold TopoJSON's quantised, delta-encoded arcs (TopoJSON Format Specification, 2.1.4 and 2.2.8) and nothing
else; ``docs/outlines/refresh.py`` made them. Rings run over the antimeridian and around the pole without a cut.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Line: TypeAlias = NDArray[np.float64]
"""Points, one a row: longitude and latitude in degrees; or, once projected, x and y."""

Scale = Literal["50m", "110m"]
SOURCE = "Natural Earth 4.1 (public domain), by world-atlas 2.0.2"


@dataclass(frozen=True)
class Outlines:
    """The world at one scale.

    Attributes:
        arcs: Lines of longitude and latitude; neighbours share one.
        land: Rings of land, each the numbers of its arcs; ``~number`` is an arc backwards.
        borders: The numbers of the arcs between two countries.
    """

    arcs: tuple[Line, ...]
    land: tuple[tuple[int, ...], ...]
    borders: tuple[int, ...]

    def rings(self) -> Iterator[Line]:
        """Yield each ring of land, closed."""
        for ring in self.land:
            parts = [self.arcs[each] if each >= 0 else self.arcs[~each][::-1] for each in ring]
            yield np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    def coasts(self) -> Iterator[Line]:
        """Yield each line of coast."""
        for number in sorted({each if each >= 0 else ~each for ring in self.land for each in ring}):
            yield self.arcs[number]

    def frontiers(self) -> Iterator[Line]:
        """Yield each line between two countries."""
        return (self.arcs[number] for number in self.borders)


@cache
def outlines(scale: Scale) -> Outlines:
    """Return the world at 1:50 million or 1:110 million."""
    held = json.loads(files("osint.views.map").joinpath(f"world-{scale}.json").read_text(encoding="utf-8"))
    step, first = np.array(held["scale"]), np.array(held["translate"])
    arcs = tuple(np.cumsum(np.array(arc).reshape(-1, 2), axis=0) * step + first for arc in held["arcs"])
    return Outlines(arcs, tuple(map(tuple, held["land"])), tuple(held["borders"]))
