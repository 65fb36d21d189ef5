"""Times as ExifTool prints them, ``2010:05:03 14:22:11.5+02:00``."""

from __future__ import annotations

import re

from osint.media.xmp_facts import clock_and_offset

_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d)(?: (\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?")


def iso(text: str) -> str:
    """Return a time in the form of ISO 8601 that XMP uses; anything else as it is."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return text
    day = f"{match[1]}-{match[2]}-{match[3]}"
    zone = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", match[5] or "")
    return f"{day}T{match[4]}{zone}" if match[4] else day


def clock_of(text: str) -> tuple[str | None, str | None]:
    """Return the clock and the offset of a time that ExifTool prints; None for what it does not have."""
    return clock_and_offset(iso(text))


def is_unset(text: str) -> bool:
    """Say whether a time is one of zeros only, or nothing."""
    return not text.strip(" 0:-")
