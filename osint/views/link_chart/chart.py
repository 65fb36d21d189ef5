"""A link chart that can be looked at anywhere: as a picture, as a widget, as a page of its own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osint.errors import ExportError
from osint.graph import drawing
from osint.graph.exchange.pseudonyms import veiled
from osint.graph.identity import marked
from osint.views.link_chart.data import chart_data
from osint.views.link_chart.facts import NO_FACTS, ChartFacts
from osint.views.link_chart.page import page
from osint.views.link_chart.widget import chart_widget
from osint.views.picture import Leave, Picture

if TYPE_CHECKING:
    from osint.graph.association import Network

_HOW = "chart.widget() is interactive; chart.save('chart.html') writes it as one page that asks nobody."


@dataclass(frozen=True, kw_only=True)
class LinkChart(Picture):
    """A link chart: its picture with title and caption, and the graph behind it for :meth:`widget` and :meth:`save`.

    Attributes:
        network: The graph; victims and minors are under pseudonyms, unless it says that they were unlocked.
        facts: What the case knows of its exhibits and people.
    """

    network: Network = field(repr=False)
    facts: ChartFacts = field(default=NO_FACTS, repr=False)

    @cached_property
    def data(self) -> dict[str, Any]:
        """What page and widget draw. See :func:`osint.views.link_chart.data.chart_data`."""
        return chart_data(self.network, self.title, self.facts)

    @property
    def page(self) -> bytes:
        """The chart as one HTML file whose policy lets it ask nobody. Equal graphs give equal bytes."""
        return page(self.data)

    def widget(self) -> Any:
        """Return the chart as a widget of JupyterLab; ``selected`` of it holds the keys of the nodes chosen in it.

        Raises:
            CaseError: The extra ``ui`` is not installed.
            ExportError: As for :meth:`save`.
        """
        return chart_widget(self.data, str(self))

    def save(self, path: str | Path) -> Path:
        """Write the interactive page (``chart.html``) or the picture (``chart.svg``), and return the path.

        A chart of a case is an export: it is searched for secrets and logged.

        Raises:
            ExportError: The name ends otherwise, or an edge names no exhibit.
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
        """
        path = Path(path)
        ending = path.suffix.lower()
        if ending not in (".svg", ".html", ".htm"):
            raise ExportError(f"{path.name} was not written: a chart is saved as chart.html or chart.svg.")
        return self._saved(path, self.svg if ending == ".svg" else self.page)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        shown = super()._repr_mimebundle_()
        return {"text/plain": f"{shown['text/plain']}\n{_HOW}", "text/html": shown["text/html"]}


def link_chart(
    network: Network,
    title: str = "Association graph",
    *,
    unlock: str = "",
    facts: ChartFacts = NO_FACTS,
    leave: Leave | None = None,
) -> LinkChart:
    """Draw a graph; victims and minors are "Person A", "Person B" and so on.

    Where there are such pseudonyms no pictures are shown: a picture may show who they are.

    Args:
        network: Graph to show.
        title: Heading.
        unlock: Why victims and minors have to be named. The caller logs it.
        facts: What the case knows: hash and ledger entry of each exhibit, files, and which nodes are one person's.
        leave: See :class:`osint.views.picture.Picture`.

    Raises:
        ExportError: ``unlock`` is given and says nothing.
    """
    veil = veiled(marked(network, facts.protections), unlock=unlock)
    shown, title = veil.network, veil.text(title)
    people = [tuple(veil.keys[node] for node in group if node in veil.keys) for group in facts.people]
    files = None if isinstance(shown.graph.get("pseudonyms"), int) else facts.files
    nodes, edges = len(shown), shown.size()
    counted = f"{nodes:,} node{'' if nodes == 1 else 's'}, {edges:,} edge{'' if edges == 1 else 's'}"
    return LinkChart(
        title=title,
        caption=f"{counted}. An association is not guilt. The SVG file names each edge's exhibits.",
        svg=drawing.svg(shown, title=title),
        network=shown,
        leave=leave,
        facts=replace(facts, files=files, people=[group for group in people if len(group) > 1]),
    )
