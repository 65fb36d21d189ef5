"""Differences of texts and captures, without a case: what is marked, what is bounded, what never raises."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st
from origin import NOON

from osint.activity import Actor, Attachment, Post
from osint.capture.exchange import Capture
from osint.collecting import comparison
from osint.collecting.comparison import Side, compare, same_place, telling
from osint.collecting.difference import beginning, is_long, text_difference

POST = Post(
    id="x:1", platform="x", native_id="1", type="Note", content="one", exhibit="E0001", pointer="", collector="x/1",
    collected=NOON,
)  # fmt: skip


def side(body=b"", records=None, files=None, media_type="text/html"):
    capture = Capture(
        exhibit="E0001", url="http://a.example/", via="http://a.example/", status=200, body=body,
        headers=(("Content-Type", media_type),), collected=NOON,
    )  # fmt: skip
    return Side(capture=capture, records=records, digest=sha256(body).hexdigest(), files=files or {})


def words(lines, sign):
    return [str(line) for line in lines if line.sign == sign]


texts = st.text(st.sampled_from("ab \n\u202e中"), max_size=60)


@given(texts, texts)
def test_a_difference_tells_both_texts_where_they_differ(old, new):
    """
    Without its marks, what went and stayed is in the old text and what came and stayed is in the new one, in order.
    """
    lines = text_difference(old, new)
    for text, signs in ((old, " -"), (new, " +")):
        rest = iter(text.split("\n"))
        told = ["".join(piece for piece, _ in line.pieces) for line in lines if line.sign in signs]
        assert all(line in rest for line in told)
    assert (lines == ()) == (old == new)


def test_scripts_without_spaces_are_compared_character_by_character():
    """
    One character that changed is marked, and not the whole sentence.
    """
    assert words(text_difference("船在东码头出现了", "船在西码头出现了"), "+") == ["+ 船在{+西+}码头出现了"]


def test_passages_that_share_little_are_shown_whole():
    """
    Marks on the few words that two sentences have in common by chance would say nothing.
    """
    lines = text_difference("A grey boat lay at the pier", "Nobody was home on Thursday, said the neighbour")

    assert not any(marked for line in lines for _, marked in line.pieces)


def test_long_and_hostile_texts_are_bounded():
    """
    A page of a million repeating words is compared up to a limit, and whoever shows it can say so.
    """
    old, new = ("\n".join(f"{name} {number % 7} " * 9 for number in range(90_000)) for name in "ab")

    assert is_long(old)
    assert len(beginning(old)) <= 4_000
    assert len(text_difference(old, new)) <= 8_000


def test_counts_alone_are_no_edit_and_are_shown():
    """
    How often others reacted is told beside the verdict.
    """
    liked = replace(POST, likes=5, exhibit="E0002")
    found = compare(side(b"1", [POST]), side(b"2", [liked]))

    assert (found.same, found.basis) == (True, "the same posts; their counts and the page around them differ")
    assert [(each.what, each.fields) for each in found.records] == [("other counts", (("likes", "none", "5"),))]
    assert telling(liked) == telling(POST) != telling(replace(POST, content="two"))


def test_fields_and_attachments_that_differ_are_named():
    """
    A picture exchanged under another address is an edit of the post.
    """
    one, other = (replace(POST, attachment=(Attachment(url=f"http://a.example/{name}.png"),)) for name in "ab")
    (changed,) = compare(side(b"1", [one]), side(b"2", [other])).records

    assert changed.what == "edited"
    assert changed.fields == (("attachment", "http://a.example/a.png", "http://a.example/b.png"),)


def test_a_profile_is_compared_by_its_words():
    """
    What somebody says of themselves can be edited like a post.
    """
    profile = Actor(id="account:x:jane", platform="x", native_id="7", handle="jane", summary="Baker", exhibit="E0001", pointer="")  # fmt: skip
    found = compare(side(b"1", [profile]), side(b"2", [replace(profile, summary="Sailor")]))

    assert not found.same
    assert [str(line) for line in found.records[0].text] == ["- Baker", "+ Sailor"]


def test_the_same_markup_in_other_bytes_is_the_same_words_links_and_pictures():
    """
    Without posts the page itself decides, and the basis says so.
    """
    one, other = (f'<p nonce="{nonce}">Boat</p><a href="/x">x</a>'.encode() for nonce in "12")
    found = compare(side(one), side(other))

    assert (found.same, found.basis) == (True, "the same words, links and pictures; the bytes around them differ")


def test_what_is_no_text_differs_in_its_bytes():
    """
    Of a file that nobody reads, equal bytes alone are the same.
    """
    found = compare(side(b"\x00", media_type="image/png"), side(b"\x01", media_type="image/png"))

    assert (found.same, found.basis, found.text) == (False, "other bytes", ())


def test_a_page_of_which_the_end_was_not_compared_is_not_called_the_same():
    """
    What differs behind the limit was not seen.
    """
    start = b"<p>" + b"word " * 50_000
    found = compare(side(start + b"one</p>"), side(start + b"two</p>"))

    assert (found.same, found.basis) == (False, "other bytes")
    assert found.notes == ("The page is long; its first part was compared.",)


def test_a_file_of_the_post_with_other_bytes_is_an_edit_and_one_of_the_frame_is_not():
    """
    Advertisements change with each visit; the picture that a post shows does not.
    """
    shown = replace(POST, attachment=(Attachment(url="http://a.example/a.png"),))
    own, frame = "http://a.example/a.png", "http://ads.example/b.gif"
    edited = compare(side(b"1", [shown], {own: "aa"}), side(b"1", [shown], {own: "bb"}))
    around = compare(side(b"1", [shown], {frame: "aa"}), side(b"1", [shown], {frame: "bb"}))

    assert (edited.same, edited.basis) == (False, "a file of the post has other bytes")
    assert (around.same, around.basis) == (True, "the same posts; the page around them differs")
    assert [(each.what, each.url) for each in (*edited.media, *around.media)] == [
        ("other bytes", own), ("other bytes", frame),
    ]  # fmt: skip


def test_a_file_that_one_visit_alone_preserved_is_told_and_equal_bytes_of_the_page_do_not_hide_it():
    """
    A picture that is not there any more changes nothing in the document around it.
    """
    own, frame = "http://a.example/a.png", "http://ads.example/b.gif"
    shown = replace(POST, attachment=(Attachment(url=own),))
    absent = compare(side(b"1", [shown], {own: "aa"}), side(b"1", [shown]))
    new = compare(side(b"1", [shown]), side(b"1", [shown], {own: "aa"}))
    around = compare(side(b"1", [shown], {frame: "aa"}), side(b"1", [shown]))

    assert (absent.same, absent.basis) == (False, "a file of the post is not in the new capture")
    assert (new.same, new.basis) == (False, "a file of the post is new")
    assert (around.same, around.basis) == (True, "the same posts; the page around them differs")
    assert [[tuple(each) for each in found.media] for found in (absent, new, around)] == [
        [("not in the new capture", own, "", "")], [("new", own, "", "")], [("not in the new capture", frame, "", "")],
    ]  # fmt: skip


def test_a_picture_that_a_post_exchanged_is_told_once_in_the_basis():
    """
    The post is edited; that its old file is not there and its new one is, is the same edit.
    """
    old, new = (f"http://a.example/{name}.png" for name in "ab")
    one, other = (replace(POST, attachment=(Attachment(url=url),)) for url in (old, new))
    found = compare(side(b"1", [one], {old: "aa"}), side(b"2", [other], {new: "bb"}))

    assert (found.same, found.basis) == (False, "posts: 1 edited")
    assert {each.what for each in found.media} == {"new", "not in the new capture"}


def test_a_picture_that_left_the_page_is_listed_once():
    """
    Its address is missing in the page, and its bytes among the files: that is one thing.
    """
    url = "http://a.example/a.png"
    found = compare(side(b'<p>x</p><img src="/a.png">', files={url: "aa"}), side(b"<p>x</p>"))

    assert [(each.what, each.url) for each in found.media] == [("not in the new capture", url)]


def test_a_file_that_cannot_be_compared_is_neither_new_nor_missing_and_the_basis_says_so():
    """
    What was refused, or purged on order, says nothing of the picture.
    """
    url = "http://a.example/a.png"
    shown = replace(POST, attachment=(Attachment(url=url),))
    for page, same in ((b"1", "the same bytes"), (b"2", "the same posts; the page around them differs")):
        for before, after in (("aa", None), (None, "aa"), (None, None)):
            found = compare(side(b"1", [shown], {url: before}), side(page, [shown], {url: after}))

            assert (found.same, found.basis) == (True, f"{same}; not all of its files could be compared")
            assert (found.media, len(found.notes)) == ((), 1)


def test_listed_links_are_bounded():
    """
    A page of thousands of links lists some, and says so.
    """
    page = "".join(f'<a href="/{number}">x</a>' for number in range(2_000)).encode()
    found = compare(side(b"<p>x</p>"), side(page))

    assert len(found.links) == comparison._MOST_LISTED
    assert any("listed at most" in note for note in found.notes)


def test_places_are_the_same_but_for_scheme_www_and_last_slash():
    """
    A redirect to ``https`` leads to the same page.
    """
    assert same_place("http://www.a.example/x", "https://a.example/x/")
    assert not same_place("http://a.example/x", "http://a.example/")
