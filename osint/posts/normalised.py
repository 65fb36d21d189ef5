"""Texts as a search compares them: the same for every way in which people write a word. The original is what is shown.

Compatibility forms are undone (NFKD), letter case is folded, marks that writers leave out are dropped, and so are
invisible characters, the tatweel and skin tones. What scripts without spaces write, and every sign and emoji, becomes a
word of its own, so that a phrase of them is found inside a sentence. Decimal digits of all scripts become 0 to 9.

A word found this way may be another word in the original: ``resume`` finds ``résumé``. None that differs only in what
is undone here is missed.

Source: Unicode Standard Annex 15, and chapter 3.13 of the standard (folding); the combining classes of its database.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

RECIPE = f"1, Unicode {unicodedata.unidata_version}"
"""Changes whenever the same text would be normalised otherwise."""

_SPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F), (0x1780, 0x17FF), (0x1950, 0x19FF), (0x1A20, 0x1AAF), (0xA9E0, 0xA9FF), (0xAA60, 0xAADF),
    (0x1100, 0x11FF), (0xA960, 0xA97F), (0xAC00, 0xD7FF),
    (0x2E80, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0xA4CF), (0xF900, 0xFAFF), (0x16FE0, 0x1B2FF), (0x20000, 0x3FFFF),
)  # fmt: skip
"""Blocks of scripts whose words have no spaces or are looked for in parts, from Thai to Han, Kana and Yi."""
_ARABIC = str.maketrans(
    {
        "ٱ": "ا", "ى": "ي", "ی": "ي", "ے": "ي", "ې": "ي", "ة": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ۀ": "ه",
        "ک": "ك", "ڪ": "ك",
    }
)  # fmt: skip
"""Letters that Arabic, Persian, Urdu and Kurdish keyboards write for one another; NFKD undoes the forms with hamza."""
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_LEFT_OUT_FROM = 10
"""Marks of this combining class or a higher one are left out by many writers: vowels of Arabic and Hebrew, accents,
tones of Thai. Below it lie marks that make another letter: vowels of Indic scripts and Thai, the voicing of Kana."""
_ASCII = {code: " " for code in range(128) if not chr(code).isalnum()}
_ASCII_WORD = re.compile("[0-9A-Za-z]+")


class _Dropped(dict[int, "str | None"]):
    """What stays of each character before it is composed again."""

    def __missing__(self, code: int) -> str | None:
        self[code] = None if _is_dropped(chr(code)) else chr(code)
        return self[code]


class _Spelt(dict[int, str]):
    """What each composed character becomes: itself, a word of its own, or the gap between two words."""

    def __missing__(self, code: int) -> str:
        self[code] = _spelt(chr(code))
        return self[code]


def _is_dropped(char: str) -> bool:
    category = unicodedata.category(char)
    if category == "Mn":
        return unicodedata.combining(char) >= _LEFT_OUT_FROM or unicodedata.name(char, "").startswith("VARIATION")
    return category in ("Cf", "Me") or char == "ـ" or ord(char) in _SKIN_TONES


def _spelt(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category[0] in "LNM" or category == "Co":
        return f" {char} " if any(first <= ord(char) <= last for first, last in _SPACED) else char.translate(_ARABIC)
    return f" {char} " if category in ("So", "Cn") else " "


_DROPPED, _SPELT = _Dropped(), _Spelt()


def words(text: str) -> list[str]:
    """Return the normalised words of a text, in their order; none holds a space or ASCII punctuation."""
    return text.lower().translate(_ASCII).split() if text.isascii() else _folded(text).split()


def normalised(text: str) -> str:
    """Return a text as it is searched: its normalised words with one space between them."""
    return " ".join(words(text))


class Spelling(NamedTuple):
    """A normalised word and where it stands in the original, from ``start`` up to ``end``."""

    word: str
    start: int
    end: int


def spellings(text: str) -> list[Spelling]:
    """Return the words of :func:`words` with their places in the original.

    Where several words come from letters that cannot be told apart, each has the place of all of them.
    """
    if text.isascii():
        return [Spelling(each.group().lower(), each.start(), each.end()) for each in _ASCII_WORD.finditer(text)]
    return [
        Spelling(word, run.start() + start, run.start() + end)
        for run in re.finditer(r"\S+", text)
        for word, start, end in _in_run(run.group())
    ]


@lru_cache(maxsize=1 << 14)
def _in_run(run: str) -> tuple[Spelling, ...]:
    """Return the words of a text without spaces."""
    found = words(run)
    if len(found) < 2 and run.isalnum():
        return tuple(Spelling(word, 0, len(run)) for word in found)
    written: list[str] = []
    places: list[tuple[int, int]] = []
    for start, end in _clusters(run):
        written.append(_folded(run[start:end]))
        places += [(start, end)] * len(written[-1])
    split = list(re.finditer(r"\S+", "".join(written)))
    if [each.group() for each in split] != found:
        return tuple(Spelling(word, 0, len(run)) for word in found)
    return tuple(Spelling(each.group(), places[each.start()][0], places[each.end() - 1][1]) for each in split)


def _clusters(run: str) -> list[tuple[int, int]]:
    """Return the places of each character with the marks that follow it."""
    starts = [at for at, char in enumerate(run) if not at or not _follows(char)]
    return list(zip(starts, [*starts[1:], len(run)], strict=True))


def _follows(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Me", "Mc", "Cf") or ord(char) in _SKIN_TONES


def _folded(text: str) -> str:
    """Return a text with its words normalised, and some spaces between them."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFKC", folded.translate(_DROPPED)).translate(_SPELT)
