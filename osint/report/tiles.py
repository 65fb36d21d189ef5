"""The ledger as a tiled log: the files that clients and auditors of transparency logs read, to be served as they are.

``checkpoint``, ``tile/<level>/<index>`` with up to 256 hashes of 32 bytes, ``tile/entries/<index>`` with the entries.
Source: https://c2sp.org/tlog-tiles, in the state of 2026-11.

An entry bundle gives the length of an entry in two bytes. A ledger line may be longer than 65,535 bytes, although few
ever are; such a ledger has no bundles, and the specification knows no other way to carry an entry. Its hash tiles are
complete all the same.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from osint.chain_of_custody import checkpoint
from osint.chain_of_custody.checkpoint import Checkpoint
from osint.chain_of_custody.ledger_rows import Record
from osint.chain_of_custody.merkle import Frontier, leaf_hash
from osint.errors import ExportError, Finding, IntegrityError, LedgerError
from osint.report.bag import STEP

_TILE = 256
_HASH = 32
_LONGEST_ENTRY = 0xFFFF
_LONGEST_NOTE = 1 << 20


class Log(Protocol):
    """What can be written as tiles: a ``Ledger``, or an ``ExportedLedger``."""

    def checkpoints(self) -> list[str]:
        """Return the signed checkpoints, the oldest first."""
        ...

    def records(self) -> Iterator[Record]:
        """Yield the lines with their line ends."""
        ...

    def cosignatures(self) -> list[tuple[int, str]]:
        """Return each cosignature with the size of its checkpoint."""
        ...


def tile_path(level: int | str, index: int, width: int) -> str:
    """Return where a tile lies: ``tile/0/x001/234.p/17``; a full one has no ``.p``.

    Args:
        level: Level of the tree, or ``entries``.
        index: Place of the tile in its level, from 0.
        width: Hashes or entries in it, 1 to 256.
    """
    digits = f"{index:03d}" if index < 1000 else f"{index:0{-(-len(str(index)) // 3) * 3}d}"
    parts = [digits[place : place + 3] for place in range(0, len(digits), 3)]
    name = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
    return f"tile/{level}/{name}" + (f".p/{width}" if width < _TILE else "")


def write_tiles(ledger: Log, folder: Path, *, bundles: bool = True) -> Checkpoint:
    """Write a ledger up to its newest checkpoint as a tiled log; the folder appears whole and checked, or not at all.

    Partial tiles are written for every checkpoint of the ledger that needs them. What was appended after the newest
    checkpoint is not in the tiles.

    Args:
        ledger: The ledger.
        folder: A folder that is not there yet.
        bundles: Write the entries too. They hold no private values, which are disclosed apart from them.

    Raises:
        ExportError: The ledger has no checkpoint, an entry is too long for a bundle, or the folder is there already
            or cannot be written.
        IntegrityError: The lines do not give the root of the checkpoint; nothing was written.
    """
    if folder.exists() or folder.is_symlink():
        raise ExportError(f"{folder} is there already. Nothing was written: tiles go into a folder of their own.")
    notes = ledger.checkpoints()
    if not notes:
        raise ExportError("The ledger has no checkpoint yet, and tiles are those of a checkpoint. Cut one first.")
    sizes = [checkpoint.parse(note).size for note in notes]
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.part")
    try:
        part.mkdir(parents=True)
        leaves = _write_entries(ledger, part, sizes, bundles=bundles)
        _write_hashes(leaves, part, sizes)
        witnesses = "".join(f"{line}\n" for size, line in ledger.cosignatures() if size == sizes[-1])
        (part / "checkpoint").write_bytes(f"{notes[-1]}{witnesses}".encode())
        head = check_tiles(part)
        part.rename(folder)
    except OSError as error:
        raise ExportError(
            f"The tiles could not be written to {folder} ({error.strerror}), and nothing half written was left. The "
            "ledger is not affected: free some space or choose another disk."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return head


def check_tiles(folder: Path) -> Checkpoint:
    """Recompute the root of a tiled log from its hash tiles, and from its entries where they are there.

    The signatures of the checkpoint are not judged here.

    Returns:
        The checkpoint, which every tile that it needs fits.

    Raises:
        LedgerError: The checkpoint cannot be read.
        IntegrityError: A tile is missing, has another length, or leads to another root.
    """
    try:
        with (folder / "checkpoint").open("rb") as stream:
            head = checkpoint.parse(stream.read(_LONGEST_NOTE).decode())
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError(f"The checkpoint in {folder} cannot be read: {error}.") from error
    nodes = leaves = b"".join(_read_level(folder, 0, head.size))
    if Frontier(_hashes(leaves)).root() != head.root:
        raise _wrong("tile/0", "does not give the root of the checkpoint")
    for level in range(1, 64):
        nodes = b"".join(_roots_of_full_tiles(nodes))
        if nodes != b"".join(_read_level(folder, level, len(nodes) // _HASH)):
            raise _wrong(f"tile/{level}", "does not fit the level below")
        if len(nodes) // _HASH < _TILE:
            break
    if (folder / "tile" / "entries").is_dir():
        _check_entries(folder, leaves)
    return head


def _write_entries(ledger: Log, folder: Path, sizes: Sequence[int], *, bundles: bool) -> bytes:
    """Write the entry bundles; return the leaf hashes, one after the other."""
    leaves, bundle = bytearray(), bytearray()
    wanted = set(sizes)
    for place, record in enumerate(ledger.records()):
        if place == sizes[-1]:
            break
        line = record.line.removesuffix(b"\n")
        leaves += leaf_hash(line)
        if not bundles:
            continue
        if len(line) > _LONGEST_ENTRY:
            raise ExportError(
                f"Ledger entry {place} has {len(line)} bytes, and a tiled log carries at most {_LONGEST_ENTRY} in one "
                "entry. Nothing was written. Write the hash tiles alone (bundles=False, --hashes-only); ledger.jsonl "
                "of a package carries entries of any length."
            )
        bundle += len(line).to_bytes(2, "big") + line
        full = (place + 1) % _TILE == 0
        if full or (place + 1 in wanted and place // _TILE == sizes[-1] // _TILE):
            _write(folder / tile_path("entries", place // _TILE, place % _TILE + 1), bytes(bundle))
        if full:
            bundle.clear()
    return bytes(leaves)


def _write_hashes(leaves: bytes, folder: Path, sizes: Sequence[int]) -> None:
    nodes, level = leaves, 0
    while nodes:
        last = len(nodes) // _HASH // _TILE
        for index in range(last):
            _write(folder / tile_path(level, index, _TILE), nodes[index * _TILE * _HASH : (index + 1) * _TILE * _HASH])
        for width in sorted({size // _TILE**level - last * _TILE for size in sizes}):
            if width > 0:
                start = last * _TILE * _HASH
                _write(folder / tile_path(level, last, width), nodes[start : start + width * _HASH])
        nodes, level = b"".join(_roots_of_full_tiles(nodes)), level + 1


def _read_level(folder: Path, level: int | str, count: int) -> Iterator[bytes]:
    """Yield the hash tiles of a level, each of the length that so many nodes ask for."""
    for index in range(-(-count // _TILE)):
        width = min(_TILE, count - index * _TILE)
        name = tile_path(level, index, width)
        yield _read(folder / name, name, width * _HASH, width * _HASH)


def _check_entries(folder: Path, leaves: bytes) -> None:
    for index in range(-(-len(leaves) // _HASH // _TILE)):
        expected = leaves[index * _TILE * _HASH : (index + 1) * _TILE * _HASH]
        name = tile_path("entries", index, len(expected) // _HASH)
        bundle = _read(folder / name, name, 0, _TILE * (_LONGEST_ENTRY + 2))
        if b"".join(map(leaf_hash, _entries(bundle, name))) != expected:
            raise _wrong(name, "holds other entries than the tree")


def _entries(bundle: bytes, name: str) -> Iterator[bytes]:
    place = 0
    while place < len(bundle):
        end = place + 2 + int.from_bytes(bundle[place : place + 2], "big")
        if end > len(bundle):
            raise _wrong(name, "breaks off in an entry")
        yield bundle[place + 2 : end]
        place = end


def _roots_of_full_tiles(nodes: bytes) -> Iterator[bytes]:
    for start in range(0, len(nodes) - len(nodes) % (_TILE * _HASH), _TILE * _HASH):
        yield Frontier(_hashes(nodes[start : start + _TILE * _HASH])).root()


def _hashes(nodes: bytes) -> Iterator[bytes]:
    return (nodes[start : start + _HASH] for start in range(0, len(nodes), _HASH))


def _read(path: Path, name: str, shortest: int, longest: int) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(longest + 1)
    except OSError as error:
        raise _wrong(name, f"cannot be read ({error.strerror})") from error
    if not shortest <= len(data) <= longest:
        raise _wrong(name, "has another length than its name says")
    return data


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _wrong(name: str, what: str) -> IntegrityError:
    summary = "The tiled log does not verify."
    return IntegrityError(summary, [Finding(step=STEP, what=f"{name} {what}. Write the tiles again from the ledger.")])
