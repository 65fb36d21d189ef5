"""Texts as the store holds them: one by one, and columns of them as bytes.

A column says how long each text is and has all of them in a row, so that some are read without the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

Numbers = np.ndarray[Any, Any]

_LENGTH = np.dtype("<u4")
_NOTHING = (1 << 32) - 1


class Texts(NamedTuple):
    """A column as it is stored: how many texts, how long each is, and all of them."""

    stored: bytes

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> Texts:
        """Return texts as a column; half of a surrogate pair stays what it is."""
        lengths = np.full(len(texts), _NOTHING, dtype=_LENGTH)
        held = [text for text in texts if text is not None]
        is_held = slice(None) if len(held) == len(texts) else [text is not None for text in texts]
        lengths[is_held] = np.fromiter(map(len, held), dtype=_LENGTH, count=len(held))
        numbers = np.array([len(texts)], dtype=_LENGTH).tobytes() + lengths.tobytes()
        return cls(numbers + "".join(held).encode("utf-8", "surrogatepass"))

    def at(self, places: Numbers | slice) -> list[str | None]:
        """Return the texts at some places."""
        count = np.frombuffer(self.stored, _LENGTH, 1)[0]
        lengths = np.frombuffer(self.stored, _LENGTH, count, offset=_LENGTH.itemsize)
        text = self.stored[(count + 1) * _LENGTH.itemsize :].decode("utf-8", "surrogatepass")
        ends = np.cumsum(np.where(lengths == _NOTHING, 0, lengths), dtype=np.int64)
        starts = np.where(lengths == _NOTHING, -1, ends - lengths)
        bounds = zip(starts[places].tolist(), ends[places].tolist(), strict=True)
        return [text[start:end] if start >= 0 else None for start, end in bounds]


def storable(text: str) -> str | bytes:
    """Return a text as SQLite can hold it: one with half of a surrogate pair is no Unicode, and is kept as bytes."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def all_storable(texts: Sequence[str]) -> Sequence[str | bytes]:
    """Return texts as SQLite can hold them; most are plain, and are not looked at one by one."""
    return texts if "".join(texts).isascii() else [*map(storable, texts)]


def as_text(stored: Any) -> str:
    """Return the text that :func:`storable` made storable."""
    return stored.decode("utf-8", "surrogatepass") if isinstance(stored, bytes) else stored
