"""Posts whose texts are nearly the same: passed on by hand, sent by several accounts, changed by a word.

Candidates come from MinHash signatures in bands; each pair of them is then compared exactly, so that no pair in the
table rests on a hash. What the bands miss is in :data:`RECIPE`.

Source: A. Broder, On the resemblance and containment of documents, 1997; Leskovec, Rajaraman and Ullman, Mining of
Massive Datasets, chapter 3.4 (banding).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from osint.errors import QueryError
from osint.posts.normalised import RECIPE as NORMALISED
from osint.posts.normalised import words

Numbers = npt.NDArray[np.uint64]

SHINGLE, FEWEST, BANDS, ROWS, SEED, PAIRED = 5, 20, 20, 4, 20_260_501, 20
LEAST = 0.5
RECIPE = (
    f"Normalised words (osint.posts.normalised {NORMALISED}) without spaces; texts of fewer than {FEWEST} characters "
    f"are left out. Compared is the set of all runs of {SHINGLE} characters; the similarity is Jaccard's: what two "
    f"sets share, of what both hold. Candidates share one of {BANDS} bands of {ROWS} MinHash values (numpy PCG64, "
    f"seed {SEED}) and are compared exactly: of pairs with similarity 0.8 one in 37,000 is no candidate, of 0.7 one "
    f"in 240, of 0.5 one in 4. Of more than {PAIRED} texts that share a band, each is compared with the first {PAIRED} "
    "of them and with its neighbour, by the order of their values. A group holds what pairs connect, so that its ends "
    "may be less alike; the similarity in the table is that to its first post."
)
"""How the table is made, whole."""
COLUMNS: Mapping[str, tuple[str, str]] = {
    "group": ("Int64", "number of the group, counted from 1, the largest first"),
    "size": ("Int64", "number of posts in it"),
    "accounts": ("Int64", "number of different accounts in it"),
    "similarity": (
        "Float64",
        "what the text shares with that of the first post of the group, 0 to 1; 1 for the same words",
    ),
    "published": ("datetime64[us, UTC]", "instant of publication"),
    "attributed_to": ("string", "node key of the author's account"),
    "content": ("string", "the text, as it was captured"),
    "id": ("string", "id of the post"),
    "platform": ("string", "the source's own name"),
    "exhibit": ("string", "exhibit that shows it"),
    "pointer": ("string", "where in that exhibit"),
}
"""The table of near-duplicate posts: each column with its dtype and what it holds."""

_BATCH = 2_000
_KEPT_SHINGLES = 1 << 14
_STEP = np.uint64(0x9E3779B97F4A7C15)  # odd: the golden ratio of 64 bits, as in splitmix64


def near_duplicates(posts: pd.DataFrame, *, similarity: float = 0.8) -> pd.DataFrame:
    """Return the posts whose texts are nearly those of others, group by group, in a group the oldest first.

    Who wrote first and who copied is not said: both may have copied a third text, or their clocks may differ.

    Args:
        posts: The posts table.
        similarity: What two texts share at least, 0.5 to 1.

    Returns:
        One row a post with the columns of :data:`COLUMNS`. ``attrs["recipe"]`` says how they were compared,
        ``attrs["left_out"]`` how many posts have too little text.

    Raises:
        QueryError: The similarity is no such number.
    """
    if not LEAST <= similarity <= 1:
        raise QueryError(f"A similarity of {similarity} cannot be asked for; it is a number from {LEAST} to 1.")
    texts = [None if pd.isna(text) else "".join(words(text)) for text in posts["content"]]
    rows: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        if text is not None and len(text) >= FEWEST:
            rows.setdefault(text, []).append(row)
    distinct = list(rows)
    groups = [[row for each in group for row in rows[distinct[each]]] for group in _groups(distinct, similarity)]
    published = [*posts["published"]]
    groups = [
        sorted(group, key=lambda row: (pd.isna(published[row]), published[row], row))
        for group in groups
        if len(group) > 1
    ]
    table = _table(posts, sorted(groups, key=lambda group: (-len(group), group)), texts)
    table.attrs |= {
        "recipe": f"similarity {similarity}. {RECIPE}",
        "left_out": len(posts) - sum(map(len, rows.values())),
    }
    return table


def jaccard(one: str, other: str) -> float:
    """Return what the runs of letters of two normalised texts share, of what both hold."""
    first, second = _shingles(one), _shingles(other)
    return len(first & second) / len(first | second)


@lru_cache(maxsize=_KEPT_SHINGLES)
def _shingles(text: str) -> frozenset[str]:
    return frozenset(text[at : at + SHINGLE] for at in range(max(1, len(text) - SHINGLE + 1)))


def _groups(texts: Sequence[str], similarity: float) -> list[list[int]]:
    """Return the positions of texts that pairs connect; a text that is like no other is a group of its own."""
    leader = list(range(len(texts)))

    def led_by(text: int) -> int:
        while leader[text] != text:
            leader[text] = leader[leader[text]]
            text = leader[text]
        return text

    for one, other in _candidates(signatures(texts)):
        first, second = led_by(one), led_by(other)
        if first != second and jaccard(texts[one], texts[other]) >= similarity:
            leader[max(first, second)] = min(first, second)
    groups: dict[int, list[int]] = {}
    for text in range(len(texts)):
        groups.setdefault(led_by(text), []).append(text)
    return list(groups.values())


def _candidates(signed: Numbers) -> Iterator[tuple[int, int]]:
    """Yield pairs of texts that share a band.

    In a crowd each is paired with the next and with the first ones of it, which connect what is alike.
    """
    for band in range(BANDS):
        part = np.ascontiguousarray(signed[:, band * ROWS : (band + 1) * ROWS])
        order = np.lexsort(part.T[::-1])
        same = (part[order[1:]] == part[order[:-1]]).all(axis=1)
        for crowd in np.split(order, np.flatnonzero(~same) + 1):
            if len(crowd) > 1:
                numbers = crowd.tolist()
                yield from pairwise(numbers)
                yield from ((one, other) for at, one in enumerate(numbers[:PAIRED]) for other in numbers[at + 2 :])


def signatures(texts: Sequence[str]) -> Numbers:
    """Return the MinHash values of normalised texts: an array of texts × 80 values, 64 bits each."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    factors = rng.integers(0, 1 << 63, BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    signed = np.empty((len(texts), BANDS * ROWS), dtype=np.uint64)
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        hashes, begins = _hashed(batch)
        for at, factor in enumerate(factors):
            signed[start : start + len(batch), at] = np.minimum.reduceat(_mixed(hashes * factor), begins)
    return signed


