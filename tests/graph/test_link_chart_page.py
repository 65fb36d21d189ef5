"""The page of a link chart: a policy that lets nothing be asked, text that stays text, the same bytes every time."""

import base64
import hashlib
import json
import re
import sys
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from invented_charts import HAZARDS, every_kind, hazardous, reordered

from osint.errors import CaseError, ExportError
from osint.graph.drawing.places import chart_places
from osint.graph.drawing.shapes import PAPER
from osint.graph.drawing.styles import contrast, dash, edge_style, node_style
from osint.graph.exchange.kinds import KINDS
from osint.media.thumbnails import Thumbnail
from osint.views.link_chart import ChartFacts, link_chart
from osint.views.link_chart.data import LONGEST
from osint.views.link_chart.page import MODULES, page, program, widget_module

FOLDER = Path(str(files("osint.views.link_chart")))
TINY = b"\xff\xd8\xff\xd9"
ATTACK = "</script><script>alert(1)</script><!--<img src=x onerror=alert(1)>\u202e"


class Files:
    """Two preserved files; a small picture can be made of the first."""

    def __init__(self, *exhibits):
        self.exhibits = exhibits

    def records(self):
        return [type("Record", (), {"exhibit": exhibit})() for exhibit in self.exhibits]

    def thumbnail(self, record):
        return Thumbnail(jpeg=TINY, veiled=TINY) if record.exhibit == "E0001" else Thumbnail(reason="it is a film")


def parsed(chart):
    return BeautifulSoup(chart.page, "html.parser")


def held(chart):
    """What the page draws, as a browser would read it from the page."""
    return json.loads(parsed(chart).find(id="data").string)


