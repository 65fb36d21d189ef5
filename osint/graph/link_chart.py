"""Link charts as files, for the program that an analyst, a prosecutor or an expert for the defence uses."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from osint.errors import ExportError
from osint.graph.drawing import png, svg
from osint.graph.exchange.anb_csv import anb_csv
from osint.graph.exchange.columns import require_exhibits
from osint.graph.exchange.gexf import gexf
from osint.graph.exchange.graphml import graphml
from osint.graph.exchange.tables import tables

if TYPE_CHECKING:
    from osint.graph.association import Network


@dataclass(frozen=True)
class _Chart:
    network: Network
    name: str
    title: str
    note: str
    ledger_entries: Mapping[str, int] = field(default_factory=dict)


_FORMATS: dict[str, Callable[[_Chart], dict[str, bytes]]] = {
    "graphml": lambda chart: {".graphml": graphml(chart.network)},
    "gexf": lambda chart: {".gexf": gexf(chart.network)},
    "csv": lambda chart: tables(chart.network, chart.name),
    "anb-csv": lambda chart: anb_csv(chart.network, chart.ledger_entries),
    "svg": lambda chart: {".svg": svg(chart.network, title=chart.title, note=chart.note)},
    "png": lambda chart: {".png": png(chart.network, title=chart.title, note=chart.note)},
}

FORMATS = tuple(_FORMATS)


def write_link_chart(
    network: Network,
    stem: Path,
    formats: Sequence[str],
    *,
    title: str = "",
    note: str = "",
    ledger_entries: Mapping[str, int] | None = None,
) -> list[Path]:
    """Write a graph in the formats asked, every edge with its exhibits, and return the files in the order written.

    Everything is made before anything is written, so a graph that one format cannot carry leaves no file behind. Each
    file appears whole or not at all, and replaces an older one of its name. Equal graphs give equal bytes.

    Args:
        network: Graph to write.
        stem: Folder and start of the file names: ``out/chart`` gives ``out/chart.graphml``, ``out/chart-nodes.csv``.
            The folder is made when it does not exist.
        formats: Some of ``graphml``, ``gexf``, ``csv``, ``anb-csv`` (i2 Analyst's Notebook), ``svg``, ``png``.
        title: Heading of the pictures; the name of the chart without one.
        note: What to write under the pictures, before the note that every chart carries.
        ledger_entries: Ledger entry of each exhibit number, for the formats with a place for it (``anb-csv``).

    Raises:
        ExportError: A format is unknown, an edge names no exhibit, or a file cannot be written.
    """
    asked = [formats] if isinstance(formats, str) else list(dict.fromkeys(formats))
    unknown = [name for name in asked if name not in _FORMATS]
    if unknown:
        raise ExportError(f"unknown format {', '.join(map(repr, unknown))}; known formats: {', '.join(FORMATS)}")
    require_exhibits(network)
    stem = Path(stem)
    chart = _Chart(network, stem.name, title or stem.name, note, ledger_entries or {})
    files = [made for name in asked for made in _FORMATS[name](chart).items()]
    return [_write(stem.with_name(stem.name + ending), content) for ending, content in files]


def _write(path: Path, content: bytes) -> Path:
    """Write a file under another name first, so that nobody ever reads half of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise ExportError(
            f"{path.name} cannot be written: {error.strerror or error}. The graph is unchanged."
        ) from error
    return path
