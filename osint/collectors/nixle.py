"""Nixle: the feed of an agency's messages, mails to subscribers, and alert pages that somebody saved.

**When a run is complete.** The feed shows its latest messages only, and of those none but the agency's "wire"; so a run
ends with ``platform-cap``. Some agencies left Nixle, and their feed answers all the same: when it says that it was last
built more than 30 days before it was captured, a warning says so.

**Alert pages** are not asked for: the terms for residents forbid to gather pages by a program, so that takes the
operator's written permission. A page that an officer saved in a browser is read, and so are the mails of the unit's own
subscription.

**Ids** are ``nixle:`` and the number of the alert, the same in the feed, a mail and a page. **Accounts** are the
agency's name in addresses, ``@westmere-police@local.nixle.com``; a feed that names none has its number.

**Times.** A page's date names its zone as Americans do (``PDT``), and is the platform's; "5 days ago" is no date. A
mail is dated by Nixle's server.

Source: the feed is RSS 2.0, https://www.rssboard.org/rss-specification; the mails are RFC 5322. The parts of the pages
are documented nowhere; they were described by others in 2026.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from osint.activity import Absence, Actor, Post, PublishedBasis, Record, account_key
from osint.capture.exchange import Capture
from osint.collectors import mail_message
from osint.collectors.answer import keep_first, refuse, reservations, warning
from osint.collectors.mail_message import Mail
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import by, made_id, published_at, seen
from osint.collectors.text import (
    absolute,
    html_to_text,
    links_in,
    parse_html,
    storable_references,
    text_of,
    well_formed,
)
from osint.errors import QueryError, SourceClosedError, UnreadableCaptureError
from osint.instants import Reading, read_instant
from osint.query import Query, UrlQuery

MANIFEST = Manifest(
    name="nixle",
    version="1",
    reads="messages of police and other agencies to residents: the feed of an agency, mails, saved alert pages",
    queries=(UrlQuery,),
    ways=("public", "file"),
    public="the latest messages of an agency that it sends to its feed",
    limits='the feed has only messages of the kind "wire", and the latest of those; some feeds stand still since their '
    "agency left. Alert pages are read from files only: to ask for them takes the operator's written permission",
    files="alert pages that were saved, mails of a subscription (.eml, mbox)",
    id_time="none",
    proof="documented",
    home="local.nixle.com",
    asks=("rss.nixle.com",),
    documentation="https://www.rssboard.org/rss-specification",
    terms="The terms for residents forbid to gather pages by a program; the feed is published for programs.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_EXPECTED = "a feed, a mail or an alert page of Nixle"
_FEED_HOSTS = ("rss.nixle.com", "agency.nixle.com")
_PAGE_HOSTS = ("local.nixle.com", "www.nixle.com", "nixle.com", "nixle.us", "www.nixle.us")
_FEED = re.compile(r"/pubs/feeds/latest/\d{1,10}/?")
_ALERT = re.compile(r"https?://(?:local|www)\.nixle\.com/alert/(\d{1,12})\b")
_SLUG = re.compile(r"https?://(?:local|www)\.nixle\.com/([\w-]{1,100})/?(?:\?.*)?")
_NOT_SLUGS = frozenset({"alert", "city", "zipcode", "county", "register", "accounts", "pubs", "login", "search"})
_SENDER = "@emails.nixle.com"
_KIND = re.compile(r"\s*(\w+)(?:\s+message)?\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
_DATE = re.compile(
    r"(?P<weekday>[A-Z][a-z]{2,6}day),?\s+(?P<month>[A-Z][a-z]{2,8})\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"
    r"\s*::\s*(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?\s*(?P<half>a\.?m\.?|p\.?m\.?|noon|midnight)\s*(?P<zone>[A-Z]{2,5})?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = (12, *range(1, 12))
# Hours from UTC of the zones that agencies in the United States write.
_ZONES = {
    "UTC": 0, "GMT": 0, "AST": -4, "ADT": -3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
    "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "HDT": -9, "SST": -11, "CHST": 10,
}  # fmt: skip
_STALE = timedelta(days=30)
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
_LOOK = 1 << 14


def query_for(url: str) -> Query | None:
    """Return the feed or the page of an address of Nixle."""
    return UrlQuery(url=url) if urlsplit(url).hostname in (*_FEED_HOSTS, *_PAGE_HOSTS) else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the feed of an agency; a page is not asked for.

    Raises:
        SourceClosedError: The address is that of a page.
    """
    assert isinstance(query, UrlQuery)
    parts = urlsplit(query.url)
    if parts.hostname in _PAGE_HOSTS:
        raise SourceClosedError(
            f"{query.url} is a page of Nixle, and it was not asked for: its terms forbid that without the operator's "
            "written permission. Ask for the agency's feed, https://rss.nixle.com/pubs/feeds/latest/NUMBER/; or save "
            "the page in a browser and import the file; or import the mails of the unit's own subscription."
        )
    if parts.hostname not in _FEED_HOSTS or not _FEED.fullmatch(parts.path):
        raise QueryError(
            f"{query.url!r} is no feed of Nixle. Write it as https://rss.nixle.com/pubs/feeds/latest/NUMBER/; the "
            "number stands in the links of the agency's page, behind email_forward_agency/."
        )
    page = get(query.url)
    refuse(page, f"the feed {query.url}")
    yield page
    return Stop.PLATFORM_CAP


