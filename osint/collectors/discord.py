"""Discord: what an invitation or a widget shows of a server, the data package of an account, and legal returns.

Messages of a server are for its members. Whoever reads them with an account of an officer, or with a program that acts
as one, breaks Discord's rules and takes part; nothing here signs in. An invitation shows the server, its size and who
invites, to anyone. A widget shows who is online, too: names of bystanders, which are not taken.

**When a run is complete.** An invitation or a widget is one answer, and is read whole.

**The data package** (``messages/c<ID>/messages.json``, before 2023 ``messages.csv``) holds what its owner wrote, and
nobody else, in servers and in private alike: a file of messages says neither who wrote it nor for whom. The author is
the account of the declared address (``https://discord.com/users/<ID>``). Its times are UTC and do not say so.

**A legal return** (``messages/servers/*.csv``, ``messages/dms/*.csv``, ``servers/*.json``) is known from public readers
only. Columns are taken by their names, never by their place; a time without a zone is no instant. Messages between
persons are read, since the order that brought them covers them, and have the visibility ``direct``.

**Accounts** are keyed by their number, ``<ID>@discord.com``: names change, and old ones are not unique.

Source: https://discord.com/developers/docs/resources/invite and /resources/guild#get-guild-widget; for the package
https://support.discord.com/hc/en-us/articles/360004957991
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from osint.activity import Actor, Attachment, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.addresses import name_in
from osint.collectors.answer import keep_first, read_json, refuse, reservations, warning, whole_items
from osint.collectors.exports import closed, member, of_another, table
from osint.collectors.json_values import count, inside, left_over, native, objects, text
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import missing, sight, undated
from osint.collectors.text import absolute
from osint.collectors.times import dated
from osint.errors import SourceError, UnreadableCaptureError
from osint.query import AccountQuery, Query, UrlQuery

MANIFEST = Manifest(
    name="discord",
    version="1",
    reads="what an invitation or a widget shows of a server; messages of a data package and of a legal return",
    queries=(UrlQuery, AccountQuery),
    ways=("api", "file"),
    public="name, description and size of a server to whoever has an invitation; more where it has a widget",
    limits="no messages without the account of a member, so none are collected; a widget names 100 members at most, "
    "which are left out",
    files="the ZIP of a data package, or its messages.json and messages.csv one by one; tables of a legal return "
    "(unverified: known from public readers only)",
    id_time="`(id >> 22) + 1420070400000` is milliseconds since 1970",
    proof="documented",
    asks=("discord.com",),
    page=1,
    pace=1,
    documentation="https://discord.com/developers/docs/resources/invite",
    terms="Programs that act as a user's account are forbidden; the developer terms govern the interface.",
    terms_checked="unverified",
)

_EXPECTED = "an answer, a data package or a return of Discord"
_API = "https://discord.com/api/v10"
_HOSTS = ("discord.com", "www.discord.com", "discordapp.com", "www.discordapp.com")
_CODE = r"([A-Za-z0-9-]{2,64})"
_WIDGET = r"/api/(?:v\d{1,2}/)?guilds/(\d{15,20})/widget\.json"
_CLOSED = (
    "Discord shows no messages to visitors, so it was not asked for anything. Import the person's data package or a "
    "legal return with case.import_file(); an invitation's address shows what its server shows to anyone."
)
_CHANNEL = re.compile(r"(?:^|/)c?(\d{15,20})/messages\.(?:json|csv)$", re.IGNORECASE)
_RETURN = re.compile(r"(?:^|/)messages/(dms|servers)/[^/]+\.csv$", re.IGNORECASE)
_INVITE_MARKS, _WIDGET_MARKS = (b'"code"', b'"guild"', b'"expires_at"'), (b'"instant_invite"', b'"presence_count"')
_MESSAGE_MARKS = (b'"ID"', b'"Timestamp"', b'"Contents"')
_USER_MARKS, _SERVER_MARKS = (b'"id"', b'"username"', b'"discriminator"'), (b'"id"', b'"name"', b'"owner_id"')
_TABLE = re.compile(rb"(?:\xef\xbb\xbf)?\"?ID\"?,\"?Timestamp\"?,\"?Contents\"?", re.IGNORECASE)
_RETURN_TABLE = re.compile(
    rb"(?=[^\n]*author.id)(?=[^\n]*channel.id)(?=[^\n]*timestamp)[^\n]*contents?\b", re.IGNORECASE
)
_MENTION = re.compile(r"<@!?(\d{15,20})>")
_READ = frozenset({
    "id", "timestamp", "contents", "content", "attachments", "author_id", "username", "channel_id",
})  # fmt: skip


def query_for(url: str) -> Query | None:
    """Return the invitation, the widget or the account of an address on Discord."""
    if _invited(url) or _widget_of(url):
        return UrlQuery(url=url)
    number = name_in(url, _HOSTS, r"/users/(\d{15,20})/?")
    return AccountQuery(account=f"@{number}@discord.com") if number else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the answer for an invitation or a widget.

    Raises:
        SourceClosedError: Something else is asked for.
    """
    url = query.url if isinstance(query, UrlQuery) else ""
    code, server = _invited(url), _widget_of(url)
    if code:
        answer = get(f"{_API}/invites/{code}", with_counts="true")
    elif server:
        answer = get(f"{_API}/guilds/{server}/widget.json")
    else:
        return (yield from closed(_CLOSED))
    value = read_json(answer, _EXPECTED) if answer.body.lstrip()[:1] == b"{" else None
    refuse(answer, url, text(inside(value, "message")) or "")
    came = inside(read_json(answer, _EXPECTED), "code" if code else "id")
    if str(came).casefold() != str(code or server).casefold():
        raise SourceError(
            f"{url} was asked for, and the answer (exhibit {answer.exhibit}) is about something else, or an error with "
            "the status of a success. It is preserved and nothing was read from it."
        )
    yield answer
    return Stop.EXHAUSTED


