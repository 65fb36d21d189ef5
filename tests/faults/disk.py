"""A disk that loses power: what may be on it afterwards, going by nothing but what POSIX promises.

A file holds for certain what it held when it was last synced, a folder the names it had when *it* was last synced.
Every later write may be there, be missing, be there in part (sectors of 512 bytes, pages of 4096), or have left zeros or
rubbish in its place; every later name may be there or not, in any order. Real file systems promise more; a program
that relies on this alone is safe on all of them. One thing is granted: a rename is whole or not at all.

After a sync that failed, the writes it was to bring are gone, as Linux drops them, although the program still reads them
from memory and a later sync succeeds.

Sources: POSIX.1-2024 fsync(); Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014; Rebello et al.,
"Can Applications Recover from fsync Failures?", USENIX ATC 2020.
"""

from __future__ import annotations

import hashlib
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

SECTOR, PAGE = 512, 4096

Tree = dict[str, Any]  # name: bytes of a file, or the Tree of a folder


class Write(NamedTuple):
    """Bytes that a file was given at an offset."""

    offset: int
    data: bytes


class Cut(NamedTuple):
    """The length that a file was given."""

    size: int


Change = Write | Cut


@dataclass(eq=False)
class File:
    """An inode: what is safe, what the program sees, and what lies between."""

    durable: bytearray = field(default_factory=bytearray)
    seen: bytearray = field(default_factory=bytearray)
    pending: list[Change] = field(default_factory=list)

    def change(self, change: Change) -> None:
        """Write or cut, without a sync."""
        _apply(self.seen, change)
        self.pending.append(change)

    def sync(self) -> None:
        """Make safe what is pending. Whole pages are written, with whatever else the program sees in them."""
        for change in self.pending:
            _apply(self.durable, change)
            if isinstance(change, Write):
                start = change.offset // PAGE * PAGE
                end = -(-(change.offset + len(change.data)) // PAGE) * PAGE
                pages = self.seen[start:end]
                self.durable[start : start + len(pages)] = pages
        self.pending.clear()

    def lose(self) -> None:
        """Fail to sync: what is pending never reaches the disk."""
        self.pending.clear()

    def after(self, chance: Chance) -> bytes:
        """Return what is there after the power came back."""
        content = bytearray(self.durable)
        for position, change in enumerate(self.pending):
            for part in chance.parts(change, last=position == len(self.pending) - 1):
                _apply(content, part)
        return bytes(content)


@dataclass(eq=False)
class Naming:
    """One name that a folder was given (or lost, when ``node`` is None); ``others`` happen with it or not at all."""

    folder: Folder
    name: str
    node: File | Folder | None
    others: list[Naming] = field(default_factory=list)
    safe: bool = False


@dataclass(eq=False)
class Folder:
    """A folder: its names as they are safe, as the program sees them, and the changes between."""

    durable: dict[str, File | Folder] = field(default_factory=dict)
    seen: dict[str, File | Folder] = field(default_factory=dict)
    pending: list[Naming] = field(default_factory=list)

    def sync(self) -> None:
        """Make the names safe, and with them the other half of a rename."""
        for naming in self.pending:
            for each in (naming, *naming.others):
                each.safe = True

    def lose(self) -> None:
        """Fail to sync: names stay pending, as journals keep them."""

    def after(self, chance: Chance) -> Tree:
        """Return the names and what they hold after the power came back."""
        return {name: node.after(chance) for name, node in sorted(self.names(chance).items())}

    def names(self, chance: Chance) -> dict[str, File | Folder]:
        """Return what has a name here after the power came back."""
        names = dict(self.durable)
        for naming in self.pending:
            if naming.safe or chance.keeps(naming):
                _name(names, naming)
        return names


class Chance:
    """What becomes of pending changes. This one loses everything."""

    def parts(self, change: Change, *, last: bool) -> Iterable[Change]:
        """Return what of a pending change of bytes is on the disk; ``last`` is the last one of its file."""
        return ()

    def keeps(self, naming: Naming) -> bool:
        """Return whether a pending name is on the disk."""
        return False


@dataclass
class Fixed(Chance):
    """The same for every change: ``bytes_`` says what of them is there, ``names`` whether names are."""

    bytes_: Callable[[Change, bool], Iterable[Change]]
    names: bool

    def parts(self, change: Change, *, last: bool) -> Iterable[Change]:
        return self.bytes_(change, last)

    def keeps(self, naming: Naming) -> bool:
        return self.names


class Drawn(Chance):
    """Sector by sector and name by name as a seeded generator draws them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._names: dict[int, bool] = {}

    def parts(self, change: Change, *, last: bool) -> Iterable[Change]:
        if isinstance(change, Cut):
            return [change] if self._random.random() < 0.5 else []
        unit = self._random.choice((SECTOR, PAGE, 1 << 30))
        return [piece for piece in _pieces(change, unit) if self._random.random() < 0.5]

    def keeps(self, naming: Naming) -> bool:
        group = min(map(id, (naming, *naming.others)))
        return self._names.setdefault(group, self._random.random() < 0.5)


def chances(seed: int, draws: int) -> dict[str, Chance]:
    """Return the named fates that every moment is tried with, and that many drawn ones."""
    noise = random.Random(seed)
    fixed: dict[str, Chance] = {
        "nothing": Chance(),
        "everything": Fixed(lambda change, last: [change], names=True),
        "bytes without names": Fixed(lambda change, last: [change], names=False),
        "names without bytes": Fixed(lambda change, last: [], names=True),
        "zeros": Fixed(lambda change, last: [_filled(change, bytes)], names=True),
        "rubbish": Fixed(lambda change, last: [_filled(change, noise.randbytes)], names=True),
        "torn at 512": Fixed(lambda change, last: _head(change, SECTOR) if last else [change], names=True),
        "torn at 4096": Fixed(lambda change, last: _head(change, PAGE) if last else [change], names=True),
        "tail of the last write": Fixed(lambda change, last: _tail(change) if last else [change], names=True),
    }
    return fixed | {f"drawn {number}": Drawn(seed * 1000 + number) for number in range(draws)}


class Disk:
    """A folder tree on which the recorded steps of a program are repeated.

    A step is a tuple of its name and arguments; see :meth:`do`. Paths are relative to the folder recorded.
    """

    def __init__(self, tree: Tree) -> None:
        self.root = _settled(tree)
        self._before = list(_files(self.root, Chance()))
        self._open: dict[int, File | Folder] = {}

    def do(self, step: Sequence[Any]) -> None:
        """Repeat one step: ``open`` (handle, path, made), ``write`` (handle, offset, data), ``cut`` (handle, size), ``sync``
        and ``failed sync`` (handle), ``mkdir``, ``unlink`` and ``rmdir`` (path), ``link`` and ``rename`` (old, new).
        ``say`` changes nothing.
        """
        match step:
            case ("open", int(handle), str(path), bool(made)):
                self._open[handle] = self._made(path, File()) if made else self._node(path)
            case ("write", int(handle), int(offset), bytes(data)):
                self._file(handle).change(Write(offset, data))
            case ("cut", int(handle), int(size)):
                self._file(handle).change(Cut(size))
            case ("sync", int(handle)):
                self._open[handle].sync()
            case ("failed sync", int(handle)):
                self._open[handle].lose()
            case ("mkdir", str(path)):
                self._made(path, Folder())
            case ("unlink" | "rmdir", str(path)):
                self._rename([(path, None)])
            case ("link", str(old), str(new)):
                self._rename([(new, self._node(old))])
            case ("rename", str(old), str(new)):
                self._rename([(old, None), (new, self._node(old))])
            case ("say", _):
                pass
            case _:
                raise ValueError(f"the disk does not know the step {step[:2]}")

    def after(self, chance: Chance) -> Tree:
        """Return what is on the disk after the power failed now."""
        return self.root.after(chance)

    def nameless(self, chance: Chance) -> list[bytes]:
        """Return what is on the disk of the files that were there before and have no name after the power failed now.

        No program is shown that; whoever reads the disk itself finds it.
        """
        named = set(map(id, _files(self.root, chance)))
        return [file.after(chance) for file in self._before if id(file) not in named]

    def _node(self, path: str) -> File | Folder:
        node: File | Folder = self.root
        for name in PurePosixPath(path).parts:
            assert isinstance(node, Folder)
            node = node.seen[name]
        return node

    def _file(self, handle: int) -> File:
        node = self._open[handle]
        assert isinstance(node, File)
        return node

    def _made(self, path: str, node: File | Folder) -> File | Folder:
        self._rename([(path, node)])
        return node

    def _rename(self, changes: Sequence[tuple[str, File | Folder | None]]) -> None:
        namings = []
        for path, node in changes:
            folder = self._node(str(PurePosixPath(path).parent))
            assert isinstance(folder, Folder)
            namings.append(Naming(folder, PurePosixPath(path).name, node))
        for naming in namings:
            naming.others = [other for other in namings if other is not naming]
            _name(naming.folder.seen, naming)
            naming.folder.pending.append(naming)


def moments(tree: Tree, steps: Sequence[Sequence[Any]]) -> Iterator[tuple[int, Disk, list[Any]]]:
    """Yield, after every step that changed something, its number, the disk, and what had been said by then."""
    disk, said = Disk(tree), list[Any]()
    yield 0, disk, said
    for number, step in enumerate(steps, 1):
        disk.do(step)
        if step[0] == "say":
            said.append(step[1])
        yield number, disk, said


@contextmanager
def in_memory() -> Iterator[Path]:
    """Give a folder in memory where there is one: it is not the real disk that is to fail."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def read_tree(folder: Path) -> Tree:
    """Return what lies in a folder."""
    return {path.name: read_tree(path) if path.is_dir() else path.read_bytes() for path in sorted(folder.iterdir())}


def write_tree(folder: Path, tree: Mapping[str, Any]) -> None:
    """Write a tree into a folder, which is made when it is not there; for its owner's eyes only, as keys have to be."""
    folder.mkdir(exist_ok=True, mode=0o700)
    for name, content in tree.items():
        if isinstance(content, dict):
            write_tree(folder / name, content)
        else:
            (folder / name).write_bytes(content)
            (folder / name).chmod(0o600)


def digest(tree: Tree) -> bytes:
    """Return what tells two trees apart."""
    return hashlib.sha256(repr(tree).encode()).digest()


def _settled(tree: Tree) -> Folder:
    nodes: dict[str, File | Folder] = {}
    for name, content in tree.items():
        settled = isinstance(content, dict)
        nodes[name] = _settled(content) if settled else File(bytearray(content), bytearray(content))
    return Folder(dict(nodes), dict(nodes))


def _files(folder: Folder, chance: Chance) -> Iterator[File]:
    """Yield every file that has a name below a folder after the power came back."""
    for node in folder.names(chance).values():
        if isinstance(node, Folder):
            yield from _files(node, chance)
        else:
            yield node


def _name(names: dict[str, File | Folder], naming: Naming) -> None:
    if naming.node is None:
        names.pop(naming.name, None)
    else:
        names[naming.name] = naming.node


def _apply(content: bytearray, change: Change) -> None:
    end = change.size if isinstance(change, Cut) else change.offset + len(change.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if isinstance(change, Cut):
        del content[change.size :]
    else:
        content[change.offset : end] = change.data


def _pieces(write: Write, unit: int) -> list[Write]:
    """Cut a write where the disk's own units end."""
    pieces, start, end = [], write.offset, write.offset + len(write.data)
    while start < end:
        stop = min(end, (start // unit + 1) * unit)
        pieces.append(Write(start, write.data[start - write.offset : stop - write.offset]))
        start = stop
    return pieces


def _head(change: Change, unit: int) -> list[Change]:
    """Return the first half of a write, in whole units; at least one unit is missing."""
    if isinstance(change, Cut):
        return []
    pieces = _pieces(change, unit)
    return list(pieces[: len(pieces) // 2])


def _tail(change: Change) -> list[Change]:
    return [] if isinstance(change, Cut) else list(_pieces(change, SECTOR)[1:])


def _filled(change: Change, content: Callable[[int], bytes]) -> Change:
    return change if isinstance(change, Cut) else Write(change.offset, content(len(change.data)))
