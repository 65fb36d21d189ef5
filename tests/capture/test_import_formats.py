"""Files captured elsewhere, format by format: what is read, what is said to be lost, and what hostile ones can do."""

from __future__ import annotations

import base64
import gzip
import io
import json
import random
import zipfile
from datetime import UTC, datetime

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from osint import warc
from osint.activity import ParseWarning
from osint.capture.exchange import Capture
from osint.capture.imports import har as hars
from osint.capture.imports import warcs
from osint.capture.imports.declaration import SavedBy
from osint.capture.imports.formats import UNKNOWN, recognise
from osint.capture.imports.found import MOST_PARTS, Credentials, DamagedFileError, Sealed, Unread, plain_address
from osint.errors import CaseError

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
PAGE = b"<!doctype html><html><head><title>Search</title></head><body><p>Nobody was here.</p></body></html>"
URL = "https://news.example/missing"
SECRET = "s3cr3t-of-nobody"


def read(path, address=""):
    """Read a file as the format that its content shows; return everything that was found."""
    known = recognise(path.read_bytes()[:65536])
    sealed = Sealed(exhibit="E0001", address=address, saved=NOON, media_type=known.media_type)
    return list(known.captures(path, sealed))


def until_damage(path):
    """Return what was found before a file could not be read further, and why."""
    known = recognise(path.read_bytes()[:65536])
    sealed = Sealed(exhibit="E0001", address="", saved=NOON, media_type=known.media_type)
    found = []
    with pytest.raises(DamagedFileError) as damage:
        found.extend(iter_into(found, known.captures(path, sealed)))
    return found, str(damage.value)


def iter_into(found, items):
    for item in items:
        found.append(item)
    return []


def of(kind, found):
    return [each for each in found if isinstance(each, kind)]


def warc_of(*records, packed=True, version=b"WARC/1.1"):
    """Spell a WARC file of (type, content type, block) records by hand."""
    out = b""
    for number, (kind, content_type, block, *more) in enumerate(records):
        extra = dict(more[0]) if more else {}
        head = {
            "WARC-Type": kind, "WARC-Record-ID": f"<urn:uuid:{number:08}-0000-4000-8000-000000000000>",
            "WARC-Date": "2026-05-30T08:15:00Z", "WARC-Target-URI": URL, "Content-Type": content_type,
            "Content-Length": str(len(block)), **extra,
        }  # fmt: skip
        lines = [version, *(f"{name}: {value}".encode() for name, value in head.items()), b"", b""]
        record = b"\r\n".join(lines) + block + b"\r\n\r\n"
        out += gzip.compress(record, mtime=0) if packed else record
    return out


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: sid=" + SECRET.encode() + b"\r\n\r\n" + PAGE
REQUEST = b"GET /missing HTTP/1.1\r\nHost: news.example\r\nCookie: sid=" + SECRET.encode() + b"\r\n\r\n"
HTTP = "application/http;msgtype=response"


# -- the declaration ---------------------------------------------------------------------------------------------------


def test_a_declaration_says_everything_or_is_refused_with_every_gap():
    """
    Nothing is guessed for whoever hands a file in; all gaps are named at once.
    """
    with pytest.raises(CaseError) as refused:
        SavedBy()
    missing = {line.split()[1] for line in str(refused.value).splitlines()[1:]}

    assert {"name", "role", "at", "program", "came", "logged_in"} == missing


DECLARED = {"name": "A. Witness", "role": "witness", "at": "not known", "program": "not known", "came": "on a stick"}


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"logged_in": True}, "as_whom"),
        ({"logged_in": "yes"}, "logged_in"),
        ({"logged_in": False, "at": "2026-05-30T14:02"}, "at"),
        ({"logged_in": False, "at": datetime(2026, 5, 30)}, "at"),
        ({"logged_in": False, "name": "x" * 1001}, "name"),
        ({"logged_in": False, "address": "ftp://news.example/"}, "address"),
        ({"logged_in": False, "address": "https://me:s3cr3t-of-nobody@news.example/"}, "address"),
    ],
)
def test_a_wrong_declaration_is_refused_and_its_values_are_not_repeated(said, named):
    """
    The message names the field alone: values can be secrets.
    """
    with pytest.raises(CaseError) as refused:
        SavedBy(**{**DECLARED, **said})

    assert f"- {named} " in str(refused.value)
    assert SECRET not in str(refused.value)


