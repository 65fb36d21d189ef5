"""Instagram: the export of an account, Meta's answer to a legal request, and the one post or profile that it shows.

**What is collected.** Of a post its page for embedding (``/p/CODE/embed/captioned/``), which Instagram offers to
anyone; of an account the card of its profile, where Instagram shows one at all. Mostly it asks to sign in, and then the
file is the way. No interface gives the content of others to those who enforce the law.

**Exports.** A caption stands at the post, or, where it has one picture, at the picture. Comments are fields with labels
in the language of the account; where no label is known, the order of the fields decides and a warning says so. They do
not say what they answer. Direct messages are not read.

**Ids.** A post of a page has its short code, and its time can be told from that. Exports have no such id: ``fbid`` is
another number of Meta's, without a time in it, and is written ``fbid-…`` here; where there is none either, an id is
made of what the entry says.

Meta documents no field of any of these files and pages, so this is ``unverified``: compare the first rows of each file
with the file itself before you rely on them.

Sources: https://help.instagram.com/181231772500920 (how to ask for the export; it lists the topics, not fields),
https://ogp.me/, and those of the ``meta_*`` modules beside this one
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from osint.activity import Actor, Record, Tag, account_key
from osint.capture.exchange import Capture
from osint.collectors import meta_export, meta_page, meta_return
from osint.collectors.answer import keep_first, reservations, warning
from osint.collectors.exports import inside, native, objects, of_epoch, sight, text, undated
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.text import parse_html, text_of
from osint.errors import QueryError, UnreadableCaptureError
from osint.query import AccountQuery, Query, UrlQuery

MANIFEST = Manifest(
    name="instagram",
    version="1",
    reads="the export of an account, Meta's answer to a legal request, one post as it may be embedded, and the card of "
    "a profile",
    queries=(UrlQuery, AccountQuery),
    ways=("file", "public"),
    public="single posts of public accounts as they may be embedded; sometimes the card of a profile; mostly a sign-in",
    limits="no list of an account's posts and no comments without a file; an embedded post has no date",
    files="the ZIP of an export in the JSON format; records.html and preservation-N.html of a legal return, or its "
    "ZIP; saved pages",
    id_time="of a post's number or short code: `id >> 23` is milliseconds since 2011-08-24; none in exports",
    proof="unverified",
    home="instagram.com",
    asks=("www.instagram.com",),
    page=1,
    pace=2,
    barred="Meta's interface shows professional accounts to approved apps of businesses, not for law enforcement, and "
    "its embedding interface wants such an app, too. Use an export, a saved page, or legal process.",
    documentation="https://help.instagram.com/181231772500920",
    terms="The terms forbid automated collection without Meta's permission; embedding single public posts is offered.",
    terms_checked="unverified",
)

_EXPECTED = "an export, a legal return or a page of Instagram"
_HOSTS = ("instagram.com", "www.instagram.com", "m.instagram.com")
_BASE = "https://www.instagram.com/"
_NAME = r"[A-Za-z0-9_.]{1,30}"
_POST = re.compile(rf"/(?:(?P<name>{_NAME})/)?(?:p|reel|reels|tv)/(?P<code>[\w-]{{5,40}})(?:/.*)?", re.ASCII)
_PROFILE = re.compile(rf"/(?P<name>{_NAME})/?")
_NO_NAMES = re.compile(
    r"p|reel|reels|tv|explore|accounts|stories|direct|about|legal|developer|developers|web|challenge|privacy|terms|"
    r"api|graphql|locations|press|emails|directory|embed\.js",
    re.IGNORECASE,
)
_CAPTION = re.compile(rf'\A[^"]*?\b(?P<name>{_NAME}) on [^":]{{4,40}}: "(?P<said>.*)"[.\s]*\Z', re.DOTALL)
_LISTS = (
    "ig_stories", "ig_reels_media", "ig_igtv_media", "ig_archived_post_media", "ig_other_media",
    "comments_media_comments", "comments_reels_comments", "comments_story_comments",
)  # fmt: skip
_MARK = re.compile(
    rb'"(?:ig_stories|ig_reels_media|ig_igtv_media|ig_archived_post_media|ig_other_media|comments_media_comments|'
    rb'comments_reels_comments|comments_story_comments|profile_user)"\s*:'
)
_POSTS_OF_MEDIA = re.compile(rb'\A\s*\[\s*\{.{0,4000}?"media"\s*:\s*\[\s*\{', re.DOTALL)
_POST_FOLDERS = "media|content|comments|reels|stories"
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
_GRAPH_ID = re.compile(r"1[78]\d{15}")  # of Meta's graph: no number of a post, and without a time in it


def query_for(url: str) -> Query | None:
    """Return the post or the account of an address at Instagram."""
    parts = urlsplit(url)
    if parts.hostname not in _HOSTS:
        return None
    if meta_page.names_in(url, _HOSTS, _POST):
        return UrlQuery(url=url)
    name = _name_in(url)
    return AccountQuery(account=f"@{name}@{MANIFEST.home}") if name else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the page of a post as it may be embedded, or that of a profile.

    Raises:
        QueryError: The address is not Instagram's.
        SourceClosedError: It asks to sign in, or is closed or gone.
        SourceGoneError: It says that there is none.
    """
    if query.host not in _HOSTS:
        raise QueryError(f"{query.host} is not Instagram's; write the account as @name@{MANIFEST.home}.")
    if isinstance(query, AccountQuery):
        return (yield from _profile_page(query, get))
    assert isinstance(query, UrlQuery)
    found = meta_page.names_in(query.url, _HOSTS, _POST)
    if not found:
        raise QueryError(
            f"{query.url} is no post; write it as {_BASE}p/CODE/, or ask for the account @name@{MANIFEST.home}."
        )
    page = get(f"{_BASE}p/{found['code']}/embed/captioned/")
    shown = _embedded(page)
    meta_page.refuse_page(page, f"the post {query.url}", _HOSTS, is_shown=shown is not None, ambiguous=False)
    if shown and shown["code"] != found["code"]:
        raise meta_page.another(f"{_BASE}p/{found['code']}/", f"{_BASE}p/{shown['code']}/", page)
    yield page
    return Stop.PLATFORM_CAP


