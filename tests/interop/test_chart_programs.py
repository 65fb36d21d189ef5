"""Link charts of ours in programs that people work with (``make test-interop``): LibreOffice Calc and Tulip.

LibreOffice runs without a window and writes what it loaded as CSV. Tulip is run by its Python package, with the reader of
GraphML that its window uses.
"""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from chart_readers import of_graph
from hazards import HAZARDS, full_graph, graph_with

from osint.graph.exchange.cells import unwritten
from osint.graph.link_chart import write_link_chart

pytestmark = pytest.mark.interop

HERE = Path(__file__).parent
TULIP = HERE.parent.parent / ".venv" / "interop-tulip" / "bin" / "python"
GRAPHS = {"full": full_graph(), **{name: graph_with(text) for name, text in HAZARDS.items()}}
EVERY = pytest.mark.parametrize("name", GRAPHS)
# comma, quote, UTF-8, from the first line; then cells as they are shown, and every sheet
_TO_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
_AS_TEXT = "Text - txt - csv (StarCalc):44,34,76,1," + "/".join(f"{column}/2" for column in range(1, 60))
_CUT_BY_TULIP = {"end of CDATA", "entity", "line ends", "ten kilobytes"}


def stem(folder: Path, name: str) -> Path:
    return folder / f"chart{[*GRAPHS].index(name)}"


def loaded(files: list[Path], folder: Path, *options: str) -> None:
    """Have LibreOffice load files and write each sheet as CSV."""
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", *options,
         "--convert-to", _TO_CSV, "--outdir", str(folder), *map(str, files)],
        capture_output=True, check=True, timeout=300,
    )  # fmt: skip


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def named(path: Path) -> list[dict[str, str]]:
    heads, *cells = rows(path)
    return [dict(zip(heads, row, strict=True)) for row in cells]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every chart as workbook, as tables and as GraphML, and what LibreOffice loaded of the first two."""
    folder = tmp_path_factory.mktemp("charts")
    for name, network in GRAPHS.items():
        write_link_chart(network, stem(folder, name), ["xlsx", "csv", "graphml"])
    loaded(sorted(folder.glob("*.xlsx")), folder / "sheets")
    loaded(sorted(folder.glob("*.csv")), folder / "tables", f"--infilter={_AS_TEXT}")
    return folder


@EVERY
def test_libreoffice_opens_the_workbook(name: str, written: Path) -> None:
    """
    Equal nodes, edges, exhibits; no cell is computed, none lost.
    """
    nodes, edges = (named(written / "sheets" / f"{stem(written, name).name}-{part}.csv") for part in ("Nodes", "Edges"))

    found = {(unwritten(node["key"]), unwritten(node["label"]), node["kind"]) for node in nodes}
    ties = sorted(_tie(edge, unwritten(edge["source"]), unwritten(edge["target"])) for edge in edges)
    assert (found, ties) == of_graph(GRAPHS[name])


@EVERY
@pytest.mark.parametrize("part", ["nodes", "edges"])
def test_libreoffice_imports_the_tables_as_text(part: str, name: str, written: Path) -> None:
    """
    Every cell as we wrote it, since that is what the README tells people to do; line ends are the program's own.
    """
    ours = f"{stem(written, name).name}-{part}"
    [theirs] = (written / "tables").glob(f"{ours}*.csv")

    assert rows(theirs) == rows(written / f"{ours}.csv")


def tulip(path: Path) -> dict[str, list[dict[str, Any]]]:
    done = subprocess.run(
        [str(TULIP), str(HERE / "read_chart.py"), "tulip", str(path)],
        capture_output=True, encoding="utf-8", check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@EVERY
def test_tulip_opens_the_chart(name: str, written: Path) -> None:
    """
    Equal nodes, edges and exhibits. Its reader keeps of a text only what follows the last line end, escaped character or
    end of its buffer, so of four hazards it only counts.
    """
    found, network = tulip(stem(written, name)), GRAPHS[name]

    assert (len(found["nodes"]), len(found["edges"])) == (len(network), network.size())
    if name in _CUT_BY_TULIP:
        return
    keys = [unwritten(node["key"]) for node in found["nodes"]]
    nodes = {(unwritten(node["key"]), unwritten(node["label"]), node["kind"]) for node in found["nodes"]}
    edges = sorted(_tie(edge, keys[edge["source"]], keys[edge["target"]]) for edge in found["edges"])
    assert (nodes, edges) == of_graph(network)


def _tie(edge: dict[str, Any], source: str, target: str) -> tuple[Any, ...]:
    exhibits = tuple(json.loads(unwritten(edge["exhibits"])))
    return source, target, unwritten(edge["kind"]), edge.get("basis", ""), exhibits
