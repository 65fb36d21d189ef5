"""The story's rows as the JSON entities that a Mastodon server of version 4.5 gives to anonymous readers.

Source: https://docs.joinmastodon.org/entities/ (Status, Account, MediaAttachment, PreviewCard, Poll,
Quote, Instance).
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from osint.serve.photographs import PHOTOGRAPHS
from osint.serve.sample_data import LOCAL_HOST, Account, Status, accounts, blog_posts, snowflake, statuses

Entity = dict[str, Any]
MEDIA_HOST = "media.social.example"
_MARKED = re.compile(r"(?P<url>https?://[^\s<>\"]+)|@(?P<mention>\w+(?:@[\w.-]*\w)?)|#(?P<tag>\w+)")
_BASE83 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"


def account_entity(account: Account) -> Entity:
    """Return an Account entity; ``roles`` and ``noindex`` stand only on accounts of this server."""
    own = [status for status in statuses().values() if status.by == account.name]
    picture = f"https://{LOCAL_HOST}/avatars/original/missing.png"
    entity = {
        "id": account.id,
        "username": account.name,
        "acct": account.acct,
        "display_name": account.display_name,
        "locked": False,
        "bot": account.bot,
        "discoverable": account.discoverable,
        "indexable": False,
        "group": False,
        "created_at": f"{account.created}T00:00:00.000Z",
        "note": _formatted(account.note, account),
        "url": account.url,
        "uri": f"https://{account.host}/users/{account.name}",
        "avatar": picture,
        "avatar_static": picture,
        "header": picture,
        "header_static": picture,
        "followers_count": account.followers,
        "following_count": account.following,
        "statuses_count": len(own),
        "last_status_at": str(own[-1].at.date()) if own else None,
        "hide_collections": account.hide_collections,
        "emojis": [],
        "fields": [_field(name, value) for name, value in account.fields],
    }
    return entity | ({"noindex": False, "roles": []} if account.local else {})


def status_entity(status: Status) -> Entity:
    """Return a Status entity, with the boosted or the quoted one inside it."""
    author = accounts()[status.by]
    uri, url = _addresses(status, author)
    parent = statuses()[status.reply_to] if status.reply_to else None
    entity: Entity = {
        "id": status.id,
        "created_at": _instant(status.at),
        "in_reply_to_id": parent.id if parent else None,
        "in_reply_to_account_id": accounts()[parent.by].id if parent else None,
        "sensitive": status.sensitive,
        "spoiler_text": status.spoiler,
        "visibility": status.visibility,
        "language": None if status.boost else status.lang,
        "uri": uri,
        "url": url,
        **_counts(status),
        "edited_at": _instant(status.edited) if status.edited else None,
        "content": status_html(status),
        "reblog": status_entity(statuses()[status.boost]) if status.boost else None,
    }
    if author.local:
        entity["application"] = None if status.boost else {"name": "Web", "website": None}
    return entity | {
        "account": account_entity(author),
        "media_attachments": [attachment_entity(status, index) for index in range(len(status.photos))],
        "mentions": [_mention(account) for account in mentioned(status)],
        "tags": [{"name": tag, "url": f"https://{LOCAL_HOST}/tags/{quote(tag)}"} for tag in tags(status)],
        "emojis": [],
        "quote": _quote(status),
        "card": _card(status),
        "poll": _poll(status),
        "quote_approval": {"automatic": ["public"] if author.local else [], "manual": [], "current_user": "denied"},
    }


def attachment_entity(status: Status, index: int) -> Entity:
    """Return the MediaAttachment entity of one photograph of a status."""
    name = status.photos[index]
    photograph = PHOTOGRAPHS[name]
    author = accounts()[status.by]
    original, small = attachment_paths(status, index)
    return {
        "id": _attachment_id(status, index),
        "type": "image",
        "url": f"https://{MEDIA_HOST}{original}",
        "preview_url": f"https://{MEDIA_HOST}{small}",
        "remote_url": None if author.local else f"https://{author.host}/system/{_file_name(status, index)}",
        "preview_remote_url": None,
        "meta": {
            "original": _measures(photograph.width, photograph.height),
            "small": _measures(480, 360),
            "focus": {"x": 0.0, "y": 0.0},
        },
        "description": photograph.caption or None,
        "blurhash": _one_colour_blurhash(photograph.colour),
    }


def attachment_paths(status: Status, index: int) -> tuple[str, str]:
    """Return the paths, on the media host, of a photograph and of its preview."""
    number = _attachment_id(status, index)
    groups = "/".join(number[at : at + 3] for at in range(0, len(number), 3))
    folder = f"{'' if accounts()[status.by].local else '/cache'}/media_attachments/files/{groups}"
    return f"{folder}/original/{_file_name(status, index)}", f"{folder}/small/{_file_name(status, index)}"


def attachments() -> Iterator[tuple[Status, int]]:
    """Yield every status that shows photographs, with the index of each."""
    for status in statuses().values():
        for index in range(len(status.photos)):
            yield status, index


def status_html(status: Status) -> str:
    """Return the content of a status: empty for a boost, the row's own markup where it brings some."""
    if status.boost:
        return ""
    return status.html if status.html is not None else _formatted(status.text, accounts()[status.by])


