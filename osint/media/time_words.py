"""What a file states of a time, as a person reads it: in words and figures, never as numbers of a tag or an address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from osint.media.value import Value

IN_NAME = ", in the name of the file"


def words(time: datetime) -> str:
    """Return a time as ``2026-05-03 14:22:11``, with ``UTC`` or ``UTC+02:00`` behind it where it has a zone."""
    digits = "seconds" if not time.microsecond else "milliseconds" if not time.microsecond % 1000 else "microseconds"
    spelt = time.replace(tzinfo=None).isoformat(" ", digits)
    return spelt if time.tzinfo is None else f"{spelt} {time.tzinfo}"


def with_zone(value: Value, instant: datetime) -> str:
    """Return the instant that a value states, in the zone that is stated with it."""
    try:
        stated = datetime.fromisoformat(str(value.value))
    except ValueError:  # in a spelling of mails, which an instant may have as well
        return words(instant)
    return words(stated if stated.tzinfo else instant)


def uploaded(values: Iterable[Value], value: Value, instant: datetime) -> str:
    """Return what a platform's number in a name or an address says, with the number and where it stands.

    Args:
        values: All of the file; the platform is named by the same rule as the number.
        value: The number.
        instant: What it means.
    """
    named = (each.value for each in values if each.fact == "platform_mark" and each.name == value.name)
    meant = f"{words(instant)}, upload time of {next(named, 'a platform')}"
    return f"{meant}: {value.text} in the {value.block} of the file"
