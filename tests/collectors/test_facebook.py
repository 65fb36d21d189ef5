"""Facebook: exports in all spellings, legal returns of four shapes, cards of pages, and the agency's own page."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from lxml import etree
from recorded import FIXTURES, Memory, ask, expected, make_capture, read_answer

from osint.activity import Actor, ParseWarning, Post
from osint.collectors import claimant, facebook, instagram, meta_graph
from osint.collectors.protocol import Stop
from osint.collectors.text import parse_html
from osint.errors import (
    QueryError,
    RateLimitedError,
    SourceBlockedError,
    SourceClosedError,
    SourceError,
    UnreadableCaptureError,
)
from osint.posts.id_time import time_in_id
from osint.query import AccountQuery, UrlQuery

JANE, PROFILE = AccountQuery(account="@jane.example@facebook.com"), "https://www.facebook.com/jane.example"
FEED = UrlQuery(url="https://graph.facebook.com/v23.0/1000/feed")
RETURNS = ("return", "return_of_2020", "return_of_2026", "return_by_style")


def captured(name):
    stated = expected("facebook")[name]
    more = {"part": stated["part"], "made": "imported"} if "part" in stated else {}
    return read_answer(FIXTURES / "facebook" / f"{name}.http", stated["url"], **more)


def records(name, kind=Post):
    return [record for record in facebook.parse(captured(name)) if isinstance(record, kind)]


def exported(value, url=PROFILE):
    return facebook.parse(make_capture(json.dumps(value).encode(), url, media_type="application/json"))


def feed(after=""):
    more = {"fields": meta_graph.FIELDS, "limit": 100} | ({"after": after} if after else {})
    return f"{FEED.url}?{urlencode(more)}"


def comments(after):
    more = {"fields": meta_graph.COMMENT, "filter": "stream", "limit": 100, "after": after}
    return f"https://graph.facebook.com/v23.0/1000_1/comments?{urlencode(more)}"


# Exports


def test_text_is_put_right_and_what_was_not_spelt_like_that_stays():
    """Each byte is a letter in Meta's exports; a text that is none of these is kept, and the warning counts it."""
    first, second, third = records("posts_spelt_two_ways")

    assert (first.content, second.content, third.content) == ("Café", "already café", "日本 as it is")
    assert [warning.what[-3:] for warning in records("posts_spelt_two_ways", ParseWarning)] == [" 2."]


def test_every_entry_of_an_export_is_a_row_or_a_warning():
    """Nine entries: eight posts, one that is none; one of the eight has no date."""
    posts = records("posts")
    warnings = records("posts", ParseWarning)

    assert (len(posts), [warning.pointer for warning in warnings]) == (8, ["/5", "/8"])


def test_the_same_words_in_the_same_second_are_two_posts():
    """Nothing tells them apart but that they are there twice; the first has the same id in a later export."""
    first, again = records("posts")[2:4]
    (other,) = exported([{"timestamp": 1777629720, "data": [{"post": "again"}]}])

    assert again.native_id == f"{first.native_id}-2"
    assert other.id == first.id


def test_the_same_words_of_two_accounts_are_two_posts():
    """Even in the same second, as programs post them."""
    entry = [{"timestamp": 1777629720, "data": [{"post": "again"}]}]
    jane, dawn = exported(entry)[0], exported(entry, "https://www.facebook.com/dawn.example")[0]

    assert jane.id != dawn.id


def test_a_time_in_another_unit_stays_as_it_was_written():
    """It is no "no date", and another time of the entry that is an instant counts before it."""
    (post, warning) = exported([{"timestamp": 1777629600000, "data": [{"post": "a"}]}])
    (video,) = exported({"videos_v2": [{"uri": "a.mp4", "timestamp": -1, "creation_timestamp": 1777629600}]})

    assert (post.published, post.published_raw) == (None, "1777629600000")
    assert "1777629600000" in warning.what
    assert video.published.year == 2026


def test_a_label_that_comes_again_keeps_what_it_says_each_time():
    """Two links of one post are two links."""
    told = [{"label": "URL", "value": f"https://a.example/{number}"} for number in (1, 2)]
    (post, *_) = exported([{"timestamp": 1777629600, "label_values": told}])

    assert post.links == ("https://a.example/1", "https://a.example/2")
    assert post.extra["labels"] == {"URL": "https://a.example/1", "URL (2)": "https://a.example/2"}


