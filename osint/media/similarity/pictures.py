"""Which pictures look the same: a table with one row for each file, in groups around a medoid.

Two pictures match whose PDQ differs in at most 31 of 256 bits, where both have a quality of 50 or more: Meta's own
figures. Whoever wants to can compute a picture that matches another, and a crop or a caption may break a match; so a
match is a lead, which a person confirms side by side, and no match is no proof of difference. It says nothing of who
made a picture or who is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from osint.errors import OsintError
from osint.media.similarity.groups import Group, medoid_groups
from osint.media.similarity.names import PDQ, PHASH, PIXELS, QUALITY, named
from osint.media.similarity.search import Pairs, distance, near
from osint.media.similarity.variants import AS_IS, INVERSE, VARIANTS
from osint.media.value import Value

RADIUS = 31
LEAST_QUALITY = 50
WIDE_RADIUS = 10

COLUMNS = {
    "medoid": "SHA-256 of the picture in the middle of the group; the same for all of a group, empty outside any",
    "sha256": "SHA-256 of the file",
    "exhibit": "the exhibit that holds the file; the first one when several hold the same bytes",
    "same_bytes_in": "list of the further exhibits that hold the same bytes",
    "files": "how many files the group has",
    "distance": "by how many of 256 bits PDQ of this picture differs from that of the medoid; at most 31 is a match",
    "variant": "how the picture lies, compared with the medoid: as is, mirrored, turned 90° left and so on",
    "same_pixels": "whether it has exactly the pixels of the medoid once decoded",
    "phash_distance": "by how many of 64 bits pHash differs from that of the medoid, the picture laid as the medoid",
    "quality": "quality of PDQ, 0 to 100: how much there is to see; below 50 a picture is compared with none",
    "pdq": "PDQ, 64 hex digits",
    "phash": "pHash, 16 hex digits",
    "pixels_sha256": "SHA-256 of the decoded pixels, three bytes each, row by row",
    "recipe": "how the picture was decoded; only hashes of one recipe are compared",
    "reader": "program and version, and the libraries that decoded it",
    "note": "why the picture is in no group",
}
PAIR_COLUMNS = {
    "first": "SHA-256 of one file",
    "second": "SHA-256 of the other",
    "phash_distance": "by how many of 64 bits pHash of the two differs",
    "pdq_distance": "by how many of 256 bits PDQ of the two differs, in the variant in which it differs least",
    "variant": "how the second lies, compared with the first, by pHash",
    "quality": "the lower quality of the two",
}
_TYPES = {
    **dict.fromkeys(COLUMNS | PAIR_COLUMNS, "str"),
    **dict.fromkeys(("files", "distance", "phash_distance", "pdq_distance"), "Int64"),
    "same_bytes_in": "object",
    "same_pixels": "boolean",
    "quality": "int64",
}
_ALONE = "No other picture differs from it in at most {} bits."
_TOO_LITTLE = "There is too little to see in it to compare it: its quality is {} of 100, and {} are needed."
_NAMES = tuple(VARIANTS)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One file and the hashes of its pixels, of each variant."""

    sha256: str
    exhibit: str
    pdq: Mapping[str, str]
    phash: Mapping[str, str]
    quality: int
    pixels_sha256: str
    recipe: str
    reader: str


def picture(sha256: str, exhibit: str, values: Iterable[Value]) -> Picture | None:
    """Return what the values of one file say of its pixels; None when they were not hashed."""
    found = {value.name: value for value in values if value.block == "pixels"}
    if PDQ not in found:
        return None
    return Picture(
        sha256=sha256,
        exhibit=exhibit,
        pdq={name: found[named(PDQ, name)].text for name in VARIANTS},
        phash={name: found[named(PHASH, name)].text for name in VARIANTS},
        quality=int(found[QUALITY].text),
        pixels_sha256=found[PIXELS].text,
        recipe=found[PDQ].group,
        reader=found[PDQ].reader,
    )


def same_pictures(
    pictures: Iterable[Picture], *, radius: int = RADIUS, least_quality: int = LEAST_QUALITY
) -> pd.DataFrame:
    """Return one row for each file, groups of pictures that look the same first. See :data:`COLUMNS`.

    The result does not depend on the order of the pictures.

    Args:
        pictures: Those of one case.
        radius: Bits of 256 by which two may differ.
        least_quality: Of both, for a match.

    Raises:
        OsintError: They were hashed by different recipes.
    """
    files = _files(pictures)
    clear = [file for file in files if file.first.quality >= least_quality]
    nodes = _nodes(clear)
    links = _links([node[0].first for node in nodes], radius)
    rows: list[dict[str, Any]] = []
    for group in medoid_groups(links.pairs, np.array([len(node) for node in nodes], np.intp)):
        rows.extend(_group_rows(group, nodes, links))
    grouped = {row["sha256"] for row in rows}
    for file in files:
        if file.first.sha256 not in grouped:
            little = _TOO_LITTLE.format(file.first.quality, least_quality)
            note = little if file.first.quality < least_quality else _ALONE.format(radius)
            rows.append({**_row(file), "note": note})
    return _table(rows, COLUMNS)


