"""Where the interface of a WordPress lies, and how its lists are asked for.

It is no collector. Under plain permalinks the interface is ``?rest_route=``; sites at wordpress.com are answered for by
another host.

Source: https://developer.wordpress.org/rest-api/using-the-rest-api/discovery/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from osint.capture.exchange import Capture
from osint.collectors.answer import next_page, refuse
from osint.collectors.protocol import Get
from osint.collectors.text import absolute, parse_html
from osint.errors import SourceError

HOSTED, ANSWERS_FOR_HOSTED = ".wordpress.com", "https://public-api.wordpress.com/wp/v2/sites"
_RELATION = "https://api.w.org/"
SWITCHED_OFF = (
    "An interface may be switched off or kept for members: collect the feed of the site with `feed`, its pages with "
    "`webpage`."
)


@dataclass(frozen=True)
class Site:
    """Where the lists of a site lie, and how they are asked for."""

    lists: str
    get: Get

    def ask(self, name: str, **more: Any) -> Capture:
        """Return the answer for a list, or for one thing in it."""
        return self.get(f"{self.lists}{name}", **more)


def site_at(url: str, get: Get) -> tuple[Site, Capture | None]:
    """Return where the lists of a site lie, and the page that said so.

    Raises:
        SourceError: The page names no interface of WordPress on its host.
    """
    parts = urlsplit(url)
    if (parts.hostname or "").endswith(HOSTED):
        return Site(f"{ANSWERS_FOR_HOSTED}/{parts.netloc}/", get), None
    if "/wp-json" in parts.path:
        return Site(f"{parts.scheme}://{parts.netloc}{parts.path.partition('/wp-json')[0]}/wp-json/wp/v2/", get), None
    if "rest_route=" in parts.query:
        return Site(f"{parts.scheme}://{parts.netloc}{parts.path}?rest_route=/wp/v2/", get), None
    page = get(url)
    refuse(page, f"the page {url}")
    declared = page.links.get(_RELATION) or next((href for rel, href in declared_links(page) if rel == _RELATION), None)
    root = next_page(page, declared)
    if not root:
        raise SourceError(
            f"{url} names no interface of WordPress (exhibit {page.exhibit}); it may be none. {SWITCHED_OFF}"
        )
    return Site(f"{root.rstrip('/')}/wp/v2/", get), page


def declared_links(page: Capture) -> Iterator[tuple[str, str]]:
    """Yield what each ``link`` of a page says of itself, relation and media type, and the address it leads to."""
    tree = parse_html(page.text)
    for link in tree.iter("link") if tree is not None else ():
        target = absolute(page.url, link.get("href"))
        if target:
            yield " ".join(filter(None, (link.get("rel"), link.get("type")))), target