def test_a_list_of_labels_is_claimed_where_it_holds_posts_of_this_service():
    """Advertisements and searches have the same shape, and Instagram's export has it too."""
    told = [{"timestamp": 1777629600, "label_values": [{"label": "Advertiser", "value": "Acme"}]}]
    body = json.dumps(told).encode()

    def claims(member, url=PROFILE):
        capture = make_capture(body, url, media_type="application/json", part=f"member {member}" if member else "")
        return [each.claims(capture) for each in (facebook, instagram)]

    assert claims("your_facebook_activity/posts/your_posts.json") == [True, False]
    assert claims("your_instagram_activity/stories/stories.json") == [False, True]
    assert claims("your_facebook_activity/stories/stories.json") == [True, False]
    assert claims("ads_information/advertisers.json") == [False, False]
    assert claims("") == [False, False]


def test_text_that_stands_among_the_attachments_is_the_text_of_a_post_without_another():
    """The date to which its owner moved a post stands beside it."""
    entry = {
        "timestamp": 1777629600,
        "attachments": [{"data": [{"text": "here"}]}],
        "data": [{"backdated_timestamp": 9}],
    }
    (post,) = exported([entry])

    assert (post.content, post.extra["backdated_to"], post.published.year) == ("here", "9", 2026)


def test_a_list_that_is_not_known_is_named():
    """Meta renames its lists with each version."""
    entries = [{"timestamp": 1, "data": [{"comment": {"comment": "a"}}]}]
    *_, warning = exported({"comments_v2": entries, "comments_v3": entries})

    assert "comments_v3" in warning.what


def test_a_profile_of_another_account_than_the_declared_one_is_told():
    """The lists of posts beside it name nobody and were given to the declared one."""
    warning, actor = exported({"profile": {"username": "dawn.example"}})

    assert (actor.handle, actor.pointer) == ("dawn.example@facebook.com", "/profile")
    assert "belongs to 'dawn.example'" in warning.what


@pytest.mark.parametrize(
    "url", ["https://www.facebook.com/DawnExample", "https://www.facebook.com/profile.php?id=1000"]
)
def test_a_profile_under_another_spelling_of_its_name_is_not_called_another(url):
    """Facebook passes over dots and capitals, and an account with a name has a number, too."""
    (actor,) = exported({"profile_v2": {"username": "dawn.example"}}, url)

    assert actor.handle == "dawn.example@facebook.com"


def test_an_edit_is_an_edit_and_a_first_writing_is_none():
    """The export writes the time of the last change beside every post."""
    edited, written = records("posts")[:2]

    assert (edited.updated - edited.published).total_seconds() == 3600
    assert written.updated is None


def test_neither_the_address_of_an_upload_nor_a_secret_of_a_link_comes_into_the_tables():
    """Exports name the internet address of each upload; links may hold a token."""
    said = repr([facebook.parse(captured(name)) for name in ("posts", "videos", "album")])

    assert "192.0.2.7" not in said
    assert "s3cr3t" not in said


def test_a_conversation_is_not_read_and_the_warning_says_why():
    """Whether it may be read is a question of law."""
    (warning,) = facebook.parse(captured("messages"))

    assert "question of law" in warning.effect
    assert "secret words" not in repr(warning)


def test_a_conversation_or_page_of_an_html_export_is_never_read_as_a_web_page():
    """The general collector would make a post of it; the reader of exports asks for the JSON format instead."""
    page = make_capture(
        b"<html><body>secret words</body></html>", PROFILE, media_type="text/html", made="imported",
        part="member your_facebook_activity/messages/inbox/dawn_1/message_1.html",
    )  # fmt: skip

    assert (claimant(captured("posts_as_html")), claimant(page)) == ("facebook", "facebook")
    with pytest.raises(UnreadableCaptureError, match="JSON format"):
        facebook.parse(page)


def test_a_page_of_an_older_html_export_is_known_by_its_markup():
    """Its folders are not named after the service."""
    body = b'<html><body><div class="pam _3-95 _2pi0 _2lej uiBoxWhite noborder">secret words</div></body></html>'
    part = "member messages/inbox/dawn_1/message_1.html"

    page = make_capture(body, PROFILE, media_type="text/html", made="imported", part=part)

    assert claimant(page) == "facebook"