def wide_net(pictures: Iterable[Picture], *, radius: int = WIDE_RADIUS) -> pd.DataFrame:
    """Return pairs that match by pHash and not by PDQ, the nearest first. See :data:`PAIR_COLUMNS`.

    A caption or a small crop breaks a match of PDQ more often than one of pHash. Strangers are among these pairs, too:
    about one pair of unrelated photos in some thousand comes this near.

    Args:
        pictures: Those of one case.
        radius: Bits of 64 by which pHash may differ.

    Raises:
        OsintError: They were hashed by different recipes.
    """
    files = [file.first for file in _files(pictures)]
    links = _links(files, radius, by="phash")
    rows = []
    for at, other, bits, variant in zip(*links.pairs, links.variants, strict=True):
        first, second = files[at], files[other]
        apart = min(distance(first.pdq[name], second.pdq[AS_IS]) for name in VARIANTS)
        quality = min(first.quality, second.quality)
        if apart > RADIUS or quality < LEAST_QUALITY:
            row = {"first": first.sha256, "second": second.sha256, "phash_distance": int(bits)}
            rows.append(row | {"pdq_distance": apart, "variant": _NAMES[variant], "quality": quality})
    return _table(sorted(rows, key=_nearest_first), PAIR_COLUMNS)


def _nearest_first(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["phash_distance"], row["pdq_distance"], row["first"], row["second"]


class _File(NamedTuple):
    """One content, and every exhibit that holds it."""

    first: Picture
    exhibits: tuple[str, ...]


class _Links(NamedTuple):
    """Near pairs; the variant, a position in VARIANTS, says how the second of a pair lies, compared with the first."""

    pairs: Pairs
    variants: NDArray[np.intp]

    def to(self, medoid: int, member: int) -> tuple[int, str]:
        """Return the distance of two that are linked, and how the member lies."""
        low, high = min(medoid, member), max(medoid, member)
        start, stop = np.searchsorted(self.pairs.first, [low, low + 1])
        at = start + int(np.searchsorted(self.pairs.second[start:stop], high))
        name = _NAMES[self.variants[at]]
        return int(self.pairs.bits[at]), name if low == medoid else INVERSE[name]


def _files(pictures: Iterable[Picture]) -> list[_File]:
    same: dict[str, list[Picture]] = {}
    for each in sorted(pictures, key=lambda each: (each.sha256, each.exhibit)):
        same.setdefault(each.sha256, []).append(each)
    recipes = sorted({each.recipe for group in same.values() for each in group})
    if len(recipes) > 1:
        raise OsintError(
            f"These pictures were hashed by different recipes ({'; '.join(recipes)}), and a different way to decode a "
            "picture changes its hash. Nothing was compared. Hash all of them again by one version of this program."
        )
    return [_File(group[0], tuple(each.exhibit for each in group)) for group in same.values()]


def _nodes(files: Sequence[_File]) -> list[list[_File]]:
    """Return files that have the same hash together, so that a picture posted a thousand times is compared once."""
    same: dict[str, list[_File]] = {}
    for file in files:
        same.setdefault(file.first.pdq[AS_IS], []).append(file)
    return list(same.values())


def _links(pictures: Sequence[Picture], radius: int, by: str = "pdq") -> _Links:
    """Return each pair that is near in some variant once, with the variant in which it is nearest."""
    hashes = [getattr(each, by) for each in pictures]
    plain = [each[AS_IS] for each in hashes]
    parts = []
    for number, name in enumerate(VARIANTS):
        found = near(plain, None if name == AS_IS else [each[name] for each in hashes], radius=radius)
        backward = _NAMES.index(INVERSE[name])
        variants = np.where(found.first < found.second, number, backward)
        low, high = np.minimum(found.first, found.second), np.maximum(found.first, found.second)
        parts.append(np.stack([low, high, found.bits, variants])[:, low != high])
    low, high, bits, variants = np.concatenate(parts, axis=1)
    order = np.lexsort((variants, bits, high, low))
    low, high, bits, variants = (column[order] for column in (low, high, bits, variants))
    nearest = np.ones(len(low), bool)
    nearest[1:] = (np.diff(low) != 0) | (np.diff(high) != 0)
    return _Links(Pairs(low[nearest], high[nearest], bits[nearest]), variants[nearest])


def _group_rows(group: Group, nodes: Sequence[Sequence[_File]], links: _Links) -> Iterator[dict[str, Any]]:
    medoid = nodes[group.medoid][0].first
    count = sum(len(nodes[member]) for member in group.members)
    rows = []
    for member in group.members.tolist():
        bits, variant = (0, AS_IS) if member == group.medoid else links.to(group.medoid, member)
        for file in nodes[member]:
            other = {
                "medoid": medoid.sha256,
                "files": count,
                "distance": bits,
                "variant": variant,
                "same_pixels": file.first.pixels_sha256 == medoid.pixels_sha256,
                "phash_distance": distance(medoid.phash[variant], file.first.phash[AS_IS]),
            }
            rows.append(_row(file) | other)
    yield from sorted(rows, key=lambda row: (row["sha256"] != medoid.sha256, row["distance"], row["sha256"]))


def _row(file: _File) -> dict[str, Any]:
    first = file.first
    return {
        "sha256": first.sha256,
        "exhibit": file.exhibits[0],
        "same_bytes_in": sorted(set(file.exhibits) - {file.exhibits[0]}),
        "quality": first.quality,
        "pdq": first.pdq[AS_IS],
        "phash": first.phash[AS_IS],
        "pixels_sha256": first.pixels_sha256,
        "recipe": first.recipe,
        "reader": first.reader,
    }


def _table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype=_TYPES[name]) for name in columns})
