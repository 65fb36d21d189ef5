"""Interpol: red, yellow and UN notices from the interface behind its public site.

**When a run is complete.** One question shows 160 notices at most, and its parameter ``page`` falls back to 1 behind
them without a word; its ``total`` is true. So a question that counts more is asked again in halves of the ages, for
one year of age by sex, and then by each nationality that was seen. ``exhausted`` when as many different notices came
as the first answer counts, otherwise ``platform-cap``: who has no date of birth is in no slice of the ages. Slices take
time, so at the end the question is asked once more for its count alone; a count that moved, or that its slices exceed,
says nothing, and the run is ``platform-cap``.

**Names.** ``search`` is "Forename Name": the last word is the name, unless a comma says otherwise ("Name, Forename").
Only what stands in ``search`` is judged by the gate, so ``where`` may say which of its words is which, and no more.

**Pictures** of yellow notices are attachments only where the dates of birth and of the event show that the missing
person was of age then; those of other notices unless the date of birth says that the person may be a minor.

**Ids** are ``interpol:red/2026/1``: each kind of notice has numbers of its own, and two may bear the same one.

**Times.** A notice has no date of publication; the year in its id is no date.

**Refusals.** The interface answers 403 to many programs. Nothing here disguises itself: an officer opens the address in
a browser and imports the saved JSON. For police the official way is I-24/7, through the National Central Bureau.

Source: https://github.com/bundesAPI/interpol-api (an independent description; Interpol documents nothing)
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit

from osint.activity import ParseWarning, Record
from osint.capture.exchange import Capture
from osint.collectors.answer import keep_first, read_json, reservations, warning
from osint.collectors.json_values import inside, left_over, object_in, objects, text
from osint.collectors.notices import (
    Register,
    another,
    asked_of,
    conditions,
    is_of_age,
    listed,
    notice,
    refused,
    told_number,
    total_warnings,
)
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.text import absolute
from osint.errors import QueryError, UnreadableCaptureError
from osint.query import Query, SearchQuery, UrlQuery, host_of

MANIFEST = Manifest(
    name="interpol",
    version="2",
    reads="red, yellow and UN notices of Interpol",
    queries=(SearchQuery, UrlQuery),
    ways=("api", "file"),
    public="the notices that member states let Interpol publish, a part of all",
    limits="160 notices to a question, so more are asked in slices; refuses many programs (403); charges are in the "
    "single notice only; a notice that was taken out clears nobody; pictures of who may be a minor are named, not "
    "fetched",
    files="JSON of ws-public.interpol.int that somebody saved in a browser",
    id_time="none: only the year of the notice",
    proof="documented",
    home="interpol.int",
    asks=("ws-public.interpol.int",),
    page=160,
    pace=2,
    documentation="https://github.com/bundesAPI/interpol-api",
    terms="Interpol documents no interface and promises nothing; the notices are published to be known.",
    terms_checked="unverified",
)

_REGISTER = Register(
    platform="interpol",
    host="interpol.int",
    name="INTERPOL",
    collector=f"{MANIFEST.name}/{MANIFEST.version}",
    by_hand="Open the address in a browser, save the JSON, and import it; or ask through I-24/7.",
)
_EXPECTED = "notices of Interpol"
_API_HOST = "ws-public.interpol.int"
_API = f"https://{_API_HOST}/notices/v1"
_HOSTS = ("interpol.int", "www.interpol.int", _API_HOST)
_CAP = 160
_OLDEST = 120
_KINDS = ("red", "yellow", "un")
_WHERE = ("notice", "name", "forename", "nationality", "ageMin", "ageMax", "sexId", "arrestWarrantCountryId")
_SEXES = ("F", "M", "U")
_NATION = re.compile(r"[A-Z]{2,3}")
_DETAIL = re.compile(r"/notices/v1/(?P<kind>red|yellow|un)(?P<more>/persons|/entities)?/(?P<id>\d{4}-\d{1,9})/?")
_KIND = re.compile(r"/notices/v1/(?P<kind>red|yellow|un)(?:/.*)?")
_SITE = re.compile(r"/(?:[a-z]{2}/)?How-we-work/Notices/(?:.*/)?View-(?P<kind>Red|Yellow)-Notices/?")
_SAID = (
    ("Nationalities", "nationalities"), ("Date of birth", "date_of_birth"), ("Place of birth", "place_of_birth"),
    ("Date of event", "date_of_event"), ("Place", "place"), ("Distinguishing marks", "distinguishing_marks"),
    ("Languages", "languages_spoken_ids"),
)  # fmt: skip
_READ = frozenset({"entity_id", "_links", "_embedded"})


def query_for(url: str) -> Query | None:
    """Return the notice of an address of Interpol."""
    return UrlQuery(url=url) if _detail(url) else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the answers to a search, in as many slices as it takes, or one notice."""
    if isinstance(query, SearchQuery):
        return (yield from _searched(query, get))
    address = _detail(query.url) if isinstance(query, UrlQuery) else None
    if address is None:
        raise QueryError(
            "This is no notice of Interpol. Write search='Forename Name', host='interpol.int', where={'notice': "
            f"'yellow'}}, or the address of a notice: {_API}/red/2026-1."
        )
    page = get(address)
    refused(page, f"the notice {address}", _REGISTER)
    value = _object(page)
    yield page
    return Stop.ERROR if _is_another(value, page) else Stop.EXHAUSTED