def test_an_export_is_known_by_its_shape_whatever_its_files_are_called():
    """Names of files are in the language of the account."""
    assert claimant(captured("posts_localised_name")) == "facebook"
    assert claimant(make_capture(b'{"likes_v2": [{"timestamp": 1}]}', PROFILE, part="member likes.json")) is None


def test_a_comment_says_that_it_does_not_name_what_it_answers():
    """The title does, in words of the account's language."""
    first, second = records("comments")

    assert (first.absent["in_reply_to"], first.author_name) == ("missing", "Jane Example")
    assert (second.extra["group"], second.links) == ("Harbour watch", ("https://media.example/a.gif",))


# Legal returns


@pytest.mark.parametrize("name", RETURNS)
def test_a_return_is_read_alike_in_all_four_spellings(name):
    """Tables, two kinds of classes, styles: the same posts with the same authors."""
    told = [(p.id, p.author_handle, p.published, p.content, p.in_reply_to) for p in records(name)]

    assert told == [(p.id, p.author_handle, p.published, p.content, p.in_reply_to) for p in records("return")]
    assert [p.author_handle[:15] for p in records(name)] == ["100012345678901"] * 2 + ["100012345678902"] + [
        "100012345678901"
    ] * 2 + ["100012345678902"]


@pytest.mark.parametrize("name", RETURNS)
def test_messages_and_addresses_of_a_return_are_named_and_not_read(name):
    """They are evidence in the exhibit, and no posts."""
    (warning,) = records(name, ParseWarning)

    assert warning.what == "Sections that are not read: ip_addresses, unified_messages."
    assert "evidence in the exhibit" in warning.effect
    assert not {"secret words", "192.0.2.7"} & set(repr(facebook.parse(captured(name))).split("'"))


@pytest.mark.parametrize("name", RETURNS)
def test_the_pointer_of_a_returned_post_leads_to_its_first_field(name):
    """It is an XPath of the page."""
    tree = parse_html(captured(name).text)

    for post in records(name):
        (element,) = tree.xpath(post.pointer)
        assert (
            etree.tostring(element, method="text", encoding="unicode")
            .strip()
            .startswith(("Posted", "To", "Date Created", "Image"))
        )


def test_a_break_of_a_printed_page_within_a_value_loses_nothing():
    """The time, the text and the record go on in a block without a label."""
    first, second, odd = records("return_with_page_breaks")

    assert (str(first.published), first.content) == ("2026-05-01 10:00:00+00:00", "It goes on\nover the page")
    assert (second.native_id, second.content, odd.published, odd.published_raw) == (
        "700000000000002", "next", None, "yesterday",
    )  # fmt: skip


def returned(
    *fields, section="status_updates", spelt='<div class="t o"><div class="t i">{}<div class="m">{}</div></div></div>'
):
    """The posts of a return with one section, of status updates unless said."""
    panes = {"request_parameters": (("Service", "Facebook"), ("Target", "100012345678901")), section: fields}
    body = "".join(
        f'<div id="property-{name}">{spelt.format("All", "".join(spelt.format(*each) for each in told))}</div>'
        for name, told in panes.items()
    )
    page = f"<html><body>{body}</body></html>".encode()
    capture = make_capture(page, PROFILE, media_type="text/html", made="imported", part="member records.html")
    return [record for record in facebook.parse(capture) if isinstance(record, Post)]


def test_a_record_that_lacks_its_first_field_is_not_merged_with_the_one_before():
    """A label that a record has already starts the next one, too."""
    first = (("Posted", "2026-05-01 10:00:00 UTC"), ("Status", "one"), ("Id", "700000000000001"))
    posts = returned(*first, ("Status", "two"), ("Id", "700000000000002"), *first[:2])

    assert [(post.native_id[:15], post.content) for post in posts][:2] == [
        ("700000000000001", "one"), ("700000000000002", "two"),
    ]  # fmt: skip
    assert (len(posts), posts[1].published) == (3, None)


