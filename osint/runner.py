"""Bulk work: one function over many items, results in the order of the items, whatever the number of workers.

The seam is :class:`Runner`. On one computer it is a loop or a pool of processes; a cluster brings its own
``concurrent.futures`` executor and the same contract: the same results in the same order, also after a worker died.
"""

from __future__ import annotations

import functools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import Protocol, TypeVar

from osint.errors import OsintError

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_LOSSES_ALLOWED = 2
_BATCHES_PER_WORKER = 3


class Runner(Protocol):
    """Applies a function to many items."""

    def map(
        self, function: Callable[[_Item], _Result], items: Iterable[_Item], *, chunk: int = 16
    ) -> Iterator[_Result]:
        """Yield ``function(item)`` for each item, in the order of the items.

        The function is called at least once per item: when a worker dies, its items are worked on again. So it must
        depend on its item alone and change nothing. What it raises reaches the caller at that item's turn.

        Args:
            function: A function that a module defines at its top level.
            items: Read as the work proceeds, never all at once.
            chunk: Items handed to a worker together; larger saves time when one item takes little.

        Raises:
            OsintError: Workers keep dying over the same items, or the function cannot be sent to a worker.
        """
        ...


class SerialRunner:
    """Works in this process, one item after the other."""

    def map(
        self, function: Callable[[_Item], _Result], items: Iterable[_Item], *, chunk: int = 16
    ) -> Iterator[_Result]:
        """Yield ``function(item)`` for each item. See :meth:`Runner.map`."""
        _check_chunk(chunk)
        return map(function, items)


class ProcessRunner:
    """Works in several processes of this computer."""

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise OsintError(f"{workers} workers cannot work; ask for at least 1.")
        self.workers = workers

    def map(
        self, function: Callable[[_Item], _Result], items: Iterable[_Item], *, chunk: int = 16
    ) -> Iterator[_Result]:
        """Yield ``function(item)`` for each item, in the order of the items. See :meth:`Runner.map`."""
        _check_chunk(chunk)
        importable_name(function.func if isinstance(function, functools.partial) else function)
        return _results(self.workers, function, _batches(items, chunk))


def make_runner(workers: int | None = None) -> Runner:
    """Return a runner for so many workers; without a number, one for each processor of this computer."""
    count = workers if workers is not None else os.cpu_count() or 1
    return SerialRunner() if count == 1 else ProcessRunner(count)


def importable_name(function: Callable[..., object]) -> tuple[str, str]:
    """Return the module and the name under which another process finds a function.

    Raises:
        OsintError: The function is defined in a notebook cell or inside another function.
    """
    module = getattr(function, "__module__", None)
    name = getattr(function, "__qualname__", "")
    if not module or module == "__main__" or not name or "<" in name:
        raise OsintError(
            f"The function {name or function!r} cannot be sent to another process, because that process cannot "
            "import it. Define it at the top level of a module, not in a notebook cell or inside a function."
        )
    return module, name


def _results(workers: int, function: Callable[[_Item], _Result], batches: Iterator[list[_Item]]) -> Iterator[_Result]:
    pool = _pool(workers)
    running: deque[tuple[list[_Item], Future[list[_Result]] | None]] = deque()
    done = losses = 0
    try:
        while True:
            running.extend((batch, None) for batch in islice(batches, _BATCHES_PER_WORKER * workers - len(running)))
            if not running:
                return
            try:
                running = deque((batch, future or pool.submit(_apply, function, batch)) for batch, future in running)
                results = _first_result(running)
            except BrokenProcessPool as error:
                losses += 1
                _check_losses(losses, done, sum(len(batch) for batch, _ in running), error)
                pool.shutdown()
                pool = _pool(workers)
                running = deque((batch, future if _has_result(future) else None) for batch, future in running)
                continue
            running.popleft()
            done, losses = done + len(results), 0
            yield from results
    finally:
        pool.shutdown(cancel_futures=True)


def _pool(workers: int) -> ProcessPoolExecutor:
    # Spawned, never forked: a notebook's process has threads, and a fork would copy their held locks.
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


def _apply(function: Callable[[_Item], _Result], batch: list[_Item]) -> list[_Result]:
    return [function(item) for item in batch]


def _first_result(running: deque[tuple[list[_Item], Future[list[_Result]] | None]]) -> list[_Result]:
    future = running[0][1]
    assert future is not None
    return future.result()


def _has_result(future: Future[list[_Result]] | None) -> bool:
    return future is not None and future.done() and not future.cancelled() and future.exception() is None


def _batches(items: Iterable[_Item], chunk: int) -> Iterator[list[_Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, chunk)):
        yield batch


def _check_chunk(chunk: int) -> None:
    if chunk < 1:
        raise OsintError(f"A chunk of {chunk} items holds no work; ask for at least 1.")


def _check_losses(losses: int, done: int, running: int, error: BaseException) -> None:
    if losses > _LOSSES_ALLOWED:
        raise OsintError(
            f"A worker process died {losses} times while working on items {done} to {done + running - 1} (counted "
            f"from 0); the results of the {done} items before them were handed over and stand. One of these items "
            "ends the process that reads it, or the memory does not suffice: repeat with one worker to see which."
        ) from error
