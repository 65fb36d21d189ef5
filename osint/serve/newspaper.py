"""``news.example``: an article with everything that pages say of themselves, a challenge page, and a page that is gone.

Source: https://ogp.me/ (OpenGraph), https://schema.org/NewsArticle (JSON-LD), HTML section 5 (microdata).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from osint.serve.photographs import PHOTOGRAPHS, jpeg
from osint.serve.virtual_host import Answer, Request, html_answer, not_found, picture_answer, robots

SITE = "https://news.example"
ARTICLE = "/missing-jane-example"
_PUBLISHED = datetime(2026, 5, 30, 10, 0, tzinfo=UTC)
_MODIFIED = datetime(2026, 5, 31, 7, 30, tzinfo=UTC)
_HEADLINE = "Westmere searches for Jane Example, 17"
_SUMMARY = "A pupil of 17 has been missing since Thursday evening. Her bicycle was found behind a boathouse."
_PHOTOGRAPHS = ("river-walk-evening", "bicycle-boathouse")


def newspaper(request: Request) -> Answer:
    """Answer for ``news.example``."""
    if request.path == "/":
        return html_answer(_front_page(), modified=_MODIFIED)
    if request.path == ARTICLE:
        return html_answer(_article(), modified=_MODIFIED, chunked=True)
    if request.path == "/blocked":
        return _challenge()
    if request.path == "/gone":
        return html_answer("<!DOCTYPE html>\n<title>410 Gone</title>\n<p>This article was removed.</p>\n", status=410)
    if request.path == "/robots.txt":
        return robots()
    name = request.path.removeprefix("/photographs/").removesuffix(".jpg")
    return picture_answer(jpeg(name), _PUBLISHED) if request.path == _photograph(name) else not_found()


def _challenge() -> Answer:
    """Answer as a wall against robots does: a script that a reader without a browser can not run."""
    return html_answer(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<title>Just a moment...</title>\n'
        '<meta name="robots" content="noindex,nofollow">\n</head>\n<body>\n'
        "<noscript>Enable JavaScript and cookies to continue</noscript>\n</body>\n</html>\n",
        status=403,
        headers=(("Cache-Control", "private, no-store"),),
    )


def _photograph(name: str) -> str:
    return f"/photographs/{name}.jpg" if name in _PHOTOGRAPHS else ""


def _front_page() -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>The Westmere Observer</title>\n'
        f'<link rel="canonical" href="{SITE}/">\n</head>\n<body>\n<h1>The Westmere Observer</h1>\n'
        f'<p><a href="{SITE}{ARTICLE}">{_HEADLINE}</a></p>\n</body>\n</html>\n'
    )


def _article() -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en" prefix="og: https://ogp.me/ns#">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{_HEADLINE} | The Westmere Observer</title>\n"
        f'<link rel="canonical" href="{SITE}{ARTICLE}">\n'
        f'<link rel="alternate" hreflang="en" href="{SITE}{ARTICLE}">\n{_open_graph()}'
        f'<script type="application/ld+json">\n{json.dumps(_json_ld(), indent=1)}\n</script>\n'
        f"</head>\n<body>\n<header><p>The Westmere Observer</p></header>\n{_body()}</body>\n</html>\n"
    )


def _open_graph() -> str:
    named = [
        ("og:site_name", "The Westmere Observer"),
        ("og:type", "article"),
        ("og:title", _HEADLINE),
        ("og:description", _SUMMARY),
        ("og:url", f"{SITE}{ARTICLE}"),
        ("og:locale", "en_GB"),
        ("article:published_time", _PUBLISHED.isoformat()),
        ("article:modified_time", _MODIFIED.isoformat()),
        ("article:author", "Robin Byline"),
        ("article:section", "Town"),
        ("article:tag", "missing person"),
    ]
    for name in _PHOTOGRAPHS:
        named += [("og:image", f"{SITE}{_photograph(name)}"), ("og:image:alt", PHOTOGRAPHS[name].caption)]
    return "".join(f'<meta property="{name}" content="{value}">\n' for name, value in named)


def _json_ld() -> dict[str, object]:
    article = {
        "@type": "NewsArticle",
        "@id": f"{SITE}{ARTICLE}#article",
        "headline": _HEADLINE,
        "description": _SUMMARY,
        "datePublished": "2026-05-30T08:00:00-02:00",
        "dateModified": "2026-05-31T05:30:00-02:00",
        "author": [{"@type": "Person", "name": "Robin Byline", "url": f"{SITE}/authors/robin-byline"}],
        "publisher": {"@type": "NewsMediaOrganization", "name": "The Westmere Observer"},
        "image": [f"{SITE}{_photograph(name)}" for name in _PHOTOGRAPHS],
        "mainEntityOfPage": f"{SITE}{ARTICLE}",
        "inLanguage": "en",
        "sameAs": ["https://social.example/@find_jane"],
    }
    trail = {
        "@type": "BreadcrumbList",
        "itemListElement": [{"@type": "ListItem", "position": 1, "name": "Town", "item": f"{SITE}/"}],
    }
    return {"@context": "https://schema.org", "@graph": [article, trail]}


def _body() -> str:
    figures = "".join(
        f'<figure>\n<img src="{_photograph(name)}" alt="{PHOTOGRAPHS[name].caption}" width="1024" height="768">\n'
        f"<figcaption>{PHOTOGRAPHS[name].caption}</figcaption>\n</figure>\n"
        for name in _PHOTOGRAPHS
    )
    return (
        f'<main>\n<article>\n<h1>{_HEADLINE}</h1>\n<p>By <a rel="author" href="/authors/robin-byline">Robin Byline'
        f'</a>, <time datetime="2026-05-30T08:00:00-02:00">30 May 2026, 08:00</time></p>\n<p>{_SUMMARY}</p>\n'
        '<p itemscope itemtype="https://schema.org/Person"><span itemprop="name">Jane Example</span>, '
        '<time itemprop="birthDate" datetime="2008-10">born in October 2008</time>, is '
        '<span itemprop="description">1.68 m tall, with short dark hair; she wore a grey rucksack</span>.</p>\n'
        '<p itemscope itemtype="https://schema.org/Place">She was last seen near the '
        '<span itemprop="name">old bridge of Westmere</span> at about 18:20 local time on 28 May 2026.'
        '<span itemprop="geo" itemscope itemtype="https://schema.org/GeoCoordinates">'
        '<meta itemprop="latitude" content="48.0018"><meta itemprop="longitude" content="-35.0088"></span></p>\n'
        f"{figures}<p>Her last message was published at 18:19. It mentions a book, and a spider. Her friends found the "
        "book in the basket of her bicycle on Saturday; the police ask everyone who crossed the river that evening to "
        "come forward.</p>\n<p>Volunteers meet every afternoon at the boathouse. They write at "
        '<a href="https://social.example/@find_jane">@find_jane</a> and in the '
        '<a href="https://blog.example/2026/05/29/have-you-seen-jane/">Westmere Notes</a>.</p>\n</article>\n</main>\n'
    )
