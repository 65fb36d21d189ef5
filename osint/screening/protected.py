"""What machines can propose as protected information: words, patterns and signs, as data, over every carrier of text.

The rules are the files in ``lexicons/``, one for each category, with the law it comes from. They propose and decide
nothing: implicature ("our third is due in May") passes every list, so that a person confirms each item, and
:mod:`osint.screening.rates` says how much is missed.

A lexicon has ``words`` (whole words, in the plural and possessive too; those of five letters and more also inside names
that are run together), ``patterns``, ``in_names`` (patterns for handles, hashtags and file names only), and ``unless``:
expressions in which a word has another sense.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

CARRIERS = ("text", "handle", "hashtag", "file", "exif", "address", "name")
"""What an item may show its author by. All but ``text``, ``exif`` and ``name`` are read as words run together."""

_RUN_TOGETHER = frozenset({"handle", "hashtag", "file", "address"})
_NAME = re.compile(r"[#@]\w+|\w+_\w+|https?://\S+")
_SHORTEST_INSIDE = 5
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, kw_only=True)
class Category:
    """A category of protected information, and how it is looked for.

    Attributes:
        name: Its code, ``religion``.
        title: What it is called.
        basis: ``statute``, or ``prudence`` where no statute of employment names it.
        citation: Where it comes from.
        verified_on: When somebody read that; empty when nobody did.
    """

    name: str
    title: str
    basis: str
    citation: str
    verified_on: str
    whole: re.Pattern[str]
    inside: re.Pattern[str]
    in_names: re.Pattern[str]
    unless: re.Pattern[str]


@dataclass(frozen=True, order=True)
class Proposal:
    """A stretch of a text that may be protected information: ``text[start:end]``."""

    start: int
    end: int
    category: str
    found: str


@dataclass(frozen=True)
class _Folded:
    """A text as it is searched, and for each of its characters the place of the character it comes from."""

    text: str
    places: Sequence[int]


@cache
def categories() -> tuple[Category, ...]:
    """Return every category, by its name."""
    return tuple(_category(name, text) for name, text in _lexicons())


@cache
def lexicon_hash() -> str:
    """Return the hash of all lexicons together: rates hold for one of them only."""
    digest = hashlib.sha256()
    for name, text in _lexicons():
        digest.update(f"{name}\n{text}".encode())
    return digest.hexdigest()


def propose(text: str, carrier: str = "text") -> list[Proposal]:
    """Return what may be protected information in a text, by its place there.

    Args:
        text: As it was captured.
        carrier: One of :data:`CARRIERS`.
    """
    found = set(_search(_fold(text, together=carrier in _RUN_TOGETHER), 0, text, names=carrier in _RUN_TOGETHER))
    for name in _NAME.finditer(text) if carrier not in _RUN_TOGETHER else ():
        found.update(_search(_fold(name[0], together=True), name.start(), text, names=True))
    return sorted(found)


def _search(folded: _Folded, offset: int, text: str, *, names: bool) -> Iterator[Proposal]:
    for category in categories():
        other_senses = [match.span() for match in category.unless.finditer(folded.text)]
        for pattern in (category.whole, *((category.inside, category.in_names) if names else ())):
            for match in pattern.finditer(folded.text):
                begin, end = match.span()
                if begin < end and not any(low < end and begin < high for low, high in other_senses):
                    start, stop = folded.places[begin] + offset, folded.places[end - 1] + offset + 1
                    yield Proposal(start, stop, category.name, text[start:stop])


def _fold(text: str, *, together: bool) -> _Folded:
    """Undo what hides a word: marks, styled letters, characters of no width; part what is run together."""
    letters, places, before = list[str](), list[int](), ""
    for place, character in enumerate(text):
        if together and _parts(before, character):
            letters.append(" ")
            places.append(place)
        for each in unicodedata.normalize("NFKD", character):
            if (not unicodedata.combining(each) and unicodedata.category(each) != "Cf") or each == "\u200d":
                letters.append(" " if together and each in "_.-/+" else each)
                places.append(place)
        before = character
    return _Folded("".join(letters), places)


def _plain(word: str) -> str:
    """Return a word without its marks, as it is searched."""
    return "".join(each for each in unicodedata.normalize("NFKD", word) if not unicodedata.combining(each))


def _parts(before: str, character: str) -> bool:
    return (before.islower() and character.isupper()) or (before.isalnum() and before.isdigit() != character.isdigit())


def _lexicons() -> list[tuple[str, str]]:
    folder = resources.files("osint.screening").joinpath("lexicons")
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)
    return [(each.name.removesuffix(".toml"), each.read_text(encoding="utf-8")) for each in files]


def _category(name: str, text: str) -> Category:
    said = tomllib.loads(text)
    words = sorted({_plain(word) for word in said["words"]}, key=lambda word: (-len(word), word))
    inside = [re.escape(word.replace(" ", "")) for word in words if len(word) >= _SHORTEST_INSIDE]
    return Category(
        name=name,
        **{each: said[each] for each in ("title", "basis", "citation", "verified_on")},
        whole=_any([rf"(?<!\w)(?:{'|'.join(map(_inflected, words))})(?!\w)", *said.get("patterns", ())]),
        inside=_any(inside),
        in_names=_any(said.get("in_names", ())),
        unless=_any(said.get("unless", ())),
    )


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(joined, re.IGNORECASE) if joined else _NEVER


def _inflected(word: str) -> str:
    """Return a pattern for a word: plural, possessive, and a hyphen or nothing where it has a space."""
    stem, ending = (word[:-1], "(?:y|ies)") if re.search(r"[^aeiou]y\Z", word) else (word, "(?:e?s)?")
    return re.escape(stem).replace(r"\ ", r"[\s-]?").replace("'", "['’]?") + ending + "(?:['’]s)?"
