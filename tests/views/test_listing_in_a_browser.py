"""The page of a listing in Chromium: search, facets, order and keys over ten thousand rows; nobody is asked."""

import pytest
from rows_of_posts import post, table
from test_render import HOSTILE

from osint.capture.browser.chromium import find_chromium
from osint.errors import CaptureError
from osint.views.listing import Thumb, listing_of

try:
    CHROMIUM = str(find_chromium())
    LACKING = ""
except CaptureError as error:
    LACKING = str(error)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(LACKING), reason=LACKING)]
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="


@pytest.mark.exhaustive
def test_ten_thousand_posts_are_searched_narrowed_and_sorted_by_keyboard(tmp_path):
    """
    By keys alone; what was captured is text, no page is asked for, and a picture shows when it is revealed.
    """
    from playwright.sync_api import sync_playwright

    words = [f"Straße {number} {HOSTILE}" for number in range(10_000)]
    posts = table(*(post(at, content=text, language=("de", "fr")[at % 2]) for at, text in enumerate(words)))
    file = listing_of(posts, thumbs={"mastodon:77": [Thumb("E0001", f"{PIXEL}#veiled", PIXEL)]}).save(
        tmp_path / "p.html"
    )
    asked, faults = [], []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
        )
        page = browser.new_page(viewport={"width": 360, "height": 800})
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(dialog.message))
        page.goto(file.as_uri())
        status = page.get_by_role("status")
        assert status.inner_text() == "10,000 of 10,000 rows; page 1 of 100."
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        page.keyboard.press("/")
        page.keyboard.type("STRAßE 7077")
        assert status.inner_text() == "1 of 10,000 rows; page 1 of 1."
        page.keyboard.press("Escape")
        page.locator("summary", has_text="Language stated").press("Enter")
        page.get_by_label("de 5,000").press("Space")
        assert status.inner_text().startswith("5,000 of 10,000 rows")
        page.get_by_role("button", name="Published (UTC)").press("Enter")
        page.get_by_role("button", name="Published (UTC) ↑").press("Enter")
        first = page.locator("tbody tr").first
        assert "Straße 9998" in first.inner_text()
        first.press("PageDown")
        assert "page 2 of 50" in status.inner_text()
        page.get_by_role("button", name="Show all").press("Enter")

        row = page.locator('tr[data-at="77"]')
        row.focus()
        row.press("Enter")
        reveal = page.get_by_role("button", name="Reveal the picture of E0001")
        picture = page.locator(".ol-thumb img")
        assert "hidden until revealed" in picture.get_attribute("alt")
        reveal.press("Enter")
        assert picture.get_attribute("src") == PIXEL
        assert page.locator("img").count() == 1  # the markup in the texts made none
        browser.close()

    assert faults == []
    assert [url for url in asked[1:] if not url.startswith("data:")] == []
