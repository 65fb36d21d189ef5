"""System calls of a worker, watched and made to fail by strace, and read back as the steps of a disk."""

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

from osint.chain_of_custody.exchange import Exchange

# One name for each kind of call, and what this or that processor calls it. Order as in the work on a file.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "open": ("openat", "open", "openat2"),
    "write": ("write",),
    "pwrite": ("pwrite64",),
    "sync of bytes": ("fdatasync",),
    "sync": ("fsync",),
    "cut": ("ftruncate",),
    "link": ("link", "linkat"),
    "rename": ("rename", "renameat", "renameat2"),
    "unlink": ("unlink", "unlinkat"),
    "mkdir": ("mkdir", "mkdirat"),
    "chmod": ("chmod", "fchmodat", "fchmodat2"),
    "chown": ("fchown",),
    "lock": ("fcntl", "flock"),
    "read": ("read",),
    "pread": ("pread64",),
    "stat": ("stat", "lstat", "fstat", "newfstatat", "statx"),
    "seek": ("lseek",),
    "list": ("getdents64",),
    "map": ("mmap",),
    "close": ("close",),
}
_FOLLOWED = (
    "openat,open,close,read,lseek,write,pwrite64,ftruncate,fsync,fdatasync,link,linkat,rename,renameat,renameat2,"
    "unlink,unlinkat,mkdir,mkdirat,rmdir,sendto"
)
RECORDING = ("-xx", "-s", "99999999", "-e", "trace=" + ",".join(f"?{name}" for name in _FOLLOWED.split(",")))
"""What makes strace write down everything that changes a disk, with the bytes."""

_PATIENCE = 60.0
_LINE = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+|\?)(.*)", re.DOTALL)
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


class Call(NamedTuple):
    """One system call as strace wrote it down: its name, arguments and result, and whether strace made it fail."""

    name: str
    arguments: str
    result: int
    injected: bool


@dataclass
class Run:
    """What came of one order: what the worker said, the calls it made, and whether it was killed."""

    said: list[dict[str, Any]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    killed: bool = False

    @property
    def hit(self) -> bool:
        """Whether the fault happened."""
        return self.killed or any(call.injected for call in self.calls)

    @property
    def ended(self) -> bool:
        """Whether the worker came to the end of its steps."""
        return bool(self.said) and self.said[-1].get("step") == "end"

    @property
    def errors(self) -> list[dict[str, Any]]:
        """What the worker could not do."""
        return [each for each in self.said if "message" in each]


class Workers:
    """The process that forks workers; use it in a ``with`` block."""

    def __init__(self, folder: Path, *under: str) -> None:
        """Start it, under another program when one is given."""
        self.folder = folder
        self._count = 0
        command = [*under, sys.executable, "-m", "faults.appender"]
        paths = [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError("the worker did not start; its message is above")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def run(
        self, folder: Path, steps: Sequence[str], *strace: str, outside: Exchange | None = None, **order: Any
    ) -> Run:
        """Have a worker take the steps in a case folder, and return what came of it.

        Args:
            folder: The case folder.
            steps: Names of steps.
            strace: What strace is told, such as ``-e trace=pwrite64``; without it the worker runs alone.
            outside: Answers what the worker asks of other parties.
            order: ``work``, ``options`` and ``again`` for the worker.
        """
        run = Run()
        with self.start(folder, steps, **order) as worker:
            trace = worker.watch(*strace) if strace else None
            worker.go()
            run.said = list(worker.said(outside))
            if trace:
                run.calls, run.killed = read_trace(trace.finish())
        return run

    @contextlib.contextmanager
    def start(self, folder: Path, steps: Sequence[str], **order: Any) -> Iterator[Worker]:
        """Fork a worker that waits for its sign, and end it afterwards."""
        self._count += 1
        address = self.folder / f"voice-{self._count}"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(address))
            listener.listen(1)
            listener.settimeout(_PATIENCE)
            assert self._process.stdin is not None
            order = {"work": "case", **order, "folder": str(folder), "steps": list(steps), "socket": str(address)}
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            voice = listener.accept()[0]
        address.unlink()
        worker = Worker(voice, self.folder / f"trace-{self._count}")
        try:
            yield worker
        finally:
            worker.end()


class Worker:
    """One forked worker."""

    def __init__(self, voice: socket.socket, trace: Path) -> None:
        voice.settimeout(_PATIENCE)
        self._voice = voice
        self._lines = voice.makefile("r", encoding="utf-8")
        self._trace_file = trace
        self._trace: Trace | None = None
        self.pid = int(self._lines.readline())

    def watch(self, *strace: str) -> Trace:
        """Attach strace."""
        self._trace = Trace(self.pid, self._trace_file, strace)
        return self._trace

    def go(self) -> None:
        """Give the sign to begin."""
        self._voice.sendall(b"!")

    def said(self, outside: Exchange | None = None) -> Iterator[dict[str, Any]]:
        """Yield what the worker says, until it ends, and answer what it asks. A line that breaks off was not said."""
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            for line in self._lines:
                if not line.endswith("\n"):
                    return
                said = json.loads(line)
                yield said
                if "ask" in said:
                    assert outside is not None, "the worker asks for other parties, and there are none"
                    answer = outside(said["ask"], bytes.fromhex(said["body"]), "")
                    self._voice.sendall(json.dumps([answer.status, answer.body.hex()]).encode() + b"\n")

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def end(self) -> None:
        self.kill()
        self._lines.close()
        self._voice.close()
        if self._trace:
            self._trace.finish()


class Trace:
    """A running strace; it ends with the process that it watches."""

    def __init__(self, pid: int, file: Path, options: Sequence[str]) -> None:
        self._file = file
        command = [program("strace"), "-p", str(pid), "-o", str(file), *options]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        with selectors.DefaultSelector() as ready:
            ready.register(self._process.stderr, selectors.EVENT_READ)
            line = self._process.stderr.readline() if ready.select(_PATIENCE) else ""
        if "attached" not in line:
            raise RuntimeError(f"strace could not watch the worker: {line or 'no answer'}")

    def finish(self) -> str:
        """Wait for the end, and return what was written down."""
        self._process.wait(_PATIENCE)
        assert self._process.stderr is not None
        self._process.stderr.close()
        return self._file.read_text(encoding="ascii")


def program(name: str) -> str:
    """Return where an installed program is.

    Raises:
        RuntimeError: It is not installed.
    """
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} is not installed; run as root: sh tests/faults/install.sh")
    return found


