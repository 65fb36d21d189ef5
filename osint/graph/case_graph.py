"""The graph of a case, from the tables that the case has: the store is brought up to date, then asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from osint.graph.edge_filter import Filter
from osint.graph.edge_query import materialise
from osint.graph.edge_store import EdgeStore
from osint.graph.entities import TextSearch
from osint.graph.observations import File

if TYPE_CHECKING:
    import pandas as pd

    from osint.graph.association import Network


class Tables(NamedTuple):
    """What a graph is made of.

    Attributes:
        state: A mark that is another one whenever a table is; empty where that is not known.
        posts: Returns the posts table.
        media: Returns the media table.
        exhibits: Returns SHA-256 and ledger entry of each exhibit, by its number.
    """

    state: str
    posts: Callable[[], pd.DataFrame]
    media: Callable[[], pd.DataFrame]
    exhibits: Callable[[], Mapping[str, tuple[str, int]]]


def case_graph(
    path: Path,
    tables: Tables,
    wanted: Filter,
    *,
    search: TextSearch | None = None,
    evidence: bool = False,
) -> Network:
    """Return what posts and the files they show say, for a filter.

    Args:
        path: The file with the edges; it is made where it is not there.
        tables: What the case has; a table is asked for only where the edges are of another state of them.
        wanted: What to show.
        search: What texts are searched for.
        evidence: Name every observation on its edge.

    Raises:
        GraphError: As for :func:`osint.graph.edge_query.materialise` and :meth:`EdgeStore.update`.
    """
    with EdgeStore(path, search, posts_as_nodes="authored" in wanted.kinds) as store:
        if not tables.state or store.state().get("tables") != tables.state:
            _update(store, tables)
        network = materialise(store, wanted, evidence=evidence)
        if until := store.state().get("data_until"):
            network.graph["data_until"] = datetime.fromisoformat(until)
    return network


def _update(store: EdgeStore, tables: Tables) -> None:
    posts = tables.posts()
    store.update(posts, files=_files(tables.media()), exhibits=tables.exhibits())
    until = posts["collected"].max().to_pydatetime().isoformat() if len(posts) else ""
    store.keep_state(tables=tables.state, data_until=until)


def _files(media: pd.DataFrame) -> dict[str, Sequence[File]]:
    """Return the preserved files that each post shows."""
    shown: defaultdict[str, list[File]] = defaultdict(list)
    for posts, sha256, exhibit in zip(media["posts"], media["sha256"], media["exhibit"], strict=True):
        for post in posts:
            shown[post].append(File(sha256, exhibit))
    return {post: sorted(files) for post, files in shown.items()}
