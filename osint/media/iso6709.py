"""A point in the text form of ISO 6709, as films carry it: ``+48.8566+002.3522+035.0/``.

Source: ISO 6709:2008, annex H.
"""

from __future__ import annotations

import re
from typing import Any

from osint.places import METRES_PER_DEGREE

_POINT = re.compile(r"([+-])(\d+)(\.\d+)?([+-])(\d+)(\.\d+)?(?:([+-]\d+(?:\.\d+)?))?(?:CRS([\w:.-]{1,40}))?/?")
_WHOLE_DEGREES = {2: 1, 4: 60, 6: 3600}


def read_point(text: str) -> tuple[dict[str, Any], ...]:
    """Return the facts of a point in the text form of ISO 6709, annex H; degrees, or with minutes, or with seconds."""
    match = _POINT.fullmatch(text.strip())
    if match is None or len(match[2]) not in _WHOLE_DEGREES or len(match[5]) != len(match[2]) + 1:
        return ({"fact": "latitude", "value": None, "status": "impossible"},)
    latitude, north = _degrees(match[1], match[2], match[3], 2)
    longitude, east = _degrees(match[4], match[5], match[6], 3)
    if latitude is None or longitude is None:
        return ({"fact": "latitude", "value": None, "status": "impossible"},)
    facts: list[dict[str, Any]] = [
        {"fact": "latitude", "value": latitude, "unit": "degrees"},
        {"fact": "longitude", "value": longitude, "unit": "degrees"},
        {"fact": "position_step", "value": max(north, east), "unit": "m"},
    ]
    facts += [{"fact": "altitude", "value": float(match[7]), "unit": "m"}] if match[7] else []
    facts += [{"fact": "datum", "value": match[8]}] if match[8] else []
    return tuple(facts)


def _degrees(sign: str, whole: str, fraction: str | None, places: int) -> tuple[float | None, float]:
    """Return signed degrees and the step of their spelling in metres; ``places`` digits are whole degrees."""
    degrees, rest = int(whole[:places]), whole[places:]
    parts = [rest[at : at + 2] for at in range(0, len(rest), 2)]
    numbers = [float(degrees), *map(float, parts)]
    numbers[-1] += float(f"0{fraction or ''}")
    if any(number >= 60 for number in numbers[1:]) or numbers[0] > (90 if places == 2 else 180):
        return None, 0
    value = sum(number / 60**power for power, number in enumerate(numbers))
    step = 60.0 ** -len(parts) * 10.0 ** -max(len(fraction or "") - 1, 0) * METRES_PER_DEGREE
    return (-value if sign == "-" else value), float(f"{step:.2g}")
