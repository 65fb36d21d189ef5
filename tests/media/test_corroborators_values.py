"""ExifTool's answers in the words of all readers: every value here is invented, the shapes are those that it prints."""

import pytest
from media_builders import OFFSET, SOFTWARE, TAKEN, gps, photo

from osint.media.agreement import agreed
from osint.media.blocks import Block
from osint.media.containers import read_structure
from osint.media.corroborators.exiftool_values import MOST_VALUES, reading_of
from osint.media.corroborators.serials import confirmed_serials
from osint.media.exif import read_exif
from osint.media.value import Value
from osint.media.xmp import read_xmp

READER = "ExifTool 13.59"


def told(val, number="", table="Exif::Main", **more):
    return {"id": number, "table": table, "val": val, **more}


def facts(answer):
    return {
        (value.block, value.fact, value.value, value.status)
        for value in reading_of(answer, READER).values
        if value.fact
    }


EXIF = {
    "EXIF:IFD0:Make": told("Acme", "0x010f"),
    "EXIF:IFD0:Software": told("1.10", "0x0131"),
    "EXIF:IFD0:Orientation": told("6", "0x0112"),
    "EXIF:ExifIFD:DateTimeOriginal": told("2026:05:03 14:22:11", "0x9003"),
    "EXIF:ExifIFD:SubSecTimeOriginal": told("46", "0x9291"),
    "EXIF:ExifIFD:OffsetTimeOriginal": told("+02:00", "0x9011"),
    "EXIF:ExifIFD:BodySerialNumber": told("007123", "0xa431"),
    "EXIF:GPS:GPSLatitudeRef": told("S", "0x0001"),
    "EXIF:GPS:GPSLatitude": told("48.5", "0x0002"),
    "EXIF:GPS:GPSLongitudeRef": told("W", "0x0003"),
    "EXIF:GPS:GPSLongitude": told("2.25", "0x0004"),
    "EXIF:GPS:GPSAltitudeRef": told("1", "0x0005"),
    "EXIF:GPS:GPSAltitude": told("35.5", "0x0006"),
    "EXIF:GPS:GPSTimeStamp": told("12:22:09.5", "0x0007"),
    "EXIF:GPS:GPSDateStamp": told("2026:05:03", "0x001d"),
}


def test_exif_states_what_our_rules_state():
    """
    The signs come from tags of their own, the fraction of a second and the day from theirs; a text stays a text.
    """
    assert facts(EXIF) == {
        ("EXIF", "camera_make", "Acme", "read"),
        ("EXIF", "software", "1.10", "read"),
        ("EXIF", "orientation", 6, "read"),
        ("EXIF", "taken_local", "2026-05-03T14:22:11.46", "read"),
        ("EXIF", "taken_offset", "+02:00", "read"),
        ("EXIF", "camera_serial", "007123", "read"),
        ("EXIF", "latitude", -48.5, "read"),
        ("EXIF", "longitude", -2.25, "read"),
        ("EXIF", "altitude", -35.5, "read"),
        ("EXIF", "gps_time", "2026-05-03T12:22:09.500Z", "read"),
    }


def test_names_and_numbers_are_those_of_our_readers():
    """
    A value can be laid beside ours: directory, name and number in the same spelling.
    """
    (make,) = reading_of({"EXIF:IFD0:Make": told("Acme", "0x010f")}, READER).values
    (second,) = reading_of({"EXIF:SubIFD1:Copy2:Make": told("Acme", "0x010f")}, READER).values

    assert (make.block, make.group, make.name, make.tag_id) == ("EXIF", "Image", "Make", "0x010F")
    assert (second.group, second.name) == ("SubIFD 1", "Make")


@pytest.mark.parametrize(
    ("tag", "value", "status"),
    [
        ("EXIF:GPS:GPSAltitude", "undef", "unset"),
        ("EXIF:GPS:GPSAltitude", "inf", "impossible"),
        ("EXIF:GPS:GPSLatitude", "nan", "impossible"),
        ("EXIF:GPS:GPSLatitude", "1e999999", "impossible"),
        ("EXIF:GPS:GPSLatitude", "91", "impossible"),
        ("EXIF:GPS:GPSTimeStamp", "25:00:00", "impossible"),
        ("EXIF:GPS:GPSTimeStamp", "00:00:00", "unset"),
        ("EXIF:IFD0:Orientation", "9", "impossible"),
        ("EXIF:ExifIFD:DateTimeOriginal", "0000:00:00 00:00:00", "unset"),
        ("EXIF:ExifIFD:DateTimeOriginal", "2026:13:03 14:22:11", "impossible"),
    ],
)
def test_what_cannot_be_is_no_value(tag, value, status):
    """
    A number that is none, and a time that is none, keep their text and state nothing.
    """
    changed = {**EXIF, tag: {**EXIF[tag], "val": value}}
    (found,) = [
        each for each in reading_of(changed, READER).values if each.tag_id.casefold() == EXIF[tag]["id"] and each.fact
    ]

    assert (found.status, found.value, found.text) == (status, None, value)


