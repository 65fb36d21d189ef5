"""NCMEC: missing children of the United States and of centres that publish with it, from its feed and its search.

**What works without a session.** The feed of a state, and the poster of one child, are single answers. The search keeps
its question in a session, and no cookie is ever sent from here: every page is asked with the whole question. Where that
brings the first page again, the run ends as ``platform-cap``; where the search refuses, the message names the feed.

**When a run is complete.** A search is ``exhausted`` when as many children came as each of its pages counts. A feed
never says that it holds all.

**No picture is an attachment**, whatever its age: the register is one of children. The addresses stay in
``extra["pictures_withheld"]``. Once a child is found, what was kept of it should go: have the exhibits purged.

**Times.** The feed says when an entry was published. A search has ``missingDate`` only, which is no publication.

Sources: https://www.missingkids.org/gethelpnow/search (the register). The shapes are those that several independent
public clients read; no server of it was seen, so ``proof`` is ``unverified``.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from osint.activity import ParseWarning, Record
from osint.capture.exchange import Capture
from osint.collectors.answer import keep_first, read_json, reservations, warning
from osint.collectors.json_values import left_over, native, objects, text
from osint.collectors.notices import (
    Register,
    Tally,
    another,
    conditions,
    listed,
    no_name_search,
    notice,
    refused,
    total_warnings,
)
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.text import absolute, html_to_text, storable_references, well_formed
from osint.errors import QueryError, SourceError, UnreadableCaptureError
from osint.instants import read_instant
from osint.query import Query, SearchQuery, UrlQuery

MANIFEST = Manifest(
    name="ncmec",
    version="1",
    reads="missing children in the register of NCMEC",
    queries=(SearchQuery, UrlQuery),
    ways=("api", "public", "file"),
    public="the posters and feeds that are published to be seen",
    limits="the search may want a session, which is not kept here, and then shows one page; no search for a name; a "
    "poster that was taken out does not say that the child was found; pictures are named, never fetched; nothing "
    "is to be kept once a child is found",
    files="JSON of a search or of a poster, or a feed, that somebody saved",
    id_time="none",
    proof="unverified",
    home="missingkids.org",
    asks=("api.missingkids.org",),
    pace=2,
    documentation="https://www.missingkids.org/gethelpnow/search",
    terms="Its terms and the licence of its posters have to be read before the first run.",
    terms_checked="unverified",
)

_REGISTER = Register(
    platform="ncmec",
    host="missingkids.org",
    name="NCMEC",
    collector=f"{MANIFEST.name}/{MANIFEST.version}",
    by_hand="The feed of a state may be open where the search is not: "
    "https://api.missingkids.org/missingkids/servlet/XmlServlet?act=rss&LanguageCountry=en_US&orgPrefix=NCMC&state=CA",
)
_EXPECTED = "an answer of NCMEC"
_API = "https://api.missingkids.org/missingkids/servlet"
_HOSTS = ("missingkids.org", "www.missingkids.org", "api.missingkids.org")
_WHERE = ("missState", "missCountry")
_POSTER = re.compile(r"/poster/(?P<prefix>[A-Za-z]{2,6})/(?P<number>\d{1,9})/(?P<seq>\d{1,3})(?:/.*)?")
_SEARCH: dict[str, Any] = {"action": "publicSearch", "search": "new", "searchLang": "en_US", "subjToSearch": "child"}
_PICTURES = ("thumbnailUrl", "photos", "ageProgressedPhotos")
_READ = frozenset({"caseNumber", "orgPrefix", "seqNumber", *_PICTURES})


def query_for(url: str) -> Query | None:
    """Return the poster of a child, or a feed, at an address of NCMEC."""
    return UrlQuery(url=url) if _poster(url) or _is_feed(url) else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the pages of a search, a feed, or one poster."""
    if isinstance(query, SearchQuery):
        return (yield from _searched(query, get))
    address = query.url if isinstance(query, UrlQuery) else ""
    poster = _poster(address)
    if poster is None and not _is_feed(address):
        raise QueryError(
            "This is nothing of NCMEC. Write search='', host='missingkids.org', where={'missState': 'CA'}, or the "
            "address of a poster (https://www.missingkids.org/poster/NCMC/1234567/1), or of a feed."
        )
    if poster is None:
        page = get(address)
        refused(page, f"the feed {address}", _REGISTER)
        yield page
        return Stop.PLATFORM_CAP
    prefix, number, seq = poster
    detail: dict[str, Any] = {
        "action": "childDetail",
        "orgPrefix": prefix,
        "caseNum": number,
        "seqNum": seq,
        "caseLang": "en_US",
    }
    page = get(f"{_API}/JSONDataServlet", **detail)
    value = _value(page, f"the poster {address}")
    yield page
    return Stop.ERROR if _is_another(value.get("childBean"), page) else Stop.EXHAUSTED


