"""A map of the places that exhibits state: what each says, how far off it may be, and how far it can be used.

Nothing is fetched: the outlines are carried, and where they are too coarse the map says so and has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from osint.errors import CaseError
from osint.graph.drawing.shapes import text_width, wrapped
from osint.render import escape, shorten, visible
from osint.views.map.ground import draw_ground, outline_note
from osint.views.map.marks import Group, dashed, draw_marks, draw_sign, grouped
from osint.views.map.places import LAYERS, NEEDED, UNGRADED, Stated, places_table, read_places
from osint.views.map.view import fitted
from osint.views.picture import Picture

__all__ = ["NEEDED", "draw_map", "places_table"]

_SHEET = 1000
_LEFT, _TOP = 64.0, 92.0
_PANEL = 764.0
_PANEL_WIDTH = _SHEET - _PANEL - 16
_MOST_ROWS, _MOST_REFUSED = 60, 6
_ROW = 17
_INK, _MUTED, _RULE = "#1B1F23", "#57606A", "#D0D7DE"
_FACE = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_MEANINGS = {
    "B": "B: a receiver's, nothing against it",
    "C": "C: could be written later, or its accuracy is not stated",
    "D": "D: something speaks against it",
    UNGRADED: f"{UNGRADED}: nobody graded it",
}
_CIRCLES = (
    "A circle is the stated error or, where none is stated, the step of the spelling, which is no accuracy; true to "
    "scale. Signs without one have none, or less than 2 pixels."
)
_GROUPS = "group 3 (5): five exhibits too close to tell apart; the table lists them."
_COLUMNS = (
    ("on the map", 20, 20), ("exhibit", 152, 15), ("source, reader", 248, 31), ("latitude, longitude", 432, 25),
    ("radius", 548, 26), ("grade", 676, 3), ("what is said of it", 712, 48),
)  # fmt: skip
_CELL, _HEADING = 10.5, 10  # sizes of the letters in the table


def draw_map(places: pd.DataFrame, title: str) -> Picture:
    """Draw places on a map: a circle of each one's radius in metres, a sign for its source and its grade.

    Device GPS, XMP, IPTC, posts, file names and analysts are layers that share no sign. What cannot be a position
    (grade X) is listed and not drawn. The same table gives the same bytes, in whatever order its rows are.

    Args:
        places: One row a statement: ``exhibit``, ``source`` (EXIF, QuickTime, XMP, IPTC, post, file name, analyst),
            ``latitude`` and ``longitude`` in degrees of WGS 84, ``radius_m`` (missing where nobody states it) and
            ``grade``, as of :class:`osint.media.positions.StatedPosition`. If there: ``reader``, ``basis`` (a sentence
            or a list of them), ``preserved`` (when the exhibit was preserved).
        title: Heading of the map.

    Raises:
        CaseError: A column is missing.
    """
    missing = [name for name in NEEDED if name not in places.columns]
    if missing:
        raise CaseError(f"The table of places has no column {', '.join(missing)}, and so cannot be drawn.")
    stated = read_places(places)
    drawn = [place for place in stated if not place.problem]
    refused = [place for place in stated if place.problem]
    caption = _caption(drawn, refused)
    body, height = _sheet(drawn, refused, title, caption, _data_date(places))
    size = f'width="{_SHEET}" height="{height:g}" viewBox="0 0 {_SHEET} {height:g}"'
    root = f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="max-width:100%;height:auto" role="img" '
    root += f'font-family="{_FACE}"><title>{escape(title)}</title><desc>{escape(_description(drawn, caption))}</desc>'
    paper = f'<rect width="{_SHEET}" height="{height:g}" fill="#FFFFFF"/>'
    return Picture(title=title, caption=caption, svg="\n".join([root, paper, *body, "</svg>", ""]).encode())


def _sheet(
    drawn: Sequence[Stated], refused: Sequence[Stated], title: str, caption: str, date: str
) -> tuple[list[str], float]:
    """Return the whole picture and its height."""
    head = [_words(20, 28, shorten(visible(title), 90), 17, bold=True), _words(20, 48, caption, 12, _MUTED)]
    if not drawn:
        notes = [_words(20, 66, date, 12, _MUTED), _words(20, _TOP + 14, "No position to draw.", 13)]
        panel, bottom = _lines(_refused_lines(refused), 20, _TOP + 44, 900)
        table, end = _table([], refused, bottom + 10)
        return [*head, *notes, *panel, *table], end
    view = fitted([(each.latitude, each.longitude, each.radius_m or 0.0) for each in drawn], _LEFT, _TOP)
    groups = grouped(drawn, view)
    panel, panel_bottom = _panel(drawn, refused, groups)
    below = max(_TOP + view.height + 36, panel_bottom + 6)
    notes = [
        _words(20, 66, f"{date} {_statement(drawn)}", 12, _MUTED),
        _words(20, below, outline_note(view), 11, _MUTED),
    ]
    table, end = _table(groups, refused, below + 14)
    return [*head, *notes, *draw_ground(view), *draw_marks(groups, view), *panel, *table], end


def _caption(drawn: Sequence[Stated], refused: Sequence[Stated]) -> str:
    exhibits = len({place.exhibit for place in drawn})
    counted = f"{_count(len(drawn), 'position')} of {_count(exhibits, 'exhibit')} drawn"
    listed = f"; {_count(len(refused), 'impossible one')} listed, not drawn" if refused else ""
    return f"{counted}{listed}."


def _statement(drawn: Sequence[Stated]) -> str:
    layers = {LAYERS.index(place.layer) for place in drawn}
    who = "files, posts and people state" if layers & {3, 5, 6} else "files state"
    return f"Positions are what {who}; the map does not say that they are right."


def _data_date(places: pd.DataFrame) -> str:
    if "preserved" not in places.columns or places["preserved"].isna().all():
        return "The table does not say when its exhibits were preserved."
    days = pd.to_datetime(places["preserved"].dropna(), utc=True)
    first, last = days.min().date().isoformat(), days.max().date().isoformat()
    return f"Exhibits preserved {first if first == last else f'{first} to {last}'} (UTC)."


def _description(drawn: Sequence[Stated], caption: str) -> str:
    counts = Counter(place.layer.name for place in drawn)
    layers = "; ".join(f"{name}: {number}" for name, number in counts.items())
    return f"{caption} {layers}. The table below the map names each one's exhibit." if layers else caption


# -- beside the map ---------------------------------------------------------------------------------------------------


def _panel(drawn: Sequence[Stated], refused: Sequence[Stated], groups: Sequence[Group]) -> tuple[list[str], float]:
    """Return layers, grades and what is not drawn, and where they end."""
    made, y = [_words(_PANEL, _TOP + 10, "Layers: who states it", 12, bold=True)], _TOP + 32
    for layer in (layer for layer in LAYERS if any(place.layer == layer for place in drawn)):
        number = sum(place.layer == layer for place in drawn)
        corners = draw_sign(layer, "B", (_PANEL + 9, y - 4)).partition("<text")[0]
        made += [corners, _words(_PANEL + 26, y, f"{layer.name} ({number})", 11.5)]
        y += 22
    made.append(_words(_PANEL, y + 12, "Grades: sign and circle", 12, bold=True))
    y += 32
    for grade in (grade for grade in _MEANINGS if any(group.grade == grade for group in groups)):
        made.append(f'<path d="M{_PANEL:g} {y - 4:.1f}h22" stroke="{_INK}" {dashed(grade)}/>')
        words, y = _lines([_MEANINGS[grade]], _PANEL + 30, y, _PANEL_WIDTH - 30)
        made += words
        y += 4
    together = any(len({place.exhibit for place in group.places}) > 1 for group in groups)
    more, y = _lines([_CIRCLES, *([_GROUPS] if together else [])], _PANEL, y + 6, _PANEL_WIDTH, _MUTED)
    made += more
    listed, y = _lines(_refused_lines(refused), _PANEL, y + 14, _PANEL_WIDTH)
    return [*made, *listed], y


def _refused_lines(refused: Sequence[Stated]) -> list[str]:
    if not refused:
        return []
    shown = [f"{place.exhibit}, {place.source}: {shorten(place.problem, 90)}" for place in refused[:_MOST_REFUSED]]
    more = len(refused) - _MOST_REFUSED
    return ["Not drawn (X): no position", *shown, *([f"and {more} more, in the table below"] if more > 0 else [])]


def _lines(texts: Sequence[str], x: float, y: float, room: float, colour: str = _INK) -> tuple[list[str], float]:
    """Return texts in lines that fit, and where the next line goes."""
    made = []
    for text in texts:
        for line in wrapped(visible(text), 11, room):
            made.append(_words(x, y, line, 11, colour))
            y += 15
        y += 2
    return made, y


# -- below the map ----------------------------------------------------------------------------------------------------


def _table(groups: Sequence[Group], refused: Sequence[Stated], top: float) -> tuple[list[str], float]:
    """Return the rows that lead each mark back to its exhibits, and the height of the sheet."""
    rows = [(group.name, place) for group in groups for place in group.places]
    rows += [("not drawn", place) for place in refused]
    made = [_words(x, top + 12, name, _HEADING, _MUTED, bold=True) for name, x, _ in _COLUMNS if rows]
    y = top + 12
    for name, place in rows[:_MOST_ROWS]:
        made.append(f'<path d="M20 {y + 5:g}H{_SHEET - 16}" stroke="{_RULE}"/>')
        y += _ROW
        cells = (
            _words(x, y, _fitted(text, most, x), _CELL)
            for text, (_, x, most) in zip(_cells(name, place), _COLUMNS, strict=True)
        )
        made.append(f"<g><title>{escape(place.told)}</title>{''.join(cells)}</g>")
    if len(rows) > _MOST_ROWS:
        y += _ROW
        made.append(_words(20, y, f"and {len(rows) - _MOST_ROWS} further rows of the table of places", 10.5, _MUTED))
    return made, y + 18


def _cells(name: str, place: Stated) -> tuple[str, ...]:
    where = f"{place.latitude:.5f}, {place.longitude:.5f}"
    source = ", ".join(filter(None, (place.source, place.reader)))
    return name, place.exhibit, source, where, place.extent.partition(";")[0], place.grade, place.problem or place.basis


def _fitted(text: str, most: int, x: float) -> str:
    """Cut a cell to its column."""
    starts = [start for _, start, _ in _COLUMNS if start > x]
    room = (min(starts) if starts else _SHEET - 16) - x - 6
    short = shorten(visible(text), most * 2)
    while text_width(short, _CELL) > room and len(short) > 1:
        short = short[:-2] + "…"
    return short


def _words(x: float, y: float, text: str, size: float, colour: str = _INK, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{colour}"{weight}>{escape(text)}</text>'


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
