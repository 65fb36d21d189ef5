"""What exifread makes of a block that was surveyed before it: the only place that calls it."""

from __future__ import annotations

import io
import logging
import struct
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import exifread
from exifread.core.exif_header import ExifHeader
from exifread.utils import Ratio

from osint.media import tiff
from osint.media.exif_facts import Key, Tags
from osint.media.tiff import Survey
from osint.media.tiff_classic import classic
from osint.media.value import LONGEST_TEXT

READER = f"exifread {exifread.__version__}"

LARGEST_COPY = 4 << 20  # of a larger block, a picture in itself, only its tags are copied
_FLOATS = (11, 12)
_PLAIN = (tiff.ASCII,)
_NUMBERS: dict[tuple[str, int, bool], Callable[[bytes, int], tuple[int]]] = {
    (order, struct.calcsize("=" + form), form.islower()): struct.Struct(sign + form).unpack_from
    for order, sign in (("I", "<"), ("M", ">"))
    for form in "BbHhIi"
}


def tags_of(survey: Survey, warnings: list[str]) -> dict[tuple[int, int], Any]:
    """Return what exifread made of the block, by tag and place of the value in the real block."""
    if survey.layout is tiff.CLASSIC and len(survey.block) <= LARGEST_COPY:
        found = process(survey.readable, warnings).values()
        return {(tag.tag, tag.field_offset): tag for tag in found if tag.field_type in _PLAIN or _prints(tag)}
    block, back = classic(survey)
    placed = [(back.get((tag.tag, tag.field_offset)), tag) for tag in process(block, warnings).values()]
    # A pointer holds a position, and in the copy that is another one.
    kept = [(entry, tag) for entry, tag in placed if entry and entry.at not in survey.targets]
    return {(tag.tag, entry.start): tag for entry, tag in kept if _prints(tag)}


class _Header(ExifHeader):
    """exifread's own walk, which takes its numbers out of the block at once: it would seek and read for each."""

    def __init__(self, stream: io.BytesIO, *more: Any) -> None:
        super().__init__(stream, *more)
        self.block = stream.getvalue()

    def s2n(self, offset: int, length: int, signed: bool = False) -> int:
        at = self.offset + offset
        unpack = _NUMBERS.get((self.endian, length, signed))
        if unpack is None or at < 0 or at + length > len(self.block):
            number: int = super().s2n(offset, length, signed)
            return number
        return unpack(self.block, at)[0]


# The function of exifread itself, over the header above.
_process_file = FunctionType(
    exifread.process_file.__code__,
    {**vars(exifread), "ExifHeader": _Header},
    argdefs=exifread.process_file.__defaults__,
)


def process(block: bytes, warnings: list[str]) -> Mapping[str, Any]:
    """Ask exifread for all that a surveyed block holds. Without its MakerNote, ``details`` opens the SubIFDs alone."""
    try:
        found: Mapping[str, Any] = _process_file(io.BytesIO(block), details=True, extract_thumbnail=False)
    except Exception as error:  # noqa: BLE001 - the reader documents no errors, and hostile bytes reach all of its code
        warnings.append(f"{READER} gave up on the EXIF block: {type(error).__name__}.")
        return {}
    return found


def _prints(tag: Any) -> bool:
    """Say whether exifread prints a tag; a list of bytes or a tuple of Python's does not count."""
    if tag.field_type == tiff.ASCII:
        return True
    listed = tag.field_type == tiff.UNDEFINED and len(tag.values) > 1 and tag.printable.startswith("[")
    return bool(tag.values) and tag.field_type not in _FLOATS and not listed


def printed(tag: Any) -> str:
    """Return the value of a tag as exifread prints it, at most 2000 characters."""
    values = tag.values
    text = values.decode("utf-8", "backslashreplace") if isinstance(values, bytes) else str(tag.printable)
    return text[:LONGEST_TEXT]


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = f"{READER}: {record.getMessage()[:200]}."
        if len(self.messages) < 20 and message not in self.messages:
            self.messages.append(message)


@contextmanager
def collected_warnings() -> Iterator[list[str]]:
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


class ExifreadTags(Tags):
    """The tags as exifread reads them."""

    def __init__(self, tags: MutableMapping[Key, Any]) -> None:
        self.tags = tags

    def having(self, key: Key, tag: Any) -> ExifreadTags:
        """Return these tags with this one where the same stands again in its directory."""
        return self if self.tags.get(key) is tag else ExifreadTags(ChainMap({key: tag}, self.tags))

    def text(self, group: str, tag: int) -> str | None:
        found = self.tags.get((group, tag))
        return (printed(found).strip(" \0\t\r\n") or None) if found is not None else None

    def integer(self, group: str, tag: int) -> int | None:
        found = self.tags.get((group, tag))
        values: Any = found.values if found is not None else ()
        return values[0] if len(values) == 1 and isinstance(values[0], int) else None

    def rationals(self, group: str, tag: int) -> tuple[tuple[int, int], ...]:
        found = self.tags.get((group, tag))
        values = found.values if found is not None else ()
        return tuple([(each.numerator, each.denominator) for each in values if isinstance(each, Ratio)])

    def signed(self, group: str, tag: int) -> bool:
        found = self.tags.get((group, tag))
        return found is not None and found.field_type == tiff.SIGNED_RATIONAL
