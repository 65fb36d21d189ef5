"""Call a reader in a limited worker: the side of the caller, and the servers it keeps warm."""

from __future__ import annotations

import atexit
import json
import os
import pickle
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from osint.runner import importable_name
from osint.sandbox import layers
from osint.sandbox.answers import Request
from osint.sandbox.frames import ANSWER, LAYERS
from osint.sandbox.outcome import CLOCK_PER_CPU_SECOND, Outcome, clock_limit, ending
from osint.sandbox.process import ServerProcess

_START_SECONDS = 60.0
_GRACE = 30.0  # a server that forks keeps the limit of a file itself; this is for a server that is stuck
_CALLS_PER_WORKER = 100  # of a server that does not fork: bounds what one file can leave behind for the next
_MOST_IDLE = 8


def run(function: Callable[..., Any], *arguments: Any, seconds: float = 10, memory: int = 1_500_000_000) -> Outcome:
    """Call ``function(*arguments)`` in a limited worker; whatever happens there comes back as data.

    Where the first argument is the absolute path of a file, that file is all that the worker can open, beside the
    libraries of the interpreter. Calls from several threads run side by side.

    Args:
        function: A function that a module defines at its top level; it returns JSON values.
        arguments: Anything that can be pickled.
        seconds: Processor time, where the platform limits it; three times as much by the clock, everywhere.
        memory: Bytes of address space, where the platform limits it; elsewhere of memory in use, looked at often.

    Raises:
        OsintError: No worker can be started, or the function cannot be imported by another process.
    """
    (outcome,) = run_many(function, [arguments], per_child=1, seconds=seconds, memory=memory)
    return outcome


def run_many(
    function: Callable[..., Any],
    arguments: Iterable[Sequence[Any]],
    *,
    per_child: int = 20,
    seconds: float = 10,
    memory: int = 1_500_000_000,
) -> Iterator[Outcome]:
    """Yield the outcome of ``function(*each)`` for each of the arguments, in their order. See :func:`run`.

    A worker that ends over one file costs that file alone: those left are given to a new one. ``per_child`` files share
    a worker: many save the time of starting one, and put as many at the mercy of a file that takes the worker over.
    """
    module, name = importable_name(function)
    left = iter(arguments)
    while chunk := [tuple(each) for each in islice(left, per_child if layers.FORKS else 1)]:
        while chunk:
            request = Request(
                module=module,
                name=name,
                arguments=tuple(pickle.dumps(each) for each in chunk),
                files=tuple(file for each in chunk for file in _file(each)),
                seconds=seconds,
                memory=memory,
            )
            outcomes = _asked(request)
            chunk = chunk[len(outcomes) :]
            yield from outcomes


def _file(arguments: tuple[Any, ...]) -> tuple[str, ...]:
    first = arguments[0] if arguments else None
    if isinstance(first, str | os.PathLike) and os.path.isabs(first) and os.path.isfile(first):  # noqa: PTH113, PTH117
        return (os.fspath(first),)
    return ()


def _asked(request: Request) -> list[Outcome]:
    server = _take(request.module, request.memory)
    try:
        outcomes = server.ask(request)
    except BaseException:
        server.close()
        raise
    _give_back(server)
    return outcomes


class _Server:
    """One warm process for the functions of one module."""

    def __init__(self, module: str, memory: int) -> None:
        self.key = _key(module, memory)
        self.calls = 0
        self.forks = layers.FORKS
        self.isolation = ""
        self.process = ServerProcess(forks=self.forks, memory=memory, seconds=_START_SECONDS)

    def ask(self, request: Request) -> list[Outcome]:
        """Return the outcomes of the calls, in order; fewer when the server was lost over the last of them."""
        outcomes: list[Outcome] = []
        patience = CLOCK_PER_CPU_SECOND * request.seconds + (_GRACE if self.forks else 0)
        with self.process.watched(_START_SECONDS, None if self.forks else request.memory) as watch:
            self.process.send(pickle.dumps(request))
            while len(outcomes) < len(request.arguments) and (message := self.process.receive()) is not None:
                if message[:1] == LAYERS:
                    self.isolation = message[1:].decode(errors="replace")
                else:
                    outcomes.append(self._outcome(message))
                watch.allow(patience)
        self.calls += len(outcomes)
        if watch.fault or len(outcomes) < len(request.arguments):
            self.close()
        if len(outcomes) < len(request.arguments):
            outcomes.append(self._loss(watch.fault, request))
        return outcomes

    def close(self) -> None:
        self.process.close()

    @property
    def usable(self) -> bool:
        return self.process.alive and (self.forks or self.calls < _CALLS_PER_WORKER)

    def _outcome(self, message: bytes) -> Outcome:
        answer = checked_answer(message[1:], death=message[:1] != ANSWER)
        if answer is None:
            detail = "the worker's answer was not one that a worker gives"
            return Outcome(state="killed", detail=detail, isolation=self.isolation)
        return Outcome(**answer, isolation=self.isolation)

    def _loss(self, fault: str, request: Request) -> Outcome:
        if fault == "clock":
            return Outcome(state="timeout", detail=clock_limit(request.seconds), isolation=self.isolation)
        if fault == "memory":
            detail = f"the worker was ended: it used more than {request.memory} bytes of memory"
            return Outcome(state="killed", detail=detail, isolation=self.isolation)
        state, detail = ending(self.process.code, request.seconds)
        return Outcome(state=state, detail=detail, isolation=self.isolation)


_SAID_BY_WORKERS = frozenset({"ok", "refused", "raised"})
_SAID_BY_SERVERS = frozenset({"timeout", "killed"})


def checked_answer(data: bytes, *, death: bool = False) -> dict[str, Any] | None:
    """Read an answer without trust: what is not of the agreed shape counts as none."""
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict) or answer.keys() != {"state", "value", "detail"}:
        return None
    states = _SAID_BY_SERVERS if death else _SAID_BY_WORKERS
    if not isinstance(answer["detail"], str) or not isinstance(answer["state"], str) or answer["state"] not in states:
        return None
    return answer


_idle: list[_Server] = []
_idle_lock = threading.Lock()


def _key(module: str, memory: int) -> tuple[str, int, int]:
    """Return what a server is for: a module, and a limit where it has one of its own. A fork of us has none of ours."""
    return module, 0 if layers.FORKS else memory, os.getpid()


def _take(module: str, memory: int) -> _Server:
    with _idle_lock:
        # The one used last comes first: it is warm, and calls one after the other stay with one server.
        fitting = [server for server in reversed(_idle) if server.key == _key(module, memory)]
        for server in fitting:
            _idle.remove(server)
            if server.usable:
                return server
            server.close()
    return _Server(module, memory)


def _give_back(server: _Server) -> None:
    spare = [] if server.usable else [server]
    if server.usable:
        with _idle_lock:
            _idle.append(server)
            spare = [_idle.pop(0)] if len(_idle) > _MOST_IDLE else []
    for one in spare:
        one.close()


@atexit.register
def close_idle() -> None:
    """End the servers that wait for a call."""
    with _idle_lock:
        while _idle:
            server = _idle.pop()
            if server.key[-1] == os.getpid():
                server.close()
