"""Places on a map: circles true to scale, layers that share no sign, nothing drawn that cannot be a position."""

import re
from itertools import pairwise
from math import dist, hypot
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from few import few
from hypothesis import given, settings
from hypothesis import strategies as st

from osint.errors import CaseError
from osint.graph.drawing.shapes import text_width
from osint.media.positions import StatedPosition, distance_m
from osint.views.charts import draw
from osint.views.map import draw_map, places_table
from osint.views.map.ground import LAND, outline_scale
from osint.views.map.places import LAYERS
from osint.views.map.projection import Azimuthal, PlateCarree, circle
from osint.views.map.view import fitted

SVG = "{http://www.w3.org/2000/svg}"
FRAME = (64.0, 92.0, 744.0, 562.0)
HOSTILE = [
    "<script>alert(1)</script>",
    '"/><image href="https://evil.example/x"/>',
    "a\u202eb\x00\x1b[2J",
    "\ud800",
]

ATTRIBUTES = {
    "width", "height", "viewBox", "style", "role", "font-family", "font-size", "font-weight", "text-anchor", "x", "y", "d",
    "r", "cx", "cy", "points", "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-dasharray",
    "stroke-linejoin", "paint-order",
}  # fmt: skip


def place(exhibit="E0001", source="EXIF", at=(52.37, 4.89), radius=300.0, grade="B", **more):
    return {
        "exhibit": exhibit, "source": source, "latitude": at[0], "longitude": at[1], "radius_m": radius, "grade": grade,
        "reader": "reader 1", "basis": (), **more,
    }  # fmt: skip


def table(*rows):
    return pd.DataFrame(list(rows), columns=list(place() | {"preserved": None}))


def drawn(*rows, title="Case"):
    return ElementTree.fromstring(draw_map(table(*rows), title).svg)


def texts(root):
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def numbers(path):
    return np.array(re.findall(r"-?\d+\.?\d*", path), dtype=float).reshape(-1, 2)


def circles(root, layer=LAYERS[0]):
    """Return the points of each circle of a layer."""
    found = [path for path in root.iter(f"{SVG}path") if path.get("stroke-width") == "1.5"]
    return [numbers(path.get("d")) for path in found if path.get("stroke") == layer.colour]


def bar(root):
    """Return the metres a pixel that the scale bar states."""
    path = next(path.get("d") for path in root.iter(f"{SVG}path") if "v5h" in path.get("d"))
    words = next(text for text in texts(root) if re.match(r"[\d,]+ k?m( |$)", text) and "radius" not in text)
    number, unit = words.split()[:2]
    return float(number.replace(",", "")) * (1000 if unit == "km" else 1) / float(re.search(r"h([\d.]+)", path)[1])


def signs(root):
    """Return for each mark its tooltip, the words in it and the corners of its sign; a disc has none."""
    groups = [group for group in root.iter(f"{SVG}g") if group.find(f"{SVG}text").get("font-weight") == "bold"]
    return [
        (group[0].text, [each.text for each in group.iter(f"{SVG}text")], (group[1].get("points") or "").count(","))
        for group in groups
    ]


def on_land(root, point):
    """Say whether a point of the sheet is inside the land that is drawn: an odd number of its lines lie east of it."""
    path = next(path for path in root.iter(f"{SVG}path") if path.get("fill") == LAND).get("d")
    crossed = 0
    for ring in path.replace("H", " H").replace("V", " V").split("z"):
        corners = rectangle(ring) if "H" in ring else numbers(ring)
        for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if (y0 > point[1]) != (y1 > point[1]):
                crossed += x0 + (point[1] - y0) / (y1 - y0) * (x1 - x0) > point[0]
    return crossed % 2 == 1


def rectangle(ring):
    left, top, right, bottom, _ = (float(number) for number in re.findall(r"[\d.]+", ring))
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


# -- geometry ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "at", [(0.5, 0.5), (52.37, 4.89), (-80.0, 120.0), (17.0, 179.999), (90.0, 0.0), (-89.999, 7.0)]
)
@pytest.mark.parametrize("radius", few([31.0, 2_000.0, 300_000.0], 1))
def test_a_circle_has_its_radius_in_metres_by_the_scale_bar(at, radius):
    """
    Within one per cent in every direction, at any latitude, on the antimeridian and at a pole.
    """
    root = drawn(place(at=at, radius=radius))
    (points,) = circles(root)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    far = np.hypot(*(points - middle).T) * bar(root)

    assert far == pytest.approx(radius, rel=0.01, abs=0.1 * bar(root))


