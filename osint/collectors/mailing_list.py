"""Mailing lists: a public-inbox, the monthly files of Pipermail, the export of HyperKitty, a newsgroup, and mail files.

**When a run is complete.** A thread of a public-inbox, one message, one month of Pipermail and an export of HyperKitty
come whole: ``exhausted``. A whole list of a public-inbox is read from its newest messages back, a page at a time, until
a page names none that is older; a list of Pipermail from its newest month to its oldest, unless it is filed otherwise
too; a newsgroup from its highest number to its lowest (``newsgroup.py``). Gzip that ends early is an error.

**Ids** are ``mail:`` and the ``Message-ID``, which its sender made up; the same message in another archive, or in a
file that somebody has, is the same post. One without an id gets one from its bytes, and a warning. What is answered is
``In-Reply-To``, else the last of ``References``, whose first is the root of the thread. None of them is checked by
anybody: a sender may write what it likes.

**Accounts** are addresses, ``account:mail:jane@mail.example``. Where an archive writes ``jane at mail.example``, the
address is put together again.

**Times** are the sender's word, "author-claimed". ``extra["received"]`` is what the last server on the way wrote.

Source: RFC 5322, RFC 2919, RFC 5064; https://public-inbox.org/public-inbox-httpd.html and its WWW design notes;
https://docs.mailman3.org/projects/hyperkitty/ (export); RFC 3977 (NNTP).
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from osint.activity import Absence, Post, Record
from osint.capture.exchange import Capture
from osint.collectors import mail_message, newsgroup
from osint.collectors.answer import keep_first, next_page, refuse, warning
from osint.collectors.mail_message import Mail
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import by, made_id, published_at, seen
from osint.collectors.text import absolute, parse_html, well_formed
from osint.errors import QueryError, UnreadableCaptureError
from osint.instants import read_instant
from osint.query import Query, ThreadQuery, UrlQuery

MANIFEST = Manifest(
    name="mailing_list",
    version="1",
    reads="messages of mailing lists: public-inbox, Pipermail, HyperKitty, newsgroups, and mail that somebody has",
    queries=(UrlQuery, ThreadQuery),
    ways=("public", "file"),
    public="all of an open archive, as its operator keeps it",
    limits="archives disguise addresses, drop attachments or remove messages on request, and do not mark it",
    files="messages (.eml) and mailboxes (mbox), also packed with gzip or in a ZIP",
    id_time="none: a `Message-ID` is what the sender's program made up",
    proof="real server",
    pace=1,
    documentation="https://public-inbox.org/README.html",
    terms="Each list has its own rules; read them at its own page before the first run.",
    terms_checked="unverified",
)

_COLLECTOR = f"{MANIFEST.name}/{MANIFEST.version}"
_EXPECTED = "messages of a mailing list"
_NIXLE = "emails.nixle.com"
_MESSAGE = re.compile(r"(?P<list>/[^@]*)/(?P<id>[^/@]{1,500}@[^/@]{1,300})(?P<how>|/|/[tT]/?|/t\.mbox\.gz|/raw)")
_ARCHIVE = re.compile(r"\d[^/]*\.txt(\.gz)?$")  # lists may be filed by the day, the week, the quarter or the year
_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>[A-Z][a-z]{2,8})\.txt(\.gz)?")
_PIPERMAIL = re.compile(r"/(?:[^/]+/)*pipermail/[^/]+/(?:[^/]+\.txt(?:\.gz)?)?")
_HYPERKITTY = re.compile(r"(?P<root>(?:/[^/@]+)*/list)/(?P<list>[^/@]+@[^/@]+)/?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def query_for(url: str) -> Query | None:
    """Return the list, the month or the thread of an address that is spelt as archives spell theirs."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.scheme in newsgroup.SCHEMES and parts.hostname:
        return UrlQuery(url=url)
    if not parts.hostname or parts.scheme not in ("http", "https"):
        return None
    if _HYPERKITTY.fullmatch(path) or _PIPERMAIL.fullmatch(path):
        return UrlQuery(url=url)
    return ThreadQuery(thread=url) if _MESSAGE.fullmatch(path) and not path.startswith("/@") else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield a thread; or the messages of a list, newest first."""
    if isinstance(query, ThreadQuery):
        return (yield from _thread(query, get))
    assert isinstance(query, UrlQuery)
    path = unquote(urlsplit(query.url).path)
    if urlsplit(query.url).scheme in newsgroup.SCHEMES:
        return (yield from newsgroup.pages(query, get))
    if found := _HYPERKITTY.fullmatch(path):
        return (yield from _hyperkitty(query, get, found))
    if path.endswith((".txt", ".txt.gz", ".mbox", ".mbox.gz")):
        return (yield from _whole_file(query.url, get, "the messages"))
    if _PIPERMAIL.fullmatch(path):
        return (yield from _pipermail(query, get))
    return (yield from _inbox(query, get))


def claims(capture: Capture) -> bool:
    """Say whether it looks like messages, and not like those of a service that has a collector of its own."""
    return mail_message.is_mail(capture) and not mail_message.first_mail(capture).sender[1].casefold().endswith(_NIXLE)


def parse(capture: Capture) -> list[Record]:
    """Read one message or a mailbox.

    Raises:
        UnreadableCaptureError: It is neither.
    """
    if urlsplit(capture.url).scheme in newsgroup.SCHEMES:
        faults: list[Record] = [*newsgroup.reservations(capture)]
        found = (record for pointer, mail in newsgroup.articles(capture) for record in _records(pointer, mail, capture))
        return keep_first([*faults, *found])
    if not mail_message.is_mail(capture):
        reason = "it is a web page" if "html" in capture.media_type else f"no message, served as {capture.media_type}"
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, reason)
    records: list[Record] = [*mail_message.reservations(capture)]
    for pointer, mail in mail_message.mails_in(capture):
        records += _records(pointer, mail, capture)
    return keep_first(records)


# What to ask for ---------------------------------------------------------------------------------------------------


def _thread(query: ThreadQuery, get: Get) -> Generator[Capture, None, Stop]:
    parts = urlsplit(query.thread)
    named = _MESSAGE.fullmatch(unquote(parts.path))
    if not named:
        raise QueryError(
            f"{query.thread!r} is no message of an archive. Write it as https://host/list/message-id/, with or without "
            "T/ behind it."
        )
    how = "raw" if named["how"] == "/raw" else "t.mbox.gz"
    url = f"{parts.scheme}://{parts.netloc}{quote(named['list'])}/{quote(named['id'], safe='@')}/{how}"
    return (yield from _whole_file(url, get, f"the thread of {query.thread}"))


def _whole_file(url: str, get: Get, wanted: str) -> Generator[Capture, None, Stop]:
    page = get(url)
    refuse(page, wanted)
    yield page
    return Stop.EXHAUSTED if _is_whole(page) or not page.body else Stop.ERROR


def _is_whole(page: Capture) -> bool:
    """Say whether an answer is messages, to the end of their gzip: an archive that fails midway ends it early."""
    return mail_message.is_mail(page) and mail_message.unpacked(page.body)[1]


def _hyperkitty(query: UrlQuery, get: Get, found: re.Match[str]) -> Generator[Capture, None, Stop]:
    parts = urlsplit(query.url)
    since, until = query.bounds
    behind = until + timedelta(days=1) if until else None  # HyperKitty leaves the day out that it calls the end
    period: dict[str, Any] = {name: f"{at:%Y-%m-%d}" for name, at in (("start", since), ("end", behind)) if at}
    url = f"{parts.scheme}://{parts.netloc}{found['root']}/{found['list']}/export/{found['list']}.mbox.gz"
    page = get(url, **period)
    refuse(page, f"the messages of {query.url}")
    yield page
    return Stop.ERROR if not _is_whole(page) else Stop.UNTIL_DATE if since else Stop.EXHAUSTED


def _pipermail(query: UrlQuery, get: Get) -> Generator[Capture, None, Stop]:
    """Yield each month that the list's page names, the newest first."""
    index = get(query.url)
    refuse(index, f"the months of {query.url}")
    tree = parse_html(index.text)
    links = [] if tree is None else [absolute(index.url, a.get("href")) for a in tree.iter("a")]
    here = [url for url in links if url and next_page(index, url)]
    months = {start: url for url in here if (start := _month(url))}
    others = [url for url in here if _ARCHIVE.search(urlsplit(url).path) and not _month(url)]
    if not months:
        reason = f"it links to no file of a month, but to others: {well_formed(others[0])[:200]}" if others else ""
        raise UnreadableCaptureError(index.exhibit, "the months of a list", reason or "it links to no file of a month")
    since, until = query.bounds
    is_whole = True
    for start in sorted(months, reverse=True):
        if since and start < since and _behind(start) <= since:
            return Stop.UNTIL_DATE if is_whole else Stop.ERROR
        if until and start > until:
            continue
        page = get(months[start])
        refuse(page, f"a month of {query.url}")
        yield page
        is_whole &= _is_whole(page) or not page.body
    return Stop.PLATFORM_CAP if others else Stop.EXHAUSTED if is_whole else Stop.ERROR


