"""Snapchat, from files alone: the "My Data" export of an account, and Snap's answers to legal requests.

Snapchat shows next to nothing to visitors, and what matters in it is sent from person to person. What an export or a
return holds of that is read, since whoever handed it in, or the order that brought it, covers it; every such row has
the visibility ``direct``.

**My Data** (``json/chat_history.json``, ``snap_history.json``, ``memories_history.json``, ``account.json``) has two
spellings: lists of what was sent and received, or one list for each conversation. It has no ids, so one is made of all
that an entry says, and of how often the same was said before it. Times say ``UTC``. A snap has no content left.

**A return** (``conversations.csv``; before 2021 ``chat.csv`` or ``chats.csv``) puts some lines of text above its table.
Columns are taken by their names.

Snap documents neither shape. Both are known from public readers only, so this is ``unverified``: compare the first rows
of each file with the file itself before you rely on them.

Source: https://help.snapchat.com/hc/en-us/articles/7012305371156 (how to ask for it; it lists the topics, not fields).
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from typing import Any

from osint.activity import Absence, Actor, Attachment, Record, account_key
from osint.capture.exchange import Capture
from osint.collectors.addresses import name_in
from osint.collectors.answer import keep_first, read_json, reservations, warning
from osint.collectors.exports import closed, of_another, other_members, table
from osint.collectors.json_values import left_over, list_in, native, text
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import by, made_at, made_id, missing, sight, undated
from osint.collectors.text import absolute
from osint.collectors.times import dated
from osint.errors import UnreadableCaptureError
from osint.query import AccountQuery, Query, without_secrets

MANIFEST = Manifest(
    name="snapchat",
    version="1",
    reads="chats, snaps, memories and the account in a My Data export; conversations in a legal return",
    queries=(AccountQuery,),
    ways=("file",),
    public="public profiles and Spotlight, which are not collected",
    limits="nothing is asked of Snap; snaps have no content left, chats only what was saved or still on the servers",
    files="the ZIP of My Data or its json/*.json one by one; conversations.csv, chat.csv or chats.csv of a return",
    id_time="none: exports have no ids, and those of returns say nothing of the time",
    proof="unverified",
    documentation="https://help.snapchat.com/hc/en-us/articles/7012305371156",
    terms="The terms of service forbid automated collection; the Law Enforcement Guide says how to ask for records.",
    terms_checked="unverified",
)

_EXPECTED = "a My Data export or a return of Snapchat"
_HOSTS = ("www.snapchat.com", "snapchat.com", "story.snapchat.com")
_NAME = r"[A-Za-z][A-Za-z0-9._-]{2,14}"
_PATH = rf"/(?:add/|@|p/)({_NAME})/?"
_CLOSED = (
    "Snapchat shows next to nothing to visitors, so it was not asked for anything. Import the person's My Data export, "
    "or ask Snap by legal process and import what it returns, with case.import_file()."
)
_CHAT_MARKS = (b'"Media Type"', b'"Created"')
_MEMORY_MARKS, _ACCOUNT_MARKS = (b'"Saved Media"', b'"Media Type"'), (b'"Basic Information"', b'"Username"')
_LOOK = 1 << 16
_TABLE = re.compile(
    rb"^(?=[^\n]*\bsender_username\b)(?=[^\n]*\bmessage_id\b)[^\n]*\btimestamp\b"
    rb"|^(?=[^\n]*\bfrom,to,body\b)[^\n]*\btimestamp\b",
    re.MULTILINE,
)
_PLACE = re.compile(r"Latitude, Longitude: (-?\d{1,3}(?:\.\d{1,20})?), (-?\d{1,3}(?:\.\d{1,20})?)", re.ASCII)
_NO_PLACE = re.compile(r"Latitude, Longitude: -?0(?:\.0*)?, -?0(?:\.0*)?")  # written where none is known
_SIGNED = re.compile("link|url", re.IGNORECASE)  # made anew for each export
_SIDE = re.compile(r"(Received|Sent)\b.*\b(Chat|Snap)\b", re.IGNORECASE)
_CHAT_READ = frozenset({"From", "To", "Created", "Content", "Text", "Media Type"})
_ROW_READ = frozenset({
    "message_id", "id", "sender_username", "from", "text", "body", "timestamp", "reply_to_message_id", "href",
})  # fmt: skip


def query_for(url: str) -> Query | None:
    """Return the account of an address on Snapchat."""
    name = name_in(url, _HOSTS, _PATH)
    return AccountQuery(account=f"@{name}@snapchat.com") if name else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:  # noqa: ARG001 - nothing is asked
    """Ask nothing: raise why.

    Raises:
        SourceClosedError: Always.
    """
    return closed(_CLOSED)


def claims(capture: Capture) -> bool:
    """Say whether it is a file of My Data or of a return that is read."""
    body = capture.body
    if body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"{":
        return _TABLE.search(body[:_LOOK]) is not None
    kinds = (_MEMORY_MARKS, _ACCOUNT_MARKS)
    is_chat = all(mark in body for mark in _CHAT_MARKS) and (b'"From"' in body or b'"To"' in body)
    return is_chat or any(all(mark in body for mark in marks) for marks in kinds)


def parse(capture: Capture) -> list[Record]:
    """Read one file of an export or of a return.

    Raises:
        UnreadableCaptureError: It is none.
    """
    records: list[Record] = [*reservations(capture)]
    is_json = capture.text.lstrip("\ufeff \t\r\n")[:1] == "{"
    return keep_first([*records, *(_export if is_json else _return)(capture)])


# My Data -------------------------------------------------------------------------------------------------------------


def _export(capture: Capture) -> Iterator[Record]:
    value = read_json(capture, _EXPECTED)
    if isinstance(value.get("Basic Information"), dict):
        yield from _account(value["Basic Information"], capture)
    elif isinstance(value.get("Saved Media"), list):
        yield from _memories(value["Saved Media"], capture)
        yield from other_members(value, ("Saved Media",), capture)
    elif any(isinstance(entries, list) for entries in value.values()):
        yield from _conversations(value, capture)
    else:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it holds no lists that are known")


def _conversations(value: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    seen, owner, senders = Counter[str](), _owner(capture), dict[str, None]()
    unnamed = False
    for name, entries in value.items():
        where, side = f"/{_escaped(name)}", _SIDE.match(name)
        if entries and not isinstance(entries, list):
            yield warning(capture, where, "This is no list of messages.", "Nothing in it is in the tables.")
        for number, entry in enumerate(list_in(entries)):
            pointer = f"{where}/{number}"
            if not isinstance(entry, dict) or not ("Created" in entry or "Media Type" in entry):
                yield warning(capture, pointer, "This is no message.", "It is not in the tables.")
                continue
            conversation = None if side else name
            said = made_id(conversation, *(f"{key}={each}" for key, each in sorted(entry.items())))
            seen[said] += 1
            is_own = entry.get("IsSender") is True
            is_sent = is_own or (side is not None and side[1].casefold() == "sent")
            author = text(entry.get("From")) or (owner if is_sent else None)
            unnamed = unnamed or not author
            senders |= {author: None} if author and is_own else {}
            yield from _message(pointer, entry, (f"{said}-{seen[said]}", author, conversation), capture)
    if unnamed:
        what = "Some messages name no sender, and the declared address names no account."
        yield warning(capture, "", what, "They have no author. Import the file again with the profile's address.")
    for sender in senders:
        yield from of_another(capture, owner, sender)


def _message(
    pointer: str, entry: Mapping[str, Any], whose: tuple[str, str | None, str | None], capture: Capture
) -> Iterator[Record]:
    number, author, conversation = whose
    when, written = dated(entry.get("Created")), text(entry.get("Content")) or text(entry.get("Text"))
    kind, to = text(entry.get("Media Type")), text(entry.get("To"))
    told = {"media_type": kind, "conversation": conversation, "to": to}
    yield sight(
        capture,
        MANIFEST,
        number,
        pointer,
        when,
        type="Note",
        **_by(author),
        content=html.unescape(written) if written else None,
        visibility="direct",
        absent=_absent(author, when, written),
        extra=left_over(entry, _CHAT_READ) | {name: each for name, each in told.items() if each},
    )
    yield from undated(capture, pointer, when)


def _memories(entries: list[Any], capture: Capture) -> Iterator[Record]:
    owner, seen = _owner(capture), Counter[str]()
    for number, entry in enumerate(entries):
        pointer = f"/Saved Media/{number}"
        if not isinstance(entry, dict) or not text(entry.get("Date")):
            yield warning(capture, pointer, "This is no memory: it has no date.", "It is not in the tables.")
            continue
        said = made_id(*(f"{key}={each}" for key, each in sorted(entry.items()) if not _SIGNED.search(key)))
        seen[said] += 1
        when, kind = dated(entry["Date"]), text(entry.get("Media Type")) or ""
        written = text(entry.get("Location"))
        place = None if _NO_PLACE.fullmatch(written or "") else _PLACE.fullmatch(written or "")
        told = {"latitude": place[1], "longitude": place[2]} if place else {"location": written} if written else {}
        link = absolute("https://www.snapchat.com/", entry.get("Media Download Url") or entry.get("Download Link"))
        yield sight(
            capture,
            MANIFEST,
            f"{said}-{seen[said]}",
            pointer,
            when,
            type="Video" if kind.casefold() == "video" else "Image",
            **_by(owner),
            visibility="private",
            attachment=(Attachment(url=without_secrets(link)),) if link else (),
            absent=_absent(owner, when, None),
            extra={"media_type": kind} | told,
        )
        yield from undated(capture, pointer, when)


def _account(basic: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    name, created = text(basic.get("Username")), dated(basic.get("Creation Date"))
    if not name:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it names no account")
    yield Actor(
        id=account_key("snapchat", f"{name}@snapchat.com"),
        platform="snapchat",
        native_id=name,
        handle=f"{name}@snapchat.com",
        name=text(basic.get("Name")),
        url=f"https://www.snapchat.com/add/{name}",
        **made_at(created),
        exhibit=capture.exhibit,
        pointer="/Basic Information",
    )
    yield from of_another(capture, _owner(capture), name)


# A return ------------------------------------------------------------------------------------------------------------


def _return(capture: Capture) -> Iterator[Record]:
    older = not re.search(r"\bsender_username\b", capture.text[:_LOOK])
    columns = ("from", "to", "body", "timestamp") if older else ("message_id", "sender_username", "timestamp")
    seen: Counter[str] = Counter()
    rows, misfits = table(capture, _EXPECTED, *columns)
    yield from misfits
    for pointer, row in rows:
        number, author = native(row.get("message_id", row.get("id"))), text(row.get("sender_username", row.get("from")))
        if not text(row.get("timestamp")) or not author:
            yield warning(capture, pointer, "This row has no sender or no time.", "It is not in the tables.")
            continue
        said = made_id(*(f"{key}={each}" for key, each in sorted(row.items())))
        seen[said] += 1
        yield from _row(pointer, row, (number or f"{said}-{seen[said]}", author), capture)


def _row(pointer: str, row: Mapping[str, str], whose: tuple[str, str], capture: Capture) -> Iterator[Record]:
    when, written = dated(row["timestamp"]), text(row.get("text")) or text(row.get("body"))
    conversation, answered = text(row.get("conversation_id")), text(row.get("reply_to_message_id"))
    # An id counts within its conversation, and two conversations may hold the same one.
    number = f"{conversation}/{whose[0]}" if conversation else whose[0]
    above = f"{conversation}/{answered}" if conversation else answered
    link = absolute("https://www.snapchat.com/", row.get("href"))
    yield sight(
        capture,
        MANIFEST,
        number,
        pointer,
        when,
        type="Note",
        **_by(whose[1]),
        content=written,
        visibility="direct",
        in_reply_to=f"snapchat:{above}" if answered else None,
        links=(link,) if link else (),
        absent=_absent(whose[1], when, written),
        extra=left_over(row, _ROW_READ),
    )
    yield from undated(capture, pointer, when)


# Small things --------------------------------------------------------------------------------------------------------


def _absent(author: str | None, when: object, written: str | None) -> dict[str, Absence]:
    told = missing(attributed_to=author, published=when, content=written)
    return told | dict.fromkeys(("url", "replies", "likes", "announces"), "missing")


def _by(name: str | None) -> dict[str, Any]:
    return by("snapchat", f"{name}@snapchat.com" if name else None)


def _owner(capture: Capture) -> str | None:
    return name_in(capture.url, _HOSTS, _PATH)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")  # RFC 6901