def test_xmp_is_spelt_as_xmp():
    """
    Dates get their dashes back, items their number, references their path; a position is already worked out.
    """
    answer = {
        "XMP:XMP-xmp:CreateDate": told("2026:05:03 14:22:11+02:00", "CreateDate", "XMP::xmp"),
        "XMP:XMP-exif:GPSLatitude": told("-48.5", "GPSLatitude", "XMP::exif"),
        "XMP:XMP-exif:GPSLongitude": told("181", "GPSLongitude", "XMP::exif"),
        "XMP:XMP-dc:Subject": told(["harbour", "night"], "subject", "XMP::dc"),
        "XMP:XMP-dc:Title-de": told("Hafen", "title-de", "XMP::dc", lang="de"),
        "XMP:XMP-xmpMM:DerivedFrom": told({"DocumentID": "xmp.did:1"}, "DerivedFrom", "XMP::xmpMM"),
        "XMP:XMP-iptcCore:Location": told("Pier 4", "Location", "XMP::iptcCore"),
    }

    assert facts(answer) == {
        ("XMP", "digitized_local", "2026-05-03T14:22:11", "read"),
        ("XMP", "metadata_time", "2026-05-03T14:22:11+02:00", "read"),
        ("XMP", "latitude", -48.5, "read"),
        ("XMP", "longitude", None, "impossible"),
        ("XMP", "keywords", "harbour", "read"),
        ("XMP", "keywords", "night", "read"),
        ("XMP", "title", "Hafen", "read"),
        ("XMP", "derived_from_id", "xmp.did:1", "read"),
        ("XMP", "place_name", "Pier 4", "read"),
    }
    names = {value.name for value in reading_of(answer, READER).values}
    assert {"dc:subject[2]", "xmpMM:DerivedFrom/stRef:documentID", "Iptc4xmpCore:Location"} <= names


def test_iptc_has_records_and_clocks():
    """
    The number of the record comes from the table; a day and its time of day state one clock.
    """
    record = "IPTC::ApplicationRecord"
    answer = {
        "IPTC:By-line": told(["A. Person"], "0x0050", record),
        "IPTC:DateCreated": told("2026:05:03", "0x0037", record),
        "IPTC:TimeCreated": told("14:22:11+02:00", "0x003c", record),
        "IPTC:CodedCharacterSet": told("UTF8", "0x005a", "IPTC::EnvelopeRecord"),
    }

    assert facts(answer) == {
        ("IPTC", "author", "A. Person", "read"),
        ("IPTC", "taken_local", "2026-05-03T14:22:11", "read"),
        ("IPTC", "taken_offset", "+02:00", "read"),
    }
    assert {value.tag_id for value in reading_of(answer, READER).values} == {"2:80", "2:55", "2:60", "1:90"}


def test_films_state_header_keys_and_places():
    """
    A clock that was never set is none; a place comes as three numbers or in words.
    """
    header, items, user = "QuickTime::MovieHeader", "QuickTime::ItemList", "QuickTime::UserData"
    answer = {
        "QuickTime:CreateDate": told("2026:05:03 12:22:11", "0x0001", header),
        "QuickTime:Duration": told("4.00166666666667", "0x0004", header),
        "QuickTime:Track1:MediaCreateDate": told("0000:00:00 00:00:00", "0x0001", "QuickTime::MediaHeader"),
        "QuickTime:Track1:TrackCreateDate": told("2026:05:03 12:22:12", "0x0001", "QuickTime::TrackHeader"),
        "QuickTime:Keys:CreationDate": told("2026:05:03 14:22:11+0200", "creationdate", items),
        "QuickTime:Keys:GPSCoordinates": told("48.5 -2.25 35", "location.ISO6709", items),
        "QuickTime:UserData:LocationInformation": told("Pier Role=shooting Lat=1.5 Lon=2.5 Alt=0.00 Body=earth Notes=", "loci", user),
    }  # fmt: skip

    assert facts(answer) == {
        ("QuickTime", "container_time", "2026-05-03T12:22:11Z", "read"),
        ("QuickTime", "container_time", None, "unset"),
        ("QuickTime", "duration", 4.002, "read"),
        ("QuickTime", "taken_local", "2026-05-03T14:22:11", "read"),
        ("QuickTime", "taken_offset", "+02:00", "read"),
        ("QuickTime", "metadata_time", "2026-05-03T14:22:11+02:00", "read"),
        ("QuickTime", "latitude", 48.5, "read"),
        ("QuickTime", "longitude", -2.25, "read"),
        ("QuickTime", "altitude", 35.0, "read"),
        ("QuickTime", "latitude", 1.5, "read"),
        ("QuickTime", "longitude", 2.5, "read"),
        ("QuickTime", "altitude", 0.0, "read"),
    }


