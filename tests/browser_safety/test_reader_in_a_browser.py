"""The reader of a production in a real Chromium, opened from disk: it asks nobody, runs nothing of others, and is read.

The posts and files in it are the ones that ask somebody wherever they are taken for markup (``make test-browser``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from counting import counting
from PIL import Image
from reader_of import documents_of, item, plan_of, post, small_case, written
from test_accessibility import AXE, violations
from test_in_a_browser import CHROMIUM, ENTRIES

from osint.production.plan import Fate

pytestmark = [
    pytest.mark.browser_lab,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: make test-browser fetches it"),
]

NATIVES = (".png", ".mp4", ".html", ".warc.gz")
PAGES = {"index.html", *(f"{name}-0001.html" for name in ("exhibits", "list", "log", "withheld", "without")),
         "search.html"}  # fmt: skip


@pytest.fixture(scope="module")
def counter() -> Iterator[Any]:
    with counting() as one:
        yield one


@pytest.fixture(scope="module")
def package(tmp_path_factory, counter) -> Path:
    folder = tmp_path_factory.mktemp("produced")
    text = " ".join(ENTRIES).replace("ADDRESS", f"127.0.0.1:{counter.port}")
    items = [
        item(1, title=text, source=text),
        item(2, fate=Fate.SEALED, sha256="", source="", ground="stopped", cited="2252A"),
        *(item(number, title=f"file {number}", exculpatory="yes") for number in (3, 4, 5)),
    ]
    posts = [
        post("E0001", text, url=text, author_name=text),
        post("E0001", "second", content="Plums at the HÄRBOUR, می‌خواهم", attributed_to="account:web:jane@social.example",
             url="https://social.example/@jane/17"),
        *(post("E0003", f"p{number}") for number in range(200)),
    ]  # fmt: skip
    plan = plan_of(items, first=7)
    with small_case(folder) as dossier:
        made = written(plan, dossier, posts, folder / "package", natives=NATIVES)
    data = made / "data"
    picture = BytesIO()
    Image.new("RGB", (64, 48), "navy").save(picture, "PNG")
    for each in documents_of(plan, data, NATIVES):
        hostile = f"<script>fetch('http://127.0.0.1:{counter.port}/way-native')</script>".encode()
        (data / each.native).write_bytes(picture.getvalue() if each.native.endswith(".png") else hostile)
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])


class Watched:
    """A page, and what it asked for and said on the console."""

    def __init__(self, page: Any) -> None:
        self.page, self.asked, self.said = page, [], []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))


@pytest.fixture
def watched(browser) -> Iterator[Watched]:
    with browser.new_context(viewport={"width": 1000, "height": 800}) as context:
        yield Watched(context.new_page())


def address(package: Path, name: str) -> str:
    return (package / name if name == "index.html" else package / "data" / "reader" / name).as_uri()


def search(watched: Watched, package: Path, words: str) -> list[str]:
    """Type words into the search and return what it lists."""
    page = watched.page
    page.goto(address(package, "search.html"))
    page.get_by_label("Search for").fill(words)
    page.keyboard.press("Enter")
    page.get_by_text(re.compile("found for")).wait_for()
    return [each.strip() for each in page.locator("#found a").all_inner_texts()]


def test_no_page_asks_anybody_or_runs_what_was_captured(package, counter, watched):
    """
    With everything unfolded; every request is for a file of the package, and nothing is said on the console.
    """
    for name in sorted(path.name for path in package.rglob("*.html") if path.parent.name != "NATIVES"):
        watched.page.goto(address(package, name))
        watched.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        watched.page.wait_for_timeout(100)
        assert watched.page.evaluate("window.__ran") is None
    assert search(watched, package, "way-script")

    root = package.as_uri()
    assert [each for each in watched.asked if not each.startswith(root)] == []
    assert [each for each in watched.said if "DEMUXER" not in each] == []
    assert counter.seen == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_no_page_of_the_reader_breaks_a_rule_of_wcag(width, scheme, package, browser):
    """
    With everything unfolded, on a desk and on a telephone, by day and by night; nothing is wider than the window.
    """
    made = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "bypass_csp": True}
    with browser.new_context(**made) as context:
        page = context.new_page()
        for name in sorted(PAGES):
            page.goto(address(package, name) + ("#q=plums" if name == "search.html" else ""))
            if name == "search.html":
                page.locator("#found mark").first.wait_for()
            page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
            assert violations(page) == [], name
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("plums harbour", ["E0001, post 2"]),
        ("می‌خواهم", ["E0001, post 2"]),
        ("jane@social.example", ["E0001, post 2"]),
        ("https://social.example/@jane/17", ["E0001, post 2"]),
        ("DOE000009", ["Exhibit E0004"]),
        ("e0004", ["Exhibit E0004"]),
        (f"{5:064x}", ["Exhibit E0005"]),
        ("stopped", ["Exhibit E0002"]),
        ("nowhere", []),
    ],
    ids=["words", "persian", "handle", "address", "stamped", "exhibit", "hash", "ground", "nothing"],
)
def test_the_search_finds_it(words, found, package, watched):
    """
    By words in any case and with any accent, by handle, address, number and hash; its link leads to the place.
    """
    assert search(watched, package, words) == found
    if found:
        watched.page.locator("#found a").first.press("Enter")
        watched.page.locator(":target").wait_for()
        assert not watched.said


def test_more_than_a_page_of_finds_is_there_on_request(package, watched):
    """
    A hundred at a time.
    """
    assert len(search(watched, package, "dawn p")) == 100
    for _ in range(2):
        watched.page.get_by_role("button", name="Show more").press("Enter")
    assert watched.page.locator("#found a").count() >= 200
    assert not watched.page.get_by_role("button", name="Show more").is_visible()


def test_a_part_of_the_index_that_is_gone_is_missed(package, watched, tmp_path):
    """
    A search over half an index says so, instead of finding less.
    """
    import shutil

    copy = Path(shutil.copytree(package, tmp_path / "copy"))
    (copy / "data" / "reader" / "index-0001.js").unlink()
    watched.page.goto(address(copy, "search.html") + "#q=plums")
    watched.page.get_by_text("index-0001.js could not be read").wait_for()
    assert watched.page.locator("#found a").count() == 0


def test_a_native_file_is_not_read_before_somebody_asks(package, watched):
    """
    Its fold is opened with the keyboard; then it is asked for, and shown.
    """
    watched.page.goto(address(package, "exhibits-0001.html"))
    watched.page.wait_for_load_state("networkidle")
    assert not [each for each in watched.asked if "/NATIVES/" in each]
    fold = watched.page.get_by_text("Reveal or hide the picture DOE000007")
    fold.focus()
    watched.page.keyboard.press("Space")
    watched.page.wait_for_function("document.querySelector('details[open] img').naturalWidth === 64")
    assert [each.rpartition("/")[2] for each in watched.asked if "/NATIVES/" in each] == ["DOE000007.png"]


def test_without_script_all_is_there_but_the_search(package, browser):
    """
    The first page leads to every list, a list to its exhibits, and the search says what to do instead.
    """
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address(package, "index.html"))
        page.get_by_role("main").get_by_role("link", name="Exhibits", exact=True).click()
        page.get_by_role("link", name="E0003").click()
        assert page.url.endswith("#E0003")
        assert page.get_by_text("file 3").first.is_visible()
        page.get_by_role("link", name="Search", exact=True).click()
        assert page.get_by_text("This page needs the script in it.").is_visible()
        assert not page.get_by_label("Search for").is_visible()


def test_tab_goes_through_the_reader_in_the_order_of_reading_and_shows_where_it_is(package, watched):
    """
    The first stop leads past the links that every page has.
    """
    watched.page.goto(address(package, "index.html"))
    stops = []
    for _ in range(12):
        watched.page.keyboard.press("Tab")
        stops.append(
            watched.page.evaluate("""() => { const here = document.activeElement;
              return [[...document.querySelectorAll("*")].indexOf(here), getComputedStyle(here).outlineStyle !== "none"]; }""")
        )
    places = [place for place, _ in stops]
    assert places == sorted(set(places))
    assert all(marked for _, marked in stops)
    watched.page.goto(address(package, "index.html"))
    watched.page.keyboard.press("Tab")
    watched.page.keyboard.press("Enter")
    assert watched.page.url.endswith("#main")
