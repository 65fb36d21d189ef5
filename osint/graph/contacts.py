"""When the ends of each edge met: the instants of all its posts, where the posts table is there to tell."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from osint.errors import GraphError

if TYPE_CHECKING:
    import pandas as pd

    from osint.graph.association import Network


class Contact(NamedTuple):
    """One edge, with the instants at which its posts were published, sorted; none where it is not dated."""

    source: str
    target: str
    relation: str
    known: dict[str, Any]
    instants: list[datetime]


ALL_POSTS = "all posts"
ENDS = "the first and the last post"


def contacts(network: Network, posts: pd.DataFrame | None = None) -> list[Contact]:
    """Return the edges between distinct nodes, sorted, each with its instants.

    Args:
        network: Graph to read.
        posts: The posts table, with ``id`` and ``published``. Without it the first and the last post of each edge are
            all that is known.

    Raises:
        GraphError: The table lacks a column, or its times lack their zone.
    """
    published = {} if posts is None else _published(posts)
    edges = [
        Contact(source, target, str(known.get("kind", key)), known, _instants(known, published))
        for source, target, key, known in network.edges(keys=True, data=True)
        if source != target
    ]
    return sorted(edges, key=lambda edge: edge[:3])


def basis(posts: pd.DataFrame | None) -> str:
    """Return which instants of an edge count, for what a table or an edge says about itself."""
    return ENDS if posts is None else ALL_POSTS


def _published(posts: pd.DataFrame) -> dict[str, datetime]:
    if missing := [name for name in ("id", "published") if name not in posts]:
        raise GraphError(f"the posts table has no column {', '.join(missing)}; case.posts() has both")
    dated = posts.loc[posts["published"].notna(), ["id", "published"]]
    if len(dated) and getattr(dated["published"].dtype, "tz", None) is None:
        raise GraphError("the posts table has times without a zone; case.posts() has them in UTC")
    return dict(zip(dated["id"], dated["published"].dt.to_pydatetime(), strict=True)) if len(dated) else {}


def _instants(known: dict[str, Any], published: dict[str, datetime]) -> list[datetime]:
    of_posts = {published[post] for post in known.get("posts", ()) if post in published}
    ends = {known[name] for name in ("first", "last") if known.get(name) is not None}
    return sorted(of_posts | ends)
