"""ZIP files of platforms: what of them is read, what is named instead, and what hostile ones can do."""

from __future__ import annotations

import json
import random
import stat
import struct
import zipfile
import zlib
from datetime import UTC, datetime

import pytest

import osint
from osint.activity import ParseWarning
from osint.capture.exchange import Capture
from osint.capture.imports import archives
from osint.capture.imports.formats import recognise_file
from osint.capture.imports.found import Credentials, DamagedFileError, Sealed, Unread
from osint.collecting.reading_imports import page_in_import

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
PROFILE = "https://social.example/@jane"
STATUS = {
    "id": "7", "uri": "https://social.example/users/jane/statuses/7", "url": "https://social.example/@jane/7",
    "created_at": "2026-05-29T08:00:00.000Z", "content": "<p>At the harbour</p>", "visibility": "public",
    "account": {"id": "1", "acct": "jane", "username": "jane", "url": "https://social.example/@jane"},
}  # fmt: skip
NOBODY = ("a member that nobody read",)
TOKEN = "EAAB1234567890abcdef"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def packed(path, *members, **kinds):
    """Write a ZIP of (name or ZipInfo, content) members."""
    with zipfile.ZipFile(path, "w", **kinds) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def read(path, address=PROFILE):
    known = recognise_file(path)
    assert known.name == "archive"
    sealed = Sealed(exhibit="E0001", address=address, saved=NOON, media_type=known.media_type)
    return list(known.captures(path, sealed))


def parts(found):
    return {each.part: each for each in found if isinstance(each, (Capture, Unread))}


def why(found, name):
    unread = parts(found)[f"member {name}"]
    assert isinstance(unread, Unread)
    return unread.why


# -- what is read ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "body", "media_type"),
    [
        ("data/posts.json", b"[]", "application/json"),
        ("data/tweets.js", b"window.YTD.tweets.part0 = []", "text/javascript"),
        ("records.HTML", b"<p>x", "text/html"),
        ("messages.csv", b"a,b\n1,2\n", "text/csv"),
        ("readme.txt", b"x", "text/plain"),
        ("one.eml", b"From: x", "message/rfc822"),
        ("all.mbox", b"From x", "application/mbox"),
        ("friends.vcf", b"BEGIN:VCARD", "text/vcard"),
        ("feed.atom", b"<feed/>", "application/xml"),
        ("no_ending", b' {"a": 1}', "application/json"),
        ("no_ending", b"<?xml version='1.0'?><a/>", "application/xml"),
        ("no_ending", b"<div>", "text/html"),
        ("no.ending.known", "grüße".encode(), "text/plain"),
    ],
)
def test_a_member_is_a_capture_with_its_name_and_the_declared_address(tmp_path, name, body, media_type):
    """
    The type follows the ending, else the content; the address is the one that the declaration names.
    """
    (capture,) = read(packed(tmp_path / "x", (name, body)))

    assert (capture.part, capture.body, capture.media_type) == (f"member {name}", body, media_type)
    assert (capture.url, capture.made, capture.collected) == (PROFILE, "imported", NOON)


def test_what_a_zip_holds_is_told_by_its_directory(tmp_path):
    """
    A manifest and WARC files make a package; everything else, also a broken one, is read member by member.
    """
    package = packed(tmp_path / "a", ("archive/a.warc.gz", b""), ("datapackage.json", b"{}"))
    export = packed(tmp_path / "b", ("datapackage.json", b"{}"), ("posts.json", b"[]"))
    crawl = packed(tmp_path / "d", ("archive/a.warc.gz", b""))
    cut = tmp_path / "c"
    cut.write_bytes(export.read_bytes()[:-20])

    assert [recognise_file(path).name for path in (package, export, crawl, cut)] == ["wacz", *["archive"] * 3]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("photo.jpg", b"x", "a file of media"),
        ("tweets_media/7-abc.MP4", b"x", "a file of media"),
        ("without_ending", PNG, "a file of media"),
        ("photo.json", PNG, "a file of media"),
        ("older.zip", b"PK\3\4rest", "a ZIP within the ZIP"),
        ("notes.txt", b"PK\3\4rest", "a ZIP within the ZIP"),
        ("store.db", b"SQLite format 3\0", "in no format that is read"),
        ("empty.json", b"", "empty"),
    ],
)
def test_a_member_that_is_not_read_is_named_with_the_reason(tmp_path, name, body, said):
    """
    Its neighbour is read all the same.
    """
    found = read(packed(tmp_path / "x", (name, body), ("posts.json", b"[]")))

    assert why(found, name).startswith(said)
    assert isinstance(parts(found)["member posts.json"], Capture)


