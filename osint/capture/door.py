"""The one door to the network: each request is within scope, paced, preserved and logged before anyone reads it."""

from __future__ import annotations

import json
import math
import sys
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from importlib.metadata import version
from typing import IO, Any, NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

from osint.capture.attended import tell
from osint.capture.client import ask
from osint.capture.clock_offset import Offset, conclusion, from_answer
from osint.capture.entity import ENTITY_LIMIT
from osint.capture.exchange import Capture
from osint.capture.network import Network
from osint.capture.pacing import Pacer, seconds_until_reset
from osint.capture.preserve import Asked, read_capture, read_head, write_exchange
from osint.capture.ranges import Rest
from osint.capture.room import Free, check_room, free_bytes
from osint.capture.stream import PORTS, converse, write_talk
from osint.capture.time_server import ask_time_server
from osint.capture.wire import Wire
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.sensitive_stop import withdrawn_by
from osint.errors import CaptureError, OutOfScopeError, QuotaError, RateLimitedError
from osint.gate import Gate
from osint.instants import now, parse_instant
from osint.policy.facts import Standing
from osint.query import host_of, without_secrets
from osint.render import visible
from osint.store.blobs import Blobs
from osint.warc import MEDIA_TYPE

_REDIRECTS = 5
_SHOWN = 5.0  # seconds; a longer wait is told
LATER = (429, 503)
"""Statuses that ask to come back later."""

Write = Callable[[IO[bytes], Asked], int]
"""Writes an exhibit to a stream and returns the HTTP status it shows, 0 when it shows none."""

Load = Callable[[Entry], tuple[Write, str]]
"""Loads a page in a browser; returns what writes its exhibit, and the address of its main document."""


class Preserved(NamedTuple):
    """One exchange as the ledger tells it; ``url`` is None when it was erased, ``status`` 0 when this is no HTTP.

    ``said`` is what was posted, or the lines that were spoken over a stream; None for an ordinary request.
    """

    exhibit: str
    url: str | None
    sha256: str
    status: int
    purged: bool = False
    said: str | tuple[str, ...] | None = None


