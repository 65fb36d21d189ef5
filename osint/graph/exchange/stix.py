"""STIX 2.1: one bundle with the nodes as observables or identities and the edges as relationships.

An observable's id is the one that the standard makes of its contents; of an account that is the platform and its own
number there, never the login, which people change. The key of our node stands beside it in an extension. STIX knows
neither telephones, wallets, posts nor events: an extension-definition in the bundle declares each that is used. What
is not a valid address of its type goes out as ``text``, which claims nothing.

Exhibits are external references of each relationship, with their SHA-256 where the evidence states it; observables
may have none, so theirs stand in the extension.

Source: https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html
"""

from __future__ import annotations

import json
import math
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import rfc8785

from osint.graph.exchange.cells import written
from osint.graph.exchange.columns import require_exhibits
from osint.graph.exchange.evidence import data_until, details, exhibit_digests, spelt
from osint.graph.exchange.kinds import kind_of

if TYPE_CHECKING:
    from osint.graph.association import Network

Object = dict[str, Any]

_STIX = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # section 2.9
_OWN = uuid.uuid5(uuid.NAMESPACE_URL, "urn:osint:link-chart")
_DEFINED = "2026-11-01T00:00:00.000Z"
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
_EXHIBIT = "exhibit"
_TYPES = {
    "mention": "mentions", "reply": "replies-to", "announce": "reposts", "quote": "quotes", "link": "links-to",
    "hashtag": "uses-hashtag",
}  # fmt: skip
_EXTENDED = {
    "phone-number": "new-sco", "cryptocurrency-wallet": "new-sco", "media-content": "new-sco", "text": "new-sco",
    "event": "new-sdo",
}  # fmt: skip
_CONTRIBUTING = {"user-account": ("account_type", "user_id"), "file": ("hashes", "name")}
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[\w.-]+(:\d+)?(/[!#$%&'()*+,./:;=?@\w~-]*)?\Z", re.ASCII)
_EMAIL = re.compile(r"[\w.+-]+@([a-z0-9-]+\.)+[a-z0-9-]+\Z", re.ASCII | re.IGNORECASE)
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])\Z", re.IGNORECASE)
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_POSITION = re.compile(r"(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)\Z")


def stix(network: Network, title: str = "") -> bytes:
    """Return the STIX 2.1 bundle of a graph. Equal graphs give equal bytes, whatever their order.

    Args:
        network: Graph to write.
        title: Name of the grouping that holds all of it.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be written as text.
    """
    require_exhibits(network)
    objects = list(_Bundle(network).objects(title))
    bundle = {"type": "bundle", "id": f"bundle--{uuid.uuid5(_OWN, _text(objects))}", "objects": objects}
    return (json.dumps(bundle, ensure_ascii=False, indent=1) + "\n").encode()


