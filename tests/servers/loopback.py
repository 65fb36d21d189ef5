"""Asks a server on this machine and returns what it said, redirects included; nothing of the package is involved."""

from __future__ import annotations

from email.message import Message
from typing import IO, NamedTuple
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import (
    HTTPRedirectHandler,
    ProxyHandler,
    Request,
    build_opener,
)


class Answer(NamedTuple):
    """One HTTP answer."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8, which both servers speak."""
        return self.body.decode("utf-8")


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Leave a redirect to the caller."""


_OPENER = build_opener(ProxyHandler({}), _Stay)


def ask(url: str, **headers: str) -> Answer:
    """GET an address of this machine; ``if_none_match="x"`` sends ``If-None-Match: x``. Every status is an answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with _OPENER.open(Request(quote(url, safe=":/?&=%#+,;@|"), headers=named), timeout=30) as answer:
            return _read(answer.status, answer.headers, answer)
    except HTTPError as refusal:
        with refusal:
            return _read(refusal.code, refusal.headers, refusal)


def _read(status: int, headers: Message, body: IO[bytes]) -> Answer:
    return Answer(status, headers, body.read())
