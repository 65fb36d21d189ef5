"""Text that runs from right to left: each rule of the Unicode algorithm, by lines of its own test file."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import NamedTuple

import pytest

from osint.report import bidi

OFFICIAL = Path("/usr/share/unicode/BidiCharacterTest.txt")
STEERING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "BN", "B", "S"})


class Place(NamedTuple):
    level: int
    place: int


LINES = """
0061 0028 0062 005B 0029 005D;1;1;2 2 2 2 2 1;5 0 1 2 3 4
062A 0031 002F 0032;2;1;1 2 2 2;1 2 3 0
06F1 0028 0627 0029;0;0;0 0 1 0;0 1 2 3
05D0 0028 0029 05D1 0028 0061 2680 0029;0;0;1 1 1 1 0 0 0 0;3 2 1 0 4 5 6 7
0031 0028 0061 0029;1;1;2 1 2 1;3 2 1 0
0061 0028 0062 0029 0331;1;1;2 2 2 2 2;0 1 2 3 4
05D0 0020 0031 002D 0032;0;0;1 1 2 2 2;2 3 4 1 0
061C 0020 0031 002D 0032;0;0;1 1 2 1 2;4 3 2 1 0
002B 0661 0028 0662 0029;2;0;0 2 1 2 1;0 4 3 2 1
0028 05D0 0029 0020 0031 002E 0032;0;0;0 1 0 0 2 2 2;0 1 2 3 4 5 6
05D0 0028 0028 05D1 0029 0061 0029 2680;0;0;1 0 0 1 0 0 0 0;0 1 2 3 4 5 6 7
"""
"""Of ``BidiCharacterTest.txt``, Unicode 15.0: text; base level, 2 for that of the first strong one; the base level that
was found; levels; places in visual order. Together they fail when any rule is taken out that such a line can show."""


def read(line: str) -> tuple[str, list[int], list[int], int]:
    """Return the text of a line, its levels, its visual order and its base level."""
    codes, _, base, levels, order = line.split(";")
    text = "".join(chr(int(code, 16)) for code in codes.split())
    return text, [int(level) for level in levels.split()], [int(place) for place in order.split()], int(base)


def worked_out(text: str, direction: str) -> tuple[list[int], list[int], int]:
    kinds = bidi.classes(text)
    base = bidi.base_level(kinds) if direction == "2" else int(direction)
    found = bidi.levels(text, kinds, base)
    return found, [item.place for item in bidi.in_order(list(map(Place, found, range(len(found)))))], base


@pytest.mark.parametrize("line", LINES.split("\n")[1:-1])
def test_letters_stand_where_the_standard_puts_them(line):
    """
    Levels, the order from left to right, and the direction of the paragraph.
    """
    text, *expected = read(line)

    assert list(worked_out(text, line.split(";")[1])) == expected


@pytest.mark.skipif(not OFFICIAL.exists(), reason="no test file of Unicode on this machine (Debian: unicode-data)")
def test_every_line_of_the_official_file_that_steers_nothing():
    """
    Characters that steer the order are spelt before, and white space at the end of a line is not drawn.
    """
    tried = 0
    for line in OFFICIAL.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        text = "".join(chr(int(code, 16)) for code in line.partition(";")[0].split())
        kinds = bidi.classes(text)
        if STEERING & {*kinds} or kinds[-1] == "WS" or unicodedata.normalize("NFC", text) != text:
            continue
        _, *expected = read(line)
        assert list(worked_out(text, line.split(";")[1])) == expected, line
        tried += 1

    assert tried > 50_000


@pytest.mark.parametrize(
    ("text", "kinds", "base", "levels"),
    [
        ("\u05d0\u05b8", ["R", "NSM"], 0, [1, 1]),
        ("5%", ["EN", "ET"], 1, [2, 2]),
        ("%5", ["ET", "EN"], 1, [2, 2]),
        ("%", ["ET"], 1, [1]),
        ("(\u05d0)", ["L", "R", "L"], 1, [2, 1, 2]),
        ("", [], 0, []),
    ],
    ids=["a mark", "per cent", "per cent before", "per cent alone", "brackets that are spelt", "nothing"],
)
def test_what_no_line_of_the_file_shows_by_itself(text, kinds, base, levels):
    """
    A mark takes after its letter, a sign after its number, and what is spelt is Latin whatever it was.
    """
    assert bidi.levels(text, kinds, base) == levels


def test_more_brackets_than_the_standard_allows_pair_none_of_the_rest():
    """
    Sixty-three may be open; a longer nest is left as it is, and costs nothing.
    """
    allowed, nest = ("a" + "(" * many + "b" + ")" * many for many in (63, 64))

    assert bidi.levels(allowed, bidi.classes(allowed), 1) == [2] * 128
    assert bidi.levels(nest, bidi.classes(nest), 1) == [2] * 66 + [1] * 64