def claims(capture: Capture) -> bool:
    """Say whether it is an answer about a server, or a file of a package or of a return that is read."""
    body, name = capture.body, member(capture)
    first = body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first == b"[":
        return _has(body, _MESSAGE_MARKS) or (len(body) < 16 and _CHANNEL.search(name) is not None)
    if first == b"{":
        is_account = name.casefold().endswith("/user.json") and _has(body, _USER_MARKS)
        return (
            is_account or any(_has(body, marks) for marks in (_INVITE_MARKS, _WIDGET_MARKS)) or _is_server(name, body)
        )
    return bool(_TABLE.match(body) or _RETURN_TABLE.match(body[:4096]) or _RETURN.search(name))


def parse(capture: Capture) -> list[Record]:
    """Read an answer, or one file of a package or of a return.

    Raises:
        UnreadableCaptureError: It is none of them.
    """
    records: list[Record] = [*reservations(capture)]
    first = capture.text.lstrip("\ufeff \t\r\n")[:1]
    read = {"[": _package, "{": _object}.get(first, _table)
    return keep_first([*records, *read(capture)])


# A server ------------------------------------------------------------------------------------------------------------


def _object(capture: Capture) -> Iterator[Record]:
    value = read_json(capture, _EXPECTED)
    if text(value.get("code")) and isinstance(value.get("guild"), dict):
        yield from _invite(value, capture)
    elif native(value.get("id")) and "presence_count" in value:
        yield from _widget(value, capture)
    elif native(value.get("id")) and text(value.get("username")):
        yield _user("", value, capture)
        yield from of_another(capture, _owner(capture), native(value["id"]))
    elif native(value.get("id")) and text(value.get("name")):
        yield _server("", value, capture)
    else:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it names neither a server nor an account")


