"""CASE 1.5 (UCO) as JSON-LD: the vocabulary and the spelling that the custody log and a link chart share.

Source: https://ontology.caseontology.org, https://ontology.unifiedcyberontology.org.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

UCO = "https://ontology.unifiedcyberontology.org/uco/"
CONTEXT: Mapping[str, Any] = {
    "action": f"{UCO}action/",
    "core": f"{UCO}core/",
    "investigation": "https://ontology.caseontology.org/case/investigation/",
    "observable": f"{UCO}observable/",
    "tool": f"{UCO}tool/",
    "types": f"{UCO}types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "action:startTime": {"@type": "xsd:dateTime"},
    "action:endTime": {"@type": "xsd:dateTime"},
    "core:startTime": {"@type": "xsd:dateTime"},
    "core:endTime": {"@type": "xsd:dateTime"},
    "types:hashValue": {"@type": "xsd:hexBinary"},
    **{
        name: {"@type": "@id"}
        for name in (
            "action:instrument", "action:object", "action:performer", "action:result", "core:externalReference",
            "core:hasFacet", "core:object", "core:source", "core:target", "investigation:relevantAuthorization",
            "investigation:wasInformedBy", "observable:hash",
        )
    },
}  # fmt: skip

Node = dict[str, Any]


class Nodes(dict[str, Node]):
    """The nodes of a CASE graph by identifier, in the order in which they were added."""

    def add(self, identifier: str, kind: str, members: Mapping[str, Any]) -> str:
        """Add a node; members without a value are left out. Return its identifier."""
        kept = {name: value for name, value in members.items() if value is not None and value != []}
        self[identifier] = {"@id": identifier, "@type": kind, **kept}
        return identifier

    def add_hashed(
        self, identify: Callable[[str], str], name: str, kind: str, content: Mapping[str, Any], *digests: str
    ) -> str:
        """Add an observable with the SHA-256 digests of its bytes, and return its identifier.

        Args:
            identify: Makes an identifier of the name of a part.
            name: Name of the observable.
            kind: Class of the observable.
            content: What else is known of its bytes.
            digests: In hexadecimal.
        """
        made, facet, hashed = (identify(f"{name} {part}") for part in ("object", "content", "hash"))
        self.add(made, kind, {"core:name": name, "core:hasFacet": facet})
        places = [f"{hashed}" if not number else identify(f"{name} hash {number}") for number in range(len(digests))]
        self.add(
            facet,
            "observable:ContentDataFacet",
            {**content, "observable:hash": places[0] if len(places) == 1 else places},
        )
        for place, digest in zip(places, digests, strict=True):
            self.add(place, "types:Hash", {"types:hashMethod": "SHA256", "types:hashValue": digest})
        return made

    def json_ld(self, context: Mapping[str, Any] = CONTEXT) -> bytes:
        """Return JSON-LD in UTF-8, one node a line."""
        return b"".join(json_ld(self.values(), context))


def json_ld(nodes: Iterable[Node], context: Mapping[str, Any] = CONTEXT) -> Iterator[bytes]:
    """Yield nodes as JSON-LD in UTF-8, one a line, as they come."""
    yield f'{{"@context":{json.dumps(context, separators=(",", ":"))},\n"@graph":[\n'.encode()
    for number, node in enumerate(nodes):
        spelt = json.dumps(node, ensure_ascii=False, separators=(",", ":"))
        yield (f",\n{spelt}" if number else spelt).encode()
    yield b"\n]}\n"
