"""From what was confirmed to the filtered copy: the passages, the last look, and the files of whoever decides."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from osint.errors import ExportError
from osint.report.files import write_whole
from osint.screening.filtered_copy import FilteredCopy, Passage, check_leaks, excerpt, leaks, sealed_words
from osint.screening.records import Candidate
from osint.screening.review import Item
from osint.screening.store import Store
from osint.screening.unsealing import items

COPIES, TAKEN_BACK = "copies", "taken-back"
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_LEADING = ("handle", "address", "file", "name")
_SHORTEST_NAME = 3


def alias() -> str:
    """Return random letters that stand for a candidate or an item, and say nothing of either; without vowels, no word.

    Random and not counted: a gap in numbers would tell how many items were left out.
    """
    return "".join(secrets.choice(_LETTERS) for _ in range(6))


def release(store: Store, candidate: str, drawn: Sequence[str]) -> list[Path]:
    """Write the filtered copy of a candidate; return its files. One that was there before is kept, out of the way.

    Args:
        store: The store.
        candidate: Their random name.
        drawn: The sample of the second reader.

    Raises:
        ExportError: The second reader has not agreed to the whole sample, no answer of the candidate is recorded, or
            the copy would hold what was removed.
    """
    one = store.told.candidate(candidate)
    waiting = [item for item in drawn if not one.reads.get(item, False)]
    if waiting or not one.response:
        what = f"the second reader has not agreed to {', '.join(waiting)}" if waiting else "no answer is recorded"
        raise ExportError(f"No copy was written: {what}.")
    made = store.now().replace(hour=0, minute=0, second=0, microsecond=0)
    files = made_of(
        one,
        items(store, one),
        store.plan.criteria,
        requisition=store.folder.name,
        hashes=store.hashes,
        made=made,
    )
    take_back(store.folder, candidate)
    written = [write_whole(store.folder / COPIES / candidate / name, data) for name, data in files.items()]
    for path in written:
        os.utime(path, (made.timestamp(), made.timestamp()))
    store.log("screen.copy", candidate=candidate, files={name: _sha256(data) for name, data in files.items()})
    return written


def read(store: Store, candidate: str) -> str:
    """Return the filtered copy of a candidate as text.

    Raises:
        ExportError: There is none, the second reader objected since, or a file of it is not the one that was released.
    """
    one = store.told.candidate(candidate)
    folder = store.folder / COPIES / candidate
    found = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} if folder.is_dir() else {}
    hashes = {name: _sha256(data) for name, data in found.items()}
    if not found or one.is_objected or hashes != one.files:
        raise ExportError(f"There is no filtered copy of {candidate} as it was released.")
    return found["copy.txt"].decode()


def take_back(folder: Path, candidate: str) -> None:
    """Move a released copy to where whoever decides does not look. It is kept: it shows what they were shown."""
    released = folder / COPIES / candidate
    if released.is_dir():
        kept = folder / TAKEN_BACK / candidate
        kept.mkdir(parents=True, exist_ok=True)
        released.rename(kept / str(len(list(kept.iterdir())) + 1))


def made_of(
    one: Candidate,
    found: Sequence[Item],
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
    texts = {each.id: each.content for each in found}
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
    check_leaks(leaks(files, [*_sealed(one, found), *hashes], copy))
    return files


def _sealed(one: Candidate, found: Sequence[Item]) -> list[str]:
    decided = list(one.confirmed.values())
    leading = {one.name, *one.stated.values(), *one.exhibits, *one.confirmed}
    leading |= {word for word in re.findall(r"\w+", one.name) if len(word) >= _SHORTEST_NAME}
    leading |= {each.text for item in found for each in item.fields if each.carrier in _LEADING}
    cleared = {word for each in decided for word in each.clear}
    return sealed_words((stretch for each in decided for stretch in each.remove), leading, cleared)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
