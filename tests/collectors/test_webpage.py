"""Web pages: refusals, dates that contradict each other, and hostile markup."""

from __future__ import annotations

import dataclasses
import json

import pytest
from few import few
from recorded import FIXTURES, Memory, ask, make_capture, read_answer

from osint.activity import ParseWarning, Post, to_json
from osint.collectors import webpage
from osint.collectors.protocol import Stop
from osint.errors import SourceBlockedError, SourceClosedError, SourceGoneError
from osint.query import UrlQuery

URL = "https://news.example/2026/boat"
HTML = "text/html; charset=utf-8"


def page(name, url=URL, **more):
    return read_answer(FIXTURES / "webpage" / f"{name}.http", url, **more)


def post(capture):
    return next(record for record in webpage.parse(capture) if isinstance(record, Post))


def warned(capture):
    return [record.what for record in webpage.parse(capture) if isinstance(record, ParseWarning)]


def test_one_page_is_one_capture_and_complete():
    """The page asked for was read; that is all that "exhausted" says here."""
    captures, stop = ask(webpage, UrlQuery(url=URL), Memory("webpage", {URL: "article"}))

    assert ([capture.url for capture in captures], stop) == ([URL], Stop.EXHAUSTED)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("sign_in", SourceClosedError),
        ("challenge", SourceBlockedError),
        ("access_denied", SourceBlockedError),
        ("gone", SourceGoneError),
        ("not_found", SourceGoneError),
    ],
)
def test_a_page_that_is_not_what_was_asked_gives_no_post(answer, error):
    """A challenge served with status 200 is not the content of the address; the error names exhibit and next step."""
    with pytest.raises(error, match=r"E0001.*legal process"):
        ask(webpage, UrlQuery(url=URL), Memory("webpage", {URL: answer}))


def test_a_redirect_to_a_sign_in_page_is_a_closed_source():
    """Whatever the title says, the way there and the password field tell."""
    form = b"<title>Welcome</title><form><input type=password></form>"
    answer = dataclasses.replace(make_capture(form, "https://news.example/login", media_type=HTML), via=URL)

    with pytest.raises(SourceClosedError):
        ask(webpage, UrlQuery(url=URL), lambda url: answer)


def test_an_article_about_challenges_is_no_challenge():
    """A long page with a captcha in its comment form and "Access denied" in its title is read."""
    captures, _ = ask(webpage, UrlQuery(url=URL), Memory("webpage", {URL: "article_about_captchas"}))

    assert "what they mean for readers" in post(captures[0]).content


def test_a_short_page_with_a_password_field_and_another_title_is_read():
    """A log-in box in the corner of a public page does not close it."""
    body = b"<title>Village news</title><p>The fair is on Sunday.</p><form><input type=password></form>"

    captures, _ = ask(webpage, UrlQuery(url=URL), lambda url: make_capture(body, url, media_type=HTML))

    assert len(captures) == 1


def test_dates_that_contradict_each_other_are_all_named():
    """The first instant is taken; the warning has every place and spelling."""
    [what] = warned(page("article_dates_conflict"))

    assert "2026-05-01T10:00:00+02:00" in what
    assert "2024-01-01T00:00:00Z" in what


def test_the_same_instant_in_two_spellings_is_no_contradiction():
    """10:00 at +02:00 is 08:00Z."""
    assert warned(page("article")) == []


def test_a_canonical_address_on_another_host_does_not_name_the_page():
    """A page cannot pass itself off as another site's."""
    assert f"web:{URL}" == post(page("article_canonical_elsewhere")).id


def test_a_canonical_address_on_the_same_host_joins_two_sights_of_a_page():
    """Tracking parameters do not make another post; the address asked for is kept."""
    seen = post(page("article", f"{URL}?utm=1"))

    assert (f"web:{URL}", f"{URL}?utm=1") == (seen.id, seen.extra["asked_url"])


