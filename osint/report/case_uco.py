"""The custody log for other forensic programs: CASE 1.5 (UCO) as JSON-LD.

Each entry of substance is an investigative action that results in a provenance record; each action is informed by the
one before it and by those its entry refers to; where an exhibit is handled again, the action's object is the record of
the step before. The record holds the exhibits and the ledger line itself, with the SHA-256 of its bytes, so that the
graph leads to what is signed. Values that were erased are absent. Equal ledgers give equal identifiers: they are made
of leaf hashes (UUIDv5).

``case_shapes.ttl`` beside this file holds the rules that the ontology does not enforce.
Source: https://ontology.caseontology.org, https://ontology.unifiedcyberontology.org.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.readable import Readable
from osint.graph.exchange.uco import Node, Nodes, json_ld
from osint.instants import day_bounds, format_instant
from osint.report.steps import Step, exhibits, read_steps

SHAPES = "case_shapes.ttl"
ELSEWHERE = "leaf hash of an entry of another custody ledger"

_SHARED = frozenset({"tool:Tool", "investigation:Investigator", "core:ExternalReference"})
_HOUSEKEEPING = frozenset({"open", "configure", "anchor"})
_STATUS: Mapping[str, str] = {
    "done": "Success", "allowed": "Success", "nil": "Complete/Finish", "failed": "Fail", "refused": "Fail",
}  # fmt: skip


def case_graph(ledger: Readable, name: str) -> Iterator[bytes]:
    """Yield the custody log, some at a time, as a CASE graph: JSON-LD, UTF-8, one node a line.

    Equal ledgers give equal bytes.

    Args:
        ledger: The ledger.
        name: Name of the case.
    """
    return json_ld(_nodes(ledger, name))


def _nodes(ledger: Readable, name: str) -> Iterator[Node]:
    """Yield each node once, where it is first named; of a large ledger they take more memory than all else."""
    graph = _Graph(next(ledger.entries()))
    for step in read_steps(ledger):
        graph.take(step)
        yield from graph.new_nodes()
    graph.conclude(name)
    yield from graph.new_nodes()


class _Graph:
    """The nodes by identifier, and what later steps have to know of earlier ones."""

    def __init__(self, first: Entry) -> None:
        self.nodes = Nodes()
        self._told: set[str] = set()
        self._standing: list[str] = []
        self._first = first
        self._namespace = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:sha256:{first.leaf.hex()}")
        self._leaves: set[str] = set()
        self._actions: dict[str, str] = {}
        self._under: dict[str, list[str]] = {}
        self._records: list[str] = []
        self._newest: dict[str, str] = {}
        self._files: dict[str, str] = {}
        self._last_action: str | None = None

    def new_nodes(self) -> Iterator[Node]:
        """Yield the nodes that came since this was called last, and forget all but the names of what may come again."""
        for name, node in self.nodes.items():
            if name not in self._told:
                yield node
            if node["@type"] in _SHARED:
                self._told.add(name)
            if node["@type"] == "investigation:Authorization":
                self._standing.append(name)
        self.nodes.clear()

    def take(self, step: Step) -> None:
        """Add one step; what only keeps the ledger itself is left out."""
        entry = step.entry
        self._leaves.add(entry.leaf.hex())
        if entry.action in _HOUSEKEEPING or entry.action.startswith("key."):
            return
        action, record = self._id(entry, "action"), self._id(entry, "record")
        objects = [*self._handled(entry), *self._answered(entry)]
        results = [*self._made(entry), *self._authorization(entry)]
        self.nodes.add(
            action,
            "investigation:InvestigativeAction",
            {
                "core:name": entry.action,
                "core:description": step.said or None,
                "core:tag": f"outcome: {entry.outcome}",
                "core:externalReference": [self._reference(entry), *self._elsewhere(entry)],
                "action:actionStatus": _STATUS[entry.outcome],
                "action:startTime": format_instant(entry.start_time),
                "action:endTime": format_instant(entry.end_time),
                "action:performer": self._investigator(step),
                "action:instrument": self._tool(entry.payload["instrument"]),
                "action:object": _unique(objects),
                "action:result": [record, *results],
                "investigation:wasInformedBy": self._informed_by(entry),
            },
        )
        self._add_record(record, step)
        self._actions[entry.leaf.hex()] = self._last_action = action
        if entry.authorization:
            self._under.setdefault(entry.authorization, []).append(action)

    def conclude(self, name: str) -> None:
        """Add what is about all of it."""
        for leaf, actions in self._under.items():
            authorization = self._name(leaf, "authorization")
            if authorization in self._standing:
                relationship = {
                    "core:kindOfRelationship": "Performed_Under",
                    "core:isDirectional": True,
                    "core:source": actions,
                    "core:target": authorization,
                }
                self.nodes.add(self._name(leaf, "relationship"), "core:Relationship", relationship)
        investigation = {
            "core:name": name,
            "core:startTime": format_instant(self._first.start_time),
            "investigation:investigationForm": "case",
            "investigation:relevantAuthorization": self._standing,
            "core:object": self._records,
        }
        self.nodes.add(self._id(self._first, "investigation"), "investigation:Investigation", investigation)

    def _add_record(self, record: str, step: Step) -> None:
        entry = step.entry
        numbers = exhibits(entry)
        files = [self._files[number] for number in numbers if number in self._files]
        self.nodes.add(
            record,
            "investigation:ProvenanceRecord",
            {
                "core:description": f"Entry {entry.seq} of the custody ledger: {entry.action}, {entry.outcome}",
                "investigation:exhibitNumber": numbers[0] if len(numbers) == 1 else None,
                "investigation:rootExhibitNumber": numbers if len(numbers) > 1 else None,
                "core:object": [*files, self._line(entry)],
            },
        )
        self._records.append(record)
        self._newest.update(dict.fromkeys([*numbers, entry.leaf.hex()], record))

    def _handled(self, entry: Entry) -> Iterator[str]:
        """Yield the newest records of the exhibits that a step handles."""
        yield from (self._newest[number] for number in exhibits(entry) if number in self._newest)

    def _answered(self, entry: Entry) -> Iterator[str]:
        """Yield the records of the entries that a step refers to."""
        yield from (self._newest[leaf] for leaf in entry.refs if leaf in self._newest)

    def _made(self, entry: Entry) -> Iterator[str]:
        for item in entry.result:
            if "sha256" not in item:
                continue
            if "exhibit" in item:
                yield self._files.setdefault(item["exhibit"], self._file(entry, item))
            else:
                yield self._hashed(entry, item["kind"], "observable:ObservableObject", {}, item["sha256"])

    def _file(self, entry: Entry, item: Mapping[str, Any]) -> str:
        content = {"observable:sizeInBytes": item.get("size"), "observable:mimeType": item.get("media")}
        return self._hashed(entry, f"exhibit {item['exhibit']}", "observable:File", content, item["sha256"])

    def _line(self, entry: Entry) -> str:
        content = {"observable:sizeInBytes": len(entry.line), "observable:mimeType": "application/json"}
        name = f"line {entry.seq + 1} of ledger.jsonl, without its line end"
        return self._hashed(entry, name, "observable:ObservableObject", content, sha256(entry.line))

    def _hashed(self, entry: Entry, name: str, kind: str, content: Mapping[str, Any], digest: str) -> str:
        return self.nodes.add_hashed(lambda part: self._id(entry, part), name, kind, content, digest)

    def _authorization(self, entry: Entry) -> Iterator[str]:
        if (entry.action, entry.outcome) != ("authorize", "done"):
            return
        stated = entry.private.get("authorization")
        stated = stated if isinstance(stated, dict) else {}
        authorization = {
            "investigation:authorizationIdentifier": stated.get("identifier"),
            "investigation:authorizationType": stated.get("type"),
            "core:startTime": format_instant(entry.start_time),
            "core:endTime": _last_instant(stated.get("expires")),
        }
        yield self.nodes.add(self._id(entry, "authorization"), "investigation:Authorization", authorization)

    def _investigator(self, step: Step) -> str:
        key = step.entry.performer
        named = {"core:name": step.person} if step.named_in is not None else {}
        node = {**named, "core:description": f"Signs with the key {key}"}
        return self.nodes.add(self._name(key, f"investigator {step.named_in}"), "investigation:Investigator", node)

    def _tool(self, instrument: Mapping[str, Any]) -> list[str]:
        own = {"core:name": instrument["name"], "tool:version": instrument["version"]}
        tools = [self.nodes.add(self._name("tool", " ".join(own.values())), "tool:Tool", own)]
        if "collector" in instrument:
            name, _, version = instrument["collector"].partition("/")
            node = {"core:name": name, "tool:version": version or None, "tool:toolType": "collector"}
            tools.append(self.nodes.add(self._name("collector", instrument["collector"]), "tool:Tool", node))
        return tools

    def _reference(self, entry: Entry) -> str:
        context = f"leaf hash of entry {entry.seq} of custody ledger {entry.payload['ledger']}"
        node = {"core:definingContext": context, "core:externalIdentifier": entry.leaf.hex()}
        return self.nodes.add(self._id(entry, "leaf"), "core:ExternalReference", node)

    def _elsewhere(self, entry: Entry) -> Iterator[str]:
        """Yield references to the entries of other ledgers that an entry refers to, such as a release."""
        named = [*entry.refs, *(item["leaf"] for item in entry.object if "leaf" in item)]
        for leaf in _unique(named):
            if leaf not in self._leaves:
                node = {"core:definingContext": ELSEWHERE, "core:externalIdentifier": leaf}
                yield self.nodes.add(self._name(leaf, "elsewhere"), "core:ExternalReference", node)

    def _informed_by(self, entry: Entry) -> list[str]:
        referred = (self._actions[leaf] for leaf in entry.refs if leaf in self._actions)
        return _unique([*referred, *([self._last_action] if self._last_action else [])])

    def _id(self, entry: Entry, part: str) -> str:
        return self._name(entry.leaf.hex(), part)

    def _name(self, of: str, part: str) -> str:
        return f"urn:uuid:{uuid.uuid5(self._namespace, f'{of} {part}')}"


def _unique(identifiers: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(identifiers))


def _last_instant(expires: object) -> str | None:
    """Return the end of an authority as an instant; None where it is not stated or is no date."""
    try:
        last: datetime | None = day_bounds(None, str(expires))[1] if expires else None
    except ValueError:
        return None
    return format_instant(last) if last else None