def claims(capture: Capture) -> bool:
    """Say whether it is JSON with the field names of NCMEC, or a feed of its own."""
    body = capture.body.lstrip()
    if body[:1] == b"{":
        return b'"childBean"' in body or (b'"persons"' in body and b'"orgPrefix"' in body)
    return body[:1] == b"<" and b"<rss" in body[:2000] and b"missingkids.org" in body


def parse(capture: Capture) -> list[Record]:
    """Read the answer to a search, a poster, or a feed.

    Raises:
        UnreadableCaptureError: It is none of these.
    """
    records: list[Record] = [*reservations(capture)]
    if capture.body.lstrip()[:1] == b"<":
        return keep_first([*records, *_feed(capture)])
    value = read_json(capture, _EXPECTED)
    if not isinstance(value, dict) or not ({"persons", "childBean"} & value.keys()):
        reason = f"NCMEC refused: {_said_no(value)}" if _said_no(value) else "neither children nor a poster"
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)
    if "persons" not in value:
        child = value["childBean"]
        return keep_first([*records, *_is_another(child, capture), *_child(child, "/childBean", capture)])
    persons, lacking = listed(capture, "/persons", value["persons"], value.get("totalRecords"))
    records += lacking
    records += total_warnings(capture, "/totalRecords", value.get("totalRecords"), len(persons))
    for number, person in enumerate(persons):
        records += _child(person, f"/persons/{number}", capture)
    return keep_first(records)


# Asking ------------------------------------------------------------------------------------------------------------


def _searched(query: SearchQuery, get: Get) -> Generator[Capture, None, Stop]:
    no_name_search(query, _REGISTER, "Ask by state (where={'missState': 'CA'}), or for a poster by its address.")
    asked: dict[str, Any] = {"missCountry": "US", **conditions(query, _REGISTER, _HOSTS, _WHERE)}
    tally, number = Tally(), 0
    while True:
        number += 1
        page = get(f"{_API}/JSONDataServlet", **_SEARCH, **asked, goToPage=number)
        value = _value(page, "the children that are missed there")
        yield page
        shown = objects(value.get("persons"))
        brought = tally.add((key for person in shown if (key := _native(person))), value.get("totalRecords"))
        if tally.is_complete:
            return Stop.EXHAUSTED
        if not brought:
            return Stop.PLATFORM_CAP


def _value(capture: Capture, wanted: str) -> dict[str, Any]:
    """Return the JSON of an answer that is no refusal; NCMEC refuses with 200 and a word inside.

    Raises:
        SourceError: It is such a refusal.
    """
    refused(capture, wanted, _REGISTER)
    value = read_json(capture, _EXPECTED)
    said = _said_no(value)
    if said:
        raise SourceError(
            f"NCMEC refuses {wanted} ({said!r}, exhibit {capture.exhibit}); that says nothing of whether it exists. "
            f"{_REGISTER.by_hand}"
        )
    return value if isinstance(value, dict) else {}


def _said_no(value: Any) -> str:
    """Return what NCMEC says when it refuses; empty when it does not."""
    if not isinstance(value, dict) or value.get("status") != "error":
        return ""
    return (text(value.get("msg")) or text(value.get("message")) or "without a reason")[:200]


def _poster(url: str) -> tuple[str, str, str] | None:
    """Return organisation, number and sequence of the poster at an address."""
    parts = urlsplit(url)
    if parts.hostname not in _HOSTS:
        return None
    found = _POSTER.fullmatch(parts.path)
    if found:
        return found["prefix"].upper(), found["number"], found["seq"]
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if "caseNum" not in given or not given["caseNum"].isdecimal():
        return None
    return given.get("orgPrefix", "NCMC"), given["caseNum"], given.get("seqNum", "1")


