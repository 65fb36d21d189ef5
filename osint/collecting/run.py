"""One run of a collector: page after page until it ends, with the reason and a statement of what that covers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from osint import render
from osint.activity import ParseWarning, Post, Record
from osint.capture.exchange import Capture
from osint.collectors.protocol import Collector, Get, Stop
from osint.errors import AuthorizationError, CaptureError, OsintError, QueryError, SourceError, UnreadableCaptureError
from osint.query import Query, describe, in_period

Keep = Callable[[Capture, Sequence[Record]], None]

_STATEMENTS = {
    Stop.EXHAUSTED: "Complete: the source had no more to show for this query.",
    Stop.LIMIT: "Not complete: the run reached the limit that was asked for.",
    Stop.UNTIL_DATE: "The run went back to the start of the period asked for; posts removed or hidden before the "
    "capture are not in it.",
    Stop.PLATFORM_CAP: "Not complete: the source shows no more than this, though it may hold more.",
    Stop.RATE: "Not complete: the source asked us to come back later.",
    Stop.QUOTA: "Not complete: the quota of the source is used up.",
    Stop.BUDGET: "Not complete: the budget for this run is used up.",
    Stop.BLOCKED: "Not complete: the source showed a challenge or a block page.",
    Stop.AUTH: "Not complete: the source shows this to signed-in visitors only.",
    Stop.GONE: "Not complete: the source says that this does not exist, or no longer.",
    Stop.ERROR: "Not complete: the run ended in an error.",
    Stop.CANCELLED: "Not complete: the run was cancelled.",
}


@dataclass(frozen=True, kw_only=True)
class Ending:
    """Why a run ended: the reason, the words for it, and the error when one ended it."""

    stop: Stop
    detail: str = ""
    error: OsintError | None = None


@dataclass(frozen=True, kw_only=True)
class Collected:
    """The result of a run. ``stop`` and ``statement`` say how far it covers what was asked."""

    collector: str
    query: Query
    captures: int
    posts: int
    outside_period: int
    warnings: int
    stop: Stop
    detail: str
    entries: tuple[int, int]
    run: str
    error: OsintError | None = None

    @property
    def statement(self) -> str:
        """What the run covers, in a sentence; only an exhausted run says "complete"."""
        return statement(self.stop)

    def __str__(self) -> str:
        first, last = self.entries
        entries = f"ledger entry {first}" if first == last else f"ledger entries {first}-{last}"
        lines = [
            f"{_count(self.captures, 'capture')}, {_count(self.posts, 'post')}, {_count(self.warnings, 'warning')}; "
            f"{entries}",
            f"{self.collector} {describe(self.query)}",
            f"{self.statement} (stop reason: {self.stop})",
        ]
        if self.outside_period:
            lines.append(f"{_count(self.outside_period, 'post')} outside the period asked for, kept as evidence only.")
        if self.detail:
            lines.append(self.detail)
        if self.stop in (Stop.CANCELLED, Stop.RATE, Stop.QUOTA, Stop.ERROR):
            lines.append(f"Go on from here: case.resume({self.run!r})")
        return render.visible_lines("\n".join(lines))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.headed_bundle(str(self))

    __repr__ = __str__


def statement(stop: Stop | None) -> str:
    """Return what a run covers, in a sentence; None is a run that was interrupted."""
    return "Not complete: the run was interrupted." if stop is None else _STATEMENTS[stop]


def run_pages(collector: Collector, query: Query, get: Get, keep: Keep) -> Ending:
    """Ask a collector for its pages, read each, hand both to ``keep``, and say why it ended.

    What the source or the network refuses ends the run with its reason; it never ends it in silence.
    """
    pages = collector.pages(query, get)
    seen: set[str] = set()
    broken: list[str] = []
    try:
        while query.limit is None or len(seen) < query.limit:
            try:
                capture = next(pages)
            except StopIteration as end:
                return _ended(end.value, broken)
            records, whole = read_page(collector, capture)
            if not whole:
                broken.append(capture.exhibit)
            keep(capture, records)
            seen |= {record.id for record in records if isinstance(record, Post) and in_period(record.published, query)}
    except (SourceError, CaptureError) as error:
        return Ending(stop=Stop(error.stop), detail=str(error), error=error)
    except (UnreadableCaptureError, AuthorizationError, QueryError) as error:
        return Ending(stop=Stop.ERROR, detail=str(error), error=error)
    except KeyboardInterrupt as stopped:
        where = str(stopped) or "from the keyboard"
        return Ending(stop=Stop.CANCELLED, detail=f"Cancelled {where}; every finished page is kept.")
    finally:
        pages.close()
    return _ended(Stop.LIMIT, broken)


def _ended(stop: Stop, broken: Sequence[str]) -> Ending:
    """Return the ending of a run whose pages came to an end; a page that is not whole may have held more."""
    if not broken:
        return Ending(stop=stop)
    return Ending(
        stop=Stop.ERROR,
        detail=f"Exhibits that are not whole or cannot be read: {', '.join(broken)}. They may have held more posts, "
        "and the way to more pages. The warnings say what is wrong with each.",
    )


def read_page(collector: Collector, capture: Capture) -> tuple[list[Record], bool]:
    """Read one capture: its records, and whether it could be read whole.

    A capture that cannot be read at all becomes a warning record.
    """
    try:
        return collector.parse(capture), not capture.problems
    except UnreadableCaptureError as error:
        what = f"It cannot be read as {error.expected}" + (f" ({error.reason})." if error.reason else ".")
        effect = "No post was taken from it; the bytes are preserved."
        return [ParseWarning(exhibit=capture.exhibit, pointer="", what=what, effect=effect)], False


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
