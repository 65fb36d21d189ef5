"""The picture: the same every time, nothing hidden in silence, nothing that runs, and evidence on pointing."""

import io
from itertools import combinations, pairwise
from math import prod, sqrt

import networkx as nx
import pytest
from another_process import printed
from hypothesis import given
from invented_posts import DAWN, JANE, OMAR, hashtag, law, mention, post, rows, table
from lxml import etree
from PIL import Image

from osint.graph.association import RELATIONS, association_graph
from osint.graph.drawing import ASSOCIATION_NOTE, layout, png, stress, svg
from osint.graph.drawing.marks import covered, label_lines
from osint.graph.drawing.placement import placed, spread
from osint.graph.drawing.raster import Faces
from osint.graph.drawing.routes import routes
from osint.graph.drawing.scene import scene
from osint.graph.drawing.shapes import Label, along, dashed
from osint.graph.drawing.styles import edge_style, node_style

SVG = {"s": "http://www.w3.org/2000/svg"}


def talk(*posts):
    return association_graph(table(*posts))


@pytest.fixture
def network():
    return talk(
        post(1, tag=[mention(DAWN), hashtag("lost")], exhibit="E0003"),
        post(
            2, attributed_to=DAWN, tag=[mention(JANE), mention(OMAR)], links=["https://news.example/a"], exhibit="E0004"
        ),
        post(3, in_reply_to="mastodon:1", in_reply_to_account=JANE),
        post(4, quote_of="mastodon:99"),
    )


def star(leaves):
    network = nx.MultiDiGraph()
    for number in range(leaves):
        node = f"account:mastodon:friend{number:03d}@quite.long.host.example"
        network.add_node(node, kind="account", label=node.split(":")[2])
        network.add_edge(JANE, node, key="mention", kind="mention", count=number + 1, exhibits=["E0001"])
    network.add_node(JANE, kind="account", label="jane@social.example")
    return network


def texts(content):
    """Everything that is written on a chart."""
    return " ".join(etree.fromstring(content).xpath("//s:text/text()", namespaces=SVG))


def titles(content):
    return etree.fromstring(content).xpath("//s:g/s:title/text()", namespaces=SVG)


def test_every_node_and_edge_shows_its_exhibits_on_pointing(network):
    """
    A reader of the chart finds the evidence without another file.
    """
    shown = titles(svg(network))

    assert len(shown) == len(network) + network.size()
    [edge] = [title for title in shown if title.startswith(f"{DAWN} -> {OMAR}")]
    assert "exhibits E0004" in edge
    assert all("exhibits E0" in title for title in shown)


def test_a_tooltip_of_many_exhibits_says_how_many_more():
    """
    A long list is cut where it says so, and stands whole in the description beside it.
    """
    exhibits = [f"E{number:04d}" for number in range(1, 31)]
    network = talk(post(1, tag=[mention(DAWN)], exhibits=exhibits))

    shown = titles(svg(network))
    described = [each.text for each in etree.fromstring(svg(network)).iter("{*}desc")][1:]

    assert all(title.endswith("E0020 and 10 more") for title in shown)
    assert described == [f"all exhibits {', '.join(exhibits)}"] * 3


def test_a_chart_says_what_an_association_is_not(network):
    """
    Title, note, counts, legend and the caveat stand on every chart.
    """
    written = texts(svg(network, title="Case 2026-0417", note="Made by J. Smit."))

    for words in (
        "Case 2026-0417",
        "Made by J. Smit.",
        "what the graph itself leaves out is not stated",
        "web address (1)",
        "mention (3)",
        "reply (1)",
    ):
        assert words in written
    assert ASSOCIATION_NOTE.split(":", maxsplit=1)[0] in written


def test_the_legend_calls_edges_observed_only_when_they_are(network):
    """
    An edge that a rule derived or an analyst asserted is not sold as seen in posts.
    """
    assert "as observed in posts" in texts(svg(network))

    network.add_edge(JANE, OMAR, key="alias_of", kind="alias_of", basis="asserted", exhibits=["E0003"])

    assert "as observed in posts" not in texts(svg(network))


def test_what_does_not_fit_is_counted_not_dropped_in_silence():
    """
    Above the limit the nodes with the fewest neighbours go, and the chart says how many nodes and edges went.
    """
    network = star(30)
    network.add_edge(
        "account:mastodon:friend007@quite.long.host.example", OMAR, key="reply", kind="reply", exhibits=["E1"]
    )

    content = svg(network, limit=3)

    assert "3 nodes and 2 edges shown; 29 nodes and 29 edges hidden, fewest neighbours first; what" in texts(content)
    assert sorted(title.split("\n")[1] for title in titles(content) if "->" not in title) == [
        "account:mastodon:friend000@quite.long.host.example",
        "account:mastodon:friend007@quite.long.host.example",
        JANE,
    ]


