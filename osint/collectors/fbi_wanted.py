"""FBI Wanted: notices of wanted and missing persons from the FBI's interface, one notice, or one page of its site.

**When a run is complete.** The list says how many notices there are: ``exhausted`` when as many different ones came and
every page counted the same. Notices move while the list is read, since it is sorted by their last change; when some are
lacking, or the count moved, it is read once more from its other end, and what then still lacks makes the run
``platform-cap``.

**Times.** ``publication`` names no zone, so it is no instant; ``modified`` does.

**Refusals.** The interface stands behind a network that answers 403 to many programs. Nothing here disguises itself:
an officer opens the address in a browser, saves the JSON, and imports the file.

**Ids** are ``fbi:uid``. A page of the site does not name the uid, so its id is its path; ``url`` joins the two.

Sources: https://www.fbi.gov/wanted/api, https://pub.dev/documentation/dart_gov_fbi/latest/ (fields and parameters)
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from osint.activity import ParseWarning, Record
from osint.capture.exchange import Capture
from osint.collectors.answer import keep_first, read_json, reservations, warning
from osint.collectors.json_values import left_over, native, objects, text
from osint.collectors.notices import (
    OF_AGE,
    Register,
    Tally,
    another,
    asked_of,
    conditions,
    listed,
    notice,
    refused,
    time_warnings,
    told_number,
    total_warnings,
)
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.text import absolute, html_to_text, parse_html, text_of
from osint.collectors.times import dated
from osint.errors import QueryError, UnreadableCaptureError
from osint.query import Query, SearchQuery, UrlQuery, host_of

MANIFEST = Manifest(
    name="fbi_wanted",
    version="1",
    reads="notices of the FBI's list of wanted and missing persons",
    queries=(SearchQuery, UrlQuery),
    ways=("api", "public", "file"),
    public="all notices that are published now",
    limits="refuses many programs (403); a notice that was taken out is gone without a reason, which clears nobody; "
    "publication dates name no zone; pictures of who may be a minor are named, not fetched",
    files="JSON of api.fbi.gov that somebody saved in a browser; a saved page of a notice",
    id_time="none: ids are random",
    proof="documented",
    home="fbi.gov",
    asks=("api.fbi.gov",),
    page=50,
    pace=2,
    documentation="https://www.fbi.gov/wanted/api",
    terms="A work of the United States government, free to use; nothing is promised of the interface.",
    terms_checked="unverified",
)

_REGISTER = Register(
    platform="fbi",
    host="fbi.gov",
    name="FBI",
    collector=f"{MANIFEST.name}/{MANIFEST.version}",
    by_hand="Open the address in a browser, save the JSON as it is, and import that file.",
)
_EXPECTED = "notices of the FBI"
_LIST = "https://api.fbi.gov/wanted/v1/list"
_HOSTS = ("fbi.gov", "www.fbi.gov", "api.fbi.gov")
_WHERE = ("field_offices", "person_classification", "poster_classification", "status")
_NOTICE = re.compile(r"/@wanted-person/(?P<uid>[0-9a-f-]{8,40})/?", re.IGNORECASE)
_PAGE_OF_ONE = re.compile(r"/wanted/(?:[\w-]+/)+[\w.-]+/?", re.ASCII)
_SAID = (
    ("", "description"), ("Aliases", "aliases"), ("Details", "details"), ("Remarks", "remarks"),
    ("Caution", "caution"), ("Warning", "warning_message"), ("Additional information", "additional_information"),
    ("Reward", "reward_text"), ("Dates of birth used", "dates_of_birth_used"), ("Place of birth", "place_of_birth"),
    ("Nationality", "nationality"), ("Scars and marks", "scars_and_marks"), ("Subjects", "subjects"),
    ("Field offices", "field_offices"),
)  # fmt: skip
_HTML = frozenset({
    "details", "remarks", "caution", "warning_message", "additional_information", "reward_text",
})  # fmt: skip
_READ = frozenset({
    "@id", "uid", "title", "url", "publication", "modified", "images", "description", "details", "remarks", "caution",
    "warning_message", "additional_information", "reward_text", "status",
})  # fmt: skip
_PARTS = ("aliases", "details", "remarks", "caution", "warning", "reward")  # each under a heading of its own


def query_for(url: str) -> Query | None:
    """Return one notice, or one page of the list, at an address of the FBI."""
    return UrlQuery(url=url) if _is_ours(url) else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the pages of the list, or one notice."""
    if isinstance(query, SearchQuery):
        return (yield from _listed(query, get))
    if not isinstance(query, UrlQuery) or not _is_ours(query.url):
        raise QueryError(
            "This is no notice of the FBI. Write search='NAME', host='fbi.gov', or search='' for all that "
            "where={'poster_classification': 'missing'} leaves, or the address of a notice."
        )
    page = get(query.url)
    refused(page, f"the notice {query.url}", _REGISTER)
    yield page
    if urlsplit(query.url).path.startswith("/wanted/v1/"):
        return Stop.PLATFORM_CAP
    return Stop.ERROR if _asked_uid(query.url) and _is_another(_object(page), page) else Stop.EXHAUSTED


