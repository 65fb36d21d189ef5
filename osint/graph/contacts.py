"""When the ends of each edge met: the instants of all its posts, where the posts table is there to tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from osint.errors import GraphError

if TYPE_CHECKING:
    import pandas as pd

    from osint.graph.association import Network


class Contact(NamedTuple):
    """One edge, with the instants at which its posts were published, sorted; none where it is not dated.

    Attributes:
        source: Key of the node that it leads from.
        target: Key of the node that it leads to.
        relation: Its relation.
        known: Its attributes.
        instants: When its posts were published.
        shown: The exhibits of the posts of each instant, as far as the posts table tells.
        posts: The posts of each instant, likewise.
    """

    source: str
    target: str
    relation: str
    known: dict[str, Any]
    instants: list[datetime]
    shown: Mapping[datetime, Collection[str]]
    posts: Mapping[datetime, Collection[str]]

    def exhibits(self, moments: Collection[datetime]) -> set[str]:
        """Return the exhibits that show the contacts of these instants; those of the edge where that is not known."""
        if all(moment in self.shown for moment in moments):
            return {exhibit for moment in moments for exhibit in self.shown[moment]}
        return {*self.known.get("exhibits", ())}

    def at(self, moments: Collection[datetime]) -> Contact:
        """Return what of it the posts of these instants make; all of it where the posts table does not tell of each."""
        if not all(moment in self.posts for moment in moments):
            return self
        made = sorted({post for moment in moments for post in self.posts[moment]})
        period = {"first": min(moments), "last": max(moments)}
        known = {**self.known, **period, "count": len(made), "posts": made, "exhibits": sorted(self.exhibits(moments))}
        return self._replace(known=known, instants=sorted(moments))


ALL_POSTS = "all posts"
ENDS = "the first and the last post"


def contacts(network: Network, posts: pd.DataFrame | None = None) -> list[Contact]:
    """Return the edges between distinct nodes, sorted, each with its instants.

    Args:
        network: Graph to read.
        posts: The posts table, with ``id`` and ``published``, and ``exhibits`` so that a contact names its own. Without
            it the first and the last post of each edge are all that is known.

    Raises:
        GraphError: The table lacks a column, or its times lack their zone.
    """
    times = {} if posts is None else _published(posts)
    shown = dict(zip(posts["id"], posts["exhibits"], strict=True)) if posts is not None and "exhibits" in posts else {}
    edges = [
        Contact(
            source, target, str(data.get("kind", key)), data,
            _instants(data, times), _shown(data, times, shown), _posts(data, times),
        )
        for source, target, key, data in network.edges(keys=True, data=True)
        if source != target
    ]  # fmt: skip
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


def _posts(known: dict[str, Any], published: dict[str, datetime]) -> dict[datetime, set[str]]:
    found: defaultdict[datetime, set[str]] = defaultdict(set)
    for post in known.get("posts", ()):
        if post in published:
            found[published[post]].add(post)
    return dict(found)


def _shown(
    known: dict[str, Any], published: dict[str, datetime], shown: Mapping[str, Sequence[str]]
) -> dict[datetime, set[str]]:
    """Return the exhibits of each instant: of its posts, and of what tells whose post was answered or passed on."""
    via = known.get("via") or ()
    if not shown or any(post not in shown for post in (*known.get("posts", ()), *via)):
        return {}
    found: defaultdict[datetime, set[str]] = defaultdict(lambda: {each for post in via for each in shown[post]})
    for post in known.get("posts", ()):
        if post in published:
            found[published[post]].update(shown[post])
    return dict(found)
