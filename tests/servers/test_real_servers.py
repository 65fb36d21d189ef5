"""The real servers answer truthfully: what they show is what was put in. No code of the package takes part."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from urllib.parse import quote, urlencode, urlsplit

import feedparser
import pytest
from bs4 import BeautifulSoup
from loopback import Answer, ask
from mediawiki_server import RealMediaWiki
from PIL import Image
from wordpress_server import RealWordPress

pytestmark = pytest.mark.servers

REPEATED_HOUR = "Inside the first of the two hours"


@pytest.fixture(params=["wordpress", "wordpress_plain"])
def blog(request: pytest.FixtureRequest) -> RealWordPress:
    """Each form of WordPress's addresses in turn."""
    server = request.getfixturevalue(request.param)
    assert isinstance(server, RealWordPress)
    return server


def entries(answer: Answer) -> list[feedparser.FeedParserDict]:
    """Return the entries of a feed that answered well."""
    assert answer.status == 200
    read = feedparser.parse(answer.body)
    assert not read.bozo
    return list(read.entries)


def all_entries(blog: RealWordPress) -> list[feedparser.FeedParserDict]:
    """Return the entries of the three pages of the blog's feed."""
    return [entry for page in (1, 2, 3) for entry in entries(ask(blog.older_feed(page)))]


def page(answer: Answer) -> BeautifulSoup:
    """Return a web page that answered well."""
    assert answer.status == 200
    return BeautifulSoup(answer.body, "lxml")


def post_titled(blog: RealWordPress, title: str) -> str:
    """Return the address of a post."""
    return next(post.url for post in blog.posts if post.title == title)


def api(wiki: RealMediaWiki, **asked: str) -> dict[str, object]:
    """Return the answer of the Action API to a query."""
    answer = ask(f"{wiki.api}?{urlencode({'action': 'query', 'format': 'json', 'formatversion': '2', **asked})}")
    assert answer.status == 200
    read = json.loads(answer.body)
    assert isinstance(read, dict)
    return read


def test_the_pages_of_the_feed_hold_every_public_post_newest_first(blog):
    """The first page has ten entries, and three pages have all of them in order."""
    assert len(entries(ask(blog.feed))) == 10
    assert tuple(entry.title for entry in all_entries(blog)) == blog.expected_titles
    assert blog.expected_count == 27


def test_feed_without_a_page_number_is_the_first_page(blog):
    """The address that a page names as its feed and page 1 of it are the same entries."""
    assert [entry.id for entry in entries(ask(blog.feed))] == [entry.id for entry in entries(ask(blog.older_feed(1)))]


def test_feed_gives_each_post_its_address_guid_author_and_instant(blog):
    """Nothing that was typed changes on its way into the feed."""
    shown = [
        (entry.link, entry.id, entry.author, parsedate_to_datetime(entry.published)) for entry in all_entries(blog)
    ]
    assert shown == [(post.url, post.guid, post.author, post.published) for post in blog.posts]


def test_feed_page_past_the_end_is_a_404_that_is_a_feed_without_entries(blog):
    """The end of a WordPress feed is said by the status; the body is a valid feed all the same."""
    answer = ask(blog.older_feed(4))
    assert answer.status == 404
    assert feedparser.parse(answer.body).feed.title.startswith("Page not found")
    assert feedparser.parse(answer.body).entries == []


def test_self_link_of_the_feed_loses_the_port(blog):
    """Whoever follows rel=self of a WordPress on an odd port leaves the server."""
    links = feedparser.parse(ask(blog.feed).body).feed.links
    assert [urlsplit(link.href).netloc for link in links if link.rel == "self"] == ["127.0.0.1"]


def test_feed_names_no_next_page(blog):
    """Neither the document nor the headers lead to older posts; the page number has to be known."""
    answer = ask(blog.feed)
    assert all(link.rel != "next" for link in feedparser.parse(answer.body).feed.links)
    assert 'rel="next"' not in " ".join(answer.headers.get_all("Link", []))


