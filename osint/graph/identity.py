"""Accounts that are one person's: claims of people, never a merge by a machine, and every claim can be taken back.

The canonical view joins what positive claims connect. Where a negative claim contradicts that, nothing of the group is
joined, and the contradiction is named: which claim is wrong is for people to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx as nx

from osint.graph.statements import Described, SamePerson, Stated

if TYPE_CHECKING:
    from osint.graph.association import Network


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Accounts that positive claims connect although a negative one parts two of them; the numbers of these claims."""

    accounts: tuple[str, ...]
    entries: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Identities:
    """What claims add up to: ``people``, each the accounts of one, and ``conflicts``."""

    people: tuple[tuple[str, ...], ...]
    conflicts: tuple[Conflict, ...]


def identities(stated: Iterable[Stated]) -> Identities:
    """Return the groups of accounts that claims make one person's.

    Of two claims about one pair in one ledger the later counts; those of two officers both stand.
    """
    claims = _in_force(stated)
    joined: nx.Graph[str] = nx.Graph()
    joined.add_edges_from((each.said.one, each.said.other) for each in claims if each.said.judgement == "positive")
    people, conflicts = [], []
    for group in nx.connected_components(joined):
        accounts = tuple(sorted(group))
        inside = [each for each in claims if {*each.said.nodes()} <= group and each.said.judgement != "unsure"]
        if any(each.said.judgement == "negative" for each in inside):
            conflicts.append(Conflict(accounts=accounts, entries=tuple(each.number for each in inside)))
        else:
            people.append(accounts)
    return Identities(people=tuple(sorted(people)), conflicts=tuple(sorted(conflicts, key=lambda one: one.accounts)))


class _Claim(NamedTuple):
    number: str
    said: SamePerson


def _in_force(stated: Iterable[Stated]) -> list[_Claim]:
    latest: dict[tuple[frozenset[str], str], _Claim] = {}
    for each in stated:
        if isinstance(each.statement, SamePerson):
            claim = frozenset(each.statement.nodes()), each.part
            latest.pop(claim, None)  # so that claims stay in their order
            latest[claim] = _Claim(each.number, each.statement)
    return [*latest.values()]


def canonical(network: Network, stated: Sequence[Stated]) -> Network:
    """Return a graph in which the accounts of one person are one node, ``person:case:`` and its first account.

    Edges of its accounts that have the same other end and relation become one, with all posts and exhibits. The node
    names its ``accounts`` and the ``claims`` it rests on, by the numbers of their entries: the positive ones that later
    ones did not replace; the exhibits of these are its own too. ``conflicts`` of the graph
    names what was not joined. Without claims the graph is what it was.
    """
    found = identities(stated)
    joining = [each for each in _in_force(stated) if each.said.judgement == "positive"]
    member = {account: f"person:case:{accounts[0]}" for accounts in found.people for account in accounts}
    result: Network = nx.MultiDiGraph(**network.graph)
    nodes: dict[str, dict[str, Any]] = {}
    for node, known in network.nodes(data=True):
        key = member.get(node, node)
        nodes[key] = _joined_node(nodes.get(key), known) if key != node else dict(known)
    for accounts in found.people:
        if member[accounts[0]] in nodes:
            person = nodes[member[accounts[0]]]
            claims = [one for one in joining if one.said.one in accounts]
            shown = {exhibit for one in claims for exhibit in one.said.exhibits}
            person["accounts"] = [account for account in accounts if account in network]
            person["claims"] = [one.number for one in claims]
            person["exhibits"] = sorted(shown.union(person["exhibits"]))
    result.add_nodes_from(sorted(nodes.items()))
    edges: dict[tuple[str, str, str], dict[str, Any]] = {}
    for source, target, relation, known in network.edges(keys=True, data=True):
        edge = member.get(source, source), member.get(target, target), relation
        edges[edge] = _joined_edge(edges[edge], known) if edge in edges else dict(known)
    result.add_edges_from((*edge, known) for edge, known in sorted(edges.items(), key=lambda one: one[0]))  # type: ignore[misc]
    if found.conflicts:
        result.graph["conflicts"] = [list(each.accounts) for each in found.conflicts]
    return result


def protections(stated: Sequence[Stated]) -> dict[str, dict[str, Any]]:
    """Return what marks a victim or a minor, by node: ``{"status": "victim"}``, ``{"minor": True}``.

    What one account was said to be holds for all that claims make the same person's: else the second would name the
    first.
    """
    latest: dict[str, dict[str, Any]] = {}
    for each in stated:
        said = each.statement
        if isinstance(said, Described):
            told = {"status": said.status, "minor": said.minor}
            latest.setdefault(said.node, {}).update({name: told[name] for name in told if told[name] is not None})
    marks = {
        node: {name: known[name] for name in ("status", "minor") if known.get(name) in ("victim", True)}
        for node, known in latest.items()
    }
    for accounts in identities(stated).people:
        person = (*accounts, f"person:case:{accounts[0]}")
        together = {name: mark for one in person for name, mark in marks.get(one, {}).items()}
        marks |= dict.fromkeys(person, together)
    return {node: mark for node, mark in marks.items() if mark}


def marked(network: Network, marks: Mapping[str, Mapping[str, Any]]) -> Network:
    """Return a copy of a graph in which victims and minors are marked as :func:`protections` has them.

    A graph that was made from posts alone knows no statement; a joined node has what marks any of its accounts.
    """
    result: Network = network.copy()
    for node, known in result.nodes(data=True):
        for account in (node, *known.get("accounts", ())):
            known.update(marks.get(account, {}))
    return result


def _joined_node(one: dict[str, Any] | None, other: dict[str, Any]) -> dict[str, Any]:
    if one is None:
        return {**other, "kind": "person", "platform": "case"}
    joined = {**other, **one}  # what was said of the first account stays; who is missing or a minor stays so
    joined["label"] = " / ".join(sorted({*one["label"].split(" / "), other["label"]}))
    if other.get("minor") or one.get("minor"):
        joined["minor"] = True
    return joined | _period(one, other) | {"exhibits": sorted({*one["exhibits"], *other["exhibits"]})}


def _joined_edge(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    lists = {name: sorted({*one[name], *other[name]}) for name in ("posts", "via", "exhibits")}
    evidence = {"evidence": one["evidence"] + other["evidence"]} if "evidence" in one and "evidence" in other else {}
    return {**one, **lists, "count": len(lists["posts"]), **_period(one, other), **evidence}


def _period(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    known = {name: [each[name] for each in (one, other) if each[name] is not None] for name in ("first", "last")}
    return {"first": min(known["first"], default=None), "last": max(known["last"], default=None)}
