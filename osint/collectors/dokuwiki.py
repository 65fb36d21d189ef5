"""DokuWiki: every revision of a page, as the list of old revisions names it and as its text is exported.

**Two rows for a revision.** The list says who changed the page, when and why, and the export says what it then held;
neither says the other, and each is an exhibit of its own. So a revision is a line of the list (``Update``, or
``Delete`` where the page is gone since) and a ``Page`` with the text, whose ``native_id`` is that of the line without
``/change``.

**When a run is complete.** ``exhausted`` means that the list named no older page and that every revision in it gave its
text. Where the list is switched off, the present text alone is collected and the run ends with ``platform-cap``.

**Deleted text.** DokuWiki keeps the text that was deleted under the number of the deletion, and exports it as if that
revision held it. So texts are asked for the oldest first, and one that repeats the text before while the list says
that the page shrank is no text of that revision: it stays an exhibit and becomes no row.

**Times.** The number of a revision is the second in which it was saved, in UTC, by the server's clock.

Sources: https://www.dokuwiki.org/attic, /recent_changes, /export, /config:showuseras
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from lxml import etree

from osint.activity import Record, account_key
from osint.capture.exchange import Capture
from osint.collectors.answer import keep_first, refuse, reservations, warning
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import missing, sight, undated
from osint.collectors.text import parse_html, text_of, well_formed
from osint.collectors.times import of_epoch
from osint.errors import SourceClosedError, SourceError, SourceGoneError, UnreadableCaptureError
from osint.instants import Reading
from osint.query import Query, UrlQuery, in_period

MANIFEST = Manifest(
    name="dokuwiki",
    version="1",
    reads="the revisions of a page of a DokuWiki: who changed it, when and why, and each text (url=)",
    queries=(UrlQuery,),
    ways=("public", "file"),
    public="every revision of a page that visitors may read, deleted pages with their former texts included",
    limits="a wiki may withhold pages or switch its lists off; a deletion that was undone is not marked in the list",
    files="a list of old revisions (`do=revisions`) that somebody saved",
    id_time="the number of a revision is seconds since 1970",
    proof="real server",
    page=20,
    documentation="https://www.dokuwiki.org/attic",
    terms="Each wiki names its licence at the foot of its pages; read it before the first run.",
    terms_checked="unverified",
)

_EXPECTED = "a list of old revisions of a DokuWiki, or the exported text of a page"
_ADDRESS = re.compile(r"/(?:[\w-]+/)*doku\.php(?:/.*)?")
_VARYING = frozenset({"do", "rev", "first", "at", "rev2"})


@dataclass(frozen=True)
class _Line:
    """One line of the list; ``number`` is what stands for the revision, its second since 1970."""

    number: str
    date: str
    summary: str
    user: str
    is_visitor: bool
    is_minor: bool
    is_gone: bool
    change: str
    place: int

    @property
    def when(self) -> Reading | None:
        """The instant of the revision."""
        return of_epoch(self.number)


def query_for(url: str) -> Query | None:
    """Return the page of an address with the script that every DokuWiki has, whatever its host."""
    parts = urlsplit(url)
    is_page = parts.hostname and _ADDRESS.fullmatch(parts.path) and _page_id(url)
    return UrlQuery(url=url) if is_page else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield each page of the list of revisions, then the text of each revision, the oldest first."""
    assert isinstance(query, UrlQuery)
    wanted = f"the revisions of {query.url}"
    lines: dict[str, _Line] = {}
    first, is_whole = 0, True
    while True:
        answer = get(_address(query.url, do="revisions", **({"first": str(first)} if first else {})))
        refuse(answer, wanted)
        tree = _readable(answer, wanted)
        form = _form(tree)
        if form is None:
            return (yield from _present(query.url, get))
        yield answer
        listed = {line.number: line for line in _lines(form)}
        is_whole = is_whole and (not lines or bool(lines.keys() & listed.keys() and listed.keys() - lines.keys()))
        lines |= {number: line for number, line in listed.items() if number not in lines}
        if not is_whole or not _has_older(tree) or _is_behind(lines.values(), query):
            break
        # Not where its button leads: the first page shows the present revision too, so the button skips one. The last
        # line that was seen has to come again, or there is a gap.
        first = max(len(lines) - 2, first + 1)
    if not lines:
        raise SourceGoneError(
            f"The wiki has no page at {query.url} and lists no revision of one (exhibit {answer.exhibit}): there never "
            "was one under this name, or its history was removed. Check the spelling; look for copies in web archives."
        )
    has_all_texts = yield from _texts(query, list(lines.values()), get)
    if not is_whole or not has_all_texts:
        return Stop.PLATFORM_CAP if is_whole else Stop.ERROR
    return Stop.UNTIL_DATE if query.since else Stop.EXHAUSTED


