"""A capture shown again: from evidence alone, with what its page needs, and without a word to anybody."""

from __future__ import annotations

import io

import pytest
from click.testing import CliRunner
from origin import http
from PIL import Image

import osint
from osint.capture.browser.chromium import find_chromium
from osint.capture.held import Held
from osint.cli import main
from osint.errors import CaptureError, CaseError

HTML = "Content-Type: text/html; charset=utf-8"
PAGE = """<html><head><title>Pier</title><link rel="stylesheet" href="/s.css"><script src="/a.js"></script></head>
<body onload="fetch('/beacon')"><h1>Seen at the pier</h1><img src="/boat.png" alt="a boat"><iframe src="/frame"></iframe>
<p>A grey boat lay there on Friday morning, and nobody seems to know whose it is.</p></body></html>"""

try:
    find_chromium()
    LACKING = ""
except CaptureError as error:
    LACKING = str(error)


def png(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def page(origin):
    """The address of a page whose picture moved; what it was asked for can be told from ``origin``."""
    origin.serve("/s.css", http(b"h1 { color: rgb(1, 2, 3) }", "Content-Type: text/css"))
    origin.serve("/boat.png", http(b"", "Location: /moved.png", status="302 Found"))
    origin.serve("/moved.png", http(png("red"), "Content-Type: image/png"))
    origin.serve("/a.js", http(b"document.title = 'ran'", "Content-Type: text/javascript"))
    origin.serve("/frame", http(b"<p>inside</p>", HTML))
    return origin.serve("/page", http(PAGE.encode(), HTML))


def test_a_page_is_shown_with_what_the_case_holds_of_it(open_case, page):
    """
    Without its pictures it has grey boxes; once they are evidence too, they are in it, by way of their redirect.
    """
    case = open_case()
    case.collect("webpage", url=page)
    alone = case.replay("E0001")
    assert ("pictures that are not in the evidence", 1) in alone.page.left_out

    for name in ("/boat.png", "/s.css"):
        case.collect("webpage", url=page.replace("/page", name))
    shown = case.replay("E0001")
    assert shown.page.used == ("E0004", "E0003")
    assert "color: rgb(1, 2, 3)" in shown.page.document
    assert "A grey boat" in shown.page.text
    assert "E0001" in str(shown)
    assert shown.facts["shows"].startswith("what the server sent")


def test_the_nearest_capture_of_an_address_is_used(open_case, origin, page):
    """
    A picture that changed later is not what this page showed.
    """
    case = open_case()
    pictures = [http(png(colour), "Content-Type: image/png") for colour in ("red", "blue")]
    address = origin.serve("/changing.png", *pictures)
    for _ in pictures:
        case.collect("webpage", url=page)
        case.collect("webpage", url=address)

    held = Held(osint.capture.preserved.preserved(case._ledger.entries()), case._blobs)
    assert [held.needed_by(each, address).body == png("red") for each in ("E0001", "E0004")] == [True, False]
    assert held.needed_by("E0001", page.replace("/page", "/nowhere")) is None


def test_what_is_no_capture_is_refused(open_case, page):
    with pytest.raises(CaseError, match="E0009 is no capture of this case"):
        open_case().replay("E0009")


def test_a_hostile_page_shows_its_words_in_a_notebook_and_nothing_else(open_case, origin):
    """
    Text is escaped; what a notebook gets holds no markup of the page.
    """
    body = b"<html><body><p>Words of a page that goes on for a while &lt;script&gt;1&lt;/script&gt;</p></body></html>"
    case = open_case()
    case.collect("webpage", url=origin.serve("/x", http(body, HTML)))
    bundle = case.replay("E0001")._repr_mimebundle_()

    assert "<script" not in bundle["text/html"]
    assert "&lt;script&gt;1&lt;/script&gt;" in bundle["text/html"]


def test_the_command_line_shows_and_saves(open_case, page, tmp_path, monkeypatch):
    """
    The text on the screen, the page in a file; neither needs a key.
    """
    case = open_case()
    case.collect("webpage", url=page)
    case.close()
    said = CliRunner().invoke(main, ["replay", str(case.folder), "E0001"])
    assert "A grey boat" in said.output
    file = tmp_path / "e1.html"
    assert CliRunner().invoke(main, ["replay", str(case.folder), "E0001", "--output", str(file)]).exit_code == 0
    assert b"srcdoc" in file.read_bytes()


@pytest.mark.browser
@pytest.mark.skipif(bool(LACKING), reason=LACKING)
def test_a_browser_shows_a_saved_replay_and_asks_nobody(open_case, page, origin, tmp_path):
    """
    A rendered page with its image: the words are on the screen, no script runs, and not one request goes out.
    """
    from playwright.sync_api import sync_playwright

    case = open_case()
    case.collect("webpage", url=page, render=True)
    rendered = [each.number for each in case._ledger.exhibits()][-1]
    shown = case.replay(rendered)
    assert Image.open(io.BytesIO(shown.picture)).width > 100
    file = shown.save(tmp_path / "shown.html")
    origin.requests.clear()

    asked: list[str] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(find_chromium()), args=["--no-sandbox"])
        window = browser.new_page()
        window.on("request", lambda request: asked.append(request.url))
        window.goto(file.as_uri())
        inside = window.frames[1]
        assert "Seen at the pier" in inside.locator("h1").inner_text()
        assert inside.locator("h1").evaluate("each => getComputedStyle(each).color") == "rgb(1, 2, 3)"
        assert window.locator("img").first.evaluate("each => each.naturalWidth") > 100
        browser.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "about:"))] == []
    assert origin.requests == []
