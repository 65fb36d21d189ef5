"""A chart of every kind and basis with keys as they really are, and one with a hostile text wherever text goes."""

from datetime import UTC, datetime

import networkx as nx
from hazards import HAZARDS as FOR_CHARTS

from osint.graph.exchange.kinds import KINDS

HAZARDS = {**FOR_CHARTS, "arabic, hebrew, chinese": "مريم מרים 玛丽"}
DIGEST = "3f5a" * 16
KEYS = {
    "person": "person:case:1",
    "account": "account:mastodon:jane@social.example",
    "post": "post:mastodon:17",
    "media": f"media:sha256:{'ab' * 32}",
    "place": "place:wgs84:52.1,4.3",
    "phone": "phone:e164:+12025550143",
    "email": "email:smtp:jane@mail.example",
    "url": "url:web:https://news.example/story?id=1",
    "domain": "domain:dns:news.example",
    "hashtag": "hashtag:mastodon:missing",
    "group": "group:case:2",
    "vehicle": "vehicle:nl:AB-123-C",
    "wallet": "wallet:bitcoin:bc1qexample",
    "event": "event:case:3",
    "boat": "boat:case:4",
}
FIRST, LAST = datetime(2026, 5, 1, 8, 30, tzinfo=UTC), datetime(2026, 5, 3, 9, tzinfo=UTC)
EVIDENCE = {"exhibit": "E0001", "sha256": DIGEST, "entry": 14, "post": "mastodon:1", "locator": "/statuses/0"}


def every_kind():
    """Every kind, one that no table knows and that stands alone, and the three bases; Jane is tied to the others."""
    assert set(KINDS) < set(KEYS)
    network = nx.MultiDiGraph(
        case="2026-0417", hidden_nodes=3, hidden_edges=5, filter={"min_count": 2}, data_until=LAST
    )
    for kind, key in KEYS.items():
        known = {"label": f"the {kind}", "platform": key.split(":")[1], "first": FIRST, "last": LAST}
        network.add_node(key, kind=kind, **known, exhibits=["E0001"])
    jane = KEYS["account"]
    for kind, key in KEYS.items():
        if kind not in ("account", "boat"):
            network.add_edge(
                jane, key, key="mention", kind="mention", basis="observed", count=1, posts=["mastodon:1"], via=[],
                exhibits=["E0001"], first=FIRST, last=LAST, evidence=[EVIDENCE],
            )  # fmt: skip
    network.add_edge(
        jane, KEYS["media"], key="same_media", kind="same_media", basis="derived", count=2, weight=0.5, posts=[],
        via=[], exhibits=["E0001", "E0002"], first=None, last=None,
        rule={"id": "same_media", "version": "1", "parameters": {"distance": 4}},
        confidence={"value": 0.75, "method": "one minus the product"},
    )  # fmt: skip
    network.add_edge(
        KEYS["person"], jane, key="same_person", kind="same_person", basis="asserted", count=1, posts=[], via=[],
        exhibits=["E0003"], first=LAST, last=LAST, by="J. Smit", reason="she says so in E0003",
        grade={"scale": "3x5x2", "source": "2", "information": "B", "handling": "P"},
    )  # fmt: skip
    return network


def hazardous(*texts):
    """For each text: two entities with that label, ids that differ only by case, a loop, parallel edges, odd weights."""
    network = nx.MultiDiGraph(case=texts[0], filter={"around": texts[0]})
    for number, text in enumerate(texts):
        here = f"{number}{text}"
        jane, shouted = f"account:mastodon:jane{here}", f"account:mastodon:JANE{here}"
        for key in (jane, shouted, *(f"{each}:{here}" for each in ("url:web", "email:smtp", "boat:a", "place:geo"))):
            known = {"first": None, "last": None, "exhibits": ["E0001"]}
            network.add_node(key, kind=key.partition(":")[0], label=text, platform=text, **known)
        for target, kind, weight in (
            (jane, "reply", 0.0),
            (shouted, "quote", float("nan")),
            (shouted, text, float("inf")),
        ):
            network.add_edge(
                jane, target, key=kind, kind=kind, basis="asserted", by=text, reason=text, count=2, weight=weight,
                posts=[text], via=[], exhibits=["E0001", f"E{text}"], first=None, last=None,
            )  # fmt: skip
    return network


def spaced_keys():
    """Two edges whose ends read the same one after the other: from "a b" to "c", and from "a" to "b c"."""
    network = nx.MultiDiGraph()
    network.add_nodes_from(["a b", "c", "a", "b c"], kind="account", label="x", exhibits=["E1"])
    network.add_edge("a b", "c", "mention", kind="mention", exhibits=["E1"])
    network.add_edge("a", "b c", "mention", kind="mention", exhibits=["E1"])
    return network


def reordered(network):
    """The same graph, nodes and edges added in the other direction."""
    turned = nx.MultiDiGraph(**network.graph)
    turned.add_nodes_from(reversed(list(network.nodes(data=True))))
    turned.add_edges_from(reversed(list(network.edges(keys=True, data=True))))
    return turned
