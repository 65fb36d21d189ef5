"""What was captured, as a collector reads it. It is made from the evidentiary copy and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from functools import cached_property
from typing import Literal
from urllib.parse import urljoin

Made = Literal["wire", "rendered", "imported"]
Picture = Literal["none", "part", "whole"]


@dataclass(frozen=True, kw_only=True)
class Capture:
    """One preserved HTTP exchange, or one part of a file that was handed in.

    Attributes:
        exhibit: Its exhibit number, ``E0001``.
        url: The address asked for in this exchange (for a redirect: each hop has its own exchange).
        status: HTTP status of the answer; 200 for a part of an imported file that states none.
        headers: Header lines as the server sent them, in order, names in their original case.
        body: The entity: transfer and content codings removed, up to ``entity.ENTITY_LIMIT``. Empty when only the head
            was read: a media file is never held in memory, and ``read_back.copy_body`` lays it out.
        length: Bytes of the entity as far as it could be read; None when it was not counted.
        continues: The exhibit that broke off and whose rest was asked for here; empty otherwise.
        collected: Instant at which the request started, in UTC. For an import: what the file states, else what its
            declaration states, else the instant of the import.
        problems: What is wrong with the body, in sentences: cut short, undecodable, over a limit. Empty when whole.
        via: The address first asked for, when redirects led here; otherwise equal to ``url``.
        made: ``wire`` when the body is what the server sent; ``rendered`` when it is the document that a browser had
            made of it, serialised, and status and headers are those of the page's main document; ``imported`` when
            somebody else captured it and a file says so.
        picture: Whether the exhibit shows the page as an image: whole, only the upper part of it, or not at all.
        part: Which part of an imported file it is, ``record 3``; empty otherwise.
        beside: Other captures of the run that a collector reads it together with, the document of a key for one; none
            where it is read by itself.
    """

    exhibit: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    collected: datetime
    problems: tuple[str, ...] = ()
    via: str = ""
    made: Made = "wire"
    picture: Picture = "none"
    part: str = ""
    length: int | None = None
    continues: str = ""
    beside: tuple[Capture, ...] = ()

    def header(self, name: str) -> str | None:
        """Return the first header of that name in any letter case, or None."""
        return next((value for key, value in self.headers if key.casefold() == name.casefold()), None)

    @property
    def is_redirect(self) -> bool:
        """Whether the answer is only the way to another address (RFC 9110, 15.4)."""
        return self.status in (301, 302, 303, 307, 308) and self.header("Location") is not None

    @cached_property
    def media_type(self) -> str:
        """The served media type in lower case without parameters; ``application/octet-stream`` when none is served."""
        return self._content_type.get_content_type() if self.header("Content-Type") else "application/octet-stream"

    @cached_property
    def links(self) -> Mapping[str, str]:
        """The ``Link`` headers (RFC 8288) as absolute addresses by relation."""
        from requests.utils import parse_header_links

        lines = ", ".join(value for key, value in self.headers if key.casefold() == "link")
        named = {link["rel"]: link["url"] for link in parse_header_links(lines) if "rel" in link}
        return {relation: url for relation, target in named.items() if (url := _join(self.url, target))}

    @cached_property
    def text(self) -> str:
        """The body as text: by the served charset, else a byte-order mark, a declaration in the document, or UTF-8.

        Bytes that do not fit the charset become U+FFFD; :attr:`charset_fits` says whether that happened.
        """
        return self._decoded[0]

    @property
    def charset_fits(self) -> bool:
        """Whether every byte of the body fits the charset that the server or the document names."""
        return self._decoded[1]

    @cached_property
    def _decoded(self) -> tuple[str, bool]:
        from bs4.dammit import EncodingDetector

        served = self._content_type.get_content_charset()
        body, marked = EncodingDetector.strip_byte_order_mark(self.body)
        declared = EncodingDetector.find_declared_encoding(body, is_html="html" in self.media_type)
        for name in (marked, served, declared, "utf-8"):
            if not name:
                continue
            try:
                return _decode(body, name)
            except (LookupError, ValueError):  # an unknown charset, or a name that no charset can have
                continue
        return body.decode("utf-8", "replace"), False

    @cached_property
    def _content_type(self) -> Message:
        message = Message()
        message["Content-Type"] = self.header("Content-Type") or ""
        return message


def _decode(body: bytes, charset: str) -> tuple[str, bool]:
    try:
        return body.decode(charset), True
    except UnicodeDecodeError:
        return body.decode(charset, "replace"), False


def _join(base: str, target: str) -> str | None:
    try:
        return urljoin(base, target)
    except ValueError:  # a server may send what is no address at all
        return None
