"""A case collects from servers that nobody here wrote: what it holds is what was put in, and all of it is proven."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from mediawiki_server import RealMediaWiki
from test_real_servers import REPEATED_HOUR
from warcio.archiveiterator import ArchiveIterator
from wordpress_server import PublishedPost, RealWordPress

import osint
from osint.capture.network import Network
from osint.capture.secrets import without_secrets
from osint.case import Case
from osint.collectors import mediawiki as mediawiki_collector
from osint.collectors import wordpress as wordpress_collector
from osint.collectors.protocol import Stop
from osint.errors import SourceClosedError, SourceGoneError

pytestmark = pytest.mark.servers

LOOPBACK = Network(allow=("127.0.0.1",), pace=0, read_timeout=30)
OpenCase = Callable[..., Case]


@pytest.fixture(params=["wordpress", "wordpress_plain"])
def blog(request: pytest.FixtureRequest) -> RealWordPress:
    """Each form of WordPress's addresses in turn."""
    server = request.getfixturevalue(request.param)
    assert isinstance(server, RealWordPress)
    return server


@pytest.fixture
def case(open_case: OpenCase) -> Case:
    """A new case with authority for the hosts on this machine."""
    return open_case(network=LOOPBACK)


@pytest.fixture(scope="module")
def whole_case(
    wordpress: RealWordPress, mediawiki: RealMediaWiki, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Case]:
    """One case with everything in it: a blog's feed, two posts with photographs, a redirect, a wiki, and a refusal."""
    folder = tmp_path_factory.mktemp("whole")
    with osint.open_case(
        folder / "case", investigator="J. Smit, badge 4471", network=LOOPBACK, keys=folder / "keys"
    ) as case:
        case.authorize(
            osint.Authorization(
                identifier="MP-2026-0417", type="missing-person report", purpose="missing_person", place="Westmere",
                expires="2099-12-31", hosts=["127.0.0.1"],
            )
        )  # fmt: skip
        case.collect("feed", url=f"{wordpress.base_url}/")
        for post in with_images(wordpress):
            case.collect("webpage", url=post.url)
        case.collect("webpage", url=wordpress.posts[0].guid)
        case.collect("feed", url=mediawiki.recent_changes_feed)
        case.collect("webpage", url=mediawiki.page_url("North pier"))
        with pytest.raises(SourceGoneError):
            case.collect("webpage", url=mediawiki.page_url(mediawiki.deleted_title))
        case.media(case.posts())
        yield case


def with_images(blog: RealWordPress) -> list[PublishedPost]:
    """Return the posts that show a photograph."""
    return [post for post in blog.posts if post.seed.image]


def exhibits(case: Case) -> list[tuple[str, str]]:
    """Return what was asked for and preserved: (exhibit, details), in order."""
    log = case.ledger
    taken = log[(log["action"] == "acquire") & log["exhibit"].notna()]
    return list(zip(taken["exhibit"], taken["details"], strict=True))


def titles(case: Case) -> list[str]:
    """Return the titles in the posts table, newest first."""
    posts = case.posts().sort_values("published", ascending=False)
    return [extra["title"] for extra in posts["extra"]]


def test_the_feed_of_a_blog_gives_its_whole_history_and_nothing_hidden(case, blog):
    """Every public post, newest first, under its own title; the last page is WordPress's 404; no draft is among them."""
    result = case.collect("feed", url=blog.feed)

    assert (result.stop, result.posts, result.captures) == (Stop.EXHAUSTED, blog.expected_count, 4)
    assert tuple(titles(case)) == blog.expected_titles
    assert not set(titles(case)) & set(blog.hidden_titles)
    assert len(case.warnings()) == 0


def test_each_post_of_a_feed_has_its_instant_author_address_and_words(case, blog):
    """Nothing that was typed changes on its way into the table, across both changes of clocks and four scripts."""
    case.collect("feed", url=blog.feed)
    posts = case.posts().set_index("native_id")

    assert posts["published"].to_dict() == {post.guid: post.published for post in blog.posts}
    assert posts["url"].to_dict() == {post.guid: post.url for post in blog.posts}
    assert posts["author_name"].to_dict() == {post.guid: post.author for post in blog.posts}
    assert all(
        post.seed.words in posts["content"][post.guid].replace("\u2019", "'")
        for post in blog.posts
        if not post.seed.password
    )
    assert set(posts["published_zone_known"]) == {True}


