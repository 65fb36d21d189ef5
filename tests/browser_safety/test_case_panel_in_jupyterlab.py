"""The case panel in JupyterLab: a whole case by clicks, and by the keyboard alone (``make test-browser``)."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from test_accessibility import AXE, violations
from test_in_a_browser import CHROMIUM, keep, lab, open_trusted, window  # noqa: F401 - ``lab`` is a fixture
from test_link_chart_in_jupyterlab import KERNEL, Nobody

pytestmark = [
    pytest.mark.browser_lab,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]

SITE = """
import osint, pathlib
from osint.serve.sample_site import SampleSite
site = SampleSite().start()
network = osint.Network(hosts=site.hosts, ca=site.ca, pace=0)
panel = osint.case_panel(network=network, keys=pathlib.Path("NAME-keys"))
panel
"""
OPENED = """
import osint, pathlib
from osint.serve.sample_site import SampleSite
from osint.serve.practice_keys import practice_keys
site = SampleSite().start()
network = osint.Network(hosts=site.hosts, ca=site.ca, pace=0)
case = osint.open_case("NAME-case", investigator="J. Smit, badge 4471", network=network, keys=practice_keys(pathlib.Path("NAME-keys")))
case.authorize(osint.Authorization(identifier="MP-2026-0417", type="missing-person report", purpose="missing_person",
    subjects=["Jane Example"], accounts=["@jane@social.example"], expires="2030-12-31"))
