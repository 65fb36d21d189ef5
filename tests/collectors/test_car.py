"""Repository files: read strictly, walked once, and no bytes that end in anything but records or a refusal."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repositories import encode, link_to, repository

from osint.collectors import car
from osint.collectors.car import CarError, Link

BOUNDED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
RECORDS = {f"app.bsky.feed.post/3mk{n:010}": {"$type": "app.bsky.feed.post", "text": f"post {n}"} for n in range(60)}
WHOLE = repository(RECORDS)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=9) | st.binary(max_size=9)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def file_of(commit: object, *blocks: bytes) -> bytes:
    """A file whose first block is this commit."""
    parts = [encode(commit), *blocks]
    header = encode({"roots": [link_to(parts[0])], "version": 1})
    spelt = bytes([len(header)]) + header
    for each in parts:
        length = 36 + len(each)
        spelt += bytes([length & 0x7F | 0x80, length >> 7]) + link_to(each) + each
    return spelt


def commit_over(node: bytes) -> dict[str, object]:
    """A commit over the tree that starts at a node."""
    return {"did": "did:plc:x", "version": 3, "data": link_to(node), "rev": "3", "prev": None, "sig": b""}


def test_a_repository_gives_every_record_in_the_order_of_its_keys():
    """The tree has several layers; nothing is missing, altered or left over."""
    read = car.read_repository(WHOLE)

    assert [kept.path for kept in read.records] == sorted(RECORDS)
    assert [kept.value for kept in read.records] == [RECORDS[path] for path in sorted(RECORDS)]
    assert (read.missing, read.altered, read.unreached, read.cut) == ([], 0, 0, False)


def test_the_identifier_of_a_record_is_the_hash_of_its_bytes():
    """It is spelt as the protocol spells it, so that it can be compared with what a server says."""
    block = encode({"a": 1})

    assert str(link_to(block)).startswith("bafyrei")
    assert hashlib.sha256(block).digest() == link_to(block)[4:]


@BOUNDED
@given(VALUES)
def test_what_is_spelt_in_dag_cbor_is_read_back(value):
    """Every value that the format has."""
    assert car.decode(encode(value)) == value


@pytest.mark.parametrize(
    ("spelt", "words"),
    [
        (b"\x18\x05", "shortest"),
        (b"\x1b\x00\x00\x00\x00\xff\xff\xff\xff", "shortest"),
        (b"\x9f\x01\xff", "not definite"),
        (b"\xf9\x00\x00", "simple value"),
        (b"\xf7", "simple value"),
        (b"\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00", "not finite"),
        (b"\xa2\x61a\x01\x61a\x02", "stands twice"),
        (b"\xa1\x01\x02", "no text"),
        (b"\xc1\x01", "no link"),
        (b"\xd8\x2a\x41\x00", "no link"),
        (b"\x61\xff", "not UTF-8"),
        (b"\x9a\xff\xff\xff\xff", "longer than the file"),
        (b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff", "breaks off"),
        (b"\x81" * 100 + b"\x01", "too deep"),
        (b"\x01\x01", "follow"),
        (b"", "breaks off"),
    ],
)
def test_what_dag_cbor_forbids_is_refused(spelt, words):
    """One value has one spelling; lengths that lie cost neither memory nor time."""
    with pytest.raises(CarError, match=words):
        car.decode(spelt)


@pytest.mark.parametrize("place", range(len(WHOLE) // 2, len(WHOLE), 400))
def test_a_changed_byte_is_noticed(place):
    """Wherever it lies, the block is altered, or the file cannot be read."""
    changed = bytearray(WHOLE)
    changed[place] ^= 1
    try:
        read = car.read_repository(bytes(changed))
    except CarError:
        return

    assert (read.altered and read.missing) or read.cut


def test_a_tree_that_leads_to_a_node_twice_is_refused():
    """By hashes no node can contain itself, but the same one can be named again and again: a bomb of records."""
    leaf = encode({"l": None, "e": []})
    node = encode({"l": link_to(leaf), "e": [{"p": 0, "k": b"a/b", "v": link_to(b"x"), "t": link_to(leaf)}]})

    with pytest.raises(CarError, match="back into itself"):
        car.read_repository(file_of(commit_over(node), node, leaf))


def test_a_tree_that_is_too_deep_is_refused():
    """A chain of nodes without keys would cost a level of the stack each."""
    nodes = [encode({"l": None, "e": []})]
    for _ in range(250):
        nodes.append(encode({"l": link_to(nodes[-1]), "e": []}))

    with pytest.raises(CarError, match="too deep"):
        car.read_repository(file_of(commit_over(nodes[-1]), *nodes))


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([{"p": 0, "k": b"b/b", "v": Link(b"\x01\x71\x12\x20" + b"0" * 32), "t": None},
          {"p": 0, "k": b"a/a", "v": Link(b"\x01\x71\x12\x20" + b"0" * 32), "t": None}], "not in order"),
        ([{"p": 5, "k": b"b", "v": Link(b"\x01\x71\x12\x20" + b"0" * 32), "t": None}], "impossible"),
        ([{"p": 0, "k": b"\xff", "v": Link(b"\x01\x71\x12\x20" + b"0" * 32), "t": None}], "not text"),
        ([{"p": 0, "k": "b", "v": None}], "is none"),
        ([7], "is none"),
    ],
)  # fmt: skip
def test_a_node_that_is_not_what_the_protocol_says_is_refused(entries, words):
    """Two records under one key, keys that lean on nothing, keys that are no text."""
    node = encode({"l": None, "e": entries})

    with pytest.raises(CarError, match=words):
        car.read_repository(file_of(commit_over(node), node))


def test_a_record_that_cannot_be_read_costs_no_other():
    """Its bytes have their hash, so the account signed it; its value is None, and the rest is there."""
    broken = b"\xff\xff"
    node = encode({"l": None, "e": [{"p": 0, "k": b"a/b", "v": link_to(broken), "t": None}]})

    read = car.read_repository(file_of(commit_over(node), node, broken))

    assert [(kept.path, kept.value) for kept in read.records] == [("a/b", None)]


@BOUNDED
@given(st.binary(max_size=600))
def test_no_bytes_end_in_anything_but_a_refusal(data):
    """Whatever a server or a file holds."""
    with pytest.raises(CarError):
        car.read_repository(data)


@BOUNDED
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=5),
       st.integers(0, len(WHOLE)))  # fmt: skip
def test_no_damage_ends_in_anything_but_a_refusal_or_less(changes, length):
    """Damaged and cut files give some of the records of the whole one, never another."""
    damaged = bytearray(WHOLE)
    for place, byte in changes:
        damaged[place] = byte
    try:
        read = car.read_repository(bytes(damaged[:length]))
    except CarError:
        return

    assert {kept.path: kept.value for kept in read.records}.items() <= RECORDS.items()