def test_the_feed_is_found_from_the_home_page(case, blog):
    """The address of the blog is enough: its page is an exhibit, and the feed that it declares is read to its end."""
    result = case.collect("feed", url=f"{blog.base_url}/")

    assert (result.stop, result.posts, result.captures) == (Stop.EXHAUSTED, blog.expected_count, 5)
    asked = [f"{blog.base_url}/", blog.feed, *map(blog.older_feed, (2, 3, 4))]
    assert [details.partition(";")[0] for _, details in exhibits(case)] == [
        f"url: {without_secrets(url)}" for url in asked
    ]


def test_the_feed_of_a_blogs_comments_is_never_called_complete(case, blog):
    """WordPress answers 404 for its second page as it does for posts, and shows the latest comments only."""
    result = case.collect("feed", url=blog.comments_feed)

    assert (result.stop, result.posts, result.captures) == (Stop.PLATFORM_CAP, 2, 1)
    assert "Held for moderation" not in " ".join(case.posts()["content"])


def test_a_limit_ends_the_history_early_and_says_so(case, wordpress):
    """Two pages hold fifteen posts; no more is asked for, and the run is not called complete."""
    result = case.collect("feed", url=wordpress.feed, limit=15)

    assert (result.stop, result.captures) == (Stop.LIMIT, 2)
    assert "Not complete" in result.statement


def test_a_period_ends_the_history_behind_it(case, wordpress):
    """Posts of March and later are on the first page; the run looks until a page lies wholly before them."""
    result = case.collect("feed", url=wordpress.feed, since="2026-03-01")

    assert result.stop == Stop.UNTIL_DATE
    assert tuple(titles(case)) == tuple(p.title for p in wordpress.posts if p.published.isoformat() >= "2026-03-01")


@pytest.mark.parametrize("size", [100, 10])
def test_the_interface_of_a_blog_gives_each_post_and_each_approved_comment(case, blog, monkeypatch, size):
    """Found from the home page under either form of addresses; what is counted is what comes, and nothing hidden."""
    monkeypatch.setattr(wordpress_collector, "_PAGE", size)
    result = case.collect("wordpress", url=f"{blog.base_url}/")
    posts = case.posts()
    articles, comments = posts[posts["type"] == "Article"], posts[posts["type"] == "Note"]

    assert (result.stop, result.captures) == (Stop.EXHAUSTED, 4 if size == 100 else 6)
    assert set(articles["url"]) == {post.url for post in blog.posts}
    for post in blog.posts:
        seen = articles.set_index("url").loc[post.url]
        assert (seen["author_name"], seen["published"]) == (post.author, post.published)
        assert seen["extra"]["title"] == post.title.removeprefix("Protected: ")
        if post.seed.password:
            assert pd.isna(seen["content"])
            assert seen["absent"]["content"] == "hidden"
        else:
            assert post.seed.words in seen["content"].replace("\u2019", "'")
        assert {tag["name"] for tag in seen["tag"]} == set(post.seed.tags)
    approved = [comment for post in blog.posts for comment in post.seed.comments if comment.approved]
    assert {(row.author_name, row.published, row.content) for row in comments.itertuples()} == {
        (comment.author, comment.written, comment.text) for comment in approved
    }
    assert len(case.warnings()) == 0


def test_a_post_of_a_blog_comes_with_its_comments_in_their_order(case, blog):
    """Of the three under the post two are approved, and the second answers the first."""
    post = with_images(blog)[1]
    result = case.collect("wordpress", thread=post.url)
    posts = case.posts().sort_values("published")

    assert (result.stop, list(posts["type"])) == (Stop.EXHAUSTED, ["Article", "Note", "Note"])
    article, first, second = posts["id"]
    assert list(posts["in_reply_to"])[1:] == [article, first]
    assert set(posts["thread_root"][1:]) == {article}
    assert second != first


def test_the_posts_of_one_author_of_a_blog(case, wordpress):
    """Found by the name in the address of the author's page, and told from those of the others."""
    site = f"{wordpress.base_url}/wp-json/wp/v2/posts"
    case.collect("wordpress", url=site)
    by_author = case.posts()[case.posts()["type"] == "Article"].groupby("author_handle")["url"].agg(set).to_dict()

    assert by_author == {
        login: {post.url for post in wordpress.posts if post.seed.author == login}
        for login in ("imke", "tomas", "olena")
    }


