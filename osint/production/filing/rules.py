"""What a court's rule takes out of a public filing, and what of it may stay; and where rules of shape suspect some.

What is taken out, and what may stay, is data of the policy pack: the values ``filing_…``, each with its citation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from osint.chain_of_custody.withheld import TOKEN
from osint.errors import ExportError, PolicyError
from osint.policy.pack import Pack
from osint.policy.private_facts import private_facts
from osint.report.masked import Words

MASKED = "masked"
"""The kind of what an officer masked in this case: it is in no public filing, either."""

CITY = "city and state"
_PREFIX = "filing_"
_FEWEST_DIGITS = 8  # of fewer, four are most of the number
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MARKS = r"[\s./\u2010-\u2015\u2212-]"
_NUMBER = re.compile(rf"(?:\d|{_MARKS})+")
_NAMES = ("minor", "protected_person")
_SHORTEST_NAME = 3  # letters: a shorter part of a name stands in other words
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = (
    rf"(?:\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}|{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
    rf"|\d{{1,2}} {_MONTHS} \d{{4}})"
)
_BORN = r"\b(?:born|birthday|birth date|date of birth|dob)\b"

_SHAPES: Mapping[str, re.Pattern[str]] = {
    "ssn": re.compile(rf"(?<![\w-])\d{{3}}{_MARKS}\d{{2}}{_MARKS}\d{{4}}(?![\w-])"),
    "account": re.compile(
        r"(?<![\w-])(?:\d[ -]?){12,18}\d(?![\w-])"
        r"|\b(?:account|acct|iban|routing)\b\.?(?: (?:no|number)\b\.?)?[ :#]{0,3}[A-Z]{0,2}\d[\dA-Z -]{4,32}\d",
        re.IGNORECASE,
    ),
    "birth_date": re.compile(
        rf"\b(?:born|birthday|birth date|date of birth|dob)\b[^\d\n]{{0,20}}?{_DAY}", re.IGNORECASE
    ),
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a rule says of one kind of identifier.

    Attributes:
        kind: The kind: ``ssn``, ``birth_date`` …
        what: What it is, in words that follow "nothing" or "the year": ``of a date of birth``.
        stays: What of it may stay.
        citation: The rule.
        standing: Who read that rule and who adopted it.
    """

    kind: str
    what: str
    stays: str
    citation: str
    standing: str


def filing_rules(pack: Pack, today: date) -> dict[str, Rule]:
    """Return what the policy in force says of each kind of identifier in a filing, by kind.

    Raises:
        PolicyError: It says of one that something may stay that nobody here can make.
    """
    found = {}
    for name, said in pack.values.items():
        if name.startswith(_PREFIX):
            kind, (stays, *_) = name.removeprefix(_PREFIX), pack.words(name)
            if stays not in _STAND_INS:
                raise PolicyError(f"{pack.name} {pack.version}: {name} is none of {', '.join(_STAND_INS)}.")
            standing = said.standing(today, pack.number("verified_months"))
            found[kind] = Rule(kind=kind, what=said.unit, stays=stays, citation=said.citation, standing=standing)
    return found


def stand_in(text: str, stays: str, shown: str = "") -> str:
    """Return what stands in a public filing for an identifier.

    Args:
        text: The identifier.
        stays: What of it may stay, as the rule says.
        shown: City and state, where these may stay; a program cannot tell them from a street.

    Raises:
        ExportError: Something is to be shown that the rule does not let stay.
    """
    if shown and stays != CITY:
        raise ExportError(f"Nothing was written: of this kind {stays} may stay, and nothing is chosen to be shown.")
    left = shown.strip() if stays == CITY else _STAND_INS[stays](text)
    return f"{TOKEN[:-1]}: {left}]" if left else TOKEN


def _nothing(_: str) -> str:
    return ""


def _last_four(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return f"ends in {digits[-4:]}" if len(digits) >= _FEWEST_DIGITS else ""


def _year(text: str) -> str:
    years = _YEAR.findall(text)
    return years[0] if len(years) == 1 else ""


def _initials(text: str) -> str:
    return "".join(f"{word[0].upper()}." for word in re.findall(r"[^\W\d_]+", text))


_STAND_INS: Mapping[str, Callable[[str], str]] = {
    "nothing": _nothing,
    "the last four digits": _last_four,
    "the year": _year,
    "the initials": _initials,
    CITY: _nothing,
}
"""What may stay, by the word of the pack, and what makes it."""


def variants(text: str) -> list[str]:
    """Return the spellings that are looked for: of a number in groups, each usual way to join them."""
    groups = _groups(text)
    joined = (mark.join(groups) for mark in ("", "-", " ", ".", "/")) if groups else ()
    return list(dict.fromkeys([" ".join(text.split()), *joined]))


def _shapes(text: str) -> list[str]:
    """Return how the digits of a number are found with any marks and blanks between them, at the end of a line too."""
    digits = "".join(_groups(text))
    return [f"{_MARKS}*".join(digits)] if digits else []


def _groups(text: str) -> list[str]:
    groups = re.findall(r"\d+", text)
    is_long = len("".join(groups)) >= _FEWEST_DIGITS and _NUMBER.fullmatch(text.strip()) is not None
    return groups if is_long else []


@dataclass(frozen=True)
class Identifier:
    """One text that is taken out of a filing.

    Attributes:
        kind: Its kind.
        text: The text.
        stands: What stands for it.
        number: Which of the redactions took it out, from 1; 0 for what is masked in the case.
    """

    kind: str
    text: str
    stands: str
    number: int


class Removal:
    """Identifiers, as they are found in texts and taken out of them."""

    def __init__(self, identifiers: Sequence[Identifier]) -> None:
        self.identifiers = identifiers
        self.texts = list(dict.fromkeys(each for one in identifiers for each in variants(one.text)))
        shapes = [shape for one in identifiers for shape in _shapes(one.text)]
        self._words = Words(self.texts, self._instead, shapes)
        self._each = [(one, Words(variants(one.text), shapes=_shapes(one.text))) for one in identifiers]

    def found(self, text: str) -> list[Identifier]:
        """Return what stands in a text, each as often as it does; what is hidden in another spelling once."""
        plain = [identifier for identifier, _, _ in self.spans(text)]
        return plain or [one for one, words in self._each if words.are_spelt_in(text)][:1]

    def without(self, text: str) -> str:
        """Return a text with what stands for each in its place; the token alone where one is hidden in it."""
        return str(self._words.without(text))

    def parts(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield kind and word where a part of a name that was taken out still stands in a text: a given name alone."""
        for one in self.identifiers:
            for word in re.findall(rf"[^\W\d_]{{{_SHORTEST_NAME},}}", one.text if one.kind in _NAMES else ""):
                found = re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
                yield from ((one.kind, each[0]) for each in found)

    def spans(self, text: str) -> Iterator[tuple[Identifier, int, int]]:
        """Yield the identifiers in a text with where they begin and end."""
        for start, end in self._words.spans(text):
            yield self._which(text[start:end]), start, end

    def _which(self, found: str) -> Identifier:
        whole = (one for one, words in self._each if (0, len(found)) in words.spans(found))
        return next(whole)

    def _instead(self, found: str) -> str:
        return self._which(found).stands


def proposals(text: str, health: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield kind and words of what may be an identifier by its shape. It misses some and cries wolf; people decide.

    Args:
        text: What stands in a filing.
        health: Words of the policy that stand for somebody's health.
    """
    for kind, shape in _SHAPES.items():
        yield from ((kind, found[0]) for found in shape.finditer(text))
    yield from private_facts(text, health)