def test_stray_commas_in_json_ld_are_mended_and_said():
    """What many sites get wrong is read, with a warning."""
    capture = page("article_stray_commas")

    assert post(capture).author_name == "Jane Example"
    assert warned(capture) == ["The structured data (JSON-LD) holds stray commas."]


def test_navigation_is_not_what_a_page_links_to():
    """Links in the article make edges, the menu does not."""
    assert post(page("article")).links == ("https://other.example/log",)


def test_links_around_a_page_without_article_are_left_out():
    """Of a body, what stands in nav, header, footer and aside is not content."""
    body = (
        b"<body><nav><a href=/home>h</a></nav><p><a href=https://x.example/>x</a></p><footer><a href=/i>i</a></footer>"
    )

    assert post(make_capture(body, URL, media_type=HTML)).links == ("https://x.example/",)


def test_structured_data_beyond_the_cap_is_left_to_the_exhibit():
    """A page cannot fill the tables; what was left out is said."""
    body = b'<meta property="og:title" content="' + b"a" * 70_000 + b'"><p>x</p>'

    extra = post(make_capture(body, URL, media_type=HTML)).extra

    assert "structured" not in extra
    assert "characters of structured data" in extra["structured_left_out"]


def test_a_picture_is_named_once_and_in_its_largest_form():
    """og:image, src and the widest of srcset, each once, absolute."""
    urls = [attachment.url for attachment in post(page("article")).attachment]

    assert [url.removeprefix("https://news.example") for url in urls] == [
        "/img/boat.jpg",
        "/2026/boat2.jpg",
        "/2026/boat2-l.jpg",
    ]


def test_inline_and_script_addresses_are_neither_links_nor_attachments():
    """javascript: and data: lead nowhere."""
    hostile = post(page("hostile_script_in_content"))

    assert (hostile.links, hostile.attachment) == ((), ())
    assert "steal" not in hostile.content


def test_plain_text_is_kept_as_it_is():
    """A paste is no HTML: what looks like a tag is text."""
    assert post(page("plain_text")).content == "first line\nsecond <b>line</b>"


def test_a_page_of_ten_megabytes_is_read_in_part_and_says_so():
    """Time is bounded; the warning gives both lengths."""
    body = b"<html><body><p>" + b"a" * 10_000_000

    assert warned(make_capture(body, URL, media_type=HTML)) == [
        "The page has 10000015 characters; the first 1000000 were read."
    ]


@pytest.mark.parametrize("piece", [b"<div>", b"<div itemscope>", b"<?xml", b"<title", b"<!--"])
def test_markup_made_to_exhaust_the_parser_is_read(piece):
    """Deep or unclosed, it ends as one post."""
    assert post(make_capture(b"<html><body>" + piece * 4_000, URL, media_type=HTML))


POST = "wordpress_post_with_comments"
AT_TIDEWATER = "https://tidewater.example/2026/02/pier-at-dusk/"
LONG = "Words that a reader reads, so that there is something to take for the main text. " * 4


def written(body, url=URL):
    return post(make_capture(body.encode(), url, media_type=HTML))


def test_what_readers_wrote_is_not_in_the_mouth_of_the_author():
    """Text, links and author of a post are those of its content; that comments were left out is said."""
    seen = post(page(POST, AT_TIDEWATER))

    assert seen.content == "Taken from the end of the pier.\n\nAnd from the middle of it."
    assert (seen.author_name, seen.links) == ("Jane Example", ("https://piers.example/north",))
    assert seen.extra["comments_left_out"].endswith("characters of comments and their form; see the exhibit")


@pytest.mark.parametrize(
    "mark", ['class="comments-area"', 'id="comments"', 'id="disqus_thread"', 'class="comment-list"']
)
def test_comments_below_an_article_without_marks_are_left_out_by_their_name(mark):
    """Where trafilatura looks for the text, it is handed none of the comments."""
    body = f"<body><h1>Boat</h1><p>{LONG}</p><div {mark}><p>I disagree with all of it.</p>{'<p>So do I.</p>' * 9}</div>"

    assert "disagree" not in written(body).content
    assert "Words that a reader reads" in written(body).content


