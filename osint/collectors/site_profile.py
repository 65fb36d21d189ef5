"""Site profiles: where a police site keeps which part of a notice, as CSS selectors in a TOML file.

A profile is data, and it decides how bytes are read. Those in ``site_profiles/`` come with the program; a changed one
is a higher version of the collector ``wanted_pages``.

**An agency's own** profiles are the ``*.toml`` files of the folder that the variable ``OSINT_SITE_PROFILES`` names; no
code is touched. Each row has the SHA-256 of its profile in ``extra``, and a run keeps the text in the ledger with each
exhibit, so that its pages are read again as they were. Files that were handed in, and second visits, are read by the
file in the folder: it is kept as long as the case. When a site changes, a second file for the same lists says
``since``, and older captures are read as before. A profile that is not sound reads nothing, and neither do two for
one page; messages say so. ``profile_check.py`` tries one out on a saved page.

    name = "Harbour Police"                  # of the publisher, for people
    kind = "wanted"                          # or "missing": its pictures are then no attachments
    language = "en"                          # as in the lang attribute of HTML
    hosts = ["police.harbour.example"]       # whole names, lower case
    start = ["/wanted", "/wanted/page/*"]    # paths of its lists; * stands for a number
    source = "https://..."                   # where the markup can be seen, and when it was
    since = 2027-01-05                       # the first day of the captures that it reads; may be left out

    [list]
    item = "li.person"                       # one match for each notice
    next = "a[rel=next]@href"                # the address of the next page; left out when there is one page
    total = "p.count"                        # an element that says how many notices there are; may be left out

    [fields]                                 # inside an item: a selector, with @attribute where it is not the text
    name = "h3"
    date = "time@datetime"
    picture = "img@src"
    case_number = "b.number"                 # only where it is of one person; two with the same would be one notice

    [dates]
    format = "%d.%m.%Y"                      # of date; days become ISO, and never an instant

Further fields are aliases, charge, description, reward, status and detail (the address of the notice's own page).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import soupsieve
from bs4.element import Tag

from osint.capture.exchange import Capture
from osint.collectors.text import html_to_text
from osint.query import Query, UrlQuery
from osint.settings import setting

VARIABLE = "OSINT_SITE_PROFILES"
FIELDS = (
    "name", "aliases", "charge", "description", "date", "reward", "status", "case_number", "picture", "detail",
)  # fmt: skip
SEVERAL = ("aliases", "picture")
_KEYS = {
    "": ("name", "kind", "language", "hosts", "start", "source", "since", "list", "fields", "dates"),
    "list": ("item", "next", "total"),
    "fields": FIELDS,
    "dates": ("format",),
}
_OPTIONAL = ("since", "dates", "list.next", "list.total", *(f"fields.{name}" for name in FIELDS if name != "name"))
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PATH = re.compile(r"/[^?#\s*]*(?:\*[^?#\s*]*)*")
# Names of months depend on the machine; what is left out of a date would be made up.
_NUMERIC_DATE = re.compile(r"(?=.*%d)(?=.*%m)(?=.*%Y)(?:%[dmYHM]|[^%A-Za-z0-9])+")
_ADDRESSES = ("list.next", "fields.picture", "fields.detail")
_ATTRIBUTE = re.compile(r"(?P<selector>.+?)(?:@(?P<attribute>[a-z][a-z0-9-]*))?", re.DOTALL)


@dataclass(frozen=True)
class Selector:
    """Where something stands: an element, or one of its attributes."""

    css: soupsieve.SoupSieve
    attribute: str | None = None

    def in_(self, element: Tag) -> Iterator[str]:
        """Yield what stands there, once for each match that is not empty; an element's text as a reader sees it."""
        found = (self._said(match) for match in self.css.iselect(element))
        return (said for said in found if said)

    def _said(self, match: Tag) -> str:
        if self.attribute is None:
            return html_to_text(match.decode())
        value = match.get(self.attribute)
        return " ".join(value if isinstance(value, list) else [value or ""]).strip()


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A profile that was found to be sound; the module says what each part means."""

    id: str
    data: bytes
    sha256: str
    name: str
    kind: Literal["wanted", "missing"]
    language: str
    hosts: tuple[str, ...]
    start: tuple[str, ...]
    item: Selector
    next: Selector | None
    total: Selector | None
    fields: Mapping[str, Selector]
    date_format: str | None
    since: date | None

    def covers(self, host: str | None, path: str) -> bool:
        """Say whether an address is one of its lists."""
        bare = path.rstrip("/") or "/"
        return host in self.hosts and any(
            re.fullmatch(re.escape(start).replace(r"\*", "[0-9]+"), bare) for start in self.start
        )

    def day(self, written: str) -> str | None:
        """Return the day of a date that is written as the profile says, ``2026-05-01``; None when it is not."""
        try:
            day = datetime.strptime(written.strip(), self.date_format or "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            return None
        return day.date().isoformat()


def profile_beside(capture: Capture, url: str) -> Profile | None:
    """Return the profile that reads a page of the site of a capture: what was kept with it, else what is there now."""
    for kept in capture.beside:
        profile = read_profile(kept.part, kept.body)
        if profile.covers(*_place(url)):
            return profile
    return find_profile(url, capture.collected.date())


def kept_profile(query: Query, on: date) -> tuple[str, str] | None:
    """Return the file name and the text of the profile that reads a list on a day; None when none does."""
    profile = find_profile(query.url, on) if isinstance(query, UrlQuery) else None
    return (f"{profile.id}.toml", profile.data.decode()) if profile else None


def find_profile(url: str, on: date | None = None) -> Profile | None:
    """Return the one profile that reads a page, or None.

    Args:
        url: The address of the page.
        on: The day it was captured; None when it is not captured yet.
    """
    fitting = _fitting(url, on)
    return fitting[0] if len(fitting) == 1 else None


def why_none(url: str, on: date | None = None) -> str:
    """Say why no profile reads a page, and what to write."""
    host, path = _place(url)
    faults = "".join(f" Not read: {fault}." for fault in own()[1])
    fitting = _fitting(url, on)
    if len(fitting) > 1:
        return f"More than one profile is for {url}: {', '.join(each.id for each in fitting)}. Keep one.{faults}"
    for each in (*shipped(), *own()[0]):
        if each.covers(host, path):
            return f"The profile {each.id} reads {url} since {each.since} only.{faults}"
        if host in each.hosts:
            lists = ", ".join(each.start)
            return f"The profile {each.id} reads of {host} only {lists}; add {path} to its start.{faults}"
    return (
        f"No profile is for {url}.{faults} Write one: a file NAME.toml in the folder that the variable {VARIABLE} "
        f'names, with name, kind = "wanted" (or "missing"), language = "en", hosts = ["{host or "HOST"}"], start = '
        f'["{path}"], source = "{url}"; below [list] item = "CSS SELECTOR OF ONE NOTICE"; below [fields] name = '
        '"SELECTOR IN IT". osint/collectors/site_profile.py shows a whole one, and "python -m '
        'osint.collectors.profile_check NAME.toml SAVED-PAGE.html ADDRESS" shows what it finds.'
    )


def _fitting(url: str, on: date | None) -> list[Profile]:
    """Return the profiles for a page; of those that follow one another, the latest whose day has come."""
    host, path = _place(url)
    covering = [each for each in (*shipped(), *own()[0]) if each.covers(host, path)]
    started = [each for each in covering if on is None or each.since is None or each.since <= on]
    latest = max((each.since or date.min for each in started), default=None)
    return [each for each in started if (each.since or date.min) == latest]


def _place(url: str) -> tuple[str | None, str]:
    try:
        parts = urlsplit(url)
        return parts.hostname, parts.path.rstrip("/") or "/"
    except ValueError:
        return None, "/"


def own() -> tuple[tuple[Profile, ...], tuple[str, ...]]:
    """Return the agency's own profiles, by name, and what is wrong with each that is not sound."""
    folder = Path(setting("OSINT_SITE_PROFILES"))
    if folder == Path():
        return (), ()
    if not folder.is_dir():
        return (), (f"{VARIABLE} names {str(folder)!r}, which is no folder",)
    sound, faults = [], []
    for file in sorted(folder.glob("*.toml")):
        try:
            sound.append(read_profile(file.name, file.read_bytes()))
        except (OSError, ValueError) as error:
            faults.append(str(error))
    return tuple(sound), tuple(faults)


