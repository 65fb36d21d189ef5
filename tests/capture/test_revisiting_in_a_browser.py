"""A rendered page visited again: a browser loads it again, and its pictures are compared byte by byte."""

from __future__ import annotations

from io import BytesIO

import pytest
from origin import http
from PIL import Image

from osint.capture.browser.chromium import find_chromium
from osint.collectors.outcome import Outcome
from osint.errors import CaptureError

try:
    find_chromium()
    LACKING = ""
except CaptureError as error:
    LACKING = str(error)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(LACKING), reason=LACKING)]

STORY = "A grey boat lay at the east pier on Friday morning, and nobody seems to know whose it is."
PAGE = """<html><head><title>Pier</title></head><body><article><h1>Pier</h1><p id="story"></p><img src="/boat.png"></article>
<script>document.getElementById('story').textContent = %r;</script></body></html>"""


def page(text):
    return http((PAGE % text).encode(), "Content-Type: text/html; charset=utf-8")


def picture(colour):
    out = BytesIO()
    Image.new("RGB", (300, 200), colour).save(out, "PNG")
    return http(out.getvalue(), "Content-Type: image/png")


def rendered(case):
    return [number for number in numbers(case) if case.replay(number).capture.made == "rendered"]


def numbers(case):
    return [each.number for each in case._ledger.exhibits()]


def test_a_rendered_page_is_rendered_again_and_its_pictures_are_compared(open_case, origin):
    """
    Its words come from a script, so that only a browser can see that they stayed; the picture has other bytes.
    """
    case = open_case()
    url = origin.serve("/page", page(STORY), page(STORY), page(STORY), page(STORY.replace("grey", "blue")))
    origin.serve("/boat.png", picture("red"), picture("red"), picture("green"))
    case.collect("webpage", url=url, render=True)
    (first,) = rendered(case)
    same, other_picture, edited = (case.revisit(first) for _ in range(3))

    assert (same.outcome, same.visit.reason) == (Outcome.UNCHANGED, "the same bytes")
    assert (other_picture.outcome, other_picture.visit.reason) == (Outcome.EDITED, "a file of the post has other bytes")
    (media,) = other_picture.visit.comparison.media
    assert (media.what, media.url.rpartition("/")[2], media.old != media.new) == ("other bytes", "boat.png", True)
    assert edited.outcome is Outcome.EDITED
    assert "+ A {+blue+} boat lay" in "\n".join(map(str, edited.visit.comparison.records[0].text))
    assert rendered(case) == [first, same.exhibit, other_picture.exhibit, edited.exhibit]
    before = list(case._store.rows())
    case.rebuild()
    assert list(case._store.rows()) == before
    assert case.verify()


def test_a_file_that_a_page_loaded_is_asked_for_by_itself(open_case, origin):
    """
    It is under authority by its own address, and is asked for without a browser.
    """
    case = open_case()
    origin.serve("/boat.png", picture("red"), picture("green"))
    case.collect("webpage", url=origin.serve("/page", page(STORY)), render=True)
    image = next(number for number in numbers(case) if case.replay(number).capture.url.endswith(".png"))
    found = case.revisit(image)

    assert (found.outcome, found.visit.reason) == (Outcome.EDITED, "other bytes")
    assert origin.paths.count("/page") == 1
