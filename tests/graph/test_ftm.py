"""FollowTheMoney entities: one a line, every edge with the documents that prove it."""

import json

import pytest
from invented_charts import DIGEST, HAZARDS, KEYS, every_kind, hazardous, reordered, spaced_keys

from osint.errors import ExportError
from osint.graph.exchange.cells import unwritten
from osint.graph.exchange.ftm import ftm


def entities(network):
    return [json.loads(line) for line in ftm(network).decode().splitlines()]


def links(network):
    return [entity for entity in entities(network) if entity["schema"] == "UnknownLink"]


def by_key(network):
    """The entities of nodes and edges, by the key that stands in their notes or description."""
    found = {}
    for entity in entities(network):
        said = entity["properties"].get("notes") or entity["properties"].get("description", [""])
        if said[0].startswith("key: "):
            found[unwritten(said[0].removeprefix("key: "))] = entity
    return found


def test_every_kind_is_an_entity_of_its_schema():
    """
    A value stands in the property that the schema has for it.
    """
    made = by_key(every_kind())

    assert {kind: made[key]["schema"] for kind, key in KEYS.items()} == {
        "person": "Person", "account": "UserAccount", "post": "Message", "media": "Document", "place": "Address",
        "phone": "UserAccount", "email": "UserAccount", "url": "HyperText", "domain": "Note", "hashtag": "Note",
        "group": "Organization", "vehicle": "Vehicle", "wallet": "CryptoWallet", "event": "Event", "boat": "Note",
    }  # fmt: skip
    assert made[KEYS["account"]]["properties"]["username"] == ["jane@social.example"]
    assert made[KEYS["phone"]]["properties"]["phone"] == ["+12025550143"]
    assert made[KEYS["email"]]["properties"]["email"] == ["jane@mail.example"]
    assert made[KEYS["url"]]["properties"]["sourceUrl"] == ["https://news.example/story?id=1"]
    assert made[KEYS["place"]]["properties"]["latitude"] == ["52.1"]


def test_an_edge_claims_no_more_than_a_tie_and_names_its_proof():
    """
    An UnknownLink from one entity to the other, with our relation, the exhibits, the rule or the analyst.
    """
    network = every_kind()
    ids = {key: entity["id"] for key, entity in by_key(network).items()}
    documents = {
        entity["properties"]["fileName"][0]: entity
        for entity in entities(network)
        if entity["properties"].get("title", [""])[0].startswith("exhibit ")
    }
    of = {link["properties"]["role"][0]: link["properties"] for link in links(network)}

    assert len(links(network)) == network.size()
    assert documents["E0001"]["properties"]["description"] == [f"SHA-256 {DIGEST}"]
    assert of["same_media"]["recordId"] == ["E0001", "E0002"]
    assert of["same_media"]["proof"] == [documents["E0001"]["id"], documents["E0002"]["id"]]
    assert (of["same_person"]["subject"], of["same_person"]["object"]) == (
        [ids[KEYS["person"]]],
        [ids[KEYS["account"]]],
    )
    assert "by: J. Smit" in of["same_person"]["description"]
    assert "basis: derived" in of["same_media"]["description"]
    assert of["mention"]["startDate"] == ["2026-05-01T08:30:00"]
    assert "startDate" not in of["same_media"]


@pytest.mark.parametrize("hazard", HAZARDS)
def test_hostile_text_is_kept_on_one_line(hazard):
    """
    Every node and edge is a line of its own; undoing the spelling gives the label back, but for spaces at its ends.
    """
    network = hazardous(HAZARDS[hazard])

    made = by_key(network)

    assert len(links(network)) == network.size()
    for key, known in network.nodes(data=True):
        name = unwritten(made[key.strip()]["properties"]["name"][0])
        assert name == (known["label"].strip() or key.strip())
    assert not set("\x00\x0b\x1b\u202e\ufffe\ud83d\r\t") & set(ftm(network).decode())
    values = [value for entity in entities(network) for said in entity["properties"].values() for value in said]
    assert not any("\n" in value or "\t" in value for value in values)


def test_what_is_no_address_is_not_stated_as_one():
    """
    Readers drop a wrong e-mail address in silence; here it is the name of the account and nothing else.
    """
    made = by_key(hazardous("]]>"))

    assert "email" not in made["email:smtp:0]]>"]["properties"]
    assert "sourceUrl" not in made["url:web:0]]>"]["properties"]


def test_equal_graphs_give_equal_bytes():
    """
    The order in which a graph was built does not show.
    """
    assert ftm(every_kind()) == ftm(reordered(every_kind()))


def test_an_edge_without_exhibits_is_not_exported():
    """
    No link without proof.
    """
    network = every_kind()
    network.edges[KEYS["account"], KEYS["url"], "mention"]["exhibits"] = []

    with pytest.raises(ExportError, match="names no exhibit"):
        ftm(network)


def test_edges_whose_names_read_the_same_one_after_the_other_stay_two():
    """
    Keys may hold spaces: from "a b" to "c" is not from "a" to "b c".
    """
    network = spaced_keys()

    entities = [json.loads(line) for line in ftm(network).decode().splitlines()]
    assert len({entity["id"] for entity in entities}) == len(entities) == 1 + len(network) + network.size()
