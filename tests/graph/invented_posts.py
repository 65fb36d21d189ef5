"""Invented posts of invented people, as ``case.posts()`` would give them."""

import networkx as nx
import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st

law = settings(deadline=None, max_examples=20)  # a shared machine keeps no deadlines

JANE, DAWN, OMAR = (f"account:mastodon:{name}@social.example" for name in ("jane", "dawn", "omar"))

_NOTHING = {
    "platform": "mastodon",
    "type": "Note",
    "url": None,
    "attributed_to": JANE,
    "author_handle": None,
    "author_name": None,
    "content": None,
    "published": None,
    "in_reply_to": None,
    "in_reply_to_account": None,
    "quote_of": None,
    "announce_of": None,
    "announce_of_account": None,
    "exhibit": "E0001",
}


def post(number, **known):
    """One row; what is not said is nothing."""
    row = {"id": f"mastodon:{number}", **_NOTHING, "tag": [], "links": [], "exhibits": [], **known}
    return row | {"exhibits": row["exhibits"] or [row["exhibit"]] if row["exhibit"] else row["exhibits"]}


def table(*rows):
    """The posts table with the types of the real one."""
    frame = pd.DataFrame(rows, columns=[*post(0)])
    frame["published"] = pd.to_datetime(frame["published"], utc=True).astype("datetime64[us, UTC]")
    return frame


def mention(account):
    return {"type": "Mention", "name": account.split(":")[2], "href": None, "account": account}


def hashtag(name):
    return {"type": "Hashtag", "name": name, "href": None, "account": None}


def same(one, other):
    """Equal in every key, attribute, type and order."""
    return (
        repr(one.graph) == repr(other.graph)
        and repr(list(one.nodes(data=True))) == repr(list(other.nodes(data=True)))
        and repr(list(one.edges(keys=True, data=True))) == repr(list(other.edges(keys=True, data=True)))
        and type(one) is type(other) is nx.MultiDiGraph
    )


_accounts = st.sampled_from([JANE, DAWN, OMAR])
_numbers = st.integers(0, 8).map(lambda number: f"mastodon:{number}")
_instants = st.datetimes(pd.Timestamp("2026-01-01").to_pydatetime(), pd.Timestamp("2026-12-31").to_pydatetime())


@st.composite
def _rows(draw, number):
    exhibits = draw(st.lists(st.integers(1, 5).map(lambda exhibit: f"E{exhibit:04d}"), min_size=1, unique=True))
    return post(
        number,
        type=draw(st.sampled_from(["Note", "Note", "Announce"])),
        attributed_to=draw(_accounts | st.none()),
        published=draw(_instants | st.none()),
        in_reply_to=draw(_numbers | st.none()),
        in_reply_to_account=draw(_accounts | st.none()),
        quote_of=draw(_numbers | st.none()),
        announce_of=draw(_numbers | st.none()),
        announce_of_account=draw(_accounts | st.none()),
        tag=draw(st.lists(st.one_of(_accounts.map(mention), st.sampled_from("Ab").map(hashtag)), max_size=4)),
        links=draw(st.lists(st.sampled_from(["https://news.example", "HTTPS://NEWS.example:443/#x"]), max_size=2)),
        exhibit=exhibits[0],
        exhibits=exhibits,
    )


@st.composite
def rows(draw):
    """Up to seven posts that name, answer and pass on each other."""
    return [draw(_rows(number)) for number in range(draw(st.integers(0, 7)))]


def check_lost(before, after, gone):
    """Check that without one post edges that rest on others alone stay as they are; of the rest it takes one post away."""
    for source, target, kind, known in before.edges(keys=True, data=True):
        if gone in known["via"]:
            continue
        if gone not in known["posts"]:
            assert after.edges[source, target, kind] == known
        elif known["count"] == 1:
            assert not after.has_edge(source, target, kind)
        else:
            assert after.edges[source, target, kind]["posts"] == [one for one in known["posts"] if one != gone]
