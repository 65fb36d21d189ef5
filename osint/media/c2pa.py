"""What a manifest store of Content Credentials (C2PA) lists: manifests, claims, assertions, ingredients, signatures.

Nothing is checked here: a claim is what its writer claims, a time stamp what its token says. Whether signature and
hashes are intact is for ``corroborators.c2pa_sdk``.

Sources: C2PA Technical Specification 2.2, sections 8 (assertions), 10 (claims), 11 (manifests), 13 (signatures);
ISO/IEC 19566-5 (JUMBF); RFC 3161, section 2.4.2 (time stamps).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any, NamedTuple

from osint.instants import format_instant
from osint.media.blocks import Block, Reading
from osint.media.cbor import read_cbor
from osint.media.value import LONGEST_TEXT, Value

READER = "osint C2PA"
MOST_BYTES, MOST_BOXES, DEEPEST, MOST_VALUES = 64 << 20, 5_000, 8, 2_000
_TSTINFO = bytes.fromhex("060b2a864886f70d0109100104")  # id-ct-TSTInfo
_GENERALIZED_TIME = re.compile(rb"\x18[\x0f-\x17](\d{14}(?:\.\d{1,7})?)Z")
_NOT_VERIFIED = "The token was not verified here."
_MOST_STAMPS = 10


class _Box(NamedTuple):
    """A box: its type, its place and that of its content, its label where it is a box of boxes, and how deep it is."""

    kind: bytes
    start: int
    body: int
    stop: int
    path: tuple[str, ...]


def read_c2pa(data: bytes, block: Block) -> Reading:
    """Return what the manifest store in a block lists. What cannot be read is a problem beside the rest."""
    if sum(length for _, length in block.pieces) > MOST_BYTES:
        return Reading(problems=(f"The manifest store in {block.where} is larger than {MOST_BYTES} bytes; not read.",))
    store = _Store(block, block.read(data))
    return Reading(values=tuple(store.values()), problems=tuple(dict.fromkeys(store.problems)))


class _Store:
    """One pass over a manifest store."""

    def __init__(self, block: Block, content: bytes) -> None:
        self.block, self.content = block, content
        self.problems: list[str] = []
        self.boxes = 0
        self.cited: dict[_Box, dict[str, Any]] = {}  # one box may state much: it is hashed once

    def values(self) -> Iterator[Value]:
        """Yield the values of each manifest, the active one last: it is the last of the store."""
        manifests: dict[str, list[_Box]] = {}
        for box in self.walk(0, len(self.content), ()):
            if len(box.path) > 1:
                manifests.setdefault(box.path[1], []).append(box)
        if not manifests and not self.problems:
            self.problems.append(f"What stands in {self.block.where} as a manifest store holds no manifest.")
        found = chain.from_iterable(
            self.manifest(label, boxes, active=number == len(manifests))
            for number, (label, boxes) in enumerate(manifests.items(), 1)
        )
        yield from islice(found, MOST_VALUES)
        if next(found, None) is not None:
            self.problems.append(f"The manifest store states more than {MOST_VALUES} values; the rest was left.")

    def walk(self, start: int, stop: int, path: tuple[str, ...]) -> Iterator[_Box]:
        """Yield the boxes in a part of the store, each box of boxes before those in it."""
        if len(path) > DEEPEST:
            self.problems.append(f"Boxes are nested deeper than {DEEPEST}; those below were not read.")
            return
        while start + 8 <= stop:
            self.boxes += 1
            if self.boxes > MOST_BOXES:
                self.problems.append(f"The manifest store holds more than {MOST_BOXES} boxes; the rest was not read.")
                return
            length, kind, body = _head(self.content, start, stop)
            if start + length > stop or length < body - start:
                self.problems.append(f"A box of the manifest store in {self.block.where} claims more than there is.")
                return
            end = start + length
            if kind == b"jumb":
                label, first = self.description(body, end)
                yield _Box(kind, start, body, end, (*path, label))
                yield from self.walk(first, end, (*path, label))
            else:
                yield _Box(kind, start, body, end, path)
            start = end

    def description(self, start: int, stop: int) -> tuple[str, int]:
        """Return the label of a box of boxes, and where the first of them begins."""
        length, kind, body = _head(self.content, start, stop)
        if kind != b"jumd" or length < body - start + 17 or start + length > stop:
            self.problems.append("A box of the manifest store has no description.")
            return "", stop
        end = start + length
        zero = self.content.find(b"\0", body + 17, end)
        has_label = self.content[body + 16] & 2 and zero > 0
        label = self.content[body + 17 : zero].decode("utf-8", "replace") if has_label else ""
        return label[:200], end

    def manifest(self, label: str, boxes: list[_Box], *, active: bool) -> Iterator[Value]:
        yield self.value(label, "active manifest" if active else "manifest", label, boxes[0])
        signed = False
        for box in boxes[1:]:
            if box.kind == b"jumb" and box.path[2:3] == ("c2pa.assertions",) and len(box.path) == 4:
                yield self.value(label, "assertion", box.path[3], box)
            elif box.kind == b"cbor":
                signed = signed or box.path[-1] == "c2pa.signature"
                yield from self.stated(label, box, active=active)
        if not signed:
            missing = self.value(label, "signature", "", boxes[0])
            yield replace(missing, status="unset", warnings=("The manifest holds no signature.",))

    def stated(self, label: str, box: _Box, *, active: bool) -> Iterator[Value]:
        """Yield what one part in CBOR states, by the label of the part."""
        part = box.path[-1].partition("__")[0]  # a second one of a kind has a number
        reader = next((each for start, each in _PARTS.items() if re.fullmatch(start, part)), None)
        if reader is None:
            return
        try:
            content = read_cbor(self.content[box.body : box.stop])
        except ValueError as error:
            self.problems.append(f"The part {part} of a manifest in {self.block.where} cannot be read: {error}.")
            return
        for name, text, fact in reader(content):
            value = self.value(label, name, text, box)
            if fact and active and value.status == "read":  # those of other manifests are about other files
                value = replace(value, fact=fact, value=value.text)
            yield replace(value, warnings=(_NOT_VERIFIED,)) if name == "time stamp" else value

    def value(self, group: str, name: str, text: str, box: _Box) -> Value:
        shown = text.strip(" \0")[:LONGEST_TEXT]
        if box not in self.cited:
            self.cited[box] = self.block.cite(self.content, box.start, box.stop - box.start)
        return Value(
            block="C2PA",
            group=group,
            name=name,
            text=shown,
            reader=READER,
            status="read" if shown else "unset",
            **self.cited[box],
        )


def _head(content: bytes, start: int, stop: int) -> tuple[int, bytes, int]:
    """Return length and type of a box, and where its content begins; a length of 0 reaches to the end."""
    length, kind = int.from_bytes(content[start : start + 4], "big"), content[start + 4 : start + 8]
    if length == 1:
        return int.from_bytes(content[start + 8 : start + 16], "big"), kind, start + 16
    return (length or stop - start), kind, start + 8


# -- the parts of a manifest ------------------------------------------------------------------------------------------

Entries = Iterator[tuple[str, str, str | None]]


def _claim(content: Any) -> Entries:
    claim = _mapping(content)
    yield from _present(
        claim, {"claim_generator": None, "instanceID": "instance_id", "dc:title": "title", "dc:format": None}
    )
    for each in _listed(claim.get("claim_generator_info")):
        words = [str(_mapping(each)[name]) for name in ("name", "version") if name in _mapping(each)]
        yield "claim_generator_info", " ".join(words), None


def _ingredient(content: Any) -> Entries:
    ids = {"documentID": "derived_from_id", "instanceID": "derived_from_id"}
    for name, text, fact in _present(_mapping(content), {**ids, "dc:title": None, "title": None, "relationship": None}):
        yield f"ingredient {name}", text, fact


def _actions(content: Any) -> Entries:
    for action in _listed(_mapping(content).get("actions")):
        stated = _mapping(action)
        words = [str(stated[name]) for name in ("action", "digitalSourceType", "when") if name in stated]
        yield "action", "; ".join(words), None


def _signature(content: Any) -> Entries:
    yield "signature", "present", None
    unprotected = _mapping(content[1]) if isinstance(content, list) and len(content) == 4 else {}
    for name in ("sigTst", "sigTst2"):
        for token in _listed(_mapping(unprotected.get(name)).get("tstTokens"))[:_MOST_STAMPS]:
            stamp = _mapping(token).get("val")
            yield "time stamp", _stamped(stamp) if isinstance(stamp, bytes) else "", None


def _stamped(token: bytes) -> str:
    """Return the time in a time stamp: the first one behind the mark of its content."""
    mark = token.find(_TSTINFO)
    match = _GENERALIZED_TIME.search(token, mark) if mark >= 0 else None
    if match is None:
        return ""
    digits = match[1].decode()
    try:
        instant = datetime.strptime(digits[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return ""
    return format_instant(instant)


def _present(stated: Mapping[str, Any], wanted: Mapping[str, str | None]) -> Entries:
    yield from ((name, str(stated[name]), fact) for name, fact in wanted.items() if isinstance(stated.get(name), str))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else []


_PARTS = {
    r"c2pa\.claim(\.v\d)?": _claim,
    r"c2pa\.ingredient(\.v\d)?": _ingredient,
    r"c2pa\.actions(\.v\d)?": _actions,
    r"c2pa\.signature": _signature,
}