def test_a_declaration_survives_its_record():
    """
    What is sealed says the same when it is read again, and a key in the address is not in it.
    """
    declared = SavedBy(**{**DECLARED, "at": NOON}, logged_in=True, as_whom="@me", address=f"{URL}?token={SECRET}")
    again = SavedBy(**json.loads(json.dumps(declared.as_dict())))

    assert (declared.instant, declared.access) == (again.instant, again.access) == (NOON, "logged_in")
    assert SECRET not in repr(again)


# -- telling formats apart ---------------------------------------------------------------------------------------------

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MHTML_HEAD = b'From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n boundary="b"\r\n\r\n'


@pytest.mark.parametrize(
    ("head", "name", "media_type"),
    [
        (warc_of(("warcinfo", "text/plain", b"")), "warc", "application/gzip"),
        (warc_of(("warcinfo", "text/plain", b""), packed=False), "warc", "application/warc"),
        (gzip.compress(b"no archive", mtime=0), "unknown", "application/octet-stream"),
        (b"\x1f\x8b\x08\x00damaged", "unknown", "application/octet-stream"),
        (b"PK\x03\x04", "wacz", "application/zip"),
        (b'\xef\xbb\xbf{\n "log": {"version": "1.2"', "har", "application/json"),
        (b'[{"account": {}}]', "document", "application/json"),
        (b'window.YTD.tweets.part0 = [ {"full_text": "<html >"', "document", "text/javascript"),
        (b"ID,Timestamp\r\n1,2026-05-01\r\n", "document", "text/csv"),
        (b"date;text\n1;caf\xc3", "document", "text/csv"),
        ("\ufeffGrüße, aus Köln.\n".encode("utf-16-le"), "document", "text/plain"),
        (b"Seen at the harbour.\n", "document", "text/plain"),
        (b"Seen \x1b[2J at the harbour.\n", "unknown", "application/octet-stream"),
        (b"caf\xe9 de Paris", "unknown", "application/octet-stream"),
        (MHTML_HEAD, "mhtml", "multipart/related"),
        (PAGE, "document", "text/html"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN">', "document", "text/html"),
        (b'<?xml version="1.0"?><rss version="2.0">', "document", "application/xml"),
        (PNG, "image", "image/png"),
        (b"\xff\xd8\xff\xe0", "image", "image/jpeg"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image", "image/webp"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "unknown", "application/octet-stream"),
        (b"%PDF-1.7", "print", "application/pdf"),
        (b"\x3a\xa2eroots\x81\xd8\x2a a post: <html>", "document", "application/vnd.ipld.car"),
        (b"{\xa2eroots\x81\xd8\x2a", "document", "application/vnd.ipld.car"),
        (b"\x3a\xa2eroots of a tree", "unknown", "application/octet-stream"),
        (b"", "unknown", "application/octet-stream"),
        (b"MZ\x90\0", "unknown", "application/octet-stream"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_format_is_told_by_the_content(head, name, media_type):
    """
    No name is looked at, and what is no known format is called that.
    """
    assert recognise(head)[:2] == (name, media_type)


def test_a_file_of_no_known_format_is_named_and_not_guessed_at(tmp_path):
    """
    It stays evidence.
    """
    path = tmp_path / "page.html"
    path.write_bytes(b"MZ\x90\0")

    assert recognise(path.read_bytes()) is UNKNOWN
    assert read(path) == [Unread("", "in no format that is read")]


# -- WARC and WACZ -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("version", [b"WARC/1.0", b"WARC/1.1"])
def test_a_warc_gives_its_answers_with_instant_and_address(tmp_path, packed, version):
    """
    Both versions, packed by record and plain; credentials are named by line, and their values are nowhere.
    """
    path = tmp_path / "x"
    records = (
        ("warcinfo", "application/warc-fields", b"software: other\r\n"),
        ("request", "application/http;msgtype=request", REQUEST),
        ("response", HTTP, ANSWER),
        ("revisit", HTTP, b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    )
    path.write_bytes(warc_of(*records, packed=packed, version=version))

    found = read(path)

    (capture,) = of(Capture, found)
    assert (
        capture.url, capture.status, capture.body, capture.made, capture.part,
    ) == (URL, 200, PAGE, "imported", "record 3")  # fmt: skip
    assert datetime(2026, 5, 30, 8, 15, tzinfo=UTC) == capture.collected
    assert [Credentials("record 2", ("cookie",)), Credentials("record 3", ("set-cookie",))] == of(Credentials, found)
    assert [(part, "revisit" in why) for part, why in of(Unread, found)] == [("record 4", True)]


def test_a_warc_of_another_program_is_read(tmp_path):
    """
    warcio writes it, SHA-1 digests and all.
    """
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.0")
    writer.write_record(writer.create_warc_record(URL, "response", payload=io.BytesIO(PAGE), http_headers=head))
    (tmp_path / "x").write_bytes(out.getvalue())

    (capture,) = read(tmp_path / "x")

    assert (capture.url, capture.body, capture.problems) == (URL, PAGE, ())


def test_a_record_whose_digest_does_not_fit_says_so(tmp_path):
    """
    Altered after it was recorded, or damaged: the file contradicts itself, and the capture carries that.
    """
    wrong = {"WARC-Block-Digest": "sha1:" + "A" * 32}
    (tmp_path / "x").write_bytes(warc_of(("response", HTTP, ANSWER, wrong)))

    (capture,) = of(Capture, read(tmp_path / "x"))

    assert "digest is not that of its bytes" in capture.problems[0]


@pytest.mark.parametrize(
    ("kind", "media", "head", "names"),
    [
        ("revisit", HTTP, b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=%b\r\n\r\n", {"set-cookie"}),
        ("continuation", "application/octet-stream", b"GET / HTTP/1.1\r\nCookie: sid=%b\r\n\r\n", {"cookie"}),
        ("request", "application/http", b"GET / HTTP/1.1\r\nCookie : sid=%b\r\n\r\n", {"cookie"}),
        ("request", "application/http", b"GET / HTTP/1.1\r\nX-Access-Token: %b\r\n\r\n", {"x-access-token"}),
        ("response", HTTP, b"HTTP/1.1 200 OK\r\nX-IG-Set-Authorization: %b\r\n\r\n", {"x-ig-set-authorization"}),
        ("response", HTTP, b"HTTP/1.1 302 Found\r\nLocation: /b#access_token=%b&x=1\r\n\r\n", {"address"}),
        ("resource", "application/http", b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=%b\r\n\r\n", {"set-cookie"}),
        ("response", HTTP, b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=%b\r\n\r\n" + bytes(5000), {"set-cookie"}),
    ],
)
def test_the_head_of_every_message_is_looked_at(tmp_path, monkeypatch, kind, media, head, names):
    """
    Whatever the type of its record and its length: the reader names the line, and the redactor finds its value.
    """
    monkeypatch.setattr(warcs, "ENTITY_LIMIT", 4096)
    path = tmp_path / "x"
    path.write_bytes(warc_of((kind, media, head % SECRET.encode()), packed=False))

    assert {name for each in of(Credentials, read(path)) for name in each.names} == names
    data = path.read_bytes()
    assert any(SECRET.encode() in data[span.start : span.end] for span in warcs.spans(path))


def test_a_head_without_end_restricts_and_is_no_line_to_replace(tmp_path, monkeypatch):
    """
    What stands behind the part of it that is looked at, nobody knows.
    """
    monkeypatch.setattr(warcs, "_LONGEST_HEAD", 1000)
    head = b"HTTP/1.1 200 OK\r\nA: " + bytes(2000) + b"\r\nSet-Cookie: sid=1\r\n\r\n"
    (tmp_path / "x").write_bytes(warc_of(("response", HTTP, head), packed=False))

    assert Credentials("record 1", ("a head without end",)) in read(tmp_path / "x")


@pytest.mark.parametrize(("cut", "whole"), [(1, 2), (30, 1), (200, 1)])
def test_a_warc_that_breaks_off_gives_what_came_before(tmp_path, cut, whole):
    """
    Whole records stand; the damage is said and not passed over, be it of one byte.
    """
    data = warc_of(("response", HTTP, ANSWER), ("response", HTTP, ANSWER))
    (tmp_path / "x").write_bytes(data[:-cut])

    found, why = until_damage(tmp_path / "x")

    assert [f"record {number}" for number in range(1, whole + 1)] == [each.part for each in of(Capture, found)]
    assert "record" in why or "cut" in why
    assert SECRET not in why


def test_a_bomb_in_a_warc_is_refused_before_it_grows(tmp_path):
    """
    256 MiB of zeros in a quarter of a megabyte: it stops at 64 MiB and 200 for one.
    """
    packer = zlib_packer()
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\nContent-Type: {HTTP}\r\nContent-Length: {(1 << 28) + len(block)}\r\n\r\n"
    )
    with (tmp_path / "x").open("wb") as out:
        out.write(packer.compress(head.encode() + block))
        for _ in range(256):
            out.write(packer.compress(bytes(1 << 20)))
        out.write(packer.flush())

    found, why = until_damage(tmp_path / "x")

    assert found == []
    assert "grows beyond" in why


def zlib_packer():
    import zlib

    return zlib.compressobj(6, zlib.DEFLATED, 31)


def wacz(path, **files):
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("datapackage.json", json.dumps({"wacz_version": "1.1.1", "resources": []}))
        for name, data in files.items():
            package.writestr(name.replace("__", "/"), data)
    return path


def test_a_package_gives_the_records_of_all_its_warc_files(tmp_path):
    """
    Parts are named by file and record.
    """
    one = warc_of(("response", HTTP, ANSWER))
    path = wacz(tmp_path / "x", **{"archive/a.warc.gz": one, "archive/b.warc.gz": one, "notes.txt": b""})

    parts = [capture.part for capture in of(Capture, read(path))]

    assert parts == ["archive/a.warc.gz record 1", "archive/b.warc.gz record 1"]


def link(path):
    info = zipfile.ZipInfo("archive/a.warc.gz")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("datapackage.json", '{"resources": []}')
        package.writestr(info, "/etc/hostname")


HOSTILE_ZIPS = {
    "traversal": lambda path: wacz(path, **{"archive/../../x.warc.gz": b""}),
    "absolute": lambda path: wacz(path, **{"/etc/x.warc.gz": b""}),
    "case clash": lambda path: wacz(path, **{"archive/a.warc": b"", "archive/A.warc": b""}),
    "link": link,
    "no package": lambda path: zipfile.ZipFile(path, "w").writestr("page.html", PAGE),
    "no archive": wacz,
    "no zip": lambda path: path.write_bytes(b"PK\x03\x04 and nothing more"),
    "bomb": lambda path: bomb(path),  # noqa: PLW0108 - it stands below
}


def bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("datapackage.json", '{"resources": []}')
        package.writestr("archive/a.warc", bytes(100 << 20))


@pytest.mark.parametrize("make", HOSTILE_ZIPS.values(), ids=HOSTILE_ZIPS.keys())
def test_a_hostile_zip_is_not_read_and_nothing_is_unpacked(tmp_path, make):
    """
    No file appears beside it, and no capture comes of it.
    """
    path = tmp_path / "x.wacz"
    make(path)

    found, why = until_damage(path)

    assert found == []
    assert why
    assert [path] == list(tmp_path.rglob("*"))


# -- HAR ---------------------------------------------------------------------------------------------------------------


def har(*entries):
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "x"}, "entries": list(entries)}}).encode()


def entry(url=URL, status=200, *, content=None, request=None, response=None):
    text = PAGE.decode()
    content = {"size": len(text), "mimeType": "text/html", "text": text} if content is None else content
    return {
        "startedDateTime": "2026-05-30T10:15:00.000+02:00",
        "request": {"method": "GET", "url": url, "headers": [], "cookies": [], **(request or {})},
        "response": {"status": status, "headers": [], "content": content, **(response or {})},
    }


def test_a_har_gives_its_answers_and_says_what_it_lost(tmp_path):
    """
    Text and base64; the one thing that every HAR lost is said once.
    """
    image = {"size": len(PNG), "mimeType": "image/png", "text": base64.b64encode(PNG).decode(), "encoding": "base64"}
    (tmp_path / "x").write_bytes(har(entry(), entry("https://news.example/a.png", content=image)))

    found = read(tmp_path / "x")

    first, second = of(Capture, found)
    assert (first.body, first.url, first.part, first.problems) == (PAGE, URL, "entry 1", ())
    assert datetime(2026, 5, 30, 8, 15, tzinfo=UTC) == first.collected
    assert (second.body, second.problems) == (PNG, ())
    assert [each.what[:36] for each in of(ParseWarning, found)] == ["A HAR has no bytes as they were sent"]


def test_text_in_a_har_is_read_in_the_charset_it_has_there(tmp_path):
    """
    The server said latin-1 and the browser wrote UTF-8; the letters stay what they were.
    """
    content = {"size": 4, "mimeType": "text/html; charset=iso-8859-1", "text": "café"}
    headers = {"headers": [{"name": "Content-Type", "value": "text/html; charset=iso-8859-1"}]}
    (tmp_path / "x").write_bytes(har(entry(content=content, response=headers)))

    (capture,) = of(Capture, read(tmp_path / "x"))

    assert (capture.text, capture.problems) == ("café", ())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"size": 5, "text": "x" * 50}, "states 5 bytes for its body and holds 50"),
        ({"size": 10**18, "text": "x"}, "states 1000000000000000000 bytes"),
        ({"size": 90, "text": base64.b64encode(PNG).decode(), "encoding": "base64"}, "states 90 bytes"),
        ({"size": 7, "text": "?!", "encoding": "base64"}, "said to be base64 and is not"),
        ({"size": 7}, "lost the body"),
    ],
)
def test_a_har_that_lies_about_a_body_is_found_out(tmp_path, content, said):
    """
    Stated and held lengths are compared; a lost body is no empty page.
    """
    (tmp_path / "x").write_bytes(har(entry(content=content)))

    (capture,) = of(Capture, read(tmp_path / "x"))

    assert said in capture.problems[0]


