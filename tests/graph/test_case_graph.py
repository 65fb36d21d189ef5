"""A link chart as a CASE graph: the reference validator accepts it, every exhibit is a provenance record."""

import json
from functools import cache

import pytest
from case_utils import case_validate
from case_utils.case_validate.validate_utils import get_ontology_graph as ontology
from invented_charts import DIGEST, HAZARDS, KEYS, every_kind, hazardous, reordered, spaced_keys

from osint.errors import ExportError
from osint.graph.exchange.case_uco import case_uco
from osint.graph.exchange.cells import unwritten


def graph(network, title="Chart"):
    return {node["@id"]: node for node in json.loads(case_uco(network, title))["@graph"]}


def references(nodes, node):
    """What a node is called elsewhere: (context, identifier)."""
    named = (nodes[each] for each in node["core:externalReference"])
    return [(each["core:definingContext"], unwritten(each["core:externalIdentifier"])) for each in named]


def by_key(nodes):
    return {references(nodes, node)[0][1]: node for node in nodes.values() if "core:externalReference" in node}


def of_class(nodes, kind):
    return [node for node in nodes.values() if node["@type"] == kind]


def relations(nodes):
    return {node["core:kindOfRelationship"]: node for node in of_class(nodes, "core:Relationship")}


@pytest.mark.exhaustive
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_reference_validator_accepts_every_kind_and_every_hostile_text(tmp_path, monkeypatch):
    """
    ``case_validate``, which has the ontology of CASE 1.5 inside, accepts a graph with all of it, and no broken one.
    """
    monkeypatch.setattr(case_validate, "get_ontology_graph", cache(ontology))
    network, hazards = every_kind(), list(HAZARDS.values())
    for key, hazard in zip([*network], hazards, strict=False):
        network.nodes[key]["label"] = hazard
    for at, known in enumerate(known for _, _, known in network.edges(data=True)):
        known["reason"] = hazards[-at]
    everything = case_uco(network, HAZARDS["entity"])
    broken = case_uco(hazardous("one")).replace(b'"core:isDirectional":true', b'"core:isDirectional":"yes"')

    def conforms(content):
        (tmp_path / "chart.jsonld").write_bytes(content)
        return case_validate.validate(str(tmp_path / "chart.jsonld"), case_version="case-1.5.0").conforms

    assert conforms(everything)
    assert not conforms(broken)


def test_every_kind_is_an_object_of_its_class():
    """
    The class of the table, and the value in the facet that the class has for it.
    """
    nodes = graph(every_kind())
    made = by_key(nodes)

    assert {kind: made[key]["@type"].partition(":")[2] for kind, key in KEYS.items()} == {
        "person": "Person", "account": "DigitalAccount", "post": "Message", "media": "File", "place": "Location",
        "phone": "PhoneAccount", "email": "EmailAddress", "url": "URL", "domain": "DomainName",
        "hashtag": "ObservableObject", "group": "Organization", "vehicle": "ObservableObject",
        "wallet": "DigitalAccount", "event": "Event", "boat": "ObservableObject",
    }  # fmt: skip
    [facet] = made[KEYS["email"]]["core:hasFacet"]
    assert nodes[facet]["observable:addressValue"] == "jane@mail.example"


def test_every_exhibit_is_a_provenance_record_of_all_that_it_shows():
    """
    The record names the exhibit, holds its file with the digest, and each relationship and object that it supports.
    """
    network = every_kind()
    nodes = graph(network)
    records = {node["investigation:exhibitNumber"]: node for node in of_class(nodes, "investigation:ProvenanceRecord")}
    derived = relations(nodes)["same_media"]

    assert sorted(records) == ["E0001", "E0002", "E0003"]
    assert records["E0002"]["core:object"] == [derived["@id"]]
    assert records["E0003"]["core:object"] == [relations(nodes)["same_person"]["@id"]]
    [file] = [
        nodes[each] for each in records["E0001"]["core:object"] if nodes[each].get("core:name") == "exhibit E0001"
    ]
    hashed = nodes[nodes[file["core:hasFacet"]]["observable:hash"]]
    assert hashed["types:hashValue"] == DIGEST
    assert len(records["E0001"]["core:object"]) == 1 + len(network) + 14
    assert references(nodes, derived)[1:] == [("exhibit", "E0001"), ("exhibit", "E0002")]


def test_a_relationship_says_what_it_rests_on():
    """
    Source, target, direction, period; basis, rule, analyst and reason as tags.
    """
    nodes = graph(every_kind())
    made, of = by_key(nodes), relations(nodes)

    asserted = of["same_person"]

    assert asserted["core:source"] == made[KEYS["person"]]["@id"]
    assert asserted["core:target"] == made[KEYS["account"]]["@id"]
    assert {"basis: asserted", "by: J. Smit", "reason: she says so in E0003"} <= set(asserted["core:tag"])
    assert any(tag.startswith("rule: ") and '"distance": 4' in tag for tag in of["same_media"]["core:tag"])
    assert of["mention"]["core:startTime"] == "2026-05-01T08:30:00Z"
    assert any(tag.startswith("evidence: ") and DIGEST in tag for tag in of["mention"]["core:tag"])


@pytest.mark.parametrize("hazard", HAZARDS)
def test_hostile_text_is_kept_and_spelt(hazard):
    """
    Undoing the spelling gives the label back; an empty one is named by its key.
    """
    network = hazardous(HAZARDS[hazard])
    made = by_key(graph(network))

    assert len(of_class(graph(network), "core:Relationship")) == network.size()
    for key, known in network.nodes(data=True):
        assert unwritten(made[key]["core:name"]) == (known["label"] or key)
    assert not set("\x00\x0b\x1b\u202e\ufffe\ud83d\r") & set(case_uco(network).decode())


def test_several_digests_of_one_exhibit_are_all_stated():
    """
    One exhibit, two files: both hashes hang on its content.
    """
    network = every_kind()
    known = network.edges[KEYS["account"], KEYS["url"], "mention"]
    known["evidence"] = [*known["evidence"], {"exhibit": "E0001", "sha256": "cd" * 32}]

    nodes = graph(network)

    assert {"cd" * 32, DIGEST} <= {node["types:hashValue"] for node in of_class(nodes, "types:Hash")}


def test_equal_graphs_give_equal_bytes():
    """
    The order in which a graph was built does not show.
    """
    assert case_uco(every_kind(), "Chart") == case_uco(reordered(every_kind()), "Chart")


def test_an_edge_without_exhibits_is_not_exported():
    """
    No relationship without a provenance record.
    """
    network = every_kind()
    network.edges[KEYS["account"], KEYS["url"], "mention"]["exhibits"] = []

    with pytest.raises(ExportError, match="names no exhibit"):
        case_uco(network)


def test_edges_whose_names_read_the_same_one_after_the_other_stay_two():
    """
    Keys may hold spaces: from "a b" to "c" is not from "a" to "b c".
    """
    assert len(of_class(graph(spaced_keys()), "core:Relationship")) == 2
