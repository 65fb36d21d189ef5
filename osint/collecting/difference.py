"""How two texts differ, in lines that a person reads: what stayed around it, what went, what came.

Words that went or came inside a line are marked as ``wdiff`` marks them, ``[-went-]`` and ``{+came+}``. Texts come from
captures and may be made to be slow to compare: each step has a limit, and beyond it whole lines are compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_MOST_CHARACTERS = 200_000
_MOST_LINES = 4_000
_MOST_WORDS = 1_500
_CONTEXT = 2
_ALIKE = 0.5  # of two passages that share less, marks on single words say nothing
# Scripts that write no spaces are taken character by character.
_WORD = re.compile(r"\n|[^\S\n]+|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\w+|[^\w\s]")
_MARKS = {"-": ("[-", "-]"), "+": ("{+", "+}")}

Pieces = tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Line:
    """One line of a difference.

    Attributes:
        sign: ``-`` went, ``+`` came, a space for what stayed, ``…`` for what is left out between two places.
        pieces: Its text in order; each with whether it is marked as that which went or came.
    """

    sign: str
    pieces: Pieces

    def __str__(self) -> str:
        words = "".join(self.marked(text) if marked else text for text, marked in self.pieces)
        return f"{self.sign} {words}".rstrip()

    def marked(self, text: str) -> str:
        """Return what went or came in this line in its marks."""
        opening, closing = _MARKS.get(self.sign, ("", ""))
        return f"{opening}{text}{closing}"


def beginning(text: str) -> list[str]:
    """Return the lines of a text that are compared: all of it, or its beginning when it is long."""
    return text[:_MOST_CHARACTERS].split("\n")[:_MOST_LINES]


def is_long(text: str) -> bool:
    """Say whether only the beginning of a text is compared."""
    return len(text) > _MOST_CHARACTERS or text.count("\n") >= _MOST_LINES


def text_difference(old: str, new: str) -> tuple[Line, ...]:
    """Return the lines in which two texts differ, with a little of what stayed around them; none when they are equal.

    Of a long text the beginning is compared: see :func:`is_long`.
    """
    before, after = beginning(old), beginning(new)
    found: list[Line] = []
    for group in SequenceMatcher(None, before, after).get_grouped_opcodes(_CONTEXT):
        found += [Line("…", ())] if found else []
        for what, start, end, first, last in group:
            if what == "equal":
                found += _plain(" ", before[start:end])
            else:
                found += _changed(before[start:end], after[first:last])
    return tuple(found)


def _plain(sign: str, lines: Iterable[str]) -> list[Line]:
    return [Line(sign, ((line, False),)) for line in lines]


def _changed(went: Sequence[str], came: Sequence[str]) -> list[Line]:
    """Return the lines that went and those that came, their words compared where there are both and not too many."""
    words = [_WORD.findall("\n".join(lines)) for lines in (went, came)]
    if not went or not came or max(map(len, words)) > _MOST_WORDS:
        return [*_plain("-", went), *_plain("+", came)]
    matcher = SequenceMatcher(None, words[0], words[1], autojunk=False)
    steps = matcher.get_opcodes()
    if matcher.ratio() < _ALIKE:
        return [*_plain("-", went), *_plain("+", came)]
    old = [("".join(words[0][start:end]), what != "equal") for what, start, end, _, _ in steps]
    new = [("".join(words[1][start:end]), what != "equal") for what, _, _, start, end in steps]
    return [*_lines("-", old), *_lines("+", new)]


def _lines(sign: str, pieces: Iterable[tuple[str, bool]]) -> Iterator[Line]:
    line: list[tuple[str, bool]] = []
    for text, marked in pieces:
        first, *others = text.split("\n")
        line += [(first, marked)] if first else []
        for other in others:
            yield Line(sign, tuple(line))
            line = [(other, marked)] if other else []
    yield Line(sign, tuple(line))
