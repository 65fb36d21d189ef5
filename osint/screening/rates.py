"""How much of a corpus the proposals find, category by category, and how often they cry wolf.

A corpus marks protected stretches as ``[text|category]``, one JSON object to a line with ``carrier`` and ``marked``.
Half of it, by hash, is there to write rules by, and so is ``seen.jsonl``, on which the first rules found little. The
other half is held out, and ``fresh.jsonl`` was written after the rules: these two say what may be expected. No rate
says that a text is clean. Source of the intervals: E. B. Wilson, J. Amer. Stat. Assoc. 22 (1927).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

from osint.screening.protected import categories, lexicon_hash, propose

Half = Literal["dev", "held-out", "fresh"]
NOTE = (
    "Found on lines of our own, by one hand with the rules; an agency's posts are others. Whatever is found, a person "
    "checks every item, and what is implied and not said is mostly missed."
)
_MARK = re.compile(r"\[([^|\]]+)\|([a-z]+)\]")
_Z = 1.959964  # 95 percent


@dataclass(frozen=True, kw_only=True)
class Line:
    """A text of a corpus, with the stretches that are protected: start, end, category."""

    text: str
    carrier: str
    kind: str
    half: Half
    gold: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How many of how many: of the protected stretches found (recall), of the proposals right (precision)."""

    category: str
    kind: str
    found: int
    of: int

    @property
    def share(self) -> float:
        """The rate itself; not a number when there is nothing to count."""
        return self.found / self.of if self.of else math.nan

    def __str__(self) -> str:
        if not self.of:
            return f"{self.category:12} {self.kind:10} nothing to count"
        low, high = wilson(self.found, self.of)
        return (
            f"{self.category:12} {self.kind:10} {self.found:3} of {self.of:3}, {self.share:4.0%} "
            f"(95 % interval {low:.0%} to {high:.0%})"
        )


def read_corpus(folder: Path) -> list[Line]:
    """Read every ``.jsonl`` of a folder; the kind of a line is the name of its file."""
    return [
        _line(path.stem, **json.loads(row))
        for path in sorted(folder.glob("*.jsonl"))
        for row in path.read_text(encoding="utf-8").splitlines()
    ]


def recall(lines: Iterable[Line]) -> list[Rate]:
    """Return for each category, and for all, how many protected stretches a proposal of that category touches."""
    told = [
        (category, any(each.category == category and each.start < end and start < each.end for each in proposals))
        for line in lines
        for proposals in [propose(line.text, line.carrier)]
        for start, end, category in line.gold
    ]
    return _rates("recall", told)


def precision(lines: Iterable[Line]) -> list[Rate]:
    """Return for each category, and for all, how many of the proposals touch a stretch of that category."""
    told = [
        (each.category, any(category == each.category and each.start < end and start < each.end
                            for start, end, category in line.gold))
        for line in lines
        for each in propose(line.text, line.carrier)
    ]  # fmt: skip
    return _rates("precision", told)


def missed_texts(lines: Iterable[Line]) -> Rate:
    """Return in how many texts with protected stretches one or more was missed, whatever the category proposed."""
    told = list[bool]()
    for line in lines:
        if line.gold:
            proposals = propose(line.text, line.carrier)
            told.append(not all(any(e.start < end and start < e.end for e in proposals) for start, end, _ in line.gold))
    return Rate(category="all", kind="missed", found=sum(told), of=len(told))


def false_alarms(lines: Iterable[Line]) -> Rate:
    """Return in how many texts without protected information something was proposed."""
    told = [bool(propose(line.text, line.carrier)) for line in lines if not line.gold]
    return Rate(category="all", kind="stopped", found=sum(told), of=len(told))


def wilson(count: int, of: int) -> tuple[float, float]:
    """Return the 95 percent interval of a proportion."""
    rate = count / of
    middle, width = rate + _Z * _Z / (2 * of), _Z * math.sqrt(rate * (1 - rate) / of + _Z * _Z / (4 * of * of))
    low, high = (middle - width) / (1 + _Z * _Z / of), (middle + width) / (1 + _Z * _Z / of)
    return max(low, 0.0), min(high, 1.0)


@cache
def published() -> Mapping[str, Rate]:
    """Return the recall on held-out and fresh lines, spelt out or implied, that this release publishes, by category.

    It is empty when the lexicons are not those that were measured.
    """
    said = tomllib.loads(resources.files("osint.screening").joinpath("rates.toml").read_text(encoding="utf-8"))
    if said["lexicons"] != lexicon_hash():
        return {}
    return {name: Rate(category=name, kind="recall", **counts) for name, counts in said["recall"].items()}


def below(percent: int) -> list[str]:
    """Return the categories whose published recall lies below a threshold; one that was not measured does."""
    known = published()
    return [each.name for each in categories() if each.name not in known or known[each.name].share * 100 < percent]


def as_toml(rates: Sequence[Rate]) -> str:
    """Return what ``rates.toml`` holds: the hash of the lexicons, and the counts."""
    head = "# Recall on the held-out and fresh lines of tests/screening/corpus, made by: make screening-rates"
    lines = [f"{each.category} = {{ found = {each.found}, of = {each.of} }}" for each in rates]
    return "\n".join([head, f'lexicons = "{lexicon_hash()}"', "", "[recall]", *lines, ""])


def _line(kind: str, carrier: str, marked: str) -> Line:
    text, gold, place = "", list[tuple[int, int, str]](), 0
    for match in _MARK.finditer(marked):
        text += marked[place : match.start()]
        gold.append((len(text), len(text) + len(match[1]), match[2]))
        text, place = text + match[1], match.end()
    return Line(text=text + marked[place:], carrier=carrier, kind=kind, half=_half(kind, marked), gold=tuple(gold))


def _half(kind: str, marked: str) -> Half:
    if kind in ("fresh", "seen"):
        return "fresh" if kind == "fresh" else "dev"
    return "held-out" if hashlib.sha256(marked.encode()).digest()[0] % 2 else "dev"


def _rates(kind: str, told: Sequence[tuple[str, bool]]) -> list[Rate]:
    names = [*(each.name for each in categories()), "all"]
    counted = {name: [right for category, right in told if name in (category, "all")] for name in names}
    return [Rate(category=name, kind=kind, found=sum(each), of=len(each)) for name, each in counted.items()]
