"""The script of a listing, as a page of its own and as a widget of JupyterLab (anywidget). Nothing is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from osint.views import printed
from osint.views.scripted import inert, one_scope, scripted_page
from osint.views.widget import MOUNTED, widget_class

_FOLDER = files("osint.views.listing")
_PAGE = "html, body { margin: 0 } @page { size: A4 landscape }"
_START = """
const data = JSON.parse(document.getElementById("data").textContent);
const listing = mount(document.getElementById("table"), data, document);
addEventListener("beforeprint", () => listing.draw(true));
addEventListener("afterprint", () => listing.draw());
"""


def page(data: Mapping[str, Any]) -> bytes:
    """Return it as one HTML file whose policy lets it ask nobody."""
    script, style = one_scope(_text("listing.js"), _START), _PAGE + printed.STYLE + _text("listing.css")
    return scripted_page(data["title"], data, script=script, style=style, root="table", style_id="looks")


def listing_widget(data: Mapping[str, Any], summary: str) -> Any:
    """Return an ``anywidget.AnyWidget``.

    Raises:
        CaseError: anywidget is not installed.
    """
    return widget_class(_text("listing.js") + MOUNTED, _text("listing.css"), "rows.html")(
        data=inert(data), summary=summary
    )


@cache
def _text(name: str) -> str:
    return _FOLDER.joinpath(name).read_text(encoding="utf-8")
