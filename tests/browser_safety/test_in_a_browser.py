"""What a detective looks at, in real JupyterLab and a real Chromium: hostile pages ask nobody and run nothing.

Every host leads to one server on this machine that counts, whatever its name. Each counting is tried on markup that
does reach it, so that a zero says something (``make test-browser``).
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from counting import Counter, counting, hostile_page
from IPython.core.formatters import DisplayFormatter
from IPython.display import HTML, Markdown
from nbconvert import HTMLExporter
from nbformat.sign import NotebookNotary
from origin import AUTHORITY, NOON, http

import osint
from osint import render
from osint.capture.browser.chromium import find_chromium
from osint.capture.network import Network
from osint.case import Case
from osint.cli.start import lab_command, lab_environment
from osint.errors import CaptureError
from osint.report.custody_log import custody_html

try:
    CHROMIUM: Path | None = find_chromium()
except CaptureError:
    CHROMIUM = None

pytestmark = [
    pytest.mark.browser_lab,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]

PAGE_TYPE = "Content-Type: text/html; charset=utf-8"
FEED_TYPE = "Content-Type: application/rss+xml"
FEED = """<rss version="2.0"><channel><title>{0}</title><item><guid>1</guid><title>{0}</title>
<link>{1}</link><author>{0}</author><category>{0}</category><description>{0}</description>
<pubDate>Mon, 01 Jun 2026 10:00:00 GMT</pubDate></item></channel></rss>"""
ENTRIES = (
    '<img src="http://ADDRESS/way-img" onerror="window.__ran=1">',
    "<script>window.__ran=1; fetch('http://ADDRESS/way-script')</script>",
    '<svg onload="window.__ran=1"><image href="http://ADDRESS/way-svg"/></svg>',
    '<svg><style>@import url(http://ADDRESS/way-svgstyle)</style><a xlink:href="javascript:window.__ran=1">x</a></svg>',
    '<meta http-equiv="refresh" content="0;url=http://ADDRESS/way-refresh">',
    '<iframe src="http://ADDRESS/way-iframe"></iframe>',
    '<iframe srcdoc="<img src=http://ADDRESS/way-srcdoc><script>parent.__ran=1</script>"></iframe>',
    '<iframe src="data:text/html,<img src=http://ADDRESS/way-data>"></iframe>',
    '<div style="background:url(http://ADDRESS/way-style)">x</div>',
    "<style>body{background:url(http://ADDRESS/way-sheet)}</style>",
    '<link rel="stylesheet" href="http://ADDRESS/way-link">',
    '<a href="javascript:window.__ran=1" autofocus onfocus="window.__ran=1">x</a>',
    "![x](http://ADDRESS/way-markdown) [x](javascript:window.__ran=1)",
    "$$\\href{javascript:window.__ran=1}{x}$$ \"><img src=http://ADDRESS/way-quote onerror='window.__ran=1'>",
    "<video autoplay><source src=http://ADDRESS/way-video onerror=window.__ran=1></video>",
    "<details open ontoggle=window.__ran=1>x</details><object data=http://ADDRESS/way-object></object>",
)


@dataclass
class Hostile:
    """A case with hostile captures, and what a detective looks at in it."""

    case: Case
    counter: Counter
    found: list[Any] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(ENTRIES).replace("ADDRESS", f"127.0.0.1:{self.counter.port}")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Iterator[Hostile]:
    folder = tmp_path_factory.mktemp("hostile")
    with counting() as counter, serving() as pages:
        network = Network(allow=("127.0.0.1",), pace=0)
        case = osint.open_case(
            folder / "case",
            investigator="J. Smit, badge 4471",
            network=network,
            keys=folder / "keys",
            clock=lambda: NOON,
        )
        made = Hostile(case, counter)
        case.authorize(osint.Authorization(**{**AUTHORITY, "hosts": ["127.0.0.1"], "subjects": [made.text]}))
        made.found.append(
            case.collect("webpage", url=pages.put("/pier", http(hostile_page(counter.port).encode(), PAGE_TYPE)))
        )
        whole = f"<html><title>{made.text}</title><body>{'<p>Words of a page. </p>' * 40}{made.text}</body></html>"
        made.found.append(case.collect("webpage", url=pages.put("/all", http(whole.encode(), PAGE_TYPE))))
        for number, entry in enumerate((made.text, *ENTRIES)):
            text = entry.replace("ADDRESS", f"127.0.0.1:{counter.port}")
            feed = FEED.format(escaped(text), escaped(f"http://127.0.0.1/{number}?{text}"))
            made.found.append(case.collect("feed", url=pages.put(f"/feed/{number}", http(feed.encode(), FEED_TYPE))))
        counter.seen.clear()
        yield made
        case.close()


def escaped(text: str) -> str:
    from html import escape

    return escape(text)


@dataclass
class Pages:
    origin: Any

    def put(self, path: str, answer: bytes) -> str:
        return str(self.origin.serve(path, answer))


@contextmanager
def serving() -> Iterator[Pages]:
    import threading

    from origin import Origin, listen

    listener = socket.create_server(("127.0.0.1", 0))
    origin = Origin(listener.getsockname()[1])
    threading.Thread(target=listen, args=(origin, listener, None), daemon=True).start()
    yield Pages(origin)
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def looked_at(hostile: Hostile) -> list[Any]:
    """Return every kind of result that a detective shows, full of hostile text."""
    case = hostile.case
    posts = case.posts()
    graph = osint.association_graph(posts)
    pd.set_option("display.max_colwidth", None)
    counted = posts["content"].value_counts().to_frame()
    lists = pd.DataFrame(
        {hostile.text: [[hostile.text], hostile.text]}, index=pd.Index([hostile.text, "b"], name=hostile.text)
    )
    return [
        case, *hostile.found, posts, case.ledger, case.media(), case.warnings(), case.custody(), case.parts(), case.transfers,
        case.verify(), case.show(graph, title=hostile.text), case.show(osint.event_timeline(posts), title=hostile.text),
        osint.event_timeline(posts), osint.centrality(graph, "degree"), *(case.replay(each) for each in exhibits(case)[:6]),
        render.styler(posts), render.styler(counted), render.styler(lists).format(precision=1), posts["content"],
    ]  # fmt: skip


def exhibits(case: Case) -> list[str]:
    return [each.number for each in case._ledger.exhibits()]


def notebook(*objects: Any) -> nbformat.NotebookNode:
    """Return a notebook that shows these objects, as a kernel would have them shown, and says at its end that it did."""
    formatter = DisplayFormatter()
    outputs = [nbformat.v4.new_output("display_data", data=formatter.format(each)[0], metadata={}) for each in objects]
    outputs.append(nbformat.v4.new_output("stream", name="stdout", text="all was shown\n"))
    cells = [nbformat.v4.new_code_cell("osint", execution_count=1, outputs=[each]) for each in outputs]
    return nbformat.v4.new_notebook(cells=cells)


@dataclass
class Seen:
    """What a browser did with a page."""

    text: str
    ran: list[str]
    elements: int = 0


@contextmanager
def window(counter: Counter) -> Iterator[Any]:
    """Open a window to which every host is the one that counts, but for those that Chromium asks by itself."""
    from playwright.sync_api import sync_playwright

    own = "".join(f"MAP *.{each} ~NOTFOUND, " for each in ("googleapis.com", "google.com", "gstatic.com"))
    rules = f"--host-resolver-rules={own}MAP * 127.0.0.1:{counter.port}, EXCLUDE 127.0.0.1"
    arguments = ["--no-sandbox", rules]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        yield page
        browser.close()


def look(page: Any, address: str, until: str = "") -> Seen:
    """Open an address, wait for words, and a while; return what was to be seen and what ran."""
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append("dialog"), dialog.dismiss()))
    page.on("popup", lambda _: ran.append("window"))
    page.on(
        "framenavigated", lambda frame: ran.append(f"led to {frame.url}") if leads_away(frame.url, address) else None
    )
    page.goto(address)
    if until:
        page.get_by_text(until).first.wait_for(timeout=90_000)
    page.wait_for_timeout(3000)
    marks = [frame.evaluate("window.__ran") for frame in page.frames if not frame.is_detached()]
    ran += [f"mark {mark}" for mark in marks if mark]
    return Seen(text=page.inner_text("body"), ran=ran)


def leads_away(url: str, address: str) -> bool:
    return not url.startswith(("about:", "data:", address.split("?")[0].rpartition("/")[0][:22]))


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[tuple[Path, str]]:
    """JupyterLab as ``osint lab`` starts it; yields its folder, and the address of a notebook in there by its name."""
    folder = tmp_path_factory.mktemp("lab")
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')  # every output is in the page
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "HOME")
    environment = {**lab_environment(), **{name: str(folder / name.lower()) for name in names}}
    environment["JUPYTERLAB_SETTINGS_DIR"] = str(folder / "settings")
    desk = folder / "desk"
    desk.mkdir()
    options = (
        f"--ServerApp.port={port}", "--IdentityProvider.token=t0ken", "--no-browser", "--allow-root",
        "--ServerApp.port_retries=0",
    )  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(lab_command(desk, options), env=environment, stdout=log, stderr=log)
    try:
        wait_for(port, process, folder / "log")
        yield folder, f"http://127.0.0.1:{port}/lab/tree/NAME?token=t0ken&reset"
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail(log.read_text())


def open_trusted(lab: tuple[Path, str], name: str, book: nbformat.NotebookNode) -> str:
    """Save a notebook, trust it as its author would, and return its address in JupyterLab."""
    folder, address = lab
    nbformat.write(book, folder / "desk" / name)
    NotebookNotary(data_dir=str(folder / "jupyter_data_dir")).sign(nbformat.read(folder / "desk" / name, as_version=4))
    return address.replace("NAME", name)


def keep(page: Any, name: str) -> None:
    """Keep a screenshot where OSINT_SCREENSHOTS says."""
    if folder := os.environ.get("OSINT_SCREENSHOTS"):
        page.screenshot(path=Path(folder, f"{name}.png"))


def test_nothing_of_a_hostile_case_asks_or_runs_in_trusted_jupyterlab(hostile, lab):
    """
    Every result object, table, chart and replay, and the Styler of ours, in one trusted notebook.
    """
    hostile.counter.seen.clear()
    objects = looked_at(hostile)
    address = open_trusted(lab, "case.ipynb", notebook(*objects))
    with window(hostile.counter) as page:
        seen = look(page, address, "all was shown")
        keep(page, "lab")
        trusted = page.locator("[title^='Notebook trusted']").count()
        shown = page.locator(".jp-OutputArea-output").count()
        pictures = page.locator(".jp-OutputArea-output img").count()

    assert trusted
    assert shown == len(objects) + 1
    assert pictures >= 2
    assert "window.__ran=1" in seen.text
    assert (hostile.counter.seen, seen.ran) == ([], [])


@pytest.mark.parametrize("way", ["HTML", "Markdown", "Styler of a list", "Styler of labels"])
def test_the_same_text_shown_past_us_asks_and_runs_in_trusted_jupyterlab(hostile, lab, way):
    """
    What the test above counts can be counted; and why osint.render.styler() is there.
    """
    text = hostile.text
    shown: Any = {
        "HTML": HTML(text),
        "Markdown": Markdown(text),
        "Styler of a list": pd.DataFrame({"a": [[text]]}).style,
        "Styler of labels": pd.DataFrame({"a": [1]}, index=[text]).style,
    }[way]
    hostile.counter.seen.clear()
    address = open_trusted(lab, f"{way}.ipynb".replace(" ", "-"), notebook(shown))
    from playwright.sync_api import Error

    needs_script = way != "Markdown"  # from which JupyterLab takes the script out, and not the pictures
    asked = ran = False
    with window(hostile.counter) as page:
        page.goto(address)
        for _ in range(300):  # the markup may lead the page away, so there is nothing in it to wait for
            page.wait_for_timeout(200)
            asked = bool({"img", "markdown"} & hostile.counter.ways)
            with suppress(Error):  # while it is led away
                ran = ran or bool(page.evaluate("window.__ran"))
            if asked and (ran or not needs_script):
                break

    assert asked
    assert ran or not needs_script


def test_the_exported_notebook_asks_and_runs_nothing(hostile, tmp_path):
    """
    Through nbconvert as it comes, which takes no script out. What its template loads of others' servers is no way of
    the captured pages, and not counted.
    """
    hostile.counter.seen.clear()
    seen = look_at_export(hostile, tmp_path, *looked_at(hostile))

    assert "window.__ran=1" in seen.text
    assert (hostile.counter.ways, seen.ran) == (set(), [])


def test_an_exported_notebook_with_the_raw_text_asks_and_runs(hostile, tmp_path):
    hostile.counter.seen.clear()
    seen = look_at_export(hostile, tmp_path, HTML(hostile.text))

    assert {"img", "script"} <= hostile.counter.ways
    assert seen.ran


def look_at_export(hostile: Hostile, folder: Path, *objects: Any) -> Seen:
    markup, _ = HTMLExporter().from_notebook_node(notebook(*objects))
    file = folder / "case.html"
    file.write_text(markup, encoding="utf-8")
    with window(hostile.counter) as page:
        seen = look(page, file.as_uri())
        keep(page, "nbconvert")
    return seen


@pytest.mark.parametrize("what", ["replay", "report", "custody log", "chart", "timeline"])
def test_a_file_that_leaves_the_case_asks_and_runs_nothing(hostile, tmp_path, what):
    """
    Opened from the disk: saved replays of every capture, the report, the custody log, the drawings.
    """
    hostile.counter.seen.clear()
    case = hostile.case
    files: list[Path] = []
    if what == "replay":
        files = [case.replay(each).save(tmp_path / f"{each}.html") for each in exhibits(case)[:4]]
    elif what == "report":
        files = [case.report(tmp_path / "report.html")]
    elif what == "custody log":
        files = [tmp_path / "log.html"]
        files[0].write_bytes(b"".join(custody_html(case._ledger, hostile.text, hostile.text)))
    else:
        posts = case.posts()
        drawn = osint.association_graph(posts) if what == "chart" else osint.event_timeline(posts)
        files = [tmp_path / f"{what}.svg"]
        files[0].write_bytes(case.show(drawn, title=hostile.text).svg)
    for file in files:
        with window(hostile.counter) as page:
            ran: list[str] = []
            page.on("dialog", lambda dialog, ran=ran: (ran.append("dialog"), dialog.dismiss()))
            page.goto(file.as_uri())
            page.wait_for_timeout(2000)
            ran += [str(mark) for frame in page.frames if (mark := frame.evaluate("window.__ran"))]
            keep(page, file.stem)
            assert page.url == file.as_uri()
        assert (hostile.counter.seen, ran) == ([], [])


def test_a_file_with_the_raw_text_asks_and_runs(hostile, tmp_path):
    """
    As a page, and as a drawing.
    """
    for name, markup in {
        "page.html": hostile.text,
        "drawing.svg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:{hostile.counter.port}/way-img"/></svg>',
    }.items():
        hostile.counter.seen.clear()
        (tmp_path / name).write_text(markup)
        with window(hostile.counter) as page:
            page.goto((tmp_path / name).as_uri(), wait_until="commit")
            page.wait_for_timeout(2000)
        assert "img" in hostile.counter.ways
