"""The files of an export of Instagram in the JSON format, and how an account and a post are written.

It is no collector. A caption stands at the post, or, where it has one picture, at the picture. Comments are fields with
labels in the language of the account; where no label is known, the order of the fields decides and a warning says so.

Source: https://help.instagram.com/181231772500920 (how to ask for it; it lists the topics, not fields)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from osint.activity import Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors import meta_export, meta_page
from osint.collectors.addresses import path_in
from osint.collectors.answer import warning
from osint.collectors.exports import Export, of_another, other_members
from osint.collectors.json_values import inside, native, objects, text
from osint.collectors.protocol import Manifest
from osint.collectors.sights import account, by_name, missing, sight, undated
from osint.collectors.times import of_epoch
from osint.errors import UnreadableCaptureError

HOSTS = ("instagram.com", "www.instagram.com", "m.instagram.com")
BASE = "https://www.instagram.com/"
NAME = r"[A-Za-z0-9_.]{1,30}"
POST = re.compile(rf"/(?:(?P<name>{NAME})/)?(?:p|reel|reels|tv)/(?P<code>[\w-]{{5,40}})(?:/.*)?", re.ASCII)
PROFILE = re.compile(rf"/(?P<name>{NAME})/?")
_NO_NAMES = re.compile(
    r"p|reel|reels|tv|explore|accounts|stories|direct|about|legal|developer|developers|web|challenge|privacy|terms|"
    r"api|graphql|locations|press|emails|directory|embed\.js",
    re.IGNORECASE,
)
_LISTS = (
    "ig_stories", "ig_reels_media", "ig_igtv_media", "ig_archived_post_media", "ig_other_media",
    "comments_media_comments", "comments_reels_comments", "comments_story_comments",
)  # fmt: skip
_COMMENT, _OWNER, _USERNAME = (
    frozenset({
        "comment", "opmerking", "kommentar", "commentaire", "comentario", "comentário", "commento",
    }),
    frozenset({
        "media owner", "media-eigenaar", "medieninhaber", "propriétaire du contenu", "propietario del contenido",
        "proprietário da mídia", "proprietario del contenuto",
    }),
    frozenset({
        "username", "gebruikersnaam", "benutzername", "nom d’utilisateur", "nom d'utilisateur", "nom de profil",
        "nombre de usuario", "nome de usuário", "nome utente",
    }),
)  # fmt: skip
_FULL_NAME, _BIO = frozenset({"name", "naam", "nom", "nombre", "nome"}), frozenset({"bio", "biografie", "biografía"})


def records(capture: Capture, manifest: Manifest, expected: str) -> Iterator[Record]:
    """Yield what a file of an export holds: posts and comments, or the account; of a conversation only a warning.

    Raises:
        UnreadableCaptureError: It is no file of an export that is known.
    """
    if meta_export.is_private(capture):
        yield meta_export.withheld_messages(capture)
        return
    value, warnings = meta_export.read(capture, expected)
    yield from warnings
    if isinstance(inside(value, "profile_user"), list):
        yield from _profile(objects(value["profile_user"]), capture, manifest)
        return
    lists = [("", value)] if isinstance(value, list) else []
    if isinstance(value, dict):
        lists = [("", [value])] if "label_values" in value else []
        lists += [(f"/{key}", value[key]) for key in _LISTS if isinstance(value.get(key), list)]
    if not lists:
        raise UnreadableCaptureError(capture.exhibit, expected, "it holds no list that is known")
    export = Export(capture, name_in(capture.url))
    if not export.owner:
        yield meta_export.unnamed(capture)
    by_order, unknown = False, 0
    for where, entries in lists:
        for number, entry in enumerate(entries):
            told = _read(entry) if isinstance(entry, dict) else None
            if told is None:
                yield from meta_export.not_read(capture, f"{where}/{number}")
                continue
            by_order = bool(told.pop("by_order", False)) or by_order
            unknown += "label_values" in entry and not told["content"]
            yield from _entry(told, f"{where}/{number}", export, manifest)
    yield from meta_export.unknown_labels(capture, unknown)
    if isinstance(value, dict) and "label_values" not in value:
        yield from other_members(value, _LISTS, capture)
    if by_order:
        what = "The labels of the comments are in a language that is not known."
        effect = "Comment and owner of the picture were told apart by their order; compare them with the exhibit."
        yield warning(capture, "", what, effect)


def _read(entry: dict[str, Any]) -> dict[str, Any] | None:
    """Return what an entry says, in the terms of a post; None when it is no post."""
    if isinstance(entry.get("label_values"), list):
        return _labelled(entry)
    if isinstance(entry.get("string_map_data"), dict) or isinstance(entry.get("string_list_data"), list):
        return _comment(entry)
    is_file = text(entry.get("uri")) and not isinstance(entry.get("media"), list)
    media = [entry] if is_file else objects(entry.get("media"))
    alone = media[0] if len(media) == 1 else {}
    said = text(entry.get("title")) or text(alone.get("title"))
    when = meta_export.first_instant(meta_export.when(each, "creation_timestamp") for each in (entry, *media))
    names = meta_export.files(*media)
    if not said and not names:
        return None
    titles = [title for each in media if (title := text(each.get("title"))) and title != said]
    return {
        "type": meta_export.kind_of_file(names[0]) if len(names) == 1 else "Note",
        "content": said,
        "when": when,
        "media": media,
        "basis": ("post", when and when.raw, said, *names),
        "extra": {"titles": titles} if titles else {},
    }


def _comment(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    fields = inside(entry, "string_map_data")
    labels = fields.items() if isinstance(fields, dict) else ()
    told = {label: each for label, each in labels if isinstance(each, dict)}
    values = {label: said for label, each in told.items() if (said := text(each.get("value")))}
    said = next((each for label, each in values.items() if label.casefold() in _COMMENT), None)
    owner = next((each for label, each in values.items() if label.casefold() in _OWNER), None)
    is_known = any(label.casefold() in _COMMENT | _OWNER for label in values)
    older = objects(entry.get("string_list_data"))
    if not is_known and values:
        said, owner = (*values.values(), None)[:2]
    elif not values and older:
        said, owner = text(older[0].get("value")), text(entry.get("title"))
    when = meta_export.first_instant(of_epoch(each.get("timestamp")) for each in (*told.values(), *older))
    if not said:
        return None
    return {
        "type": "Note",
        "content": said,
        "when": when,
        "media": objects(entry.get("media_list_data")),
        "basis": ("comment", when and when.raw, said, owner),
        "extra": {"media_owner": owner} if owner else {},
        "in_reply_to_account": account_key("instagram", f"{owner}@instagram.com") if owner else None,
        "by_order": bool(values) and not is_known,
    }


def _labelled(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    labels, when = meta_export.labels(entry), meta_export.when(entry, "timestamp", "creation_timestamp")
    said, media = meta_export.text_in(labels), meta_export.labelled_media(entry)
    fbid, names = native(entry.get("fbid")), meta_export.files(*media)
    if not labels and not names:
        return None
    post = next((found for each in labels.values() if (found := path_in(each, HOSTS, POST))), None)
    others = {label: each for label, each in labels.items() if each != said}
    return {
        "type": "Note",
        "content": said,
        "when": when,
        "media": media,
        "basis": ("post", when and when.raw, said, *names, *sorted(labels)),
        "id": post["code"] if post else f"fbid-{fbid}" if fbid else None,
        "url": f"{BASE}p/{post['code']}/" if post else None,
        "extra": {"labels": others} if others else {},
    }


def _entry(told: dict[str, Any], pointer: str, export: Export, manifest: Manifest) -> Iterator[Record]:
    capture, when = export.capture, told.pop("when")
    media, extra, basis = told.pop("media"), told.pop("extra"), told.pop("basis")
    names = meta_export.files(*media)
    is_answer = "in_reply_to_account" in told
    yield sight(
        capture, manifest, told.pop("id", None) or export.id_of(*basis), pointer, when,
        **by_name(manifest, export.owner),
        **told,
        tag=tuple(tags(told["content"] or "")),
        attachment=tuple(each for item in media for each in meta_page.picture(inside(item, "uri"))),
        absent=missing(
            attributed_to=export.owner, published=when, url=told.get("url"), in_reply_to=not is_answer
        )
        | dict.fromkeys(("replies", "announces", "likes", "visibility"), "missing"),
        extra=extra | ({"files": names} if names else {}),
    )  # fmt: skip
    yield from undated(capture, pointer, when)


def _profile(users: list[dict[str, Any]], capture: Capture, manifest: Manifest) -> Iterator[Record]:
    values = meta_export.said_of(users[0] if users else None)
    told, declared = _labelled_as(values, _USERNAME), name_in(capture.url)
    name = told or declared
    yield from of_another(capture, declared, told)
    if not name:
        yield meta_export.unnamed(capture)
        return
    yield account(
        capture,
        manifest,
        name,
        "/profile_user/0",
        name=_labelled_as(values, _FULL_NAME),
        url=f"{BASE}{name}/",
        summary=_labelled_as(values, _BIO),
    )


def _labelled_as(values: Mapping[str, str], labels: frozenset[str]) -> str | None:
    return next((said for label, said in values.items() if label in labels), None)


# Accounts -------------------------------------------------------------------------------------------------------------


def tags(said: str) -> Iterator[Tag]:
    """Yield the hashtags and the mentions in a text."""
    for name in dict.fromkeys(re.findall(r"(?<![\w&/])#(\w{1,100})", said)):
        yield Tag(type="Hashtag", name=name, href=f"{BASE}explore/tags/{name}/")
    for name in dict.fromkeys(re.findall(rf"(?<![\w@/.])@({NAME})", said, re.ASCII)):
        handle = f"{name.rstrip('.')}@instagram.com"
        yield Tag(type="Mention", name=handle, account=account_key("instagram", handle))


def name_in(url: str) -> str | None:
    """Return the account in an address."""
    found = path_in(url, HOSTS, PROFILE) or path_in(url, HOSTS, POST)
    return found["name"] if found and found["name"] and not _NO_NAMES.fullmatch(found["name"]) else None