def test_what_stands_on_a_timeline_without_an_author_is_not_given_to_its_owner():
    """Others write there, too; a status is the account's own."""
    fields = ("Id", "700000000000001"), ("Time", "2026-05-01 10:00:00 UTC"), ("Text", "I know where you live")
    (on_wall,), (status,) = returned(*fields, section="wallposts"), returned(*fields)

    assert (on_wall.attributed_to, on_wall.absent["attributed_to"]) == (None, "missing")
    assert status.author_handle == "100012345678901@facebook.com"


def test_the_number_of_another_service_is_no_account_of_this_one():
    """An account of Instagram has another number; its name is kept as it stands."""
    (post,) = returned(("Id", "700000000000001"), ("Author", "dawn (Instagram: 55)"), ("Text", "hello"))

    assert (post.attributed_to, post.author_handle, post.author_name) == (None, None, "dawn (Instagram: 55)")


def test_a_value_that_stands_beside_its_label_is_read_once():
    """Some returns have it inside the label's element, some behind it."""
    beside = '<div class="t o"><div class="t i">{}</div><div class="m">{}</div></div>'
    below = beside.format("User", "Dawn Example (Facebook: 100012345678902)") + beside.format("Text", "nice")
    post, comment = returned(
        ("Posted", "2026-05-01 10:00:00 UTC"), ("Status", "one"), ("Comments", below), spelt=beside
    )

    assert (post.author_handle, post.content) == ("100012345678901@facebook.com", "one")
    assert (comment.author_handle, comment.content, comment.in_reply_to) == (
        "100012345678902@facebook.com", "nice", post.id,
    )  # fmt: skip


def test_a_section_of_another_shape_is_a_warning():
    """Never an empty result."""
    assert [warning.what.split(" ")[:3] for warning in records("return_with_page_breaks", ParseWarning)][-1] == [
        "The", "section", "comments",
    ]  # fmt: skip


def test_a_return_that_breaks_off_says_so():
    """HTML that is cut reads like whole HTML."""
    assert "breaks off" in records("return_cut", ParseWarning)[0].what


def test_a_return_that_is_nested_without_end_is_refused():
    """Hostile depth costs neither the stack nor a silent gap."""
    deep = b'<div class="t o"><div class="t i">a<div class="m">' * 1500
    page = b'<div id="property-request_parameters">Service<b>Facebook</b></div><div id="property-comments">' + deep
    capture = make_capture(page, PROFILE, media_type="text/html", made="imported", part="member records.html")

    with pytest.raises(UnreadableCaptureError, match="nested too deep"):
        facebook.parse(capture)


def test_a_return_of_another_service_is_not_claimed():
    """WhatsApp's have the same shape."""
    whatsapp = captured("return").body.replace(b">Facebook<", b">WhatsApp<").replace(b"Facebook Bus", b"WhatsApp Bus")
    page = make_capture(whatsapp, PROFILE, media_type="text/html", made="imported", part="member records.html")

    assert not facebook.claims(page)
    assert not instagram.claims(page)


# Pages


def test_a_profile_is_one_page_whose_own_address_names_the_account():
    """A card is part of an account at most."""
    captures, stop = ask(facebook, JANE, Memory("facebook", {PROFILE: "page_profile"}))

    (actor,) = facebook.parse(captures[0])
    assert (stop, actor.handle, actor.name) == (Stop.PLATFORM_CAP, "jane.example@facebook.com", "Jane Example")


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ("page_not_available", SourceClosedError, "closed or gone"),
        ("page_not_found", SourceClosedError, "closed or gone"),
        ("page_nothing", SourceClosedError, "names nothing of"),
        ("page_limited", RateLimitedError, "429"),
        ("page_profile_of_another", SourceError, "that of dawn.example"),
        ("json_instead_of_page", SourceClosedError, "names nothing of"),
    ],
)
def test_a_page_without_the_account_is_never_an_empty_result(answer, error, said):
    """What was deleted and what only some may see look alike; neither is called gone."""
    with pytest.raises(error, match=said) as refused:
        ask(facebook, JANE, Memory("facebook", {PROFILE: answer}))
    assert "never existed" not in str(refused.value)


