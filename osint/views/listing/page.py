"""The script of a listing, as a page of its own and as a widget of JupyterLab (anywidget). Nothing is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from osint.errors import CaseError
from osint.views.scripted import inert, one_scope, scripted_page

_FOLDER = files("osint.views.listing")
_START = """
const data = JSON.parse(document.getElementById("data").textContent);
mount(document.getElementById("table"), data, document);
"""
_WIDGET = """
export default {
  render({ model, el }) {
    const root = document.createElement("div");
    el.append(root);
    mount(root, JSON.parse(model.get("data")));
  },
};
"""


def page(data: Mapping[str, Any]) -> bytes:
    """Return it as one HTML file whose policy lets it ask nobody."""
    script, style = one_scope(_text("listing.js"), _START), f"html, body {{ margin: 0 }}\n{_text('listing.css')}"
    return scripted_page(data["title"], data, script=script, style=style, root="table", style_id="looks")


def listing_widget(data: Mapping[str, Any], summary: str) -> Any:
    """Return an ``anywidget.AnyWidget``.

    Raises:
        CaseError: anywidget is not installed.
    """
    return _widget_class()(data=inert(data), summary=summary)


@cache
def _widget_class() -> Any:
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise CaseError(
            "The interactive form in a notebook needs anywidget, which is not installed: pip install 'osint[ui]'. "
            "Without it, .save('rows.html') writes the same as a file for any browser."
        ) from error

    class Widget(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]
        _esm = _text("listing.js") + _WIDGET
        _css = _text("listing.css")
        data = traitlets.Unicode().tag(sync=True)
        summary = traitlets.Unicode()

        def __repr__(self) -> str:
            return str(self.summary)

    return Widget


@cache
def _text(name: str) -> str:
    return _FOLDER.joinpath(name).read_text(encoding="utf-8")
