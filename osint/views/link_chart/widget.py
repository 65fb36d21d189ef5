"""The chart as a widget of JupyterLab (anywidget): the same script, nothing loaded from anywhere."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from osint.views.link_chart.page import styles, widget_module
from osint.views.scripted import inert
from osint.views.widget import widget_class

if TYPE_CHECKING:
    from collections.abc import Mapping


def chart_widget(data: Mapping[str, Any], summary: str) -> Any:
    """Return an ``anywidget.AnyWidget``; ``selected`` holds the keys of the nodes that are chosen in it.

    Raises:
        CaseError: anywidget is not installed.
    """
    return _chart_class()(data=inert(data), summary=summary)


@cache
def _chart_class() -> Any:
    base = widget_class(widget_module(), styles(), "chart.html")
    import traitlets

    class Widget(base):  # type: ignore[misc,valid-type,unused-ignore]
        selected = traitlets.List(traitlets.Unicode()).tag(sync=True)

    return Widget