def test_menus_are_not_in_the_text_of_a_page():
    """What frames the content is not its text, also where the page is too short for trafilatura to tell."""
    frame = "<header>Site name</header><nav>Menu entry</nav><aside>Teaser</aside>"
    page_of_body = written(f"<body>{frame}<p>The fair is on Sunday.</p><footer>Imprint</footer></body>")
    article = written("<body><article><h1>Fair</h1><nav>Menu entry</nav><p>It is on Sunday.</p></article></body>")

    assert page_of_body.content == "The fair is on Sunday."
    assert "Menu entry" not in article.content


def test_the_picture_at_the_head_of_an_article_is_its_own():
    """The header of an article belongs to it; the header of a page belongs to the site."""
    body = "<article><h1>Boat</h1><p>x</p><header><img src=hero.jpg></header></article>"
    article, page_header = written(f"<body>{body}"), written(f"<body>{body.replace('article', 'div')}")

    assert [attachment.url for attachment in article.attachment] == ["https://news.example/2026/hero.jpg"]
    assert (page_header.attachment, page_header.extra["images_left_out"][0]["part"]) == ((), "header")


def test_a_page_that_calls_its_content_a_comment_keeps_its_text():
    """A name is a custom and no proof: what holds the heading is content, and no page ends up empty for its names."""
    heading = written(f"<body><div class='comments'><h1>Boat</h1><p>{LONG}</p><img src=boat.jpg></div>")
    nothing_else = written(f"<body><div class='comments'><p>{LONG}</p></div>")

    assert "Words that a reader reads" in heading.content
    assert [attachment.url for attachment in heading.attachment] == ["https://news.example/2026/boat.jpg"]
    assert "Words that a reader reads" in nothing_else.content


def test_pictures_of_readers_and_of_the_frame_are_listed_and_not_fetched():
    """Whoever serves a reader's picture, a badge or a counting pixel learns nothing of the visit."""
    seen = post(page(POST, AT_TIDEWATER))

    assert [attachment.url for attachment in seen.attachment] == [
        "https://tidewater.example/wp-content/uploads/pier.jpg"
    ]
    assert {(left["url"].split("/")[2], left["part"]) for left in seen.extra["images_left_out"]} == {
        ("faces.example", "avatar"),
        ("faces.example", "comments"),
        ("counter.example", "counting pixel"),
        ("tidewater.example", "outside the main content"),
        ("badges.example", "outside the main content"),
    }


@pytest.mark.parametrize(
    ("picture", "part"),
    [
        ("<img src=https://secure.gravatar.com/avatar/0>", "avatar"),
        ("<div class='user-avatar'><img src=x.jpg></div>", "avatar"),
        ("<footer><img src=x.jpg></footer>", "footer"),
        ("<nav><img src=x.jpg></nav>", "navigation"),
        ("<aside><img src=x.jpg></aside>", "aside"),
        ("<div role=contentinfo><img src=x.jpg></div>", "footer"),
        ("<div id=sidebar><img src=x.jpg></div>", "footer or sidebar by its name"),
        ("<div itemscope itemtype='https://schema.org/Comment'><img src=x.jpg></div>", "comments"),
        ("<img src=x.gif width=1 height=1>", "counting pixel"),
        ("<img src=x.gif height=0>", "counting pixel"),
    ],
)
def test_each_picture_that_is_left_out_is_listed_with_its_part(picture, part):
    """Nothing is left out in silence, and the picture in the text stays."""
    seen = written(f"<body><article><h1>Boat</h1><p>{LONG}</p><img src=boat.jpg>{picture}</article>")

    assert [attachment.url for attachment in seen.attachment] == ["https://news.example/2026/boat.jpg"]
    assert [left["part"] for left in seen.extra["images_left_out"]] == [part]


