"""The two versions of one exhibit in a filing, made from one source: as it is, and without what a person took out.

The redacted version is made of what was read: the words of posts, the pixels of a picture, the drawn pages of a PDF. No
byte of the file is in it. A form of which nothing like that can be made is refused, with what to do instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from osint.errors import CaseError
from osint.media.description import MediaFacts
from osint.media.examination import examine
from osint.media.masked_picture import Box, without_boxes
from osint.media.thumbnails import is_picture
from osint.production.filing.pdf import DPI, redacted_pdf
from osint.production.filing.rules import Removal
from osint.report.document import Block, Document, Heading, Table, Words
from osint.report.forms import forms

_SEALED = "CONFIDENTIAL. Unredacted version, to be filed under seal."
_PUBLIC = "Redacted version. Where [removed] stands, something was taken out; the log names the rule for each place."
_DERIVED = "This page was made of what was read from the exhibit. The exhibit itself is the captured file in the case."


class NoFormError(ValueError):
    """No redacted version can be made of an exhibit; the message says why and what to do, in a phrase."""


class Rectangle(NamedTuple):
    """A rectangle that is taken out: which of the redactions says so, 0 for what is masked in the case, and where."""

    number: int
    box: Box


@dataclass(frozen=True, kw_only=True)
class Source:
    """What one exhibit of a filing holds, or one document that was handed in for it.

    Attributes:
        name: Its number, ``E0003``, or ``document-1``.
        posts: What was read of its posts, as JSON values.
        file: A working copy of the file that it holds; None where it holds none.
        boxes: Rectangles to take out of its picture, or of pages of its PDF by their number; page 0 is the picture.
    """

    name: str
    posts: Sequence[Mapping[str, Any]]
    file: Path | None
    boxes: Mapping[int, Sequence[Rectangle]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Both versions of one exhibit or document.

    Attributes:
        name: As of its source.
        unredacted: Ending and content of the version to be sealed.
        redacted: Ending and content of the public version.
        taken: Which redaction took something out, 0 for what is masked in the case, with the place in words.
        text: What can be read in the public version, as far as text is known.
        look: What no search finds in it, for a person to look at.
        printed: Both versions of a page of posts as PDF, where a typesetter is installed: files by name, those to be
            sealed first.
    """

    name: str
    unredacted: tuple[str, bytes]
    redacted: tuple[str, bytes]
    taken: tuple[tuple[int, str], ...]
    text: str = ""
    look: tuple[str, ...] = ()
    printed: tuple[Mapping[str, bytes], Mapping[str, bytes]] = field(default=({}, {}))


def paired(source: Source, removal: Removal, made: datetime) -> Pair:
    """Return both versions of an exhibit.

    Raises:
        NoFormError: No redacted version can be made of it.
        ExportError: A PDF cannot be read, or something in it cannot be taken out.
    """
    if source.posts:
        if source.boxes:
            raise NoFormError("it holds posts, which have no rectangles; name the text instead")
        return _page(source, removal, made)
    if source.file is None:
        raise NoFormError("it holds neither posts nor a file; capture the page as a PDF or a picture, and file that")
    facts = examine(source.file)
    makers: Sequence[tuple[bool, Callable[[Source, MediaFacts, Removal, datetime], Pair]]] = (
        (is_picture(facts), _picture),
        (facts.media_type == "application/pdf", _pdf),
        (_is_text(source.file), _text),
    )
    for fits, make in makers:
        if fits:
            return make(source, facts, removal, made)
    raise NoFormError(
        f"of {facts.media_type} no redacted version is made here, since what such a file hides comes in more forms "
        "than anybody removes; print it as a PDF, import that, and file it"
    )


def _is_text(file: Path) -> bool:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    return "\0" not in text and not text.lstrip().startswith("<")


# -- a page of posts ---------------------------------------------------------------------------------------------------


def _page(source: Source, removal: Removal, made: datetime) -> Pair:
    rows = [list(_facts(post)) for post in source.posts]
    gone = [[(name, removal.without(value)) for name, value in post] for post in rows]
    taken = [
        (identifier.number, f"post {number}, {name}")
        for number, post in enumerate(rows, 1)
        for name, value in post
        for identifier in removal.found(value)
    ]
    sealed = _posts_forms(source.name, rows, _SEALED, made)
    public = _posts_forms(source.name, gone, _PUBLIC, made)
    page = f"{source.name}.html"
    return Pair(
        name=source.name,
        unredacted=("html", sealed.pop(page)),
        redacted=("html", public.pop(page)),
        printed=(sealed, public),
        taken=tuple(taken),
        text="\n".join(value for post in gone for _, value in post),
    )


