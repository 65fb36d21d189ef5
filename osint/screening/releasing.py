"""From what was confirmed to the filtered copy: the second reader's sample, the passages, and the last look."""

from __future__ import annotations

import hashlib
import math
import secrets
import string
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from osint.screening.filtered_copy import (
    FilteredCopy,
    Passage,
    check_leaks,
    excerpt,
    fixed_words,
    leaks,
    sealed_words,
)
from osint.screening.records import Candidate
from osint.screening.review import Item

_LEADING = ("handle", "address", "file", "name")


def alias() -> str:
    """Return random letters that stand for a candidate or an item, and say nothing of either."""
    return "".join(secrets.choice(string.ascii_uppercase) for _ in range(6))


def draw(one: Candidate, percent: int) -> list[str]:
    """Return the items that a second reader reads, one at least where there is any.

    They are drawn by the hash of the entry that finished the review: nobody could know them before, and everybody can
    draw them again.
    """
    drawn = sorted(one.confirmed, key=lambda item: hashlib.sha256(f"{one.seed} {item}".encode()).digest())
    return drawn[: math.ceil(len(drawn) * percent / 100)]


def agreed(one: Candidate, item: str) -> bool:
    """Return whether the second reader agreed to an item; only what they objected to is confirmed again after that."""
    return one.reads.get(item, False)


def write_copy(
    one: Candidate,
    items: Sequence[Item],
    criteria: Mapping[str, str],
    *,
    requisition: str,
    hashes: Collection[str],
    made: datetime,
) -> dict[str, bytes]:
    """Return the files of a filtered copy, after the last look at each.

    Raises:
        ExportError: One holds what was removed, or what leads to an original.
    """
    texts = {each.id: each.content for each in items}
    passages = [
        Passage(
            alias=alias(),
            criterion=criteria[each.criterion],
            paraphrase=each.paraphrase,
            excerpt=excerpt(texts[item], list(each.remove), each.clear) if each.excerpt else "",
        )
        for item, each in one.confirmed.items()
        if each.criterion
    ]
    copy = FilteredCopy(
        requisition=requisition, candidate=one.alias, passages=tuple(passages), response=one.response, made=made
    )
    files = copy.files()
    check_leaks(leaks(files, [*_sealed(one, items), *hashes], fixed_words()))
    return files


def _sealed(one: Candidate, items: Sequence[Item]) -> list[str]:
    decided = list(one.confirmed.values())
    leading = {one.name, *one.stated.values(), *one.exhibits, *one.confirmed}
    leading |= {each.text for item in items for each in item.fields if each.carrier in _LEADING}
    cleared = {word for each in decided for word in each.clear}
    return sealed_words((stretch for each in decided for stretch in each.remove), leading, cleared)
