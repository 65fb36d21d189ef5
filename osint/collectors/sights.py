"""A post and an account with what is the same for every one, whichever collector saw it.

It is no collector.
"""

from __future__ import annotations

import hashlib
from typing import Any

from osint.activity import Absence, Actor, ParseWarning, Post, PublishedBasis, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import warning
from osint.collectors.protocol import Manifest
from osint.instants import Reading


def sight(
    capture: Capture,
    manifest: Manifest,
    native_id: str,
    pointer: str,
    when: Reading | None,
    *,
    basis: PublishedBasis = "platform",
    **more: Any,
) -> Post:
    """Return a post of a collector that names its posts after itself.

    Args:
        capture: Where it stands.
        manifest: Of the collector.
        native_id: What the platform calls it.
        pointer: Where in the capture.
        when: When it was published.
        basis: On whose word.
        more: Further fields of the post.
    """
    told: dict[str, Any] = {
        **seen(capture, pointer, f"{manifest.name}/{manifest.version}"),
        **published_at(when, basis),
        **more,
    }
    return Post(id=f"{manifest.name}:{native_id}", platform=manifest.name, native_id=native_id, **told)


def account(
    capture: Capture,
    manifest: Manifest,
    name: str,
    pointer: str,
    /,
    *,
    created: Reading | None = None,
    **more: Any,
) -> Actor:
    """Return an account of a platform that knows its accounts by a name, with what is the same for every one.

    Args:
        capture: Where it stands.
        manifest: Of the collector; its ``home`` is the host behind the name.
        name: The name at that host.
        pointer: Where in the capture.
        created: When it was made.
        more: Further fields of the account.
    """
    handle = f"{name}@{manifest.home}"
    told: dict[str, Any] = {"native_id": name, **made_at(created), **more}
    return Actor(
        id=account_key(manifest.name, handle),
        platform=manifest.name,
        handle=handle,
        exhibit=capture.exhibit,
        pointer=pointer,
        **told,
    )


# Fields that go together -------------------------------------------------------------------------------------------


def seen(capture: Capture, pointer: str, collector: str) -> dict[str, Any]:
    """Return the fields of a post that say where it was seen, and what read it."""
    return {
        "exhibit": capture.exhibit,
        "pointer": pointer,
        "collector": collector,
        "collected": capture.collected,
    }


def published_at(when: Reading | None, basis: PublishedBasis = "platform") -> dict[str, Any]:
    """Return the fields of a post that say when it was published, and on whose word."""
    return {
        **made_at(when),
        "published_basis": basis if when else "none",
        "published_zone_known": bool(when and when.zone_known),
    }


def made_at(when: Reading | None) -> dict[str, Any]:
    """Return the fields of an account that say when it was made."""
    return {"published": when.instant if when else None, "published_raw": when.raw if when else None}


def by(platform: str, handle: str | None) -> dict[str, Any]:
    """Return the fields of a post that say which account wrote it, if any."""
    return {"attributed_to": account_key(platform, handle) if handle else None, "author_handle": handle}


def by_name(manifest: Manifest, name: str | None) -> dict[str, Any]:
    """Return these fields for a platform that knows its accounts by a name at its ``home``."""
    return by(manifest.name, f"{name}@{manifest.home}" if name else None)


def missing(**told: object) -> dict[str, Absence]:
    """Return which fields the source does not tell, by what it tells of each."""
    return {name: "missing" for name, value in told.items() if not value}


# What is lacking ---------------------------------------------------------------------------------------------------


def undated(capture: Capture, pointer: str, when: Reading | None) -> list[ParseWarning]:
    """Return a warning when what is no instant should be one."""
    if when and when.instant:
        return []
    what = f"{when.problem}." if when else "The post has no date."
    return [warning(capture, pointer, what, "It has no instant; the exhibit has what was written.")]


def made_id(*said: object) -> str:
    """Return an id for what has none: 32 hex digits that follow from what is said of it."""
    return hashlib.sha256("\0".join(map(str, said)).encode("utf-8", "replace")).hexdigest()[:32]
