"""The process of a server: started with nothing of ours, watched while it works, ended when it must be."""

from __future__ import annotations

import contextlib
import functools
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self

from osint.errors import OsintError
from osint.sandbox import layers
from osint.sandbox.frames import framed, read_framed

_POLL_SECONDS = 0.1
_TRIAL_SECONDS = 20.0
_KEPT_VARIABLES = ("SYSTEMROOT", "LD_LIBRARY_PATH")  # without these an interpreter may not start
_BOOT = (
    "import pickle, sys; sys.path[:], settings = pickle.load(sys.stdin.buffer); "
    "from osint.sandbox.server import Settings, serve; serve(Settings(**settings))"
)
_BWRAP_OPTIONS = ("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-all", "--cap-drop", "ALL", "--")


def interpreter(*arguments: str) -> list[str]:
    """Return the command of our own interpreter that looks at nothing of the user's."""
    return [sys.executable, "-I", "-B", "-X", "utf8", *arguments]


def kept_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {"OPENBLAS_NUM_THREADS": "1", **kept}  # numpy's threads would each take a part of the memory that is allowed


class ServerProcess:
    """One interpreter that serves, and the two pipes to it."""

    def __init__(self, *, forks: bool, memory: int, seconds: float) -> None:
        wrapper = bwrap() if forks else []
        self._popen = _popen([*wrapper, *interpreter("-c", _BOOT)])
        settings = {
            "forks": forks,
            "outer": (layers.BWRAP,) if wrapper else (),
            "network": layers.current_network(),
            "memory": memory,
        }
        with self.watched(seconds):
            self.send(pickle.dumps(([str(Path(entry).absolute()) for entry in sys.path], settings)), framing=False)
            greeting = self.receive()
        if greeting is None:
            self.close()
            raise OsintError(
                f"No worker can be started with {sys.executable}, so no untrusted file can be read here. "
                "Nothing was parsed. Check that this interpreter runs and can import osint."
            )

    def watched(self, seconds: float, memory: int | None = None) -> Watch:
        return Watch(self._popen, seconds, memory)

    def send(self, message: bytes, *, framing: bool = True) -> None:
        """Send what the process may no longer be there to read; the answer will tell."""
        assert self._popen.stdin is not None
        try:
            self._popen.stdin.write(framed(message) if framing else message)
            self._popen.stdin.flush()
        except OSError:
            return

    def receive(self) -> bytes | None:
        """Return the next message, or None when there will be none."""
        assert self._popen.stdout is not None
        return read_framed(self._popen.stdout)

    def close(self) -> None:
        """End the process and give back what it holds. May be called again."""
        end_group(self._popen)
        self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                _close_quietly(pipe)

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    @property
    def code(self) -> int:
        return self._popen.wait()

    @property
    def pid(self) -> int:
        return self._popen.pid


class Watch:
    """Ends a process that does not answer in time, or that uses more memory than it may where no limit holds it."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float, memory: int | None) -> None:
        self.fault = ""
        self._process = process
        self._memory = memory
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.allow(seconds)

    def allow(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self.fault:
            left = self._deadline - time.monotonic()
            if left <= 0:
                self._end("clock")
            elif self._done.wait(min(left, _POLL_SECONDS)):  # in steps: the deadline may come nearer
                return
            elif self._memory is not None and resident_memory(self._process.pid) > self._memory:
                self._end("memory")

    def _end(self, fault: str) -> None:
        self.fault = fault
        end_group(self._process)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process that we started as the first of a session, and all that it started."""
    if sys.platform == "win32":
        _end_tree(process)
    elif process.returncode is None:  # as long as it was not waited for, its number is of no other group
        with contextlib.suppress(ProcessLookupError, PermissionError):  # all of it is gone, or is going
            os.killpg(process.pid, signal.SIGKILL)


def wait_for_exit(process: subprocess.Popen[bytes]) -> None:
    """Wait until a process has ended and, where that can be, leave its number with it: its group is then still its."""
    if sys.platform == "linux":
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    else:
        process.wait()


def _end_tree(process: subprocess.Popen[bytes]) -> None:
    import psutil

    with contextlib.suppress(psutil.Error):
        for one in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                one.kill()
    process.kill()


def resident_memory(pid: int) -> int:
    """Return the bytes of memory that a process has in use; 0 of one that is gone."""
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def bwrap() -> list[str]:
    """Return the command that puts another in a bubble; empty where there is none, or none is allowed."""
    found = shutil.which("bwrap")
    return [found, *_BWRAP_OPTIONS] if found and _wraps(found) else []


@functools.cache
def _wraps(program: str) -> bool:
    command = [program, *_BWRAP_OPTIONS, *interpreter("-S", "-c", "")]
    try:
        tried = subprocess.run(command, capture_output=True, timeout=_TRIAL_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def _popen(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter, with nothing from outside in the command
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=kept_environment(),
        cwd=sys.exec_prefix,  # never the case folder, which a worker would keep from being moved on Windows
        start_new_session=sys.platform != "win32",  # an interrupt of the notebook is for the notebook
        creationflags=creation_flags(),
    )


def creation_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    else:  # noqa: RET505 - the type checker reads one branch for each platform
        return 0


def _close_quietly(pipe: Any) -> None:
    try:
        pipe.close()
    except OSError:  # unsent bytes for a process that is gone
        return
