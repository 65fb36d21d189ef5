"""The export of an account at TikTok (``user_data_tiktok.json``), and how an account is written.

It is no collector. The sections have two spellings; both are read where both are there. A post has the id that its link
names. A comment has none and does not say what it answers; what has none gets one that follows from what it says.

Source: https://support.tiktok.com/en/account-and-privacy/personalized-ads-and-data/requesting-your-data
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from osint.activity import Actor, Record, account_key
from osint.capture.exchange import Capture
from osint.collectors import sights
from osint.collectors.addresses import name_in
from osint.collectors.answer import warning
from osint.collectors.exports import Export, of_another
from osint.collectors.json_values import count, inside, left_over, native, text
from osint.collectors.protocol import Manifest
from osint.collectors.sights import made_at, sight, undated
from osint.collectors.text import absolute
from osint.collectors.times import dated, of_epoch
from osint.errors import UnreadableCaptureError
from osint.query import without_secrets

HOSTS = ("www.tiktok.com", "tiktok.com", "m.tiktok.com")
BASE = "https://www.tiktok.com/"
NAME = r"[A-Za-z0-9_.]{1,32}"
ID = re.compile(r"/(?:video|photo)/(\d{5,20})")
_OF_POSTS = ("Post", "Video", "Comment")
_VIDEO_READ = frozenset({"Date", "Link", "Likes", "Title", "WhoCanView"})


def records(value: Mapping[str, Any], capture: Capture, manifest: Manifest, expected: str) -> Iterator[Record]:
    """Yield the account, its posts and its comments, and warnings for what is not read.

    Raises:
        UnreadableCaptureError: It has no section that is known.
    """
    where, profile = next(
        (each for each in _sections(value, _PROFILES) if isinstance(each[1], dict)), ("/Profile/Profile Info", None)
    )
    told, declared = text(inside(profile, "ProfileMap", "userName")), account_in(capture.url)
    known = [(path, found, read) for paths, read in _POSTS for path, found in _sections(value, paths)]
    if profile is None and not any(
        isinstance(inside(value, *path[:-1]), dict) for paths, _ in _POSTS for path in paths
    ):
        raise UnreadableCaptureError(capture.exhibit, expected, "it has no section that is known")
    if actor := _owner(where, profile, capture):
        yield actor
    yield from of_another(capture, declared, told)
    export = Export(capture, told or declared)
    if not export.owner:
        what = "Neither the export nor the declared address names the account."
        yield warning(capture, "", what, "The posts have no author. Import the file again with the profile's address.")
    for path, entries, read in known:
        yield from _entries(path, entries, partial(read, manifest), export)
    yield from _not_read(value, capture)


def _sections(value: Any, paths: tuple[tuple[str, ...], ...]) -> Iterator[tuple[str, Any]]:
    """Yield what lies at the end of each path and is not empty, behind its JSON Pointer."""
    for path in paths:
        if (found := inside(value, *path)) not in (None, [], {}):
            yield "/" + "/".join(path), found


def _entries(path: str, entries: Any, read: Callable[..., Iterator[Record]], export: Export) -> Iterator[Record]:
    if not isinstance(entries, list):
        yield warning(export.capture, path, "This is no list of posts.", "Nothing in it is in the tables.")
        return
    for number, entry in enumerate(entries):
        if isinstance(entry, dict):
            yield from read(f"{path}/{number}", entry, export)
        else:
            yield warning(export.capture, f"{path}/{number}", "This is no post.", "It is not in the tables.")


def _video(manifest: Manifest, pointer: str, entry: Mapping[str, Any], export: Export) -> Iterator[Record]:
    capture, name = export.capture, export.owner
    link, when = without_secrets(text(entry.get("Link")) or ""), dated(entry.get("Date"), utc=True)
    found = ID.search(link)
    number = found[1] if found else export.id_of("video", entry.get("Date"), link)
    address = f"{BASE}@{name}/video/{number}" if found and name else absolute(BASE, link)
    yield sight(
        capture,
        manifest,
        number,
        pointer,
        when,
        type="Video",
        url=address,
        **by(name),
        content=text(entry.get("Title")),
        likes=count(entry.get("Likes")),
        visibility=text(entry.get("WhoCanView")),
        absent=_absent(entry, name, content="Title", likes="Likes", visibility="WhoCanView", published="Date")
        | dict.fromkeys(("replies", "announces", "attachment"), "missing"),
        extra=left_over(entry, _VIDEO_READ) | ({"link": link} if link else {}),
    )
    yield from undated(capture, pointer, when)


def _comment(manifest: Manifest, pointer: str, entry: Mapping[str, Any], export: Export) -> Iterator[Record]:
    capture, name = export.capture, export.owner
    entry = {key.casefold(): value for key, value in entry.items()}
    written, when = text(entry.get("comment")), dated(entry.get("date"), utc=True)
    address = without_secrets(text(entry.get("url")) or text(entry.get("link")) or "")
    answered = ID.search(address)
    yield sight(
        capture,
        manifest,
        export.id_of("comment", entry.get("date"), written, address),
        pointer,
        when,
        type="Note",
        **by(name),
        content=written,
        in_reply_to=f"tiktok:{answered[1]}" if answered else None,
        absent=_absent(entry, name, content="comment", published="date")
        | ({} if answered else {"in_reply_to": "missing"})
        | dict.fromkeys(("url", "replies", "announces", "likes", "visibility"), "missing"),
        extra=left_over(entry, frozenset({"comment", "date"})),
    )
    yield from undated(capture, pointer, when)


Reader = Callable[[Manifest, str, Mapping[str, Any], Export], Iterator[Record]]
_PROFILES = (("Profile", "Profile Info"), ("Profile", "Profile Information"))
_POSTS: tuple[tuple[tuple[tuple[str, ...], ...], Reader], ...] = (
    (
        tuple((*section, "VideoList") for section in (
            ("Post", "Posts"), ("Post", "Videos"), ("Video", "Videos"), ("Video", "Posts"),
        )),
        _video,
    ),
    ((("Comment", "Comments", "CommentsList"), ("Comment", "CommentsList")), _comment),
)  # fmt: skip


def _absent(entry: Mapping[str, Any], name: str | None, **fields: str) -> dict[str, str]:
    missing = {field: "missing" for field, key in fields.items() if not text(entry.get(key))}
    return missing | ({} if name else {"attributed_to": "missing"})


def _owner(pointer: str, profile: Any, capture: Capture) -> Actor | None:
    told = inside(profile, "ProfileMap")
    user = {"uniqueId": inside(told, "userName"), "signature": inside(told, "bioDescription")}
    return account(f"{pointer}/ProfileMap", user, capture)


def _not_read(value: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    if messages := sorted(name for name in value if name.casefold().startswith("direct message")):
        what = "The export holds direct messages."
        yield warning(capture, f"/{messages[0]}", what, "They are no public posts, so nothing in them was read.")
    if beside := sorted(_beside(value)):
        what = f"Parts of sections of posts that are not read: {', '.join(each[:60] for each in beside[:40])}."
        yield warning(capture, "", what, "Posts may be in them, deleted ones among them; read them in the exhibit.")
    others = sorted(set(value) - {"Profile", *_OF_POSTS, *messages})
    if others:
        what = f"Sections that hold no posts: {', '.join(name[:60] for name in others[:40])}."
        yield warning(capture, "", what, "Nothing in them was read; the exhibit has them.")


def _beside(value: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of what lies beside the lists that are read, in their sections, and is not empty."""
    read = {path for paths, _ in _POSTS for path in paths}
    opened = {path[:2] for path in read if len(path) > 2}
    yield from (name for name in _OF_POSTS if value.get(name) and not isinstance(value[name], dict))
    sections = [(name, value[name]) for name in _OF_POSTS if isinstance(value.get(name), dict)]
    for path, held in (((name, inner), held) for name, section in sections for inner, held in section.items()):
        inner = held if path in opened and isinstance(held, dict) else {}
        yield from (" / ".join((*path, name)) for name in inner if (*path, name) not in read and inner[name])
        if not inner and held and path not in read:
            yield " / ".join(path)


# Accounts -------------------------------------------------------------------------------------------------------------


def account(pointer: str, user: Any, capture: Capture) -> Actor | None:
    """Return the account that an object describes; None when it names none."""
    name, created = text(inside(user, "uniqueId")), of_epoch(inside(user, "createTime"))
    if not name:
        return None
    return Actor(
        id=key_of(name),
        platform="tiktok",
        native_id=native(inside(user, "id")) or name,
        handle=f"{name}@tiktok.com",
        name=text(inside(user, "nickname")),
        url=f"{BASE}@{name}",
        summary=text(inside(user, "signature")),
        **made_at(created),
        exhibit=capture.exhibit,
        pointer=pointer,
    )


def by(name: str | None, shown: str | None = None) -> dict[str, Any]:
    """Return the fields of a post that say who wrote it."""
    return {**sights.by("tiktok", f"{name}@tiktok.com" if name else None), "author_name": shown}


def account_in(url: str) -> str | None:
    """Return the account in an address."""
    return name_in(url, HOSTS, rf"/@({NAME})(?:/.*)?")


def key_of(name: str) -> str:
    """Return the node key of an account."""
    return account_key("tiktok", f"{name}@tiktok.com")
