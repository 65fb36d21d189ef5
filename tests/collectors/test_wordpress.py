"""WordPress: how its interface is found, how lists are counted, and what a refusal means."""

from __future__ import annotations

import re

import pytest
from recorded import Changed, Memory, ask, expected, with_text
from test_collectors import captured

from osint.activity import Actor, ParseWarning, Post
from osint.collectors import wordpress
from osint.collectors.protocol import Stop
from osint.errors import RateLimitedError, SourceClosedError, SourceError, SourceGoneError, UnreadableCaptureError
from osint.query import AccountQuery, ThreadQuery, UrlQuery

URLS = {name: stated["url"] for name, stated in expected("wordpress").items()}
SITE = UrlQuery(url="https://blog.example/")
THREAD = ThreadQuery(thread=URLS["page_of_post"])


def memory(**answers):
    """A site in memory: what is asked for by the address of the first answer is answered by the second."""
    return Memory("wordpress", {URLS[asked]: answer for asked, answer in answers.items()})


def records(kind, *captures):
    return [record for capture in captures for record in wordpress.parse(capture) if isinstance(record, kind)]


def test_a_site_is_its_posts_its_pages_and_its_comments():
    """All that WordPress counts came, so the run is complete."""
    get = memory(home="home", posts="posts", pages="pages", comments="comments")

    captures, stop = ask(wordpress, SITE, get)

    assert stop is Stop.EXHAUSTED
    assert len(records(Post, *captures)) == 27 + 0 + 2


def test_plain_addresses_are_asked_for_with_their_route():
    """And never by the Link that WordPress sends for the next page."""
    get = memory(home_plain="home_plain", plain_posts="plain_posts", plain_pages="plain_pages",
                 plain_comments="plain_comments")  # fmt: skip

    captures, stop = ask(wordpress, UrlQuery(url="https://plain.example/"), get)

    assert stop is Stop.EXHAUSTED
    assert {post.native_id.partition("/")[0] for post in records(Post, *captures)} == {"plain.example"}


@pytest.mark.parametrize(
    "address", ["https://blog.example/wp-json/", "https://blog.example/wp-json/wp/v2/posts?page=2"]
)
def test_an_address_of_the_interface_stands_for_the_site(address):
    """Nothing has to be looked for."""
    get = memory(posts="posts", pages="pages", comments="comments")

    assert ask(wordpress, UrlQuery(url=address), get)[1] is Stop.EXHAUSTED


def test_lists_are_read_page_by_page_to_the_last_that_is_counted(monkeypatch):
    """Ten at a time, three pages; no fourth is asked for."""
    monkeypatch.setattr(wordpress, "_PAGE", 10)
    get = memory(home="home", posts_1="posts_1", posts_2="posts_2", posts_3="posts_3", pages_none="pages_none",
                 comments_10="comments_10")  # fmt: skip

    captures, stop = ask(wordpress, SITE, get)

    assert stop is Stop.EXHAUSTED
    assert len({post.id for post in records(Post, *captures)}) == 29


def test_a_page_past_the_end_is_the_end_where_nothing_was_counted(monkeypatch):
    """WordPress answers 400 with a word of its own."""
    monkeypatch.setattr(wordpress, "_PAGE", 100)
    second = URLS["posts"].replace("&page=1", "&page=2")
    get = memory(posts="no_totals", pages="pages", comments="comments")
    get.answers[second] = "past_the_end"

    assert ask(wordpress, UrlQuery(url=URLS["posts"]), get)[1] is Stop.EXHAUSTED


def test_an_empty_page_is_the_end_where_nothing_was_counted():
    """As lists of comments end."""
    get = memory(posts="no_totals", no_totals_2="no_totals_2", pages="pages", comments="comments")

    assert ask(wordpress, UrlQuery(url=URLS["posts"]), get)[1] is Stop.EXHAUSTED


def test_fewer_posts_than_are_counted_is_never_complete():
    """WordPress counts three and lists one."""
    get = memory(posts="total_lies", pages="pages", comments="comments")

    assert ask(wordpress, UrlQuery(url=URLS["posts"]), get)[1] is Stop.PLATFORM_CAP


def test_a_page_that_repeats_is_no_end():
    """The count says that there are two more."""
    get = memory(same_again="same_again", same_again_2="same_again_2", pages="pages", comments="comments")

    assert ask(wordpress, UrlQuery(url=URLS["posts"]), get)[1] is Stop.ERROR


def test_the_period_ends_a_list(monkeypatch):
    """When all of a page is older; the second page is wholly before March."""
    monkeypatch.setattr(wordpress, "_PAGE", 10)
    get = memory(posts_1="posts_1", posts_2="posts_2", pages_none="pages_none", comments_10="comments_10")
    query = UrlQuery(url=URLS["posts"], since="2026-03-01")

    assert ask(wordpress, query, get)[1] is Stop.UNTIL_DATE
    assert URLS["posts_3"] not in get.asked


