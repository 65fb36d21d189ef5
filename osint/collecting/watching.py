"""A watch: the same question again and again, at fixed instants, until its end, its authority's end or the keyboard.

Each check is a run like any other, with its entries, also when it finds nothing. A check that fails is an entry too,
and the watch goes on at its next instant, no sooner than the host asks. Nothing is held while it waits: other programs
may write to the case.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from osint import render
from osint.activity import Post, from_json
from osint.capture.door import Door
from osint.capture.patience import LATER, seconds_until_retry
from osint.capture.preserved import preserved
from osint.chain_of_custody.ledger import Ledger
from osint.collecting.comparison import telling
from osint.collecting.run import Collected
from osint.collectors.protocol import Stop
from osint.errors import AuthorizationError, OsintError, QueryError
from osint.instants import day_bounds, format_instant
from osint.store.store import Store

_EVERY = re.compile(r"\s*(\d{1,6})\s*(s|min|m|h|d)\s*\Z")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_LONGEST_WAIT = 86_400.0  # seconds that a host may put a check off for, as it may put off every other request
_NAP = 60.0  # seconds; a machine that was asleep notices within so many that its instant has passed

Collect = Callable[[], Collected]
Wait = Callable[[float], None]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check of a watch.

    Attributes:
        number: Counted from 1.
        started: When it began.
        posts: How many posts it showed within the period.
        new: How many of them this case did not hold.
        edited: How many tell something else than when they were last seen.
        stop: Why its run ended.
        detail: What went wrong, in words; empty when nothing did.
        run: The run in the ledger.
        entries: The first and the last entry of the ledger.
        wait: Seconds for which the host is left alone behind it, as it asked; a day at most.
    """

    number: int
    started: datetime
    posts: int
    new: int
    edited: int
    stop: Stop
    detail: str
    run: str
    entries: tuple[int, int]
    wait: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether it did not come to an end of its own."""
        return bool(self.detail)

    @property
    def said(self) -> str:
        """What went wrong, and how long the host is left alone for it."""
        waiting = f"The host asks to come back later: no check for {self.wait:g} seconds (a day is the longest)."
        return " ".join(filter(None, (self.detail, waiting if self.wait else "")))

    def __str__(self) -> str:
        first, last = self.entries
        found = f"{self.posts} posts, {self.new} new, {self.edited} edited"
        told = found if self.new or self.edited or self.failed else f"{found}: nothing new"
        line = f"{format_instant(self.started)}  check {self.number}: {told}; {self.run}, entries {first}-{last}"
        return render.visible_lines(f"{line}\n    {self.said}" if self.said else line)


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a watch saw.

    Attributes:
        checks: Its checks, in order.
        ended: Why it ended, in a sentence.
        interrupted: Whether that was the keyboard.
    """

    checks: tuple[Check, ...]
    ended: str
    interrupted: bool = False

    @property
    def summary(self) -> str:
        """How many checks there were, what came of them together, and why the watch ended."""
        failed = sum(check.failed for check in self.checks)
        new, edited = (sum(getattr(check, name) for check in self.checks) for name in ("new", "edited"))
        total = f"Checks: {len(self.checks)}, of which {failed} failed. Posts: {new} new, {edited} edited."
        return f"{total}\n{self.ended}"

    def __str__(self) -> str:
        return render.visible_lines("\n".join([*map(str, self.checks), self.summary]))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        rows = [
            (check.number, format_instant(check.started), check.posts, check.new, check.edited, check.run, check.said)
            for check in self.checks
        ]
        headings = ("check", "started", "posts", "new", "edited", "run", "what went wrong")
        return render.bundle(str(self), render.heading(self.ended) + render.table(rows, headings))

    __repr__ = __str__


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When checks are due: at the start, and then at whole multiples of the interval after it, which never drifts.

    Attributes:
        every: Seconds from one check to the next.
        times: How many checks at most; None for no bound.
        ends: The last instant at which one may begin; None for no bound.
    """

    every: float
    times: int | None = None
    ends: datetime | None = None

    def after(self, start: datetime, present: datetime, not_before: datetime) -> datetime:
        """Return the next instant behind the present one, and not before the given one; missed ones are left out."""
        passed = max((present - start).total_seconds(), 0.0)
        asked = (not_before - start).total_seconds()
        number = max(math.floor(passed / self.every) + 1, math.ceil(asked / self.every))
        return start + timedelta(seconds=number * self.every)


def make_schedule(every: str, *, times: int | None, ends: str | None, shortest: float) -> Schedule:
    """Read a schedule as a person writes it: every ``30m``, ``2h``, ``90s`` or ``1d``.

    Raises:
        QueryError: It cannot be read, or asks the host more often than the network settings allow.
    """
    spelt = _EVERY.match(every)
    seconds = float(spelt[1]) * _SECONDS[spelt[2]] if spelt else 0.0
    if not seconds:
        raise QueryError(f"{every!r} is no interval; write it as 90s, 30m, 2h or 1d.")
    if seconds < shortest:
        raise QueryError(
            f"Every {every} is too often: checks are at least {shortest:g} seconds apart, out of courtesy to the host "
            "(watch_pace in the network settings)."
        )
    if times is not None and times < 1:
        raise QueryError(f"{times} checks are none; leave times out, or ask for at least 1.")
    try:
        return Schedule(every=seconds, times=times, ends=day_bounds(None, ends)[1])
    except ValueError as error:
        raise QueryError(f"The end of the watch cannot be read: {error}.") from error


@dataclass
class Watching:
    """One watch on one case.

    Attributes:
        collect: Makes one check; a run, with all its entries.
        wait: Waits so many seconds; the keyboard may break it off.
        told: Is shown each check when it is over.
    """

    ledger: Ledger
    door: Door
    store: Store
    collect: Collect
    schedule: Schedule
    wait: Wait
    told: Callable[[Check], None]
    _checks: list[Check] = field(default_factory=list)
    _known: dict[str, str] = field(default_factory=dict)

    def watch(self) -> Watched:
        """Check until the end, and return what was seen.

        Raises:
            AuthorizationError: The first check is not under authority. The refusal is in the ledger.
            OsintError: The case itself cannot go on: a full disk, a damaged ledger.
        """
        interrupted = False
        try:
            ended = self._checks_until_the_end()
        except KeyboardInterrupt:
            ended, interrupted = "Ended from the keyboard. What was preserved stays.", True
        return Watched(checks=tuple(self._checks), ended=ended, interrupted=interrupted)

    def _checks_until_the_end(self) -> str:
        """Check at each instant of the schedule; return why there are no more, in a sentence."""
        start = due = self.door.clock()
        self._known = {post.id: telling(post) for post in self._posts(None)}
        while not self._is_past(due):
            self._sleep_until(due)
            if ended := self._check():
                return ended
            if len(self._checks) == self.schedule.times:
                return "As many checks were made as were asked for."
            present = self.door.clock()
            due = self.schedule.after(start, present, present + timedelta(seconds=self._checks[-1].wait))
        assert self.schedule.ends is not None
        return f"The end that was asked for is reached: {format_instant(self.schedule.ends)}."

    def _is_past(self, due: datetime) -> bool:
        return self.schedule.ends is not None and due > self.schedule.ends

    def _sleep_until(self, due: datetime) -> None:
        while (left := (due - self.door.clock()).total_seconds()) > 0:
            self.wait(min(left, _NAP))

    def _check(self) -> str:
        """Make one check; return why the watch ends with it, or an empty text."""
        started = self.door.clock()
        try:
            found = self.collect()
        except OsintError as error:
            if error.result is None and isinstance(error, AuthorizationError) and self._checks:
                return f"No authority is in force for it any more; the refusal is in the ledger. {error}"
            if error.result is None:  # nothing was asked, or the case itself cannot go on
                raise
            found = error.result
        self._note(started, found)
        if isinstance(found.error, AuthorizationError):
            return f"The authority came to its end during a check. {found.error}"
        if found.stop is Stop.CANCELLED:
            raise KeyboardInterrupt
        return ""

    def _note(self, started: datetime, found: Collected) -> None:
        """Count what a run showed, remember it for the next one, and tell of it."""
        posts = {post.id: post for post in self._posts(self._exhibits(found))}
        told = {name: telling(post) for name, post in posts.items()}
        new = told.keys() - self._known.keys()
        check = Check(
            number=len(self._checks) + 1,
            started=started,
            posts=found.posts,
            new=len(new),
            edited=sum(told[name] != self._known[name] for name in told.keys() - new),
            stop=found.stop,
            detail=str(found.error or found.detail) if found.error or found.stop is Stop.ERROR else "",
            run=found.run,
            entries=found.entries,
            wait=self._asked_to_wait(found),
        )
        self._known |= told
        self._checks.append(check)
        self.told(check)

    def _exhibits(self, found: Collected) -> set[str]:
        entries = list(self.ledger.entries())
        return {known.exhibit for known in preserved(entries, [entries[found.entries[0]].leaf.hex()])}

    def _posts(self, exhibits: set[str] | None) -> Iterator[Post]:
        """Yield the posts that the tables hold of these exhibits, or of all."""
        for body in self.store.records("post"):
            if exhibits is None or body["exhibit"] in exhibits:
                yield cast("Post", from_json("post", body))

    def _asked_to_wait(self, found: Collected) -> float:
        """Return how many seconds the host asked to be left alone for in a check; 0 when it did not, a day at most."""
        entries = list(self.ledger.entries())
        exhibits = preserved(entries, [entries[found.entries[0]].leaf.hex()])
        if not exhibits or exhibits[-1].status not in LATER or exhibits[-1].purged:
            return 0.0
        return min(seconds_until_retry(self.door.read(exhibits[-1]), self.door.clock(), 1), _LONGEST_WAIT)
