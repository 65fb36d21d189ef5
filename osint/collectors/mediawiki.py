"""Wikipedia and every other MediaWiki: all revisions of a page, all edits of an account, what was deleted and by whom.

**What a post is.** One revision: it never changes, and its id on the wiki says which of two came first. ``content`` is
the source text of the whole page as that revision left it; what its author changed is the difference from
``extra["parent"]``, so no link or name in it is ascribed to the author. The revision before is no post that this one
answers. ``thread_root`` names the page.

**When a run is complete.** ``exhausted`` means that the wiki said ``batchcomplete`` and named nothing to continue with.
Revisions of a deleted page are shown to administrators only: its log of deletions is collected, then the run says that
the page is gone. Edits whose author the wiki withholds are not listed among those of an account.

**An account** may be an address: visitors without an account are named by theirs, in later versions by a temporary
account such as ``~2026-123``. Names are told apart by capitals, and one name on two wikis is two accounts.

**Times** are the wiki's own. Revisions that were imported bear the instant of the wiki that they came from.

Sources: https://www.mediawiki.org/wiki/API:Query, /API:Continue, /API:Revisions, /API:Allrevisions, /API:Logevents,
/API:Etiquette, /Manual:Maxlag_parameter
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from lxml import etree

from osint.activity import Absence, Actor, Record
from osint.capture.exchange import Capture
from osint.collectors.answer import (
    challenge_in,
    json_value,
    keep_first,
    next_page,
    raise_blocked,
    read_json,
    refuse,
    reservations,
    warning,
)
from osint.collectors.json_values import inside, left_over, list_in, native, objects, text
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import made_at, sight, undated
from osint.collectors.text import absolute, parse_html
from osint.collectors.times import dated
from osint.errors import RateLimitedError, SourceClosedError, SourceError, SourceGoneError, UnreadableCaptureError
from osint.instants import format_instant
from osint.query import AccountQuery, Query, UrlQuery

MANIFEST = Manifest(
    name="mediawiki",
    version="1",
    reads="the revisions of a page of Wikipedia or another MediaWiki (url=), and the edits of an account there",
    queries=(UrlQuery, AccountQuery),
    ways=("api", "file"),
    public="every revision with its text, author and instant, and the log of deletions",
    limits="what was deleted or withheld is not shown: a withheld text, author or comment leaves a mark, a deleted "
    "revision a line in the log; a private wiki shows nothing",
    files="answers of its API (formatversion=2) that somebody saved",
    id_time="none: numbers of revisions only rise",
    proof="real server",
    page=50,
    documentation="https://www.mediawiki.org/wiki/API:Revisions",
    terms="Texts are under the licence that the wiki names, CC BY-SA at Wikipedia; its etiquette asks for one request "
    "at a time from a named client.",
    terms_checked="unverified",
)

_Answer = tuple[Capture, dict[str, Any]]
_Ask = Callable[[Mapping[str, Any], str], _Answer]

_EXPECTED = "an answer of the MediaWiki Action API (formatversion=2)"
_ADDRESS = re.compile(r"(?:/[a-z]{2,3}(?:-[a-z]+)?)?/wiki/[^/].*|/(?:[\w-]+/)*index\.php/[^/].*")
_SCRIPT = re.compile(r"/(?:[\w-]+/)*index\.php")
_CONTRIBUTIONS = re.compile(r"(?:/wiki|/(?:w/)?index\.php)/Special:Contrib(?:ution)?s/(?P<name>[^/]+)", re.IGNORECASE)
_VARIABLE = re.compile(
    r'"(wgPageName|wgRedirectedFrom|wgCanonicalSpecialPageName|wgRelevantUserName)":("(?:[^"\\]|\\.)*")'
)
_PAGE = 50  # with texts, a visitor gets no more at once
_COMMON = {"action": "query", "format": "json", "formatversion": 2, "maxlag": 5}
_PROPERTIES = "ids|timestamp|user|userid|comment|content|size|tags|flags"
_LATER = frozenset({"maxlag", "ratelimited"})
_CLOSED = frozenset({"readapidenied", "permissiondenied", "mustbeloggedin", "notloggedin"})
_TEMPORARY = re.compile(r"~2\d{3}-\d")
_LOGGED = {"delete": "Delete", "move": "Move", "create": "Create"}
_READ = frozenset({"revid", "parentid", "user", "userid", "timestamp", "slots", "content", "texthidden"})
_READ_OF_LOG = frozenset({"logid", "user", "userid", "timestamp", "comment"})


def query_for(url: str) -> Query | None:
    """Return the page or the account of an address that looks like one of a MediaWiki, which any host may have."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    contributor = _CONTRIBUTIONS.fullmatch(path)
    if contributor and parts.scheme == "https" and "@" not in contributor["name"]:
        return AccountQuery(account=f"@{contributor['name'].replace('_', ' ')}@{parts.netloc}")
    titled = _SCRIPT.fullmatch(path) and re.search(r"(?:^|&)(?:title|oldid|curid)=", parts.query)
    return UrlQuery(url=url) if parts.hostname and (titled or _ADDRESS.fullmatch(path)) else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield each page of revisions and the log of deletions of what a page shows; or the edits of an account."""
    if isinstance(query, AccountQuery):
        api, _ = _wiki(get(f"https://{query.host}/"))
        return (yield from _edits(query, query.name, partial(_ask, get, api)))
    assert isinstance(query, UrlQuery)
    api, said = _wiki(get(query.url))
    ask = partial(_ask, get, api)
    if said.get("wgCanonicalSpecialPageName") == "Contributions" and said.get("wgRelevantUserName"):
        return (yield from _edits(query, said["wgRelevantUserName"], ask))
    if said.get("wgCanonicalSpecialPageName"):
        raise SourceError(f"{query.url} is made by the wiki itself and has no revisions. Collect it with `webpage`.")
    stop = Stop.EXHAUSTED
    for title in dict.fromkeys(filter(None, (said["wgPageName"], said.get("wgRedirectedFrom")))):
        stop = yield from _history(query, title.replace("_", " "), ask)
        if stop is Stop.ERROR:
            break
    return stop


def claims(capture: Capture) -> bool:
    """Say whether it looks like an answer of the Action API with revisions, edits or a log."""
    body = capture.body
    listed = b'"revisions"' in body or b'"allrevisions"' in body or b'"logevents"' in body
    return listed and body.lstrip()[:1] == b"{" and b'"query"' in body and b'"timestamp"' in body


def parse(capture: Capture) -> list[Record]:
    """Read an answer with revisions, an account, or lines of the log.

    Raises:
        UnreadableCaptureError: It is no such answer.
    """
    value = read_json(capture, _EXPECTED)
    found = value.get("query", {} if "batchcomplete" in value else None) if isinstance(value, dict) else None
    if not isinstance(found, dict):
        reason = "the server refused" if inside(value, "error") else "neither revisions nor a log"
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)
    records: list[Record] = [*reservations(capture), *_said_of_it(value, capture)]
    for name, read in (("users", _account), ("pages", _page), ("allrevisions", _page), ("logevents", _line)):
        listed = found.get(name, [])
        if not isinstance(listed, list):
            raise UnreadableCaptureError(capture.exhibit, _EXPECTED, f"{name} is no list")
        for number, item in enumerate(listed):
            pointer = f"/query/{name}/{number}"
            if isinstance(item, dict):
                records += read(item, pointer, capture)
            else:
                records.append(warning(capture, pointer, "This is no object.", "It is not in the tables."))
    return keep_first(records)


# What to ask for ---------------------------------------------------------------------------------------------------


def _wiki(page: Capture) -> tuple[str, dict[str, str]]:
    """Return the address of a wiki's interface, and what a page of the wiki says of itself to its own scripts.

    Raises:
        SourceError: It is no page of a MediaWiki.
    """
    seen = challenge_in(page)
    if seen:
        raise_blocked(page, f"the page {page.url}", seen)
    tree = parse_html(page.text)
    said = _variables(tree) if tree is not None else {}
    if "wgPageName" not in said:
        refuse(page, f"the page {page.url}")
        raise SourceError(
            f"{page.url} is no page of a MediaWiki (exhibit {page.exhibit}). Collect it with `webpage`, or what it "
            "declares as its feed with `feed`."
        )
    links = tree.iter("link") if tree is not None else ()
    named = next((link.get("href") for link in links if link.get("rel") == "EditURI"), None)
    declared = next_page(page, absolute(page.url, named))
    parts = urlsplit(page.url)
    api = urlsplit(declared).path if declared else f"{_script(page.url)}/api.php"
    return f"{parts.scheme}://{parts.netloc}{api}", said


def _variables(tree: etree._Element) -> dict[str, str]:
    """Return what a page says of itself. Its scripts say it first; its text is its writers' and may say anything."""
    said: dict[str, str] = {}
    for name, spelt in (pair for script in tree.iter("script") for pair in _VARIABLE.findall(script.text or "")):
        with suppress(ValueError):
            said.setdefault(name, str(json_value(spelt)))
    return said


