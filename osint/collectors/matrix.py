"""Matrix: rooms whose server shows them without a token, and the export that Element makes.

**Who may read.** A room may be readable to the world and still want a token: most servers answer so, and no account is
registered here, not a guest's either. Then the way is a member's export, or legal process with the server.

**When a run is complete.** ``exhausted`` means that the server named no older page of what it shows to a visitor. What
was written while the room was closed to visitors it leaves out, unmarked. A page of events that all came before is an
error. The start of the period is judged by what the server that answers stamped itself: whoever runs another may claim
any time.

**Ids** are ``matrix:`` and the id of the event, the same on every server. **Accounts**, ``@jane:server`` in Matrix, are
written ``jane@server``, with their letter case, which tells old accounts apart. An edit changes the post that it names
when its writer is the same, and what it said before stands in ``extra["earlier"]``. Where that post is in another
exhibit, nobody can see who wrote it: the edit is a row of its own, ``Update``, that names it in ``extra["updates"]``. A
message that was taken back is a ``Tombstone``, whose words the server has removed.

**Times** are what the server of the writer stamped. That is the platform's word where it is the server that answered,
and else a claim.

Source: https://spec.matrix.org/latest/client-server-api/ (rooms, messages, relations); Element's export of a chat,
https://github.com/element-hq/element-web, ``JSONExport``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from osint.activity import Absence, Actor, Post, Record
from osint.capture.exchange import Capture
from osint.collectors.answer import LAWFUL_NEXT_STEP, keep_first, read_json, refuse, reservations, warning
from osint.collectors.json_values import object_in, text
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import published_at, seen
from osint.collectors.text import links_in
from osint.collectors.times import since_1970
from osint.errors import QueryError, SourceClosedError, UnreadableCaptureError
from osint.instants import Reading, format_instant
from osint.query import Query, UrlQuery, host_of

MANIFEST = Manifest(
    name="matrix",
    version="1",
    reads="messages of rooms of Matrix that a server shows without a token, and Element's export of a room",
    queries=(UrlQuery,),
    ways=("api", "file"),
    public="rooms that are readable to the world, where the server wants no token; most want one",
    limits="no account is registered, not a guest's; encrypted messages have no words; what is not shown to visitors "
    "is left out unmarked",
    files="`export.json` of Element (Export Chat, as JSON)",
    id_time="none: ids of events are hashes",
    proof="documented",
    page=100,
    documentation="https://spec.matrix.org/latest/client-server-api/#get_matrixclientv3roomsroomidmessages",
    terms="Each server has its own terms; read them before the first run.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_EXPECTED = "messages of a room of Matrix"
_PAGE = 100
_MOST_EMPTY = 50  # pages without an event in a row; each names an older one
_HOST = r"[A-Za-z0-9.-]{1,200}(?::\d{1,5})?"
_ROOM = re.compile(rf"(?P<id>(?P<sigil>[!#])[^:/?\s]{{1,200}}(?::(?P<host>{_HOST}))?)(?=[/?]|\Z)")
_VIA = re.compile(rf"[?&]via=({_HOST})(?=&|\Z)")
_MESSAGES = re.compile(r"/_matrix/client/(?:v3|r0)/rooms/(?P<room>[^/]+)/messages")
_USER = re.compile(r"@([^:\s]{1,200}):(\S{1,230})")
_SHOWN = ("m.room.message", "m.sticker", "m.room.encrypted")
_FILE = ("url", "filename", "info", "geo_uri")


def query_for(url: str) -> Query | None:
    """Return the room that an address of matrix.to names, or that of the interface of a server."""
    parts = urlsplit(url)
    is_link = parts.hostname == "matrix.to" and _ROOM.match(_fragment(url)) is not None
    is_interface = (
        bool(parts.hostname) and parts.scheme in ("http", "https") and _MESSAGES.fullmatch(unquote(parts.path))
    )
    return UrlQuery(url=url) if is_link or is_interface else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield each page of the messages of a room, the newest first."""
    assert isinstance(query, UrlQuery)
    url = _address(query.url, get)
    page, asked, since = get(url, dir="b", limit=_PAGE), set[str](), query.bounds[0]
    known, empty = set[str](), 0
    while True:
        events, older = _page(page, query.url)
        yield page
        ids = {event_id for event in events if (event_id := text(event.get("event_id")))}
        if events and ids <= known:
            return Stop.ERROR
        times = [when for event in events if _is_home(_handle(event.get("sender")), url) and (when := _when(event))]
        if since and times and max(times) < since:
            return Stop.UNTIL_DATE
        if not older:
            return Stop.EXHAUSTED
        if older in asked:
            return Stop.ERROR
        empty = 0 if events else empty + 1
        if empty >= _MOST_EMPTY:
            return Stop.PLATFORM_CAP
        asked.add(older)
        known |= ids
        further: dict[str, Any] = {"dir": "b", "limit": _PAGE, "from": older}
        page = get(url, **further)


