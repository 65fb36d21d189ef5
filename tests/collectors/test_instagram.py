"""Instagram: exports with labels in any language, returns, the embedded post, and ids that say the time or do not."""

from __future__ import annotations

import json
import zipfile

import pytest
from recorded import FIXTURES, Memory, ask, expected, make_capture, read_answer

import osint
from osint.activity import Actor, ParseWarning, Post
from osint.collectors import claimant, instagram
from osint.collectors.protocol import Stop
from osint.errors import QueryError, SourceClosedError, SourceError, SourceGoneError
from osint.posts.id_time import time_in_id
from osint.query import AccountQuery, UrlQuery

JANE, PROFILE = AccountQuery(account="@jane.example@instagram.com"), "https://www.instagram.com/jane.example/"
POST = UrlQuery(url="https://www.instagram.com/jane.example/p/DZZSfMqu6WY/")
DECLARED = {
    "name": "J. Smit", "role": "officer", "at": "2026-05-30T10:15:00+02:00", "program": "Accounts Center",
    "came": "from her own hand", "logged_in": True, "as_whom": "herself",
}  # fmt: skip
EMBED = "https://www.instagram.com/p/DZZSfMqu6WY/embed/captioned/"


def captured(name):
    stated = expected("instagram")[name]
    more = {"part": stated["part"], "made": "imported"} if "part" in stated else {}
    return read_answer(FIXTURES / "instagram" / f"{name}.http", stated["url"], **more)


def records(name, kind=Post):
    return [record for record in instagram.parse(captured(name)) if isinstance(record, kind)]


def test_a_caption_stands_at_the_post_or_at_its_only_picture():
    """The album keeps the other titles beside it."""
    single, album, video = records("posts")

    assert single.content == "Ved havnen 🚢 #harbour @dawn.example."
    assert (album.content, album.extra["titles"], album.published.minute) == ("An album", ["second"], 1)
    assert (single.type, album.type, video.type) == ("Image", "Note", "Video")


def test_a_profile_of_another_account_and_a_list_that_is_not_known_are_told():
    """The posts beside the profile name nobody and were given to the declared account."""
    user = {"string_map_data": {"Gebruikersnaam": {"value": "dawn.example"}}}
    stories = {"ig_stories": [{"uri": "media/a.jpg", "creation_timestamp": 1777629600}], "ig_newer": [{"uri": "b"}]}
    warnings = [
        record.what
        for value in ({"profile_user": [user]}, stories)
        for record in instagram.parse(make_capture(json.dumps(value).encode(), PROFILE, media_type="application/json"))
        if isinstance(record, ParseWarning)
    ]

    assert ["belongs to 'dawn.example'" in warnings[0], "ig_newer" in warnings[1], len(warnings)] == [True, True, 2]


def test_mentions_and_hashtags_of_a_caption_are_read():
    """A full stop behind a name is none of it."""
    tags = records("posts")[0].tag

    assert [(tag.type, tag.name) for tag in tags] == [("Hashtag", "harbour"), ("Mention", "dawn.example@instagram.com")]


def test_every_entry_is_a_row_or_a_warning():
    """Five entries: three posts, two that are none."""
    assert len(records("posts")) == 3
    assert [warning.pointer for warning in records("posts", ParseWarning)] == ["/2", "/3", "/4"]


def test_comments_are_read_in_a_language_that_is_known_and_by_order_in_one_that_is_not():
    """The warning says that nobody could tell by the labels."""
    (dutch,), (finnish,) = records("comments_of_reels"), records("comments_in_another_language")

    assert (dutch.content, dutch.extra["media_owner"]) == ("mooi", "dawn.example")
    assert (finnish.content, finnish.extra["media_owner"]) == ("hieno", "dawn.example")
    assert records("comments_of_reels", ParseWarning) == []
    assert "order" in records("comments_in_another_language", ParseWarning)[0].effect


def test_a_comment_names_whose_picture_it_answers_and_not_which():
    """One that names nobody has no such account."""
    first, second = records("comments")

    assert first.in_reply_to_account == "account:instagram:dawn.example@instagram.com"
    assert (first.in_reply_to, first.absent["in_reply_to"]) == (None, "missing")
    assert second.in_reply_to_account is None


def test_only_the_number_of_a_post_tells_the_time():
    """Meta's other numbers look alike, and would put a post into the year 2011."""
    coded, numbered = records("posts_labelled")
    ids = [post.native_id for post in records("return")]

    assert time_in_id("instagram", coded.native_id).year >= 2024
    assert time_in_id("instagram", numbered.native_id) is None
    assert [time_in_id("instagram", each) is None for each in ids] == [True, True, False, True]
    assert all(time_in_id("instagram", post.native_id) is None for post in records("posts"))