@dataclass(kw_only=True)
class Errand:
    """What the requests of one run have in common.

    Attributes:
        search: The ledger entry that allowed the run.
        standing: The authority it rests on; None goes to evidence alone, and never to the network.
        in_scope: Says whether an address may be asked; by default every public one (attachments of exhibits).
        replay: Exhibits of an earlier run, to be answered from evidence first.
        media: Whether it asks for files that posts show: they may be large, and their captures have no body.
        rest: What is asked for now, when that is the rest of a file that broke off.
        made: The captures of this run, in order, redirects and repeats included.
        said: What the entry of each request says besides, in private values.
        heard: What each answer that came in this run said of the clock; None for one that told no time.
        pace: Seconds between two requests that the source asks for, where it asks for more than the network's.
        accept: The media type asked for now; empty for any.
        body: What is posted now, JSON; None for an ordinary request.
        say: What is said now over a stream that is no HTTP; None for a request.
    """

    search: Entry
    standing: Standing | None
    in_scope: Callable[[str], bool] = lambda _: True
    replay: deque[Preserved] = field(default_factory=deque)
    media: bool = False
    rest: Rest | None = None
    made: list[Capture] = field(default_factory=list)
    said: Mapping[str, Any] = field(default_factory=dict)
    heard: list[Offset | None] = field(default_factory=list)
    pace: float = 0
    accept: str = ""
    body: bytes | None = None
    say: tuple[str, ...] | None = None


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
        self._network, self._blobs, self._gate, self._ledger = network, blobs, gate, ledger
        self._clock, self._wait, self._free = clock, wait, free
        self._pacer = pacer or Pacer(None)

    @property
    def network(self) -> Network:
        """The way to the network."""
        return self._network

    @property
    def clock(self) -> Callable[[], datetime]:
        """What tells the instant."""
        return self._clock

    @property
    def durability(self) -> str:
        """What the place where evidence goes promises about it."""
        return self._blobs.durability

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
        asking = replace(errand, say=tuple(said))
        capture = self.recall(asking, url)
        if capture is None:
            assert errand.standing is not None
            capture = self.exchange(asking, errand.standing, url)
        errand.made.append(capture)
        return capture

    def usable(self, earlier: deque[Preserved]) -> deque[Preserved]:
        """Return the part of an earlier run's exhibits that need not be asked for again.

        A refusal at its end ("later", "broken", "not found") is asked again, and so is everything from the first
        answer on that is not whole. What was purged on order was an answer, and is not asked for again.
        """
        kept: deque[Preserved] = deque()
        for known in earlier:
            if not known.purged and self.read(known).problems:
                break
            kept.append(known)
        while kept and not 200 <= kept[-1].status < 400:
            kept.pop()
        return kept

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
            if not fresh and self._is_next(errand, url):
                continue
            attempt += 1
            seconds = seconds_until_retry(capture, self._clock(), attempt)
            self._check_patience(capture, seconds, fresh=fresh)
            if attempt >= self._network.attempts or errand.standing is None:
                break
            if fresh:
                with self._pacer.waiting(host_of(url), seconds):
                    self._wait(seconds, f"{host_of(url)} asks us to wait (status {capture.status})")
        if capture.status == 503:
            return capture
        raise RateLimitedError(
            f"{host_of(url)} answered 'too many requests' {attempt} times (last: exhibit {capture.exhibit}). What was "
            "collected stays; go on later with case.resume()."
        )

    def _check_patience(self, capture: Capture, seconds: float, *, fresh: bool) -> None:
        if seconds > self._network.patience:
            if fresh:  # what an answer of an earlier run asked for was long ago
                self._pacer.postpone(host_of(capture.url), seconds)
            raise RateLimitedError(
                f"{host_of(capture.url)} asks to come back in {seconds:g} seconds (exhibit {capture.exhibit}, status "
                f"{capture.status}); this run waits for at most {self._network.patience:g}. What was collected "
                "stays; go on later with case.resume()."
            )

    def _is_next(self, errand: Errand, url: str) -> bool:
        if not errand.replay:
            return False
        known = errand.replay[0]  # by an earlier release perhaps, which replaced fewer values
        asked = errand.say if errand.body is None else errand.body.decode()
        return known.url is None or (known.said == asked and without_secrets(known.url) == without_secrets(url))

    def _once(self, errand: Errand, url: str, via: str) -> tuple[Capture, bool]:
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
        if self._is_next(errand, url):
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
                self._keep_pace(host_of(url), errand.pace)
            started = self._clock()
            with closing(Wire(network)) as wire:
                write = _over(wire, errand, url, network, headers or {})
                asked = self._asked(errand, standing, url, via=via or url, started=started, network=network)
                entry = self._preserve(errand, standing, asked, write)
        except BaseException as error:
            reason = f"{type(error).__name__}: {error} ({wire.size if wire else 0} bytes had come)"
            outcome = "refused" if isinstance(error, QuotaError) else "failed"
            self._log(errand, standing, url, started, outcome=outcome, error=visible(reason))
            raise
        capture = self._taken_in(entry, read_head if errand.media else read_capture)
        errand.heard.append(from_answer(capture, asked.started, asked.ended))
        self._heed_limit(capture)
        return capture

    def _heed_limit(self, capture: Capture) -> None:
        """Leave a host alone that says that nothing is left to be asked, until it says that there is."""
        told = {name.casefold(): value for name, value in capture.headers}
        seconds = seconds_until_reset(told, self._clock())
        if seconds and capture.status not in LATER:
            self._pacer.postpone(host_of(capture.url), seconds)

    def clock_of(self, errand: Errand, *, ask: bool = True) -> dict[str, Any]:
        """Return what a run heard of the clock of this machine, for its ``conclude`` entry, in a private value.

        With ``ask``, the time server is asked first where one is named; that is an entry of its own.
        """
        wanted = ask and errand.standing is not None and self._network.time_server
        return conclusion(errand.heard, self._ask_time(errand) if wanted else None)

    def _ask_time(self, errand: Errand) -> Offset | None:
        assert errand.standing is not None
        said: dict[str, Any] = {"time_server": self._network.time_server}
        started, offset = self._clock(), None
        try:
            offset = ask_time_server(self._network, self._clock)
            said["clock_offset"] = offset._asdict()
        except CaptureError as error:
            said["error"] = visible(f"{type(error).__name__}: {error}")
        self._gate.log(
            "clock",
            outcome="done" if offset else "failed",
            private=said,
            start_time=started,
            end_time=self._clock(),
            refs=[errand.search.leaf.hex()],
            network=self._network.without_proxy.label,
            **Gate.under(errand.standing),
        )
        return offset

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
            asked = self._asked(errand, standing, found, via=url, started=started)
            taken_in = self._preserve(errand, standing, asked, write, told=url)
        except BaseException as error:
            reason = visible(f"{type(error).__name__}: {error}")
            self._log(errand, standing, url, started, outcome="failed", error=reason)
            raise
        return self._taken_in(taken_in)

    def _check_may_ask(self, errand: Errand, standing: Standing, url: str) -> None:
        tell(f"Asking {visible(host_of(url))}")
        self._gate.check_in_force(standing)
        self._check_scope(errand, url)

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

    def _asked(
        self,
        errand: Errand,
        standing: Standing,
        url: str,
        *,
        via: str,
        started: datetime,
        network: Network | None = None,
    ) -> Asked:
        return Asked(
            url=url,
            via=via,
            started=started,
            ended=self._clock(),
            entry=self._gate.new_id(),
            case=self._ledger,
            authorization=standing.entry,
            network=(network or self._network).described(),
            software=_software(),
            unpacked=None if errand.media else ENTITY_LIMIT,
            continues=errand.rest.continues if errand.rest else "",
        )

    def _preserve(self, errand: Errand, standing: Standing, asked: Asked, write: Write, *, told: str = "") -> Entry:
        """Store one exhibit and log it.

        The entry is written while the temporary file is still held: until then another process that opens the case
        must not take the blob for a stranger. ``told`` is the address that the entry says, where it is another.
        """
        with self._blobs.temporary() as temporary:
            with temporary.open("wb") as out:
                status = write(out, asked)
            size = temporary.stat().st_size
            exhibit = {"sha256": self._blobs.put(temporary), "size": size, "media": MEDIA_TYPE}
            result = [{"status": status}] if 100 <= status <= 599 else []
            what: dict[str, Any] = {"id": asked.entry, "exhibit": exhibit, "result": result}
            return self._log(errand, standing, told or asked.url, asked.started, **what)

    def _taken_in(self, entry: Entry, read: Callable[[IO[bytes], str], Capture] = read_capture) -> Capture:
        assert entry.exhibit is not None
        with self._blobs.open(entry.result[0]["sha256"]) as blob:
            return read(blob, entry.exhibit)

    def _log(
        self, errand: Errand, standing: Standing, url: str, started: datetime, *, error: str = "", **said: Any
    ) -> Entry:
        private = {
            "url": without_secrets(url),
            **({} if errand.body is None else {"body": errand.body.decode()}),
            **({} if errand.say is None else {"say": list(errand.say)}),
            **errand.said,
            **({"continues": errand.rest.continues} if errand.rest else {}),
            **({"error": error} if error else {}),
        }
        return self._gate.log(
            "acquire",
            private=private,
            start_time=started,
            end_time=self._clock(),
            refs=[errand.search.leaf.hex()],
            **Gate.under(standing),
            **said,
        )

    def _check_scope(self, errand: Errand, url: str) -> None:
        try:
            parts = urlsplit(url)
            known = ("http", "https") if errand.say is None else PORTS
            usable = parts.scheme in known and parts.username is None and bool(parts.hostname)
            _ = parts.port
        except ValueError:
            usable = False
        if not usable:
            raise OutOfScopeError(f"{visible(without_secrets(url))} is not a public web address; nothing was asked.")
        if not errand.in_scope(url):
            raise OutOfScopeError(
                f"The source leads on to {visible(without_secrets(url))}, which is not under authority; nothing was "
                "asked of it. If it belongs to the case, add it with case.extend(urls=[...] or hosts=[...], "
                "exhibit=..., reason=...) and collect again."
            )

    def _keep_pace(self, host: str, pace: float) -> None:
        """Wait for the next turn at a host; one that put us off for longer than we are willing to wait is not asked."""
        seconds = self._pacer.put_off_for(host)
        if seconds > self._network.patience:
            raise RateLimitedError(
                f"{host} asked earlier to be left alone for some time, of which {math.ceil(seconds)} seconds are left; "
                f"this run waits for at most {self._network.patience:g}. It was not asked again; go on later."
            )
        seconds = self._pacer.turn(host, max(pace, self._network.pace))
        if seconds > _SHOWN:
            self._wait(seconds, f"The next turn at {host}")
        elif seconds:
            time.sleep(seconds)


