"""The marks of a map: a circle for each place, and a sign for each group of places that cannot be told apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import cos, dist, radians, sin

from osint.graph.drawing.shapes import Box, Point, text_width
from osint.render import escape, shorten, visible
from osint.views.map.places import Layer, Stated
from osint.views.map.projection import circle
from osint.views.map.view import View, thinned
from osint.views.map.view import visible as visible_pieces

SIGN = 8.0
_NEAR = 14.0  # pixels; places of one layer and grade this close to the first of them share a sign
_MOST_GROUPS = 40
_FINE = {"C": "3.2 2"}  # the dashes of a sign; those of a circle are longer
_LABEL_SIZE = 11.5
_LONGEST_LABEL = 18
_AWAY = (0.0, 24.0, 38.0, 54.0, 72.0)
_DIRECTIONS = (-90, 0, 180, 90, -45, 45, -135, 135)
_TIP = 10
_SMALLEST_CIRCLE = 2.0
_DOTS = "1.5 3.5"
_DASHES = {"B": "", "C": "6 4", "D": _DOTS}


@dataclass(frozen=True)
class Group:
    """Places of one layer and one grade under one sign. ``name`` is how the map and the table call it."""

    name: str
    places: tuple[Stated, ...]
    point: Point

    @property
    def layer(self) -> Layer:
        """The layer of all of them."""
        return self.places[0].layer

    @property
    def grade(self) -> str:
        """The grade of all of them."""
        return self.places[0].grade


@dataclass(frozen=True)
class _Spot:
    sign: Point
    label: Point
    anchor: str
    boxes: tuple[Box, ...]


def grouped(places: Sequence[Stated], view: View) -> list[Group]:
    """Put places under signs: wider apart where the map would else be too full to be read."""
    near = _NEAR
    while len(found := _clusters(places, view, near)) > _MOST_GROUPS and near < view.width:
        near *= 1.5
    groups, number = [], 0
    for point, cluster in found:
        exhibits = list(dict.fromkeys(place.exhibit for place in cluster))
        if len(exhibits) == 1:
            readings = f" ({len(cluster)} readings)" if len(cluster) > 1 else ""
            name = f"{shorten(visible(exhibits[0]), _LONGEST_LABEL)}{readings}"
        else:
            number += 1
            name = f"group {number} ({len(exhibits)})"
        groups.append(Group(name, tuple(cluster), point))
    return groups


def _clusters(places: Sequence[Stated], view: View, near: float) -> list[tuple[Point, list[Stated]]]:
    found: list[tuple[Point, list[Stated]]] = []
    for _, alike in groupby(places, key=lambda place: (place.layer, place.grade)):
        own: list[tuple[Point, list[Stated]]] = []
        for place in alike:
            point = view.point(place.latitude, place.longitude)
            cluster = next((members for middle, members in own if dist(middle, point) <= near), None)
            if cluster is None:
                own.append((point, [place]))
            else:
                cluster.append(place)
        found += own
    return found


def draw_marks(groups: Sequence[Group], view: View) -> Iterator[str]:
    """Yield the circles, then the points where the places are, then signs and labels beside each other."""
    for group in groups:
        yield from _circles(group, view)
    left, _, _, bottom = view.box
    taken: list[Box] = [(left, bottom - 30, left + 260, bottom)]  # the scale bar
    taken += [(x - 4, y - 4, x + 4, y + 4) for x, y in (group.point for group in groups)]
    spots = []
    for group in groups:
        spots.append(_spot(group, taken, view.box))
        taken += spots[-1].boxes
    for group, spot in zip(groups, spots, strict=True):
        yield _points(group, spot, view)
    for group, spot in zip(groups, spots, strict=True):
        sign = draw_sign(group.layer, group.grade, spot.sign)
        yield f"<g><title>{escape(_tip(group))}</title>{sign}{_label(group, spot)}</g>"


def draw_sign(layer: Layer, grade: str, place: Point) -> str:
    """Return the sign of a layer, drawn as its grade wants: B filled, C dashed, D dotted and open."""
    x, y = place
    full = grade == "B"
    paint = f'fill="{layer.colour if full else "#FFFFFF"}" stroke="{"#FFFFFF" if full else layer.colour}"'
    paint += ' stroke-width="1.2"' if full else f' stroke-width="1.6" stroke-dasharray="{_FINE.get(grade, "1.2 1.8")}"'
    corners = " ".join(f"{x + SIGN * dx:.1f},{y + SIGN * dy:.1f}" for dx, dy in layer.outline)
    shape = (
        f'<polygon points="{corners}" {paint}/>'
        if corners
        else f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{SIGN:g}" {paint}/>'
    )
    letter = f'x="{x:.1f}" y="{y + 3.4 + layer.letter:.1f}" fill="{"#FFFFFF" if full else layer.colour}"'
    return f'{shape}<text {letter} font-size="9.5" font-weight="bold" text-anchor="middle">{escape(grade)}</text>'


def dashed(grade: str) -> str:
    """Return the line of a grade, as attributes of SVG: B whole, C dashed, D and what nobody graded dotted."""
    dashes = _DASHES.get(grade, _DOTS)
    return 'stroke-width="1.5"' + (f' stroke-dasharray="{dashes}"' if dashes else "")


def _circles(group: Group, view: View) -> Iterator[str]:
    colour = group.layer.colour
    line = f'stroke="{colour}" {dashed(group.grade)}'
    for place in group.places:
        if place.radius_m is None or place.radius_m / view.metres < _SMALLEST_CIRCLE:
            continue
        for drawn in view.lines(circle(place.latitude, place.longitude, place.radius_m)):
            pieces = [thinned(piece) for piece in visible_pieces(drawn, view.box)]
            path = "".join("M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in piece) for piece in pieces)
            if path:
                fill = f'"{colour}" fill-opacity="0.08"' if len(pieces) == 1 and group.grade == "B" else '"none"'
                yield f'<path d="{path}" fill={fill} {line}/>'


def _spot(group: Group, taken: Sequence[Box], frame: Box) -> _Spot:
    """Return where sign and label cover least of what is there already, near the place if they can be."""
    own = (group.point[0] - 4, group.point[1] - 4, group.point[0] + 4, group.point[1] + 4)
    others = [box for box in taken if box != own]
    return min(_spots(group), key=lambda spot: _cost(spot, group.point, others, frame))


def _spots(group: Group) -> Iterator[_Spot]:
    wide = text_width(group.name, _LABEL_SIZE)
    for away in _AWAY:
        for turn in _DIRECTIONS if away else _DIRECTIONS[:1]:
            x = group.point[0] + away * cos(radians(turn))
            y = group.point[1] + away * sin(radians(turn))
            sign = (x - SIGN - 3, y - SIGN - 3, x + SIGN + 3, y + SIGN + 3)
            yield _Spot((x, y), (x + 13, y + 4), "start", (sign, (x + 11, y - 8, x + 13 + wide, y + 8)))
            yield _Spot((x, y), (x - 13, y + 4), "end", (sign, (x - 13 - wide, y - 8, x - 11, y + 8)))
            yield _Spot((x, y), (x, y - 13), "middle", (sign, (x - wide / 2, y - 25, x + wide / 2, y - 10)))
            yield _Spot((x, y), (x, y + 21), "middle", (sign, (x - wide / 2, y + 10, x + wide / 2, y + 26)))


def _cost(spot: _Spot, point: Point, taken: Sequence[Box], frame: Box) -> float:
    covered = sum(_shared(box, other) for box in spot.boxes for other in taken)
    outside = sum(_area(box) - _shared(box, frame) for box in spot.boxes)
    return round(4 * covered + 40 * outside + 2 * dist(spot.sign, point), 1)


def _shared(one: Box, other: Box) -> float:
    return max(min(one[2], other[2]) - max(one[0], other[0]), 0.0) * max(
        min(one[3], other[3]) - max(one[1], other[1]), 0.0
    )


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _points(group: Group, spot: _Spot, view: View) -> str:
    """Return a point where each place is, and a line to the sign where that stands aside."""
    (x, y), (to_x, to_y), colour = group.point, spot.sign, group.layer.colour
    places = (view.point(place.latitude, place.longitude) for place in group.places)
    points = dict.fromkeys(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{colour}"/>' for x, y in places)
    line = f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="{colour}" stroke-width="1"/>'
    return (line if dist(group.point, spot.sign) > 1 else "") + "".join(points)


def _label(group: Group, spot: _Spot) -> str:
    halo = 'stroke="#FFFFFF" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'
    x, y = spot.label
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{_LABEL_SIZE}" font-weight="bold" text-anchor="{spot.anchor}"'
    return f'<text {place} fill="{group.layer.colour}" {halo}>{escape(group.name)}</text>'


def _tip(group: Group) -> str:
    more = len(group.places) - _TIP
    lines = [group.layer.name, *(place.told for place in group.places[:_TIP])]
    return "\n".join([*lines, *([f"and {more} more"] if more > 0 else [])])
