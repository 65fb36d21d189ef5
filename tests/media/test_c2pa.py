"""What a manifest store lists, and that no store of boxes makes the reader raise, hang or fill the memory."""

import hashlib

import pytest
from credentials import ACTIONS, ACTIVE, CLAIM, INGREDIENT, OLDER, cbor, cose, labelled, manifest, part, store, token
from hypothesis import given, settings
from hypothesis import strategies as st
from media_builders import box

from osint.media import c2pa
from osint.media.blocks import Block
from osint.media.c2pa import read_c2pa
from osint.media.cbor import DEEPEST, read_cbor

ASSERTIONS = (part("c2pa.actions", ACTIONS), part("c2pa.ingredient__1", INGREDIENT))
WHOLE = store(
    manifest(OLDER, claim={**CLAIM, "instanceID": "xmp:iid:0"}, signature=cose()),
    manifest(ACTIVE, assertions=ASSERTIONS, signature=cose(token(), name="sigTst2")),
)


def read(content):
    return read_c2pa(content, Block(kind="c2pa", where="APP11", pieces=((0, len(content)),)))


def test_a_store_is_listed_manifest_by_manifest():
    """
    Claim, assertions, ingredients, actions, signature and its time stamp, under the label of their manifest.
    """
    reading = read(WHOLE)

    assert reading.problems == ()
    assert [(value.name, value.text) for value in reading.values if value.group == ACTIVE] == [
        ("active manifest", ACTIVE),
        ("assertion", "c2pa.actions"),
        ("action", "c2pa.placed; composite; 2026-05-03T12:22:11Z"),
        ("assertion", "c2pa.ingredient__1"),
        ("ingredient documentID", "xmp.did:sky"),
        ("ingredient instanceID", "xmp.iid:sky"),
        ("ingredient dc:title", "sky.jpg"),
        ("ingredient relationship", "componentOf"),
        ("claim_generator", "Invented Maker/1"),
        ("instanceID", "xmp:iid:1"),
        ("dc:title", "harbour.jpg"),
        ("claim_generator_info", "Invented Maker 1"),
        ("signature", "present"),
        ("time stamp", "2026-05-03T12:22:15Z"),
    ]
    assert [value.text for value in reading.values if value.name == "manifest"] == [OLDER]


def test_only_the_active_manifest_speaks_of_this_file():
    """
    The others are about the files that it was made from; their ids are no facts of this one.
    """
    assert {(value.fact, value.value) for value in read(WHOLE).values if value.fact} == {
        ("instance_id", "xmp:iid:1"),
        ("title", "harbour.jpg"),
        ("derived_from_id", "xmp.did:sky"),
        ("derived_from_id", "xmp.iid:sky"),
    }


def test_values_cite_their_bytes():
    """
    Each value names the box that states it: place, length and digest.
    """
    data = b"before" * 9 + WHOLE
    reading = read_c2pa(data, Block(kind="c2pa", where="APP11", pieces=((54, len(WHOLE)),)))

    for value in reading.values:
        stated = data[value.byte_start : value.byte_start + value.byte_length]
        assert hashlib.sha256(stated).hexdigest() == value.bytes_sha256
        assert value.name in ("signature", "time stamp", "action") or value.text.split()[0].encode() in stated


def test_a_manifest_without_a_signature_is_told():
    """
    That there is none is a finding, and nothing is said of whether it is intact.
    """
    (unsigned,) = [value for value in read(store(manifest(ACTIVE))).values if value.name == "signature"]

    assert (unsigned.status, unsigned.text, unsigned.warnings) == ("unset", "", ("The manifest holds no signature.",))


def test_a_time_stamp_is_what_its_token_says():
    """
    It was not verified, and the value says so; a token without a time that can be is no time.
    """
    stamps = [token(), token(b"20261303122215Z"), b"no token", token(b"20260503122215.25Z")]
    found = [
        value for value in read(store(manifest(ACTIVE, signature=cose(*stamps)))).values if value.name == "time stamp"
    ]

    assert [value.text for value in found] == ["2026-05-03T12:22:15Z", "", "", "2026-05-03T12:22:15Z"]
    assert all("not verified" in value.warnings[0] for value in found)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "holds no manifest"),
        (b"not boxes at all", "claims more than there is"),
        (store(), "holds no manifest"),
        (WHOLE[:-9], "claims more than there is"),
        (box(b"jumb", box(b"free", b"x")), "no description"),
        (store(manifest(ACTIVE, claim=b"\x5f", signature=cose())), "ends where more is announced"),
        (store(manifest(ACTIVE, claim=b"\xbb" + b"\xff" * 8)), "ends where more is announced"),
        (store(manifest(ACTIVE, claim=b"\x81" * 100)), "nested too deeply"),
        (store(labelled(ACTIVE, b"\0\0\0\1jumb" + b"\xff" * 8)), "claims more than there is"),
    ],
)
def test_what_cannot_be_read_is_a_problem(content, problem):
    """
    Cut off, empty, lying about lengths, nested: a sentence, and what came before it stays.
    """
    assert any(problem in each for each in read(content).problems)


