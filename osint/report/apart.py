"""Text in which each value keeps to itself: letters from right to left in one do not reorder those beside it.

To everything but a PDF it is a plain string. HTML has ``<bdi>`` for the same.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise


class Apart(str):
    """Text of several parts.

    Attributes:
        ends: The place after each part, ascending.
        levels: The level of each character, where somebody worked it out (:mod:`osint.report.bidi`); else empty.
    """

    ends: tuple[int, ...]
    levels: bytes

    def spans(self) -> Iterator[tuple[int, int]]:
        """Yield where each part begins and ends."""
        return pairwise((0, *self.ends))

    def part(self, start: int, end: int) -> Apart:
        """Return what stands between two places, its parts as apart as they were."""
        among = self.ends[bisect_right(self.ends, start) : bisect_left(self.ends, end)]
        inside = (place - start for place in among)
        return with_ends(self[start:end], (*inside, end - start), self.levels[start:end])


def apart(*parts: object) -> Apart:
    """Return the text of values, each of which keeps to itself; parts of parts do so too."""
    texts = [part if isinstance(part, str) else str(part) for part in parts]
    lengths = (length for text in texts for length in _lengths(text))
    return with_ends("".join(texts), tuple(accumulate(lengths)))


def joined(between: str, parts: Iterable[object]) -> Apart:
    """Return parts with something between each two of them, as ``between.join(parts)`` does."""
    both = [piece for part in parts for piece in (between, part)]
    return apart(*both[1:])


def with_ends(text: str, ends: tuple[int, ...], levels: bytes = b"") -> Apart:
    """Return text whose parts end at these places."""
    made = Apart(text)
    made.ends, made.levels = ends, levels
    return made


def _lengths(part: str) -> Iterator[int]:
    if isinstance(part, Apart):
        yield from (end - start for start, end in part.spans())
    else:
        yield len(part)
