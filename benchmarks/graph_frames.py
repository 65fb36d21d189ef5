"""What a frame of the interactive link chart takes in Chromium, with as many elements as the chart is made for.

A page of 2,000 nodes and 3,000 edges is opened from its file and zoomed by the wheel, step by step; a figure is the
median time from one frame to the next, beside that of the same page at rest. Where software draws instead of a graphics
card, a busy machine multiplies both. It needs Chromium and the extra ``browser``; without them it says so.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import networkx as nx
from measuring import cpu, figure, folder, print_figures

from osint.capture.browser.chromium import find_chromium
from osint.errors import CaptureError
from osint.views.link_chart import link_chart

BASES = ("observed", "derived", "asserted")
ARGUMENTS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
             "--host-resolver-rules=MAP * ~NOTFOUND"]  # fmt: skip
FRAME = """turn => new Promise(done => requestAnimationFrame(start => {
    const canvas = document.querySelector("canvas"), { x, y, width, height } = canvas.getBoundingClientRect();
    const clientX = x + width / 2, clientY = y + height / 2;
    const turned = { deltaY: turn, clientX, clientY, bubbles: true, cancelable: true };
    if (turn) canvas.dispatchEvent(new WheelEvent("wheel", turned));
    requestAnimationFrame(end => done(end - start));
}))"""


def network(nodes: int, edges: int) -> nx.MultiDiGraph[str]:
    """Return an invented network of everyone with a few others."""
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    names = [f"account:web:n{number}" for number in range(nodes)]
    made.add_nodes_from(names, kind="account", platform="web", exhibits=["E0001"])
    for node in names:
        made.nodes[node]["label"] = node.rpartition(":")[2]
    for number in range(edges):
        ends = names[number % nodes], names[(number * 7 + 1) % nodes]
        made.add_edge(*ends, key=str(number), kind="mention", basis=BASES[number % 3], exhibits=["E0001"])
    return made


@contextmanager
def opened(file: Path) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(find_chromium()), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(300_000)
        page.goto(file.as_uri())
        page.wait_for_function("window.linkChart?.engine")
        yield page
        browser.close()


def frames(page: Any, turn: int, times: int) -> list[float]:
    return [page.evaluate(FRAME, turn) for _ in range(times)]


def show(name: str, times: list[float], beside: str) -> None:
    middle, bounds = statistics.median(times), f"{min(times):.0f} to {max(times):.0f}"
    print(f"{name}: {middle:.0f} ms ({bounds}); {beside}")
    figure(name, middle, "ms")


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--nodes", type=int, default=2_000)
    reader.add_argument("--edges", type=int, default=3_000)
    reader.add_argument("--times", type=int, default=25)
    asked = reader.parse_args()
    try:
        find_chromium()
    except CaptureError as error:
        print(f"frames of the view: not measured. {error}")
        return
    with folder() as place:
        made: list[Path] = []
        chart = network(asked.nodes, asked.edges)
        figure("chart_made", cpu(lambda: made.append(link_chart(chart, "Many").save(place / "chart.html"))), "s")
        with opened(made[0]) as page:
            engine, lines = page.evaluate("[linkChart.stage.dataset.engine, linkChart.shown.lines.length]")
            drawn = f"{engine}, {asked.nodes} nodes and {lines} edges"
            show("chart_frame_zoom", frames(page, -4, asked.times), drawn)
            show("chart_frame_at_rest", frames(page, 0, asked.times), "the same page, where nothing changes")
    print_figures()


if __name__ == "__main__":
    main()