def test_a_post_is_found_through_its_page():
    """The page names the post in the interface; its comments follow, oldest first."""
    get = memory(page_of_post="page_of_post", post="post", comments_of_post="comments_of_post")

    captures, stop = ask(wordpress, THREAD, get)
    post, first, second = records(Post, *captures)

    assert stop is Stop.EXHAUSTED
    assert (first.in_reply_to, second.in_reply_to) == (post.id, first.id)
    assert {first.thread_root, second.thread_root} == {post.id}


def test_a_post_whose_page_names_no_number_is_found_by_its_slug():
    """As in versions before 5.5."""
    get = memory(page_of_post="home", by_slug="by_slug", comments_of_post="comments_of_post")

    assert ask(wordpress, THREAD, get)[1] is Stop.EXHAUSTED


def test_a_post_that_is_not_listed_is_gone():
    """Its page may still stand in a cache."""
    get = Memory("wordpress", {"https://blog.example/gone/here/": "home", URLS["by_slug_none"]: "by_slug_none"})

    with pytest.raises(SourceGoneError, match="lists no post"):
        ask(wordpress, ThreadQuery(thread="https://blog.example/gone/here/"), get)


def test_comments_of_a_locked_post_are_withheld():
    """That is no interface that is switched off."""
    get = memory(page_of_post="page_of_post", post="post", comments_of_post="comments_of_locked")

    with pytest.raises(SourceClosedError, match="password"):
        ask(wordpress, THREAD, get)


def test_an_author_is_found_by_the_name_in_the_address():
    """Then only that author's posts are asked for."""
    get = memory(user="user", posts_of_author="posts_of_author")
    get.answers["https://blog.example/"] = "home"

    captures, stop = ask(wordpress, AccountQuery(account="@imke@blog.example"), get)

    assert stop is Stop.EXHAUSTED
    assert {post.author_handle for post in records(Post, *captures)} == {"imke"}


def test_an_author_who_is_not_listed_is_gone():
    """Those without published posts are not listed."""
    get = memory(user_none="user_none")
    get.answers["https://blog.example/"] = "home"

    with pytest.raises(SourceGoneError, match="Check the spelling"):
        ask(wordpress, AccountQuery(account="@nobody@blog.example"), get)


def test_a_site_at_wordpress_com_is_asked_at_the_host_that_answers_for_it():
    """Its posts are the site's, not that host's."""
    api = "https://public-api.wordpress.com/wp/v2/sites/harbour.wordpress.com"
    get = memory(hosted="hosted")
    get.answers |= {URLS["hosted"].replace("/posts", f"/{name}"): "pages" for name in ("pages", "comments")}

    captures, stop = ask(wordpress, UrlQuery(url="https://harbour.wordpress.com/"), get)

    assert stop is Stop.EXHAUSTED
    assert all(url.startswith(api) for url in get.asked)
    assert records(Post, *captures)[0].id == "wordpress:harbour.wordpress.com/23"


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("signed_in_only", SourceClosedError, "`feed`"),
        ("forbidden", SourceClosedError, "`feed`"),
        ("no_route", SourceError, "`feed`"),
        ("html_404", SourceError, "`feed`"),
        ("too_many", RateLimitedError, "come back later"),
        ("html_instead", UnreadableCaptureError, "not JSON"),
        ("null", UnreadableCaptureError, "neither a list"),
    ],
)
def test_each_refusal_has_its_words(answer, error, words):
    """A site whose interface is off still has a feed."""
    with pytest.raises(error, match=words):
        ask(wordpress, UrlQuery(url=URLS["posts"]), memory(posts=answer))


def test_a_page_that_names_no_interface_leads_to_the_feed():
    """It may be no WordPress."""
    get = Memory("wordpress", {"https://blog.example/": "html_instead"})

    with pytest.raises(SourceError, match="`feed`"):
        ask(wordpress, SITE, get)


def test_an_interface_on_another_host_is_not_asked():
    """A page may name any host; that one is under no authority."""
    get = Memory("wordpress", {"https://blog.example/": "home_elsewhere"})

    with pytest.raises(SourceError, match="names no interface"):
        ask(wordpress, SITE, get)

    assert get.asked == ["https://blog.example/"]


def test_a_page_that_is_gone_is_gone():
    """WordPress's own 404 names the interface all the same."""
    with pytest.raises(SourceGoneError):
        ask(wordpress, ThreadQuery(thread=URLS["nothing"]), memory(nothing="nothing"))


def test_a_post_that_was_not_edited_has_no_second_instant():
    """WordPress gives both dates for every post."""
    latest, *_ = records(Post, captured("wordpress", "posts"))

    assert latest.updated is None
    assert captured("wordpress", "posts").body.count(b'"modified_gmt"') == 27


def test_a_locked_text_is_hidden_and_not_empty():
    """Title, author and date are public."""
    posts = records(Post, captured("wordpress", "posts"))
    (locked,) = [post for post in posts if post.absent]

    assert (locked.content, locked.absent["content"], locked.visibility) == (None, "hidden", "password")
    assert locked.extra["title"] == "Minutes of the second meeting"