def test_a_sign_in_is_not_passed_and_names_the_file():
    """The redirect was followed to the page that asks for a password."""
    page = captured("page_sign_in")

    with pytest.raises(SourceClosedError, match=r"asks to sign in.*says nothing of whether.*import a file"):
        ask(facebook, JANE, lambda *_, **__: page)


def test_an_account_of_another_host_is_refused():
    """Nothing is asked."""
    with pytest.raises(QueryError, match=r"@name@facebook\.com"):
        ask(facebook, AccountQuery(account="@jane@facebook.com.example"), Memory("facebook", {}))


def test_a_page_of_a_post_takes_its_date_from_its_own_data():
    """The card has none; the platform's structured data have."""
    (post,) = records("page_post")

    assert (post.published_basis, str(post.published), post.likes, post.replies) == (
        "page", "2026-05-01 10:00:00+00:00", 5, 2,
    )  # fmt: skip
    assert (post.extra["coverage"], post.updated.hour) == ("partial", 11)


@pytest.mark.parametrize(
    ("postings", "content", "year"),
    [
        ([{"@type": "SocialMediaPosting", "url": f"{PROFILE}/posts/9", "articleBody": "other"}], "card", None),
        (
            [
                {"@type": "SocialMediaPosting", "url": f"{PROFILE}/posts/9", "articleBody": "other"},
                {"@type": ["SocialMediaPosting"], "url": f"{PROFILE}/posts/700000000000001/", "articleBody": "own",
                 "datePublished": "2020-01-01T00:00:00Z"},
            ],
            "own", 2020,
        ),
    ],
)  # fmt: skip
def test_data_of_another_post_on_a_page_are_not_those_of_its_own(postings, content, year):
    """A page may list more postings than the one that it is about."""
    own = f"{PROFILE}/posts/700000000000001"
    page = (
        f'<html><head><meta property="og:url" content="{own}"><meta property="og:description" content="card">'
        f'<script type="application/ld+json">{json.dumps(postings)}</script></head></html>'
    )
    (post,) = facebook.parse(make_capture(page.encode(), own, media_type="text/html"))

    assert (post.content, post.published and post.published.year) == (content, year)


def test_ids_say_nothing_of_the_time():
    """None of a Facebook id."""
    assert time_in_id("facebook", "700000000000001") is None


# The agency's own page


def test_the_feed_of_an_own_page_is_read_to_its_end_with_all_comments():
    """By cursors alone: the address of "next" holds the token, and is neither asked nor kept."""
    get = Memory("facebook", {feed(): "feed1", comments("C1"): "more_comments", feed("A1"): "feed2"})

    captures, stop = ask(facebook, FEED, get)

    assert (len(captures), stop, get.asked) == (3, Stop.EXHAUSTED, [feed(), comments("C1"), feed("A1")])
    assert not any("access_token" in parse_qs(urlsplit(url).query) for url in get.asked)
    assert "s3cr3t" not in repr([facebook.parse(capture) for capture in captures])


def test_comments_lead_to_their_post_and_to_the_comment_they_answer():
    """Both those beside the post and those asked for."""
    post, first, answer, nobody = records("feed1")[:4]
    (more,) = records("more_comments")

    assert (post.replies, post.announces, post.updated.hour) == (4, 4, 11)
    assert (first.in_reply_to, answer.in_reply_to, more.in_reply_to) == (post.id, first.id, post.id)
    assert {each.thread_root for each in (first, answer, nobody, more)} == {post.id}
    assert (nobody.attributed_to, nobody.absent["attributed_to"], answer.content) == (None, "hidden", "Grüße")


def test_a_cursor_that_repeats_ends_the_run_as_an_error():
    """Never in an endless loop, and never as complete."""
    get = Memory("facebook", {feed(): "feed_repeats", feed("A1"): "feed_repeats"})

    assert ask(facebook, FEED, get)[1] is Stop.ERROR


def answered(*values):
    """A ``get`` that gives these answers, one after the other."""
    waiting = iter(values)
    return lambda url, **_: make_capture(json.dumps(next(waiting)).encode(), url, media_type="application/json")


def listed(number, after="", **more):
    """A page of the feed with one post."""
    entry = {"id": f"1000_{number}", "created_time": "2026-05-01T10:00:00+0000", "from": {"id": "1000"}, **more}
    paging = {"cursors": {"after": after}, "next": "https://graph.facebook.com/x"} if after else {}
    return {"data": [entry] if number else [], "paging": paging}


