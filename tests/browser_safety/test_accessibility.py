"""Every page that leaves a case, read by axe-core in a real Chromium: no violation of WCAG 2.1 A or AA.

``make test-browser`` fetches axe-core (MPL-2.0) into ``build/browser``; it is no part of the package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from demo_pages import demo_pages
from test_in_a_browser import CHROMIUM

AXE = Path(__file__).parents[2] / "build" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
PAGES = (
    "case", "chart", "gallery", "head", "ledger", "map", "mask", "media-sheet", "overview", "package custody_log", "package head",
    "package report", "pivots", "posts", "replay", "report", "revisit", "search", "thread", "timeline",
)  # fmt: skip
FAULTY = """<!DOCTYPE html><html lang="en"><title>x</title><body><img src="data:,"><input>
<p style="color:#bbb;background:#fff">faint</p></body></html>"""

pytestmark = [
    pytest.mark.browser_lab,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: make test-browser fetches it"),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    return demo_pages(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])


@pytest.fixture
def reader(browser) -> Iterator[Any]:
    """A window in which axe-core may run although the pages forbid every script."""
    with browser.new_context(bypass_csp=True, viewport={"width": 1280, "height": 900}) as context:
        yield context.new_page()


def violations(page: Any, within: str = "html") -> list[str]:
    """Return what breaks a rule in one element of a page."""
    code = AXE.read_bytes()
    assert hashlib.sha256(code).hexdigest() == AXE_SHA256
    page.evaluate(code.decode())
    found = page.evaluate("([within, rules]) => axe.run(within, { runOnly: rules })", [within, RULES])
    assert found["passes"], "nothing was looked at"
    return [f"{each['id']}: {node['html'][:120]}" for each in found["violations"] for node in each["nodes"]]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_breaks_a_rule_of_wcag(name, pages, reader):
    """
    With everything unfolded that folds.
    """
    reader.goto(pages[name].as_uri())
    reader.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert violations(reader) == []
    assert reader.locator("img:not([alt]), img[alt='']").count() == 0


def test_the_chart_keeps_the_rules_with_its_evidence_open(pages, reader):
    """
    A node is chosen with the keyboard, and its exhibits stand beside it.
    """
    reader.goto(pages["chart"].as_uri())
    reader.locator(".oc-stage canvas").first.wait_for()
    reader.locator(".oc-stage").focus()
    for key in ("ArrowRight", "Enter"):
        reader.keyboard.press(key)
    reader.locator(".oc-panel").get_by_text("E00").first.wait_for()
    assert violations(reader) == []


@pytest.mark.parametrize("name", ["gallery", "chart", "posts"])
def test_tab_goes_through_a_page_in_the_order_of_reading_and_shows_where_it_is(name, pages, reader):
    """
    Nobody who works without a mouse is led astray, or left without a mark.
    """
    reader.goto(pages[name].as_uri())
    reader.wait_for_timeout(1000)
    stops = []
    for _ in range(12):
        reader.keyboard.press("Tab")
        stops.append(
            reader.evaluate("""() => { const here = document.activeElement, style = getComputedStyle(here);
              const all = [...document.querySelectorAll("*")];
              return [all.indexOf(here), style.outlineStyle !== "none" || style.boxShadow !== "none"]; }""")
        )
    places = [place for place, _ in stops]
    assert places == sorted(set(places))
    assert all(marked for _, marked in stops)


def test_a_page_with_faults_is_found(reader):
    """
    The check above would notice.
    """
    reader.set_content(FAULTY)
    assert {each.partition(":")[0] for each in violations(reader)} == {"image-alt", "label", "color-contrast"}


def test_every_page_is_looked_at(pages):
    """
    A page that is new is one of those above.
    """
    assert sorted(name for name, path in pages.items() if path.suffix == ".html") == sorted(PAGES)
