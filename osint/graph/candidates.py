"""Pairs of accounts that a person may want to compare: a queue in an order, and nothing more.

Handles and names are compared in one alphabet: Cyrillic and Arabic letters become the Latin ones that people write for
them. That is crude on purpose. A high place says that two strings look alike; people share names, and nothing is ever
joined by it.

References:
    W. E. Winkler, "String comparator metrics and enhanced decision rules in the Fellegi-Sunter model of record
    linkage", Proc. Survey Research Methods, ASA (1990) 354-359.
    L. Philips, "Hanging on the Metaphone", Computer Language 7 (1990) 39-43.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

import pandas as pd

from osint.errors import GraphError
from osint.graph.statements import SamePerson, Stated

COLUMNS = ("one", "other", "score", "because")
CAVEAT = "A score says that two spellings look alike, not that two accounts are one person's. Nothing is joined by it."

_CYRILLIC = dict(zip("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ", (
    "a", "b", "v", "g", "d", "e", "zh", "z", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "kh",
    "ts", "ch", "sh", "shch", "", "y", "", "e", "iu", "ia", "e", "i", "i", "ie", "g",
), strict=True))  # fmt: skip
_ARABIC = dict(zip("ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءأإآؤئپچژگ", (
    "a", "b", "t", "th", "j", "h", "kh", "d", "dh", "r", "z", "s", "sh", "s", "d", "t", "z", "", "gh", "f", "q", "k",
    "l", "m", "n", "h", "w", "y", "a", "a", "", "a", "i", "a", "w", "y", "p", "ch", "zh", "g",
), strict=True))  # fmt: skip
_LATIN = str.maketrans(_CYRILLIC | _ARABIC)
_VOWELS = str.maketrans("", "", "aeiouyw")


def candidates(names: Mapping[str, Iterable[str]], claimed: Iterable[Stated] = (), least: int = 80) -> pd.DataFrame:
    """Return pairs of accounts whose handles or names look alike, the most alike first; judged pairs are left out.

    Args:
        names: What each account calls itself, by its node key.
        claimed: Statements in force.
        least: The lowest score, of 100, that comes into the queue.

    Returns:
        ``one``, ``other``, ``score`` (0 to 100) and ``because``, the two spellings that gave it; ``attrs["caveat"]``.

    Raises:
        GraphError: The extra is not installed.
    """
    judged = {frozenset(each.statement.nodes()) for each in claimed if isinstance(each.statement, SamePerson)}
    spelt = {account: sorted(set(filter(None, given))) for account, given in sorted(names.items())}
    rows = []
    for one, other in _pairs(spelt):
        if frozenset((one, other)) not in judged:
            score, because = max(
                (likeness(mine, theirs), f"{mine} / {theirs}") for mine in spelt[one] for theirs in spelt[other]
            )
            rows.append((one, other, score, because))
    table = pd.DataFrame([row for row in rows if row[2] >= least], columns=list(COLUMNS))
    table = table.sort_values(["score", "one", "other"], ascending=[False, True, True], ignore_index=True)
    table.attrs["caveat"] = CAVEAT
    return table


def likeness(one: str, other: str) -> int:
    """Return how much two handles or names look alike in one alphabet, from 0 to 100.

    The best of: Jaro-Winkler of the letters, of the words in order of the alphabet, and of the consonants, where vowels
    are a matter of transliteration; the last two count a little less. Equal Metaphone codes add nothing by themselves,
    and lift a score that is high already.
    """
    try:
        import jellyfish
        from rapidfuzz.distance import JaroWinkler
    except ImportError as error:
        raise GraphError("The queue needs the extra osint[identity]: pip install 'osint[identity]'.") from error
    mine, theirs = words(one), words(other)
    plain = JaroWinkler.similarity("".join(mine), "".join(theirs))
    ordered = JaroWinkler.similarity(" ".join(sorted(mine)), " ".join(sorted(theirs)))
    bones = ["".join(sorted(each.translate(_VOWELS) for each in name)) for name in (mine, theirs)]
    skeleton = JaroWinkler.similarity(*bones) if min(map(len, bones)) >= 3 else 0.0
    score = max(plain, 0.98 * ordered, 0.92 * skeleton)
    sounds = [sorted(jellyfish.metaphone(each) for each in name) for name in (mine, theirs)]
    return round(100 * (score + (1 - score) / 2 if score > 0.8 and sounds[0] == sounds[1] != [] else score))


def words(name: str) -> list[str]:
    """Return the words of a name in Latin letters without marks: ``Иван_Петров`` gives ``ivan``, ``petrov``."""
    latin = unicodedata.normalize("NFKC", name).casefold().translate(_LATIN)
    bare = "".join(each for each in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(each))
    return "".join(each if each.isalnum() else " " for each in bare).split()


def _pairs(spelt: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Yield the pairs worth comparing: those that share the beginning of a word's consonants, or of a word."""
    blocks: defaultdict[str, set[str]] = defaultdict(set)
    for account, names in spelt.items():
        for word in (each for name in names for each in words(name)):
            blocks["=" + word[:3]].add(account)
            blocks["~" + word.translate(_VOWELS)[:2]].add(account)
    seen = set()
    for accounts in blocks.values():
        for pair in combinations(sorted(accounts), 2):
            if pair not in seen:
                seen.add(pair)
                yield pair
