"""XMP: every spelling of a property, exact bytes, and packets that were made to hurt."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.media.blocks import Block
from osint.media.xmp import DEEPEST, MOST_BYTES, MOST_VALUES, read_xmp

NAMES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:stRef="http://ns.adobe.com/xap/1.0/sType/ResourceRef#" '
    'xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"'
)
BEFORE = b"\xff\xd8 what comes before "


def packet(inner: str, attributes: str = "") -> bytes:
    wrapped = f'<rdf:RDF {NAMES}><rdf:Description rdf:about="" {attributes}>{inner}</rdf:Description></rdf:RDF>'
    head = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    return f'{head}<x:xmpmeta xmlns:x="adobe:ns:meta/">{wrapped}</x:xmpmeta>   <?xpacket end="w"?>'.encode()


def read(content: bytes):
    data = BEFORE + content
    return data, read_xmp(data, Block(kind="xmp", where="APP1", pieces=((len(BEFORE), len(content)),)))


def stated(content: bytes) -> dict:
    _, reading = read(content)
    assert reading.problems == ()
    return {(value.fact or value.name): value.value if value.fact else value.text for value in reading.values}


@pytest.mark.parametrize(
    ("inner", "attributes"),
    [
        ("<aux:SerialNumber>4711</aux:SerialNumber>", ""),
        ("", 'aux:SerialNumber="4711"'),
        ("", "aux:SerialNumber = '4711'"),
        ("<aux:SerialNumber>\n  4711 </aux:SerialNumber>", ""),
        ("<aux:SerialNumber><![CDATA[4711]]></aux:SerialNumber>", ""),
    ],
)
def test_every_spelling_of_a_property_is_read_with_its_bytes(inner, attributes):
    """As an element and as an attribute; the bytes cited hold what is said to stand there."""
    data, reading = read(packet(inner, attributes))

    (value,) = reading.values
    cited = data[value.byte_start : value.byte_start + value.byte_length]
    assert (value.fact, value.value, value.group, value.name) == ("camera_serial", "4711", "aux", "aux:SerialNumber")
    assert b"4711" in cited
    assert b"Serial" not in cited
    assert value.bytes_sha256 == sha256(cited).hexdigest()


def test_lists_structures_and_languages_have_a_path_of_their_own():
    """Each item is a value."""
    found = [
        (value.name, value.text)
        for value in read(
            packet(
                "<dc:subject><rdf:Bag><rdf:li>one</rdf:li><rdf:li>two</rdf:li></rdf:Bag></dc:subject>"
                '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Täter &amp; Söhne</rdf:li></rdf:Alt></dc:title>'
                '<xmpMM:DerivedFrom rdf:parseType="Resource"><stRef:documentID>xmp.did:1</stRef:documentID>'
                '</xmpMM:DerivedFrom><xmpMM:Ingredients><rdf:Bag><rdf:li stRef:instanceID="xmp.iid:2"/></rdf:Bag>'
                '</xmpMM:Ingredients><xmpMM:RenditionOf rdf:resource="urn:3"/>'
            )
        )[1].values
    ]

    assert found == [
        ("dc:subject[1]", "one"),
        ("dc:subject[2]", "two"),
        ("dc:title[1]", "Täter & Söhne"),
        ("xmpMM:DerivedFrom/stRef:documentID", "xmp.did:1"),
        ("xmpMM:Ingredients[1]/stRef:instanceID", "xmp.iid:2"),
        ("xmpMM:RenditionOf", "urn:3"),
    ]


def test_facts_are_stated_in_the_words_that_all_readers_share():
    """Times with and without zone, positions signed, with the step of their spelling."""
    found = stated(
        packet(
            "<exif:DateTimeOriginal>2026-05-03T14:22:11.46+02:00</exif:DateTimeOriginal>"
            "<xmp:ModifyDate>2026-05-04T09:00:00</xmp:ModifyDate>"
            "<exif:GPSLatitude>48,51.396S</exif:GPSLatitude><exif:GPSLongitude>2,21,8W</exif:GPSLongitude>"
            "<exif:GPSAltitude>1050/10</exif:GPSAltitude><exif:GPSAltitudeRef>1</exif:GPSAltitudeRef>"
        )
    )

    assert (found["taken_local"], found["taken_offset"]) == ("2026-05-03T14:22:11.46", "+02:00")
    assert (found["modified_local"], found["altitude"]) == ("2026-05-04T09:00:00", -105.0)
    assert found["latitude"] == pytest.approx(-48.8566)
    assert found["longitude"] == pytest.approx(-2.352222, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("exif:GPSLatitude", "98,51.4N"),
        ("exif:GPSLatitude", "48,71.4N"),
        ("exif:GPSLongitude", "2,21.4N"),
        ("exif:DateTimeOriginal", "2026-13-03T14:22:11"),
        ("exif:DateTimeOriginal", "0000-00-00T00:00:00"),
        ("exif:GPSAltitude", "1/0"),
        ("tiff:Orientation", "9"),
    ],
)
def test_what_cannot_be_is_kept_as_it_stands_and_gives_no_value(name, text):
    """Nothing is repaired."""
    attributes = f'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" {name}="{text}"'
    (value,) = read(packet("", attributes))[1].values

    assert (value.text, value.value, value.status) == (text, None, "impossible")


def test_a_prefix_that_stands_for_another_vocabulary_fools_nobody():
    """The name counts, and not its abbreviation."""
    swapped = packet("<aux:SerialNumber>1</aux:SerialNumber>").replace(b"http://ns.adobe.com/exif/1.0/aux/", b"urn:x")
    renamed = packet("<q:SerialNumber>1</q:SerialNumber>", 'xmlns:q="http://ns.adobe.com/exif/1.0/aux/"')

    assert [value.fact for value in read(swapped)[1].values] == [None]
    assert [value.fact for value in read(renamed)[1].values] == ["camera_serial"]


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_letters_are_read_without_a_place(coding):
    """The bytes of the value are not those of the text."""
    text = packet("<aux:SerialNumber>4711</aux:SerialNumber>").decode()
    (value,) = read(text.encode(coding))[1].values

    assert (value.value, value.byte_start) == ("4711", None)


HOSTILE = {
    "entities": (
        b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>' + packet("<dc:x>&c;</dc:x>"),
        "document type",
    ),
    "a file of this machine": (
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>' + packet("<dc:x>&b;</dc:x>"),
        "document type",
    ),
    "depth": (packet("<dc:x>" * 100 + "</dc:x>" * 100), f"deeper than {DEEPEST}"),
    "values": (packet("<dc:x>1</dc:x>" * (MOST_VALUES + 1)), f"more than {MOST_VALUES} values"),
    "size": (packet("<dc:x>1</dc:x>").replace(b"   ", b" " * MOST_BYTES), "was not read"),
    "no XML": (b"not XML at all", "holds no XML"),
    "an end before its time": (packet("<dc:x>1</dc:x>")[:-120], "breaks off or is damaged"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_packet_that_asks_for_more_than_is_given_is_refused_with_the_reason(name):
    """What came before it stays."""
    content, why = HOSTILE[name]
    _, reading = read(content)

    (problem,) = reading.problems
    assert why in problem
    assert all("root" not in value.text for value in reading.values)


def test_what_came_before_a_break_stays():
    """A cut file still says what it says."""
    whole = packet("<dc:format>image/jpeg</dc:format><dc:x>" + "y" * 500 + "</dc:x>")
    _, reading = read(whole[: whole.index(b"yyy") + 50] + b">")

    assert [value.text for value in reading.values] == ["image/jpeg"]
    assert len(reading.problems) == 1


WHOLE = packet("<dc:subject><rdf:Bag><rdf:li>one</rdf:li></rdf:Bag></dc:subject>", 'aux:SerialNumber="4711"')


@given(st.integers(0, len(WHOLE) - 1), st.binary(max_size=6), st.integers(0, 40))
def test_no_mutation_raises_or_cites_bytes_outside_the_packet(at, put, cut):
    """Whatever stands there."""
    content = WHOLE[:at] + put + WHOLE[at + cut :]
    data, reading = read(content)

    for value in reading.values:
        if value.byte_start is not None:
            assert len(BEFORE) <= value.byte_start <= value.byte_start + value.byte_length <= len(data)


def test_what_lies_outside_rdf_is_no_property():
    """The toolkit's own words on the packet, and whatever a program writes beside it."""
    inside = packet("", 'aux:SerialNumber="4711"')
    outside = b"<aux:SerialNumber xmlns:aux='http://ns.adobe.com/exif/1.0/aux/' aux:Lens='L'>12</aux:SerialNumber>"

    assert list(stated(inside.replace(b"</x:xmpmeta>", outside + b"</x:xmpmeta>"))) == ["camera_serial"]
