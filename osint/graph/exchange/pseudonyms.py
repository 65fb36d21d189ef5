"""Victims and minors under a pseudonym: a changed copy of the graph, made before any format is written.

A name that is taken out of the label alone is still in the key, in the keys of posts, in a reason that somebody typed.
So the copy drops every text about such a person but the kind of node, the dates and the exhibits, and replaces the key,
the label and the name of the account wherever else the graph spells them. A nickname that the graph does not tie to the
node is not known here: read the chart before it leaves. The exhibits still show who it is; handing those over is
another decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import networkx as nx

from osint.errors import ExportError

if TYPE_CHECKING:
    from osint.graph.association import Network

NAMESPACE = "withheld"
_KEPT = ("kind", "first", "last", "exhibits", "status", "minor", "grade")
_SHORTEST = 3  # a shorter piece of a name would be found in every other word


def protected(known: Mapping[str, Any]) -> bool:
    """Return whether a node stands for a victim or a minor."""
    return known.get("status") == "victim" or bool(known.get("minor"))


def pseudonyms(network: Network) -> dict[str, str]:
    """Return the pseudonym of each protected node: ``Person A``, ``Person B``, ... in the order of the keys."""
    keys = sorted(node for node, known in network.nodes(data=True) if protected(known))
    return {key: f"Person {_letters(number)}" for number, key in enumerate(keys)}


def pseudonymised(network: Network, *, unlock: str = "") -> Network:
    """Return a copy in which victims and minors are ``Person A``, ``Person B``, ... in label, key and every text.

    The order of nodes and edges stays. ``graph["pseudonyms"]`` says how many there are, or why there are none.

    Args:
        network: Graph to copy; it is not changed.
        unlock: Why the names have to be in the clear. The caller logs it.

    Raises:
        ExportError: ``unlock`` is given and says nothing.
    """
    if unlock and not unlock.strip():
        raise ExportError("a reason of spaces unlocks no names; say why victims and minors have to be in the clear")
    names = pseudonyms(network)
    if not names or unlock:
        copy = network.copy()
        if names:
            copy.graph["pseudonyms"] = f"{len(names)} unlocked: {unlock.strip()}"
        return copy
    return _Veil(network, names).copy()


class _Veil:
    """Replaces the names of a graph's protected nodes."""

    def __init__(self, network: Network, names: Mapping[str, str]) -> None:
        self.network = network
        self.keys = {key: _key(network.nodes[key], name) for key, name in names.items()}
        self.names = names
        self.said: dict[str, str] = {}
        for key, name in names.items():
            self.said |= {**dict.fromkeys(_spellings(key, network.nodes[key]), name), key: self.keys[key]}
        longest_first = sorted(self.said, key=lambda text: (-len(text), text))
        # Within a longer word it is another word: Ann is not in Annex.
        self.pattern = re.compile("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in longest_first), re.IGNORECASE)
        self.folded = {text.casefold(): name for text, name in self.said.items()}

    def copy(self) -> Network:
        network: Network = nx.MultiDiGraph(**self._veiled(self.network.graph))
        network.graph["pseudonyms"] = len(self.names)
        for key, known in self.network.nodes(data=True):
            network.add_node(self._key(key), **self._node(key, known))
        for source, target, key, known in self.network.edges(keys=True, data=True):
            network.add_edge(self._key(source), self._key(target), key=self._veiled(key), **self._veiled(known))
        if len(network) != len(self.network) or network.size() != self.network.size():
            raise ExportError(
                "with victims and minors under a pseudonym two nodes or edges would become one. Nothing was written: "
                "a key in the graph spells a name that another node stands for; rename one of them."
            )
        return network

    def _key(self, key: str) -> str:
        return self.keys.get(key) or str(self._veiled(key))

    def _node(self, key: str, known: Mapping[str, Any]) -> dict[str, Any]:
        if key not in self.names:
            return dict(self._veiled(known))
        kept = {name: known[name] for name in known if name in _KEPT}
        return {**kept, "label": self.names[key], "platform": NAMESPACE}

    def _veiled(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.pattern.sub(lambda found: self.folded[found.group().casefold()], value)
        if isinstance(value, dict):
            return {self._veiled(name): self._veiled(part) for name, part in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return type(value)(map(self._veiled, value))
        return value


def _key(known: Mapping[str, Any], name: str) -> str:
    return f"{known.get('kind', 'person')}:{NAMESPACE}:{name}"


def _spellings(key: str, known: Mapping[str, Any]) -> Iterator[str]:
    """Yield how a graph may spell a person: key, what follows its namespace, label, and the name of an account."""
    rest = key.split(":", 2)[-1]
    spelt = {
        key,
        rest,
        rest.partition("@")[0],
        str(known.get("label", "")),
        str(known.get("label", "")).partition("@")[0],
    }
    yield from sorted(text for text in spelt if len(text.strip()) >= _SHORTEST)


def _letters(number: int) -> str:
    """Count as spreadsheets name columns: A to Z, then AA."""
    rest, letter = divmod(number, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("A") + letter)
