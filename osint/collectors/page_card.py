"""What a page of a closed platform says of itself to a visitor: its card for others to link to (OpenGraph).

It is little, and it is the platform's summary: a post made from it says ``"partial"`` in its ``extra["coverage"]``.

Source: https://ogp.me/
"""

from __future__ import annotations

from collections.abc import Mapping

from osint.activity import Absence, Attachment, Post, account_key
from osint.capture.exchange import Capture
from osint.collectors.text import absolute, parse_html, well_formed
from osint.errors import UnreadableCaptureError


def read_card(capture: Capture) -> Mapping[str, str]:
    """Return the first value of each ``og:``, ``article:`` and ``profile:`` property of a page, and its ``title``.

    Raises:
        UnreadableCaptureError: It is no page, or has neither.
    """
    tree = parse_html(capture.text) if "html" in capture.media_type else None
    if tree is None:
        raise UnreadableCaptureError(capture.exhibit, "a page", f"it is {capture.media_type}")
    card: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name, content = meta.get("property") or meta.get("name") or "", meta.get("content")
        if content and name.startswith(("og:", "article:", "profile:", "music:", "video:")):
            card.setdefault(name, well_formed(content).strip())
    title = well_formed(tree.findtext(".//title") or "").strip()
    if title:
        card.setdefault("title", title)
    if not card:
        raise UnreadableCaptureError(capture.exhibit, "a page", "it says nothing of itself")
    return card


def card_post(capture: Capture, platform: str, collector: str, *, handle: str | None = None) -> Post:
    """Return the card of a page as a post of type ``Page``.

    Args:
        capture: The page.
        platform: What the post belongs to.
        collector: Name and version of the parser.
        handle: The account whose page it is, where its address names one.

    Raises:
        UnreadableCaptureError: The page has no card.
    """
    card = read_card(capture)
    absent: dict[str, Absence] = {"published": "missing", "updated": "missing"}
    url = absolute(capture.url, card.get("og:url")) or capture.url
    picture = absolute(capture.url, card.get("og:image"))
    return Post(
        id=f"{platform}:{url}",
        platform=platform,
        native_id=url,
        type="Page",
        url=url,
        attributed_to=account_key(platform, handle) if handle else None,
        author_handle=handle,
        content=card.get("og:description"),
        attachment=(Attachment(url=picture, name=card.get("og:image:alt")),) if picture else (),
        exhibit=capture.exhibit,
        pointer="/html/head",
        collector=collector,
        collected=capture.collected,
        absent=absent if handle else {**absent, "attributed_to": "missing"},
        extra={"title": card.get("og:title") or card.get("title"), "card": dict(card), "coverage": "partial"},
    )
