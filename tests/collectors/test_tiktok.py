"""TikTok: one video by its oEmbed answer, what a saved page says instead of one, and both spellings of the export."""

from __future__ import annotations

import json

import pytest
from recorded import FIXTURES, Memory, ask, expected, make_capture, read_answer

from osint.activity import ParseWarning, Post
from osint.collectors import tiktok
from osint.collectors.protocol import Stop
from osint.errors import SourceClosedError, SourceError, SourceGoneError, UnreadableCaptureError
from osint.query import AccountQuery, ThreadQuery

VIDEO = ThreadQuery(thread="https://www.tiktok.com/@jane.example/video/7360000000000000001")
ASKED = "https://www.tiktok.com/oembed?url=https%3A%2F%2Fwww.tiktok.com%2F%40jane.example%2Fvideo%2F7360000000000000001"


def records(name, kind=Post):
    stated = expected("tiktok")[name]
    capture = read_answer(FIXTURES / "tiktok" / f"{name}.http", stated["url"], part=stated.get("part", ""))
    return [record for record in tiktok.parse(capture) if isinstance(record, kind)]


def test_a_video_is_one_answer_that_shows_part_only():
    """Comments are not in it, so the run is never complete."""
    get = Memory("tiktok", {ASKED: "oembed"})

    captures, stop = ask(tiktok, VIDEO, get)

    assert (len(captures), stop, get.asked) == (1, Stop.PLATFORM_CAP, [ASKED])


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ("oembed_not_found", SourceGoneError, "Not found"),
        ("oembed_error_with_200", SourceError, "shows no video and gives no reason"),
        ("oembed_of_another", SourceError, "shows 7360000000000000099"),
        ("oembed_html", UnreadableCaptureError, "not JSON"),
        ("oembed_cut", UnreadableCaptureError, "not JSON"),
    ],
)
def test_an_answer_without_the_video_is_never_an_empty_result(answer, error, said):
    """Gone, an error with the status of a success, another video, a page where JSON was due: each is told apart."""
    with pytest.raises(error, match=said):
        ask(tiktok, VIDEO, Memory("tiktok", {ASKED: answer}))


def test_an_account_cannot_be_asked_for_and_the_refusal_names_the_file():
    """No request is made."""
    get = Memory("tiktok", {})

    with pytest.raises(SourceClosedError, match=r"export.*saved in a browser.*legal process"):
        ask(tiktok, AccountQuery(account="@jane.example@tiktok.com"), get)
    assert get.asked == []


def test_a_removed_video_is_a_tombstone_and_a_private_one_a_warning():
    """Only the code that means "removed" makes a row; every other answer is repeated in words."""
    (post,) = records("page_removed")

    assert (post.type, post.native_id, post.absent["content"]) == ("Tombstone", "7360000000000000001", "hidden")
    assert records("page_private") == []
    assert "10222" in records("page_private", ParseWarning)[0].what
    assert "no proof that it never existed" in records("page_account_gone", ParseWarning)[0].effect


def test_a_saved_page_gives_the_post_with_its_counts():
    """As the page has them; a photo post without a date says so."""
    (video,), (photo,) = records("page_video"), records("page_photo_without_date")

    assert (video.likes, video.replies, video.announces, video.extra["plays"]) == (5, 2, 1, 90)
    assert video.quote_of == "tiktok:7350000000000000009"
    assert (photo.type, len(photo.attachment), photo.published) == ("Image", 1, None)


def test_both_spellings_of_an_export_are_read():
    """Times are UTC and do not say so: instants whose zone is not known."""
    new, old = records("export"), records("export_of_2022")

    assert [post.native_id for post in (*new[:1], *old[:1])] == ["7360000000000000001", "7090000000000000001"]
    assert {post.published_zone_known for post in new + old} == {False}
    assert old[1].content == "first"


def test_a_post_without_an_id_has_one_that_follows_from_date_and_link():
    """The signature of a link stays out; two comments of one instant with the same words are two."""
    second, *comments = records("export")[1:]

    assert second.native_id.startswith("export-")
    assert "s3cr3t" not in repr(second)
    assert [comment.content for comment in comments] == ["who is that? 🙂", "who is that? 🙂", "שלום"]
    assert comments[1].in_reply_to == "tiktok:7350000000000000003"
    assert comments[2].published is None


def exported(name="jane.example", **sections):
    value = {"Profile": {"Profile Info": {"ProfileMap": {"userName": name}}}, "Your Activity": {}, **sections}
    capture = make_capture(json.dumps(value).encode(), "https://www.tiktok.com/@jane.example")
    found = tiktok.parse(capture)
    return [record for record in found if isinstance(record, Post)], [
        record.what for record in found if isinstance(record, ParseWarning)
    ]


def commented(*said, name="jane.example"):
    entries = [{"date": "2026-05-01 11:00:00", "comment": each} for each in said]
    return [post.id for post in exported(name, Comment={"Comments": {"CommentsList": entries}})[0]]


def test_a_comment_has_the_same_id_wherever_it_stands_in_the_export():
    """A later export, with more before it, names it alike; the same words of somebody else are another comment."""
    assert commented("a")[0] == commented("b", "a")[1]
    assert commented("a") != commented("a", name="dawn.example")
    assert len(set(commented("a", "a"))) == 2


def test_both_sections_of_posts_are_read_when_both_are_there():
    """The older name may stand beside the newer one."""
    videos = [
        {"Date": "2026-05-01 10:00:00", "Link": f"https://www.tiktokv.com/share/video/736000000{n}/"} for n in (1, 2)
    ]
    posts, _ = exported(Post={"Posts": {"VideoList": videos[:1]}}, Video={"Videos": {"VideoList": videos[1:]}})

    assert [post.native_id for post in posts] == ["7360000001", "7360000002"]


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"Recently Deleted Posts": {"PostList": [{"Date": "x"}]}}, "Post / Recently Deleted Posts"),
        ({"Posts": {"PostList": [{"Date": "x"}]}}, "Post / Posts / PostList"),
        ({"Posts": {"VideoList": {"a": 1}}}, "no list of posts"),
        ([{"Date": "x"}], "not read: Post"),
    ],
)
def test_what_lies_beside_the_lists_of_posts_is_named(section, told):
    """Deleted posts among it, and lists under a name that TikTok has changed."""
    posts, warnings = exported(Post=section)

    assert posts == []
    assert any(told in warning for warning in warnings)


def test_an_export_of_another_account_than_the_declared_one_is_told():
    """It names its own account, and its posts stand under that."""
    posts, warnings = exported("dawn.example", Post={"Posts": {"VideoList": [{"Date": "2026-05-01 10:00:00"}]}})

    assert posts[0].author_handle == "dawn.example@tiktok.com"
    assert "belongs to 'dawn.example'" in warnings[0]


def test_messages_and_lists_in_an_export_are_told_and_not_read():
    """What was watched or searched for is no post, and a message is none."""
    told = records("export", ParseWarning)

    assert "only for you" not in repr(records("export", object))
    assert any("direct messages" in warning.what for warning in told)
    assert any("Your Activity" in warning.what for warning in told)