def test_nothing_in_a_chart_runs_or_is_fetched():
    """
    A label that is markup stays text; there is no script, style sheet, event handler or reference in the file.
    """
    attack = '"><script>alert(1)</script><image href="https://attacker.example/x.png"/>\u202e'
    network = nx.MultiDiGraph()
    network.add_node("account:mastodon:x", kind=attack, label=attack, platform=attack)
    network.add_edge("account:mastodon:x", "account:mastodon:x", key="k", kind=attack, exhibits=[attack])

    root = etree.fromstring(svg(network, title=attack, note=attack))

    assert {etree.QName(element).localname for element in root.iter()} <= {
        "svg", "title", "desc", "rect", "g", "path", "polygon", "circle", "text",
    }  # fmt: skip
    names = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in names if name.startswith("on") or "href" in name}
    assert [root] == root.xpath("//*[@style]")
    assert root.get("style") == "max-width:100%;height:auto"
    assert "\u202e" not in svg(network, title=attack).decode()


def test_kinds_and_relations_are_told_apart_without_colour():
    """
    Each kind of node has an outline and a sign of its own, each relation an arrowhead of its own, filled or open.
    """
    kinds = [node_style(kind) for kind in ("account", "hashtag", "url", "post", "unforeseen")]
    relations = [edge_style(kind) for kind in (*RELATIONS, "unforeseen")]

    assert len({style.outline for style in kinds}) == len({style.sign for style in kinds}) == len(kinds)
    assert len({(style.head, style.filled) for style in relations}) == len(relations)
    assert len({style.colour for style in relations}) == len(relations)


def test_labels_cover_neither_nodes_nor_each_other():
    """
    In a chart of forty long names no label lies on another or on a node.
    """
    network = star(40)
    boxes = {node: covered(label_lines(known)) for node, known in network.nodes(data=True)}
    places = spread(layout(network), boxes, 112.0)

    for one, other in combinations(places, 2):
        first, second = placed(places[one], boxes[one]), placed(places[other], boxes[other])
        apart_x = max(first[0], second[0]) - min(first[2], second[2])
        apart_y = max(first[1], second[1]) - min(first[3], second[3])
        assert max(apart_x, apart_y) > 0


def test_edges_run_around_nodes_that_they_do_not_concern():
    """
    A straight line through a third node would read as two edges of that node.
    """
    places = {"a": (0.0, 0.0), "b": (100.0, 0.0), "c": (200.0, 0.0)}

    [path] = routes([("a", "c")], places)

    assert all((x - 100) ** 2 + y**2 > 15**2 for x, y in (along(path, step / 50) for step in range(51)))


def test_parallel_edges_do_not_lie_on_each_other():
    """
    Mention, reply and the mention in return are three lines.
    """
    paths = routes([("a", "b"), ("a", "b"), ("b", "a")], {"a": (0.0, 0.0), "b": (200.0, 0.0)})

    assert len({along(path, 0.5) for path in paths}) == 3


@law
@given(rows())
def test_any_graph_of_posts_can_be_drawn_on_its_sheet(made):
    """
    Empty, unconnected and looping graphs are drawn, and every label begins on the sheet.
    """
    drawn = scene(association_graph(table(*made)), title="t")

    places = [shape.place for item in drawn.items for shape in item.shapes if isinstance(shape, Label)]
    assert all(0 < x < drawn.width and 0 < y < drawn.height for x, y in places)


def test_the_picture_has_the_size_of_the_drawing(network):
    """
    The PNG shows the same scene at twice the size, and holds no text of its own.
    """
    drawn = scene(network, title="Association graph")

    with Image.open(io.BytesIO(png(network))) as picture:
        assert picture.size == (round(drawn.width * 2), round(drawn.height * 2))
        assert len(picture.getcolors(maxcolors=1 << 24)) > 20
        assert set(picture.info) == {"dpi"}


def test_characters_that_the_font_lacks_are_spelt_and_listed():
    """
    A name in letters that the bundled face lacks does not become a row of boxes that could be any name.
    """
    faces = Faces(None)

    assert faces.spelt("Ren\u00e9 \u27e8U+202E\u27e9 x") == "Ren<U+00E9> <U+202E> x"
    assert faces.spelling_note(["Ren\u00e9", "\u27e8U+202E\u27e9"]).endswith("lacks them: U+00E9.")
    assert faces.spelling_note(["Rene"]) == ""


