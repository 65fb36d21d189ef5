"""When a post was made by its own id, where a platform puts the time into its ids.

An author may claim any time; the id was given by the platform's server, or by the program that made the post. Neither
is proof alone. Where they differ, somebody has to look.

Sources: https://docs.x.com/fundamentals/x-ids, https://discord.com/developers/docs/reference#snowflakes,
https://atproto.com/specs/tid, https://instagram-engineering.com/sharding-ids-at-instagram-1cf5a71e5a5c; for TikTok no
documentation of its own, the first 32 bits agree with what its pages say, to a second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

FAR_APART = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_OF_X = 27_000_000_000  # smaller ids are running numbers
_TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
_SHORT_CODE = re.compile(r"[A-Za-z0-9_-]{10,12}")
_BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def time_in_id(platform: str, native_id: str) -> datetime | None:
    """Return the instant that the id of a post holds, UTC, to the millisecond or as exactly as the platform has it.

    Args:
        platform: As in the posts table.
        native_id: The platform's own id.

    Returns:
        The instant; None where the platform puts none into its ids, or this id is none of the form that holds one.
    """
    read = _READERS.get(platform)
    microseconds = read(native_id) if read else None
    try:
        return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return None


def far_apart(published: datetime | None, by_id: datetime | None) -> bool | None:
    """Say whether a claimed time lies more than five minutes from that of the id; None when one is unknown."""
    return None if published is None or by_id is None else abs(published - by_id) > FAR_APART


def _x(native_id: str) -> int | None:
    number = _number(native_id)
    return ((number >> 22) + 1_288_834_974_657) * 1000 if number and number >= _FIRST_OF_X else None


def _discord(native_id: str) -> int | None:
    number = _number(native_id)
    return ((number >> 22) + 1_420_070_400_000) * 1000 if number and number >= 1 << 22 else None


def _tiktok(native_id: str) -> int | None:
    number = _number(native_id)
    return (number >> 32) * 1_000_000 if number and number >= 1 << 32 else None


def _instagram(native_id: str) -> int | None:
    """Read a media id, ``pk`` or ``pk_owner``, or the short code of its address."""
    number = _number(native_id.partition("_")[0])
    if number is None and _SHORT_CODE.fullmatch(native_id):
        number = _digits(native_id, _BASE64URL)
    return ((number >> 23) + 1_314_220_021_721) * 1000 if number and number >= 1 << 23 else None


def _bluesky(native_id: str) -> int | None:
    """Read the record key at the end of an ``at://`` address."""
    key = native_id.rpartition("/")[2]
    return _digits(key, _SORTABLE) >> 10 if _TID.fullmatch(key) else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 20 else None


def _digits(text: str, alphabet: str) -> int:
    number = 0
    for letter in text:
        number = number * len(alphabet) + alphabet.index(letter)
    return number


_READERS: Mapping[str, Callable[[str], int | None]] = {
    "bluesky": _bluesky,
    "discord": _discord,
    "instagram": _instagram,
    "threads": _instagram,
    "tiktok": _tiktok,
    "x": _x,
}
