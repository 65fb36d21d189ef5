"""``table.osint``: the views of this package on any table, ``posts.osint.timeline()``. Tab lists them.

Registered when a name of :mod:`osint` is used and pandas is there. What is shown by a case, ``case.show(posts)``, also
knows the pictures, logs what is saved, and hides victims and minors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import networkx as nx

    from osint.views.gallery import Gallery
    from osint.views.listing import Listing
    from osint.views.picture import Picture


@pd.api.extensions.register_dataframe_accessor("osint")
class Views:
    """The views of a table: each prints itself, and has ``.widget()`` and ``.save()``."""

    def __init__(self, table: pd.DataFrame) -> None:
        """Show a table; pandas makes this."""
        self._table = table

    def table(self, title: str = "", *, zone: str = "") -> Listing:
        """Return its rows, to be searched, narrowed and sorted; ``zone`` shows local time beside UTC.

        Raises:
            CaseError: There is no such zone.
        """
        from osint.views.listing import listing_of

        return listing_of(self._table, title, zone=zone)

    def thread(self, post: str = "", *, zone: str = "") -> Listing:
        """Return the conversation of a post, by its id or address; without one, all conversations.

        Raises:
            CaseError: The table is not one of posts, holds no such post, or there is no such zone.
        """
        from osint.views.thread import thread

        return thread(self._table, post, zone=zone)

    def timeline(self, title: str = "Timeline", *, zone: str = "") -> Picture:
        """Return posts, files, or the events of ``osint.event_timeline`` on one axis of time.

        Raises:
            CaseError: It is a table of none of these, or there is no such zone.
        """
        from osint.timeline import event_timeline
        from osint.views.charts import timeline_chart
        from osint.views.listing.frames import EVENTS, FILES, POSTS

        has = set(self._table.columns)
        if has >= POSTS:
            events = event_timeline(self._table)
        elif has >= FILES:
            events = event_timeline(_no_posts(), self._table)
        else:
            events = _needed(self._table, EVENTS, "A timeline is made of posts, files or events")
        return timeline_chart(events, title, zone=zone)

    def map(self, title: str = "Places") -> Picture:
        """Return the positions of the table of files, or of one of places, on a map.

        Raises:
            CaseError: The table states no places.
        """
        from osint.views.charts import draw
        from osint.views.picture import Picture

        drawn = draw(self._table.drop(columns=["start"], errors="ignore"), title)
        assert isinstance(drawn, Picture)
        return drawn

    def gallery(self, *, page: int = 1) -> Gallery:
        """Return the table of files as cards. Their pictures are in ``case.gallery()``, which can open the evidence.

        Raises:
            CaseError: It is not the table of files.
        """
        from osint.views.gallery import gallery
        from osint.views.listing.frames import FILES

        return gallery(_needed(self._table, FILES, "A gallery is made of the table of files"), {}, page=page)

    def graph(self, **asked: Any) -> nx.MultiDiGraph[Any]:
        """Return the association graph of posts; ``case.show(graph)`` draws it. See ``osint.association_graph``.

        Raises:
            CaseError: The table is not one of posts.
        """
        from osint.graph.association import association_graph
        from osint.views.listing.frames import POSTS

        return association_graph(_needed(self._table, POSTS, "A graph is made of posts"), **asked)


def _needed(table: pd.DataFrame, columns: frozenset[str], what: str) -> pd.DataFrame:
    from osint.errors import CaseError

    if missing := sorted(columns - set(table.columns)):
        raise CaseError(f"{what}, and this table has no column {', '.join(missing)}.")
    return table


def _no_posts() -> pd.DataFrame:
    from osint.posts.frame import posts_frame

    return posts_frame([])
