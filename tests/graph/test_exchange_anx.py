"""ANX by the rules that i2's schema sets: order, ids, references, lists, types."""

import pytest
from hazards import HAZARDS, full_graph, graph_with
from invented_posts import JANE
from lxml import etree

from osint.graph.exchange.anx import MOST_CARDS, anx
from osint.graph.exchange.positions import positions

# The order of a chart's parts, of which ours are a selection.
ORDER = [
    "ApplicationVersion",
    "LibraryCatalogue",
    "PropertyBagCollection",
    "CustomImageCollection",
    "GradeOne",
    "GradeTwo",
    "GradeThree",
    "SourceHints",
    "StrengthCollection",
    "AttributeClassCollection",
    "EntityTypeCollection",
    "LinkTypeCollection",
    "Font",
    "DatabaseProxyCollection",
    "DateTimeFormatCollection",
    "CurrentStyleCollection",
    "TimeZone",
    "TimeBar",
    "PrintSettings",
    "Summary",
    "ChartItemCollection",
    "ConnectionCollection",
    "JunctionCollection",
    "GroupCollection",
    "PaletteCollection",
    "PaletteBarCollection",
    "LegendDefinition",
    "SnapshotCollection",
]


@pytest.fixture(params=["full", *HAZARDS])
def root(request):
    """The chart of one graph after another."""
    network = full_graph() if request.param == "full" else graph_with(HAZARDS[request.param])
    return etree.fromstring(anx(network, {"E0001": 14}))


def test_the_parts_of_a_chart_stand_in_their_order(root):
    """
    A chart, an item, an entity and a link have their parts in the order that the schema sets.
    """
    assert [part.tag for part in root] == sorted((part.tag for part in root), key=ORDER.index)
    for item in root.iter("ChartItem"):
        assert [part.tag for part in item] in (["End", "AttributeCollection"], ["Link", "AttributeCollection"])
    for entity in root.iter("Entity"):
        assert [part.tag for part in entity] in (["Icon"], ["Icon", "CardCollection"])
    for link in root.iter("Link"):
        assert [part.tag for part in link] == ["CardCollection", "LinkStyle"]


def test_ids_stand_once_and_every_reference_leads_somewhere(root):
    """
    ``Id`` is unique in the document, ``Identity`` over all types, and each reference names what it should.
    """
    ids = {element.get("Id"): element.tag for element in root.iter() if element.get("Id")}
    entities = [entity.get("EntityId") for entity in root.iter("Entity")]

    assert len(ids) == sum(1 for element in root.iter() if element.get("Id"))
    assert len(set(entities)) == len(entities)
    assert len({entity.get("Identity") for entity in root.iter("Entity")}) == len(entities)
    for name, tag in (
        ("EntityTypeReference", "EntityType"),
        ("LinkTypeReference", "LinkType"),
        ("AttributeClassReference", "AttributeClass"),
        ("ConnectionReference", "Connection"),
    ):
        used = [element.get(name) for element in root.iter() if element.get(name)]
        assert used
        assert {ids[reference] for reference in used} == {tag}
    for link in root.iter("Link"):
        assert {link.get("End1Id"), link.get("End2Id")} <= set(entities)
        assert link.get("End1Id") != link.get("End2Id")


def test_types_lists_and_strengths_are_those_that_are_declared(root):
    """
    One of four types per attribute, one class per name; an index into a list exists; a strength has its line.
    """
    classes = [known.get("Name") for known in root.iter("AttributeClass")]
    assert len(set(classes)) == len(classes)
    assert {known.get("Type") for known in root.iter("AttributeClass")} <= {
        "AttText",
        "AttNumber",
        "AttFlag",
        "AttTime",
    }
    strengths = {known.get("Name"): known.get("DotStyle") for known in root.iter("Strength")}
    assert strengths == {
        "Observed": "DotStyleSolid",
        "Derived": "DotStyleDashed",
        "Asserted": "DotStyleDotted",
        "Basis not stated": "DotStyleDashDot",
    }
    assert {style.get("Strength") for style in root.iter("LinkStyle")} <= set(strengths)
    for name in ("GradeOne", "GradeTwo", "GradeThree"):
        entries = root.findall(f"{name}/StringCollection/String")
        assert entries[0].get("Text") == "-"
        assert all(0 <= int(item.get(f"{name}Index")) < len(entries) for item in root.iter("ChartItem", "Card"))


