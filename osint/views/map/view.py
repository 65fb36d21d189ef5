"""The part of the earth that a map shows, in pixels, and what is cut off at its frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, pi

import numpy as np

from osint.views.map.outlines import Line
from osint.views.map.projection import EARTH_M, Azimuthal, PlateCarree, Projection, circle, middle, widest_gap

WIDTH, HEIGHT, WORLD_HEIGHT = 680.0, 470.0, 340.0
_ROOM = 70.0  # pixels between the places and the frame, for their labels
_SMALLEST_M = 400.0  # from top to bottom
_FARTHEST_M = 5_500_000  # from the centre to a corner; past that, the whole world is shown
_NEAREST_POINTS = 0.6  # pixels
_WHOLE_EARTH_M = 2 * pi * EARTH_M


@dataclass(frozen=True)
class View:
    """A frame on the sheet, and which metres of the projection it shows.

    Attributes:
        projection: From degrees to metres.
        left: Left side of the frame, in pixels.
        top: Upper side of the frame, in pixels.
        height: Height of the frame, in pixels.
        middle: The metres in the middle of the frame.
        metres: Metres a pixel.
    """

    projection: Projection
    left: float
    top: float
    height: float
    middle: tuple[float, float]
    metres: float
    width: float = WIDTH

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the frame."""
        return self.left, self.top, self.left + self.width, self.top + self.height

    @property
    def whole_world(self) -> bool:
        """Whether it shows the whole world."""
        return isinstance(self.projection, PlateCarree)

    def point(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Return where a place lies on the sheet."""
        x, y = self._pixels(self.projection.project(np.array([[longitude, latitude]])))[0]
        return float(x), float(y)

    def lines(self, line: Line) -> Iterator[Line]:
        """Yield a line of longitudes and latitudes as lines on the sheet, which may go beyond the frame."""
        metres = self.projection.unwound(line)
        for turn in (-1, 0, 1) if self.whole_world else (0,):
            pixels = self._pixels(metres + np.array([turn * _WHOLE_EARTH_M, 0.0]))
            if _touches(pixels, self.box):
                yield pixels

    def degrees(self, points: Line) -> Line:
        """Return the longitudes and latitudes of points of the sheet."""
        east = (points[:, 0] - self.left - self.width / 2) * self.metres + self.middle[0]
        north = (self.top + self.height / 2 - points[:, 1]) * self.metres + self.middle[1]
        return self.projection.degrees(np.stack([east, north], axis=1))

    def _pixels(self, metres: Line) -> Line:
        x = self.left + self.width / 2 + (metres[:, 0] - self.middle[0]) / self.metres
        y = self.top + self.height / 2 - (metres[:, 1] - self.middle[1]) / self.metres
        return np.stack([x, y], axis=1)


def fitted(places: list[tuple[float, float, float]], left: float, top: float) -> View:
    """Return the view that shows all places with their circles.

    Args:
        places: Latitude, longitude and radius in metres of each.
        left: Left side of the frame, in pixels.
        top: Upper side of the frame.
    """
    centre = middle(*np.array(places)[:, :2].T) if places else None
    if centre is None:
        return _world(places, left, top)
    projection = Azimuthal(*centre)
    # A circle of a small radius comes back as the place itself; one of a large radius may hold the far side.
    points = np.concatenate([projection.project(circle(*place)) for place in places])
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    across, up = WIDTH - 2 * _ROOM, HEIGHT - 2 * _ROOM
    metres = max((east - west) / across, (north - south) / up, _SMALLEST_M / HEIGHT)
    amid = (float(west + east) / 2, float(south + north) / 2)
    if hypot(*amid) + hypot(WIDTH, HEIGHT) / 2 * metres > _FARTHEST_M:
        return _world(places, left, top)
    return View(projection, left, top, HEIGHT, amid, float(metres))


def _world(places: list[tuple[float, float, float]], left: float, top: float) -> View:
    cut = widest_gap(np.array(places)[:, 1]) if places else 180.0
    amid = round((cut - 180) / 10) * 10.0
    return View(PlateCarree(amid), left, top, WORLD_HEIGHT, (0.0, 0.0), _WHOLE_EARTH_M / WIDTH)


def visible(line: Line, box: tuple[float, float, float, float]) -> Iterator[Line]:
    """Yield the pieces of a line that lie in a box. Source: Liang and Barsky, ACM Trans. Graphics 3 (1984)."""
    piece: list[tuple[float, float]] = []
    for start, end in pairwise(line):
        inside = _inside(start, end, box)
        if inside is None:
            continue
        first, last = (tuple(start + (end - start) * share) for share in inside)
        if piece and hypot(piece[-1][0] - first[0], piece[-1][1] - first[1]) > 1e-6:
            yield np.array(piece)
            piece = []
        piece += [last] if piece else [first, last]
    if piece:
        yield np.array(piece)


def _inside(start: Line, end: Line, box: tuple[float, float, float, float]) -> tuple[float, float] | None:
    first, last = 0.0, 1.0
    for axis in (0, 1):
        way = float(end[axis] - start[axis])
        for to_side, ahead in ((float(start[axis]) - box[axis], -way), (box[axis + 2] - float(start[axis]), way)):
            if ahead == 0:
                if to_side < 0:
                    return None
            elif ahead > 0:
                last = min(last, to_side / ahead)
            else:
                first = max(first, to_side / ahead)
    return (first, last) if first < last else None


def cropped(ring: Line, box: tuple[float, float, float, float]) -> Line:
    """Return the part of a filled ring in a box. Source: Sutherland and Hodgman, Comm. ACM 17 (1974)."""
    points = [(float(x), float(y)) for x, y in ring]
    for axis, limit, sign in ((0, box[0], 1), (0, box[2], -1), (1, box[1], 1), (1, box[3], -1)):
        kept: list[tuple[float, float]] = []
        for here, there in zip(points, points[1:] + points[:1], strict=True):
            depth, next_depth = sign * (here[axis] - limit), sign * (there[axis] - limit)
            if depth >= 0:
                kept.append(here)
            if (depth >= 0) != (next_depth >= 0):
                share = depth / (depth - next_depth)
                kept.append((here[0] + (there[0] - here[0]) * share, here[1] + (there[1] - here[1]) * share))
        points = kept
    return np.array(points).reshape(-1, 2)


def thinned(line: Line) -> Line:
    """Leave out the points of a line that lie too close to the one before to be told from it."""
    kept = [0]
    for number in range(1, len(line) - 1):
        if np.abs(line[number] - line[kept[-1]]).max() >= _NEAREST_POINTS:
            kept.append(number)
    return line[[*kept, len(line) - 1]] if len(line) > 1 else line


def scale_metres(view: View) -> tuple[float, float]:
    """Return a round number of metres for a scale bar, and its length in pixels."""
    most = 150 * view.metres
    power = 10.0 ** np.floor(np.log10(most))
    metres = float(max(step * power for step in (1, 2, 5) if step * power <= most))
    return metres, metres / view.metres


def _touches(points: Line, box: tuple[float, float, float, float]) -> bool:
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return bool(right >= box[0] and left <= box[2] and bottom >= box[1] and top <= box[3])
