"""A file of which every word is hostile, and what a page of ours may hold of it."""

import hashlib

from bs4 import BeautifulSoup
from origin import NOON
from test_render import HOSTILE

from osint.media.description import MediaFacts
from osint.media.examination import MediaRecord
from osint.media.thumbnails import Thumbnail
from osint.media.value import Value

ELEMENTS = {
    "p", "b", "table", "thead", "tbody", "tr", "th", "td", "img", "div", "span", "details", "summary", "br",
}  # fmt: skip
ATTRIBUTES = {"class", "style", "title", "alt", "src"}
TEXTS = (
    HOSTILE,
    '" onmouseover="alert(1)" x="',
    "' onfocus='alert(1)' autofocus='",
    "</td></tr></table><script>alert(1)</script>",
    "</details></summary><iframe src=https://evil.example/></iframe>",
    "=cmd|' /C calc'!A0",
    "\x1b]0;owned\x07\x1b[2J\x9b31m",
    "javascript:alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "--><!--<img src=https://evil.example/pixel>",
    "]]><svg onload=alert(1)>",
    "\ud800 half a letter \udfff",
    "line\nbreak\ttab\r\u2028end",
)
JPEG = b"\xff\xd8\xff\xe0 stands for a picture"
PICTURE = Thumbnail(jpeg=JPEG, veiled=JPEG + b" blurred")


def record(text=HOSTILE, *, exhibit="E0003", number=0):
    """Return a record of which every text is this one; ``number`` makes the bytes another's."""
    values = [
        Value(
            block=block, group=text, name=text, tag_id=text, text=text, reader=text, fact=fact, value=text,
            byte_start=10, byte_length=4, bytes_sha256="ab" * 32, confidence=confidence, warnings=(text,),
        )
        for block, fact, confidence in (
            ("EXIF", "camera_make", "conflict"), (text, None, "one reader"), ("container", None, "agreed"),
        )
    ]  # fmt: skip
    values += [
        Value(block="EXIF", name="DateTimeOriginal", text=text, reader=text, fact="taken_local", value="2026-05-03T14:22:11"),
        Value(block="EXIF", name="GPSLatitude", text=text, reader=text, fact="latitude", value=52.37),
        Value(block="EXIF", name="GPSLongitude", text=text, reader=text, fact="longitude", value=4.89),
    ]  # fmt: skip
    facts = MediaFacts(
        sha256=hashlib.sha256(repr((exhibit, number)).encode()).hexdigest(), size=1234, media_type="image/jpeg", served_type=text,
        camera_make=text, camera_model=text, software=text, taken_local=text, taken_offset=text, latitude=52.37,
        longitude=4.89, position_precision_m=31.0, values=tuple(values), warnings=(text, text), isolation=text, reader=text,
    )  # fmt: skip
    return MediaRecord(facts=facts, exhibit=exhibit, url=text, posts=(text,), name=text, preserved=NOON)


def assert_inert(markup):
    """Say that nothing but elements of ours is there, with attributes that can neither run nor ask."""
    soup = BeautifulSoup(markup, "html.parser")
    assert {element.name for element in soup.find_all(True)} <= ELEMENTS
    for element in soup.find_all(True):
        assert set(element.attrs) <= ATTRIBUTES
        assert element.get("src", "data:image/").startswith(
            ("data:image/jpeg;base64,", "data:image/svg+xml;base64,", "data:image/")
        )
        assert "url(" not in element.get("style", "")
    assert not soup.find_all(string=lambda text: type(text).__name__ in ("Comment", "CData", "Declaration"))
    assert not set(markup) & {"\u202e", "\x1b", "\u200b", "\ud800", "\x07"}
    return soup
