"""A newsgroup on a server of NNTP: its articles from the highest number to the lowest, some in each conversation.

It is no collector. Numbers that the server does not hold were cancelled, expired or never there; it does not say which.
An answer to each question is waited for, and one that is neither an article nor such a gap ends the run with ``error``:
a server that is ill is no group without articles. A server that names numbers without end is left after a while with
``platform-cap``.

Source: RFC 3977; the section numbers below are its own.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from osint.activity import ParseWarning
from osint.capture.exchange import Capture
from osint.collectors import mail_message
from osint.collectors.answer import warning
from osint.collectors.mail_message import Mail
from osint.collectors.protocol import Get, Stop
from osint.collectors.text import well_formed
from osint.errors import QueryError, SourceBlockedError, SourceClosedError, SourceGoneError, UnreadableCaptureError
from osint.query import UrlQuery

SCHEMES = ("nntp", "nntps")
_AT_ONCE = 25  # articles that one conversation asks for
_MOST_BARREN = 400  # conversations in a row without an article
_GROUP = re.compile(r"/[!-.0-~]{1,400}")
_ANSWER = re.compile(rb"([1-5]\d\d)(?: ([^\r\n]*))?\r\n")
_IN_LINES = frozenset({101, 215, 220, 221, 222, 224, 225})
_GREETINGS, _STATE, _ARTICLE, _NOT_THERE, _BYE = (200, 201), 211, 220, (423, 430), 205


class Answer(NamedTuple):
    """One answer of a server: its code, its words, and the lines behind it, if it has any."""

    code: int
    words: str
    block: bytes | None


def pages(query: UrlQuery, get: Get) -> Generator[Capture, None, Stop]:
    """Yield conversations of some articles each, from the highest number of a group to the lowest."""
    group = unquote(urlsplit(query.url).path)
    if not _GROUP.fullmatch(group):
        raise QueryError(f"{query.url!r} names no newsgroup; write it as nntps://host/group.name.")
    select = f"GROUP {group[1:]}"
    first = get(query.url, say=[select])
    _refuse(first, query.url)
    count, low, high = _state(first)
    since, barren = query.bounds[0], 0
    while count and high >= low:
        numbers = range(high, max(low, high - _AT_ONCE + 1) - 1, -1)
        page = get(query.url, say=[select, *(f"ARTICLE {number}" for number in numbers)])
        yield page
        _refuse(page, query.url)
        if not _is_answered(answers(page)[0], numbers):
            return Stop.ERROR
        dates = [mail.sent for _, mail in articles(page)]
        if since and dates and all(at and at.instant and at.instant < since for at in dates):
            return Stop.UNTIL_DATE
        barren = 0 if dates else barren + 1
        if barren >= _MOST_BARREN:
            return Stop.PLATFORM_CAP
        high = numbers[-1] - 1
    return Stop.EXHAUSTED


def articles(capture: Capture) -> Iterator[tuple[str, Mail]]:
    """Yield the articles of a conversation, each with its place."""
    for code, words, block in answers(capture)[0]:
        if code == _ARTICLE and block is not None:
            yield f"article {words.partition(' ')[0]}", mail_message.read(block)


def reservations(capture: Capture) -> list[ParseWarning]:
    """Return a warning for each thing that a conversation lacks.

    Raises:
        UnreadableCaptureError: It is none.
    """
    heard, is_whole = answers(capture)
    if not heard:
        raise UnreadableCaptureError(capture.exhibit, "a conversation", "it is no answer of a newsgroup")
    beyond = "What lies beyond the fault is not in the tables."
    found = [warning(capture, "", problem, beyond) for problem in capture.problems]
    if not is_whole:
        found.append(warning(capture, "", "The conversation goes on with what is no answer of a newsgroup.", beyond))
    missing = sum(answer.code in _NOT_THERE for answer in heard)
    if missing:
        what = f"The group has no article for {missing} of the numbers."
        effect = "They were cancelled, expired or never there; the server does not say which."
        found.append(warning(capture, "", what, effect))
    known = {*_GREETINGS, _STATE, _ARTICLE, *_NOT_THERE, _BYE}
    for code in sorted({answer.code for answer in heard} - known):
        words = [answer.words for answer in heard if answer.code == code]
        what = f"The server answered {len(words)} times with {code} {well_formed(words[0])[:200]!r}."
        found.append(warning(capture, "", what, "What was asked for there is not in the tables."))
    return found


def answers(capture: Capture) -> tuple[list[Answer], bool]:
    """Return each answer of a conversation, and whether these are all that came; dots of the transport are taken out.

    A line of a block that starts with a dot has another before it (3.1.1).
    """
    body, found, at = capture.body, list[Answer](), 0
    while answer := _ANSWER.match(body, at):
        code, words, start = int(answer[1]), (answer[2] or b"").decode("utf-8", "replace"), answer.end()
        block, end = None, start
        if code in _IN_LINES:
            end = start - 2 if body.startswith(b".\r\n", start) else body.find(b"\r\n.\r\n", start)
            if end < 0:
                break
            block = body[start : end + 2].replace(b"\r\n..", b"\r\n.").removeprefix(b".") if end >= start else b""
            end += 5
        found.append(Answer(code, words, block))
        at = end
    return found, at == len(body)


def _state(first: Capture) -> tuple[int, int, int]:
    """Return how many articles a group has, and its lowest and highest number (6.1.1)."""
    told = next((answer.words for answer in answers(first)[0] if answer.code == _STATE), "").split()
    if len(told) < 3 or not all(each.isascii() and each.isdigit() and len(each) < 19 for each in told[:3]):
        raise UnreadableCaptureError(first.exhibit, "the state of a newsgroup", "it names no numbers")
    return int(told[0]), int(told[1]), int(told[2])


def _is_answered(heard: Sequence[Answer], numbers: Sequence[int]) -> bool:
    """Say whether each number was answered, in its turn, with its article or with the word that there is none."""
    told = [answer for answer in heard if answer.code not in (*_GREETINGS, _STATE, _BYE)]
    return len(told) == len(numbers) and all(
        code in _NOT_THERE or (code == _ARTICLE and words.partition(" ")[0] in ("0", str(number)))
        for number, (code, words, _) in zip(numbers, told, strict=True)
    )


def _refuse(capture: Capture, wanted: str) -> None:
    """Raise what a newsgroup's server refuses with (3.2.1)."""
    kept = f"The answer is preserved as exhibit {capture.exhibit}."
    codes = {answer.code: answer.words for answer in answers(capture)[0]}
    for code in codes.keys() & {480, 483}:
        raise SourceClosedError(
            f"The server answered {code} {codes[code][:200]!r} for {wanted}: it wants a sign-in or TLS. {kept} "
            "We do not sign in; where it wants TLS, ask for nntps://."
        )
    for code in codes.keys() & {400, 502}:
        raise SourceBlockedError(f"The server answered {code} {codes[code][:200]!r} for {wanted}. {kept}")
    if 411 in codes:
        raise SourceGoneError(f"The server has no such group ({codes[411][:200]!r}): {wanted}. {kept}")