def test_a_page_that_a_browser_saved_keeps_the_address_it_states(tmp_path):
    """
    Other HTML has the declared one.
    """
    page = b"<!-- saved from url=(0028)https://news.example/missing --><html>"
    found = parts(read(packed(tmp_path / "x", ("a.html", page), ("b.html", b"<html>"))))

    assert [found["member a.html"].url, found["member b.html"].url] == ["https://news.example/missing", PROFILE]


def test_a_long_member_is_read_up_to_the_limit_and_says_so(tmp_path, monkeypatch):
    """
    As every other part of a file.
    """
    monkeypatch.setattr(archives, "ENTITY_LIMIT", 9000)
    monkeypatch.setattr("osint.capture.imports.found.ENTITY_LIMIT", 9000)

    found = read(packed(tmp_path / "x", ("posts.json", b"[" + b" " * 20_000), compression=zipfile.ZIP_DEFLATED))

    restricted, capture = found
    assert restricted == Credentials("member posts.json", NOBODY)
    assert len(capture.body) == 9000
    assert "more than 9000 bytes" in capture.problems[0]


def test_names_are_read_whatever_program_wrote_them(tmp_path):
    """
    UTF-8 that is not marked as such, and backslashes.
    """
    path = packed(tmp_path / "x", ("Beiträge/eins.json", b"[]"), ("a/bc.json", b"[]"))
    data = path.read_bytes().replace(b"a/bc.json", b"a\\bc.json")
    path.write_bytes(data.replace(b"\x00\x08\x00\x00", b"\x00\x00\x00\x00"))

    assert {"member Beiträge/eins.json", "member a/bc.json"} == set(parts(read(path)))


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (b'{"deviceToken": {"clientApplicationId": "1", "token": "abcdefgh1234"}}', ("token",)),
        (b'{"access_token": "abcdefgh1234", "Password" : "hunter22"}', ("access_token", "password")),
        (b'{"next_page_token": "", "tokens": "abcdefgh1234", "text": "my token is lost"}', None),
    ],
)
def test_keys_in_an_export_are_named_and_never_quoted(tmp_path, body, names):
    """
    What may open an account restricts the exhibit.
    """
    found = [each for each in read(packed(tmp_path / "x", ("a.json", body))) if isinstance(each, Credentials)]

    assert found == ([Credentials("member a.json", names)] if names else [])


@pytest.mark.parametrize(
    ("name", "body", "names"),
    [
        ("a.json", json.dumps({"access_token": TOKEN}).encode("utf-16"), ("access_token",)),
        ("a.json", json.dumps({"access_token": TOKEN}).encode("utf-32-be"), ("access_token",)),
        ("a.png", json.dumps({"access_token": TOKEN}).encode(), ("access_token",)),
        ("a.json", rb'{"access_t\u006fken": "EAAB1234567890abcdef"}', ("access_token",)),
        ("a.json", b'{"apiKey": "EAAB1234567890", "X-Auth-Token": "EAAB1234567890"}', ("apikey", "x-auth-token")),
        ("a.json", b'{"session_id": "EAAB1234567890"}', ("session_id",)),
        ("a.json", b'{"password": "correct horse battery"}', ("password",)),
        ("a.json", b'[[{"token": 123456789012}]]', ("token",)),
        ("a.json", b'{"token": "EAAB1234567890", "token": ""}', ("token",)),
        ("a.json", b'{"token": "EAAB1234567890", it breaks off', ("token",)),
        ("a.json", b"[" * 100_000 + b'{"token": "EAAB1234567890"}', ("token",)),
        ("a.ndjson", b'{"a": 1}\n{"userToken": "EAAB1234567890"}\n', ("usertoken",)),
        ("a.js", b'window.YTD.device.part0 = [{"token": "EAAB1234567890"}]', ("token",)),
        ("a.csv", b"access_token,EAAB1234567890\n", ("access_token",)),
        ("a.csv", b"name,api_key\njane,EAAB1234567890\n", ("api_key",)),
        ("a.txt", b"Password: hunter2\n", ("password",)),
    ],
)
def test_a_token_is_found_in_whatever_spelling_and_under_whatever_name(tmp_path, name, body, names):
    """
    JSON is read before it is looked at, and is told by its content.
    """
    found = [each for each in read(packed(tmp_path / "x", (name, body))) if isinstance(each, Credentials)]

    assert found == [Credentials(f"member {name}", names)]