def test_credentials_in_a_har_are_named_and_never_quoted(tmp_path):
    """
    Cookies, keys and passwords in header lines, cookie lists, addresses and request bodies.
    """
    request = {
        "headers": [{"name": "Authorization", "value": SECRET}, {"name": "cookie", "value": SECRET}],
        "cookies": [{"name": "sid", "value": SECRET}],
        "postData": {"text": SECRET},
    }
    response = {"cookies": [{"name": "sid", "value": SECRET}]}
    address = f"https://me:{SECRET}@news.example/a?access_token={SECRET}#id_token={SECRET}"
    (tmp_path / "x").write_bytes(har(entry(address, request=request, response=response)))

    found = read(tmp_path / "x")

    named = {name for each in of(Credentials, found) for name in each.names}
    assert {"authorization", "cookie", "set-cookie", "address", "request body"} == named
    assert SECRET not in repr(found)


ODD = {
    "cookies as an object": ({"cookies": {"sid": SECRET}}, "cookie"),
    "cookies as texts": ({"cookies": ["a=1", f"sid={SECRET}"]}, "cookie"),
    "a cookie whose value is an object": ({"cookies": [{"name": "a", "value": {"v": SECRET}}]}, "cookie"),
    "a cookie whose value has another name": ({"cookies": [{"name": "a", "value": "1", "raw": SECRET}]}, "cookie"),
    "headers as an object": ({"headers": {"Cookie": SECRET}}, "cookie"),
    "a name with a space": ({"headers": [{"name": "cookie ", "value": SECRET}]}, "cookie"),
    "a value that is a list": ({"headers": [{"name": "Cookie", "value": ["a", SECRET]}]}, "cookie"),
    "a body as text": ({"postData": SECRET}, "request body"),
}