def injection(calls: Sequence[str], fault: str, when: str) -> list[str]:
    """Return what makes strace break the given calls: ``fault`` is ``error=EIO`` or ``signal=KILL``, ``when`` ``7`` or ``7+``."""
    names = ",".join(calls)
    return ["-e", f"trace={names}", "-e", f"inject={names}:{fault}:when={when}"]


def read_trace(text: str) -> tuple[list[Call], bool]:
    """Read what strace wrote: the calls that returned, and whether the process was killed."""
    calls = []
    for line in text.split("\n"):
        if match := _LINE.match(line):
            name, arguments, result, rest = match.groups()
            calls.append(Call(name, arguments, -1 if result == "?" else int(result), "(INJECTED)" in rest))
    return calls, "+++ killed by SIGKILL" in text


def counted(calls: Sequence[Call]) -> Counter[str]:
    """Return how often each call was made."""
    return Counter(call.name for call in calls)


def disk_steps(calls: Sequence[Call], root: Path, before: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Turn recorded calls into the steps of a :class:`faults.disk.Disk` over a folder.

    Args:
        calls: As :data:`RECORDING` has strace write them.
        root: The folder.
        before: The tree that lay in it at the start.
    """
    reader = _Reader(root, before)
    for call in calls:
        reader.take(call)
    return reader.steps


class _Reader:
    """Follows file descriptors, positions and paths through the calls of one thread."""

    def __init__(self, root: Path, before: Mapping[str, Any]) -> None:
        self.steps: list[tuple[Any, ...]] = []
        self._root = str(root)
        self._handles: dict[int, int] = {}
        self._positions: dict[int, int] = {}
        self._paths: dict[int, str] = {}
        self._known = {self._root, *_paths(self._root, before)}
        self._count = 0

    def take(self, call: Call) -> None:
        arguments = _arguments(call.arguments)
        if call.name in {"fsync", "fdatasync"}:
            self._sync(int(arguments[0]), call)
        elif call.result >= 0 and not call.injected:
            getattr(self, f"_{call.name}")(arguments, call.result)

    def _openat(self, arguments: Sequence[Any], result: int) -> None:
        path = self._path(arguments[0], arguments[1])
        if path is None:
            self._handles.pop(result, None)
            return
        self._count += 1
        self._handles[result], self._positions[result], self._paths[result] = self._count, 0, path
        made = "O_CREAT" in arguments[2] and path not in self._known
        self._known.add(path)
        self.steps.append(("open", self._count, self._relative(path), made))
        if "O_TRUNC" in arguments[2] and not made:
            self.steps.append(("cut", self._count, 0))
        if "O_APPEND" in arguments[2]:
            raise NotImplementedError("writing at the end by O_APPEND is not followed")

    def _close(self, arguments: Sequence[Any], result: int) -> None:
        self._handles.pop(int(arguments[0]), None)

    def _read(self, arguments: Sequence[Any], result: int) -> None:
        if (descriptor := int(arguments[0])) in self._handles:
            self._positions[descriptor] += result

    def _lseek(self, arguments: Sequence[Any], result: int) -> None:
        if (descriptor := int(arguments[0])) in self._handles:
            self._positions[descriptor] = result

    def _write(self, arguments: Sequence[Any], result: int) -> None:
        if (descriptor := int(arguments[0])) in self._handles:
            offset = self._positions[descriptor]
            self.steps.append(("write", self._handles[descriptor], offset, arguments[1][:result]))
            self._positions[descriptor] += result

    def _pwrite64(self, arguments: Sequence[Any], result: int) -> None:
        if (descriptor := int(arguments[0])) in self._handles:
            self.steps.append(("write", self._handles[descriptor], int(arguments[3]), arguments[1][:result]))

    def _ftruncate(self, arguments: Sequence[Any], result: int) -> None:
        if (descriptor := int(arguments[0])) in self._handles:
            self.steps.append(("cut", self._handles[descriptor], int(arguments[1])))

    def _sync(self, descriptor: int, call: Call) -> None:
        if descriptor in self._handles:
            self.steps.append(("sync" if call.result == 0 else "failed sync", self._handles[descriptor]))

    def _mkdir(self, arguments: Sequence[Any], result: int) -> None:
        self._named("mkdir", None, arguments[0])

    def _unlink(self, arguments: Sequence[Any], result: int) -> None:
        self._named("unlink", None, arguments[0])

    def _rmdir(self, arguments: Sequence[Any], result: int) -> None:
        self._named("rmdir", None, arguments[0])

    def _mkdirat(self, arguments: Sequence[Any], result: int) -> None:
        self._named("mkdir", *arguments[:2])

    def _unlinkat(self, arguments: Sequence[Any], result: int) -> None:
        self._named("rmdir" if "REMOVEDIR" in arguments[2] else "unlink", *arguments[:2])

    def _link(self, arguments: Sequence[Any], result: int) -> None:
        self._moved("link", None, arguments[0], None, arguments[1])

    def _linkat(self, arguments: Sequence[Any], result: int) -> None:
        self._moved("link", *arguments[:4])

    def _rename(self, arguments: Sequence[Any], result: int) -> None:
        self._moved("rename", None, arguments[0], None, arguments[1])

    def _renameat(self, arguments: Sequence[Any], result: int) -> None:
        self._moved("rename", *arguments[:4])

    _renameat2 = _renameat

    def _open(self, arguments: Sequence[Any], result: int) -> None:
        self._openat([None, *arguments], result)

    def _sendto(self, arguments: Sequence[Any], result: int) -> None:
        for line in arguments[1][:result].split(b"\n"):
            if line:
                self.steps.append(("say", json.loads(line)))

    def _named(self, step: str, folder: Any, name: bytes) -> None:
        path = self._path(folder, name)
        if path is not None:
            (self._known.add if step == "mkdir" else self._known.discard)(path)
            self.steps.append((step, self._relative(path)))

    def _moved(self, step: str, old_folder: Any, old_name: bytes, new_folder: Any, new_name: bytes) -> None:
        old, new = self._path(old_folder, old_name), self._path(new_folder, new_name)
        if old is None or new is None:
            assert old is new, f"{step} across the edge of the recorded folder"
            return
        moved = {path for path in self._known if path == old or path.startswith(old + "/")}
        self._known |= {new + path.removeprefix(old) for path in moved}
        if step == "rename":
            self._known -= moved
        self.steps.append((step, self._relative(old), self._relative(new)))

    def _path(self, folder: Any, name: bytes) -> str | None:
        """Return the absolute path when it lies in the recorded folder."""
        text = os.fsdecode(name)
        if not text.startswith("/") and folder is not None and folder != "AT_FDCWD":
            if int(folder) not in self._handles:
                return None
            text = f"{self._paths[int(folder)]}/{text}"
        path = os.path.normpath(text)
        return path if path == self._root or path.startswith(self._root + "/") else None

    def _relative(self, path: str) -> str:
        return os.path.relpath(path, self._root)


def _paths(folder: str, tree: Mapping[str, Any]) -> Iterator[str]:
    for name, content in tree.items():
        yield f"{folder}/{name}"
        if isinstance(content, dict):
            yield from _paths(f"{folder}/{name}", content)


def _arguments(text: str) -> list[Any]:
    """Split arguments at their commas; what stands in quotes comes as bytes."""
    found: list[Any] = []
    while text:
        if match := _TEXT.match(text):
            if match.group(2):
                raise ValueError("strace cut a text short; record with a larger -s")
            found.append(bytes.fromhex(match.group(1).replace("\\x", "")))
            text = text[match.end() :].removeprefix(", ")
        else:
            part, _, text = text.partition(", ")
            found.append(part)
    return found
