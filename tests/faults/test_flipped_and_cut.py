"""A bit flips, a file ends early: verification finds it, whatever byte it is (faults F10, F11)."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from faults.damage import Handed, cuts, first_named, flips
from faults.disk import PAGE

pytestmark = pytest.mark.faults


@pytest.fixture
def handed(ram) -> Handed:
    return Handed(ram / "plain")


@pytest.fixture
def anchored(ram) -> Handed:
    return Handed(ram / "anchored", anchored=True)


def one_bit(seed: int):
    """Return a choice of one bit for each byte."""
    chance = random.Random(seed)
    return lambda _: [chance.randrange(8)]


def test_every_flipped_bit_of_the_lines_is_found_and_its_entry_named(handed, figures):
    """
    All eight bits of every byte: the first entry that the findings name is the one that was hit.
    """
    path = handed.folder / "ledger.jsonl"
    for offset, whole in flips(path):
        error = handed.refused()
        assert error is not None, f"byte {offset}"
        assert first_named(error) == whole[:offset].count(b"\n"), f"byte {offset}"
        figures["flips"] += 1


@pytest.mark.parametrize("name", ["checkpoint-0001.txt", "disclosures.jsonl"])
def test_every_flipped_bit_beside_the_lines_is_found(handed, figures, name):
    """
    Heads and disclosures likewise.
    """
    for offset, _ in flips(handed.folder / name):
        assert handed.refused() is not None, f"byte {offset}"
        figures["flips"] += 1


def test_a_flipped_bit_of_what_others_said_is_found(anchored, figures):
    """
    One bit of every byte of everything that is handed over with a stamped and cosigned head.
    """
    paths = sorted(path for path in anchored.folder.iterdir())
    assert {path.suffix for path in paths} == {".txt", ".jsonl", ".tsr", ".tsq", ".pem"}
    for path in paths:
        for offset, _ in flips(path, one_bit(len(path.name))):
            assert anchored.refused() is not None, f"{path.name}, byte {offset}"
            figures["flips"] += 1


@pytest.mark.parametrize("part", range(4))
def test_a_flipped_bit_of_the_database_is_found_or_harmless(handed, figures, part):
    """
    What a flip leaves readable reads back as it was written; everything else is refused, in our own words.
    """
    whole = handed.database.read_bytes()

    def bits(offset: int) -> Iterable[int]:
        wanted = offset % 4 == part and (whole[offset] or offset % 64 < 4)  # most of a page is empty
        return [(offset // 4) % 8] if wanted else []

    for _ in flips(handed.database, bits):
        figures["flips"] += 1
        figures["refused"] += handed.refused_database() is not None
    assert figures["refused"]


def test_lines_cut_anywhere_are_found(handed, figures):
    """
    At every byte the entry that broke off is named; at a line end only the head kept elsewhere tells.
    """
    path = handed.folder / "ledger.jsonl"
    whole = path.read_bytes()
    for size in cuts(path):
        error = handed.refused()
        assert error is not None, f"cut to {size} bytes"
        assert whole[:size].endswith(b"\n") or not size or first_named(error) == whole[:size].count(b"\n")
        figures["cuts"] += 1


def test_everything_else_cut_anywhere_is_found(anchored, figures):
    """
    Heads, time stamps, cosignatures and disclosures at every byte. Disclosures may end after any: they may be withheld.
    """
    for path in sorted(path for path in anchored.folder.iterdir() if path.name != "ledger.jsonl"):
        whole = path.read_bytes()
        for size in cuts(path):
            withheld = path.name == "disclosures.jsonl" and whole[:size][-1:] in (b"", b"}", b"\n")
            assert anchored.refused() is not None or withheld, f"{path.name} cut to {size} bytes"
            figures["cuts"] += 1


def test_a_database_cut_anywhere_is_refused_or_whole(handed, figures):
    """
    Every 61st byte, and around every page: nothing reads back that is less than was written. Only of the last page a part
    may be missing unseen, where it is an index that verification does without.
    """

    def sizes(length: int) -> list[int]:
        edges = {edge + step for edge in range(0, length, PAGE) for step in (-1, 0, 1)}
        return sorted(size for size in {*range(0, length, 61), *edges} if 0 <= size < length)

    length = handed.database.stat().st_size
    for size in cuts(handed.database, sizes):
        assert handed.refused_database() is not None or size > length - PAGE, f"cut to {size} bytes"
        figures["cuts"] += 1
