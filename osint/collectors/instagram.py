"""Instagram: the export of an account, Meta's answer to a legal request, and the one post or profile that it shows.

**What is collected.** Of a post its page for embedding (``/p/CODE/embed/captioned/``), which Instagram offers to
anyone; of an account the card of its profile, where Instagram shows one at all. Mostly it asks to sign in, and then the
file is the way. No interface gives the content of others to those who enforce the law.

**Exports.** A caption stands at the post, or, where it has one picture, at the picture. Comments are fields with labels
in the language of the account; where no label is known, the order of the fields decides and a warning says so. They do
not say what they answer. Direct messages are not read.

**Ids.** A post of a page has its short code, and its time can be told from that. Exports have no such id: ``fbid`` is
another number of Meta's, without a time in it, and is written ``fbid-…`` here; where there is none either, an id is
made of what the entry says.

Meta documents no field of any of these files and pages, so this is ``unverified``: compare the first rows of each file
with the file itself before you rely on them.

Sources: https://help.instagram.com/181231772500920 (how to ask for the export; it lists the topics, not fields),
https://ogp.me/, and those of the ``meta_*`` modules beside this one
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from osint.activity import Record
from osint.capture.exchange import Capture
from osint.collectors import instagram_export, meta_export, meta_page, meta_return
from osint.collectors.addresses import path_in
from osint.collectors.answer import keep_first, reservations
from osint.collectors.exports import start_of
from osint.collectors.instagram_export import BASE, HOSTS, NAME, POST, name_in, tags
from osint.collectors.protocol import Get, Manifest, Stop
from osint.collectors.sights import by_name, missing, sight
from osint.collectors.text import parse_html, text_of
from osint.errors import QueryError, UnreadableCaptureError
from osint.query import AccountQuery, Query, UrlQuery

MANIFEST = Manifest(
    name="instagram",
    version="1",
    reads="the export of an account, Meta's answer to a legal request, one post as it may be embedded, and the card of "
    "a profile",
    queries=(UrlQuery, AccountQuery),
    ways=("file", "public"),
    public="single posts of public accounts as they may be embedded; sometimes the card of a profile; mostly a sign-in",
    limits="no list of an account's posts and no comments without a file; an embedded post has no date",
    files="the ZIP of an export in the JSON format; records.html and preservation-N.html of a legal return, or its "
    "ZIP; saved pages",
    id_time="of a post's number or short code: `id >> 23` is milliseconds since 2011-08-24; none in exports",
    proof="unverified",
    home="instagram.com",
    asks=("www.instagram.com",),
    page=1,
    pace=2,
    barred="Meta's interface shows professional accounts to approved apps of businesses, not for law enforcement, and "
    "its embedding interface wants such an app, too. Use an export, a saved page, or legal process.",
    documentation="https://help.instagram.com/181231772500920",
    terms="The terms forbid automated collection without Meta's permission; embedding single public posts is offered.",
    terms_checked="unverified",
)

_EXPECTED = "an export, a legal return or a page of Instagram"
_CAPTION = re.compile(rf'\A[^"]*?\b(?P<name>{NAME}) on [^":]{{4,40}}: "(?P<said>.*)"[.\s]*\Z', re.DOTALL)
_MARK = re.compile(
    rb'"(?:ig_stories|ig_reels_media|ig_igtv_media|ig_archived_post_media|ig_other_media|comments_media_comments|'
    rb'comments_reels_comments|comments_story_comments|profile_user)"\s*:'
)
_POSTS_OF_MEDIA = re.compile(rb'\A\s*\[\s*\{.{0,4000}?"media"\s*:\s*\[\s*\{', re.DOTALL)
_POST_FOLDERS = "media|content|comments|reels|stories"
_GRAPH_ID = re.compile(r"1[78]\d{15}")  # of Meta's graph: no number of a post, and without a time in it


def query_for(url: str) -> Query | None:
    """Return the post or the account of an address at Instagram."""
    parts = urlsplit(url)
    if parts.hostname not in HOSTS:
        return None
    if path_in(url, HOSTS, POST):
        return UrlQuery(url=url)
    name = name_in(url)
    return AccountQuery(account=f"@{name}@{MANIFEST.home}") if name else None


def pages(query: Query, get: Get) -> Generator[Capture, None, Stop]:
    """Yield the page of a post as it may be embedded, or that of a profile.

    Raises:
        QueryError: The address is not Instagram's.
        SourceClosedError: It asks to sign in, or is closed or gone.
        SourceGoneError: It says that there is none.
    """
    if query.host not in HOSTS:
        raise QueryError(f"{query.host} is not Instagram's; write the account as @name@{MANIFEST.home}.")
    if isinstance(query, AccountQuery):
        return (yield from _profile_page(query, get))
    assert isinstance(query, UrlQuery)
    found = path_in(query.url, HOSTS, POST)
    if not found:
        raise QueryError(
            f"{query.url} is no post; write it as {BASE}p/CODE/, or ask for the account @name@{MANIFEST.home}."
        )
    page = get(f"{BASE}p/{found['code']}/embed/captioned/")
    shown = _embedded(page)
    meta_page.refuse_page(page, f"the post {query.url}", HOSTS, is_shown=shown is not None, ambiguous=False)
    if shown and shown["code"] != found["code"]:
        raise meta_page.another(f"{BASE}p/{found['code']}/", f"{BASE}p/{shown['code']}/", page)
    yield page
    return Stop.PLATFORM_CAP


def claims(capture: Capture) -> bool:
    """Say whether it is a file of an export of Instagram, a legal return, or a saved page."""
    if "html" in capture.media_type:
        return meta_page.is_page_of(MANIFEST.name, HOSTS, capture)
    start = start_of(capture.body)
    is_ours = meta_export.is_export_of(MANIFEST.name, capture, _POST_FOLDERS)
    if is_ours is not None:
        return is_ours
    if start[:1] == b"[":
        is_comments = b'"string_map_data"' in start and b'"media_list_data"' in start
        is_posts = b'"creation_timestamp"' in start and b'"data"' not in start
        return is_comments or (is_posts and _POSTS_OF_MEDIA.match(start) is not None)
    return start[:1] == b"{" and _MARK.search(start) is not None


def parse(capture: Capture) -> list[Record]:
    """Read a file of an export, a legal return, or a page.

    Raises:
        UnreadableCaptureError: It is none of them.
    """
    html = "html" in capture.media_type
    read = _page(capture) if html else instagram_export.records(capture, MANIFEST, _EXPECTED)
    return keep_first([*reservations(capture), *read])


# Pages and returns ---------------------------------------------------------------------------------------------------


def _profile_page(query: AccountQuery, get: Get) -> Generator[Capture, None, Stop]:
    page = get(f"{BASE}{query.name}/")
    shown = meta_page.own_address(page, HOSTS)
    meta_page.refuse_page(page, f"the account {query.account}", HOSTS, is_shown=shown is not None, ambiguous=False)
    found = name_in(shown or "") or str(shown)
    if found.casefold() != query.name.casefold():
        raise meta_page.another(query.name, found, page)
    yield page
    return Stop.PLATFORM_CAP


def _page(capture: Capture) -> Iterator[Record]:
    if meta_return.service(capture):
        yield from meta_return.records(capture, MANIFEST, _returned_id, name_in(capture.url))
        return
    if meta_export.is_html(capture):
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, meta_export.AS_HTML)
    if embedded := _embedded(capture):
        yield from _embedded_post(embedded, capture)
        return
    url = meta_page.own_address(capture, HOSTS)
    if not url:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it names no address of its own, as a sign-in does")
    name, post = name_in(url), path_in(url, HOSTS, POST)
    if post:
        yield _carded(post, capture)
    elif name:
        yield from meta_page.profile(capture, MANIFEST, name, url)
    else:
        raise UnreadableCaptureError(capture.exhibit, _EXPECTED, "it is neither a post nor a profile")


def _carded(post: re.Match[str], capture: Capture) -> Record:
    """Return the post of a saved page. Its card says who wrote it in a sentence, which is read in English only."""
    made = meta_page.post(capture, MANIFEST, post["code"], None, type="Image")
    told = _CAPTION.match(made.content or "")
    name = post["name"] or (told["name"] if told else None)
    content = told["said"] if told else made.content
    absent = {field: why for field, why in made.absent.items() if not (field == "attributed_to" and name)}
    return meta_page.post(
        capture, MANIFEST, post["code"], None, type="Image", **by_name(MANIFEST, name), content=content, absent=absent
    )


def _embedded(capture: Capture) -> dict[str, Any] | None:
    """Return what a page for embedding shows: the post's code, caption, author and picture; None for another page."""
    if "html" not in capture.media_type or b"Embed" not in capture.body:
        return None
    tree = parse_html(capture.text)
    if tree is None:
        return None
    links = [path_in(a.get("href") or "", HOSTS, POST) for a in tree.iter("a")]
    code = next((found["code"] for found in links if found), None)
    caption = _with_class(tree, "Caption")
    author = _with_class(tree, "CaptionUsername")
    if author is None:
        author = _with_class(tree, "UsernameText")
    if not code or (caption is None and author is None):
        return None
    picture = _with_class(tree, "EmbeddedMediaImage")
    return {
        "code": code,
        "name": text_of(author).strip() or None if author is not None else None,
        "said": _caption(caption) if caption is not None else None,
        "picture": picture.get("src") if picture is not None else None,
    }


