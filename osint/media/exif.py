"""EXIF tags by exifread, with the place of each value in the file.

MakerNotes stay closed: exifread 3.5.1 reads the strings of several makers from the wrong place, which would tie
strangers' cameras together.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import exifread

from osint.media import tiff

READER = f"exifread {exifread.__version__}"
LONGEST_TEXT = 2000

_KEY = re.compile(r"(Image|Thumbnail|EXIF|GPS|Interoperability|IFD \d+) (.+)", re.DOTALL)
_USER_COMMENT = 0x9286
_CHARACTER_CODES = {b"ASCII\0\0\0": "ascii", b"JIS\0\0\0\0\0": "iso2022_jp", bytes(8): "utf-8"}


@dataclass(frozen=True, kw_only=True)
class ExifTag:
    """One EXIF tag.

    Attributes:
        ifd: The directory, as exifread names it: Image, Thumbnail, EXIF, GPS, Interoperability.
        name: The tag's name; ``Tag 0x001F`` where exifread has none.
        tag_id: The tag's number.
        text: The value as exifread prints it, at most 2000 characters.
        byte_start: Where the value lies in the file, counted from 0.
        byte_length: How many bytes it takes.
    """

    ifd: str
    name: str
    tag_id: int
    text: str
    byte_start: int
    byte_length: int


@dataclass(frozen=True)
class Exif:
    """The tags of one EXIF block, by directory and number, and what was wrong with it."""

    tags: Mapping[tuple[str, int], ExifTag] = field(default_factory=dict)
    survey: tiff.Survey = field(default_factory=lambda: tiff.Survey(b""))
    base: int = 0
    problems: tuple[str, ...] = ()

    def text(self, ifd: str, tag_id: int) -> str | None:
        """Return the value as text without the blanks around it; None when absent or blank."""
        tag = self.tags.get((ifd, tag_id))
        return (tag.text.strip(" \0\t\r\n") or None) if tag else None

    def integer(self, ifd: str, tag_id: int) -> int | None:
        """Return an unsigned number of at most four bytes, or None when absent or of another size."""
        tag = self.tags.get((ifd, tag_id))
        if tag is None or tag.byte_length not in (1, 2, 4):
            return None
        return tiff.number(self.survey, tag.byte_start - self.base, tag.byte_length)

    def rationals(self, ifd: str, tag_id: int) -> tuple[tuple[int, int], ...]:
        """Return unsigned rationals as written, not reduced; empty when absent or of another type."""
        tag = self.tags.get((ifd, tag_id))
        if tag is None:
            return ()
        start = tag.byte_start - self.base
        typed = any(e.tag == tag_id and e.start == start and e.type == tiff.RATIONAL for e in self.survey.entries)
        return tiff.rationals(self.survey, start, tag.byte_length) if typed else ()


def read_exif(block: bytes, base: int = 0) -> Exif:
    """Read the EXIF tags of a TIFF block that starts at ``base`` in its file; what is wrong comes back as problems."""
    survey = tiff.survey(block)
    if survey.refused:
        return Exif(problems=(f"The EXIF block was not read: {survey.refused}.",))
    with _collected_warnings() as warnings:
        found = _process(survey.readable, warnings)
    tags = {(tag.ifd, tag.tag_id): tag for tag in [*_tags(found, base), *_user_comment(survey, base)]}
    return Exif(tags, survey, base, (*survey.problems, *warnings))


def _process(block: bytes, warnings: list[str]) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = exifread.process_file(io.BytesIO(block), details=False, extract_thumbnail=False)
    except Exception as error:  # noqa: BLE001 - the reader documents no errors, and hostile bytes reach all of its code
        warnings.append(f"{READER} gave up on the EXIF block: {type(error).__name__}.")
        return {}
    return found


def _tags(found: Mapping[str, Any], base: int) -> Iterator[ExifTag]:
    for key, tag in found.items():
        place = _KEY.fullmatch(key)
        if place:
            yield ExifTag(
                ifd=place[1],
                name=place[2],
                tag_id=tag.tag,
                text=_text(tag),
                byte_start=base + tag.field_offset,
                byte_length=tag.field_length,
            )


def _text(tag: Any) -> str:
    values = tag.values
    text = values.decode("utf-8", "backslashreplace") if isinstance(values, bytes) else str(tag.printable)
    return text[:LONGEST_TEXT]


def _user_comment(survey: tiff.Survey, base: int) -> Iterator[ExifTag]:
    # exifread passes over this tag together with the MakerNote, and does not decode its Unicode form.
    for entry in survey.entries:
        if entry.tag != _USER_COMMENT or not entry.fits or entry.size <= 8:
            continue
        code, value = (
            survey.block[at : at + size] for at, size in ((entry.start, 8), (entry.start + 8, entry.size - 8))
        )
        unicode = "utf-16-le" if survey.order == "<" else "utf-16-be"
        coding = unicode if code == b"UNICODE\0" else _CHARACTER_CODES.get(code, "utf-8")
        text = value[: 4 * LONGEST_TEXT].decode(coding, "replace").rstrip("\0 ")[:LONGEST_TEXT]
        if text:
            yield ExifTag(
                ifd="EXIF",
                name="UserComment",
                tag_id=_USER_COMMENT,
                text=text,
                byte_start=base + entry.start,
                byte_length=entry.size,
            )


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = f"{READER}: {record.getMessage()[:200]}."
        if len(self.messages) < 20 and message not in self.messages:
            self.messages.append(message)


@contextmanager
def _collected_warnings() -> Iterator[list[str]]:
    """Collect what exifread would log, so that it stands beside the data and not in the notebook."""
    logger, collector = logging.getLogger("exifread"), _Collector()
    before = logger.propagate
    logger.addHandler(collector)
    logger.propagate = False
    try:
        yield collector.messages
    finally:
        logger.removeHandler(collector)
        logger.propagate = before
