"""Drawing what an analysis gives: an association graph or an event timeline, as a picture."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pandas as pd

from osint.errors import CaseError
from osint.graph import drawing
from osint.timeline import timeline_svg
from osint.views.picture import Picture


def draw(what: object, title: str) -> Picture:
    """Draw an association graph or an event timeline.

    Raises:
        CaseError: It is neither.
    """
    if isinstance(what, nx.MultiDiGraph):
        return link_chart(what, title)
    if isinstance(what, pd.DataFrame) and {"start", "end", "kind"} <= set(what.columns):
        return timeline_chart(what, title)
    raise CaseError(
        f"A {type(what).__name__} cannot be drawn. Give the graph of osint.association_graph(posts) or the table of "
        "osint.event_timeline(posts, media)."
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
