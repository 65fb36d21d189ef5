"""How long a run waits for a host: until its next turn there, and when the host asks to come back later."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from osint.capture.exchange import Capture
from osint.capture.network import Network
from osint.capture.pacing import Pacer, seconds_until_reset
from osint.errors import RateLimitedError
from osint.instants import parse_instant
from osint.query import host_of

LATER = (429, 503)
"""Statuses that ask to come back later."""

_SHOWN = 5.0  # seconds; a longer wait is told


@dataclass(kw_only=True)
class Patience:
    """The waits of one door.

    Attributes:
        pacer: Keeps the turns at each host.
        wait: Waits some seconds, showing the reason.
        clock: Tells the instant.
    """

    pacer: Pacer
    wait: Callable[[float, str], None]
    clock: Callable[[], datetime]

    def keep_pace(self, host: str, pace: float, limits: Network) -> None:
        """Wait for the next turn at a host, at the slower of two paces.

        Raises:
            RateLimitedError: It put us off for longer than we are willing to wait, and is not asked.
        """
        seconds = self.pacer.put_off_for(host)
        if seconds > limits.patience:
            raise RateLimitedError(
                f"{host} asked earlier to be left alone for some time, of which {math.ceil(seconds)} seconds are left; "
                f"this run waits for at most {limits.patience:g}. It was not asked again; go on later."
            )
        seconds = self.pacer.turn(host, max(pace, limits.pace))
        if seconds > _SHOWN:
            self.wait(seconds, f"The next turn at {host}")
        elif seconds:
            time.sleep(seconds)

    def heed_limit(self, capture: Capture) -> None:
        """Leave a host alone that says that nothing is left to be asked, until it says that there is."""
        told = {name.casefold(): value for name, value in capture.headers}
        seconds = seconds_until_reset(told, self.clock())
        if seconds and capture.status not in LATER:
            self.pacer.postpone(host_of(capture.url), seconds)

    def check_retry(self, capture: Capture, seconds: float, limits: Network, *, fresh: bool) -> None:
        """Check that we are willing to wait as long as an answer asks; one that is not ``fresh`` asked it long ago.

        Raises:
            RateLimitedError: We are not.
        """
        if seconds > limits.patience:
            if fresh:
                self.pacer.postpone(host_of(capture.url), seconds)
            raise RateLimitedError(
                f"{host_of(capture.url)} asks to come back in {seconds:g} seconds (exhibit {capture.exhibit}, status "
                f"{capture.status}); this run waits for at most {limits.patience:g}. What was collected "
                "stays; go on later with case.resume()."
            )

    def wait_to_retry(self, host: str, status: int, seconds: float) -> None:
        """Wait as long as a host asks; nobody else of this user asks it meanwhile."""
        with self.pacer.waiting(host, seconds):
            self.wait(seconds, f"{host} asks us to wait (status {status})")


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
