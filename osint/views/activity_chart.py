"""Ties in time: a line for each node, an arc between two of them for all that tied them in one window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import log2
from typing import Any

import pandas as pd

from osint.render import shorten, visible
from osint.views.timeline_signs import FAINT, INK, RULE, draw_words, text_of

NEEDED = frozenset({"one", "other", "start", "end", "contacts", "relations", "exhibits"})
"""Columns of the table that ``osint.measure(network, "activity")`` makes."""

_WIDTH, _LEFT, _RIGHT, _TOP, _LANE, _FOOT = 1000, 240, 40, 74, 26, 44
_MOST_LANES = 40
_TICKS = 6
_ARC = "#0072B2"
_NOTE = "An arc: all that was collected of two in one window; wider, more contacts. An association is not guilt."

_Row = Mapping[Any, Any]


def activity_svg(table: pd.DataFrame, title: str, names: Mapping[str, str]) -> bytes:
    """Draw the table of the measure ``activity`` as an SVG picture; the same table gives the same bytes.

    Nodes stand in the order of their first contact, at most 40 of them; the picture says how many arcs that leaves out.
    Pointing at an arc shows its window, relations and exhibits.

    Args:
        table: See :func:`osint.graph.measures.times.activity`.
        title: Heading.
        names: What to write for a key, where it is not the key itself.
    """
    rows: Sequence[_Row] = table.to_dict("records")
    order = list(dict.fromkeys(node for row in _by_time(rows) for node in (row["one"], row["other"])))
    lanes = {node: _TOP + _LANE * (number + 0.5) for number, node in enumerate(order[:_MOST_LANES])}
    drawn = [row for row in rows if row["one"] in lanes and row["other"] in lanes]
    bottom = _TOP + _LANE * max(len(lanes), 1)
    said = f"{len(drawn)} of {len(rows)} arcs between {len(lanes)} of {len(order)} nodes."
    heading = text_of(shorten(visible(title), 80))
    body = [
        f'<text x="24" y="32" font-size="18" font-weight="bold" fill="{INK}">{heading}</text>',
        f'<text x="24" y="54" fill="{FAINT}">{said}</text>',
        *_axis(drawn, bottom),
        *(_lane(names.get(node, node), y) for node, y in lanes.items()),
        *(_arc(row, lanes, _span(drawn), names) for row in drawn),
        f'<text x="24" y="{bottom + 34}" font-size="11" fill="{FAINT}">{_NOTE}</text>',
    ]
    size = f'width="{_WIDTH}" height="{bottom + _FOOT}" viewBox="0 0 {_WIDTH} {bottom + _FOOT}"'
    root = f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="max-width:100%;height:auto" role="img" '
    root += "font-family=\"Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif\" font-size=\"12\">"
    named = f"<title>{text_of(visible(title))}</title><desc>{said}</desc>"
    return "\n".join([root, named, '<rect width="100%" height="100%" fill="#ffffff"/>', *body, "</svg>", ""]).encode()


def _by_time(rows: Sequence[_Row]) -> list[_Row]:
    return sorted(rows, key=lambda row: (row["start"], row["one"], row["other"]))


def _span(rows: Sequence[_Row]) -> tuple[datetime, datetime]:
    return min(row["start"] for row in rows), max(row["end"] for row in rows)


def _x(moment: datetime, span: tuple[datetime, datetime]) -> float:
    start, end = span
    return round(_LEFT + (moment - start) / (end - start) * (_WIDTH - _LEFT - _RIGHT), 1)


def _axis(rows: Sequence[_Row], bottom: float) -> Iterator[str]:
    """Yield a line at the beginning of some windows, with its instant."""
    if not rows:
        return
    span, starts = _span(rows), sorted({row["start"] for row in rows})
    form = "%Y-%m-%d" if all(start.time() == starts[0].time() for start in starts) else "%m-%d %H:%M"
    free = 0.0
    for start in starts:
        x = _x(start, span)
        if x >= free:
            yield f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{bottom}" stroke="{RULE}"/>'
            yield f'<text x="{x}" y="{bottom + 14}" font-size="11" fill="{FAINT}">{start.strftime(form)}</text>'
            free = x + (_WIDTH - _LEFT - _RIGHT) / _TICKS


def _lane(name: str, y: float) -> str:
    words = text_of(shorten(visible(name.partition(":")[2] or name), 34))
    line = f'<line x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}" stroke="{RULE}"/>'
    return f'<text x="{_LEFT - 10}" y="{y + 4}" text-anchor="end" fill="{INK}">{words}</text>{line}'


def _arc(row: _Row, lanes: Mapping[str, float], span: tuple[datetime, datetime], names: Mapping[str, str]) -> str:
    one, other = (lanes[row[end]] for end in ("one", "other"))
    x = _x(row["start"] + (row["end"] - row["start"]) / 2, span)
    width = round(min(1.3 + 0.8 * log2(row["contacts"]), 5.5), 1)
    bend = round(min(8 + abs(other - one) / 6, 0.9 * (_x(row["end"], span) - _x(row["start"], span))), 1)
    path = f'<path d="M{x} {one}Q{x + bend} {(one + other) / 2} {x} {other}" fill="none" stroke="{_ARC}"'
    ends = "".join(f'<circle cx="{x}" cy="{y}" r="3" fill="{_ARC}"/>' for y in (one, other))
    number = draw_words(str(row["contacts"]), x + bend / 2 + 3, (one + other) / 2) if row["contacts"] > 1 else ""
    told = [
        " - ".join(visible(names.get(row[end], row[end])) for end in ("one", "other")),
        f"{row['start']:%Y-%m-%d %H:%M} to {row['end']:%Y-%m-%d %H:%M} UTC: {row['contacts']} contacts",
        ", ".join(map(visible, row["relations"])),
        f"exhibits {', '.join(map(visible, row['exhibits']))}",
    ]
    return f'<g><title>{text_of(chr(10).join(told))}</title>{path} stroke-width="{width}"/>{ends}{number}</g>'