def _facts(post: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a post says, by name; what it does not say is left out."""
    told = {
        "address": post["url"],
        "author": post["author_name"],
        "account": post["author_handle"],
        "published": post["published"] or post["published_raw"],
        "captured": post["collected"],
        "text": post["content"],
        "tags": ", ".join(each["name"] for each in post["tag"]),
        "links": "\n".join(post["links"]),
        "files": "\n".join(" ".join(filter(None, (each["name"], each["url"]))) for each in post["attachment"]),
    }
    yield from ((name, str(value)) for name, value in told.items() if value)


def _posts_forms(
    exhibit: str, posts: Sequence[Sequence[tuple[str, str]]], banner: str, made: datetime
) -> dict[str, bytes]:
    blocks: list[Block] = []
    for number, rows in enumerate(posts, 1):
        blocks += [Heading(f"Post {number}"), Table(rows)]
    cover = [Words(banner), Words(_DERIVED)]
    band = banner.partition(".")[0]  # a sheet of paper is parted from the others
    said = Document(title=f"Exhibit {exhibit}", made=made, cover=cover, blocks=blocks, band=band)
    return dict(forms(exhibit, said, ("pdf",)))


# -- files -------------------------------------------------------------------------------------------------------------


def _picture(source: Source, facts: MediaFacts, _: Removal, __: datetime) -> Pair:
    assert source.file is not None
    if strange := sorted(source.boxes.keys() - {0}):
        raise NoFormError(f"it is a picture, which has no page {strange[0]}")
    boxes = source.boxes.get(0, ())
    try:
        content = without_boxes(source.file, facts, [each.box for each in boxes])
    except CaseError as error:
        raise NoFormError(str(error)) from error
    ending = facts.media_type.partition("/")[2].partition("+")[0].removeprefix("x-")
    look = "a picture can show what no search finds" + ("" if boxes else "; no rectangle of it was taken out")
    return Pair(
        name=source.name,
        unredacted=(ending, source.file.read_bytes()),
        redacted=("png", content),
        taken=tuple((each.number, f"rectangle {place}") for place, each in enumerate(boxes, 1)),
        look=(look,),
    )


def _pdf(source: Source, _: MediaFacts, removal: Removal, made: datetime) -> Pair:
    assert source.file is not None
    if 0 in source.boxes:
        raise NoFormError(f"it is a PDF; say of each rectangle on which page it is, in dots of {DPI} per inch")
    boxes = {page: [each.box for each in drawn] for page, drawn in source.boxes.items()}
    redacted = redacted_pdf(source.file, removal, boxes, made)
    wordless = ", ".join(map(str, redacted.wordless))
    look = ["drawn pages and pictures in them show what no search finds"]
    look += [f"no text layer on page {wordless}: only rectangles take something out there"] if wordless else []
    return Pair(
        name=source.name,
        unredacted=("pdf", source.file.read_bytes()),
        redacted=("pdf", redacted.content),
        taken=(
            *((identifier.number, f"page {page}") for identifier, page in redacted.found),
            *(
                (each.number, f"page {page}, rectangle {place}")
                for page, drawn in sorted(source.boxes.items())
                for place, each in enumerate(drawn, 1)
            ),
        ),
        text=redacted.text,
        look=tuple(look),
    )


def _text(source: Source, _: MediaFacts, removal: Removal, __: datetime) -> Pair:
    assert source.file is not None
    if source.boxes:
        raise NoFormError("it is a text, which has no rectangles; name the text to be taken out")
    text = source.file.read_text(encoding="utf-8")
    places = [
        (identifier.number, f"line {text.count(chr(10), 0, start) + 1}") for identifier, start, _ in removal.spans(text)
    ]
    hidden = [] if places else [(identifier.number, "hidden in the text") for identifier in removal.found(text)]
    gone = removal.without(text)
    return Pair(
        name=source.name,
        unredacted=("txt", source.file.read_bytes()),
        redacted=("txt", gone.encode("utf-8", "replace")),
        taken=(*places, *hidden),
        text=gone,
    )
