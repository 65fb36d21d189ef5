"""A running sample site, and a reader of it that verifies every certificate."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from osint.serve.sample_site import SampleSite


@dataclass(frozen=True)
class Response:
    """What came back for one address."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


def _connected(site: SampleSite, host: str, *, verified_as: str | None = None) -> http.client.HTTPConnection:
    """Return a connection whose certificate was verified for ``host`` with the site's authority alone."""
    context = ssl.create_default_context(cafile=str(site.ca))
    plain = socket.create_connection(site.hosts[host], timeout=10)
    connection = http.client.HTTPConnection(host)
    try:
        connection.sock = context.wrap_socket(plain, server_hostname=verified_as or host)
    except ssl.SSLError:
        plain.close()
        raise
    return connection


def _fetch(site: SampleSite, url: str, *, method: str = "GET", **headers: str) -> Response:
    """Ask for an address over verified TLS, or without TLS where it says http."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        connection = http.client.HTTPConnection(*site.plain_hosts[host], timeout=10)
    else:
        connection = _connected(site, host)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        wanted = {"Host": host} | {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, headers=wanted)
        answer = connection.getresponse()
        return Response(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


@pytest.fixture(scope="module")
def site() -> Iterator[SampleSite]:
    with SampleSite() as running:
        yield running


@pytest.fixture
def fresh_site() -> Iterator[SampleSite]:
    with SampleSite() as running:
        yield running


@pytest.fixture
def connected() -> Callable[..., http.client.HTTPConnection]:
    return _connected


@pytest.fixture
def fetch() -> Callable[..., Response]:
    return _fetch


@pytest.fixture
def get(site: SampleSite) -> Callable[..., Response]:
    return lambda url, **more: _fetch(site, url, **more)
