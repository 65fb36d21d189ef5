"""What a page in a browser asks for: decided one request at a time, made by the door, and listed, refusals included."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from osint.capture.exchange import Capture
from osint.capture.network import Network
from osint.errors import CaptureError
from osint.instants import format_instant
from osint.query import without_secrets

TAG = "X-Osint-Asked-By"
DOCUMENT, RESOURCE = "document", "resource"

_MOST_LISTED = 500  # refusals; a page can ask without end
_SHOWN = re.compile(r"(text|image|audio|video)/|[^;]*\b(html|xml|json|pdf)\b")  # media types
_SHORTEST = 0.1  # seconds that a request gets in any case
# Between browser and proxy only, or nothing that evidence should hold or a server should see.
_NOT_PASSED_ON = frozenset([
    TAG.lower(), "accept-encoding", "authorization", "connection", "content-length", "cookie", "expect", "host",
    "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "keep-alive",
    "proxy-authorization", "proxy-connection", "range", "te", "trailer", "transfer-encoding", "upgrade",
])  # fmt: skip
_NOT_HANDED_ON = frozenset([
    "alt-svc", "connection", "content-encoding", "content-length", "keep-alive", "proxy-authenticate", "set-cookie",
    "set-cookie2", "te", "trailer", "transfer-encoding", "upgrade",
])  # fmt: skip

Headers = Sequence[tuple[str, str]]


class Reply(NamedTuple):
    """What the browser is handed."""

    status: int
    headers: Headers = ()
    body: bytes = b""


Ask = Callable[[str, dict[str, str], str, Network], Capture]
"""Makes one request: address, headers, ``document`` or ``resource``, the network with what is left of its limits."""


@dataclass(frozen=True)
class Exchanged:
    """A request of the page that was made."""

    capture: Capture
    kind: str


class Traffic:
    """Every request of one visit. Threads of the proxy call :meth:`answer`; the visit reads what came of them.

    Attributes:
        token: Whoever asks without it is not the page.
        exchanged: What was asked for, in the order in which the answers came.
        refused: What was not asked of any host, as JSON values, with the reasons.
        unlisted: How many more were refused.
        reached: The limits that the page reached, in sentences.
        no_document: Why the newest main document that was asked for did not come, or None.
        failure: What ends the visit: a full disk, an authority that expired.
        settled: Set when the page stands as it will be preserved; what comes later was not waited for.
    """

    def __init__(self, ask: Ask, network: Network, clock: Callable[[], datetime]) -> None:
        """Watch one visit; its time starts with :meth:`start`."""
        self.token = secrets.token_urlsafe(24)
        self.exchanged: list[Exchanged] = []
        self.refused: list[dict[str, Any]] = []
        self.unlisted = 0
        self.reached: dict[str, str] = {}
        self.no_document: CaptureError | None = None
        self.failure: BaseException | None = None
        self.settled = False
        self._ask, self._network, self._clock = ask, network, clock
        self._deadline: float | None = None
        self._lock = threading.Condition()
        self._busy = self._asked = 0
        self._last = time.monotonic()
        self._closed = False

    @property
    def user_agent(self) -> str:
        """How the requests of this program introduce themselves."""
        return self._network.user_agent

    @property
    def seconds_left(self) -> float:
        """How long the page may go on."""
        if self._deadline is None:
            return self._network.page_seconds
        return max(0.0, self._deadline - time.monotonic())

    @property
    def quiet_for(self) -> float:
        """How long nothing was asked and nothing came, in seconds."""
        with self._lock:
            return 0.0 if self._busy else time.monotonic() - self._last

    @property
    def document(self) -> Capture | None:
        """The newest main document that a window shows; where there is none, the newest that is no redirect."""
        documents = [each.capture for each in list(self.exchanged) if each.kind == DOCUMENT]
        came = [capture for capture in documents if not capture.is_redirect]
        return next(iter([*filter(_is_shown, reversed(came)), *reversed(came)]), None)

    def start(self) -> None:
        """Start the time of the page; that of starting the browser is not its own."""
        self._deadline = time.monotonic() + self._network.page_seconds

    def reach(self, limit: str) -> str:
        """Note that the page reached a limit, and return the sentence for it."""
        network = self._network
        limits = {
            "requests": f"{network.page_requests} requests",
            "bytes": f"{network.page_bytes} bytes",
            "seconds": f"{network.page_seconds:g} seconds",
        }
        sentence = f"The page reached the limit of {limits[limit]}; what it asked for after that is not in it."
        if limit != "seconds" or not self.settled:
            self.reached[limit] = sentence
        return sentence

    def refuse(self, method: str, url: str, reason: str) -> None:
        """List a request that was not made."""
        with self._lock:
            if len(self.refused) >= _MOST_LISTED:
                self.unlisted += 1
                return
            at = format_instant(self._clock())
            self.refused.append({"method": method, "url": without_secrets(url), "reason": reason, "at": at})

    def answer(self, method: str, url: str, headers: Headers) -> Reply:
        """Decide on one request; make it, or list it with the reason why not."""
        tag = next((value for name, value in headers if name.casefold() == TAG.lower()), "")
        token, _, kind = tag.partition(" ")
        reason = self._objection(method, headers, token, kind)
        if not reason:
            with self._under_way() as limit:
                if not limit:
                    return self._asked_for(method, url, headers, kind)
                reason = limit
        self.refuse(method, url, reason)
        return _nothing(kind)

    def close(self) -> None:
        """Refuse whatever comes now, and wait until what is under way came to its end."""
        with self._lock:
            self._closed = True
            self._lock.wait_for(lambda: self._busy == 0)

    def _objection(self, method: str, headers: Headers, token: str, kind: str) -> str:
        if not secrets.compare_digest(token.encode(), self.token.encode()):
            if any(name.casefold() == "upgrade" for name, _ in headers):
                return "a WebSocket sends data, and is none of the requests that a visitor's reading makes"
            return "the page did not ask for it: the browser's own traffic, a further window, or another program"
        if method != "GET":
            return f"{method} is not made; a visit reads with GET and sends nothing"
        if kind == DOCUMENT and self.settled:
            return "the window was being taken down, and stays as it is"
        return ""

    @contextmanager
    def _under_way(self) -> Any:
        """Count one request; give the limit that forbids it, or nothing."""
        with self._lock:
            limit = self._limit()
            if not limit:
                self._busy += 1
                self._asked += 1
        try:
            yield limit
        finally:
            with self._lock:
                if not limit:
                    self._busy -= 1
                    self._last = time.monotonic()
                self._lock.notify_all()

    def _limit(self) -> str:
        if self._closed or self.failure is not None:
            return "the visit was over"
        if self._asked >= self._network.page_requests:
            return self.reach("requests")
        if self._bytes_left <= 0:
            return self.reach("bytes")
        return self.reach("seconds") if self.seconds_left <= 0 else ""

    @property
    def _bytes_left(self) -> int:
        return self._network.page_bytes - sum(len(each.capture.body) for each in self.exchanged)

    def _asked_for(self, method: str, url: str, headers: Headers, kind: str) -> Reply:
        passed_on = {name: value for name, value in headers if name.casefold() not in _NOT_PASSED_ON}
        narrowed = self._network.within(max(_SHORTEST, self.seconds_left), max(1, self._bytes_left))
        try:
            capture = self._ask(url, passed_on, kind, narrowed)
        except CaptureError as error:
            self.refuse(method, url, str(error))
            if kind == DOCUMENT:
                self.no_document = error
            return _nothing(kind)
        except BaseException as error:  # noqa: BLE001 - a thread of the proxy cannot raise it; the visit does
            self.failure = error
            return _nothing(kind)
        with self._lock:
            self.exchanged.append(Exchanged(capture, kind))
        handed_on = [(name, value) for name, value in capture.headers if name.casefold() not in _NOT_HANDED_ON]
        return Reply(capture.status, handed_on, capture.body) if capture.status else _nothing(kind)


def _is_shown(capture: Capture) -> bool:
    """Say whether a browser shows an answer in its window; it keeps the window for the others, or saves them."""
    saved = (capture.header("Content-Disposition") or "").strip().casefold().startswith("attachment")
    known = not capture.header("Content-Type") or _SHOWN.match(capture.media_type)
    return bool(known) and not saved and capture.status not in (204, 205)


def _nothing(kind: str) -> Reply:
    """Return the answer to what was not asked: a main document leaves the window as it is (RFC 9110, 15.3.5)."""
    return Reply(204 if kind == DOCUMENT else 403)