def test_names_of_ordinary_members_restrict_nothing(tmp_path):
    """
    Where a list goes on, a key of a table, a flag; a picture is no text.
    """
    body = b'{"nextPageToken": "EAAB1234567890", "key": "EAAB1234567890", "session": "Opening night", "token": true}'
    found = read(packed(tmp_path / "x", ("a.json", body), ("a.png", PNG), ("b.jpg", b"x"), ("c.txt", b"a word: b")))

    assert not [each for each in found if isinstance(each, Credentials)]


def test_what_nobody_read_may_open_an_account(tmp_path):
    """
    A ZIP within the ZIP, a damaged member, an unknown format: nobody knows, so the exhibit is restricted.
    """
    inner = packed(tmp_path / "i", ("a.json", b"{}")).read_bytes()
    path = packed(
        tmp_path / "x", ("a.zip", inner), ("b.json", b'["original"]'), ("c.db", b"SQLite\0"), ("d.json", b"[]")
    )
    path.write_bytes(path.read_bytes().replace(b"original", b"exchange"))

    found = [each for each in read(path) if isinstance(each, Credentials)]

    assert found == [Credentials(f"member {name}", NOBODY) for name in ("a.zip", "b.json", "c.db")]


# -- what the names say is missing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "several"),
    [
        ("export-2 of 3.zip", True),
        ("facebook-jane-part_1.zip", True),
        ("instagram_part2.zip", True),
        ("takeout-20260501T120000Z-001.zip", True),
        ("twitter-2026-05-01-abc.zip", False),
        ("party_1.zip", False),
        ("counterpart2.zip", False),
    ],
)
def test_a_name_says_whether_other_files_belong_to_it(name, several):
    """
    Only words for parts count, and never any number.
    """
    assert archives.is_one_of_several(name) is several


def test_members_missing_between_others_are_named(tmp_path):
    """
    Part 2 without part 1; and the folder that says it is one part of some.
    """
    found = read(packed(tmp_path / "x", ("x-part_1/tweets.js", b"[]"), ("x-part_1/tweets-part2.js", b"[]")))
    told = [each.what for each in found if isinstance(each, ParseWarning)]

    assert told == [
        "By the name of its folder, 'x-part_1', the file is one of several.",
        "Of the members 'x-part_1/tweets-part….js', the numbers 1 are missing.",
    ]


def test_members_that_are_counted_are_missed_where_there_are_several(tmp_path):
    """
    As Meta numbers them; one alone may be called anything, and pictures are numbered by cameras.
    """
    names = ("posts_1.json", "posts_3.json", "chapter_9.json", "IMG_1.jpg", "IMG_9.jpg")
    found = read(packed(tmp_path / "x", *((name, b"[]") for name in names)))
    told = [each.what for each in found if isinstance(each, ParseWarning) and "missing" in each.what]

    assert told == ["Of the members 'posts_….json', the numbers 2 are missing."]


# -- hostile members: left out and named -------------------------------------------------------------------------------


def special(mode, name="link.json"):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


@pytest.mark.parametrize(
    "name", ["../up.json", "/etc/x.json", "a/../../x.json", "a//x.json", "./x.json", "C:/x.json", "..\\up.json"]
)
def test_a_name_that_leads_elsewhere_costs_that_member_only(tmp_path, name):
    """
    Nothing is written anywhere.
    """
    path = packed(tmp_path / "x", (name, b"[1]"), ("posts.json", b"[]"))
    found = read(path)

    assert why(found, name.replace("\\", "/")).startswith("a name that leads elsewhere")
    assert parts(found)["member posts.json"].body == b"[]"
    assert [path] == list(tmp_path.rglob("*"))


@pytest.mark.parametrize(
    ("name", "shown", "said"),
    [
        (b"a\0b.json", "a⟨U+0000⟩b.json", "a name that leads elsewhere"),
        (b"folder/", "folder/", "a folder that holds bytes"),
    ],
)
def test_a_name_that_no_program_writes_costs_that_member_only(tmp_path, name, shown, said):
    """
    Some readers end a name at a NUL, and take a folder with content for a file.
    """
    path = packed(tmp_path / "x", ("#" * len(name), b"[1]"), ("posts.json", b"[]"))
    path.write_bytes(path.read_bytes().replace(b"#" * len(name), name))
    found = read(path)

    assert why(found, shown).startswith(said)
    assert "member posts.json" in parts(found)


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFCHR | 0o600, stat.S_IFIFO | 0o600])
def test_a_link_and_a_device_are_not_read(tmp_path, mode):
    """
    What a link names is not looked at.
    """
    found = read(packed(tmp_path / "x", (special(mode), b"/etc/hostname"), ("posts.json", b"[]")))

    assert why(found, "link.json").startswith("a link or a device")
    assert "member posts.json" in parts(found)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["a.json", "A.JSON", "a.json/"])