def claims(capture: Capture) -> bool:
    """Say whether it is JSON with the field names of Interpol."""
    body = capture.body
    return body.lstrip()[:1] == b"{" and b"interpol.int/" in body and (b'"entity_id"' in body or b'"notices"' in body)


def parse(capture: Capture) -> list[Record]:
    """Read the answer to a search, or one notice.

    Raises:
        UnreadableCaptureError: It is neither.
    """
    value = _object(capture)
    records: list[Record] = [*reservations(capture)]
    if "entity_id" in value:
        return keep_first([*records, *_is_another(value, capture), *_notice(value, "", capture)])
    items, lacking = listed(capture, "/_embedded/notices", inside(value, "_embedded", "notices"), value.get("total"))
    records += [*lacking, *_answer_warnings(value, len(items), capture)]
    for number, item in enumerate(items):
        records += _notice(item, f"/_embedded/notices/{number}", capture)
    return keep_first(records)


# Asking ------------------------------------------------------------------------------------------------------------


@dataclass
class _Sweep:
    """What the slices of a search have in common.

    Attributes:
        get: Asks.
        kind: Which notices.
        nations: The nationalities that were seen.
        contradicted: Whether an answer was to another question, or slices that cannot have a notice in common show the
            same ones: the register passes the conditions over.
        miscounted: Whether a question counts less than came of it, or less than its slices do together.
    """

    get: Get
    kind: str
    nations: set[str] = field(default_factory=set)
    contradicted: bool = False
    miscounted: bool = False

    def ask(self, asked: Mapping[str, Any], number: int, shown: int = _CAP) -> tuple[Capture, dict[str, Any], set[str]]:
        """Return one answer with the ids of its notices."""
        page = self.get(f"{_API}/{self.kind}", **asked, resultPerPage=shown, page=number)
        refused(page, f"the {self.kind} notices", _REGISTER)
        value = _object(page)
        items = objects(inside(value, "_embedded", "notices"))
        self.nations |= {nation for item in items for nation in _texts(item.get("nationalities"))}
        return page, value, {entity for item in items if (entity := text(item.get("entity_id")))}


def _searched(query: SearchQuery, get: Get) -> Generator[Capture, None, Stop]:
    asked = conditions(query, _REGISTER, _HOSTS, _WHERE)
    kind = asked.pop("notice", "red")
    if kind not in _KINDS:
        raise QueryError(f"{kind!r} is no kind of notice; where={{'notice': ...}} is one of {', '.join(_KINDS)}.")
    sweep, question = _Sweep(get, kind), {**asked, **_names(query)}
    found, total = yield from _slice(sweep, question)
    if sweep.contradicted:
        return Stop.ERROR
    if total != len(found) or sweep.miscounted:
        return Stop.PLATFORM_CAP
    if total > _CAP:
        page, value, _ = sweep.ask(question, 1, shown=1)
        yield page
        return Stop.EXHAUSTED if told_number(value.get("total")) == total else Stop.PLATFORM_CAP
    return Stop.EXHAUSTED