def _is_feed(url: str) -> bool:
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    return parts.hostname in _HOSTS and parts.path.endswith("/XmlServlet") and asked.get("act") == ["rss"]


# Records -----------------------------------------------------------------------------------------------------------


def _native(person: Mapping[str, Any]) -> str | None:
    """Return ``NCMC/1234567/1``; one case may be about several children."""
    prefix, number = text(person.get("orgPrefix")), native(person.get("caseNumber"))
    return f"{prefix}/{number}/{native(person.get('seqNumber')) or '1'}" if prefix and number else None


def _is_another(child: Any, capture: Capture) -> list[ParseWarning]:
    """Return a warning when this is not the child of the poster at the address."""
    asked, came = _poster(capture.url), _native(child) if isinstance(child, dict) else None
    return another(capture, "/childBean", "/".join(asked), came) if asked and came else []


def _pictures(person: Mapping[str, Any]) -> list[object]:
    """Return what stands where pictures are named, piece by piece; some of it may be no address."""
    named = (person.get(field) for field in _PICTURES)
    return [each for said in named for each in (said if isinstance(said, list) else [said]) if each]


def _child(person: Any, pointer: str, capture: Capture) -> Iterator[Record]:
    key = _native(person) if isinstance(person, dict) else None
    if key is None:
        yield warning(capture, pointer, "This is no notice: it has no case number.", "It is not in the tables.")
        return
    names = [part for field in ("firstName", "middleName", "lastName") if (part := text(person.get(field)))]
    places = [text(person.get(field)) for field in ("missingCity", "missingCounty", "missingState", "missingCountry")]
    pictures = _pictures(person)
    all_read = all(isinstance(each, str) for each in pictures)
    yield notice(
        _REGISTER, capture, key, pointer,
        name=" ".join(names),
        said=[("Missing since", person.get("missingDate")), ("Missing from", ", ".join(filter(None, places))),
              ("Circumstances", person.get("circumstance")), ("Contact", person.get("altContact"))],
        pictures=[(url, None) for url in pictures],
        minor=True,
        url=f"https://www.missingkids.org/poster/{key}",
        extra=left_over(person, _READ if all_read else _READ - set(_PICTURES)),
    )  # fmt: skip


def _feed(capture: Capture) -> Iterator[Record]:
    # Entities are not expanded and nothing is fetched: a feed may be made to exhaust who reads it.
    # The text is decoded already, so what the declaration names is no longer its encoding.
    parser = etree.XMLParser(encoding="utf-8", recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        tree = etree.fromstring(storable_references(well_formed(capture.text)).encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "neither JSON nor a feed") from error
    if tree is None or tree.tag != "rss":
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "neither JSON nor a feed")
    if len(parser.error_log):
        what = "The feed breaks off, or is not well-formed."
        yield warning(capture, "", what, "What lies at or beyond the fault may be missing.")
    for number, item in enumerate(tree.iter("item")):
        yield from _entry(item, f"/rss/channel/item[{number + 1}]", capture)


def _entry(item: etree._Element, pointer: str, capture: Capture) -> Iterator[Record]:
    told = {str(child.tag): "".join(map(str, child.itertext())).strip() for child in item.iterchildren("*")}
    link = absolute(capture.url, told.get("link"))
    poster = _poster(link) if link else None
    if poster is None:
        yield warning(capture, pointer, "This entry leads to no poster.", "It is not in the tables.")
        return
    published = read_instant(told["pubDate"]) if told.get("pubDate") else None
    pictures = [child.get("url") for child in item.iter("enclosure")]
    yield notice(
        _REGISTER, capture, "/".join(poster), pointer,
        name=told.get("title", ""),
        said=[("", html_to_text(told.get("description", "")))],
        published=published,
        pictures=[(url, None) for url in pictures],
        minor=True,
        url=link,
        extra={"title": told.get("title", "")},
    )  # fmt: skip
    if published and published.instant is None:
        yield warning(capture, pointer, f"{published.problem}.", "The time is kept as written; it is no instant.")
