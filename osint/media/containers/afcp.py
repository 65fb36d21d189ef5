"""AFCP: metadata that a program put behind the end of a picture, with a mark in the last twelve bytes of the file.

Source: AXS File Concatenation Protocol, version 1.0 (Tocarte, 1997).
"""

from __future__ import annotations

from osint.media.containers.structure import Finder

_ORDERS = {b"AXS!": ">", b"AXS*": "<"}
_HEAD = _ENTRY = 12
_MOST_ENTRIES = 100
_PICTURES = {b"Nail": "Nail", b"PrVw": "PrVw"}
_LOOK = 64


def read(file: Finder) -> None:
    """Hand on the blocks of such a trailer, where the file has one."""
    mark = file.slice(max(file.stop - _HEAD, file.start), 4)
    order = _ORDERS.get(mark)
    if order is None:
        return
    start = file.start + int(file.unpack(f"{order}I", file.stop - 8)[0])
    if file.slice(start, 4) != mark:
        file.problem("The AFCP block behind the picture does not lie where it says; it was not read.")
        return
    for index in range(min(int(file.unpack(f"{order}H", start + 6)[0]), _MOST_ENTRIES)):
        _entry(file, *file.unpack(f"{order}4sII", start + _HEAD + _ENTRY * index))


def _entry(file: Finder, name: bytes, length: int, place: int) -> None:
    at = file.start + place
    if name == b"IPTC":
        file.add("iptc", "AFCP", (at, length))
    elif name in _PICTURES:  # a head of no fixed length stands before the JPEG picture
        skip = file.slice(at, min(length, _LOOK)).find(b"\xff\xd8\xff")
        if skip >= 0:
            file.add("thumbnail", f"AFCP {_PICTURES[name]}", (at + skip, length - skip))
    elif name == b"TEXT":
        file.state("container", "text", file.slice(at, length).decode("latin-1"), group="AFCP", at=at, length=length)
