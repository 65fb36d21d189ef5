"""What Meta returns to a legal request: ``records.html`` (``index.html`` in older ones) and ``preservation-N.html``.

It is no collector. Facebook and Instagram share the shape: one pane for each kind of record, ``property-comments``,
with fields inside fields. They were written as tables, later as ``div_table inner`` with ``most_inner`` in it, and
since 2026 as ``t i`` with ``m``. The end of a printed page may break a field in two; its rest has no label then.

**Read** are the panes that hold what was published: status updates, posts on timelines, shares, photos, videos and
comments. **Not read** are messages, addresses, sign-ins, devices and all others: they are no posts. One warning names
them, since they are evidence in the same exhibit. Files in ``linked_media`` are named in ``extra``, not opened.

Meta documents none of this. The shape is known from public readers only (RLEAPP): compare the first rows of each pane
with the file itself before you rely on them.

Source: https://www.facebook.com/safety/groups/law/guidelines/ (what can be asked for)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from osint.activity import Actor, Record, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import warning
from osint.collectors.exports import member
from osint.collectors.json_values import count, native
from osint.collectors.meta_export import links
from osint.collectors.protocol import Manifest
from osint.collectors.sights import by, made_id, missing, sight, undated
from osint.collectors.text import parse_html, text_of
from osint.collectors.times import dated
from osint.errors import UnreadableCaptureError
from osint.instants import Reading

_PANE = "property-"
_SERVICE = re.compile(
    rb"\bService\s*(?:<[^<>]{0,200}>\s*){1,12}(Facebook|Instagram)\b|\b(Facebook|Instagram) Legal Request"
)
_INNER, _CELLS = ({"div_table", "inner"}, {"t", "i"}), {"most_inner", "m"}
_AS_TABLE, _AS_CELL = re.compile(r"display:\s*table\s*(?:;|\Z)"), re.compile(r"display:\s*table-cell")
_NONE = re.compile(r"no responsive records?\b", re.IGNORECASE)
_ACCOUNT = re.compile(
    r"(?P<name>.*?)\s*\((?:(?P<service>Facebook|Instagram|Threads):?\s*)?(?P<id>\d{1,20})\)\s*", re.DOTALL
)
_FILE = "linked media file"
_ANSWERED = "media content id"  # of the post that a comment stands below
_ADDRESSES = ("url", "link", "linked url")
_COUNTS = {"likes": "likes count", "replies": "comments count", "announces": "share count"}
_BY_OTHERS = ("wallposts",)  # on the account's timeline, where others write, too
_ABOUT = ("request_parameters", "vanity")
_PRIVATE = frozenset({"upload ip", "ip address", "ip", "device id"})  # of the account, not of what it published


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """How the records of a pane are read: the labels of a field, the first that is there counts."""

    type: str
    when: tuple[str, ...]
    said: tuple[str, ...]
    id: tuple[str, ...] = ("id", "photo id", "video id", "post id", "comment id")
    author: tuple[str, ...] = ("author", "from", "user", "post author")

    @property
    def known(self) -> frozenset[str]:
        return frozenset((*self.when, *self.said, *self.id, *self.author))


_PUBLISHED = ("posted", "post date", "date created", "time", "creation time", "created", "uploaded")
_MEDIA = {"when": ("uploaded", *_PUBLISHED, "taken"), "said": ("caption", "title", "description", "text")}
_NOTE = _Kind(type="Note", when=_PUBLISHED, said=("text", "post", "comment", "status"))
_PANES: Mapping[str, _Kind] = {
    "status_updates": _Kind(type="Note", when=_PUBLISHED, said=("status", "text")),
    "wallposts": _NOTE,
    "posts_to_other_walls": _NOTE,
    "shares": _Kind(type="Note", when=_PUBLISHED, said=("text", "summary", "title")),
    "comments": _Kind(type="Note", when=_PUBLISHED, said=("text", "comment")),
    "photos": _Kind(type="Image", **_MEDIA),
    "videos": _Kind(type="Video", **_MEDIA),
    "live_videos": _Kind(type="Video", **_MEDIA),
}


@dataclass
class _Field:
    """One field: its label, what it says, and the fields inside it."""

    label: str
    said: str
    element: etree._Element
    parts: list[_Field] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.label.casefold().strip(" :")


_Pane = tuple[str, etree._Element, list[_Field]]  # its name, its element, what it says


@dataclass(frozen=True, kw_only=True)
class _Return:
    """What the posts of one return share."""

    capture: Capture
    manifest: Manifest
    native_id: Callable[[str, str], str]
    owner: str | None


def service(capture: Capture) -> str:
    """Return the service whose return a page is, ``facebook`` or ``instagram``; empty when it is none."""
    if "html" not in capture.media_type or b'id="property-' not in capture.body:
        return ""
    found = _SERVICE.search(capture.body)
    return (found[1] or found[2]).decode().casefold() if found else ""


def records(
    capture: Capture, manifest: Manifest, native_id: Callable[[str, str], str], declared: str | None
) -> Iterator[Record]:
    """Yield the account and the posts of a return, and warnings for the rest.

    Args:
        capture: ``records.html`` or ``preservation-N.html``.
        manifest: That of the collector whose service it is.
        native_id: Makes the id of a post out of what the return calls it and of the type of the post.
        declared: The name of the account in the declared address, if any.

    Raises:
        UnreadableCaptureError: It holds no pane.
    """
    expected = f"a legal return of {manifest.name.title()}"
    tree = parse_html(capture.text)
    panes = [] if tree is None else [each for each in tree.iter("div") if (each.get("id") or "").startswith(_PANE)]
    if tree is None or not panes:
        raise UnreadableCaptureError(capture.exhibit, expected, "it has no panes")
    try:
        known = [(str(pane.get("id")).removeprefix(_PANE), pane, _told(pane)) for pane in panes]
        account = _account(tree, known, manifest, declared)
        yield from _broken_off(capture)
        yield from _actor(capture, manifest, account)
        returned = _Return(capture=capture, manifest=manifest, native_id=native_id, owner=account.get("handle"))
        for name, pane, found in known:
            if name in _PANES:
                yield from _pane(name, pane, found, returned)
        yield from _unread(known, capture)
    except RecursionError as error:
        raise UnreadableCaptureError(capture.exhibit, expected, "nested too deep") from error


# Fields --------------------------------------------------------------------------------------------------------------


def _told(pane: etree._Element) -> list[_Field]:
    """Return the fields of a pane without the one that explains what such a pane holds."""
    return [each for each in _fields(pane) if not each.name.endswith("definition")]


def _fields(container: etree._Element) -> list[_Field]:
    """Return the fields right below an element; what follows the break of a page is put where it belongs."""
    fields: list[_Field] = []
    for element in container:
        if _is_cell(element) and _is_beside_its_label(element):
            continue
        found = _field(element)
        for each in _fields(element) if found is None else [found]:
            if not each.label and fields:
                _continue(fields[-1], each)
            else:
                fields.append(each)
    return fields


def _field(element: etree._Element) -> _Field | None:
    """Return the field that an element is, in any of the spellings; None when it is none."""
    if element.tag == "tr":
        head, cell = element.find("th"), element.find("td")
        label = text_of(head) if head is not None and cell is not None else ""
    elif element.tag == "div" and _is_inner(element):
        inside = next((each for each in element if _is_cell(each)), None)
        following = element.getnext()
        cell = inside if inside is not None else following if following is not None and _is_cell(following) else None
        label = " ".join(_own_text(element, inside).split())
    else:
        return None
    if cell is None:
        return _Field(label, "", element) if element.tag == "div" else None
    parts = _fields(cell)
    return _Field(label, "" if parts else text_of(cell), element, parts)


def _is_inner(element: etree._Element) -> bool:
    kinds = set((element.get("class") or "").split())
    return any(marks <= kinds for marks in _INNER) or (
        "div_table" in kinds and _AS_TABLE.search(element.get("style") or "") is not None
    )


def _is_cell(element: etree._Element) -> bool:
    kinds = set((element.get("class") or "").split())
    return element.tag == "div" and bool(kinds & _CELLS or _AS_CELL.search(element.get("style") or ""))


def _is_beside_its_label(cell: etree._Element) -> bool:
    label = cell.getprevious()
    return label is not None and label.tag == "div" and _is_inner(label) and not any(map(_is_cell, label))


def _own_text(element: etree._Element, end: etree._Element | None) -> str:
    pieces = [element.text or ""]
    for child in element:
        if child is end:
            break
        pieces.append(child.tail or "")
    return "".join(pieces)


def _continue(before: _Field, after: _Field) -> None:
    """Put what stands behind the break of a page behind what stood before it, however deep that ends."""
    if before.parts:
        for part in after.parts or [after]:
            if part.label:
                before.parts.append(part)
            else:
                _continue(before.parts[-1], part)
    elif after.parts and not before.said:
        before.parts = after.parts
    else:
        parts = (f"{part.label}: {part.said}" if part.label else part.said for part in after.parts)
        said = after.said or "\n".join(parts)
        before.said = "\n".join(filter(None, (before.said, said)))


def _broken_off(capture: Capture) -> Iterator[Record]:
    if b"</html" not in capture.body[-4096:].lower():
        what = "The page has no end: it breaks off, or something was cut from it."
        yield warning(capture, "", what, "What lay beyond is not in the tables; the last record may not be whole.")


# The account ---------------------------------------------------------------------------------------------------------


def _account(tree: etree._Element, panes: Iterable[_Pane], manifest: Manifest, declared: str | None) -> dict[str, str]:
    """Return the account that was asked for: by what the return says of it, else by the declared address."""
    told: dict[str, str] = {}
    home = [each for each in tree.iter("div") if each.get("id") == "home"]
    asked = [*(_told(each) for each in home), *(found for name, _, found in panes if name == "request_parameters")]
    for leaf in (leaf for fields in asked for leaf in _leaves(fields)):
        told.setdefault(leaf.name, leaf.said.strip())
    vanity = next((leaf.said for name, _, found in panes if name == "vanity" for leaf in _leaves(found)), "")
    target = native(told.get("target")) or ""
    named = _ACCOUNT.fullmatch(target)
    number = named["id"] if named else target if target.isdecimal() else ""
    name = "" if _NONE.match(vanity) else vanity.strip().split("\n")[0]
    if manifest.name == "instagram":
        key = name or declared or (named["name"] if named else "") or number
    else:
        key = number or name or declared or ""
    return {"handle": f"{key}@{manifest.home}", "id": number, "key": key} if key and " " not in key else {}


def _actor(capture: Capture, manifest: Manifest, account: Mapping[str, str]) -> Iterator[Record]:
    if not account:
        what = "Neither the return nor the declared address names the account."
        effect = "What names no author has none. Import the file again with the profile's address."
        yield warning(capture, "", what, effect)
        return
    yield Actor(
        id=account_key(manifest.name, account["handle"]),
        platform=manifest.name,
        native_id=account["id"] or account["key"],
        handle=account["handle"],
        url=f"https://www.{manifest.home}/{account['key']}",
        exhibit=capture.exhibit,
        pointer='//*[@id="property-request_parameters"]',
    )


def _author(told: str, returned: _Return, owner: str | None = None) -> dict[str, Any]:
    """Return who wrote it: the one that the record names, else ``owner``; nobody, for an account of another service."""
    named = _ACCOUNT.fullmatch(told)
    handle, shown = owner, told or None
    if named and (named["service"] or returned.manifest.name).casefold() == returned.manifest.name:
        is_name = returned.manifest.name == "instagram" and named["name"] and " " not in named["name"]
        handle, shown = f"{named['name'] if is_name else named['id']}@{returned.manifest.home}", named["name"] or None
    elif told:
        handle = None
    return {**by(returned.manifest.name, handle), "author_name": shown}


# Panes ---------------------------------------------------------------------------------------------------------------


def _pane(name: str, pane: etree._Element, found: list[_Field], returned: _Return) -> Iterator[Record]:
    if _is_none(found):
        return
    kind, places = _PANES[name], {element: number for number, element in enumerate(pane.iterdescendants("*"), 1)}
    some = False
    for record in _records(found, kind):
        some = True
        pointer = f'(//*[@id="{_PANE}{name}"]//*)[{places.get(record[0].element, 0)}]'
        yield from _post(name, kind, record, pointer, returned)
    if not some:
        what = f"The section {name} holds something that is no record as they are known."
        effect = "It is not in the tables; read it in the exhibit."
        yield warning(returned.capture, f'//*[@id="{_PANE}{name}"]', what, effect)


def _records(fields: list[_Field], kind: _Kind) -> Iterator[list[_Field]]:
    """Yield the fields of each record: a new one starts where the first label comes again, or one that it has."""
    leaves = [each for each in fields if not each.parts]
    if not any(each.name in kind.known for each in leaves):
        for each in fields:
            yield from _records(each.parts, kind)
        return
    first, record = fields[0].name, list[_Field]()
    for each in fields:
        names = {one.name for one in record}
        if record and (each.name == first or (each.name in names and each.name in kind.known)):
            yield record
            record = []
        record.append(each)
    yield record


def _post(name: str, kind: _Kind, record: list[_Field], pointer: str, returned: _Return) -> Iterator[Record]:
    capture = returned.capture
    told = {each.name: each.said.strip() for each in reversed(record) if not each.parts and each.said.strip()}
    number, said = _first(told, kind.id), _first(told, kind.said)
    when = _instant(_first(told, kind.when))
    if not number and not said and not when:
        yield warning(capture, pointer, "This record has no id, no time and no text.", "It is not in the tables.")
        return
    native_id = (
        returned.native_id(number, kind.type)
        if number
        else f"return-{made_id(returned.owner, name, when and when.raw, said)}"
    )
    counts: dict[str, Any] = {each: count(told.get(label)) for each, label in _COUNTS.items()}
    addresses = links(*(told.get(label) for label in _ADDRESSES))
    owner = None if name in _BY_OTHERS else returned.owner
    author, answered = _author(_first(told, kind.author), returned, owner), told.get(_ANSWERED)
    yield sight(
        capture,
        returned.manifest,
        native_id,
        pointer,
        when,
        type=kind.type,
        **author,
        content=said or None,
        in_reply_to=f"{returned.manifest.name}:{returned.native_id(answered, 'Image')}" if answered else None,
        links=addresses,
        visibility=told.get("privacy setting"),
        **counts,
        absent=missing(published=when, attributed_to=author["attributed_to"], content=said, url=None),
        extra=_extra(name, record, told, kind),
    )
    yield from undated(capture, pointer, when)
    for each in record:
        if each.parts and each.name == "comments":
            yield from _answers(each, f"{returned.manifest.name}:{native_id}", pointer, returned)


def _answers(comments: _Field, answered: str, pointer: str, returned: _Return) -> Iterator[Record]:
    """Yield what others wrote below a photo or a video."""
    for record in _records(comments.parts, _NOTE):
        told = {each.name: each.said.strip() for each in reversed(record) if not each.parts}
        number, said, when = _first(told, _NOTE.id), _first(told, _NOTE.said), _instant(_first(told, _NOTE.when))
        who = _first(told, _NOTE.author)
        made = f"return-{made_id(answered, who, when and when.raw, said)}"
        native_id = returned.native_id(number, "Note") if number else made
        author = _author(who, returned)
        yield sight(
            returned.capture,
            returned.manifest,
            native_id,
            pointer,
            when,
            type="Note",
            **author,
            content=said or None,
            in_reply_to=answered,
            absent=missing(attributed_to=author["attributed_to"]),
            extra={"section": "comments below it"},
        )
        yield from undated(returned.capture, pointer, when)


def _instant(told: str) -> Reading | None:
    # The break of a page may stand within a time.
    return dated(" ".join(told.split())) if told else None


def _extra(name: str, record: list[_Field], told: Mapping[str, str], kind: _Kind) -> dict[str, Any]:
    """Return what has no column: the other fields by their labels, and the names of the files in ``linked_media``."""
    read = kind.known | _PRIVATE | {_FILE, *_ADDRESSES, *_COUNTS.values(), "privacy setting"}
    others = {each.label.strip(" :"): told[each.name] for each in record if each.name in told and each.name not in read}
    held = [leaf.said.strip() for leaf in _leaves(record) if leaf.name == _FILE]
    shown = (each.get("src") for one in record for each in one.element.iter("img", "source", "video", "audio"))
    files = [each for each in (*held, *shown) if each and not re.match(r"[a-z]+:", each)]
    return {"section": name} | others | ({"files": list(dict.fromkeys(files))} if files else {})


def _unread(panes: Iterable[_Pane], capture: Capture) -> Iterator[Record]:
    others = [(name, found) for name, _, found in panes if name not in _PANES and name not in _ABOUT]
    held = sorted({name for name, found in others if not _is_none(found)})
    if held:
        what = f"Sections that are not read: {', '.join(name[:60] for name in held[:100])}."
        where = f"the exhibit ({member(capture)})" if member(capture) else "the exhibit"
        effect = f"Messages, data of the account or what is not known here: they are evidence in {where}."
        yield warning(capture, "", what, effect)


def _is_none(fields: list[_Field]) -> bool:
    said = [leaf.said for leaf in _leaves(fields) if leaf.said.strip()]
    return not said or all(_NONE.match(each.strip()) for each in said)


def _leaves(fields: Iterable[_Field]) -> Iterator[_Field]:
    for each in fields:
        if each.parts:
            yield from _leaves(each.parts)
        else:
            yield each


def _first(told: Mapping[str, str], names: Iterable[str]) -> str:
    return next((told[name] for name in names if told.get(name)), "")
