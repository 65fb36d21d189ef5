"""From degrees to metres on a sheet: azimuthal equidistant around the places, or the whole world as plate carrée.

Both treat the earth as a sphere (IUGG mean radius), which puts lengths within half a per cent of those on WGS 84.
Source of the formulas: J. P. Snyder, Map Projections, a Working Manual (USGS Professional Paper 1395, 1987), p. 195 and
p. 90.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import TypeAlias

import numpy as np

from osint.views.map.outlines import Line

EARTH_M = 6_371_009
_FAR_SIDE = np.radians(150)
_TURN = np.radians(30)


@dataclass(frozen=True)
class Azimuthal:
    """Azimuthal equidistant: distances and directions from the centre are exact, at a pole and the antimeridian too."""

    latitude: float
    longitude: float

    def project(self, line: Line) -> Line:
        """Return metres east and north of the centre."""
        arc, azimuth = self._polar(line)
        return self._flat(arc, azimuth)

    def unwound(self, line: Line) -> Line:
        """Return a line for a picture near the centre: what lies on the far side of the earth goes around it.

        A straight segment between two far points would else cross the picture. With the turn between them drawn in
        steps, a ring keeps every near point on the side of it where the point was.
        """
        arc, azimuth = self._polar(line)
        turn = (np.diff(azimuth) + pi) % (2 * pi) - pi
        steps = np.maximum(1, np.ceil(np.abs(turn) / _TURN).astype(int)) * (np.maximum(arc[:-1], arc[1:]) > _FAR_SIDE)
        steps = np.maximum(steps, 1)
        start = np.repeat(np.arange(len(turn)), steps)
        share = (np.arange(len(start)) - np.repeat(np.cumsum(steps) - steps, steps)) / steps[start]
        arcs = np.append(arc[start] + (arc[start + 1] - arc[start]) * share, arc[-1])
        azimuths = np.append(azimuth[start] + turn[start] * share, azimuth[-1])
        return self._flat(arcs, azimuths)

    def degrees(self, points: Line) -> Line:
        """Return longitude and latitude of metres east and north of the centre."""
        arc = np.hypot(points[:, 0], points[:, 1]) / EARTH_M
        azimuth = np.arctan2(points[:, 0], points[:, 1])
        return destination(self.latitude, self.longitude, arc * EARTH_M, azimuth)

    def _polar(self, line: Line) -> tuple[Line, Line]:
        """Return the arc from the centre and the azimuth there, in radians."""
        longitude, latitude = np.radians(line).T
        middle, east = np.radians(self.latitude), longitude - np.radians(self.longitude)
        across = np.cos(latitude) * np.sin(east)
        along = np.cos(middle) * np.sin(latitude) - np.sin(middle) * np.cos(latitude) * np.cos(east)
        up = np.sin(middle) * np.sin(latitude) + np.cos(middle) * np.cos(latitude) * np.cos(east)
        return np.arctan2(np.hypot(across, along), up), np.arctan2(across, along)

    @staticmethod
    def _flat(arc: Line, azimuth: Line) -> Line:
        return np.stack([arc * np.sin(azimuth), arc * np.cos(azimuth)], axis=1) * EARTH_M


@dataclass(frozen=True)
class PlateCarree:
    """The whole world, cut opposite ``longitude``; lengths are exact from north to south and along the equator."""

    longitude: float

    def project(self, line: Line) -> Line:
        """Return metres east and north of the middle."""
        east = (line[:, 0] - self.longitude + 180) % 360 - 180
        return np.radians(np.stack([east, line[:, 1]], axis=1)) * EARTH_M

    def unwound(self, line: Line) -> Line:
        """Return a line that runs on over the cut; one that goes around a pole is closed along the pole."""
        east = np.degrees(np.unwrap(np.radians(line[:, 0] - self.longitude)))
        east -= 360 * np.round(east[0] / 360)
        made = np.stack([east, line[:, 1]], axis=1)
        if abs(east[-1] - east[0]) > 180:
            pole = 90.0 if line[:, 1].mean() > 0 else -90.0
            made = np.concatenate([made, [[east[-1], pole], [east[0], pole], made[0]]])
        flat: Line = np.radians(made) * EARTH_M
        return flat

    def degrees(self, points: Line) -> Line:
        """Return longitude and latitude of metres east and north of the middle."""
        made = np.degrees(points / EARTH_M)
        return np.stack([(made[:, 0] + self.longitude + 180) % 360 - 180, made[:, 1]], axis=1)


Projection: TypeAlias = Azimuthal | PlateCarree


def destination(latitude: float, longitude: float, metres: Line | float, azimuth: Line) -> Line:
    """Return where one arrives from a point after a way along a great circle, as longitude and latitude in degrees."""
    arc, start = np.asarray(metres) / EARTH_M, np.radians(latitude)
    # By the components of the vector: exact near a pole too, where the sine alone loses metres.
    up = np.sin(start) * np.cos(arc) + np.cos(start) * np.sin(arc) * np.cos(azimuth)
    north = np.cos(start) * np.cos(arc) - np.sin(start) * np.sin(arc) * np.cos(azimuth)
    east = np.sin(arc) * np.sin(azimuth)
    reached = np.radians(longitude) + np.arctan2(east, north)
    return np.stack(
        [(np.degrees(reached) + 180) % 360 - 180, np.degrees(np.arctan2(up, np.hypot(north, east)))], axis=1
    )


def circle(latitude: float, longitude: float, radius_m: float, points: int = 90) -> Line:
    """Return the points at a distance from a place, all around it, the first one again as the last."""
    return destination(latitude, longitude, radius_m, np.linspace(0, 2 * pi, points + 1))


def middle(latitudes: Line, longitudes: Line) -> tuple[float, float] | None:
    """Return the latitude and longitude amid places; None when they surround the earth."""
    up, east = np.radians(latitudes), np.radians(longitudes)
    vector = np.array([np.cos(up) * np.cos(east), np.cos(up) * np.sin(east), np.sin(up)]).mean(axis=1)
    if np.linalg.norm(vector) < 0.1:
        return None
    return (
        float(np.degrees(np.arctan2(vector[2], np.hypot(vector[0], vector[1])))),
        float(np.degrees(np.arctan2(vector[1], vector[0]))),
    )


def widest_gap(longitudes: Line) -> float:
    """Return the longitude in the middle of the longest stretch without any place, where a world map is best cut."""
    order = np.sort(longitudes % 360)
    gaps = np.diff(np.append(order, order[0] + 360))
    at = int(np.argmax(gaps))
    return float((order[at] + gaps[at] / 2) % 360)