def test_a_returned_comment_leads_to_its_post_and_belongs_to_the_account_of_the_return():
    """Its status is no text, and goes with it."""
    first, second = records("return")[:2]

    assert (first.content, first.in_reply_to) == ("nice boat", "instagram:3100000000000000001")
    assert (first.author_handle, second.extra["Status"]) == ("jane.example@instagram.com", "Deleted")
    assert records("return", Actor)[0].native_id == "2500000001"


def test_a_post_is_asked_for_as_it_may_be_embedded():
    """One request; the answer has no date and no comments, so it is never complete."""
    get = Memory("instagram", {EMBED: "embed"})

    captures, stop = ask(instagram, POST, get)

    (post,) = instagram.parse(captures[0])
    assert (stop, get.asked) == (Stop.PLATFORM_CAP, [EMBED])
    assert (post.native_id, post.content) == ("DZZSfMqu6WY", "Seen at the harbour 🚢\nwith @dawn.example #boats")
    assert (post.author_handle, post.absent["published"]) == ("jane.example@instagram.com", "missing")


@pytest.mark.parametrize(
    ("query", "asked", "answer", "error", "said"),
    [
        (POST, EMBED, "embed_broken", SourceClosedError, "closed or gone"),
        (POST, EMBED, "embed_by_script", SourceClosedError, "names nothing of"),
        (POST, EMBED, "embed_of_another", SourceError, "that of https://www.instagram.com/p/DZZSfMqu6Wy/"),
        (JANE, PROFILE, "page_not_available", SourceClosedError, "closed or gone"),
        (JANE, PROFILE, "page_not_found", SourceGoneError, "404"),
        (JANE, PROFILE, "page_shell", SourceClosedError, "names nothing of"),
        (JANE, PROFILE, "page_profile_of_another", SourceError, "that of dawn.example"),
    ],
)
def test_a_page_without_what_was_asked_is_never_an_empty_result(query, asked, answer, error, said):
    """Codes of posts differ in capitals alone."""
    with pytest.raises(error, match=said):
        ask(instagram, query, Memory("instagram", {asked: answer}))


def test_a_sign_in_is_not_passed():
    """It says nothing of the account."""
    with pytest.raises(SourceClosedError, match="asks to sign in"):
        ask(instagram, JANE, lambda *_, **__: captured("page_sign_in"))


def test_a_profile_is_a_card():
    """Its own address names the account."""
    captures, stop = ask(instagram, JANE, Memory("instagram", {PROFILE: "page_profile"}))

    assert (stop, instagram.parse(captures[0])[0].handle) == (Stop.PLATFORM_CAP, "jane.example@instagram.com")


def test_an_address_that_is_no_post_is_refused():
    """Nothing is asked."""
    with pytest.raises(QueryError, match="is no post"):
        ask(instagram, UrlQuery(url="https://www.instagram.com/explore/"), Memory("instagram", {}))


def test_the_card_of_a_post_gives_the_caption_and_who_wrote_it():
    """It stands in a sentence with the counts."""
    (post,) = records("page_post")

    assert (post.content, post.author_handle, post.published) == (
        "Seen at the harbour",
        "jane.example@instagram.com",
        None,
    )
    assert post.extra["coverage"] == "partial"


def test_conversations_and_what_looks_alike_go_to_the_service_of_their_folder():
    """An export of Facebook has conversations of the same shape."""
    assert claimant(captured("messages")) == "instagram"
    assert "secret words" not in repr(instagram.parse(captured("messages")))
    body, facebook = captured("messages").body, "https://www.facebook.com/jane.example"
    assert claimant(make_capture(body, facebook, part="member messages/inbox/a_1/message_1.json")) == "facebook"
    assert claimant(make_capture(body, PROFILE, part="member messages/inbox/a_1/message_1.json")) == "instagram"


def test_the_zip_of_an_export_is_read_by_both_services_that_share_it(open_case, tmp_path):
    """Posts of Instagram and of Threads; a conversation is a warning; what nobody reads is named."""
    case = open_case(hosts=[], urls=[PROFILE])
    parts = {"posts": "instagram", "comments": "instagram", "messages": "instagram"}
    with zipfile.ZipFile(tmp_path / "instagram.zip", "w") as archive:
        for answer, service in (*parts.items(), ("posts", "threads")):
            body = (FIXTURES / service / f"{answer}.http").read_bytes().partition(b"\r\n\r\n")[2]
            archive.writestr(expected(service)[answer]["part"].removeprefix("member "), body)
        archive.writestr("connections/followers_1.json", b'[{"string_list_data": [{"value": "dawn.example"}]}]')

    taken = case.import_file(tmp_path / "instagram.zip", osint.SavedBy(**DECLARED, address=PROFILE))

    assert (taken.posts, dict(case.posts()["platform"].value_counts())) == (8, {"instagram": 5, "threads": 3})
    said = "\n".join(case.warnings()["what"])
    assert "private conversation" in said
    assert "connections/followers_1.json" in said
