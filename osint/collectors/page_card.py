"""What a page of a closed platform says of itself to a visitor: its card for others to link to (OpenGraph).

It is little, and it is the platform's summary: a post made from it says ``"partial"`` in its ``extra["coverage"]``.

Source: https://ogp.me/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from osint.activity import Attachment, Post, Record
from osint.capture.exchange import Capture
from osint.collectors.answer import reservations, warning
from osint.collectors.sights import by, missing, seen
from osint.collectors.text import absolute, parse_html, well_formed
from osint.errors import UnreadableCaptureError
from osint.query import host_of


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


def card_records(
    capture: Capture, platform: str, collector: str, account_of: Callable[[str], str | None] = lambda _: None
) -> list[Record]:
    """Return the card of a page as a post, and a warning where it says to be another page than its address.

    Args:
        capture: The page.
        platform: What the post belongs to.
        collector: Name and version of the parser.
        account_of: Tells the account whose page an address is.

    Raises:
        UnreadableCaptureError: The page has no card.
    """
    card = read_card(capture)
    named = absolute(capture.url, card.get("og:url"))
    url = named if named and _site(named) == _site(capture.url) else capture.url
    records: list[Record] = [*reservations(capture)]
    if named and (_site(named), _path(named)) != (_site(capture.url), _path(capture.url)):
        what = f"The page at {capture.url} says that it is {named}."
        records.append(warning(capture, "/html/head", what, f"It is in the tables as {url}; check which page it is."))
    return [*records, card_post(capture, platform, collector, handle=account_of(url), url=url)]


def card_post(
    capture: Capture, platform: str, collector: str, *, handle: str | None = None, url: str | None = None
) -> Post:
    """Return the card of a page as a post of type ``Page``.

    Args:
        capture: The page.
        platform: What the post belongs to.
        collector: Name and version of the parser.
        handle: The account whose page it is, where its address names one.
        url: The address that it goes by; without one, what the page says of itself, else what was asked.

    Raises:
        UnreadableCaptureError: The page has no card.
    """
    card = read_card(capture)
    url = url or absolute(capture.url, card.get("og:url")) or capture.url
    picture = absolute(capture.url, card.get("og:image"))
    return Post(
        id=f"{platform}:{url}",
        platform=platform,
        native_id=url,
        type="Page",
        url=url,
        **by(platform, handle),
        content=card.get("og:description"),
        attachment=(Attachment(url=picture, name=card.get("og:image:alt")),) if picture else (),
        **seen(capture, "/html/head", collector),
        absent=missing(published=None, updated=None, attributed_to=handle),
        extra={"title": card.get("og:title") or card.get("title"), "card": dict(card), "coverage": "partial"},
    )


def _site(url: str) -> str:
    return host_of(url).removeprefix("www.")


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/").casefold()