def test_pages_of_the_feed_share_one_etag(blog):
    """The validator belongs to the blog, not to the page: a cache must keep it by address."""
    assert ask(blog.older_feed(1)).headers["ETag"] == ask(blog.older_feed(2)).headers["ETag"]


def test_unchanged_feed_answers_304(blog):
    """A second look with the validators of the first brings no body."""
    first = ask(blog.feed)
    second = ask(blog.feed, if_none_match=first.headers["ETag"], if_modified_since=first.headers["Last-Modified"])
    assert (second.status, second.body) == (304, b"")


def test_unpublished_posts_stay_hidden(blog):
    """Draft, private and scheduled posts are in no page of the feed and not in the interface for programs."""
    seen = " ".join(ask(blog.older_feed(number)).text for number in (1, 2, 3))
    seen += ask(f"{blog.base_url}/?rest_route=/wp/v2/posts&per_page=100").text
    assert [title for title in blog.hidden_titles if title in seen] == []
    assert len(blog.hidden_titles) == 3


def test_protected_post_shows_its_title_and_not_its_text(blog):
    """A visitor without the password learns that the post exists, when and by whom."""
    title = "Protected: Minutes of the second meeting"
    entry = next(entry for entry in all_entries(blog) if entry.title == title)
    locked = page(ask(post_titled(blog, title)))
    assert "for those who were there" not in entry.summary + locked.get_text()
    assert locked.find("input", attrs={"type": "password"}) is not None


def test_comment_that_waits_for_approval_stays_hidden(blog):
    """The feed of comments has the two approved ones, newest first, with the hour of their writing."""
    shown = [(entry.author, parsedate_to_datetime(entry.published)) for entry in entries(ask(blog.comments_feed))]
    assert shown == [
        ("Imke Voorbeeld", datetime(2026, 2, 15, 8, 30, tzinfo=UTC)),
        ("Ferry Watcher", datetime(2026, 2, 15, 8, 0, tzinfo=UTC)),
    ]


def test_every_post_page_shows_title_text_and_instant(blog):
    """Each post has a page whose title and text are those typed and whose time names its zone."""
    for post in blog.posts:
        html = page(ask(post.url))
        time = html.find("time")
        assert html.title is not None
        # In the head, WordPress says nothing of "Protected", and leaves a hyphen a hyphen where the title has a "<".
        named = html.title.get_text().replace(" - ", " \u2013 ")
        assert named == f"{post.title.removeprefix('Protected: ')} \u2013 Tidewater Notes"
        assert post.seed.password or post.seed.words in html.get_text().replace("\u2019", "'")
        assert time is not None
        late = timedelta(hours=post.title == REPEATED_HOUR)
        assert datetime.fromisoformat(str(time["datetime"])) == post.published + late


def test_web_page_of_a_post_in_the_repeated_hour_is_an_hour_late(blog):
    """WordPress works the zone out from the time on the wall, so in autumn page and feed differ; the feed is right."""
    post = next(post for post in blog.posts if post.title == REPEATED_HOUR)
    time = page(ask(post.url)).find("time")
    entry = next(entry for entry in all_entries(blog) if entry.title == REPEATED_HOUR)
    assert time is not None
    assert time["datetime"] == "2025-10-26T02:30:00+01:00"
    assert parsedate_to_datetime(entry.published) == post.published == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)


def test_post_page_names_its_canonical_address_and_its_feeds(wordpress):
    """The feed can be found from a page; the feed of the post's comments is offered beside it."""
    html = page(ask(wordpress.posts[0].url))
    canonical = html.find("link", rel="canonical")
    feeds = [link["href"] for link in html.find_all("link", rel="alternate", type="application/rss+xml")]
    assert canonical is not None
    assert canonical["href"] == wordpress.posts[0].url
    assert feeds == [wordpress.feed, wordpress.comments_feed, f"{wordpress.posts[0].url}feed/"]