def test_a_circle_on_the_map_of_the_world_is_drawn_by_true_distances():
    """
    One of 900 km at 60 degrees north is wider than high, and each point of it 900 km away.
    """
    root = drawn(place(at=(60.0, 10.0), radius=900_000.0), place("E0002", at=(-30.0, -150.0), radius=None))
    (points,) = circles(root)
    origin = np.array(
        [next(float(x) for x in [position(root, "10° E", "60° N")[0]]), position(root, "10° E", "60° N")[1]]
    )
    degrees = (points - origin) * [360 / 680, -180 / 340]

    far = [distance_m((60.0, 10.0), (60.0 + north, 10.0 + east)) for east, north in degrees]
    assert far == pytest.approx([900_000.0] * len(far), rel=0.01)


def position(root, longitude, latitude):
    """Return where two degrees cross, by the labels of the graticule: 30 degrees are 680/12 pixels."""
    labels = {text.text: (float(text.get("x")), float(text.get("y"))) for text in root.iter(f"{SVG}text")}
    east = next(labels[name][0] + (float(longitude.split("°")[0]) - number) * 680 / 360
                for name, number in (("0°", 0), ("30° E", 30)) if name in labels and labels[name][1] > 432)  # fmt: skip
    return east, labels[latitude][1] - 3.5


@given(
    st.floats(-90, 90), st.floats(-180, 180), st.floats(1, 3_000_000),
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_every_point_of_a_circle_is_as_far_away_as_it_says(latitude, longitude, radius):
    """
    By the haversine formula, which the circle is not made with.
    """
    made = circle(latitude, longitude, radius, 12)

    far = [distance_m((latitude, longitude), (north, east)) for east, north in made]
    assert far == pytest.approx([radius] * len(far), rel=1e-3, abs=0.2)


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-89.9, 89.9), st.floats(-179.9, 179.9))
@settings(max_examples=100, deadline=None)
def test_a_projection_leads_there_and_back(latitude, longitude, north, east):
    """
    A point of the sheet has the degrees that were projected to it, up to the far side of the earth.
    """
    there = np.array([[east, north]])
    for projection in (Azimuthal(latitude, longitude), PlateCarree(longitude)):
        (found,) = projection.degrees(projection.project(there))
        assert distance_m((north, east), (found[1], found[0])) < 1


def test_a_line_on_the_far_side_of_the_earth_does_not_cross_the_picture():
    """
    Past the point opposite the centre it goes around the edge, never over the middle.
    """
    line = Azimuthal(0.0, 0.0).unwound(np.array([[178.0, 1.0], [-178.0, -1.0]]))
    between = [start + (end - start) * share for start, end in pairwise(line) for share in np.linspace(0, 1, 20)]

    assert min(np.hypot(*point) for point in between) > 17_000_000


def test_places_on_both_sides_of_the_antimeridian_are_neighbours():
    """
    Two places 21 km apart are 21 km apart on the map, and not at its two ends.
    """
    root = drawn(place(at=(-17.0, 179.9), radius=None), place("E0002", at=(-17.0, -179.9), radius=None))
    view = fitted([(-17.0, 179.9, 0.0), (-17.0, -179.9, 0.0)], *FRAME[:2])
    one, other = view.point(-17.0, 179.9), view.point(-17.0, -179.9)

    assert dist(one, other) * bar(root) == pytest.approx(distance_m((-17.0, 179.9), (-17.0, -179.9)), rel=0.01)
    assert one[0] < other[0]
    assert {"179.95° E", "180°", "179.95° W"} <= set(texts(root))


def test_a_pole_is_one_point_whatever_longitude_is_stated():
    """
    Two readings of the pole share a mark.
    """
    root = drawn(place(at=(90.0, 20.0)), place(at=(90.0, -100.0), reader="reader 2"))

    assert [words[1] for _, words, _ in signs(root)] == ["E0001 (2 readings)"]