def test_the_list_of_lacking_characters_stands_on_the_picture():
    """
    Many such letters make the note under the picture longer.
    """
    alphabet = "".join(map(chr, range(0x410, 0x450)))
    sizes = []
    for handle in ("plain", alphabet):
        with Image.open(io.BytesIO(png(talk(post(1, author_handle=handle))))) as picture:
            sizes.append(picture.size)

    assert sizes[0][0] == sizes[1][0]
    assert sizes[0][1] < sizes[1][1]


def test_a_graph_in_another_order_gives_the_same_picture(network):
    """
    The order in which nodes and edges were added does not show.
    """
    turned = nx.MultiDiGraph()
    turned.add_nodes_from(reversed(list(network.nodes(data=True))))
    turned.add_edges_from(reversed(list(network.edges(keys=True, data=True))))

    assert svg(turned) == svg(network)
    assert png(turned) == png(network)


def test_the_same_graph_gives_the_same_bytes_in_another_process(another_process):
    """
    Neither the hash of strings nor anything else of a process shows in the files.
    """
    program = (
        "import hashlib, networkx as nx; from osint.graph.drawing import svg, png\n"
        "g = nx.MultiDiGraph(nx.relabel_nodes(nx.gnp_random_graph(12, 0.2, seed=2, directed=True), 'account:m:{}'.format))\n"
        "for n in g: g.nodes[n].update(kind='account', label=n)\n"
        "for *_, d in g.edges(data=True): d.update(kind='mention', count=2, exhibits=['E0001'])\n"
        "print(hashlib.sha256(svg(g)).hexdigest(), hashlib.sha256(png(g)).hexdigest())"
    )

    assert another_process.printed(program) == printed(program) != ""


def test_parts_that_are_not_connected_do_not_overlap():
    """
    Separate groups stand side by side, at least a unit apart.
    """
    network = nx.MultiDiGraph([("a", "b"), ("b", "c"), ("p", "q")])
    network.add_nodes_from("xyz")
    places = layout(network)

    assert set(places) == set(network)
    for one, other in combinations([*"xyz", "a", "p"], 2):
        assert max(abs(p - q) for p, q in zip(places[one], places[other], strict=True)) >= 0.99


def test_parts_of_nearly_one_height_fill_their_rows():
    """
    A ring that is a little taller than the one before it begins no row of its own: nine tenths of the sheet are used.
    """
    network = nx.MultiDiGraph()
    for number in range(24):
        nx.add_cycle(network, [f"{number:02}.{at:02}" for at in range(7 + number % 5)])
        network.add_edge(f"{number:02}.00", f"{number:02}.{2 + number % 4:02}")
    places = layout(network)

    def area(nodes):
        sides = (max(side) - min(side) + 1 for side in zip(*map(places.get, nodes), strict=True))
        return prod(sides)

    assert sum(map(area, nx.weakly_connected_components(network))) > 0.85 * area(network)


def test_neighbours_stand_closer_than_strangers():
    """
    In a chain of five the ends are furthest apart.
    """
    network = nx.MultiDiGraph([("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")])
    places = layout(network)

    far = {
        pair: sum((p - q) ** 2 for p, q in zip(*map(places.get, pair), strict=True))
        for pair in combinations("abcde", 2)
    }

    assert max(far, key=far.get) == ("a", "e")


@pytest.mark.parametrize(
    ("known", "lines"),
    [
        ({"kind": "account", "label": "jane@social.example"}, ["jane", "@social.example"]),
        ({"kind": "account", "label": "@jane"}, ["@jane"]),
        ({"kind": "url", "label": "https://news.example/a/b"}, ["news.example", "/a/b"]),
        ({"kind": "hashtag", "label": "#" + "x" * 40}, ["#" + "x" * 20 + "…"]),
        ({"kind": "account", "label": "a\u202eb"}, ["a⟨U+202E⟩b"]),
        ({"kind": "account", "label": ""}, []),
    ],
)
def test_a_label_is_short_and_says_first_what_tells_it_apart(known, lines):
    """
    Names come before hosts, hosts before paths, and what was cut shows an ellipsis.
    """
    assert label_lines(known) == lines


@pytest.mark.parametrize("length", [12, 40])
def test_a_long_chain_is_drawn_on_a_sheet_that_keeps_its_labels_legible(length):
    """
    What is far longer than wide is not drawn on a strip, which a page would have to shrink beyond reading.
    """
    network = nx.MultiDiGraph()
    names = [f"account:mastodon:n{number}@a.example" for number in range(length)]
    for one, other in pairwise(names):
        network.add_node(one, kind="account", label=one.split(":")[2])
        network.add_edge(one, other, key="mention", kind="mention", exhibits=["E0001"])
    network.add_nodes_from(names, kind="account")

    drawn = scene(network, title="t")

    assert drawn.width < 250 + 160 * sqrt(length) * 2.2


