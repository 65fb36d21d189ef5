"""What one post says of others, each saying with the place in the post that it was read from.

An observation is one reading of one place: account, relation, other end. The same tie in five posts is five
observations and one edge. Where a post names another post and not its author, the observation names that post; who
is behind it is for whoever knows the other posts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeGuard

from osint.activity import account_key
from osint.graph import entities
from osint.graph.addresses import normalise_url
from osint.graph.entities import TextSearch
from osint.graph.post_rows import Row
from osint.places import position_problems

RELATIONS = ("mention", "reply", "announce", "quote", "link", "hashtag")
"""What the fields of a post say outright."""

KINDS = (*RELATIONS, "follow", "like", "place", "media", *entities.KINDS, "authored")
"""Every kind of observed edge; ``authored`` leads from an account to each of its posts."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "mention": ("tag",),
    "reply": ("in_reply_to", "in_reply_to_account"),
    "announce": ("announce_of", "announce_of_account"),
    "quote": ("quote_of",),
    "link": ("links",),
    "hashtag": ("tag",),
}
"""The columns that the relations are read from."""

VERSION = 1
"""Rises whenever a reader below makes other observations of the same posts."""


class Said(NamedTuple):
    """One thing that a post says.

    Attributes:
        kind: One of :data:`KINDS`.
        key: Node at the other end; where ``names`` is given, the node of that post, which stands in for its author.
        label: How the post spells it, where that is more than the key.
        locator: Where in the row of the post: a JSON Pointer (RFC 6901), in text with its characters (RFC 5147).
        names: The id of the post whose author is the other end, where the post says no more than that.
        exhibit: A further exhibit that shows it, as of a file.
    """

    kind: str
    key: str
    label: str | None
    locator: str
    names: str | None = None
    exhibit: str | None = None


class File(NamedTuple):
    """A preserved file that a post shows."""

    sha256: str
    exhibit: str


def extractor(kind: str, search: TextSearch) -> str:
    """Return what reads a kind, with its version: ``mention/1``."""
    return entities.extractor(kind, search) if kind in entities.KINDS else f"{kind}/{VERSION}"


def said_in(row: Row, relation: str) -> Iterator[Said]:
    """Yield what a post says of one of :data:`RELATIONS`.

    A post of type Announce says only that its author passed something on: mentions and links in it belong to the
    original.
    """
    if row.type != "Announce" or relation == "announce":
        yield from _READERS[relation](row)


def further_said(row: Row, files: Sequence[File], search: TextSearch) -> Iterator[Said]:
    """Yield what a post that is no Announce says beside :data:`RELATIONS`: follows, likes, places, files, its text."""
    if row.extra:
        yield from _extras(row)
    for file in files:
        yield Said("media", f"media:sha256:{file.sha256}", None, "/attachment", exhibit=file.exhibit)
    for found in entities.found_in(row.content, row.links, search):
        yield Said(*found)


def mentions_without_account(row: Row) -> int:
    """Return how many mentions name nobody that could be a node."""
    if row.author is None or row.type == "Announce":
        return 0
    return sum(1 for tag in row.tag if tag.get("type") == "Mention" and not tag.get("account"))


def post_key(post: str, platform: str) -> str:
    """Return the node key of a post: ``post:mastodon:17``."""
    namespace, colon, native = post.partition(":")
    return f"post:{namespace}:{native}" if colon else f"post:{platform}:{post}"


def _mentions(row: Row) -> Iterator[Said]:
    for place, tag in enumerate(row.tag):
        if tag.get("type") == "Mention" and tag.get("account"):
            yield Said("mention", tag["account"], None, f"/tag/{place}")


def _hashtags(row: Row) -> Iterator[Said]:
    for place, tag in enumerate(row.tag):
        name = str(tag.get("name") or "").removeprefix("#") if tag.get("type") == "Hashtag" else ""
        if name:
            yield Said("hashtag", f"hashtag:{row.platform}:{name.casefold()}", f"#{name}", f"/tag/{place}")


def _links(row: Row) -> Iterator[Said]:
    for place, link in enumerate(row.links):
        if link:
            yield Said("link", f"url:web:{normalise_url(link)}", None, f"/links/{place}")


def _reply(row: Row) -> Iterator[Said]:
    return _other_end("reply", row.in_reply_to, row.in_reply_to_account, row.platform, "in_reply_to")


def _announce(row: Row) -> Iterator[Said]:
    return _other_end("announce", row.announce_of, row.announce_of_account, row.platform, "announce_of")


def _quote(row: Row) -> Iterator[Said]:
    return _other_end("quote", row.quote_of, None, row.platform, "quote_of")


def _other_end(kind: str, post: str | None, account: str | None, platform: str, field: str) -> Iterator[Said]:
    """Yield the account behind a post as the source names it, else the post, for its author or itself."""
    if account:
        yield Said(kind, account, None, f"/{field}_account")
    elif post:
        yield Said(kind, post_key(post, platform), post, f"/{field}", post)


def _extras(row: Row) -> Iterator[Said]:
    extra = row.extra or {}
    if row.type == "Like":
        yield from _like(extra, row.platform)
    if row.type == "Follow" and _is_text(extra.get("subject")):
        yield Said("follow", account_key(row.platform, extra["subject"]), None, "/extra/subject")
    yield from _place(extra)


def _like(extra: Mapping[str, Any], platform: str) -> Iterator[Said]:
    liked, subject = extra.get("liked"), extra.get("subject")
    if _is_text(liked):
        yield Said("like", post_key(liked, platform), liked, "/extra/liked", liked)
    elif isinstance(subject, Mapping) and _is_text(subject.get("uri")):
        post = f"{platform}:{subject['uri']}"
        yield Said("like", post_key(post, platform), post, "/extra/subject/uri", post)


def _place(extra: Mapping[str, Any]) -> Iterator[Said]:
    """Yield the position that a source states for a post, to five decimals, or the words that name the place."""
    told, pointer = (extra["place"], "/extra/place") if isinstance(extra.get("place"), Mapping) else (extra, "/extra")
    position = [_degrees(told.get(axis)) for axis in ("latitude", "longitude")]
    if not any(map(math.isnan, position)) and not position_problems(*position):
        yield Said("place", f"place:wgs84:{position[0]:.5f},{position[1]:.5f}", None, pointer)
    elif _is_text(extra.get("location")) and "://" not in extra["location"]:
        words = " ".join(extra["location"].split())
        yield Said("place", f"place:named:{words.casefold()}", words, "/extra/location")


def _degrees(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _is_text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip())


_READERS: dict[str, Callable[[Row], Iterator[Said]]] = {
    "mention": _mentions,
    "reply": _reply,
    "announce": _announce,
    "quote": _quote,
    "link": _links,
    "hashtag": _hashtags,
}
