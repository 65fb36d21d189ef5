"""A page as a browser shows it: Chromium asks a proxy of ours, the proxy asks the door, and the window is preserved."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from requests.utils import requote_uri

from osint import warc
from osint.capture.acquiring import Write
from osint.capture.browser.chromium import find_chromium, launch_options
from osint.capture.browser.proxy import Proxy
from osint.capture.browser.traffic import DOCUMENT, Exchanged, Traffic
from osint.capture.browser.window import HIGHEST, VIEWPORT, ZONE, Window, show
from osint.capture.door import Door, with_params
from osint.capture.errand import Errand
from osint.capture.exchange import Capture
from osint.capture.network import Network
from osint.capture.preserve import CUT, RENDERED_TYPE, Asked, facts_of, warcinfo
from osint.chain_of_custody.entry import Entry
from osint.errors import CaptureError
from osint.query import without_secrets

_ORDER = ("fullPage", "view", "pdf", "dom", "text", "pageinfo")
_PAGES = re.compile(r"text/|[^;]*\b(html|xml|json)\b")  # what a window shows as it is
_HEADERS_OF_THE_BODY = ("content-type", "content-encoding", "content-length", "transfer-encoding")


def render(door: Door, errand: Errand, url: str, /, **params: str | int) -> Capture:
    """Have a browser load one address on an errand; return the page as it stood, a capture of its own.

    Everything that the page asks for is an exhibit too. It belongs to the visit and not to the run, so that going on
    with a run, or reading it again, needs the page's own exhibit alone and no browser.

    Raises:
        CaptureError: There is no browser, or no page; the attempt is in the ledger.
    """
    first = with_params(url, params)
    capture = door.recall(errand, first)
    if capture is None:
        assert errand.standing is not None
        capture = door.visit(errand, errand.standing, first, lambda entry: _load(door, errand, entry, first))
    errand.made.append(capture)
    return capture


def _load(door: Door, errand: Errand, entry: Entry, url: str) -> tuple[Write, str]:
    """Load a page; return what writes its exhibit, and the address of its main document."""
    chromium = find_chromium()
    standing = errand.standing
    assert standing is not None
    # A page under authority names what it shows, wherever that is kept; it does not lead to other pages.
    pages = Errand(search=entry, standing=standing, in_scope=errand.in_scope, heard=errand.heard)
    resources = Errand(search=entry, standing=standing, heard=errand.heard)

    def ask(asked: str, headers: dict[str, str], kind: str, network: Network) -> Capture:
        is_page = kind == DOCUMENT
        own, via = (pages, url) if is_page else (resources, asked)
        return door.exchange(own, standing, asked, via=via, headers=headers, network=network, paced=is_page)

    traffic = Traffic(ask, door.network, door.clock)
    with (
        TemporaryDirectory(prefix="osint-browser-", ignore_cleanup_errors=True) as folder,
        Proxy(traffic, Path(folder)) as proxy,
    ):
        options = launch_options(chromium, proxy.server, proxy.key_hash, Path(folder))
        window = show(url, traffic, options, door.clock)
    if traffic.failure is not None:
        raise traffic.failure
    document = traffic.document
    if document is None:
        raise traffic.no_document or CaptureError(
            f"The browser was given no page for {without_secrets(url)} ({' '.join(window.unfinished)}). What it asked "
            "for is preserved."
        )
    return lambda out, asked: _write(out, asked, window, traffic, document), document.url


def _write(out: IO[bytes], asked: Asked, window: Window, traffic: Traffic, document: Capture) -> int:
    """Write the exhibit of a rendered page; return the status of its main document."""
    info, metadata = warc.new_record_id(), warc.new_record_id()
    target = requote_uri(without_secrets(asked.url))
    facts = _facts(asked, window, traffic, document)
    pageinfo = ("application/json", _json(_pageinfo(window, traffic, facts)))
    held = {"dom": (RENDERED_TYPE, b""), **window.parts, "pageinfo": pageinfo}
    parts = {name: held[name] for name in _ORDER if name in held}

    def write(kind: str, block: bytes, media: str, record_id: str, **fields: str) -> None:
        warc.write_record(
            out, kind, warc.Block.of(block), date=asked.started, content_type=media, record_id=record_id, fields=fields
        )

    write("warcinfo", warcinfo(asked), "application/warc-fields", info)
    named = {"WARC-Warcinfo-ID": info}
    for name, (media, block) in parts.items():
        write("resource", block, media, warc.new_record_id(), **named, **{"WARC-Target-URI": f"urn:{name}:{target}"})
    write(
        "metadata", _json(facts), "application/json", metadata, **named, **{"WARC-Target-URI": f"urn:metadata:{target}"}
    )
    return document.status


def _facts(asked: Asked, window: Window, traffic: Traffic, document: Capture) -> dict[str, Any]:
    """Return what is needed to read the page again as a capture, and how it came about."""
    return {
        **facts_of(asked),
        "made": "rendered",
        "main_document": document.exhibit,
        "status": document.status,
        "headers": [list(pair) for pair in document.headers if pair[0].casefold() not in _HEADERS_OF_THE_BODY],
        "problems": _problems(window, traffic, document),
        "picture": window.picture,
    }


def _problems(window: Window, traffic: Traffic, document: Capture) -> list[str]:
    """Return why the page is not whole: a limit, a load without end, an answer that was cut."""
    cut = [
        each.capture.exhibit
        for each in traffic.exchanged
        if any(problem.startswith(CUT) for problem in each.capture.problems)
    ]
    told = [*document.problems, *window.unfinished, *traffic.reached.values()]
    if document.header("Content-Type") and not _PAGES.match(document.media_type):
        told.append(
            f"The address gave {document.media_type}, which is no page; the file is exhibit {document.exhibit}."
        )
    if cut:
        told.append(f"Answers that the page asked for are not whole: {', '.join(cut)}.")
    return list(dict.fromkeys(told))


def _pageinfo(window: Window, traffic: Traffic, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of the visit: what was done, what was asked, what was refused, and with what browser."""
    return {
        "url": facts["url"],
        "address_shown": without_secrets(window.address),
        "title": window.title,
        "made": "rendered",
        "main_document": facts["main_document"],
        "browser": window.browser,
        "viewport": VIEWPORT,
        "zone": ZONE,
        "page_height": window.height,
        "image_height_limit": HIGHEST,
        "picture": window.picture,
        "not_made": window.not_made,
        "actions": window.actions,
        "exchanges": [_listed(each) for each in traffic.exchanged],
        "refused": traffic.refused,
        "refused_unlisted": traffic.unlisted,
        "limits_reached": list(traffic.reached.values()),
        "counts": {"jsErrors": window.console_errors},
    }


def _listed(each: Exchanged) -> dict[str, Any]:
    capture = each.capture
    told = {"exhibit": capture.exhibit, "url": capture.url, "status": capture.status, "kind": each.kind}
    return told | ({"problems": list(capture.problems)} if capture.problems else {})


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
