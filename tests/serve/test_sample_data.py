"""The story: nobody in it exists, and its rows fit together."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.resources import files
from itertools import pairwise

from osint.serve.photographs import PHOTOGRAPHS
from osint.serve.sample_data import accounts, blog_posts, snowflake, statuses


def test_every_host_of_the_story_is_reserved():
    """
    Every address in the data, the code and the pages ends in .example, apart from the names of standards.
    """
    standards = {
        "docs.joinmastodon.org",
        "github.com",
        "jsonfeed.org",
        "ogp.me",
        "purl.org",
        "schema.org",
        "www.w3.org",
    }
    folder = files("osint.serve")
    names = [
        entry for entry in folder.iterdir() if entry.name.endswith((".py", ".toml")) and entry.name != "witness.py"
    ]
    texts = [entry.read_text(encoding="utf-8") for entry in names]
    hosts = {host for text in texts for host in re.findall(r"(?:https?|wss)://([\w.-]+\w)", text)}

    assert not {host for host in hosts - standards if not host.endswith(".example")}


def test_positions_lie_in_open_water():
    """
    Every position in a photograph is within a degree of 48 N 35 W, save the one that is no position.
    """
    for name, photograph in PHOTOGRAPHS.items():
        if photograph.position and name != "library-window":
            assert float(photograph.position[2][0]) == 48
            assert float(photograph.position[4][0]) in (34, 35)
            assert (photograph.position[1], photograph.position[3]) == ("N", "W")


def test_rows_answer_boost_and_quote_earlier_rows():
    """
    Nothing answers, boosts or quotes what was not yet there.
    """
    rows = statuses()
    for status in rows.values():
        for other in (status.reply_to, status.boost, status.quote):
            assert other is None or rows[other].at < status.at


def test_identifiers_are_unique_and_in_the_order_of_time():
    """
    The identifiers of statuses rise with time, so that paging by them loses nothing.
    """
    numbers = [int(status.id) for status in statuses().values()]

    assert all(earlier < later for earlier, later in pairwise(numbers))
    assert len(accounts()) == len({account.id for account in accounts().values()})


def test_snowflake_of_a_known_status():
    """
    A documented status of 2019 has the instant of its creation in its upper bits, within a tenth of a second.
    """
    made = int(snowflake(datetime(2019, 12, 8, 3, 48, 33, 901000, tzinfo=UTC), "any"))

    assert abs((103270115826048975 >> 16) - (made >> 16)) < 100


def test_story_is_told_within_its_weeks():
    """
    It begins on 1 May 2026, Jane falls silent on 28 May, and it ends on 20 June.
    """
    rows = list(statuses().values())
    last_of_jane = max(status.at for status in rows if status.by == "jane")

    assert f"{rows[0].at:%Y-%m-%d} {rows[-1].at:%Y-%m-%d}" == "2026-05-01 2026-06-20"
    assert datetime(2026, 5, 28, 20, 19, 33, 25000, tzinfo=UTC) == last_of_jane


def test_spelling_of_blog_dates_agrees_with_their_instants():
    """
    The date that the feed spells is the instant by which posts are sorted, wherever the spelling names one.
    """
    for post in blog_posts():
        spelt = parsedate_to_datetime(post.date)
        assert post.utc == (spelt if spelt.tzinfo else spelt.replace(tzinfo=UTC))