def claims(capture: Capture) -> bool:
    """Say whether it looks like a page of a room, or an export of one."""
    body = capture.body
    marks = (b'"origin_server_ts"', b'"sender"', b'"event_id"')
    return body.lstrip()[:1] == b"{" and all(mark in body for mark in marks)


def parse(capture: Capture) -> list[Record]:
    """Read a page of messages, or an export of a room.

    Raises:
        UnreadableCaptureError: It is neither.
    """
    value = read_json(capture, _EXPECTED)
    key = next(
        (each for each in ("chunk", "messages") if isinstance(value, dict) and isinstance(value.get(each), list)), ""
    )
    if not key:
        said = value.get("errcode") if isinstance(value, dict) else None
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, str(said)[:80] if said else "it lists no messages")
    room = next(
        (event["room_id"] for event in value[key] if isinstance(event, dict) and text(event.get("room_id"))), None
    )
    return keep_first([*reservations(capture), *_Room(capture, room or _room_of(capture.url)).records(key, value[key])])


# What to ask for ---------------------------------------------------------------------------------------------------


def _fragment(url: str) -> str:
    return unquote(urlsplit(url).fragment).removeprefix("/")


def _host_of(fragment: str) -> str | None:
    """Return the server that a link to a room names. Since version 12 of rooms their ids name none."""
    room, via = _ROOM.match(fragment), _VIA.search(fragment)
    return (room["host"] if room else None) or (via[1] if via else None)


def _room_of(url: str) -> str | None:
    found = _ROOM.match(_fragment(url))
    if found:
        return found["id"]
    path = _MESSAGES.fullmatch(unquote(urlsplit(url).path))
    return path["room"] if path else None


def _address(url: str, get: Get) -> str:
    """Return where the messages of a room lie; a name of a room is looked up first."""
    parts = urlsplit(url)
    if _MESSAGES.fullmatch(unquote(parts.path)):
        return parts._replace(query="", fragment="").geturl()
    room = _ROOM.match(_fragment(url)) if parts.hostname == "matrix.to" else None
    host = _host_of(_fragment(url)) if room else None
    if room is None or host is None:
        raise QueryError(
            f"{url!r} names no room and server; write it as https://matrix.to/#/!room:server, #/#name:server, or, "
            "where the room names no server, #/!room?via=server."
        )
    root, native_id = f"https://{host}/_matrix/client/v3", room["id"]
    if room["sigil"] == "#":
        answer = get(f"{root}/directory/room/{quote(native_id, safe='')}")
        found = _answer(answer, f"the room {native_id}").get("room_id")
        if not isinstance(found, str) or not found.startswith("!"):
            raise UnreadableCaptureError(answer.exhibit, "the id of a room", "it names none")
        native_id = found
    return f"{root}/rooms/{quote(native_id, safe='')}/messages"


def _is_home(handle: str | None, url: str) -> bool:
    """Say whether an account is of the server that answered."""
    return handle is not None and handle.rpartition("@")[2] == urlsplit(url).netloc.casefold()


def _page(page: Capture, wanted: str) -> tuple[list[dict[str, Any]], str | None]:
    value = _answer(page, wanted)
    if not isinstance(value.get("chunk"), list):
        raise UnreadableCaptureError(page.exhibit, _EXPECTED, "it lists no messages")
    return [event for event in value["chunk"] if isinstance(event, dict)], text(value.get("end"))


