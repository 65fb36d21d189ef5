"""What a reader without a kernel, who does not trust the notebook, finds in its saved outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from nbformat import NotebookNode

_TAGS = {"table", "thead", "tbody", "tr", "th", "td", "div", "p", "b", "img"}
_ATTRIBUTES = {"border", "class", "style", "alt", "src"}
_CELL = "text-align:left;vertical-align:top;padding:2px 8px"
_STYLES = {_CELL, f"{_CELL};white-space:nowrap", "text-align: right;"}
_FORMS = {"text/plain", "text/html"}
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
# pandas puts this one style sheet before every table; a reader who does not trust the notebook sees the table without.
_PANDAS_STYLE = """<style scoped>
    .dataframe tbody tr th:only-of-type {
        vertical-align: middle;
    }

    .dataframe tbody tr th {
        vertical-align: top;
    }

    .dataframe thead th {
        text-align: right;
    }
</style>"""


def faults(notebook: NotebookNode) -> list[str]:
    """Return what is wrong with the outputs of an executed notebook, in sentences with the id of the cell."""
    return [
        f"cell {cell.id}: {fault}"
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        for fault in _output_faults(output)
    ]


def markup_faults(markup: str) -> list[str]:
    """Return what an HTML output holds beyond tables, paragraphs and pictures that carry their own bytes."""
    reader = _Reader()
    reader.feed(markup.replace(_PANDAS_STYLE, ""))
    reader.close()
    return reader.faults


def _output_faults(output: NotebookNode) -> Iterator[str]:
    if output.output_type == "error":
        yield f"it ended in {output.ename}: {output.evalue}"
        return
    if output.output_type == "stream":
        data = {"text/plain": output.text}
    else:
        data = output.data
        if not str(data.get("text/plain", "")).strip():
            yield "a result has no plain text"
    if unknown := data.keys() - _FORMS:
        yield f"a result has the form {min(unknown)}, which may be lost or may run"
    yield from markup_faults(data.get("text/html", ""))
    if _REORDERING.search("".join(data.values())):
        yield "a character that reorders text is shown as it is"


class _Reader(HTMLParser):
    """Everything that is not listed above is a fault; a list of what is bad would never be complete."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in _TAGS:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if not _is_harmless(name, value or ""):
                self.faults.append(f'<{tag} {name}="{(value or "")[:60]}">')

    def handle_decl(self, decl):
        self.faults.append(f"<!{decl}>")

    def handle_comment(self, data):
        self.faults.append(f"<!--{data[:60]}-->")

    unknown_decl = handle_decl
    handle_pi = handle_decl


def _is_harmless(name: str, value: str) -> bool:
    if name == "src":
        return value.startswith("data:image/")
    if name == "style":
        return value in _STYLES
    return name in _ATTRIBUTES