def claims(capture: Capture) -> bool:
    """Say whether it is a file of an export of Instagram, a legal return, or a saved page."""
    if "html" in capture.media_type:
        return meta_page.is_page_of(MANIFEST.name, _HOSTS, capture)
    start = capture.body[: 1 << 16].lstrip()
    if b'"label_values"' in start or meta_export.is_private(capture):
        known = meta_export.is_private(capture) or meta_export.is_labelled(capture, _POST_FOLDERS)
        return known and meta_export.service_of(capture) == MANIFEST.name
    if start[:1] == b"[":
        is_comments = b'"string_map_data"' in start and b'"media_list_data"' in start
        is_posts = b'"creation_timestamp"' in start and b'"data"' not in start
        return is_comments or (is_posts and _POSTS_OF_MEDIA.match(start) is not None)
    return start[:1] == b"{" and _MARK.search(start) is not None


def parse(capture: Capture) -> list[Record]:
    """Read a file of an export, a legal return, or a page.

    Raises:
        UnreadableCaptureError: It is none of them.
    """
    read = _page if "html" in capture.media_type else _json
    return keep_first([*reservations(capture), *read(capture)])


# Pages and returns ---------------------------------------------------------------------------------------------------


def _profile_page(query: AccountQuery, get: Get) -> Generator[Capture, None, Stop]:
    page = get(f"{_BASE}{query.name}/")
    shown = meta_page.own_address(page, _HOSTS)
    meta_page.refuse_page(page, f"the account {query.account}", _HOSTS, is_shown=shown is not None, ambiguous=False)
    found = _name_in(shown or "") or str(shown)
    if found.casefold() != query.name.casefold():
        raise meta_page.another(query.name, found, page)
    yield page
    return Stop.PLATFORM_CAP


def _page(capture: Capture) -> Iterator[Record]:
    if meta_return.service(capture):
        yield from meta_return.records(capture, MANIFEST, _returned_id, _name_in(capture.url))
        return
    if meta_export.is_html(capture):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, meta_export.AS_HTML)
    if embedded := _embedded(capture):
        yield from _embedded_post(embedded, capture)
        return
    url = meta_page.own_address(capture, _HOSTS)
    if not url:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it names no address of its own, as a sign-in does")
    name, post = _name_in(url), meta_page.names_in(url, _HOSTS, _POST)
    if post:
        yield _carded(post, capture)
    elif name:
        yield from meta_page.profile(capture, MANIFEST, name, url)
    else:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it is neither a post nor a profile")


