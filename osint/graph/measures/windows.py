"""How ranks move from one window of time to the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import networkx as nx
import pandas as pd

from osint.errors import GraphError
from osint.graph.measures.ranking import rank
from osint.graph.measures.ties import account, ties_of

if TYPE_CHECKING:
    from osint.graph.association import Network

_MOST = 500


def trajectory(
    network: Network, *, of: str = "betweenness", window: str = "30D", step: str | None = None,
    resamples: int | None = None, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Rank the nodes in one window of time after another: who leads may change as a network is disturbed [1]_.

    A tie counts in each window that overlaps with the time from its first to its last post; between them it is taken to
    have gone on. Edges without a date count in none. A node that has no tie in a window is left out of it.

    Args:
        network: Graph to measure; it is not changed.
        of: A measure that ranks nodes, such as ``betweenness`` or ``degree``.
        window: Length of a window, as pandas writes it: ``30D``, ``12h``.
        step: From the start of one window to the next; by default its length.
        resamples: How often a tenth of the ties of a window is hidden; by default 200, and none above 500 nodes.
        seed: Start of what is drawn.

    Returns:
        One row per window and node with ``start`` and ``end`` (not in it) of the window, then as every ranking has it,
        and ``moved``: ranks gained since the window before, none where the node was not in it.

    Raises:
        GraphError: No edge has a date, a length is none, or there would be more than 500 windows.

    References:
        .. [1] C. Morselli, K. Petit, "Law-enforcement disruption of a drug importation network", Global Crime 8 (2007)
           109-130.
    """
    dated = [edge for edge in network.edges(keys=True, data=True) if edge[3].get("first")]
    spans = windows(((edge[3]["first"], edge[3]["last"]) for edge in dated), window, step or window)
    tables: list[pd.DataFrame] = []
    before: dict[str, int] = {}
    for start, end in spans:
        within: list[Any] = [
            (one, two, key) for one, two, key, data in dated if data["first"] < end and data["last"] >= start
        ]
        found = rank(nx.MultiDiGraph(network.edge_subgraph(within)), of, resamples=resamples, seed=seed)
        places: dict[str, int] = dict(zip(found["node"], found["rank"], strict=True))
        found["moved"] = pd.array(_moved(before, places), dtype="Int64")
        found.insert(0, "start", pd.Timestamp(start))
        found.insert(1, "end", pd.Timestamp(end))
        tables.append(found)
        before = places
    made = tables[0].attrs
    table = pd.concat(tables, ignore_index=True)
    parameters = {"of": of, "window": window, "step": step or window, "windows": len(spans)}
    table.attrs = account(
        network, ties_of(network, directed=True), measure="trajectory", method=f"in each window: {made['method']}",
        engine=made["engine"], seed=seed, parameters=parameters | {"undated": network.number_of_edges() - len(dated)},
        counted=made["ties"], stability=made["stability"],
    )  # fmt: skip
    return table


def windows(periods: Iterable[Sequence[datetime]], window: str, step: str) -> list[tuple[datetime, datetime]]:
    """Return the start of each window and its end, which is not in it, over all of these sorted instants.

    Raises:
        GraphError: There is no instant, a length is none, or there would be more than 500 windows.
    """
    bounds = [(instants[0], instants[-1]) for instants in periods]
    if not bounds:
        raise GraphError("no edge has a date, so that there is no window of time to measure")
    try:
        length, further = pd.Timedelta(window).to_pytimedelta(), pd.Timedelta(step).to_pytimedelta()
    except ValueError as error:
        raise GraphError(f"{window!r} or {step!r} is no length of time, such as '30D' or '12h'") from error
    start, last = min(first for first, _ in bounds), max(last for _, last in bounds)
    if not (length and further) or (last - start) / further > _MOST:
        raise GraphError(f"windows of {window!r}, one each {step!r}, would be none or more than {_MOST}")
    return [
        (start + number * further, start + number * further + length) for number in range((last - start) // further + 1)
    ]


def _moved(before: Mapping[str, int], places: Mapping[str, int]) -> list[int | None]:
    return [before[node] - place if node in before else None for node, place in places.items()]