def claims(capture: Capture) -> bool:
    """Say whether it is a feed of Nixle's, a mail from it, or a page with an alert of its."""
    start = capture.body[:_LOOK]
    if b"<rss" in start:
        return b".nixle.com/" in start and b"<channel" in start
    if b'id="fullpubhd"' in capture.body or b"id='fullpubhd'" in capture.body:
        return b"nixle.com" in capture.body
    return mail_message.is_mail(capture) and mail_message.first_mail(capture).sender[1].casefold().endswith(_SENDER)


def parse(capture: Capture) -> list[Record]:
    """Read a feed, mails, or a saved page.

    Raises:
        UnreadableCaptureError: It is none of these.
    """
    if b"<rss" in capture.body[:_LOOK]:
        return keep_first([*reservations(capture), *_feed(capture)])
    if mail_message.is_mail(capture):
        mails = mail_message.mails_in(capture)
        read = [record for pointer, mail in mails for record in _mail(pointer, mail, capture)]
        return keep_first([*mail_message.reservations(capture), *read])
    return keep_first([*reservations(capture), *_page(capture)])


# The feed ----------------------------------------------------------------------------------------------------------


def _feed(capture: Capture) -> Iterator[Record]:
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        markup = storable_references(_DECLARATION.sub("", capture.text.lstrip("\ufeff"), count=1))
        root = etree.fromstring(markup.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    channel = root.find("channel") if root is not None else None
    if channel is None:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it has no channel")
    fault = parser.error_log.last_error
    if fault is not None:
        what = f"The feed is not well-formed XML (line {fault.line})."
        yield warning(capture, "", what, "It was read leniently; messages beyond the fault may be missing or cut.")
    agency = _agency(channel, capture)
    yield agency
    yield from _staleness(channel, capture)
    for number, item in enumerate(channel.iter("item"), 1):
        yield from _item(item, f"(//item)[{number}]", agency, capture)


def _agency(channel: etree._Element, capture: Capture) -> Actor:
    link = absolute(capture.url, _said(channel, "link"))
    handle = _slug(link) or f"agency {urlsplit(capture.url).path.rstrip('/').rpartition('/')[2]}"
    handle = f"{handle}@{MANIFEST.home}"
    return Actor(
        id=account_key("nixle", handle),
        platform="nixle",
        native_id=handle,
        handle=handle,
        name=_said(channel, "title"),
        url=link,
        summary=_said(channel, "description"),
        exhibit=capture.exhibit,
        pointer="/rss/channel",
    )


def _staleness(channel: etree._Element, capture: Capture) -> Iterator[Record]:
    written = _said(channel, "lastBuildDate")
    built = read_instant(written) if written else None
    if built and built.instant and capture.collected - built.instant > _STALE:
        days = (capture.collected - built.instant).days
        what = f"The feed says that it was last built on {written}, {days} days before it was captured."
        yield warning(
            capture, "/rss/channel/lastBuildDate", what, "The agency may have left Nixle; ask it where it went."
        )


def _item(item: etree._Element, pointer: str, agency: Actor, capture: Capture) -> Iterator[Record]:
    link = absolute(capture.url, _said(item, "link"))
    guid, title, body = _said(item, "guid"), _said(item, "title"), _said(item, "description")
    named, other = _alert(link or ""), _alert(guid or "")
    alert = named or other
    if named and other and named != other:
        what = f"The message links to the alert {named} and has the number {other}."
        yield warning(capture, pointer, what, f"It is in the tables as {named}; check which of them it is.")
    written = _said(item, "pubDate")
    when = read_instant(written) if written else None
    extra = {"title": title, "guid": guid if guid != link else None}
    yield from _undated(capture, pointer, when)
    yield _post(
        capture,
        alert or made_id(guid or link or "", title or "", body or ""),
        pointer,
        when,
        basis="platform",
        url=link,
        attributed_to=agency.id,
        author_handle=agency.handle,
        author_name=agency.name,
        content=(html_to_text(body) if body else None) or title,
        content_html=body,
        links=links_in(body, link or capture.url) if body else (),
        extra={name: value for name, value in extra.items() if value},
    )


def _said(element: etree._Element, name: str) -> str | None:
    found = element.find(name)
    return well_formed("".join(map(str, found.itertext()))).strip() or None if found is not None else None


# Mails -------------------------------------------------------------------------------------------------------------


def _mail(pointer: str, mail: Mail, capture: Capture) -> Iterator[Record]:
    for what in mail.problems:
        yield warning(capture, pointer, what, "What could be read of the message is in the tables.")
    name, address = mail.sender
    if not address.casefold().endswith(_SENDER):
        effect = "It is not in the tables. Import it by itself, and it is read as what it is."
        yield warning(capture, pointer, "A message between those of Nixle is not from it.", effect)
        return
    handle = f"{address.casefold().removesuffix(_SENDER)}@{MANIFEST.home}"
    link = _ALERT.search(mail.content or "")
    subject = _KIND.fullmatch(mail.header("Subject"))
    if link is None:
        effect = "Its id was made from the mail's, so the alert in the feed is another post."
        yield warning(capture, pointer, "The mail names no alert page.", effect)
    extra = {**mail_message.told(mail), "message_id": mail.message_id, "priority": subject[1] if subject else None}
    when = mail.sent
    yield from _undated(capture, pointer, when)
    yield _post(
        capture,
        link[1] if link else made_id(mail.message_id or mail.raw),
        pointer,
        when,
        basis="platform",
        url=f"{link[0]}/" if link else None,
        **by("nixle", handle),
        author_name=name or None,
        content=mail.content,
        content_html=mail.html,
        tag=mail.named,
        extra={key: value for key, value in extra.items() if value},
    )


# Pages -------------------------------------------------------------------------------------------------------------


def _page(capture: Capture) -> Iterator[Record]:
    tree = parse_html(capture.text)
    head = _first(tree, "//*[@id='fullpubhd']")
    body = _first(tree, "//*[@id='alert-body']")
    if tree is None or head is None:
        reason = "it is a page without an alert" if tree is not None else "it is no page"
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)
    markup = etree.tostring(body, encoding="unicode", with_tail=False) if body is not None else None
    _uncover(tree)
    agency = _first(head, ".//*[contains(concat(' ', @class, ' '), ' certified ')]//a")
    href = absolute(capture.url, agency.get("href")) if agency is not None else None
    slug = _slug(href)
    handle = f"{slug}@{MANIFEST.home}" if slug else None
    when, problems = _dated(text_of(head), text_of(tree))
    for problem in problems:
        yield warning(capture, "", problem, "Check the date against the page.")
    priority = _first(tree, "//span[contains(concat(' ', @class, ' '), ' priority ')]")
    if body is None:
        yield warning(capture, "", "The page has no text of an alert.", "The post holds its head alone.")
    named = _addresses(tree, capture)
    url = named[0] if named else None
    if len({*map(_alert, named)}) > 1:
        what = f"The page says that it is {named[1]}, and its address is {named[0]}."
        yield warning(capture, "", what, "It is in the tables under its address; check which alert it is.")
    yield from _undated(capture, "", when)
    yield _post(
        capture,
        _alert(url or "") or made_id(handle, when and when.raw, text_of(head)),
        "//*[@id='fullpubhd']",
        when,
        basis="platform",
        url=url,
        **by("nixle", handle),
        author_name=text_of(agency) or None if agency is not None else None,
        content=text_of(body) if body is not None else text_of(head),
        content_html=markup,
        extra={"priority": text_of(priority)} if priority is not None and text_of(priority) else {},
    )