def claims(capture: Capture) -> bool:
    """Say whether it is JSON with the field names of the FBI, or a page of one of its notices."""
    if capture.body.lstrip()[:1] == b"{":
        return b'"poster_classification"' in capture.body and b'"uid"' in capture.body
    return b"wanted-person-" in capture.body and host_of(capture.url) in _HOSTS


def parse(capture: Capture) -> list[Record]:
    """Read a page of the list, one notice, or a page of the site.

    Raises:
        UnreadableCaptureError: It is none of these.
    """
    records: list[Record] = [*reservations(capture)]
    if capture.body.lstrip()[:1] == b"<" and b"wanted-person-" in capture.body:
        return [*records, *_site_page(capture)]
    value = _object(capture)
    if "items" not in value:
        return keep_first([*records, *_is_another(value, capture), *_item(value, "", capture)])
    items, lacking = listed(capture, "/items", value["items"], value.get("total"))
    records += [*lacking, *_page_warnings(value, items, capture)]
    for number, item in enumerate(items):
        records += _item(item, f"/items/{number}", capture)
    return keep_first(records)


# Asking ------------------------------------------------------------------------------------------------------------


def _is_ours(url: str) -> bool:
    parts = urlsplit(url)
    if parts.hostname == "api.fbi.gov":
        return bool(_NOTICE.fullmatch(parts.path)) or parts.path.rstrip("/") == "/wanted/v1/list"
    return parts.hostname in _HOSTS and bool(_PAGE_OF_ONE.fullmatch(parts.path))


