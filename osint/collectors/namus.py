"""NamUs: missing, unidentified and unclaimed persons of the United States, from the interface behind the public site.

**When a run is complete.** ``exhausted`` when as many different cases came as every answer counts. An empty page before
that, one that brings nothing new, or a count that moves, makes the run ``platform-cap``.

**No search for a name.** How the interface is asked for a name is not documented, and one that passed a condition over
would give everybody. Ask by state, county or another field (``where={"cases": "missing", "stateOfLastContact":
"California"}``), and collect a case by its address.

**Times** name no zone, so they are no instants; ``modifiedDateTime`` stays in ``extra``.

**Sensitive.** Cases are about victims and the dead. Pictures are attachments only where the case says that the person
was of age.

Sources: https://namus.nij.ojp.gov/ (the register). Its interface is undocumented; several independent public clients
agree on the shape that is read here, and no server of it was seen, so ``proof`` is ``unverified``.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from osint.activity import ParseWarning, Record
from osint.capture.exchange import Capture
from osint.collectors.answer import keep_first, read_json, reservations, warning
from osint.collectors.json_values import inside, left_over, native, objects, text
from osint.collectors.notices import (
    OF_AGE,
    Register,
    Tally,
    another,
    conditions,
    listed,
    no_name_search,
    notice,
    refused,
    time_warnings,
    told_number,
    total_warnings,
)
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.times import dated
from osint.errors import QueryError, UnreadableCaptureError
from osint.query import Query, SearchQuery, UrlQuery

_SITE = "https://www.namus.gov"
_SETS = {"missing": "MissingPersons", "unidentified": "UnidentifiedPersons", "unclaimed": "UnclaimedPersons"}

MANIFEST = Manifest(
    name="namus",
    version="1",
    reads="cases of missing, unidentified and unclaimed persons in NamUs",
    queries=(SearchQuery, UrlQuery),
    ways=("api", "file"),
    public="what the public pages of a case show",
    limits="no search for a name; what is for professionals needs an account and is not collected; dates name no zone; "
    "a case that was taken out clears nothing up; pictures of who may be a minor are named, not fetched",
    files="JSON of a search or of a case that somebody saved in a browser, with the address it came from",
    id_time="none: numbers only rise",
    proof="unverified",
    home="namus.gov",
    asks=("www.namus.gov",),
    posts=tuple(f"{_SITE}/api/CaseSets/NamUs/{name}/Search" for name in _SETS.values()),
    page=100,
    pace=2,
    documentation="https://namus.nij.ojp.gov/",
    terms="A register of the United States Department of Justice; the interface is the site's own, and undocumented.",
    terms_checked="unverified",
)

_REGISTER = Register(
    platform="namus",
    host="namus.gov",
    name="NamUs",
    collector=f"{MANIFEST.name}/{MANIFEST.version}",
    by_hand="Open the case in a browser, save the JSON behind it, and import that file.",
)
_EXPECTED = "cases of NamUs"
_LETTERS = {"MissingPersons": "MP", "UnidentifiedPersons": "UP", "UnclaimedPersons": "UC"}
_HOSTS = ("namus.gov", "www.namus.gov", "namus.nij.ojp.gov", "www.namus.nij.ojp.gov")
_CASE_PAGE = re.compile(r"/(?P<set>\w+Persons)/Case")
_CASE_API = re.compile(r"/api/CaseSets/NamUs/(?P<set>\w+Persons)/Cases/(?P<number>\d{1,9})/?")
_CASE_SHORT = re.compile(r"/case/(?P<letters>MP|UP|UC)(?P<number>\d{1,9})/?", re.IGNORECASE)
_ANY_SET = re.compile(r"/(MissingPersons|UnidentifiedPersons|UnclaimedPersons)(?:/|$)")
_SHARED = ("namus2Number", "caseNumber", "modifiedDateTime", "createdDateTime", "raceEthnicity", "hairColor", "image")
_FIELDS = {
    "MissingPersons": (
        "firstName", "middleName", "lastName", "gender", "computedMissingMinAge", "computedMissingMaxAge",
        "currentAgeFrom", "currentAgeTo", "dateOfLastContact", "cityOfLastContact", "countyOfLastContact",
        "stateOfLastContact",
    ),
    "UnidentifiedPersons": (
        "sex", "estimatedAgeFrom", "estimatedAgeTo", "conditionOfRemains", "dateFound", "cityOfRecovery",
        "countyOfRecovery", "stateOfRecovery",
    ),
    "UnclaimedPersons": (
        "firstName", "middleName", "lastName", "sex", "dateFound", "cityFound", "countyFound", "stateFound",
    ),
}  # fmt: skip
_NAMES = ("firstName", "middleName", "lastName")
_NOT_ASKED = frozenset({*_NAMES, "image", "namus2Number"})
_READ = frozenset({"namus2Number", "id", "image", "createdDateTime", "hrefDefaultImageThumbnail"})
_YOUNGEST = ("computedMissingMinAge", "estimatedAgeFrom", "minAge")


def query_for(url: str) -> Query | None:
    """Return the case of an address of NamUs."""
    return UrlQuery(url=url) if _case(url) else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the pages of a search, or one case."""
    if isinstance(query, SearchQuery):
        return (yield from _searched(query, get))
    address = query.url if isinstance(query, UrlQuery) else ""
    case = _case(address)
    if case is None:
        raise QueryError(
            "This is no case of NamUs. Write search='', host='namus.gov', where={'cases': 'missing', "
            f"'stateOfLastContact': 'California'}}, or the address of a case: {_SITE}/MissingPersons/Case#/12345."
        )
    page = get(f"{_SITE}/api/CaseSets/NamUs/{case[0]}/Cases/{case[1]}")
    refused(page, f"the case {address}", _REGISTER)
    yield page
    return Stop.ERROR if _is_another(_object(page), page) else Stop.EXHAUSTED


