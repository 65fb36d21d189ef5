"""The export that Telegram Desktop makes: one chat, or all of an account, as JSON.

It is no collector. An export names no channel, so a message is told by the number of its chat. ``date_unixtime`` is
read; ``date`` and ``edited`` alone are the local time of the computer that exported, without a zone.

Source: https://github.com/telegramdesktop/tdesktop/blob/dev/Telegram/SourceFiles/export/output/export_output_json.cpp
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from osint.activity import Post, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import read_json, reservations, warning
from osint.collectors.json_values import list_in, native_in, text_in
from osint.collectors.protocol import Manifest
from osint.collectors.sights import by, sight
from osint.collectors.telegram_page import EXPECTED, gaps, web
from osint.collectors.text import well_formed
from osint.collectors.times import since_1970
from osint.errors import UnreadableCaptureError
from osint.instants import Reading

# Keys of a message that have a field of their own; all others go to ``extra`` as they are.
_READ = frozenset({"id", "type", "date_unixtime", "edited_unixtime", "from", "text", "text_entities"})
_NOT_POSTS = frozenset({"about", "chats", "left_chats"})


def records_of(capture: Capture, manifest: Manifest) -> list[Record]:
    """Read an export of one chat, or of all.

    Raises:
        UnreadableCaptureError: It is neither.
    """
    value = read_json(capture, EXPECTED)
    if isinstance(value, dict) and isinstance(value.get("messages"), list):
        return [*reservations(capture), *_chat(value, "", capture, manifest)]
    sides = [side for side in ("chats", "left_chats") if isinstance(value, dict) and side in value]
    if not any(isinstance(value[side], dict) for side in sides):
        raise UnreadableCaptureError(capture.exhibit, EXPECTED, "neither messages nor chats")
    records: list[Record] = [*reservations(capture)]
    for side in sides:
        listed = value[side].get("list") if isinstance(value[side], dict) else None
        if not isinstance(listed, list):
            records.append(warning(capture, f"/{side}", "This holds no list of chats.", "It is not in the tables."))
        for number, chat in enumerate(list_in(listed)):
            records += _chat(chat, f"/{side}/list/{number}", capture, manifest)
    others = sorted(set(value) - _NOT_POSTS)
    if others:
        what = f"The export also holds {', '.join(name[:40] for name in others[:20])}."
        records.append(
            warning(capture, "", what, "These are no posts and are not in the tables; the exhibit has them.")
        )
    return records


def _chat(chat: Any, pointer: str, capture: Capture, manifest: Manifest) -> Iterator[Record]:
    if not isinstance(chat, dict) or not isinstance(chat.get("messages"), list) or native_in(chat.get("id")) is None:
        yield warning(capture, pointer, "This is no chat: it has no id or no messages.", "It is not in the tables.")
        return
    undated, numbers = 0, set[int]()
    for number, message in enumerate(chat["messages"]):
        place = f"{pointer}/messages/{number}"
        if not isinstance(message, dict) or native_in(message.get("id")) is None:
            yield warning(capture, place, "This is no message: it has no id.", "It is not in the tables.")
            continue
        post = _exported(message, chat, place, capture, manifest)
        undated += post.published is None
        numbers |= {message["id"]} if isinstance(message["id"], int) and message["id"] > 0 else set()
        yield post
        if not _is_text(message.get("text")):
            effect = "The words of the message are not whole in the tables; the exhibit has them."
            yield warning(capture, f"{place}/text", "A part of this text cannot be read.", effect)
    if undated:
        what = f"{undated} of {len(chat['messages'])} messages have no date_unixtime, and date names no zone."
        yield warning(capture, pointer, what, "They have no instant in the tables; published_raw has what is written.")
    if any(kind in str(chat.get("type")) for kind in ("channel", "supergroup")):
        yield from gaps(numbers, capture, pointer)


def _exported(
    message: Mapping[str, Any], chat: Mapping[str, Any], pointer: str, capture: Capture, manifest: Manifest
) -> Post:
    chat_id, when = native_in(chat["id"]), _when(message)
    sender = native_in(message.get("from_id")) or native_in(message.get("actor_id"))
    answered, forwarded = native_in(message.get("reply_to_message_id")), "forwarded_from" in message
    told = [list(_pieces(message.get(name))) for name in ("text", "text_entities")]
    pieces = next((each for each in told if any(words for _, words, _ in each)), [])
    elsewhere, updated = native_in(message.get("reply_to_peer_id")), _unix(message.get("edited_unixtime"))
    peer = re.sub(r"\D", "", elsewhere) if elsewhere else chat_id
    kept = {name: item for name, item in message.items() if name not in _READ and item not in (None, "", [], {})}
    if updated:
        kept.pop("edited", None)
    return sight(
        capture, manifest, f"{chat_id}/{native_in(message['id'])}", pointer, when,
        type="Announce" if forwarded else "Note",
        **by("telegram", sender),
        author_name=text_in(message.get("from")) or text_in(message.get("actor")),
        content="".join(text for _, text, _ in pieces),
        updated=updated,
        in_reply_to=f"telegram:{peer}/{answered}" if answered and peer else None,
        tag=tuple(_entity_tags(pieces)),
        links=tuple(dict.fromkeys(url for kind, text, href in pieces if (url := _linked(kind, text, href)))),
        visibility=text_in(chat.get("type")),
        absent={field: word for field, word in (
            ("published", None if when and when.instant else "missing"),
            ("attributed_to", None if sender else "missing"),
            ("announce_of", "missing" if forwarded else None),
            ("url", "missing"),
        ) if word},
        extra=kept
        | {"chat_id": chat_id, "chat_type": text_in(chat.get("type")), "chat_name": text_in(chat.get("name"))}
        | ({"service": True} if message.get("type") == "service" else {}),
    )  # fmt: skip


def _when(message: Mapping[str, Any]) -> Reading | None:
    """Return the instant of a message; else its local time as written, which is none."""
    instant = _unix(message.get("date_unixtime"))
    if instant:
        return Reading(str(message["date_unixtime"]), instant, True)
    written = text_in(message.get("date")) or text_in(message.get("date_unixtime"))
    return Reading(written, None, False) if written else None


def _is_text(text: Any) -> bool:
    """Say whether all of a text can be read."""
    return text is None or len(list(_pieces(text))) == len(text if isinstance(text, list) else [text])


def _pieces(text: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield the pieces of a text: what it is, its words, and where it leads; a plain text is one piece."""
    for piece in text if isinstance(text, list) else [text]:
        if isinstance(piece, str):
            yield "plain", well_formed(piece), None
        elif isinstance(piece, dict) and isinstance(piece.get("text"), str):
            yield str(piece.get("type")), well_formed(piece["text"]), piece.get("href") or piece.get("user_id")


def _entity_tags(pieces: Iterable[tuple[str, str, Any]]) -> Iterator[Tag]:
    for kind, text, leads in pieces:
        if kind == "hashtag":
            yield Tag(type="Hashtag", name=text.removeprefix("#"))
        elif kind == "mention":
            name = text.removeprefix("@")
            yield Tag(type="Mention", name=name, account=account_key("telegram", f"{name}@t.me"))
        elif kind == "mention_name" and (user := native_in(leads)):
            yield Tag(type="Mention", name=text, account=account_key("telegram", f"user{user}"))


def _linked(kind: str, text: str, leads: Any) -> str | None:
    if kind == "text_link":
        return web(leads)
    return (web(text) or web(f"https://{text}")) if kind == "link" else None


def _unix(seconds: Any) -> datetime | None:
    is_number = isinstance(seconds, str | int) and not isinstance(seconds, bool)
    try:
        return since_1970(int(seconds)) if is_number and seconds else None
    except ValueError:
        return None
