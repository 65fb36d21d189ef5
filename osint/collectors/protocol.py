"""What a collector is: ``MANIFEST``, ``pages(query, get)`` and a pure ``parse(capture)``.

``CONTRIBUTING.md`` shows how to write one.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

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


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a collector says of itself; the case shows it before the first request.

    Attributes:
        name: The name of the module, and of the collector.
        version: Rises whenever ``parse`` reads the same bytes differently.
        reads: What it reads, in a phrase.
        queries: The query types that it answers.
        public: What the source shows to a visitor who is not signed in.
        limits: What the source withholds, caps or paces.
        documentation: Where the source documents this.
        terms: What the source's terms say of such use, in a sentence.
        terms_checked: The day the terms were last read, ``YYYY-MM-DD``, or "unverified".
        made: How its captures are made: as the server sends them (``wire``), and for a query that says ``render=True``
            as a browser shows them (``rendered``).
    """

    name: str
    version: str
    reads: str
    queries: tuple[type[Query], ...]
    public: str
    limits: str
    documentation: str
    terms: str
    terms_checked: str
    made: tuple[Made, ...] = ("wire",)


class Get(Protocol):
    """Asks for one address: decides, requests, preserves, logs, and only then returns what came back.

    Every status comes back as a capture, 404 included. Redirects are followed one hop at a time. For a query that says
    ``render=True`` a browser loads the address, and the capture is the page as it then stood.

    Raises:
        CaptureError: Nothing usable came; the attempt is in the ledger.
    """

    def __call__(self, url: str, /, **params: str | int) -> Capture:
        """Return the capture of ``url`` with ``params`` added to its query string in the order given."""
        ...


class Collector(Protocol):
    """One public source: a module with these three names."""

    MANIFEST: Manifest

    def pages(self, query: Query, get: Get) -> Generator[Capture, None, Stop]:
        """Yield the captures that hold posts, in the order of the source; return why the source ended."""
        ...

    def parse(self, capture: Capture) -> list[Record]:
        """Read one capture: posts, actors, and a warning for whatever could not be read. No network, no clock.

        Raises:
            UnreadableCaptureError: The capture as a whole is not what this collector reads.
        """
        ...
