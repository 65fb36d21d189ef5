"""The parts of an object of ActivityStreams: addresses, accounts, who is addressed, tags, files and links.

JSON-LD lets one value stand where a list may stand, an address where an object may, and an object where an address may.

Source: https://www.w3.org/TR/activitystreams-vocabulary/, https://docs.joinmastodon.org/spec/activitypub/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from osint.activity import Attachment, Tag, account_key
from osint.collectors.json_values import count, inside, objects, text
from osint.collectors.text import absolute, links_in
from osint.instants import Reading, read_instant

PLATFORM = "mastodon"
_PUBLIC = frozenset({"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"})
_ACTOR = re.compile(r"/(?:(?:users|u|c|accounts|video-channels|profile|channel|people|author)/|@)(?P<name>\w[\w.-]*)/?")
_STATUS = re.compile(r"(?P<actor>/(?:users/|@)\w[\w.-]*)/(?:statuses/)?\w+(?:/activity)?/?")


def counts_of(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return how many answers, shares and likes an object counts."""
    lists = {"replies": "replies", "announces": "shares", "likes": "likes"}
    return {field: count(inside(value, name, "totalItems")) for field, name in lists.items()}


def visibility_of(value: Mapping[str, Any]) -> str | None:
    """Return Mastodon's word for who is addressed."""
    to, cc = ({address_of(each) for each in as_list(value.get(name))} for name in ("to", "cc"))
    if not to | cc:
        return None
    if (to | cc) & _PUBLIC:
        return "public" if to & _PUBLIC else "unlisted"
    return "private" if any(each and each.rstrip("/").endswith("/followers") for each in to | cc) else "direct"


def tags_of(value: Mapping[str, Any], base: str) -> Iterator[Tag]:
    """Yield whom a post mentions, and its hashtags."""
    for tag in objects(as_list(value.get("tag"))):
        name, href = text(tag.get("name")), absolute(base, tag.get("href"))
        if tag.get("type") == "Mention" and (name or href):
            said = (name or str(href)).removeprefix("@")
            yield Tag(type="Mention", name=said, href=href, account=_mentioned(said, href))
        elif tag.get("type") == "Hashtag" and name:
            yield Tag(type="Hashtag", name=name.removeprefix("#"), href=href)


def _mentioned(name: str, href: str | None) -> str | None:
    """Return the account of a mention: by its name where that is of the address's host, which may have numbers."""
    named = href and name.partition("@")[2].casefold() == urlsplit(href).netloc.casefold()
    return account_key(PLATFORM, name) if named else key_of(href, href or "")


def attachments_of(value: Mapping[str, Any], base: str) -> Iterator[Attachment]:
    """Yield the files of a post, and of a film the largest."""
    for media in objects(as_list(value.get("attachment"))):
        url = absolute(base, address_of(media.get("url")))
        if url and media.get("type") != "Link":
            yield _attachment(url, media)
    films = [link for link in objects(value.get("url")) if str(link.get("mediaType")).startswith(("video/", "audio/"))]
    best = max(films, key=lambda link: count(link.get("height")) or 0, default={})
    if film := absolute(base, best.get("href")):
        yield _attachment(film, best)


def _attachment(url: str, media: Mapping[str, Any]) -> Attachment:
    width, height = count(media.get("width")), count(media.get("height"))
    kind, name = text(media.get("mediaType")), text(media.get("name"))
    return Attachment(url=url, media_type=kind, name=name, width=width, height=height)


def links_of(value: Mapping[str, Any], markup: str | None, base: str) -> tuple[str, ...]:
    """Return what a post links to, without mentions, hashtags and files."""
    named = {absolute(base, tag.get("href")) for tag in objects(as_list(value.get("tag")))}
    found = links_in(markup, base, classes_left_out=["mention", "hashtag"]) if markup else ()
    linked = [
        m.get("href") or m.get("url") for m in objects(as_list(value.get("attachment"))) if m.get("type") == "Link"
    ]
    every = dict.fromkeys([*found, *filter(None, (absolute(base, address_of(each)) for each in linked))])
    return tuple(url for url in every if url not in named)


