"""Telegram: the public page of a channel, one post, and the export that Telegram Desktop makes.

**When a run is complete.** ``exhausted`` means that t.me showed a channel without messages when asked for older ones,
and led to none, or that number 1 was reached. Numbers that no page shows are listed in a warning: deleted or service
posts, and the page does not say which. One post is never complete, since what answers it is shown in the app alone.

**No preview is not no posts.** A channel may turn its public page off, Telegram may withhold it, and a group or a
person has none. All of these lead to another page, which is an error here.

**Ids** are ``telegram:name/number`` on the web and ``telegram:chat id/number`` in an export, which names no channel.
``extra["chat_id"]`` stands in both and joins them. An album is one post, under the number of its first picture.

**Times** are the server's, with their zone. Of an export ``date_unixtime`` is read; ``date`` alone has no zone.

**Counts** are shortened (``436.6K``), so ``extra["views"]`` gives what was shown and its bounds.

Source: https://core.telegram.org/widgets/post (the parts of the page), and the JSON of Telegram Desktop,
https://github.com/telegramdesktop/tdesktop/blob/dev/Telegram/SourceFiles/export/output/export_output_json.cpp.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import NoReturn
from urllib.parse import unquote, urlsplit

from lxml import etree

from osint.activity import Record
from osint.capture.exchange import Capture
from osint.collectors import telegram_export, telegram_page
from osint.collectors.answer import LAWFUL_NEXT_STEP, keep_first, refuse
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.telegram_page import CHANNEL, HOSTS, NAME, POST
from osint.errors import QueryError, SourceClosedError, SourceError, SourceGoneError
from osint.instants import read_instant
from osint.query import AccountQuery, Query, ThreadQuery, host_of

MANIFEST = Manifest(
    name="telegram",
    version="1",
    reads="posts of public Telegram channels",
    queries=(AccountQuery, ThreadQuery),
    ways=("public", "file"),
    public="the posts of channels that have not turned their web page off",
    limits="no groups, no comments, no page for channels that turned it off or that Telegram withholds; deleted posts "
    "leave a gap in the numbers, which a warning lists",
    files="`result.json` of Telegram Desktop, one chat or all; a saved t.me/s page",
    id_time="none: numbers rise within a channel",
    proof="documented",
    home="t.me",
    page=20,
    documentation="https://core.telegram.org/widgets/post",
    terms="The terms of the app govern its public pages too; read them before the first run.",
    terms_checked="unverified",
)

_NOT_NAMES = frozenset({"addstickers", "addemoji", "joinchat", "share", "proxy", "socks", "login", "iv", "contact"})


def query_for(url: str) -> Query | None:
    """Return the channel or the post of an address of Telegram."""
    if host_of(url) not in HOSTS:
        return None
    path = unquote(urlsplit(url).path)
    channel = CHANNEL.fullmatch(path)
    if channel and channel["name"].casefold() not in _NOT_NAMES:
        return AccountQuery(account=f"@{channel['name']}@t.me")
    post = POST.fullmatch(path)
    return ThreadQuery(thread=url) if post and post["name"].casefold() not in _NOT_NAMES else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield each page of a channel, the newest first; or one post."""
    if isinstance(query, AccountQuery):
        if query.host not in HOSTS or not re.fullmatch(NAME, query.name, re.ASCII):
            raise QueryError(f"{query.account!r} is no account of Telegram; write it as @channel@t.me.")
        return (yield from _channel(query, get))
    assert isinstance(query, ThreadQuery)
    return (yield from _one_post(query, get))


def claims(capture: Capture) -> bool:
    """Say whether it is a page with Telegram's messages, or JSON with the field names of its export."""
    body = capture.body
    if body.lstrip()[:1] == b"{":
        return b'"messages"' in body and b'"text"' in body and (b'"date_unixtime"' in body or b'"from_id"' in body)
    return b"tgme_widget_message" in body and b"data-post=" in body


def parse(capture: Capture) -> list[Record]:
    """Read a page of messages, or an export of one chat or of all.

    Raises:
        UnreadableCaptureError: It is neither.
    """
    is_export = capture.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    return keep_first((telegram_export if is_export else telegram_page).records_of(capture, MANIFEST))


# What to ask for ---------------------------------------------------------------------------------------------------


