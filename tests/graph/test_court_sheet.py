"""The court sheet: all that a reader needs to check a chart, in the text layer, on every page where it belongs."""

import hashlib
import io
import re
import unicodedata
from collections import Counter

import networkx as nx
import pypdf
import pytest
from few import few
from invented_charts import DIGEST, FIRST, HAZARDS, KEYS, every_kind, hazardous, reordered

from osint.errors import ExportError
from osint.graph.drawing.styles import node_style
from osint.graph.exchange.evidence import evidence_digest, evidence_list
from osint.graph.exchange.kinds import KINDS
from osint.report.court_sheet import NOTE, court_sheet
from osint.report.fonts import Letters
from osint.report.sheet import PAPERS


def pages(network, **options):
    read = pypdf.PdfReader(io.BytesIO(court_sheet(network, **{"title": "Who is tied to Jane", **options})))
    return [page.extract_text() for page in read.pages]


def run_together(texts):
    """Text without spaces and line ends: a long one is broken over lines."""
    return re.sub(r"\s+", "", "\n".join(texts))


def crowd(count):
    """Accounts that each mention the first one, the later ones more often."""
    network = nx.MultiDiGraph()
    keys = [f"account:mastodon:user{number:03}@social.example" for number in range(count)]
    for number, key in enumerate(keys):
        exhibits = [f"E{number:04}"]
        network.add_node(key, kind="account", label=f"user{number:03}", first=FIRST, last=FIRST, exhibits=exhibits)
        if number:
            network.add_edge(key, keys[0], "mention", kind="mention", basis="observed", count=1, exhibits=exhibits)
    return network


def test_the_first_page_holds_what_a_court_asks_for():
    """
    Title, case, note, date of the data, filters, counts shown and hidden, legend of kinds and lines, list's digest.
    """
    network = every_kind()

    first = pages(network, note="Made for the hearing.")[0]

    for said in (
        "Who is tied to Jane", "Case 2026-0417", NOTE, "data taken until 2026-05-03T09:00:00Z", "min_count: 2",
        "15 nodes and 15 edges drawn.", "nodes and 5 edges", "Made for the hearing.", "observed in posts or files",
        "derived by a named rule (1)", "asserted by an analyst (1)", "crypto wallet (1)", "boat (1)",
        "same_media (1)", "page 1 of",
    ):  # fmt: skip
        assert said in first.replace("\n", " ")
    assert run_together([first]).count(evidence_digest(network)) == 2


def test_every_page_names_the_chart_its_number_and_the_evidence_list():
    """
    A page that was taken out of the pile says where it belongs.
    """
    network = crowd(120)
    texts = pages(network, case="2026-0417")

    assert len(texts) > 4
    for number, text in enumerate(texts, 1):
        assert f"page {number} of {len(texts)}" in text
        assert f"Who is tied to Jane · case 2026-0417 · evidence list SHA-256 {evidence_digest(network)}" in text


@pytest.mark.parametrize("paper", PAPERS)
def test_a_sheet_is_landscape_and_nothing_leaves_it(paper):
    """
    A3 or A4, wider than high, and every text begins inside the page.
    """
    placed = []
    read = pypdf.PdfReader(io.BytesIO(court_sheet(every_kind(), title="Chart", paper=paper)))
    for page in read.pages:
        width, height = map(float, page.mediabox[2:])
        assert (width, height) == PAPERS[paper]
        page.extract_text(visitor_text=lambda text, _, at, *__: placed.append((text, at[4], at[5])))
        assert all(0 < x < width and 20 < y < height for text, x, y in placed if text.strip())
    assert len(placed) > 100


def test_the_drawing_names_each_node_by_its_number_in_the_table():
    """
    Number and label stand together in the drawing, and again in the tables, once for each edge end.
    """
    texts = pages(every_kind())
    drawn, tables = texts[0], "\n".join(texts[1:])

    for number, key in enumerate(sorted(KEYS.values()), 1):
        kind = key.partition(":")[0]
        assert f"{number}  the {kind}" in drawn
        assert run_together([key]) in run_together([tables])