def _hashed(texts: Iterable[str]) -> tuple[Numbers, npt.NDArray[np.int64]]:
    """Return a number for each run of letters of texts one behind the other, and where each text begins."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    letters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    hashes = np.zeros(len(letters) - SHINGLE + 1, dtype=np.uint64)
    for at in range(SHINGLE):
        hashes = (hashes + letters[at : at + len(hashes)] + np.uint64(1)) * _STEP
        hashes ^= hashes >> np.uint64(29)
    ends = np.cumsum(lengths)
    whole = np.ones(len(hashes), dtype=bool)  # a run that goes on into the next text is none
    for over in range(1, SHINGLE):
        whole[ends[:-1] - over] = False
    counts = lengths - SHINGLE + 1
    return hashes[whole], np.concatenate(([0], np.cumsum(counts)[:-1]))


def _mixed(hashes: Numbers) -> Numbers:
    """Return numbers whose every bit depends on every bit of the given ones (the end of splitmix64)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    return hashes ^ (hashes >> np.uint64(27))


def _table(posts: pd.DataFrame, groups: Sequence[Sequence[int]], texts: Sequence[str | None]) -> pd.DataFrame:
    order = [row for group in groups for row in group]
    chosen = posts.iloc[order]
    alike = [jaccard(texts[group[0]] or "", texts[row] or "") for group in groups for row in group]
    told = {
        "group": [number for number, group in enumerate(groups, 1) for _ in group],
        "size": [len(group) for group in groups for _ in group],
        "accounts": [posts["attributed_to"].iloc[list(group)].nunique() for group in groups for _ in group],
        "similarity": alike,
    }
    return pd.DataFrame(
        {
            name: pd.Series(told[name] if name in told else chosen[name].to_numpy(dtype=object), dtype=dtype)
            for name, (dtype, _) in COLUMNS.items()
        }
    )
