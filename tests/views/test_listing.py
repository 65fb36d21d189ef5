"""Rows that one searches, narrows and sorts: what they say, and that nothing of them runs or asks."""

import json
import re
from importlib.resources import files

import pandas as pd
import pytest
from hostile_media import PICTURE, TEXTS, assert_inert, record
from notebooks.saved_output import markup_faults
from rows_of_posts import post, table

import osint
from osint.errors import CaseError, ExportError
from osint.views.charts import draw
from osint.views.listing import listing_of
from osint.views.listing.listing import PRINTED
from osint.views.listing.thumbs import thumbs

assert osint.event_timeline  # tables have their views from the first use of a public name on


def data_of(page):
    return json.loads(
        re.search('<script type="application/json" id="data">(.*?)</script>', page.decode(), re.DOTALL)[1]
    )


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_whatever_posts_say_nothing_of_it_runs(text):
    """
    In the notebook only elements of ours, which survive without trust; in the page one script of data, and our own.
    """
    listing = draw(table(post(content=text, attributed_to=text, author_handle=text, language=text)), text)
    bundle = listing._repr_mimebundle_()
    page = listing.page.decode()

    assert_inert(bundle["text/html"])
    assert markup_faults(bundle["text/html"]) == []
    assert not set(bundle["text/plain"]) & {"\x1b", "\x07", "\x9b", "\u202e", "\u200b", "\ud800", "\u2028"}
    assert page.count("<script") == page.count("</script>") == 2
    assert "default-src 'none'" in page
    assert data_of(listing.page)["rows"][0]["id"] == "mastodon:0"


def test_posts_say_when_who_what_and_what_became_of_them():
    """
    UTC beside the zone that was asked for, which may be another day; the text as written and as it is searched.
    """
    rows = draw(
        table(
            post(content="Straße É", versions=2, tag=[{"type": "Hashtag", "name": "Westmere"}]),
            post(1, type="Tombstone", published=pd.NaT, published_raw="yesterday", content=None),
        ),
        "Posts",
        zone="Asia/Tokyo",
    ).rows

    assert rows[0]["published"] == "2026-06-01T23:30:00Z"
    assert rows[0]["local"] == "2026-06-02 08:30:00 +09:00 JST"
    assert (rows[0]["content"], rows[0]["normalised"]) == ("Straße É", "strasse e")
    assert (rows[0]["marked"], rows[1]["marked"]) == (["edited: 2 versions"], ["deleted"])
    assert (rows[1]["published"], rows[1]["local"], rows[1]["published_raw"]) == ("not stated", "", "yesterday")
    assert rows[0]["tags"] == ["Westmere"]


def test_without_a_zone_there_is_utc_alone_and_a_zone_that_is_none_is_refused():
    """Nobody's clock is guessed."""
    listing = listing_of(table(post()))

    assert "local" not in {column.name for column in listing.columns}
    with pytest.raises(CaseError, match="no time zone 'Westmere'"):
        listing_of(table(post()), zone="Westmere")


def test_what_is_not_printed_is_counted_and_in_the_page():
    """A notebook prints the first rows; the page holds all."""
    listing = listing_of(table(*(post(number) for number in range(PRINTED + 3))))

    assert "3 further rows are not printed here." in str(listing)
    assert len(data_of(listing.page)["rows"]) == PRINTED + 3


def test_a_picture_is_blurred_until_it_is_revealed(tmp_path):
    """The page carries both; only files that these posts show are opened."""
    asked = []

    def thumbnail(shown):
        asked.append(shown.exhibit)
        return PICTURE

    records = [record("mastodon:0", exhibit="E0009"), record("mastodon:77", exhibit="E0010")]
    found = thumbs(["mastodon:0"], records, thumbnail)
    listing = listing_of(table(post()), thumbs=found)

    assert asked == ["E0009"]
    (thumb,) = data_of(listing.page)["thumbs"]["0"]
    assert thumb["veiled"] != thumb["shown"]
    assert thumb["veiled"].startswith("data:image/jpeg;base64,")


def test_any_table_of_this_package_or_ones_own_is_listed():
    """Numbers sort as numbers, few values narrow, and times have their zone in the heading."""
    own = pd.DataFrame({"city": ["A", "B"] * 3, "count": range(6), "at": pd.to_datetime(["2026-06-01"] * 6, utc=True)})
    columns = {column.name: column for column in own.osint.table(zone="Europe/Berlin").columns}

    assert columns["city"].facet
    assert columns["count"].number
    assert columns["at"].label == "at (UTC)"
    assert columns["at, local"].label == "at, local (Europe/Berlin)"


def test_tab_lists_the_views_of_a_table():
    """Each has a docstring, and refuses a table that it cannot show."""
    views = table(post()).osint
    names = [name for name in dir(views) if not name.startswith("_")]

    assert names == ["gallery", "graph", "map", "table", "thread", "timeline"]
    assert all(getattr(type(views), name).__doc__ for name in names)
    assert views.timeline().svg.startswith(b"<svg")
    assert osint.association_graph(table(post())).size() == views.graph().size()
    for name in ("gallery", "graph", "map", "thread", "timeline"):
        with pytest.raises(CaseError):
            getattr(pd.DataFrame({"city": ["A"]}).osint, name)()


def test_a_timeline_is_saved_as_a_picture_or_with_its_rows(tmp_path):
    """The name says which; rows alone are a page."""
    shown = table(post()).osint.timeline()

    assert shown.save(tmp_path / "t.svg").read_bytes() == shown.svg
    assert data_of(shown.save(tmp_path / "t.html").read_bytes())["chart"]["alt"] == "Timeline"
    with pytest.raises(ExportError):
        listing_of(table(post())).save(tmp_path / "t.csv")


def test_every_text_stands_out_from_its_ground():
    """Contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3), in the light and in the dark."""
    style = files("osint.views.listing").joinpath("listing.css").read_text("utf-8")
    blocks = re.findall(r"{[^{}]*--ink:[^{}]*}", style)
    themes = [dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in blocks]

    assert len(themes) == 3
    for theme in themes:
        for text in ("ink", "muted", "blue"):
            for ground in ("paper", "ground"):
                assert contrast(theme[text], theme[ground]) >= 4.5, (text, ground)


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
