"""FollowTheMoney: entities as JSON lines, for OpenAleph and the programs around it.

A node is an entity of the schema that :mod:`osint.graph.exchange.kinds` gives its kind, an edge an ``UnknownLink``: its
only schema that claims no more than that two things are tied, with our relation as ``role``. Each exhibit is a
``Document`` that proves what names it; its SHA-256 stands in words, since the schema's own checksum is SHA-1. Text is
on one line, because readers of this format fold line ends, and dates are without a zone there, in UTC.

Source: https://followthemoney.tech/explorer/
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from osint.graph.exchange.cells import written
from osint.graph.exchange.columns import require_exhibits
from osint.graph.exchange.evidence import details, exhibit_digests, spelt
from osint.graph.exchange.kinds import kind_of

if TYPE_CHECKING:
    from osint.graph.association import Network

Properties = dict[str, list[str]]

_OWN = uuid.uuid5(uuid.NAMESPACE_URL, "urn:osint:link-chart")
_POSITION = re.compile(r"(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)\Z")
_PHONE = re.compile(r"\+\d{7,15}\Z")
_EMAIL = re.compile(r"[\w.+-]+@([a-z0-9-]+\.)+[a-z]{2,}\Z", re.ASCII | re.IGNORECASE)
_URL = re.compile(r"https?://[!-~]+\Z")


def ftm(network: Network) -> bytes:
    """Return the entities of a graph, one JSON object a line. Equal graphs give equal bytes, whatever their order.

    Raises:
        ExportError: An edge names no exhibit, or an attribute cannot be written as text.
    """
    require_exhibits(network)
    return "".join(json.dumps(entity, ensure_ascii=False) + "\n" for entity in _entities(network)).encode()


def _entities(network: Network) -> Iterator[dict[str, Any]]:
    for exhibit, digests in exhibit_digests(network).items():
        yield _document(exhibit, digests)
    for key in sorted(network):
        known = network.nodes[key]
        schema = kind_of(known).ftm
        yield _entity(_id("node", key), schema, {**_common(key, known), **_content(key, known)})
    for source, target, key in sorted(network.edges(keys=True), key=lambda edge: (edge[0], edge[1], str(edge[2]))):
        known = network.edges[source, target, key]
        ends = {"subject": [_id("node", source)], "object": [_id("node", target)]}
        identifier = _id("edge", source, target, spelt(key))
        yield _entity(identifier, "UnknownLink", {**ends, **_link(spelt(key), known)})


def _document(exhibit: str, digests: list[str]) -> dict[str, Any]:
    number = _one_line(exhibit)
    said = {"description": [f"SHA-256 {digest}" for digest in digests]}
    named = {"fileName": [number], "title": [f"exhibit {number}"]}
    return _entity(_id("exhibit", exhibit), "Document", {**named, **said})


def _common(key: str, known: Mapping[str, Any]) -> Properties:
    """What every thing has: a name, its kind, the exhibits that prove it, and all that has no place of its own."""
    return {
        "name": [_label(key, known)],
        "keywords": [_one_line(str(known.get("kind", "")))],
        "notes": [f"key: {_one_line(key)}", *_told(known)],
        "proof": _proof(known),
    }


def _content(key: str, known: Mapping[str, Any]) -> Properties:
    namespace, _, rest = key.partition(":")[2].partition(":")
    made = _CONTENT.get(kind_of(known).name)
    return made(_one_line(namespace), _one_line(rest), _label(key, known)) if made else {}


def _link(key: str, known: Mapping[str, Any]) -> Properties:
    return {
        "role": [_one_line(str(known.get("kind", key)))],
        "startDate": _date(known.get("first")),
        "endDate": _date(known.get("last")),
        "description": [f"key: {_one_line(key)}", *_told(known)],
        "recordId": [_one_line(str(exhibit)) for exhibit in known.get("exhibits") or ()],
        "proof": _proof(known),
    }


def _told(known: Mapping[str, Any]) -> list[str]:
    told = {name: spelt(known[name]) for name in ("kind", "platform", "first", "last") if known.get(name)}
    evidence = ("; ".join(f"{name} {value}" for name, value in details(item, ()).items()) for item in _evidence(known))
    lines = [f"{name}: {value}" for name, value in {**told, **details(known)}.items()]
    return [_one_line(line) for line in (*lines, *(f"evidence: {said}" for said in evidence))]


def _evidence(known: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(known.get("evidence") or ())


def _proof(known: Mapping[str, Any]) -> list[str]:
    return [_id("exhibit", str(exhibit)) for exhibit in known.get("exhibits") or ()]


def _label(key: str, known: Mapping[str, Any]) -> str:
    return _one_line(str(known.get("label", "")).strip() or key)


def _account(namespace: str, rest: str, label: str) -> Properties:
    return {"username": [rest.strip() or label], "service": [namespace]}


def _place(_: str, rest: str, label: str) -> Properties:
    found = _POSITION.match(rest)
    position = {"latitude": [found.group(1)], "longitude": [found.group(2)]} if found else {}
    return {"full": [label], **position}


def _file(_: str, rest: str, label: str) -> Properties:
    return {"fileName": [label], "description": [rest]}


def _page(_: str, rest: str, label: str) -> Properties:
    return {"fileName": [label], "title": [rest], **_matching("sourceUrl", _URL, rest)}


_CONTENT: Mapping[str, Callable[[str, str, str], Properties]] = {
    "account": _account,
    "post": lambda _namespace, rest, label: {"messageId": [rest], "title": [label]},
    "media": _file,
    "place": _place,
    "phone": lambda namespace, rest, label: {**_account(namespace, rest, label), **_matching("phone", _PHONE, rest)},
    "email": lambda namespace, rest, label: {**_account(namespace, rest, label), **_matching("email", _EMAIL, rest)},
    "url": _page,
    "vehicle": lambda _namespace, rest, _label: {"registrationNumber": [rest]},
    "wallet": lambda namespace, rest, _: {"publicKey": [rest], "blockchain": [namespace]},
}


def _matching(name: str, pattern: re.Pattern[str], value: str) -> Properties:
    return {name: [value]} if pattern.match(value) else {}


def _date(instant: datetime | None) -> list[str]:
    if instant is None:
        return []
    spelt(instant)  # refuses a time without a zone
    return [instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")]


def _entity(identifier: str, schema: str, properties: Mapping[str, list[str]]) -> dict[str, Any]:
    """Values are sets in this format: each stands once, and nothing is empty."""
    kept = {name: list(dict.fromkeys(filter(None, map(str.strip, values)))) for name, values in properties.items()}
    return {"id": identifier, "schema": schema, "properties": {name: values for name, values in kept.items() if values}}


def _one_line(text: str) -> str:
    return written(text).replace("\n", "⟨U+000A⟩").replace("\t", "⟨U+0009⟩")


def _id(*parts: str) -> str:
    joined = "\0".join(written(part) for part in parts)  # which no written part holds, so that a b, c is not a, b c
    return f"osint-{uuid.uuid5(_OWN, joined).hex}"
