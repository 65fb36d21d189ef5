"""``blog.example``: the blog "Westmere Notes", with its feeds in three formats, paged as a WordPress blog pages them.

Source: RSS 2.0, RFC 4287 (Atom), RFC 5005 (paged feeds), JSON Feed 1.1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from html import escape

from osint.serve.photographs import PHOTOGRAPHS, jpeg
from osint.serve.sample_data import BlogPost, blog_posts
from osint.serve.virtual_host import Answer, Request, html_answer, moved, not_found, picture_answer, robots

SITE = "https://blog.example"
_TITLE, _SUBTITLE = "Westmere Notes", "A local blog of an invented town"
_POSTS_PER_PAGE = 5
_UPLOADS = "/wp-content/uploads/2026/05"
_NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:atom="http://www.w3.org/2005/Atom"'
)


def blog(request: Request) -> Answer:
    """Answer for ``blog.example``."""
    page = request.query.get("paged", "1")
    number = int(page) if re.fullmatch(r"[1-9][0-9]{0,5}", page) else 1
    if request.path == "/" and "p" in request.query:
        post = next((post for post in blog_posts() if str(_number(post)) == request.query["p"]), None)
        return moved(f"{SITE}{post.path}") if post else not_found()
    if request.path == "/" and request.query.get("feed") == "rss2":
        return _feed_page(_rss, number, "application/rss+xml; charset=UTF-8")
    if request.path in _FEEDS:
        write, media_type = _FEEDS[request.path]
        return _feed_page(write, number, media_type, chunked=write is _atom)
    return _page(request.path)


def _page(path: str) -> Answer:
    if path == "/":
        return html_answer(_home(), chunked=True, modified=_changed(blog_posts()))
    if path in ("/feed", "/feed/atom"):
        return moved(f"{SITE}{path}/")
    if path == "/robots.txt":
        return robots()
    post = next((post for post in blog_posts() if path in (post.path, post.path.removesuffix("/"))), None)
    if post:
        return html_answer(_post_page(post), modified=post.utc) if path == post.path else moved(f"{SITE}{post.path}")
    shown = next((post for post in blog_posts() if post.photo and path == f"{_UPLOADS}/{post.photo}.jpg"), None)
    return picture_answer(jpeg(shown.photo), shown.utc) if shown and shown.photo else not_found()


Write = Callable[[tuple[BlogPost, ...], int, int], str]


def _feed_page(write: Write, number: int, media_type: str, *, chunked: bool = False) -> Answer:
    everything = blog_posts()
    last = -(-len(everything) // _POSTS_PER_PAGE)
    posts = everything[(number - 1) * _POSTS_PER_PAGE : number * _POSTS_PER_PAGE]
    if not posts:
        return not_found()
    text = write(posts, number, last)
    return Answer(body=text.encode(), media_type=media_type, modified=_changed(everything), chunked=chunked)


def _rss(posts: tuple[BlogPost, ...], number: int, last: int) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {_NAMESPACES}>\n<channel>\n'
        f"<title>{_TITLE}</title>\n<link>{SITE}/</link>\n<description>{_SUBTITLE}</description>\n"
        f"<language>en</language>\n{_ways('/feed/', number, last, 'atom:link', 'application/rss+xml')}"
        f"{''.join(map(_rss_item, posts))}</channel>\n</rss>\n"
    )


def _rss_item(post: BlogPost) -> str:
    enclosure = ""
    if post.photo:
        length = len(jpeg(post.photo))
        enclosure = f'<enclosure url="{_photo_url(post.photo)}" length="{length}" type="image/jpeg" />\n'
    return (
        f"<item>\n<title>{escape(post.title)}</title>\n<link>{SITE}{post.path}</link>\n"
        f"<dc:creator><![CDATA[{post.author}]]></dc:creator>\n<pubDate>{post.date}</pubDate>\n"
        f"<category><![CDATA[{post.category}]]></category>\n"
        f'<guid isPermaLink="false">{SITE}/?p={_number(post)}</guid>\n'
        f"<description><![CDATA[{escape(_first_paragraph(post))}]]></description>\n"
        f"<content:encoded><![CDATA[{_content(post)}]]></content:encoded>\n{enclosure}</item>\n"
    )


def _atom(posts: tuple[BlogPost, ...], number: int, last: int) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">\n'
        f"<title>{_TITLE}</title>\n<subtitle>{_SUBTITLE}</subtitle>\n<id>{SITE}/feed/atom/</id>\n"
        f"<updated>{_rfc3339(_changed(blog_posts()))}</updated>\n"
        f'<link rel="alternate" type="text/html" href="{SITE}/" />\n'
        f"{_ways('/feed/atom/', number, last, 'link', 'application/atom+xml')}"
        f"{''.join(map(_atom_entry, posts))}</feed>\n"
    )


def _atom_entry(post: BlogPost) -> str:
    return (
        f"<entry>\n<author><name>{post.author}</name></author>\n<title>{escape(post.title)}</title>\n"
        f'<link rel="alternate" type="text/html" href="{SITE}{post.path}" />\n'
        f"<id>{SITE}/?p={_number(post)}</id>\n<updated>{_rfc3339(post.utc)}</updated>\n"
        f'<published>{_rfc3339(post.utc)}</published>\n<category term="{post.category}" />\n'
        f'<summary type="text">{escape(_first_paragraph(post))}</summary>\n'
        f'<content type="html">{escape(_content(post))}</content>\n</entry>\n'
    )


def _json_feed(posts: tuple[BlogPost, ...], number: int, last: int) -> str:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _TITLE,
        "home_page_url": f"{SITE}/",
        "feed_url": f"{SITE}/feed.json",
        "language": "en",
        "items": [_json_item(post) for post in posts],
    }
    if number < last:
        feed["next_url"] = f"{SITE}/feed.json?paged={number + 1}"
    return json.dumps(feed, ensure_ascii=False, indent=1)


def _json_item(post: BlogPost) -> dict[str, object]:
    item: dict[str, object] = {
        "id": f"{SITE}/?p={_number(post)}",
        "url": f"{SITE}{post.path}",
        "title": post.title,
        "content_html": _content(post),
        "date_published": _rfc3339(post.utc),
        "authors": [{"name": post.author}],
        "tags": [post.category],
    }
    return item | ({"image": _photo_url(post.photo)} if post.photo else {})


_FEEDS: dict[str, tuple[Write, str]] = {
    "/feed/": (_rss, "application/rss+xml; charset=UTF-8"),
    "/feed/atom/": (_atom, "application/atom+xml; charset=UTF-8"),
    "/feed.json": (_json_feed, "application/feed+json; charset=UTF-8"),
}


def _home() -> str:
    notes = "".join(
        f'<article>\n<h2><a href="{SITE}{post.path}">{escape(post.title)}</a></h2>\n'
        f"<p>{escape(_first_paragraph(post))}</p>\n</article>\n"
        for post in blog_posts()[:_POSTS_PER_PAGE]
    )
    return _document(_TITLE, f"{SITE}/", f"<h1>{_TITLE}</h1>\n<p>{_SUBTITLE}</p>\n{notes}", "")


def _post_page(post: BlogPost) -> str:
    description = escape(_first_paragraph(post))
    head = (
        f'<meta property="og:type" content="article">\n<meta property="og:title" content="{escape(post.title)}">\n'
        f'<meta property="og:description" content="{description}">\n'
        f'<meta property="article:published_time" content="{_rfc3339(post.utc)}">\n'
        f'<meta name="author" content="{post.author}">\n'
    )
    body = (
        f'<article>\n<h1>{escape(post.title)}</h1>\n<p>By {post.author}, <time datetime="{_rfc3339(post.utc)}">'
        f"{post.date}</time></p>\n{_content(post)}\n</article>\n"
    )
    return _document(f"{escape(post.title)} - {_TITLE}", f"{SITE}{post.path}", body, head)


def _document(title: str, address: str, body: str, head: str) -> str:
    kinds = (
        ("RSS", "/feed/", "rss+xml"),
        ("Atom", "/feed/atom/", "atom+xml"),
        ("JSON Feed", "/feed.json", "feed+json"),
    )
    feeds = "".join(
        f'<link rel="alternate" type="application/{kind}" title="{_TITLE}: {name}" href="{SITE}{path}">\n'
        for name, path, kind in kinds
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<link rel="canonical" href="{address}">\n{feeds}{head}</head>\n<body>\n{body}</body>\n</html>\n'
    )


def _ways(path: str, number: int, last: int, element: str, media_type: str) -> str:
    """Return the links of a paged feed, RFC 5005 section 3."""
    ways = [("self", number), ("first", 1), ("last", last)]
    ways += [("next", number + 1)] if number < last else []
    ways += [("previous", number - 1)] if number > 1 else []
    addresses = ((relation, f"{SITE}{path}" + (f"?paged={page}" if page > 1 else "")) for relation, page in ways)
    return "".join(f'<{element} rel="{way}" type="{media_type}" href="{url}" />\n' for way, url in addresses)


def _content(post: BlogPost) -> str:
    text = re.sub(r"https://\S+", lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(post.text))
    paragraphs = "".join(f"<p>{paragraph}</p>\n" for paragraph in text.split("\n\n"))
    if post.photo is None:
        return paragraphs
    caption = escape(PHOTOGRAPHS[post.photo].caption)
    return f'{paragraphs}<p><img src="{_photo_url(post.photo)}" alt="{caption}" width="1024" height="768"></p>\n'


def _first_paragraph(post: BlogPost) -> str:
    return post.text.partition("\n")[0]


def _photo_url(name: str) -> str:
    return f"{SITE}{_UPLOADS}/{name}.jpg"


def _number(post: BlogPost) -> int:
    """Return the number of a post as the blog's database would have it."""
    return 100 + len(blog_posts()) - blog_posts().index(post)


def _changed(posts: tuple[BlogPost, ...]) -> datetime:
    return max(post.utc for post in posts)


def _rfc3339(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"
