"""What GraphML and GEXF share: writing XML as text, and reading it without following anything it points to."""

from __future__ import annotations

import html
from pathlib import Path

from lxml import etree

from osint.errors import GraphError

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def content(text: str) -> str:
    """Return text for the inside of an element."""
    return html.escape(text, quote=False)


def attribute(text: str) -> str:
    """Return text for an attribute value; line ends and tabs are spelt, since a reader would make them spaces."""
    return html.escape(text).replace("\n", "&#10;").replace("\t", "&#9;")


def read_root(path: Path, name: str) -> etree._Element:
    """Return the root element of a file; entities are not expanded and nothing else is opened.

    Raises:
        GraphError: The file is missing, is not XML, or its root element is another.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(Path(path).read_bytes(), parser)
    except (OSError, etree.XMLSyntaxError) as error:
        raise GraphError(f"{Path(path).name} cannot be read as a graph: {error}") from error
    if root.tag != name:
        raise GraphError(f"{Path(path).name} starts with {root.tag}, not {name}; it is no such file")
    return root
