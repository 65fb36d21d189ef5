"""A block of metadata inside a file: where its bytes lie, in how many pieces, and how to read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any, Literal

from osint.media.value import Value

_SHORT = 64

Kind = Literal[
    "exif", "exif-part", "xmp", "xmp-extended", "iptc", "photoshop", "icc", "c2pa", "thumbnail", "quicktime", "geotiff"
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Block:
    """Bytes of one kind inside a file.

    Attributes:
        kind: What they are. ``exif`` is a bare TIFF block, ``exif-part`` that of a picture inside a document, ``iptc``
            the data sets of IPTC-IIM, ``photoshop`` a series of image resources, ``icc`` a whole profile, ``c2pa`` a
            JUMBF box, ``thumbnail`` a small picture, ``quicktime`` a box in which a film keeps its metadata,
            ``geotiff`` a bare TIFF block that is about a map.
        where: The part of the container that holds them, as its specification names it: ``APP1``, ``eXIf``, ``item 3``.
        pieces: Position and length in the file of each piece, in order.
        decoded: The bytes, where the container keeps them compressed or spelt in text; else None.
    """

    kind: Kind
    where: str
    pieces: tuple[tuple[int, int], ...]
    decoded: bytes | None = field(default=None, repr=False)

    def read(self, data: bytes) -> bytes:
        """Return the bytes of the block out of those of the file."""
        if self.decoded is not None:
            return self.decoded
        return b"".join(bytes(data[start : start + length]) for start, length in self.pieces)

    def place(self, start: int, length: int) -> int | None:
        """Return where in the file a part of the block lies, or None when it lies in no one place there."""
        if self.decoded is not None:
            return None
        for at, size in self.pieces:
            if start >= 0 and start + length <= size:
                return at + start
            start -= size
        return None

    def cite(self, content: bytes, start: int, length: int) -> dict[str, Any]:
        """Return the fields of a ``Value`` that cite a part of the block, given what :meth:`read` returned."""
        place = self.place(start, length)
        if place is None:
            return {}
        part = content[start : start + length]
        digest = sha256(part).hexdigest() if length > _SHORT else _digest(part)
        return {"byte_start": place, "byte_length": length, "bytes_sha256": digest}


@lru_cache(8192)  # pictures of one camera have most of their short values in common
def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one reader made of one block: values, and sentences on what it could not read."""

    values: tuple[Value, ...] = ()
    problems: tuple[str, ...] = ()
