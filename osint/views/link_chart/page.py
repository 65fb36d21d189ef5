"""The scripts of the chart put together, and the page that holds them: one file whose policy lets nothing be asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from osint.views.scripted import one_scope, scripted_page

MODULES = (
    "elements", "model", "history", "looks", "detail", "programs", "overview", "panel", "lasso", "controls", "keys",
    "main",
)  # fmt: skip
"""Our modules, each after those that it imports. They share one scope, so no two of them give a thing one name."""

LIBRARIES = {"cytoscape": "cytoscape.min.js", "sigma": "sigma.min.js", "graphology": "graphology.umd.min.js"}
_FOLDER = files("osint.views.link_chart")
_IMPORT = re.compile(r"^import .*?;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
_START = """
const root = document.getElementById("chart");
const data = JSON.parse(document.getElementById("data").textContent);
window.linkChart = mount(root, data, libraries, { standalone: true });
"""
_WIDGET = """
export default {
  render({ model, el }) {
    const root = document.createElement("div");
    el.append(root);
    const chosen = (keys) => { model.set("selected", keys); model.save_changes(); };
    const chart = mount(root, JSON.parse(model.get("data")), libraries, { chosen });
    return () => chart.close();
  },
};
"""


def page(data: Mapping[str, Any]) -> bytes:
    """Return the chart as one HTML file. Equal data give equal bytes."""
    # cytoscape.js adds a style element of this name unless there is one; the policy would refuse its own.
    name = "__________cytoscape_stylesheet"
    script = one_scope(program(), _START)
    return scripted_page(data["title"], data, script=script, style=styles(), root="chart", style_id=name)


@cache
def widget_module() -> str:
    """Return the ES module that anywidget loads."""
    return program() + _WIDGET


@cache
def styles() -> str:
    """Return the style sheet."""
    return f"html, body {{ margin: 0; background: #fff }}\n{_text('chart.css')}"


@cache
def program() -> str:
    """Return the libraries and our modules as one script that defines ``mount`` and ``libraries``."""
    ours = "\n".join(_EXPORT.sub("", _IMPORT.sub("", _text(f"{name}.js"))) for name in MODULES)
    theirs = "".join(f"  {name}: {_wrapped(_text(f'vendor/{file}'))},\n" for name, file in LIBRARIES.items())
    return (
        f"const vendored = {{\n{theirs}}};\n"
        "const libraries = {\n"
        "  cytoscape: () => vendored.cytoscape(),\n"
        "  sigma: () => ({ graphology: vendored.graphology(), Sigma: vendored.sigma() }),\n"
        f"}};\n{ours}"
    )


def _wrapped(library: str) -> str:
    """Return a function that runs a library once, as a CommonJS module, so that it leaves no name behind."""
    body = _SOURCE_MAP.sub("", library)
    return (
        "((made) => () => { if (made === undefined) { const module = { exports: {} }; const exports = module.exports;\n"
        f"(function () {{ {body}\n}}).call(globalThis);\nmade = module.exports; }} return made; }})()"
    )


def _text(name: str) -> str:
    return _FOLDER.joinpath(name).read_text(encoding="utf-8")
