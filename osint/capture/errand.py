"""An errand: what the requests of one run have in common, and what the next of them may ask."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from osint.capture.clock_offset import Offset
from osint.capture.exchange import Capture
from osint.capture.preserved import Preserved
from osint.capture.ranges import Rest
from osint.capture.stream import PORTS
from osint.chain_of_custody.entry import Entry
from osint.errors import OutOfScopeError
from osint.policy.facts import Standing
from osint.query import without_secrets
from osint.render import visible


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

    @property
    def headers(self) -> Mapping[str, str]:
        """What is sent now besides what every request sends."""
        return {
            **(self.rest.headers if self.rest else {}),
            **({"Accept": self.accept} if self.accept else {}),
            **({"Content-Type": "application/json"} if self.body is not None else {}),
        }

    def is_answered(self, url: str) -> bool:
        """Return whether the next exhibit of an earlier run answers what is asked of an address now."""
        if not self.replay:
            return False
        known = self.replay[0]  # by an earlier release perhaps, which replaced fewer values
        asked = self.say if self.body is None else self.body.decode()
        return known.url is None or (known.said == asked and without_secrets(known.url) == without_secrets(url))

    def private(self, url: str, error: str = "") -> dict[str, Any]:
        """Return what the entry of a request for an address says in private values."""
        return {
            "url": without_secrets(url),
            **({} if self.body is None else {"body": self.body.decode()}),
            **({} if self.say is None else {"say": list(self.say)}),
            **self.said,
            **({"continues": self.rest.continues} if self.rest else {}),
            **({"error": error} if error else {}),
        }

    def check_scope(self, url: str) -> None:
        """Check that an address may be asked.

        Raises:
            OutOfScopeError: It is no public address, or none that is under authority.
        """
        try:
            parts = urlsplit(url)
            known = ("http", "https") if self.say is None else PORTS
            usable = parts.scheme in known and parts.username is None and bool(parts.hostname)
            _ = parts.port
        except ValueError:
            usable = False
        if not usable:
            raise OutOfScopeError(f"{visible(without_secrets(url))} is not a public web address; nothing was asked.")
        if not self.in_scope(url):
            raise OutOfScopeError(
                f"The source leads on to {visible(without_secrets(url))}, which is not under authority; nothing was "
                "asked of it. If it belongs to the case, add it with case.extend(urls=[...] or hosts=[...], "
                "exhibit=..., reason=...) and collect again."
            )