@pytest.mark.parametrize("odd", ODD)
def test_credentials_of_any_shape_are_named_and_their_places_found(tmp_path, odd):
    """
    A line that is replaced beside one of the same name that is not would hide it.
    """
    request, line = ODD[odd]
    path = tmp_path / "x"
    usual = entry(URL, request={"headers": [{"name": "Cookie", "value": "first"}]})
    path.write_bytes(har(usual, entry(URL, request=request)))

    assert Credentials("entry 2", (line,)) in read(path)
    data = path.read_bytes()
    found = {data[span.start : span.end] for span in hars.spans(path) if span.line == line and span.part == "entry 2"}
    assert any(SECRET.encode() in value for value in found)


@pytest.mark.parametrize(
    "request_", [{"cookies": [{"name": "sid", "value": 123456789}]}, {"headers": {"Cookie": 123456789}}]
)
def test_a_credential_that_is_a_number_cannot_be_replaced(tmp_path, request_):
    """
    It is named, and letters in its place would leave no JSON: no derivative is made.
    """
    path = tmp_path / "x"
    path.write_bytes(har(entry(URL, request=request_)))

    assert Credentials("entry 1", ("cookie",)) in read(path)
    with pytest.raises(DamagedFileError, match="is a number"):
        list(hars.spans(path))


