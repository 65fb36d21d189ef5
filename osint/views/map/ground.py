"""What lies under the marks of a map: land, borders, the graticule with its degrees, and the scale bar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from osint.views.map.outlines import SOURCE, Line, Outlines, Scale, outlines
from osint.views.map.view import View, cropped, scale_metres, thinned, visible

WATER, LAND, COAST, FRONTIER, GRID = "#EDF3F8", "#FAF8F2", "#8C959F", "#BFC5CC", "#C9D3DC"
_INK, _MUTED = "#1B1F23", "#57606A"
_COARSE_M = 3_000_000  # width of a view from which the coarser outlines do
_CITY_M = 500_000
_TOO_CLOSE_M = 20_000
_STEPS = (30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 5e-3, 2e-3, 1e-3, 5e-4, 2e-4, 1e-4)
_LINES = 3.5  # of the graticule, at least, in each direction
_ON_LAND = np.array([[90.0, -85.0]])  # amid Antarctica; around the pole itself the finer outlines leave a slit


def draw_ground(view: View) -> Iterator[str]:
    """Yield the SVG of all that lies under the marks."""
    left, top, right, bottom = view.box
    box = f'x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}"'
    scale = outline_scale(view)
    yield f'<rect {box} fill="{WATER if scale else "#FFFFFF"}"/>'
    if scale:
        yield from _land(view, outlines(scale))
    yield from _graticule(view)
    yield f'<rect {box} fill="none" stroke="{_MUTED}"/>'
    yield from _scale_bar(view)


def outline_scale(view: View) -> Scale | None:
    """Return which outlines a view is drawn with; none where they are too coarse for it."""
    across = view.width * view.metres
    return None if across < _TOO_CLOSE_M else "50m" if across < _COARSE_M else "110m"


def outline_note(view: View) -> str:
    """Say what the outlines are and how exact. The figures were measured against those of 1:10 million."""
    scale = outline_scale(view)
    if scale is None:
        return f"No outlines: those carried ({SOURCE}) are exact to about 5 km and would mislead at this scale."
    exact = "5 km" if scale == "50m" else "35 km"
    city = "; nothing is drawn between them" if view.width * view.metres < _CITY_M else ""
    drawn = f"Outlines are exact to about {exact}{city}: {SOURCE}, 1:{scale[:-1]} million."
    return f"{drawn} Borders as that source draws them."


def _land(view: View, world: Outlines) -> Iterator[str]:
    parts, around = [], 0
    for ring in world.rings():
        for drawn in view.lines(ring):
            crop = cropped(drawn, view.box)
            if len(crop) > 2:
                parts.append(f"{_path(thinned(crop))}z")
        around += _encloses(view, ring)
    if not view.whole_world and around % 2 == 0:  # the point opposite the centre lies on land too
        left, top, right, bottom = view.box
        parts.append(f"M{left:g} {top:g}H{right:g}V{bottom:g}H{left:g}z")
    yield f'<path d="{"".join(parts)}" fill="{LAND}" fill-rule="evenodd"/>'
    for lines, colour, more in ((world.frontiers(), FRONTIER, ' stroke-dasharray="3 2"'), (world.coasts(), COAST, "")):
        pieces = (piece for line in lines for drawn in view.lines(line) for piece in visible(drawn, view.box))
        drawn_lines = "".join(_path(thinned(piece)) for piece in pieces)
        if drawn_lines:
            yield f'<path d="{drawn_lines}" fill="none" stroke="{colour}" stroke-width="0.8"{more}/>'


def _encloses(view: View, ring: Line) -> bool:
    """Say whether a point known to lie on land is inside a ring on the sheet, which then parts it from the far side."""
    if view.whole_world:
        return False
    x, y = view.projection.project(_ON_LAND)[0]
    points = view.projection.unwound(ring)
    (x0, y0), (x1, y1) = points[:-1].T, points[1:].T
    crosses = (y0 > y) != (y1 > y)
    if not crosses.any():
        return False
    at = x0[crosses] + (y - y0[crosses]) / (y1[crosses] - y0[crosses]) * (x1[crosses] - x0[crosses])
    return bool(np.count_nonzero(at > x) % 2)


def _graticule(view: View) -> Iterator[str]:
    """Yield meridians and parallels, each with its degrees where it meets the frame."""
    side = np.linspace(0, 1, 41)
    across, down = np.meshgrid(view.left + side * view.width, view.top + side * view.height)
    longitudes, latitudes = view.degrees(np.stack([across.ravel(), down.ravel()], axis=1)).T
    south, north = _with_pole(view, float(latitudes.min()), float(latitudes.max()))
    middle = float(view.degrees(np.array([[view.left + view.width / 2, view.top + view.height / 2]]))[0, 0])
    east = (longitudes - middle + 180) % 360 - 180
    first, last = (-180.0, 180.0) if view.whole_world or max(-south, north) == 90 else (east.min(), east.max())
    parallels, meridians = _rounds(south, north), _rounds(middle + first, middle + last)
    paths = []
    for latitude in (each for each in parallels if abs(each) < 90 or view.whole_world):
        line = np.stack([middle + np.linspace(first, last, 241), np.full(241, latitude)], axis=1)
        paths.append((_degrees(latitude, "NS", parallels), line, "parallel"))
    for longitude in meridians:
        line = np.stack([np.full(121, longitude), np.linspace(south, north, 121)], axis=1)
        paths.append((_degrees((longitude + 180) % 360 - 180, "EW", meridians), line, "meridian"))
    for label, line, kind in paths:
        yield from _grid_line(view, label, line, kind)


def _with_pole(view: View, south: float, north: float) -> tuple[float, float]:
    left, top, right, bottom = view.box
    seen = []
    for pole in (-90.0, 90.0):
        x, y = view.point(pole, 0.0)
        seen.append(left <= x <= right and top <= y <= bottom)
    return -90.0 if seen[0] else south, 90.0 if seen[1] else north


def _rounds(first: float, last: float) -> Sequence[float]:
    """Return the round numbers of degrees between two."""
    step = next((step for step in _STEPS if (last - first) / step >= _LINES), _STEPS[-1])
    return [float(number * step) for number in range(int(np.ceil(first / step)), int(np.floor(last / step)) + 1)]


def _grid_line(view: View, label: str, line: Line, kind: str) -> Iterator[str]:
    left, top, right, bottom = view.box
    pieces = [piece for drawn in view.lines(line) for piece in visible(drawn, view.box)]
    if not pieces:
        return
    yield f'<path d="{"".join(map(_path, pieces))}" fill="none" stroke="{GRID}" stroke-width="0.8"/>'
    ends = [tuple(end) for piece in pieces for end in (piece[0], piece[-1])]
    outer = [end for end in ends if abs(end[0] - left) < 0.01] if kind == "parallel" else []
    outer = [end for end in ends if abs(end[1] - bottom) < 0.01] if kind == "meridian" else outer
    if outer and kind == "parallel":
        yield _words(label, left - 5, outer[0][1] + 3.5, "end")
    elif outer:
        yield _words(label, outer[0][0], bottom + 14, "middle")
    elif not view.whole_world:  # near a pole a line may meet no such side: its degrees stand on it
        x, y = pieces[0][len(pieces[0]) // 2]
        yield _words(label, min(max(x, left + 26), right - 26), min(max(y, top + 12), bottom - 6), "middle")


def _degrees(value: float, hemispheres: str, beside: Sequence[float]) -> str:
    """Write degrees with as many digits as the lines beside need."""
    digits = max(len(f"{abs(each):.4f}".rstrip("0").partition(".")[2]) for each in beside)
    if round(abs(value), digits) in (0, 180):
        return f"{abs(value):.0f}°"
    return f"{abs(value):.{digits}f}° {hemispheres[value < 0]}"


def _words(text: str, x: float, y: float, anchor: str, colour: str = _MUTED) -> str:
    halo = 'stroke="#FFFFFF" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="10.5" text-anchor="{anchor}" fill="{colour}" {halo}>{text}</text>'


def _scale_bar(view: View) -> Iterator[str]:
    metres, pixels = scale_metres(view)
    x, y = view.left + 14, view.top + view.height - 14
    words = f"{metres / 1000:,g} km" if metres >= 1000 else f"{metres:g} m"
    where = " (from north to south; from east to west on the equator)" if view.whole_world else ""
    yield f'<path d="M{x:g} {y - 5:.1f}v5h{pixels:.1f}v-5" fill="none" stroke="#FFFFFF" stroke-width="5"/>'
    yield f'<path d="M{x:g} {y - 5:.1f}v5h{pixels:.1f}v-5" fill="none" stroke="{_INK}" stroke-width="1.6"/>'
    yield _words(words + where, x + pixels + 6, y, "start", _INK)


def _path(line: Line) -> str:
    return "M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in line)