def test_the_comments_of_a_locked_post_are_withheld_and_not_none(case, blog):
    """The post is collected; WordPress refuses its comments, and the run says why."""
    post = next(post for post in blog.posts if post.seed.password)
    result = case.collect("wordpress", thread=post.url)

    assert (result.stop, result.posts) == (Stop.AUTH, 1)
    assert "password" in result.detail


def test_each_page_of_a_blog_gives_its_title_text_author_and_instant(case, blog):
    """27 pages of a theme that nobody here wrote: each has what was typed, and none a word of its comments or menus."""
    for post in blog.posts:
        result = case.collect("webpage", url=post.url)
        assert (result.stop, result.warnings) == (Stop.EXHAUSTED, 0)
    posts = case.posts().set_index("url")

    for post in blog.posts:
        seen = posts.loc[post.url]
        title = seen["extra"]["title"].replace(" - ", " \u2013 ")
        late = timedelta(hours=post.title == REPEATED_HOUR)  # WordPress's own fault, see test_real_servers
        assert title == f"{post.title.removeprefix('Protected: ')} \u2013 Tidewater Notes"
        assert (seen["author_name"], seen["published"]) == (post.author, post.published + late)
        assert post.seed.password or post.seed.words in seen["content"].replace("\u2019", "'")
        assert "Posted" not in seen["content"]
        assert not any(comment.text in seen["content"] for comment in post.seed.comments)


def test_script_of_a_post_is_no_part_of_its_text(case, wordpress):
    """The hostile post is read: its script stays in the exhibit, its formula is text."""
    post = next(post for post in wordpress.posts if post.title == "Seen on the quay")
    case.collect("webpage", url=post.url)
    content = case.posts()["content"][0]

    assert "changed by the post" not in content
    assert "=HYPERLINK(" in content


def test_a_locked_post_shows_its_title_and_asks_for_its_word(case, wordpress):
    """The form for the word is no sign-in page: the title is public, the text is not there."""
    post = next(post for post in wordpress.posts if post.seed.password)
    case.collect("webpage", url=post.url)

    assert "for those who were there" not in case.posts()["content"][0]
    assert case.posts()["published"][0] == post.published


def test_photographs_come_with_their_bytes_position_and_camera(case, blog):
    """The uploaded files are preserved byte for byte, and what the camera wrote is in the table."""
    for post in with_images(blog):
        case.collect("webpage", url=post.url)
    media = case.media(case.posts()).set_index("sha256")

    pier, bridge = (media.loc[blog.image_sha256[url]] for url in blog.image_urls)
    assert (pier["latitude"], pier["longitude"]) == pytest.approx((54.5, 3.25))
    assert (pier["camera_make"], pier["camera_model"]) == ("Invented", "Example 1")
    assert pier["taken_local"] == "2026-02-14T17:42:10"
    assert (pier["width"], pier["height"]) == (1600, 1200)
    assert bridge["taken_local"] == "2026-03-02T08:05:00"
    assert pd.isna(bridge["latitude"])
    assert [post.partition(":")[2] for post in pier["posts"]] == [with_images(blog)[1].url]


def test_no_third_party_learns_of_a_visit(case, wordpress):
    """The page shows pictures of its readers from another host; they are listed, and nobody is asked for them."""
    case.collect("webpage", url=with_images(wordpress)[1].url)
    left_out = [image["url"] for image in case.posts()["extra"][0]["images_left_out"]]
    case.media(case.posts())

    assert {image.split("/")[2].partition(".")[2] for image in left_out} == {"gravatar.com"}
    assert "gravatar" not in " ".join(case.ledger["details"])
    assert (case.ledger["outcome"] == "failed").sum() == 0


def test_a_short_address_and_where_it_leads_are_two_exhibits(case, wordpress):
    """The redirect is preserved as the server gave it, and the post is known by the address that it leads to."""
    post = wordpress.posts[0]
    result = case.collect("webpage", url=post.guid)

    assert result.captures == 2
    assert [(exhibit, details.rpartition("status: ")[2].partition(";")[0]) for exhibit, details in exhibits(case)] == [
        ("E0001", "301"),
        ("E0002", "200"),
    ]
    assert list(case.posts()["native_id"]) == [post.url]
    assert list(case.posts()["exhibit"]) == ["E0002"]


