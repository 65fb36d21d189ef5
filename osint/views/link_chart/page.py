"""The scripts of the chart put together, and the page that holds them: one file whose policy lets nothing be asked.

The page's policy (Content Security Policy Level 3) allows the one script and the one style sheet whose hashes it names.
What was captured is data in an element that no browser runs, and reaches the page as text nodes alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from osint import render

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
    script, style = _one_scope(program(), _START), styles()
    policy = f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">'
        # cytoscape.js adds a style element of this name unless there is one; the policy would refuse its own.
        f"<title>{render.escape(data['title'])}</title>"
        f'<style id="__________cytoscape_stylesheet">{style}</style></head>\n'
        '<body><div id="chart"><noscript>This chart needs the script in this file; it asks nobody.</noscript></div>\n'
        f'<script type="application/json" id="data">{inert(data)}</script>\n<script>{script}</script></body></html>\n'
    ).encode()


def inert(data: Mapping[str, Any]) -> str:
    """Return JSON that can stand in a script element: nothing in it closes or opens one."""
    written = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        written = written.replace(character, f"\\u{ord(character):04x}")
    return written


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


def _one_scope(*parts: str) -> str:
    return '(() => { "use strict";\n' + "\n".join(parts) + "})();"


def _wrapped(library: str) -> str:
    """Return a function that runs a library once, as a CommonJS module, so that it leaves no name behind."""
    body = _SOURCE_MAP.sub("", library)
    return (
        "((made) => () => { if (made === undefined) { const module = { exports: {} }; const exports = module.exports;\n"
        f"(function () {{ {body}\n}}).call(globalThis);\nmade = module.exports; }} return made; }})()"
    )


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode('ascii')}'"


def _text(name: str) -> str:
    return _FOLDER.joinpath(name).read_text(encoding="utf-8")
