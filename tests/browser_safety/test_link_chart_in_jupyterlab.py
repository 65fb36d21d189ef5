"""The interactive link chart in JupyterLab with a kernel, and with 50,000 elements (``make test-browser``)."""

from __future__ import annotations

from typing import Any

import nbformat
import networkx as nx
import pytest
from test_in_a_browser import CHROMIUM, keep, lab, open_trusted, window  # noqa: F401 - ``lab`` is a fixture

from osint.views.link_chart import data, link_chart

pytestmark = [
    pytest.mark.browser_lab,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]

MADE = """
import networkx as nx
from osint.views.link_chart import link_chart
network = nx.MultiDiGraph()
for name in "abcdef":
    network.add_node(f"account:web:{name}", kind="account", label=f"<img src=x onerror=window.__ran=1>{name}", exhibits=["E1"])
for one, other in ("ab", "ac", "ad", "be", "ef"):
    network.add_edge(f"account:web:{one}", f"account:web:{other}", key="mention", kind="mention", basis="observed", exhibits=["E1"])
chart = link_chart(network, "Chart").widget()
chart
"""


KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}


class Nobody:
    """A counter's place for :func:`window`: no host of any name is there."""

    port = 9


def test_the_widget_draws_every_node_in_jupyterlab_and_asks_nobody(lab):  # noqa: F811
    """
    Run by a real kernel; what is chosen in the chart reaches Python.
    """
    cells = [nbformat.v4.new_code_cell(MADE), nbformat.v4.new_code_cell("print('chosen', chart.selected)")]
    address = open_trusted(lab, "widget.ipynb", nbformat.v4.new_notebook(cells=cells, metadata=KERNEL))
    asked: list[str] = []
    with window(Nobody()) as page:
        page.set_default_timeout(180_000)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()  # before that, "Run All Cells" runs nothing
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        drawn = page.locator(".oc-stage[data-engine=detail] canvas").first
        kernel = page.get_by_role("button", name="Select Kernel")
        drawn.or_(kernel).first.wait_for()
        if not drawn.is_visible():  # a JupyterLab that is slow to start asks which kernel is meant
            kernel.click()
        drawn.wait_for()
        counts = page.locator(".oc-counts").inner_text()
        page.locator(".oc-stage").focus()
        page.keyboard.press("ArrowRight")
        page.locator(".oc-panel h2", has_text="onerror").wait_for()
        keep(page, "widget")
        page.wait_for_timeout(1000)
        page.locator(".jp-CodeCell").nth(1).click()
        page.keyboard.press("Shift+Enter")
        page.get_by_text("chosen ['account:web:").wait_for()
        ran = page.evaluate("window.__ran")

    assert "all 6 nodes, all 5 edges" in counts
    assert ran is None
    assert [
        url for url in asked if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))
    ] == []


def test_fifty_thousand_elements_are_drawn_and_searched(tmp_path, monkeypatch, record_property):
    """
    As an overview; one of them is found by name, and its neighbourhood opened as a detailed chart. The time that a
    frame took is recorded, and never asserted.
    """
    names = [f"account:web:n{number}" for number in range(20_000)]
    monkeypatch.setattr(
        data,
        "chart_places",
        lambda network, _: {node: (140.0 * (at % 150), 110.0 * (at // 150)) for at, node in enumerate(network)},
    )
    monkeypatch.setattr("osint.graph.drawing.svg", lambda *_, **__: b"")
    network = nx.MultiDiGraph()
    network.add_nodes_from(names, kind="account", label="n", exhibits=["E1"])
    for number in range(30_000):
        ends = names[number % 20_000], names[(number * 7 + 1) % 20_000]
        network.add_edge(
            *ends,
            key=str(number),
            kind="mention",
            basis=("observed", "derived", "asserted")[number % 3],
            exhibits=["E1"],
        )
    file = link_chart(network, "Many").save(tmp_path / "chart.html")
    asked: list[str] = []
    with window(Nobody()) as page:
        page.set_default_timeout(300_000)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        page.wait_for_function("window.linkChart?.engine?.drawnNodes() > 0")
        drawn: Any = page.evaluate(
            "[linkChart.stage.dataset.engine, linkChart.engine.drawnNodes(), linkChart.shown.lines.length]"
        )
        frame = "new Promise((done) => requestAnimationFrame((start) => { linkChart.engine.zoom(1.1); requestAnimationFrame((end) => done(end - start)); }))"
        record_property("milliseconds of a frame", page.evaluate(frame))
        page.get_by_role("searchbox").fill("n777")
        page.keyboard.press("Enter")
        page.keyboard.press("o")
        page.wait_for_function("linkChart.stage.dataset.engine === 'detail'")
        keep(page, "neighbourhood")

    assert drawn[:2] == ["overview", 20_000]
    assert asked[0] == file.as_uri()
    assert [url for url in asked[1:] if not url.startswith("data:")] == []