def test_every_edge_is_in_the_table_with_its_exhibits_and_ground():
    """
    Relation, ends, basis, rule, analyst, reason and exhibits of each edge.
    """
    tables = run_together(pages(every_kind())[1:])

    assert tables.count("mention") == 13
    assert "E0001,E0002" in tables
    assert 'derived;rulesame_media1{"distance":4}' in tables
    assert "asserted;byJ.Smit;reason:shesayssoinE0003" in tables
    assert "grade3x5x2source2,3x5x2informationB,3x5x2handlingP" in tables


def test_what_was_left_out_of_the_drawing_is_counted_and_in_the_tables():
    """
    Nodes with the fewest neighbours go first; the table says which are drawn, and loses none.
    """
    texts = pages(crowd(30), limit=10)

    assert "10 nodes and 9 edges drawn." in texts[0]
    assert "20 nodes and 20 edges left out of the drawing" in texts[0].replace("\n", " ")
    assert "What filters hid is not stated." in texts[0].replace("\n", " ")
    assert "user029" not in texts[0]
    assert all(f"user{number:03}" in "".join(texts[1:]) for number in range(30))
    drawn = re.findall(r"\b(yes|no) E\d{4}", " ".join(" ".join(texts[1:]).split()))
    assert Counter(drawn) == {"yes": 19, "no": 40}


def test_the_digest_can_be_computed_again_from_the_printed_list():
    """
    Exhibit, space, digest, line feed: the SHA-256 of these lines is the one on every page.
    """
    network = every_kind()
    printed = pages(network)[-1].partition("Evidence list (3)")[2]

    rows = re.findall(r"^(E\d{4})\s+(-|[0-9a-f]{64})$", printed, re.MULTILINE)

    lines = "".join(f"{exhibit} {digest}\n" for exhibit, digest in rows)
    assert lines == evidence_list(network) == f"E0001 {DIGEST}\nE0002 -\nE0003 -\n"
    assert hashlib.sha256(lines.encode()).hexdigest() in run_together([printed])


@pytest.mark.parametrize("hazard", few(HAZARDS, 6))
def test_a_hostile_label_is_whole_in_the_text_layer(hazard):
    """
    Every label is found as the fonts spell it, however long, and no page shows what hides or reorders text.
    """
    text = HAZARDS[hazard]

    found = pages(hazardous(text), paper="A4")

    leftwards = any(unicodedata.bidirectional(each) in ("R", "AL") for each in text)
    for part in text.split() if leftwards else [text]:  # words from right to left come in the order in which they stand
        spelt = run_together(Letters().spelt(line) for line in part.split("\n"))
        assert run_together(found[1:]).replace("E0001", "").count(spelt) >= 6 or _crosses_pages(spelt)
    assert not set("\x00\x0b\x1b\u202e\ufffe") & set("".join(found))


def _crosses_pages(spelt):
    """Ten thousand characters do not fit one page; their number is checked where they stand."""
    return len(spelt) > 5000


def test_a_label_of_ten_thousand_characters_loses_none():
    """
    Broken over lines and pages, it is as long as it was.
    """
    network = nx.MultiDiGraph()
    network.add_node("account:mastodon:jane", kind="account", label="ж" * 10_000, exhibits=["E0001"])

    texts = pages(network, paper="A4")

    assert "".join(texts[1:]).count("ж") == 10_000
    assert "ж…" in texts[0]


def test_labels_from_right_to_left_are_drawn_and_keep_their_numbers():
    """
    Arabic letters are found by a search, a character that reorders is spelt, and the page says how to read that.
    """
    texts = pages(hazardous("مريم 7\u202e"))

    assert "مريم" in texts[0]
    assert "7\\u{202E}" in run_together(texts)
    assert "spelt by its code point" in texts[1].replace("\n", " ")