def _answer(capture: Capture, wanted: str) -> Mapping[str, Any]:
    """Return the JSON of an answer that was not refused; a refusal says in its own JSON why."""
    if capture.body.lstrip()[:1] != b"{":
        refuse(capture, wanted)
    value = read_json(capture, _EXPECTED)
    code, said = (value.get("errcode"), value.get("error")) if isinstance(value, dict) else (None, None)
    if code in ("M_MISSING_TOKEN", "M_UNKNOWN_TOKEN", "M_GUEST_ACCESS_FORBIDDEN", "M_FORBIDDEN"):
        raise SourceClosedError(
            f"{host_of(capture.url)} answered {code} for {wanted}: it shows the room to those with an account, and "
            f"none is registered here. The answer is preserved as exhibit {capture.exhibit}. A member can export the "
            f"room with Element, as JSON. {LAWFUL_NEXT_STEP}"
        )
    refuse(capture, wanted, f"{code}: {said}" if code else "")
    if not isinstance(value, dict) or code:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, str(code)[:80] if code else "it is no object")
    return value


# Records -----------------------------------------------------------------------------------------------------------


class _Room:
    """One reading of the events of a room."""

    def __init__(self, capture: Capture, room: str | None) -> None:
        self._capture, self._room = capture, room

    def records(self, key: str, events: list[Any]) -> Iterator[Record]:
        """Yield the posts and accounts of a list of events, and a warning for what is neither."""
        posts: dict[str, Post] = {}
        edits: list[tuple[str, Mapping[str, Any]]] = []
        others: Counter[str] = Counter()
        for number, event in enumerate(events):
            pointer = f"/{key}/{number}"
            native_id = text(event.get("event_id")) if isinstance(event, dict) else None
            if not native_id:
                yield self._warn(pointer, "This is no event: it has no id.", "It is not in the tables.")
            elif event.get("type") == "m.room.member":
                yield from self._member(pointer, event)
            elif _edited(event):
                edits.append((pointer, event))
            elif (post := self._post(pointer, event, native_id)) is None:
                others[str(event.get("type"))[:80]] += 1
            elif native_id in posts and replace(posts[native_id], pointer=pointer) != post:
                yield post  # which is told apart below, as all that comes twice
            else:
                posts.setdefault(native_id, post)
        for pointer, event in reversed(edits) if key == "chunk" else edits:  # pages have the newest first
            yield from self._edit(pointer, event, posts)
        yield from posts.values()
        if others:
            named = ", ".join(f"{kind} {count}" for kind, count in sorted(others.items()))
            yield self._warn("", f"Events that are no messages: {named}.", "They are not in the tables.")

    def _post(self, pointer: str, event: Mapping[str, Any], native_id: str) -> Post | None:
        kind, content = event.get("type"), object_in(event.get("content"))
        unsigned = object_in(event.get("unsigned"))
        if kind == "m.reaction":
            relation = object_in(content.get("m.relates_to"))
            target, symbol = text(relation.get("event_id")), text(relation.get("key"))
            told = {"liked": f"matrix:{target}" if target else None}
            return self._made(pointer, event, native_id, type="Like", content=symbol, extra=told)
        if kind == "m.room.redaction":
            target = text(event.get("redacts")) or text(content.get("redacts"))
            told = {"deletes": f"matrix:{target}" if target else None}
            return self._made(pointer, event, native_id, type="Delete", content=text(content.get("reason")), extra=told)
        if kind not in _SHOWN:
            return None
        because = object_in(unsigned.get("redacted_because"))
        if because or not content:
            when = _instant(because.get("origin_server_ts"))
            told = {
                "redacted_by": _handle(because.get("sender")),
                "redacted": format_instant(when) if when else None,
                "reason": text(object_in(because.get("content")).get("reason")),
            }
            return self._made(pointer, event, native_id, type="Tombstone", extra=told, hidden=("content",))
        if kind == "m.room.encrypted":
            told = {"encrypted": text(content.get("algorithm")) or "yes"}
            return self._made(pointer, event, native_id, type="Note", extra=told, hidden=("content",))
        return self._made(pointer, event, native_id, type="Note", **self._said(content))

    def _said(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a message says, and what it answers."""
        relation = object_in(content.get("m.relates_to"))
        root = text(relation.get("event_id")) if relation.get("rel_type") == "m.thread" else None
        answered = text(object_in(relation.get("m.in_reply_to")).get("event_id"))
        if root and relation.get("is_falling_back") is True:
            answered = root  # the other is named for programs that know no threads
        markup = text(content.get("formatted_body"))
        file = {name: content[name] for name in _FILE if content.get(name)}
        told = {"msgtype": text(content.get("msgtype")), "file": file if "url" in file or "geo_uri" in file else None}
        return {
            "content": text(content.get("body")),
            "content_html": markup,
            "links": links_in(markup, "https://matrix.to/") if markup else (),
            "in_reply_to": f"matrix:{answered}" if answered else None,
            "thread_root": f"matrix:{root}" if root else None,
            "extra": told,
        }

    def _made(
        self,
        pointer: str,
        event: Mapping[str, Any],
        native_id: str,
        *,
        hidden: tuple[str, ...] = (),
        extra: Mapping[str, Any],
        **more: Any,
    ) -> Post:
        when, handle = _when(event), _handle(event.get("sender"))
        written = Reading(str(event["origin_server_ts"]), when, True) if when else None
        room = text(event.get("room_id")) or self._room
        absent: dict[str, Absence] = dict.fromkeys(("language", "replies", "announces", "likes"), "missing")
        absent |= dict.fromkeys([] if when else ["published"], "missing")
        absent |= dict.fromkeys(hidden, "hidden")
        told = {"room": room, "event_type": text(event.get("type")), **extra}
        return Post(
            id=f"matrix:{native_id}",
            platform="matrix",
            native_id=native_id,
            url=f"https://matrix.to/#/{room}/{native_id}" if room else None,
            attributed_to=_account(handle) if handle else None,
            author_handle=handle,
            **published_at(written, "platform" if _is_home(handle, self._capture.url) else "author-claimed"),
            **seen(self._capture, pointer, _COLLECTOR),
            absent=absent,
            extra={name: value for name, value in told.items() if value},
            **more,
        )

    def _edit(self, pointer: str, event: Mapping[str, Any], posts: dict[str, Post]) -> Iterator[Record]:
        """Let an edit change the post that it names; where that is not here, the edit is a row of its own."""
        target, writer = str(_edited(event)), _handle(event.get("sender"))
        new = object_in(object_in(event.get("content")).get("m.new_content"))
        when, known = _when(event), posts.get(target)
        if known is None:
            said = self._said(new)
            extra = {**said.pop("extra"), "updates": f"matrix:{target}"}
            yield self._made(pointer, event, str(event["event_id"]), type="Update", extra=extra, **said)
        elif known.author_handle != writer or known.type == "Tombstone":
            effect = "The post stands as it was; the exhibit has the edit."
            yield self._warn(pointer, f"An edit of {target} is not by its writer, or of what was taken back.", effect)
        elif not new or known.type != "Note":
            effect = "The post stands as it was; the exhibit has the edit."
            yield self._warn(pointer, f"An edit of {target} has no new words, or is of no message.", effect)
        else:
            said = self._said(new)
            earlier = [*known.extra.get("earlier", []), known.content]
            posts[target] = replace(
                known,
                content=said["content"],
                content_html=said["content_html"],
                links=said["links"],
                updated=when,
                extra={**known.extra, "earlier": earlier},
            )

    def _member(self, pointer: str, event: Mapping[str, Any]) -> Iterator[Record]:
        user = text(event.get("state_key")) or text(event.get("sender"))
        handle = _handle(user)
        if user and handle:
            yield Actor(
                id=_account(handle),
                platform="matrix",
                native_id=user,
                handle=handle,
                name=text(object_in(event.get("content")).get("displayname")),
                exhibit=self._capture.exhibit,
                pointer=pointer,
            )

    def _warn(self, pointer: str, what: str, effect: str) -> Record:
        return warning(self._capture, pointer, what, effect)


def _edited(event: Mapping[str, Any]) -> str | None:
    relation = object_in(object_in(event.get("content")).get("m.relates_to"))
    is_edit = event.get("type") == "m.room.message" and relation.get("rel_type") == "m.replace"
    return text(relation.get("event_id")) if is_edit else None


def _handle(user: object) -> str | None:
    found = _USER.fullmatch(user) if isinstance(user, str) else None
    return f"{found[1]}@{found[2].casefold()}" if found else None


def _account(handle: str) -> str:
    """Return the key of an account; not ``account_key``: old accounts have capitals, and differ by them alone."""
    return f"account:matrix:{handle}"


def _when(event: Mapping[str, Any]) -> datetime | None:
    return _instant(event.get("origin_server_ts"))


def _instant(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        return None
    return since_1970(milliseconds=value)
