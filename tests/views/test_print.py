"""Pages as Chromium prints them: all rows, headings on each sheet, nothing to be clicked, black on white."""

import subprocess
from shutil import which

import pytest
from rows_of_posts import post, table

from osint import render
from osint.capture.browser.chromium import find_chromium
from osint.errors import CaptureError
from osint.media.thumbnails import Thumbnail
from osint.report.page import page
from osint.report.page import table as table_of_a_page
from osint.views.document import document
from osint.views.listing import listing_of
from osint.views.veiled import veiled

try:
    CHROMIUM = str(find_chromium())
    LACKING = "" if which("pdftotext") and which("pdftoppm") else "poppler's programs are not on this machine"
except CaptureError as error:
    LACKING = str(error)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(LACKING), reason=LACKING)]

ROWS = 120
HEADING = "Exhibit"


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """A long listing, a long table of each kind of page, and what folds: as PDF, from a browser that shows them dark."""
    from playwright.sync_api import sync_playwright

    folder = tmp_path_factory.mktemp("printed")
    rows = [(f"row{at}", "a" * 64, f"E{at:04}") for at in range(ROWS)]
    posts = table(*(post(at, content=f"row{at} {'so many words ' * 12}") for at in range(ROWS)))
    fold = "<details><summary>2 warnings</summary><p>told in a fold</p></details>"
    picture = veiled(Thumbnail(jpeg=b"\xff", veiled=b"\xfe", isolation=""), "E0001")
    pages = {
        "listing": listing_of(posts, "Posts").page,
        "view": document("Rows", render.table(rows, ["row", "hash", HEADING]) + fold + picture),
        "page": page("Rows", table_of_a_page(rows, ["row", "hash", HEADING]) + fold + picture),
    }
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, content in pages.items():
            (folder / f"{name}.html").write_bytes(content)
            shown = browser.new_page(color_scheme="dark")
            shown.goto((folder / f"{name}.html").as_uri())
            shown.pdf(path=folder / f"{name}.pdf", prefer_css_page_size=True, print_background=True)
        browser.close()
    return folder


@pytest.mark.parametrize("name", ["listing", "view", "page"])
def test_every_row_is_printed_under_its_headings(name, printed):
    """
    On each sheet, of those too that the screen shows on another page; and each sheet says which of how many it is.
    """
    sheets = text(printed / f"{name}.pdf").rstrip("\f").split("\f")

    assert {f"row{at}" for at in range(ROWS)} <= set(" ".join(sheets).split())
    with_rows = [sheet for sheet in sheets if "row" in sheet.replace("rows", "")]
    assert len(with_rows) > 2
    assert all(HEADING in sheet for sheet in with_rows)
    assert all(f"{number}/{len(sheets)}" in sheet.replace(" ", "") for number, sheet in enumerate(sheets, 1))


@pytest.mark.parametrize("name", ["listing", "view", "page"])
def test_no_control_is_printed_and_what_folds_is_open(name, printed):
    """
    A picture that is hidden until somebody reveals it stays hidden.
    """
    told = text(printed / f"{name}.pdf")

    assert not [words for words in ("Search", "Show all", "Next page", "Keys:", "Reveal", "page 1 of") if words in told]
    assert ("told in a fold" in told) == (name != "listing")


def test_a_page_that_a_screen_shows_dark_is_printed_black_on_white(printed):
    """
    The first sheet is white but for its letters and lines.
    """
    drawn = subprocess.run(
        ["pdftoppm", "-r", "30", "-gray", "-l", "1", printed / "listing.pdf"], capture_output=True, check=True
    )
    pixels = drawn.stdout.split(b"\n", 3)[3]

    assert sum(pixel == 255 for pixel in pixels) > 0.6 * len(pixels)
    assert min(pixels) < 120


def text(file):
    return subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True, text=True).stdout
