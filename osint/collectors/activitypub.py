"""ActivityPub: a post as its own server gives it to other servers, the conversation around it, an account's own export.

Any server of the fediverse answers so, whatever program it runs: Mastodon, Pleroma, Lemmy, PeerTube, WordPress. Nothing
is signed here; a server that wants signed requests is closed.

**Ids** are those of ``mastodon``, so that a post is one row whichever way it came: ``mastodon:`` and the ``id`` of the
object, which Mastodon's interface calls ``uri``. Accounts are ``name@host`` after the address of the actor where it has
a usual form (``/users/name``, ``/@name``, ``/u/name``); else after ``preferredUsername`` where the actor itself is
there; else the address is the key. Misskey has numbers where others have names, so below ``/notes/`` an author is
always an address. A server may show its accounts under another host than its own; here it is the host of the address.

**When a conversation is complete.** ``exhausted`` only when every post says what answers it, all of that lies on the
host that was asked, all of it came, and no collection counts more than it lists. A server lists the answers that it
knows and shows; everything else ends with ``platform-cap``. A post that says it was deleted is a Tombstone and ends a
run with ``gone``.

**Times** of a server's own posts have the basis "platform"; what another server's post says is that one's claim.

**Exports.** ``outbox.json`` holds all posts of an account, those to followers (``private``) and to single persons
(``direct``) too. ``likes.json`` and ``bookmarks.json`` hold addresses only, which a warning counts.

Source: https://www.w3.org/TR/activitypub/, https://www.w3.org/TR/activitystreams-vocabulary/,
https://docs.joinmastodon.org/spec/activitypub/.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from osint.activity import Absence, Actor, Attachment, Post, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import (
    LAWFUL_NEXT_STEP,
    foreign_next_page,
    keep_first,
    next_page,
    read_json,
    refuse,
    reservations,
    warning,
)
from osint.collectors.exports import count, inside, left_over, objects, text, undated
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.text import absolute, html_to_text, links_in
from osint.errors import QueryError, SourceClosedError, UnreadableCaptureError
from osint.instants import Reading, read_instant
from osint.query import Query, ThreadQuery, UrlQuery

MANIFEST = Manifest(
    name="activitypub",
    version="1",
    reads="a post of any server of the fediverse with its conversation there (thread=), one object or list (url=), and "
    "the export of an account",
    queries=(ThreadQuery, UrlQuery),
    ways=("api", "file"),
    public="public and unlisted posts, as far as the server shows them to servers that sign nothing",
    limits="many servers want signed requests and are closed; only the host that was asked is read, so answers that "
    "lie elsewhere are named and not there; 200 requests for a conversation",
    files="the ZIP of an export of Mastodon or Pleroma, or its outbox.json and actor.json one by one; objects that "
    "somebody saved",
    id_time="none in general: an id is an address; a number in it follows the program of the server",
    proof="documented",
    documentation="https://www.w3.org/TR/activitypub/",
    terms="Each server has its own rules, shown at /about; read them before the first run.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_PLATFORM = "mastodon"
_EXPECTED = "an object of ActivityStreams"
_MEDIA_TYPE = "application/activity+json"
_NAMESPACE = b"www.w3.org/ns/activitystreams"
_PUBLIC = frozenset({"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"})
_POSTS = frozenset({
    "Note", "Article", "Question", "Page", "Video", "Audio", "Image", "Document", "Event", "ChatMessage", "Tombstone",
})  # fmt: skip
_ACTORS = frozenset({"Person", "Service", "Application", "Group", "Organization"})
_LISTS = frozenset({"Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage"})
_WRAPPERS = frozenset({"Create", "Update"})
_UNSIGNED = re.compile(r"\b(?:un)?signed\b(?![ -]?(?:in|up)\b)|\bsignature", re.IGNORECASE)
_ACTOR = re.compile(r"/(?:(?:users|u|c|accounts|video-channels|profile|channel|people|author)/|@)(?P<name>\w[\w.-]*)/?")
_STATUS = re.compile(r"(?P<actor>/(?:users/|@)\w[\w.-]*)/(?:statuses/)?\w+(?:/activity)?/?")
_MOST_ASKED, _MOST_NAMED, _DEEPEST = 200, 20, 4
_READ = frozenset({
    "@context", "id", "type", "url", "attributedTo", "actor", "content", "contentMap", "published", "updated",
    "inReplyTo", "tag", "attachment", "to", "cc", "replies", "likes", "shares", "object", "oneOf", "anyOf",
    "quote", "quoteUrl", "quoteUri", "_misskey_quote",
})  # fmt: skip


def query_for(url: str) -> Query | None:  # noqa: ARG001 - the shape of every collector
    """Return None: such an address looks like any other; ``collector="activitypub"`` asks for it in this way."""
    return None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the post and what is above and below it on its host; or one object, or a list page by page."""
    if not isinstance(query, ThreadQuery | UrlQuery):
        raise QueryError("Write thread=ADDRESS of a post for its conversation, or url=ADDRESS of one object.")
    address = query.thread if isinstance(query, ThreadQuery) else query.url
    first = get(address, accept=_MEDIA_TYPE)
    value = _value(first)
    if _kind(value) == "Tombstone":
        yield first
        return Stop.GONE
    _refuse(first, address)
    if not _kind(value):
        raise UnreadableCaptureError(first.exhibit, _EXPECTED, "the host answers with something else")
    yield first
    return (yield from _follow(value, first, get, around=isinstance(query, ThreadQuery)))


