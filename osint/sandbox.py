"""Hostile bytes are parsed in a limited worker: a child process that may die without harm.

Where the platform has resource limits (``isolation="rlimits"``), the worker cannot use more than the given processor
time and memory, write a byte to a file, leave a core dump, or start a process (the superuser is exempt from this last
one). Everywhere, it is ended at its wall-clock limit, ends with this process when it is idle, is not given the
environment variables of this process, and answers in JSON only, so that a worker that hostile bytes have taken over
cannot hand an object to the caller.

What is *not* isolated: the worker runs as the same user. Bytes that take it over could read or delete that user's
files and reach the network. Where that is a concern, run the notebook itself in a container without network.
"""

from __future__ import annotations

import atexit
import importlib
import json
import math
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, BinaryIO, Literal

from osint.errors import OsintError
from osint.runner import importable_name

if sys.platform != "win32":
    import resource

_CLOCK_PER_CPU_SECOND = 3  # a busy computer gives a worker a fraction of a processor
_START_SECONDS = 60.0
_CALLS_PER_WORKER = 100  # bounds what one file can leave behind for the next
_LONGEST_ANSWER = 64 * 2**20
_OPEN_FILES = 32
_KEPT_VARIABLES = ("SYSTEMROOT", "LD_LIBRARY_PATH")  # without these an interpreter may not start
_LENGTH = struct.Struct(">Q")
_BOOT = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from osint.sandbox import serve; serve(int(sys.argv[1]))"
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a call in the sandbox ended.

    Attributes:
        state: ``ok``; ``raised``: the function raised; ``timeout``: it was stopped at its limit of processor or
            wall-clock time; ``killed``: the worker died.
        value: What the function returned, in JSON values (a tuple comes back as a list); None unless ``ok``.
        detail: What was raised, which limit was reached, or which signal or exit code ended the worker.
        isolation: ``rlimits``, ``rlimits without ...`` naming those the platform refused, or ``process only``.
    """

    state: Literal["ok", "raised", "timeout", "killed"]
    value: Any = None
    detail: str = ""
    isolation: str


def run(function: Callable[..., Any], *arguments: Any, seconds: float = 10, memory: int = 1_500_000_000) -> Outcome:
    """Call ``function(*arguments)`` in a limited worker; whatever happens there comes back as data.

    A worker stays warm for later calls and is replaced after a timeout, a death, or 100 calls. Calls from several
    threads run side by side, each in its own worker.

    Args:
        function: A function that a module defines at its top level; it returns JSON values.
        arguments: Anything that can be pickled.
        seconds: Processor time, where the platform limits it; three times as much by the clock, everywhere.
        memory: Bytes of address space, where the platform limits it.

    Raises:
        OsintError: No worker can be started, or the function cannot be imported by another process.
    """
    request = pickle.dumps((*importable_name(function), arguments, seconds))
    worker = _take(memory)
    try:
        outcome = worker.ask(request, seconds)
    except BaseException:
        worker.close()
        raise
    _give_back(worker)
    return outcome


class _Worker:
    """One child process, its two pipes, and what it says of its limits."""

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.owner = os.getpid()
        self.calls = 0
        self.process = _start(memory)
        with _deadline(self.process, _START_SECONDS):
            greeting = self._exchange(pickle.dumps([str(Path(entry).absolute()) for entry in sys.path]), framed=False)
        if greeting is None:
            self.close()
            raise OsintError(
                f"No worker can be started with {sys.executable}, so no untrusted file can be read here. "
                "Nothing was parsed. Check that this interpreter runs and can import osint."
            )
        self.isolation = str(greeting["isolation"])

    def ask(self, request: bytes, seconds: float) -> Outcome:
        with _deadline(self.process, _CLOCK_PER_CPU_SECOND * seconds) as expired:
            answer = self._exchange(request)
        self.calls += 1
        if answer is None or expired.is_set():
            self.close()
        if answer is None:
            return self._death(expired.is_set(), seconds)
        state: Literal["ok", "raised"] = "ok" if answer["state"] == "ok" else "raised"
        return Outcome(state=state, value=answer["value"], detail=str(answer["detail"]), isolation=self.isolation)

    def close(self) -> None:
        """End the process and give back what it holds. May be called again."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                _close_quietly(pipe)

    @property
    def usable(self) -> bool:
        return self.process.poll() is None and self.calls < _CALLS_PER_WORKER

    def _exchange(self, request: bytes, *, framed: bool = True) -> dict[str, Any] | None:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            if framed:
                stdin.write(_LENGTH.pack(len(request)))
            stdin.write(request)
            stdin.flush()
            return _checked_answer(_read_framed(stdout, _LONGEST_ANSWER))
        except OSError:  # the worker died before it had read the request
            return None

    def _death(self, expired: bool, seconds: float) -> Outcome:
        code = self.process.returncode
        if expired:
            limit = f"stopped after {_CLOCK_PER_CPU_SECOND * seconds:g} s by the clock"
            return Outcome(state="timeout", detail=limit, isolation=self.isolation)
        if sys.platform != "win32" and code == -signal.SIGXCPU:
            limit = f"stopped after {seconds:g} s of processor time"
            return Outcome(state="timeout", detail=limit, isolation=self.isolation)
        return Outcome(state="killed", detail=_ending(code), isolation=self.isolation)