def test_awkward_posts_are_kept_with_what_they_lack():
    """No title, a hidden author, a local time, no date, a page below another; a picture elsewhere is not fetched."""
    untitled, locked, hidden, local, undated, page = records(Post, captured("wordpress", "awkward"))

    assert "title" not in untitled.extra
    assert untitled.updated > untitled.published
    assert "https://elsewhere.example/pixel.gif" not in [each.url for each in untitled.attachment]
    assert "https://blog.example/own.png" in [each.url for each in untitled.attachment]
    assert locked.absent["content"] == "hidden"
    assert (hidden.attributed_to, hidden.absent["attributed_to"], hidden.extra["author"]) == (None, "hidden", 1)
    assert (local.published, local.published_raw) == (None, "2026-03-01T11:00:00")
    assert (undated.published_raw, undated.published_basis) == (None, "none")
    assert (page.type, page.in_reply_to) == ("Page", "wordpress:blog.example/90")


def test_a_visitor_has_a_name_and_no_account():
    """Anyone can give any name; the hash of the address behind it is kept, and a missing parent keeps its number."""
    member, visitor, nameless = records(Post, captured("wordpress", "comments_awkward"))

    assert member.attributed_to == "account:wordpress:imke@blog.example"
    assert (visitor.attributed_to, visitor.absent["attributed_to"]) == (None, "missing")
    assert visitor.extra["gravatar"] == "0123456789abcdef0123456789abcdef"
    assert visitor.in_reply_to == "wordpress:blog.example/comment/999"
    assert nameless.author_name is None


def test_the_zone_of_a_time_is_known_from_the_documentation_alone():
    """date_gmt is UTC and does not say so."""
    (post,) = records(Post, captured("wordpress", "post"))

    assert (post.published.isoformat(), post.published_zone_known) == ("2026-02-14T20:05:00+00:00", False)
    assert post.extra["date"] == "2026-02-14T21:05:00"
    assert [actor.handle for actor in records(Actor, captured("wordpress", "post"))] == ["imke@blog.example"]


@pytest.mark.parametrize("garbage", ["7", '"x"', "{}", "[null]", "[[7]]"])
def test_an_author_that_cannot_be_read_is_named(garbage):
    """The post stays, and a warning says that what came along with it does not."""
    whole = captured("wordpress", "post")
    author = re.search(rb'"author":(\[\{"id":.*?\}\]),"wp:', whole.body)[1].decode()
    post, warned = wordpress.parse(with_text(whole, author, garbage))

    assert (post.attributed_to, warned.what) == (None, "What comes along with it cannot be read: author.")


def test_an_author_whom_the_site_hides_is_no_fault():
    """WordPress puts its refusal in the author's place."""
    assert [
        r.pointer for r in records(ParseWarning, captured("wordpress", "awkward")) if "_embedded" in r.pointer
    ] == []


def test_a_count_that_only_the_first_page_gives_still_counts(monkeypatch):
    """The second is empty and counts nothing."""
    monkeypatch.setattr(wordpress, "_PAGE", 10)
    get = memory(posts_1="posts_1", pages_none="pages_none", comments_10="comments_10")
    get.answers[URLS["posts_2"]] = "no_totals_2"

    assert ask(wordpress, UrlQuery(url=URLS["posts"]), get)[1] is Stop.PLATFORM_CAP


def test_an_address_without_a_name_is_not_taken_for_the_latest_post():
    """WordPress lists all posts for an empty slug; the authority names one."""
    get = Memory("wordpress", {"https://blog.example/?p=23": "home"})

    with pytest.raises(SourceError, match="names no post"):
        ask(wordpress, ThreadQuery(thread="https://blog.example/?p=23"), get)


def test_a_post_of_another_name_is_not_the_one_that_was_asked_for():
    """Where the interface heeds no name it lists whatever is latest."""
    answers = {URLS["page_of_post"]: "home", URLS["by_slug"]: "by_slug"}
    get = Changed("wordpress", answers, ("by_slug", '"slug":"pier-at-dusk"', '"slug":"another"'))

    with pytest.raises(SourceGoneError, match="lists no post"):
        ask(wordpress, THREAD, get)


def test_the_posts_of_another_author_are_not_those_that_were_asked_for():
    """Where the interface heeds no name it lists whoever comes first."""
    answers = {"https://blog.example/": "home", URLS["user"]: "user"}
    get = Changed("wordpress", answers, ("user", '"slug":"imke"', '"slug":"tomas"'))

    with pytest.raises(SourceGoneError, match="lists no author"):
        ask(wordpress, AccountQuery(account="@imke@blog.example"), get)


def test_a_post_that_comes_without_its_text_is_not_an_empty_one():
    """An older interface or a saved excerpt gives the post without it."""
    (post,) = records(Post, with_text(captured("wordpress", "post"), '"content":{"rendered":', '"content":{"other":'))

    assert (post.content, post.absent["content"]) == (None, "missing")
