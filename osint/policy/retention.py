"""When a record is due: periods and dates, nothing else. No clock, no files, no network."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from osint.errors import PolicyError
from osint.policy.pack import Pack, RetentionClass

INTELLIGENCE = "R5"
"""The class of what is shared as criminal intelligence. It is validated or purged, and locks when its time is over."""


def class_named(pack: Pack, name: str) -> RetentionClass:
    """Return a retention class of a pack.

    Raises:
        PolicyError: It has none of this name; names those that it has.
    """
    if name not in pack.retention:
        raise PolicyError(f"There is no retention class {name!r}; there are {', '.join(pack.retention)}.")
    return pack.retention[name]


def class_for(pack: Pack, purpose: str) -> RetentionClass:
    """Return the class that exhibits of a purpose have until somebody says otherwise.

    Raises:
        PolicyError: The pack names none.
    """
    found = next((each for each in pack.retention.values() if purpose in each.purposes), None)
    if found is None:
        raise PolicyError(f"The policy pack {pack.name} {pack.version} has no retention class for {purpose!r}.")
    return found


def disposition_date(
    period: RetentionClass, since: datetime | None, restarts: Iterable[datetime] = ()
) -> datetime | None:
    """Return when the period of a class is over; None while its event has not happened, and where it has no end.

    Args:
        period: The class.
        since: When the clock started.
        restarts: Instants at which it started anew. It is never set back.
    """
    if since is None or period.unit == "permanent":
        return None
    start = max([since, *restarts])
    return start + timedelta(days=period.value) if period.unit == "days" else years_later(start, period.value)


def years_later(start: datetime, years: int) -> datetime:
    """Return the same day some years later; of 29 February, 1 March where that year has none."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return start.replace(year=start.year + years, month=3, day=1)
