"""Drawing what an analysis gives: an association graph, an event timeline, or a map of places, as a picture."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pandas as pd

from osint.errors import CaseError
from osint.graph import drawing
from osint.views.map import NEEDED as PLACE_COLUMNS
from osint.views.map import draw_map, places_table
from osint.views.picture import Picture
from osint.views.timeline import timeline_svg


def draw(what: object, title: str) -> Picture:
    """Draw an association graph, an event timeline, or the places of a table on a map.

    The table of files has places too: those of its column ``positions``.

    Raises:
        CaseError: It is none of them.
    """
    if isinstance(what, nx.MultiDiGraph):
        return link_chart(what, title)
    if isinstance(what, pd.DataFrame) and {"start", "end", "kind"} <= set(what.columns):
        return timeline_chart(what, title)
    if isinstance(what, pd.DataFrame) and set(PLACE_COLUMNS) <= set(what.columns):
        return draw_map(what, title)
    if isinstance(what, pd.DataFrame) and {"exhibit", "positions"} <= set(what.columns):
        return draw_map(places_table(what), title)
    raise CaseError(
        f"A {type(what).__name__} cannot be drawn. Give the graph of osint.association_graph(posts), the table of "
        "osint.event_timeline(posts, media); for a map, the table of case.media() or one with the columns "
        f"{', '.join(PLACE_COLUMNS)}."
    )


def link_chart(network: nx.MultiDiGraph[Any], title: str) -> Picture:
    """Draw an association graph."""
    nodes, edges = network.number_of_nodes(), network.number_of_edges()
    counted = f"{_count(nodes, 'node')}, {_count(edges, 'edge')}"
    caption = f"{counted}. An association is not guilt. The SVG file names each edge's exhibits."
    return Picture(title=title, caption=caption, svg=drawing.svg(network, title=title))


def timeline_chart(events: pd.DataFrame, title: str) -> Picture:
    """Draw an event timeline; a bar is a time that is known only within bounds."""
    undated = events.attrs.get("undated", 0)
    not_drawn = f"{undated} without any time {'is' if undated == 1 else 'are'} not drawn"
    caption = f"{_count(len(events), 'event')} in UTC; {not_drawn}."
    return Picture(title=title, caption=caption, svg=timeline_svg(events, title))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