@pytest.mark.parametrize("collector", ["webpage", "feed"])
def test_a_page_that_is_not_there_is_an_error_with_an_exhibit(case, wordpress, collector):
    """A 404 is preserved, named and no post; the run says so."""
    with pytest.raises(SourceGoneError, match="E0001") as refused:
        case.collect(collector, url=f"{wordpress.base_url}/nothing/here/")

    assert (refused.value.result.stop, refused.value.result.captures) == (Stop(refused.value.stop), 1)
    assert [exhibit for exhibit, _ in exhibits(case)] == ["E0001"]
    assert len(case.posts()) == 0


def test_recent_changes_of_a_wiki_come_through_their_redirect(case, mediawiki):
    """The address that every page names leads to the interface for programs: two exhibits, and every public change."""
    asked = f"{mediawiki.base_url}/index.php?title=Special:RecentChanges&feed=atom&days=36500&limit=50"
    result = case.collect("feed", url=asked)
    seeded = {item.native_id: item for revisions in mediawiki.pages.values() for item in revisions}
    numbers = case.posts()["native_id"].str.extract(r"diff=(\d+)")[0]
    shown = case.posts()[numbers.isin(seeded)].assign(number=numbers)

    assert (result.stop, result.captures, len(shown)) == (Stop.PLATFORM_CAP, 2, 22)
    assert list(shown["author_name"]) == [seeded[number].user for number in shown["number"]]
    assert list(shown["updated"]) == [seeded[number].made for number in shown["number"]]
    assert mediawiki.deleted_title not in {
        extra["title"] for extra, number in zip(case.posts()["extra"], numbers, strict=True) if not pd.isna(number)
    }


def test_each_page_of_a_wiki_gives_its_text_and_none_of_its_frame(case, mediawiki):
    """The text is the article's; menus and "powered by" icons are neither text nor attachments."""
    for title in mediawiki.pages:
        case.collect("webpage", url=mediawiki.page_url(title))
    posts = case.posts()

    assert {extra["title"] for extra in posts["extra"]} == {f"{title} - Tidewater Wiki" for title in mediawiki.pages}
    assert "The north pier has eleven posts. Two people paint them." in list(posts["content"])
    assert not any("Navigation menu" in content or "Log in" in content for content in posts["content"])
    assert [list(attachments) for attachments in posts["attachment"]] == [[]] * len(posts)
    assert all("poweredby" in str(extra["images_left_out"]) for extra in posts["extra"])


def test_a_deleted_wiki_page_is_gone_and_its_404_preserved(case, mediawiki):
    """The page with which the wiki says so is an exhibit."""
    with pytest.raises(SourceGoneError, match="404"):
        case.collect("webpage", url=mediawiki.page_url(mediawiki.deleted_title))

    assert len(exhibits(case)) == 1


def test_a_moved_wiki_page_is_one_post_under_both_titles(case, mediawiki):
    """The old address answers 200 with the new page; the canonical address joins the two sights."""
    for title in mediawiki.moved:
        case.collect("webpage", url=mediawiki.page_url(title))

    assert list(case.posts()["native_id"]) == [mediawiki.page_url(mediawiki.moved[1])]
    assert [list(exhibits) for exhibits in case.posts()["exhibits"]] == [["E0001", "E0002"]]


@pytest.mark.parametrize("size", [50, 2])
def test_each_revision_of_each_page_of_a_wiki_is_collected(case, mediawiki, monkeypatch, size):
    """Number, author, instant, comment and text are what was put in; two at a time, the wiki has to be asked on."""
    monkeypatch.setattr(mediawiki_collector, "_PAGE", size)
    for title in mediawiki.pages:
        assert case.collect("mediawiki", url=mediawiki.page_url(title)).stop == Stop.EXHAUSTED
    posts = case.posts().set_index("native_id")

    for title, revisions in mediawiki.pages.items():
        for wanted in revisions:
            seen = posts.loc[f"{mediawiki.base_url.removeprefix('http://')}/{wanted.native_id}"]
            assert seen["extra"].get("title") == title
            assert (none(seen["author_name"]), seen["published"]) == (wanted.user, wanted.made)
            assert (none(seen["content"]), seen["extra"].get("comment", "")) == (wanted.text, wanted.comment)
            assert seen["extra"].get("minor", False) is wanted.minor
            hidden = {"content": wanted.text is None, "attributed_to": wanted.user is None}
            assert dict(seen["absent"]) == {name: "hidden" for name, is_hidden in hidden.items() if is_hidden}
    revisions = posts[posts["type"].isin(["Page", "Tombstone"])]
    # MediaWiki itself added one for the move, and found nothing else to show.
    assert len(revisions) == sum(map(len, mediawiki.pages.values())) + 1
    assert len(case.warnings()) == 0


