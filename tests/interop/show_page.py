"""Shows an archived page in ReplayWeb.page in headless chromium: ``show_page.py ADDRESS WORDS SCREENSHOT``.

Prints the text of the frame in which the page is, once WORDS are in it. Ends with 1 after 30 seconds without them.
"""

import sys
import time

from playwright.sync_api import Error, Page, sync_playwright


def text_of(page: Page) -> str:
    """Return the text of the replayed page, nothing while there is none."""
    for frame in page.frames:
        if "mp_/" in frame.url:
            try:
                return frame.inner_text("body", timeout=1000)
            except Error:
                return ""
    return ""


address, words, screenshot = sys.argv[1:]
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    page = browser.new_page()
    page.goto(address)
    end = time.monotonic() + 30
    while words not in (text := text_of(page)) and time.monotonic() < end:
        page.wait_for_timeout(200)  # not sleep, which would keep the driver from hearing of new frames
    page.screenshot(path=screenshot)
    browser.close()
sys.stdout.write(text)
sys.exit(words not in text)
