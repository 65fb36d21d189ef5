"""X (Twitter), from files alone: the archive of an account, and the oEmbed answer for one post.

**Why files.** X's developer terms forbid to use its interface, or what comes from it, for surveillance, for tracing
crimes and for joining accounts to persons. Until counsel has decided, there is no code here that asks X.

**The archive** (``data/tweets.js``, ``tweets-part1.js``; before 2022 ``tweet.js``) names no account beside each
post: the author is the account of the declared address. ``RT @name: ...`` is read as a repost. X keeps neither its
original's id nor its whole text there, and whoever types that by hand cannot be told apart. Texts above 280 characters
stand in ``note-tweet.js``, cut in ``tweets.js``, and are joined by nothing but their instant: both are rows.

**Likes** are posts of others that the account liked, without author and without any time.

**Direct messages** are no public posts. That they are there is a warning; nothing in them is read.

Source: https://help.x.com/en/managing-your-account/how-to-download-your-x-archive (what it holds; the names of its
fields stand in the archive's own README.txt) and https://developer.x.com/en/docs/x-for-websites/oembed-api.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from osint.activity import Actor, Attachment, Post, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.addresses import name_in, path_in
from osint.collectors.answer import json_value, keep_first, read_json, reservations, warning, whole_items
from osint.collectors.exports import closed, of_another, start_of
from osint.collectors.json_values import count, inside, left_over, native, objects, text
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import made_at, missing, sight, undated
from osint.collectors.text import absolute, html_to_text
from osint.collectors.times import dated
from osint.errors import UnreadableCaptureError
from osint.query import AccountQuery, Query, ThreadQuery

MANIFEST = Manifest(
    name="x",
    version="1",
    reads="posts, deleted posts, likes and the profile in the archive of an account on X; one post in a saved oEmbed "
    "answer",
    queries=(AccountQuery, ThreadQuery),
    ways=("file",),
    public="single posts of public accounts; timelines and search are for signed-in visitors",
    limits="nothing is asked of X; the archive has no ids of what was reposted, no time of likes, and of deleted posts "
    "only those of the last weeks",
    files="the ZIP of an account's archive, or its data/*.js one by one; a saved oEmbed answer",
    id_time="`(id >> 22) + 1288834974657` is milliseconds since 1970, for ids from 2010-11-04 on",
    proof="documented",
    barred="X's terms forbid to use its interface for surveillance, for tracing crimes and for joining accounts to "
    "persons, so it is off until counsel has decided. Use the archive that the person downloads, or ask X by legal "
    "process.",
    documentation="https://help.x.com/en/managing-your-account/how-to-download-your-x-archive",
    terms="Restricted uses: https://docs.x.com/developer-terms/restricted-use-cases; counsel has to read them first.",
    terms_checked="unverified",
)

_EXPECTED = "a file of an X archive, or an oEmbed answer of X"
_HOSTS = ("x.com", "www.x.com", "mobile.x.com", "twitter.com", "www.twitter.com", "mobile.twitter.com")
_NAME = r"[A-Za-z0-9_]{1,20}"
_NO_ACCOUNTS = frozenset({
    "home", "i", "search", "explore", "hashtag", "settings", "notifications", "messages", "intent", "login", "share",
    "tos", "privacy", "about", "jobs", "compose",
})  # fmt: skip
_STATUS = re.compile(rf"/(?:i(?:/web)?|@?(?P<name>{_NAME}))/status(?:es)?/(?P<id>\d{{1,20}})(?:/(?:photo|video)/\d)?/?")
_ASSIGNED = re.compile(r"\ufeff?\s*window\.(?:YTD\.(?P<kind>\w{1,60})\.part\d{1,4}|__THAR_CONFIG)\s*=\s*")
_MARK = re.compile(rb"(?:\xef\xbb\xbf)?\s*window\.(?:YTD\.(\w{1,60})\.part\d{1,4}|__THAR_CONFIG)\s*=")
_OEMBED = (b'"author_url"', b'"html"', b'"provider_url"')
_PROVIDER = re.compile(rb'"provider_url"\s*:\s*"https:\\?/\\?/(?:www\.)?(?:twitter|x)\.com"')
_REPOST = re.compile(rf"RT @({_NAME}):\s*(.*)", re.DOTALL)
_READ = frozenset({
    "id", "id_str", "created_at", "full_text", "text", "lang", "entities", "extended_entities", "favorite_count",
    "retweet_count", "in_reply_to_status_id", "in_reply_to_status_id_str", "in_reply_to_user_id",
    "in_reply_to_user_id_str", "in_reply_to_screen_name", "quoted_status_id", "quoted_status_id_str", "favorited",
    "retweeted", "display_text_range",
})  # fmt: skip


def query_for(url: str) -> Query | None:
    """Return the account or the post of an address on X or Twitter."""
    parts = urlsplit(url)
    if parts.hostname not in _HOSTS:
        return None
    if _status_in(url):
        return ThreadQuery(thread=url)
    name = _account_in(url)
    return AccountQuery(account=f"@{name}@x.com") if name else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:  # noqa: ARG001 - nothing is asked
    """Ask nothing: raise why.

    Raises:
        SourceClosedError: Always.
    """
    return closed(f"X was not asked for anything. {MANIFEST.barred} Import the file with case.import_file().")


def claims(capture: Capture) -> bool:
    """Say whether it is a file of an archive that is read or has to be told, or an oEmbed answer of X."""
    body = capture.body
    if found := _MARK.match(body):
        return found[1] is None or found[1].decode("ascii").casefold() in _READERS
    return start_of(body)[:1] == b"{" and all(mark in body for mark in _OEMBED) and bool(_PROVIDER.search(body))


def parse(capture: Capture) -> list[Record]:
    """Read one file of an archive, or one oEmbed answer.

    Raises:
        UnreadableCaptureError: It is neither, or of a kind that is not read.
    """
    records: list[Record] = [*reservations(capture)]
    assigned = _ASSIGNED.match(capture.text)
    if assigned is None:
        return keep_first([*records, *_oembed(read_json(capture, _EXPECTED), capture)])
    kind = (assigned["kind"] or "manifest").casefold()
    if kind not in _READERS:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "a list of the archive that is not read")
    value, cut = _value(capture, capture.text[assigned.end() :])
    if cut:
        what = f"The file breaks off after {len(value)} whole entries."
        records.append(warning(capture, "", what, "The entries beyond are not in the tables."))
    return keep_first([*records, *_READERS[kind](value, capture)])


def _value(capture: Capture, spelt: str) -> tuple[Any, bool]:
    """Return the JSON that a file assigns, and whether it is a list that breaks off."""
    try:
        return json_value(spelt.rstrip().removesuffix(";")), False
    except (ValueError, RecursionError) as error:
        if whole := whole_items(spelt):
            return whole, True
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "no JSON behind its name") from error


# Posts of an archive -------------------------------------------------------------------------------------------------


def _posts(value: Any, capture: Capture) -> Iterator[Record]:
    yield from _each(value, capture, "tweet", _post)


def _deleted(value: Any, capture: Capture) -> Iterator[Record]:
    """Yield what was deleted: as long as the archive holds it, its text is there."""
    for record in _each(value, capture, "tweet", _post):
        if isinstance(record, Post):
            former = {**record.extra, "former_type": record.type}
            yield replace(record, type="Tombstone", extra=former)
        else:
            yield record


def _notes(value: Any, capture: Capture) -> Iterator[Record]:
    yield from _each(value, capture, "noteTweet", _note)


def _likes(value: Any, capture: Capture) -> Iterator[Record]:
    yield from _each(value, capture, "like", _like)


Reader = Callable[[str, Mapping[str, Any], Capture], Iterator[Record]]


def _each(value: Any, capture: Capture, name: str, read: Reader) -> Iterator[Record]:
    """Read every entry of a list; older archives do not wrap an entry in an object of its name."""
    if not isinstance(value, list):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it is no list")
    if value and name != "like" and not _account_in(capture.url):
        what = "The declared address names no account on X, and the file names no author."
        yield warning(capture, "", what, "The posts have no author. Import the file again with the profile's address.")
    for number, entry in enumerate(value):
        inner = inside(entry, name)
        inner = inner if isinstance(inner, dict) else entry
        if isinstance(inner, dict) and _number(inner, name):
            yield from read(f"/{number}", inner, capture)
        else:
            yield warning(capture, f"/{number}", "This is no post: it has no id.", "It is not in the tables.")


_ID = {"tweet": ("id_str", "id"), "noteTweet": ("noteTweetId", "id"), "like": ("tweetId", "id")}


def _post(pointer: str, tweet: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    number, name = str(_number(tweet, "tweet")), _account_in(capture.url)
    when = dated(tweet.get("created_at"))
    written = html.unescape(text(tweet.get("full_text")) or text(tweet.get("text")) or "")
    repost = _REPOST.fullmatch(written)
    links = _links(tweet.get("entities"))
    parent = native(tweet.get("in_reply_to_status_id_str")) or native(tweet.get("in_reply_to_status_id"))
    extra = left_over(tweet, _READ) | ({"reposted_text": repost[2]} if repost else {})
    yield sight(
        capture, MANIFEST, number, pointer, when,
        type="Announce" if repost else "Note",
        url=f"https://x.com/{name or 'i'}/status/{number}",
        **_author(name),
        content=None if repost else written,
        language=text(tweet.get("lang")),
        in_reply_to=f"x:{parent}" if parent else None,
        in_reply_to_account=_key(tweet.get("in_reply_to_screen_name")),
        quote_of=None if repost else _quoted(tweet, links, written),
        announce_of_account=_key(repost[1]) if repost else None,
        tag=() if repost else tuple(_tags(tweet.get("entities"))),
        attachment=() if repost else tuple(_attachments(tweet)),
        links=() if repost else tuple(links.values()),
        announces=count(tweet.get("retweet_count")),
        likes=count(tweet.get("favorite_count")),
        absent=_absent(name, when, repost is not None, tweet),
        extra=extra,
    )  # fmt: skip
    yield from undated(capture, pointer, when)


def _absent(name: str | None, when: object, is_repost: bool, tweet: Mapping[str, Any]) -> dict[str, Any]:
    return missing(
        attributed_to=name,
        published=when,
        announce_of=not is_repost,
        replies=False,
        visibility=False,
        likes=count(tweet.get("favorite_count")) is not None,
        announces=count(tweet.get("retweet_count")) is not None,
    )


def _note(pointer: str, note: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    """Read the whole of a long text. It has an id of its own, and its post is the one of the same instant."""
    name, core, when = _account_in(capture.url), note.get("core"), dated(note.get("createdAt"))
    edited = dated(note.get("updatedAt"))
    tags = [Tag(type="Hashtag", name=found) for each in _listed(core, "hashtags") if (found := _named(each, "text"))]
    tags += [_mention(found) for each in _listed(core, "mentions") if (found := _named(each, "screenName"))]
    links = (absolute("https://x.com/", _named(each, "expandedUrl")) for each in _listed(core, "urls"))
    yield sight(
        capture, MANIFEST, str(_number(note, "noteTweet")), pointer, when,
        type="Note",
        **_author(name),
        content=html.unescape(text(inside(core, "text")) or ""),
        updated=edited.instant if edited and when and edited.instant != when.instant else None,
        tag=tuple(tags),
        links=tuple(link for link in links if link),
        absent={
            **missing(attributed_to=name, published=when),
            "url": "missing", "replies": "missing", "announces": "missing", "likes": "missing", "visibility": "missing",
        },
        extra={"long_text_of": "the post of the same instant, which has another id and is cut there"},
    )  # fmt: skip
    yield from undated(capture, pointer, when)


def _like(pointer: str, like: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    number, name, written = str(_number(like, "like")), _account_in(capture.url), text(like.get("fullText"))
    hidden = ("attributed_to", "published", "replies", "announces", "likes", "visibility")
    yield sight(
        capture, MANIFEST, number, pointer, None,
        type="Note",
        url=absolute("https://x.com/", like.get("expandedUrl")) or f"https://x.com/i/status/{number}",
        content=html.unescape(written) if written else None,
        absent=dict.fromkeys(hidden if written else (*hidden, "content"), "missing"),
        extra={"liked": True, **({"liked_by": _key(name)} if name else {})},
    )  # fmt: skip


def _quoted(tweet: Mapping[str, Any], links: Mapping[str, str], written: str) -> str | None:
    """Return what is quoted: by its id, else the post whose address ends the text, as X itself shows a quotation."""
    number = native(tweet.get("quoted_status_id_str")) or native(tweet.get("quoted_status_id"))
    last = links.get(written.rstrip().rpartition(" ")[2].rpartition("\n")[2], "")
    found = _status_in(last)
    number = number or (found["id"] if found else None)
    return f"x:{number}" if number else None


def _links(entities: Any) -> dict[str, str]:
    """Return where the short addresses of a text lead."""
    pairs = ((text(each.get("url")), absolute("https://x.com/", each.get("expanded_url")))
             for each in objects(inside(entities, "urls")))  # fmt: skip
    return {short: whole for short, whole in pairs if short and whole}


def _tags(entities: Any) -> Iterator[Tag]:
    for each in objects(inside(entities, "user_mentions")):
        if name := text(each.get("screen_name")):
            yield _mention(name)
    for each in objects(inside(entities, "hashtags")):
        if name := text(each.get("text")):
            yield Tag(type="Hashtag", name=name, href=f"https://x.com/hashtag/{name}")


def _mention(name: str) -> Tag:
    return Tag(type="Mention", name=f"{name}@x.com", href=f"https://x.com/{name}", account=_key(name))


def _attachments(tweet: Mapping[str, Any]) -> Iterator[Attachment]:
    media = objects(inside(tweet, "extended_entities", "media")) or objects(inside(tweet, "entities", "media"))
    for each in media:
        films = [film for film in objects(inside(each, "video_info", "variants")) if text(film.get("url"))]
        best = max(films, key=lambda film: count(film.get("bitrate")) or 0, default=None)
        url = absolute("https://x.com/", best["url"] if best else each.get("media_url_https", each.get("media_url")))
        if url:
            yield Attachment(
                url=url,
                media_type=text(best.get("content_type")) if best else None,
                name=text(each.get("ext_alt_text")),
                width=count(inside(each, "sizes", "large", "w")),
                height=count(inside(each, "sizes", "large", "h")),
            )


# The account ---------------------------------------------------------------------------------------------------------


def _account(value: Any, capture: Capture) -> Iterator[Record]:
    account = inside(value[0] if isinstance(value, list) and value else None, "account")
    yield _actor(capture, "/0/account", account, ("username", "accountId", "accountDisplayName"), None)
    yield from of_another(capture, _account_in(capture.url), text(inside(account, "username")))


def _manifest(value: Any, capture: Capture) -> Iterator[Record]:
    """Yield the account, and what the archive says that it holds: lists of posts that are missing show up there."""
    yield _actor(capture, "/userInfo", inside(value, "userInfo"), ("userName", "accountId", "displayName"), None)
    yield from of_another(capture, _account_in(capture.url), text(inside(value, "userInfo", "userName")))
    if inside(value, "archiveInfo", "isPartialArchive") is True:
        what = "The archive says that it is only a part of what there is."
        yield warning(capture, "/archiveInfo", what, "Ask for the other parts, and import each.")
    types = inside(value, "dataTypes")
    for name, held in types.items() if isinstance(types, dict) else ():
        files = [each for each in objects(inside(held, "files")) if count(each.get("count"))]
        if name in ("tweets", "tweet", "deletedTweets", "noteTweet", "communityTweet") and files:
            listed = ", ".join(f"{text(each.get('fileName'))}: {count(each.get('count'))}" for each in files[:50])
            what = f"The archive says how many entries {name} has ({listed})."
            yield warning(capture, f"/dataTypes/{name}", what, "Compare that with the rows of these files.")


def _profile(value: Any, capture: Capture) -> Iterator[Record]:
    told = inside(value[0] if isinstance(value, list) and value else None, "profile", "description")
    name = _account_in(capture.url)
    if not name:
        what = "The profile names no account, and neither does the declared address."
        yield warning(capture, "/0/profile", what, "It is not in the tables.")
        return
    yield _actor(capture, "/0/profile", {"username": name}, ("username", "", ""), text(inside(told, "bio")))


def _actor(capture: Capture, pointer: str, account: Any, names: tuple[str, str, str], summary: str | None) -> Actor:
    name, number, shown = (text(inside(account, each)) for each in names)
    if not name:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it names no account")
    created = dated(inside(account, "createdAt"))
    return Actor(
        id=account_key("x", f"{name}@x.com"),
        platform="x",
        native_id=number or name,
        handle=f"{name}@x.com",
        name=shown,
        url=f"https://x.com/{name}",
        summary=summary,
        **made_at(created),
        exhibit=capture.exhibit,
        pointer=pointer,
    )


def _headers(value: Any, capture: Capture) -> Iterator[Record]:
    what = f"This list names {len(value) if isinstance(value, list) else 0} posts by their ids and instants only."
    yield warning(capture, "", what, "They are not in the tables twice; compare the number with the posts.")


def _messages(value: Any, capture: Capture) -> Iterator[Record]:
    what = f"The file holds {len(value) if isinstance(value, list) else 0} conversations of direct messages."
    yield warning(capture, "", what, "They are no public posts, so nothing in them was read. The exhibit has them.")


_READERS: dict[str, Callable[[Any, Capture], Iterator[Record]]] = {
    **dict.fromkeys(("tweet", "tweets", "community_tweet"), _posts),
    **dict.fromkeys(("deleted_tweet", "deleted_tweets"), _deleted),
    **dict.fromkeys(("note_tweet",), _notes),
    **dict.fromkeys(("like",), _likes),
    **dict.fromkeys(("account",), _account),
    **dict.fromkeys(("profile",), _profile),
    **dict.fromkeys(("manifest",), _manifest),
    **dict.fromkeys(("tweet_headers", "deleted_tweet_headers"), _headers),
    **dict.fromkeys(("direct_messages", "direct_messages_group", "direct_message_headers"), _messages),
    **dict.fromkeys(("direct_message_group_headers", "deleted_direct_messages"), _messages),
}


# oEmbed --------------------------------------------------------------------------------------------------------------


def _oembed(value: Any, capture: Capture) -> Iterator[Record]:
    """Read one post as X gives it for embedding: its text, its author, and a day without a zone."""
    found = _status_in(text(inside(value, "url")) or "")
    quote = text(inside(value, "html"))
    if not found or not quote:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it names no post")
    name = _account_in(text(inside(value, "author_url")) or "") or found["name"]
    paragraph, _, foot = quote.partition("</p>")
    day = re.search(r">([^<>]{4,60})</a>\s*</blockquote>", foot)
    written = html_to_text(paragraph)
    language = re.search(r'<p lang="([\w-]{2,12})"', paragraph)
    yield sight(
        capture, MANIFEST, found["id"], "", None,
        type="Note",
        url=f"https://x.com/{name or 'i'}/status/{found['id']}",
        **_author(name, text(inside(value, "author_name"))),
        content=written,
        content_html=quote,
        language=language[1] if language else None,
        published_raw=html.unescape(day[1]) if day else None,
        published_basis="page" if day else "none",
        absent=dict.fromkeys(("replies", "announces", "likes", "visibility"), "missing"),
    )  # fmt: skip
    what = "The answer names a day without a zone." if day else "The answer names no date."
    yield warning(capture, "", what, "The post has no instant. Its id tells when it was made.")


# Small things --------------------------------------------------------------------------------------------------------


def _author(name: str | None, shown: str | None = None) -> dict[str, Any]:
    return {"attributed_to": _key(name), "author_handle": f"{name}@x.com" if name else None, "author_name": shown}


def _account_in(url: str) -> str | None:
    name = name_in(url, _HOSTS, rf"/@?({_NAME})(?:/.*)?")
    return None if name is None or name.casefold() in _NO_ACCOUNTS else name


def _status_in(url: str) -> re.Match[str] | None:
    """Return the post that an address on X names."""
    return path_in(url, _HOSTS, _STATUS)


def _key(name: object) -> str | None:
    return account_key("x", f"{name}@x.com") if isinstance(name, str) and re.fullmatch(_NAME, name) else None


def _number(entry: Mapping[str, Any], name: str) -> str | None:
    first, second = _ID[name]
    return native(entry.get(first)) or native(entry.get(second))


def _listed(core: Any, name: str) -> list[dict[str, Any]]:
    return objects(inside(core, name))


def _named(each: Mapping[str, Any], name: str) -> str | None:
    return text(each.get(name))
