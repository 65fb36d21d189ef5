"""SQLite's files in this process, recorded as the steps of a disk or made to fail; and what Python does beside them.

It stands in for strace where that is not installed: the same disk, the same checks, without system calls.
"""

from __future__ import annotations

import errno
import os
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import apsw
import pytest
from faults.disk import read_tree

from osint.chain_of_custody import ledger_file

_PYTHONS_OWN = ("fsync", "fdatasync", "mkdir", "unlink", "rmdir", "link", "rename", "replace")
_JOURNALS = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL
Watch = Callable[[str, str, tuple[Any, ...]], None]
"""Told the operation, the path and its arguments before each call; what it raises is what the call gives."""


class Files(apsw.VFS):
    """The files of SQLite, each call of which is told first."""

    def __init__(self, watch: Watch) -> None:
        self.name = f"watched-{id(self)}"
        self.watch = watch
        super().__init__(self.name, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        path = name if isinstance(name, str) else name.filename()
        self.watch("open", path, (flags[0],))
        return _File(self, path, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self.watch("delete", filename, (syncdir,))
        super().xDelete(filename, syncdir)


class _File(apsw.VFSFile):
    def __init__(self, files: Files, path: str, name: Any, flags: list[int]) -> None:
        self._files, self._path = files, path
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._files.watch("write", self._path, (offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:
        self._files.watch("cut", self._path, (newsize,))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:
        self._files.watch("sync", self._path, ())
        super().xSync(flags)


@contextmanager
def watched(watch: Watch, synchronous: str | None = None) -> Iterator[pytest.MonkeyPatch]:
    """Have every ledger that is opened meanwhile use watched files; with ``synchronous`` on that level only."""
    files, real = Files(watch), apsw.Connection

    class Connection(real):  # type: ignore[misc,valid-type]
        def __init__(self, path: str, **options: Any) -> None:
            super().__init__(path, vfs=files.name, **options)

        def pragma(self, name: str, *value: Any, **schema: Any) -> Any:
            weaker = (synchronous,) if synchronous and value and name == "synchronous" else value
            return super().pragma(name, *weaker, **schema)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger_file.apsw, "Connection", Connection)
        yield patch
    files.unregister()


class Breaker:
    """Ends this process at a call on files, or makes that call fail."""

    def __init__(self, at: int, fault: str, *, stays: bool = False) -> None:
        """Break the call of that number; with ``stays`` every later one too. ``fault`` is KILL, EIO or ENOSPC."""
        self.calls = 0
        self._at, self._fault, self._stays = at, fault, stays

    @contextmanager
    def breaking(self) -> Iterator[None]:
        """Count and break SQLite's calls and Python's own."""
        failure = apsw.FullError if self._fault == "ENOSPC" else apsw.IOError
        with watched(lambda *_: self._count(failure("injected"))) as patch:
            for name in filter(partial(hasattr, os), _PYTHONS_OWN):
                patch.setattr(os, name, self._before(getattr(os, name)))
            yield

    def _before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def made(*arguments: Any, **options: Any) -> Any:
            number = getattr(errno, self._fault, 0)
            self._count(OSError(number, os.strerror(number)))
            return call(*arguments, **options)

        return made

    def _count(self, error: Exception) -> None:
        self.calls += 1
        if self.calls == self._at or (self._stays and self.calls > self._at):
            if self._fault == "KILL":
                os.kill(os.getpid(), signal.SIGKILL)
            raise error


class Recorder:
    """Writes down what happens below a folder, as :class:`faults.disk.Disk` repeats it."""

    def __init__(self, root: Path) -> None:
        self.before = read_tree(root)
        self.steps: list[tuple[Any, ...]] = []
        self._root = root
        self._handles: dict[str, int] = {}
        self._known = {path.relative_to(root).as_posix() for path in root.rglob("*")} | {"."}
        self._unnamed: set[str] = set()

    @contextmanager
    def recording(self, synchronous: str | None = None) -> Iterator[pytest.MonkeyPatch]:
        """Record SQLite's calls and Python's own."""
        with watched(self._watch, synchronous) as patch:
            for name in ("fsync", "fdatasync"):
                patch.setattr(os, name, self._after(getattr(os, name), self._synced))
            for name in ("mkdir", "unlink", "rmdir", "link", "rename", "replace"):
                told = {"replace": "rename"}.get(name, name)
                patch.setattr(os, name, self._after(getattr(os, name), partial(self._named, told)))
            yield patch

    def say(self, said: Any) -> None:
        self.steps.append(("say", said))

    def _watch(self, operation: str, path: str, arguments: tuple[Any, ...]) -> None:
        name = self._name(path)
        if name is None or name.endswith("-shm"):
            return
        match operation:
            case "open":
                self._open(name, made=name not in self._known and bool(arguments[0] & apsw.SQLITE_OPEN_CREATE))
                if arguments[0] & _JOURNALS:
                    self._unnamed.add(name)
            case "delete":
                if name in self._known:
                    self._named("unlink", path)
                    if arguments[0]:
                        self._sync_folder(str(Path(name).parent))
            case "sync":
                self.steps.append(("sync", self._handles[name]))
                if name in self._unnamed:  # SQLite syncs the folder of a new journal with its first sync
                    self._unnamed.discard(name)
                    self._sync_folder(str(Path(name).parent))
            case _:
                self.steps.append((operation, self._handles[name], *arguments))

    def _open(self, name: str, *, made: bool) -> int:
        self._handles[name] = len(self.steps)
        self._known.add(name)
        self.steps.append(("open", self._handles[name], name, made))
        return self._handles[name]

    def _synced(self, descriptor: int) -> None:
        wanted = os.fstat(descriptor)
        if stat.S_ISDIR(wanted.st_mode):
            folders = (path for path in (self._root, *self._root.rglob("*")) if path.is_dir())
            found = next((path for path in folders if os.path.samestat(path.stat(), wanted)), None)
            if found is not None:
                self._sync_folder(self._name(str(found)) or ".")
            return
        for path in self._root.rglob("*"):
            if path.is_file() and os.path.samestat(path.stat(), wanted):
                self.steps.append(("sync", self._written(str(path))))

    def _written(self, path: str) -> int:
        """Record what a file holds that Python wrote."""
        name = self._name(path) or ""
        handle = self._open(name, made=name not in self._known)
        self.steps.append(("write", handle, 0, Path(path).read_bytes()))
        return handle

    def _sync_folder(self, name: str) -> None:
        self.steps.append(("sync", self._open(name, made=False)))

    def _named(self, step: str, *paths: Any) -> None:
        names = [self._name(os.fspath(path)) for path in paths if isinstance(path, str | os.PathLike)]
        if None in names:
            return
        if step in ("link", "rename") and names[0] not in self._known:
            self._known.add(names[0] or "")
            handle = self._open(names[0] or "", made=True)
            self.steps.append(("write", handle, 0, Path(paths[1]).read_bytes()))
        if step in ("unlink", "rmdir") and names[0] not in self._known:
            return
        self.steps.append((step, *names))
        if step in ("unlink", "rmdir", "rename"):
            self._known.discard(names[0] or "")
        if step in ("mkdir", "link", "rename"):
            self._known.add(names[-1] or "")

    def _after(self, call: Callable[..., Any], record: Callable[..., None]) -> Callable[..., Any]:
        def made(*arguments: Any, **options: Any) -> Any:
            result = call(*arguments, **options)
            record(*arguments)
            return result

        return made

    def _name(self, path: str) -> str | None:
        """Return a path in the recorded folder, None for others."""
        place = Path(path)
        return place.relative_to(self._root).as_posix() if place.is_relative_to(self._root) else None
