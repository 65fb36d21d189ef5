"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What.
        state: ``ok``; ``note``: the work goes on, with less; ``fault``: to be mended before a case is kept here.
        found: What is there.
        advice: What to do, or what is missed without it; empty where there is nothing to say.
    """

    name: str
    state: Literal["ok", "note", "fault"]
    found: str
    advice: str = ""
