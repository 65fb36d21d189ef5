"""What writer, checker and reader of a package share: the names of its parts, and its WARC files read with care."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import IO

from osint import warc
from osint.wacz.zipped import window

WACZ_VERSION = "1.1.1"
PROFILE = "data-package"
ARCHIVE = "archive/"
INDEX = "indexes/index.cdx.gz"
IDX = "indexes/index.idx"
PAGES = "pages/pages.jsonl"
MANIFEST = "datapackage.json"
DIGEST = "datapackage-digest.json"
RESERVED = ("archive", "indexes", "pages")

_CHUNK = 1 << 16
_INFLATED_IN_ANY_CASE = 1 << 26
_INFLATED_FOR_EACH_BYTE = 200


def seconds(instant: datetime) -> str:
    """Spell an instant to the second; fractions are dropped, not rounded.

    Raises:
        ValueError: The time is naive.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no zone, so it is not an instant")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def page_key(url: str, timestamp: str) -> tuple[str, str]:
    """Return what ties a page to a record: the address without its fragment, and the second."""
    return url.partition("#")[0], timestamp


def members(stream: IO[bytes]) -> Iterator[tuple[warc.Record, int]]:
    """Yield the records of a WARC file with the length of their gzip members; a bomb is refused before it grows.

    Raises:
        warc.WarcError: See :func:`osint.warc.read`; or a member grows to more than 64 MiB and 200 times its length, or
            there is no record.
    """
    offset = 0
    for length in _member_lengths(stream):
        # By itself: nothing of the next member is in the way of reading this one to its end.
        for record in warc.read(window(stream, offset, length)):
            yield replace(record, offset=offset), length
        offset += length
    if not offset:
        raise warc.WarcError("it holds no record")


def _member_lengths(stream: IO[bytes]) -> Iterator[int]:
    """Yield the length of each gzip member; what it grows to is counted and not kept."""
    offset = 0
    while True:
        stream.seek(offset)
        gunzip, used, inflated = zlib.decompressobj(31), 0, 0
        while not gunzip.eof and (data := stream.read(_CHUNK)):
            used += len(data)
            most = _INFLATED_IN_ANY_CASE + _INFLATED_FOR_EACH_BYTE * used
            inflated += _inflate(gunzip, data, offset, most - inflated)
        if not used:
            return
        if not gunzip.eof:
            raise warc.WarcError(f"the record at byte {offset} is cut short")
        length = used - len(gunzip.unused_data)
        yield length
        offset += length


def _inflate(gunzip: zlib._Decompress, data: bytes, offset: int, most: int) -> int:
    """Inflate without keeping anything; return how much it was."""
    inflated = 0
    try:
        while data and not gunzip.eof:  # at its end, zlib leaves the tail as it was
            inflated += len(gunzip.decompress(data, _CHUNK))
            data = gunzip.unconsumed_tail
            if inflated > most:
                raise warc.WarcError(f"the record at byte {offset} grows beyond what is unpacked")
    except zlib.error as error:
        raise warc.WarcError(f"the record at byte {offset} is not an intact gzip member ({error})") from error
    return inflated
