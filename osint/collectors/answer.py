"""What every collector asks of an answer: was it refused, is it whole, is it JSON, where does the next page lie?"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

from osint.activity import Actor, ParseWarning, Post, Record
from osint.capture.exchange import Capture
from osint.collectors.text import html_to_text, well_formed
from osint.errors import (
    RateLimitedError,
    SourceBlockedError,
    SourceClosedError,
    SourceError,
    SourceGoneError,
    UnreadableCaptureError,
)
from osint.query import REPLACED

LAWFUL_NEXT_STEP = (
    "Ask the operator by legal process, or import a file: the person's own export, a legal return or a page that was "
    "saved in a browser."
)
_SIGN_IN = re.compile(r"\b(sign|log)[ -]?in\b|\bauthenticat|\bauthoriz|\blogged in\b", re.IGNORECASE)
_BLOCK_TITLES = re.compile(
    r"(just a moment|attention required|access denied|access to this page has been denied|pardon our interruption|"
    r"are you (a )?(human|robot)\??|verify(ing)? (that )?you are (a )?human|checking your browser|ddos-guard|"
    r"((you have been|request) )?blocked|security check|bot verification|human verification|unusual traffic)"
    r"[ .!…]*([|:–—-].*)?$",
    re.IGNORECASE,
)
_CHALLENGE_MARKS = (
    "cf-challenge", "/cdn-cgi/challenge-platform/", "cf-turnstile", "g-recaptcha", "h-captcha", "px-captcha",
    "_incapsula_resource", "captcha-delivery.com", "awswafcaptcha", "ddos-guard",
)  # fmt: skip
_ESCAPED_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_CONTAINERS = frozenset([dict, list])  # what JSON becomes, exactly
_DEEPEST = 300  # the deepest answer that is meant is a thread of a hundred answers, each two levels down
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_BLOCK_TITLE_TEXT = 1_500  # characters; a challenge says little, a page about challenges says more
_CHALLENGE_TEXT = 400  # less still, since an ordinary page may have a captcha in a form
_BLOCK_PAGE_BYTES = 200_000


def refuse(capture: Capture, wanted: str, said: str = "") -> None:
    """Raise what the status of an answer means; return when the source gave what was asked.

    Args:
        capture: The answer.
        wanted: What was asked for, as it reads in a sentence.
        said: The reason that the source gave in words, if any.

    Raises:
        SourceClosedError: 401, or 403 and 422 with a reason that speaks of signing in.
        SourceGoneError: 404 or 410.
        SourceBlockedError: 403 without such a reason, 451, or a challenge page under whatever status.
        RateLimitedError: 429.
        SourceError: Any other status that is not 2xx.
    """
    seen = challenge_in(capture)
    if seen:
        raise_blocked(capture, wanted, seen)
    if 200 <= capture.status < 300:
        return
    answered = f"{_host(capture)} answered {capture.status}" + (f" ({said[:200]!r})" if said else "") + f" for {wanted}"
    kept = f"The answer is preserved as exhibit {capture.exhibit}"
    if capture.status == 401 or (capture.status in (403, 422) and _SIGN_IN.search(said)):
        raise SourceClosedError(f"{answered}: it is shown to signed-in visitors only. {kept}. {LAWFUL_NEXT_STEP}")
    if capture.status in (404, 410):
        raise SourceGoneError(
            f"{answered}: it does not exist there, or no longer. {kept} and shows that for this instant; it does not "
            "show that it never existed. Check the spelling; look for copies in web archives; ask the operator by "
            "legal process what it still holds."
        )
    if capture.status in (403, 451):
        why = "it is withheld for legal reasons" if capture.status == 451 else "it refuses this without saying for whom"
        raise SourceBlockedError(f"{answered}: {why}. {kept}. {LAWFUL_NEXT_STEP}")
    if capture.status == 429:
        raise RateLimitedError(f"{answered}: it asks us to come back later. {kept}. Run the same query again later.")
    raise SourceError(f"{answered}, so nothing can be said of what it holds. {kept}. Run the same query again later.")


def raise_blocked(capture: Capture, wanted: str, seen: str) -> NoReturn:
    """Raise that the source shows a challenge or a block page; ``seen`` says what gave it away."""
    raise SourceBlockedError(
        f"{_host(capture)} shows a challenge or block page instead of {wanted} ({seen}). That says nothing of whether "
        f"it exists. The page is preserved as exhibit {capture.exhibit}. We do not get round challenges: "
        f"open the address in a browser, save the page and import the file. {LAWFUL_NEXT_STEP}"
    )


def challenge_in(capture: Capture) -> str:
    """Return what marks an answer as a challenge or block page, in words; empty when nothing does."""
    if (capture.header("cf-mitigated") or "").casefold() == "challenge":
        return "header cf-mitigated: challenge"
    if len(capture.body) > _BLOCK_PAGE_BYTES or "html" not in capture.media_type:
        return ""
    page = capture.text
    title = _TITLE.search(page)
    spoken = title.group(1).strip() if title else ""
    said = len(html_to_text(page))
    if _BLOCK_TITLES.match(spoken) and said <= _BLOCK_TITLE_TEXT:
        return f"title {spoken!r}"
    mark = next((mark for mark in _CHALLENGE_MARKS if mark in page.casefold()), "")
    return f"{mark} in a page of little text" if mark and said <= _CHALLENGE_TEXT else ""


def reservations(capture: Capture) -> list[ParseWarning]:
    """Return one warning for each thing that is wrong with the body as a whole."""
    effect = "What lies beyond the fault is not in the tables."
    warnings = [warning(capture, "", problem, effect) for problem in capture.problems]
    if not capture.charset_fits:
        what = "Some bytes do not fit the character set that the server or the document names."
        warnings.append(warning(capture, "", what, "Letters outside ASCII may be wrong; the exhibit has the bytes."))
    return warnings


def warning(capture: Capture, pointer: str, what: str, effect: str) -> ParseWarning:
    """Return a warning about this capture."""
    return ParseWarning(exhibit=capture.exhibit, pointer=pointer, what=what, effect=effect)


def read_json(capture: Capture, expected: str) -> Any:
    """Return the JSON value of a capture, as :func:`json_value` reads it.

    Raises:
        UnreadableCaptureError: The body is not JSON, or is nested too deep to be read.
    """
    try:
        return json_value(capture.text)
    except RecursionError as error:
        raise UnreadableCaptureError(capture.exhibit, expected, "nested too deep") from error
    except ValueError as error:
        reason = f"not JSON, served as {capture.media_type}" if capture.text.strip() else "the body is empty"
        raise UnreadableCaptureError(capture.exhibit, expected, reason) from error


def json_value(text: str) -> Any:
    """Read JSON into what every store can hold.

    An infinite number becomes None; a NUL and half of a surrogate pair become U+FFFD.

    Raises:
        ValueError: The text is not JSON.
        RecursionError: It is nested too deep.
    """
    value = json.loads(text, parse_constant=lambda _: None, parse_float=_finite)
    _refuse_depth(value)
    return _storable(value) if _may_be_unstorable(text) else value


def whole_items(text: str) -> list[Any]:
    """Return the objects of a JSON list that breaks off, up to the break; empty when it is no list, or has none."""
    items: list[Any] = []
    before = re.match(r"\ufeff?\s*\[\s*(?=\{)", text)
    while before:
        try:
            _, end = json.JSONDecoder().raw_decode(text, before.end())
            items.append(json_value(text[before.end() : end]))
        except (ValueError, RecursionError):
            break
        before = re.compile(r"\s*,\s*(?=\{)").match(text, end)
    return items


def next_page(capture: Capture, target: str | None) -> str | None:
    """Return the next page if it lies on the host that answered, else None.

    A server may name any host as the next one; following it would leave the hosts under authority. The scheme in use
    stays: behind a proxy, servers often write ``http`` where they are asked by ``https``.
    """
    if not target:
        return None
    here = urlsplit(capture.url)
    there = urlsplit(target)
    return there._replace(scheme=here.scheme).geturl() if there.netloc.casefold() == here.netloc.casefold() else None


def answered_address(capture: Capture, asked: str) -> str | None:
    """Return the address that gave this answer with the values that the evidence keeps out, or None when one is lost.

    A capture tells its address as it is preserved, and there a value that may be a secret is replaced. Who makes a
    further address out of it would ask for something else, and take the answer for the end.

    Args:
        capture: The answer.
        asked: The address that was asked for, before any redirect.
    """
    if capture.via in ("", capture.url):
        return asked
    there, via = urlsplit(capture.url), urlsplit(capture.via)
    if (there.path, there.query) == (via.path, via.query):
        return urlsplit(asked)._replace(scheme=there.scheme, netloc=there.netloc).geturl()
    return None if REPLACED in capture.url else capture.url


def foreign_next_page(capture: Capture, target: str | None) -> list[ParseWarning]:
    """Return a warning when the next page lies on another host than the one that answered."""
    if not target or next_page(capture, target):
        return []
    what = f"The next page is said to lie on {urlsplit(target).netloc!r}, not on the host that was asked."
    return [warning(capture, "", what, "It was not followed, so older posts may be missing.")]


def keep_first(records: Iterable[Record]) -> list[Record]:
    """Drop the repeat of a record; keep one that has the same id and other content, and warn of it."""
    kept: list[Record] = []
    first: dict[tuple[type, str], Post | Actor] = {}
    told: dict[tuple[type, str], set[str]] = {}
    for record in records:
        if isinstance(record, ParseWarning):
            kept.append(record)
            continue
        key = type(record), record.id
        if key not in first:
            first[key] = record
            kept.append(record)
            continue
        if key not in told:
            told[key] = {_said(first[key])}
        if (says := _said(record)) not in told[key]:
            kept += [_differing(record), record]
            told[key].add(says)
    return kept


def missing_parents(capture: Capture, records: Iterable[Record], *known: str | None) -> list[ParseWarning]:
    """Return a warning for each post that is answered in a conversation and is not there.

    Args:
        capture: The conversation.
        records: What was read from it.
        known: Ids of posts that stand in an answer of their own.
    """
    posts = [record for record in records if isinstance(record, Post)]
    here = {*known, None, *(post.id for post in posts)}
    absent = {post.in_reply_to: post.pointer for post in reversed(posts) if post.in_reply_to not in here}
    effect = "It may be deleted, withheld or beyond what the source shows. What answers it is in the tables."
    return [
        warning(capture, pointer, f"{parent} is answered here and is not in this answer.", effect)
        for parent, pointer in reversed(absent.items())
    ]


def _said(record: Post | Actor) -> str:
    """Return all that a record says but for its place, to be compared: a hostile file repeats one id without end."""
    return json.dumps({**vars(record), "pointer": ""}, sort_keys=True, default=_told)


def _told(value: object) -> Any:
    """Return what JSON can spell of an instant, a tag or an attachment."""
    return value.isoformat() if isinstance(value, datetime) else vars(value)


def _differing(record: Post | Actor) -> ParseWarning:
    what = f"{record.id} appears more than once in this exhibit, with different content."
    effect = "Both sights of it are in the tables."
    return ParseWarning(exhibit=record.exhibit, pointer=record.pointer, what=what, effect=effect)


def _host(capture: Capture) -> str:
    return urlsplit(capture.url).netloc


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _refuse_depth(value: Any) -> None:
    """Refuse what could be read and not be stored: to store a value takes more of the stack than to read it."""
    level = [value] if type(value) in _CONTAINERS else []
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in _CONTAINERS
        ]
        if not level:
            return
    raise RecursionError


def _may_be_unstorable(text: str) -> bool:
    """Say whether JSON may hold a NUL or half of a surrogate pair, as a letter or escaped."""
    return ("\\u" in text and _ESCAPED_UNSTORABLE.search(text) is not None) or well_formed(text) != text


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return {well_formed(name): _storable(item) for name, item in value.items()} if isinstance(value, dict) else value
