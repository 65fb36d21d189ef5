"""The case panel as a widget of JupyterLab (anywidget): texts reach the page as text nodes, and nothing is loaded."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from osint.errors import CaseError

if TYPE_CHECKING:
    from osint.notebook.panel import CasePanel

_ACTS = ("open", "authorize", "probe", "collect", "show", "resume", "hand_over", "stop", "draft")


def panel_widget(panel: CasePanel) -> Any:
    """Return an ``anywidget.AnyWidget``; ``case`` of it is the open case, ``panel`` the panel itself.

    Raises:
        CaseError: anywidget is not installed.
    """
    widget = _widget_class()(panel=panel, state=json.dumps(panel.state))

    def show() -> None:
        widget.state = json.dumps(panel.state)

    def tell(doing: str) -> None:
        widget.doing = doing

    panel.changed, panel.told = show, tell
    widget.on_msg(lambda _widget, said, _buffers: answer(panel, said))
    return widget


def answer(panel: CasePanel, said: Any) -> None:
    """Do what a button of the page stands for; what is no button of ours does nothing.

    Args:
        panel: The panel.
        said: ``act``, and what it is given: the ``values`` of a form, or what to show.
    """
    act = said.get("act") if isinstance(said, dict) else None
    if act not in _ACTS:
        return
    given = [_texts(each) for each in said.get("given", ())]
    getattr(panel, act)(*given)


def _texts(given: Any) -> Any:
    return {str(name): str(text) for name, text in given.items()} if isinstance(given, dict) else str(given)


@cache
def _widget_class() -> Any:
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise CaseError(
            "The case panel in a notebook needs anywidget, which is not installed: pip install 'osint[ui]'. Without "
            "it, the methods of the panel are its buttons."
        ) from error

    class Widget(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]
        _esm = files("osint.notebook").joinpath("panel.js").read_text(encoding="utf-8")
        _css = files("osint.notebook").joinpath("panel.css").read_text(encoding="utf-8")
        state = traitlets.Unicode().tag(sync=True)
        doing = traitlets.Unicode().tag(sync=True)
        panel = traitlets.Any()

        @property
        def case(self) -> Any:
            """The open case; None before it is opened."""
            return self.panel.case

        def __repr__(self) -> str:
            return str(self.panel)

        def _repr_mimebundle_(self, **options: Any) -> Any:
            """As a widget, and for whoever opens the notebook without a kernel as what stands in it."""
            made = super()._repr_mimebundle_(**options)
            data, metadata = made if isinstance(made, tuple) else ({}, {})
            return {**data, **self.panel._repr_mimebundle_()}, metadata

    return Widget