def test_the_rest_has_its_block():
    """
    Size, profile, texts of PNG and PDF, and what MakerNotes name.
    """
    answer = {
        "File:ImageWidth": told("64", "ImageWidth", "JPEG::SOF"),
        "ICC_Profile:ProfileDescription": told("sRGB", "desc", "ICC_Profile::Main"),
        "PNG:Software-en": told("Painter", "Software-en", "PNG::TextualData", lang="en"),
        "PDF:Creator": told("Writer", "Creator", "PDF::Info"),
        "MakerNotes:Nikon:SerialNumber": told("2567806", "0x001d", "Nikon::Main"),
        "MakerNotes:Panasonic:InternalSerialNumber": told("F54", "0x0025", "Panasonic::Main"),
    }

    assert facts(answer) == {
        ("container", "width", 64, "read"),
        ("ICC", "profile", "sRGB", "read"),
        ("PNG", "software", "Painter", "read"),
        ("container", "software", "Writer", "read"),
        ("MakerNote", "camera_serial", "2567806", "read"),
    }


def test_complaints_are_problems_and_floods_are_cut():
    """
    What ExifTool warns of stands beside the values; that it does not look into a film's data is our choice.
    """
    answer = {
        "ExifTool:ExifToolVersion": told("13.59"),
        "ExifTool:Warning": told("Bad IFD0 directory"),
        "ExifTool:Copy1:Warning": told("[minor] The ExtractEmbedded option may find more tags in the media data"),
    }
    assert reading_of(answer, READER).problems == ("ExifTool 13.59: Bad IFD0 directory.",)
    assert reading_of(answer, READER).values == ()
    many = reading_of({f"EXIF:IFD0:Copy{number}:X": told("x") for number in range(MOST_VALUES + 10)}, READER)
    assert len(many.values) == MOST_VALUES
    assert "left out" in many.problems[0]
    listed = reading_of({"XMP:XMP-dc:Subject": told(["x"] * (MOST_VALUES + 10), "subject")}, READER)
    assert len(listed.values) == MOST_VALUES
    assert len(reading_of({"EXIF:IFD0:X": told("x" * 10_000, "0x010e")}, READER).values[0].text) == 2000


@pytest.mark.parametrize("value", [None, True, [], {}, [[["x"]]], {"a": {"b": ["c"]}}, 7, "\0", "<script>"])
def test_a_value_of_any_shape_is_shown_and_not_raised_over(value):
    """
    The program prints what it likes; each block takes it.
    """
    families = (
        "EXIF:IFD0",
        "XMP:XMP-dc",
        "IPTC",
        "QuickTime:Keys",
        "MakerNotes:Nikon",
        "ICC_Profile",
        "PNG",
        "File",
        "",
    )
    for number, table in (
        ("0x9003", "Exif::Main"),
        ("title", "XMP::dc"),
        ("0x0037", "IPTC::ApplicationRecord"),
        ("0xZZ", "IPTC::ApplicationRecord"),
        ("", ""),
    ):
        answer = {f"{family}:Make": told(value, number, table) for family in families}
        assert all(isinstance(each.text, str) for each in reading_of(answer, READER).values)


def test_entries_that_are_no_tags_are_passed_over():
    """
    Without an object, without a value, without a group: nothing, and no error.
    """
    assert reading_of({"EXIF:Make": "x", "": {}, "a:b:c": {"id": 1}, "XMP:X": None}, READER).values == ()


