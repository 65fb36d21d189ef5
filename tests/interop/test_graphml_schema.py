"""GraphML by its own schema, which bears no licence to keep it here: it is taken out of JGraphT (``make test-interop``).

The schema is that of version 1.1, structure with attributes and parse information in one file, as JGraphT carries it
beside the one of XLink.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hazards import HAZARDS, full_graph, graph_with
from lxml import etree

from osint.graph.exchange.graphml import graphml
from osint.graph.exchange.yed import NAMESPACE as YED
from osint.graph.exchange.yed import yed

LIBRARY = Path(__file__).parent.parent.parent / ".venv" / "interop-jgrapht" / "jgrapht" / "libjgrapht_capi.so"
pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not LIBRARY.exists(), reason="the schema of GraphML bears no licence; install.sh gets it inside of JGraphT"
    ),
]

GRAPHML, XLINK = b"http://graphml.graphdrawing.org/xmlns", b"http://www.w3.org/1999/xlink"
GRAPHS = {"full": full_graph(), **{name: graph_with(text) for name, text in HAZARDS.items()}}


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> etree.XMLSchema:
    folder, library = tmp_path_factory.mktemp("schema"), LIBRARY.read_bytes()
    for name, space in (("graphml.xsd", GRAPHML), ("xlink.xsd", XLINK)):
        start, end = library.index(b'<xs:schema targetNamespace="%b"' % space), b"</xs:schema>"
        (folder / name).write_bytes(library[start : library.index(end, start)] + end)
    return etree.XMLSchema(etree.parse(folder / "graphml.xsd", etree.XMLParser(no_network=True)))


def without_yed(content: bytes) -> etree._Element:
    """A copy as the schema knows it: it has no word for what yEd adds."""
    root = etree.fromstring(content)
    for key in root.iterfind("{*}key[@yfiles.type]"):
        del key.attrib["yfiles.type"]
    etree.strip_elements(root, f"{{{YED}}}*", with_tail=False)
    return root


@pytest.mark.parametrize("name", GRAPHS)
def test_both_forms_of_graphml_are_valid(name: str, schema: etree.XMLSchema) -> None:
    """
    Every hazard; that for yEd on a copy without yEd's own elements, whose schema is not public.
    """
    schema.assertValid(etree.fromstring(graphml(GRAPHS[name])))
    schema.assertValid(without_yed(yed(GRAPHS[name])))


@pytest.mark.parametrize(
    ("ours", "broken"),
    [
        (b'<edge id="e1"', b'<edge id="e0"'),
        (b'target="n1"', b'target="n99"'),
        (b'<node id="n0"', b'<node id="@jane"'),
        (b'attr.type="long"', b'attr.type="instant"'),
        (b'attr.name="label"', b'attr.name="the label"'),
    ],
    ids=["edge twice", "dangling edge", "id", "type", "name"],
)
def test_the_schema_sees_a_fault(ours: bytes, broken: bytes, schema: etree.XMLSchema) -> None:
    """
    So that what it accepts means something.
    """
    whole = graphml(full_graph())
    assert ours in whole

    assert not schema.validate(etree.fromstring(whole.replace(ours, broken)))