@pytest.mark.parametrize(
    "data",
    [
        har(entry())[:-40],
        b'{"log": {"entries": ' + b"[" * 100_000,
        b'{"log": {"entries": {"1": 2}}}',
        b'{"log": {}}',
        b'{"log": {"entries": [' + b"9" * 5000 + b"]}}",
    ],
    ids=["cut", "nested", "no list", "empty", "huge number"],
)
def test_what_is_no_har_is_said_to_be_none(tmp_path, data):
    """
    Nothing is taken from half of one.
    """
    (tmp_path / "x").write_bytes(data)

    found, why = until_damage(tmp_path / "x")

    assert found == []
    assert "HAR" in why or "entries" in why


def test_entries_of_any_shape_are_read_or_named(tmp_path):
    """
    Lists where objects belong, numbers where text belongs, answers that never came.
    """
    shapes = [[], None, 7, {}, {"request": 1, "response": []}, entry(url=5), entry(status="200"), entry(status=True)]
    shapes += [entry(response={"headers": {"a": 1}}), entry(response={"headers": [1, {"name": 2}]})]
    (tmp_path / "x").write_bytes(har(*shapes))

    found = read(tmp_path / "x")

    assert {f"entry {number}" for number in range(1, 11)} == {each.part for each in of((Capture, Unread), found)}


