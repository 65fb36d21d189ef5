"""A link chart for other forensic programs: CASE 1.5 (UCO) as JSON-LD.

A node is an object of the class that :mod:`osint.graph.exchange.kinds` gives its kind, an edge a relationship. Each
exhibit is a provenance record that holds every object it shows, and the file itself with its SHA-256 where the evidence
states it. Keys of ours and numbers of exhibits stand as external references; what UCO has no place for is a tag.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from osint.graph.exchange.cells import written
from osint.graph.exchange.columns import require_exhibits
from osint.graph.exchange.evidence import details, exhibit_digests, spelt
from osint.graph.exchange.kinds import kind_of
from osint.graph.exchange.uco import CONTEXT, UCO, Nodes

if TYPE_CHECKING:
    from osint.graph.association import Network

_CONTEXT = {
    **CONTEXT,
    "identity": f"{UCO}identity/",
    "location": f"{UCO}location/",
    "core:objectCreatedTime": {"@type": "xsd:dateTime"},
    "location:latitude": {"@type": "xsd:decimal"},
    "location:longitude": {"@type": "xsd:decimal"},
}
_OWN = uuid.uuid5(uuid.NAMESPACE_URL, "urn:osint:link-chart")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


def case_uco(network: Network, title: str = "") -> bytes:
    """Return the CASE graph of a link chart: JSON-LD, UTF-8, one node a line.

    Equal graphs give equal bytes, whatever their order.

    Args:
        network: Graph to write.
        title: Name of the grouping that holds all of it.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be written as text.
    """
    require_exhibits(network)
    return _Chart(network).written(title).json_ld(_CONTEXT)


class _Chart:
    """The nodes so far, and what each exhibit shows."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.nodes = Nodes()
        self.digests = exhibit_digests(network)
        self.shown: dict[str, list[str]] = {exhibit: [] for exhibit in self.digests}

    def written(self, title: str) -> Nodes:
        for key in sorted(self.network):
            self._object(key, self.network.nodes[key])
        for edge in sorted(self.network.edges(keys=True), key=lambda edge: (edge[0], edge[1], str(edge[2]))):
            self._relationship(*edge)
        everything = [identifier for identifier, node in self.nodes.items() if "core:tag" in node]
        records = [self._record(exhibit, digests) for exhibit, digests in self.digests.items()]
        grouping = {
            "core:name": written(title) or None,
            "core:description": "An association graph: edges say what posts show, and nothing about why.",
            "core:context": "association graph",
            "core:tag": _tags("graph", details(self.network.graph, ())),
            "core:object": [*everything, *records],
        }
        self.nodes.add(_name("grouping"), "core:Grouping", grouping)
        return self.nodes

    def _object(self, key: str, known: Mapping[str, Any]) -> None:
        identifier = _name("node", key)
        described = {
            "core:name": written(str(known.get("label", ""))) or written(key),
            "core:externalReference": [self._own(key), *self._exhibits(known, identifier)],
            "core:tag": self._told(known),
            "core:hasFacet": list(self._facets(key, known)),
        }
        self.nodes.add(identifier, kind_of(known).case_class.removeprefix("uco-"), described)

    def _facets(self, key: str, known: Mapping[str, Any]) -> Iterator[str]:
        """Yield the facet of a node where its class has one that takes its key as it is."""
        rest = written(key.split(":", 2)[-1])
        kind = kind_of(known).name
        if kind == "media" and _SHA256.match(rest):
            hashed = self.nodes.add(
                _name("hash", key), "types:Hash", {"types:hashMethod": "SHA256", "types:hashValue": rest}
            )
            yield self.nodes.add(_name("facet", key), "observable:ContentDataFacet", {"observable:hash": hashed})
        elif kind in _FACETS:
            facet, member = _FACETS[kind]
            yield self.nodes.add(_name("facet", key), facet, {member: rest})

    def _relationship(self, source: str, target: str, key: str) -> None:
        known = self.network.edges[source, target, key]
        first, last = known.get("first"), known.get("last")
        identifier = _name("edge", source, target, spelt(key))
        described = {
            "core:kindOfRelationship": written(str(known.get("kind", key))),
            "core:isDirectional": True,
            "core:source": _name("node", source),
            "core:target": _name("node", target),
            "core:startTime": spelt(first) if first else None,
            "core:endTime": spelt(last) if last else None,
            "core:externalReference": [self._own(spelt(key)), *self._exhibits(known, identifier)],
            "core:tag": self._told(known),
        }
        self.nodes.add(identifier, "core:Relationship", described)

    def _told(self, known: Mapping[str, Any]) -> list[str]:
        told = {name: spelt(known[name]) for name in ("kind", "platform", "first", "last") if known.get(name)}
        return [*_tags("", {**told, **details(known)}), *_evidence(known)]

    def _own(self, key: str) -> str:
        return self._reference("key in the link chart", key)

    def _exhibits(self, known: Mapping[str, Any], identifier: str) -> Iterator[str]:
        for exhibit in known.get("exhibits") or ():
            self.shown[str(exhibit)].append(identifier)
            yield self._reference("exhibit", str(exhibit))

    def _reference(self, context: str, identifier: str) -> str:
        node = {"core:definingContext": context, "core:externalIdentifier": written(identifier)}
        return self.nodes.add(_name("reference", context, identifier), "core:ExternalReference", node)

    def _record(self, exhibit: str, digests: list[str]) -> str:
        number = written(exhibit)
        files = []
        if digests:
            identify = _Identify(exhibit)
            files = [self.nodes.add_hashed(identify, f"exhibit {number}", "observable:File", {}, *digests)]
        record = {
            "core:description": f"Exhibit {number}, as far as this chart shows it",
            "investigation:exhibitNumber": number,
            "core:object": [*files, *self.shown[exhibit]],
        }
        return self.nodes.add(_name("record", exhibit), "investigation:ProvenanceRecord", record)


class _Identify:
    """Identifiers of the parts of one exhibit."""

    def __init__(self, exhibit: str) -> None:
        self.exhibit = exhibit

    def __call__(self, part: str) -> str:
        return _name("file", self.exhibit, part)


_FACETS: Mapping[str, tuple[str, str]] = {
    "account": ("observable:AccountFacet", "observable:accountIdentifier"),
    "phone": ("observable:PhoneAccountFacet", "observable:phoneNumber"),
    "email": ("observable:EmailAddressFacet", "observable:addressValue"),
    "url": ("observable:URLFacet", "observable:fullValue"),
    "domain": ("observable:DomainNameFacet", "observable:value"),
    "wallet": ("observable:AccountFacet", "observable:accountIdentifier"),
}


def _evidence(known: Mapping[str, Any]) -> Iterator[str]:
    for item in known.get("evidence") or ():
        yield "evidence: " + "; ".join(f"{name} {value}" for name, value in details(item, ()).items())


def _tags(of: str, told: Mapping[str, str]) -> list[str]:
    return [f"{of} {name}: {value}".strip() for name, value in told.items()]


def _name(*parts: str) -> str:
    joined = "\0".join(written(part) for part in parts)  # which no written part holds, so that a b, c is not a, b c
    return f"urn:uuid:{uuid.uuid5(_OWN, joined)}"