def test_wordpress_itself_writes_no_opengraph(blog):
    """OpenGraph comes from plugins only, so a page may have none."""
    assert page(ask(blog.posts[0].url)).find("meta", property=re.compile("^og:")) is None


def test_script_in_a_post_reaches_the_reader_untouched(blog):
    """An editor's script stands in the page as typed: what is captured is hostile."""
    assert '<script>document.title="changed by the post"</script>' in ask(post_titled(blog, "Seen on the quay")).text


def test_short_address_leads_to_the_pretty_one(wordpress):
    """The guid of a post is an address that redirects, once, to the one that its page calls canonical."""
    answer = ask(wordpress.posts[0].guid)
    assert (answer.status, answer.headers["Location"]) == (301, wordpress.posts[0].url)


def test_uploaded_images_come_back_byte_for_byte(blog):
    """What a photograph's address serves is the uploaded file."""
    served = {url: hashlib.sha256(ask(url).body).hexdigest() for url in blog.image_urls}
    assert served == blog.image_sha256
    assert len(served) == 2


def test_image_of_the_page_is_a_smaller_copy_without_exif(blog):
    """The picture that a reader sees has lost its EXIF; the uploaded file beside it still has the position."""
    figure = page(ask(post_titled(blog, "Pier at dusk"))).find("figure", class_="wp-block-image")
    assert figure is not None
    shown = figure.find("img")
    assert shown is not None
    assert str(shown["src"]) == blog.image_urls[0].replace(".jpg", "-1024x768.jpg")
    assert not Image.open(BytesIO(ask(str(shown["src"])).body)).getexif()
    assert Image.open(BytesIO(ask(blog.image_urls[0]).body)).getexif().get_ifd(0x8825)[2] == (54.0, 30.0, 0.0)


def test_interface_for_programs_counts_the_public_posts(blog):
    """WordPress's own count is ours, and the page past the end is refused with 400."""
    route = f"{blog.base_url}/?rest_route=/wp/v2/posts&per_page=10"
    assert (ask(route).headers["X-WP-Total"], ask(route).headers["X-WP-TotalPages"]) == ("27", "3")
    assert ask(f"{route}&page=4").status == 400


def test_address_of_nothing_is_a_404(blog):
    """A post that does not exist is not found."""
    assert (ask(f"{blog.base_url}/?p=99999").status, ask(f"{blog.base_url}/nothing/here/").status) == (404, 404)


def test_robots_txt_is_made_by_wordpress(wordpress):
    """There is no such file; WordPress answers with its rules."""
    assert "Disallow: /wp-admin/" in ask(f"{wordpress.base_url}/robots.txt").text


def test_recent_changes_feed_shows_the_public_changes(mediawiki):
    """Every entry with a diff is a seeded revision with its writer and instant, newest first."""
    read = entries(ask(mediawiki.recent_changes_feed))
    seeded = {item.native_id: item for revisions in mediawiki.pages.values() for item in revisions}
    shown = [(re.search(r"diff=(\d+)", entry.id), entry) for entry in read]
    known = [(seeded[number[1]], entry) for number, entry in shown if number and number[1] in seeded]
    assert [(item.user, item.made) for item, _ in known] == [
        (entry.author, datetime.fromisoformat(entry.updated)) for _, entry in known
    ]
    assert [item.made for item, _ in known] == sorted((item.made for item, _ in known), reverse=True)
    assert len(known) == 22


def test_recent_changes_feed_leaves_out_what_is_withheld(mediawiki):
    """Revisions without public name or text are absent without a word; only the log entries of the act are there."""
    read = entries(ask(mediawiki.recent_changes_feed))
    of_table = [entry for entry in read if entry.title == "Tide table"]
    assert [(entry.author, "changed visibility" in entry.summary) for entry in of_table] == [
        ("Harbour Keeper", True)
    ] * 2