# -- MHTML -------------------------------------------------------------------------------------------------------------


def mhtml(*parts, end=b"--b--\r\n"):
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return MHTML_HEAD.replace(b"\r\n\r\n", b"\r\nDate: Sat, 30 May 2026 08:15:00 -0000\r\n\r\n") + body + end


def part(content=PAGE, location=URL, kind="text/html", coding="8bit"):
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {coding}\r\nContent-Location: {location}\r\n\r\n"
    return head.encode() + content


def test_an_mhtml_file_gives_the_page_and_what_it_shows(tmp_path):
    """
    Quoted-printable, base64 and plain; the page has its own address and the instant of the message.
    """
    quoted = part(b"<html><body>caf=C3=A9 =\r\nand more</body></html>", coding="quoted-printable")
    image = part(base64.encodebytes(PNG), "https://news.example/a.png", "image/png", "base64")
    (tmp_path / "x").write_bytes(mhtml(quoted, image, part(location="cid:frame-1@mhtml.blink")))

    first, second, third = of(Capture, read(tmp_path / "x"))

    assert (first.text, first.url, first.part) == ("<html><body>café and more</body></html>", URL, "part 1")
    assert datetime(2026, 5, 30, 8, 15, tzinfo=UTC) == first.collected
    assert (second.body, second.url) == (PNG, "https://news.example/a.png")
    assert (third.body, third.url) == (PAGE, "")


