"""Makes the pictures of docs/images again, from the sample investigation in a real Chromium (``make screenshots``).

Clock, story, window and language are fixed, so that a picture changes when what it shows does; keys and so fingerprints
differ each time, and are kept out of it.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from demo_pages import demo_pages  # noqa: E402 - the folders of the tests come first

from osint.capture.browser.chromium import find_chromium  # noqa: E402

IMAGES = HERE.parents[1] / "docs" / "images"
LARGEST = 200_000


def chosen_node(page: Any) -> None:
    """Choose the first account, so that its exhibits stand beside the chart."""
    page.locator(".oc-stage canvas").first.wait_for()
    page.locator(".oc-stage").focus()
    page.keyboard.press("ArrowRight")
    page.locator(".oc-panel").get_by_text("SHA-256").first.wait_for()


def revealed(page: Any) -> None:
    """Reveal the first picture, as a click does."""
    page.locator("summary", has_text="Reveal").first.click()


def whole(page: Any) -> None:
    """Show the page as it opens."""


PICTURES: dict[str, tuple[str, str, tuple[int, int], Callable[[Any], None]]] = {
    "link-chart": ("link-chart", "svg", (1000, 800), whole),
    "link-chart-interactive": ("chart", "body", (1280, 800), chosen_node),
    "timeline": ("timeline", "main img", (1040, 760), whole),
    "map": ("map", "main img", (1040, 800), whole),
    "gallery": ("gallery", "body", (1140, 700), revealed),
}
"""Each picture: the page, the element of it that is shown, the size of the window, and what is done there first."""


def make_screenshots(folder: Path) -> None:
    """Write every picture into a folder as PNG.

    Raises:
        ValueError: A picture is larger than 200 kB.
    """
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as made, sync_playwright() as driver:
        pages = demo_pages(Path(made))
        browser = driver.chromium.launch(executable_path=str(find_chromium()), args=["--no-sandbox"])
        for name, (shown, element, (width, height), prepare) in PICTURES.items():
            page = browser.new_page(
                viewport={"width": width, "height": height}, locale="en-GB", timezone_id="UTC", reduced_motion="reduce"
            )
            page.goto(pages[shown].as_uri())
            prepare(page)
            page.wait_for_timeout(1500)  # for the chart to come to rest
            whole_page = element == "body"  # of a page the part that fits the window, of a picture all
            data = _small((page if whole_page else page.locator(element).first).screenshot(animations="disabled"))
            _keep(folder / f"{name}.png", data)
            page.close()


def make_panel(folder: Path) -> None:
    """Write the picture of the case panel in JupyterLab, as the test that works in it by clicks leaves it.

    Raises:
        subprocess.CalledProcessError: That test fails.
        ValueError: The picture is larger than 200 kB.
    """
    test = HERE / "test_case_panel_in_jupyterlab.py"
    with tempfile.TemporaryDirectory() as made:
        command = [sys.executable, "-m", "pytest", "-m", "browser_lab", f"{test}::test_a_case_by_clicks"]
        subprocess.run(command, cwd=HERE.parents[1], env=os.environ | {"OSINT_SCREENSHOTS": made}, check=True)
        _keep(folder / "case-panel.png", _small(Path(made, "panel-chart.png").read_bytes()))


def _keep(file: Path, data: bytes) -> None:
    if len(data) > LARGEST:
        raise ValueError(f"{file.name} has {len(data):,} bytes, more than {LARGEST:,}")
    file.write_bytes(data)
    sys.stdout.write(f"{file.name}: {len(data):,} bytes\n")


def _small(png: bytes) -> bytes:
    """Return a picture with a palette of 256 colours: a third of the bytes; soft shades show steps."""
    out = io.BytesIO()
    palette = Image.Palette.ADAPTIVE
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").convert("P", palette=palette, colors=256).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    make_screenshots(IMAGES)
    make_panel(IMAGES)
