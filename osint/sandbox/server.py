"""The warm process that has imported a reader. This runs in the interpreter that ``calls`` starts, and nowhere else.

It is trusted: it parses nothing. On Linux it forks a worker for the files of a call and passes its answers on as bytes;
elsewhere it calls the reader itself, and is replaced more often.
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any, BinaryIO

from osint.sandbox import layers
from osint.sandbox.answers import Request, Say, answer
from osint.sandbox.frames import ANSWER, LAYERS, framed, read_framed

if sys.platform == "linux":
    from osint.sandbox.forks import Batch


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a server works.

    Attributes:
        forks: Whether a worker is a child of it; otherwise it is the worker itself.
        outer: The layers it was started in.
        network: The caller's, which it is to leave.
        memory: Bytes of address space, where it is the worker.
    """

    forks: bool
    outer: tuple[str, ...]
    network: str
    memory: int


def serve(settings: Settings) -> None:
    """Answer requests until the pipe closes."""
    requests, answers = _private_pipes()

    def say(kind: bytes, message: bytes) -> None:
        answers.write(framed(kind + message))
        answers.flush()

    outer = list(settings.outer)
    if layers.leave_network(settings.network):
        outer.append(layers.NO_NETWORK)
    layers.prepare()
    held = "" if settings.forks else layers.confine_reader(settings.memory, None, outer)
    say(LAYERS, held.encode())
    while (message := read_framed(requests)) is not None:
        request: Request = pickle.loads(message)  # noqa: S301 - written by our own parent
        function = _imported(request.module, request.name)
        if sys.platform == "linux" and settings.forks:
            Batch(function=function, request=request, say=say, outer=outer, caller=requests.fileno()).serve()
        else:
            _serve_here(function, request, say, held)


def _serve_here(function: Callable[..., Any], request: Request, say: Say, held: str) -> None:
    say(LAYERS, held.encode())
    for arguments in request.arguments:
        layers.limit_processor_time(request.seconds)
        say(ANSWER, answer(function, arguments))


def _imported(module: str, name: str) -> Callable[..., Any]:
    """Import a reader before a file is there to disturb it; what the import raises, the call raises."""
    known = module in sys.modules
    try:
        function: Callable[..., Any] = reduce(getattr, name.split("."), importlib.import_module(module))  # type: ignore[assignment]
    except BaseException as error:  # noqa: BLE001 - as in answer
        return _raising(error)
    if not known:
        gc.collect()
        gc.freeze()  # a worker that collects would copy every page of what was imported
    return function


def _raising(error: BaseException) -> Callable[..., Any]:
    def function(*_: Any) -> None:
        raise error

    return function


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    # A parser that prints or reads standard input must not speak into the conversation with the parent. The buffered
    # reader that read the module path goes on being used: it may already hold the start of the first request.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, sys.stdout.fileno())
    requests, sys.stdin = sys.stdin.buffer, os.fdopen(nowhere, encoding="utf-8")
    return requests, answers