def _addresses(tree: etree._Element, capture: Capture) -> list[str]:
    """Return the address of a page and the one that it states, as far as they are those of alerts."""
    canonical = _first(tree, "//link[@rel='canonical']")
    stated = absolute(capture.url, canonical.get("href")) if canonical is not None else None
    return [each for each in (capture.url, stated) if each and _alert(each)]


def _first(tree: etree._Element | None, path: str) -> etree._Element | None:
    found: Any = tree.xpath(path) if tree is not None else []
    return found[0] if found else None


def _dated(head: str, whole: str) -> tuple[Reading | None, list[str]]:
    """Read the date of an alert, and say what contradicts itself in it. An age ("5 days ago") is no date."""
    found = _DATE.search(head) or _DATE.search(whole)
    if found is None:
        return None, []
    written, zone = " ".join(found[0].split()), found["zone"]
    month = found["month"][:3].casefold()
    half = 12 if found["half"][0] in "pn" else 0
    try:
        hour = _HOURS.index(int(found["hour"])) + half
        day = date(int(found["year"]), _MONTHS.index(month) + 1, int(found["day"]))
        clock = time(hour, int(found["minute"] or 0), tzinfo=timezone(timedelta(hours=_ZONES.get(zone, 0))))
    except ValueError:
        return Reading(written, None, False, f"{written!r} is not a date that can exist"), []
    if zone not in _ZONES:
        problem = f"{written!r} names no time zone that is known, so it is not one instant"
        return Reading(written, None, False, problem), []
    utc = read_instant(datetime.combine(day, clock).isoformat()).instant
    is_that_day = _DAYS[day.weekday()] == found["weekday"].casefold()
    problems = [] if is_that_day else [f"{written!r} names a day of the week that its date was not."]
    return Reading(written, utc, True), problems


