"""What two captures of one address show differently: posts and profiles by id, words, links, pictures and their bytes.

Pure. "The same" always means something that is stated: the same bytes, the same posts, or the same words, links and
pictures. What an earlier capture shows and a later one does not is "not in the new capture": a list may have moved on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from osint.activity import Actor, Post, Record, to_json
from osint.capture.exchange import Capture
from osint.collecting.difference import Line, beginning, is_long, text_difference
from osint.collectors.text import absolute, base_of, parse_html, text_of
from osint.instants import format_instant
from osint.query import without_secrets

EDITED, COUNTED, NEW, ABSENT, OTHER_BYTES = "edited", "other counts", "new", "not in the new capture", "other bytes"
"""What can be said of a post, a link or a file."""

_COUNTS = ("replies", "announces", "likes")
_UNCOMPARED = {"exhibit", "pointer", "collector", "collected", "extra", "absent", *_COUNTS}
_AS_TEXT = {"content", "content_html", "summary"}
_PLURALS = {EDITED: "edited", COUNTED: "with other counts", NEW: "new", ABSENT: ABSENT}
_FILES = {OTHER_BYTES: "has other bytes", NEW: "is new", ABSENT: f"is {ABSENT}"}
_READ_AT_MOST = 1_000_000  # characters of a page; a page is a few hundred thousand
_MOST_LISTED = 200  # links or files of each kind
_SHOWN_BY = {"img": "src", "video": "src", "audio": "src", "source": "src"}

Sight = Post | Actor


class Field(NamedTuple):
    """A field of a post or a profile that differs."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Changed:
    """One post or profile that two captures do not show alike.

    Attributes:
        what: One of the words above.
        id: Its id.
        url: The address a person opens, or None.
        fields: What differs, but for its text.
        text: How its text differs; of one that only one capture shows, all of its text.
    """

    what: str
    id: str
    url: str | None
    fields: tuple[Field, ...] = ()
    text: tuple[Line, ...] = ()


class Listed(NamedTuple):
    """A link or a file that two captures do not show alike; ``old`` and ``new`` are SHA-256 where both have bytes."""

    what: str
    url: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two captures.

    Attributes:
        capture: The capture.
        records: What was read from it; None when it could not be read.
        digest: SHA-256 of its body; of a file that was too large to be held, too.
        files: SHA-256 of the files that were preserved with it, by address; None for one that cannot be compared:
            refused, one too many, not read to its end, purged on order. Empty is the address that was erased.
    """

    capture: Capture
    digest: str
    records: Sequence[Record] | None
    files: Mapping[str, str | None]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What two captures show differently.

    Attributes:
        same: Whether they show the same.
        basis: What is the same, or in short what is not.
        records: Posts and profiles that differ.
        text: How the words of the whole page differ.
        links: Links of the page that are new, or not in the new capture.
        media: Pictures, sounds and films likewise, those that one visit alone preserved, and those with other bytes
            at the same address.
        notes: What was not compared.
    """

    same: bool
    basis: str
    records: tuple[Changed, ...] = ()
    text: tuple[Line, ...] = ()
    links: tuple[Listed, ...] = ()
    media: tuple[Listed, ...] = ()
    notes: tuple[str, ...] = ()


class _Page(NamedTuple):
    """What a page shows a reader."""

    text: str
    is_cut: bool
    links: tuple[str, ...]
    media: tuple[str, ...]