def claims(capture: Capture) -> bool:
    """Say whether it looks like a list of old revisions."""
    return b'id="page__revisions"' in capture.body


def parse(capture: Capture) -> list[Record]:
    """Read a list of old revisions, or the text of one.

    Raises:
        UnreadableCaptureError: It is neither.
    """
    if capture.media_type == "text/plain":
        return [*reservations(capture), *_text(capture)]
    tree = parse_html(capture.text)
    listed = _form(tree) if tree is not None else None
    if listed is None:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it holds no such list")
    records: list[Record] = [*reservations(capture)]
    for line in _lines(listed):
        records += _change(line, capture)
    return keep_first(records)


# What to ask for ---------------------------------------------------------------------------------------------------


def _address(url: str, **more: str) -> str:
    """Return the address of a page with other parameters; it works under whatever form of addresses."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in _VARYING]
    return parts._replace(query=urlencode([*kept, *more.items()], safe=":"), fragment="").geturl()


def _readable(answer: Capture, wanted: str) -> etree._Element:
    """Return the page of a DokuWiki that a visitor may read.

    Raises:
        SourceClosedError: The wiki asks for a sign-in.
        SourceError: It is no page of a DokuWiki.
    """
    tree = parse_html(answer.text)
    metas = tree.iter("meta") if tree is not None else ()
    generators = [meta.get("content") or "" for meta in metas if meta.get("name") == "generator"]
    if tree is None or not (any("DokuWiki" in each for each in generators) or _form(tree) is not None):
        raise SourceError(
            f"What answers for {wanted} is no DokuWiki (exhibit {answer.exhibit}). Collect the page with `webpage`."
        )
    if '"ACT":"denied"' in answer.text or tree.xpath("//*[contains(concat(' ', @class, ' '), ' mode_denied ')]"):
        raise SourceClosedError(
            f"The wiki shows {wanted} to its members only (exhibit {answer.exhibit}). Ask its operator by legal "
            "process."
        )
    return tree


def _present(url: str, get: Get) -> Generator[Capture, None, Stop]:
    answer = get(_address(url, do="export_raw"))
    refuse(answer, f"the text of {url}")
    if answer.media_type != "text/plain":
        raise SourceGoneError(
            f"The wiki shows neither revisions nor a text of {url} (exhibit {answer.exhibit}). Look for copies in web "
            "archives; ask its operator by legal process."
        )
    yield answer
    return Stop.PLATFORM_CAP


def _texts(query: UrlQuery, lines: list[_Line], get: Get) -> Generator[Capture, None, bool]:
    """Yield the text of each revision in the period; return whether every one of them has given its text."""
    oldest_first = [line for line in reversed(lines) if line.number]
    asked_for = [in_period(line.when.instant if line.when else None, query) for line in oldest_first]
    # One before the period too, since a text is judged by the one before it.
    start = max(asked_for.index(True) - 1, 0) if any(asked_for) else len(lines)
    wanted = [line for place, line in enumerate(oldest_first) if asked_for[place] or place == start]
    whole, before = len(oldest_first) == len(lines), None  # a line without a number names no text
    for line in wanted:
        if line.is_gone:
            continue
        numbered = {"rev": line.number} if line.number.isdigit() else {}
        answer = get(_address(query.url, **numbered, do="export_raw"))
        refuse(answer, f"the text of revision {line.number}")
        is_text = answer.media_type == "text/plain"
        whole = whole and is_text
        if is_text and not (answer.body == before and line.change.startswith("-")):
            yield answer
        before = answer.body
    return whole


def _is_behind(lines: Iterable[_Line], query: Query) -> bool:
    since, _ = query.bounds
    instants = [line.when.instant for line in lines if line.when and line.when.instant]
    return bool(since and instants and min(instants) < since)


# What stands in the list -------------------------------------------------------------------------------------------


def _form(tree: etree._Element) -> etree._Element | None:
    return next((form for form in tree.iter("form") if form.get("id") == "page__revisions"), None)


def _has_older(tree: etree._Element) -> bool:
    return any("pagenav-next" in (each.get("class") or "").split() for each in tree.iter("div"))


def _lines(form: etree._Element) -> Iterator[_Line]:
    for place, item in enumerate(form.iter("li"), 1):
        boxes = [box.get("value") or "" for box in item.iter("input") if (box.get("name") or "").startswith("rev2")]
        links = [set((link.get("class") or "").split()) for link in item.iter("a")]
        user = next((each for each in item.iter("span") if "user" in (each.get("class") or "").split()), None)
        yield _Line(
            number=boxes[0] if boxes else "",
            date=_said(item, "date"),
            summary=re.sub(r"\A[–-]\s*", "", _said(item, "sum")),
            user=_said(item, "user"),
            is_visitor=user is not None and next(user.iter("bdo"), None) is not None,
            is_minor="minor" in (item.get("class") or "").split(),
            is_gone=any("wikilink2" in classes for classes in links),
            change=_said(item, "sizechange"),
            place=place,
        )


def _said(item: etree._Element, name: str) -> str:
    found = next((each for each in item.iter("span") if name in (each.get("class") or "").split()), None)
    return "" if found is None else text_of(found)


# Records -----------------------------------------------------------------------------------------------------------


def _page_id(url: str) -> str:
    """Return the name of a page, with colons between its namespaces; empty when an address names none."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query).get("id")
    path = unquote(parts.path.partition("doku.php")[2] if "doku.php" in parts.path else parts.path)
    return (asked[0] if asked else path.strip("/").replace("/", ":")).strip(":").casefold()


