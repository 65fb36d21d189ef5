"""What a person sees while something takes time: one bar for terminal and notebook."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")


def countdown(seconds: float, reason: str) -> None:
    """Wait, showing the reason and the seconds that are left; one plain line where nobody watches."""
    if not _watched():
        sys.stderr.write(f"{reason}: {seconds:g} s\n")
        time.sleep(seconds)
        return
    whole = max(1, math.ceil(seconds))
    for _ in tqdm(range(whole), desc=reason, unit="s", leave=False, file=sys.stderr):
        time.sleep(seconds / whole)


def bar(items: Iterable[Item], what: str) -> Iterator[Item]:
    """Yield the items behind a progress bar; silent where nobody watches."""
    yield from tqdm(items, desc=what, leave=False, file=sys.stderr, disable=not _watched())


def line(text: object) -> None:
    """Show one line at once, beside the results."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _watched() -> bool:
    """Say whether a person sees a line that changes: in a terminal, or in a notebook."""
    return sys.stderr.isatty() or "ipykernel" in sys.modules