def tags(status: Status) -> list[str]:
    """Return the hashtags of a status, in lower case and sorted."""
    return sorted({found["tag"].lower() for found in _MARKED.finditer(status.text) if found["tag"]})


def mentioned(status: Status) -> list[Account]:
    """Return the accounts that a status mentions, each once, by their number."""
    names = (found["mention"] for found in _MARKED.finditer(status.text) if found["mention"])
    found = {account.acct: account for account in map(account_by_acct, names) if account}
    return sorted(found.values(), key=lambda account: int(account.id))


def account_by_acct(acct: str) -> Account | None:
    """Return the account of a handle, with or without the host of this server; letter case does not matter."""
    wanted = acct.removeprefix("@").lower().removesuffix(f"@{LOCAL_HOST}")
    return next((account for account in accounts().values() if account.acct == wanted), None)


def instance_entity(domain: str, *, access: str) -> Entity:
    """Return a V2 Instance entity; ``access`` is "public" or "authenticated", for every timeline."""
    feed = {"local": access, "remote": access}
    here = f"https://{domain}"
    return {
        "domain": domain,
        "title": "Westmere Social" if domain == LOCAL_HOST else "A closed garden",
        "version": "4.5.2",
        "source_url": "https://github.com/mastodon/mastodon",
        "description": "An invented server for practice. Nobody on it exists.",
        "usage": {"users": {"active_month": sum(account.local for account in accounts().values())}},
        "thumbnail": {"url": f"{here}/avatars/original/missing.png"},
        "icon": [],
        "languages": ["en"],
        "configuration": {
            "urls": {
                "streaming": f"wss://{domain}",
                "status": None,
                "about": f"{here}/about",
                "privacy_policy": f"{here}/privacy-policy",
                "terms_of_service": None,
            },
            "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5},
            "statuses": {"max_characters": 500, "max_media_attachments": 4, "characters_reserved_per_url": 23},
            "media_attachments": {"supported_mime_types": ["image/jpeg", "image/png"], "image_size_limit": 16777216},
            "polls": {
                "max_options": 4,
                "max_characters_per_option": 50,
                "min_expiration": 300,
                "max_expiration": 2629746,
            },
            "translation": {"enabled": False},
            "timelines_access": {"live_feeds": feed, "hashtag_feeds": feed, "trending_link_feeds": feed},
            "limited_federation": access != "public",
        },
        "registrations": {"enabled": False, "approval_required": False, "message": None, "min_age": 16, "url": None},
        "api_versions": {"mastodon": 7},
        "contact": {"email": f"staff@{domain}", "account": None},
        "rules": [{"id": "1", "text": "Be kind", "hint": "", "translations": {}}],
    }


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _addresses(status: Status, author: Account) -> tuple[str, str]:
    uri = f"https://{author.host}/users/{author.name}/statuses/{status.id}"
    return (f"{uri}/activity",) * 2 if status.boost else (uri, f"{author.url}/{status.id}")


@cache
def _related() -> tuple[Counter[str | None], ...]:
    rows = statuses().values()
    return tuple(Counter(getattr(row, relation) for row in rows) for relation in ("reply_to", "boost", "quote"))


def _counts(status: Status) -> Entity:
    replies, boosts, quotes = (counter[status.key] for counter in _related())
    # No field of the Status entity says "withheld"; forks of the server use -1, as for hidden followers.
    shown = (-1, -1, -1) if status.counts_hidden else (replies, boosts, status.likes)
    names = ("replies_count", "reblogs_count", "favourites_count")
    return dict(zip(names, shown, strict=True)) | {"quotes_count": quotes}


