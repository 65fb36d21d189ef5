"""One forked worker for the files of a call: limited before it sees a byte, watched until it has answered or ended."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from osint.sandbox import frames, layers
from osint.sandbox.answers import Request, Say, answer
from osint.sandbox.frames import ANSWER, DEATH, LAYERS, LENGTH, framed
from osint.sandbox.outcome import CLOCK_PER_CPU_SECOND, State, clock_limit, ending

assert sys.platform == "linux"

_START_SECONDS = 30.0
_PIPE = 3  # the one file a worker has open beside the three that lead nowhere
_MOST_OPEN = 256
_PIECE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A request under work: its function, who is told, what stands around us, and the pipe that tells of our caller."""

    function: Callable[..., Any]
    request: Request
    say: Say
    outer: Sequence[str]
    caller: int

    def serve(self) -> None:
        """Answer for each file, in order; after a worker that failed, the files left get a new one."""
        done = 0
        while done < len(self.request.arguments):
            done += self._one_worker(done)

    def _one_worker(self, first: int) -> int:
        """Return how many files, from this one on, a new worker was good for."""
        receiving, sending = os.pipe()
        try:
            child = os.fork()
        except OSError as error:
            os.close(receiving)
            os.close(sending)
            self._say_death("killed", f"no process could be started: {error.strerror}")
            return 1
        if child == 0:
            self._work(first, sending)
        os.close(sending)
        try:
            return self._relay(_Pipe(receiving, self.caller, child), len(self.request.arguments) - first)
        finally:
            os.close(receiving)

    def _relay(self, pipe: _Pipe, count: int) -> int:
        """Pass on what the worker says, until it has said enough or said its last."""
        answered = 0
        held = pipe.read(_START_SECONDS)
        if held is not None:
            self.say(LAYERS, held)
            limit = CLOCK_PER_CPU_SECOND * self.request.seconds
            while answered < count and (message := pipe.read(limit)) is not None:
                self.say(ANSWER, message)
                answered += 1
        code = pipe.end()
        if answered < count:
            self._say_death(*self._why(code, pipe.fault))
            answered += 1
        return answered

    def _why(self, code: int, fault: str) -> tuple[State, str]:
        if fault == "clock":
            return "timeout", clock_limit(self.request.seconds)
        if fault == "length":
            return "killed", f"the worker was ended: its answer is longer than {frames.LONGEST_ANSWER} bytes"
        return ending(code, self.request.seconds)

    def _say_death(self, state: State, detail: str) -> None:
        self.say(DEATH, json.dumps({"state": state, "value": None, "detail": detail}).encode("ascii"))

    def _work(self, first: int, sending: int) -> NoReturn:
        """Be the worker. Nothing of the server's stack is ever returned to."""
        code = 1
        try:
            _keep_only(sending)
            files = [Path(name) for name in self.request.files]
            _send(layers.confine_reader(self.request.memory, files, self.outer).encode())
            for arguments in self.request.arguments[first:]:
                layers.limit_processor_time(self.request.seconds)
                _send(answer(self.function, arguments))
            code = 0
        finally:
            os._exit(code)


class _Pipe:
    """What one worker writes. It is ended when it says nothing in time or too much, and when our caller is gone."""

    def __init__(self, descriptor: int, caller: int, child: int) -> None:
        self.fault = ""
        self._descriptor = descriptor
        self._caller = caller
        self._child = child
        self._waiting = select.poll()
        self._waiting.register(descriptor, select.POLLIN)
        self._waiting.register(caller, 0)  # a hang-up is told unasked

    def read(self, seconds: float) -> bytes | None:
        """Return the next message of the worker; None, and ``fault`` says why, when there is none."""
        deadline = time.monotonic() + seconds
        header = self._exactly(LENGTH.size, deadline)
        if header is None:
            return None
        length = LENGTH.unpack(header)[0]
        if length > frames.LONGEST_ANSWER:
            self.fault = "length"
            return None
        return self._exactly(length, deadline)

    def end(self) -> int:
        """End the worker, if it has not ended already; return how it ended."""
        os.kill(self._child, signal.SIGKILL)  # of one that exits already the kernel keeps the code it exits with
        return os.waitstatus_to_exitcode(os.waitpid(self._child, 0)[1])

    def _exactly(self, length: int, deadline: float) -> bytes | None:
        data = bytearray()
        while len(data) < length:
            if not self._readable(deadline):
                self.fault = "clock"
                return None
            piece = os.read(self._descriptor, min(length - len(data), _PIECE))
            if not piece:
                self.fault = "end"
                return None
            data += piece
        return bytes(data)

    def _readable(self, deadline: float) -> bool:
        left = deadline - time.monotonic()
        ready = dict(self._waiting.poll(left * 1000)) if left > 0 else {}
        if self._caller in ready:
            self.end()
            os._exit(0)
        return self._descriptor in ready


def _keep_only(sending: int) -> None:
    """Leave the worker its pipe alone: what the server reads from its caller is not for a worker to read."""
    os.dup2(1, 0)  # both lead nowhere
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    if sending != _PIPE:
        os.dup2(sending, _PIPE)
    os.closerange(_PIPE + 1, _MOST_OPEN)


def _send(message: bytes) -> None:
    view = memoryview(framed(message))
    while view:
        view = view[os.write(_PIPE, view) :]