def claims(capture: Capture) -> bool:
    """Say whether it is JSON that names the vocabulary of ActivityStreams."""
    body = capture.body
    return body.lstrip()[:1] == b"{" and b'"@context"' in body and _NAMESPACE in body and b'"type"' in body


def parse(capture: Capture) -> list[Record]:
    """Read a post, an activity, an actor, or a list of them.

    Raises:
        UnreadableCaptureError: The capture is none of these.
    """
    records: list[Record] = [*reservations(capture)]
    if not 200 <= capture.status < 300 and _kind(_value(capture)) != "Tombstone":
        what = f"{urlsplit(capture.url).netloc} answered {capture.status} for {capture.url}."
        return [*records, warning(capture, "", what, "This part of the conversation is a hole in the tables.")]
    value = read_json(capture, _EXPECTED)
    kind = _kind(value)
    if not kind:
        reason = "the server refused" if isinstance(value, dict) and "error" in value else "it names no type"
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)
    if kind in _LISTS:
        return keep_first([*records, *_list(value, "", capture, 0)])
    records += _records(value, "", capture, 0)
    return keep_first([*records, *_around(value, capture)])


# What to ask for ---------------------------------------------------------------------------------------------------


def _follow(value: Any, first: Capture, get: Get, *, around: bool) -> Generator[Capture, None, Stop]:
    """Ask for what an answer leads to on its own host, each address once."""
    todo, asked = deque([(value, first)]), {first.url, first.via, str(value.get("id"))}
    whole, promised, shown = True, 0, 0
    while todo:
        value, capture = todo.popleft()
        lists = list(_lists(value, 0, around=around))
        whole &= bool(lists) or not around
        promised += sum(count(each.get("totalItems")) or 0 for each in lists if not _kind(each).endswith("Page"))
        shown += sum(len(_items(each)) for each in lists)
        for target in _leads(value, lists, around=around):
            following = next_page(capture, target)
            whole &= following is not None
            if following is None or following in asked:
                continue
            if len(asked) >= _MOST_ASKED:
                return Stop.PLATFORM_CAP
            asked.add(following)
            page = get(following, accept=_MEDIA_TYPE)
            if page.status == 429:
                refuse(page, following)
            yield page
            came = _value(page) if 200 <= page.status < 300 else None
            whole &= bool(_kind(came))
            if _kind(came):
                todo.append((came, page))
    return Stop.EXHAUSTED if whole and promised <= shown else Stop.PLATFORM_CAP


