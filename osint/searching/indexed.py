"""What is searched of each record of the working tables: the words of a post, a profile or a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from osint.instants import parse_instant
from osint.media import description
from osint.media.value import Value
from osint.posts.search_index import BETWEEN, Document
from osint.store.store import Store

_SAID_IN_EXTRA = (
    "title", "subject", "summary", "description", "details", "remarks", "caution", "spoiler", "question", "options",
)  # fmt: skip
_WORDS = frozenset(
    {
        "camera_make", "camera_model", "camera_serial", "lens_make", "lens_model", "lens_serial", "software", "title",
        "document_id", "instance_id", "original_document_id", "derived_from_id", "image_id", "content_id", "author",
        "description", "rights", "keywords", "place_name", "platform_mark",
    }
)  # fmt: skip
"""Facts of a file that somebody looks for by words or by a number of a thing; the others are measures and times."""
_OF_THE_FORM = ("JFIF", "ICC", "MakerNote", "container", "pixels")


class Found(NamedTuple):
    """A document, and what an answer shows of it beside its words."""

    document: Document
    shown: Mapping[str, Any]


def documents(store: Store, exhibit: str) -> Iterator[tuple[int, Document]]:
    """Yield what is searched of an exhibit, with the position of the record that it comes from."""
    for position, (kind, body) in enumerate(store.of(exhibit)):
        if (found := found_in(kind, body)) is not None:
            yield position, found.document


def found_in(kind: str, body: Mapping[str, Any]) -> Found | None:
    """Return what is searched of a record of the tables; None where that holds no text."""
    found = _OF_RECORDS[kind](body) if kind in _OF_RECORDS else None
    return found if found and found.document.fields else None


def _post(body: Mapping[str, Any]) -> Found:
    content = body.get("content")
    fields = {"content": content}
    if extra := body.get("extra"):
        fields |= {name: joined(extra[name]) for name in _SAID_IN_EXTRA if name in extra}
    if shown := body.get("attachment"):
        fields["attachment"] = joined([each.get("name") for each in shown])
    if tagged := body.get("tag"):
        tags = [each["name"] for each in tagged if each["type"] == "Hashtag" and each.get("name")]
        fields["tag"] = joined([name for name in tags if name not in (content or "")])
    author = (*_account(body.get("attributed_to")), body.get("author_handle"), body.get("author_name"))
    kind = "page" if body["platform"] == "web" else "post"
    document = Document(
        kind, body["id"], body["platform"], _instant(body.get("published")), _texts(author), not_blank(fields)
    )
    return Found(document, {name: body.get(name) for name in ("attributed_to", "pointer", "url")})


def _profile(body: Mapping[str, Any]) -> Found:
    fields = {name: body.get(name) for name in ("name", "handle", "summary")}
    author = _texts((*_account(body["id"]), body.get("handle"), body.get("name")))
    document = Document(
        "profile", body["id"], body["platform"], _instant(body.get("published")), author, not_blank(fields)
    )
    return Found(document, {"attributed_to": body["id"], "pointer": body.get("pointer"), "url": body.get("url")})


def _file(body: Mapping[str, Any]) -> Found:
    facts = description.from_json(body["facts"])
    fields: dict[str, str] = {}
    for value in facts.values:
        if _is_text(value):
            name = " ".join(dict.fromkeys(part for part in (value.block, value.group, value.name) if part))
            fields[name] = f"{fields[name]} {BETWEEN} {value.text}" if name in fields else value.text
    document = Document("media", facts.sha256, "", _instant(body.get("preserved")), (), fields)
    return Found(document, {"attributed_to": None, "pointer": None, "url": body.get("url")})


def _is_text(value: Value) -> bool:
    """Say whether a value is words or a number that somebody looks for, and no measure and no part of the form."""
    if value.status != "read" or (value.fact is None and value.block in _OF_THE_FORM):
        return False
    return value.fact in _WORDS if value.fact else any(map(str.isalpha, value.text))


def joined(value: Any) -> str:
    """Return the texts in a JSON value as one, which no phrase crosses."""
    if isinstance(value, str):
        return value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return f" {BETWEEN} ".join(text for part in parts if (text := joined(part)))


def not_blank(fields: Mapping[str, str | None]) -> dict[str, str]:
    """Return the fields that hold a word."""
    return {name: text for name, text in fields.items() if text and text.strip()}


def _account(key: str | None) -> tuple[str, ...]:
    """Return a node key and the account in it."""
    return (key, key.split(":", 2)[-1]) if key else ()


def _texts(values: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(value for value in values if value)


def _instant(text: str | None) -> datetime | None:
    return parse_instant(text) if text else None


_OF_RECORDS: Mapping[str, Callable[[Mapping[str, Any]], Found]] = {"post": _post, "actor": _profile, "media": _file}