@cache
def shipped() -> tuple[Profile, ...]:
    """Return the profiles that come with the program, by name."""
    folder = resources.files("osint.collectors") / "site_profiles"
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)
    return tuple(read_profile(each.name, each.read_bytes()) for each in files)


@lru_cache(maxsize=256)
def read_profile(file: str, data: bytes) -> Profile:
    """Read a profile.

    Args:
        file: Its name, for messages.
        data: Its bytes.

    Raises:
        ValueError: It is no profile; the message names file and key, and says what is expected there.
    """
    try:
        values = tomllib.loads(data.decode())
    except ValueError as error:
        raise ValueError(f"{file}: this is no TOML: {error}") from error
    _check_keys(file, values)
    listed, fields = values["list"], values["fields"]
    return Profile(
        id=file.removesuffix(".toml"),
        data=data,
        sha256=sha256(data).hexdigest(),
        name=_matching(file, "name", values["name"], re.compile(r".*\S.*"), "a name"),
        kind=_kind(file, values["kind"]),
        language=_matching(file, "language", values["language"], _LANGUAGE, "a language tag, en"),
        hosts=_several(file, "hosts", values["hosts"], _HOST, "whole host names in lower case"),
        start=_several(file, "start", values["start"], _PATH, "paths that begin with /"),
        item=_selector(file, "list.item", listed["item"]),
        next=_selector(file, "list.next", listed["next"]) if "next" in listed else None,
        total=_selector(file, "list.total", listed["total"]) if "total" in listed else None,
        fields={name: _selector(file, f"fields.{name}", fields[name]) for name in FIELDS if name in fields},
        date_format=_date_format(file, values.get("dates", {})),
        since=_day(file, values.get("since")),
    )


