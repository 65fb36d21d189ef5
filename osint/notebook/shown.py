"""A result as what the panel draws: lines, tables and pictures; texts are made visible, and stay text in the page."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from osint.render import columns, heading, image, paragraph, shorten, table, visible
from osint.views.picture import Picture

MOST_ROWS = 50
_WIDEST = 160
Block = Mapping[str, Any]
POSTS = ("published", "author_handle", "content", "exhibit")


def block(result: Any, title: str, shown: Sequence[str] = ()) -> Block:
    """Return a result as plain values: ``title``, ``lines``, and of a table ``columns`` and ``rows``, of a picture
    ``picture`` and ``alt``.

    Args:
        result: What a call returned.
        title: A heading.
        shown: The columns of a table that are shown; all by default.
    """
    if isinstance(result, pd.DataFrame):
        part = result[[name for name in shown or result.columns if name in result.columns]]
        rows = [[_cell(cell) for cell in row] for row in part.head(MOST_ROWS).itertuples(index=False)]
        more = len(part) - len(rows)
        lines = [f"{len(part):,} rows" + (f"; the first {len(rows)} are shown, the call returns all." if more else ".")]
        return {"title": title, "lines": lines, "columns": [visible(name) for name in part.columns], "rows": rows}
    if isinstance(result, Picture):
        data = base64.b64encode(result.svg).decode("ascii")
        source = f"data:image/svg+xml;base64,{data}"
        return {"title": title, "lines": [visible(result.caption)], "picture": source, "alt": visible(result.title)}
    return {"title": title, "lines": [visible(line) for line in str(result).split("\n")]}


def as_html(shown: Block) -> str:
    """Return a block for a notebook that nobody runs."""
    parts = [heading(shown["title"]), *map(paragraph, shown["lines"])]
    if "rows" in shown:
        parts.append(table(shown["rows"], shown["columns"]))
    if "picture" in shown:
        parts.append(image(base64.b64decode(shown["picture"].partition(",")[2]), "image/svg+xml", shown["alt"]))
    return "".join(parts)


def as_text(shown: Block) -> str:
    """Return a block as plain lines."""
    table_ = [columns([shown["columns"], *shown["rows"]])] if "rows" in shown else []
    return "\n".join([shown["title"], *shown["lines"], *table_])


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return shorten(visible(", ".join(map(str, value))), _WIDEST)
    return "" if pd.isna(value) else shorten(visible(value), _WIDEST)
