"""The STIX bundle: ids of the standard beside our keys, exhibits on every relationship, hostile text kept."""

import json
import uuid

import networkx as nx
import pytest
from invented_charts import DIGEST, EVIDENCE, FIRST, HAZARDS, KEYS, LAST, every_kind, hazardous, reordered

from osint.errors import ExportError
from osint.graph.exchange.cells import unwritten
from osint.graph.exchange.stix import stix

STANDARD = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")


def bundle(network, title="Chart"):
    return json.loads(stix(network, title))["objects"]


def extension(made):
    """What we say of an object beside the standard."""
    [own] = [each for each in made["extensions"].values() if each["extension_type"] == "property-extension"]
    return own


def by_key(network):
    return {unwritten(extension(made)["key"]): made for made in bundle(network) if "extensions" in made}


def relationships(network):
    return [made for made in bundle(network) if made["type"] == "relationship"]


def test_every_kind_is_an_object_of_its_type():
    """
    What the standard has is what it is there; what it lacks is a type that an extension of the bundle defines.
    """
    made = by_key(every_kind())

    assert {kind: made[key]["type"] for kind, key in KEYS.items()} == {
        "person": "identity", "account": "user-account", "post": "media-content", "media": "file", "place": "location",
        "phone": "phone-number", "email": "email-addr", "url": "url", "domain": "domain-name", "hashtag": "text",
        "group": "identity", "vehicle": "text", "wallet": "cryptocurrency-wallet", "event": "event", "boat": "text",
    }  # fmt: skip
    assert made[KEYS["phone"]]["value"] == "+12025550143"
    assert (made[KEYS["place"]]["latitude"], made[KEYS["place"]]["longitude"]) == (52.1, 4.3)


def test_every_type_that_the_standard_lacks_is_defined_in_the_bundle():
    """
    Each extension that an object names is an extension-definition of the same bundle.
    """
    objects = bundle(every_kind())
    defined = {made["id"]: made["extension_types"] for made in objects if made["type"] == "extension-definition"}

    used = {(name, each["extension_type"]) for made in objects for name, each in made.get("extensions", {}).items()}

    assert used
    assert all(kind in defined[name] for name, kind in used)


def test_an_accounts_id_is_of_platform_and_number_alone():
    """
    The standard's id of an account changes with the login, so no login is stated; a new label changes no id.
    """
    network = every_kind()
    before = by_key(network)[KEYS["account"]]
    network.nodes[KEYS["account"]]["label"] = "another handle"
    after = by_key(network)[KEYS["account"]]

    contributing = '{"account_type":"mastodon","user_id":"jane@social.example"}'
    assert before["id"] == after["id"] == f"user-account--{uuid.uuid5(STANDARD, contributing)}"
    assert "account_login" not in after
    assert after["display_name"] == "another handle"


def test_two_nodes_never_share_an_id():
    """
    One address in two namespaces gets two ids: the standard's, and one of our own key.
    """
    network = nx.MultiDiGraph()
    for key in ("url:archive:https://news.example/", "url:web:https://news.example/"):
        network.add_node(key, kind="url", label="", exhibits=["E0001"])

    one, two = (made["id"] for made in bundle(network) if made["type"] == "url")

    contributing = '{"value":"https://news.example/"}'
    assert one == f"url--{uuid.uuid5(STANDARD, contributing)}"
    assert one != two


def test_a_relationship_carries_its_exhibits_and_what_it_rests_on():
    """
    Exhibits with the digest that the evidence states, confidence in percent, rule, analyst and reason.
    """
    network = every_kind()
    of = {extension(made)["kind"]: made for made in relationships(network)}
    ids = {key: made["id"] for key, made in by_key(network).items()}

    derived, asserted = of["same_media"], of["same_person"]

    assert derived["relationship_type"] == "same-media"
    assert derived["confidence"] == 75
    assert derived["external_references"] == [
        {"source_name": "exhibit", "external_id": "E0001", "hashes": {"SHA-256": DIGEST}},
        {"source_name": "exhibit", "external_id": "E0002"},
    ]
    assert json.loads(extension(derived)["details"]["rule"]) == {
        "id": "same_media", "version": "1", "parameters": {"distance": 4},
    }  # fmt: skip
    assert (asserted["source_ref"], asserted["target_ref"]) == (ids[KEYS["person"]], ids[KEYS["account"]])
    assert asserted["description"] == "same_person, asserted, by J. Smit: she says so in E0003"
    assert extension(of["mention"])["evidence"] == [{name: str(value) for name, value in EVIDENCE.items()}]


def test_the_end_of_a_period_is_stated_only_when_it_is_later():
    """
    The standard wants stop_time after start_time; both instants stand in the extension in any case.
    """
    of = {extension(made)["kind"]: made for made in relationships(every_kind())}

    assert of["mention"]["start_time"] == "2026-05-01T08:30:00.000Z"
    assert of["mention"]["stop_time"] == "2026-05-03T09:00:00.000Z"
    assert "stop_time" not in of["same_person"]
    assert extension(of["same_person"])["last"] == "2026-05-03T09:00:00Z"
    assert (FIRST < LAST) and "start_time" not in of["same_media"]


@pytest.mark.parametrize("hazard", HAZARDS)
def test_hostile_text_is_kept_and_spelt(hazard):
    """
    Every node and every edge is there; undoing the spelling gives the label back; nothing in it stays hidden.
    """
    network = hazardous(HAZARDS[hazard])

    made = by_key(network)

    assert len(relationships(network)) == network.size()
    assert set(network) <= set(made)
    assert all(unwritten(extension(made[key])["label"]) == known["label"] for key, known in network.nodes(data=True))
    assert not set("\x00\x0b\x1b\u202e\ufffe\ud83d\r") & set(stix(network).decode())


def test_a_value_that_is_no_address_is_text():
    """
    A url object would claim an address; "]]>" is none.
    """
    made = by_key(hazardous("]]>"))

    assert made["url:web:0]]>"]["type"] == "text"
    assert made["url:web:0]]>"]["value"] == "0]]>"


@pytest.mark.parametrize("value", [1.5, float("nan"), True, "high", None])
def test_a_confidence_that_is_none_is_not_stated(value):
    """
    Only a share from 0 to 1 becomes a percentage; anything else stays as it was, in the extension.
    """
    network = every_kind()
    network.edges[KEYS["account"], KEYS["media"], "same_media"]["confidence"] = {"value": value, "method": "x"}

    [made] = [each for each in relationships(network) if each["relationship_type"] == "same-media"]

    assert "confidence" not in made
    assert "x" in extension(made)["details"]["confidence"]


def test_equal_graphs_give_equal_bytes():
    """
    The order in which a graph was built does not show.
    """
    assert stix(every_kind(), "Chart") == stix(reordered(every_kind()), "Chart")


def test_an_edge_without_exhibits_is_not_exported():
    """
    No bundle holds an edge that nobody could check.
    """
    network = every_kind()
    network.edges[KEYS["account"], KEYS["url"], "mention"]["exhibits"] = []

    with pytest.raises(ExportError, match="names no exhibit"):
        stix(network)


@pytest.mark.parametrize("value", [{1, 2}, FIRST.replace(tzinfo=None)])
def test_a_value_that_is_no_text_is_refused(value):
    """
    A set, or a time without a zone, is not written as something else.
    """
    network = every_kind()
    network.nodes[KEYS["boat"]]["seen"] = value

    with pytest.raises(ExportError, match="cannot be written as text"):
        stix(network)
