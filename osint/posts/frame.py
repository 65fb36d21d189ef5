"""From records to the posts table: one row a post, every sight of it kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pandas as pd

from osint.activity import ParseWarning, Post
from osint.posts.id_time import far_apart, time_in_id

_TEXT = pd.StringDtype()
_INSTANT = "datetime64[us, UTC]"
_NUMBER = "Int64"


class Column(NamedTuple):
    """A column: its pandas dtype and what it holds."""

    dtype: Any
    meaning: str


COLUMNS: Mapping[str, Column] = {
    "id": Column(_TEXT, "platform:native_id; the same for every sight of the post"),
    "platform": Column(
        _TEXT,
        "the source's own name. Networks: 4chan, bluesky, discord, facebook, flickr, instagram, mastodon, matrix, "
        "myspace, nostr, reddit, snapchat, telegram, threads, tiktok, tumblr, x, youtube. Sites: blogger, digg, "
        "dokuwiki, feed, gist, mail, mediawiki, pastebin, web, wordpress. Notices: fbi, interpol, namus, ncmec, "
        "nixle, wanted",
    ),
    "native_id": Column(_TEXT, "the platform's own id, always text"),
    "type": Column(
        _TEXT,
        "ActivityStreams type. Written: Note, Article, Page, Question. Shown: Document, Image, Video. Done: "
        "Announce, Like, Follow, Block, View, Activity, Create, Update, Delete. Tombstone where the source "
        "says that something was deleted or is withheld",
    ),
    "url": Column(_TEXT, "address a person opens"),
    "attributed_to": Column(_TEXT, "node key of the author's account, account:mastodon:jane@social.example"),
    "author_handle": Column(_TEXT, "handle as the source spelt it at the time of capture"),
    "author_name": Column(_TEXT, "display name at the time of capture"),
    "content": Column(_TEXT, "plain text, made from content_html where the source gives HTML"),
    "content_html": Column(_TEXT, "the source's HTML, unchanged; hostile, never show it unescaped"),
    "language": Column(_TEXT, "language tag the source states"),
    "published": Column(_INSTANT, "instant of publication in UTC; NaT when the source names no instant"),
    "published_raw": Column(_TEXT, "the source's spelling of that time, unchanged"),
    "published_basis": Column(_TEXT, "who says so: platform, author-claimed, id, page, none"),
    "published_zone_known": Column("boolean", "whether the spelling names its zone"),
    "time_in_id": Column(_INSTANT, "instant that the platform's own id holds; NaT where its ids hold none"),
    "times_differ": Column(
        "boolean", "whether published and time_in_id lie more than five minutes apart; NA when one is unknown"
    ),
    "updated": Column(_INSTANT, "instant of the last edit the source states"),
    "in_reply_to": Column(_TEXT, "id of the post it answers"),
    "in_reply_to_account": Column(_TEXT, "node key of the account it answers"),
    "quote_of": Column(_TEXT, "id of the post it quotes"),
    "announce_of": Column(_TEXT, "id of the post it passes on (boost, repost)"),
    "announce_of_account": Column(_TEXT, "node key of that post's author"),
    "thread_root": Column(_TEXT, "id of the first post of its thread"),
    "tag": Column(object, "list of {type, name, href, account}: mentions and hashtags"),
    "attachment": Column(object, "list of {url, media_type, name, width, height}; named, not fetched"),
    "links": Column(object, "list of web addresses in the text"),
    "replies": Column(_NUMBER, "number of replies the source showed"),
    "announces": Column(_NUMBER, "number of boosts or reposts the source showed"),
    "likes": Column(_NUMBER, "number of likes the source showed"),
    "visibility": Column(_TEXT, "the source's word for who can see it"),
    "exhibit": Column(_TEXT, "exhibit that first shows the version in this row"),
    "pointer": Column(_TEXT, "where in that exhibit: JSON Pointer or XPath"),
    "collector": Column(_TEXT, "name and version of the parser"),
    "collected": Column(_INSTANT, "instant at which the request for that exhibit started"),
    "capture_quality": Column(
        _TEXT, "of a web page, what that exhibit shows: full, partial, shell, wall, gone; extra says why"
    ),
    "capture_minimum_met": Column(
        "boolean", "of a web page, whether that exhibit holds address, HTML source and an image of the whole page"
    ),
    "access": Column(_TEXT, "who could see it where it was captured: public, logged_in, not_known"),
    "absent": Column(
        object, "column -> missing (not offered) or hidden (withheld); an empty column not named here means none"
    ),
    "extra": Column(object, "whatever else the source offers"),
    "exhibits": Column(object, "every exhibit that shows the post, in any version"),
    "versions": Column(_NUMBER, "how many different versions of the post were seen"),
    "servers": Column(
        object, "every server that showed a post under this id; without versions, the row is what the first one showed"
    ),
}
WARNING_COLUMNS: Mapping[str, str] = {
    "exhibit": "the exhibit concerned",
    "pointer": "where in it; empty for the whole",
    "what": "what was seen",
    "effect": "what that means for the tables",
}
_VERSION = ("content", "content_html", "updated", "attachment", "published_raw", "announce_of")


def posts_frame(
    posts: Iterable[Post], *, versions: bool = False, servers: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return the posts table.

    Any server can show a post under an id that belongs to another one. The row is the newest version that the post's
    own server showed: the one that the id names, else the one that showed it first.

    Args:
        posts: Every sight of every post, in any order.
        versions: Give each version of a post a row of its own instead of the newest alone.
        servers: The server that answered with each exhibit, ``host`` or ``host:port``; one not named is unknown.

    Returns:
        One row a post with the columns of :data:`COLUMNS`, ordered by ``published`` (undated posts last), then ``id``.
    """
    ordered = sorted(posts, key=lambda post: (post.id, post.collected, _exhibit_order(post.exhibit)))
    rows = [
        row
        for _, sights in groupby(ordered, key=lambda post: post.id)
        for row in _rows_of_a_post(list(sights), servers or {}, versions=versions)
    ]
    frame = pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=column.dtype) for name, column in COLUMNS.items()}
    )
    return frame.sort_values(["published", "id"], kind="stable", na_position="last", ignore_index=True)


