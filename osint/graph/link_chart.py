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
from osint.graph.exchange.anx import anx
from osint.graph.exchange.case_uco import case_uco
from osint.graph.exchange.columns import require_exhibits
from osint.graph.exchange.cytoscape import cx2, cyjs
from osint.graph.exchange.dot import dot
from osint.graph.exchange.excel import xlsx
from osint.graph.exchange.ftm import ftm
from osint.graph.exchange.gexf import gexf
from osint.graph.exchange.graphml import graphml
from osint.graph.exchange.maltego import maltego_csv, mtgx
from osint.graph.exchange.mermaid import mermaid
from osint.graph.exchange.neo4j import neo4j
from osint.graph.exchange.pseudonyms import veiled
from osint.graph.exchange.readme import readme
from osint.graph.exchange.stix import stix
from osint.graph.exchange.tables import tables
from osint.graph.exchange.yed import yed

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
    "yed": lambda chart: {".yed.graphml": yed(chart.network)},
    "gexf": lambda chart: {".gexf": gexf(chart.network)},
    "csv": lambda chart: tables(chart.network, chart.name),
    "neo4j": lambda chart: neo4j(chart.network),
    "anx": lambda chart: {".anx": anx(chart.network, chart.ledger_entries)},
    "anb-csv": lambda chart: anb_csv(chart.network, chart.ledger_entries),
    "maltego-csv": lambda chart: {"-maltego.csv": maltego_csv(chart.network)},
    "mtgx": lambda chart: {".mtgx": mtgx(chart.network)},
    "cyjs": lambda chart: {".cyjs": cyjs(chart.network)},
    "cx2": lambda chart: {".cx2": cx2(chart.network)},
    "dot": lambda chart: {".dot": dot(chart.network)},
    "mermaid": lambda chart: {".mmd": mermaid(chart.network)},
    "xlsx": lambda chart: {".xlsx": xlsx(chart.network)},
    "stix": lambda chart: {".stix.json": stix(chart.network, chart.title)},
    "case": lambda chart: {".case.jsonld": case_uco(chart.network, chart.title)},
    "ftm": lambda chart: {".ftm.json": ftm(chart.network)},
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
    unlock: str = "",
) -> list[Path]:
    """Write a graph in the formats asked, every edge with its exhibits, and return the files in the order written.

    The last is ``NAME-README.txt``, which says what each is for and who read such a file back.

    Victims and minors are "Person A", "Person B" and so on in every format, in title and note too; see
    :func:`osint.graph.exchange.pseudonyms.pseudonymised`.

    Everything is made before anything is written, so a graph that one format cannot carry leaves no file behind. Each
    file appears whole or not at all, and replaces an older one of its name. Equal graphs give equal bytes.

    Args:
        network: Graph to write.
        stem: Folder and start of the file names: ``out/chart`` gives ``out/chart.graphml``, ``out/chart-nodes.csv``.
            The folder is made when it does not exist.
        formats: Some of ``FORMATS``; docs/analyst.md tells what each is for.
        title: Heading of the pictures; the name of the chart without one.
        note: What to write under the pictures, before the note that every chart carries.
        ledger_entries: Ledger entry of each exhibit number, for the formats with a place for it.
        unlock: Why the names of victims and minors have to be in the clear. The caller logs it.

    Raises:
        ExportError: A format is unknown, an edge names no exhibit or dangles, the name of the files spells a victim or
            a minor, or a file cannot be written.
    """
    asked = [formats] if isinstance(formats, str) else list(dict.fromkeys(formats))
    unknown = [name for name in asked if name not in _FORMATS]
    if unknown:
        raise ExportError(f"unknown format {', '.join(map(repr, unknown))}; known formats: {', '.join(FORMATS)}")
    require_exhibits(network)
    stem = Path(stem)
    veil = veiled(network, unlock=unlock)
    veil.check_name(stem.name)
    title, note = veil.text(title or stem.name), veil.text(note)
    chart = _Chart(veil.network, stem.name, title, note, ledger_entries or {})
    made = {form: {stem.name + ending: content for ending, content in _FORMATS[form](chart).items()} for form in asked}
    files = {name: content for each in made.values() for name, content in each.items()}
    files[f"{stem.name}-README.txt"] = readme(chart.network, title, {form: [*each] for form, each in made.items()})
    return [_write(stem.with_name(name), content) for name, content in files.items()]


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
