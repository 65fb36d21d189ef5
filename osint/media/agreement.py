"""Whether independent readers found the same. A conflict keeps every value with its bytes; none is chosen in silence.

Readers are compared on one fact in one block: exifread and ExifTool on the latitude in EXIF. What different blocks of a
file say of one fact is compared too, and is no fault of a reader: a program that edits a file may change one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from osint.media.value import Confidence, Value, changed

_TOLERANCES = {
    "latitude": 1e-5, "longitude": 1e-5, "altitude": 0.5, "direction": 0.5, "position_error": 0.5, "duration": 0.05,
}  # fmt: skip
_SEVERAL = {
    "author", "container_time", "derived_from_id", "keywords", "metadata_time", "place_name", "platform_mark",
    "position_step",
}  # fmt: skip
"""Facts of which one block may rightly hold several values."""

_TELLING_SOURCES = ("taken_local", "taken_offset", "camera_make", "camera_model", "camera_serial", "orientation")
_SHOWN = 80


def agreed(values: Iterable[Value]) -> tuple[Value, ...]:
    """Return the values with ``confidence`` set: agreed, one reader, or conflict."""
    values = list(values)
    for places in _by_statement(values).values():
        confidence = _confidence([values[at] for at in places])
        for at in places:
            if values[at].confidence != confidence:
                values[at] = changed(values[at], confidence=confidence)
    return tuple(values)


def disagreements(values: Iterable[Value]) -> tuple[str, ...]:
    """Return a sentence for each fact on which readers differ, and for each that a file states in two ways."""
    values = tuple(values)
    statements = _by_statement(values)
    sentences = [
        f"Readers disagree on the {fact} in {block}: {_told(group)}."
        for (block, fact), places in statements.items()
        if len(places) > 1
        and any(values[at].value != values[places[0]].value for at in places)
        and _confidence(group := [values[at] for at in places]) == "conflict"
    ]
    for fact, first in _first_of_each_block(values, statements).items():
        if len(first) > 1 and not _alike(fact, {_plain(value) for value in first.values()}):
            told = "; ".join(f"{block} {value.text[:_SHOWN]!r}" for block, value in sorted(first.items()))
            sentences.append(f"The file states {fact} in more than one way: {told}.")
    return tuple(sentences)


def _by_statement(values: Sequence[Value]) -> dict[tuple[str, str], list[int]]:
    """Return the positions of the values of each fact in each block."""
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for at, fact in enumerate([value.fact for value in values]):
        if fact:
            groups[values[at].block, fact].append(at)
    return groups


def _first_of_each_block(
    values: Sequence[Value], statements: Mapping[tuple[str, str], Sequence[int]]
) -> dict[str, dict[str, Value]]:
    """Return the first value of each telling fact in each block, the facts in their order."""
    first: dict[str, dict[str, Value]] = {fact: {} for fact in _TELLING_SOURCES}
    for (block, fact), places in statements.items():
        found = next((values[at] for at in places if _counts(values[at])), None) if fact in first else None
        if found is not None:
            first[fact][block] = found
    return first


def _confidence(group: Sequence[Value]) -> Confidence:
    if len(group) < 2:
        return "one reader"
    one, other = group[:2]
    if len(group) == 2 and one.value == other.value and _counts(one) and _counts(other):  # as most groups are
        return "one reader" if _program(one.reader) == _program(other.reader) else "agreed"
    readers: defaultdict[str, set[str | float]] = defaultdict(set)
    for value in group:
        if _counts(value):
            readers[_program(value.reader)].add(_plain(value))
    if len(readers) < 2:
        return "conflict" if readers and _denied(group, *readers) else "one reader"
    first, *others = readers.values()
    if all(other == first for other in others):  # also of several values, as of a list of keywords
        return "agreed"
    if group[0].fact in _SEVERAL:
        return "conflict"
    return "agreed" if _alike(group[0].fact or "", set[str | float]().union(*readers.values())) else "conflict"


def _denied(group: Iterable[Value], reader: str) -> bool:
    """Say whether another program looked at what this one reads, and says that it cannot be."""
    return any(value.status == "impossible" and _program(value.reader) != reader for value in group)


def _counts(value: Value) -> bool:
    return value.value is not None and value.status == "read"


def _alike(fact: str, found: Collection[str | float]) -> bool:
    """Say whether all of these are the same: numbers within a tolerance, clocks as far as each of them goes."""
    if len(found) < 2:
        return True
    numbers = [each for each in found if isinstance(each, int | float)]
    if len(numbers) == len(found):
        return max(numbers) - min(numbers) <= _TOLERANCES.get(fact, 0)
    texts = [str(each) for each in found]
    longest = max(texts, key=len)
    return fact.endswith("_local") and all(longest.startswith(text) for text in texts)


def _plain(value: Value) -> str | float:
    """Return a value as it is compared: text without blanks around it or in a row."""
    plain = value.value
    return plain if isinstance(plain, int | float) else " ".join(str(plain).split())


@lru_cache(256)
def _program(reader: str) -> str:
    return reader.partition(" ")[0].casefold()


def _told(group: Sequence[Value]) -> str:
    told = (value for value in group if _counts(value) or value.status == "impossible")
    found = dict.fromkeys(
        f"{value.reader} {value.text[:_SHOWN]!r}{'' if _counts(value) else ', which cannot be'}" for value in told
    )
    return "; ".join(found)