def claims(capture: Capture) -> bool:
    """Say whether it is JSON with the field names of NamUs."""
    body = capture.body
    return body.lstrip()[:1] == b"{" and (b'"namus2Number"' in body or b'"subjectIdentification"' in body)


def parse(capture: Capture) -> list[Record]:
    """Read the answer to a search, or one case.

    Raises:
        UnreadableCaptureError: It is neither, or nothing says which of the three registers it is of.
    """
    value = _object(capture)
    records: list[Record] = [*reservations(capture)]
    if "results" not in value:
        return keep_first([*records, *_is_another(value, capture), *_one(value, "", capture)])
    results, lacking = listed(capture, "/results", value["results"], value.get("count"))
    records += lacking
    records += total_warnings(capture, "/count", value.get("count"), len(results))
    for number, item in enumerate(results):
        records += _one(item, f"/results/{number}", capture)
    return keep_first(records)


# Asking ------------------------------------------------------------------------------------------------------------


def _searched(query: SearchQuery, get: Get) -> Generator[Capture, None, Stop]:
    no_name_search(query, _REGISTER, "Ask by state or county, or for a case by its address.")
    name = query.where.get("cases", "missing")
    if name not in _SETS:
        raise QueryError(f"{name!r} is no register of NamUs; where={{'cases': ...}} is one of {', '.join(_SETS)}.")
    case_set = _SETS[name]
    projections = [*_SHARED, *_FIELDS[case_set]]
    possible = {"cases", *projections} - _NOT_ASKED
    asked = conditions(query, _REGISTER, _HOSTS, possible)
    asked.pop("cases", None)
    predicates = [{"field": field, "operator": "IsIn", "values": [value]} for field, value in asked.items()]
    tally, came = Tally(), 0
    while True:
        body = {"take": MANIFEST.page, "skip": came, "projections": projections, "predicates": predicates}
        page = get(f"{_SITE}/api/CaseSets/NamUs/{case_set}/Search", body=body)
        refused(page, f"the {name} persons", _REGISTER)
        value = _object(page)
        yield page
        shown = objects(value.get("results"))
        came += len(shown)
        brought = tally.add((number for item in shown if (number := _number(item))), value.get("count"))
        if tally.is_complete:
            return Stop.EXHAUSTED
        if not brought:
            return Stop.PLATFORM_CAP