def _invite(value: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    guild, code = value["guild"], str(value["code"])
    told = ("approximate_member_count", "approximate_presence_count", "expires_at", "type", "flags")
    extra = {name: value[name] for name in told if value.get(name) is not None}
    features = {"features": guild["features"]} if isinstance(guild.get("features"), list) else {}
    channel = {"channel": value["channel"]} if isinstance(value.get("channel"), dict) else {}
    said = [text(guild.get("name")), text(guild.get("description"))]
    inviter = _account(native(inside(value, "inviter", "id")))
    yield sight(
        capture,
        MANIFEST,
        code,
        "",
        None,
        type="Page",
        url=f"https://discord.gg/{code}",
        attributed_to=inviter,
        author_handle=_handle(value.get("inviter")),
        author_name=text(inside(value, "inviter", "global_name")),
        content="\n".join(each for each in said if each),
        absent=missing(published=None, attributed_to=inviter),
        extra=extra | features | channel | {"server": native(guild.get("id"))},
    )
    if native(guild.get("id")):
        yield _server("/guild", guild, capture)
    if inviter:
        yield _user("/inviter", value["inviter"], capture)


def _widget(value: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    server, shown = str(native(value["id"])), objects(value.get("members"))
    channels = [name for each in objects(value.get("channels")) if (name := text(each.get("name")))]
    yield sight(
        capture,
        MANIFEST,
        f"widget/{server}",
        "",
        None,
        type="Page",
        url=absolute("https://discord.com/", value.get("instant_invite")),
        content=text(value.get("name")),
        absent={"published": "missing", "attributed_to": "missing"},
        extra={"presence_count": count(value.get("presence_count")), "channels": channels, "server": server},
    )
    yield _server("", value, capture)
    if shown:
        what = f"The widget names members who are online ({len(shown)})."
        yield warning(capture, "/members", what, "They are bystanders; none is in the tables.")


def _server(pointer: str, guild: Mapping[str, Any], capture: Capture) -> Actor:
    number = str(native(guild.get("id")))
    return Actor(
        id=str(_account(number)),
        platform="discord",
        native_id=number,
        handle=f"{number}@discord.com",
        name=text(guild.get("name")),
        url=f"https://discord.com/channels/{number}",
        summary=text(guild.get("description")),
        exhibit=capture.exhibit,
        pointer=pointer,
    )


def _user(pointer: str, user: Mapping[str, Any], capture: Capture) -> Actor:
    number = str(native(user.get("id")))
    return Actor(
        id=str(_account(number)),
        platform="discord",
        native_id=number,
        handle=_handle(user) or f"{number}@discord.com",
        name=text(user.get("global_name")),
        url=f"https://discord.com/users/{number}",
        exhibit=capture.exhibit,
        pointer=pointer,
    )


# Messages ------------------------------------------------------------------------------------------------------------


def _package(capture: Capture) -> Iterator[Record]:
    try:
        entries = read_json(capture, _EXPECTED)
    except UnreadableCaptureError:
        entries = whole_items(capture.text)
        if not entries:
            raise
        what = f"The list breaks off after {len(entries)} whole messages."
        yield warning(capture, "", what, "The messages beyond are not in the tables.")
    yield from _authorless(entries, capture)
    for number, entry in enumerate(entries):
        named = {name.casefold(): each for name, each in entry.items()} if isinstance(entry, dict) else {}
        yield from _message(f"/{number}", named, capture)


def _table(capture: Capture) -> Iterator[Record]:
    rows, misfits = table(capture, _EXPECTED, "id", "timestamp")
    is_return = bool(_RETURN.search(member(capture))) or any("author_id" in row for _, row in rows)
    yield from misfits
    if not is_return:
        yield from _authorless(rows, capture)
    for pointer, row in rows:
        yield from _message(pointer, row, capture, is_return=is_return)


def _authorless(entries: Any, capture: Capture) -> Iterator[Record]:
    if entries and not _owner(capture):
        what = "The file names no author, and the declared address names no account (https://discord.com/users/<ID>)."
        yield warning(capture, "", what, "Its messages have no author. Import the file again with that address.")


def _message(pointer: str, entry: Mapping[str, Any], capture: Capture, *, is_return: bool = False) -> Iterator[Record]:
    """Yield one message. Those of a package are their owner's; a return holds those of others, too."""
    number, when = native(entry.get("id")), dated(entry.get("timestamp"), utc=not is_return)
    if not number or not number.isdecimal():
        yield warning(capture, pointer, "This is no message: it has no id.", "It is not in the tables.")
        return
    name, part = text(entry.get("username")), member(capture)
    author = native(entry.get("author_id")) if is_return else _owner(capture)
    channel, returned = _CHANNEL.search(part), _RETURN.search(part)
    is_direct = bool(returned and returned[1].casefold() == "dms")
    written = text(entry.get("contents")) or text(entry.get("content")) or ""
    where = native(entry.get("channel_id")) or (channel[1] if channel else None)
    yield sight(
        capture,
        MANIFEST,
        number,
        pointer,
        when,
        type="Note",
        attributed_to=_account(author),
        author_handle=f"{name or author}@discord.com" if name or author else None,
        content=written,
        visibility="direct" if is_direct else None,
        tag=tuple(_mentions(written)),
        attachment=tuple(_attachments(entry.get("attachments"))),
        absent=_absent(author, when, is_direct=is_direct),
        extra=left_over(entry, _READ) | ({"channel": where} if where else {}),
    )
    yield from undated(capture, pointer, when)
    if is_return and not author:
        what = "This message of a return names no author by number."
        yield warning(capture, pointer, what, "It is given to nobody; compare the exhibit.")


def _absent(author: str | None, when: object, *, is_direct: bool) -> dict[str, str]:
    missing = ["url", "in_reply_to", "replies", "announces", "likes"]
    missing += [] if is_direct else ["visibility"]
    missing += [] if author else ["attributed_to"]
    return dict.fromkeys(missing if when else [*missing, "published"], "missing")


def _mentions(written: str) -> Iterator[Tag]:
    for number in dict.fromkeys(_MENTION.findall(written)):
        href = f"https://discord.com/users/{number}"
        yield Tag(type="Mention", name=f"{number}@discord.com", href=href, account=_account(number))


def _attachments(spelt: object) -> Iterator[Attachment]:
    for each in (text(spelt) or "").split():
        if url := absolute("https://cdn.discordapp.com/", each):
            yield Attachment(url=url)


# Small things --------------------------------------------------------------------------------------------------------


def _invited(url: str) -> str | None:
    return name_in(url, ("discord.gg", "www.discord.gg"), rf"/{_CODE}/?") or name_in(url, _HOSTS, rf"/invite/{_CODE}/?")


def _widget_of(url: str) -> str | None:
    if number := name_in(url, _HOSTS, _WIDGET):
        return number
    parts = urlsplit(url)
    asked = parse_qs(parts.query).get("id", [""])[0] if parts.hostname in _HOSTS and parts.path == "/widget" else ""
    return unquote(asked) if re.fullmatch(r"\d{15,20}", asked) else None


def _owner(capture: Capture) -> str | None:
    return name_in(capture.url, _HOSTS, r"/users/(\d{15,20})/?")


def _account(number: str | None) -> str | None:
    return account_key("discord", f"{number}@discord.com") if number else None


def _handle(user: Any) -> str | None:
    name = text(inside(user, "username"))
    return f"{name}@discord.com" if name else None


def _has(body: bytes, marks: tuple[bytes, ...]) -> bool:
    return all(mark in body for mark in marks)


def _is_server(name: str, body: bytes) -> bool:
    return re.search(r"(?:^|/)servers/[^/]+(?:/guild)?\.json$", name, re.IGNORECASE) is not None and (
        _has(body, _SERVER_MARKS) or (name.casefold().endswith("/guild.json") and b'"name"' in body)
    )
