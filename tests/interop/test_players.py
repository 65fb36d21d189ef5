"""``osint replay CASE`` with real ReplayWeb.page and pywb: the page runs as it did, and nothing reaches anybody.

The captured page tries every way out there is. Whoever it tries to reach is a server on this machine that counts.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from counting import Counter, counting, hostile_page
from origin import http
from playwright.sync_api import Error, Page, sync_playwright

pytestmark = pytest.mark.interop

ENVIRONMENTS = Path(__file__).parent.parent.parent / ".venv"
ARTEFACTS = ENVIRONMENTS / "interop-artefacts"
PLAYERS = {
    "ReplayWeb.page": ("--replaywebpage", ENVIRONMENTS / "interop-node" / "node_modules" / "replaywebpage"),
    "pywb": ("--pywb", ENVIRONMENTS / "interop-pywb" / "bin" / "pywb"),
}
CHROMIUM = "/usr/bin/chromium"
HEADLESS = "--headless=new --remote-debugging-port=0"
REFUSING = ("--proxy-server", "--proxy-bypass-list", "--host-resolver-rules", "--webrtc", "--force-webrtc")
HTML = "Content-Type: text/html; charset=utf-8"
REPLAY = "from osint.cli import main; main()"


@pytest.fixture
def counter() -> Iterator[Counter]:
    with counting() as counter:
        yield counter


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for temporary files with a short name: Chromium makes a socket in it."""
    with TemporaryDirectory(prefix="r-") as folder:
        yield Path(folder)


@pytest.fixture
def case(open_case, origin, counter) -> Path:
    """A case with the hostile page, captured without a browser."""
    case = open_case()
    case.collect("webpage", url=origin.serve("/pier", http(hostile_page(counter.port).encode(), HTML)))
    case.close()
    origin.requests.clear()
    return case.folder


def chromium(place: Path, *, refusing: bool = True) -> Path:
    """Return a Chromium without a screen; one that is not refusing forgets what keeps it from the network."""
    place.mkdir(exist_ok=True)
    script = place / f"chromium-{refusing}"
    kept = "" if refusing else "".join(f"    {each}*) ;;\n" for each in REFUSING)
    script.write_text(
        '#!/bin/sh\nfor each do\n  shift\n  case "$each" in\n' + kept + '    *) set -- "$@" "$each" ;;\n  esac\ndone\n'
        f'exec {CHROMIUM} {HEADLESS} --disable-popup-blocking "$@"\n'
    )
    script.chmod(0o755)
    return script


@contextmanager
def replayed(case: Path, player: str, browser: Path, place: Path) -> Iterator[tuple[Page, subprocess.Popen]]:
    """Run the command; yield the one window of its browser."""
    environment = {**os.environ, "OSINT_CHROMIUM": str(browser), "TMPDIR": str(place)}
    option, found = PLAYERS[player]
    process = subprocess.Popen(
        [sys.executable, "-c", REPLAY, "replay", str(case), option, str(found), "--json"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        with sync_playwright() as driver:
            driven = driver.chromium.connect_over_cdp(f"http://127.0.0.1:{debugging_port(place, process)}")
            yield driven.contexts[0].pages[0], process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def debugging_port(place: Path, process: subprocess.Popen) -> str:
    end = time.monotonic() + 90
    while time.monotonic() < end and process.poll() is None:
        for file in place.glob("osint-replay-*/home/profile/DevToolsActivePort"):
            if (lines := file.read_text().split()) and len(lines) > 1:
                return lines[0]
        time.sleep(0.2)
    process.terminate()
    pytest.fail(f"the browser did not start: {process.communicate()[1]}")


def words_of(page: Page, player: str) -> str:
    """Choose the page from the list, and return the text of the page once its script ran; else what there is."""
    chosen = False
    text = ""
    for _ in range(150):
        page.wait_for_timeout(200)
        try:
            text = next((each.inner_text("body", timeout=500) for each in page.frames if "mp_/" in each.url), "")
            if "The script ran." in text:
                return text
            chosen = chosen or choose(page, player)
        except Error:
            continue
    return text


def choose(page: Page, player: str) -> bool:
    if player == "pywb":
        page.locator("a").first.click(timeout=500)
        return True
    for frame in page.frames[1:]:
        if frame.locator("wr-page-entry keyword-mark").count():
            frame.locator("wr-page-entry keyword-mark").first.click(timeout=500)
            return True
    return False


@pytest.mark.parametrize("player", PLAYERS)
def test_a_hostile_page_runs_and_reaches_nobody(case, counter, origin, place, tmp_path, player):
    """
    Its script ran; neither the server that counts nor the one that it came from hears a word. Ctrl-C leaves nothing.
    """
    with replayed(case, player, chromium(tmp_path / "bin"), place) as (page, process):
        words = words_of(page, player)
        ARTEFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTEFACTS / f"replay-{player}.png")
        page.wait_for_timeout(9000)  # until the page tried to take the whole window away, and a little longer
        process.send_signal(signal.SIGINT)
        said, told = process.communicate(timeout=60)

    assert "Seen at the pier. The script ran." in words, told
    assert (counter.seen, origin.requests) == ([], [])
    assert process.returncode == 0, told
    assert json.loads(said) == {"player": player, "pages": 1, "exhibits": 1, "network_refused": True}
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("player", PLAYERS)
def test_the_same_page_reaches_somebody_where_the_browser_does_not_refuse(case, counter, place, tmp_path, player):
    """
    What the players do themselves is not enough; so the counting above can fail.
    """
    with replayed(case, player, chromium(tmp_path / "bin", refusing=False), place) as (page, process):
        words_of(page, player)
        page.wait_for_timeout(9000)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)

    assert counter.seen


def test_opened_directly_the_page_reaches_the_server_by_every_way(counter, tmp_path):
    """
    The ways that are tried are real ones.
    """
    file = tmp_path / "pier.html"
    file.write_text(hostile_page(counter.port))
    with sync_playwright() as driver:
        arguments = ["--no-sandbox", "--host-resolver-rules=MAP counted.example 127.0.0.1", "--disable-popup-blocking"]
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page()
        page.goto(file.as_uri(), wait_until="commit")
        page.wait_for_timeout(9000)
        browser.close()

    assert counter.ways >= {"img", "fetch", "beacon", "websocket", "form", "refresh", "window", "rtc", "top"}


def test_pywb_indexes_a_bare_exhibit_as_the_page_and_not_as_its_metadata(open_case, origin, tmp_path):
    """
    By its own indexer; the metadata of an exhibit has a name of its own.
    """
    case = open_case()
    url = origin.serve("/pier", http(b"<p>Seen at the pier.</p>", HTML))
    case.collect("webpage", url=url)
    (tmp_path / "exhibit.warc.gz").write_bytes(case._blobs.open(next(iter(case._blobs.digests()))).read())
    for command in (("init", "case"), ("add", "case", "exhibit.warc.gz")):
        subprocess.run(
            [ENVIRONMENTS / "interop-pywb" / "bin" / "wb-manager", *command],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )
    lines = (tmp_path / "collections" / "case" / "indexes" / "index.cdxj").read_text().splitlines()
    found = [json.loads(line.split(" ", 2)[2]) for line in lines]

    assert [each["mime"] for each in found if each["url"] == url] == ["text/html"]
    assert [each["mime"] for each in found if each["url"] != url] == ["application/json"]