def _listed(query: SearchQuery, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the list from its one end, and when something lacks then, from the other."""
    asked: dict[str, Any] = {**conditions(query, _REGISTER, _HOSTS, _WHERE)}
    asked |= {"title": query.search.strip()} if query.search.strip() else {}
    tally = Tally()
    for order in ("desc", "asc"):
        tally = tally if len(tally.counts) < 2 else Tally()  # the list changed, so what came of it is not reckoned
        here, shown = set[str](), list[set[str]]()
        for number in count(1):
            page = get(_LIST, pageSize=MANIFEST.page, page=number, sort_on="modified", sort_order=order, **asked)
            refused(page, "the list of notices", _REGISTER)
            value = _object(page)
            yield page
            uids = {uid for item in objects(value.get("items")) if (uid := native(item.get("uid")))}
            tally.add(uids, value.get("total"))
            if tally.is_complete:
                return Stop.EXHAUSTED
            if uids in shown:
                return Stop.ERROR
            if uids <= here:
                break
            here |= uids
            shown.append(uids)
    return Stop.PLATFORM_CAP


def _asked_uid(url: str) -> str | None:
    """Return the uid in the address of one notice, or None."""
    found = _NOTICE.fullmatch(urlsplit(url).path) if host_of(url) == "api.fbi.gov" else None
    return found["uid"] if found else None


def _is_another(value: Mapping[str, Any], capture: Capture) -> Iterable[ParseWarning]:
    """Return a warning when this is not the notice of the address; a uid may be written with hyphens."""
    asked, came = _asked_uid(capture.url), native(value.get("uid"))
    same = asked and came and asked.replace("-", "").casefold() == came.replace("-", "").casefold()
    return another(capture, "", asked, came) if came and not same else ()


def _object(capture: Capture) -> dict[str, Any]:
    value = read_json(capture, _EXPECTED)
    if not isinstance(value, dict) or not ({"items", "uid"} & value.keys()):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "neither a list of notices nor a notice")
    return value


# Records -----------------------------------------------------------------------------------------------------------


def _page_warnings(value: Mapping[str, Any], items: list[Any], capture: Capture) -> Iterator[ParseWarning]:
    """Yield what the page says of itself that does not fit."""
    yield from total_warnings(capture, "/total", value.get("total"), len(items))
    number, size = told_number(asked_of(capture, "page")), told_number(asked_of(capture, "pageSize"))
    answered, total = told_number(value.get("page")), told_number(value.get("total"))
    if number and answered is not None and answered != number:
        what = f"Page {number} was asked for, and the answer says that it is page {answered}."
        yield warning(capture, "/page", what, "Notices may be missing between the pages.")
    elif number and size and total is not None and 0 <= len(items) < min(size, total - (number - 1) * size):
        what = f"Page {number} holds {len(items)} notices, fewer than the count of {total} leads to."
        yield warning(capture, "/items", what, "The count is wrong, or notices were withheld or moved meanwhile.")


def _item(item: Any, pointer: str, capture: Capture) -> Iterator[Record]:
    uid = native(item.get("uid")) if isinstance(item, dict) else None
    if not isinstance(item, dict) or uid is None:
        yield warning(capture, pointer, "This is no notice: it has no uid.", "It is not in the tables.")
        return
    name = text(item.get("title"))
    if name is None:
        yield warning(capture, pointer, "The notice has no title.", "Its text opens with what else it says.")
    published, updated = dated(item.get("publication")), dated(item.get("modified"))
    read = _READ if updated and updated.instant else _READ - {"modified"}
    yield notice(
        _REGISTER, capture, uid, pointer,
        name=name or "",
        said=[(label, _readable(item, field)) for label, field in _SAID],
        status=text(item.get("status")),
        published=published,
        updated=updated,
        pictures=[(each.get("original") or each.get("large") or each.get("thumb"), text(each.get("caption")))
                  for each in objects(item.get("images"))],
        minor=_may_be_minor(item),
        url=absolute("https://www.fbi.gov/", item.get("url") or item.get("path")),
        extra={"title": name, **left_over(item, read)},
    )  # fmt: skip
    yield from time_warnings(capture, pointer, item, "publication", "modified")


def _readable(item: Mapping[str, Any], field: str) -> object:
    value = item.get(field)
    return html_to_text(value) if field in _HTML and isinstance(value, str) else value


def _may_be_minor(item: Mapping[str, Any]) -> bool:
    youngest, oldest = told_number(item.get("age_min")), told_number(item.get("age_max"))
    if oldest is not None and oldest < OF_AGE:
        return True
    words = [item.get("poster_classification"), item.get("person_classification")]
    words += item["subjects"] if isinstance(item.get("subjects"), list) else []
    sought = any(mark in str(word).casefold() for word in words for mark in ("missing", "kidnap", "victim"))
    return sought and (youngest is None or youngest < OF_AGE)


def _site_page(capture: Capture) -> Iterator[Record]:
    """Read a page of the site by the class names that it gives the parts of a notice."""
    tree = parse_html(capture.text)
    heading = _first(tree, "documentFirstHeading")
    if tree is None or heading is None:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "the page has no heading of a notice")
    parts = {name: text_of(found) for name in _PARTS if (found := _first(tree, f"wanted-person-{name}")) is not None}
    summary = _first(tree, "summary")
    mug = _first(tree, "wanted-person-mug")
    pictures = [image.get("src") for image in mug.iter("img")] if mug is not None else []
    path = urlsplit(capture.url).path.rstrip("/")
    words = [path, text_of(summary) if summary is not None else ""]
    yield notice(
        _REGISTER, capture, path, "/html",
        name=text_of(heading),
        said=[("", words[1]), *(("", said) for said in parts.values())],
        pictures=[(url, None) for url in pictures],
        minor=any(mark in word.casefold() for word in words for mark in ("missing", "kidnap", "victim")),
        url=capture.url,
        extra={"title": text_of(heading), "description": _rows(tree), **parts},
    )  # fmt: skip


def _first(tree: etree._Element | None, name: str) -> etree._Element | None:
    if tree is None:
        return None
    return next((each for each in tree.iter() if name in str(each.get("class") or "").split()), None)


def _rows(tree: etree._Element) -> dict[str, str]:
    """Return the table of the description, label by label."""
    table = _first(tree, "wanted-person-description")
    rows = ([text_of(cell) for cell in row.iter("td")] for row in (table.iter("tr") if table is not None else ()))
    return {cells[0]: cells[1] for cells in rows if len(cells) == 2}
