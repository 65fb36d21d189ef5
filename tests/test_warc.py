"""The WARC format, written and read."""

from __future__ import annotations

import hashlib
import io
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint import warc

DATE = datetime(2026, 6, 1, 12, 0, 0, 5, tzinfo=UTC)
KINDS = ("warcinfo", "response", "request", "metadata")


def exchange(blocks: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    for kind in KINDS:
        block = warc.Block.of((blocks or {}).get(kind, f"{kind} block".encode()))
        record_id = f"<urn:uuid:00000000-0000-4000-8000-00000000000{KINDS.index(kind)}>"
        warc.write_record(
            out, kind, block, date=DATE, content_type="text/plain", record_id=record_id,
            fields={"WARC-Target-URI": "https://a.example/"},
        )  # fmt: skip
    return out.getvalue()


@given(st.binary(max_size=3000))
def test_what_is_written_is_read_back(block):
    """
    Any block comes back byte for byte, with its date to the microsecond.
    """
    records = [
        (record.type, record.read(), record.headers["warc-date"])
        for record in warc.read(io.BytesIO(exchange({"response": block})))
    ]

    assert ("response", block, "2026-06-01T12:00:00.000005Z") == records[1]
    assert list(KINDS) == [kind for kind, *_ in records]


def test_the_same_arguments_give_the_same_bytes():
    """
    No clock and no chance enters a record but through its arguments.
    """
    assert exchange() == exchange()


def test_a_block_larger_than_memory_wants_is_streamed(tmp_path):
    """
    A block is read in pieces and comes back whole from a spooled file.
    """
    path = tmp_path / "large"
    path.write_bytes(bytes(3_000_000) + b"end")
    out = io.BytesIO()
    with path.open("rb") as stream:
        block = warc.Block.of_stream(stream)
        warc.write_record(out, "response", block, date=DATE, content_type="a/b", record_id="<urn:x>", fields={})

    records = [(record.length, record.read()[-3:]) for record in warc.read(io.BytesIO(out.getvalue()))]

    assert records == [(3_000_003, b"end")]


def test_a_line_break_cannot_be_smuggled_into_a_header():
    """
    A value with a line break would start a header of its own.
    """
    with pytest.raises(warc.WarcError, match="line break"):
        warc.write_record(
            io.BytesIO(), "request", warc.Block.of(b""), date=DATE, content_type="a/b", record_id="<urn:x>",
            fields={"WARC-Target-URI": "https://a.example/\r\nWARC-Type: response"},
        )  # fmt: skip


def test_a_whole_file_has_no_problems():
    """
    The check is silent on what the writer wrote.
    """
    assert warc.check(io.BytesIO(exchange())) == []


def rendered(*kinds):
    out = io.BytesIO()
    for kind in ("warcinfo", *kinds, "metadata"):
        block = warc.Block.of(kind.encode())
        warc.write_record(out, kind, block, date=DATE, content_type="a/b", record_id=warc.new_record_id(), fields={})
    return out.getvalue()


def test_a_rendered_page_is_resources_and_nothing_else():
    """
    As many as there are parts, and at least one; an exchange without its request is no page.
    """
    assert warc.check(io.BytesIO(rendered("resource", "resource", "resource"))) == []
    for other in ([], ["response"], ["resource", "response"], ["resource", "resource", "request"]):
        assert "it holds" in warc.check(io.BytesIO(rendered(*other)))[0]


def test_dull_content_that_packs_well_is_read_to_its_end():
    """
    Two megabytes in one small member, with another record right behind it.
    """
    dull, out = bytes(range(256)) * 9000, io.BytesIO()
    for _ in range(2):
        block = warc.Block.of(dull)
        warc.write_record(
            out, "resource", block, date=DATE, content_type="a/b", record_id=warc.new_record_id(), fields={}
        )
    out.seek(0)

    assert [record.read() == dull for record in warc.read(out)] == [True, True]


def test_every_cut_is_found():
    """
    Cut at any byte, the file is reported; empty, it is reported too.
    """
    whole = exchange()

    assert all(warc.check(io.BytesIO(whole[:end])) for end in range(len(whole)))


def test_every_flipped_bit_in_the_compressed_content_is_found():
    """
    Only the header bytes of a gzip member that carry no content may change unseen; the blob's hash covers them.
    """
    whole = exchange()
    starts = [record.offset for record in warc.read(io.BytesIO(whole))]
    silent = []
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 1
        if not warc.check(io.BytesIO(bytes(damaged))):
            silent.append(at)

    assert all(any(3 <= at - start <= 9 for start in starts) for at in silent)


@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (lambda whole: whole + whole, "it holds"),
        (lambda whole: whole + b"trailing", "not an intact gzip member"),
        (lambda whole: b"", "it holds nothing"),
        (lambda whole: exchange({"response": b"x"})[: len(whole) // 2], "cut short"),
    ],
    ids=["an exchange twice", "bytes after the end", "empty file", "half a file"],
)
def test_a_file_of_another_make_up_is_reported(attack, words):
    """
    One file is one exchange: more, less or other records are a problem.
    """
    assert any(words in problem for problem in warc.check(io.BytesIO(attack(exchange()))))


def test_a_block_rewritten_with_its_old_digest_is_found():
    """
    A body changed and packed again, its recorded digest left as it was, is named.
    """
    whole = exchange()
    offsets = [record.offset for record in warc.read(io.BytesIO(whole))]
    member = zlib.decompress(whole[offsets[1] : offsets[2]], 31).replace(b"response block", b"response fake!")
    packed = zlib.compressobj(6, zlib.DEFLATED, 31)
    forged = whole[: offsets[1]] + packed.compress(member) + packed.flush() + whole[offsets[2] :]

    assert any("response record" in problem and "changed" in problem for problem in warc.check(io.BytesIO(forged)))


def member(head: str, block: bytes = b"block", end: bytes = b"\r\n\r\n") -> io.BytesIO:
    """A record as a forger may spell it."""
    return io.BytesIO(zlib.compress(f"{head}\r\n\r\n".encode() + block + end, 6, 31))


MALFORMED = {
    "another version": ("WARC/1.0\r\nContent-Length: 5", "does not start with WARC/1.1"),
    "a version that goes on": ("WARC/1.10\r\nContent-Length: 5", "does not start with WARC/1.1"),
    "a header twice": ("WARC/1.1\r\nContent-Length: 5\r\ncontent-length: 5", "repeated header"),
    "a header without a colon": ("WARC/1.1\r\nContent-Length: 5\r\nword", "malformed"),
    "a header behind a bare line feed": ("WARC/1.1\r\nContent-Length: 5\r\na: b\nWARC-Type: response", "malformed"),
    "an empty line of bare line feeds": ("WARC/1.1\r\nContent-Length: 5\n\n", "does not start with WARC/1.1"),
    "no length": ("WARC/1.1\r\na: b", "should hold None bytes and holds 5"),
    "a length that is too small": ("WARC/1.1\r\nContent-Length: 4", "should hold 4 bytes and holds 5"),
    "a length that is too large": ("WARC/1.1\r\nContent-Length: 6", "should hold 6 bytes and holds 5"),
    "a length that Python reads as a number": ("WARC/1.1\r\nContent-Length: ٥", "and holds 5"),
    "a length with more digits than Python reads": (f"WARC/1.1\r\nContent-Length: {'9' * 5000}", "and holds 5"),
}


@pytest.mark.parametrize("row", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_record_is_refused_with_the_reason(row):
    """
    Other readers would read such a record in another way, or not at all.
    """
    head, words = row

    with pytest.raises(warc.WarcError, match=words):
        list(warc.read(member(head)))


def test_a_length_below_nothing_is_no_length():
    """
    The end of the headers is not taken for the end of the record as well.
    """
    with pytest.raises(warc.WarcError, match="and holds -4"):
        list(warc.read(member("WARC/1.1\r\nContent-Length: -4", b"", b"")))


def test_a_record_ends_in_two_line_breaks():
    """
    Four other bytes at the end belong to nothing.
    """
    with pytest.raises(warc.WarcError, match="does not end in two line breaks"):
        list(warc.read(member("WARC/1.1\r\nContent-Length: 5", end=b"\r\n\n\n")))


def digested(**digests: bytes) -> warc.Record:
    block = b"HTTP/1.1 200 OK\r\n\r\nbody"
    lines = [f"WARC-{name}-Digest: {warc.digest_text(hashlib.sha256(of).digest())}" for name, of in digests.items()]
    head = "\r\n".join(["WARC/1.1", "WARC-Type: response", f"Content-Length: {len(block)}", *lines])
    return next(warc.read(member(head, block)))


def test_block_and_payload_are_held_against_the_digests_that_the_record_states():
    """
    The block's has to be there; the payload's need not, and covers what stands behind the headers of the message.
    """
    block = b"HTTP/1.1 200 OK\r\n\r\nbody"

    assert warc.digest_problems(digested(Block=block)) == []
    assert warc.digest_problems(digested(Block=block, Payload=b"body")) == []
    for record, words in (
        (digested(Block=b"other"), "states the block digest sha256:"),
        (digested(Payload=b"body"), "states no block digest"),
        (digested(Block=block, Payload=b"other"), "states the payload digest sha256:"),
    ):
        assert [words in problem for problem in warc.digest_problems(record)] == [True]


@pytest.mark.parametrize(
    ("message", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nA: b\r\n\r\none\n\ntwo", b"one\n\ntwo"),
        (b"HTTP/1.1 200 OK\nA: b\n\none\r\n\r\ntwo", b"one\r\n\r\ntwo"),
        (b"HTTP/1.1 200 OK\r\n\r\n\n\n", b"\n\n"),
        (b"no end of any headers\r\n", b"no end of any headers\r\n"),
    ],
    ids=["a line feed twice in the body", "bare line feeds in the head", "a body of line feeds", "no head"],
)
def test_the_body_starts_behind_the_first_empty_line(message, body):
    """
    Whichever way the lines end, and whatever the body looks like.
    """
    assert message[warc.payload_offset(io.BytesIO(message)) :] == body


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1], ids=["in memory", "on the disk"])
def test_a_block_can_be_sought_and_read_as_a_file(size):
    """
    However large it is, it starts at its start and holds nothing of the record around it.
    """
    out = io.BytesIO()
    block = warc.Block.of(bytes(size - 3) + b"end")
    warc.write_record(out, "resource", block, date=DATE, content_type="a/b", record_id="<urn:x>", fields={})
    out.seek(0)

    for record in warc.read(out):
        assert (record.length, record.packed) == (size, len(out.getvalue()))
        assert len(record.block.read()) == size
        assert record.block.seek(-3, io.SEEK_END) == size - 3
        assert (record.block.read(9), record.block.read()) == (b"end", b"")
        assert warc.digest_problems(record) == []


def test_a_bomb_is_refused_where_records_are_bounded_and_read_where_they_are_evidence():
    """
    Beyond 64 MiB and 200 times its length a member is not unpacked any further.
    """
    size = warc.most_inflated(1 << 17)
    gzip = zlib.compressobj(6, zlib.DEFLATED, 31)
    parts = [gzip.compress(f"WARC/1.1\r\nContent-Length: {size}\r\n\r\n".encode())]
    parts += [gzip.compress(bytes(1 << 20)) for _ in range(size >> 20)]
    bomb = b"".join([*parts, gzip.compress(bytes(size % (1 << 20)) + b"\r\n\r\n"), gzip.flush()])

    assert len(bomb) < 1 << 17
    with pytest.raises(warc.WarcError, match="grows beyond what is unpacked"):
        list(warc.read(io.BytesIO(bomb), bounded=True))
    assert [record.length for record in warc.read(io.BytesIO(bomb))] == [size]