def _caption(caption: etree._Element) -> str | None:
    """Return the caption without the name before it and the link to the comments behind it."""
    for name in ("CaptionUsername", "CaptionComments"):
        part = _with_class(caption, name)
        if part is not None:
            part.text = None
            del part[:]
    return text_of(caption).strip() or None


def _with_class(tree: etree._Element, name: str) -> etree._Element | None:
    return next((each for each in tree.iter("*") if name in (each.get("class") or "").split()), None)


def _embedded_post(shown: Mapping[str, Any], capture: Capture) -> Iterator[Record]:
    name = shown["name"]
    yield sight(
        capture, MANIFEST, shown["code"], "/html/body", None,
        type="Image",
        url=f"{BASE}p/{shown['code']}/",
        **by_name(MANIFEST, name),
        content=shown["said"],
        attachment=meta_page.picture(shown["picture"]),
        tag=tuple(tags(shown["said"] or "")),
        absent=dict.fromkeys(("published", "updated", "replies", "likes"), "missing")
        | missing(attributed_to=name),
        extra={"coverage": "partial"},
    )  # fmt: skip


def _returned_id(number: str, kind: str) -> str:
    """Return the id of what a return numbers: comments and Meta's graph number apart from posts."""
    return f"comment-{number}" if kind == "Note" else f"fbid-{number}" if _GRAPH_ID.fullmatch(number) else number