def test_our_readers_and_exiftool_agree_on_one_photo():
    """
    The same picture read here, and as ExifTool prints it: every fact that both state is agreed.
    """
    data = photo({SOFTWARE: "1.10"}, {TAKEN: "2026:05:03 14:22:11", OFFSET: "+02:00"}, gps(altitude=35.5, below=b"\1"))
    (block,) = [each for each in read_structure(data, "image/jpeg").blocks if each.kind == "exif"]
    answer = {
        **{name: EXIF[name] for name in ("EXIF:IFD0:Software", "EXIF:ExifIFD:DateTimeOriginal", "EXIF:ExifIFD:OffsetTimeOriginal")},
        "EXIF:GPS:GPSLatitudeRef": told("N", "0x0001"),
        "EXIF:GPS:GPSLatitude": told("48.8582222222222", "0x0002"),
        "EXIF:GPS:GPSLongitudeRef": told("E", "0x0003"),
        "EXIF:GPS:GPSLongitude": told("2.29444444444444", "0x0004"),
        "EXIF:GPS:GPSAltitudeRef": told("1", "0x0005"),
        "EXIF:GPS:GPSAltitude": told("35.5", "0x0006"),
        "EXIF:GPS:GPSMapDatum": told("WGS-84", "0x0012"),
    }  # fmt: skip

    read = read_exif(data, block).values
    # How finely a position is spelt cannot be told from ExifTool's answer: it has worked the number out.
    ours = [value for value in read if value.reader.startswith("exifread") and value.fact != "position_step"]
    judged = [value for value in agreed([*ours, *reading_of(answer, READER).values]) if value.fact]

    assert {value.confidence for value in judged} == {"agreed"}
    assert {value.fact for value in judged} == {
        "software", "taken_local", "taken_offset", "latitude", "longitude", "altitude", "datum",
    }  # fmt: skip
    other = {**answer, "EXIF:GPS:GPSLatitude": told("48.8592222222222", "0x0002")}
    judged = agreed([*ours, *reading_of(other, READER).values])
    assert {value.confidence for value in judged if value.fact == "latitude"} == {"conflict"}


def test_xmp_of_both_readers_has_the_same_paths():
    """
    A property is found under the same name by both, so that they can be laid side by side.
    """
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        b'xmp:CreateDate="2026-05-03T14:22:11+02:00"><dc:subject><rdf:Bag><rdf:li>harbour</rdf:li></rdf:Bag></dc:subject>'
        b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    ours = read_xmp(packet, Block(kind="xmp", where="APP1", pieces=((0, len(packet)),))).values
    theirs = reading_of(
        {
            "XMP:XMP-xmp:CreateDate": told("2026:05:03 14:22:11+02:00", "CreateDate", "XMP::xmp"),
            "XMP:XMP-dc:Subject": told(["harbour"], "subject", "XMP::dc"),
        },
        READER,
    ).values

    key = {(value.group, value.name, value.text, value.fact, value.value) for value in ours}
    assert key == {(value.group, value.name, value.text, value.fact, value.value) for value in theirs}


def candidate(text, tag_id="0x001D", **more):
    return Value(
        block="MakerNote", group="NIKON", name="SerialNumber", tag_id=tag_id, text=text, reader="exifread 3.5.1", **more
    )


def test_a_serial_number_counts_when_two_readers_find_it():
    """
    exifread's candidate states a fact where ExifTool reads the same in the same tag, and is agreed then.
    """
    theirs = reading_of({"MakerNotes:Nikon:SerialNumber": told("2567806", "0x001d", "Nikon::Main")}, READER).values

    judged = agreed(confirmed_serials([candidate(" 2567806"), *theirs]))

    assert [(value.fact, value.value, value.confidence) for value in judged] == [
        ("camera_serial", "2567806", "agreed")
    ] * 2


@pytest.mark.parametrize("ours", [candidate("00STANDA"), candidate("2567806", tag_id="0x00A0"), candidate("")])
def test_a_serial_number_that_only_one_finds_stays_a_candidate(ours):
    """
    Another text, another tag, nothing: the candidate states no fact, and ExifTool's stays the word of one reader.
    """
    theirs = reading_of({"MakerNotes:Nikon:SerialNumber": told("2567806", "0x001d", "Nikon::Main")}, READER).values

    mine, other = agreed(confirmed_serials([ours, *theirs]))

    assert mine == ours
    assert other.confidence == "one reader"


def test_a_reader_does_not_confirm_itself():
    """
    Two values of one program are one reader.
    """
    mine = candidate("2567806", fact="camera_serial", value="2567806")

    assert confirmed_serials([candidate("2567806"), mine])[0].fact is None
