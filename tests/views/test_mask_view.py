"""The page on which rectangles of a picture are chosen, in Chromium: by mouse and by keyboard; it only shows a line."""

import io
import re

import pytest
from PIL import Image

from osint.capture.browser.chromium import find_chromium
from osint.errors import CaptureError
from osint.media.masked_picture import Upright
from osint.views.mask import MaskView

try:
    CHROMIUM = str(find_chromium())
    LACKING = ""
except CaptureError as error:
    LACKING = str(error)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(LACKING), reason=LACKING)]


def test_rectangles_are_drawn_or_typed_and_the_line_says_their_pixels(tmp_path):
    """
    In pixels of the picture, however small it is shown; what is typed stays within it; nobody is asked.
    """
    from playwright.sync_api import sync_playwright

    stream = io.BytesIO()
    Image.new("RGB", (800, 400), (10, 120, 200)).save(stream, "JPEG")
    view = MaskView(exhibit="E0003", picture=Upright(stream.getvalue(), 4000, 2000), boxes=((0, 0, 100, 100),))
    file, asked, faults = view.save(tmp_path / "mask.html"), [], []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 832, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(file.as_uri())
        assert not page.locator(".om-frame").is_visible()
        page.get_by_text("Reveal or hide").click()
        shown = page.locator(".om-frame img").bounding_box()
        assert page.evaluate("document.querySelector('.om-frame img').naturalWidth") == 4000
        for x, y, act in ((0.5, 0.5, "down"), (0.25, 0.25, "up")):
            page.mouse.move(shown["x"] + x * shown["width"], shown["y"] + y * shown["height"])
            getattr(page.mouse, act)()
        drawn = page.get_by_label("The line of code").inner_text()
        page.get_by_role("button", name="Add a rectangle").press("Enter")
        page.keyboard.type("39999")
        page.keyboard.press("Tab")
        page.get_by_label("Reason").fill('her "house"')
        both = page.get_by_label("The line of code").inner_text()
        page.get_by_role("button", name="Remove rectangle 1").press("Enter")
        left = page.get_by_label("The line of code").inner_text()
        page.screenshot(path=tmp_path / "mask.png", full_page=True)
        browser.close()

    number = [int(each) for each in re.findall(r"\d+", drawn.partition("boxes")[2])]
    assert all(abs(one - other) <= 5 for one, other in zip(number, (1000, 500, 1000, 500), strict=True))
    assert both.endswith(', (3999, 500, 1, 1000)], reason="her \\"house\\"")')
    assert left == 'case.mask_exhibit("E0003", boxes=[(3999, 500, 1, 1000)], reason="her \\"house\\"")'
    assert faults == []
    assert [url for url in asked[1:] if not url.startswith("data:")] == []
