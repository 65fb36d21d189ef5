"""STIX bundles and FollowTheMoney entities of ours, checked by the programs of others (``make test-interop``).

Every program runs in an environment of its own below ``.venv/`` and is started by its command. Nothing leaves 127.0.0.1.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from invented_charts import HAZARDS, every_kind, hazardous

from osint.graph.exchange.ftm import ftm
from osint.graph.exchange.stix import stix

pytestmark = pytest.mark.interop

VENV = Path(__file__).parent.parent.parent / ".venv"
CHARTS = {"every kind": every_kind, **{name: lambda text=text: hazardous(text) for name, text in HAZARDS.items()}}


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(VENV / program), *arguments], capture_output=True, text=True, check=False, timeout=600)


def stix_validator(*files: Path) -> subprocess.CompletedProcess[str]:
    return run("interop-stix/bin/stix2_validator", "--version", "2.1", "--no-cache", "--enforce-refs", *map(str, files))


def test_the_validator_of_oasis_finds_no_error_in_any_bundle(tmp_path: Path) -> None:
    """
    Not strict: the standard suggests no relationship between accounts, and wants random ids where ours are stable.
    """
    for number, made in enumerate(CHARTS.values()):
        (tmp_path / f"{number}.json").write_bytes(stix(made(), "Chart"))

    done = stix_validator(*sorted(tmp_path.iterdir()))

    assert done.stdout.count("STIX JSON: Valid") == len(CHARTS)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("ours", "broken"),
    [
        (b'"confidence": 75', b'"confidence": 150'),
        (b'"relationship_type": "same-media"', b'"relationship_type": "same media"'),
        (b'"start_time": "2026-05-03T09:00:00.000Z"', b'"start_time": "2026-05-03 09:00"'),
    ],
)
def test_the_validator_of_oasis_sees_a_fault(ours: bytes, broken: bytes, tmp_path: Path) -> None:
    """
    It has its schemas, so that what it accepts means something.
    """
    whole = stix(every_kind())
    assert ours in whole
    (tmp_path / "broken.json").write_bytes(whole.replace(ours, broken))

    assert stix_validator(tmp_path / "broken.json").returncode != 0


@pytest.mark.parametrize("chart", CHARTS)
def test_follow_the_money_drops_no_value(chart: str, tmp_path: Path) -> None:
    """
    Its validation drops in silence what it takes for wrong; of ours it keeps every value of every entity.

    It folds spaces, and the punctuation of an address: both are named in our own entity beside it.
    """
    (tmp_path / "ours.json").write_bytes(ftm(CHARTS[chart]()))

    done = run(
        "interop-ftm/bin/ftm", "validate", "-i", str(tmp_path / "ours.json"), "-o", str(tmp_path / "theirs.json")
    )

    assert done.returncode == 0, done.stderr
    ours, theirs = (
        {entity["id"]: entity for entity in map(json.loads, (tmp_path / name).read_text("utf-8").splitlines())}
        for name in ("ours.json", "theirs.json")
    )
    assert ours.keys() == theirs.keys()
    for key, entity in ours.items():
        assert entity["schema"] == theirs[key]["schema"]
        for name, values in entity["properties"].items():
            assert sorted(map(_folded, values)) == sorted(map(_folded, theirs[key]["properties"].get(name, ())))


def _folded(value: str) -> str:
    return "".join(value.replace(";", ",").split()).removesuffix(":00")


def test_follow_the_money_exports_what_we_export(tmp_path: Path) -> None:
    """
    A second opinion: its own GEXF of our entities has a node for each of ours and an edge for each of ours.
    """
    network = every_kind()
    (tmp_path / "ours.json").write_bytes(ftm(network))

    done = run("interop-ftm/bin/ftm", "export-gexf", "-i", str(tmp_path / "ours.json"), "-o", str(tmp_path / "x.gexf"))

    assert done.returncode == 0, done.stderr
    written = (tmp_path / "x.gexf").read_text("utf-8")
    assert all(known["label"] in written for _, known in network.nodes(data=True))
    assert written.count("<edge ") >= network.size()
