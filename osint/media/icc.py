"""The head of a colour profile, its name and its notice. Profiles are shared by all devices of a kind.

Source: ICC.1:2022, sections 7.2 (header), 7.3 (tag table), 10.15 (multiLocalizedUnicodeType); ICC.1:2001 for ``desc``.
"""

from __future__ import annotations

from datetime import UTC, datetime

from osint.instants import format_instant
from osint.media.blocks import Block, Reading
from osint.media.value import LONGEST_TEXT, Value

READER = "osint ICC"
_HEADER, _MOST_TAGS = 128, 100
_SIGNATURES = {
    4: "CMM type", 12: "class", 16: "colour space", 40: "platform", 48: "device maker", 52: "device model",
    80: "creator",
}  # fmt: skip
_TEXTS = {b"desc": "description", b"cprt": "copyright", b"dmnd": "maker", b"dmdd": "model"}


def read_icc(data: bytes, block: Block) -> Reading:
    """Return what the profile says of itself; what is no profile, or is cut short, is a problem."""
    content = block.read(data)
    if len(content) < _HEADER + 4 or content[36:40] != b"acsp":
        return Reading(problems=(f"What stands in {block.where} as a colour profile is none.",))
    values = [
        _signature(block, content, at, name) for at, name in _SIGNATURES.items() if content[at : at + 4].strip(b"\0 ")
    ]
    values.append(_version(block, content))
    values += _made(block, content)
    stated = int.from_bytes(content[:4], "big")
    problems = () if stated <= len(content) else (f"The colour profile in {block.where} is cut short.",)
    return Reading(values=(*values, *_texts(block, content)), problems=problems)


def _signature(block: Block, content: bytes, at: int, name: str) -> Value:
    text = content[at : at + 4].decode("latin-1").strip("\0 ")
    return Value(block="ICC", group="header", name=name, text=text, reader=READER, **block.cite(content, at, 4))


def _version(block: Block, content: bytes) -> Value:
    text = f"{content[8]}.{content[9] >> 4}.{content[9] & 15}"
    return Value(block="ICC", group="header", name="version", text=text, reader=READER, **block.cite(content, 8, 4))


def _made(block: Block, content: bytes) -> list[Value]:
    """Return when the profile, and not the picture, was made."""
    numbers = [int.from_bytes(content[at : at + 2], "big") for at in range(24, 36, 2)]
    if not any(numbers):
        return []
    try:
        text = format_instant(datetime(*numbers, tzinfo=UTC))  # type: ignore[arg-type, misc]
        status = "read"
    except ValueError:
        text, status = "-".join(map(str, numbers)), "impossible"
    place = block.cite(content, 24, 12)
    return [Value(block="ICC", group="header", name="profile made", text=text, reader=READER, status=status, **place)]  # type: ignore[arg-type]


def _texts(block: Block, content: bytes) -> list[Value]:
    values = []
    count = min(int.from_bytes(content[_HEADER : _HEADER + 4], "big"), _MOST_TAGS)
    for at in range(_HEADER + 4, _HEADER + 4 + 12 * count, 12):
        tag = content[at : at + 4]
        start, length = (int.from_bytes(content[place : place + 4], "big") for place in (at + 4, at + 8))
        text = _text(content[start : start + length]) if tag in _TEXTS and start + length <= len(content) else ""
        if text:
            is_name = tag == b"desc"
            values.append(
                Value(
                    block="ICC",
                    group="tags",
                    name=_TEXTS[tag],
                    tag_id=tag.decode("latin-1"),
                    text=text,
                    fact="profile" if is_name else None,
                    value=text if is_name else None,
                    reader=READER,
                    **block.cite(content, start, length),
                )
            )
    return values


def _text(content: bytes) -> str:
    kind = content[:4]
    if kind == b"text":
        read = content[8:].decode("latin-1")
    elif kind == b"desc":
        read = content[12 : 12 + int.from_bytes(content[8:12], "big")].decode("latin-1")
    elif kind == b"mluc" and len(content) >= 28:
        length, start = (int.from_bytes(content[at : at + 4], "big") for at in (20, 24))
        read = content[start : start + min(length, 4 * LONGEST_TEXT)].decode("utf-16-be", "replace")
    else:
        return ""
    return read.strip("\0 ")[:LONGEST_TEXT]
