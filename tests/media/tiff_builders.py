"""TIFF blocks of any shape, made in code: either byte order, classic or big, directories that point to each other."""

import struct
from itertools import pairwise

from osint.media.blocks import Block
from osint.media.tiff import TYPE_SIZES

MAKE, MODEL, SUB_IFDS, EXIF_IFD, GPS_IFD, INTEROPERABILITY_IFD = 0x010F, 0x0110, 0x014A, 0x8769, 0x8825, 0xA005
ASCII, SHORT, LONG, RATIONAL, UNDEFINED, SIGNED_RATIONAL, FLOAT, IFD = 2, 3, 4, 5, 7, 10, 11, 13
IFD_8 = 18


def tree(directories, *, chain=("main",), order="<", big=False):
    """Return a TIFF block.

    Args:
        directories: By name, the entries of each: (tag, type, value). A value is bytes, or a tuple of the names of the
            directories that the entry points to.
        chain: The names of the directories that follow each other, the first first.
        order: ``<`` or ``>``.
        big: Whether it is a BigTIFF.
    """
    count, entry, wide, head = ("Q", "HHQ", 8, 16) if big else ("H", "HHI", 4, 8)
    number = f"{order}{'Q' if big else 'I'}"
    following = dict(pairwise(chain))
    places, at = {}, head
    for name, entries in directories.items():
        places[name] = at
        at += struct.calcsize("=" + count) + len(entries) * (struct.calcsize("=" + entry) + wide) + wide
    body, values = b"", b""
    for name, entries in directories.items():
        body += struct.pack(order + count, len(entries))
        for tag, kind, value in entries:
            stored, written = value, kind
            if isinstance(value, tuple):
                stored = b"".join(struct.pack(number, places[target]) for target in value)
                written = IFD_8 if big else kind
            body += struct.pack(order + entry, tag, written, len(stored) // TYPE_SIZES[written])
            body += stored.ljust(wide, b"\0") if len(stored) <= wide else struct.pack(number, at + len(values))
            values += stored if len(stored) > wide else b""
        body += struct.pack(number, places.get(following.get(name), 0))
    start = struct.pack(number, places[chain[0]])
    mark = (b"II" if order == "<" else b"MM") + struct.pack(order + "H", 43 if big else 42)
    return mark + (struct.pack(order + "HH", 8, 0) if big else b"") + start + body + values


def whole(data):
    """Return the block that is all of a file."""
    return Block(kind="exif", where="TIFF", pieces=((0, len(data)),))


def rational(order, *parts):
    """Return unsigned rationals as bytes, unreduced."""
    return b"".join(struct.pack(f"{order}II", *part) for part in parts)