def test_of_members_with_one_name_none_is_read(tmp_path, second):
    """
    Two readers would take different ones for the member.
    """
    found = read(packed(tmp_path / "x", ("a.json", b"[1]"), (second, b"[2]"), ("b.json", b"[]")))

    assert [each.part for each in found if isinstance(each, Capture)] == ["member b.json"]
    assert sum(isinstance(each, Unread) for each in found) == 2


def test_names_that_differ_by_how_an_accent_is_spelt_clash(tmp_path):
    """
    Some systems take them for one.
    """
    found = read(packed(tmp_path / "x", ("caf\u00e9.json", b"[]"), ("cafe\u0301.json", b"[]")))

    assert [Unread, Credentials] * 2 == [type(each) for each in found]


def test_an_encrypted_member_and_one_packed_otherwise_are_named(tmp_path):
    """
    The rest is read.
    """
    path = packed(tmp_path / "x", ("a.json", b"[1]"), ("c.json", b"[]"))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("b.json", b"[2]")

    found = read(path)

    assert why(found, "a.json").startswith("encrypted")
    assert why(found, "b.json").startswith("packed in a way")
    assert [each.part for each in found if isinstance(each, Capture)] == ["member c.json"]


def test_a_member_that_was_altered_is_not_read(tmp_path):
    """
    Its bytes are not those of the directory's checksum, or they are fewer.
    """
    path = packed(tmp_path / "x", ("a.json", b'["original"]'), ("b.json", b"[]"))
    path.write_bytes(path.read_bytes().replace(b"original", b"exchange"))
    short = packed(tmp_path / "y", ("a.json", b"[1]"), ("b.json", b"[]"), compression=zipfile.ZIP_DEFLATED)
    data = bytearray(short.read_bytes())
    at = data.index(b"PK\1\2")
    data[at + 24 : at + 28] = struct.pack("<L", 9)
    short.write_bytes(data)

    assert why(read(path), "a.json").startswith("damaged")
    assert why(read(short), "a.json").startswith("damaged")
    assert "member b.json" in parts(read(short))


def test_hostile_characters_in_a_name_are_spelt_out(tmp_path):
    """
    A name cannot turn the line it stands in, start another, or hide a part of itself.
    """
    found = read(packed(tmp_path / "x", ("a\u202enosj.json", b"[]"), ("b\n\x1b[2J.json", b"[]"), ("x" * 999, b"[]")))

    assert ["member a⟨U+202E⟩nosj.json", "member b⟨U+000A⟩⟨U+001B⟩[2J.json", f"member {'x' * 399}…"] == list(
        parts(found)
    )


# -- hostile directories: the whole file is refused --------------------------------------------------------------------


def bomb(path):
    packed(path, ("a.json", bytes(100 << 20)), compression=zipfile.ZIP_DEFLATED)


def overlapping(path):
    """Two entries of the directory that lead to one member."""
    packed(path, ("a.json", b"[1]"), ("b.json", b"[2]"))
    data = bytearray(path.read_bytes())
    second = data.rindex(b"PK\1\2")
    data[second + 42 : second + 46] = struct.pack("<L", 0)
    path.write_bytes(data)


def astray(path):
    packed(path, ("a.json", b"[1]"))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\1\2")
    data[at + 42 : at + 46] = struct.pack("<L", 3)
    path.write_bytes(data)


def reaching_over(path):
    packed(path, ("a.json", b"[1]"))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\1\2")
    data[at + 20 : at + 24] = struct.pack("<L", 5000)
    path.write_bytes(data)


def one_of_some_disks(path):
    packed(path, ("a.json", b"[1]"))
    data = bytearray(path.read_bytes())
    data[-18:-16] = b"\2\0"
    path.write_bytes(data)


def long_directory(path):
    packed(path, ("a.json", b"[1]"))
    data = bytearray(path.read_bytes())
    data[-10:-6] = struct.pack("<L", archives.LONGEST_DIRECTORY + 1)
    path.write_bytes(data)


