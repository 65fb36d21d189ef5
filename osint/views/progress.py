"""What a person sees while something takes time: one bar for terminal and notebook."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from operator import length_hint
from typing import Any, TypeVar

from osint.capture.attended import is_attended, tell

Item = TypeVar("Item")
PLAIN_EVERY_S = 10


def countdown(seconds: float, reason: str) -> None:
    """Wait, showing the reason and the seconds that are left; one plain line where nobody watches."""
    if is_attended():
        for left in range(math.ceil(seconds), 0, -1):
            tell(f"{reason}: {left} s")
            time.sleep(min(1.0, seconds))
        return
    if not _watched():
        sys.stderr.write(f"{reason}: {seconds:g} s\n")
        time.sleep(seconds)
        return
    whole = max(1, math.ceil(seconds))
    for _ in _tqdm(range(whole), desc=reason, unit="s"):
        time.sleep(seconds / whole)


def bar(items: Iterable[Item], what: str) -> Iterator[Item]:
    """Yield the items behind a progress bar; where nobody watches, with a plain line every :data:`PLAIN_EVERY_S`.

    What ends sooner writes none. A line is written between two items, so one slow item delays it.
    """
    if _watched():
        yield from _tqdm(items, desc=what)
    else:
        yield from _with_plain_lines(items, what)


@contextmanager
def counter() -> Iterator[Callable[[str, int, int], None]]:
    """Give what is told that of something so many of so many are done, and shows it as :func:`bar` does."""
    if not _watched():
        said = [time.monotonic()]
        yield lambda what, done, whole: _plain(what, done, whole, said)
        return
    with _tqdm() as shown:

        def tell_of(what: str, done: int, whole: int) -> None:
            shown.set_description(what, refresh=False)
            shown.total = whole
            shown.update(done - shown.n)

        yield tell_of


def _tqdm(items: Iterable[Any] | None = None, **told: Any) -> Any:
    """Return a bar of tqdm, which is loaded for those who see one."""
    from tqdm import tqdm

    # What a notebook gets on stderr stands on red, and an empty red line is left of a bar: nothing is wrong there.
    return tqdm(items, leave=False, file=sys.stdout if _in_a_notebook() else sys.stderr, **told)


def _plain(what: str, done: int, whole: int, said: list[float]) -> None:
    if time.monotonic() - said[-1] >= PLAIN_EVERY_S:
        line(f"{what}: {done} of {whole}")
        said.append(time.monotonic())


def _with_plain_lines(items: Iterable[Item], what: str) -> Iterator[Item]:
    known = length_hint(items)
    of_all = f" of {known}" if known else ""
    said = time.monotonic()
    for done, item in enumerate(items, 1):
        yield item
        if time.monotonic() - said >= PLAIN_EVERY_S:
            line(f"{what}: {done}{of_all}")
            said = time.monotonic()


def line(text: object) -> None:
    """Show one line at once, beside the results."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _watched() -> bool:
    """Say whether a person sees a line that changes: in a terminal, or in a notebook."""
    return sys.stderr.isatty() or _in_a_notebook()


def _in_a_notebook() -> bool:
    """Say whether what is written goes to the cell of a notebook; a module that is merely loaded says nothing."""
    return type(sys.stderr).__module__.startswith("ipykernel.")
