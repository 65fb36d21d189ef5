"""Victims and minors under a pseudonym: a changed copy of the graph, made before any format is written.

A name that is taken out of the label alone is still in the key, in the keys of posts, in a reason that somebody typed.
So the copy drops every text about such a person, and about each post of theirs, but the kind of node, the dates and
the exhibits; and it replaces the key, the label and the names of their accounts wherever else the graph spells them.
An edge of theirs names no post, since whoever looks a post up reads who wrote it; and of instants on all that touches
them the day is left, since a search by the second finds the post. Neither letters nor places in a list follow the
names: an alphabet would tell, and a digest too, to whoever knows the names and asks which of them is Person A. A
nickname, a number or an address that the graph does not tie to the node is not known here: read the chart before it
leaves. The exhibits still show who it is; handing those over is another decision.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import networkx as nx

from osint.errors import ExportError

if TYPE_CHECKING:
    from osint.graph.association import Network

NAMESPACE = "withheld"
_KEPT = ("kind", "first", "last", "exhibits", "status", "minor", "grade")
_KEPT_OF_EVIDENCE = ("exhibit", "sha256", "entry", "extractor", "version")
_SHORTEST = 3  # a shorter piece of a name would be found in every other word


@dataclass(frozen=True)
class Veiled:
    """A graph as it may be shown.

    Attributes:
        network: The graph, victims and minors under pseudonyms unless they were unlocked.
        keys: The key in it of each node of the graph before.
        text: Takes the names away from any other text that goes with it.
    """

    network: Network
    keys: Mapping[str, str]
    text: Callable[[str], str]

    def check_name(self, name: str) -> None:
        """Refuse a name of a file that spells somebody who is under a pseudonym in it.

        Raises:
            ExportError: It does.
        """
        words = name.replace("_", " ")
        if self.text(words) != words:
            raise ExportError(
                "the name of the file spells a victim or a minor who is under a pseudonym in it. Nothing was written: "
                "choose another name, or unlock the names with a reason."
            )


def protected(known: Mapping[str, Any]) -> bool:
    """Return whether a node stands for a victim or a minor who is not under a pseudonym yet."""
    return known.get("platform") != NAMESPACE and (known.get("status") == "victim" or bool(known.get("minor")))


def pseudonyms(network: Network) -> dict[str, str]:
    """Return the pseudonym of each protected node: ``Person A``, ``Person B``, ...

    Who comes first is decided by what the chart itself shows of them, so that a letter says nothing besides. It holds
    within one chart: with another filter it may be another's.
    """
    keys = [node for node, known in network.nodes(data=True) if protected(known)]
    nameless = _Veil(network, dict.fromkeys(keys, "Person"))
    keys.sort(key=lambda key: (nameless.shown_of(key), _shuffled(key)))  # a digest parts only who look alike
    return {key: f"Person {_letters(number)}" for number, key in enumerate(keys)}


def pseudonymised(network: Network, *, unlock: str = "") -> Network:
    """Return a copy in which victims and minors are ``Person A``, ``Person B``, ... in label, key and every text.

    ``graph["pseudonyms"]`` says how many there are, or why there are none. Where there are none the order of nodes and
    edges stays; else it is that of the new keys.

    Args:
        network: Graph to copy; it is not changed.
        unlock: Why the names have to be in the clear. The caller logs it.

    Raises:
        ExportError: ``unlock`` is given and says nothing.
    """
    return veiled(network, unlock=unlock).network


def veiled(network: Network, *, unlock: str = "") -> Veiled:
    """Return what :func:`pseudonymised` does, with what takes the names away from a title or a note too."""
    if unlock and not unlock.strip():
        raise ExportError("a reason of spaces unlocks no names; say why victims and minors have to be in the clear")
    names = pseudonyms(network)
    if names and not unlock:
        veil = _Veil(network, names)
        return Veiled(veil.copy(), {key: veil.key(key) for key in network}, veil.text)
    copy = network.copy()
    if names:
        copy.graph["pseudonyms"] = f"{len(names)} unlocked: {unlock.strip()}"
    return Veiled(copy, {key: key for key in network}, str)


class _Veil:
    """Replaces the names of a graph's protected nodes, and of their posts."""

    def __init__(self, network: Network, people: Mapping[str, str]) -> None:
        self.network = network
        self.people = people
        self.names = {**people, **_posts(network, people)}
        self.keys = {key: _key(network.nodes[key], name) for key, name in self.names.items()}
        self.touched = {end for key in self.names for end in nx.all_neighbors(network, key)} | {*self.names}
        said: dict[str, str] = {}
        for key, name in self.names.items():
            said |= {**dict.fromkeys(_spellings(key, network.nodes[key]), name), key: self.keys[key]}
        said |= _run_together(network, said)
        longest_first = sorted(said, key=lambda text: (-len(text), text))
        self.said = [said[text] for text in longest_first]
        self.pattern = re.compile("|".join(map(_bounded, longest_first)), re.IGNORECASE)

    def copy(self) -> Network:
        network: Network = nx.MultiDiGraph(**self._veiled(self.network.graph))
        network.graph["pseudonyms"] = len(self.people)
        network.add_nodes_from((self.key(key), self._node(key)) for key in sorted(self.network, key=self.key))
        edges = [
            (self.key(source), self.key(target), self._veiled(key), self._edge(known, source, target))
            for source, target, key, known in self.network.edges(keys=True, data=True)
        ]
        for source, target, key, known in sorted(edges, key=lambda edge: (edge[0], edge[1], str(edge[2]))):
            network.add_edge(source, target, key=key, **known)
        if len(network) != len(self.network) or network.size() != self.network.size():
            raise ExportError(
                "with victims and minors under a pseudonym two nodes or edges would become one. Nothing was written: "
                "a key in the graph spells a name that another node stands for; rename one of them."
            )
        return network

    def shown_of(self, key: str) -> str:
        """Return all that the copy shows of a node, as text to sort by."""
        ties = [
            repr((self.key(source), self.key(target), self._veiled(relation), self._edge(known, source, target)))
            for source, target, relation, known in (
                *self.network.out_edges(key, keys=True, data=True), *self.network.in_edges(key, keys=True, data=True)
            )
        ]  # fmt: skip
        return repr((self._node(key), sorted(ties)))

    def key(self, key: str) -> str:
        return self.keys.get(key) or str(self._veiled(key))

    def text(self, text: str) -> str:
        return self.pattern.sub(lambda found: self.said[(found.lastindex or 0) - 1], text)

    def _node(self, key: str) -> dict[str, Any]:
        known = self.network.nodes[key]
        if key not in self.names:
            return _to_the_day(self._veiled(known)) if key in self.touched else dict(self._veiled(known))
        kept = {name: known[name] for name in known if name in _KEPT}
        return {**_to_the_day(kept), "label": self.names[key], "platform": NAMESPACE}

    def _edge(self, known: Mapping[str, Any], *ends: str) -> dict[str, Any]:
        edge = dict(self._veiled(known))
        if self.names.keys() & {*ends}:
            edge = _to_the_day(edge)
            edge |= {name: [] for name in ("posts", "via") if name in edge}
            if "evidence" in edge:
                edge["evidence"] = [
                    {name: each[name] for name in _KEPT_OF_EVIDENCE if name in each} for each in edge["evidence"]
                ]
        return edge

    def _veiled(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self._veiled(name): self._veiled(part) for name, part in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return type(value)(map(self._veiled, value))
        return value


def _posts(network: Network, people: Mapping[str, str]) -> dict[str, str]:
    """Return what to call each post that a protected node is known to have written."""

    def order(post: str) -> tuple[str, bytes]:
        return repr([network.nodes[post].get(name) for name in _KEPT]), _shuffled(post)

    posts = {}
    for author, name in people.items():
        written = {post for _, post, known in network.out_edges(author, data=True) if known.get("kind") == "authored"}
        for number, post in enumerate(sorted(written - people.keys(), key=order), 1):
            posts[post] = f"{name}, post {number}"
    return posts


def _key(known: Mapping[str, Any], name: str) -> str:
    return f"{known.get('kind', 'person')}:{NAMESPACE}:{name}"


def _spellings(key: str, known: Mapping[str, Any]) -> Iterator[str]:
    """Yield how a graph may spell a person: key, what follows its namespace, label, and the names of their accounts."""
    keys = {key, *map(str, known.get("accounts") or ())}
    whole = {part for each in keys for part in (each, each.split(":", 2)[-1])}
    whole |= {str(known.get("label", "")), *str(known.get("label", "")).split(" / ")}
    spelt = whole | {text.partition("@")[0] for text in whole}
    yield from sorted(text for text in spelt if len(text.strip()) >= _SHORTEST)


def _bounded(text: str) -> str:
    """Return a pattern of a name. In a longer word it is another: Ann is in find_ann and %40ann, not in Annex."""
    before = r"(?<!\d)" if text[0].isdigit() else r"(?:(?<![^\W\d_])|(?<=%[0-9a-f]{2}))"
    after = r"(?!\d)" if text[-1].isdigit() else r"(?![^\W\d_])"
    return f"{before}({re.escape(text)}){after}"


def _run_together(network: Network, said: Mapping[str, str]) -> dict[str, str]:
    """Return what to write for each hashtag that holds a name, as #MissingJane does: it has no spaces."""
    names = sorted(
        (text for text in said if len(text) > _SHORTEST and text.isalnum()), key=lambda text: (-len(text), text)
    )
    pattern = re.compile("|".join(f"({re.escape(text)})" for text in names) or "(?!)", re.IGNORECASE)
    tags = [(key, known) for key, known in network.nodes(data=True) if known.get("kind") == "hashtag"]
    spelt = {text for key, known in tags for text in (key, key.split(":", 2)[-1], str(known.get("label", "")))}
    return {
        text: pattern.sub(lambda found: said[names[(found.lastindex or 0) - 1]], text)
        for text in spelt
        if pattern.search(text)
    }


def _shuffled(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _to_the_day(known: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes with midnight, UTC, in place of each instant: a search by the second would find the post."""
    return {
        name: value.replace(hour=0, minute=0, second=0, microsecond=0) if isinstance(value, datetime) else value
        for name, value in known.items()
    }


def _letters(number: int) -> str:
    """Count as spreadsheets name columns: A to Z, then AA."""
    rest, letter = divmod(number, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("A") + letter)
