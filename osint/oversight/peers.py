"""What a share is compared with: that of all others on the same purposes of cases, and how far these differ themselves.

Wilson's interval (E. B. Wilson, J. Amer. Stat. Assoc. 22, 1927) would be enough if every officer worked alike and only
chance made them differ. They do not: therefore it is widened by as much as the others differ among each other beyond
chance (D. J. Spiegelhalter, Statistics in Medicine 24, 2005: overdispersion, a tenth at either end drawn in).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

Counts = Mapping[str, tuple[int, int]]
"""By purpose: how many acts were irregular, and how many could have been."""

_FEWEST_PEERS = 5


def rates(people: Sequence[Counts]) -> Mapping[str, float]:
    """Return the share that people together have, by purpose; under the empty purpose, over all of them."""
    found: dict[str, int] = {}
    of: dict[str, int] = {}
    for counts in people:
        for purpose, (irregular, possible) in counts.items():
            for name in {purpose, ""}:
                found[name] = found.get(name, 0) + irregular
                of[name] = of.get(name, 0) + possible
    return {purpose: found[purpose] / of[purpose] for purpose in of}


def expected(own: Counts, peers: Mapping[str, float]) -> float:
    """Return the share that others would have had with somebody's mixture of purposes.

    Where nobody else had a case of a purpose, their share over all purposes counts; without any others, none.
    """
    of = sum(possible for _, possible in own.values())
    return sum(possible * _rate(peers, purpose) for purpose, (_, possible) in own.items()) / of


def spread(people: Sequence[Counts]) -> float:
    """Return how much more people differ among each other than by chance, as a variance.

    It is 1 where they do not, and where there are too few to tell.
    """
    peers = rates(people)
    scores = sorted(score for counts in people for score in [_score(counts, peers)] if score is not None)
    if len(scores) < _FEWEST_PEERS:
        return 1.0
    drawn_in = len(scores) // 10
    low, high = scores[drawn_in], scores[-1 - drawn_in]
    return max(1.0, sum(min(max(score, low), high) ** 2 for score in scores) / len(scores))


def lower_end(count: int, of: int, z: float) -> float:
    """Return the lower end of Wilson's interval of a proportion, for so many standard errors."""
    rate = count / of
    middle, width = rate + z * z / (2 * of), z * math.sqrt(rate * (1 - rate) / of + z * z / (4 * of * of))
    return max(0.0, (middle - width) / (1 + z * z / of))


def _score(counts: Counts, peers: Mapping[str, float]) -> float | None:
    """Return by how many standard errors somebody differs from what is expected; None where nothing can differ."""
    shares = [(found, of, _rate(peers, purpose)) for purpose, (found, of) in counts.items()]
    variance = sum(of * rate * (1 - rate) for _, of, rate in shares)
    return sum(found - of * rate for found, of, rate in shares) / math.sqrt(variance) if variance else None


def _rate(peers: Mapping[str, float], purpose: str) -> float:
    return peers.get(purpose, peers.get("", 0.0))
