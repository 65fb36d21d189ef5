"""XMP by a parser that opens nothing: no document type, no entities, bounded size and depth. Values cite their bytes.

A property is named by its path, ``xmpMM:DerivedFrom/stRef:documentID``, with the prefixes that the specification uses.

Sources: ISO 16684-1 (XMP, parts 1 and 2), RDF/XML as it uses it; Exif for XMP (CIPA DC-010), IPTC Photo Metadata.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple
from xml.parsers import expat

from osint.media.blocks import Block, Reading
from osint.media.value import LONGEST_TEXT, Value, changed, made_of
from osint.media.xmp_facts import PREFIXES, facts_of

READER = "osint XMP"
MOST_BYTES, MOST_VALUES, DEEPEST = 8 * 2**20, 5_000, 48
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XML = "http://www.w3.org/XML/1998/namespace"
_CONTAINERS = {"Seq", "Bag", "Alt"}
_SYNTAX = {"about", "parseType", "ID", "nodeID", "datatype"}
_WIDE = {
    b"\0\0\xfe\xff": "utf-32-be", b"\xff\xfe\0\0": "utf-32-le", b"\0\0\0<": "utf-32-be", b"<\0\0\0": "utf-32-le",
    b"\xfe\xff": "utf-16-be", b"\xff\xfe": "utf-16-le", b"\0<": "utf-16-be", b"<\0": "utf-16-le",
}  # fmt: skip


class _RefusedError(Exception):
    """The packet asks for more than is given to it; the message says what."""


class _Name(NamedTuple):
    uri: str
    local: str

    def __str__(self) -> str:
        return f"{PREFIXES[self.uri]}:{self.local}" if self.uri in PREFIXES else self.local


@dataclass
class _Element:
    """An element that is open: its name, the prefixes it knows, whether it lies in RDF, and its text so far."""

    name: _Name
    prefixes: Mapping[str, str]
    in_rdf: bool
    step: str = ""
    items: int = 0
    text: list[str] = field(default_factory=list)
    start: int | None = None
    has_children: bool = False


def read_xmp(data: bytes, block: Block) -> Reading:
    """Return the properties of an XMP packet. What cannot be read is a problem; what came before it stays."""
    content = block.read(data)
    if len(content) > MOST_BYTES:
        return Reading(problems=(f"The XMP packet in {block.where} has {len(content)} bytes and was not read.",))
    coding = next((name for mark, name in _WIDE.items() if content.startswith(mark)), None)
    if coding:  # its values have no place of their own: what is parsed is spelt otherwise than what stands there
        content = content.decode(coding, "replace").lstrip("\ufeff").encode("utf-8", "replace")
    first, last = content.find(b"<"), content.rfind(b">")
    if first < 0 or last < first:
        return Reading(problems=(f"The XMP packet in {block.where} holds no XML.",))
    packet = _Packet(content, None if coding else block, first)
    problems: tuple[str, ...] = ()
    try:
        packet.parse(content[first : last + 1])
    except expat.ExpatError as error:
        problems = (f"The XMP packet in {block.where} breaks off or is damaged: {error}.",)
    except _RefusedError as refusal:
        problems = (f"The XMP packet in {block.where} was not read on: {refusal}.",)
    return Reading(values=_below_sea_level(packet.values), problems=problems)


def _below_sea_level(values: list[Value]) -> tuple[Value, ...]:
    """Give an altitude the sign that stands in a property of its own."""
    below = any(value.name == "exif:GPSAltitudeRef" and value.text == "1" for value in values)
    return tuple(
        changed(value, value=-value.value)
        if below and value.fact == "altitude" and isinstance(value.value, float)
        else value
        for value in values
    )


class _Packet:
    """One pass over a packet."""

    def __init__(self, content: bytes, block: Block | None, first: int) -> None:
        self.content, self.block, self.first = content, block, first
        self.values: list[Value] = []
        self.stack: list[_Element] = []
        self.reached = 0  # of the content, behind the attribute that was looked for last

    def parse(self, xml: bytes) -> None:
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = False
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.ordered_attributes = True
        self.parser.Parse(xml, True)

    def _refuse(self, *_: Any) -> None:
        raise _RefusedError("it declares a document type or an entity, which XMP never does")

    def _start(self, tag: str, attributes: list[str]) -> None:
        if len(self.stack) >= DEEPEST:
            raise _RefusedError(f"it is nested deeper than {DEEPEST}")
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True))
        above = self.stack[-1] if self.stack else None
        own = {name.partition(":")[2]: uri for name, uri in pairs if name == "xmlns" or name.startswith("xmlns:")}
        known = above.prefixes if above else {"xml": _XML}
        prefixes = {**known, **own} if own else known
        name = _expanded(tag, prefixes)
        element = _Element(name, prefixes, self._in_rdf() or name == (_RDF, "RDF"))
        if above is not None:
            above.has_children = True
            element.step = self._step(element.name, above)
        self.stack.append(element)
        self.reached = self.parser.CurrentByteIndex + self.first
        for qualified, value in pairs:
            name = _expanded(qualified, prefixes) if ":" in qualified else _Name("", qualified)
            if name.uri == _RDF and name.local == "resource":
                self._state(self._path(), element.name, value, self._attribute(qualified, value))
            elif self._is_property(name, qualified):
                self._state(self._path(str(name)), name, value, self._attribute(qualified, value))

    def _end(self, _: str) -> None:
        element = self.stack.pop()
        text = "".join(element.text)
        if element.start is None or element.has_children or not self._in_rdf() or not text.strip():
            return
        end = self.parser.CurrentByteIndex
        named = next((each.name for each in reversed([*self.stack, element]) if each.name.uri != _RDF), element.name)
        self._state(self._path(element.step), named, text, (element.start, end - element.start))

    def _text(self, text: str) -> None:
        if self.stack:
            element = self.stack[-1]
            if element.start is None:
                element.start = self.parser.CurrentByteIndex
            element.text.append(text)

    def _step(self, name: _Name, above: _Element) -> str:
        """Return what an element adds to the path: an item its number, the wrapping of RDF nothing."""
        if name.uri == _RDF:
            above.items += name.local == "li"
            return f"[{above.items}]" if name.local == "li" else ""
        return str(name) if self._in_rdf() else ""

    def _in_rdf(self) -> bool:
        return bool(self.stack) and self.stack[-1].in_rdf

    def _is_property(self, name: _Name, qualified: str) -> bool:
        if qualified.startswith("xmlns") or name.uri in (_XML, "") or (name.uri == _RDF and name.local in _SYNTAX):
            return False
        return self._in_rdf() and name.uri != _RDF

    def _path(self, last: str = "") -> str:
        steps = [element.step for element in self.stack if element.step]
        return "/".join([*steps, *([last] if last else [])]).replace("/[", "[")

    def _attribute(self, name: str, value: str) -> tuple[int, int] | None:
        """Return where the value of an attribute lies, counted as expat does; None where it is not found.

        They are asked for in their order, so each is looked for behind the one before it.
        """
        found = _assignment(name).search(self.content, self.reached, self.reached + 65_536)
        if found is None:
            return None
        end = self.content.find(found[1], found.end())
        self.reached = max(end, self.reached)
        return (found.end() - self.first, end - found.end()) if end > 0 or not value else None

    def _state(self, path: str, name: _Name, text: str, place: tuple[int, int] | None) -> None:
        if len(self.values) >= MOST_VALUES:
            raise _RefusedError(f"it holds more than {MOST_VALUES} values")
        stated = text.strip()
        fields: dict[str, Any] = {
            "block": "XMP",
            "group": PREFIXES.get(name.uri, name.uri)[:LONGEST_TEXT],
            "name": path[:LONGEST_TEXT],
            "text": stated[:LONGEST_TEXT],
            "reader": READER,
        }
        if place is not None and self.block is not None:
            fields |= self.block.cite(self.content, place[0] + self.first, place[1])
        self.values += [made_of(fields | fact) for fact in facts_of(path, stated)] or [made_of(fields)]


@lru_cache(512)
def _assignment(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"\s" + re.escape(name.encode()) + rb"\s*=\s*([\"'])")


def _expanded(qualified: str, prefixes: Mapping[str, str]) -> _Name:
    prefix, colon, local = qualified.partition(":")
    return _Name(prefixes.get(prefix, prefix), local) if colon else _Name(prefixes.get("", ""), qualified)