def warnings_frame(warnings: Iterable[ParseWarning]) -> pd.DataFrame:
    """Return the warnings as a table with the columns of :data:`WARNING_COLUMNS`, in the order given."""
    return pd.DataFrame([asdict(each) for each in warnings], columns=list(WARNING_COLUMNS), dtype=_TEXT)


def _rows_of_a_post(sights: list[Post], servers: Mapping[str, str], *, versions: bool) -> list[dict[str, Any]]:
    different: dict[Any, Post] = {}
    for sight in sights:
        different.setdefault(_version(sight), sight)
    ranked = _ranked(sights, servers)
    own = [sight for sight in sights if _server(sight, servers) == ranked[0]]
    newest = next(sight for sight in own if _version(sight) == _version(own[-1]))
    common = {
        "exhibits": list(dict.fromkeys(sight.exhibit for sight in sights)),
        "versions": len(different),
        "servers": [server for server in ranked if server],
    }
    return [_row(sight) | common for sight in (different.values() if versions else [newest])]


def _ranked(sights: list[Post], servers: Mapping[str, str]) -> list[str]:
    """Return the servers that showed a post: the one that its id names, then the others as they came."""
    seen = dict.fromkeys(_server(sight, servers) for sight in sights)
    own = _bare(_netloc(sights[0].native_id))
    return sorted(seen, key=lambda server: not own or server != own)


def _server(sight: Post, servers: Mapping[str, str]) -> str:
    return _bare(servers.get(sight.exhibit, ""))


def _netloc(address: str) -> str:
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


def _bare(server: str) -> str:
    return server.casefold().removeprefix("www.")


def _version(post: Post) -> Any:
    return tuple(getattr(post, name) for name in _VERSION)


def _row(post: Post) -> dict[str, Any]:
    row = {name: getattr(post, name) for name in post.__dataclass_fields__}
    exhibit = post.extra.get("capture", {})
    by_id = time_in_id(post.platform, post.native_id)
    return row | {
        "time_in_id": by_id,
        "times_differ": far_apart(post.published, by_id),
        "access": _access(post),
        "capture_quality": exhibit.get("quality"),
        "capture_minimum_met": exhibit.get("minimum_met"),
        "tag": [asdict(tag) for tag in post.tag],
        "attachment": [asdict(attachment) for attachment in post.attachment],
        "links": list(post.links),
        "absent": dict(post.absent),
        "extra": dict(post.extra),
    }


def _access(post: Post) -> str:
    """Return who could see a post; what we collect ourselves is what a visitor who is not signed in is shown."""
    imported = post.extra.get("import")
    told = imported.get("access") if isinstance(imported, dict) else None
    return str(told) if told in ("logged_in", "not_known") else "public"


def _exhibit_order(exhibit: str) -> tuple[int, str]:
    return len(exhibit), exhibit
