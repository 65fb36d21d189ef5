"""Which exhibit stands on which page: decided before a page is written, so that every page can lead to every other.

An exhibit with many posts stands on several pages, and no page holds more than :data:`FULL` posts and heads together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

POSTS = 100
"""Posts of one exhibit on one page, at most."""

FULL = 120
_HEAD = 6  # what an exhibit weighs before its first post: its facts, its files, its custody


@dataclass(frozen=True)
class Part:
    """What one page says of one exhibit.

    Attributes:
        exhibit: Its number.
        sheet: The page, counted from 1.
        first: Which of its posts comes first there, counted from 0.
        posts: How many of its posts stand there.
        number: Which part of it this is, counted from 1.
        of: How many parts it has.
    """

    exhibit: str
    sheet: int
    first: int
    posts: int
    number: int
    of: int


def lay_out(exhibits: Iterable[str], posts: Mapping[str, int]) -> list[Part]:
    """Return the parts of all pages in their order.

    Args:
        exhibits: Their numbers, in order.
        posts: How many posts each shows; none where it is not named.
    """
    parts: list[Part] = []
    sheet, weight = 1, 0
    for exhibit in exhibits:
        many = posts.get(exhibit, 0)
        pieces = max(1, -(-many // POSTS))
        for number in range(1, pieces + 1):
            held = min(POSTS, many - (number - 1) * POSTS)
            if weight and weight + _HEAD + held > FULL:
                sheet, weight = sheet + 1, 0
            weight += _HEAD + held
            parts.append(Part(exhibit, sheet, (number - 1) * POSTS, held, number, pieces))
    return parts


def sheets(parts: Iterable[Part]) -> Iterator[tuple[int, list[Part]]]:
    """Yield each page's number with its parts."""
    for number, held in groupby(parts, key=lambda each: each.sheet):
        yield number, list(held)
