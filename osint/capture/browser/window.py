"""One window, one page: loaded, scrolled to its end, and taken down as image, document, text and print.

Nothing here reaches a host: the browser asks the proxy. Every step has its time, since a page can make its own process
hang for ever.
"""

from __future__ import annotations

import asyncio
import functools
import re
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from osint.capture.browser.chromium import context_options, runs_as_root
from osint.capture.browser.traffic import DOCUMENT, RESOURCE, TAG, Traffic
from osint.capture.exchange import Picture
from osint.capture.preserve import RENDERED_TYPE
from osint.errors import CaptureError
from osint.instants import format_instant
from osint.render import visible

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, Route

Outcome = TypeVar("Outcome")

VIEWPORT = {"width": 1280, "height": 1024}
ZONE = "UTC"
HIGHEST = 16_384  # pixels of an image; what lies below is in no image. Chromium draws no higher surface
_MOST_STEPS = 60  # windows that a page is scrolled down
_QUIET = 0.5  # seconds without traffic after which a page stands still
_DEAD_QUIET = 3.0  # seconds after which nothing more is expected, though the page did not say that it is loaded
_MOST_QUIET = 8.0  # a page that asks without end is never still
_START, _ANSWER, _PICTURE = 30.0, 10.0, 25.0  # seconds for the browser to start, for a page to answer, for a picture


@dataclass
class Window:
    """What the window showed, and what was done in it.

    Attributes:
        parts: What was taken down, by the name of its record: media type and bytes.
        actions: What was done, with instants.
        not_made: Why a part is not there.
        title: The page's title.
        address: The address that the window showed in the end.
        browser: Product, user agent, command line and sandbox of the browser.
        height: Height of the page in pixels, 0 when it did not say.
        picture: Whether the image shows all of the page.
        unfinished: Why the page did not come to stand, in sentences.
        console_errors: How many errors its scripts reported.
    """

    parts: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    actions: list[dict[str, str]] = field(default_factory=list)
    not_made: dict[str, str] = field(default_factory=dict)
    title: str = ""
    address: str = ""
    browser: dict[str, Any] = field(default_factory=dict)
    height: int = 0
    picture: Picture = "none"
    unfinished: list[str] = field(default_factory=list)
    console_errors: int = 0


def show(url: str, traffic: Traffic, options: Mapping[str, Any], clock: Callable[[], datetime]) -> Window:
    """Load an address in a fresh browser that starts with these options, and return what its window showed.

    Raises:
        CaptureError: The browser cannot be started, or it ended.
    """
    return _in_own_loop(lambda: _Visit(url, traffic, clock).run(options))


def _in_own_loop(start: Callable[[], Coroutine[Any, Any, Outcome]]) -> Outcome:
    """Run a coroutine in a thread of its own: a notebook runs a loop already. An interruption ends it at once."""
    loop = _new_loop()
    task = loop.create_task(start())
    try:
        with ThreadPoolExecutor(1, "osint-browser") as pool:
            done = pool.submit(loop.run_until_complete, task)
            try:
                return done.result()
            except BaseException:
                if not done.done():
                    loop.call_soon_threadsafe(task.cancel)
                raise
    finally:
        loop.close()


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":  # where a kernel of Jupyter prefers a loop that cannot start processes
        return asyncio.ProactorEventLoop()
    else:  # noqa: RET505 - so that a type checker for the other platform sees which half is live
        return asyncio.new_event_loop()