def test_the_picture_that_a_page_names_as_its_own_is_never_left_out():
    """og:image stays although the same file is shown as a small avatar too."""
    body = (
        '<meta property="og:type" content="profile"><meta property="og:image" content="/jane.jpg">'
        "<body><h1>Jane</h1><img class=avatar src=/jane.jpg><img class=avatar src=/jane-large.jpg>"
    )

    profile, other = written(body), written(body.replace("profile", "article"))

    assert [a.url.rpartition("/")[2] for a in profile.attachment] == ["jane.jpg", "jane-large.jpg"]
    assert [a.url.rpartition("/")[2] for a in other.attachment] == ["jane.jpg"]
    assert other.extra["images_left_out"] == [{"url": "https://news.example/jane-large.jpg", "part": "avatar"}]


def test_a_wiki_page_has_its_text_and_its_picture_and_nothing_of_the_frame():
    """Menus, "powered by" and links within the page are no content."""
    seen = post(page("mediawiki_page", "https://wiki.example/index.php/North_pier"))

    assert seen.content == "The north pier has eleven posts. See Log."
    assert [attachment.url for attachment in seen.attachment] == ["https://wiki.example/images/pier.jpg"]
    assert seen.links == ("https://wiki.example/index.php/Log", "https://wiki.example/index.php/File:Pier.jpg")


def test_the_time_of_a_post_with_comments_is_its_own():
    """The times of comments stand in the same page and are not asked."""
    seen = post(page(POST, AT_TIDEWATER))

    assert (seen.published_raw, warned(page(POST, AT_TIDEWATER))) == ("2026-02-14T21:05:00+01:00", [])


EARLY, LATE = "2026-05-01T10:00:00+02:00", "2026-05-03T10:00:00+02:00"


@pytest.mark.parametrize(
    ("times", "published", "updated"),
    [
        (f"<time datetime={EARLY}>", EARLY, None),
        (f"<time datetime={EARLY}></time><time datetime={EARLY}>", EARLY, None),
        (f"<time datetime={LATE}></time><time class='entry-date published' datetime={EARLY}>", EARLY, None),
        (f"<time datetime={LATE}></time><time itemprop=datePublished datetime={EARLY}>", EARLY, None),
        (f"<time datetime={LATE}></time><time pubdate datetime={EARLY}>", EARLY, None),
        (f"<time class=published datetime={EARLY}></time><time class=updated datetime={LATE}>", EARLY, LATE),
        (f"<time class='published updated' datetime={EARLY}>", EARLY, None),
        (f"<footer><time datetime={EARLY}></footer>", EARLY, None),
        (f"<aside><time datetime={LATE}></aside>", None, None),
        (f"<div class=comments><time class=published datetime={LATE}></div>", None, None),
    ],
)
def test_of_the_times_in_an_article_the_one_of_its_publication_is_taken(times, published, updated):
    """What is marked counts before what is not, and a time beside or below the article does not count."""
    seen = written(f"<body><article><h1>Boat</h1><p>{LONG}</p>{times}</article>")

    assert (seen.published_raw, seen.extra.get("updated_raw")) == (published, updated)


def test_times_that_do_not_say_what_they_are_are_named_and_none_is_taken():
    """A list of posts has many times; the first of them is not its own."""
    body = f"<body><main><h1>Log</h1><p>{LONG}</p><time datetime={EARLY}></time><time datetime={LATE}></time></main>"
    capture = make_capture(body.encode(), URL, media_type=HTML)

    assert post(capture).published_raw is None
    assert warned(capture) == [
        f"The page names 2 times and does not say which is that of its publication ({EARLY}; {LATE})."
    ]


def test_a_marked_time_that_contradicts_the_head_is_a_contradiction():
    """Both places are named; the head counts first."""
    body = (
        f'<meta property="article:published_time" content="{EARLY}">'
        f"<body><article><h1>Boat</h1><p>{LONG}</p><time class=published datetime={LATE}></article>"
    )
    [what] = warned(make_capture(body.encode(), URL, media_type=HTML))

    assert f"time marked as published: {LATE}" in what
    assert written(body).published_raw == EARLY


