"""DER: one spelling for each value."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tsa import identity

from osint.chain_of_custody import der
from osint.chain_of_custody.timestamp_format import issuer_and_serial


@given(st.integers(-(2**200), 2**200))
def test_every_number_has_one_spelling_that_reads_back(number):
    """
    Writing and reading are inverse, and the spelling is the shortest.
    """
    spelt = der.write_number(number)

    assert number == der.number(der.read(spelt))
    assert len(spelt) == 2 + (number if number >= 0 else ~number).bit_length() // 8 + 1


@given(
    st.tuples(st.integers(0, 1), st.integers(0, 39)) | st.tuples(st.just(2), st.integers(0, 10**9)),
    st.lists(st.integers(0, 2**60), max_size=5),
)
def test_every_object_identifier_reads_back(first, rest):
    """
    Writing and reading are inverse for every pair of first numbers.
    """
    dotted = ".".join(map(str, [*first, *rest]))

    assert dotted == der.identifier(der.read(der.write_identifier(dotted)))


def test_object_identifiers_are_spelt_as_the_standard_shows():
    """
    X.690, 8.19.5, and the algorithm that every request names.
    """
    assert bytes.fromhex("0603883703") == der.write_identifier("2.999.3")
    assert bytes.fromhex("0609608648016503040201") == der.write_identifier("2.16.840.1.101.3.4.2.1")


@given(st.binary(max_size=300), st.integers(0, 3))
def test_what_is_written_reads_back_at_every_depth(content, depth):
    """
    A value comes back with its tag, its content and all its bytes, whatever its length.
    """
    spelt = der.write(der.OCTETS, content)
    for _ in range(depth):
        spelt = der.write(der.SEQUENCE, [spelt])

    value = der.read(spelt)
    for _ in range(depth):
        value = value.inside()[0]

    assert (der.OCTETS, content, der.write(der.OCTETS, content)) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data):
    """
    Reading ends in a value that spells the same bytes, or in ValueError.
    """
    try:
        value = der.read(data)
    except ValueError:
        return
    assert data == value.raw == der.write(value.tag, value.content)


@pytest.mark.parametrize(
    "spelt",
    [
        "", "04", "0402ff", "0401ffff", "048101ff", "0482000" + "1ff", "04850000000001ff", "0480ff0000", "3080040100",
        "1f8101ff", "0484ffffffff", "048201ff",
    ],
    ids=[
        "nothing", "no length", "breaks off", "tail", "long form of a short length", "padded length", "five length bytes",
        "indefinite primitive", "indefinite", "long tag", "four gigabytes", "length without content",
    ],
)  # fmt: skip
def test_another_spelling_is_refused(spelt):
    """
    BER allows what DER does not; two readers could see different things in it.
    """
    with pytest.raises(ValueError, match=r"value|length"):
        der.read(bytes.fromhex(spelt))


@pytest.mark.parametrize("content", ["", "0001", "ff80", "01" * 257])
def test_a_number_in_another_spelling_is_refused(content):
    """
    No empty, padded or endless numbers.
    """
    with pytest.raises(ValueError, match="number"):
        der.number(der.Value(der.INTEGER, bytes.fromhex(content), b""))


@pytest.mark.parametrize("content", ["", "80", "2a8001", "2a81", "2a" * 65])
def test_an_object_identifier_in_another_spelling_is_refused(content):
    """
    No empty, padded, broken or endless identifiers.
    """
    with pytest.raises(ValueError, match="object identifier"):
        der.identifier(der.Value(der.OID, bytes.fromhex(content), b""))


@pytest.mark.parametrize("dotted", ["", "1", "3.1", "1.40", "1.2.", "1.02", "1.-2", "1.2 ", "1.2.x", "१.2"])
def test_what_is_no_object_identifier_is_not_written(dotted):
    """
    A policy that was mistyped is refused where it is used.
    """
    with pytest.raises(ValueError, match="object identifier"):
        der.write_identifier(dotted)


@pytest.mark.parametrize(
    ("spelt", "read"),
    [
        ("20260601120000Z", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("20260601120000.5Z", datetime(2026, 6, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("20260601120000.1234567Z", datetime(2026, 6, 1, 12, 0, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_times_are_read_in_utc(spelt, read):
    """
    Fractions are kept to the microsecond.
    """
    assert read == der.instant(der.Value(der.TIME, spelt.encode(), b""))


@pytest.mark.parametrize(
    "spelt",
    ["20260601120000", "202606011200Z", "20260601120000.Z", "20260601120000.50Z", "20260601120000+0200",
     "20260631120000Z", "20260601250000Z", "2026060112000١Z", " 20260601120000Z", "20260601120000Z\n"],
)  # fmt: skip
def test_a_time_in_another_spelling_is_refused(spelt):
    """
    RFC 3161, 2.4.2: Zulu time, seconds, no trailing zeros.
    """
    with pytest.raises(ValueError, match=r"."):
        der.instant(der.Value(der.TIME, spelt.encode(), b""))


def test_a_truth_value_has_two_spellings():
    """
    True is ff and false is 00.
    """
    assert [der.truth(der.Value(der.BOOLEAN, each, b"")) for each in (b"\xff", b"\x00")] == [True, False]
    for other in (b"\x01", b"", b"\xff\xff"):
        with pytest.raises(ValueError, match="truth"):
            der.truth(der.Value(der.BOOLEAN, other, b""))


def test_a_value_with_very_many_members_is_refused():
    """
    A mebibyte of empty values would be half a million objects.
    """
    assert len(der.read(der.write(der.SEQUENCE, b"\x05\x00" * 1000)).inside()) == 1000
    with pytest.raises(ValueError, match="more than 1000"):
        der.read(der.write(der.SEQUENCE, b"\x05\x00" * 1001)).inside()


def test_members_are_taken_in_order_and_none_is_left():
    """
    A missing, a foreign and a superfluous member are told.
    """
    value = der.read(der.write(der.SEQUENCE, [der.write_number(1), der.write(der.NULL, b"")]))

    members = der.Members(value)
    assert (members.perhaps(der.NULL), der.number(members.take(der.INTEGER))) == (None, 1)
    with pytest.raises(ValueError, match="too many"):
        members.end()
    with pytest.raises(ValueError, match="missing"):
        members.take(der.INTEGER)
    with pytest.raises(ValueError, match="belongs"):
        der.Members(value, der.SET)
    with pytest.raises(ValueError, match="holds no values"):
        der.read(der.write_number(1)).inside()


def test_issuer_and_number_of_a_certificate_are_those_the_x509_library_reads():
    """
    The bytes of the issuer's name are compared, so they are taken from the certificate as they stand.
    """
    root = identity("Root", 1)
    leaf = identity("Leaf", 2, root)

    issuer, serial = issuer_and_serial(leaf.der)

    assert (root.certificate.subject.public_bytes(), leaf.certificate.serial_number) == (issuer, serial)
