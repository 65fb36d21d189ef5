"""What web archives answer: the list of an address's captures (CDX), and a capture as it was taken in (Memento).

When an archive took a page in is not when it was written: the archive's instant goes to ``extra["archived"]``, and
``published`` stays empty. An archive that cannot show a capture of its list may answer with that of another instant,
and 200, as pywb does, or lead to it: a capture is what ``Memento-Datetime`` says, and a warning names the one that was
asked for. What a list names on another host than it was asked about is not taken for what was asked.

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
from urllib.parse import parse_qs, urlsplit

from osint.activity import Post, Record, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import refuse, reservations, warning
from osint.collectors.protocol import Get, Stop
from osint.collectors.sights import seen
from osint.collectors.text import base_of, links_in, parse_html, text_of, well_formed
from osint.errors import UnreadableCaptureError
from osint.instants import format_instant
from osint.query import Query, host_of

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


def captures(query: Query, get: Get, address: str) -> Generator[Capture, None, Stop]:
    """Yield the lists of an address's captures, and each capture of other content, oldest first.

    Args:
        query: The period asked for is that in which the archive took them in.
        get: Asks.
        address: The address.
    """
    asked, whole = set[str](), True
    key, keys = "", set[str]()
    while True:
        page = get(_LIST, **_asked(query, address, key))
        refuse(page, f"the list of captures of {address}")
        rows, key = read_list(page)
        yield page
        for row in rows:
            if _host(row.address) != _host(address):
                whole = False
            elif row.status in ("200", "-") and row.stamp + row.address not in asked:
                asked.add(row.stamp + row.address)
                taken = get(f"https://{ARCHIVE}/web/{row.stamp}id_/{row.address}")
                if taken.status in (429, 503) and not taken.header("Memento-Datetime"):
                    refuse(taken, f"the capture of {row.stamp}")  # of the archive itself; the next would fare no better
                whole = whole and _is_whole(taken, row)
                yield taken
        if not key:
            return Stop.EXHAUSTED if whole and len(rows) < _PAGE else Stop.PLATFORM_CAP
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
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it is no list in JSON") from error


def is_list(capture: Capture) -> bool:
    """Say whether an answer is a list of captures, by its address; a page that was taken in may be called index."""
    path = urlsplit(capture.url).path
    return path.rstrip("/").endswith(("/cdx", "-index", "/index")) and not _TAKEN.search(path)


def original_of(url: str) -> str | None:
    """Return the address that a link into an archive is about, or None."""
    taken = _TAKEN.search(urlsplit(url)._replace(scheme="", netloc="").geturl())
    return _whole(taken["address"]) if taken else None


def is_taken_in(capture: Capture) -> bool:
    """Say whether an answer is a capture of an archive, by its address."""
    return _TAKEN.search(_path(capture.url)) is not None


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
    taken = _TAKEN.search(_path(capture.url))
    if not taken:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "its address names no capture")
    if capture.status != 200:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, f"the archive answered {capture.status}")
    stamp = _stamp_of(capture, taken["stamp"])
    as_text = capture if _is_page(capture) else replace(capture, body=b"")  # other files have no character set
    return [
        *reservations(as_text),
        *_another(capture, taken, stamp),
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
    about = parse_qs(urlsplit(capture.url).query).get("url", [""])[0]
    elsewhere = sorted({_host(row.address) for row in rows} - {_host(about)}) if about else []
    if elsewhere:
        what = f"The list names captures on other hosts than that of {about}: {', '.join(elsewhere)}."
        yield warning(capture, "", what, "They were not asked for, since they are not of the address.")


def _another(capture: Capture, taken: re.Match[str], came: str) -> Iterator[Record]:
    """Say that another capture came: an archive that cannot show one answers with its neighbour in time, and 200."""
    first = _TAKEN.search(_path(capture.via)) or taken  # the archive may have led from it to the neighbour
    asked, page, answered = first["stamp"], _whole(first["address"]), _whole(taken["address"])
    if came != asked:
        what = f"The capture of {asked} was asked for, and the archive answered with that of {came}."
        yield warning(capture, "/", what, "The one that was asked for is not in the tables.")
    if not _is_same_page(page, answered):
        what = f"A capture of {page} was asked for, and the archive answered with one of {answered}."
        yield warning(capture, "/", what, "It is in the tables as a capture of the latter.")


def _is_whole(taken: Capture, row: Listed) -> bool:
    """Say whether the archive showed what its list names."""
    asked, came = (_TAKEN.search(_path(url)) for url in (taken.via or taken.url, taken.url))
    if not asked or not came or not _is_same_page(_whole(asked["address"]), _whole(came["address"])):
        return False
    return taken.status == 200 and _stamp_of(taken, row.stamp) == row.stamp


def _is_same_page(one: str, other: str) -> bool:
    """Say whether two addresses differ in no more than an archive reckons as one: scheme, www, port, capitals."""
    first, second = (re.sub(r"\A\w+://[^/?#]*|/\Z", "", each).casefold() for each in (one, other))
    return (_host(one), first) == (_host(other), second)


def _host(address: str) -> str:
    """Return the host of an address, with or without scheme, as archives reckon it; empty when there is none."""
    return re.sub(r"\Awww\d*\.", "", _server(address if "://" in address else f"http://{address}"))


def _server(address: str) -> str:
    try:
        return host_of(address)
    except ValueError:  # a bracket that is not closed
        return ""


def _post(capture: Capture, taken: re.Match[str], stamp: str, platform: str, collector: str) -> Post:
    address, archived = _whole(taken["address"]), _instant(stamp)
    is_page = _is_page(capture)
    tree = parse_html(capture.text) if is_page and "html" in capture.media_type else None
    title = tree.findtext(".//title") if tree is not None else None
    content = text_of(tree) if tree is not None else well_formed(capture.text) if is_page else None
    host = _server(address)
    return Post(
        id=f"{platform}:{address}#{stamp}",
        platform=platform,
        native_id=f"{address}#{stamp}",
        type="Page" if is_page else "Document",
        url=address,
        attributed_to=account_key(platform, host.removeprefix("www.")),
        content=content[:_LONGEST_TEXT] if content is not None else None,
        links=links_in(capture.text, base_of(tree, address)) if tree is not None else (),
        **seen(capture, "/", collector),
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
    """Return which capture it is: as its header says, else as its address does, both UTC; a header without zone no."""
    try:
        told = parsedate_to_datetime(capture.header("Memento-Datetime") or "")
        return f"{told.astimezone(UTC):%Y%m%d%H%M%S}" if told.tzinfo else asked
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


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _asked(query: Query, address: str, key: str) -> dict[str, Any]:
    since, until = query.bounds
    period = {"from": since, "to": until}
    return {
        "url": address,
        "matchType": "exact",
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
    words = {_LINES.get(name, name): well_formed(str(value)) for name, value in told.items()}
    if not re.fullmatch(r"\d{14}", words.get("timestamp", "")) or "original" not in words:
        raise ValueError("a line without instant or address")
    return Listed(words["timestamp"], words["original"], words.get("mimetype", ""), words.get("statuscode", "-"))
