"""What a page of Facebook, Instagram or Threads shows to a visitor who is not signed in: its card, seldom more.

It is no collector. A page counts as shown only when it names its own address (``og:url``). What was deleted and what
only some may see look the same from outside; nothing here says which of the two it is.

Sources: https://ogp.me/, https://schema.org/SocialMediaPosting
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from osint.activity import Attachment, Post, Record
from osint.capture.exchange import Capture
from osint.collectors import meta_export, meta_return
from osint.collectors.answer import LAWFUL_NEXT_STEP, challenge_in, json_value, refuse
from osint.collectors.exports import script_in
from osint.collectors.json_values import count, inside, objects, text
from osint.collectors.page_card import card_post, read_card
from osint.collectors.protocol import Manifest
from osint.collectors.sights import account
from osint.collectors.text import absolute, html_to_text
from osint.collectors.times import dated
from osint.errors import SourceClosedError, SourceError, UnreadableCaptureError
from osint.query import host_of

_LOGIN = re.compile(r"/(?:accounts/)?(?:login|signup|emailsignup)(?:\.php|/|\Z)")
_UNAVAILABLE = re.compile(
    r"(?:content|page|profile|post|link) (?:is ?n[’']t|is not) available|"
    r"link\b[^.]{0,60} may (?:be|have been) (?:broken|removed)",
    re.IGNORECASE,
)
_SAID = 3_000  # characters of a page in which such words stand
_POSTINGS = ("SocialMediaPosting", "DiscussionForumPosting", "ImageObject", "VideoObject", "Article", "BlogPosting")
_ISLAND = re.compile(r'<script[^>]{0,200}\btype="application/ld\+json"[^>]{0,200}>', re.IGNORECASE)


def is_page_of(service: str, hosts: Sequence[str], capture: Capture) -> bool:
    """Say whether a page is a legal return or part of an export of a service, or a saved page of its hosts."""
    if returned := meta_return.service(capture):
        return returned == service
    if meta_export.is_html(capture):
        return meta_export.service_of(capture) == service
    return host_of(capture.url) in hosts and (b"property=" in capture.body or b"Embed" in capture.body)


def own_address(capture: Capture, hosts: Sequence[str]) -> str | None:
    """Return the address that a page says it has, on one of these hosts; None for none, and for that of a sign-in."""
    try:
        url = absolute(capture.url, read_card(capture).get("og:url"))
    except UnreadableCaptureError:
        return None
    parts = urlsplit(url or "")
    is_something = parts.path.strip("/") and not _LOGIN.match(parts.path)
    return url if is_something and parts.hostname in hosts else None


def refuse_page(capture: Capture, wanted: str, hosts: Sequence[str], *, is_shown: bool, ambiguous: bool) -> None:
    """Raise what a page means that does not show what was asked; return when it does.

    Args:
        capture: The page.
        wanted: What was asked for, as it reads in a sentence.
        hosts: Those of the platform.
        is_shown: Whether the page was found to show something.
        ambiguous: Whether "not found" (404) is also what the platform says of what only some may see.

    Raises:
        SourceClosedError: It asks to sign in, or is closed or gone.
        SourceGoneError, SourceBlockedError, RateLimitedError, SourceError: As :func:`osint.collectors.answer.refuse`.
    """
    if challenge_in(capture):
        refuse(capture, wanted)
    host, kept = urlsplit(capture.url).hostname, f"The page is preserved as exhibit {capture.exhibit}"
    if host in hosts and _LOGIN.match(urlsplit(capture.url).path):
        raise SourceClosedError(
            f"{host} asks to sign in before it shows {wanted}; that says nothing of whether it exists. {kept}. "
            f"{LAWFUL_NEXT_STEP}"
        )
    says_so = not is_shown and "html" in capture.media_type and _UNAVAILABLE.search(html_to_text(capture.text)[:_SAID])
    if says_so or (capture.status == 404 and ambiguous):
        raise SourceClosedError(
            f"{host} says that {wanted} is not available: closed or gone. It says the same of what was deleted and of "
            f"what only some may see. {kept}. {LAWFUL_NEXT_STEP}"
        )
    refuse(capture, wanted)
    if not is_shown:
        raise SourceClosedError(
            f"{host} shows a page that names nothing of {wanted}, as it does when it wants a visitor to sign in; that "
            f"says nothing of whether it exists. {kept}. {LAWFUL_NEXT_STEP}"
        )


def another(asked: str, shown: str, capture: Capture) -> SourceError:
    """Return the error that a page shows another account or post than was asked for."""
    return SourceError(
        f"{asked} was asked for, and the page (exhibit {capture.exhibit}) says that it is that of {shown}. It is "
        "preserved and nothing was read from it: the authority names what was asked for."
    )


def profile(capture: Capture, manifest: Manifest, name: str, url: str) -> Iterator[Record]:
    """Yield the account whose profile a page is; ``name`` and ``url`` are those that the page itself names."""
    card = read_card(capture)
    yield account(
        capture,
        manifest,
        name,
        "/html/head",
        name=card.get("og:title") or card.get("title"),
        url=url,
        summary=card.get("og:description"),
    )


def post(capture: Capture, manifest: Manifest, native_id: str, handle: str | None, **more: Any) -> Post:
    """Return the post that a page is made of: its card, and where the page holds one, its own structured data."""
    card = card_post(capture, manifest.name, f"{manifest.name}/{manifest.version}", handle=handle)
    told = _posting(capture)
    published = dated(next((told[key] for key in ("datePublished", "dateCreated", "uploadDate") if key in told), None))
    edited = dated(told.get("dateModified"))
    absent = {field: why for field, why in card.absent.items() if not (field == "published" and published)}
    if edited and edited.instant:
        absent.pop("updated", None)
    values: dict[str, Any] = {
        "id": f"{manifest.name}:{native_id}",
        "native_id": native_id,
        "type": "Note",
        "content": _first(told, "articleBody", "caption", "text", "description") or card.content,
        "replies": count(told.get("commentCount")),
        "likes": _likes(told),
        "absent": absent,
        **(
            {
                "published": published.instant,
                "published_raw": published.raw,
                "published_basis": "page",
                "published_zone_known": published.zone_known,
            }
            if published
            else {}
        ),
        **({"updated": edited.instant} if edited else {}),
        **more,
    }
    return replace(card, **values)


def picture(url: object) -> tuple[Attachment, ...]:
    """Return the picture at an address."""
    found = absolute("", url)
    return (Attachment(url=found),) if found else ()


def _first(told: dict[str, Any], *names: str) -> str | None:
    return next((found for name in names if (found := text(told.get(name)))), None)


def _posting(capture: Capture) -> dict[str, Any]:
    """Return the posting among the structured data of a page (JSON-LD) that the page is about; empty for none.

    It is the one that names the page's own address; where none names any, the only one.
    """
    found = list(_postings(capture))
    own = urlsplit(absolute(capture.url, read_card(capture).get("og:url")) or capture.url).path.rstrip("/")
    named = [(each, {urlsplit(url).path.rstrip("/") for url in _addresses(each)}) for each in found]
    about = [each for each, paths in named if own in paths]
    alone = found if len(found) == 1 and not named[0][1] else []
    return next(iter(about or alone), {})


def _addresses(told: dict[str, Any]) -> Iterator[str]:
    main = told.get("mainEntityOfPage")
    for each in (told.get("url"), told.get("@id"), inside(main, "@id") or main):
        if url := absolute("", each):
            yield url


def _postings(capture: Capture) -> Iterator[dict[str, Any]]:
    for island in script_in(capture.text, _ISLAND):
        try:
            value = json_value(island)
        except (ValueError, RecursionError):
            continue
        listed = value if isinstance(value, list) else [value]
        graph = [inner for each in objects(listed) for inner in objects(each.get("@graph"))]
        for each in [*objects(listed), *graph]:
            kinds = each.get("@type")
            if any(kind in _POSTINGS for kind in (kinds if isinstance(kinds, list) else [kinds])):
                yield each


def _likes(told: dict[str, Any]) -> int | None:
    counters = told.get("interactionStatistic")
    for each in objects(counters if isinstance(counters, list) else [counters]):
        kind = inside(each, "interactionType", "@type") or each.get("interactionType")
        if str(kind).endswith("LikeAction"):
            return count(each.get("userInteractionCount"))
    return None