def test_nested_boxes_are_left_at_a_depth():
    """
    Boxes in boxes in boxes end; what stands above them is listed.
    """
    nested = b""
    for number in range(500):
        nested = labelled(f"level {number}", nested)

    reading = read(store(manifest(ACTIVE, signature=cose()), nested))

    assert any("nested deeper" in problem for problem in reading.problems)
    assert ACTIVE in {value.text for value in reading.values}


def test_floods_of_boxes_and_values_are_cut(monkeypatch):
    """
    Many boxes, and many actions in one box: both end at a limit, and the one box is hashed once.
    """
    many = store(labelled(ACTIVE, *[box(b"free", b"")] * (c2pa.MOST_BOXES + 5)))
    assert any("more than 5000 boxes" in problem for problem in read(many).problems)

    cited = []
    monkeypatch.setattr(Block, "cite", lambda _, content, start, length: cited.append(start) or {})
    actions = {"actions": [{"action": "c2pa.edited"}] * (c2pa.MOST_VALUES + 5)}
    reading = read(store(manifest(ACTIVE, assertions=(part("c2pa.actions", actions),), signature=cose())))
    assert len(reading.values) == c2pa.MOST_VALUES
    assert any("more than 2000 values" in problem for problem in reading.problems)
    assert len(cited) == len(set(cited)) < 10


def test_a_store_that_is_too_large_is_not_read():
    """
    The size is asked before a byte is copied.
    """
    block = Block(kind="c2pa", where="APP11", pieces=((0, c2pa.MOST_BYTES + 1),))

    assert "larger than" in read_c2pa(b"", block).problems[0]


def test_nothing_of_a_verdict_is_said():
    """
    The words that a reader of files must not use.
    """
    said = " ".join(f"{value.text} {value.warnings}" for value in read(WHOLE).values).casefold()

    assert not any(word in said.split() for word in ("valid", "invalid", "authentic", "trusted", "genuine"))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_an_error(content):
    """
    Whatever stands there.
    """
    read(content)
    read(store(manifest(ACTIVE, claim=content, assertions=(part("c2pa.actions", content),), signature=content)))


@given(st.data())
def test_a_store_with_changed_bytes_is_read_without_an_error(data):
    """
    A byte changed anywhere, or the rest cut off.
    """
    at = data.draw(st.integers(0, len(WHOLE) - 1))
    read(WHOLE[:at] + bytes([data.draw(st.integers(0, 255))]) + WHOLE[at + 1 :])
    read(WHOLE[:at])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=30) | st.binary(max_size=30) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=40)
@given(VALUES)
def test_cbor_comes_back(value):
    """
    What is written by the other half is read again.
    """
    assert read_cbor(cbor(value)) == value


@pytest.mark.exhaustive
@settings(max_examples=1000)
@given(VALUES)
def test_cbor_of_many_values_comes_back(value):
    """
    The same for more of them.
    """
    assert read_cbor(cbor(value)) == value


@pytest.mark.parametrize(
    ("data", "value"),
    [("f93c00", 1.0), ("fa47c35000", 100000.0), ("f7", None), ("c074323031332d30332d32315432303a30343a30305a", "2013-03-21T20:04:00Z"),
     ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
        ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
        ("7f657374726561646d696e67ff", "streaming"),
        ("5f42010243030405ff", b"\1\2\3\4\5"),
        ("3903e7", -1000), ("a201020304", {"1": 2, "3": 4})],
)  # fmt: skip
def test_cbor_of_the_specification(data, value):
    """
    RFC 8949, appendix A.
    """
    assert read_cbor(bytes.fromhex(data)) == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x1c",
        b"\x9f",
        b"\xff",
        b"\x58\xff",
        b"\x9a\xff\xff\xff\xff",
        b"\xf8\x20",
        b"\x81" * (DEEPEST + 2),
        b"\xc0" * 60,
    ],
)
def test_cbor_that_is_none_is_refused(data):
    """
    Cut off, open, unknown, nested; a tag in a tag counts as a step, too.
    """
    with pytest.raises(ValueError, match=r"."):
        read_cbor(data)


def test_cbor_that_holds_too_much_is_refused():
    """
    Forty thousand numbers in eighty thousand bytes are more than a manifest needs.
    """
    with pytest.raises(ValueError, match="holds too much"):
        read_cbor(cbor([1] * 40_000))
