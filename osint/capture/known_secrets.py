"""What this process knows to be secret, so that what leaves a case can be searched for it."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from osint.capture import agency_proxy
from osint.capture.network import Network
from osint.capture.secrets import secret_values
from osint.errors import UnreachableError


class KnownSecrets:
    """What this process knows to be secret, to be looked for in everything that leaves. It is written nowhere."""

    def __init__(self, network: Network) -> None:
        """Start with what the network of this workstation is configured with."""
        self._network = network
        self._given: set[str] = set()

    def note(self, *asked: object) -> None:
        """Keep in memory the keys in what is asked, of which nothing is stored."""
        self._given.update(value for each in asked if isinstance(each, str) for value in secret_values(each))

    def values(self) -> frozenset[str]:
        """Return them: keys that were given, user and password of the proxy as it is told them."""
        return frozenset(self._given | set(_of_proxy(self._network)))


def _of_proxy(network: Network) -> Iterator[str]:
    """Yield what the proxy is told. What cannot be read here was not sent from here either."""
    try:
        told = agency_proxy.headers(network).get("Proxy-Authorization", "")
    except UnreachableError:
        return
    if told:
        credentials = base64.b64decode(told.partition(" ")[2]).decode("utf-8", "replace")
        yield from (told, credentials, credentials.partition(":")[2])