def _formatted(text: str, author: Account) -> str:
    """Return typed text as the server marks it up: escaped, with links, mentions and hashtags, in paragraphs."""
    pieces, end = [], 0
    for found in _MARKED.finditer(text):
        pieces += [html.escape(text[end : found.start()]), _marked_up(found, author)]
        end = found.end()
    pieces.append(html.escape(text[end:]))
    paragraphs = "".join(pieces).split("\n\n")
    return "".join(f"<p>{paragraph.replace(chr(10), '<br />')}</p>" for paragraph in paragraphs)


def _marked_up(found: re.Match[str], author: Account) -> str:
    remote = "" if author.local else ' rel="nofollow noopener" target="_blank"'
    if found["url"]:
        return _link(found["url"])
    if found["tag"]:
        address = f"https://{author.host}/tags/{quote(found['tag'])}"
        rel = remote or ' rel="tag"'
        return f'<a href="{address}" class="mention hashtag"{rel}>#<span>{found["tag"]}</span></a>'
    account = account_by_acct(found["mention"])
    if account is None:
        return html.escape(found[0])
    return (
        f'<span class="h-card" translate="no"><a href="{account.url}" class="u-url mention"{remote}>'
        f"@<span>{account.name}</span></a></span>"
    )


def _link(url: str) -> str:
    """Return a link as the server shortens it: scheme and tail stay in the text, but hidden."""
    scheme, _, rest = url.partition("://")
    shown, tail = rest[:30], rest[30:]
    return (
        f'<a href="{html.escape(url)}" target="_blank" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{scheme}://</span><span class="{"ellipsis" if tail else ""}">{html.escape(shown)}'
        f'</span><span class="invisible">{html.escape(tail)}</span></a>'
    )


def _field(name: str, value: str) -> Entity:
    shown = _link(value) if value.startswith("https://") else html.escape(value)
    return {"name": name, "value": shown, "verified_at": None}


def _mention(account: Account) -> Entity:
    return {"id": account.id, "username": account.name, "url": account.url, "acct": account.acct}


def _quote(status: Status) -> Entity | None:
    if status.quote is None:
        return None
    return {"state": "accepted", "quoted_status": status_entity(statuses()[status.quote])}


def _poll(status: Status) -> Entity | None:
    if status.poll is None:
        return None
    votes = sum(count for _, count in status.poll["options"])
    return {
        "id": snowflake(status.at, f"poll {status.key}"),
        "expires_at": _instant(status.poll["closes"]),
        "expired": True,
        "multiple": False,
        "votes_count": votes,
        "voters_count": votes,
        "options": [{"title": title, "votes_count": count} for title, count in status.poll["options"]],
        "emojis": [],
    }


def _card(status: Status) -> Entity | None:
    """Return the preview of the blog post that a status links to."""
    linked = next((post for post in blog_posts() if f"https://blog.example{post.path}" in status.text), None)
    if linked is None:
        return None
    return {
        "url": f"https://blog.example{linked.path}",
        "title": linked.title,
        "description": linked.text.partition("\n")[0],
        "language": "en",
        "type": "link",
        "author_name": linked.author,
        "author_url": "",
        "provider_name": "Westmere Notes",
        "provider_url": "https://blog.example/",
        "html": "",
        "width": 0,
        "height": 0,
        "image": None,
        "image_description": "",
        "embed_url": "",
        "blurhash": None,
        "published_at": _instant(linked.utc),
        "authors": [{"name": linked.author, "url": "", "account": None}],
        "missing_attribution": False,
    }


def _attachment_id(status: Status, index: int) -> str:
    return snowflake(status.at - timedelta(seconds=20 - index), f"{status.key} {index}")


def _file_name(status: Status, index: int) -> str:
    return f"{sha256(f'{status.key} {index}'.encode()).hexdigest()[:16]}.jpg"


def _measures(width: int, height: int) -> Entity:
    return {"width": width, "height": height, "size": f"{width}x{height}", "aspect": width / height}


def _one_colour_blurhash(colour: tuple[int, int, int]) -> str:
    """Return a BlurHash of one component: "00" and the average colour in four digits of base 83.

    Source: https://github.com/woltapp/blurhash/blob/master/Algorithm.md
    """
    red, green, blue = colour
    value = red << 16 | green << 8 | blue
    return "00" + "".join(_BASE83[value // 83**place % 83] for place in (3, 2, 1, 0))
