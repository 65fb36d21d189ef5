"""Which films show the same: a table with one row for each pair of films that share their frames.

A frame matches as a picture does, see ``pictures``. Two films match where at least 80 percent of the frames of one have
a match in the other, whatever their order and length: a clip matches the film that it was cut from. It is a lead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import pandas as pd

from osint.errors import OsintError
from osint.media.similarity.names import FRAME
from osint.media.similarity.pictures import LEAST_QUALITY, RADIUS
from osint.media.similarity.search import near
from osint.media.value import Value

LEAST_SHARE = 0.8

COLUMNS = {
    "first": "SHA-256 of one film",
    "second": "SHA-256 of the other",
    "exhibit_first": "the exhibit that holds the first; the first exhibit when several hold the same bytes",
    "exhibit_second": "the same of the second",
    "match": "`both` when each shows enough of the other; `first in second` and `second in first` when only one does",
    "share_of_first": "share of the frames of the first that have a match in the second, 0 to 1",
    "share_of_second": "share of the frames of the second that have a match in the first, 0 to 1",
    "frames_of_first": "how many different frames of the first were compared, those of a quality of 50 or more",
    "frames_of_second": "the same of the second",
    "recipe": "how the frames were chosen and made small; only films of one recipe are compared",
}
_TYPES = {
    **dict.fromkeys(COLUMNS, "str"),
    **dict.fromkeys(("share_of_first", "share_of_second"), "float64"),
    **dict.fromkeys(("frames_of_first", "frames_of_second"), "int64"),
}


class Frame(NamedTuple):
    """PDQ of one frame, and at which second of the film it stands; None when that is not known."""

    pdq: str
    quality: int
    second: float | None


@dataclass(frozen=True, kw_only=True)
class Film:
    """One file and the hashes of its frames."""

    sha256: str
    exhibit: str
    frames: tuple[Frame, ...]
    recipe: str
    reader: str


def film(sha256: str, exhibit: str, values: Iterable[Value]) -> Film | None:
    """Return what the values of one file say of its frames; None when no frame was hashed."""
    found = [value for value in values if value.name == FRAME and value.block == "pixels"]
    if not found:
        return None
    frames = tuple(_frame(value.text) for value in found)
    return Film(sha256=sha256, exhibit=exhibit, frames=frames, recipe=found[0].group, reader=found[0].reader)


def same_films(
    films: Iterable[Film],
    *,
    radius: int = RADIUS,
    least_quality: int = LEAST_QUALITY,
    least_share: float = LEAST_SHARE,
) -> pd.DataFrame:
    """Return one row for each pair of films that match, those that share most first. See :data:`COLUMNS`.

    Args:
        films: Those of one case.
        radius: Bits of 256 by which two frames may differ.
        least_quality: Of both frames, to be compared.
        least_share: Of the frames of one film.

    Raises:
        OsintError: They were hashed by different recipes.
    """
    known = _each_once(films)
    shown = [{frame.pdq for frame in each.frames if frame.quality >= least_quality} for each in known]
    rows = []
    for (at, other), (of_first, of_second) in _matched(shown, radius).items():
        shares = len(of_first) / len(shown[at]), len(of_second) / len(shown[other])
        if max(shares) >= least_share:
            rows.append(_row(known[at], known[other], shares, (len(shown[at]), len(shown[other])), least_share))
    rows.sort(key=lambda row: (-row["share_of_first"] - row["share_of_second"], row["first"], row["second"]))
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=_TYPES[name]) for name in COLUMNS})


def _frame(text: str) -> Frame:
    _, quality, digits, second = text.split(",")
    return Frame(digits, int(quality), float(second) if second else None)


def _each_once(films: Iterable[Film]) -> list[Film]:
    once: dict[str, Film] = {}
    for each in sorted(films, key=lambda each: (each.sha256, each.exhibit)):
        once.setdefault(each.sha256, each)
    recipes = sorted({each.recipe for each in once.values()})
    if len(recipes) > 1:
        raise OsintError(
            f"These films were hashed by different recipes ({'; '.join(recipes)}), and their frames cannot be "
            "compared. Nothing was compared. Hash all of them again by one version of this program."
        )
    return list(once.values())


def _matched(shown: Sequence[set[str]], radius: int) -> Mapping[tuple[int, int], tuple[set[str], set[str]]]:
    """Return for each pair of films, by position, the frames of the first that match, and those of the second."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for number, frames in enumerate(shown):
        for digits in frames:
            holders[digits].append(number)
    hashes = sorted(holders)
    found: defaultdict[tuple[int, int], tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    pairs = near(hashes, radius=radius)
    same = ((position, position) for position in range(len(hashes)))
    for one, other in (*zip(pairs.first.tolist(), pairs.second.tolist(), strict=True), *same):
        for at, beside in product(holders[hashes[one]], holders[hashes[other]]):
            if at != beside:
                first, second = (one, other) if at < beside else (other, one)
                of_first, of_second = found[min(at, beside), max(at, beside)]
                of_first.add(hashes[first])
                of_second.add(hashes[second])
    return found


def _row(
    first: Film, second: Film, shares: tuple[float, float], frames: tuple[int, int], least_share: float
) -> dict[str, Any]:
    enough = shares[0] >= least_share, shares[1] >= least_share
    return {
        "first": first.sha256,
        "second": second.sha256,
        "exhibit_first": first.exhibit,
        "exhibit_second": second.exhibit,
        "match": {(True, True): "both", (True, False): "first in second"}.get(enough, "second in first"),
        "share_of_first": shares[0],
        "share_of_second": shares[1],
        "frames_of_first": frames[0],
        "frames_of_second": frames[1],
        "recipe": first.recipe,
    }
