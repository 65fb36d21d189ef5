"""What somebody types into a search, read into what the index is asked: words, phrases, prefixes, AND, OR, NOT.

Nothing of what was typed reaches the index but normalised words between quotation marks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from osint.errors import QueryError
from osint.posts.normalised import words

_PIECES = re.compile(r'"([^"]*)"(\*?)|([()])|([^\s()"]+)')
_QUOTES = str.maketrans("“”„‟«»", '""""""')
_OPERATORS = ("AND", "OR", "NOT")
_LONGEST, _MOST, _DEEPEST = 2000, 100, 20
_EXAMPLE = 'For example: berlin, "meet at the bridge", meet*, jane AND (berlin OR bonn) NOT holiday.'


@dataclass(frozen=True)
class Phrase:
    """Words that follow one another; of the last one only the beginning, if it is a ``prefix``."""

    words: tuple[str, ...]
    prefix: bool = False

    def expression(self) -> str:
        """Return it as FTS5 has it."""
        return f'"{" ".join(self.words)}"{" *" if self.prefix else ""}'


@dataclass(frozen=True)
class Joined:
    """Several parts, of which all (``AND``) or one (``OR``) has to be there, and none of those that are ``without``."""

    how: Literal["AND", "OR"]
    parts: tuple[Phrase | Joined, ...]
    without: tuple[Phrase | Joined, ...] = ()

    def expression(self) -> str:
        """Return it as FTS5 has it."""
        joined = f" {self.how} ".join(part.expression() for part in self.parts)
        for part in self.without:
            joined = f"({joined}) NOT {part.expression()}"
        return f"({joined})"


Asked = Phrase | Joined


def read_query(text: str) -> Asked:
    """Read what was typed.

    Words all have to be there, in any order. ``"..."`` is a phrase, ``meet*`` a beginning, ``OR``, ``NOT`` and brackets
    are what they say; in small letters they are words.

    Raises:
        QueryError: It cannot be read, asks for nothing, or only says what should not be there.
    """
    if len(text) > _LONGEST:
        raise QueryError(f"This search has {len(text)} characters; it may have {_LONGEST}.")
    pieces = [_Piece(*match.groups()) for match in _PIECES.finditer(text.translate(_QUOTES))]
    if text.translate(_QUOTES).count('"') % 2:
        raise QueryError(f"A quotation mark is missing: a phrase has one before it and one behind. {_EXAMPLE}")
    if len(pieces) > _MOST:
        raise QueryError(f"This search has {len(pieces)} parts; it may have {_MOST}.")
    if not pieces:
        raise QueryError(f"Nothing was asked for. {_EXAMPLE}")
    reader = _Reader(pieces)
    asked = reader.either(0)
    if reader.left:
        raise QueryError(f"A bracket is closed that was not opened. {_EXAMPLE}")
    return asked


def phrases(asked: Asked) -> list[Phrase]:
    """Return the phrases that may stand in a hit: all but those that should not be there."""
    return [asked] if isinstance(asked, Phrase) else [each for part in asked.parts for each in phrases(part)]


@dataclass(frozen=True)
class _Piece:
    quoted: str | None
    starred: str | None
    bracket: str | None
    bare: str | None

    @property
    def operator(self) -> str:
        """The word or bracket that joins others; empty for what is looked for."""
        return self.bracket or (self.bare if self.bare in _OPERATORS else "") or ""

    def phrase(self) -> Phrase:
        text = self.quoted if self.quoted is not None else (self.bare or "")
        prefix = bool(self.starred) or (self.quoted is None and text.endswith("*"))
        found = tuple(words(text))
        if not found:
            raise QueryError(f"{text!r} holds no letter, digit or sign that could be looked for. {_EXAMPLE}")
        return Phrase(found, prefix)


class _Reader:
    """Reads pieces from left to right: OR joins what AND joined."""

    def __init__(self, pieces: Sequence[_Piece]) -> None:
        self.left = list(pieces)

    def either(self, depth: int) -> Asked:
        parts = [self._all(depth)]
        while self._next() == "OR":
            self.left.pop(0)
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Joined("OR", tuple(parts))

    def _all(self, depth: int) -> Asked:
        wanted: list[Asked] = []
        without: list[Asked] = []
        while (operator := self._next()) not in ("OR", ")", None):
            if operator == "AND":
                if not (wanted or without):
                    raise QueryError(f"AND joins what stands before and behind it. {_EXAMPLE}")
                self.left.pop(0)
                if self._next() in ("OR", "AND", ")", None):
                    raise QueryError(f"Nothing stands behind AND. {_EXAMPLE}")
            elif operator == "NOT":
                self.left.pop(0)
                without.append(self._one(depth, "behind NOT"))
            else:
                wanted.append(self._one(depth, "here"))
        if not wanted:
            what = "It is only said what should not be there" if without else "Something is missing beside OR or in ()"
            raise QueryError(f"{what}. {_EXAMPLE}")
        return wanted[0] if len(wanted) == 1 and not without else Joined("AND", tuple(wanted), tuple(without))

    def _one(self, depth: int, where: str) -> Asked:
        operator = self._next()
        if operator == "(":
            if depth >= _DEEPEST:
                raise QueryError(f"Brackets stand in one another more than {_DEEPEST} deep.")
            self.left.pop(0)
            asked = self.either(depth + 1)
            if self._next() != ")":
                raise QueryError(f"A bracket is not closed. {_EXAMPLE}")
            self.left.pop(0)
            return asked
        if operator != "":
            raise QueryError(f"Nothing to look for stands {where}. {_EXAMPLE}")
        return self.left.pop(0).phrase()

    def _next(self) -> str | None:
        return self.left[0].operator if self.left else None