def none(value: object) -> object:
    """Return None for what a table shows as missing."""
    return None if pd.isna(value) else value


def test_the_edits_of_a_writer_come_from_all_pages_of_a_wiki(case, mediawiki, monkeypatch):
    """The list of contributions leads to all that the wiki shows, and to none of which it withholds the writer."""
    monkeypatch.setattr(mediawiki_collector, "_PAGE", 4)
    result = case.collect("mediawiki", url=mediawiki.page_url("Special:Contributions/Tomás Ejemplo"))
    wanted = {
        item.native_id for revisions in mediawiki.pages.values() for item in revisions if item.user == "Tomás Ejemplo"
    }

    assert result.stop == Stop.EXHAUSTED
    assert {native_id.rpartition("/")[2] for native_id in case.posts()["native_id"]} == wanted


def test_a_deleted_wiki_page_leaves_the_line_of_its_deletion(case, mediawiki):
    """Who deleted it and why is collected; the revisions are not shown to visitors, and the run says so."""
    result = case.collect("mediawiki", url=mediawiki.page_url(mediawiki.deleted_title))
    deleted = case.posts().set_index("type").loc["Delete"]

    assert result.stop == Stop.GONE
    assert "who deleted" in result.detail
    assert (deleted["author_name"], deleted["content"]) == ("Harbour Keeper", "about a living person")


def test_each_revision_of_each_page_of_a_dokuwiki_is_collected(case, dokuwiki):
    """Author, instant, comment and text are what was put in, though the wiki's own button skips a revision."""
    for page in sorted({step.page for step, _ in dokuwiki.history} - {"locked"}):
        result = case.collect("dokuwiki", url=dokuwiki.page_url(page))
        rows = case.posts()[case.posts()["thread_root"].str.endswith(f"/{page}")].sort_values("published")
        lines, texts = rows[rows["type"] != "Page"], rows[rows["type"] == "Page"]
        wanted = dokuwiki.of(page)[::-1]

        assert result.stop == Stop.EXHAUSTED
        assert [tuple(line) for line in lines[["author_handle", "content", "published"]].itertuples(index=False)] == [
            (step.user or step.address, step.summary, made) for step, made in wanted
        ]
        assert [tuple(text) for text in texts[["content", "published"]].itertuples(index=False)] == [
            (step.text, made) for step, made in wanted if step.text
        ]
    assert len(case.warnings()) == 0


def test_a_page_that_a_dokuwiki_keeps_for_members_is_closed(case, dokuwiki):
    """It answers 200 with a form to sign in."""
    with pytest.raises(SourceClosedError, match="members only"):
        case.collect("dokuwiki", url=dokuwiki.page_url("locked"))


def test_the_whole_case_verifies(whole_case):
    """Ledger, checkpoints, evidence and the digests inside it fit, also to a head kept elsewhere."""
    head = whole_case.checkpoint()
    verified = whole_case.verify(head)

    assert (verified.exhibits, verified.withheld, verified.warc_checked) == (
        len(whole_case._ledger.exhibits()),
        0,
        True,
    )
    assert verified.head_size == verified.entries


def test_the_tables_of_the_whole_case_come_out_of_the_evidence_again(whole_case):
    """With the network off, each table is the same to the last cell."""
    before = [whole_case.posts(), whole_case.posts(versions=True), whole_case.warnings(), whole_case.media()]

    read = whole_case.rebuild()

    after = [whole_case.posts(), whole_case.posts(versions=True), whole_case.warnings(), whole_case.media()]
    for was, now in zip(before, after, strict=True):
        pd.testing.assert_frame_equal(was, now)
    assert len(after[0]) > 27
    assert len(after[3]) >= 2
    assert read >= len(whole_case._ledger.exhibits()) - 1


def test_another_reader_finds_every_digest_of_the_whole_case_right(whole_case):
    """warcio reads each evidence file to its end and raises for any digest that does not fit."""
    files = list(Path(whole_case.folder, "evidence").rglob("*.warc.gz"))
    checked = [digests_right(path) for path in files]

    assert len(files) == len(whole_case._ledger.exhibits())
    assert all(checked)


def digests_right(path: Path) -> bool:
    """Read an evidence file with warcio; say whether it has records and each of them has a digest that fits."""
    passed = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            record.content_stream().read()
            passed.append(record.digest_checker.passed)
    return bool(passed) and all(passed)
