"""Run a program of others over hostile bytes: without a shell, a network, an environment, or more than it was given."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from osint.sandbox import layers
from osint.sandbox.outcome import layers_in_words, signal_name
from osint.sandbox.process import (
    Watch,
    bwrap,
    creation_flags,
    end_group,
    interpreter,
    kept_environment,
    wait_for_exit,
)

LONGEST_OUTPUT = 64 * 2**20
_PIECE = 1 << 16
_START_SECONDS = 60.0
_LEFTOVER_SECONDS = 5.0
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
_BOOT = "import sys; sys.path.insert(0, sys.argv.pop(1)); from osint.sandbox.launcher import main; main()"


_State = Literal["ok", "refused", "timeout", "killed"]


@dataclass(frozen=True, kw_only=True)
class ProgramOutcome:
    """How a program ended.

    Attributes:
        state: ``ok``: it ended by itself, with whatever ``code``; ``refused``: it was not started; ``timeout``: it was
            ended at its limit of time, and all it had started; ``killed``: it died, or was ended for its output.
        stdout: What it printed until then, at most 64 MiB.
        stderr: The same, of its complaints.
        code: Its exit code, negative for a signal; None where it was not started.
        detail: Why, in words, unless ``ok``.
        isolation: As of ``Outcome``.
    """

    state: _State
    stdout: bytes = b""
    stderr: bytes = b""
    code: int | None = None
    detail: str = ""
    isolation: str = ""


def run_program(
    argv: Sequence[str],
    *,
    seconds: float,
    memory: int,
    read_only: Sequence[Path] = (),
    stdin: bytes | None = None,
) -> ProgramOutcome:
    """Run a program that describes a file; whatever it does comes back as data.

    It starts in the root folder with ``PATH`` and ``LANG`` as its environment. On Linux it can open the files named
    here, itself and what is installed for all users (``/usr``, ``/lib``, ``/opt``), and change nothing; it has no
    network, sends no signals, and what it starts stays in its group, which is ended with it.

    Args:
        argv: The program by its absolute path, and its arguments as they are; no shell reads them.
        seconds: By the clock, and of processor time where the platform limits it.
        memory: Bytes of address space, where the platform limits it; elsewhere of memory in use.
        read_only: Files and folders it may read: the file in question, and the libraries of a program that is not
            installed for all users.
        stdin: What it reads from standard input; nothing when None.
    """
    if not argv or not os.path.isabs(argv[0]) or not os.path.isfile(argv[0]):  # noqa: PTH113, PTH117
        detail = f"No program is run by the name {argv[0] if argv else ''!r}: an absolute path to a file is needed."
        return ProgramOutcome(state="refused", detail=detail)
    return _launched(argv, seconds, memory, read_only, stdin)


if sys.platform == "win32":

    def _launched(
        argv: Sequence[str],
        seconds: float,
        memory: int,
        read_only: Sequence[Path],  # noqa: ARG001 - nothing here limits what a program opens
        stdin: bytes | None,
    ) -> ProgramOutcome:
        return _finished(_started(list(argv), ()), None, seconds, memory, stdin)

else:

    def _launched(
        argv: Sequence[str], seconds: float, memory: int, read_only: Sequence[Path], stdin: bytes | None
    ) -> ProgramOutcome:
        """Start a small program of ours that limits itself and then becomes the one that is wanted."""
        told, says = os.pipe()
        wrapper = bwrap() if layers.FORKS else []
        settings = {
            "says": says,
            "outer": [layers.BWRAP] if wrapper else [],
            "network": layers.current_network(),
            "read_only": [str(path.absolute()) for path in read_only],
            "seconds": seconds,
            "memory": memory,
            "environment": _ENVIRONMENT,
        }
        ours = str(Path(__file__).parents[2])
        command = [*wrapper, *interpreter("-S", "-c", _BOOT, ours, json.dumps(settings), *argv)]
        with os.fdopen(told, "rb") as words:
            try:
                process = _started(command, (says,))
            finally:
                os.close(says)
            return _finished(process, words, seconds, memory, stdin)


def _started(command: list[str], passed: tuple[int, ...]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - no shell, and the path is absolute
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=kept_environment() if passed else _ENVIRONMENT | kept_environment(),
        cwd="/" if passed else None,
        pass_fds=passed,
        start_new_session=sys.platform != "win32",
        creationflags=creation_flags(),
    )


def _finished(
    process: subprocess.Popen[bytes], words: BinaryIO | None, seconds: float, memory: int, stdin: bytes | None
) -> ProgramOutcome:
    with Watch(process, _START_SECONDS + seconds, None if layers.FORKS else memory) as watch:
        output = _Output(process, stdin)
        held, _, trouble = (words.read() if words else b"").decode(errors="replace").partition("\n")
        watch.allow(seconds)
        wait_for_exit(process)
    end_group(process)  # what it started and left behind
    output.join()
    code = process.wait()
    state, detail = _state(code, watch.fault, output.too_long, trouble, seconds)
    return ProgramOutcome(
        state=state,
        stdout=bytes(output.stdout),
        stderr=bytes(output.stderr),
        code=None if state == "refused" else code,
        detail=detail,
        isolation=held or layers_in_words([], ["rlimits", *layers.OF_LINUX]),
    )


def _state(code: int, fault: str, too_long: bool, trouble: str, seconds: float) -> tuple[_State, str]:
    if trouble:
        return "refused", f"The program could not be started: {trouble}."
    if too_long:
        return "killed", f"the program was ended: it printed more than {LONGEST_OUTPUT} bytes"
    if fault == "memory":
        return "killed", "the program was ended: it used more memory than it may"
    if fault == "clock":
        return "timeout", f"stopped after {seconds:g} s by the clock"
    return _by_code(code, seconds)


def _by_code(code: int, seconds: float) -> tuple[_State, str]:
    if sys.platform != "win32" and code == -signal.SIGXCPU:
        return "timeout", f"stopped after {seconds:g} s of processor time"
    return ("killed", f"the program was ended by {signal_name(-code)}") if code < 0 else ("ok", "")


class _Output:
    """Feeds a program and takes what it prints, so that none of its three pipes can hold it up or fill our memory."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: bytes | None) -> None:
        self.stdout, self.stderr = bytearray(), bytearray()
        self.too_long = False
        self._process = process
        self._threads = [
            threading.Thread(target=self._feed, args=(process.stdin, stdin or b""), daemon=True),
            threading.Thread(target=self._take, args=(process.stdout, self.stdout), daemon=True),
            threading.Thread(target=self._take, args=(process.stderr, self.stderr), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until the pipes are at their end; not for long, should one be held by a process that got away."""
        for thread in self._threads:
            thread.join(_LEFTOVER_SECONDS)

    def _feed(self, pipe: BinaryIO, data: bytes) -> None:
        with contextlib.suppress(OSError), pipe:  # it may end before it has read all
            pipe.write(data)

    def _take(self, pipe: BinaryIO, taken: bytearray) -> None:
        with pipe:
            while piece := os.read(pipe.fileno(), _PIECE):
                taken += piece[: LONGEST_OUTPUT - len(taken)]
                if len(taken) >= LONGEST_OUTPUT:
                    self.too_long = True
                    end_group(self._process)
                    return