def _carded(post: re.Match[str], capture: Capture) -> Record:
    """Return the post of a saved page. Its card says who wrote it in a sentence, which is read in English only."""
    made = meta_page.post(capture, MANIFEST, post["code"], None, type="Image")
    told = _CAPTION.match(made.content or "")
    name = post["name"] or (told["name"] if told else None)
    content = told["said"] if told else made.content
    absent = {field: why for field, why in made.absent.items() if not (field == "attributed_to" and name)}
    return meta_page.post(
        capture, MANIFEST, post["code"], None, type="Image", **_by(name), content=content, absent=absent
    )


def _embedded(capture: Capture) -> dict[str, Any] | None:
    """Return what a page for embedding shows: the post's code, caption, author and picture; None for another page."""
    if "html" not in capture.media_type or b"Embed" not in capture.body:
        return None
    tree = parse_html(capture.text)
    if tree is None:
        return None
    links = [meta_page.names_in(a.get("href") or "", _HOSTS, _POST) for a in tree.iter("a")]
    code = next((found["code"] for found in links if found), None)
    caption = _with_class(tree, "Caption")
    author = _with_class(tree, "CaptionUsername")
    if author is None:
        author = _with_class(tree, "UsernameText")
    if not code or (caption is None and author is None):
        return None
    picture = _with_class(tree, "EmbeddedMediaImage")
    return {
        "code": code,
        "name": text_of(author).strip() or None if author is not None else None,
        "said": _caption(caption) if caption is not None else None,
        "picture": picture.get("src") if picture is not None else None,
    }


def _caption(caption: etree._Element) -> str | None:
    """Return the caption without the name before it and the link to the comments behind it."""
    for name in ("CaptionUsername", "CaptionComments"):
        part = _with_class(caption, name)
        if part is not None:
            part.text = None
            del part[:]
    return text_of(caption).strip() or None


def _with_class(tree: etree._Element, name: str) -> etree._Element | None:
    return next((each for each in tree.iter("*") if name in (each.get("class") or "").split()), None)


