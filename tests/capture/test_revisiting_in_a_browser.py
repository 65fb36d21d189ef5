"""A rendered page visited again: a browser loads it again, and its pictures are compared byte by byte."""

from __future__ import annotations

from io import BytesIO

import pytest
from origin import http
from PIL import Image

from osint.capture import read_back
from osint.capture.browser.chromium import find_chromium
from osint.chain_of_custody.keys import load_or_create
from osint.chain_of_custody.two_persons import Order
from osint.collecting import revisiting
from osint.collecting.outcome import Outcome
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


@pytest.mark.exhaustive
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


@pytest.mark.exhaustive
def test_a_picture_that_is_not_there_any_more_is_an_edit_though_the_document_is_the_same(open_case, origin):
    """
    A document does not change by the loss of a picture; what the server refused to show says nothing of it.
    """
    case = open_case()
    url = origin.serve("/page", page(STORY))
    gone, withheld = (http(b"no", status=status) for status in ("404 Not Found", "403 Forbidden"))
    origin.serve("/boat.png", picture("red"), gone, withheld, picture("red"))
    case.collect("webpage", url=url, render=True)
    (first,) = rendered(case)
    absent, refused, same = (case.revisit(first) for _ in range(3))
    back = case.revisit(absent.exhibit)

    assert (absent.outcome, absent.visit.reason) == (Outcome.EDITED, "a file of the post is not in the new capture")
    assert [(each.what, each.url.rpartition("/")[2]) for each in absent.visit.comparison.media] == [
        ("not in the new capture", "boat.png")
    ]
    assert (refused.outcome, refused.visit.comparison.media) == (Outcome.UNCHANGED, ())
    assert refused.visit.reason == "the same bytes; not all of its files could be compared"
    assert (same.outcome, same.visit.reason) == (Outcome.UNCHANGED, "the same bytes")
    assert (back.outcome, back.visit.reason) == (Outcome.EDITED, "a file of the post is new")


@pytest.fixture
def order(tmp_path):
    return Order(
        authority="Circuit Court, order 26-1184", reason="The record was expunged.", requester="J. Smit, badge 4471",
        approver=load_or_create(tmp_path / "keys of the chief", "actor"), approver_name="A. Berg, badge 12",
    )  # fmt: skip


@pytest.mark.exhaustive
@pytest.mark.parametrize("lacking", ["purged", "too many", "too large"])
def test_a_picture_of_which_one_visit_tells_nothing_is_neither_new_nor_the_same(
    open_case, origin, monkeypatch, order, lacking
):
    """
    The exhibit was destroyed on order, or our own limits keep us from comparing it: nothing is said of the picture.
    """
    noise = BytesIO()
    Image.effect_noise((300, 200), 100).save(noise, "PNG")
    if lacking == "too large":
        monkeypatch.setattr(read_back, "ENTITY_LIMIT", len(noise.getvalue()) - 1)
    case = open_case()
    origin.serve("/boat.png", http(noise.getvalue(), "Content-Type: image/png"))
    case.collect("webpage", url=origin.serve("/page", page(STORY)), render=True)
    (first,) = rendered(case)
    if lacking == "purged":
        image = next(number for number in numbers(case) if case.replay(number).capture.url.endswith(".png"))
        case.erasing.purge([image], order)
    if lacking == "too many":
        monkeypatch.setattr(revisiting, "_MOST_FILES", 1)  # the document comes first
    found = case.revisit(first)

    assert (found.outcome, found.visit.comparison.media) == (Outcome.UNCHANGED, ())
    assert found.visit.reason == "the same bytes; not all of its files could be compared"