def _check_keys(file: str, values: Mapping[str, Any]) -> None:
    for table, possible in _KEYS.items():
        if table and table not in values and table in _OPTIONAL:
            continue
        here = values.get(table) if table else values
        if not isinstance(here, dict):
            raise ValueError(f"{file}: {table}: this has to be a table [{table}]")  # noqa: TRY004 - all is one error
        dotted = f"{table}." if table else ""
        for name in sorted(here.keys() - set(possible)):
            raise ValueError(f"{file}: {dotted}{name}: no such key; possible are {', '.join(possible)}")
        for name in possible:
            if name not in here and dotted + name not in _OPTIONAL:
                raise ValueError(f"{file}: {dotted}{name}: this is missing")


def _matching(file: str, key: str, value: object, pattern: re.Pattern[str], expected: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{file}: {key}: {value!r} is not {expected}")
    return value


def _kind(file: str, value: object) -> Literal["wanted", "missing"]:
    named = _matching(file, "kind", value, re.compile("wanted|missing"), "wanted or missing")
    return "missing" if named == "missing" else "wanted"


def _several(file: str, key: str, value: object, pattern: re.Pattern[str], expected: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError(f"{file}: {key}: {value!r} is not a list of {expected}")
    return tuple(_matching(file, key, each, pattern, f"one of {expected}") for each in value)


def _selector(file: str, key: str, value: object) -> Selector:
    parts = _ATTRIBUTE.fullmatch(value) if isinstance(value, str) else None
    if parts is None:
        raise ValueError(f"{file}: {key}: {value!r} is not a CSS selector")
    if key in _ADDRESSES and parts["attribute"] is None:
        raise ValueError(f"{file}: {key}: {value!r} names no attribute with an address; write a@href, or img@src")
    if key in ("list.item", "list.total") and parts["attribute"]:
        raise ValueError(f"{file}: {key}: {value!r} names an attribute; it has to be an element")
    try:
        return Selector(soupsieve.compile(parts["selector"]), parts["attribute"])
    except (soupsieve.SelectorSyntaxError, NotImplementedError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{file}: {key}: {parts['selector']!r} is not a CSS selector: {reason}") from error


def _date_format(file: str, dates: Mapping[str, Any]) -> str | None:
    expected = "made of %d, %m and %Y, and %H and %M if need be"
    return _matching(file, "dates.format", dates["format"], _NUMERIC_DATE, expected) if dates else None


def _day(file: str, value: object) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise ValueError(f"{file}: since: {value!r} is not a day, 2027-01-05 without quotation marks")