def _script(url: str) -> str:
    """Return the folder of a wiki's scripts, as far as an address tells: ``/w`` or nothing, mostly."""
    path = unquote(urlsplit(url).path)
    before, script, _ = path.partition("/index.php")
    if script:
        return before
    before, articles, _ = path.partition("/wiki/")
    return f"{before}/w" if articles else path.removesuffix("/api.php") if path.endswith("/api.php") else "/w"


def _history(query: UrlQuery, title: str, ask: _Ask) -> Generator[Capture, None, Stop]:
    newest_first = {"prop": "revisions", "titles": title, "rvprop": _PROPERTIES, "rvslots": "main", "rvlimit": _PAGE}
    asked = newest_first | _period(query, "rv")
    page, value = ask(asked, f"the revisions of {title!r}")
    state = objects(inside(value, "query", "pages"))[:1]
    if not state or state[0].get("invalid"):
        raise SourceError(f"The wiki takes {title!r} for no title (exhibit {page.exhibit}). Check the spelling.")
    missing = bool(state[0].get("missing"))
    stop = yield from _continued(query, asked, (page, value), ask)
    if stop is Stop.ERROR:
        return stop
    log = {"list": "logevents", "letitle": title, "lelimit": _PAGE} | _period(query, "le")
    log |= {} if missing else {"letype": "delete"}
    logged = yield from _continued(query, log, ask(log, f"the log of {title!r}"), ask)
    if missing:
        raise SourceGoneError(
            f"The wiki has no page {title!r} (exhibit {page.exhibit}). Its log, as far as visitors see it, is in the "
            "tables and says who deleted or moved it. Look for copies in web archives; ask the operator by legal "
            "process for the deleted revisions."
        )
    return logged


