"""Nostr: what a relay stores of an account, or of everybody, and events that somebody saved.

**When a run is complete.** ``exhausted`` means that *this relay* ended its answer for the time before the oldest event
without naming a new one. It speaks for no other relay, and says nothing of what it keeps for those who sign in. Each
page reaches up to just behind the oldest event of the page before, and has to show that one again; where it does not,
or where more events bear one second than a relay sends at once, or where it added a notice in words of its own, the run
ends with ``platform-cap``.

**Ids** are ``nostr:`` and the hash of the event, which is computed again here: an event that does not have the hash it
bears was altered or made up, and a warning says so. The signature is not checked (Schnorr over secp256k1): it is kept
for whoever can, and ``extra["signature"]`` says that it was not.

**Accounts** are public keys, spelt ``npub1...``; the same on every relay. The name that somebody gives himself is in no
way his own.

**Times** are the author's word, to the second, "author-claimed".

Source: https://github.com/nostr-protocol/nips: 01 (events, relays), 09 (deletion), 10 (replies), 18 (reposts), 19
(npub), 25 (reactions).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

from osint.activity import Absence, Actor, ParseWarning, Post, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.capture.websocket import BrokenFrameError, split_head, texts
from osint.collectors.answer import json_value, keep_first, refuse, reservations, warning, whole_items
from osint.collectors.nostr_key import HEX, has_its_hash, key_of, npub
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import by, published_at, seen
from osint.collectors.text import well_formed
from osint.collectors.times import since_1970
from osint.errors import (
    QueryError,
    RateLimitedError,
    SourceBlockedError,
    SourceClosedError,
    SourceError,
    UnreadableCaptureError,
)
from osint.instants import Reading
from osint.query import AccountQuery, Query, UrlQuery

MANIFEST = Manifest(
    name="nostr",
    version="1",
    reads="notes, articles, reposts, reactions, deletions and profiles on a relay of Nostr",
    queries=(AccountQuery, UrlQuery),
    ways=("api", "file"),
    public="all that the relay sends to whoever asks; much of what an account wrote may lie on others",
    limits="a relay sends some hundred events at once and drops old ones as it likes; signatures are not checked",
    files="events as lines of JSON, or as one list",
    id_time="none: an id is the hash of the event, and its time the author's word",
    proof="real server",
    page=100,
    documentation="https://github.com/nostr-protocol/nips/blob/master/01.md",
    terms="Each relay has its own terms, named in its NIP-11 document; read them before the first run.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_EXPECTED = "events of Nostr"
_RELAYS = ("ws", "wss")
_PAGE = 100
_NAME = "osint"  # of the one subscription; what comes under another was not asked for
_TURNS = 3  # how often one second may have new events: more answers to the same question are made up
_FEW = 5  # no relay sends fewer events at once, if it has them
_KINDS = {1: "Note", 6: "Announce", 16: "Announce", 7: "Like", 5: "Delete", 30023: "Article"}
_PROFILE = 0
_ASKED = (_PROFILE, *_KINDS)
_MARKS = (b'"pubkey"', b'"created_at"', b'"kind"', b'"sig"', b'"tags"')
_MOST_WORDS = 20
_LINK = re.compile(r"https?://[^\s<>\"']{1,2000}")
_READ = frozenset({"e", "p", "t", "q"})  # tags that have fields of their own


def query_for(url: str) -> Query | None:
    """Return the relay of an address."""
    parts = urlsplit(url)
    return UrlQuery(url=url) if parts.scheme in _RELAYS and parts.hostname else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield what the relay sends, a page of events at a time, the newest first."""
    url, author = _asked_of(query)
    since, until = query.bounds
    asked: dict[str, Any] = {"kinds": list(_ASKED), "limit": _PAGE}
    asked |= {"authors": [author]} if author else {}
    asked |= {"since": int(since.timestamp())} if since else {}
    asked |= {"until": int(until.timestamp())} if until else {}
    known, largest, is_seamless, oldest = set[str](), 0, True, None
    turns: Counter[int] = Counter()
    while True:
        page = get(url, say=[json.dumps(["REQ", _NAME, asked], separators=(",", ":"))])
        events, is_ended, said = _check(page, url, author)
        ids = {str(event["id"]) for event in events}
        is_seamless &= not said
        if known:
            is_seamless &= bool(ids & known)
        fresh = ids - known
        if fresh or said or not known:
            yield page
        if not is_ended:
            return Stop.ERROR
        if not fresh:
            is_hidden = not is_seamless or (known and len(ids) >= max(largest, _FEW))
            return Stop.PLATFORM_CAP if is_hidden else Stop.UNTIL_DATE if since else Stop.EXHAUSTED
        known |= ids
        largest = max(largest, len(ids))
        times = [event["created_at"] for event in events if _is_time(event.get("created_at"))]
        if not times or (oldest is not None and min(times) > oldest + 1):
            return Stop.ERROR
        oldest = min(times) if oldest is None else min(oldest, *times)
        asked["until"] = oldest + 1  # some relays leave the very second out
        turns[oldest] += 1
        if turns[oldest] > _TURNS:
            return Stop.ERROR