def sha256(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.fixture(scope="module")
def chart():
    return link_chart(every_kind(), "Chart", facts=ChartFacts({"E0001": ("3f5a" * 16, 14)}, Files("E0001", "E0003")))


def test_the_policy_allows_the_one_script_and_the_one_style_and_no_request(chart):
    """
    Their hashes are those of what the page holds, byte by byte; nothing else may run or be loaded.
    """
    soup = parsed(chart)
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    [script] = [element for element in soup.find_all("script") if element.get("type") is None]
    [style] = soup.find_all("style")

    assert policy.split("; ") == [
        "default-src 'none'", f"script-src {sha256(script.string)}", f"style-src {sha256(style.string)}", "img-src data:",
    ]  # fmt: skip
    assert not [element for element in soup.find_all(True) if {"src", "href", "style"} & {*element.attrs}]
    assert not [name for element in soup.find_all(True) for name in element.attrs if name.startswith("on")]


@pytest.mark.parametrize("text", [*HAZARDS.values(), ATTACK], ids=[*HAZARDS, "attack"])
def test_hostile_text_is_data_and_opens_no_element(text):
    """
    The page has the same elements whatever the labels, keys and reasons are; no text is longer than it may be.
    """
    calm, made = link_chart(hazardous("calm"), "Chart"), link_chart(hazardous(text), text)
    raw = parsed(made).find(id="data").string

    assert Counter(each.name for each in parsed(made).find_all(True)) == Counter(
        each.name for each in parsed(calm).find_all(True)
    )
    assert not re.search("[<>&\u2028\u2029\u202e\x00-\x08\x1b]", raw)
    assert max(len(each["label"]) for each in held(made)["nodes"]) <= LONGEST + 40


def test_equal_graphs_give_equal_pages():
    """
    Each page made anew; the places of nodes do not depend on the order of the graph.
    """
    assert link_chart(every_kind(), "Chart").page == link_chart(every_kind(), "Chart").page
    assert chart_places(every_kind()) == chart_places(reordered(every_kind()))


def test_the_page_holds_every_node_every_edge_and_its_evidence(chart):
    """
    An edge leads to its exhibits, an exhibit to hash, ledger entry and, where there is one, its small picture.
    """
    shown, network = held(chart), every_kind()
    asserted = next(edge for edge in shown["edges"] if edge["basis"] == "asserted")
    by_number = {exhibit["number"]: exhibit for exhibit in shown["exhibits"]}

    assert len(shown["nodes"]) == len(network)
    assert len(shown["edges"]) == network.size()
    assert all(edge["exhibits"] for edge in shown["edges"])
    assert ["stated by", "J. Smit"] in asserted["facts"]
    assert (by_number["E0001"]["sha256"], by_number["E0001"]["entry"]) == ("3f5a" * 16, 14)
    assert by_number["E0001"]["veiled"].startswith("data:image/jpeg;base64,")
    assert by_number["E0003"]["why"] == "No picture is shown (it is a film)."
    observed = next(edge for edge in shown["edges"] if edge["basis"] == "observed")
    assert ["locator", "/statuses/0"] in observed["evidence"][str(observed["exhibits"][0])]


def test_what_the_graph_leaves_out_is_said(chart):
    """
    Hidden nodes and edges, the filter they fell to, and what an association is not.
    """
    shown = held(chart)

    assert shown["hidden"] == "The graph itself leaves out 3 nodes and 5 edges of the case."
    assert ["graph of", "min_count 2"] in shown["about"]
    assert "not guilt" in shown["note"]
    assert "not stated" in held(link_chart(hazardous("calm"), "Chart"))["hidden"]


def test_victims_and_minors_are_under_pseudonyms_and_no_picture_is_shown():
    """
    In page, picture and plain text; with a reason they are named, and the page says so.
    """
    network = every_kind()
    network.nodes["account:mastodon:jane@social.example"].update(status="victim", label="jane@social.example")
    facts = ChartFacts(files=Files("E0001"), people=[("account:mastodon:jane@social.example", "person:case:1")])
    veiled, named = link_chart(network, "Chart", facts=facts), link_chart(network, "Chart", facts=facts, unlock="court")

    for made in (veiled.page, veiled.svg):
        assert b"jane" not in made
        assert b"Person A" in made
    assert not any("picture" in exhibit for exhibit in held(veiled)["exhibits"])
    assert len(held(veiled)["people"][0]["members"]) == 2
    assert b"jane@social.example" in named.page
    assert ["victims and minors", "1 unlocked: court"] in held(named)["about"]
    assert any("picture" in exhibit for exhibit in held(named)["exhibits"])


def test_an_edge_without_exhibit_is_on_no_page():
    """
    The picture can be looked at; the page, which leaves, fails and names the edge.
    """
    network = every_kind()
    network.edges["person:case:1", "account:mastodon:jane@social.example", "same_person"]["exhibits"] = []

    with pytest.raises(ExportError, match="names no exhibit"):
        link_chart(network, "Chart").page  # noqa: B018


def test_a_chart_is_saved_as_page_or_as_picture(chart, tmp_path):
    """
    The ending decides; another one writes nothing.
    """
    assert chart.save(tmp_path / "chart.html").read_bytes() == chart.page
    assert chart.save(tmp_path / "chart.svg").read_bytes() == chart.svg
    with pytest.raises(ExportError, match=r"chart\.html or chart\.svg"):
        chart.save(tmp_path / "chart.png")
    assert {each.name for each in tmp_path.iterdir()} == {"chart.html", "chart.svg"}


def test_the_notebook_shows_a_picture_and_says_how_to_get_more(chart):
    """
    Without widget and without script: what survives a notebook that is opened without a kernel.
    """
    shown = chart._repr_mimebundle_()

    assert set(shown) == {"text/plain", "text/html"}
    assert "<script" not in shown["text/html"]
    assert "chart.widget()" in shown["text/plain"]


def test_without_the_extra_the_widget_says_what_to_install(chart, monkeypatch):
    """
    And that the page needs none.
    """
    from osint.views.link_chart.widget import _chart_class
    from osint.views.widget import widget_class

    _chart_class.cache_clear()
    widget_class.cache_clear()
    monkeypatch.setitem(sys.modules, "anywidget", None)

    with pytest.raises(CaseError, match=re.escape("pip install 'osint[ui]'")):
        chart.widget()


def test_the_widget_has_the_data_and_the_script_of_the_page(chart):
    """
    One program, twice: what is drawn in JupyterLab is what the page draws.
    """
    pytest.importorskip("anywidget")
    made = chart.widget()

    assert json.loads(made.data) == held(chart)
    assert program() in widget_module()
    assert program() in chart.page.decode()
    assert made.selected == []


def test_the_libraries_are_those_that_the_documents_name():
    """
    Bytes, digest and licence of each are in docs/third-party.md; a changed byte is noticed.
    """
    told = Path("docs/third-party.md").read_text(encoding="utf-8")
    scripts = sorted(FOLDER.glob("vendor/*.js"))

    assert len(scripts) == 3
    for script in scripts:
        content = script.read_bytes()
        row = next(line for line in told.splitlines() if f"vendor/{script.name}`" in line)
        assert hashlib.sha256(content).hexdigest() in row
        assert f"{len(content):,} bytes" in row
        assert (script.parent / re.search(r"`(LICENSE-[a-z]+\.txt)`", row).group(1)).is_file()
    assert f"{sum(script.stat().st_size for script in scripts):,} bytes in all" in told


def test_our_modules_are_all_in_and_share_no_name():
    """
    They are put into one scope without a build step: each comes after what it imports, and no two define one name.
    """
    texts = {name: (FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in MODULES}
    defined = [
        name
        for text in texts.values()
        for name in re.findall(r"^(?:export )?(?:async )?(?:const|let|function|class) (\w+)", text, re.MULTILINE)
    ]

    assert {file.stem for file in FOLDER.glob("*.js")} == set(MODULES)
    assert [name for name, times in Counter(defined).items() if times > 1] == []
    for name, text in texts.items():
        imported = re.findall(r'^import .* from "\./(\w+)\.js";$', text, re.MULTILINE)
        assert all(MODULES.index(each) < MODULES.index(name) for each in imported)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", "".join(texts.values())
    )
    assert not re.search(r"^(import|export) ", program(), re.MULTILINE)


def test_colours_can_be_read_on_the_ground_they_stand_on():
    """
    4.5 to 1 at least (WCAG 2.2, 1.4.3): signs of nodes on their colour, and lines, whose colour their words have too.
    """
    assert all(contrast(node_style(kind).colour, PAPER) >= 4.5 for kind in (*KINDS, "unforeseen"))
    relations = ("mention", "reply", "announce", "quote", "link", "hashtag", "unforeseen")
    assert all(contrast(edge_style(relation).colour, PAPER) >= 4.5 for relation in relations)
    sheet = (FOLDER / "chart.css").read_text(encoding="utf-8")
    assert all(contrast(colour, "#f6f8fa") >= 4.5 for colour in re.findall(r"--(?:ink|muted|blue): (#\w{6})", sheet))


def test_each_basis_has_a_line_of_its_own_here_and_there():
    """
    Solid, dashed, dotted in the picture; the page has three patterns too.
    """
    assert len({dash(basis) for basis in ("observed", "derived", "asserted")}) == 3
    looks = (FOLDER / "looks.js").read_text(encoding="utf-8")
    assert len(set(re.findall(r'^  (?:observed|derived|asserted): \{ dashes: "([^"]+)"', looks, re.MULTILINE))) == 3


def test_naming_a_victim_on_a_chart_is_an_entry(open_case):
    """
    With its reason; one with pseudonyms is an entry when it leaves, and a reason of spaces neither names nor writes.
    """
    case, network = open_case(), every_kind()
    network.nodes["account:mastodon:jane@social.example"].update(status="victim")

    with pytest.raises(ExportError, match="a reason of spaces"):
        case.show(network, unlock="  ")
    veiled, named = case.show(network), case.show(network, unlock="order 17 of the court")
    veiled.save(case.folder / "for the press.html")

    assert (b"jane@social" in veiled.page, b"jane@social" in named.page) == (False, True)
    entries = [entry.private for entry in case._ledger.entries() if entry.action == "export"]
    assert entries == [{"files": [], "unlock": "order 17 of the court"}, {"files": ["for the press.html"]}]


def test_a_number_that_json_does_not_know_is_not_written():
    """
    No page is made that a browser could not read.
    """
    with pytest.raises(ValueError, match="not JSON compliant"):
        page({"title": "t", "x": float("nan")})