def _lists(value: Any, depth: int, *, around: bool) -> Iterator[dict[str, Any]]:
    """Yield the list that an answer is, or that a post has of its answers, and the pages that lie in it."""
    if _kind(value) not in _LISTS:
        value = value.get("replies") if around and isinstance(value, dict) else None
        if isinstance(value, str):
            yield {"type": "CollectionPage", "next": value}
    if isinstance(value, dict) and depth < _DEEPEST:
        yield value
        if isinstance(value.get("first"), dict):
            yield from _lists({"type": "CollectionPage", **value["first"]}, depth + 1, around=False)


def _leads(value: Any, lists: list[dict[str, Any]], *, around: bool) -> Iterator[str]:
    found = [value.get("inReplyTo")] if around and isinstance(value, dict) else []
    for each in lists:
        found += [*([] if isinstance(each.get("first"), dict) else [each.get("first")]), each.get("next")]
        found += _items(each) if around else []
    yield from (target for each in found if (target := _web_address(_address(each))))


def _refuse(capture: Capture, address: str) -> None:
    said = text(inside(_value(capture), "error")) or html_to_text(capture.text[:2000])
    if capture.status in (401, 403) and _UNSIGNED.search(said):
        raise SourceClosedError(
            f"{urlsplit(capture.url).netloc} answered {capture.status} ({said[:200]!r}) for {address}: it answers only "
            "requests that are signed with the key of an account. We sign none. The answer is preserved as exhibit "
            f"{capture.exhibit}. Try the collectors mastodon or webpage. {LAWFUL_NEXT_STEP}"
        )
    refuse(capture, address, said)


# Records -----------------------------------------------------------------------------------------------------------


def _records(value: Any, pointer: str, capture: Capture, depth: int) -> Iterator[Record]:
    kind, told = _kind(value), value if isinstance(value, dict) else {}
    inner = told.get("object")
    if depth > _DEEPEST or not text(told.get("id")):
        what = "This is nested too deep." if depth > _DEEPEST else "This is no post: it has no id."
        yield warning(capture, pointer, what, "It is not in the tables.")
    elif kind in _ACTORS:
        yield _actor(told, pointer, capture)
    elif kind in _WRAPPERS and isinstance(inner, dict):
        shared = {name: told[name] for name in ("published", "to", "cc") if kind == "Create" and name in told}
        object_ = {**shared, **({"attributedTo": told["actor"]} if "actor" in told else {}), **inner}
        yield from _records(object_, f"{pointer}/object", capture, depth + 1)
    elif kind == "Delete" and _address(inner):
        gone = {"id": _address(inner), "type": "Tombstone", "deleted": told.get("published")}
        yield from _post(gone | {"attributedTo": told.get("actor")}, "Tombstone", pointer, capture)
    elif kind in _POSTS or kind in ("Announce", "Like"):
        yield from _post(told, kind, pointer, capture)
        if kind == "Announce" and isinstance(inner, dict):
            yield from _records(inner, f"{pointer}/object", capture, depth + 1)
    else:
        yield warning(capture, pointer, f"{kind or 'This'} is no post.", "It is not in the tables.")


def _list(value: Mapping[str, Any], pointer: str, capture: Capture, depth: int) -> Iterator[Record]:
    """Read what a list holds; what it only names, it counts."""
    name = "orderedItems" if "orderedItems" in value else "items"
    named = []
    for number, item in enumerate(_items(value)):
        at = f"{pointer}/{name}/{number}" if isinstance(value[name], list) else f"{pointer}/{name}"
        if isinstance(item, str) and _web_address(item):
            named.append(item)
        else:
            yield from _records(item, at, capture, 0)
    if named:
        shown = ", ".join(named[:_MOST_NAMED]) + (", ..." if len(named) > _MOST_NAMED else "")
        who = text(value.get("id")) or text(value.get("partOf")) or "The list"
        what = f"{who} names {len(named)} by address only: {shown}."
        yield warning(capture, pointer, what, "They are in the tables only where an exhibit of their own holds them.")
    total = count(value.get("totalItems"))
    paged = _kind(value).endswith("Page") or "first" in value or "next" in value
    if total is not None and not paged and total != len(_items(value)):
        what = f"The list counts {total} entries and holds {len(_items(value))}."
        yield warning(capture, pointer, what, "What it does not hold is not in the tables.")
    yield from foreign_next_page(capture, _web_address(value.get("next")))
    if isinstance(value.get("first"), dict) and depth < _DEEPEST:
        yield from _list({"type": "CollectionPage", **value["first"]}, f"{pointer}/first", capture, depth + 1)