def _channel(query: AccountQuery, get: Get) -> Generator[Capture, None, Stop]:
    url = f"https://t.me/s/{query.name}"
    page, oldest = get(url), None
    while True:
        refuse(page, f"the posts of {query.account}")
        tree = telegram_page.tree_of(page)
        _check_preview(tree, page, query)
        numbers = _numbers(tree, page, query)
        # A page whose messages are all withheld may still lead to older ones.
        lowest = min(numbers, default=telegram_page.older_than(tree))
        if oldest is not None and lowest is not None and lowest >= oldest:
            return Stop.ERROR
        yield page
        if lowest is None:
            return Stop.ERROR if telegram_page.messages(tree) else Stop.EXHAUSTED
        oldest = lowest
        if oldest in numbers and _is_before(numbers[oldest], query):
            return Stop.UNTIL_DATE
        if oldest == 1:
            return Stop.EXHAUSTED
        page = get(url, before=oldest)


def _one_post(query: ThreadQuery, get: Get) -> Generator[Capture, None, Stop]:
    named = POST.fullmatch(unquote(urlsplit(query.thread).path))
    if query.host not in HOSTS or not named:
        raise QueryError(f"{query.thread!r} is no post of Telegram. Write it as https://t.me/channel/number.")
    page = get(f"https://t.me/{named['name']}/{named['number']}", embed=1, mode="tme")
    refuse(page, f"the post {query.thread}")
    tree = telegram_page.tree_of(page)
    messages = telegram_page.messages(tree)
    if not messages:
        _raise_unshown(telegram_page.said(tree), page, query.thread)
    shown = {
        (found["name"].casefold(), number)
        for message in messages
        if (found := telegram_page.named_in(message))
        for number in telegram_page.numbers_of(message, found)
    }
    if (named["name"].casefold(), int(named["number"])) not in shown:
        raise SourceError(
            f"{query.thread} was asked for, and t.me answered with another post (exhibit {page.exhibit}). It is "
            "preserved and nothing was read from it: the authority names the post that was asked for."
        )
    yield page
    return Stop.PLATFORM_CAP


def _raise_unshown(said: str, page: Capture, wanted: str) -> NoReturn:
    kept = f"The answer is preserved as exhibit {page.exhibit}."
    if "not found" in said.casefold():
        raise SourceGoneError(
            f"t.me says {said[:200]!r} of {wanted}: it does not exist, or no longer. {kept} It does not show that it "
            "never existed; look for copies in web archives."
        )
    raise SourceClosedError(
        f"t.me shows {wanted} in the app only ({said[:200] or 'no reason given'!r}). {kept} {LAWFUL_NEXT_STEP}"
    )


def _check_preview(tree: etree._Element, page: Capture, query: AccountQuery) -> None:
    """Raise when the page is not a channel's: the preview is off, or t.me knows of nothing to show."""
    shows_channel = telegram_page.profile(tree, page) or telegram_page.has_history(tree)
    if urlsplit(page.url).path.startswith("/s/") and (telegram_page.messages(tree) or shows_channel):
        return
    kept = f"The answer is preserved as exhibit {page.exhibit}."
    title, extra = (telegram_page.words_in(tree, name) for name in ("tgme_page_title", "tgme_page_extra"))
    if title is not None and extra is not None:
        raise SourceClosedError(
            f"t.me shows {query.account} ({extra[:80]!r}) without its posts: it is a group or a person, the "
            f"channel turned its web page off, or Telegram withholds it. That is not an empty channel. {kept} "
            f"{LAWFUL_NEXT_STEP}"
        )
    raise SourceError(
        f"t.me shows neither posts nor a name for {query.account}. It answers alike for a name that nobody has and for "
        f"somebody who shows nothing, so this says nothing of whether it exists. {kept} Check the spelling."
    )


def _numbers(tree: etree._Element, page: Capture, query: AccountQuery) -> dict[int, etree._Element]:
    """Return the messages of the channel by number.

    Raises:
        SourceError: The page shows another channel.
    """
    listed = [(found, each) for each in telegram_page.messages(tree) if (found := telegram_page.named_in(each))]
    channel = telegram_page.profile(tree, page)
    names = {found["name"] for found, _ in listed} or ({channel.native_id} if channel else set())
    if names and query.name.casefold() not in {name.casefold() for name in names}:
        raise SourceError(
            f"{query.account} was asked for, and t.me answered with posts of {', '.join(sorted(names))} (exhibit "
            f"{page.exhibit}). The answer is preserved and nothing was read from it."
        )
    own = ((found, each) for found, each in listed if found["name"].casefold() == query.name.casefold())
    return {int(found["number"]): each for found, each in own}


def _is_before(oldest: etree._Element, query: Query) -> bool:
    """Say whether the period lies behind: the oldest message of the page is from before it."""
    since, _ = query.bounds
    written = telegram_page.time_of(oldest)
    instant = read_instant(written).instant if written else None
    return since is not None and instant is not None and instant < since