def _slice(sweep: _Sweep, asked: dict[str, str]) -> Generator[Capture, None, tuple[set[str], int | None]]:
    """Yield what one question leads to; return the ids that came, and how many the answer counted."""
    page, value, found = sweep.ask(asked, 1)
    yield page
    total = told_number(value.get("total"))
    sweep.contradicted |= bool(_echo(value, page))
    if total is None or sweep.contradicted:
        return found, None
    if total <= _CAP:
        yield from _further(sweep, asked, total, found)
        return found, total
    apart, counted = set[str](), 0  # of slices that cannot have a notice in common
    for name, narrower in _narrower(asked, sweep.nations):
        more, of_these = yield from _slice(sweep, narrower)
        found |= more
        if name != "nationality":
            sweep.contradicted |= bool(more) and more <= apart
            apart |= more
            counted += of_these or 0
        if sweep.contradicted or (name == "nationality" and len(found) == total):
            break
    sweep.miscounted |= max(counted, len(found)) > total
    return found, total


def _further(sweep: _Sweep, asked: dict[str, str], total: int, found: set[str]) -> Generator[Capture, None, None]:
    """Yield the further pages of a question that can be shown whole, as long as they bring something."""
    number = 1
    while len(found) < total:
        number += 1
        page, value, more = sweep.ask(asked, number)
        yield page
        if more <= found or _echo(value, page):
            return
        found |= more


