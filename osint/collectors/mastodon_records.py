"""The posts and profiles of the Mastodon API as records; ``mastodon`` says what to ask for and where posts stand.

Source: https://docs.joinmastodon.org/entities/Status/ and /entities/Account/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from osint.activity import Absence, Actor, Attachment, Post, PublishedBasis, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import (
    warning,
)
from osint.collectors.json_values import count_in, native_in, object_in, objects, text_in
from osint.collectors.sights import made_at, published_at, seen
from osint.collectors.text import absolute, html_to_text, links_in
from osint.collectors.times import instant_of
from osint.errors import UnreadableCaptureError
from osint.instants import Reading

VERSION = "1"  # rises whenever the same bytes are read differently
_COLLECTOR = f"mastodon/{VERSION}"
# Keys of a status that have a field of their own, or only say what this visitor did; all others go to ``extra``.
_READ = frozenset({
    "id", "uri", "url", "created_at", "edited_at", "account", "content", "language", "visibility", "in_reply_to_id",
    "in_reply_to_account_id", "reblog", "quote", "mentions", "tags", "media_attachments", "replies_count",
    "reblogs_count", "favourites_count", "emojis", "favourited", "reblogged", "muted", "bookmarked", "pinned",
})  # fmt: skip
_COUNTS = {"replies": "replies_count", "announces": "reblogs_count", "likes": "favourites_count"}


@dataclass(frozen=True)
class Answer:
    """What resolves a local id on one page."""

    capture: Capture
    host: str
    uris: Mapping[str, str]  # local id of a status → its post id
    accounts: Mapping[str, str]  # local id of an account → its node key
    root: str | None


def profile_records(account: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    """Yield an account, and a warning for each mark that its server put on it."""
    handle = _handle(account, urlsplit(capture.url).netloc)
    if not handle:
        raise UnreadableCaptureError(capture.exhibit, "a Mastodon profile", "it names no account")
    created, note = instant_of(account.get("created_at")), text_in(account.get("note"))
    yield Actor(
        id=account_key("mastodon", handle),
        platform="mastodon",
        native_id=native_in(account.get("id")) or handle,
        handle=handle,
        name=text_in(account.get("display_name")),
        url=absolute(capture.url, account.get("url")),
        summary=html_to_text(note) if note else None,
        **made_at(created),
        exhibit=capture.exhibit,
        pointer="",
    )
    for flag in ("suspended", "limited", "moved", "memorial"):
        if account.get(flag):
            what = f"The server marks this account as {flag}{_moved_to(account.get(flag))}."
            yield warning(capture, f"/{flag}", what, "Its posts may be withheld or go on elsewhere.")


def _moved_to(value: Any) -> str:
    return f" to {value['acct']}" if isinstance(value, dict) and text_in(value.get("acct")) else ""


def status_records(pointer: str, status: Any, page: Answer) -> Iterator[Record]:
    """Yield a status as a post, and a warning for what cannot be read of it."""
    if not isinstance(status, dict) or not (text_in(status.get("uri")) or native_in(status.get("id"))):
        yield warning(page.capture, pointer, "This is no post: it has no id.", "It is not in the tables.")
        return
    published, edited = instant_of(status.get("created_at")), instant_of(status.get("edited_at"))
    yield _post(pointer, status, page, published, edited)
    for problem in _problems(status, page, published, edited):
        yield warning(page.capture, pointer, problem, "The tables lack it; the exhibit has what was sent.")


def _problems(status: Mapping[str, Any], page: Answer, *dates: Reading | None) -> Iterator[str]:
    yield from (f"{reading.problem}." for reading in dates if reading and reading.instant is None)
    if not status.get("created_at"):
        yield "The post has no date."
    if not text_in(status.get("uri")):
        yield f"The post has no uri, so {page.host} names it."
    if not key_of(status.get("account"), page.host):
        yield "The post names no author."
    for name in ("content", "language", "visibility", "created_at", "edited_at"):
        if status.get(name) is not None and not isinstance(status[name], str):
            yield f"{name} is not text."
    for name in ("reblog", "quote"):
        if status.get(name) is not None and not isinstance(status[name], dict):
            yield f"{name} holds what it should not."
    for name in ("mentions", "tags", "media_attachments"):
        if objects(status.get(name)) != (status.get(name) or []):
            yield f"{name} holds what it should not."


def _post(
    pointer: str, status: Mapping[str, Any], page: Answer, published: Reading | None, edited: Reading | None
) -> Post:
    account = object_in(status.get("account"))
    boosted = status["reblog"] if isinstance(status.get("reblog"), dict) else None
    markup = None if boosted else text_in(status.get("content"))
    parent, parent_author, quoted = _parent(status, page), _parent_author(status, page), _quoted(status, page)
    return Post(
        id=post_id(status, page.host),
        platform="mastodon",
        native_id=post_id(status, page.host).removeprefix("mastodon:"),
        type="Announce" if boosted else "Note",
        url=absolute(page.capture.url, status.get("url")),
        attributed_to=key_of(account, page.host),
        author_handle=_handle(account, page.host),
        author_name=text_in(account.get("display_name")),
        content=html_to_text(markup) if markup else None if boosted else "",
        content_html=markup,
        language=text_in(status.get("language")),
        **published_at(published, basis_of(status)),
        updated=edited.instant if edited else None,
        in_reply_to=parent,
        in_reply_to_account=parent_author,
        quote_of=quoted,
        announce_of=post_id(boosted, page.host) if boosted else None,
        announce_of_account=key_of(boosted.get("account"), page.host) if boosted else None,
        thread_root=page.root,
        tag=() if boosted else tuple(_tags(status, page)),
        attachment=() if boosted else tuple(_attachments(status, page.capture)),
        links=_links(status, markup, page.capture.url) if markup else (),
        **_counts(status),
        visibility=text_in(status.get("visibility")),
        **seen(page.capture, pointer, _COLLECTOR),
        absent=_absent(status, published, parent, parent_author, page),
        extra=_extra(status, page),
    )


def _parent(status: Mapping[str, Any], page: Answer) -> str | None:
    local = native_in(status.get("in_reply_to_id"))
    return page.uris.get(local, f"mastodon:{page.host}/{local}") if local else None


def quoted_in(status: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """Return the quoted post that a status holds, and where: Akkoma has it where Mastodon says how it is quoted."""
    quoted = status.get("quote")
    if not isinstance(quoted, dict):
        return None, ""
    if isinstance(quoted.get("quoted_status"), dict):
        return quoted["quoted_status"], "/quote/quoted_status"
    return (quoted, "/quote") if "account" in quoted and "id" in quoted else (None, "")


def _parent_author(status: Mapping[str, Any], page: Answer) -> str | None:
    return page.accounts.get(native_in(status.get("in_reply_to_account_id")) or "")


def _quoted(status: Mapping[str, Any], page: Answer) -> str | None:
    whole, _ = quoted_in(status)
    if whole:
        return post_id(whole, page.host)
    quoted = status.get("quote")
    local = native_in(quoted.get("quoted_status_id")) if isinstance(quoted, dict) else None
    return page.uris.get(local, f"mastodon:{page.host}/{local}") if local else None


def _counts(status: Mapping[str, Any]) -> dict[str, Any]:
    return {field: count_in(status.get(name)) for field, name in _COUNTS.items()}


def _absent(
    status: Mapping[str, Any], published: Reading | None, parent: str | None, parent_author: str | None, page: Answer
) -> dict[str, Absence]:
    absent: dict[str, Absence] = {
        field: "hidden" if _COUNTS[field] in status else "missing"
        for field, number in _counts(status).items()
        if number is None
    }
    if status.get("quote") and not _quoted(status, page):
        absent["quote_of"] = "hidden"
    unknown = {
        "published": published is None,
        "attributed_to": not key_of(status.get("account"), page.host),
        "in_reply_to_account": parent is not None and parent_author is None,
        "thread_root": parent is not None and page.root is None,
        "language": "language" not in status,
        "updated": "edited_at" not in status,
    }
    return absent | {field: "missing" for field, is_unknown in unknown.items() if is_unknown}


def _extra(status: Mapping[str, Any], page: Answer) -> dict[str, Any]:
    kept = {name: value for name, value in status.items() if name not in _READ and value not in (None, "", [], {})}
    kinds = [str(m.get("type")) for m in objects(status.get("media_attachments"))]
    quoted = status.get("quote")
    told = {
        "server": page.host,
        "local_id": native_in(status.get("id")),
        "in_reply_to_local_id": native_in(status.get("in_reply_to_id")),
        "media_types": kinds,
        "quote_state": quoted.get("state") if isinstance(quoted, dict) else None,
        "bot": isinstance(status.get("account"), dict) and status["account"].get("bot") is True,
    }
    return kept | {name: value for name, value in told.items() if value}


def _tags(status: Mapping[str, Any], page: Answer) -> Iterator[Tag]:
    for mention in objects(status.get("mentions")):
        name = text_in(mention.get("acct"))
        if name:
            href = absolute(page.capture.url, mention.get("url"))
            yield Tag(type="Mention", name=name, href=href, account=key_of(mention, page.host))
    for tag in objects(status.get("tags")):
        name = text_in(tag.get("name"))
        if name:
            yield Tag(type="Hashtag", name=name.removeprefix("#"), href=absolute(page.capture.url, tag.get("url")))


def _attachments(status: Mapping[str, Any], capture: Capture) -> Iterator[Attachment]:
    for media in objects(status.get("media_attachments")):
        url = absolute(capture.url, media.get("url")) or absolute(capture.url, media.get("remote_url"))
        meta = object_in(media.get("meta"))
        size = object_in(meta.get("original"))
        if url:
            width, height = count_in(size.get("width")), count_in(size.get("height"))
            yield Attachment(url=url, name=text_in(media.get("description")), width=width, height=height)


def _links(status: Mapping[str, Any], markup: str, base: str) -> tuple[str, ...]:
    named = [*objects(status.get("mentions")), *objects(status.get("tags"))]
    left_out = {absolute(base, item.get("url")) for item in named}
    found = links_in(markup, base, classes_left_out=["mention", "hashtag"])
    return tuple(url for url in found if url not in left_out)


def post_id(status: Mapping[str, Any], host: str) -> str:
    """Return the id of a post: its ``uri``, else the host and what it calls it."""
    local = f"{host}/{native_in(status.get('id'))}"
    return f"mastodon:{text_in(status.get('uri')) or local}"


def origin_of(status: Mapping[str, Any]) -> str:
    """Return the host that a status comes from."""
    try:
        return urlsplit(text_in(status.get("uri")) or "").hostname or ""
    except ValueError:
        return ""


def basis_of(status: Mapping[str, Any]) -> PublishedBasis:
    """Say whose word the date of a status is: a server dates the posts of its own accounts."""
    account = status.get("account")
    acct = text_in(account.get("acct")) if isinstance(account, dict) else None
    local = acct is not None and "@" not in acct
    return "platform" if local else "author-claimed"


def _handle(account: Any, host: str) -> str | None:
    acct = text_in(account.get("acct")) if isinstance(account, dict) else None
    return None if acct is None else acct if "@" in acct.removeprefix("@") else f"{acct}@{host}"


def key_of(account: Any, host: str) -> str | None:
    """Return the node key of an account, or None."""
    handle = _handle(account, host)
    return account_key("mastodon", handle) if handle else None