def quoted_by(value: Mapping[str, Any]) -> str | None:
    """Return the address of the post that an object quotes, however its program spells that."""
    names = ("quote", "quoteUrl", "quoteUri", "_misskey_quote")
    return next((found for name in names if (found := address_of(value.get(name)))), None)


def page_address(value: Mapping[str, Any]) -> str | None:
    """Return the address that people open: of several links the one that is HTML."""
    several = as_list(value.get("url"))
    pages = [each for each in objects(several) if each.get("mediaType") == "text/html"] or several
    return next((url for each in pages if (url := web_address(address_of(each)))), None)


def content_of(value: Mapping[str, Any]) -> str | None:
    """Return the words of an object as HTML; where it has them by language only, those of the first one."""
    by_language = value.get("contentMap")
    if value.get("content") is not None or not isinstance(by_language, dict):
        return text(value.get("content"))
    return next((said for each in by_language.values() if (said := text(each))), None)


def language_of(value: Mapping[str, Any]) -> str | None:
    """Return the language of the words, where they are in one only."""
    said = value.get("contentMap")
    only = next(iter(said)) if isinstance(said, dict) and len(said) == 1 else None
    return only if only and only != "und" else None


def handle_of(actor: Any, post: str) -> str | None:
    """Return ``name@host`` of an actor, by the form of its address, else by the name that it gives itself."""
    address = address_of(actor)
    parts = _parts(address)
    if not parts:
        return None
    found = _ACTOR.fullmatch(unquote(parts.path))
    if found and not (same_host(address, post) and "/notes/" in post):
        return f"{found['name']}@{parts.netloc}"
    name = text(inside(actor, "preferredUsername"))
    return f"{name}@{parts.netloc}" if name and "@" not in name else None


def key_of(actor: Any, post: str) -> str | None:
    """Return the node key of an actor's account: its name, else its address."""
    known = handle_of(actor, post) or web_address(address_of(actor))
    return account_key(PLATFORM, known) if known else None


def author_of(post: str | None) -> str | None:
    """Return the account of a post's address of the form ``/users/name/statuses/number`` or ``/@name/number``."""
    parts = _parts(post)
    found = _STATUS.fullmatch(unquote(parts.path)) if parts else None
    if not found:
        return None
    return key_of(parts._replace(path=found["actor"], query="", fragment="").geturl(), "")


def announced_account(value: Mapping[str, Any]) -> str | None:
    """Return the account whose post is passed on, as far as the activity tells it."""
    inner = value.get("object")
    author = inner.get("attributedTo") if isinstance(inner, dict) else None
    return key_of(author, address_of(inner) or "") or author_of(address_of(inner))


def type_of(value: Any) -> str:
    """Return the type of an object; of several the first."""
    kinds = as_list(value.get("type")) if isinstance(value, dict) else []
    return next((kind for kind in kinds if isinstance(kind, str)), "")


def items_of(value: Mapping[str, Any]) -> list[Any]:
    """Return what a list or a page of it holds."""
    return as_list(value.get("orderedItems", value.get("items")))


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, and what stands where a list may stand as a list of one (JSON-LD)."""
    return value if isinstance(value, list) else [] if value is None else [value]


def address_of(value: Any) -> str | None:
    """Return what a reference leads to: an address, or that of an object or a link; of several the first."""
    first = next(iter(as_list(value)), None)
    said = text(first) or text(inside(first, "id")) or text(inside(first, "href")) or text(inside(first, "url"))
    return said.strip() if said else None


def web_address(value: Any) -> str | None:
    """Return an address of the web as it is written, or None."""
    found = text(value)
    return absolute(found, found) if found and found.startswith(("https://", "http://")) else None


def _parts(address: str | None) -> Any:
    return urlsplit(found) if (found := web_address(address)) else None


def same_host(one: str | None, other: str) -> bool:
    """Say whether two addresses lie on one host."""
    first, second = _parts(one), _parts(other)
    return bool(first and second and first.netloc.casefold() == second.netloc.casefold())


def instant_of(written: Any) -> Reading | None:
    """Read a time; None when there is none."""
    found = text(written)
    return read_instant(found) if found else None
