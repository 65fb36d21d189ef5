"""What was published, in the terms of ActivityStreams 2.0: Post, Actor, Attachment, Tag.

Records are frozen and hold only what a source said. Three kinds of "nothing" stay apart: a field that is None with no
word in ``absent`` means that the source says "none"; ``absent[field] == "missing"`` that it does not offer the field;
``absent[field] == "hidden"`` that it has the value and withholds it.

Source: https://www.w3.org/TR/activitystreams-vocabulary/ (names), research notes in ``docs/columns.md`` (columns).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from osint.instants import format_instant, parse_instant

Absence = Literal["missing", "hidden"]
PublishedBasis = Literal["platform", "author-claimed", "id", "page", "none"]


def account_key(platform: str, handle: str) -> str:
    """Return the node key of an account: ``account:mastodon:jane@social.example``.

    The handle loses a leading ``@`` and its letter case, which no platform distinguishes; the spelling of the source
    stays in ``Actor.handle`` and ``Post.author_handle``.
    """
    return f"account:{platform}:{handle.removeprefix('@').casefold()}"


@dataclass(frozen=True, kw_only=True)
class Tag:
    """A mention or a hashtag inside a post.

    Attributes:
        type: ``Mention`` or ``Hashtag``.
        name: As written by the source, without a leading ``#`` or ``@``.
        href: Where it leads, or None.
        account: Node key of the mentioned account; None for a hashtag.
    """

    type: Literal["Mention", "Hashtag"]
    name: str
    href: str | None = None
    account: str | None = None


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that a post shows. It is named here, not fetched."""

    url: str
    media_type: str | None = None
    name: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, kw_only=True)
class Actor:
    """An account as one exhibit shows it."""

    id: str
    platform: str
    native_id: str
    handle: str
    name: str | None = None
    url: str | None = None
    summary: str | None = None
    published: datetime | None = None
    published_raw: str | None = None
    exhibit: str
    pointer: str


@dataclass(frozen=True, kw_only=True)
class Post:
    """One post as one exhibit shows it. ``docs/columns.md`` describes every field; a test keeps the two together.

    Attributes that are not their own explanation:
        id: ``platform:native_id``, the same for every sight of the post.
        native_id: The platform's id, always text.
        type: The ActivityStreams type: Note, Article, Page, Announce, ...
        attributed_to: Node key of the author's account (see :func:`account_key`).
        published: Instant in UTC, or None when the source names none; ``published_raw`` keeps its spelling.
        in_reply_to: ``id`` of the post answered; ``in_reply_to_account`` the node key of its author.
        announce_of: ``id`` of the post passed on ("boost", "repost"); ``announce_of_account`` its author's node key.
        pointer: Where in the exhibit: a JSON Pointer (RFC 6901), or an XPath for XML and HTML.
        collector: Name and version of the parser, ``mastodon/1``.
        collected: Instant at which the request for the exhibit started.
        extra: Whatever else the source offers that someone may want, JSON values only.
    """

    id: str
    platform: str
    native_id: str
    type: str
    url: str | None = None
    attributed_to: str | None = None
    author_handle: str | None = None
    author_name: str | None = None
    content: str | None = None
    content_html: str | None = None
    language: str | None = None
    published: datetime | None = None
    published_raw: str | None = None
    published_basis: PublishedBasis = "none"
    published_zone_known: bool = False
    updated: datetime | None = None
    in_reply_to: str | None = None
    in_reply_to_account: str | None = None
    quote_of: str | None = None
    announce_of: str | None = None
    announce_of_account: str | None = None
    thread_root: str | None = None
    tag: tuple[Tag, ...] = ()
    attachment: tuple[Attachment, ...] = ()
    links: tuple[str, ...] = ()
    replies: int | None = None
    announces: int | None = None
    likes: int | None = None
    visibility: str | None = None
    exhibit: str
    pointer: str
    collector: str
    collected: datetime
    absent: Mapping[str, Absence] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ParseWarning:
    """What a parser could not read, or read with a reservation. It stands beside the data, never instead of it.

    Attributes:
        exhibit: The exhibit concerned.
        pointer: Where in it; empty for the whole.
        what: What was seen, in a sentence.
        effect: What that means for the tables, in a sentence.
    """

    exhibit: str
    pointer: str
    what: str
    effect: str


Record = Post | Actor | ParseWarning

_KINDS: dict[str, type[Record]] = {"post": Post, "actor": Actor, "warning": ParseWarning}


def kind_of(record: Record) -> str:
    """Return ``post``, ``actor`` or ``warning``."""
    return next(kind for kind, each in _KINDS.items() if isinstance(record, each))


def to_json(record: Record) -> dict[str, Any]:
    """Return a record as JSON values; instants become RFC 3339 text. :func:`from_json` gives the record back."""
    return {name: _plain(value) for name, value in asdict(record).items()}


def from_json(kind: str, values: Mapping[str, Any]) -> Record:
    """Make the record that :func:`to_json` wrote."""
    read: dict[str, Any] = dict(values)
    for name in ("published", "updated", "collected"):
        if read.get(name) is not None:
            read[name] = parse_instant(read[name])
    if kind == "post":
        read["tag"] = tuple(Tag(**each) for each in read["tag"])
        read["attachment"] = tuple(Attachment(**each) for each in read["attachment"])
        read["links"] = tuple(read["links"])
    return _KINDS[kind](**read)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_instant(value)
    return list(value) if isinstance(value, tuple) else value
