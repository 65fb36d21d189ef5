"""One public source per file. A module here that has a ``MANIFEST`` is a collector; there is nothing to register."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from osint.errors import QueryError

if TYPE_CHECKING:
    from osint.capture.exchange import Capture
    from osint.collectors.protocol import Collector
    from osint.query import Query

# These read what any host may have, so they come after those of one source.
_GENERAL = ("dokuwiki", "mediawiki", "wordpress", "mastodon", "activitypub", "feed", "webpage")


@cache
def names() -> tuple[str, ...]:
    """Return the names of all collectors, sorted. None is imported for that: their parsers take a second to load."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if _has_manifest(module)))


def load(name: str) -> Collector:
    """Return the collector of that name.

    Raises:
        QueryError: There is no such collector; the message lists those there are.
    """
    if name not in names():
        raise QueryError(f"There is no collector {name!r}. There are: {', '.join(names())}.")
    return cast("Collector", importlib.import_module(f"{__name__}.{name}"))


def from_url(url: str, /, **more: Any) -> tuple[str, Query]:
    """Return the collector that reads an address, and what the address asks it for.

    Those of one source come first and know their hosts; then those that read what any host may have.

    Args:
        url: The address.
        more: ``since``, ``until``, ``limit``; ``render=True`` where the address is a page.

    Raises:
        QueryError: It is no web address, or what it asks for takes no such condition.
    """
    from osint.query import UrlQuery, given, make_query

    UrlQuery(url=url)
    found = ((name, load(name).query_for(url)) for name in _in_order())
    name, query = next((name, query) for name, query in found if query is not None)
    asked, said = given(more), given(asdict(query))
    if both := sorted(asked.keys() & said.keys()):
        raise QueryError(
            f"The address says itself what is asked, and {', '.join(both)} is given beside it. Give the address "
            f"alone, or {name!r} and what it is to be asked."
        )
    return name, make_query(**asked, **said)


def claimant(capture: Capture) -> str | None:
    """Return the collector that a part of a file looks made for, or None."""
    return next((name for name in _in_order() if load(name).claims(capture)), None)


def _in_order() -> tuple[str, ...]:
    return (*(name for name in names() if name not in _GENERAL), *_GENERAL)


def _has_manifest(module: pkgutil.ModuleInfo) -> bool:
    source = pkgutil.get_data(__name__, f"{module.name}.py") if not module.ispkg else None
    return bool(source and re.search(rb"^MANIFEST\b", source, re.MULTILINE))
