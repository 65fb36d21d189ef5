"""One exchange is one blob, checked by readers that share no code with its writer."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from origin import SHAPES, http, recorded
from warcio.archiveiterator import ArchiveIterator

from osint import warc
from osint.capture.preserve import Asked, write_exchange
from osint.capture.read_back import copy_body, read_capture, read_head
from osint.errors import EvidenceError
from osint.query import REPLACED, without_secrets

STARTED = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)


def preserved(wire, url: str, via: str = "") -> io.BytesIO:
    out = io.BytesIO()
    asked = Asked(
        url=url, via=via or url, started=STARTED, ended=STARTED, entry="entry-id", case="osint/case", authorization="00",
        network={}, software="osint/test",
    )  # fmt: skip
    write_exchange(out, asked, wire)
    out.seek(0)
    return out


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_whole_for_us_and_for_two_independent_readers(shape, origin, loopback):
    """
    Our own check, warcio and FastWARC find every digest right, and the response block is the bytes of the wire.
    """
    url = origin.serve("/", SHAPES[shape])
    blob = preserved(recorded(url, loopback), url)

    assert warc.check(blob) == []
    blob.seek(0)
    blocks = {record.type: record.read() for record in warc.read(blob)}
    assert SHAPES[shape] == blocks["response"]
    assert origin.requests == [blocks["request"]]
    blob.seek(0)
    verdicts = []
    for record in ArchiveIterator(blob, check_digests=True):
        record.raw_stream.read()
        verdicts.append(record.digest_checker.passed)
    assert verdicts == [True] * 4
    blob.seek(0)
    fast = [record.verify_block_digest() for record in FastIterator(blob, parse_http=False)]
    assert fast == [True] * 4


def test_a_body_under_a_transfer_coding_has_no_payload_digest(origin, loopback):
    """
    The readers disagree with the standard there, so the header is left out and the metadata holds the entity's hash.
    """
    url = origin.serve("/", SHAPES["chunked with extension and trailer"])
    blob = preserved(recorded(url, loopback), url)

    records = {record.type: (record.headers, record.read()) for record in warc.read(blob)}

    assert "warc-payload-digest" not in records["response"][0]
    assert hashlib.sha256(b"hello world").hexdigest() == json.loads(records["metadata"][1])["entity_sha256"]


def test_the_capture_comes_from_the_blob_alone(origin, loopback):
    """
    Status, headers, decoded body, times and the address first asked for are read back from the evidence.
    """
    url = origin.serve("/", http(gzip.compress(b"caf\xc3\xa9"), "Content-Encoding: gzip", "Content-Type: text/plain"))

    capture = read_capture(preserved(recorded(url, loopback), url, via="https://first.example/"), "E0001")

    assert (capture.status, capture.text, capture.charset_fits, capture.problems) == (200, "café", True, ())
    assert ("E0001", url, "https://first.example/", STARTED) == (
        capture.exhibit, capture.url, capture.via, capture.collected,
    )  # fmt: skip


def test_a_body_is_laid_out_or_counted_without_being_held(origin, loopback):
    """
    Head and body are the same whichever way they are read, but for where the body goes.
    """
    url = origin.serve("/", http(gzip.compress(b"hello"), "Content-Encoding: gzip"))
    blob, out = preserved(recorded(url, loopback), url), io.BytesIO()

    ways = []
    for way in (read_capture, read_head, partial(copy_body, out=out)):
        blob.seek(0)
        ways.append(way(blob, "E0001"))

    assert [each.body for each in ways] == [b"hello", b"", b""]
    assert (out.getvalue(), {each.length for each in ways}) == (b"hello", {5})


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_copy_that_finds_no_room_says_that_the_exhibit_is_safe(origin, loopback):
    """
    A full temporary folder loses nothing.
    """
    url = origin.serve("/", SHAPES["binary body"])
    blob = preserved(recorded(url, loopback), url)

    with (
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(EvidenceError, match=r"stored and logged.*case.rebuild\(\)"),
    ):
        copy_body(blob, "E0001", full)


def test_a_cut_answer_says_so_in_the_record_and_in_the_capture(origin, loopback):
    """
    Truncation is marked in the standard's own header, and the parser is told.
    """
    url = origin.serve("/", http(b"short", "Content-Length: 500", length=False))
    blob = preserved(recorded(url, loopback), url)

    marks = [record.headers.get("warc-truncated") for record in warc.read(blob)]

    assert marks == [None, "disconnect", None, None]
    blob.seek(0)
    assert "The answer was cut (disconnect)." in read_capture(blob, "E0001").problems


def test_bytes_that_are_no_http_become_a_resource(origin, loopback):
    """
    A reader never meets a response record that it cannot parse.
    """
    url = origin.serve("/", b"SSH-2.0-nonsense\r\n")
    blob = preserved(recorded(url, loopback), url)

    assert warc.check(blob) == []
    blob.seek(0)
    assert read_capture(blob, "E0001").status == 0


def test_interim_answers_stand_in_the_metadata(origin, loopback):
    """
    The response record starts with the answer itself; the 103 before it is not lost.
    """
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n"
    url = origin.serve("/", early + http(b"answer"))
    blob = preserved(recorded(url, loopback), url)

    records = {record.type: record.read() for record in warc.read(blob)}

    assert http(b"answer") == records["response"]
    assert early == base64.b64decode(json.loads(records["metadata"])["interim"])


def test_a_secret_is_sent_and_never_stored(origin, loopback):
    """
    A key in the address reaches the server and no byte of the evidence.
    """
    origin.serve("/?page=1&api_key=S3CRET", http(b"ok"))
    url = f"http://127.0.0.1:{origin.port}/?page=1&api_key=S3CRET"

    blob = preserved(recorded(url, loopback), url)

    assert b"S3CRET" in origin.requests[0]
    text = b"".join(record.read() + repr(record.headers).encode() for record in warc.read(blob))
    assert b"S3CRET" not in text
    assert REPLACED.encode() in text
    assert b'"replaced_in_request": ["request target"]' in text


def test_a_key_in_the_address_that_led_here_is_replaced_too(origin, loopback):
    """
    A browser tells it to what a page shows.
    """
    wire = recorded(origin.serve("/", http(b"ok")), loopback)
    wire.sent.seek(0)
    wire.sent.write(b"GET / HTTP/1.1\r\nReferer: http://127.0.0.1/?token=S3CRET&a=1\r\n\r\n")
    wire.sent.truncate()

    blob = preserved(wire, "http://127.0.0.1/")

    text = b"".join(record.read() for record in warc.read(blob))
    assert b"S3CRET" not in text
    assert f"?token={REPLACED}&a=1".encode() in text


@pytest.mark.parametrize(
    "name", ["Authorization", "COOKIE", "proxy-authorization", "X-Api-Key", "Cookie ", "X-IG-Token"]
)
def test_a_secret_header_is_replaced_in_the_stored_request(name, origin, loopback):
    """
    Whatever its letter case, the value of a header that can carry a secret is not stored.
    """
    wire = recorded(origin.serve("/", http(b"ok")), loopback)
    wire.sent.seek(0)
    wire.sent.write(f"GET / HTTP/1.1\r\n{name}: S3CRET\r\n\r\n".encode())
    wire.sent.truncate()

    blob = preserved(wire, "http://127.0.0.1/")

    assert all(b"S3CRET" not in record.read() for record in warc.read(blob))


@pytest.mark.parametrize(
    "name", ["token", "sessionid", "JWT", "X-Amz-Signature", "client_secret", "refresh_token", "key"]
)
def test_the_usual_names_of_keys_are_known(name):
    """
    Their values are replaced, whatever the letter case of the name.
    """
    assert "S3CRET" not in without_secrets(f"https://a.example/?a=1&{name}=S3CRET")


@pytest.mark.parametrize("url", ["https://a.example/?feed=rss2&paged=2", "http://["])
def test_an_address_that_holds_no_key_is_not_touched(url):
    """
    A word that only looks like a key, and an address that cannot be parsed, stay as they are.
    """
    assert url == without_secrets(url)


def test_an_address_without_secrets_stays_as_it_is():
    """
    Nothing is re-spelt in an address that holds no key.
    """
    assert without_secrets("https://a.example/?b=%20c&d") == "https://a.example/?b=%20c&d"


def test_two_captures_of_the_same_bytes_have_different_hashes(origin, loopback):
    """
    The nonce makes the hash of a blob impossible to guess from what a page says.
    """
    url = origin.serve("/", http(b"same"))
    first, second = (preserved(recorded(url, loopback), url).getvalue() for _ in range(2))

    nonces = [
        re.search(rb"nonce: ([0-9a-f]{32})", record.read()).group(1)
        for blob in (first, second)
        for record in warc.read(io.BytesIO(blob))
        if record.type == "warcinfo"
    ]

    assert len(set(nonces)) == 2


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\x1f\x8b\x08\x00"])
def test_a_blob_that_is_no_exchange_is_named_with_its_exhibit(damage):
    """
    Damaged evidence is an error that says which exhibit and what to do, not a parse result.
    """
    with pytest.raises(EvidenceError, match=r"E0007.*case\.verify"):
        read_capture(io.BytesIO(damage), "E0007")
