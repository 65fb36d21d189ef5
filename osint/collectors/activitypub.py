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
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from osint.activity import Absence, Actor, Post, Record, account_key
from osint.capture.exchange import Capture
from osint.collectors.activitystreams import (
    PLATFORM,
    address_of,
    announced_account,
    as_list,
    attachments_of,
    author_of,
    content_of,
    counts_of,
    handle_of,
    instant_of,
    items_of,
    key_of,
    language_of,
    links_of,
    page_address,
    quoted_by,
    same_host,
    tags_of,
    type_of,
    visibility_of,
    web_address,
)
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
from osint.collectors.json_values import count, inside, left_over, objects, text
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import made_at, published_at, seen, undated
from osint.collectors.text import absolute, html_to_text
from osint.errors import QueryError, SourceClosedError, UnreadableCaptureError
from osint.instants import Reading
from osint.query import Query, ThreadQuery, UrlQuery

MANIFEST = Manifest(
    name="activitypub",
    version="2",
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
_EXPECTED = "an object of ActivityStreams"
_MEDIA_TYPE = "application/activity+json"
_NAMESPACE = b"www.w3.org/ns/activitystreams"
_POSTS = frozenset({
    "Note", "Article", "Question", "Page", "Video", "Audio", "Image", "Document", "Event", "ChatMessage", "Tombstone",
})  # fmt: skip
_ACTORS = frozenset({"Person", "Service", "Application", "Group", "Organization"})
_LISTS = frozenset({"Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage"})
_WRAPPERS = frozenset({"Create", "Update"})
_UNSIGNED = re.compile(r"\b(?:un)?signed\b(?![ -]?(?:in|up)\b)|\bsignature", re.IGNORECASE)
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
    if type_of(value) == "Tombstone":
        yield first
        return Stop.GONE
    _refuse(first, address)
    if not type_of(value):
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
    if not 200 <= capture.status < 300 and type_of(_value(capture)) != "Tombstone":
        what = f"{urlsplit(capture.url).netloc} answered {capture.status} for {capture.url}."
        return [*records, warning(capture, "", what, "This part of the conversation is a hole in the tables.")]
    value = read_json(capture, _EXPECTED)
    kind = type_of(value)
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
    whole, promised, shown, loops = True, 0, set[str](), False
    while todo:
        value, capture = todo.popleft()
        lists = list(_lists(value, 0, around=around))
        whole &= bool(lists) or not around
        promised += sum(count(each.get("totalItems")) or 0 for each in lists if not type_of(each).endswith("Page"))
        shown |= {address for each in lists for item in items_of(each) if (address := address_of(item))}
        loops |= any(_is_again(each, capture, asked) for each in lists)
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
            whole &= bool(type_of(came))
            if type_of(came):
                todo.append((came, page))
    whole &= promised <= len(shown) and (promised > 0 or not loops)
    return Stop.EXHAUSTED if whole else Stop.PLATFORM_CAP


def _is_again(page: Mapping[str, Any], capture: Capture, asked: Collection[str]) -> bool:
    """Say whether a page names one that was asked for already as the next: then only its count says where it ends."""
    target = web_address(address_of(page.get("next")))
    return target is not None and next_page(capture, target) in asked


def _lists(value: Any, depth: int, *, around: bool) -> Iterator[dict[str, Any]]:
    """Yield the list that an answer is, or that a post has of its answers, and the pages that lie in it."""
    if type_of(value) not in _LISTS:
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
        found += items_of(each) if around else []
    yield from (target for each in found if (target := web_address(address_of(each))))


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
    kind, told = type_of(value), value if isinstance(value, dict) else {}
    inner = told.get("object")
    if depth > _DEEPEST or not text(told.get("id")):
        what = "This is nested too deep." if depth > _DEEPEST else "This is no post: it has no id."
        yield warning(capture, pointer, what, "It is not in the tables.")
    elif kind in _ACTORS:
        yield _actor(told, pointer, capture)
    elif kind in _WRAPPERS and isinstance(inner, dict):
        shared = {name: told[name] for name in ("published", "to", "cc") if kind == "Create" and name in told}
        object_ = {**shared, **({"attributedTo": told["actor"]} if "actor" in told else {}), **inner}
        by, of = address_of(told.get("actor")), address_of(object_.get("attributedTo"))
        if by != of:
            what = f"{by} published this, and it names {of} as its author."
            yield warning(capture, pointer, what, "The tables have the author that it names; that one did not say so.")
        yield from _records(object_, f"{pointer}/object", capture, depth + 1)
    elif kind == "Delete" and address_of(inner):
        gone = {"id": address_of(inner), "type": "Tombstone", "deleted": told.get("published")}
        yield from _post(gone | {"attributedTo": told.get("actor")}, "Tombstone", pointer, capture)
    elif kind in _POSTS or kind in ("Announce", "Like"):
        yield from _post(told, kind, pointer, capture)
        if kind == "Announce" and isinstance(inner, dict):
            yield from _records(inner, f"{pointer}/object", capture, depth + 1)
    else:
        about = f" It names {address_of(inner)}." if address_of(inner) else ""
        yield warning(capture, pointer, f"{kind or 'This'} is no post.{about}", "It is not in the tables.")


def _list(value: Mapping[str, Any], pointer: str, capture: Capture, depth: int) -> Iterator[Record]:
    """Read what a list holds; what it only names, it counts."""
    name = "orderedItems" if "orderedItems" in value else "items"
    named = []
    for number, item in enumerate(items_of(value)):
        at = f"{pointer}/{name}/{number}" if isinstance(value[name], list) else f"{pointer}/{name}"
        if isinstance(item, str) and web_address(item):
            named.append(item)
        else:
            yield from _records(item, at, capture, 0)
    if named:
        shown = ", ".join(named[:_MOST_NAMED]) + (", ..." if len(named) > _MOST_NAMED else "")
        who = text(value.get("id")) or text(value.get("partOf")) or "The list"
        what = f"{who} names {len(named)} by address only: {shown}."
        yield warning(capture, pointer, what, "They are in the tables only where an exhibit of their own holds them.")
    total = count(value.get("totalItems"))
    paged = type_of(value).endswith("Page") or "first" in value or "next" in value
    if total is not None and not paged and total != len(items_of(value)):
        what = f"The list counts {total} entries and holds {len(items_of(value))}."
        yield warning(capture, pointer, what, "What it does not hold is not in the tables.")
    yield from foreign_next_page(capture, web_address(value.get("next")))
    if isinstance(value.get("first"), dict) and depth < _DEEPEST:
        yield from _list({"type": "CollectionPage", **value["first"]}, f"{pointer}/first", capture, depth + 1)


def _around(value: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    """Read the answers that a single post holds in itself, and name what is above it and elsewhere."""
    if isinstance(value.get("replies"), dict):
        yield from _list(value["replies"], "/replies", capture, 0)
    if capture.made == "imported":
        return
    parent = web_address(address_of(value.get("inReplyTo")))
    if parent and not next_page(capture, parent):
        what = f"What this post answers lies on another host, which was not asked: {parent}."
        yield warning(capture, "/inReplyTo", what, "The conversation above it is a hole in the tables.")


def _post(value: Mapping[str, Any], kind: str, pointer: str, capture: Capture) -> Iterator[Record]:
    own, author = str(value["id"]), value.get("attributedTo") or value.get("actor")
    when, edited = instant_of(value.get("published")), instant_of(value.get("updated"))
    markup, title = content_of(value), text(value.get("name"))
    parent, other = address_of(value.get("inReplyTo")), address_of(value.get("object"))
    words = "\n\n".join(filter(None, [title, html_to_text(markup) if markup else None]))
    key, counts = key_of(author, own), counts_of(value)
    yield Post(
        id=f"{PLATFORM}:{own}",
        platform=PLATFORM,
        native_id=own,
        type=kind,
        url=page_address(value) or (absolute(own, own) if kind in _POSTS else None),
        attributed_to=key,
        author_handle=handle_of(author, own),
        author_name=text(inside(author, "name")),
        content=words or (None if kind in ("Announce", "Like", "Tombstone") else ""),
        content_html=markup,
        language=language_of(value),
        **published_at(when, "platform" if same_host(own, capture.url) else "author-claimed"),
        updated=edited.instant if edited else None,
        in_reply_to=f"{PLATFORM}:{parent}" if parent else None,
        in_reply_to_account=author_of(parent),
        quote_of=f"{PLATFORM}:{quoted}" if (quoted := quoted_by(value)) else None,
        announce_of=f"{PLATFORM}:{other}" if kind == "Announce" and other else None,
        announce_of_account=announced_account(value) if kind == "Announce" else None,
        tag=tuple(tags_of(value, own)),
        attachment=tuple(attachments_of(value, own)),
        links=links_of(value, markup, own),
        **counts,
        visibility=visibility_of(value),
        **seen(capture, pointer, _COLLECTOR),
        absent=_absent(kind, counts, when=when, author=key, answers=parent),
        extra=_extra(value, kind, other),
    )
    yield from _lacking(kind, when, key, pointer, capture)
    yield from _speaking_for_others(own, author, pointer, capture)
    for what in _odd_values(value, parent):
        yield warning(capture, pointer, what, "The tables lack it; the exhibit has what was sent.")


def _lacking(kind: str, when: Reading | None, key: str | None, pointer: str, capture: Capture) -> Iterator[Record]:
    if kind not in ("Tombstone", "Like"):
        yield from undated(capture, pointer, when)
    if not key and kind != "Tombstone":
        yield warning(capture, pointer, "The post names no author.", "The tables lack it.")


def _speaking_for_others(own: str, author: Any, pointer: str, capture: Capture) -> Iterator[Record]:
    """Warn of what a host says of another's posts and accounts; only the other host can speak for them."""
    address, by = web_address(own), web_address(address_of(author))
    if address and capture.made != "imported" and not next_page(capture, address):
        named = f"{own} is another host's" if pointer else f"The answer names itself {own}"
        effect = "Read it as what this host says of it; ask the other host to be sure."
        yield warning(capture, pointer or "/id", f"{named}, and this host cannot speak for that one.", effect)
    if address and by and not same_host(address, by):
        what = f"The post {own} names an author on another host, {by}, which alone can say so."
        yield warning(capture, pointer, what, "The tables have the author that it names; ask that host to be sure.")


def _odd_values(value: Mapping[str, Any], parent: str | None) -> Iterator[str]:
    for name in ("content", "name", "inReplyTo", "published", "updated"):
        if value.get(name) and not (text(value[name]) or (name == "inReplyTo" and parent)):
            yield f"{name} is not what it should be."
    for name in ("tag", "attachment"):
        if len(objects(as_list(value.get(name)))) != len(as_list(value.get(name))):
            yield f"{name} holds what it should not."


def _actor(value: Mapping[str, Any], pointer: str, capture: Capture) -> Actor:
    own, created = str(value["id"]), instant_of(value.get("published"))
    return Actor(
        id=key_of(value, own) or account_key(PLATFORM, own),
        platform=PLATFORM,
        native_id=own,
        handle=handle_of(value, own) or own,
        name=text(value.get("name")),
        url=page_address(value) or absolute(own, own),
        summary=html_to_text(value["summary"]) if text(value.get("summary")) else None,
        **made_at(created),
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


def _extra(value: Mapping[str, Any], kind: str, other: str | None) -> dict[str, Any]:
    extra = left_over(value, _READ)
    if isinstance(value.get("contentMap"), dict) and len(value["contentMap"]) > 1:
        extra["contentMap"] = value["contentMap"]
    options = objects(value.get("oneOf")) or objects(value.get("anyOf"))
    if options:
        votes = [{"name": each.get("name"), "votes": count(inside(each, "replies", "totalItems"))} for each in options]
        extra["poll"] = {"several": bool(value.get("anyOf")), "options": votes}
    return extra | ({"liked": other} if kind == "Like" and other else {})


# Values ------------------------------------------------------------------------------------------------------------


def _value(capture: Capture) -> Any:
    """Return the JSON of an answer, or None."""
    with suppress(UnreadableCaptureError):
        return read_json(capture, _EXPECTED)
    return None
