"""What goes with every chart that is written: which file opens where, and who read such a file back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from osint.graph.exchange.evidence import evidence_digest
from osint.render import visible

if TYPE_CHECKING:
    from osint.graph.association import Network


class Opened(NamedTuple):
    """The programs that a format is for, and what read it back: in our tests, or in ``make test-interop``."""

    programs: str
    readers: str


OPENED: Mapping[str, Opened] = {
    "graphml": Opened(
        "Gephi, Cytoscape, Tulip, igraph, networkx",
        "our reader, networkx, rustworkx, graphology, igraph, Tulip (which cuts long texts), the schema of GraphML 1.1",
    ),
    "yed": Opened("yEd", "our reader, networkx, the official schema of GraphML 1.1 on a copy without y:"),
    "gexf": Opened("Gephi", "our reader, networkx, graphology, the official schema of GEXF 1.3 on a copy without viz"),
    "csv": Opened("Gephi, any spreadsheet (import as text)", "our reader, LibreOffice Calc 7.4, every column as text"),
    "neo4j": Opened("Neo4j, embedded graph stores", "Python's csv module, Kuzu"),
    "anx": Opened("i2 Analyst's Notebook", "lxml by the known rules of its schema, anxwritter"),
    "anb-csv": Opened("i2 Analyst's Notebook, by the recipe", "Python's csv module"),
    "maltego-csv": Opened("Maltego", "Python's csv module"),
    "mtgx": Opened("Maltego; experimental, its maker does not document it", "lxml"),
    "cyjs": Opened("Cytoscape", "networkx, cytoscape.js"),
    "cx2": Opened("Cytoscape, NDEx", "a check of ours, ndex2"),
    "dot": Opened("Graphviz", "a check of ours, Graphviz"),
    "mermaid": Opened("any renderer of Mermaid", "a check of ours"),
    "xlsx": Opened("Excel, LibreOffice", "openpyxl, LibreOffice Calc 7.4"),
    "stix": Opened("OpenCTI, MISP", "a check of ours, stix2-validator 3.2.0"),
    "case": Opened("readers of CASE/UCO", "case_validate 0.18"),
    "ftm": Opened("OpenAleph, ftm", "a check of ours, ftm validate"),
    "svg": Opened("any browser", "lxml"),
    "png": Opened("any program", "Pillow"),
}
"""Every format; docs/analyst.md says more."""

_NOT_OPENED = """\
Loaded by us with nobody at a screen, and the picture made of it looked at: Tulip 5.4 (graphml), Graphviz 2.43
(dot), LibreOffice Calc 7.4 (xlsx).
Not opened by us in i2 Analyst's Notebook, Maltego, Gephi, yEd, Cytoscape, Neo4j or Excel. When this software was
tested, such files were checked and read back by what is named above. Look before you rely on one.
An association is not guilt. Every edge names its exhibits.
"""


def readme(network: Network, title: str, files: Mapping[str, Sequence[str]]) -> bytes:
    """Return the text for a chart: its files by format, in UTF-8. Equal graphs give equal bytes."""
    parts = [
        f"{visible(title)}\n{len(network):,} nodes, {network.size():,} edges; "
        f"SHA-256 of the evidence list: {evidence_digest(network)}"
    ]
    for form, names in files.items():
        opened = OPENED[form]
        parts.append(f"{', '.join(names)}\n  for: {opened.programs}\n  read back by: {opened.readers}")
    return "\n\n".join([*parts, _NOT_OPENED]).encode()
