"""The outlines that are carried: what the source holds, in as many points, and nothing else."""

import importlib.util
import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from osint.views.map.outlines import outlines

SCRIPT = Path(__file__).parents[2] / "docs" / "outlines" / "refresh.py"
TOPOLOGY = {
    "type": "Topology",
    "transform": {"scale": [0.5, 0.25], "translate": [-10, 20]},
    "arcs": [[[0, 0], [4, 0], [0, 8]], [[4, 8], [-4, 0], [0, -8]], [[4, 8], [-4, -8]]],
    "objects": {
        "land": {"type": "GeometryCollection", "geometries": [{"type": "MultiPolygon", "arcs": [[[0, 1]]]}]},
        "countries": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 2]], "properties": {"name": "Here"}},
                {"type": "MultiPolygon", "arcs": [[[1, -3]]], "properties": {"name": "There"}},
            ],
        },
    },
}


@pytest.mark.parametrize(
    ("scale", "arcs", "points", "rings", "borders"), [("110m", 595, 8246, 125, 327), ("50m", 1959, 80617, 1429, 362)]
)
def test_the_outlines_are_those_of_the_source(scale, arcs, points, rings, borders):
    """
    As many arcs and points as countries-110m.json and countries-50m.json of world-atlas 2.0.2 hold.
    """
    world = outlines(scale)

    assert (len(world.arcs), sum(map(len, world.arcs))) == (arcs, points)
    assert (len(world.land), len(world.borders)) == (rings, borders)
    assert all(np.array_equal(ring[0], ring[-1]) for ring in world.rings())


@pytest.mark.parametrize("scale", ["110m", "50m"])
def test_the_outlines_lie_on_the_earth(scale):
    """
    Within its degrees, and up to the northernmost land there is.
    """
    points = np.concatenate(outlines(scale).arcs)

    assert np.abs(points[:, 0]).max() <= 180 and np.abs(points[:, 1]).max() <= 90
    assert points[:, 1].max() == pytest.approx(83.6, abs=0.1)


def test_the_first_arc_is_decoded_as_the_specification_says():
    """
    The first point is a position, each further one a step from the one before.
    """
    first = outlines("110m").arcs[0]

    assert first[0] == pytest.approx([99478 * 360 / 99999 - 180, 40237 * 0.0016925586033320105 - 85.60903777459771])
    assert first[1] - first[0] == pytest.approx([69 * 360 / 99999, 98 * 0.0016925586033320105])


def test_a_topology_is_converted_without_its_names():
    """
    Arcs as they are, the rings of land, and as borders what two countries share and no coast is.
    """
    spec = importlib.util.spec_from_file_location("refresh_outlines", SCRIPT)
    refresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(refresh)

    made = refresh.converted(TOPOLOGY)

    assert made["arcs"] == [[0, 0, 4, 0, 0, 8], [4, 8, -4, 0, 0, -8], [4, 8, -4, -8]]
    assert (made["land"], made["borders"]) == ([[0, 1]], [2])
    assert "Here" not in json.dumps(made)


def test_the_outlines_are_small_and_name_their_source():
    """
    They fit into a package, and say which file they were made from; their licence is beside them.
    """
    folder = files("osint.views.map")
    held = [folder.joinpath(f"world-{scale}.json").read_text(encoding="utf-8") for scale in ("50m", "110m")]

    assert sum(map(len, held)) < 1_500_000
    assert all(len(json.loads(text)["sha256"]) == 64 for text in held)
    assert "Michael Bostock" in folder.joinpath("LICENSE-world-atlas").read_text(encoding="utf-8")