def test_a_long_note_filter_and_legend_do_not_push_the_rest_off_the_page():
    """
    Beside the drawing a text is cut and marked so; in full it stands in the table. The legend goes on elsewhere.
    """
    network = crowd(3)
    for number in range(60):
        kind = f"relation_{number:02}"
        network.add_edge(*list(network)[:2], kind, kind=kind, basis="asserted", count=1, exhibits=["E0001"])

    options = {"note": "why " * 500 + "end of the note", "paper": "A4"}
    texts = pages(network, **options)
    heights = []
    for page in pypdf.PdfReader(io.BytesIO(court_sheet(network, title="Chart", **options))).pages:
        page.extract_text(visitor_text=lambda text, _, at, *__: heights.append(at[5]) if text.strip() else None)

    assert min(heights) > 20
    assert NOTE in texts[0]
    assert "observed in posts" in texts[0]
    assert "end of the note" not in texts[0]
    assert "end of the note" in "".join(texts[1:]).replace("\n", " ")
    assert all(f"relation_{number:02} (1)" in "".join(texts[:3]) for number in range(60))


def test_victims_and_minors_are_under_a_pseudonym():
    """
    No name and no key of a protected person is in the file, unless a reason unlocks it, which the sheet prints.
    """
    network = every_kind()
    network.nodes[KEYS["person"]].update(label="Rosa Field", status="victim")

    hidden, shown = pages(network), pages(network, unlock="ordered by the court")

    assert "Rosa" not in "".join(hidden)
    assert "Person A" in hidden[0]
    assert "Rosa Field" in shown[0]
    assert "1 unlocked: ordered by the court" in shown[0]


def test_every_kind_has_a_sign_of_its_own():
    """
    A printer without colours loses nothing: outline and letters tell kinds apart.
    """
    signs = {(node_style(kind).outline, node_style(kind).sign) for kind in (*KINDS, "unforeseen")}

    assert len(signs) == len(KINDS) + 1


def test_the_drawing_is_vectors_and_text_in_embedded_fonts():
    """
    No picture of a chart, so it is sharp at any size; no font that the reader's machine would replace.
    """
    read = pypdf.PdfReader(io.BytesIO(court_sheet(every_kind(), title="Chart")))
    fonts = {name: font.get_object() for page in read.pages for name, font in page["/Resources"]["/Font"].items()}

    assert not any(page.images for page in read.pages)
    assert fonts
    assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in fonts.values())


def test_each_basis_has_a_line_of_its_own():
    """
    Solid, dashed, dotted as in every other drawing of ours; what states no basis is not drawn as if posts showed it.
    """

    def dashes(basis):
        network = crowd(2)
        for _, _, known in network.edges(data=True):
            known["basis"] = basis
        page = pypdf.PdfReader(io.BytesIO(court_sheet(network, title="Chart"))).pages[0]
        drawn = re.findall(r"\[([\d. ]*)\] 0 d", page.get_contents().get_data().decode("latin-1"))
        pairs = [tuple(map(float, each.split())) for each in drawn if each]
        return Counter(round(left / run, 1) for run, left in pairs)

    legend = Counter({0.6: 1, 3: 1})  # the legend has derived and asserted always
    assert {basis: dashes(basis) - legend for basis in ("observed", "derived", "asserted", "")} == {
        "observed": Counter(), "derived": Counter({0.6: 1}), "asserted": Counter({3: 1}), "": Counter({0.2: 2}),
    }  # fmt: skip


def test_equal_graphs_give_equal_bytes():
    """
    The order in which a graph was built does not show.
    """
    assert court_sheet(every_kind(), title="Chart") == court_sheet(reordered(every_kind()), title="Chart")


def test_an_empty_graph_is_a_sheet_that_says_so():
    """
    Nothing found is a finding too.
    """
    first = pages(nx.MultiDiGraph())[0]

    assert "0 nodes and 0 edges drawn." in first
    assert "not dated" in first
    assert "No case number stated" in first


def test_an_edge_without_exhibits_makes_no_sheet():
    """
    No court sees an edge that nobody could check.
    """
    network = every_kind()
    network.edges[KEYS["account"], KEYS["url"], "mention"]["exhibits"] = []

    with pytest.raises(ExportError, match="names no exhibit"):
        court_sheet(network, title="Chart")


def test_an_unknown_paper_is_refused():
    """
    The message names those that there are.
    """
    with pytest.raises(ExportError, match="unknown paper 'Letter'; known: A4, A3"):
        court_sheet(every_kind(), title="Chart", paper="Letter")
