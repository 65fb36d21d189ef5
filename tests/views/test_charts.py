"""What stands below a chart: how much it shows, in the singular where there is one."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest
from lxml import etree

import osint
from osint.activity import Post
from osint.errors import SecretFoundError
from osint.graph.association import association_graph
from osint.posts.frame import posts_frame
from osint.timeline import event_timeline
from osint.views.charts import draw
from osint.views.link_chart import ChartFacts

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def posts(dated: int, undated: int):
    """Posts of one account, each of which links to the same page."""
    made = [
        Post(
            id=f"mastodon:{number}", platform="mastodon", native_id=str(number), type="Note", exhibit="E0001",
            pointer=f"/{number}", collector="mastodon/1", collected=NOON, published=NOON if number < dated else None,
            published_basis="platform", published_raw="x", published_zone_known=True,
            attributed_to=f"account:mastodon:{number}@social.example", links=("https://news.example/",),
        )
        for number in range(dated + undated)
    ]  # fmt: skip
    return posts_frame(made)


@pytest.mark.parametrize(
    ("number", "said"), [(1, "2 nodes, 1 edge. An association"), (2, "3 nodes, 2 edges. An association")]
)
def test_what_a_link_chart_shows_is_counted(number, said):
    """
    Nodes and edges, and what an edge does not say.
    """
    assert draw(association_graph(posts(number, 0)), "t").caption.startswith(said)


def test_every_picture_that_is_saved_leaves_the_case_by_one_way(tmp_path):
    """
    A graph, ties in time, events, places: each is handed over before it is written, and not written where that refuses.
    """
    left, network = [], association_graph(posts(3, 0))
    places = pd.DataFrame(
        [{"exhibit": "E0001", "source": "EXIF", "latitude": 1.0, "longitude": 2.0, "radius_m": 5.0, "grade": "B"}]
    )

    def leave(name, content):
        if left:
            raise SecretFoundError("it holds a secret")
        left.append((name, content))

    for what in (network, osint.measure(network, "activity"), event_timeline(posts(3, 0)), places):
        left.clear()
        picture = draw(what, "t", leave=leave)
        picture.save(tmp_path / "a.svg")
        assert left == [("a.svg", (tmp_path / "a.svg").read_bytes())]
        with pytest.raises(SecretFoundError):
            picture.save(tmp_path / "b.svg")
        assert not (tmp_path / "b.svg").exists()


def test_ties_in_time_are_arcs_that_name_their_exhibits_and_no_victim():
    """
    One arc for each row; what is typed in a key stays text; the same table gives the same bytes.
    """
    table = osint.measure(association_graph(posts(3, 0)), "activity")
    table.loc[0, "relations"] = ["<b>\u202e"]
    one = table.loc[0, "one"]
    facts = ChartFacts(protections={one: {"status": "victim"}})

    picture = draw(table, f"About {one}", facts=lambda: facts)
    plain = etree.fromstring(draw(table, "t").svg)
    drawn = etree.fromstring(picture.svg)

    assert picture.svg == draw(table, f"About {one}", facts=lambda: facts).svg
    told = [title.text for title in drawn.findall("{*}g/{*}title")]
    assert len(told) == len(table) == 3
    assert told[0].split("\n")[2:] == ["<b>⟨U+202E⟩", "exhibits E0001"]
    assert picture.title == "About account:withheld:Person A"
    assert (one in "".join(plain.itertext()), one in "".join(drawn.itertext())) == (True, False)


@pytest.mark.parametrize(
    ("dated", "undated", "said"),
    [
        (1, 1, "1 event in UTC; 1 without any time is not drawn."),
        (2, 2, "2 events in UTC; 2 without any time are not drawn."),
        (1, 0, "1 event in UTC; 0 without any time are not drawn."),
    ],
)
def test_what_a_timeline_shows_is_counted(dated, undated, said):
    """
    And what it cannot show for want of a time.
    """
    assert draw(event_timeline(posts(dated, undated)), "t").caption == said
