"""The records of Bluesky: a post with its rich text and embeds, a repost or like, a profile.

The interface and a repository hold the same records; the interface adds a view of them, with counts and authors.

Source: the lexicons app.bsky.feed.*, app.bsky.richtext.facet and app.bsky.embed.*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from osint.activity import Absence, Actor, Attachment, Post, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import warning
from osint.collectors.json_values import count_in, inside, list_in, object_in, objects, text_in
from osint.collectors.sights import made_at, published_at, seen
from osint.collectors.text import absolute, well_formed
from osint.collectors.times import instant_of
from osint.instants import Reading

VERSION = "3"  # rises whenever the same bytes are read differently
COLLECTOR = f"bluesky/{VERSION}"
_PLAYLIST = "application/vnd.apple.mpegurl"
_RECORD = re.compile(r"at://(?P<did>did:[^/\s]{1,300})/(?P<collection>[A-Za-z0-9.-]{1,300})/(?P<key>[^/\s]{1,512})")
_REPOST = "app.bsky.feed.repost"
_ACTS = {
    _REPOST: "Announce",
    "app.bsky.feed.like": "Like",
    "app.bsky.graph.follow": "Follow",
    "app.bsky.graph.block": "Block",
}
_COUNTS = {"replies": "replyCount", "announces": "repostCount", "likes": "likeCount"}
# Keys of a post's view and of its record that have a field of their own; all others go to ``extra``.
_READ = frozenset({
    "$type", "uri", "author", "record", "embed", "replyCount", "repostCount", "likeCount", "viewer", "value", "embeds",
})  # fmt: skip
_READ_RECORD = frozenset({"$type", "text", "createdAt", "facets", "reply", "embed", "tags"})


# What only the interface says, or this module: a record that has such names of its own must not speak for them.
_NOT_THE_AUTHORS = frozenset({
    "key", "external", "blobs", "quote_state", "cid", "indexedAt", "bookmarkCount", "quoteCount", "threadgate",
})  # fmt: skip


class Place(NamedTuple):
    """The address of a record in its parts."""

    uri: str
    did: str
    key: str
    collection: str


def profile_records(profile: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    """Yield an account, and a warning for each label that it bears."""
    created, handle = instant_of(profile.get("createdAt")), handle_of(profile)
    yield Actor(
        id=account_of(str(did_in(profile))),
        platform="bluesky",
        native_id=str(did_in(profile)),
        handle=handle,
        name=text_in(profile.get("displayName")),
        url=f"https://bsky.app/profile/{did_in(profile)}",
        summary=text_in(profile.get("description")),
        **made_at(created),
        exhibit=capture.exhibit,
        pointer="",
    )
    for label in _labels(profile):
        what = f"The account bears the label {label!r}."
        wish = "It asks apps to show it to signed-in users only." if label == "!no-unauthenticated" else ""
        yield warning(capture, "/labels", what, wish or "Its posts may be hidden or marked in apps.")


def post_records(
    pointer: str, view: Mapping[str, Any], value: Mapping[str, Any], record: Place, capture: Capture
) -> Iterator[Record]:
    """Yield a post and what cannot be read of it; ``view`` is what the interface says of it, ``value`` its record."""
    author = object_in(view.get("author"))
    is_author = did_in(author) == record.did
    uri, did, key, _ = record
    created, text = instant_of(value.get("createdAt")), text_in(value.get("text")) or ""
    parent, root = (record_at(inside(value, "reply", side, "uri")) for side in ("parent", "root"))
    tags, links, faults = _facets(value, text)
    embed, languages = view.get("embed"), [lang for lang in list_in(value.get("langs")) if text_in(lang)]
    external = _external(embed) or _external(value.get("embed"))
    links += [external["uri"]] if external and absolute("", external.get("uri")) else []
    quoted = _quoted(value.get("embed"))
    yield Post(
        id=f"bluesky:{uri}",
        platform="bluesky",
        native_id=uri,
        type="Note",
        url=f"https://bsky.app/profile/{did}/post/{key}",
        attributed_to=account_of(did),
        author_handle=handle_of(author) if is_author else None,
        author_name=text_in(author.get("displayName")) if is_author else None,
        content=text,
        language=languages[0] if languages else None,
        **published_at(created, "author-claimed"),
        in_reply_to=f"bluesky:{parent[0]}" if parent else None,
        in_reply_to_account=account_of(parent[1]) if parent else None,
        quote_of=f"bluesky:{quoted}" if quoted else None,
        thread_root=f"bluesky:{root[0]}" if root else None,
        tag=tuple(tags),
        attachment=tuple(_attachments(embed, capture)),
        links=tuple(dict.fromkeys(links)),
        **_counts(view),
        visibility="public",
        **seen(capture, pointer, COLLECTOR),
        absent=_absent(view, created, has_author=is_author),
        extra=_extra(view, value, key, external),
    )
    if author and not is_author:
        faults.append(_another_author(author))
    if not isinstance(value.get("text", ""), str | None):
        faults.append("text is no text.")
    yield from _faults([*faults, *_undated(created)], pointer, capture)


def _another_author(author: Mapping[str, Any]) -> str:
    named = (did_in(author) or "nobody")[:200]
    return f"The answer names another author, {named}, than the address of the post."


def _counts(view: Mapping[str, Any]) -> dict[str, Any]:
    return {field: count_in(view.get(name)) for field, name in _COUNTS.items()}


def _undated(created: Reading | None) -> list[str]:
    if created and created.instant:
        return []
    return [f"{created.problem}." if created else "The post has no date."]


def _faults(faults: Iterable[str], pointer: str, capture: Capture) -> Iterator[Record]:
    for fault in faults:
        yield warning(capture, pointer, fault, "The tables lack it; the exhibit has what was sent.")


def _absent(view: Mapping[str, Any], created: Reading | None, *, has_author: bool) -> dict[str, Absence]:
    absent: dict[str, Absence] = {
        field: "missing" for field, name in _COUNTS.items() if count_in(view.get(name)) is None
    }  # fmt: skip
    if not created:
        absent["published"] = "missing"
    if not has_author:
        absent["author_handle"] = "missing"
    return absent


def _extra(
    view: Mapping[str, Any], value: Mapping[str, Any], key: str, external: Mapping[str, Any] | None
) -> dict[str, Any]:
    own = {name: item for name, item in value.items() if name not in _READ | _READ_RECORD}
    claimed = {name: item for name, item in own.items() if name in _NOT_THE_AUTHORS}
    kept = {name: item for name, item in {**own, **view}.items() if name not in _READ | _READ_RECORD | claimed.keys()}
    kept |= {name: view[name] for name in claimed if name in view}
    quoted = quoted_view(view.get("embed"))
    state = kind_of(quoted) if quoted is not None else ""
    told = {
        "key": key,
        "embed": _embed_name(value.get("embed")),
        "external": external,
        "blobs": list(_blobs(value.get("embed"))),
        "record": claimed,
        "quote_state": state.removeprefix("view").lower() if state not in ("", "viewRecord") else None,
    }
    return {name: item for name, item in (kept | told).items() if item not in (None, "", [], {})}


def _facets(record: Mapping[str, Any], text: str) -> tuple[list[Tag], list[str], list[str]]:
    """Return tags, links and faults. A facet counts bytes of the text in UTF-8, not characters."""
    raw = text.encode()
    tags = [Tag(type="Hashtag", name=name) for name in list_in(record.get("tags")) if isinstance(name, str) and name]
    links: list[str] = []
    faults: list[str] = []
    for facet in objects(record.get("facets")):
        index = object_in(facet.get("index"))
        start, end = count_in(index.get("byteStart")), count_in(index.get("byteEnd"))
        if start is None or end is None or not start <= end <= len(raw):
            faults.append("A facet names bytes that the text does not have.")
            continue
        words = raw[start:end].decode("utf-8", "replace")
        for feature in objects(facet.get("features")):
            tag, link = _feature(feature, words)
            tags += [tag] if tag else []
            links += [link] if link else []
    return tags, links, faults


def _feature(feature: Mapping[str, Any], words: str) -> tuple[Tag | None, str | None]:
    kind, did = kind_of(feature), did_in(feature)
    if kind == "mention" and did:
        href = f"https://bsky.app/profile/{did}"
        return Tag(type="Mention", name=words.removeprefix("@"), href=href, account=account_of(did)), None
    if kind == "tag" and text_in(feature.get("tag")):
        return Tag(type="Hashtag", name=str(text_in(feature["tag"]))), None
    return None, absolute("", feature.get("uri")) if kind == "link" else None


def _attachments(embed: Any, capture: Capture) -> Iterator[Attachment]:
    for shown in _media(embed):
        for image in objects(shown.get("images")):
            if url := absolute(capture.url, image.get("fullsize")):
                width, height = _size(image)
                yield Attachment(url=url, name=text_in(image.get("alt")), width=width, height=height)
        if url := absolute(capture.url, shown.get("playlist")):
            width, height = _size(shown)
            yield Attachment(url=url, media_type=_PLAYLIST, name=text_in(shown.get("alt")), width=width, height=height)


def _media(embed: Any) -> list[dict[str, Any]]:
    """Return an embed, and the media inside one that also quotes."""
    return objects([embed, embed.get("media")]) if isinstance(embed, dict) else []


def _size(shown: Mapping[str, Any]) -> tuple[int | None, int | None]:
    ratio = object_in(shown.get("aspectRatio"))
    return count_in(ratio.get("width")), count_in(ratio.get("height"))


def _external(embed: Any) -> dict[str, Any] | None:
    found = (each["external"] for each in _media(embed) if isinstance(each.get("external"), dict))
    told: dict[str, Any] = next(found, {})
    return {name: told[name] for name in ("uri", "title", "description") if text_in(told.get(name))} or None


def _blobs(embed: Any) -> Iterator[dict[str, Any]]:
    """Yield the files of a record by their identifiers; where they can be had, its server knows."""
    for each in _media(embed):
        for shown in [*objects(each.get("images")), each]:
            for name in ("image", "video"):
                blob = shown.get(name)
                ref = blob.get("ref") if isinstance(blob, dict) else None
                if isinstance(blob, dict) and isinstance(ref, dict) and text_in(ref.get("$link")):
                    told = {"cid": ref["$link"], "media_type": blob.get("mimeType"), "alt": shown.get("alt")}
                    yield {field: item for field, item in told.items() if item}


def _quoted(embed: Any) -> str | None:
    """Return the address of the post that a record quotes; lists and feeds are embedded alike, and are no posts."""
    quoted = embed.get("record") if isinstance(embed, dict) else None
    quoted = quoted.get("record", quoted) if isinstance(quoted, dict) else None
    uri = quoted.get("uri") if isinstance(quoted, dict) else None
    found = record_at(uri) if is_post(uri) else None
    return found[0] if found else None


def quoted_view(embed: Any) -> dict[str, Any] | None:
    """Return the view of what a post quotes, also where it stands beside pictures."""
    quoted = embed.get("record") if isinstance(embed, dict) else None
    if isinstance(quoted, dict) and "uri" not in quoted and isinstance(quoted.get("record"), dict):
        quoted = quoted["record"]
    return quoted if isinstance(quoted, dict) else None


def _embed_name(embed: Any) -> str:
    kind = str(embed.get("$type")) if isinstance(embed, dict) else ""
    return kind.removeprefix("app.bsky.embed.") if kind.startswith("app.bsky.embed.") else ""


def act_records(pointer: str, cid: str, value: Mapping[str, Any], record: Place, capture: Capture) -> Iterator[Record]:
    """Yield a repost, like, follow or block as its record says it, and what cannot be read of it."""
    created, subject = instant_of(value.get("createdAt")), value.get("subject")
    absent: dict[str, Absence] = {"author_handle": "missing"}
    if not created:
        absent["published"] = "missing"
    about = record_at(subject.get("uri")) if isinstance(subject, dict) else None
    is_repost = record.collection == _REPOST
    yield Post(
        id=f"bluesky:{record[0]}",
        platform="bluesky",
        native_id=record[0],
        type=_ACTS[record.collection],
        attributed_to=account_of(record[1]),
        **published_at(created, "author-claimed"),
        announce_of=f"bluesky:{about[0]}" if about and is_repost else None,
        announce_of_account=account_of(about[1]) if about and is_repost else None,
        visibility="public",
        **seen(capture, pointer, COLLECTOR),
        absent=absent,
        extra={"cid": cid, "key": record.key, "subject": subject},
    )
    yield from _faults(_undated(created), pointer, capture)
    if not (text_in(subject) or did_in(subject) or about):
        what = "This act names nothing that it is about."
        yield warning(capture, pointer, what, "The tables say only that there was one.")


def record_at(uri: Any) -> Place | None:
    """Return the address of a record, its account and its key; None when it is no such address."""
    found = _RECORD.fullmatch(well_formed(uri)) if isinstance(uri, str) else None
    return Place(found[0], found["did"], found["key"], found["collection"]) if found else None


def is_act(record: Place) -> bool:
    """Say whether a record is a repost, like, follow or block."""
    return record.collection in _ACTS


def is_post(uri: Any) -> bool:
    """Say whether an address is one of a post."""
    return isinstance(uri, str) and "/app.bsky.feed.post/" in uri


def kind_of(value: Any) -> str:
    """Return the last part of a lexicon type, ``reasonRepost`` of ``app.bsky.feed.defs#reasonRepost``."""
    kind = value.get("$type") if isinstance(value, dict) else None
    return kind.rpartition("#")[2] if isinstance(kind, str) and "#" in kind else ""


def did_in(value: Any) -> str | None:
    """Return the account that an object names, or None."""
    did = value.get("did") if isinstance(value, dict) else None
    return well_formed(did) if isinstance(did, str) and did.startswith("did:") else None


def account_of(did: str) -> str:
    """Return the node key of an account."""
    return account_key("bluesky", did)


def handle_of(author: Mapping[str, Any]) -> str:
    """Return the handle of an account that is proven, else its DID, as ``name@bsky.app``."""
    handle = text_in(author.get("handle"))
    return f"{handle if handle and handle != 'handle.invalid' else did_in(author)}@bsky.app"


def _labels(value: Mapping[str, Any]) -> Iterable[str]:
    found = (text_in(label.get("val")) for label in objects(value.get("labels")) if not label.get("neg"))
    return sorted({label for label in found if label})