HOSTILE = {
    "bomb": (bomb, "grows beyond"),
    "overlap": (overlapping, "overlap"),
    "astray": (astray, "leads to where no member is"),
    "reaches over": (reaching_over, "reaches into its directory"),
    "disks": (one_of_some_disks, "one of several pieces"),
    "long directory": (long_directory, "more than is read"),
    "no zip": (lambda path: path.write_bytes(b"PK\3\4 and nothing more"), "no directory"),
}


@pytest.mark.parametrize(("make", "said"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_directory_that_is_a_trap_is_refused_whole(tmp_path, make, said):
    """
    No capture comes of it, and nothing is written.
    """
    path = tmp_path / "x"
    make(path)

    with pytest.raises(DamagedFileError, match=said):
        read(path)
    assert [path] == list(tmp_path.rglob("*"))


def test_too_many_members_are_refused_before_they_are_listed(tmp_path, monkeypatch):
    """
    The number stands at the end of the file.
    """
    monkeypatch.setattr(archives, "MOST_MEMBERS", 2)
    path = packed(tmp_path / "x", *[(f"{number}.json", b"[]") for number in range(3)])

    with pytest.raises(DamagedFileError, match="names 3 members"):
        read(path)


@pytest.mark.parametrize("where", ["front", "between", "behind"])
def test_bytes_that_belong_to_no_member_are_reported(tmp_path, where):
    """
    A member that was taken out of the directory leaves its bytes; so does one that was put in front.
    """
    path = packed(tmp_path / "x", ("a.json", b"[1]"), ("b.json", b"[2]"), ("c.json", b"[3]"))
    clean = read(path)
    with zipfile.ZipFile(path, "a") as archive:
        del archive.filelist[["front", "between", "behind"].index(where)]
        archive._didModify = True
        archive.start_dir = archive.start_dir

    found = read(path)

    assert not any(isinstance(each, ParseWarning) for each in clean)
    (told,) = (each for each in found if isinstance(each, ParseWarning))
    assert told.what.startswith("39 bytes of the ZIP belong to no member")


def one_deflated(behind=b"", comment=b""):
    """A ZIP of one member, with bytes behind the end of what is packed in it, and a comment."""
    body, name = b'{"a": 1}', b"a.json"
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packing.compress(body) + packing.flush() + behind
    told = struct.pack("<3H3L", 8, 0, 0, zlib.crc32(body), len(data), len(body))
    member = b"PK\3\4" + struct.pack("<2H", 20, 0) + told + struct.pack("<2H", len(name), 0) + name + data
    listed = b"PK\1\2" + struct.pack("<3H", 20, 20, 0) + told + struct.pack("<5H2L", len(name), *[0] * 6) + name
    end = struct.pack("<4H2LH", 0, 0, 1, 1, len(listed), len(member), len(comment))
    return member + listed + b"PK\5\6" + end + comment


@pytest.mark.parametrize(
    ("hidden", "pointer", "said"),
    [
        ({"behind": b"hidden" * 20_000}, "member a.json", "120000 bytes follow what is packed in it"),
        ({"comment": b"hidden" * 200}, "", "The ZIP has a comment of 1200 bytes"),
    ],
)
def test_bytes_that_no_program_unpacks_are_reported(tmp_path, hidden, pointer, said):
    """
    Behind the end of a packed member, and in the comment of the ZIP; its member is read all the same.
    """
    clean, path = tmp_path / "clean", tmp_path / "x"
    clean.write_bytes(one_deflated())
    path.write_bytes(one_deflated(**hidden))

    assert [Capture] == [type(each) for each in read(clean)]
    told, capture = read(path)
    assert (told.pointer, told.what[: len(said)], capture.body) == (pointer, said, b'{"a": 1}')


def test_a_directory_that_lists_more_than_it_says_is_refused_before_it_is_read(tmp_path, monkeypatch):
    """
    The number at the end of the file is a claim. Of very many members, some programs write its lower half only.
    """
    path = packed(tmp_path / "x", *[(f"{number}.json", b"[]") for number in range(3)])
    data = bytearray(path.read_bytes())
    data[-14:-10] = struct.pack("<2H", 1, 1)
    path.write_bytes(data)
    opened = []
    monkeypatch.setattr(archives.zipfile, "ZipFile", opened.append)

    with pytest.raises(DamagedFileError, match="said to name 1 members and lists 3"):
        list(archives.captures(path, Sealed(exhibit="E0001", address=PROFILE, saved=NOON, media_type="x")))
    assert opened == []


def test_more_members_than_are_read_are_not_counted_to_the_end(tmp_path, monkeypatch):
    """
    Whatever the number says.
    """
    path = packed(tmp_path / "x", *[(f"{number}.json", b"[]") for number in range(9)])
    data = bytearray(path.read_bytes())
    data[-14:-10] = struct.pack("<2H", 1, 1)
    path.write_bytes(data)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 2)

    with pytest.raises(DamagedFileError, match="lists 3 or more"):
        read(path)


def test_streamed_members_leave_no_unlisted_bytes(tmp_path):
    """
    The note that follows a member whose length was not known beforehand belongs to it.
    """

    class Pipe:
        def __init__(self, out):
            self.out = out

        def write(self, data):
            return self.out.write(data)

        def flush(self):
            pass

    with (tmp_path / "x").open("wb") as out, zipfile.ZipFile(Pipe(out), "w") as archive:
        archive.writestr("a.json", b"[1]")
        archive.writestr("b.json", b"[2]")

    assert [Capture, Capture] == [type(each) for each in read(tmp_path / "x")]


@pytest.mark.parametrize("seed", range(8))
def test_no_change_of_a_zip_makes_its_reader_fail_otherwise_than_by_saying_so(tmp_path, seed):
    """
    Bytes flipped, cut out and doubled.
    """
    members = [("a.json", b'{"token": "s3cr3t-of-nobody"}'), ("b/c.html", b"<p>x" * 99), ("d.png", PNG)]
    source = packed(tmp_path / "whole", *members, compression=zipfile.ZIP_DEFLATED).read_bytes()
    chance = random.Random(seed)
    path = tmp_path / "x"
    for _ in range(80):
        data = bytearray(source)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(4, len(data))
            match chance.randrange(3):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randint(1, 30)]
                case 2:
                    data[at:at] = data[at : at + chance.randint(1, 30)]
        path.write_bytes(data)
        try:
            read(path)
        except DamagedFileError as damage:
            assert "s3cr3t" not in str(damage)


