"""The part of a text that shows what was found, and where in it the words stand. The original is cut, not changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from osint.posts.normalised import Spelling, spellings
from osint.posts.search_query import Phrase

WIDTH = 240
_BEFORE = 60
_LINE_ENDS = str.maketrans(dict.fromkeys("\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))


class Excerpt(NamedTuple):
    """A part of one field of a document.

    Attributes:
        field: Which field.
        text: What stands there, line ends as spaces, with an ellipsis where something was left out.
        marks: First and last place of each thing found in it, from one up to the other.
    """

    field: str
    text: str
    marks: tuple[tuple[int, int], ...]


def excerpt(fields: Mapping[str, str], phrases: Sequence[Phrase]) -> Excerpt:
    """Return the part of the field in which most of the phrases stand; the first field counts where that is equal."""
    found = {name: _found(spellings(text), phrases) for name, text in fields.items()}
    best = max(found, key=lambda name: len({phrase for phrase, _, _ in found[name]}))
    places = _joined([(start, end) for _, start, end in found[best]])
    return _cut(best, fields[best], places)


def _found(spelt: Sequence[Spelling], phrases: Sequence[Phrase]) -> list[tuple[Phrase, int, int]]:
    """Return every phrase with each place at which it stands."""
    beginning: dict[str, list[int]] = {}
    for at, each in enumerate(spelt):
        beginning.setdefault(each.word, []).append(at)
    found = []
    for phrase in dict.fromkeys(phrases):
        first = phrase.words[0]
        if phrase.prefix and len(phrase.words) == 1:
            starts = [at for word, places in beginning.items() if word.startswith(first) for at in places]
        else:
            starts = beginning.get(first, [])
        for at in starts:
            here = spelt[at : at + len(phrase.words)]
            if _is_phrase([each.word for each in here], phrase):
                found.append((phrase, here[0].start, here[-1].end))
    return found


def _is_phrase(words: Sequence[str], phrase: Phrase) -> bool:
    *first, last = phrase.words
    if len(words) != len(phrase.words) or list(words[:-1]) != first:
        return False
    return words[-1].startswith(last) if phrase.prefix else words[-1] == last


def _joined(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the places from left to right, those that touch as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _cut(field: str, text: str, places: Sequence[tuple[int, int]]) -> Excerpt:
    first = places[0][0] if places else 0
    start = 0 if len(text) <= WIDTH or first <= _BEFORE else _gap_after(text, first - _BEFORE, first)
    end = len(text) if len(text) - start <= WIDTH else _gap_before(text, start + WIDTH, start)
    ahead, behind = "…" if start else "", "…" if end < len(text) else ""
    moved = len(ahead) - start
    marks = [(low + moved, min(high, end) + moved) for low, high in places if low < end]
    return Excerpt(field, ahead + text[start:end].translate(_LINE_ENDS) + behind, tuple(marks))


def _gap_after(text: str, at: int, last: int) -> int:
    """Return where the next word begins, or ``at`` where none does before ``last``."""
    gap = next((place for place in range(at, last) if text[place].isspace()), None)
    return at if gap is None else gap + 1


def _gap_before(text: str, at: int, first: int) -> int:
    """Return where the last whole word ends, or ``at`` where that is far."""
    gap = text.rfind(" ", max(first, at - _BEFORE), at + 1)
    return at if gap < 0 else gap
