"""What the outer structure of a file shows, and the bounded collector that each format's reader fills.

A reader walks one range of the file and tells the collector what it finds. Whatever stops it half-way, what it found
until then stays. The limits here hold for all formats together, so that no combination of small lies adds up to work.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from osint.media import identity
from osint.media.blocks import Block, Kind
from osint.media.containers.compression import DamagedError, inflate
from osint.media.value import LONGEST_TEXT, Value, made_of

READER = "osint containers 1"
MOST_BLOCKS = 1000
MOST_PIECES = 100_000
MOST_VALUES = 2000
MOST_PROBLEMS = 50
MOST_DEPTH = 3
_SMALL = 4096  # fewer bytes than this are copied sooner than looked at in place
MOST_STEPS = 500_000
LARGEST_INFLATED = 8 * 2**20
INFLATED_IN_ALL = 64 * 2**20
CUT_SHORT = "The file ends before the picture does: it is cut short, or its structure is damaged."

Pieces = tuple[tuple[int, int], ...]
Unpack = Callable[[bytes, int], tuple[bytes, bool]]
_NAMES = {
    "exif": "EXIF", "exif-part": "EXIF", "geotiff": "GeoTIFF", "xmp": "XMP", "xmp-extended": "extended XMP",
    "iptc": "IPTC", "icc": "ICC", "c2pa": "C2PA",
}  # fmt: skip
_TRAILERS = ("image/jpeg", "video/mp4", "video/quicktime", "video/3gpp")  # of a motion photo, of a second picture


class StructureError(ValueError):
    """A structure breaks off or contradicts itself; the message ends a sentence."""


@dataclass(frozen=True, kw_only=True)
class Structure:
    """What the outer structure of a file shows.

    Attributes:
        width: Pixels, as stored; None when not read.
        height: Pixels, as stored.
        end: Where the picture ends, or None when the format has no end or the file does not reach it.
        blocks: The blocks of metadata, in the order in which they were found.
        values: What the container itself states.
        problems: What could not be followed, in sentences.
    """

    width: int | None = None
    height: int | None = None
    end: int | None = None
    blocks: tuple[Block, ...] = ()
    values: tuple[Value, ...] = ()
    problems: tuple[str, ...] = ()

    def first(self, kind: Kind) -> Block | None:
        """Return the first block of a kind, or None."""
        return next((block for block in self.blocks if block.kind == kind), None)


@dataclass
class _Collected:
    """What all parts of one file share: what was found, and how much work is left."""

    blocks: list[Block] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    entered: set[int] = field(default_factory=set)
    bytes_left: int = 0
    inside_left: int = 0
    pieces_left: int = MOST_PIECES
    steps_left: int = MOST_STEPS
    inflated_left: int = INFLATED_IN_ALL


class Finder:
    """Collects what a reader finds in one range of a file.

    Attributes:
        data: The whole file; it may be mapped, so it slices, indexes and finds like bytes and has no ``startswith``.
        start: Where the range begins.
        stop: Where it ends; no number is read from beyond.
        within: What the range is of the file, ``trailing``; empty for the file itself.
        of_part: Whether it is a picture of its own that a document shows: of such only EXIF is handed on, as its own.
    """

    def __init__(self, data: bytes, media_type: str) -> None:
        self.data, self.media_type = data, media_type
        self.start, self.stop = 0, len(data)
        self.within, self.depth, self.of_part = "", 0, False
        self.width: int | None = None
        self.height: int | None = None
        self.end: int | None = None
        self._all = _Collected(entered={0}, bytes_left=4 * len(data) + 65_536, inside_left=3 * len(data))

    # -- reading -------------------------------------------------------------------------------------------------------

    def unpack(self, layout: str, at: int) -> tuple[Any, ...]:
        """Return the numbers that stand at a place.

        Raises:
            StructureError: They would lie outside the range.
        """
        if not self.start <= at <= self.stop - struct.calcsize(layout):
            raise StructureError(f"it ends where more is announced, at byte {min(max(at, 0), self.stop)}")
        return struct.unpack_from(layout, self.data, at)

    def step(self) -> None:
        """Count one part of the file (a segment, a chunk, a box) against what all its parts may be.

        Raises:
            StructureError: There are more than any picture needs.
        """
        self._all.steps_left -= 1
        if self._all.steps_left < 0:
            raise StructureError(f"it has more than {MOST_STEPS} parts")

    def slice(self, at: int, length: int) -> bytes:
        """Return the bytes at a place, as far as the range has them."""
        return bytes(self.data[at : min(at + max(length, 0), self.stop)])

    def may_inflate(self) -> bool:
        """Say whether more compressed metadata may be unpacked; note it as a problem when not."""
        if self._all.inflated_left > 0:
            return True
        self.problem(f"The file has more than {INFLATED_IN_ALL} bytes of compressed metadata; no more is unpacked.")
        return False

    def inflated(self, packed: bytes, what: str, unpack: Unpack = inflate) -> bytes | None:
        """Return what compressed data holds; None, and a problem, if it is damaged or larger than the limit."""
        if not self.may_inflate():
            return None
        limit = min(LARGEST_INFLATED, self._all.inflated_left)
        self._all.inflated_left -= len(packed)  # what is damaged costs work, too
        try:
            content, whole = unpack(packed, limit)
        except DamagedError:
            self.problem(f"The compressed content of {what} is damaged; it was not read.")
            return None
        self._all.inflated_left -= len(content)
        if len(content) > limit:
            self.problem(f"The compressed content of {what} is larger than {limit} bytes; it was not read.")
            return None
        if not whole:
            self.problem(f"The compressed content of {what} breaks off; what there is was read.")
        return content

    def attempt(self, part: str, read: Callable[..., None], *arguments: Any) -> None:
        """Read one part; what breaks off there is a problem, and the other parts are read all the same."""
        try:
            read(*arguments)
        except StructureError as error:
            self.problem(f"The structure of {part} breaks off or contradicts itself: {error}.")

    # -- what was found ------------------------------------------------------------------------------------------------

    def add(self, kind: Kind, where: str, *pieces: tuple[int, int], decoded: bytes | None = None) -> bool:
        """Hand on a block whose pieces lie in the file; say what is wrong with one that does not."""
        if self.of_part:
            if kind != "exif":
                return False
            kind = "exif-part"
        name = f"{_NAMES.get(kind, kind)} block"
        kept = tuple((at, length) for at, length in pieces if length > 0)
        if not kept or decoded == b"":
            self.problem(f"The {name} in {self.within + where} is empty.")
            return False
        if any(at < self.start or at + length > self.stop for at, length in kept):
            self.problem(f"The {name} is announced, but lies outside the file; it was not read.")
            return False
        size = sum(length for _, length in kept)
        shared = self._all
        if len(shared.blocks) >= MOST_BLOCKS or len(kept) > shared.pieces_left or size > shared.bytes_left:
            self.problem("The file announces more blocks of metadata than it can hold; the last ones were not read.")
            return False
        shared.pieces_left -= len(kept)
        shared.bytes_left -= size
        shared.blocks.append(Block(kind=kind, where=self.within + where, pieces=kept, decoded=decoded))
        return True

    def state(self, block: str, name: str, text: str, *, at: int | None = None, length: int = 0, **more: Any) -> None:
        """Note a value that the container states; with ``at``, the bytes in which it stands."""
        if len(self._all.values) >= MOST_VALUES:
            self.problem(f"The file states more than {MOST_VALUES} values; the last ones were not read.")
            return
        more |= {"block": block, "name": name, "text": text[:LONGEST_TEXT], "reader": READER}
        if self.within:  # a fact of a file inside is none of this file
            more |= {"fact": None, "value": None, "group": self.within + more.get("group", "")}
        if at is not None and self.start <= at and at + length <= self.stop:
            more |= {"byte_start": at, "byte_length": length, "bytes_sha256": self._digest(at, at + length)}
        self._all.values.append(made_of(more))

    def problem(self, sentence: str) -> None:
        """Note what could not be followed, once."""
        problems = self._all.problems
        if sentence not in problems and len(problems) < MOST_PROBLEMS:
            problems.append(sentence)

    def size(self, width: int, height: int) -> None:
        """Note the size in pixels; the first one counts."""
        if self.width is None:
            self.width, self.height = width, height

    def finish(self, end: int) -> None:
        """Note where the picture ends and what the bytes after it are."""
        self.end = end
        if end >= self.stop:
            return
        kind = identity.sniff(self.slice(end, identity.HEAD))
        length = self.stop - end
        self.state("container", "trailing data", f"{length} bytes, {kind}", at=end, length=length)

    # -- files inside --------------------------------------------------------------------------------------------------

    def inside(self, start: int, stop: int, name: str, media_type: str) -> Finder | None:
        """Return a finder for a file inside this one; None when it was entered before, or lies too deep."""
        if self.depth >= MOST_DEPTH or start in self._all.entered or not self.start <= start < stop <= self.stop:
            return None
        self._all.inside_left -= stop - start
        if self._all.inside_left < 0:
            self.problem("The file names more files inside it than it can hold; the last ones were not read.")
            return None
        self._all.entered.add(start)
        inner = Finder(self.data, media_type)
        inner.start, inner.stop = start, stop
        inner.within, inner.depth, inner._all = f"{self.within}{name}/", self.depth + 1, self._all
        inner.of_part = self.of_part
        return inner

    def trailer(self) -> Finder | None:
        """Return a finder for the bytes after the end, where they are a file that is read here."""
        if self.end is None or self.end >= self.stop:
            return None
        kind = identity.sniff(self.slice(self.end, identity.HEAD))
        return self.inside(self.end, self.stop, "trailing", kind) if kind in _TRAILERS else None

    def structure(self) -> Structure:
        """Return what was found."""
        for fact, pixels in (("width", self.width), ("height", self.height)):
            if pixels is not None:
                self.state("container", fact, str(pixels), fact=fact, value=pixels, unit="px")
        found = self._all
        return Structure(
            width=self.width,
            height=self.height,
            end=self.end,
            blocks=tuple(found.blocks),
            values=tuple(found.values),
            problems=tuple(found.problems),
        )

    def _digest(self, start: int, stop: int) -> str:
        if stop - start <= _SMALL:
            return sha256(self.data[start:stop]).hexdigest()
        with memoryview(self.data) as view, view[start:stop] as part:
            return sha256(part).hexdigest()


Reader = Callable[[Finder], None]


def cut(pieces: Pieces, start: int, length: int) -> Pieces:
    """Return the places of a part of a block that lies in pieces; shorter where the block is."""
    found = []
    for at, size in pieces:
        taken = min(size - start, length)
        if start < size and taken > 0:
            found.append((at + start, taken))
            length -= taken
        start = max(start - size, 0)
    return tuple(found)


def printable(text: bytes) -> str:
    """Return text from a header as Latin-1, without the bytes that fill it up."""
    return text.partition(b"\0")[0].decode("latin-1").strip()
