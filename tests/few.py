"""Cases of which every run tries a few, and ``make test-exhaustive`` the rest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def few(cases: Iterable[Any], count: int) -> list[Any]:
    """Return all cases for ``parametrize``; every run tries ``count`` of them, spread over the whole list."""
    every = list(cases)
    tried = {position * len(every) // count for position in range(count)}
    return [each if place in tried else _rest(each) for place, each in enumerate(every)]


def _rest(case: Any) -> Any:
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.exhaustive)