class _Visit:
    """The steps of one visit."""

    def __init__(self, url: str, traffic: Traffic, clock: Callable[[], datetime]) -> None:
        self._url, self._traffic, self._clock = url, traffic, clock
        self._window = Window()
        self._is_loaded = False

    async def run(self, options: Mapping[str, Any]) -> Window:
        from playwright.async_api import Error, async_playwright

        try:
            async with async_playwright() as driver:
                async with asyncio.timeout(_START):
                    browser = await driver.chromium.launch(**options, timeout=_START * 1000)
                try:
                    await self._go(browser)
                finally:
                    await self._end(browser)
        except (Error, OSError, TimeoutError) as error:
            raise CaptureError(f"The browser did not do its work ({_first_line(error)}); there is no page.") from error
        return self._window

    @staticmethod
    async def _end(browser: Browser) -> None:
        from playwright.async_api import Error

        with suppress(Error, TimeoutError):  # ending the driver, which follows, kills it
            async with asyncio.timeout(_ANSWER):
                await browser.close()

    async def _go(self, browser: Browser) -> None:
        async with asyncio.timeout(_START):
            page = await self._open(browser)
        await self._load(page)
        if self._traffic.document is None or self._traffic.failure is not None:
            return
        if not page.url.startswith(("http://", "https://")):
            self._window.not_made = dict.fromkeys(("dom", "fullPage"), "the window shows the browser's own page")
            return
        await self._attempt("scroll", self._scroll(page), self._traffic.seconds_left or _QUIET)
        await self._still()
        self._traffic.settled = True
        await self._take_down(page)

    async def _open(self, browser: Browser) -> Page:
        """Open the one window there is; whatever further one a script opens is closed."""
        session = await browser.new_browser_cdp_session()
        version = await session.send("Browser.getVersion")
        command = await session.send("Browser.getBrowserCommandLine")
        user_agent = f"{version['userAgent']} {self._traffic.user_agent}"
        self._window.browser = {
            "product": version["product"],
            "user_agent": user_agent,
            "command_line": command["arguments"],
            "sandbox": "off: Chromium refuses its sandbox under root" if runs_as_root() else "on",
        }
        context = await browser.new_context(**context_options(user_agent, VIEWPORT, ZONE))
        page = await context.new_page()
        context.on("page", self._close)
        page.on("console", lambda message: self._count_error(message.type == "error"))
        page.on("pageerror", lambda _: self._count_error(True))
        page.on("load", lambda _: self._note_load())
        await page.route("**/*", functools.partial(self._tag, page))
        return page

    @staticmethod
    async def _close(other: Page) -> None:
        from playwright.async_api import Error

        with suppress(Error):  # it closed itself
            await other.close()

    def _note_load(self) -> None:
        self._is_loaded = True

    def _count_error(self, is_error: bool) -> None:
        self._window.console_errors += is_error

    async def _tag(self, page: Page, route: Route) -> None:
        """Mark a request as the page's own. Redirects keep the mark; the proxy takes it off."""
        from playwright.async_api import Error

        request = route.request
        try:
            is_document = request.is_navigation_request() and request.frame == page.main_frame
            kind = DOCUMENT if is_document else RESOURCE
            await route.continue_(headers={**request.headers, TAG.lower(): f"{self._traffic.token} {kind}"})
        except Error:
            return  # the frame is gone, and its request with it

    async def _load(self, page: Page) -> None:
        from playwright.async_api import Error
        from playwright.async_api import TimeoutError as LateError

        self._traffic.start()
        seconds = self._traffic.seconds_left
        self._did(f"load the address, at most {seconds:.0f} seconds")
        try:
            async with asyncio.timeout(seconds + _QUIET):
                await page.goto(self._url, wait_until="commit", timeout=max(1.0, seconds * 1000))
        except (TimeoutError, LateError):
            self._window.unfinished.append(self._traffic.reach("seconds"))
        except Error as error:
            self._window.unfinished.append(f"The browser did not load the page ({_first_line(error)}).")
            return
        await self._loaded()
        await self._still()

    async def _loaded(self) -> None:
        """Wait for the page's load event. A page that was about to leave, and may not, never has one."""
        while not self._is_loaded and self._traffic.quiet_for < _DEAD_QUIET:
            if not self._traffic.seconds_left:
                self._window.unfinished.append(self._traffic.reach("seconds"))
                return
            await asyncio.sleep(0.05)
        self._did("the page is loaded" if self._is_loaded else f"it asked for nothing in {_DEAD_QUIET:g} seconds")

    async def _still(self) -> None:
        """Wait until the page asks for nothing more, for a while."""
        end = min(_MOST_QUIET, self._traffic.seconds_left)
        waited = 0.0
        while self._traffic.quiet_for < _QUIET and waited < end:
            await asyncio.sleep(0.05)
            waited += 0.05
        still = "it asks for nothing more" if self._traffic.quiet_for >= _QUIET else "it goes on asking"
        self._did(f"waited {waited:.1f} seconds: {still}")

    async def _scroll(self, page: Page) -> None:
        """Turn the wheel down to the end of the page and back, so that it loads what it shows on the way."""
        session = await page.context.new_cdp_session(page)
        await page.mouse.move(VIEWPORT["width"] / 2, VIEWPORT["height"] / 2)
        for step in range(1, _MOST_STEPS + 1):
            metrics = await session.send("Page.getLayoutMetrics")
            seen = metrics["cssVisualViewport"]["pageY"] + VIEWPORT["height"]
            whole = metrics["cssContentSize"]["height"]
            if seen >= whole - 1:
                break
            await page.mouse.wheel(0, VIEWPORT["height"])
            self._did(f"scroll down, step {step} of at most {_MOST_STEPS}: {seen:.0f} of {whole:.0f} pixels were seen")
            await asyncio.sleep(0.15)
        await page.mouse.wheel(0, -100 * HIGHEST)
        self._did("scroll back to the top")

    async def _take_down(self, page: Page) -> None:
        """Take down what the window shows. The document comes first: a page that cannot give it gives nothing."""
        window = self._window
        window.address = page.url
        dom = await self._attempt("dom", page.content(), _ANSWER)
        if dom is None:
            window.unfinished.append(f"The page did not give its document ({window.not_made['dom']}).")
            return
        window.parts["dom"] = (RENDERED_TYPE, dom.encode("utf-8", "replace"))
        window.title = await self._attempt("title", page.title(), _ANSWER) or ""
        text = await self._attempt("text", page.locator("body").inner_text(timeout=_ANSWER * 1000), _ANSWER)
        if text is not None:
            window.parts["text"] = ("text/plain; charset=utf-8", text.encode("utf-8", "replace"))
        await self._keep("view", "image/png", page.screenshot())
        window.height = await self._attempt("height", self._height(page), _ANSWER) or 0
        clip = {"x": 0, "y": 0, "width": VIEWPORT["width"], "height": min(window.height, HIGHEST)}
        bounded = {"clip": clip} if window.height > HIGHEST else {}
        await self._keep("fullPage", "image/png", page.screenshot(full_page=True, **bounded))  # type: ignore[arg-type]
        if "fullPage" in window.parts:
            window.picture = "part" if bounded or not window.height else "whole"
        await self._keep("pdf", "application/pdf", page.pdf(print_background=True))

    @staticmethod
    async def _height(page: Page) -> int:
        session = await page.context.new_cdp_session(page)
        return int((await session.send("Page.getLayoutMetrics"))["cssContentSize"]["height"])

    async def _keep(self, name: str, media: str, made: Awaitable[bytes]) -> None:
        taken = await self._attempt(name, made, _PICTURE)
        if taken is not None:
            self._window.parts[name] = (media, taken)

    async def _attempt(self, what: str, step: Awaitable[Outcome], seconds: float) -> Outcome | None:
        """Take one step, within its time; None, and the reason, when it fails."""
        from playwright.async_api import Error

        self._did(f"take {what}")
        try:
            async with asyncio.timeout(seconds):
                return await step
        except TimeoutError:
            self._window.not_made[what] = f"the page did not answer in {seconds:g} seconds"
        except Error as error:
            self._window.not_made[what] = _first_line(error)
        return None

    def _did(self, what: str) -> None:
        self._window.actions.append({"at": format_instant(self._clock()), "did": what})


def _first_line(error: BaseException) -> str:
    """Return what an error says, without the address, which may hold a secret."""
    said = f"{error}".strip().partition("\n")[0] or type(error).__name__
    return visible(re.sub(r"\s+at\s+\S+", "", said))[:300]
