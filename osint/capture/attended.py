"""Somebody beside a run: is told of each request before it is made, and may stop the run there.

Whoever attends raises ``KeyboardInterrupt`` to stop it, which ends it as Ctrl-C does: every finished page stays, the
ledger says that it was cancelled, and it can go on later. It concerns the thread that said so and no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Told = Callable[[str], None]

_told: ContextVar[Told | None] = ContextVar("osint attended", default=None)


@contextmanager
def attended(told: Told) -> Iterator[None]:
    """Have what this thread does in the block told to somebody, in sentences."""
    before = _told.set(told)
    try:
        yield
    finally:
        _told.reset(before)


def is_attended() -> bool:
    """Say whether somebody is told."""
    return _told.get() is not None


def tell(what: str) -> None:
    """Tell whoever attends what comes next.

    Raises:
        KeyboardInterrupt: They stop it.
    """
    if told := _told.get():
        told(what)
