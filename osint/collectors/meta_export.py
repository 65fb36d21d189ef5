"""What the exports of Facebook, Instagram and Threads share ("Download your information", in the JSON format).

It is no collector. **Text.** Meta writes each byte of UTF-8 as a letter of its own (``Ã©`` for ``é``), in the names of
fields too. It is put right text by text; what was not written like that stays as it is, and a warning counts it.

**Two spellings** stand side by side in one export: lists under names of their own (``comments_v2``), and since 2024
lists of ``label_values``, whose labels are in the language of the account.

**Private messages** are not read: whether they may be, and by whom, is a question of law, not of format.

Source: https://www.facebook.com/help/212802592074644 (how to ask for it). Meta documents no field.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from osint.activity import ParseWarning
from osint.capture.exchange import Capture
from osint.collectors.answer import read_json, warning, whole_items
from osint.collectors.exports import member, start_of
from osint.collectors.json_values import count, inside, object_in, objects, text
from osint.collectors.text import absolute, well_formed
from osint.collectors.times import of_epoch
from osint.errors import UnreadableCaptureError
from osint.instants import Reading
from osint.query import host_of, without_secrets

Service = Literal["facebook", "instagram"]

AS_HTML = "the export was made as HTML; ask for it again in the JSON format"
_LOOK = 1 << 16
_HTML_MARKS = (b"uiBoxWhite noborder", b'class="_a6-g')
_FOLDERS = re.compile(r"(?:^|/)your_(?:facebook|instagram)_activity/|(?:^|/)your_activity_across_facebook/")
_MESSAGES = (b'"participants"', b'"messages"', b'"sender_name"')
_OF_INSTAGRAM = re.compile(r"(?:^|/)your_instagram_activity/|(?:^|/)instagram-")
_INSTAGRAM_HOSTS = re.compile(r"(?:\w+\.)?(?:instagram\.com|threads\.(?:net|com))")
_TEXT_LABELS = frozenset({
    "caption", "comment", "message", "post", "text", "bijschrift", "opmerking", "bericht", "tekst", "bildunterschrift",
    "kommentar", "nachricht", "légende", "commentaire", "texte", "pie de foto", "comentario", "mensaje", "legenda",
    "comentário", "didascalia", "commento",
})  # fmt: skip
_VIDEOS = re.compile(r"\.(?:mp4|mov|m4v|webm|avi|mkv|3gp)$", re.IGNORECASE)


def service_of(capture: Capture) -> Service:
    """Return whose export a file is from that looks alike in both: by its folder, else by the declared address."""
    name = member(capture)
    if _OF_INSTAGRAM.search(name) or ("facebook" not in name and _INSTAGRAM_HOSTS.fullmatch(host_of(capture.url))):
        return "instagram"
    return "facebook"


def is_private(capture: Capture) -> bool:
    """Say whether a file holds a conversation."""
    start = start_of(capture.body, _LOOK)
    return start[:1] == b"{" and all(mark in capture.body for mark in _MESSAGES) and b'"participants"' in start


def is_html(capture: Capture) -> bool:
    """Say whether a file is a page of an export that was made as HTML."""
    if "html" not in capture.media_type or capture.made != "imported":
        return False
    return bool(_FOLDERS.search(member(capture))) or any(mark in capture.body[:_LOOK] for mark in _HTML_MARKS)


def is_labelled(capture: Capture, folders: str) -> bool:
    """Say whether a file is a list of ``label_values`` that holds posts: by its folder, else by a label that is known.

    Many lists of an export have this shape, advertisements and searches among them.
    """
    start = start_of(capture.body, _LOOK)
    if b'"label_values"' not in start or start[:1] not in (b"[", b"{"):
        return False
    name = member(capture)
    if name:
        return re.search(rf"(?:^|/)(?:{folders})/", name) is not None
    labels = re.findall(rb'"label"\s*:\s*"([A-Za-z ]{1,40})"', start)
    return any(label.decode().casefold() in _TEXT_LABELS for label in labels)


def is_export_of(service: str, capture: Capture, folders: str) -> bool | None:
    """Say of a conversation or a list of ``label_values`` whether it is one of this service's; None when it is neither.

    Args:
        service: The collector that asks.
        capture: The file.
        folders: Where the service keeps what holds posts, as :func:`is_labelled` takes it.
    """
    private = is_private(capture)
    if not private and b'"label_values"' not in start_of(capture.body):
        return None
    return (private or is_labelled(capture, folders)) and service_of(capture) == service


def said_of(user: object) -> dict[str, str]:
    """Return what a profile says in ``string_map_data``, by its labels in small letters."""
    fields = object_in(inside(user, "string_map_data"))
    return {label.casefold(): said for label, each in fields.items() if (said := text(inside(each, "value")))}


def read(capture: Capture, expected: str) -> tuple[Any, list[ParseWarning]]:
    """Return the JSON of a file with its text put right, and warnings for what could not be.

    Of a list that breaks off the whole entries are returned, and a warning says so.

    Raises:
        UnreadableCaptureError: It is not JSON.
    """
    warnings: list[ParseWarning] = []
    try:
        value = read_json(capture, expected)
    except UnreadableCaptureError:
        value = whole_items(capture.text)
        if not value:
            raise
        what = f"The list breaks off after {len(value)} whole entries."
        warnings.append(warning(capture, "", what, "What lies beyond is not in the tables."))
    try:
        value, kept = mended(value)
    except RecursionError as error:
        raise UnreadableCaptureError(capture.exhibit, expected, "nested too deep") from error
    if kept:
        what = f"Texts that are not spelt as Meta's exports spell them, with each byte as a letter: {kept}."
        warnings.append(warning(capture, "", what, "They stand in the tables as they are written there."))
    return value, warnings


def mended(value: Any) -> tuple[Any, int]:
    """Return a JSON value with its text put right, and how many texts are not written like that and were kept."""
    kept = 0

    def walk(each: Any) -> Any:
        nonlocal kept
        if isinstance(each, str):
            if each.isascii():
                return each
            try:
                return well_formed(each.encode("latin-1").decode("utf-8"))
            except UnicodeError:
                kept += 1
                return each
        if isinstance(each, list):
            return [walk(item) for item in each]
        return {walk(name): walk(item) for name, item in each.items()} if isinstance(each, dict) else each

    return walk(value), kept


def withheld_messages(capture: Capture) -> ParseWarning:
    """Return the warning that stands for a conversation."""
    what = "This file is a private conversation; nothing in it was read."
    effect = "Whether it may be read is a question of law. It is preserved; ask counsel first."
    return warning(capture, "", what, effect)


def unnamed(capture: Capture) -> ParseWarning:
    """Return the warning that nobody says whose export it is."""
    what = "Neither the file nor the declared address names the account."
    return warning(capture, "", what, "The posts have no author. Import the file again with the profile's address.")


def when(entry: Mapping[str, Any], *names: str) -> Reading | None:
    """Return the first time of an entry that is one, in seconds since 1970; else the first that is written there."""
    return first_instant(of_epoch(entry.get(name)) for name in names)


def first_instant(readings: Iterable[Reading | None]) -> Reading | None:
    """Return the first time that is an instant; else the first that is written; None when none is."""
    written = [reading for reading in readings if reading]
    return next((reading for reading in written if reading.instant), written[0] if written else None)


def files(*media: Any) -> list[str]:
    """Return the names in the ZIP of the files of media: those of their pictures and videos, each once."""
    named = (text(inside(each, "uri")) for each in media)
    return list(dict.fromkeys(name for name in named if name and not absolute("", name)))


def shown(value: object) -> str | None:
    """Return text as it may stand in a table: of an address without secrets."""
    said = text(value)
    return without_secrets(said) if said and re.match(r"https?:", said, re.IGNORECASE) else said


def links(*addresses: Any) -> tuple[str, ...]:
    """Return the web addresses among these, without secrets, each once."""
    found = (absolute("", each) for each in addresses)
    return tuple(dict.fromkeys(without_secrets(url) for url in found if url))


def kind_of_file(name: str) -> str:
    """Return the type of a post that is one file: ``Video`` or ``Image``."""
    return "Video" if _VIDEOS.search(name) else "Image"


def labels(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return what each label of an entry says, those inside others too; one that comes again is numbered."""
    found: dict[str, str] = {}
    times = Counter[str]()
    waiting = objects(entry.get("label_values"))[::-1]
    while waiting:
        each = waiting.pop()
        label, said = text(each.get("label")), shown(each.get("value")) or shown(each.get("href"))
        number = count(each.get("timestamp_value"))
        if label and (said or number):
            times[label] += 1
            found[label if times[label] == 1 else f"{label} ({times[label]})"] = said or str(number)
        for inner in ("dict", "vec"):
            waiting += objects(each.get(inner))[::-1]
    return found


def text_in(told: Mapping[str, str]) -> str | None:
    """Return what a label says that is known to stand for the text of a post; None when none does."""
    return next((said for label, said in told.items() if label.casefold() in _TEXT_LABELS), None)


def unknown_labels(capture: Capture, number: int) -> Iterator[ParseWarning]:
    """Yield the warning that some entries have no label that is known to name a text."""
    if number:
        what = f"Entries of which no label is known to name the text: {number}."
        effect = "They have none in the tables; what each label says stands in their extra fields."
        yield warning(capture, "", what, effect)


def labelled_media(entry: Mapping[str, Any]) -> list[Any]:
    """Return the media of an entry of ``label_values``."""
    beside = entry.get("media")
    within = (each.get("media") for each in objects(entry.get("label_values")))
    return [*objects(beside), *(item for media in within for item in objects(media))]


def not_read(capture: Capture, pointer: str, what: str = "This is no post.") -> Iterator[ParseWarning]:
    """Yield the warning that something is in no table."""
    yield warning(capture, pointer, what, "It is not in the tables.")
