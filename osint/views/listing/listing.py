"""Rows with their columns, as they are printed, saved and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from osint import render
from osint.errors import ExportError
from osint.views.listing.page import listing_widget, page
from osint.views.picture import Leave, Picture
from osint.views.scripted import data_address
from osint.views.written import write_whole

PRINTED = 50
"""Rows that a notebook prints; the page and the widget hold all of them."""

_WIDEST = 240
_DEEPEST = 12
_HOW = ".widget() searches, narrows and sorts; .save('rows.html') writes that as one page that asks nobody."


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column.

    Attributes:
        name: Its key in each row.
        label: Its heading.
        facet: Whether its values are offered to narrow the rows by; a list counts with each of its values.
        printed: Whether it stands in the table; else a row shows it when it is opened.
        number: Whether it is sorted by number.
        whole: Whether it is never cut short: a line to be copied.
    """

    name: str
    label: str
    facet: bool = False
    printed: bool = True
    number: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Thumb:
    """A small picture that is blurred until somebody reveals it; both as ``data:`` addresses."""

    exhibit: str
    veiled: str
    shown: str


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Rows of text, with what narrows them; :meth:`widget` and :meth:`save` give the interactive form.

    Attributes:
        title: Heading.
        caption: What it shows, in a line.
        columns: The columns, in their order.
        rows: One mapping a row, from the name of a column to its text or list of texts. ``depth`` in it, a number,
            says how far a row is moved in: an answer to the one above it.
        notes: What is to be known of the rows, in sentences.
        thumbs: Pictures of rows, by their place in ``rows``.
        chart: A picture that stands above the rows.
        leave: Lets a file of this name and content leave the case, and logs it; None where there is no case.
    """

    title: str
    caption: str
    columns: tuple[Column, ...] = field(repr=False)
    rows: Sequence[Mapping[str, Any]] = field(repr=False)
    notes: tuple[str, ...] = field(default=(), repr=False)
    thumbs: Mapping[int, tuple[Thumb, ...]] = field(default_factory=dict, repr=False)
    chart: Picture | None = field(default=None, repr=False)
    leave: Leave | None = field(default=None, repr=False, compare=False)

    @property
    def data(self) -> dict[str, Any]:
        """What page and widget show: texts, in which characters that hide or reorder others are spelt out."""
        chart = self.chart and {"src": data_address(self.chart.svg, "image/svg+xml"), "alt": self.chart.title}
        return {
            "title": render.visible(self.title),
            "caption": render.visible(self.caption),
            "notes": [render.visible(note) for note in self.notes],
            "columns": [vars(column) for column in self.columns],
            "rows": [self._sent(row) for row in self.rows],
            "thumbs": {str(at): [_spelt(vars(thumb)) for thumb in thumbs] for at, thumbs in self.thumbs.items()},
            "chart": chart and _spelt(chart),
        }

    @property
    def page(self) -> bytes:
        """It as one HTML file whose policy lets it ask nobody. Equal rows give equal bytes."""
        return page(self.data)

    def widget(self) -> Any:
        """Return it as a widget of JupyterLab: search, facets, sorting, all by keyboard too.

        Raises:
            CaseError: The extra ``ui`` is not installed.
        """
        return listing_widget(self.data, str(self))

    def save(self, path: str | Path) -> Path:
        """Write the interactive page, and return the path. Of a case it is an export: searched for secrets, logged.

        Raises:
            ExportError: The name does not end in ``.html``, or it cannot be written.
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
        """
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise ExportError(f"{path.name} was not written: rows are saved as a page, rows.html.")
        content = self.page
        if self.leave:
            self.leave(path.name, content)
        return write_whole(path, content)

    def __str__(self) -> str:
        cells = [[column.label for column in self._printed()], *(self._cells(row, 40) for row in self._first())]
        return render.visible_lines("\n".join([self.title, self.caption, render.columns(cells), *self._told()]))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        chart = render.image(self.chart.svg, "image/svg+xml", self.chart.title) if self.chart else ""
        rows = [self._cells(row, _WIDEST) for row in self._first()]
        table = render.table(rows, [column.label for column in self._printed()]) if rows else ""
        told = "".join(map(render.paragraph, [*self._told(), _HOW]))
        markup = render.heading(self.title) + render.paragraph(self.caption) + chart + table + told
        return render.bundle(f"{self}\n{_HOW}", markup)

    __repr__ = __str__

    def _printed(self) -> list[Column]:
        return [column for column in self.columns if column.printed]

    def _first(self) -> Sequence[Mapping[str, Any]]:
        return self.rows[:PRINTED]

    def _cells(self, row: Mapping[str, Any], width: int) -> list[str]:
        texts = [(column, _joined(row.get(column.name, ""))) for column in self._printed()]
        cells = [text if column.whole else render.shorten(text, width) for column, text in texts]
        depth = min(row.get("depth", 0), _DEEPEST)
        return [f"{'· ' * depth}{cells[0]}", *cells[1:]]

    def _told(self) -> list[str]:
        more = len(self.rows) - PRINTED
        rest = [f"{more:,} further rows are not printed here."] if more > 0 else []
        return [*rest, *self.notes]

    def _sent(self, row: Mapping[str, Any]) -> dict[str, Any]:
        texts = {column.name: _spelt(row[column.name]) for column in self.columns if row.get(column.name)}
        return {**texts, **({"depth": row["depth"]} if row.get("depth") else {})}


@dataclass(frozen=True, kw_only=True)
class ChartWithRows(Picture):
    """A picture in time or space, with the rows behind it for :meth:`widget` and :meth:`save`."""

    listing: Listing = field(repr=False)

    def widget(self) -> Any:
        """Return it as a widget of JupyterLab: the picture, larger and smaller, over rows that one searches.

        Raises:
            CaseError: The extra ``ui`` is not installed.
        """
        return self._whole().widget()

    def save(self, path: str | Path) -> Path:
        """Write the picture (``.svg``) or the interactive page (``.html``), and return the path. See :class:`Picture`.

        Raises:
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
        """
        path = Path(path)
        return self._saved(path, self._whole().page if path.suffix.lower() in (".html", ".htm") else self.svg)

    def _whole(self) -> Listing:
        return replace(self.listing, title=self.title, caption=self.caption, chart=self)


def _joined(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _spelt(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _spelt(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_spelt(each) for each in value]
    return render.visible_lines(str(value))