def _case(url: str) -> tuple[str, str] | None:
    """Return the register and the number of the case that an address shows."""
    parts = urlsplit(url)
    if parts.hostname not in _HOSTS:
        return None
    short = _CASE_SHORT.fullmatch(parts.path)
    if short:
        case_set = next(name for name, letters in _LETTERS.items() if letters == short["letters"].upper())
        return case_set, short["number"]
    api, page = _CASE_API.fullmatch(parts.path), _CASE_PAGE.fullmatch(parts.path)
    number = re.match(r"/(\d{1,9})(?:/|\?|$)", parts.fragment) if page else None
    found = (api["set"], api["number"]) if api else (page["set"], number[1]) if page and number else None
    return found if found and found[0] in _LETTERS else None


def _object(capture: Capture) -> dict[str, Any]:
    value = read_json(capture, _EXPECTED)
    if not isinstance(value, dict) or not ({"results", "namus2Number", "subjectIdentification"} & value.keys()):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "neither a list of cases nor a case")
    return value


# Records -----------------------------------------------------------------------------------------------------------


def _number(item: Mapping[str, Any]) -> str | None:
    return native(item.get("namus2Number")) or native(item.get("id"))


def _is_another(value: Mapping[str, Any], capture: Capture) -> list[ParseWarning]:
    """Return a warning when this is not the case of the address."""
    asked, came = _case(capture.url), _number(value)
    return another(capture, "", asked[1].lstrip("0"), came) if asked and came else []


def _one(item: Any, pointer: str, capture: Capture) -> Iterator[Record]:
    number = _number(item) if isinstance(item, dict) else None
    if not isinstance(item, dict) or number is None:
        yield warning(capture, pointer, "This is no case: it has no number.", "It is not in the tables.")
        return
    case_set = _set_of(item, capture)
    published = dated(item.get("createdDateTime"))
    label = f"{_LETTERS[case_set]}{number}"
    yield notice(
        _REGISTER, capture, label, pointer,
        name=_name(item) or label,
        said=list(_said(item)),
        status="resolved" if item.get("caseIsResolved") is True else None,
        published=published,
        pictures=[(item.get("image") or item.get("hrefDefaultImageThumbnail"), None)],
        minor=_may_be_minor(item),
        url=f"{_SITE}/{case_set}/Case#/{number}",
        extra={"cases": case_set, **left_over(item, _READ)},
    )  # fmt: skip
    yield from time_warnings(capture, pointer, item, "createdDateTime")


def _set_of(item: Mapping[str, Any], capture: Capture) -> str:
    """Return which of the three registers a case is of: the address says so, else its fields.

    Raises:
        UnreadableCaptureError: Neither does.
    """
    named = _ANY_SET.search(urlsplit(capture.url).path)
    if named:
        return named[1]
    marks = (
        ("MissingPersons", "OfLastContact"),
        ("UnidentifiedPersons", "OfRecovery"),
        ("UnclaimedPersons", "cityFound"),
    )
    found = next((case_set for case_set, mark in marks if any(mark in field for field in item)), None)
    if found is None:
        reason = "its address does not say whether it is of missing, unidentified or unclaimed persons"
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)
    return found


def _name(item: Mapping[str, Any]) -> str:
    subject = item["subjectIdentification"] if isinstance(item.get("subjectIdentification"), dict) else item
    return " ".join(part for field in _NAMES if (part := text(subject.get(field))))


def _said(item: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield what a reader of the case sees first; all of it is in ``extra``."""
    events, parts = ("OfLastContact", "OfRecovery", "Found"), ("city", "county", "state")
    places = [text(item.get(f"{part}{event}")) for event in events for part in parts]
    yield "Last contact", item.get("dateOfLastContact")
    yield "Found", item.get("dateFound")
    yield "Place", ", ".join(filter(None, places))
    yield "Circumstances", inside(item, "circumstances", "circumstancesOfDisappearance")
    yield "Circumstances of recovery", inside(item, "circumstances", "circumstancesOfRecovery")
    agencies = objects(item.get("investigatingAgencies"))
    yield "Agencies", [name for agency in agencies if (name := text(agency.get("name")))]


def _may_be_minor(item: Mapping[str, Any]) -> bool:
    subject = item["subjectIdentification"] if isinstance(item.get("subjectIdentification"), dict) else item
    ages = [age for field in _YOUNGEST if (age := told_number(subject.get(field))) is not None]
    return not ages or min(ages) < OF_AGE
