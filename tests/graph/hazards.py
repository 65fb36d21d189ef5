"""Graphs with everything that has broken a reader of exported charts, and one of each kind and basis."""

from datetime import UTC, datetime

import networkx as nx
from invented_posts import JANE

HAZARDS = {
    "control characters": "bad\x00\x0b\x1bname",
    "lone surrogate": "half\ud83d",
    "right-to-left override": "photo\u202egpj.exe",
    "emoji with joiner": "\U0001f469\u200d\U0001f4bb",
    "end of CDATA": "]]>",
    "entity": "&lt;&amp;<b>\"'",
    "line ends": "a\r\nb\rc\nd\te",
    "ten kilobytes": "x" * 10_000,
    "semicolon and quotes": "a;\"b\",'c'",
    "formula": "=HYPERLINK(1)",
    "empty": "",
    "spaces": "  ",
    "non-characters": "\ufffe\uffff",
    "looks escaped": "⟨U+202E⟩ ⟨U+27E8⟩U+000B⟩",
    "backslash": "a\\N\\",
    "end of a flowchart": "end",
}


def graph_with(label, **known):
    """Two entities with one label, keys differing by case, a loop, parallel edges, and one who stands alone."""
    network = nx.MultiDiGraph(relations=["mention", "reply"], made=datetime(2026, 5, 1, tzinfo=UTC))
    for key in (JANE, JANE.upper(), f"account:mastodon:{label}"):
        network.add_node(key, kind="account", label=label, exhibits=["E0001"], first=None, **known)
    for target, kind in ((JANE, "reply"), (JANE.upper(), "mention"), (JANE.upper(), "reply")):
        network.add_edge(JANE, target, key=kind, kind=kind, count=2, exhibits=["E0001", label], **known)
    return network


KINDS = [
    "person",
    "account",
    "post",
    "media",
    "place",
    "phone",
    "email",
    "url",
    "domain",
    "hashtag",
    "group",
    "vehicle",
    "wallet",
    "event",
]  # the kinds that the issue of a graph may hold, written out so that none goes missing from the table


def full_graph():
    """One node of each kind, an edge of each basis with grade, rule, analyst and evidence, and odd weights."""
    network = nx.MultiDiGraph(case="MP-2026-0417", hidden_nodes=3)
    for number, kind in enumerate(KINDS):
        network.add_node(
            f"{kind}:web:{number}", kind=kind, label=f"{kind} {number}", platform="web", exhibits=["E0001"],
            first=datetime(2026, 5, 1, 8, tzinfo=UTC), last=datetime(2026, 5, 2, 8, 0, 0, 250_000, tzinfo=UTC),
        )  # fmt: skip
    grade = {"scale": "3x5x2", "source": "1", "information": "B", "handling": "P"}
    network.nodes["person:web:0"].update(status="missing", minor=False, grade=grade)
    ends = ("person:web:0", "account:web:1")
    evidence = [
        {"exhibit": "E0001", "sha256": "ab" * 32, "entry": 14, "locator": {"pointer": "/0/tags"}, "post": "web:1"}
    ]
    network.add_edge(
        *ends, key="mention", kind="mention", basis="observed", count=2, posts=["web:1", "web:2"], via=[],
        exhibits=["E0001", "E0002"], evidence=evidence, grade=grade,
        first=datetime(2026, 5, 1, 8, tzinfo=UTC), last=datetime(2026, 5, 1, 9, tzinfo=UTC),
    )  # fmt: skip
    network.add_edge(
        *ends, key="same_media", kind="same_media", basis="derived", count=1, posts=["web:1"], via=[], weight=0.5,
        exhibits=["E0001"], rule={"id": "same_media", "version": "1", "parameters": {"distance": 0}},
        first=None, last=None, confidence={"value": 0.9, "method": "noisy or"},
    )  # fmt: skip
    network.add_edge(
        *ends, key="alias_of", kind="alias_of", basis="asserted", count=1, posts=[], via=[],
        exhibits=["E0003"], by="J. Smit", reason="signs both", first=None, last=None,
        grade={"scale": "Admiralty", "source": "B", "information": "2", "handling": None},
    )  # fmt: skip
    for name, weight in (("zero", 0.0), ("none", float("nan")), ("endless", float("inf"))):
        network.add_edge(
            "post:web:2", "media:web:3", key=name, kind=name, basis="derived", count=1, posts=[], via=[],
            exhibits=["E0004"], weight=weight, first=None, last=None,
        )  # fmt: skip
    network.add_edge(
        "post:web:2", "post:web:2", key="reply", kind="reply", basis="observed", count=1, posts=["web:9"], via=[],
        exhibits=["E0005"], first=None, last=None,
    )  # fmt: skip
    return network