class _Bundle:
    """The objects, and the id that each node got."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.digests = exhibit_digests(network)
        self.at = _timestamp(data_until(network) or _UNDATED)
        self.ids: dict[str, str] = {}
        self.taken: set[str] = set()

    def objects(self, title: str) -> Iterator[Object]:
        nodes = [self._node(key, self.network.nodes[key]) for key in sorted(self.network)]
        edges = sorted(self.network.edges(keys=True), key=lambda edge: (edge[0], edge[1], str(edge[2])))
        relationships = [self._relationship(*edge) for edge in edges]
        yield _PRODUCER
        yield _definition("properties", "property-extension", _PROPERTIES_SCHEMA)
        used = {node["type"] for node in nodes}
        yield from (_definition(name, _EXTENDED[name], _VALUE_SCHEMA) for name in sorted(used & set(_EXTENDED)))
        yield from nodes
        yield from relationships
        if nodes:
            yield self._grouping(title, [made["id"] for made in (*nodes, *relationships)])

    def _node(self, key: str, known: Mapping[str, Any]) -> Object:
        namespace, _, rest = key.partition(":")[2].partition(":")
        label = written(str(known.get("label", "")))
        type_ = kind_of(known).stix
        content = _CONTENT[type_](known, written(namespace), written(rest), label) if type_ in _CONTENT else {}
        if not content:
            type_ = type_ if type_ in _EXTENDED else "text"
            content = (
                {"name": label or written(key)}
                if type_ == "event"
                else {"value": written(rest) or label or written(key)}
            )
        dated = {} if type_ not in ("identity", "location", "event") else self._common(known)
        made = {"type": type_, "spec_version": "2.1", "id": self._id(key, type_, content), **dated, **content}
        own = {_extension(type_): {"extension_type": _EXTENDED[type_]}} if type_ in _EXTENDED else {}
        return {**made, "extensions": {**own, **self._properties(key, known)}}

    def _id(self, key: str, type_: str, content: Object) -> str:
        """Return the id of the standard; where another node has it already, one that is made of our key."""
        contributing = {name: content[name] for name in _CONTRIBUTING.get(type_, ("value",)) if name in content}
        standard = f"{type_}--{uuid.uuid5(_STIX, rfc8785.dumps(contributing).decode())}"
        own = f"{type_}--{uuid.uuid5(_OWN, written(key))}"
        self.ids[key] = own if not contributing or standard in self.taken else standard
        self.taken.add(self.ids[key])
        return self.ids[key]

    def _common(self, known: Mapping[str, Any]) -> Object:
        common = {"created_by_ref": _PRODUCER["id"], "created": self.at, "modified": self.at}
        references = [self._reference(exhibit) for exhibit in known.get("exhibits") or ()]
        return {**common, "external_references": references} if references else common

    def _relationship(self, source: str, target: str, key: str) -> Object:
        """Return one edge. ``stop_time`` has to be later than ``start_time``; both always stand in the extension."""
        known = self.network.edges[source, target, key]
        kind = str(known.get("kind", key))
        first, last = known.get("first"), known.get("last")
        made = {
            "type": "relationship",
            "spec_version": "2.1",
            "id": f"relationship--{uuid.uuid5(_OWN, _text([written(source), written(target), spelt(key)]))}",
            **self._common(known),
            "relationship_type": _TYPES.get(kind) or _slug(kind),
            "description": _said(kind, known),
            "source_ref": self.ids[source],
            "target_ref": self.ids[target],
            "start_time": _timestamp(first) if first else None,
            "stop_time": _timestamp(last) if first and last and last > first else None,
            "confidence": _confidence(known.get("confidence")),
            "extensions": self._properties(spelt(key), known),
        }
        return {name: value for name, value in made.items() if value is not None}

    def _reference(self, exhibit: str) -> Object:
        reference: Object = {"source_name": _EXHIBIT, "external_id": written(str(exhibit))}
        digests = self.digests.get(str(exhibit), [])
        if len(digests) == 1:
            reference |= {"hashes": {"SHA-256": digests[0]}}
        elif digests:
            reference |= {"description": f"SHA-256 {', '.join(digests)}"}
        return reference

    def _properties(self, key: str, known: Mapping[str, Any]) -> Object:
        """What STIX has no place for: our key, kind, label and exhibits, each piece of evidence, the rest as text."""
        properties = {
            "extension_type": "property-extension",
            "key": written(key),
            "kind": written(str(known.get("kind", ""))),
            "label": written(str(known["label"])) if "label" in known else None,
            "first": spelt(known["first"]) if known.get("first") else None,
            "last": spelt(known["last"]) if known.get("last") else None,
            "exhibits": [written(str(exhibit)) for exhibit in known.get("exhibits") or ()] or None,
            "evidence": [details(item, ()) for item in known.get("evidence") or ()] or None,
            "details": details(known) or None,
        }
        return {_extension("properties"): {name: value for name, value in properties.items() if value is not None}}

    def _grouping(self, title: str, references: list[str]) -> Object:
        own = details(self.network.graph, ())
        return {
            "type": "grouping",
            "spec_version": "2.1",
            "id": f"grouping--{uuid.uuid5(_OWN, _text(references))}",
            **self._common({}),
            **({"name": written(title)} if title else {}),
            "description": "An association graph. " + "; ".join(f"{name}: {value}" for name, value in own.items()),
            "context": "unspecified",
            "object_refs": references,
        }


def _account(_: Mapping[str, Any], namespace: str, rest: str, label: str) -> Object:
    return {"account_type": namespace, "user_id": rest, **({"display_name": label} if label else {})}


def _identity(known: Mapping[str, Any], namespace: str, rest: str, label: str) -> Object:
    individual = known.get("kind") == "person"
    return {"name": label or rest or namespace, "identity_class": "individual" if individual else "group"}


def _location(_: Mapping[str, Any], _namespace: str, rest: str, label: str) -> Object:
    found = _POSITION.match(rest)
    latitude, longitude = map(float, found.groups()) if found else (math.inf, math.inf)
    if abs(latitude) > 90 or abs(longitude) > 180:
        return {}
    return {"name": label or rest, "latitude": latitude, "longitude": longitude}


def _file(_: Mapping[str, Any], _namespace: str, rest: str, label: str) -> Object:
    if _SHA256.match(rest):
        return {"hashes": {"SHA-256": rest}}  # a name would be part of the id
    return {"name": label or rest} if label or rest else {}


def _valued(pattern: re.Pattern[str]) -> Callable[[Mapping[str, Any], str, str, str], Object]:
    return lambda _known, _namespace, rest, _label: {"value": rest} if pattern.match(rest) else {}


_CONTENT: Mapping[str, Callable[[Mapping[str, Any], str, str, str], Object]] = {
    "user-account": _account,
    "identity": _identity,
    "location": _location,
    "file": _file,
    "url": _valued(_URL),
    "email-addr": _valued(_EMAIL),
    "domain-name": _valued(_DOMAIN),
}


def _extension(name: str) -> str:
    return f"extension-definition--{uuid.uuid5(_OWN, name)}"


def _definition(name: str, kind: str, schema: str) -> Object:
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": _extension(name),
        "created_by_ref": _PRODUCER["id"],
        "created": _DEFINED,
        "modified": _DEFINED,
        "name": f"osint link chart: {name}",
        "schema": schema,
        "version": "1.0.0",
        "extension_types": [kind],
    }


_PRODUCER: Object = {
    "type": "identity",
    "spec_version": "2.1",
    "id": f"identity--{uuid.uuid5(_OWN, 'producer')}",
    "created": _DEFINED,
    "modified": _DEFINED,
    "name": "osint",
    "identity_class": "system",
}
_PROPERTIES_SCHEMA = json.dumps(
    {
        "type": "object",
        "required": ["key", "kind"],
        "properties": {
            **{name: {"type": "string"} for name in ("key", "kind", "label", "first", "last")},
            "exhibits": {"type": "array", "items": {"type": "string"}},
            "evidence": {"type": "array", "items": {"type": "object"}},
            "details": {"type": "object"},
        },
    }
)
_VALUE_SCHEMA = json.dumps({"type": "object", "properties": {"value": {"type": "string"}, "name": {"type": "string"}}})


def _slug(kind: str) -> str:
    """Return a relationship type: lower-case letters, digits and hyphens, three at least."""
    slug = re.sub("[^a-z0-9]+", "-", kind.lower()).strip("-")[:250]
    return slug if len(slug) > 2 else "related-to"


def _said(kind: str, known: Mapping[str, Any]) -> str:
    words = [written(kind), str(known.get("basis", "basis not stated"))]
    if known.get("by") or known.get("reason"):
        words.append(f"by {written(str(known.get('by', '')))}: {written(str(known.get('reason', '')))}")
    return ", ".join(words)


def _confidence(stated: Any) -> int | None:
    """Return a confidence in percent; None for one that is no share from 0 to 1."""
    value = stated.get("value") if isinstance(stated, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        return None
    return round(100 * value)


def _timestamp(instant: datetime) -> str:
    spelt(instant)  # refuses a time without a zone
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(parts: Iterable[Any]) -> str:
    return rfc8785.dumps(list(parts)).decode()
