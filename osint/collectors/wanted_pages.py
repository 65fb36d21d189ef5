"""Wanted pages: what Crime Stoppers and police sites show on pages for everybody, by a profile of each site.

A profile (``site_profile.py``) says in CSS selectors where a site keeps name, charge, date and the rest. It is shipped,
or the agency's own. A site without one is read by the collector ``webpage``, whole and unsorted.

**Tips are never collected.** What a form holds is no notice: fields and buttons are left out before anything is read,
and nothing is ever sent.

**When a run is complete.** ``exhausted`` when each page says how many notices there are and as many came; where a site
does not say, when a page that another led to leads to no further one. One page that does not count is ``platform-cap``:
nobody says that it is all, and a link to the next that the profile misses looks the same. A list in which the profile
finds nothing is no empty list: the site may have changed, and a warning says so.

**Ids** are ``wanted:host/case number``, else the path of the notice's own page, else made of what it says.

Source: the profiles; each says where the markup of its site can be seen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from bs4.builder import ParserRejectedMarkup
from bs4.element import Tag

from osint.activity import ParseWarning, Record
from osint.capture.exchange import Capture
from osint.collectors.answer import foreign_next_page, keep_first, next_page, reservations, warning
from osint.collectors.json_values import count
from osint.collectors.notices import Register, Tally, notice, refused
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import made_id
from osint.collectors.site_profile import SEVERAL, Profile, find_profile, kept_profile, profile_beside, why_none
from osint.collectors.text import absolute, well_formed, without_floods
from osint.collectors.times import dated
from osint.errors import UnreadableCaptureError
from osint.query import Query, UrlQuery, host_of

MANIFEST = Manifest(
    name="wanted_pages",
    version="1",
    reads="wanted and missing persons on police sites that have a profile, shipped or the agency's own",
    queries=(UrlQuery,),
    ways=("public", "file"),
    public="what these sites show to everybody; tips and forms are never collected",
    limits="only sites with a profile, and a profile ages with its site; a notice that was taken out clears nobody; "
    "pictures of missing persons are named, not fetched",
    files="a saved page of such a list",
    id_time="none",
    proof="documented",
    pace=5,
    profile=kept_profile,
    documentation="https://www.w3.org/TR/selectors-4/",
    terms="Each site has its own; read them, and its robots.txt, before the first run.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_EXPECTED = "a page of a wanted list"
_LABELS = (
    ("Aliases", "aliases"), ("Charge", "charge"), ("", "description"), ("Date", "date"), ("Reward", "reward"),
    ("Case", "case_number"),
)  # fmt: skip
_OF_FORMS = ("input", "textarea", "select", "button", "option", "label", "script", "style", "noscript", "template")


class _Page(NamedTuple):
    profile: Profile
    root: BeautifulSoup
    items: list[Tag]


def query_for(url: str) -> Query | None:
    """Return the list at an address of a site that has a profile."""
    return UrlQuery(url=url) if find_profile(url) else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the pages of a list.

    Raises:
        UnreadableCaptureError: No profile is for the page that came; the message says what to write.
    """
    assert isinstance(query, UrlQuery)
    url: str | None = query.url
    asked, tally = set[str](), Tally()
    while url:
        asked.add(url)
        capture = get(url)
        refused(capture, f"the list {url}", _register("", capture.url))
        if not _is_list(capture.url, capture):
            yield capture  # the profile is written after it, and a case that lacks one has a warning of it
            why = why_none(capture.url, capture.collected.date())
            reason = f"{why} Or collect it with the collector webpage, whole"
            raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)
        page = _read(capture)
        yield capture
        fields = (_fields(item, page.profile) for item in page.items)
        brought = tally.add((_native(each, capture) for each in fields), _total(page))
        target = _next(page, capture)
        if target is None:
            return _ending(page.profile, tally, followed=len(asked) > 1)
        url = next_page(capture, target)
        if url in asked or not brought or not _is_list(url, capture):
            return Stop.ERROR
    return Stop.ERROR


def claims(capture: Capture) -> bool:
    """Say whether it is a page from the lists of a site that has a profile."""
    return capture.body.lstrip()[:1] == b"<" and profile_beside(capture, capture.url) is not None


def parse(capture: Capture) -> list[Record]:
    """Read one page of a list.

    Raises:
        UnreadableCaptureError: No profile is for its address, or it is no HTML.
    """
    page = _read(capture)
    records: list[Record] = [*reservations(capture), *_page_warnings(page, capture)]
    places = _places(page.items)
    for item in page.items:
        records += _notice(item, places[id(item)], page.profile, capture)
    return keep_first(records)


# Asking ------------------------------------------------------------------------------------------------------------


def _register(name: str, url: str) -> Register:
    return Register(
        platform="wanted",
        host=host_of(url),
        name=name,
        collector=_COLLECTOR,
        by_hand="Open the list in a browser, save the page, and import that file.",
    )


def _read(capture: Capture) -> _Page:
    profile = profile_beside(capture, capture.url)
    if profile is None:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "no profile is for its address")
    try:
        root = BeautifulSoup(without_floods(well_formed(capture.text))[0], "lxml")
    except ParserRejectedMarkup as error:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it is no HTML") from error
    if root.find("body") is None:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it is no HTML")
    for part in root.find_all(_OF_FORMS):
        part.decompose()
    return _Page(profile, root, profile.item.css.select(root))