def test_numbers_flags_and_times_are_spelt_as_the_types_want_them():
    """
    Milliseconds and no zone in a time, since Analyst's Notebook takes all for UTC; a number that is none is text.
    """
    root = etree.fromstring(anx(full_graph()))
    classes = {known.get("Id"): known.get("Type") for known in root.iter("AttributeClass")}
    person = root.find(".//ChartItem")

    assert person.get("DateTime") == "2026-05-01T08:00:00.000"
    assert (person.get("DateSet"), person.get("TimeSet")) == ("true", "true")
    values = {each.get("AttributeClass"): each for each in person.iter("Attribute")}
    assert values["last"].get("Value") == "2026-05-02T08:00:00.250"
    assert values["minor"].get("Value") == "false"
    types = {
        each.get("AttributeClass"): classes[each.get("AttributeClassReference")] for each in root.iter("Attribute")
    }
    assert (types["last"], types["minor"], types["count"], types["weight"]) == (
        "AttTime",
        "AttFlag",
        "AttNumber",
        "AttText",
    )


def test_grades_stand_in_the_three_lists_with_their_scale():
    """
    Two scales in one chart do not mix, and what has no grade points at the entry that says so.
    """
    root = etree.fromstring(anx(full_graph()))
    lists = [
        [entry.get("Text") for entry in root.find(name).iter("String")]
        for name in ("GradeOne", "GradeTwo", "GradeThree")
    ]
    links = {
        item.find("Link/LinkStyle").get("Type"): item
        for item in root.iter("ChartItem")
        if item.find("Link") is not None
    }

    assert lists == [
        ["-", "3x5x2 source 1", "Admiralty source B"],
        ["-", "3x5x2 information B", "Admiralty information 2"],
        ["-", "3x5x2 handling P"],
    ]
    given = {name: [links[name].get(f"Grade{number}Index") for number in ("One", "Two", "Three")] for name in links}
    assert given["Mention"] == ["1", "1", "1"]
    assert given["Alias_of"] == ["2", "2", "0"]
    assert given["Same_media"] == ["0", "0", "0"]


def test_each_exhibit_is_a_card_with_what_is_known_of_it():
    """
    Ledger entry, digest and locator; past twenty one card names the rest.
    """
    network = full_graph()
    exhibits = [f"E{number:04d}" for number in range(1, 31)]
    network.edges["person:web:0", "account:web:1", "mention"]["exhibits"] = exhibits

    root = etree.fromstring(anx(network, {"E0001": 14}))

    cards = [card for item in root.iter("Link") for card in item.iter("Card")][: MOST_CARDS + 1]
    assert [card.get("SourceReference") for card in cards[:MOST_CARDS]] == exhibits[:MOST_CARDS]
    assert "ledger entry 14" in cards[0].get("Text")
    assert "ab" * 32 in cards[0].get("Text")
    assert cards[-1].get("Summary") == "and 10 more exhibits"
    assert cards[-1].get("Text").split("; ") == exhibits[MOST_CARDS:]


def test_a_link_to_itself_is_a_card_with_its_exhibits():
    """
    Analyst's Notebook allows none, and nothing is dropped.
    """
    root = etree.fromstring(anx(graph_with("jane")))

    [jane] = [entity for entity in root.iter("Entity") if entity.get("Identity") == JANE]
    [card] = [card for card in jane.iter("Card") if "to itself" in card.get("Summary")]
    assert card.get("Summary").startswith("reply (2), to itself")
    assert card.get("Text") == "E0001; jane"


def test_parallel_links_stay_apart_and_places_are_kept():
    """
    Each link has exhibits of its own, so none is drawn for two; entities stand where our pictures have them.
    """
    network = full_graph()
    root = etree.fromstring(anx(network))

    assert root.find("ConnectionCollection/Connection/ConnectionStyle").get("Multiplicity") == "MultiplicityMultiple"
    places = {end.find("Entity").get("Identity"): (int(end.get("X")), int(end.get("Y"))) for end in root.iter("End")}
    assert places == positions(network)