def test_mhtml_within_mhtml_is_read_three_deep_and_no_further(tmp_path):
    """
    Deeper parts are named and stay unread.
    """
    inner = part()
    for level in range(5, 0, -1):
        mark = f"level{level}".encode()
        head = b"Content-Type: multipart/related; boundary=" + mark + b"\r\n\r\n"
        inner = head + b"--" + mark + b"\r\n" + inner + b"\r\n--" + mark + b"--\r\n"
    (tmp_path / "x").write_bytes(mhtml(inner, part()))

    found = read(tmp_path / "x")

    assert [capture.part for capture in of(Capture, found)] == ["part 2"]
    assert [each.part for each in of(Unread, found)] == ["part 1.1.1"]


def test_a_million_parts_cost_no_more_than_the_first_twenty_thousand(tmp_path):
    """
    Counted, cut and said.
    """
    (tmp_path / "x").write_bytes(MHTML_HEAD + b"--b\r\n\r\nx\r\n" * 1_000_000 + b"--b--\r\n")

    found, why = until_damage(tmp_path / "x")

    assert len(of(Capture, found)) == MOST_PARTS
    assert f"more than {MOST_PARTS} parts" in why


@pytest.mark.parametrize(
    "data",
    [
        mhtml(part(), end=b""),
        mhtml(part())[:-60],
        MHTML_HEAD,
        MHTML_HEAD.replace(b' boundary="b"', b" x=y"),
    ],
    ids=["no last boundary", "cut", "no part", "no boundary"],
)
def test_an_mhtml_file_that_breaks_off_says_so(tmp_path, data):
    """
    What came is read, and the break is named.
    """
    (tmp_path / "x").write_bytes(data)

    assert "bound" in until_damage(tmp_path / "x")[1]


def test_a_line_that_looks_like_a_boundary_is_content(tmp_path):
    """
    Style sheets have lines that start with two dashes, and longer boundaries start like shorter ones.
    """
    content = b"<html><body>\r\n--b-colour: red;\r\n--bc\r\n</body></html>"
    (tmp_path / "x").write_bytes(mhtml(part(content)))

    assert [content] == [capture.body for capture in of(Capture, read(tmp_path / "x"))]


# -- saved pages, images, prints ---------------------------------------------------------------------------------------


def test_a_page_of_singlefile_states_its_address_and_instant(tmp_path):
    """
    Both are taken as the file's word, in the zone that it names.
    """
    mark = f"<!--\n Page saved with SingleFile \n url: {URL}?token={SECRET} \n saved date: Sat May 30 2026 10:15:00 GMT+0200 (x)\n-->"
    (tmp_path / "x").write_bytes(PAGE.replace(b"<head>", b"<head>" + mark.encode()))

    (capture,) = read(tmp_path / "x")

    assert capture.url.startswith(URL)
    assert SECRET not in capture.url
    assert datetime(2026, 5, 30, 8, 15, tzinfo=UTC) == capture.collected


@pytest.mark.parametrize(
    ("mark", "declared", "url"),
    [
        (b"", URL, URL),
        (b"", "", ""),
        (b"<!-- saved from url=(0028)https://news.example/missing -->", "", URL),
        (b"<!-- saved from url=(0014)about:internet -->", URL, URL),
        (b"<!-- saved from url=(0099)javascript:alert(1) -->", "", ""),
    ],
)
def test_a_saved_page_has_the_address_it_states_or_else_the_declared_one(tmp_path, mark, declared, url):
    """
    What is no web address is none.
    """
    (tmp_path / "x").write_bytes(mark + PAGE)

    assert [url] == [capture.url for capture in of(Capture, read(tmp_path / "x", declared))]


def test_two_addresses_that_differ_are_reported(tmp_path):
    """
    The file says one thing and its declaration another.
    """
    (tmp_path / "x").write_bytes(b"<!-- saved from url=(0028)https://news.example/missing -->" + PAGE)

    (doubt,) = of(ParseWarning, read(tmp_path / "x", "https://news.example/other"))

    assert "another address" in doubt.what


