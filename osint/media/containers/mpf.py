"""Further pictures of a JPEG file, as the multi-picture directory lists them.

Source: CIPA DC-007-2021 (MPF), sections 5.2.2 and 5.2.3.
"""

from __future__ import annotations

from osint.media.containers.structure import Finder, Reader, StructureError

_MOST_PICTURES = 100
_MP_ENTRY = 0xB002
_TYPES = {
    0x000000: "undefined",
    0x010001: "large thumbnail (VGA)",
    0x010002: "large thumbnail (full HD)",
    0x010003: "large thumbnail (4K)",
    0x010004: "large thumbnail (8K)",
    0x010005: "large thumbnail (16K)",
    0x020001: "panorama",
    0x020002: "disparity",
    0x020003: "multi-angle",
    0x030000: "primary",
    0x040000: "Original Preservation Image",
    0x050000: "gain map",
}


def read(file: Finder, at: int, picture: Reader) -> None:
    """Read the directory that starts at a place with its TIFF header, and the pictures that it lists."""
    try:
        entries = list(_entries(file, at))
    except StructureError as error:
        file.problem(f"The list of further pictures (MPF) was not read: {error}.")
        return
    for number, (kind, length, offset) in enumerate(entries, 1):
        name = f"MPF picture {number}"
        start = at + offset if offset else file.start
        stated = f"{_TYPES.get(kind, f'type 0x{kind:06X}')}, {length} bytes at {start}"
        file.state("container", name, stated, group="MPF", tag_id="0xB002")
        if not offset:
            continue
        if start + length > file.stop or file.slice(start, 2) != b"\xff\xd8":
            file.problem(f"The {name} is listed, but no picture lies where it should; it was not read.")
            continue
        if kind >> 16 == 1:
            file.add("thumbnail", name, (start, length))
        if inner := file.inside(start, start + length, name, "image/jpeg"):
            file.attempt(f"the {name}", picture, inner)


def _entries(file: Finder, base: int) -> list[tuple[int, int, int]]:
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(file.slice(base, 4))
    if order is None:
        raise StructureError("it does not start like a TIFF block")
    directory = base + file.unpack(f"{order}I", base + 4)[0]
    for index in range(min(file.unpack(f"{order}H", directory)[0], 100)):
        tag, _, size, at = file.unpack(f"{order}HHII", directory + 2 + 12 * index)
        if tag == _MP_ENTRY:
            count = size // 16
            if count > _MOST_PICTURES:
                file.problem(f"The file lists {count} further pictures; the first {_MOST_PICTURES} were looked at.")
            return [
                (attributes & 0xFFFFFF, length, offset)
                for attributes, length, offset in (
                    file.unpack(f"{order}III", base + at + 16 * number) for number in range(min(count, _MOST_PICTURES))
                )
            ]
    return []
