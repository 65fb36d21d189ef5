"""The blog's feeds and the newspaper's pages, read with the parsers that collectors use."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import feedparser
import pytest
from bs4 import BeautifulSoup

from osint.serve.sample_data import blog_posts

BLOG = "https://blog.example"
NEWS = "https://news.example"


@pytest.mark.parametrize("path", ["/feed/", "/feed/atom/"])
def test_walking_a_feed_meets_every_post_once(fetch, site, path):
    """
    The pages of a feed, by its RFC 5005 links, are well formed and hold each post exactly once, newest first.
    """
    url, titles = f"{BLOG}{path}", []
    while url:
        feed = feedparser.parse(fetch(site, url).body)
        assert not feed.bozo
        titles += [entry.title for entry in feed.entries]
        url = next((link.href for link in feed.feed.links if link.rel == "next"), None)

    assert [post.title for post in blog_posts()] == titles


def test_walking_the_json_feed_meets_every_post_once(fetch, site):
    """
    So do the pages of the JSON feed, by its next_url.
    """
    url, titles = f"{BLOG}/feed.json", []
    while url:
        feed = fetch(site, url).json
        titles += [item["title"] for item in feed["items"]]
        url = feed.get("next_url")

    assert [post.title for post in blog_posts()] == titles


@pytest.mark.parametrize("path", ["/feed/", "/feed/atom/", "/feed.json"])
def test_page_behind_the_last_is_not_found(get, path):
    """
    There is no fourth page.
    """
    assert [get(f"{BLOG}{path}?paged={number}").status for number in (3, 4)] == [200, 404]


@pytest.mark.parametrize("paged", ["", "0", "-1", "x", "1e3", "٣", "9" * 50])
def test_page_number_that_is_none_gives_the_first_page(get, paged):
    """
    A page number that is no number of a page gives the newest posts.
    """
    assert get(f"{BLOG}/feed/").body == get(f"{BLOG}/feed/?paged={paged}".encode("ascii", "ignore").decode()).body


def test_feed_spells_one_date_without_a_zone(get):
    """
    All dates of the RSS feed name their zone, save the one that a computer had lost.
    """
    dates = [post.date for post in blog_posts() if not post.date.endswith(("-0200", "GMT"))]

    assert dates == ["Tue, 19 May 2026 09:30:00"]
    assert f"<pubDate>{dates[0]}</pubDate>".encode() in get(f"{BLOG}/feed/?paged=2").body


def test_enclosure_leads_to_a_file_of_that_length(get):
    """
    The enclosure of a post names the type and the length of what is served there.
    """
    feed = feedparser.parse(get(f"{BLOG}/feed/?paged=2").body)
    enclosure = next(entry.enclosures[0] for entry in feed.entries if entry.enclosures)

    picture = get(enclosure.href)

    assert (enclosure.type, int(enclosure.length)) == (picture.headers["Content-Type"], len(picture.body))


def test_home_page_names_its_feeds(get):
    """
    Every feed that the home page offers is served with the type it names.
    """
    page = BeautifulSoup(get(f"{BLOG}/").body, "lxml")
    links = page.select("link[rel=alternate]")

    assert len(links) == 3
    for link in links:
        assert get(link["href"]).headers["Content-Type"].startswith(link["type"])


def test_every_post_has_its_page_and_its_short_address(get):
    """
    The number of a post leads to the page that carries its title.
    """
    for item in get(f"{BLOG}/feed.json").json["items"]:
        moved = get(f"{BLOG}/?{urlsplit(item['id']).query}")

        assert (301, item["url"]) == (moved.status, moved.headers["Location"])
        assert item["title"] in get(item["url"]).body.decode()


def test_links_of_the_story_lead_to_posts(get):
    """
    Every address of the blog that a status or an article names exists.
    """
    statuses = get("https://social.example/api/v1/timelines/public?limit=40").json
    cards = {status["card"]["url"] for status in statuses if status["card"]}

    assert len(cards) > 4
    assert {200} == {get(url).status for url in cards}


def test_article_describes_itself_in_three_ways(get):
    """
    OpenGraph, JSON-LD and microdata of the article agree on what it is.
    """
    page = BeautifulSoup(get(f"{NEWS}/missing-jane-example").body, "lxml")
    graph = json.loads(page.select_one('script[type="application/ld+json"]').string)["@graph"]
    kinds = {item["itemtype"] for item in page.select("[itemscope]")}

    assert page.select_one('meta[property="og:title"]')["content"] == graph[0]["headline"]
    assert {"https://schema.org/Person", "https://schema.org/Place", "https://schema.org/GeoCoordinates"} == kinds


def test_article_shows_two_photographs(get):
    """
    Both photographs of the article are served.
    """
    page = BeautifulSoup(get(f"{NEWS}/missing-jane-example").body, "lxml")

    assert [get(f"{NEWS}{img['src']}").headers["Content-Type"] for img in page.select("img")] == ["image/jpeg"] * 2


def test_challenge_is_a_refusal_and_the_removed_article_is_gone(get):
    """
    A wall against robots answers 403 with its well-known title, a removed article 410.
    """
    challenge = get(f"{NEWS}/blocked")

    assert challenge.status == 403
    assert b"<title>Just a moment...</title>" in challenge.body
    assert get(f"{NEWS}/gone").status == 410


@pytest.mark.parametrize("name", ["poster", "vigil", "", "../poster"])
def test_photographs_of_other_hosts_are_not_served(get, name):
    """
    The newspaper serves its own photographs and no others.
    """
    assert get(f"{NEWS}/photographs/{name}.jpg").status == 404