@pytest.mark.parametrize(
    ("places", "land", "sea"),
    few(
        [
            ([(-17.0, 177.5), (-17.0, -179.0)], (-17.8, 178.0), (-18.3, -179.7)),
            ([(52.37, 4.89), (51.92, 4.48)], (52.0, 5.0), (52.3, 4.1)),
            ([(-89.0, 0.0), (-78.0, 166.0)], (-88.0, 90.0), (-76.0, -175.0)),
            ([(88.0, 0.0), (80.0, 20.0)], (79.0, 16.0), (89.5, 90.0)),
            ([(10.0, 20.0), (-10.0, 20.0)], (0.0, 25.0), (0.0, 5.0)),
            ([(-15.0, -160.0), (15.0, -170.0)], (19.6, -155.5), (0.0, -165.0)),
            ([(52.0, 5.0), (-33.9, 151.2), (40.7, -74.0)], (-25.0, 135.0), (30.0, -40.0)),
            ([(55.7, 37.6), (66.0, -172.0), (35.7, 139.7)], (60.0, 100.0), (0.0, -150.0)),
            ([(52.0, 5.0), (-33.9, 151.2), (40.7, -74.0)], (-88.0, 0.0), (88.0, 0.0)),
        ],
        4,
    ),
)
def test_land_is_land_and_sea_is_sea(places, land, sea):
    """
    In the tropics, at the poles, over the antimeridian, and opposite to a continent.
    """
    root = drawn(*(place(at=at, radius=None) for at in places))
    view = fitted([(*at, 0.0) for at in places], *FRAME[:2])

    assert on_land(root, view.point(*land))
    assert not on_land(root, view.point(*sea))


# -- layers and grades ------------------------------------------------------------------------------------------------


def test_sources_of_different_kinds_never_share_a_sign():
    """
    At one point a device's GPS, XMP, IPTC, a post, a file's name and an analyst are six marks of six forms, apart.
    """
    sources = ["EXIF", "QuickTime", "XMP", "IPTC", "post", "file name", "analyst"]
    root = drawn(*(place(f"E000{number}", source) for number, source in enumerate(sources)))
    made = signs(root)

    assert [tip.split("\n")[0] for tip, _, _ in made] == [layer.name for layer in LAYERS[:6]]
    assert re.findall("exhibit (E....)", made[0][0]) == ["E0000", "E0001"]
    assert len({(corners, tip.split("\n")[0]) for tip, _, corners in made}) == 6
    spots = sign_places(root)
    assert min(dist(one, other) for one in spots for other in spots if one != other) > 16


def sign_places(root):
    letters = [text for text in root.iter(f"{SVG}text") if text.get("font-size") == "9.5"]
    return [(float(letter.get("x")), float(letter.get("y"))) for letter in letters]


def test_a_source_that_nobody_foresaw_is_in_a_layer_of_its_own():
    """
    It is not taken for a device's.
    """
    ((tip, _, _),) = signs(drawn(place(source="EXIFish")))

    assert tip.startswith("other sources")


@pytest.mark.parametrize(("grade", "dashes"), [("B", None), ("C", "6 4"), ("D", "1.5 3.5"), ("?", "1.5 3.5")])
def test_each_grade_has_its_line(grade, dashes):
    """
    B is whole, C dashed, D and what nobody graded dotted.
    """
    root = drawn(place(grade=grade))
    line = next(path for path in root.iter(f"{SVG}path") if path.get("stroke") == LAYERS[0].colour)

    assert line.get("stroke-dasharray") == dashes
    assert [words[0] for _, words, _ in signs(root)] == [grade if grade != "?" else "–"]


@pytest.mark.parametrize(
    "row",
    [
        place("E0066", grade="X", basis=("The receiver marks it void.",)),
        place("E0066", at=(0.0, 0.0)),
        place("E0066", at=(91.0, 0.0)),
        place("E0066", at=(float("nan"), 4.0)),
        place("E0066", at=(10.0, 181.0)),
    ],
)
def test_what_cannot_be_a_position_is_listed_and_not_drawn(row):
    """
    Graded X or not: no circle, no sign, and no part in what the map shows.
    """
    root, alone = drawn(place(), row), drawn(place())

    assert len(circles(root)) == 1
    assert [words[1] for _, words, _ in signs(root)] == ["E0001"]
    assert bar(root) == bar(alone)
    assert any(text.startswith("E0066, EXIF:") for text in texts(root))
    assert "not drawn" in texts(root)