_idle: list[_Worker] = []
_idle_lock = threading.Lock()


def _take(memory: int) -> _Worker:
    with _idle_lock:
        # The one used last comes first: it is warm, and calls one after the other stay in one worker.
        fitting = [worker for worker in reversed(_idle) if worker.memory == memory and worker.owner == os.getpid()]
        for worker in fitting:
            _idle.remove(worker)
            if worker.usable:
                return worker
            worker.close()
    return _Worker(memory)


def _give_back(worker: _Worker) -> None:
    if worker.usable:
        with _idle_lock:
            _idle.append(worker)
    else:
        worker.close()


@atexit.register
def _close_idle() -> None:
    with _idle_lock:
        while _idle:
            worker = _idle.pop()
            if worker.owner == os.getpid():
                worker.close()


def _start(memory: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-I", "-B", "-X", "utf8", "-c", _BOOT, str(memory)]
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return subprocess.Popen(  # noqa: S603 - our own interpreter, with nothing from outside in the command
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=kept,
        cwd=sys.exec_prefix,  # never the case folder, which a worker would keep from being moved on Windows
        start_new_session=sys.platform != "win32",  # an interrupt of the notebook is for the notebook
        creationflags=_creation_flags(),
    )


def _creation_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    else:  # noqa: RET505 - the type checker reads one branch for each platform
        return 0


@contextmanager
def _deadline(process: subprocess.Popen[bytes], seconds: float) -> Iterator[threading.Event]:
    expired = threading.Event()

    def stop() -> None:
        expired.set()
        process.kill()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()
        timer.join()


def _checked_answer(data: bytes | None) -> dict[str, Any] | None:
    """Read an answer without trust: what is not of the agreed shape counts as none."""
    try:
        answer = json.loads(data or b"")
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) and {"state", "value", "detail", "isolation"} <= answer.keys() else None


def _read_framed(stream: BinaryIO | Any, longest: int) -> bytes | None:
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size or _LENGTH.unpack(header)[0] > longest:
        return None
    length = _LENGTH.unpack(header)[0]
    data: bytes = stream.read(length)
    return data if len(data) == length else None


def _close_quietly(pipe: Any) -> None:
    try:
        pipe.close()
    except OSError:  # unsent bytes for a process that is gone
        return


def _ending(code: int) -> str:
    if code >= 0:
        return f"the worker ended with exit code {code}"
    try:
        return f"the worker was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"the worker was ended by signal {-code}"


def serve(memory: int) -> None:
    """Answer calls until the pipe closes. This runs in the worker and nowhere else."""
    requests, answers = _private_pipes()
    isolation = _limit(memory)
    _write_framed(answers, {"state": "ok", "value": None, "detail": "", "isolation": isolation})
    while (request := _read_framed(requests, sys.maxsize)) is not None:
        module, name, arguments, seconds = pickle.loads(request)  # noqa: S301 - written by our own parent
        _limit_processor_time(seconds)
        _write_framed(answers, _answer(module, name, arguments) | {"isolation": isolation})


def _answer(module: str, name: str, arguments: tuple[Any, ...]) -> dict[str, Any]:
    try:
        function = reduce(getattr, name.split("."), importlib.import_module(module))
        value: Any = function(*arguments)  # type: ignore[operator]
        json.dumps(value)
    except BaseException as error:  # noqa: BLE001 - whatever a parser raises over hostile bytes is the answer
        return {"state": "raised", "value": None, "detail": f"{type(error).__name__}: {error}"[:2000]}
    return {"state": "ok", "value": value, "detail": ""}


def _write_framed(stream: BinaryIO, answer: dict[str, Any]) -> None:
    data = json.dumps(answer).encode("ascii")
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    # A parser that prints or reads standard input must not speak into the conversation with the parent. The buffered
    # reader that read the module path goes on being used: it may already hold the start of the first request.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, sys.stdout.fileno())
    requests, sys.stdin = sys.stdin.buffer, os.fdopen(nowhere, encoding="utf-8")
    return requests, answers


if sys.platform == "win32":

    def _limit(_memory: int) -> str:
        return "process only"

    def _limit_processor_time(_seconds: float) -> None:
        """Windows counts no processor time for us; the clock alone ends the call."""

else:

    def _limit(memory: int) -> str:
        wanted = {"AS": memory, "FSIZE": 0, "CORE": 0, "NOFILE": _OPEN_FILES, "NPROC": 0}
        refused = [name for name, value in wanted.items() if not _set_limit(name, value)]
        return "rlimits without " + ", ".join(refused) if refused else "rlimits"

    def _set_limit(name: str, value: int) -> bool:
        try:
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
        except (AttributeError, ValueError, OSError):  # this platform has no such limit, or not for this value
            return False
        return True

    def _limit_processor_time(seconds: float) -> None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        allowed = math.ceil(usage.ru_utime + usage.ru_stime + seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.getrlimit(resource.RLIMIT_CPU)[1]))