def _asked_of(query: Query) -> tuple[str, str | None]:
    """Return the relay, and the key of the account that is asked for; None when it is everybody."""
    if isinstance(query, AccountQuery):
        author = key_of(query.name)
        if author is None:
            raise QueryError(f"{query.account!r} is no account of Nostr; write it as @npub1...@relay.host.")
        return f"wss://{query.host}", author
    assert isinstance(query, UrlQuery)
    if urlsplit(query.url).scheme not in _RELAYS:
        raise QueryError(f"{query.url!r} is no relay; write it as wss://relay.host.")
    return query.url, None


def claims(capture: Capture) -> bool:
    """Say whether it looks like events."""
    start = capture.body[: 1 << 16].lstrip()
    return start[:1] in (b"{", b"[") and all(mark in start for mark in _MARKS)


def parse(capture: Capture) -> list[Record]:
    """Read what a relay sent, or a file of events.

    Raises:
        UnreadableCaptureError: It is neither.
    """
    is_relay = urlsplit(capture.url).scheme in _RELAYS and capture.made != "imported"
    found, faults = _sent(capture) if is_relay else _saved(capture)
    deletions = [event for _, event in found if _deleted(event) and has_its_hash(event)]
    deleted = {(event["pubkey"], gone): f"nostr:{event['id']}" for event in deletions for gone in _deleted(event)}
    records: list[Record] = [*faults]
    for pointer, event in found:
        records += _records(pointer, event, deleted, capture)
    return keep_first(records)


# What a relay says -------------------------------------------------------------------------------------------------


def _check(page: Capture, url: str, author: str | None) -> tuple[list[dict[str, Any]], bool, list[str]]:
    """Return the events of an answer, whether the relay said that these are all, and what it said in words.

    Raises what it refused with.
    """
    kept = f"The answer is preserved as exhibit {page.exhibit}."
    if not page.status:
        _refuse_opening(page, url, kept)
    messages = [message for _, message in _messages(page)]
    events = [event for _, event in _events(page)]
    strangers = sorted({str(event["pubkey"])[:64] for event in events} - {author}) if author else []
    if strangers:
        raise SourceError(f"{url} sent events of others than were asked for ({strangers[0]}). {kept} None was read.")
    is_ended = any(message[:2] == ["EOSE", _NAME] for message in messages)
    said = _words(messages)
    if said and not events and not is_ended:
        _refuse(said[0], url, kept)
    return events, is_ended, said


def _words(messages: Sequence[Sequence[Any]]) -> list[str]:
    """Return what a relay said for people to read: why it closed, then its notices."""
    return [str(message[-1]) for kind in ("CLOSED", "NOTICE") for message in messages if message[0] == kind]


def _refuse_opening(page: Capture, url: str, kept: str) -> NoReturn:
    """Raise what the status means with which a server opens no WebSocket."""
    try:
        status, headers, _ = split_head(page.body)
    except BrokenFrameError as error:
        raise SourceBlockedError(f"{url} opens no WebSocket ({error}). {kept}") from error
    if 300 <= status < 400:
        where = well_formed(headers.get("location", ""))[:300]
        raise SourceError(
            f"{url} opens no WebSocket and names another place ({status}, {where!r}), which was not asked. {kept} If "
            "it is the same relay, ask for that address by name, under an authority that names its host."
        )
    if status >= 400:
        refuse(replace(page, status=status, body=b"", headers=()), f"the relay {url}")
    raise SourceBlockedError(f"{url} opens no WebSocket (status {status or 'missing'}). {kept}")


def _refuse(said: str, url: str, kept: str) -> None:
    """Raise what a relay means; the first word is machine-readable (NIP-01)."""
    told = f"{url} refused with {said[:300]!r}. {kept}"
    kind = said.partition(":")[0].strip().casefold()
    if kind in ("auth-required", "restricted"):
        raise SourceClosedError(f"{told} It answers signed-in visitors only, and we do not sign in.")
    if kind == "rate-limited":
        raise RateLimitedError(f"{told} Run the same query again later.")
    if kind in ("blocked", "pow", "unsupported"):
        raise SourceBlockedError(told)
    raise SourceError(told)


def _messages(page: Capture) -> Iterator[tuple[int, list[Any]]]:
    """Yield each message of a relay that is one, with its number."""
    for number, text in enumerate(texts(page.body)[0], 1):
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(message, list) and message and isinstance(message[0], str):
            yield number, message


