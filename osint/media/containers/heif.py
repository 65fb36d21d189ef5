"""HEIF and AVIF: the directory of a picture's items, and the blocks of metadata among them.

Source: ISO/IEC 23008-12:2022 (HEIF), annex A for the Exif item and section A.3 for XMP; MIAF for the properties.
"""

from __future__ import annotations

from osint.media.containers import movie
from osint.media.containers.boxes import Box, boxes, inside
from osint.media.containers.item_location import IN_FILE, IN_IDAT, Item, Location, read_items, read_locations
from osint.media.containers.structure import LARGEST_INFLATED, Finder, Pieces, cut

_XMP_TYPE = "application/rdf+xml"
_TURNS = {0: "none", 1: "90 degrees anticlockwise", 2: "180 degrees", 3: "270 degrees anticlockwise"}


def read_meta(file: Finder, box: Box) -> None:
    """Read the directory of a picture; that of a film goes on to its own reader."""
    meta = box._replace(start=box.start + 4)  # version and flags
    parts = {part.name: part for part in boxes(file, meta.start, meta.stop)}
    handler = parts.get(b"hdlr")
    if handler and file.slice(handler.start + 8, 4) != b"pict":
        movie.hand_on(file, box)
        return
    _properties(file, meta, parts)
    if b"iinf" not in parts or b"iloc" not in parts:
        return
    items = read_items(file, parts[b"iinf"])
    finder = _Items(file, items, read_locations(file, parts[b"iloc"]), parts.get(b"idat"))
    for item in items.values():
        if item.kind == "Exif":
            finder.exif(item)
        elif item.kind == "mime" and item.content_type == _XMP_TYPE:
            finder.xmp(item)
    if b"iref" in parts:
        finder.thumbnails(parts[b"iref"])
    if items:
        file.state("container", "items", _listed(items), group="meta")


def _listed(items: dict[int, Item]) -> str:
    kinds: dict[str, int] = {}
    for item in items.values():
        kinds[item.kind] = kinds.get(item.kind, 0) + 1
    return ", ".join(f"{kind} x{count}" if count > 1 else kind for kind, count in kinds.items())


class _Items:
    """The items of one directory, and where they lie."""

    def __init__(self, file: Finder, items: dict[int, Item], locations: dict[int, Location], idat: Box | None) -> None:
        self.file, self.items, self.locations, self.idat = file, items, locations, idat

    def pieces(self, number: int, name: str) -> Pieces:
        """Return where an item lies in the file; nothing, and a problem, when that cannot be followed."""
        place = self.locations.get(number)
        if place is None:
            self.file.problem(f"The {name} is announced, but its place is not stated; it was not read.")
            return ()
        if place.elsewhere or place.method not in (IN_FILE, IN_IDAT) or (place.method == IN_IDAT and not self.idat):
            self.file.problem(f"The {name} is announced, but does not lie in this file itself; it was not read.")
            return ()
        base = self.idat.start if place.method == IN_IDAT and self.idat else self.file.start
        limit = self.idat.stop if place.method == IN_IDAT and self.idat else self.file.stop
        # A length of 0 stands for the rest of what holds the item.
        pieces = tuple((base + at, length or max(limit - base - at, 0)) for at, length in place.pieces)
        if not pieces or any(at + length > limit for at, length in pieces):
            self.file.problem(f"The {name} is announced, but lies outside the file; it was not read.")
            return ()
        return pieces

    def exif(self, item: Item) -> None:
        """Hand on an Exif item: four bytes say where the TIFF block starts behind them."""
        pieces = self.pieces(item.number, "EXIF block")
        if not pieces:
            return
        head = b"".join(self.file.slice(*piece) for piece in cut(pieces, 0, 4))
        skip, size = 4 + int.from_bytes(head, "big"), sum(length for _, length in pieces)
        if skip >= size:
            self.file.problem("The EXIF block is announced, but its start lies outside it; it was not read.")
            return
        self.file.add("exif", f"item {item.number}", *cut(pieces, skip, size - skip))

    def xmp(self, item: Item) -> None:
        """Hand on an XMP item, unpacked where it says that it is packed."""
        pieces = self.pieces(item.number, "XMP block")
        if not pieces:
            return
        if item.encoding not in ("", "deflate"):
            self.file.problem("The XMP block is packed in a way that is not read here.")
            return
        decoded = None
        if item.encoding == "deflate":
            if not self.file.may_inflate():
                return
            packed = b"".join(self.file.slice(*piece) for piece in cut(pieces, 0, LARGEST_INFLATED))
            decoded = self.file.inflated(packed, f"item {item.number}")
            if decoded is None:
                return
        self.file.add("xmp", f"item {item.number}", *pieces, decoded=decoded)

    def thumbnails(self, references: Box) -> None:
        """Hand on the small pictures, in the coding that the item's type names."""
        wide, left = self.file.unpack("B", references.start)[0] != 0, dict(self.items)  # each item once
        for box in boxes(self.file, references.start + 4, references.stop):
            if box.name == b"thmb":
                item = left.pop(self.file.unpack(">I" if wide else ">H", box.start)[0], None)
                if item and (pieces := self.pieces(item.number, "thumbnail")):
                    self.file.add("thumbnail", f"item {item.number} {item.kind}", *pieces)


def _properties(file: Finder, meta: Box, parts: dict[bytes, Box]) -> None:
    store = inside(file, meta, b"iprp", b"ipco")
    if store is None:
        return
    properties = list(boxes(file, store.start, store.stop))
    primary = _primary(file, meta, parts.get(b"pitm"))
    own = [properties[index - 1] for index in primary if 0 < index <= len(properties)]
    for box in properties:
        if box.name == b"colr" and file.slice(box.start, 4) in (b"prof", b"rICC"):
            file.add("icc", "colr", (box.start + 4, box.length - 4))
    sizes = [file.unpack(">II", box.start + 4) for box in own or properties if box.name == b"ispe" and box.length >= 12]
    # A picture made of tiles has a size for the tiles and a larger one for the whole.
    if sizes:
        file.size(*max(sizes, key=lambda size: size[0] * size[1]))
    for box in own:
        if box.name == b"irot" and box.length:
            turn = _TURNS[file.unpack("B", box.start)[0] & 3]
            file.state("container", "rotation", turn, group="irot", at=box.start, length=1)
        elif box.name == b"imir" and box.length:
            axis = file.unpack("B", box.start)[0] & 1
            file.state("container", "mirror", f"axis {axis}", group="imir", at=box.start, length=1)


def _primary(file: Finder, meta: Box, pitm: Box | None) -> list[int]:
    """Return the numbers of the properties of the primary item."""
    table = inside(file, meta, b"iprp", b"ipma")
    if pitm is None or table is None:
        return []
    wanted = file.unpack(">H" if file.unpack("B", pitm.start)[0] == 0 else ">I", pitm.start + 4)[0]
    version, flags = file.unpack(">B2xB", table.start)
    at, count = table.start + 8, file.unpack(">I", table.start + 4)[0]
    item_size, index_size = (2 if version == 0 else 4), (2 if flags & 1 else 1)
    for _ in range(count):
        if at + item_size + 1 > table.stop:
            return []
        item, associations = file.unpack(">HB" if item_size == 2 else ">IB", at)
        at += item_size + 1
        if item == wanted:
            content = file.slice(at, associations * index_size)
            indices = [content[place : place + index_size] for place in range(0, len(content), index_size)]
            return [int.from_bytes(index, "big") & (0x7FFF if index_size == 2 else 0x7F) for index in indices]
        at += associations * index_size
    return []
