"""What the name, the address and the marks of a file are consistent with. The rules are data: ``origin_rules.toml``.

A file can be renamed, and a mark copied. So a trace says "consistent with", names the rule and when the rule was last
verified, and never says where a file came from.
"""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from urllib.parse import unquote, urlsplit

from osint.instants import format_instant
from osint.media.value import LONGEST_TEXT, Value
from osint.posts.id_time import time_in_id

READER = "osint origin"
NAME = "name"
_LONGEST_NAME = 500
_AHEAD = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_OF_X_MEDIA = datetime(2010, 11, 4, tzinfo=UTC)
_FIRST_OF_MASTODON = datetime(2016, 3, 1, tzinfo=UTC)
_FACTS = {"local": "name_local", "utc": "metadata_time", "mastodon-media": "server_time"}
_LOCAL_FORMS = (
    "%Y%m%d", "%Y%m%d_%H%M%S", "%Y%m%d-%H%M%S", "%Y-%m-%d-%H-%M-%S", "%Y-%m-%d-%H%M%S", "%d-%m-%Y_%H-%M-%S",
    "%Y-%m-%d at %H.%M.%S",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: what to look at, what it has to be like, and what follows. See ``origin_rules.toml``."""

    id: str
    platform: str
    looks_at: str
    pattern: str
    says: str
    source: str
    verified_on: str
    clock: str = ""


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules that are shipped, in their order."""
    text = files("osint.media").joinpath("origin_rules.toml").read_text(encoding="utf-8")
    return tuple(Rule(**rule) for rule in tomllib.loads(text)["rule"])


def traces(*, name: str | None, url: str | None, values: Iterable[Value], now: datetime) -> tuple[Value, ...]:
    """Return what the file is consistent with, a value for each rule that fits and one for each time that it gives.

    Args:
        name: The file's own name where it was handed in, without its folder.
        url: The address that it came from.
        values: What was read from the file.
        now: When it was preserved. A number that gives a later time is like a platform's by chance alone.
    """
    seen = dict(_seen(name, url, values))
    return tuple(value for rule in rules() for value in _applied(rule, seen.get(rule.looks_at, ()), now))


def _seen(name: str | None, url: str | None, values: Iterable[Value]) -> Iterator[tuple[str, list[str]]]:
    parts = urlsplit(url) if url else None
    last = unquote(parts.path.rpartition("/")[2]) if parts else None
    yield NAME, [each for each in dict.fromkeys((name, last)) if each and len(each) <= _LONGEST_NAME]
    yield "address", [f"{parts.scheme}://{parts.netloc}{parts.path}"] if parts else []
    yield "SpecialInstructions", [value.text for value in values if (value.block, value.tag_id) == ("IPTC", "2:40")]


def _applied(rule: Rule, texts: Iterable[str], now: datetime) -> Iterator[Value]:
    for text in texts:
        found = re.compile(rule.pattern, re.IGNORECASE | re.DOTALL).fullmatch(text)
        if found is None:
            continue
        time = _time(rule, found["time"], now) if rule.clock else None
        if rule.clock in _CLOCKS and time is None:  # no time that there can be: the name is like it by chance
            continue
        yield _value(rule, text, "platform_mark", rule.platform)
        if time is not None:
            yield _value(rule, found["time"], _FACTS.get(rule.clock, "platform_time"), time)


def _value(rule: Rule, text: str, fact: str, value: str) -> Value:
    return Value(
        block="IPTC" if rule.looks_at == "SpecialInstructions" else rule.looks_at,
        group="origin",
        name=rule.id,
        text=text[:LONGEST_TEXT],
        fact=fact,
        value=value,
        reader=READER,
        warnings=(rule.says, f"Rule {rule.id}; last seen to hold: {rule.verified_on}."),
    )


def _time(rule: Rule, text: str, now: datetime) -> str | None:
    """Return the time that a name holds, as a clock without zone or as an instant; None when it can be none."""
    if rule.clock == "local":
        return _local(text)
    instant = _CLOCKS[rule.clock](text)
    return format_instant(instant) if instant is not None and instant <= now + _AHEAD else None


def _local(text: str) -> str | None:
    for form in _LOCAL_FORMS:
        try:
            read = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is not stated, and none is guessed
        except ValueError:
            continue
        return read.isoformat() if "H" in form else read.date().isoformat()
    return None


def _utc(text: str) -> datetime | None:
    try:
        return datetime.strptime(text + "000", "%Y%m%d_%H%M%S%f").replace(tzinfo=UTC)
    except ValueError:
        return None


def _x_media(text: str) -> datetime | None:
    """Read the first 64 of 88 bits as a snowflake, and refuse a time before X had any."""
    number = int.from_bytes(base64.urlsafe_b64decode(text + "=")[:8], "big")
    return _not_before(_FIRST_OF_X_MEDIA, time_in_id("x", str(number)))


def _discord(text: str) -> datetime | None:
    return time_in_id("discord", text)


def _mastodon_media(text: str) -> datetime | None:
    milliseconds = int(text.replace("/", "")) >> 16
    try:
        return _not_before(_FIRST_OF_MASTODON, _EPOCH + timedelta(milliseconds=milliseconds))
    except OverflowError:
        return None


def _not_before(first: datetime, instant: datetime | None) -> datetime | None:
    return instant if instant is not None and instant >= first else None


_CLOCKS: Mapping[str, Callable[[str], datetime | None]] = {
    "utc": _utc,
    "x-media": _x_media,
    "discord": _discord,
    "mastodon-media": _mastodon_media,
}
