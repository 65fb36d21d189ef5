"""From wire bytes to the entity, on hostile input."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from origin import SHAPES, http

from osint.capture.entity import ENTITY_LIMIT, pour_entity, read_entity

CODINGS = ["", "gzip", "deflate", "bare"]


def entity(answer: bytes):
    return read_entity(io.BytesIO(answer))


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        ("plain", b"hello"),
        ("chunked with extension and trailer", b"hello world"),
        ("gzip", b"hello" * 100),
        ("bare line feeds", b"hi"),
        ("http 1.0", b"old"),
        ("no content", b""),
    ],
)
def test_the_entity_is_what_the_server_meant(shape, body):
    """
    Transfer and content codings are removed, and nothing is reported wrong.
    """
    read = entity(SHAPES[shape])

    assert (body, ()) == (read.body, read.problems)


def test_a_folded_header_is_one_header():
    """
    Old line folding (RFC 9112, 5.2) is joined.
    """
    assert ("X-Long", "one two") in entity(SHAPES["folded header"]).headers


@pytest.mark.parametrize("packed", [zlib.compress(b"hello"), zlib.compress(b"hello")[2:-4]], ids=["zlib", "bare"])
def test_both_spellings_of_deflate_are_read(packed):
    """
    The zlib format of the standard and the bare form of old servers give the same entity.
    """
    assert entity(http(packed, "Content-Encoding: deflate")).body == b"hello"


def test_a_gzip_bomb_is_unpacked_to_its_limit_and_named():
    """
    A small answer that unpacks without end stops at the ratio limit, and the parser is told.
    """
    bomb = gzip.compress(bytes(200_000_000))

    read = entity(http(bomb, "Content-Encoding: gzip"))

    assert len(read.body) <= ENTITY_LIMIT
    assert len(read.body) <= 200 * len(bomb)
    assert "unpacks to more than" in read.problems[0]


def test_nested_codings_stop_at_two():
    """
    Packed twice is read, packed three times is refused with the reason.
    """
    twice = gzip.compress(gzip.compress(b"hello"))

    assert entity(http(twice, "Content-Encoding: gzip, gzip")).body == b"hello"
    refused = entity(http(gzip.compress(twice), "Content-Encoding: gzip, gzip, gzip"))
    assert (refused.body, "3 times" in refused.problems[0]) == (b"", True)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (http(gzip.compress(b"x" * 5000)[:-30], "Content-Encoding: gzip"), "breaks off"),
        (http(gzip.compress(b"x" * 5000)[:12] + b"\xff" * 40, "Content-Encoding: gzip"), "damaged"),
        (http(b"x", "Content-Encoding: br"), "was not asked for"),
        (http(b"5\r\nhel", "Transfer-Encoding: chunked", length=False), "breaks off inside a chunk"),
        (http(b"zz\r\nhello", "Transfer-Encoding: chunked", length=False), "malformed"),
        (http(b"-5\r\nhello", "Transfer-Encoding: chunked", length=False), "malformed"),
        (http(b"short", "Content-Length: 50", length=False), "announced 50 bytes and 5 came"),
        (b"SSH-2.0-nonsense\r\n", "not an HTTP answer"),
        (b"", "not an HTTP answer"),
    ],
    ids=[
        "gzip cut",
        "gzip damaged",
        "unasked coding",
        "chunk cut",
        "chunk malformed",
        "chunk negative",
        "short",
        "no HTTP",
        "empty",
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_kept(answer, words):
    """
    Damage is a sentence beside the data, never an exception.
    """
    assert words in " ".join(entity(answer).problems)


def test_memory_holds_a_body_to_its_limit_and_says_so():
    """
    What is longer is in the exhibit, and a stream gives all of it.
    """
    body = bytes(ENTITY_LIMIT) + b"tail"
    answer = http(body)

    read = entity(answer)

    assert len(read.body) == ENTITY_LIMIT
    assert f"more than {ENTITY_LIMIT} bytes" in read.problems[0]
    poured = pour_entity(io.BytesIO(answer), lambda piece: None)
    assert (len(body), hashlib.sha256(body).hexdigest(), ()) == (poured.length, poured.sha256, poured.problems)


def test_a_bomb_within_a_bomb_is_bounded_by_what_came():
    """
    The ratio is that of the whole, however often it was packed.
    """
    inner = gzip.compress(bytes(100_000_000))
    bomb = http(gzip.compress(inner), "Content-Encoding: gzip, gzip")

    poured = pour_entity(io.BytesIO(bomb), lambda piece: None)

    assert poured.length == 1 << 20
    assert "unpacks to more than" in " ".join(poured.problems)


class Dribble(io.BytesIO):
    """A stream that gives a body three bytes at a time."""

    def read(self, size=-1):
        return super().read(3 if size == 1 << 16 else size)


@given(st.binary(max_size=300), st.lists(st.integers(1, 40), min_size=1, max_size=9), st.sampled_from(CODINGS))
def test_pieces_give_what_the_whole_gives(body, sizes, coding):
    """
    However a body is cut into chunks and the stream into reads, the entity, its length and its digest are the same.
    """
    packed = {"gzip": gzip.compress, "deflate": zlib.compress, "bare": lambda data: zlib.compress(data)[2:-4]}
    content, chunks, at = packed.get(coding, bytes)(body), b"", 0
    while at < len(content):
        size = sizes[at % len(sizes)]
        chunk = content[at : at + size]
        chunks, at = chunks + b"%x;a=b\r\n%b\r\n" % (len(chunk), chunk), at + size
    named = [f"Content-Encoding: {'deflate' if coding == 'bare' else coding}"] if coding else []
    answer = http(chunks + b"0\r\n\r\n", "Transfer-Encoding: chunked", *named, length=False)

    pieces: list[bytes] = []
    poured = pour_entity(Dribble(answer), pieces.append)

    assert (body, ()) == (b"".join(pieces), poured.problems)
    assert (len(body), hashlib.sha256(body).hexdigest()) == (poured.length, poured.sha256)


def test_a_line_without_end_is_no_chunk():
    """
    A size that never ends is malformed, and is not gathered up.
    """
    read = entity(http(b"1" * 300_000, "Transfer-Encoding: chunked", length=False))

    assert (read.body, "malformed" in read.problems[0]) == (b"", True)


@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(junk):
    """
    Whatever follows the status line, an entity comes back.
    """
    for head in (b"", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"):
        assert isinstance(entity(head + junk).body, bytes)