def _edits(query: Query, name: str, ask: _Ask) -> Generator[Capture, None, Stop]:
    # Not usercontribs: that list has no texts, so a second question would have to be asked for each page of it.
    asked = {
        "list": "allrevisions|users", "arvuser": name, "arvprop": _PROPERTIES, "arvslots": "main", "arvlimit": _PAGE,
        "ususers": name, "usprop": "registration|editcount|blockinfo",
    } | _period(query, "arv")  # fmt: skip
    page, value = ask(asked, f"the edits of {name!r}")
    account = objects(inside(value, "query", "users"))[:1]
    if not inside(value, "query", "allrevisions") and not (account and account[0].get("userid")):
        raise SourceGoneError(
            f"The wiki knows no account {name!r} and shows no edits by that name (exhibit {page.exhibit}). One that "
            "was renamed or hidden looks the same. Check the spelling, capitals included."
        )
    return (yield from _continued(query, asked, (page, value), ask))


def _period(query: Query, prefix: str) -> dict[str, str]:
    since, until = query.bounds
    bounds = {f"{prefix}start": until, f"{prefix}end": since}
    return {name: format_instant(instant.replace(microsecond=0)) for name, instant in bounds.items() if instant}


def _continued(query: Query, asked: Mapping[str, Any], first: _Answer, ask: _Ask) -> Generator[Capture, None, Stop]:
    """Yield an answer and all that continue it; what the wiki names for that is handed back whole."""
    known: set[str] = set()
    page, value = first
    while True:
        yield page
        more = value.get("continue")
        if not isinstance(more, dict):
            complete = more is None and value.get("batchcomplete") is True
            return Stop.ERROR if not complete else Stop.UNTIL_DATE if query.since else Stop.EXHAUSTED
        spelt = json.dumps(more, sort_keys=True)
        if spelt in known:
            return Stop.ERROR
        known.add(spelt)
        page, value = ask({**asked, **more}, "what continues it")


