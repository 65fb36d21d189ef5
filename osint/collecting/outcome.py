"""What an answer to a second visit is: there, gone, behind a wall, or nothing that can be compared.

Pure functions of a capture, so that reading a visit again years later gives the same rows.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from osint.activity import ParseWarning, Record
from osint.capture.exchange import Capture
from osint.collecting.run import read_page
from osint.collectors.answer import read_json, refuse
from osint.collectors.protocol import Collector, Stop
from osint.collectors.quality import asks_to_sign_in
from osint.errors import RateLimitedError, SourceError, UnreadableCaptureError


class Outcome(StrEnum):
    """What a second visit found."""

    UNCHANGED = "unchanged"
    EDITED = "edited"
    GONE = "gone"
    MOVED = "moved"
    WALLED = "walled"
    UNREADABLE = "unreadable"
    FAILED = "failed"


MEANINGS = {
    Outcome.UNCHANGED: "The address shows the same; the basis says what is the same.",
    Outcome.EDITED: "The address shows something else than before; the differences are listed.",
    Outcome.GONE: "The server says that it is not there, or no longer (404, 410).",
    Outcome.MOVED: "The address leads to another one, which shows none of it.",
    Outcome.WALLED: "A challenge, a block or a sign-in page stands in its place. Whether it exists is not known.",
    Outcome.UNREADABLE: "The two cannot be compared: one is not whole, or an error page or something else came.",
    Outcome.FAILED: "Nothing came: the network, the host or the limits of this workstation refused.",
}
"""What each outcome says, in a sentence; it speaks of the instant of the visit and of nothing later."""

STOPS = {
    Outcome.UNCHANGED: Stop.LIMIT,  # one address was asked for, which says nothing of what else the source holds
    Outcome.EDITED: Stop.LIMIT,
    Outcome.MOVED: Stop.LIMIT,
    Outcome.GONE: Stop.GONE,
    Outcome.WALLED: Stop.BLOCKED,
    Outcome.UNREADABLE: Stop.ERROR,
    Outcome.FAILED: Stop.ERROR,
}
_WORDS = {"gone": Outcome.GONE, "auth": Outcome.WALLED, "blocked": Outcome.WALLED}


class Refusal(NamedTuple):
    """An answer that does not show what was asked for."""

    outcome: Outcome
    reason: str


def refusal_in(capture: Capture) -> Refusal | None:
    """Return why an answer does not show what was asked for; None when it does, or is only the way elsewhere."""
    if capture.is_redirect:
        return None
    signing_in = asks_to_sign_in(capture)
    try:
        refuse(capture, capture.url, "sign in" if signing_in else _said(capture))
    except SourceError as error:
        return Refusal(_WORDS.get(error.stop, Outcome.UNREADABLE), str(error))
    except RateLimitedError as error:
        return Refusal(Outcome.FAILED, str(error))
    if signing_in:
        reason = f"A sign-in page stands in its place. It is preserved as exhibit {capture.exhibit}."
        return Refusal(Outcome.WALLED, reason)
    return None


def read_visit(collector: Collector, capture: Capture) -> list[Record]:
    """Read one capture of a second visit. A page that stands in the place of another gives a warning and no post."""
    if capture.is_redirect:
        return []
    refusal = refusal_in(capture)
    if refusal is None:
        return read_page(collector, capture)[0]
    effect = "No post was taken from it; the bytes are preserved."
    return [ParseWarning(exhibit=capture.exhibit, pointer="", what=refusal.reason, effect=effect)]


def _said(capture: Capture) -> str:
    """Return the reason that an interface gives in its own JSON."""
    if capture.status < 400 or capture.body.lstrip()[:1] != b"{":
        return ""
    try:
        value = read_json(capture, "a refusal")
    except UnreadableCaptureError:
        return ""
    said = value.get("error") if isinstance(value, dict) else None
    return said if isinstance(said, str) else ""