def _place(capture: Capture) -> str:
    """Return what tells a wiki from others: its host, and its folder where its address names the script."""
    parts = urlsplit(capture.url)
    folder, script, _ = parts.path.partition("/doku.php")
    return parts.netloc + (folder if script else "")


def _page(capture: Capture) -> str:
    return f"{_place(capture)}/{_page_id(capture.url)}"


def _change(line: _Line, capture: Capture) -> Iterator[Record]:
    pointer = f"//form[@id='page__revisions']//li[{line.place}]"
    if not line.number:
        yield warning(capture, pointer, "This line names no revision.", "It is not in the tables.")
        return
    when = line.when or (Reading(line.date, None, False, f"{line.date!r} names no time zone") if line.date else None)
    user, page = well_formed(line.user), _page(capture)
    yield sight(
        capture, MANIFEST, f"{page}@{line.number}/change", pointer, when,
        type="Delete" if line.is_gone else "Update",
        url=_address(capture.url, rev=line.number) if line.number.isdigit() else _address(capture.url),
        attributed_to=account_key(MANIFEST.name, f"{user}@{_place(capture)}") if user else None,
        author_handle=user or None,
        content=line.summary,
        thread_root=f"{MANIFEST.name}:{page}",
        absent=missing(attributed_to=user),
        extra={
            "date": line.date, "size_change": line.change,
            **{name: True for name, told in (("minor", line.is_minor), ("visitor", line.is_visitor)) if told},
        },
    )  # fmt: skip
    yield from undated(capture, pointer, when)


def _text(capture: Capture) -> Iterator[Record]:
    number = parse_qs(urlsplit(capture.url).query).get("rev", ["current"])[0]
    if not _page_id(capture.url):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "its address names no page")
    when = of_epoch(number)
    yield sight(
        capture, MANIFEST, f"{_page(capture)}@{number}", "", when,
        type="Page",
        url=_address(capture.url, rev=number) if when else _address(capture.url),
        content=well_formed(capture.text),
        thread_root=f"{MANIFEST.name}:{_page(capture)}",
        absent={"attributed_to": "missing"},
    )  # fmt: skip
    yield from undated(capture, "", when)