@pytest.mark.parametrize(
    "data", [PNG, b"%PDF-1.7\nx\n%%EOF\n", b"\xff\xd8\xff\xe0" + bytes(20) + b"\xff\xd9", b"RIFF\x04\0\0\0WEBP"]
)
def test_an_image_is_a_capture_and_nothing_is_decoded(tmp_path, data):
    """
    Whole ones give no warning; the same without their end give one.
    """
    (tmp_path / "x").write_bytes(data)
    (tmp_path / "cut").write_bytes(data[: max(12, len(data) - 9)] if data[:4] != b"RIFF" else data + b"hidden behind")

    assert [[data], []] == [
        [each.body for each in of(Capture, read(tmp_path / "x"))],
        of(ParseWarning, read(tmp_path / "x")),
    ]
    assert len(of(ParseWarning, read(tmp_path / "cut"))) == 1


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("https://a.example/x#y", "https://a.example/x"),
        ("https://u:p@a.example/x", "https://a.example/x"),
        ("https://a.example/x?code=4f0a8c7716feab2211&b=1", "https://a.example/x?code=REPLACED-BY-OSINT&b=1"),
        ("https://a.example/x?code=NL", "https://a.example/x?code=NL"),
        ("https://a.example:99999/", ""),
        ("http://[::1", ""),
        ("file:///etc/passwd", ""),
        ("javascript:alert(1)", ""),
        ("cid:1@x", ""),
        ("https://a.example/\n\x1b[2Jx", "https://a.example/[2Jx"),
    ],
)
def test_an_address_is_a_plain_web_address_or_none(written, plain):
    """
    No user name, no fragment, no control character.
    """
    assert plain_address(written) == plain


def test_our_own_warc_is_read_back(tmp_path):
    """
    A record of our own writer, digests fit.
    """
    out = io.BytesIO()
    fields = {"WARC-Target-URI": URL, "WARC-Payload-Digest": warc.digest_text(warc.Block.of(PAGE).sha256)}
    block = warc.Block.of(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE)
    warc.write_record(
        out, "response", block, date=NOON, content_type=HTTP, record_id=warc.new_record_id(), fields=fields
    )
    (tmp_path / "x").write_bytes(out.getvalue())

    (capture,) = read(tmp_path / "x")

    assert (capture.collected, capture.problems) == (NOON, ())


SAMPLES = {
    "warc": warc_of(("request", HTTP, REQUEST), ("response", HTTP, ANSWER)),
    "plain warc": warc_of(("request", HTTP, REQUEST), ("response", HTTP, ANSWER), packed=False),
    "har": har(entry(), entry(content={"size": 7, "text": base64.b64encode(PNG).decode(), "encoding": "base64"})),
    "mhtml": mhtml(part(), part(base64.encodebytes(PNG), "https://news.example/a.png", "image/png", "base64")),
    "page": b"<!-- saved from url=(0028)https://news.example/missing -->" + PAGE,
    "png": PNG,
}


@pytest.mark.parametrize("kind", [*SAMPLES, "wacz"])
@pytest.mark.parametrize("seed", range(8))
def test_no_change_of_a_file_makes_its_reader_fail_otherwise_than_by_saying_so(tmp_path, kind, seed):
    """
    Bytes flipped, cut out and doubled: every reader ends, or says that the file is damaged, and says no secret.
    """
    source = (
        wacz(tmp_path / "whole", **{"archive/a.warc.gz": SAMPLES["warc"]}).read_bytes()
        if kind == "wacz"
        else SAMPLES[kind]
    )
    chance = random.Random(seed)
    for _ in range(40):
        data = bytearray(source)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randint(1, 60)]
                case 2:
                    data[at:at] = data[at : at + chance.randint(1, 60)]
            data = data or bytearray(b"x")
        (tmp_path / "x").write_bytes(data)
        try:
            read(tmp_path / "x")
        except DamagedFileError as damage:
            assert SECRET not in str(damage)


def test_half_of_a_surrogate_pair_becomes_text_that_can_be_stored(tmp_path):
    """
    JSON may name what no text is.
    """
    content = {"mimeType": "text/\ud800", "text": "\ud800"}
    (tmp_path / "x").write_bytes(har(entry("https://news.example/\ud800?token=\ud800", content=content)))

    (capture,) = of(Capture, read(tmp_path / "x"))

    assert (capture.url + capture.media_type).encode()
    assert capture.body == b"?"
