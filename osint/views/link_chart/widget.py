"""The chart as a widget of JupyterLab (anywidget): the same script, nothing loaded from anywhere."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from osint.errors import CaseError
from osint.views.link_chart.page import styles, widget_module
from osint.views.scripted import inert

if TYPE_CHECKING:
    from collections.abc import Mapping


def chart_widget(data: Mapping[str, Any], summary: str) -> Any:
    """Return an ``anywidget.AnyWidget``; ``selected`` holds the keys of the nodes that are chosen in it.

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
            "The interactive chart in a notebook needs anywidget, which is not installed: pip install 'osint[ui]'. "
            "Without it, chart.save('chart.html') writes the same chart as a file for any browser."
        ) from error

    class Widget(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]
        _esm = widget_module()
        _css = styles()
        data = traitlets.Unicode().tag(sync=True)
        summary = traitlets.Unicode()
        selected = traitlets.List(traitlets.Unicode()).tag(sync=True)

        def __repr__(self) -> str:
            return str(self.summary)

    return Widget
