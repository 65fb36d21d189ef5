"""The page of a link chart in Chromium: clicks, keys, slider, undo, print, many elements; nobody is asked."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import networkx as nx
import pytest
from invented_charts import HAZARDS, hazardous
from PIL import Image

from osint.capture.browser.chromium import find_chromium
from osint.errors import CaptureError
from osint.media.thumbnails import Thumbnail
from osint.views.link_chart import ChartFacts, data, link_chart

try:
    CHROMIUM = str(find_chromium())
    LACKING = ""
except CaptureError as error:
    LACKING = str(error)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(LACKING), reason=LACKING)]

DIGEST = "3f5a" * 16
DAY = datetime(2026, 5, 1, 12, tzinfo=UTC)
ARGUMENTS = [
    "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--host-resolver-rules=MAP * ~NOTFOUND",
]  # fmt: skip


def jpeg(colour):
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(stream, "JPEG")
    return stream.getvalue()


class Files:
    def records(self):
        return [type("Record", (), {"exhibit": "E0001"})()]

    def thumbnail(self, record):
        return Thumbnail(jpeg=jpeg("red"), veiled=jpeg("grey"))


def account(name):
    return f"account:mastodon:{name}@social.example"


def talk():
    """Jane in the middle: mentions on five days, three parallel edges with Dawn, a derived and an asserted edge."""
    network = nx.MultiDiGraph(hidden_nodes=3, hidden_edges=5)
    for name in ("jane", "dawn", "omar", "tide", "kit", "lena"):
        network.add_node(
            account(name), kind="account", label=f"{name}@social.example", platform="mastodon", exhibits=["E0001"]
        )
    network.add_node(
        "hashtag:mastodon:missing", kind="hashtag", label="missing", platform="mastodon", exhibits=["E0002"]
    )

    def tie(source, target, relation, day, basis="observed", count=1, **more):
        when = None if day is None else DAY + timedelta(days=day)
        network.add_edge(
            account(source), target if ":" in target else account(target), key=relation, kind=relation, basis=basis,
            count=count, posts=["mastodon:1"], via=[], exhibits=["E0001"], first=when, last=when, **more,
        )  # fmt: skip

    for day, name in enumerate(("dawn", "omar", "tide", "kit", "lena")):
        tie("jane", name, "mention", day, count=day + 1)
    tie("jane", "dawn", "reply", 2)
    tie("dawn", "jane", "quote", 3)
    tie("jane", "hashtag:mastodon:missing", "hashtag", 4)
    tie("omar", "tide", "same_media", None, "derived", rule={"id": "same_media", "version": "1"})
    tie("kit", "lena", "knows", None, "asserted", by="J. Smit", reason="seen together in E0001")
    facts = ChartFacts({"E0001": (DIGEST, 14)}, Files(), [(account("kit"), account("lena"))])
    return link_chart(network, "Who is tied to Jane", facts=facts)


@dataclass
class Seen:
    """What a page did beside what it was asked to."""

    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def look(browser, tmp_path):
    """Open a chart; at the end of the test nobody was asked, and nothing stood in the console."""
    seen, pages = Seen(), []

    def open_chart(chart):
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.set_default_timeout(180_000)
        pages.append(page)
        file = chart.save(tmp_path / "chart.html")
        page.on("request", lambda request: seen.asked.append(request.url) if request.url != file.as_uri() else None)
        page.on("console", lambda message: seen.said.append(message.text))
        page.on("pageerror", lambda error: seen.said.append(str(error)))
        page.on("dialog", lambda dialog: (seen.said.append("dialog"), dialog.dismiss()))
        page.goto(file.as_uri())
        page.wait_for_function("window.linkChart?.engine?.drawnNodes() > 0")
        return page

    yield open_chart
    for page in pages:
        page.close()
    assert [url for url in seen.asked if not url.startswith("data:image/")] == []
    assert seen.said == []


@pytest.fixture(scope="module")
def talked():
    return talk()


def click_at(page, name):
    """Click where a node is drawn."""
    place = page.evaluate(
        "(name) => { const chart = linkChart, id = chart.model.nodes.find((node) => node.key.includes(name)).id, "
        "{ left, top } = chart.stage.getBoundingClientRect(), { x, y } = chart.engine.at(id); return [left + x, top + y]; }",
        name,
    )
    page.mouse.click(*place)
    return place


def shown(page):
    return page.evaluate("[linkChart.engine.drawnNodes(), linkChart.engine.drawnLines()]")


def panel(page):
    return page.locator(".oc-panel").inner_text()


def test_every_node_and_edge_is_drawn(look, talked):
    """
    As many as the graph has, one basis unlike the other, accounts of one person in one frame; the counts say so.
    """
    page = look(talked)

    assert shown(page) == [7, 10]
    assert page.evaluate("linkChart.engine.cy.nodes('.person').children().length") == 2
    patterns = "linkChart.engine.cy.edges().map((edge) => edge.data('basis') + edge.style('line-style') + edge.style('line-dash-pattern'))"
    assert len(set(page.evaluate(patterns))) == 3
    assert "all 7 nodes, all 10 edges" in page.locator(".oc-counts").inner_text()
    assert "leaves out 3 nodes and 5 edges" in page.locator(".oc-counts").inner_text()


def test_a_click_on_an_edge_shows_its_exhibits_with_the_picture_veiled(look, talked):
    """
    Hash, ledger entry and ground; the picture is the blurred one until the button is pressed, and again after.
    """
    page = look(talked)
    click_at(page, "kit")
    page.get_by_role("button", name="lena@social.example: knows").click()

    assert DIGEST in panel(page)
    assert "14" in panel(page)
    assert "seen together in E0001" in panel(page)
    assert "asserted by an analyst" in panel(page)
    image = page.locator(".oc-picture img")
    veiled = image.get_attribute("src")
    page.get_by_role("button", name="Reveal the picture").click()
    revealed = image.get_attribute("src")
    page.get_by_role("button", name="Hide the picture").click()
    assert revealed != veiled == image.get_attribute("src")


@pytest.mark.exhaustive
def test_a_filter_an_undo_and_a_redo(look, talked):
    """
    Kinds, basis, least count, parallel edges as one; each step goes back and comes again.
    """
    page = look(talked)
    page.get_by_label("hashtag (1)").first.uncheck()
    assert shown(page) == [6, 9]
    page.get_by_label("derived by a named rule (1)").uncheck()
    assert shown(page) == [6, 8]
    page.get_by_label("draw parallel edges as one").check()
    assert shown(page) == [6, 6]
    bundle = "linkChart.shown.lines.filter((line) => line.edges.length > 1).map((line) => line.count)"
    assert page.evaluate(bundle) == [1]  # not three: one post makes all of its edges
    assert "3 edges" in page.evaluate("linkChart.engine.cy.edges().map((edge) => edge.data('label'))")
    page.get_by_label("Least number of posts of an edge").fill("3")
    page.keyboard.press("Tab")
    assert shown(page) == [6, 3]
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert shown(page) == [6, 8]
    page.get_by_role("button", name="Redo").click()
    assert shown(page) == [6, 6]
    assert "without derived edges" in page.locator(".oc-counts").inner_text()


@pytest.mark.exhaustive
def test_the_slider_keeps_what_touches_the_days_chosen(look, talked):
    """
    By keyboard, as the slider is one of the browser's own; undated edges go when that is asked.
    """
    page = look(talked)
    first = page.get_by_label("First day")
    first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")

    assert shown(page)[1] == 4 + 2
    page.get_by_label("undated edges").uncheck()
    assert shown(page)[1] == 4
    assert "2026-05-04 to 2026-05-05, without undated edges" in page.locator(".oc-counts").inner_text()
    first.focus()
    page.keyboard.press("Home")
    assert shown(page)[1] == 8
    assert "Filter: without undated edges." in page.locator(".oc-counts").inner_text()
    page.get_by_label("undated edges").check()
    assert shown(page)[1] == 10


def test_a_search_and_a_walk_by_keyboard_reach_the_evidence(look, talked):
    """
    Slash, a name, Enter: on the node. n: its edges. Enter: into the panel. Escape: back on the chart, nothing chosen.
    """
    page = look(talked)
    page.locator(".oc-stage").focus()
    page.keyboard.press("/")
    page.keyboard.type("omar")
    page.keyboard.press("Enter")
    assert "omar@social.example" in panel(page)
    page.keyboard.press("n")
    assert DIGEST in panel(page)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement === linkChart.stage")
    assert "Choose a node" in panel(page)
    page.keyboard.press("ArrowRight")  # the busiest first
    assert "jane@social.example" in panel(page)
    page.keyboard.press("ArrowRight")
    assert "jane@social.example" not in page.locator(".oc-panel h2").inner_text()
    page.keyboard.press("o")
    page.keyboard.press("Control+z")
    assert shown(page) == [7, 10]


@pytest.mark.exhaustive
def test_what_is_dragged_stays_what_is_pinned_does_not_move_and_undo_brings_back(look, talked):
    """
    A place is where the analyst put it, until it is undone.
    """
    page = look(talked)
    x, y = click_at(page, "omar")
    place = "linkChart.engine.at(linkChart.nodes[0])"
    before = page.evaluate(place)

    def drag():
        page.mouse.move(
            *[
                page.evaluate(f"linkChart.stage.getBoundingClientRect().{side} + {place}.{axis}")
                for side, axis in (("left", "x"), ("top", "y"))
            ]
        )
        page.mouse.down()
        page.mouse.move(x + 30, y + 60, steps=4)
        page.mouse.up()

    drag()
    moved = page.evaluate(place)
    page.locator(".oc-stage").focus()
    page.keyboard.press("p")
    x, y = x + 100, y + 100
    drag()

    assert moved != before
    assert page.evaluate(place) == moved
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    back = page.evaluate(place)
    assert (round(back["x"]), round(back["y"])) == (round(before["x"]), round(before["y"]))


@pytest.mark.exhaustive
def test_a_lasso_gathers_what_lies_in_it(look, talked):
    """
    Around everything: all nodes. They can be hidden together, and come back.
    """
    page = look(talked)
    page.get_by_role("button", name="Lasso").click()
    box = page.locator(".oc-stage").bounding_box()
    corners = [(2, 2), (box["width"] - 2, 2), (box["width"] - 2, box["height"] - 2), (2, box["height"] - 2), (2, 2)]
    for number, (x, y) in enumerate(corners):
        page.mouse.move(box["x"] + x, box["y"] + y)
        if number == 0:
            page.mouse.down()
    page.mouse.up()

    assert "7 nodes selected" in panel(page)
    page.get_by_role("button", name="Hide", exact=True).click()
    assert shown(page) == [0, 0]
    page.get_by_role("button", name="Undo").click()
    assert shown(page) == [7, 10]


@pytest.mark.exhaustive
def test_the_print_holds_the_chart_its_legend_and_the_note(look, talked):
    """
    As PDF: the picture of what is shown, counts, filter, kinds, and what an association is not.
    """
    from pypdf import PdfReader

    page = look(talked)
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Print").click()
    page.wait_for_function("window.printed")
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    text = " ".join(sheet.extract_text() for sheet in printed.pages)

    for words in ("Who is tied to Jane", "all 7 nodes", "asserted by an analyst", "not guilt"):
        assert words in text
    assert any(image for sheet in printed.pages for image in sheet.images)
    assert len(printed.pages) <= 2


def test_hostile_text_is_drawn_and_runs_nothing(look):
    """
    Every text hazard as label, key, relation and reason; each node is opened.
    """
    page = look(link_chart(hazardous(*HAZARDS.values(), '<img src=x onerror="alert(1)">'), "<script>alert(1)</script>"))
    count = page.evaluate(
        "linkChart.model.nodes.forEach((node) => linkChart.choose([node.id])), linkChart.model.edges.forEach((edge) => linkChart.openEdge(edge)), linkChart.model.nodes.length"
    )

    assert shown(page)[0] == count
    assert page.locator("script").count() == 2
    assert page.locator(".oc img").count() == 1  # the one for print


@pytest.mark.exhaustive
@pytest.mark.parametrize(("nodes", "engine"), [(1_800, "detail"), (2_400, "overview")], ids=["detail", "overview"])
def test_many_elements_are_all_drawn(look, monkeypatch, nodes, engine):
    """
    Up to 5,000 in detail, more as an overview, which becomes a detailed chart of a neighbourhood. 50,000 are in
    tests/browser_safety.
    """
    names = [account(f"n{number}") for number in range(nodes)]
    monkeypatch.setattr(
        data,
        "chart_places",
        lambda network, _: {node: (140.0 * (at % 50), 110.0 * (at // 50)) for at, node in enumerate(network)},
    )
    monkeypatch.setattr("osint.graph.drawing.svg", lambda *_, **__: b"")
    network = nx.MultiDiGraph()
    for number, name in enumerate(names):
        network.add_node(
            name, kind=("account", "hashtag", "url")[number % 3], label=name.split(":")[2], exhibits=["E1"]
        )
    bases = {"mention": "observed", "same_media": "derived", "knows": "asserted"}
    for number in range(nodes * 3 // 2 + 400):
        relation = (*bases,)[number % 3]
        target = names[(number * 7 + 1 + number // nodes) % nodes]
        network.add_edge(
            names[number % nodes],
            target,
            key=f"{relation}{number}",
            kind=relation,
            basis=bases[relation],
            count=1,
            exhibits=["E1"],
        )
    network.add_edge(names[5], names[5], key="reply", kind="reply", basis="observed", count=1, exhibits=["E1"])
    network.add_edge(names[1], names[0], key="knows", kind="knows", basis="asserted", count=1, exhibits=["E1"])
    page = look(link_chart(network, "Many"))
    drawn = page.evaluate(
        "[linkChart.stage.dataset.engine, ...[linkChart.engine.drawnNodes(), linkChart.engine.drawnLines()]]"
    )
    lines = page.evaluate("linkChart.shown.lines.filter((line) => line.source !== line.target).length")
    loops = page.evaluate("linkChart.shown.lines.length") - lines

    assert drawn == [engine, nodes, lines + (loops if engine == "detail" else 0)]
    said = page.locator(".oc-counts").inner_text()
    assert (f"{loops} loops among them not drawn" in said) == (engine == "overview")
    if engine == "detail":  # what an analyst asserted is not drawn under what posts show
        ends = "[edge.source().id(), edge.target().id()].sort().join() === 'n0,n1'"
        styles = "linkChart.engine.cy.edges().filter((edge) => TEST).map((edge) => edge.style('curve-style'))"
        assert page.evaluate(styles.replace("TEST", ends)) == ["bezier", "bezier"]
        assert "straight" in page.evaluate(styles.replace("TEST", f"!({ends})"))
    click_at(page, "n77@")
    assert "n77@social.example" in panel(page)
    page.locator(".oc-stage").focus()
    page.keyboard.press("o")
    page.wait_for_function("linkChart.stage.dataset.engine === 'detail'")
    assert 1 < shown(page)[0] < 20
    page.keyboard.press("Control+z")
    assert shown(page)[0] == nodes
