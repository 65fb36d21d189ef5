"""What the records of a case say of an exhibit, in words: what its page shows and its TEXT file holds."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pandas as pd

from osint.instants import format_instant
from osint.production.posts import every_post

_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
PLAIN = "txt"
"""How the name of a native ends that is plain text."""
_MOST_TEXT = 1 << 24  # bytes
_ANSWERS = (
    ("Answers", "in_reply_to"),
    ("Quotes", "quote_of"),
    ("Passes on", "announce_of"),
)
_OTHER_VERSION = (
    "This exhibit shows the post, in one of {versions} versions that were seen. The text of the versions stands with "
    "{exhibit}; which of them this exhibit shows, the native says."
)


@dataclass(frozen=True)
class Told:
    """One post as an exhibit shows it.

    Attributes:
        facts: What is stated of it, in order: names and values.
        text: Its text; empty when it has none.
    """

    facts: tuple[tuple[str, str], ...]
    text: str = ""


class Said:
    """What the tables of a case say of each exhibit."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        """Note which rows belong to which exhibit; ``versions`` is the table of posts with a row for each version."""
        self._posts = every_post(tables, versions=True)
        self._texts: defaultdict[str, list[int]] = defaultdict(list)
        self._others: defaultdict[str, dict[str, int]] = defaultdict(dict)
        has_sights = {"id", "exhibits", "versions"} <= set(self._posts.columns)
        for at, row in enumerate(self._sights() if has_sights else ()):
            self._place(at, *row)

    def posts(self, exhibit: str) -> Iterator[Told]:
        """Yield the posts that an exhibit shows, in the order of the table; those last whose text is not known."""
        told = set()
        for at in self._texts.get(exhibit, ()):
            row = self._row(at)
            told.add(row["id"])
            yield _told(row)
        yield from (_named(self._row(at)) for post, at in self._others.get(exhibit, {}).items() if post not in told)

    def fields(self, exhibit: str) -> dict[str, str]:
        """Return what a load file says of the posts of an exhibit, by column."""
        rows = self._posts.iloc[self._texts.get(exhibit, [])]
        if rows.empty:
            return {}
        published = rows["published"].dropna()
        return {
            "AUTHOR_HANDLE": _distinct(rows["author_handle"]),
            "PLATFORM": _distinct(rows["platform"]),
            "COLLECTOR": _distinct(rows["collector"]),
            "DATE_POSTED": format_instant(published.min().to_pydatetime()) if len(published) else "",
        }

    def _sights(self) -> Iterator[tuple[str, str, list[str], int]]:
        names = ["id", "exhibit", "exhibits", "versions"]
        yield from zip(*(self._posts[name] for name in names), strict=True)

    def _place(self, at: int, post: str, exhibit: str, exhibits: list[str], versions: int) -> None:
        """Place a row with every exhibit of which it is known to be the text, and by its name with the others."""
        for each in exhibits:
            if each == exhibit or versions == 1:
                self._texts[each].append(at)
            else:
                self._others[each][post] = at

    def _row(self, at: int) -> Mapping[str, Any]:
        return cast("dict[str, Any]", self._posts.iloc[at].to_dict())


def as_text(posts: list[Told]) -> bytes:
    """Return posts as a TEXT file: UTF-8, LF; characters that no text file holds are spelt ``⟨U+0000⟩``."""
    parts = [_part(number, len(posts), told) for number, told in enumerate(posts, 1)]
    return writable("\n\n".join(parts) + "\n").encode()


def words_of(path: Path) -> bytes:
    """Return a file of plain text as a TEXT file; nothing where it is long, says nothing, or is not UTF-8."""
    if path.stat().st_size > _MOST_TEXT:
        return b""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return b""
    return writable(text).encode() if text.strip() else b""


def writable(text: str) -> str:
    """Return text with control characters and halves of surrogate pairs spelt as ``⟨U+D800⟩``; line ends are LF."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNWRITABLE.sub(lambda found: f"⟨U+{ord(found.group()):04X}⟩", text)


def _part(number: int, count: int, told: Told) -> str:
    head = [f"Post {number} of {count}", *(f"{name}: {value}" for name, value in told.facts)]
    return "\n".join([*head, "", told.text] if told.text else head)


def _told(row: Mapping[str, Any]) -> Told:
    return Told(tuple((name, value) for name, value in _facts(row) if value), _plain(row["content"]))


def _named(row: Mapping[str, Any]) -> Told:
    other = _OTHER_VERSION.format(versions=row["versions"], exhibit=row["exhibit"])
    return Told((("Id", _plain(row["id"])), ("Versions", other)))


def _facts(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "Id", _plain(row["id"])
    yield "Type", _plain(row["type"])
    handle, name = _plain(row["author_handle"]), _plain(row["author_name"])
    yield "Author", f"{name} ({handle})" if name and handle else name or handle or _plain(row["attributed_to"])
    yield "Published", _published(row)
    yield "Edited", _instant(row["updated"])
    yield "Address", _plain(row["url"])
    for label, column in _ANSWERS:
        yield label, _plain(row[column])
    for each in row["attachment"]:
        told = " ".join(filter(None, (each.get("name"), each["url"])))
        yield "Attachment", told


def _published(row: Mapping[str, Any]) -> str:
    instant, raw = _instant(row["published"]), _plain(row["published_raw"])
    return f"{instant} (stated by: {_plain(row['published_basis'])})" if instant else raw and f"{raw} (no zone stated)"


def _instant(value: Any) -> str:
    return "" if pd.isna(value) else format_instant(value.to_pydatetime())


def _plain(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _distinct(values: pd.Series) -> str:
    return "; ".join(dict.fromkeys(map(str, values.dropna())))