def _month(url: str) -> datetime | None:
    """Return where the month of a file of Pipermail starts."""
    found = _MONTH.fullmatch(urlsplit(url).path.rpartition("/")[2])
    if not found or found["month"][:3].casefold() not in _MONTHS or not int(found["year"]):
        return None
    return datetime(int(found["year"]), _MONTHS.index(found["month"][:3].casefold()) + 1, 1, tzinfo=UTC)


def _behind(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def _inbox(query: UrlQuery, get: Get) -> Generator[Capture, None, Stop]:
    """Yield each message of a public-inbox, page after page, by the instant at which the last one of a page arrived.

    The pages go by arrival, and not by the dates that senders claim. Some versions forget to link to older pages, so
    none is waited for; that nothing lies between two pages is shown by a message that stands on both.
    """
    parts = urlsplit(query.url)
    root = parts.path.removesuffix("new.atom").removesuffix("new.html").rstrip("/") + "/"
    address = f"{parts.scheme}://{parts.netloc}{root}new.html"
    index = get(address)
    if index.status == 404 and "No messages, yet" in index.text[:200]:
        return Stop.EXHAUSTED
    arrived: dict[str, datetime | None] = {}
    size = 0
    since, _ = query.bounds
    while True:
        refuse(index, f"the messages of {query.url}")
        messages = _linked(index)
        size = size or len(messages)
        fresh = [url for url in messages if url not in arrived]
        if arrived and len(fresh) == len(messages):
            return Stop.ERROR
        for url in fresh:
            page = get(url)
            refuse(page, f"the message {url}")
            yield page
            arrived[url] = _arrival(page)
        oldest = arrived[messages[-1]]
        if not fresh:  # a page that is still full may hide others of the same second
            return Stop.EXHAUSTED if len(messages) < max(size, 2) else Stop.PLATFORM_CAP
        if oldest is None:
            return Stop.PLATFORM_CAP
        if since and oldest < since:
            return Stop.UNTIL_DATE
        index = get(address, t=f"{oldest:%Y%m%d%H%M%S}")


def _arrival(page: Capture) -> datetime | None:
    """Return when the archive took a message in: its last ``Received``, else its ``Date``, as public-inbox does."""
    mail = mail_message.first_mail(page)
    received = read_instant(mail.taken_in).instant if mail.taken_in else None
    return received or (mail.sent.instant if mail.sent else None)


def _linked(index: Capture) -> list[str]:
    """Return the messages that a page of a public-inbox links to, in their order."""
    tree = parse_html(index.text)
    links = [absolute(index.url, a.get("href")) for a in tree.iter("a")] if tree is not None else []
    raw = [url for url in links if url and url.endswith("/raw") and next_page(index, url)]
    if not raw:
        reason = "it names no message" if links else "it is no page"
        raise UnreadableCaptureError(index.exhibit, "a page of a public-inbox", reason)
    return list(dict.fromkeys(raw))


# Records -----------------------------------------------------------------------------------------------------------


def _records(pointer: str, mail: Mail, capture: Capture) -> Iterator[Record]:
    for what in mail.problems:
        yield warning(capture, pointer, what, "What could be read of the message is in the tables.")
    name, address = mail.sender
    native_id = mail.message_id
    if not native_id:
        native_id = made_id(mail.raw)
        effect = "Its id was made from its bytes, so another copy of it is another post."
        yield warning(capture, pointer, "The message has no Message-ID.", effect)
    sent, content = mail.sent, mail.content
    if sent is None or sent.instant is None:
        what = f"{sent.problem}." if sent else "The message has no Date."
        yield warning(capture, pointer, what, "It has no instant; the exhibit has what was written.")
    references = mail.ids("References")
    answered = next(iter([*mail.ids("In-Reply-To"), *reversed(references)]), None)
    yield Post(
        id=f"mail:{native_id}",
        platform="mail",
        native_id=native_id,
        type="Note",
        url=_address_of(mail, native_id, capture),
        **by("mail", address or None),
        author_name=name or None,
        content=content,
        content_html=mail.html,
        **published_at(sent, "author-claimed"),
        in_reply_to=f"mail:{answered}" if answered else None,
        thread_root=f"mail:{references[0]}" if references else None,
        tag=mail.named,
        **seen(capture, pointer, _COLLECTOR),
        absent=_absent(mail, answered, sent is None),
        extra=mail_message.told(mail),
    )


def _address_of(mail: Mail, native_id: str, capture: Capture) -> str | None:
    """Return where the message lies: where its list says, else where it was found."""
    archived = absolute(capture.url, mail.header("Archived-At").strip("<> "))
    if archived or capture.made == "imported":
        return archived
    found = _MESSAGE.fullmatch(unquote(urlsplit(capture.url).path))
    return urljoin(capture.url, f"../{quote(native_id, safe='@')}/") if found else None


def _absent(mail: Mail, answered: str | None, is_undated: bool) -> dict[str, Absence]:
    missing = ["language", "updated", "replies", "announces", "likes", "visibility"]
    missing += ["in_reply_to_account"] if answered else []
    missing += ["thread_root"] if answered and not mail.ids("References") else []
    missing += ["published"] if is_undated else []
    return dict.fromkeys(missing, "missing")
