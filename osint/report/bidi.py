"""In which order letters stand that run from right to left: the Unicode Bidirectional Algorithm, without its controls.

Characters that steer the order (embeddings, overrides, isolates, marks) are never obeyed here: they are spelt by their
code point before. What is left of the algorithm are its rules for one run of text; a value that is to keep to itself
is a run of its own. No package that was found returns levels, which letters need before they can be joined.

Source: Unicode Standard Annex #9, revision 46; the numbers below are its rules.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Protocol, TypeVar

_PAIRS = (
    "()[]{}༺༻༼༽᚛᚜⁅⁆⁽⁾₍₎⌈⌉⌊⌋〈〉❨❩❪❫❬❭❮❯❰❱❲❳❴❵⟅⟆⟦⟧⟨⟩⟪⟫⟬⟭⟮⟯⦃⦄"
    "⦅⦆⦇⦈⦉⦊⦋⦌⦍⦐⦏⦎⦑⦒⦓⦔⦕⦖⦗⦘⧘⧙⧚⧛⧼⧽⸢⸣⸤⸥⸦⸧⸨⸩⹕⹖⹗⹘"
    "⹙⹚⹛⹜〈〉《》「」『』【】〔〕〖〗〘〙〚〛﹙﹚﹛﹜﹝﹞（）［］｛｝｟｠｢｣"
)
"""Opening and closing brackets by turns, of ``BidiBrackets.txt``, Unicode 15.0."""

_CLOSING = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
_MOST_OPEN = 63
_STRONG = {"L": "L", "R": "R", "EN": "R", "AN": "R"}
"""As which direction a class counts for the neutral characters beside it (N0 to N2)."""


class Levelled(Protocol):
    """What has a level: even runs from left to right, odd from right to left."""

    @property
    def level(self) -> int:
        """The level."""
        ...


_Item = TypeVar("_Item", bound=Levelled)


def classes(text: str) -> list[str]:
    """Return the bidirectional class of each character; ``L`` for one that Python's tables do not know."""
    return [unicodedata.bidirectional(char) or "L" for char in text]


def base_level(kinds: Sequence[str]) -> int:
    """Return 1 when the first strong class runs from right to left, else 0 (P2, P3)."""
    first = next((kind for kind in kinds if kind in ("L", "R", "AL")), "L")
    return int(first != "L")


def levels(text: str, kinds: Sequence[str], base: int) -> list[int]:
    """Return the level of each character of one run of text.

    Args:
        text: One paragraph in NFC without characters that steer the order.
        kinds: The bidirectional class of each character.
        base: Level of the run.
    """
    direction = "R" if base % 2 else "L"
    found = _weak(kinds, direction)
    _brackets(text, kinds, found, direction)
    _neutral(found, direction)
    raised = {"L": base % 2, "R": 1 - base % 2, "EN": 2 - base % 2, "AN": 2 - base % 2}
    return [base + raised[kind] for kind in found]  # I1, I2


def in_order(items: Sequence[_Item]) -> list[_Item]:
    """Return the items of one line as they stand from left to right (L2)."""
    shown = list(items)
    odd = [item.level for item in shown if item.level % 2]
    if not odd:
        return shown
    for level in range(max(item.level for item in shown), min(odd) - 1, -1):
        turned: list[_Item] = []
        for high, run in groupby(shown, key=partial(_reaches, level)):
            same = list(run)
            turned += same[::-1] if high else same
        shown = turned
    return shown


def _reaches(level: int, item: Levelled) -> bool:
    return item.level >= level


def _weak(kinds: Sequence[str], direction: str) -> list[str]:
    """Return classes with the weak ones resolved (W1 to W7)."""
    found = list(kinds)
    before = strong = direction
    for place, kind in enumerate(found):
        if kind == "NSM":  # W1
            found[place] = before
        elif kind == "EN" and strong == "AL":  # W2
            found[place] = "AN"
        elif kind in ("L", "R", "AL"):
            strong = kind
        before = found[place]
    found = ["R" if kind == "AL" else kind for kind in found]  # W3
    for place in range(1, len(found) - 1):  # W4
        one, kind, other = found[place - 1 : place + 2]
        if one == other and ((kind == "CS" and one in ("EN", "AN")) or (kind == "ES" and one == "EN")):
            found[place] = one
    for kind, places in _runs(found):  # W5
        beside = (max(places[0] - 1, 0), min(places[-1] + 1, len(found) - 1))
        if kind == "ET" and "EN" in (found[place] for place in beside):
            _set(found, places, "EN")
    strong = direction
    for place, kind in enumerate(found):  # W7; what W6 makes neutral is so in N1 by being none of the strong ones
        if kind == "EN" and strong == "L":
            found[place] = "L"
        elif kind in ("L", "R"):
            strong = kind
    return found


def _brackets(text: str, kinds: Sequence[str], found: list[str], direction: str) -> None:
    """Give brackets the direction of what they hold, or of what stands before them (N0)."""
    for first, last in _paired(text, found):
        inside = {_STRONG[kind] for kind in found[first + 1 : last] if kind in _STRONG}
        if not inside:
            continue
        earlier = (found[place] for place in range(first - 1, -1, -1))  # no copy: text may hold any number of pairs
        before = next((_STRONG[kind] for kind in earlier if kind in _STRONG), direction)
        taken = direction if direction in inside else before
        for place in (first, last):
            found[place] = taken
            for mark in range(place + 1, len(found)):  # marks take after the bracket, as W1 had them
                if kinds[mark] != "NSM":
                    break
                found[mark] = taken


def _paired(text: str, found: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of brackets that belong together, by the opening one (BD16)."""
    opened: list[tuple[str, int]] = []
    pairs = []
    for place, char in enumerate(text):
        if found[place] != "ON":
            continue
        if char in _CLOSING:
            if len(opened) == _MOST_OPEN:
                break
            opened.append((_CLOSING[char], place))
            continue
        depth = next((depth for depth in range(len(opened) - 1, -1, -1) if opened[depth][0] == char), None)
        if depth is not None:
            pairs.append((opened[depth][1], place))
            del opened[depth:]
    return sorted(pairs)


def _neutral(found: list[str], direction: str) -> None:
    """Give neutral characters the direction of both sides, else that of the run (N1, N2)."""
    neutral = [kind if kind in _STRONG else "" for kind in found]
    for kind, places in _runs(neutral):
        if not kind:
            before = _STRONG[found[places[0] - 1]] if places[0] else direction
            after = _STRONG[found[places[-1] + 1]] if places[-1] + 1 < len(found) else direction
            _set(found, places, before if before == after else direction)


def _runs(kinds: Sequence[str]) -> Iterator[tuple[str, list[int]]]:
    """Yield each run of one class with its places."""
    for kind, places in groupby(range(len(kinds)), key=lambda place: kinds[place]):
        yield kind, list(places)


def _set(found: list[str], places: Sequence[int], kind: str) -> None:
    found[places[0] : places[-1] + 1] = [kind] * len(places)