def test_a_page_that_repeats_the_posts_before_it_ends_the_run_as_an_error():
    """Under cursors that are always new, which would never end."""
    assert ask(facebook, FEED, answered(listed(1, "A"), listed(1, "B"), listed(1, "C")))[1] is Stop.ERROR
    assert ask(facebook, FEED, answered(listed(1, "A"), listed(0, "B"), listed(2)))[1] is Stop.EXHAUSTED


def test_comments_whose_cursor_repeats_make_the_run_no_complete_one():
    """The feed itself went on to its end."""
    post = listed(1, comments={"data": [], "paging": listed(0, "A")["paging"]})

    captures, stop = ask(facebook, FEED, answered(post, listed(0, "B"), listed(0, "A")))

    assert (len(captures), stop) == (3, Stop.ERROR)


def test_comments_that_are_counted_and_not_shown_are_told():
    """Meta counts those of accounts that are gone, and hands out fewer."""
    said = [
        warning.what
        for comments in ({"data": [], "summary": {"total_count": 3}}, "?")
        for warning in exported(listed(1, comments=comments), FEED.url)
        if isinstance(warning, ParseWarning)
    ]

    assert ["3 comments" in said[0], said[1]] == [True, "This is no list of comments."]


def test_all_pictures_of_an_album_are_named():
    """Its first stands there twice."""
    one, two = ({"media": {"image": {"src": f"https://a.example/{number}.jpg"}}} for number in (1, 2))
    (post,) = exported(listed(1, attachments={"data": [{**one, "subattachments": {"data": [one, two]}}]}), FEED.url)

    assert [each.url for each in post.attachment] == ["https://a.example/1.jpg", "https://a.example/2.jpg"]


def test_a_year_that_reaches_the_number_that_meta_shows_is_not_complete(monkeypatch):
    """It shows some 600 posts of a year, and does not say when it leaves some out."""
    monkeypatch.setattr(meta_graph, "A_YEAR", 1)

    assert ask(facebook, FEED, Memory("facebook", {feed(): "feed2"}))[1] is Stop.PLATFORM_CAP
    assert ask(facebook, FEED, Memory("facebook", {feed(): "feed_empty"}))[1] is Stop.EXHAUSTED


def test_the_feed_ends_behind_the_period():
    """When every post of a page is older."""
    query = UrlQuery(url=FEED.url, since="2026-06-01")
    get = Memory("facebook", {feed(): "feed1", comments("C1"): "more_comments"})

    assert ask(facebook, query, get)[1] is Stop.UNTIL_DATE


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ("error_token", SourceClosedError, r"expired.*Page access token"),
        ("error_permission", SourceClosedError, "own pages only"),
        ("error_limit", RateLimitedError, "as much as it may"),
        ("error_page_limit", RateLimitedError, "as much as it may"),
        ("error_missing", SourceClosedError, "no sign that it was removed"),
        ("error_with_200", SourceBlockedError, "blocked the key"),
        ("error_other", SourceError, "500"),
        ("feed_as_html", UnreadableCaptureError, "not JSON"),
    ],
)
def test_each_refusal_of_the_interface_has_its_own_words(answer, error, said):
    """Whatever status it comes with."""
    with pytest.raises(error, match=said):
        ask(facebook, FEED, Memory("facebook", {feed(): answer}))


def test_what_the_key_has_used_up_is_a_warning_before_meta_refuses():
    """In percent of what it may ask in an hour."""
    assert "97 %" in records("feed2", ParseWarning)[0].what
    assert [warning.what for warning in records("feed1", ParseWarning)] == ["This is no post."]


def test_an_address_of_the_interface_that_is_no_feed_is_refused():
    """Nothing else of it is asked for."""
    with pytest.raises(QueryError, match="is no feed"):
        ask(facebook, UrlQuery(url="https://graph.facebook.com/v23.0/me"), Memory("facebook", {}))


def test_an_account_is_named_by_its_profile():
    """With the day it was made."""
    (actor,) = records("profile", Actor)

    assert (actor.handle, actor.name, actor.published.year) == ("jane.example@facebook.com", "Jané Example", 2010)