def _over(wire: Wire, errand: Errand, url: str, network: Network, headers: Mapping[str, str]) -> Write:
    """Ask over a wire, or converse; return what writes the exhibit of it."""
    if errand.say is not None:
        return partial(write_talk, wire=wire, talk=converse(url, errand.say, wire, network))
    ask(url, wire, network, network.user_agent, headers={**_headers(errand), **headers}, body=errand.body)
    return partial(write_exchange, wire=wire)


def preserved(entries: Iterable[Entry], searches: Collection[str] | None = None) -> deque[Preserved]:
    """Return what the runs that these entries allowed have preserved, in order.

    Args:
        entries: Entries of the ledger, in order.
        searches: Leaf hashes of the entries that allowed the runs, hex; by default all runs and visits.
    """
    found: deque[Preserved] = deque()
    gone: set[str] = set()
    for entry in entries:
        gone.update(withdrawn_by(entry))
        belongs = searches is None or not set(searches).isdisjoint(entry.refs)
        if entry.action == "acquire" and entry.exhibit and belongs:
            status = next((item["status"] for item in entry.result if "status" in item), 0)
            spoken = entry.private.get("say")
            said = entry.private.get("body") if spoken is None else tuple(spoken)
            url, sha256 = entry.private.get("url"), entry.result[0]["sha256"]
            found.append(Preserved(entry.exhibit, url, sha256, status, said=said))
    return deque(known._replace(purged=known.exhibit in gone) for known in found)


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


def seconds_until_retry(capture: Capture, present: datetime, attempt: int) -> float:
    """Read Retry-After (RFC 9110, 10.2.3: seconds or a date) or X-RateLimit-Reset; else 1, 2, 4 ... seconds."""
    stated = (capture.header("Retry-After") or "").strip()
    if stated.isdecimal():
        return float(stated)
    reset = (capture.header("X-RateLimit-Reset") or "").strip()
    for text, read in ((stated, parsedate_to_datetime), (reset, parse_instant)):
        try:
            return max(0.0, (read(text) - present).total_seconds())
        except (ValueError, TypeError, OverflowError):
            continue
    return float(2 ** (attempt - 1))


def _headers(errand: Errand) -> Mapping[str, str]:
    return {
        **(errand.rest.headers if errand.rest else {}),
        **({"Accept": errand.accept} if errand.accept else {}),
        **({"Content-Type": "application/json"} if errand.body is not None else {}),
    }


def _software() -> str:
    return f"osint/{version('osint')} python/{sys.version_info.major}.{sys.version_info.minor} {sys.platform}"
