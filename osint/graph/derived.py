"""Edges that a named rule derives from observed ones: what two accounts share, and how rare that is.

What many share ties nobody: each shared thing weighs 1 / log(1 + df), where df is the number of accounts that it was
seen with, and an edge shows both. A derived edge is a place to look, drawn apart from what posts say.

References:
    L. A. Adamic, E. Adar, "Friends and neighbors on the Web", Social Networks 25 (2003) 211-230.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from osint.errors import GraphError

if TYPE_CHECKING:
    from osint.graph.association import Network

VERSION = 1

_CONTACTS = ("phone", "email", "wallet")


def derive(network: Network, rules: Mapping[str, Mapping[str, Any]] | Sequence[str]) -> Network:
    """Return a copy of a graph with the edges that rules derive from its observed ones.

    Rules: ``same_media``, both showed the same file; ``shared_contact``, both wrote the same phone number, e-mail or
    wallet address; ``co_mention``, both named the same account; ``coordinated_timing``, both did one of these, or used
    one hashtag or link, with at most ``seconds`` between them. ``max_df`` leaves out what more accounts than that
    share; ``exhibits`` and ``posts`` are those of both sides. Only what the graph shows is looked at: a filter or
    its cap changes df.

    Args:
        network: Of :func:`osint.association_graph` or ``case.graph``. ``coordinated_timing`` compares the first and the
            last post of each edge; narrow the period of the graph to look between them.
        rules: Names of rules, or a mapping from names to parameters.

    Raises:
        GraphError: A rule or a parameter is unknown.
    """
    asked = rules if isinstance(rules, Mapping) else {name: {} for name in rules}
    result: Network = network.copy()
    for name, given in asked.items():
        if name not in RULES:
            raise GraphError(f"unknown rule {name!r}; known rules: {', '.join(RULES)}")
        parameters = {**RULES[name][1], **given}
        if len(parameters) != len(RULES[name][1]):
            raise GraphError(f"the rule {name} takes {', '.join(RULES[name][1])}, not {', '.join(sorted(given))}")
        result.add_edges_from(_edges(network, name, parameters))  # type: ignore[arg-type]
    return result


def rarity(df: int) -> float:
    """Return what a thing weighs that was seen with df accounts."""
    return 1 / math.log(1 + df)


def _edges(network: Network, name: str, parameters: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    found: defaultdict[tuple[str, str], dict[str, tuple[int, list[dict[str, Any]]]]] = defaultdict(dict)
    for thing, sharing in sorted(_things(network, RULES[name][0]).items()):
        if len(sharing) <= parameters["max_df"]:
            for one, other in combinations(sorted(sharing), 2):
                if _is_close(sharing[one], sharing[other], parameters.get("seconds")):
                    found[one, other][thing] = len(sharing), [*sharing[one], *sharing[other]]
    for (one, other), shared in sorted(found.items()):
        yield one, other, name, _attributes(name, parameters, shared)


def _things(network: Network, kinds: Sequence[str]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return what accounts are tied to, and by which edges each is."""
    found: defaultdict[str, defaultdict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for source, target, known in network.edges(data=True):
        if known["basis"] == "observed" and known["kind"] in kinds and source != target:
            found[target][source].append(known)
    return {thing: dict(sharing) for thing, sharing in found.items()}


def _is_close(mine: list[dict[str, Any]], theirs: list[dict[str, Any]], seconds: float | None) -> bool:
    if seconds is None:
        return True
    moments = [
        [moment for edge in side for moment in (edge["first"], edge["last"]) if moment] for side in (mine, theirs)
    ]
    return any(abs((one - other).total_seconds()) <= seconds for one in moments[0] for other in moments[1])


def _attributes(
    name: str, parameters: dict[str, Any], shared: dict[str, tuple[int, list[dict[str, Any]]]]
) -> dict[str, Any]:
    edges = [edge for _, both in shared.values() for edge in both]
    dated = [moment for edge in edges for moment in (edge["first"], edge["last"]) if moment is not None]
    return {
        "kind": name,
        "basis": "derived",
        "count": len(shared),
        "first": min(dated, default=None),
        "last": max(dated, default=None),
        "posts": sorted({post for edge in edges for post in edge["posts"]}),
        "via": sorted({post for edge in edges for post in edge["via"]}),
        "exhibits": sorted({exhibit for edge in edges for exhibit in edge["exhibits"]}),
        "weight": math.fsum(rarity(df) for df, _ in shared.values()),
        "rule": {"id": name, "version": VERSION, "parameters": parameters},
        "shared": [{"node": thing, "df": df, "weight": rarity(df)} for thing, (df, _) in sorted(shared.items())],
    }


RULES: Mapping[str, tuple[Sequence[str], Mapping[str, Any]]] = {
    "same_media": (("media",), {"max_df": 50}),
    "shared_contact": (_CONTACTS, {"max_df": 50}),
    "co_mention": (("mention",), {"max_df": 50}),
    "coordinated_timing": ((*_CONTACTS, "media", "mention", "hashtag", "link"), {"max_df": 50, "seconds": 60}),
}
"""Each rule with the kinds of edges it looks at, and its parameters."""