# -- into a case -------------------------------------------------------------------------------------------------------


def test_a_zip_is_imported_into_a_case(open_case, tmp_path):
    """
    Sealed whole, its members read by what fits; what is not read is named; reading it again gives the same.
    """
    case = open_case(hosts=["social.example"])
    members = [
        ("outbox/statuses.json", json.dumps([STATUS]).encode()), ("index.html", b"<html><body>Your export</body></html>"),
        ("media/1.jpg", b"x"), ("../evil.json", b"[]"), ("devices.json", b'{"token": "s3cr3t-of-nobody"}'),
    ]  # fmt: skip
    path = packed(tmp_path / "export-part_1.zip", *members)
    said = {"role": "witness", "at": "not known", "program": "not known", "came": "by mail", "logged_in": False}

    found = case.import_file(path, osint.SavedBy(name="A. Witness", address=PROFILE, **said))

    (post,) = case.posts().to_dict("records")
    told = " ".join(case.warnings()["what"])
    assert (found.format, found.captures, found.posts) == ("archive", 3, 1)
    assert (found.access, found.restricted) == ("not_known", True)
    assert post["pointer"] == "member outbox/statuses.json /0"
    for expected in ("media/1.jpg", "../evil.json", "index.html", "export-part_1.zip", "that nobody read, token"):
        assert expected in told
    assert "s3cr3t" not in told
    before = case.posts().to_dict("records"), case.warnings().to_dict("records")
    case.rebuild()
    assert before == (case.posts().to_dict("records"), case.warnings().to_dict("records"))
    case.verify()
    assert not (tmp_path / "evil.json").exists()


def test_an_export_is_no_page_that_could_be_compared_with_what_is_there_now(open_case, tmp_path):
    """
    The declared address is that of the account; no member of the ZIP is what that address shows.
    """
    case = open_case(hosts=["social.example"])
    path = packed(tmp_path / "export.zip", ("outbox/statuses.json", json.dumps([STATUS]).encode()))
    said = {"role": "witness", "at": "not known", "program": "not known", "came": "by mail", "logged_in": False}
    case.import_file(path, osint.SavedBy(name="A. Witness", address=PROFILE, **said))

    (stored,) = (each["sha256"] for entry in case._ledger.entries() for each in entry.result if each.get("exhibit"))
    with case._blobs.open(stored) as blob:
        assert page_in_import(blob, "E0001") is None
