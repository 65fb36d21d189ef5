"""What a collector is: a module with ``MANIFEST``, ``query_for``, ``pages``, ``claims`` and a pure ``parse``.

``CONTRIBUTING.md`` shows how to write one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Literal, Protocol

from osint.activity import Record
from osint.capture.exchange import Capture, Made
from osint.query import Query


class Stop(StrEnum):
    """Why a run ended. Only ``EXHAUSTED`` may say that the source had no more to show."""

    EXHAUSTED = "exhausted"
    LIMIT = "limit"
    UNTIL_DATE = "until-date"
    PLATFORM_CAP = "platform-cap"
    RATE = "rate"
    QUOTA = "quota"
    BUDGET = "budget"
    BLOCKED = "blocked"
    AUTH = "auth"
    GONE = "gone"
    ERROR = "error"
    CANCELLED = "cancelled"


def worst(stops: Collection[Stop]) -> Stop:
    """Return why a run ended that read several lists, each to an end of its own."""
    return next((stop for stop in (Stop.ERROR, Stop.PLATFORM_CAP, Stop.UNTIL_DATE) if stop in stops), Stop.EXHAUSTED)


Way = Literal["api", "public", "file"]
Proof = Literal["real server", "documented", "unverified"]


@dataclass(frozen=True, kw_only=True)
class Key:
    """The key that an interface wants: the agency's own, registered with the operator; sent, and never stored.

    Attributes:
        host: The one host that it is sent to.
        parameter: The parameter of the address that carries it; it has to be one that
            :func:`osint.query.without_secrets` replaces.
        how: How an agency gets one, in a sentence.
    """

    host: str
    parameter: str
    how: str


@dataclass(frozen=True, kw_only=True)
class Quota:
    """What a source lets one key ask in a day.

    Attributes:
        units: How many units a day.
        each: Units that one request takes.
        resets: When the day ends, in words.
    """

    units: int
    each: int
    resets: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a collector says of itself; the case shows it before the first request.

    Attributes:
        name: The name of the module, and of the collector.
        version: Rises whenever ``parse`` reads the same bytes differently.
        reads: What it reads, in a phrase.
        queries: The query types that it answers.
        ways: How the posts come in: an ``api``, the ``public`` pages and feeds, a ``file`` that somebody has.
        public: What the source shows to a visitor who is not signed in.
        limits: What the source withholds, caps or paces.
        files: The files of this source that ``parse`` reads; empty when there are none.
        id_time: What the ids of the source say of the time, or "none" with the reason.
        proof: How it is known to work: seen on a ``real server``, or of the shape that its ``documentation`` gives.
        home: The host that people know its accounts by, ``t.me``; empty where any host may keep them.
        asks: Hosts that answer for the source besides the one that a query names (``public.api.bsky.app``).
        posts: Addresses, or their beginnings, of endpoints that read and take their question as a body only.
        page: How many posts one answer holds at most; 0 when nobody can say.
        most: How many posts a run can give at most; 0 when nobody can say.
        pace: Seconds between two requests that the source asks for, where it asks for more than the network's.
        key: The key that its interface wants, or None.
        quota: What the source lets one key ask, or None.
        barred: Why the interface of the platform is off until counsel has decided, and what to use; empty when not.
        documentation: Where the source documents this.
        terms: What the source's terms say of such use, in a sentence.
        terms_checked: The day the terms were last read, ``YYYY-MM-DD``, or "unverified".
        profile: Tells the file name and the text of what decides, beside the program, how the answers to a query are
            read on a day; a run keeps it with each exhibit, and ``parse`` finds it beside the capture. None where
            nothing does.
        made: How its captures are made: as the server sends them (``wire``), and for a query that says ``render=True``
            as a browser shows them (``rendered``).
    """

    name: str
    version: str
    reads: str
    queries: tuple[type[Query], ...]
    ways: tuple[Way, ...]
    public: str
    limits: str
    files: str = ""
    id_time: str
    proof: Proof
    home: str = ""
    asks: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    page: int = 0
    most: int = 0
    pace: float = 0
    key: Key | None = None
    quota: Quota | None = None
    barred: str = ""
    documentation: str
    terms: str
    terms_checked: str
    profile: Callable[[Query, date], tuple[str, str] | None] | None = None
    made: tuple[Made, ...] = ("wire",)


class Get(Protocol):
    """Asks for one address: decides, requests, preserves, logs, and only then returns what came back.

    Every status comes back as a capture, 404 included. Redirects are followed one hop at a time. For a query that says
    ``render=True`` a browser loads the address, and the capture is the page as it then stood.

    Raises:
        CaptureError: Nothing usable came; the attempt is in the ledger.
    """

    def __call__(
        self,
        url: str,
        /,
        *,
        accept: str = "",
        body: Mapping[str, Any] | None = None,
        say: Sequence[str] | None = None,
        **params: str | int,
    ) -> Capture:
        """Return the capture of ``url`` with ``params`` added to its query string in the order given.

        Args:
            url: The address.
            accept: The media type asked for, where the source tells its answers apart by that.
            body: JSON that is posted. Only to an endpoint that reads, and takes its question no other way.
            say: What is said over a stream that is no HTTP, one line after the other; ``url`` is then
                ``nntp(s)://host/group`` or ``ws(s)://relay``. The body of the capture is all that came.
            params: Parameters of the address.
        """
        ...


class Collector(Protocol):
    """One public source: a module with these five names."""

    MANIFEST: Manifest

    def query_for(self, url: str) -> Query | None:
        """Return what an address of this source asks for, an account or a thread; None when it is not of this source.

        The host is compared whole: ``bsky.app.example`` is no address of ``bsky.app``.
        """
        ...

    def pages(self, query: Query, get: Get) -> Generator[Capture, None, Stop]:
        """Yield the captures that hold posts, in the order of the source; return why the source ended.

        What one is to be read together with, the document of a key for one, may be put into its ``beside``.
        """
        ...

    def claims(self, capture: Capture) -> bool:
        """Say whether a part of a file that was handed in looks like what this collector reads. It never raises.

        Of all collectors but the general ones (``feed``, ``webpage``) at most one may claim a part.
        """
        ...

    def parse(self, capture: Capture) -> list[Record]:
        """Read one capture: posts, actors, and a warning for whatever could not be read. No network, no clock.

        Raises:
            UnreadableCaptureError: The capture as a whole is not what this collector reads.
        """
        ...
