"""A page of ours as a widget of JupyterLab (anywidget): the same script over the same data, nothing loaded."""

from __future__ import annotations

from functools import cache
from typing import Any

from osint.errors import CaseError

MOUNTED = """
export default {
  render({ model, el }) {
    const root = document.createElement("div");
    el.append(root);
    mount(root, JSON.parse(model.get("data")));
  },
};
"""
"""What makes a script that defines ``mount(root, data)`` the module of a widget."""


@cache
def widget_class(module: str, styles: str, saved: str) -> Any:
    """Return a class of ``anywidget.AnyWidget`` with ``data``, JSON in text, and ``summary``, as which it prints.

    Args:
        module: The module of script that draws ``data``.
        styles: Its style sheet.
        saved: The name under which the same is saved as a file for any browser.

    Raises:
        CaseError: anywidget is not installed.
    """
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise CaseError(
            "The interactive form in a notebook needs anywidget, which is not installed: pip install 'osint[ui]'. "
            f"Without it, .save('{saved}') writes the same as a file for any browser."
        ) from error

    class Widget(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]
        _esm = module
        _css = styles
        data = traitlets.Unicode().tag(sync=True)
        summary = traitlets.Unicode()

        def __repr__(self) -> str:
            return str(self.summary)

    return Widget