def compare(earlier: Side, later: Side) -> Comparison:
    """Compare an earlier capture of an address with a later one."""
    if earlier.capture.is_redirect or later.capture.is_redirect:
        return _ways(earlier.capture, later.capture)
    files, untold = tuple(_files(earlier.files, later.files)), tuple(_untold(earlier.files, later.files))
    if earlier.digest == later.digest and not files:
        return Comparison(same=True, basis="the same bytes" + _but(untold), notes=untold)
    before, after = _page(earlier.capture), _page(later.capture)
    found = Comparison(
        same=False,
        basis="",
        records=tuple(_changed_records(earlier.records or (), later.records or ())),
        text=text_difference(before.text, after.text),
        links=tuple(_listed(before.links, after.links)),
        media=tuple(dict.fromkeys((*files, *_listed(before.media, after.media)))),
        notes=tuple(_notes(before, after)),
    )
    own = _own(earlier) & _own(later)  # one that a post of one side alone shows is told with that post
    same, basis = _verdict(found, {each.what for each in files if each.url in own}, earlier, later)
    basis += _but(untold) if same else ""
    return replace(found, same=same, basis=basis, notes=(*found.notes, *untold))


def telling(record: Sight) -> str:
    """Return a digest of what a post or a profile tells: equal where two sights tell the same, counts apart."""
    told = {name: value for name, value in to_json(record).items() if name not in _UNCOMPARED}
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def same_place(one: str, other: str) -> bool:
    """Say whether two addresses are one, but for the scheme, a leading ``www.`` and a last slash."""
    return _bare(one) == _bare(other)


def sights(records: Iterable[Record]) -> dict[str, Sight]:
    """Return the posts and profiles among records, by id."""
    return {f"{type(each).__name__} {each.id}": each for each in records if isinstance(each, Post | Actor)}


def _verdict(page: Comparison, own_files: set[str], earlier: Side, later: Side) -> tuple[bool, str]:
    """Say whether it is the same, and on what basis; ``own_files`` is what is said of files of the posts."""
    counted = [each for each in page.records if each.what == COUNTED]
    other = [each for each in page.records if each.what != COUNTED]
    if other or own_files:
        numbers = {word: sum(each.what == word for each in page.records) for word in _PLURALS}
        told = [f"{number} {_PLURALS[word]}" for word, number in numbers.items() if number]
        posts = [f"posts: {', '.join(told)}"] if told else []
        return False, "; ".join([*posts, *(f"a file of the post {_FILES[what]}" for what in sorted(own_files))])
    if sights(earlier.records or ()):
        but = "their counts and the page around them differ" if counted else "the page around them differs"
        return True, f"the same posts; {but}"
    if _is_shown(earlier.capture) and _is_shown(later.capture):
        parts = {"words": page.text, "links": page.links, "pictures": page.media}
        differing = [name for name, found in parts.items() if found]
        if not differing and not page.notes:
            return True, "the same words, links and pictures; the bytes around them differ"
        return False, f"other {', '.join(differing)}" if differing else "other bytes"
    return False, "other bytes"


def _ways(earlier: Capture, later: Capture) -> Comparison:
    """Compare where two answers lead."""
    before, after = (each.header("Location") if each.is_redirect else None for each in (earlier, later))
    if before == after:
        return Comparison(same=True, basis="it leads to the same address")
    told = [
        f"it led to {before}" if before else "it led nowhere else",
        f"it leads to {after}" if after else "it does not",
    ]
    return Comparison(same=False, basis=" before, and now ".join(told))


def _changed_records(before: Iterable[Record], after: Iterable[Record]) -> Iterable[Changed]:
    old, new = sights(before), sights(after)
    for name, record in new.items():
        if name not in old:
            yield _whole(NEW, record, "+")
        elif changed := _changed(old[name], record):
            yield changed
    for name, record in old.items():
        if name not in new:
            yield _whole(ABSENT, record, "-")


def _whole(what: str, record: Sight, sign: str) -> Changed:
    lines = tuple(Line(sign, ((line, False),)) for line in beginning(_text(record)))
    return Changed(what=what, id=record.id, url=record.url, text=lines)


