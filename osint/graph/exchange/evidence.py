"""What every edge and node of a graph leads back to, and what no target has a place of its own for, as text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from osint.errors import ExportError
from osint.graph.exchange.cells import written
from osint.instants import format_instant

if TYPE_CHECKING:
    from osint.graph.association import Network

_UNKNOWN = "-"
_PLACED = frozenset({"kind", "label", "platform", "first", "last", "exhibits", "evidence"})


def exhibit_digests(network: Network) -> dict[str, list[str]]:
    """Return every exhibit that nodes or edges name, in order, with the SHA-256 digests that the graph states.

    It does so in ``evidence`` of its nodes and edges, and in its own attribute ``digests``, by exhibit.
    """
    stated: Mapping[str, str] = network.graph.get("digests") or {}
    found: dict[str, set[str]] = {}
    for known in _attributes(network):
        for exhibit in known.get("exhibits") or ():
            found.setdefault(str(exhibit), {stated[exhibit].lower()} if exhibit in stated else set())
        for item in known.get("evidence") or ():
            digests = found.setdefault(str(item["exhibit"]), set()) if item.get("exhibit") else set()
            digests |= {str(item["sha256"]).lower()} if item.get("sha256") else set()
    return {exhibit: sorted(found[exhibit]) for exhibit in sorted(found)}


def with_digests(network: Network, digests: Mapping[str, str]) -> Network:
    """Return a copy of a graph that states the SHA-256 of each exhibit it names, as far as they are known."""
    named = {str(exhibit) for known in _attributes(network) for exhibit in known.get("exhibits") or ()}
    result: Network = network.copy()
    result.graph["digests"] = {exhibit: digests[exhibit] for exhibit in sorted(named) if exhibit in digests}
    return result


def evidence_list(network: Network) -> str:
    """Return the evidence list of a chart: a line for each exhibit and digest, ``E0001 3f5a...``, sorted.

    An exhibit whose digest the graph does not state has ``-`` in its place.
    """
    pairs = ((number, digest) for number, found in exhibit_digests(network).items() for digest in found or [_UNKNOWN])
    return "".join(f"{written(number)} {digest}\n" for number, digest in pairs)


def evidence_digest(network: Network) -> str:
    """Return the SHA-256 of the evidence list in UTF-8, in hexadecimal."""
    return hashlib.sha256(evidence_list(network).encode()).hexdigest()


def data_until(network: Network) -> datetime | None:
    """Return the instant up to which data was taken: as the graph states it, else its latest dated post."""
    stated = network.graph.get("data_until")
    if isinstance(stated, datetime):
        return stated
    dated = [known["last"] for known in _attributes(network) if isinstance(known.get("last"), datetime)]
    return max(dated, default=None)


def details(known: Mapping[str, Any], placed: Container[str] = _PLACED) -> dict[str, str]:
    """Return the other attributes of a node or an edge as text, sorted by name; what is None is left out."""
    return {
        written(name): spelt(known[name]) for name in sorted(known) if name not in placed and known[name] is not None
    }


def spelt(value: Any) -> str:
    """Return a value as one text that any format can carry: instants as RFC 3339, lists and the like as JSON.

    Raises:
        ExportError: It holds something that is neither.
    """
    if isinstance(value, str):
        return written(value)
    try:
        if isinstance(value, datetime):
            return format_instant(value)
        return written(json.dumps(value, ensure_ascii=False, sort_keys=True, default=_instant))
    except (TypeError, ValueError, RecursionError) as error:
        raise ExportError(
            f"an attribute cannot be written as text: {error}. Nothing was written: use text, numbers, instants with "
            "their zone, or lists of these."
        ) from error


def _instant(value: Any) -> str:
    if isinstance(value, datetime):
        return format_instant(value)
    raise TypeError(f"it holds a {type(value).__name__}")


def _attributes(network: Network) -> Iterator[Mapping[str, Any]]:
    yield from (known for _, known in network.nodes(data=True))
    yield from (known for _, _, known in network.edges(data=True))