def test_recent_changes_feed_puts_neighbouring_edits_together(mediawiki):
    """Two edits of one writer to one page are one entry; its diff spans both, and the older comment is lost."""
    first, second, third = mediawiki.pages["Log"]
    ids = [entry.id for entry in entries(ask(mediawiki.recent_changes_feed))]
    assert any(f"diff={third.native_id}&oldid={first.native_id}" in entry for entry in ids)
    assert not any(f"diff={second.native_id}&" in entry for entry in ids)


def test_recent_changes_page_redirects_to_its_feed(mediawiki):
    """The address that every page names as the wiki's feed is one hop away from the feed."""
    answer = ask(f"{mediawiki.base_url}/index.php?title=Special:RecentChanges&feed=atom")
    assert answer.status == 302
    assert answer.headers["Location"].startswith(f"{mediawiki.api}?")
    assert "action=feedrecentchanges&feedformat=atom" in answer.headers["Location"]


def test_recent_changes_feed_without_days_is_seven_days_long(mediawiki):
    """The seeded changes are older than a week, so only the installation itself is left."""
    read = entries(ask(f"{mediawiki.api}?action=feedrecentchanges&feedformat=atom"))
    assert [entry.title for entry in read] == ["Main Page"]


def test_every_wiki_page_shows_title_and_opengraph(mediawiki):
    """Each page has its own title, in the head and in OpenGraph."""
    for title in mediawiki.pages:
        html = page(ask(mediawiki.page_url(title)))
        named = html.find("meta", property="og:title")
        assert html.title is not None
        assert html.title.get_text() == f"{title} - Tidewater Wiki"
        assert named is not None
        assert named["content"] == html.title.get_text()


def test_revisions_are_the_seeded_ones_through_continue(mediawiki):
    """Asked two at a time, the interface hands over each revision once, newest first, and says when it ends."""
    asked = {"prop": "revisions", "titles": "North pier", "rvlimit": "2", "rvprop": "ids|user|timestamp|comment|flags"}
    first = api(mediawiki, **asked)
    last = api(mediawiki, **asked, **first["continue"])
    shown = [item for answer in (first, last) for item in answer["query"]["pages"][0]["revisions"]]
    assert "continue" not in last
    assert [
        (str(item["revid"]), item["user"], datetime.fromisoformat(item["timestamp"]), item["comment"], item["minor"])
        for item in shown
    ] == [
        (item.native_id, item.user, item.made, item.comment, item.minor)
        for item in reversed(mediawiki.pages["North pier"])
    ]


def test_withheld_name_and_text_are_marked_as_withheld(mediawiki):
    """The interface says that there is a name and a text and that it does not show them."""
    answer = api(
        mediawiki, prop="revisions", titles="Tide table", rvlimit="5", rvprop="ids|user|content", rvslots="main"
    )
    newest, older = answer["query"]["pages"][0]["revisions"]
    assert (newest.get("user"), newest["userhidden"]) == (None, True)
    assert (older["slots"]["main"].get("content"), older["slots"]["main"]["texthidden"]) == (None, True)
    assert [mediawiki.pages["Tide table"][1].user, mediawiki.pages["Tide table"][0].text] == [None, None]


def test_deleted_page_is_missing_and_its_address_a_404(mediawiki):
    """Nothing of the page is public except the log entry of its deletion."""
    answer = api(mediawiki, prop="revisions", titles=mediawiki.deleted_title)
    assert answer["query"]["pages"] == [{"ns": 0, "title": "Rumour", "missing": True}]
    assert ask(mediawiki.page_url(mediawiki.deleted_title)).status == 404


def test_moved_page_answers_200_under_its_old_title(mediawiki):
    """A wiki redirect is no HTTP redirect: the old address shows the new page."""
    old, new = mediawiki.moved
    html = page(ask(mediawiki.page_url(old)))
    canonical = html.find("link", rel="canonical")
    assert canonical is not None
    assert canonical["href"] == f"{mediawiki.base_url}/index.php/{quote(new.replace(' ', '_'))}"