@pytest.mark.parametrize(
    "comment",
    [
        f"<div itemscope itemtype=http://schema.org/Comment><meta itemprop=datePublished content={LATE}></div>",
        f"<div class=comments><meta itemprop=datePublished content={LATE}><time itemprop=datePublished datetime={LATE}></div>",
        f'<script type=application/ld+json>{{"@type":"Comment","datePublished":"{LATE}","author":"Kit"}}</script>',
    ],
    ids=["microdata item", "unmarked in the article's item", "JSON-LD"],
)
def test_structured_data_of_a_comment_dates_no_article(comment):
    """What a comment says of itself is neither the article's date nor its author nor a contradiction."""
    body = (
        f"<body><article itemscope itemtype=http://schema.org/Article><h1>Boat</h1><p>{LONG}</p>%s{comment}</article>"
    )
    dated = make_capture((body % f"<meta itemprop=datePublished content={EARLY}>").encode(), URL, media_type=HTML)

    assert (post(dated).published_raw, post(dated).author_name, warned(dated)) == (EARLY, None, [])
    assert written(body % "").published_raw is None


@pytest.mark.parametrize(
    "byline",
    [
        "<a rel='nofollow author' href=/jane>Jane  Example</a>",
        "<span class=p-author>Jane Example</span>",
        "<p class=wp-block-post-author__name>Jane Example</p>",
        "<b class=author-name>Jane <i>Example</i></b>",
    ],
)
def test_an_author_that_only_the_text_names_is_read(byline):
    """Many pages name their author nowhere else."""
    assert written(f"<body><article><h1>Boat</h1>{byline}<p>{LONG}</p></article>").author_name == "Jane Example"


def test_a_page_with_several_authors_in_its_text_has_none():
    """A list of posts is by nobody in particular."""
    bylines = "<a rel=author>Jane Example</a><a rel=author>Kit Example</a>"

    assert written(f"<body><main><h1>Log</h1>{bylines}<p>{LONG}</p></main>").author_name is None


def test_relative_addresses_start_where_the_page_says():
    """base moves links and pictures, and the address of the page stays its own."""
    seen = written(
        f"<head><base href=/in/></head><body><article><h1>B</h1><p>{LONG}<a href=log>l</a><img src=boat.jpg>"
    )

    assert (seen.links, seen.attachment[0].url) == (
        ("https://news.example/in/log",),
        "https://news.example/in/boat.jpg",
    )
    assert seen.url == URL