def test_a_busy_chart_has_nearly_the_shape_of_a_page():
    """
    Two groups that one chain ties together stay within 16:10, legend aside, and a node has room for its label.
    """
    network = nx.MultiDiGraph(nx.barbell_graph(12, 10))
    network = nx.relabel_nodes(network, lambda number: f"account:mastodon:n{number:02d}@a.example")
    for node in network:
        network.nodes[node].update(kind="account", label=node.split(":")[2])

    drawn = scene(network, title="t")

    assert (drawn.width - 216) / drawn.height < 1.6
    assert drawn.width < 1700


def test_the_layout_of_a_graph_is_made_once_for_all_pictures(network, monkeypatch):
    """
    SVG and PNG of one graph share the dearest step.
    """
    made = []
    monkeypatch.setattr(stress, "_pack", lambda parts, pack=stress._pack: made.append(1) or pack(parts))
    stress._layout.cache_clear()

    svg(network)
    png(network)

    assert made == [1]


def test_what_an_edge_rests_on_is_told_by_its_line():
    """
    Observed solid, derived dashed, asserted dotted, a loop too; the legend names the three, and the PNG differs.
    """
    network = nx.MultiDiGraph()
    network.add_nodes_from([JANE, DAWN], kind="account", label="x")
    for target, basis in ((DAWN, "observed"), (DAWN, "derived"), (DAWN, "asserted"), (JANE, "asserted")):
        network.add_edge(JANE, target, key=basis, kind="mention", basis=basis, exhibits=["E0001"])

    root = etree.fromstring(svg(network))
    dashes = [
        element.get("stroke-dasharray") for element in root.xpath("//s:path | //s:circle[@fill='none']", namespaces=SVG)
    ]
    solid = network.copy()
    for *_, known in solid.edges(data=True):
        known["basis"] = "observed"

    assert dashes.count("7 4") == 2  # the edge, and its line in the legend
    assert dashes.count("1.5 4.5") == 3  # and the loop
    assert all(words in texts(svg(network)) for words in ("derived by a named rule", "asserted by an analyst"))
    assert png(network) != png(solid)


def test_the_line_itself_is_broken_in_the_png():
    """
    Of one blue edge less is drawn when it is derived, and less still when it is asserted.
    """

    def blue(basis):
        network = nx.MultiDiGraph()
        network.add_nodes_from([JANE, DAWN], kind="hashtag", label="x")
        network.add_edge(JANE, DAWN, key="mention", kind="mention", basis=basis, exhibits=["E0001"])
        with Image.open(io.BytesIO(png(network))) as picture:
            return sum(count for count, (red, _, blue) in picture.convert("RGB").getcolors(10**6) if blue - red > 100)

    assert blue("asserted") < blue("derived") < blue("") < blue("observed")


def test_dashes_are_as_long_as_they_are_said_to_be():
    """
    Over the corners of a line, and its end.
    """
    parts = list(dashed([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)], (7.0, 4.0)))

    assert parts == [[(0.0, 0.0), (7.0, 0.0)], [(10.0, 1.0), (10.0, 8.0)]]


def test_the_status_of_a_node_stands_under_its_name():
    """
    Unknown is no status.
    """
    assert label_lines({"kind": "account", "label": "@jane", "status": "missing"}) == ["@jane", "(missing)"]
    assert label_lines({"kind": "account", "label": "@jane", "status": "unknown"}) == ["@jane"]


def test_a_large_graph_is_placed_alike_whatever_its_order_and_neighbours_stand_together():
    """
    Two groups of 160, one tie between them, each node with a leaf: groups apart, leaves beside their nodes.
    """
    network = nx.MultiDiGraph()
    for group in "ab":
        ring = [f"{group}{number:03d}" for number in range(160)]
        network.add_edges_from((ring[at], ring[(at + step) % 160]) for at in range(160) for step in (1, 5, 23))
        network.add_edges_from((node, f"{node}-leaf") for node in ring)
    network.add_edge("a000", "b000")
    turned = nx.MultiDiGraph()
    turned.add_nodes_from(reversed(list(network)))
    turned.add_edges_from((other, one) for one, other in reversed(list(network.edges())))
    places = layout(network)

    def apart(one, other):
        return sqrt(sum((p - q) ** 2 for p, q in zip(places[one], places[other], strict=True)))

    middle = {g: [sum(places[n][axis] for n in network if n[0] == g) / 320 for axis in (0, 1)] for g in "ab"}
    assert places == layout(turned)
    assert all(apart(node, f"{node}-leaf") < 1.5 for node in network if "leaf" not in node)
    assert sqrt(sum((p - q) ** 2 for p, q in zip(*middle.values(), strict=True))) > 5
    assert len(set(places.values())) == len(network)
