"""Reads a chart with a program of its own environment and prints its nodes and edges: read_chart.py READER STEM."""

import csv
import json
import sys
from pathlib import Path

reader, stem = sys.argv[1:]


def by_igraph():
    import igraph

    graph = igraph.Graph.Read_GraphML(f"{stem}.graphml")
    nodes = [node.attributes() for node in graph.vs]
    return nodes, [{**edge.attributes(), "source": edge.source, "target": edge.target} for edge in graph.es]


def by_tulip():
    from tulip import tlp

    graph = tlp.importGraph("GraphML", {"filename": f"{stem}.graphml"})
    names = [name for name in graph.getProperties() if not name.startswith("view")]
    number = {node.id: at for at, node in enumerate(graph.nodes())}
    nodes = [{name: graph[name][node] for name in names} for node in graph.nodes()]
    return nodes, [
        {
            **{name: graph[name][edge] for name in names},
            "source": number[graph.source(edge).id],
            "target": number[graph.target(edge).id],
        }
        for edge in graph.edges()
    ]


def by_ndex2():
    from ndex2.cx2 import RawCX2NetworkFactory

    network = RawCX2NetworkFactory().get_cx2network(f"{stem}.cx2")
    nodes = [{**node["v"], "id": number} for number, node in network.get_nodes().items()]
    edges = [{**edge["v"], "source": edge["s"], "target": edge["t"]} for edge in network.get_edges().values()]
    return nodes, edges


def by_kuzu():
    import kuzu

    connection = kuzu.Connection(kuzu.Database(":memory:"))
    nodes, edges = (_headings(f"{stem}-neo4j-{part}.csv") for part in ("nodes", "edges"))
    connection.execute(f"CREATE NODE TABLE Node({_columns(nodes)}, PRIMARY KEY(`{nodes[0]}`))")
    connection.execute(f"CREATE REL TABLE Tie(FROM Node TO Node, {_columns(edges[2:])})")
    for table, part in (("Node", "nodes"), ("Tie", "edges")):
        connection.execute(f"COPY {table} FROM '{stem}-neo4j-{part}.csv' (header=true, parallel=false)")
    found = connection.execute("MATCH (n) RETURN n").get_all()
    ties = connection.execute("MATCH (a)-[tie]->(b) RETURN a.`key:ID`, b.`key:ID`, tie").get_all()
    return [node for [node] in found], [{**tie, "source": one, "target": two} for one, two, tie in ties]


def _headings(path):
    with Path(path).open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def _columns(names):
    return ", ".join(f"`{name}` STRING" for name in names)


nodes, edges = {"igraph": by_igraph, "tulip": by_tulip, "ndex2": by_ndex2, "kuzu": by_kuzu}[reader]()
json.dump({"nodes": nodes, "edges": edges}, sys.stdout, default=str)
