"""Drawing what an analysis gives: an association graph, ties or events in time, or a map of places, as a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import networkx as nx
import pandas as pd

from osint.errors import CaseError
from osint.graph.exchange.pseudonyms import veiled
from osint.graph.identity import marked
from osint.views.activity_chart import NEEDED as ACTIVITY_COLUMNS
from osint.views.activity_chart import activity_svg
from osint.views.link_chart import NO_FACTS, ChartFacts, link_chart
from osint.views.listing import Listing, Thumb, listing_of
from osint.views.listing.frames import POSTS
from osint.views.listing.listing import ChartWithRows
from osint.views.map import NEEDED as PLACE_COLUMNS
from osint.views.map import draw_map, places_table
from osint.views.picture import Leave, Picture
from osint.views.timeline import timeline_svg

__all__ = ["activity_chart", "draw", "link_chart", "map_chart", "timeline_chart"]


def draw(
    what: object,
    title: str,
    *,
    unlock: str = "",
    facts: Callable[[], ChartFacts] = lambda: NO_FACTS,
    thumbs: Callable[[pd.DataFrame], Mapping[str, Sequence[Thumb]]] = lambda _: {},
    zone: str = "",
    leave: Leave | None = None,
) -> Picture | Listing:
    """Draw an association graph, its ties in time, an event timeline, or the places of a table on a map; list posts.

    The table of files has places too: those of its column ``positions``.

    Args:
        what: The graph or table.
        title: Heading.
        unlock: Why victims and minors are named in a chart. The caller logs it.
        facts: Returns what a case knows of the exhibits and people of a graph.
        thumbs: Returns what a case knows of the pictures of posts; see :func:`osint.views.listing.listing_of`.
        zone: Name of the zone whose clocks are shown beside UTC in the rows of posts and of a timeline.
        leave: Lets a picture that is saved leave the case, and logs it.

    Raises:
        CaseError: It is none of them, or there is no such zone.
        ExportError: ``unlock`` is given and says nothing.
    """
    if isinstance(what, nx.MultiDiGraph):
        return link_chart(what, title, unlock=unlock, facts=facts(), leave=leave)
    if isinstance(what, pd.DataFrame) and set(what.columns) >= POSTS:
        return replace(listing_of(what, title, zone=zone, thumbs=thumbs(what)), leave=leave)
    return replace(_of_table(what, title, unlock=unlock, facts=facts, zone=zone), leave=leave)


def _of_table(what: object, title: str, *, unlock: str, facts: Callable[[], ChartFacts], zone: str) -> Picture:
    if isinstance(what, pd.DataFrame) and set(ACTIVITY_COLUMNS) <= set(what.columns):
        return activity_chart(what, title, unlock=unlock, facts=facts())
    if isinstance(what, pd.DataFrame) and {"start", "end", "kind"} <= set(what.columns):
        return timeline_chart(what, title, zone=zone)
    if isinstance(what, pd.DataFrame) and set(PLACE_COLUMNS) <= set(what.columns):
        return map_chart(what, title)
    if isinstance(what, pd.DataFrame) and {"exhibit", "positions"} <= set(what.columns):
        return map_chart(places_table(what), title)
    raise CaseError(
        f"A {type(what).__name__} cannot be drawn. Give the graph of osint.association_graph(posts), the table of "
        "the measure activity, that of osint.event_timeline(posts, media), the posts of case.posts(); for a map, the "
        f"table of case.media() or one with the columns {', '.join(PLACE_COLUMNS)}."
    )


def activity_chart(table: pd.DataFrame, title: str, *, unlock: str = "", facts: ChartFacts = NO_FACTS) -> Picture:
    """Draw the table of the measure ``activity``; victims and minors are "Person A", "Person B" in it."""
    nodes: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    nodes.add_nodes_from((key, {"kind": key.partition(":")[0]}) for key in (*table["one"], *table["other"]))
    veil = veiled(marked(nodes, facts.protections), unlock=unlock)
    caption = f"{_count(len(table), 'tie')} in windows of time, in UTC. An association is not guilt."
    title = veil.text(title)
    return Picture(title=title, caption=caption, svg=activity_svg(table, title, veil.keys))


def map_chart(places: pd.DataFrame, title: str) -> ChartWithRows:
    """Draw places on a map; the rows behind it are those of the table."""
    drawn = draw_map(places, title)
    return ChartWithRows(title=title, caption=drawn.caption, svg=drawn.svg, listing=listing_of(places, title))


def timeline_chart(events: pd.DataFrame, title: str, *, zone: str = "") -> ChartWithRows:
    """Draw an event timeline; a bar is a time that is known only within bounds."""
    undated = events.attrs.get("undated", 0)
    not_drawn = f"{undated} without any time {'is' if undated == 1 else 'are'} not drawn"
    caption = f"{_count(len(events), 'event')} in UTC; {not_drawn}."
    listing = listing_of(events, title, zone=zone)
    return ChartWithRows(title=title, caption=caption, svg=timeline_svg(events, title), listing=listing)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
