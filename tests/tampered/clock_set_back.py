"""The clock of the machine was set back by a day before an entry was written. There is no newer time stamp.

A clock that is wrong is no proof of anything: verification names it, so that somebody can ask, and finds no fault.
"""

from __future__ import annotations

from tampered.sample import Copy

NAMED = "The clock was set back by"


def commit(case: Copy) -> None:
    case.append("note", start_time="2026-04-30T08:00:00.000Z", end_time="2026-04-30T08:00:00.000Z")
