"""The way a collector asks: through the door, at the source's own pace, with the agency's key where one is wanted."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from osint.capture.door import Door
from osint.capture.errand import Errand
from osint.capture.exchange import Capture
from osint.collecting.api_keys import require_key
from osint.collectors.protocol import Get, Manifest
from osint.errors import OutOfScopeError
from osint.query import REPLACED


def asker(manifest: Manifest, door: Door, errand: Errand, beside: tuple[Capture, ...] = ()) -> Get:
    """Return what a collector asks with on an errand.

    The key goes to the one host that its manifest names and to no other, over TLS alone, and only to the network: what
    answers from evidence never had it. What is posted goes to the endpoints that the manifest declares as such. What is
    ``beside`` goes with each answer.
    """
    errand.pace = manifest.pace
    ask = partial(_ask, manifest, door, errand)
    return ask if not beside else lambda url, /, **more: replace(ask(url, **more), beside=beside)


def _ask(
    manifest: Manifest,
    door: Door,
    errand: Errand,
    url: str,
    /,
    *,
    accept: str = "",
    body: Mapping[str, Any] | None = None,
    say: Sequence[str] | None = None,
    **params: str | int,
) -> Capture:
    if say is not None:
        return door.converse(errand, url, say)
    if body is not None and not url.startswith(manifest.posts or ("\0",)):
        raise OutOfScopeError(f"{manifest.name} declares nothing at {url} that may be posted to; nothing was asked.")
    if manifest.key is not None and urlsplit(url).hostname == manifest.key.host and _is_private(url):
        params[manifest.key.parameter] = REPLACED if errand.standing is None else require_key(manifest)
    return door.get(errand, url, accept=accept, body=body, **params)


def _is_private(url: str) -> bool:
    """Say whether nobody on the way can read what is asked: over TLS, or within this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    return False
