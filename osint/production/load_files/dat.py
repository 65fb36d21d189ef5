"""A Concordance load file: UTF-8 with a byte-order mark, fields between ``þ``, parted by DC4, one line a document.

Where a value holds what the format is made of, or what no line of text holds, the character is written as its code
point, ``⟨U+00FE⟩``, and the list of substitutions says where. A line end within a value is ``®``, as the format has it.
A value that is longer than review platforms take is cut; the whole of it stands in the TEXT file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from osint.production.load_files.fields import FIELDS

_SEPARATOR, _QUALIFIER, _NEW_LINE = "\x14", "\u00fe", "\u00ae"
_MOST = 4000  # characters
_CUT = "…"
_BREAK = re.compile("\r\n|\r|\n")
_NOT_WRITTEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff" + _QUALIFIER + _NEW_LINE + "]"
)


def dat(written: Sequence[Mapping[str, str]]) -> bytes:
    """Return the load file: a header and one line for each row, whose columns are in the order of :data:`FIELDS`."""
    lines = [_line(FIELDS), *(_line(map(spelt, row.values())) for row in written)]
    return "".join(lines).encode("utf-8-sig")


def spelt(value: str) -> str:
    """Return a value as it stands between two qualifiers."""
    return _BREAK.sub(_NEW_LINE, _NOT_WRITTEN.sub(lambda found: _code_point(found.group()), _within(value)))


def substitutions(written: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield what :func:`spelt` writes otherwise: number, column, place in the value, character, what stands there.

    The place counts characters from 0. Line ends are not listed: they are ``®``, and nothing else is.
    """
    for row in written:
        for column, value in row.items():
            for found in _NOT_WRITTEN.finditer(_within(value)):
                char = found.group()
                yield row["BEGBATES"], column, str(found.start()), f"U+{ord(char):04X}", _code_point(char)
            if len(value) > _MOST:
                yield row["BEGBATES"], column, str(_MOST), f"{len(value) - _MOST} characters", _CUT


def _line(values: Iterable[str]) -> str:
    return _SEPARATOR.join(f"{_QUALIFIER}{value}{_QUALIFIER}" for value in values) + "\r\n"


def _within(value: str) -> str:
    return value if len(value) <= _MOST else value[:_MOST] + _CUT


def _code_point(char: str) -> str:
    return f"⟨U+{ord(char):04X}⟩"
