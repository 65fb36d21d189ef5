from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from osint.chain_of_custody.canonical import canonical, is_canonical, strict_loads
from osint.errors import LedgerError

INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
TEXT = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)


@given(VALUES)
def test_every_value_is_spelt_as_rfc_8785_wants(value):
    """
    The bytes are those of an independent RFC 8785 implementation, and reading them gives the value again.
    """
    spelt = canonical(value, nfc=False)

    assert rfc8785.dumps(value) == spelt
    assert value == strict_loads(spelt)


def test_names_are_sorted_by_utf_16_code_units():
    """
    Members are ordered as in RFC 8785, section 3.2.3, where a character beyond U+FFFF sorts before U+FB33.
    """
    names = ["€", "\r", "\ufb33", "1", "😀", "\x80", "ö"]
    spelt = canonical(dict.fromkeys(names, 0), nfc=False)

    assert list(json.loads(spelt)) == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        "e\u0301",
        "\ud800",
        {"e\u0301": 1},
        {1: 2},
        b"bytes",
        {1, 2},
        [[["e\u0301"]]],
    ],
    ids=["float", "nan", "2^53", "-2^53", "not NFC", "surrogate", "name", "number as name", "bytes", "set", "nested"],
)
def test_what_has_no_single_spelling_is_refused(value):
    """
    Floats, large integers, text outside NFC, half surrogates and other types never reach an entry.
    """
    with pytest.raises(LedgerError):
        canonical(value)


@pytest.mark.parametrize("value", [{"ö": 1, "z": 1.5}, [{"ö": 1}, 1.5], {"ö": 1, "e\u0301": 1}])
def test_what_is_forbidden_behind_a_name_beyond_ascii_is_refused(value):
    """
    The check does not stop at the first name that needs the slower spelling.
    """
    with pytest.raises(LedgerError):
        canonical(value)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":2}', b"1.0", b"1e3", b"NaN", b"-Infinity", b"9007199254740992", b"99999999999999999999999",
        b"\xef\xbb\xbf{}", b"\xff", b"{", b"", b"[" * 100_000, b'"\\ud800"x',
    ],
)  # fmt: skip
def test_what_two_readers_could_read_differently_is_refused(data):
    """
    A member twice, floats, large integers, a byte order mark, invalid UTF-8, and nesting without end are refused.
    """
    with pytest.raises(LedgerError):
        strict_loads(data)


def test_a_value_nested_beyond_reason_is_refused_and_does_not_crash():
    """
    What can just be parsed but not walked is refused as well.
    """
    value: list = []
    for _ in range(5_000):
        value = [value]

    with pytest.raises(LedgerError, match="deep"):
        canonical(value)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"in":', b"}")], ids=["arrays", "objects"])
def test_a_hundred_deep_is_written_and_read_and_more_is_not(opening, closing):
    """
    Writer and reader draw one line, however much of the stack is in use when they are called.
    """
    allowed, deeper = (opening * depth + b'"[{"' + closing * depth for depth in (100, 101))

    assert canonical(json.loads(allowed)) == allowed == canonical(strict_loads(allowed))
    with pytest.raises(LedgerError, match="deep"):
        canonical(json.loads(deeper))
    with pytest.raises(LedgerError, match="deep"):
        strict_loads(deeper)


def test_many_values_side_by_side_are_not_deep():
    """
    Only what stands within each other counts; brackets in text and in a row do not.
    """
    value = [["[" * 200], *([[]] * 200), {}]

    assert value == strict_loads(canonical(value))


@given(VALUES)
def test_only_the_canonical_spelling_counts_as_canonical(value):
    """
    The check agrees with writing the value anew, for its canonical bytes and for other spellings of it.
    """
    for spelt in (rfc8785.dumps(value), json.dumps(value).encode(), json.dumps(value, ensure_ascii=False).encode()):
        try:
            same = canonical(value) == spelt
        except LedgerError:
            same = False
        assert is_canonical(spelt, strict_loads(spelt)) == same