def _narrower(asked: Mapping[str, str], nations: set[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the slices of a question: halves of the ages, then the sexes, then the nationalities that were seen."""
    low, high = told_number(asked.get("ageMin", "0")), told_number(asked.get("ageMax", str(_OLDEST)))
    if low is not None and high is not None and low < high:
        middle = (low + high) // 2
        for first, last in ((low, middle), (middle + 1, high)):
            yield "age", {**asked, "ageMin": str(first), "ageMax": str(last)}
    elif "sexId" not in asked:
        yield from (("sexId", {**asked, "sexId": sex}) for sex in _SEXES)
    elif "nationality" not in asked:
        known = sorted(nation for nation in nations if _NATION.fullmatch(nation))
        yield from (("nationality", {**asked, "nationality": nation}) for nation in known)


def _names(query: SearchQuery) -> dict[str, str]:
    """Return name and forename.

    Raises:
        QueryError: ``where`` names others, or more people, than ``search`` does.
    """
    words = query.search.replace(",", " ").casefold().split()
    given = {part: query.where[part] for part in ("name", "forename") if part in query.where}
    if given and sorted(" ".join(given.values()).casefold().split()) != sorted(words):
        raise QueryError(
            "where={'name': ..., 'forename': ...} only says which word of search is which: write all of them in "
            "search too, and no others, since that is what the authority is asked about."
        )
    if given:
        return given
    name, comma, forename = query.search.partition(",")
    if not comma:
        forename, _, name = query.search.strip().rpartition(" ")
    return {part: value.strip() for part, value in (("name", name), ("forename", forename)) if value.strip()}


def _detail(url: str) -> str | None:
    """Return the address in the interface of the notice that an address shows."""
    parts = urlsplit(url)
    if parts.hostname == _API_HOST:
        return f"https://{_API_HOST}{parts.path.rstrip('/')}" if _DETAIL.fullmatch(parts.path) else None
    site = _SITE.fullmatch(unquote(parts.path)) if parts.hostname in _HOSTS else None
    entity = re.fullmatch(r"\d{4}-\d{1,9}", parts.fragment)
    return f"{_API}/{site['kind'].casefold()}/{entity[0]}" if site and entity else None


# Records -----------------------------------------------------------------------------------------------------------


def _object(capture: Capture) -> dict[str, Any]:
    value = read_json(capture, _EXPECTED)
    if not isinstance(value, dict) or not ({"entity_id", "_embedded"} & value.keys()):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "neither a list of notices nor a notice")
    return value


def _is_another(value: Mapping[str, Any], capture: Capture) -> list[ParseWarning]:
    """Return a warning when this is not the notice of the address, which writes a hyphen for the stroke of its id."""
    address, came = _detail(capture.url), text(value.get("entity_id"))
    if not address or not came:
        return []
    asked = address.rpartition("/")[2].replace("-", "/")
    came = came.replace("-", "/")
    return another(capture, "", _native(_kind(address), asked), _native(_kind_of(value, capture), came))


def _echo(value: Mapping[str, Any], capture: Capture) -> str:
    """Return a parameter that the answer says to have been asked otherwise; empty when there is none."""
    echoed = object_in(value.get("query"))
    for name, said in echoed.items():
        asked = asked_of(capture, name)
        if asked is not None and name != "resultPerPage" and str(said).casefold() != asked.casefold():
            return str(name)
    return ""


def _answer_warnings(value: Mapping[str, Any], shown: int, capture: Capture) -> Iterator[ParseWarning]:
    yield from total_warnings(capture, "/total", value.get("total"), shown)
    total, other = told_number(value.get("total")), _echo(value, capture)
    if total is not None and total > _CAP:
        what = f"The answer counts {total} notices; no answer shows more than {_CAP} of them."
        yield warning(capture, "/total", what, "The others are in answers to narrower questions, as far as they came.")
    if other:
        what = f"The answer is to another question: its {other} is not the one that was asked for."
        yield warning(capture, "/query", what, "What it shows was seen before; notices may be missing.")


def _notice(item: Any, pointer: str, capture: Capture) -> Iterator[Record]:
    entity = text(item.get("entity_id")) if isinstance(item, dict) else None
    if not isinstance(item, dict) or entity is None:
        yield warning(capture, pointer, "This is no notice: it has no entity_id.", "It is not in the tables.")
        return
    own = _own(item, capture)
    names = [part for field in ("forename", "name") if (part := text(item.get(field))) and part.strip() != "-"]
    if not names:
        yield warning(capture, pointer, "The notice has no name.", "Its text opens with what else it says.")
    told = left_over(item, _READ)  # a height or weight of 0 is unknown, and left out with what is empty
    kind = _kind_of(item, capture)
    yield notice(
        _REGISTER, capture, _native(kind, entity), pointer,
        name=" ".join(names),
        said=[*((label, item.get(field)) for label, field in _SAID), *_charges(item)],
        pictures=[(inside(item, "_links", "thumbnail", "href"), None)],
        minor=_may_be_minor(item, kind, capture),
        url=own,
        extra={"notice": kind, **told},
    )  # fmt: skip


def _charges(item: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for warrant in objects(item.get("arrest_warrants")):
        yield f"Charge ({text(warrant.get('issuing_country_id')) or 'no country named'})", warrant.get("charge")


def _own(item: Mapping[str, Any], capture: Capture) -> str | None:
    return absolute(capture.url, inside(item, "_links", "self", "href"))


def _kind_of(item: Mapping[str, Any], capture: Capture) -> str | None:
    """Return the kind of a notice: as its own address says, else that of the answer."""
    return _kind(_own(item, capture) or "") or _kind(capture.url)


def _kind(address: str) -> str | None:
    """Return the kind of the notices at an address of the interface; None at any other."""
    found = _KIND.fullmatch(urlsplit(address).path) if host_of(address) == _API_HOST else None
    return found["kind"] if found else None


def _native(kind: str | None, entity: str) -> str:
    return f"{kind}/{entity}" if kind else entity


def _may_be_minor(item: Mapping[str, Any], kind: str | None, capture: Capture) -> bool:
    """Say whether a picture may show a minor. A missing person is shown as they were when they went missing."""
    on = capture.collected.date()
    if kind in ("red", "un"):
        return not is_of_age(item.get("date_of_birth"), on) and item.get("date_of_birth") is not None
    went = re.match(r"(\d{4})/(\d{2})/(\d{2})\Z", str(item.get("date_of_event")))
    try:
        missing_since = date(int(went[1]), int(went[2]), int(went[3])) if went else None
    except ValueError:
        return True
    return missing_since is None or not is_of_age(item.get("date_of_birth"), missing_since)


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
