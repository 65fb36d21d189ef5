"""Screenshots and prints: an image of a page, of which the declaration is all that is known. Nothing is decoded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from osint.capture.entity import ENTITY_LIMIT
from osint.capture.imports.found import Found, Sealed

_TAIL = 1 << 11
_ENDS = {"image/png": b"IEND\xaeB`\x82", "image/jpeg": b"\xff\xd9", "application/pdf": b"%%EOF"}


def captures(path: Path, sealed: Sealed) -> Iterator[Found]:
    """Yield the one image, and a warning when it breaks off."""
    with path.open("rb") as stream:
        body = stream.read(ENTITY_LIMIT)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _TAIL))
        tail = stream.read()
    if _breaks_off(sealed.media_type, body[:12], size, tail):
        what = (
            f"It starts as {sealed.media_type} and does not end as such: it is cut, or bytes were put behind its end."
        )
        yield sealed.warning("", what, "What a viewer shows of it may not be all.")
    yield sealed.capture("", sealed.address, body, headers=(("Content-Type", sealed.media_type),))


def _breaks_off(media_type: str, head: bytes, size: int, tail: bytes) -> bool:
    if media_type == "image/webp":
        return int.from_bytes(head[4:8], "little") + 8 not in (size, size - 1)
    return _ENDS[media_type] not in tail
