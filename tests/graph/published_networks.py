"""Networks of papers, as small tables of numbers. Persons are numbers there, and stay numbers here."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import networkx as nx

FOLDER = Path(__file__).parent / "published"
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


def rows(name):
    """The rows of a table; lines with # say where they are from."""
    lines = (FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    return [{key: int(value) for key, value in row.items()} for row in csv.DictReader(x for x in lines if x[0] != "#")]


def person(name, number):
    return f"person:{name}:{number:03}"


def undirected(name):
    """A network whose ties have no direction: each leads both ways."""
    network = nx.MultiDiGraph()
    for row in rows(name):
        one, two = person(name, row["source"]), person(name, row["target"])
        for start, end in ((one, two), (two, one)):
            network.add_edge(start, end, key="met", kind="met", count=row.get("count", 1), exhibits=["E0001"])
    return named(network)


def phased(name):
    """A directed network whose rows name a phase: the edges of each phase fall on a day of its own."""
    network = nx.MultiDiGraph()
    for row in rows(name):
        day = BEGIN + timedelta(days=row["phase"] - 1)
        network.add_edge(
            person(name, row["source"]), person(name, row["target"]), key=f"called in phase {row['phase']}",
            kind="called", count=row["count"], first=day, last=day, exhibits=[f"E{row['phase']:04}"],
        )  # fmt: skip
    return named(network)


def named(network):
    for node in network:
        network.nodes[node].update(kind="person", label=node.rpartition(":")[2])
    return network


def numbers(table):
    """The persons of a table, in its order."""
    return [int(node.rpartition(":")[2]) for node in table["node"]]