def _ask(get: Get, api: str, asked: Mapping[str, Any], wanted: str) -> _Answer:
    """Ask the interface: the capture, and its JSON.

    Raises:
        RateLimitedError: The wiki's copies lag, or we are too fast; both come with status 200.
        SourceClosedError: The wiki is for its members.
        SourceError: It refuses for another reason.
    """
    # The server wrote a part of the question, so it is not handed over as arguments, and ours come last.
    page = get(f"{api}?{urlencode({**asked, **_COMMON})}")
    try:
        value = read_json(page, _EXPECTED)
    except UnreadableCaptureError:
        refuse(page, wanted)
        raise
    code, why = text(inside(value, "error", "code")), text(inside(value, "error", "info"))
    refused = f"The wiki refuses {wanted} ({code}: {why}; exhibit {page.exhibit})"
    if code in _LATER:
        seconds = page.header("Retry-After") or "some"
        raise RateLimitedError(f"{refused}: it asks to come back in {seconds} seconds. Run the same query again then.")
    if code in _CLOSED:
        raise SourceClosedError(f"{refused}: it is shown to its members only. Ask its operator by legal process.")
    if code:
        raise SourceError(f"{refused}.")
    refuse(page, wanted)
    if not isinstance(value, dict):
        raise UnreadableCaptureError(page.exhibit, _EXPECTED, "it is not an object")
    return page, value


# Records -----------------------------------------------------------------------------------------------------------


def _host(capture: Capture) -> str:
    return urlsplit(capture.url).netloc


def _place(capture: Capture) -> str:
    """Return what tells a wiki from others: its host, and its folder where that is none of the customary two."""
    return _host(capture) + _script(capture.url).removesuffix("/w")


