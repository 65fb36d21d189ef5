"""Private facts in a text, by rules: where a person lives, phone numbers, children, health. They miss and cry wolf.

An officer reads what they find and decides; the absence of a finding says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

KINDS: Mapping[str, re.Pattern[str]] = {
    "phone": re.compile(r"(?<![\w.])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\) ?|\d{2,4}[ .-])\d{3,4}[ .-]?\d{3,4}(?![\w.])"),
    "home_address": re.compile(
        r"\b\d{1,5}[A-Za-z]? (?:[NSEW]\.? )?(?:[A-Z][\w'.]+ ){1,3}"
        r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way|Place|Pl|Terrace|Circle)\b"
    ),
    "minor": re.compile(
        r"\b(?:\d|1[0-7])[ -]?(?:years?[ -]old|y/?o)\b"
        r"|\b(?:my|her|his|their|our) (?:\w+ )?(?:son|daughter|kids?|child|children|baby|toddler)\b"
        r"|\b(?:kindergarten|preschool|\d(?:st|nd|rd|th) grade(?:r|rs)?)\b",
        re.IGNORECASE,
    ),
}
"""Kinds of private facts that have a shape; ``health`` goes by the words of the pack."""

_BLANK = re.compile(r"[^\S\n]")  # no-break and thin spaces separate words as well


def private_facts(text: str, health: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the kind and the words of each private fact that the rules find in a text.

    Args:
        text: What a post says.
        health: Words that stand for somebody's health; each counts with its plural.
    """
    words = "|".join(re.escape(word) for word in health) or "(?!)"
    kinds = {**KINDS, "health": re.compile(rf"\b(?:{words})s?\b", re.IGNORECASE)}
    for kind, pattern in kinds.items():
        for found in pattern.finditer(_BLANK.sub(" ", text)):
            yield kind, found[0]
