"""The search for near hashes is exact, and groups do not percolate."""

import random

import numpy as np
import pytest
from few import few
from hypothesis import given, settings
from hypothesis import strategies as st

from osint.media.similarity.groups import medoid_groups
from osint.media.similarity.search import Pairs, distance, near


def as_hex(numbers, bits):
    return [f"{number:0{bits // 4}x}" for number in numbers]


def by_hand(hashes, queries, radius):
    """Return the near pairs by the definition alone."""
    if queries is None:
        return {
            (at, other, distance(one, two))
            for at, one in enumerate(hashes)
            for other, two in enumerate(hashes)
            if at < other and distance(one, two) <= radius
        }
    return {
        (at, other, distance(one, two))
        for at, one in enumerate(queries)
        for other, two in enumerate(hashes)
        if distance(one, two) <= radius
    }


@st.composite
def families(draw, bits):
    """Hashes of which some are others with a few bits changed, spread wide or close together."""
    seeds = draw(st.lists(st.integers(0, 2**bits - 1), min_size=1, max_size=8))
    for _ in range(draw(st.integers(0, 25))):
        changed = draw(st.sampled_from(seeds))
        for bit in draw(st.sets(st.integers(0, bits - 1), max_size=40)):
            changed ^= 1 << bit
        seeds.append(changed)
    return as_hex(seeds, bits)


def check_found(hashes, queries, radius):
    """The search finds what comparing each with each finds, with the same distances, each pair once, in order."""
    found = list(zip(*(column.tolist() for column in near(hashes, queries, radius=radius)), strict=True))

    assert found == sorted(by_hand(hashes, queries, radius)), f"radius {radius}"


@pytest.mark.parametrize("radius", few([31, 0, 15, 16, 47, 48], 1))
@settings(max_examples=20, deadline=None)
@given(hashes=families(256), queries=st.none() | families(256))
def test_of_256_bits_every_near_pair_is_found_and_no_other(radius, hashes, queries):
    """
    In bands, of whatever radius.
    """
    check_found(hashes, queries, radius)


@settings(max_examples=20, deadline=None)
@given(hashes=families(64), queries=st.none() | families(64))
def test_of_64_bits_every_near_pair_is_found_and_no_other(hashes, queries):
    """
    The same for pHash.
    """
    for radius in (0, 3, 10, 12):
        check_found(hashes, queries, radius)


@pytest.mark.parametrize("turn", range(16))
def test_bits_that_are_spread_over_all_bands_hide_nothing(turn):
    """
    31 changed bits, two in each band but one, are the most that leave one band with a single change: they are found.
    """
    chance = random.Random(turn)
    plain = chance.getrandbits(256)
    changed = plain
    for band in range(16):
        for bit in chance.sample(range(16), 1 if band == turn else 2):
            changed ^= 1 << (16 * band + bit)

    pairs = near(as_hex([plain, changed], 256))

    assert [column.tolist() for column in pairs] == [[0], [1], [31]]


def test_a_search_takes_its_work_in_parts(monkeypatch):
    """
    A bucket that holds everything is compared piece by piece, with the same result.
    """
    monkeypatch.setattr("osint.media.similarity.search._AT_ONCE", 7)
    chance = random.Random(1)
    hashes = as_hex([chance.getrandbits(20) for _ in range(40)], 256)

    assert set(zip(*(column.tolist() for column in near(hashes)), strict=True)) == by_hand(hashes, None, 31)


@pytest.mark.parametrize("hashes", [["0" * 64, "0" * 16], ["0" * 63], [""]])
def test_hashes_of_other_lengths_are_refused(hashes):
    """
    A hash that was cut short has no distance to others.
    """
    with pytest.raises(ValueError, match="of one length"):
        near(hashes)
    with pytest.raises(ValueError, match="length"):
        near(["0" * 128], hashes)


def test_no_hashes_have_no_pairs():
    """
    Neither an empty list nor one of a single hash has a pair.
    """
    assert [len(column) for each in (near([]), near(["0" * 64]), near([], ["0" * 64])) for column in each] == [0] * 9


def on_a_line(places, reach=31):
    """Return the near pairs of hashes that lie on a line."""
    pairs = [
        (at, other, abs(places[at] - places[other]))
        for at in range(len(places))
        for other in range(at + 1, len(places))
        if abs(places[at] - places[other]) <= reach
    ]
    return Pairs(*(np.array(column, np.intp) for column in zip(*pairs, strict=True)) if pairs else near([]))


def grouped(places):
    weights = np.ones(len(places), np.intp)
    return [(group.medoid, group.members.tolist()) for group in medoid_groups(on_a_line(places), weights)]


def test_a_chain_does_not_join_its_ends():
    """
    Each of nine hashes is near the next; a group reaches from its medoid and no further.
    """
    assert grouped([0, 20, 40, 60, 80, 100, 120, 140, 160]) == [(1, [0, 1, 2]), (4, [3, 4, 5]), (7, [6, 7, 8])]


def test_the_medoid_is_near_to_all_and_nearest_in_sum():
    """
    Of those that are near to all members the one in the middle is taken.
    """
    assert grouped([0, 10, 12, 14, 25]) == [(2, [0, 1, 2, 3, 4])]


def test_the_larger_group_gets_whoever_could_be_in_two():
    """
    The hash between two groups goes where most are.
    """
    assert grouped([0, 1, 2, 3, 33, 60, 61]) == [(2, [0, 1, 2, 3, 4]), (5, [5, 6])]


def test_one_hash_of_many_files_is_a_group():
    """
    Copies with the same hash belong together without any other near them.
    """
    found = medoid_groups(near(["0" * 64, "f" * 64]), np.array([3, 1]))

    assert [(group.medoid, group.members.tolist()) for group in found] == [(0, [0])]


@settings(deadline=None)
@given(st.lists(st.integers(0, 400), max_size=40))
def test_every_member_is_near_its_medoid_in_one_group_and_of_two_that_are_near_one_has_a_group(places):
    """
    No group holds a hash that its medoid does not match, no hash is in two, and what has a near one that is in no group
    is in a group itself.
    """
    found = grouped(places)
    members = [member for _, group in found for member in group]

    assert all(abs(places[medoid] - places[member]) <= 31 for medoid, group in found for member in group)
    assert all(medoid in group for medoid, group in found)
    assert len(members) == len(set(members))
    pairs = on_a_line(places)
    assert all(
        {one, other} & set(members) for one, other in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
    )
