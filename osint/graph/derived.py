"""Edges that a named rule derives from observed ones: what two accounts share, and how rare that is.

What many share ties nobody: each shared thing weighs 1 / log(1 + df), where df is the number of accounts that it was
seen with, and an edge shows both. A derived edge is a place to look, drawn apart from what posts say.

References:
    L. A. Adamic, E. Adar, "Friends and neighbors on the Web", Social Networks 25 (2003) 211-230.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from osint.errors import GraphError
from osint.graph.contacts import Contact, basis, contacts

if TYPE_CHECKING:
    import pandas as pd

    from osint.graph.association import Network

Rules = Mapping[str, Mapping[str, Any]] | Sequence[str]

_CONTACTS = ("phone", "email", "wallet")


def derive(network: Network, rules: Rules, posts: pd.DataFrame | None = None) -> Network:
    """Return a copy of a graph with the edges that rules derive from its observed ones.

    Rules: ``same_media``, both showed the same file; ``shared_contact``, both wrote the same phone number, e-mail or
    wallet address; ``co_mention``, both named the same account; ``coordinated_timing``, both did one of these, or used
    one hashtag or link, with at most ``seconds`` between them. ``max_df`` leaves out what more accounts than that
    share; ``exhibits`` and ``posts`` are those of both sides, of ``coordinated_timing`` those within the seconds alone
    where the posts table is given. Only what the graph shows is looked at: a filter or its cap changes df.

    Args:
        network: Of :func:`osint.association_graph` or ``case.graph``.
        rules: Names of rules, or a mapping from names to parameters.
        posts: The posts table, so that ``coordinated_timing`` compares the instants of all posts of an edge; without it
            the first and the last one. The rule on the edge says which.

    Raises:
        GraphError: A rule or a parameter is unknown.
    """
    asked = _with_parameters(rules)
    result: Network = network.copy()
    observed = [edge for edge in contacts(network, posts) if edge.known["basis"] == "observed"] if asked else []
    for name, parameters in asked.items():
        counted = {"instants": basis(posts)} if "seconds" in parameters else {}
        made = _edges(observed, name, parameters | counted)
        result.add_edges_from(made)  # type: ignore[arg-type]
    return result


def with_looked_at(kinds: str | Sequence[str], rules: Rules) -> list[str]:
    """Return some kinds of observed edges, and those from which rules derive theirs.

    Raises:
        GraphError: A rule or a parameter is unknown.
    """
    asked = [kinds] if isinstance(kinds, str) else kinds
    return [*asked, *(kind for name in _with_parameters(rules) for kind in RULES[name].kinds)]


def _with_parameters(rules: Rules) -> dict[str, dict[str, Any]]:
    asked = rules if isinstance(rules, Mapping) else {name: {} for name in rules}
    for name, given in asked.items():
        if name not in RULES:
            raise GraphError(f"unknown rule {name!r}; known rules: {', '.join(RULES)}")
        if strange := sorted({*given} - {*RULES[name].parameters}):
            raise GraphError(f"the rule {name} takes {', '.join(RULES[name].parameters)}, not {', '.join(strange)}")
        if wrong := [each for each in given.values() if isinstance(each, bool) or not isinstance(each, int | float)]:
            raise GraphError(f"the parameters of {name} are numbers, not {wrong[0]!r}")
    return {name: {**RULES[name].parameters, **given} for name, given in asked.items()}


def rarity(df: int) -> float:
    """Return what a thing weighs that was seen with df accounts."""
    return 1 / math.log(1 + df)


_Shared = dict[str, tuple[int, list[Contact]]]


def _edges(
    observed: Sequence[Contact], name: str, parameters: dict[str, Any]
) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    found: defaultdict[tuple[str, str], _Shared] = defaultdict(dict)
    for thing, sharing in sorted(_things(observed, RULES[name].kinds).items()):
        if len(sharing) <= parameters["max_df"]:
            for one, other in combinations(sorted(sharing), 2):
                both = [*sharing[one], *sharing[other]]
                if "seconds" in parameters:
                    both = _close(sharing[one], sharing[other], parameters["seconds"])
                if both:
                    found[one, other][thing] = len(sharing), both
    for (one, other), shared in sorted(found.items()):
        yield one, other, name, _attributes(name, parameters, shared)


def _things(observed: Sequence[Contact], kinds: Sequence[str]) -> dict[str, dict[str, list[Contact]]]:
    """Return what accounts are tied to, and by which edges each is."""
    found: defaultdict[str, defaultdict[str, list[Contact]]] = defaultdict(lambda: defaultdict(list))
    for edge in observed:
        if edge.relation in kinds:
            found[edge.target][edge.source].append(edge)
    return {thing: dict(sharing) for thing, sharing in found.items()}


def _close(mine: list[Contact], theirs: list[Contact], seconds: float) -> list[Contact]:
    """Return what either side did within so many seconds of something that the other did."""
    found = []
    for edges, others in ((mine, theirs), (theirs, mine)):
        instants = sorted(moment for edge in others for moment in edge.instants)
        for edge in edges:
            near = [
                moment
                for moment in edge.instants
                if any(abs((other - moment).total_seconds()) <= seconds for other in _beside(instants, moment))
            ]
            found += [edge.at(near)] if near else []
    return found


def _beside(instants: list[datetime], moment: datetime) -> list[datetime]:
    """Return the instants next to a moment, one before it and one after."""
    place = bisect_left(instants, moment)
    return instants[max(place - 1, 0) : place + 1]


def _attributes(name: str, parameters: dict[str, Any], shared: _Shared) -> dict[str, Any]:
    edges = [edge.known for _, both in shared.values() for edge in both]
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
        "rule": {"id": name, "version": RULES[name].version, "parameters": parameters},
        "shared": [{"node": thing, "df": df, "weight": rarity(df)} for thing, (df, _) in sorted(shared.items())],
    }


class Rule(NamedTuple):
    """A rule: its version, the kinds of edges it looks at, and its parameters as they are unless others are given."""

    version: int
    kinds: Sequence[str]
    parameters: Mapping[str, float]


RULES: Mapping[str, Rule] = {
    "same_media": Rule(1, ("media",), {"max_df": 50}),
    "shared_contact": Rule(1, _CONTACTS, {"max_df": 50}),
    "co_mention": Rule(1, ("mention",), {"max_df": 50}),
    "coordinated_timing": Rule(3, (*_CONTACTS, "media", "mention", "hashtag", "link"), {"max_df": 50, "seconds": 60}),
}