def _events(page: Capture) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each event that a relay sent, with its place."""
    for number, message in _messages(page):
        if message[:2] == ["EVENT", _NAME] and len(message) > 2 and _is_event(message[2]):
            yield f"message {number} /2", message[2]


def _sent(capture: Capture) -> tuple[list[tuple[str, dict[str, Any]]], list[ParseWarning]]:
    """Return the events that a relay sent, and what is wrong with its answer."""
    found, problem = texts(capture.body)
    if not found and problem:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, problem)
    problems = [*capture.problems, *([f"The relay's answer: {problem}."] if problem else [])]
    faults = [warning(capture, "", each, "What lies beyond the fault is not in the tables.") for each in problems]
    events, messages = list(_events(capture)), list(_messages(capture))
    told = sum(message[0] == "EVENT" for _, message in messages) - len(events)
    if told:
        what = f"{told} of the relay's events have not the parts of an event."
        faults.append(warning(capture, "", what, "They are not in the tables."))
    if len(messages) < len(found):
        what = f"{len(found) - len(messages)} of the relay's messages cannot be read."
        faults.append(warning(capture, "", what, "Events among them are not in the tables."))
    for words in list(dict.fromkeys(_words([message for _, message in messages])))[:_MOST_WORDS]:
        what = f"The relay says {well_formed(words)[:300]!r}."
        faults.append(warning(capture, "", what, "Whether it sent all that it stores is not certain."))
    return events, faults


def _saved(capture: Capture) -> tuple[list[tuple[str, dict[str, Any]]], list[ParseWarning]]:
    """Return the events of a file, and what is wrong with it."""
    text = capture.text.removeprefix("\ufeff").strip()
    if text.startswith("["):
        found = [(f"/{number}", event) for number, event in enumerate(_value(text) or whole_items(text))]
    else:
        lines = enumerate(text.split("\n"), 1)  # and no other end of a line: text within an event may hold those
        found = [(f"line {number}", _value(line)) for number, line in lines if line.strip()]
    events = [(pointer, event) for pointer, event in found if _is_event(event)]
    if not events:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it holds no event")
    faults = reservations(capture)
    if len(events) < len(found) or (text.startswith("[") and _value(text) is None):
        what = f"Of the file {len(events)} events can be read, and it holds more than these."
        faults.append(warning(capture, "", what, "The others are not in the tables."))
    return events, faults


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_event(value: Any) -> bool:
    """Say whether it has the parts of an event that tell it from others."""
    if not isinstance(value, dict):
        return False
    keys = (value.get("id"), value.get("pubkey"))
    is_kind = isinstance(value.get("kind"), int) and not isinstance(value.get("kind"), bool)
    return is_kind and all(isinstance(key, str) and HEX.fullmatch(key) for key in keys)


# Records -----------------------------------------------------------------------------------------------------------


def _records(
    pointer: str, event: Mapping[str, Any], deleted: Mapping[tuple[Any, str], str], capture: Capture
) -> Iterator[Record]:
    is_whole = has_its_hash(event)
    if not is_whole:
        what = f"The event {event['id']} does not have the hash that is its id."
        yield warning(capture, pointer, what, "It was altered, or made up. It is in the tables, and says so.")
    if event["kind"] == _PROFILE:
        yield from _profile(pointer, event, capture)
        return
    if event["kind"] not in _KINDS:
        what = f"An event of kind {event['kind']} was not asked for, and is not read."
        yield warning(capture, pointer, what, "It is not in the tables.")
        return
    when = _instant(event.get("created_at"))
    if when is None:
        yield warning(capture, pointer, "The event has no time that can exist.", "It has no instant.")
    told = {"id_matches": is_whole, "deleted_by": deleted.get((event["pubkey"], event["id"]))}
    yield _post(pointer, event, when, told, capture)


def _post(
    pointer: str, event: Mapping[str, Any], when: datetime | None, told: Mapping[str, Any], capture: Capture
) -> Post:
    kind, tags = _KINDS[event["kind"]], _tags(event)
    content = well_formed(event["content"]) if isinstance(event.get("content"), str) else None
    pointed = [tag for tag in tags if tag[0] == "e" and len(tag) > 1 and HEX.fullmatch(tag[1])]
    root, parent = _answered(pointed) if kind in ("Note", "Article") else (None, None)
    target = pointed[-1][1] if pointed and kind in ("Announce", "Like") else None
    quoted = next((tag[1] for tag in tags if tag[0] == "q" and len(tag) > 1 and HEX.fullmatch(tag[1])), None)
    handle = npub(event["pubkey"])
    liked = f"nostr:{target}" if target and kind == "Like" else None
    absent: dict[str, Absence] = dict.fromkeys(
        ("url", "language", "updated", "replies", "announces", "likes", "visibility"), "missing"
    )
    return Post(
        id=f"nostr:{event['id']}",
        platform="nostr",
        native_id=event["id"],
        type=kind,
        **by("nostr", handle),
        content=None if kind == "Announce" else content,
        **published_at(Reading(str(event["created_at"]), when, True) if when else None, "author-claimed"),
        in_reply_to=f"nostr:{parent}" if parent else None,
        thread_root=f"nostr:{root}" if root else None,
        quote_of=f"nostr:{quoted}" if quoted else None,
        announce_of=f"nostr:{target}" if target and kind == "Announce" else None,
        tag=tuple(_named(tags)),
        links=tuple(dict.fromkeys(_LINK.findall(content)))[:500] if content and kind != "Announce" else (),
        **seen(capture, pointer, _COLLECTOR),
        absent={**absent, **({} if when else {"published": "missing"})},
        extra=_extra(event, {**told, "liked": liked}, tags, capture),
    )


def _extra(
    event: Mapping[str, Any], told: Mapping[str, Any], tags: Sequence[Sequence[str]], capture: Capture
) -> dict[str, Any]:
    named = {tag[0]: tag[1] for tag in reversed(tags) if len(tag) > 1 and tag[0] in ("title", "subject")}
    extra = {
        "kind": event["kind"],
        "title": named.get("title") or named.get("subject"),
        "note": npub(event["id"], "note"),
        "public_key": event["pubkey"],
        "signature": "not checked" if isinstance(event.get("sig"), str) else "missing",
        **told,
        "deletes": [f"nostr:{gone}" for gone in _deleted(event)],
        "tags": [list(tag) for tag in tags if tag[0] not in _READ],
        "relay": capture.url if capture.made != "imported" else None,
    }
    return {name: value for name, value in extra.items() if value not in (None, [])}


def _profile(pointer: str, event: Mapping[str, Any], capture: Capture) -> Iterator[Actor | ParseWarning]:
    try:
        told = json_value(event.get("content") or "")
    except (ValueError, RecursionError, TypeError):
        told = None
    if not isinstance(told, dict):
        yield warning(capture, pointer, "The profile holds no JSON.", "The account has no name in the tables.")
        told = {}
    handle = npub(event["pubkey"])
    name = next((told[key] for key in ("display_name", "name") if isinstance(told.get(key), str) and told[key]), None)
    yield Actor(
        id=account_key("nostr", handle),
        platform="nostr",
        native_id=event["pubkey"],
        handle=handle,
        name=name,
        url=told["website"] if isinstance(told.get("website"), str) and _LINK.fullmatch(told["website"]) else None,
        summary=told["about"] if isinstance(told.get("about"), str) else None,
        exhibit=capture.exhibit,
        pointer=pointer,
    )


def _answered(pointed: Sequence[Sequence[str]]) -> tuple[str | None, str | None]:
    """Return the root and what is answered: by their marks, else by their places, as old clients wrote (NIP-10)."""
    marked = {tag[3]: tag[1] for tag in pointed if len(tag) > 3 and tag[3] in ("root", "reply")}
    if marked:
        return marked.get("root"), marked.get("reply") or marked.get("root")
    unmarked = [tag[1] for tag in pointed if len(tag) < 4 or not tag[3]]
    return (unmarked[0], unmarked[-1]) if unmarked else (None, None)


def _named(tags: Iterable[Sequence[str]]) -> Iterator[Tag]:
    for tag in dict.fromkeys(tuple(tag[:2]) for tag in tags if len(tag) > 1):
        if tag[0] == "p" and HEX.fullmatch(tag[1]):
            handle = npub(tag[1])
            yield Tag(type="Mention", name=handle, account=account_key("nostr", handle))
        elif tag[0] == "t" and tag[1]:
            yield Tag(type="Hashtag", name=tag[1])


def _deleted(event: Mapping[str, Any]) -> list[str]:
    """Return the events that a deletion names; who made it says nothing of the events of others (NIP-09)."""
    if event.get("kind") != 5:
        return []
    return [tag[1] for tag in _tags(event) if tag[0] == "e" and len(tag) > 1 and HEX.fullmatch(tag[1])]


def _tags(event: Mapping[str, Any]) -> list[tuple[str, ...]]:
    listed = event.get("tags")
    found = [tag for tag in listed if isinstance(tag, list) and tag] if isinstance(listed, list) else []
    return [tuple(map(well_formed, tag)) for tag in found if all(isinstance(each, str) for each in tag)]


def _is_time(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 40


def _instant(value: Any) -> datetime | None:
    return since_1970(value) if _is_time(value) else None