def _around(value: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    """Read the answers that a single post holds in itself, and name what is above it and elsewhere."""
    if isinstance(value.get("replies"), dict):
        yield from _list(value["replies"], "/replies", capture, 0)
    if capture.made == "imported":
        return
    parent = _web_address(_address(value.get("inReplyTo")))
    if parent and not next_page(capture, parent):
        what = f"What this post answers lies on another host, which was not asked: {parent}."
        yield warning(capture, "/inReplyTo", what, "The conversation above it is a hole in the tables.")
    own = _web_address(value.get("id"))
    if own and not next_page(capture, own):
        what = f"The answer names itself {own}, and this host cannot speak for that one."
        yield warning(capture, "/id", what, "Read it as what this host says of it; ask the other host to be sure.")


def _post(value: Mapping[str, Any], kind: str, pointer: str, capture: Capture) -> Iterator[Record]:
    own, author = str(value["id"]), value.get("attributedTo") or value.get("actor")
    when, edited = _instant(value.get("published")), _instant(value.get("updated"))
    markup, title = text(value.get("content")), text(value.get("name"))
    parent, other = _address(value.get("inReplyTo")), _address(value.get("object"))
    words = [title, html_to_text(markup) if markup else None]
    key, counts = _account_key(author, own), _counts(value)
    yield Post(
        id=f"{_PLATFORM}:{own}",
        platform=_PLATFORM,
        native_id=own,
        type=kind,
        url=_page_address(value) or (absolute(own, own) if kind in _POSTS else None),
        attributed_to=key,
        author_handle=_handle(author, own),
        author_name=text(inside(author, "name")),
        content="\n\n".join(filter(None, words)) or (None if kind in ("Announce", "Like", "Tombstone") else ""),
        content_html=markup,
        language=_language(value),
        published=when.instant if when else None,
        published_raw=when.raw if when else None,
        published_basis="none" if not when else "platform" if _same_host(own, capture.url) else "author-claimed",
        published_zone_known=bool(when and when.zone_known),
        updated=edited.instant if edited else None,
        in_reply_to=f"{_PLATFORM}:{parent}" if parent else None,
        in_reply_to_account=_author_of(parent),
        quote_of=f"{_PLATFORM}:{quoted}" if (quoted := _quoted(value)) else None,
        announce_of=f"{_PLATFORM}:{other}" if kind == "Announce" and other else None,
        announce_of_account=_announced_account(value) if kind == "Announce" else None,
        tag=tuple(_tags(value, own)),
        attachment=tuple(_attachments(value, own)),
        links=_links(value, markup, own),
        replies=counts["replies"],
        announces=counts["announces"],
        likes=counts["likes"],
        visibility=_visibility(value),
        exhibit=capture.exhibit,
        pointer=pointer,
        collector=_COLLECTOR,
        collected=capture.collected,
        absent=_absent(kind, counts, when=when, author=key, answers=parent),
        extra=_extra(value, kind, other),
    )
    if kind not in ("Tombstone", "Like"):
        yield from undated(capture, pointer, when)
    if not key and kind != "Tombstone":
        yield warning(capture, pointer, "The post names no author.", "The tables lack it.")
    for name in ("content", "name", "inReplyTo", "published", "updated"):
        if value.get(name) and not (text(value[name]) or (name == "inReplyTo" and parent)):
            what = f"{name} is not what it should be."
            yield warning(capture, pointer, what, "The tables lack it; the exhibit has what was sent.")
    for name in ("tag", "attachment"):
        if len(objects(_many(value.get(name)))) != len(_many(value.get(name))):
            what = f"{name} holds what it should not."
            yield warning(capture, pointer, what, "The tables lack it; the exhibit has what was sent.")


def _actor(value: Mapping[str, Any], pointer: str, capture: Capture) -> Actor:
    own, created = str(value["id"]), _instant(value.get("published"))
    return Actor(
        id=_account_key(value, own) or account_key(_PLATFORM, own),
        platform=_PLATFORM,
        native_id=own,
        handle=_handle(value, own) or own,
        name=text(value.get("name")),
        url=_page_address(value) or absolute(own, own),
        summary=html_to_text(value["summary"]) if text(value.get("summary")) else None,
        published=created.instant if created else None,
        published_raw=created.raw if created else None,
        exhibit=capture.exhibit,
        pointer=pointer,
    )


# Parts of a post ---------------------------------------------------------------------------------------------------


def _absent(kind: str, counts: Mapping[str, int | None], **known: object) -> dict[str, Absence]:
    missing: list[str] = [field for field, number in counts.items() if number is None]
    missing += [] if known["when"] else ["published"]
    missing += [] if known["author"] else ["attributed_to"]
    missing += ["thread_root"] if known["answers"] else []
    hidden: dict[str, Absence] = {"content": "hidden"} if kind == "Tombstone" else {}
    return {**dict.fromkeys(missing, "missing"), **hidden}


def _counts(value: Mapping[str, Any]) -> dict[str, int | None]:
    lists = {"replies": "replies", "announces": "shares", "likes": "likes"}
    return {field: count(inside(value, name, "totalItems")) for field, name in lists.items()}


def _extra(value: Mapping[str, Any], kind: str, other: str | None) -> dict[str, Any]:
    extra = left_over(value, _READ)
    options = objects(value.get("oneOf")) or objects(value.get("anyOf"))
    if options:
        votes = [{"name": each.get("name"), "votes": count(inside(each, "replies", "totalItems"))} for each in options]
        extra["poll"] = {"several": bool(value.get("anyOf")), "options": votes}
    return extra | ({"liked": other} if kind == "Like" and other else {})


def _visibility(value: Mapping[str, Any]) -> str | None:
    """Return Mastodon's word for who is addressed."""
    to, cc = ({_address(each) for each in _many(value.get(name))} for name in ("to", "cc"))
    if not to | cc:
        return None
    if (to | cc) & _PUBLIC:
        return "public" if to & _PUBLIC else "unlisted"
    return "private" if any(each and each.rstrip("/").endswith("/followers") for each in to | cc) else "direct"


def _tags(value: Mapping[str, Any], base: str) -> Iterator[Tag]:
    for tag in objects(_many(value.get("tag"))):
        name, href = text(tag.get("name")), absolute(base, tag.get("href"))
        if tag.get("type") == "Mention" and (name or href):
            said = (name or str(href)).removeprefix("@")
            yield Tag(type="Mention", name=said, href=href, account=_mentioned(said, href))
        elif tag.get("type") == "Hashtag" and name:
            yield Tag(type="Hashtag", name=name.removeprefix("#"), href=href)


def _mentioned(name: str, href: str | None) -> str | None:
    """Return the account of a mention: by its name where that is of the address's host, which may have numbers."""
    named = href and name.partition("@")[2].casefold() == urlsplit(href).netloc.casefold()
    return account_key(_PLATFORM, name) if named else _account_key(href, href or "")


def _attachments(value: Mapping[str, Any], base: str) -> Iterator[Attachment]:
    for media in objects(_many(value.get("attachment"))):
        url = absolute(base, _address(media.get("url")))
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


def _links(value: Mapping[str, Any], markup: str | None, base: str) -> tuple[str, ...]:
    named = {absolute(base, tag.get("href")) for tag in objects(_many(value.get("tag")))}
    found = links_in(markup, base, classes_left_out=["mention", "hashtag"]) if markup else ()
    linked = [m.get("href") or m.get("url") for m in objects(_many(value.get("attachment"))) if m.get("type") == "Link"]
    every = dict.fromkeys([*found, *filter(None, (absolute(base, _address(each)) for each in linked))])
    return tuple(url for url in every if url not in named)


def _quoted(value: Mapping[str, Any]) -> str | None:
    names = ("quote", "quoteUrl", "quoteUri", "_misskey_quote")
    return next((found for name in names if (found := _address(value.get(name)))), None)


def _page_address(value: Mapping[str, Any]) -> str | None:
    """Return the address that people open: of several links the one that is HTML."""
    several = _many(value.get("url"))
    pages = [each for each in objects(several) if each.get("mediaType") == "text/html"] or several
    return next((url for each in pages if (url := _web_address(_address(each)))), None)


def _language(value: Mapping[str, Any]) -> str | None:
    said = value.get("contentMap")
    only = next(iter(said)) if isinstance(said, dict) and len(said) == 1 else None
    return only if only and only != "und" else None


# Accounts ----------------------------------------------------------------------------------------------------------


def _handle(actor: Any, post: str) -> str | None:
    """Return ``name@host`` of an actor, by the form of its address, else by the name that it gives itself."""
    address = _address(actor)
    parts = _parts(address)
    if not parts:
        return None
    found = _ACTOR.fullmatch(unquote(parts.path))
    if found and not (_same_host(address, post) and "/notes/" in post):
        return f"{found['name']}@{parts.netloc}"
    name = text(inside(actor, "preferredUsername"))
    return f"{name}@{parts.netloc}" if name and "@" not in name else None


def _account_key(actor: Any, post: str) -> str | None:
    known = _handle(actor, post) or _web_address(_address(actor))
    return account_key(_PLATFORM, known) if known else None


def _author_of(post: str | None) -> str | None:
    """Return the account of a post's address of the form ``/users/name/statuses/number`` or ``/@name/number``."""
    parts = _parts(post)
    found = _STATUS.fullmatch(unquote(parts.path)) if parts else None
    if not found:
        return None
    return _account_key(parts._replace(path=found["actor"], query="", fragment="").geturl(), "")


def _announced_account(value: Mapping[str, Any]) -> str | None:
    inner = value.get("object")
    author = inner.get("attributedTo") if isinstance(inner, dict) else None
    return _account_key(author, _address(inner) or "") or _author_of(_address(inner))


# Values ------------------------------------------------------------------------------------------------------------


def _value(capture: Capture) -> Any:
    """Return the JSON of an answer, or None."""
    with suppress(UnreadableCaptureError):
        return read_json(capture, _EXPECTED)
    return None


def _kind(value: Any) -> str:
    """Return the type of an object; of several the first."""
    kinds = _many(value.get("type")) if isinstance(value, dict) else []
    return next((kind for kind in kinds if isinstance(kind, str)), "")


def _items(value: Mapping[str, Any]) -> list[Any]:
    return _many(value.get("orderedItems", value.get("items")))


def _many(value: Any) -> list[Any]:
    """Return a list as it is, and what stands where a list may stand as a list of one (JSON-LD)."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _address(value: Any) -> str | None:
    """Return what a reference leads to: an address, or that of an object or a link; of several the first."""
    first = next(iter(_many(value)), None)
    said = text(first) or text(inside(first, "id")) or text(inside(first, "href")) or text(inside(first, "url"))
    return said.strip() if said else None


def _web_address(value: Any) -> str | None:
    found = text(value)
    return absolute(found, found) if found and found.startswith(("https://", "http://")) else None


def _parts(address: str | None) -> Any:
    return urlsplit(found) if (found := _web_address(address)) else None


def _same_host(one: str | None, other: str) -> bool:
    first, second = _parts(one), _parts(other)
    return bool(first and second and first.netloc.casefold() == second.netloc.casefold())


def _instant(written: Any) -> Reading | None:
    found = text(written)
    return read_instant(found) if found else None