case.collect("mastodon", account="@jane@social.example")
panel = osint.case_panel(case)
panel
"""
LISTING = "from osint.views.listing import listing_of\nlisting_of(case.posts(), 'Posts').widget()"
CHECK = "print('ledger', *(panel.case.ledger['action'] if panel.case else ()))"
PASSPHRASE = "correct horse battery"
AUTHORITY = {
    "Purpose": "missing_person",
    "Number of the report, warrant or request": "MP-2026-0417",
    "What kind of document that is": "missing-person report",
    "Last day it may be used": "2030-12-31",
    "Whom it is about": "Jane Example",
    "Accounts that may be collected": "@jane@social.example",
}


def shown(lab: Any, name: str, page: Any, asked: list[str], *code: str) -> None:  # noqa: F811
    """Open a notebook with the panel, and run its cells."""
    cells = [nbformat.v4.new_code_cell(each.replace("NAME", name)) for each in code or (SITE, CHECK)]
    address = open_trusted(lab, f"{name}.ipynb", nbformat.v4.new_notebook(cells=cells, metadata=KERNEL))
    page.set_default_timeout(60_000)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    panel, kernel = page.get_by_role("heading", name="Case panel"), page.get_by_role("button", name="Select Kernel")
    panel.or_(kernel).first.wait_for()
    if not panel.is_visible():  # a JupyterLab that is slow to start asks which kernel is meant
        kernel.click()
    panel.wait_for()


def outside(asked: list[str]) -> list[str]:
    return [url for url in asked if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))]


def ledger(page: Any) -> list[str]:
    page.locator(".jp-CodeCell").nth(1).click()
    page.keyboard.press("Shift+Enter")
    printed = page.get_by_text("ledger open")
    printed.wait_for()
    return str(printed.inner_text()).split()[1:]


def test_a_case_by_clicks(lab):  # noqa: F811
    """
    Refused without authority, and told what to do; then authority, collection, chart, verification.
    """
    asked: list[str] = []
    with window(Nobody()) as page:
        shown(lab, "clicks", page, asked)
        page.get_by_label("Folder of the case").fill("clicks-case")
        page.get_by_label("Your name and badge").fill("J. Smit, badge 4471")
        page.get_by_label("Passphrase of your keys").fill(PASSPHRASE)
        page.get_by_label("The same again").fill(PASSPHRASE)
        page.get_by_role("button", name="Open or create").click()
        page.get_by_text("no authority recorded yet").first.wait_for()
        page.get_by_label("Which one").fill("@jane@social.example")
        page.get_by_role("button", name="Collect", exact=True).click()
        refusal = page.get_by_role("alert").get_by_text("What to do")
        refusal.wait_for()
        page.get_by_role("alert").scroll_into_view_if_needed()
        keep(page, "panel-refused")
        for label, value in AUTHORITY.items():
            field = page.get_by_label(label, exact=True)
            field.select_option(value) if label == "Purpose" else field.fill(value)
        page.get_by_role("button", name="Record the authority").click()
        page.get_by_text("authority MP-2026-0417").first.wait_for()
        page.get_by_role("button", name="Probe").click()
        page.get_by_text("Probe: ready").wait_for()
        page.get_by_role("button", name="Collect", exact=True).click()
        page.get_by_text("Complete: the source had no more").wait_for()
        page.get_by_role("button", name="Link chart").click()
        page.locator(".op-result img").wait_for()
        keep(page, "panel-chart")
        page.get_by_role("button", name="Verify").click()
        page.get_by_text("evidentiary copies").wait_for()
        actions = ledger(page)
        code = page.get_by_label("Everything so far, as code").inner_text()
        saved = page.content()

    assert actions.count("authorize") == 1
    assert actions.count("search") == 2
    assert "# refused: case.collect('mastodon'" in code
    assert PASSPHRASE not in saved
    assert outside(asked) == []


def test_a_case_by_the_keyboard_alone(lab):  # noqa: F811
    """
    From field to field with Tab, as they stand; no key reaches the commands of the notebook.
    """
    asked: list[str] = []
    with window(Nobody()) as page:
        shown(lab, "keyboard", page, asked)
        page.get_by_label("Folder of the case").focus()
        press = page.keyboard.press

        def focused() -> str:
            words = "e => { const l = e.labels && e.labels[0]; return l ? l.textContent : e.getAttribute('aria-label') || e.textContent; }"
            return str(page.evaluate(f"({words})(document.activeElement)"))

        def tab_to(name: str) -> None:
            for _ in range(80):
                if focused() == name:
                    return
                press("Tab")
            pytest.fail(f"Tab does not lead to {name!r}")

        def typed(name: str, text: str) -> None:
            tab_to(name)
            page.keyboard.type(text)

        typed("Folder of the case", "keyboard-case")
        typed("Your name and badge", "J. Smit, badge 4471")
        typed("Passphrase of your keys", PASSPHRASE)
        typed("The same again", PASSPHRASE)
        press("Enter")
        page.get_by_text("no authority recorded yet").first.wait_for()
        tab_to("Purpose")
        page.keyboard.type("missing")
        for label, value in list(AUTHORITY.items())[1:]:
            typed(label, value)
        tab_to("Record the authority")
        press("Enter")
        page.get_by_text("authority MP-2026-0417").first.wait_for()
        assert focused() == "Record the authority"
        typed("Which one", "@jane@social.example")
        tab_to("Collect")
        press("Space")
        page.get_by_text("Complete: the source had no more").wait_for()
        tab_to("Link chart")
        press("Enter")
        page.locator(".op-result img").wait_for()
        tab_to("Verify")
        press("Enter")
        page.get_by_text("evidentiary copies").wait_for()
        keep(page, "panel-keyboard")
        cells = page.locator(".jp-Cell").count()
        actions = ledger(page)

    assert cells == 2
    assert [actions.count(name) for name in ("authorize", "search")] == [1, 1]
    assert outside(asked) == []


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: make test-browser fetches it")
def test_the_panel_and_a_listing_keep_the_rules_of_wcag(lab):  # noqa: F811
    """
    With everything unfolded: as it stands there, with a refusal, with a table, with a chart; and the widget of posts.
    """
    broken: dict[str, list[str]] = {}
    with window(Nobody()) as page:
        shown(lab, "readers", page, [], OPENED, LISTING)
        page.locator(".ol tbody tr").first.wait_for()
        page.evaluate("document.querySelectorAll('.op details').forEach(each => { each.open = true })")
        broken["first"] = violations(page, ".op")
        page.get_by_label("Which one").fill("@stranger@social.example")
        page.get_by_role("button", name="Collect", exact=True).click()
        page.get_by_role("alert").get_by_text("What to do").wait_for()
        broken["refusal"] = violations(page, ".op")
        for name, there in {"Custody": ".op-result table", "Link chart": ".op-result img"}.items():
            page.get_by_role("button", name=name).click()
            page.locator(there).wait_for()
            broken[name] = violations(page, ".op")
        page.locator(".ol tr[data-at]").first.press("Enter")
        page.locator(".ol .ol-detail").wait_for()
        broken["posts"] = violations(page, ".ol")

    assert not any(broken.values()), broken
