"""Web pages: refusals, dates that contradict each other, and hostile markup."""

from __future__ import annotations

import dataclasses

import pytest
from recorded import FIXTURES, Memory, ask, make_capture, read_answer

from osint.activity import ParseWarning, Post
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