def _embedded_post(shown: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    name = shown["name"]
    yield sight(
        capture, MANIFEST, shown["code"], "/html/body", None,
        type="Image",
        url=f"{_BASE}p/{shown['code']}/",
        **_by(name),
        content=shown["said"],
        attachment=meta_page.picture(shown["picture"]),
        tag=tuple(_tags(shown["said"] or "")),
        absent=dict.fromkeys(("published", "updated", "replies", "likes"), "missing")
        | ({} if name else {"attributed_to": "missing"}),
        extra={"coverage": "partial"},
    )  # fmt: skip


# Exports -------------------------------------------------------------------------------------------------------------


def _json(capture: Capture) -> Iterator[Record]:
    if meta_export.is_private(capture):
        yield meta_export.withheld_messages(capture)
        return
    value, warnings = meta_export.read(capture, _EXPECTED)
    yield from warnings
    if isinstance(inside(value, "profile_user"), list):
        yield from _profile(objects(value["profile_user"]), capture)
        return
    lists = [("", value)] if isinstance(value, list) else []
    if isinstance(value, dict):
        lists = [("", [value])] if "label_values" in value else []
        lists += [(f"/{key}", value[key]) for key in _LISTS if isinstance(value.get(key), list)]
    if not lists:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it holds no list that is known")
    export = meta_export.Export(capture, _name_in(capture.url))
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
            yield from _entry(told, f"{where}/{number}", export)
    yield from meta_export.unknown_labels(capture, unknown)
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
    when = next((at for each in (entry, *media) if (at := meta_export.when(each, "creation_timestamp"))), None)
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
    when = next((at for each in (*told.values(), *older) if (at := of_epoch(each.get("timestamp")))), None)
    if not said:
        return None
    return {
        "type": "Note",
        "content": said,
        "when": when,
        "media": objects(entry.get("media_list_data")),
        "basis": ("comment", when and when.raw, said, owner),
        "extra": {"media_owner": owner} if owner else {},
        "in_reply_to_account": account_key(MANIFEST.name, f"{owner}@{MANIFEST.home}") if owner else None,
        "by_order": bool(values) and not is_known,
    }


def _labelled(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    labels, when = meta_export.labels(entry), meta_export.when(entry, "timestamp", "creation_timestamp")
    said, media = meta_export.text_in(labels), meta_export.labelled_media(entry)
    fbid, names = native(entry.get("fbid")), meta_export.files(*media)
    if not labels and not names:
        return None
    post = next((found for each in labels.values() if (found := meta_page.names_in(each, _HOSTS, _POST))), None)
    others = {label: each for label, each in labels.items() if each != said}
    return {
        "type": "Note",
        "content": said,
        "when": when,
        "media": media,
        "basis": ("post", when and when.raw, said, *names, *sorted(labels)),
        "id": post["code"] if post else f"fbid-{fbid}" if fbid else None,
        "url": f"{_BASE}p/{post['code']}/" if post else None,
        "extra": {"labels": others} if others else {},
    }


def _entry(told: dict[str, Any], pointer: str, export: meta_export.Export) -> Iterator[Record]:
    capture, when = export.capture, told.pop("when")
    media, extra, basis = told.pop("media"), told.pop("extra"), told.pop("basis")
    names = meta_export.files(*media)
    is_answer = "in_reply_to_account" in told
    missing = {"attributed_to": export.owner, "published": when, "url": told.get("url"), "in_reply_to": not is_answer}
    yield sight(
        capture, MANIFEST, told.pop("id", None) or export.id_of(*basis), pointer, when,
        **_by(export.owner),
        **told,
        tag=tuple(_tags(told["content"] or "")),
        attachment=tuple(each for item in media for each in meta_page.picture(inside(item, "uri"))),
        absent={field: "missing" for field, value in missing.items() if not value}
        | dict.fromkeys(("replies", "announces", "likes", "visibility"), "missing"),
        extra=extra | ({"files": names} if names else {}),
    )  # fmt: skip
    yield from undated(capture, pointer, when)


def _profile(users: list[dict[str, Any]], capture: Capture) -> Iterator[Record]:
    fields = inside(users[0] if users else None, "string_map_data")
    labels = fields if isinstance(fields, dict) else {}
    values = {label.casefold(): said for label, each in labels.items() if (said := text(inside(each, "value")))}
    name = _labelled_as(values, _USERNAME) or _name_in(capture.url)
    if not name:
        yield meta_export.unnamed(capture)
        return
    handle = f"{name}@{MANIFEST.home}"
    yield Actor(
        id=account_key(MANIFEST.name, handle),
        platform=MANIFEST.name,
        native_id=name,
        handle=handle,
        name=_labelled_as(values, _FULL_NAME),
        url=f"{_BASE}{name}/",
        summary=_labelled_as(values, _BIO),
        exhibit=capture.exhibit,
        pointer="/profile_user/0",
    )


# Small things --------------------------------------------------------------------------------------------------------


def _labelled_as(values: Mapping[str, str], labels: frozenset[str]) -> str | None:
    return next((said for label, said in values.items() if label in labels), None)


def _tags(said: str) -> Iterator[Tag]:
    for name in dict.fromkeys(re.findall(r"(?<![\w&/])#(\w{1,100})", said)):
        yield Tag(type="Hashtag", name=name, href=f"{_BASE}explore/tags/{name}/")
    for name in dict.fromkeys(re.findall(rf"(?<![\w@/.])@({_NAME})", said, re.ASCII)):
        handle = f"{name.rstrip('.')}@{MANIFEST.home}"
        yield Tag(type="Mention", name=handle, account=account_key(MANIFEST.name, handle))


def _returned_id(number: str, kind: str) -> str:
    """Return the id of what a return numbers: comments and Meta's graph number apart from posts."""
    return f"comment-{number}" if kind == "Note" else f"fbid-{number}" if _GRAPH_ID.fullmatch(number) else number


def _by(name: str | None) -> dict[str, Any]:
    handle = f"{name}@{MANIFEST.home}" if name else None
    return {"attributed_to": account_key(MANIFEST.name, handle) if handle else None, "author_handle": handle}


def _name_in(url: str) -> str | None:
    """Return the account in an address."""
    found = meta_page.names_in(url, _HOSTS, _PROFILE) or meta_page.names_in(url, _HOSTS, _POST)
    return found["name"] if found and found["name"] and not _NO_NAMES.fullmatch(found["name"]) else None
