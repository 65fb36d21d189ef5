"""What a person's own export of YouTube holds, as Google Takeout makes it: the histories, and comments as a table.

It is no collector. A history is what one person looked at and looked for, and names no account: it is that of the
declared address. It says of each entry what it was in the language of the person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qs, urlsplit

from osint.activity import Record
from osint.capture.exchange import Capture
from osint.collectors.answer import warning
from osint.collectors.exports import table
from osint.collectors.json_values import left_over, objects, text
from osint.collectors.protocol import Manifest
from osint.collectors.sights import made_id, sight, undated
from osint.collectors.times import dated

HOSTS = ("youtube.com", "www.youtube.com", "m.youtube.com")
VIDEO = re.compile(r"[\w-]{11}", re.ASCII)
_VIDEO_PATH = re.compile(r"/(?:shorts|live|embed)/(?P<id>[\w-]{11})/?", re.ASCII)
_ACTED = re.compile(r"\A(?:Watched|Viewed|Searched for|Visited|Liked|Disliked|Subscribed to)\s")
_TOLD = frozenset({"title", "time", "titleUrl"})


def history(items: Iterable[object], owner: str | None, capture: Capture, manifest: Manifest) -> Iterator[Record]:
    """Read what a person looked at and looked for; ``owner`` is the node key of that person."""
    for number, item in enumerate(items):
        pointer = f"/{number}"
        title = text(item.get("title")) if isinstance(item, dict) else None
        if not isinstance(item, dict) or title is None:
            yield warning(capture, pointer, "This is no entry of a history.", "It is not in the tables.")
            continue
        when, url = dated(item.get("time")), text(item.get("titleUrl"))
        seen = video_of(url) if url else None
        yield sight(
            capture, manifest, made_id(capture.url, item.get("time"), title, url), pointer, when,
            type="View" if seen else "Activity",
            attributed_to=owner,
            content=_ACTED.sub("", title) if seen else title,
            links=(url,) if url and url.startswith("https://") else (),
            in_reply_to=f"youtube:{seen}" if seen else None,
            visibility="private",
            extra={"title": title, "id": "made from what the entry says", **left_over(item, _TOLD)},
        )  # fmt: skip
        yield from undated(capture, pointer, when)


def comments(capture: Capture, manifest: Manifest, expected: str) -> Iterator[Record]:
    """Read the table of the comments that a person wrote; each row names the account."""
    rows, misfits = table(capture, expected, "comment_id", "channel_id")
    yield from misfits
    for pointer, row in rows:
        identifier = text(row.get("comment_id"))
        if not identifier:
            yield warning(capture, pointer, "This is no comment: it has no id.", "It is not in the tables.")
            continue
        when = dated(row.get("comment_create_timestamp"))
        answered = text(row.get("parent_comment_id")) or text(row.get("video_id")) or text(row.get("post_id"))
        video = text(row.get("video_id"))
        yield sight(
            capture, manifest, identifier, pointer, when,
            type="Note",
            url=f"https://www.youtube.com/watch?v={video}&lc={identifier}" if video else None,
            attributed_to=key_of(row["channel_id"]) if text(row.get("channel_id")) else None,
            content=_segments(row.get("comment_text") or ""),
            in_reply_to=f"youtube:{answered}" if answered else None,
            thread_root=f"youtube:{video}" if video else None,
        )  # fmt: skip
        yield from undated(capture, pointer, when)


def _segments(told: str) -> str:
    """Return the text of a comment, which Takeout writes as JSON objects with commas between them."""
    try:
        return "".join(str(each.get("text", "")) for each in objects(json.loads(f"[{told}]"))) or told
    except (ValueError, RecursionError):
        return told


def video_of(url: str) -> str | None:
    """Return the id of the video of an address, or None."""
    try:
        parts = urlsplit(url)
        asked = parse_qs(parts.query).get("v", [""])[0]
    except ValueError:
        return None
    if parts.hostname == "youtu.be":
        asked = parts.path.strip("/")
    elif parts.hostname not in HOSTS:
        return None
    elif parts.path != "/watch":
        named = _VIDEO_PATH.fullmatch(parts.path)
        asked = named["id"] if named else ""
    return asked if VIDEO.fullmatch(asked) else None


def key_of(channel: object) -> str:
    """Return the node key of a channel; its id is told apart by capitals."""
    return f"account:youtube:{channel}"
