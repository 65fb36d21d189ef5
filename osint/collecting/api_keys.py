"""The agency's own keys for interfaces that want one: from the environment or the desktop's key store.

A key is sent with a request and is written nowhere: the evidence, the ledger and every message have a marker in its
place (:func:`osint.query.without_secrets`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from osint.collectors import load, names
from osint.collectors.protocol import Manifest
from osint.errors import SourceClosedError

_SERVICE = "osint interface keys"


def variable(manifest: Manifest) -> str:
    """Return the environment variable that holds the key of a collector: ``OSINT_KEY_YOUTUBE``."""
    return f"OSINT_KEY_{manifest.name.upper()}"


def find_key(manifest: Manifest, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the agency's key for a collector, or None: from its environment variable, else the desktop's key store."""
    return environment.get(variable(manifest), "").strip() or _kept(manifest.name)


def require_key(manifest: Manifest) -> str:
    """Return the agency's key for a collector.

    Raises:
        SourceClosedError: There is none; says how to get one, where to put it, and what can be done without.
    """
    key = find_key(manifest)
    if key:
        return key
    assert manifest.key is not None
    without = f" Without a key: import a file ({manifest.files})." if manifest.files else ""
    raise SourceClosedError(
        f"The interface of {manifest.name} wants a key of your agency's own, and there is none; nothing was asked. "
        f"{manifest.key.how} Put it into {variable(manifest)}, or into the desktop's key store as {_SERVICE!r}, "
        f"user {manifest.name!r}.{without}"
    )


def known_keys() -> Iterator[str]:
    """Yield every key that this workstation has, so that exports can be searched for them."""
    manifests = (load(name).MANIFEST for name in names())
    yield from (key for manifest in manifests if manifest.key and (key := find_key(manifest)))


def _kept(name: str) -> str | None:
    """Return what the desktop's key store keeps; None without the extra ``osint[keyring]`` or without a store."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    try:
        return keyring.get_password(_SERVICE, name)
    except keyring.errors.KeyringError:
        return None