def _uncover(tree: etree._Element) -> None:
    """Put back the addresses that Cloudflare hid in a page: bytes in hex, each XORed with the first."""
    for element in list(tree.iter("a", "span")):
        hidden = element.get("data-cfemail") or ""
        try:
            key, *rest = bytes.fromhex(hidden)
            address = bytes(each ^ key for each in rest).decode()
        except ValueError:
            continue
        for child in list(element):
            element.remove(child)
        element.text = well_formed(address)


# Records -----------------------------------------------------------------------------------------------------------


def _post(
    capture: Capture, native_id: str, pointer: str, when: Reading | None, *, basis: PublishedBasis, **more: Any
) -> Post:
    missing = ["language", "updated", "replies", "announces", "likes", "in_reply_to", "visibility"]
    missing += [name for name in ("url", "attributed_to") if not more.get(name)] + ([] if when else ["published"])
    absent: dict[str, Absence] = dict.fromkeys(missing, "missing")
    return Post(
        id=f"nixle:{native_id}",
        platform="nixle",
        native_id=native_id,
        type="Note",
        **published_at(when, basis),
        **seen(capture, pointer, _COLLECTOR),
        absent=absent,
        **more,
    )


def _undated(capture: Capture, pointer: str, when: Reading | None) -> Iterator[Record]:
    if when is None or when.instant is None:
        what = f"{when.problem}." if when else "The message has no date; an age as in '5 days ago' is none."
        yield warning(capture, pointer, what, "It has no instant; the exhibit has what was written.")


def _alert(url: str) -> str | None:
    found = _ALERT.match(url)
    return found[1] if found else None


def _slug(url: str | None) -> str | None:
    found = _SLUG.fullmatch(unquote(url)) if url else None
    return found[1].casefold() if found and found[1].casefold() not in _NOT_SLUGS else None
