"""How a call in the sandbox ended, in words."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass
from typing import Any, Literal

CLOCK_PER_CPU_SECOND = 3  # a busy computer gives a worker a fraction of a processor

State = Literal["ok", "refused", "timeout", "killed", "raised"]


class RefusalError(Exception):
    """A reader raises this over content that it will not read: a guard that declines, which is not a failure."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a call in the sandbox ended.

    Attributes:
        state: ``ok``; ``refused``: the function raised :class:`RefusalError`; ``raised``: it raised anything else;
            ``timeout``: it was stopped at its limit of processor or wall-clock time; ``killed``: the worker died.
        value: What the function returned, in JSON values (a tuple comes back as a list); None unless ``ok``.
        detail: What was raised, which limit was reached, or which signal or exit code ended the worker.
        isolation: The layers that held, and after ``without`` those that this computer does not have:
            ``rlimits + seccomp + Landlock + no network; without bwrap``.
    """

    state: State
    value: Any = None
    detail: str = ""
    isolation: str


def clock_limit(seconds: float) -> str:
    return f"stopped after {CLOCK_PER_CPU_SECOND * seconds:g} s by the clock"


def ending(code: int, seconds: float) -> tuple[State, str]:
    """Return state and detail of a worker that ended without an answer; the code is negative for a signal."""
    if code >= 0:
        return "killed", f"the worker ended with exit code {code}"
    if sys.platform != "win32" and code == -signal.SIGXCPU:
        return "timeout", f"stopped after {seconds:g} s of processor time"
    return "killed", f"the worker was ended by {signal_name(-code)}"


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def layers_in_words(present: list[str], missing: list[str]) -> str:
    held = " + ".join(present) or "process only"
    return f"{held}; without {', '.join(missing)}" if missing else held
