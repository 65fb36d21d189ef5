"""Make the outlines that maps are drawn on again, from the files of the npm package ``world-atlas``.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python docs/outlines/refresh.py package

What TopoJSON holds of names and countries is left out; arcs are kept as they are, quantised and delta-encoded
(TopoJSON Format Specification, 2.1.4 and 2.2.8).
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "osint" / "views" / "map"
FILES = {"countries-50m.json": "world-50m.json", "countries-110m.json": "world-110m.json"}


def converted(topology: dict[str, Any]) -> dict[str, Any]:
    """Return the arcs of a topology, the rings of its land, and which arcs are borders and no coast."""
    land = list(_rings(topology["objects"]["land"]))
    coast = {_arc(each) for ring in land for each in ring}
    drawn = {_arc(each) for ring in _rings(topology["objects"]["countries"]) for each in ring}
    return {
        "scale": topology["transform"]["scale"],
        "translate": topology["transform"]["translate"],
        "arcs": [[number for step in arc for number in step] for arc in topology["arcs"]],
        "land": land,
        "borders": sorted(drawn - coast),
    }


def _rings(geometry: dict[str, Any]) -> Iterator[list[int]]:
    for inner in geometry.get("geometries", ()):
        yield from _rings(inner)
    arcs = geometry.get("arcs", ())
    for polygon in [arcs] if geometry["type"] == "Polygon" else arcs:
        yield from polygon


def _arc(index: int) -> int:
    """Return the arc that an index names; a negative one names it backwards."""
    return index if index >= 0 else ~index


if __name__ == "__main__":
    for source, target in FILES.items():
        content = (Path(sys.argv[1]) / source).read_bytes()
        made = {"source": source, "sha256": hashlib.sha256(content).hexdigest(), **converted(json.loads(content))}
        text = json.dumps(made, separators=(",", ":")).replace("],[", "],\n[") + "\n"
        (FOLDER / target).write_text(text, encoding="utf-8", newline="")