def _said_of_it(value: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    warnings = value.get("warnings")
    for module, said in warnings.items() if isinstance(warnings, dict) else ():
        what = f"The wiki warns of its answer: {inside(said, 'warnings') or said}"
        yield warning(capture, f"/warnings/{module}", what, "It may hold less than was asked for.")


def _account(user: Mapping[str, Any], pointer: str, capture: Capture) -> Iterator[Record]:
    name = text(user.get("name"))
    if not name:
        yield warning(capture, pointer, "This is no account: it has no name.", "It is not in the tables.")
    if not name or not native(user.get("userid")):
        return
    created = dated(user.get("registration"))
    yield Actor(
        id=_key(name, capture),
        platform=MANIFEST.name,
        native_id=f"{_place(capture)}/{native(user['userid'])}",
        handle=f"{name}@{_place(capture)}",
        name=name,
        **made_at(created),
        exhibit=capture.exhibit,
        pointer=pointer,
    )
    if user.get("blockid"):
        told = (user.get("blockedby"), user.get("blockexpiry"), user.get("blockreason"))
        what = "The account is blocked, by {}, until {}: {}.".format(*told)
        yield warning(capture, f"{pointer}/blockid", what, "It cannot edit; what it wrote before stands.")


def _page(page: Mapping[str, Any], pointer: str, capture: Capture) -> Iterator[Record]:
    title = text(page.get("title"))
    if page.get("missing") or page.get("invalid"):
        what = f"The wiki has no page {title!r}, or no longer."
        yield warning(capture, pointer, what, "No revision of it is in the tables.")
    listed = page.get("revisions")
    if not title and not isinstance(listed, list):
        yield warning(capture, pointer, "This is no page: it has no title.", "It is not in the tables.")
    elif not isinstance(listed, list | None):
        yield warning(capture, pointer, "Its revisions are no list.", "None of them is in the tables.")
    for number, revision in enumerate(list_in(listed)):
        place = f"{pointer}/revisions/{number}"
        if isinstance(revision, dict) and native(revision.get("revid")):
            yield from _revision(revision, page, place, capture)
        else:
            yield warning(capture, place, "This is no revision: it has no id.", "It is not in the tables.")


def _revision(item: Mapping[str, Any], page: Mapping[str, Any], pointer: str, capture: Capture) -> Iterator[Record]:
    main = inside(item, "slots", "main") or item
    content, hidden = inside(main, "content"), bool(inside(main, "texthidden"))
    when, number = dated(item.get("timestamp")), native(item["revid"])
    parts = urlsplit(capture.url)
    yield sight(
        capture, MANIFEST, f"{_place(capture)}/{number}", pointer, when,
        type="Tombstone" if hidden else "Page",
        url=f"{parts.scheme}://{parts.netloc}{_script(capture.url)}/index.php?oldid={number}",
        **_author(item, capture),
        content=content if isinstance(content, str) else None,
        thread_root=f"{MANIFEST.name}:{_place(capture)}/page/{native(page.get('pageid')) or text(page.get('title'))}",
        absent=_absent(item, hidden, isinstance(content, str)),
        extra=left_over({
            "title": text(page.get("title")), "parent": native(item.get("parentid") or None),
            "user_id": native(item.get("userid") or None), **_named_by_wiki(item), **item,
        }, _READ),
    )  # fmt: skip
    yield from undated(capture, pointer, when)
    if not hidden and not isinstance(content, str):
        yield warning(capture, pointer, "The revision comes without its text.", "Its content is missing.")


def _line(item: Mapping[str, Any], pointer: str, capture: Capture) -> Iterator[Record]:
    number, when = native(item.get("logid")), dated(item.get("timestamp"))
    if not number:
        yield warning(capture, pointer, "This is no line of the log: it has no id.", "It is not in the tables.")
        return
    yield sight(
        capture, MANIFEST, f"{_place(capture)}/log/{number}", pointer, when,
        type=_LOGGED.get(str(item.get("action")), "Activity"),
        **_author(item, capture),
        content=None if item.get("commenthidden") else text(item.get("comment")) or "",
        absent=_absent(item, bool(item.get("commenthidden")), found=True),
        extra=left_over({"user_id": native(item.get("userid") or None), **_named_by_wiki(item), **item}, _READ_OF_LOG),
    )  # fmt: skip
    yield from undated(capture, pointer, when)


def _author(item: Mapping[str, Any], capture: Capture) -> dict[str, Any]:
    name = text(item.get("user"))
    return {"attributed_to": _key(name, capture) if name else None, "author_handle": name, "author_name": name}


def _absent(item: Mapping[str, Any], hidden: bool, found: bool) -> dict[str, Absence]:
    absent: dict[str, Absence] = {"content": "hidden"} if hidden else {} if found else {"content": "missing"}
    if not text(item.get("user")):
        absent |= {"attributed_to": "hidden" if item.get("userhidden") else "missing"}
    return absent


def _named_by_wiki(item: Mapping[str, Any]) -> dict[str, Any]:
    """Say of an author who is no account that the wiki made up the name."""
    return {"temporary": True} if _TEMPORARY.match(str(item.get("user"))) else {}


def _key(name: str, capture: Capture) -> str:
    """Return the node key of an account; names are told apart by capitals."""
    return f"account:{MANIFEST.name}:{name}@{_place(capture)}"
