"""The graph of a case, from the tables that the case has: the store is brought up to date, then asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from osint.graph.edge_query import Filter, materialise
from osint.graph.edge_store import EdgeStore
from osint.graph.entities import TextSearch
from osint.graph.observations import File

if TYPE_CHECKING:
    import pandas as pd

    from osint.graph.association import Network


def case_graph(
    path: Path,
    posts: pd.DataFrame,
    media: pd.DataFrame,
    exhibits: Mapping[str, tuple[str, int]],
    wanted: Filter,
    *,
    search: TextSearch | None = None,
    evidence: bool = False,
) -> Network:
    """Return what posts and the files they show say, for a filter.

    Args:
        path: The file with the edges; it is made where it is not there.
        posts: The posts table.
        media: The media table.
        exhibits: SHA-256 and ledger entry of each exhibit, by its number.
        wanted: What to show.
        search: What texts are searched for.
        evidence: Name every observation on its edge.

    Raises:
        GraphError: As for :func:`osint.graph.edge_query.materialise` and :meth:`EdgeStore.update`.
    """
    with EdgeStore(path, search, posts_as_nodes="authored" in wanted.kinds) as store:
        store.update(posts, files=_files(media), exhibits=exhibits)
        network = materialise(store, wanted, evidence=evidence)
    if len(posts):
        network.graph["data_until"] = posts["collected"].max().to_pydatetime()
    return network


def _files(media: pd.DataFrame) -> dict[str, Sequence[File]]:
    """Return the preserved files that each post shows."""
    shown: defaultdict[str, list[File]] = defaultdict(list)
    for posts, sha256, exhibit in zip(media["posts"], media["sha256"], media["exhibit"], strict=True):
        for post in posts:
            shown[post].append(File(sha256, exhibit))
    return {post: sorted(files) for post, files in shown.items()}
