"""The clock of the recording machine, as the entries show it: whether it was set back on the way.

Each entry holds the time of day and a clock that is never set. Within one run of the machine the two advance together
(a machine asleep makes the time of day gain on it, never lose); from one run to the next the time of day still goes
forward. A clock set back is no proof of anything: it is named, so that someone can ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

TOLERANCE = timedelta(minutes=5)


class ClockState(NamedTuple):
    """The time of day of the latest entry, and for each run of the machine its steady clock beside the time of day.

    ``shown`` is in UTC milliseconds since 1970; ``runs`` maps a boot to (steady, shown), both in milliseconds.
    """

    shown: int = 0
    runs: Mapping[str, tuple[int, int]] = {}


class Clock:
    """Watches the entries pass, in their order."""

    def __init__(self, state: ClockState | None = None) -> None:
        self.set_back: list[str] = []
        self._shown = state.shown if state else 0
        self._runs = dict(state.runs) if state else {}

    @property
    def state(self) -> ClockState:
        """What to go on from."""
        return ClockState(self._shown, dict(self._runs))

    def take(self, facts: Mapping[str, Any], place: int) -> None:
        """Look at one entry."""
        shown = int(datetime.fromisoformat(facts["end_time"]).timestamp() * 1000)
        lost = self._shown - shown
        match facts["clock"]:
            case {"boot": str(boot), "monotonic_ms": int(steady)}:
                if boot in self._runs:
                    before = self._runs[boot]
                    lost = (steady - before[0]) - (shown - before[1])
                self._runs = {boot: (steady, shown)}
        if lost > TOLERANCE.total_seconds() * 1000:
            spell = timedelta(seconds=lost // 1000)
            self.set_back.append(f"The clock was set back by {spell} before entry {place} was written.")
        self._shown = max(shown, self._shown - max(lost, 0)) if lost > 0 else max(self._shown, shown)
