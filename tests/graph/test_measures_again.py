"""Every measure a second time, by another process with another hash seed: the same table, to the last digit."""

from another_process import printed

PROGRAM = """
import networkx as nx
from datetime import UTC, datetime, timedelta
from osint.graph.measures import measure, names

network = nx.MultiDiGraph()
for number, (one, two) in enumerate(sorted(nx.karate_club_graph().edges())):
    day = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(days=number)
    network.add_edge(f"a:x:{one}", f"a:x:{two}", "mention", kind="mention", basis="observed", count=1, posts=[str(number)],
                     via=[], exhibits=[f"E{number % 7}"], first=day, last=day + timedelta(hours=7))
for node in network:
    network.nodes[node].update(kind="account", label=node, side=str(len(network.adj[node]) % 3))
ASKED = {
    "brokerage": {"groups": "side"}, "paths": {"source": "a:x:0", "target": "a:x:33"},
    "timed_paths": {"source": "a:x:0", "target": "a:x:33"}, "key_players": {"size": 2}, "removal": {"steps": 3},
}
for name in names():
    few = {} if name in ("communities", "co_assignment", "activity") else {"resamples": 3}
    table = measure(network, name, seed=5, **ASKED.get(name, {}), **few) if name != "activity" else measure(network, name)
    print(name, table.to_json(orient="split", double_precision=15, date_format="iso", date_unit="us"), sorted(table.attrs.items()))
"""


def test_a_second_run_gives_the_same_tables(another_process):
    """
    Ranks, stability, sets, groups, ways: nothing hangs on the order in which Python keeps a set.
    """
    first, second = printed(PROGRAM).splitlines(), another_process.printed(PROGRAM).splitlines()

    assert len(first) > 20
    assert first == second
