"""The one door to the network: each request is within scope, paced, preserved and logged before anyone reads it."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from osint.capture.exchange import Capture
from osint.capture.network import Network
from osint.capture.preserve import Asked, read_capture, without_secrets, write_exchange
from osint.capture.wire import Wire, ask
from osint.chain_of_custody.entry import Entry
from osint.errors import CaptureError, OutOfScopeError, RateLimitedError
from osint.gate import Gate
from osint.instants import now, parse_instant
from osint.policy.rules import Standing, host_is_in_scope
from osint.query import host_of
from osint.render import visible
from osint.store.blobs import Blobs
from osint.warc import MEDIA_TYPE

_REDIRECTS = 5
_LATER = (429, 503)


@dataclass(kw_only=True)
class Errand:
    """What the requests of one run have in common.

    Attributes:
        search: The ledger entry that allowed the run.
        standing: The authority it rests on.
        hosts: Hosts that may be asked; None means wherever an exhibit points (attachments).
        replay: Exhibits of an interrupted run with the address each asked, to be answered from evidence first.
        offline: Never go to the network: what evidence does not answer ends the run.
        made: The captures of this run, in order, redirects and repeats included.
    """

    search: Entry
    standing: Standing
    hosts: frozenset[str] | None
    replay: deque[tuple[str, str, str]] = field(default_factory=deque)
    offline: bool = False
    made: list[Capture] = field(default_factory=list)


class Door:
    """Makes requests for errands. It holds what outlives an errand: the pace of each host."""

    def __init__(
        self,
        network: Network,
        blobs: Blobs,
        gate: Gate,
        *,
        ledger: str,
        clock: Callable[[], datetime] = now,
        wait: Callable[[float, str], None] = lambda seconds, _: time.sleep(seconds),
    ) -> None:
        """Open the door of one case.

        Args:
            network: The way to the network.
            blobs: Where evidence goes.
            gate: Where every request is logged.
            ledger: Identifier of the ledger, which stands for the case in the evidence.
            clock: Tells the instant.
            wait: Waits some seconds, showing the reason.
        """
        self._network, self._blobs, self._gate, self._ledger = network, blobs, gate, ledger
        self._clock, self._wait = clock, wait
        self._next: dict[str, float] = {}

    def get(self, errand: Errand, url: str, /, **params: str | int) -> Capture:
        """Ask for one address on an errand and follow redirects, each hop a capture of its own.

        Raises:
            CaptureError: Nothing usable came, or a hop would leave the scope; the attempt is in the ledger.
        """
        first = hop = _with_params(url, params)
        for _ in range(_REDIRECTS + 1):
            capture = self._patiently(errand, hop, first)
            if not capture.is_redirect:
                return capture
            # Header bytes come as latin-1; what browsers send on is UTF-8.
            target = (capture.header("Location") or "").encode("latin-1").decode("utf-8", "replace")
            hop = urljoin(hop, target)
        raise CaptureError(
            f"{first} was redirected {_REDIRECTS + 1} times; every hop is preserved, and none of them was an answer."
        )

    def _patiently(self, errand: Errand, url: str, via: str) -> Capture:
        """Ask again when the host says "later", as often and as long as the network's limits allow."""
        for attempt in range(1, self._network.attempts + 1):
            capture, fresh = self._once(errand, url, via)
            if capture.status not in _LATER:
                return capture
            seconds = _seconds_until_retry(capture, self._clock(), attempt)
            if seconds > self._network.patience:
                raise RateLimitedError(
                    f"{host_of(url)} asks to come back in {seconds:g} seconds (exhibit {capture.exhibit}, status "
                    f"{capture.status}); this run waits for at most {self._network.patience:g}. What was collected "
                    "stays; go on later with case.resume()."
                )
            if fresh and attempt < self._network.attempts:
                self._wait(seconds, f"{host_of(url)} asks us to wait (status {capture.status})")
        if capture.status == 503:
            return capture
        raise RateLimitedError(
            f"{host_of(url)} answered 'too many requests' {self._network.attempts} times (last: exhibit "
            f"{capture.exhibit}). What was collected stays; go on later with case.resume()."
        )

    def _once(self, errand: Errand, url: str, via: str) -> tuple[Capture, bool]:
        """Answer from an interrupted run's evidence while it lasts, else from the network: (capture, came fresh)."""
        if errand.replay and errand.replay[0][1] == without_secrets(url):
            exhibit, _, digest = errand.replay.popleft()
            with self._blobs.open(digest) as blob:
                capture, fresh = read_capture(blob, exhibit), False
        elif errand.offline:
            raise CaptureError(f"No exhibit of this run answers {without_secrets(url)}.")
        else:
            errand.replay.clear()
            capture, fresh = self._exchange(errand, url, via), True
        errand.made.append(capture)
        return capture, fresh

    def _exchange(self, errand: Errand, url: str, via: str) -> Capture:
        """Make one request, preserve it, log it; only then is it read."""
        entry_id = self._gate.new_id()
        started = self._clock()
        wire = Wire(self._network)
        try:
            self._check_scope(errand, url)
            self._keep_pace(host_of(url))
            started = self._clock()
            ask(url, wire, self._network, _user_agent(self._network.contact))
        except CaptureError as error:
            wire.close()
            self._log(errand, url, started, id=entry_id, outcome="failed", error=f"{type(error).__name__}: {error}")
            raise
        asked = Asked(
            url=url,
            via=via,
            started=started,
            ended=self._clock(),
            entry=entry_id,
            case=self._ledger,
            authorization=errand.standing.entry,
            network=self._network.described(),
            software=_software(),
        )
        # The entry is written while the temporary file is still held: until then another process that opens the case
        # must not take the blob for a stranger.
        with self._blobs.temporary() as temporary:
            with temporary.open("wb") as out:
                status = write_exchange(out, wire, asked)
            wire.close()
            size = temporary.stat().st_size
            digest = self._blobs.put(temporary)
            exhibit = {"sha256": digest, "size": size, "media": MEDIA_TYPE}
            result = [{"status": status}] if 100 <= status <= 599 else []
            entry = self._log(errand, url, started, id=entry_id, exhibit=exhibit, result=result)
        assert entry.exhibit is not None
        with self._blobs.open(digest) as blob:
            return read_capture(blob, entry.exhibit)

    def _log(self, errand: Errand, url: str, started: datetime, *, error: str = "", **said: Any) -> Entry:
        private = {"url": without_secrets(url), **({"error": error} if error else {})}
        return self._gate.log(
            "acquire",
            private=private,
            start_time=started,
            end_time=self._clock(),
            refs=[errand.search.leaf.hex()],
            **Gate.under(errand.standing),
            **said,
        )

    def _check_scope(self, errand: Errand, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.username is not None:
            raise OutOfScopeError(f"{visible(url)} is not a public web address; nothing was asked.")
        if errand.hosts is not None and not host_is_in_scope(host_of(url), errand.hosts):
            raise OutOfScopeError(
                f"The source leads on to {visible(host_of(url))}, which is not under authority; nothing was asked of "
                "it. If it belongs to the case, add it with case.extend(hosts=[...], exhibit=..., reason=...) and "
                "collect again."
            )

    def _keep_pace(self, host: str) -> None:
        moment = time.monotonic()
        due = self._next.get(host, moment)
        self._next[host] = max(due, moment) + self._network.pace
        if due > moment:
            time.sleep(due - moment)


def preserved(entries: Iterable[Entry], searches: Collection[str]) -> deque[tuple[str, str, str]]:
    """Return what the runs that these entries allowed have preserved: (exhibit, address, SHA-256), in order.

    Args:
        entries: Entries of the ledger, in order.
        searches: Leaf hashes of the entries that allowed the runs, hex.
    """
    return deque(
        (entry.exhibit, entry.private["url"], entry.result[0]["sha256"])
        for entry in entries
        if entry.action == "acquire" and entry.exhibit and not set(searches).isdisjoint(entry.refs)
    )


def _with_params(url: str, params: dict[str, str | int]) -> str:
    if not params:
        return url
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(params)}"


def _seconds_until_retry(capture: Capture, present: datetime, attempt: int) -> float:
    """Read Retry-After (RFC 9110, 10.2.3: seconds or a date) or X-RateLimit-Reset; else 1, 2, 4 ... seconds."""
    stated = (capture.header("Retry-After") or "").strip()
    if stated.isdecimal():
        return float(stated)
    reset = (capture.header("X-RateLimit-Reset") or "").strip()
    for text, read in ((stated, parsedate_to_datetime), (reset, parse_instant)):
        try:
            return max(0.0, (read(text) - present).total_seconds())
        except (ValueError, TypeError):
            continue
    return float(2 ** (attempt - 1))


def _software() -> str:
    return f"osint/{version('osint')} python/{sys.version_info.major}.{sys.version_info.minor} {sys.platform}"


def _user_agent(contact: str) -> str:
    return f"osint/{version('osint')} (lawful open-source research{'; ' + contact if contact else ''})"