def _next(page: _Page, capture: Capture) -> str | None:
    """Return where the page says that the list goes on, on whatever host; None when it does not."""
    return absolute(capture.url, next(page.profile.next.in_(page.root), None)) if page.profile.next else None


def _total(page: _Page) -> int | None:
    """Return how many notices the site says that there are."""
    said = next(page.profile.total.in_(page.root), "") if page.profile.total else ""
    digits = re.findall(r"\d+", said)
    return count(digits[0]) if len(digits) == 1 else None


def _is_list(url: str | None, capture: Capture) -> bool:
    return url is not None and profile_beside(capture, url) is not None


def _ending(profile: Profile, tally: Tally, *, followed: bool) -> Stop:
    complete = tally.is_complete if profile.total else followed and bool(tally.found)
    return Stop.EXHAUSTED if complete else Stop.PLATFORM_CAP


# Records -----------------------------------------------------------------------------------------------------------


def _page_warnings(page: _Page, capture: Capture) -> Iterator[ParseWarning]:
    total = _total(page)
    if not page.items and total != 0:
        what = f"The profile {page.profile.id} finds no notice on this page."
        yield warning(capture, "", what, "The site may have changed; the page is preserved, nothing was read from it.")
    if page.profile.total and total is None:
        what = "The page does not say how many notices there are."
        yield warning(capture, "", what, "Whether all came, nobody can say.")
    elif total is not None and total < len(page.items):
        what = f"The page counts {total} notices and shows {len(page.items)}."
        yield warning(capture, "", what, "Its count says nothing of whether all came.")
    target = _next(page, capture)
    yield from foreign_next_page(capture, target)
    following = next_page(capture, target)
    if following and not _is_list(following, capture):
        what = f"No profile is for the next page, {following}."
        yield warning(capture, "", what, "It was not followed, so notices may be missing; add its path to start.")


def _matches(item: Tag, profile: Profile) -> dict[str, list[str]]:
    """Return what the selectors find; where one notice has one of a kind, a second is looked for."""
    found = {
        name: list(islice(selector.in_(item), None if name in SEVERAL else 2))
        for name, selector in profile.fields.items()
    }
    return {name: said for name, said in found.items() if said}


def _fields(item: Tag, profile: Profile) -> dict[str, list[str]]:
    return _first_of(_matches(item, profile))


def _first_of(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: said if name in SEVERAL else said[:1] for name, said in found.items()}


def _native(fields: dict[str, list[str]], capture: Capture) -> str:
    host = urlsplit(capture.url).hostname
    detail = absolute(capture.url, fields["detail"][0]) if "detail" in fields else None
    if "case_number" in fields:
        return f"{host}/{fields['case_number'][0]}"
    return f"{host}{urlsplit(detail).path}" if detail else f"{host}/made:{made_id(*sorted(fields.items()))}"


def _notice(item: Tag, pointer: str, profile: Profile, capture: Capture) -> Iterator[Record]:
    found = _matches(item, profile)
    fields = _first_of(found)
    if "name" not in fields:
        yield warning(capture, pointer, "This is no notice: it has no name.", "It is not in the tables.")
        return
    written = fields.get("date", [""])[0]
    when = dated(written)
    day = profile.day(written) if written else None
    told = {name: said if name in SEVERAL else said[0] for name, said in fields.items() if name != "picture"}
    yield notice(
        _register(profile.name, capture.url), capture, _native(fields, capture), pointer,
        name=fields["name"][0],
        said=[(label, "; ".join(fields.get(name, []))) for label, name in _LABELS],
        status=fields.get("status", [None])[0],
        published=when,
        pictures=[(url, None) for url in fields.get("picture", [])],
        minor=profile.kind == "missing",
        url=absolute(capture.url, fields.get("detail", [None])[0]) or capture.url,
        language=profile.language,
        extra={**told, **({"day": day} if day else {}), "profile": {"name": profile.id, "sha256": profile.sha256}},
    )  # fmt: skip
    for name in (name for name, said in found.items() if name not in SEVERAL and len(set(said)) > 1):
        what = f"The profile {profile.id} finds more than one {name} in the notice."
        yield warning(capture, pointer, what, "The first is in the tables; the exhibit has the others.")
    if when and when.instant is None and day is None:
        what = f"{written!r} is no date as the profile {profile.id} expects it."
        yield warning(capture, pointer, what, "The time is kept as written; it is no instant.")


def _places(items: list[Tag]) -> dict[int, str]:
    """Return the XPath of each item. The children of one parent are counted once, however many they are."""
    steps: dict[int, str] = {}
    return {id(item): _place(item, steps) for item in items}


def _place(item: Tag, steps: dict[int, str]) -> str:
    place = ""
    for element in (item, *item.parents):
        if element.parent is None:
            break
        if id(element) not in steps:
            met: Counter[str] = Counter()
            for child in element.parent.find_all(True, recursive=False):
                met[child.name] += 1
                steps[id(child)] = f"/{child.name}[{met[child.name]}]"
        place = steps[id(element)] + place
    return place
