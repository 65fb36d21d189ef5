"""A part of a file, read as a file of its own."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from osint.window import window

WHOLE = bytes(range(100))

reads = st.integers(min_value=-1, max_value=120)
seeks = st.tuples(st.integers(min_value=-120, max_value=120), st.sampled_from([io.SEEK_SET, io.SEEK_CUR, io.SEEK_END]))


@given(
    st.integers(min_value=0, max_value=100),
    st.integers(min_value=0, max_value=100),
    st.lists(st.one_of(reads, seeks), max_size=9),
)
def test_it_reads_and_seeks_as_a_file_of_that_part_does(start, length, steps):
    """
    Nothing before the part or behind it is ever seen, and no step goes before its start.
    """
    seen = window(io.BytesIO(WHOLE), start, min(length, 100 - start))
    expected = io.BytesIO(WHOLE[start : start + length])

    for step in steps:
        if isinstance(step, int):
            assert seen.read(step) == expected.read(step)
        else:
            offset, whence = step
            base = (0, expected.tell(), len(expected.getvalue()))[whence]
            assert seen.seek(offset, whence) == expected.seek(max(0, base + offset))
        assert seen.tell() == expected.tell()


def test_two_windows_do_not_disturb_each_other():
    """
    Each goes on where it was, though the file below was moved.
    """
    file = io.BytesIO(WHOLE)
    one, other = window(file, 0, 50), window(file, 50, 50)

    assert [one.read(2), other.read(2), one.read(2), other.read(2)] == [b"\0\1", b"23", b"\2\3", b"45"]


def test_it_fills_the_buffer_of_a_buffered_reader():
    """
    Lines are read through one.
    """
    lines = io.BufferedReader(window(io.BytesIO(b"above\none\ntwo\nbelow\n"), 6, 8))  # type: ignore[type-var]

    assert list(lines) == [b"one\n", b"two\n"]
