"""The one way from text to HTML, and the MIME bundle that every result object prints.

Captured text is hostile. Script in a notebook's output runs in the page that holds the kernel's token, so nothing
here passes markup through: text is escaped, characters that hide or reorder text are shown by their code point, and
pictures travel as ``data:`` images, which cannot run script and survive an untrusted notebook.
"""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\u3164\uffa0\U000e0000-\U000e01ef]"
)
"""Characters that hide or reorder what is read."""

_CELL = "text-align:left;vertical-align:top;padding:2px 8px"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S{0,16}( .{1,16})?")


def visible(text: object) -> str:
    """Return text with control, bidirectional, zero-width and surrogate characters spelt as ``⟨U+202E⟩``."""
    return HIDDEN.sub(lambda match: f"⟨U+{ord(match.group()):04X}⟩", str(text))


def escape(text: object) -> str:
    """Return text that is safe inside an HTML element or a quoted attribute."""
    return html.escape(visible(text), quote=True)


def shorten(text: str, width: int) -> str:
    """Cut text to ``width`` characters, with an ellipsis where something was left out; line ends become spaces."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def table(rows: Iterable[Sequence[object]], headings: Sequence[str] = ()) -> str:
    """Return an HTML table of escaped cells, without style sheets (an untrusted notebook drops them)."""
    head = "".join(f'<th style="{_CELL}">{escape(heading)}</th>' for heading in headings)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"


@dataclass(frozen=True)
class Marked:
    """Text of which some parts stand out: bold in a cell of :func:`table`, between ``⟦`` and ``⟧`` as plain text.

    Attributes:
        text: The text, not escaped.
        marks: First and last place of each such part, from one up to the other, in order and apart.
    """

    text: str
    marks: Sequence[Sequence[int]]

    def __str__(self) -> str:
        return "".join(f"⟦{part}⟧" if marked else part for part, marked in self._parts())

    def markup(self) -> str:
        """Return it as HTML; each part is escaped by itself."""
        return "".join(f"<b>{escape(part)}</b>" if marked else escape(part) for part, marked in self._parts())

    def _parts(self) -> Iterator[tuple[str, bool]]:
        done = 0
        for start, end in self.marks:
            yield self.text[done:start], False
            yield self.text[start:end], True
            done = end
        yield self.text[done:], False


def image(data: bytes, media_type: str, alt: str) -> str:
    """Return an ``<img>`` that carries its own bytes."""
    return f'<img alt="{escape(alt)}" src="data:{escape(media_type)};base64,{base64.b64encode(data).decode()}">'


def bundle(plain: str, markup: str) -> dict[str, str]:
    """Return what ``_repr_mimebundle_`` returns: both forms. ``markup`` must be made by this module's functions."""
    return {"text/plain": visible_lines(plain), "text/html": markup}


def lines_bundle(text: str) -> dict[str, str]:
    """Return what ``_repr_mimebundle_`` returns for a text of several lines, each of which is a paragraph."""
    return bundle(text, paragraphs(text))


def headed_bundle(text: str) -> dict[str, str]:
    """Return what :func:`lines_bundle` does, with the first line as a heading."""
    first, *rest = text.split("\n")
    return bundle(text, heading(first) + "".join(map(paragraph, rest)))


def visible_lines(text: str) -> str:
    """Like :func:`visible`, for several lines: line ends stay."""
    return "\n".join(visible(line) for line in text.split("\n"))


def heading(text: object) -> str:
    """Return a bold line."""
    return f"<p><b>{escape(text)}</b></p>"


def paragraph(text: object) -> str:
    """Return a paragraph."""
    return f"<p>{escape(text)}</p>"


def some(names: Sequence[str], most: int = 5) -> str:
    """Return names with commas between, of many the first: ``E0001, E0002 and 3 more``."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def paragraphs(text: str) -> str:
    """Return a paragraph for each line."""
    return "".join(map(paragraph, text.split("\n")))


def facts(pairs: Mapping[str, object]) -> str:
    """Return a two-column table of names and values."""
    return table(list(pairs.items()))


def columns(rows: Iterable[Sequence[object]]) -> str:
    """Return plain text in aligned columns, for a terminal."""
    cells = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)] if cells else []
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def escape_lines(text: object) -> str:
    """Like :func:`escape`, for several lines: line ends stay."""
    return html.escape(visible_lines(str(text)), quote=True)


def section(title: str) -> str:
    """Return the heading of a section of a page."""
    return f"<h2>{escape(title)}</h2>"


def styler(frame: pd.DataFrame) -> Styler:
    """Return a pandas ``Styler`` of a table, to colour it, whose texts are escaped; ``frame.style`` escapes none.

    Not its cells, nor what is inside a list, nor labels and their names: all of these are escaped here beforehand, so
    that nothing said to the Styler afterwards (``.format()`` for one) can undo it.
    """
    shown = frame.map(_inert).rename(index=_inert, columns=_inert).rename_axis(index=_inert, columns=_inert)
    return shown.style


def _cell(cell: object) -> str:
    """Return a cell; an instant in it stands in one line, since a browser would break it at its hyphens."""
    if isinstance(cell, Marked):
        return f'<td style="{_CELL}">{cell.markup()}</td>'
    whole = ";white-space:nowrap" if _INSTANT.fullmatch(str(cell)) else ""
    return f'<td style="{_CELL}{whole}">{escape(cell)}</td>'


def _inert(value: Any) -> Any:
    return escape(value) if isinstance(value, str | bytes | list | tuple | dict | set | frozenset) else value