def _changed(old: Sight, new: Sight) -> Changed | None:
    found = list(_fields(old, new))
    counts = [_field(name, old, new) for name in _COUNTS if getattr(old, name, None) != getattr(new, name, None)]
    if not found and not counts:
        return None
    text = text_difference(_text(old), _text(new))
    if not text and "content_html" in found:  # the same words, marked up in another way
        text = text_difference(getattr(old, "content_html", None) or "", getattr(new, "content_html", None) or "")
    told = [_field(name, old, new) for name in found if name not in _AS_TEXT]
    return Changed(what=EDITED if found else COUNTED, id=new.id, url=new.url, fields=(*told, *counts), text=text)


def _fields(old: Sight, new: Sight) -> Iterable[str]:
    for field in fields(new):
        if field.name not in _UNCOMPARED and getattr(old, field.name, None) != getattr(new, field.name):
            yield field.name


def _field(name: str, old: Sight, new: Sight) -> Field:
    return Field(name, *(_spelt(getattr(each, name, None)) for each in (old, new)))


def _spelt(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return ", ".join(str(getattr(each, "url", None) or getattr(each, "name", each)) for each in value) or "none"
    return format_instant(value) if isinstance(value, datetime) else str(value)


def _text(record: Sight) -> str:
    return (record.content if isinstance(record, Post) else record.summary) or ""


def _page(capture: Capture) -> _Page:
    text = capture.text[:_READ_AT_MOST]
    tree = parse_html(text) if "html" in capture.media_type else None
    is_cut = len(capture.text) > _READ_AT_MOST
    if tree is None:
        shown = text if _is_shown(capture) else ""
        return _Page(shown, is_cut or is_long(shown), (), ())
    shown, base = text_of(tree), base_of(tree, capture.url)
    links = (absolute(base, each.get("href")) for each in tree.iter("a"))
    media = (absolute(base, each.get(_SHOWN_BY[str(each.tag)])) for each in tree.iter(*_SHOWN_BY))
    return _Page(shown, is_cut or is_long(shown), _once(links), _once(media))


def _once(urls: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(url for url in urls if url))


def _is_shown(capture: Capture) -> bool:
    """Say whether a capture holds text that a reader can be shown."""
    return capture.media_type.startswith("text/") or capture.media_type.endswith(("json", "xml"))


def _notes(before: _Page, after: _Page) -> Iterable[str]:
    if before.is_cut or after.is_cut:
        yield "The page is long; its first part was compared."
    if max(map(len, (before.links, after.links, before.media, after.media))) > _MOST_LISTED:
        yield f"Of links and of pictures that differ, {_MOST_LISTED} of each kind are listed at most."


def _listed(before: Sequence[str], after: Sequence[str]) -> Iterable[Listed]:
    old, new = set(before), set(after)
    for what, urls, there in ((NEW, after, old), (ABSENT, before, new)):
        yield from [Listed(what, url) for url in urls if url not in there][:_MOST_LISTED]


def _files(old: Mapping[str, str | None], new: Mapping[str, str | None]) -> Iterable[Listed]:
    """Yield the files with other bytes at the same address, and those that one visit alone preserved."""
    for url in dict.fromkeys((*old, *new)):
        before, after = old.get(url), new.get(url)
        if before and after and before != after:
            yield Listed(OTHER_BYTES, url, before, after)
        elif after and not {url, ""} & old.keys():
            yield Listed(NEW, url)
        elif before and not {url, ""} & new.keys():
            yield Listed(ABSENT, url)


def _untold(old: Mapping[str, str | None], new: Mapping[str, str | None]) -> Iterable[str]:
    if None in (*old.values(), *new.values()):
        yield "Files that the page loaded: some were refused, too many, not read to the end, or purged on order."


def _but(untold: Sequence[str]) -> str:
    return "; not all of its files could be compared" if untold else ""


def _own(side: Side) -> set[str]:
    """Return the addresses of the files that posts show as their own, as the ledger spells them."""
    posts = (each for each in side.records or () if isinstance(each, Post))
    return {without_secrets(each.url) for post in posts for each in post.attachment}


def _bare(url: str) -> str:
    return url.partition("://")[2].removeprefix("www.").rstrip("/")
