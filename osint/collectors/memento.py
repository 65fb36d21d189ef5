"""What web archives answer: the list of an address's captures (CDX), and a capture as it was taken in (Memento).

When an archive took a page in is not when it was written: the archive's instant goes to ``extra["archived"]``, and
``published`` stays empty. An archive that cannot show a capture of its list may answer with that of another instant,
and 200, as pywb does: a capture is what ``Memento-Datetime`` says, and a warning names the one that was asked for.

Sources: https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server (CDX server),
https://pywb.readthedocs.io/en/latest/manual/cdxserver_api.html (JSON lines), RFC 7089 (Memento-Datetime).
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from osint.activity import Post, Record, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import refuse, reservations, warning
from osint.collectors.protocol import Get, Stop
from osint.collectors.text import base_of, links_in, parse_html, text_of, well_formed
from osint.errors import UnreadableCaptureError
from osint.instants import format_instant
from osint.query import Query

ARCHIVE = "web.archive.org"
DOCUMENTATION = "https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server"
_LIST = f"https://{ARCHIVE}/cdx/search/cdx"
_PAGE = 1000
_FIELDS = ("timestamp", "original", "mimetype", "statuscode", "digest")
_LINES = {"url": "original", "mime": "mimetype", "status": "statuscode"}  # pywb's words for the same
_TAKEN = re.compile(r"/(?P<stamp>\d{14})(?:[a-z]{2}_)?/(?P<address>https?:/?/?.+)\Z", re.IGNORECASE)
_PAGES = ("html", "text/plain")
_EXPECTED = "a list of captures, or a capture, of a web archive"
_LONGEST_TEXT = 1_000_000


@dataclass(frozen=True)
class Listed:
    """One line of a list: when it was taken, of what address, its type and status."""

    stamp: str
    address: str
    media_type: str
    status: str


def captures(query: Query, get: Get, address: str, match: str = "exact") -> Generator[Capture, None, Stop]:
    """Yield the lists of an address's captures, and each capture of other content, oldest first.

    Args:
        query: The period asked for is that in which the archive took them in.
        get: Asks.
        address: The address, or with ``match="prefix"`` the start of addresses.
        match: The archive's word for what fits.
    """
    asked, whole = set[str](), True
    key, keys = "", set[str]()
    while True:
        page = get(_LIST, **_asked(query, address, match, key))
        refuse(page, f"the list of captures of {address}")
        rows, key = read_list(page)
        yield page
        for row in rows:
            if row.status not in ("200", "-") or row.stamp + row.address in asked:
                continue
            asked.add(row.stamp + row.address)
            taken = get(f"https://{ARCHIVE}/web/{row.stamp}id_/{row.address}")
            whole = whole and taken.status == 200 and _stamp_of(taken, row.stamp) == row.stamp
            yield taken
        if not key:
            return Stop.EXHAUSTED if whole and not _may_go_on(page, rows) else Stop.PLATFORM_CAP
        if key in keys:
            return Stop.ERROR
        keys.add(key)


def read_list(capture: Capture) -> tuple[list[Listed], str]:
    """Return the lines of a list, and the key of the next one; empty when there is none.

    Raises:
        UnreadableCaptureError: It is no such list.
    """
    text = capture.text.strip()
    if not text or text == "[]":
        return [], ""
    try:
        if text.startswith("{"):
            return [_line(json.loads(line)) for line in text.splitlines() if line.strip()], ""
        return _table(json.loads(text))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it is no list in JSON") from error


def is_list(capture: Capture) -> bool:
    """Say whether an answer is a list of captures, by its address."""
    return urlsplit(capture.url).path.rstrip("/").endswith(("/cdx", "-index", "/index"))


def original_of(url: str) -> str | None:
    """Return the address that a link into an archive is about, or None."""
    taken = _TAKEN.search(urlsplit(url)._replace(scheme="", netloc="").geturl())
    return _whole(taken["address"]) if taken else None


def is_taken_in(capture: Capture) -> bool:
    """Say whether an answer is a capture of an archive, by its address."""
    return _TAKEN.search(_path(capture)) is not None


def parse_answer(capture: Capture, platform: str, collector: str) -> list[Record]:
    """Read a list, which gives warnings only, or a capture, which gives one post.

    Args:
        capture: The answer.
        platform: What the post belongs to.
        collector: Name and version of the parser.

    Raises:
        UnreadableCaptureError: It is neither, or the archive has no such capture.
    """
    if is_list(capture):
        return [*reservations(capture), *_about(capture)]
    taken = _TAKEN.search(_path(capture))
    if not taken:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "its address names no capture")
    if capture.status != 200:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, f"the archive answered {capture.status}")
    stamp = _stamp_of(capture, taken["stamp"])
    as_text = capture if _is_page(capture) else replace(capture, body=b"")  # other files have no character set
    return [
        *reservations(as_text),
        *_another(capture, taken["stamp"], stamp),
        _post(capture, taken, stamp, platform, collector),
    ]


def _is_page(capture: Capture) -> bool:
    return any(kind in capture.media_type for kind in _PAGES)


def _about(capture: Capture) -> Iterator[Record]:
    rows, _ = read_list(capture)
    other = sorted({row.status for row in rows} - {"200", "-"})
    if other:
        count = sum(row.status in other for row in rows)
        what = f"The list names {count} captures of answers with the status {', '.join(other)}."
        yield warning(capture, "", what, "They were not asked for; the list says when the archive took them in.")


def _another(capture: Capture, asked: str, came: str) -> Iterator[Record]:
    """Say that another capture came: an archive that cannot show one answers with its neighbour in time, and 200."""
    if came != asked:
        what = f"The capture of {asked} was asked for, and the archive answered with that of {came}."
        yield warning(capture, "/", what, "The one that was asked for is not in the tables.")


def _may_go_on(page: Capture, rows: list[Listed]) -> bool:
    """Say whether a list may have been cut: one in JSON lines names no key, and a full one may not be the last."""
    return len(rows) >= _PAGE and page.body.lstrip()[:1] == b"{"


def _post(capture: Capture, taken: re.Match[str], stamp: str, platform: str, collector: str) -> Post:
    address, archived = _whole(taken["address"]), _instant(stamp)
    is_page = _is_page(capture)
    tree = parse_html(capture.text) if is_page and "html" in capture.media_type else None
    title = tree.findtext(".//title") if tree is not None else None
    content = text_of(tree) if tree is not None else well_formed(capture.text) if is_page else None
    host = urlsplit(address).hostname or ""
    return Post(
        id=f"{platform}:{address}#{stamp}",
        platform=platform,
        native_id=f"{address}#{stamp}",
        type="Page" if is_page else "Document",
        url=address,
        attributed_to=account_key(platform, host.removeprefix("www.")),
        content=content[:_LONGEST_TEXT] if content is not None else None,
        links=links_in(capture.text, base_of(tree, address)) if tree is not None else (),
        exhibit=capture.exhibit,
        pointer="/",
        collector=collector,
        collected=capture.collected,
        absent={"published": "missing", "updated": "missing", "author_handle": "missing"},
        extra={
            "title": well_formed(title).strip() if title else None,
            "archived": format_instant(archived) if archived else None,
            "archive": urlsplit(capture.url).netloc,
            "media_type": capture.media_type,
            "server": host,
        },
    )


def _stamp_of(capture: Capture, asked: str) -> str:
    """Return which capture it is: as its header says, else as its address does, both UTC."""
    try:
        return f"{parsedate_to_datetime(capture.header('Memento-Datetime') or '').astimezone(UTC):%Y%m%d%H%M%S}"
    except (ValueError, TypeError, OverflowError):
        return asked


def _instant(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _whole(address: str) -> str:
    """Return an address whose second stroke was lost on the way through a server."""
    return re.sub(r"\A(https?):/*", r"\1://", address, flags=re.IGNORECASE)


def _path(capture: Capture) -> str:
    parts = urlsplit(capture.url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _asked(query: Query, address: str, match: str, key: str) -> dict[str, Any]:
    since, until = query.bounds
    period = {"from": since, "to": until}
    return {
        "url": address,
        "matchType": match,
        "output": "json",
        "fl": ",".join(_FIELDS),
        "collapse": "digest",
        "limit": _PAGE,
        "showResumeKey": "true",
        **{name: f"{instant:%Y%m%d%H%M%S}" for name, instant in period.items() if instant},
        **({"resumeKey": key} if key else {}),
    }


def _table(rows: list[Any]) -> tuple[list[Listed], str]:
    """Read a table with its heading; an empty row parts it from the key of the next one."""
    heading, *lines = rows
    end = lines.index([]) if [] in lines else len(lines)
    key = str(lines[end + 1][0]) if len(lines) > end + 1 and lines[end + 1] else ""
    return [_line(dict(zip(heading, line, strict=True))) for line in lines[:end]], key


def _line(told: Mapping[str, Any]) -> Listed:
    words = {_LINES.get(name, name): str(value) for name, value in told.items()}
    if not re.fullmatch(r"\d{14}", words.get("timestamp", "")) or "original" not in words:
        raise ValueError("a line without instant or address")
    return Listed(words["timestamp"], words["original"], words.get("mimetype", ""), words.get("statuscode", "-"))
