"""Files for other programs: all or none, whole or not at all, never without evidence."""

from pathlib import Path

import networkx as nx
import pytest
from invented_posts import DAWN, JANE, mention, post, same, table

from osint.errors import ExportError
from osint.graph.association import association_graph
from osint.graph.exchange.gexf import read_gexf
from osint.graph.exchange.graphml import read_graphml
from osint.graph.exchange.readme import OPENED
from osint.graph.exchange.tables import read_tables
from osint.graph.link_chart import FORMATS, write_link_chart


@pytest.fixture
def network():
    return association_graph(table(post(1, tag=[mention(DAWN)])))


def test_every_format_is_written_and_named(network, tmp_path):
    """
    One call writes all formats beside each other and returns the files, which all give the graph back.
    """
    written = write_link_chart(network, tmp_path / "out" / "chart.v1", FORMATS, title="Case 2026-0417")

    assert [path.name for path in written] == [
        "chart.v1.graphml",
        "chart.v1.yed.graphml",
        "chart.v1.gexf",
        "chart.v1-nodes.csv",
        "chart.v1-edges.csv",
        "chart.v1-metadata.json",
        "chart.v1-neo4j-nodes.csv",
        "chart.v1-neo4j-edges.csv",
        "chart.v1.anx",
        "chart.v1-anb-links.csv",
        "chart.v1-anb-entities.csv",
        "chart.v1-anb-recipe.txt",
        "chart.v1-maltego.csv",
        "chart.v1.mtgx",
        "chart.v1.cyjs",
        "chart.v1.cx2",
        "chart.v1.dot",
        "chart.v1.mmd",
        "chart.v1.xlsx",
        "chart.v1.stix.json",
        "chart.v1.case.jsonld",
        "chart.v1.ftm.json",
        "chart.v1.svg",
        "chart.v1.png",
        "chart.v1-README.txt",
    ]
    assert sorted((tmp_path / "out").iterdir()) == sorted(written)
    assert same(read_graphml(written[0]), network)
    assert same(read_graphml(written[1]), network)
    assert same(read_gexf(written[2]), network)
    assert same(read_tables(tmp_path / "out" / "chart.v1"), network)


def test_an_unknown_format_is_refused_before_anything_is_written(network, tmp_path):
    """
    The message lists the formats there are.
    """
    with pytest.raises(ExportError, match=r"'visio'.*graphml, yed, gexf, csv, neo4j, anx, anb-csv"):
        write_link_chart(network, tmp_path / "chart", ["graphml", "visio"])

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", FORMATS)
def test_an_edge_without_an_exhibit_stops_every_format(form, network, tmp_path):
    """
    Neither a file nor a picture shows what nobody could check.
    """
    network.add_edge(DAWN, JANE, key="mention", kind="mention", count=1)

    with pytest.raises(ExportError, match="names no exhibit"):
        write_link_chart(network, tmp_path / "chart", [form])

    assert list(tmp_path.iterdir()) == []


def test_what_one_format_cannot_carry_leaves_no_file_of_another(network, tmp_path):
    """
    All files are made before the first is written.
    """
    network.nodes[JANE]["seen"] = {1, 2}

    with pytest.raises(ExportError, match="'seen'"):
        write_link_chart(network, tmp_path / "chart", ["svg", "graphml"])

    assert list(tmp_path.iterdir()) == []


def test_a_chart_replaces_its_older_self_whole(network, tmp_path):
    """
    The newer file is there in full and no temporary file stays.
    """
    write_link_chart(nx.MultiDiGraph(), tmp_path / "chart", ["graphml"])

    path, readme = write_link_chart(network, tmp_path / "chart", ["graphml"])

    assert same(read_graphml(path), network)
    assert sorted(tmp_path.iterdir()) == [readme, path]


def test_a_failed_write_keeps_the_older_file(network, tmp_path, monkeypatch):
    """
    A full disk leaves the older chart as it was and no half of a newer one.
    """
    path, readme = write_link_chart(network, tmp_path / "chart", ["graphml"])
    older = path.read_bytes()

    def fail(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)

    with pytest.raises(ExportError, match="No space left on device"):
        write_link_chart(nx.MultiDiGraph(), tmp_path / "chart", ["graphml"])
    assert path.read_bytes() == older
    assert sorted(tmp_path.iterdir()) == [readme, path]


def test_an_empty_graph_has_a_chart_too(tmp_path):
    """
    That nothing was found is a result that can be handed over.
    """
    files = write_link_chart(nx.MultiDiGraph(), tmp_path / "chart", FORMATS)

    empty = [path.name for path in files if not path.stat().st_size]
    assert empty == ["chart.ftm.json"]  # a line for each entity, and there is none
    assert same(read_tables(tmp_path / "chart"), nx.MultiDiGraph())
    assert same(read_gexf(tmp_path / "chart.gexf"), nx.MultiDiGraph())


def test_what_goes_with_a_chart_says_where_it_was_opened_and_where_not(network, tmp_path):
    """
    Each file with its programs and readers, the programs that nobody opened it in; no format goes without.
    """
    *files, readme = write_link_chart(network, tmp_path / "chart", ["gexf", "csv"], title="Ties\u202e")
    text = readme.read_text(encoding="utf-8")

    assert text.startswith("Ties⟨U+202E⟩\n2 nodes, 1 edges; SHA-256 of the evidence list: ")
    assert all(file.name in text for file in files)
    assert "the official schema of GEXF 1.3" in text
    assert "looked at: Tulip" in text
    assert "Not opened by us in i2 Analyst's Notebook, Maltego, Gephi" in text
    assert [*OPENED] == [*FORMATS]
