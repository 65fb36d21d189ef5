"""What a virtual host is asked and what it answers, before any of it becomes bytes on a connection."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Request:
    """A GET or HEAD of one virtual host: the path decoded, the query as last given, header names in lower case."""

    host: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a virtual host answers.

    Attributes:
        status: HTTP status.
        body: The whole entity, uncoded.
        media_type: The value of Content-Type.
        headers: Further header lines.
        modified: Instant of the last change, for conditional requests.
        weak: Whether the entity tag is weak, as for pages made anew for each visitor.
        chunked: Whether to send the entity in chunks, without a length.
        compressible: Whether to send it with gzip to those who accept that.
    """

    status: int = 200
    body: bytes
    media_type: str
    headers: tuple[tuple[str, str], ...] = ()
    modified: datetime | None = None
    weak: bool = False
    chunked: bool = False
    compressible: bool = True


Host = Callable[[Request], Answer]


def html_answer(markup: str, *, status: int = 200, **more: Any) -> Answer:
    """Answer with a page."""
    return Answer(status=status, body=markup.encode(), media_type="text/html; charset=utf-8", **more)


def json_answer(value: object, *, status: int = 200, **more: Any) -> Answer:
    """Answer with JSON in the spelling of Mastodon's server: compact, and no ``<``, ``>`` or ``&`` outside escapes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04X}")
    return Answer(status=status, body=text.encode(), media_type="application/json; charset=utf-8", weak=True, **more)


def picture_answer(body: bytes, modified: datetime, media_type: str = "image/jpeg") -> Answer:
    """Answer with a picture, which is never compressed again."""
    return Answer(
        body=body,
        media_type=media_type,
        modified=modified,
        compressible=False,
        headers=(("Cache-Control", "public, max-age=315576000, immutable"),),
    )


def moved(address: str) -> Answer:
    """Answer that the address changed for good."""
    return html_answer(
        f'<!DOCTYPE html>\n<title>Moved</title>\n<p>This page is now at <a href="{address}">{address}</a>.</p>\n',
        status=301,
        headers=(("Location", address),),
    )


def not_found() -> Answer:
    """Answer that there is no such page."""
    return html_answer("<!DOCTYPE html>\n<title>404</title>\n<p>There is no page at this address.</p>\n", status=404)


def robots() -> Answer:
    """Answer what crawlers may read: everything."""
    return Answer(body=b"User-agent: *\nAllow: /\n", media_type="text/plain; charset=utf-8")
