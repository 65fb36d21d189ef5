"""Instants as views spell them: in UTC, and beside it in the zone of a place, by its name."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from osint.errors import CaseError
from osint.instants import format_instant


def zone_of(name: str) -> ZoneInfo | None:
    """Return the zone of that name; None for an empty one, which stands for UTC alone.

    Raises:
        CaseError: There is no such zone.
    """
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CaseError(f"There is no time zone {name!r}; write one as America/Chicago or Europe/Berlin.") from error


def in_utc(value: Any) -> str:
    """Return an instant of a table in UTC; empty where there is none."""
    return "" if pd.isna(value) else format_instant(_instant(value))


def in_zone(value: Any, zone: ZoneInfo) -> str:
    """Return it as clocks in a zone show it, with their offset: ``2026-06-01 05:00:00 -05:00 CDT``."""
    if pd.isna(value):
        return ""
    local = _instant(value).astimezone(zone)
    return f"{local.isoformat(' ', 'seconds')[:19]} {local.isoformat()[-6:]} {local.tzname()}"


def _instant(value: Any) -> datetime:
    instant: datetime = value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
    return instant
