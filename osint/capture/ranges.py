"""The rest of a file that broke off: when it may be asked for, and which answers make one file.

Only a strong ETag says that two answers show the same bytes (RFC 9110, 8.8.1), and only ``If-Range`` has the server see
to it. Everything here is told from what was captured, so reading the evidence again gives the same file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from osint.capture.entity import announced, is_chunked
from osint.capture.exchange import Capture
from osint.capture.patience import LATER
from osint.capture.preserve import CUT

if TYPE_CHECKING:
    from osint.capture.door import Door
    from osint.capture.errand import Errand

_BROKE_OFF = f"{CUT} (disconnect)."
_STRONG = re.compile(r'"[^"\x00-\x20\x7f]*"')
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")


class Rest(NamedTuple):
    """What is sent to get the rest of a file, and the exhibit that broke off."""

    headers: Mapping[str, str]
    continues: str


class Assembled(NamedTuple):
    """The answers that make one file, in order, and what is to be said of the others: (exhibit, sentence)."""

    parts: Sequence[Capture]
    told: Sequence[tuple[str, str]]

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the file, in sentences; empty when it is whole."""
        if len(self.parts) < 2:
            return tuple(problem for part in self.parts for problem in part.problems)
        size, came = announced(self.parts[0].headers), _length(self.parts)
        return (
            () if came == size else (*self.parts[-1].problems, f"Of {size} bytes, {came} came in all parts together.")
        )


def fetch(door: Door, errand: Errand, url: str) -> None:
    """Ask for a file; where it breaks off, ask for the rest as often as the network's attempts allow.

    Every answer is an exhibit of its own, in ``errand.made``.

    Raises:
        CaptureError: As for ``Door.get``, for the file or for its rest.
    """
    start = len(errand.made)
    door.get(errand, url)
    try:
        for _ in range(door.network.attempts):
            rest = rest_of(assemble(errand.made[start:]).parts, door.network.media_limit)
            if rest is None or rest == errand.rest:
                return
            errand.rest = rest
            door.get(errand, url)
    finally:
        errand.rest = None


def assemble(answers: Iterable[Capture]) -> Assembled:
    """Return the parts of the last version of a file that its address showed; a redirect is only the way to it."""
    parts: list[Capture] = []
    told: list[tuple[str, str]] = []
    for answer in answers:
        if answer.is_redirect or (answer.continues and parts and answer.status in LATER):
            continue
        if not answer.continues or not parts:
            parts, told = [answer], []
        elif not (misfit := _misfit(parts, answer)):
            parts.append(answer)
        elif answer.status == 200:
            told.append(
                (answer.exhibit, f"The rest of {parts[0].exhibit} was asked for, and {misfit}: it stands alone.")
            )
            parts = [answer]
        else:
            told.append((answer.exhibit, f"It is no rest of {parts[0].exhibit}, since {misfit}; it was not joined."))
    return Assembled(parts, told)


def rest_of(parts: Sequence[Capture], most: int) -> Rest | None:
    """Return how to ask for the rest of a file of at most so many bytes; None when it is whole, or cannot be told."""
    cuts = {problem for part in parts for problem in part.problems if problem.startswith(CUT)}
    if not parts or parts[0].status != 200 or cuts != {_BROKE_OFF}:  # and none at a limit of ours
        return None
    first, at = parts[0], _length(parts)
    etag, size = first.header("ETag") or "", announced(first.headers)
    ranges = (first.header("Accept-Ranges") or "").casefold() == "bytes"
    plain = not (is_chunked(first.headers) or first.header("Content-Encoding"))
    if not (ranges and plain and _STRONG.fullmatch(etag) and size and 0 < at < size <= most):
        return None
    return Rest({"Range": f"bytes={at}-", "If-Range": etag}, parts[-1].exhibit)


def _misfit(parts: Sequence[Capture], answer: Capture) -> str:
    """Say why an answer does not go on where the parts end; nothing when it does."""
    etag = parts[0].header("ETag")
    if answer.url != parts[0].url:
        return "another address answered, and an ETag holds for its own address alone"
    if answer.status == 200:
        return "the server sent the whole again" if answer.header("ETag") == etag else "the server sent another version"
    if answer.status != 206:
        return f"the server answered with status {answer.status}"
    if answer.header("ETag") != etag:
        return f"its ETag is {answer.header('ETag')} and that of the first part {etag}"
    dates = {parts[0].header("Last-Modified"), answer.header("Last-Modified")} - {None}
    if len(dates) > 1:
        return "its Last-Modified is not that of the first part"
    return "it is packed and the first part is not" if answer.header("Content-Encoding") else _misplaced(parts, answer)


def _misplaced(parts: Sequence[Capture], answer: Capture) -> str:
    """Say why the bytes that an answer states are not those that were missing; nothing when they are."""
    at, size = _length(parts), announced(parts[0].headers) or 0
    stated = _RANGE.fullmatch(answer.header("Content-Range") or "")
    if not stated:
        return "it does not state which bytes it holds"
    start, last, whole = map(int, stated.groups())
    if (start, whole) != (at, size) or not at <= last < whole:
        return f"it states the bytes {stated[0][6:]}, and {at}-{size - 1}/{size} were missing"
    if not 0 < (answer.length or 0) <= last + 1 - start:
        return f"it states {last + 1 - start} bytes and holds {answer.length}"
    return ""


def _length(parts: Iterable[Capture]) -> int:
    return sum(part.length or 0 for part in parts)