@pytest.mark.parametrize("radius", [None, float("nan"), float("inf"), -5.0, 0.0, 1e9])
def test_a_radius_that_is_none_gives_no_circle(radius):
    """
    The mark stands alone, and the table says that no radius is stated.
    """
    root = drawn(place(radius=radius))

    assert circles(root) == []
    assert "not stated" in texts(root)


def test_places_too_close_to_tell_apart_are_numbered_and_listed():
    """
    Three exhibits at one place are one mark with a number, and the table names each.
    """
    root = drawn(*(place(f"E000{number}", radius=5.0) for number in range(3)), place("E0009", at=(52.9, 5.5)))

    assert sorted(words[1] for _, words, _ in signs(root)) == ["E0009", "group 1 (3)"]
    assert texts(root).count("group 1 (3)") == 4
    assert {"E0000", "E0001", "E0002"} <= set(texts(root))


def test_a_crowded_map_has_few_marks_and_leaves_no_exhibit_out():
    """
    Four hundred places become at most forty marks, whose numbers add up; each place has its point.
    """
    rows = [place(f"E{n:04}", at=(50 + n % 20 / 10, 4 + n // 20 / 10), radius=None) for n in range(400)]
    root = drawn(*rows)
    made = [words[1] for _, words, _ in signs(root)]

    assert len(made) <= 40
    assert sum(int(re.search(r"\((\d+)\)", name)[1]) if "group" in name else 1 for name in made) == 400
    assert sum(circle.get("r") == "2.2" for circle in root.iter(f"{SVG}circle")) == 400


# -- what stands on it ------------------------------------------------------------------------------------------------


def test_the_map_says_what_it_is():
    """
    Title and description for who cannot see it, when the exhibits were preserved, and that files state positions.
    """
    picture = draw_map(
        table(place(preserved="2026-05-01T23:00:00Z"), place("E0002", preserved="2026-05-03T01:00:00Z")), "T"
    )
    root = ElementTree.fromstring(picture.svg)
    said = " ".join(texts(root))

    assert (root.get("role"), root[0].tag, root[0].text, root[1].tag) == ("img", f"{SVG}title", "T", f"{SVG}desc")
    assert "2 positions of 2 exhibits" in root[1].text and picture.caption == "2 positions of 2 exhibits drawn."
    assert "Exhibits preserved 2026-05-01 to 2026-05-03 (UTC). Positions are what files state" in said
    assert "device GPS (EXIF, QuickTime) (2)" in said


def test_what_people_state_is_not_said_to_be_in_files():
    """
    A place that a post names is what a person states.
    """
    assert any("files, posts and people state" in text for text in texts(drawn(place(source="post"))))


def test_outlines_are_left_out_where_they_would_mislead():
    """
    A city has a graticule and a scale bar, no land, and says why; a country has land and says how exact it is.
    """
    city, country = drawn(place()), drawn(place(), place("E0002", at=(51.5, 5.5)))
    land = [any(path.get("fill") == LAND for path in root.iter(f"{SVG}path")) for root in (city, country)]

    assert land == [False, True]
    assert any("exact to about 5 km and would mislead" in text for text in texts(city))
    assert any("exact to about 5 km; nothing is drawn between them" in text for text in texts(country))
    assert sum("°" in text for text in texts(city)) >= 6


@pytest.mark.parametrize("rows", [(), (place(at=(0.0, 0.0)),)])
def test_nothing_to_draw_is_a_picture_that_says_so(rows):
    """
    No frame, no land, no scale.
    """
    root = drawn(*rows)

    assert "No position to draw." in texts(root)
    assert not circles(root) and not [path for path in root.iter(f"{SVG}path") if path.get("fill") == LAND]


def test_every_label_stands_inside_the_frame():
    """
    Also for places in its corners: there is room around them.
    """
    rows = [place(f"E00{n:02}", at=(52 + n % 5 / 7, 4 + n // 5 / 5), radius=40.0) for n in range(25)]

    for x, y in sign_places(drawn(*rows)):
        assert FRAME[0] + 8 <= x <= FRAME[2] - 8 and FRAME[1] + 8 <= y <= FRAME[3] - 8


def test_no_cell_of_the_table_runs_into_the_next():
    """
    Nor off the sheet, in the wide typeface that a desktop without Helvetica takes.
    """
    long = place(
        "E0001", "EXIF", reader="exifread 3.5.1, osint tiff", basis=("It states no time of its fix. " * 4,), grade="C"
    )
    root = drawn(long)
    words = [
        each
        for each in root.iter(f"{SVG}text")
        if each.get("font-size") in ("10.5", "10") and each.get("text-anchor") is None
    ]
    rows = {y: [each for each in words if each.get("y") == y] for y in {each.get("y") for each in words}}
    table_rows = [row for row in rows.values() if len(row) == 7]

    assert len(table_rows) == 2
    for row in table_rows:
        for each, following in zip(row, [*row[1:], None], strict=True):
            bold = 1.1 if each.get("font-weight") else 1.0
            end = float(each.get("x")) + bold * text_width(each.text, float(each.get("font-size")))
            assert end <= (float(following.get("x")) if following is not None else 990), each.text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_is_text(hostile):
    """
    In a title, an exhibit, a source, a reader, a sentence or a grade.
    """
    row = place(hostile, hostile, reader=hostile, basis=(hostile,), grade=hostile)
    bad = place(hostile, hostile, at=(99.0, 0.0), basis=hostile)
    picture = draw_map(table(row, bad), hostile).svg
    root = ElementTree.fromstring(picture)

    allowed = {"svg", "title", "desc", "rect", "text", "g", "circle", "path", "polygon"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
    assert not re.search("[\u202e\x00\x1b]", picture.decode())
    assert {name for element in root.iter() for name in element.attrib} <= ATTRIBUTES
    assert all(element.get("style") in (None, "max-width:100%;height:auto") for element in root.iter())


def test_the_same_places_give_the_same_bytes_in_any_order():
    """
    A map can be drawn again and compared.
    """
    rows = [place(f"E000{n}", ("EXIF", "XMP", "post")[n % 3], at=(52 + n / 50, 4 - n / 70)) for n in range(9)]

    assert draw_map(table(*rows), "Case").svg == draw_map(table(*rows[::-1]), "Case").svg


def test_a_table_without_a_column_is_refused():
    """
    Its name is said.
    """
    with pytest.raises(CaseError, match="has no column radius_m, grade"):
        draw_map(table(place()).drop(columns=["radius_m", "grade"]), "Case")


def test_the_table_of_files_is_drawn_by_its_positions():
    """
    Each position of each file is a place, its block the source, once for all who read it so; a chart of it is a map.
    """
    held = StatedPosition(
        block="XMP", reader="r", latitude=52.0, longitude=4.0, radius_m=31.0, grade="C", basis=("Why.",)
    )
    capture = [{"kind": "camera clock", "start": "x"}, {"kind": "capture", "start": "2026-06-01T12:00:00Z"}]
    stated = [{**vars(held), "basis": ["Why."], "reader": reader} for reader in ("r", "s")]
    media = pd.DataFrame({"exhibit": ["E0001", "E0002"], "positions": [stated, []], "times": [capture, capture]})
    row = places_table(media).iloc[0]

    assert (row["reader"], row["preserved"]) == ("r, s", "2026-06-01T12:00:00Z")
    assert (len(places_table(media)), row["exhibit"], row["source"], row["grade"]) == (1, "E0001", "XMP", "C")
    assert draw(media, "Case").svg == draw(places_table(media), "Case").svg
    assert draw(media, "Case").caption == "1 position of 1 exhibit drawn."


@pytest.mark.parametrize(("apart", "scale"), [(0.001, None), (1.0, "50m"), (35.0, "110m"), (120.0, "110m")])
def test_the_wider_the_view_the_coarser_its_outlines(apart, scale):
    """
    None at all where they would be drawn beyond what they hold.
    """
    view = fitted([(10.0, 10.0, 0.0), (10.0, 10.0 + apart, 0.0)], 0.0, 0.0)

    assert outline_scale(view) == scale
    assert view.whole_world == (apart > 100)
    assert hypot(*view.point(10.0, 10.0)) < 1000
