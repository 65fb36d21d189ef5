"""The custody log as a CASE graph: the reference validator accepts it, and our shapes see what that one does not."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from few import few
from papers import AUTHORITY, WHO, hand_on, key, new_ledger, redact, send, take_in, work

from osint.chain_of_custody.digests import sha256
from osint.report.case_uco import SHAPES, case_graph
from osint.store.blobs import FolderBlobs

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib warns of its own classes

Graph = dict[str, Any]
SHAPES_FILE = Path(str(files("osint.report").joinpath(SHAPES)))
ACTION, RECORD = "investigation:InvestigativeAction", "investigation:ProvenanceRecord"
# What the ontology says of the classes that are used here, for a quick look without the ontology.
CLASSES = """
@prefix observable: <https://ontology.unifiedcyberontology.org/uco/observable/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
observable:File rdfs:subClassOf observable:ObservableObject .
"""


def graph_of(ledger) -> Graph:
    return json.loads(b"".join(case_graph(ledger, "2026-0417")))


def nodes(graph: Graph, kind: str) -> list[Graph]:
    return [node for node in graph["@graph"] if node["@type"] == kind]


def action(graph: Graph, name: str, place: int = 0) -> Graph:
    return [node for node in nodes(graph, ACTION) if node["core:name"] == name][place]


def named(graph: Graph, identifier: str) -> Graph:
    [node] = [node for node in graph["@graph"] if node["@id"] == identifier]
    return node


def record_of(graph: Graph, of: Graph) -> Graph:
    records = {node["@id"]: node for node in nodes(graph, RECORD)}
    return next(records[result] for result in of["action:result"] if result in records)


@pytest.fixture
def blobs(worked):
    return FolderBlobs(worked.path.parent / "evidence")


@pytest.fixture
def graph(worked, blobs) -> Graph:
    hand_on(worked, blobs)
    return graph_of(worked)


def test_every_step_of_substance_is_an_action_with_its_record(worked, graph):
    """
    What was done, when, by whom, with what, how it ended; and the line that is signed, by its hash.
    """
    entries = {entry.leaf.hex(): entry for entry in worked.entries()}
    actions = nodes(graph, ACTION)

    assert [node["core:name"] for node in actions] == [
        "authorize", "search", "acquire", "acquire", "conclude", "search", "search", "release", "receive",
    ]  # fmt: skip
    for node in actions:
        entry = entries[named(graph, node["core:externalReference"][0])["core:externalIdentifier"]]
        line = named(graph, record_of(graph, node)["core:object"][-1])
        [facet] = [each for each in graph["@graph"] if each["@id"] == line["core:hasFacet"]]
        assert named(graph, facet["observable:hash"])["types:hashValue"] == sha256(entry.line)
        assert node["core:tag"] == f"outcome: {entry.outcome}"
        assert named(graph, node["action:performer"])["core:name"] == WHO
        assert named(graph, node["action:instrument"][0])["core:name"] == "osint"


def test_an_exhibit_is_a_file_with_its_hash_and_its_custody_is_a_chain_of_records(graph, worked):
    """
    Acquired, released, received: each step has the record of the one before as its object, and gives a new one.
    """
    acquired, released, received = (action(graph, name) for name in ("acquire", "release", "receive"))
    [file, _] = nodes(graph, "observable:File")
    exhibit = worked.exhibits()[0]
    content = named(graph, file["core:hasFacet"])

    assert named(graph, content["observable:hash"])["types:hashValue"] == exhibit.sha256
    assert (content["observable:sizeInBytes"], content["observable:mimeType"]) == (exhibit.size, exhibit.media)
    assert file["@id"] in acquired["action:result"]
    assert record_of(graph, acquired)["@id"] in released["action:object"]
    assert record_of(graph, released)["@id"] in received["action:object"]
    for each in (acquired, released, received):
        assert record_of(graph, each)["investigation:exhibitNumber"] == "E0001"
        assert file["@id"] in record_of(graph, each)["core:object"]
    assert released["@id"] in received["investigation:wasInformedBy"]


def test_every_action_is_informed_by_the_one_before_and_by_those_it_refers_to(graph):
    """
    The order of the ledger, and the search that an acquisition belongs to.
    """
    actions = nodes(graph, ACTION)
    search, second = action(graph, "search"), action(graph, "acquire", 1)

    assert "investigation:wasInformedBy" not in actions[0]
    for before, after in pairwise(actions):
        assert before["@id"] in after["investigation:wasInformedBy"]
    assert search["@id"] in second["investigation:wasInformedBy"]


def test_the_authority_is_an_authorization_and_names_the_actions_under_it(graph):
    """
    Identifier, type and last instant; and which steps rest on it.
    """
    [authority] = nodes(graph, "investigation:Authorization")
    [under] = nodes(graph, "core:Relationship")
    [investigation] = nodes(graph, "investigation:Investigation")

    assert authority["investigation:authorizationIdentifier"] == "MP-2026-0417"
    assert authority["investigation:authorizationType"] == "missing-person report"
    assert authority["core:endTime"].startswith("2026-12-31T23:59:59")
    assert under["core:target"] == authority["@id"]
    assert {named(graph, source)["core:name"] for source in under["core:source"]} == {"search", "acquire", "conclude"}
    assert investigation["investigation:relevantAuthorization"] == [authority["@id"]]
    assert len(investigation["core:object"]) == len(nodes(graph, ACTION))


def test_an_authority_that_was_refused_is_none(worked):
    """
    The attempt is an action; nothing can rest on it.
    """
    worked.append("authorize", outcome="refused", private={"authorization": {"identifier": "MP-2"}})
    graph = graph_of(worked)

    assert action(graph, "authorize", 1)["core:tag"] == "outcome: refused"
    assert len(nodes(graph, "investigation:Authorization")) == 1


@pytest.mark.parametrize("expires", ["", "when it is over", None, 7])
def test_an_end_that_is_no_date_is_left_out(worked, expires):
    """
    A graph with a date that is none would not be valid; what was stated is in the ledger.
    """
    worked.append("authorize", private={"authorization": {**AUTHORITY, "expires": expires}})

    assert "core:endTime" not in nodes(graph_of(worked), "investigation:Authorization")[1]


def test_housekeeping_of_the_ledger_is_no_action(worked):
    """
    Keys, anchors and settings are about the record, not about the evidence.
    """
    before = len(nodes(graph_of(worked), ACTION))
    worked.append("configure", private={"network": "proxy"})
    worked.append("anchor", outcome="failed", result=[{"kind": "token", "checkpoint": 8, "reason": "no-answer"}])
    worked.introduce(key("second", 128))

    assert len(nodes(graph_of(worked), ACTION)) == before


def test_what_was_erased_is_absent(worked):
    """
    No value, no name, no identifier: the nodes are there without them.
    """
    for seq in (0, 1, 2, 6):
        redact(worked, worked.entry(seq))
    text = b"".join(case_graph(worked, "2026-0417")).decode()
    graph = json.loads(text)

    for erased in (WHO, "MP-2026-0417", "missing-person report", "@jane", "dawn"):
        assert erased not in text
    [authority] = nodes(graph, "investigation:Authorization")
    assert set(authority) == {"@id", "@type", "core:startTime"}
    assert all("core:name" not in each for each in nodes(graph, "investigation:Investigator"))


def test_a_purge_and_a_package_are_in_the_graph(worked):
    """
    Whose bytes were destroyed, and what left the case, by its hash.
    """
    worked.append("purge", object=[{"exhibit": "E0002"}])
    worked.append("export", result=[{"kind": "package", "sha256": "cd" * 32}])
    graph = graph_of(worked)

    assert record_of(graph, action(graph, "purge"))["investigation:exhibitNumber"] == "E0002"
    assert record_of(graph, action(graph, "acquire", 1))["@id"] in action(graph, "purge")["action:object"]
    [package] = [node for node in nodes(graph, "observable:ObservableObject") if node["core:name"] == "package"]
    assert package["@id"] in action(graph, "export")["action:result"]


def test_several_exhibits_in_one_step_are_all_named(worked):
    """
    A record names one exhibit or the roots of several.
    """
    worked.append("release", object=[{"exhibit": "E0001"}, {"exhibit": "E0002"}])
    graph = graph_of(worked)
    record = record_of(graph, action(graph, "release"))

    assert record["investigation:rootExhibitNumber"] == ["E0001", "E0002"]
    assert "investigation:exhibitNumber" not in record


def test_identifiers_follow_from_the_ledger_alone(worked, tmp_path):
    """
    The same ledger gives the same bytes; another ledger with the same steps shares no identifier with it.
    """
    (tmp_path / "other").mkdir()
    with new_ledger(tmp_path / "other") as other:
        work(other, FolderBlobs(tmp_path / "other" / "evidence"))
        strangers = {node["@id"] for node in graph_of(other)["@graph"]}
    own = [node["@id"] for node in graph_of(worked)["@graph"]]

    assert list(case_graph(worked, "n")) == list(case_graph(worked, "n"))
    assert len(set(own)) == len(own)
    assert not strangers & set(own)
    assert all(uuid.UUID(identifier.removeprefix("urn:uuid:")).version == 5 for identifier in own)


def test_hostile_text_is_text(worked):
    """
    A query that looks like a node stays one value.
    """
    hostile = '"},{"@id":"urn:x","@type":"investigation:Investigation"},{"@id":"\u202e\\'
    worked.append("search", outcome="nil", private={"query": hostile})
    graph = graph_of(worked)

    assert nodes(graph, ACTION)[-1]["core:description"] == f"query: {hostile}"
    assert "urn:x" not in {node["@id"] for node in graph["@graph"]}


# -- shapes: each of these the ontology lets pass -------------------------------------------------------------------------


def without_record(graph: Graph) -> None:
    first = nodes(graph, ACTION)[1]
    first["action:result"].remove(record_of(graph, first)["@id"])


def record_of_two(graph: Graph) -> None:
    action(graph, "conclude")["action:result"].append(record_of(graph, action(graph, "acquire"))["@id"])


def record_of_nothing(graph: Graph) -> None:
    del record_of(graph, action(graph, "conclude"))["core:object"]


def end_before_start(graph: Graph) -> None:
    action(graph, "acquire")["action:endTime"] = "2026-04-01T00:00:00Z"


def no_start(graph: Graph) -> None:
    del action(graph, "acquire", 1)["action:startTime"]


def no_end(graph: Graph) -> None:
    del action(graph, "search", 1)["action:endTime"]


def no_performer(graph: Graph) -> None:
    del action(graph, "search", 2)["action:performer"]


def no_tool(graph: Graph) -> None:
    del action(graph, "conclude")["action:instrument"]


def no_hash(graph: Graph) -> None:
    del named(graph, nodes(graph, "observable:File")[0]["core:hasFacet"])["observable:hash"]


def short_hash(graph: Graph) -> None:
    nodes(graph, "types:Hash")[-1]["types:hashValue"] = "ab" * 16


def received_without_release(graph: Graph) -> None:
    received = action(graph, "receive")
    received["action:object"].remove(record_of(graph, action(graph, "release"))["@id"])


def informed_by_no_release(graph: Graph) -> None:
    received = action(graph, "receive")
    received["investigation:wasInformedBy"] = [action(graph, "search")["@id"]]


def received_twice(graph: Graph) -> None:
    again, record = (
        copy.deepcopy(node) for node in (action(graph, "receive"), record_of(graph, action(graph, "receive")))
    )
    old = record["@id"]
    again["@id"], record["@id"] = (
        f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, each['@id'])}" for each in (again, record)
    )
    again["action:result"] = [record["@id"] if each == old else each for each in again["action:result"]]
    graph["@graph"] += [again, record]


def two_beginnings(graph: Graph) -> None:
    del action(graph, "search")["investigation:wasInformedBy"]


BREAKS: dict[Callable[[Graph], None], str] = {
    without_record: "An action has exactly one provenance record among its results.",
    record_of_two: "A provenance record is the result of exactly one action.",
    record_of_nothing: "A provenance record holds what it is about.",
    end_before_start: "An action has a start, and does not end before it starts.",
    no_start: "An action has a start, and does not end before it starts.",
    no_end: "An action has an end.",
    no_performer: "An action names who performed it.",
    no_tool: "An action names the tool it was performed with.",
    no_hash: "An exhibit or a ledger line has a hash.",
    short_hash: "A hash is whole: a SHA-256 has 64 hex digits.",
    received_twice: "What was released once is received once.",
    received_without_release: "What was received or refused was released before",
    informed_by_no_release: "What was received or refused was released before",
    two_beginnings: "Every action but the first is informed by one before it.",
}


def said(graph: Graph) -> str:
    """Return what our shapes alone say of a graph."""
    import pyshacl

    conforms, _, text = pyshacl.validate(
        json.dumps(graph), data_graph_format="json-ld", shacl_graph=str(SHAPES_FILE), shacl_graph_format="turtle",
        ont_graph=CLASSES, ont_graph_format="turtle", inplace=True,
    )  # fmt: skip
    assert conforms == ("Results (" not in text)
    return text


def validated(folder: Path, graph: Graph, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the reference validator; it has the ontology of CASE 1.5 inside and needs no network."""
    (folder / "graph.jsonld").write_text(json.dumps(graph), encoding="utf-8")
    program = shutil.which("case_validate", path=str(Path(sys.executable).parent))
    return subprocess.run(
        [program, "--built-version", "case-1.5.0", *options, str(folder / "graph.jsonld")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(("attack", "message"), few(BREAKS.items(), 5), ids=[attack.__name__ for attack in BREAKS])
def test_each_shape_sees_its_fault(graph, attack, message):
    """
    A broken graph is reported by the shape that is about it.
    """
    attack(graph)

    assert message in said(graph)


def test_a_whole_graph_keeps_every_shape(graph):
    """
    Without the ontology there is nothing to report either.
    """
    assert "Conforms: True" in said(graph)


def test_an_answer_to_a_release_in_another_ledger_is_accepted(worked, blobs):
    """
    What was received from elsewhere names the release by its leaf hash.
    """
    take_in(worked, blobs, 7)
    exhibit = worked.exhibits()[-1]
    item = {"exhibit": exhibit.number, "sha256": exhibit.sha256}
    worked.append("receive", object=[item], refs=["ef" * 32])
    graph = graph_of(worked)
    elsewhere = named(graph, action(graph, "receive")["core:externalReference"][1])

    assert elsewhere["core:externalIdentifier"] == "ef" * 32
    assert "Conforms: True" in said(graph)
    action(graph, "receive")["core:externalReference"].pop()
    assert "released before" in said(graph)


def test_both_ledgers_of_a_transfer_keep_the_shapes(worked, blobs, tmp_path):
    """
    There the exhibit has a number of its own and a file of its own, and the release is named by its leaf hash.
    """
    (tmp_path / "other").mkdir()
    others = FolderBlobs(tmp_path / "other" / "evidence")
    with new_ledger(tmp_path / "other", 160) as other:
        take_in(other, others, 9)
        take_in(other, others, 10)
        send(worked, blobs, other, others, tmp_path)
        there = graph_of(other)
    here = graph_of(worked)
    received = action(there, "receive")

    assert "Conforms: True" in said(here)
    assert "Conforms: True" in said(there)
    assert record_of(there, received)["investigation:exhibitNumber"] == "E0003"
    assert record_of(there, action(there, "acquire", 1))["@id"] not in received.get("action:object", [])
    assert len(nodes(there, "observable:File")) == 3
    elsewhere = {named(there, each)["core:externalIdentifier"] for each in received["core:externalReference"]}
    assert named(here, action(here, "release")["core:externalReference"][0])["core:externalIdentifier"] in elsewhere


def test_a_receipt_that_failed_is_no_second_receipt(worked, blobs):
    """
    Other bytes were found, the sender mended that, and then it was received.
    """
    release = hand_on(worked, blobs, "")
    worked.append("receive", outcome="failed", refs=[release.leaf.hex()], private={"reason": "other bytes"})
    worked.append("receive", object=[{"exhibit": "E0001"}], refs=[release.leaf.hex()])

    assert "Conforms: True" in said(graph_of(worked))


def test_the_reference_validator_accepts_the_graph_and_our_shapes_with_it(graph, tmp_path):
    """
    ``case_validate`` gives exit code 0, with the ontology and our shapes together.
    """
    done = validated(tmp_path, graph, "--ontology-graph", str(SHAPES_FILE))

    assert (done.returncode, "Conforms: True" in done.stdout, done.stderr) == (0, True, "")


@pytest.mark.exhaustive
def test_what_our_shapes_see_the_reference_validator_lets_pass(graph, tmp_path):
    """
    With every fault in one graph, the ontology alone has nothing to say; with our shapes each fault is named.
    """
    for attack in (each for each in BREAKS if each is not received_without_release):  # which would undo another
        attack(graph)

    alone = validated(tmp_path, graph)
    together = validated(tmp_path, graph, "--ontology-graph", str(SHAPES_FILE))

    assert (alone.returncode, "Conforms: True" in alone.stdout) == (0, True)
    assert together.returncode == 1
    spoken = re.sub(r"\s+", " ", together.stdout)
    for message in set(BREAKS.values()):
        assert message in spoken
