"""The one door to the network: each request is within scope, paced, preserved and logged before anyone reads it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from osint.capture.acquiring import Acquiring, Write
from osint.capture.attended import tell
from osint.capture.clock_offset import from_answer
from osint.capture.errand import Errand
from osint.capture.exchange import Capture
from osint.capture.network import Network
from osint.capture.pacing import Pacer
from osint.capture.patience import LATER, Patience, seconds_until_retry
from osint.capture.preserve import write_exchange
from osint.capture.preserved import Preserved
from osint.capture.read_back import read_capture, read_head
from osint.capture.room import Free, check_room, free_bytes
from osint.capture.stream import converse, write_talk
from osint.capture.wire import Wire
from osint.chain_of_custody.entry import Entry
from osint.errors import CaptureError, QuotaError, RateLimitedError
from osint.gate import Gate
from osint.instants import now
from osint.policy.facts import Standing
from osint.query import host_of, without_secrets
from osint.render import visible
from osint.store.blobs import Blobs

_REDIRECTS = 5

Load = Callable[[Entry], tuple[Write, str]]
"""Loads a page in a browser; returns what writes its exhibit, and the address of its main document."""


class Door:
    """Makes requests for errands."""

    def __init__(
        self,
        network: Network,
        blobs: Blobs,
        gate: Gate,
        *,
        ledger: str,
        clock: Callable[[], datetime] = now,
        wait: Callable[[float, str], None] = lambda seconds, _: time.sleep(seconds),
        free: Free = free_bytes,
        pacer: Pacer | None = None,
    ) -> None:
        """Open the door of one case.

        Args:
            network: The way to the network.
            blobs: Where evidence goes.
            gate: Where every request is logged.
            ledger: Identifier of the ledger, which stands for the case in the evidence.
            clock: Tells the instant.
            wait: Waits some seconds, showing the reason.
            free: Tells the room on a disk.
            pacer: Keeps the turns at each host; by default those of this process alone.
        """
        self._network, self._blobs, self._gate, self._clock, self._free = network, blobs, gate, clock, free
        self._acquiring = Acquiring(blobs=blobs, gate=gate, ledger=ledger, clock=clock)
        self._patience = Patience(pacer=pacer or Pacer(None), wait=wait, clock=clock)

    @property
    def network(self) -> Network:
        """The way to the network."""
        return self._network

    @property
    def clock(self) -> Callable[[], datetime]:
        """What tells the instant."""
        return self._clock

    @property
    def blobs(self) -> Blobs:
        """Where evidence is."""
        return self._blobs

    def get(
        self,
        errand: Errand,
        url: str,
        /,
        *,
        accept: str = "",
        body: Mapping[str, Any] | None = None,
        **params: str | int,
    ) -> Capture:
        """Ask for one address on an errand and follow redirects, each hop a capture of its own.

        What is posted is not posted a second time: a redirect is the answer to it.

        Raises:
            CaptureError: Nothing usable came, or a hop would leave the scope; the attempt is in the ledger.
        """
        posted = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        asking = replace(errand, accept=accept, body=posted)
        first = hop = with_params(url, params)
        for _ in range(_REDIRECTS + 1):
            capture = self._patiently(asking, hop, first)
            if not capture.is_redirect or posted is not None:
                return capture
            hop = _target(hop, capture)
        raise CaptureError(
            f"{without_secrets(first)} was redirected {_REDIRECTS + 1} times; every hop is preserved, and none of "
            "them was an answer."
        )

    def converse(self, errand: Errand, url: str, said: Sequence[str]) -> Capture:
        """Say lines over a stream that is no HTTP, as :mod:`osint.capture.stream` does; return what came back.

        Raises:
            CaptureError: Nothing came, or a line does more than read; the attempt is in the ledger.
        """
        return self._once(replace(errand, say=tuple(said)), url)[0]

    def read(self, known: Preserved) -> Capture:
        """Return an exhibit as it was captured.

        Raises:
            EvidenceError: It cannot be read.
        """
        with self._blobs.open(known.sha256) as blob:
            return read_capture(blob, known.exhibit)

    def _patiently(self, errand: Errand, url: str, via: str) -> Capture:
        """Ask again when the host says "later", as often and as long as the network's limits allow.

        Answers from evidence count against no limit: how long the earlier run was willing to wait is settled.
        """
        attempt = 0
        while True:
            capture, fresh = self._once(errand, url, via)
            if capture.status not in LATER:
                return capture
            if not fresh and errand.is_answered(url):
                continue
            attempt += 1
            seconds = seconds_until_retry(capture, self._clock(), attempt)
            self._patience.check_retry(capture, seconds, self._network, fresh=fresh)
            if attempt >= self._network.attempts or errand.standing is None:
                break
            if fresh:
                self._patience.wait_to_retry(host_of(url), capture.status, seconds)
        if capture.status == 503:
            return capture
        raise RateLimitedError(
            f"{host_of(url)} answered 'too many requests' {attempt} times (last: exhibit {capture.exhibit}). What was "
            "collected stays; go on later with case.resume()."
        )

    def _once(self, errand: Errand, url: str, via: str = "") -> tuple[Capture, bool]:
        """Answer from an earlier run's evidence while it lasts, else from the network: (capture, came fresh)."""
        earlier = self.recall(errand, url)
        if earlier is None:
            assert errand.standing is not None
            capture = self.exchange(errand, errand.standing, url, via=via)
        else:
            capture = earlier
        errand.made.append(capture)
        return capture, earlier is None

    def recall(self, errand: Errand, url: str) -> Capture | None:
        """Return the answer from an earlier run's evidence if that comes next, else None: the network may be asked.

        Raises:
            CaptureError: It was purged, or this errand goes to evidence alone and there is no more.
        """
        if errand.is_answered(url):
            if errand.replay[0].purged:
                gone = errand.replay[0].exhibit
                raise CaptureError(f"Exhibit {gone} was purged on order; the way to what followed it is gone too.")
            return self.read(errand.replay.popleft())
        if errand.standing is None:
            raise CaptureError(f"No exhibit of this run answers {visible(without_secrets(url))}.")
        errand.replay.clear()
        return None

    def exchange(
        self,
        errand: Errand,
        standing: Standing,
        url: str,
        *,
        via: str = "",
        headers: Mapping[str, str] | None = None,
        network: Network | None = None,
        paced: bool = True,
    ) -> Capture:
        """Make one request, preserve it, log it; only then is it read. Threads may call this at the same time.

        Whatever becomes of a request is an entry: a cancelled run and a full disk too. The answer is cut at what is
        left of a bound that the authority names.

        Args:
            errand: What it belongs to.
            standing: The authority it rests on.
            url: The address.
            via: The address first asked for, when a redirect led here.
            headers: Sent besides ours, or in place of ours of the same name.
            network: The network of the case with narrower limits.
            paced: Whether it waits for its turn at the host. What a page shows is asked for as the page asks.

        Raises:
            CaptureError: Nothing came, or the address may not be asked; the attempt is in the ledger.
            AuthorizationError: The authority has expired, or all that it allows is stored.
            NoRoomError: A disk has no room for the largest answer allowed.
        """
        network = network or (self._network.for_media if errand.media else self._network)
        started, wire = self._clock(), None
        try:
            self._check_may_ask(errand, standing, url)
            network = self._fitting(standing, network)
            if paced:
                self._patience.keep_pace(host_of(url), errand.pace, self._network)
            started = self._clock()
            with closing(Wire(network)) as wire:
                write = _over(wire, errand, url, network, headers or {})
                asked = self._acquiring.asked(errand, standing, url, via=via or url, started=started, network=network)
                entry = self._acquiring.preserve(errand, standing, asked, write)
        except BaseException as error:
            reason = f"{type(error).__name__}: {error} ({wire.size if wire else 0} bytes had come)"
            outcome = "refused" if isinstance(error, QuotaError) else "failed"
            self._acquiring.log(errand, standing, url, started, outcome=outcome, error=visible(reason))
            raise
        capture = self._acquiring.read(entry, read_head if errand.media else read_capture)
        errand.heard.append(from_answer(capture, asked.started, asked.ended))
        self._patience.heed_limit(capture)
        return capture

    def visit(self, errand: Errand, standing: Standing, url: str, load: Load) -> Capture:
        """Have a page loaded, and preserve what it became as one exhibit of the errand.

        Args:
            errand: What it belongs to.
            standing: The authority it rests on.
            url: The address first asked for.
            load: Loads the page; it is handed the entry ``render`` of this visit, to which everything refers that the
                page asks for.

        Raises:
            CaptureError: There is no page; the attempt is in the ledger.
            AuthorizationError: The authority has expired.
        """
        started = self._clock()
        try:
            self._check_may_ask(errand, standing, url)
            self._fitting(standing, self._network)
            said = {"private": {"url": without_secrets(url)}, "refs": [errand.search.leaf.hex()]}
            entry = self._gate.log("render", outcome="allowed", **said, **Gate.under(standing))
            write, found = load(entry)
            asked = self._acquiring.asked(errand, standing, found, via=url, started=started, network=self._network)
            taken_in = self._acquiring.preserve(errand, standing, asked, write, told=url)
        except BaseException as error:
            reason = visible(f"{type(error).__name__}: {error}")
            self._acquiring.log(errand, standing, url, started, outcome="failed", error=reason)
            raise
        return self._acquiring.read(taken_in)

    def _check_may_ask(self, errand: Errand, standing: Standing, url: str) -> None:
        tell(f"Asking {visible(host_of(url))}")
        self._gate.check_in_force(standing)
        errand.check_scope(url)

    def _fitting(self, standing: Standing, network: Network) -> Network:
        """Return the network with a limit for one answer that keeps within the authority and finds room on disk."""
        most = standing.authorization.max_bytes
        if most is not None:
            left = most - self._gate.stored(standing)
            if left <= 0:
                raise QuotaError(
                    f"Authorization {standing.authorization.identifier} allows {most} bytes of evidence, and as much "
                    "is stored under it. Nothing more was asked, and what was collected stays. If more is needed, have "
                    "it approved, record an authority with a larger max_bytes, and collect again under that."
                )
            network = replace(network, body_limit=min(network.body_limit, left))
        check_room(self._blobs.folder, network.body_limit, self._free)
        return network


def _over(wire: Wire, errand: Errand, url: str, network: Network, headers: Mapping[str, str]) -> Write:
    """Ask over a wire, or converse; return what writes the exhibit of it."""
    if errand.say is not None:
        return partial(write_talk, wire=wire, talk=converse(url, errand.say, wire, network))
    from osint.capture.client import ask  # requests and urllib3, which opening a case can do without

    ask(url, wire, network, network.user_agent, headers={**errand.headers, **headers}, body=errand.body)
    return partial(write_exchange, wire=wire)


def _target(hop: str, capture: Capture) -> str:
    """Return where a redirect leads. Header bytes come as latin-1; what browsers send on is UTF-8."""
    stated = (capture.header("Location") or "").encode("latin-1").decode("utf-8", "replace")
    try:
        return urljoin(hop, stated)
    except ValueError:
        return stated  # no address at all; it is refused, and logged, as the next hop


def with_params(url: str, params: Mapping[str, str | int]) -> str:
    """Return the address with these parameters added to its query string in their order."""
    if not params:
        return url
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(params)}"
