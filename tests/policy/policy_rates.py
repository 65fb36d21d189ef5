"""How often the First-Amendment guard misses, and how often it cries wolf (``make policy-rates``).

Both rates are those on ``speech.toml`` beside this file, a small corpus of our own; they say nothing of any agency's
searches, and no rate here means full coverage. ``seen`` are the lines that were looked at while the words were chosen;
rates on them flatter. Intervals are Wilson's, 95 percent.
"""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

from osint.policy.pack_text import DEFAULT, built_in
from osint.policy.speech import protected_activity
from osint.query import Query, make_query

CORPUS = Path(__file__).with_name("speech.toml")
SEEN = Path(__file__).with_name("speech_seen.toml")
_AT = {"search": {"host": "register.example"}, "tag": {"host": "social.example"}}


def queries(kind: str, texts: list[str]) -> list[tuple[str, Query]]:
    """Return each text of the corpus with the query that it stands for."""
    return [(text, make_query(**{kind: text, **_AT.get(kind, {})})) for text in texts]


def measure(path: Path = CORPUS) -> dict[str, dict[str, Any]]:
    """Return, for each kind of query and in all: how many are protected and missed, ordinary and stopped, and which."""
    words = built_in(DEFAULT).words("first_amendment_words")
    corpus = tomllib.loads(path.read_text("utf-8"))
    found = {}
    for kind in corpus["protected"]:
        protected, ordinary = (queries(kind, corpus[part][kind]) for part in ("protected", "ordinary"))
        missed = [text for text, query in protected if not protected_activity(query, words)]
        stopped = [text for text, query in ordinary if protected_activity(query, words)]
        found[kind] = {"protected": len(protected), "missed": missed, "ordinary": len(ordinary), "stopped": stopped}
    names = ("missed", "stopped")
    found["all"] = {
        name: sum((each[name] for each in found.values()), [] if name in names else 0)
        for name in ("protected", "missed", "ordinary", "stopped")
    }
    return found


def wilson(count: int, of: int) -> tuple[float, float]:
    """Return the 95 percent interval of a proportion."""
    z, rate = 1.959964, count / of
    middle, width = rate + z * z / (2 * of), z * math.sqrt(rate * (1 - rate) / of + z * z / (4 * of * of))
    return (middle - width) / (1 + z * z / of), (middle + width) / (1 + z * z / of)


def lines() -> list[str]:
    """Return the rates in words."""
    said = ["The First-Amendment guard on a corpus of our own; no rate here means full coverage."]
    seen = measure(SEEN)["all"]
    for kind, each in {**measure(), "seen": seen}.items():
        for what, count, of in (
            ("protected and missed", len(each["missed"]), each["protected"]),
            ("ordinary and stopped", len(each["stopped"]), each["ordinary"]),
        ):
            low, high = wilson(count, of)
            said.append(f"{kind:8} {what}: {count} of {of}, {count / of:.0%} (95 % interval {low:.0%} to {high:.0%})")
    return said


if __name__ == "__main__":
    print("\n".join(lines()))
    for what in ("missed", "stopped"):
        print(f"{what}: " + "; ".join(measure()["all"][what]))