@pytest.mark.parametrize(
    ("piece", "what"),
    few(
        [
            ("<div>", "nested deeper than 2048"),
            ("<b>", "nested deeper than 2048"),
            ("<table><tr><td>", "nested deeper than 2048"),
            ("<div itemscope itemprop=a>", "nested deeper than 2048"),
            ("<br>", "more than 50000 elements"),
            ("<p>a", "more than 50000 elements"),
            ("<li><a href=x>a</a></li>", "more than 50000 elements"),
            ("<i itemprop=a>x</i>", "more than 50000 elements"),
            ("<time datetime=2026-05-01>", "nested deeper than 2048"),
            ("<p>some words here</p>", "more than 10000 elements, so its main text was not looked for"),
            ("<script type=application/ld+json>{,}</script>", "blocks of structured data"),
        ],
        4,
    ),
)
def test_a_megabyte_of_markup_made_to_exhaust_the_parser_ends_soon(piece, what):
    """It is read in part in about a second, and says so; without its caps each takes up to a minute."""
    body = b"<html><body>" + (piece * (1_000_000 // len(piece))).encode()

    assert any(what in warning for warning in warned(make_capture(body, URL, media_type=HTML)))


def test_a_tag_with_a_flood_of_attributes_ends_soon_and_is_said():
    """libxml2 takes minutes over a hundred thousand attributes of one tag."""
    body = "<body><p " + " ".join(f"a{n}=1" for n in range(100_000)) + f">{LONG}</p>"
    capture = make_capture(body.encode(), URL, media_type=HTML)

    assert warned(capture) == ["1 element has thousands of attributes."]
    assert "Words that a reader reads" in post(capture).content


def test_a_meta_of_a_comment_beside_the_article_dates_nothing():
    """Comments are comments wherever they stand."""
    comment = f"<section class=comments><meta itemprop=datePublished content={LATE}></section>"

    assert written(f"<body><article><h1>Boat</h1><p>{LONG}</p></article>{comment}").published_raw is None


def test_items_nested_without_end_are_cut_to_what_a_table_can_hold():
    """JSON has no room for two thousand levels."""
    seen = written("<body><div itemscope>" + "<div itemscope itemprop=a>" * 2_000 + "x")

    assert len(json.dumps(to_json(seen))) < 2_000


def test_blocks_of_structured_data_are_read_up_to_a_number():
    """Twenty thousand broken ones are not twenty thousand warnings."""
    body = "<script type=application/ld+json>{,}</script>" * 20_000

    assert len(warned(make_capture(body.encode(), URL, media_type=HTML))) < 60


def test_text_behind_deep_nesting_is_not_lost():
    """A thousand levels are read to their end."""
    body = f"<body><article>{'<div>' * 1_000}{LONG}{'</div>' * 1_000}<p>And after.</p></article>"

    assert "And after." in written(body).content
    assert warned(make_capture(body.encode(), URL, media_type=HTML)) == []


SHELL = b"<title>App</title><script src=/app.js></script><noscript>You need to enable JavaScript.</noscript><div id=root></div>"
FULL = b"<script src=/app.js></script><noscript>You need to enable JavaScript.</noscript><div id=root><p>Grey boat.</p></div>"
FORM = b"<title>Sign in</title><form><input type=password></form>"
WALL = b"<title>Just a moment...</title><p>Checking."


@pytest.mark.parametrize(
    ("body", "more", "word"),
    [
        (b"<p>Grey boat.", {}, "full"),
        (b"<p>Grey boat.", {"problems": ("The answer was cut (length).",)}, "partial"),
        (b"<p>Broken.", {"status": 500}, "partial"),
        (SHELL, {}, "shell"),
        (FULL, {}, "shell"),
        (SHELL, {"made": "rendered"}, "shell"),
        (FULL, {"made": "rendered"}, "full"),
        (FORM, {}, "wall"),
        (WALL, {}, "wall"),
        (WALL, {"made": "rendered"}, "wall"),
        (b"<p>No.", {"status": 403}, "wall"),
        (b"<p>Not here.", {"status": 404}, "gone"),
        (b"<p>No longer here.", {"status": 410, "made": "rendered"}, "gone"),
        (b"", {}, "partial"),
    ],
)
def test_what_an_exhibit_is_worth_is_one_word_with_its_reason(body, more, word):
    """The word depends on the exhibit alone. A frame that asks for scripts is none once they ran and filled it."""
    judged = webpage.quality(make_capture(body, URL, media_type=HTML, **more))

    assert judged.word == word
    assert judged.reason.endswith((".", ")."))


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({}, ["an image of the page"]),
        ({"made": "rendered"}, ["an image of the page"]),
        ({"made": "rendered", "picture": "part"}, ["the lower part of the image"]),
        ({"made": "rendered", "picture": "whole"}, []),
        ({"made": "rendered", "picture": "whole", "body": b""}, ["the HTML source"]),
    ],
)
def test_the_minimum_is_address_source_and_an_image_of_the_whole_page(more, missing):
    """What one of them lacks is named, and the post says so."""
    capture = dataclasses.replace(make_capture(b"<p>Grey boat.", URL, media_type=HTML), **more)

    assert (list(webpage.quality(capture).missing), webpage.quality(capture).minimum_met) == (missing, not missing)
    if capture.body:
        told = post(capture).extra["capture"]
        assert (told["missing"], told["minimum_met"]) == (missing, not missing)


def test_a_rendered_page_without_content_is_warned_of():
    """The scripts ran and showed nothing: the row is no complete page, and the image is where to look."""
    capture = make_capture(SHELL, URL, media_type=HTML, made="rendered")

    assert warned(capture) == ["The page shows no content, though its scripts ran in a browser."]
